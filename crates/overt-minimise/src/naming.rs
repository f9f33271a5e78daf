//! Which windows on pictures are named: all names of theirs were told after the picture was taken, or they
//! look as they did when that was so. docs/spec/filter.md, section 5.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use overt_event::{Frame, Rect, TILE_PX, Tile, WindowId};

/// What a picture shows is known to assistive technologies this long after it, at most. (Chromium tells them
/// 20 ms after an input and 150 ms after a page has loaded.)
pub(crate) const SETTLED_MILLIS: u64 = 200;
/// Looks remembered of a window: a caret that blinks has two, a control under the pointer two more.
const LOOKS_MAX: usize = 4;
const WINDOWS_MAX: usize = 16;

/// How a window looks on a picture.
pub(crate) struct Look {
    /// Where it stands.
    bounds: Rect,
    /// What of it can be seen: parts that do not overlap.
    seen: Vec<Rect>,
    size: (u32, u32),
    /// The picture's tiles that hold it, by their number.
    tiles: BTreeMap<usize, Arc<Tile>>,
    /// What is filled on it.
    veils: Vec<Rect>,
}

impl Look {
    pub(crate) fn new(bounds: Rect, seen: Vec<Rect>, frame: &Frame, veils: Vec<Rect>) -> Self {
        let holds = |i: &usize| seen.iter().any(|part| frame.tile_bounds(*i).intersect(*part).is_some());
        let tiles = (0..frame.tiles.len()).filter(holds).map(|i| (i, Arc::clone(&frame.tiles[i]))).collect();
        Self { bounds, seen, size: (frame.width, frame.height), tiles, veils }
    }

    /// Whether all that is seen of the window on a picture was seen here too, and was the same.
    fn shows(&self, window: &OnPicture<'_>) -> bool {
        (self.bounds, self.size) == (window.bounds, (window.frame.width, window.frame.height))
            && self.veils == window.veils
            && window.parts.iter().all(|part| self.saw(*part))
            && self.is_alike(window)
    }

    fn saw(&self, part: Rect) -> bool {
        let less = |left: Vec<Rect>, seen: &Rect| left.into_iter().flat_map(|r| r.without(*seen)).collect();
        self.seen.iter().fold(vec![part], less).is_empty()
    }

    fn is_alike(&self, window: &OnPicture<'_>) -> bool {
        let alike = |(i, known): (&usize, &Arc<Tile>)| {
            let Some(tile) = window.frame.tiles.get(*i) else { return false };
            let place = window.frame.tile_bounds(*i);
            let mut parts = window.parts.iter().filter_map(|part| part.intersect(place));
            Arc::ptr_eq(known, tile) || parts.all(|part| is_same(known, tile, part, place))
        };
        self.tiles.iter().all(alike)
    }
}

/// Whether two tiles at this place have the same pixels in a part of it.
fn is_same(one: &Tile, other: &Tile, part: Rect, place: Rect) -> bool {
    let (x, y) = ((part.x - place.x) as usize, (part.y - place.y) as usize);
    (y..y + part.h as usize).all(|y| {
        let from = (y * TILE_PX + x) * 3;
        let row = from..from + part.w as usize * 3;
        one.bgr()[row.clone()] == other.bgr()[row]
    })
}

/// A window as it is seen on a picture.
pub(crate) struct OnPicture<'a> {
    pub(crate) window: WindowId,
    pub(crate) bounds: Rect,
    pub(crate) parts: &'a [Rect],
    pub(crate) frame: &'a Frame,
    pub(crate) veils: &'a [Rect],
}

struct Known {
    window: WindowId,
    /// Those whose names were told, newest last.
    looks: VecDeque<Look>,
    /// Its application said that it has no tree.
    treeless: bool,
}

/// What is known of the windows that were looked at last.
#[derive(Default)]
pub(crate) struct Naming {
    known: VecDeque<Known>,
}

impl Naming {
    /// All names were told of a window that looked like this, oldest first.
    pub(crate) fn told(&mut self, window: WindowId, looks: Vec<Look>) {
        let mut all = self.forget(window).map(|known| known.looks).unwrap_or_default();
        all.extend(looks);
        all.drain(..all.len().saturating_sub(LOOKS_MAX));
        self.put(Known { window, looks: all, treeless: false });
    }

    /// There is nobody who could tell.
    pub(crate) fn has_no_tree(&mut self, window: WindowId) {
        self.forget(window);
        self.put(Known { window, looks: VecDeque::new(), treeless: true });
    }

