//! The frame around a window in which an agent acts, so that nobody takes it for their own doing.

use overt_capture_x11::OwnWindows;
use overt_event::Rect;
use x11rb::connection::Connection as _;
use x11rb::errors::ReplyOrIdError;
use x11rb::protocol::shape::{self, SK, SO};
use x11rb::protocol::xproto::{
    AtomEnum, ChangeGCAux, ChangeWindowAttributesAux, ClipOrdering, ConfigureWindowAux, ConnectionExt as _,
    CreateGCAux, CreateWindowAux, Gcontext, PropMode, Rectangle, Screen, StackMode, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

use crate::error::ActError;

/// The frame's colour, 0xRRGGBB: no toolkit's theme has such an orange.
pub const FRAME_COLOUR: u32 = 0x00ff_6d00;
const INK: u32 = 0x0000_0000;
const SIDE_PX: i32 = 4;
/// One side holds the words.
const WORDS_PX: i32 = 20;
/// From that side's corner, or the screen's edge, to the words' base line.
const WORDS_AT: (i16, i16) = (6, 14);

/// Four windows around another one, above all others, that clicks pass through. Dropping it takes them away.
pub struct Frame {
    conn: RustConnection,
    screen: Screen,
    sides: [Window; 4],
    gc: Gcontext,
    words: Vec<u8>,
    around: Option<Rect>,
    own: OwnWindows,
}

impl Frame {
    /// Shows the frame with these words (ASCII) above the window, or below it where there is no room. Its windows are in `own` before they can be seen.
    ///
    /// Errors: [`ActError::Frame`].
    pub fn show(
        display: Option<&str>,
        own: &OwnWindows,
        around: Rect,
        words: &str,
    ) -> Result<Self, ActError> {
        let mut frame = Self::make(display, own, words).map_err(|_| ActError::Frame)?;
        frame.place(around)?;
        Ok(frame)
    }

    /// Puts it around a window, in front of everything.
    ///
    /// Errors: [`ActError::Frame`].
    pub fn place(&mut self, around: Rect) -> Result<(), ActError> {
        self.try_place(around).map_err(|_| ActError::Frame)
    }

    fn make(display: Option<&str>, own: &OwnWindows, words: &str) -> Result<Self, ReplyOrIdError> {
        let (conn, number) =
            x11rb::connect(display).map_err(|_| x11rb::errors::ConnectionError::UnknownError)?;
        let screen = conn.setup().roots[number].clone();
        let mut sides = [x11rb::NONE; 4];
        for side in &mut sides {
            *side = create_side(&conn, &screen)?;
            own.add(*side);
        }
        let font = conn.generate_id()?;
        conn.open_font(font, b"fixed")?.check()?;
        let gc = conn.generate_id()?;
        let aux = CreateGCAux::new().font(font).foreground(INK).background(FRAME_COLOUR);
        conn.create_gc(gc, sides[0], &aux)?.check()?;
        let words = words.bytes().filter(u8::is_ascii).take(200).collect();
        Ok(Self { conn, screen, sides, gc, words, around: None, own: own.clone() })
    }

    fn try_place(&mut self, around: Rect) -> Result<(), ReplyOrIdError> {
        let moved = self.around != Some(around);
        let places = sides(around, self.screen.height_in_pixels.into());
        for (window, side) in self.sides.into_iter().zip(places) {
            let mut to = ConfigureWindowAux::new().stack_mode(StackMode::ABOVE);
            if moved {
                to = to.x(side.x).y(side.y).width(side.w as u32).height(side.h as u32);
            }
            self.conn.configure_window(window, &to)?;
        }
        if moved {
            self.letter(places[0])?;
            self.sides.iter().try_for_each(|window| self.conn.map_window(*window).map(drop))?;
            self.around = Some(around);
        }
        self.conn.sync()?;
        Ok(())
    }

    /// The words are their side's background: the server itself draws them whenever they are uncovered. They begin where
    /// the screen does, if the window begins left of it.
    fn letter(&self, side: Rect) -> Result<(), ReplyOrIdError> {
        let (width, height) = (side.w as u16, side.h as u16);
        let x = WORDS_AT.0.saturating_add(i16::try_from(-side.x.min(0)).unwrap_or(i16::MAX));
        let picture = self.conn.generate_id()?;
        self.conn.create_pixmap(self.screen.root_depth, picture, self.sides[0], width, height)?.check()?;
        let whole = [Rectangle { x: 0, y: 0, width, height }];
        let ink = |pixel: u32| self.conn.change_gc(self.gc, &ChangeGCAux::new().foreground(pixel));
        ink(FRAME_COLOUR)?;
        self.conn.poly_fill_rectangle(picture, self.gc, &whole)?;
        ink(INK)?;
        self.conn.image_text8(picture, self.gc, x, WORDS_AT.1, &self.words)?;
        let aux = ChangeWindowAttributesAux::new().background_pixmap(picture);
        self.conn.change_window_attributes(self.sides[0], &aux)?;
        self.conn.free_pixmap(picture)?;
        self.conn.clear_area(false, self.sides[0], 0, 0, 0, 0)?;
        Ok(())
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        // The windows go with their connection.
        self.sides.iter().for_each(|side| self.own.remove(*side));
    }
}

/// The side that holds the words, the one across, left and right, around a window. The words stand above it, below it
/// where there is no room, and within it where there is none either.
fn sides(r: Rect, screen_height: i32) -> [Rect; 4] {
    let wide = Rect { x: r.x - SIDE_PX, w: r.w + 2 * SIDE_PX, ..r };
    let tall = |x: i32| Rect { x, y: r.y, w: SIDE_PX, h: r.h };
    let (above, below) = (r.y - WORDS_PX, r.y + r.h);
    let (words, across) = match (above >= 0, below + WORDS_PX <= screen_height) {
        (true, _) => (above, below),
        (false, true) => (below, r.y - SIDE_PX),
        (false, false) => (0, below),
    };
    [
        Rect { y: words, h: WORDS_PX, ..wide },
        Rect { y: across, h: SIDE_PX, ..wide },
        tall(r.x - SIDE_PX),
        tall(r.x + r.w),
    ]
}

fn create_side(conn: &RustConnection, screen: &Screen) -> Result<Window, ReplyOrIdError> {
    let window = conn.generate_id()?;
    let aux = CreateWindowAux::new().override_redirect(1).background_pixel(FRAME_COLOUR);
    let (depth, class, visual) =
        (x11rb::COPY_DEPTH_FROM_PARENT, WindowClass::INPUT_OUTPUT, x11rb::COPY_FROM_PARENT);
    conn.create_window(depth, window, screen.root, 0, 0, 1, 1, 0, class, visual, &aux)?.check()?;
    // No input shape at all: what is clicked is what lies below.
    shape::rectangles(conn, SO::SET, SK::INPUT, ClipOrdering::UNSORTED, window, 0, 0, &[])?.check()?;
    let class = b"overt\0Overt\0";
    conn.change_property8(PropMode::REPLACE, window, AtomEnum::WM_CLASS, AtomEnum::STRING, class)?;
    Ok(window)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_lies_around_its_window_and_its_words_on_the_screen() {
        let window = Rect { x: 100, y: 50, w: 300, h: 200 };
        let is_around = |around: Rect, side: Rect| side.intersect(around).is_none_or(|part| part.is_empty());
        for around in [window, Rect { y: 5, ..window }] {
            assert!(
                sides(around, 900).iter().all(|side| side.w > 0 && side.h > 0 && is_around(around, *side))
            );
        }
        assert_eq!(sides(window, 900)[0].y, 30);
        assert_eq!(sides(Rect { y: 5, ..window }, 900)[0].y, 205, "below, where there is no room above");
        assert_eq!(sides(Rect { y: 0, h: 900, ..window }, 900)[0].y, 0, "within, where there is none at all");
    }
}
