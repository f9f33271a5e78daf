//! Which recordings are trained on (docs/spec/dataset.md, section 6).

use overt_event::RecordingId;
use sha2::{Digest as _, Sha256};

/// The splits of recordings, in their order.
pub(crate) fn splits(recordings: &[RecordingId]) -> Vec<&'static str> {
    let splits: Vec<_> = recordings.iter().map(|r| split_of(*r)).collect();
    if splits.contains(&"train") { splits } else { vec!["train"; recordings.len()] }
}

fn split_of(recording: RecordingId) -> &'static str {
    let digest = Sha256::new().chain_update("overt split v1").chain_update(recording.0).finalize();
    let number = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
    match number % 100 {
        0..80 => "train",
        80..90 => "validation",
        _ => "test",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_keeps_its_split_and_about_four_fifths_train() {
        let all: Vec<_> = (0..1000u128).map(|n| RecordingId(n.to_be_bytes())).collect();
        let together = splits(&all);
        let train = together.iter().filter(|s| **s == "train").count();
        assert!((750..850).contains(&train));
        assert_eq!(splits(&all[..500]), together[..500]);
    }

    #[test]
    fn one_recording_alone_is_trained_on() {
        let test = (0..).map(|n: u128| RecordingId(n.to_be_bytes())).find(|r| split_of(*r) == "test");
        assert_eq!(splits(&[test.expect("one in ten")]), ["train"]);
    }
}
