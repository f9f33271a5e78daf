//! Recordings that are not as they should be: a stated fact of the version, or a clear refusal, never a silent row.

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use overt_dataset::{
    BuildReport, DATASET_VERSION, DATASHEET_FILE, DatasetError, MANIFEST_FILE, Manifest, SplitBy, StepRow,
    build, read_episodes,
};
use overt_event::{Point, Purpose, RecordingId};
use overt_format::{Incomplete, RecordingDir, RecordingFacts, RecordingState};
use support::{Odd, Take};

/// 2026-11-22, a morning.
const MORNING: i64 = 20_779 * 86_400 + 9 * 3_600;

struct Made {
    place: tempfile::TempDir,
    report: Result<BuildReport, DatasetError>,
}

impl Made {
    fn of(takes: &[Take]) -> Self {
        let place = tempfile::tempdir().expect("a folder");
        let inputs = takes.iter().map(|take| support::take(place.path(), *take)).collect();
        let report = support::make(place.path(), &Self::out(place.path()), inputs);
        Self { place, report }
    }

    fn out(place: &Path) -> PathBuf {
        // A folder that is not there yet.
        place.join("sets").join("ds")
    }

    fn report(&self) -> &BuildReport {
        self.report.as_ref().expect("it is built")
    }

    fn page(&self) -> String {
        std::fs::read_to_string(Self::out(self.place.path()).join(DATASHEET_FILE)).expect("a data sheet")
    }
}

fn at(recording: u8, begins: i64) -> Take {
    Take { begins: Some(begins), ..Take::new(recording, 1) }
}

#[test]
fn a_recording_that_ended_early_says_so_and_its_last_episode_is_cut() {
    let state = RecordingState::Incomplete { why: Incomplete::Killed };
    let made = Made::of(&[Take { state, ..Take::new(7, 2) }]);
    assert!(made.report().manifest.recordings[0].incomplete);
    assert!(made.page().contains("Recordings that ended early or were cut: 1."));
    assert!(made.page().contains("Episodes that are not whole: 1."), "{}", made.page());
}

#[test]
fn two_recordings_of_one_person_at_once_are_both_told() {
    let made = Made::of(&[at(1, MORNING), at(2, MORNING + 4), at(3, MORNING + 3_600)]);
    let overlaps: Vec<_> = made.report().manifest.recordings.iter().map(|r| r.overlaps.clone()).collect();
    let id = |n: u8| RecordingId([n; 16]);
    assert_eq!(overlaps, [vec![id(2)], vec![id(1)], vec![]]);
    assert!(made.page().contains("made while the same person made another: 2."), "{}", made.page());
}

#[test]
fn two_people_at_once_are_nothing_odd() {
    let made = Made::of(&[at(1, MORNING), Take { person: 2, ..at(2, MORNING) }]);
    assert!(made.report().manifest.recordings.iter().all(|r| r.overlaps.is_empty()));
}

#[test]
fn a_wall_clock_that_is_set_is_counted_and_moves_no_row() {
    let steady = Take { segments: 2, ..at(7, MORNING) };
    let made = Made::of(&[Take { clock_set_secs: 3_600, ..steady }]);
    assert_eq!(made.report().manifest.recordings[0].ledger.clock_jumps, 1);
    assert!(made.page().contains("Times that a wall clock was set meanwhile: 1."));
    let times = |made: &Made| -> Vec<i64> {
        let steps = overt_dataset::read_steps(&Made::out(made.place.path())).expect("it opens");
        steps.map(|s| s.expect("it reads").t_start_millis).collect()
    };
    assert_eq!(times(&made), times(&Made::of(&[steady])));
    assert_eq!(Made::of(&[steady]).report().manifest.recordings[0].ledger.clock_jumps, 0);
}

#[test]
fn recordings_under_two_agreements_name_both() {
    let made = Made::of(&[Take::new(1, 1), Take { agreement: "the next", ..Take::new(2, 1) }]);
    let recordings = &made.report().manifest.recordings;
    assert_ne!(recordings[0].agreement, recordings[1].agreement);
    assert!(made.page().contains("under 2 agreements"), "{}", made.page());
}

