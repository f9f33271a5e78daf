//! A desktop of four applications, and a stage on which events happen to it.
#![allow(dead_code, reason = "each test file uses its own part")]

pub(crate) mod streams;

use std::sync::{Arc, LazyLock};

use overt_agreement::{Consent, ConsentedApp, PartyKey, Terms, verify};
use overt_event::{
    AppIdentity, AppName, Button, Completeness, CursorId, CursorShape, Day, FocusKind, FocusReport, Frame,
    FrameId, KeyId, Level, Modifiers, MonoNanos, Node, Point, RawBody, RawEvent, RawFrame, RawKey,
    RawSnapshot, Record, RecordBody, Rect, Seq, SiteReport, SiteSeen, TopologyId, VisibleWindow, WallTime,
    WindowChange, WindowId, WindowKind, WindowReport,
};
use overt_filter::Filter;
use overt_minimise::{Minimised, Minimiser, Settings, Tally};

pub(crate) const TODAY: WallTime = WallTime(20_779 * 86_400 + 43_200);

/// An application of the desktop. Its window, process and colour follow from its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum App {
    /// Agreed and consented at level full.
    Editor = 1,
    /// Agreed and consented at level structure.
    Files = 2,
    /// Agreed, not consented.
    Mail = 3,
    /// Not agreed.
    Bank = 4,
}

pub(crate) const APPS: [App; 4] = [App::Editor, App::Files, App::Mail, App::Bank];

impl App {
    pub(crate) fn number(self) -> u32 {
        self as u32
    }

    pub(crate) fn pid(self) -> u32 {
        self.number() * 10
    }

    pub(crate) fn identity(self) -> AppIdentity {
        AppIdentity { exe: Some(format!("/e{}", self.number())), class: Some(format!("C{}", self.number())) }
    }

    /// 200 x 200 windows side by side.
    pub(crate) fn bounds(self) -> Rect {
        Rect { x: (self.number() as i32 - 1) * 200, y: 0, w: 200, h: 200 }
    }

    pub(crate) fn middle(self) -> Point {
        self.bounds().center()
    }

    /// A text that only this application ever shows.
    pub(crate) fn marker(self) -> String {
        format!("marker-of-{self:?}")
    }

    pub(crate) fn colour(self) -> [u8; 3] {
        [0xa0 + self.number() as u8, 1, 2]
    }

    /// A pixel of its colour.
    pub(crate) fn cursor(self) -> (CursorId, CursorShape) {
        let [b, g, r] = self.colour();
        let shape = CursorShape::new((0, 0), (1, 1), [b, g, r, 0xff].into());
        (CursorId(self.number()), shape.expect("it fits"))
    }

    pub(crate) fn visible(self) -> VisibleWindow {
        VisibleWindow {
            id: WindowId(self.number()),
            bounds: self.bounds(),
            app: self.identity(),
            pid: Some(self.pid()),
            kind: WindowKind::Normal,
            own: false,
        }
    }

    pub(crate) fn report(self, change: WindowChange) -> RawBody {
        let w = self.visible();
        RawBody::Window(WindowReport {
            change,
            window: w.id,
            app: w.app,
            pid: w.pid,
            kind: w.kind,
            bounds: w.bounds,
            title: self.marker(),
            own: false,
        })
    }
}

static TERMS: LazyLock<Terms> = LazyLock::new(|| signed_terms("structure", ""));
static MASKED: LazyLock<Terms> = LazyLock::new(|| signed_terms("masked", ""));
/// The editor is a browser of which one site is agreed, and less of another.
static SITED: LazyLock<Terms> = LazyLock::new(|| {
    let site = |host, level| format!("{{ host = \"{host}\", level = \"{level}\" }}");
    let sites = [site("work.example", "full"), site("shapes.example", "structure")].join(", ");
    signed_terms("structure", &format!("sites = [{sites}]\n"))
});
static DESKTOP: LazyLock<Arc<Frame>> = LazyLock::new(paint_desktop);

pub(crate) fn terms() -> Terms {
    TERMS.clone()
}

