//! A window of private browsing is never kept, whichever way it is told, from the moment it opened.

mod support;

use overt_event::{
    AccessibleChange, AccessibleEvent, DenyRule, Node, Point, RawBody, RecordBody, WindowChange,
};
use overt_minimise::Minimised;
use support::{App, Stage, other, records, texts};

const TITLE: &str = "Form - Chromium";

/// The editor stands for a browser.
fn report(change: WindowChange) -> RawBody {
    let RawBody::Window(mut report) = App::Editor.report(change) else { unreachable!("it is a window") };
    report.title = TITLE.into();
    RawBody::Window(report)
}

fn frame_is_called(name: &str) -> RawBody {
    let node = Node { role: "frame".into(), name: name.into(), ..Node::default() };
    let document = Node { role: "document web".into(), ..Node::default() };
    let event = AccessibleEvent { change: AccessibleChange::Focused, node: document, ancestors: vec![node] };
    RawBody::Accessible { pid: App::Editor.pid(), event }
}

/// A window opens, something is typed and clicked in it, and then its frame is told to be called so.
fn told(name: &str) -> (Vec<Minimised>, overt_minimise::Tally) {
    let mut stage = Stage::open(App::Editor);
    stage.at(1_000, report(WindowChange::Opened));
    stage.at(1_001, report(WindowChange::Focused));
    stage.frame(1_050);
    stage.types(1_100, 'h');
    stage.at(1_150, frame_is_called(name));
    stage.focus(1_151, 1_160, App::Editor.pid(), other());
    stage.types(1_300, 'i');
    stage.types(1_310, ' ');
    stage.focus(1_320, 1_330, App::Editor.pid(), other());
    stage.frame(1_400);
    stage.finish(9_000)
}

/// Whether the pictures of the window show it.
fn seen(out: &[Minimised]) -> Vec<bool> {
    let Point { x, y } = App::Editor.middle();
    let [r, g, b] = App::Editor.colour();
    let late = out.iter().filter(|m| m.record().time.0 >= 1_000_000_000);
    late.filter_map(|m| Some(m.pixels()?.pixel(x as u32, y as u32) == Some([b, g, r]))).collect()
}

#[test]
fn what_the_frame_says_counts_from_the_opening_of_the_window() {
    let (out, tally) = told("Form - Chromium (Incognito)");
    assert_eq!(texts(&out), "");
    assert!(!seen(&out).contains(&true), "it is filled in every picture");
    let of_it = |r: &&&overt_event::Record| r.app.is_some() && r.time.0 > 1_001_000_000;
    let told: Vec<_> = records(&out).iter().filter(of_it).map(|r| kind(r)).collect();
    assert_eq!(told, [""; 0]);
    let denied: u64 = tally.kinds.values().filter_map(|k| k.denied.get(&DenyRule::PrivateBrowsing)).sum();
    assert!(denied >= 4, "{tally:?}");
}

fn kind(record: &overt_event::Record) -> &'static str {
    match record.body {
        RecordBody::Text { .. } => "text",
        RecordBody::Accessible(_) => "accessible",
        _ => "another",
    }
}

#[test]
fn an_ordinary_window_is_kept() {
    let (out, tally) = told(TITLE);
    assert_eq!(texts(&out), "hi ");
    assert!(seen(&out).contains(&true));
    assert!(tally.kinds.values().all(|k| !k.denied.contains_key(&DenyRule::PrivateBrowsing)));
}

#[test]
fn a_title_can_say_it_too_and_all_of_it_ends_with_the_window() {
    let mut stage = Stage::open(App::Editor);
    let RawBody::Window(mut opened) = report(WindowChange::Focused) else { unreachable!("it is a window") };
    opened.title = "News \u{2014} Mozilla Firefox Private Browsing".into();
    stage.at(1_000, RawBody::Window(opened));
    stage.frame(1_050);
    stage.at(2_000, report(WindowChange::Closed));
    stage.at(2_001, report(WindowChange::Opened));
    stage.at(2_002, report(WindowChange::Focused));
    stage.frame(2_500);
    stage.look(App::Editor, 2_700, vec![]);
    let (out, _) = stage.finish(9_000);
    assert_eq!(seen(&out), [true], "the first had nothing to show");
}
