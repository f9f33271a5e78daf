//! The owner's way to a running recorder: a socket only they can open, one JSON line each way.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};
use overt_event::{Mark, SecretKind};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// How long either side waits for the other.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest request that is read.
const REQUEST_BYTES_MAX: u64 = 4_096;
/// The longest instruction of a mark, bytes: in a request each may take up two.
pub const INSTRUCTION_BYTES_MAX: usize = 2_000;

/// What the owner may ask of a running recorder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    Status,
    Pause,
    Resume,
    /// Erase everything since this many seconds ago, and what is still in memory.
    Forget {
        secs: u64,
    },
    /// Keep what the owner says of their work at this moment. While nothing is taken, neither is this.
    Mark {
        mark: Mark,
    },
    Stop,
}

/// What the recorder answers: how things stand after the request took effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    pub state: State,
    /// How much is taken while it is not paused, and why.
    pub pace: overt_event::Pace,
    pub pace_why: overt_event::PaceReason,
    /// The recording's id.
    pub recording: String,
    /// Where it is written.
    pub path: PathBuf,
    pub display: String,
    /// Applications that may be recorded, with their level.
    pub applications: Vec<(String, overt_event::Level)>,
    pub purposes: Vec<overt_event::Purpose>,
    /// The last day of the agreement, its narrowings and the consent.
    pub last_day: overt_event::Day,
    pub records: u64,
    pub frames: u64,
    pub lost: u64,
    /// What was filtered out, by kind.
    #[serde(default)]
    pub filtered: BTreeMap<SecretKind, u64>,
    pub sealed_bytes: u64,
}

/// What the recorder is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Recording,
    /// By the person.
    Paused,
    /// By the agreement's budget: nothing is taken until it is kept again.
    Held,
    Stopping,
}

/// What can go wrong between the owner and the recorder.
#[derive(Debug, Error)]
pub enum ControlError {
    #[error("no recorder is running here. Nothing is being recorded; start one with `overt record`")]
    NotRunning,
    #[error("a recorder is already running for this user. Stop it with `overt stop` first")]
    AlreadyRunning,
    #[error("the control socket could not be used. Check that its folder exists and belongs to you")]
    Socket(#[source] io::Error),
    #[error(
        "the recorder's answer could not be read. It may be of another version; stop it with Ctrl-C where it runs"
    )]
    Answer(#[source] serde_json::Error),
}

/// Where the control socket is when nobody names one: `$XDG_RUNTIME_DIR/overt/control.sock`, or
/// below the home folder where there is no runtime folder.
pub fn default_socket() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let folder = set("XDG_RUNTIME_DIR")
        .map(|p| p.join("overt"))
        .or_else(|| set("HOME").map(|p| p.join(".local/state/overt")))?;
    Some(folder.join("control.sock"))
}

/// Asks a running recorder.
pub fn ask(socket: &Path, request: Request) -> Result<Status, ControlError> {
    let stream = UnixStream::connect(socket).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => ControlError::NotRunning,
        _ => ControlError::Socket(e),
    })?;
    let line = exchange(stream, request).map_err(ControlError::Socket)?;
    serde_json::from_str(&line).map_err(ControlError::Answer)
}

fn exchange(mut stream: UnixStream, request: Request) -> io::Result<String> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut text = serde_json::to_string(&request)?;
    text.push('\n');
    stream.write_all(text.as_bytes())?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    Ok(line)
}

/// A request on its way to the session, with the place for the answer.
pub struct Asked {
    pub request: Request,
    pub answer: Sender<Status>,
}

/// The recorder's end of the socket. It is removed when this is dropped.
pub struct ControlServer {
    path: PathBuf,
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl ControlServer {
    /// Listens at `path` (mode 0600, in a folder of mode 0700 where it has to be made).
    ///
    /// Errors: [`ControlError::AlreadyRunning`] when a living recorder answers there.
    pub fn listen(path: &Path) -> Result<(Self, Receiver<Asked>), ControlError> {
        let listener = bind_private(path)?;
        let (sender, receiver) = bounded(8);
        let stopping = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&stopping);
        let thread = std::thread::Builder::new()
            .name("control".into())
            .spawn(move || serve(&listener, &sender, &seen))
            .map_err(ControlError::Socket)?;
        Ok((Self { path: path.to_owned(), stopping, thread: Some(thread) }, receiver))
    }
}

