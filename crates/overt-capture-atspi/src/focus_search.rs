//! Finds what has the focus when no event told it: at the start, and after a menu closed.

use std::time::Instant;

use atspi::{Role, State};
use futures_util::future::join;

use crate::apps::Toolkit;
use crate::bus::{each_until, until};
use crate::focus::Question;
use crate::focus_worker::{Holder, kind_from_role};
use crate::object::Object;
use crate::see::Seen;
use crate::shared::Shared;
use crate::snapshot::items::read_items;
use crate::spelling::{States, holds_too_many};

/// Applications whose windows are looked at.
const APPS_MAX: usize = 64;
/// Objects of one window that are looked at.
const OBJECTS_MAX: usize = 2_000;
/// An object with more children is not entered.
const CHILDREN_MAX: usize = 500;

impl Shared {
    /// The focused object of the active window; `None` when there is none, or more than one window
    /// claims to be active.
    pub(crate) async fn find_focus(&self, question: &Question, deadline: Instant) -> Option<Holder> {
        let window = self.active_window(question.window.as_ref(), deadline).await?;
        let pid = until(deadline, self.apps.pid(&self.bus, &window.bus)).await??;
        if self.is_excluded(pid) {
            return None;
        }
        let before = question.before.iter().filter(|o| o.bus == window.bus);
        let (object, role) = match self.focused_of(before.cloned().collect(), deadline).await {
            Some(found) => found,
            None => self.focused_in(&window, deadline).await?,
        };
        Some(Holder { object, kind: kind_from_role(role), pid })
    }

    /// The window that was said to be active, if it still is; else the only one that says so itself.
    async fn active_window(&self, told: Option<&Object>, deadline: Instant) -> Option<Object> {
        if let Some(window) = told
            && let Some(Ok(states)) = until(deadline, self.bus.states(window)).await
            && states.has(State::Active)
        {
            return Some(window.clone());
        }
        let mut roots = self.apps.refresh(&self.bus, deadline).await;
        roots.truncate(APPS_MAX);
        // An application that hangs takes half of the time and not all of it.
        let deadline = Instant::now() + deadline.saturating_duration_since(Instant::now()) / 2;
        let windows = each_until(deadline, roots.iter().map(|root| self.bus.windows(root, deadline))).await;
        let mut active = windows.into_iter().flatten().flatten().flatten().filter(is_active);
        match (active.next(), active.next()) {
            (Some(only), None) => Some(only.object),
            _ => None,
        }
    }

    /// The first of the objects that has the focus.
    async fn focused_of(&self, objects: Vec<Object>, deadline: Instant) -> Option<(Object, Role)> {
        let seen = self.bus.see_all(&objects, deadline).await;
        seen.into_iter().find(|s| s.states.has(State::Focused)).map(|s| (s.object, s.role))
    }

    async fn focused_in(&self, window: &Object, deadline: Instant) -> Option<(Object, Role)> {
        let toolkit = until(deadline, self.apps.toolkit(&self.bus, &window.bus)).await?;
        if matches!(toolkit, Toolkit::Gtk | Toolkit::Office)
            && let Some(Some(items)) = until(deadline, read_items(&self.bus, &window.bus)).await
        {
            let focused = items.into_iter().filter(|i| i.states.has(State::Focused));
            return safest(focused.map(|i| (i.object, i.role)).collect());
        }
        self.walk_to_focus(window, deadline).await
    }

    /// Level by level, all questions of a level at once. A focused page is searched further, and only
    /// the page.
    async fn walk_to_focus(&self, window: &Object, deadline: Instant) -> Option<(Object, Role)> {
        let mut level = vec![(window.clone(), false)];
        let (mut asked, mut found, mut whole) = (0, None, true);
        while !level.is_empty() && asked < OBJECTS_MAX {
            whole &= level.len() <= OBJECTS_MAX - asked;
            level.truncate(OBJECTS_MAX - asked);
            asked += level.len();
            let mut stops = self.stops(level, deadline).await;
            if let Some(focused) = stops.iter().position(|stop| stop.states.has(State::Focused)) {
                let stop = stops.swap_remove(focused);
                found = Some((stop.object.clone(), stop.role));
                if !is_page(stop.role) {
                    return found;
                }
                stops = vec![stop];
            }
            let (below, all) = self.below(&stops, deadline).await;
            whole &= all;
            level = below;
        }
        // Where a part was not entered, the field that really has the focus may lie in it.
        if whole && Instant::now() < deadline { found } else { None }
    }

    async fn stops(&self, level: Vec<(Object, bool)>, deadline: Instant) -> Vec<Stop> {
        let questions = level.into_iter().map(|(object, in_page)| async move {
            let (role, states) = join(self.bus.role(&object), self.bus.states(&object)).await;
            let (role, states) = (role.ok()?, states.ok()?);
            Some(Stop { object, role, states, in_page: in_page || role == Role::DocumentWeb })
        });
        each_until(deadline, questions).await.into_iter().flatten().flatten().collect()
    }

    /// The children of what shows, and whether all of them could be listed.
    async fn below(&self, stops: &[Stop], deadline: Instant) -> (Vec<(Object, bool)>, bool) {
        let showing = stops.iter().filter(|stop| stop.states.has(State::Showing));
        let (enter, closed): (Vec<_>, Vec<_>) =
            showing.partition(|stop| !holds_too_many(stop.role, stop.states, stop.in_page));
        let questions = enter.iter().map(|stop| self.bus.children_up_to(&stop.object, CHILDREN_MAX));
        let answers = each_until(deadline, questions).await;
        let whole = closed.is_empty() && answers.iter().all(|answer| matches!(answer, Some(Some(_))));
        let children = enter.iter().zip(answers).flat_map(|(stop, answer)| {
            answer.flatten().unwrap_or_default().into_iter().map(|child| (child, stop.in_page))
        });
        (children.collect(), whole)
    }
}

/// An object on the way to the focus.
struct Stop {
    object: Object,
    role: Role,
    states: States,
    /// It lies in a web page.
    in_page: bool,
}

fn is_active(window: &Seen) -> bool {
    window.states.has(State::Active) && window.states.has(State::Showing)
}

fn is_page(role: Role) -> bool {
    matches!(role, Role::DocumentWeb | Role::DocumentFrame | Role::Frame | Role::Window | Role::InternalFrame)
}

/// Of several that claim the focus, a password field if there is one.
fn safest(focused: Vec<(Object, Role)>) -> Option<(Object, Role)> {
    let password = focused.iter().position(|(_, role)| *role == Role::PasswordText);
    focused.into_iter().nth(password.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_that_claim_the_focus_the_password_counts() {
        let object = |path| Object::new(":1.1", path);
        let several = vec![(object("/a"), Role::Entry), (object("/b"), Role::PasswordText)];
        assert_eq!(safest(several), Some((object("/b"), Role::PasswordText)));
        assert_eq!(safest(Vec::new()), None);
    }
}
