//! Labels of controls, by the exact pixels that an accessibility snapshot confirmed.

use std::collections::VecDeque;
use std::sync::Arc;

use overt_event::{Frame, Node, Rect, TILE_PX};

/// Labels remembered: some windows full of controls.
const LABELS_MAX: usize = 2_048;
/// A control higher than this shows more than a label: 96 px holds an icon with a line under it.
const HEIGHT_PX_MAX: i32 = 96;
/// ... and a wider one than this, too.
const WIDTH_PX_MAX: i32 = 480;

/// Roles whose pixels are their icon and their name, and nothing that somebody wrote.
const LABELLED: [&str; 11] = [
    "button",
    "check box",
    "check menu item",
    "menu",
    "menu item",
    "push button",
    "push button menu",
    "radio button",
    "radio menu item",
    "switch",
    "toggle button",
];

/// Where the controls of a snapshot, already cut to its level, have their labels.
pub(crate) fn label_bounds(nodes: &[Node]) -> impl Iterator<Item = Rect> {
    nodes.iter().filter(|n| is_label(n)).map(|n| n.bounds)
}

fn is_label(node: &Node) -> bool {
    let Rect { w, h, .. } = node.bounds;
    let fits = (1..=WIDTH_PX_MAX).contains(&w) && (1..=HEIGHT_PX_MAX).contains(&h);
    fits && !node.name.is_empty() && LABELLED.contains(&node.role.as_str())
}

/// A control as it looked while a snapshot named it.
struct Label {
    bounds: Rect,
    /// Rows from the top, three bytes a pixel.
    pixels: Box<[u8]>,
    /// Whether the picture that was last compared shows it; `None` before the first.
    shown: Option<bool>,
}

/// Every look of every control that was confirmed, oldest first.
#[derive(Default)]
pub(crate) struct Labels {
    looks: VecDeque<Label>,
    /// The picture that they were last compared with: what is the same in the next need not be compared again.
    compared: Option<Arc<Frame>>,
}

impl Labels {
    /// What stands at `bounds` in this picture is a control's label.
    pub(crate) fn confirm(&mut self, frame: &Frame, bounds: Rect) {
        let Some(pixels) = pixels(frame, bounds) else { return };
        let known = self.looks.iter().position(|l| l.bounds == bounds && l.pixels == pixels);
        let label = match known.and_then(|i| self.looks.remove(i)) {
            Some(label) => label,
            None => Label { bounds, pixels, shown: None },
        };
        if self.looks.len() == LABELS_MAX {
            self.looks.pop_front();
        }
        self.looks.push_back(label);
    }

    /// Whether two pictures are the same there, and both show all of it.
    pub(crate) fn look_alike(a: &Frame, b: &Frame, bounds: Rect) -> bool {
        pixels(a, bounds).is_some_and(|pixels| is_in(b, bounds, &pixels))
    }

    /// Where this picture shows a confirmed label, pixel for pixel.
    pub(crate) fn shown(&mut self, frame: &Arc<Frame>) -> Vec<Rect> {
        let before = self.compared.replace(Arc::clone(frame));
        let mut shown = Vec::new();
        for label in &mut self.looks {
            let same = before.as_ref().is_some_and(|before| same_tiles(before, frame, label.bounds));
            let known = label.shown.filter(|_| same);
            let is_shown = known.unwrap_or_else(|| is_in(frame, label.bounds, &label.pixels));
            label.shown = Some(is_shown);
            if is_shown {
                shown.push(label.bounds);
            }
        }
        shown
    }

    /// Forgets the picture, and no label.
    pub(crate) fn forget_picture(&mut self) {
        self.compared = None;
    }
}

fn is_in(frame: &Frame, bounds: Rect, pixels: &[u8]) -> bool {
    let mut rest = pixels;
    let same = |part: &[u8]| match rest.split_at_checked(part.len()) {
        Some((begin, after)) if begin == part => {
            rest = after;
            true
        }
        _ => false,
    };
    is_inside(frame, bounds) && parts(frame, bounds).all(same)
}

/// Whether two pictures share the tiles there; `false` where they are not known to.
fn same_tiles(a: &Frame, b: &Frame, bounds: Rect) -> bool {
    let alike = (a.width, a.height) == (b.width, b.height) && is_inside(a, bounds) && is_inside(b, bounds);
    alike && a.tiles_at(bounds).all(|i| Arc::ptr_eq(&a.tiles[i], &b.tiles[i]))
}

/// The pixels at `bounds`; `None` where not all of it is in the picture.
fn pixels(frame: &Frame, bounds: Rect) -> Option<Box<[u8]>> {
    is_inside(frame, bounds).then(|| parts(frame, bounds).flatten().copied().collect())
}

