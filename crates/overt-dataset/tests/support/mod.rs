//! A small piece of work, recorded, judged, sealed and opened by the real rooms.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use overt_agreement::{Consent, ConsentedApp, PartyKey, Terms, verify};
use overt_dataset::{BuildReport, BuildSettings, DatasetError, GrantNote, Input, build};
use overt_event::{
    AccessibleChange, AccessibleEvent, AppIdentity, AppName, Binding, Button, ClockAnchor, Completeness, Day,
    Element, FocusKind, FocusReport, Frame, FrameId, Gestures, KeyId, Level, Mark, Modifiers, Monitor,
    MonoNanos, Node, Point, Purpose, RawBody, RawEvent, RawFrame, RawKey, RawSnapshot, RecordingId, Rect,
    Rotation, Seq, Topology, TopologyId, VisibleWindow, WallTime, WindowChange, WindowId, WindowKind,
    WindowReport,
};
use overt_filter::Filter;
use overt_format::{
    FACTS_VERSION, Losses, RecipientKind, RecordingDir, RecordingFacts, RecordingState, SegmentFacts,
    SegmentHeader, Trailer, sha256,
};
use overt_minimise::{Minimised, Minimiser, Settings};
use overt_seal::{Recipient, Sealer, SegmentPlan};
use overt_unseal::keyfile::SecretKey;
use overt_unseal::{AccessLog, Grant, Opened, OwnKeys, TrainAgents, UnsealError, open};

const TODAY: WallTime = WallTime(20_779 * 86_400 + 43_200);
/// Where openings are written down.
pub(crate) const OPENINGS_FILE: &str = "openings.jsonl";
const PID: u32 = 10;
pub(crate) const WIDTH: u32 = 200;
pub(crate) const HEIGHT: u32 = 120;
/// Where it is clicked, and where no monitor is.
const AT: Point = Point { x: 30, y: 20 };
const OUTSIDE: Point = Point { x: WIDTH as i32 + 20, y: 20 };
/// Records of a torn segment that were brought to the disk: up to the click, without the typing after it.
const TORN_RECORDS: usize = 10;
/// Or up to the frame before the click.
const BEGUN_RECORDS: usize = 7;

/// What goes wrong in the last segment of a sitting, three seconds after it begins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Odd {
    /// A button is pressed and never let go.
    Unmatched,
    /// A click where no monitor is, in a window that reaches there.
    Outside,
    /// A click that the system says was eight seconds before it arrived.
    Jump,
    /// The same click once more, a second later, while the screen stands still.
    Again,
    /// The recorder died after the click: nothing later was brought to the disk.
    Torn,
    /// It died before the click: nothing was done yet.
    Begun,
}

impl Odd {
    /// How many records are left where the recorder died.
    fn left(self) -> Option<usize> {
        match self {
            Self::Torn => Some(TORN_RECORDS),
            Self::Begun => Some(BEGUN_RECORDS),
            _ => None,
        }
    }
}

/// One sitting of a person at that desktop.
#[derive(Clone, Copy)]
pub(crate) struct Take {
    pub(crate) recording: u8,
    pub(crate) segments: u32,
    pub(crate) person: u8,
    pub(crate) agreement: &'static str,
    /// What the wall clock said then, where it is recorded.
    pub(crate) begins: Option<i64>,
    /// The wall clock is set forward by so much after the first segment, seconds.
    pub(crate) clock_set_secs: i64,
    pub(crate) state: RecordingState,
    pub(crate) odd: Option<Odd>,
    pub(crate) purpose: Purpose,
    pub(crate) pictures: bool,
}

impl Take {
    pub(crate) fn new(recording: u8, segments: u32) -> Self {
        Self {
            recording,
            segments,
            person: 1,
            agreement: "agreement",
            begins: None,
            clock_set_secs: 0,
            state: RecordingState::Complete,
            odd: None,
            purpose: Purpose::TrainAgents,
            pictures: true,
        }
    }

