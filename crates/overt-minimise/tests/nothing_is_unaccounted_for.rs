//! The tally reconciles, numbers keep their order, and without doubt nothing is dropped.

mod support;

use std::collections::BTreeSet;

use overt_event::{Binding, DenyRule, FrameId, Gap, MonoNanos, NoFrame, RawBody, RecordBody, Seq, Span};
use overt_minimise::{EventKind, Minimised, Settings, Tally};
use proptest::prelude::*;
use support::streams::{day, live};
use support::{App, Stage, json, other, records, texts};

fn check_tally(tally: &Tally, out: &[Minimised]) -> Result<(), TestCaseError> {
    for (kind, t) in &tally.kinds {
        let settled = t.kept + t.merged + t.denied_total() + t.lost + t.never_kept;
        prop_assert_eq!(t.received, settled, "{:?} {:?}", kind, t);
    }
    prop_assert_eq!(tally.records(), out.len() as u64);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn received_is_kept_denied_merged_lost_or_never_kept(day in day()) {
        let (out, tally) = live(Stage::open(App::Editor), &day);
        check_tally(&tally, &out)?;
        prop_assert_eq!(tally.lost(), 0);
        let (out, tally) = live(Stage::sited(App::Editor), &day);
        check_tally(&tally, &out)?;
    }

    #[test]
    fn it_still_is_when_memory_is_short(day in day(), events in 1usize..20, frames in 1usize..3) {
        let stage = Stage::with(Settings { held_events_max: events, held_frames_max: frames, ..Settings::default() });
        let (out, tally) = live(stage, &day);
        check_tally(&tally, &out)?;
        let told: u64 = records(&out).iter().filter(|r| r.seq.0 > 0).filter_map(|r| match &r.body {
            RecordBody::Gap { gap: Gap::Lost { count }, span } if span.from != span.to || *count > 1 => Some(*count),
            _ => None,
        }).sum();
        prop_assert!(told <= tally.lost() + tally.kinds.get(&EventKind::Gap).map_or(0, |t| t.received));
    }

    #[test]
    fn numbers_never_fall_and_no_event_has_two_records(day in day()) {
        let (sited, _) = live(Stage::sited(App::Editor), &day);
        prop_assert!(records(&sited).windows(2).all(|w| w[0].seq <= w[1].seq), "{}", json(&sited));
        let (out, _) = live(Stage::open(App::Editor), &day);
        let records = records(&out);
        prop_assert!(records.windows(2).all(|w| w[0].seq <= w[1].seq), "{}", json(&out));
        let added = |b: &RecordBody| matches!(b, RecordBody::Gap { .. } | RecordBody::VerdictChange { .. }
            | RecordBody::Workspace(_) | RecordBody::Cursor { id: None, .. });
        let mut seen = BTreeSet::new();
        prop_assert!(records.iter().filter(|r| !added(&r.body)).all(|r| seen.insert(r.seq)));
    }

    #[test]
    fn bindings_name_only_kept_inputs_and_kept_pictures(day in day()) {
        let (out, _) = live(Stage::open(App::Editor), &day);
        let (mut inputs, mut frames) = (BTreeSet::new(), BTreeSet::new());
        for record in records(&out) {
            match &record.body {
                RecordBody::Frame(f) => { frames.insert(f.id); }
                RecordBody::Binding(Binding::Before { for_seq, frame, .. } | Binding::After { for_seq, frame, .. }) => {
                    prop_assert!(inputs.contains(for_seq) && frames.contains(frame));
                }
                RecordBody::Binding(Binding::NoBefore { for_seq, .. } | Binding::NoAfter { for_seq, .. }) => {
                    prop_assert!(inputs.contains(for_seq));
                }
                RecordBody::Element(e) => prop_assert!(inputs.contains(&e.for_seq)),
                RecordBody::PointerMove { .. } | RecordBody::Button { .. } | RecordBody::Scroll { .. }
                | RecordBody::Key(_) | RecordBody::Text { .. } | RecordBody::TextShape { .. } => {
                    inputs.insert(record.seq);
                }
                _ => {}
            }
        }
    }

    #[test]
    fn what_is_typed_where_no_password_is_comes_out_whole_and_coarse(
        gaps in proptest::collection::vec(0u64..400, 1..60),
    ) {
        let mut stage = Stage::open(App::Editor);
        let (mut now, mut typed) = (1_000, String::new());
        for (gap, c) in gaps.iter().zip(('a'..='z').cycle()) {
            now += gap;
            stage.types(now, c);
            typed.push(c);
            stage.focus(now, now + 3, App::Editor.pid(), other());
            stage.drain(now);
        }
        let (out, tally) = stage.finish(now + 5_000);
        prop_assert_eq!(texts(&out), typed);
        let times: Vec<_> = records(&out).iter().filter(|r| matches!(r.body, RecordBody::Text { .. })).map(|r| r.time).collect();
        prop_assert!(times.iter().all(|t| t.0 % 100_000_000 == 0));
        prop_assert!(times.windows(2).all(|w| w[0] < w[1]), "one text for each 100 ms");
        prop_assert_eq!(tally.kinds[&EventKind::Key].denied_total(), 0);
    }
}

