//! The pointer's shape is kept where pixels are, and the workspace while something agreed is in use.

mod support;

use overt_event::{CursorId, MonoNanos, RawBody, RawCursor, RecordBody, WindowChange, Workspace};
use overt_minimise::{EventKind, Minimised};
use support::{App, Stage, records};

/// The numbers that were told, and whether each came with its shape.
fn cursors(out: &[Minimised]) -> Vec<(Option<CursorId>, bool)> {
    let told = |r: &&overt_event::Record| match &r.body {
        RecordBody::Cursor { id, shape } => Some((*id, shape.is_some())),
        _ => None,
    };
    records(out).iter().filter_map(told).collect()
}

fn looks(over: App, small: bool) -> RawBody {
    RawBody::Cursor(RawCursor { at: over.middle(), shape: small.then(|| over.cursor()) })
}

#[test]
fn a_shape_is_kept_only_where_pixels_are_and_its_end_is_said_once() {
    let mut stage = Stage::open(App::Editor);
    for (millis, over) in
        [(1_000, App::Editor), (1_100, App::Bank), (1_200, App::Files), (1_300, App::Editor)]
    {
        stage.at(millis, looks(over, true));
    }
    let (out, tally) = stage.finish(9_000);
    let known = (Some(App::Editor.cursor().0), true);
    assert_eq!(cursors(&out), [known, (None, false), known]);
    assert_eq!(tally.kinds[&EventKind::Cursor].denied_total(), 2);
}

#[test]
fn a_shape_that_another_window_in_use_can_have_set_is_not_kept() {
    let mut stage = Stage::open(App::Editor);
    stage.at(900, App::Bank.report(WindowChange::Focused));
    stage.at(1_000, looks(App::Editor, true));
    assert_eq!(cursors(&stage.finish(9_000).0), []);
}

#[test]
fn a_shape_that_is_too_large_is_told_as_not_known() {
    let mut stage = Stage::open(App::Editor);
    stage.at(1_000, looks(App::Editor, false));
    assert_eq!(cursors(&stage.finish(9_000).0), [(None, false)]);
}

#[test]
fn a_workspace_is_told_once_and_late_if_it_was_left_unsaid() {
    let mut stage = Stage::open(App::Editor);
    let shown = |index| RawBody::Workspace(Workspace { index, count: 2 });
    stage.at(1_000, shown(1));
    stage.at(1_100, App::Bank.report(WindowChange::Focused));
    stage.at(1_200, shown(0));
    stage.drain(1_250);
    stage.minimiser.pause(MonoNanos::from_millis(1_300));
    stage.minimiser.resume(MonoNanos::from_millis(1_400));
    stage.at(1_555, App::Editor.report(WindowChange::Focused));
    stage.at(1_600, shown(0));
    let (out, tally) = stage.finish(9_000);
    let told: Vec<_> = records(&out)
        .into_iter()
        .filter_map(|r| match r.body {
            RecordBody::Workspace(w) => Some((w.index, r.time)),
            _ => None,
        })
        .collect();
    assert_eq!(told, [(1, MonoNanos::from_millis(1_000)), (0, MonoNanos::from_millis(1_500))]);
    let tally = &tally.kinds[&EventKind::Workspace];
    assert_eq!((tally.kept, tally.merged, tally.denied_total()), (1, 1, 1));
}
