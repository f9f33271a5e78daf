//! What elements look like, as numbers (docs/spec/model.md, section 3).

use crate::appearance::{Appearance, Tone};
use crate::features::{NO_NUMBER, NONE, capped, flag};
use crate::moment::Moment;
use crate::scene::Scene;
use crate::vocabulary::Vocabulary;

/// How many numbers there are.
pub(crate) const VISIBLE: usize = 13;
/// Elements of one kind are of one size, to so many pixels.
const SIZE_PX: i32 = 2;
/// What is chosen may get a border, and be larger by so much.
const BORDERS_PX: i32 = 4;

/// How all elements of a moment look, and which have a colour that the goal names.
pub(crate) struct Visible<'a> {
    moment: &'a Moment<'a>,
    known: &'a Vocabulary,
    seen: Vec<Option<Seen>>,
    /// How far the nearest is from a colour that the goal names, in Oklab.
    nearest: f32,
    /// So many of those colours were not acted on yet.
    awaited: usize,
}

/// What is seen of one element.
struct Seen {
    tone: Tone,
    /// From the nearest colour that the goal names.
    off: Option<f32>,
    /// In degrees of hue.
    hue_off: Option<f32>,
    /// Elements of its size that look the same, and of them those that were acted on.
    alike: usize,
    alike_acted: usize,
}

impl<'a> Visible<'a> {
    /// `None` where no picture was looked at.
    pub(crate) fn of(moment: &'a Moment<'a>, known: &'a Vocabulary) -> Option<Self> {
        let scene = moment.scene;
        if !scene.is_seen() {
            return None;
        }
        let said = colours_said(moment);
        let all = 0..scene.nodes().len();
        let seen: Vec<_> = all.map(|i| Some(Seen::of(moment, i, scene.appearance(i)?, &said))).collect();
        let nearest = seen.iter().flatten().filter_map(|s| s.off).fold(f32::INFINITY, f32::min);
        let meant = of_one_kind(scene, of_colours_said(moment));
        let awaited = meant.into_iter().filter(|i| !moment.was_acted_at(*i)).count();
        Some(Self { moment, known, seen, nearest, awaited })
    }

    /// The numbers of an element; what is not seen is unknown.
    pub(crate) fn row(&self, on: Option<usize>) -> [f32; VISIBLE] {
        let seen = on.and_then(|i| Some((self.seen[i].as_ref()?, self.moment.scene.appearance(i)?)));
        let Some((seen, appearance)) = seen else { return UNSEEN };
        [
            seen.tone.lightness,
            seen.tone.chroma,
            seen.tone.hue.unwrap_or(NONE),
            seen.off.unwrap_or(NO_NUMBER),
            seen.hue_off.unwrap_or(NO_NUMBER),
            flag(seen.off == Some(self.nearest)),
            capped(self.awaited),
            appearance.covers,
            appearance.upper,
            appearance.left,
            self.known.appearance(appearance),
            capped(seen.alike),
            capped(seen.alike_acted),
        ]
    }
}

/// The numbers of what is not seen.
pub(crate) const UNSEEN: [f32; VISIBLE] = [NONE; VISIBLE];

impl Seen {
    fn of(moment: &Moment<'_>, i: usize, appearance: &Appearance, said: &[Tone]) -> Self {
        let tone = appearance.tone();
        let least = |a: f32, b: f32| a.min(b);
        let alike = || others_alike(moment.scene, i, appearance);
        Self {
            tone,
            off: said.iter().map(|s| tone.distance(s)).reduce(least),
            hue_off: said.iter().filter_map(|s| tone.degrees(s)).reduce(least),
            alike: alike().count(),
            alike_acted: alike().filter(|j| moment.was_acted_at(*j)).count(),
        }
    }
}

fn others_alike<'a>(
    scene: &'a Scene,
    i: usize,
    appearance: &'a Appearance,
) -> impl Iterator<Item = usize> + 'a {
    let size = |j: usize| (scene.nodes()[j].bounds.w, scene.nodes()[j].bounds.h);
    let (w, h) = size(i);
    let same_size = move |j: usize| (size(j).0 - w).abs() <= SIZE_PX && (size(j).1 - h).abs() <= SIZE_PX;
    let looks_so = move |j: usize| scene.appearance(j).is_some_and(|other| other.is_like(appearance));
    (0..scene.nodes().len()).filter(move |j| *j != i && same_size(*j) && looks_so(*j))
}

/// The colours that the goal names.
fn colours_said(moment: &Moment<'_>) -> Vec<Tone> {
    moment.goal.words().iter().filter_map(|w| Tone::named(&w.low)).collect()
}

