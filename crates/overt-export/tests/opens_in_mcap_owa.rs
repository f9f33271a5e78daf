//! OWA's own reader opens the export, and what was exported comes in again as it was; as a video too, where that is
//! asked for.

mod support;

use std::collections::BTreeMap;

use overt_dataset::StepRow;
use overt_export::{Deed, Format, Loss, Video};
use overt_import::Format as Source;
use serde_json::Value;
use support::{Made, Wanted, data, only_file, owa_messages, picture};

fn of<'a>(messages: &'a [Value], topic: &'a str) -> impl Iterator<Item = &'a Value> {
    messages.iter().filter(move |m| m["topic"] == topic)
}

/// Presses by button, and notches right and up.
fn mouse(messages: &[Value]) -> (BTreeMap<String, u32>, i64, i64) {
    let (mut presses, mut right, mut up) = (BTreeMap::new(), 0, 0);
    for value in of(messages, "mouse").map(|m| &m["value"]) {
        if value["pressed"] == true {
            *presses.entry(value["button"].as_str().expect("a button").to_owned()).or_default() += 1;
        }
        right += value["dx"].as_i64().unwrap_or_default();
        up += value["dy"].as_i64().unwrap_or_default();
    }
    (presses, right, up)
}

#[test]
fn every_message_is_of_a_registered_type_and_every_picture_is_there() {
    let made = Made::session();
    let (out, report) = made.export(Format::Owamcap, None);
    let messages = owa_messages(&only_file(&out, "mcap"));
    let (presses, right, up) = mouse(&messages);
    let expected = [("left", 8), ("middle", 1), ("right", 2), ("x1", 1)].map(|(b, n)| (b.to_owned(), n));
    assert_eq!((presses, right, up), (BTreeMap::from(expected), 1, -2));
    let pictures: Vec<&Value> = of(&messages, "screen").collect();
    let rows: Vec<StepRow> = made.rows().into_iter().filter(|r| r.image_before.is_some()).collect();
    assert_eq!(pictures.len(), rows.len());
    for (message, row) in pictures.iter().zip(&rows) {
        let png = row.image_before.as_ref().expect("a picture");
        assert_eq!(message["picture"], picture(png), "row {}", row.row);
        assert_eq!(message["value"]["shape"], serde_json::json!([row.width, row.height]));
    }
    assert_eq!(report.losses.of(Loss::NoTaskEnd), 1);
    assert_eq!(report.losses.of(Loss::TimeOfDay), report.exported);
}

/// What was done, without its time and what OWA does not tell.
fn deeds(rows: &[StepRow]) -> Vec<Deed> {
    rows.iter().filter_map(deed).collect()
}

fn deed(row: &StepRow) -> Option<Deed> {
    Deed::of(row, None).ok().filter(|d| !matches!(d, Deed::Wait { .. } | Deed::Finish { .. }))
}

/// The rows of deeds, and the digest of the pixels before each.
fn seen_before_deeds(rows: &[StepRow]) -> Vec<(&StepRow, Option<Value>)> {
    let seen = |row: &StepRow| row.image_before.as_deref().map(picture);
    rows.iter().filter(|row| deed(row).is_some()).map(|row| (row, seen(row))).collect()
}

/// Whether a key came so soon after its picture that, its time being rounded down once more, the picture counts as
/// taken after it.
fn rounded_away(row: &StepRow) -> bool {
    let of_keys = matches!(deed(row), Some(Deed::Type { .. } | Deed::Key { .. }));
    of_keys && row.frame_margin_millis.is_some_and(|millis| millis < 100.0)
}

/// Exports, imports what was exported, and compares.
fn check_round_trip(made: &Made) -> Vec<Value> {
    let (out, report) = made.export(Format::Owamcap, None);
    let lost: Vec<(Loss, u64)> = report.losses.iter().filter(|(loss, _)| loss.leaves_out()).collect();
    let only_ends = lost.iter().all(|(loss, _)| matches!(loss, Loss::NotATaskEnd | Loss::NoTaskEnd));
    assert!(only_ends, "{lost:?}");
    let again = Made::of(Source::Owamcap, &only_file(&out, "mcap"), Wanted::default());
    assert_eq!(deeds(&again.rows()), deeds(&made.rows()));
    owa_messages(&only_file(&out, "mcap"))
}

