//! Every deed in every space: said, or left out for a named reason.

use std::ops::Range;

use overt_event::{Button, Point};
use overt_export::{Deed, Grid, Loss, Rendering, Scale, Space};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

const WIDTH: u32 = 1920;
const HEIGHT: u32 = 1080;
const AT: Point = Point { x: 960, y: 270 };
const THERE: Point = Point { x: 480, y: 810 };

fn strings(all: &[&str]) -> Vec<String> {
    all.iter().map(|s| (*s).to_owned()).collect()
}

fn click(button: Button, count: u32, modifiers: &[&str]) -> Deed {
    Deed::Click { at: AT, button, count, modifiers: strings(modifiers) }
}

fn drag(button: Button) -> Deed {
    Deed::Drag { path: vec![AT, Point { x: 500, y: 500 }, THERE], button, modifiers: Vec::new() }
}

fn scroll(right: f64, down: f64) -> Deed {
    Deed::Scroll { at: AT, right, down, modifiers: Vec::new() }
}

fn key(keys: &[&str], count: u32) -> Deed {
    Deed::Key { keys: strings(keys), count }
}

fn check(space: Space, deed: &Deed, calls: &[&str], losses: &[Loss]) {
    let said = space.render(deed, WIDTH, HEIGHT).expect("the space has words for it");
    assert_eq!((said.calls, said.losses), (strings(calls), losses.to_vec()), "{}", space.name());
}

fn check_left_out(space: Space, deed: &Deed, loss: Loss) {
    assert_eq!(space.render(deed, WIDTH, HEIGHT), Err(loss), "{}", space.name());
}

