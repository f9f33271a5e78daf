//! What capture costs while the screen stands still.
//!
//! `cargo run --example idle_cost -- :7 30` watches display `:7` for 30 s at 30 pictures a second at
//! most, and prints the share of one core that this process used.

use std::time::{Duration, Instant};

use overt_capture_x11::{OwnWindows, X11Config, X11Error, start};
use rustix::time::{ClockId, clock_gettime};

fn cpu_secs() -> f64 {
    let t = clock_gettime(ClockId::ProcessCPUTime);
    t.tv_sec as f64 + t.tv_nsec as f64 / 1e9
}

fn main() -> Result<(), X11Error> {
    let mut words = std::env::args().skip(1);
    let display = words.next();
    let secs = words.next().and_then(|w| w.parse().ok()).unwrap_or(30);
    let (outlet, events) = overt_capture::queue(20_000);
    let config =
        X11Config { display, frames_per_sec_max: 30, own_windows: OwnWindows::default(), excluded_pid: None };
    let capture = start(config, outlet)?;
    // The first state and picture are not what standing still costs.
    while events.recv_timeout(Duration::from_secs(1)).is_ok() {}
    let (began, cpu) = (Instant::now(), cpu_secs());
    let deadline = began + Duration::from_secs(secs);
    let mut seen = 0;
    while events.recv_deadline(deadline).is_ok() {
        seen += 1;
    }
    let (wall, cpu) = (began.elapsed().as_secs_f64(), cpu_secs() - cpu);
    println!(
        "{:.3} % of a core over {wall:.0} s ({:.1} ms of CPU, {seen} events)",
        cpu / wall * 100.0,
        cpu * 1e3
    );
    capture.stop();
    Ok(())
}
