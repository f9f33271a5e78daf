//! Charts as inline SVG.

use maud::{Markup, html};

const WIDTH: f64 = 420.0;
const ROW: usize = 24;
const LABEL: f64 = 128.0;
const COUNT: f64 = 56.0;

/// A bar for each, with its name and its number.
pub fn bars(about: &str, rows: &[(String, u64)]) -> Markup {
    let most = rows.iter().map(|r| r.1).max().unwrap_or(0).max(1) as f64;
    let height = rows.len() * ROW;
    let room = WIDTH - LABEL - COUNT;
    html! {
        svg viewBox={"0 0 " (WIDTH) " " (height)} role="img" aria-label=(about) {
            @for (i, (name, n)) in rows.iter().enumerate() {
                @let y = i * ROW;
                text x=(LABEL - 10.0) y=(y + 16) text-anchor="end" { (short(name)) }
                rect class="track" x=(LABEL) y=(y + 11) width=(room) height="1" {}
                rect class="bar" x=(LABEL) y=(y + 5) width=(format!("{:.1}", *n as f64 / most * room)) height="13" rx="2" {}
                text class="count" x=(WIDTH) y=(y + 16) text-anchor="end" { (n) }
            }
        }
    }
}

/// A label that fits beside its bar.
fn short(name: &str) -> String {
    const CHARS: usize = 18;
    if name.chars().count() <= CHARS {
        name.to_owned()
    } else {
        name.chars().take(CHARS - 1).chain(['…']).collect()
    }
}

/// One step on the line of an episode.
pub struct Tick {
    pub row: i64,
    /// Where on the line, from 0 to 1.
    pub at: f64,
    /// How long, of the whole line.
    pub len: f64,
    pub kind: String,
}

/// An episode's steps on a line of time; each leads to its picture where it is shown.
pub fn strip(ticks: &[Tick], shown: impl Fn(i64) -> bool) -> Markup {
    const LINE: f64 = 480.0;
    html! {
        svg viewBox="0 0 480 22" role="img" aria-label="steps over time" {
            rect class="track" x="0" y="10.5" width=(LINE) height="1" {}
            @for tick in ticks {
                @let x = format!("{:.1}", tick.at * (LINE - 4.0));
                @let width = format!("{:.1}", (tick.len * (LINE - 4.0)).max(4.0));
                @if shown(tick.row) {
                    a href={"#row-" (tick.row)} { (mark(tick, &x, &width)) }
                } @else {
                    (mark(tick, &x, &width))
                }
            }
        }
    }
}

fn mark(tick: &Tick, x: &str, width: &str) -> Markup {
    html! {
        rect class=(class(&tick.kind)) x=(x) y="3" width=(width) height="16" rx="2" {
            title { "row " (tick.row) ": " (tick.kind.replace('_', " ")) }
        }
    }
}

/// By what it was done.
pub fn class(kind: &str) -> &'static str {
    match kind {
        "click" | "double_click" | "triple_click" | "drag" => "pointer",
        "type" | "key" => "keyboard",
        "scroll" => "scroll",
        _ => "other",
    }
}
