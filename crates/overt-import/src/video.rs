//! Pictures of a video at their true times, by ffprobe and ffmpeg (section 4).

use std::io::{BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;

use overt_event::{Frame, MonoNanos, NANOS_PER_MILLI};
use serde::Deserialize;

use crate::error::ImportError;
use crate::lines;
use crate::telling::{FrameTimes, Video, moment, size};

const FILE: &str = "the video";
/// A listed time and the video's own are the same picture when they differ by less: a video's times are rounded.
const SAME_NANOS: u64 = NANOS_PER_MILLI;

/// The pictures of a video that are wanted, oldest first.
pub(crate) struct Frames {
    child: Child,
    pixels: BufReader<ChildStdout>,
    size: (u32, u32),
    /// When each picture of the video was taken; `None` for one that is not wanted.
    times: std::vec::IntoIter<Option<MonoNanos>>,
    last: Option<Arc<Frame>>,
}

/// A picture and when it was taken.
pub(crate) struct Shown {
    pub(crate) at: MonoNanos,
    pub(crate) frame: Arc<Frame>,
    /// It differs from the one before.
    pub(crate) changed: bool,
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
            self.pixels.read_exact(&mut rgb).map_err(|_| fault("ends before its last picture"))?;
            let Some(at) = at else { continue };
            let frame = Frame::from_rgb(w, h, &rgb).ok_or(fault("has a picture of another size"))?;
            let (frame, changed) = sharing(frame, self.last.as_deref());
            let frame = Arc::new(frame);
            self.last = Some(Arc::clone(&frame));
            return Ok(Some(Shown { at, frame, changed }));
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
    let secs = probed.packets.iter().map(|p| p.pts_time.parse::<f64>().ok());
    let mut secs = secs.collect::<Option<Vec<f64>>>().ok_or(fault("has a picture without a time"))?;
    secs.sort_by(f64::total_cmp);
    let nanos = secs.iter().map(|s| moment(*s, 1e9).map(|t| t.0)).collect::<Option<Vec<u64>>>();
    Ok((size, nanos.ok_or(fault("has a picture without a time"))?))
}

/// When each picture of the video was taken, where that is told.
fn taken(in_video: &[u64], times: &FrameTimes) -> Vec<Option<MonoNanos>> {
    match times {
        FrameTimes::From(first) => {
            let begin = in_video.first().copied().unwrap_or_default();
            in_video.iter().map(|t| Some(MonoNanos(first.0.saturating_add(t - begin)))).collect()
        }
        FrameTimes::Listed(listed) => in_video.iter().map(|t| told_for(*t, listed)).collect(),
    }
}

fn told_for(in_video: u64, listed: &[(u64, MonoNanos)]) -> Option<MonoNanos> {
    let i = listed.partition_point(|(t, _)| t.saturating_add(SAME_NANOS) < in_video);
    listed.get(i).filter(|(t, _)| t.abs_diff(in_video) <= SAME_NANOS).map(|(_, at)| *at)
}

/// Leaves out what comes too soon after the one before, or is told to have been taken before it.
fn spaced(mut times: Vec<Option<MonoNanos>>, gap_millis_min: u64) -> Vec<Option<MonoNanos>> {
    let mut last: Option<MonoNanos> = None;
    for time in &mut times {
        let due = |at: &MonoNanos| last.is_none_or(|l| at.since(l) >= gap_millis_min * NANOS_PER_MILLI);
        *time = time.filter(due);
        last = time.or(last);
    }
    times
}

/// The frame, sharing the tiles that are as they were; and whether any is not.
fn sharing(mut frame: Frame, before: Option<&Frame>) -> (Frame, bool) {
    let Some(before) = before else { return (frame, true) };
    let mut changed = false;
    for (tile, old) in frame.tiles.iter_mut().zip(&before.tiles) {
        if tile.bgr() == old.bgr() {
            *tile = Arc::clone(old);
        } else {
            changed = true;
        }
    }
    (frame, changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_have_the_time_that_is_told_for_them() {
        let listed = FrameTimes::Listed(vec![(0, MonoNanos(7)), (50_000_000, MonoNanos(9))]);
        let at = |n| Some(MonoNanos(n));
        assert_eq!(taken(&[0, 16_666_667, 50_000_400], &listed), [at(7), None, at(9)]);
        assert_eq!(taken(&[7, 12], &FrameTimes::From(MonoNanos(100))), [at(100), at(105)]);
        let millis = |all: &[u64]| all.iter().map(|m| Some(MonoNanos::from_millis(*m))).collect::<Vec<_>>();
        let kept: Vec<_> = spaced(millis(&[0, 60, 100, 90, 230]), 100).into_iter().flatten().collect();
        assert_eq!(kept, [0, 100, 230].map(MonoNanos::from_millis));
    }
}
