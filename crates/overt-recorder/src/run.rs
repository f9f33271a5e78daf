//! One recording, from the first check to the last byte.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crossbeam_channel::Receiver;
use overt_agreement::{Cadence, PartyPublic, Terms};
use overt_capture::{Outlet, Pictures, monotonic_now};
use overt_capture_atspi::{AtspiCapture, AtspiConfig};
use overt_capture_x11::{Indicator, IndicatorState, OwnWindows, PauseKey, X11Capture, X11Config};
use overt_event::{
    ClockAnchor, Gap, MonoNanos, NANOS_PER_MILLI, RawBody, RawEvent, RecordingId, Span, WallTime,
};
use overt_format::{Digest, Flow, Hex, Incomplete, RecordingState};
use overt_minimise::{Minimiser, Settings};
use overt_seal::Recipient;
use overt_spool::{Limits, Spool, SpoolError};

use crate::control::{Asked, ControlServer, Request, State, Status};
use crate::error::RecordError;
use crate::pen::{Pen, Written};
use crate::session::{Ask, Session};

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

/// Everything a recording needs. There is no default: all of it is chosen by a person.
pub struct RecordConfig {
    pub agreement: String,
    pub consent: String,
    pub trusted: Vec<PartyPublic>,
    pub contributor: Recipient,
    pub study: Option<Recipient>,
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
    /// The agreement's last day is over.
    AgreementEnded,
    /// The person withdrew their consent.
    ConsentWithdrawn,
}

/// Records this desktop until something ends it.
///
/// `on_start` is called once, after the indicator is visible.
///
/// Errors: [`RecordError`]; what was recorded before it is sealed, and the recording is marked
/// incomplete with the reason.
pub fn record(config: &RecordConfig, on_start: impl FnOnce(&Started)) -> Result<Ended, RecordError> {
    let terms = Arc::new(terms_in_force(config)?);
    let signals = Signals::watch()?;
    let (_control, asked) = ControlServer::listen(&config.socket)?;
    let desk = Desk::open(config, &terms)?;
    on_start(&desk.started());
    desk.run(&asked, &signals)
}

fn terms_in_force(config: &RecordConfig) -> Result<Terms, RecordError> {
    let agreement = overt_agreement::verify(&config.agreement, &config.trusted)?;
    let consent = overt_agreement::Consent::parse(&config.consent)?;
    Ok(Terms::new(agreement, consent, wall_now())?)
}

fn wall_now() -> WallTime {
    // Before 1970 nothing is in force.
    WallTime(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs() as i64))
}

fn pictures(cadence: Cadence) -> Pictures {
    match cadence {
        Cadence::OnChange { frames_per_sec } => {
            Pictures::EveryChange { millis_min: 1_000 / u64::from(frames_per_sec.max(1)) }
        }
        Cadence::OnAction => Pictures::AroundInputs,
        Cadence::Periodic { secs } => Pictures::Periodic { millis: u64::from(secs) * 1_000 },
        Cadence::None => Pictures::Never,
    }
}

fn frames_per_sec(cadence: Cadence) -> u32 {
    match cadence {
        Cadence::OnChange { frames_per_sec } => frames_per_sec,
        _ => 10,
    }
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
    paused: bool,
    looked_around: MonoNanos,
    withdrawn: bool,
    lost: u64,
    /// Events of the recorder's own, which no source sent.
    told: u64,
}

/// The threads that see, and the badge that says so.
struct Sources {
    indicator: Indicator,
    x11: X11Capture,
    atspi: Option<AtspiCapture>,
    pause_key: Option<PauseKey>,
    /// One for each press of the pause key; what does not fit repeats one that is not yet answered.
    pause_key_pressed: Receiver<()>,
}

