//! Runs of typing.

use super::{check, run, tell};
use crate::action::{Action, Edit};

#[test]
fn characters_without_a_pause_are_one_run() {
    check(
        "100 text he
         250 text llo
         1750 text _you
         3400 text again",
        "type \"hello you\" 100..1700 #1,2,3
         type \"again\" 3400..3400 #4
         finish RecordingEnds 3400..3400",
    );
}

#[test]
fn what_an_application_did_not_describe_parts_no_run() {
    check(
        "100 text he
         200 unanswered
         250 text llo",
        "type \"hello\" 100..200 #1,3
         finish RecordingEnds 200..200",
    );
}

#[test]
fn a_backspace_folds_inside_the_run_and_is_a_key_outside_it() {
    check(
        "100 down BackSpace
         150 up BackSpace
         200 text ab
         300 down BackSpace
         350 up BackSpace
         400 text c
         500 down BackSpace
         520 repeat BackSpace
         540 repeat BackSpace
         550 up BackSpace",
        "key BackSpace x1 100..150 #1,2
         type \"\" 200..520 #3,4,5,6,7,8
         key BackSpace x1 540..550 #9,10
         finish RecordingEnds 550..550",
    );
}

#[test]
fn edits_are_kept_in_steps_of_100_ms() {
    let (out, _) = run("100 text ab
         317 down BackSpace
         333 up BackSpace
         450 text c");
    let Action::Type { edits, .. } = &tell::steps(&out)[0].action else { panic!("a run of typing") };
    let edit =
        |after_millis, inserted: &str, deleted| Edit { after_millis, inserted: inserted.into(), deleted };
    assert_eq!(*edits, [edit(0, "ab", 0), edit(200, "", 1), edit(300, "c", 0)]);
}

#[test]
fn a_press_another_key_a_window_or_a_focus_ends_the_run() {
    check(
        "100 text a
         150 press left 1,1
         180 release left 1,1
         200 text b
         300 down Return
         350 up Return
         400 text c
         500 window focused 7 normal 0,0,10,10
         600 text d
         1000 focus entry Name 0,0,9,9
         1100 text e",
        "type \"a\" 100..100 #1
         click Left 1,1 150..180 #2,3
         type \"b\" 200..200 #4
         key Return x1 300..350 #5,6
         type \"c\" 400..400 #7
         type \"d\" 600..600 #9
         type \"e\" 1100..1100 fills(Name=e) #11
         finish RecordingEnds 1100..1100",
    );
}

#[test]
fn a_focus_told_before_text_counts_although_the_texts_time_is_rounded_down() {
    let (out, _) = super::run(
        "100 focus entry Name 0,0,9,9
         350 focus push-button Go 20,0,9,9
         300 text x",
    );
    let typed = out.iter().find_map(|output| match output {
        crate::entry::Output::Step(step) if step.action.kind() == "type" => step.element.as_ref(),
        _ => None,
    });
    assert_eq!(typed.map(|t| t.element.node.role.as_str()), Some("push button"));
}

#[test]
fn late_news_of_the_focus_does_not_cut_the_first_letter_off() {
    check(
        "100 text a
         250 focus entry Name 0,0,9,9
         300 text b",
        "type \"ab\" 100..300 fills(Name=ab) #1,3
         finish RecordingEnds 300..300",
    );
}

#[test]
fn shift_belongs_to_the_text_that_it_changed() {
    check(
        "100 down Shift_L
         150 text H
         180 up Shift_L shift
         200 text i",
        "type \"Hi\" 100..200 #1,2,3,4
         finish RecordingEnds 200..200",
    );
}

#[test]
fn an_input_method_commits_what_it_composed_and_the_run_ends() {
    check(
        "100 text nihao
         400 inserted entry Name 0,0,9,9 你好
         500 text x",
        "type \"你好\" 100..100 #1
         type \"x\" 500..500 #3
         finish RecordingEnds 500..500",
    );
}

#[test]
fn an_echo_or_a_completion_commits_nothing() {
    check(
        "100 text go
         110 inserted entry Name 0,0,9,9 o
         200 inserted entry Name 0,0,9,9 ogle-für-alle
         300 text o",
        "type \"goo\" 100..300 #1,4
         finish RecordingEnds 300..300",
    );
}

#[test]
fn shapes_are_added_up() {
    check(
        "100 shape 3 0 1
         200 down BackSpace
         210 up BackSpace
         300 shape 0 4 0",
        "type 3+4+1 100..300 #1,2,3,4
         finish RecordingEnds 300..300",
    );
}
