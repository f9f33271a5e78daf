//! The command `overt`, driven from outside as a person would.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Component, Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

use anyhow::{Context as _, Result, bail};
use overt_event::WallTime;
use serde_json::Value;

use crate::cost::{self, Cost};
use crate::desktop::Desktop;

/// The applications of the demo as an agreement lists them: name, executable and class.
pub const APPS: [(&str, &str); 3] = [
    ("chromium", "/usr/lib/chromium/chromium:Chromium"),
    ("mousepad", "/usr/bin/mousepad:Mousepad"),
    ("galculator", "/usr/bin/galculator:Galculator"),
];

/// LibreOffice's spreadsheet, in the same form.
pub const CALC: (&str, &str) = ("calc", "/usr/lib/libreoffice/program/soffice.bin:libreoffice-calc");

/// Days until the demo's agreement ends.
const AGREED_DAYS: i64 = 180;

/// Exit code of a verb that did its work and lost something on the way.
const DONE_WITH_LOSS: i32 = 3;

/// How long a verb may take: a data set of some minutes is built in seconds.
const VERB_WITHIN_SECS: i64 = 900;

/// How long a recorder may take to close its last segment.
const END_WITHIN_SECS: i64 = 60;

/// The command, the desktop it runs on, and the folder that everything goes to.
pub struct Overt<'a> {
    program: PathBuf,
    desktop: &'a Desktop,
    out: PathBuf,
    env: Vec<(String, String)>,
}

impl<'a> Overt<'a> {
    /// A bare name is looked up in `PATH`, as a shell does.
    ///
    /// Errors: the program or the folder is not there.
    pub fn new(program: &Path, desktop: &'a Desktop, out: &Path) -> Result<Self> {
        let program = found(program, &env::var_os("PATH").unwrap_or_default())?;
        fs::create_dir_all(out.join("logs"))?;
        Ok(Self { program, desktop, out: out.canonicalize()?, env: Vec::new() })
    }

    /// The same, with these variables in its environment as well.
    pub fn with_env(mut self, env: impl IntoIterator<Item = (String, String)>) -> Self {
        self.env.extend(env);
        self
    }

    /// A path below the folder that everything goes to.
    pub fn path(&self, name: &str) -> PathBuf {
        self.out.join(name)
    }

    /// Makes keys, a signed agreement with pictures at `cadence`, and the person's consent.
    pub fn prepare(&self, cadence: &str) -> Result<()> {
        self.prepare_with(cadence, "full", &APPS)
    }

    /// As [`Overt::prepare`], at another level or for other applications: name and `EXE:CLASS` of each.
    pub fn prepare_with(&self, cadence: &str, level: &str, apps: &[(&str, &str)]) -> Result<()> {
        self.prepare_edited(cadence, level, apps, str::to_owned)
    }

    /// As [`Overt::prepare_with`], with the agreement's text changed before it is signed.
    pub fn prepare_edited(
        &self,
        cadence: &str,
        level: &str,
        apps: &[(&str, &str)],
        edit: impl FnOnce(&str) -> String,
    ) -> Result<()> {
        self.make_keys()?;
        self.sign_edited(cadence, level, apps, edit)
    }

    /// Makes keys of a contributor, a study and a party.
    pub fn make_keys(&self) -> Result<()> {
        self.run("keys init", |c| c.arg("--keys").arg(self.path("keys"))).map(drop)
    }

    /// Somebody who contributes to this one's study, below its folder, with keys of their own: of the study's key they hold the public
    /// part, so that the study can open what they record, and none of the other contributors can.
    pub fn contributor(&self, name: &str) -> Result<Self> {
        let out = self.out.join("people").join(name);
        fs::create_dir_all(out.join("logs"))?;
        let own = Self { program: self.program.clone(), desktop: self.desktop, out, env: self.env.clone() };
        own.make_keys()?;
        fs::remove_file(own.path("keys/study.key"))?;
        let study = self.path("keys/study.pub");
        own.run("keys study", |c| c.arg(study).arg("--keys").arg(own.path("keys")))?;
        Ok(own)
    }

    /// With the keys that were made, a signed agreement and the person's consent; else as [`Overt::prepare_with`].
    pub fn sign(&self, cadence: &str, level: &str, apps: &[(&str, &str)]) -> Result<()> {
        self.sign_edited(cadence, level, apps, str::to_owned)
    }

