//! What cannot be part of an action has a reason.

use super::check;

#[test]
fn unmatched_presses_and_releases() {
    check(
        "100 release left 10,10
         200 press left 10,10
         300 press left 20,20
         340 release left 20,20
         400 up Return
         500 up Control_L
         600 press right 10,10",
        "click Left 20,20 300..340 #3,4
         finish RecordingEnds 600..600
         error unmatched_release #1
         error unmatched_press #2
         error unmatched_release #5
         error unmatched_release #6
         error unmatched_press #7",
    );
}

#[test]
fn a_press_without_end_is_given_up() {
    check(
        "100 press left 10,10
         120 move 50,50
         60200 down Escape
         60240 up Escape
         60300 release left 50,50",
        "key Escape x1 60200..60240 #3,4
         finish RecordingEnds 60300..60300
         error unmatched_press #1
         error unmatched_press #2
         error unmatched_release #5",
    );
}

#[test]
fn places_outside_and_unknown_monitors() {
    check("100 press left 5000,10", "error outside_desktop #1");
    check("0 nothing\n100 move 10,10", "error no_topology #0");
}

#[test]
fn clocks_that_jump() {
    check(
        "5000 down Escape
         5040 up Escape
         3000 down Tab
         5100 press left 1,1 late",
        "key Escape x1 5000..5040 #1,2
         finish RecordingEnds 5040..5040
         error clock_jump #3
         error clock_jump #4",
    );
}

#[test]
fn displays_that_change_and_pauses_under_a_held_button() {
    check(
        "100 press left 10,10
         200 screen 500x400+0+0
         300 release left 10,10
         400 press left 10,10
         500 paused
         900 release left 10,10",
        "error display_changed #1
         error unmatched_release #3
         error interrupted #4
         error unmatched_release #6",
    );
}

#[test]
fn a_denied_picture_ends_nothing() {
    check(
        "100 text a
         120 denied
         200 text b",
        "type \"ab\" 100..200 #1,3
         finish RecordingEnds 200..200",
    );
}

#[test]
fn a_release_long_after_is_late() {
    check(
        "100 down Control_L
         200 down c ctrl
         220 up c ctrl
         20000 up Control_L
         20100 clock",
        "key ctrl+c x1 200..220 shortcut #1,2,3
         finish RecordingEnds 20100..20100
         ignored late_release #4",
    );
}
