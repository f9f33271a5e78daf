//! No character typed while a password field has the focus comes out, whatever the timing.

mod support;

use overt_event::{
    AccessibleChange, AccessibleEvent, DenyRule, FocusKind, Gap, MonoNanos, Node, RawBody, RecordBody, Span,
};
use proptest::prelude::*;
use support::{App, Stage, json, other, records, texts};

#[test]
fn text_comes_out_once_two_answers_enclose_it_and_its_word_is_over() {
    let mut stage = Stage::open(App::Editor);
    stage.types(1_010, 'h');
    stage.types(1_060, 'i');
    stage.types(1_060, ' ');
    assert!(stage.minimiser.wants_focus_probe());
    stage.focus(1_061, 1_070, App::Editor.pid(), other());
    assert!(!stage.minimiser.wants_focus_probe());
    assert_eq!(texts(stage.drain(1_499)), "");
    let out = stage.drain(1_500);
    let kept = records(out).into_iter().find(|r| matches!(r.body, RecordBody::Text { .. })).expect("text");
    assert_eq!(kept.time, MonoNanos::from_millis(1_000));
    assert_eq!(texts(out), "hi ");
}

fn denied(record: &overt_event::Record) -> Option<(DenyRule, Span)> {
    match &record.body {
        RecordBody::Gap { gap: Gap::Denied { rule }, span } => Some((*rule, *span)),
        _ => None,
    }
}

fn denied_rules(out: &[overt_minimise::Minimised]) -> Vec<(DenyRule, Span)> {
    records(out).into_iter().filter_map(denied).collect()
}

#[test]
fn a_password_leaves_a_rule_and_whole_seconds() {
    let mut stage = Stage::open(App::Editor);
    stage.focus(900, 900, App::Editor.pid(), FocusKind::Password);
    for (i, c) in "hunter2".chars().enumerate() {
        stage.types(1_230 + i as u64 * 70, c);
    }
    stage.focus(1_800, 1_805, App::Editor.pid(), FocusKind::Password);
    let (out, tally) = stage.finish(5_000);
    assert_eq!(texts(&out), "");
    let span = Span { from: MonoNanos::from_millis(1_000), to: MonoNanos::from_millis(2_000) };
    assert!(denied_rules(&out).contains(&(DenyRule::SecretField, span)), "{}", json(&out));
    let keys = &tally.kinds[&overt_minimise::EventKind::Key];
    assert_eq!((keys.denied[&DenyRule::SecretField], keys.merged), (7, 7));
}

/// What is kept, in order: `move`, `press`, `release` and `gap` with the whole seconds that it tells.
fn told(out: &[overt_minimise::Minimised]) -> Vec<String> {
    let one = |r: &overt_event::Record| match &r.body {
        RecordBody::PointerMove { .. } => Some("move".to_owned()),
        RecordBody::Button { down, .. } => Some(if *down { "press" } else { "release" }.to_owned()),
        _ => denied(r)
            .filter(|(rule, _)| *rule == DenyRule::SecretField)
            .map(|(_, span)| format!("gap {}-{}", span.from.0 / 1_000_000_000, span.to.0 / 1_000_000_000)),
    };
    records(out).into_iter().filter_map(one).collect()
}

#[test]
fn a_press_ends_the_span_and_a_move_does_not_however_often_the_pointer_moves_between_keys() {
    let mut stage = Stage::open(App::Editor);
    stage.focus(900, 900, App::Editor.pid(), FocusKind::Password);
    for i in 0..4 {
        stage.types(1_000 + i * 400, 'x');
        stage.at(1_200 + i * 400, RawBody::PointerMove { at: App::Editor.middle() });
    }
    stage.focus(2_700, 2_705, App::Editor.pid(), FocusKind::Password);
    stage.clicks(3_300, App::Editor.middle());
    let (out, _) = stage.finish(6_000);
    let told = told(&out);
    let expected = ["move", "move", "move", "move", "gap 1-3", "press"];
    assert_eq!(told, expected, "{}", json(&out));
}

