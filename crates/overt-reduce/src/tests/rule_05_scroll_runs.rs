//! Runs of scrolling.

use super::check;

#[test]
fn notches_of_one_direction_add_up() {
    check(
        "100 scroll 50,50 0,120
         300 move 52,50
         500 scroll 52,50 0,120
         1201 scroll 52,50 0,120",
        "scroll 50,50 by 0,240 100..500 #1,3
         scroll 52,50 by 0,120 1201..1201 #4
         finish RecordingEnds 1201..1201
         ignored travel #2",
    );
}

#[test]
fn a_turn_a_distance_a_modifier_or_another_input_ends_the_run() {
    check(
        "100 scroll 50,50 0,120
         200 scroll 50,50 0,-120
         300 scroll 50,50 -120,0
         400 scroll 59,50 -120,0
         450 scroll 59,50 -120,0 ctrl
         500 down Escape
         510 up Escape
         520 scroll 59,50 -120,0 ctrl
         530 move 80,50
         540 scroll 59,50 -120,0 ctrl",
        "scroll 50,50 by 0,120 100..100 #1
         scroll 50,50 by 0,-120 200..200 #2
         scroll 50,50 by -120,0 300..300 #3
         scroll 59,50 by -120,0 400..400 #4
         scroll 59,50 by -120,0 +ctrl 450..450 #5
         key Escape x1 500..510 #6,7
         scroll 59,50 by -120,0 +ctrl 520..520 #8
         scroll 59,50 by -120,0 +ctrl 540..540 #10
         finish RecordingEnds 540..540
         ignored travel #9",
    );
}

#[test]
fn a_notch_of_nothing_is_ignored() {
    check("100 scroll 50,50 0,0", "ignored empty_scroll #1");
}
