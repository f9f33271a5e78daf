//! What can be seen of an application: its elements, and what each is called.

use overt_event::{Node, Point, Rect};

use crate::appearance::{Appearance, Picture};
use crate::goal::low_words;

/// Roles whose name is that of the label around them or beside them.
const LABELLED: [&str; 6] = ["check box", "radio button", "entry", "password text", OF_PARTS, "combo box"];
/// Roles that take typed text; all but the last are pressed where it begins.
const TAKES_TEXT: [&str; 6] = ["entry", "password text", "text", "spin button", OF_PARTS, "combo box"];
/// A field of several parts, of dates and of times.
const OF_PARTS: &str = "date editor";
/// What stands in it and is none of its parts: it opens a calendar.
const BUTTON: &str = "push button";
/// Text begins so far from its field's edge: within the first character of every size of type in use.
const BEGINNING_PX: i32 = 8;
const FOCUSED: &str = "focused";
/// A piece of text.
const STATIC: &str = "static";

/// The elements of a window at one moment, parents before children. Two are equal when their elements are, whatever they look like:
/// a caret that blinks is no change.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    nodes: Vec<Node>,
    texts: Vec<String>,
    words: Vec<Vec<String>>,
    /// Of each element; none at all where no picture was looked at.
    appearances: Vec<Option<Appearance>>,
}

impl PartialEq for Scene {
    fn eq(&self, other: &Self) -> bool {
        self.nodes == other.nodes
    }
}

impl Scene {
    /// Makes one of a snapshot's nodes. A `parent` that is no earlier node counts for none.
    pub fn new(mut nodes: Vec<Node>) -> Self {
        for (i, node) in nodes.iter_mut().enumerate() {
            node.parent = node.parent.filter(|p| (*p as usize) < i);
        }
        let nodes = whole_fields(nodes);
        let held = texts_held(&nodes);
        let mut texts: Vec<String> = (0..nodes.len()).map(|i| called(&nodes, &held, i)).collect();
        for (text, held) in texts.iter_mut().zip(held) {
            if text.is_empty() {
                *text = held.unwrap_or_default();
            }
        }
        let words = texts.iter().map(|t| low_words(t)).collect();
        Self { nodes, texts, words, appearances: Vec::new() }
    }

    /// The same with what a picture, where there is one, shows of the elements that can be acted on.
    pub fn seen_in(mut self, picture: Option<&Picture>) -> Self {
        let Some(picture) = picture else { return self };
        let look = |i: usize| Appearance::of(picture, self.nodes[i].bounds).filter(|_| self.is_candidate(i));
        self.appearances = (0..self.nodes.len()).map(look).collect();
        self
    }

    /// The same with what was seen of each element before; of one too many or too few, nothing.
    pub fn with_appearances(mut self, appearances: Vec<Option<Appearance>>) -> Self {
        self.appearances = if appearances.len() == self.nodes.len() { appearances } else { Vec::new() };
        self
    }

    /// This one in front of others. Only in this one something has the focus.
    pub fn before(&self, others: &[&Self]) -> Self {
        let mut nodes: Vec<Node> = Vec::new();
        for scene in others.iter().copied().chain([self]) {
            let base = nodes.len() as u32;
            let is_front = std::ptr::eq(scene, self);
            nodes.extend(scene.nodes.iter().cloned().map(|mut node| {
                node.parent = node.parent.map(|p| p + base);
                node.states.retain(|s| is_front || s != FOCUSED);
                node
            }));
        }
        let all = || others.iter().copied().chain([self]);
        let seen = all().flat_map(|s| (0..s.nodes.len()).map(|i| s.appearance(i).cloned()));
        let appearances = if all().any(Self::is_seen) { seen.collect() } else { Vec::new() };
        Self::new(nodes).with_appearances(appearances)
    }

    /// What an element looks like; `None` where that is not known.
    pub fn appearance(&self, i: usize) -> Option<&Appearance> {
        self.appearances.get(i)?.as_ref()
    }

    /// Whether a picture was looked at.
    pub(crate) fn is_seen(&self) -> bool {
        !self.appearances.is_empty()
    }

    /// As they were told.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// What an element is called: its name, or its label's.
    pub fn text(&self, i: usize) -> &str {
        &self.texts[i]
    }

    pub(crate) fn words(&self, i: usize) -> &[String] {
        &self.words[i]
    }

