//! Text that arrives without a key of its own: composed, pasted, chosen. And text that no person typed.

mod stage;

use std::time::Instant;

use overt_event::{AccessibleChange, FocusKind, RawBody};
use stage::{PATIENCE, Stage, Watch};

/// What was inserted until the texts, put together, end like this.
fn inserted_until(watch: &Watch, end: &str) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    let done = watch.wait(PATIENCE, |body| {
        if let RawBody::Accessible { event, .. } = body
            && let AccessibleChange::TextInserted { text } = event.change
        {
            texts.push(text);
        }
        texts.concat().ends_with(end).then_some(())
    });
    assert!(done.is_some(), "{end} is not in {texts:?}");
    texts
}

/// Types a point until it is told: the first keys of an editor that is just opening may go by.
fn type_until_told(stage: &Stage, watch: &Watch) {
    let deadline = Instant::now() + PATIENCE;
    let told = |body| match body {
        RawBody::Accessible { event, .. } => {
            (event.change == AccessibleChange::TextInserted { text: ".".into() }).then_some(())
        }
        _ => None,
    };
    loop {
        stage.xdotool(&["type", "."]);
        if watch.wait(PATIENCE / 10, told).is_some() {
            return;
        }
        assert!(Instant::now() < deadline, "no key is told");
    }
}

fn role(name: &str) -> FocusKind {
    FocusKind::Other { role: name.to_owned() }
}

/// Composes é by its number, as GTK's own input method does, and marks the end with a point.
fn compose(stage: &Stage) {
    stage.key("ctrl+shift+u");
    stage.xdotool(&["type", "e9"]);
    stage.key("Return");
}

#[test]
fn composed_and_pasted_text_is_told_in_an_editor_of_gtk() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    stage.spawn("mousepad", &["--disable-server"]);
    watch.probe_until(|kind| *kind == role("text"));
    compose(&stage);
    stage.xdotool(&["type", "."]);
    assert_eq!(inserted_until(&watch, "."), ["é", "."], "the digits that compose it are not text");
    for key in ["ctrl+a", "ctrl+c", "End", "ctrl+v"] {
        stage.key(key);
    }
    assert_eq!(inserted_until(&watch, "."), ["é."]);
}

/// Another input method than GTK's own, which makes one letter of several keys and shows them until then.
#[test]
fn text_that_an_input_method_commits_is_told_and_the_keys_that_make_it_are_not() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    stage.spawn("env", &["GTK_IM_MODULE=cyrillic_translit", "mousepad", "--disable-server"]);
    watch.probe_until(|kind| *kind == role("text"));
    type_until_told(&stage, &watch);
    stage.xdotool(&["type", "zhizn';"]);
    assert_eq!(inserted_until(&watch, ";").concat().trim_start_matches('.'), "жизнь;");
}

/// An input method in a process of its own, as desktops have it, which shows beside the caret what it composes.
#[test]
fn text_that_ibus_commits_is_told_and_the_keys_that_make_it_are_not() {
    let mut stage = Stage::new();
    stage.spawn("ibus-daemon", &["--panel=disable", "--single"]);
    stage.run("gdbus", &["wait", "--session", "--timeout", "20", "org.freedesktop.IBus"]);
    stage.run("ibus", &["engine", "m17n:ru:translit"]);
    assert_eq!(stage.run("ibus", &["engine"]), "m17n:ru:translit", "it is chosen");
    let watch = stage.watch();
    stage.spawn("env", &["GTK_IM_MODULE=ibus", "mousepad", "--disable-server"]);
    watch.probe_until(|kind| *kind == role("text"));
    stage.xdotool(&["type", "zhizn'."]);
    assert_eq!(inserted_until(&watch, ".").concat(), "жизнь.");
}

/// Fields at known places; what is typed into the first makes the page fill in another.
const PAGE: &str = "<!doctype html><title>Form</title><style>*{margin:0;position:absolute}</style>\
    <input aria-label=Name style='left:20px;top:20px;width:200px;height:30px'>\
    <div contenteditable aria-label=Letter style='left:20px;top:80px;width:300px;height:60px'><p>Dear</p></div>\
    <input type=password aria-label=Secret style='left:20px;top:200px;width:200px;height:30px'>\
    <input aria-label=Filled style='left:20px;top:300px;width:200px;height:30px'>\
    <script>document.querySelector('[aria-label=Name]').addEventListener('keydown',()=>\
    {document.querySelector('[aria-label=Filled]').value+='robot'})</script>";

#[test]
fn text_of_fields_and_of_editable_text_of_a_page_is_told_and_that_of_programs_and_passwords_is_not() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    let pid = stage.chromium(PAGE);
    let window = stage.window("Form");
    watch.snapshot_with(pid, window, "Secret");
    let at = |y| overt_event::Point { x: 100, y };
    stage.click(at(35));
    watch.probe_until(|kind| *kind == role("entry"));
    stage.xdotool(&["type", "ab."]);
    assert_eq!(inserted_until(&watch, ".").concat(), "ab.", "what the page fills in itself is not typed");
    for key in ["ctrl+a", "ctrl+c", "End", "ctrl+v"] {
        stage.key(key);
    }
    assert_eq!(inserted_until(&watch, ".").concat(), "ab.");
    stage.click(at(215));
    watch.probe_until(|kind| *kind == FocusKind::Password);
    stage.key("ctrl+v");
    stage.xdotool(&["type", "tiger"]);
    stage.click(at(110));
    watch.probe_until(|kind| matches!(kind, FocusKind::Other { .. }));
    stage.key("ctrl+End");
    stage.xdotool(&["type", "sir."]);
    assert_eq!(inserted_until(&watch, ".").concat(), "sir.", "nothing of the password was told");
}

#[test]
fn nothing_that_is_composed_or_pasted_into_a_password_field_of_a_dialog_is_told() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    stage.libreoffice("--calc");
    let window = stage.window("Calc");
    let pid = stage.pid_of(window);
    watch.snapshot_with(pid, window, "Bold");
    stage.key("alt+t");
    let protect = watch.snapshot_with(pid, window, "Protect Sheet...").nodes;
    let item = protect.iter().find(|n| n.name == "Protect Sheet...").expect("it was just there");
    stage.click(item.bounds.center());
    stage.window("Protect Sheet");
    while watch.probe().kind != FocusKind::Password {
        stage.key("Tab");
    }
    compose(&stage);
    stage.xdotool(&["type", "tiger"]);
    for key in ["ctrl+a", "ctrl+v", "Escape"] {
        stage.key(key);
    }
    watch.probe_until(|kind| *kind == role("table"));
    stage.key("F2");
    watch.probe_until(|kind| *kind == role("paragraph"));
    stage.xdotool(&["type", "cat."]);
    assert_eq!(inserted_until(&watch, ".").concat(), "cat.", "nothing of the password was told");
}

#[test]
fn the_name_of_the_active_cell_is_not_typed_text_and_what_is_typed_into_a_cell_is() {
    let mut stage = Stage::new();
    let watch = stage.watch();
    stage.libreoffice("--calc");
    let window = stage.window("Calc");
    watch.snapshot_with(stage.pid_of(window), window, "Bold");
    stage.click(overt_event::Point { x: 300, y: 400 });
    watch.probe_until(|kind| *kind == role("table"));
    stage.key("Down");
    stage.key("F2");
    watch.probe_until(|kind| *kind == role("paragraph"));
    stage.xdotool(&["type", "cat."]);
    assert_eq!(inserted_until(&watch, ".").concat(), "cat.");
}
