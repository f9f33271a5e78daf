//! Which field was filled, and with what.

use super::check;

#[test]
fn a_named_field_is_filled_with_what_was_typed() {
    check(
        "50 focus entry Name 0,0,80,20
         100 text Ada",
        "type \"Ada\" 100..100 fills(Name=Ada) #2
         finish RecordingEnds 100..100",
    );
}

#[test]
fn a_date_fills_its_field_and_not_the_parts_that_the_focus_runs_through() {
    check(
        "50 focus spin-button Month 0,0,20,20 section - date-editor Due section -
         100 text 11
         600 focus spin-button Day 20,0,20,20 section - date-editor Due section -
         700 text 12
         1100 focus spin-button Year 40,0,40,20 section - date-editor Due section -
         1200 text 2017",
        "type \"11122017\" 100..1200 fills(Due=11122017) #2,4,6
         finish RecordingEnds 1200..1200",
    );
}

#[test]
fn a_spin_button_by_itself_is_a_field() {
    check(
        "50 focus spin-button Copies 0,0,20,20 section -
         100 text 2
         700 focus spin-button Pages 0,30,20,20 section -
         800 text 9",
        "type \"2\" 100..100 fills(Copies=2) #2
         type \"9\" 800..800 fills(Pages=9) #4
         finish RecordingEnds 800..800",
    );
}

#[test]
fn a_pause_inside_the_field_goes_on_filling_it() {
    check(
        "50 focus entry Name 0,0,80,20
         100 text Ada
         2000 text _Lovelace
         2100 down Tab
         2120 up Tab
         2150 focus entry Town 0,30,80,20
         2200 text London",
        "type \"Ada\" 100..100 fills(Name=Ada) #2
         type \" Lovelace\" 2000..2000 fills(Name=Ada Lovelace) #3
         key Tab x1 2100..2120 #4,5
         type \"London\" 2200..2200 fills(Town=London) #7
         finish RecordingEnds 2200..2200",
    );
}

#[test]
fn what_keys_edited_is_not_known() {
    check(
        "50 focus entry Name 0,0,80,20
         100 text Ada
         2000 down Left
         2020 up Left
         2100 text x",
        "type \"Ada\" 100..100 fills(Name=Ada) #2
         key Left x1 2000..2020 #3,4
         type \"x\" 2100..2100 fills(Name=?) #5
         finish RecordingEnds 2100..2100",
    );
}

#[test]
fn a_masked_value_stays_masked_and_an_unnamed_field_is_no_form() {
    check(
        "50 focus entry Name 0,0,80,20
         100 shape 3 0 0
         2000 focus text - 0,0,80,20
         2100 text words",
        "type 3+0+0 100..100 fills(Name=?) #2
         type \"words\" 2100..2100 #4
         finish RecordingEnds 2100..2100",
    );
}

#[test]
fn a_press_or_a_key_that_ticks_a_named_box_fills_it_wherever_it_was() {
    check(
        "100 press left 60,8 =p
         110 element p section - 0,0,200,20
         150 release left 60,8
         160 ticked check-box Post 0,0,14,14
         1000 down space
         1010 unticked check-box Post 0,0,14,14
         1020 up space
         2000 press left 60,30
         2050 release left 60,30
         2060 unticked radio-button Card 0,20,14,14
         2061 ticked radio-button Invoice 0,40,14,14",
        "click Left 60,8 100..150 fills(Post=checked) #1,3
         key space x1 1000..1020 fills(Post=unchecked) #5,7
         click Left 60,30 2000..2050 fills(Invoice=checked) #8,9
         finish RecordingEnds 2061..2061",
    );
}

#[test]
fn what_is_ticked_later_or_has_no_name_was_not_filled() {
    check(
        "100 press left 60,8
         150 release left 60,8
         451 ticked check-box Post 0,0,14,14
         1000 press left 60,8
         1050 release left 60,8
         1060 ticked check-box - 0,0,14,14",
        "click Left 60,8 100..150 #1,2
         click Left 60,8 1000..1050 #4,5
         finish RecordingEnds 1060..1060",
    );
}
