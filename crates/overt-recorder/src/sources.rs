//! The threads that see, and the badge that says so.

use crossbeam_channel::Receiver;
use overt_agreement::Cadence;
use overt_capture::Outlet;
use overt_capture_atspi::{AtspiCapture, AtspiConfig};
use overt_capture_system::{Signs, SystemConfig, SystemWatch};
use overt_capture_x11::{Indicator, IndicatorState, OwnWindows, PauseKey, X11Capture, X11Config};
use overt_event::Pace;

use crate::cadence::frames_per_sec;
use crate::error::RecordError;
use crate::session::{Ask, Still};

/// Everything that runs beside the session while it lasts.
pub(crate) struct Sources {
    pub(crate) indicator: Indicator,
    pub(crate) x11: X11Capture,
    pub(crate) atspi: Option<AtspiCapture>,
    pub(crate) pause_key: Option<PauseKey>,
    /// One for each press of the pause key; what does not fit repeats one that is not yet answered.
    pub(crate) pause_key_pressed: Receiver<()>,
    system: Option<SystemWatch>,
    /// A word for each change of the machine's signs.
    pub(crate) signs_changed: Receiver<()>,
    cadence: Cadence,
}

impl Sources {
    /// The indicator first: nothing is looked at before it can be seen.
    pub(crate) fn start(
        display: Option<&str>,
        cadence: Cadence,
        outlet: &Outlet,
    ) -> Result<Self, RecordError> {
        let own = OwnWindows::default();
        let (pressed, presses) = crossbeam_channel::bounded(1);
        let told = move || {
            let _ = pressed.try_send(());
        };
        let pause_key = PauseKey::grab(display, told).ok();
        // A channel that nobody can write to any more would never let the recorder sleep.
        let pause_key_pressed = if pause_key.is_some() { presses } else { crossbeam_channel::never() };
        let words = badge_words(pause_key.is_some());
        let indicator = Indicator::show(display, &own, &words)?;
        let x11 = overt_capture_x11::start(
            X11Config {
                display: display.map(str::to_owned),
                frames_per_sec_max: frames_per_sec(cadence, Pace::Full),
                own_windows: own,
                excluded_pid: Some(std::process::id()),
            },
            outlet.clone(),
        )?;
        x11.set_grabbing(true);
        let atspi_config = AtspiConfig { excluded_pid: std::process::id(), ..AtspiConfig::default() };
        let atspi = overt_capture_atspi::start(atspi_config, outlet.clone()).ok();
        // Without it nothing is known of battery and network, as on a machine without the services.
        let system = overt_capture_system::start(SystemConfig::default()).ok();
        let never = crossbeam_channel::never;
        let signs_changed = system.as_ref().map_or_else(never, |watch| watch.changes().clone());
        Ok(Self { indicator, x11, atspi, pause_key, pause_key_pressed, system, signs_changed, cadence })
    }

    pub(crate) fn ask(&self, question: Ask) {
        ask(self.atspi.as_ref(), question);
    }

    /// What is known of the machine; all of it unknown when nobody tells.
    pub(crate) fn signs(&self) -> Signs {
        self.system.as_ref().map_or_else(Signs::default, SystemWatch::signs)
    }

    /// Takes as much as this pace allows from here on.
    pub(crate) fn set_pace(&self, pace: Pace) -> Result<(), RecordError> {
        Ok(self.x11.set_frames_per_sec_max(frames_per_sec(self.cadence, pace))?)
    }

    pub(crate) fn set_still(&self, still: Option<Still>) {
        self.x11.set_grabbing(still.is_none());
        if let Some(atspi) = &self.atspi {
            atspi.set_paused(still.is_some());
        }
        self.indicator.set(match still {
            None => IndicatorState::Recording,
            Some(Still::Paused) => IndicatorState::Paused,
            Some(Still::Held(_)) => IndicatorState::Held,
        });
    }

    /// Nothing of the display is seen any more.
    pub(crate) fn close_eyes(self) -> LastSources {
        self.x11.stop();
        if let Some(system) = self.system {
            system.stop();
        }
        LastSources { atspi: self.atspi, indicator: self.indicator }
    }
}

/// What is left when the display is seen no more: whom to ask what the last pictures show.
pub(crate) struct LastSources {
    atspi: Option<AtspiCapture>,
    indicator: Indicator,
}

impl LastSources {
    pub(crate) fn ask(&self, question: Ask) {
        ask(self.atspi.as_ref(), question);
    }

    /// The sources first: the badge says "recording" until nothing records.
    pub(crate) fn stop(self) {
        if let Some(atspi) = self.atspi {
            atspi.stop();
        }
        self.indicator.close();
    }
}

/// Without accessibility nobody is asked.
fn ask(atspi: Option<&AtspiCapture>, question: Ask) {
    let Some(atspi) = atspi else { return };
    match question {
        Ask::Element(request) => atspi.lookup(request),
        Ask::Snapshot(request) => atspi.snapshot(request),
        Ask::Site(request) => atspi.look_at_site(request),
        Ask::Focus => atspi.probe_focus(),
    }
}

fn badge_words(has_pause_key: bool) -> String {
    if has_pause_key {
        format!("Overt is recording - {} pauses", PauseKey::NAME)
    } else {
        "Overt is recording".to_owned()
    }
}
