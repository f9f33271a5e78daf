//! What people showed: episodes of a data set as scenes and deeds.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use overt_dataset::{
    EpisodeRow, Manifest, NodeCell, StepRow, read_episodes, read_steps, read_steps_without_pictures,
};
use overt_event::{KeyId, Node, Rect};

use crate::appearance::Picture;
use crate::clipboard::type_what_was_pasted;
use crate::deed::Manner;
use crate::error::LearnError;
use crate::hidden::tell_hidden_typing;
use crate::hovered::Earlier;
use crate::scene::Scene;
use crate::scrolled::is_scrolled;
use crate::spent::Spent;

/// One episode with a goal.
#[derive(Clone, Debug, Default)]
pub struct Demonstration {
    pub goal: String,
    /// `train`, `validation` or `test`.
    pub split: String,
    /// What is said of its outcome; `None` where nothing is.
    pub succeeded: Option<bool>,
    /// In order.
    pub steps: Vec<Shown>,
    /// What was there when it ended, where that is known.
    pub last: Option<Scene>,
    /// Who was recorded; `None` of a published one, which is nobody's who is recorded.
    pub contributor: Option<KeyId>,
    /// How long was recorded for it in each application, by the agreement's name for it, from its beginning to its end. It is a figure
    /// about its contributor: only sums of many people's leave this room.
    pub spent_millis: Spent,
}

/// One step that can be learned from.
#[derive(Clone, Debug)]
pub struct Shown {
    /// What was there before it.
    pub scene: Scene,
    pub manner: Manner,
    /// Index in the scene.
    pub on: Option<usize>,
    /// Of typing; `None` where its characters were not kept.
    pub text: Option<String>,
    /// Milliseconds in the recording.
    pub at_millis: i64,
    /// When the scene was seen.
    pub seen_millis: i64,
}

/// The episodes of a data set, and what of it cannot be learned from.
#[derive(Clone, Debug, Default)]
pub struct Demonstrations {
    /// By recording and episode.
    pub all: Vec<Demonstration>,
    /// Steps by the reason why they are left out; episodes without a goal among them.
    pub left_out: BTreeMap<&'static str, u64>,
}

impl Demonstrations {
    /// Reads a data set, with what elements look like where `pictures` are looked at.
    ///
    /// Errors: [`LearnError::Dataset`], [`LearnError::Picture`].
    pub fn read(dataset: &Path, pictures: bool) -> Result<Self, LearnError> {
        let mut steps: HashMap<(String, i32), Vec<Row>> = HashMap::new();
        let rows = if pictures { read_steps(dataset)? } else { read_steps_without_pictures(dataset)? };
        let mut earlier = None;
        for step in rows {
            let row = Row::of(step?, &mut earlier)?;
            steps.entry((row.step.recording.clone(), row.step.episode)).or_default().push(row);
        }
        let mut found = Self::default();
        let people = Manifest::read(dataset)?.people_recorded();
        for episode in read_episodes(dataset)? {
            let rows = steps.remove(&(episode.recording.clone(), episode.episode)).unwrap_or_default();
            let contributor = people.get(&episode.recording).copied();
            found.add(episode, rows, contributor);
        }
        Ok(found)
    }

