//! The folder that an export becomes: written beside its place, synced, renamed.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use overt_format::sync_dir;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use serde::Serialize;

use crate::error::ExportError;

/// A folder in the making.
pub(crate) struct Folder {
    beside: tempfile::TempDir,
    out: PathBuf,
}

impl Folder {
    /// Begins a folder that will stand at `out`.
    ///
    /// Errors: [`ExportError::Exists`] when something is there.
    pub(crate) fn begin(out: &Path) -> Result<Self, ExportError> {
        if out.symlink_metadata().is_ok() {
            return Err(ExportError::Exists);
        }
        let beside = tempfile::Builder::new().prefix(".overt-export-").tempdir_in(parent_of(out))?;
        Ok(Self { beside, out: out.to_owned() })
    }

    pub(crate) fn path(&self) -> &Path {
        self.beside.path()
    }

    /// A file of it, its folders made. `name` has `/` between folders.
    pub(crate) fn create(&self, name: &str) -> io::Result<File> {
        File::create_new(self.place(name)?)
    }

    /// Where a file of it will be, its folders made.
    pub(crate) fn place(&self, name: &str) -> io::Result<PathBuf> {
        let path = self.beside.path().join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        Ok(path)
    }

    /// Writes a whole file.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.create(name)?.write_all(bytes)
    }

    /// The names of all its files, sorted, with `/` between folders.
    pub(crate) fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        walk(self.beside.path(), "", &mut |name, is_folder| {
            if !is_folder {
                names.push(name.to_owned());
            }
            Ok(())
        })?;
        names.sort();
        Ok(names)
    }

    /// Brings everything to the disk and the folder to its place.
    ///
    /// Errors: [`ExportError::Exists`] when something appeared there meanwhile.
    pub(crate) fn put_in_place(self) -> Result<(), ExportError> {
        let root = self.beside.path();
        walk(root, "", &mut |name, _| File::open(root.join(name))?.sync_all())?;
        sync_dir(root)?;
        let renamed = renameat_with(CWD, root, CWD, &self.out, RenameFlags::NOREPLACE);
        renamed.map_err(|error| match error {
            rustix::io::Errno::EXIST => ExportError::Exists,
            other => ExportError::Io(other.into()),
        })?;
        // It is no longer there to be removed.
        let _ = self.beside.keep();
        sync_dir(parent_of(&self.out))?;
        Ok(())
    }
}

fn parent_of(out: &Path) -> &Path {
    out.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Visits everything below `root`, folders after what is in them.
fn walk(root: &Path, below: &str, visit: &mut dyn FnMut(&str, bool) -> io::Result<()>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(below))? {
        let entry = entry?;
        let name = entry.file_name();
        let name = format!("{below}{}", name.to_string_lossy());
        let is_folder = entry.file_type()?.is_dir();
        if is_folder {
            walk(root, &format!("{name}/"), visit)?;
        }
        visit(&name, is_folder)?;
    }
    Ok(())
}

/// Files of JSON, one for each split that has any: `train.jsonl` and its like.
pub(crate) struct SplitFiles {
    prefix: &'static str,
    form: Form,
    files: BTreeMap<String, BufWriter<File>>,
}

/// How values stand in a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Lines,
    List,
}

impl SplitFiles {
    /// A value a line. `prefix` stands before the split's name.
    pub(crate) fn lines(prefix: &'static str) -> Self {
        Self { prefix, form: Form::Lines, files: BTreeMap::new() }
    }

    /// All values of a file as one list.
    pub(crate) fn list() -> Self {
        Self { prefix: "", form: Form::List, files: BTreeMap::new() }
    }

    pub(crate) fn push(
        &mut self,
        folder: &Folder,
        split: &str,
        value: &impl Serialize,
    ) -> Result<(), ExportError> {
        if let Some(file) = self.files.get_mut(split) {
            file.write_all(if self.form == Form::List { b",\n" } else { b"\n" })?;
            return Ok(serde_json::to_writer(file, value)?);
        }
        let mut file = BufWriter::new(folder.create(&self.name(split))?);
        file.write_all(if self.form == Form::List { b"[\n" } else { b"" })?;
        serde_json::to_writer(&mut file, value)?;
        self.files.insert(split.to_owned(), file);
        Ok(())
    }

    fn name(&self, split: &str) -> String {
        let ending = if self.form == Form::List { "json" } else { "jsonl" };
        format!("{}{split}.{ending}", self.prefix)
    }

    /// Ends the files and names them by split.
    pub(crate) fn close(mut self) -> io::Result<Vec<(String, String)>> {
        let end: &[u8] = if self.form == Form::List { b"\n]\n" } else { b"\n" };
        for file in self.files.values_mut() {
            file.write_all(end)?;
            file.flush()?;
        }
        Ok(self.files.keys().map(|split| (split.clone(), self.name(split))).collect())
    }
}

/// Where the picture of a row lies.
pub(crate) fn picture_name(row: i64) -> String {
    format!("{row:08}.png")
}

/// The folder of pictures.
pub(crate) const PICTURES: &str = "images";
