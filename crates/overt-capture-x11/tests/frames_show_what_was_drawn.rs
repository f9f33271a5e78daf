//! A picture shows what was on the screen, whose windows it was, and shares what did not change.

mod stage;

use std::sync::Arc;
use std::time::Duration;

use overt_capture::monotonic_now;
use overt_event::{Frame, NANOS_PER_SEC, Point, RawBody, Rect, VisibleWindow, WindowId, WindowKind};
use stage::{Actor, Stage, Watch};
use x11rb::connection::Connection;
use x11rb::protocol::xproto::*;

fn all_pixels(frame: &Frame, place: Rect, bgr: [u8; 3]) -> bool {
    let (xs, ys) = (place.x..place.x + place.w, place.y..place.y + place.h);
    ys.flat_map(|y| xs.clone().map(move |x| (x, y)))
        .all(|(x, y)| frame.pixel(x as u32, y as u32) == Some(bgr))
}

#[test]
fn drawn_rectangles_are_found_to_the_pixel() {
    let stage = Stage::bare();
    let (watch, actor) = (Watch::start(&stage, 30), Actor::new(&stage));
    let window = actor.window((100, 50, 640, 480), false);
    actor.show(window);
    let shapes = [
        ((0, 0, 640, 480), 0xff_ffff),
        ((13, 17, 100, 33), 0xff_0000),
        ((300, 200, 1, 1), 0x00_ff00),
        ((401, 101, 64, 64), 0x12_3456),
    ];
    for (place, pixel) in shapes {
        actor.fill(window, place, pixel);
    }
    let drawn_at = monotonic_now();
    let shot = watch.next_frame(|f| {
        f.grab_begin > drawn_at
            || all_pixels(&f.frame, Rect { x: 501, y: 151, w: 64, h: 64 }, [0x56, 0x34, 0x12])
    });
    let frame = &shot.frame;
    assert_eq!((frame.width, frame.height, frame.tiles.len()), (1280, 800, 20 * 13));
    assert!(shot.grab_begin <= shot.grab_end);
    assert!(all_pixels(frame, Rect { x: 113, y: 67, w: 100, h: 33 }, [0, 0, 0xff]));
    assert!(all_pixels(frame, Rect { x: 400, y: 250, w: 1, h: 1 }, [0, 0xff, 0]));
    assert!(all_pixels(frame, Rect { x: 501, y: 151, w: 64, h: 64 }, [0x56, 0x34, 0x12]));
    for (x, y) in [(112, 67), (213, 67), (399, 250), (401, 250), (400, 251), (500, 151), (565, 214)] {
        assert_eq!(frame.pixel(x, y), Some([0xff; 3]), "white beside the shape at {x},{y}");
    }
    watch.capture.stop();
}

#[test]
fn unchanged_tiles_are_shared_and_changed_ones_are_not() {
    let stage = Stage::bare();
    let (watch, actor) = (Watch::start(&stage, 30), Actor::new(&stage));
    let window = actor.window((0, 0, 640, 480), false);
    actor.show(window);
    actor.fill(window, (0, 0, 640, 480), 0x80_8080);
    let before = watch.next_frame(|f| all_pixels(&f.frame, Rect { x: 0, y: 0, w: 640, h: 480 }, [0x80; 3]));
    actor.fill(window, (70, 70, 4, 4), 0x00_00ff);
    let after = watch.next_frame(|f| f.frame.pixel(73, 73) == Some([0xff, 0, 0]));
    assert!(after.id > before.id && after.grab_begin > before.grab_end);
    for index in 0..after.frame.tiles.len() {
        let shared = Arc::ptr_eq(&before.frame.tiles[index], &after.frame.tiles[index]);
        assert_eq!(shared, index != 21, "tile {index}");
    }
    watch.capture.stop();
}

