//! What a reader of the events is told, line by line.

use std::time::Duration;

use overt_event::{AccessibleChange, AccessibleEvent, FocusKind, Node, Point, RawBody};

use super::{PATIENCE, Stage, Watch};

/// An event as a reader tells it: what happened to which control in which menu, list or field.
pub fn told(event: &AccessibleEvent) -> String {
    let what = match &event.change {
        AccessibleChange::PoppedUp(true) => "opened",
        AccessibleChange::PoppedUp(false) => "dismissed",
        AccessibleChange::Expanded(true) => "expanded",
        AccessibleChange::Expanded(false) => "collapsed",
        AccessibleChange::Selected => "selected",
        AccessibleChange::Focused => "focused",
        AccessibleChange::SelectionChanged => "selection in",
        AccessibleChange::TextInserted { text } => return format!("typed {text}"),
        AccessibleChange::Checked(_) | AccessibleChange::TextDeleted { .. } => "changed",
    };
    let within = event.ancestors.iter().find(|a| !a.name.is_empty() && !is_surface(&a.role));
    let within = within.map(|a| format!(" in {} {}", a.role, a.name)).unwrap_or_default();
    format!("{what} {} {}{within}", event.node.role, event.node.name)
}

fn is_surface(role: &str) -> bool {
    matches!(role, "frame" | "document web")
}

/// Waits until these have been told, in this order; others may lie between them. Their events.
pub fn follow(watch: &Watch, expected: &[&str]) -> Vec<AccessibleEvent> {
    let mut told = Told::default();
    told.listen(watch, PATIENCE, expected);
    assert_eq!(told.found.len(), expected.len(), "{expected:?} in {:#?}", told.heard);
    told.found
}

/// Clicks and follows what it does. A window that has no focus yet drops a click, or closes again what it
/// opened when the focus comes: so that is awaited first.
pub fn follow_click(stage: &Stage, watch: &Watch, at: Point, expected: &[&str]) -> Vec<AccessibleEvent> {
    watch.probe_until(|kind| *kind != FocusKind::Unknown);
    stage.click(at);
    follow(watch, expected)
}

#[derive(Default)]
struct Told {
    found: Vec<AccessibleEvent>,
    heard: Vec<String>,
}

impl Told {
    fn listen(&mut self, watch: &Watch, for_time: Duration, expected: &[&str]) {
        watch.wait(for_time, |body| {
            if let RawBody::Accessible { event, .. } = body {
                let line = told(&event);
                if Some(&line.as_str()) == expected.get(self.found.len()) {
                    self.found.push(event);
                }
                self.heard.push(line);
            }
            (self.found.len() == expected.len()).then_some(())
        });
    }
}

pub fn named(nodes: &[Node], role: &str, name: &str) -> Node {
    nodes.iter().find(|n| n.role == role && n.name == name).cloned().expect("the control is in the snapshot")
}
