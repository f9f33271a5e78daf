//! Keeps within the agreement's budget: less is taken first, and nothing only then.
//!
//! Rules (docs/spec/agreement.md, section 9):
//! * *Processor*: while the recorder took more than was agreed of the last minute, and of the last moments
//!   too, it goes one pace down, again after a part of a minute that is so long that the last pace is
//!   reached within one minute however little each helps. When it took less than half of what was agreed
//!   for a minute, it goes one up. Whoever comes down again soon after waits twice as long before the next.
//! * *Day*: over four fifths of the day's megabytes the paces are spread over what is left.
//! * *Battery, metered network*: nothing is taken at once; it goes on when the sign is gone for a while.
//!
//! The strictest of them counts. No clock and no IO: readings come in, a change of pace goes out.

use std::collections::VecDeque;

use overt_agreement::{Budget, Cadence};
use overt_event::{MonoNanos, NANOS_PER_SEC, Pace, PaceChange, PaceReason};

use crate::cadence::ladder;

/// The processor's share is taken over this long.
const WINDOW_SECS: u64 = 60;
/// The wait before one pace up: at first, and at most.
const WAIT_SECS_MIN: u64 = WINDOW_SECS;
const WAIT_SECS_MAX: u64 = 16 * WINDOW_SECS;
/// A battery or a metered network counts for this long after it was last seen: plugs are loose.
const QUIET_SECS: u64 = 10;
/// From this part of the day's bytes on it is written more slowly, percent.
const DAY_PERCENT: u64 = 80;
/// Readings kept: two a second for longer than the window.
const READINGS_MAX: usize = 128;

/// What recording costs, and where the machine runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reading {
    /// Processor time of the recorder since it began, nanoseconds.
    pub(crate) cpu_nanos: u64,
    /// Sealed bytes of this UTC day.
    pub(crate) day_bytes: u64,
    /// Known to be; what is unknown is `false`.
    pub(crate) on_battery: bool,
    pub(crate) metered: bool,
}

/// The machine that keeps the budget.
pub(crate) struct BudgetKeeper {
    budget: Budget,
    ladder: Vec<Pace>,
    processor: Processor,
    battery: Lingering,
    metered: Lingering,
    told: PaceChange,
}

impl BudgetKeeper {
    pub(crate) fn new(budget: Budget, cadence: Cadence, cpu_nanos: u64, now: MonoNanos) -> Self {
        let ladder = ladder(cadence);
        Self {
            processor: Processor::new(budget.cpu_percent, ladder.len(), cpu_nanos, now),
            budget,
            ladder,
            battery: Lingering::default(),
            metered: Lingering::default(),
            told: PaceChange::FULL,
        }
    }

    /// Takes a reading; gives the pace from here on where that is another one, or has another reason.
    pub(crate) fn assess(&mut self, reading: &Reading, now: MonoNanos) -> Option<PaceChange> {
        self.processor.assess(reading.cpu_nanos, now);
        let held_if = |holds: bool| if holds { self.ladder.len() - 1 } else { 0 };
        let battery = self.battery.see(reading.on_battery && !self.budget.on_battery, now);
        let metered = self.metered.see(reading.metered && !self.budget.on_metered, now);
        let asks = [
            (self.processor.step, PaceReason::Processor),
            (self.day_step(reading.day_bytes), PaceReason::DayVolume),
            (held_if(metered), PaceReason::Metered),
            (held_if(battery), PaceReason::Battery),
        ];
        let change = self.strictest(&asks);
        (change != self.told).then(|| {
            self.told = change;
            change
        })
    }

    /// The pace and its reason as they are.
    pub(crate) fn pace(&self) -> PaceChange {
        self.told
    }

    /// Of several reasons for the same pace the last is told: it is the one that a person can change.
    fn strictest(&self, asks: &[(usize, PaceReason)]) -> PaceChange {
        match asks.iter().max_by_key(|(step, _)| *step) {
            Some(&(step, why)) if step > 0 => PaceChange { pace: self.ladder[step], why },
            _ => PaceChange::FULL,
        }
    }

