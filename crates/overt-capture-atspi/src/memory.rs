//! What was named or found a moment ago.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use overt_event::{Element, Point, SiteSeen, WindowId};

use crate::object::Object;
use crate::see::Seen;

/// An event's element is believed to stand where it stood for this long.
const NAMED_FOR: Duration = Duration::from_secs(2);
/// An answer may stand in for a late one for this long.
const ANSWERED_FOR: Duration = Duration::from_secs(1);
const NAMED_MAX: usize = 32;
const ANSWERS_MAX: usize = 16;
const CONTAINERS_MAX: usize = 8;
const SITES_MAX: usize = 64;

/// The elements that the latest events named, because open menus are not found by point.
#[derive(Default)]
pub(crate) struct PopupMemory {
    named: VecDeque<(Instant, u32, Seen)>,
    /// Containers that events opened or chose in, newest last; they are asked whether they still show.
    containers: VecDeque<(u32, Object)>,
}

fn push_bounded<T>(queue: &mut VecDeque<T>, entry: T, most: usize) {
    while queue.len() >= most {
        queue.pop_front();
    }
    queue.push_back(entry);
}

impl PopupMemory {
    /// An event of the process named this element.
    pub(crate) fn name(&mut self, now: Instant, pid: u32, seen: Seen) {
        if let Some(parent) = seen.parent.clone() {
            self.open(pid, parent);
        }
        push_bounded(&mut self.named, (now, pid, seen), NAMED_MAX);
    }

    /// Something of the process opened.
    pub(crate) fn open(&mut self, pid: u32, container: Object) {
        self.containers.retain(|(_, c)| *c != container);
        push_bounded(&mut self.containers, (pid, container), CONTAINERS_MAX);
    }

    /// The process's containers, newest first.
    pub(crate) fn containers(&self, pid: u32) -> Vec<Object> {
        self.containers.iter().rev().filter(|(p, _)| *p == pid).map(|(_, c)| c.clone()).collect()
    }

    /// The latest element of the process that contains the point; of several, the smallest.
    pub(crate) fn at_point(&self, now: Instant, pid: u32, at: Point) -> Option<Seen> {
        self.named
            .iter()
            .rev()
            .filter(|(then, p, seen)| {
                *p == pid && now.duration_since(*then) <= NAMED_FOR && seen.bounds.contains(at)
            })
            .map(|(_, _, seen)| seen)
            .min_by_key(|seen| seen.bounds.area())
            .cloned()
    }
}

/// The latest answers, because a hung application may have answered a hover just before.
#[derive(Default)]
pub(crate) struct AnswerMemory {
    answers: VecDeque<(Instant, u32, Element)>,
}

impl AnswerMemory {
    pub(crate) fn keep(&mut self, now: Instant, pid: u32, element: Element) {
        push_bounded(&mut self.answers, (now, pid, element), ANSWERS_MAX);
    }

    /// The latest answer of the process whose bounds contain the point.
    pub(crate) fn at_point(&self, now: Instant, pid: u32, at: Point) -> Option<Element> {
        self.answers
            .iter()
            .rev()
            .find(|(then, p, element)| {
                *p == pid && now.duration_since(*then) <= ANSWERED_FOR && element.node.bounds.contains(at)
            })
            .map(|(_, _, element)| element.clone())
    }
}

/// What the windows showed that were looked at last.
#[derive(Default)]
pub(crate) struct SiteMemory(VecDeque<(WindowId, SiteSeen)>);

impl SiteMemory {
    /// Takes in what a window shows; whether it is another site than before.
    pub(crate) fn is_other(&mut self, window: WindowId, site: &SiteSeen) -> bool {
        let same = self.0.iter().any(|(w, s)| *w == window && s == site);
        if !same {
            self.0.retain(|(w, _)| *w != window);
            push_bounded(&mut self.0, (window, site.clone()), SITES_MAX);
        }
        !same
    }
}

#[cfg(test)]
mod tests {
    use atspi::Role;
    use overt_event::{Node, Rect};

    use super::*;
    use crate::spelling::States;

    fn item(path: &str, y: i32) -> Seen {
        Seen {
            object: Object::new(":1.1", path),
            role: Role::MenuItem,
            states: States::default(),
            name: path.to_owned(),
            bounds: Rect { x: 0, y, w: 100, h: 20 },
            parent: Some(Object::new(":1.1", "/menu")),
        }
    }

    #[test]
    fn the_named_element_under_the_point_is_found_for_two_seconds() {
        let mut memory = PopupMemory::default();
        let start = Instant::now();
        memory.name(start, 42, item("/open", 0));
        memory.name(start, 42, item("/save", 20));
        let found = |pid, y, after| {
            let at = Point { x: 5, y };
            memory.at_point(start + Duration::from_millis(after), pid, at).map(|s| s.name)
        };
        assert_eq!(found(42, 25, 100).as_deref(), Some("/save"));
        assert_eq!(found(42, 5, 2_000).as_deref(), Some("/open"));
        assert_eq!(found(42, 5, 2_001), None);
        assert_eq!(found(43, 5, 100), None);
        assert_eq!(found(42, 45, 100), None);
    }

    #[test]
    fn containers_come_newest_first_and_once() {
        let mut memory = PopupMemory::default();
        memory.open(42, Object::new(":1.1", "/combo"));
        memory.name(Instant::now(), 42, item("/open", 0));
        memory.open(42, Object::new(":1.1", "/combo"));
        memory.open(43, Object::new(":1.2", "/other"));
        let paths: Vec<_> = memory.containers(42).iter().map(|o| o.path.to_string()).collect();
        assert_eq!(paths, ["/combo", "/menu"]);
    }

    #[test]
    fn memory_stays_bounded() {
        let mut memory = PopupMemory::default();
        let mut answers = AnswerMemory::default();
        for y in 0..1_000 {
            memory.name(Instant::now(), 42, item(&format!("/{y}"), y));
            let node = Node::default();
            answers.keep(Instant::now(), 42, Element { node, ancestors: Vec::new(), candidates: 1 });
        }
        assert_eq!((memory.named.len(), memory.containers.len()), (NAMED_MAX, 1));
        assert_eq!(answers.answers.len(), ANSWERS_MAX);
    }

    #[test]
    fn an_answer_stands_in_for_a_second_and_only_where_it_was() {
        let mut answers = AnswerMemory::default();
        let start = Instant::now();
        let node = Node { bounds: Rect { x: 0, y: 0, w: 10, h: 10 }, ..Node::default() };
        answers.keep(start, 42, Element { node, ancestors: Vec::new(), candidates: 1 });
        let found = |x, after| {
            answers.at_point(start + Duration::from_millis(after), 42, Point { x, y: 5 }).is_some()
        };
        assert!(found(5, 1_000));
        assert!(!found(5, 1_001));
        assert!(!found(15, 0));
    }
}
