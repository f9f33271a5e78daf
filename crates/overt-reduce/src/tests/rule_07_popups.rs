//! Which popup opened, and what was chosen from it.

use super::{check, run_with, tell};
use crate::settings::Settings;

#[test]
fn a_menu_by_mouse_tells_its_path_and_its_option() {
    check(
        "100 press left 20,10 =file
         140 release left 20,10
         150 window popup 9 popup 0,20,100,200
         160 element file menu File 0,0,40,20
         400 move 30,60 =recent
         450 element recent menu-item Recent 0,50,100,20
         650 window popup 10 popup 100,50,100,200
         900 move 120,75
         950 selected menu-item a.txt 100,70,100,20
         1000 press left 120,75
         1040 release left 120,75
         1050 window unpopup 10 popup 100,50,100,200
         1050 window unpopup 9 popup 0,20,100,200",
        "click Left 20,10 100..140 opens_popup #1,2
         hover 30,60 400..400 opens_popup #5
         click Left 120,75 1000..1040 chooses(File/Recent/a.txt) #10,11
         finish RecordingEnds 1050..1050
         ignored travel #8",
    );
}

#[test]
fn the_tree_itself_tells_the_path_where_it_can() {
    check(
        "100 press left 20,10
         140 release left 20,10
         150 popped menu File 0,0,40,20
         300 selected menu-item Save 0,50,100,20 menu File menu-bar -
         400 press left 30,60
         440 release left 30,60",
        "click Left 20,10 100..140 opens_popup #1,2
         click Left 30,60 400..440 chooses(File/Save) #5,6
         finish RecordingEnds 440..440",
    );
}

#[test]
fn a_native_select_tells_its_option_after_the_press() {
    check(
        "100 press left 20,10 =s
         140 release left 20,10
         150 element s combo-box Size 0,0,90,20
         160 window popup 9 popup 0,20,90,200
         400 press left 30,60
         440 release left 30,60
         480 selected list-item Large 0,0,0,0
         490 window unpopup 9 popup 0,20,90,200",
        "click Left 20,10 100..140 opens_popup #1,2
         click Left 30,60 400..440 chooses(Size/Large) #5,6
         finish RecordingEnds 490..490",
    );
}

const PRESSED_LIST: &str = "0 app web
     100 press left 20,10 =s
     110 element s combo-box Size 0,0,0,0
     140 release left 20,10";

/// As a page's session tells it: no popup, no places, and the option once it is chosen.
#[test]
fn an_option_of_the_list_that_was_pressed_is_its_choice_where_nobody_saw_a_popup() {
    let option = "selected menu-item Large 0,0,0,0 section - combo-box Size";
    let chosen = |then: &str, expected: &str| {
        let click = format!("click Left 20,10 100..140{expected}\nfinish...");
        check(&format!("{PRESSED_LIST}\n{then}"), &click);
    };
    chosen(&format!("2000 {option}"), " chooses(Size/Large) #1,3");
    let again = "2100 selected menu-item Small 0,0,0,0 section - combo-box Size";
    chosen(&format!("2000 {option}\n{again}"), " chooses(Size/Large) #1,3");
    chosen("2000 selected menu-item Large 0,0,0,0 section - combo-box Colour", " #1,3");
    chosen("2000 focus menu-item Large 0,0,0,0 section - combo-box Size", " #1,3");
    chosen(&format!("1900 app mail\n2000 {option}"), " #1,3");
    chosen(&format!("200 window popup 9 popup 0,20,90,200\n2000 {option}"), " opens_popup #1,3");
    check(
        &format!("{PRESSED_LIST}\n200 press left 20,10\n240 release left 20,10\n2000 {option}"),
        "double_click Left 20,10 100..240 chooses(Size/Large) #1,3,4,5\nfinish...",
    );
}

