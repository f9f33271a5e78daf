//! What an element looks like on the screen, and colours by their names (docs/spec/model.md, section 3).

use std::collections::HashMap;

use csscolorparser::{Color, NAMED_COLORS};
use overt_event::{Point, Rect};
use serde::{Deserialize, Serialize};

use crate::error::LearnError;

/// A thumbnail has so many cells a side.
const CELLS: i32 = 6;
/// Of an element so many points a side are looked at: four in each cell's row.
const POINTS: i32 = 4 * CELLS;
/// The surroundings are looked at so far from its edge, px: beyond a border and its shadow.
const AROUND_PX: i32 = 3;
/// What differs from the surroundings is an element's own colour from this share of its points on: ink is, a border is not.
const OWN_SHARE_MIN: f32 = 0.1;
/// Thumbnails that differ by so much a channel in the mean show the same: less is how type and edges fall on the pixels.
const ALIKE_MEAN: u32 = 6;
/// In Oklab, a colour so near to another is called the same.
const SAME_COLOUR: f32 = 0.05;
/// Below this chroma (Oklch) a colour is some grey, and has no hue.
const GREY_CHROMA: f32 = 0.01;
/// Shades of one colour differ by so many degrees of hue at most: pure red, green and blue with white or black in it do by 15, their
/// neighbours on the wheel by 40.
const SHADE_DEGREES: f32 = 30.0;

/// A part of the screen at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Where it lies, as elements' places are told; pixels.
    part: Rect,
    /// Red, green, blue, row by row.
    rgb: Vec<u8>,
}

impl Picture {
    /// `None` where the bytes are not as many as the size says.
    pub fn new(part: Rect, rgb: Vec<u8>) -> Option<Self> {
        let (width, height) = (usize::try_from(part.w).ok()?, usize::try_from(part.h).ok()?);
        (width.checked_mul(height)?.checked_mul(3)? == rgb.len()).then_some(Self { part, rgb })
    }

    /// The same where places are told from another corner.
    pub(crate) fn told_from(self, corner: Point) -> Self {
        let part = Rect { x: self.part.x - corner.x, y: self.part.y - corner.y, ..self.part };
        Self { part, ..self }
    }

    /// Reads the PNG of a data set's row, which shows the whole monitor.
    ///
    /// Errors: [`LearnError::Picture`].
    pub(crate) fn of_png(png: &[u8]) -> Result<Self, LearnError> {
        let mut reader =
            png::Decoder::new(std::io::Cursor::new(png)).read_info().map_err(|_| LearnError::Picture)?;
        let mut rgb = vec![0; reader.output_buffer_size().ok_or(LearnError::Picture)?];
        let info = reader.next_frame(&mut rgb).map_err(|_| LearnError::Picture)?;
        let plain = (info.color_type, info.bit_depth) == (png::ColorType::Rgb, png::BitDepth::Eight);
        let part = Rect { x: 0, y: 0, w: info.width as i32, h: info.height as i32 };
        Self::new(part, rgb).filter(|_| plain).ok_or(LearnError::Picture)
    }

    fn pixel(&self, p: Point) -> Option<[u8; 3]> {
        if !self.part.contains(p) {
            return None;
        }
        let (x, y) = ((p.x - self.part.x) as usize, (p.y - self.part.y) as usize);
        let at = 3 * (y * self.part.w as usize + x);
        self.rgb.get(at..at + 3).map(|c| [c[0], c[1], c[2]])
    }
}

/// What an element looks like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Appearance {
    /// Its own colour: what most of it has, and where that is the colour around it, what most of the rest has. Red, green, blue.
    pub colour: [u8; 3],
    /// The share of it that has its own colour.
    pub covers: f32,
    /// Of these parts, the share in the upper half.
    pub upper: f32,
    /// And in the left half.
    pub left: f32,
    /// Six by six cells, red, green, blue, row by row.
    pub thumbnail: Vec<u8>,
}

impl Appearance {
    /// Of what is seen of it in the picture; `None` where nothing is.
    pub(crate) fn of(picture: &Picture, bounds: Rect) -> Option<Self> {
        let seen = bounds.intersect(picture.part)?;
        let points = grid(seen);
        let pixels: Vec<[u8; 3]> = points.iter().filter_map(|p| picture.pixel(*p)).collect();
        if pixels.len() != points.len() {
            return None;
        }
        let colour = own_colour(&pixels, most_frequent(&around(picture, seen)));
        let own: Vec<usize> = (0..pixels.len()).filter(|i| pixels[*i] == colour).collect();
        let part = |of: fn(i32) -> bool| share(own.iter().filter(|i| of(**i as i32)).count(), own.len());
        Some(Self {
            colour,
            covers: share(own.len(), pixels.len()),
            upper: part(|i| i / POINTS < POINTS / 2),
            left: part(|i| i % POINTS < POINTS / 2),
            thumbnail: thumbnail(&pixels),
        })
    }

