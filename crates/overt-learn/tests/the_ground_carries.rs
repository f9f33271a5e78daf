//! Tasks are tried in a real browser by real input, and whatever breaks is a counted failure.

use std::cell::RefCell;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;
use std::sync::OnceLock;

use overt_learn::ground::{Attempt, Browser, Ending, Ground, GroundError, Hand, Limits, Stage, Venue};
use overt_learn::{Decision, Deed, Manner, Moment, Policy};
use rustix::process::{Pid, Signal, kill_process};

fn pages() -> PathBuf {
    static PAGES: OnceLock<PathBuf> = OnceLock::new();
    PAGES.get_or_init(|| overt_sim::python::miniwob_pages().expect("miniwob from PyPI")).clone()
}

fn ground(limits: Limits) -> Ground {
    Ground::new(&pages(), limits).expect("a folder of pages")
}

/// Types the goal's first phrase where text is taken, chooses from a list what the goal says, and else presses what
/// the goal says, the last said first.
struct Literal;

impl Literal {
    fn element(moment: &Moment<'_>, wanted: impl Fn(&str, &str) -> bool) -> Option<usize> {
        let nodes = moment.scene.nodes();
        (0..nodes.len()).rev().find(|i| wanted(&nodes[*i].role, moment.scene.text(*i)))
    }

    fn list(moment: &Moment<'_>) -> Option<usize> {
        let said = |role: &str, text: &str| role == "menu item" && moment.goal.text().contains(text);
        let item = Self::element(moment, said);
        let opened = moment.past.iter().any(|p| p.role == "combo box");
        item.or_else(|| Self::element(moment, |role, _| role == "combo box" && !opened))
    }

    fn typing(moment: &Moment<'_>) -> Option<Deed> {
        let typed = moment.past.iter().any(|p| p.manner == Manner::Type);
        let entry = Self::element(moment, |role, _| role == "entry" && !typed)?;
        let text = moment.goal.phrases().next().map(str::to_owned);
        let focused = moment.scene.focused() == Some(entry);
        Some(if focused { Deed { manner: Manner::Type, on: Some(entry), text } } else { press(entry) })
    }
}

fn press(on: usize) -> Deed {
    Deed { manner: Manner::Click, on: Some(on), text: None }
}

impl Policy for Literal {
    fn decide(&self, moment: &Moment<'_>, barred: &[Deed]) -> Option<Decision> {
        let said = moment.goal.words().iter().rev().filter_map(|word| {
            Self::element(moment, |role, text| role != "static" && text.eq_ignore_ascii_case(&word.raw))
        });
        let fresh = |i: &usize| {
            let (node, text) = (&moment.scene.nodes()[*i], moment.scene.text(*i));
            !moment.past.iter().any(|p| p.role == node.role && p.name == text && p.manner == Manner::Click)
        };
        let deeds = Self::typing(moment).into_iter().chain(Self::list(moment).map(press));
        let deed = deeds.chain(said.filter(fresh).map(press)).find(|d| !barred.contains(d))?;
        Some(Decision { deed, chance: 1.0 })
    }
}

fn endings(ground: &mut Ground, task: &str, seeds: u64) -> Vec<Ending> {
    (0..seeds).map(|seed| attempt(ground, task, seed, &mut |_| ()).ending).collect()
}

fn attempt(ground: &mut Ground, task: &str, seed: u64, watch: &mut dyn FnMut(&Browser)) -> Attempt {
    ground.attempt(task, seed, &Literal, watch).expect("no other browser would do better")
}

#[test]
fn presses_typing_menus_and_lists_reach_the_page() {
    let mut ground = ground(Limits::default());
    for task in ["click-button", "enter-text", "choose-list", "click-menu"] {
        assert_eq!(endings(&mut ground, task, 3), [Ending::Solved; 3], "{task}");
    }
    assert_eq!(ground.restarts(), 0);
}

/// Presses the largest square that has the colour that the goal names.
struct Looking;

impl Policy for Looking {
    fn looks_at_pictures(&self) -> bool {
        true
    }

    fn decide(&self, moment: &Moment<'_>, _: &[Deed]) -> Option<Decision> {
        let bounds = |i: &usize| moment.scene.nodes()[*i].bounds;
        let squares = moment.of_colours_said().into_iter().filter(|i| bounds(i).w == bounds(i).h);
        let on = squares.max_by_key(|i| bounds(i).w)?;
        Some(Decision { deed: press(on), chance: 1.0 })
    }
}

#[test]
fn who_looks_at_pictures_sees_what_the_page_does_not_tell() {
    let mut ground = ground(Limits::default());
    for seed in 0..6 {
        let attempt = ground.attempt("click-color", seed, &Looking, &mut |_| ()).expect("a page");
        assert_eq!(attempt.ending, Ending::Solved, "seed {seed}");
    }
    let unseen = ground.attempt("click-color", 0, &NotLooking, &mut |_| ()).expect("a page");
    assert_eq!(unseen.ending, Ending::NoDecision);
}

/// Asks for no pictures, and is shown what nothing looks like.
struct NotLooking;