    pub(crate) fn parent(&self, i: usize) -> Option<usize> {
        self.nodes[i].parent.map(|p| p as usize)
    }

    pub(crate) fn depth(&self, i: usize) -> usize {
        std::iter::successors(self.parent(i), |p| self.parent(*p)).count()
    }

    pub(crate) fn has(&self, i: usize, state: &str) -> bool {
        self.nodes[i].states.iter().any(|s| s == state)
    }

    /// Whether an element can be acted on at all: it is more than a piece of text, and has a place.
    pub(crate) fn is_candidate(&self, i: usize) -> bool {
        self.nodes[i].role != STATIC && !self.nodes[i].bounds.is_empty()
    }

    /// What is acted on where this is met: a piece of text belongs to what it lies in.
    pub(crate) fn candidate_around(&self, i: usize) -> Option<usize> {
        std::iter::successors(Some(i), |i| self.parent(*i)).find(|i| self.is_candidate(*i))
    }

    /// The innermost element with the keyboard's focus.
    pub fn focused(&self) -> Option<usize> {
        (0..self.nodes.len()).rev().find(|i| self.has(*i, FOCUSED))
    }

    /// The one with the focus, if it takes text.
    pub(crate) fn entry(&self) -> Option<usize> {
        self.focused().filter(|i| TAKES_TEXT.contains(&self.nodes[*i].role.as_str()))
    }

    /// The same with the keyboard's focus on this element.
    pub(crate) fn with_focus_on(&self, i: usize) -> Self {
        let mut nodes = self.nodes.clone();
        for (j, node) in nodes.iter_mut().enumerate() {
            node.states.retain(|s| s != FOCUSED);
            node.states.extend((i == j).then(|| FOCUSED.to_owned()));
            node.states.sort_unstable();
        }
        Self { nodes, ..self.clone() }
    }

    /// What is drawn last at a place, pieces of text left out.
    pub(crate) fn at(&self, p: Point) -> Option<usize> {
        (0..self.nodes.len()).rev().find(|i| self.is_candidate(*i) && self.nodes[*i].bounds.contains(p))
    }

    /// The element of this role, name and place; of several the last.
    pub(crate) fn find(&self, role: &str, name: &str, bounds: Rect) -> Option<usize> {
        self.nodes.iter().rposition(|n| n.role == role && n.name == name && n.bounds == bounds)
    }

    pub(crate) fn is_within(&self, i: usize, outer: usize) -> bool {
        i == outer || std::iter::successors(self.parent(i), |p| self.parent(*p)).any(|p| p == outer)
    }

    /// The smallest rectangle around everything.
    pub(crate) fn extent(&self) -> Rect {
        let mut shown = self.nodes.iter().map(|n| n.bounds).filter(|b| !b.is_empty());
        let first = shown.next().unwrap_or(Rect { x: 0, y: 0, w: 1, h: 1 });
        shown.fold(first, |a, b| {
            let (x, y) = (a.x.min(b.x), a.y.min(b.y));
            Rect { x, y, w: (a.x + a.w).max(b.x + b.w) - x, h: (a.y + a.h).max(b.y + b.h) - y }
        })
    }

    /// Where to press an element: the place nearest its middle that nothing else covers, and its middle
    /// where all of it is covered. (A link over two lines has its middle on its neighbours.) What takes text is
    /// pressed where the text begins: of a date's field that is its first part.
    pub fn aim(&self, i: usize, within: Rect) -> Point {
        let bounds = self.nodes[i].bounds.intersect(within).unwrap_or(self.nodes[i].bounds);
        let middle = Point { x: bounds.x + bounds.w / 2, y: bounds.y + bounds.h / 2 };
        let written = TAKES_TEXT[..5].contains(&self.nodes[i].role.as_str());
        let best =
            if written { Point { x: bounds.x + BEGINNING_PX.min(bounds.w / 2), ..middle } } else { middle };
        if self.is_clear(i, best) {
            return best;
        }
        let mut places = grid(bounds);
        places.sort_by(|a, b| a.distance(best).total_cmp(&b.distance(best)));
        places.into_iter().find(|p| self.is_clear(i, *p)).unwrap_or(middle)
    }

    /// Nothing but the element, what it lies in and the text in it stands there.
    fn is_clear(&self, i: usize, p: Point) -> bool {
        let covers = |j: usize| self.nodes[j].bounds.contains(p) && !self.is_within(i, j);
        (0..self.nodes.len())
            .filter(|j| covers(*j))
            .all(|j| self.nodes[j].role == STATIC && self.is_within(j, i))
    }
}

