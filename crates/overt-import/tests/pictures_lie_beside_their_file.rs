//! OWAMcap with pictures one by one: they come in where they lie beside the file, and nothing else of the disk does.

mod support;

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use overt_format::Unknown;
use overt_import::{Format, ImportError, Imported};
use overt_reduce::{Before, Step};
use support::{Desk, Wanted, owa};

fn import(desk: &Desk, file: &Path) -> Result<Imported, ImportError> {
    desk.import(Format::Owamcap, file, Wanted { frames: true, ..Wanted::default() })
}

/// The colour of the picture before each click, as blue, green and red.
fn colours(steps: &[Step]) -> Vec<Option<[u8; 3]>> {
    let clicks = steps.iter().filter(|s| s.action.kind() == "click");
    let colour = |step: &Step| match &step.before {
        Before::Seen { shot, .. } => shot.pixels.pixel(5, 5),
        Before::Missing(_) => None,
    };
    clicks.map(colour).collect()
}

const RED: Option<[u8; 3]> = Some([10, 10, 200]);
const GREEN: Option<[u8; 3]> = Some([10, 200, 10]);

#[test]
fn what_was_exported_comes_in_again_with_pictures_windows_and_times() {
    let desk = Desk::new();
    let file = owa::with_pictures(&desk.path().join("theirs"));
    let imported = import(&desk, &file).expect("it imports");
    assert!(imported.dropped.is_empty(), "{:?}", imported.dropped);
    for unknown in [Unknown::Pictures, Unknown::Screen, Unknown::Windows] {
        assert!(!imported.unknown.contains(&unknown), "{:?}", imported.unknown);
    }
    let (steps, closing) = desk.steps(&imported.path);
    assert!(closing.ledger.errors.is_empty(), "{:?}", closing.ledger);
    assert_eq!(colours(&steps), [RED, GREEN]);
    let clicks: Vec<&Step> = steps.iter().filter(|s| s.action.kind() == "click").collect();
    assert_eq!(clicks.iter().map(|s| s.t_start.0 / 1_000_000 % 10_000).collect::<Vec<_>>(), [500, 2_500]);
    for click in clicks {
        let window = click.window_before.as_ref().expect("a window");
        let b = window.bounds;
        assert_eq!((window.title.as_deref(), (b.x, b.y, b.w, b.h)), (Some("Orders"), (2, 3, 58, 37)));
        assert!(matches!(&click.before, Before::Seen { margin_nanos: 500_000_000, .. }), "its own time");
        assert_eq!((click.screen.bounds.w, click.screen.bounds.h), (64, 48));
    }
}

#[test]
fn a_picture_within_the_message_comes_in() {
    let desk = Desk::new();
    let embedded = |rgb| format!("data:image/png;base64,{}", STANDARD.encode(owa::png(64, 48, rgb)));
    let messages = owa::session(&embedded([200, 10, 10]), &embedded([10, 200, 10]));
    let file = desk.path().join("theirs.mcap");
    fs::write(&file, owa::file(&messages)).expect("a file");
    let (steps, _) = desk.steps(&import(&desk, &file).expect("it imports").path);
    assert_eq!(colours(&steps), [RED, GREEN]);
}

#[test]
fn without_frames_no_picture_is_taken_and_none_is_missed() {
    let desk = Desk::new();
    let file = owa::with_pictures(&desk.path().join("theirs"));
    let imported = desk.import(Format::Owamcap, &file, Wanted::default()).expect("it imports");
    assert!(imported.unknown.contains(&Unknown::Pictures) && imported.written.pictures == 0);
}

#[test]
fn no_file_elsewhere_is_looked_at() {
    let desk = Desk::new();
    let (outside, folder) = (desk.path().join("secret.png"), desk.path().join("theirs"));
    fs::write(&outside, owa::png(64, 48, [200, 10, 10])).expect("a picture");
    owa::with_pictures(&folder);
    std::os::unix::fs::symlink(&outside, folder.join("link.png")).expect("a link");
    std::os::unix::fs::symlink(desk.path(), folder.join("up")).expect("a link");
    let absolute = outside.display().to_string();
    let file_url = format!("file://{absolute}");
    let out = [
        "../secret.png",
        "images/../../secret.png",
        "images/../images/0.png",
        absolute.as_str(),
        file_url.as_str(),
        "link.png",
        "up/secret.png",
        "C:\\0.png",
        "images",
        "images/none.png",
        "",
        "data:image/png;base64,????",
    ];
    let file = folder.join("session.mcap");
    for uri in out {
        fs::write(&file, owa::file(&owa::session(uri, "images/1.png"))).expect("a file");
        let imported = import(&desk, &file).expect("it imports");
        assert_eq!(imported.dropped.get("pictures that are not beside the file"), Some(&1), "{uri}");
        let (steps, _) = desk.steps(&imported.path);
        assert_eq!(colours(&steps), [None, GREEN], "{uri}");
    }
}

#[test]
fn a_picture_that_is_none_or_of_another_screen_has_its_place() {
    let desk = Desk::new();
    let file = owa::with_pictures(&desk.path().join("theirs"));
    let picture = file.with_file_name("images").join("0.png");
    for (content, expected) in [
        (owa::png(64, 47, [0; 3]), ": its picture has another size than the screen."),
        (b"no picture".to_vec(), ": its picture is no PNG."),
    ] {
        fs::write(&picture, content).expect("a picture");
        let told = import(&desk, &file).expect_err("it is refused").to_string();
        assert!(told.starts_with("the OWAMcap, byte ") && told.contains(expected), "{told}");
        assert!(!desk.path().join("spool").exists(), "nothing is written");
    }
    let whole = owa::png(64, 48, [1, 2, 3]);
    fs::write(&picture, &whole[..whole.len() - 20]).expect("a picture");
    let told = import(&desk, &file).expect_err("it is refused").to_string();
    assert!(told.contains(": its picture is damaged."), "{told}");
}