impl Policy for NotLooking {
    fn decide(&self, moment: &Moment<'_>, _: &[Deed]) -> Option<Decision> {
        let mut elements = 0..moment.scene.nodes().len();
        assert!(!elements.is_empty() && elements.all(|i| moment.scene.appearance(i).is_none()));
        None
    }
}

#[test]
fn a_seed_is_one_task_and_what_is_wrong_is_no_success() {
    let mut ground = ground(Limits { steps_max: 2, ..Limits::default() });
    // It takes a press, the text, and a press.
    assert_eq!(endings(&mut ground, "enter-text", 1), [Ending::StepLimit]);
    // A tenth of a second is over before a text is typed.
    let mut hurried = self::ground(Limits { time_millis: Some(100), ..Limits::default() });
    assert_eq!(endings(&mut hurried, "enter-text", 2), [Ending::TimedOut; 2]);
    assert!(matches!(ground.attempt("no-such-task", 0, &Literal, &mut |_| ()), Err(e) if e.is_permanent()));
    let mut goals = Vec::new();
    for seed in [7, 7, 8] {
        let note = Noting::default();
        let attempt = ground.attempt("click-button", seed, &note, &mut |_| ()).expect("a page");
        assert_eq!(attempt.ending, Ending::NoDecision);
        goals.push(note.seen.take());
    }
    assert!(!goals[0].is_empty() && goals[0] == goals[1] && goals[1] != goals[2], "{goals:?}");
}

/// Does nothing, and keeps what it is asked to do and what it sees.
#[derive(Default)]
struct Noting {
    seen: RefCell<String>,
}

impl Policy for Noting {
    fn decide(&self, moment: &Moment<'_>, _: &[Deed]) -> Option<Decision> {
        self.seen.replace(format!("{} {:?}", moment.goal.text(), moment.scene.nodes()));
        None
    }
}

#[test]
fn what_breaks_is_counted_and_the_next_episode_is_whole() {
    let mut ground = ground(Limits { answer_millis: 6_000, ..Limits::default() });
    let signal = |to: Signal| {
        move |browser: &Browser| {
            let pid = i32::try_from(browser.pid()).ok().and_then(Pid::from_raw).expect("a process");
            kill_process(pid, to).expect("it is ours");
        }
    };
    let mut broken = |watch: &mut dyn FnMut(&Browser)| {
        let ended = attempt(&mut ground, "click-button", 1, watch).ending;
        assert_eq!(endings(&mut ground, "click-button", 1), [Ending::Solved]);
        ended
    };
    assert_eq!(broken(&mut signal(Signal::KILL)), Ending::BrowserEnded);
    assert_eq!(broken(&mut signal(Signal::STOP)), Ending::BrowserHung);
    assert_eq!(broken(&mut kill_renderers), Ending::PageCrashed);
    assert_eq!(ground.restarts(), 3);
}

/// Rests on what it sees, and ends the browser before it decides a second time.
struct Breaking(u32);

impl Policy for Breaking {
    fn decide(&self, moment: &Moment<'_>, _: &[Deed]) -> Option<Decision> {
        if !moment.past.is_empty() {
            let pid = i32::try_from(self.0).ok().and_then(Pid::from_raw).expect("a process");
            kill_process(pid, Signal::KILL).expect("it is ours");
        }
        let deed = Deed { manner: Manner::Hover, on: Some(0), text: None };
        Some(Decision { deed, chance: 1.0 })
    }
}

#[test]
fn what_broke_tells_its_steps_and_counts_against_the_model_once_it_had_begun() {
    let mut ground = ground(Limits::default());
    ground.open("click-button").expect("a page");
    let browser = ground.browser().expect("it runs").pid();
    let broken = ground.attempt("click-button", 1, &Breaking(browser), &mut |_| ()).expect("an ending");
    assert_eq!((broken.ending, broken.steps, broken.begun), (Ending::BrowserEnded, 2, true));
    assert!(!broken.is_lost());
}

/// Presses a key that no keyboard has.
struct Unheard;

impl Policy for Unheard {
    fn decide(&self, _: &Moment<'_>, _: &[Deed]) -> Option<Decision> {
        let deed = Deed { manner: Manner::Key(vec!["no-such-key".into()]), on: None, text: None };
        Some(Decision { deed, chance: 1.0 })
    }
}

#[test]
fn a_key_that_there_is_not_is_a_failure_and_the_browser_goes_on() {
    let mut ground = ground(Limits::default());
    assert_eq!(endings(&mut ground, "click-button", 1), [Ending::Solved]);
    let unheard = ground.attempt("enter-text", 1, &Unheard, &mut |_| ()).expect("an ending");
    assert_eq!((unheard.ending, unheard.steps, unheard.is_lost()), (Ending::CannotPress, 1, false));
    // What is open now is the other task's page.
    assert_eq!(endings(&mut ground, "click-button", 1), [Ending::Solved]);
    assert_eq!(ground.restarts(), 0);
}

