//! Fills every pixel that may not be seen: what is not visibly part of a window that may be recorded,
//! and in windows at level `masked` whatever could be text.

use std::collections::HashMap;
use std::sync::Arc;

use overt_event::{Frame, FrameRecord, Level, RecordBody, Rect, TILE_BYTES, TILE_PX, Tile};

use crate::masked::flat_rows;

/// What stands where nothing may be seen: one grey, that tells nothing.
pub(crate) const FILL: [u8; 3] = [0x30, 0x30, 0x30];

/// A tile's row of it.
const FILL_ROW: [[u8; 3]; TILE_PX] = [FILL; TILE_PX];

/// One bit a pixel, a word a row; the lowest bit is the leftmost pixel. Set: may be seen.
pub(crate) type Rows = [u64; TILE_PX];

/// How much of a window may be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    Nothing,
    /// Wide areas of one colour, and confirmed labels.
    Masked,
    Everything,
}

impl Sight {
    /// What a level lets through.
    pub(crate) fn of(level: Level) -> Self {
        match level {
            Level::Structure => Self::Nothing,
            Level::Masked => Self::Masked,
            Level::Full => Self::Everything,
        }
    }
}

/// Of one tile, what the windows on it allow.
#[derive(Clone, PartialEq, Eq)]
struct Mask {
    open: Rows,
    masked: Option<Box<Rows>>,
}

/// A tile that was filled in part, so that the same tile need not be filled again.
struct Mixed {
    source: Arc<Tile>,
    rows: Rows,
    filled: Arc<Tile>,
}

/// What of a tile cannot be text.
struct Plain {
    source: Arc<Tile>,
    rows: Rows,
}

/// A window's place and how much of it may be seen, bottom first.
pub(crate) type Place = (Rect, Sight);

/// Fills pictures, and remembers how the last one was filled.
pub(crate) struct Painter {
    size: (u32, u32),
    places: Vec<Place>,
    masks: Vec<Mask>,
    mixed: Vec<Option<Mixed>>,
    plain: Vec<Option<Plain>>,
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

/// The record of a picture, with the share of it that was filled.
pub(crate) fn filled(record: FrameRecord, painted: &Painted) -> RecordBody {
    RecordBody::Frame(FrameRecord { filled_permille: painted.filled_permille, ..record })
}

impl Painter {
    pub(crate) fn new() -> Self {
        Self {
            size: (0, 0),
            places: Vec::new(),
            masks: Vec::new(),
            mixed: Vec::new(),
            plain: Vec::new(),
            solid: Arc::new(Tile::solid(FILL)),
            edges: Vec::new(),
        }
    }

    /// The picture with everything filled that may not be seen; `None` when that is all of it, or
    /// when its tiles do not cover it. `labels`: what of it may be seen in windows at level `masked`.
    pub(crate) fn paint(&mut self, frame: &Arc<Frame>, places: &[Place], labels: &[Rect]) -> Option<Painted> {
        if frame.tiles.len() != frame.columns() * frame.rows() || frame.tiles.is_empty() {
            return None;
        }
        self.plan(frame, places);
        let labelled = labelled(frame, labels);
        let rows: Vec<Rows> = (0..frame.tiles.len()).map(|i| self.rows(frame, i, labelled.get(&i))).collect();
        let pixels = u64::from(frame.width) * u64::from(frame.height);
        let filled = pixels - rows.iter().map(count).sum::<u64>();
        if filled == pixels {
            return None;
        }
        let filled_permille = (filled * 1_000).div_ceil(pixels) as u32;
        if filled == 0 {
            return Some(Painted { frame: Arc::clone(frame), filled_permille });
        }
        let tiles = rows.iter().enumerate().map(|(i, rows)| self.tile(frame, i, rows)).collect();
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
            self.plain.clear();
            self.plain.resize_with(frame.tiles.len(), || None);
        }
        self.size = size;
        self.places = places.to_vec();
        self.masks = (0..frame.tiles.len()).map(|i| mask(frame.tile_bounds(i), places)).collect();
    }

