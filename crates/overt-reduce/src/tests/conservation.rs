//! Over random streams: every input event ends once, steps are in order, no observation is from after its action,
//! nothing depends on chance, and what was reduced, told again by its steps alone, reduces to the same.

use std::collections::BTreeMap;

use proptest::prelude::*;

use overt_event::{Button, Modifiers, NANOS_PER_MILLI, Point};

use super::{reduce_entries, script, tell};
use crate::action::{Action, Typed};
use crate::entry::{Entry, Output};
use crate::rules::chord::modifier_names;
use crate::settings::Settings;
use crate::step::{Before, Step};

/// By so much a later step may seem to begin before an earlier one: times of text are rounded down.
const ROUNDING_NANOS: u64 = ROUNDING_MILLIS * NANOS_PER_MILLI;
const ROUNDING_MILLIS: u64 = 100;

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
        4 => (0..200u32, 0..300u32, any::<bool>()).prop_map(|(ago, took, patched)| {
            format!("frame {ago} {took} 1{}", if patched { " 0,0,90,90:200" } else { "" })
        }),
        2 => (prop::sample::select(vec!["before", "after", "nobefore", "noafter"]), 0..6usize, 0..4u32)
            .prop_map(|(what, inputs, frames)| format!("{what} {inputs} {frames}")),
    ]
}

/// The lines of a script: inputs get names, and pictures and bindings say how long ago, and of which of the last ones.
#[derive(Default)]
struct Telling {
    lines: Vec<String>,
    inputs: usize,
    frames: u32,
}

impl Telling {
    fn line(&mut self, millis: u64, op: &str) {
        let words: Vec<&str> = op.split_whitespace().collect();
        match words[0] {
            "frame" => self.frame(millis, &words),
            "before" | "after" | "nobefore" | "noafter" => self.binding(millis, &words),
            "move" | "press" | "release" | "scroll" | "down" | "up" | "repeat" | "text" | "shape" => {
                self.inputs += 1;
                self.lines.push(format!("{millis} {op} =e{}", self.inputs));
            }
            _ => self.lines.push(format!("{millis} {op}")),
        }
    }

    /// `frame AGO TOOK PICTURE`
    fn frame(&mut self, millis: u64, words: &[&str]) {
        let number = |word: &str| word.parse::<u64>().expect("a number");
        let end = millis.saturating_sub(number(words[1]));
        let begin = end.saturating_sub(number(words[2]));
        self.frames += 1;
        self.lines.push(format!("{millis} frame {} {begin}-{end} {}", self.frames, words[3..].join(" ")));
    }

    /// `WHAT INPUTS FRAMES`, each counted back from the last one. The frame may be from after the input.
    fn binding(&mut self, millis: u64, words: &[&str]) {
        let back = |word: &str| word.parse::<usize>().expect("a number");
        let input = self.inputs.checked_sub(back(words[1])).filter(|n| *n > 0);
        let frame = (self.frames as usize).checked_sub(back(words[2])).filter(|n| *n > 0);
        if let (Some(input), Some(frame)) = (input, frame) {
            self.lines.push(format!("{millis} {} e{input} {frame}", words[0]));
        }
    }
}

/// Events with pauses between them, most of them short.
fn stream() -> impl Strategy<Value = String> {
    let pause = prop_oneof![10 => 0..120u64, 3 => 120..900u64, 1 => 900..8_000u64, 1 => 50_000..70_000u64];
    prop::collection::vec((pause, op()), 1..120).prop_map(|ops| {
        let mut millis = 100;
        let mut telling = Telling::default();
        telling.lines.push("0 screen 1000x800+0+0".to_owned());
        for (pause, op) in ops {
            millis += pause;
            telling.line(millis, &op);
        }
        telling.lines.join("\n")
    })
}

