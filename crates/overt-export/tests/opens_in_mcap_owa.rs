//! OWA's own reader opens the export, and what was exported comes in again as it was; as a video too, where that is
//! asked for.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use overt_dataset::StepRow;
use overt_event::Rect;
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

fn is_keyed(row: &StepRow) -> bool {
    matches!(deed(row), Some(Deed::Type { .. } | Deed::Key { .. }))
}

/// Whether a key came so soon after its picture that, its time being rounded down once more, the picture counts as
/// taken after it.
fn rounded_away(row: &StepRow) -> bool {
    is_keyed(row) && row.frame_margin_millis.is_some_and(|millis| millis < 100.0)
}

/// Rows of deeds.
fn done(rows: &[StepRow]) -> Vec<&StepRow> {
    rows.iter().filter(|row| deed(row).is_some()).collect()
}

/// Title and box of the window before.
fn window(row: &StepRow) -> Option<(Option<&str>, Rect)> {
    row.window_before.as_ref().map(|window| (window.title.as_deref(), window.bounds))
}

/// The edits of a run of text. Those of one tenth of a second are one: Shift is told between them.
fn edits(row: &StepRow) -> Vec<(i64, i32, String)> {
    let mut edits: Vec<(i64, i32, String)> = Vec::new();
    for edit in &row.edits {
        match edits.last_mut() {
            Some((after, _, inserted)) if *after == edit.after_millis && edit.deleted == 0 => {
                inserted.push_str(&edit.inserted);
            }
            _ => edits.push((edit.after_millis, edit.deleted, edit.inserted.clone())),
        }
    }
    edits
}

/// Everything comes in again at its time, counted from the first step. Keys are rounded down once more, all of them by
/// the same. Gives how often it is not told when scrolling ended.
fn check_times(rows: &[&StepRow], again: &[&StepRow]) -> u64 {
    let times = |row: &StepRow, first: &StepRow| {
        [row.t_start_millis, row.t_end_millis].map(|millis| millis - first.t_start_millis)
    };
    let (mut rounded, mut scrolled) = (BTreeSet::new(), 0);
    for (row, other) in rows.iter().zip(again) {
        let ([start, end], [start_again, end_again]) = (times(row, rows[0]), times(other, again[0]));
        match deed(row) {
            Some(Deed::Type { .. } | Deed::Key { .. }) => {
                rounded.extend([start - start_again, end - end_again]);
            }
            Some(Deed::Scroll { .. }) if end_again != end => {
                assert_eq!([start_again, end_again], [start; 2], "row {}", row.row);
                scrolled += 1;
            }
            _ => assert_eq!([start_again, end_again], [start, end], "row {}", row.row),
        }
    }
    assert!(rounded.len() <= 1 && rounded.iter().all(|by| (0..100).contains(by)), "{rounded:?}");
    scrolled
}

/// Exports, imports what was exported, and compares.
fn check_round_trip(made: &Made) -> Vec<Value> {
    let (out, report) = made.export(Format::Owamcap, None);
    let lost: Vec<(Loss, u64)> = report.losses.iter().filter(|(loss, _)| loss.leaves_out()).collect();
    let only_ends = lost.iter().all(|(loss, _)| matches!(loss, Loss::NotATaskEnd | Loss::NoTaskEnd));
    assert!(only_ends, "{lost:?}");
    let (mut messages, mut scrolled) = (Vec::new(), 0);
    for rows in made.rows().chunk_by(|a, b| a.recording == b.recording) {
        let file = out.join(&rows[0].split).join(format!("{}.mcap", rows[0].recording));
        let rows_again = Made::of(Source::Owamcap, &file, Wanted::default()).rows();
        assert_eq!(deeds(&rows_again), deeds(rows));
        let (before, after) = (done(rows), done(&rows_again));
        scrolled += check_times(&before, &after);
        for (row, other) in before.iter().zip(&after) {
            assert_eq!((window(other), edits(other)), (window(row), edits(row)), "row {}", row.row);
        }
        messages.extend(owa_messages(&file));
    }
    assert_eq!(report.losses.of(Loss::ScrollTime), scrolled);
    messages
}

#[test]
fn a_session_comes_in_again_as_it_was() {
    check_round_trip(&Made::session());
}

#[test]
fn every_recording_is_a_file_of_its_own_below_its_split() {
    let made = Made::of_two_splits();
    let messages = check_round_trip(&made);
    let rows = made.rows();
    let pictures: Vec<&Value> = of(&messages, "screen").map(|message| &message["picture"]).collect();
    let expected: Vec<Value> =
        rows.iter().filter_map(|row| row.image_before.as_deref().map(picture)).collect();
    assert_eq!(pictures, expected.iter().collect::<Vec<_>>());
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
    for (n, ((row, picture), (other, got))) in expected.iter().zip(&got).enumerate() {
        assert_eq!((other.width, other.height), (row.width, row.height), "row {}", row.row);
        assert!(is_keyed(row) || other.frame_margin_millis == row.frame_margin_millis, "row {}", row.row);
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
