//! What a running process costs, as the kernel counts it.

use std::fs;
use std::process::{Child, ExitStatus};

use anyhow::{Context as _, Result};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

/// How often a process is looked at while it is waited for.
const LOOK_EVERY_MILLIS: i64 = 20;

/// Processor time and memory of one process.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct Cost {
    /// User and system time of all its threads and of the children it waited for, seconds.
    pub cpu_secs: f64,
    /// The most memory it had resident, bytes; 0 once it has ended.
    pub memory_peak_bytes: u64,
}

/// The cost of a process so far. It may have ended, as long as nobody collected it.
pub fn of(pid: u32) -> Result<Cost> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).context("there is no such process")?;
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    Ok(Cost {
        cpu_secs: ticks(&stat).context("the kernel's answer does not read")? as f64
            / rustix::param::clock_ticks_per_second() as f64,
        memory_peak_bytes: peak_bytes(&status).unwrap_or(0),
    })
}

/// Waits until a child has ended; gives what it cost altogether and how it ended.
///
/// The kernel forgets the memory's peak at the end, so it is looked at until then: it is the greatest of `before` and
/// what was seen some milliseconds before the end.
///
/// Errors: it did not end within the time; it is killed then.
pub fn at_end(mut child: Child, before: Cost, within_secs: i64) -> Result<(Cost, ExitStatus)> {
    let pid = Pid::from_child(&child);
    let handle = pidfd_open(pid, PidfdFlags::empty())?;
    let a_moment = Timespec { tv_sec: 0, tv_nsec: LOOK_EVERY_MILLIS * 1_000_000 };
    let mut memory_peak_bytes = before.memory_peak_bytes;
    let mut ended = false;
    for _ in 0..within_secs * 1_000 / LOOK_EVERY_MILLIS {
        ended = poll(&mut [PollFd::new(&handle, PollFlags::IN)], Some(&a_moment))? > 0;
        if ended {
            break;
        }
        memory_peak_bytes = memory_peak_bytes.max(of(child.id())?.memory_peak_bytes);
    }
    if !ended {
        child.kill()?;
    }
    let cost = of(child.id())?;
    let status = child.wait()?;
    anyhow::ensure!(ended, "a process did not end within {within_secs} s and was killed. Look at its log.");
    Ok((Cost { memory_peak_bytes: memory_peak_bytes.max(cost.memory_peak_bytes), ..cost }, status))
}

/// Fields 14 to 17 of `/proc/PID/stat` (proc(5)).
fn ticks(stat: &str) -> Option<u64> {
    // The name in parentheses may hold anything; field 3 follows the last one.
    let (_, fields) = stat.rsplit_once(')')?;
    let times = fields.split_whitespace().skip(11).take(4);
    times.map(|f| f.parse::<u64>().ok()).sum()
}

fn peak_bytes(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_lines_read() {
        let stat = "7 (a ) b) S 1 7 7 0 -1 4194560 100 0 0 0 11 22 33 44 20 0 1 0 5 6";
        assert_eq!(ticks(stat), Some(110));
        assert_eq!(peak_bytes("Name:\tx\nVmHWM:\t    2048 kB\n"), Some(2 * 1024 * 1024));
        assert_eq!(peak_bytes("Name:\tx\n"), None);
    }

    #[test]
    fn an_ended_child_still_tells_its_time() {
        let child = std::process::Command::new("sh")
            .args(["-c", "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done"])
            .spawn()
            .expect("sh starts");
        let (cost, status) = at_end(child, Cost::default(), 60).expect("it ends");
        assert!(status.success() && cost.cpu_secs > 0.0);
    }
}
