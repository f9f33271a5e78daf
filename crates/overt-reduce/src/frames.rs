//! Rule 1: the observation is the last frame whose grab ended before the action's first effect.

use std::collections::VecDeque;
use std::sync::Arc;

use overt_event::{
    Frame, FrameId, FrameRecord, MonoNanos, Point, Rect, TILE_BYTES, TILE_PX, Tile, TopologyId,
};

use crate::step::Shot;

/// Frames that are always kept: one before an action and one after.
const KEPT_MIN: usize = 2;

/// Recent frames by the end of their grab, oldest first, bounded in number and in bytes.
pub(crate) struct Frames {
    ring: VecDeque<Shot>,
    kept_max: usize,
    bytes_max: usize,
    /// Nothing grabbed before this may be an observation: recording was interrupted since.
    valid_from: MonoNanos,
}

impl Frames {
    /// At most so many frames, and so many bytes of pixels. A tile that several show counts once. Two are kept
    /// whatever they take.
    pub(crate) fn new(kept_max: usize, bytes_max: usize) -> Self {
        Self { ring: VecDeque::new(), kept_max: kept_max.max(KEPT_MIN), bytes_max, valid_from: MonoNanos(0) }
    }

    /// Keeps a frame. A frame can be handed over long after it was grabbed, so it is put in its place.
    /// Returns whether its picture differs from the one before it.
    pub(crate) fn keep(&mut self, facts: FrameRecord, pixels: Arc<Frame>, segment: u32) -> bool {
        let at = self.ring.partition_point(|s| s.facts.grab_end <= facts.grab_end);
        let before = at.checked_sub(1).and_then(|i| self.ring.get(i));
        let differs = before.is_none_or(|b| !is_same(&b.pixels, &pixels));
        self.ring.insert(at, Shot { facts, pixels, segment });
        while self.ring.len() > self.kept_max || (self.ring.len() > KEPT_MIN && self.bytes() > self.bytes_max)
        {
            self.ring.pop_front();
        }
        differs
    }

    /// Of the oldest frame's tiles, and of those that each later one has and the one before it has not.
    fn bytes(&self) -> usize {
        let first = self.ring.front().map_or(0, |s| s.pixels.tiles.len());
        let pairs = self.ring.iter().zip(self.ring.iter().skip(1));
        (first + pairs.map(|(a, b)| tiles_apart(&a.pixels, &b.pixels)).sum::<usize>()) * TILE_BYTES
    }

    /// Forgets that earlier frames could be observations.
    pub(crate) fn interrupt(&mut self, at: MonoNanos) {
        self.valid_from = self.valid_from.max(at);
    }

    /// The newest frame whose grab ended at or before `t`, of the monitors' arrangement `topology`.
    pub(crate) fn newest_before(&self, t: MonoNanos, topology: Option<TopologyId>) -> Option<&Shot> {
        let newest = self.ring.iter().rev().find(|s| s.facts.grab_end <= t)?;
        let fits = topology.is_none_or(|id| id == newest.facts.topology);
        (fits && newest.facts.grab_begin >= self.valid_from).then_some(newest)
    }

    pub(crate) fn by_id(&self, id: FrameId) -> Option<&Shot> {
        self.ring.iter().rev().find(|s| s.facts.id == id)
    }

    /// Frames whose grab began at or after `t`, oldest first.
    pub(crate) fn begun_since(&self, t: MonoNanos) -> impl Iterator<Item = &Shot> {
        self.ring.iter().filter(move |s| s.facts.grab_begin >= t)
    }
}

/// Tiles of `b` that do not lie in memory as `a`'s.
fn tiles_apart(a: &Frame, b: &Frame) -> usize {
    let shared = a.tiles.iter().zip(&b.tiles).filter(|(x, y)| Arc::ptr_eq(x, y)).count();
    b.tiles.len() - shared
}

fn is_same(a: &Frame, b: &Frame) -> bool {
    let same = |(x, y): (&Arc<Tile>, &Arc<Tile>)| Arc::ptr_eq(x, y) || x.bgr() == y.bgr();
    (a.width, a.height, a.tiles.len()) == (b.width, b.height, b.tiles.len())
        && a.tiles.iter().zip(&b.tiles).all(same)
}

