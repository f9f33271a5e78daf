//! Refusals, the licence that goes along, and the promises that every export keeps.

mod support;

use std::fs;
use std::path::Path;

use overt_dataset::{DatasetError, MANIFEST_FILE, Manifest, Standing, file_note, mark_must_rebuild};
use overt_export::{
    EXPORT_FILE, ExportError, ExportReport, ExportSettings, Format, LICENCE_FILE, LOSSES_PAGE, Refusal,
    Space, Video, export,
};
use overt_import::Format as Source;
use support::{Made, Wanted, data, json_file, settings, space_for};

fn try_export(made: &Made, out: &Path) -> Result<ExportReport, ExportError> {
    export(&made.dataset(), &settings(out, Format::Calls, Some(Space::Openai)), &mut |_| ())
}

/// A data set whose manifest says something else.
fn retold(made: &Made, change: impl Fn(&mut Manifest)) {
    let mut manifest = Manifest::read(&made.dataset()).expect("a manifest");
    change(&mut manifest);
    let bytes = serde_json::to_vec_pretty(&manifest).expect("JSON");
    fs::write(made.dataset().join(MANIFEST_FILE), bytes).expect("it is written");
}

fn small() -> Made {
    let src = tempfile::tempdir().expect("a folder");
    let file = src.path().join("rows.csv");
    let rows = "time,button,state,x,y\n1,Left,Pressed,10,10\n1.05,Left,Released,10,10\n3,,Move,9,9\n";
    fs::write(&file, rows).expect("a file");
    Made::of(Source::Csv, &file, Wanted { cadence: "none", ..Wanted::default() })
}

fn check_refused(change: impl Fn(&mut Manifest), is_right: impl Fn(&Refusal) -> bool) {
    check_fails(change, |error| matches!(error, ExportError::Refused(why) if is_right(why)));
}

fn check_fails(change: impl Fn(&mut Manifest), is_right: impl Fn(&ExportError) -> bool) {
    let made = small();
    retold(&made, change);
    let place = tempfile::tempdir().expect("a folder");
    let result = try_export(&made, &place.path().join("out"));
    assert!(result.as_ref().is_err_and(is_right), "{result:?}");
    assert_eq!(fs::read_dir(place.path()).expect("a folder").count(), 0, "nothing is left");
}

#[test]
fn what_was_not_agreed_is_refused() {
    use Refusal as R;
    check_refused(|m| m.recordings[0].purposes.clear(), |why| matches!(why, R::NotAgreed { .. }));
    check_refused(
        |m| m.recordings[0].consent = overt_format::Hex([0; 32]),
        |why| matches!(why, R::NoConsent { .. }),
    );
    check_refused(
        |m| m.purpose = overt_event::Purpose::SubjectAccess,
        |why| matches!(why, R::Purpose { .. }),
    );
    let ended = |error: &ExportError| matches!(error, ExportError::Dataset(DatasetError::Ended { .. }));
    check_fails(|m| m.grant.expires = Some("2026-11-21".into()), ended);
    check_refused(|m| m.recordings[0].segments.clear(), |why| matches!(why, R::NotReleased { row: 0 }));
    check_refused(|m| m.rows += 1, |why| matches!(why, R::Rows { .. }));
}

#[test]
fn what_was_altered_is_refused() {
    let made = small();
    let steps = made.dataset().join("steps.parquet");
    let mut bytes = fs::read(&steps).expect("a table");
    bytes[50] ^= 1;
    fs::write(&steps, bytes).expect("it is altered");
    let place = tempfile::tempdir().expect("a folder");
    let result = try_export(&made, &place.path().join("out"));
    assert!(matches!(result, Err(ExportError::Dataset(DatasetError::Altered { .. }))));
}

#[test]
fn what_must_be_rebuilt_is_refused() {
    let made = small();
    let manifest = Manifest::read(&made.dataset()).expect("a manifest");
    let erased = manifest.recordings[0].segments.iter().map(|s| s.segment).collect();
    let standing = Standing { erased };
    mark_must_rebuild(&made.dataset(), &standing).expect("it is marked");
    let place = tempfile::tempdir().expect("a folder");
    let result = try_export(&made, &place.path().join("out"));
    let refused = matches!(result, Err(ExportError::Dataset(DatasetError::MustRebuild { segments: 1 })));
    assert!(refused, "{result:?}");
}

