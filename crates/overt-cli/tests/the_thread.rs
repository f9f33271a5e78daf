//! A scripted person works for a minute on a real desktop, and the whole thread runs: what they did is
//! found step by step, every observation is older than its action, and the password is nowhere.

mod hunt;
mod opened;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use hunt::{Hunt, Secret, read_text};
use opened::opened;
use overt_dataset::{StepRow, read_steps};
use overt_event::{Binding, NANOS_PER_MILLI, RecordBody, SecretKind};
use overt_format::{RecordingDir, RecordingFacts};
use overt_reduce::Settings;
use overt_sim::overt::Overt;
use overt_sim::person::{Deed, DeedKind, Intent};
use overt_sim::script::{ORDER_EMAIL, Played, Stage, play};
use overt_unseal::OpenedItem;

#[test]
fn what_was_done_is_in_the_data_set_and_the_password_is_nowhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let stage = Stage::set().expect("the stage is set");
    let overt =
        Overt::new(Path::new(env!("CARGO_BIN_EXE_overt")), &stage.desktop, folder.path()).expect("overt");
    overt.prepare("on_change").expect("keys, agreement, consent");
    let recorder = overt.record().expect("it records");
    let played = play(&stage, 11).expect("the person works");
    let recorded = overt.stop(recorder).expect("it stops");
    let (recording, keys) = (&recorded.recording, overt.path("keys"));
    overt.run("verify", |c| c.arg(recording).arg("--keys").arg(&keys)).expect("it is whole");
    let dir = RecordingDir::local(recording).expect("the recording reads");
    let items = opened(&dir, &keys);
    every_segment_reads_alone(&dir, &keys);
    overt.run("release", |c| c.arg(recording)).expect("it is released");
    overt
        .run("collect", |c| c.arg(recording).arg("--into").arg(overt.path("store")))
        .expect("it is collected");
    assert!(!recording.exists(), "the spool's copy goes once the store has receipted it");
    let dataset = overt.path("dataset");
    overt
        .run("build", |c| {
            c.arg(overt.path("store")).args(["--purpose", "train-agents"]);
            c.arg("--keys").arg(&keys).arg("--out").arg(&dataset)
        })
        .expect("the data set is built");
    let steps: Vec<StepRow> =
        read_steps(&dataset).expect("it opens").map(|s| s.expect("every row reads")).collect();

    every_deed_is_a_step_of_its_kind_and_element(&played, &steps);
    every_paste_names_where_it_was_copied(&steps);
    every_step_has_a_picture_from_before_it(&steps);
    nothing_holds_a_secret(&played, &items, &steps, folder.path());
    no_picture_shows_the_password(&played.secret, &items);
    the_data_set_opens_with_pictures(&dataset, steps.len());
}

/// What a segment's records name stands in it: its pictures, and the monitors they were taken of.
fn every_segment_reads_alone(dir: &RecordingDir, keys: &Path) {
    assert!(dir.segments().len() > 1, "the script is longer than a segment");
    for segment in dir.segments() {
        let facts = RecordingFacts { segments: vec![segment.facts], ..dir.facts().clone() };
        let alone = RecordingDir::placed(facts, None, |_| segment.path.clone());
        let (mut pictures, mut topologies) = (BTreeSet::new(), BTreeSet::new());
        for item in opened(&alone, keys) {
            match &item.stored.record.body {
                RecordBody::Topology(topology) => drop(topologies.insert(topology.id)),
                RecordBody::Frame(frame) => {
                    assert!(topologies.contains(&frame.topology), "a picture of unknown monitors");
                    pictures.insert(frame.id);
                }
                RecordBody::Binding(Binding::Before { frame, .. } | Binding::After { frame, .. }) => {
                    assert!(pictures.contains(frame), "a picture of another segment is named");
                }
                _ => {}
            }
        }
    }
}

/// What the data set should say: a typed line break is a key of its own, a typed secret is nothing.
#[derive(Debug, PartialEq)]
struct Expected<'a> {
    kind: &'static str,
    /// What was typed, as far as the filter lets it through, or the key's name.
    content: Option<String>,
    deed: &'a Deed,
}

fn expected(deeds: &[Deed]) -> Vec<Expected<'_>> {
    deeds.iter().flat_map(expected_of).collect()
}

fn expected_of(deed: &Deed) -> Vec<Expected<'_>> {
    let one = |kind, content| Expected { kind, content, deed };
    match &deed.kind {
        DeedKind::Type { text: None } => Vec::new(),
        DeedKind::Type { text: Some(text) } => {
            let mut out = Vec::new();
            for (i, line) in text.split('\n').enumerate() {
                if i > 0 {
                    out.push(one("key", Some("Return".into())));
                }
                if !line.is_empty() {
                    out.push(one("type", Some(filtered(line))));
                }
            }
            out
        }
        DeedKind::Key { keys } => vec![one("key", Some(keys.join("+")))],
        kind => vec![one(kind.word(), None)],
    }
}

