//! Of an application for which the terms name sites only that is kept which lies between two looks that told an
//! agreed site.

mod support;

use std::collections::BTreeMap;

use overt_event::{
    AccessibleChange, AccessibleEvent, DenyRule, MonoNanos, Node, RawBody, RecordBody, Rect, SiteSeen,
    VisibleWindow, WindowChange, WindowId, WindowKind, WindowReport,
};
use overt_minimise::{Minimised, Tally};
use proptest::prelude::*;
use support::streams::{Deed, day, live};
use support::{APPS, App, Stage, json, other, records, texts};

const WORK: &str = "work.example";
const SHAPES: &str = "shapes.example";
const HOME: &str = "home.example";

fn host(name: &str) -> SiteSeen {
    SiteSeen::Host(name.into())
}

/// What a person does in the editor between 1,000 and 1,400 ms, in every stream.
fn work(stage: &mut Stage) {
    stage.frame(1_000);
    stage.focus(1_001, 1_010, App::Editor.pid(), other());
    stage.clicks(1_100, App::Editor.middle());
    stage.types(1_150, 'h');
    stage.types(1_160, ' ');
    stage.presses(1_170, "Tab");
    stage.focus(1_200, 1_210, App::Editor.pid(), other());
    stage.at(1_220, App::Editor.report(WindowChange::Retitled));
    stage.at(1_230, RawBody::Accessible { pid: App::Editor.pid(), event: chosen() });
    stage.at(1_240, RawBody::Location { pid: App::Editor.pid(), url: "https://work.example/page".into() });
    stage.look(App::Editor, 1_400, vec![node("push button", "Send", &[])]);
}

fn chosen() -> AccessibleEvent {
    AccessibleEvent {
        change: AccessibleChange::Selected,
        node: node("check box", "Yes", &[]),
        ancestors: vec![],
    }
}

fn node(role: &str, name: &str, states: &[&str]) -> Node {
    let bounds = Rect { x: 10, y: 10, w: 30, h: 10 };
    let states = states.iter().map(|s| (*s).to_owned()).collect();
    Node { role: role.into(), name: name.into(), states, bounds, parent: None }
}

/// What came out of that with these looks, the times in milliseconds.
fn told(looks: &[(u64, SiteSeen)]) -> (Vec<Minimised>, Tally) {
    let mut stage = Stage::sited(App::Editor);
    let (before, after): (Vec<_>, Vec<_>) = looks.iter().cloned().partition(|(asked, _)| *asked < 1_000);
    before.into_iter().for_each(|(asked, site)| stage.site(asked, site, true));
    work(&mut stage);
    after.into_iter().for_each(|(asked, site)| stage.site(asked, site, true));
    stage.finish(9_000)
}

/// The kinds of records that the editor has, with their number.
fn kept(out: &[Minimised]) -> BTreeMap<String, usize> {
    let mut kinds = BTreeMap::new();
    for record in records(out) {
        let of_it = record.app.as_ref().is_some_and(|app| &*app.0 == "editor");
        if of_it && record.time >= MonoNanos::from_millis(1_000) {
            let body = serde_json::to_value(&record.body).expect("records serialise");
            *kinds.entry(body["kind"].as_str().expect("a kind").to_owned()).or_default() += 1;
        }
    }
    kinds
}

/// Whether the last picture shows the editor; `None` without a picture.
fn seen(out: &[Minimised]) -> Option<bool> {
    let at = App::Editor.middle();
    let [r, g, b] = App::Editor.colour();
    let pixels = out.iter().rev().find_map(Minimised::pixels)?;
    Some(pixels.pixel(at.x as u32, at.y as u32) == Some([b, g, r]))
}

fn denied(tally: &Tally, rule: DenyRule) -> u64 {
    tally.kinds.values().filter_map(|k| k.denied.get(&rule)).sum()
}