#[test]
fn nothing_is_overwritten_and_the_same_data_set_gives_the_same_bytes() {
    for made in [Made::session(), Made::of_two_splits()] {
        Format::ALL.into_iter().for_each(|format| check_same_bytes(&made, format, space_for(format)));
    }
}

fn check_same_bytes(made: &Made, format: Format, space: Option<Space>) {
    let place = tempfile::tempdir().expect("a folder");
    let (a, b) = (place.path().join("a"), place.path().join("b"));
    let try_at = |out: &Path| export(&made.dataset(), &settings(out, format, space), &mut |_| ());
    try_at(&a).expect("it exports");
    assert!(matches!(try_at(&a), Err(ExportError::Exists)));
    try_at(&b).expect("it exports again");
    let notes = json_file(&a.join(EXPORT_FILE));
    assert_eq!(notes, json_file(&b.join(EXPORT_FILE)));
    let files = notes["files"].as_array().expect("files");
    assert!(files.len() >= 3);
    for note in files {
        let name = note["name"].as_str().expect("a name");
        let of = |folder: &Path| file_note(folder, name).expect("it is there");
        assert_eq!(
            (of(&a).sha256.to_string(), of(&a)),
            (note["sha256"].as_str().expect("hex").into(), of(&b))
        );
    }
}

#[test]
fn an_imported_licence_goes_along_and_losses_are_told() {
    let made = small();
    let (out, report) = made.export(Format::Calls, Some(Space::Openai));
    let licence = fs::read_to_string(out.join(LICENCE_FILE)).expect("a licence");
    assert!(licence.contains("1 recordings from csv: MIT, somebody"), "{licence}");
    assert!(licence.contains("To be deleted after 2026-12-31.") && licence.contains("for train-agents"));
    let terms = json_file(&out.join(overt_dataset::LICENCE_FILE));
    assert_eq!(terms, json_file(&made.dataset().join(overt_dataset::LICENCE_FILE)));
    let page = fs::read_to_string(out.join(LOSSES_PAGE)).expect("a page");
    assert!(page.contains("| 1 | left out | the recording ended, not a task |"), "{page}");
    assert_eq!((report.rows, report.exported, report.steps_missed()), (2, 1, 0));
    let line = &support::json_lines(&out.join("train.jsonl"))[0];
    assert!(line["image"].is_null() && line["instruction"].is_null(), "what is not known is null");
}

#[test]
fn masked_text_and_missing_pictures_are_counted_and_never_made_up() {
    let Some(data) = data(1) else { return };
    let wanted = Wanted { level: "structure", ..Wanted::default() };
    let made = Made::of(Source::DuckTrack, &data.join("ducktrack"), wanted);
    let (_, report) = made.export(Format::Calls, Some(Space::Openai));
    assert_eq!(report.losses.of(overt_export::Loss::TextMasked), 2);
    let (out, report) = made.export(Format::Agentnet, None);
    assert_eq!(report.exported, 0);
    assert!(report.losses.of(overt_export::Loss::NoPicture) > 20 && !out.join("train.jsonl").exists());
}

#[test]
fn a_format_takes_an_action_space_and_a_video_where_it_has_a_place_for_them() {
    let made = small();
    let place = tempfile::tempdir().expect("a folder");
    let try_with = |format, space| {
        export(&made.dataset(), &settings(&place.path().join("out"), format, space), &mut |_| ())
    };
    let taken = try_with(Format::Agentnet, Some(Space::Openai));
    assert!(matches!(taken, Err(ExportError::SpaceNotTaken { .. })));
    assert!(matches!(try_with(Format::MsSwift, None), Err(ExportError::SpaceNeeded { .. })));
    let video = ExportSettings {
        video: Some(Video::X264),
        ..settings(&place.path().join("out"), Format::Agentnet, None)
    };
    let taken = export(&made.dataset(), &video, &mut |_| ());
    assert!(matches!(taken, Err(ExportError::VideoNotTaken { .. })));
}
