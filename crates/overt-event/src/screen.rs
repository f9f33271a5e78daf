//! Pixels: a frame is a grid of tiles that it shares with the frames around it.

use std::sync::Arc;

use crate::{AppIdentity, Rect, WindowId, WindowKind};

/// Width and height of a tile in pixels (docs/spec/segment.md, section 5).
pub const TILE_PX: usize = 64;

/// The bytes of a tile: 64 rows of 64 pixels of blue, green, red.
pub const TILE_BYTES: usize = TILE_PX * TILE_PX * 3;

/// 64x64 pixels, BGR, rows from the top. Parts beyond the frame's edge are zero.
pub struct Tile(Box<[u8]>);

impl Tile {
    /// From exactly 64 x 64 x 3 bytes; `None` for any other length.
    pub fn new(bgr: Box<[u8]>) -> Option<Self> {
        (bgr.len() == TILE_BYTES).then_some(Self(bgr))
    }

    /// A tile of one colour.
    pub fn solid(bgr: [u8; 3]) -> Self {
        Self(bgr.iter().copied().cycle().take(TILE_BYTES).collect())
    }

    /// Its bytes, always 64 x 64 x 3.
    pub fn bgr(&self) -> &[u8] {
        &self.0
    }
}

/// A whole picture of the desktop.
///
/// Shape: `tiles` is row-major, `columns() * rows()` long. Two frames share a tile (`Arc::ptr_eq`)
/// where the picture did not change between them.
#[derive(Clone)]
pub struct Frame {
    pub width: u32,
    pub height: u32,
    pub tiles: Vec<Arc<Tile>>,
}

impl Frame {
    /// Tiles in a row.
    pub fn columns(&self) -> usize {
        (self.width as usize).div_ceil(TILE_PX)
    }

    /// Rows of tiles.
    pub fn rows(&self) -> usize {
        (self.height as usize).div_ceil(TILE_PX)
    }

    /// The pixels of tile `index` on the desktop, cut at the frame's edge.
    pub fn tile_bounds(&self, index: usize) -> Rect {
        let (column, row) = (index % self.columns(), index / self.columns());
        let (x, y) = (column * TILE_PX, row * TILE_PX);
        Rect {
            x: x as i32,
            y: y as i32,
            w: (self.width as usize - x).min(TILE_PX) as i32,
            h: (self.height as usize - y).min(TILE_PX) as i32,
        }
    }

    /// The indices of the tiles that show a part of `place`, in rising order.
    pub fn tiles_at(&self, place: Rect) -> impl Iterator<Item = usize> + use<> {
        let whole = Rect { x: 0, y: 0, w: self.width as i32, h: self.height as i32 };
        let Rect { x, y, w, h } = place.intersect(whole).unwrap_or_default();
        let span = |from: i32, len: i32| from as usize / TILE_PX..((from + len) as usize).div_ceil(TILE_PX);
        let (rows, columns, width) = (span(y, h), span(x, w), self.columns());
        rows.flat_map(move |row| columns.clone().map(move |column| row * width + column))
    }

    /// The colour at a pixel as blue, green, red; `None` outside.
    pub fn pixel(&self, x: u32, y: u32) -> Option<[u8; 3]> {
        if x >= self.width || y >= self.height {
            return None;
        }
        let (x, y) = (x as usize, y as usize);
        let tile = self.tiles.get(y / TILE_PX * self.columns() + x / TILE_PX)?;
        let at = ((y % TILE_PX) * TILE_PX + x % TILE_PX) * 3;
        tile.bgr().get(at..at + 3)?.try_into().ok()
    }

    /// All pixels as red, green, blue, rows from the top, no padding.
    pub fn to_rgb(&self) -> Vec<u8> {
        let mut out = vec![0; self.width as usize * self.height as usize * 3];
        (0..self.tiles.len()).for_each(|index| self.turn_tile(index, &mut out));
        out
    }

    /// Puts a tile into its place among the red, green, blue bytes of the whole frame.
    ///
    /// Tile by tile: line by line, each line of 64 pixels is in memory that no cache holds (three times slower,
    /// 2026-11-29).
    fn turn_tile(&self, index: usize, rgb: &mut [u8]) {
        let b = self.tile_bounds(index);
        for row in 0..b.h as usize {
            let (at, from, bytes) = (self.offset(b, row), row * TILE_PX * 3, b.w as usize * 3);
            copy_turned(&mut rgb[at..at + bytes], &self.tiles[index].bgr()[from..from + bytes]);
        }
    }

    /// Where a row of the tile at `bounds` begins among all bytes.
    fn offset(&self, bounds: Rect, row: usize) -> usize {
        ((bounds.y as usize + row) * self.width as usize + bounds.x as usize) * 3
    }

    /// From red, green, blue pixels without padding; `None` when the length does not fit.
    pub fn from_rgb(width: u32, height: u32, rgb: &[u8]) -> Option<Self> {
        if rgb.len() != width as usize * height as usize * 3 {
            return None;
        }
        let mut frame = Frame { width, height, tiles: Vec::new() };
        for index in 0..frame.columns() * frame.rows() {
            let b = frame.tile_bounds(index);
            let mut bgr = vec![0; TILE_BYTES].into_boxed_slice();
            for row in 0..b.h as usize {
                let (from, at, bytes) = (frame.offset(b, row), row * TILE_PX * 3, b.w as usize * 3);
                copy_turned(&mut bgr[at..at + bytes], &rgb[from..from + bytes]);
            }
            frame.tiles.push(Arc::new(Tile(bgr)));
        }
        Some(frame)
    }
}

