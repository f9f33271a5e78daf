//! Coordinates through the formats that hold them as numbers of their own, and back.

use overt_dataset::{ElementCell, NodeCell, StepRow};
use overt_event::{Button, Point, Rect};
use proptest::prelude::*;
use serde_json::Value;

use super::grounding::{self, targets};
use super::lerobot_tables::action;
use super::ms_swift;
use super::owa_events::{Input, events};
use crate::deed::Deed;

/// A picture's size and places in it.
fn picture(places: usize) -> impl Strategy<Value = (i32, i32, Vec<Point>)> {
    (16..8_000i32, 16..5_000i32).prop_flat_map(move |(w, h)| {
        let point = (0..w, 0..h).prop_map(|(x, y)| Point { x, y });
        (Just(w), Just(h), prop::collection::vec(point, places))
    })
}

/// A row of that size, in a tenth of a second.
fn row(width: i32, height: i32) -> StepRow {
    let mut row = StepRow::default();
    (row.width, row.height, row.t_end_millis) = (width, height, 100);
    row.image_before = Some(Vec::new());
    row
}

/// Everything that has a place: a click, a drag through all points, a scroll and a hover.
fn deeds(points: &[Point]) -> [Deed; 4] {
    let (at, button, modifiers) = (points[0], Button::Left, Vec::new());
    [
        Deed::Click { at, button, count: 1, modifiers: modifiers.clone() },
        Deed::Drag { path: points.to_vec(), button, modifiers: modifiers.clone() },
        Deed::Scroll { at, right: 1.0, down: -2.0, modifiers },
        Deed::Hover { at },
    ]
}

/// The places of mouse events, each once where several follow one another at one place.
fn places(inputs: impl IntoIterator<Item = Input>) -> Vec<Point> {
    let place = |input: Input| {
        let Input::Mouse(event) = input else { return None };
        let told = serde_json::to_value(event).expect("JSON");
        let side = |name: &str| i32::try_from(told[name].as_i64().expect("a number")).expect("a pixel");
        Some(Point { x: side("x"), y: side("y") })
    };
    let mut places: Vec<Point> = inputs.into_iter().filter_map(place).collect();
    places.dedup();
    places
}

fn box_of(value: &Value) -> [i32; 4] {
    serde_json::from_value(value.clone()).expect("four numbers")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// LeRobot's shares are of 32 bits: enough for every pixel of a picture.
    #[test]
    fn shares_of_the_picture_come_back_to_their_pixels((width, height, points) in picture(4)) {
        let row = row(width, height);
        for deed in deeds(&points) {
            let numbers = action(&deed, &row);
            let back = |share: f32, of: i32| (f64::from(share) * f64::from(of)).round() as i32;
            let point = |at: usize| Point { x: back(numbers[at], width), y: back(numbers[at + 1], height) };
            let all = deed.points();
            prop_assert_eq!([point(1), point(3)], [all[0], all[all.len() - 1]]);
        }
    }

    /// OWAMcap holds pixels, and of a drag the whole path.
    #[test]
    fn events_of_a_mouse_tell_the_very_pixels((width, height, points) in picture(4)) {
        let row = row(width, height);
        for deed in deeds(&points) {
            let mut path = deed.points().to_vec();
            path.dedup();
            let told = events(&deed, &row).expect("OWA has words for it");
            prop_assert_eq!(places(told.list.into_iter().map(|event| event.input)), path);
        }
    }

    /// Boxes of both formats are pixels: as places and sizes, and as their corners.
    #[test]
    fn boxes_come_back_as_they_were((width, height, corners) in picture(2)) {
        let ([a, b], mut row) = ([corners[0], corners[1]], row(width, height));
        let (x, y) = (a.x.min(b.x), a.y.min(b.y));
        let bounds = Rect { x, y, w: a.x.abs_diff(b.x) as i32, h: a.y.abs_diff(b.y) as i32 };
        prop_assume!(!bounds.is_empty());
        let node = NodeCell { role: "push button".into(), name: "Open".into(), bounds, ..NodeCell::default() };
        row.elements_before = vec![node];
        let found = targets(&row).alone;
        prop_assert_eq!(found.len(), 1);
        let spotted = serde_json::to_value(grounding::line(found[0].clone(), 0, "linux")).expect("JSON");
        let [x, y, w, h] = box_of(&spotted["bbox"]);
        prop_assert_eq!(Rect { x, y, w, h }, bounds);
        let located = serde_json::to_value(ms_swift::located(&found[0], 0)).expect("JSON");
        let [left, top, right, bottom] = box_of(&located["objects"]["bbox"][0]);
        prop_assert_eq!(Rect { x: left, y: top, w: right - left, h: bottom - top }, bounds);
    }
}

#[test]
fn elements_that_are_left_out_are_counted_by_why() {
    let node = |role: &str, name: &str, x: i32| NodeCell {
        role: role.into(),
        name: name.into(),
        bounds: Rect { x, y: 10, w: 20, h: 20 },
        ..NodeCell::default()
    };
    let mut row = row(200, 100);
    row.elements_before = vec![
        node("push button", "Open", 10),
        node("panel", " ", 10),
        node("push button", "More", 40),
        node("push button", "More", 70),
        node("push button", "Beyond", 190),
    ];
    let unsure = ElementCell { role: "link".into(), name: "Next".into(), ..ElementCell::default() };
    row.element = Some(ElementCell { candidates: 1, completeness: "timed_out".into(), ..unsure.clone() });
    let found = targets(&row);
    assert_eq!(found.alone.iter().map(|t| t.name.as_str()).collect::<Vec<_>>(), ["Open"]);
    let names: Vec<(String, u64)> = found.omitted.iter().map(|(why, n)| (why.name(), *n)).collect();
    let expected = [("not_alone", 2), ("outside_picture", 1), ("unnamed", 1), ("unsure", 1)];
    let sorted = std::collections::BTreeMap::from_iter(names);
    assert_eq!(sorted, expected.map(|(name, n)| (name.to_owned(), n)).into());
    row.element = Some(ElementCell { candidates: 3, completeness: "complete".into(), ..unsure });
    let counted: u64 = targets(&row).omitted.values().sum();
    assert_eq!(counted, 5, "one of three like it is not alone");
}
