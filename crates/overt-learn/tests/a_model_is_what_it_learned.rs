//! Models are the same for the same data, do what was shown, keep it in a file, and refuse what is no model.

use overt_event::{KeyId, Node, Point, Rect};
use overt_learn::{
    Degrade, Demonstration, Demonstrations, Goal, Growth, LearnError, Lessons, Manner, Model, Moment, PROBES,
    Past, Picture, Plan, Policy, Probe, Scene, Shown,
};
use safetensors::SafeTensors;

fn node(role: &str, name: &str, y: i32, states: &[&str]) -> Node {
    let bounds = Rect { x: 10, y, w: 80, h: 10 };
    let states = states.iter().map(|s| (*s).to_owned()).collect();
    Node { role: role.into(), name: name.into(), states, bounds, parent: Some(0) }
}

const NAMES: [&str; 6] = ["ash", "birch", "cedar", "elm", "fir", "oak"];

/// A ticked box for the name that is wanted, among others, and a button; in another order for each number.
fn scene(number: usize, ticked: Option<&str>) -> Scene {
    let mut nodes = vec![Node {
        role: "document web".into(),
        bounds: Rect { x: 0, y: 0, w: 100, h: 100 },
        ..Node::default()
    }];
    for i in 0..4 {
        let name = NAMES[(number + i) % NAMES.len()];
        let states: &[&str] = if ticked == Some(name) { &["checked"] } else { &[] };
        nodes.push(node("check box", name, 12 * i as i32, states));
    }
    nodes.push(node("push button", "Done", 60, &[]));
    Scene::new(nodes)
}

fn wanted(number: usize) -> &'static str {
    NAMES[(number + number % 4) % NAMES.len()]
}

fn goal(number: usize) -> String {
    format!("Tick {} and press Done.", wanted(number))
}

/// Tick what the goal says, then press the button.
fn demonstration(number: usize) -> Demonstration {
    let shown = |scene: Scene, on: usize, at_millis| {
        let (manner, on) = (Manner::Click, Some(on));
        Shown { scene, manner, on, text: None, at_millis, seen_millis: at_millis }
    };
    let steps = vec![
        shown(scene(number, None), 1 + number % 4, 0),
        shown(scene(number, Some(wanted(number))), 5, 900),
    ];
    let split = if number % 5 == 4 { "validation" } else { "train" };
    let (split, succeeded) = (split.to_owned(), Some(true));
    Demonstration { goal: goal(number), split, succeeded, steps, ..Demonstration::default() }
}

fn lessons() -> Lessons {
    let all = (0..60).map(demonstration).collect();
    Lessons::of(Demonstrations { all, ..Demonstrations::default() }, "abc")
}

fn plan(probe: Probe) -> Plan {
    Plan { probe, seed: 3, growth: Growth::default(), episodes_max: None, degrade: Degrade::None }
}

fn model(probe: Probe) -> Model {
    Model::train(&lessons(), plan(probe)).expect("there is something to learn")
}

#[test]
fn rankers_do_what_was_shown_where_counting_does_not() {
    for probe in [Probe::Ranker, Probe::Attention, Probe::Fuller, Probe::Sighted] {
        assert_eq!(model(probe).facts.step_accuracy, Some(1.0), "{}", probe.word());
    }
    let counting = model(Probe::Frequent).facts.step_accuracy.expect("some were kept aside");
    assert!(counting <= 0.5, "{counting}");
}

#[test]
fn the_same_data_and_seed_give_the_same_bytes_and_they_read_back() {
    for probe in PROBES {
        let (one, other) = (model(probe), model(probe));
        let bytes = one.encode().expect("it is written");
        assert_eq!(bytes, other.encode().expect("it is written"));
        let read = Model::decode(&bytes).expect("it reads");
        assert_eq!(read, one);
        let (goal, scene) = (Goal::new(&goal(7)), scene(7, None));
        let moment = Moment::new(&goal, &scene, &[], None);
        assert_eq!(read.decide(&moment, &[]), one.decide(&moment, &[]));
    }
}

/// The same bytes, but for something as long.
fn with(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let at = bytes.windows(from.len()).position(|w| w == from.as_bytes()).expect("it stands there");
    [&bytes[..at], to.as_bytes(), &bytes[at + to.len()..]].concat()
}

