//! How much is recorded, and why it is less than was agreed, in words for people.

use overt_event::{Pace, PaceChange, PaceReason};

/// The pace with its reason, such as `held: on the battery`.
pub fn in_words(change: PaceChange) -> String {
    let pace = match change.pace {
        Pace::Full => "as agreed".to_owned(),
        Pace::Slow { frames_per_sec } => format!("at most {frames_per_sec} pictures a second"),
        Pace::AroundInputs => "pictures around inputs only".to_owned(),
        Pace::Held => "held".to_owned(),
    };
    format!("{pace}: {}", reason(change.why))
}

/// What the agreement's budget says about it.
pub fn reason(why: PaceReason) -> &'static str {
    match why {
        PaceReason::WithinBudget => "within the budget",
        PaceReason::Processor => "the recorder takes more of the processor than was agreed",
        PaceReason::DayVolume => "what was agreed for a day is nearly written",
        PaceReason::Battery => "on the battery",
        PaceReason::Metered => "on a metered network",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_is_said_with_its_reason() {
        assert_eq!(in_words(PaceChange::FULL), "as agreed: within the budget");
        let slow = PaceChange { pace: Pace::Slow { frames_per_sec: 2 }, why: PaceReason::DayVolume };
        assert_eq!(
            in_words(slow),
            "at most 2 pictures a second: what was agreed for a day is nearly written"
        );
    }
}