    /// How many paces down the day's bytes ask for.
    fn day_step(&self, bytes: u64) -> usize {
        let last = self.ladder.len() - 1;
        let agreed = u64::from(self.budget.mb_per_day) * 1_000_000;
        let from = agreed / 100 * DAY_PERCENT;
        if bytes >= agreed {
            return last;
        }
        let paces = last as u64 - 1;
        bytes.checked_sub(from).map_or(0, |over| 1 + (over * paces / (agreed - from)) as usize)
    }
}

/// Something that counts for a while after it was last seen.
#[derive(Default)]
struct Lingering(Option<MonoNanos>);

impl Lingering {
    fn see(&mut self, seen: bool, now: MonoNanos) -> bool {
        if seen {
            self.0 = Some(now);
        }
        self.0.is_some_and(|last| seen || now.since(last) < QUIET_SECS * NANOS_PER_SEC)
    }
}

/// How many paces down the processor's share asks for.
struct Processor {
    percent: u64,
    last_step: usize,
    step: usize,
    /// When the step last changed, and whether it went up then.
    changed: MonoNanos,
    went_up: bool,
    wait_secs: u64,
    readings: VecDeque<(MonoNanos, u64)>,
}

impl Processor {
    fn new(percent: u32, paces: usize, cpu_nanos: u64, now: MonoNanos) -> Self {
        Self {
            percent: u64::from(percent),
            last_step: paces - 1,
            step: 0,
            changed: now,
            went_up: false,
            wait_secs: WAIT_SECS_MIN,
            readings: VecDeque::from([(now, cpu_nanos)]),
        }
    }

    fn assess(&mut self, cpu_nanos: u64, now: MonoNanos) {
        self.note(cpu_nanos, now);
        let (window, settle) = (WINDOW_SECS * NANOS_PER_SEC, self.settle_nanos());
        let since = now.since(self.changed);
        if self.is_over(window, 1, now) && self.is_over(settle, 1, now) {
            if since >= settle && self.step < self.last_step {
                self.go_down(since, now);
            }
        } else if self.step > 0 && since >= self.wait_secs * NANOS_PER_SEC && !self.is_over(window, 2, now) {
            (self.step, self.changed, self.went_up) = (self.step - 1, now, true);
        }
    }

    fn go_down(&mut self, since: u64, now: MonoNanos) {
        let relapse = self.went_up && since < 2 * WINDOW_SECS * NANOS_PER_SEC;
        if relapse {
            self.wait_secs = (self.wait_secs * 2).min(WAIT_SECS_MAX);
        } else if self.step == 0 {
            self.wait_secs = WAIT_SECS_MIN;
        }
        (self.step, self.changed, self.went_up) = (self.step + 1, now, false);
    }

    /// So long each pace is tried: all of them within one window.
    fn settle_nanos(&self) -> u64 {
        WINDOW_SECS * NANOS_PER_SEC / self.last_step.max(1) as u64
    }

    fn note(&mut self, cpu_nanos: u64, now: MonoNanos) {
        // Whoever asks more often than twice a second moves the newest reading on.
        let before_last = self.readings.iter().rev().nth(1);
        if before_last.is_some_and(|(at, _)| now.since(*at) < NANOS_PER_SEC / 2) {
            self.readings.pop_back();
        }
        self.readings.push_back((now, cpu_nanos));
        while self.readings.len() > READINGS_MAX {
            self.readings.pop_front();
        }
    }

    /// Whether `times` as much as was used in the last `span` is more than was agreed for it. Before there
    /// were readings nothing was used.
    fn is_over(&self, span_nanos: u64, times: u64, now: MonoNanos) -> bool {
        let Some((_, newest)) = self.readings.back() else { return false };
        let began = self.readings.iter().rev().find(|(at, _)| now.since(*at) >= span_nanos);
        let Some((_, before)) = began.or(self.readings.front()) else { return false };
        let used = newest.saturating_sub(*before);
        u128::from(used) * u128::from(times) * 100 > u128::from(self.percent) * u128::from(span_nanos)
    }
}

#[cfg(test)]
mod tests;
