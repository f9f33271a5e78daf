//! What the agreement's cadence means for the sources, at each pace.

use overt_agreement::Cadence;
use overt_capture::Pictures;
use overt_event::Pace;

/// Looks at the screen a second where the cadence names no number: often enough to have a picture from
/// before an input.
const LOOKS_PER_SEC: u32 = 10;

/// Which pictures are handed on.
pub(crate) fn pictures(cadence: Cadence, pace: Pace) -> Pictures {
    match cadence {
        Cadence::OnChange { .. } if pace == Pace::AroundInputs => Pictures::AroundInputs,
        Cadence::OnChange { .. } => {
            Pictures::EveryChange { millis_min: 1_000 / u64::from(frames_per_sec(cadence, pace)) }
        }
        Cadence::OnAction => Pictures::AroundInputs,
        Cadence::Periodic { secs } => Pictures::Periodic { millis: u64::from(secs) * 1_000 },
        Cadence::None => Pictures::Never,
    }
}

/// Looks at the screen a second, at most. Where the agreement has no pictures there is not one.
pub(crate) fn frames_per_sec(cadence: Cadence, pace: Pace) -> u32 {
    let agreed = match cadence {
        Cadence::OnChange { frames_per_sec } => frames_per_sec,
        Cadence::OnAction | Cadence::Periodic { .. } => LOOKS_PER_SEC,
        Cadence::None => 0,
    };
    let slowed = match pace {
        Pace::Full => agreed,
        Pace::Slow { frames_per_sec } => frames_per_sec.max(1),
        Pace::AroundInputs | Pace::Held => 1,
    };
    slowed.min(agreed)
}

/// The paces from the agreed one down to none: half as many looks at the screen each time, down to one a
/// second; then the pictures around inputs only, where the cadence has others; then nothing.
pub(crate) fn ladder(cadence: Cadence) -> Vec<Pace> {
    let agreed = frames_per_sec(cadence, Pace::Full);
    let slower = std::iter::successors(Some(agreed / 2), |rate| Some(rate / 2)).take_while(|rate| *rate > 0);
    let mut ladder = vec![Pace::Full];
    ladder.extend(slower.map(|frames_per_sec| Pace::Slow { frames_per_sec }));
    if matches!(cadence, Cadence::OnChange { .. }) {
        ladder.push(Pace::AroundInputs);
    }
    ladder.push(Pace::Held);
    ladder
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slow(frames_per_sec: u32) -> Pace {
        Pace::Slow { frames_per_sec }
    }

    #[test]
    fn the_rate_is_halved_down_to_one_before_pictures_and_all_else_end() {
        let check = |cadence, expected: &[Pace]| assert_eq!(ladder(cadence), expected);
        let on_change = |frames_per_sec| Cadence::OnChange { frames_per_sec };
        check(on_change(5), &[Pace::Full, slow(2), slow(1), Pace::AroundInputs, Pace::Held]);
        check(on_change(1), &[Pace::Full, Pace::AroundInputs, Pace::Held]);
        check(Cadence::OnAction, &[Pace::Full, slow(5), slow(2), slow(1), Pace::Held]);
        check(Cadence::None, &[Pace::Full, Pace::Held]);
    }

    #[test]
    fn no_pace_ever_takes_more_than_was_agreed() {
        for cadence in [Cadence::OnChange { frames_per_sec: 3 }, Cadence::Periodic { secs: 9 }, Cadence::None]
        {
            let rates: Vec<u32> = ladder(cadence).iter().map(|p| frames_per_sec(cadence, *p)).collect();
            assert!(rates.is_sorted_by(|a, b| a >= b), "{rates:?}");
        }
        assert_eq!(frames_per_sec(Cadence::OnChange { frames_per_sec: 3 }, slow(9)), 3);
        assert_eq!(pictures(Cadence::None, Pace::AroundInputs), Pictures::Never);
        assert!(ladder(Cadence::None).iter().all(|p| frames_per_sec(Cadence::None, *p) == 0));
    }
}