#[test]
fn an_option_that_is_selected_otherwise_or_much_later_is_nobodys_choice() {
    let option = "selected menu-item Large 0,0,0,0 section - combo-box Size";
    check(
        &format!("{PRESSED_LIST}\n1000 press left 500,500\n1040 release left 500,500\n1100 {option}"),
        "click Left 20,10 100..140 #1,3\nclick Left 500,500 1000..1040 #4,5\nfinish...",
    );
    // A list that stands there is no popup.
    let list = format!("{PRESSED_LIST}\n1000 {option}").replace("combo-box", "list-box");
    check(&list, "click Left 20,10 100..140 #1,3\nfinish...");
    // It closed the list that a key had opened.
    let open = "10 down Down\n20 up Down\n30 window popup 9 popup 0,20,90,200";
    let close = "150 window unpopup 9 popup 0,20,90,200";
    check(
        &format!("{open}\n{PRESSED_LIST}\n{close}\n200 {option}"),
        "key Down x1 10..20 opens_popup #1,2\nclick Left 20,10 100..140 #4,6\nfinish...",
    );
    let chooses = |millis: u64| {
        let settings = Settings { patience_millis: 10_000, ..Settings::default() };
        let (out, _) = run_with(&format!("{PRESSED_LIST}\n{millis} {option}"), settings);
        tell::all(&out)[0].contains("chooses")
    };
    assert!(chooses(3_140) && !chooses(3_141));
}

#[test]
fn an_item_whose_menu_was_gone_when_it_was_asked_is_known_by_what_the_menu_showed() {
    check(
        "100 press left 20,10 =file
         110 element file menu File 0,0,40,20
         150 window popup 9 popup 0,20,100,200
         160 snapshot 9 155 5 menu File 0,20,100,200 menu-item Open 0,20,100,20 menu-item Save 0,50,100,20
         190 release left 20,10
         400 press left 30,60 =o
         440 release left 30,60
         450 window unpopup 9 popup 0,20,100,200
         800 element o untold",
        "click Left 20,10 100..190 opens_popup #1,5
         click Left 30,60 400..440 chooses(File/Save) #6,7
         finish RecordingEnds 800..800",
    );
}

#[test]
fn an_item_selected_beside_the_press_is_not_what_was_chosen() {
    let chosen = |then: &str, option: &str| {
        check(
            &format!(
                "100 press left 20,10 =file
                 110 element file menu File 0,0,40,20
                 150 window popup 9 popup 0,20,100,200
                 190 release left 20,10
                 400 press left 30,60
                 {then}"
            ),
            &format!(
                "click Left 20,10 100..190 opens_popup #1,4
                 click Left 30,60 400..440 chooses({option}) #5,7
                 finish RecordingEnds 440..440"
            ),
        );
    };
    chosen("410 selected menu-item Save 0,50,100,20\n440 release left 30,60", "File/Save");
    chosen("410 selected menu-item Open 0,20,100,20\n440 release left 30,60", "File/?");
}

#[test]
fn a_dropdown_drawn_by_a_page_is_known_by_its_items() {
    check(
        "100 press left 20,10
         140 release left 20,10
         150 expanded combo-box Colour 0,0,90,20
         400 press left 30,60 =o
         440 release left 30,60
         460 element o list-item Blue 0,50,90,20",
        "click Left 20,10 100..140 opens_popup #1,2
         click Left 30,60 400..440 chooses(Colour/Blue) #4,5
         finish RecordingEnds 460..460",
    );
}

#[test]
fn a_link_in_a_menu_that_a_page_unfolds_under_the_pointer_is_a_choice() {
    check(
        "100 move 20,10
         400 expanded link Deck 0,0,90,20
         900 press left 30,60 =o
         940 release left 30,60
         950 element o link Ropes 0,50,90,20",
        "hover 20,10 100..100 opens_popup #1
         click Left 30,60 900..940 chooses(Deck/Ropes) #3,4
         finish RecordingEnds 950..950",
    );
}

#[test]
fn a_menu_that_a_page_hides_without_a_word_is_chosen_from_once() {
    check(
        "100 move 20,10
         400 expanded link Deck 0,0,90,20
         900 press left 30,60 =o
         940 release left 30,60
         950 element o link Ropes 0,50,90,20
         3000 press left 300,400 =p
         3040 release left 300,400
         3050 element p push-button Enter 280,390,60,20",
        "hover 20,10 100..100 opens_popup #1
         click Left 30,60 900..940 chooses(Deck/Ropes) #3,4
         click Left 300,400 3000..3040 #6,7
         finish RecordingEnds 3050..3050",
    );
}

