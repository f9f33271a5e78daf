//! Each row names every segment that a part of it came from, and no others.

use proptest::prelude::*;

use super::{reduce_entries, run, script, tell};
use crate::step::Step;

/// The segments that the steps name, but for the finish.
fn check(ops: &str, expected: &[&[u32]]) {
    let (out, _) = run(ops);
    let steps = tell::steps(&out);
    let got: Vec<&[u32]> = steps[..steps.len() - 1].iter().map(|s| s.segments.as_slice()).collect();
    assert_eq!(got, expected, "{}\n{ops}", tell::all(&out).join("\n"));
}

const MENU: &str = "100 press left 20,10 =p
     140 release left 20,10
     150 segment 1
     150 element p menu File 0,0,40,20
     160 segment 2
     160 window popup 9 popup 0,20,100,200
     300 segment 3";
const ITEM: &str = "300 selected menu-item Save 0,50,100,20 menu File menu-bar -";

#[test]
fn a_choice_comes_from_where_its_item_was_selected() {
    let opened: &[u32] = &[0, 1, 2];
    let press = |at: &str| format!("400 press left {at}\n440 release left {at}");
    let then = |menu: &str, deed: &str, expected: &[u32]| {
        check(&format!("{menu}\n{ITEM}\n350 segment 4\n{deed}"), &[opened, expected]);
    };
    then(MENU, &press("30,60"), &[2, 3, 4]);
    then(MENU, "400 down Return\n440 up Return", &[2, 3, 4]);
    // On another item, of which nothing was told.
    then(MENU, &press("30,150"), &[1, 2, 4]);
    let drawn = MENU.replace("window popup 9 popup", "expanded menu -");
    then(&drawn, &press("30,60"), &[2, 3, 4]);
    then(&drawn, &press("500,60"), &[4]);
    let told_late = "450 segment 4\n460 selected menu-item Save 0,50,100,20";
    check(&format!("{MENU}\n{}\n{told_late}", press("30,60")), &[opened, &[1, 2, 3, 4]]);
}

#[test]
fn a_press_in_a_popups_window_needs_no_other_word_that_it_is_open() {
    check(
        "100 press left 20,10
         140 release left 20,10
         150 segment 1
         150 expanded menu File 0,0,40,20
         160 segment 2
         160 window popup 9 popup 0,20,100,200
         200 segment 3
         300 selected menu-item Save 0,50,100,20 menu File
         350 segment 4
         400 press left 30,60
         440 release left 30,60",
        &[&[0, 1], &[2, 3, 4]],
    );
}

#[test]
fn a_choice_comes_from_where_the_popups_on_its_way_were_named() {
    let choose = "350 segment 4\n400 press left 30,60\n440 release left 30,60";
    check(&format!("{MENU}\n{choose}"), &[&[0, 1, 2], &[1, 2, 4]]);
    let named = "310 popped menu Edit 0,20,100,200";
    check(&format!("{MENU}\n{named}\n{choose}"), &[&[0, 1, 2], &[2, 3, 4]]);
    check(
        "100 press right 300,300
         140 release right 300,300
         150 window popup 9 popup 300,300,200,300
         200 segment 1
         900 move 350,420
         910 segment 2
         920 selected menu Convert 300,410,200,30 menu -
         930 segment 3
         1150 window popup 10 popup 500,410,200,100
         1200 segment 4
         2600 press left 560,425
         2640 release left 560,425",
        &[&[0], &[0, 1, 3], &[2, 3, 4]],
    );
}

#[test]
fn a_name_that_the_elements_before_told_comes_from_them_too() {
    let named = |told: &str, expected: &[u32]| {
        let ops = format!(
            "50 window focused 1 normal 0,0,1000,800
             60 segment 1
             90 snapshot 1 80 5 menu File 0,0,40,20
             95 segment 2
             100 press left 20,10 =p
             110 element p {told}
             140 release left 20,10
             150 segment 3
             160 window popup 9 popup 0,20,100,200
             200 segment 4
             210 window focused 2 normal 0,0,1000,800
             300 segment 5
             400 press left 30,60
             440 release left 30,60"
        );
        check(&ops, &[&[0, 1, 2, 3, 4], expected]);
    };
    named("untold", &[1, 2, 3, 4, 5]);
    named("push-button File 0,0,40,20", &[2, 3, 4, 5]);
}

