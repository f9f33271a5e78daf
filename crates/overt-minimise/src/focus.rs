//! Whether it is known that no password field had the focus when a key was pressed.
//!
//! What a report says holds for the moment its question was asked; the event of a change may arrive
//! later than a key it concerns. So a key waits [`HOLD_MILLIS`], and is kept only if
//!
//! 1. the last answer about a moment before the key was *other*,
//! 2. an answer about a moment after the key is *other*, and as long again as it took has passed since it
//!    came: what so slow an application still had to tell of the key was told,
//! 3. no password field was reported from the first answer to the release,
//! 4. where the focus was unknown after the key, it was known again to be *other* within
//!    [`UNKNOWN_MILLIS_MAX`], or it is known that nothing which had it in between is a password field
//!    (sources say *unknown* at each change, until they have asked),
//! 5. one of the two answers came from the process the key went to.

use std::collections::VecDeque;

use overt_agreement::Focus;
use overt_event::{DenyRule, FocusKind, MonoNanos, Seq};

/// Every key waits this long for reports that are under way.
pub(crate) const HOLD_MILLIS: u64 = 400;
/// A key without an answer is dropped after this long.
pub(crate) const ANSWER_MILLIS_MAX: u64 = 2_000;
/// A person does not go to a field, type and leave it in less.
const UNKNOWN_MILLIS_MAX: u64 = 200;
/// Reports older than this concern no key that still waits.
const MEMORY_MILLIS: u64 = 10_000;
/// Reports kept, at most; the two oldest become one beyond.
const REPORTS_MAX: usize = 4_096;

/// What a report said.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Said {
    Other,
    Unknown,
    /// Reports may have been lost: a password may have gone unreported.
    Missed,
    Password,
}

impl From<&FocusKind> for Said {
    fn from(kind: &FocusKind) -> Self {
        match kind {
            FocusKind::Other { .. } => Self::Other,
            FocusKind::Unknown => Self::Unknown,
            FocusKind::Password => Self::Password,
        }
    }
}

/// One report.
#[derive(Clone, Copy)]
pub(crate) struct Report {
    pub(crate) seq: Seq,
    pub(crate) said: Said,
    pub(crate) pid: u32,
    /// It holds from here to the question.
    pub(crate) since: MonoNanos,
    pub(crate) asked: MonoNanos,
    pub(crate) arrival: MonoNanos,
}

impl Report {
    /// Whoever took so long to answer has told of what came before the question by then.
    fn settled(&self) -> MonoNanos {
        MonoNanos(self.arrival.0.saturating_add(self.arrival.since(self.asked)))
    }
}

/// A key, as far as the focus is concerned.
#[derive(Clone, Copy)]
pub(crate) struct Doubt {
    pub(crate) seq: Seq,
    /// The earliest and the latest moment at which it can have been pressed.
    pub(crate) happened: MonoNanos,
    pub(crate) arrival: MonoNanos,
    /// The process it went to.
    pub(crate) pid: Option<u32>,
    /// It is not released before this moment, nor before its hold is over.
    pub(crate) hold_until: MonoNanos,
}

/// What is known of a key at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    Wait,
    Keep,
    Drop(DenyRule),
}

/// The reports that may concern a waiting key, by arrival.
#[derive(Default)]
pub(crate) struct FocusLog {
    reports: VecDeque<Report>,
}

impl FocusLog {
    pub(crate) fn add(&mut self, report: Report) {
        let at = self.reports.partition_point(|r| r.arrival <= report.arrival);
        self.reports.insert(at, report);
        self.forget(report.arrival.minus_millis(MEMORY_MILLIS));
        if self.reports.len() > REPORTS_MAX {
            self.join_oldest();
        }
    }

    /// Keeps what arrived since, and the last answer before.
    fn forget(&mut self, since: MonoNanos) {
        while self.reports.get(1).is_some_and(|next| next.arrival < since) {
            self.reports.pop_front();
        }
    }

    /// The worse of the two stands for both.
    fn join_oldest(&mut self) {
        if let (Some(a), Some(b)) = (self.reports.pop_front(), self.reports.front_mut()) {
            if a.said > b.said {
                b.said = a.said;
            }
            (b.since, b.asked) = (a.since.min(b.since), a.asked.min(b.asked));
        }
    }

