//! A folder of results has one writer.

use std::fs::{File, TryLockError};
use std::path::Path;

use crate::error::LearnError;

/// A folder that this program alone writes results into, as long as it is held. What the program holds ends with it, however it ends.
pub struct Alone {
    _folder: File,
}

impl Alone {
    /// Makes the folder where it is not there yet.
    ///
    /// Errors: [`LearnError::InUse`] while another holds it; [`LearnError::Io`].
    pub fn in_folder(folder: &Path) -> Result<Self, LearnError> {
        std::fs::create_dir_all(folder)?;
        let file = File::open(folder)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => Err(LearnError::InUse),
            Err(TryLockError::Error(error)) => Err(error.into()),
            Ok(()) => Ok(Self { _folder: file }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_one_writers_until_it_ends() {
        let home = tempfile::tempdir().expect("a folder");
        let out = home.path().join("results/of/one");
        let first = Alone::in_folder(&out).expect("nobody is there");
        assert!(matches!(Alone::in_folder(&out), Err(LearnError::InUse)));
        assert!(Alone::in_folder(home.path()).is_ok(), "another folder is free");
        drop(first);
        assert!(Alone::in_folder(&out).is_ok());
    }
}