/// `files`: the level of that application; `editor`: what else is agreed of the other.
fn signed_terms(files: &str, editor: &str) -> Terms {
    let key = PartyKey::generate("council").expect("random bytes");
    let mut text = format!(
        "title = \"T\"\nversion = 1\njurisdiction = \"none\"\nlawful_basis = \"consent\"\nassessment = \"1\"\n\
         starts = 2026-11-22\nends = 2026-11-22\npurposes = [\"train-agents\"]\ncadence = \"on_action\"\n\
         [[parties]]\nname = \"P\"\nkey = \"{}\"\n",
        key.public()
    );
    for (name, n, level, more) in
        [("editor", 1, "full", editor), ("files", 2, files, ""), ("mail", 3, "full", "")]
    {
        text += &format!(
            "[[applications]]\nname = \"{name}\"\nexe = [\"/e{n}\"]\nclass = [\"C{n}\"]\nlevel = \"{level}\"\n{more}"
        );
    }
    let agreement = verify(&key.sign(&text).expect("it signs"), &[key.public()]).expect("it counts");
    let app = |name: &str| ConsentedApp { name: AppName(name.into()), level: Level::Full };
    let consent = Consent {
        agreement: agreement.digest(),
        contributor: KeyId([1; 16]),
        given: Day(20_779),
        withdrawn: false,
        applications: vec![app("editor"), app("files")],
    };
    Terms::new(agreement, consent, TODAY).expect("they are in force")
}

pub(crate) fn filter() -> Filter {
    Filter::new(None).expect("the built-in rules are good")
}

/// Gives events their numbers and times, and collects what comes out.
pub(crate) struct Stage {
    pub(crate) minimiser: Minimiser,
    pub(crate) out: Vec<Minimised>,
    pub(crate) now: WallTime,
    seq: u64,
    frames: u32,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::with(Settings::default())
    }

    pub(crate) fn with(settings: Settings) -> Self {
        Self::under(terms(), settings)
    }

    fn under(terms: Terms, settings: Settings) -> Self {
        let mut minimiser = Minimiser::new(terms, settings, filter());
        minimiser.observe(RawEvent::at(MonoNanos(0), RawBody::Covered(false)), TODAY);
        Self { minimiser, out: Vec::new(), now: TODAY, seq: 0, frames: 0 }
    }

    /// All four windows are open, this one has the keyboard, and a plain entry of it the focus.
    pub(crate) fn open(active: App) -> Self {
        Self::new().opened(active)
    }

    /// The same, with the files at level `masked`.
    pub(crate) fn masked(active: App) -> Self {
        Self::under(MASKED.clone(), Settings::default()).opened(active)
    }

    /// The same, with the editor as a browser whose site was never looked at.
    pub(crate) fn sited(active: App) -> Self {
        Self::under(SITED.clone(), Settings::default()).opened(active)
    }

    fn opened(self, active: App) -> Self {
        let mut stage = self;
        for app in APPS {
            stage.at(0, app.report(WindowChange::Opened));
        }
        stage.frame(1);
        stage.at(2, active.report(WindowChange::Focused));
        stage.focus(3, 3, active.pid(), other());
        stage.look(App::Editor, 210, Vec::new());
        stage
    }

    /// One event at a time in milliseconds.
    pub(crate) fn at(&mut self, millis: u64, body: RawBody) -> Seq {
        self.event(RawEvent::at(MonoNanos::from_millis(millis), body))
    }

    pub(crate) fn event(&mut self, mut event: RawEvent) -> Seq {
        self.seq += 1;
        event.seq = Seq(self.seq);
        self.minimiser.observe(event, self.now);
        Seq(self.seq)
    }

    pub(crate) fn focus(&mut self, asked: u64, arrival: u64, pid: u32, kind: FocusKind) {
        let asked_at = MonoNanos::from_millis(asked);
        self.at(arrival, RawBody::Focus(FocusReport { kind, pid, asked_at, since: asked_at }));
    }

    /// A snapshot of all that an application's window shows.
    pub(crate) fn look(&mut self, app: App, asked: u64, nodes: Vec<Node>) {
        self.snapshot(app, asked, nodes, Completeness::Complete);
    }

    /// Somebody looked at what site the editor shows.
    pub(crate) fn site(&mut self, asked: u64, site: SiteSeen, plainly_named: bool) {
        let (window, pid) = (App::Editor.visible().id, App::Editor.pid());
        let asked_at = MonoNanos::from_millis(asked);
        self.at(asked, RawBody::Site(SiteReport { window, pid, asked_at, site, plainly_named }));
    }

    /// A snapshot that told nothing.
    pub(crate) fn look_in_vain(&mut self, app: App, asked: u64, completeness: Completeness) {
        self.snapshot(app, asked, Vec::new(), completeness);
    }

    fn snapshot(&mut self, app: App, asked: u64, nodes: Vec<Node>, completeness: Completeness) {
        let snapshot = RawSnapshot {
            window: app.visible().id,
            pid: app.pid(),
            asked_at: MonoNanos::from_millis(asked),
            took_nanos: 1_000_000,
            nodes,
            completeness,
        };
        self.at(asked, RawBody::Snapshot(snapshot));
    }

    /// A picture of all four windows, each in its colour, on a desktop of another colour.
    pub(crate) fn frame(&mut self, millis: u64) -> FrameId {
        let windows = Some(APPS.map(App::visible).to_vec());
        self.frame_of(millis, desktop(), windows)
    }

    pub(crate) fn frame_of(
        &mut self,
        millis: u64,
        frame: Arc<Frame>,
        windows: Option<Vec<VisibleWindow>>,
    ) -> FrameId {
        self.frames += 1;
        let id = FrameId(self.frames);
        let time = MonoNanos::from_millis(millis);
        let raw = RawFrame { id, topology: TopologyId(0), grab_begin: time, grab_end: time, frame, windows };
        self.at(millis, RawBody::Frame(raw));
        id
    }

    /// A key that types, down and up.
    pub(crate) fn types(&mut self, millis: u64, c: char) -> Seq {
        let seq = self.at(millis, RawBody::Key(key(c as u32, &c.to_string(), Some(c), true)));
        self.at(millis, RawBody::Key(key(c as u32, &c.to_string(), None, false)));
        seq
    }

    /// A key that does not, down and up.
    pub(crate) fn presses(&mut self, millis: u64, name: &str) -> Seq {
        let code = 1_000 + name.len() as u32;
        let seq = self.at(millis, RawBody::Key(key(code, name, None, true)));
        self.at(millis, RawBody::Key(key(code, name, None, false)));
        seq
    }

    pub(crate) fn clicks(&mut self, millis: u64, at: Point) -> Seq {
        self.at(millis, RawBody::Button { at, button: Button::Left, down: true })
    }

    pub(crate) fn drain(&mut self, millis: u64) -> &[Minimised] {
        let from = self.out.len();
        self.out.extend(self.minimiser.drain(MonoNanos::from_millis(millis)));
        &self.out[from..]
    }

    pub(crate) fn finish(mut self, millis: u64) -> (Vec<Minimised>, Tally) {
        let (rest, tally) = self.minimiser.finish(MonoNanos::from_millis(millis));
        self.out.extend(rest);
        (self.out, tally)
    }
}

