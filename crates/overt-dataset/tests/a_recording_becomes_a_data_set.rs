//! From a sealed recording to the folder that the specification describes.

mod support;

use std::path::Path;

use overt_dataset::{
    BuildReport, DATASHEET_FILE, DatasetError, EditCell, EpisodeRow, MANIFEST_FILE, Manifest, Progress,
    STEPS_FILE, StepRow, build, read_episodes, read_steps, verify,
};
use overt_event::Rect;
use support::{Odd, Take};

fn make(out: &Path, recordings: &[(u8, u32)]) -> (tempfile::TempDir, Result<BuildReport, DatasetError>) {
    let sealed = tempfile::tempdir().expect("a folder");
    let inputs =
        recordings.iter().map(|(id, segments)| support::input(sealed.path(), *id, *segments)).collect();
    let report = support::make(sealed.path(), out, inputs);
    (sealed, report)
}

fn steps(dataset: &Path) -> Vec<StepRow> {
    read_steps(dataset).expect("it opens").collect::<Result<_, _>>().expect("it reads")
}

#[test]
fn every_step_reads_back() {
    let place = tempfile::tempdir().expect("a folder");
    let out = place.path().join("ds");
    let report = make(&out, &[(7, 1)]).1.expect("it is built");
    let rows = steps(&out);
    let kinds: Vec<&str> = rows.iter().map(|r| r.kind.as_str()).collect();
    assert_eq!(kinds, ["click", "type", "key", "finish"]);
    assert_eq!(report.manifest.rows, 4);
    let click = &rows[0];
    assert_eq!((click.x, click.y, click.count), (Some(30), Some(20), Some(1)));
    assert_eq!(click.element.as_ref().map(|e| e.name.as_str()), Some("New"));
    assert_eq!((click.frame_margin_millis, click.frame_after_timed_out), (Some(100.0), Some(false)));
    assert!(click.image_before.as_ref().is_some_and(|png| png.starts_with(b"\x89PNG")));
    assert_eq!(click.app.as_deref(), Some("editor"));
    assert_eq!(rows[1].text.as_deref(), Some("hi 👋"));
    assert_eq!(rows[1].element.as_ref().map(|e| e.role.as_str()), Some("text"));
    assert_eq!(rows[2].keys, ["Return"]);
    assert!(rows.iter().all(|r| r.frame_margin_millis.is_none_or(|m| m >= 0.0)));
}

/// The rows of a task in whose end the same click is done twice, and the quality of its episode.
fn clicked_again(pictures: bool) -> (Vec<StepRow>, overt_dataset::QualityCell) {
    let place = tempfile::tempdir().expect("a folder");
    let take = Take { odd: Some(Odd::Again), pictures, ..Take::new(7, 1) };
    let inputs = vec![support::take(place.path(), take)];
    let out = place.path().join("ds");
    support::make(place.path(), &out, inputs).expect("it is built");
    let page = std::fs::read_to_string(out.join(DATASHEET_FILE)).expect("a data sheet");
    let share = if pictures { "1 of 6 (16.7 %)" } else { "0 of 6 (0.0 %)" };
    assert!(page.contains(&format!("Near-duplicates of the step before: {share}.")), "{page}");
    (steps(&out), read_episodes(&out).expect("they read")[0].quality_parts)
}

#[test]
fn a_step_that_repeats_the_one_before_it_on_the_same_picture_is_marked_and_stays() {
    let (rows, quality) = clicked_again(true);
    let told: Vec<_> = rows.iter().map(|r| (r.kind.as_str(), r.near_duplicate)).collect();
    let plain = [("click", false), ("type", false), ("key", false), ("click", false)];
    assert_eq!(told, [&plain[..], &[("click", true), ("finish", false)]].concat());
    assert_eq!(rows[3].image_before, rows[4].image_before);
    assert_eq!(quality.distinct, Some(5.0 / 6.0));
}

#[test]
fn without_pictures_nobody_knows_and_nothing_is_marked() {
    let (rows, quality) = clicked_again(false);
    assert_eq!((rows[3].kind.as_str(), rows[4].kind.as_str()), ("click", "click"));
    assert!(rows.iter().all(|r| r.image_before.is_none() && !r.near_duplicate));
    assert_eq!(quality.distinct, Some(1.0));
}

