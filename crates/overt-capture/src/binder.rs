//! Which picture was on the screen before an input, and which one stood still after it.
//!
//! Rules (the same for every source):
//! * *Before*: the newest frame whose grab ended at or before the input. For keys the input's time
//!   is rounded down to 100 ms first, as it will be when it is kept, so that neither the margin nor
//!   the choice of frame tells when exactly a key was hit.
//! * *After*: the first frame begun after the input was over, once the screen has stood still for
//!   [`STILL_MILLIS`]; the newest there is after [`AFTER_MILLIS_MAX`] or when the next input comes.
//! * An input waits [`SETTLE_MILLIS`] for its binding, so that a frame that was already grabbed but
//!   not yet handed over is not overlooked.

use std::collections::VecDeque;
use std::sync::Arc;

use overt_event::{
    Binding, Frame, FrameId, Gap, MonoNanos, NoFrame, RawBody, RawEvent, RawFrame, RawKey, Seq, TILE_BYTES,
    VisibleWindow,
};

/// How long an input waits for frames that are under way. A hand-over takes microseconds.
pub const SETTLE_MILLIS: u64 = 20;
/// Without any damage for this long, the screen stands still.
pub const STILL_MILLIS: u64 = 300;
/// After this long the newest frame has to do, marked as timed out.
pub const AFTER_MILLIS_MAX: u64 = 2_000;
/// A key or notch later than this after the one before begins a new run (the longest of the reduction's rules).
const RUN_MILLIS: u64 = 700;
/// Frames kept in memory. They share tiles; at 30 a second this is 2 s, as long as an after-frame may take.
const RING_FRAMES: usize = 64;
/// ... and in bytes, counting the tiles that each brought along: 16 frames of 1920x1080 of which everything
/// changes. An observation is seldom older than 200 ms; scrolled photographs with 256 MiB took 382 MB of
/// memory (2026-11-22). More changing pixels leave fewer frames, and never less than the newest.
const RING_BYTES_MAX: usize = 96 << 20;
/// Pictures that came out of their turn put the next one off by this long at most.
const DEBT_MILLIS_MAX: u64 = 1_000;
/// Damage moments kept, one or fewer a frame.
const DAMAGE_MOMENTS: usize = 128;

/// Which frames are handed on, by the agreement's cadence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pictures {
    /// The frames in which something changed, one every so many milliseconds at most. Those before and after
    /// an input come out of their turn, and the next in turn waits as much longer.
    EveryChange {
        millis_min: u64,
    },
    /// Only the frames before and after an input.
    AroundInputs,
    /// One every so many milliseconds, and no others.
    Periodic {
        millis: u64,
    },
    Never,
}

/// Gives every event its place in the session and binds inputs to frames.
pub struct Binder {
    pictures: Pictures,
    next_seq: u64,
    ring: VecDeque<RingFrame>,
    ring_bytes: usize,
    damage: VecDeque<Damage>,
    waiting: VecDeque<WaitingBefore>,
    after: Option<WaitingAfter>,
    last_run: Option<(Run, MonoNanos)>,
    /// When the next frame that no input names may be handed on.
    next_turn: MonoNanos,
    last_periodic: Option<MonoNanos>,
}

/// A change of the screen: when it happened there, and when it was told here.
#[derive(Clone, Copy)]
struct Damage {
    happened: MonoNanos,
    arrival: MonoNanos,
}

struct RingFrame {
    id: FrameId,
    grab_end: MonoNanos,
    /// The begin of the last grab that still saw exactly this picture.
    seen: MonoNanos,
    frame: Arc<Frame>,
    windows: Option<Vec<VisibleWindow>>,
    /// Of the tiles that the frame before it does not have.
    len_bytes: usize,
    /// `None` once handed on.
    event: Option<RawEvent>,
}

impl RingFrame {
    fn shows_the_same_as(&self, other: &RawFrame) -> bool {
        let (a, b) = (&self.frame, &other.frame);
        (a.width, a.height) == (b.width, b.height)
            && self.windows == other.windows
            && a.tiles.iter().zip(&b.tiles).all(|(x, y)| Arc::ptr_eq(x, y))
    }
}

struct WaitingBefore {
    seq: Seq,
    at: MonoNanos,
    due: MonoNanos,
}

struct WaitingAfter {
    seq: Seq,
    began: MonoNanos,
    over: MonoNanos,
    held: bool,
}

