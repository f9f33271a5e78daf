//! `meta/stats.json`: what LeRobot normalises by.

use std::collections::BTreeMap;
use std::io::Cursor;

use serde_json::{Map, Value, json};

use super::lerobot_tables::Frame;
use crate::error::ExportError;

/// Of a picture, every such pixel of every such row is looked at.
const PIXEL_STRIDE: usize = 8;

/// Numbers seen so far: how many, their extremes, their sum and that of their squares.
#[derive(Clone, Copy)]
struct Seen {
    count: f64,
    min: f64,
    max: f64,
    sum: f64,
    squares: f64,
}

impl Default for Seen {
    fn default() -> Self {
        Self { count: 0.0, min: f64::INFINITY, max: f64::NEG_INFINITY, sum: 0.0, squares: 0.0 }
    }
}

impl Seen {
    fn add(&mut self, n: f64) {
        self.count += 1.0;
        (self.min, self.max) = (self.min.min(n), self.max.max(n));
        (self.sum, self.squares) = (self.sum + n, self.squares + n * n);
    }

    fn mean(&self) -> f64 {
        self.sum / self.count.max(1.0)
    }

    /// Over all, not a sample.
    fn deviation(&self) -> f64 {
        (self.squares / self.count.max(1.0) - self.mean().powi(2)).max(0.0).sqrt()
    }
}

/// All features of a data set.
#[derive(Default)]
pub(super) struct Stats {
    frames: u64,
    numbers: BTreeMap<&'static str, Vec<Seen>>,
    channels: [Seen; 3],
}

impl Stats {
    pub(super) fn count(&mut self, frame: &Frame<'_>) -> Result<(), ExportError> {
        self.frames += 1;
        self.add("action", &frame.action.map(f64::from));
        self.add("timestamp", &[f64::from(frame.timestamp)]);
        for (name, n) in frame.numbers() {
            self.add(name, &[n as f64]);
        }
        self.picture(frame.png)
    }

    fn add(&mut self, name: &'static str, values: &[f64]) {
        let seen = self.numbers.entry(name).or_insert_with(|| vec![Seen::default(); values.len()]);
        seen.iter_mut().zip(values).for_each(|(seen, n)| seen.add(*n));
    }

    /// Data sets hold eight bits of red, green and blue.
    fn picture(&mut self, png: &[u8]) -> Result<(), ExportError> {
        let mut reader = png::Decoder::new(Cursor::new(png)).read_info()?;
        let mut pixels = vec![0; reader.output_buffer_size().unwrap_or_default()];
        let info = reader.next_frame(&mut pixels)?;
        for row in pixels.chunks(info.line_size.max(1)).step_by(PIXEL_STRIDE) {
            for pixel in row.chunks_exact(3).step_by(PIXEL_STRIDE) {
                let channels = self.channels.iter_mut().zip(pixel);
                channels.for_each(|(seen, &c)| seen.add(f64::from(c) / 255.0));
            }
        }
        Ok(())
    }

    pub(super) fn json(&self) -> Value {
        let frames = self.frames;
        let told = |seen: &[Seen], of: fn(&Seen) -> f64| seen.iter().map(of).collect::<Vec<f64>>();
        let mut all = Map::new();
        for (name, seen) in &self.numbers {
            let stats = json!({
                "min": told(seen, |s| s.min),
                "max": told(seen, |s| s.max),
                "mean": told(seen, Seen::mean),
                "std": told(seen, Seen::deviation),
                "count": [frames],
            });
            all.insert((*name).to_owned(), stats);
        }
        // A channel's number stands alone in a row and a column.
        let channels = |of: fn(&Seen) -> f64| self.channels.each_ref().map(|seen| [[of(seen)]]);
        all.insert(
            "observation.images.screen".to_owned(),
            json!({
                "min": channels(|s| s.min),
                "max": channels(|s| s.max),
                "mean": channels(Seen::mean),
                "std": channels(Seen::deviation),
                "count": [frames],
            }),
        );
        Value::Object(all)
    }
}
