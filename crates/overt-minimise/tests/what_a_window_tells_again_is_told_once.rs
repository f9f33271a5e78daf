//! A window that shows what it showed is told to have done so: no element is stored twice, and none seems older than it is.

mod support;

use overt_event::{MonoNanos, Node, RecordBody, Rect, Seq};
use overt_minimise::{EventKind, Minimised};
use support::{App, Stage, records};

fn nodes(app: App, role: &str) -> Vec<Node> {
    let Rect { x, y, .. } = app.bounds();
    vec![Node { role: role.into(), bounds: Rect { x, y, w: 40, h: 20 }, ..Node::default() }]
}

/// What was told of elements: the number of a snapshot, or of which one it was told again; and when it was asked for.
#[derive(Debug, PartialEq)]
enum Told {
    First(Seq, u64),
    Again(Seq, u64),
}

fn told(out: &[Minimised]) -> Vec<Told> {
    let millis = |t: MonoNanos| t.0 / 1_000_000;
    let one = |r: &overt_event::Record| match &r.body {
        RecordBody::Snapshot(s) => Some(Told::First(r.seq, millis(s.asked_at))),
        RecordBody::SnapshotAgain { of, asked_at, .. } => Some(Told::Again(*of, millis(*asked_at))),
        _ => None,
    };
    // The stage opens with a look at the editor.
    records(out).into_iter().filter_map(one).skip(1).collect()
}

/// Where `app` shows the same at each of these moments: what is told of them.
fn looks(app: App, asked: &[u64]) -> Vec<Told> {
    let mut stage = Stage::open(App::Editor);
    asked.iter().for_each(|t| stage.look(app, *t, nodes(app, "push button")));
    let (out, tally) = stage.finish(99_000);
    let tally = &tally.kinds[&EventKind::Snapshot];
    assert_eq!((tally.kept, tally.merged), (asked.len() as u64 + 1, 0));
    told(&out)
}

#[test]
fn the_same_names_the_snapshot_that_told_it() {
    let [first, again, more] = &looks(App::Editor, &[1_001, 1_777, 2_432])[..] else {
        panic!("three are told")
    };
    let &Told::First(of, 1_001) = first else { panic!("{first:?}") };
    assert_eq!([again, more], [&Told::Again(of, 1_777), &Told::Again(of, 2_432)]);
}

#[test]
fn below_full_it_is_told_as_coarsely_as_the_snapshot_was() {
    let [first, again] = &looks(App::Files, &[1_001, 1_777])[..] else { panic!("both are told") };
    let &Told::First(of, 1_000) = first else { panic!("{first:?}") };
    assert_eq!(again, &Told::Again(of, 1_700));
}

#[test]
fn after_long_it_is_told_as_a_whole() {
    let got = looks(App::Editor, &[1_000, 30_999, 31_000, 32_000]);
    let [Told::First(one, 1_000), again, Told::First(two, 31_000), more] = &got[..] else {
        panic!("{got:?}")
    };
    assert_eq!([again, more], [&Told::Again(*one, 30_999), &Told::Again(*two, 32_000)]);
}

#[test]
fn after_a_pause_and_of_other_elements_it_is_told_as_a_whole() {
    let mut stage = Stage::open(App::Editor);
    stage.look(App::Editor, 1_000, nodes(App::Editor, "push button"));
    stage.minimiser.pause(MonoNanos::from_millis(1_500));
    stage.look(App::Editor, 1_700, nodes(App::Editor, "push button"));
    stage.minimiser.resume(MonoNanos::from_millis(2_000));
    stage.look(App::Editor, 3_000, nodes(App::Editor, "push button"));
    stage.look(App::Editor, 4_000, nodes(App::Editor, "check box"));
    stage.look(App::Editor, 5_000, nodes(App::Editor, "push button"));
    let got = told(&stage.finish(9_000).0);
    let [Told::First(_, 1_000), Told::First(_, 3_000), Told::First(_, 4_000), Told::First(_, 5_000)] =
        got[..]
    else {
        panic!("{got:?}")
    };
}

#[test]
fn of_what_is_not_agreed_nothing_is_told_again() {
    let mut stage = Stage::open(App::Editor);
    for t in [1_000, 2_000] {
        stage.look(App::Bank, t, nodes(App::Bank, "push button"));
    }
    assert_eq!(told(&stage.finish(9_000).0), []);
}
