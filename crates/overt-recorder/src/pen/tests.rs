//! Whatever happens when, each segment of a recording can be read alone.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use overt_agreement::{Consent, ConsentedApp, PartyKey, Terms, verify};
use overt_capture::Pictures;
use overt_event::{
    AppIdentity, AppName, Binding, Button, FrameId, KeyId, Level, Monitor, Point, Purpose, RawBody, RawEvent,
    RawFrame, RecordBody, Rect, Rotation, Topology, TopologyId, VisibleWindow, WallTime, WindowChange,
    WindowId, WindowKind, WindowReport,
};
use overt_format::{FACTS_VERSION, RecipientKind, RecordingDir, RecordingFacts, sha256};
use overt_minimise::{Minimiser, Settings};
use overt_spool::{Limits, Spool};
use overt_unseal::keyfile::SecretKey;
use overt_unseal::{AccessLog, Grant, OwnKeys, TrainAgents, open};
use proptest::prelude::*;

use super::*;
use crate::session::Session;

const TODAY: WallTime = WallTime(20_779 * 86_400 + 43_200);
const SCREEN: Rect = Rect { x: 0, y: 0, w: 64, h: 64 };
const STUDY: [u8; 32] = [2; 32];

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

fn facts() -> RecordingFacts {
    RecordingFacts {
        version: FACTS_VERSION,
        recording: RecordingId([7; 16]),
        state: RecordingState::Open,
        agreement: sha256(b"agreement"),
        consent: sha256(b"consent"),
        level: Level::Full,
        purposes: vec![Purpose::TrainAgents],
        cadence: "on_action".into(),
        day: Day(20_779),
        last_day: Day(20_900),
        contributor_key: KeyId([1; 16]),
        study_key: None,
        segments: Vec::new(),
        losses: Losses::default(),
    }
}

/// A desk with one editor, recorded into a spool; time is what the test says it is.
struct Desk {
    session: Session,
    pen: Pen,
    now: MonoNanos,
    frames: u32,
    sent: u64,
}

impl Desk {
    fn new(root: &Path) -> Self {
        let spool = Spool::open(root, Limits { bytes_max: 1 << 30, free_bytes_min: 0 }).expect("a spool");
        let RecordingFacts { recording, agreement, consent, level, purposes, day, .. } = facts();
        let study = SecretKey::from_bytes(&STUDY).public();
        let recipients = vec![Recipient::new(RecipientKind::Study, "2026-11", study)];
        let segment_terms = SegmentTerms { recording, agreement, consent, level, purposes, day, recipients };
        let anchor = ClockAnchor { mono: MonoNanos(0), wall: TODAY };
        let minimiser = Minimiser::new(terms(), Settings::default());
        let mut desk = Self {
            session: Session::new(Arc::new(terms()), Pictures::AroundInputs, minimiser),
            pen: Pen::new(segment_terms, spool.begin(facts()).expect("a recording"), anchor),
            now: MonoNanos(0),
            frames: 0,
            sent: 0,
        };
        let monitor = Monitor { bounds: SCREEN, scale_milli: 1000, rotation: Rotation::Upright };
        desk.happens(RawBody::Clock(anchor));
        desk.happens(RawBody::Topology(Topology {
            id: TopologyId(0),
            size: (64, 64),
            monitors: vec![monitor],
        }));
        desk.happens(window(WindowChange::Opened));
        desk.happens(window(WindowChange::Focused));
        desk
    }

    fn happens(&mut self, body: RawBody) {
        self.sent += 1;
        self.session.handle(RawEvent::at(self.now, body), TODAY);
    }

    fn passes(&mut self, millis: u64) {
        self.now = self.now.plus_millis(millis);
        self.session.tick(self.now, TODAY);
        let judged = self.session.drain(self.now);
        self.pen.write(judged, self.now).expect("there is room");
        self.pen.tick(self.now, Flow::default).expect("there is room");
    }

    fn frame(&mut self) {
        self.frames += 1;
        let colour = self.frames.to_le_bytes();
        let rgb = [colour[0], colour[1], 7].repeat(64 * 64);
        self.happens(RawBody::Frame(RawFrame {
            id: FrameId(self.frames),
            topology: TopologyId(0),
            grab_begin: self.now,
            grab_end: self.now,
            frame: Arc::new(overt_event::Frame::from_rgb(64, 64, &rgb).expect("the length fits")),
            windows: Some(vec![editor()]),
        }));
    }

    fn press(&mut self) {
        for down in [true, false] {
            self.happens(RawBody::Button { at: Point { x: 9, y: 9 }, button: Button::Left, down });
        }
    }

    /// Forgets the last seconds; gives from when on nothing is left.
    fn forget(&mut self, secs: u64) -> MonoNanos {
        let since = self.now.minus_millis(secs * 1_000);
        let erased_from = self.pen.forget_since(since).expect("it forgets");
        assert!(erased_from <= since && since.since(erased_from) <= 62 * 1_000 * NANOS_PER_MILLI);
        self.session.forget(erased_from, self.now, TODAY);
        erased_from
    }

