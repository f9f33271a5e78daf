//! What is known about the keyboard focus: a machine without IO.

use std::collections::VecDeque;

use overt_event::MonoNanos;

use crate::object::Object;
use crate::signal::{Heard, Signal};

/// Objects that had the focus before: a menu that closes hands it back without saying so.
const BEFORE_MAX: usize = 8;
/// Objects that got the focus since the last answer. What got it before more than these is not known.
const PASSED_MAX: usize = 8;

/// A question for the focus worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    /// The answer counts only while the board is at this generation.
    pub(crate) generation: u64,
    /// What was last said to have the focus; `None` when that must be found.
    pub(crate) focused: Option<Object>,
    /// When the latest focus event arrived, if nothing answered it yet.
    pub(crate) event_at: Option<MonoNanos>,
    /// When the latest unanswered probe was asked.
    pub(crate) probe_at: Option<MonoNanos>,
    /// The changes since the last answer.
    pub(crate) changes: Changes,
    /// Where to look when nothing is known: the objects that had the focus before, latest first.
    pub(crate) before: Vec<Object>,
    /// The window that was last said to be active.
    pub(crate) window: Option<Object>,
}

/// What had the focus since it was last known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// When the first event arrived.
    pub(crate) since: Option<MonoNanos>,
    /// What got the focus from then on, in order.
    pub(crate) passed: Vec<Object>,
}

impl Changes {
    fn note(&mut self, heard: &Heard) {
        if self.passed.len() >= PASSED_MAX {
            *self = Self::default();
        }
        self.since.get_or_insert(heard.at);
        if matches!(heard.signal, Signal::Focused(true)) {
            self.passed.push(heard.source.clone());
        }
    }
}

/// The focus as events tell it. Every change raises the generation, and an answer to a question of an
/// older generation is worth nothing.
#[derive(Default)]
pub(crate) struct FocusBoard {
    generation: u64,
    focused: Option<Object>,
    before: VecDeque<Object>,
    window: Option<Object>,
    event_at: Option<MonoNanos>,
    probe_at: Option<MonoNanos>,
    changes: Changes,
}

impl FocusBoard {
    /// Takes in one signal. `true`: from its arrival on it is not known what has the focus.
    pub(crate) fn hear(&mut self, heard: &Heard) -> bool {
        if matches!(heard.signal, Signal::AppGone) {
            self.before.retain(|o| o.bus != heard.source.bus);
        }
        match &heard.signal {
            Signal::Focused(true) => self.gain(&heard.source),
            Signal::Focused(false) if self.focused.as_ref() == Some(&heard.source) => self.lose(),
            Signal::WindowActivated => self.activate(&heard.source),
            Signal::WindowDeactivated if self.is_of(&heard.source) => {
                self.window = None;
                self.lose();
            }
            Signal::AppGone if self.is_of(&heard.source) => {
                self.window = None;
                self.focused = None;
            }
            _ => return false,
        }
        self.generation += 1;
        self.event_at = Some(heard.at);
        self.changes.note(heard);
        true
    }

    fn gain(&mut self, object: &Object) {
        self.lose();
        self.focused = Some(object.clone());
    }

    /// A window of another application means that the old focus is no more; one of the same
    /// application may tell its focus before or after.
    fn activate(&mut self, window: &Object) {
        self.window = Some(window.clone());
        if self.focused.as_ref().is_some_and(|o| o.bus != window.bus) {
            self.lose();
        }
    }

    fn lose(&mut self) {
        let Some(object) = self.focused.take() else { return };
        self.before.retain(|o| *o != object);
        self.before.push_front(object);
        self.before.truncate(BEFORE_MAX);
    }

    /// Whether the source's application is the one that has the focus or the active window.
    fn is_of(&self, source: &Object) -> bool {
        [&self.focused, &self.window].into_iter().flatten().any(|o| o.bus == source.bus)
    }

    /// A page in the background may move its own focus: that is not where the keys go.
    fn may_be_active(&self, object: &Object) -> bool {
        self.window.as_ref().is_none_or(|window| window.bus == object.bus)
    }

    /// Whether it has the focus or had it a little while ago.
    pub(crate) fn has_had(&self, object: &Object) -> bool {
        self.focused.as_ref() == Some(object) || self.before.contains(object)
    }

    /// Somebody asks what has the focus.
    pub(crate) fn probe(&mut self, asked_at: MonoNanos) {
        self.probe_at = self.probe_at.max(Some(asked_at));
    }

    /// Nothing is known any more: after a pause, or when an event was missed.
    pub(crate) fn doubt(&mut self) {
        self.lose();
        // What comes after says nothing of the time before: an event of it may be the one that was missed.
        (self.event_at, self.changes) = (None, Changes::default());
        self.generation += 1;
    }

    /// What is to be asked next, or `None`. It will not be given out again.
    pub(crate) fn take_question(&mut self) -> Option<Question> {
        if self.event_at.is_none() && self.probe_at.is_none() {
            return None;
        }
        Some(Question {
            generation: self.generation,
            focused: self.focused.clone().filter(|o| self.may_be_active(o)),
            event_at: self.event_at.take(),
            probe_at: self.probe_at.take(),
            changes: self.changes.clone(),
            before: self.before.iter().cloned().collect(),
            window: self.window.clone(),
        })
    }

    /// Whether an answer to a question of this generation still counts.
    pub(crate) fn is_current(&self, generation: u64) -> bool {
        self.generation == generation
    }

