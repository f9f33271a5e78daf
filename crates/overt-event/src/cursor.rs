//! The pointer's picture, a stream of its own: frames do not hold it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::hex_from_bytes;

/// The longest side of a shape that is kept, in pixels: four times the common 32.
pub const CURSOR_SIDE_PX_MAX: u16 = 128;
const PIXEL_BYTES: usize = 4;

/// Names one shape of the pointer in a session; 0 is the first, and a number is never reused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CursorId(pub u32);

/// What the pointer looks like. Two shapes with the same pixels and hotspot are equal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "Stored", try_from = "Stored")]
pub struct CursorShape {
    hotspot: (u16, u16),
    size: (u16, u16),
    bgra: Arc<[u8]>,
}

impl CursorShape {
    /// A shape of `size` pixels (width, height) that points with the pixel `hotspot` (x, y).
    ///
    /// `bgra`: blue, green, red, alpha, with the colours multiplied by alpha; rows from the top.
    /// `None` when a side is longer than [`CURSOR_SIDE_PX_MAX`] or the bytes do not fit the size.
    pub fn new(hotspot: (u16, u16), size: (u16, u16), bgra: Arc<[u8]>) -> Option<Self> {
        let small = size.0.max(size.1) <= CURSOR_SIDE_PX_MAX;
        let fits = bgra.len() == usize::from(size.0) * usize::from(size.1) * PIXEL_BYTES;
        (small && fits).then_some(Self { hotspot, size, bgra })
    }

    /// The pixel that points, from the shape's top left corner: x, y.
    pub fn hotspot(&self) -> (u16, u16) {
        self.hotspot
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (u16, u16) {
        self.size
    }

    /// Blue, green, red, alpha (multiplied in), rows from the top, no padding.
    pub fn bgra(&self) -> &[u8] {
        &self.bgra
    }
}

/// The stored spelling (docs/spec/segment.md, section 4.5).
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    hotspot: (u16, u16),
    size: (u16, u16),
    bgra: String,
}

impl From<CursorShape> for Stored {
    fn from(shape: CursorShape) -> Self {
        Self { hotspot: shape.hotspot, size: shape.size, bgra: hex_from_bytes(&shape.bgra) }
    }
}

impl TryFrom<Stored> for CursorShape {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        let bytes = bytes_from_hex(&stored.bgra).ok_or("the pixels are not hexadecimal digits")?;
        Self::new(stored.hotspot, stored.size, bytes).ok_or("the shape is too large or does not fit its size")
    }
}

fn bytes_from_hex(digits: &str) -> Option<Arc<[u8]>> {
    let value = |d: u8| match d {
        b'0'..=b'9' => Some(d - b'0'),
        b'a'..=b'f' => Some(d - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    let bytes: Option<Arc<[u8]>> = pairs.iter().map(|[h, l]| Some(value(*h)? << 4 | value(*l)?)).collect();
    bytes.filter(|_| rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<CursorShape> {
        serde_json::from_str(json).ok()
    }

    #[test]
    fn a_shape_reads_back_as_it_was() {
        let shape = CursorShape::new((1, 0), (2, 1), (250..=255).chain([0, 9]).collect()).expect("it fits");
        let json = serde_json::to_string(&shape).expect("it serialises");
        assert_eq!(json, r#"{"hotspot":[1,0],"size":[2,1],"bgra":"fafbfcfdfeff0009"}"#);
        assert_eq!(read(&json), Some(shape));
    }

    #[test]
    fn what_is_too_large_or_does_not_fit_is_no_shape() {
        let large = vec![0; 129 * 4];
        assert!(CursorShape::new((0, 0), (129, 1), large.into()).is_none());
        for bgra in ["", "000000", "0000000", "0000000g", "000000FF", "0000000000"] {
            let json = format!(r#"{{"hotspot":[0,0],"size":[1,1],"bgra":"{bgra}"}}"#);
            assert_eq!(read(&json), None, "{bgra}");
        }
    }
}
