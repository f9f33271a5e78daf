//! A disk in memory that can fill up, fail and crash at any step.
//!
//! A file has the bytes that were written and how many of them were synced; a folder has the
//! entries that are seen and those that were synced. A crash keeps what was synced and, by lot,
//! some of the rest.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::disk::Disk;

/// A small generator of random numbers (xorshift64*), so that a seed tells everything.
pub(crate) struct Lot(u64);

impl Lot {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Below `n`.
    pub(crate) fn draw(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % n.max(1)
    }
}

#[derive(Default)]
struct Bytes {
    seen: Vec<u8>,
    synced: Vec<u8>,
}

type Node = Rc<RefCell<Bytes>>;
type Entries = BTreeMap<PathBuf, Option<Node>>;

/// `Some` is a file, `None` a folder.
#[derive(Default)]
pub(crate) struct SimDisk {
    seen: RefCell<Entries>,
    synced: RefCell<Entries>,
    locks: Rc<RefCell<BTreeSet<PathBuf>>>,
    pub(crate) free_bytes: Cell<u64>,
    /// Operations that change the disk until it dies; after that every one fails.
    pub(crate) steps_left: Cell<u64>,
}

pub(crate) struct SimFile(Node);

pub(crate) struct SimLock {
    folder: PathBuf,
    locks: Rc<RefCell<BTreeSet<PathBuf>>>,
}

impl Drop for SimLock {
    fn drop(&mut self) {
        self.locks.borrow_mut().remove(&self.folder);
    }
}

impl SimDisk {
    /// A disk with a root folder and much room.
    pub(crate) fn new(root: &Path) -> Self {
        let disk = Self::default();
        disk.free_bytes.set(1 << 40);
        disk.steps_left.set(u64::MAX);
        for entries in [&disk.seen, &disk.synced] {
            entries.borrow_mut().insert(root.to_owned(), None);
        }
        disk
    }

    /// The machine stops and starts again. Locks are gone; of what was not synced each folder and
    /// each file keeps, by lot, all or a part or garbage.
    pub(crate) fn crash(&self, lot: &mut Lot) {
        self.steps_left.set(u64::MAX);
        self.locks.borrow_mut().clear();
        self.lose_entries(lot);
        for node in self.seen.borrow().values().flatten() {
            let bytes = &mut *node.borrow_mut();
            bytes.seen = survivors(bytes, lot);
            bytes.synced = bytes.seen.clone();
        }
        *self.synced.borrow_mut() = self.seen.borrow().clone();
    }

    fn lose_entries(&self, lot: &mut Lot) {
        let (mut seen, synced) = (self.seen.borrow_mut(), self.synced.borrow());
        let parents: BTreeSet<PathBuf> =
            seen.keys().chain(synced.keys()).filter_map(|p| p.parent().map(Path::to_owned)).collect();
        for parent in parents {
            if lot.draw(2) == 0 {
                seen.retain(|path, _| path.parent() != Some(&parent));
                let back = synced.iter().filter(|(path, _)| path.parent() == Some(&parent));
                seen.extend(back.map(|(path, node)| (path.clone(), node.clone())));
            }
        }
        let folders: BTreeSet<PathBuf> =
            seen.iter().filter(|(_, node)| node.is_none()).map(|(path, _)| path.clone()).collect();
        let rooted = |path: &Path| {
            path.ancestors().skip(1).take_while(|a| a.starts_with(ROOT)).all(|a| folders.contains(a))
        };
        seen.retain(|path, _| rooted(path));
    }

    fn step(&self) -> io::Result<()> {
        match self.steps_left.get() {
            0 => Err(io::Error::other("the machine stopped")),
            left => {
                self.steps_left.set(left - 1);
                Ok(())
            }
        }
    }

