//! From the pause on nothing passes, and what was held back when it came is gone.

mod support;

use overt_event::{
    Gap, Gestures, MonoNanos, Pace, PaceChange, PaceReason, RawBody, RecordBody, Span, Topology, TopologyId,
    WindowChange,
};
use overt_minimise::Minimised;
use proptest::prelude::*;
use support::streams::{Deed, day, live};
use support::{App, Stage, json, other, records, texts};

fn pauses(out: &[Minimised]) -> Vec<Span> {
    let span = |r: &overt_event::Record| match &r.body {
        RecordBody::Gap { gap: Gap::Paused | Gap::Held { .. }, span } => Some(*span),
        _ => None,
    };
    records(out).into_iter().filter_map(span).collect()
}

fn span(from: u64, to: u64) -> Span {
    Span { from: MonoNanos::from_millis(from), to: MonoNanos::from_millis(to) }
}

#[test]
fn held_keys_and_the_pictures_behind_them_are_gone() {
    let mut stage = Stage::open(App::Editor);
    let kept = stage.drain(900).len();
    stage.clicks(1_000, App::Editor.middle());
    stage.types(1_100, 'x');
    stage.frame(1_150);
    stage.focus(1_160, 1_161, App::Editor.pid(), other());
    stage.minimiser.pause(MonoNanos::from_millis(1_200));
    stage.clicks(1_300, App::Editor.middle());
    stage.types(1_310, 'y');
    stage.frame(1_320);
    stage.minimiser.resume(MonoNanos::from_millis(2_000));
    stage.clicks(2_100, App::Editor.middle());
    let (out, _) = stage.finish(9_000);
    assert_eq!(texts(&out), "");
    let clicks = records(&out).iter().filter(|r| matches!(r.body, RecordBody::Button { .. })).count();
    assert_eq!(clicks, 2, "{}", json(&out));
    assert!(out[kept..].iter().all(|m| m.pixels().is_none()));
    assert_eq!(pauses(&out), [span(1_100, 2_000)]);
}

#[test]
fn a_hold_is_told_with_its_reason_and_its_pace_before_it() {
    let mut stage = Stage::open(App::Editor);
    let from = stage.drain(900).len();
    // What is held back behind an unjudged key goes, but for what says nothing of anyone's doing.
    stage.types(1_100, 'x');
    let held = PaceChange { pace: Pace::Held, why: PaceReason::Battery };
    stage.at(1_200, RawBody::Pace(held));
    stage.minimiser.pause_for(MonoNanos::from_millis(1_200), PaceReason::Battery);
    stage.at(1_300, RawBody::Pace(PaceChange::FULL));
    stage.minimiser.resume(MonoNanos::from_millis(2_000));
    let (out, _) = stage.finish(9_000);
    let told: Vec<_> = records(&out[from..]).into_iter().map(|r| &r.body).collect();
    let gap = Gap::Held { why: PaceReason::Battery };
    let expected = [RecordBody::Pace(held), RecordBody::Gap { gap, span: span(1_100, 2_000) }];
    assert_eq!(told, expected.iter().collect::<Vec<_>>());
}

#[test]
fn to_forget_while_it_is_held_keeps_the_reason_of_the_hold() {
    let mut stage = Stage::open(App::Editor);
    stage.minimiser.pause_for(MonoNanos::from_millis(1_000), PaceReason::Metered);
    stage.minimiser.forget(MonoNanos::from_millis(500), MonoNanos::from_millis(1_500));
    let (out, _) = stage.finish(3_000);
    let gap = RecordBody::Gap { gap: Gap::Held { why: PaceReason::Metered }, span: span(500, 3_000) };
    assert_eq!(records(&out).last().map(|r| &r.body), Some(&gap));
}

#[test]
fn what_was_judged_before_the_pause_is_kept() {
    let mut stage = Stage::open(App::Editor);
    stage.types(1_010, 'x');
    stage.focus(1_020, 1_021, App::Editor.pid(), other());
    stage.minimiser.pause(MonoNanos::from_millis(1_600));
    let (out, _) = stage.finish(3_000);
    assert_eq!(texts(&out), "x");
    assert_eq!(pauses(&out), [span(1_600, 3_000)]);
}

#[test]
fn late_news_of_the_pause_does_not_pass_after_it() {
    let mut stage = Stage::open(App::Editor);
    stage.minimiser.pause(MonoNanos::from_millis(1_000));
    stage.minimiser.resume(MonoNanos::from_millis(2_000));
    let from = stage.drain(2_000).len();
    stage.clicks(1_900, App::Editor.middle());
    stage.frame(1_999);
    let (out, _) = stage.finish(9_000);
    let news = |b: &RecordBody| !matches!(b, RecordBody::Gap { .. } | RecordBody::VerdictChange { .. });
    let left: Vec<_> = records(&out[from..]).into_iter().filter(|r| news(&r.body)).collect();
    assert!(left.iter().all(|r| r.time < MonoNanos::from_millis(1_000)), "{}", json(&out));
}

#[test]
fn the_desktop_is_followed_through_the_pause() {
    let mut stage = Stage::open(App::Editor);
    stage.minimiser.pause(MonoNanos::from_millis(1_000));
    stage.at(1_100, App::Bank.report(WindowChange::Focused));
    let topology = |n| Topology {
        id: TopologyId(n),
        size: (830, 230),
        monitors: Vec::new(),
        gestures: Gestures::default(),
    };
    stage.at(1_200, RawBody::Topology(topology(1)));
    stage.at(1_300, RawBody::Topology(topology(2)));
    stage.minimiser.resume(MonoNanos::from_millis(2_000));
    stage.types(2_100, 'x');
    stage.focus(2_110, 2_111, App::Editor.pid(), other());
    let (out, _) = stage.finish(9_000);
    assert_eq!(texts(&out), "");
    let topologies: Vec<_> = records(&out)
        .into_iter()
        .filter_map(|r| match &r.body {
            RecordBody::Topology(t) => Some((t.id.0, r.time)),
            _ => None,
        })
        .collect();
    assert_eq!(topologies, [(2, MonoNanos::from_millis(2_000))]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_record_tells_of_a_moment_in_a_pause(day in day()) {
        let mut day = day;
        // A pause and a hold at least.
        for (i, deed) in [Deed::Pause, Deed::Resume, Deed::Hold, Deed::Resume].into_iter().enumerate() {
            let at = day.len() * (i + 1) / 5;
            day.insert(at, (30, deed));
        }
        let (out, _) = live(Stage::open(App::Editor), &day);
        let pauses = pauses(&out);
        for record in records(&out) {
            // What is left of a pause tells nothing of anyone's doing. Coarse times are less than 100 ms early.
            if record.app.is_some() || matches!(record.body, RecordBody::Frame(_)) {
                let (earliest, latest) = (record.arrival, record.arrival.plus_millis(100));
                let within = pauses.iter().any(|p| p.from.plus_millis(100) < earliest && latest < p.to);
                prop_assert!(!within, "{}", json(&out));
            }
        }
    }
}
