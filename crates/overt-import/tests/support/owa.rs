//! Writes OWAMcap files as `overt export` does: pictures as PNG beside them.

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::Path;

use mcap::records::MessageHeader;
use mcap::{Compression, WriteOptions};
use serde_json::{Value, json};

/// A PNG of one colour.
pub(crate) fn png(width: u32, height: u32, rgb: [u8; 3]) -> Vec<u8> {
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().expect("a header");
    let pixels: Vec<u8> = rgb.repeat(width as usize * height as usize);
    writer.write_image_data(&pixels).expect("its pixels");
    writer.finish().expect("its end");
    png
}

/// One that shows a screen of 64 by 48.
pub(crate) fn shot(uri: &str) -> Value {
    json!({"source_shape": [64, 48], "shape": [64, 48], "media_ref": {"uri": uri}})
}

pub(crate) fn click(x: i32, pressed: bool) -> Value {
    json!({"event_type": "click", "x": x, "y": 20, "button": "left", "pressed": pressed})
}

/// Messages of these topics, at milliseconds since 1970.
pub(crate) fn file(messages: &[(&str, u64, Value)]) -> Vec<u8> {
    let options =
        WriteOptions::new().profile("owa").compression(Some(Compression::Zstd)).compression_threads(0);
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = options.create(&mut bytes).expect("a file");
    let names = [
        ("window", "desktop/WindowInfo"),
        ("screen", "desktop/ScreenCaptured"),
        ("mouse", "desktop/MouseEvent"),
        ("keyboard", "desktop/KeyboardEvent"),
    ];
    let mut channels = BTreeMap::new();
    for (topic, name) in names {
        let schema = writer.add_schema(name, "jsonschema", b"{}").expect("a schema");
        channels
            .insert(topic, writer.add_channel(schema, topic, "json", &BTreeMap::new()).expect("a channel"));
    }
    for (sequence, (topic, millis, message)) in (0..).zip(messages) {
        let (channel_id, at) = (channels[topic], millis * 1_000_000);
        let header = MessageHeader { channel_id, sequence, log_time: at, publish_time: at };
        writer.write_to_known_channel(&header, message.to_string().as_bytes()).expect("a message");
    }
    writer.finish().expect("its end");
    drop(writer);
    bytes.into_inner()
}

/// Two clicks in a window, each with a picture of another colour before it.
pub(crate) fn session(first: &str, second: &str) -> Vec<(&'static str, u64, Value)> {
    let start = 1_700_000_000_000;
    let window = json!({"title": "Orders", "rect": [2, 3, 60, 40], "hWnd": 7});
    vec![
        ("window", start, window),
        ("screen", start, shot(first)),
        ("mouse", start + 500, click(10, true)),
        ("mouse", start + 550, click(10, false)),
        ("screen", start + 2_000, shot(second)),
        ("mouse", start + 2_500, click(30, true)),
        ("mouse", start + 2_550, click(30, false)),
    ]
}

/// Its pictures in a folder beside it.
pub(crate) fn with_pictures(folder: &Path) -> std::path::PathBuf {
    fs::create_dir_all(folder.join("images")).expect("a folder");
    fs::write(folder.join("images/0.png"), png(64, 48, [200, 10, 10])).expect("a picture");
    fs::write(folder.join("images/1.png"), png(64, 48, [10, 200, 10])).expect("a picture");
    let path = folder.join("session.mcap");
    fs::write(&path, file(&session("images/0.png", "images/1.png"))).expect("a file");
    path
}
