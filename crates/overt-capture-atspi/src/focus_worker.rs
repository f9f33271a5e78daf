//! The thread that finds out what kind of control has the focus.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use atspi::{Role, State};
use crossbeam_channel::{Receiver, RecvTimeoutError};
use futures_util::future::join3;
use overt_capture::monotonic_now;
use overt_event::{FocusKind, MonoNanos};

use crate::bus::{each_until, until};
use crate::focus::Question;
use crate::object::Object;
use crate::shared::Shared;
use crate::spelling::{States, role_name};

/// Longest wait for the focused object's answer. On a busy machine applications take half a second
/// (measured 2026-11-23: two cores, one of them kept busy by another program). Whoever judges by the answer
/// waits as long again, which is in time for 2 s.
const ANSWER_WAIT: Duration = Duration::from_secs(1);
/// A newer event is looked for this often while an answer is waited for.
const PATIENCE: Duration = Duration::from_millis(50);
/// Longest search. LibreOffice takes 0.3 to 1.1 s to list its 1,850 objects where five desktops share two
/// cores (measured 2026-11-23), and less than that never found what it had focused.
const SEARCH_WAIT: Duration = Duration::from_secs(1);
/// Longest wait for the roles of what had the focus for a moment; what does not answer is unknown.
const PASSED_WAIT: Duration = Duration::from_millis(250);
/// An application says within this time which of its controls got the focus of a window or lost it;
/// the events of one step were measured 1 to 9 ms apart.
const SETTLE: Duration = Duration::from_millis(30);
/// After a search that found nothing the next one waits this long, unless an event comes.
const SEARCH_PAUSE: Duration = Duration::from_secs(1);

/// What an object said of itself.
enum Answer {
    Holds(Holder),
    HoldsNot,
    /// Nothing in time, or nothing that counts any longer.
    Silence,
}

/// What has the focus, and whose it is.
pub(crate) struct Holder {
    pub(crate) object: Object,
    pub(crate) kind: FocusKind,
    pub(crate) pid: u32,
}

pub(crate) fn kind_from_role(role: Role) -> FocusKind {
    match role {
        Role::PasswordText => FocusKind::Password,
        Role::Invalid | Role::Unknown => FocusKind::Unknown,
        other => FocusKind::Other { role: role_name(other).to_owned() },
    }
}

/// Whether keys go to it. An item of an open menu has them without being focused: GTK says
/// "focused" once and sets only the state `selected`.
pub(crate) fn holds_focus(role: Role, states: States) -> bool {
    let of_menu = matches!(role, Role::Menu | Role::MenuItem | Role::CheckMenuItem | Role::RadioMenuItem);
    let chosen = of_menu && states.has(State::Selected) && states.on_screen();
    (states.has(State::Focused) || chosen) && !states.has(State::Defunct)
}

/// Answers questions until its channel closes.
pub(crate) struct FocusWorker {
    shared: Arc<Shared>,
    wake: Receiver<()>,
    /// The generation at which the last search found nothing, and when.
    searched: Option<(u64, Instant)>,
}

impl FocusWorker {
    pub(crate) fn new(shared: Arc<Shared>, wake: Receiver<()>) -> Self {
        Self { shared, wake, searched: None }
    }

    pub(crate) fn run(mut self) {
        // Whoever ends it closes the gate first. The word that wakes it may be taken while it waits for
        // another event, so the gate is looked at before every wait.
        while !self.shared.gate.finished() && self.wake.recv().is_ok() {
            while let Some(question) = self.take_question() {
                self.answer(question);
            }
        }
    }

    fn take_question(&self) -> Option<Question> {
        if self.shared.gate.finished() {
            return None;
        }
        self.shared.board().take_question()
    }

    fn answer(&mut self, question: Question) {
        // Where an event left the focus open, the next one usually tells it.
        if question.focused.is_none() && question.event_at.is_some() && self.woken_soon() {
            if let Some(asked_at) = question.probe_at {
                self.shared.board().probe(asked_at);
            }
            return;
        }
        let answer = match &question.focused {
            Some(object) => async_io::block_on(self.ask(&question, object)),
            None => Answer::HoldsNot,
        };
        match answer {
            Answer::Holds(holder) => self.tell(&question, holder),
            Answer::HoldsNot => self.search(&question),
            Answer::Silence => self.say(&question, monotonic_now(), None, None),
        }
    }

    fn tell(&self, question: &Question, holder: Holder) {
        let asked_at = question.probe_at.max(question.event_at).unwrap_or_else(monotonic_now);
        let passed = async_io::block_on(self.passed(question, &holder.object));
        let since = match passed {
            Some(FocusKind::Password) => {
                // Keys may have gone there and not where the focus is now.
                self.shared.gate.emit_focus(FocusKind::Password, holder.pid, asked_at);
                question.event_at
            }
            Some(FocusKind::Unknown) => question.event_at,
            Some(FocusKind::Other { .. }) | None => question.changes.since.or(question.event_at),
        };
        self.say(question, asked_at, since, Some(holder));
    }

