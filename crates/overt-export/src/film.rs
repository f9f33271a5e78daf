//! Pictures as a video, by ffmpeg.

use std::io::Write as _;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use serde::{Serialize, Serializer};

use crate::error::ExportError;

/// How a video is compressed. Both lose something of every picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Video {
    /// H.264 by x264.
    X264,
    /// AV1 by SVT-AV1.
    Av1,
}

impl Video {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::X264, Self::Av1];

    /// Its name on the command line and in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::X264 => "x264",
            Self::Av1 => "av1",
        }
    }

    /// Constant quality at which text stays readable, and as many threads as give the same bytes everywhere.
    fn options(self) -> &'static [&'static str] {
        match self {
            Self::X264 => &["-c:v", "libx264", "-crf", "18", "-preset", "medium", "-threads", "1"],
            Self::Av1 => &["-c:v", "libsvtav1", "-crf", "30", "-preset", "8", "-svtav1-params", "lp=1"],
        }
    }

    /// What LeRobot calls it.
    pub(crate) fn codec(self) -> &'static str {
        match self {
            Self::X264 => "h264",
            Self::Av1 => "av1",
        }
    }
}

impl Serialize for Video {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// A video in the making: one picture a second.
pub(crate) struct Film {
    child: Child,
    pictures: ChildStdin,
    count: u64,
}

impl Film {
    /// Begins a video at a place whose folder is there.
    ///
    /// Errors: [`ExportError::NoEncoder`] where there is no ffmpeg.
    pub(crate) fn begin(path: &Path, video: Video) -> Result<Self, ExportError> {
        let mut child = Command::new("ffmpeg")
            .args(["-v", "error", "-nostdin", "-f", "image2pipe", "-c:v", "png", "-framerate", "1"])
            .args(["-i", "pipe:0", "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-pix_fmt", "yuv420p"])
            .args(video.options())
            .args(["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact"])
            .arg(path)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(ExportError::NoEncoder)?;
        let pictures = child.stdin.take().ok_or(ExportError::Encoder)?;
        Ok(Self { child, pictures, count: 0 })
    }

    /// Adds a picture and says at which second it stands.
    pub(crate) fn push(&mut self, png: &[u8]) -> Result<u64, ExportError> {
        self.pictures.write_all(png).map_err(|_| ExportError::Encoder)?;
        self.count += 1;
        Ok(self.count - 1)
    }

    /// Waits until it is written.
    ///
    /// Errors: [`ExportError::Encoder`] where ffmpeg failed.
    pub(crate) fn finish(self) -> Result<(), ExportError> {
        let Self { mut child, pictures, .. } = self;
        drop(pictures);
        if child.wait()?.success() { Ok(()) } else { Err(ExportError::Encoder) }
    }
}