    /// What goes wrong in that segment.
    fn odd_in(&self, sequence: u32) -> Option<Odd> {
        self.odd.filter(|_| sequence + 1 == self.segments)
    }
}

/// Seals the work `segments` times into the folder.
pub(crate) fn input(folder: &Path, recording: u8, segments: u32) -> Input {
    take(folder, Take::new(recording, segments))
}

/// Seals a sitting into the folder.
pub(crate) fn take(folder: &Path, take: Take) -> Input {
    let mut desk = Desk::new(take.begins, take.pictures);
    for n in 0..take.segments {
        segment(folder, &take, n, desk.work(u64::from(n), take.odd_in(n)));
        desk.clock_set_secs = take.clock_set_secs;
    }
    found(folder, take)
}

/// What [`take`] left in the folder.
pub(crate) fn found(folder: &Path, take: Take) -> Input {
    let facts = facts(&take, (0..take.segments).map(|n| segment_facts(folder, &take, n)).collect());
    Input::whole(RecordingDir::placed(facts, None, |s| path(folder, take.recording, s.sequence)))
}

/// Opens with the study's key; openings are written down in the folder.
pub(crate) fn opener(
    folder: &Path,
) -> impl Fn(&RecordingDir) -> Result<Opened<TrainAgents>, UnsealError> + Sync {
    let mut keys = OwnKeys::new();
    keys.add(SecretKey::from_bytes(&[2; 32]));
    let log = Mutex::new(AccessLog::open(&folder.join(OPENINGS_FILE)).expect("the log opens"));
    let grant = Grant::<TrainAgents>::new("a test", "to see what comes of it");
    move |dir| open(dir, &grant, &keys, &mut log.lock().expect("no thread panicked"))
}

/// Builds a data set of what lies in the folder.
pub(crate) fn make(folder: &Path, out: &Path, inputs: Vec<Input>) -> Result<BuildReport, DatasetError> {
    build(inputs, &opener(folder), &settings(out), &mut |_| ())
}

pub(crate) fn settings(out: &Path) -> BuildSettings {
    let grant =
        GrantNote { who: "a test".into(), reason: "to see".into(), expires: Some("2027-01-01".into()) };
    BuildSettings::new(out, grant)
}

/// The same files with the same bytes.
pub(crate) fn assert_same(a: &Path, b: &Path) {
    let names = |folder: &Path| -> std::collections::BTreeSet<_> {
        std::fs::read_dir(folder).expect("a folder").map(|e| e.expect("an entry").file_name()).collect()
    };
    assert_eq!(names(a), names(b));
    for name in names(a) {
        let read = |folder: &Path| std::fs::read(folder.join(&name)).expect("a file");
        assert!(read(a) == read(b), "{name:?} differs");
    }
}

fn segment(folder: &Path, take: &Take, sequence: u32, items: Vec<Minimised>) {
    let (mut sealer, head) = Sealer::begin(plan(take, sequence)).expect("the segment begins");
    let left = take.odd_in(sequence).and_then(Odd::left);
    items
        .into_iter()
        .take(left.unwrap_or(usize::MAX))
        .for_each(|item| sealer.push(item).expect("it is taken"));
    let tail = if left.is_some() {
        sealer.flush().expect("it is sealed").expect("there is something")
    } else {
        sealer.close(Trailer::default()).expect("the segment closes")
    };
    let bytes = [head.bytes(), tail.bytes()].concat();
    std::fs::write(path(folder, take.recording, sequence), bytes).expect("it is written");
}

fn segment_facts(folder: &Path, take: &Take, sequence: u32) -> SegmentFacts {
    let bytes = std::fs::read(path(folder, take.recording, sequence)).expect("it is there");
    let (header, _) = SegmentHeader::read(&bytes[..]).expect("it has a header");
    SegmentFacts {
        sequence,
        segment: header.segment,
        sha256: sha256(&bytes),
        len_bytes: bytes.len() as u64,
        torn: take.odd_in(sequence).and_then(Odd::left).is_some(),
    }
}

