//! What a session keeps when the clocks part, when the budget holds it and when the person pauses it.

use overt_event::{Gap, Record, RecordBody, Span};
use proptest::prelude::*;

use super::*;
use crate::staged::{Desk, deeds, records};

const DAY_SECS: i64 = 86_400;
const HELD: PaceChange = PaceChange { pace: Pace::Held, why: PaceReason::Battery };

fn desk() -> (tempfile::TempDir, Desk) {
    let folder = tempfile::tempdir().expect("a folder");
    let desk = Desk::new(&folder.path().join("spool"));
    (folder, desk)
}

/// A picture, a press on it and a second.
fn acts(desk: &mut Desk) {
    desk.work(&[(1_000, true, true)]);
}

fn tells_of_work(record: &Record) -> bool {
    record.app.is_some() || matches!(record.body, RecordBody::Frame(_) | RecordBody::Binding(_))
}

fn clocks(records: &[Record]) -> Vec<ClockAnchor> {
    let clock = |r: &Record| match r.body {
        RecordBody::Clock(anchor) => Some(anchor),
        _ => None,
    };
    records.iter().filter_map(clock).collect()
}

const ON_CHANGE: &str = "{ on_change = { frames_per_sec = 5 } }";

/// How often it was asked what the editor shows: as the hand sets out, as the pointer rests, and after the press.
fn asked_while_clicking(cadence: &str) -> [u32; 3] {
    let folder = tempfile::tempdir().expect("a folder");
    let mut desk = Desk::with_cadence(&folder.path().join("spool"), cadence);
    desk.passes(2_000);
    let mut before = desk.asked;
    let mut since = |desk: &Desk| desk.asked - std::mem::replace(&mut before, desk.asked);
    for x in 1..9 {
        desk.happens(RawBody::PointerMove { at: Point { x, y: 9 } });
        desk.passes(40);
    }
    let sets_out = since(&desk);
    (0..20).for_each(|_| desk.passes(40));
    let rests = since(&desk);
    desk.press();
    (0..20).for_each(|_| desk.passes(40));
    let acted = since(&desk);
    desk.ends();
    [sets_out, rests, acted]
}

#[test]
fn where_no_picture_tells_what_is_shown_is_asked_when_the_hand_sets_out_rests_and_has_acted() {
    assert_eq!(asked_while_clicking("\"none\""), [1, 1, 1]);
    assert_eq!(asked_while_clicking("\"on_action\""), [1, 1, 1]);
    assert_eq!(asked_while_clicking(ON_CHANGE), [0, 0, 0], "each picture asks, and there is none here");
}

#[test]
fn a_picture_that_waits_for_names_is_asked_for_sooner_where_the_pointer_rests() {
    let asked = |rests: bool| {
        let folder = tempfile::tempdir().expect("a folder");
        let mut desk = Desk::with_cadence(&folder.path().join("spool"), ON_CHANGE);
        desk.passes(2_000);
        let before = desk.asked;
        if rests {
            desk.happens(RawBody::PointerMove { at: Point { x: 9, y: 9 } });
        }
        desk.frame();
        (0..20).for_each(|_| desk.passes(40));
        let asked = desk.asked - before;
        desk.ends();
        asked
    };
    assert_eq!((asked(false), asked(true)), (0, 1));
}

#[test]
fn a_wall_clock_before_the_first_day_ends_the_terms_and_one_within_them_brings_them_back() {
    let (_folder, mut desk) = desk();
    acts(&mut desk);
    desk.wall_set_secs = -DAY_SECS;
    desk.passes(500);
    let from = desk.now;
    acts(&mut desk);
    desk.wall_set_secs = 0;
    desk.passes(500);
    let to = desk.now;
    acts(&mut desk);
    let records = records(&desk.ends());
    let worked = |within: &dyn Fn(MonoNanos) -> bool| {
        records.iter().filter(|r| tells_of_work(r) && within(r.time)).count()
    };
    assert!(worked(&|t| t < from) > 0 && worked(&|t| t >= to) > 0, "before and after it is kept");
    assert_eq!(worked(&|t| t >= from && t < to), 0, "nothing between is");
    let walls: Vec<i64> = clocks(&records).iter().map(|a| a.wall.0.div_euclid(DAY_SECS)).collect();
    assert_eq!(walls, [20_779, 20_778, 20_779], "each time the clocks parted is told");
}

#[test]
fn after_a_sleep_the_clocks_are_told_anew_and_once() {
    let (_folder, mut desk) = desk();
    acts(&mut desk);
    // The monotonic clock stood still meanwhile.
    desk.wall_set_secs = 3_600;
    (0..3).for_each(|_| acts(&mut desk));
    let (wall, now) = (desk.wall(), desk.now);
    let records = records(&desk.ends());
    let clocks = clocks(&records);
    assert_eq!(clocks.len(), 2);
    assert_eq!(clocks[1].wall_at(now), wall, "from here on the wall clock follows from it");
}

