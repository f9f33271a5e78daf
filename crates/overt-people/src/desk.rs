//! Tasks of our own on a desktop: two applications, keys alone, and a menu bar, which no page of the benchmark has.

use std::fs;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use overt_act::{Eye, Looked};
use overt_capture_x11::{OwnWindows, Sight};
use overt_event::{Point, Rect, VisibleWindow, WindowKind};
use overt_hands::Hands;
use overt_learn::ground::{Hand, Nobody, Screen, Witness};
use overt_learn::{Agent, Deed, Goal, Manner, Policy, Rng, Scene, Sight as Seen, World};
use overt_sim::apps;
use overt_sim::desktop::Desktop;
use overt_sim::pages::Pages;

const SIZE: (u32, u32) = (1_500, 800);
const DISPLAY: Rect = Rect { x: 0, y: 0, w: SIZE.0 as i32, h: SIZE.1 as i32 };
const BROWSER: Rect = Rect { x: 20, y: 40, w: 820, h: 740 };
const EDITOR: Rect = Rect { x: 880, y: 60, w: 580, h: 420 };
const WITHIN: Duration = Duration::from_secs(20);
/// Deeds for a task of five.
const STEPS_MAX: usize = 20;
/// What a task's own state is looked at so often for, each time the applications fell silent.
const LOOKS_AFTER: usize = 10;
/// What a menu offers.
const CHOICES: [&str; 3] = ["menu item", "check menu item", "radio menu item"];
const WORDS: [&str; 8] = ["amber", "basalt", "cedar", "dune", "ember", "fjord", "garnet", "harbour"];
/// The fields of the order form that take a line: id and name.
const FIELDS: [(&str, &str); 2] = [("name", "Full name"), ("item", "What do you need?")];

/// One kind of task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeskTask {
    /// Copies what stands in an editor into a field of a form in a browser.
    CopyAcross,
    /// Writes something else into a file and saves it, by keys alone.
    EditByKeys,
    /// Goes a way through an editor's menu bar, and saves.
    MenuPath,
}

/// One task as the seed sets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    /// What is to be done, in words.
    pub goal: String,
    /// What the editor shows at first.
    before: String,
    /// What has to stand in the file or in the form's field in the end.
    after: String,
    /// The field, where it is one.
    field: Option<&'static str>,
}

/// All of them.
pub const DESK_TASKS: [DeskTask; 3] = [DeskTask::CopyAcross, DeskTask::EditByKeys, DeskTask::MenuPath];

impl DeskTask {
    /// One word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::CopyAcross => "copy-across",
            Self::EditByKeys => "edit-by-keys",
            Self::MenuPath => "menu-path",
        }
    }

    /// The task of a seed: always the same one.
    pub fn set(self, seed: u64) -> Set {
        let mut rng = Rng::new(seed);
        let word = WORDS[rng.below(WORDS.len() as u64) as usize];
        let (text, other) = (format!("{word} {}", 100 + rng.below(900)), format!("{word} and more"));
        match self {
            Self::CopyAcross => {
                let (field, name) = FIELDS[rng.below(FIELDS.len() as u64) as usize];
                let goal = format!("Copy what stands in the editor into the field \"{name}\".");
                Set { goal, before: text.clone(), after: text, field: Some(field) }
            }
            Self::EditByKeys => {
                let goal = format!("Replace the text by \"{text}\" and save it, by keys alone.");
                Set { goal, before: other, after: text, field: None }
            }
            Self::MenuPath => {
                let (item, after) = match rng.below(2) {
                    0 => ("To Uppercase", other.to_uppercase()),
                    _ => ("To Lowercase", other.to_lowercase()),
                };
                let goal = format!("Select all, then choose Edit>Convert>{item}, and save it.");
                let before = if item == "To Lowercase" { other.to_uppercase() } else { other };
                Set { goal, before, after, field: None }
            }
        }
    }
}

/// How one task went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tried {
    /// The applications' own state is what was asked for, and it was reached as was asked.
    pub solved: bool,
    pub steps: usize,
}

/// A desktop for such tasks. Its applications are real, and acted on by real input.
pub struct Desk {
    desktop: Rc<Desktop>,
    pages: Pages,
    bus: String,
}

impl Desk {
    /// Starts it.
    ///
    /// Errors: a program is missing or does not come up.
    pub fn start() -> Result<Self> {
        let desktop = Desktop::start(SIZE)?;
        let bus = desktop.env().into_iter().find(|(name, _)| name == "DBUS_SESSION_BUS_ADDRESS");
        let (_, bus) = bus.context("the desktop has no session bus")?;
        Ok(Self { desktop: Rc::new(desktop), pages: Pages::start()?, bus })
    }

