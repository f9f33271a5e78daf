//! The readers that trainers use, from PyPI, for tests that open what was made.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use rustix::fs::{FlockOperation, flock};

/// What is installed, with exact versions.
const REQUIREMENTS: &str = include_str!("../python-requirements.txt");

/// An interpreter that has Hugging Face `datasets`.
///
/// Its environment lies beside the build and is made once; other tests that want it wait for that.
pub fn with_datasets() -> Result<PathBuf> {
    let folder = target_folder()?.join("python-datasets");
    fs::create_dir_all(&folder)?;
    let lock = File::create(folder.join("lock"))?;
    flock(&lock, FlockOperation::LockExclusive)?;
    let (python, stamp) = (folder.join("bin/python3"), folder.join("installed.txt"));
    if !fs::read_to_string(&stamp).is_ok_and(|installed| installed == REQUIREMENTS) {
        install(&folder, &python)?;
        fs::write(stamp, REQUIREMENTS)?;
    }
    Ok(python)
}

fn install(folder: &Path, python: &Path) -> Result<()> {
    run(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
    let wanted = folder.join("requirements.txt");
    fs::write(&wanted, REQUIREMENTS)?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
    run(Command::new(python).args(pip).arg(wanted))
}

/// Cargo puts programs into `TARGET/PROFILE` and tests into `TARGET/PROFILE/deps`.
fn target_folder() -> Result<PathBuf> {
    let this = std::env::current_exe()?;
    let profile = this.ancestors().skip(1).find(|f| !f.ends_with("deps"));
    Ok(profile.and_then(Path::parent).context("this program lies in no target folder")?.to_owned())
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.output().context("python3 does not start")?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}
