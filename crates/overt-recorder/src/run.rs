//! One recording, from the first check to the last byte.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossbeam_channel::Receiver;
use overt_agreement::{Terms, clock_went_back};
use overt_capture::{Outlet, monotonic_now};
use overt_capture_x11::PauseKey;
use overt_event::{
    Gap, MonoNanos, NANOS_PER_MILLI, PaceReason, RawBody, RawEvent, RecordingId, Span, WallTime,
};
use overt_filter::{Dictionary, Filter};
use overt_format::{Digest, Flow, Hex, Incomplete, RecordingState};
use overt_minimise::{Minimiser, Settings};
use overt_pen::{Pen, Written};
use overt_seal::Recipient;
use overt_spool::{Limits, Spool, SpoolError};

use crate::budget::{BudgetKeeper, Reading};
use crate::clocks::{processor_nanos, read_anchor, wall_now};
use crate::control::{Asked, ControlServer, Request, State, Status};
use crate::error::RecordError;
use crate::session::{Session, Still};
use crate::sources::{LastSources, Sources};

/// Events that may wait between the sources and the session: 20 s of a 1 kHz mouse.
const QUEUE_EVENTS: usize = 20_000;
/// How long the loop waits for an event before it lets time pass, while something is due.
const TICK: Duration = Duration::from_millis(20);
/// ... and while nothing is: the next look at the indicator.
const IDLE_TICK: Duration = Duration::from_millis(INTERLOCK_MILLIS);
/// Events taken in a row before time passes and what was judged is written.
const BATCH: usize = 4_096;
/// A source stamps an event before it hands it over. What is judged as of this long ago cannot be
/// overtaken by something older that is still between the two.
const HANDOVER_MILLIS: u64 = 5;
/// How often the indicator and the withdrawals are looked at.
const INTERLOCK_MILLIS: u64 = 250;
/// How often it is seen to that recording keeps within the budget.
const BUDGET_MILLIS: u64 = 1_000;
/// Bytes of a day are counted this much ahead, at most: a file is replaced as often as so many are written.
const VOLUME_STEP_BYTES_MAX: u64 = 1_000_000;
/// ... and at most this part of what was agreed for a day.
const VOLUME_STEPS: u64 = 64;

/// Everything a recording needs. There is no default: all of it is chosen by a person.
pub struct RecordConfig {
    pub terms: Terms,
    /// Whether the papers that the terms were made of are still the same. Asked some times a second.
    pub unchanged: Arc<dyn Fn() -> bool + Send + Sync>,
    pub contributor: Recipient,
    pub study: Option<Recipient>,
    /// The organisation's own list of what must not be recorded (docs/spec/filter.md, section 2).
    pub dictionary: Option<Dictionary>,
    /// The spool's folder.
    pub out: PathBuf,
    pub limits: Limits,
    /// Ends by itself after this long.
    pub for_: Option<Duration>,
    pub socket: PathBuf,
    /// `None`: as the environment says.
    pub display: Option<String>,
}

/// Told once, when the indicator is visible and the sources run.
pub struct Started {
    pub recording: RecordingId,
    pub path: PathBuf,
    /// There is no accessibility bus: no elements, and no keys, because the focus is unknown.
    pub without_accessibility: bool,
    /// The chord that pauses and resumes; `None` when another program has it.
    pub pause_key: Option<&'static str>,
    /// Nothing is taken yet, because of this part of the budget.
    pub held: Option<PaceReason>,
    /// Earlier recordings under the same agreement that were deleted, because they were older than it lets them
    /// be kept.
    pub overdue_deleted: u32,
}

/// How a recording ended.
pub struct Ended {
    pub recording: RecordingId,
    pub path: PathBuf,
    pub why: Why,
    pub written: Written,
    /// What became of everything that was seen.
    pub flow: Flow,
}

/// Why it ended, when nothing was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Ctrl-C or the end of the process group.
    Signal,
    /// `overt stop`.
    Asked,
    /// `--for`.
    TimeUp,
    /// The last day of the agreement, a narrowing or the consent is over.
    AgreementEnded,
    /// The person withdrew their consent.
    ConsentWithdrawn,
    /// A party, the administrator or the person changed what may be recorded.
    TermsChanged,
    /// The clock went back, so it is not known whether the terms are in force.
    ClockWentBack,
}