/// Inputs that follow each other closely and share their first one's observation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Run {
    Text,
    Scroll,
}

impl Binder {
    pub fn new(pictures: Pictures) -> Self {
        Self {
            pictures,
            next_seq: 1,
            ring: VecDeque::new(),
            ring_bytes: 0,
            damage: VecDeque::new(),
            waiting: VecDeque::new(),
            after: None,
            last_run: None,
            next_turn: MonoNanos(0),
            last_periodic: None,
        }
    }

    /// Other frames are handed on from here on.
    pub fn set_pictures(&mut self, pictures: Pictures) {
        self.pictures = pictures;
    }

    /// Takes one event from the queue and appends what is to be handed on, numbered, to `out`.
    ///
    /// Returns the number the event itself got; `None` when it is a frame that stays in the ring.
    pub fn handle(&mut self, event: RawEvent, out: &mut Vec<RawEvent>) -> Option<Seq> {
        self.tick(event.arrival, out);
        match event.body {
            RawBody::Frame(_) => self.keep_frame(event, out),
            RawBody::Damage => {
                let damage = Damage { happened: event.happened(), arrival: event.arrival };
                push_bounded(&mut self.damage, damage, DAMAGE_MOMENTS);
                Some(self.hand_on(event, out))
            }
            // What was on the screen before a lock is not what is there after it.
            RawBody::Gap { gap: Gap::Locked, .. } => {
                self.interrupt(event.arrival, out);
                Some(self.hand_on(event, out))
            }
            _ => Some(self.hand_on_input(event, out)),
        }
    }

    /// Lets time pass: settles the bindings that are due.
    pub fn tick(&mut self, now: MonoNanos, out: &mut Vec<RawEvent>) {
        while self.waiting.front().is_some_and(|w| w.due <= now) {
            self.settle_before(now, out);
        }
        if self.after.as_ref().is_some_and(|a| self.after_is_due(a, now)) {
            self.settle_after(now, out);
        }
        self.hand_on_newest(now, out);
    }

