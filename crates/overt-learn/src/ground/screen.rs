//! A display's screen as a picture, for those who act by what they see.

use overt_event::Rect;
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{ConnectionExt as _, ImageFormat, ImageOrder, Window};
use x11rb::rust_connection::RustConnection;

use super::error::GroundError;
use crate::appearance::Picture;

/// The only form in use: 32 bits a pixel, of them 24 of colour, blue first.
const DEPTHS: [u8; 2] = [24, 32];

/// Takes pictures of a display. The pointer is not in them.
pub struct Screen {
    conn: RustConnection,
    root: Window,
    bounds: Rect,
}

impl Screen {
    /// Opens one on a display (`None`: as the environment says).
    ///
    /// Errors: [`GroundError::Display`].
    pub fn open(display: Option<&str>) -> Result<Self, GroundError> {
        let (conn, screen) = x11rb::connect(display).map_err(|_| GroundError::Display)?;
        let setup = conn.setup();
        let (of, order) = (&setup.roots[screen], setup.image_byte_order);
        if !DEPTHS.contains(&of.root_depth) || order != ImageOrder::LSB_FIRST {
            return Err(GroundError::Display);
        }
        let bounds = Rect { x: 0, y: 0, w: of.width_in_pixels.into(), h: of.height_in_pixels.into() };
        let root = of.root;
        Ok(Self { conn, root, bounds })
    }

    /// What of a part of it can be seen; of a part that lies beyond it, nothing.
    ///
    /// Errors: [`GroundError::Display`] where the display went away.
    pub fn picture(&self, part: Rect) -> Result<Option<Picture>, GroundError> {
        let Some(part) = part.intersect(self.bounds) else { return Ok(None) };
        let (x, y, w, h) = (part.x as i16, part.y as i16, part.w as u16, part.h as u16);
        let asked = self.conn.get_image(ImageFormat::Z_PIXMAP, self.root, x, y, w, h, !0);
        let told = asked.ok().and_then(|asked| asked.reply().ok()).ok_or(GroundError::Display)?;
        let rgb = told.data.chunks_exact(4).flat_map(|bgr| [bgr[2], bgr[1], bgr[0]]).collect();
        Picture::new(part, rgb).map(Some).ok_or(GroundError::Display)
    }
}
