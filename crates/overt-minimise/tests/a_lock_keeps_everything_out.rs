//! While a lock or a screen saver covers the display nothing is kept of any stream, and neither before it is known
//! whether one does.

mod support;

use overt_event::{
    AccessibleChange, AccessibleEvent, DenyRule, Node, RawBody, RawEvent, Record, RecordBody, WindowChange,
};
use overt_filter::Filter;
use overt_minimise::{Minimiser, Settings};
use support::{App, Stage, other, records, texts};

/// An application tells of something that nobody at the screen did.
fn told() -> RawBody {
    let node = Node { role: "check box".into(), name: "New message".into(), ..Node::default() };
    let event = AccessibleEvent { change: AccessibleChange::Selected, node, ancestors: vec![] };
    RawBody::Accessible { pid: App::Editor.pid(), event }
}

/// Every stream, from then on.
fn everything(stage: &mut Stage, millis: u64) {
    stage.frame(millis);
    stage.at(millis, told());
    stage.focus(millis, millis, App::Editor.pid(), other());
    stage.types(millis + 10, 'k');
    stage.types(millis + 12, ' ');
    stage.focus(millis + 20, millis + 20, App::Editor.pid(), other());
    stage.clicks(millis + 30, App::Editor.middle());
    stage.at(millis + 40, App::Editor.report(WindowChange::Retitled));
    stage.look(App::Editor, millis + 300, vec![]);
}

fn of_editor(record: &&Record) -> bool {
    record.app.as_ref().is_some_and(|app| &*app.0 == "editor") || matches!(record.body, RecordBody::Frame(_))
}

#[test]
fn nothing_is_kept_behind_a_lock_and_everything_again_after_it() {
    let mut stage = Stage::open(App::Editor);
    stage.at(1_000, RawBody::Covered(true));
    everything(&mut stage, 1_100);
    stage.at(2_000, RawBody::Covered(false));
    everything(&mut stage, 2_100);
    let (out, tally) = stage.finish(9_000);
    let kept: Vec<_> = records(&out).into_iter().filter(of_editor).collect();
    let behind = |r: &&&Record| (1_000_000_000..2_000_000_000).contains(&r.time.0);
    assert_eq!(kept.iter().filter(behind).count(), 0);
    assert_eq!(texts(&out), "k ", "once, of twice");
    assert!(kept.iter().any(|r| matches!(r.body, RecordBody::Accessible(_))));
    let denied: u64 = tally.kinds.values().filter_map(|k| k.denied.get(&DenyRule::Locked)).sum();
    assert!(denied >= 6, "{tally:?}");
}

#[test]
fn before_it_is_known_whether_it_is_locked_nothing_is_kept() {
    let filter = Filter::new(None).expect("the built-in rules are good");
    let mut minimiser = Minimiser::new(support::terms(), Settings::default(), filter);
    for change in [WindowChange::Opened, WindowChange::Focused] {
        minimiser
            .observe(RawEvent::at(overt_event::MonoNanos(1), App::Editor.report(change)), support::TODAY);
    }
    let (out, tally) = minimiser.finish(overt_event::MonoNanos::from_millis(9_000));
    assert_eq!(records(&out).into_iter().filter(of_editor).count(), 0);
    let denied: u64 = tally.kinds.values().filter_map(|k| k.denied.get(&DenyRule::Locked)).sum();
    assert_eq!(denied, 2);
}
