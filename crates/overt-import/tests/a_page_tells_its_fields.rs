//! rrweb sessions: what a page tells of its nodes decides what may be kept, and names what was acted on.

mod support;

use std::fs;

use overt_event::{AccessibleChange, Completeness, DenyRule, Node, RecordBody, Rect};
use overt_format::Unknown;
use overt_import::{Format, Imported};
use overt_reduce::{Action, Intent, Step, Typed};
use serde_json::{Value, json};
use support::{Desk, Wanted, tell};

const START: u64 = 1_700_000_000_000;
const HREF: &str = "https://a.example/form";

/// A session that is written down as it goes on, an event every 20 ms.
struct Session {
    events: Vec<Value>,
}

impl Session {
    fn new() -> Self {
        let mut session = Self { events: Vec::new() };
        session.add(4, json!({"href": HREF, "width": 800, "height": 600}));
        session
    }

    fn of(page: Value) -> Self {
        let mut session = Self::new();
        session.show(page);
        session
    }

    fn add(&mut self, kind: u64, data: Value) {
        let at = START + 20 * self.events.len() as u64;
        self.events.push(json!({"type": kind, "timestamp": at, "data": data}));
    }

    /// A full snapshot: a document with this body.
    fn show(&mut self, body: Value) {
        let html = json!({"type": 2, "id": 2, "tagName": "html", "attributes": {}, "childNodes": [body]});
        self.add(2, json!({"node": {"type": 0, "id": 1, "childNodes": [html]}, "initialOffset": {"top": 0, "left": 0}}));
    }

    fn change(&mut self, mut data: Value) {
        data["source"] = json!(0);
        self.add(3, data);
    }

    fn interact(&mut self, kind: u64, id: i64) {
        self.add(3, json!({"source": 2, "type": kind, "id": id, "x": 50, "y": 60}));
    }

    fn click(&mut self, id: i64) {
        [1, 0, 2].into_iter().for_each(|kind| self.interact(kind, id));
    }

    fn put(&mut self, id: i64, text: &str, is_checked: bool) {
        self.add(3, json!({"source": 5, "id": id, "text": text, "isChecked": is_checked}));
    }

    /// Character by character, after what the field holds.
    fn write(&mut self, id: i64, held: &str, text: &str) {
        for (end, c) in text.char_indices() {
            self.put(id, &format!("{held}{}", &text[..end + c.len_utf8()]), false);
        }
    }

    /// Nothing happens for three seconds, so that what follows is another action.
    fn rest(&mut self) {
        (0..150).for_each(|_| self.add(5, json!({"tag": "rest", "payload": {}})));
    }

    fn import(&self, desk: &Desk, wanted: Wanted) -> Imported {
        let file = desk.path().join("session.json");
        fs::write(&file, Value::Array(self.events.clone()).to_string()).expect("a file");
        desk.import(Format::Rrweb, &file, wanted).expect("it imports")
    }
}

fn node(id: i64, tag: &str, attributes: Value, children: Vec<Value>) -> Value {
    json!({"type": 2, "id": id, "tagName": tag, "attributes": attributes, "childNodes": children})
}

fn text(id: i64, text: &str) -> Value {
    json!({"type": 3, "id": id, "textContent": text})
}

fn body(children: Vec<Value>) -> Value {
    node(3, "body", json!({}), children)
}

fn input(id: i64, attributes: Value) -> Value {
    node(id, "input", attributes, Vec::new())
}

