//! Rule 7: which popup opened, the items on the way, and the option chosen.

use std::collections::BTreeSet;

use overt_event::{AccessibleChange, AccessibleEvent, Element, MonoNanos, Node, Point, WindowId, WindowKind};

use crate::action::Action;
use crate::context::{Context, is_same};
use crate::draft::{Choice, Draft, DraftId};
use crate::entry::Entry;
use crate::stage::Stage;
use crate::step::Target;

/// A selection reported this soon after a press is the press's own.
const SELECTED_LATE_MILLIS: u64 = 500;
/// An item of a combo box that is selected this soon after a press on it was chosen by the press.
const CHOSEN_LATE_MILLIS: u64 = 3_000;
/// Popups that can be open at once; deeper nesting does not occur.
const OPENERS_MAX: usize = 32;

/// The popups that are open, outermost first, and the item selected last.
#[derive(Default)]
pub(crate) struct Popups {
    openers: Vec<Opener>,
    selected: Option<Selected>,
    /// The item selected last of those that can open a menu of their own, and the segment that tells it.
    holder: Option<(Node, u32)>,
    /// The last press, if no popup was open then.
    bare_press: Option<DraftId>,
}

/// What a record tells of a popup that opened.
pub(crate) struct Opening {
    pub(crate) window: Option<WindowId>,
    /// What the popup itself says that it is called.
    pub(crate) label: Option<String>,
    pub(crate) t: MonoNanos,
    pub(crate) segment: u32,
}

/// What a popup is called, and the segments that tell it.
struct Label {
    name: String,
    segments: Vec<u32>,
}

impl Label {
    fn of(name: Option<String>, segments: &[u32]) -> Option<Self> {
        Some(Self { name: name?, segments: segments.to_vec() })
    }
}

struct Opener {
    draft: DraftId,
    window: Option<WindowId>,
    label: Option<Label>,
    /// The segment that tells that it opened.
    opened_in: u32,
    /// It stays open only while the pointer is in it.
    by_hover: bool,
    /// A press chose from it.
    chosen_from: bool,
}

impl Opener {
    /// A page drew it, and hides it once the pointer has left; then nothing need tell that it closed.
    fn is_drawn(&self) -> bool {
        self.by_hover && self.window.is_none()
    }
}

struct Selected {
    node: Node,
    ancestors: Vec<Node>,
    segment: u32,
}

/// Whether the role is one of a menu's or list's items.
pub(crate) fn is_item(role: &str) -> bool {
    is_menu_item(role) || matches!(role, "list item" | "option" | "tree item")
}

pub(crate) fn is_menu_item(role: &str) -> bool {
    matches!(role, "menu item" | "check menu item" | "radio menu item")
}

/// Whether the role is one of a control that is pressed for what it does.
pub(crate) fn is_control(role: &str) -> bool {
    matches!(role, "push button" | "toggle button" | "check box" | "radio button" | "link")
}

/// Whether the role can hold items and gives a step of the path.
fn is_holder(role: &str) -> bool {
    matches!(role, "menu" | "menu item" | "combo box" | "popup menu")
}

fn named(name: &str) -> Option<String> {
    (!name.is_empty()).then(|| name.to_owned())
}

/// What a popup is called by what is in it. A list says only its toolkit's word for lists; it is the field's, which
/// names the popup already.
pub(crate) fn name_of_popup(node: &Node) -> Option<String> {
    named(&node.name).filter(|_| node.role != "list box")
}

impl Popups {
    /// A popup opened because of an action.
    pub(crate) fn opened(&mut self, stage: &mut Stage, draft: DraftId, opening: Opening) {
        let Opening { window, label, segment: opened_in, .. } = opening;
        let label = Label::of(label, &[opened_in]);
        let opened_by = stage.outbox.get(draft);
        let by_hover = opened_by.as_ref().is_some_and(|d| matches!(d.action, Action::Hover { .. }));
        let at = opened_by.as_ref().and_then(|d| d.action.at());
        let element =
            opened_by.and_then(|d| Label::of(named(&d.element.as_ref()?.element.node.name), &d.element_from));
        if let Some(opener) = self.openers.iter_mut().find(|o| o.draft == draft) {
            opener.window = opener.window.or(window);
            opener.label = label.or(opener.label.take()).or(element);
        } else if self.openers.len() < OPENERS_MAX {
            let label = label.or_else(|| self.holder_at(at)).or(element);
            self.openers.push(Opener { draft, window, label, opened_in, by_hover, chosen_from: false });
        }
    }

    /// The item of an open menu that opens another one. A look-up at its place finds what stands below the menu.
    fn holder_at(&self, at: Option<Point>) -> Option<Label> {
        let (holder, segment) = self.holder.as_ref().filter(|_| !self.openers.is_empty())?;
        at.is_none_or(|p| holder.bounds.contains(p)).then(|| Label::of(named(&holder.name), &[*segment]))?
    }

