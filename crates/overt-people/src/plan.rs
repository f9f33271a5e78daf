//! How the recordings in a folder are made: who finds some there may only take them for what they are.

use std::fs::{self, DirEntry};
use std::io;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail};
use overt_format::replace_file;
use serde::{Deserialize, Serialize};

/// It is there before anything else of the recordings is.
const FILE: &str = "plan.json";
/// How people are, and under whose keys they are recorded: who changes that makes other recordings by the same command, and adds one.
pub(crate) const PEOPLE_VERSION: u32 = 1;
/// What a crash leaves of it before it is there.
const TEMPORARY: &str = ".plan.json.tmp";

/// Everything that recordings depend on but the programs, which may be built anew in between. What is on the command line is called as
/// there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plan {
    /// 0 where a plan does not tell it: all people had one key.
    #[serde(default)]
    pub(crate) people: u32,
    pub(crate) task: String,
    /// Digest of its page, where it has one.
    pub(crate) page: Option<String>,
    /// And of the data set from which people know it.
    pub(crate) data: Option<String>,
    pub(crate) demonstrations: u64,
    pub(crate) session: u64,
    pub(crate) seed: u64,
    pub(crate) level: String,
    pub(crate) cadence: String,
}

impl Plan {
    /// Whether what lies in a folder was made in this way, so that it may be used or begun anew.
    ///
    /// Errors: it was made in another, or nobody knows how.
    pub(crate) fn check(&self, out: &Path) -> Result<()> {
        match Self::read(out)? {
            Some(kept) if kept == *self => Ok(()),
            Some(kept) => bail!(
                "These recordings were made in another way (other: {}). Name another --out, or give what was given then.",
                self.other_than(&kept)?
            ),
            None if is_empty(out)? => Ok(()),
            None => bail!(
                "Nobody knows how the recordings that lie there were made. Name another --out, or remove them."
            ),
        }
    }

    /// Makes a folder ready for recordings that begin now. Of what was broken off there nothing stays, however far it had come;
    /// its plan goes last, so that who is broken off here can begin again.
    ///
    /// Errors: the folder or the disk.
    pub(crate) fn begin(&self, out: &Path) -> Result<()> {
        fs::create_dir_all(out)?;
        clear(out).context("What was broken off there before cannot be removed. Look who owns it.")?;
        let bytes = serde_json::to_vec_pretty(self)?;
        replace_file(&out.join(FILE), &bytes).context("The plan cannot be written. Look at the disk.")
    }

    fn read(out: &Path) -> Result<Option<Self>> {
        let bytes = match fs::read(out.join(FILE)) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            bytes => bytes?,
        };
        let kept = serde_json::from_slice(&bytes);
        let unread =
            "The plan of the recordings that lie there does not read. Name another --out, or remove them.";
        kept.map(Some).map_err(|_| anyhow!(unread))
    }

    /// What differs, in words of the command line.
    fn other_than(&self, kept: &Self) -> Result<String> {
        let (own, kept) = (serde_json::to_value(self)?, serde_json::to_value(kept)?);
        let names = own.as_object().into_iter().flat_map(|fields| fields.keys());
        let other = names.filter(|name| own.get(name) != kept.get(name));
        Ok(other.map(String::as_str).collect::<Vec<_>>().join(", "))
    }
}

fn clear(out: &Path) -> io::Result<()> {
    for entry in entries(out)?.iter().filter(|e| e.file_name() != FILE) {
        let path = entry.path();
        if entry.file_type()?.is_dir() { fs::remove_dir_all(path)? } else { fs::remove_file(path)? }
    }
    Ok(())
}

fn is_empty(out: &Path) -> io::Result<bool> {
    Ok(!out.exists() || entries(out)?.iter().all(|e| e.file_name() == TEMPORARY))
}

fn entries(folder: &Path) -> io::Result<Vec<DirEntry>> {
    fs::read_dir(folder)?.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        Plan {
            people: PEOPLE_VERSION,
            task: "click-option".into(),
            page: Some("page".into()),
            data: Some("data".into()),
            demonstrations: 10,
            session: 2,
            seed: 1,
            level: "full".into(),
            cadence: "on_change".into(),
        }
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = entries(folder).expect("it is listed");
        let mut names: Vec<String> =
            entries.iter().map(|e| e.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_was_broken_off_goes_however_far_it_came() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("full-on_change/click-option");
        plan().check(&out).expect("nothing is there");
        plan().begin(&out).expect("it is made");
        fs::create_dir_all(out.join("keys")).expect("it is made");
        fs::write(out.join("keys/study.key"), "key").expect("it is written");
        fs::write(out.join("account.json"), "[").expect("it is written");
        plan().check(&out).expect("it is ours");
        plan().begin(&out).expect("it begins anew");
        assert_eq!(names(&out), [FILE]);
        plan().check(&out).expect("it is the same plan");
    }

    #[test]
    fn recordings_of_another_way_are_neither_used_nor_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        plan().begin(folder.path()).expect("it is made");
        let check = |other: &Plan, expected: &str| {
            let words = other.check(folder.path()).expect_err("they are others").to_string();
            assert!(words.contains(&format!("(other: {expected})")), "{words}");
        };
        check(&Plan { demonstrations: 20, ..plan() }, "demonstrations");
        check(&Plan { session: 5, seed: 2, ..plan() }, "seed, session");
        check(&Plan { data: Some("other".into()), ..plan() }, "data");
        check(&Plan { page: Some("other".into()), ..plan() }, "page");
        check(&Plan { people: 2, ..plan() }, "people");
        check(&Plan { level: "masked".into(), cadence: "none".into(), ..plan() }, "cadence, level");
        let plan_text = fs::read_to_string(folder.path().join(FILE)).expect("it reads");
        let untold = plan_text.replace("\"people\": 1,", "");
        fs::write(folder.path().join(FILE), untold).expect("it is written");
        check(&plan(), "people");
        fs::write(folder.path().join(FILE), "{").expect("it is written");
        assert!(plan().check(folder.path()).is_err(), "a plan that does not read is no plan");
    }

    #[test]
    fn what_has_no_plan_is_not_touched() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(TEMPORARY), "{").expect("it is written");
        plan().check(folder.path()).expect("the plan itself was broken off");
        fs::write(folder.path().join("letter.txt"), "mine").expect("it is written");
        assert!(plan().check(folder.path()).is_err());
    }
}