#[test]
fn a_picture_names_its_windows_bottom_first() {
    let stage = Stage::with_openbox();
    let (watch, actor) = (Watch::start(&stage, 30), Actor::new(&stage));
    let window = actor.window((200, 150, 400, 300), false);
    actor.name(window, "Editor", "main");
    actor.show(window);
    let popup = actor.window((250, 200, 120, 80), true);
    watch.own.add(popup);
    actor.show(popup);
    actor.fill(popup, (0, 0, 120, 80), 0xff_00ff);
    let shot = watch.next_frame(|f| {
        let windows = f.windows.as_deref().unwrap_or_default();
        [window, popup].iter().all(|w| windows.iter().any(|v| v.id == WindowId(*w)))
            && f.frame.pixel(260, 210) == Some([0xff, 0, 0xff])
    });
    let windows = shot.windows.expect("they stood still");
    let place = |w| windows.iter().position(|v| v.id == WindowId(w)).expect("it is listed");
    assert!(place(window) < place(popup), "the popup lies above");
    let (main, popup) = (&windows[place(window)], &windows[place(popup)]);
    assert_eq!((main.pid, main.kind, main.own), (Some(std::process::id()), WindowKind::Normal, false));
    assert_eq!(main.app.class.as_deref(), Some("Editor"));
    assert_eq!(main.app.exe.as_deref(), std::env::current_exe().expect("a path").to_str());
    assert!(main.bounds.w >= 400 && main.bounds.h > 300, "the frame counts");
    assert_eq!((popup.kind, popup.own), (WindowKind::Popup, true));
    assert_eq!(popup.bounds, Rect { x: 250, y: 200, w: 120, h: 80 });
    assert_eq!(popup.app.class.as_deref(), Some("Editor"));
    watch.capture.stop();
}

#[test]
fn a_window_that_was_raised_is_on_top_in_the_next_picture() {
    let stage = Stage::bare();
    let (watch, actor) = (Watch::start(&stage, 30), Actor::new(&stage));
    let windows = [0x11_0000, 0x00_2200].map(|color| {
        let window = actor.window((100, 100, 200, 200), true);
        actor.show(window);
        actor.fill(window, (0, 0, 200, 200), color);
        window
    });
    let top = |f: &overt_event::RawFrame| f.windows.as_ref().and_then(|w| w.last()).map(|w| w.id);
    watch.next_frame(|f| top(f) == Some(WindowId(windows[1])));
    let above = ConfigureWindowAux::new().stack_mode(StackMode::ABOVE);
    actor.conn.configure_window(windows[0], &above).expect("sent");
    actor.fill(windows[0], (0, 0, 200, 200), 0x33_0000);
    let shot = watch.next_frame(|f| f.frame.pixel(150, 150) == Some([0, 0, 0x33]) && f.windows.is_some());
    assert_eq!(top(&shot), Some(WindowId(windows[0])));
    watch.capture.stop();
}

#[test]
fn no_picture_is_taken_while_nothing_changes_nor_in_a_pause() {
    let stage = Stage::bare();
    let (watch, actor) = (Watch::start(&stage, 30), Actor::new(&stage));
    let window = actor.window((0, 0, 64, 64), true);
    actor.show(window);
    let red = |f: &overt_event::RawFrame| f.frame.pixel(5, 5) == Some([0, 0, 0xff]);
    actor.fill(window, (0, 0, 64, 64), 0xff_0000);
    watch.next_frame(|f| red(f) && f.windows.is_some());
    let frames_within = |millis| {
        let deadline = std::time::Instant::now() + Duration::from_millis(millis);
        std::iter::from_fn(|| watch.events.recv_deadline(deadline).ok())
            .filter(|e| matches!(e.body, RawBody::Frame(_) | RawBody::Damage))
            .count()
    };
    assert_eq!(frames_within(300), 0, "the screen stands still");

    watch.capture.set_grabbing(false);
    actor.fill(window, (0, 0, 64, 64), 0x00_ff00);
    watch.capture.grab_now();
    assert_eq!(frames_within(300), 0, "recording is paused");
    actor.fill(window, (0, 0, 64, 64), 0x00_00ff);
    let resumed_at = monotonic_now();
    watch.capture.set_grabbing(true);
    let shot = watch.next_frame(|_| true);
    assert!(shot.grab_begin >= resumed_at);
    assert_eq!(shot.frame.pixel(5, 5), Some([0xff, 0, 0]), "what was shown in the pause is nowhere");
    watch.capture.stop();
}

