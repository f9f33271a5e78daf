//! How long answers take, from the request to the event. The figures are printed; they are held only
//! to what no machine excuses, because this one may be busy with other things.

mod stage;

use overt_event::{Completeness, Node, Point};
use stage::{Stage, Watch, Window};

const ROUNDS: usize = 100;

struct Figures {
    millis: Vec<f64>,
}

impl Figures {
    fn from_nanos(mut nanos: Vec<u64>) -> Self {
        nanos.sort_unstable();
        Self { millis: nanos.into_iter().map(|n| n as f64 / 1e6).collect() }
    }

    fn at(&self, percent: usize) -> f64 {
        self.millis[(self.millis.len() - 1) * percent / 100]
    }

    fn print(&self, what: &str) {
        println!("{what}: p50 {:.1} ms, p95 {:.1} ms, max {:.1} ms", self.at(50), self.at(95), self.at(100));
    }
}

fn lookups(watch: &Watch, pid: u32, window: Window, controls: &[Node], what: &str) {
    let points: Vec<Point> = controls.iter().map(|n| n.bounds.center()).collect();
    let answers: Vec<_> =
        points.iter().cycle().take(ROUNDS).map(|at| watch.lookup(pid, *at, window.bounds, false)).collect();
    assert!(answers.iter().all(|a| a.element.is_some()), "every control is found");
    let figures = Figures::from_nanos(answers.iter().map(|a| a.took_nanos).collect());
    figures.print(&format!("{what}, look-up of {} controls", points.len()));
    assert!(figures.at(50) < 2_000.0, "{:?}", figures.millis);
}

fn snapshots(watch: &Watch, pid: u32, window: Window, what: &str) {
    let taken: Vec<_> = (0..20).map(|_| watch.snapshot(pid, window)).collect();
    let nodes = taken.iter().map(|s| s.nodes.len()).max().unwrap_or(0);
    let cut = taken.iter().filter(|s| s.completeness != Completeness::Complete).count();
    let figures = Figures::from_nanos(taken.iter().map(|s| s.took_nanos).collect());
    figures.print(&format!("{what}, snapshot of {nodes} nodes ({cut} of 20 cut)"));
    assert!(figures.at(50) < 2_000.0, "{:?}", figures.millis);
}

fn leaves(nodes: &[Node], roles: &[&str]) -> Vec<Node> {
    nodes.iter().filter(|n| roles.contains(&n.role.as_str())).cloned().collect()
}

#[test]
fn gtk_answers_soon() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    let pid = stage.spawn("gtk3-widget-factory", &[]);
    let window = stage.window("gtk3-widget-factory");
    let nodes = watch.snapshot_with(pid, window, "Left").nodes;
    let on_screen = |n: &Node| n.bounds.center().x < stage::SCREEN.w && n.bounds.center().y < 700;
    let mut controls = leaves(&nodes, &["push button", "check box", "radio button", "text"]);
    controls.retain(on_screen);
    lookups(&watch, pid, window, &controls, "GTK 3");
    snapshots(&watch, pid, window, "GTK 3");
}

#[test]
fn chromium_answers_soon() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    let row = |i| format!("<tr><td>{i}<td><a href='#{i}'>link {i}</a><td><button>do {i}</button><td><input>");
    let rows: String = (0..30).map(row).collect();
    let pid = stage.chromium(&format!("<!doctype html><title>Form</title><table>{rows}</table>"));
    let window = stage.window("Form");
    let nodes = watch.snapshot_with(pid, window, "do 5").nodes;
    lookups(&watch, pid, window, &leaves(&nodes, &["push button", "link", "entry"]), "Chromium");
    snapshots(&watch, pid, window, "Chromium");
}

#[test]
fn a_page_of_a_thousand_controls_is_snapped() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    let row = |r: usize| (0..20).map(|i| format!("<button>{}</button> ", r * 20 + i)).collect::<String>();
    let many: String = (0..30).map(|r| format!("<div>{}</div>", row(r))).collect();
    let page = format!("<!doctype html><title>Form</title><style>button{{font-size:8px}}</style>{many}");
    let pid = stage.chromium(&page);
    let window = stage.window("Form");
    watch.snapshot_with(pid, window, "5");
    snapshots(&watch, pid, window, "Chromium, large");
}
