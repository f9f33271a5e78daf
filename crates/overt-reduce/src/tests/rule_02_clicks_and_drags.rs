//! Clicks, multi-clicks and drags.

use super::check;

#[test]
fn a_press_and_release_in_place_is_a_click() {
    check(
        "100 press left 10,10
         150 move 11,10
         180 release left 11,10
         200 press right 50,50
         240 release right 50,50",
        "click Left 10,10 100..180 #1,2,3
         click Right 50,50 200..240 #4,5
         finish RecordingEnds 240..240",
    );
}

#[test]
fn presses_close_in_time_and_place_are_one_multi_click_up_to_three() {
    check(
        "100 press left 10,10
         150 release left 10,10
         400 press left 14,10
         450 release left 14,10
         800 press left 10,13
         850 release left 10,13
         900 press left 10,10
         950 release left 10,10",
        "triple_click Left 10,10 100..850 #1,2,3,4,5,6
         click Left 10,10 900..950 #7,8
         finish RecordingEnds 950..950",
    );
}

#[test]
fn what_the_desktop_takes_for_a_double_click_and_a_drag_counts() {
    check(
        "0 screen 1000x800+0+0 clicks:200,0,20
         100 press left 10,10
         110 release left 10,10
         250 press left 10,10
         260 release left 10,10
         500 press left 10,10
         510 release left 10,10
         600 press left 11,10
         610 release left 11,10
         1000 press left 50,50
         1010 move 65,50
         1020 release left 65,50
         1030 screen 1000x800+0+0
         2000 press left 50,50
         2010 move 65,50
         2020 release left 65,50",
        "double_click Left 10,10 100..260 #1,2,3,4
         click Left 10,10 500..510 #5,6
         click Left 11,10 600..610 #7,8
         click Left 50,50 1000..1020 #9,10,11
         drag...
         finish RecordingEnds 2020..2020",
    );
}

#[test]
fn slips_and_drags_are_as_long_as_the_monitors_scale_makes_them() {
    check(
        "0 screen 1000x800+0+0 1000x800+1000+0@2
         100 press left 1050,50
         110 move 1060,50
         120 release left 1060,50
         1000 press left 1050,50
         1010 release left 1062,50
         2000 press left 1050,50
         2010 move 1063,50
         2020 release left 1063,50
         3000 press left 50,50
         3010 move 60,50
         3020 release left 60,50",
        "click Left 50,50 100..120 #1,2,3
         click Left 50,50 1000..1010 #4,5
         drag Left 50,50>63,50 2000..2020 #6,7,8
         drag Left 50,50>60,50 3000..3020 #9,10,11
         finish RecordingEnds 3020..3020",
    );
    check(
        "0 screen 1000x800+0+0@2
         100 press left 50,50
         500 release left 54,50
         1000 press left 50,50
         1400 release left 55,50
         2000 press left 50,50
         2010 release left 50,50
         2100 press left 60,50
         2110 release left 60,50
         3000 press left 50,50
         3010 release left 50,50
         3100 press left 61,50
         3110 release left 61,50",
        "click Left 50,50 100..500 #1,2
         drag Left 50,50>55,50 1000..1400 #3,4
         double_click Left 50,50 2000..2110 #5,6,7,8
         click Left 50,50 3000..3010 #9,10
         click Left 61,50 3100..3110 #11,12
         finish RecordingEnds 3110..3110",
    );
}

#[test]
fn what_no_desktop_can_mean_by_a_double_click_is_not_believed() {
    check(
        "0 screen 1000x800+0+0 clicks:4000000000,4000000000,4000000000
         100 press left 10,10
         110 release left 10,10
         700 press left 10,10
         710 release left 10,10
         2000 press left 50,50
         2010 move 65,50
         2020 release left 65,50",
        "click Left 10,10 100..110 #1,2
         click Left 10,10 700..710 #3,4
         drag...
         finish RecordingEnds 2020..2020",
    );
}

#[test]
fn presses_on_different_elements_are_no_multi_click() {
    check(
        "100 press left 10,10 =a
         105 element a page-tab One 0,0,12,20
         150 release left 10,10
         300 press left 13,10 =b
         305 element b page-tab Two 12,0,12,20
         350 release left 13,10
         500 press left 13,10 =c
         505 element c page-tab Two 12,0,12,20
         550 release left 13,10",
        "click Left 10,10 100..150 #1,3
         double_click Left 13,10 300..550 #4,6,7,9
         finish RecordingEnds 550..550",
    );
}

