//! The visible tree of a window that must be asked object by object.

use std::collections::VecDeque;
use std::pin::pin;
use std::time::Instant;

use async_io::Timer;
use atspi::{Role, State};
use futures_util::future::{Either, join5, select};
use futures_util::stream::{FuturesUnordered, StreamExt};
use overt_event::Rect;

use super::items::misfit;
use super::tree::{Cutting, Twig, nodes_from_twigs};
use crate::bus::Bus;
use crate::config::SnapshotRequest;
use crate::object::Object;
use crate::office::{drop_below, lowered};
use crate::page::is_misplaced;
use crate::shared::Shared;
use crate::spelling::{States, holds_too_many};

/// An object with more children is not entered.
const CHILDREN_MAX: usize = 500;
/// Objects asked at once: each takes one to six calls.
const ASKED_AT_ONCE: usize = 200;

/// An object to be asked, and where it hangs.
struct Bud {
    object: Object,
    parent: Option<usize>,
    /// Its place among its siblings, from the top down: the order of a reader.
    path: Vec<u32>,
    /// It lies in a web page.
    in_page: bool,
    /// The role and the place of its parent.
    below: Role,
    view: Rect,
    /// How far above its place it says to stand.
    drop: i32,
}

/// An object that answered.
struct Leaf {
    twig: Twig,
    path: Vec<u32>,
    children: Vec<Object>,
    in_page: bool,
    drop: i32,
    /// A page whose places cannot be believed; it was not entered.
    misplaced: bool,
    /// It is itself a page on the screen that lies in no other.
    page: Option<Object>,
}

/// What an object says to hold.
enum Holding {
    Children(Vec<Object>),
    Count(usize),
}

impl Bus {
    /// All of an object; `None` for what does not answer, and for what is hidden outside a page.
    ///
    /// Of the objects outside pages a third to a half are hidden (a browser's bubbles, LibreOffice's buttons that
    /// do not fit; 2026-11-22). Their states are asked for first, and nothing else is. A page lists what it has
    /// laid out, which is nearly always on the screen: everything is asked in one round.
    async fn grow(&self, bud: Bud, window: Rect) -> Option<Leaf> {
        let object = &bud.object;
        let known = if bud.in_page { None } else { Some(self.shown_states(object).await?) };
        let states = async {
            match known {
                Some(states) => Ok(states),
                None => self.states(object).await,
            }
        };
        let (role, states, name, bounds, holding) =
            join5(self.role(object), states, self.name(object), self.extents(object), self.holding(&bud))
                .await;
        let (role, states) = (role.ok()?, states.ok()?);
        let said = bounds.unwrap_or_default();
        let drop = drop_below(role, said, bud.view, bud.drop);
        let bounds = lowered(said, drop);
        let in_page = bud.in_page || role == Role::DocumentWeb;
        let is_page = in_page && !bud.in_page;
        let misplaced = is_page && is_misplaced(bounds, bud.view);
        let page = (is_page && states.on_screen()).then(|| object.clone());
        let closed = holds_too_many(role, states, in_page)
            || (!in_page && is_closed_menu(role, states, bud.below, said));
        let enter = !misplaced && !closed && may_hold_visible(states, bounds, window);
        let children = if enter { self.held(object, holding).await } else { Vec::new() };
        let bounds = if misplaced { Rect::default() } else { bounds };
        let twig = Twig { role, states, name: name.unwrap_or_default(), bounds, parent: bud.parent };
        Some(Leaf { twig, path: bud.path, children, in_page, drop, misplaced, page })
    }

    async fn shown_states(&self, object: &Object) -> Option<States> {
        self.states(object).await.ok().filter(|states| states.on_screen())
    }

    /// Within a page the children may be asked for before their number is known, which saves a round.
    async fn holding(&self, bud: &Bud) -> Holding {
        if bud.in_page {
            Holding::Children(self.children(&bud.object).await.unwrap_or_default())
        } else {
            Holding::Count(self.child_count(&bud.object).await.unwrap_or(0))
        }
    }

    async fn held(&self, object: &Object, holding: Holding) -> Vec<Object> {
        let children = match holding {
            Holding::Children(children) => children,
            Holding::Count(1..=CHILDREN_MAX) => self.children(object).await.unwrap_or_default(),
            Holding::Count(_) => Vec::new(),
        };
        if children.len() > CHILDREN_MAX { Vec::new() } else { children }
    }
}

/// What has no size of its own may still hold something that has.
fn may_hold_visible(states: States, bounds: Rect, window: Rect) -> bool {
    states.on_screen() && (bounds.is_empty() || bounds.intersect(window).is_some())
}

/// The items of a closed menu are listed by GTK and are not on the screen; nor are the menus of a bar
/// without a place, which LibreOffice keeps beside the one that it shows. A page lists the menus that it shows.
fn is_closed_menu(role: Role, states: States, below: Role, bounds: Rect) -> bool {
    let of_menu = matches!(below, Role::MenuBar | Role::Menu);
    let open = states.has(State::Selected) || states.has(State::Expanded);
    (role == Role::Menu && of_menu && !open) || (role == Role::MenuBar && bounds.is_empty())
}

