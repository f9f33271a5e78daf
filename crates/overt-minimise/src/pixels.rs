//! Fills every pixel that is not visibly part of a window that may be seen.

use std::sync::Arc;

use overt_event::{Frame, Rect, TILE_BYTES, TILE_PX, Tile};

/// What stands where nothing may be seen: one grey, that tells nothing.
pub(crate) const FILL: [u8; 3] = [0x30, 0x30, 0x30];

/// One bit a pixel, a word a row; the lowest bit is the leftmost pixel. Set: may be seen.
type Rows = [u64; TILE_PX];

/// What of a tile may be seen.
#[derive(Clone, PartialEq, Eq)]
enum Mask {
    All,
    None,
    Some(Arc<Rows>),
}

/// A tile that was filled in part, so that the same tile need not be filled again.
struct Mixed {
    source: Arc<Tile>,
    rows: Arc<Rows>,
    filled: Arc<Tile>,
}

/// A window's place and whether it may be seen, bottom first.
pub(crate) type Place = (Rect, bool);

/// Fills pictures, and remembers how the last one was filled.
pub(crate) struct Painter {
    size: (u32, u32),
    places: Vec<Place>,
    masks: Vec<Mask>,
    filled_px: u64,
    mixed: Vec<Option<Mixed>>,
    solid: Arc<Tile>,
    /// Filled tiles that reach beyond the picture's edge, where tiles are zero.
    edges: Vec<((i32, i32), Arc<Tile>)>,
}

/// A picture of which something may be seen.
pub(crate) struct Painted {
    pub(crate) frame: Arc<Frame>,
    /// Thousandths that were filled, rounded up.
    pub(crate) filled_permille: u32,
}

impl Painter {
    pub(crate) fn new() -> Self {
        Self {
            size: (0, 0),
            places: Vec::new(),
            masks: Vec::new(),
            filled_px: 0,
            mixed: Vec::new(),
            solid: Arc::new(Tile::solid(FILL)),
            edges: Vec::new(),
        }
    }

    /// The picture with everything filled that may not be seen; `None` when that is all of it, or
    /// when its tiles do not cover it.
    pub(crate) fn paint(&mut self, frame: &Arc<Frame>, places: &[Place]) -> Option<Painted> {
        if frame.tiles.len() != frame.columns() * frame.rows() || frame.tiles.is_empty() {
            return None;
        }
        self.plan(frame, places);
        let pixels = u64::from(frame.width) * u64::from(frame.height);
        if self.filled_px == pixels {
            return None;
        }
        let filled_permille = (self.filled_px * 1_000).div_ceil(pixels) as u32;
        if self.filled_px == 0 {
            return Some(Painted { frame: Arc::clone(frame), filled_permille });
        }
        let tiles = (0..frame.tiles.len()).map(|i| self.tile(frame, i)).collect();
        let frame = Arc::new(Frame { width: frame.width, height: frame.height, tiles });
        Some(Painted { frame, filled_permille })
    }

    /// Works out the masks, unless the windows stand as before.
    fn plan(&mut self, frame: &Frame, places: &[Place]) {
        let size = (frame.width, frame.height);
        if size == self.size && places == self.places {
            return;
        }
        if size != self.size {
            self.edges.clear();
            self.mixed.clear();
            self.mixed.resize_with(frame.tiles.len(), || None);
        }
        self.size = size;
        self.places = places.to_vec();
        self.filled_px = 0;
        self.masks.clear();
        for index in 0..frame.tiles.len() {
            let bounds = frame.tile_bounds(index);
            let (mask, seen) = mask(bounds, places);
            self.filled_px += bounds.area() as u64 - seen;
            self.masks.push(mask);
        }
    }

    fn tile(&mut self, frame: &Frame, index: usize) -> Arc<Tile> {
        let source = &frame.tiles[index];
        match &self.masks[index] {
            Mask::All => Arc::clone(source),
            Mask::None => self.solid(frame.tile_bounds(index)),
            Mask::Some(rows) => {
                let before = &mut self.mixed[index];
                if let Some(m) = before
                    && Arc::ptr_eq(&m.source, source)
                    && m.rows == *rows
                {
                    return Arc::clone(&m.filled);
                }
                let filled = Arc::new(fill(source, rows, frame.tile_bounds(index)));
                let mixed =
                    Mixed { source: Arc::clone(source), rows: Arc::clone(rows), filled: Arc::clone(&filled) };
                *before = Some(mixed);
                filled
            }
        }
    }

    fn solid(&mut self, bounds: Rect) -> Arc<Tile> {
        let size = (bounds.w, bounds.h);
        if size == (TILE_PX as i32, TILE_PX as i32) {
            return Arc::clone(&self.solid);
        }
        if let Some((_, tile)) = self.edges.iter().find(|(s, _)| *s == size) {
            return Arc::clone(tile);
        }
        let zero = Tile::new(vec![0; TILE_BYTES].into_boxed_slice());
        let tile =
            Arc::new(zero.map_or_else(|| Tile::solid(FILL), |zero| fill(&zero, &[0; TILE_PX], bounds)));
        self.edges.push((size, Arc::clone(&tile)));
        tile
    }
}