/// One whole deed of a hand: each line with the milliseconds since the one before it. `{AT}` is a place of its own.
fn whole_deed() -> impl Strategy<Value = Vec<(u64, String)>> {
    let place = || (0..10i32, 0..8i32).prop_map(|(x, y)| format!("{},{}", x * 10, y * 10));
    let held = || prop::sample::select(vec!["", "ctrl", "shift", "ctrl+alt"]);
    let key = prop::sample::select(vec!["Return", "BackSpace", "c", "Tab", "Down", "ISO_Left_Tab"]);
    let click = (place(), held(), 1..400u64).prop_map(|(p, h, held)| {
        vec![(0, format!("press left {p} {h}")), (held, format!("release left {p} {h}"))]
    });
    let drag = (prop::collection::vec(place(), 2..6), 20..200u64).prop_map(|(path, step)| {
        let (first, last) = (&path[0], &path[path.len() - 1]);
        let moves = path.iter().map(|p| (step, format!("move {p}")));
        let ends = [(0, format!("press left {first}")), (step, format!("release left {last}"))];
        ends[..1].iter().cloned().chain(moves).chain(ends[1..].iter().cloned()).collect()
    });
    let chord = (key, held(), 0..3usize).prop_map(|(k, h, again)| {
        let repeats = (0..again).map(|_| (40, format!("repeat {k} {h}")));
        let ends = [(0, format!("down {k} {h}")), (40, format!("up {k} {h}"))];
        ends[..1].iter().cloned().chain(repeats).chain(ends[1..].iter().cloned()).collect()
    });
    let run = (-2..3i32, -2..3i32, 1..4usize).prop_map(|(x, y, n)| {
        let by = if (x, y) == (0, 0) { (0, 120) } else { (x * 120, y * 120) };
        (0..n).map(|_| (50, format!("scroll {{AT}} {},{}", by.0, by.1))).collect()
    });
    prop_oneof![
        4 => click,
        2 => drag,
        3 => chord,
        4 => "[a-z]{1,3}".prop_map(|t| vec![(0, format!("text {t}"))]),
        2 => run,
        3 => place().prop_map(|p| vec![(0, format!("move {p}"))]),
        1 => Just(vec![(0, "down Control_L".to_owned()), (30, "up Control_L ctrl".to_owned())]),
    ]
}

/// Whole deeds, one after the other. Two scrolls are never at one place, where they would be one without what was
/// between them, and no two keys are just so far apart that their rounded times decide whether they are one run.
fn whole_deeds() -> impl Strategy<Value = String> {
    let pause = prop_oneof![6 => 1..400u64, 3 => 400..2_000u64, 1 => 2_000..9_000u64];
    prop::collection::vec((pause, whole_deed()), 1..60).prop_map(|all| {
        let (mut millis, mut lines) = (100, vec!["0 screen 1000x800+0+0".to_owned()]);
        let mut last_key = 0;
        for (n, (pause, deed)) in all.into_iter().enumerate() {
            millis += pause;
            if is_key(&deed[0].1) && rounding_decides(millis - last_key) {
                millis += 2 * ROUNDING_MILLIS;
            }
            for (after, op) in deed {
                millis += after;
                last_key = if is_key(&op) { millis } else { last_key };
                lines.push(format!("{millis} {}", op.replace("{AT}", &format!("{},700", n * 16))));
            }
        }
        lines.join("\n")
    })
}

/// Whether this goes into a run of text or ends one; a lone modifier does neither.
fn is_key(op: &str) -> bool {
    ["text", "down", "repeat"].iter().any(|verb| op.starts_with(verb)) && !op.contains("Control_L")
}

/// Whether a pause is as long as one that ends a run of text, but for the rounding of its two ends.
fn rounding_decides(pause_millis: u64) -> bool {
    pause_millis.abs_diff(Settings::default().text_pause_millis_max) <= ROUNDING_MILLIS
}

/// The events by which a person could have done just these steps.
fn told_again(steps: &[&Step]) -> String {
    let mut lines = vec!["0 screen 1000x800+0+0".to_owned()];
    steps.iter().for_each(|step| lines.extend(events_of(step)));
    lines.join("\n")
}

