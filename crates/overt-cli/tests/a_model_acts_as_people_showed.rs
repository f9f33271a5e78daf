//! From recorded people to an agent in a window: they edit a file by keys while all of Overt records them, a model learns
//! it, and `overt act` lets it do so in a window of an agreed application.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

use overt_event::{Button, Rect};
use overt_learn::{Condition, Degrade, Growth, Lessons, Model, Plan, Probe};
use overt_people::{DeskTask, Recorded, Task, Trials, Work};
use overt_sim::apps::open_mousepad;
use overt_sim::desktop::Desktop;
use overt_sim::overt::{APPS, Overt, date_in};
use overt_sim::person::{Person, Target};
use rustix::process::{Pid, Signal, kill_process};

const PROGRAM: &str = env!("CARGO_BIN_EXE_overt");
/// More than it takes: the model itself has to know when it is done.
const STEPS: &str = "12";

const LEVEL: &str = "full";
const CADENCE: &str = "on_action";

fn recorded(folder: &Path) -> Recorded {
    let (level, cadence) = (LEVEL, CADENCE);
    let program = Path::new(PROGRAM);
    // One person: of several a version may put one aside, from whom `overt train` does not learn.
    let work = Work { program, demonstrations: 6, in_a_session: 6, level, cadence, seed: 1 };
    work.record(Task::Desk(DeskTask::EditByKeys), folder).expect("they work and are recorded")
}

/// A desktop with papers that allow to evaluate agents in mousepad.
fn papers<'a>(desktop: &'a Desktop, out: &Path) -> Overt<'a> {
    let overt = Overt::new(Path::new(PROGRAM), desktop, out).expect("the command");
    let evaluate = |text: &str| {
        assert!(text.contains("\"train-agents\""), "the purposes are written out: {text}");
        text.replace("\"train-agents\"", "\"train-agents\", \"evaluate-agents\"")
    };
    overt.prepare_edited("none", "full", &APPS[1..2], evaluate).expect("keys, agreement and consent");
    overt
}

/// The agent's command line, but for its window.
fn agent<'c>(
    command: &'c mut Command,
    overt: &Overt<'_>,
    recorded: &Recorded,
    goal: &str,
) -> &'c mut Command {
    command.arg("--model").arg(overt.path("model.safetensors")).arg("--made-of").arg(&recorded.dataset);
    command.args(["--goal", goal, "--steps", STEPS, "--json"]);
    for (flag, name) in [("--agreement", "agreement.toml"), ("--consent", "consent.toml"), ("--keys", "keys")]
    {
        command.arg(flag).arg(overt.path(name));
    }
    command
}

/// An agent that asks which window to act in.
fn asks_for_a_window(
    overt: &Overt<'_>,
    desktop: &Desktop,
    recorded: &Recorded,
) -> (Child, BufReader<ChildStderr>) {
    let mut command = desktop.command(PROGRAM);
    agent(command.arg("act"), overt, recorded, "Save it, by keys alone.");
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command starts");
    let mut told = BufReader::new(child.stderr.take().expect("its words"));
    let mut line = String::new();
    told.read_line(&mut line).expect("it reads");
    assert!(line.starts_with("Click the window"), "{line}");
    (child, told)
}

/// While a click is awaited, a signal ends it at once, and another button leaves it in its own words.
fn a_choice_can_be_left(overt: &Overt<'_>, desktop: &Desktop, recorded: &Recorded) {
    let (mut child, _) = asks_for_a_window(overt, desktop, recorded);
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).expect("a process");
    kill_process(pid, Signal::TERM).expect("it runs");
    assert_eq!(child.wait().expect("it ends").signal(), Some(Signal::TERM.as_raw()));
    let (mut child, mut told) = asks_for_a_window(overt, desktop, recorded);
    let mut person = Person::sit_down(desktop.display(), 7).expect("a person");
    let desk = Target::new("desktop", "desktop", "", Rect { x: 500, y: 400, w: 40, h: 40 });
    person.click_with(&desk, Button::Right).expect("a click");
    let mut words = String::new();
    told.read_to_string(&mut words).expect("it reads");
    assert!(words.contains("No window was chosen"), "{words}");
    assert_eq!(child.wait().expect("it ends").code(), Some(1));
}

/// What stands in a file once an agent worked at it.
fn acted(overt: &Overt<'_>, desktop: &Desktop, recorded: &Recorded, goal: &str) -> String {
    let file = desktop.folder().join("letter.txt");
    fs::write(&file, "an old letter").expect("it is written");
    let (editor, window) = open_mousepad(desktop, &file).expect("mousepad opens");
    let said =
        overt.run("act", |c| agent(c, overt, recorded, goal).args(["--window", &window.id.to_string()]));
    let said = said.expect("it acts");
    assert!(said.contains("\"ended\": \"done\"") || said.contains("\"ended\":\"done\""), "{said}");
    desktop.end(editor);
    fs::read_to_string(file).expect("it reads").trim_end().to_owned()
}

/// One person was recorded: in which applications is told, and for how long is not.
fn no_hours_are_told(recorded: &Recorded) {
    let lessons = Lessons::read(&recorded.dataset, false, &date_in(0)).expect("a data set");
    let (growth, degrade) = (Growth::default(), Degrade::None);
    let plan = Plan { probe: Probe::Frequent, seed: 0, growth, episodes_max: None, degrade };
    let spent = Model::train(&lessons, plan).expect("there is something to learn").facts.learned.spent_millis;
    assert!(!spent.is_empty() && spent.values().all(|millis| *millis == 0), "{spent:?}");
}

#[test]
fn what_people_did_by_keys_is_done_in_a_window() {
    let folder = tempfile::tempdir().expect("a folder");
    let recorded = recorded(folder.path());
    no_hours_are_told(&recorded);
    let trials = Trials { probe: Probe::Fuller, seeds: 1, episodes: 3 };
    let under = Condition { level: LEVEL.into(), cadence: CADENCE.into(), degrade: Degrade::None };
    let compared =
        trials.compare(Task::Desk(DeskTask::EditByKeys), &recorded, under, None).expect("both are tried");
    // A busy machine may tell too late what a window holds; nothing else may be missing.
    let untold = compared.recorded.left_out.get("no_elements").copied().unwrap_or(0);
    assert_eq!(compared.recorded.learned_steps + untold, compared.truth.learned_steps, "{compared:?}");
    assert!(compared.recorded.learned_steps >= compared.truth.learned_steps * 4 / 5, "{compared:?}");
    assert!(compared.recorded.solved >= 2, "{compared:?}");

    let desktop = Desktop::start((1_000, 700)).expect("the desktop starts");
    let overt = papers(&desktop, &folder.path().join("act"));
    let trained =
        overt.run("train", |c| c.arg(&recorded.dataset).arg("--out").arg(overt.path("model.safetensors")));
    trained.expect("there is something to learn");
    a_choice_can_be_left(&overt, &desktop, &recorded);
    for text in ["saffron 12", "teal and more"] {
        let goal = format!("Replace the text by \"{text}\" and save it, by keys alone.");
        assert_eq!(acted(&overt, &desktop, &recorded, &goal), text);
    }
}
