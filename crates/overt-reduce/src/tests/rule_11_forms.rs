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
