//! The badge is on the screen, above other windows, lets clicks through, and knows when it is gone.

mod stage;

use overt_capture_x11::{Indicator, IndicatorState, OwnWindows};
use overt_event::{RawBody, WindowChange, WindowKind};
use stage::{Actor, Stage, Watch};
use x11rb::protocol::shape::{ConnectionExt as _, SK};

const RED: [u8; 3] = [0x35, 0x39, 0xe5];
const GREY: [u8; 3] = [0x9e, 0x9e, 0x9e];

#[test]
fn it_is_mapped_on_top_own_and_lets_clicks_through() {
    let stage = Stage::with_openbox();
    let (watch, actor) = (Watch::start(&stage, 30), Actor::new(&stage));
    let indicator =
        Indicator::show(Some(&stage.display), &watch.own, "Overt is recording").expect("it shows");
    assert!(indicator.visible());
    let popup = watch.next_window(WindowChange::PopupOpened);
    assert!(popup.own && watch.own.contains(popup.window.0));
    let shot = watch.next_frame(|f| f.windows.as_ref().is_some_and(|w| w.iter().any(|w| w.own)));
    let badge = shot.windows.expect("they stood still").pop().expect("a window");
    assert_eq!((badge.id, badge.kind, badge.own), (popup.window, WindowKind::Popup, true));
    let dot = (badge.bounds.x as u32 + 14, badge.bounds.y as u32 + 13);
    watch.next_frame_or(shot.frame, |f| f.pixel(dot.0, dot.1) == Some(RED));
    let input =
        actor.conn.shape_get_rectangles(badge.id.0, SK::INPUT).expect("sent").reply().expect("a shape");
    assert!(input.rectangles.is_empty(), "clicks go to what lies below");

    let cover = actor.window((0, 0, 1280, 800), true);
    actor.show(cover);
    let shot = watch.next_frame(|f| {
        let windows = f.windows.as_deref().unwrap_or_default();
        windows.last().is_some_and(|w| w.own) && windows.iter().any(|w| w.id.0 == cover)
    });
    assert_eq!(
        shot.windows.expect("they stood still").last().map(|w| w.id),
        Some(badge.id),
        "it came back on top"
    );

    indicator.set(IndicatorState::Paused);
    watch.next_frame(|f| f.frame.pixel(dot.0, dot.1) == Some(GREY));
    indicator.set(IndicatorState::Recording);
    watch.next_frame(|f| f.frame.pixel(dot.0, dot.1) == Some(RED));
    indicator.set(IndicatorState::Held);
    watch.next_frame(|f| f.frame.pixel(dot.0, dot.1) == Some(GREY));
    indicator.close();
    let closed = watch.next_window(WindowChange::PopupClosed);
    assert_eq!(closed.window, popup.window);
    assert!(!watch.own.contains(popup.window.0));
    watch.capture.stop();
}

#[test]
fn it_stands_still_and_makes_no_pictures() {
    let stage = Stage::bare();
    let watch = Watch::start(&stage, 30);
    let indicator =
        Indicator::show(Some(&stage.display), &watch.own, "Overt is recording").expect("it shows");
    watch.next_frame(|f| f.windows.as_ref().is_some_and(|w| !w.is_empty()));
    let deadline = std::time::Instant::now() + std::time::Duration::from_millis(600);
    let later = std::iter::from_fn(|| watch.events.recv_deadline(deadline).ok());
    let frames = later.filter(|e| matches!(e.body, RawBody::Frame(_))).count();
    assert!(frames <= 1, "at most one while it was being drawn, not {frames}");
    indicator.close();
    watch.capture.stop();
}

#[test]
fn it_says_so_when_its_display_is_gone() {
    let mut stage = Stage::bare();
    let own = OwnWindows::default();
    let indicator = Indicator::show(Some(&stage.display), &own, "Overt is recording").expect("it shows");
    assert!(indicator.visible());
    stage.kill_display();
    let deadline = std::time::Instant::now() + stage::PATIENCE;
    while indicator.visible() {
        assert!(std::time::Instant::now() < deadline, "it never noticed");
        std::thread::yield_now();
    }
    indicator.close();
}
