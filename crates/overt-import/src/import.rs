//! Plays a telling to the binder and minimise, and writes what they let through.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use overt_agreement::{Cadence, Layer, Terms, VerifiedAgreement};
use overt_capture::Binder;
use overt_event::{
    ElementLookup, FrameId, MonoNanos, NANOS_PER_MILLI, RawBody, RawEvent, RawFrame, RecordingId, Seq,
    Topology, WallTime,
};
use overt_filter::{Dictionary, Filter};
use overt_format::{FACTS_VERSION, Flow, Hex, Incomplete, Losses, RecordingFacts, RecordingState, Unknown};
use overt_minimise::{Minimiser, Settings};
use overt_pen::{Pen, SegmentTerms, Written, flow};
use overt_seal::Recipient;
use overt_spool::{Limits, Spool};

use crate::error::ImportError;
use crate::format::Format;
use crate::pictures::{Pictures, Shown};
use crate::telling::{Pictured, Telling, Told, What};

/// How often, in the source's time, what was written is synced: an import that a crash cut is made again.
const SYNC_MILLIS: u64 = 5_000;
/// Pictures of a video are taken no closer, unless the agreement asks for more.
const FRAME_GAP_MILLIS: u64 = 100;

/// Everything an import needs.
pub struct ImportConfig<'a> {
    /// The import agreement, which counts, and what restricts it.
    pub agreement: VerifiedAgreement,
    pub layers: Vec<Layer>,
    /// Who imports it: their key opens it for themselves.
    pub contributor: Recipient,
    pub study: Option<Recipient>,
    /// The organisation's own list of what must not be kept.
    pub dictionary: Option<Dictionary>,
    /// The spool's folder.
    pub out: &'a Path,
    pub limits: Limits,
    /// Decode the video as well.
    pub frames: bool,
    pub now: WallTime,
}

/// What was imported.
#[derive(Debug)]
pub struct Imported {
    pub recording: RecordingId,
    pub path: PathBuf,
    pub written: Written,
    /// What became of everything that was told.
    pub flow: Flow,
    /// What the source does not tell.
    pub unknown: Vec<Unknown>,
    /// What of theirs has no place with us, counted by kind.
    pub dropped: BTreeMap<&'static str, u64>,
}

/// Imports one recording into the spool.
///
/// Errors: [`ImportError`]. Where the source does not read, nothing is written; where the disk does not
/// take it, the recording is marked incomplete.
pub fn import(format: Format, src: &Path, config: &ImportConfig<'_>) -> Result<Imported, ImportError> {
    let terms = terms(format, config)?;
    let mut telling = format.read(src, config.frames)?;
    let frames = telling.pictures.take().map(|p| decode(p, &telling, terms.cadence())).transpose()?;
    let facts = facts(&terms, &telling, config)?;
    let (recording, unknown) = (facts.recording, telling.unknown.iter().copied().collect());
    let dropped = std::mem::take(&mut telling.dropped);
    let playing = Playing::begin(terms, facts, &telling, config)?;
    let path = playing.pen.folder().to_owned();
    let (written, flow) = playing.play(telling, frames)?;
    Ok(Imported { recording, path, written, flow, unknown, dropped })
}

fn terms(format: Format, config: &ImportConfig<'_>) -> Result<Terms, ImportError> {
    let (agreement, layers) = (config.agreement.clone(), config.layers.clone());
    let terms = Terms::of_import(agreement, config.contributor.key_id, layers, config.now)?;
    let agreed = terms.agreement().import().map(|i| i.source.clone()).unwrap_or_default();
    if agreed != format.name() {
        return Err(ImportError::OtherSource { agreed, got: format.name() });
    }
    Ok(terms)
}

fn decode(told: Pictured, telling: &Telling, cadence: Cadence) -> Result<Pictures, ImportError> {
    let gap = match cadence {
        Cadence::OnChange { frames_per_sec } => 1_000 / u64::from(frames_per_sec.max(1)),
        _ => FRAME_GAP_MILLIS,
    };
    let first = telling.events.iter().find_map(|told| match &told.what {
        What::Event(RawBody::Topology(Topology { size, .. })) => Some(*size),
        _ => None,
    });
    Pictures::of(told, first.unwrap_or_default(), gap)
}