#[test]
fn openai_says_actions() {
    let check = |deed: &Deed, calls: &[&str], losses: &[Loss]| check(Space::Openai, deed, calls, losses);
    check(&click(Button::Left, 1, &[]), &[r#"{"type": "click", "button": "left", "x": 960, "y": 270}"#], &[]);
    let with_keys = r#"{"type": "click", "button": "right", "x": 960, "y": 270, "keys": ["CTRL"]}"#;
    check(&click(Button::Right, 1, &["ctrl"]), &[with_keys], &[]);
    for (button, word) in [(Button::Middle, "wheel"), (Button::Back, "back"), (Button::Forward, "forward")] {
        let call = format!(r#"{{"type": "click", "button": "{word}", "x": 960, "y": 270}}"#);
        check(&click(button, 1, &[]), &[&call], &[]);
    }
    check(&click(Button::Left, 2, &[]), &[r#"{"type": "double_click", "x": 960, "y": 270}"#], &[]);
    let one = r#"{"type": "click", "button": "left", "x": 960, "y": 270}"#;
    check(&click(Button::Left, 3, &[]), &[one; 3], &[Loss::MultiClickRepeated]);
    let path =
        r#"{"type": "drag", "path": [{"x": 960, "y": 270}, {"x": 500, "y": 500}, {"x": 480, "y": 810}]}"#;
    check(&drag(Button::Left), &[path], &[]);
    let down = r#"{"type": "scroll", "x": 960, "y": 270, "scroll_x": 0, "scroll_y": 300}"#;
    check(&scroll(0.0, 3.0), &[down], &[Loss::ScrollPixelsAssumed]);
    check(&key(&["ctrl", "s"], 2), &[r#"{"type": "keypress", "keys": ["CTRL", "S"]}"#; 2], &[]);
    check(&Deed::Hover { at: AT }, &[r#"{"type": "move", "x": 960, "y": 270}"#], &[]);
    check(&Deed::Wait { millis: 1_300 }, &[r#"{"type": "wait"}"#], &[Loss::WaitTime]);
    check(&Deed::Finish { succeeded: Some(true) }, &[r#"{"type": "message", "content": "Done."}"#], &[]);
    check_left_out(Space::Openai, &drag(Button::Right), Loss::DragButton);
    check_left_out(Space::Openai, &click(Button::Other(9), 1, &[]), Loss::ExtraButton);
}

#[test]
fn anthropic_says_inputs() {
    let check = |deed: &Deed, calls: &[&str], losses: &[Loss]| check(Space::Anthropic, deed, calls, losses);
    let held = r#"{"action": "left_click", "coordinate": [960, 270], "text": "ctrl+shift"}"#;
    check(&click(Button::Left, 1, &["ctrl", "shift"]), &[held], &[]);
    check(&click(Button::Left, 3, &[]), &[r#"{"action": "triple_click", "coordinate": [960, 270]}"#], &[]);
    check(&click(Button::Left, 2, &[]), &[r#"{"action": "double_click", "coordinate": [960, 270]}"#], &[]);
    check(&click(Button::Right, 1, &[]), &[r#"{"action": "right_click", "coordinate": [960, 270]}"#], &[]);
    check(&click(Button::Middle, 1, &[]), &[r#"{"action": "middle_click", "coordinate": [960, 270]}"#], &[]);
    check(&Deed::Hover { at: AT }, &[r#"{"action": "mouse_move", "coordinate": [960, 270]}"#], &[]);
    let ends = r#"{"action": "left_click_drag", "start_coordinate": [960, 270], "coordinate": [480, 810]}"#;
    check(&drag(Button::Left), &[ends], &[Loss::DragPath]);
    let up =
        r#"{"action": "scroll", "coordinate": [960, 270], "scroll_direction": "up", "scroll_amount": 2}"#;
    let right =
        r#"{"action": "scroll", "coordinate": [960, 270], "scroll_direction": "right", "scroll_amount": 1}"#;
    check(&scroll(1.0, -1.75), &[up, right], &[Loss::ScrollRounded]);
    check(&key(&["ctrl", "Next"], 1), &[r#"{"action": "key", "text": "ctrl+Page_Down"}"#], &[]);
    check(&key(&["Down"], 4), &[r#"{"action": "key", "text": "Down", "repeat": 4}"#], &[]);
    check(&Deed::Wait { millis: 1_300 }, &[r#"{"action": "wait", "duration": 1.3}"#], &[]);
    check(&Deed::Finish { succeeded: Some(true) }, &[r#"{"type": "text", "text": "Done."}"#], &[]);
    check_left_out(Space::Anthropic, &click(Button::Forward, 1, &[]), Loss::ExtraButton);
    check_left_out(Space::Anthropic, &scroll(0.2, 0.0), Loss::ScrollTooSmall);
}

#[test]
fn qwen_says_tool_calls() {
    let call = |arguments: &str| {
        format!("<tool_call>\n{{\"name\": \"computer_use\", \"arguments\": {arguments}}}\n</tool_call>")
    };
    let check = |space, deed: &Deed, arguments: &[&str], losses: &[Loss]| {
        let calls: Vec<String> = arguments.iter().map(|a| call(a)).collect();
        check(space, deed, &calls.iter().map(String::as_str).collect::<Vec<_>>(), losses);
    };
    // 1920 x 1080 becomes 1932 x 1092.
    let resized = r#"{"action": "left_click", "coordinate": [966, 273]}"#;
    check(Space::Qwen25Vl, &click(Button::Left, 1, &[]), &[resized], &[]);
    let thousandth = r#"{"action": "left_click", "coordinate": [500, 250]}"#;
    check(Space::Qwen3Vl, &click(Button::Left, 1, &[]), &[thousandth], &[]);
    check(Space::Qwen25Vl, &click(Button::Left, 3, &[]), &[resized; 3], &[Loss::MultiClickRepeated]);
    let triple = r#"{"action": "triple_click", "coordinate": [500, 250]}"#;
    check(Space::Qwen3Vl, &click(Button::Left, 3, &[]), &[triple], &[]);
    let right = r#"{"action": "right_click", "coordinate": [500, 250]}"#;
    check(Space::Qwen3Vl, &click(Button::Right, 1, &[]), &[right], &[]);
    let middle = r#"{"action": "middle_click", "coordinate": [500, 250]}"#;
    check(Space::Qwen3Vl, &click(Button::Middle, 1, &[]), &[middle], &[]);
    let double = r#"{"action": "double_click", "coordinate": [966, 273]}"#;
    check(Space::Qwen25Vl, &click(Button::Left, 2, &[]), &[double], &[]);
    let wait = r#"{"action": "wait", "time": 1.3}"#;
    check(Space::Qwen25Vl, &Deed::Wait { millis: 1_300 }, &[wait], &[]);
    let (go, drag_to) = (
        r#"{"action": "mouse_move", "coordinate": [500, 250]}"#,
        r#"{"action": "left_click_drag", "coordinate": [250, 750]}"#,
    );
    check(Space::Qwen3Vl, &drag(Button::Left), &[go, drag_to], &[Loss::DragPath]);
    let (down, right) =
        (r#"{"action": "scroll", "pixels": -200}"#, r#"{"action": "hscroll", "pixels": 100}"#);
    check(Space::Qwen3Vl, &scroll(1.0, 2.0), &[go, down, right], &[Loss::ScrollPixelsAssumed]);
    check_left_out(Space::Qwen25Vl, &scroll(1.0, 2.0), Loss::HorizontalScroll);
    check(Space::Qwen3Vl, &key(&["Return"], 1), &[r#"{"action": "key", "keys": ["enter"]}"#], &[]);
    let end = r#"{"action": "terminate", "status": "success"}"#;
    check(Space::Qwen3Vl, &Deed::Finish { succeeded: None }, &[end], &[Loss::OutcomeAssumed]);
    check_left_out(Space::Qwen3Vl, &click(Button::Left, 1, &["ctrl"]), Loss::Modifiers);
}

#[test]
fn ui_tars_says_calls() {
    let at = "<|box_start|>(500,250)<|box_end|>";
    let check = |deed: &Deed, calls: &[&str], losses: &[Loss]| check(Space::UiTars, deed, calls, losses);
    check(&click(Button::Left, 1, &[]), &[&format!("click(start_box='{at}')")], &[]);
    check(&click(Button::Left, 2, &[]), &[&format!("left_double(start_box='{at}')")], &[]);
    check(&click(Button::Right, 1, &[]), &[&format!("right_single(start_box='{at}')")], &[]);
    let there = "<|box_start|>(250,750)<|box_end|>";
    let dragged = format!("drag(start_box='{at}', end_box='{there}')");
    check(&drag(Button::Left), &[&dragged], &[Loss::DragPath]);
    check(&Deed::Hover { at: AT }, &[&format!("hover(start_box='{at}')")], &[]);
    check(&Deed::Wait { millis: 1_300 }, &["wait()"], &[Loss::WaitTime]);
    let down = format!("scroll(start_box='{at}', direction='down')");
    check(&scroll(0.0, 5.0), &[&down], &[Loss::ScrollAmount]);
    check(&Deed::Type { text: "it's\n".into() }, &[r"type(content='it\'s\n')"], &[]);
    check(&key(&["ctrl", "shift", "t"], 1), &["hotkey(key='ctrl shift t')"], &[]);
    check(&Deed::Finish { succeeded: Some(true) }, &["finished()"], &[]);
    check(&Deed::Finish { succeeded: Some(false) }, &["call_user()"], &[]);
    check_left_out(Space::UiTars, &key(&["ctrl", "alt", "shift", "t"], 1), Loss::TooManyKeys);
    check_left_out(Space::UiTars, &click(Button::Middle, 1, &[]), Loss::MiddleButton);
}

#[test]
fn opencua_says_lines_of_pyautogui() {
    let check = |deed: &Deed, calls: &[&str], losses: &[Loss]| check(Space::Opencua, deed, calls, losses);
    check(&click(Button::Left, 1, &[]), &["pyautogui.click(x=0.5, y=0.25)"], &[]);
    let held = ["pyautogui.keyDown('ctrl')", "pyautogui.click(x=0.5, y=0.25)", "pyautogui.keyUp('ctrl')"];
    check(&click(Button::Left, 1, &["ctrl"]), &held, &[]);
    check(&click(Button::Left, 2, &[]), &["pyautogui.doubleClick(x=0.5, y=0.25)"], &[]);
    check(&click(Button::Left, 3, &[]), &["computer.tripleClick(x=0.5, y=0.25)"], &[]);
    check(&click(Button::Right, 1, &[]), &["pyautogui.rightClick(x=0.5, y=0.25)"], &[]);
    check(&click(Button::Middle, 1, &[]), &["pyautogui.middleClick(x=0.5, y=0.25)"], &[]);
    check(&Deed::Hover { at: AT }, &["pyautogui.moveTo(x=0.5, y=0.25)"], &[]);
    let dragged = ["pyautogui.moveTo(x=0.5, y=0.25)", "pyautogui.dragTo(x=0.25, y=0.75, button='right')"];
    check(&drag(Button::Right), &dragged, &[Loss::DragPath]);
    check(&scroll(0.0, 3.0), &["pyautogui.moveTo(x=0.5, y=0.25)", "pyautogui.scroll(-3)"], &[]);
    check(&scroll(2.0, 0.0), &["pyautogui.moveTo(x=0.5, y=0.25)", "pyautogui.hscroll(2)"], &[]);
    check(&Deed::Type { text: "a'b".into() }, &[r"pyautogui.write(message='a\'b')"], &[]);
    check(&key(&["Tab"], 3), &["pyautogui.press('tab', presses=3)"], &[]);
    check(&key(&["ctrl", "c"], 1), &["pyautogui.hotkey('ctrl', 'c')"], &[]);
    check(&Deed::Finish { succeeded: Some(true) }, &["computer.terminate(status='success')"], &[]);
    check_left_out(Space::Opencua, &Deed::Wait { millis: 1 }, Loss::NoWait);
    check_left_out(Space::Opencua, &key(&["\u{e4}"], 1), Loss::KeyUnnamed);
}

#[test]
fn osworld_says_actions_with_parameters() {
    let check = |deed: &Deed, calls: &[&str], losses: &[Loss]| check(Space::Osworld, deed, calls, losses);
    let one = r#"{"action_type": "CLICK", "parameters": {"button": "left", "x": 960, "y": 270}}"#;
    let held = [
        r#"{"action_type": "KEY_DOWN", "parameters": {"key": "ctrl"}}"#,
        one,
        r#"{"action_type": "KEY_UP", "parameters": {"key": "ctrl"}}"#,
    ];
    check(&click(Button::Left, 1, &["ctrl"]), &held, &[]);
    let double = r#"{"action_type": "DOUBLE_CLICK", "parameters": {"x": 960, "y": 270}}"#;
    check(&click(Button::Left, 2, &[]), &[double], &[]);
    // A double click there is of the left button.
    let right =
        r#"{"action_type": "CLICK", "parameters": {"button": "right", "x": 960, "y": 270, "num_clicks": 2}}"#;
    check(&click(Button::Right, 2, &[]), &[right], &[]);
    let triple =
        r#"{"action_type": "CLICK", "parameters": {"button": "left", "x": 960, "y": 270, "num_clicks": 3}}"#;
    check(&click(Button::Left, 3, &[]), &[triple], &[]);
    let straight = Deed::Drag { path: vec![AT, THERE], button: Button::Left, modifiers: Vec::new() };
    let go = r#"{"action_type": "MOVE_TO", "parameters": {"x": 960, "y": 270}}"#;
    check(&Deed::Hover { at: AT }, &[go], &[]);
    check(&straight, &[go, r#"{"action_type": "DRAG_TO", "parameters": {"x": 480, "y": 810}}"#], &[]);
    let right = [
        go,
        r#"{"action_type": "MOUSE_DOWN", "parameters": {"button": "right"}}"#,
        r#"{"action_type": "MOVE_TO", "parameters": {"x": 500, "y": 500}}"#,
        r#"{"action_type": "MOVE_TO", "parameters": {"x": 480, "y": 810}}"#,
        r#"{"action_type": "MOUSE_UP", "parameters": {"button": "right"}}"#,
    ];
    check(&drag(Button::Right), &right, &[]);
    check(&scroll(0.0, 2.0), &[go, r#"{"action_type": "SCROLL", "parameters": {"dx": 0, "dy": -2}}"#], &[]);
    check(&key(&["F5"], 1), &[r#"{"action_type": "PRESS", "parameters": {"key": "f5"}}"#], &[]);
    let chord = r#"{"action_type": "HOTKEY", "parameters": {"keys": ["ctrl", "c"]}}"#;
    check(&key(&["ctrl", "c"], 1), &[chord], &[]);
    let wait = r#"{"action_type": "WAIT", "parameters": {}}"#;
    check(&Deed::Wait { millis: 1_300 }, &[wait], &[Loss::WaitTime]);
    check(&Deed::Finish { succeeded: Some(true) }, &[r#"{"action_type": "DONE", "parameters": {}}"#], &[]);
    check(&Deed::Finish { succeeded: Some(false) }, &[r#"{"action_type": "FAIL", "parameters": {}}"#], &[]);
}

/// 1920 x 1080 becomes 1932 x 1092 for both; 200 x 120 becomes 364 x 224 for the first, 196 x 112 for the second.
#[test]
fn models_on_qwen_tell_pixels_of_their_own_resizing() {
    let check = |space: Space, (width, height), at, call: &str| {
        let deed = Deed::Click { at, button: Button::Left, count: 1, modifiers: Vec::new() };
        let said = space.render(&deed, width, height).expect("the space has words for it");
        assert_eq!(said.calls, [call], "{}", space.name());
    };
    let small = Point { x: 100, y: 30 };
    let place = |x, y| format!("click(start_box='<|box_start|>({x},{y})<|box_end|>')");
    check(Space::UiTars15, (WIDTH, HEIGHT), AT, &place(966, 273));
    check(Space::UiTars15, (200, 120), small, &place(182, 56));
    check(Space::OpencuaQwen25, (WIDTH, HEIGHT), AT, "pyautogui.click(x=966, y=273)");
    check(Space::OpencuaQwen25, (200, 120), small, "pyautogui.click(x=98, y=28)");
}

#[test]
fn a_picture_that_a_model_refuses_is_a_loss() {
    assert_eq!(Space::Qwen25Vl.render(&Deed::Hover { at: AT }, 40_201, 200), Err(Loss::PictureTooNarrow));
}

fn any_button() -> impl Strategy<Value = Button> {
    use Button::{Back, Forward, Left, Middle, Other, Right};
    prop::sample::select(vec![Left, Middle, Right, Back, Forward, Other(9)])
}

fn any_modifiers() -> impl Strategy<Value = Vec<String>> {
    prop::sample::subsequence(strings(&["ctrl", "alt", "shift", "super"]), 0..=4)
}

fn any_point(width: u32, height: u32) -> impl Strategy<Value = Point> {
    (0..width as i32, 0..height as i32).prop_map(|(x, y)| Point { x, y })
}

fn any_deed() -> impl Strategy<Value = Deed> {
    let at = || any_point(WIDTH, HEIGHT);
    let keys = prop::collection::vec(
        prop::sample::select(strings(&["ctrl", "shift", "a", "Return", "F5", "KP_Add", "", "\u{e4}"])),
        0..5,
    );
    prop_oneof![
        (at(), any_button(), 1..4u32, any_modifiers())
            .prop_map(|(at, button, count, modifiers)| Deed::Click { at, button, count, modifiers }),
        (prop::collection::vec(at(), 2..5), any_button(), any_modifiers())
            .prop_map(|(path, button, modifiers)| Deed::Drag { path, button, modifiers }),
        (at(), -9.0..9.0f64, -9.0..9.0f64, any_modifiers())
            .prop_map(|(at, right, down, modifiers)| Deed::Scroll { at, right, down, modifiers }),
        any::<String>().prop_map(|text| Deed::Type { text }),
        (keys, 1..4u32).prop_map(|(keys, count)| Deed::Key { keys, count }),
        at().prop_map(|at| Deed::Hover { at }),
        (0..100_000u64).prop_map(|millis| Deed::Wait { millis }),
        any::<Option<bool>>().prop_map(|succeeded| Deed::Finish { succeeded }),
    ]
}

/// All numbers in a text, in order.
fn numbers(text: &str) -> Vec<f64> {
    let is_part = |c: char| c.is_ascii_digit() || c == '.' || c == '-';
    text.split(|c: char| !is_part(c)).filter_map(|word| word.parse().ok()).collect()
}

/// The places in calls, in order: two numbers each.
fn places(said: &Rendering, grid: &Grid) -> Vec<Point> {
    let numbers: Vec<f64> = said.calls.iter().flat_map(|call| numbers(call)).collect();
    numbers.chunks_exact(2).map(|xy| grid.point(xy[0], xy[1])).collect()
}

/// Every place of a deed comes back from its calls to where it was, within the rounding of the space; of a drag those
/// that the space tells: all, or its two ends where it says that it lost the others.
fn comes_back(deed: &Deed, width: u32, height: u32) -> Result<(), TestCaseError> {
    for space in Space::ALL {
        let Ok(said) = space.render(deed, width, height) else { continue };
        let grid = Grid::new(space.scale(), width, height).expect("it was said");
        let all = deed.points();
        let told = if said.losses.contains(&Loss::DragPath) {
            vec![all[0], all[all.len() - 1]]
        } else {
            all.to_vec()
        };
        let found = places(&said, &grid);
        prop_assert!(found.len() >= told.len(), "{}: {:?}", space.name(), said.calls);
        let (across, down) = grid.error_max();
        for (back, at) in found.iter().zip(&told) {
            let apart = |a: i32, b: i32| f64::from(a.abs_diff(b));
            let near = apart(back.x, at.x) <= across.ceil() && apart(back.y, at.y) <= down.ceil();
            prop_assert!(near, "{}: {at:?} came back as {back:?}", space.name());
            prop_assert!(space.scale() != Scale::Pixels || back == at, "{}: pixels are exact", space.name());
        }
    }
    Ok(())
}

/// A picture and so many places in it.
fn any_picture_with(places: Range<usize>) -> impl Strategy<Value = (u32, u32, Vec<Point>)> {
    (16..4000u32, 16..3000u32).prop_flat_map(move |(w, h)| {
        (Just(w), Just(h), prop::collection::vec(any_point(w, h), places.clone()))
    })
}

/// The text of a call of `type`, read as its users read it.
fn typed(call: &str) -> String {
    if call.starts_with(['{', '<']) {
        let at = call.find('{').expect("an object begins");
        let end = call.rfind('}').expect("an object ends");
        let json: serde_json::Value = serde_json::from_str(&call[at..=end]).expect("JSON");
        let of = |v: &serde_json::Value| v["text"].as_str().map(str::to_owned);
        return of(&json).or(of(&json["arguments"])).or(of(&json["parameters"])).expect("a text");
    }
    let literal = &call[call.find('\'').expect("a quote") + 1..call.rfind('\'').expect("a quote")];
    unescaped(literal)
}

fn unescaped(literal: &str) -> String {
    let (mut out, mut chars) = (String::new(), literal.chars());
    while let Some(c) = chars.next() {
        let c = match (c, c == '\\') {
            (c, false) => c,
            (_, true) => match chars.next().expect("an escape goes on") {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => {
                    let hex: String = chars.by_ref().take(4).collect();
                    char::from_u32(u32::from_str_radix(&hex, 16).expect("hex")).expect("a character")
                }
                other => other,
            },
        };
        out.push(c);
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_deed_is_said_or_left_out_for_a_reason(deed in any_deed()) {
        for space in Space::ALL {
            match space.render(&deed, WIDTH, HEIGHT) {
                Ok(said) => {
                    prop_assert!(!said.calls.is_empty());
                    prop_assert!(said.losses.iter().all(|loss| !loss.leaves_out()), "{:?}", said.losses);
                }
                Err(loss) => prop_assert!(loss.leaves_out(), "{loss:?}"),
            }
        }
    }

    #[test]
    fn a_click_comes_back_to_its_pixel((width, height, at) in any_picture_with(1..2)) {
        let deed = Deed::Click { at: at[0], button: Button::Left, count: 1, modifiers: Vec::new() };
        comes_back(&deed, width, height)?;
    }

    #[test]
    fn a_resting_pointer_comes_back_to_its_pixel((width, height, at) in any_picture_with(1..2)) {
        comes_back(&Deed::Hover { at: at[0] }, width, height)?;
    }

    #[test]
    fn a_scroll_comes_back_to_its_pixel(
        (width, height, at) in any_picture_with(1..2),
        right in -3..4i32,
        down in 1..4i32,
    ) {
        let (right, down) = (f64::from(right), f64::from(down));
        comes_back(&Deed::Scroll { at: at[0], right, down, modifiers: Vec::new() }, width, height)?;
    }

    #[test]
    fn a_drag_comes_back_to_its_pixels(
        (width, height, path) in any_picture_with(2..6),
        button in prop::sample::select(vec![Button::Left, Button::Right]),
    ) {
        comes_back(&Deed::Drag { path, button, modifiers: Vec::new() }, width, height)?;
    }

    #[test]
    fn typed_text_comes_back_whole(text in "\\PC{1,20}|[\\x00-\\x7f]{1,20}") {
        for space in Space::ALL {
            let said = space.render(&Deed::Type { text: text.clone() }, WIDTH, HEIGHT).expect("all type");
            prop_assert_eq!(typed(&said.calls[0]), text.as_str(), "{}", space.name());
        }
    }
}
