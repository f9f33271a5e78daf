//! The contact sheet: a few steps side by side, each action drawn on the frame before it.

use anyhow::{Context as _, Result};
use fontdue::layout::{CoordinateSystem, Layout, LayoutSettings, TextStyle};
use fontdue::{Font, FontSettings};
use overt_dataset::StepRow;
use overt_event::{Point, Rect};
use tiny_skia::{
    Color, FillRule, FilterQuality, IntRect, Paint, PathBuilder, Pixmap, PixmapPaint, PremultipliedColorU8,
    Stroke, Transform,
};

use crate::step_words;

const COLUMNS: usize = 3;
const PANEL_W: u32 = 560;
const PICTURE_H: u32 = 315;
const CAPTION_H: u32 = 54;
const GAP: u32 = 12;
/// The part of a frame that a panel shows, in the panel's 16:9.
const CROP_W: u32 = 960;
const CROP_H: u32 = 540;

/// One step of the sheet.
pub struct Panel {
    /// The frame before the action, as PNG; `None` where there is none.
    pub png: Option<Vec<u8>>,
    /// Where the action took place, in the frame's pixels.
    pub point: Option<Point>,
    /// The way of a drag.
    pub path: Vec<Point>,
    /// The element's bounds, in the frame's pixels.
    pub element: Option<Rect>,
    /// First line: the number, the kind and the element.
    pub title: String,
    /// Second line: the application and the margin.
    pub detail: String,
}

impl Panel {
    /// What is drawn of a step.
    pub fn of(step: StepRow) -> Self {
        let element = step.element.as_ref().map(|e| e.bounds);
        let margin =
            step.frame_margin_millis.map_or("no frame".into(), |m| format!("frame {m:.0} ms before"));
        Self {
            title: step_words::line(&step),
            detail: format!("{}, {margin}", step_words::app(&step)),
            point: step.at(),
            path: step.path,
            element: element.filter(|e| !e.is_empty()),
            png: step.image_before,
        }
    }

    /// The part of the frame around the action, with the action drawn on it: 560 by 315 pixels. `None` without a
    /// frame.
    pub fn picture(&self) -> Result<Option<Pixmap>> {
        self.png.as_ref().map(|png| picture_with_action(self, &decode(png)?)).transpose()
    }
}

/// Draws the panels in rows of three and encodes the sheet as PNG.
pub fn draw(panels: &[Panel]) -> Result<Vec<u8>> {
    let columns = panels.len().clamp(1, COLUMNS) as u32;
    let rows = panels.len().div_ceil(COLUMNS).max(1) as u32;
    let (w, h) = (PANEL_W + GAP, PICTURE_H + CAPTION_H + GAP);
    let mut sheet = Pixmap::new(columns * w + GAP, rows * h + GAP).context("the sheet is too large")?;
    sheet.fill(Color::from_rgba8(246, 246, 244, 255));
    let pen = Pen::new()?;
    for (i, panel) in panels.iter().enumerate() {
        let (column, row) = ((i % COLUMNS) as u32, (i / COLUMNS) as u32);
        draw_panel(&mut sheet, &pen, panel, GAP + column * w, GAP + row * h)?;
    }
    encode(&sheet)
}

fn draw_panel(sheet: &mut Pixmap, pen: &Pen, panel: &Panel, x: u32, y: u32) -> Result<()> {
    let picture = match panel.picture()? {
        Some(picture) => picture,
        None => {
            let mut blank = Pixmap::new(PANEL_W, PICTURE_H).context("a panel has a size")?;
            blank.fill(Color::from_rgba8(60, 60, 60, 255));
            blank
        }
    };
    let plain = PixmapPaint::default();
    sheet.draw_pixmap(x as i32, y as i32, picture.as_ref(), &plain, Transform::identity(), None);
    let text_y = (y + PICTURE_H) as f32;
    pen.write(sheet, &panel.title, (x as f32, text_y + 6.0), 17.0, [20, 20, 20]);
    pen.write(sheet, &panel.detail, (x as f32, text_y + 29.0), 14.0, [95, 95, 95]);
    Ok(())
}

fn picture_with_action(panel: &Panel, frame: &Pixmap) -> Result<Pixmap> {
    let crop = crop_around(focus_point(panel), frame.width(), frame.height());
    let area =
        IntRect::from_xywh(crop.x, crop.y, crop.w as u32, crop.h as u32).context("a crop has a size")?;
    let cut = frame.clone_rect(area).context("the crop lies in the frame")?;
    let scale = (PANEL_W as f32 / crop.w as f32).min(PICTURE_H as f32 / crop.h as f32);
    let mut picture = Pixmap::new(PANEL_W, PICTURE_H).context("a panel has a size")?;
    let smooth = PixmapPaint { quality: FilterQuality::Bicubic, ..PixmapPaint::default() };
    let shrink = Transform::from_scale(scale, scale);
    picture.draw_pixmap(0, 0, cut.as_ref(), &smooth, shrink, None);
    let to_panel = shrink.pre_translate(-crop.x as f32, -crop.y as f32);
    draw_element(&mut picture, panel, to_panel);
    draw_path(&mut picture, panel, to_panel);
    draw_point(&mut picture, panel, to_panel);
    Ok(picture)
}

