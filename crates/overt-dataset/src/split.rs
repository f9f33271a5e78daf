//! Which recordings are trained on (docs/spec/dataset.md, section 6).

use std::collections::BTreeMap;

use overt_event::RecordingId;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::manifest::RecordingNote;

/// What is never divided between training and testing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SplitBy {
    /// A person: what is tested was done by people that nothing was learned from. Nobody knows who made an
    /// imported recording, so each counts as a person of its own.
    #[default]
    Person,
    /// A recording, together with those of the same person that overlap it in time.
    Recording,
}

/// The splits of recordings, in their order. `kept`: where an earlier version had put them.
pub(crate) fn splits(
    recordings: &[RecordingNote],
    by: SplitBy,
    kept: &BTreeMap<RecordingId, String>,
) -> Vec<String> {
    let split = |r: &RecordingNote| {
        kept.get(&r.recording).cloned().unwrap_or_else(|| split_of(&group_of(r, by)).to_owned())
    };
    let splits: Vec<String> = recordings.iter().map(split).collect();
    if splits.iter().any(|s| s == "train") { splits } else { vec!["train".to_owned(); recordings.len()] }
}

/// The name of what a recording is never divided from.
fn group_of(r: &RecordingNote, by: SplitBy) -> Vec<u8> {
    match by {
        SplitBy::Person if r.imported.is_none() => [&b"person"[..], &r.contributor_key.0].concat(),
        SplitBy::Person => r.recording.0.to_vec(),
        SplitBy::Recording => {
            let first = r.overlaps.first().copied().unwrap_or(r.recording).min(r.recording);
            first.0.to_vec()
        }
    }
}

fn split_of(group: &[u8]) -> &'static str {
    let digest = Sha256::new().chain_update("overt split v1").chain_update(group).finalize();
    let number = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
    match number % 100 {
        0..80 => "train",
        80..90 => "validation",
        _ => "test",
    }
}

#[cfg(test)]
mod tests {
    use overt_event::KeyId;

    use super::*;

    fn note(recording: u128, person: u8) -> RecordingNote {
        let key = KeyId([person; 16]);
        RecordingNote { contributor_key: key, ..RecordingNote::blank(RecordingId(recording.to_be_bytes())) }
    }

    fn split(all: &[RecordingNote], by: SplitBy) -> Vec<String> {
        splits(all, by, &BTreeMap::new())
    }

    #[test]
    fn a_recording_keeps_its_split_and_about_four_fifths_train() {
        let all: Vec<_> = (0..1000).map(|n| note(n, 1)).collect();
        let together = split(&all, SplitBy::Recording);
        let train = together.iter().filter(|s| *s == "train").count();
        assert!((750..850).contains(&train));
        assert_eq!(split(&all[..500], SplitBy::Recording), together[..500]);
    }

    #[test]
    fn a_person_is_never_divided() {
        let all: Vec<_> = (0..600).map(|n| note(n, (n % 60) as u8)).collect();
        let splits = split(&all, SplitBy::Person);
        for (note, split) in all.iter().zip(&splits) {
            let first = usize::from(note.contributor_key.0[0]);
            assert_eq!(split, &splits[first]);
        }
        assert!(splits.iter().any(|s| s == "test") && splits.iter().any(|s| s == "validation"));
    }

    #[test]
    fn one_alone_is_trained_on() {
        let is_test = |n: &u128| split(&[note(*n, 1), note(0, 1)], SplitBy::Recording)[0] == "test";
        let test = (1..).find(is_test).expect("one in ten");
        assert_eq!(split(&[note(test, 1)], SplitBy::Recording), ["train"]);
        assert_eq!(split(&[note(1, 9), note(2, 9)], SplitBy::Person), ["train", "train"]);
    }

    #[test]
    fn what_overlaps_stays_together_and_what_was_decided_stays_decided() {
        let mut all: Vec<_> = (0..40).map(|n| note(n, 1)).collect();
        let before = split(&all, SplitBy::Recording);
        let other = (1..40).find(|&i| before[i] != before[0]).expect("another split");
        let (a, b) = (all[0].recording, all[other].recording);
        all[0].overlaps = vec![b];
        all[other].overlaps = vec![a];
        let after = split(&all, SplitBy::Recording);
        assert_eq!(after[0], after[other]);
        let kept = BTreeMap::from([(b, before[other].clone())]);
        assert_eq!(splits(&all, SplitBy::Recording, &kept)[other], before[other]);
    }
}
