//! Which tiles of the screen changed since the last grab.

use std::sync::Arc;

use overt_event::{Frame, Rect, TILE_BYTES, TILE_PX, Tile};

/// Bytes of a pixel as the server gives it: blue, green, red and one that means nothing.
pub(crate) const PIXEL_BYTES: usize = 4;

/// More rectangles than this are taken for all that they enclose.
const PARTS_MAX: usize = 64;

/// Where the screen was drawn to since the last picture.
#[derive(Debug, Default)]
pub(crate) struct Damaged {
    parts: Vec<Rect>,
}

impl Damaged {
    pub(crate) fn add(&mut self, parts: impl IntoIterator<Item = Rect>) {
        self.parts.extend(parts);
        if self.parts.len() > PARTS_MAX {
            self.parts = self.parts.drain(..).reduce(around).into_iter().collect();
        }
    }

    fn touches(&self, b: TileBox) -> bool {
        let tile = Rect { x: b.x as i32, y: b.y as i32, w: b.w as i32, h: b.h as i32 };
        self.parts.iter().any(|part| part.intersect(tile).is_some())
    }
}

/// What encloses both.
fn around(a: Rect, b: Rect) -> Rect {
    let (x, y) = (a.x.min(b.x), a.y.min(b.y));
    Rect { x, y, w: (a.x + a.w).max(b.x + b.w) - x, h: (a.y + a.h).max(b.y + b.h) - y }
}

/// The last picture, as the server gave it and as tiles.
pub(crate) struct Canvas {
    width: usize,
    height: usize,
    /// BGRX, rows from the top, no padding; empty before the first picture.
    pixels: Vec<u8>,
    tiles: Vec<Arc<Tile>>,
}

impl Canvas {
    /// A canvas of so many pixels that has no picture yet.
    pub(crate) fn new(width: u32, height: u32) -> Self {
        Self { width: width as usize, height: height as usize, pixels: Vec::new(), tiles: Vec::new() }
    }

    /// Width and height in pixels.
    pub(crate) fn size(&self) -> (u32, u32) {
        (self.width as u32, self.height as u32)
    }

    /// The bytes of one picture.
    pub(crate) fn len_bytes(&self) -> usize {
        self.width * self.height * PIXEL_BYTES
    }

    /// Takes the next picture and returns how many tiles look different. Only damaged ones are looked at, except of
    /// the first picture.
    ///
    /// `bgrx`: at least [`Canvas::len_bytes`] long, rows from the top without padding.
    pub(crate) fn update(&mut self, bgrx: &[u8], damaged: &Damaged) -> usize {
        let Some(bgrx) = bgrx.get(..self.len_bytes()) else { return 0 };
        if self.tiles.is_empty() {
            self.pixels = bgrx.to_vec();
            self.tiles = self.boxes().map(|b| Arc::new(self.pack(b))).collect();
            return self.tiles.len();
        }
        let boxes = self.boxes().enumerate().filter(|(_, b)| damaged.touches(*b));
        boxes.filter(|(index, b)| self.update_tile(*index, *b, bgrx)).count()
    }

    /// The picture, sharing its tiles with the pictures before it.
    pub(crate) fn frame(&self) -> Frame {
        Frame { width: self.width as u32, height: self.height as u32, tiles: self.tiles.clone() }
    }

    fn boxes(&self) -> impl Iterator<Item = TileBox> + use<> {
        let (width, height) = (self.width, self.height);
        (0..height).step_by(TILE_PX).flat_map(move |y| {
            (0..width).step_by(TILE_PX).map(move |x| TileBox {
                x,
                y,
                w: (width - x).min(TILE_PX),
                h: (height - y).min(TILE_PX),
            })
        })
    }

    fn row(&self, b: TileBox, row: usize) -> std::ops::Range<usize> {
        let from = ((b.y + row) * self.width + b.x) * PIXEL_BYTES;
        from..from + b.w * PIXEL_BYTES
    }

    /// Whether the tile looks different. The fourth byte of a pixel may differ without that.
    fn update_tile(&mut self, index: usize, b: TileBox, bgrx: &[u8]) -> bool {
        let same = |row| self.pixels[self.row(b, row)] == bgrx[self.row(b, row)];
        let Some(first) = (0..b.h).find(|&row| !same(row)) else { return false };
        for row in first..b.h {
            let range = self.row(b, row);
            self.pixels[range.clone()].copy_from_slice(&bgrx[range]);
        }
        let tile = self.pack(b);
        let changed = tile.bgr() != self.tiles[index].bgr();
        if changed {
            self.tiles[index] = Arc::new(tile);
        }
        changed
    }

