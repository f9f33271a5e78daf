//! The numbers the rules work with, and the version of the rules themselves.

use overt_event::Gestures;
use serde::{Deserialize, Serialize};

/// Changes whenever the same records would give other steps or episodes. Written into every data set.
pub const REDUCER_VERSION: &str = "17";

/// What a recording may say of a desktop's gestures and be believed.
const GAP_MILLIS: std::ops::RangeInclusive<u64> = 50..=5_000;
const PX_MAX: u32 = 100;

/// Limits of the rules in docs/spec/dataset.md. The defaults are the desktop's usual ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Between two presses of one multi-click, milliseconds.
    pub click_gap_millis_max: u64,
    /// From the first press of a multi-click, pixels at scale 1.0; scaled with the monitor.
    pub click_slip_px_max: f64,
    /// Further than this is a drag, pixels at scale 1.0; scaled with the monitor.
    pub drag_px_min: f64,
    /// Held longer than this *and* moved more than a tremor is a drag.
    pub drag_hold_millis: u64,
    /// Movement up to here is the tremor of a hand, pixels at scale 1.0.
    pub tremor_px: f64,
    /// A drag's path keeps every point further than this from the straight line.
    pub path_slack_px: f64,
    /// A press without a release for longer than this is an error.
    pub press_millis_max: u64,
    /// A pause longer than this ends a run of text.
    pub text_pause_millis_max: u64,
    /// A pause longer than this ends a run of scrolling.
    pub scroll_pause_millis_max: u64,
    /// Pointer travel further than this ends a run of scrolling.
    pub scroll_slip_px_max: f64,
    /// What follows a resting pointer within this is its effect.
    pub hover_millis_max: u64,
    /// A popup or a switch of application within this is the effect of a press or key.
    pub effect_millis_max: u64,
    /// Without input and without visual change for longer than this is idle.
    pub idle_millis_min: u64,
    /// A change this long after an action is one that the next action waited for.
    pub wait_millis_min: u64,
    /// A pause longer than this begins another episode where nobody marked tasks.
    pub episode_pause_millis_max: u64,
    /// Where nobody marked tasks, work in another application begins another episode.
    pub episode_by_application: bool,
    /// The latest moment after an action at which a frame can still be its frame after.
    pub after_millis_max: u64,
    /// Without another frame for this long the picture stands still.
    pub still_millis: u64,
    /// A step leaves this long after it ended, when everything about it has arrived.
    pub patience_millis: u64,
    /// Frames held while steps wait for them.
    pub frames_kept_max: usize,
    /// And how many bytes of pixels they may take: 31 different pictures of 1920x1080, longer than
    /// `patience_millis` at ten a second.
    pub frames_bytes_max: usize,
}

impl Settings {
    /// The same, but for what the desktop itself says of gestures. What no desktop can mean is left as it is.
    pub(crate) fn on_a_desktop(&self, gestures: &Gestures) -> Self {
        let px = |said: Option<u32>, usual: f64| said.filter(|px| *px <= PX_MAX).map_or(usual, f64::from);
        let gap = gestures.click_gap_millis.map(u64::from).filter(|millis| GAP_MILLIS.contains(millis));
        Self {
            click_gap_millis_max: gap.unwrap_or(self.click_gap_millis_max),
            click_slip_px_max: px(gestures.click_slip_px, self.click_slip_px_max),
            drag_px_min: px(gestures.drag_px, self.drag_px_min),
            ..self.clone()
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            click_gap_millis_max: 500,
            click_slip_px_max: 5.0,
            drag_px_min: 6.0,
            drag_hold_millis: 300,
            tremor_px: 2.0,
            path_slack_px: 2.0,
            press_millis_max: 60_000,
            text_pause_millis_max: 1_500,
            scroll_pause_millis_max: 700,
            scroll_slip_px_max: 8.0,
            hover_millis_max: 500,
            effect_millis_max: 1_000,
            idle_millis_min: 5_000,
            wait_millis_min: 1_000,
            episode_pause_millis_max: 60_000,
            episode_by_application: false,
            after_millis_max: 2_000,
            still_millis: 300,
            patience_millis: 3_000,
            frames_kept_max: 64,
            frames_bytes_max: 192 << 20,
        }
    }
}
