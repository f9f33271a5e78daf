//! Writes frames into the one compressed tile stream of a segment (section 5).

use std::collections::HashMap;
use std::sync::Arc;

use overt_event::{Frame, FrameId, TILE_BYTES, Tile};
use xxhash_rust::xxh3::xxh3_128;
use zstd::stream::raw::{CParameter, Encoder, InBuffer, Operation, OutBuffer};

use crate::error::{FormatError, PlainFault};
use crate::tile_window::{FRAME_SIDE_PX_MAX, FRAME_TILES_MAX, TileWindow};

/// zstd's level and window: 1.32 MB and 1.8 CPU-seconds a minute of office work (section 5.4).
const LEVEL: i32 = 3;
pub(crate) const WINDOW_LOG: u32 = 25;

pub(crate) const FRAME_HEAD_BYTES: usize = 16;
pub(crate) const TILE_ENTRY_BYTES: usize = 7;
pub(crate) const ENTRY_NEW: u8 = 0;
pub(crate) const ENTRY_REFERENCE: u8 = 1;

/// The writing end of a segment's tile stream.
pub(crate) struct TileWriter {
    zstd: Encoder<'static>,
    window: TileWindow,
    /// The newest number of a tile, by its hash.
    numbers: HashMap<u128, u32>,
    previous: Option<Arc<Frame>>,
}

impl TileWriter {
    pub(crate) fn new() -> Result<Self, FormatError> {
        let mut zstd = Encoder::new(LEVEL).map_err(FormatError::Compression)?;
        for parameter in [CParameter::WindowLog(WINDOW_LOG), CParameter::EnableLongDistanceMatching(true)] {
            zstd.set_parameter(parameter).map_err(FormatError::Compression)?;
        }
        Ok(Self { zstd, window: TileWindow::default(), numbers: HashMap::new(), previous: None })
    }

    /// The compressed bytes of one frame, flushed so that they can be read without what follows.
    ///
    /// Errors: [`FormatError::Unfit`] for a frame that no reader would take.
    pub(crate) fn write(&mut self, id: FrameId, frame: &Arc<Frame>) -> Result<Vec<u8>, FormatError> {
        check_size(frame.width, frame.height, Some(frame.tiles.len()))
            .map_err(|fault| FormatError::Unfit { fault })?;
        let changed = self.changed_tiles(frame);
        let mut plan = frame_head(id, frame, changed.len());
        let mut fresh = Vec::new();
        for index in changed {
            self.plan_tile(index, &frame.tiles[index], &mut plan, &mut fresh);
        }
        self.previous = Some(Arc::clone(frame));
        self.compress(&plan, &fresh)
    }

    /// Indices of the tiles that are not as in the previous frame; all of them in a whole frame.
    fn changed_tiles(&self, frame: &Frame) -> Vec<usize> {
        let all = 0..frame.tiles.len();
        match &self.previous {
            Some(before) if (before.width, before.height) == (frame.width, frame.height) => {
                all.filter(|&i| !same_tile(&before.tiles[i], &frame.tiles[i])).collect()
            }
            _ => all.collect(),
        }
    }

    fn plan_tile(&mut self, index: usize, tile: &Arc<Tile>, plan: &mut Vec<u8>, fresh: &mut Vec<Arc<Tile>>) {
        let hash = xxh3_128(tile.bgr());
        let known = self.numbers.get(&hash).copied();
        let (kind, number) = match known.filter(|n| self.window.get(*n).is_some_and(|t| same_tile(t, tile))) {
            Some(number) => (ENTRY_REFERENCE, number),
            None => {
                self.remember(hash, tile);
                fresh.push(Arc::clone(tile));
                (ENTRY_NEW, 0)
            }
        };
        plan.extend_from_slice(&(index as u16).to_le_bytes());
        plan.push(kind);
        plan.extend_from_slice(&number.to_le_bytes());
    }

    fn remember(&mut self, hash: u128, tile: &Arc<Tile>) {
        self.numbers.insert(hash, self.window.next_number());
        if let Some((number, gone)) = self.window.push(Arc::clone(tile)) {
            let hash = xxh3_128(gone.bgr());
            if self.numbers.get(&hash) == Some(&number) {
                self.numbers.remove(&hash);
            }
        }
    }

    fn compress(&mut self, plan: &[u8], fresh: &[Arc<Tile>]) -> Result<Vec<u8>, FormatError> {
        let mut out = Vec::with_capacity(4096 + fresh.len() * TILE_BYTES / 16);
        self.feed(plan, &mut out)?;
        for tile in fresh {
            self.feed(tile.bgr(), &mut out)?;
        }
        loop {
            out.reserve(4096);
            let end = out.len();
            let mut buffer = OutBuffer::around_pos(&mut out, end);
            if self.zstd.flush(&mut buffer).map_err(FormatError::Compression)? == 0 {
                return Ok(out);
            }
        }
    }

    fn feed(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), FormatError> {
        let mut input = InBuffer::around(bytes);
        while input.pos() < bytes.len() {
            out.reserve(4096);
            let end = out.len();
            let mut buffer = OutBuffer::around_pos(out, end);
            self.zstd.run(&mut input, &mut buffer).map_err(FormatError::Compression)?;
        }
        Ok(())
    }
}

fn frame_head(id: FrameId, frame: &Frame, changed: usize) -> Vec<u8> {
    let mut head = Vec::with_capacity(FRAME_HEAD_BYTES + changed * TILE_ENTRY_BYTES);
    for word in [id.0, frame.width, frame.height, changed as u32] {
        head.extend_from_slice(&word.to_le_bytes());
    }
    head
}

fn same_tile(a: &Arc<Tile>, b: &Arc<Tile>) -> bool {
    Arc::ptr_eq(a, b) || a.bgr() == b.bgr()
}

/// The tiles of a frame of that size, after both were checked against the limits.
pub(crate) fn check_size(width: u32, height: u32, tiles: Option<usize>) -> Result<usize, PlainFault> {
    let sides = 1..=FRAME_SIDE_PX_MAX;
    if !sides.contains(&width) || !sides.contains(&height) {
        return Err(PlainFault::FrameSize);
    }
    let grid = Frame { width, height, tiles: Vec::new() };
    let expected = grid.columns() * grid.rows();
    if expected > FRAME_TILES_MAX {
        return Err(PlainFault::FrameSize);
    }
    match tiles {
        Some(got) if got != expected => Err(PlainFault::FrameTiles),
        _ => Ok(expected),
    }
}