    fn add(&mut self, episode: EpisodeRow, mut rows: Vec<Row>, contributor: Option<KeyId>) {
        show_other_applications(&mut rows);
        let Some(goal) = episode.instruction.filter(|i| !i.trim().is_empty()) else {
            return self.leave_out("episode_without_goal");
        };
        let mut told = Demonstration {
            goal,
            split: episode.split,
            succeeded: episode.outcome.as_deref().map(|o| matches!(o, "succeeded" | "thumbs_up")),
            steps: Vec::new(),
            last: None,
            contributor,
            spent_millis: spent((episode.t_start_millis, episode.t_end_millis), &rows),
        };
        let mut rows = rows.into_iter().peekable();
        while let Some(row) = rows.next() {
            let next = rows.peek().and_then(|row| row.scene.as_ref());
            if row.step.kind == "finish" {
                told.last = row.scene;
                continue;
            }
            match shown(row) {
                Ok(step) if repeats(told.steps.last(), &step) => self.leave_out("repeated_without_effect"),
                Ok(step) if scrolls(&step, next) => self.leave_out("scrolled_by_hand"),
                Ok(step) if moves_caret(&step) => self.leave_out("press_in_focused_field"),
                Ok(step) => join(&mut told.steps, step),
                Err(why) => self.leave_out(why),
            }
        }
        told.steps.retain(|s| s.text.as_deref() != Some(""));
        told.steps = tell_hidden_typing(type_what_was_pasted(told.steps));
        if told.steps.is_empty() {
            return self.leave_out("episode_without_steps");
        }
        self.all.push(told);
    }

    fn leave_out(&mut self, why: &'static str) {
        *self.left_out.entry(why).or_default() += 1;
    }
}

/// How long an episode lasted in each application. What comes before a step and the step itself are of its application, what comes
/// after the last step is of that one's; a step without an application is of the one before it.
fn spent((begins, ends): (i64, i64), rows: &[Row]) -> Spent {
    let (mut spent, mut app, mut since) = (Spent::new(), "", begins);
    let steps = rows.iter().map(|row| (row.step.app.as_deref(), row.step.t_end_millis.min(ends)));
    for (of, until) in steps.chain([(None, ends)]) {
        app = of.unwrap_or(app);
        *spent.entry(app.to_owned()).or_default() += until.max(since).abs_diff(since);
        since = since.max(until);
    }
    spent
}

/// A step and what was there before it. Of its pictures only what elements look like is kept.
struct Row {
    step: StepRow,
    scene: Option<Scene>,
}

impl Row {
    /// `earlier`: of the row before it; then of this one.
    fn of(mut step: StepRow, earlier: &mut Option<Earlier>) -> Result<Self, LearnError> {
        let told = std::mem::take(&mut step.elements_before);
        let mut scene = (!told.is_empty()).then(|| Scene::new(told.iter().map(node).collect()));
        if let Some(png) = step.image_before.take().filter(|_| scene.is_some()) {
            let picture = Picture::of_png(&png)?;
            scene = scene.map(|s| s.seen_in(Some(&picture)));
            if let Some(earlier) = earlier {
                scene = scene.map(|s| earlier.without_hover(&step, s));
            }
        }
        *earlier = Earlier::taken_from(&mut step)?;
        Ok(Self { step, scene })
    }

    /// The application whose window it shows, and when that was seen, milliseconds in the recording. `None` for a menu.
    fn shows(&self) -> Option<(String, i64)> {
        let window = self.step.window_before.as_ref().filter(|w| w.kind != "popup")?;
        let seen = self.step.t_start_millis - self.step.elements_age_millis?;
        self.scene.as_ref()?;
        Some((window.app.clone()?, seen))
    }
}

/// Puts behind what each step acted in what other applications showed, by the last that was known of them then: of a step in one
/// window the data set tells that window's elements alone, while who acts has to choose among all. A menu is all that can be
/// acted on while it is open.
fn show_other_applications(rows: &mut [Row]) {
    let shown: Vec<Option<(String, i64)>> = rows.iter().map(Row::shows).collect();
    let alone: Vec<Option<Scene>> = rows.iter().map(|row| row.scene.clone()).collect();
    for (i, row) in rows.iter_mut().enumerate() {
        let Some((own, _)) = &shown[i] else { continue };
        let mut others: BTreeMap<&str, (i64, usize)> = BTreeMap::new();
        for (j, (app, seen)) in shown.iter().enumerate().filter_map(|(j, s)| Some((j, s.as_ref()?))) {
            if app != own && *seen <= row.step.t_start_millis {
                let latest = others.entry(app).or_insert((*seen, j));
                *latest = (*latest).max((*seen, j));
            }
        }
        let others: Vec<&Scene> = others.values().filter_map(|(_, j)| alone[*j].as_ref()).collect();
        if !others.is_empty() {
            row.scene = row.scene.take().map(|scene| scene.before(&others));
        }
    }
}