#[test]
fn what_is_still_being_written_is_refused() {
    let made = Made::of(&[Take { state: RecordingState::Open, ..Take::new(7, 1) }]);
    assert!(matches!(made.report, Err(DatasetError::StillOpen { .. })));
    assert!(!Made::out(made.place.path()).exists());
}

#[test]
fn one_segment_in_two_recordings_is_refused() {
    let place = tempfile::tempdir().expect("a folder");
    let one = support::input(place.path(), 7, 1);
    let facts = RecordingFacts { recording: RecordingId([9; 16]), ..one.recording.facts().clone() };
    let copy = RecordingDir::placed(facts, None, |_| support::path(place.path(), 7, 0));
    let inputs = vec![one, overt_dataset::Input::whole(copy)];
    let made = support::make(place.path(), &Made::out(place.path()), inputs);
    assert!(matches!(made, Err(DatasetError::SegmentTwice { .. })));
}

/// What a row tells, without its own numbers.
#[derive(Debug, PartialEq)]
struct Told {
    kind: String,
    times: [i64; 2],
    at: Option<Point>,
    text: Option<String>,
    events: Vec<i64>,
}

fn told(row: &StepRow) -> Told {
    let StepRow { kind, t_start_millis, t_end_millis, text, events, .. } = row.clone();
    Told { kind, times: [t_start_millis, t_end_millis], at: row.at(), text, events }
}

fn rows(made: &Made) -> Vec<StepRow> {
    let steps = overt_dataset::read_steps(&Made::out(made.place.path())).expect("it opens");
    steps.map(|s| s.expect("it reads")).collect()
}

/// What is odd about the second of two tasks is in the ledger by that name and number, on the data sheet and in the
/// episode's quality; all other rows are there and the same.
fn check_error(odd: Odd, name: &str, events: u64) {
    let take = Take { segments: 2, ..at(7, MORNING) };
    let (whole, made) = (Made::of(&[take]), Made::of(&[Take { odd: Some(odd), ..take }]));
    let ledger = &made.report().manifest.recordings[0].ledger;
    assert_eq!(ledger.errors, BTreeMap::from([(name.to_owned(), events)]));
    let ended = ledger.in_steps + ledger.ignored.values().sum::<u64>() + events;
    assert_eq!(ledger.inputs, ended, "every input event ended once");
    let page = made.page();
    assert!(page.contains(&format!(
        "## Input events in error\n\n| | count |\n| --- | ---: |\n| {name} | {events} |"
    )));
    let told_of = |made: &Made| -> Vec<_> { rows(made).iter().map(told).collect() };
    assert_eq!(told_of(&made), told_of(&whole), "no row of it, and none is missing");
    let sound = |made: &Made| -> Vec<f64> {
        let episodes = read_episodes(&Made::out(made.place.path())).expect("it opens").into_iter();
        episodes.filter_map(|e| e.quality_parts.sound).collect()
    };
    assert_eq!(sound(&whole), [1.0, 1.0]);
    let sound = sound(&made);
    assert!(sound[0] == 1.0 && sound[1] < 1.0, "{sound:?}");
}

#[test]
fn a_press_without_a_release_is_an_error_and_no_row() {
    check_error(Odd::Unmatched, "unmatched_press", 1);
}

#[test]
fn a_place_outside_the_desktop_is_an_error_and_no_row() {
    check_error(Odd::Outside, "outside_desktop", 2);
}

#[test]
fn an_event_whose_clock_jumps_is_an_error_and_no_row() {
    check_error(Odd::Jump, "clock_jump", 2);
}

