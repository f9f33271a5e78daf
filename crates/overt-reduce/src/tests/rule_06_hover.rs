//! A rest of the pointer is an action when something comes of it.

use super::check;

#[test]
fn a_popup_or_an_expansion_under_a_resting_pointer_is_a_hover() {
    check(
        "100 move 10,10
         200 move 40,40
         600 window popup 9 popup 40,50,100,20
         5000 move 60,60
         5200 expanded menu-item More 50,50,90,20",
        "hover 40,40 200..200 opens_popup #2
         hover 60,60 5000..5000 opens_popup #4
         finish RecordingEnds 5200..5200
         ignored travel #1",
    );
}

#[test]
fn what_a_page_unfolds_on_the_way_counts_only_where_the_pointer_comes_to_rest() {
    check(
        "100 move 10,10
         120 expanded link Bridge 5,5,40,20
         130 move 60,10
         140 expanded link Deck 50,5,40,20
         150 move 62,11
         900 move 200,200",
        "hover 62,11 150..150 opens_popup #5
         finish RecordingEnds 900..900
         ignored travel #1
         ignored travel #3
         ignored travel #6",
    );
}

#[test]
fn what_comes_later_or_after_a_press_is_not_its_effect() {
    check(
        "100 move 40,40
         601 window popup 9 popup 40,50,100,20
         1000 press left 40,40
         1040 release left 40,40
         1100 move 42,40
         1200 window popup 10 popup 40,50,100,20",
        "click Left 40,40 1000..1040 opens_popup #3,4
         finish RecordingEnds 1200..1200
         ignored travel #1
         ignored travel #5",
    );
}

#[test]
fn a_submenu_after_a_clicked_menu_belongs_to_the_pointer() {
    check(
        "1000 press left 40,40
         1040 release left 40,40
         1050 window popup 10 popup 40,50,100,200
         1150 move 45,70
         1400 window popup 11 popup 140,50,100,200",
        "click Left 40,40 1000..1040 opens_popup #1,2
         hover 45,70 1150..1150 opens_popup #4
         finish RecordingEnds 1400..1400",
    );
}

#[test]
fn a_picture_that_changes_beyond_the_element_is_a_hover() {
    check(
        "50 frame 1 40-45 1
         100 move 40,40 =m
         150 element m link Help 30,30,40,20
         400 frame 2 380-390 1 30,55,200,100:9
         1000 move 500,500",
        "hover 40,40 100..100 #2
         finish RecordingEnds 1000..1000
         ignored travel #5",
    );
}

#[test]
fn a_highlight_a_change_elsewhere_or_an_animation_is_travel() {
    check(
        "50 frame 1 40-45 1
         100 move 40,40 =m
         150 element m push-button Ok 30,30,40,20
         400 frame 2 380-390 1 30,30,40,20:9
         2000 move 42,40 =n
         2050 element n push-button Ok 30,30,40,20
         2100 frame 3 2080-2090 1 600,600,40,20:9
         3000 frame 4 2980-2990 1 30,30,90,90:9
         3100 frame 5 3080-3090 1 30,30,90,90:7
         3200 move 40,41 =o
         3250 element o push-button Ok 30,30,40,20
         3300 frame 6 3280-3290 1 30,30,90,90:5
         9000 move 1,1",
        "ignored travel #2
         ignored travel #5
         ignored travel #10
         ignored travel #13",
    );
}

#[test]
fn an_item_selected_by_resting_counts_and_by_passing_does_not() {
    check(
        "100 move 40,40
         150 selected menu-item One 30,30,90,20
         200 move 40,60
         250 selected menu-item Two 30,50,90,20
         900 move 300,300",
        "hover 40,60 200..200 #3
         finish RecordingEnds 900..900
         ignored travel #1
         ignored travel #5",
    );
}

#[test]
fn a_menu_that_unfolds_after_others_were_passed_and_is_gone_on_to_at_once_is_a_hover() {
    check(
        "50 frame 1 40-45 1
         100 move 40,20
         150 frame 2 140-150 1 30,10,40,20:9
         200 move 40,40 =m
         230 frame 3 220-225 1 30,30,40,20:9
         300 element m menu-item Two 30,30,40,20
         530 frame 4 510-520 1 30,30,40,20:9 70,30,60,90:7
         560 move 80,50
         570 move 90,60",
        "hover 40,40 200..200 #4
         finish RecordingEnds 570..570
         ignored travel #2
         ignored travel #8
         ignored travel #9",
    );
}

#[test]
fn the_highlight_of_what_is_left_proves_nothing() {
    check(
        "50 frame 1 40-45 1
         100 move 40,20 =k
         150 element k menu-item One 30,10,40,20
         160 frame 2 140-150 1 30,10,40,20:9
         3000 move 40,40 =m
         3050 element m menu-item Two 30,30,40,20
         3060 frame 3 3040-3050 1 30,30,40,20:9
         9000 move 1,1",
        "ignored travel #2
         ignored travel #5
         ignored travel #8",
    );
}

#[test]
fn items_that_appear_beside_a_resting_pointer_are_a_hover_even_when_it_has_gone_on() {
    let before = "10 snapshot 1 5 2 menu-item File 10,10,50,20 menu-item Edit 10,30,50,20
         1000 move 20,15 =m
         1060 element m menu-item File 10,10,50,20";
    let after =
        "snapshot 1 1400 50 menu-item File 10,10,50,20 menu-item Edit 10,30,50,20 menu-item Open 60,10,50,20";
    let hover = "hover 20,15 1000..1000 #2
         finish RecordingEnds";
    check(
        &format!("{before}\n1450 {after}\n1700 move 70,15"),
        &format!("{hover} 1700..1700\nignored travel #5"),
    );
    check(
        &format!("{before}\n1350 move 70,15\n1360 move 80,15\n1450 {after}"),
        &format!("{hover} 1450..1450\nignored travel #4\nignored travel #5"),
    );
    check(
        &format!("{before}\n1600 move 70,15\n1900 {after}"),
        &format!("{hover} 1900..1900\nignored travel #4"),
    );
    check(&format!("{before}\n1200 move 70,15\n1450 {after}"), "ignored travel #2\nignored travel #4");
    check(&format!("{before}\n1350 move 70,15\n3100 {after}"), "ignored travel #2\nignored travel #4");
}

#[test]
fn what_was_done_before_the_elements_were_told_is_no_longer_told_after_a_hover() {
    check(
        "10 snapshot 1 5 2 menu-item File 10,10,50,20
         1000 move 20,15 =m
         1060 element m menu-item File 10,10,50,20
         1350 move 70,15
         1400 press left 70,15
         1410 release left 70,15
         1450 snapshot 1 1390 50 menu-item File 10,10,50,20 menu-item Open 60,10,50,20",
        "click Left 70,15 1400..1410 #5,6
         finish RecordingEnds 1450..1450
         ignored travel #2
         ignored travel #4",
    );
}