/// The red, green, blue pixels of one frame after another. What a frame shares with the one before is not turned again:
/// most of a screen stands still from one picture to the next.
#[derive(Default)]
pub struct Canvas {
    shows: Option<Frame>,
    rgb: Vec<u8>,
}

impl Canvas {
    /// The frame's pixels, as [`Frame::to_rgb`] gives them.
    pub fn show(&mut self, frame: &Frame) -> &[u8] {
        match self.shows.as_ref().filter(|b| (b.width, b.height) == (frame.width, frame.height)) {
            None => self.rgb = frame.to_rgb(),
            Some(before) => {
                let pairs = before.tiles.iter().zip(&frame.tiles).enumerate();
                let changed = pairs.filter(|(_, (a, b))| !Arc::ptr_eq(a, b));
                changed.for_each(|(index, _)| frame.turn_tile(index, &mut self.rgb));
            }
        }
        self.shows = Some(frame.clone());
        &self.rgb
    }
}

/// Copies as many pixels as `to` holds, with red and blue exchanged.
///
/// Two pixels at a time: eight bytes are taken, the middle one of each pixel stays, the others change places, and the
/// last two bytes are written once more by the next step.
fn copy_turned(to: &mut [u8], from: &[u8]) {
    const FIRST_OF_EACH: u64 = 0xff00_00ff;
    let mut at = 0;
    while let (Some(to), Some(from)) = (to.get_mut(at..at + 8), from.get(at..at + 8)) {
        let word = u64::from_le_bytes(from.try_into().expect("eight bytes"));
        let (first, middle) = (word & FIRST_OF_EACH, word & FIRST_OF_EACH << 8);
        to.copy_from_slice(&(first << 16 | middle | word >> 16 & FIRST_OF_EACH).to_le_bytes());
        at += 6;
    }
    for (to, p) in to[at..].chunks_exact_mut(3).zip(from[at..].chunks_exact(3)) {
        to.copy_from_slice(&[p[2], p[1], p[0]]);
    }
}

/// A top-level window as it stood on the screen when a frame was grabbed.
#[derive(Clone, PartialEq, Eq)]
pub struct VisibleWindow {
    pub id: WindowId,
    /// With its decorations, on the desktop.
    pub bounds: Rect,
    pub app: AppIdentity,
    /// The process the display server names as the window's owner.
    pub pid: Option<u32>,
    pub kind: WindowKind,
    /// One of the recorder's own.
    pub own: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_of_odd_size_keeps_every_pixel() {
        let (w, h) = (131, 67);
        let rgb: Vec<u8> = (0..w * h * 3).map(|i| (i % 251) as u8).collect();
        let frame = Frame::from_rgb(w, h, &rgb).expect("the length fits");
        assert_eq!((frame.columns(), frame.rows(), frame.tiles.len()), (3, 2, 6));
        assert_eq!(frame.to_rgb(), rgb);
        for (at, rgb) in (0..).zip(rgb.chunks_exact(3)) {
            assert_eq!(frame.pixel(at % w, at / w), Some([rgb[2], rgb[1], rgb[0]]));
        }
        assert_eq!(frame.pixel(131, 0), None);
        assert!(Frame::from_rgb(w, h + 1, &rgb).is_none());
    }

    #[test]
    fn a_canvas_shows_each_frame_as_if_it_were_the_first() {
        let of = |w: u32, h: u32, seed: u32| {
            let rgb: Vec<u8> = (0..w * h * 3).map(|i| ((i * seed) % 253) as u8).collect();
            Frame::from_rgb(w, h, &rgb).expect("the length fits")
        };
        let (first, other) = (of(131, 67, 1), of(131, 67, 7));
        let mut partly = first.clone();
        [1, 5].into_iter().for_each(|i| partly.tiles[i] = Arc::clone(&other.tiles[i]));
        let mut canvas = Canvas::default();
        for frame in [&first, &partly, &partly, &of(67, 131, 3), &other, &first] {
            assert_eq!(canvas.show(frame), frame.to_rgb());
        }
    }

    #[test]
    fn the_tiles_at_a_place_are_those_that_it_touches() {
        let frame = Frame::from_rgb(131, 67, &[0; 131 * 67 * 3]).expect("the length fits");
        let edges = [-70, 0, 1, 63, 64, 65, 128, 130, 131, 200];
        for (x, y, w, h) in edges.iter().flat_map(|x| {
            let sizes = [(0, 5), (1, 1), (64, 3), (65, 64), (400, 400)];
            edges.iter().flat_map(move |y| sizes.map(|(w, h)| (*x, *y, w, h)))
        }) {
            let place = Rect { x, y, w, h };
            let touched = |i: &usize| frame.tile_bounds(*i).intersect(place).is_some();
            let expected: Vec<usize> = (0..frame.tiles.len()).filter(touched).collect();
            assert_eq!(frame.tiles_at(place).collect::<Vec<_>>(), expected, "{place:?}");
        }
    }
}
