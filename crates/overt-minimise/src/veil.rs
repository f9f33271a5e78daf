//! Where in pictures something secret stands, from when and until when. docs/spec/filter.md, section 5.

use overt_event::{Frame, MonoNanos, Node, Rect, VisibleWindow, WindowId};

use crate::desk::{Allowed, Judged};
use crate::line::Field;
use crate::naming::SETTLED_MILLIS;
use crate::pixels::Sight;
use crate::sites::Sited;

/// More places than this in a session fill their windows whole.
const VEILS_MAX: usize = 128;
/// Ended veils concern no picture that still waits after this long.
const MEMORY_MILLIS: u64 = 30_000;
/// The height of a title bar, or of a browser's row of tabs.
const TITLE_PX: i32 = 48;
/// What these are named after stands in their window's title, not all over them.
const TITLED: [&str; 9] = [
    "alert",
    "application",
    "dialog",
    "document frame",
    "document web",
    "file chooser",
    "frame",
    "internal frame",
    "window",
];
const EVERYWHERE: Rect = Rect { x: i32::MIN / 2, y: i32::MIN / 2, w: i32::MAX, h: i32::MAX };

/// A top-level window of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stand {
    pub(crate) window: WindowId,
    pub(crate) pid: Option<u32>,
    pub(crate) bounds: Rect,
    pub(crate) sight: Sight,
    /// The sites that must stay as they were.
    pub(crate) sited: Option<Sited>,
}

impl Stand {
    pub(crate) fn of(window: &VisibleWindow, judged: &Judged) -> Self {
        Self {
            window: window.id,
            pid: window.pid,
            bounds: window.bounds,
            sight: sight(judged),
            sited: judged.as_ref().ok().and_then(Allowed::sited),
        }
    }

    /// All of a picture of a published recording, in which everything is of process 0.
    pub(crate) fn of_source(frame: &Frame, judged: &Judged) -> Self {
        let bounds = Rect { x: 0, y: 0, w: frame.width as i32, h: frame.height as i32 };
        Self { window: WindowId(0), pid: Some(0), bounds, sight: sight(judged), sited: None }
    }
}

fn sight(judged: &Judged) -> Sight {
    judged.as_ref().map_or(Sight::Nothing, |allowed| Sight::of(allowed.level))
}

/// The window a veil lies on; of a process whose window is not known, all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct On {
    pub(crate) window: Option<WindowId>,
    pub(crate) pid: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Why {
    /// Typed into a field.
    Typed {
        group: u32,
        field: Option<Field>,
        judged: bool,
    },
    /// The name of something.
    Named,
    Title,
    /// The window was scrolled: nobody knows where things are.
    Adrift,
    /// There are too many of them.
    Crowded,
}

#[derive(Clone, Debug)]
struct Veil {
    why: Why,
    on: On,
    rect: Rect,
    from: MonoNanos,
    until: Option<MonoNanos>,
}

/// All places that are filled or were until lately.
#[derive(Default)]
pub(crate) struct Veils {
    all: Vec<Veil>,
    /// When a whole snapshot of a window was last asked for.
    looked: Vec<(WindowId, MonoNanos)>,
}

impl Veils {
    /// The places to fill on a window in a picture that was grabbed in this time.
    pub(crate) fn on(&self, stand: &Stand, begin: MonoNanos, end: MonoNanos) -> Vec<Rect> {
        let of_stand = |on: On| on.window.map_or(stand.pid == Some(on.pid), |w| w == stand.window);
        let lies = |v: &&Veil| of_stand(v.on) && v.from <= end && v.until.is_none_or(|u| u > begin);
        self.all.iter().filter(lies).filter_map(|v| v.rect.intersect(stand.bounds)).collect()
    }

    /// The places to fill on a window from here on.
    pub(crate) fn lasting(&self, stand: &Stand) -> Vec<Rect> {
        let never = MonoNanos(u64::MAX);
        self.on(stand, never, never)
    }

    /// Something stands in this field from then on.
    pub(crate) fn typed(&mut self, group: u32, judged: bool, from: MonoNanos, field: Option<Field>, on: On) {
        let bounds = field.as_ref().map(|f| f.bounds).filter(|b| !b.is_empty());
        let rect = bounds.unwrap_or(EVERYWHERE);
        self.put(Veil { why: Why::Typed { group, field, judged }, on, rect, from, until: None });
    }

