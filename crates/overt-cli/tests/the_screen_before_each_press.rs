//! A page draws how often it was pressed. In the picture bound to press k it still says k - 1: proof,
//! from pixels alone, that what is stored as *before* was on the screen before.

mod opened;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use opened::opened;
use overt_event::{Binding, Button, FrameId, RecordBody, Rect, Seq};
use overt_format::RecordingDir;
use overt_sim::desktop::Desktop;
use overt_sim::overt::Overt;
use overt_sim::pages::{PageEvent, Pages};
use overt_sim::person::{Person, Target};
use overt_sim::{apps, barcode};

const PRESSES: u32 = 25;
const WITHIN: Duration = Duration::from_secs(30);

#[test]
fn before_press_k_the_picture_shows_k_minus_one() {
    for cadence in ["on_change", "on_action"] {
        check(cadence);
    }
}

fn check(cadence: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let desktop = Desktop::start((1280, 900)).expect("the desktop starts");
    let pages = Pages::start().expect("the pages are served");
    let bounds = Rect { x: 20, y: 40, w: 1200, h: 800 };
    apps::open_chromium(&desktop, &pages.url("counter"), bounds).expect("Chromium opens");
    let bars = pages.element("counter", "bars", WITHIN).expect("the page tells where its blocks are").bounds;
    let view = pages.view("counter", WITHIN).expect("and how large it is");

    let overt = Overt::new(Path::new(env!("CARGO_BIN_EXE_overt")), &desktop, folder.path()).expect("overt");
    overt.prepare(cadence).expect("keys, agreement, consent");
    let recorder = overt.record().expect("it records");
    let mut person = Person::sit_down(desktop.display(), 7).expect("a person");
    let page = Target::new("chromium", "document web", "", view);
    for k in 1..=PRESSES {
        let button = if k % 5 == 0 { Button::Middle } else { Button::Left };
        let from = pages.heard();
        person.click_with(&page, button).expect("a click");
        // Nobody presses again before they see what came of it.
        let count = k.to_string();
        let shows = |e: &PageEvent| e.kind == "painted" && e.value.as_deref() == Some(count.as_str());
        pages.wait_for_event("the count", from, WITHIN, shows).expect("it is shown");
    }
    let recorded = overt.stop(recorder).expect("it stops");
    let seen = counts_before_presses(&recorded.recording, &overt.path("keys"), bars);
    let expected: Vec<Option<u32>> = (0..PRESSES).map(Some).collect();
    assert_eq!(seen, expected, "{cadence}");
}

/// What the page said in the picture bound to each press, in the order of the presses.
fn counts_before_presses(recording: &Path, keys: &Path, bars: Rect) -> Vec<Option<u32>> {
    let dir = RecordingDir::local(recording).expect("the recording reads");
    let mut presses: BTreeMap<Seq, Option<u32>> = BTreeMap::new();
    let mut shown: BTreeMap<FrameId, Option<u32>> = BTreeMap::new();
    for item in opened(&dir, keys) {
        let stored = item.stored;
        match (stored.record.body, stored.pixels) {
            (RecordBody::Frame(facts), Some(frame)) => {
                shown.insert(facts.id, barcode::read(&frame, bars));
            }
            (RecordBody::Button { down: true, .. }, _) => {
                presses.insert(stored.record.seq, None);
            }
            (RecordBody::Binding(Binding::Before { for_seq, frame, .. }), _) => {
                if let Some(count) = presses.get_mut(&for_seq) {
                    *count = shown.get(&frame).copied().flatten();
                }
            }
            _ => {}
        }
    }
    presses.into_values().collect()
}
