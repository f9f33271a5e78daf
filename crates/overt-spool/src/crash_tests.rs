//! The spool against a model, with crashes at every step.

#![allow(clippy::arc_with_non_send_sync, reason = "a simulated disk stays on its test's thread")]

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use overt_event::{Day, KeyId, Level, Purpose, RecordingId, SegmentId};
use overt_format::{
    FACTS_VERSION, FrameKind, Hex, Losses, RecordingFacts, RecordingState, SEGMENT_VERSION, SegmentHeader,
    frame_bytes, scan, segment_file_name, sha256,
};
use overt_seal::PieceKind;

use crate::disk::Disk;
use crate::error::SpoolError;
use crate::sim_disk::{Lot, ROOT, SimDisk};
use crate::spool::{Limits, Spool};
use crate::writer::{Piece, RecordingWriter};

const RECORDING: RecordingId = RecordingId([7; 16]);
const LIMITS: Limits = Limits { bytes_max: 1 << 20, free_bytes_min: 0 };

/// What is done to a spool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    /// A header where no segment grows, else frames of so many bytes.
    Append(usize),
    Sync,
    /// The last piece of the growing segment.
    Close,
    /// Forget the growing segment and the newest closed one.
    Forget,
    /// The machine stops after so many more steps of the disk.
    CrashAfter(u64),
    /// So many bytes stay free.
    DiskFull(u64),
}

fn facts() -> RecordingFacts {
    RecordingFacts {
        version: FACTS_VERSION,
        recording: RECORDING,
        state: RecordingState::Complete,
        agreement: sha256(b"agreement"),
        consent: sha256(b"consent"),
        level: Level::Full,
        purposes: vec![Purpose::TrainAgents],
        cadence: "on_change".into(),
        day: Day(1),
        last_day: Day(30_000),
        dictionary: None,
        contributor_key: KeyId([1; 16]),
        study_key: None,
        segments: Vec::new(),
        losses: Losses::default(),
        imported: None,
    }
}

fn header(sequence: u32, made: u8) -> SegmentHeader {
    SegmentHeader {
        version: SEGMENT_VERSION,
        recording: RECORDING,
        segment: SegmentId([made; 16]),
        sequence,
        agreement: sha256(b"agreement"),
        consent: sha256(b"consent"),
        level: Level::Full,
        purposes: vec![Purpose::TrainAgents],
        day: Day(1),
        nonce_prefix: Hex([0; 7]),
        recipients: Vec::new(),
    }
}

/// What must be there after a crash, and what may be.
#[derive(Default)]
struct Model {
    /// Bytes of the closed segments.
    closed: Vec<Vec<u8>>,
    /// Bytes of the growing segment and how many of them were acknowledged.
    growing: Option<(u8, Vec<u8>, usize)>,
    /// Segments that were forgotten, by a byte that is in their ids.
    forgotten: Vec<u8>,
    /// Segments whose forgetting was begun and not acknowledged: they may be there or not.
    fading: Vec<u8>,
    /// A close that was not acknowledged.
    closing: bool,
    made: u8,
}

struct Run {
    disk: Arc<SimDisk>,
    writer: RecordingWriter<SimDisk>,
    model: Model,
}

impl Run {
    fn begin() -> Self {
        let disk = Arc::new(SimDisk::new(Path::new(ROOT)));
        let spool = Spool::open_on(Arc::clone(&disk), Path::new(ROOT), LIMITS).expect("opens");
        let writer = spool.begin(facts()).expect("begins");
        Self { disk, writer, model: Model::default() }
    }

    /// Does one thing; an error is the disk's, and the model takes it into account.
    fn apply(&mut self, op: Op) -> Result<(), SpoolError> {
        match op {
            Op::Append(len) if self.model.growing.is_some() => {
                let bytes = frame_bytes(FrameKind::More, &vec![len as u8; len]).expect("fits");
                self.append(PieceKind::Frames, bytes)
            }
            Op::Append(_) => {
                self.model.made += 1;
                let bytes = header(self.writer.next_sequence(), self.model.made).encode().expect("encodes");
                self.append(PieceKind::Header, bytes)
            }
            Op::Sync => {
                self.writer.sync()?;
                if let Some((_, bytes, acknowledged)) = &mut self.model.growing {
                    *acknowledged = bytes.len();
                }
                Ok(())
            }
            Op::Close if self.model.growing.is_some() => {
                let bytes = frame_bytes(FrameKind::Last, b"trailer").expect("fits");
                self.append(PieceKind::Last, bytes)
            }
            Op::Close => Ok(()),
            Op::Forget => self.forget(),
            Op::CrashAfter(steps) => {
                self.disk.steps_left.set(steps);
                Ok(())
            }
            Op::DiskFull(free) => {
                self.disk.free_bytes.set(free);
                Ok(())
            }
        }
    }