/// What a row shows, or why nothing can be learned from it.
fn shown(row: Row) -> Result<Shown, &'static str> {
    let (row, scene) = (&row.step, row.scene.ok_or("no_elements")?);
    let scene = focused(row, scene);
    let (manner, on) = match row.kind.as_str() {
        "click" => (pressed(row)?, met(row, &scene)),
        "double_click" => (Manner::DoubleClick, met(row, &scene)),
        "triple_click" => (Manner::TripleClick, met(row, &scene)),
        "drag" if slipped(row) => (pressed(row)?, met(row, &scene)),
        "hover" => (Manner::Hover, met(row, &scene)),
        "type" => (Manner::Type, scene.focused()),
        "key" => (Manner::Key(row.keys.clone()), scene.focused()),
        "drag" => return Err("drag"),
        "scroll" => return Err("scroll"),
        _ => return Err("other_kind"),
    };
    if manner.points() && on.is_none() {
        return Err("element_not_in_snapshot");
    }
    let seen_millis = row.t_start_millis - row.elements_age_millis.unwrap_or(0);
    let text = row.text.clone().filter(|_| manner == Manner::Type);
    Ok(Shown { scene, manner, on, text, at_millis: row.t_start_millis, seen_millis })
}

/// The scene with the focus where the row itself says that it was: people may type sooner after a press than the
/// elements are looked at again.
fn focused(row: &StepRow, scene: Scene) -> Scene {
    let typed_into = row.element.as_ref().filter(|_| matches!(row.kind.as_str(), "type" | "key"));
    let told = typed_into.and_then(|e| scene.find(&e.role, &e.name, e.bounds));
    match told.filter(|i| scene.focused() != Some(*i)) {
        Some(i) => scene.with_focus_on(i),
        None => scene,
    }
}

fn pressed(row: &StepRow) -> Result<Manner, &'static str> {
    match row.button.as_deref() {
        // Of a press in an import the button may not be known; nearly all are left.
        None | Some("left" | "other_0") if row.modifiers.is_empty() => Ok(Manner::Click),
        Some("right") if row.modifiers.is_empty() => Ok(Manner::RightClick),
        _ => Err("other_press"),
    }
}

/// A press that moved but was let go of on the same element, which takes it for a click.
fn slipped(row: &StepRow) -> bool {
    let bounds = row.element.as_ref().map(|e| e.bounds);
    bounds.zip(row.path.last()).is_some_and(|(b, end)| b.contains(*end))
}

/// The element of the scene that was acted on: what was ticked, though it was its label that was pressed, else what the row names, else
/// what is drawn there.
fn met(row: &StepRow, scene: &Scene) -> Option<usize> {
    let told = row.element.as_ref().and_then(|e| scene.find(&e.role, &e.name, e.bounds));
    let pressed = told.and_then(|i| scene.candidate_around(i)).or_else(|| scene.at(row.at()?));
    ticked(row, scene).or(pressed)
}

/// The box that the step ticked, of several of that name the nearest.
fn ticked(row: &StepRow, scene: &Scene) -> Option<usize> {
    let (at, label) = (row.at()?, row.intents.iter().find(|i| i.kind == "fills_field")?.path.first()?);
    let is_it =
        |i: &usize| TICKED.contains(&scene.nodes()[*i].role.as_str()) && scene.nodes()[*i].name == *label;
    let far = |i: usize| scene.nodes()[i].bounds.center().distance(at);
    (0..scene.nodes().len()).filter(is_it).min_by(|a, b| far(*a).total_cmp(&far(*b)))
}

/// What a press ticks, though it may be its label's.
const TICKED: [&str; 2] = ["check box", "radio button"];