    /// What of a tile may be seen. `labelled`: what of it shows a label.
    fn rows(&mut self, frame: &Frame, index: usize, labelled: Option<&Rows>) -> Rows {
        let mask = &self.masks[index];
        let mut rows = mask.open;
        if let Some(masked) = &mask.masked {
            let bounds = frame.tile_bounds(index);
            let mut seen = plain(&mut self.plain[index], &frame.tiles[index], bounds);
            labelled.into_iter().for_each(|l| seen.iter_mut().zip(l).for_each(|(row, l)| *row |= l));
            rows.iter_mut().zip(masked.iter()).zip(seen).for_each(|((row, m), s)| *row |= m & s);
        }
        rows
    }

    fn tile(&mut self, frame: &Frame, index: usize, rows: &Rows) -> Arc<Tile> {
        let (source, bounds) = (&frame.tiles[index], frame.tile_bounds(index));
        match count(rows) {
            0 => return self.solid(bounds),
            n if n == bounds.area() as u64 => return Arc::clone(source),
            _ => {}
        }
        let before = &mut self.mixed[index];
        if let Some(m) = before
            && Arc::ptr_eq(&m.source, source)
            && m.rows == *rows
        {
            return Arc::clone(&m.filled);
        }
        let filled = Arc::new(fill(source, rows, bounds));
        *before = Some(Mixed { source: Arc::clone(source), rows: *rows, filled: Arc::clone(&filled) });
        filled
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

/// What of a tile cannot be text, worked out once for each look of it.
fn plain(known: &mut Option<Plain>, source: &Arc<Tile>, bounds: Rect) -> Rows {
    if let Some(plain) = known
        && Arc::ptr_eq(&plain.source, source)
    {
        return plain.rows;
    }
    let rows = flat_rows(source, bounds);
    *known = Some(Plain { source: Arc::clone(source), rows });
    rows
}

/// What of which tile shows a label.
fn labelled(frame: &Frame, labels: &[Rect]) -> HashMap<usize, Rows> {
    let mut rows = HashMap::new();
    for label in labels {
        for index in frame.tiles_at(*label) {
            set(rows.entry(index).or_insert([0; TILE_PX]), frame.tile_bounds(index), *label, true);
        }
    }
    rows
}

/// Paints the windows over each other, bottom first.
fn mask(bounds: Rect, places: &[Place]) -> Mask {
    let (mut open, mut masked): (Rows, Rows) = ([0; TILE_PX], [0; TILE_PX]);
    for (place, sight) in places {
        set(&mut open, bounds, *place, *sight == Sight::Everything);
        set(&mut masked, bounds, *place, *sight == Sight::Masked);
    }
    Mask { open, masked: (count(&masked) > 0).then(|| Box::new(masked)) }
}

/// Sets or clears what of `place` lies in the tile at `bounds`.
fn set(rows: &mut Rows, bounds: Rect, place: Rect, seen: bool) {
    let Some(r) = place.intersect(bounds) else { return };
    let bits = row_bits((r.x - bounds.x) as u32, r.w as u32);
    let from = (r.y - bounds.y) as usize;
    for row in &mut rows[from..from + r.h as usize] {
        *row = if seen { *row | bits } else { *row & !bits };
    }
}

fn count(rows: &Rows) -> u64 {
    rows.iter().map(|r| u64::from(r.count_ones())).sum()
}

fn row_bits(from: u32, len: u32) -> u64 {
    let ones = if len >= u64::BITS { u64::MAX } else { (1 << len) - 1 };
    ones << from
}

fn fill(source: &Tile, rows: &Rows, bounds: Rect) -> Tile {
    let mut bgr: Box<[u8]> = source.bgr().into();
    let (width, height) = (bounds.w as usize, bounds.h as usize);
    let row_pixels = bgr.chunks_exact_mut(TILE_PX * 3).zip(rows).take(height);
    row_pixels.for_each(|(row, bits)| fill_row(&mut row[..width * 3], *bits));
    // A copy of a tile has a tile's length.
    Tile::new(bgr).unwrap_or_else(|| Tile::solid(FILL))
}

/// Most rows are seen or filled whole.
fn fill_row(row: &mut [u8], bits: u64) {
    if bits == 0 {
        return row.copy_from_slice(&FILL_ROW.as_flattened()[..row.len()]);
    }
    if bits == u64::MAX {
        return;
    }
    for (x, pixel) in row.chunks_exact_mut(3).enumerate() {
        if bits >> x & 1 == 0 {
            pixel.copy_from_slice(&FILL);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Areas of one colour among others; no pixel has the colour of the fill.
    fn picture(width: u32, height: u32) -> Arc<Frame> {
        let value = |i: u32| match (i % width / 48 + i / width / 48) % 2 {
            0 => 0x40,
            _ => 0x40 + (i % 97) as u8,
        };
        let rgb: Vec<u8> = (0..width * height).flat_map(|i| [value(i); 3]).collect();
        Arc::new(Frame::from_rgb(width, height, &rgb).expect("the length fits"))
    }

    fn holds(rect: &Rect, (x, y): (i32, i32)) -> bool {
        x >= rect.x && y >= rect.y && x < rect.x + rect.w && y < rect.y + rect.h
    }

    fn seen_at(frame: &Frame, places: &[Place], labels: &[Rect], at: (i32, i32)) -> bool {
        match places.iter().rev().find(|(rect, _)| holds(rect, at)) {
            None | Some((_, Sight::Nothing)) => false,
            Some((_, Sight::Everything)) => true,
            Some((_, Sight::Masked)) => labels.iter().any(|l| holds(l, at)) || is_plain(frame, at),
        }
    }

    fn is_plain(frame: &Frame, (x, y): (i32, i32)) -> bool {
        let index = y as usize / TILE_PX * frame.columns() + x as usize / TILE_PX;
        let rows = flat_rows(&frame.tiles[index], frame.tile_bounds(index));
        rows[y as usize % TILE_PX] >> (x as usize % TILE_PX) & 1 == 1
    }

    fn rect() -> impl Strategy<Value = Rect> {
        (-80i32..260, -80i32..200, -5i32..200, -5i32..200).prop_map(|(x, y, w, h)| Rect { x, y, w, h })
    }

    fn place() -> impl Strategy<Value = Place> {
        (rect(), prop_oneof![Just(Sight::Nothing), Just(Sight::Masked), Just(Sight::Everything)])
    }

    proptest! {
        #[test]
        fn a_painter_of_single_pixels_agrees(
            width in 1u32..220, height in 1u32..160,
            all in proptest::collection::vec(
                (proptest::collection::vec(place(), 0..6), proptest::collection::vec(rect(), 0..3)), 1..4
            ),
        ) {
            let (frame, mut painter) = (picture(width, height), Painter::new());
            for (places, labels) in &all {
                let painted = painter.paint(&frame, places, labels);
                let mut filled = 0u64;
                for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
                    let seen = seen_at(&frame, places, labels, (x as i32, y as i32));
                    filled += u64::from(!seen);
                    let expected = if seen { frame.pixel(x, y) } else { Some(FILL) };
                    if let Some(p) = &painted {
                        prop_assert_eq!(p.frame.pixel(x, y), expected);
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
        let places = [(Rect { x: 0, y: 0, w: 100, h: 128 }, Sight::Everything)];
        let mut changed = Frame::clone(&frame);
        changed.tiles[0] = Arc::new(Tile::solid([9; 3]));
        let first = painter.paint(&frame, &places, &[]).expect("a part may be seen").frame;
        let second = painter.paint(&Arc::new(changed), &places, &[]).expect("a part may be seen").frame;
        let same: Vec<bool> = first.tiles.iter().zip(&second.tiles).map(|(a, b)| Arc::ptr_eq(a, b)).collect();
        assert_eq!(same, [false, true, true, true, true, true, true, true]);
        assert!(Arc::ptr_eq(&first.tiles[2], &first.tiles[3]), "filled tiles are one tile");
        assert!(Arc::ptr_eq(&first.tiles[0], &frame.tiles[0]), "open tiles are the source's");
    }

    #[test]
    fn a_filled_tile_at_the_edge_is_zero_beyond_it() {
        let (frame, mut painter) = (picture(100, 64), Painter::new());
        let places = [(Rect { x: 0, y: 0, w: 64, h: 64 }, Sight::Everything)];
        let painted = painter.paint(&frame, &places, &[]).expect("seen").frame;
        let edge = painted.tiles[1].bgr();
        assert_eq!((&edge[35 * 3..36 * 3], &edge[36 * 3..37 * 3]), (&FILL[..], &[0u8; 3][..]));
    }
}