pub(crate) fn other() -> FocusKind {
    FocusKind::Other { role: "text".into() }
}

pub(crate) fn key(scancode: u32, name: &str, text: Option<char>, down: bool) -> RawKey {
    RawKey {
        scancode,
        name: name.into(),
        text: text.map(String::from),
        down,
        repeat: false,
        modifiers: Modifiers::default(),
    }
}

/// The colour where no window is.
pub(crate) const BARE: [u8; 3] = [0xee, 3, 4];

pub(crate) fn desktop() -> Arc<Frame> {
    Arc::clone(&DESKTOP)
}

fn paint_desktop() -> Arc<Frame> {
    let (width, height) = (830u32, 230u32);
    let mut rgb = Vec::new();
    for y in 0..height as i32 {
        for x in 0..width as i32 {
            let app = APPS.into_iter().find(|a| a.bounds().contains(Point { x, y }));
            rgb.extend(app.map_or(BARE, App::colour));
        }
    }
    Arc::new(Frame::from_rgb(width, height, &rgb).expect("the length fits"))
}

pub(crate) fn records(out: &[Minimised]) -> Vec<&Record> {
    out.iter().map(Minimised::record).collect()
}

pub(crate) fn texts(out: &[Minimised]) -> String {
    let text = |r: &Record| match &r.body {
        RecordBody::Text { text } => text.clone(),
        _ => String::new(),
    };
    records(out).into_iter().map(text).collect()
}

pub(crate) fn json(out: &[Minimised]) -> String {
    records(out).into_iter().map(|r| serde_json::to_string(r).expect("records serialise") + "\n").collect()
}
