//! Looks for planted secrets in everything that was recorded: bytes, records, text put together again,
//! pictures.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use overt_event::{AccessibleChange, Frame, Record, RecordBody};
use overt_unseal::OpenedItem;
use serde_json::Value;

/// So many letters and digits of a secret in a row are a find, separators or not.
const PART_CHARS: usize = 9;

/// Something planted.
#[derive(Clone, Debug)]
pub(crate) struct Secret {
    /// How it was planted; the test's messages say this and never the secret.
    pub(crate) name: &'static str,
    pub(crate) text: String,
}

/// A search for all of them at once.
pub(crate) struct Hunt {
    secrets: Vec<Secret>,
    /// Every encoding of each, with the number of its secret.
    bytes: AhoCorasick,
    of_bytes: Vec<usize>,
    parts: AhoCorasick,
    of_parts: Vec<usize>,
}

impl Hunt {
    pub(crate) fn for_these(secrets: &[Secret]) -> Self {
        let encoded = |(i, s): (usize, &Secret)| encodings(&s.text).into_iter().map(move |e| (i, e));
        let (of_bytes, needles): (Vec<_>, Vec<_>) = secrets.iter().enumerate().flat_map(encoded).unzip();
        let cut = |(i, s): (usize, &Secret)| parts(&s.text).into_iter().map(move |p| (i, p));
        let (of_parts, pieces): (Vec<_>, Vec<_>) = secrets.iter().enumerate().flat_map(cut).unzip();
        Self {
            secrets: secrets.to_vec(),
            bytes: AhoCorasick::new(needles).expect("needles"),
            of_bytes,
            parts: AhoCorasick::new(pieces).expect("pieces"),
            of_parts,
        }
    }

    /// Whole secrets, in whatever encoding.
    pub(crate) fn in_bytes(&self, bytes: &[u8]) -> BTreeSet<&'static str> {
        let found = self.bytes.find_overlapping_iter(bytes);
        found.map(|m| self.secrets[self.of_bytes[m.pattern().as_usize()]].name).collect()
    }

    /// Parts of secrets, whatever stands between their letters and digits.
    pub(crate) fn in_text(&self, text: &str) -> BTreeSet<&'static str> {
        let found = self.parts.find_overlapping_iter(&plain(text)).collect::<Vec<_>>();
        found.iter().map(|m| self.secrets[self.of_parts[m.pattern().as_usize()]].name).collect()
    }

    /// In every file below the folder, as it lies there.
    pub(crate) fn in_files(&self, folder: &Path) -> BTreeSet<&'static str> {
        let read = |path: &PathBuf| std::fs::read(path).expect("every file reads");
        files_below(folder).iter().flat_map(|path| self.in_bytes(&read(path))).collect()
    }

    /// In every record by itself, and in what can be put together from all of them.
    pub(crate) fn in_records(&self, items: &[OpenedItem]) -> BTreeSet<&'static str> {
        let mut found = BTreeSet::new();
        for item in items {
            let record = serde_json::to_value(&item.stored.record).expect("records serialise");
            let words = words(&record);
            found.extend(self.in_bytes(words.as_bytes()));
            found.extend(self.in_text(&words));
        }
        let records = || items.iter().map(|item| &*item.stored.record);
        for told in [typed, inserted, named] {
            found.extend(self.in_text(&records().filter_map(told).collect::<String>()));
        }
        found
    }
}

/// What a recorder or its user might write it as.
fn encodings(text: &str) -> Vec<Vec<u8>> {
    let utf16: Vec<u16> = text.encode_utf16().collect();
    let backwards: String = text.chars().rev().collect();
    let hex = |upper: bool| -> String {
        text.bytes().map(|b| if upper { format!("{b:02X}") } else { format!("{b:02x}") }).collect()
    };
    let mut all = vec![
        text.as_bytes().to_vec(),
        utf16.iter().flat_map(|u| u.to_le_bytes()).collect(),
        utf16.iter().flat_map(|u| u.to_be_bytes()).collect(),
        backwards.into_bytes(),
        hex(false).into_bytes(),
        hex(true).into_bytes(),
        text.bytes().map(|b| format!("%{b:02X}")).collect::<String>().into_bytes(),
    ];
    all.extend((0..3).map(|at| base64_inside(text, at)));
    all
}

/// What is the same in every base64 text that has it so many bytes after a multiple of three.
fn base64_inside(text: &str, at: usize) -> Vec<u8> {
    let padded = [&vec![0; at][..], text.as_bytes()].concat();
    let whole = STANDARD.encode(padded).into_bytes();
    let (from, to) = ((at * 8).div_ceil(6), (at + text.len()) * 8 / 6);
    whole[from..to].to_vec()
}

