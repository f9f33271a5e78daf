//! The tiles that both sides of the tile stream remember (section 5.3).

use std::collections::VecDeque;
use std::sync::Arc;

use overt_event::Tile;

/// How many of the newest tiles of a segment can be referred to: 48 MiB of pixels, eight whole
/// screens of 1920x1080. It bounds the memory of the recorder and of every reader.
pub const TILE_WINDOW: usize = 4096;
/// The longest side of a frame, pixels.
pub const FRAME_SIDE_PX_MAX: u32 = 16_384;
/// The most tiles of a frame: 67 megapixels, eight monitors of 3840x2160.
pub const FRAME_TILES_MAX: usize = 16_384;

/// The newest tiles of a segment, by their number in it.
#[derive(Default)]
pub(crate) struct TileWindow {
    tiles: VecDeque<Arc<Tile>>,
    /// The number of the oldest tile that is still here.
    oldest: u32,
}

impl TileWindow {
    /// The number the next tile gets.
    pub(crate) fn next_number(&self) -> u32 {
        self.oldest.wrapping_add(self.tiles.len() as u32)
    }

    /// Remembers a tile and returns the one that had to go for it.
    pub(crate) fn push(&mut self, tile: Arc<Tile>) -> Option<(u32, Arc<Tile>)> {
        self.tiles.push_back(tile);
        if self.tiles.len() <= TILE_WINDOW {
            return None;
        }
        let gone = self.tiles.pop_front().map(|t| (self.oldest, t));
        self.oldest = self.oldest.wrapping_add(1);
        gone
    }

    /// The tile of that number, if it is still here.
    pub(crate) fn get(&self, number: u32) -> Option<&Arc<Tile>> {
        self.tiles.get(number.wrapping_sub(self.oldest) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_forgets_the_oldest_tile_first() {
        let mut window = TileWindow::default();
        let tile = Arc::new(Tile::solid([1, 2, 3]));
        for n in 0..TILE_WINDOW as u32 {
            assert_eq!(window.next_number(), n);
            assert!(window.push(Arc::clone(&tile)).is_none());
        }
        assert_eq!(window.push(Arc::clone(&tile)).map(|(n, _)| n), Some(0));
        assert!(window.get(0).is_none());
        assert!(window.get(1).is_some());
        assert!(window.get(TILE_WINDOW as u32).is_some());
        assert!(window.get(TILE_WINDOW as u32 + 1).is_none());
    }
}
