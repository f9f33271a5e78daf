//! Pictures that a source has one by one, as PNG.

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use overt_event::{Frame, MonoNanos};

use crate::error::ImportError;
use crate::pictures::{Shown, after, spaced};

/// A picture by itself.
pub(crate) struct Still {
    pub(crate) at: MonoNanos,
    /// The size of the screen that it shows.
    pub(crate) size: (u32, u32),
    pub(crate) png: Png,
    /// The file that names it, and the byte at which it does.
    pub(crate) named: (&'static str, u64),
}

pub(crate) enum Png {
    File(PathBuf),
    Bytes(Vec<u8>),
}

/// The stills that are wanted, oldest first.
pub(crate) struct Stills {
    left: std::vec::IntoIter<Still>,
    last: Option<Arc<Frame>>,
}

impl Stills {
    pub(crate) fn new(mut stills: Vec<Still>, gap_millis_min: u64) -> Self {
        stills.sort_by_key(|still| still.at);
        let times = spaced(stills.iter().map(|still| Some(still.at)).collect(), gap_millis_min);
        let wanted = stills.into_iter().zip(times).filter_map(|(still, time)| time.map(|_| still));
        Self { left: wanted.collect::<Vec<_>>().into_iter(), last: None }
    }

    pub(crate) fn next(&mut self) -> Result<Option<Shown>, ImportError> {
        let Some(still) = self.left.next() else { return Ok(None) };
        let frame = still.frame()?;
        Ok(Some(after(&mut self.last, frame, still.at)))
    }
}

impl Still {
    fn wrong(&self, problem: &'static str) -> ImportError {
        let (file, byte) = self.named;
        ImportError::Byte { file, byte, problem }
    }

    /// Looks at its header alone.
    ///
    /// Errors: [`ImportError::Byte`] where it is no PNG of the screen's size.
    pub(crate) fn check(&self) -> Result<(), ImportError> {
        match &self.png {
            Png::File(path) => self.header(BufReader::new(self.open(path)?)).map(drop),
            Png::Bytes(bytes) => self.header(Cursor::new(bytes)).map(drop),
        }
    }

    fn frame(&self) -> Result<Frame, ImportError> {
        match &self.png {
            Png::File(path) => self.pixels(BufReader::new(self.open(path)?)),
            Png::Bytes(bytes) => self.pixels(Cursor::new(bytes)),
        }
    }

    fn open(&self, path: &Path) -> Result<File, ImportError> {
        File::open(path).map_err(|_| self.wrong("its picture could not be read"))
    }

    fn header<R: BufRead + Seek>(&self, from: R) -> Result<png::Reader<R>, ImportError> {
        let mut decoder = png::Decoder::new(from);
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let reader = decoder.read_info().map_err(|_| self.wrong("its picture is no PNG"))?;
        match (reader.info().width, reader.info().height) == self.size {
            true => Ok(reader),
            false => Err(self.wrong("its picture has another size than the screen")),
        }
    }

    fn pixels<R: BufRead + Seek>(&self, from: R) -> Result<Frame, ImportError> {
        let mut reader = self.header(from)?;
        let damaged = "its picture is damaged";
        let mut pixels = vec![0; reader.output_buffer_size().ok_or(self.wrong(damaged))?];
        let info = reader.next_frame(&mut pixels).map_err(|_| self.wrong(damaged))?;
        let rgb = rgb(&pixels[..info.buffer_size()], info.color_type);
        Frame::from_rgb(self.size.0, self.size.1, &rgb).ok_or(self.wrong(damaged))
    }
}

/// Without what shows through: nothing lies behind a screen.
fn rgb(pixels: &[u8], color: png::ColorType) -> Vec<u8> {
    let per_pixel = color.samples();
    let colour = |p: &[u8]| if per_pixel < 3 { [p[0]; 3] } else { [p[0], p[1], p[2]] };
    pixels.chunks_exact(per_pixel).flat_map(colour).collect()
}