#[test]
fn a_choice_by_keyboard_is_a_choice() {
    check(
        "100 down Alt_L
         150 down f alt
         170 up f alt
         180 up Alt_L
         200 window popup 9 popup 0,20,100,200
         300 down Down
         310 up Down
         320 selected menu-item Open 0,20,90,20 menu File
         400 down Return
         410 up Return
         420 window unpopup 9 popup 0,20,100,200",
        "key alt+f x1 150..180 shortcut opens_popup #1,2,3,4
         key Down x1 300..310 #6,7
         key Return x1 400..410 chooses(File/Open) #9,10
         finish RecordingEnds 420..420",
    );
}

#[test]
fn a_list_that_is_no_popup_is_no_choice_from_one_and_a_suggestion_is_nobodys() {
    check(
        "100 press left 20,10 =l
         140 release left 20,10
         150 element l list-item Row 0,0,90,20
         2000 text ab
         2200 window popup 9 popup 0,20,90,200
         2300 window unpopup 9 popup 0,20,90,200",
        "click Left 20,10 100..140 #1,2
         type \"ab\" 2000..2000 #4
         finish RecordingEnds 2300..2300",
    );
}

/// As Chromium tells it: the list is told when its first row is chosen, long after its window showed.
#[test]
fn a_suggestion_of_a_field_is_chosen_by_keyboard_from_the_list_that_a_click_opened() {
    check(
        "100 press left 20,10 =f
         140 release left 20,10
         150 window popup 9 popup 0,20,100,200
         160 element f combo-box Fruit 0,0,90,20
         1000 down Down
         1010 up Down
         1020 popped list-box Autofill 5,25,90,180
         1030 selected list-item Apple 5,25,90,30 list-item Apple list-box Autofill frame -
         1900 down Return
         1910 up Return
         1920 window unpopup 9 popup 0,20,100,200",
        "click Left 20,10 100..140 opens_popup #1,2
         key Down x1 1000..1010 #5,6
         key Return x1 1900..1910 chooses(Fruit/Apple) #9,10
         finish RecordingEnds 1920..1920",
    );
}

/// As Chromium tells it: each menu has a window, and an item tells only the menu it is in.
#[test]
fn an_item_of_a_menu_in_a_context_menu_of_a_browser_is_chosen_by_mouse() {
    check(
        "100 press right 20,10 =n
         140 release right 20,10
         150 window popup 9 popup 20,10,200,300
         160 popped menu - 20,14,200,292 panel - menu-bar - frame -
         170 element n entry Name 0,0,90,20
         900 move 60,200 =s
         920 selected menu-item Spelling 20,190,200,30 menu - panel - menu-bar - frame -
         930 element s menu-item Spelling 20,190,200,30
         1200 window popup 10 popup 220,190,200,100
         1210 popped menu Spelling 220,194,200,92 panel - menu-bar Spelling frame -
         1220 expanded menu-item Spelling 20,190,200,30 menu -
         2000 move 260,210
         2020 selected check-menu-item English 220,194,200,30 menu Spelling menu-bar Spelling frame -
         2600 press left 260,210
         2640 release left 260,210
         2650 window unpopup 10 popup 220,190,200,100
         2650 window unpopup 9 popup 20,10,200,300",
        "click Right 20,10 100..140 opens_popup #1,2
         hover 60,200 900..900 opens_popup #6
         hover 260,210 2000..2000 #12
         click Left 260,210 2600..2640 chooses(Spelling/English) #14,15
         finish RecordingEnds 2650..2650",
    );
}

#[test]
fn a_suggestion_that_typing_brought_up_belongs_to_its_field() {
    let typed = "50 focus entry City 0,0,90,20
         100 text ber
         300 window popup 9 popup 0,20,100,200";
    check(
        &format!(
            "{typed}
             1000 down Down
             1010 up Down
             1030 selected list-item Bern 5,25,90,30 list-box - frame -
             1900 down Return
             1910 up Return
             1920 window unpopup 9 popup 0,20,100,200"
        ),
        "type \"ber\" 100..100 fills(City=ber) #2
         key Down x1 1000..1010 #4,5
         key Return x1 1900..1910 chooses(City/Bern) #7,8
         finish RecordingEnds 1920..1920",
    );
    check(
        &format!(
            "{typed}
             900 press left 20,60
             940 release left 20,60
             945 selected list-item Berlin 5,55,90,30 list-box - frame -
             950 window unpopup 9 popup 0,20,100,200
             3000 press left 300,300
             3040 release left 300,300"
        ),
        "type \"ber\" 100..100 fills(City=ber) #2
         click Left 20,60 900..940 chooses(City/Berlin) #4,5
         click Left 300,300 3000..3040 #8,9
         finish RecordingEnds 3040..3040",
    );
}

