//! Which menus and lists an application has open.
//!
//! No toolkit says that a menu opened or closed. Chromium and LibreOffice say that its window became active,
//! GTK only what was chosen in it. What was chosen and can be seen is in an open menu; when it is no longer
//! to be seen, the menu was dismissed. A page says `expanded` itself.

use std::collections::VecDeque;

use atspi::{Role, State};
use overt_event::{AccessibleChange, AccessibleEvent};

use crate::object::Object;
use crate::see::Seen;

/// Deeper menus are not followed.
const OPEN_MAX: usize = 16;

/// A menu or list that is open.
pub(crate) struct Unfolded {
    pub(crate) pid: u32,
    /// The menu itself.
    pub(crate) container: Object,
    /// Chromium makes a nameless panel of a menu that it closes, before it takes that away.
    role: Role,
    /// Something in it that was seen: it goes when the menu goes.
    witness: Object,
    event: AccessibleEvent,
}

impl Unfolded {
    /// That it opened.
    pub(crate) fn opened(&self) -> AccessibleEvent {
        self.event.clone()
    }

    /// That it was dismissed, with what it looked like when it opened.
    pub(crate) fn dismissed(self) -> AccessibleEvent {
        AccessibleEvent { change: AccessibleChange::PoppedUp(false), ..self.event }
    }
}

/// What tells whether a menu is still open.
pub(crate) struct Witness {
    pub(crate) container: Object,
    pub(crate) role: Role,
    pub(crate) object: Object,
}

/// The open menus of all applications, outermost first.
#[derive(Default)]
pub(crate) struct OpenPopups {
    open: VecDeque<Unfolded>,
}

impl OpenPopups {
    /// Takes in what was chosen or focused and returns what must have opened for that, outermost first.
    ///
    /// Order: the first is what was chosen, the others its ancestors.
    pub(crate) fn chosen(&mut self, pid: u32, innermost_first: &[&Seen]) -> Vec<AccessibleEvent> {
        let mut opened = Vec::new();
        for place in popups_around(innermost_first).into_iter().rev() {
            let (container, role) = (innermost_first[place].object.clone(), innermost_first[place].role);
            let witness = innermost_first[place.saturating_sub(1)].object.clone();
            if let Some(known) = self.open.iter_mut().find(|o| o.container == container) {
                known.witness = witness;
                continue;
            }
            let event =
                crate::change::event_from_chain(AccessibleChange::PoppedUp(true), &innermost_first[place..]);
            let unfolded = Unfolded { pid, container, role, witness, event };
            opened.push(unfolded.opened());
            if self.open.len() >= OPEN_MAX {
                self.open.pop_front();
            }
            self.open.push_back(unfolded);
        }
        opened
    }

    /// What must still be seen for the application's menus to be open.
    pub(crate) fn witnesses(&self, pid: u32) -> Vec<Witness> {
        let of_app = self.open.iter().filter(|o| o.pid == pid);
        of_app
            .map(|o| Witness { container: o.container.clone(), role: o.role, object: o.witness.clone() })
            .collect()
    }

    /// These are gone; what is to be told of it, innermost first.
    pub(crate) fn dismiss(&mut self, containers: &[Object]) -> Vec<AccessibleEvent> {
        let (gone, open) = self.open.drain(..).partition(|o| containers.contains(&o.container));
        self.open = open;
        let gone: VecDeque<Unfolded> = gone;
        gone.into_iter().rev().map(Unfolded::dismissed).collect()
    }

    pub(crate) fn forget(&mut self) {
        self.open.clear();
    }
}

/// A window of its own for a menu or a list. Chromium calls it a frame like any other, without a name.
pub(crate) fn is_popup_window(seen: &Seen) -> bool {
    seen.role == Role::Window || (seen.role == Role::Frame && seen.name.is_empty())
}

/// A menu, or the list that Chromium opens below a field.
pub(crate) fn is_popup(seen: &Seen) -> bool {
    is_menu(seen) || (seen.role == Role::ListBox && seen.states.has(State::Expanded))
}

fn is_menu(seen: &Seen) -> bool {
    matches!(seen.role, Role::Menu | Role::PopupMenu)
}

/// Where in the chain the open menus are: those around the chosen item, a context menu itself, a list in
/// a popup's window, or that window.
fn popups_around(chain: &[&Seen]) -> Vec<usize> {
    let visible = chain.first().is_some_and(|chosen| chosen.states.on_screen());
    if !visible || chain.iter().any(|seen| seen.role == Role::DocumentWeb) {
        return Vec::new();
    }
    let last = chain.len() - 1;
    let in_window = is_popup_window(chain[last]);
    // A menu in a menu or a bar is one of its items, and may be chosen without being open.
    let is_item = chain.get(1).is_some_and(|around| is_menu(around) || around.role == Role::MenuBar);
    let is_open = |place: usize| match place {
        0 => is_popup(chain[0]) && in_window && !is_item,
        _ => is_menu(chain[place]) || (is_popup(chain[place]) && in_window),
    };
    let open: Vec<usize> = (0..chain.len()).filter(|place| is_open(*place)).collect();
    if open.is_empty() && chain[last].role == Role::Window { vec![last] } else { open }
}

