//! `cargo xtask loaders`: the trainers that are too heavy for the tests open exports of a data set.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Failed;
use crate::chores::{Options, build_release, demo_in, free_folder, root, target_folder};

/// A trainer: what is asked of PyPI, the name of its folder here, the script that opens its export, and how that is made.
struct Loader {
    wanted: &'static str,
    package: &'static str,
    script: &'static str,
    export: &'static [&'static str],
}

const LOADERS: [Loader; 3] = [
    Loader {
        wanted: "ms-swift>=3.8",
        package: "ms-swift",
        script: "ms_swift.py",
        export: &["--format", "ms-swift", "--space", "qwen3-vl"],
    },
    Loader {
        wanted: "llamafactory>=0.9.3",
        package: "llamafactory",
        script: "llama_factory.py",
        export: &["--format", "llama-factory", "--space", "qwen2.5-vl"],
    },
    Loader {
        wanted: "lerobot>=0.4",
        package: "lerobot",
        script: "lerobot.py",
        export: &["--format", "lerobot", "--space", "openai"],
    },
];

/// How it went with one trainer.
enum Outcome {
    Opened,
    NotInstalled,
    NotOpened,
}

/// Exports, installs, opens. Whatever cannot be installed is said and is no failure; what does not open is.
pub(crate) fn loaders(words: &[&str]) -> Result<(), Failed> {
    let mut options = Options::read(words, &["--dataset"])?;
    let work = free_folder(&target_folder()?.join("loaders"))?;
    fs::create_dir_all(&work).map_err(|e| Failed(format!("{} cannot be made: {e}.", work.display())))?;
    let dataset = match options.take("--dataset") {
        Some(dataset) => PathBuf::from(dataset),
        None => demo_in(&work.join("demo"))?.join("dataset"),
    };
    let overt = build_release("overt-demo")?.join("overt");
    eprintln!(
        "Each trainer brings PyTorch: several gigabytes, one after the other, deleted when it has opened its export."
    );
    let mut all_open = true;
    for loader in &LOADERS {
        let outcome = open(loader, &overt, &dataset, &work)?;
        println!("{}: {}", loader.package, outcome.words());
        all_open &= !matches!(outcome, Outcome::NotOpened);
    }
    if all_open { Ok(()) } else { Err(Failed("A trainer did not open its export.".into())) }
}

impl Outcome {
    fn words(&self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::NotInstalled => "could not be installed here; nothing is known",
            Self::NotOpened => "DID NOT OPEN",
        }
    }
}

fn open(loader: &Loader, overt: &Path, dataset: &Path, work: &Path) -> Result<Outcome, Failed> {
    let (out, place) = (work.join(loader.package), work.join(format!("{}-python", loader.package)));
    let exported =
        Command::new(overt).arg("export").arg(dataset).args(loader.export).arg("--out").arg(&out).status();
    // 3 is done, with losses that the command has told.
    if !exported.is_ok_and(|status| matches!(status.code(), Some(0 | 3))) {
        return Err(Failed(format!("The export for {} could not be made.", loader.package)));
    }
    let outcome = match install(loader.wanted, &place) {
        false => Outcome::NotInstalled,
        true => {
            let script = root().join("xtask/loaders").join(loader.script);
            let mut python = Command::new(place.join("bin/python3"));
            python.arg(script).arg(&out).env("HF_HUB_OFFLINE", "1").env("HF_HOME", work.join("cache"));
            if python.status().is_ok_and(|s| s.success()) { Outcome::Opened } else { Outcome::NotOpened }
        }
    };
    // What is left of it is only room on the disk.
    let _ = fs::remove_dir_all(place);
    Ok(outcome)
}

fn install(wanted: &str, place: &Path) -> bool {
    let done = |command: &mut Command| command.stdin(Stdio::null()).status().is_ok_and(|s| s.success());
    let pip = ["-m", "pip", "install", "--quiet", "--no-cache-dir", "--disable-pip-version-check"];
    done(Command::new("python3").args(["-m", "venv"]).arg(place))
        && done(Command::new(place.join("bin/python3")).args(pip).arg(wanted))
}