    /// The same for a published recording, whose own order tells what came first: what was said last
    /// before the key counts, and nothing that came after it can.
    pub(crate) fn judge_in_order(&self, key: &Doubt, now: MonoNanos, unknown_kept: bool) -> Judgement {
        if now < key.hold_until {
            return Judgement::Wait;
        }
        let before = self.reports.iter().filter(|r| r.seq < key.seq).max_by_key(|r| r.seq);
        match before.map(|r| r.said) {
            Some(Said::Other) => known_to_be(Focus::Other),
            Some(Said::Password) => known_to_be(Focus::Password),
            None | Some(Said::Unknown | Said::Missed) if unknown_kept => known_to_be(Focus::Other),
            None | Some(Said::Unknown | Said::Missed) => known_to_be(Focus::Unknown),
        }
    }

    /// Whether anything has been reported at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.reports.is_empty()
    }

    /// Whether a question was asked at or after this moment and answered.
    pub(crate) fn answers(&self, moment: MonoNanos) -> bool {
        let told = |r: &&Report| matches!(r.said, Said::Other | Said::Password);
        self.reports.iter().rev().filter(told).any(|r| r.asked >= moment)
    }

    /// The first conclusion that could be drawn up to `now`. It depends on the reports' times alone,
    /// not on when it is asked for.
    pub(crate) fn judge(&self, key: &Doubt, now: MonoNanos) -> Judgement {
        let first = key.hold_until.max(key.arrival.plus_millis(HOLD_MILLIS));
        let deadline = first.max(key.arrival.plus_millis(ANSWER_MILLIS_MAX));
        let mut moments: Vec<_> = self
            .reports
            .iter()
            .flat_map(|r| [r.arrival, r.settled()])
            .filter(|m| *m > first && *m < deadline)
            .chain([first, deadline])
            .collect();
        moments.sort_unstable();
        moments
            .into_iter()
            .take_while(|m| *m <= now)
            .map(|m| self.judge_at(key, m, m == deadline))
            .find(|j| *j != Judgement::Wait)
            .unwrap_or(Judgement::Wait)
    }

    fn judge_at(&self, key: &Doubt, moment: MonoNanos, last: bool) -> Judgement {
        let open = if last { known_to_be(Focus::Unknown) } else { Judgement::Wait };
        let known = || self.reports.iter().filter(move |r| r.arrival <= moment);
        let before = known()
            .filter(|r| r.since <= key.happened)
            .max_by_key(|r| (r.asked.min(key.happened), r.arrival));
        let from = before.map_or(MonoNanos(0), |r| r.since);
        match known().filter(|r| r.arrival >= from).map(|r| r.said).max() {
            Some(Said::Password) => return known_to_be(Focus::Password),
            Some(Said::Missed) => return known_to_be(Focus::Unknown),
            _ => {}
        }
        let after = || known().filter(|r| r.asked >= key.arrival && r.said == Said::Other);
        let Some(before) = before.filter(|r| r.said == Said::Other) else {
            // No answer about an earlier moment is to be expected any more.
            return if after().next().is_some() { known_to_be(Focus::Unknown) } else { open };
        };
        match unknown_after(known().filter(|r| r.asked > key.happened)) {
            Spell::None => {}
            Spell::Open => return open,
            Spell::TooLong => return known_to_be(Focus::Unknown),
        }
        let mut answers = after().filter(|r| r.settled() <= moment).peekable();
        if answers.peek().is_none() {
            return open;
        }
        let of_process = |r: &Report| key.pid == Some(r.pid);
        if of_process(before) || answers.any(of_process) { known_to_be(Focus::Other) } else { open }
    }
}

/// The verdict's answer for a key, once it is known what had the focus.
fn known_to_be(focus: Focus) -> Judgement {
    focus.denied_by().map_or(Judgement::Keep, Judgement::Drop)
}

enum Spell {
    None,
    Open,
    TooLong,
}

