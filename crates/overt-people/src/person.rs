//! Somebody who does tasks their own way: faster or slower, by mouse or by keys, with slips that they take back.

use std::cell::RefCell;
use std::rc::Rc;

use anyhow::Result;
use overt_event::{Button, Point, Rect};
use overt_learn::Rng;
use overt_learn::ground::{GroundError, Hand};
use overt_sim::person::{Person, Target};

use crate::stand::failed;

/// Of so many people one after the other each habit is surely somebody's.
const AMONG: u64 = 5;
/// And theirs on every occasion: nobody else has to have it.
const ALWAYS: u32 = 100;

/// How one person works. All of it follows from the seed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Temper {
    /// Their pauses, in percent of the usual.
    pub pauses_percent: u32,
    /// Texts of a hundred that begin with a slip of the keyboard.
    pub typing_slips: u32,
    /// Of a hundred moves, those that go astray first.
    pub detours: u32,
    /// Tasks of a hundred in which something beside the right thing is chosen first.
    pub wrong_choices: u32,
    /// They go on by keys where the hands are on the keyboard already.
    pub prefers_keys: bool,
}

impl Temper {
    /// The temper of a seed. Its place decides whose habit something is: a comparison has few people who do few tasks, often five of two
    /// each, and by chance nobody of them may go by keys or err.
    pub fn of(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let mut between = |low: u32, high: u32| low + rng.below(u64::from(high - low)) as u32;
        let habit_of = |place: u64, others: u32| if seed % AMONG == place { ALWAYS } else { others };
        Self {
            pauses_percent: between(80, 140),
            prefers_keys: seed.is_multiple_of(AMONG),
            typing_slips: habit_of(1, between(0, 25)),
            detours: habit_of(2, between(5, 30)),
            wrong_choices: habit_of(3, between(0, 15)),
        }
    }
}

/// A scripted person at a display.
pub(crate) struct Somebody {
    person: Person,
    pub(crate) temper: Temper,
    rng: Rng,
    at: Point,
}

impl Somebody {
    /// Sits down at a display.
    pub(crate) fn sit_down(display: &str, seed: u64) -> Result<Self> {
        let person = Person::sit_down(display, seed)?;
        Ok(Self { person, temper: Temper::of(seed), rng: Rng::new(!seed), at: Point::default() })
    }

    /// Reads what is to be done.
    pub(crate) fn read(&mut self) {
        self.pause(1_800, 2_600);
    }

    /// Looks for the next thing to do.
    pub(crate) fn think(&mut self) {
        self.pause(350, 800);
    }

    /// Looks at what came of it.
    pub(crate) fn check(&mut self) {
        self.pause(1_000, 1_500);
    }

    fn pause(&mut self, low_millis: u32, high_millis: u32) {
        let own = |millis: u32| millis * self.temper.pauses_percent / 100;
        self.person.pause(own(low_millis), own(high_millis));
    }

    fn happens(&mut self, in_a_hundred: u32) -> bool {
        self.rng.below(100) < u64::from(in_a_hundred)
    }

    fn here(&self) -> Target {
        Target { app: "chromium".to_owned(), role: None, name: None, bounds: spot(self.at) }
    }

    fn move_to(&mut self, to: Point) -> Result<()> {
        if self.happens(self.temper.detours) {
            let aside = |rng: &mut Rng| rng.below(60) as i32 - 30;
            let astray = Point { x: to.x + aside(&mut self.rng), y: to.y + aside(&mut self.rng) };
            self.person.wander(spot(Point { x: astray.x.max(0), y: astray.y.max(0) }))?;
            self.person.pause(80, 200);
        }
        self.at = to;
        self.person.wander(spot(to))
    }

    fn press(&mut self, button: u8, times: u32) -> Result<()> {
        let here = self.here();
        match (button, times) {
            (3, _) => self.person.click_with(&here, Button::Right),
            (_, 2) => self.person.double_click(&here),
            _ => (0..times).try_for_each(|_| self.person.click(&here)),
        }
    }

    /// Types it, perhaps with a slip that is taken back. Gives how many keys that took.
    fn type_text(&mut self, text: &str) -> Result<u64> {
        let (here, chars) = (self.here(), text.chars().count());
        if !may_slip(text) || !self.happens(self.temper.typing_slips) {
            self.person.type_text(&here, text)?;
            return Ok(chars as u64);
        }
        let right = 1 + self.rng.below(chars as u64 - 1) as usize;
        let split = text.char_indices().nth(right).map_or(text.len(), |(i, _)| i);
        self.person.type_text(&here, &format!("{}x", &text[..split]))?;
        self.person.pause(150, 350);
        self.person.chord(None, "BackSpace")?;
        self.person.type_text(&here, &text[split..])?;
        Ok(chars as u64 + 2)
    }
}

/// A person's hand for the ground.
pub(crate) struct PersonsHand(pub(crate) Rc<RefCell<Somebody>>);

impl Hand for PersonsHand {
    fn move_to(&mut self, to: Point) -> Result<(), GroundError> {
        self.0.borrow_mut().move_to(to).map_err(failed)
    }

    fn press(&mut self, button: u8, times: u32) -> Result<(), GroundError> {
        self.0.borrow_mut().press(button, times).map_err(failed)
    }

    fn type_text(&mut self, text: &str) -> Result<u64, GroundError> {
        self.0.borrow_mut().type_text(text).map_err(failed)
    }

    fn chord(&mut self, keys: &[String]) -> Result<(), GroundError> {
        self.0.borrow_mut().person.chord(None, &keys.join("+")).map_err(failed)
    }
}

/// What begins with a digit may be a date or a time: their fields ignore the slip, and what is taken back there is a part of what was
/// right. The last character is no slip's place.
fn may_slip(text: &str) -> bool {
    text.starts_with(char::is_alphabetic) && text.chars().count() > 1
}

/// One pixel: a person is asked to go exactly there, however they go.
fn spot(at: Point) -> Rect {
    Rect { x: at.x, y: at.y, w: 1, h: 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_differ_and_each_stays_the_same() {
        let all: Vec<Temper> = (0..40).map(Temper::of).collect();
        assert_eq!(all, (0..40).map(Temper::of).collect::<Vec<_>>());
        assert!(all.iter().any(|t| t.pauses_percent < 95) && all.iter().any(|t| t.pauses_percent > 125));
    }

    #[test]
    fn nobody_slips_where_a_slip_cannot_be_taken_back() {
        for (text, expected) in
            [("Rex", true), ("écru", true), ("11122017", false), ("0443a", false), ("R", false)]
        {
            assert_eq!(may_slip(text), expected, "{text}");
        }
    }

    #[test]
    fn of_five_people_one_goes_by_keys_and_somebody_surely_slips_strays_and_errs() {
        for first in 0..40 {
            let five: Vec<Temper> = (first..first + 5).map(Temper::of).collect();
            let somebody = |habit: fn(&Temper) -> bool| five.iter().filter(|t| habit(t)).count();
            assert_eq!(somebody(|t| t.prefers_keys), 1, "{first}");
            assert_eq!(somebody(|t| t.typing_slips == 100), 1, "{first}");
            assert_eq!(somebody(|t| t.detours == 100), 1, "{first}");
            assert_eq!(somebody(|t| t.wrong_choices == 100), 1, "{first}");
        }
    }
}