#[test]
fn another_transformer_is_refused_and_says_nothing_of_trees() {
    let bytes = model(Probe::Attention).encode().expect("it is written");
    let other = Model::decode(&with(&bytes, r#"\"net\":3"#, r#"\"net\":2"#));
    assert!(matches!(other, Err(LearnError::OtherForm { expected: 3, got: 2 })));
    assert_eq!(model(Probe::Fuller).facts.net, None);
}

#[test]
fn who_took_something_else_for_a_look_is_refused_and_says_nothing_of_others() {
    let bytes = model(Probe::Sighted).encode().expect("it is written");
    let other = Model::decode(&with(&bytes, r#"\"sight\":2"#, r#"\"sight\":1"#));
    assert!(matches!(other, Err(LearnError::OtherForm { expected: 2, got: 1 })));
    assert_eq!(model(Probe::Fuller).facts.sight, None);
}

#[test]
fn what_is_no_model_or_another_form_is_refused() {
    let bytes = model(Probe::Fuller).encode().expect("it is written");
    assert!(matches!(Model::decode(b"no model"), Err(LearnError::NoModel)));
    assert!(matches!(Model::decode(&bytes[..bytes.len() / 2]), Err(LearnError::NoModel)));
    let changed = |from: &str, to: &str| Model::decode(&with(&bytes, from, to));
    let version = changed(r#"\"version\":2"#, r#"\"version\":7"#);
    assert!(matches!(version, Err(LearnError::OtherForm { expected: 2, got: 7 })));
    assert!(matches!(changed("overt-model", "ovens-model"), Err(LearnError::NoModel)));
}

/// The same bytes, but for the first number of a tensor.
fn with_first(bytes: &[u8], tensor: &str, number: i32) -> Vec<u8> {
    let file = SafeTensors::deserialize(bytes).expect("tensors");
    let own = file.tensor(tensor).expect("it is there").data().as_ptr_range();
    let at = own.start as usize - bytes.as_ptr() as usize;
    [&bytes[..at], &number.to_le_bytes(), &bytes[at + 4..]].concat()
}

#[test]
fn trees_that_lead_nowhere_are_refused() {
    let bytes = model(Probe::Fuller).encode().expect("it is written");
    let damaged = |tensor: &str, number| match Model::decode(&with_first(&bytes, tensor, number)) {
        Err(LearnError::Damaged { what }) => what.to_owned(),
        read => panic!("{tensor} {number}: {:?}", read.map(|model| model.facts)),
    };
    // The first node is a root with two parts, at least one node behind it.
    for (tensor, number) in [("left", 0), ("right", 0), ("left", i32::MAX), ("feature", i32::MAX)] {
        assert_eq!(damaged(&format!("elements.{tensor}"), number), "a tree that leads nowhere");
    }
    assert_eq!(damaged("elements.root", -1), "a tree without a root");
}

#[test]
fn the_card_tells_what_it_was_made_of_and_what_it_is_not() {
    let card = model(Probe::Fuller).facts.card;
    for told in ["`abc`", "train-agents", "seed 3", "48 episodes with 96 steps", "not a product"] {
        assert!(card.contains(told), "{told}: {card}");
    }
}

#[test]
fn hours_are_told_of_five_people_and_of_a_part_its_share_and_never_of_fewer_people() {
    let by = |people: usize, number: usize| Demonstration {
        contributor: Some(KeyId([(number % people) as u8; 16])),
        spent_millis: [("mail".to_owned(), 60_000)].into(),
        split: "train".to_owned(),
        ..demonstration(number)
    };
    let learned = |people, episodes_max| {
        let all = (0..20).map(|number| by(people, number)).collect();
        let lessons = Lessons::of(Demonstrations { all, ..Demonstrations::default() }, "abc");
        let plan = Plan { episodes_max, ..plan(Probe::Frequent) };
        Model::train(&lessons, plan).expect("there is something to learn")
    };
    let spent = |model: &Model| model.facts.learned.spent_millis["mail"] / 60_000;
    let told = |people| [None, Some(1), Some(10)].map(|size| spent(&learned(people, size)));
    assert_eq!((told(5), told(4)), ([20, 1, 10], [0, 0, 0]));
    // Who learned before it was looked at who was recorded tells none.
    let bytes = learned(5, None).encode().expect("it is written");
    let older = |bytes: &[u8]| Model::decode(bytes).expect("it reads");
    assert_eq!(spent(&older(&bytes)), 20);
    assert_eq!(spent(&older(&with(&bytes, r#"\"people_min\":5"#, r#"\"people_min\":0"#))), 0);
}

#[test]
fn what_is_kept_aside_is_seen_as_what_was_learned_from() {
    let alone = |number: usize| {
        let scene = Scene::new(vec![Node { parent: None, ..node("push button", "Send", 0, &[]) }]);
        let step =
            Shown { scene, manner: Manner::Click, on: Some(0), text: None, at_millis: 0, seen_millis: 0 };
        Demonstration { steps: vec![step], ..demonstration(number) }
    };
    let lessons =
        Lessons::of(Demonstrations { all: (0..20).map(alone).collect(), ..Demonstrations::default() }, "abc");
    let blind = Plan { degrade: Degrade::NoAccessibility, ..plan(Probe::Frequent) };
    assert_eq!(Model::train(&lessons, blind).expect("it learns").facts.step_accuracy, Some(1.0));
}

#[test]
fn what_failed_is_not_learned_from_and_nothing_to_learn_is_an_error() {
    let failed = |d: Demonstration| Demonstration { succeeded: Some(false), ..d };
    let all = (0..20).map(demonstration).map(failed).collect();
    let lessons = Lessons::of(Demonstrations { all, ..Demonstrations::default() }, "abc");
    assert!(matches!(Model::train(&lessons, plan(Probe::Fuller)), Err(LearnError::NothingToLearn)));
    let kept = Plan { degrade: Degrade::KeepFailed, ..plan(Probe::Fuller) };
    assert_eq!(Model::train(&lessons, kept).expect("they are kept").facts.learned.episodes, 16);
}

/// Four signs without a name, which differ in what is painted on them alone; in another order for each number.
fn signs(number: usize) -> Scene {
    let place = |i: usize| Rect { x: 10 + 40 * i as i32, y: 10, w: 24, h: 24 };
    // The upper, the lower, the left or the right half is grey.
    let half = |i: usize| {
        let r = place(i);
        match (number + i) % 4 {
            0 => Rect { h: 12, ..r },
            1 => Rect { y: r.y + 12, h: 12, ..r },
            2 => Rect { w: 12, ..r },
            _ => Rect { x: r.x + 12, w: 12, ..r },
        }
    };
    let (part, point) = (Rect { x: 0, y: 0, w: 180, h: 50 }, |i: i32| Point { x: i % 180, y: i / 180 });
    let pixel = |p: Point| if (0..4).any(|i| half(i).contains(p)) { [90; 3] } else { [255; 3] };
    let rgb = (0..180 * 50).flat_map(|i| pixel(point(i))).collect();
    let node = |i| Node { role: "section".into(), bounds: place(i), ..Node::default() };
    Scene::new((0..4).map(node).collect()).seen_in(Picture::new(part, rgb).as_ref())
}

/// One of four words, each of which means one sign.
fn sign_shown(number: usize) -> Demonstration {
    let meant = number / 4 % 4;
    let word = ["zenith", "nadir", "port", "starboard"][meant];
    let (scene, manner) = (signs(number), Manner::Click);
    let on = (0..4).find(|i| (number + i) % 4 == meant);
    let step = Shown { scene, manner, on, text: None, at_millis: 0, seen_millis: 0 };
    Demonstration { goal: format!("Press the sign for {word}."), steps: vec![step], ..demonstration(number) }
}

#[test]
fn what_is_told_by_its_look_alone_is_learned_by_the_sighted_one_alone() {
    let all = (0..160).map(sign_shown).collect();
    let lessons = Lessons::of(Demonstrations { all, ..Demonstrations::default() }, "abc");
    let learned = |probe| Model::train(&lessons, plan(probe)).expect("there is something to learn").facts;
    let (sighted, blind) = (learned(Probe::Sighted), learned(Probe::Fuller));
    assert_eq!((sighted.step_accuracy, sighted.vocabulary.appearances.len()), (Some(1.0), 4));
    assert!(
        blind.step_accuracy.expect("some were kept aside") < 0.6 && blind.vocabulary.appearances.is_empty()
    );
    assert_eq!((sighted.learned.steps_seen, blind.learned.steps_seen), (sighted.learned.steps, 0));
    // Where no picture taught it anything, it does not go by pictures.
    assert!(!model(Probe::Sighted).looks_at_pictures());
    assert!(sighted.card.contains("4 thumbnails of pressed elements"), "{}", sighted.card);
}

#[test]
fn it_is_over_where_what_was_shown_ended_and_without_an_end_never() {
    let ended = |number: usize| {
        let last = Some(scene(number, Some(wanted(number))));
        Demonstration { last, ..demonstration(number) }
    };
    let learned = |probe, all: Vec<Demonstration>| {
        let lessons = Lessons::of(Demonstrations { all, ..Demonstrations::default() }, "abc");
        Model::train(&lessons, plan(probe)).expect("there is something to learn")
    };
    let told = |model: &Model, number: usize| {
        let goal = Goal::new(&goal(number));
        let scenes = [scene(number, None), scene(number, Some(wanted(number)))];
        let press = |scene: &Scene, on: usize| {
            let name = scene.text(on).to_owned();
            Past { name, ..Past::new(Manner::Click, Some(&scene.nodes()[on]), None) }
        };
        let past = [press(&scenes[0], 1 + number % 4), press(&scenes[1], 5)];
        [(&scenes[0], 0), (&scenes[1], 1), (&scenes[1], 2)]
            .map(|(scene, done)| model.is_done(&Moment::new(&goal, scene, &past[..done], None)))
    };
    for probe in [Probe::Ranker, Probe::Attention, Probe::Fuller] {
        let model = learned(probe, (0..60).map(ended).collect());
        assert_eq!(model.facts.learned.ends, 48);
        let read = Model::decode(&model.encode().expect("it is written")).expect("it reads");
        for number in [4, 61, 62] {
            assert_eq!(told(&read, number), [false, false, true], "{}", probe.word());
        }
    }
    assert_eq!(told(&learned(Probe::Fuller, (0..60).map(demonstration).collect()), 4), [false; 3]);
}

fn train(all: Vec<Demonstration>, probe: Probe) -> Option<f64> {
    let lessons = Lessons::of(Demonstrations { all, ..Demonstrations::default() }, "abc");
    Model::train(&lessons, plan(probe)).expect("there is something to learn").facts.step_accuracy
}

/// The goal never says what the button is called.
fn synonym(number: usize) -> Demonstration {
    let words = [("huge", "large"), ("tiny", "small"), ("ancient", "old"), ("fresh", "new")];
    let (said, meant) = words[number % 4];
    // In another order for each number.
    let names: Vec<&str> = (0..4).map(|i| words[(i + number / 4) % 4].1).collect();
    let buttons = names.iter().zip(0..).map(|(name, i)| node("push button", name, 12 * i, &[]));
    let document =
        Node { role: "document web".into(), bounds: Rect { x: 0, y: 0, w: 100, h: 100 }, ..Node::default() };
    let scene = Scene::new(std::iter::once(document).chain(buttons).collect());
    let on = names.iter().position(|name| *name == meant).map(|i| i + 1);
    let step = Shown { scene, manner: Manner::Click, on, text: None, at_millis: 0, seen_millis: 0 };
    Demonstration { goal: format!("Press what is {said}."), steps: vec![step], ..demonstration(number) }
}

#[test]
fn what_goes_with_a_word_of_the_goal_is_learned_by_the_fuller_one() {
    let all = || (0..80).map(synonym).collect();
    assert_eq!(train(all(), Probe::Fuller), Some(1.0));
    let plain = train(all(), Probe::Ranker).expect("some were kept aside");
    assert!(plain < 0.6, "{plain}");
}

/// Which of the goal's three names is typed is told by what the field is called alone.
fn field(number: usize) -> Demonstration {
    let names = [
        format!("g{}x", number * 7 % 31),
        format!("d{}y", number * 11 % 29),
        format!("f{}z", number * 5 % 23),
    ];
    let (name, place) = [("Kind", 0), ("Made by", 1), ("First shown", 2)][number % 3];
    let scene = Scene::new(vec![
        Node { role: "document web".into(), bounds: Rect { x: 0, y: 0, w: 100, h: 100 }, ..Node::default() },
        node("entry", name, 20, &["focused"]),
    ]);
    let text = Some(names[place].clone());
    let step = Shown { scene, manner: Manner::Type, on: Some(1), text, at_millis: 0, seen_millis: 0 };
    let goal = format!("Find {} films of {} since {} for me.", names[0], names[1], names[2]);
    Demonstration { goal, steps: vec![step], ..demonstration(number) }
}

#[test]
fn what_is_typed_follows_from_what_the_field_is_called() {
    let accuracy = train((0..60).map(field).collect(), Probe::Fuller);
    assert_eq!(accuracy, Some(1.0));
}