    /// All of it was taken back.
    pub(crate) fn gone(&mut self, group: u32, at: MonoNanos) {
        self.end(at, |v| matches!(v.why, Why::Typed { group: g, .. } if g == group));
    }

    /// What was in doubt is judged.
    pub(crate) fn judged(&mut self, at: MonoNanos) {
        self.end(at, |v| matches!(v.why, Why::Typed { judged: false, .. }));
    }

    /// Nobody sees how it goes on: what is in doubt may become whole.
    pub(crate) fn keep_doubts(&mut self) {
        for veil in self.all.iter_mut().filter(|v| v.until.is_none()) {
            if let Why::Typed { judged, .. } = &mut veil.why {
                *judged = true;
            }
        }
    }

    /// Something is named by a secret: it may have stood there since the window was last looked at.
    pub(crate) fn named(&mut self, node: &Node, on: On) {
        if node.bounds.is_empty() || is_titled(node) {
            return;
        }
        let from = self.looked_at(on);
        self.put(Veil { why: Why::Named, on, rect: node.bounds, from, until: None });
    }

    /// What came after this was not there when somebody last looked.
    pub(crate) fn looked_at(&self, on: On) -> MonoNanos {
        let looked = self.looked.iter().find(|(w, _)| on.window == Some(*w));
        looked.map_or(MonoNanos(0), |(_, asked)| asked.minus_millis(SETTLED_MILLIS))
    }

    /// A snapshot of all of a window: what it does not show is gone, and what it shows stands there.
    pub(crate) fn look(&mut self, on: On, asked: MonoNanos, nodes: &[Node], named: &[Node], whole: bool) {
        if whole {
            // What is gone by now may be seen for a moment longer.
            let gone = asked.plus_millis(SETTLED_MILLIS);
            let stays = |v: &Veil| v.why == Why::Named && named.iter().any(|n| n.bounds == v.rect);
            self.end(gone, |v| v.on.concerns(on) && matches!(v.why, Why::Named | Why::Adrift) && !stays(v));
            self.follow_fields(on, gone, nodes);
        }
        named.iter().for_each(|n| self.named(n, on));
        if let Some(window) = on.window.filter(|_| whole) {
            self.looked.retain(|(w, _)| *w != window);
            self.looked.push((window, asked));
        }
    }

    /// Fields that moved at some time since somebody last looked, and fields that are gone.
    fn follow_fields(&mut self, on: On, gone: MonoNanos, nodes: &[Node]) {
        let mut moved = Vec::new();
        let looked_at = self.looked_at(on);
        for veil in self.all.iter_mut().filter(|v| v.on.concerns(on) && v.until.is_none()) {
            let Why::Typed { field: Some(field), .. } = &veil.why else { continue };
            let same = |n: &&Node| n.role == field.role && n.name == field.label && !n.bounds.is_empty();
            let places: Vec<Rect> = nodes.iter().filter(same).map(|n| n.bounds).collect();
            if !places.contains(&veil.rect) {
                let from = veil.from.max(looked_at);
                moved.extend(places.into_iter().map(|rect| Veil { rect, from, ..veil.clone() }));
                veil.until = Some(gone);
            }
        }
        moved.into_iter().for_each(|v| self.put(v));
    }

    /// A window has this title from here on.
    pub(crate) fn titled(
        &mut self,
        window: WindowId,
        pid: Option<u32>,
        bounds: Rect,
        secret: bool,
        at: MonoNanos,
    ) {
        let on = On { window: Some(window), pid: pid.unwrap_or(0) };
        self.end(at, |v| v.why == Why::Title && v.on.window == Some(window));
        if secret {
            let rect = Rect { h: TITLE_PX.min(bounds.h), ..bounds };
            // Reading a title takes some milliseconds, in which it was there already.
            let from = at.minus_millis(crate::focus::HOLD_MILLIS);
            self.put(Veil { why: Why::Title, on, rect, from, until: None });
        }
    }