#[test]
fn a_clock_that_was_set_in_a_pause_is_told_after_it() {
    let (_folder, mut desk) = desk();
    acts(&mut desk);
    desk.steer(true, PaceChange::FULL);
    desk.wall_set_secs = 3_600;
    acts(&mut desk);
    desk.steer(false, PaceChange::FULL);
    let resumed = desk.now;
    acts(&mut desk);
    let clocks = clocks(&records(&desk.ends()));
    assert!(clocks.len() == 2 && clocks[1].mono >= resumed, "{clocks:?}");
}

#[test]
fn the_persons_pause_wins_over_the_hold_and_each_gap_ends_where_the_next_begins() {
    let (_folder, mut desk) = desk();
    let mut times = Vec::new();
    for (paused, pace) in [
        (true, PaceChange::FULL),
        (true, HELD),
        (false, HELD),
        (true, HELD),
        (true, PaceChange::FULL),
        (false, PaceChange::FULL),
    ] {
        acts(&mut desk);
        times.push(desk.now);
        desk.steer(paused, pace);
        assert_eq!(desk.session.still(), Still::wanted(paused, pace));
    }
    let records = records(&desk.ends());
    let told: Vec<_> = records
        .into_iter()
        .filter(|r| matches!(r.body, RecordBody::Gap { .. } | RecordBody::Pace(_)))
        .map(|r| r.body)
        .collect();
    let gap = |gap, from: usize, to: usize| {
        let from = times[from].floor_to_millis(100);
        RecordBody::Gap { gap, span: Span { from, to: times[to] } }
    };
    let expected = [
        gap(Gap::Paused, 0, 2),
        RecordBody::Pace(HELD),
        gap(Gap::Held { why: PaceReason::Battery }, 2, 3),
        gap(Gap::Paused, 3, 5),
        RecordBody::Pace(PaceChange::FULL),
    ];
    assert_eq!(told, expected);
}

#[test]
fn what_was_on_its_way_when_it_was_held_is_in_the_gap() {
    let (_folder, mut desk) = desk();
    acts(&mut desk);
    let pressed = desk.now;
    desk.now = desk.now.plus_millis(700);
    desk.steer(false, HELD);
    let press = RawBody::Button { at: Point { x: 9, y: 9 }, button: overt_event::Button::Left, down: true };
    desk.arrives_late(pressed, press);
    acts(&mut desk);
    desk.steer(false, PaceChange::FULL);
    let records = records(&desk.ends());
    let span = records.iter().find_map(|r| match r.body {
        RecordBody::Gap { gap: Gap::Held { .. }, span } => Some(span),
        _ => None,
    });
    assert!(span.expect("it was held").from <= pressed);
    let late = |r: &Record| r.time == pressed && matches!(r.body, RecordBody::Button { .. });
    assert!(!records.iter().any(late), "it is not there");
}

#[test]
fn held_from_the_start_it_tells_the_clocks_and_the_hold_and_nothing_else() {
    let (_folder, mut desk) = desk();
    desk.steer(false, HELD);
    (0..3).for_each(|_| acts(&mut desk));
    let records = records(&desk.ends());
    assert!(!records.iter().any(|r| r.time > MonoNanos(0) && tells_of_work(r)));
    let held = |r: &Record| matches!(r.body, RecordBody::Gap { gap: Gap::Held { .. }, .. });
    assert_eq!((clocks(&records).len(), records.iter().filter(|r| held(r)).count()), (1, 1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_happens_while_it_is_held_is_in_no_segment(
        before in deeds(1..40), meanwhile in deeds(1..80), after in deeds(1..40), paused in any::<bool>(),
    ) {
        let (_folder, mut desk) = desk();
        desk.work(&before);
        let from = desk.now;
        desk.steer(false, HELD);
        desk.work(&meanwhile);
        // A person's pause within the hold changes nothing of that.
        desk.steer(paused, HELD);
        desk.work(&meanwhile);
        desk.steer(false, HELD);
        desk.passes(10);
        let to = desk.now;
        desk.steer(false, PaceChange::FULL);
        desk.work(&after);
        let records = records(&desk.ends());
        // Coarse times lie up to 100 ms before what they tell of.
        let within = |r: &Record| r.time > from && r.time < to.floor_to_millis(100);
        let left: Vec<_> = records.iter().filter(|r| within(r) && tells_of_work(r)).collect();
        prop_assert!(left.is_empty(), "{left:?}");
        let told: Vec<_> = records.iter().filter_map(|r| match r.body {
            RecordBody::Pace(change) => Some((r.time, change)),
            _ => None,
        }).collect();
        prop_assert_eq!(told, vec![(from, HELD), (to, PaceChange::FULL)]);
    }
}
