//! Rules 6 to 8: which action a popup or a switch of application is the effect of.

use overt_event::{MonoNanos, WindowKind};

use crate::action::{Action, Intent, SwitchedBy};
use crate::context::FocusChange;
use crate::draft::{Draft, DraftId};
use crate::rules::hover::Resting;
use crate::rules::popup::{Opening, Popups};
use crate::stage::Stage;

/// Several reports of one popup (its window, its menu, its expanded button) arrive this close together.
const SAME_POPUP_MILLIS: u64 = 150;

/// The last deliberate action, to which effects are attributed.
#[derive(Default)]
pub(crate) struct Effects {
    last: Option<Cause>,
    popup: Option<(DraftId, MonoNanos)>,
}

struct Cause {
    draft: DraftId,
    time: MonoNanos,
    /// It had its popup, or is of a kind that opens none.
    spent: bool,
    typed: bool,
}

impl Effects {
    /// A press, key or scroll began.
    pub(crate) fn acted(&mut self, draft: DraftId, time: MonoNanos) {
        self.last = Some(Cause { draft, time, spent: false, typed: false });
    }

    /// Characters were typed: what pops up then is a suggestion that nobody asked for.
    pub(crate) fn typed(&mut self, draft: DraftId, time: MonoNanos) {
        self.last = Some(Cause { draft, time, spent: true, typed: true });
    }

    /// A popup opened: the newest cause that can have had it gets the intent.
    pub(crate) fn popup_opened(
        &mut self,
        stage: &mut Stage,
        resting: &mut Resting,
        popups: &mut Popups,
        opening: Opening,
    ) {
        let t = opening.t;
        let again = self.popup.filter(|(_, at)| Stage::within(*at, t, SAME_POPUP_MILLIS)).map(|(d, _)| d);
        let Some(draft) = again.or_else(|| self.cause(stage, resting, &opening)) else {
            // What pops up while somebody types is a suggestion. What is chosen from it belongs to the field. One that
            // has neither window nor name could not be told when it closes.
            let can_close = opening.window.is_some() || opening.label.is_some();
            if let Some(typing) = self.typing(stage, t).filter(|_| can_close) {
                popups.opened(stage, typing, opening);
            }
            return;
        };
        self.popup = Some((draft, t));
        if let Some(d) = stage.outbox.get(draft) {
            d.note(Intent::OpensPopup, [opening.segment]);
        }
        popups.opened(stage, draft, opening);
    }

    /// A press just now; else the resting pointer; else a press a little longer ago.
    fn cause(&mut self, stage: &mut Stage, resting: &mut Resting, opening: &Opening) -> Option<DraftId> {
        let t = opening.t;
        let (soon, late) = (stage.settings.hover_millis_max, stage.settings.effect_millis_max);
        let press = self.last.as_mut().filter(|c| !c.spent);
        if let Some(cause) = press.filter(|c| Stage::within(c.time, t, soon)) {
            cause.spent = true;
            return Some(cause.draft);
        }
        if resting.could_cause(stage, t) {
            return resting.promote(stage, opening.segment);
        }
        let press = self.last.as_mut().filter(|c| !c.spent && Stage::within(c.time, t, late))?;
        press.spent = true;
        Some(press.draft)
    }

    /// The typing that a popup can belong to.
    fn typing(&self, stage: &Stage, t: MonoNanos) -> Option<DraftId> {
        let late = stage.settings.effect_millis_max;
        self.last.as_ref().filter(|c| c.typed && Stage::within(c.time, t, late)).map(|c| c.draft)
    }

    /// Another window has the focus: if it is of another application, the last action switched.
    pub(crate) fn focus_changed(&mut self, stage: &mut Stage, change: FocusChange, t: MonoNanos) {
        if change.from == change.to || change.from.is_none() {
            return;
        }
        let max = stage.settings.effect_millis_max;
        let Some(draft) = self.last.as_ref().and_then(|c| stage.outbox.get(c.draft)) else { return };
        if Stage::within(draft.end, t, max) {
            let by = switched_by(draft, &change);
            draft.note(Intent::SwitchesApp { from: change.from, to: change.to, by }, change.segments);
        }
    }
}

fn switched_by(draft: &Draft, change: &FocusChange) -> SwitchedBy {
    let window = draft.surroundings.window.as_ref().map(|w| &w.value);
    match draft.action {
        Action::Key { .. } => SwitchedBy::Key,
        _ if window.is_some_and(|w| w.kind == WindowKind::Dock) => SwitchedBy::Taskbar,
        Action::Click { .. } if window.is_some_and(|w| w.id == change.window || w.app == change.to) => {
            SwitchedBy::Click
        }
        _ => SwitchedBy::Other,
    }
}