    /// What a window shows moves: until the next snapshot it may be anywhere in it.
    pub(crate) fn scrolled(&mut self, window: WindowId, pid: u32, at: MonoNanos) {
        let on = On { window: Some(window), pid };
        let lies = |v: &Veil| v.on.concerns(on) && v.until.is_none();
        let adrift = self.all.iter().any(|v| lies(v) && v.why == Why::Adrift);
        let covered = self.all.iter().any(|v| lies(v) && matches!(v.why, Why::Typed { .. } | Why::Named));
        if covered && !adrift {
            self.put(Veil { why: Why::Adrift, on, rect: EVERYWHERE, from: at, until: None });
        }
    }

    /// A window stands elsewhere: what lies on it goes along, and both places count at this moment.
    pub(crate) fn moved(&mut self, window: WindowId, from: Rect, to: Rect, at: MonoNanos) {
        if from == to {
            return;
        }
        let mut along = Vec::new();
        for veil in self.all.iter_mut().filter(|v| v.on.window == Some(window) && v.until.is_none()) {
            if veil.rect != EVERYWHERE {
                veil.until = Some(at);
                let rect =
                    Rect { x: veil.rect.x + to.x - from.x, y: veil.rect.y + to.y - from.y, ..veil.rect };
                let from = at.minus_millis(crate::focus::HOLD_MILLIS);
                along.push(Veil { rect, from, until: None, ..veil.clone() });
            }
        }
        let covered = along.first().map(|v| v.on.pid);
        along.into_iter().for_each(|v| self.put(v));
        if let Some(pid) = covered.filter(|_| (from.w, from.h) != (to.w, to.h)) {
            self.scrolled(window, pid, at);
        }
    }

    /// A window closed.
    pub(crate) fn closed(&mut self, window: WindowId, at: MonoNanos) {
        self.end(at, |v| v.on.window == Some(window));
        self.looked.retain(|(w, _)| *w != window);
    }

    fn end(&mut self, at: MonoNanos, which: impl Fn(&Veil) -> bool) {
        for veil in self.all.iter_mut().filter(|v| v.until.is_none() && which(v)) {
            veil.until = Some(at.max(veil.from));
        }
        self.all.retain(|v| v.until.is_none_or(|u| u.plus_millis(MEMORY_MILLIS) > at));
    }

    fn put(&mut self, veil: Veil) {
        let same = |v: &&mut Veil| (&v.why, v.on, v.rect, v.until) == (&veil.why, veil.on, veil.rect, None);
        if let Some(known) = self.all.iter_mut().find(same) {
            known.from = known.from.min(veil.from);
        } else if self.all.len() < VEILS_MAX {
            self.all.push(veil);
        } else {
            self.crowd(veil);
        }
    }

    /// One for its whole window, in the place of all that lie on it.
    fn crowd(&mut self, veil: Veil) {
        let whole = |v: &&mut Veil| v.why == Why::Crowded && v.on == veil.on;
        if let Some(known) = self.all.iter_mut().find(whole) {
            known.from = known.from.min(veil.from);
            return;
        }
        let from =
            self.all.iter().filter(|v| v.on == veil.on).map(|v| v.from).fold(veil.from, MonoNanos::min);
        self.all.retain(|v| v.on != veil.on);
        self.all.push(Veil { why: Why::Crowded, rect: EVERYWHERE, from, until: None, ..veil });
    }
}

impl On {
    /// Whether the other is the same window, as far as is known.
    fn concerns(self, other: On) -> bool {
        match (self.window, other.window) {
            (Some(a), Some(b)) => a == b,
            _ => self.pid == other.pid,
        }
    }
}