#[test]
fn too_late_too_far_another_button_or_another_input_begins_a_new_click() {
    check(
        "100 press left 10,10
         150 release left 10,10
         601 press left 10,10
         650 release left 10,10
         700 press left 16,10
         750 release left 16,10
         800 press right 16,10
         850 release right 16,10
         900 down Escape
         950 up Escape
         960 press right 16,10
         990 release right 16,10",
        "click Left 10,10 100..150 #1,2
         click Left 10,10 601..650 #3,4
         click Left 16,10 700..750 #5,6
         click Right 16,10 800..850 #7,8
         key Escape x1 900..950 #9,10
         click Right 16,10 960..990 #11,12
         finish RecordingEnds 990..990",
    );
}

#[test]
fn a_drag_goes_far_or_is_held_with_movement() {
    check(
        "100 press left 10,10
         120 move 40,10
         140 move 80,10
         160 move 80,60
         180 release left 80,60
         1000 press middle 10,10
         1100 move 14,10
         1350 release middle 14,10",
        "drag Left 10,10>80,10>80,60 100..180 #1,2,3,4,5
         drag Middle 10,10>14,10 1000..1350 #6,7,8
         finish RecordingEnds 1350..1350",
    );
}

#[test]
fn a_tremor_under_a_long_press_is_no_drag_and_neither_is_a_quick_slip() {
    check(
        "100 press left 10,10
         300 move 12,10
         900 release left 12,10
         3000 press left 10,10
         3050 move 15,10
         3100 release left 15,10",
        "click Left 10,10 100..900 #1,2,3
         click Left 10,10 3000..3100 #4,5,6
         finish RecordingEnds 3100..3100",
    );
}

#[test]
fn a_drag_that_returns_is_a_drag_and_no_second_click() {
    check(
        "100 press left 10,10
         150 release left 10,10
         300 press left 10,10
         350 move 90,10
         400 release left 10,10",
        "click Left 10,10 100..150 #1,2
         drag Left 10,10>90,10>10,10 300..400 #3,4,5
         finish RecordingEnds 400..400",
    );
}

#[test]
fn places_are_told_from_the_corner_of_their_monitor() {
    check(
        "0 screen 1000x800+0+0 500x400+1000+100
         100 press left 1010,150
         150 release left 1010,150",
        "click Left 10,50 100..150 #1,2
         finish RecordingEnds 150..150",
    );
}

#[test]
fn input_made_by_a_program_is_kept_and_flagged() {
    check(
        "100 xtest press left 10,10
         150 xtest release left 10,10",
        "click Left 10,10 100..150 injected #1,2
         finish RecordingEnds 150..150",
    );
}

/// What the steps acted on, as `role name`.
fn elements(ops: &str) -> Vec<String> {
    let (out, _) = super::run(ops);
    let steps = super::tell::steps(&out).into_iter().filter(|s| s.action.kind() == "click");
    let of = |s: &crate::Step| {
        let node = s.element.as_ref().map(|t| &t.element.node);
        node.map_or("unknown".to_owned(), |n| format!("{} {}", n.role, n.name))
    };
    steps.map(of).collect()
}

#[test]
fn an_answer_that_came_after_the_page_changed_is_of_another_page() {
    let around = "0 app web
         50 window focused 1 normal 0,0,1000,800 Shop
         60 location https://a.example/";
    let press = "1000 press left 30,30 =p
         1080 release left 30,30";
    let check = |then: &str, expected: &str| {
        assert_eq!(elements(&format!("{around}\n{press}\n{then}")), [expected], "{then}");
    };
    let answer = "1200 element p link Next 0,0,90,40";
    check(answer, "link Next");
    check(&format!("1150 location https://b.example/\n{answer}"), "unknown");
    check(&format!("1150 location https://a.example/\n{answer}"), "link Next");
    check(&format!("1150 window retitled 1 normal 0,0,1000,800 Cart\n{answer}"), "unknown");
    check(&format!("{answer}\n1250 location https://b.example/"), "link Next");
}