#[test]
fn a_session_comes_in_again_as_it_was() {
    check_round_trip(&Made::session());
}

#[test]
fn its_pictures_come_in_again_before_the_same_deeds() {
    let made = Made::session();
    let file = only_file(&made.export(Format::Owamcap, None).0, "mcap");
    let again = Made::of(Source::Owamcap, &file, Wanted { frames: true, ..Wanted::default() });
    let (before, after) = (made.rows(), again.rows());
    let (expected, got) = (seen_before_deeds(&before), seen_before_deeds(&after));
    assert_eq!(deeds(&after), deeds(&before));
    assert!(expected.iter().filter(|(_, picture)| picture.is_some()).count() > 10, "it shows what it does");
    let mut older = 0;
    for (n, ((row, picture), (_, got))) in expected.iter().zip(&got).enumerate() {
        let is_older = rounded_away(row) && *got == expected[n - 1].1;
        assert!(got == picture || is_older, "row {}", row.row);
        older += usize::from(got != picture);
    }
    assert!(older <= 1, "one key in this session comes less than 100 ms after a new picture");
}

#[test]
fn ducktrack_becomes_owamcap() {
    let Some(data) = data(1) else { return };
    let made = Made::of(Source::DuckTrack, &data.join("ducktrack"), Wanted::default());
    let messages = check_round_trip(&made);
    let (presses, right, up) = mouse(&messages);
    assert_eq!((presses.values().sum::<u32>(), right, up), (22, 0, -140));
}

#[test]
fn owamcap_stays_owamcap() {
    let Some(data) = data(2) else { return };
    for name in ["0.4.2.mcap", "0.5.1.mcap"] {
        let file = data.join("owamcap").join(name);
        let made = Made::of(Source::Owamcap, &file, Wanted::default());
        let exported = check_round_trip(&made);
        assert!(of(&exported, "window").count() > 0, "{name}: windows are told");
        assert!(of(&exported, "keyboard").count() > 0, "{name}: keys are told");
    }
}

#[test]
fn a_video_is_made_when_asked_for_and_comes_in_again() {
    check_video(Video::X264);
}

#[test]
fn a_video_of_the_other_codec_comes_in_again_too() {
    check_video(Video::Av1);
}

fn check_video(video: Video) {
    let made = Made::session();
    let (out, report) = made.export_video(Format::Owamcap, None, video);
    let file = only_file(&out, "mcap");
    let messages = owa_messages(&file);
    let rows: Vec<StepRow> = made.rows().into_iter().filter(|r| r.image_before.is_some()).collect();
    let pictures: Vec<&Value> = of(&messages, "screen").collect();
    assert_eq!((pictures.len(), report.losses.of(Loss::PictureCompressed)), (rows.len(), rows.len() as u64));
    for (n, (message, row)) in (0u64..).zip(pictures.iter().zip(&rows)) {
        assert_eq!(message["value"]["media_ref"]["pts_ns"], n * 1_000_000_000);
        let pixels = support::rgb(row.image_before.as_ref().expect("a picture")).2;
        let mean = pixels.iter().map(|&c| f64::from(c)).sum::<f64>() / pixels.len() as f64;
        let got = message["picture"]["mean"].as_f64().expect("a number");
        assert!((got - mean).abs() < 3.0, "row {}: {got} is not near {mean}", row.row);
    }
    let again = Made::of(Source::Owamcap, &file, Wanted { frames: true, ..Wanted::default() });
    let seen = again.rows().iter().filter(|row| row.image_before.is_some()).count();
    assert!(seen >= deeds(&again.rows()).len(), "{seen} steps have a picture");
}
