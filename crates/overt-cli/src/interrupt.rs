//! Ctrl-C and a polite end of the process, for long work that ends in order.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// Whether somebody asked to end.
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// From now on the first signal is noted, for the work to end by itself; the second ends the process.
    pub fn watch() -> Result<Self> {
        let seen = Arc::new(AtomicBool::new(false));
        let unwatched = "Signals cannot be watched. Start again, or raise the limits of the process.";
        for signal in [SIGINT, SIGTERM] {
            // In this order: the first signal finds that none was there before.
            flag::register_conditional_default(signal, Arc::clone(&seen)).context(unwatched)?;
            flag::register(signal, Arc::clone(&seen)).context(unwatched)?;
        }
        Ok(Self(seen))
    }

    pub fn is_seen(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
