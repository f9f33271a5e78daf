//! No secret that a rule finds passes in any stream, however it is typed; what is none passes whole.

#[path = "../../overt-filter/tests/support/mod.rs"]
mod corpus;
mod support;

use corpus::{Dice, MAKERS, secret, words};
use overt_event::{
    AccessibleChange, AccessibleEvent, Completeness, Element, ElementLookup, FocusKind, Gap, Modifiers,
    MonoNanos, Node, Point, RawBody, RawKey, RecordBody, Rect, SecretKind, Span, WindowChange,
};
use overt_minimise::{Minimised, Tally};
use proptest::prelude::*;
use support::{App, Stage, json, other, records, texts};

const CARD: &str = "4111 1111 1111 1111";
/// As many characters of an identifier may be left as stand before its sixth digit, with its letters.
const LEFT_MAX: usize = 8;

/// Types on a stage, with an answer about the focus after each key.
struct Typist {
    stage: Stage,
    now: u64,
    /// The application tells what appears.
    echoes: bool,
}

impl Typist {
    /// A field says where it is when it gets the focus, and not with each edit.
    fn new(echoes: bool) -> Self {
        let mut stage = Stage::open(App::Editor);
        if echoes {
            stage.at(900, edit(AccessibleChange::Focused, entry("", PLACE)));
        }
        Self { stage, now: 1_000, echoes }
    }

    fn answer(&mut self) {
        self.stage.focus(self.now + 2, self.now + 3, App::Editor.pid(), other());
    }

    fn types(&mut self, c: char) {
        self.stage.types(self.now, c);
        if self.echoes {
            let appears = AccessibleChange::TextInserted { text: c.into() };
            self.stage.at(self.now + 1, edit(appears, entry("", Rect::default())));
        }
        self.answer();
    }

    fn presses(&mut self, name: &str) {
        self.stage.presses(self.now, name);
        if self.echoes && name == "BackSpace" {
            let goes = AccessibleChange::TextDeleted { chars: 1 };
            self.stage.at(self.now + 1, edit(goes, entry("", Rect::default())));
        }
        self.answer();
    }

    /// Time passes, and what is judged is taken away every second, as a recorder does.
    fn passes(&mut self, millis: u64) {
        let until = self.now + millis;
        for second in self.now / 1_000 + 1..=until / 1_000 {
            self.stage.drain(second * 1_000 - 1);
        }
        self.now = until;
    }

    fn text(&mut self, text: &str, gap: u64) {
        for c in text.chars() {
            self.now += gap;
            if c == '\n' { self.presses("Return") } else { self.types(c) }
        }
    }

    fn finish(self) -> (Vec<Minimised>, Tally) {
        self.stage.finish(self.now + 10_000)
    }
}

const PLACE: Rect = Rect { x: 20, y: 30, w: 100, h: 20 };

fn entry(name: &str, bounds: Rect) -> Node {
    Node { role: "entry".into(), name: name.into(), bounds, ..Node::default() }
}

fn edit(change: AccessibleChange, node: Node) -> RawBody {
    RawBody::Accessible {
        pid: App::Editor.pid(),
        event: AccessibleEvent { change, node, ancestors: Vec::new() },
    }
}

