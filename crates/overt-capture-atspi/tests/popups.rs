//! Menus, dropdowns, lists and tabs: that the events alone tell which one opened, the path of items, the
//! option that was chosen, and that it was dismissed.

mod stage;

use overt_event::{AccessibleEvent, FocusKind, Node, Point, RawBody};
use stage::follow::{follow, follow_click, named, told};
use stage::{PATIENCE, Stage, Watch, Window};

fn gtk(
    stage: &mut Stage,
    watch: &Watch,
    program: &[&str],
    title: &str,
    name: &str,
) -> (u32, Window, Vec<Node>) {
    let pid = stage.spawn(program[0], &program[1..]);
    let window = stage.window(title);
    (pid, window, watch.snapshot_with(pid, window, name).nodes)
}

#[test]
fn a_menu_of_gtk_is_followed_by_keyboard_until_it_is_dismissed() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    gtk(&mut stage, &watch, &["mousepad", "--disable-server"], "Mousepad", "File");
    watch.probe_until(|kind| *kind == FocusKind::Other { role: "text".to_owned() });
    stage.key("alt+f");
    follow(&watch, &["selected menu File", "opened menu File", "selected menu item New in menu File"]);
    stage.key("Down");
    follow(&watch, &["selected menu item New Window in menu File"]);
    stage.key("Escape");
    follow(&watch, &["dismissed menu File"]);
    stage.key("Escape");
    follow(&watch, &["focused text "]);
}

#[test]
fn an_item_of_a_menu_within_a_menu_is_followed_by_mouse_until_it_is_chosen() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    let (_, _, nodes) = gtk(&mut stage, &watch, &["mousepad", "--disable-server"], "Mousepad", "Document");
    watch.probe_until(|kind| *kind == FocusKind::Other { role: "text".to_owned() });
    follow_click(
        &stage,
        &watch,
        named(&nodes, "menu", "Document").bounds.center(),
        &["selected menu Document"],
    );
    stage.key("Down");
    follow(&watch, &["opened menu Document"]);
    let hover = |from: &AccessibleEvent, rows: i32| {
        let at = from.node.bounds.center();
        stage.move_to(Point { y: at.y + rows * from.node.bounds.h, ..at });
    };
    let first = follow(&watch, &["selected menu item Word Wrap in menu Document"]).remove(0);
    hover(&first, 2);
    let sub = follow(&watch, &["selected menu Tab Size in menu Document"]).remove(0);
    stage.key("Right");
    let opened = follow(&watch, &["opened menu Tab Size in menu Document"]).remove(0);
    assert_eq!(opened.node.bounds, sub.node.bounds);
    stage.key("Return");
    follow(&watch, &["dismissed menu Tab Size in menu Document", "dismissed menu Document"]);
}

#[test]
fn a_context_menu_of_gtk_opens_and_is_dismissed() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    let (_, window, _) = gtk(&mut stage, &watch, &["mousepad", "--disable-server"], "Mousepad", "File");
    watch.probe_until(|kind| *kind == FocusKind::Other { role: "text".to_owned() });
    stage.move_to(window.bounds.center());
    stage.xdotool(&["click", "3"]);
    follow(&watch, &["opened menu ", "focused menu "]);
    stage.key("Down");
    follow(&watch, &["selected menu item Paste"]);
    stage.key("Escape");
    follow(&watch, &["dismissed menu ", "focused text "]);
}

#[test]
fn a_dropdown_of_gtk_tells_the_option_that_was_chosen_and_a_notebook_its_page() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    let factory = "gtk3-widget-factory";
    let (_, _, nodes) = gtk(&mut stage, &watch, &[factory], factory, "Left");
    follow_click(
        &stage,
        &watch,
        named(&nodes, "combo box", "Left").bounds.center(),
        &["opened menu  in combo box Left", "selected menu item Left in combo box Left"],
    );
    stage.key("Down");
    follow(&watch, &["selected menu item Middle in combo box Left"]);
    stage.key("Return");
    follow(&watch, &["dismissed menu  in combo box Left", "selection in combo box Middle"]);
    let page = nodes.iter().find(|n| n.role == "page tab" && n.name == "page 2").expect("a notebook");
    follow_click(
        &stage,
        &watch,
        page.bounds.center(),
        &["selected page tab page 2", "selection in page tab list "],
    );
}

