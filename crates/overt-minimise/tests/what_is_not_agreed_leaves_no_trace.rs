//! Default deny: of an application that may not be recorded nothing survives, in any stream.

mod support;

use overt_event::{
    AppIdentity, Completeness, DenyRule, ElementLookup, Point, RawBody, RecordBody, Rect, Verdict,
    VisibleWindow, WallTime, WindowChange, WindowId, WindowKind, WindowReport,
};
use overt_minimise::{EventKind, Minimised};
use proptest::prelude::*;
use support::streams::{day, live};
use support::{App, BARE, Stage, TODAY, json, other, records};

/// Every colour of a picture that is not the filling.
fn colours(out: &[Minimised]) -> Vec<[u8; 3]> {
    let mut all: Vec<[u8; 3]> = Vec::new();
    for frame in out.iter().filter_map(Minimised::pixels) {
        let rgb = frame.to_rgb();
        let mut last = [0; 3];
        for p in rgb.chunks_exact(3).map(|p| [p[0], p[1], p[2]]) {
            if p != last && !all.contains(&p) {
                all.push(p);
            }
            last = p;
        }
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nothing_of_a_forbidden_application_survives(day in day()) {
        let (out, _) = live(Stage::open(App::Editor), &day);
        let all = json(&out);
        for app in [App::Mail, App::Bank] {
            prop_assert!(!all.contains(&app.marker()), "{all}");
        }
        prop_assert!(!all.contains("secret-"), "{all}");
        for record in records(&out) {
            prop_assert!(record.app.as_ref().is_none_or(|a| &*a.0 == "editor" || &*a.0 == "files"));
            if let RecordBody::Cursor { id: Some(_), .. } = &record.body {
                prop_assert!(record.app.as_ref().is_some_and(|a| &*a.0 == "editor"), "{record:?}");
            }
            if let RecordBody::Window { window, .. } = &record.body {
                prop_assert!(window.0 <= App::Files.number());
            }
        }
        // Only the editor may be seen, its own colour or what lies under the others' places.
        let seen = colours(&out);
        for app in [App::Files, App::Mail, App::Bank] {
            prop_assert!(!seen.contains(&app.colour()), "{app:?}");
        }
    }

    #[test]
    fn structure_keeps_no_text_no_titles_and_no_addresses(day in day()) {
        let (out, _) = live(Stage::open(App::Files), &day);
        for record in records(&out).into_iter().filter(|r| r.app.as_ref().is_some_and(|a| &*a.0 == "files")) {
            prop_assert_eq!(record.time.0 % 100_000_000, 0);
            prop_assert_eq!(record.arrival.0 % 100_000_000, 0);
            let marked = json_of(record).contains(&App::Files.marker());
            let control = matches!(&record.body, RecordBody::Element(_) | RecordBody::Snapshot(_));
            prop_assert!(!marked || control, "{}", json_of(record));
            let content = matches!(&record.body, RecordBody::Text { .. } | RecordBody::Location { .. });
            prop_assert!(!content, "{}", json_of(record));
        }
    }
}

fn json_of(record: &overt_event::Record) -> String {
    serde_json::to_string(record).expect("records serialise")
}

#[test]
fn pictures_show_only_what_may_be_seen() {
    let mut stage = Stage::open(App::Editor);
    stage.frame(1_000);
    let (out, _) = stage.finish(2_000);
    assert_eq!(colours(&out), [App::Editor.colour(), overt_fill()]);
    assert!(!colours(&out).contains(&BARE));
    let permille = records(&out).into_iter().find_map(|r| match &r.body {
        RecordBody::Frame(f) => Some(f.filled_permille),
        _ => None,
    });
    // 200 x 200 of 830 x 230 may be seen.
    assert_eq!(permille, Some(1_000 - 40_000 * 1_000 / (830 * 230)));
}

fn overt_fill() -> [u8; 3] {
    [0x30; 3]
}

fn popup(id: u32, app: AppIdentity, own: bool, change: WindowChange) -> RawBody {
    RawBody::Window(WindowReport {
        change,
        window: WindowId(id),
        app,
        pid: None,
        kind: WindowKind::Popup,
        bounds: Rect { x: 50, y: 50, w: 100, h: 100 },
        title: String::new(),
        own,
    })
}

fn kinds(out: &[Minimised], wanted: fn(&RecordBody) -> bool) -> usize {
    records(out).into_iter().filter(|r| wanted(&r.body)).count()
}

#[test]
fn keys_are_not_kept_while_a_foreign_popup_may_have_the_keyboard() {
    let mut stage = Stage::open(App::Editor);
    stage.at(1_000, popup(90, AppIdentity::default(), false, WindowChange::PopupOpened));
    stage.types(1_010, 'x');
    stage.presses(1_020, "Alt_L");
    stage.at(1_100, popup(90, AppIdentity::default(), false, WindowChange::PopupClosed));
    stage.types(1_110, 'y');
    stage.focus(1_120, 1_121, App::Editor.pid(), other());
    let (out, _) = stage.finish(5_000);
    assert_eq!(support::texts(&out), "y");
    assert_eq!(kinds(&out, |b| matches!(b, RecordBody::Key(_))), 2);
}

#[test]
fn what_lies_on_top_is_what_counts_and_the_recorders_own_windows_are_not_kept() {
    let mut stage = Stage::open(App::Editor);
    let at = Point { x: 100, y: 100 };
    stage.at(1_000, popup(90, AppIdentity::default(), true, WindowChange::PopupOpened));
    stage.clicks(1_010, at);
    stage.at(1_020, popup(90, AppIdentity::default(), true, WindowChange::PopupClosed));
    stage.at(1_030, popup(91, App::Bank.identity(), false, WindowChange::PopupOpened));
    stage.clicks(1_040, at);
    stage.at(1_050, popup(91, App::Bank.identity(), false, WindowChange::PopupClosed));
    stage.clicks(1_060, at);
    let (out, tally) = stage.finish(5_000);
    assert_eq!(kinds(&out, |b| matches!(b, RecordBody::Button { .. })), 1);
    let denied = &tally.kinds[&EventKind::Button].denied;
    assert_eq!((denied[&DenyRule::OwnWindow], denied[&DenyRule::AppNotAgreed]), (1, 1));
}

#[test]
fn without_pictures_the_windows_that_are_told_are_the_order_that_counts() {
    let mut stage = Stage::open(App::Editor);
    let over = |bounds| VisibleWindow { bounds, ..App::Bank.visible() };
    let editor = App::Editor.visible();
    stage.at(1_000, RawBody::Windows(vec![editor.clone(), over(editor.bounds)]));
    stage.clicks(1_010, App::Editor.middle());
    stage.at(2_000, RawBody::Windows(vec![over(editor.bounds), editor]));
    stage.clicks(2_010, App::Editor.middle());
    let (out, tally) = stage.finish(5_000);
    assert_eq!(kinds(&out, |b| matches!(b, RecordBody::Button { .. })), 1);
    assert_eq!(tally.kinds[&EventKind::Button].denied[&DenyRule::AppNotAgreed], 1);
    assert_eq!(tally.kinds[&EventKind::Windows].never_kept, 2);
}

fn element_kept(stage: &mut Stage, under: Point) -> bool {
    let for_seq = stage.clicks(1_000, App::Editor.middle());
    stage.at(
        1_010,
        RawBody::Element(ElementLookup {
            for_seq,
            at: under,
            pid: App::Editor.pid(),
            element: None,
            completeness: Completeness::NoTree,
            took_nanos: 1,
        }),
    );
    let out = stage.drain(1_100);
    kinds(out, |b| matches!(b, RecordBody::Element(_))) == 1
}

#[test]
fn an_element_is_judged_by_its_process_and_by_the_window_at_its_point() {
    assert!(element_kept(&mut Stage::open(App::Editor), App::Editor.middle()));
    assert!(!element_kept(&mut Stage::open(App::Editor), App::Mail.middle()));
}

#[test]
fn a_process_with_a_window_that_may_not_be_recorded_is_not_recorded() {
    let mut stage = Stage::open(App::Editor);
    let RawBody::Window(mut report) = App::Bank.report(WindowChange::Opened) else { return };
    report.window = WindowId(77);
    report.pid = Some(App::Editor.pid());
    stage.at(500, RawBody::Window(report));
    assert!(!element_kept(&mut stage, App::Editor.middle()));
}

#[test]
fn keys_just_before_a_window_was_told_to_have_the_focus_may_be_its_own() {
    let mut stage = Stage::open(App::Editor);
    stage.types(1_000, 'x');
    stage.types(1_080, 'y');
    stage.at(1_100, App::Bank.report(WindowChange::Focused));
    stage.focus(1_101, 1_102, App::Editor.pid(), other());
    let (out, _) = stage.finish(5_000);
    assert_eq!(support::texts(&out), "x");
}

#[test]
fn the_active_windows_verdict_is_told_when_it_changes_and_nothing_of_whose_it_is() {
    let mut stage = Stage::open(App::Editor);
    stage.at(1_234, App::Bank.report(WindowChange::Focused));
    stage.at(1_300, App::Mail.report(WindowChange::Focused));
    stage.at(1_400, App::Editor.report(WindowChange::Focused));
    let (out, _) = stage.finish(5_000);
    let verdicts: Vec<_> = records(&out)
        .into_iter()
        .filter_map(|r| match &r.body {
            RecordBody::VerdictChange { verdict } => Some((verdict.clone(), r.app.clone())),
            _ => None,
        })
        .collect();
    let rules: Vec<_> = verdicts
        .iter()
        .map(|(v, _)| match v {
            Verdict::Allow { .. } => None,
            Verdict::Deny { rule } => Some(*rule),
        })
        .collect();
    let expected =
        [Some(DenyRule::AppUnknown), None, Some(DenyRule::AppNotAgreed), Some(DenyRule::NotConsented), None];
    assert_eq!(rules, expected);
    assert!(verdicts.iter().all(|(_, app)| app.is_none()));
}

#[test]
fn after_the_last_day_nothing_passes() {
    let mut stage = Stage::open(App::Editor);
    stage.now = WallTime(TODAY.0 + 86_400);
    let from = stage.drain(900).len();
    stage.clicks(1_000, App::Editor.middle());
    stage.frame(1_010);
    stage.types(1_020, 'x');
    stage.at(1_030, RawBody::Mark(overt_event::Mark::ThumbsUp));
    let (out, _) = stage.finish(5_000);
    let only_absences =
        |b: &RecordBody| matches!(b, RecordBody::Gap { .. } | RecordBody::VerdictChange { .. });
    assert_eq!(kinds(&out[from..], only_absences), out.len() - from, "{}", json(&out[from..]));
}

#[test]
fn where_the_windows_are_not_known_there_is_no_picture() {
    let mut stage = Stage::open(App::Editor);
    let from = stage.drain(900).len();
    stage.frame_of(1_000, support::desktop(), None);
    let nobody: Vec<VisibleWindow> = Vec::new();
    stage.frame_of(1_010, support::desktop(), Some(nobody));
    let (out, tally) = stage.finish(5_000);
    assert!(out[from..].iter().all(|m| m.pixels().is_none()));
    assert_eq!(tally.kinds[&EventKind::Frame].denied_total(), 2);
}