/// The same without the parts of fields that have some: the field passes the focus from one to the next by itself, and is
/// typed into as a whole. The data set tells typing so, too (docs/spec/dataset.md, rule 3).
fn whole_fields(nodes: Vec<Node>) -> Vec<Node> {
    let mut left: Vec<Node> = Vec::with_capacity(nodes.len());
    // Of each node told, the one that is left for it.
    let mut places: Vec<usize> = Vec::with_capacity(nodes.len());
    for mut node in nodes {
        let parent = node.parent.map(|p| places[p as usize]);
        let field = parent.filter(|p| left[*p].role == OF_PARTS && node.role != BUTTON);
        if let Some(field) = field {
            let has_focus = |n: &Node| n.states.iter().any(|s| s == FOCUSED);
            if has_focus(&node) && !has_focus(&left[field]) {
                left[field].states.push(FOCUSED.to_owned());
            }
            places.push(field);
            continue;
        }
        node.parent = parent.map(|p| p as u32);
        places.push(left.len());
        left.push(node);
    }
    left
}

/// Eleven by seven places, none on the edge where the rectangle is large enough.
fn grid(b: Rect) -> Vec<Point> {
    let along = |from: i32, len: i32, i: i32, n: i32| from + (len * (2 * i + 1)) / (2 * n);
    let place = |i| Point { x: along(b.x, b.w, i % 11, 11), y: along(b.y, b.h, i / 11, 7) };
    (0..77).map(place).collect()
}

fn called(nodes: &[Node], held: &[Option<String>], i: usize) -> String {
    let node = &nodes[i];
    if !node.name.is_empty() || !LABELLED.contains(&node.role.as_str()) {
        return node.name.clone();
    }
    let around = node.parent.map(|p| &nodes[p as usize]).filter(|p| p.role == "label" && !p.name.is_empty());
    around
        .map(|p| p.name.clone())
        .or_else(|| together(nodes, i))
        .or_else(|| behind(nodes, held, i))
        .or_else(|| beside(nodes, i))
        .unwrap_or_default()
}

/// Of each node the pieces of text in it, where it holds nothing else. A page's elements have their text as their name; the
/// accessibility bus tells it apart from them.
fn texts_held(nodes: &[Node]) -> Vec<Option<String>> {
    let mut held: Vec<Option<String>> = vec![Some(String::new()); nodes.len()];
    for node in nodes {
        let Some(holder) = node.parent.map(|p| &mut held[p as usize]) else { continue };
        match holder.as_mut().filter(|_| node.role == STATIC) {
            Some(text) => {
                text.push_str(if text.is_empty() { "" } else { " " });
                text.push_str(&node.name);
            }
            None => *holder = None,
        }
    }
    held
}

/// Whether a node is a text that can be a label. What only holds others is called as they are, and is none.
fn is_text(nodes: &[Node], i: usize) -> bool {
    let holds = || nodes.iter().any(|n| n.parent == Some(i as u32) && !n.name.is_empty());
    match nodes[i].role.as_str() {
        "static" | "label" => !nodes[i].name.is_empty(),
        "section" => !nodes[i].name.is_empty() && !holds(),
        _ => false,
    }
}

/// The one text that shares what it lies in with this field alone, on whichever side.
fn together(nodes: &[Node], i: usize) -> Option<String> {
    let parent = nodes[i].parent?;
    let children = || (0..nodes.len()).filter(|j| nodes[*j].parent == Some(parent));
    let fields = children().filter(|j| LABELLED.contains(&nodes[*j].role.as_str())).count();
    let mut texts = children().filter(|j| is_text(nodes, *j));
    let text = texts.next().filter(|_| fields == 1 && texts.next().is_none())?;
    Some(nodes[text].name.clone())
}

