//! How fast the tile stream is, on frames of 1920x1080 that change as office work does: typing in
//! most frames, scrolling in some, another window in a few. The figures of docs/spec/segment.md,
//! section 5.4, were printed by this.

use std::sync::Arc;
use std::time::{Duration, Instant};

use overt_event::{Frame, FrameId, FrameRecord, MonoNanos, Record, RecordBody, Seq, TopologyId};
use overt_format::{FormatError, SegmentDecoder, SegmentEncoder};

const WIDTH: usize = 1920;
const HEIGHT: usize = 1080;
const FRAMES: u32 = 300;
const LINE_PX: usize = 16;

/// A window of lines of text-like marks.
struct Page {
    seed: u64,
    scrolled_lines: usize,
    typed: usize,
}

impl Page {
    fn ink(&self, x: usize, y: usize) -> u8 {
        let (line, row) = (y / LINE_PX + self.scrolled_lines, y % LINE_PX);
        let (column, within) = (x / 8, x % 8);
        let letter = mix(self.seed ^ (line as u64) << 20 ^ column as u64);
        let blank = !(3..=13).contains(&row) || letter.is_multiple_of(5) || column > 200;
        let typed_yet = y / LINE_PX != 40 || column < self.typed;
        if blank || !typed_yet || letter >> (within + row * 3) & 3 != 0 {
            250
        } else {
            (letter >> 50) as u8 & 63
        }
    }

    fn draw(&self) -> Vec<u8> {
        let pixels = (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| (x, y)));
        pixels.flat_map(|(x, y)| [self.ink(x, y), self.ink(x, y), 240]).collect()
    }
}

fn mix(n: u64) -> u64 {
    let n = (n ^ n >> 31).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (n ^ n >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}

/// As capture does: tiles that did not change are shared with the frame before.
fn share(before: Option<&Arc<Frame>>, mut frame: Frame) -> Arc<Frame> {
    if let Some(before) = before {
        for (tile, old) in frame.tiles.iter_mut().zip(&before.tiles) {
            if tile.bgr() == old.bgr() {
                *tile = Arc::clone(old);
            }
        }
    }
    Arc::new(frame)
}

fn frames() -> Vec<Arc<Frame>> {
    let mut pages = [3, 77].map(|seed| Page { seed, scrolled_lines: 0, typed: 0 });
    let mut frames: Vec<Arc<Frame>> = Vec::new();
    for n in 0..FRAMES {
        let page = &mut pages[(n / 60) as usize % 2];
        page.typed = (page.typed + 1) % 200;
        page.scrolled_lines += usize::from(n % 10 == 9) * 3;
        let Some(frame) = Frame::from_rgb(WIDTH as u32, HEIGHT as u32, &page.draw()) else { continue };
        frames.push(share(frames.last(), frame));
    }
    frames
}

fn record_of(n: u32, frame: &Frame) -> Record {
    let time = MonoNanos::from_millis(u64::from(n) * 100);
    let body = RecordBody::Frame(FrameRecord {
        id: FrameId(n),
        topology: TopologyId(0),
        grab_begin: time,
        grab_end: time,
        width: frame.width,
        height: frame.height,
        filled_permille: 0,
    });
    Record {
        seq: Seq(u64::from(n)),
        time,
        arrival: time,
        injected: false,
        repeated: false,
        device: 0,
        app: None,
        body,
    }
}

fn report(what: &str, frames: usize, took: Duration, slowest: Duration) {
    let (secs, slowest) = (took.as_secs_f64(), slowest.as_secs_f64() * 1e3);
    let mpx = (frames * WIDTH * HEIGHT) as f64 / 1e6 / secs;
    let per_frame = secs * 1e3 / frames as f64;
    println!("{what}: {per_frame:.2} ms a frame, slowest {slowest:.1} ms, {mpx:.0} Mpx/s");
}

fn main() -> Result<(), FormatError> {
    let frames = frames();
    let mut encoder = SegmentEncoder::new()?;
    let (mut plaintext, mut slowest) = (Vec::new(), Duration::ZERO);
    let begin = Instant::now();
    for (n, frame) in (0..).zip(&frames) {
        let one = Instant::now();
        encoder.push(&record_of(n, frame), Some(frame))?;
        slowest = slowest.max(one.elapsed());
        if n % 10 == 9 {
            plaintext.extend(encoder.take_flushed()?);
        }
    }
    plaintext.extend(encoder.finish()?);
    report("encode", frames.len(), begin.elapsed(), slowest);
    println!("plaintext: {} bytes for {} frames", plaintext.len(), frames.len());

    let mut decoder = SegmentDecoder::new()?;
    let begin = Instant::now();
    let (mut count, mut slowest, mut last) = (0, Duration::ZERO, Instant::now());
    decoder.feed(&plaintext);
    decoder.end();
    for piece in decoder {
        count += piece?.into_iter().filter(|stored| stored.pixels.is_some()).count();
        slowest = slowest.max(last.elapsed());
        last = Instant::now();
    }
    report("decode", count, begin.elapsed(), slowest);
    Ok(())
}