#[test]
fn at_no_rate_windows_are_told_and_the_screen_is_not_read_until_there_is_one() {
    let stage = Stage::bare();
    let (watch, actor) = (Watch::start(&stage, 0), Actor::new(&stage));
    let window = actor.window((0, 0, 64, 64), true);
    actor.show(window);
    actor.fill(window, (0, 0, 64, 64), 0xff_0000);
    watch.capture.grab_now();
    let is_there = |id| move |w: &VisibleWindow| w.id == WindowId(id) && w.bounds.w == 64;
    watch.next("the windows", |event| match event.body {
        RawBody::Windows(windows) => windows.iter().any(is_there(window)).then_some(()),
        RawBody::Frame(_) => panic!("a picture"),
        _ => None,
    });
    let allowed_at = monotonic_now();
    watch.capture.set_frames_per_sec_max(30).expect("a rate");
    assert!(watch.next_frame(|_| true).grab_begin >= allowed_at);
}

#[test]
fn damage_is_told_once_after_each_grab_and_the_rate_is_kept() {
    let stage = Stage::bare();
    let (watch, actor) = (Watch::start(&stage, 30), Actor::new(&stage));
    let window = actor.window((0, 0, 256, 256), true);
    actor.show(window);
    watch.settle();
    // The rate that counts is the last one that was asked for and can be kept.
    watch.capture.set_frames_per_sec_max(5).expect("a rate");
    assert!(watch.capture.set_frames_per_sec_max(31).is_err());
    let (mut frames, mut damages) = (Vec::new(), 0);
    let mut color = 0;
    while frames.len() < 6 {
        color += 1;
        actor.fill(window, (0, 0, 256, 256), color * 7);
        for event in watch.events.try_iter() {
            match event.body {
                RawBody::Damage => damages += 1,
                RawBody::Frame(f) => frames.push(f),
                _ => {}
            }
        }
    }
    for pair in frames.windows(2) {
        assert!(pair[1].id > pair[0].id);
        assert!(pair[1].grab_begin.since(pair[0].grab_begin) >= 199_000_000, "five a second at most");
    }
    assert!((5..=8).contains(&damages), "one for each grab and not one for each change, not {damages}");
    actor.conn.flush().expect("the display lives");
    watch.capture.stop();
}

#[test]
fn a_screen_of_an_odd_size_is_seen_to_its_last_pixel() {
    let stage = Stage::of_size(1283, 797);
    let (watch, actor) = (Watch::start(&stage, 30), Actor::new(&stage));
    let window = actor.window((0, 0, 1283, 797), true);
    actor.show(window);
    let corners = [(0, 0), (1282, 0), (0, 796), (1282, 796)];
    for (x, y) in corners {
        actor.fill(window, (x, y, 1, 1), 0x12_3456);
    }
    let is_drawn =
        |f: &Frame| corners.iter().all(|&(x, y)| f.pixel(x as u32, y as u32) == Some([0x56, 0x34, 0x12]));
    let frame = watch.next_frame(|f| is_drawn(&f.frame)).frame;
    assert_eq!((frame.width, frame.height, frame.tiles.len()), (1283, 797, 21 * 13));
    assert_eq!((frame.pixel(1283, 0), frame.pixel(0, 797)), (None, None));
    assert_eq!(frame.to_rgb().len(), 1283 * 797 * 3);
    watch.capture.stop();
}

#[test]
fn near_an_input_what_changed_is_grabbed_before_its_turn() {
    let stage = Stage::bare();
    let (watch, actor) = (Watch::start(&stage, 1), Actor::new(&stage));
    let window = actor.window((0, 0, 64, 64), true);
    actor.show(window);
    watch.settle();
    let begins: Vec<_> = (0..10_u8)
        .map(|turn| {
            actor.move_to(Point { x: 300 + i32::from(turn), y: 300 });
            actor.fill(window, (0, 0, 64, 64), u32::from(turn) * 20 + 1);
            watch.next_frame(|f| f.frame.pixel(5, 5) == Some([turn * 20 + 1, 0, 0])).grab_begin
        })
        .collect();
    let took = begins[9].since(begins[0]);
    assert!(took < 5 * NANOS_PER_SEC, "nine turns at one a second would have taken nine seconds");
    watch.capture.stop();
}