#[test]
fn between_two_looks_that_told_an_agreed_site_everything_is_kept() {
    let (out, _) = told(&[(500, host(WORK)), (1_650, host("www.work.example"))]);
    let expected = ["accessible", "button", "key", "location", "snapshot", "text", "window"];
    assert_eq!(kept(&out).into_keys().collect::<Vec<_>>(), expected);
    assert_eq!((texts(&out).as_str(), seen(&out)), ("h ", Some(true)));
}

fn check_nothing(looks: &[(u64, SiteSeen)], rule: DenyRule) {
    let (out, tally) = told(looks);
    assert_eq!((kept(&out), seen(&out)), (BTreeMap::new(), None));
    assert!(!json(&out).contains("work.example"));
    assert!(denied(&tally, rule) >= 7, "{tally:?}");
}

#[test]
fn nobody_looked_or_nobody_could_tell() {
    check_nothing(&[], DenyRule::SiteUnknown);
    check_nothing(&[(500, SiteSeen::Unknown), (1_650, SiteSeen::Unknown)], DenyRule::SiteUnknown);
    // A look before is not enough, and one that was asked for too soon after is none.
    check_nothing(&[(500, host(WORK))], DenyRule::SiteUnknown);
    check_nothing(&[(500, host(WORK)), (1_650, SiteSeen::Unknown)], DenyRule::SiteUnknown);
}

#[test]
fn another_site_before_or_after_or_for_a_moment_between() {
    check_nothing(&[(500, host(HOME)), (1_650, host(WORK))], DenyRule::SiteNotAgreed);
    check_nothing(&[(500, host(WORK)), (1_410, host(HOME)), (1_650, host(WORK))], DenyRule::SiteNotAgreed);
    check_nothing(&[(500, host(WORK)), (1_650, host(HOME))], DenyRule::SiteNotAgreed);
    check_nothing(&[(500, host(WORK)), (1_650, SiteSeen::NoDocument)], DenyRule::SiteNotAgreed);
    check_nothing(&[(500, SiteSeen::Host(String::new()))], DenyRule::SiteNotAgreed);
}

#[test]
fn at_a_site_of_a_lower_level_less_is_kept() {
    let (out, _) = told(&[(500, host(SHAPES)), (1_650, host(SHAPES))]);
    assert_eq!((texts(&out).as_str(), seen(&out)), ("", None));
    assert!(kept(&out).contains_key("text_shape") && !json(&out).contains("work.example"));
    check_nothing(&[(500, host(WORK)), (1_650, host(SHAPES))], DenyRule::SiteNotAgreed);
}

#[test]
fn a_window_that_may_be_private_is_not_kept_at_any_site() {
    let mut stage = Stage::sited(App::Editor);
    stage.site(500, host(WORK), false);
    work(&mut stage);
    stage.site(1_650, host(WORK), false);
    let (out, tally) = stage.finish(9_000);
    assert_eq!((kept(&out), seen(&out)), (BTreeMap::new(), None));
    assert!(denied(&tally, DenyRule::PrivateBrowsing) >= 7, "{tally:?}");
}

#[test]
fn after_a_pause_it_is_looked_at_anew() {
    let mut stage = Stage::sited(App::Editor);
    stage.site(500, host(WORK), true);
    stage.minimiser.pause(MonoNanos::from_millis(600));
    // An answer to a question from before the pause.
    stage.at(650, App::Editor.report(WindowChange::Retitled));
    stage.minimiser.resume(MonoNanos::from_millis(700));
    work(&mut stage);
    stage.site(1_650, host(WORK), true);
    let (out, tally) = stage.finish(9_000);
    assert_eq!(kept(&out), BTreeMap::new());
    assert!(denied(&tally, DenyRule::SiteUnknown) >= 7, "{tally:?}");
}

