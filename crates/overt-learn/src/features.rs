//! What a choice looks like, as numbers (docs/spec/model.md, section 3).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::association::strongest;
use crate::calendar;
use crate::deed::Deed;
use crate::moment::{Match, Moment};
use crate::scene::Scene;
use crate::visible::{UNSEEN, VISIBLE, Visible};
use crate::vocabulary::{Vocabulary, role_as_thing};

/// The version of the list below: a model made for another one does not fit.
pub(crate) const FEATURES_VERSION: u32 = 5;

/// What the numbers of a row are, in order. The first [`BASIC`] are what the plain ranker sees, the first 70 the fuller one.
pub(crate) const NAMES: [&str; UNPICTURED + VISIBLE] = [
    "manner",
    "role",
    "text_words",
    "text_is_empty",
    "match",
    "match_exact",
    "match_at",
    "match_quoted",
    "words_in_goal",
    "checked",
    "selected",
    "expanded",
    "focused",
    "acted",
    "acted_last",
    "steps",
    "last_manner",
    "last_role",
    "x",
    "y",
    "w",
    "h",
    "children",
    "depth",
    "ordinal",
    // What the fuller one sees as well.
    "parent_role",
    "grandparent_role",
    "text",
    "match_words",
    "match_from_end",
    "match_after",
    "match_before",
    "match_is_longest",
    "match_is_first_awaited",
    "match_is_last",
    "awaited",
    "matched",
    "all_met",
    "expandable",
    "has_popup",
    "acted_here",
    "appeared",
    "appeared_all",
    "role_count",
    "ordinal_less_number",
    "role_acted",
    "first_of_role_not_acted",
    "phrases_unseen",
    "row_match",
    "begins_as_phrase",
    "ends_as_phrase",
    "typed",
    "text_was_typed",
    "phrases_less_typed",
    "focus_takes_text",
    "goal_number",
    "text_number",
    "sibling",
    "match_levels",
    "match_is_nearest_of_alike",
    "goal_word",
    "goal_word_next",
    "number_at",
    "months_ahead",
    "role_told",
    "words_told",
    "told_is_best",
    "told_awaited",
    "row_match_before",
    "row_match_after",
    // What the sighted one sees as well.
    "lightness",
    "chroma",
    "hue",
    "colour_off",
    "hue_off",
    "colour_is_nearest",
    "colour_awaited",
    "covers",
    "upper",
    "left",
    "known_appearance",
    "alike",
    "alike_acted",
];

/// How many of them the plain ranker uses.
pub(crate) const BASIC: usize = 25;

/// How many of them are not about what elements look like.
pub(crate) const UNPICTURED: usize = 70;

/// What the fuller one and the transformer lean to before they learn: what the goal calls by name, all the more what is still awaited, and the
/// longest of such names. By column, natural logarithms.
pub(crate) const LEANING: &[(usize, f64)] = SIGHTED_LEANING.split_at(3).0;

/// What the sighted one leans to: also to the element whose colour is the nearest to one that the goal names.
pub(crate) const SIGHTED_LEANING: &[(usize, f64)] = &[(4, 1.0), (32, 0.5), (33, 1.5), (75, 1.0)];

/// What is unknown.
pub(crate) const NONE: f32 = -1.0;
/// The same where -1 is a number as any other.
pub(crate) const NO_NUMBER: f32 = 99.0;

/// The rows of all choices.
pub(crate) struct Rows<'a> {
    moment: &'a Moment<'a>,
    known: &'a Vocabulary,
    whole: Whole,
    visible: Option<Visible<'a>>,
}

/// What is the same for all choices of a moment.
struct Whole {
    awaited: Vec<usize>,
    matched: usize,
    longest: usize,
    first_awaited: Option<usize>,
    last_match: Option<usize>,
    appeared: usize,
    extent: overt_event::Rect,
    near: Near,
    /// The two rarest words of the goal that tell its kind; 0 where there is none.
    goal_words: [f32; 2],
    months_ahead: f32,
    told: Told,
    /// Of each element, how another beside it, or beside what it lies in, is called as the goal says.
    beside: Vec<Option<Match>>,
}