    fn node(&self, path: &Path) -> io::Result<Node> {
        self.seen.borrow().get(path).cloned().flatten().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn move_entries(entries: &mut Entries, from: &Path, to: &Path) {
        let moved: Vec<_> = entries.keys().filter(|p| p.starts_with(from)).cloned().collect();
        for path in moved {
            let rest = path.strip_prefix(from).expect("it begins so").to_owned();
            let node = entries.remove(&path).flatten();
            let place = if rest.as_os_str().is_empty() { to.to_owned() } else { to.join(rest) };
            entries.insert(place, node);
        }
    }
}

/// Where simulated disks have their root.
pub(crate) const ROOT: &str = "/spool";

/// The synced bytes, and of those after them none, some, or zeros in their place. A file that was
/// cut and not synced is as it was or as it is.
fn survivors(bytes: &Bytes, lot: &mut Lot) -> Vec<u8> {
    let Bytes { seen, synced } = bytes;
    if !seen.starts_with(synced) {
        return if lot.draw(2) == 0 { seen.clone() } else { synced.clone() };
    }
    let fresh = seen.len() - synced.len();
    let mut kept = seen[..synced.len() + lot.draw(fresh as u64 + 1) as usize].to_vec();
    if lot.draw(3) == 0 {
        kept[synced.len()..].fill(0);
    }
    kept
}

impl Disk for SimDisk {
    type File = SimFile;
    type Lock = SimLock;

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        if self.seen.borrow_mut().insert(path.to_owned(), None).is_some() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        Ok(())
    }

    fn create(&self, path: &Path) -> io::Result<SimFile> {
        self.step()?;
        let node = Node::default();
        self.seen.borrow_mut().insert(path.to_owned(), Some(Rc::clone(&node)));
        Ok(SimFile(node))
    }

    fn append(&self, file: &mut SimFile, bytes: &[u8]) -> io::Result<()> {
        let dead = self.step();
        let free = self.free_bytes.get();
        // A dying or a full disk takes a part.
        let takes = if dead.is_err() { bytes.len() as u64 / 2 } else { free.min(bytes.len() as u64) };
        file.0.borrow_mut().seen.extend_from_slice(&bytes[..takes as usize]);
        self.free_bytes.set(free.saturating_sub(takes));
        dead?;
        if takes < bytes.len() as u64 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn cut(&self, file: &mut SimFile, len_bytes: u64) -> io::Result<()> {
        self.step()?;
        let mut bytes = file.0.borrow_mut();
        let gone = bytes.seen.len() as u64 - len_bytes;
        bytes.seen.truncate(len_bytes as usize);
        self.free_bytes.set(self.free_bytes.get() + gone);
        Ok(())
    }

    fn sync(&self, file: &SimFile) -> io::Result<()> {
        self.step()?;
        let bytes = &mut *file.0.borrow_mut();
        bytes.synced.clone_from(&bytes.seen);
        Ok(())
    }

    fn open_to_append(&self, path: &Path) -> io::Result<SimFile> {
        self.node(path).map(SimFile)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step()?;
        Self::move_entries(&mut self.seen.borrow_mut(), from, to);
        Ok(())
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        let (seen, mut synced) = (self.seen.borrow(), self.synced.borrow_mut());
        // What lies in a folder that was moved or removed goes with it.
        let stays = |p: &PathBuf| {
            !p.starts_with(path) || p == path || (p.parent() != Some(path) && seen.contains_key(p))
        };
        synced.retain(|p, _| stays(p));
        let now = seen.iter().filter(|(p, _)| p.parent() == Some(path));
        synced.extend(now.map(|(p, node)| (p.clone(), node.clone())));
        Ok(())
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        let gone = self.seen.borrow_mut().remove(path).flatten().ok_or(io::ErrorKind::NotFound)?;
        self.free_bytes.set(self.free_bytes.get() + gone.borrow().seen.len() as u64);
        Ok(())
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        self.seen.borrow_mut().retain(|p, _| !p.starts_with(path));
        Ok(())
    }

    fn names(&self, path: &Path) -> io::Result<Vec<String>> {
        let seen = self.seen.borrow();
        if !seen.contains_key(path) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let inside = seen.keys().filter(|p| p.parent() == Some(path));
        Ok(inside.filter_map(|p| Some(p.file_name()?.to_str()?.to_owned())).collect())
    }

    fn read(&self, path: &Path) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(Cursor::new(self.node(path)?.borrow().seen.clone())))
    }

    fn stat(&self, path: &Path) -> io::Result<(u64, u128)> {
        Ok((self.node(path)?.borrow().seen.len() as u64, 0))
    }

    fn free_bytes(&self, _: &Path) -> io::Result<u64> {
        Ok(self.free_bytes.get())
    }

    fn lock(&self, folder: &Path) -> io::Result<Option<SimLock>> {
        if !self.locks.borrow_mut().insert(folder.to_owned()) {
            return Ok(None);
        }
        Ok(Some(SimLock { folder: folder.to_owned(), locks: Rc::clone(&self.locks) }))
    }
}
