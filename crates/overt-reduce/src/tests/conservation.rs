//! Over random streams: every input event ends once, steps are in order, and nothing depends on chance.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{reduce_entries, script, tell};
use crate::entry::{Entry, Output};

fn op() -> impl Strategy<Value = String> {
    let place = (0..1100i32, 0..900i32).prop_map(|(x, y)| format!("{},{}", x / 100 * 10, y / 100 * 10));
    let button = prop::sample::select(vec!["left", "right", "middle"]);
    let key = prop::sample::select(vec![
        "Return",
        "BackSpace",
        "Control_L",
        "Shift_L",
        "Alt_L",
        "c",
        "Tab",
        "Down",
        "ISO_Left_Tab",
    ]);
    let way = prop::sample::select(vec!["down", "up", "repeat"]);
    let held = prop::sample::select(vec!["", "ctrl", "shift", "ctrl+alt"]);
    prop_oneof![
        4 => place.clone().prop_map(|p| format!("move {p}")),
        4 => (button.clone(), place.clone(), held.clone()).prop_map(|(b, p, h)| format!("press {b} {p} {h}")),
        4 => (button, place.clone()).prop_map(|(b, p)| format!("release {b} {p}")),
        2 => (place, -2..3i32, -2..3i32).prop_map(|(p, x, y)| format!("scroll {p} {},{}", x * 120, y * 120)),
        6 => (way, key, held).prop_map(|(w, k, h)| format!("{w} {k} {h}")),
        3 => "[a-z]{1,3}".prop_map(|t| format!("text {t}")),
        1 => Just("shape 2 1 0".to_owned()),
        1 => (1..4u32).prop_map(|w| format!("window focused {w} normal 0,0,500,500")),
        1 => Just("window popup 9 popup 0,0,200,200".to_owned()),
        1 => Just("window unpopup 9 popup 0,0,200,200".to_owned()),
        1 => Just("selected menu-item Save 0,0,80,80 menu File".to_owned()),
        1 => Just("expanded menu File 0,0,80,20".to_owned()),
        1 => Just("focus entry Name 0,0,80,20".to_owned()),
        1 => Just("inserted entry Name 0,0,80,20 né".to_owned()),
        1 => prop::sample::select(vec!["paused", "lost", "unanswered", "denied", "deny", "clock"]).prop_map(str::to_owned),
        1 => prop::sample::select(vec!["begin Task", "end", "up!", "down!"]).prop_map(str::to_owned),
        1 => Just("screen 900x700+0+0".to_owned()),
    ]
}

/// Events with pauses between them, most of them short.
fn stream() -> impl Strategy<Value = String> {
    let pause = prop_oneof![10 => 0..120u64, 3 => 120..900u64, 1 => 900..8_000u64, 1 => 50_000..70_000u64];
    prop::collection::vec((pause, op()), 1..120).prop_map(|ops| {
        let mut millis = 100;
        let mut lines = vec!["0 screen 1000x800+0+0".to_owned()];
        for (pause, op) in ops {
            millis += pause;
            lines.push(format!("{millis} {op}"));
        }
        lines.join("\n")
    })
}

fn fates(out: &[Output]) -> BTreeMap<u64, u32> {
    let mut fates = BTreeMap::new();
    let mut count = |seq: u64| *fates.entry(seq).or_default() += 1;
    for output in out {
        match output {
            Output::Step(step) => step.seqs.iter().for_each(|s| count(s.0)),
            Output::Ignored(seq, _) | Output::Error(seq, _) => count(seq.0),
        }
    }
    fates
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn every_input_event_ends_exactly_once(ops in stream()) {
        let entries = script::entries(&ops);
        let (out, _) = reduce_entries(&entries);
        let inputs: BTreeMap<u64, u32> =
            entries.iter().filter(|e| e.is_input()).map(|e| (e.record.seq.0, 1)).collect();
        prop_assert_eq!(fates(&out), inputs);
    }

    #[test]
    fn steps_are_in_order_and_numbered_without_holes(ops in stream()) {
        let entries = script::entries(&ops);
        let (out, episodes) = reduce_entries(&entries);
        let steps = tell::steps(&out);
        for pair in steps.windows(2) {
            let next = if pair[0].episode == pair[1].episode { pair[0].index + 1 } else { 0 };
            prop_assert!(pair[0].episode <= pair[1].episode);
            prop_assert_eq!(pair[1].index, next);
        }
        prop_assert!(steps.iter().all(|s| s.t_start <= s.t_end && s.seqs.is_sorted()));
        let total: u32 = episodes.iter().map(|e| e.steps).sum();
        prop_assert_eq!(total as usize, steps.len());
    }

    #[test]
    fn the_same_records_give_the_same_steps(ops in stream()) {
        let entries = script::entries(&ops);
        let once = tell::all(&reduce_entries(&entries).0);
        prop_assert_eq!(tell::all(&reduce_entries(&entries).0), once);
    }

    /// A modifier that modified nothing carries nothing: without it the same actions come out.
    #[test]
    fn lone_modifiers_can_be_left_out(ops in stream()) {
        let entries = script::entries(&ops);
        let (out, _) = reduce_entries(&entries);
        let ignored: Vec<u64> = out.iter().filter_map(|o| match o {
            Output::Ignored(seq, crate::fate::Ignored::LoneModifier) => Some(seq.0),
            _ => None,
        }).collect();
        let fewer: Vec<Entry> =
            entries.into_iter().filter(|e| !ignored.contains(&e.record.seq.0)).collect();
        let kinds = |out: &[Output]| tell::steps(out).iter().map(|s| s.action.clone()).collect::<Vec<_>>();
        prop_assert_eq!(kinds(&reduce_entries(&fewer).0), kinds(&out));
    }
}