    /// Whether two look the same.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        is_like(&self.thumbnail, &other.thumbnail)
    }

    pub(crate) fn tone(&self) -> Tone {
        Tone::of(self.colour)
    }
}

/// Whether two thumbnails show the same.
pub(crate) fn is_like(a: &[u8], b: &[u8]) -> bool {
    let off: u32 = a.iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
    a.len() == b.len() && off <= ALIKE_MEAN * a.len() as u32
}

/// A colour as people tell colours apart (Oklch: B. Ottosson, 2020).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Tone {
    /// From 0 to 1.
    pub(crate) lightness: f32,
    /// From 0 to some 0.3.
    pub(crate) chroma: f32,
    /// In degrees; `None` for greys.
    pub(crate) hue: Option<f32>,
    oklab: [f32; 3],
}

impl Tone {
    pub(crate) fn of([r, g, b]: [u8; 3]) -> Self {
        let [lightness, a, b, _] = Color::from_rgba8(r, g, b, 255).to_oklaba();
        let chroma = a.hypot(b);
        let hue = (chroma >= GREY_CHROMA).then(|| b.atan2(a).to_degrees().rem_euclid(360.0));
        Self { lightness, chroma, hue, oklab: [lightness, a, b] }
    }

    /// The colour that a word names in CSS; the word in small letters.
    pub(crate) fn named(word: &str) -> Option<Self> {
        NAMED_COLORS.entries().find(|(name, _)| name.as_str() == word).map(|(_, rgb)| Self::of(*rgb))
    }

    /// In Oklab, where equal distances look equal.
    pub(crate) fn distance(&self, other: &Self) -> f32 {
        self.oklab.iter().zip(other.oklab).map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt()
    }

    /// Between hues, from 0 to 180; `None` where one is a grey.
    pub(crate) fn degrees(&self, other: &Self) -> Option<f32> {
        let off = (self.hue? - other.hue?).abs();
        Some(off.min(360.0 - off))
    }

    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.distance(other) <= SAME_COLOUR
    }

    pub(crate) fn is_shade_of(&self, other: &Self) -> bool {
        self.degrees(other).is_some_and(|off| off <= SHADE_DEGREES)
    }
}

fn own_colour(pixels: &[[u8; 3]], around: Option<[u8; 3]>) -> [u8; 3] {
    let most = most_frequent(pixels).unwrap_or_default();
    if Some(most) != around {
        return most;
    }
    let rest: Vec<[u8; 3]> = pixels.iter().copied().filter(|p| *p != most).collect();
    let own = most_frequent(&rest);
    let is_enough =
        |c: &[u8; 3]| share(rest.iter().filter(|p| *p == c).count(), pixels.len()) >= OWN_SHARE_MIN;
    own.filter(is_enough).unwrap_or(most)
}

/// The smaller one among equals.
fn most_frequent(pixels: &[[u8; 3]]) -> Option<[u8; 3]> {
    let mut counts: HashMap<[u8; 3], usize> = HashMap::new();
    for pixel in pixels {
        *counts.entry(*pixel).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(colour, n)| (*n, std::cmp::Reverse(*colour))).map(|(colour, _)| colour)
}

/// Points evenly over a rectangle, row by row; in a small one some stand twice.
fn grid(b: Rect) -> Vec<Point> {
    let along = |from: i32, len: i32, i: i32| from + len * (2 * i + 1) / (2 * POINTS);
    (0..POINTS * POINTS)
        .map(|i| Point { x: along(b.x, b.w, i % POINTS), y: along(b.y, b.h, i / POINTS) })
        .collect()
}

/// What stands around a rectangle, as far as it is in the picture.
fn around(picture: &Picture, b: Rect) -> Vec<[u8; 3]> {
    let (left, right) = (b.x - AROUND_PX, b.x + b.w - 1 + AROUND_PX);
    let (top, bottom) = (b.y - AROUND_PX, b.y + b.h - 1 + AROUND_PX);
    let edges = grid(b).into_iter().take(POINTS as usize).enumerate().flat_map(|(i, p)| {
        let y = b.y + b.h * (2 * i as i32 + 1) / (2 * POINTS);
        [(p.x, top), (p.x, bottom), (left, y), (right, y)]
    });
    edges.filter_map(|(x, y)| picture.pixel(Point { x, y })).collect()
}