/// The elements that have a colour which the goal names: just that one, or where none has, a shade of it.
pub(crate) fn of_colours_said(moment: &Moment<'_>) -> Vec<usize> {
    let (scene, said) = (moment.scene, colours_said(moment));
    let having = |is: fn(&Tone, &Tone) -> bool| -> Vec<usize> {
        let has = |i: &usize| scene.appearance(*i).is_some_and(|l| said.iter().any(|s| is(&l.tone(), s)));
        (0..scene.nodes().len()).filter(has).collect()
    };
    let same = having(Tone::is_same);
    if same.is_empty() { having(Tone::is_shade_of) } else { same }
}

/// Those of one role and about one size: of the kind that has the most, of such the largest, of such the first. A word in green
/// beside five green boxes is not meant.
fn of_one_kind(scene: &Scene, all: Vec<usize>) -> Vec<usize> {
    let node = |i: usize| &scene.nodes()[i];
    let near = |a: i32, b: i32| (a - b).abs() <= BORDERS_PX;
    let is_kin = |i: usize, j: usize| {
        let (a, b) = (node(i), node(j));
        a.role == b.role && near(a.bounds.w, b.bounds.w) && near(a.bounds.h, b.bounds.h)
    };
    let kin = |i: usize| all.iter().copied().filter(move |j| is_kin(i, *j));
    let area = |i: usize| i64::from(node(i).bounds.w) * i64::from(node(i).bounds.h);
    let best = all.iter().copied().max_by_key(|i| (kin(*i).count(), area(*i), std::cmp::Reverse(*i)));
    best.map(|i| kin(i).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::appearance::Picture;
    use crate::features::NAMES;
    use crate::goal::Goal;
    use overt_event::{Node, Rect};

    const SIZE: i32 = 20;

    /// Boxes of these colours side by side on white.
    fn boxes(colours: &[[u8; 3]]) -> Scene {
        let place = |i: usize| Rect { x: 10 + 30 * i as i32, y: 10, w: SIZE, h: SIZE };
        let node = |i| Node { role: "section".into(), bounds: place(i), ..Node::default() };
        let part = Rect { x: 0, y: 0, w: 200, h: 40 };
        let at = |x, y| (0..colours.len()).find(|i| place(*i).contains(overt_event::Point { x, y }));
        let rgb = (0..40).flat_map(|y| (0..200).flat_map(move |x| at(x, y).map_or([255; 3], |i| colours[i])));
        let picture = Picture::new(part, rgb.collect()).expect("so many bytes");
        Scene::new((0..colours.len()).map(node).collect()).seen_in(Some(&picture))
    }

    fn rows(goal: &str, scene: &Scene) -> Vec<[f32; VISIBLE]> {
        let (goal, known) = (Goal::new(goal), Vocabulary::default());
        let moment = Moment::new(&goal, scene, &[], None);
        let visible = Visible::of(&moment, &known).expect("it was looked at");
        (0..scene.nodes().len()).map(|i| visible.row(Some(i))).collect()
    }

    fn column(name: &str) -> usize {
        NAMES.iter().position(|n| *n == name).expect("a number") - (NAMES.len() - VISIBLE)
    }

    #[test]
    fn the_box_of_the_colour_that_the_goal_says_is_the_nearest() {
        let scene = boxes(&[[255, 0, 0], [0, 0, 255], [128, 128, 0], [0, 0, 250]]);
        let rows = rows("Click on the blue colored box.", &scene);
        let of = |name: &str| -> Vec<f32> { rows.iter().map(|r| r[column(name)]).collect() };
        assert_eq!(of("colour_is_nearest"), [0.0, 1.0, 0.0, 0.0]);
        assert_eq!(of("colour_awaited"), [2.0; 4]);
        assert_eq!(of("alike"), [0.0, 1.0, 0.0, 1.0]);
        assert!(of("hue_off")[3] < 2.0 && of("hue_off")[0] > 90.0);
    }

    #[test]
    fn of_what_has_the_colour_that_the_goal_says_the_most_of_one_size_are_meant() {
        let node =
            |x, w| Node { role: "section".into(), bounds: Rect { x, y: 0, w, h: 12 }, ..Node::default() };
        let scene = Scene::new(vec![node(0, 40), node(50, 12), node(70, 16), node(90, 60)]);
        assert_eq!(of_one_kind(&scene, vec![0, 1, 2, 3]), [1, 2]);
        assert_eq!(of_one_kind(&scene, vec![0, 1, 3]), [3]);
        assert_eq!(of_one_kind(&scene, Vec::new()), [0; 0]);
    }

    #[test]
    fn without_a_colour_in_the_goal_there_is_no_nearest_and_without_a_picture_nothing() {
        let scene = boxes(&[[255, 0, 0]]);
        let row = rows("Press it.", &scene)[0];
        assert_eq!((row[column("colour_off")], row[column("colour_is_nearest")]), (NO_NUMBER, 0.0));
        let (goal, known) = (Goal::new("red"), Vocabulary::default());
        let unseen = Scene::new(scene.nodes().to_vec());
        assert!(Visible::of(&Moment::new(&goal, &unseen, &[], None), &known).is_none());
    }
}
