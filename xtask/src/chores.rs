//! The chores themselves.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{Failed, packages};

/// `cargo xtask demo`.
pub(crate) fn demo(words: &[&str]) -> Result<(), Failed> {
    let mut options = Options::read(words, &["--out", "--seed", "--level"])?;
    let out = match options.take("--out") {
        Some(out) => PathBuf::from(out),
        None => free_folder(&target_folder()?.join("demo"))?,
    };
    let mut demo = demo_command(&out)?;
    for option in ["--seed", "--level"] {
        if let Some(value) = options.take(option) {
            demo.args([option, &value]);
        }
    }
    run(&mut demo)
}

/// Runs the demo into a folder, and gives the folder.
pub(crate) fn demo_in(out: &Path) -> Result<PathBuf, Failed> {
    run(&mut demo_command(out)?)?;
    Ok(out.to_owned())
}

fn demo_command(out: &Path) -> Result<Command, Failed> {
    packages::install(&packages::demo())?;
    let programs = build_release("overt-demo")?;
    let mut demo = Command::new(programs.join("overt-demo"));
    demo.arg("--overt").arg(programs.join("overt")).arg("--out").arg(out);
    Ok(demo)
}

/// `cargo xtask test`: lints first, since they are the quickest to fail.
pub(crate) fn test() -> Result<(), Failed> {
    packages::install(&packages::test())?;
    lint()?;
    tests()?;
    if std::env::var_os("OVERT_DATA").is_none() {
        // What a test says itself is not shown where it passes.
        eprintln!(
            "SKIPPED: all tests of published recordings. Set OVERT_DATA to a folder of them (bench/README.md)."
        );
    }
    Ok(())
}

fn tests() -> Result<(), Failed> {
    if has_nextest() {
        run(cargo(["nextest", "run", "--workspace"]))?;
    } else {
        let one_at_a_time =
            ["test", "--workspace", "--all-targets", "--no-fail-fast", "--", "--test-threads=1"];
        run(cargo(one_at_a_time))?;
    }
    run(cargo(["test", "--workspace", "--doc"]))
}

