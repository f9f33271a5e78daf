//! The observation is the last frame whose grab ended before the action's first effect.

use super::{run, tell};

fn check_frames(ops: &str, expected: &[&str]) {
    let (out, _) = run(ops);
    let got: Vec<String> = tell::steps(&out).into_iter().map(tell::frames).collect();
    let fits = got.len() == expected.len() + 1 && got.iter().zip(expected).all(|(g, e)| g == e);
    assert!(fits, "got {got:#?}, wanted {expected:#?} and a finish");
}

#[test]
fn it_is_the_newest_frame_that_had_ended() {
    check_frames(
        "100 frame 1 90-95 1
         200 frame 2 190-195 2
         210 press left 10,10
         212 frame 3 205-212 3
         250 release left 10,10
         400 frame 4 390-395 4
         5000 clock",
        &["before 2 margin 15; after 4"],
    );
}

#[test]
fn a_frame_that_is_handed_over_late_still_counts() {
    check_frames(
        "100 frame 1 90-95 1
         210 press left 10,10
         211 frame 2 150-160 2
         250 release left 10,10",
        &["before 2 margin 50; after none_in_time"],
    );
}

#[test]
fn the_recorders_word_is_taken() {
    check_frames(
        "100 frame 1 90-95 1
         210 press left 10,10 =p
         220 before p 1 damage
         250 release left 10,10
         700 frame 2 600-610 2
         900 after p 2 timeout
         4000 press left 50,50 =q
         4010 nobefore q
         4020 release left 50,50
         4300 noafter q",
        &["before 1 margin 115 damage; after 2 timeout", "before denied; after interrupted"],
    );
}

#[test]
fn typing_is_observed_before_its_first_key_and_a_drag_before_its_press() {
    check_frames(
        "100 frame 1 90-95 1
         250 text a
         300 frame 2 290-295 2
         350 text b
         460 frame 3 450-455 3
         2500 press left 10,10
         2600 frame 4 2590-2595 4
         2700 move 90,90
         2800 frame 5 2790-2795 5
         2900 release left 90,90
         3300 frame 6 3290-3295 6
         9000 clock",
        &["before 1 margin 105; after 3", "before 3 margin 2045; after 6"],
    );
}

#[test]
fn a_frame_from_before_a_pause_or_of_other_monitors_is_no_observation() {
    check_frames(
        "100 frame 1 90-95 1
         5000 paused
         6000 press left 10,10
         6010 release left 10,10
         7000 frame 2 6990-6995 2
         8000 screen 500x400+0+0
         9000 press left 10,10
         9010 release left 10,10",
        &["before none_in_time; after 2", "before none_in_time; after none_in_time"],
    );
}

#[test]
fn a_binding_to_a_frame_that_ended_too_late_is_an_error_and_never_a_row() {
    super::check(
        "210 press left 10,10 =p
         240 frame 1 205-215 1
         245 before p 1
         250 release left 10,10",
        "error frame_after_action #1
         error frame_after_action #4",
    );
}

#[test]
fn a_screen_that_keeps_changing_times_out() {
    let changes: String = (0..30)
        .map(|i| format!("{0} frame {1} {2}-{0} {1}\n", 300 + i * 100, i + 2, 295 + i * 100))
        .collect();
    check_frames(
        &format!("210 press left 10,10\n 250 release left 10,10\n{changes}"),
        &["before none_in_time; after 21 timeout"],
    );
}

/// What the first node of each step's snapshot is called.
fn check_elements(ops: &str, expected: &[Option<&str>]) {
    let (out, _) = run(ops);
    let steps = tell::steps(&out);
    let first = |step: &crate::step::Step| {
        let elements = step.elements_before.as_ref()?;
        elements.nodes.first().map(|node| node.name.clone())
    };
    let got: Vec<Option<String>> = steps[..steps.len() - 1].iter().map(|step| first(step)).collect();
    assert_eq!(got.iter().map(Option::as_deref).collect::<Vec<_>>(), expected);
}