    fn put(&mut self, known: Known) {
        if self.known.len() == WINDOWS_MAX {
            self.known.pop_front();
        }
        self.known.push_back(known);
    }

    fn forget(&mut self, window: WindowId) -> Option<Known> {
        let at = self.known.iter().position(|k| k.window == window)?;
        self.known.remove(at)
    }

    pub(crate) fn closed(&mut self, window: WindowId) {
        self.forget(window);
    }

    pub(crate) fn is_treeless(&self, window: WindowId) -> bool {
        self.of(window).is_some_and(|k| k.treeless)
    }

    /// Whether a window looks on this picture, as far as it can be seen, as it did when it was named, and
    /// the same is filled on it.
    pub(crate) fn knows(&self, seen: &OnPicture<'_>) -> bool {
        seen.parts.is_empty() || self.of(seen.window).is_some_and(|k| k.looks.iter().any(|l| l.shows(seen)))
    }

    fn of(&self, window: WindowId) -> Option<&Known> {
        self.known.iter().find(|k| k.window == window)
    }
}

#[cfg(test)]
mod tests {
    use overt_event::Tile;

    use super::*;

    const WINDOW: Rect = Rect { x: 0, y: 0, w: 64, h: 64 };

    /// A window of one tile, and another tile beside it.
    fn frame(window: u8, beside: u8) -> Arc<Frame> {
        let tiles = [window, beside].map(|c| Arc::new(Tile::solid([c; 3]))).to_vec();
        Arc::new(Frame { width: 128, height: 64, tiles })
    }

    fn knows(naming: &Naming, bounds: Rect, parts: &[Rect], frame: &Frame, veils: &[Rect]) -> bool {
        naming.knows(&OnPicture { window: WindowId(1), bounds, parts, frame, veils })
    }

    #[test]
    fn a_window_that_looks_as_it_did_when_it_was_named_is_named() {
        let mut naming = Naming::default();
        let veil = [Rect { x: 1, y: 2, w: 3, h: 4 }];
        let look = |c| Look::new(WINDOW, vec![WINDOW], &frame(c, 0), veil.to_vec());
        naming.told(WindowId(1), vec![look(1), look(2)]);
        naming.told(WindowId(1), vec![look(3), look(4), look(5)]);
        let known = |c, veils: &[Rect]| knows(&naming, WINDOW, &[WINDOW], &frame(c, 9), veils);
        assert_eq!(
            [1, 2, 3, 4, 5].map(|c| known(c, &veil)),
            [false, true, true, true, true],
            "the last four"
        );
        assert!(!known(3, &[]), "something else is filled");
        let smaller = Rect { w: 32, ..WINDOW };
        assert!(!knows(&naming, smaller, &[smaller], &frame(3, 0), &veil), "of another size");
        naming.closed(WindowId(1));
        assert!(!knows(&naming, WINDOW, &[WINDOW], &frame(3, 0), &veil));
    }

    #[test]
    fn what_covers_a_window_is_not_how_it_looks_and_what_was_covered_is_not_known() {
        let mut naming = Naming::default();
        let (left, right) = (Rect { w: 30, ..WINDOW }, Rect { x: 30, w: 34, ..WINDOW });
        let under = frame(1, 0);
        let mut pixels = Tile::solid([7; 3]).bgr().to_vec();
        (0..TILE_PX).for_each(|y| pixels[y * TILE_PX * 3..][..90].fill(1));
        let tile = Arc::new(Tile::new(pixels.into()).expect("a tile"));
        let covered = Frame { width: 128, height: 64, tiles: vec![tile, Arc::clone(&under.tiles[1])] };
        naming.told(WindowId(1), vec![Look::new(WINDOW, vec![left], &under, Vec::new())]);
        assert!(knows(&naming, WINDOW, &[left], &covered, &[]), "only what covers it is another");
        assert!(!knows(&naming, WINDOW, &[WINDOW], &under, &[]), "its right was not seen");
        assert!(!knows(&naming, WINDOW, &[right], &under, &[]));
        assert!(knows(&naming, WINDOW, &[], &covered, &[]), "nothing of it is seen");
    }

    #[test]
    fn windows_are_remembered_up_to_a_bound() {
        let mut naming = Naming::default();
        (0..100).for_each(|i| naming.has_no_tree(WindowId(i)));
        assert!(!naming.is_treeless(WindowId(83)) && naming.is_treeless(WindowId(84)));
    }
}
