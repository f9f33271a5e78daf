//! Measures how fast events are judged and pictures filled: `cargo run --example pace -p overt-minimise`.

#[path = "../tests/support/mod.rs"]
mod support;

use std::time::Instant;

use overt_event::{MonoNanos, Point, RawBody};
use support::{App, Stage, other};

const EVENTS: u64 = 200_000;
const KEYS: u64 = 20_000;
const FRAMES: u64 = 300;

fn report(what: &str, count: u64, began: Instant) {
    let nanos = began.elapsed().as_nanos() / u128::from(count);
    println!("{what}: {nanos} ns each");
}

fn main() {
    let mut stage = Stage::open(App::Editor);
    let began = Instant::now();
    for i in 0..EVENTS {
        let at = Point { x: (i % 830) as i32, y: (i % 230) as i32 };
        stage.at(1_000 + i, RawBody::PointerMove { at });
        if i % 100 == 0 {
            stage.drain(1_000 + i);
        }
    }
    report("pointer events, drained every 100", EVENTS, began);

    let (mut stage, began) = (Stage::open(App::Editor), Instant::now());
    for i in 0..KEYS {
        let now = 1_000 + i * 50;
        stage.types(now, 'k');
        stage.focus(now, now + 2, App::Editor.pid(), other());
        stage.drain(now + 3);
    }
    report("keys (down, up, answer, drain), 20 a second", KEYS, began);

    let (mut stage, began) = (Stage::open(App::Editor), Instant::now());
    for i in 0..FRAMES {
        stage.frame(1_000 + i * 100);
        stage.minimiser.drain(MonoNanos::from_millis(1_000 + i * 100));
    }
    report("pictures of 830 x 230, nothing changed", FRAMES, began);
}