impl<'a> Rows<'a> {
    pub(crate) fn new(moment: &'a Moment<'a>, known: &'a Vocabulary) -> Self {
        let awaited: Vec<_> = moment.awaited().collect();
        let matches = || moment.matches.iter().flatten();
        let whole = Whole {
            matched: matches().count(),
            longest: matches().map(|m| m.words).max().unwrap_or(0),
            first_awaited: awaited.iter().map(|(_, m)| m.at).min(),
            last_match: matches().map(|m| m.at).max(),
            appeared: moment.appeared.iter().filter(|a| **a).count(),
            extent: moment.scene.extent(),
            near: Near::of(moment),
            goal_words: goal_words(moment, known),
            months_ahead: calendar::months_ahead(moment.goal, moment.scene)
                .map_or(NO_NUMBER, |n| n.clamp(-24, 24) as f32),
            awaited: awaited.into_iter().map(|(i, _)| i).collect(),
            told: Told::of(moment, known),
            beside: (0..moment.scene.nodes().len()).map(|i| match_beside(moment, i)).collect(),
        };
        Self { moment, known, whole, visible: Visible::of(moment, known) }
    }

    /// The numbers of one choice, as [`NAMES`] says.
    pub(crate) fn row(&self, deed: &Deed) -> Vec<f32> {
        let mut row = Vec::with_capacity(NAMES.len());
        row.push(self.known.manner(&deed.manner));
        self.element(deed.on, &mut row);
        self.past(deed.on, &mut row);
        self.place(deed.on, &mut row);
        self.relations(deed.on, &mut row);
        self.goal(deed.on, &mut row);
        self.scene(deed.on, &mut row);
        self.phrases(deed.on, &mut row);
        self.surroundings(deed.on, &mut row);
        row.extend(self.visible.as_ref().map_or(UNSEEN, |a| a.row(deed.on)));
        debug_assert_eq!(row.len(), NAMES.len());
        row
    }

    fn element(&self, on: Option<usize>, row: &mut Vec<f32>) {
        let Some(i) = on else { return row.extend([NONE; 12]) };
        let (scene, m) = (self.moment.scene, self.moment.matches[i]);
        let words = scene.words(i);
        let said = words.iter().filter(|w| self.moment.goal.words().iter().any(|g| g.low == **w)).count();
        let states = ["checked", "selected", "expanded", "focused"].map(|s| flag(scene.has(i, s)));
        row.extend([
            self.known.role(&scene.nodes()[i].role),
            capped(words.len()),
            flag(words.is_empty()),
            flag(m.is_some()),
            flag(m.is_some_and(|m| m.exact)),
            m.map_or(NONE, |m| capped(m.at)),
            flag(m.is_some_and(|m| m.quoted)),
            if words.is_empty() { NONE } else { said as f32 / words.len() as f32 },
        ]);
        row.extend(states);
    }

    fn past(&self, on: Option<usize>, row: &mut Vec<f32>) {
        let (past, scene) = (self.moment.past, self.moment.scene);
        let last = past.last();
        let again = on.zip(last).is_some_and(|(i, p)| p.was_on(&scene.nodes()[i], scene.text(i)));
        row.extend([
            on.map_or(NONE, |i| self.moment.acted[i] as f32),
            flag(again),
            capped(past.len()),
            last.map_or(NONE, |p| self.known.manner(&p.manner)),
            last.map_or(NONE, |p| self.known.role(&p.role)),
        ]);
    }

    fn place(&self, on: Option<usize>, row: &mut Vec<f32>) {
        let Some(i) = on else { return row.extend([NONE; 7]) };
        let (scene, e) = (self.moment.scene, self.whole.extent);
        let b = scene.nodes()[i].bounds;
        let part = |n: i32, of: i32| n as f32 / of.max(1) as f32;
        row.extend([
            part(b.x - e.x + b.w / 2, e.w),
            part(b.y - e.y + b.h / 2, e.h),
            part(b.w, e.w),
            part(b.h, e.h),
            capped(self.children(i).count()),
            capped(scene.depth(i)),
            capped(self.of_role(i).position(|j| j == i).unwrap_or(0)),
        ]);
    }