    /// The element of an action became known, from these segments.
    pub(crate) fn acted_on(&mut self, context: &Context, draft: &mut Draft, element: Target, from: Vec<u32>) {
        self.label(draft.id, &element.element, &from);
        draft.acted_on(element, from);
        self.found(context, draft);
    }

    /// It labels the popup it opened. What a menu within a menu is called is
    /// known better by the menus themselves.
    fn label(&mut self, draft: DraftId, element: &Element, from: &[u32]) {
        let opened = self.openers.iter_mut().enumerate().find(|(_, o)| o.draft == draft);
        if let Some((_, opener)) = opened.filter(|(i, o)| *i == 0 || o.label.is_none()) {
            opener.label = Label::of(named(&element.node.name), from).or(opener.label.take());
        }
    }

    pub(crate) fn window_closed(&mut self, window: WindowId) {
        self.openers.retain(|o| o.window != Some(window));
        self.forget_selection_when_closed();
    }

    /// A menu or list went away that has no window of its own.
    pub(crate) fn node_closed(&mut self, node: &Node) {
        let is_it = |label: &Label| label.name == node.name;
        self.openers.retain(|o| {
            o.window.is_some() || (!node.name.is_empty() && !o.label.as_ref().is_some_and(is_it))
        });
        self.forget_selection_when_closed();
    }

    fn forget_selection_when_closed(&mut self) {
        if self.openers.is_empty() {
            self.selected = None;
            self.holder = None;
        }
    }

    /// What is in a popup's window says its name: a menu, or controls.
    pub(crate) fn name(&mut self, window: WindowId, node: &Node, segment: u32) {
        let opener = self.openers.iter_mut().find(|o| o.window == Some(window));
        if let Some(opener) = opener {
            opener.label = Label::of(name_of_popup(node), &[segment]).or(opener.label.take());
        }
    }

    /// An item was selected, or another control of a popup's window got the focus. A choice that was just
    /// made without knowing of what learns it here.
    pub(crate) fn select(&mut self, stage: &mut Stage, entry: &Entry, event: &AccessibleEvent) {
        let (node, t, segment) = (&event.node, entry.record.time, entry.segment);
        if is_holder(&node.role) {
            self.holder = Some((node.clone(), segment));
        }
        let of_popup = is_control(&node.role) && stage.context.is_popup_at(node.bounds.center());
        if !is_item(&node.role) && !of_popup {
            return;
        }
        let selected = Selected { node: event.node.clone(), ancestors: event.ancestors.clone(), segment };
        if let Some(draft) = stage.outbox.drafts_mut().next()
            && Stage::within(draft.start, t, SELECTED_LATE_MILLIS)
            && !is_beside(draft, node)
            && let Some(choice) = draft.choice.as_mut().filter(|c| c.option.is_none())
        {
            choice.option = named(&selected.node.name);
            choice.segments.insert(segment);
        }
        self.chosen_unopened(stage, entry, event);
        self.selected = Some(selected);
    }

    /// An item was selected of the combo box that was just pressed, and no popup was told of: that is how a page tells of its lists
    /// whose popups nobody saw.
    fn chosen_unopened(&self, stage: &mut Stage, entry: &Entry, event: &AccessibleEvent) {
        if event.change != AccessibleChange::Selected || self.opened_in(&stage.context).is_some() {
            return;
        }
        let Some(draft) = stage.outbox.drafts_mut().next() else { return };
        let pressed = self.bare_press.is_some_and(|press| draft.owns(press))
            && draft.surroundings.app == entry.record.app
            && Stage::within(draft.end, entry.record.time, CHOSEN_LATE_MILLIS);
        let list = draft.element.as_ref().map(|t| &t.element.node).filter(|n| n.role == "combo box");
        let of_it = list.is_some_and(|list| event.ancestors.iter().any(|n| is_same(n, list)));
        if pressed && of_it && draft.choice.is_none() {
            draft.choice = Some(Choice {
                path: holders(&event.ancestors),
                option: named(&event.node.name),
                segments: BTreeSet::from([entry.segment]),
            });
        }
    }

    /// A press inside a popup, or on an item of an open one, chooses from it.
    pub(crate) fn pressed(&mut self, stage: &mut Stage, draft: DraftId, at: Point) {
        self.openers.retain(|o| !(o.is_drawn() && o.chosen_from));
        self.bare_press = self.opened_in(&stage.context).is_none().then_some(draft);
        let inside = stage.context.is_popup_at(at);
        let item = self.selected.as_ref().filter(|s| s.node.bounds.contains(at));
        if !inside && (self.openers.is_empty() || item.is_none()) {
            return;
        }
        let mut choice = self.choice(item);
        // The popup under the press is the window that it acts in.
        choice.segments.extend(self.openers.last().filter(|_| !inside).map(|o| o.opened_in));
        if let Some(d) = stage.outbox.get(draft) {
            d.choice = Some(choice);
        }
    }

