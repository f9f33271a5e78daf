//! Which action brought another application to the front.

use super::check;

const TWO_WINDOWS: &str = "10 app panel
     11 window opened 3 dock 0,760,1000,40
     12 app sheet
     13 window opened 2 normal 500,0,500,700
     14 app editor
     15 window focused 1 normal 0,0,500,700";

fn check_switch(ops: &str, expected: &str) {
    check(&format!("{TWO_WINDOWS}\n{ops}"), expected);
}

#[test]
fn by_key() {
    check_switch(
        "100 down Alt_L
         150 down Tab alt
         170 up Tab alt
         300 up Alt_L
         320 app sheet
         330 window focused 2 normal 500,0,500,700",
        "key alt+Tab x1 150..300 shortcut switches(editor>sheet key) #4,5,6,7
         finish RecordingEnds 330..330",
    );
}

#[test]
fn by_taskbar_and_by_a_click_in_the_window() {
    check_switch(
        "100 press left 40,780
         140 release left 40,780
         200 app sheet
         210 window focused 2 normal 500,0,500,700
         3000 app editor
         3010 press left 100,100
         3050 release left 100,100
         3060 window focused 1 normal 0,0,500,700",
        "click Left 40,780 100..140 switches(editor>sheet taskbar) #4,5
         click Left 100,100 3010..3050 switches(sheet>editor click) #7,8
         finish RecordingEnds 3060..3060",
    );
}

#[test]
fn by_something_that_opens_the_other_application() {
    check_switch(
        "100 press left 40,40
         140 release left 40,40
         900 app browser
         910 window focused 5 normal 0,0,900,700",
        "click Left 40,40 100..140 switches(editor>browser other) #4,5
         finish RecordingEnds 910..910",
    );
}

#[test]
fn a_window_that_comes_by_itself_is_nobodys_switch() {
    check_switch(
        "100 press left 40,40
         140 release left 40,40
         1300 app browser
         1310 window focused 5 normal 0,0,900,700
         4000 app browser
         4010 window focused 6 normal 0,0,900,700",
        "click Left 40,40 100..140 #4,5
         finish RecordingEnds 4010..4010",
    );
}
