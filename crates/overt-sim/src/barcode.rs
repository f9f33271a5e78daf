//! A number drawn as black and white blocks: proof of what stood on the screen, read from pixels alone.
//!
//! 26 blocks in a row: guard `101`, 16 bits (black is 1, highest first), 4 check bits, guard `011`.
//! The counter page draws the same blocks.

use overt_event::{Frame, Rect};

/// Blocks in a row.
pub const BLOCKS: usize = 26;

/// The narrowest and the widest block that is looked for, in pixels.
const BLOCK_PX: std::ops::RangeInclusive<usize> = 20..=80;

/// Rows between two tries of a scan: no block is lower than this.
const SCAN_STEP_PX: usize = 16;

const GUARD_BEGIN: [bool; 3] = [true, false, true];
const GUARD_END: [bool; 3] = [false, true, true];

/// The blocks that stand for `count`; `true` is black.
pub fn blocks(count: u16) -> [bool; BLOCKS] {
    let bits = (0..16).rev().map(|i| count >> i & 1 == 1);
    let check = (0..4).rev().map(|i| check_bits(count) >> i & 1 == 1);
    let all = GUARD_BEGIN.into_iter().chain(bits).chain(check).chain(GUARD_END);
    let mut out = [false; BLOCKS];
    for (to, black) in out.iter_mut().zip(all) {
        *to = black;
    }
    out
}

/// Reads the first number drawn inside `area`; pass the whole frame's rectangle to search it all.
///
/// `None` when there is none, or when the picture was taken while it changed.
pub fn read(frame: &Frame, area: Rect) -> Option<u32> {
    let whole = Rect { x: 0, y: 0, w: frame.width as i32, h: frame.height as i32 };
    let area = area.intersect(whole)?;
    let (top, bottom) = (area.y as usize, (area.y + area.h) as usize);
    (top..bottom).step_by(SCAN_STEP_PX).find_map(|y| {
        let row: Vec<Shade> = (area.x..area.x + area.w).map(|x| shade(frame, x as usize, y)).collect();
        read_row(&row)
    })
}

/// The four groups of four bits folded into one; never all equal for an empty count.
fn check_bits(count: u16) -> u16 {
    (0..4).fold(0x5, |sum, i| sum ^ (count >> (4 * i) & 0xf))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shade {
    Black,
    White,
    Other,
}

fn shade(frame: &Frame, x: usize, y: usize) -> Shade {
    match frame.pixel(x as u32, y as u32) {
        Some(p) if p.iter().all(|c| *c < 64) => Shade::Black,
        Some(p) if p.iter().all(|c| *c > 192) => Shade::White,
        _ => Shade::Other,
    }
}

/// Tries every black run that follows white, or begins the row, as the first block.
fn read_row(row: &[Shade]) -> Option<u32> {
    let begins =
        (0..row.len()).filter(|x| row[*x] == Shade::Black && (*x == 0 || row[x - 1] == Shade::White));
    begins.filter_map(|x| read_at(&row[x..])).next()
}

fn read_at(row: &[Shade]) -> Option<u32> {
    let width = row.iter().take_while(|s| **s == Shade::Black).count();
    if !BLOCK_PX.contains(&width) {
        return None;
    }
    let mut seen = [false; BLOCKS];
    for (i, block) in seen.iter_mut().enumerate() {
        *block = match row.get(i * width + width / 2)? {
            Shade::Black => true,
            Shade::White => false,
            Shade::Other => return None,
        };
    }
    let count = seen[3..19].iter().fold(0u16, |n, black| n << 1 | u16::from(*black));
    (blocks(count) == seen).then_some(count.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A white picture with the blocks at `(x, y)`.
    fn drawn(count: u16, x: usize, y: usize, width: usize) -> Frame {
        let (w, h) = (1300, 200);
        let mut rgb = vec![255u8; w * h * 3];
        for (i, _) in blocks(count).iter().enumerate().filter(|(_, black)| **black) {
            for row in y..y + 40 {
                let from = (row * w + x + i * width) * 3;
                rgb[from..from + width * 3].fill(0);
            }
        }
        Frame::from_rgb(w as u32, h as u32, &rgb).expect("the length fits")
    }

    fn check(frame: &Frame, expected: Option<u32>) {
        assert_eq!(read(frame, Rect { x: 0, y: 0, w: 5000, h: 5000 }), expected);
    }

    #[test]
    fn what_was_drawn_is_read() {
        for count in [0, 1, 2, 7, 255, 4096, 0x5555, 0xaaaa, u16::MAX] {
            check(&drawn(count, 37, 51, 24), Some(count.into()));
            check(&drawn(count, 64, 64, 32), Some(count.into()));
        }
    }

    #[test]
    fn half_drawn_blocks_are_not_a_number() {
        let (old, new) = (blocks(0x00ff), blocks(0x0100));
        let mut torn = old;
        torn[..14].copy_from_slice(&new[..14]);
        let row: Vec<Shade> = std::iter::once(Shade::White)
            .chain(torn.iter().flat_map(|b| [if *b { Shade::Black } else { Shade::White }; 24]))
            .collect();
        assert_eq!(read_row(&row), None);
    }

    #[test]
    fn only_the_area_is_searched() {
        check(&Frame::from_rgb(100, 100, &[255; 30_000]).expect("the length fits"), None);
        let frame = drawn(9, 37, 51, 24);
        assert_eq!(read(&frame, Rect { x: 0, y: 100, w: 1300, h: 100 }), None);
        assert_eq!(read(&frame, Rect { x: 37, y: 51, w: 24 * BLOCKS as i32, h: 40 }), Some(9));
    }
}