/// Whether a time in which the focus was unknown has not ended, or took too long to.
fn unknown_after<'a>(reports: impl Iterator<Item = &'a Report>) -> Spell {
    let mut since: Option<(MonoNanos, MonoNanos)> = None;
    for r in reports {
        match (r.said, since) {
            (Said::Unknown, None) => since = Some((r.asked, r.asked)),
            (Said::Unknown, Some((from, latest))) => since = Some((from, latest.max(r.asked))),
            (Said::Other, Some((from, latest))) if r.asked >= latest => {
                let long = r.arrival.since(from) > UNKNOWN_MILLIS_MAX * overt_event::NANOS_PER_MILLI;
                if long && r.since > from {
                    return Spell::TooLong;
                }
                since = None;
            }
            _ => {}
        }
    }
    if since.is_some() { Spell::Open } else { Spell::None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OTHER: Said = Said::Other;
    const UNKNOWN: Said = Said::Unknown;
    const PASSWORD: Said = Said::Password;

    /// Reports as (what, asked, arrival) in milliseconds, all of process 1; a key at 1,000.
    fn check(reports: &[(Said, u64, u64)], now: u64, expected: Judgement) {
        let mut log = FocusLog::default();
        for &(said, asked, arrival) in reports {
            let (asked, arrival) = (MonoNanos::from_millis(asked), MonoNanos::from_millis(arrival));
            log.add(Report { seq: Seq(0), said, pid: 1, since: asked, asked, arrival });
        }
        check_log(&log, now, expected);
    }

    fn check_log(log: &FocusLog, now: u64, expected: Judgement) {
        let at = MonoNanos::from_millis(1_000);
        let key = Doubt { seq: Seq(1), happened: at, arrival: at, pid: Some(1), hold_until: at };
        assert_eq!(log.judge(&key, MonoNanos::from_millis(now)), expected);
    }

    const SECRET: Judgement = Judgement::Drop(DenyRule::SecretField);
    const DOUBTFUL: Judgement = Judgement::Drop(DenyRule::FocusUnknown);

    #[test]
    fn a_key_between_two_answers_is_kept_after_its_hold() {
        let reports = [(OTHER, 500, 510), (OTHER, 1_001, 1_010)];
        check(&reports, 1_399, Judgement::Wait);
        check(&reports, 1_400, Judgement::Keep);
        // What is reported after the release concerns later keys.
        check(&[(OTHER, 500, 510), (OTHER, 1_001, 1_010), (PASSWORD, 1_401, 1_401)], 1_500, Judgement::Keep);
    }

    #[test]
    fn a_password_anywhere_in_between_drops_it() {
        check(&[(PASSWORD, 500, 510), (OTHER, 1_001, 1_010)], 1_400, SECRET);
        check(&[(OTHER, 500, 510), (PASSWORD, 990, 990), (OTHER, 1_001, 1_010)], 1_400, SECRET);
        check(&[(OTHER, 500, 510), (OTHER, 1_001, 1_010), (PASSWORD, 1_390, 1_390)], 1_400, SECRET);
        // Asked before the key, arrived after it.
        check(&[(OTHER, 500, 510), (PASSWORD, 400, 1_200), (OTHER, 1_001, 1_010)], 1_400, SECRET);
    }

    #[test]
    fn without_answers_it_is_dropped_in_the_end() {
        check(&[(OTHER, 500, 510)], 2_999, Judgement::Wait);
        check(&[(OTHER, 500, 510)], 3_000, DOUBTFUL);
        check(&[], 3_000, DOUBTFUL);
        check(&[(OTHER, 1_001, 1_010)], 1_400, DOUBTFUL);
        check(&[(OTHER, 500, 510), (OTHER, 1_500, 1_510)], 1_520, Judgement::Keep);
    }

    #[test]
    fn a_short_time_of_not_knowing_after_the_key_is_forgiven_and_one_around_it_is_not() {
        let change =
            [(OTHER, 500, 510), (UNKNOWN, 1_005, 1_005), (UNKNOWN, 1_006, 1_006), (OTHER, 1_006, 1_040)];
        check(&change, 1_400, Judgement::Keep);
        let long =
            [(OTHER, 500, 510), (UNKNOWN, 1_005, 1_005), (UNKNOWN, 1_006, 1_006), (OTHER, 1_006, 1_300)];
        check(&long, 1_400, DOUBTFUL);
        check(&[(OTHER, 500, 510), (UNKNOWN, 990, 990), (OTHER, 1_010, 1_020)], 1_400, DOUBTFUL);
        check(&[(UNKNOWN, 990, 990), (OTHER, 990, 1_010), (OTHER, 1_010, 1_020)], 1_400, Judgement::Keep);
    }

    #[test]
    fn an_answer_that_took_long_counts_after_as_long_again() {
        let slow = [(OTHER, 500, 510), (OTHER, 1_001, 1_601)];
        check(&slow, 2_200, Judgement::Wait);
        check(&slow, 2_201, Judgement::Keep);
        check(&[slow[0], slow[1], (PASSWORD, 2_199, 2_200)], 2_201, SECRET);
        check(&[(OTHER, 500, 510), (OTHER, 1_001, 2_001)], 3_000, DOUBTFUL);
    }

    #[test]
    fn an_answer_about_the_time_since_a_change_covers_the_keys_in_it() {
        let check = |changed: u64, since: u64, asked: u64, arrival: u64, expected| {
            let mut log = FocusLog::default();
            let mut add = |said, since, asked, arrival| {
                let [since, asked, arrival] = [since, asked, arrival].map(MonoNanos::from_millis);
                log.add(Report { seq: Seq(0), said, pid: 1, since, asked, arrival });
            };
            add(OTHER, 500, 500, 510);
            add(UNKNOWN, changed, changed, changed);
            add(OTHER, since, asked, arrival);
            check_log(&log, 1_900, expected);
        };
        check(990, 990, 1_001, 1_020, Judgement::Keep);
        check(990, 991, 1_001, 1_020, Judgement::Keep);
        check(990, 1_001, 1_001, 1_020, DOUBTFUL);
        check(1_002, 1_002, 1_003, 1_400, Judgement::Keep);
        check(1_002, 1_003, 1_003, 1_400, DOUBTFUL);
    }

    #[test]
    fn an_answer_of_another_process_says_nothing_about_this_one() {
        let mut log = FocusLog::default();
        let (at, later) = (MonoNanos::from_millis(1_000), MonoNanos::from_millis(1_100));
        for asked in [MonoNanos(0), later] {
            log.add(Report { seq: Seq(0), said: OTHER, pid: 2, since: asked, asked, arrival: asked });
        }
        let key = Doubt { seq: Seq(1), happened: at, arrival: at, pid: Some(1), hold_until: at };
        assert_eq!(log.judge(&key, at.plus_millis(1_999)), Judgement::Wait);
        assert_eq!(log.judge(&key, at.plus_millis(2_000)), DOUBTFUL);
    }

    #[test]
    fn in_a_published_recording_what_was_told_last_before_the_key_counts() {
        let at = MonoNanos::from_millis(1_000);
        let key = |seq| Doubt { seq: Seq(seq), happened: at, arrival: at, pid: None, hold_until: at };
        let mut log = FocusLog::default();
        assert_eq!(log.judge_in_order(&key(1), at, false), DOUBTFUL);
        assert_eq!(log.judge_in_order(&key(1), at, true), Judgement::Keep);
        assert_eq!(log.judge_in_order(&key(1), MonoNanos(0), true), Judgement::Wait);
        // All at the same moment: only the order tells which key went where.
        for (seq, said) in [(2, OTHER), (4, PASSWORD), (6, OTHER)] {
            log.add(Report { seq: Seq(seq), said, pid: 0, since: at, asked: at, arrival: at });
        }
        let judged = [3, 5, 7].map(|seq| log.judge_in_order(&key(seq), at, true));
        assert_eq!(judged, [Judgement::Keep, SECRET, Judgement::Keep]);
    }

    #[test]
    fn memory_is_bounded_and_a_password_in_it_is_not_forgotten() {
        let mut log = FocusLog::default();
        for i in 0..10_000u64 {
            let said = if i == 0 { PASSWORD } else { OTHER };
            let at = MonoNanos(i);
            log.add(Report { seq: Seq(i), said, pid: 1, since: at, asked: at, arrival: at });
        }
        assert_eq!(log.reports.len(), REPORTS_MAX);
        assert!(log.reports[0].said == PASSWORD);
    }
}
