//! What judging costs: a minute of work at 1,000 events and 10 pictures of 1920x1080 a second, at each level, and
//! the verdict on a window. Prints a table.
//!
//! Of a second, 950 events are motion, and 50 belong to keys that type ordinary words; each picture has 24 tiles
//! that the one before had not; the window is looked at twice a second, with 200 controls. Only the calls
//! themselves are timed.
//!
//! `cargo run --release -p overt-minimise --example cost`, on a machine with nothing else to do.

#[path = "../tests/support/mod.rs"]
mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use overt_agreement::Question;
use overt_event::{
    AccessibleChange, AccessibleEvent, Frame, Node, Point, RawBody, Rect, Tile, VisibleWindow, WindowChange,
};
use support::{App, Stage, other};

const SECS: u64 = 60;
const SCREEN: Rect = Rect { x: 0, y: 0, w: 1_920, h: 1_080 };
const CHANGED_TILES: usize = 24;
const VERDICTS: u32 = 1_000_000;
const WORDS: &str = "the quick brown fox jumps over the lazy dog and then it sleeps for a while ";

fn main() {
    println!("| level | judging, share of a core |\n| --- | --- |");
    for (level, stage, app) in [
        ("structure", Stage::open(App::Files), App::Files),
        ("masked", Stage::masked(App::Files), App::Files),
        ("full", Stage::open(App::Editor), App::Editor),
    ] {
        let spent = Minute::of(stage, app).spent();
        println!("| {level} | {:.2} % |", spent.as_secs_f64() / SECS as f64 * 100.0);
    }
    println!("\nA verdict takes {} ns.", verdict().as_nanos());
}

/// The mean of many.
fn verdict() -> Duration {
    let (terms, identity) = (support::terms(), App::Editor.visible());
    let question = Question::of_window(&identity.app, identity.kind, false);
    let begin = Instant::now();
    for _ in 0..VERDICTS {
        std::hint::black_box(terms.decide(std::hint::black_box(&question), support::TODAY));
    }
    begin.elapsed() / VERDICTS
}

/// A minute at work in one window that covers the screen.
struct Minute {
    stage: Stage,
    app: App,
    window: VisibleWindow,
    frame: Arc<Frame>,
    controls: Vec<Node>,
    spent: Duration,
}

impl Minute {
    fn of(stage: Stage, app: App) -> Self {
        let window = VisibleWindow { bounds: SCREEN, ..app.visible() };
        let paper = Arc::new(Tile::solid([0xff; 3]));
        let tiles = vec![paper; (1_920usize).div_ceil(64) * (1_080usize).div_ceil(64)];
        let frame = Arc::new(Frame { width: 1_920, height: 1_080, tiles });
        let control = |i: i32| Node {
            role: "push button".into(),
            name: format!("Command {i}"),
            states: vec!["enabled".into()],
            bounds: Rect { x: i % 20 * 90, y: i / 20 * 40, w: 80, h: 30 },
            ..Node::default()
        };
        Self { stage, app, window, frame, controls: (0..200).map(control).collect(), spent: Duration::ZERO }
    }

    fn spent(mut self) -> Duration {
        let RawBody::Window(mut report) = self.app.report(WindowChange::Focused) else { return self.spent };
        report.bounds = SCREEN;
        self.tell(900, RawBody::Window(report));
        let mut typed = WORDS.chars().cycle();
        for millis in 1_000..1_000 + SECS * 1_000 {
            self.event(millis, &mut typed);
            match millis % 100 {
                0 => self.picture(millis),
                50 => self.drain(millis),
                _ => {}
            }
            if millis % 500 == 300 {
                self.look(millis);
            }
        }
        self.drain(1_000 + SECS * 1_000 + 10_000);
        self.spent
    }

    /// Each 80 ms a key, with its edit and the answer about the focus; all others are motion.
    fn event(&mut self, millis: u64, typed: &mut impl Iterator<Item = char>) {
        if !millis.is_multiple_of(80) {
            let at = Point { x: (millis % 1_900) as i32, y: (millis / 7 % 1_000) as i32 };
            return self.tell(millis, RawBody::PointerMove { at });
        }
        let c = typed.next().unwrap_or(' ');
        let app = self.app;
        let node = Node { role: "text".into(), name: "Page".into(), ..Node::default() };
        let change = AccessibleChange::TextInserted { text: c.into() };
        let event = AccessibleEvent { change, node, ancestors: Vec::new() };
        self.timed(|stage| {
            stage.types(millis, c);
            stage.at(millis, RawBody::Accessible { pid: app.pid(), event });
            stage.focus(millis, millis, app.pid(), other());
        });
    }

    fn tell(&mut self, millis: u64, body: RawBody) {
        self.timed(|stage| _ = stage.at(millis, body));
    }

    /// Some tiles are others, as when somebody types and scrolls.
    fn picture(&mut self, millis: u64) {
        let mut frame = (*self.frame).clone();
        let tiles = frame.tiles.len();
        for i in 0..CHANGED_TILES {
            frame.tiles[(millis as usize / 100 * 7 + i) % tiles] = Arc::new(written(millis as usize + i));
        }
        self.frame = Arc::new(frame);
        let (frame, window) = (Arc::clone(&self.frame), self.window.clone());
        self.timed(|stage| _ = stage.frame_of(millis, frame, Some(vec![window])));
    }

    fn look(&mut self, millis: u64) {
        let (app, controls) = (self.app, self.controls.clone());
        self.timed(|stage| stage.look(app, millis, controls));
    }

    fn drain(&mut self, millis: u64) {
        self.timed(|stage| _ = stage.drain(millis));
        self.stage.out.clear();
    }

    fn timed(&mut self, what: impl FnOnce(&mut Stage)) {
        let begin = Instant::now();
        what(&mut self.stage);
        self.spent += begin.elapsed();
    }
}

/// A tile with lines of something like text on it.
fn written(seed: usize) -> Tile {
    let pixel = |i: usize| {
        let (x, y) = (i % 64, i / 64);
        let ink = y % 16 < 10 && (x * 31 + y * 17 + seed * 13) % 7 < 3;
        [if ink { 0x20 } else { 0xff }; 3]
    };
    Tile::new((0..64 * 64).flat_map(pixel).collect()).unwrap_or_else(|| Tile::solid([0; 3]))
}
