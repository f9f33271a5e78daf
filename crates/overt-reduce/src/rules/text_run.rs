//! Rule 3: characters typed without a pause are one run, with their edits.

use overt_event::{MonoNanos, NANOS_PER_MILLI, WindowId};

use crate::action::{Action, Edit, Typed};
use crate::draft::DraftId;
use crate::entry::Event;
use crate::stage::Stage;

/// Times inside text are told in steps of this.
const TEXT_STEP_MILLIS: u64 = 100;
/// A focus report this soon after the first character is late news of where it went.
const FOCUS_LATE_MILLIS: u64 = 300;

/// The run of typing that may still grow.
#[derive(Default)]
pub(crate) struct Typing {
    run: Option<Run>,
}

struct Run {
    draft: DraftId,
    window: Option<WindowId>,
    start: MonoNanos,
    last: MonoNanos,
    /// Characters that a backspace can still take back.
    chars: u64,
    /// The application reported the typed characters themselves: no input method composes here.
    echoed: bool,
}

/// What a record of typing brings.
#[derive(Clone, Copy)]
pub(crate) enum Piece<'a> {
    Text(&'a str),
    Shape { letters: u32, digits: u32, others: u32 },
}

impl Piece<'_> {
    fn chars(self) -> u64 {
        match self {
            Piece::Text(text) => text.chars().count() as u64,
            Piece::Shape { letters, digits, others } => {
                u64::from(letters) + u64::from(digits) + u64::from(others)
            }
        }
    }

    fn begun(self) -> Typed {
        match self {
            Piece::Text(_) => Typed::Text(String::new()),
            Piece::Shape { .. } => Typed::Shape { letters: 0, digits: 0, others: 0 },
        }
    }

    /// Adds itself to a run of the same form; says whether it could.
    fn add_to(self, typed: &mut Typed) -> bool {
        match (self, typed) {
            (Piece::Text(new), Typed::Text(text)) => text.push_str(new),
            (Piece::Shape { letters: l, digits: d, others: o }, Typed::Shape { letters, digits, others }) => {
                *letters = letters.saturating_add(l);
                *digits = digits.saturating_add(d);
                *others = others.saturating_add(o);
            }
            _ => return false,
        }
        true
    }
}

impl Typing {
    /// Characters came: they join the run or begin one. Returns the run's draft.
    pub(crate) fn characters(&mut self, stage: &mut Stage, event: &Event, piece: Piece<'_>) -> DraftId {
        let window = stage.context.focused_window().map(|w| w.value.id);
        if self.run.as_ref().is_some_and(|r| r.window != window) || !self.same_form(stage, piece) {
            self.close(stage);
        }
        let draft = match &self.run {
            Some(run) => run.draft,
            None => self.begin(stage, event, piece, window),
        };
        self.add(stage, event, piece);
        draft
    }

    fn same_form(&self, stage: &mut Stage, piece: Piece<'_>) -> bool {
        let draft = self.run.as_ref().and_then(|r| stage.outbox.get(r.draft));
        draft.is_none_or(|d| {
            let masked = matches!(d.action, Action::Type { text: Typed::Shape { .. }, .. });
            masked == matches!(piece, Piece::Shape { .. })
        })
    }

    fn begin(
        &mut self,
        stage: &mut Stage,
        event: &Event,
        piece: Piece<'_>,
        window: Option<WindowId>,
    ) -> DraftId {
        let draft = stage.begin(event, Action::Type { text: piece.begun(), edits: Vec::new() });
        let (start, last) = (event.time, event.time);
        self.run = Some(Run { draft, window, start, last, chars: 0, echoed: false });
        draft
    }

    fn add(&mut self, stage: &mut Stage, event: &Event, piece: Piece<'_>) {
        let Some(run) = &mut self.run else { return };
        run.last = run.last.max(event.time);
        run.chars += piece.chars();
        let after_millis = run.offset(event.time);
        let Some(draft) = stage.outbox.get(run.draft) else { return };
        if !draft.seqs.contains(&event.seq) {
            draft.attach(event);
        }
        let Action::Type { text, edits } = &mut draft.action else { return };
        if piece.add_to(text)
            && let Piece::Text(inserted) = piece
        {
            edits.push(Edit { after_millis, inserted: inserted.to_owned(), deleted: 0 });
        }
    }

    /// A backspace inside the run takes back its last character. `None` when there is nothing to take
    /// back: then the key is an action of its own.
    pub(crate) fn take_back(&mut self, stage: &mut Stage, event: &Event) -> Option<DraftId> {
        let run = self.run.as_mut().filter(|r| r.chars > 0)?;
        run.chars -= 1;
        run.last = run.last.max(event.time);
        let after_millis = run.offset(event.time);
        let draft = stage.outbox.get(run.draft)?;
        draft.attach(event);
        if let Action::Type { text, edits } = &mut draft.action {
            edits.push(Edit { after_millis, inserted: String::new(), deleted: 1 });
            if let Typed::Text(text) = text {
                text.pop();
            }
        }
        Some(run.draft)
    }

    /// The application says that characters appeared. When they are none of those that were typed, and
    /// the typed ones never appeared themselves, an input method committed them: they are the run's
    /// text, and the run ends.
    pub(crate) fn inserted(&mut self, stage: &mut Stage, inserted: &str, segment: u32) {
        let Some(run) = &mut self.run else { return };
        let Some(draft) = stage.outbox.get(run.draft) else { return };
        let Action::Type { text: Typed::Text(text), edits } = &mut draft.action else { return };
        let typed_last =
            edits.last().is_some_and(|e| !e.inserted.is_empty() && inserted.contains(&e.inserted));
        if typed_last || text.contains(inserted) {
            run.echoed = true;
        } else if !run.echoed
            && text.is_ascii()
            && inserted.chars().any(|c| !c.is_ascii() && c.is_alphabetic())
        {
            let (after_millis, deleted) = (run.offset(run.last), text.chars().count() as u32);
            edits.push(Edit { after_millis, inserted: inserted.to_owned(), deleted });
            inserted.clone_into(text);
            draft.segments.insert(segment);
            self.close(stage);
        }
    }

    /// Keyboard focus went to another element.
    pub(crate) fn focus_moved(&mut self, stage: &mut Stage, t: MonoNanos) {
        let Some(run) = &self.run else { return };
        if Stage::within(run.start, t, FOCUS_LATE_MILLIS) {
            let focus = stage.context.focus.as_ref().map(|(f, _)| f.clone());
            if let (Some(draft), Some(focus)) = (stage.outbox.get(run.draft), focus) {
                draft.acted_on((*focus.value).clone(), focus.segments);
            }
        } else {
            self.close(stage);
        }
    }

    pub(crate) fn expire(&mut self, stage: &mut Stage, now: MonoNanos) {
        let max = stage.settings.text_pause_millis_max;
        if self.run.as_ref().is_some_and(|r| !Stage::within(r.last, now, max)) {
            self.close(stage);
        }
    }

    pub(crate) fn close(&mut self, stage: &mut Stage) {
        let draft = self.run.take().and_then(|r| stage.outbox.get(r.draft));
        if let Some(draft) = draft {
            draft.open = false;
        }
    }
}

impl Run {
    /// From the run's start, in whole steps.
    fn offset(&self, t: MonoNanos) -> u64 {
        t.since(self.start) / NANOS_PER_MILLI / TEXT_STEP_MILLIS * TEXT_STEP_MILLIS
    }
}