    fn sign_edited(
        &self,
        cadence: &str,
        level: &str,
        apps: &[(&str, &str)],
        edit: impl FnOnce(&str) -> String,
    ) -> Result<()> {
        self.run("agreement new", |c| {
            c.arg("--out").arg(self.path("agreement.toml"));
            for (name, app) in apps {
                c.args(["--app", &format!("{name}={app}:{level}")]);
            }
            // The person on this desktop is a script, and its input may be trained on.
            c.args(["--ends", &date_in(AGREED_DAYS), "--cadence", cadence, "--scripted"]);
            c.arg("--keys").arg(self.path("keys"))
        })?;
        let text = fs::read_to_string(self.path("agreement.toml"))?;
        fs::write(self.path("agreement.toml"), edit(&text))?;
        self.run("agreement sign", |c| {
            c.arg(self.path("agreement.toml")).arg("--keys").arg(self.path("keys"))
        })?;
        self.run("consent give", |c| {
            c.arg("--agreement").arg(self.path("agreement.toml")).arg("--keys").arg(self.path("keys"));
            for (name, _) in apps {
                c.args(["--app", name]);
            }
            c.arg("--out").arg(self.path("consent.toml"))
        })?;
        Ok(())
    }

    /// Starts to record; returns when the recorder says that it does.
    pub fn record(&self) -> Result<Recorder> {
        self.record_with(|c| c)
    }

    /// As [`Overt::record`], with more on the command line.
    pub fn record_with(&self, more: impl FnOnce(&mut Command) -> &mut Command) -> Result<Recorder> {
        let mut command = self.command("record");
        for (flag, name) in
            [("--agreement", "agreement.toml"), ("--consent", "consent.toml"), ("--keys", "keys")]
        {
            command.arg(flag).arg(self.path(name));
        }
        command.arg("--out").arg(self.path("spool")).arg("--json");
        more(&mut command);
        command.stdout(Stdio::piped()).stderr(File::create(self.log("record"))?);
        let mut child = command.spawn().context("overt record does not start")?;
        let said = child.stdout.take().context("overt record has no output")?;
        let mut recorder = Recorder { child, said: BufReader::new(said), recording: PathBuf::new() };
        let Some(began) = recorder.wait_to_hear("recording")? else {
            let _ = recorder.child.wait();
            bail!("overt record ended before it recorded: {}", self.words_of("record"));
        };
        recorder.recording = began["path"].as_str().map_or_else(|| self.path("spool"), PathBuf::from);
        Ok(recorder)
    }

    /// Ends a recording through its control socket.
    pub fn stop(&self, recorder: Recorder) -> Result<Recorded> {
        let before = cost::of(recorder.child.id())?;
        self.run("stop", |c| c)?;
        self.await_end(recorder, before)
    }

    /// Waits until a recording has ended that ends for another reason.
    pub fn ended(&self, recorder: Recorder) -> Result<Recorded> {
        let before = cost::of(recorder.child.id())?;
        self.await_end(recorder, before)
    }

    fn await_end(&self, recorder: Recorder, before: Cost) -> Result<Recorded> {
        let Recorder { child, mut said, recording } = recorder;
        let ended = next_event(&mut said, "ended")?.unwrap_or(Value::Null);
        // Reading on to the end keeps the recorder from writing into a closed pipe.
        std::io::copy(&mut said, &mut std::io::sink())?;
        let (cost, status) = cost::at_end(child, before, END_WITHIN_SECS)?;
        if !is_done(status) {
            bail!("overt record failed: {}", self.words_of("record"));
        }
        Ok(Recorded { recording, ended, cost })
    }

    /// Runs a verb to its end; gives what it wrote to stdout.
    ///
    /// Errors: it does not succeed; its own words are in the message.
    pub fn run(&self, verb: &str, args: impl FnOnce(&mut Command) -> &mut Command) -> Result<String> {
        Ok(self.run_measured(verb, args)?.0)
    }

    /// As [`Overt::run`], with what it cost.
    pub fn run_measured(
        &self,
        verb: &str,
        args: impl FnOnce(&mut Command) -> &mut Command,
    ) -> Result<(String, Cost)> {
        let said = self.log(verb).with_extension("out");
        let mut command = self.command(verb);
        args(&mut command);
        command.stdout(File::create(&said)?).stderr(File::create(self.log(verb))?);
        let child = command.spawn().with_context(|| format!("overt {verb} does not start"))?;
        let (cost, status) = cost::at_end(child, Cost::default(), VERB_WITHIN_SECS)?;
        if !is_done(status) {
            bail!("overt {verb} failed: {}", self.words_of(verb));
        }
        Ok((fs::read_to_string(&said)?, cost))
    }

    fn log(&self, verb: &str) -> PathBuf {
        self.out.join("logs").join(format!("{}.log", verb.replace(' ', "-")))
    }

    fn words_of(&self, verb: &str) -> String {
        fs::read_to_string(self.log(verb)).unwrap_or_default().trim().to_owned()
    }

    fn command(&self, verb: &str) -> Command {
        let mut command = self.desktop.command(&self.program.to_string_lossy());
        command.args(verb.split(' ')).env("NO_COLOR", "1").envs(self.env.iter().cloned());
        command
    }
}

/// A recorder at work.
pub struct Recorder {
    child: Child,
    said: BufReader<ChildStdout>,
    recording: PathBuf,
}