fn is_inside(frame: &Frame, bounds: Rect) -> bool {
    let whole = Rect { x: 0, y: 0, w: frame.width as i32, h: frame.height as i32 };
    !bounds.is_empty() && whole.covers(bounds) && frame.tiles.len() == frame.columns() * frame.rows()
}

/// The pixels at `bounds`, which lie inside the picture: row by row, each in parts of one tile.
fn parts(frame: &Frame, bounds: Rect) -> impl Iterator<Item = &[u8]> {
    let (left, top) = (bounds.x as usize, bounds.y as usize);
    let (right, bottom) = (left + bounds.w as usize, top + bounds.h as usize);
    (top..bottom).flat_map(move |y| {
        (left / TILE_PX..right.div_ceil(TILE_PX)).map(move |column| {
            let tile = &frame.tiles[y / TILE_PX * frame.columns() + column];
            let (from, to) = (left.max(column * TILE_PX), right.min((column + 1) * TILE_PX));
            let row = y % TILE_PX * TILE_PX;
            &tile.bgr()[(row + from % TILE_PX) * 3..][..(to - from) * 3]
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(mark: Option<(u32, u32)>) -> Arc<Frame> {
        let (w, h) = (150, 70);
        let value = |i: u32| if Some((i % w, i / w)) == mark { 255 } else { (i % 89) as u8 };
        let rgb: Vec<u8> = (0..w * h).flat_map(|i| [value(i), 1, 2]).collect();
        Arc::new(Frame::from_rgb(w, h, &rgb).expect("the length fits"))
    }

    const BOUNDS: Rect = Rect { x: 60, y: 60, w: 80, h: 10 };

    fn control(role: &str, name: &str, bounds: Rect) -> Node {
        Node { role: role.into(), name: name.into(), bounds, ..Node::default() }
    }

    #[test]
    fn a_label_is_shown_while_it_looks_the_same() {
        let mut labels = Labels::default();
        assert_eq!(labels.shown(&picture(None)), []);
        labels.confirm(&picture(None), BOUNDS);
        assert_eq!(labels.shown(&picture(None)), [BOUNDS]);
        assert_eq!(labels.shown(&picture(Some((0, 0)))), [BOUNDS], "a change elsewhere does not matter");
        for inside in [(60, 60), (139, 69), (63, 64), (64, 63)] {
            assert_eq!(labels.shown(&picture(Some(inside))), [], "{inside:?}");
        }
    }

    #[test]
    fn what_a_picture_shares_with_the_one_before_is_judged_as_before() {
        let mut labels = Labels::default();
        labels.confirm(&picture(None), BOUNDS);
        let first = picture(None);
        assert_eq!(labels.shown(&first), [BOUNDS]);
        let mut marked = Frame::clone(&first);
        // Of the six tiles the label lies in the two lower right ones and those above them.
        marked.tiles[0] = Arc::clone(&picture(Some((0, 0))).tiles[0]);
        assert_eq!(labels.shown(&Arc::new(marked.clone())), [BOUNDS]);
        marked.tiles[4] = Arc::clone(&picture(Some((64, 65))).tiles[4]);
        let marked = Arc::new(marked);
        assert_eq!(labels.shown(&marked), []);
        assert_eq!(labels.shown(&marked), []);
        labels.confirm(&marked, BOUNDS);
        assert_eq!(labels.shown(&marked), [BOUNDS], "of the same picture more is known");
        assert_eq!(labels.shown(&first), [BOUNDS]);
    }

    #[test]
    fn every_look_that_was_confirmed_counts_once() {
        let mut labels = Labels::default();
        for mark in [None, Some((70, 65)), None] {
            labels.confirm(&picture(mark), BOUNDS);
        }
        assert_eq!(labels.looks.len(), 2);
        assert_eq!(labels.shown(&picture(Some((70, 65)))), [BOUNDS]);
    }

    #[test]
    fn what_reaches_beyond_the_picture_is_no_label() {
        let mut labels = Labels::default();
        for x in [-1, 71] {
            labels.confirm(&picture(None), Rect { x, ..BOUNDS });
        }
        assert!(labels.looks.is_empty());
    }

    #[test]
    fn only_controls_of_a_label_s_size_with_a_name_have_labels() {
        let all = [
            control("push button", "Save", BOUNDS),
            control("push button", "", BOUNDS),
            control("static", "Dear Anna", BOUNDS),
            control("push button", "Wide", Rect { w: WIDTH_PX_MAX + 1, ..BOUNDS }),
            control("push button", "High", Rect { h: HEIGHT_PX_MAX + 1, ..BOUNDS }),
            control("push button", "Gone", Rect::default()),
        ];
        assert_eq!(label_bounds(&all).collect::<Vec<_>>(), [BOUNDS]);
    }
}