fn cadence(cadence: Cadence) -> overt_capture::Pictures {
    use overt_capture::Pictures;
    match cadence {
        Cadence::OnChange { frames_per_sec } => {
            Pictures::EveryChange { millis_min: 1_000 / u64::from(frames_per_sec.max(1)) }
        }
        Cadence::OnAction => Pictures::AroundInputs,
        Cadence::Periodic { secs } => Pictures::Periodic { millis: u64::from(secs) * 1_000 },
        Cadence::None => Pictures::Never,
    }
}

fn facts(terms: &Terms, telling: &Telling, config: &ImportConfig<'_>) -> Result<RecordingFacts, ImportError> {
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(|_| ImportError::NoRandomness)?;
    let imported = terms.agreement().import().map(|import| overt_format::Imported {
        source: import.source.clone(),
        licence: import.licence.clone(),
        unknown: telling.unknown.iter().copied().collect(),
    });
    Ok(RecordingFacts {
        version: FACTS_VERSION,
        recording: RecordingId(id),
        state: RecordingState::Open,
        agreement: Hex(terms.digest()),
        consent: Hex(terms.consent_digest()),
        level: terms.highest_level(),
        purposes: terms.purposes().iter().copied().collect(),
        cadence: terms.cadence().to_string(),
        day: config.now.day(),
        last_day: terms.agreed_until(),
        dictionary: config.dictionary.as_ref().map(|d| Hex(d.digest())),
        contributor_key: config.contributor.key_id,
        study_key: config.study.as_ref().map(|r| r.key_id),
        segments: Vec::new(),
        losses: Losses::default(),
        imported,
    })
}

/// A telling at play: its time passes as the source says.
struct Playing {
    binder: Binder,
    minimiser: Minimiser,
    pen: Pen,
    wall: WallTime,
    now: MonoNanos,
    synced: MonoNanos,
    topology: overt_event::TopologyId,
    pressed: Option<Seq>,
    frames: u32,
    /// Handed to minimise, and given out by it.
    judged: u64,
    given: u64,
}

impl Playing {
    fn begin(
        terms: Terms,
        facts: RecordingFacts,
        telling: &Telling,
        config: &ImportConfig<'_>,
    ) -> Result<Self, ImportError> {
        let spool = Spool::open(config.out, config.limits)?;
        if spool.is_withdrawn(facts.consent) {
            return Err(ImportError::Withdrawn);
        }
        let segments = SegmentTerms {
            recording: facts.recording,
            agreement: facts.agreement,
            consent: facts.consent,
            level: facts.level,
            purposes: facts.purposes.clone(),
            day: facts.day,
            recipients: [Some(config.contributor.clone()), config.study.clone()]
                .into_iter()
                .flatten()
                .collect(),
        };
        let pen = Pen::new(segments, spool.begin(facts)?, telling.anchor, None);
        let first = telling.events.first().map_or(MonoNanos(0), |told| told.at);
        Ok(Self {
            binder: Binder::new(cadence(terms.cadence())),
            minimiser: Minimiser::new(terms, Settings::default(), Filter::new(config.dictionary.clone())?),
            pen,
            wall: config.now,
            now: first,
            synced: first,
            topology: overt_event::TopologyId(0),
            pressed: None,
            frames: 0,
            judged: 0,
            given: 0,
        })
    }

    fn play(mut self, telling: Telling, frames: Option<Pictures>) -> Result<(Written, Flow), ImportError> {
        match self.play_all(telling, frames) {
            Ok(()) => self.end(),
            Err(error) => {
                let flow = flow(&self.minimiser.tally(), 0);
                let state = RecordingState::Incomplete { why: Incomplete::Failed };
                // What went wrong first is what is told.
                let _ = self.pen.finish(state, self.now, flow);
                Err(error)
            }
        }
    }

