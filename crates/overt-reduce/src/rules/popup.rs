//! Rule 7: which popup opened, the items on the way, and the option chosen.

use overt_event::{AccessibleEvent, Element, MonoNanos, Node, Point, WindowId, WindowKind};

use crate::action::{Action, Intent};
use crate::context::Context;
use crate::draft::{Choice, Draft, DraftId};
use crate::stage::Stage;
use crate::step::Target;

/// A selection reported this soon after a press is the press's own.
const SELECTED_LATE_MILLIS: u64 = 500;
/// Popups that can be open at once; deeper nesting does not occur.
const OPENERS_MAX: usize = 32;

/// The popups that are open, outermost first, and the item selected last.
#[derive(Default)]
pub(crate) struct Popups {
    openers: Vec<Opener>,
    selected: Option<Selected>,
    /// The item selected last of those that can open a menu of their own.
    holder: Option<Node>,
}

struct Opener {
    draft: DraftId,
    window: Option<WindowId>,
    label: Option<String>,
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
    /// A popup opened because of an action. `label`: what the popup itself says that it is called.
    pub(crate) fn opened(
        &mut self,
        stage: &mut Stage,
        draft: DraftId,
        window: Option<WindowId>,
        label: Option<String>,
    ) {
        let opened_by = stage.outbox.get(draft);
        let by_hover = opened_by.as_ref().is_some_and(|d| matches!(d.action, Action::Hover { .. }));
        let at = opened_by.as_ref().and_then(|d| d.action.at());
        let element = opened_by.and_then(|d| d.element.as_ref()).and_then(|t| named(&t.element.node.name));
        if let Some(opener) = self.openers.iter_mut().find(|o| o.draft == draft) {
            opener.window = opener.window.or(window);
            opener.label = label.or(opener.label.take()).or(element);
        } else if self.openers.len() < OPENERS_MAX {
            let label = label.or_else(|| self.holder_at(at)).or(element);
            self.openers.push(Opener { draft, window, label, by_hover, chosen_from: false });
        }
    }

    /// The item of an open menu that opens another one. A look-up at its place finds what stands below the menu.
    fn holder_at(&self, at: Option<Point>) -> Option<String> {
        let holder = self.holder.as_ref().filter(|_| !self.openers.is_empty())?;
        at.is_none_or(|p| holder.bounds.contains(p)).then(|| named(&holder.name))?
    }

    /// The element of an action became known.
    pub(crate) fn acted_on(&mut self, context: &Context, draft: &mut Draft, element: Target, segment: u32) {
        self.label(draft.id, &element.element);
        draft.element = Some(element);
        draft.segments.insert(segment);
        self.found(context, draft);
    }

    /// It labels the popup it opened. What a menu within a menu is called is
    /// known better by the menus themselves.
    fn label(&mut self, draft: DraftId, element: &Element) {
        let opened = self.openers.iter_mut().enumerate().find(|(_, o)| o.draft == draft);
        if let Some((_, opener)) = opened.filter(|(i, o)| *i == 0 || o.label.is_none()) {
            opener.label = named(&element.node.name).or(opener.label.take());
        }
    }

    pub(crate) fn window_closed(&mut self, window: WindowId) {
        self.openers.retain(|o| o.window != Some(window));
        self.forget_selection_when_closed();
    }

    /// A menu or list went away that has no window of its own.
    pub(crate) fn node_closed(&mut self, node: &Node) {
        let name = named(&node.name);
        self.openers.retain(|o| o.window.is_some() || (o.label != name && name.is_some()));
        self.forget_selection_when_closed();
    }

    fn forget_selection_when_closed(&mut self) {
        if self.openers.is_empty() {
            self.selected = None;
            self.holder = None;
        }
    }

    /// What is in a popup's window says its name: a menu, or controls.
    pub(crate) fn name(&mut self, window: WindowId, node: &Node) {
        let opener = self.openers.iter_mut().find(|o| o.window == Some(window));
        if let Some(opener) = opener {
            opener.label = name_of_popup(node).or(opener.label.take());
        }
    }

