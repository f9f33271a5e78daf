//! A desk with one editor whose session is recorded into a spool; time is what the test says it is.

use std::path::Path;
use std::sync::Arc;

use overt_agreement::{Consent, ConsentedApp, PartyKey, Terms, verify};
use overt_capture_atspi::SnapshotRequest;
use overt_event::{
    AppIdentity, AppName, Button, ClockAnchor, Completeness, Day, FrameId, Gestures, KeyId, Level, Monitor,
    MonoNanos, NANOS_PER_MILLI, PaceChange, Point, Purpose, RawBody, RawEvent, RawFrame, RawSnapshot, Record,
    RecordingId, Rect, Rotation, Topology, TopologyId, VisibleWindow, WallTime, WindowChange, WindowId,
    WindowKind, WindowReport,
};
use overt_format::{
    FACTS_VERSION, Flow, Losses, RecipientKind, RecordingDir, RecordingFacts, RecordingState, sha256,
};
use overt_minimise::{Minimiser, Settings};
use overt_seal::Recipient;
use overt_spool::{Limits, Spool};
use overt_unseal::keyfile::SecretKey;
use overt_unseal::{AccessLog, Grant, OwnKeys, TrainAgents, open};
use proptest::prelude::*;

use overt_pen::{Pen, SegmentTerms};

use crate::session::{Ask, Session};

pub(crate) const TODAY: WallTime = WallTime(20_779 * 86_400 + 43_200);
const SCREEN: Rect = Rect { x: 0, y: 0, w: 64, h: 64 };
pub(crate) const STUDY: [u8; 32] = [2; 32];

