//! Episodes, by marks or by pauses, and how they end.

use overt_event::{Mark, NANOS_PER_MILLI};

use super::{check, run, run_with};
use crate::settings::Settings;
use crate::step::{EndedBy, Episode};

const CLICK: &str = "press left 10,10";

#[test]
fn a_task_ends_with_a_finish() {
    check(
        "100 begin Do_it
         200 press left 10,10
         240 release left 10,10
         300 end",
        "click Left 10,10 200..240 #2,3
         finish TaskEnds 300..300",
    );
}

#[test]
fn marks_make_episodes_and_thumbs_judge_them() {
    let ops = format!(
        "50 {CLICK}\n 60 release left 10,10\n 100 begin Do_it\n 200 {CLICK}\n 240 release left 10,10\n 300 end
         400 up!\n 500 begin\n 90000 {CLICK}\n 90040 release left 10,10"
    );
    let (_, episodes) = run(&ops);
    let told: Vec<_> =
        episodes.iter().map(|e| (e.instruction.as_deref(), e.marked, e.steps, e.ended_by)).collect();
    assert_eq!(
        told,
        [
            (None, false, 1, EndedBy::NextTask),
            (Some("Do it"), true, 2, EndedBy::TaskEnds),
            (None, true, 2, EndedBy::RecordingEnds),
        ]
    );
    assert_eq!(episodes[1].outcome, Some(Mark::ThumbsUp));
}

#[test]
fn without_marks_a_long_pause_begins_another_episode() {
    let (out, episodes) =
        run("100 down a\n 110 up a\n 60110 down a\n 60120 up a\n 120121 down a\n 120130 up a");
    let steps: Vec<_> = episodes.iter().map(|e| (e.steps, e.ended_by)).collect();
    assert_eq!(steps, [(2, EndedBy::Pause), (2, EndedBy::RecordingEnds)]);
    let places: Vec<_> = super::tell::steps(&out).iter().map(|s| (s.episode, s.index)).collect();
    assert_eq!(places, [(0, 0), (0, 1), (1, 0), (1, 1)]);
}

/// When each episode begins and ends, milliseconds.
fn bounds(ops: &str) -> Vec<(u64, u64)> {
    let millis = |e: &Episode| (e.t_start.0 / NANOS_PER_MILLI, e.t_end.0 / NANOS_PER_MILLI);
    run(ops).1.iter().map(millis).collect()
}

#[test]
fn a_marked_task_lasts_from_its_mark_to_the_end_of_it_whatever_was_done_when() {
    let click = "press left 10,10\n 4040 release left 10,10";
    assert_eq!(bounds(&format!("100 begin\n 4000 {click}\n 9000 end\n 9500 clock")), [(100, 9_000)]);
    assert_eq!(
        bounds(&format!("100 begin\n 4000 {click}\n 9000 begin\n 9500 clock")),
        [(100, 9_000), (9_000, 9_500)]
    );
    assert_eq!(bounds(&format!("100 begin\n 4000 {click}\n 9000 clock")), [(100, 9_000)]);
    assert_eq!(bounds("100 begin\n 9000 clock"), [(100, 9_000)]);
}

#[test]
fn what_nobody_marked_begins_with_the_input_that_leads_to_its_first_step_and_ends_with_its_last() {
    let ops = "100 move 5,5
         6000 move 5,6
         10000 move 9,9
         14000 press left 10,10
         14040 release left 10,10
         90000 move 10,11
         90100 down a
         90110 up a
         100000 begin
         101000 press left 10,10
         101040 release left 10,10
         102000 end
         152000 end
         253000 down a
         253010 up a";
    let told =
        [(6_000, 14_040), (90_000, 90_110), (100_000, 102_000), (152_000, 152_000), (253_000, 253_010)];
    assert_eq!(bounds(ops), told, "a pause of over 5 s leads to nothing");
    let ops = "100 begin\n 1000 down a\n 1010 up a\n 2000 end\n 3000 down a\n 3010 up a";
    assert_eq!(bounds(ops), [(100, 2_000), (2_000, 3_010)], "no two overlap");
}

#[test]
fn rows_and_episodes_name_every_segment_they_come_from() {
    let (out, episodes) = run("50 frame 1 40-45 1
         60 segment 1
         70 begin Do_it
         100 press left 10,10 =p
         110 segment 2
         140 release left 10,10
         150 segment 4
         160 element p link Help 0,0,50,50
         300 segment 5
         310 frame 2 300-305 2
         320 end");
    let steps = super::tell::steps(&out);
    assert_eq!(steps[0].segments, [0, 1, 2, 4, 5]);
    assert_eq!(episodes[0].segments, [0, 1, 2, 4, 5]);
}

#[test]
fn an_episode_names_the_segments_that_tell_when_it_began_and_ended() {
    let (out, episodes) = run("100 move 5,5
         110 segment 1
         120 press left 10,10
         140 release left 10,10
         150 segment 2
         160 begin
         170 segment 3
         180 end
         190 segment 4
         200 press left 10,10
         240 release left 10,10
         300 segment 5
         310 begin
         320 segment 6
         330 clock");
    assert_eq!(super::tell::steps(&out)[0].segments, [1]);
    let told: Vec<_> = episodes.iter().map(|e| &e.segments[..]).collect();
    assert_eq!(told, [&[0, 1, 2][..], &[2, 3], &[3, 4, 5], &[5, 6]]);
}

#[test]
fn an_empty_recording_has_no_episode() {
    let (out, episodes) = run("100 clock");
    assert!(out.is_empty() && episodes.is_empty());
}

#[test]
fn where_it_is_wanted_another_application_begins_another_episode() {
    let ops = "10 app editor
         11 window focused 1 normal 0,0,500,700
         100 press left 10,10
         110 release left 10,10
         200 app panel
         210 window opened 3 dock 0,760,1000,40
         300 press left 40,780
         310 release left 40,780
         400 app sheet
         410 window focused 2 normal 500,0,500,700
         500 press left 700,300
         510 release left 700,300";
    let steps = |episodes: &[Episode]| -> Vec<_> { episodes.iter().map(|e| (e.steps, e.ended_by)).collect() };
    assert_eq!(steps(&run(ops).1), [(4, EndedBy::RecordingEnds)]);
    let settings = Settings { episode_by_application: true, ..Settings::default() };
    let (_, episodes) = run_with(ops, settings);
    assert_eq!(steps(&episodes), [(2, EndedBy::Application), (2, EndedBy::RecordingEnds)]);
}

#[test]
fn what_went_wrong_counts_for_the_episode_of_its_time() {
    let ops = "50 release left 5,5
         100 begin
         200 press left 10,10
         210 release left 10,10
         300 lost
         400 release left 10,10
         500 end
         5000 begin
         5100 press left 10,10
         5110 release left 10,10
         5200 end";
    let (_, episodes) = run(ops);
    let harm: Vec<_> = episodes.iter().map(|e| (e.inputs, e.errors, e.lost_events)).collect();
    assert_eq!(harm, [(2, 1, 3), (2, 0, 0)]);
}
