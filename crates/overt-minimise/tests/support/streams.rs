//! Random days at the desktop: every stream of every application, each with its marker in every text.

use overt_event::{
    AccessibleChange, AccessibleEvent, Binding, Button, ClockAnchor, Completeness, Element, ElementLookup,
    FocusKind, FrameId, Gap, Gestures, Mark, MonoNanos, NoFrame, Node, PaceChange, PaceReason, Point,
    RawBody, RawCursor, RawSnapshot, Rect, Seq, SiteSeen, Span, Topology, TopologyId, WallTime, WindowChange,
    WindowId, Workspace,
};
use overt_minimise::{Minimised, Tally};
use proptest::prelude::*;

use super::{APPS, App, Stage, other};

/// One thing that happens.
#[derive(Clone, Debug)]
pub(crate) enum Deed {
    Window(App, WindowChange),
    Move(i32, i32),
    Click(App),
    Scroll(App),
    Type,
    Press(&'static str),
    Focus { asked_before: u64, pid: u32, kind: u8 },
    Element(App, App, u64),
    Snapshot(App, App),
    Accessible(App, u8),
    Location(App),
    Site(u8),
    Cursor(App, bool),
    Workspace(u32),
    Frame { lower: bool, known: bool },
    Damage,
    Bind { side: u8, back: u64, frame: u32 },
    Clock,
    Topology,
    Mark,
    Pace,
    Lost,
    Pause,
    Hold,
    Resume,
    Drain,
}

fn app() -> impl Strategy<Value = App> {
    proptest::sample::select(APPS.to_vec())
}

fn change() -> impl Strategy<Value = WindowChange> {
    use WindowChange::{Closed, Focused, Moved, Opened, Retitled};
    prop_oneof![3 => Just(Focused), 2 => Just(Opened), 1 => Just(Moved), 1 => Just(Retitled), 1 => Just(Closed)]
}

pub(crate) fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => (app(), change()).prop_map(|(a, c)| Deed::Window(a, c)),
        3 => (-10i32..850, -10i32..240).prop_map(|(x, y)| Deed::Move(x, y)),
        3 => app().prop_map(Deed::Click),
        1 => app().prop_map(Deed::Scroll),
        6 => Just(Deed::Type),
        2 => proptest::sample::select(vec!["Tab", "Return", "Shift_L", "dead_acute"]).prop_map(Deed::Press),
        5 => (0u64..100, 0u32..5, 0u8..8).prop_map(|(asked_before, p, kind)| Deed::Focus { asked_before, pid: p * 10, kind }),
        3 => (app(), app(), 0u64..6).prop_map(|(a, b, back)| Deed::Element(a, b, back)),
        2 => (app(), app()).prop_map(|(a, b)| Deed::Snapshot(a, b)),
        4 => (app(), 0u8..5).prop_map(|(a, c)| Deed::Accessible(a, c)),
        1 => app().prop_map(Deed::Location),
        2 => (0u8..4).prop_map(Deed::Site),
        2 => (app(), any::<bool>()).prop_map(|(a, small)| Deed::Cursor(a, small)),
        1 => (0u32..2).prop_map(Deed::Workspace),
        3 => (any::<bool>(), proptest::bool::weighted(0.9)).prop_map(|(lower, known)| Deed::Frame { lower, known }),
        1 => Just(Deed::Damage),
        3 => (0u8..4, 0u64..8, 1u32..6).prop_map(|(side, back, frame)| Deed::Bind { side, back, frame }),
        1 => Just(Deed::Clock),
        1 => Just(Deed::Topology),
        1 => Just(Deed::Mark),
        1 => Just(Deed::Pace),
        1 => Just(Deed::Lost),
        1 => Just(Deed::Pause),
        1 => Just(Deed::Hold),
        1 => Just(Deed::Resume),
        2 => Just(Deed::Drain),
    ]
}

/// Deeds with the milliseconds before each.
pub(crate) fn day() -> impl Strategy<Value = Vec<(u64, Deed)>> {
    proptest::collection::vec((0u64..250, deed()), 1..120)
}

fn node(app: App, role: &str) -> Node {
    Node { role: role.into(), name: app.marker(), bounds: app.bounds(), ..Node::default() }
}

/// Lives the day, and says when each event arrived, by its number.
pub(crate) fn live(mut stage: Stage, day: &[(u64, Deed)]) -> (Vec<Minimised>, Tally) {
    let (mut now, mut last) = (1_000, Seq(0));
    for (wait, deed) in day {
        now += wait;
        last = happen(&mut stage, now, last, deed).unwrap_or(last);
    }
    stage.finish(now + 10_000)
}