#[test]
fn the_elements_are_those_of_the_window_or_the_menu_acted_on_as_they_were_before() {
    check_elements(
        "100 window opened 1 normal 0,0,800,600
         101 window focused 1 normal 0,0,800,600
         150 snapshot 1 120 20 button Page 0,0,90,20
         200 press left 20,300
         240 release left 20,300
         300 window popup 2 popup 0,300,100,200
         400 snapshot 2 350 20 menu-item Choice 0,300,90,20
         500 press left 20,310
         520 release left 20,310
         600 window unpopup 2 popup 0,300,100,200
         2000 press left 500,50
         2010 release left 500,50
         2100 snapshot 1 1995 90 button Late 0,0,90,20",
        &[Some("Page"), Some("Choice"), Some("Page")],
    );
}

#[test]
fn while_the_last_elements_are_still_asked_for_those_before_them_stand() {
    check_elements(
        "100 window opened 1 normal 0,0,800,600
         101 window focused 1 normal 0,0,800,600
         150 snapshot 1 120 20 button Page 0,0,90,20
         300 snapshot 1 300 400 button Late 0,0,90,20
         500 press left 20,300
         520 release left 20,300
         2000 press left 500,50
         2010 release left 500,50",
        &[Some("Page"), Some("Late")],
    );
}

#[test]
fn the_elements_of_another_window_are_never_those_of_the_one_acted_on() {
    check_elements(
        "100 window opened 1 normal 0,0,400,300
         101 window opened 2 normal 400,0,400,300
         102 window opened 3 normal 0,300,400,300
         110 window focused 2 normal 400,0,400,300
         150 snapshot 2 120 20 button Form 400,0,90,20
         160 window focused 1 normal 0,0,400,300
         190 snapshot 1 170 10 button Editor 0,0,90,20
         200 press left 450,10
         240 release left 450,10
         260 window focused 2 normal 400,0,400,300
         290 snapshot 2 270 10 button Form 400,0,90,20
         2000 press left 10,10
         2040 release left 10,10
         2060 window focused 1 normal 0,0,400,300
         4000 press left 10,310
         4010 release left 10,310",
        &[Some("Form"), Some("Editor"), None],
    );
}

/// How old each step's elements are, in milliseconds.
fn check_ages(ops: &str, expected: &[Option<u64>]) {
    let (out, _) = run(ops);
    let steps = tell::steps(&out);
    let ages =
        steps[..steps.len() - 1].iter().map(|step| step.elements_before.as_ref().map(|e| e.age_millis));
    assert_eq!(ages.collect::<Vec<_>>(), expected, "{ops}");
}

#[test]
fn elements_are_as_old_as_the_last_time_that_their_window_told_them() {
    let page = "100 window opened 1 normal 0,0,800,600
         101 window focused 1 normal 0,0,800,600
         150 snapshot 1 120 20 button Page 0,0,90,20 =s";
    let press = "5000 press left 20,300
         5020 release left 20,300";
    let check = |between: &str, age| check_ages(&format!("{page}\n{between}\n{press}"), &[Some(age)]);
    check("", 4_860);
    check("4000 again s 3960 40", 1_000);
    check("3000 again s 2960 40\n4000 again s 3960 40", 1_000);
    // Until a question is answered, what was told before it is all that is known.
    check("3000 again s 2960 40\n4995 again s 4990 20", 2_000);
    check("4000 again s 3960 40\n4500 snapshot 1 4490 10 button Other 0,0,90,20", 500);
}

#[test]
fn that_something_was_told_again_says_nothing_where_it_is_not_what_the_window_told_last() {
    check_ages(
        "100 window opened 1 normal 0,0,800,600
         101 window focused 1 normal 0,0,800,600
         110 window opened 2 normal 0,0,800,600 =erased
         150 snapshot 1 120 20 button Page 0,0,90,20 =s
         1000 snapshot 1 990 10 button Other 0,0,90,20
         4000 again s 3990 10
         4100 again erased 4090 10
         5000 press left 20,300
         5020 release left 20,300",
        &[Some(4_000)],
    );
}

#[test]
fn elements_that_were_told_again_come_from_both_segments() {
    let (out, _) = run("100 window opened 1 normal 0,0,800,600
         101 window focused 1 normal 0,0,800,600
         150 segment 1
         150 snapshot 1 120 20 button Page 0,0,90,20 =s
         150 segment 2
         1000 again s 990 10
         150 segment 3
         2000 press left 20,300
         2020 release left 20,300");
    let segments: Vec<u32> = tell::steps(&out)[0].segments.clone();
    assert_eq!(segments, [0, 1, 2, 3]);
}
