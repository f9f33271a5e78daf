//! The trees of the window in front: snapshots, where they can be believed (section 3.4).

use std::path::Path;

use overt_event::{Completeness, MonoNanos, Node, Point, RawBody, RawSnapshot, Rect, WindowId};
use serde::Deserialize;

use crate::agentnet::control::Control;
use crate::error::ImportError;
use crate::lines;
use crate::pynput::time;
use crate::telling::{Telling, Told, What};

const FILE: &str = "a11y.jsonl";
/// Nodes of a snapshot, at most, as of one that a recorder of ours takes.
const NODES_MAX: usize = 1_500;

#[derive(Deserialize)]
struct Line {
    time_stamp: f64,
    axtree: Tree,
}

#[derive(Deserialize)]
struct Tree {
    #[serde(flatten)]
    root: Control,
    /// The tool was told all of it.
    #[serde(default = "yes")]
    complete: bool,
    /// Another window came to the front meanwhile, or this one went.
    #[serde(default)]
    switched: bool,
    #[serde(default)]
    closed: bool,
}

fn yes() -> bool {
    true
}

/// Tells each tree at its own time, before what happened later.
pub(super) fn read(folder: &Path, screen: (u32, u32), telling: &mut Telling) -> Result<(), ImportError> {
    let path = folder.join(FILE);
    if !path.exists() {
        return Ok(());
    }
    let desktop = Rect { x: 0, y: 0, w: screen.0 as i32, h: screen.1 as i32 };
    let believed = are_in_the_units_of_events(telling, desktop);
    let mut snapshots = Vec::new();
    for (line, text) in lines::numbered(&lines::text(&path, FILE)?) {
        let Line { time_stamp, axtree } = lines::json(FILE, line, text)?;
        let at = time(FILE, line, time_stamp)?;
        match believed && axtree.is_of_one_moment() {
            true => snapshots.push(Told { at, what: What::Event(axtree.snapshot(at, desktop)) }),
            false if believed => telling.drop_one("trees of a window that went meanwhile"),
            false => telling.drop_one("trees in units that may be others than those of the events"),
        }
    }
    tell(telling, snapshots);
    Ok(())
}

/// The program that asks is told of places in its own units, which are not the events' once the person changes the scaling;
/// and when that was is not told. So one contradiction puts all trees in doubt.
fn are_in_the_units_of_events(telling: &Telling, desktop: Rect) -> bool {
    telling.events.iter().all(|told| match &told.what {
        What::Element { completeness, .. } => *completeness == Completeness::Complete,
        What::Event(RawBody::Button { at, .. } | RawBody::PointerMove { at }) => is_on(desktop, *at),
        What::Event(_) => true,
    })
}

/// Pointers are told to be a little beyond the edge when they are pushed against it.
fn is_on(desktop: Rect, at: Point) -> bool {
    let Rect { x, y, w, h } = desktop;
    Rect { x: x - 8, y: y - 8, w: w + 16, h: h + 16 }.contains(at)
}

/// Puts each before the first event that is later.
fn tell(telling: &mut Telling, snapshots: Vec<Told>) {
    let mut snapshots = snapshots.into_iter().peekable();
    let mut events = Vec::with_capacity(telling.events.len() + snapshots.len());
    for told in std::mem::take(&mut telling.events) {
        while let Some(snapshot) = snapshots.next_if(|s| s.at < told.at) {
            events.push(snapshot);
        }
        events.push(told);
    }
    events.extend(snapshots);
    telling.events = events;
}

impl Tree {
    fn is_of_one_moment(&self) -> bool {
        self.complete && !self.switched && !self.closed
    }

    /// It is of one window among others that are not told, so that it is never all that was there.
    fn snapshot(&self, at: MonoNanos, desktop: Rect) -> RawBody {
        let (window, completeness) = (WindowId(0), Completeness::Cut);
        let nodes = self.nodes(desktop);
        RawBody::Snapshot(RawSnapshot { window, pid: 0, asked_at: at, took_nanos: 0, nodes, completeness })
    }

    /// What can be seen on the screen, parents before children. The children of what cannot hang on what is around it.
    fn nodes(&self, desktop: Rect) -> Vec<Node> {
        let mut nodes: Vec<Node> = Vec::new();
        let mut left = vec![(&self.root, None)];
        while let Some((control, parent)) = left.pop().filter(|_| nodes.len() < NODES_MAX) {
            let shown = control.bounds().intersect(desktop).is_some();
            let own = if shown { u32::try_from(nodes.len()).ok() } else { parent };
            if shown {
                nodes.push(Node { parent, ..control.node() });
            }
            left.extend(control.children.iter().rev().map(|child| (child, own)));
        }
        nodes
    }
}