    /// The worst of what had the focus for a moment before it came to this object; `None` if nothing had.
    async fn passed(&self, question: &Question, focused: &Object) -> Option<FocusKind> {
        let passed = question.changes.passed.iter().filter(|o| *o != focused);
        let roles = passed.map(|o| self.shared.bus.role(o));
        let answers = each_until(Instant::now() + PASSED_WAIT, roles).await;
        let kinds = answers.into_iter().map(|role| match role {
            Some(Ok(role)) => kind_from_role(role),
            _ => FocusKind::Unknown,
        });
        kinds.max_by_key(|kind| match kind {
            FocusKind::Other { .. } => 0,
            FocusKind::Unknown => 1,
            FocusKind::Password => 2,
        })
    }

    fn woken_soon(&self) -> bool {
        match self.wake.recv_timeout(SETTLE) {
            Ok(()) => true,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => false,
        }
    }

    /// Whether the object still has the focus. An application that takes its time is not waited for once a
    /// newer event was heard.
    async fn ask(&self, question: &Question, object: &Object) -> Answer {
        let bus = &self.shared.bus;
        let asked = join3(bus.role(object), bus.states(object), self.shared.apps.pid(bus, &object.bus));
        let deadline = Instant::now() + ANSWER_WAIT;
        let Some((role, states, pid)) = self.while_current(question, deadline, asked).await else {
            if Instant::now() >= deadline {
                self.shared.check_bus().await;
            }
            return Answer::Silence;
        };
        let holder = self.holder(object, role.ok(), states.ok(), pid);
        holder.map_or(Answer::HoldsNot, Answer::Holds)
    }

    /// What comes of it, unless a newer event is heard before: it would be worth nothing.
    async fn while_current<T>(
        &self,
        question: &Question,
        deadline: Instant,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        let mut work = pin!(work);
        loop {
            if let Some(done) = until(Instant::now() + PATIENCE, work.as_mut()).await {
                return Some(done);
            }
            let current = self.shared.board().is_current(question.generation);
            if !current || self.shared.gate.finished() || Instant::now() >= deadline {
                return None;
            }
        }
    }

    fn holder(
        &self,
        object: &Object,
        role: Option<Role>,
        states: Option<States>,
        pid: Option<u32>,
    ) -> Option<Holder> {
        let pid = pid.filter(|pid| !self.shared.is_excluded(*pid))?;
        let role = role?;
        holds_focus(role, states?).then(|| Holder { object: object.clone(), kind: kind_from_role(role), pid })
    }

    fn search(&mut self, question: &Question) {
        if question.focused.is_some() {
            let mut board = self.shared.board();
            if board.is_current(question.generation) {
                board.not_focused();
            }
        }
        let recently = self.searched.is_some_and(|(generation, then)| {
            generation == question.generation && then.elapsed() < SEARCH_PAUSE
        });
        let asked_at = monotonic_now();
        let deadline = Instant::now() + SEARCH_WAIT;
        let found = || self.while_current(question, deadline, self.shared.find_focus(question, deadline));
        let holder = if recently { None } else { async_io::block_on(found()).flatten() };
        if holder.is_none() && !recently {
            self.searched = Some((question.generation, Instant::now()));
        }
        self.say(question, asked_at, None, holder);
    }

    /// Says it, unless a newer event has made the answer worthless. `Unknown` was said when the event
    /// came; only a probe needs to hear it again.
    fn say(
        &self,
        question: &Question,
        asked_at: MonoNanos,
        since: Option<MonoNanos>,
        holder: Option<Holder>,
    ) {
        let mut board = self.shared.board();
        if !board.is_current(question.generation) {
            return;
        }
        match holder {
            Some(Holder { object, kind, pid }) => {
                board.found(object);
                self.shared.gate.emit_focus_since(since.unwrap_or(asked_at), kind, pid, asked_at);
            }
            None if question.probe_at.is_some() => {
                self.shared.gate.emit_focus(FocusKind::Unknown, 0, asked_at);
            }
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_known_role_other_than_a_password_is_harmless() {
        let check = |role, expected| assert_eq!(kind_from_role(role), expected);
        check(Role::PasswordText, FocusKind::Password);
        check(Role::Unknown, FocusKind::Unknown);
        check(Role::Invalid, FocusKind::Unknown);
        check(Role::Entry, FocusKind::Other { role: "entry".to_owned() });
    }

    #[test]
    fn an_item_of_an_open_menu_holds_the_focus_by_being_selected() {
        let check = |role, states: &[State], expected| {
            let states = States(states.iter().fold(0, |bits, s| bits | *s as u64));
            assert_eq!(holds_focus(role, states), expected);
        };
        check(Role::MenuItem, &[State::Selected, State::Showing, State::Visible], true);
        check(Role::MenuItem, &[State::Selected], false);
        check(Role::ListItem, &[State::Selected, State::Showing, State::Visible], false);
        check(Role::Entry, &[State::Focused], true);
        check(Role::Entry, &[State::Focused, State::Defunct], false);
    }
}