fn typed(steps: &[Step]) -> Vec<&str> {
    let texts = steps.iter().filter_map(|step| match &step.action {
        Action::Type { text: Typed::Text(text), .. } => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

/// Nothing that was kept has any of these in it, and what was typed beside it is there.
fn check_secret(session: &Session, secret: &str, kept: &[&str]) {
    let desk = Desk::new();
    let imported = session.import(&desk, Wanted::default());
    let records = serde_json::to_string(&desk.records(&imported.path)).expect("it serialises");
    for c in secret.chars() {
        assert!(!records.contains(c), "a character of a password was kept");
    }
    assert!(imported.flow.denied.contains_key(&DenyRule::SecretField), "{:?}", imported.flow);
    let (steps, _) = desk.steps(&imported.path);
    assert_eq!(typed(&steps), kept, "{}", tell(&steps));
}

/// Letters that no word of a record has.
const SECRET: &str = "\u{3b1}\u{3b2}\u{3b3}\u{3b4}";

#[test]
fn a_password_field_is_one_by_what_it_says_of_itself_whatever_its_text_looks_like() {
    let says = [
        json!({"type": "password"}),
        json!({"type": "Password"}),
        json!({"type": "text", "autocomplete": "section-a current-password"}),
        json!({"autocomplete": "new-password"}),
        json!({"type": "text", "data-rr-is-password": "true"}),
    ];
    for attributes in says {
        let mut session = Session::of(body(vec![input(7, json!({})), input(8, attributes)]));
        session.write(7, "", "me");
        session.rest();
        session.write(8, "", SECRET);
        check_secret(&session, SECRET, &["me"]);
    }
}

#[test]
fn once_a_password_field_always_one() {
    // Its type changes, as a button "show password" does it.
    let mut shown = Session::of(body(vec![input(8, json!({"type": "password"}))]));
    shown.change(json!({"attributes": [{"id": 8, "attributes": {"type": "text"}}]}));
    shown.write(8, "", SECRET);
    check_secret(&shown, SECRET, &[]);
    // The page is told anew, and its snapshot says "text" alone.
    shown.show(body(vec![input(8, json!({"type": "text"}))]));
    shown.write(8, "", SECRET);
    check_secret(&shown, SECRET, &[]);
    // Another field stands in its place.
    let mut swapped = Session::of(body(vec![input(8, json!({"type": "password", "name": "pw"}))]));
    swapped.change(json!({
        "removes": [{"parentId": 3, "id": 8}],
        "adds": [{"parentId": 3, "nextId": null, "node": input(9, json!({"type": "text", "name": "pw"}))}],
    }));
    swapped.write(9, "", SECRET);
    check_secret(&swapped, SECRET, &[]);
    // It showed what was typed before it said what it is.
    let mut later = Session::of(body(vec![input(8, json!({"type": "text"}))]));
    later.write(8, "", SECRET);
    later.change(json!({"attributes": [{"id": 8, "attributes": {"type": "password"}}]}));
    check_secret(&later, SECRET, &[]);
    // It showed dots until it showed what stands behind them.
    let mut masked = Session::of(body(vec![input(8, json!({}))]));
    masked.put(8, "\u{2022}", false);
    masked.put(8, &format!("\u{2022}{SECRET}"), false);
    check_secret(&masked, SECRET, &[]);
}

#[test]
fn a_password_field_counts_as_one_also_where_the_page_was_not_told() {
    let mut session = Session::new();
    session.change(json!({"attributes": [{"id": 8, "attributes": {"type": "password"}}]}));
    session.write(8, "", SECRET);
    check_secret(&session, SECRET, &[]);
}

#[test]
fn text_before_a_password_that_is_told_later_does_not_let_the_password_through() {
    let mut session = Session::of(body(vec![input(7, json!({})), input(8, json!({"type": "password"}))]));
    session.put(8, "\u{3b1}", false);
    session.put(8, "\u{3b1}\u{3b2}", false);
    session.put(7, "m", false);
    // By its time it stands between the two characters of the password.
    let last = session.events.len() - 1;
    session.events[last]["timestamp"] = json!(START + 20 * (last as u64 - 1) - 10);
    check_secret(&session, "\u{3b1}\u{3b2}", &["m"]);
}

#[test]
fn a_value_is_no_name_unless_it_is_that_of_a_button() {
    let secret = json!({"type": "password", "value": SECRET});
    let area = node(9, "textarea", json!({}), vec![text(10, SECRET)]);
    let editor = node(11, "div", json!({"contenteditable": "true"}), vec![text(12, SECRET)]);
    let written = input(13, json!({"value": SECRET}));
    let mut session = Session::of(body(vec![input(8, secret), area, editor, written]));
    [8, 9, 11, 13, 3].into_iter().for_each(|id| session.click(id));
    [8, 9, 11, 13].into_iter().for_each(|id| session.interact(5, id));
    session.put(8, &format!("{SECRET}\u{3b1}"), false);
    check_secret(&session, SECRET, &[]);
}

#[test]
fn of_a_field_that_was_not_told_it_is_unknown_what_has_the_focus() {
    let mut session = Session::of(body(vec![node(4, "div", json!({}), Vec::new())]));
    session.write(99, "", "lamp");
    session.rest();
    // A node of which rrweb never tells an input.
    session.write(4, "", "shade");
    let desk = Desk::new();
    let imported = session.import(&desk, Wanted { keys_without_focus: false, ..Wanted::default() });
    let denied = imported.flow.denied.get(&DenyRule::FocusUnknown);
    assert!(denied.is_some_and(|keys| *keys >= 9), "{:?}", imported.flow);
    assert!(imported.unknown.contains(&Unknown::Focus));
    assert!(typed(&desk.steps(&imported.path).0).is_empty());
    let imported = session.import(&desk, Wanted::default());
    assert_eq!(typed(&desk.steps(&imported.path).0), ["lamp", "shade"], "the parties signed for it");
}

/// A form with everything that has a name.
fn form() -> Value {
    let option =
        |id, value: &str, says: &str| node(id, "option", json!({"value": value}), vec![text(id + 1, says)]);
    let wrapped = vec![input(21, json!({"type": "checkbox"})), text(22, " I  agree ")];
    body(vec![
        node(4, "label", json!({"for": "who"}), vec![text(5, "Your name")]),
        input(6, json!({"id": "who", "placeholder": "Jane"})),
        node(
            10,
            "button",
            json!({}),
            vec![node(11, "span", json!({}), vec![text(12, "Send")]), text(13, " it now")],
        ),
        node(20, "label", json!({}), wrapped),
        node(
            30,
            "select",
            json!({"aria-label": "Colour", "value": "r"}),
            vec![option(31, "r", "Red"), option(33, "g", "Green")],
        ),
        node(40, "div", json!({"role": "tab", "aria-labelledby": "who x"}), vec![text(41, "First")]),
        input(50, json!({"type": "submit", "value": "Order"})),
        input(51, json!({"type": "search", "placeholder": "Find"})),
        node(60, "nav", json!({}), vec![node(61, "a", json!({"title": "T"}), vec![text(62, "Home")])]),
        input(
            70,
            json!({"type": "radio", "name": "size", "value": "s", "aria-label": "Small", "checked": true}),
        ),
        input(71, json!({"type": "radio", "name": "size", "value": "l", "aria-label": "Large"})),
    ])
}

fn elements(desk: &Desk, imported: &Imported) -> Vec<(Node, Vec<Node>)> {
    let records = desk.records(&imported.path).into_iter();
    let elements = records.filter_map(|record| match record.body {
        RecordBody::Element(lookup) => {
            assert_eq!(lookup.completeness, Completeness::Complete);
            lookup.element.map(|e| (e.node, e.ancestors))
        }
        _ => None,
    });
    elements.collect()
}

#[test]
fn a_press_meets_an_element_with_a_name_and_without_a_place() {
    let mut session = Session::of(form());
    let met = [4, 6, 11, 20, 21, 30, 40, 50, 51, 61, 71, 999];
    met.into_iter().for_each(|id| session.click(id));
    let desk = Desk::new();
    let imported = session.import(&desk, Wanted::default());
    let unknown = |what| imported.unknown.contains(&what);
    assert!(!unknown(Unknown::Elements) && unknown(Unknown::Places), "{:?}", imported.unknown);
    let elements = elements(&desk, &imported);
    let told: Vec<_> = elements.iter().map(|(n, _)| (n.role.as_str(), n.name.as_str())).collect();
    let expected = [
        ("label", "Your name"),
        ("entry", "Your name"),
        ("push button", "Send it now"),
        ("label", "I agree"),
        ("check box", "I agree"),
        ("combo box", "Colour"),
        ("page tab", "First"),
        ("push button", "Order"),
        ("entry", "Find"),
        ("link", "Home"),
        ("radio button", "Large"),
    ];
    assert_eq!(told, expected, "and of the node that is not known nothing is told");
    assert!(elements.iter().all(|(n, above)| {
        n.bounds == Rect::default() && above.iter().all(|n| n.bounds == Rect::default())
    }));
    let around: Vec<&str> = elements[9].1.iter().map(|n| n.role.as_str()).collect();
    assert_eq!(around, ["section", "document web"]);
}

#[test]
fn what_is_put_into_a_field_fills_it() {
    let mut session = Session::of(form());
    session.click(6);
    session.interact(5, 6);
    session.write(6, "", "Ann");
    session.rest();
    session.click(21);
    session.put(21, "on", true);
    session.rest();
    session.click(71);
    session.put(71, "l", true);
    session.put(70, "s", false);
    session.rest();
    session.click(30);
    session.put(30, "g", false);
    session.rest();
    session.put(30, "g", false);
    let desk = Desk::new();
    let imported = session.import(&desk, Wanted::default());
    assert_eq!(imported.dropped.get("lists that stayed as they were"), Some(&1));
    let (steps, closing) = desk.steps(&imported.path);
    assert!(closing.ledger.errors.is_empty(), "{:?}", closing.ledger);
    let fills = |step: &Step| {
        step.intents.iter().find_map(|intent| match intent {
            Intent::FillsField { label, value } => Some((label.clone(), value.clone())),
            _ => None,
        })
    };
    let filled: Vec<_> = steps.iter().filter_map(fills).collect();
    let expected = [("Your name", "Ann"), ("I agree", "checked"), ("Large", "checked")];
    assert_eq!(filled, expected.map(|(l, v)| (l.to_owned(), Some(v.to_owned()))), "{}", tell(&steps));
    let choices = |step: &Step| {
        let choose = |intent: &&Intent| matches!(intent, Intent::ChoosesFromPopup { .. });
        let element = step.element.as_ref().map(|t| t.element.node.name.clone());
        step.intents.iter().find(choose).map(|intent| (element, intent.clone()))
    };
    let green =
        Intent::ChoosesFromPopup { path: vec!["Colour".to_owned()], option: Some("Green".to_owned()) };
    let choices: Vec<_> = steps.iter().filter_map(choices).collect();
    assert_eq!(choices, [(Some("Colour".to_owned()), green)], "{}", tell(&steps));
    let chosen = desk.records(&imported.path).into_iter().filter_map(|r| match r.body {
        RecordBody::Accessible(event) if event.change == AccessibleChange::Selected => Some(event.node),
        _ => None,
    });
    let chosen: Vec<_> = chosen.into_iter().map(|n| (n.role, n.name, n.states)).collect();
    assert_eq!(chosen, [("menu item".to_owned(), "Green".to_owned(), vec!["selected".to_owned()])]);
}

#[test]
fn only_what_was_added_to_what_a_field_held_was_typed() {
    let mut session = Session::of(body(vec![
        input(7, json!({"value": "Order "})),
        node(8, "textarea", json!({}), vec![text(9, "Dear ")]),
        input(10, json!({"type": "range", "value": "5"})),
    ]));
    session.write(7, "Order ", "12");
    session.rest();
    session.write(8, "Dear ", "all");
    session.rest();
    session.put(10, "50", false);
    session.add(3, json!({"source": 5, "id": 7, "text": "Order 12 of two", "userTriggered": false}));
    session.put(7, "Order 12 of two!", false);
    let desk = Desk::new();
    let imported = session.import(&desk, Wanted::default());
    let (steps, _) = desk.steps(&imported.path);
    assert_eq!(typed(&steps), ["12", "all", "!"], "{}", tell(&steps));
    assert_eq!(imported.dropped.get("edits of which the keys are not told"), Some(&1));
    assert_eq!(imported.dropped.get("text that the page itself put in"), Some(&1));
}

#[test]
fn a_page_that_changes_is_known_as_it_is_at_each_press() {
    let mut session = Session::of(form());
    session.change(json!({"texts": [{"id": 12, "value": "Drop"}]}));
    session.click(10);
    session.change(json!({"attributes": [{"id": 10, "attributes": {"aria-label": "Go"}}]}));
    session.click(10);
    session.change(json!({"attributes": [{"id": 10, "attributes": {"aria-label": null}}]}));
    // The link moves into the label, before its text; the search field goes.
    session.change(json!({
        "removes": [{"parentId": 60, "id": 61}, {"parentId": 3, "id": 51}],
        "adds": [
            {"parentId": 4, "nextId": 5, "node": node(61, "a", json!({}), Vec::new())},
            {"parentId": 61, "nextId": null, "node": text(62, "See")},
        ],
    }));
    [10, 61, 6, 51].into_iter().for_each(|id| session.click(id));
    let desk = Desk::new();
    let imported = session.import(&desk, Wanted::default());
    let names: Vec<String> = elements(&desk, &imported).into_iter().map(|(n, _)| n.name).collect();
    assert_eq!(names, ["Drop it now", "Go", "Drop it now", "See", "See Your name"]);
}

#[test]
fn fingers_press_no_button() {
    let mut session = Session::of(form());
    session.interact(1, 10);
    session.interact(0, 10);
    for kind in [7, 9] {
        session.interact(kind, 10);
    }
    session.add(3, json!({"source": 2, "type": 2, "id": 10, "x": 5, "y": 6, "pointerType": 2}));
    session.add(3, json!({"source": 6, "positions": []}));
    let desk = Desk::new();
    let imported = session.import(&desk, Wanted::default());
    assert_eq!(imported.dropped.get("touches"), Some(&4));
    let presses = desk.records(&imported.path).into_iter().filter_map(|r| match r.body {
        RecordBody::Button { button, .. } => Some(button),
        _ => None,
    });
    // The click is the finger's, so that of the mouse's button nothing is told.
    assert_eq!(presses.collect::<Vec<_>>(), [overt_event::Button::Other(0); 2]);
}

#[test]
fn a_session_reads_as_an_array_as_lines_and_within_an_object() {
    let mut session = Session::of(form());
    session.click(10);
    let array = Value::Array(session.events.clone()).to_string();
    let lines: String = session.events.iter().map(|event| format!("{event}\n")).collect();
    let object =
        format!("{{\"id\": \"x\", \"more\": {{\"events\": []}},\n \"events\": {array}, \"end\": [1]}}\n");
    let desk = Desk::new();
    let file = desk.path().join("session");
    for text in [array, lines, object] {
        fs::write(&file, text).expect("a file");
        let imported = desk.import(Format::Rrweb, &file, Wanted::default()).expect("it imports");
        let (steps, _) = desk.steps(&imported.path);
        let kinds: Vec<&str> = steps.iter().map(|s| s.action.kind()).collect();
        assert_eq!(kinds, ["click", "finish"]);
    }
}