impl Recorder {
    /// Ends it as a crash would. Returns when it is gone.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The folder it writes.
    pub fn recording(&self) -> &Path {
        &self.recording
    }

    fn wait_to_hear(&mut self, event: &str) -> Result<Option<Value>> {
        next_event(&mut self.said, event)
    }
}

/// A recording that ended.
pub struct Recorded {
    /// The folder `NAME.overt`.
    pub recording: PathBuf,
    /// What the recorder said at its end; `null` when it said nothing.
    pub ended: Value,
    pub cost: Cost,
}

/// Where a program lies. `folders`: as `PATH` has them.
fn found(program: &Path, folders: &OsStr) -> Result<PathBuf> {
    let is_bare = program.components().eq([Component::Normal(program.as_os_str())]);
    let mut there =
        env::split_paths(folders).map(|folder| folder.join(program)).filter(|path| is_program(path));
    let path = if is_bare { there.next() } else { Some(program.to_owned()) };
    let unfound = "The command overt is not there. Name its file, or put its folder into PATH.";
    path.and_then(|path| path.canonicalize().ok()).context(unfound)
}

fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|facts| facts.is_file() && facts.permissions().mode() & 0o111 != 0)
}

/// Done, or done with loss, which the verb has told.
fn is_done(status: ExitStatus) -> bool {
    status.success() || status.code() == Some(DONE_WITH_LOSS)
}

/// Reads lines until one is the event, or the output ends.
fn next_event(said: &mut BufReader<ChildStdout>, event: &str) -> Result<Option<Value>> {
    let mut line = String::new();
    while said.read_line(&mut line)? > 0 {
        if let Ok(value) = serde_json::from_str::<Value>(&line)
            && value["event"] == event
        {
            return Ok(Some(value));
        }
        line.clear();
    }
    Ok(None)
}

/// The first value anywhere in `json` under one of these names, outer ones first.
pub fn find<'v>(json: &'v Value, names: &[&str]) -> Option<&'v Value> {
    let mut level = vec![json];
    while !level.is_empty() {
        let here = level.iter().filter_map(|v| v.as_object());
        if let Some(found) = here.flat_map(|o| names.iter().filter_map(|n| o.get(*n))).next() {
            return Some(found);
        }
        level = level.into_iter().flat_map(children).collect();
    }
    None
}

pub(crate) fn children(value: &Value) -> Vec<&Value> {
    match value {
        Value::Object(fields) => fields.values().collect(),
        Value::Array(items) => items.iter().collect(),
        _ => Vec::new(),
    }
}

/// The day, UTC, so many days from today: `2026-11-22`.
pub fn date_in(days: i64) -> String {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Realtime).tv_sec;
    let (year, month, day) = civil(i64::from(WallTime(now).day().0) + days);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Year, month and day of a count of days since 1970-01-01, from 2000 on: counted, not computed.
fn civil(mut days: i64) -> (i64, i64, i64) {
    let is_leap = |y: i64| (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    let mut year = 1970;
    while days >= 365 + i64::from(is_leap(year)) {
        days -= 365 + i64::from(is_leap(year));
        year += 1;
    }
    let lengths = [31, 28 + i64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while days >= lengths[month] {
        days -= lengths[month];
        month += 1;
    }
    (year, month as i64 + 1, days + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_their_dates() {
        for (days, expected) in
            [(0, (1970, 1, 1)), (11_016, (2000, 2, 29)), (20_999, (2027, 6, 30)), (20_818, (2026, 12, 31))]
        {
            assert_eq!(civil(days), expected);
        }
    }

    #[test]
    fn a_bare_name_is_looked_up_and_a_path_is_not() {
        let home = tempfile::tempdir().expect("a folder");
        let home = home.path().canonicalize().expect("it is there");
        for (folder, mode) in [("first", 0o644), ("second", 0o755), ("third", 0o755)] {
            let path = home.join(folder).join("overt");
            fs::create_dir(home.join(folder)).expect("it is made");
            fs::write(&path, "").expect("it is written");
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("it is mine");
        }
        let folders =
            env::join_paths(["none", "first", "second", "third"].map(|f| home.join(f))).expect("names");
        let found = |name: &str| found(Path::new(name), &folders).ok();
        assert_eq!(found("overt"), Some(home.join("second/overt")), "the first cannot be run");
        assert_eq!(found("other"), None);
        assert_eq!(found("./overt"), None, "it is not here");
        assert_eq!(found(&home.join("third/overt").to_string_lossy()), Some(home.join("third/overt")));
    }

    #[test]
    fn outer_values_are_found_before_inner_ones() {
        let json = serde_json::json!({"a": {"events": 1, "n": [{"frames": 2}]}, "events": 3});
        assert_eq!(find(&json, &["events"]), Some(&Value::from(3)));
        assert_eq!(find(&json, &["pictures", "frames"]), Some(&Value::from(2)));
        assert_eq!(find(&json, &["other"]), None);
    }
}