/// What the filter leaves of it: the script types one address of a person.
fn filtered(line: &str) -> String {
    line.replace(ORDER_EMAIL, &SecretKind::Email.mark())
}

fn content(step: &StepRow) -> Option<String> {
    match step.kind.as_str() {
        "type" => step.text.clone(),
        "key" => Some(step.modifiers.iter().chain(&step.keys).cloned().collect::<Vec<_>>().join("+")),
        _ => None,
    }
}

fn every_deed_is_a_step_of_its_kind_and_element(played: &Played, steps: &[StepRow]) {
    let done: Vec<&StepRow> =
        steps.iter().filter(|s| !matches!(s.kind.as_str(), "wait" | "finish")).collect();
    let expected = expected(&played.journal.deeds);
    let done = without_rests_of_the_machine(&expected, done);
    let of_steps: Vec<_> = done.iter().map(|s| (s.kind.as_str(), content(s))).collect();
    let of_script: Vec<_> = expected.iter().map(|e| (e.kind, e.content.clone())).collect();
    assert_eq!(of_steps, of_script);
    let faults: Vec<String> = expected.iter().zip(&done).filter_map(|(e, step)| fault(e, step)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Where the machine stood still, the person's hand rested for as long as a hover takes before they pressed, by
/// their own clock, and it may be one. The script never rests so long there.
fn without_rests_of_the_machine<'a>(expected: &[Expected<'_>], done: Vec<&'a StepRow>) -> Vec<&'a StepRow> {
    let hover_nanos = Settings::default().hover_millis_max * NANOS_PER_MILLI;
    let rested =
        |e: &Expected<'_>| e.kind == "click" && e.deed.begin.since(e.deed.rests_since) >= hover_nanos;
    let mut kept: Vec<&StepRow> = Vec::new();
    for step in done {
        if step.kind != "hover" || !expected.get(kept.len()).is_some_and(rested) {
            kept.push(step);
        }
    }
    kept
}

/// What is wrong with a step's element or intents, in the script's own words.
fn fault(expected: &Expected<'_>, step: &StepRow) -> Option<String> {
    let (wanted, got) = (expected.intents(), intents(step));
    let intents = (wanted != got).then(|| format!("intents {wanted:?}, got {got:?}"));
    let fault = element_fault(expected, step).or(intents)?;
    Some(format!("step {}: {} wanted {fault}", step.row + 1, step.kind))
}

fn element_fault(expected: &Expected<'_>, step: &StepRow) -> Option<String> {
    let target = expected.deed.target.as_ref().filter(|_| expected.kind != "scroll")?;
    let wanted = (target.role.clone().unwrap_or_default(), target.name.clone().unwrap_or_default());
    let got = step.element.as_ref().map(|e| (e.role.clone(), e.name.clone()));
    let fits = match &got {
        // Of a password field nothing but its role and place is kept.
        Some(got) if wanted.0 == "password text" => *got == (wanted.0.clone(), String::new()),
        Some((role, name)) => *role == wanted.0 && (wanted.1.is_empty() || *name == wanted.1),
        None => false,
    };
    (!fits).then(|| format!("{wanted:?}, got {got:?}"))
}

impl Expected<'_> {
    /// What the step should say it was for, and nothing else.
    fn intents(&self) -> BTreeSet<String> {
        let told = self.deed.expects.as_ref().map(|intent| match intent {
            Intent::OpensPopup => "opens_popup".to_owned(),
            Intent::ChoosesFromPopup { path } => format!("chooses_from_popup {}", path.join(" > ")),
            Intent::SwitchesApp { to } => format!("switches_app {to}"),
            Intent::Shortcut => "shortcut".to_owned(),
        });
        let chord = self.is_chord().then(|| "shortcut".to_owned());
        told.into_iter().chain(chord).chain(self.field().map(|name| format!("fills_field {name}"))).collect()
    }

    /// The name of the form's field that is typed into or ticked.
    fn field(&self) -> Option<&str> {
        let target = self.deed.target.as_ref()?;
        let fields: &[&str] = match self.kind {
            "type" => &["entry", "text", "spin button", "combo box"],
            "click" => &["check box", "radio button"],
            _ => &[],
        };
        let is_field = target.role.as_ref().is_some_and(|role| fields.contains(&role.as_str()));
        target.name.as_deref().filter(|name| is_field && !name.is_empty())
    }

    fn is_chord(&self) -> bool {
        let chord = |keys: &[String]| keys.iter().any(|k| ["ctrl", "alt", "super"].contains(&k.as_str()));
        matches!(&self.deed.kind, DeedKind::Key { keys } if chord(keys))
    }
}

