//! The frames of a recording as so many files: what keeping each changed frame by itself would take.

use std::path::Path;

use anyhow::Result;
use overt_event::{Frame, RecordBody};
use overt_format::RecordingDir;
use overt_unseal::{AccessLog, Grant, OwnKeys, SubjectAccess, open};

/// Bytes of all frames of the recording as PNG, at the settings that the crate `png` has by default.
pub(crate) fn png_bytes(recording: &Path, keys: &Path) -> Result<u64> {
    let mut own = OwnKeys::new();
    own.add_file(&keys.join("contributor.key"))?;
    let mut log = AccessLog::open(&keys.join("openings.jsonl"))?;
    let grant = Grant::<SubjectAccess>::new("the bench", "to count the bytes of its own pictures");
    let mut bytes = 0;
    for item in open(&RecordingDir::local(recording)?, &grant, &own, &mut log)? {
        let stored = item?.stored;
        if let (RecordBody::Frame(_), Some(pixels), false) =
            (&stored.record.body, &stored.pixels, stored.record.repeated)
        {
            bytes += png_len(pixels)?;
        }
    }
    Ok(bytes)
}

fn png_len(frame: &Frame) -> Result<u64> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, frame.width, frame.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(&frame.to_rgb())?;
    Ok(file.len() as u64)
}
