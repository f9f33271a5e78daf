//! Measures what snapshots hold of the demo's windows and how long answers take; prints a table.
//!
//! The ground truth of a page is its own document: links, buttons, fields and whatever has a role, as far as
//! they lie in the view. That of GTK and LibreOffice is a second client, which walks the whole tree, one call
//! after the other and without a deadline.
//!
//! `cargo run --example measure`, on a machine with nothing else to do.

#[path = "../tests/stage/mod.rs"]
mod stage;

use std::fmt::Write as _;
use std::time::Duration;

use atspi::zbus::zvariant::{DynamicType, OwnedObjectPath, Type};
use atspi::zbus::{Connection, connection};
use overt_capture::monotonic_now;
use overt_capture_atspi::{AtspiConfig, SiteRequest};
use overt_event::{Node, Point, RawBody, RawSnapshot, Rect, WindowId};
use stage::{Stage, Watch, Window};

const ACCESSIBLE: &str = "org.a11y.atspi.Accessible";
const COMPONENT: &str = "org.a11y.atspi.Component";
const SNAPSHOTS: usize = 40;
const LOOKUPS: usize = 200;
/// Sides of a control may differ by rounding and by borders.
const APART_PX: i32 = 3;

/// Puts the controls that can be seen into the title of the page.
const TRUTH: &str = "<script>addEventListener('load',()=>setTimeout(()=>{\
    const all=[...document.querySelectorAll('a,button,input,select,textarea,[role]')];\
    const seen=all.filter(e=>e.checkVisibility({checkVisibilityCSS:true})).map(e=>e.getBoundingClientRect())\
    .filter(r=>r.width>0&&r.height>0&&r.right>0&&r.bottom>0&&r.left<innerWidth&&r.top<innerHeight);\
    document.title='Truth '+seen.map(r=>[r.x,r.y,r.width,r.height].map(Math.round).join(',')).join(' ')},800))</script>";

/// A row of the table.
struct Row {
    window: &'static str,
    truth: usize,
    found: usize,
    nodes: usize,
    cut: usize,
    snapshot_millis: Vec<f64>,
    lookup_millis: Vec<f64>,
    site_millis: Vec<f64>,
}

