//! Every demonstration of MiniWoB++ imports, and what its reduced actions do is what its events did.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use flate2::read::GzDecoder;
use overt_event::{DenyRule, Point, RecordBody};
use overt_import::Format;
use overt_reduce::{Action, Edit, Step};
use serde::Deserialize;
use support::{Desk, Wanted, data};

const DEMONSTRATIONS: u32 = 5_605;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Demo {
    raw_reward: f64,
    states: Vec<State>,
}

#[derive(Deserialize)]
struct State {
    action: Option<Act>,
    dom: Node,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Act {
    #[serde(rename = "type")]
    kind: String,
    timing: u32,
    #[serde(default)]
    x: f64,
    #[serde(default)]
    y: f64,
    #[serde(default)]
    key_code: u32,
    #[serde(default)]
    char_code: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    tag: String,
    left: f64,
    top: f64,
    width: f64,
    height: f64,
    #[serde(default)]
    children: Vec<Node>,
    #[serde(default)]
    focused: bool,
    /// The event after this page met it.
    #[serde(default)]
    recording_target: bool,
}

/// A place on a page, rounded outwards: left, top, right, bottom.
type Bounds = (i32, i32, i32, i32);

impl Node {
    /// Where the node is that a press at this place meets: the one that the page says, else the last one drawn there.
    fn met(&self, p: Point) -> Option<Bounds> {
        let there = |n: &Node| n.tag != "t" && n.contains(f64::from(p.x), f64::from(p.y));
        self.said().or_else(|| self.last(&there)).map(Node::bounds)
    }

    /// The node that the page says was met.
    fn said(&self) -> Option<&Node> {
        self.last(&|n| n.recording_target)
    }

    fn focus(&self) -> Option<&Node> {
        self.last(&|n| n.focused)
    }

    /// The node that is drawn last of those that are wanted.
    fn last(&self, wanted: &dyn Fn(&Node) -> bool) -> Option<&Node> {
        let below = self.children.iter().rev().find_map(|c| c.last(wanted));
        below.or_else(|| wanted(self).then_some(self))
    }

    fn contains(&self, x: f64, y: f64) -> bool {
        x >= self.left && x < self.left + self.width && y >= self.top && y < self.top + self.height
    }

    fn bounds(&self) -> Bounds {
        let (x, y) = self.corner();
        (x, y, (self.left + self.width).ceil() as i32, (self.top + self.height).ceil() as i32)
    }

    /// Its place, rounded outwards.
    fn corner(&self) -> (i32, i32) {
        (self.left.floor() as i32, self.top.floor() as i32)
    }
}

/// What one event, or one part of an action, does.
#[derive(Clone, Debug, PartialEq)]
enum Effect {
    /// A press on the target at this place.
    Press(Option<Bounds>),
    /// A character into the field at this place.
    Character(char, Option<(i32, i32)>),
    /// A key that types none.
    Key(u32),
}

const TYPED_BY_NAME: [(&str, u32); 15] = [
    ("BackSpace", 8),
    ("Tab", 9),
    ("Return", 13),
    ("Caps_Lock", 20),
    ("Escape", 27),
    ("Prior", 33),
    ("Next", 34),
    ("End", 35),
    ("Home", 36),
    ("Left", 37),
    ("Up", 38),
    ("Right", 39),
    ("Down", 40),
    ("Insert", 45),
    ("Delete", 46),
];
/// No key that has a name: one that an input method took, whose effect is not told, and none at all.
const NAMELESS: [u32; 2] = [229, 255];
/// Ctrl, Alt and Super, which make shortcuts.
const CHORD: [u32; 4] = [17, 18, 91, 93];
const MODIFIERS: [u32; 8] = [16, 17, 18, 20, 91, 93, 144, 145];

fn code_of(name: &str) -> u32 {
    let letter = name.bytes().next().filter(|_| name.len() == 1).map(|b| u32::from(b.to_ascii_uppercase()));
    let named = TYPED_BY_NAME.iter().find(|(n, _)| *n == name).map(|(_, code)| *code);
    named.or(letter).unwrap_or_else(|| panic!("a key that no demonstration has"))
}

/// What the events did: the presses that were released or ended the page, the characters and keys outside password fields.
fn effects_of_events(demo: &Demo) -> (Vec<Effect>, Vec<&Node>) {
    let states: Vec<(&Act, &Node)> =
        demo.states.iter().filter_map(|s| Some((s.action.as_ref()?, &s.dom))).collect();
    let states: Vec<(&Act, &Node)> = states.into_iter().filter(|(act, _)| act.timing == 1).collect();
    let (mut effects, mut pages, mut chord) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (i, (act, page)) in states.iter().enumerate() {
        if CHORD.contains(&act.key_code) {
            let _ =
                if act.kind == "keyup" { chord.remove(&act.key_code) } else { chord.insert(act.key_code) };
        }
        let rest = states[i + 1..].iter().map(|(act, _)| *act);
        match act.kind.as_str() {
            // A press that is let go of outside the page is an error with that reason.
            "mousedown" if is_whole(rest.clone(), demo.raw_reward > 0.0) => {
                effects.push(Effect::Press(page.met(Point { x: act.x as i32, y: act.y as i32 })));
                pages.push(*page);
            }
            "keydown" if page.focus().is_some_and(|n| n.tag == "INPUT_password") => {}
            "keydown" => effects.extend(effect_of_key(act, page, rest.clone().next(), !chord.is_empty())),
            _ => {}
        }
    }
    (effects, pages)
}

/// Whether as many go up as went down, and the last one on the page: two buttons can be down at once. The last press of who
/// succeeded may have ended the page, which then heard of no release.
fn is_whole<'a>(rest: impl Iterator<Item = &'a Act>, succeeded: bool) -> bool {
    let (mut down, mut is_last) = (1, true);
    for act in rest {
        match act.kind.as_str() {
            "mousedown" => (down, is_last) = (down + 1, false),
            "mouseup" => down -= 1,
            _ => {}
        }
        if down == 0 {
            return act.x >= 0.0 && act.y >= 0.0;
        }
    }
    succeeded && is_last
}

