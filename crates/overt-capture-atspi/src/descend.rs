//! From an application to the innermost object at a point.

use std::time::Instant;

use atspi::{Role, State};
use overt_event::{Point, Rect};

use crate::bus::{Bus, COMPONENT, CallError, each_until, until};
use crate::object::{Object, Wire};
use crate::see::{SCREEN, Seen};
use crate::spelling::holds_too_many;

/// Top-level windows of one application that are looked at.
const WINDOWS_MAX: usize = 64;
/// Steps from a window to the innermost object: the deepest measured tree had 23.
const DEPTH_MAX: usize = 64;
/// An object with more children is not entered.
const CHILDREN_MAX: usize = 500;

/// How a search for an object ended.
#[derive(Debug)]
pub(crate) enum Found<T> {
    Here(T),
    /// Everybody answered, and there is nothing.
    Nowhere,
    TimedOut,
}

impl Bus {
    /// The application's top-level windows.
    pub(crate) async fn windows(&self, root: &Object, deadline: Instant) -> Option<Vec<Seen>> {
        let mut windows = until(deadline, self.children(root)).await?.unwrap_or_default();
        windows.truncate(WINDOWS_MAX);
        Some(self.see_all(&windows, deadline).await)
    }

    /// The windows of all these applications, of which one is known to the display server at
    /// `asked`; and whether everybody answered.
    pub(crate) async fn windows_beside(
        &self,
        roots: &[Object],
        asked: Rect,
        deadline: Instant,
    ) -> (Vec<Seen>, bool) {
        let answers = each_until(deadline, roots.iter().map(|root| self.windows(root, deadline))).await;
        let all = answers.iter().all(|windows| matches!(windows, Some(Some(_))));
        let mut windows = Vec::new();
        for (root, answer) in roots.iter().zip(answers) {
            let mut of_app = answer.flatten().unwrap_or_default();
            self.scales.learn(&root.bus, of_app.iter_mut().map(|w| &mut w.bounds), asked);
            windows.append(&mut of_app);
        }
        (windows, all)
    }

    /// The child at the point as the object itself tells it; `None` when there is none or it does not know.
    async fn child_at(&self, object: &Object, at: Point) -> Result<Option<Object>, CallError> {
        let at = self.scales.logical(&object.bus, at);
        let wire: Wire = self.call(object, COMPONENT, "GetAccessibleAtPoint", &(at.x, at.y, SCREEN)).await?;
        Ok(Object::from_wire(wire))
    }

    /// Asks for the child at the point until there is none or it repeats itself.
    pub(crate) async fn descend(&self, from: Object, at: Point, deadline: Instant) -> Found<Object> {
        let mut path = vec![from];
        while path.len() < DEPTH_MAX {
            let here = &path[path.len() - 1];
            match until(deadline, self.child_at(here, at)).await {
                None => return Found::TimedOut,
                Some(Ok(Some(child))) if !path.contains(&child) => path.push(child),
                Some(Ok(_) | Err(CallError::Refused)) => break,
                Some(Err(CallError::Gone)) => return Found::Nowhere,
            }
        }
        path.pop().map_or(Found::Nowhere, Found::Here)
    }

    /// The object that was hit, or the nearest to it that can be seen: the options of a closed dropdown
    /// are hit and are not there, a page that was never asked before answers with itself, and so does a
    /// notebook of GTK.
    pub(crate) async fn settle(&self, object: Object, at: Point, deadline: Instant) -> Found<Seen> {
        let mut next = Some(object);
        for _ in 0..DEPTH_MAX {
            let Some(object) = next.take() else { break };
            match until(deadline, self.see(&object)).await {
                None => return Found::TimedOut,
                Some(Err(_)) => break,
                Some(Ok(seen)) if seen.states.on_screen() => {
                    return Found::Here(match seen.role {
                        Role::DocumentWeb => self.innermost_below(seen, at, deadline).await,
                        Role::PageTabList => self.in_a_page_of(seen, at, deadline).await,
                        _ => seen,
                    });
                }
                Some(Ok(seen)) => next = seen.parent,
            }
        }
        Found::Nowhere
    }

