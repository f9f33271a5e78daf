//! What a source tells, in our words and in its own time.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use overt_event::{
    ClockAnchor, Completeness, Element, Gestures, Monitor, MonoNanos, Point, RawBody, Rect, Rotation, Span,
    Topology, TopologyId,
};
use overt_format::Unknown;

use crate::error::ImportError;
use crate::stills::Still;

/// Events of one recording, at most: nearly three hours of a 1 kHz mouse.
const EVENTS_MAX: usize = 10_000_000;
/// A side of a desktop, at most (docs/spec/segment.md, section 1).
const SIDE_MAX: u32 = 16_384;

/// One recording of somebody else's, read to its end.
#[derive(Default)]
pub struct Telling {
    pub(crate) events: Vec<Told>,
    pub(crate) unknown: BTreeSet<Unknown>,
    /// What of theirs has no place with us, counted by kind.
    pub(crate) dropped: BTreeMap<&'static str, u64>,
    /// Where their clock and the wall's meet.
    pub(crate) anchor: Option<ClockAnchor>,
    pub(crate) pictures: Option<Pictured>,
    topologies: u32,
}

/// One thing and when it happened.
pub(crate) struct Told {
    pub(crate) at: MonoNanos,
    pub(crate) what: What,
}

/// What happened.
pub(crate) enum What {
    Event(RawBody),
    /// What stood under the press told last.
    Element {
        at: Point,
        element: Element,
        completeness: Completeness,
    },
}

/// Where the pictures are.
pub(crate) enum Pictured {
    Video(Video),
    Stills(Vec<Still>),
}

/// A video and when each of its pictures was taken.
pub(crate) struct Video {
    pub(crate) path: PathBuf,
    pub(crate) times: FrameTimes,
}

pub(crate) enum FrameTimes {
    /// The first picture was taken at this moment, the others as much later as in the video, and as much more as it
    /// paused. The pauses follow one another.
    From { first: MonoNanos, pauses: Vec<Span> },
    /// The picture at this time in the video (ns) was taken at that moment; by the first, ascending.
    Listed(Vec<(u64, MonoNanos)>),
}

impl Telling {
    /// One that tells nothing of these.
    pub(crate) fn without(unknown: impl IntoIterator<Item = Unknown>) -> Self {
        Self { unknown: unknown.into_iter().collect(), ..Self::default() }
    }

    pub(crate) fn tell(&mut self, at: MonoNanos, body: RawBody) -> Result<(), ImportError> {
        self.push(Told { at, what: What::Event(body) })
    }

    pub(crate) fn push(&mut self, told: Told) -> Result<(), ImportError> {
        if self.events.len() >= EVENTS_MAX {
            return Err(ImportError::TooManyEvents { max: EVENTS_MAX });
        }
        self.events.push(told);
        Ok(())
    }

    pub(crate) fn drop_one(&mut self, kind: &'static str) {
        *self.dropped.entry(kind).or_default() += 1;
    }

    /// A desktop of one monitor of this size.
    pub(crate) fn desktop(&mut self, (w, h): (u32, u32)) -> RawBody {
        let id = TopologyId(self.topologies);
        self.topologies += 1;
        let bounds = Rect { x: 0, y: 0, w: w as i32, h: h as i32 };
        let monitor = Monitor { bounds, scale_milli: 1_000, rotation: Rotation::Upright };
        RawBody::Topology(Topology {
            id,
            size: (w, h),
            monitors: vec![monitor],
            gestures: Gestures::default(),
        })
    }

    /// Puts a desktop before all else, at the first event's time.
    pub(crate) fn begin_on(&mut self, size: (u32, u32)) {
        let at = self.events.first().map_or(MonoNanos(0), |told| told.at);
        let desktop = self.desktop(size);
        self.events.insert(0, Told { at, what: What::Event(desktop) });
    }

    /// The smallest desktop that holds every point. A point that none could hold counts for nothing.
    pub(crate) fn smallest_desktop(&self) -> (u32, u32) {
        let fits = |side: i32| u32::try_from(side).ok().filter(|s| *s < SIDE_MAX);
        let points = self.events.iter().filter_map(Told::point);
        let held = points.filter_map(|p| Some((fits(p.x)?, fits(p.y)?)));
        held.fold((1, 1), |(w, h), (x, y)| (w.max(x + 1), h.max(y + 1)))
    }
}

impl Told {
    fn point(&self) -> Option<Point> {
        match &self.what {
            What::Event(
                RawBody::PointerMove { at } | RawBody::Button { at, .. } | RawBody::Scroll { at, .. },
            ) => Some(*at),
            _ => None,
        }
    }
}

/// A size that a desktop can have.
pub(crate) fn size(width: f64, height: f64) -> Option<(u32, u32)> {
    let side = |s: f64| (1.0..=f64::from(SIDE_MAX)).contains(&s).then_some(s as u32);
    Some((side(width)?, side(height)?))
}

/// A place in the source's units, rounded down.
pub(crate) fn point(x: f64, y: f64) -> Point {
    // What lies beyond any desktop stays beyond it: the cast saturates.
    Point { x: x.floor() as i32, y: y.floor() as i32 }
}

/// Notches in 120ths.
pub(crate) fn notches(n: f64) -> i32 {
    (n * 120.0).round() as i32
}

/// A moment given in units of so many nanoseconds; `None` for what is none.
pub(crate) fn moment(value: f64, unit_nanos: f64) -> Option<MonoNanos> {
    // Beyond 2^63 no clock of this world counts.
    let nanos = value * unit_nanos;
    (nanos.is_finite() && (0.0..9.2e18).contains(&nanos)).then(|| MonoNanos(nanos.round() as u64))
}
