//! `cargo xtask loaders`: the trainers that are too heavy for the tests open exports of a data set.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::Failed;
use crate::chores::{Options, build_release, demo_in, free_folder, root, target_folder};

/// How long one trainer may take to be installed, and to open its export.
const WITHIN: Duration = Duration::from_secs(15 * 60);
/// What a trainer takes on the disk while it is there: 7 GB, and something for whoever else writes.
const FREE_BYTES_MIN: u64 = 10 << 30;
/// What coreutils' `timeout` exits with when it ended a command.
const ENDED: i32 = 124;
/// How much of what an installer or a trainer said last is told when it fails, lines.
const LINES_TOLD: usize = 5;

/// A trainer: what is asked of PyPI, the name of its folder here, the script that opens its export, and how that is made.
struct Loader {
    wanted: &'static [&'static str],
    package: &'static str,
    script: &'static str,
    export: &'static [&'static str],
}

const LOADERS: [Loader; 3] = [
    Loader {
        wanted: &["ms-swift>=3.8"],
        package: "ms-swift",
        script: "open_ms_swift.py",
        export: &["--format", "ms-swift", "--space", "qwen3-vl"],
    },
    Loader {
        // The newest torch and torchaudio of PyPI were built for two versions of CUDA, and then it does not start.
        wanted: &["llamafactory>=0.9.3", "torch==2.9.*", "torchaudio==2.9.*"],
        package: "llamafactory",
        script: "open_llama_factory.py",
        export: &["--format", "llama-factory", "--space", "qwen2.5-vl"],
    },
    Loader {
        wanted: &["lerobot>=0.4"],
        package: "lerobot",
        script: "open_lerobot.py",
        export: &["--format", "lerobot", "--space", "openai"],
    },
];

/// How it went with one trainer. What was said last stands with what did not go well.
enum Outcome {
    Opened(String),
    NotInstalled(String),
    NotOpened(String),
}

/// Where everything of a run lies.
struct Place {
    work: PathBuf,
    overt: PathBuf,
    dataset: PathBuf,
    /// Where what it was made of is kept.
    store: PathBuf,
}

/// Exports, installs, opens. Whatever cannot be installed is said and is no failure; what does not open is.
pub(crate) fn loaders(words: &[&str]) -> Result<(), Failed> {
    let mut options = Options::read(words, &["--dataset", "--store"])?;
    let work = free_folder(&target_folder()?.join("loaders"))?;
    fs::create_dir_all(&work).map_err(|e| Failed(format!("{} cannot be made: {e}.", work.display())))?;
    let (dataset, store) = match (options.take("--dataset"), options.take("--store")) {
        (Some(dataset), Some(store)) => (PathBuf::from(dataset), PathBuf::from(store)),
        (None, None) => {
            let demo = demo_in(&work.join("demo"))?;
            (demo.join("dataset"), demo.join("store"))
        }
        _ => {
            return Err(Failed(
                "A data set is exported where its store is asked. Name both: --dataset, --store.".into(),
            ));
        }
    };
    let overt = build_release("overt-demo")?.join("overt");
    let place = Place { work, overt, dataset, store };
    eprintln!(
        "Each trainer brings PyTorch: some 7 GB on the disk, one after the other, at most {} minutes each; deleted \
         when it has opened its export.",
        WITHIN.as_secs() / 60
    );
    let mut all_open = true;
    for loader in &LOADERS {
        let begun = Instant::now();
        let outcome = place.open(loader)?;
        println!("{}, after {} s: {}", loader.package, begun.elapsed().as_secs(), outcome.words());
        all_open &= !matches!(outcome, Outcome::NotOpened(_));
    }
    if all_open { Ok(()) } else { Err(Failed("A trainer did not open its export.".into())) }
}

impl Outcome {
    fn words(&self) -> String {
        match self {
            Self::Opened(said) => format!("opened\n{said}"),
            Self::NotInstalled(said) => format!("could not be installed here; nothing is known\n{said}"),
            Self::NotOpened(said) => format!("DID NOT OPEN\n{said}"),
        }
    }
}