fn alphanumeric(text: &str) -> Vec<char> {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Everything that was kept of what was typed or told to have been inserted, each by itself.
fn kept_texts(out: &[Minimised]) -> [String; 2] {
    let inserted = records(out).into_iter().filter_map(|r| match &r.body {
        RecordBody::Accessible(event) => match &event.change {
            AccessibleChange::TextInserted { text } => Some(text.as_str()),
            _ => None,
        },
        _ => None,
    });
    [texts(out), inserted.collect()]
}

fn left_of(secret: &str, out: &[Minimised]) -> Option<String> {
    let secret = alphanumeric(secret);
    kept_texts(out).into_iter().find(|kept| {
        let kept = alphanumeric(kept);
        secret.windows(LEFT_MAX + 1).any(|part| kept.windows(part.len()).any(|k| k == part))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_identifier_survives_typed_with_corrections_and_pauses(
        seed: u64, which in 0..MAKERS.len(), echoes: bool,
        deeds in proptest::collection::vec((0u64..400, 0u8..20), 64),
        drains in proptest::collection::vec(any::<bool>(), 8),
    ) {
        let mut dice = Dice(seed);
        let made = secret(&mut dice, which);
        prop_assume!(made.checked);
        let words = words();
        let mut typist = Typist::new(echoes);
        typist.text(words[dice.below(words.len())], 70);
        typist.text(" ", 70);
        for (i, c) in made.text.chars().enumerate() {
            let (gap, deed) = deeds[i % deeds.len()];
            typist.now += gap;
            match deed {
                // A wrong key, taken back.
                0 | 1 => {
                    typist.types(if deed == 0 { '7' } else { 'x' });
                    typist.now += 150;
                    typist.presses("BackSpace");
                    typist.now += 80;
                }
                // Longer than anything is held.
                2 => typist.passes(6_000),
                3 => typist.passes(2_000),
                _ => {}
            }
            typist.types(c);
            if drains[i % drains.len()] {
                typist.stage.drain(typist.now - 1);
            }
        }
        typist.text(" ", 90);
        typist.text(words[dice.below(words.len())], 70);
        let text = made.text.clone();
        let (out, tally) = typist.finish();
        let left = left_of(&text, &out);
        prop_assert!(left.is_none(), "{} of {text} left in {left:?}", made.what);
        prop_assert!(tally.filtered_total() > 0);
    }

    #[test]
    fn ordinary_text_passes_whole(
        seed: u64, echoes: bool, gaps in proptest::collection::vec(0u64..900, 32),
        pauses in proptest::collection::vec(0usize..200, 0..4),
    ) {
        let mut dice = Dice(seed);
        let words = words();
        let mut text = String::new();
        for _ in 0..25 {
            text += words[dice.below(words.len())];
            text += [" ", ", ", " 12 ", " 2026 ", ". ", " 3.5 ", "\n"][dice.below(7)];
        }
        let mut typist = Typist::new(echoes);
        for (i, c) in text.chars().enumerate() {
            typist.now += gaps[i % gaps.len()];
            let long = pauses.contains(&i) && c.is_alphabetic();
            typist.passes(if long { 8_000 } else { 0 });
            if c == '\n' { typist.presses("Return") } else { typist.types(c) }
            typist.stage.drain(typist.now.saturating_sub(5));
        }
        let typed: String = text.chars().filter(|c| *c != '\n').collect();
        let (out, tally) = typist.finish();
        let [kept, told] = kept_texts(&out);
        prop_assert_eq!(&kept, &typed);
        prop_assert!(!echoes || told == typed, "{}", told);
        prop_assert_eq!(tally.filtered_total(), 0);
        prop_assert_eq!(tally.kinds[&overt_minimise::EventKind::Key].denied_total(), 0);
    }

    #[test]
    fn when_it_is_asked_for_changes_nothing(
        deeds in proptest::collection::vec((0u64..8_000, 0u8..12), 1..60),
        drains in proptest::collection::vec(any::<bool>(), 16),
    ) {
        let kept = |drains: &[bool]| {
            let mut typist = Typist::new(true);
            for (i, (gap, deed)) in deeds.iter().enumerate() {
                // Half of the gaps are short.
                typist.passes(if gap % 2 == 0 { *gap } else { gap / 20 });
                match deed {
                    0 => typist.presses("BackSpace"),
                    1 => typist.presses("Tab"),
                    2 => typist.types(' '),
                    3 => typist.types('k'),
                    _ => typist.types(char::from(b'0' + deed % 10)),
                }
                if drains[i % drains.len()] {
                    typist.stage.drain(typist.now - 1);
                }
            }
            json(&typist.finish().0)
        };
        prop_assert_eq!(kept(&drains), kept(&[false]));
    }
}

#[test]
fn a_card_number_typed_digit_by_digit_leaves_one_mark() {
    let mut typist = Typist::new(true);
    typist.text("pay 4111 1111 1199", 80);
    typist.presses("BackSpace");
    typist.presses("BackSpace");
    typist.text("11 1111 today", 80);
    let (out, tally) = typist.finish();
    assert_eq!(texts(&out), "pay ⟦card⟧ today", "{}", json(&out));
    assert_eq!(tally.filtered[&SecretKind::Card], 1);
    let keys = records(&out)
        .iter()
        .filter(|r| matches!(&r.body, RecordBody::Key(k) if k.name == "BackSpace"))
        .count();
    assert_eq!(keys, 0, "how it was corrected is not told");
}

#[test]
fn the_caret_is_followed() {
    let mut typist = Typist::new(false);
    typist.text("4111 1111 1111 11", 80);
    typist.presses("Home");
    typist.presses("Right");
    typist.presses("Delete");
    typist.text("1", 80);
    typist.presses("End");
    typist.text("11 now", 80);
    let (out, _) = typist.finish();
    assert_eq!(texts(&out), "⟦card⟧ now");
}

#[test]
fn two_goes_with_a_pause_between_do_not_pass_in_halves() {
    let mut typist = Typist::new(false);
    typist.text("41111111", 80);
    typist.passes(60_000);
    typist.text("11111111 x", 80);
    let (out, tally) = typist.finish();
    assert_eq!(texts(&out), "⟦unjudged⟧ x");
    assert_eq!(tally.filtered[&SecretKind::Unjudged], 1);
}

#[test]
fn four_fields_are_one_number() {
    let mut typist = Typist::new(false);
    for _ in 0..3 {
        typist.text("4111", 80);
        typist.presses("Tab");
    }
    typist.text("1111", 80);
    let (out, _) = typist.finish();
    assert!(!texts(&out).contains("4111"), "{}", texts(&out));
    // And this is none.
    let mut typist = Typist::new(false);
    for year in ["2019", "2020", "2021", "2022"] {
        typist.text(year, 80);
        typist.presses("Tab");
    }
    assert_eq!(texts(&typist.finish().0), "2019202020212022");
}

#[test]
fn a_code_is_told_by_the_label_of_its_field() {
    let typed = |label: &str| {
        let mut typist = Typist::new(false);
        typist.stage.at(900, edit(AccessibleChange::Focused, entry(label, PLACE)));
        typist.text("493021\n", 80);
        texts(&typist.finish().0)
    };
    assert_eq!(typed("Verification code"), "⟦code⟧");
    assert_eq!(typed("Bestätigungscode:"), "⟦code⟧");
    assert_eq!(typed("Quantity"), "493021");
}

#[test]
fn what_is_pasted_is_seen_by_its_edit() {
    let mut stage = Stage::open(App::Editor);
    stage
        .at(1_000, edit(AccessibleChange::TextInserted { text: format!("to {CARD} now") }, entry("", PLACE)));
    let long = format!("{} {CARD} {}", "word ".repeat(20), "word ".repeat(20));
    stage.at(1_100, edit(AccessibleChange::TextInserted { text: long }, entry("", PLACE)));
    stage.focus(1_200, 1_201, App::Editor.pid(), other());
    let (out, tally) = stage.finish(9_000);
    let [_, told] = kept_texts(&out);
    assert!(told.starts_with("to ⟦card⟧ now") && told.contains(" ⟦card⟧ word"), "{told}");
    assert!(!json(&out).contains("1111"), "{}", json(&out));
    assert!(tally.filtered[&SecretKind::Card] >= 1);
}

fn label(name: &str, bounds: Rect) -> Node {
    Node { role: "label".into(), name: name.into(), bounds, ..Node::default() }
}

#[test]
fn names_titles_and_addresses_are_masked_in_every_stream() {
    let mut stage = Stage::open(App::Editor);
    let node = label(&format!("Card {CARD}"), PLACE);
    stage.look(App::Editor, 1_000, vec![node.clone()]);
    let press = stage.clicks(1_010, App::Editor.middle());
    let element = Element { node: node.clone(), ancestors: vec![node.clone()], candidates: 1 };
    stage.at(
        1_020,
        RawBody::Element(ElementLookup {
            for_seq: press,
            at: App::Editor.middle(),
            pid: App::Editor.pid(),
            element: Some(element),
            completeness: Completeness::Complete,
            took_nanos: 1,
        }),
    );
    stage.at(1_030, edit(AccessibleChange::Selected, node));
    let RawBody::Window(mut report) = App::Editor.report(WindowChange::Retitled) else { return };
    report.title = "Inbox - jane.doe@example.com".into();
    stage.at(1_040, RawBody::Window(report));
    for url in ["https://a.example/u/jane.doe@example.com/x", "https://a.example/u/jane.doe%40example.com"] {
        stage.at(1_050, RawBody::Location { pid: App::Editor.pid(), url: url.into() });
    }
    let (out, tally) = stage.finish(9_000);
    let all = json(&out);
    assert!(!all.contains("1111") && !all.contains("jane"), "{all}");
    assert_eq!(all.matches("⟦card⟧").count(), 4, "{all}");
    assert_eq!(all.matches("⟦email⟧").count(), 3, "{all}");
    assert_eq!((tally.filtered[&SecretKind::Card], tally.filtered[&SecretKind::Email]), (4, 3));
}

/// Of the pictures with pixels, by when they were grabbed: whether this point shows the editor.
fn shown(out: &[Minimised], at: Point) -> Vec<(u64, bool)> {
    let of = |m: &Minimised| match &m.record().body {
        RecordBody::Frame(f) => {
            let pixel = m.pixels().and_then(|p| p.pixel(at.x as u32, at.y as u32));
            let [r, g, b] = App::Editor.colour();
            Some((f.grab_begin.0 / 1_000_000, pixel == Some([b, g, r])))
        }
        _ => None,
    };
    out.iter().filter_map(of).filter(|(t, _)| *t >= 700).collect()
}

/// What a snapshot shows at [`PLACE`] is filled from the snapshot before, until one does not show it.
fn check_filled_while_shown(node: Node) {
    let mut stage = Stage::open(App::Editor);
    stage.look(App::Editor, 1_000, vec![]);
    stage.frame(780);
    stage.frame(1_200);
    stage.look(App::Editor, 1_650, vec![node]);
    stage.frame(2_000);
    stage.look(App::Editor, 2_900, vec![]);
    stage.frame(3_100);
    let (out, _) = stage.finish(9_000);
    let expected = [(780, true), (1_200, false), (2_000, false), (3_100, true)];
    assert_eq!(shown(&out, PLACE.center()), expected);
    let beside = Point { x: 150, y: 150 };
    assert!(shown(&out, beside).iter().all(|(_, seen)| *seen));
}

#[test]
fn pictures_are_filled_where_a_name_was_found_from_the_snapshot_before() {
    check_filled_while_shown(label(CARD, PLACE));
}

/// Its dots tell how long the password is.
#[test]
fn a_password_field_is_filled_as_long_as_it_is_there() {
    check_filled_while_shown(Node { role: "password text".into(), ..label("", PLACE) });
}

#[test]
fn pictures_are_filled_where_it_was_typed_from_the_first_digit() {
    let mut typist = Typist::new(true);
    typist.stage.frame(990);
    for (i, c) in format!("{CARD} ").chars().enumerate() {
        typist.now += 100;
        typist.types(c);
        typist.stage.frame(typist.now + 50);
        // Nothing shows half of it.
        if i < CARD.len() {
            let out = typist.stage.drain(typist.now + 60);
            assert!(shown(out, PLACE.center()).iter().all(|(t, _)| *t < 1_100));
        }
    }
    let (out, _) = typist.finish();
    let beside = shown(&out, Point { x: 150, y: 150 });
    assert!(beside.iter().all(|(_, seen)| *seen), "only the field is filled");
    let shown = shown(&out, PLACE.center());
    assert_eq!(shown.iter().filter(|(_, seen)| *seen).map(|(t, _)| *t).collect::<Vec<_>>(), [990]);
    assert_eq!(shown.len(), 1 + CARD.len() + 1);
}

/// It is on the screen before its application tells of it.
#[test]
fn pictures_are_filled_where_it_was_pasted_since_somebody_last_looked() {
    let mut stage = Stage::open(App::Editor);
    stage.at(900, edit(AccessibleChange::Focused, entry("", PLACE)));
    stage.frame(1_700);
    stage.look(App::Editor, 2_000, vec![entry("", PLACE)]);
    stage.frame(2_900);
    let text = AccessibleChange::TextInserted { text: CARD.into() };
    stage.at(3_000, edit(text, entry("", Rect::default())));
    stage.frame(3_100);
    stage.look(App::Editor, 3_400, vec![entry("", PLACE)]);
    // Nobody asks for what is judged before it has to be.
    stage.drain(9_000);
    let (out, _) = stage.finish(9_000);
    assert_eq!(shown(&out, PLACE.center()), [(1_700, true), (2_900, false), (3_100, false)]);
}

#[test]
fn what_was_in_doubt_is_filled_until_it_is_judged() {
    let mut typist = Typist::new(true);
    typist.text("1234567", 80);
    typist.stage.frame(typist.now + 100);
    typist.passes(20_000);
    typist.text("89 pieces ", 80);
    typist.now += 500;
    typist.stage.frame(typist.now);
    typist.stage.look(App::Editor, typist.now + 250, vec![entry("", PLACE)]);
    let (out, tally) = typist.finish();
    let seen: Vec<bool> = shown(&out, PLACE.center()).into_iter().map(|(_, seen)| seen).collect();
    assert_eq!(seen, [false, true]);
    assert_eq!(tally.filtered.keys().copied().collect::<Vec<_>>(), [SecretKind::Unjudged]);
}

#[test]
fn half_of_a_number_before_a_pause_is_filled_after_it() {
    let mut typist = Typist::new(true);
    typist.text(&CARD[..8], 80);
    typist.now += 10;
    typist.stage.minimiser.pause(MonoNanos::from_millis(typist.now));
    typist.now += 2_000;
    typist.stage.minimiser.resume(MonoNanos::from_millis(typist.now));
    typist.now += 10;
    typist.stage.frame(typist.now);
    typist.text(" and on", 80);
    typist.stage.look(App::Editor, typist.now, vec![entry("", PLACE)]);
    let (out, _) = typist.finish();
    let seen: Vec<bool> = shown(&out, PLACE.center()).into_iter().map(|(_, seen)| seen).collect();
    assert_eq!(seen, [false]);
}

#[test]
fn changes_that_were_not_described_do_not_part_a_number() {
    let mut typist = Typist::new(false);
    for digits in CARD.split_inclusive(' ') {
        typist.text(digits, 80);
        let at = MonoNanos::from_millis(typist.now);
        let gap = Gap::Unanswered { count: 1 };
        typist.stage.at(typist.now, RawBody::Gap { gap, span: Span { from: at, to: at } });
    }
    let (out, _) = typist.finish();
    assert_eq!(texts(&out), SecretKind::Card.mark());
}

#[test]
fn memory_for_pictures_is_bounded_and_what_does_not_fit_is_counted() {
    let settings = overt_minimise::Settings { held_pixel_bytes_max: 1, ..Default::default() };
    let mut stage = Stage::with(settings);
    stage.at(1, App::Editor.report(WindowChange::Opened));
    stage.at(2, App::Editor.report(WindowChange::Focused));
    for i in 0..20 {
        let rgb = vec![i; 830 * 230 * 3];
        let frame = overt_event::Frame::from_rgb(830, 230, &rgb).expect("the length fits");
        stage.frame_of(1_000 + u64::from(i), frame.into(), Some(vec![App::Editor.visible()]));
    }
    stage.look(App::Editor, 1_300, vec![]);
    let (out, tally) = stage.finish(9_000);
    assert_eq!(out.iter().filter(|m| m.pixels().is_some()).count(), 1);
    assert_eq!(tally.lost(), 19);
}

#[test]
fn a_password_field_stays_what_it_was() {
    let mut typist = Typist::new(false);
    typist.stage.focus(900, 900, App::Editor.pid(), FocusKind::Password);
    typist.stage.types(1_000, 'x');
    let key = RawKey {
        scancode: 1,
        name: "Return".into(),
        text: None,
        down: true,
        repeat: false,
        modifiers: Modifiers::default(),
    };
    typist.stage.at(1_010, RawBody::Key(key));
    typist.stage.focus(1_020, 1_021, App::Editor.pid(), other());
    let (out, _) = typist.finish();
    assert_eq!(texts(&out), "");
}