#[test]
fn a_torn_segment_makes_the_recording_incomplete_and_gives_only_rows_of_what_is_whole() {
    let take = Take { segments: 2, ..at(7, MORNING) };
    let (whole, torn) = (Made::of(&[take]), Made::of(&[Take { odd: Some(Odd::Torn), ..take }]));
    let note = &torn.report().manifest.recordings[0];
    assert!(note.incomplete);
    assert_eq!(note.segments.iter().map(|s| s.torn).collect::<Vec<_>>(), [false, true]);
    assert!(note.ledger.inputs < whole.report().manifest.recordings[0].ledger.inputs);
    assert!(torn.page().contains("Recordings that ended early or were cut: 1."));
    let episodes = read_episodes(&Made::out(torn.place.path())).expect("it opens");
    let cut: Vec<_> = episodes.iter().map(|e| (e.cut, e.ended_by.as_str())).collect();
    assert_eq!(cut, [(false, "task_ends"), (true, "recording_ends")]);
    let (whole, torn) = (rows(&whole), rows(&torn));
    let (end, before) = torn.split_last().expect("rows");
    assert_eq!((end.kind.as_str(), end.finish_reason.as_deref()), ("finish", Some("recording_ends")));
    assert_eq!(end.events, [0; 0], "the end that it adds is made of no event");
    let told_of = |rows: &[StepRow]| -> Vec<_> { rows.iter().map(told).collect() };
    assert_eq!(told_of(before), told_of(&whole[..before.len()]), "what is there is what would have been");
    assert_eq!(before.last().map(|row| row.kind.as_str()), Some("click"));
}

#[test]
fn a_recording_that_was_agreed_for_another_purpose_is_refused_and_nothing_is_left() {
    let made = Made::of(&[Take::new(1, 1), Take { purpose: Purpose::EvaluateAgents, ..Take::new(7, 1) }]);
    let error = made.report.as_ref().expect_err("it is for something else");
    let named = matches!(error, DatasetError::Open { recording, .. } if *recording == RecordingId([7; 16]));
    assert!(named && error.to_string().contains("purpose"), "{error}");
    assert!(!Made::out(made.place.path()).exists());
}

#[test]
fn a_missing_segment_is_refused_by_name() {
    let place = tempfile::tempdir().expect("a folder");
    let input = support::input(place.path(), 7, 2);
    std::fs::remove_file(support::path(place.path(), 7, 1)).expect("it is lost");
    let made = support::make(place.path(), &Made::out(place.path()), vec![input]);
    let error = made.expect_err("a segment is missing").to_string();
    assert!(error.contains("segment 1") && error.contains("missing"), "{error}");
}

#[test]
fn a_person_is_in_one_split_and_by_recording_in_several() {
    let splits = |by: SplitBy| {
        let place = tempfile::tempdir().expect("a folder");
        let takes = (1..=30).map(|n| Take { person: 1 + n % 2, ..Take::new(n, 1) });
        let inputs = takes.map(|take| support::take(place.path(), take)).collect();
        let mut settings = support::settings(&Made::out(place.path()));
        settings.split_by = by;
        let made =
            build(inputs, &support::opener(place.path()), &settings, &mut |_| ()).expect("it is built");
        let of_person = |key: u8| -> std::collections::BTreeSet<String> {
            let recordings = made.manifest.recordings.iter();
            recordings.filter(|r| r.contributor_key.0[0] == key).map(|r| r.split.clone()).collect()
        };
        (of_person(1).len(), of_person(2).len())
    };
    assert_eq!(splits(SplitBy::Person), (1, 1));
    let (one, other) = splits(SplitBy::Recording);
    assert!(one > 1 && other > 1);
}

#[test]
fn a_manifest_of_another_version_is_refused_by_its_number_and_another_file_by_its_form() {
    let made = Made::of(&[at(1, MORNING)]);
    let (dataset, file) = (Made::out(made.place.path()), MANIFEST_FILE);
    let whole = std::fs::read_to_string(dataset.join(file)).expect("a manifest");
    let read = |text: &str| {
        std::fs::write(dataset.join(file), text).expect("writes");
        Manifest::read(&dataset)
    };
    let version =
        |n: u32| whole.replace(&format!("\"version\": {DATASET_VERSION},"), &format!("\"version\": {n},"));
    for got in [1, DATASET_VERSION - 1, DATASET_VERSION + 1] {
        let told = read(&version(got)).expect_err("another version");
        assert!(
            matches!(told, DatasetError::Version { expected: DATASET_VERSION, got: g } if g == got),
            "{told}"
        );
    }
    for other in ["", "{}", &format!("{{\"version\":{DATASET_VERSION}}}"), &format!("[{DATASET_VERSION}]")] {
        assert!(matches!(read(other), Err(DatasetError::Manifest(_))), "{other}");
    }
    assert!(read(&whole).is_ok());
}