    /// Nothing is due: until the next event time changes nothing here.
    pub fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.after.is_none() && !self.newest_waits()
    }

    /// Whether the newest frame is to be handed on when its turn comes. (Older ones that had to wait for
    /// theirs are kept for inputs alone.)
    fn newest_waits(&self) -> bool {
        let every_change = matches!(self.pictures, Pictures::EveryChange { .. });
        every_change && self.ring.back().is_some_and(|newest| newest.event.is_some())
    }

    fn hand_on_newest(&mut self, now: MonoNanos, out: &mut Vec<RawEvent>) {
        if self.newest_waits()
            && self.next_turn <= now
            && let Some(event) = self.ring.back_mut().and_then(|newest| newest.event.take())
        {
            self.hand_on_frame(event, now, out);
        }
    }

    /// Settles everything that waits: the session ends or pauses. The ring is emptied, so that no
    /// picture from before a pause can be bound to anything after it.
    pub fn interrupt(&mut self, now: MonoNanos, out: &mut Vec<RawEvent>) {
        while !self.waiting.is_empty() {
            self.settle_before(now, out);
        }
        self.settle_after(now, out);
        self.ring.clear();
        self.ring_bytes = 0;
        self.damage.clear();
        self.last_run = None;
    }

    fn hand_on(&mut self, mut event: RawEvent, out: &mut Vec<RawEvent>) -> Seq {
        let seq = Seq(self.next_seq);
        self.next_seq += 1;
        event.seq = seq;
        out.push(event);
        seq
    }

    fn hand_on_frame(&mut self, event: RawEvent, at: MonoNanos, out: &mut Vec<RawEvent>) -> Seq {
        if let Pictures::EveryChange { millis_min } = self.pictures {
            let next = self.next_turn.max(at).plus_millis(millis_min);
            self.next_turn = next.min(at.plus_millis(DEBT_MILLIS_MAX.max(millis_min)));
        }
        self.hand_on(event, out)
    }

    fn hand_on_input(&mut self, event: RawEvent, out: &mut Vec<RawEvent>) -> Seq {
        let (at, arrival) = (event.happened(), event.arrival);
        let kind = InputKind::of(&event.body);
        let begins = self.begins_action(kind, at);
        if begins {
            self.settle_after(arrival, out);
        }
        let seq = self.hand_on(event, out);
        if begins {
            let coarse = if kind.is_key() { at.floor_to_millis(100) } else { at };
            let due = arrival.plus_millis(SETTLE_MILLIS);
            self.waiting.push_back(WaitingBefore { seq, at: coarse, due });
            let held = matches!(kind, InputKind::Press);
            self.after = Some(WaitingAfter { seq, began: at, over: at, held });
        } else if kind.prolongs() {
            self.prolong_after(kind, at);
        }
        seq
    }

    fn begins_action(&mut self, kind: InputKind, at: MonoNanos) -> bool {
        let run = match kind {
            InputKind::Press | InputKind::OtherKey => None,
            InputKind::TextKey => Some(Run::Text),
            InputKind::Notch => Some(Run::Scroll),
            InputKind::Release | InputKind::KeyUp | InputKind::None => return false,
        };
        let goes_on = matches!((self.last_run, run), (Some((last, t)), Some(this))
            if last == this && at.since(t) <= RUN_MILLIS * overt_event::NANOS_PER_MILLI);
        self.last_run = run.map(|r| (r, at));
        !goes_on
    }

    fn prolong_after(&mut self, kind: InputKind, at: MonoNanos) {
        if let Some(after) = &mut self.after {
            after.over = after.over.max(at);
            after.held &= !matches!(kind, InputKind::Release);
        }
    }

    fn keep_frame(&mut self, event: RawEvent, out: &mut Vec<RawEvent>) -> Option<Seq> {
        let RawBody::Frame(raw) = &event.body else { return None };
        if let Some(newest) = self.ring.back_mut().filter(|newest| newest.shows_the_same_as(raw)) {
            newest.seen = raw.grab_begin;
            return None;
        }
        let mut entry = RingFrame {
            id: raw.id,
            grab_end: raw.grab_end,
            seen: raw.grab_begin,
            frame: Arc::clone(&raw.frame),
            windows: raw.windows.clone(),
            len_bytes: fresh_bytes(self.ring.back().map(|newest| &*newest.frame), &raw.frame),
            event: None,
        };
        let now = self.hand_on_at_once(entry.seen, entry.grab_end);
        entry.event = Some(event);
        let event = now.then(|| entry.event.take()).flatten();
        let seq = event.map(|event| self.hand_on_frame(event, entry.seen, out));
        self.put_into_ring(entry);
        seq
    }

    fn put_into_ring(&mut self, entry: RingFrame) {
        self.ring_bytes += entry.len_bytes;
        self.ring.push_back(entry);
        while self.ring.len() > RING_FRAMES || (self.ring_bytes > RING_BYTES_MAX && self.ring.len() > 1) {
            let Some(oldest) = self.ring.pop_front() else { return };
            self.ring_bytes -= oldest.len_bytes;
        }
    }

    fn hand_on_at_once(&mut self, grab_begin: MonoNanos, grab_end: MonoNanos) -> bool {
        match self.pictures {
            Pictures::EveryChange { .. } => self.next_turn <= grab_begin,
            Pictures::AroundInputs | Pictures::Never => false,
            Pictures::Periodic { millis } => {
                let gap = millis * overt_event::NANOS_PER_MILLI;
                let due = self.last_periodic.is_none_or(|last| grab_end.since(last) >= gap);
                if due {
                    self.last_periodic = Some(grab_end);
                }
                due
            }
        }
    }

    fn settle_before(&mut self, now: MonoNanos, out: &mut Vec<RawEvent>) {
        let Some(w) = self.waiting.pop_front() else { return };
        let found = self.ring.iter().rposition(|f| f.grab_end <= w.at);
        let binding = match (self.usable(found, out), found) {
            (Ok(i), _) => self.bind_before(&w, i),
            (Err(why), _) => Binding::NoBefore { for_seq: w.seq, why },
        };
        self.hand_on(RawEvent::at(now, RawBody::Binding(binding)), out);
    }

    fn bind_before(&self, w: &WaitingBefore, i: usize) -> Binding {
        let frame = &self.ring[i];
        Binding::Before {
            for_seq: w.seq,
            frame: frame.id,
            margin_nanos: w.at.since(frame.grab_end),
            damage_unseen: self.damage.iter().any(|d| d.arrival >= frame.seen && d.happened < w.at),
        }
    }

    fn after_is_due(&self, a: &WaitingAfter, now: MonoNanos) -> bool {
        if a.held {
            return false;
        }
        let last_change = self.last_damage().max(a.over);
        let late = now.since(a.over) >= AFTER_MILLIS_MAX * overt_event::NANOS_PER_MILLI;
        late || now.since(last_change) >= STILL_MILLIS * overt_event::NANOS_PER_MILLI
    }

    fn last_damage(&self) -> MonoNanos {
        self.damage.back().map_or(MonoNanos(0), |d| d.arrival)
    }

    /// The screen may not have changed at all: then the newest frame, though begun earlier, is what
    /// stood there after the input.
    fn settle_after(&mut self, now: MonoNanos, out: &mut Vec<RawEvent>) {
        let Some(a) = self.after.take() else { return };
        let still = !a.held
            && now.since(self.last_damage().max(a.over)) >= STILL_MILLIS * overt_event::NANOS_PER_MILLI;
        let newest = self.ring.len().checked_sub(1);
        let unseen = newest.is_some_and(|i| self.damage.iter().any(|d| d.arrival >= self.ring[i].seen));
        let fresh = newest.filter(|&i| self.ring[i].seen >= a.over || (still && !unseen));
        let binding = match self.usable(fresh, out) {
            Ok(i) => Binding::After {
                for_seq: a.seq,
                frame: self.ring[i].id,
                delay_nanos: self.ring[i].grab_end.since(a.began),
                timed_out: !still,
            },
            Err(NoFrame::NotStarted | NoFrame::NoneOldEnough) => {
                Binding::NoAfter { for_seq: a.seq, why: NoFrame::Interrupted }
            }
            Err(why) => Binding::NoAfter { for_seq: a.seq, why },
        };
        self.hand_on(RawEvent::at(now, RawBody::Binding(binding)), out);
    }

    /// Whether the ring's frame may be named in a binding; hands it on first when it has not been.
    fn usable(&mut self, index: Option<usize>, out: &mut Vec<RawEvent>) -> Result<usize, NoFrame> {
        if self.pictures == Pictures::Never {
            return Err(NoFrame::CadenceNone);
        }
        let i =
            index.ok_or(if self.ring.is_empty() { NoFrame::NotStarted } else { NoFrame::NoneOldEnough })?;
        match (self.pictures, self.ring[i].event.is_some()) {
            (Pictures::Periodic { .. }, true) => return self.usable_periodic(i),
            (_, true) => {
                let begun = self.ring[i].seen;
                if let Some(event) = self.ring[i].event.take() {
                    self.hand_on_frame(event, begun, out);
                }
            }
            (_, false) => {}
        }
        Ok(i)
    }

    /// With pictures on a timer only what was handed on may be named: the newest such frame.
    fn usable_periodic(&self, newest: usize) -> Result<usize, NoFrame> {
        (0..newest).rev().find(|&i| self.ring[i].event.is_none()).ok_or(NoFrame::NoneOldEnough)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum InputKind {
    Press,
    Release,
    TextKey,
    OtherKey,
    KeyUp,
    Notch,
    None,
}

impl InputKind {
    fn of(body: &RawBody) -> Self {
        match body {
            RawBody::Button { down: true, .. } => Self::Press,
            RawBody::Button { down: false, .. } => Self::Release,
            RawBody::Scroll { .. } => Self::Notch,
            RawBody::Key(k) if !k.down => Self::KeyUp,
            RawBody::Key(k) if overt_event::is_modifier(&k.name) => Self::None,
            RawBody::Key(k) if types_text(k) => Self::TextKey,
            RawBody::Key(_) => Self::OtherKey,
            _ => Self::None,
        }
    }

    fn is_key(self) -> bool {
        matches!(self, Self::TextKey | Self::OtherKey)
    }

    fn prolongs(self) -> bool {
        matches!(self, Self::Release | Self::TextKey | Self::Notch | Self::KeyUp)
    }
}

fn types_text(key: &RawKey) -> bool {
    key.text.is_some() && !key.modifiers.makes_chord()
}

/// Of the tiles of `frame` that `before` does not have at the same place.
fn fresh_bytes(before: Option<&Frame>, frame: &Frame) -> usize {
    let old = before.map_or(&[][..], |b| &b.tiles);
    let shared = frame.tiles.iter().zip(old).filter(|(a, b)| Arc::ptr_eq(a, b)).count();
    (frame.tiles.len() - shared) * TILE_BYTES
}

fn push_bounded<T>(queue: &mut VecDeque<T>, item: T, max: usize) {
    if queue.len() == max {
        queue.pop_front();
    }
    queue.push_back(item);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::{Op, events};
    use proptest::prelude::*;

    const EVERY_CHANGE: Pictures = Pictures::EveryChange { millis_min: 0 };
    const TEN_A_SECOND: Pictures = Pictures::EveryChange { millis_min: 100 };

    fn run(pictures: Pictures, ops: &[Op]) -> Vec<RawEvent> {
        let mut binder = Binder::new(pictures);
        let mut out = Vec::new();
        let mut last = MonoNanos(0);
        for event in events(ops) {
            last = event.arrival;
            binder.handle(event, &mut out);
        }
        binder.tick(last.plus_millis(5_000), &mut out);
        out
    }

    fn bindings(out: &[RawEvent]) -> Vec<Binding> {
        out.iter()
            .filter_map(|e| match &e.body {
                RawBody::Binding(b) => Some(*b),
                _ => None,
            })
            .collect()
    }

    fn check_before(ops: &[Op], expected: Option<u32>) {
        let found = bindings(&run(EVERY_CHANGE, ops)).iter().find_map(|b| match b {
            Binding::Before { frame, .. } => Some(Some(frame.0)),
            Binding::NoBefore { .. } => Some(None),
            _ => None,
        });
        assert_eq!(found, Some(expected));
    }

    #[test]
    fn the_newest_frame_that_ended_before_the_press_is_the_observation() {
        check_before(&[Op::Frame(100), Op::Frame(200), Op::Press(250), Op::Frame(260)], Some(2));
    }

    #[test]
    fn a_frame_whose_grab_ends_after_the_press_is_never_the_observation() {
        check_before(&[Op::Frame(100), Op::Press(199), Op::Frame(200)], Some(1));
        check_before(&[Op::Press(50), Op::Frame(60)], None);
    }

    #[test]
    fn a_key_is_bound_by_its_coarse_time() {
        check_before(&[Op::Frame(100), Op::Frame(230), Op::Text(250, 'a')], Some(1));
    }

    #[test]
    fn a_frame_handed_over_late_still_counts() {
        // The press arrived first, though the grab had ended before it.
        check_before(&[Op::Frame(100), Op::PressArriving(250, 252), Op::FrameArriving(249, 255)], Some(2));
    }

    #[test]
    fn one_text_run_has_one_observation() {
        let ops = [Op::Frame(100), Op::Text(250, 'a'), Op::Text(400, 'b'), Op::Text(600, 'c')];
        let all = bindings(&run(EVERY_CHANGE, &ops));
        assert_eq!(all.iter().filter(|b| matches!(b, Binding::Before { .. })).count(), 1);
    }

    #[test]
    fn unseen_damage_is_said() {
        let ops = [Op::Frame(100), Op::Damage(150), Op::Press(180), Op::Frame(200)];
        let all = bindings(&run(EVERY_CHANGE, &ops));
        assert!(matches!(all[0], Binding::Before { damage_unseen: true, .. }));
    }

    #[test]
    fn the_after_frame_is_the_one_that_stood_still() {
        let ops = [
            Op::Frame(100),
            Op::Press(200),
            Op::Release(260),
            Op::Damage(270),
            Op::Frame(275),
            Op::Damage(370),
            Op::Frame(380),
            Op::Wait(900),
        ];
        let all = bindings(&run(EVERY_CHANGE, &ops));
        assert!(
            matches!(all.last(), Some(Binding::After { frame: FrameId(3), timed_out: false, .. })),
            "{all:?}"
        );
    }

    #[test]
    fn a_grab_that_saw_no_change_clears_the_doubt() {
        // Something was redrawn as it was: the second grab shows the same tiles.
        let ops = [Op::Frame(100), Op::Damage(150), Op::SameFrame(200), Op::Press(250), Op::Release(260)];
        let all = bindings(&run(EVERY_CHANGE, &ops));
        assert!(matches!(all[0], Binding::Before { frame: FrameId(1), damage_unseen: false, .. }), "{all:?}");
        assert!(
            matches!(all[1], Binding::After { frame: FrameId(1), timed_out: false, delay_nanos: 0, .. }),
            "{all:?}"
        );
    }

    fn frames(out: &[RawEvent]) -> Vec<u32> {
        let id = |e: &RawEvent| match &e.body {
            RawBody::Frame(f) => Some(f.id.0),
            _ => None,
        };
        out.iter().filter_map(id).collect()
    }

    #[test]
    fn between_two_turns_the_newest_frame_waits_and_the_others_are_kept_for_inputs_alone() {
        let check = |ops: &[Op], expected: &[u32]| assert_eq!(frames(&run(TEN_A_SECOND, ops)), expected);
        check(&[Op::Frame(100), Op::Frame(125), Op::Frame(150), Op::Frame(175)], &[1, 4]);
        check(&[Op::Frame(100), Op::Frame(200), Op::Frame(300)], &[1, 2, 3]);
        check(&[Op::Frame(100), Op::Frame(125), Op::Frame(150), Op::Wait(160)], &[1, 3]);
        let pressed = [
            Op::Frame(100),
            Op::Frame(125),
            Op::Press(140),
            Op::Release(145),
            Op::Frame(150),
            Op::Frame(170),
        ];
        check(&pressed, &[1, 2, 4]);
        let all = bindings(&run(TEN_A_SECOND, &pressed));
        assert!(matches!(all[0], Binding::Before { frame: FrameId(2), .. }), "{all:?}");
    }

    #[test]
    fn while_a_frame_waits_for_its_turn_the_binder_is_not_idle() {
        let mut binder = Binder::new(TEN_A_SECOND);
        let mut out = Vec::new();
        for event in events(&[Op::Frame(100), Op::Frame(150)]) {
            binder.handle(event, &mut out);
        }
        assert!(!binder.is_idle());
        // The first was begun at 99.
        binder.tick(MonoNanos::from_millis(198), &mut out);
        assert_eq!(frames(&out), [1]);
        binder.tick(MonoNanos::from_millis(199), &mut out);
        assert!(binder.is_idle() && frames(&out) == [1, 2]);
    }

    #[test]
    fn around_inputs_keeps_only_frames_that_are_bound() {
        let ops: Vec<Op> = (1..=20)
            .map(|i| Op::Frame(i * 100))
            .chain([
                Op::Press(2_050),
                Op::Release(2_100),
                Op::Damage(2_110),
                Op::Frame(2_120),
                Op::Wait(3_000),
            ])
            .collect();
        let out = run(Pictures::AroundInputs, &ops);
        let frames = out.iter().filter(|e| matches!(e.body, RawBody::Frame(_))).count();
        assert_eq!(frames, 2);
    }

    #[test]
    fn without_pictures_the_reason_is_said() {
        let out = run(Pictures::Never, &[Op::Frame(100), Op::Press(200)]);
        let why = NoFrame::CadenceNone;
        assert!(bindings(&out).iter().any(|b| matches!(b, Binding::NoBefore { why: w, .. } if *w == why)));
        assert!(!out.iter().any(|e| matches!(e.body, RawBody::Frame(_))));
    }

    #[test]
    fn an_interruption_leaves_no_older_picture_to_bind() {
        let mut binder = Binder::new(EVERY_CHANGE);
        let mut out = Vec::new();
        for event in events(&[Op::Frame(100)]) {
            binder.handle(event, &mut out);
        }
        binder.interrupt(MonoNanos::from_millis(150), &mut out);
        for event in events(&[Op::Press(200)]) {
            binder.handle(event, &mut out);
        }
        binder.tick(MonoNanos::from_millis(400), &mut out);
        assert!(
            bindings(&out).iter().any(|b| matches!(b, Binding::NoBefore { why: NoFrame::NotStarted, .. }))
        );
    }

    #[test]
    fn a_change_before_a_press_that_is_told_after_it_is_unseen() {
        let mut binder = Binder::new(EVERY_CHANGE);
        let mut out = Vec::new();
        let mut all = events(&[Op::Frame(100), Op::Press(200), Op::Damage(205)]);
        all[2].os_time = Some(MonoNanos::from_millis(199));
        for event in all {
            binder.handle(event, &mut out);
        }
        binder.tick(MonoNanos::from_millis(300), &mut out);
        assert!(matches!(bindings(&out)[0], Binding::Before { damage_unseen: true, .. }));
    }

    #[test]
    fn nothing_after_a_lock_is_bound_to_a_picture_from_before_it() {
        let mut binder = Binder::new(EVERY_CHANGE);
        let mut out = Vec::new();
        let at = MonoNanos::from_millis(150);
        let locked = RawBody::Gap { gap: Gap::Locked, span: overt_event::Span { from: at, to: at } };
        let mut all = events(&[Op::Frame(100), Op::Press(200)]);
        all.insert(1, RawEvent::at(at, locked));
        for event in all {
            binder.handle(event, &mut out);
        }
        binder.tick(MonoNanos::from_millis(300), &mut out);
        assert!(matches!(bindings(&out)[0], Binding::NoBefore { why: NoFrame::NotStarted, .. }));
    }

    #[test]
    fn the_ring_is_bounded_in_bytes() {
        let tile = || Arc::new(overt_event::Tile::solid([0; 3]));
        let mut binder = Binder::new(EVERY_CHANGE);
        let mut out = Vec::new();
        // A screen of 4096x2304 of which everything changes: 28 MB a picture.
        for (n, mut event) in (1..).zip(events(&(1..=20).map(Op::Frame).collect::<Vec<_>>())) {
            let RawBody::Frame(frame) = &mut event.body else { panic!("they are frames") };
            let tiles = (0..64 * 36).map(|_| tile()).collect();
            frame.frame = Arc::new(Frame { width: 4096, height: 2304, tiles });
            binder.handle(event, &mut out);
            out.clear();
            assert!(binder.ring_bytes <= RING_BYTES_MAX && binder.ring.len() == n.min(3), "{n}");
        }
    }

    fn any_op(at: u64) -> impl Strategy<Value = Op> {
        prop_oneof![
            Just(Op::Frame(at)),
            Just(Op::Press(at)),
            Just(Op::Release(at)),
            Just(Op::Damage(at)),
            Just(Op::Scroll(at)),
            proptest::char::range('a', 'z').prop_map(move |c| Op::Text(at, c)),
        ]
    }

    fn any_ops() -> impl Strategy<Value = Vec<Op>> {
        proptest::collection::vec(0u64..120, 1..80).prop_flat_map(|gaps| {
            let mut at = 0;
            gaps.into_iter()
                .map(|gap| {
                    at += gap;
                    any_op(at)
                })
                .collect::<Vec<_>>()
        })
    }

    proptest! {
        #[test]
        fn no_observation_is_ever_younger_than_its_input(ops in any_ops()) {
            let out = run(EVERY_CHANGE, &ops);
            let ends: std::collections::BTreeMap<_, _> = out.iter().filter_map(|e| match &e.body {
                RawBody::Frame(f) => Some((f.id, f.grab_end)),
                _ => None,
            }).collect();
            let times: std::collections::BTreeMap<_, _> =
                out.iter().map(|e| (e.seq, (e.happened(), matches!(e.body, RawBody::Key(_))))).collect();
            for binding in bindings(&out) {
                if let Binding::Before { for_seq, frame, margin_nanos, .. } = binding {
                    let (at, key) = times[&for_seq];
                    let at = if key { at.floor_to_millis(100) } else { at };
                    prop_assert_eq!(ends[&frame].0 + margin_nanos, at.0);
                }
            }
        }

        #[test]
        fn a_frame_that_no_input_named_came_in_its_turn(ops in any_ops()) {
            let out = run(TEN_A_SECOND, &ops);
            let named: Vec<FrameId> = bindings(&out).iter().filter_map(|b| match b {
                Binding::Before { frame, .. } | Binding::After { frame, .. } => Some(*frame),
                _ => None,
            }).collect();
            let turns: Vec<u64> = out.iter().filter_map(|e| match &e.body {
                RawBody::Frame(f) if !named.contains(&f.id) => Some(f.grab_begin.0),
                _ => None,
            }).collect();
            // One that waited for its turn may be followed, a whole turn later, by one begun right then.
            let spans = turns.windows(3).map(|w| w[2] - w[0]);
            prop_assert!(spans.clone().all(|span| span >= 99 * overt_event::NANOS_PER_MILLI), "{turns:?}");
        }

        #[test]
        fn sequence_numbers_have_no_hole_and_no_input_is_lost(ops in any_ops()) {
            let out = run(EVERY_CHANGE, &ops);
            for (i, event) in out.iter().enumerate() {
                prop_assert_eq!(event.seq, Seq(i as u64 + 1));
            }
            let inputs = out.iter().filter(|e| !matches!(e.body, RawBody::Binding(_))).count();
            prop_assert_eq!(inputs, ops.len());
        }
    }
}
