//! Physical pixels for applications that count in logical ones.
//!
//! GTK 3 on a scaled display tells places in logical pixels: a window that covers 662x686 pixels of the
//! screen says 331x343. What the display server knows of a window tells the factor.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use overt_event::{Point, Rect};

/// Whole factors that toolkits use.
const FACTORS: [i32; 3] = [2, 3, 4];
/// Most that a window and its accessible twin may differ: decorations and shadows.
const MISFIT_MAX: i64 = 160;
/// A factor is believed when it fits this many times better than none.
const BETTER: i64 = 4;
const APPS_MAX: usize = 512;

/// The factors of the applications that have one.
#[derive(Clone, Default)]
pub(crate) struct Scales {
    factor_by_bus: Arc<Mutex<HashMap<Arc<str>, i32>>>,
}

impl Scales {
    fn factors(&self) -> MutexGuard<'_, HashMap<Arc<str>, i32>> {
        self.factor_by_bus.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn factor(&self, bus: &str) -> i32 {
        self.factors().get(bus).copied().unwrap_or(1)
    }

    /// What an application says, in physical pixels.
    pub(crate) fn physical(&self, bus: &str, said: Rect) -> Rect {
        scaled(said, self.factor(bus))
    }

    /// A point as the application counts.
    pub(crate) fn logical(&self, bus: &str, at: Point) -> Point {
        let factor = self.factor(bus);
        Point { x: at.x.div_euclid(factor), y: at.y.div_euclid(factor) }
    }

    /// Learns the factor from the application's windows, in physical pixels as believed so far, and one
    /// of them as the display server knows it. Where it changes, the windows are put right.
    pub(crate) fn learn<'a>(&self, bus: &Arc<str>, windows: impl Iterator<Item = &'a mut Rect>, asked: Rect) {
        let believed = self.factor(bus);
        let mut windows: Vec<&mut Rect> = windows.collect();
        let said: Vec<Rect> = windows.iter().map(|w| unscaled(**w, believed)).collect();
        let Some(factor) = factor_from(&said, asked).filter(|f| *f != believed) else { return };
        for (window, said) in windows.iter_mut().zip(said) {
            **window = scaled(said, factor);
        }
        let mut factors = self.factors();
        if factors.len() >= APPS_MAX {
            factors.clear();
        }
        factors.insert(bus.clone(), factor);
    }
}

fn scaled(r: Rect, factor: i32) -> Rect {
    let by = |n: i32| n.saturating_mul(factor);
    Rect { x: by(r.x), y: by(r.y), w: by(r.w), h: by(r.h) }
}

fn unscaled(r: Rect, factor: i32) -> Rect {
    Rect { x: r.x / factor, y: r.y / factor, w: r.w / factor, h: r.h / factor }
}

/// The factor by which one of the windows becomes the asked one; `None` when that cannot be told.
fn factor_from(said: &[Rect], asked: Rect) -> Option<i32> {
    let misfit = |factor| said.iter().map(|w| distance(scaled(*w, factor), asked)).min();
    let plain = misfit(1)?;
    if plain <= MISFIT_MAX {
        return Some(1);
    }
    let (best, factor) = FACTORS.into_iter().filter_map(|f| Some((misfit(f)?, f))).min()?;
    (best <= MISFIT_MAX && best.saturating_mul(BETTER) < plain).then_some(factor)
}

/// How far the edges of two rectangles lie apart, all four together.
fn distance(a: Rect, b: Rect) -> i64 {
    let apart = |m: i32, n: i32| (i64::from(m) - i64::from(n)).abs();
    apart(a.x, b.x) + apart(a.y, b.y) + apart(a.w, b.w) + apart(a.h, b.h)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: Rect = Rect { x: 154, y: 47, w: 332, h: 356 };
    const ASKED: Rect = Rect { x: 309, y: 114, w: 662, h: 686 };

    #[test]
    fn the_factor_is_what_makes_a_window_fit() {
        let check = |said: &[Rect], asked, expected| assert_eq!(factor_from(said, asked), expected);
        check(&[SAID], ASKED, Some(2));
        check(&[scaled(SAID, 2)], ASKED, Some(1));
        check(&[Rect { x: 5, y: 5, w: 90, h: 20 }, SAID], ASKED, Some(2));
        check(&[Rect { x: 900, y: 5, w: 90, h: 20 }], ASKED, None);
        check(&[], ASKED, None);
    }

    #[test]
    fn a_learned_factor_holds_until_a_window_tells_otherwise() {
        let scales = Scales::default();
        let bus: Arc<str> = ":1.7".into();
        let mut window = SAID;
        scales.learn(&bus, [&mut window].into_iter(), ASKED);
        assert_eq!(window, scaled(SAID, 2));
        assert_eq!(scales.logical(&bus, Point { x: 309, y: 115 }), Point { x: 154, y: 57 });
        scales.learn(&bus, [&mut window].into_iter(), Rect { x: 900, y: 5, w: 9, h: 9 });
        assert_eq!(scales.physical(&bus, SAID), window);
        let mut moved = scaled(ASKED, 2);
        scales.learn(&bus, [&mut moved].into_iter(), ASKED);
        assert_eq!(moved, ASKED);
        assert_eq!(scales.physical(":1.8", SAID), SAID);
    }
}