    fn work(&mut self, deeds: &[(u64, bool, bool)]) {
        for (pause, changes, presses) in deeds {
            if *changes {
                self.frame();
            }
            self.passes(5);
            if *presses {
                self.press();
            }
            self.passes(*pause);
        }
    }

    fn ends(self) {
        let Self { session, mut pen, now, sent, .. } = self;
        let (rest, tally, mut account) = session.finish(now, TODAY);
        pen.write(rest, now).expect("there is room");
        (account.sent, account.written) = (sent, pen.taken());
        assert!(account.balances(&tally), "{account:?}\n{tally:?}");
        pen.finish(RecordingState::Complete, now, Flow::default()).expect("it closes");
    }
}

fn editor() -> VisibleWindow {
    VisibleWindow {
        id: WindowId(1),
        bounds: SCREEN,
        app: AppIdentity { exe: Some("/editor".into()), class: Some("Editor".into()) },
        pid: Some(10),
        kind: WindowKind::Normal,
        own: false,
    }
}

fn window(change: WindowChange) -> RawBody {
    let VisibleWindow { id, bounds, app, pid, kind, own } = editor();
    RawBody::Window(WindowReport { change, window: id, app, pid, kind, bounds, title: "Letter".into(), own })
}

/// Reads one segment as if the others were gone; the number of pictures that its bindings name.
fn check_alone(dir: &RecordingDir, index: usize, log: &Path) -> usize {
    let segment = &dir.segments()[index];
    let facts = RecordingFacts { segments: vec![segment.facts], ..dir.facts().clone() };
    let alone = RecordingDir::placed(facts, None, |_| segment.path.clone());
    let mut keys = OwnKeys::new();
    keys.add(SecretKey::from_bytes(&STUDY));
    let grant = Grant::<TrainAgents>::new("a test", "to read a segment alone");
    let mut log = AccessLog::open(log).expect("a log");
    let (mut known, mut kinds, mut named) = (BTreeSet::new(), BTreeSet::new(), 0);
    for item in open(&alone, &grant, &keys, &mut log).expect("it opens") {
        let body = item.expect("it reads").stored.record.body;
        kinds.insert(overt_format::record_kind(&body));
        match body {
            RecordBody::Frame(frame) => drop(known.insert(frame.id)),
            RecordBody::Binding(Binding::Before { frame, .. } | Binding::After { frame, .. }) => {
                assert!(known.contains(&frame), "segment {index} names a picture it does not hold");
                named += 1;
            }
            _ => {}
        }
    }
    assert!(["clock", "topology", "window"].iter().all(|kind| kinds.contains(kind)), "{index}: {kinds:?}");
    named
}

/// A pause in milliseconds after each deed, whether the screen changed before it, and whether it is a press.
fn deeds(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<(u64, bool, bool)>> {
    prop::collection::vec((0_u64..1_500, any::<bool>(), any::<bool>()), count)
}

/// The times of all records that stand in the recording for the first time.
fn times(dir: &RecordingDir, log: &Path) -> Vec<MonoNanos> {
    let mut keys = OwnKeys::new();
    keys.add(SecretKey::from_bytes(&STUDY));
    let grant = Grant::<TrainAgents>::new("a test", "to see what is left");
    let opened = open(dir, &grant, &keys, &mut AccessLog::open(log).expect("a log")).expect("it opens");
    let records = opened.map(|item| item.expect("it reads").stored.record);
    records.filter(|r| !r.repeated && !matches!(r.body, RecordBody::Gap { .. })).map(|r| r.time).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn every_segment_can_be_read_alone(
        deeds in deeds(250..300),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut desk = Desk::new(&folder.path().join("spool"));
        desk.work(&deeds);
        let recording = desk.pen.spool.folder().to_owned();
        desk.ends();
        let dir = RecordingDir::local(&recording).expect("it reads");
        prop_assert!(dir.segments().len() > 1, "it is longer than a segment");
        let log = folder.path().join("openings.jsonl");
        let named: usize = (0..dir.segments().len()).map(|i| check_alone(&dir, i, &log)).sum();
        prop_assert!(named > 100, "most presses have a picture");
    }

    #[test]
    fn what_is_forgotten_is_in_no_segment(before in deeds(100..300), secs in 1_u64..90, after in deeds(10..100)) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut desk = Desk::new(&folder.path().join("spool"));
        desk.work(&before);
        // What the verdict is from then on is told with a time rounded down.
        let (erased_from, to) = (desk.forget(secs), desk.now.floor_to_millis(100));
        desk.work(&after);
        let recording = desk.pen.spool.folder().to_owned();
        desk.ends();
        let dir = RecordingDir::local(&recording).expect("it reads");
        let times = times(&dir, &folder.path().join("openings.jsonl"));
        prop_assert!(!times.iter().any(|t| (erased_from..to).contains(t)), "nothing of that time is left");
        prop_assert!(times.iter().any(|t| *t >= to), "what came after is kept");
    }
}
