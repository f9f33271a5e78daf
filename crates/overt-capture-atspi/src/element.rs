//! From an object to an element: its ancestors and its doubles.

use std::time::Instant;

use atspi::Role;
use overt_event::Element;

use crate::bus::{Bus, each_until, until};
use crate::object::Object;
use crate::see::Seen;
use crate::spelling::holds_too_many;

/// Most ancestors that are kept.
pub(crate) const ANCESTORS_MAX: usize = 12;
/// More siblings than this are not compared.
const SIBLINGS_MAX: usize = 200;

/// An element, and whether the deadline cut its ancestors or its doubles.
pub(crate) struct Described {
    pub(crate) element: Element,
    pub(crate) ancestors: Vec<Seen>,
    pub(crate) in_time: bool,
}

impl Bus {
    /// Its ancestors, nearest first, without the application itself; `false` when the deadline cut them.
    pub(crate) async fn ancestors(&self, of: &Seen, deadline: Instant) -> (Vec<Seen>, bool) {
        let mut ancestors: Vec<Seen> = Vec::new();
        let mut next = of.parent.clone();
        while let Some(object) = next.take()
            && ancestors.len() < ANCESTORS_MAX
            && !object.is_root()
            && ancestors.iter().all(|a| a.object != object)
        {
            match until(deadline, self.see(&object)).await {
                Some(Ok(seen)) if seen.role == Role::Application => break,
                Some(Ok(seen)) => {
                    next = seen.parent.clone();
                    ancestors.push(seen);
                }
                Some(Err(_)) => break,
                None => return (ancestors, false),
            }
        }
        (ancestors, true)
    }

    /// How many children of the parent have the element's role and name, itself included; `None` when
    /// the deadline came first.
    async fn candidates(&self, of: &Seen, parent: &Seen, deadline: Instant) -> Option<u32> {
        if holds_too_many(parent.role, parent.states, false) {
            return Some(1);
        }
        let siblings = match until(deadline, self.children_up_to(&parent.object, SIBLINGS_MAX)).await? {
            Some(siblings) => siblings,
            None => return Some(1),
        };
        let roles = each_until(deadline, siblings.iter().map(|s| self.role(s))).await;
        let alike = siblings.iter().zip(&roles).filter(|(_, role)| **role == Some(Ok(of.role)));
        let names = each_until(deadline, alike.map(|(s, _)| self.name(s))).await;
        let doubles = names.iter().filter(|name| matches!(name, Some(Ok(name)) if *name == of.name));
        let count = u32::try_from(doubles.count()).unwrap_or(u32::MAX).max(1);
        roles.iter().all(Option::is_some).then_some(count)
    }

    /// Its children, or `None` when they are more than `most`.
    pub(crate) async fn children_up_to(&self, object: &Object, most: usize) -> Option<Vec<Object>> {
        let count = self.child_count(object).await.ok()?;
        if count == 0 {
            return Some(Vec::new());
        }
        if count > most {
            return None;
        }
        let mut children = self.children(object).await.ok()?;
        children.truncate(most);
        Some(children)
    }

    /// The element with all it is stored with, as far as the deadline lets it.
    pub(crate) async fn describe(&self, seen: &Seen, deadline: Instant) -> Described {
        let (ancestors, whole) = self.ancestors(seen, deadline).await;
        let doubles = match ancestors.first() {
            Some(parent) => self.candidates(seen, parent, deadline).await,
            None => Some(1),
        };
        Described {
            element: Element {
                node: seen.node(),
                ancestors: ancestors.iter().map(Seen::node).collect(),
                candidates: doubles.unwrap_or(1),
            },
            ancestors,
            in_time: whole && doubles.is_some(),
        }
    }
}
