//! What the scripted people did, by their own account and the page's: what a recording is measured against.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use anyhow::{Context as _, Result};
use overt_event::Node;
use overt_format::replace_file;
use overt_learn::{Appearance, Demonstration, Demonstrations, Manner, Scene, Shown};
use serde::{Deserialize, Serialize};

/// Why a task is left out in which nothing was done, as of a data set.
const IDLE: &str = "episode_without_steps";

/// One task as it was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Told {
    pub goal: String,
    pub succeeded: bool,
    pub deeds: Vec<ToldDeed>,
}

/// One thing that was done, and what the page showed before it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToldDeed {
    pub shown: Vec<Node>,
    /// And what each looked like.
    pub appearances: Vec<Option<Appearance>>,
    pub manner: Manner,
    /// Index of the element.
    pub on: Option<usize>,
    pub text: Option<String>,
    /// Since the first task began.
    pub at_millis: i64,
}

/// Keeps an account beside the recordings: after a crash all of it is there, or nothing.
pub(crate) fn write(path: &Path, told: &[Told]) -> Result<()> {
    let bytes = serde_json::to_vec(told)?;
    replace_file(path, &bytes).context("The account cannot be written. Look at the disk.")
}

/// The account as something to learn from.
pub(crate) fn read(path: &Path) -> Result<Demonstrations> {
    let file = BufReader::new(File::open(path).context("the account is not there")?);
    let told: Vec<Told> = serde_json::from_reader(file).context("the account does not read")?;
    let (told, idle): (Vec<Told>, Vec<Told>) = told.into_iter().partition(|t| !t.deeds.is_empty());
    let left_out = (!idle.is_empty()).then_some((IDLE, idle.len() as u64));
    let all = told.into_iter().map(demonstration).collect();
    Ok(Demonstrations { all, left_out: left_out.into_iter().collect() })
}

fn demonstration(told: Told) -> Demonstration {
    let steps = told.deeds.into_iter().map(shown).collect();
    let (split, succeeded) = ("train".to_owned(), Some(told.succeeded));
    Demonstration { goal: told.goal, split, succeeded, steps, ..Demonstration::default() }
}

fn shown(deed: ToldDeed) -> Shown {
    Shown {
        scene: Scene::new(deed.shown).with_appearances(deed.appearances),
        manner: deed.manner,
        on: deed.on,
        text: deed.text,
        at_millis: deed.at_millis,
        seen_millis: deed.at_millis,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_reads_back_as_what_was_shown() {
        let folder = std::env::temp_dir().join(format!("overt-people-{}", std::process::id()));
        let node = Node { role: "push button".into(), name: "OK".into(), ..Node::default() };
        let (shown, manner, on) = (vec![node], Manner::Click, Some(0));
        let deed = ToldDeed { shown, appearances: vec![None], manner, on, text: None, at_millis: 7 };
        let told = Told { goal: "Press OK".into(), succeeded: true, deeds: vec![deed] };
        let idle = Told { deeds: Vec::new(), ..told.clone() };
        write(&folder, &[told, idle]).expect("it is written");
        let read = read(&folder).expect("it reads");
        std::fs::remove_file(folder).expect("it was there");
        assert_eq!((read.all.len(), read.left_out), (1, [(IDLE, 1)].into()));
        assert_eq!((read.all[0].steps[0].scene.text(0), read.all[0].succeeded), ("OK", Some(true)));
    }
}