fn happen(stage: &mut Stage, now: u64, last: Seq, deed: &Deed) -> Option<Seq> {
    let time = MonoNanos::from_millis(now);
    let before = |back: u64| Seq(last.0.saturating_sub(back));
    let body = match deed {
        Deed::Window(app, change) => app.report(*change),
        Deed::Move(x, y) => RawBody::PointerMove { at: Point { x: *x, y: *y } },
        Deed::Click(app) => RawBody::Button { at: app.middle(), button: Button::Left, down: true },
        Deed::Scroll(app) => RawBody::Scroll { at: app.middle(), dx_120: 0, dy_120: 120 },
        Deed::Type => return Some(stage.types(now, 'k')),
        Deed::Press(name) => return Some(stage.presses(now, name)),
        Deed::Focus { asked_before, pid, kind } => {
            let kind = match kind {
                0 => FocusKind::Password,
                1 => FocusKind::Unknown,
                _ => other(),
            };
            stage.focus(now - asked_before, now, *pid, kind);
            return None;
        }
        Deed::Element(app, under, back) => RawBody::Element(lookup(*app, *under, before(*back))),
        Deed::Snapshot(app, window) => RawBody::Snapshot(snapshot(*app, *window, time)),
        Deed::Accessible(app, change) => accessible(*app, *change),
        Deed::Location(app) => {
            let url = format!("https://host/{}?secret-query#secret-fragment", app.marker());
            RawBody::Location { pid: app.pid(), url }
        }
        Deed::Site(site) => {
            let site = match site {
                0 => SiteSeen::Unknown,
                1 => SiteSeen::Host("home.example".into()),
                _ => SiteSeen::Host("work.example".into()),
            };
            stage.site(now, site, true);
            return None;
        }
        Deed::Cursor(app, small) => {
            RawBody::Cursor(RawCursor { at: app.middle(), shape: small.then(|| app.cursor()) })
        }
        Deed::Workspace(index) => RawBody::Workspace(Workspace { index: *index, count: 2 }),
        Deed::Frame { lower, known } => {
            let mut windows = APPS.map(App::visible).to_vec();
            if *lower {
                // The editor's window lies under all the others, as large as the screen.
                windows[0].bounds = Rect { x: 0, y: 0, w: 830, h: 230 };
            }
            stage.frame_of(now, super::desktop(), known.then_some(windows));
            return None;
        }
        Deed::Damage => RawBody::Damage,
        Deed::Bind { side, back, frame } => RawBody::Binding(binding(*side, before(*back), FrameId(*frame))),
        Deed::Clock => RawBody::Clock(ClockAnchor { mono: time, wall: WallTime(0) }),
        Deed::Topology => RawBody::Topology(Topology {
            id: TopologyId(0),
            size: (830, 230),
            monitors: Vec::new(),
            gestures: Gestures::default(),
        }),
        Deed::Mark => RawBody::Mark(Mark::ThumbsUp),
        Deed::Pace => RawBody::Pace(PaceChange::FULL),
        Deed::Lost => RawBody::Gap { gap: Gap::Lost { count: 1 }, span: Span { from: time, to: time } },
        Deed::Pause => {
            stage.minimiser.pause(time);
            return None;
        }
        Deed::Hold => {
            stage.minimiser.pause_for(time, PaceReason::Battery);
            return None;
        }
        Deed::Resume => {
            stage.minimiser.resume(time);
            return None;
        }
        Deed::Drain => {
            stage.drain(now);
            return None;
        }
    };
    Some(stage.at(now, body))
}

fn lookup(app: App, under: App, for_seq: Seq) -> ElementLookup {
    let element =
        Element { node: node(app, "push button"), ancestors: vec![node(app, "frame")], candidates: 1 };
    ElementLookup {
        for_seq,
        at: under.middle(),
        pid: app.pid(),
        element: Some(element),
        completeness: Completeness::Complete,
        took_nanos: 1,
    }
}

fn snapshot(app: App, window: App, asked_at: MonoNanos) -> RawSnapshot {
    RawSnapshot {
        window: WindowId(window.number()),
        pid: app.pid(),
        asked_at,
        took_nanos: 1,
        nodes: vec![node(app, "frame"), node(app, "menu item"), node(app, "text")],
        completeness: Completeness::Complete,
    }
}

fn accessible(app: App, change: u8) -> RawBody {
    let change = match change {
        0 => AccessibleChange::Focused,
        1 => AccessibleChange::TextInserted { text: app.marker() },
        2 => AccessibleChange::TextDeleted { chars: 1 },
        3 => AccessibleChange::Selected,
        _ => AccessibleChange::PoppedUp(true),
    };
    let event = AccessibleEvent { change, node: node(app, "text"), ancestors: vec![node(app, "frame")] };
    RawBody::Accessible { pid: app.pid(), event }
}

fn binding(side: u8, for_seq: Seq, frame: FrameId) -> Binding {
    match side {
        0 => Binding::Before { for_seq, frame, margin_nanos: 5, damage_unseen: false },
        1 => Binding::After { for_seq, frame, delay_nanos: 5, timed_out: false },
        2 => Binding::NoBefore { for_seq, why: NoFrame::NotStarted },
        _ => Binding::NoAfter { for_seq, why: NoFrame::Interrupted },
    }
}