fn facts(take: &Take, segments: Vec<SegmentFacts>) -> RecordingFacts {
    RecordingFacts {
        version: FACTS_VERSION,
        recording: RecordingId([take.recording; 16]),
        state: take.state,
        agreement: sha256(take.agreement.as_bytes()),
        consent: sha256(b"consent"),
        level: Level::Full,
        purposes: vec![take.purpose],
        cadence: "on_change".into(),
        day: Day(20_779),
        last_day: Day(20_900),
        dictionary: None,
        contributor_key: KeyId([take.person; 16]),
        study_key: None,
        segments,
        losses: Losses::default(),
        imported: None,
    }
}

pub(crate) fn path(folder: &Path, recording: u8, sequence: u32) -> PathBuf {
    folder.join(format!("{recording}-{sequence}.seg"))
}

fn plan(take: &Take, sequence: u32) -> SegmentPlan {
    let public = SecretKey::from_bytes(&[2; 32]).public();
    SegmentPlan {
        recording: RecordingId([take.recording; 16]),
        sequence,
        agreement_digest: sha256(take.agreement.as_bytes()),
        consent_digest: sha256(b"consent"),
        level: Level::Full,
        purposes: vec![take.purpose],
        day: Day(20_779),
        recipients: vec![Recipient::new(RecipientKind::Study, "2026-11", public)],
    }
}

fn terms() -> Terms {
    let key = PartyKey::generate("council").expect("random bytes");
    let text = format!(
        "title = \"T\"\nversion = 1\njurisdiction = \"none\"\nlawful_basis = \"consent\"\nassessment = \"1\"\n\
         starts = 2026-11-22\nends = 2026-11-22\npurposes = [\"train-agents\"]\ncadence = \"on_action\"\n\
         [[parties]]\nname = \"P\"\nkey = \"{}\"\n\
         [[applications]]\nname = \"editor\"\nexe = [\"/editor\"]\nclass = [\"Editor\"]\nlevel = \"full\"\n",
        key.public()
    );
    let agreement = verify(&key.sign(&text).expect("it signs"), &[key.public()]).expect("it counts");
    let consent = Consent {
        agreement: agreement.digest(),
        contributor: KeyId([1; 16]),
        given: Day(20_779),
        withdrawn: false,
        applications: vec![ConsentedApp { name: AppName("editor".into()), level: Level::Full }],
    };
    Terms::new(agreement, consent, TODAY).expect("they are in force")
}

/// An editor on a desktop of one monitor, and a person at work in it.
struct Desk {
    minimiser: Minimiser,
    seq: u64,
    frames: u32,
    begins: Option<i64>,
    clock_set_secs: i64,
    pictures: bool,
}

impl Desk {
    fn new(begins: Option<i64>, pictures: bool) -> Self {
        let filter = Filter::new(None).expect("the built-in rules are good");
        let mut minimiser = Minimiser::new(terms(), Settings::default(), filter);
        minimiser.observe(RawEvent::at(MonoNanos(0), RawBody::Covered(false)), TODAY);
        let mut desk = Self { minimiser, seq: 0, frames: 0, begins, clock_set_secs: 0, pictures };
        let bounds = Rect { x: 0, y: 0, w: WIDTH as i32, h: HEIGHT as i32 };
        let monitor = Monitor { bounds, scale_milli: 1000, rotation: Rotation::Upright };
        let size = (WIDTH, HEIGHT);
        desk.at(
            0,
            RawBody::Topology(Topology {
                id: TopologyId(0),
                size,
                monitors: vec![monitor],
                gestures: Gestures::default(),
            }),
        );
        desk.at(1, window(WindowChange::Opened));
        desk.at(2, window(WindowChange::Focused));
        desk.focus(3);
        desk
    }