#[test]
fn enter_and_shortcuts_in_a_password_field_do_not_pass_either() {
    let mut stage = Stage::open(App::Editor);
    stage.focus(900, 900, App::Editor.pid(), FocusKind::Password);
    stage.presses(1_000, "Shift_L");
    stage.presses(1_100, "Return");
    stage.focus(1_200, 1_205, App::Editor.pid(), other());
    let (out, _) = stage.finish(5_000);
    assert!(!records(&out).iter().any(|r| matches!(r.body, RecordBody::Key(_))));
}

#[test]
fn an_accessible_event_of_a_password_field_counts_as_a_report() {
    let mut stage = Stage::open(App::Editor);
    let node = Node { role: "password text".into(), ..Node::default() };
    let event = AccessibleEvent { change: AccessibleChange::Focused, node, ancestors: Vec::new() };
    stage.types(1_000, 'x');
    stage.at(1_050, RawBody::Accessible { pid: App::Editor.pid(), event });
    stage.focus(1_060, 1_065, App::Editor.pid(), other());
    let (out, _) = stage.finish(5_000);
    assert_eq!(texts(&out), "");
}

#[test]
fn lost_events_may_have_told_of_a_password() {
    let mut stage = Stage::open(App::Editor);
    stage.types(1_000, 'x');
    let span = Span { from: MonoNanos::from_millis(990), to: MonoNanos::from_millis(1_100) };
    stage.at(1_100, RawBody::Gap { gap: Gap::Lost { count: 3 }, span });
    stage.focus(1_110, 1_115, App::Editor.pid(), other());
    stage.types(1_200, 'y');
    stage.focus(1_201, 1_205, App::Editor.pid(), other());
    let (out, _) = stage.finish(5_000);
    assert_eq!(texts(&out), "y");
}

#[test]
fn changes_that_were_not_described_cost_no_key() {
    let mut stage = Stage::open(App::Editor);
    stage.types(1_000, 'x');
    let span = Span { from: MonoNanos::from_millis(990), to: MonoNanos::from_millis(1_100) };
    stage.at(1_100, RawBody::Gap { gap: Gap::Unanswered { count: 3 }, span });
    stage.focus(1_110, 1_115, App::Editor.pid(), other());
    let (out, _) = stage.finish(5_000);
    assert_eq!(texts(&out), "x");
}

#[test]
fn a_key_that_moves_the_focus_is_kept() {
    let mut stage = Stage::open(App::Editor);
    stage.presses(1_000, "Tab");
    stage.focus(1_004, 1_004, 0, FocusKind::Unknown);
    stage.focus(1_005, 1_005, 0, FocusKind::Unknown);
    stage.focus(1_005, 1_012, App::Editor.pid(), other());
    let (out, _) = stage.finish(5_000);
    let keys = records(&out).iter().filter(|r| matches!(r.body, RecordBody::Key(_))).count();
    assert_eq!(keys, 2, "{}", json(&out));
}

#[test]
fn edits_are_judged_like_keys() {
    let edit = |text: &str| {
        let node = Node { role: "text".into(), ..Node::default() };
        let change = AccessibleChange::TextInserted { text: text.into() };
        let event = AccessibleEvent { change, node, ancestors: Vec::new() };
        RawBody::Accessible { pid: App::Editor.pid(), event }
    };
    let mut stage = Stage::open(App::Editor);
    stage.at(1_234, edit("plain"));
    stage.focus(1_235, 1_240, App::Editor.pid(), other());
    stage.focus(2_000, 2_000, App::Editor.pid(), FocusKind::Password);
    stage.at(2_100, edit("hunter2"));
    stage.focus(2_200, 2_200, App::Editor.pid(), other());
    let (out, _) = stage.finish(9_000);
    let all = json(&out);
    assert!(all.contains("plain") && !all.contains("hunter2"), "{all}");
    let kept =
        records(&out).into_iter().find(|r| matches!(r.body, RecordBody::Accessible(_))).expect("an edit");
    assert_eq!(kept.time, MonoNanos::from_millis(1_200));
}

