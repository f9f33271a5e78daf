//! Programs in Python, from PyPI: the readers that trainers use, for tests that open what was made, another recorder
//! of input, for the bench, and pages with tasks.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use rustix::fs::{FlockOperation, flock};

/// What is installed, with exact versions.
const DATASETS: &str = include_str!("../python-requirements.txt");

/// pynput and all that its X11 side imports. (What it declares beyond that would have to be compiled.)
const PYNPUT: &str = "pynput==1.8.2\npython-xlib==0.33\nsix==1.17.0\n";

/// Others that look for secrets.
const FILTERS: &str = "presidio-analyzer==2.2.366\ndetect-secrets==1.5.0\n";

/// WebDataset and all that it needs.
const WEBDATASET: &str = "braceexpand==0.1.7\nnumpy==2.4.6\nPyYAML==6.0.3\nwebdataset==1.0.2\n";

/// OWA's reader and its types of messages, with all that both need but the OpenCV that wants a display.
const OWA: &str = include_str!("../python-owa.txt");

/// MiniWoB++.
const MINIWOB: &str = "miniwob==1.1.0\n";

/// An interpreter that has Hugging Face `datasets`.
///
/// Its environment lies beside the build and is made once; other tests that want it wait for that.
pub fn with_datasets() -> Result<PathBuf> {
    environment("python-datasets", DATASETS, &[])
}

/// An interpreter that has pynput; else as [`with_datasets`].
pub fn with_pynput() -> Result<PathBuf> {
    environment("python-pynput", PYNPUT, &["--no-deps"])
}

/// An interpreter that has Presidio's analyzer and detect-secrets; else as [`with_datasets`].
pub fn with_filters() -> Result<PathBuf> {
    environment("python-filters", FILTERS, &[])
}

/// An interpreter that has `webdataset`; else as [`with_datasets`].
pub fn with_webdataset() -> Result<PathBuf> {
    environment("python-webdataset", WEBDATASET, &[])
}

/// An interpreter that has `mcap-owa-support` and OWA's types of messages; else as [`with_datasets`].
pub fn with_owa() -> Result<PathBuf> {
    environment("python-owa", OWA, &["--no-deps"])
}

/// MiniWoB++: its pages alone, of which the folder is given. What drives browsers for it elsewhere is not installed.
pub fn miniwob_pages() -> Result<PathBuf> {
    let python = environment("python-miniwob", MINIWOB, &["--no-deps"])?;
    let libraries = python.parent().and_then(Path::parent).context("an environment has folders")?.join("lib");
    let versions = fs::read_dir(libraries)?.filter_map(|entry| Some(entry.ok()?.path()));
    let mut pages = versions.map(|version| version.join("site-packages/miniwob/html"));
    pages.find(|pages| pages.is_dir()).context("the package holds no pages")
}

fn environment(name: &str, requirements: &str, pip_options: &[&str]) -> Result<PathBuf> {
    let folder = target_folder()?.join(name);
    fs::create_dir_all(&folder)?;
    let lock = File::create(folder.join("lock"))?;
    flock(&lock, FlockOperation::LockExclusive)?;
    let (python, stamp) = (folder.join("bin/python3"), folder.join("installed.txt"));
    if !fs::read_to_string(&stamp).is_ok_and(|installed| installed == requirements) {
        install(&folder, &python, requirements, pip_options)?;
        fs::write(stamp, requirements)?;
    }
    Ok(python)
}

fn install(folder: &Path, python: &Path, requirements: &str, pip_options: &[&str]) -> Result<()> {
    run(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
    let wanted = folder.join("requirements.txt");
    fs::write(&wanted, requirements)?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
    run(Command::new(python).args(pip).arg(wanted).args(pip_options))
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
