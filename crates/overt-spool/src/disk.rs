//! The file system as the spool uses it: few operations, each of which a test can make fail.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock, statvfs};

/// What the spool asks of a disk. [`OsDisk`] is the real one; tests have one that crashes.
pub trait Disk {
    /// A file that is being appended to.
    type File;
    /// Held while a recording is written; released when dropped or when its process ends.
    type Lock;

    /// Makes a folder for this user alone. It must not exist.
    fn create_dir(&self, path: &Path) -> io::Result<()>;
    /// A new empty file, over an older one if there is one.
    fn create(&self, path: &Path) -> io::Result<Self::File>;
    /// Appends all bytes or fails; after a failure some of them may be there.
    fn append(&self, file: &mut Self::File, bytes: &[u8]) -> io::Result<()>;
    /// Cuts a file that is being appended to.
    fn cut(&self, file: &mut Self::File, len_bytes: u64) -> io::Result<()>;
    /// Makes a file's bytes durable.
    fn sync(&self, file: &Self::File) -> io::Result<()>;
    /// An existing file, to be cut and synced.
    fn open_to_append(&self, path: &Path) -> io::Result<Self::File>;
    /// Replaces `to` in one step.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Makes a folder's entries durable.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove_file(&self, path: &Path) -> io::Result<()>;
    /// Removes a folder and all in it.
    fn remove_dir_all(&self, path: &Path) -> io::Result<()>;
    /// The names in a folder, in any order.
    fn names(&self, path: &Path) -> io::Result<Vec<String>>;
    /// Opens a file for reading.
    fn read(&self, path: &Path) -> io::Result<Box<dyn Read + '_>>;
    /// A file's length, and an instant of its last change that orders files.
    fn stat(&self, path: &Path) -> io::Result<(u64, u128)>;
    /// Bytes that this user can still write.
    fn free_bytes(&self, path: &Path) -> io::Result<u64>;
    /// `None` when another holds it.
    fn lock(&self, folder: &Path) -> io::Result<Option<Self::Lock>>;
}

/// The operating system's file system.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsDisk;

impl Disk for OsDisk {
    type File = File;
    type Lock = File;

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        fs::DirBuilder::new().mode(0o700).create(path)
    }

    fn create(&self, path: &Path) -> io::Result<File> {
        File::create(path)
    }

    fn append(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        file.write_all(bytes)
    }

    fn cut(&self, file: &mut File, len_bytes: u64) -> io::Result<()> {
        use std::io::Seek as _;
        file.set_len(len_bytes)?;
        file.seek(io::SeekFrom::Start(len_bytes)).map(drop)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_data()
    }

    fn open_to_append(&self, path: &Path) -> io::Result<File> {
        OpenOptions::new().append(true).open(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        overt_format::sync_dir(path)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir_all(path)
    }

    fn names(&self, path: &Path) -> io::Result<Vec<String>> {
        fs::read_dir(path)?.map(|e| Ok(e?.file_name().to_string_lossy().into_owned())).collect()
    }

    fn read(&self, path: &Path) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(io::BufReader::new(File::open(path)?)))
    }

    fn stat(&self, path: &Path) -> io::Result<(u64, u128)> {
        let metadata = fs::metadata(path)?;
        let since = metadata.modified()?.duration_since(std::time::UNIX_EPOCH);
        Ok((metadata.len(), since.map_or(0, |d| d.as_nanos())))
    }

    fn free_bytes(&self, path: &Path) -> io::Result<u64> {
        let stat = statvfs(path)?;
        Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
    }

    fn lock(&self, folder: &Path) -> io::Result<Option<File>> {
        let folder = File::open(folder)?;
        match flock(&folder, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(folder)),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// Where the files of one recording lie.
#[derive(Clone)]
pub(crate) struct Places {
    pub(crate) folder: PathBuf,
    pub(crate) segments: PathBuf,
}

impl Places {
    pub(crate) fn of(folder: PathBuf) -> Self {
        let segments = folder.join(overt_format::SEGMENTS_DIR);
        Self { folder, segments }
    }

    pub(crate) fn closed(&self, sequence: u32) -> PathBuf {
        self.segments.join(overt_format::segment_file_name(sequence))
    }

    pub(crate) fn part(&self, sequence: u32) -> PathBuf {
        self.segments.join(overt_format::segment_file_name(sequence) + PART_SUFFIX)
    }

    pub(crate) fn facts(&self) -> PathBuf {
        self.folder.join(overt_format::RECORDING_FILE)
    }
}

pub(crate) const PART_SUFFIX: &str = ".part";

/// Replaces a file so that after a crash it is the old one or the new one.
pub(crate) fn replace<D: Disk>(disk: &D, folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let temporary = folder.join(format!(".{name}.tmp"));
    let mut file = disk.create(&temporary)?;
    disk.append(&mut file, bytes)?;
    disk.sync(&file)?;
    disk.rename(&temporary, &folder.join(name))?;
    disk.sync_dir(folder)
}