    /// The innermost object in one of a notebook's pages. With its tabs hidden the tabs are not on the
    /// screen, though what lies in them is.
    async fn in_a_page_of(&self, notebook: Seen, at: Point, deadline: Instant) -> Seen {
        let pages = until(deadline, self.children_up_to(&notebook.object, CHILDREN_MAX)).await.flatten();
        let pages = self.see_all(&pages.unwrap_or_default(), deadline).await;
        let below = self.visible_below(&pages, false, deadline).await;
        match below.into_iter().rev().find(|s| s.bounds.contains(at)) {
            Some(child) => self.innermost_below(child, at, deadline).await,
            None => notebook,
        }
    }

    /// From child to child by their bounds, the last of several, which is drawn on top.
    async fn innermost_below(&self, page: Seen, at: Point, deadline: Instant) -> Seen {
        let mut here = page;
        for _ in 0..DEPTH_MAX {
            let below = self.visible_below(std::slice::from_ref(&here), true, deadline).await;
            match below.into_iter().rev().find(|s| s.bounds.contains(at)) {
                Some(child) => here = child,
                None => break,
            }
        }
        here
    }

    /// The visible children of all of these, asked in two rounds.
    pub(crate) async fn visible_below(&self, level: &[Seen], in_page: bool, deadline: Instant) -> Vec<Seen> {
        let enter = level.iter().filter(|s| !holds_too_many(s.role, s.states, in_page));
        let questions = enter.map(|s| self.children_up_to(&s.object, CHILDREN_MAX));
        let children: Vec<Object> =
            each_until(deadline, questions).await.into_iter().flatten().flatten().flatten().collect();
        let mut seen = self.see_all(&children, deadline).await;
        seen.retain(|s| s.states.on_screen());
        seen
    }

    /// The innermost object at the point, in whichever of the process's windows fits best.
    pub(crate) async fn hit(
        &self,
        roots: &[Object],
        at: Point,
        window_bounds: Rect,
        deadline: Instant,
    ) -> Found<Seen> {
        let (windows, answered) = self.windows_beside(roots, window_bounds, deadline).await;
        for window in best_first(windows, at, window_bounds) {
            match self.hit_below(window.object, at, deadline).await {
                Found::Nowhere => {}
                found => return found,
            }
        }
        if answered && Instant::now() < deadline { Found::Nowhere } else { Found::TimedOut }
    }

    /// The innermost object at the point, from one object down.
    pub(crate) async fn hit_below(&self, top: Object, at: Point, deadline: Instant) -> Found<Seen> {
        match self.descend(top, at, deadline).await {
            Found::Here(object) => self.settle(object, at, deadline).await,
            Found::Nowhere => Found::Nowhere,
            Found::TimedOut => Found::TimedOut,
        }
    }
}

/// The windows on the screen that contain the point, the likeliest first: the one that shares most
/// with the window's bounds; of two alike, the active one.
fn best_first(windows: Vec<Seen>, at: Point, window_bounds: Rect) -> Vec<Seen> {
    let mut fitting: Vec<Seen> =
        windows.into_iter().filter(|w| w.states.has(State::Showing) && w.bounds.contains(at)).collect();
    fitting.sort_by_key(|w| {
        let shared = w.bounds.intersect(window_bounds).map_or(0, Rect::area);
        // What lies outside counts against it: a maximised window covers every smaller one.
        let outside = w.bounds.area() - shared;
        (outside - shared, !w.states.has(State::Active))
    });
    fitting
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spelling::States;

    fn window(path: &str, bounds: Rect, states: &[State]) -> Seen {
        Seen {
            object: Object::new(":1.1", path),
            role: Role::Frame,
            states: States(states.iter().fold(0, |bits, s| bits | *s as u64)),
            name: String::new(),
            bounds,
            parent: None,
        }
    }

    #[test]
    fn the_window_under_the_pointer_is_the_one_that_fits_its_bounds() {
        let big = Rect { x: 0, y: 0, w: 1000, h: 800 };
        let small = Rect { x: 100, y: 100, w: 300, h: 200 };
        let at = Point { x: 150, y: 150 };
        let check = |bounds, expected: &[&str]| {
            let windows = vec![
                window("/big", big, &[State::Showing]),
                window("/active", big, &[State::Showing, State::Active]),
                window("/small", small, &[State::Showing]),
                window("/hidden", small, &[]),
            ];
            let order: Vec<_> =
                best_first(windows, at, bounds).into_iter().map(|w| w.object.path.to_string()).collect();
            assert_eq!(order, expected);
        };
        check(big, &["/active", "/big", "/small"]);
        check(small, &["/small", "/active", "/big"]);
    }
}
