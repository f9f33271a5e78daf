//! The frame around a window in which an agent acts, so that nobody takes it for their own doing.

use overt_capture_x11::OwnWindows;
use overt_event::Rect;
use x11rb::connection::Connection as _;
use x11rb::errors::{ReplyError, ReplyOrIdError};
use x11rb::protocol::randr::ConnectionExt as _;
use x11rb::protocol::shape::{self, SK, SO};
use x11rb::protocol::xproto::{
    AtomEnum, ChangeGCAux, ChangeWindowAttributesAux, ClipOrdering, ConfigureWindowAux, ConnectionExt as _,
    CreateGCAux, CreateWindowAux, Gcontext, MapState, PropMode, Rectangle, Screen, StackMode, Window,
    WindowClass,
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
    /// The side that holds the words, and where they begin in it.
    lettered: Option<(Rect, i16)>,
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

    /// Puts it around a window, in front of everything, even where somebody took it away.
    ///
    /// Errors: [`ActError::Frame`].
    pub fn place(&mut self, around: Rect) -> Result<(), ActError> {
        let is_shown = self.try_place(around).map_err(|_| ActError::Frame)?;
        is_shown.then_some(()).ok_or(ActError::Frame)
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
        Ok(Self { conn, screen, sides, gc, words, lettered: None, own: own.clone() })
    }

    /// Whether it is to be seen then.
    fn try_place(&mut self, around: Rect) -> Result<bool, ReplyOrIdError> {
        let monitor = self.monitor_of(around)?;
        let places = sides(around, monitor);
        let words = (places[0], WORDS_AT.0.saturating_add(left_out(places[0], monitor)));
        if self.lettered != Some(words) {
            self.letter(words)?;
            self.lettered = Some(words);
        }
        for (window, side) in self.sides.into_iter().zip(places) {
            let to = ConfigureWindowAux::new().stack_mode(StackMode::ABOVE);
            let to = to.x(side.x).y(side.y).width(side.w as u32).height(side.h as u32);
            self.conn.configure_window(window, &to)?.check()?;
            self.conn.map_window(window)?.check()?;
        }
        Ok(self.is_viewable()?)
    }

    fn is_viewable(&self) -> Result<bool, ReplyError> {
        for side in self.sides {
            if self.conn.get_window_attributes(side)?.reply()?.map_state != MapState::VIEWABLE {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The monitor that shows the most of a window; the whole screen where the display tells of none.
    fn monitor_of(&self, around: Rect) -> Result<Rect, ReplyError> {
        let (w, h) = (self.screen.width_in_pixels.into(), self.screen.height_in_pixels.into());
        let monitors = match self.conn.randr_get_monitors(self.screen.root, true)?.reply() {
            Ok(told) => told.monitors,
            // A display without RandR 1.5 refuses.
            Err(ReplyError::X11Error(_)) => Vec::new(),
            Err(error) => return Err(error),
        };
        let bounds = monitors.iter().map(|m| Rect {
            x: m.x.into(),
            y: m.y.into(),
            w: m.width.into(),
            h: m.height.into(),
        });
        Ok(bounds.max_by_key(|m| shared(*m, around)).unwrap_or(Rect { x: 0, y: 0, w, h }))
    }

    /// The words are their side's background: the server itself draws them whenever they are uncovered.
    fn letter(&self, (side, x): (Rect, i16)) -> Result<(), ReplyOrIdError> {
        let (width, height) = (side.w as u16, side.h as u16);
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

/// How much of a window a monitor shows, square pixels.
fn shared(monitor: Rect, window: Rect) -> i64 {
    monitor.intersect(window).map_or(0, |part| i64::from(part.w) * i64::from(part.h))
}

/// How far a side begins left of its monitor: there its words begin.
fn left_out(side: Rect, monitor: Rect) -> i16 {
    i16::try_from((monitor.x - side.x).max(0)).unwrap_or(i16::MAX)
}

/// The side that holds the words, the one across, left and right, around a window. The words stand above it, below it
/// where its monitor has no room, and within it where there is none either.
fn sides(r: Rect, monitor: Rect) -> [Rect; 4] {
    let wide = Rect { x: r.x - SIDE_PX, w: r.w + 2 * SIDE_PX, ..r };
    let tall = |x: i32| Rect { x, y: r.y, w: SIDE_PX, h: r.h };
    let (above, below) = (r.y - WORDS_PX, r.y + r.h);
    let (words, across) = match (above >= monitor.y, below + WORDS_PX <= monitor.y + monitor.h) {
        (true, _) => (above, below),
        (false, true) => (below, r.y - SIDE_PX),
        (false, false) => (monitor.y, below),
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

    const SCREEN: Rect = Rect { x: 0, y: 0, w: 1_600, h: 900 };

    #[test]
    fn a_frame_lies_around_its_window_and_its_words_on_the_screen() {
        let window = Rect { x: 100, y: 50, w: 300, h: 200 };
        let is_around = |around: Rect, side: Rect| side.intersect(around).is_none_or(|part| part.is_empty());
        for around in [window, Rect { y: 5, ..window }] {
            let sides = sides(around, SCREEN);
            assert!(sides.iter().all(|side| side.w > 0 && side.h > 0 && is_around(around, *side)));
        }
        assert_eq!(sides(window, SCREEN)[0].y, 30);
        assert_eq!(sides(Rect { y: 5, ..window }, SCREEN)[0].y, 205, "below, where there is no room above");
        assert_eq!(
            sides(Rect { y: 0, h: 900, ..window }, SCREEN)[0].y,
            0,
            "within, where there is none at all"
        );
    }

    #[test]
    fn the_words_stand_where_the_windows_monitor_shows_them() {
        // Beside a higher one, and lower than it.
        let monitor = Rect { x: 1_600, y: 200, w: 800, h: 500 };
        let words = |window: Rect| {
            let side = sides(window, monitor)[0];
            (side.y, side.x + i32::from(left_out(side, monitor)))
        };
        let top = Rect { x: 1_700, y: 205, w: 300, h: 200 };
        assert_eq!(words(top), (405, 1_696), "above it no monitor shows anything");
        assert_eq!(words(Rect { y: 500, h: 190, ..top }), (480, 1_696));
        assert_eq!(words(Rect { y: 200, h: 500, ..top }), (200, 1_696));
        assert_eq!(words(Rect { x: 1_580, ..top }), (405, 1_600), "they begin where the monitor does");
        assert!(shared(monitor, top) > shared(SCREEN, top));
    }
}