    fn relations(&self, on: Option<usize>, row: &mut Vec<f32>) {
        let Some(i) = on else { return row.extend([NONE; 3]) };
        let scene = self.moment.scene;
        let role = |at: Option<usize>| at.map_or(NONE, |p| self.known.role(&scene.nodes()[p].role));
        let parent = scene.parent(i);
        row.extend([
            role(parent),
            role(parent.and_then(|p| scene.parent(p))),
            self.known.text(scene.text(i)),
        ]);
    }

    /// The known word of the goal before what is matched.
    fn word_before(&self, m: Match) -> f32 {
        self.known_word(m.at.checked_sub(1))
    }

    fn word_after(&self, m: Match) -> f32 {
        self.known_word(Some(m.at + m.words))
    }

    fn known_word(&self, at: Option<usize>) -> f32 {
        let word = at.and_then(|i| self.moment.goal.words().get(i));
        self.known.goal_word(word.map(|w| w.low.as_str()))
    }

    fn goal(&self, on: Option<usize>, row: &mut Vec<f32>) {
        let m = on.and_then(|i| self.moment.matches[i]);
        let words = self.moment.goal.words();
        let awaited = self.awaited_beside(on);
        row.extend([
            m.map_or(NONE, |m| capped(m.words)),
            m.map_or(NONE, |m| capped(words.len() - m.at - m.words)),
            m.map_or(NONE, |m| self.word_before(m)),
            m.map_or(NONE, |m| self.word_after(m)),
            flag(m.is_some_and(|m| m.words == self.whole.longest)),
            flag(
                on.is_some_and(|i| self.whole.awaited.contains(&i))
                    && m.map(|m| m.at) == self.whole.first_awaited,
            ),
            flag(m.is_some() && m.map(|m| m.at) == self.whole.last_match),
            capped(awaited),
            capped(self.whole.matched),
            flag(self.whole.matched > 0 && awaited == 0),
        ]);
    }

    /// How many other names the goal says are awaited.
    fn awaited_beside(&self, on: Option<usize>) -> usize {
        let scene = self.moment.scene;
        let own = on.map(|i| scene.text(i));
        let texts: BTreeSet<&str> = self.whole.awaited.iter().map(|i| scene.text(*i)).collect();
        texts.into_iter().filter(|t| Some(*t) != own).count()
    }

    fn scene(&self, on: Option<usize>, row: &mut Vec<f32>) {
        let Some(i) = on else { return row.extend([NONE; 9]) };
        let (scene, moment) = (self.moment.scene, self.moment);
        let here = moment.past.iter().filter(|p| p.was_at(&scene.nodes()[i])).count();
        let ordinal = self.of_role(i).position(|j| j == i).unwrap_or(0) as f32;
        let number = moment.goal.number().map_or(NO_NUMBER, |n| (ordinal + 1.0 - n).clamp(-20.0, 20.0));
        row.extend([
            flag(scene.has(i, "expandable")),
            flag(scene.has(i, "has popup")),
            capped(here),
            flag(moment.appeared[i]),
            capped(self.whole.appeared),
            capped(self.of_role(i).count()),
            number,
            capped(self.of_role(i).filter(|j| moment.acted[*j] > 0).count()),
            flag(self.of_role(i).find(|j| moment.acted[*j] == 0) == Some(i)),
        ]);
    }

    fn phrases(&self, on: Option<usize>, row: &mut Vec<f32>) {
        let moment = self.moment;
        let text = on.map_or("", |i| moment.scene.text(i)).to_lowercase();
        let any = |test: fn(&str, &str) -> bool| {
            let mut phrases = moment.goal.phrases().map(str::to_lowercase);
            phrases.any(|p| !p.is_empty() && !text.is_empty() && test(&text, &p))
        };
        let typed = moment.past.iter().filter_map(|p| p.text.as_deref());
        row.extend([
            capped(moment.phrases_unseen),
            flag(on.is_some_and(|i| self.whole.beside[i].is_some())),
            flag(any(|text, p| text.starts_with(p))),
            flag(any(|text, p| text.ends_with(p))),
            capped(moment.typed()),
            flag(typed.into_iter().any(|t| t.to_lowercase() == text)),
            moment.goal.phrases().count() as f32 - moment.typed() as f32,
            flag(moment.scene.entry().is_some()),
            moment.goal.number().unwrap_or(NONE),
            text.parse::<u16>().map_or(NONE, f32::from),
        ]);
    }