#[test]
fn a_completion_of_gtk_opens_is_chosen_from_and_is_dismissed() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    stage.spawn("gtk3-demo", &["--run", "entry_completion"]);
    stage.window("Completion");
    watch.probe_until(|kind| *kind == FocusKind::Other { role: "text".to_owned() });
    stage.xdotool(&["type", "t"]);
    follow(&watch, &["typed t"]);
    // The list comes a moment after the text.
    stage.window("^gtk3-demo$");
    stage.key("Down");
    follow(&watch, &["opened window ", "focused table cell total"]);
    stage.key("Return");
    follow(&watch, &["dismissed window ", "typed total"]);
}

#[test]
fn a_completion_of_gtk_is_dismissed_by_escape() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    stage.spawn("gtk3-demo", &["--run", "entry_completion"]);
    stage.window("Completion");
    watch.probe_until(|kind| *kind == FocusKind::Other { role: "text".to_owned() });
    let popups = stage.popups();
    stage.xdotool(&["type", "t"]);
    popups.next();
    stage.key("Down");
    follow(&watch, &["opened window ", "focused table cell total"]);
    stage.key("Escape");
    follow(&watch, &["dismissed window "]);
}

/// A menu, a select, two fields with lists and tabs, at known places.
const PAGE: &str = "<!doctype html><title>Form</title>\
<style>*{margin:0}body>*{position:absolute}#sub,#lb{display:none;background:#eee}#sub div,#lb div{height:30px}</style>\
<button id=m aria-haspopup=menu aria-expanded=false style='left:20px;top:20px;width:100px;height:30px'>Shop</button>\
<div id=sub role=menu aria-label=Goods style='left:20px;top:60px;width:150px'>\
<div role=menuitem tabindex=-1>Ropes</div><div role=menuitem tabindex=-1>Sails</div></div>\
<select aria-label=Colour style='left:300px;top:20px;width:120px;height:30px'><option>Red<option>Green<option>Blue</select>\
<input id=c role=combobox aria-label=City aria-expanded=false aria-controls=lb style='left:500px;top:20px;width:150px;height:30px'>\
<div id=lb role=listbox aria-label=Cities style='left:500px;top:60px;width:150px'>\
<div id=o0 role=option>Berlin</div><div id=o1 role=option>Bern</div></div>\
<datalist id=dl><option>Apple<option>Apricot</datalist>\
<input id=d list=dl aria-label=Fruit style='left:700px;top:20px;width:150px;height:30px'>\
<div role=tablist aria-label=Parts style='left:20px;top:400px'><button role=tab aria-selected=true>One</button>\
<button role=tab aria-selected=false id=two style='width:100px;height:30px'>Two</button></div>\
<script>const show=(e,of,on)=>{e.style.display=on?'block':'none';of.setAttribute('aria-expanded',on)};\
m.onclick=()=>{show(sub,m,true);sub.children[0].focus()};\
sub.onmouseover=e=>e.target.focus();sub.onclick=()=>{show(sub,m,false);m.focus()};\
sub.onkeydown=e=>{if(e.key=='ArrowDown')sub.children[1].focus();if(e.key=='Escape'){show(sub,m,false);m.focus()}};\
const mark=i=>{c.setAttribute('aria-activedescendant','o'+i);\
for(const n of[0,1])lb.children[n].setAttribute('aria-selected',n==i)};\
c.oninput=()=>{show(lb,c,true);mark(0)};\
c.onkeydown=e=>{if(e.key=='ArrowDown')mark(1);if(e.key=='Enter'){show(lb,c,false);\
c.removeAttribute('aria-activedescendant');c.value='Bern'}};\
two.onclick=()=>{two.setAttribute('aria-selected',true);two.previousElementSibling.setAttribute('aria-selected',false)}\
</script>";

fn page(stage: &mut Stage, watch: &Watch) {
    let pid = stage.chromium(PAGE);
    let window = stage.window("Form");
    watch.snapshot_with(pid, window, "Two");
    watch.probe_until(|kind| *kind == FocusKind::Other { role: "document web".to_owned() });
}

