//! Of a window at level full a picture shows only what somebody could have named: its names were asked for
//! after the picture, or it looks as it did when they were.

mod support;

use std::sync::Arc;

use overt_event::{Completeness, DenyRule, Frame, FrameId, MonoNanos, RecordBody, WindowChange};
use overt_minimise::{Minimised, Tally};
use support::{APPS, App, Stage};

/// The desktop, with one pixel of the editor in another colour each time.
fn changed(by: u8) -> Arc<Frame> {
    let mut rgb = support::desktop().to_rgb();
    rgb[0] ^= by;
    Arc::new(Frame::from_rgb(830, 230, &rgb).expect("the length fits"))
}

fn shows(stage: &mut Stage, millis: u64, frame: Arc<Frame>) -> FrameId {
    stage.frame_of(millis, frame, Some(APPS.map(App::visible).to_vec()))
}

/// Whether the editor is seen in a picture that is out already; `None` where it is not.
fn seen(out: &[Minimised], id: FrameId) -> Option<bool> {
    let is = |m: &&Minimised| matches!(&m.record().body, RecordBody::Frame(f) if f.id == id);
    let at = App::Editor.middle();
    let pixel = out.iter().find(is)?.pixels()?.pixel(at.x as u32, at.y as u32);
    let [r, g, b] = App::Editor.colour();
    Some(pixel == Some([b, g, r]))
}

fn denied(tally: &Tally) -> u64 {
    tally.kinds.values().filter_map(|k| k.denied.get(&DenyRule::Unjudged)).sum()
}

#[test]
fn a_picture_waits_for_a_snapshot_that_was_asked_for_after_it() {
    let mut stage = Stage::open(App::Editor);
    let id = shows(&mut stage, 1_000, changed(1));
    stage.look(App::Editor, 1_199, vec![]);
    stage.drain(2_000);
    assert_eq!(seen(&stage.out, id), None, "what it shows may have been told too late for this one");
    stage.look(App::Editor, 2_001, vec![]);
    stage.drain(2_002);
    assert_eq!(seen(&stage.out, id), Some(true));
}

#[test]
fn what_nobody_names_in_time_is_filled() {
    for completeness in [None, Some(Completeness::TimedOut), Some(Completeness::NoBus)] {
        let mut stage = Stage::open(App::Editor);
        let id = shows(&mut stage, 1_000, changed(1));
        if let Some(completeness) = completeness {
            stage.look_in_vain(App::Editor, 1_500, completeness);
        }
        stage.drain(3_999);
        assert_eq!(seen(&stage.out, id), None, "{completeness:?}");
        let (out, tally) = stage.finish(4_000);
        assert_eq!((seen(&out, id), denied(&tally)), (None, 1), "{completeness:?}");
    }
}

/// There is nobody who could say more of it later.
#[test]
fn a_window_of_an_application_without_a_tree_is_seen_in_the_end() {
    let mut stage = Stage::open(App::Editor);
    let id = shows(&mut stage, 1_000, changed(1));
    stage.look_in_vain(App::Editor, 1_500, Completeness::NoTree);
    stage.drain(3_999);
    assert_eq!(seen(&stage.out, id), None, "its tree may still come");
    stage.drain(4_000);
    assert_eq!(seen(&stage.out, id), Some(true));
}

/// A caret that blinks is no reason to ask again.
#[test]
fn what_looks_as_it_did_when_it_was_named_waits_for_nobody() {
    let mut stage = Stage::open(App::Editor);
    let [on, off] = [changed(1), changed(2)];
    shows(&mut stage, 1_000, Arc::clone(&on));
    shows(&mut stage, 1_500, Arc::clone(&off));
    stage.look(App::Editor, 1_750, vec![]);
    for (i, look) in [changed(1), changed(2), on, off].into_iter().enumerate() {
        let millis = 2_000 + 500 * i as u64;
        let id = shows(&mut stage, millis, look);
        stage.drain(millis);
        assert_eq!(seen(&stage.out, id), Some(true), "{i}");
    }
    assert!(stage.minimiser.unnamed_windows(MonoNanos::from_millis(4_000)).is_empty());
    let id = shows(&mut stage, 4_000, changed(3));
    stage.drain(4_000);
    assert_eq!(seen(&stage.out, id), None);
    let waiting = stage.minimiser.unnamed_windows(MonoNanos::from_millis(4_100));
    let expected = [(App::Editor.visible().id, MonoNanos::from_millis(4_000))];
    assert_eq!(waiting.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn a_pause_and_the_end_wait_for_nobody() {
    let mut stage = Stage::open(App::Editor);
    let id = shows(&mut stage, 1_000, changed(1));
    stage.minimiser.pause(MonoNanos::from_millis(1_100));
    stage.minimiser.resume(MonoNanos::from_millis(1_200));
    let last = shows(&mut stage, 1_300, changed(2));
    let (out, tally) = stage.finish(1_400);
    assert_eq!((seen(&out, id), seen(&out, last), denied(&tally)), (None, None, 2));
}

/// Its number may be given to another window.
#[test]
fn a_window_that_closed_is_known_no_longer() {
    let mut stage = Stage::open(App::Editor);
    stage.at(1_000, App::Editor.report(WindowChange::Closed));
    stage.at(1_001, App::Editor.report(WindowChange::Opened));
    let id = stage.frame(1_100);
    stage.drain(1_200);
    assert_eq!(seen(&stage.out, id), None);
}