#[test]
fn a_control_that_a_press_gave_the_focus_is_what_was_pressed() {
    let check = |between: &str, expected: &str| {
        let ops = format!(
            "0 app web
             50 window focused 1 normal 0,0,1000,800 Shop
             60 location https://a.example/
             1000 press left 30,30 =p
             {between}
             1100 location https://b.example/
             1200 element p heading Other 0,0,900,40"
        );
        assert_eq!(elements(&ops), [expected], "{between}");
    };
    let (up, focus) = ("1080 release left 30,30", "1040 focus link Next 0,0,90,40");
    check(&format!("{focus}\n{up}"), "link Next");
    check(&format!("{up}\n{focus}"), "link Next");
    check(up, "unknown");
    check(&format!("{up}\n1040 focus link Next 40,0,90,40"), "unknown");
    check(&format!("{up}\n1040 focus list Next 0,0,90,40"), "unknown");
    check(&format!("{up}\n1110 focus link Next 0,0,90,40"), "unknown");
    check(&format!("{focus}\n1050 element p image Arrow 10,10,30,30\n{up}"), "image Arrow");
}

#[test]
fn what_is_around_a_control_that_got_the_focus_is_not_what_was_pressed() {
    let check = |answer: &str, expected: &str| {
        let (focus, answer) = ("1040 focus link Next 20,20,90,40", format!("1050 element p {answer}"));
        for then in [format!("{focus}\n{answer}"), format!("{answer}\n{}", focus.replace("1040", "1055"))] {
            let ops = format!("0 app web\n1000 press left 30,30 =p\n{then}\n1080 release left 30,30");
            assert_eq!(elements(&ops), [expected], "{then}");
        }
    };
    check("landmark Top 0,0,1000,60", "link Next");
    check("landmark Top 40,0,1000,60", "landmark Top");
    check("push-button Whole 0,0,1000,60", "push button Whole");
}

#[test]
fn an_answer_from_before_the_release_is_of_the_page_that_was_pressed() {
    let ops = "0 app web
         50 window focused 1 normal 0,0,1000,800 Shop
         60 location https://a.example/
         1000 press left 30,30 =p
         1010 location https://b.example/
         1020 element p link Next 0,0,90,40
         1080 release left 30,30";
    assert_eq!(elements(ops), ["link Next"]);
}

#[test]
fn an_editors_title_is_no_page() {
    let ops = "0 app editor
         50 window focused 1 normal 0,0,1000,800 *Letter
         1000 press left 30,30 =p
         1080 release left 30,30
         1150 window retitled 1 normal 0,0,1000,800 Letter
         1200 element p push-button Save 0,0,90,40";
    assert_eq!(elements(ops), ["push button Save"]);
}

/// What the press told of its element, if the look-up told nothing in time.
fn shown_before(before: &str, between: &str) -> Vec<String> {
    elements(&format!(
        "0 app web
         50 window focused 1 normal 0,0,1000,800 Shop
         60 location https://a.example/
         200 snapshot 1 200 10 document-web Shop 0,0,1000,800 list - 0,0,200,200 link Next 0,0,90,40
         {before}
         1000 press left 30,30 =p
         1080 release left 30,30
         {between}
         1500 element p untold"
    ))
}

#[test]
fn where_a_look_up_tells_nothing_the_elements_shown_before_do() {
    assert_eq!(shown_before("", ""), ["link Next"]);
    assert_eq!(shown_before("500 move 40,40", ""), ["link Next"]);
    // What is known by the focus is known better.
    assert_eq!(shown_before("", "1040 focus push-button Buy 20,20,40,20"), ["push button Buy"]);
    let other_page = "1100 location https://b.example/\n1200 element p heading Other 0,0,900,40";
    assert_eq!(shown_before("", other_page), ["link Next"]);
}

#[test]
fn what_was_shown_before_something_happened_tells_nothing() {
    for before in [
        "300 press left 500,500\n350 release left 500,500",
        "300 down Page_Down\n350 up Page_Down",
        "300 scroll 500,500 0,-120",
        "300 expanded combo-box Size 300,0,90,20",
        "300 location https://b.example/",
        "300 window popup 9 popup 0,0,100,200",
        "300 window focused 2 normal 0,0,1000,800 Other",
    ] {
        let told = shown_before(before, "");
        assert_eq!(told.last().map(String::as_str), Some("unknown"), "{before}");
    }
    let long_ago = "0 app web
         50 window focused 1 normal 0,0,1000,800 Shop
         200 snapshot 1 200 10 link Next 0,0,90,40 =s
         5201 press left 30,30 =p
         5280 release left 30,30
         5500 element p untold";
    assert_eq!(elements(long_ago), ["unknown"]);
    assert_eq!(elements(&long_ago.replace("5201", "5200")), ["link Next"]);
    let told_again = long_ago.replace("5201 press", "1000 again s 990 10\n5201 press");
    assert_eq!(elements(&told_again), ["link Next"]);
}