fn node(cell: &NodeCell) -> Node {
    let Rect { x, y, w, h } = cell.bounds;
    Node {
        role: cell.role.clone(),
        name: cell.name.clone(),
        states: cell.states.clone(),
        bounds: Rect { x, y, w, h },
        parent: cell.parent.and_then(|p| u32::try_from(p).ok()),
    }
}

/// The same deed as the one before it, which changed nothing: in acting, too, it is not done again.
fn repeats(last: Option<&Shown>, step: &Shown) -> bool {
    let same = |last: &Shown| last.manner == step.manner && last.on == step.on && last.scene == step.scene;
    step.manner != Manner::Type && step.manner != back_space() && last.is_some_and(same)
}

/// A press that scrolled what it met: at its bar, or by dragging what it shows.
fn scrolls(step: &Shown, next: Option<&Scene>) -> bool {
    let met = step.on.filter(|_| step.manner.points()).zip(next);
    met.is_some_and(|(on, next)| is_scrolled(&step.scene, on, next))
}

/// A press in the field that has the focus already.
fn moves_caret(step: &Shown) -> bool {
    let presses = matches!(step.manner, Manner::Click | Manner::DoubleClick | Manner::TripleClick);
    presses && step.on.is_some() && step.on == step.scene.entry()
}

fn back_space() -> Manner {
    Manner::Key(vec!["BackSpace".to_owned()])
}