#[test]
fn other_applications_wait_for_nobody() {
    let mut stage = Stage::sited(App::Files);
    stage.clicks(1_000, App::Files.middle());
    let clicks = |out: &[Minimised]| {
        records(out).iter().filter(|r| matches!(r.body, RecordBody::Button { .. })).count()
    };
    assert_eq!(clicks(stage.drain(1_001)), 1);
    let wanted = stage.minimiser.unsited_windows(MonoNanos::from_millis(1_001));
    assert_eq!(wanted, BTreeMap::from([(WindowId(1), App::Editor.marker())]), "the browser's window came");
    stage.site(1_010, host(WORK), true);
    assert!(stage.minimiser.unsited_windows(MonoNanos::from_millis(60_000)).is_empty());
    // And where no sites are named nobody is asked.
    let mut plain = Stage::open(App::Editor);
    plain.clicks(1_000, App::Editor.middle());
    assert_eq!(clicks(plain.drain(1_001)), 1);
    assert!(plain.minimiser.unsited_windows(MonoNanos::from_millis(60_000)).is_empty());
}

fn menu() -> VisibleWindow {
    let bounds = Rect { x: 150, y: 150, w: 40, h: 40 };
    VisibleWindow { id: WindowId(50), bounds, kind: WindowKind::Popup, ..App::Editor.visible() }
}

#[test]
fn a_menu_shows_what_its_window_shows() {
    for (last, expected) in [(WORK, true), (HOME, false)] {
        let mut stage = Stage::sited(App::Editor);
        stage.site(500, host(WORK), true);
        let VisibleWindow { id: window, bounds, app, pid, kind, own } = menu();
        let (change, title) = (WindowChange::PopupOpened, String::new());
        let report = WindowReport { change, window, app, pid, kind, bounds, title, own };
        stage.at(1_000, RawBody::Window(report));
        let windows = APPS.map(App::visible).into_iter().chain([menu()]).collect();
        stage.frame_of(1_050, support::desktop(), Some(windows));
        stage.clicks(1_100, bounds.center());
        stage.look(App::Editor, 1_300, vec![]);
        stage.site(1_600, host(last), true);
        let (out, _) = stage.finish(9_000);
        assert_eq!(kept(&out).contains_key("button"), expected, "{last}");
    }
}

#[test]
fn the_names_of_tabs_that_are_not_shown_are_not_told() {
    let mut stage = Stage::sited(App::Editor);
    stage.site(500, host(WORK), true);
    let shown = node("page tab", "Orders", &["selected"]);
    let hidden = Node { bounds: Rect { x: 60, y: 10, w: 30, h: 10 }, ..node("page tab", "Clinic", &[]) };
    let place = hidden.bounds;
    stage.frame(1_000);
    stage.look(App::Editor, 1_300, vec![shown, hidden]);
    stage.site(1_600, host(WORK), true);
    let (out, _) = stage.finish(9_000);
    assert!(json(&out).contains("Orders") && !json(&out).contains("Clinic"));
    let pixels = out.iter().rev().find_map(Minimised::pixels).expect("a picture");
    let [r, g, b] = App::Editor.colour();
    assert_eq!(seen(&out), Some(true));
    assert_ne!(pixels.pixel(place.x as u32 + 5, place.y as u32 + 5), Some([b, g, r]), "it is filled");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn at_another_site_it_leaves_no_trace(day in day()) {
        let elsewhere = |(wait, deed): (u64, Deed)| match deed {
            Deed::Site(site) => (wait, Deed::Site(site % 2)),
            deed => (wait, deed),
        };
        let day: Vec<_> = day.into_iter().map(elsewhere).collect();
        let (out, _) = live(Stage::sited(App::Editor), &day);
        prop_assert!(!json(&out).contains(&App::Editor.marker()));
        let colour = App::Editor.colour();
        let seen = out.iter().filter_map(Minimised::pixels).any(|p| shows(p, colour));
        prop_assert!(!seen);
    }
}

fn shows(frame: &overt_event::Frame, [r, g, b]: [u8; 3]) -> bool {
    let (w, h) = (frame.width, frame.height);
    (0..h).step_by(10).any(|y| (0..w).step_by(10).any(|x| frame.pixel(x, y) == Some([b, g, r])))
}