    pub(crate) fn desktop(&self) -> Rc<Desktop> {
        Rc::clone(&self.desktop)
    }

    /// Lets a policy try a task once.
    ///
    /// Errors: an application or the desktop does not work.
    pub fn attempt(&self, task: DeskTask, seed: u64, policy: &dyn Policy, steps_max: usize) -> Result<Tried> {
        let hands = Box::new(Hands::at(self.desktop.display())?);
        self.try_once(task, seed, (policy, steps_max), (hands, &mut Nobody))?
    }

    /// The same before a witness, with the usual number of deeds. Within is what broke once everything stood there, after which the
    /// desk is as it was left.
    ///
    /// Errors: an application or the desktop does not come up.
    pub(crate) fn attempt_as_far(
        &self,
        task: DeskTask,
        seed: u64,
        policy: &dyn Policy,
        witness: &mut dyn Witness,
    ) -> Result<Result<Tried>> {
        let hands = Box::new(Hands::at(self.desktop.display())?);
        self.try_once(task, seed, (policy, STEPS_MAX), (hands, witness))
    }

    /// Lets somebody with hands of their own try it before a witness.
    ///
    /// Errors: as [`Desk::attempt`], and what fails there.
    pub(crate) fn attempt_before(
        &self,
        task: DeskTask,
        seed: u64,
        policy: &dyn Policy,
        by: By<'_>,
    ) -> Result<Tried> {
        self.try_once(task, seed, (policy, STEPS_MAX), by)?
    }

    /// Whatever does not come up is the error; what breaks in acting is within.
    fn try_once(&self, task: DeskTask, seed: u64, how: How<'_>, by: By<'_>) -> Result<Result<Tried>> {
        let set = task.set(seed);
        let file = self.desktop.folder().join("note.txt");
        fs::write(&file, &set.before)?;
        let mut started = Started { desktop: &self.desktop, programs: Vec::new() };
        if task == DeskTask::CopyAcross {
            self.open_form(&mut started)?;
        }
        let (editor, window) = apps::open_mousepad(&self.desktop, &file)?;
        started.programs.push(editor);
        self.desktop.windows()?.place(window.id, EDITOR)?;
        let (hands, witness) = by;
        Ok(self.playing(task, &set, file, (hands, witness))?.play(how))
    }

    /// An earlier form may have told where it stands: this one is awaited.
    fn open_form(&self, started: &mut Started<'_>) -> Result<()> {
        let before = self.pages.loaded("form");
        started.programs.push(apps::open_chromium(&self.desktop, &self.pages.url("form"), BROWSER)?.0);
        self.pages.wait_for_load("form", before, WITHIN)
    }

    fn playing<'a>(
        &'a self,
        task: DeskTask,
        set: &'a Set,
        file: PathBuf,
        (hands, witness): By<'a>,
    ) -> Result<Playing<'a>> {
        Ok(Playing {
            pages: &self.pages,
            set,
            file,
            heard: self.pages.heard(),
            sight: Sight::open(Some(self.desktop.display()), OwnWindows::default())?,
            eye: Eye::open(Some(&self.bus))?,
            screen: Screen::open(Some(self.desktop.display()))?,
            hands,
            witness,
            keys_alone: task == DeskTask::EditByKeys,
            spoiled: false,
        })
    }
}

/// The applications of one try: they end with it, however it ends.
struct Started<'a> {
    desktop: &'a Desktop,
    programs: Vec<u32>,
}

impl Drop for Started<'_> {
    fn drop(&mut self) {
        self.programs.drain(..).for_each(|program| self.desktop.end(program));
    }
}

/// What decides, and how many deeds it may take.
type How<'a> = (&'a dyn Policy, usize);

/// Whose hands do it, and who hears of it.
type By<'a> = (Box<dyn Hand>, &'a mut dyn Witness);

/// One task as it is played.
struct Playing<'a> {
    pages: &'a Pages,
    set: &'a Set,
    file: PathBuf,
    /// What the form told before.
    heard: usize,
    sight: Sight,
    eye: Eye,
    screen: Screen,
    hands: Box<dyn Hand>,
    witness: &'a mut dyn Witness,
    keys_alone: bool,
    /// It was not done as was asked.
    spoiled: bool,
}