impl Sources {
    /// The indicator first: nothing is looked at before it can be seen.
    fn start(config: &RecordConfig, cadence: Cadence, outlet: &Outlet) -> Result<Self, RecordError> {
        let own = OwnWindows::default();
        let (pressed, presses) = crossbeam_channel::bounded(1);
        let told = move || {
            let _ = pressed.try_send(());
        };
        let pause_key = PauseKey::grab(config.display.as_deref(), told).ok();
        // A channel that nobody can write to any more would never let the recorder sleep.
        let pause_key_pressed = if pause_key.is_some() { presses } else { crossbeam_channel::never() };
        let words = badge_words(pause_key.is_some());
        let indicator = Indicator::show(config.display.as_deref(), &own, &words)?;
        let x11 = overt_capture_x11::start(
            X11Config {
                display: config.display.clone(),
                frames_per_sec_max: frames_per_sec(cadence),
                own_windows: own,
                excluded_pid: Some(std::process::id()),
            },
            outlet.clone(),
        )?;
        x11.set_grabbing(true);
        let atspi_config = AtspiConfig { excluded_pid: std::process::id(), ..AtspiConfig::default() };
        let atspi = overt_capture_atspi::start(atspi_config, outlet.clone()).ok();
        Ok(Self { indicator, x11, atspi, pause_key, pause_key_pressed })
    }

    fn ask(&self, ask: Ask) {
        let Some(atspi) = &self.atspi else { return };
        match ask {
            Ask::Element(request) => atspi.lookup(request),
            Ask::Snapshot(request) => atspi.snapshot(request),
            Ask::Focus => atspi.probe_focus(),
        }
    }

    fn set_paused(&self, paused: bool) {
        self.x11.set_grabbing(!paused);
        if let Some(atspi) = &self.atspi {
            atspi.set_paused(paused);
        }
        self.indicator.set(if paused { IndicatorState::Paused } else { IndicatorState::Recording });
    }

    /// The sources first: the badge says "recording" until nothing records.
    fn stop(self) {
        self.x11.stop();
        if let Some(atspi) = self.atspi {
            atspi.stop();
        }
        self.indicator.close();
    }
}

fn badge_words(has_pause_key: bool) -> String {
    if has_pause_key {
        format!("Overt is recording - {} pauses", PauseKey::NAME)
    } else {
        "Overt is recording".to_owned()
    }
}

impl Desk {
    fn open(config: &RecordConfig, terms: &Arc<Terms>) -> Result<Self, RecordError> {
        let anchor = ClockAnchor { mono: monotonic_now(), wall: wall_now() };
        let recording = new_recording_id()?;
        let spool = Spool::open(&config.out, config.limits)?;
        let consent = Hex(terms.consent_digest());
        if spool.is_withdrawn(consent) {
            return Err(RecordError::Withdrawn);
        }
        spool.recover()?;
        let writer = spool.begin(crate::public::facts(config, terms, recording, anchor))?;
        let path = writer.folder().to_owned();
        let pen = Pen::new(crate::public::segment_terms(config, terms, recording, anchor), writer, anchor);
        let (outlet, queue) = overt_capture::queue(QUEUE_EVENTS);
        // The session's first event is the meeting of the two clocks.
        let _ = outlet.send(RawEvent::at(anchor.mono, RawBody::Clock(anchor)));
        let sources = Sources::start(config, terms.cadence(), &outlet)?;
        let minimiser = Minimiser::new(Terms::clone(terms), Settings::default());
        Ok(Self {
            terms: Arc::clone(terms),
            recording,
            path,
            spool,
            consent,
            display: config.display.clone().or_else(|| std::env::var("DISPLAY").ok()).unwrap_or_default(),
            until: config.for_.map(|d| anchor.mono.plus_millis(d.as_millis() as u64)),
            queue,
            outlet,
            session: Session::new(Arc::clone(terms), pictures(terms.cadence()), minimiser),
            sources,
            pen,
            paused: false,
            looked_around: anchor.mono,
            withdrawn: false,
            lost: 0,
            told: 0,
        })
    }