/// The text that comes after this field, where among all that lies with it a field comes first, and each of them has a text after it
/// that stands below it or to its right.
fn behind(nodes: &[Node], held: &[Option<String>], i: usize) -> Option<String> {
    let parent = nodes[i].parent?;
    let is_field = |j: usize| LABELLED.contains(&nodes[j].role.as_str());
    let said = |j: usize| match nodes[j].name.as_str() {
        "" => held[j].as_deref().filter(|t| !t.is_empty()),
        name => Some(name).filter(|_| is_text(nodes, j)),
    };
    let with = (0..nodes.len()).filter(|j| nodes[*j].parent == Some(parent));
    let row: Vec<usize> = with.filter(|j| is_field(*j) || said(*j).is_some()).collect();
    let told = |at: usize| {
        let text = *row.get(at + 1)?;
        follows(nodes[row[at]].bounds, nodes[text].bounds).then(|| said(text).filter(|_| !is_field(text)))?
    };
    let fields = || (0..row.len()).filter(|at| is_field(row[*at]));
    let all = row.first().is_some_and(|j| is_field(*j)) && fields().all(|at| told(at).is_some());
    let own = row.iter().position(|j| *j == i).filter(|_| all)?;
    told(own).map(str::to_owned)
}

/// Whether a text stands right below a field, or in its line to the right of it.
fn follows(field: Rect, text: Rect) -> bool {
    let below = text.y + 2 >= field.y + field.h && text.x < field.x + field.w && field.x < text.x + text.w;
    let middle = text.y + text.h / 2;
    below || text.x + 2 >= field.x + field.w && (field.y..field.y + field.h).contains(&middle)
}

