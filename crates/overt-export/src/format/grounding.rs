//! `grounding`: a picture, a box and what stands in it, as ScreenSpot has it.

use std::collections::BTreeMap;

use overt_dataset::{EpisodeRow, StepRow};
use overt_event::Rect;
use serde::Serialize;

use super::Writer;
use crate::error::ExportError;
use crate::export::Told;
use crate::folder::{PICTURES, SplitFiles, picture_name};
use crate::loss::Loss;

/// Roles whose elements are read rather than recognised by a picture.
const TEXT_ROLES: [&str; 12] = [
    "cell",
    "heading",
    "label",
    "link",
    "list item",
    "menu",
    "menu item",
    "page tab",
    "paragraph",
    "static",
    "table cell",
    "text",
];

/// An element that its role and name point out alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) role: String,
    pub(super) name: String,
    pub(super) bounds: Rect,
    /// The step acted on it.
    pub(super) acted_on: bool,
}

impl Target {
    /// What is asked for.
    pub(super) fn words(&self) -> String {
        format!("{} \"{}\"", self.role, self.name)
    }
}

/// The elements of a step that no other one is like, by their place: named, with a box that lies in the picture.
pub(super) fn targets(step: &StepRow) -> Vec<Target> {
    let Some(_) = &step.image_before else { return Vec::new() };
    let whole = Rect { x: 0, y: 0, w: step.width, h: step.height };
    let mut found: BTreeMap<(&str, &str), Vec<Rect>> = BTreeMap::new();
    for node in &step.elements_before {
        found.entry((&node.role, &node.name)).or_default().push(node.bounds);
    }
    let acted_on = step.element.as_ref().filter(|e| e.candidates <= 1 && e.completeness == "complete");
    if let Some(element) = acted_on {
        let known = found.entry((&element.role, &element.name)).or_default();
        if !known.contains(&element.bounds) {
            known.push(element.bounds);
        }
    }
    let is_acted_on =
        |role: &str, name: &str| acted_on.is_some_and(|e| (e.role.as_str(), e.name.as_str()) == (role, name));
    let alone = found.into_iter().filter_map(|((role, name), boxes)| match boxes.as_slice() {
        [bounds] if !name.trim().is_empty() && is_within(*bounds, whole) => Some(Target {
            role: role.to_owned(),
            name: name.to_owned(),
            bounds: *bounds,
            acted_on: is_acted_on(role, name),
        }),
        _ => None,
    });
    let mut targets: Vec<Target> = alone.collect();
    targets.sort_by_key(|t| (t.bounds.y, t.bounds.x, t.bounds.w, t.bounds.h));
    targets
}

fn is_within(inner: Rect, whole: Rect) -> bool {
    !inner.is_empty() && whole.intersect(inner) == Some(inner)
}

#[derive(Serialize)]
struct Line<'a> {
    img_filename: String,
    /// x, y, width and height in pixels.
    bbox: [i32; 4],
    instruction: String,
    /// `text` or `icon`, by the role.
    data_type: &'static str,
    data_source: &'a str,
    role: String,
    acted_on: bool,
}

pub(super) struct Grounding {
    lists: SplitFiles,
}

impl Grounding {
    pub(super) fn new() -> Self {
        Self { lists: SplitFiles::list() }
    }
}

impl Writer for Grounding {
    fn step(&mut self, step: &StepRow, _: &EpisodeRow, told: &mut Told<'_>) -> Result<(), ExportError> {
        let Some(png) = &step.image_before else {
            told.losses.count(Loss::NoPicture);
            return Ok(());
        };
        let targets = targets(step);
        if targets.is_empty() {
            told.losses.count(Loss::NoTarget);
            return Ok(());
        }
        told.folder.write(&format!("{PICTURES}/{}", picture_name(step.row)), png)?;
        told.exported += 1;
        let source = told.source_of(&step.recording).to_owned();
        for target in targets {
            self.lists.push(told.folder, &step.split, &line(target, step.row, &source))?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>, _: &mut Told<'_>) -> Result<(), ExportError> {
        self.lists.close()?;
        Ok(())
    }
}

fn line(target: Target, row: i64, data_source: &str) -> Line<'_> {
    let b = target.bounds;
    Line {
        img_filename: picture_name(row),
        bbox: [b.x, b.y, b.w, b.h],
        instruction: target.words(),
        data_type: if TEXT_ROLES.contains(&target.role.as_str()) { "text" } else { "icon" },
        data_source,
        role: target.role,
        acted_on: target.acted_on,
    }
}
