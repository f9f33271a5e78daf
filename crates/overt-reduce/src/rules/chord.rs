//! Rule 4: a key, or modifiers and one trigger.

use overt_event::{KeyRecord, Modifiers, Seq};

use crate::action::{Action, Intent};
use crate::draft::DraftId;
use crate::entry::Event;
use crate::fate::{Fault, Ignored};
use crate::stage::Stage;

/// The keys that are down.
#[derive(Default)]
pub(crate) struct Keys {
    modifiers: Vec<HeldModifier>,
    triggers: Vec<HeldTrigger>,
}

struct HeldModifier {
    name: String,
    /// Number, segment and origin of its presses that no action took yet.
    loose: Vec<(Seq, u32, bool)>,
    /// The last action it modified.
    owner: Option<DraftId>,
}

struct HeldTrigger {
    name: String,
    draft: DraftId,
}

/// The one name of a key whatever its modifiers: letters small, Tab also backwards.
pub(crate) fn key_name(keysym: &str) -> String {
    match keysym {
        "ISO_Left_Tab" => "Tab".to_owned(),
        name if name.len() == 1 => name.to_ascii_lowercase(),
        name => name.to_owned(),
    }
}

/// Modifiers in the order ctrl, alt, shift, super, then the trigger.
fn chord(modifiers: Modifiers, trigger: String) -> Vec<String> {
    let held = modifier_names(modifiers);
    held.map(str::to_owned).chain([trigger]).collect()
}

/// The names of the modifiers that were down, in the order ctrl, alt, shift, super.
pub fn modifier_names(m: Modifiers) -> impl Iterator<Item = &'static str> {
    let all = [(m.ctrl, "ctrl"), (m.alt, "alt"), (m.shift, "shift"), (m.super_key, "super")];
    all.into_iter().filter_map(|(held, name)| held.then_some(name))
}

impl Keys {
    /// A modifier went down or up.
    pub(crate) fn modifier(&mut self, stage: &mut Stage, event: &Event, key: &KeyRecord) {
        let held = self.modifiers.iter().position(|m| m.name == key.name);
        match (key.down, held) {
            (true, None) => self.modifiers.push(HeldModifier {
                name: key.name.clone(),
                loose: vec![loose(event)],
                owner: None,
            }),
            (true, Some(i)) => self.modifiers[i].press_again(stage, event),
            (false, Some(i)) => self.modifiers.remove(i).release(stage, event),
            (false, None) => stage.fail(event.seq, Fault::UnmatchedRelease),
        }
    }

    /// Gives every modifier that is down to the action that it modifies.
    pub(crate) fn claim(&mut self, stage: &mut Stage, draft: DraftId) {
        for modifier in &mut self.modifiers {
            modifier.modify(stage, draft);
        }
    }

    /// A key went down that no run of text took.
    pub(crate) fn press(&mut self, stage: &mut Stage, event: &Event, key: &KeyRecord) -> DraftId {
        let name = key_name(&key.name);
        let draft = stage.begin(event, Action::Key { keys: chord(key.modifiers, name), count: 1 });
        if let Some(d) = stage.outbox.get(draft) {
            d.open = false;
            if key.modifiers.makes_chord() {
                d.note(Intent::Shortcut, [event.segment]);
            }
        }
        self.hold(stage, key, draft);
        self.claim(stage, draft);
        draft
    }

    /// The key is down, and its release will belong to the draft.
    pub(crate) fn hold(&mut self, stage: &mut Stage, key: &KeyRecord, draft: DraftId) {
        let name = key_name(&key.name);
        for lost in self.triggers.extract_if(.., |t| t.name == name) {
            let_go(stage, lost.draft);
        }
        if let Some(d) = stage.outbox.get(draft) {
            d.held += 1;
        }
        self.triggers.push(HeldTrigger { name, draft });
    }

