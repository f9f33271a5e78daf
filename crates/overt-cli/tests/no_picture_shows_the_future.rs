//! A stopwatch on the screen tells, from pixels alone, when each picture was taken: never later than its own
//! times say, and the one bound to an input never later than the input.

mod opened;

use std::collections::BTreeMap;
use std::path::Path;

use opened::opened;
use overt_event::{Binding, FrameId, MonoNanos, NANOS_PER_MILLI, RecordBody, Rect, Seq};
use overt_format::RecordingDir;
use overt_sim::barcode;
use overt_sim::desktop::Desktop;
use overt_sim::overt::Overt;
use overt_sim::person::{Person, Target};
use overt_sim::stopwatch::{CLASS, Stopwatch, blocks_in, time_shown};
use overt_unseal::OpenedItem;

const INPUTS: u32 = 40;
/// The stopwatch shows whole milliseconds, and is drawn after it was read.
const UPPER_MILLIS: [u64; 6] = [20, 50, 100, 150, 200, 400];

#[test]
fn what_a_picture_shows_is_older_than_its_times_and_than_the_input_it_is_bound_to() {
    let folder = tempfile::tempdir().expect("a folder");
    let desktop = Desktop::start((1280, 900)).expect("the desktop starts");
    let stopwatch = Stopwatch::start(desktop.display(), (120, 160)).expect("it runs");
    let window = desktop.wait_for_window(CLASS).expect("it is shown");
    let overt = Overt::new(Path::new(env!("CARGO_BIN_EXE_overt")), &desktop, folder.path()).expect("overt");
    let exe = std::env::current_exe().expect("this program has a path");
    let terms = format!("{}:{CLASS}", exe.display());
    overt.prepare_with("on_change", "full", &[("stopwatch", &terms)]).expect("keys, agreement, consent");
    let recorder = overt.record().expect("it records");
    let mut person = Person::sit_down(desktop.display(), 9).expect("a person");
    let face = Target::new("stopwatch", "frame", "", window);
    for n in 0..INPUTS {
        if n % 4 == 3 {
            person.wheel(&face, 2).expect("the wheel")
        } else {
            person.click(&face).expect("a click")
        }
        person.pause(60, 240);
    }
    let recorded = overt.stop(recorder).expect("it stops");
    let dir = RecordingDir::local(&recorded.recording).expect("the recording reads");
    let items = opened(&dir, &overt.path("keys"));

    let shown = times_shown(&items, blocks_in(window));
    assert!(shown.len() > 50, "the stopwatch changes all the time: {}", shown.len());
    let ages: Vec<u64> = shown.values().map(|s| s.taken.since(s.showing) / NANOS_PER_MILLI).collect();
    tell("pictures, by what they show before their grab ended", &ages);
    let still = stopwatch.longest_still() / NANOS_PER_MILLI;
    let told = "none shows the future, which would read as almost 65 s";
    assert!(ages.iter().all(|age| *age < 1_000 + still), "{told}; the stopwatch stood still for {still} ms");

    let ages = ages_of_observations(&items, &shown);
    tell("inputs, by what their picture shows before them", &ages);
    assert_eq!(ages.len() as u32, INPUTS, "each has a picture from before it");
    assert!(ages.iter().all(|age| *age < 2_000 + still), "none shows what came after the input");
}

#[derive(Clone, Copy)]
struct Shown {
    taken: MonoNanos,
    showing: MonoNanos,
}

fn times_shown(items: &[OpenedItem], blocks: Rect) -> BTreeMap<FrameId, Shown> {
    let of_frame = |item: &OpenedItem| {
        let (RecordBody::Frame(facts), Some(pixels)) = (&item.stored.record.body, &item.stored.pixels) else {
            return None;
        };
        let code = barcode::read(pixels, blocks)?;
        let showing = time_shown(code, facts.grab_end);
        Some((facts.id, Shown { taken: facts.grab_end, showing }))
    };
    items.iter().filter_map(of_frame).collect()
}

/// Milliseconds from what the bound picture shows to the press or the first notch.
fn ages_of_observations(items: &[OpenedItem], shown: &BTreeMap<FrameId, Shown>) -> Vec<u64> {
    let inputs: BTreeMap<Seq, MonoNanos> =
        items.iter().map(|item| (item.stored.record.seq, item.stored.record.time)).collect();
    let age = |item: &OpenedItem| match item.stored.record.body {
        RecordBody::Binding(Binding::Before { for_seq, frame, .. }) => {
            let showing = shown.get(&frame).expect("the stopwatch is in it").showing;
            let input = inputs[&for_seq];
            assert!(showing <= input, "it shows what came after the input");
            Some(input.since(showing) / NANOS_PER_MILLI)
        }
        _ => None,
    };
    items.iter().filter_map(age).collect()
}

fn tell(what: &str, millis: &[u64]) {
    println!("{} {what}:", millis.len());
    let mut from = 0;
    for to in UPPER_MILLIS.into_iter().chain([u64::MAX]) {
        let count = millis.iter().filter(|m| (from..to).contains(m)).count();
        let to_told = if to == u64::MAX { String::new() } else { format!("under {to}") };
        println!("  {from:>4} ms and more, {to_told:<10} {count:>5}");
        from = to;
    }
}