fn thumbnail(pixels: &[[u8; 3]]) -> Vec<u8> {
    let size = (CELLS * CELLS) as usize;
    let mut sums = vec![[0_u32; 3]; size];
    let (per, points) = ((POINTS / CELLS) as usize, POINTS as usize);
    for (i, pixel) in pixels.iter().enumerate() {
        let cell = i / points / per * CELLS as usize + i % points / per;
        sums[cell].iter_mut().zip(pixel).for_each(|(sum, c)| *sum += u32::from(*c));
    }
    sums.iter().flatten().map(|sum| (sum / (per * per) as u32) as u8).collect()
}

fn share(part: usize, whole: usize) -> f32 {
    if whole == 0 { 0.0 } else { part as f32 / whole as f32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHITE: [u8; 3] = [255; 3];
    const BLACK: [u8; 3] = [0; 3];
    const BOX: Rect = Rect { x: 10, y: 10, w: 20, h: 20 };

    /// 40 by 40, white, with rectangles on it.
    fn painted(what: &[(Rect, [u8; 3])]) -> Picture {
        let pixel = |i: i32| {
            let p = Point { x: i % 40, y: i / 40 };
            what.iter().rev().find(|(r, _)| r.contains(p)).map_or(WHITE, |(_, c)| *c)
        };
        Picture::new(Rect { x: 0, y: 0, w: 40, h: 40 }, (0..1600).flat_map(pixel).collect())
            .expect("so many bytes")
    }

    fn look(what: &[(Rect, [u8; 3])]) -> Appearance {
        Appearance::of(&painted(what), BOX).expect("it is seen")
    }

    #[test]
    fn an_elements_own_colour_is_not_that_around_it_and_not_its_borders() {
        assert_eq!(look(&[(BOX, [0, 0, 200])]).colour, [0, 0, 200]);
        let inner = Rect { x: 11, y: 11, w: 18, h: 18 };
        assert_eq!(look(&[(BOX, BLACK), (inner, [0, 0, 200])]).colour, [0, 0, 200]);
        let ink = Rect { x: 12, y: 16, w: 10, h: 8 };
        let written = look(&[(ink, BLACK)]);
        assert_eq!(written.colour, BLACK);
        assert!((0.15..0.25).contains(&written.covers) && written.left > 0.7);
        assert_eq!(look(&[]).colour, WHITE);
    }

    #[test]
    fn what_is_painted_the_same_looks_alike() {
        let (upper, lower) = (Rect { h: 10, ..BOX }, Rect { y: 20, h: 10, ..BOX });
        let (a, b) = (look(&[(upper, BLACK)]), look(&[(lower, BLACK)]));
        assert!(!a.is_like(&b) && a.is_like(&look(&[(upper, [5; 3])])));
        assert_eq!((a.upper, b.upper), (1.0, 0.0));
        assert_eq!(a.thumbnail.len(), 108);
        assert_eq!(Appearance::of(&painted(&[]), Rect { x: 50, ..BOX }), None);
    }

    #[test]
    fn a_colour_is_told_by_its_name_and_its_shades_by_their_hue() {
        let named = |word| Tone::named(word).expect("a colour");
        let all = [
            "red", "blue", "olive", "lime", "black", "white", "grey", "purple", "orange", "yellow", "cyan",
            "pink",
        ];
        for (i, one) in all.iter().enumerate() {
            let same: Vec<usize> = (0..all.len()).filter(|j| named(one).is_same(&named(all[*j]))).collect();
            assert_eq!(same, [i], "{one}");
        }
        assert_eq!(Tone::named("submit"), None);
        let green = named("green");
        assert!(Tone::of([192, 248, 192]).is_shade_of(&green) && Tone::of([63, 233, 63]).is_shade_of(&green));
        assert!(!Tone::of([178, 178, 230]).is_shade_of(&green) && !Tone::of(BLACK).is_shade_of(&green));
        assert!(Tone::of([237, 222, 222]).is_shade_of(&named("red")));
    }

    #[test]
    fn a_picture_of_another_size_is_none() {
        assert_eq!(Picture::new(Rect { x: 5, y: 5, w: 2, h: 2 }, vec![0; 11]), None);
        assert!(matches!(Picture::of_png(b"no picture"), Err(LearnError::Picture)));
    }
}