    fn play_all(&mut self, telling: Telling, mut frames: Option<Pictures>) -> Result<(), ImportError> {
        if let Some(anchor) = telling.anchor {
            self.event(anchor.mono, RawBody::Clock(anchor))?;
        }
        let mut shown = next_of(&mut frames)?;
        for Told { at, what } in telling.events {
            while let Some(picture) = shown.take_if(|s| s.at <= at) {
                self.show(picture)?;
                shown = next_of(&mut frames)?;
            }
            self.take(at, what)?;
        }
        // What the last action led to.
        let end = self.now.plus_millis(overt_capture::AFTER_MILLIS_MAX);
        while let Some(picture) = shown.take_if(|s| s.at <= end) {
            self.show(picture)?;
            shown = next_of(&mut frames)?;
        }
        Ok(())
    }

    fn take(&mut self, at: MonoNanos, what: What) -> Result<(), ImportError> {
        match what {
            What::Event(body) => {
                if let RawBody::Topology(topology) = &body {
                    self.topology = topology.id;
                }
                let press = matches!(body, RawBody::Button { down: true, .. });
                let seq = self.event(at, body)?;
                if press {
                    self.pressed = seq;
                }
                Ok(())
            }
            What::Element { at: place, element, completeness } => {
                let Some(for_seq) = self.pressed else { return Ok(()) };
                let element = Some(element);
                let lookup =
                    ElementLookup { for_seq, at: place, pid: 0, element, completeness, took_nanos: 0 };
                self.event(at, RawBody::Element(lookup)).map(|_| ())
            }
        }
    }

    /// A picture shows what changed since the one before, so the change is told a moment earlier.
    fn show(&mut self, shown: Shown) -> Result<(), ImportError> {
        let Shown { at, frame, changed } = shown;
        if changed && self.frames > 0 {
            self.event(MonoNanos(at.0.saturating_sub(1)), RawBody::Damage)?;
        }
        let id = FrameId(self.frames);
        self.frames += 1;
        let (topology, grab_begin, grab_end) = (self.topology, at, at);
        let raw = RawFrame { id, topology, grab_begin, grab_end, frame, windows: None };
        self.event(at, RawBody::Frame(raw))?;
        self.write(true)
    }

    /// Its number, when it has one already.
    fn event(&mut self, at: MonoNanos, body: RawBody) -> Result<Option<Seq>, ImportError> {
        // What waited until then is judged before anything newer is known.
        self.now = self.now.max(at);
        self.write(false)?;
        let mut out = Vec::new();
        let seq = self.binder.handle(RawEvent::at(at, body), &mut out);
        self.hand_over(out);
        Ok(seq)
    }

    fn hand_over(&mut self, out: Vec<RawEvent>) {
        for event in out {
            self.judged += 1;
            self.minimiser.observe(event, self.wall);
        }
    }

    fn write(&mut self, sync: bool) -> Result<(), ImportError> {
        let judged = self.minimiser.drain(self.now);
        self.given += judged.len() as u64;
        self.pen.write(judged, self.now)?;
        if sync || self.now.since(self.synced) >= SYNC_MILLIS * NANOS_PER_MILLI {
            self.synced = self.now;
            self.pen.tick(self.now, || flow(&self.minimiser.tally(), 0))?;
        }
        Ok(())
    }

    /// Judges what is still held, and closes the recording.
    fn end(mut self) -> Result<(Written, Flow), ImportError> {
        self.now = self.now.plus_millis(overt_capture::AFTER_MILLIS_MAX);
        self.write(false)?;
        let mut out = Vec::new();
        self.binder.tick(self.now, &mut out);
        self.binder.interrupt(self.now, &mut out);
        self.hand_over(out);
        let Self { minimiser, mut pen, now, judged, mut given, .. } = self;
        let (rest, tally) = minimiser.finish(now);
        given += rest.len() as u64;
        let flow = flow(&tally, 0);
        pen.write(rest, now)?;
        let received: u64 = tally.kinds.values().map(|kind| kind.received).sum();
        let balanced = received == judged && tally.records() == given && given == pen.taken();
        let why = Incomplete::Unreconciled;
        let state = if balanced { RecordingState::Complete } else { RecordingState::Incomplete { why } };
        let written = pen.finish(state, now, flow.clone())?;
        if balanced { Ok((written, flow)) } else { Err(ImportError::Unreconciled) }
    }
}

fn next_of(frames: &mut Option<Pictures>) -> Result<Option<Shown>, ImportError> {
    frames.as_mut().map_or(Ok(None), Pictures::next)
}