/// `cargo xtask lint`.
pub(crate) fn lint() -> Result<(), Failed> {
    run(cargo(["fmt", "--all", "--check"]))?;
    run(cargo(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    run(cargo(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))
}

/// `cargo xtask bench`.
pub(crate) fn bench(words: &[&str]) -> Result<(), Failed> {
    match words {
        [] => bench_recorders(false),
        ["--save"] => bench_recorders(true),
        ["filters"] => bench_filters(false),
        ["filters", "--save"] => bench_filters(true),
        ["dataset"] => bench_dataset(false),
        ["dataset", "--save"] => bench_dataset(true),
        _ => Err(Failed("bench knows only dataset, filters and --save.".into())),
    }
}

fn bench_recorders(save: bool) -> Result<(), Failed> {
    let mut bench = bench_of_recordings(&[])?;
    eprintln!("Recorders take turns at office work, photographs and a film: about 14 minutes.");
    if save {
        bench.arg("--save").arg(root().join("bench/results/recorders.json"));
    }
    run(&mut bench)
}

/// What becomes of recordings: reduction, building, memory, bytes.
fn bench_dataset(save: bool) -> Result<(), Failed> {
    if std::env::var_os("OVERT_DATA").is_none() {
        return Err(Failed(
            "Set OVERT_DATA to the folder with published recordings (bench/README.md).".into(),
        ));
    }
    let mut bench = bench_of_recordings(&["dataset"])?;
    eprintln!("Streams are imported, films made and work recorded: about 8 minutes.");
    if save {
        bench.arg("--save").arg(root().join("bench/results/dataset.json"));
    }
    run(&mut bench)
}

/// The bench with all that it needs to record, reduce and build.
fn bench_of_recordings(words: &[&str]) -> Result<Command, Failed> {
    packages::install(&packages::bench())?;
    let programs = build_release("overt-bench")?;
    run(cargo(["build", "--release", "-p", "overt-reduce", "--example", "reduction_speed"]))?;
    let mut bench = Command::new(programs.join("overt-bench"));
    bench.args(words).arg("--overt").arg(programs.join("overt"));
    bench.arg("--reduction-speed").arg(programs.join("examples/reduction_speed"));
    Ok(bench)
}

/// What filters find, ours beside others.
fn bench_filters(save: bool) -> Result<(), Failed> {
    packages::install(&packages::bench())?;
    let programs = build_release("overt-bench")?;
    run(cargo(["build", "--release", "-p", "overt-filter", "--example", "planted"]))?;
    let mut bench = Command::new(programs.join("overt-bench"));
    bench.arg("filters").arg(programs.join("examples/planted"));
    if save {
        bench.arg("--save").arg(root().join("bench/results/filters.json"));
    }
    run(&mut bench)
}

/// Builds the command and one program of the stage; gives the folder with both.
pub(crate) fn build_release(program: &str) -> Result<PathBuf, Failed> {
    eprintln!("Building; from nothing this takes some minutes on two cores.");
    let packages = ["-p", "overt-cli", "-p", "overt-sim"];
    run(cargo(["build", "--release", "--bin", "overt", "--bin", program]).args(packages))?;
    Ok(target_folder()?.join("release"))
}

/// Options with a value, each at most once.
pub(crate) struct Options(Vec<(String, String)>);

impl Options {
    pub(crate) fn read(words: &[&str], known: &[&str]) -> Result<Self, Failed> {
        let pairs = words.chunks(2).map(|pair| match pair {
            [name, value] if known.contains(name) => Ok((String::from(*name), String::from(*value))),
            _ => Err(Failed(format!("Expected {}, each with a value.", known.join(" or ")))),
        });
        Ok(Self(pairs.collect::<Result<_, _>>()?))
    }

    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        let at = self.0.iter().position(|(n, _)| n == name)?;
        Some(self.0.remove(at).1)
    }
}

/// The first of `1`, `2`, ... that is not there yet.
pub(crate) fn free_folder(within: &Path) -> Result<PathBuf, Failed> {
    let free = (1..10_000).map(|n: u32| within.join(n.to_string())).find(|path| !path.exists());
    free.ok_or_else(|| {
        Failed("There are too many demos. Delete the old ones, or name a folder by --out.".into())
    })
}

/// Where cargo puts what it builds: its own answer, since settings can move it.
pub(crate) fn target_folder() -> Result<PathBuf, Failed> {
    let answer = cargo(["metadata", "--no-deps", "--format-version", "1"]).output();
    let answer = answer.map_err(|e| Failed(format!("cargo does not start: {e}.")))?;
    let text = String::from_utf8_lossy(&answer.stdout);
    let path = text.split_once("\"target_directory\":\"").and_then(|(_, rest)| rest.split_once('"'));
    let path = path.ok_or_else(|| Failed("cargo metadata does not name the target directory.".into()))?;
    Ok(PathBuf::from(path.0.replace("\\\\", "\\")))
}

fn has_nextest() -> bool {
    cargo(["nextest", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The clone that this was called in. Two clones may share a build cache, and this program with it: cargo says which
/// one it runs for, and only without cargo is it the one that it was built in.
pub(crate) fn root() -> PathBuf {
    let built = env!("CARGO_MANIFEST_DIR");
    let here = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or(built.into()));
    here.parent().unwrap_or(&here).to_path_buf()
}

fn cargo<const N: usize>(words: [&str; N]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    command.args(words).current_dir(root());
    command
}

/// Runs a command with its output on the terminal; it must succeed.
fn run(command: impl std::borrow::BorrowMut<Command>) -> Result<(), Failed> {
    let mut command = command;
    let command = command.borrow_mut();
    let line: Vec<&OsStr> = std::iter::once(command.get_program()).chain(command.get_args()).collect();
    let line = line.join(OsStr::new(" "));
    let line = line.to_string_lossy().into_owned();
    eprintln!("$ {line}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failed(format!("This did not succeed ({status}): {line}"))),
        Err(e) => Err(Failed(format!("This does not start ({e}): {line}"))),
    }
}