    fn surroundings(&self, on: Option<usize>, row: &mut Vec<f32>) {
        let near = &self.whole.near;
        let number = on.and_then(|i| self.moment.scene.text(i).parse::<u16>().ok());
        row.extend([
            on.map_or(NONE, |i| capped(near.sibling[i])),
            on.and_then(|i| near.levels[i]).map_or(NONE, capped),
            flag(on.is_some_and(|i| near.is_nearest_of_alike(self.moment.scene, i))),
            self.whole.goal_words[0],
            self.whole.goal_words[1],
            number.and_then(|n| self.moment.goal.numbers().position(|g| g == n)).map_or(NONE, capped),
            self.whole.months_ahead,
        ]);
        row.extend(self.whole.told.row(on));
        let m = on.and_then(|i| self.moment.matches[i].or(self.whole.beside[i]));
        row.extend([m.map_or(NONE, |m| self.word_before(m)), m.map_or(NONE, |m| self.word_after(m))]);
    }

    fn children(&self, of: usize) -> impl Iterator<Item = usize> {
        children(self.moment.scene, of)
    }

    fn of_role(&self, i: usize) -> impl Iterator<Item = usize> {
        let nodes = self.moment.scene.nodes();
        (0..nodes.len()).filter(move |j| nodes[*j].role == nodes[i].role)
    }
}

fn children(scene: &Scene, of: usize) -> impl Iterator<Item = usize> {
    (of + 1..scene.nodes().len()).filter(move |j| scene.parent(*j) == Some(of))
}

fn match_beside(moment: &Moment<'_>, i: usize) -> Option<Match> {
    let scene = moment.scene;
    let around = [scene.parent(i), scene.parent(i).and_then(|p| scene.parent(p))];
    let another = |j: &usize| *j != i && moment.matches[*j].is_some() && scene.text(*j) != scene.text(i);
    let beside = around.into_iter().flatten().flat_map(|p| children(scene, p).filter(another));
    beside.filter_map(|j| moment.matches[j]).next()
}

/// How elements lie to those that the goal calls by name.
struct Near {
    /// The place among the children of what it lies in.
    sibling: Vec<usize>,
    /// So many levels up it lies in something that holds a match; 0 where it holds one itself.
    levels: Vec<Option<usize>>,
    /// Of those that look alike, how many there are and the fewest levels.
    alike: HashMap<Alike, (usize, Option<usize>)>,
}

/// Role, name and size.
type Alike = (String, String, i32, i32);

impl Near {
    fn of(moment: &Moment<'_>) -> Self {
        let scene = moment.scene;
        let all = 0..scene.nodes().len();
        let mut holds: Vec<bool> = moment.matches.iter().map(Option::is_some).collect();
        // Parents stand before their children.
        for i in all.clone().rev().filter(|i| scene.parent(*i).is_some()) {
            if let (true, Some(parent)) = (holds[i], scene.parent(i)) {
                holds[parent] = true;
            }
        }
        let up = |i: usize| std::iter::successors(Some(i), |j| scene.parent(*j)).position(|j| holds[j]);
        let levels: Vec<Option<usize>> = all.clone().map(up).collect();
        let (mut children, mut alike) = (HashMap::new(), HashMap::new());
        let mut sibling = Vec::with_capacity(levels.len());
        for i in all {
            let count: &mut usize = children.entry(scene.parent(i)).or_default();
            sibling.push(*count);
            *count += 1;
            let (n, fewest) = alike.entry(looks(scene, i)).or_insert((0, levels[i]));
            *n += 1;
            // `None` is less than any number, and further than any.
            *fewest = match (*fewest, levels[i]) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
        }
        Self { sibling, levels, alike }
    }

