//! At level `masked` a picture shows wide areas of one colour, and of what else is on it only labels of
//! controls, while they look as they did when a snapshot named them.

mod support;

use std::sync::Arc;

use overt_event::{
    Completeness, Frame, FrameId, MonoNanos, Node, RawBody, RawSnapshot, RecordBody, Rect, Tile, WindowId,
};
use overt_minimise::Minimised;
use support::{App, Stage, desktop};

/// In the window of the files.
const BUTTON: Rect = Rect { x: 210, y: 10, w: 60, h: 20 };
const LETTER: Rect = Rect { x: 210, y: 100, w: 150, h: 60 };
/// Nothing but the window's own colour is there.
const BARE: (u32, u32) = (330, 40);
const FILLED: Option<[u8; 3]> = Some([0x30; 3]);

/// The desktop, with marks on the button that depend on its look, and a letter.
fn screen(look: u8) -> Arc<Frame> {
    let mut frame = Frame::clone(&desktop());
    for (bounds, seed) in [(BUTTON, look), (LETTER, 100)] {
        for y in bounds.y..bounds.y + bounds.h {
            for x in bounds.x..bounds.x + bounds.w {
                put(&mut frame, (x as usize, y as usize), ((x * y) as u8) ^ seed);
            }
        }
    }
    Arc::new(frame)
}

fn put(frame: &mut Frame, (x, y): (usize, usize), value: u8) {
    let index = y / 64 * frame.columns() + x / 64;
    let mut bgr: Box<[u8]> = frame.tiles[index].bgr().into();
    bgr[((y % 64) * 64 + x % 64) * 3..][..3].fill(value);
    frame.tiles[index] = Arc::new(Tile::new(bgr).expect("a tile's length"));
}

fn show(stage: &mut Stage, millis: u64, look: u8) -> FrameId {
    // Not the editor: a picture with a window at level full waits for longer.
    let windows = [App::Files, App::Mail, App::Bank].map(App::visible).to_vec();
    stage.frame_of(millis, screen(look), Some(windows))
}

/// An answer that came 20 ms after the question.
fn snapshot(stage: &mut Stage, asked: u64, nodes: &[(&str, &str, Rect)]) {
    let node = |(role, name, bounds): &(&str, &str, Rect)| Node {
        role: (*role).into(),
        name: (*name).into(),
        bounds: *bounds,
        ..Node::default()
    };
    let snapshot = RawSnapshot {
        window: WindowId(App::Files.number()),
        pid: App::Files.pid(),
        asked_at: MonoNanos::from_millis(asked),
        took_nanos: 20_000_000,
        nodes: nodes.iter().map(node).collect(),
        completeness: Completeness::Complete,
    };
    stage.at(asked + 20, RawBody::Snapshot(snapshot));
}

fn picture(out: &[Minimised], id: FrameId) -> &Frame {
    let is = |m: &&Minimised| matches!(&m.record().body, RecordBody::Frame(f) if f.id == id);
    out.iter().find(is).and_then(Minimised::pixels).expect("the picture was kept")
}

fn check_button(frame: &Frame, look: u8, seen: bool) {
    for (x, y) in [(210, 10), (240, 20), (269, 29)] {
        let expected = if seen { screen(look).pixel(x, y) } else { FILLED };
        assert_eq!(frame.pixel(x, y), expected, "{x} {y}");
    }
}

/// Of the letter not one pixel, of the bare wall the true colour.
fn check_rest(frame: &Frame) {
    for (x, y) in
        (LETTER.y..LETTER.y + LETTER.h).flat_map(|y| (LETTER.x..LETTER.x + LETTER.w).map(move |x| (x, y)))
    {
        assert_eq!(frame.pixel(x as u32, y as u32), FILLED, "{x} {y}");
    }
    let (x, y) = BARE;
    assert_eq!(frame.pixel(x, y), Some(App::Files.colour()).map(|[b, g, r]| [r, g, b]));
}

#[test]
fn without_a_snapshot_no_label_is_seen_and_the_picture_leaves_all_the_same() {
    let mut stage = Stage::masked(App::Files);
    let id = show(&mut stage, 1_000, 1);
    assert!(
        stage.drain(1_499).iter().all(|m| !matches!(&m.record().body, RecordBody::Frame(f) if f.id == id))
    );
    stage.drain(1_500);
    check_button(picture(&stage.out, id), 1, false);
    check_rest(picture(&stage.out, id));
}

#[test]
fn a_snapshot_lets_the_labels_of_its_controls_be_seen() {
    let mut stage = Stage::masked(App::Files);
    let id = show(&mut stage, 1_000, 1);
    snapshot(
        &mut stage,
        1_100,
        &[("frame", "Letters", App::Files.bounds()), ("push button", "Save", BUTTON)],
    );
    stage.drain(1_120);
    check_button(picture(&stage.out, id), 1, true);
    check_rest(picture(&stage.out, id));
}

#[test]
fn what_is_no_control_has_no_label() {
    for (role, name) in
        [("static", "Dear Anna"), ("link", "Anna"), ("push button", ""), ("password text", "x")]
    {
        let mut stage = Stage::masked(App::Files);
        let id = show(&mut stage, 1_000, 1);
        snapshot(&mut stage, 1_100, &[(role, name, BUTTON)]);
        stage.drain(2_000);
        check_button(picture(&stage.out, id), 1, false);
    }
}

#[test]
fn a_label_is_seen_only_while_it_looks_as_it_did() {
    let mut stage = Stage::masked(App::Files);
    show(&mut stage, 1_000, 1);
    snapshot(&mut stage, 1_100, &[("push button", "Save", BUTTON)]);
    stage.at(1_200, RawBody::Damage);
    let other = show(&mut stage, 1_210, 2);
    stage.at(1_300, RawBody::Damage);
    let again = show(&mut stage, 1_310, 1);
    stage.drain(3_000);
    check_button(picture(&stage.out, other), 2, false);
    check_button(picture(&stage.out, again), 1, true);
}

#[test]
fn a_window_at_another_level_is_filled_or_open_as_before() {
    let mut stage = Stage::masked(App::Files);
    let windows = support::APPS.map(App::visible).to_vec();
    let id = stage.frame_of(1_000, screen(1), Some(windows));
    stage.look(App::Editor, 1_200, vec![]);
    stage.drain(2_000);
    let frame = picture(&stage.out, id);
    let at = |app: App| frame.pixel(app.middle().x as u32, app.middle().y as u32);
    assert_eq!(at(App::Editor), screen(1).pixel(100, 100), "level full");
    assert_eq!((at(App::Mail), at(App::Bank)), (FILLED, FILLED), "not agreed");
}