    fn pack(&self, b: TileBox) -> Tile {
        let mut bgr = vec![0; TILE_BYTES].into_boxed_slice();
        for (row, packed) in bgr.chunks_exact_mut(TILE_PX * 3).take(b.h).enumerate() {
            let pixels = self.pixels[self.row(b, row)].chunks_exact(PIXEL_BYTES);
            for (to, from) in packed.chunks_exact_mut(3).zip(pixels) {
                to.copy_from_slice(&from[..3]);
            }
        }
        Tile::new(bgr).unwrap_or_else(|| Tile::solid([0; 3]))
    }
}

/// The part of the picture that a tile shows, in pixels.
#[derive(Clone, Copy)]
struct TileBox {
    x: usize,
    y: usize,
    w: usize,
    h: usize,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Straight from the definition, through the other road into a frame.
    fn naive(width: u32, height: u32, bgrx: &[u8]) -> Frame {
        let rgb: Vec<u8> = bgrx.chunks_exact(4).flat_map(|p| [p[2], p[1], p[0]]).collect();
        Frame::from_rgb(width, height, &rgb).expect("the length fits")
    }

    fn same_pixels(a: &Frame, b: &Frame) -> bool {
        a.tiles.len() == b.tiles.len() && a.tiles.iter().zip(&b.tiles).all(|(a, b)| a.bgr() == b.bgr())
    }

    fn all() -> Damaged {
        Damaged { parts: vec![Rect { x: 0, y: 0, w: 1_000, h: 1_000 }] }
    }

    #[test]
    fn only_damaged_tiles_are_looked_at() {
        let mut canvas = Canvas::new(130, 70);
        let grey = vec![7; canvas.len_bytes()];
        assert_eq!(canvas.update(&grey, &Damaged::default()), 6, "all of the first");
        let bright = vec![9; canvas.len_bytes()];
        let mut damaged = Damaged::default();
        assert_eq!(canvas.update(&bright, &damaged), 0);
        damaged.add([Rect { x: 60, y: 0, w: 5, h: 5 }]);
        assert_eq!(canvas.update(&bright, &damaged), 2);
        damaged.add([Rect { x: 129, y: 69, w: 1, h: 1 }]);
        assert_eq!(canvas.update(&bright, &damaged), 1);
    }

    #[test]
    fn many_damaged_parts_are_all_that_they_enclose() {
        let mut damaged = Damaged::default();
        damaged.add((0..65).map(|i| Rect { x: 10 + i, y: 100 - i, w: 2, h: 3 }));
        assert_eq!(damaged.parts, [Rect { x: 10, y: 36, w: 66, h: 67 }]);
    }

    #[test]
    fn a_change_of_the_fourth_byte_is_no_change() {
        let mut canvas = Canvas::new(70, 70);
        let mut bgrx = vec![7; canvas.len_bytes()];
        assert_eq!(canvas.update(&bgrx, &all()), 4);
        bgrx.iter_mut().skip(3).step_by(4).for_each(|x| *x = 255);
        assert_eq!(canvas.update(&bgrx, &all()), 0);
        *bgrx.last_mut().expect("pixels") = 0;
        bgrx[0] = 8;
        assert_eq!(canvas.update(&bgrx, &all()), 1);
    }

    #[test]
    fn too_few_bytes_change_nothing() {
        let mut canvas = Canvas::new(3, 3);
        assert_eq!(canvas.update(&[0; 35], &all()), 0);
        assert!(canvas.frame().tiles.is_empty());
    }

    proptest! {
        #[test]
        fn tiles_equal_the_naive_ones_and_only_changed_ones_are_new(
            width in 1_u32..200,
            height in 1_u32..200,
            seed in any::<u64>(),
            edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..20),
        ) {
            let mut canvas = Canvas::new(width, height);
            let mut bgrx: Vec<u8> =
                (0..canvas.len_bytes()).map(|i| (seed.rotate_left(i as u32 % 64) as u8).wrapping_add(i as u8)).collect();
            canvas.update(&bgrx, &all());
            let before = canvas.frame();
            prop_assert!(same_pixels(&before, &naive(width, height, &bgrx)));

            for (at, value) in &edits {
                let at = at.index(bgrx.len());
                bgrx[at] = *value;
            }
            let changed = canvas.update(&bgrx, &all());
            let after = canvas.frame();
            prop_assert!(same_pixels(&after, &naive(width, height, &bgrx)));
            let fresh = before.tiles.iter().zip(&after.tiles).filter(|(a, b)| !Arc::ptr_eq(a, b)).count();
            let differing = before.tiles.iter().zip(&after.tiles).filter(|(a, b)| a.bgr() != b.bgr()).count();
            prop_assert_eq!((changed, fresh), (differing, differing));
        }
    }
}