    fn append(&mut self, kind: PieceKind, bytes: Vec<u8>) -> Result<(), SpoolError> {
        let made = self.model.growing.as_ref().map_or(self.model.made, |(made, ..)| *made);
        let (segment, sequence) = (SegmentId([made; 16]), self.writer.next_sequence());
        self.model.closing = kind == PieceKind::Last;
        self.writer.append_piece(&Piece { recording: RECORDING, segment, sequence, kind, bytes: &bytes })?;
        let (_, grown, _) = self.model.growing.get_or_insert((made, Vec::new(), 0));
        grown.extend(bytes);
        if kind == PieceKind::Last {
            self.model.closing = false;
            self.model.closed.extend(self.model.growing.take().map(|(_, bytes, _)| bytes));
        }
        Ok(())
    }

    fn forget(&mut self) -> Result<(), SpoolError> {
        let keep = self.model.closed.len().saturating_sub(1);
        let growing = self.model.growing.take().map(|(made, ..)| made);
        let newest = self.model.closed.drain(keep..).map(|bytes| made_of(&bytes));
        let fading: Vec<u8> = growing.into_iter().chain(newest).collect();
        self.model.fading.clone_from(&fading);
        self.writer.forget_from(keep as u32)?;
        self.model.fading.clear();
        self.model.forgotten.extend(fading);
        Ok(())
    }

    /// The machine starts again; what was acknowledged must be there, and what was forgotten not.
    fn crash_and_check(self, lot: &mut Lot, story: &str) {
        let Self { disk, writer, model } = self;
        disk.crash(lot);
        drop(writer);
        // A crash during recovery is one more thing to recover from.
        for _ in 0..lot.draw(3) {
            disk.free_bytes.set(1 << 40);
            disk.steps_left.set(lot.draw(12));
            if let Ok(spool) = Spool::open_on(Arc::clone(&disk), Path::new(ROOT), LIMITS) {
                let _ = spool.recover();
            }
            disk.crash(lot);
        }
        disk.free_bytes.set(1 << 40);
        let spool = Spool::open_on(Arc::clone(&disk), Path::new(ROOT), LIMITS).expect("opens");
        let recovery = spool.recover().expect("recovers");
        assert_eq!(recovery.unreadable, 0, "{story}");
        assert_eq!(spool.recover().expect("recovers"), crate::Recovery::default(), "{story}: once is enough");
        let recordings = spool.recordings().expect("lists");
        assert_eq!(recordings.len(), 1, "{story}");
        assert_ne!(recordings[0].facts.state, RecordingState::Open, "{story}");
        check_segments(&disk, &recordings[0].facts, &model, story);
    }
}

/// Every segment made has its number in its id.
fn made_of(bytes: &[u8]) -> u8 {
    SegmentHeader::read(bytes).expect("a header").0.segment.0[0]
}

fn check_segments(disk: &SimDisk, facts: &RecordingFacts, model: &Model, story: &str) {
    let folder = Path::new(ROOT).join(format!("{RECORDING}.overt")).join("segments");
    let mut found = Vec::new();
    for segment in &facts.segments {
        let mut bytes = Vec::new();
        let file = disk.read(&folder.join(segment_file_name(segment.sequence))).expect("is there");
        { file }.read_to_end(&mut bytes).expect("reads");
        assert_eq!((segment.sha256, segment.len_bytes), (sha256(&bytes), bytes.len() as u64), "{story}");
        let scanned = scan(&bytes[..]).expect("has a header");
        assert_eq!((scanned.good_len, scanned.whole), (bytes.len() as u64, !segment.torn), "{story}");
        found.push(bytes);
    }
    assert_eq!(disk.names(&folder).expect("lists").len(), found.len(), "{story}: nothing lies about");
    let kept = model.closed.len();
    assert!(found.len() >= kept, "{story}: a closed segment is gone");
    assert_eq!(&found[..kept], &model.closed[..], "{story}");
    for made in found.iter().map(|bytes| made_of(bytes)) {
        assert!(!model.forgotten.contains(&made), "{story}: what was forgotten is back");
    }
    if let Some((made, bytes, acknowledged)) = &model.growing {
        let header_len = header(kept as u32, *made).encode().expect("encodes").len();
        let torn = found.get(kept).map_or(&[][..], |b| &b[..]);
        // A header without frames holds nothing and is dropped.
        assert!(
            *acknowledged <= header_len || torn.len() >= *acknowledged,
            "{story}: acknowledged bytes are gone"
        );
        let both = torn.len().min(bytes.len());
        assert_eq!(torn[..both], bytes[..both], "{story}");
        assert!(
            torn.len() <= bytes.len() || model.closing || model.made > *made,
            "{story}: {} > {}, found {}",
            torn.len(),
            bytes.len(),
            found.len()
        );
    } else if model.fading.is_empty() {
        assert!(found.len() <= kept + 1, "{story}: {} segments of {kept}", found.len());
    }
}