fn events_of(step: &Step) -> Vec<String> {
    let [begin, end] = [step.t_start, step.t_end].map(|t| t.0 / NANOS_PER_MILLI);
    let at = |millis: u64, what: String| format!("{millis} {what}");
    match &step.action {
        Action::Click { at: p, button, count, modifiers } => {
            let events = (0..2 * count).map(|i| {
                let (verb, millis) = if i % 2 == 0 { ("press", begin) } else { ("release", end) };
                let millis = if i + 1 == 2 * count { millis } else { begin };
                at(millis, format!("{verb} {} {} {}", name(*button), place(*p), held(*modifiers)))
            });
            events.collect()
        }
        Action::Drag { path, button, modifiers } => {
            let (button, held) = (name(*button), held(*modifiers));
            let moves = path[1..].iter().map(|p| at(begin, format!("move {}", place(*p))));
            let press = at(begin, format!("press {button} {} {held}", place(path[0])));
            let release = at(end, format!("release {button} {} {held}", place(path[path.len() - 1])));
            [press].into_iter().chain(moves).chain([release]).collect()
        }
        Action::Scroll { at: p, dx_120, dy_120, modifiers } => {
            vec![at(begin, format!("scroll {} {dx_120},{dy_120} {}", place(*p), held(*modifiers)))]
        }
        Action::Type { text: Typed::Text(_), edits } => edits
            .iter()
            .flat_map(|edit| {
                let millis = begin + edit.after_millis;
                let back = (0..edit.deleted)
                    .flat_map(move |_| ["down", "up"].map(|way| format!("{millis} {way} BackSpace")));
                let text = Some(&edit.inserted).filter(|t| !t.is_empty());
                back.chain(text.map(|t| format!("{millis} text {t}"))).collect::<Vec<_>>()
            })
            .collect(),
        Action::Key { keys, count } => {
            let (trigger, held) = keys.split_last().expect("a chord has a trigger");
            let key = format!("{trigger} {}", held.join("+"));
            let repeats = (1..*count).map(|_| at(begin, format!("repeat {key}")));
            [at(begin, format!("down {key}"))]
                .into_iter()
                .chain(repeats)
                .chain([at(end, format!("up {key}"))])
                .collect()
        }
        Action::Type { .. } | Action::Hover { .. } | Action::Wait | Action::Finish { .. } => Vec::new(),
    }
}

fn name(button: Button) -> String {
    format!("{button:?}").to_lowercase()
}

fn place(p: Point) -> String {
    format!("{},{}", p.x, p.y)
}

fn held(modifiers: Modifiers) -> String {
    modifier_names(modifiers).collect::<Vec<_>>().join("+")
}

fn actions(out: &[Output]) -> Vec<Action> {
    tell::steps(out).iter().map(|s| s.action.clone()).collect()
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

    /// The observation was grabbed before the action began, whatever a binding says, and its margin is that time.
    #[test]
    fn no_observation_is_from_after_its_action(ops in stream()) {
        let (out, _) = reduce_entries(&script::entries(&ops));
        for step in tell::steps(&out) {
            if let Before::Seen { shot, margin_nanos, .. } = &step.before {
                prop_assert!(shot.facts.grab_end <= step.t_start);
                prop_assert_eq!(*margin_nanos, step.t_start.since(shot.facts.grab_end));
            }
        }
    }

    /// Steps begin one after the other, but for the rounding of times of text.
    #[test]
    fn steps_are_in_the_order_of_time(ops in stream()) {
        let (out, _) = reduce_entries(&script::entries(&ops));
        for pair in tell::steps(&out).windows(2) {
            prop_assert!(pair[0].t_start.0 <= pair[1].t_start.0 + ROUNDING_NANOS);
        }
    }

    /// Reduction is idempotent: whole deeds, reduced and done again by their steps alone (no travel, no lone modifiers,
    /// paths by their corners, scrolls by their sum), are reduced to the same actions.
    #[test]
    fn what_was_reduced_and_is_told_again_reduces_to_the_same(ops in whole_deeds()) {
        let (out, _) = reduce_entries(&script::entries(&ops));
        prop_assert!(!out.iter().any(|o| matches!(o, Output::Error(..))), "whole deeds have no errors");
        let again = told_again(&tell::steps(&out));
        prop_assert_eq!(actions(&reduce_entries(&script::entries(&again)).0), actions(&out));
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
        prop_assert_eq!(actions(&reduce_entries(&fewer).0), actions(&out));
    }
}