fn intents(step: &StepRow) -> BTreeSet<String> {
    let word = |i: &overt_dataset::IntentCell| match i.kind.as_str() {
        "chooses_from_popup" => {
            let way: Vec<_> = i.path.iter().chain(&i.option).map(String::as_str).collect();
            format!("{} {}", i.kind, way.join(" > "))
        }
        "switches_app" => format!("{} {}", i.kind, i.to.as_deref().unwrap_or("?")),
        "fills_field" => format!("{} {}", i.kind, i.path.join(" > ")),
        kind => kind.to_owned(),
    };
    // Whether a paste is paired hangs on what was not seen in between; see below.
    step.intents.iter().filter(|i| i.kind != "pastes").map(word).collect()
}

/// A paste names the application of the last copy before it, and nothing else is one.
fn every_paste_names_where_it_was_copied(steps: &[StepRow]) {
    let mut copied = None;
    let mut pairs = 0;
    for step in steps {
        let keys = content(step);
        if keys.as_deref() == Some("ctrl+c") {
            copied = step.app.clone();
        }
        for paste in step.intents.iter().filter(|i| i.kind == "pastes") {
            assert_eq!(keys.as_deref(), Some("ctrl+v"), "step {}", step.row + 1);
            assert_eq!((&paste.from, &paste.to), (&copied, &step.app), "step {}", step.row + 1);
            pairs += 1;
        }
    }
    assert!(pairs > 0, "the script copies and pastes in sight");
}

fn every_step_has_a_picture_from_before_it(steps: &[StepRow]) {
    for step in steps.iter().filter(|s| s.kind != "finish") {
        assert!(
            step.image_before.is_some(),
            "step {} has no picture: {:?}",
            step.row + 1,
            step.frame_before_missing
        );
        assert!(step.frame_margin_millis.is_some_and(|m| m >= 0.0), "step {}", step.row + 1);
    }
}

fn nothing_holds_a_secret(played: &Played, items: &[OpenedItem], steps: &[StepRow], folder: &Path) {
    assert!(played.secret.len() >= 8, "the planted secret is worth a search");
    let secret = |name, text: &str| Secret { name, text: text.to_owned() };
    let secrets = [secret("the password", &played.secret), secret("the address", ORDER_EMAIL)];
    let hunt = Hunt::for_these(&secrets);
    assert_eq!(hunt.in_files(folder), BTreeSet::new());
    assert_eq!(hunt.in_records(items), BTreeSet::new());
    for step in steps {
        assert_eq!(hunt.in_text(&format!("{step:?}")), BTreeSet::new(), "a step holds it");
    }
}

/// Reads the pictures of the sign-in back with Tesseract. The user name beside the password proves that
/// the reading works.
fn no_picture_shows_the_password(secret: &str, items: &[OpenedItem]) {
    let pictures: Vec<_> = items.iter().filter_map(|i| i.stored.pixels.as_ref()).collect();
    let last = &pictures[pictures.len().saturating_sub(30)..];
    let mut words = BTreeSet::new();
    for frame in last.iter().step_by(3) {
        words.extend(read_text(frame).split_whitespace().map(str::to_owned));
    }
    assert!(words.contains("Password"), "the sign-in page is read");
    let head: String = secret.chars().take(6).collect();
    assert!(!words.iter().any(|w| w.contains(&head)), "a picture shows it");
}

/// A trainer's own reader, from PyPI, opens it.
fn the_data_set_opens_with_pictures(dataset: &Path, steps: usize) {
    let script = "import sys, datasets\n\
        from PIL.Image import Image\n\
        rows = datasets.load_dataset('parquet', data_files=sys.argv[1] + '/steps.parquet', split='train')\n\
        pictures = [r['image_before'] for r in rows if r['kind'] != 'finish']\n\
        assert all(isinstance(p, Image) and p.size == (1920, 1080) for p in pictures), 'pictures'\n\
        print(len(rows))\n";
    let output = python().args(["-c", script]).arg(dataset).output().expect("python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), steps.to_string());
}

/// The environment that the data set's own tests made, or make: `datasets` from PyPI.
fn python() -> Command {
    let mut command = Command::new(overt_sim::python::with_datasets().expect("datasets from PyPI"));
    command.env("HF_HUB_OFFLINE", "1").env("HF_DATASETS_OFFLINE", "1");
    command
}