fn effect_of_key(act: &Act, page: &Node, next: Option<&Act>, chord: bool) -> Option<Effect> {
    let typed = next.filter(|n| n.kind == "keypress").and_then(|n| char::from_u32(n.char_code));
    match typed.filter(|c| !c.is_control()) {
        Some(c) => Some(Effect::Character(c, page.focus().map(Node::corner))),
        None if MODIFIERS.contains(&act.key_code) || NAMELESS.contains(&act.key_code) => None,
        // A key of a character that typed none is a step of a composition, as far as anyone knows.
        None if !chord && matches!(act.key_code, 48..=90 | 96..=111 | 186..=222) => None,
        None => Some(Effect::Key(act.key_code)),
    }
}

/// What the reduced actions do when they are done again on the pages of the presses: the first press of each meets the
/// step's element, and those that follow in the same place what their own pages say.
fn effects_of_steps(steps: &[Step], pages: &[&Node]) -> Vec<Effect> {
    let (mut effects, mut pages) = (Vec::new(), pages.iter());
    for step in steps {
        match &step.action {
            Action::Click { at, count, .. } => {
                effects.extend(pages.next().map(|page| met_by(step, page, *at)));
                let others = pages.by_ref().take(*count as usize - 1);
                effects.extend(others.map(|page| Effect::Press(page.met(*at))));
            }
            Action::Drag { path, .. } => {
                effects.extend(pages.next().map(|page| met_by(step, page, path[0])));
            }
            Action::Key { keys, count } => {
                let code = code_of(keys.last().expect("a key has a name"));
                effects.extend((0..*count).filter(|_| !MODIFIERS.contains(&code)).map(|_| Effect::Key(code)));
            }
            Action::Type { edits, .. } => {
                let field = step.element.as_ref().map(|t| (t.element.node.bounds.x, t.element.node.bounds.y));
                effects.extend(edits.iter().flat_map(|edit| effects_of_edit(edit, field)));
            }
            Action::Scroll { .. } | Action::Hover { .. } | Action::Wait | Action::Finish { .. } => {}
        }
    }
    effects
}

/// What a press of the step meets. Where the page does not say what that was, all that can be asked of the element is that it
/// lies there.
fn met_by(step: &Step, page: &Node, at: Point) -> Effect {
    let element = step.element.as_ref().map(|t| t.element.node.bounds);
    Effect::Press(match element {
        Some(bounds) if page.said().is_none() && bounds.contains(at) => page.met(at),
        element => element.map(|b| (b.x, b.y, b.x + b.w, b.y + b.h)),
    })
}

fn effects_of_edit(edit: &Edit, field: Option<(i32, i32)>) -> Vec<Effect> {
    let taken_back = (0..edit.deleted).map(|_| Effect::Key(8));
    taken_back.chain(edit.inserted.chars().map(|c| Effect::Character(c, field))).collect()
}

/// As the script beside this file counts them.
#[derive(Debug, Default, Deserialize, PartialEq, Eq)]
struct Counts {
    presses: u64,
    releases: u64,
    characters: u64,
    secret: bool,
    /// Keys that type nothing, those among them that took characters back.
    keys: u64,
    /// Actions by kind.
    kinds: BTreeMap<String, u64>,
    /// Events that are part of no action, by why.
    faults: BTreeMap<String, u64>,
}