#[cfg(test)]
mod tests {
    use overt_event::Rect;

    use super::*;
    use crate::spelling::States;

    fn seen(role: Role, path: &str) -> Seen {
        Seen {
            object: Object::new(":1.1", path),
            role,
            states: States(State::Showing as u64 | State::Visible as u64),
            name: path.to_owned(),
            bounds: Rect::default(),
            parent: None,
        }
    }

    fn chosen(popups: &mut OpenPopups, chain: &[Seen]) -> Vec<String> {
        let chain: Vec<&Seen> = chain.iter().collect();
        popups.chosen(7, &chain).into_iter().map(|event| event.node.name).collect()
    }

    #[test]
    fn a_menu_opens_with_its_first_item_and_a_menu_in_it_after_it() {
        let mut popups = OpenPopups::default();
        let (bar, file) = (seen(Role::MenuBar, "bar"), seen(Role::Menu, "file"));
        let (recent, item) = (seen(Role::Menu, "recent"), seen(Role::MenuItem, "item"));
        assert!(chosen(&mut popups, &[file.clone(), bar.clone()]).is_empty(), "only marked in the bar");
        assert_eq!(chosen(&mut popups, &[recent.clone(), file.clone(), bar.clone()]), ["file"]);
        assert_eq!(chosen(&mut popups, &[item, recent.clone(), file.clone(), bar]), ["recent"]);
        assert_eq!(popups.witnesses(7).len(), 2);
        assert!(popups.witnesses(8).is_empty());
        let gone = popups.dismiss(&[file.object, recent.object]);
        let names: Vec<_> = gone.iter().map(|event| event.node.name.as_str()).collect();
        assert_eq!(names, ["recent", "file"]);
        assert!(gone.iter().all(|event| event.change == AccessibleChange::PoppedUp(false)));
    }

    #[test]
    fn a_context_menu_and_a_list_in_a_window_open_and_a_page_and_the_unseen_do_not() {
        let check = |chain: &[Seen], expected: &[&str]| {
            assert_eq!(chosen(&mut OpenPopups::default(), chain), expected);
        };
        let window = seen(Role::Window, "window");
        check(&[seen(Role::Menu, "context"), window.clone()], &["context"]);
        check(&[seen(Role::TableCell, "cell"), seen(Role::Table, "list"), window.clone()], &["window"]);
        check(
            &[seen(Role::MenuItem, "item"), seen(Role::Menu, "menu"), seen(Role::DocumentWeb, "page")],
            &[],
        );
        check(&[seen(Role::Entry, "entry"), seen(Role::Frame, "frame")], &[]);
        check(std::slice::from_ref(&window), &["window"]);
        let hidden = Seen { states: States::default(), ..seen(Role::MenuItem, "hidden") };
        check(&[hidden, seen(Role::Menu, "menu")], &[]);
    }

    #[test]
    fn the_menus_and_lists_of_chromium_open_in_frames_without_a_name() {
        let check = |chain: &[Seen], expected: &[&str]| {
            assert_eq!(chosen(&mut OpenPopups::default(), chain), expected);
        };
        let (frame, titled) = (seen(Role::Frame, ""), seen(Role::Frame, "Form"));
        let (panel, bar) = (seen(Role::Panel, "panel"), seen(Role::MenuBar, "bar"));
        let (menu, item) = (seen(Role::Menu, "menu"), seen(Role::MenuItem, "item"));
        check(&[menu.clone(), panel.clone(), bar.clone(), frame.clone()], &["menu"]);
        check(&[item, menu.clone(), panel.clone(), bar.clone(), frame.clone()], &["menu"]);
        check(&[menu, bar, frame.clone()], &[]);
        let mut list = seen(Role::ListBox, "list");
        let row = seen(Role::ListItem, "row");
        check(&[row.clone(), list.clone(), frame.clone()], &[]);
        list.states.0 |= State::Expanded as u64;
        check(&[row.clone(), list.clone(), frame], &["list"]);
        check(&[row, list, titled], &[]);
    }

    #[test]
    fn memory_stays_bounded() {
        let mut popups = OpenPopups::default();
        for i in 0..100 {
            chosen(&mut popups, &[seen(Role::MenuItem, "item"), seen(Role::Menu, &format!("menu {i}"))]);
        }
        assert_eq!(popups.open.len(), OPEN_MAX);
    }
}
