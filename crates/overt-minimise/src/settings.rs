//! How much may wait.

/// Bounds of the memory that minimise uses. How long keys wait is no setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Events that wait to be judged or drained, at most; 1 or more, by default 20,000: the fastest
    /// pointer's two seconds ten times over.
    pub held_events_max: usize,
    /// Pictures among them, at most; 1 or more, by default 192: six seconds at 30 a second.
    pub held_frames_max: usize,
    /// Bytes of the tiles in them that no picture before had, at most; by default 256 MiB: forty whole
    /// screens of 1920x1080. One picture is held whatever it takes.
    pub held_pixel_bytes_max: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { held_events_max: 20_000, held_frames_max: 192, held_pixel_bytes_max: 256 << 20 }
    }
}