impl Place {
    fn open(&self, loader: &Loader) -> Result<Outcome, Failed> {
        let out = self.work.join(loader.package);
        let mut export = Command::new(&self.overt);
        export.arg("export").arg(&self.dataset).arg("--store").arg(&self.store);
        export.args(loader.export).arg("--out").arg(&out);
        // 3 is done, with losses that the command has told.
        if !export.status().is_ok_and(|status| matches!(status.code(), Some(0 | 3))) {
            return Err(Failed(format!("The export for {} could not be made.", loader.package)));
        }
        let trainer = self.work.join(format!("{}-python", loader.package));
        let outcome = match self.install(loader, &trainer) {
            Err(said) => Outcome::NotInstalled(said),
            Ok(()) => {
                let mut python = Command::new(trainer.join("bin/python3"));
                python.arg(root().join("xtask/loaders").join(loader.script)).args([&out, &self.dataset]);
                python.env("HF_HUB_OFFLINE", "1").env("HF_HOME", self.work.join("home"));
                self.said_by(&python, "open").map_or_else(Outcome::NotOpened, Outcome::Opened)
            }
        };
        // What is left of it is only room on the disk.
        let _ = fs::remove_dir_all(trainer);
        let _ = fs::remove_dir_all(self.cache());
        Ok(outcome)
    }

    /// Installs by uv, which downloads many packages at a time; pip takes over a quarter of an hour for one trainer.
    /// PyPI's PyTorch for Linux comes with all of CUDA, and does not start without it.
    ///
    /// Errors: what was said last.
    fn install(&self, loader: &Loader, trainer: &Path) -> Result<(), String> {
        if free_bytes(&self.work).is_some_and(|free| free < FREE_BYTES_MIN) {
            return Err(format!("It needs {} GiB of free disk.", FREE_BYTES_MIN >> 30));
        }
        let tools = self.work.join("tools");
        if !tools.exists() {
            self.said_by(Command::new("python3").args(["-m", "venv"]).arg(&tools), "install")?;
            let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv"];
            self.said_by(Command::new(tools.join("bin/python3")).args(pip), "install")?;
        }
        let uv = || {
            let mut uv = Command::new(tools.join("bin/uv"));
            uv.args(["--no-progress", "--cache-dir"]).arg(self.cache());
            uv
        };
        self.said_by(uv().args(["venv", "--python", "python3"]).arg(trainer), "install")?;
        let mut install = uv();
        install.args(["pip", "install", "--python"]).arg(trainer.join("bin/python3")).args(loader.wanted);
        self.said_by(&install, "install").map(|_| ())
    }

    fn cache(&self) -> PathBuf {
        self.work.join("cache")
    }

    /// Runs a command to its end, but no longer than it may take; gives what it said last.
    ///
    /// Errors: the same, of one that did not succeed.
    fn said_by(&self, command: &Command, log: &str) -> Result<String, String> {
        let log = self.work.join(log).with_extension("log");
        let told = File::create(&log).and_then(|file| Ok((file.try_clone()?, file)));
        let (out, err) = told.map_err(|e| e.to_string())?;
        let status = bounded(command).stdin(Stdio::null()).stdout(out).stderr(err).status();
        let said = fs::read_to_string(&log).unwrap_or_default();
        let lines: Vec<&str> = said.lines().collect();
        let said = lines[lines.len().saturating_sub(LINES_TOLD)..].join("\n");
        match status {
            Ok(status) if status.success() => Ok(said),
            Ok(status) if status.code() == Some(ENDED) => {
                Err(format!("{said}\nIt was ended after {} minutes.", WITHIN.as_secs() / 60))
            }
            Ok(_) => Err(said),
            Err(e) => Err(e.to_string()),
        }
    }
}

/// `None` where nobody tells.
fn free_bytes(folder: &Path) -> Option<u64> {
    let told = Command::new("df").args(["--output=avail", "--block-size=1"]).arg(folder).output().ok()?;
    String::from_utf8_lossy(&told.stdout).lines().nth(1)?.trim().parse().ok()
}

/// The same command, ended with its children when it takes too long.
fn bounded(command: &Command) -> Command {
    let mut bounded = Command::new("timeout");
    bounded.arg(WITHIN.as_secs().to_string()).arg(command.get_program()).args(command.get_args());
    bounded.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    bounded
}
