//! Idle spans are marked; a wait stands only where the next action depends on a change.

use super::{check, run, tell};

fn check_idle(ops: &str, expected: &[u64]) {
    let (out, _) = run(ops);
    let got: Vec<u64> = tell::steps(&out).iter().map(|s| s.idle_before_millis).collect();
    assert_eq!(got, expected);
}

#[test]
fn idle_is_without_input_and_without_visual_change() {
    check_idle(
        "100 press left 10,10
         140 release left 10,10
         9140 press left 10,10
         9180 release left 10,10
         12000 frame 1 11990-12000 1
         15000 press left 10,10
         15040 release left 10,10
         18000 move 30,30
         22000 press left 10,10
         22040 release left 10,10",
        &[0, 9000, 0, 0, 0],
    );
}

const LOADING: &str = "50 frame 1 40-45 1
     100 press left 10,10
     140 release left 10,10
     200 frame 2 190-195 2
     3000 frame 3 2990-2995 2 400,400,50,50:9";

#[test]
fn a_target_that_appeared_by_itself_was_waited_for() {
    check(
        &format!(
            "{LOADING}
             4000 move 420,420
             4100 press left 420,420
             4140 release left 420,420"
        ),
        "click Left 10,10 100..140 #2,3
         wait 195..2990
         click Left 420,420 4100..4140 #7,8
         finish RecordingEnds 4140..4140
         ignored travel #6",
    );
}

#[test]
fn what_changed_after_something_was_done_unseen_was_not_waited_for() {
    let pressed_after = |unseen: &str| {
        run(&format!(
            "{LOADING}
             4000 move 420,420
             4100 unseen {unseen}
             4100 press left 420,420
             4140 release left 420,420"
        ))
    };
    let waits = |unseen| {
        let (out, _) = pressed_after(unseen);
        tell::steps(&out).iter().filter(|s| s.action.kind() == "wait").count()
    };
    assert_eq!(waits("1000-3000"), 0);
    assert_eq!(waits("3000-5000"), 0, "its end is rounded up");
    assert_eq!(waits("0-190"), 1, "it was over when the wait began");
}

#[test]
fn a_pointer_that_rested_on_the_target_waited_for_its_change() {
    check(
        "50 frame 1 40-45 1
         60 move 420,420
         700 press left 420,420
         740 release left 420,420
         800 frame 2 790-795 2
         3000 frame 3 2990-2995 3
         4100 press left 420,420
         4140 release left 420,420",
        "click Left 420,420 700..740 #3,4
         wait 795..2990
         click Left 420,420 4100..4140 #7,8
         finish RecordingEnds 4140..4140
         ignored travel #2",
    );
}

#[test]
fn a_change_elsewhere_or_by_the_pointers_own_arrival_was_not() {
    check(
        &format!(
            "{LOADING}
             4000 move 700,700
             4050 frame 4 4040-4045 2 400,400,50,50:9 680,680,40,40:7
             4100 press left 700,700
             4140 release left 700,700"
        ),
        "click Left 10,10 100..140 #2,3
         click Left 700,700 4100..4140 #8,9
         finish RecordingEnds 4140..4140
         ignored travel #6",
    );
}

#[test]
fn a_window_that_opened_in_the_gap_was_waited_for() {
    check(
        "20 window focused 1 normal 0,0,900,700
         50 frame 1 40-45 1
         100 press left 10,10
         140 release left 10,10
         200 frame 2 190-195 2
         2980 window opened 2 dialog 300,300,200,200
         2985 window focused 2 dialog 300,300,200,200
         3000 frame 3 2990-2995 3
         4000 down Return
         4040 up Return",
        "click Left 10,10 100..140 #3,4
         wait 195..2990
         key Return x1 4000..4040 #9,10
         finish RecordingEnds 4040..4040",
    );
}
