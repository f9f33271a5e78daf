//! Frames as PNG. A frame that several rows show is encoded once.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;

use overt_event::{Canvas, Frame, FrameId, Rect};
use overt_reduce::Shot;
use png::{BitDepth, ColorType, Compression, Encoder, EncodingError, Filter};

/// Pictures kept: the frame after one step is often the frame before the next.
const KEPT: usize = 4;

/// One encoded picture.
#[derive(Clone)]
pub(crate) struct Picture {
    pub(crate) png: Arc<Vec<u8>>,
    /// 64 bits, one for each part of the picture that is brighter than its average.
    pub(crate) hash: u64,
}

/// Encodes the frames of one recording.
#[derive(Default)]
pub(crate) struct Album {
    recent: VecDeque<(FrameId, Rect, Picture)>,
    canvas: Canvas,
}

impl Album {
    /// The part of the frame that the monitor shows.
    pub(crate) fn picture(&mut self, shot: &Shot, monitor: Rect) -> Result<Picture, EncodingError> {
        let id = shot.facts.id;
        if let Some((_, _, known)) = self.recent.iter().find(|(i, m, _)| (*i, *m) == (id, monitor)) {
            return Ok(known.clone());
        }
        let (width, height, rgb) = part_of(&shot.pixels, self.canvas.show(&shot.pixels), monitor);
        let png = Arc::new(encode_png(width, height, &rgb)?);
        let picture = Picture { png, hash: average_hash(width, height, &rgb) };
        if self.recent.len() >= KEPT {
            self.recent.pop_front();
        }
        self.recent.push_back((id, monitor, picture.clone()));
        Ok(picture)
    }
}

/// Width, height and pixels of what the monitor shows of a frame, whose red, green, blue rows these are. All of it where
/// the monitor is not known.
fn part_of<'a>(frame: &Frame, rgb: &'a [u8], monitor: Rect) -> (u32, u32, Cow<'a, [u8]>) {
    let whole = Rect { x: 0, y: 0, w: frame.width as i32, h: frame.height as i32 };
    let part = monitor.intersect(whole).unwrap_or(whole);
    if part == whole {
        return (frame.width, frame.height, Cow::Borrowed(rgb));
    }
    let rows = rgb.chunks_exact(frame.width as usize * 3).skip(part.y as usize).take(part.h as usize);
    let (from, to) = (part.x as usize * 3, (part.x + part.w) as usize * 3);
    (part.w as u32, part.h as u32, rows.flat_map(|row| row[from..to].iter().copied()).collect())
}

/// Red, green, blue rows as PNG, without any metadata.
pub(crate) fn encode_png(width: u32, height: u32, rgb: &[u8]) -> Result<Vec<u8>, EncodingError> {
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, width, height);
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Fast);
    // Trying all filters on each row takes half as long again, and saves one byte of a hundred (65 pictures of office
    // work at 1920x1080, 2026-11-22: 22.2 ms and 160.7 kB each, this one alone 14.1 ms and 162.8 kB).
    encoder.set_filter(Filter::Paeth);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(rgb)?;
    writer.finish()?;
    Ok(out)
}

/// Eight by eight parts, sampled at a grid of at most 16 by 16 points each.
fn average_hash(width: u32, height: u32, rgb: &[u8]) -> u64 {
    let mut sums = [0u64; 64];
    for gy in 0..128u64 {
        for gx in 0..128u64 {
            let (x, y) = (gx * u64::from(width) / 128, gy * u64::from(height) / 128);
            let at = ((y * u64::from(width) + x) * 3) as usize;
            let pixel = rgb.get(at..at + 3).unwrap_or(&[0; 3]);
            sums[(gy / 16 * 8 + gx / 16) as usize] += pixel.iter().map(|&c| u64::from(c)).sum::<u64>();
        }
    }
    let average = sums.iter().sum::<u64>() / 64;
    sums.iter().enumerate().fold(0, |bits, (i, &sum)| bits | (u64::from(sum > average) << i))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_reads_back_as_it_was() {
        let rgb: Vec<u8> = (0..7 * 5 * 3).map(|i| i as u8).collect();
        let png = encode_png(7, 5, &rgb).expect("it encodes");
        let mut reader = png::Decoder::new(std::io::Cursor::new(&png)).read_info().expect("a header");
        let mut back = vec![0; reader.output_buffer_size().expect("a size")];
        let info = reader.next_frame(&mut back).expect("a picture");
        assert_eq!((info.width, info.height, back), (7, 5, rgb));
    }

    #[test]
    fn of_a_desktop_of_two_monitors_each_has_its_part() {
        let rgb: Vec<u8> = (0..70 * 3 * 3).map(|i| i as u8).collect();
        let frame = Frame::from_rgb(70, 3, &rgb).expect("the length fits");
        let right = part_of(&frame, &rgb, Rect { x: 60, y: 1, w: 40, h: 9 });
        let expected: Vec<u8> =
            [1, 2].iter().flat_map(|y| &rgb[(y * 70 + 60) * 3..(y * 70 + 70) * 3]).copied().collect();
        assert_eq!(right, (10, 2, Cow::Owned(expected)));
        let elsewhere = Rect { x: 200, y: 0, w: 5, h: 5 };
        assert_eq!(part_of(&frame, &rgb, elsewhere), (70, 3, Cow::Borrowed(rgb.as_slice())));
    }

    #[test]
    fn a_small_change_moves_few_bits_and_another_picture_many() {
        let half = |top: u8, bottom: u8| -> Vec<u8> {
            (0..64 * 64).flat_map(|i| [if i < 32 * 64 { top } else { bottom }; 3]).collect()
        };
        let mut touched = half(200, 10);
        touched[0..30].fill(0);
        let distance = |a: &[u8], b: &[u8]| (average_hash(64, 64, a) ^ average_hash(64, 64, b)).count_ones();
        assert!(distance(&half(200, 10), &touched) <= 2);
        assert!(distance(&half(200, 10), &half(10, 200)) >= 60);
    }
}