/// The name of the nearest text or label in the same line to the left, or right above.
fn beside(nodes: &[Node], i: usize) -> Option<String> {
    let b = nodes[i].bounds;
    let far = |n: &Node| {
        let (t, middle) = (n.bounds, b.y + b.h / 2);
        let left = t.x + t.w <= b.x + 2 && (t.y..t.y + t.h).contains(&middle);
        let above = t.y + t.h <= b.y + 2 && b.y - (t.y + t.h) <= 12 && t.x < b.x + b.w;
        if left { Some(b.x - (t.x + t.w)) } else { above.then(|| b.y - (t.y + t.h)) }
    };
    let texts = (0..nodes.len()).filter(|j| is_text(nodes, *j)).map(|j| &nodes[j]);
    let near = texts.filter_map(|n| Some((far(n)?, n)));
    near.min_by_key(|(distance, _)| *distance).map(|(_, n)| n.name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(role: &str, name: &str, (x, y, w, h): (i32, i32, i32, i32), parent: Option<u32>) -> Node {
        let bounds = Rect { x, y, w, h };
        Node { role: role.into(), name: name.into(), states: Vec::new(), bounds, parent }
    }

    #[test]
    fn a_field_is_called_by_its_label() {
        let scene = Scene::new(vec![
            node("section", "", (0, 0, 100, 100), None),
            node("label", "Red", (0, 0, 50, 10), Some(0)),
            node("check box", "", (0, 0, 10, 10), Some(1)),
            node("static", "Name", (0, 20, 30, 10), Some(0)),
            node("entry", "", (32, 20, 40, 12), Some(0)),
        ]);
        assert_eq!((scene.text(2), scene.text(4), scene.text(0)), ("Red", "Name", ""));
        let scene = Scene::new(vec![
            node("section", "Year", (0, 0, 100, 30), None),
            node("section", "Year", (0, 0, 100, 10), Some(0)),
            node("entry", "", (0, 11, 100, 12), Some(0)),
        ]);
        assert_eq!(scene.text(2), "Year");
    }

    #[test]
    fn a_label_that_shares_a_row_with_its_field_alone_may_stand_below_it() {
        let row = |y| node("section", "", (0, y, 100, 30), None);
        let scene = Scene::new(vec![
            row(0),
            node("entry", "", (0, 0, 100, 12), Some(0)),
            node("section", "Year", (0, 13, 100, 10), Some(0)),
            row(30),
            node("entry", "", (0, 30, 100, 12), Some(3)),
            node("section", "Genre", (0, 43, 100, 10), Some(3)),
        ]);
        assert_eq!((scene.text(1), scene.text(4)), ("Year", "Genre"));
    }

    #[test]
    fn where_fields_come_first_their_labels_stand_behind_them() {
        let label = |y, parent| node("section", "", (0, y, 100, 11), parent);
        let form = |first: &[Node]| {
            let own = [
                node("entry", "", (0, 20, 100, 19), Some(0)),
                label(39, Some(0)),
                node("static", "Director", (0, 39, 46, 11), Some(2 + first.len() as u32)),
                node("entry", "", (0, 60, 100, 19), Some(0)),
                label(79, Some(0)),
                node("static", "Year", (0, 79, 25, 11), Some(5 + first.len() as u32)),
            ];
            let around = node("section", "", (0, 0, 120, 140), None);
            let told = [around].into_iter().chain(first.iter().cloned()).chain(own).collect();
            let scene = Scene::new(told);
            [1, 4].map(|i| scene.text(i + first.len()).to_owned())
        };
        assert_eq!(form(&[]), ["Director", "Year"]);
        // Where a text comes first, each stands before its field.
        assert_eq!(form(&[node("static", "Film", (0, 9, 40, 11), Some(0))]), ["Film", "Director"]);
    }

    #[test]
    fn what_holds_nothing_but_text_is_called_by_it_and_met_in_it() {
        let scene = Scene::new(vec![
            node("paragraph", "", (0, 0, 100, 40), None),
            node("static", "before", (0, 0, 30, 10), Some(0)),
            node("section", "", (30, 0, 40, 10), Some(0)),
            node("static", "a", (30, 0, 10, 10), Some(2)),
            node("static", "word", (40, 0, 30, 10), Some(2)),
            node("section", "named", (70, 0, 30, 10), Some(0)),
            node("static", "other", (70, 0, 30, 10), Some(5)),
        ]);
        assert_eq!((scene.text(0), scene.text(2), scene.text(5)), ("", "a word", "named"));
        assert_eq!((scene.candidate_around(4), scene.candidate_around(2)), (Some(2), Some(2)));
    }

    #[test]
    fn a_scene_in_front_of_another_is_drawn_later_and_has_the_focus_alone() {
        let focused =
            |name| Node { states: vec!["focused".into()], ..node("entry", name, (0, 0, 50, 12), Some(0)) };
        let window = |name| Scene::new(vec![node("frame", name, (0, 0, 90, 90), None), focused(name)]);
        let (front, behind) = (window("Front"), window("Behind"));
        let both = front.before(&[&behind]);
        assert_eq!((both.nodes().len(), both.focused(), both.parent(3)), (4, Some(3), Some(2)));
        assert_eq!((both.at(Point { x: 5, y: 5 }), both.has(1, "focused")), (Some(3), false));
        assert_eq!(front.before(&[]), front);
    }

    #[test]
    fn a_field_of_several_parts_is_one_and_has_the_focus_of_its_parts() {
        let part = |name, x, focused: bool| Node {
            states: if focused { vec!["focused".into()] } else { Vec::new() },
            ..node("spin button", name, (x, 2, 20, 16), Some(2))
        };
        let scene = Scene::new(vec![
            node("label", "Due", (0, 0, 200, 20), None),
            node("date editor", "", (40, 0, 120, 20), Some(0)),
            node("section", "", (42, 2, 80, 16), Some(1)),
            part("Month", 42, false),
            part("Day", 64, true),
            node("push button", "Show date picker", (140, 2, 18, 16), Some(2)),
            node("push button", "Send", (170, 0, 30, 20), Some(0)),
        ]);
        let told: Vec<_> = scene.nodes().iter().map(|n| (n.role.as_str(), n.parent)).collect();
        let [label, button] = ["label", "push button"];
        assert_eq!(told, [(label, None), ("date editor", Some(0)), (button, Some(1)), (button, Some(0))]);
        assert_eq!((scene.text(1), scene.entry()), ("Due", Some(1)));
        // In its first part, and not on the button.
        assert_eq!(scene.aim(1, Rect { x: 0, y: 0, w: 300, h: 20 }), Point { x: 48, y: 10 });
        assert_eq!(Scene::new(scene.nodes().to_vec()), scene);
    }

    #[test]
    fn a_press_aims_at_what_nothing_covers() {
        let scene = Scene::new(vec![
            node("section", "", (0, 0, 100, 40), None),
            // It begins at the end of one line and ends at the beginning of the next.
            node("link", "two lines", (0, 0, 100, 20), Some(0)),
            node("static", "before", (0, 0, 70, 10), Some(0)),
            node("static", "after", (30, 10, 70, 10), Some(0)),
        ]);
        let p = scene.aim(1, Rect { x: 0, y: 0, w: 100, h: 40 });
        assert!(scene.is_clear(1, p) && (p.x >= 70 || p.x < 30));
        assert_eq!(scene.at(Point { x: 50, y: 30 }), Some(0));
    }
}
