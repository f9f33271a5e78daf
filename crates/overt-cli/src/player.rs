//! Plays an episode in the terminal, step by step: a picture in half blocks where the terminal has true colour, and
//! the step in words.

use std::fmt::Write as _;
use std::io::{self, Read as _, Write as _};

use anyhow::Result;
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};
use tiny_skia::Pixmap;

/// Lines under the picture.
const WORDS_LINES: usize = 4;

/// What is shown of one step.
pub struct Scene {
    pub picture: Option<Pixmap>,
    /// Lines of words; they hold nothing that a terminal would obey.
    pub words: Vec<String>,
}

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Next,
    Previous,
    Quit,
    Nothing,
}

/// Letters, arrows, space; Ctrl-C and the end of input quit.
fn wish(key: &[u8]) -> Wish {
    match key {
        b"n" | b" " | b"j" | b"\x1b[C" | b"\x1b[B" | b"\r" => Wish::Next,
        b"p" | b"k" | b"\x1b[D" | b"\x1b[A" => Wish::Previous,
        b"q" | b"\x03" | b"\x04" | b"" => Wish::Quit,
        _ => Wish::Nothing,
    }
}

/// Where one is after a key; `None` is out.
fn walk(at: usize, len: usize, wish: Wish) -> Option<usize> {
    match wish {
        Wish::Next => Some((at + 1).min(len.saturating_sub(1))),
        Wish::Previous => Some(at.saturating_sub(1)),
        Wish::Nothing => Some(at),
        Wish::Quit => None,
    }
}

/// Shows scenes until the person quits. `scene` makes that of a step by its number.
pub fn play(len: usize, mut scene: impl FnMut(usize) -> Result<Scene>) -> Result<()> {
    let screen = Screen::take()?;
    let (mut at, mut key) = (0, [0; 8]);
    loop {
        screen.show(&scene(at)?)?;
        let n = io::stdin().lock().read(&mut key)?;
        match walk(at, len, wish(&key[..n])) {
            Some(next) => at = next,
            None => return Ok(()),
        }
    }
}

/// Whether the terminal says that it has 24 bits of colour, and colour is wanted.
pub fn has_true_colour() -> bool {
    let says = std::env::var("COLORTERM").is_ok_and(|v| v == "truecolor" || v == "24bit");
    says && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}

/// The terminal while it is ours; it is given back as it was.
struct Screen {
    before: Termios,
    true_colour: bool,
}

impl Screen {
    fn take() -> io::Result<Self> {
        let stdin = io::stdin();
        let before = tcgetattr(&stdin)?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(&stdin, OptionalActions::Flush, &raw)?;
        let screen = Self { before, true_colour: has_true_colour() };
        screen.write("\x1b[?1049h\x1b[?25l")?;
        Ok(screen)
    }

    fn show(&self, scene: &Scene) -> io::Result<()> {
        let size = tcgetwinsize(io::stdout())?;
        let (columns, rows) =
            (usize::from(size.ws_col).max(20), usize::from(size.ws_row).max(WORDS_LINES + 2));
        self.write(&compose(scene, columns, rows, self.true_colour))
    }

    fn write(&self, text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.flush()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // There is nobody to tell when the terminal is gone.
        let _ = self.write("\x1b[?25h\x1b[?1049l");
        let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &self.before);
    }
}

/// One whole screen of text and colours.
fn compose(scene: &Scene, columns: usize, rows: usize, true_colour: bool) -> String {
    let mut out = String::from("\x1b[H\x1b[2J");
    if let Some(picture) = scene.picture.as_ref().filter(|_| true_colour) {
        half_blocks(&mut out, picture, columns, rows.saturating_sub(WORDS_LINES + 1));
    }
    for line in &scene.words {
        let line: String = line.chars().take(columns).collect();
        // Writing to a String cannot fail.
        let _ = write!(out, "{line}\r\n");
    }
    out.push_str("\r\nn next   p previous   q quit");
    out
}

/// Each character cell shows two pixels, one over the other.
fn half_blocks(out: &mut String, picture: &Pixmap, columns: usize, rows: usize) {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let scale = (columns as f64 / width as f64).min(2.0 * rows as f64 / height as f64);
    let (across, down) = ((width as f64 * scale) as usize, (height as f64 * scale) as usize / 2);
    for y in 0..down {
        for x in 0..across {
            let [upper, lower] = [2 * y, 2 * y + 1].map(|y| mean(picture, (x, y), (across, 2 * down)));
            let _ = write!(
                out,
                "\x1b[38;2;{};{};{}m\x1b[48;2;{};{};{}m▀",
                upper[0], upper[1], upper[2], lower[0], lower[1], lower[2]
            );
        }
        out.push_str("\x1b[0m\r\n");
    }
}

/// The mean colour of one part of the picture, cut into so many across and down.
fn mean(picture: &Pixmap, (x, y): (usize, usize), (across, down): (usize, usize)) -> [u64; 3] {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let range = |i: usize, n: usize, size: usize| i * size / n..((i + 1) * size / n).max(i * size / n + 1);
    let (mut sum, mut count) = ([0; 3], 0);
    for row in range(y, down, height) {
        for pixel in &picture.pixels()[row * width..][range(x, across, width)] {
            let rgb = [pixel.red(), pixel.green(), pixel.blue()];
            sum.iter_mut().zip(rgb).for_each(|(s, c)| *s += u64::from(c));
            count += 1;
        }
    }
    sum.map(|s| s / count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_walk_and_stay_inside() {
        let check = |at, key: &[u8], expected| assert_eq!(walk(at, 3, wish(key)), expected);
        check(0, b"n", Some(1));
        check(2, b"\x1b[C", Some(2));
        check(0, b"p", Some(0));
        check(2, b"\x1b[D", Some(1));
        check(1, b"x", Some(1));
        check(1, b"q", None);
        check(1, b"\x03", None);
        check(1, b"", None);
    }

    #[test]
    fn a_picture_is_shown_in_its_colours_and_only_where_there_are_colours() {
        let mut picture = Pixmap::new(8, 8).expect("a size");
        picture.fill(tiny_skia::Color::from_rgba8(200, 10, 20, 255));
        let scene = Scene { picture: Some(picture), words: vec!["12 click".to_owned()] };
        let coloured = compose(&scene, 20, 10, true);
        assert!(coloured.contains("\x1b[38;2;200;10;20m\x1b[48;2;200;10;20m▀"));
        assert_eq!(coloured.matches('▀').count(), 10 * 5, "as large as fits");
        let plain = compose(&scene, 20, 10, false);
        assert!(!plain.contains('▀') && plain.contains("12 click"));
    }
}