    /// A task: click a button, type into the field that opens, press Return.
    fn work(&mut self, round: u64, odd: Option<Odd>) -> Vec<Minimised> {
        let t = 10_000 * round;
        if let Some(begins) = self.begins {
            let wall = WallTime(begins + t as i64 / 1_000 + self.clock_set_secs);
            self.at(t + 10, RawBody::Clock(ClockAnchor { mono: MonoNanos::from_millis(t + 10), wall }));
        }
        self.at(t + 50, RawBody::Mark(Mark::TaskBegins { instruction: Some("Say hi".into()) }));
        let before = self.frame(t + 100, 10);
        let press = self.button(t + 200, true);
        self.at(t + 205, element(press));
        let margin_nanos = 100_000_000;
        let bind = Binding::Before { for_seq: press, frame: before, margin_nanos, damage_unseen: false };
        self.bind(t + 220, bind);
        self.button(t + 260, false);
        self.at(t + 300, focused());
        self.focus(t + 305);
        let after = self.frame(t + 400, 90);
        let bind = Binding::After { for_seq: press, frame: after, delay_nanos: 0, timed_out: false };
        self.bind(t + 800, bind);
        for (i, c) in "hi 👋".chars().enumerate() {
            self.key(t + 1_000 + 30 * i as u64, &c.to_string(), Some(c));
        }
        self.focus(t + 1_400);
        self.key(t + 2_000, "Return", None);
        self.focus(t + 2_300);
        self.frame(t + 2_400, 170);
        self.at(t + 2_700, looked_at(t + 2_700));
        self.go_wrong(t + 3_000, odd);
        self.at(t + 6_000, RawBody::Mark(Mark::TaskEnds));
        self.at(t + 6_500, RawBody::Mark(Mark::ThumbsUp));
        self.focus(t + 9_000);
        self.minimiser.drain(MonoNanos::from_millis(t + 9_500))
    }

    fn go_wrong(&mut self, millis: u64, odd: Option<Odd>) {
        match odd {
            Some(Odd::Unmatched) => _ = self.button(millis, true),
            Some(Odd::Outside) => {
                self.at(millis, beside(WindowChange::Opened));
                for down in [true, false] {
                    self.at(millis + 100, press_at(OUTSIDE, down));
                }
                self.at(millis + 200, beside(WindowChange::Closed));
            }
            Some(Odd::Jump) => {
                for down in [true, false] {
                    self.of_time(millis, Some(millis - 8_000), press_at(AT, down));
                }
            }
            Some(Odd::Again) => [0, 1_000].into_iter().for_each(|later| {
                self.button(millis + later, true);
                self.button(millis + later + 60, false);
            }),
            Some(Odd::Torn | Odd::Begun) | None => {}
        }
    }

    fn at(&mut self, millis: u64, body: RawBody) -> Seq {
        self.of_time(millis, None, body)
    }

    /// Where the system has a time of its own for it.
    fn of_time(&mut self, millis: u64, os_millis: Option<u64>, body: RawBody) -> Seq {
        let mut event = RawEvent::at(MonoNanos::from_millis(millis), body);
        event.os_time = os_millis.map(MonoNanos::from_millis);
        self.seq += 1;
        event.seq = Seq(self.seq);
        self.minimiser.observe(event, TODAY);
        Seq(self.seq)
    }

    fn focus(&mut self, millis: u64) {
        let kind = FocusKind::Other { role: "text".into() };
        let asked_at = MonoNanos::from_millis(millis);
        self.at(millis, RawBody::Focus(FocusReport { kind, pid: PID, asked_at, since: asked_at }));
    }

    fn button(&mut self, millis: u64, down: bool) -> Seq {
        self.at(millis, press_at(AT, down))
    }