fn focus_point(panel: &Panel) -> Option<Point> {
    panel.point.or_else(|| panel.element.map(Rect::center))
}

/// The part of the frame around the point, or all of it where there is no point.
fn crop_around(point: Option<Point>, width: u32, height: u32) -> Rect {
    let (w, h) = match point {
        Some(_) => (CROP_W.min(width), CROP_H.min(height)),
        None => (width, height),
    };
    let at = point.unwrap_or_default();
    let place = |at: i32, size: u32, full: u32| (at - size as i32 / 2).clamp(0, (full - size) as i32);
    Rect { x: place(at.x, w, width), y: place(at.y, h, height), w: w as i32, h: h as i32 }
}

fn paint(r: u8, g: u8, b: u8, a: u8) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(r, g, b, a);
    paint.anti_alias = true;
    paint
}

/// Line widths are given for the panel; the transform would shrink them.
fn stroke(width: f32, t: Transform) -> Stroke {
    Stroke { width: width / t.sx, ..Stroke::default() }
}

fn draw_element(picture: &mut Pixmap, panel: &Panel, t: Transform) {
    let Some(b) = panel.element else { return };
    let rect = tiny_skia::Rect::from_xywh(b.x as f32, b.y as f32, b.w as f32, b.h as f32);
    if let Some(rect) = rect {
        let path = PathBuilder::from_rect(rect);
        picture.stroke_path(&path, &paint(0, 110, 220, 255), &stroke(2.0, t), t, None);
    }
}

fn draw_path(picture: &mut Pixmap, panel: &Panel, t: Transform) {
    let Some((first, rest)) = panel.path.split_first() else { return };
    let mut line = PathBuilder::new();
    line.move_to(first.x as f32, first.y as f32);
    for p in rest {
        line.line_to(p.x as f32, p.y as f32);
    }
    if let Some(path) = line.finish() {
        picture.stroke_path(&path, &paint(225, 60, 30, 220), &stroke(3.0, t), t, None);
    }
}

fn draw_point(picture: &mut Pixmap, panel: &Panel, t: Transform) {
    let Some(p) = panel.point else { return };
    let (x, y) = (p.x as f32 + 0.5, p.y as f32 + 0.5);
    let ring = PathBuilder::from_circle(x, y, 14.0 / t.sx);
    let dot = PathBuilder::from_circle(x, y, 3.0 / t.sx);
    if let (Some(ring), Some(dot)) = (ring, dot) {
        picture.stroke_path(&ring, &paint(225, 30, 30, 255), &stroke(3.5, t), t, None);
        picture.fill_path(&dot, &paint(225, 30, 30, 255), FillRule::Winding, t, None);
    }
}

fn decode(png: &[u8]) -> Result<Pixmap> {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(png));
    decoder.set_transformations(png::Transformations::normalize_to_color8() | png::Transformations::ALPHA);
    let mut reader = decoder.read_info()?;
    let mut rgba = vec![0; reader.output_buffer_size().context("the picture is too large")?];
    let info = reader.next_frame(&mut rgba)?;
    let mut pixmap = Pixmap::new(info.width, info.height).context("a picture has a size")?;
    for (to, from) in pixmap.pixels_mut().iter_mut().zip(rgba.chunks_exact(4)) {
        *to = tiny_skia::ColorU8::from_rgba(from[0], from[1], from[2], 255).premultiply();
    }
    Ok(pixmap)
}

fn encode(pixmap: &Pixmap) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, pixmap.width(), pixmap.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let rgb: Vec<u8> = pixmap.pixels().iter().flat_map(|p| [p.red(), p.green(), p.blue()]).collect();
    encoder.write_header()?.write_image_data(&rgb)?;
    Ok(out)
}

/// Writes text.
struct Pen {
    font: Font,
}

impl Pen {
    fn new() -> Result<Self> {
        let font = Font::from_bytes(dejavu::sans::regular(), FontSettings::default());
        font.map(|font| Self { font }).map_err(anyhow::Error::msg)
    }