fn run(ops: &[Op], seed: u64) {
    let mut lot = Lot::new(seed);
    let story = format!("seed {seed}: {ops:?}");
    let mut run = Run::begin();
    for op in ops {
        match run.apply(*op) {
            // A full disk is told, and more room is all it takes.
            Err(SpoolError::Full { .. }) => run.disk.free_bytes.set(1 << 40),
            Err(_) => break,
            Ok(()) => {}
        }
    }
    run.crash_and_check(&mut lot, &story);
}

fn random_ops(lot: &mut Lot) -> Vec<Op> {
    let op = |lot: &mut Lot| match lot.draw(20) {
        0..=8 => Op::Append(lot.draw(400) as usize + 1),
        9..=12 => Op::Sync,
        13..=15 => Op::Close,
        16 => Op::Forget,
        17 => Op::DiskFull(lot.draw(600)),
        _ => Op::CrashAfter(lot.draw(12)),
    };
    (0..lot.draw(30) + 1).map(|_| op(lot)).collect()
}

#[test]
fn what_was_acknowledged_survives_any_crash() {
    for seed in 0..4000 {
        let ops = random_ops(&mut Lot::new(seed));
        run(&ops, seed);
    }
}

#[test]
fn a_crash_at_every_step_of_a_usual_recording() {
    use Op::{Append, Close, Forget, Sync};
    let usual = [Append(0), Append(100), Sync, Append(50), Close, Append(0), Append(9), Close, Forget];
    let usual = [&usual[..], &[Append(0), Append(70), Sync, Append(30)]].concat();
    for steps in 0..60 {
        for seed in 0..20 {
            let ops = [&[Op::CrashAfter(steps)], &usual[..]].concat();
            run(&ops, seed);
        }
    }
}

#[test]
fn a_full_disk_takes_nothing_and_loses_nothing() {
    for free in 0..900 {
        let mut run = Run::begin();
        run.apply(Op::Append(0)).expect("a header");
        run.apply(Op::Append(200)).expect("frames");
        run.disk.free_bytes.set(free);
        while run.apply(Op::Append(90)).is_ok() {}
        let refused = run.apply(Op::Append(90)).expect_err("is full");
        assert!(matches!(refused, SpoolError::Full { needed_bytes: 98 }), "{refused:?}");
        run.disk.free_bytes.set(1 << 30);
        run.apply(Op::Append(90)).expect("there is room again");
        run.apply(Op::Close).expect("closes");
        run.crash_and_check(&mut Lot::new(free), "a full disk");
    }
}

#[test]
fn the_stores_own_limit_is_kept() {
    let disk = Arc::new(SimDisk::new(Path::new(ROOT)));
    let limits = Limits { bytes_max: 1500, free_bytes_min: 100 };
    let spool = Spool::open_on(Arc::clone(&disk), Path::new(ROOT), limits).expect("opens");
    let writer = spool.begin(facts()).expect("begins");
    let mut run = Run { disk: Arc::clone(&disk), writer, model: Model::default() };
    run.apply(Op::Append(0)).expect("a header");
    let refused = loop {
        if let Err(error) = run.apply(Op::Append(200)) {
            break error;
        }
    };
    assert!(matches!(refused, SpoolError::Full { .. }));
    assert!(spool.used_bytes() <= 1500 && spool.used_bytes() > 1200, "{}", spool.used_bytes());
    run.apply(Op::Forget).expect("forgets");
    assert_eq!(spool.used_bytes(), 0);
    disk.free_bytes.set(150);
    assert!(matches!(run.apply(Op::Append(0)), Err(SpoolError::Full { .. })));
}
