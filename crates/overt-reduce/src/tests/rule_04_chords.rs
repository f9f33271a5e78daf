//! Keys and chords.

use super::check;

#[test]
fn modifiers_and_a_trigger_are_one_chord_in_a_fixed_order() {
    check(
        "100 down Shift_L
         150 down Control_L shift
         200 down T ctrl+shift
         240 up T ctrl+shift
         260 up Control_L
         280 up Shift_L",
        "key ctrl+shift+t x1 200..280 shortcut #1,2,3,4,5,6
         finish RecordingEnds 280..280",
    );
}

#[test]
fn a_modifier_held_for_two_chords_goes_down_with_the_first_and_up_with_the_last() {
    check(
        "100 down Control_L
         200 down c ctrl
         220 up c ctrl
         400 down v ctrl
         420 up v ctrl
         500 up Control_L",
        "key ctrl+c x1 200..220 shortcut #1,2,3
         key ctrl+v x1 400..500 shortcut pastes(?:>?:) #4,5,6
         finish RecordingEnds 500..500",
    );
}

#[test]
fn repeats_after_another_action_come_after_it() {
    check(
        "100 down Down
         400 repeat Down
         450 press left 10,10
         470 release left 10,10
         500 repeat Down
         530 repeat Down
         560 up Down",
        "key Down x2 100..400 #1,2
         click Left 10,10 450..470 #3,4
         key Down x2 500..560 #5,6,7
         finish RecordingEnds 560..560",
    );
}

#[test]
fn repeats_are_counted_and_shift_tab_is_a_chord() {
    check(
        "100 down Down
         400 repeat Down
         430 repeat Down
         460 up Down
         500 down Shift_L
         550 down ISO_Left_Tab shift
         560 up ISO_Left_Tab shift
         570 up Shift_L",
        "key Down x3 100..460 #1,2,3,4
         key shift+Tab x1 550..570 #5,6,7,8
         finish RecordingEnds 570..570",
    );
}

#[test]
fn a_lone_modifier_is_ignored() {
    check(
        "100 down Super_L
         200 up Super_L",
        "ignored lone_modifier #1
         ignored lone_modifier #2",
    );
}

#[test]
fn modifiers_of_a_click_belong_to_it() {
    check(
        "100 down Control_L
         200 press left 5,5 ctrl
         240 release left 5,5 ctrl
         300 up Control_L",
        "click Left 5,5 +ctrl 200..240 #1,2,3,4
         finish RecordingEnds 300..300",
    );
}

#[test]
fn a_trigger_whose_name_changed_with_its_modifier_is_released() {
    check(
        "100 down Control_L
         150 down Shift_L ctrl
         200 down exclam ctrl+shift
         220 up Shift_L ctrl
         240 up 1 ctrl
         260 up Control_L",
        "key ctrl+shift+exclam x1 200..260 shortcut #1,2,3,4,5,6
         finish RecordingEnds 260..260",
    );
}
