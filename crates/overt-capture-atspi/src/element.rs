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

/// How far up the control around a word is looked for.
const CONTROL_DEPTH_MAX: usize = 4;

/// An element, and whether the deadline cut its ancestors or its doubles.
pub(crate) struct Described {
    pub(crate) element: Element,
    pub(crate) ancestors: Vec<Seen>,
    pub(crate) in_time: bool,
}

/// A page's words and pictures are elements of their own; what a person acts on is the link or button
/// around them. The index of that among the ancestors.
fn control_around(seen: &Seen, ancestors: &[Seen]) -> Option<usize> {
    let part =
        matches!(seen.role, Role::Static | Role::Image | Role::Label | Role::Paragraph | Role::Section);
    let near = ancestors.iter().take(CONTROL_DEPTH_MAX);
    let covers = |a: &Seen| a.bounds.contains(seen.bounds.center());
    part.then(|| near.into_iter().position(|a| is_control(a.role) && covers(a))).flatten()
}

fn is_control(role: Role) -> bool {
    matches!(
        role,
        Role::Button
            | Role::ToggleButton
            | Role::Link
            | Role::CheckBox
            | Role::RadioButton
            | Role::ComboBox
            | Role::Menu
            | Role::MenuItem
            | Role::CheckMenuItem
            | Role::RadioMenuItem
            | Role::PageTab
            | Role::ListItem
            | Role::TreeItem
    )
}

impl Bus {
    /// Its ancestors, nearest first, without the application itself; `false` when the deadline cut them.
    ///
    /// `known`: what the same round of questions has seen already.
    pub(crate) async fn ancestors(&self, of: &Seen, known: &[Seen], deadline: Instant) -> (Vec<Seen>, bool) {
        let expected = self.expected_ancestors(of, known, deadline).await;
        let mut ancestors: Vec<Seen> = Vec::new();
        let mut next = of.parent.clone();
        while let Some(object) = next.take()
            && ancestors.len() < ANCESTORS_MAX
            && !object.is_root()
            && ancestors.iter().all(|a| a.object != object)
        {
            let answer = match known.iter().chain(&expected).find(|seen| seen.object == object) {
                Some(seen) => Some(Ok(seen.clone())),
                None => until(deadline, self.see(&object)).await,
            };
            match answer {
                Some(Ok(seen)) if seen.role == Role::Application => break,
                Some(Ok(seen)) => {
                    next = seen.parent.clone();
                    ancestors.push(seen);
                }
                Some(Err(_)) => break,
                None => return (ancestors, false),
            }
        }
        self.note_lineage(of, &ancestors);
        (ancestors, true)
    }

    /// What lay around it when that was last asked, as it is at present; asked in one round.
    async fn expected_ancestors(&self, of: &Seen, known: &[Seen], deadline: Instant) -> Vec<Seen> {
        let Some(parent) = &of.parent else { return Vec::new() };
        let mut objects = self.lineage.upwards(parent);
        objects.retain(|object| known.iter().all(|seen| seen.object != *object));
        self.see_all(&objects, deadline).await
    }

    fn note_lineage(&self, of: &Seen, ancestors: &[Seen]) {
        for seen in std::iter::once(of).chain(ancestors) {
            if let Some(parent) = &seen.parent {
                self.lineage.note(&seen.object, parent);
            }
        }
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

    /// The element with all it is stored with, as far as the deadline lets it: the control that was
    /// seen, or the one around it.
    ///
    /// `known`: what the same round of questions has seen already.
    pub(crate) async fn describe(&self, seen: &Seen, known: &[Seen], deadline: Instant) -> Described {
        let (ancestors, whole) = self.ancestors(seen, known, deadline).await;
        let (meant, around) = match control_around(seen, &ancestors) {
            Some(i) => (&ancestors[i], &ancestors[i + 1..]),
            None => (seen, &ancestors[..]),
        };
        let doubles = match around.first() {
            Some(parent) => self.candidates(meant, parent, deadline).await,
            None => Some(1),
        };
        Described {
            element: Element {
                node: meant.node(),
                ancestors: around.iter().map(Seen::node).collect(),
                candidates: doubles.unwrap_or(1),
            },
            ancestors,
            in_time: whole && doubles.is_some(),
        }
    }
}
