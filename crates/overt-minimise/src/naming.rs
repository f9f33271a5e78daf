//! Which windows on pictures are named: all names of theirs were told after the picture was taken, or they
//! look as they did when that was so. docs/spec/filter.md, section 5.

use std::collections::VecDeque;
use std::sync::Arc;

use overt_event::{Frame, Rect, WindowId};

use crate::veil::Stand;

/// What a picture shows is known to assistive technologies this long after it, at most. (Chromium tells them
/// 20 ms after an input and 150 ms after a page has loaded.)
pub(crate) const SETTLED_MILLIS: u64 = 200;
/// Looks remembered of a window: a caret that blinks has two.
const LOOKS_MAX: usize = 2;
const WINDOWS_MAX: usize = 16;

/// How a window looked when its names were told, where on the desktop, newest last.
pub(crate) type Looks = Vec<(Rect, Arc<Frame>)>;

struct Known {
    window: WindowId,
    looks: Looks,
    /// What was to be filled on it from then on.
    veils: Vec<Rect>,
    /// Its application said that it has no tree.
    treeless: bool,
}

/// What is known of the windows that were looked at last.
#[derive(Default)]
pub(crate) struct Naming {
    known: VecDeque<Known>,
}

impl Naming {
    /// All names were told of a window that looked like this.
    pub(crate) fn told(&mut self, window: WindowId, mut looks: Looks, veils: Vec<Rect>) {
        looks.drain(..looks.len().saturating_sub(LOOKS_MAX));
        self.put(Known { window, looks, veils, treeless: false });
    }

    /// There is nobody who could tell.
    pub(crate) fn has_no_tree(&mut self, window: WindowId) {
        self.put(Known { window, looks: Vec::new(), veils: Vec::new(), treeless: true });
    }

    fn put(&mut self, known: Known) {
        self.closed(known.window);
        if self.known.len() == WINDOWS_MAX {
            self.known.pop_front();
        }
        self.known.push_back(known);
    }

    pub(crate) fn closed(&mut self, window: WindowId) {
        self.known.retain(|k| k.window != window);
    }

    pub(crate) fn is_treeless(&self, window: WindowId) -> bool {
        self.of(window).is_some_and(|k| k.treeless)
    }

    /// Whether a window looks on this picture as it did when it was named, and the same is filled on it.
    pub(crate) fn knows(&self, stand: &Stand, frame: &Frame, veils: &[Rect]) -> bool {
        let same = |(bounds, look): &(Rect, Arc<Frame>)| {
            *bounds == stand.bounds && look_alike(look, frame, stand.bounds)
        };
        self.of(stand.window).is_some_and(|k| k.veils == veils && k.looks.iter().any(same))
    }

    fn of(&self, window: WindowId) -> Option<&Known> {
        self.known.iter().find(|k| k.window == window)
    }
}

/// Whether all tiles that this area touches are the same.
fn look_alike(one: &Frame, other: &Frame, area: Rect) -> bool {
    let touched = |i: &usize| one.tile_bounds(*i).intersect(area).is_some();
    (one.width, one.height) == (other.width, other.height)
        && (0..one.tiles.len()).filter(touched).all(|i| {
            Arc::ptr_eq(&one.tiles[i], &other.tiles[i]) || one.tiles[i].bgr() == other.tiles[i].bgr()
        })
}

#[cfg(test)]
mod tests {
    use overt_event::Tile;

    use super::*;
    use crate::pixels::Sight;

    const WINDOW: Rect = Rect { x: 0, y: 0, w: 64, h: 64 };

    /// A window of one tile, and another tile beside it.
    fn frame(window: u8, beside: u8) -> Arc<Frame> {
        let tiles = [window, beside].map(|c| Arc::new(Tile::solid([c; 3]))).to_vec();
        Arc::new(Frame { width: 128, height: 64, tiles })
    }

    fn stand(bounds: Rect) -> Stand {
        Stand { window: WindowId(1), pid: Some(7), bounds, sight: Sight::Everything }
    }

    #[test]
    fn a_window_that_looks_as_it_did_when_it_was_named_is_named() {
        let mut naming = Naming::default();
        let veil = [Rect { x: 1, y: 2, w: 3, h: 4 }];
        let looks = [1, 2, 3].map(|c| (WINDOW, frame(c, 0))).to_vec();
        naming.told(WindowId(1), looks, veil.to_vec());
        let knows = |c, veils: &[Rect]| naming.knows(&stand(WINDOW), &frame(c, 9), veils);
        assert_eq!([1, 2, 3].map(|c| knows(c, &veil)), [false, true, true], "the last two");
        assert!(!knows(3, &[]), "something else is filled");
        assert!(!naming.knows(&stand(Rect { w: 32, ..WINDOW }), &frame(3, 0), &veil), "of another size");
        naming.closed(WindowId(1));
        assert!(!naming.knows(&stand(WINDOW), &frame(3, 0), &veil));
    }

    #[test]
    fn windows_are_remembered_up_to_a_bound() {
        let mut naming = Naming::default();
        (0..100).for_each(|i| naming.has_no_tree(WindowId(i)));
        assert!(!naming.is_treeless(WindowId(83)) && naming.is_treeless(WindowId(84)));
    }
}