    fn is_nearest_of_alike(&self, scene: &Scene, i: usize) -> bool {
        let among = self.alike.get(&looks(scene, i)).filter(|(n, _)| *n > 1);
        among.is_some_and(|(_, fewest)| self.levels[i].is_some() && self.levels[i] == *fewest)
    }
}

/// What the goal's words, by what went together with them, tell of each element.
struct Told {
    /// Of its role and of its own words, the strongest.
    by: Vec<(f32, f32)>,
    /// The most that the words tell of one that was not acted on.
    best: f32,
    /// How many that were not acted on have words that are told.
    awaited: usize,
}

/// Words are told that go together with the goal's e times as often as by chance.
const TOLD_MIN: f32 = 1.0;

impl Told {
    fn of(moment: &Moment<'_>, known: &Vocabulary) -> Self {
        let (scene, pairs) = (moment.scene, &known.pressed);
        let words = moment.goal.words().iter().map(|w| w.low.as_str());
        let said: BTreeMap<&str, u32> = words.filter_map(|w| Some((w, pairs.word(w)?))).collect();
        let mut roles: HashMap<&str, f32> = HashMap::new();
        let by: Vec<(f32, f32)> = (0..scene.nodes().len())
            .map(|i| {
                let role = scene.nodes()[i].role.as_str();
                let of_role = || {
                    let thing = pairs.thing(&role_as_thing(role));
                    strongest(
                        thing.into_iter().flat_map(|t| said.values().map(move |w| pairs.strength(*w, t))),
                    )
                };
                (*roles.entry(role).or_insert_with(of_role), told_of_words(&said, scene.words(i), known))
            })
            .collect();
        let is_open =
            |i: &usize| moment.acted[*i] == 0 && !scene.has(*i, "checked") && scene.is_candidate(*i);
        let open = || (0..by.len()).filter(is_open);
        let awaited: BTreeSet<&str> =
            open().filter(|i| by[*i].1 >= TOLD_MIN).map(|i| scene.text(i)).collect();
        let (best, awaited) = (open().map(|i| by[i].1).fold(0.0, f32::max), awaited.len());
        Self { by, best, awaited }
    }

    fn row(&self, on: Option<usize>) -> [f32; 4] {
        let (role, words) = on.map_or((0.0, 0.0), |i| self.by[i]);
        [role, words, flag(words > 0.0 && words == self.best), capped(self.awaited)]
    }
}

/// The most that another word of the goal tells of one of these; 0 where none tells anything.
fn told_of_words(said: &BTreeMap<&str, u32>, words: &[String], known: &Vocabulary) -> f32 {
    let things = words.iter().filter_map(|w| Some((w, known.pressed.thing(w)?)));
    let told = |(own, thing): (&String, u32)| {
        let others = said.iter().filter(|(word, _)| *word != own);
        others.map(|(_, word)| known.pressed.strength(*word, thing)).fold(0.0, f32::max)
    };
    things.map(told).fold(0.0, f32::max)
}

fn looks(scene: &Scene, i: usize) -> Alike {
    let node = &scene.nodes()[i];
    (node.role.clone(), scene.text(i).to_owned(), node.bounds.w, node.bounds.h)
}

fn goal_words(moment: &Moment<'_>, known: &Vocabulary) -> [f32; 2] {
    let mut codes: Vec<f32> = moment.goal.words().iter().map(|w| known.kind(&w.low)).collect();
    codes.sort_by(|a, b| b.total_cmp(a));
    codes.dedup();
    [0, 1].map(|i| codes.get(i).copied().unwrap_or(0.0))
}

pub(crate) fn flag(yes: bool) -> f32 {
    f32::from(u8::from(yes))
}

/// Beyond 30 one more tells nothing.
pub(crate) fn capped(n: usize) -> f32 {
    n.min(30) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_leans_to_what_the_goal_calls_by_name() {
        let names: Vec<_> = SIGHTED_LEANING.iter().map(|(column, _)| NAMES[*column]).collect();
        assert_eq!(names, ["match", "match_is_longest", "match_is_first_awaited", "colour_is_nearest"]);
        assert_eq!(LEANING.len(), 3);
        assert_eq!((NAMES[UNPICTURED - 1], NAMES[UNPICTURED]), ("row_match_after", "lightness"));
    }
}
