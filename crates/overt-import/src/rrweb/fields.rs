//! What is put into a page's fields, and which of them has the focus.

use overt_event::{AccessibleChange, AccessibleEvent, Element, FocusKind, FocusReport, MonoNanos, RawBody};
use overt_format::Unknown;
use overt_page::focus_kind;
use serde::Deserialize;

use super::Reading;
use super::page::{Page, PageNode};
use crate::error::ImportError;
use crate::key_codes::Key;

const UNTOLD: &str = "edits of which the keys are not told";

/// What rrweb tells of a field that changed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Input {
    id: i64,
    text: String,
    #[serde(default)]
    is_checked: bool,
    /// `false` where the page itself did it. Most sessions do not tell.
    user_triggered: Option<bool>,
}

/// How a person changes a field.
enum Kind {
    /// By keys.
    Written,
    Ticked,
    ChosenFrom,
    /// By a widget of the browser's own.
    Set,
    /// It is not known, or is no field of which rrweb tells.
    Unknown,
}

impl Kind {
    fn of(node: Option<&PageNode>) -> Self {
        let Some(node) = node else { return Self::Unknown };
        match (node.tag.as_str(), node.word("type").as_str()) {
            ("select", _) => Self::ChosenFrom,
            ("input", "checkbox" | "radio") => Self::Ticked,
            ("input", "color" | "date" | "datetime-local" | "file" | "month" | "range" | "time" | "week") => {
                Self::Set
            }
            ("input" | "textarea", _) => Self::Written,
            _ => Self::Unknown,
        }
    }
}

/// A field that does not show its text is a password field.
pub(super) fn see(page: &mut Page, input: &Input) {
    if is_masked(&input.text) {
        page.make_secret(input.id);
    }
}

impl Reading {
    pub(super) fn input(&mut self, at: MonoNanos, input: Input) -> Result<(), ImportError> {
        let kind = match self.page.is_secret(input.id) {
            true => Kind::Written,
            false => Kind::of(self.page.node(input.id)),
        };
        match kind {
            Kind::Ticked => self.ticked(at, &input),
            Kind::ChosenFrom => self.chosen(at, &input),
            Kind::Written | Kind::Unknown => self.written(at, &input, matches!(kind, Kind::Unknown)),
            Kind::Set => self.drop_one(UNTOLD),
        }
    }

    /// Characters at the end of what was there were typed or put in; anything else may have come by
    /// any key.
    fn written(&mut self, at: MonoNanos, input: &Input, unsure: bool) -> Result<(), ImportError> {
        let before = self.held(input);
        let more = input.text.strip_prefix(before.as_str()).filter(|more| !more.is_empty());
        match more {
            _ if input.user_triggered == Some(false) => self.drop_one("text that the page itself put in"),
            None => self.drop_one(UNTOLD),
            Some(more) => {
                self.focused(at, input.id)?;
                // A node that rrweb never tells input of is surely not the one that had the focus.
                if unsure && !self.page.is_secret(input.id) {
                    self.focus_is(at, FocusKind::Unknown)?;
                }
                self.typed(at, more)
            }
        }
    }

    /// What the field held until then, which is forgotten for what it holds now.
    fn held(&mut self, input: &Input) -> String {
        let shown = || self.page.value(input.id).unwrap_or_default();
        let before = self.fields.get(&input.id).cloned().unwrap_or_else(shown);
        self.fields.insert(input.id, input.text.clone());
        before
    }

    fn typed(&mut self, at: MonoNanos, text: &str) -> Result<(), ImportError> {
        let key = Key { name: String::new(), text: Some(text.to_owned()) };
        for down in [true, false] {
            let body = self.keyboard.event("text", key.clone(), down);
            self.telling.tell(at, body)?;
        }
        Ok(())
    }

    /// Of radio buttons rrweb tells the others of a group, too, whether they were ticked or not.
    fn ticked(&mut self, at: MonoNanos, input: &Input) -> Result<(), ImportError> {
        if self.page.is_ticked(input.id) == input.is_checked {
            return self.drop_one("boxes that stayed as they were");
        }
        self.page.tick(input.id, input.is_checked);
        let change = AccessibleChange::Checked(input.is_checked);
        self.page.told(input.id).map_or(Ok(()), |element| self.happened(at, change, element))
    }

    fn chosen(&mut self, at: MonoNanos, input: &Input) -> Result<(), ImportError> {
        let before = self.held(input);
        match self.page.option(input.id, &input.text).and_then(|option| self.page.told(option)) {
            _ if before == input.text => self.drop_one("lists that stayed as they were"),
            Some(option) => self.happened(at, AccessibleChange::Selected, with_state(option, "selected")),
            None => self.drop_one("choices that no option says"),
        }
    }

    fn happened(
        &mut self,
        at: MonoNanos,
        change: AccessibleChange,
        element: Element,
    ) -> Result<(), ImportError> {
        let Element { node, ancestors, .. } = element;
        let event = AccessibleEvent { change, node, ancestors };
        self.telling.tell(at, RawBody::Accessible { pid: 0, event })
    }

    /// What has the focus is said before each text: where events are told out of order, another field's may come
    /// between.
    pub(super) fn focused(&mut self, at: MonoNanos, id: i64) -> Result<(), ImportError> {
        let (element, is_secret) = (self.page.told(id), self.page.is_secret(id));
        self.focus_is(at, kind_of_focus(is_secret, element.as_ref()))?;
        if self.focus.replace((id, is_secret)) == Some((id, is_secret)) {
            return Ok(());
        }
        let element = element.map(|element| with_state(element, "focused"));
        element.map_or(Ok(()), |element| self.happened(at, AccessibleChange::Focused, element))
    }

    /// The page has the focus then, until one of its fields gets it.
    pub(super) fn blurred(&mut self, at: MonoNanos, id: i64) -> Result<(), ImportError> {
        let is_body = |id: &i64| self.page.node(*id).is_some_and(|node| node.tag == "body");
        let body = self.page.above(id).find(is_body);
        body.map_or(Ok(()), |body| self.focused(at, body))
    }

    fn focus_is(&mut self, at: MonoNanos, kind: FocusKind) -> Result<(), ImportError> {
        if kind == FocusKind::Unknown {
            self.telling.unknown.insert(Unknown::Focus);
        }
        self.telling.tell(at, RawBody::Focus(FocusReport { kind, pid: 0, asked_at: at, since: at }))
    }
}

impl Page {
    /// What a field held when it was told.
    fn value(&self, id: i64) -> Option<String> {
        let node = self.node(id)?;
        let value = node.attribute("value").map(str::to_owned);
        let of_child = || self.node(*node.children.first()?)?.text.clone();
        value.or_else(|| of_child().filter(|_| node.tag == "textarea"))
    }

    fn is_ticked(&self, id: i64) -> bool {
        self.node(id).is_some_and(|node| node.attribute("checked").is_some())
    }
}

fn kind_of_focus(is_secret: bool, element: Option<&Element>) -> FocusKind {
    match element {
        _ if is_secret => FocusKind::Password,
        Some(element) => focus_kind(element),
        None => FocusKind::Unknown,
    }
}

/// A field whose text is only what stands for characters does not show them.
fn is_masked(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| matches!(c, '*' | '\u{2022}' | '\u{25cf}'))
}

fn with_state(mut element: Element, state: &str) -> Element {
    let states = &mut element.node.states;
    states.push(state.to_owned());
    states.sort_unstable();
    states.dedup();
    element
}
