//! What would be recorded of the window in front, as `overt agreement explain --live` tells it.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use overt_sim::desktop::Desktop;
use overt_sim::overt::Overt;

const WITHIN: Duration = Duration::from_secs(60);

/// The command while it runs; it ends with this.
pub(crate) struct LiveView {
    child: Child,
    lines: Receiver<String>,
}

impl Drop for LiveView {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl LiveView {
    pub(crate) fn open(desktop: &Desktop, overt: &Overt<'_>) -> Self {
        let mut command = desktop.command(env!("CARGO_BIN_EXE_overt"));
        command.args(["agreement", "explain"]).arg(overt.path("agreement.toml"));
        command.arg("--consent").arg(overt.path("consent.toml")).arg("--keys").arg(overt.path("keys"));
        let mut child = command.arg("--live").stdout(Stdio::piped()).spawn().expect("it starts");
        let said = BufReader::new(child.stdout.take().expect("piped")).lines();
        let (tell, lines) = channel();
        std::thread::spawn(move || said.map_while(Result::ok).try_for_each(|line| tell.send(line)));
        Self { child, lines }
    }

    /// Waits for a line with these words.
    pub(crate) fn wait_for(&self, words: &str) {
        let until = Instant::now() + WITHIN;
        let next = || self.lines.recv_timeout(until.saturating_duration_since(Instant::now()));
        while !next().unwrap_or_else(|_| panic!("it never says {words}")).contains(words) {}
    }
}