    /// One line at `at`, cut with an ellipsis where the panel ends.
    fn write(&self, sheet: &mut Pixmap, text: &str, at: (f32, f32), size: f32, rgb: [u8; 3]) {
        let line = self.fit(text, size);
        let mut layout = Layout::new(CoordinateSystem::PositiveYDown);
        layout.reset(&LayoutSettings { x: at.0, y: at.1, ..LayoutSettings::default() });
        layout.append(&[&self.font], &TextStyle::new(&line, size, 0));
        for glyph in layout.glyphs() {
            let (metrics, coverage) = self.font.rasterize_config(glyph.key);
            blend_glyph(sheet, (glyph.x as u32, glyph.y as u32), metrics.width, &coverage, rgb);
        }
    }

    /// The layout sets each glyph on a whole point.
    fn fit(&self, text: &str, size: f32) -> String {
        let advance = |c: char| self.font.metrics(c, size).advance_width.ceil();
        let width = |s: &str| s.chars().map(advance).sum::<f32>();
        if width(text) <= PANEL_W as f32 {
            return text.to_owned();
        }
        let mut cut: String = text.to_owned();
        while !cut.is_empty() && width(&cut) + width("…") > PANEL_W as f32 {
            cut.pop();
        }
        cut + "…"
    }
}

fn blend_glyph(sheet: &mut Pixmap, at: (u32, u32), width: usize, coverage: &[u8], rgb: [u8; 3]) {
    if width == 0 {
        return;
    }
    let (sheet_w, sheet_h) = (sheet.width(), sheet.height());
    for (i, &cover) in coverage.iter().enumerate() {
        let (x, y) = (at.0 + (i % width) as u32, at.1 + (i / width) as u32);
        if x < sheet_w && y < sheet_h {
            let pixel = &mut sheet.pixels_mut()[(y * sheet_w + x) as usize];
            *pixel = blend(*pixel, rgb, cover);
        }
    }
}

/// Lays an opaque colour over an opaque pixel.
fn blend(under: PremultipliedColorU8, rgb: [u8; 3], cover: u8) -> PremultipliedColorU8 {
    let mix = |below: u8, above: u8| {
        ((u32::from(below) * u32::from(255 - cover) + u32::from(above) * u32::from(cover)) / 255) as u8
    };
    let (r, g, b) = (mix(under.red(), rgb[0]), mix(under.green(), rgb[1]), mix(under.blue(), rgb[2]));
    tiny_skia::ColorU8::from_rgba(r, g, b, 255).premultiply()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey_png(w: u32, h: u32) -> Vec<u8> {
        let mut map = Pixmap::new(w, h).expect("a size");
        map.fill(Color::from_rgba8(128, 128, 128, 255));
        encode(&map).expect("it encodes")
    }

    fn panel(png: Option<Vec<u8>>, point: Option<Point>) -> Panel {
        Panel { png, point, path: Vec::new(), element: None, title: "1 click".into(), detail: "x".into() }
    }

    #[test]
    fn the_action_is_drawn_where_it_took_place() {
        let sheet =
            draw(&[panel(Some(grey_png(960, 540)), Some(Point { x: 480, y: 270 }))]).expect("a sheet");
        let map = decode(&sheet).expect("it decodes");
        let middle = map.pixel(GAP + PANEL_W / 2, GAP + PICTURE_H / 2).expect("inside");
        assert_eq!((middle.red(), middle.green()), (225, 30));
        let corner = map.pixel(GAP + 3, GAP + 3).expect("inside");
        assert_eq!((corner.red(), corner.green()), (128, 128));
    }

    #[test]
    fn frames_smaller_than_the_crop_and_steps_without_a_frame_are_fine() {
        let panels = [
            panel(Some(grey_png(100, 50)), Some(Point { x: 99, y: 49 })),
            panel(None, None),
            panel(Some(grey_png(2_000, 1_200)), None),
            panel(Some(grey_png(2_000, 1_200)), Some(Point { x: -5, y: 5_000 })),
        ];
        let map = decode(&draw(&panels).expect("a sheet")).expect("it decodes");
        assert_eq!(map.height(), 2 * (PICTURE_H + CAPTION_H + GAP) + GAP);
    }

    #[test]
    fn a_long_caption_ends_where_its_panel_does() {
        let long = || Panel {
            title: "13 key alt+Tab  Order received, Harbour Supplies ".repeat(9),
            ..panel(None, None)
        };
        let map = decode(&draw(&[long(), panel(None, None)]).expect("a sheet")).expect("it decodes");
        let gap = (GAP + PANEL_W..GAP + PANEL_W + GAP).flat_map(|x| (0..map.height()).map(move |y| (x, y)));
        let colours: std::collections::BTreeSet<_> =
            gap.map(|(x, y)| map.pixel(x, y).expect("inside").red()).collect();
        assert_eq!(colours.len(), 1, "nothing is written between the panels");
    }
}