#[test]
fn a_key_is_bound_by_its_coarse_time() {
    let mut stage = Stage::open(App::Editor);
    let frame = stage.frame(1_000);
    let key = stage.types(1_234, 'x');
    stage.at(1_254, before(key, frame, 200_000_000));
    stage.focus(1_255, 1_256, App::Editor.pid(), other());
    let after = stage.frame(1_300);
    let bound = Binding::After { for_seq: key, frame: after, delay_nanos: 66_000_000, timed_out: false };
    stage.at(1_600, RawBody::Binding(bound));
    let (out, _) = stage.finish(5_000);
    let bindings = bindings(&out);
    assert!(matches!(bindings[0], Binding::Before { margin_nanos: 200_000_000, .. }));
    // From 1,200, the key's coarse time.
    assert!(matches!(bindings[1], Binding::After { delay_nanos: 100_000_000, .. }));
}

fn before(for_seq: Seq, frame: FrameId, margin_nanos: u64) -> RawBody {
    RawBody::Binding(Binding::Before { for_seq, frame, margin_nanos, damage_unseen: false })
}

fn bindings(out: &[Minimised]) -> Vec<Binding> {
    let binding = |r: &overt_event::Record| match &r.body {
        RecordBody::Binding(b) => Some(*b),
        _ => None,
    };
    records(out).into_iter().filter_map(binding).collect()
}

#[test]
fn a_binding_to_a_denied_picture_says_so() {
    let mut stage = Stage::open(App::Editor);
    let frame = stage.frame_of(1_000, support::desktop(), None);
    let click = stage.clicks(1_100, App::Editor.middle());
    stage.at(1_120, before(click, frame, 1));
    let denied = stage.clicks(1_200, App::Bank.middle());
    stage.at(1_220, before(denied, frame, 1));
    let (out, tally) = stage.finish(5_000);
    assert_eq!(bindings(&out), [Binding::NoBefore { for_seq: click, why: NoFrame::Denied }]);
    assert_eq!(tally.kinds[&EventKind::Binding].denied[&DenyRule::AppNotAgreed], 1);
}

#[test]
fn what_does_not_fit_becomes_a_gap() {
    let mut stage = Stage::with(Settings { held_events_max: 10, ..Settings::default() });
    stage.at(1, App::Editor.report(overt_event::WindowChange::Opened));
    stage.at(2, App::Editor.report(overt_event::WindowChange::Focused));
    stage.focus(3, 3, App::Editor.pid(), other());
    for i in 0..50 {
        stage.clicks(1_000 + i, App::Editor.middle());
    }
    let (out, tally) = stage.finish(5_000);
    let gaps: Vec<_> = records(&out)
        .into_iter()
        .filter_map(|r| match &r.body {
            RecordBody::Gap { gap: Gap::Lost { count }, span } => Some((*count, *span)),
            _ => None,
        })
        .collect();
    assert_eq!(gaps.iter().map(|(n, _)| n).sum::<u64>(), tally.lost());
    assert!(tally.lost() > 40 && gaps.len() <= 2, "{gaps:?}");
    assert!(gaps.iter().all(|(_, Span { from, to })| from < to && *to < MonoNanos::from_millis(1_050)));
}
