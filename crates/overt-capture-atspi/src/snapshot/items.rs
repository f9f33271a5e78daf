//! The whole tree of an application in one answer, as GTK gives it, and then the places of what shows.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use atspi::Role;
use overt_event::Rect;

use super::tree::{Cutting, Twig, nodes_from_twigs};
use crate::bus::{Bus, each_until};
use crate::config::SnapshotRequest;
use crate::object::{Object, Wire};
use crate::shared::Shared;
use crate::spelling::{States, holds_too_many, role_from_number, trim_name};

const CACHE: &str = "org.a11y.atspi.Cache";

/// As it travels: object, application, parent, index in parent, child count, interfaces, name, role,
/// description, states. Older toolkits send another shape and are walked instead.
type WireItem = (Wire, Wire, Wire, i32, i32, Vec<String>, String, u32, String, Vec<u32>);

/// One object of the application's own cache. It has no place.
pub(crate) struct Item {
    pub(crate) object: Object,
    parent: Option<Object>,
    index: i32,
    pub(crate) role: Role,
    pub(crate) states: States,
    name: String,
}

/// The application's cache; `None` when it offers none of this shape.
pub(crate) async fn read_items(bus: &Bus, name: &Arc<str>) -> Option<Vec<Item>> {
    let cache = Object::new(name, "/org/a11y/atspi/cache");
    let items: Vec<WireItem> = bus.call(&cache, CACHE, "GetItems", &()).await.ok()?;
    Some(items.into_iter().filter_map(item).collect())
}

fn item(wire: WireItem) -> Option<Item> {
    let (object, _, parent, index, _, _, name, role, _, states) = wire;
    Some(Item {
        object: Object::from_wire(object)?,
        parent: Object::from_wire(parent),
        index,
        role: role_from_number(role),
        states: States::from_halves(&states),
        name: trim_name(&name),
    })
}

/// The items as a forest: who is whose child, and who stands at the top.
struct Forest {
    items: Vec<Item>,
    children: HashMap<usize, Vec<usize>>,
    windows: Vec<usize>,
}

impl Forest {
    fn new(items: Vec<Item>) -> Self {
        let by_object: HashMap<&Object, usize> =
            items.iter().enumerate().map(|(i, item)| (&item.object, i)).collect();
        let mut children: HashMap<usize, Vec<usize>> = HashMap::new();
        let mut windows = Vec::new();
        for (i, item) in items.iter().enumerate() {
            match &item.parent {
                Some(parent) if parent.is_root() => windows.push(i),
                Some(parent) => {
                    if let Some(p) = by_object.get(parent) {
                        children.entry(*p).or_default().push(i);
                    }
                }
                None => {}
            }
        }
        for below in children.values_mut() {
            below.sort_by_key(|i| items[*i].index);
        }
        Self { items, children, windows }
    }

    /// The showing items of one window, parents before children, with the place of each one's parent
    /// in this order; at most `most`, and whether there were more.
    fn showing_below(&self, window: usize, most: usize) -> (Vec<(usize, Option<usize>)>, bool) {
        let mut order = Vec::new();
        let mut waiting = vec![(window, None)];
        while let Some((i, parent)) = waiting.pop() {
            if !self.items[i].states.on_screen() {
                continue;
            }
            if order.len() >= most {
                return (order, true);
            }
            let place = order.len();
            order.push((i, parent));
            if holds_too_many(self.items[i].role, self.items[i].states, false) {
                continue;
            }
            let below = self.children.get(&i).into_iter().flatten().rev();
            waiting.extend(below.map(|child| (*child, Some(place))));
        }
        (order, false)
    }
}

/// How far a window is from the asked one: what it covers beside it, less what they share.
pub(crate) fn misfit(bounds: Rect, asked: Rect) -> i64 {
    let shared = bounds.intersect(asked).map_or(0, Rect::area);
    bounds.area() - shared - shared
}