fn main() {
    let mut table = String::from(
        "| window | visible controls | found | nodes | cut | snapshot p50 / p95 | press to element p50 / p99 | site p50 / p95 |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    let pages = ["form", "login", "menu", "counter"];
    for row in pages.into_iter().map(page).chain([mousepad(), galculator(), calc()]) {
        let _ = writeln!(
            table,
            "| {} | {} | {} ({} %) | {} | {} of {SNAPSHOTS} | {:.0} / {:.0} ms | {:.1} / {:.1} ms | {:.1} / {:.1} ms |",
            row.window,
            row.truth,
            row.found,
            row.found * 100 / row.truth.max(1),
            row.nodes,
            row.cut,
            percentile(&row.snapshot_millis, 50),
            percentile(&row.snapshot_millis, 95),
            percentile(&row.lookup_millis, 50),
            percentile(&row.lookup_millis, 99),
            percentile(&row.site_millis, 50),
            percentile(&row.site_millis, 95),
        );
    }
    println!("{table}");
}

/// Of sorted values.
fn percentile(sorted: &[f64], percent: usize) -> f64 {
    sorted.get(sorted.len().saturating_sub(1) * percent / 100).copied().unwrap_or(f64::NAN)
}

fn page(name: &'static str) -> Row {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../overt-sim/pages");
    let read = |file: &str| std::fs::read_to_string(format!("{folder}/{file}")).expect("a page of the demo");
    let style = format!("<style>{}</style>", read("stage.css"));
    let html = read(&format!("{name}.html")).replace("<link rel=\"stylesheet\" href=\"stage.css\">", &style);
    let script = "<script>window.stageEvent=window.stageLayout=()=>{}</script>";
    let html = html.replace("<script src=\"stage.js\"></script>", script);
    let mut stage = Stage::new();
    let watch = stage.watch();
    let pid = stage.chromium(&format!("{html}{TRUTH}"));
    let window = stage.window("^Truth ");
    let title = stage.xdotool(&["getwindowname", &window.id.to_string()]);
    let truth: Vec<Rect> = title.split(' ').filter_map(rect).collect();
    watch.capture.stop();
    measure(name, &stage, pid, window, &truth)
}

fn rect(word: &str) -> Option<Rect> {
    let numbers: Vec<i32> = word.split(',').filter_map(|n| n.parse().ok()).collect();
    let [x, y, w, h] = numbers[..] else { return None };
    Some(Rect { x, y, w, h })
}

fn mousepad() -> Row {
    let mut stage = Stage::new();
    let pid = stage.spawn("mousepad", &["--disable-server"]);
    let window = stage.window("Mousepad");
    with_patience("mousepad", &stage, pid, window)
}

fn galculator() -> Row {
    let mut stage = Stage::new();
    let pid = stage.spawn("galculator", &[]);
    let window = stage.window("galculator");
    with_patience("galculator", &stage, pid, window)
}

fn calc() -> Row {
    let mut stage = Stage::new();
    stage.libreoffice("--calc");
    let window = stage.window("Calc");
    let pid = stage.pid_of(window);
    with_patience("LibreOffice Calc", &stage, pid, window)
}

fn with_patience(name: &'static str, stage: &Stage, pid: u32, window: Window) -> Row {
    let patient = stage.watch();
    patient.wait(Duration::from_secs(4), |_| None::<()>);
    patient.capture.stop();
    // LibreOffice tells its places rightly when the pointer has moved over it.
    let Point { x, y } = window.bounds.center();
    (0..5).for_each(|i| stage.move_to(Point { x: x + i, y }));
    let truth = async_io::block_on(walk_slowly(&stage.accessibility_bus(), pid, window.bounds));
    measure(name, stage, pid, window, &truth)
}

/// The roles of controls, by their numbers in AT-SPI: check box, combo box, list item, menu, menu item, page
/// tab, password, button, radio button, slider, spin button, text, toggle button, entry, link.
const CONTROLS: [u32; 15] = [7, 11, 32, 33, 35, 37, 40, 43, 44, 51, 52, 61, 62, 79, 88];
/// Table, tree table, spreadsheet: not entered.
const TABLES: [u32; 3] = [55, 66, 92];
const MENU_BAR: u32 = 34;
const SHOWING_AND_VISIBLE: u32 = 1 << 25 | 1 << 30;

async fn walk_slowly(bus: &str, pid: u32, window: Rect) -> Vec<Rect> {
    let bus = connection::Builder::address(bus).expect("an address").build().await.expect("the bus answers");
    let root = ("org.a11y.atspi.Registry".to_owned(), "/org/a11y/atspi/accessible/root".to_owned());
    let mut controls = Vec::new();
    for app in children(&bus, &root).await {
        let driver = ("org.freedesktop.DBus".to_owned(), "/org/freedesktop/DBus".to_owned());
        let name = &(app.0.as_str(),);
        let asked = ask::<_, u32>(&bus, &driver, "org.freedesktop.DBus", "GetConnectionUnixProcessID", name);
        if asked.await == Some(pid) {
            controls.append(&mut controls_below(&bus, app, window).await);
        }
    }
    controls
}

type Address = (String, String);

async fn ask<B, R>(bus: &Connection, of: &Address, interface: &str, method: &str, body: &B) -> Option<R>
where
    B: serde::Serialize + DynamicType,
    R: serde::de::DeserializeOwned + Type,
{
    let reply = bus.call_method(Some(of.0.as_str()), of.1.as_str(), Some(interface), method, body).await;
    reply.ok()?.body().deserialize().ok()
}

async fn children(bus: &Connection, of: &Address) -> Vec<Address> {
    let asked = ask::<_, Vec<(String, OwnedObjectPath)>>(bus, of, ACCESSIBLE, "GetChildren", &());
    asked.await.unwrap_or_default().into_iter().map(|(name, path)| (name, path.to_string())).collect()
}

async fn controls_below(bus: &Connection, top: Address, window: Rect) -> Vec<Rect> {
    let (mut waiting, mut controls) = (children(bus, &top).await, Vec::new());
    while let Some(here) = waiting.pop() {
        let states = ask::<_, Vec<u32>>(bus, &here, ACCESSIBLE, "GetState", &()).await.unwrap_or_default();
        if states.first().is_none_or(|low| low & SHOWING_AND_VISIBLE != SHOWING_AND_VISIBLE) {
            continue;
        }
        let role = ask::<_, u32>(bus, &here, ACCESSIBLE, "GetRole", &()).await.unwrap_or_default();
        let place = ask::<_, (i32, i32, i32, i32)>(bus, &here, COMPONENT, "GetExtents", &(0_u32,)).await;
        let (x, y, w, h) = place.unwrap_or_default();
        let bounds = Rect { x, y, w, h };
        if CONTROLS.contains(&role) && w > 0 && h > 0 && window.contains(bounds.center()) {
            controls.push(bounds);
        }
        // LibreOffice keeps a second menu bar without a place, whose menus say that they show.
        let is_phantom = role == MENU_BAR && bounds.is_empty();
        if !TABLES.contains(&role) && !is_phantom {
            waiting.append(&mut children(bus, &here).await);
        }
    }
    controls
}

/// Under the settings that ship.
fn measure(name: &'static str, stage: &Stage, pid: u32, window: Window, truth: &[Rect]) -> Row {
    let watch = stage.watch_with(AtspiConfig::default());
    watch.wait(Duration::from_secs(1), |_| None::<()>);
    let mut taken: Vec<RawSnapshot> = (0..SNAPSHOTS).map(|_| watch.snapshot(pid, window)).collect();
    let last = taken.pop().expect("snapshots were taken");
    let found = truth.iter().filter(|t| last.nodes.iter().any(|n| is_at(n, **t))).count();
    if std::env::args().any(|word| word == "--missing") {
        truth
            .iter()
            .filter(|t| !last.nodes.iter().any(|n| is_at(n, **t)))
            .for_each(|t| println!("{name}: {t:?}"));
    }
    let cut = taken.iter().filter(|s| s.completeness != overt_event::Completeness::Complete).count();
    let snapshot_millis = sorted(taken.iter().map(|s| s.took_nanos));
    let lookup_millis = lookups(&watch, pid, window, truth);
    let site_millis = site_looks(stage, &watch, pid, window);
    Row {
        window: name,
        truth: truth.len(),
        found,
        nodes: last.nodes.len(),
        cut,
        snapshot_millis,
        lookup_millis,
        site_millis,
    }
}

/// From the question to the answer, one after the other.
fn site_looks(stage: &Stage, watch: &Watch, pid: u32, window: Window) -> Vec<f64> {
    let title = stage.xdotool(&["getwindowname", &window.id.to_string()]);
    let look = || {
        let asked = monotonic_now();
        watch.capture.look_at_site(SiteRequest {
            window: WindowId(window.id),
            pid,
            window_bounds: window.bounds,
            title: title.trim().to_owned(),
        });
        let told = |body| matches!(body, RawBody::Site(_)).then_some(());
        watch.wait(Duration::from_secs(10), told).expect("every question is answered");
        monotonic_now().since(asked)
    };
    sorted((0..SNAPSHOTS).map(|_| look()))
}

fn is_at(node: &Node, truth: Rect) -> bool {
    let near = |a: i32, b: i32| (a - b).abs() <= APART_PX;
    let Rect { x, y, w, h } = node.bounds;
    near(x, truth.x) && near(y, truth.y) && near(x + w, truth.x + truth.w) && near(y + h, truth.y + truth.h)
}

fn lookups(watch: &Watch, pid: u32, window: Window, controls: &[Rect]) -> Vec<f64> {
    let on_screen = controls.iter().map(|c| c.center()).filter(|at| window.bounds.contains(*at));
    let points: Vec<Point> = on_screen.collect();
    let asked = points.iter().cycle().take(LOOKUPS);
    sorted(asked.map(|at| watch.lookup(pid, *at, window.bounds, false).took_nanos))
}

fn sorted(nanos: impl Iterator<Item = u64>) -> Vec<f64> {
    let mut millis: Vec<f64> = nanos.map(|n| n as f64 / 1e6).collect();
    millis.sort_unstable_by(f64::total_cmp);
    millis
}