    /// The action of a key that is down and repeats; `None` when its press was never seen.
    pub(crate) fn repeated(&self, key: &KeyRecord) -> Option<DraftId> {
        let name = key_name(&key.name);
        self.triggers.iter().find(|t| t.name == name).map(|t| t.draft)
    }

    /// A repeat of a held key is counted, unless another action began since: then it comes after that one.
    /// Says whether there was an action to count it for.
    pub(crate) fn repeat(&mut self, stage: &mut Stage, event: &Event, key: &KeyRecord) -> bool {
        let held = self.repeated(key);
        let newest = stage.outbox.drafts_mut().next();
        let Some(draft) = newest.filter(|d| Some(d.id) == held) else { return false };
        let Action::Key { count, .. } = &mut draft.action else { return false };
        *count += 1;
        draft.attach(event);
        true
    }

    /// A key went up. Its name may have changed with the modifiers since it went down.
    pub(crate) fn release(&mut self, stage: &mut Stage, event: &Event, key: &KeyRecord) {
        let name = key_name(&key.name);
        let only = (self.triggers.len() == 1 && name.chars().count() == 1).then_some(0);
        let Some(i) = self.triggers.iter().position(|t| t.name == name).or(only) else {
            return stage.fail(event.seq, Fault::UnmatchedRelease);
        };
        let trigger = self.triggers.remove(i);
        attach_release(stage, event, trigger.draft);
    }

    /// Nothing more is known about which keys are down.
    pub(crate) fn interrupt(&mut self, stage: &mut Stage) {
        for trigger in self.triggers.drain(..) {
            let_go(stage, trigger.draft);
        }
        for modifier in self.modifiers.drain(..) {
            modifier.forget(stage);
        }
    }
}

impl HeldModifier {
    fn press_again(&mut self, stage: &mut Stage, event: &Event) {
        match self.owner.and_then(|id| stage.outbox.get(id)) {
            Some(draft) => draft.attach_quietly(event.seq, event.segment, event.injected),
            None => self.loose.push(loose(event)),
        }
    }

    fn modify(&mut self, stage: &mut Stage, id: DraftId) {
        if self.owner == Some(id) {
            return;
        }
        if let Some(before) = self.owner.replace(id) {
            let_go(stage, before);
        }
        let Some(draft) = stage.outbox.get(id) else { return };
        draft.held += 1;
        for (seq, segment, injected) in self.loose.drain(..) {
            draft.attach_quietly(seq, segment, injected);
        }
    }

    fn release(self, stage: &mut Stage, event: &Event) {
        match self.owner {
            Some(draft) => {
                self.forget(stage);
                if let Some(d) = stage.outbox.get(draft) {
                    d.held += 1;
                }
                attach_release(stage, event, draft);
            }
            None => {
                self.forget(stage);
                stage.ignore(event.seq, Ignored::LoneModifier);
            }
        }
    }

    fn forget(self, stage: &mut Stage) {
        if let Some(draft) = self.owner {
            let_go(stage, draft);
        }
        for (seq, _, _) in self.loose {
            stage.ignore(seq, Ignored::LoneModifier);
        }
    }
}

fn loose(event: &Event) -> (Seq, u32, bool) {
    (event.seq, event.segment, event.injected)
}

fn let_go(stage: &mut Stage, id: DraftId) {
    if let Some(draft) = stage.outbox.get(id) {
        draft.held = draft.held.saturating_sub(1);
    }
}

/// A release prolongs a key or chord, which may act on it (Alt+Tab), and nothing else.
fn attach_release(stage: &mut Stage, event: &Event, id: DraftId) {
    let Some(draft) = stage.outbox.get(id) else {
        return stage.ignore(event.seq, Ignored::LateRelease);
    };
    draft.held = draft.held.saturating_sub(1);
    if matches!(draft.action, Action::Key { .. }) {
        draft.attach(event);
    } else {
        draft.attach_quietly(event.seq, event.segment, event.injected);
    }
}
