//! Pictures of a video at their true times, by ffprobe and ffmpeg (section 4).

use std::io::{BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;

use overt_event::{Frame, MonoNanos, NANOS_PER_MILLI, Span};
use serde::Deserialize;

use crate::error::ImportError;
use crate::lines;
use crate::pictures::{Shown, after, spaced};
use crate::telling::{FrameTimes, Video, moment, size};

const FILE: &str = "the video";
/// A listed time and the video's own are the same picture when they differ by less: a video's times are rounded.
const SAME_NANOS: u64 = NANOS_PER_MILLI;

/// The pictures of a video that are wanted, oldest first.
pub(crate) struct Frames {
    child: Child,
    pixels: BufReader<ChildStdout>,
    /// The number of the picture that was read last, from 1.
    read: u64,
    size: (u32, u32),
    /// When each picture of the video was taken; `None` for one that is not wanted.
    times: std::vec::IntoIter<Option<MonoNanos>>,
    last: Option<Arc<Frame>>,
}

#[derive(Deserialize)]
struct Probed {
    packets: Vec<Packet>,
    streams: Vec<Stream>,
}

#[derive(Deserialize)]
struct Packet {
    pts_time: String,
}

#[derive(Deserialize)]
struct Stream {
    width: f64,
    height: f64,
}

impl Frames {
    /// Begins to decode; pictures closer to each other than `gap_millis_min` are left out.
    ///
    /// Errors: [`ImportError::NoDecoder`], and [`ImportError::File`] where it is no video of the desktop's shape.
    pub(crate) fn decode(
        video: &Video,
        desktop: (u32, u32),
        gap_millis_min: u64,
    ) -> Result<Self, ImportError> {
        let (size, in_video) = probe(&video.path)?;
        if !is_the_shape_of(size, desktop) {
            return Err(fault("has pictures of another shape than the screen"));
        }
        let times = spaced(taken(&in_video, &video.times), gap_millis_min);
        let mut child = command("ffmpeg")
            .args(["-v", "error", "-nostdin", "-i"])
            .arg(file_url(&video.path))
            .args(["-map", "0:v:0", "-vf", &format!("scale={}:{}", desktop.0, desktop.1)])
            .args(["-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"])
            .spawn()
            .map_err(|source| ImportError::NoDecoder { program: "ffmpeg", source })?;
        let pixels = child.stdout.take().ok_or(fault("gave no pictures"))?;
        Ok(Self {
            child,
            pixels: BufReader::new(pixels),
            read: 0,
            size: desktop,
            times: times.into_iter(),
            last: None,
        })
    }

    /// The next picture that is wanted.
    pub(crate) fn next(&mut self) -> Result<Option<Shown>, ImportError> {
        let (w, h) = self.size;
        let mut rgb = vec![0; w as usize * h as usize * 3];
        for at in self.times.by_ref() {
            self.read += 1;
            let wrong = |problem| ImportError::Picture { file: FILE, picture: self.read, problem };
            self.pixels.read_exact(&mut rgb).map_err(|_| wrong("it is missing, or does not decode"))?;
            let Some(at) = at else { continue };
            let frame = Frame::from_rgb(w, h, &rgb).ok_or(wrong("it has another size"))?;
            return Ok(Some(after(&mut self.last, frame, at)));
        }
        Ok(None)
    }
}

impl Drop for Frames {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Recorders make pictures smaller, and their sides even; a hundredth more or less is the same shape.
fn is_the_shape_of(size: (u32, u32), desktop: (u32, u32)) -> bool {
    let across = u64::from(size.0) * u64::from(desktop.1);
    let down = u64::from(size.1) * u64::from(desktop.0);
    across.abs_diff(down) * 100 <= across.max(down)
}

fn fault(problem: &'static str) -> ImportError {
    ImportError::File { file: FILE, problem }
}

fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

/// Spelled so that no name can be taken for an option or another protocol.
fn file_url(path: &Path) -> std::ffi::OsString {
    let mut url = std::ffi::OsString::from("file:");
    url.push(path);
    url
}

/// Its size, and the time of each picture in the video, ascending, nanoseconds.
fn probe(path: &Path) -> Result<((u32, u32), Vec<u64>), ImportError> {
    let mut child = command("ffprobe")
        .args(["-v", "error", "-select_streams", "v:0", "-of", "json"])
        .args(["-show_entries", "packet=pts_time:stream=width,height"])
        .arg(file_url(path))
        .spawn()
        .map_err(|source| ImportError::NoDecoder { program: "ffprobe", source })?;
    let told = child.stdout.take().map(|out| lines::within_limit(out, FILE));
    let _ = child.wait();
    let told = told.ok_or(fault("could not be looked at"))??;
    let probed: Probed =
        serde_json::from_slice(&told).map_err(|_| fault("is no video, or none with times"))?;
    let stream = probed.streams.first().and_then(|s| size(s.width, s.height));
    let size = stream.ok_or(fault("has no pictures of a size that there can be"))?;
    Ok((size, times(&probed.packets)?))
}

fn times(packets: &[Packet]) -> Result<Vec<u64>, ImportError> {
    let time = |(picture, packet): (u64, &Packet)| {
        let nanos = packet.pts_time.parse().ok().and_then(|secs| moment(secs, 1e9));
        let problem = "it has no time";
        nanos.map(|at| at.0).ok_or(ImportError::Picture { file: FILE, picture, problem })
    };
    let mut nanos = (1..).zip(packets).map(time).collect::<Result<Vec<u64>, _>>()?;
    nanos.sort_unstable();
    Ok(nanos)
}

/// When each picture of the video was taken, where that is told.
fn taken(in_video: &[u64], times: &FrameTimes) -> Vec<Option<MonoNanos>> {
    match times {
        FrameTimes::From { first, pauses } => {
            let begin = in_video.first().copied().unwrap_or_default();
            let unpaused = |t: &u64| MonoNanos(first.0.saturating_add(t - begin));
            in_video.iter().map(|t| Some(paused(unpaused(t), pauses))).collect()
        }
        FrameTimes::Listed(listed) => in_video.iter().map(|t| told_for(*t, listed)).collect(),
    }
}

/// The moment of a picture that would have been taken then, had the video never paused.
fn paused(at: MonoNanos, pauses: &[Span]) -> MonoNanos {
    pauses.iter().fold(at, |at, pause| match at < pause.from {
        true => at,
        false => MonoNanos(at.0.saturating_add(pause.to.since(pause.from))),
    })
}

fn told_for(in_video: u64, listed: &[(u64, MonoNanos)]) -> Option<MonoNanos> {
    let i = listed.partition_point(|(t, _)| t.saturating_add(SAME_NANOS) < in_video);
    listed.get(i).filter(|(t, _)| t.abs_diff(in_video) <= SAME_NANOS).map(|(_, at)| *at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_have_the_time_that_is_told_for_them() {
        let listed = FrameTimes::Listed(vec![(0, MonoNanos(7)), (50_000_000, MonoNanos(9))]);
        let at = |n| Some(MonoNanos(n));
        assert_eq!(taken(&[0, 16_666_667, 50_000_400], &listed), [at(7), None, at(9)]);
        let pause = |from, to| Span { from: MonoNanos(from), to: MonoNanos(to) };
        let pauses = vec![pause(105, 125), pause(130, 131)];
        let from = FrameTimes::From { first: MonoNanos(100), pauses };
        assert_eq!(taken(&[7, 11, 12, 16, 17], &from), [at(100), at(104), at(125), at(129), at(131)]);
    }
}