    fn key(&mut self, millis: u64, name: &str, text: Option<char>) {
        for down in [true, false] {
            self.at(
                millis,
                RawBody::Key(RawKey {
                    scancode: name.chars().map(u32::from).sum(),
                    name: name.into(),
                    text: text.filter(|_| down).map(String::from),
                    down,
                    repeat: false,
                    modifiers: Modifiers::default(),
                }),
            );
        }
    }

    fn bind(&mut self, millis: u64, binding: Binding) {
        if self.pictures {
            self.at(millis, RawBody::Binding(binding));
        }
    }

    fn frame(&mut self, millis: u64, colour: u8) -> FrameId {
        self.frames += 1;
        if !self.pictures {
            return FrameId(self.frames);
        }
        let rgb = [colour, 60, 120].repeat((WIDTH * HEIGHT) as usize);
        let raw = RawFrame {
            id: FrameId(self.frames),
            topology: TopologyId(0),
            grab_begin: MonoNanos::from_millis(millis - 5),
            grab_end: MonoNanos::from_millis(millis),
            frame: Arc::new(Frame::from_rgb(WIDTH, HEIGHT, &rgb).expect("the length fits")),
            windows: Some(vec![visible()]),
        };
        let id = raw.id;
        self.at(millis, RawBody::Frame(raw));
        id
    }
}

fn press_at(at: Point, down: bool) -> RawBody {
    RawBody::Button { at, button: Button::Left, down }
}

/// Another window of the editor, right of the only monitor.
fn beside(change: WindowChange) -> RawBody {
    let bounds = Rect { x: WIDTH as i32, y: 0, w: 100, h: HEIGHT as i32 };
    let VisibleWindow { app, pid, kind, own, .. } = visible();
    let title = "Letters".into();
    RawBody::Window(WindowReport { change, window: WindowId(2), app, pid, kind, bounds, title, own })
}

fn identity() -> AppIdentity {
    AppIdentity { exe: Some("/editor".into()), class: Some("Editor".into()) }
}

fn visible() -> VisibleWindow {
    VisibleWindow {
        id: WindowId(1),
        bounds: Rect { x: 0, y: 0, w: WIDTH as i32, h: HEIGHT as i32 },
        app: identity(),
        pid: Some(PID),
        kind: WindowKind::Normal,
        own: false,
    }
}

fn window(change: WindowChange) -> RawBody {
    let VisibleWindow { id, bounds, app, pid, kind, own } = visible();
    RawBody::Window(WindowReport { change, window: id, app, pid, kind, bounds, title: "Letter".into(), own })
}

fn node(role: &str, name: &str, bounds: Rect) -> Node {
    Node { role: role.into(), name: name.into(), states: vec!["enabled".into()], bounds, parent: None }
}

fn element(for_seq: Seq) -> RawBody {
    let button = node("push button", "New", Rect { x: 20, y: 10, w: 40, h: 20 });
    let frame = node("frame", "Letter", Rect { x: 0, y: 0, w: 200, h: 120 });
    RawBody::Element(overt_event::ElementLookup {
        for_seq,
        at: Point { x: 30, y: 20 },
        pid: PID,
        element: Some(Element { node: button, ancestors: vec![frame], candidates: 1 }),
        completeness: Completeness::Complete,
        took_nanos: 2_000_000,
    })
}

/// All its names: none.
fn looked_at(millis: u64) -> RawBody {
    RawBody::Snapshot(RawSnapshot {
        window: WindowId(1),
        pid: PID,
        asked_at: MonoNanos::from_millis(millis),
        took_nanos: 0,
        nodes: Vec::new(),
        completeness: Completeness::Complete,
    })
}

fn focused() -> RawBody {
    let field = node("text", "Body", Rect { x: 20, y: 40, w: 160, h: 60 });
    let event = AccessibleEvent { change: AccessibleChange::Focused, node: field, ancestors: Vec::new() };
    RawBody::Accessible { pid: PID, event }
}
