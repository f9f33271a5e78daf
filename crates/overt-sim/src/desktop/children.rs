//! Child processes that cannot outlive their desktop.

use std::io;
use std::process::{Child, Command};
use std::sync::OnceLock;
use std::sync::mpsc::{self, Sender};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::OwnedFd;
use rustix::process::{
    Pid, PidfdFlags, Signal, kill_process, kill_process_group, pidfd_open, pidfd_send_signal,
};

/// How long a killed process may take to be gone.
const GONE_WITHIN: Duration = Duration::from_secs(5);

type Order = (Command, Sender<io::Result<Child>>);

/// A command for `program` that dies with the thread that starts it.
///
/// `setpriv` asks the kernel for that and then becomes the program: the process id stays the same.
pub(super) fn mortal_command(program: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--", program]);
    command
}

/// Starts a command in a process group of its own, from a thread that lives as long as the process:
/// the kernel's death signal follows the *thread* that started a child.
pub(super) fn start(mut command: Command) -> io::Result<Child> {
    use std::os::unix::process::CommandExt as _;
    static STARTER: OnceLock<Sender<Order>> = OnceLock::new();
    command.process_group(0);
    let starter = STARTER.get_or_init(|| {
        let (orders, inbox) = mpsc::channel::<Order>();
        std::thread::spawn(move || {
            for (mut command, answer) in inbox {
                // Nobody waits for the answer any more: nothing to tell them.
                let _ = answer.send(command.spawn());
            }
        });
        orders
    });
    let (answer, started) = mpsc::channel();
    let gone = || io::Error::other("the thread that starts processes ended");
    starter.send((command, answer)).map_err(|_| gone())?;
    started.recv().map_err(|_| gone())?
}

/// Kills the processes, their groups and everything below them, and returns when all are gone.
pub(super) fn end(children: &mut [Child]) {
    let roots: Vec<Pid> = children.iter().filter_map(|c| pid(c.id())).collect();
    let below = hold_descendants(&roots);
    for root in &roots {
        // Already gone is what we want.
        let _ = kill_process_group(*root, Signal::KILL);
        let _ = kill_process(*root, Signal::KILL);
    }
    for held in &below {
        let _ = pidfd_send_signal(held, Signal::KILL);
    }
    for child in children {
        let _ = child.wait();
    }
    wait_until_gone(below);
}

/// Kills a process that is not our child and everything below it.
pub(super) fn end_with_descendants(id: u32) {
    let Some(root) = pid(id) else { return };
    let mut held = hold_descendants(&[root]);
    held.extend(pidfd_open(root, PidfdFlags::empty()));
    for process in &held {
        let _ = pidfd_send_signal(process, Signal::KILL);
    }
    wait_until_gone(held);
}

/// Stops a process that is not our child and everything below it; killing it is still possible.
pub(super) fn stop_with_descendants(id: u32) {
    let Some(root) = pid(id) else { return };
    let mut held = hold_descendants(&[root]);
    held.extend(pidfd_open(root, PidfdFlags::empty()));
    for process in &held {
        let _ = pidfd_send_signal(process, Signal::STOP);
    }
}

fn pid(id: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(id).ok()?)
}

fn wait_until_gone(held: Vec<OwnedFd>) {
    let deadline = Instant::now() + GONE_WITHIN;
    for fd in &held {
        let left = deadline.saturating_duration_since(Instant::now());
        let left = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) };
        let _ = poll(&mut [PollFd::new(fd, PollFlags::IN)], Some(&left));
    }
}

/// Handles of all processes below `roots`. A handle stays with its process when the number is reused.
fn hold_descendants(roots: &[Pid]) -> Vec<OwnedFd> {
    descendants(&parents(), roots)
        .into_iter()
        .filter_map(|p| pidfd_open(p, PidfdFlags::empty()).ok())
        .collect()
}

/// Process ids below `roots`, given (process, parent) pairs.
fn descendants(parents: &[(Pid, Pid)], roots: &[Pid]) -> Vec<Pid> {
    let mut found: Vec<Pid> = Vec::new();
    let mut level = roots.to_vec();
    while !level.is_empty() {
        let next: Vec<Pid> = parents.iter().filter(|(_, up)| level.contains(up)).map(|(p, _)| *p).collect();
        found.extend(&next);
        level = next;
    }
    found
}

/// Every process and its parent, from `/proc`.
fn parents() -> Vec<(Pid, Pid)> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let ids = entries.flatten().filter_map(|e| e.file_name().to_str()?.parse::<u32>().ok());
    ids.filter_map(|id| Some((pid(id)?, parent_of(id)?))).collect()
}

fn parent_of(id: u32) -> Option<Pid> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name in parentheses may hold anything; the fields after the last one are plain.
    let (_, fields) = stat.rsplit_once(')')?;
    pid(fields.split_whitespace().nth(1)?.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_generations_are_found_and_strangers_are_not() {
        let p = |n| pid(n).expect("not zero");
        let pairs = [(p(10), p(2)), (p(11), p(10)), (p(12), p(11)), (p(20), p(3))];
        assert_eq!(descendants(&pairs, &[p(2)]), [p(10), p(11), p(12)]);
    }

    #[test]
    fn a_child_and_its_own_child_are_gone_after_end() {
        let mut command = mortal_command("sh");
        command.args(["-c", "setsid sleep 600 & echo $!; wait"]).stdout(std::process::Stdio::piped());
        let mut child = start(command).expect("sh starts");
        let mut line = String::new();
        let mut out = std::io::BufReader::new(child.stdout.take().expect("piped"));
        std::io::BufRead::read_line(&mut out, &mut line).expect("sh says its child's id");
        end(&mut [child]);
        // A dead process that nobody collected yet has no program any more.
        assert!(std::fs::read_link(format!("/proc/{}/exe", line.trim())).is_err());
    }
}