/// The focus moves, keys are typed, questions are asked; then everything is put in the order in
/// which it becomes known.
#[derive(Clone, Debug)]
enum Deed {
    /// The focus moves, to a password field or not; it is told after a delay.
    Moves {
        secret: bool,
        told_after: u64,
        unknown_first: bool,
    },
    Types,
    /// A question is asked; it is answered truthfully for the moment it was asked.
    Asks {
        answered_after: u64,
    },
}

fn deed() -> impl Strategy<Value = (u64, Deed)> {
    let moves = (any::<bool>(), 0u64..400, any::<bool>())
        .prop_map(|(secret, told_after, unknown_first)| Deed::Moves { secret, told_after, unknown_first });
    let deed = prop_oneof![
        2 => moves,
        5 => Just(Deed::Types),
        4 => (0u64..900).prop_map(|answered_after| Deed::Asks { answered_after }),
    ];
    (0u64..300, deed)
}

/// What happens, and when it becomes known.
enum Known {
    Key(char, u64),
    Focus(FocusKind, u64),
}

fn kind(secret: bool) -> FocusKind {
    if secret { FocusKind::Password } else { other() }
}

/// The events by the time they are known, and the characters typed into a password field.
fn script(deeds: &[(u64, Deed)], first_secret: bool) -> (Vec<(u64, Known)>, String) {
    let (mut now, mut secret, mut told) = (1_000, first_secret, 0);
    let (mut known, mut secrets) = (vec![(500, Known::Focus(kind(first_secret), 500))], String::new());
    let mut letters = ('\u{4e00}'..'\u{9fff}').cycle();
    for (wait, deed) in deeds {
        now += wait;
        match deed {
            Deed::Moves { secret: to, told_after, unknown_first } => {
                secret = *to;
                // Events of one source keep their order.
                told = (now + told_after).max(told);
                if *unknown_first {
                    known.push((told, Known::Focus(FocusKind::Unknown, told)));
                }
                known.push((told, Known::Focus(kind(secret), told)));
            }
            Deed::Types => {
                let c = letters.next().expect("it goes on for ever");
                if secret {
                    secrets.push(c);
                }
                known.push((now, Known::Key(c, now)));
            }
            Deed::Asks { answered_after } => {
                known.push((now + answered_after, Known::Focus(kind(secret), now)));
            }
        }
    }
    known.sort_by_key(|(t, _)| *t);
    (known, secrets)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn no_timing_lets_a_password_pass(
        deeds in proptest::collection::vec(deed(), 1..60),
        first_secret: bool,
        drains in proptest::collection::vec(any::<bool>(), 64),
    ) {
        let (known, secrets) = script(&deeds, first_secret);
        let mut stage = Stage::open(App::Editor);
        let mut last = 0;
        for (i, (time, what)) in known.into_iter().enumerate() {
            last = time;
            match what {
                Known::Key(c, at) => { stage.types(at, c); }
                Known::Focus(kind, asked) => stage.focus(asked, time, App::Editor.pid(), kind),
            }
            if drains[i % drains.len()] {
                stage.drain(time);
            }
        }
        let (out, _) = stage.finish(last + 5_000);
        let all = json(&out);
        prop_assert!(!secrets.chars().any(|c| all.contains(c)), "{secrets} in {all}");
    }

    #[test]
    fn what_is_kept_does_not_depend_on_when_it_is_asked_for(
        deeds in proptest::collection::vec(deed(), 1..40),
        drains in proptest::collection::vec(any::<bool>(), 16),
    ) {
        let kept = |drains: &[bool]| {
            let (known, _) = script(&deeds, false);
            let mut stage = Stage::open(App::Editor);
            for (i, (time, what)) in known.into_iter().enumerate() {
                if drains[i % drains.len()] {
                    stage.drain(time - 1);
                }
                match what {
                    Known::Key(c, at) => { stage.types(at, c); }
                    Known::Focus(kind, asked) => stage.focus(asked, time, App::Editor.pid(), kind),
                }
            }
            json(&stage.finish(100_000).0)
        };
        prop_assert_eq!(kept(&drains), kept(&[false]));
    }
}