    fn started(&self) -> Started {
        Started {
            recording: self.recording,
            path: self.path.clone(),
            without_accessibility: self.sources.atspi.is_none(),
            pause_key: self.sources.pause_key.as_ref().map(|_| PauseKey::NAME),
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
        if self.sources.pause_key_pressed.try_recv().is_ok() {
            self.set_paused(!self.paused, now);
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
        self.told += 1;
        let now = monotonic_now();
        let span = Span { from: now, to: now };
        let gap = RawEvent::at(now, RawBody::Gap { gap: Gap::Lost { count }, span });
        self.session.handle(gap, wall_now());
    }

    fn check_interlock(&mut self, now: MonoNanos) -> Result<(), RecordError> {
        if now.since(self.looked_around) < INTERLOCK_MILLIS * NANOS_PER_MILLI {
            return Ok(());
        }
        self.looked_around = now;
        self.withdrawn = self.spool.is_withdrawn(self.consent);
        if self.sources.x11.finished() {
            return Err(RecordError::DisplayGone);
        }
        if !self.sources.indicator.visible() {
            return Err(RecordError::IndicatorGone);
        }
        Ok(())
    }

    /// Carries out what the owner asked, then answers; true when it was to stop.
    fn answer(&mut self, asked: &Asked, now: MonoNanos) -> Result<bool, RecordError> {
        match asked.request {
            Request::Pause => self.set_paused(true, now),
            Request::Resume => self.set_paused(false, now),
            Request::Forget { secs } => self.forget(secs, now)?,
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

    fn set_paused(&mut self, paused: bool, now: MonoNanos) {
        if paused == self.paused {
            return;
        }
        self.paused = paused;
        if paused {
            self.session.pause(now, wall_now());
            self.sources.set_paused(true);
        } else {
            self.sources.set_paused(false);
            self.session.resume(now);
        }
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
        if self.withdrawn {
            return Some(Why::ConsentWithdrawn);
        }
        (!self.terms.in_force(wall_now())).then_some(Why::AgreementEnded)
    }

    fn status(&self, stopping: bool) -> Status {
        let written = self.pen.written();
        let state = match (stopping, self.paused) {
            (true, _) => State::Stopping,
            (false, true) => State::Paused,
            (false, false) => State::Recording,
        };
        Status {
            state,
            recording: self.recording.to_string(),
            path: self.path.clone(),
            display: self.display.clone(),
            applications: self.terms.applications().into_iter().map(|a| (a.name.0, a.level)).collect(),
            purposes: self.terms.purposes().iter().copied().collect(),
            last_day: self.terms.agreement().ends(),
            records: written.records,
            frames: written.pictures,
            lost: self.lost,
            sealed_bytes: written.sealed_bytes,
        }
    }

    /// Stops the sources, judges what is still held, seals and closes; then says how it went.
    fn end(self, outcome: Result<Why, RecordError>) -> Result<Ended, RecordError> {
        let Self { recording, path, queue, mut session, sources, mut pen, mut lost, outlet, told, .. } = self;
        sources.stop();
        let wall = wall_now();
        for event in queue.try_iter() {
            session.handle(event, wall);
        }
        lost += outlet.take_lost();
        let now = monotonic_now();
        let (rest, tally, mut account) = session.finish(now, wall);
        let flow = crate::session::flow(&tally, lost);
        let written = pen.write(rest, now);
        (account.sent, account.written) = (outlet.taken() + told, pen.taken());
        let outcome = match (outcome, written) {
            (Ok(_), Err(error)) => Err(error),
            (Ok(_), Ok(())) if !account.balances(&tally) => Err(RecordError::Unreconciled),
            (outcome, _) => outcome,
        };
        let closed = pen.finish(state(outcome.as_ref().err()), now, flow.clone());
        // What ended the recording comes first; that it could not be closed either is its consequence.
        let why = outcome?;
        Ok(Ended { recording, path, why, written: closed?, flow })
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