/// Where two frames differ: of each tile that does, the smallest rectangle around its differing pixels, in the order of the tiles.
/// Frames of different sizes differ everywhere.
pub(crate) fn changed_patches(a: &Frame, b: &Frame) -> Vec<Rect> {
    if (a.width, a.height, a.tiles.len()) != (b.width, b.height, b.tiles.len()) {
        return vec![Rect { x: 0, y: 0, w: b.width as i32, h: b.height as i32 }];
    }
    let pairs = a.tiles.iter().zip(&b.tiles).enumerate();
    let apart = pairs.filter(|(_, (x, y))| !Arc::ptr_eq(x, y) && x.bgr() != y.bgr());
    apart.map(|(i, (x, y))| changed_in_tile(b.tile_bounds(i), x.bgr(), y.bgr())).collect()
}

/// Whether two frames differ inside `area`.
pub(crate) fn differs_in(a: &Frame, b: &Frame, area: Rect) -> bool {
    differs_beyond(a, b, area, &[])
}

/// Whether two frames differ inside `area` and outside of all that is `known`.
pub(crate) fn differs_beyond(a: &Frame, b: &Frame, area: Rect, known: &[Rect]) -> bool {
    if (a.width, a.height) != (b.width, b.height) {
        return true;
    }
    let parts = changed_patches(a, b).into_iter().filter_map(|patch| patch.intersect(area));
    let mut unknown = parts.filter(|part| !known.iter().any(|k| k.covers(*part)));
    unknown
        .any(|part| points(part).any(|p| !known.iter().any(|k| k.contains(p)) && pixel(a, p) != pixel(b, p)))
}

fn points(area: Rect) -> impl Iterator<Item = Point> {
    (area.y..area.y + area.h).flat_map(move |y| (area.x..area.x + area.w).map(move |x| Point { x, y }))
}

/// `None` outside the picture.
fn pixel(frame: &Frame, p: Point) -> Option<&[u8]> {
    let across = (frame.width as usize).div_ceil(TILE_PX);
    let (x, y) = (usize::try_from(p.x).ok()?, usize::try_from(p.y).ok()?);
    let tile = frame.tiles.get(y / TILE_PX * across + x / TILE_PX)?;
    let at = (y % TILE_PX * TILE_PX + x % TILE_PX) * 3;
    tile.bgr().get(at..at + 3)
}

fn changed_in_tile(tile: Rect, a: &[u8], b: &[u8]) -> Rect {
    let (mut left, mut top, mut right, mut bottom) = (TILE_PX, TILE_PX, 0, 0);
    for (i, _) in a.chunks_exact(3).zip(b.chunks_exact(3)).enumerate().filter(|(_, (x, y))| x != y) {
        let (x, y) = (i % TILE_PX, i / TILE_PX);
        (left, top, right, bottom) = (left.min(x), top.min(y), right.max(x + 1), bottom.max(y + 1));
    }
    Rect {
        x: tile.x + left as i32,
        y: tile.y + top as i32,
        w: right.saturating_sub(left) as i32,
        h: bottom.saturating_sub(top) as i32,
    }
}

#[cfg(test)]
mod tests {
    use overt_event::NANOS_PER_MILLI;

    use super::*;

    /// How many of 100 frames of 4x2 tiles are kept, each a new picture or all the same.
    fn kept(bytes_max: usize, film: bool) -> usize {
        let picture = |n: u8| Arc::new(Frame::from_rgb(256, 128, &[n; 256 * 128 * 3]).expect("it fits"));
        let still = picture(0);
        let mut frames = Frames::new(64, bytes_max);
        for n in 0..100u8 {
            let at = MonoNanos(u64::from(n) * NANOS_PER_MILLI);
            let facts = FrameRecord {
                id: FrameId(n.into()),
                topology: TopologyId(0),
                grab_begin: at,
                grab_end: at,
                width: 256,
                height: 128,
                filled_permille: 0,
            };
            frames.keep(facts, if film { picture(n) } else { still.clone() }, 0);
        }
        frames.ring.len()
    }

    #[test]
    fn a_film_is_bounded_in_bytes_and_a_still_picture_in_number() {
        let frame = 8 * TILE_BYTES;
        assert_eq!(kept(10 * frame, true), 10);
        assert_eq!(kept(10 * frame, false), 64);
        assert_eq!(kept(0, true), KEPT_MIN);
    }
}