    /// An item was selected, or another control of a popup's window got the focus. A choice that was just
    /// made without knowing of what learns it here.
    pub(crate) fn select(&mut self, stage: &mut Stage, event: &AccessibleEvent, t: MonoNanos) {
        let node = &event.node;
        if is_holder(&node.role) {
            self.holder = Some(node.clone());
        }
        let of_popup = is_control(&node.role) && stage.context.is_popup_at(node.bounds.center());
        if !is_item(&node.role) && !of_popup {
            return;
        }
        let selected = Selected { node: event.node.clone(), ancestors: event.ancestors.clone() };
        if let Some(draft) = stage.outbox.drafts_mut().next()
            && Stage::within(draft.start, t, SELECTED_LATE_MILLIS)
            && !is_beside(draft, node)
            && let Some(choice) = draft.choice.as_mut().filter(|c| c.option.is_none())
        {
            choice.option = named(&selected.node.name);
        }
        self.selected = Some(selected);
    }

    /// A press inside a popup, or on an item of an open one, chooses from it.
    pub(crate) fn pressed(&mut self, stage: &mut Stage, draft: DraftId, at: Point) {
        self.openers.retain(|o| !(o.is_drawn() && o.chosen_from));
        let inside = stage.context.is_popup_at(at);
        let item = self.selected.as_ref().filter(|s| s.node.bounds.contains(at));
        if !inside && (self.openers.is_empty() || item.is_none()) {
            return;
        }
        let choice = Choice { path: self.path(item), option: item.and_then(|s| named(&s.node.name)) };
        if let Some(d) = stage.outbox.get(draft) {
            d.choice = Some(choice);
        }
    }

    /// Return or space chooses the selected item of an open popup.
    pub(crate) fn key_pressed(&mut self, stage: &mut Stage, draft: DraftId) {
        if self.openers.is_empty() && !stage.context.popup_is_open() {
            return;
        }
        let Some(item) = &self.selected else { return };
        let choice = Choice { path: self.path(Some(item)), option: named(&item.node.name) };
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
        let open = !self.openers.is_empty() || context.popup_is_open();
        let item = is_menu_item(&node.role) || (open && is_item(&node.role));
        // A page's own menu is made of links and buttons; one that opened by hover is open only
        // while the pointer is in it, so that is where the press was.
        let drawn = self.openers.iter().any(Opener::is_drawn);
        let entry = drawn && matches!(node.role.as_str(), "link" | "push button");
        let inside = draft.choice.is_some() && is_control(&node.role);
        if !node.bounds.contains(*at) || !(item || entry || inside) {
            return;
        }
        let mut path = holders(&target.element.ancestors);
        if path.is_empty() {
            path = self.labels(draft.id);
        }
        self.openers.iter_mut().for_each(|o| o.chosen_from = true);
        let known = draft.choice.take().unwrap_or_default();
        draft.choice = Some(Choice {
            path: if known.path.is_empty() { path } else { known.path },
            option: known.option.or_else(|| named(&node.name)),
        });
    }

    fn path(&self, item: Option<&Selected>) -> Vec<String> {
        let path = item.map(|s| holders(&s.ancestors)).unwrap_or_default();
        if path.is_empty() { self.openers.iter().filter_map(|o| o.label.clone()).collect() } else { path }
    }

    fn labels(&self, but: DraftId) -> Vec<String> {
        self.openers.iter().filter(|o| o.draft != but).filter_map(|o| o.label.clone()).collect()
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

/// What a finished action chose, unless it only opened the next popup.
pub(crate) fn choice_of(draft: &Draft) -> Option<Intent> {
    let choice = draft.choice.clone().filter(|_| !draft.opens_popup())?;
    Some(Intent::ChoosesFromPopup { path: choice.path, option: choice.option })
}