#[test]
fn what_lies_inside_a_cell_reads_back_in_its_place() {
    let place = tempfile::tempdir().expect("a folder");
    let out = place.path().join("ds");
    make(&out, &[(7, 2)]).1.expect("it is built");
    let rows = steps(&out);
    let whole = Rect { x: 0, y: 0, w: 200, h: 120 };
    let window = rows[0].window_before.as_ref().expect("a window");
    assert_eq!((window.kind.as_str(), window.title.as_deref()), ("normal", Some("Letter")));
    assert_eq!((window.app.as_deref(), window.url.as_deref(), window.bounds), (Some("editor"), None, whole));
    let element = rows[0].element.as_ref().expect("an element");
    assert_eq!((element.bounds, element.candidates), (Rect { x: 20, y: 10, w: 40, h: 20 }, 1));
    assert_eq!(
        (element.states.as_slice(), element.completeness.as_str()),
        (&["enabled".into()][..], "complete")
    );
    let frame = &element.ancestors[0];
    assert_eq!((frame.role.as_str(), frame.name.as_str(), frame.bounds), ("frame", "Letter", whole));
    assert_eq!(rows[1].edits, [EditCell { after_millis: 0, inserted: "hi 👋".into(), deleted: 0 }]);
    assert_eq!((rows[0].events.len(), rows[0].segments.as_slice()), (2, &[0][..]));
    assert_eq!(rows[3].finish_reason.as_deref(), Some("task_ends"));
    let episodes = read_episodes(&out).expect("they read");
    let facts = |e: &EpisodeRow| (e.instruction.clone(), e.outcome.clone(), e.steps, e.row_first);
    let said = || Some("Say hi".to_owned());
    let liked = || Some("thumbs_up".to_owned());
    let told: Vec<_> = episodes.iter().map(facts).collect();
    assert_eq!(told, [(said(), liked(), 4, Some(0)), (said(), liked(), 4, Some(4))]);
    assert!(episodes.iter().all(|e| e.marked && e.ended_by == "task_ends" && !e.cut));
    let parts = episodes[0].quality_parts;
    assert_eq!((parts.observed, parts.on_target, parts.distinct), (Some(1.0), Some(1.0), Some(1.0)));
    assert_eq!((parts.sound, parts.kept), (Some(1.0), Some(1.0)));
    assert_eq!(episodes[0].quality, parts.settled);
    assert!(steps(&out).iter().all(|s| !s.near_duplicate));
}

#[test]
fn an_episode_begins_and_ends_where_it_was_marked_on_the_clock_of_its_steps() {
    let place = tempfile::tempdir().expect("a folder");
    let out = place.path().join("ds");
    make(&out, &[(7, 2)]).1.expect("it is built");
    // The marks stand 50 and 6000 ms after ten seconds each, and times count from the first click, which is at 200.
    let bounds = |e: &EpisodeRow| (e.t_start_millis, e.t_end_millis);
    let told: Vec<_> = read_episodes(&out).expect("they read").iter().map(bounds).collect();
    assert_eq!(told, [(-150, 5_800), (9_850, 15_800)]);
    let rows = steps(&out);
    assert_eq!((rows[0].t_start_millis, rows[3].t_end_millis, rows[7].t_end_millis), (0, 5_800, 15_800));
}

#[test]
fn of_a_recording_without_a_step_times_count_from_its_first_episode() {
    let place = tempfile::tempdir().expect("a folder");
    let take = Take { odd: Some(Odd::Begun), ..Take::new(7, 1) };
    let inputs = vec![support::take(place.path(), take)];
    let out = place.path().join("ds");
    support::make(place.path(), &out, inputs).expect("it is built");
    let episodes = read_episodes(&out).expect("they read");
    assert_eq!((episodes.len(), episodes[0].marked, episodes[0].steps), (1, true, 0));
    assert_eq!((episodes[0].t_start_millis, episodes[0].t_end_millis), (0, 50));
}