/// Whether its name stands in its window's title.
pub(crate) fn is_titled(node: &Node) -> bool {
    TITLED.contains(&node.role.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Rect = Rect { x: 100, y: 100, w: 400, h: 300 };
    const PLACE: Rect = Rect { x: 120, y: 140, w: 200, h: 20 };
    const ON: On = On { window: Some(WindowId(1)), pid: 10 };

    fn at(millis: u64) -> MonoNanos {
        MonoNanos::from_millis(millis)
    }

    fn stand() -> Stand {
        let (window, sight) = (WindowId(1), Sight::Everything);
        Stand { window, pid: Some(10), bounds: WINDOW, sight, sited: None }
    }

    fn node(bounds: Rect) -> Node {
        Node { role: "label".into(), name: "secret".into(), bounds, ..Node::default() }
    }

    fn check(veils: &Veils, millis: u64, expected: &[Rect]) {
        let stand = stand();
        assert_eq!(veils.on(&stand, at(millis), at(millis)), expected, "at {millis}");
    }

    #[test]
    fn a_name_is_filled_from_the_snapshot_before_it_to_the_one_without_it() {
        let mut veils = Veils::default();
        veils.look(ON, at(1_000), &[], &[], true);
        veils.look(ON, at(2_000), &[], &[node(PLACE)], true);
        veils.look(ON, at(3_000), &[], &[node(PLACE)], false);
        veils.look(ON, at(4_000), &[], &[], true);
        check(&veils, 799, &[]);
        check(&veils, 800, &[PLACE]);
        check(&veils, 4_199, &[PLACE]);
        check(&veils, 4_201, &[]);
    }

    #[test]
    fn a_scrolled_window_is_filled_until_it_was_looked_at() {
        let mut veils = Veils::default();
        veils.look(ON, at(1_000), &[], &[node(PLACE)], true);
        veils.scrolled(WindowId(1), 10, at(2_000));
        let elsewhere = Rect { y: 200, ..PLACE };
        veils.look(ON, at(3_000), &[], &[node(elsewhere)], true);
        check(&veils, 2_500, &[PLACE, WINDOW, elsewhere]);
        check(&veils, 3_500, &[elsewhere]);
    }

    #[test]
    fn a_field_is_followed_until_it_is_gone() {
        let mut veils = Veils::default();
        let field = Field { role: "entry".into(), label: "Card".into(), bounds: PLACE, pid: 10 };
        let entry = |bounds| Node { role: "entry".into(), name: "Card".into(), bounds, ..Node::default() };
        veils.typed(1, true, at(1_000), Some(field), ON);
        let elsewhere = Rect { y: 200, ..PLACE };
        veils.look(ON, at(2_000), &[entry(elsewhere)], &[], true);
        veils.look(ON, at(3_000), &[], &[], true);
        check(&veils, 1_500, &[PLACE, elsewhere]);
        check(&veils, 2_500, &[elsewhere]);
        check(&veils, 3_500, &[]);
    }

    #[test]
    fn a_veil_moves_and_closes_with_its_window() {
        let mut veils = Veils::default();
        veils.look(ON, at(1_000), &[], &[node(PLACE)], true);
        veils.moved(WindowId(1), Rect { x: 90, ..WINDOW }, WINDOW, at(2_000));
        check(&veils, 2_500, &[Rect { x: PLACE.x + 10, ..PLACE }]);
        veils.closed(WindowId(1), at(3_000));
        check(&veils, 3_500, &[]);
    }

    #[test]
    fn what_is_seen_again_and_again_is_one_veil() {
        let mut veils = Veils::default();
        for i in 1..=200 {
            veils.look(ON, at(1_000 + i * 100), &[], &[node(PLACE)], true);
        }
        assert_eq!(veils.all.len(), 1);
        check(&veils, 5_000, &[PLACE]);
        veils.look(ON, at(22_000), &[], &[], true);
        check(&veils, 22_100, &[PLACE]);
        check(&veils, 22_500, &[]);
    }

    #[test]
    fn too_many_fill_the_window() {
        let mut veils = Veils::default();
        for i in 0..1_000 {
            veils.named(&node(Rect { x: 120 + i, ..PLACE }), ON);
        }
        assert!(veils.all.len() <= VEILS_MAX);
        let stand = stand();
        assert!(veils.on(&stand, at(1), at(1)).contains(&WINDOW));
    }

    #[test]
    fn a_titles_place_is_the_top_of_its_window() {
        let mut veils = Veils::default();
        veils.titled(WindowId(1), Some(10), WINDOW, true, at(1_000));
        check(&veils, 1_500, &[Rect { h: TITLE_PX, ..WINDOW }]);
        veils.titled(WindowId(1), Some(10), WINDOW, false, at(2_000));
        check(&veils, 2_500, &[]);
        veils.named(&Node { role: "frame".into(), ..node(WINDOW) }, ON);
        check(&veils, 2_500, &[]);
    }
}