/// Objects in the order in which they answered, parents before children.
struct Growth {
    leaves: Vec<(Twig, Vec<u32>)>,
    /// The first page that answered.
    page: Option<Object>,
    cut: bool,
}

impl Shared {
    /// `None` when the application shows no window there.
    pub(super) async fn snapshot_by_walk(
        &self,
        roots: &[Object],
        request: &SnapshotRequest,
        deadline: Instant,
    ) -> Option<Cutting> {
        let (windows, _) = self.bus.windows_beside(roots, request.window_bounds, deadline).await;
        let window = windows
            .into_iter()
            .filter(|w| w.states.on_screen() && w.bounds.intersect(request.window_bounds).is_some())
            .min_by_key(|w| misfit(w.bounds, request.window_bounds))?;
        let growth = self.grow_all(window.object, request.window_bounds, deadline).await;
        if let Some(page) = &growth.page {
            self.note_page(request.pid, page, deadline).await;
        }
        let twigs = in_reading_order(growth.leaves);
        let mut cutting = nodes_from_twigs(twigs, request.window_bounds, self.config.snapshot_nodes_max);
        cutting.cut |= growth.cut;
        Some(cutting)
    }

    /// Asks for each object as soon as its parent named it, so that the line is never idle.
    async fn grow_all(&self, top: Object, window: Rect, deadline: Instant) -> Growth {
        let asked_max = self.config.snapshot_nodes_max.saturating_mul(2);
        let mut growth = Growth { leaves: Vec::new(), page: None, cut: false };
        let (below, view) = (Role::Application, Rect::default());
        let top = Bud { object: top, parent: None, path: vec![0], in_page: false, below, view, drop: 0 };
        let mut buds = VecDeque::from([top]);
        let mut growing = FuturesUnordered::new();
        let mut asked = 0;
        let mut timer = pin!(Timer::at(deadline));
        loop {
            while growing.len() < ASKED_AT_ONCE && asked < asked_max {
                let Some(bud) = buds.pop_front() else { break };
                growing.push(self.bus.grow(bud, window));
                asked += 1;
            }
            match select(growing.next(), &mut timer).await {
                Either::Left((Some(Some(leaf)), _)) => growth.add(leaf, &mut buds),
                Either::Left((Some(None), _)) => {}
                Either::Left((None, _)) => {
                    growth.cut |= !buds.is_empty();
                    return growth;
                }
                Either::Right(_) => {
                    growth.cut = true;
                    return growth;
                }
            }
        }
    }
}

impl Growth {
    fn add(&mut self, leaf: Leaf, buds: &mut VecDeque<Bud>) {
        let (parent, view) = (Some(self.leaves.len()), leaf.twig.bounds);
        self.cut |= leaf.misplaced;
        if self.page.is_none() {
            self.page = leaf.page;
        }
        buds.extend(leaf.children.into_iter().zip(0..).map(|(object, place)| {
            let path = leaf.path.iter().copied().chain([place]).collect();
            Bud { object, parent, path, in_page: leaf.in_page, below: leaf.twig.role, view, drop: leaf.drop }
        }));
        self.leaves.push((leaf.twig, leaf.path));
    }
}

/// Sorted by path: a parent's path is the beginning of its children's, so it comes first.
fn in_reading_order(leaves: Vec<(Twig, Vec<u32>)>) -> Vec<Twig> {
    let mut order: Vec<usize> = (0..leaves.len()).collect();
    order.sort_by(|a, b| leaves[*a].1.cmp(&leaves[*b].1));
    let mut place = vec![0; leaves.len()];
    for (new, old) in order.iter().enumerate() {
        place[*old] = new;
    }
    let mut twigs: Vec<Option<Twig>> = leaves.into_iter().map(|(twig, _)| Some(twig)).collect();
    order
        .into_iter()
        .filter_map(|old| twigs[old].take())
        .map(|twig| Twig { parent: twig.parent.map(|p| place[p]), ..twig })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_in_any_order_end_in_the_order_of_a_reader() {
        let leaf = |name: &str, parent: Option<usize>, path: &[u32]| {
            let twig = Twig {
                role: Role::Panel,
                states: States::default(),
                name: name.to_owned(),
                bounds: Rect::default(),
                parent,
            };
            (twig, path.to_vec())
        };
        let leaves = vec![
            leaf("top", None, &[0]),
            leaf("second", Some(0), &[0, 1]),
            leaf("first", Some(0), &[0, 0]),
            leaf("below second", Some(1), &[0, 1, 0]),
            leaf("below first", Some(2), &[0, 0, 0]),
        ];
        let got: Vec<_> = in_reading_order(leaves).into_iter().map(|t| (t.name, t.parent)).collect();
        let expected = [
            ("top", None),
            ("first", Some(0)),
            ("below first", Some(1)),
            ("second", Some(0)),
            ("below second", Some(3)),
        ];
        assert_eq!(got, expected.map(|(n, p)| (n.to_owned(), p)));
    }
}