impl Playing<'_> {
    fn play(mut self, (policy, steps_max): How<'_>) -> Result<Tried> {
        self.witness.begins(&self.set.goal)?;
        let goal = Goal::new(&self.set.goal);
        let agent = Agent { policy, goal: &goal, steps_max, ends_itself: false };
        let (_, steps) = agent.run(&mut self, &mut |_, _| true)?;
        let solved = self.is_solved_soon();
        self.witness.ends(solved)?;
        Ok(Tried { solved, steps })
    }

    fn is_solved(&self) -> bool {
        let reached = match self.set.field {
            Some(id) => {
                let told = self.pages.events().into_iter().skip(self.heard);
                let mut values = told.filter(|e| e.id == id && e.kind == "input").filter_map(|e| e.value);
                values.next_back().is_some_and(|value| value.trim() == self.set.after)
            }
            None => fs::read_to_string(&self.file).is_ok_and(|text| text.trim_end() == self.set.after),
        };
        reached && !self.spoiled
    }

    /// A file is written, and a page tells, a little after the last deed.
    fn is_solved_soon(&mut self) -> bool {
        (0..LOOKS_AFTER).any(|_| {
            self.eye.settle();
            self.is_solved()
        })
    }

    /// Everything that can be acted on: an open menu alone, or all windows, the front one last.
    fn scene(&mut self) -> Result<Scene> {
        let windows = self.sight.windows()?.to_vec();
        for popup in windows.iter().rev().filter(|w| w.kind == WindowKind::Popup) {
            let nodes = self.see(popup)?;
            if nodes.iter().any(|n| CHOICES.contains(&n.role.as_str())) {
                return Ok(Scene::new(nodes));
            }
        }
        let normal = windows.iter().filter(|w| w.kind == WindowKind::Normal);
        let mut all: Vec<Scene> = normal.map(|w| Ok(Scene::new(self.see(w)?))).collect::<Result<_>>()?;
        let front = all.pop().unwrap_or_default();
        Ok(front.before(&all.iter().collect::<Vec<_>>()))
    }

    fn see(&mut self, window: &VisibleWindow) -> Result<Vec<overt_event::Node>> {
        let pid = window.pid.context("a window without a process")?;
        let looked = Looked { window: window.id, pid, bounds: window.bounds };
        match window.kind {
            // Of a menu that is just going nothing is told.
            WindowKind::Popup => Ok(self.eye.glance(looked).unwrap_or_default()),
            _ => Ok(self.eye.see(looked)?),
        }
    }

    fn reach(&mut self, scene: &Scene, on: usize) -> Result<()> {
        let at: Point = scene.aim(on, DISPLAY);
        Ok(self.hands.move_to(at)?)
    }
}

impl World for Playing<'_> {
    type Error = anyhow::Error;

    fn look(&mut self, pictures: bool) -> Result<Seen> {
        self.eye.settle();
        if self.is_solved() {
            return Ok(Seen::Over);
        }
        let scene = self.scene()?;
        let picture = if pictures { self.screen.picture(DISPLAY)? } else { None };
        Ok(Seen::Scene(scene.seen_in(picture.as_ref())))
    }

    fn perform(&mut self, scene: &Scene, deed: &Deed) -> Result<Option<Scene>> {
        self.witness.does(scene, deed)?;
        if let Some(on) = deed.on.filter(|_| deed.manner.points()) {
            self.spoiled |= self.keys_alone;
            self.reach(scene, on)?;
        }
        match &deed.manner {
            Manner::Click => self.hands.press(1, 1)?,
            Manner::DoubleClick => self.hands.press(1, 2)?,
            Manner::TripleClick => self.hands.press(1, 3)?,
            Manner::RightClick => self.hands.press(3, 1)?,
            Manner::Hover => {}
            Manner::Key(keys) => self.hands.chord(keys)?,
            Manner::Type => {
                self.hands.type_text(deed.text.as_deref().unwrap_or_default())?;
            }
        }
        Ok(None)
    }

    fn rest(&mut self, scene: &Scene, on: usize) -> Result<()> {
        self.witness.does(scene, &Deed { manner: Manner::Hover, on: Some(on), text: None })?;
        self.spoiled |= self.keys_alone;
        self.reach(scene, on)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_sets_one_task_and_another_seed_another() {
        for task in [DeskTask::CopyAcross, DeskTask::EditByKeys, DeskTask::MenuPath] {
            let all: Vec<Set> = (0..20).map(|seed| task.set(seed)).collect();
            assert_eq!(all, (0..20).map(|seed| task.set(seed)).collect::<Vec<_>>());
            assert!(all.iter().any(|set| *set != all[0]));
            assert!(all.iter().all(|set| set.field.is_some() || set.before != set.after));
        }
    }
}