#[test]
fn a_choice_that_was_known_before_the_look_up_comes_from_what_told_it() {
    check(
        "100 move 20,10
         400 expanded link Deck 0,0,90,20
         500 segment 1
         900 press left 30,60 =o
         910 segment 2
         920 focus link Ropes 0,50,90,20
         930 segment 3
         940 element o push-button Sails 0,50,90,20
         950 segment 4
         960 release left 30,60",
        &[&[0], &[0, 1, 2, 3, 4]],
    );
}

#[test]
fn a_choice_from_what_a_page_drew_comes_from_where_it_unfolded() {
    check(
        "100 press left 20,10
         140 release left 20,10
         150 segment 1
         150 expanded combo-box Colour 0,0,90,20
         160 segment 2
         400 press left 30,60 =o
         440 release left 30,60
         460 segment 3
         460 element o list-item Blue 0,50,90,20",
        &[&[0, 1], &[1, 2, 3]],
    );
    check(
        "100 press left 20,10 =p
         140 release left 20,10
         150 segment 1
         150 element p combo-box Colour 0,0,90,20
         160 segment 2
         160 expanded combo-box - 0,0,90,20
         170 segment 3
         400 press left 30,60 =o
         440 release left 30,60
         460 element o list-item Blue 0,50,90,20",
        &[&[0, 1, 2], &[1, 2, 3]],
    );
    check(
        "100 move 20,10
         200 segment 1
         400 expanded link Deck 0,0,90,20
         500 segment 2
         900 press left 30,60 =o
         940 release left 30,60
         950 element o link Ropes 0,50,90,20",
        &[&[0, 1], &[1, 2]],
    );
    check(
        "100 press left 20,10 =s
         110 element s combo-box Size 0,0,0,0
         140 release left 20,10
         150 segment 1
         900 selected menu-item Large 0,0,0,0 combo-box Size
         910 segment 2
         920 selected menu-item Small 0,0,0,0 combo-box Size",
        &[&[0, 1]],
    );
    // By keys, of a list in a window that nobody opened.
    check(
        "100 window popup 9 popup 0,20,100,200
         200 segment 1
         300 selected list-item Apple 0,50,100,20
         350 segment 2
         400 down Return
         440 up Return",
        &[&[0, 1, 2]],
    );
}

#[test]
fn that_a_popup_opened_comes_from_where_it_is_told() {
    let opens = |input: &str, told: &str, expected: &[u32]| {
        check(&format!("{input}\n150 segment 1\n{told}\n5000 segment 2\n5000 clock"), &[expected]);
    };
    let press = "100 press left 20,10\n140 release left 20,10";
    opens(press, "200 window popup 9 popup 0,20,100,200", &[0, 1]);
    opens(press, "200 expanded combo-box Colour 0,0,90,20", &[0, 1]);
    opens("100 down Menu\n140 up Menu", "200 window popup 9 popup 0,20,100,200", &[0, 1]);
    opens("100 move 20,10", "200 window popup 9 popup 0,20,100,200", &[0, 1]);
    opens("100 move 20,10", "200 selected list-item One 0,0,90,20", &[0, 1]);
    opens(press, "2000 window popup 9 popup 0,20,100,200", &[0]);
    let again = "250 segment 2\n250 expanded combo-box Colour 0,30,90,20";
    opens(press, &format!("200 window popup 9 popup 0,20,100,200\n{again}"), &[0, 1]);
}

#[test]
fn a_hover_comes_from_where_its_effect_and_its_element_are_told() {
    check(
        "100 move 40,40
         200 segment 1
         300 window popup 9 popup 40,50,100,20
         310 segment 2
         350 expanded menu-item More 30,30,90,20",
        &[&[0, 1, 2]],
    );
    check(
        "100 move 60,10
         130 segment 1
         140 expanded link Deck 50,5,40,20
         145 segment 2
         150 move 62,11
         200 segment 3
         900 move 200,200",
        &[&[1, 2]],
    );
    check(
        "50 frame 1 40-45 1
         60 segment 1
         100 move 40,40 =m
         110 segment 2
         150 element m link Help 30,30,40,20
         200 segment 3
         300 frame 2 280-290 1 30,55,200,100:9
         350 segment 4
         400 frame 3 380-390 1 30,55,200,100:8
         450 segment 5
         1000 move 500,500",
        &[&[0, 1, 2, 3, 4]],
    );
}

#[test]
fn text_comes_from_where_an_input_method_committed_it() {
    let inserted =
        |what: &str| format!("100 text nihao\n200 segment 1\n400 inserted entry Name 0,0,9,9 {what}");
    check(&inserted("你好"), &[&[0, 1]]);
    check(&inserted("ao"), &[&[0]]);
}