/// Letters and digits alone, small.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn parts(text: &str) -> Vec<String> {
    let plain: Vec<char> = plain(text).chars().collect();
    let len = PART_CHARS.min(plain.len());
    plain.windows(len).map(|part| part.iter().collect()).collect()
}

/// All strings in it, each on a line. A number is a time, a place or a count, and holds any six digits by chance.
fn words(value: &Value) -> String {
    match value {
        Value::String(text) => format!("{text}\n"),
        Value::Array(values) => values.iter().map(words).collect(),
        Value::Object(values) => {
            values.iter().map(|(key, value)| format!("{key}\n{}", words(value))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => String::new(),
    }
}

/// What was typed, by the keys.
fn typed(record: &Record) -> Option<&str> {
    match &record.body {
        RecordBody::Text { text } => Some(text),
        RecordBody::Key(key) if key.down && key.name.chars().count() == 1 => Some(&key.name),
        _ => None,
    }
}

/// What the application tells that appeared.
fn inserted(record: &Record) -> Option<&str> {
    match &record.body {
        RecordBody::Accessible(event) => match &event.change {
            AccessibleChange::TextInserted { text } => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// The names of what was looked up and of what changed, which may grow by a character each time.
fn named(record: &Record) -> Option<&str> {
    match &record.body {
        RecordBody::Element(lookup) => lookup.element.as_ref().map(|e| e.node.name.as_str()),
        RecordBody::Accessible(event) => Some(&event.node.name),
        _ => None,
    }
}

pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the folder lists") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found
}

/// A picture read back with Tesseract.
pub(crate) fn read_text(frame: &Frame) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("frame.ppm");
    let mut ppm = format!("P6\n{} {}\n255\n", frame.width, frame.height).into_bytes();
    ppm.extend(frame.to_rgb());
    std::fs::write(&file, ppm).expect("it is written");
    let output = Command::new("tesseract").arg(&file).arg("-").output().expect("tesseract runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What Tesseract reads where a picture differs from the one before.
pub(crate) fn read_pictures(items: &[OpenedItem]) -> String {
    let mut news = Vec::new();
    let mut before: Option<Vec<u8>> = None;
    for frame in items.iter().filter_map(|i| i.stored.pixels.as_deref()) {
        let rgb = frame.to_rgb();
        news.extend(changed_band(frame, before.as_deref(), &rgb));
        before = Some(rgb);
    }
    let read = |frames: &[Frame]| frames.iter().map(read_text).collect::<Vec<_>>().join("\n\n");
    let (one, other) = news.split_at(news.len() / 2);
    std::thread::scope(|scope| {
        let one = scope.spawn(|| read(one));
        let other = read(other);
        one.join().expect("it is read") + "\n\n" + &other
    })
}

/// The rows that changed, with what stands just above and below them.
fn changed_band(frame: &Frame, before: Option<&[u8]>, rgb: &[u8]) -> Option<Frame> {
    const AROUND: usize = 24;
    let row = frame.width as usize * 3;
    let differs = |y: &usize| {
        before.is_none_or(|b| b.get(y * row..(y + 1) * row) != Some(&rgb[y * row..(y + 1) * row]))
    };
    let height = frame.height as usize;
    let (first, last) = ((0..height).find(differs)?, (0..height).rfind(differs)?);
    let (from, to) = (first.saturating_sub(AROUND), (last + AROUND).min(height));
    let band = Frame::from_rgb(frame.width, (to - from) as u32, &rgb[from * row..to * row]);
    Some(band.expect("the length fits"))
}

#[test]
fn a_secret_is_found_in_every_encoding_and_put_together_again() {
    let (name, text) = ("card", "4111 1111 1111 1111".to_owned());
    let hunt = Hunt::for_these(&[Secret { name, text: text.clone() }]);
    for padding in ["", "a", "ab"] {
        let around = format!("{padding}{text}xyz");
        let base64 = STANDARD.encode(&around);
        let hex: String = around.bytes().map(|b| format!("{b:02x}")).collect();
        let utf16: Vec<u8> = around.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [around.into_bytes(), base64.into_bytes(), hex.into_bytes(), utf16] {
            assert!(hunt.in_bytes(&bytes).contains(name));
        }
    }
    assert!(hunt.in_text("card: 4111-1111 1 and no more").contains(name));
    assert!(hunt.in_text("4111 1111, and no more").is_empty());
    assert!(hunt.in_bytes(b"4111 1111 1111 1112").is_empty());
}
