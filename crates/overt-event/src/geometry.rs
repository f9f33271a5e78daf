//! Physical pixels: points, rectangles and the arrangement of monitors.

use serde::{Deserialize, Serialize};

/// A place on the desktop, in physical pixels from the root window's top left corner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Point {
    pub x: i32,
    pub y: i32,
}

impl Point {
    /// Straight-line distance in pixels.
    pub fn distance(self, other: Point) -> f64 {
        let (dx, dy) = (f64::from(self.x) - f64::from(other.x), f64::from(self.y) - f64::from(other.y));
        // Not `hypot`, which is four times as slow: no square of pixels is too large for it.
        (dx * dx + dy * dy).sqrt()
    }
}

/// A half-open rectangle in physical pixels: `x..x+w`, `y..y+h`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Rect {
    pub x: i32,
    pub y: i32,
    pub w: i32,
    pub h: i32,
}

impl Rect {
    /// Whether the point lies inside.
    pub fn contains(self, p: Point) -> bool {
        !self.is_empty()
            && i64::from(p.x) >= i64::from(self.x)
            && i64::from(p.y) >= i64::from(self.y)
            && i64::from(p.x) < i64::from(self.x) + i64::from(self.w)
            && i64::from(p.y) < i64::from(self.y) + i64::from(self.h)
    }

    /// Whether it covers no pixel.
    pub fn is_empty(self) -> bool {
        self.w <= 0 || self.h <= 0
    }

    /// The pixels in both, or `None` when there are none.
    pub fn intersect(self, o: Rect) -> Option<Rect> {
        let x = self.x.max(o.x);
        let y = self.y.max(o.y);
        let right = (self.x.saturating_add(self.w)).min(o.x.saturating_add(o.w));
        let bottom = (self.y.saturating_add(self.h)).min(o.y.saturating_add(o.h));
        let r = Rect { x, y, w: right.saturating_sub(x), h: bottom.saturating_sub(y) };
        (!r.is_empty()).then_some(r)
    }

    /// Whether all of `o` lies inside.
    pub fn covers(self, o: Rect) -> bool {
        self.intersect(o) == Some(o)
    }

    /// What is left of it without `o`: up to four rectangles that do not overlap, from the top down.
    pub fn without(self, o: Rect) -> Vec<Rect> {
        let Some(hole) = self.intersect(o) else { return vec![self] };
        let (right, bottom) = (hole.x + hole.w, hole.y + hole.h);
        let parts = [
            Rect { h: hole.y - self.y, ..self },
            Rect { y: hole.y, w: hole.x - self.x, h: hole.h, ..self },
            Rect { x: right, y: hole.y, w: self.x.saturating_add(self.w) - right, h: hole.h },
            Rect { y: bottom, h: self.y.saturating_add(self.h) - bottom, ..self },
        ];
        parts.into_iter().filter(|part| !part.is_empty()).collect()
    }

    /// Width times height; 0 when empty.
    pub fn area(self) -> i64 {
        if self.is_empty() { 0 } else { i64::from(self.w) * i64::from(self.h) }
    }

    /// The middle, rounded towards the top left.
    pub fn center(self) -> Point {
        Point { x: self.x + self.w / 2, y: self.y + self.h / 2 }
    }
}

/// Names one [`Topology`] of a session; 0 is the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TopologyId(pub u32);

/// How a monitor's picture is turned against its panel, clockwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rotation {
    #[default]
    Upright,
    Quarter,
    Half,
    ThreeQuarter,
}

/// One monitor of a topology.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Monitor {
    /// Its place on the desktop.
    pub bounds: Rect,
    /// Physical pixels per logical pixel, in thousandths (1000 = 1.0).
    pub scale_milli: u32,
    pub rotation: Rotation,
}

/// By what the desktop tells a double click and a drag, as far as it says so (XSETTINGS).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gestures {
    /// Between two presses of one multi-click, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub click_gap_millis: Option<u32>,
    /// Between the places of two such presses, logical pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub click_slip_px: Option<u32>,
    /// A press that moves further is a drag, logical pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drag_px: Option<u32>,
}

impl Gestures {
    /// Whether the desktop says nothing.
    pub fn unknown(&self) -> bool {
        *self == Self::default()
    }
}

/// The arrangement of monitors, and what the desktop takes for which gesture, from one moment to the next change.
///
/// Shape: at least one monitor; all bounds lie inside `size`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topology {
    pub id: TopologyId,
    /// Width and height of the whole desktop, physical pixels.
    pub size: (u32, u32),
    pub monitors: Vec<Monitor>,
    #[serde(default, skip_serializing_if = "Gestures::unknown")]
    pub gestures: Gestures,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rectangle_holds_its_first_pixel_and_not_the_one_after_its_last() {
        let r = Rect { x: 10, y: 20, w: 5, h: 5 };
        assert!(r.contains(Point { x: 10, y: 20 }));
        assert!(!r.contains(Point { x: 15, y: 20 }));
        assert!(!Rect { w: -3, ..r }.contains(Point { x: 9, y: 20 }));
    }

    #[test]
    fn what_is_left_of_a_rectangle_is_all_but_the_hole() {
        let whole = Rect { x: 0, y: 0, w: 6, h: 5 };
        let holes = [(1, 1, 2, 2), (-3, -3, 20, 4), (4, 2, 9, 1), (0, 0, 6, 5), (9, 9, 2, 2), (2, 0, 2, 9)];
        for (x, y, w, h) in holes {
            let hole = Rect { x, y, w, h };
            let left = whole.without(hole);
            for p in (0..6).flat_map(|x| (0..5).map(move |y| Point { x, y })) {
                let times = left.iter().filter(|r| r.contains(p)).count();
                assert_eq!(times, usize::from(!hole.contains(p)), "{hole:?} {p:?}");
            }
        }
    }

    #[test]
    fn extreme_rectangles_do_not_overflow() {
        let odd = Rect { x: i32::MIN, y: i32::MIN, w: i32::MAX, h: i32::MAX };
        assert_eq!(odd.intersect(Rect { x: 0, y: 0, w: 1, h: 1 }), None);
        assert!(!odd.contains(Point { x: 0, y: 0 }));
    }
}