#[test]
fn a_field_is_named_by_the_segment_that_told_the_focus() {
    let typed = |millis: u64| {
        format!("50 segment 1\n{millis} focus entry Name 0,0,80,20\n60 segment 2\n100 text Ada")
    };
    check(&typed(50), &[&[1, 2]]);
    check("100 text Ada\n110 segment 1\n250 focus entry Name 0,0,80,20", &[&[0, 1]]);
    let ticked = "100 press left 5,5\n140 release left 5,5\n150 segment 1\n160 ticked check-box Post 0,0,9,9";
    check(ticked, &[&[0, 1]]);
}

#[test]
fn a_switch_comes_from_where_both_applications_are_told() {
    check(
        "10 app panel
         11 window opened 3 dock 0,760,1000,40
         20 segment 1
         30 app editor
         31 window focused 1 normal 0,0,500,700
         40 segment 2
         100 press left 40,780
         140 release left 40,780
         150 segment 3
         160 app sheet
         161 window focused 2 normal 500,0,500,700
         170 segment 4
         180 window retitled 2 normal 500,0,500,700",
        &[&[0, 1, 2, 3, 4]],
    );
}

#[test]
fn a_windows_address_has_a_segment_of_its_own() {
    let (window, location) = ("window focused 1 normal 0,0,1000,800 Shop", "location https://a.example/");
    let press = "80 segment 2\n100 press left 30,30\n140 release left 30,30";
    for (first, second) in [(window, location), (location, window)] {
        check(&format!("0 app web\n50 {first}\n60 segment 1\n70 {second}\n{press}"), &[&[0, 1, 2]]);
    }
    check(
        &format!(
            "0 app web\n50 {window}\n60 {location}\n65 segment 1\n70 window retitled 1 normal 0,0,9,9 Cart\n{press}"
        ),
        &[&[0, 1, 2]],
    );
}

#[test]
fn what_the_recorder_says_of_pictures_comes_from_its_binding() {
    let bound = |binding: &str| {
        format!(
            "100 frame 1 90-95 1
             210 press left 10,10 =p
             220 segment 1
             230 {binding}
             240 segment 2
             250 release left 10,10
             260 segment 3
             5000 clock"
        )
    };
    check(&bound("clock"), &[&[0, 2]]);
    for binding in ["before p 1 damage", "nobefore p", "before p 7", "after p 1", "noafter p"] {
        check(&bound(binding), &[&[0, 1, 2]]);
    }
    // A newer picture is the observation, whatever the binding says.
    check(
        "100 frame 1 90-95 1
         200 frame 2 190-195 2
         210 press left 10,10 =p
         220 segment 1
         230 before p 1
         240 segment 2
         250 release left 10,10",
        &[&[0, 2]],
    );
}

#[test]
fn a_path_comes_from_all_its_moves_whatever_button_went_down_last() {
    check(
        "100 press left 10,10
         120 press right 10,10
         130 segment 1
         140 move 90,10
         150 segment 2
         160 release right 90,10
         170 release left 90,90",
        &[&[0, 1, 2], &[0, 1, 2]],
    );
}

#[test]
fn what_a_double_click_met_comes_from_where_its_second_press_was_told() {
    check(
        "100 press left 10,10
         140 release left 10,10
         200 press left 10,10 =q
         205 segment 1
         210 element q link Help 0,0,40,20
         220 segment 2
         240 release left 10,10",
        &[&[0, 1, 2]],
    );
}

#[test]
fn a_wait_comes_from_its_two_pictures_and_the_action_that_waited() {
    check(
        "50 frame 1 40-45 1
         100 press left 10,10
         140 release left 10,10
         150 segment 1
         200 frame 2 190-195 2
         210 segment 2
         3000 frame 3 2990-2995 2 400,400,50,50:9
         3010 segment 3
         4000 app web
         4100 press left 420,420
         4140 release left 420,420",
        &[&[0, 1], &[1, 2, 3], &[2, 3]],
    );
}