#[test]
fn the_manifest_tells_terms_digests_and_where_every_event_went() {
    let place = tempfile::tempdir().expect("a folder");
    let out = place.path().join("ds");
    let report = make(&out, &[(7, 2)]).1.expect("it is built");
    let manifest = verify(&out).expect("nothing is altered");
    assert_eq!(manifest, report.manifest);
    let recording = &manifest.recordings[0];
    assert_eq!((recording.segments.len(), recording.split.as_str(), recording.episodes), (2, "train", 2));
    let ledger = &recording.ledger;
    let elsewhere: u64 = ledger.ignored.values().chain(ledger.errors.values()).sum();
    assert_eq!((ledger.inputs, elsewhere), (ledger.in_steps, 0));
    assert_eq!(manifest.grant.who, "a test");
    let page = std::fs::read_to_string(out.join(DATASHEET_FILE)).expect("a data sheet");
    assert!(page.contains("Of them inside the element's box: 2 of 2 (100.0 %)."), "{page}");
    assert!(page.contains("| 100 to 250 | 2 |"), "{page}");
    assert!(page.contains("not shown for fewer than 5 people"), "{page}");
}

#[test]
fn the_same_recordings_give_the_same_bytes_in_whatever_order_and_by_however_many() {
    let place = tempfile::tempdir().expect("a folder");
    let sealed = tempfile::tempdir().expect("a folder");
    let takes = [Take::new(1, 1), Take::new(2, 3), Take::new(3, 2)];
    takes.iter().for_each(|take| drop(support::take(sealed.path(), *take)));
    let build_by = |name: &str, order: &[usize], workers: usize| {
        let out = place.path().join(name);
        let inputs = order.iter().map(|i| support::found(sealed.path(), takes[*i])).collect();
        let mut settings = support::settings(&out);
        settings.workers = workers.try_into().expect("a worker");
        build(inputs, &support::opener(sealed.path()), &settings, &mut |_| ()).expect("it is built");
        out
    };
    let one = build_by("one", &[0, 1, 2], 1);
    support::assert_same(&one, &build_by("three", &[2, 0, 1], 3));
    support::assert_same(&one, &build_by("nine", &[1, 2, 0], 9));
}

#[test]
fn nothing_is_overwritten_and_nothing_half_made_is_left() {
    let place = tempfile::tempdir().expect("a folder");
    let out = place.path().join("ds");
    std::fs::create_dir(&out).expect("something is there");
    assert!(matches!(make(&out, &[(7, 1)]).1, Err(DatasetError::Exists)));
    let out = place.path().join("none");
    assert!(matches!(make(&out, &[]).1, Err(DatasetError::NoInputs)));
    assert!(matches!(make(&out, &[(7, 1), (7, 1)]).1, Err(DatasetError::Twice { .. })));
    let left: Vec<_> = std::fs::read_dir(place.path()).expect("a folder").collect();
    assert_eq!(left.len(), 1, "only what had been there");
}

#[test]
fn an_altered_recording_stops_the_build_and_an_altered_data_set_is_seen() {
    let place = tempfile::tempdir().expect("a folder");
    let out = place.path().join("ds");
    let sealed = tempfile::tempdir().expect("a folder");
    let input = support::input(sealed.path(), 7, 1);
    let file = support::path(sealed.path(), 7, 0);
    let mut bytes = std::fs::read(&file).expect("a segment");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&file, bytes).expect("it is altered");
    let failed = support::make(sealed.path(), &out, vec![input]);
    assert!(matches!(failed, Err(DatasetError::Reduce { .. })));
    assert!(!out.exists() && !place.path().join("ds.work").exists(), "nothing is left behind");

    make(&out, &[(7, 1)]).1.expect("it is built");
    let steps = out.join(STEPS_FILE);
    let mut bytes = std::fs::read(&steps).expect("a table");
    bytes[100] ^= 1;
    std::fs::write(&steps, bytes).expect("it is altered");
    assert!(matches!(verify(&out), Err(DatasetError::Altered { file }) if file == STEPS_FILE));
    assert!(Manifest::read(&out).is_ok() && out.join(MANIFEST_FILE).exists());
}

#[test]
fn progress_reaches_its_end() {
    let place = tempfile::tempdir().expect("a folder");
    let sealed = tempfile::tempdir().expect("a folder");
    let mut last = Progress::default();
    let inputs = vec![support::input(sealed.path(), 7, 2)];
    let settings = support::settings(&place.path().join("ds"));
    build(inputs, &support::opener(sealed.path()), &settings, &mut |p| last = p).expect("it is built");
    assert_eq!((last.recordings_done, last.segments_done, last.steps), (1, 2, 8));
    assert_eq!((last.recordings, last.segments), (1, 2));
    assert!(last.picture_bytes > 0);
}