#[test]
fn a_list_that_a_page_unfolds_below_a_field_belongs_to_it_until_it_folds() {
    check(
        "50 focus combo-box City 0,0,90,20
         100 text ber
         300 expanded combo-box City 0,0,90,20
         900 press left 20,60 =b
         940 release left 20,60
         950 element b list-item Berlin 5,55,90,30
         960 collapsed combo-box City 0,0,90,20
         3000 press left 20,60 =c
         3040 release left 20,60
         3050 element c list-item Row 5,55,90,30",
        "type \"ber\" 100..100 fills(City=ber) #2
         click Left 20,60 900..940 chooses(City/Berlin) #4,5
         click Left 20,60 3000..3040 #8,9
         finish RecordingEnds 3050..3050",
    );
}

/// As GTK tells it: an item that opens a menu is called a menu and has a row's place; a look-up there finds the text
/// below. Some menus have no names of their own.
#[test]
fn a_menu_in_a_context_menu_is_on_the_path() {
    let open = "100 press right 300,300 =t
         140 release right 300,300
         150 window popup 9 popup 300,300,200,300
         160 popped menu - 300,300,200,300
         170 element t text Letter 0,0,900,700
         900 move 350,420 =h
         920 selected menu Convert 300,410,200,30 menu -
         930 element h text Letter 0,0,900,700
         1150 window popup 10 popup 500,410,200,100
         1160 popped menu Convert 300,410,200,30 menu -";
    let chosen = "2600 press left 560,425
         2640 release left 560,425
         2650 window unpopup 10 popup 500,410,200,100
         2650 window unpopup 9 popup 300,300,200,300";
    let wanted = |path: &str, hover: &str| {
        format!(
            "click Right 300,300 100..140 opens_popup #1,2
             hover 350,420 900..900 opens_popup #6
             {hover}
             click Left 560,425 2600..2640 chooses({path}) #{}
             finish RecordingEnds 2650..2650",
            if hover.is_empty() { "11,12" } else { "13,14" }
        )
    };
    let selected = |above: &str| {
        format!(
            "{open}
             2000 move 560,425
             2020 selected menu-item Upper 500,410,200,30 {above}
             {chosen}"
        )
    };
    let hover = "hover 560,425 2000..2000 #11";
    check(&selected("menu Convert menu -"), &wanted("Convert/Upper", hover));
    check(&selected("menu - menu -"), &wanted("Letter/Convert/Upper", hover));
    check(&format!("{open}\n{chosen}"), &wanted("Letter/Convert/?", ""));
}

/// As LibreOffice tells it: the window below a drop button holds buttons, and no menu.
#[test]
fn a_control_of_the_window_below_a_drop_button_is_chosen_by_keyboard_and_by_mouse() {
    let open = "100 press left 20,10 =d
         140 release left 20,10
         150 window popup 9 popup 0,20,200,300
         160 focus panel Colour 2,22,196,296 push-button Colour tool-bar Formatting
         170 popped window Colour 0,20,200,300
         180 focus push-button Automatic 5,25,190,30 panel Colour tool-bar Formatting
         190 element d push-button Colour 0,0,40,20";
    check(
        &format!(
            "{open}
             900 down Return
             910 up Return
             920 window unpopup 9 popup 0,20,200,300"
        ),
        "click Left 20,10 100..140 opens_popup #1,2
         key Return x1 900..910 chooses(Colour/Automatic) #8,9
         finish RecordingEnds 920..920",
    );
    check(
        &format!(
            "{open}
             900 press left 20,250 =c
             940 release left 20,250
             950 element c push-button Custom 5,240,190,30
             960 window unpopup 9 popup 0,20,200,300"
        ),
        "click Left 20,10 100..140 opens_popup #1,2
         click Left 20,250 900..940 chooses(Colour/Custom) #8,9
         finish RecordingEnds 960..960",
    );
}