impl Why {
    /// Whether the terms are as they were: else no application is asked anything more.
    fn leaves_the_terms(self) -> bool {
        match self {
            Self::Signal | Self::Asked | Self::TimeUp => true,
            Self::AgreementEnded | Self::ConsentWithdrawn | Self::TermsChanged | Self::ClockWentBack => false,
        }
    }
}

/// Records this desktop until something ends it.
///
/// `on_start` is called once, after the indicator is visible.
///
/// Errors: [`RecordError`]; what was recorded before it is sealed, and the recording is marked
/// incomplete with the reason.
pub fn record(config: &RecordConfig, on_start: impl FnOnce(&Started)) -> Result<Ended, RecordError> {
    let terms = Arc::new(config.terms.clone());
    let signals = Signals::watch()?;
    let (_control, asked) = ControlServer::listen(&config.socket)?;
    let desk = Desk::open(config, &terms)?;
    on_start(&desk.started());
    desk.run(&asked, &signals)
}

/// Ctrl-C and a polite end of the process.
struct Signals(Arc<AtomicBool>);

impl Signals {
    fn watch() -> Result<Self, RecordError> {
        let seen = Arc::new(AtomicBool::new(false));
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP]
        {
            signal_hook::flag::register(signal, Arc::clone(&seen)).map_err(RecordError::Signals)?;
        }
        Ok(Self(seen))
    }

    fn seen(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Everything that is open while a recording runs.
struct Desk {
    terms: Arc<Terms>,
    recording: RecordingId,
    path: PathBuf,
    spool: Spool,
    consent: Digest,
    display: String,
    until: Option<MonoNanos>,
    queue: Receiver<RawEvent>,
    outlet: Outlet,
    sources: Sources,
    session: Session,
    pen: Pen,
    budget: BudgetKeeper,
    /// By the person.
    paused: bool,
    assessed: MonoNanos,
    looked_around: MonoNanos,
    unchanged: Arc<dyn Fn() -> bool + Send + Sync>,
    /// The latest the wall clock was.
    latest: WallTime,
    overdue_deleted: u32,
    /// What the last look around found to end the recording.
    found: Option<Why>,
    lost: u64,
}

impl Desk {
    fn open(config: &RecordConfig, terms: &Arc<Terms>) -> Result<Self, RecordError> {
        let anchor = read_anchor();
        let recording = new_recording_id()?;
        let filter = Filter::new(config.dictionary.clone())?;
        let spool = Spool::open(&config.out, config.limits)?;
        let consent = Hex(terms.consent_digest());
        if spool.is_withdrawn(consent) {
            return Err(RecordError::Withdrawn);
        }
        spool.recover()?;
        let overdue_deleted = match terms.agreement().first_day_kept(anchor.wall.day()) {
            Some(first_kept) => spool.forget_overdue(Hex(terms.digest()), first_kept)?,
            None => 0,
        };
        let dictionary = config.dictionary.as_ref().map(Dictionary::digest);
        let writer = spool.begin(crate::public::facts(config, terms, recording, anchor, dictionary))?;
        let budget = terms.agreement().budget();
        let step_bytes = (u64::from(budget.mb_per_day) * 1_000_000 / VOLUME_STEPS).min(VOLUME_STEP_BYTES_MAX);
        let volume = spool.day_volume(anchor.wall.day(), step_bytes)?;
        let segment_terms = crate::public::segment_terms(config, terms, recording, anchor);
        let pen = Pen::new(segment_terms, writer, Some(anchor), Some(volume));
        let (outlet, queue) = overt_capture::queue(QUEUE_EVENTS);
        let sources = Sources::start(config.display.as_deref(), terms.cadence(), &outlet)?;
        let minimiser = Minimiser::new(Terms::clone(terms), Settings::default(), filter);
        let mut desk = Self {
            terms: Arc::clone(terms),
            recording,
            path: pen.folder().to_owned(),
            spool,
            consent,
            display: config.display.clone().or_else(|| std::env::var("DISPLAY").ok()).unwrap_or_default(),
            until: config.for_.map(|d| anchor.mono.plus_millis(d.as_millis() as u64)),
            queue,
            outlet,
            session: Session::new(Arc::clone(terms), minimiser),
            sources,
            pen,
            budget: BudgetKeeper::new(budget, terms.cadence(), processor_nanos(), anchor.mono),
            paused: false,
            assessed: anchor.mono,
            looked_around: anchor.mono,
            unchanged: Arc::clone(&config.unchanged),
            latest: anchor.wall,
            overdue_deleted,
            found: None,
            lost: 0,
        };
        // The session's first event is the meeting of the two clocks.
        desk.session.tell(anchor.mono, RawBody::Clock(anchor), anchor.wall);
        // What is over the budget from the start is not begun with.
        desk.assess(monotonic_now())?;
        Ok(desk)
    }

    fn started(&self) -> Started {
        Started {
            recording: self.recording,
            path: self.path.clone(),
            without_accessibility: self.sources.atspi.is_none(),
            pause_key: self.sources.pause_key.as_ref().map(|_| PauseKey::NAME),
            held: match self.session.still() {
                Some(Still::Held(why)) => Some(why),
                Some(Still::Paused) | None => None,
            },
            overdue_deleted: self.overdue_deleted,
        }
    }

    fn run(mut self, asked: &Receiver<Asked>, signals: &Signals) -> Result<Ended, RecordError> {
        let outcome = loop {
            match self.turn(asked, signals) {
                Ok(None) => {}
                Ok(Some(why)) => break Ok(why),
                Err(error) => break Err(error),
            }
        };
        self.end(outcome)
    }

    /// One turn of the loop; says why it was the last one.
    fn turn(&mut self, asked: &Receiver<Asked>, signals: &Signals) -> Result<Option<Why>, RecordError> {
        self.wait(asked);
        let now = self.take_events();
        self.report_loss();
        self.session.tick(now, wall_now());
        for ask in self.session.take_asks() {
            self.sources.ask(ask);
        }
        let judged = self.session.drain(now.minus_millis(HANDOVER_MILLIS));
        self.pen.write(judged, now)?;
        self.pen.tick(now, || self.session.flow(self.lost))?;
        self.check_interlock(now)?;
        self.keep_budget(now)?;
        if self.sources.pause_key_pressed.try_recv().is_ok() {
            self.set_paused(!self.paused, now)?;
        }
        let stop = match asked.try_recv() {
            Ok(asked) => self.answer(&asked, now)?,
            Err(_) => false,
        };
        Ok(self.ending(stop, signals, now))
    }

    /// Waits for an event, a word of the owner, or the time at which something is due.
    fn wait(&self, asked: &Receiver<Asked>) {
        let idle = self.session.is_idle() && self.pen.is_idle();
        let mut any = crossbeam_channel::Select::new();
        any.recv(&self.queue);
        any.recv(asked);
        any.recv(&self.sources.pause_key_pressed);
        any.recv(&self.sources.signs_changed);
        // Which of them it was is found out by looking at all.
        let _ = any.ready_timeout(if idle { IDLE_TICK } else { TICK });
    }

    /// Takes the events there are, and gives the moment up to which everything was taken.
    fn take_events(&mut self) -> MonoNanos {
        let mut next = self.queue.try_recv().ok();
        let (now, wall) = (monotonic_now(), wall_now());
        let mut taken = now;
        for _ in 0..BATCH {
            let Some(event) = next else { return now };
            taken = event.arrival;
            self.session.handle(event, wall);
            next = self.queue.try_recv().ok();
        }
        if let Some(event) = next {
            self.session.handle(event, wall);
        }
        taken.min(now)
    }

    /// A loss is an event, not a silence.
    fn report_loss(&mut self) {
        let count = self.outlet.take_lost();
        if count == 0 {
            return;
        }
        self.lost += count;
        let now = monotonic_now();
        let span = Span { from: now, to: now };
        self.session.tell(now, RawBody::Gap { gap: Gap::Lost { count }, span }, wall_now());
    }

    fn check_interlock(&mut self, now: MonoNanos) -> Result<(), RecordError> {
        if now.since(self.looked_around) < INTERLOCK_MILLIS * NANOS_PER_MILLI {
            return Ok(());
        }
        self.looked_around = now;
        self.sources.indicator.set_filtered(self.session.filtered().values().sum());
        self.session.look_at_clocks(read_anchor());
        self.found = self.look_at_the_papers(wall_now());
        if self.sources.x11.finished() {
            return Err(RecordError::DisplayGone);
        }
        if !self.sources.indicator.visible() {
            return Err(RecordError::IndicatorGone);
        }
        Ok(())
    }

    fn look_at_the_papers(&mut self, now: WallTime) -> Option<Why> {
        let back = clock_went_back(self.latest, now);
        self.latest = self.latest.max(now);
        if self.spool.is_withdrawn(self.consent) {
            return Some(Why::ConsentWithdrawn);
        }
        if back {
            return Some(Why::ClockWentBack);
        }
        (!(self.unchanged)()).then_some(Why::TermsChanged)
    }

    /// Carries out what the owner asked, then answers; true when it was to stop.
    fn answer(&mut self, asked: &Asked, now: MonoNanos) -> Result<bool, RecordError> {
        match &asked.request {
            Request::Pause => self.set_paused(true, now)?,
            Request::Resume => self.set_paused(false, now)?,
            Request::Forget { secs } => self.forget(*secs, now)?,
            Request::Mark { mark } => self.session.tell(now, RawBody::Mark(mark.clone()), wall_now()),
            Request::Status | Request::Stop => {}
        }
        let stop = asked.request == Request::Stop;
        // Whoever asked may be gone; what they asked for has been done.
        let _ = asked.answer.send(self.status(stop));
        Ok(stop)
    }

    /// Whole segments go, so it may be up to a minute more than was asked.
    fn forget(&mut self, secs: u64, now: MonoNanos) -> Result<(), RecordError> {
        let since = now.minus_millis(secs.saturating_mul(1_000));
        let erased_from = self.pen.forget_since(since)?;
        self.session.forget(erased_from, now, wall_now());
        Ok(())
    }

    fn set_paused(&mut self, paused: bool, now: MonoNanos) -> Result<(), RecordError> {
        self.paused = paused;
        self.follow(now)
    }

    /// What the machine says takes effect at once, what recording costs is looked at each second.
    fn keep_budget(&mut self, now: MonoNanos) -> Result<(), RecordError> {
        let signs_changed = self.sources.signs_changed.try_recv().is_ok();
        if signs_changed && self.sources.signs().falling_asleep == Some(true) {
            self.pen.flush(now)?;
        }
        if signs_changed || now.since(self.assessed) >= BUDGET_MILLIS * NANOS_PER_MILLI {
            self.assess(now)?;
        }
        Ok(())
    }

    fn assess(&mut self, now: MonoNanos) -> Result<(), RecordError> {
        self.assessed = now;
        let signs = self.sources.signs();
        self.sources.x11.set_locked(signs.locked == Some(true));
        let reading = Reading {
            cpu_nanos: processor_nanos(),
            day_bytes: self.pen.day_bytes(now),
            on_battery: signs.on_battery == Some(true),
            metered: signs.metered == Some(true),
        };
        // The loop may lag behind the clock, the processor's time does not.
        self.budget.assess(&reading, monotonic_now());
        self.follow(now)
    }

    /// Brings session and sources to what the person and the budget ask for. A source stops after the
    /// session and begins before it, so that nothing comes in unjudged.
    fn follow(&mut self, now: MonoNanos) -> Result<(), RecordError> {
        let (before, pace) = (self.session.still(), self.budget.pace());
        let after = Still::wanted(self.paused, pace);
        self.sources.set_pace(pace.pace)?;
        if before.is_some() && after.is_none() {
            self.sources.set_still(None);
        }
        self.session.steer(self.paused, pace, now, wall_now());
        if after.is_some() && before != after {
            self.sources.set_still(after);
        }
        Ok(())
    }

    fn ending(&self, stop: bool, signals: &Signals, now: MonoNanos) -> Option<Why> {
        if stop {
            return Some(Why::Asked);
        }
        if signals.seen() {
            return Some(Why::Signal);
        }
        if self.until.is_some_and(|t| now >= t) {
            return Some(Why::TimeUp);
        }
        if self.found.is_some() {
            return self.found;
        }
        (!self.terms.in_force(wall_now())).then_some(Why::AgreementEnded)
    }

    fn status(&self, stopping: bool) -> Status {
        let written = self.pen.written();
        let state = match (stopping, self.session.still()) {
            (true, _) => State::Stopping,
            (false, Some(Still::Paused)) => State::Paused,
            (false, Some(Still::Held(_))) => State::Held,
            (false, None) => State::Recording,
        };
        let pace = self.budget.pace();
        Status {
            state,
            pace: pace.pace,
            pace_why: pace.why,
            recording: self.recording.to_string(),
            path: self.path.clone(),
            display: self.display.clone(),
            applications: self
                .terms
                .applications()
                .into_iter()
                .map(|a| (a.name.0.to_string(), a.level))
                .collect(),
            purposes: self.terms.purposes().iter().copied().collect(),
            last_day: self.terms.last_day(),
            records: written.records,
            frames: written.pictures,
            lost: self.lost,
            filtered: self.session.filtered().clone(),
            sealed_bytes: written.sealed_bytes,
        }
    }

    /// Stops the sources, judges what is still held, seals and closes; then says how it went.
    fn end(self, outcome: Result<Why, RecordError>) -> Result<Ended, RecordError> {
        let Self { recording, path, queue, mut session, sources, mut pen, mut lost, outlet, .. } = self;
        let sources = sources.close_eyes();
        if outcome.as_ref().is_ok_and(|why| why.leaves_the_terms()) {
            await_last_answers(&mut session, &sources, &queue);
        }
        sources.stop();
        let wall = wall_now();
        for event in queue.try_iter() {
            session.handle(event, wall);
        }
        lost += outlet.take_lost();
        let now = monotonic_now();
        let (rest, tally, mut account) = session.finish(now, wall);
        let flow = overt_pen::flow(&tally, lost);
        let written = pen.write(rest, now);
        account.sent += outlet.taken();
        account.written = pen.taken();
        let outcome = match (outcome, written) {
            (Ok(_), Err(error)) => Err(error.into()),
            (Ok(_), Ok(())) if !account.balances(&tally) => Err(RecordError::Unreconciled),
            (outcome, _) => outcome,
        };
        let closed = pen.finish(state(outcome.as_ref().err()), now, flow.clone());
        // What ended the recording comes first; that it could not be closed either is its consequence.
        let why = outcome?;
        Ok(Ended { recording, path, why, written: closed?, flow })
    }
}

/// Waits until it is known what the last pictures show and of what site it was: their windows tell it.
fn await_last_answers(session: &mut Session, sources: &LastSources, queue: &Receiver<RawEvent>) {
    for event in queue.try_iter() {
        session.handle(event, wall_now());
    }
    session.interrupt(monotonic_now(), wall_now());
    while session.awaits_last_answers(monotonic_now()) {
        session.take_asks().into_iter().for_each(|ask| sources.ask(ask));
        if let Ok(event) = queue.recv_timeout(TICK) {
            session.handle(event, wall_now());
        }
    }
}

fn state(error: Option<&RecordError>) -> RecordingState {
    let why = match error {
        None => return RecordingState::Complete,
        Some(RecordError::DisplayGone | RecordError::IndicatorGone) => Incomplete::SourceLost,
        Some(RecordError::Spool(SpoolError::Full { .. })) => Incomplete::DiskFull,
        Some(RecordError::Unreconciled) => Incomplete::Unreconciled,
        Some(_) => Incomplete::Failed,
    };
    RecordingState::Incomplete { why }
}

fn new_recording_id() -> Result<RecordingId, RecordError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| RecordError::NoRandomness)?;
    Ok(RecordingId(bytes))
}