#[test]
fn a_tasks_end_is_told_by_a_mark_or_by_the_last_segment() {
    let (out, episodes) = run("50 begin One
         100 press left 10,10
         110 release left 10,10
         200 segment 1
         300 end
         400 segment 2
         500 begin Two
         600 press left 10,10
         610 release left 10,10
         700 segment 3
         800 begin Three
         900 segment 4
         1000 press left 10,10
         1010 release left 10,10
         1100 segment 5
         1200 clock");
    let finishes = tell::steps(&out).into_iter().filter(|s| s.action.kind() == "finish");
    assert_eq!(finishes.map(|s| s.segments.clone()).collect::<Vec<_>>(), [vec![1], vec![5]]);
    let segments: Vec<_> = episodes.iter().map(|e| e.segments.clone()).collect();
    assert_eq!(segments, [vec![0, 1], vec![2, 3], vec![3, 4, 5]]);
}

/// A line of a script; `{N}` is the number of its segment. Every name in it has that number.
fn line() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "move 20,30",
        "move 20,70",
        "press left 20,30",
        "release left 20,30",
        "press right 20,70",
        "release right 20,70",
        "scroll 20,30 0,120",
        "down Return",
        "up Return",
        "down Down",
        "up Down",
        "down c ctrl",
        "up c ctrl",
        "down v ctrl",
        "up v ctrl",
        "text w{N}",
        "begin w{N}",
        "end",
        "clock",
        "window focused 1 normal 0,0,500,500 w{N}",
        "window focused 2 normal 0,0,500,500 w{N}",
        "window retitled 1 normal 0,0,500,500 w{N}",
        "window popup 9 popup 0,0,200,200 w{N}",
        "window popup 10 popup 0,60,200,200 w{N}",
        "window unpopup 9 popup 0,0,200,200",
        "window unpopup 10 popup 0,60,200,200",
        "location https://w{N}/",
        "snapshot 1 {T} 0 menu-item w{N} 0,20,80,20 link w{N} 0,60,80,20",
        "snapshot 9 {T} 0 menu-item w{N} 0,20,80,20",
        "element {E} combo-box w{N} 0,20,80,20",
        "element {E} list-item w{N} 0,60,80,20",
        "element {E} link w{N} 0,20,80,20",
        "element {E} untold",
        "selected menu-item w{N} 0,20,80,20 menu w{N}",
        "selected list-item w{N} 0,60,80,20",
        "selected menu w{N} 0,60,80,20",
        "popped menu w{N} 0,0,200,200",
        "expanded combo-box w{N} 0,20,80,20",
        "expanded link w{N} 0,60,80,20",
        "focus entry w{N} 0,20,80,20",
        "focus push-button w{N} 0,20,80,20",
        "inserted entry w{N} 0,20,80,20 w{N}é",
        "ticked check-box w{N} 0,20,80,20",
    ])
}

/// Each line in a segment of its own.
fn stream() -> impl Strategy<Value = String> {
    let pause = prop_oneof![6 => 0..120u64, 3 => 120..900u64, 1 => 900..4_000u64];
    prop::collection::vec((pause, line()), 1..80).prop_map(|lines| {
        let (mut millis, mut input, mut ops) = (100, "none".to_owned(), "0 screen 1000x800+0+0".to_owned());
        for (n, (pause, line)) in lines.into_iter().enumerate() {
            millis += pause;
            let is_input = ["move", "press", "release", "scroll", "down", "up", "text"];
            let told = line.replace("{T}", &millis.to_string()).replace("{E}", &input);
            let told = told.replace("{N}", &n.to_string());
            if told.contains(" none ") {
                continue;
            }
            ops.push_str(&format!("\n{millis} segment {n}\n{millis} {told}"));
            if is_input.iter().any(|verb| told.starts_with(verb)) {
                input = format!("e{n}");
                ops.push_str(&format!(" ={input}"));
            }
        }
        ops
    })
}

/// The numbers of all names in a row.
fn named_in(told: &str) -> Vec<u32> {
    let digits = |rest: &str| rest.chars().take_while(char::is_ascii_digit).collect::<String>();
    told.split('w').skip(1).filter_map(|rest| digits(rest).parse().ok()).collect()
}

fn words(step: &Step) -> String {
    let Step { action, element, intents, elements_before, window_before, window_after, .. } = step;
    format!("{action:?}{element:?}{intents:?}{elements_before:?}{window_before:?}{window_after:?}")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn every_name_in_a_row_stands_in_a_segment_that_it_names(ops in stream()) {
        let (out, episodes) = reduce_entries(&script::entries(&ops));
        let rows = tell::steps(&out).into_iter().map(|s| (words(s), &s.segments));
        let tasks = episodes.iter().map(|e| (format!("{:?}", e.instruction), &e.segments));
        for (words, segments) in rows.chain(tasks) {
            let unnamed = named_in(&words).into_iter().find(|n| !segments.contains(n));
            prop_assert_eq!(unnamed, None, "{}\n{:?}", words, segments);
        }
    }
}
