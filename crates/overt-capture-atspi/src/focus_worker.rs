//! The thread that finds out what kind of control has the focus.

use std::sync::Arc;
use std::time::{Duration, Instant};

use atspi::{Role, State};
use crossbeam_channel::{Receiver, RecvTimeoutError};
use futures_util::future::join3;
use overt_capture::monotonic_now;
use overt_event::{FocusKind, MonoNanos};

use crate::bus::until;
use crate::focus::Question;
use crate::object::Object;
use crate::shared::Shared;
use crate::spelling::{States, role_name};

/// Longest wait for the focused object's answer.
const ANSWER_WAIT: Duration = Duration::from_millis(250);
/// An application says within this time which of its controls got the focus of a window or lost it;
/// the events of one step were measured 1 to 9 ms apart.
const SETTLE: Duration = Duration::from_millis(30);
/// After a search that found nothing the next one waits this long, unless an event comes.
const SEARCH_PAUSE: Duration = Duration::from_secs(1);

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
        let asked_at = question.probe_at.max(question.event_at).unwrap_or_else(monotonic_now);
        let deadline = Instant::now() + ANSWER_WAIT;
        let holder = match &question.focused {
            Some(object) => async_io::block_on(self.ask(object, deadline)),
            None => None,
        };
        match holder {
            Some(holder) => self.say(&question, asked_at, Some(holder)),
            None => self.search(&question, deadline),
        }
    }

    fn woken_soon(&self) -> bool {
        match self.wake.recv_timeout(SETTLE) {
            Ok(()) => true,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => false,
        }
    }

    /// The object's kind, if it still has the focus.
    async fn ask(&self, object: &Object, deadline: Instant) -> Option<Holder> {
        let bus = &self.shared.bus;
        let asked = join3(bus.role(object), bus.states(object), self.shared.apps.pid(bus, &object.bus));
        let Some((role, states, pid)) = until(deadline, asked).await else {
            self.shared.check_bus().await;
            return None;
        };
        let pid = pid.filter(|pid| !self.shared.is_excluded(*pid))?;
        let role = role.ok()?;
        holds_focus(role, states.ok()?).then(|| Holder {
            object: object.clone(),
            kind: kind_from_role(role),
            pid,
        })
    }

    fn search(&mut self, question: &Question, deadline: Instant) {
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
        let holder = if recently || Instant::now() >= deadline {
            None
        } else {
            async_io::block_on(self.shared.find_focus(question, deadline))
        };
        if holder.is_none() && !recently {
            self.searched = Some((question.generation, Instant::now()));
        }
        self.say(question, asked_at, holder);
    }

    /// Says it, unless a newer event has made the answer worthless. `Unknown` was said when the event
    /// came; only a probe needs to hear it again.
    fn say(&self, question: &Question, asked_at: MonoNanos, holder: Option<Holder>) {
        let mut board = self.shared.board();
        if !board.is_current(question.generation) {
            return;
        }
        match holder {
            Some(Holder { object, kind, pid }) => {
                board.found(object);
                self.shared.gate.emit_focus(kind, pid, asked_at);
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