/// A display on which of all programs only these are found.
struct Bare {
    stage: Stage,
    programs: Rc<tempfile::TempDir>,
}

impl Bare {
    /// Programs of the system, and what else is called `chromium`.
    fn programs(chromium: Option<&str>) -> Rc<tempfile::TempDir> {
        let home = tempfile::tempdir().expect("a folder");
        let link = |from: &str, name: &str| {
            let found = ["/usr/bin", "/bin"].map(|folder| Path::new(folder).join(from));
            let found = found.iter().find(|p| p.exists()).expect("it is installed");
            symlink(found, home.path().join(name)).expect("it is linked");
        };
        ["setpriv", "sh"].iter().for_each(|name| link(name, name));
        chromium.into_iter().for_each(|other| link(other, "chromium"));
        Rc::new(home)
    }
}

impl Venue for Bare {
    fn display(&self) -> &str {
        self.stage.display()
    }

    fn folder(&self) -> &Path {
        self.stage.folder()
    }

    fn command(&self, program: &str) -> Command {
        let mut command = self.stage.command(program);
        command.env("PATH", self.programs.path());
        command
    }

    fn hand(&self) -> Result<Box<dyn Hand>, GroundError> {
        self.stage.hand()
    }
}

/// How many displays were made before it was given up.
fn given_up_after(chromium: Option<&str>) -> usize {
    let (programs, made) = (Bare::programs(chromium), Rc::new(RefCell::new(0)));
    let counted = Rc::clone(&made);
    let venues = move || -> Result<Box<dyn Venue>, GroundError> {
        *counted.borrow_mut() += 1;
        Ok(Box::new(Bare { stage: Stage::start()?, programs: Rc::clone(&programs) }))
    };
    let mut ground = Ground::at(&pages(), Limits::default(), Box::new(venues)).expect("a folder of pages");
    let error = ground.attempt("click-button", 0, &Literal, &mut |_| ()).expect_err("no browser");
    assert!(matches!(error, GroundError::Start { program: "chromium" }) && error.is_permanent());
    made.take()
}

#[test]
fn without_a_browser_no_episode_is_counted() {
    assert_eq!(given_up_after(None), 3, "it is missing");
    assert_eq!(given_up_after(Some("false")), 3, "it ends at once");
}

/// Ends the processes that draw a browser's pages, as a crash does.
fn kill_renderers(browser: &Browser) {
    let mut killed = 0;
    for (pid, _) in renderers().into_iter().filter(|(pid, _)| is_below(*pid, browser.pid())) {
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).expect("a process");
        // One of them may have ended by itself.
        killed += u32::from(kill_process(pid, Signal::KILL).is_ok());
    }
    assert!(killed > 0, "a page is drawn by a process");
}

/// Processes that draw pages, of all browsers.
fn renderers() -> Vec<(u32, String)> {
    let processes = std::fs::read_dir("/proc").expect("processes").flatten();
    let pids = processes.filter_map(|p| p.file_name().to_str()?.parse::<u32>().ok());
    let commands =
        pids.filter_map(|pid| Some((pid, std::fs::read_to_string(format!("/proc/{pid}/cmdline")).ok()?)));
    commands.filter(|(_, command)| command.contains("--type=renderer")).collect()
}

/// Whether a process was started by another one, or by one that it started.
fn is_below(pid: u32, above: u32) -> bool {
    let parent = |pid: &u32| {
        let told = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The program's name stands between brackets; behind it the state, and then the parent.
        told.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse::<u32>().ok()
    };
    std::iter::successors(Some(pid), parent).take_while(|pid| *pid > 1).any(|pid| pid == above)
}

/// MiniWoB++'s folder with one more page, which is `click-button` but for what is added at its end.
fn with_page(name: &str, added: &str) -> tempfile::TempDir {
    let (home, html) = (tempfile::tempdir().expect("a folder"), pages());
    for shared in ["core", "common"] {
        symlink(html.join(shared), home.path().join(shared)).expect("it is linked");
    }
    std::fs::create_dir(home.path().join("miniwob")).expect("a folder");
    let page = std::fs::read_to_string(html.join("miniwob/click-button.html")).expect("a page");
    let whole = home.path().join("miniwob/click-button.html");
    std::fs::write(whole, &page).expect("it is written");
    std::fs::write(home.path().join(format!("miniwob/{name}.html")), page + added).expect("it is written");
    home
}

#[test]
fn a_page_that_says_no_goal_is_counted_and_nothing_is_done_there() {
    for said in ["''", "' .'", "undefined", "({utterance: ''})"] {
        let added = format!("<script>core.getUtterance = () => {said};</script>");
        let home = with_page("silent", &added);
        let mut ground = Ground::new(home.path(), Limits::default()).expect("a folder of pages");
        let silent = attempt(&mut ground, "silent", 1, &mut |_| ());
        assert_eq!((silent.ending, silent.steps), (Ending::NoGoal, 0), "{said}");
        assert_eq!(endings(&mut ground, "click-button", 1), [Ending::Solved]);
        assert_eq!(ground.restarts(), 0, "the browser is whole");
    }
}
