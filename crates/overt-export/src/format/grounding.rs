//! `grounding`: a picture, a box and what stands in it, as ScreenSpot has it.

use std::collections::BTreeMap;

use overt_dataset::{EpisodeRow, StepRow};
use overt_event::Rect;
use serde::Serialize;

use super::Writer;
use crate::error::ExportError;
use crate::export::Told;
use crate::folder::{PICTURES, SplitFiles, picture_name};
use crate::loss::{Loss, Omitted};

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

/// What can be pointed out on a picture, and how many elements cannot.
#[derive(Default)]
pub(super) struct Targets {
    /// By their place.
    pub(super) alone: Vec<Target>,
    pub(super) omitted: BTreeMap<Omitted, u64>,
}

impl Targets {
    fn omit(&mut self, why: Omitted, elements: usize) {
        *self.omitted.entry(why).or_default() += elements as u64;
    }
}

/// The elements of a step that no other one is like: named, with a box that lies in the picture. The others are counted.
pub(super) fn targets(step: &StepRow) -> Targets {
    let mut targets = Targets::default();
    let Some(_) = &step.image_before else { return targets };
    let whole = Rect { x: 0, y: 0, w: step.width, h: step.height };
    let mut found: BTreeMap<(&str, &str), Vec<Rect>> = BTreeMap::new();
    for node in &step.elements_before {
        found.entry((&node.role, &node.name)).or_default().push(node.bounds);
    }
    let acted_on = acted_on(step, &mut found, &mut targets);
    for ((role, name), boxes) in found {
        match why_omitted(name, &boxes, whole) {
            Some(why) => targets.omit(why, boxes.len()),
            None => targets.alone.push(Target {
                role: role.to_owned(),
                name: name.to_owned(),
                bounds: boxes[0],
                acted_on: acted_on == Some((role, name)),
            }),
        }
    }
    targets.alone.sort_by_key(|t| (t.bounds.y, t.bounds.x, t.bounds.w, t.bounds.h));
    targets
}

/// Adds the element that the step acted on to those found, where it is sure that it did. Gives its role and name.
fn acted_on<'a>(
    step: &'a StepRow,
    found: &mut BTreeMap<(&'a str, &'a str), Vec<Rect>>,
    targets: &mut Targets,
) -> Option<(&'a str, &'a str)> {
    let element = step.element.as_ref()?;
    let named = (element.role.as_str(), element.name.as_str());
    let is_known = found.get(&named).is_some_and(|boxes| boxes.contains(&element.bounds));
    let why = match (element.candidates, element.completeness.as_str()) {
        (..=1, "complete") => None,
        (..=1, _) => Some(Omitted::Unsure),
        _ => Some(Omitted::NotAlone),
    };
    match why {
        Some(why) if !is_known => targets.omit(why, 1),
        None if !is_known => found.entry(named).or_default().push(element.bounds),
        _ => {}
    }
    why.is_none().then_some(named)
}

/// Why elements of one role and name are no targets; `None` for one that is.
fn why_omitted(name: &str, boxes: &[Rect], whole: Rect) -> Option<Omitted> {
    match boxes {
        _ if name.trim().is_empty() => Some(Omitted::Unnamed),
        [bounds] if is_within(*bounds, whole) => None,
        [_] => Some(Omitted::OutsidePicture),
        _ => Some(Omitted::NotAlone),
    }
}

fn is_within(inner: Rect, whole: Rect) -> bool {
    !inner.is_empty() && whole.intersect(inner) == Some(inner)
}

#[derive(Serialize)]
pub(super) struct Line<'a> {
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
        told.losses.omit(&targets.omitted);
        let targets = targets.alone;
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

pub(super) fn line(target: Target, row: i64, data_source: &str) -> Line<'_> {
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
