//! Drafts in the order they began, until everything about them has arrived.

use std::collections::VecDeque;

use overt_event::{MonoNanos, Seq};

use crate::draft::{Draft, DraftId};
use crate::episodes::Boundary;
use crate::settings::Settings;

/// What leaves the outbox.
pub(crate) enum Item {
    Draft(Box<Draft>),
    Boundary(Boundary),
}

/// The queue between the gestures and the episodes. It is as long as `patience_millis` of actions.
#[derive(Default)]
pub(crate) struct Outbox {
    items: VecDeque<Item>,
}

/// A key that stays down holds its action back this much longer than patience alone.
const HELD_PATIENCE: u64 = 2;

impl Outbox {
    pub(crate) fn push(&mut self, draft: Draft) {
        self.items.push_back(Item::Draft(Box::new(draft)));
    }

    pub(crate) fn bound(&mut self, boundary: Boundary) {
        self.items.push_back(Item::Boundary(boundary));
    }

    /// Newest first.
    pub(crate) fn drafts_mut(&mut self) -> impl Iterator<Item = &mut Draft> {
        self.items.iter_mut().rev().filter_map(|item| match item {
            Item::Draft(draft) => Some(draft.as_mut()),
            Item::Boundary(_) => None,
        })
    }

    pub(crate) fn get(&mut self, id: DraftId) -> Option<&mut Draft> {
        self.drafts_mut().find(|d| d.id == id)
    }

    pub(crate) fn peek(&self, id: DraftId) -> Option<&Draft> {
        self.items.iter().rev().find_map(|item| match item {
            Item::Draft(draft) if draft.id == id => Some(draft.as_ref()),
            _ => None,
        })
    }

    pub(crate) fn owner(&mut self, seq: Seq) -> Option<&mut Draft> {
        self.drafts_mut().find(|d| d.owns(seq))
    }

    pub(crate) fn take(&mut self, id: DraftId) -> Option<Draft> {
        let at = self.items.iter().rposition(|item| matches!(item, Item::Draft(d) if d.id == id))?;
        match self.items.remove(at) {
            Some(Item::Draft(draft)) => Some(*draft),
            _ => None,
        }
    }

    /// The next item, when nothing can be added to it any more. `now` of `None` means that nothing comes.
    pub(crate) fn pop_ready(&mut self, now: Option<MonoNanos>, settings: &Settings) -> Option<Item> {
        let ready = match (self.items.front()?, now) {
            (Item::Boundary(_), _) | (_, None) => true,
            (Item::Draft(draft), Some(now)) => is_ready(draft, now, settings),
        };
        if ready { self.items.pop_front() } else { None }
    }
}

fn is_ready(draft: &Draft, now: MonoNanos, settings: &Settings) -> bool {
    let patience = settings.patience_millis;
    let due = draft.end.plus_millis(if draft.held > 0 { patience * HELD_PATIENCE } else { patience });
    !draft.open && now >= due
}