impl Shared {
    /// `None` when the application gives no items or has no window there: then it is walked.
    pub(super) async fn snapshot_from_items(
        &self,
        roots: &[Object],
        request: &SnapshotRequest,
        deadline: Instant,
    ) -> Option<Cutting> {
        let questions = roots.iter().map(|root| read_items(&self.bus, &root.bus));
        let items = each_until(deadline, questions).await.into_iter().flatten().flatten().flatten();
        let forest = Forest::new(items.collect());
        let window = self.best_window(&forest, request.window_bounds, deadline).await?;
        // Twice the cap: what lies outside the window is dropped when its place is known.
        let (order, more) = forest.showing_below(window, self.config.snapshot_nodes_max.saturating_mul(2));
        let places =
            each_until(deadline, order.iter().map(|(i, _)| self.bus.extents(&forest.items[*i].object))).await;
        let late = places.iter().any(Option::is_none);
        let twigs = order.iter().zip(places).map(|((i, parent), place)| {
            let Item { role, states, name, .. } = &forest.items[*i];
            let bounds = place.and_then(Result::ok).unwrap_or_default();
            Twig { role: *role, states: *states, name: name.clone(), bounds, parent: *parent }
        });
        let mut cutting =
            nodes_from_twigs(twigs.collect(), request.window_bounds, self.config.snapshot_nodes_max);
        cutting.cut |= more || late;
        Some(cutting)
    }

    /// The showing window that is the asked one.
    async fn best_window(&self, forest: &Forest, asked: Rect, deadline: Instant) -> Option<usize> {
        let showing = forest.windows.iter().filter(|i| forest.items[**i].states.on_screen());
        let questions = showing.map(|i| async move {
            let place = self.bus.extents(&forest.items[*i].object).await;
            Some((*i, place.ok()?))
        });
        let mut places: Vec<(usize, Rect)> =
            each_until(deadline, questions).await.into_iter().flatten().flatten().collect();
        let bus = &forest.items[places.first()?.0].object.bus;
        self.bus.scales.learn(bus, places.iter_mut().map(|(_, place)| place), asked);
        places.retain(|(_, place)| place.intersect(asked).is_some());
        places.into_iter().min_by_key(|(_, place)| misfit(*place, asked)).map(|(i, _)| i)
    }
}

#[cfg(test)]
mod tests {
    use atspi::State;

    use super::*;

    fn item(path: &str, parent: &str, index: i32, showing: bool) -> Item {
        let bits = State::Showing as u64 | State::Visible as u64;
        Item {
            object: Object::new(":1.1", path),
            parent: Some(if parent.is_empty() { Object::root(":1.1") } else { Object::new(":1.1", parent) }),
            index,
            role: Role::Panel,
            states: States(if showing { bits } else { 0 }),
            name: path.to_owned(),
        }
    }

    #[test]
    fn a_windows_items_come_in_order_whatever_order_the_cache_has() {
        let forest = Forest::new(vec![
            item("/b", "/w", 1, true),
            item("/b1", "/b", 0, true),
            item("/w", "", 0, true),
            item("/other", "", 1, true),
            item("/a", "/w", 0, true),
            item("/hidden", "/w", 2, false),
            item("/below-hidden", "/hidden", 0, true),
        ]);
        assert_eq!(forest.windows, [2, 3]);
        let names = |most| {
            let (order, more) = forest.showing_below(2, most);
            let names: Vec<_> =
                order.iter().map(|(i, p)| (forest.items[*i].name.as_str(), *p)).collect::<Vec<_>>();
            (names, more)
        };
        let whole = vec![("/w", None), ("/a", Some(0)), ("/b", Some(0)), ("/b1", Some(2))];
        assert_eq!(names(10), (whole.clone(), false));
        assert_eq!(names(2), (whole[..2].to_vec(), true));
    }

    #[test]
    fn the_window_that_fits_is_neither_larger_nor_smaller() {
        let asked = Rect { x: 10, y: 10, w: 100, h: 100 };
        let fit = misfit(asked, asked);
        assert!(fit < misfit(Rect { x: 0, y: 0, w: 500, h: 500 }, asked));
        assert!(fit < misfit(Rect { w: 50, ..asked }, asked));
    }
}
