//! What the pointer looks like, each shape once and then by its number.

use std::collections::BTreeMap;

use overt_event::{CursorId, CursorShape, MonoNanos, Point, RawCursor};
use x11rb::connection::Connection;
use x11rb::protocol::xfixes::{ConnectionExt as _, CursorNotifyMask, GetCursorImageReply};
use x11rb::protocol::xproto::Window;

use crate::error::{X11Error, if_still_there};

/// A spinning pointer tells its shape twenty times a second at most.
const LOOK_MILLIS_MIN: u64 = 50;
/// Shapes remembered: more than any theme has; 64 KiB each at most. Later ones get numbers anew.
const SHAPES_MAX: usize = 256;

/// Follows the pointer's shape.
#[derive(Default)]
pub(crate) struct Cursor {
    shapes: Shapes,
    stale: bool,
    looked_at: MonoNanos,
    /// The number that was told last; `None` within for a shape that is too large.
    told: Option<Option<CursorId>>,
}

/// The numbers of the shapes of a session.
#[derive(Default)]
struct Shapes {
    known: BTreeMap<CursorShape, CursorId>,
    next: u32,
}

impl Shapes {
    fn number(&mut self, shape: &CursorShape) -> CursorId {
        if let Some(id) = self.known.get(shape) {
            return *id;
        }
        if self.known.len() == SHAPES_MAX {
            self.known.clear();
        }
        let id = CursorId(self.next);
        self.next += 1;
        self.known.insert(shape.clone(), id);
        id
    }
}

impl Cursor {
    /// Asks for an event at each change of the shape.
    pub(crate) fn new<C: Connection>(conn: &C, root: Window) -> Result<Self, X11Error> {
        let missing = |_| X11Error::Missing { extension: "XFIXES", major: 2, minor: 0 };
        conn.xfixes_query_version(2, 0).map_err(missing)?.reply()?;
        conn.xfixes_select_cursor_input(root, CursorNotifyMask::DISPLAY_CURSOR)?.check()?;
        Ok(Self::default())
    }

    pub(crate) fn changed(&mut self) {
        self.stale = true;
    }

    /// The shape is told again even if it is the same.
    pub(crate) fn forget_told(&mut self) {
        (self.stale, self.told) = (true, None);
    }

    /// When a shape that changed may be looked at; `None` when none did.
    pub(crate) fn due_at(&self) -> Option<MonoNanos> {
        self.stale.then(|| self.looked_at.plus_millis(LOOK_MILLIS_MIN))
    }

    /// The shape and the pointer's place of the same moment, if it is another shape than was told.
    pub(crate) fn look<C: Connection>(
        &mut self,
        conn: &C,
        now: MonoNanos,
    ) -> Result<Option<RawCursor>, X11Error> {
        (self.stale, self.looked_at) = (false, now);
        let image = if_still_there(conn.xfixes_get_cursor_image()?.reply())?;
        Ok(image.and_then(|image| self.news(&image)))
    }

    fn news(&mut self, image: &GetCursorImageReply) -> Option<RawCursor> {
        let shape = shape_of(image).map(|shape| (self.shapes.number(&shape), shape));
        let id = shape.as_ref().map(|(id, _)| *id);
        let at = Point { x: image.x.into(), y: image.y.into() };
        (self.told.replace(id) != Some(id)).then_some(RawCursor { at, shape })
    }
}

/// The server gives words of alpha, red, green, blue, the highest byte first.
fn shape_of(image: &GetCursorImageReply) -> Option<CursorShape> {
    let bgra = image.cursor_image.iter().flat_map(|argb| argb.to_le_bytes()).collect();
    CursorShape::new((image.xhot, image.yhot), (image.width, image.height), bgra)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(side: u16, argb: u32) -> GetCursorImageReply {
        let pixels = vec![argb; usize::from(side) * usize::from(side)];
        GetCursorImageReply { width: side, height: side, cursor_image: pixels, ..Default::default() }
    }

    #[test]
    fn a_shape_seen_before_has_its_number_again() {
        let mut cursor = Cursor::default();
        let mut told = |side, argb| {
            let news = cursor.news(&image(side, argb));
            news.map(|c| c.shape.map(|(id, shape)| (id.0, shape.bgra()[..4].to_vec())))
        };
        assert_eq!(told(2, 0xff00_0102), Some(Some((0, vec![2, 1, 0, 0xff]))));
        assert_eq!(told(2, 0xff00_0102), None, "it is no news");
        assert_eq!(told(2, 5).flatten().map(|(id, _)| id), Some(1));
        assert_eq!(told(2, 0xff00_0102).flatten().map(|(id, _)| id), Some(0));
        assert_eq!(told(129, 7), Some(None), "it is too large to be kept");
        assert_eq!(told(129, 8), None);
        assert_eq!(told(2, 5).flatten().map(|(id, _)| id), Some(1));
    }

    #[test]
    fn the_memory_of_shapes_is_bounded_and_no_number_stands_for_two() {
        let mut shapes = Shapes::default();
        let mut numbers = std::collections::BTreeSet::new();
        for argb in 0..1_000 {
            let shape = shape_of(&image(1, argb)).expect("it is small");
            assert!(numbers.insert(shapes.number(&shape)), "a number was used twice");
            assert!(shapes.known.len() <= SHAPES_MAX);
        }
    }
}