impl Drop for ControlServer {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Relaxed);
        // A connection of our own wakes the listener, so that it sees that it shall end.
        let woken = UnixStream::connect(&self.path).is_ok();
        if let (true, Some(thread)) = (woken, self.thread.take()) {
            let _ = thread.join();
        }
        let _ = fs::remove_file(&self.path);
    }
}

fn bind_private(path: &Path) -> Result<UnixListener, ControlError> {
    if UnixStream::connect(path).is_ok() {
        return Err(ControlError::AlreadyRunning);
    }
    bind_over_dead(path).map_err(ControlError::Socket)
}

fn bind_over_dead(path: &Path) -> io::Result<UnixListener> {
    if let Some(folder) = path.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

fn serve(listener: &UnixListener, session: &Sender<Asked>, stopping: &AtomicBool) {
    for stream in listener.incoming() {
        if stopping.load(Ordering::Relaxed) {
            return;
        }
        // One bad client is no reason to stop serving the owner.
        let _ = stream.and_then(|s| answer_one(s, session));
    }
}

fn answer_one(mut stream: UnixStream, session: &Sender<Asked>) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut line = String::new();
    BufReader::new(stream.try_clone()?.take(REQUEST_BYTES_MAX)).read_line(&mut line)?;
    let request = serde_json::from_str(&line)?;
    let (answer, status) = bounded(1);
    session.send(Asked { request, answer }).map_err(|_| io::ErrorKind::BrokenPipe)?;
    let status = status.recv_timeout(PATIENCE).map_err(|_| io::ErrorKind::TimedOut)?;
    let mut text = serde_json::to_string(&status)?;
    text.push('\n');
    stream.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(state: State) -> Status {
        Status {
            state,
            pace: overt_event::Pace::Full,
            pace_why: overt_event::PaceReason::WithinBudget,
            recording: "recording_x".into(),
            path: "r".into(),
            display: ":0".into(),
            applications: Vec::new(),
            purposes: Vec::new(),
            last_day: overt_event::Day(20_779),
            records: 1,
            frames: 2,
            lost: 0,
            filtered: BTreeMap::from([(SecretKind::Card, 1)]),
            sealed_bytes: 3,
        }
    }

    #[test]
    fn the_owner_asks_and_the_session_answers() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("overt/control.sock");
        let (server, asked) = ControlServer::listen(&path).expect("it listens");
        let mode = fs::metadata(&path).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let session = std::thread::spawn(move || {
            let a = asked.recv().expect("one request");
            assert_eq!(a.request, Request::Pause);
            a.answer.send(status(State::Paused)).expect("the client waits");
        });
        assert_eq!(ask(&path, Request::Pause).expect("an answer"), status(State::Paused));
        session.join().expect("the session ends");
        assert!(matches!(ControlServer::listen(&path), Err(ControlError::AlreadyRunning)));
        drop(server);
        assert!(matches!(ask(&path, Request::Status), Err(ControlError::NotRunning)));
    }

    #[test]
    fn a_socket_left_by_a_killed_recorder_is_taken_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("control.sock");
        drop(UnixListener::bind(&path).expect("a listener that dies without cleaning up"));
        assert!(path.exists());
        let (_server, _asked) = ControlServer::listen(&path).expect("it takes over");
    }

    #[test]
    fn nonsense_on_the_socket_does_not_end_the_service() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("control.sock");
        let (_server, asked) = ControlServer::listen(&path).expect("it listens");
        let mut bad = UnixStream::connect(&path).expect("it accepts");
        bad.write_all(b"\xff\xfe nonsense\n").expect("it reads");
        let session = std::thread::spawn(move || {
            let a = asked.recv().expect("one request");
            a.answer.send(status(State::Recording)).expect("the client waits");
        });
        assert!(ask(&path, Request::Status).is_ok());
        session.join().expect("the session ends");
    }
}