impl Counts {
    fn add(&mut self, step: &Step) {
        *self.kinds.entry(step.action.kind().to_owned()).or_default() += 1;
        match &step.action {
            Action::Key { count, .. } => self.keys += u64::from(*count),
            Action::Type { edits, .. } => {
                self.keys += edits.iter().map(|e| u64::from(e.deleted)).sum::<u64>()
            }
            _ => {}
        }
    }
}

/// One demonstration, imported and reduced.
struct Done {
    name: PathBuf,
    succeeded: bool,
    counts: Counts,
    differs: bool,
}

fn demonstration(desk: &Desk, src: &Path) -> Done {
    let file = File::open(src).expect("it is there");
    let demo: Demo =
        serde_json::from_reader(std::io::BufReader::new(GzDecoder::new(file))).expect("it reads");
    let imported = desk.import(Format::MiniWob, src, Wanted::default()).expect("it imports");
    let mut counts =
        Counts { secret: imported.flow.denied.contains_key(&DenyRule::SecretField), ..Counts::default() };
    for record in desk.records(&imported.path) {
        match record.body {
            RecordBody::Button { down: true, .. } => counts.presses += 1,
            RecordBody::Button { down: false, .. } => counts.releases += 1,
            RecordBody::Text { text } => counts.characters += text.chars().count() as u64,
            _ => {}
        }
    }
    let (steps, closing) = desk.steps(&imported.path);
    steps.iter().for_each(|step| counts.add(step));
    counts.faults = closing.ledger.errors.iter().map(|(why, n)| (why.name().to_owned(), *n)).collect();
    let (expected, pages) = effects_of_events(&demo);
    let differs = expected != effects_of_steps(&steps, &pages);
    std::fs::remove_dir_all(&imported.path).expect("it goes");
    Done { name: src.to_owned(), succeeded: demo.raw_reward > 0.0, counts, differs }
}

fn all_of(folder: &Path) -> Vec<PathBuf> {
    let tasks = std::fs::read_dir(folder).expect("the tasks").map(|task| task.expect("a task").path());
    let files = tasks.flat_map(|task| std::fs::read_dir(task).expect("a folder"));
    let mut all: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    all.sort();
    all
}

fn counted_apart(all: &[PathBuf]) -> Vec<Counts> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/count_demonstrations.py");
    let mut child = Command::new("python3")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 runs");
    let names: String = all.iter().map(|path| format!("{}\n", path.display())).collect();
    let mut stdin = child.stdin.take().expect("it listens");
    let writer = thread::spawn(move || stdin.write_all(names.as_bytes()));
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("it is written").expect("it is read");
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).expect("JSON");
    text.lines().map(|line| serde_json::from_str(line).expect("counts")).collect()
}

/// Parts that run beside each other.
const PARTS: usize = 8;

/// Each eighth file from the one of this number on.
fn check(part: usize) {
    let Some(data) = data(DEMONSTRATIONS / PARTS as u32) else { return };
    let all = all_of(&data.join("miniwob-demos"));
    assert_eq!(all.len(), DEMONSTRATIONS as usize);
    let all: Vec<PathBuf> = all.into_iter().skip(part).step_by(PARTS).collect();
    let (desk, apart) = (Desk::new(), counted_apart(&all));
    let done: Vec<Done> = all.iter().map(|src| demonstration(&desk, src)).collect();
    let differing: Vec<_> = done.iter().filter(|d| d.differs).map(|d| (&d.name, d.succeeded)).collect();
    let miscounted: Vec<_> = done
        .iter()
        .zip(&apart)
        .filter(|(d, c)| d.counts != **c)
        .map(|(d, c)| (&d.name, &d.counts, c))
        .collect();
    let succeeded = done.iter().filter(|d| d.succeeded).count();
    println!("{} imported, {succeeded} of them successful", done.len());
    assert!(differing.is_empty(), "the effects of {} differ: {differing:?}", differing.len());
    assert!(miscounted.is_empty(), "the counts of {} differ: {miscounted:?}", miscounted.len());
}

macro_rules! parts {
    ($($name:ident $part:literal)*) => {
        $(#[test]
        fn $name() {
            check($part);
        })*
    };
}

parts! {
    first_eighth 0
    second_eighth 1
    third_eighth 2
    fourth_eighth 3
    fifth_eighth 4
    sixth_eighth 5
    seventh_eighth 6
    last_eighth 7
}