    /// Return or space chooses the selected item of an open popup.
    pub(crate) fn key_pressed(&mut self, stage: &mut Stage, draft: DraftId) {
        let Some(opened_in) = self.opened_in(&stage.context) else { return };
        let Some(item) = &self.selected else { return };
        let mut choice = self.choice(Some(item));
        choice.segments.insert(opened_in);
        let Some(d) = stage.outbox.get(draft) else { return };
        let chooses = matches!(&d.action, Action::Key { keys, .. }
            if matches!(keys.as_slice(), [k] if matches!(k.as_str(), "Return" | "KP_Enter" | "space")));
        if chooses {
            d.choice = Some(choice);
        }
    }

    /// A menu's item is a choice also where the page draws it.
    fn found(&mut self, context: &Context, draft: &mut Draft) {
        let (Some(target), Action::Click { at, .. }) = (&draft.element, &draft.action) else { return };
        let node = &target.element.node;
        // A menu's item is one whatever is open.
        let item = self.opened_in(context).filter(|_| is_item(&node.role) && !is_menu_item(&node.role));
        // A page's own menu is made of links and buttons; one that opened by hover is open only
        // while the pointer is in it, so that is where the press was.
        let drawn = self.openers.iter().rfind(|o| o.is_drawn()).map(|o| o.opened_in);
        let entry = drawn.filter(|_| matches!(node.role.as_str(), "link" | "push button"));
        let opened_in = item.or(entry);
        let inside = draft.choice.is_some() && is_control(&node.role);
        if !node.bounds.contains(*at) || !(is_menu_item(&node.role) || opened_in.is_some() || inside) {
            return;
        }
        let begun = || Choice { segments: opened_in.into_iter().collect(), ..Choice::default() };
        let mut choice = draft.choice.take().unwrap_or_else(begun);
        if choice.path.is_empty() || choice.option.is_none() {
            choice.segments.extend(&draft.element_from);
        }
        if choice.path.is_empty() {
            choice.path = holders(&target.element.ancestors);
            self.lead_to(&mut choice, Some(draft.id));
        }
        choice.option = choice.option.or_else(|| named(&node.name));
        draft.choice = Some(choice);
        self.openers.iter_mut().for_each(|o| o.chosen_from = true);
    }

    /// The segment that tells of a popup that is open.
    fn opened_in(&self, context: &Context) -> Option<u32> {
        let window = || context.open_popup().map(|w| w.segments[0]);
        self.openers.last().map(|o| o.opened_in).or_else(window)
    }

    fn choice(&self, item: Option<&Selected>) -> Choice {
        let mut choice = item.map_or_else(Choice::default, |s| Choice {
            path: holders(&s.ancestors),
            option: named(&s.node.name),
            segments: BTreeSet::from([s.segment]),
        });
        self.lead_to(&mut choice, None);
        choice
    }

    /// Where the tree does not tell the path, the popups that are open do, but for the one that this action opened.
    fn lead_to(&self, choice: &mut Choice, but: Option<DraftId>) {
        if !choice.path.is_empty() {
            return;
        }
        let openers = self.openers.iter().filter(|o| Some(o.draft) != but);
        for label in openers.filter_map(|o| o.label.as_ref()) {
            choice.path.push(label.name.clone());
            choice.segments.extend(&label.segments);
        }
    }
}

/// Whether an item of the popup that was pressed is surely not the one under the press: the pointer on its way, or the menu
/// itself, selects others before and after. A menu tells where its items are; a list that closed may not any more.
fn is_beside(draft: &Draft, item: &Node) -> bool {
    let pressed = draft.action.at().zip(draft.surroundings.window.as_ref());
    pressed.filter(|(_, window)| window.value.kind == WindowKind::Popup).is_some_and(|(at, window)| {
        let placed = !item.bounds.is_empty() && window.value.bounds.covers(item.bounds);
        (placed || is_menu_item(&item.role)) && !item.bounds.contains(at)
    })
}

/// The names of the menus around an item, outermost first.
fn holders(ancestors: &[Node]) -> Vec<String> {
    let around = ancestors.iter().rev().filter(|n| is_holder(&n.role));
    let mut names: Vec<String> = around.filter_map(|n| named(&n.name)).collect();
    // A menu item and the menu that it opens often carry the same name.
    names.dedup();
    names
}
