//! How action spaces write coordinates.

use overt_event::Point;
use serde_json::Number;

/// The unit of an action space's coordinates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Pixels of the picture as it is.
    Pixels,
    /// From 0 to 1, rounded to four decimals.
    Unit,
    /// From 0 to 1000, rounded to whole ones.
    Thousand,
    /// Pixels of the picture after the model's own resizing, rounded to whole ones.
    Resized(Resize),
}

/// The resizing that Qwen's vision models begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resize {
    /// Both sides become multiples of this many pixels.
    pub factor: u32,
    /// Fewer pixels than these are enlarged.
    pub pixels_min: u32,
    /// More are made smaller.
    pub pixels_max: u32,
}

impl Resize {
    /// Qwen2.5-VL and what was trained from it: patches of 14 pixels, two by two (its `preprocessor_config.json`).
    pub const QWEN25_VL: Self = Self { factor: 28, pixels_min: 4 * 784, pixels_max: 16_384 * 784 };
    /// UI-TARS 1.5, which enlarges more (its repository's README_coordinates).
    pub const UI_TARS_15: Self = Self { factor: 28, pixels_min: 100 * 784, pixels_max: 16_384 * 784 };

    /// The size of a picture after resizing, width and height; `None` for one that is refused: empty, or more than
    /// 200 times as long as it is wide.
    ///
    /// Source: `smart_resize` of Qwen's `qwen_vl_utils`; halves are rounded to even, as Python does.
    pub fn of(self, width: u32, height: u32) -> Option<(u32, u32)> {
        let (short, long) = (width.min(height), width.max(height));
        if short == 0 || f64::from(long) / f64::from(short) > 200.0 {
            return None;
        }
        let near = |side: u32| {
            let steps = half_even(i64::from(side), i64::from(self.factor)).max(1);
            steps as u64 * u64::from(self.factor)
        };
        let pixels = near(width) * near(height);
        let (w, h) = if pixels > u64::from(self.pixels_max) {
            let shrink = (area(width, height) / f64::from(self.pixels_max)).sqrt();
            let side = |n: u32| self.multiple((f64::from(n) / shrink / f64::from(self.factor)).floor());
            (side(width), side(height))
        } else if pixels < u64::from(self.pixels_min) {
            let grow = (f64::from(self.pixels_min) / area(width, height)).sqrt();
            let side = |n: u32| self.multiple((f64::from(n) * grow / f64::from(self.factor)).ceil());
            (side(width), side(height))
        } else {
            (near(width), near(height))
        };
        Some((u32::try_from(w).ok()?, u32::try_from(h).ok()?))
    }

    fn multiple(self, steps: f64) -> u64 {
        (steps.max(1.0) as u64) * u64::from(self.factor)
    }
}

fn area(width: u32, height: u32) -> f64 {
    f64::from(width) * f64::from(height)
}

/// `n / d` rounded to a whole number, halves to even. `d` is positive.
fn half_even(n: i64, d: i64) -> i64 {
    let (floor, twice_rest) = (n.div_euclid(d), 2 * n.rem_euclid(d));
    if twice_rest > d || (twice_rest == d && floor % 2 != 0) { floor + 1 } else { floor }
}

/// A scale for one picture.
#[derive(Clone, Copy, Debug)]
pub struct Grid {
    scale: Scale,
    width: u32,
    height: u32,
    /// What the picture's width and height become.
    across: u32,
    down: u32,
}

impl Grid {
    /// `None` for a picture that the scale has no place for.
    pub fn new(scale: Scale, width: u32, height: u32) -> Option<Self> {
        if width == 0 || height == 0 {
            return None;
        }
        let (across, down) = match scale {
            Scale::Pixels => (width, height),
            Scale::Unit => (10_000, 10_000),
            Scale::Thousand => (1_000, 1_000),
            Scale::Resized(resize) => resize.of(width, height)?,
        };
        Some(Self { scale, width, height, across, down })
    }

    /// A point as the space writes it: x, then y.
    pub fn place(&self, p: Point) -> [Number; 2] {
        [self.number(p.x, self.width, self.across), self.number(p.y, self.height, self.down)]
    }

    fn number(&self, n: i32, from: u32, to: u32) -> Number {
        let whole = half_even(i64::from(n) * i64::from(to), i64::from(from));
        match self.scale {
            // Four decimals of a number of this size are never out of range.
            Scale::Unit => Number::from_f64(whole as f64 / 10_000.0).unwrap_or_else(|| Number::from(0)),
            _ => Number::from(whole),
        }
    }

    /// The nearest point of the picture to what a space wrote.
    pub fn point(&self, x: f64, y: f64) -> Point {
        let unit = if self.scale == Scale::Unit { 10_000.0 } else { 1.0 };
        let back = |n: f64, from: u32, to: u32| (n * unit * f64::from(from) / f64::from(to)).round() as i32;
        Point { x: back(x, self.width, self.across), y: back(y, self.height, self.down) }
    }

    /// How far a point may come back from where it was, pixels across and down: half a unit of the space.
    pub fn error_max(&self) -> (f64, f64) {
        let half = |from: u32, to: u32| if from <= to { 0.0 } else { f64::from(from) / f64::from(to) / 2.0 };
        (half(self.width, self.across), half(self.height, self.down))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(resize: Resize, width: u32, height: u32, expected: Option<(u32, u32)>) {
        assert_eq!(resize.of(width, height), expected, "{width} x {height}");
    }

    /// Expected sizes are worked out from the published formula by Python (`round`, `math.sqrt`, `math.floor`,
    /// `math.ceil`), on 2026-11-22.
    #[test]
    fn pictures_are_resized_as_the_models_do() {
        let qwen = Resize::QWEN25_VL;
        check(qwen, 1920, 1080, Some((1932, 1092)));
        check(qwen, 1366, 768, Some((1372, 756)));
        check(qwen, 3840, 2160, Some((3836, 2156)));
        check(qwen, 5120, 2880, Some((4760, 2688)));
        check(qwen, 20, 20, Some((56, 56)));
        check(qwen, 40_201, 200, None);
        check(qwen, 0, 10, None);
        check(Resize::UI_TARS_15, 200, 120, Some((364, 224)));
    }

    #[test]
    fn halves_go_to_the_even_side() {
        let small = Resize { factor: 28, pixels_min: 1, pixels_max: u32::MAX };
        // 2.5, 3.5, 4.5 and 0.5 times the factor.
        check(small, 70, 98, Some((56, 112)));
        check(small, 126, 14, Some((112, 28)));
        assert_eq!((half_even(5, 2), half_even(7, 2), half_even(-5, 2)), (2, 4, -2));
    }
}
