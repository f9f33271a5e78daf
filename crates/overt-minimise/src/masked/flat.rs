//! Wide areas of one colour, which hold no text.

use overt_event::{Rect, TILE_PX, Tile};

use crate::pixels::Rows;

/// A cell's side in pixels. Two cells by two of one colour may be seen: 32 pixels are wider than the
/// strokes of letters 200 pixels high.
const CELL_PX: usize = 16;
/// Cells in a tile's row.
const CELLS: usize = TILE_PX / CELL_PX;

/// The one colour of each cell, if it has one.
type Colours = [[Option<[u8; 3]>; CELLS]; CELLS];

/// The pixels of a tile that lie in four cells of exactly one colour. `bounds`: the tile's place, cut at
/// the picture's edge, beyond which nothing is looked at.
pub(crate) fn flat_rows(tile: &Tile, bounds: Rect) -> Rows {
    let colours = colours(tile, bounds);
    let mut rows: Rows = [0; TILE_PX];
    for y in 0..CELLS - 1 {
        for x in 0..CELLS - 1 {
            if is_plain(&colours, x, y) {
                show(&mut rows, x, y);
            }
        }
    }
    rows
}

fn is_plain(colours: &Colours, x: usize, y: usize) -> bool {
    let first = colours[y][x];
    first.is_some()
        && [colours[y][x + 1], colours[y + 1][x], colours[y + 1][x + 1]].iter().all(|c| *c == first)
}

fn show(rows: &mut Rows, x: usize, y: usize) {
    let bits = u64::from(u32::MAX) << (x * CELL_PX);
    for row in &mut rows[y * CELL_PX..(y + 2) * CELL_PX] {
        *row |= bits;
    }
}

fn colours(tile: &Tile, bounds: Rect) -> Colours {
    let mut out = [[None; CELLS]; CELLS];
    for (y, row) in out.iter_mut().enumerate() {
        for (x, colour) in row.iter_mut().enumerate() {
            *colour = colour_of(tile.bgr(), bounds, x * CELL_PX, y * CELL_PX);
        }
    }
    out
}

/// The colour that all pixels of a cell have; a cell without pixels has none.
fn colour_of(bgr: &[u8], bounds: Rect, left: usize, top: usize) -> Option<[u8; 3]> {
    let right = (left + CELL_PX).min(bounds.w as usize);
    let bottom = (top + CELL_PX).min(bounds.h as usize);
    let at = |x: usize, y: usize| (y * TILE_PX + x) * 3;
    let first: [u8; 3] = bgr.get(at(left, top)..at(left, top) + 3)?.try_into().ok()?;
    let plain = |y| {
        let row = bgr.get(at(left, y)..at(right, y)).unwrap_or_default();
        row.chunks_exact(3).all(|p| p == first)
    };
    (left < right && top < bottom && (top..bottom).all(plain)).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: Rect = Rect { x: 0, y: 0, w: 64, h: 64 };

    fn tile(f: impl Fn(usize, usize) -> u8) -> Tile {
        let bgr = (0..TILE_PX * TILE_PX).flat_map(|i| [f(i % TILE_PX, i / TILE_PX); 3]).collect();
        Tile::new(bgr).expect("a tile's length")
    }

    fn seen(tile: &Tile, bounds: Rect) -> u32 {
        flat_rows(tile, bounds).iter().map(|r| r.count_ones()).sum()
    }

    #[test]
    fn one_colour_is_seen_whole() {
        assert_eq!(seen(&tile(|_, _| 9), WHOLE), 64 * 64);
    }

    #[test]
    fn one_other_pixel_takes_its_cell_with_it() {
        let rows = flat_rows(&tile(|x, y| u8::from((x, y) == (0, 0))), WHOLE);
        assert_eq!(rows.iter().map(|r| r.count_ones()).sum::<u32>(), 64 * 64 - 256);
        assert_eq!(rows[0] & 0xffff, 0);
    }

    #[test]
    fn strokes_thinner_than_two_cells_are_not_seen() {
        for stroke in [1, 2, 8, 16, 31] {
            let bars = tile(|x, _| (x / stroke % 2) as u8);
            assert_eq!(seen(&bars, WHOLE), 0, "{stroke}");
        }
        assert_eq!(seen(&tile(|x, y| (x ^ y) as u8), WHOLE), 0);
    }

    #[test]
    fn beyond_the_edge_nothing_is_looked_at() {
        let edge = tile(|x, y| if x < 40 && y < 56 { 7 } else { (x * y) as u8 });
        assert_eq!(seen(&edge, Rect { w: 40, h: 56, ..WHOLE }), 48 * 64, "marks beyond the edge do no harm");
        assert_eq!(seen(&edge, WHOLE), 32 * 48);
    }
}