fn terms(cadence: &str) -> Terms {
    let key = PartyKey::generate("council").expect("random bytes");
    let text = format!(
        "title = \"T\"\nversion = 1\njurisdiction = \"none\"\nlawful_basis = \"consent\"\nassessment = \"1\"\n\
         starts = 2026-11-22\nends = 2026-11-22\npurposes = [\"train-agents\"]\ncadence = {cadence}\n\
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

pub(crate) fn facts() -> RecordingFacts {
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
        dictionary: None,
        contributor_key: KeyId([1; 16]),
        study_key: None,
        segments: Vec::new(),
        losses: Losses::default(),
        imported: None,
    }
}

/// What is recorded, and the time.
pub(crate) struct Desk {
    pub(crate) session: Session,
    pub(crate) pen: Pen,
    pub(crate) now: MonoNanos,
    /// What somebody set the wall clock forward, or back, since the session began.
    pub(crate) wall_set_secs: i64,
    /// How often the editor was asked what it shows.
    pub(crate) asked: u32,
    frames: u32,
    sent: u64,
}

impl Desk {
    pub(crate) fn new(root: &Path) -> Self {
        Self::with_cadence(root, "\"on_action\"")
    }

    /// `cadence`: as the agreement writes it.
    pub(crate) fn with_cadence(root: &Path, cadence: &str) -> Self {
        let spool = Spool::open(root, Limits { bytes_max: 1 << 30, free_bytes_min: 0 }).expect("a spool");
        let RecordingFacts { recording, agreement, consent, level, purposes, day, .. } = facts();
        let study = SecretKey::from_bytes(&STUDY).public();
        let recipients = vec![Recipient::new(RecipientKind::Study, "2026-11", study)];
        let segment_terms = SegmentTerms { recording, agreement, consent, level, purposes, day, recipients };
        let anchor = ClockAnchor { mono: MonoNanos(0), wall: TODAY };
        let filter = overt_filter::Filter::new(None).expect("the built-in rules are good");
        let minimiser = Minimiser::new(terms(cadence), Settings::default(), filter);
        let volume = spool.day_volume(day, 1_000_000).expect("it reads");
        let mut desk = Self {
            session: Session::new(Arc::new(terms(cadence)), minimiser),
            pen: Pen::new(
                segment_terms,
                spool.begin(facts()).expect("a recording"),
                Some(anchor),
                Some(volume),
            ),
            now: MonoNanos(0),
            wall_set_secs: 0,
            asked: 0,
            frames: 0,
            sent: 0,
        };
        let monitor = Monitor { bounds: SCREEN, scale_milli: 1000, rotation: Rotation::Upright };
        desk.happens(RawBody::Clock(anchor));
        desk.happens(RawBody::Topology(Topology {
            id: TopologyId(0),
            size: (64, 64),
            monitors: vec![monitor],
            gestures: Gestures::default(),
        }));
        desk.happens(RawBody::Covered(false));
        desk.happens(window(WindowChange::Opened));
        desk.happens(window(WindowChange::Focused));
        desk
    }

    pub(crate) fn wall(&self) -> WallTime {
        let foretold = ClockAnchor { mono: MonoNanos(0), wall: TODAY }.wall_at(self.now);
        WallTime(foretold.0 + self.wall_set_secs)
    }

    pub(crate) fn happens(&mut self, body: RawBody) {
        self.arrives_late(self.now, body);
    }

    /// What a source saw at that time comes to the session only now.
    pub(crate) fn arrives_late(&mut self, seen: MonoNanos, body: RawBody) {
        self.sent += 1;
        self.session.handle(RawEvent::at(seen, body), self.wall());
    }

    pub(crate) fn steer(&mut self, paused: bool, pace: PaceChange) {
        self.session.steer(paused, pace, self.now, self.wall());
    }

    pub(crate) fn passes(&mut self, millis: u64) {
        self.now = self.now.plus_millis(millis);
        self.session.look_at_clocks(ClockAnchor { mono: self.now, wall: self.wall() });
        self.session.tick(self.now, self.wall());
        self.editor_answers();
        let judged = self.session.drain(self.now);
        self.pen.write(judged, self.now).expect("there is room");
        self.pen.tick(self.now, Flow::default).expect("there is room");
    }

    /// It names all that it shows as soon as somebody asks.
    fn editor_answers(&mut self) {
        for ask in self.session.take_asks() {
            if let Ask::Snapshot(SnapshotRequest { window, pid, .. }) = ask {
                self.asked += 1;
                let (asked_at, nodes, completeness) = (self.now, Vec::new(), Completeness::Complete);
                let told = RawSnapshot { window, pid, asked_at, took_nanos: 0, nodes, completeness };
                self.happens(RawBody::Snapshot(told));
            }
        }
    }

    pub(crate) fn frame(&mut self) {
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

    pub(crate) fn press(&mut self) {
        for down in [true, false] {
            self.happens(RawBody::Button { at: Point { x: 9, y: 9 }, button: Button::Left, down });
        }
    }

    /// Forgets the last seconds; gives from when on nothing is left.
    pub(crate) fn forget(&mut self, secs: u64) -> MonoNanos {
        let since = self.now.minus_millis(secs * 1_000);
        let erased_from = self.pen.forget_since(since).expect("it forgets");
        assert!(erased_from <= since && since.since(erased_from) <= 62 * 1_000 * NANOS_PER_MILLI);
        self.session.forget(erased_from, self.now, self.wall());
        erased_from
    }

    pub(crate) fn work(&mut self, deeds: &[(u64, bool, bool)]) {
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

    /// Ends the session; every event and record is accounted for. Gives the recording.
    pub(crate) fn ends(mut self) -> RecordingDir {
        // The last pictures wait for their names.
        self.passes(1_000);
        let wall = self.wall();
        let Self { session, mut pen, now, sent, .. } = self;
        let folder = pen.folder().to_owned();
        let (rest, tally, mut account) = session.finish(now, wall);
        pen.write(rest, now).expect("there is room");
        account.sent += sent;
        account.written = pen.taken();
        assert!(account.balances(&tally), "{account:?}\n{tally:?}");
        pen.finish(RecordingState::Complete, now, Flow::default()).expect("it closes");
        RecordingDir::local(&folder).expect("it reads")
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

/// A pause in milliseconds after each deed, whether the screen changed before it, and whether it is a press.
pub(crate) fn deeds(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<(u64, bool, bool)>> {
    prop::collection::vec((0_u64..1_500, any::<bool>(), any::<bool>()), count)
}

/// All records that stand in the recording for the first time.
pub(crate) fn records(dir: &RecordingDir) -> Vec<Record> {
    let log = tempfile::tempdir().expect("a folder");
    let mut log = AccessLog::open(&log.path().join("openings.jsonl")).expect("a log");
    let mut keys = OwnKeys::new();
    keys.add(SecretKey::from_bytes(&STUDY));
    let grant = Grant::<TrainAgents>::new("a test", "to see what is left");
    let opened = open(dir, &grant, &keys, &mut log).expect("it opens");
    opened.map(|item| *item.expect("it reads").stored.record).filter(|r| !r.repeated).collect()
}
