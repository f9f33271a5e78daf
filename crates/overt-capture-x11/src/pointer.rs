//! What a button number means, and when the pointer's place is worth telling.

use std::collections::BTreeMap;

use overt_event::{Button, MonoNanos, Point};

/// A notch of the wheel, in the unit of scroll events.
const NOTCH_120: i32 = 120;
/// 125 a second.
const MOVE_MILLIS_MIN: u64 = 8;

/// What a press of a button does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    Button(Button),
    Scroll {
        dx_120: i32,
        dy_120: i32,
    },
    /// Switched off by the button map.
    Nothing,
}

/// Maps the button's number after the button map (X: 4-7 are the wheel, 8 and 9 the thumb).
pub(crate) fn meaning(number: u8) -> Meaning {
    match number {
        0 => Meaning::Nothing,
        1 => Meaning::Button(Button::Left),
        2 => Meaning::Button(Button::Middle),
        3 => Meaning::Button(Button::Right),
        4 => Meaning::Scroll { dx_120: 0, dy_120: -NOTCH_120 },
        5 => Meaning::Scroll { dx_120: 0, dy_120: NOTCH_120 },
        6 => Meaning::Scroll { dx_120: -NOTCH_120, dy_120: 0 },
        7 => Meaning::Scroll { dx_120: NOTCH_120, dy_120: 0 },
        8 => Meaning::Button(Button::Back),
        9 => Meaning::Button(Button::Forward),
        n => Meaning::Button(Button::Other(n)),
    }
}

/// Who moved the pointer, and when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mover {
    pub(crate) device: u16,
    pub(crate) injected: bool,
    pub(crate) os_time: Option<MonoNanos>,
}

/// Moves between two tellings are one: the pointer is asked for its place at most 125 times a second.
#[derive(Default)]
pub(crate) struct Motion {
    pending: Option<Mover>,
    told_at: MonoNanos,
    place: Option<Point>,
}

impl Motion {
    /// The device moved; where to is asked later.
    pub(crate) fn note(&mut self, mover: Mover) {
        self.pending = Some(mover);
    }

    pub(crate) fn is_pending(&self) -> bool {
        self.pending.is_some()
    }

    /// When the pending move may be told; `None` without one.
    pub(crate) fn due_at(&self) -> Option<MonoNanos> {
        self.pending.map(|_| self.told_at.plus_millis(MOVE_MILLIS_MIN))
    }

    /// Takes the pointer's place and returns who moved it there, if that is another place than before.
    ///
    /// A change that no device reported is a program's doing (a warp).
    pub(crate) fn arrived(&mut self, place: Point, now: MonoNanos) -> Option<Mover> {
        let mover = self.pending.take();
        if mover.is_some() {
            self.told_at = now;
        }
        let before = self.place.replace(place);
        // The first place is only where the pointer happens to be.
        let nobody = Mover { device: 0, injected: before.is_some(), os_time: None };
        (before != Some(place)).then(|| mover.unwrap_or(nobody))
    }
}

/// The motion of every pointer on the screen, by the number of its master device.
#[derive(Default)]
pub(crate) struct Pointers(BTreeMap<u16, Motion>);

impl Pointers {
    pub(crate) fn of(&mut self, master: u16) -> &mut Motion {
        self.0.entry(master).or_default()
    }

    /// When the first pending move may be told; `None` without one.
    pub(crate) fn due_at(&self) -> Option<MonoNanos> {
        self.0.values().filter_map(Motion::due_at).min()
    }

    pub(crate) fn is_pending(&self) -> bool {
        self.0.values().any(Motion::is_pending)
    }

    /// Forgets the pointers that are no longer on the screen.
    pub(crate) fn keep(&mut self, masters: &[u16]) {
        self.0.retain(|master, _| masters.contains(master));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wheel_scrolls_and_the_thumb_goes_back() {
        let check = |number, expected| assert_eq!(meaning(number), expected);
        check(1, Meaning::Button(Button::Left));
        check(3, Meaning::Button(Button::Right));
        check(4, Meaning::Scroll { dx_120: 0, dy_120: -120 });
        check(5, Meaning::Scroll { dx_120: 0, dy_120: 120 });
        check(6, Meaning::Scroll { dx_120: -120, dy_120: 0 });
        check(7, Meaning::Scroll { dx_120: 120, dy_120: 0 });
        check(8, Meaning::Button(Button::Back));
        check(10, Meaning::Button(Button::Other(10)));
        check(0, Meaning::Nothing);
    }

    #[test]
    fn moves_wait_for_their_turn_and_the_last_place_is_told() {
        let mut motion = Motion::default();
        let mouse = Mover { device: 6, injected: false, os_time: Some(MonoNanos::from_millis(99)) };
        assert_eq!(motion.due_at(), None);
        motion.note(mouse);
        let now = MonoNanos::from_millis(100);
        assert!(motion.due_at().expect("a move is pending") <= now);
        assert_eq!(motion.arrived(Point { x: 1, y: 1 }, now), Some(mouse));
        motion.note(mouse);
        assert_eq!(motion.due_at(), Some(MonoNanos::from_millis(108)));
        assert_eq!(motion.arrived(Point { x: 1, y: 1 }, now), None, "it did not get anywhere");
        assert_eq!(motion.due_at(), None);
    }

    #[test]
    fn a_place_that_no_device_reached_is_a_warp() {
        let mut motion = Motion::default();
        let first = motion.arrived(Point { x: 5, y: 5 }, MonoNanos(1));
        assert_eq!(first, Some(Mover::default()));
        let warp = motion.arrived(Point { x: 6, y: 5 }, MonoNanos(2));
        assert_eq!(warp, Some(Mover { device: 0, injected: true, os_time: None }));
    }
}
