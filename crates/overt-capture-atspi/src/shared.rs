//! What the threads of this source have in common.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;
use overt_capture::monotonic_now;
use overt_event::{FocusKind, Rect};

use crate::apps::Apps;
use crate::bus::Bus;
use crate::config::AtspiConfig;
use crate::focus::FocusBoard;
use crate::gate::Gate;
use crate::memory::{AnswerMemory, PopupMemory, SiteMemory};

/// How long the bus itself may stay silent after an application did.
const BUS_SILENCE_MAX: Duration = Duration::from_secs(1);

pub(crate) struct Shared {
    pub(crate) config: AtspiConfig,
    pub(crate) bus: Bus,
    pub(crate) apps: Apps,
    pub(crate) gate: Gate,
    /// Events the worker's queue could not take, not yet reported.
    pub(crate) unanswered: AtomicU64,
    /// Wakes the focus worker; a full channel has woken it already.
    pub(crate) wake_focus: Sender<()>,
    board: Mutex<FocusBoard>,
    popups: Mutex<PopupMemory>,
    answers: Mutex<AnswerMemory>,
    locations: Mutex<HashMap<u32, String>>,
    sites: Mutex<SiteMemory>,
    /// The process and the place of the window that was asked about last, as the display server knows it.
    window: Mutex<Option<(u32, Rect)>>,
    checking_bus: AtomicBool,
}

/// A panic while a lock was held leaves nothing half done here: every change is one assignment or push.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(crate) fn new(config: AtspiConfig, bus: Bus, gate: Gate, wake_focus: Sender<()>) -> Self {
        Self {
            config,
            bus,
            gate,
            wake_focus,
            apps: Apps::default(),
            unanswered: AtomicU64::new(0),
            board: Mutex::default(),
            popups: Mutex::default(),
            answers: Mutex::default(),
            locations: Mutex::default(),
            sites: Mutex::default(),
            window: Mutex::default(),
            checking_bus: AtomicBool::new(false),
        }
    }

    pub(crate) fn board(&self) -> MutexGuard<'_, FocusBoard> {
        locked(&self.board)
    }

    pub(crate) fn note_bounds(&self, pid: u32, window: Rect) {
        *locked(&self.window) = Some((pid, window));
    }

    /// Where the process's window is, if it was the last one asked about.
    pub(crate) fn bounds_of(&self, pid: u32) -> Option<Rect> {
        locked(&self.window).filter(|(of, _)| *of == pid).map(|(_, window)| window)
    }

    pub(crate) fn popups(&self) -> MutexGuard<'_, PopupMemory> {
        locked(&self.popups)
    }

    pub(crate) fn answers(&self) -> MutexGuard<'_, AnswerMemory> {
        locked(&self.answers)
    }

    pub(crate) fn locations(&self) -> MutexGuard<'_, HashMap<u32, String>> {
        locked(&self.locations)
    }

    pub(crate) fn sites(&self) -> MutexGuard<'_, SiteMemory> {
        locked(&self.sites)
    }

    pub(crate) fn is_excluded(&self, pid: u32) -> bool {
        pid != 0 && pid == self.config.excluded_pid
    }

    /// Asks what has the focus, as of this moment.
    pub(crate) fn probe_focus(&self) {
        self.board().probe(monotonic_now());
        // A full channel has woken the worker already.
        let _ = self.wake_focus.try_send(());
    }

    /// Forgets what was seen, so that nothing from before a pause comes out after it.
    pub(crate) fn forget(&self) {
        *self.popups() = PopupMemory::default();
        *self.answers() = AnswerMemory::default();
        self.locations().clear();
        *self.sites() = SiteMemory::default();
    }

    /// Says that the focus is not known and asks anew.
    pub(crate) fn doubt_focus(&self) {
        let mut board = self.board();
        board.doubt();
        self.gate.emit_focus(FocusKind::Unknown, 0, monotonic_now());
        drop(board);
        self.probe_focus();
    }

    /// After a question that nobody answered: is it the application or the bus?
    pub(crate) async fn check_bus(&self) {
        if self.checking_bus.swap(true, Ordering::AcqRel) {
            return;
        }
        if !self.bus.answers(Instant::now() + BUS_SILENCE_MAX).await {
            self.gate.source_gone();
        }
        self.checking_bus.store(false, Ordering::Release);
    }
}
