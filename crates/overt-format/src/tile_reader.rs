//! Reads frames back from the tile stream of a segment (section 5).

use std::sync::Arc;

use overt_event::{Frame, FrameId, TILE_BYTES, Tile};
use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation, OutBuffer};

use crate::error::{FormatError, PlainFault};
use crate::tile_window::TileWindow;
use crate::tile_writer::{
    ENTRY_NEW, ENTRY_REFERENCE, FRAME_HEAD_BYTES, TILE_ENTRY_BYTES, WINDOW_LOG, check_size,
};

/// The reading end of a segment's tile stream.
pub(crate) struct TileReader {
    zstd: Decoder<'static>,
    window: TileWindow,
    previous: Option<Arc<Frame>>,
}

/// A tile that differs from the previous frame.
struct TileEntry {
    index: usize,
    /// `None`: its bytes follow in the stream.
    reference: Option<u32>,
}

impl TileReader {
    pub(crate) fn new() -> Result<Self, FormatError> {
        let mut zstd = Decoder::new().map_err(FormatError::Compression)?;
        zstd.set_parameter(DParameter::WindowLogMax(WINDOW_LOG)).map_err(FormatError::Compression)?;
        Ok(Self { zstd, window: TileWindow::default(), previous: None })
    }

    /// The frame in one attachment's bytes. They must hold exactly one.
    pub(crate) fn read(&mut self, compressed: &[u8]) -> Result<(FrameId, Arc<Frame>), PlainFault> {
        let mut source = Inflating { zstd: &mut self.zstd, input: InBuffer::around(compressed) };
        let mut head = [0; FRAME_HEAD_BYTES];
        source.fill(&mut head)?;
        let [id, width, height, changed] = words(head);
        let count = check_size(width, height, None)?;
        let before = self.previous.take().filter(|b| (b.width, b.height) == (width, height));
        let entries = read_entries(&mut source, changed as usize, count)?;
        if before.is_none() && entries.len() != count {
            return Err(PlainFault::FrameTiles);
        }
        let mut tiles = before.map_or_else(Vec::new, |b| b.tiles.clone());
        for entry in entries {
            let tile = read_tile(&mut source, &mut self.window, entry.reference)?;
            match tiles.get_mut(entry.index) {
                Some(place) => *place = tile,
                None => tiles.push(tile),
            }
        }
        source.expect_end()?;
        let frame = Arc::new(Frame { width, height, tiles });
        self.previous = Some(Arc::clone(&frame));
        Ok((FrameId(id), frame))
    }
}

fn words(head: [u8; FRAME_HEAD_BYTES]) -> [u32; 4] {
    std::array::from_fn(|i| {
        u32::from_le_bytes([head[4 * i], head[4 * i + 1], head[4 * i + 2], head[4 * i + 3]])
    })
}

/// The changed tiles, by strictly increasing index below `count`.
fn read_entries(
    source: &mut Inflating<'_, '_>,
    changed: usize,
    count: usize,
) -> Result<Vec<TileEntry>, PlainFault> {
    if changed > count {
        return Err(PlainFault::FrameTiles);
    }
    let mut plan = vec![0; changed * TILE_ENTRY_BYTES];
    source.fill(&mut plan)?;
    let mut next = 0;
    plan.chunks_exact(TILE_ENTRY_BYTES)
        .map(|e| {
            let index = usize::from(u16::from_le_bytes([e[0], e[1]]));
            if index < next || index >= count {
                return Err(PlainFault::FrameTiles);
            }
            next = index + 1;
            match (e[2], u32::from_le_bytes([e[3], e[4], e[5], e[6]])) {
                (ENTRY_NEW, 0) => Ok(TileEntry { index, reference: None }),
                (ENTRY_REFERENCE, number) => Ok(TileEntry { index, reference: Some(number) }),
                _ => Err(PlainFault::FrameTiles),
            }
        })
        .collect()
}

fn read_tile(
    source: &mut Inflating<'_, '_>,
    window: &mut TileWindow,
    reference: Option<u32>,
) -> Result<Arc<Tile>, PlainFault> {
    if let Some(number) = reference {
        return window.get(number).cloned().ok_or(PlainFault::TileReference);
    }
    let mut bgr = vec![0; TILE_BYTES].into_boxed_slice();
    source.fill(&mut bgr)?;
    let tile = Arc::new(Tile::new(bgr).ok_or(PlainFault::FrameTiles)?);
    window.push(Arc::clone(&tile));
    Ok(tile)
}

/// The bytes that one attachment inflates to, on demand.
struct Inflating<'z, 'i> {
    zstd: &'z mut Decoder<'static>,
    input: InBuffer<'i>,
}

impl Inflating<'_, '_> {
    /// Fills `buf` or fails.
    fn fill(&mut self, buf: &mut [u8]) -> Result<(), PlainFault> {
        let len = buf.len();
        let mut out = OutBuffer::around(buf);
        while out.pos() < len {
            let before = (out.pos(), self.input.pos());
            self.zstd.run(&mut self.input, &mut out).map_err(|_| PlainFault::TileStream)?;
            if before == (out.pos(), self.input.pos()) {
                return Err(PlainFault::TileStream);
            }
        }
        Ok(())
    }

    /// Fails when the attachment holds more.
    fn expect_end(mut self) -> Result<(), PlainFault> {
        match self.fill(&mut [0]) {
            Err(PlainFault::TileStream) if self.input.pos() == self.input.src.len() => Ok(()),
            _ => Err(PlainFault::FrameTiles),
        }
    }
}