#[test]
fn a_select_of_a_page_tells_what_was_chosen_and_what_was_not() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    page(&mut stage, &watch);
    let select = Point { x: 350, y: 35 };
    follow_click(
        &stage,
        &watch,
        select,
        &["expanded combo box Colour", "focused menu item Red in combo box Colour"],
    );
    stage.key("Down");
    follow(&watch, &["focused menu item Green in combo box Colour"]);
    stage.key("Return");
    follow(&watch, &["collapsed combo box Colour", "selected menu item Green in combo box Colour"]);
    follow_click(
        &stage,
        &watch,
        select,
        &["expanded combo box Colour", "focused menu item Green in combo box Colour"],
    );
    stage.key("Down");
    follow(&watch, &["focused menu item Blue in combo box Colour"]);
    stage.key("Escape");
    follow(&watch, &["focused combo box Colour", "collapsed combo box Colour"]);
}

#[test]
fn a_menu_that_a_page_draws_is_followed_by_mouse_by_hover_and_by_keyboard() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    page(&mut stage, &watch);
    let button = Point { x: 70, y: 35 };
    for by_key in [true, false] {
        follow_click(
            &stage,
            &watch,
            button,
            &["focused menu item Ropes in menu Goods", "expanded push button Shop"],
        );
        match by_key {
            true => stage.key("Down"),
            false => stage.move_to(Point { x: 60, y: 105 }),
        }
        follow(&watch, &["focused menu item Sails in menu Goods"]);
        match by_key {
            true => stage.key("Escape"),
            false => stage.click(Point { x: 60, y: 105 }),
        }
        follow(&watch, &["collapsed push button Shop"]);
    }
}

#[test]
fn the_lists_below_the_fields_of_a_page_tell_their_rows_and_what_was_chosen() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    page(&mut stage, &watch);
    follow_click(&stage, &watch, Point { x: 550, y: 35 }, &["focused combo box City"]);
    stage.xdotool(&["type", "b"]);
    follow(&watch, &["typed b", "focused list item Berlin in list box Cities", "expanded combo box City"]);
    stage.key("Down");
    follow(&watch, &["selected list item Bern in list box Cities"]);
    stage.key("Return");
    follow(&watch, &["typed Bern", "collapsed combo box City"]);
    follow_click(&stage, &watch, Point { x: 770, y: 35 }, &["focused combo box Fruit"]);
    stage.key("Down");
    follow(&watch, &["selected list item Apple in list item Apple"]);
    // For half a second Chromium takes no answer from a list that just opened.
    let is_apple = |body| matches!(body, RawBody::Accessible { event, .. } if told(&event) == "typed Apple");
    let chosen = (0..30).any(|_| {
        stage.key("Return");
        watch.wait(PATIENCE / 30, |body| is_apple(body).then_some(())).is_some()
    });
    assert!(chosen, "the option is told");
}

#[test]
fn a_tab_of_a_page_is_selected() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    page(&mut stage, &watch);
    follow_click(
        &stage,
        &watch,
        Point { x: 100, y: 415 },
        &["selection in page tab list Parts", "selected page tab Two in page tab list Parts"],
    );
}

#[test]
fn the_menus_and_the_lists_of_tool_bars_of_libreoffice_open_and_are_dismissed() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    stage.libreoffice("--calc");
    let window = stage.window("Calc");
    let pid = stage.pid_of(window);
    let nodes = watch.snapshot_with(pid, window, "Font Name").nodes;
    watch.probe_until(|kind| *kind == FocusKind::Other { role: "table".to_owned() });
    stage.key("alt+d");
    follow(&watch, &["opened menu Data", "selected menu item Sort... in menu Data"]);
    stage.key("Escape");
    follow(&watch, &["dismissed menu Data"]);
    stage.key("Escape");
    stage.move_to(Point { x: 300, y: 400 });
    stage.xdotool(&["click", "3"]);
    follow(&watch, &["opened menu ", "focused menu "]);
    stage.key("Escape");
    follow(&watch, &["dismissed menu "]);
    let fonts = named(&nodes, "panel", "Font Name").bounds;
    follow_click(
        &stage,
        &watch,
        Point { x: fonts.x + fonts.w - 15, ..fonts.center() },
        &["opened window ", "focused table "],
    );
    stage.key("Escape");
    follow(&watch, &["dismissed window "]);
}