/// Paints the windows over each other, bottom first. Also the number of pixels that may be seen.
fn mask(bounds: Rect, places: &[Place]) -> (Mask, u64) {
    let mut rows: Rows = [0; TILE_PX];
    for (place, seen) in places {
        if let Some(r) = place.intersect(bounds) {
            let bits = row_bits((r.x - bounds.x) as u32, r.w as u32);
            let from = (r.y - bounds.y) as usize;
            for row in &mut rows[from..from + r.h as usize] {
                *row = if *seen { *row | bits } else { *row & !bits };
            }
        }
    }
    let count: u64 = rows.iter().map(|r| u64::from(r.count_ones())).sum();
    let mask = match count {
        0 => Mask::None,
        n if n == bounds.area() as u64 => Mask::All,
        _ => Mask::Some(Arc::new(rows)),
    };
    (mask, count)
}

fn row_bits(from: u32, len: u32) -> u64 {
    let ones = if len >= u64::BITS { u64::MAX } else { (1 << len) - 1 };
    ones << from
}

fn fill(source: &Tile, rows: &Rows, bounds: Rect) -> Tile {
    let mut bgr: Box<[u8]> = source.bgr().into();
    for (y, bits) in rows.iter().enumerate().take(bounds.h as usize) {
        let row = &mut bgr[y * TILE_PX * 3..];
        for (x, pixel) in row.chunks_exact_mut(3).enumerate().take(bounds.w as usize) {
            if bits >> x & 1 == 0 {
                pixel.copy_from_slice(&FILL);
            }
        }
    }
    // A copy of a tile has a tile's length.
    Tile::new(bgr).unwrap_or_else(|| Tile::solid(FILL))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn picture(width: u32, height: u32) -> Arc<Frame> {
        // No pixel of it has the colour of the fill.
        let rgb: Vec<u8> = (0..width * height * 3).map(|i| 0x40 + (i % 97) as u8).collect();
        Arc::new(Frame::from_rgb(width, height, &rgb).expect("the length fits"))
    }

    fn seen_at(places: &[Place], x: i32, y: i32) -> bool {
        let mut seen = false;
        for (rect, may) in places {
            if x >= rect.x && y >= rect.y && x < rect.x + rect.w && y < rect.y + rect.h {
                seen = *may;
            }
        }
        seen
    }

    fn place() -> impl Strategy<Value = Place> {
        (-80i32..260, -80i32..200, -5i32..200, -5i32..200, any::<bool>())
            .prop_map(|(x, y, w, h, may)| (Rect { x, y, w, h }, may))
    }

    proptest! {
        #[test]
        fn a_painter_of_single_pixels_agrees(
            width in 1u32..220, height in 1u32..160,
            all in proptest::collection::vec(proptest::collection::vec(place(), 0..6), 1..4),
        ) {
            let (frame, mut painter) = (picture(width, height), Painter::new());
            for places in &all {
                let painted = painter.paint(&frame, places);
                let mut filled = 0u64;
                for y in 0..height {
                    for x in 0..width {
                        let seen = seen_at(places, x as i32, y as i32);
                        filled += u64::from(!seen);
                        let expected = if seen { frame.pixel(x, y) } else { Some(FILL) };
                        if let Some(p) = &painted {
                            prop_assert_eq!(p.frame.pixel(x, y), expected);
                        }
                    }
                }
                let total = u64::from(width) * u64::from(height);
                prop_assert_eq!(painted.is_none(), filled == total);
                if let Some(p) = painted {
                    prop_assert_eq!(u64::from(p.filled_permille), (filled * 1_000).div_ceil(total));
                }
            }
        }
    }

    #[test]
    fn unchanged_tiles_stay_the_same_tiles() {
        let (frame, mut painter) = (picture(256, 128), Painter::new());
        let places = [(Rect { x: 0, y: 0, w: 100, h: 128 }, true)];
        let mut changed = Frame::clone(&frame);
        changed.tiles[0] = Arc::new(Tile::solid([9; 3]));
        let first = painter.paint(&frame, &places).expect("a part may be seen").frame;
        let second = painter.paint(&Arc::new(changed), &places).expect("a part may be seen").frame;
        let same: Vec<bool> = first.tiles.iter().zip(&second.tiles).map(|(a, b)| Arc::ptr_eq(a, b)).collect();
        assert_eq!(same, [false, true, true, true, true, true, true, true]);
        assert!(Arc::ptr_eq(&first.tiles[2], &first.tiles[3]), "filled tiles are one tile");
        assert!(Arc::ptr_eq(&first.tiles[0], &frame.tiles[0]), "open tiles are the source's");
    }

    #[test]
    fn a_filled_tile_at_the_edge_is_zero_beyond_it() {
        let (frame, mut painter) = (picture(100, 64), Painter::new());
        let painted =
            painter.paint(&frame, &[(Rect { x: 0, y: 0, w: 64, h: 64 }, true)]).expect("seen").frame;
        let edge = painted.tiles[1].bgr();
        assert_eq!((&edge[35 * 3..36 * 3], &edge[36 * 3..37 * 3]), (&FILL[..], &[0u8; 3][..]));
    }
}