    /// It is known what has the focus.
    pub(crate) fn found(&mut self, object: Object) {
        self.focused = Some(object);
        self.changes = Changes::default();
    }

    /// The object that was last said to have the focus does not have it.
    pub(crate) fn not_focused(&mut self) {
        self.lose();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(bus: &str, path: &str) -> Object {
        Object::new(bus, path)
    }

    fn hear(board: &mut FocusBoard, at: u64, source: &Object, signal: Signal) -> bool {
        board.hear(&Heard { at: MonoNanos(at), source: source.clone(), signal })
    }

    #[test]
    fn an_answer_counts_only_until_the_next_focus_event() {
        let mut board = FocusBoard::default();
        let (entry, password) = (object(":1.1", "/entry"), object(":1.1", "/password"));
        assert!(hear(&mut board, 10, &entry, Signal::Focused(true)));
        let question = board.take_question().expect("an event asks");
        assert_eq!((question.focused, question.event_at), (Some(entry.clone()), Some(MonoNanos(10))));
        assert!(hear(&mut board, 20, &password, Signal::Focused(true)));
        assert!(!board.is_current(question.generation));
        let question = board.take_question().expect("the second event asks");
        assert_eq!(question.focused, Some(password));
        assert_eq!(question.before, [entry]);
        assert_eq!(board.take_question(), None);
    }

    #[test]
    fn leaving_the_window_leaves_the_focus_unknown_but_another_application_does_not_touch_it() {
        let mut board = FocusBoard::default();
        let entry = object(":1.1", "/entry");
        hear(&mut board, 10, &entry, Signal::Focused(true));
        assert!(!hear(&mut board, 20, &object(":1.2", "/frame"), Signal::WindowDeactivated));
        assert!(!hear(&mut board, 20, &object(":1.1", "/label"), Signal::Focused(false)));
        assert!(!hear(&mut board, 20, &object(":1.2", "/root"), Signal::AppGone));
        assert!(hear(&mut board, 30, &object(":1.1", "/frame"), Signal::WindowDeactivated));
        let question = board.take_question().expect("a change asks");
        assert_eq!((question.focused, question.before), (None, vec![entry]));
    }

    #[test]
    fn what_had_the_focus_since_the_last_answer_is_remembered() {
        let mut board = FocusBoard::default();
        let fields: Vec<Object> = (0..=PASSED_MAX).map(|i| object(":1.1", &format!("/{i}"))).collect();
        let passed = |board: &mut FocusBoard, at: usize, fields: &[Object]| {
            for (i, field) in fields.iter().enumerate() {
                hear(board, (at + i) as u64, field, Signal::Focused(true));
            }
            let Changes { since, passed } = board.take_question().expect("an event asks").changes;
            (since, passed)
        };
        let first_two = (Some(MonoNanos(10)), fields[..2].to_vec());
        assert_eq!(passed(&mut board, 10, &fields[..2]), first_two);
        // The answer to that question came too late.
        assert_eq!(passed(&mut board, 12, &fields[2..3]), (first_two.0, fields[..3].to_vec()));
        board.found(fields[2].clone());
        assert_eq!(passed(&mut board, 13, &fields[3..4]), (Some(MonoNanos(13)), fields[3..4].to_vec()));
        board.found(fields[3].clone());
        // Of too many only the last are known, and only since the first of these.
        let last = passed(&mut board, 20, &fields);
        assert_eq!(last, (Some(MonoNanos(20 + PASSED_MAX as u64)), fields[PASSED_MAX..].to_vec()));
    }

    #[test]
    fn what_was_heard_before_a_doubt_tells_nothing_after_it() {
        let mut board = FocusBoard::default();
        hear(&mut board, 10, &object(":1.1", "/entry"), Signal::Focused(true));
        board.doubt();
        board.probe(MonoNanos(20));
        let question = board.take_question().expect("a probe asks");
        assert_eq!((question.event_at, question.changes), (None, Changes::default()));
    }

    #[test]
    fn an_application_that_left_is_not_searched() {
        let mut board = FocusBoard::default();
        hear(&mut board, 10, &object(":1.1", "/frame"), Signal::WindowActivated);
        hear(&mut board, 11, &object(":1.1", "/a"), Signal::Focused(true));
        hear(&mut board, 12, &object(":1.1", "/b"), Signal::Focused(true));
        assert!(hear(&mut board, 20, &object(":1.1", "/root"), Signal::AppGone));
        let question = board.take_question().expect("a change asks");
        assert_eq!((question.focused, question.window, question.before), (None, None, Vec::new()));
    }

    #[test]
    fn probes_ask_once_with_the_latest_time() {
        let mut board = FocusBoard::default();
        board.probe(MonoNanos(7));
        board.probe(MonoNanos(5));
        let question = board.take_question().expect("a probe asks");
        assert_eq!((question.probe_at, question.event_at), (Some(MonoNanos(7)), None));
        assert_eq!(board.take_question(), None);
    }

    #[test]
    fn a_window_of_the_same_application_keeps_the_focus_that_was_told_first() {
        let mut board = FocusBoard::default();
        let entry = object(":1.1", "/entry");
        hear(&mut board, 10, &entry, Signal::Focused(true));
        hear(&mut board, 11, &object(":1.1", "/frame"), Signal::WindowActivated);
        assert_eq!(board.take_question().expect("a change asks").focused, Some(entry));
        hear(&mut board, 12, &object(":1.2", "/frame"), Signal::WindowActivated);
        assert_eq!(board.take_question().expect("a change asks").focused, None);
    }
}
