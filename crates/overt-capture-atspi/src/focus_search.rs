//! Finds what has the focus when no event told it: at the start, and after a menu closed.

use std::time::Instant;

use atspi::{Role, State};

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
        if toolkit == Toolkit::Gtk
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
        let mut level = vec![window.clone()];
        let mut asked = 0;
        let mut found = None;
        while !level.is_empty() && asked < OBJECTS_MAX && Instant::now() < deadline {
            level.truncate(OBJECTS_MAX - asked);
            asked += level.len();
            let seen = self.roles_and_states(level, deadline).await;
            let focused = seen.iter().find(|(_, _, states)| states.has(State::Focused)).cloned();
            let enter = match focused {
                Some((object, role, states)) => {
                    found = Some((object.clone(), role));
                    if !is_page(role) {
                        break;
                    }
                    vec![(object, role, states)]
                }
                None => seen,
            };
            level = self.visible_children(enter, deadline).await;
        }
        // Cut short, the focus may lie deeper.
        if Instant::now() < deadline { found } else { None }
    }

    async fn roles_and_states(&self, objects: Vec<Object>, deadline: Instant) -> Vec<(Object, Role, States)> {
        let questions = objects.into_iter().map(|object| async move {
            let (role, states) =
                futures_util::future::join(self.bus.role(&object), self.bus.states(&object)).await;
            Some((object, role.ok()?, states.ok()?))
        });
        each_until(deadline, questions).await.into_iter().flatten().flatten().collect()
    }

    async fn visible_children(&self, of: Vec<(Object, Role, States)>, deadline: Instant) -> Vec<Object> {
        let enter = of
            .into_iter()
            .filter(|(_, role, states)| states.has(State::Showing) && !holds_too_many(*role, *states));
        let questions =
            enter.map(|(object, ..)| async move { self.bus.children_up_to(&object, CHILDREN_MAX).await });
        each_until(deadline, questions).await.into_iter().flatten().flatten().flatten().collect()
    }
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
