//! Which place was copied from where something was pasted: the two places and never what it was.

use super::{check, run, tell};

const COPIED: &str = "10 app editor
     11 window focused 1 normal 0,0,500,700
     50 focus text Body 0,0,400,600
     100 down Control_L
     120 down c ctrl
     140 up c ctrl
     160 up Control_L
     200 app sheet
     210 window focused 2 normal 500,0,500,700
     220 focus entry Amount 600,0,80,20";

const PASTED: &str = "1000 down Control_L
     1020 down v ctrl
     1040 up v ctrl
     1060 up Control_L";

#[test]
fn a_paste_names_where_it_was_copied() {
    check(
        &format!("{COPIED}\n{PASTED}"),
        "key ctrl+c x1 120..160 shortcut switches(editor>sheet key) #3,4,5,6
         key ctrl+v x1 1020..1060 shortcut pastes(editor:Body>sheet:Amount) #9,10,11,12
         finish RecordingEnds 1060..1060",
    );
}

#[test]
fn what_may_have_been_copied_unseen_makes_no_pair() {
    check(
        &format!("{COPIED}\n300 paused\n{PASTED}"),
        "key ctrl+c x1 120..160 shortcut switches(editor>sheet key) #3,4,5,6
         key ctrl+v x1 1020..1060 shortcut #10,11,12,13
         finish RecordingEnds 1060..1060",
    );
}

#[test]
fn a_menu_copies_and_pastes_as_well() {
    check(
        "10 app editor
         11 window focused 1 normal 0,0,500,700
         50 down Menu
         60 up Menu
         70 window popup 9 popup 0,0,200,200
         80 popped menu Edit 0,0,200,200
         100 press left 20,30 =c
         110 element c menu-item Copy 0,20,200,20
         120 release left 20,30
         130 window unpopup 9 popup 0,0,200,200
         1000 down Shift_L
         1020 down Insert shift
         1040 up Insert shift
         1060 up Shift_L",
        "key Menu x1 50..60 opens_popup #2,3
         click Left 20,30 100..120 chooses(Edit/Copy) #6,8
         key shift+Insert x1 1020..1060 pastes(editor:>editor:) #10,11,12,13
         finish RecordingEnds 1060..1060",
    );
}

#[test]
fn a_paste_names_the_segments_of_the_copy() {
    let copied = COPIED.replace("200 app sheet", "190 segment 1\n     200 app sheet");
    let (out, _) = run(&format!("{copied}\n500 segment 3\n{PASTED}"));
    assert_eq!(tell::steps(&out)[1].segments, [0, 1, 3]);
}