/// Adds a step; typing that goes on in the same field, and what is taken back of it, is one step.
fn join(steps: &mut Vec<Shown>, step: Shown) {
    let same_field =
        |a: &Shown| a.on.map(|i| a.scene.nodes()[i].bounds) == step.on.map(|i| step.scene.nodes()[i].bounds);
    if let Some(last) = steps.last_mut().filter(|s| s.manner == Manner::Type && same_field(s)) {
        if step.manner == Manner::Type {
            // With a part that is not known the whole is not known.
            last.text = last.text.take().zip(step.text).map(|(typed, more)| typed + &more);
            return;
        }
        if step.manner == back_space() {
            last.text = last.text.take().map(|mut typed| {
                typed.pop();
                typed
            });
            return;
        }
    }
    steps.push(step);
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use overt_dataset::{IntentCell, WindowCell};

    /// One press, to learn from.
    pub(crate) fn pressed() -> Demonstration {
        let (split, steps) = ("train".to_owned(), vec![step(Manner::Click, None)]);
        Demonstration { split, steps, ..Demonstration::default() }
    }

    fn step(manner: Manner, text: Option<&str>) -> Shown {
        let scene = Scene::default();
        Shown { scene, manner, on: None, text: text.map(str::to_owned), at_millis: 0, seen_millis: 0 }
    }

    /// A step at a time in an application's window, which was looked at so long before; its one element is called as the
    /// application.
    fn row(app: &str, kind: &str, t_start_millis: i64, age_millis: i64) -> Row {
        let mut step = StepRow::default();
        (step.t_start_millis, step.elements_age_millis) = (t_start_millis, Some(age_millis));
        let (kind, app_name) = (kind.to_owned(), Some(app.to_owned()));
        step.window_before =
            Some(WindowCell { kind, app: app_name, title: None, url: None, bounds: Rect::default() });
        let node = Node { role: "entry".into(), name: app.into(), ..Node::default() };
        Row { step, scene: Some(Scene::new(vec![node])) }
    }

    #[test]
    fn behind_a_step_stands_what_other_applications_had_shown_by_then() {
        let mut rows = vec![
            row("editor", "normal", 1_000, 300),
            row("editor", "popup", 2_000, 100),
            row("browser", "normal", 3_000, 2_500),
            row("mail", "normal", 4_000, 10),
        ];
        show_other_applications(&mut rows);
        let told = |row: &Row| -> Vec<String> {
            row.scene.iter().flat_map(|s| s.nodes()).map(|n| n.name.clone()).collect()
        };
        let expected: [&[&str]; 4] =
            [&["browser", "editor"], &["editor"], &["editor", "browser"], &["browser", "editor", "mail"]];
        assert_eq!(rows.iter().map(told).collect::<Vec<_>>(), expected);
    }

    /// What an episode of ten seconds, which begins a second before its first step, spent where: its steps by application and the
    /// milliseconds of their ends.
    fn spent_in(steps: &[(Option<&str>, i64)]) -> Vec<(String, u64)> {
        let rows: Vec<Row> = steps
            .iter()
            .map(|(app, t_end_millis)| {
                let mut step = StepRow::default();
                (step.app, step.t_end_millis) = (app.map(str::to_owned), *t_end_millis);
                Row { step, scene: None }
            })
            .collect();
        spent((-1_000, 9_000), &rows).into_iter().collect()
    }

    #[test]
    fn an_episode_is_spent_from_its_beginning_to_its_end_where_the_next_step_was_done() {
        let all =
            |told: &[(&str, u64)]| told.iter().map(|(app, n)| ((*app).to_owned(), *n)).collect::<Vec<_>>();
        let (mail, sheet) = (Some("mail"), Some("sheet"));
        assert_eq!(spent_in(&[(mail, 100)]), all(&[("mail", 10_000)]));
        assert_eq!(
            spent_in(&[(mail, 100), (sheet, 3_000), (None, 4_000)]),
            all(&[("mail", 1_100), ("sheet", 8_900)])
        );
        // A key is let go of after the next step ended, or after the episode did.
        assert_eq!(spent_in(&[(mail, 5_000), (sheet, 4_000)]), all(&[("mail", 6_000), ("sheet", 4_000)]));
        assert_eq!(spent_in(&[(mail, 5_000), (sheet, 12_000)]), all(&[("mail", 6_000), ("sheet", 4_000)]));
    }

    #[test]
    fn a_press_on_a_label_met_the_nearest_box_that_it_ticked() {
        let node = |role: &str, name: &str, y| Node {
            role: role.into(),
            name: name.into(),
            bounds: Rect { x: 0, y, w: 14, h: 14 },
            ..Node::default()
        };
        let around = Node { bounds: Rect { x: 0, y: 0, w: 200, h: 80 }, ..node("section", "", 0) };
        let boxes =
            [node("check box", "Post", 0), node("check box", "Post", 40), node("check box", "Mail", 20)];
        let scene = Scene::new([around].into_iter().chain(boxes).collect());
        let mut row = StepRow::default();
        (row.x, row.y) = (Some(90), Some(44));
        assert_eq!(met(&row, &scene), Some(0));
        let (kind, path) = ("fills_field".to_owned(), vec!["Post".to_owned()]);
        let filled =
            IntentCell { kind, path, option: Some("checked".into()), from: None, to: None, by: None };
        row.intents = vec![filled];
        assert_eq!(met(&row, &scene), Some(2));
    }

    #[test]
    fn typing_with_its_corrections_is_one_step() {
        let mut steps = Vec::new();
        let back = || step(Manner::Key(vec!["BackSpace".into()]), None);
        for one in [
            step(Manner::Type, Some("ab")),
            back(),
            step(Manner::Type, Some("cd")),
            step(Manner::Click, None),
        ] {
            join(&mut steps, one);
        }
        assert_eq!(steps.len(), 2);
        assert_eq!(steps[0].text.as_deref(), Some("acd"));
    }

    #[test]
    fn typing_of_which_a_part_is_not_known_is_not_known() {
        let mut steps = Vec::new();
        for text in [Some("ab"), None, Some("cd")] {
            join(&mut steps, step(Manner::Type, text));
        }
        assert_eq!((steps.len(), steps[0].text.as_deref()), (1, None));
    }

    #[test]
    fn what_is_done_again_without_effect_is_not_shown_again() {
        let press = step(Manner::Click, None);
        assert!(repeats(Some(&press), &press));
        assert!(!repeats(Some(&step(Manner::Hover, None)), &press) && !repeats(None, &press));
        assert!(!repeats(Some(&step(Manner::Type, Some("a"))), &step(Manner::Type, Some("a"))));
    }
}
