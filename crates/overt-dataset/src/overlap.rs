//! Two recordings of one person at the same time: one of them, or its clock, is not what it seems.

use std::collections::BTreeMap;

use overt_event::{KeyId, RecordingId, WallTime};

/// Wall clocks tell whole seconds: what overlaps by less may only touch.
const OVERLAP_SECS_MIN: i64 = 2;

/// When a recording was made, and by whom.
pub(crate) struct Sitting {
    pub(crate) recording: RecordingId,
    pub(crate) person: KeyId,
    /// `None` where nobody knows.
    pub(crate) span: Option<(WallTime, WallTime)>,
}

/// For each recording the others of the same person that overlap it, directly or through one another, by id.
pub(crate) fn overlaps(sittings: &[Sitting]) -> BTreeMap<RecordingId, Vec<RecordingId>> {
    let mut by_person: BTreeMap<KeyId, Vec<(WallTime, WallTime, RecordingId)>> = BTreeMap::new();
    for sitting in sittings {
        if let Some((begin, end)) = sitting.span {
            by_person.entry(sitting.person).or_default().push((begin, end, sitting.recording));
        }
    }
    by_person.into_values().flat_map(chains).flat_map(others).collect()
}

/// Sorted by their beginnings, each joins the chain that still goes on.
fn chains(mut spans: Vec<(WallTime, WallTime, RecordingId)>) -> Vec<Vec<RecordingId>> {
    spans.sort_unstable();
    let mut chains: Vec<(WallTime, Vec<RecordingId>)> = Vec::new();
    for (begin, end, recording) in spans {
        match chains.last_mut() {
            Some((last, chain)) if begin.0 + OVERLAP_SECS_MIN <= last.0.min(end.0) => {
                *last = (*last).max(end);
                chain.push(recording);
            }
            _ => chains.push((end, vec![recording])),
        }
    }
    chains.into_iter().map(|(_, chain)| chain).collect()
}

fn others(mut chain: Vec<RecordingId>) -> Vec<(RecordingId, Vec<RecordingId>)> {
    chain.sort_unstable();
    let but = |one: RecordingId| chain.iter().copied().filter(|r| *r != one).collect();
    chain.iter().map(|&one| (one, but(one))).filter(|(_, rest): &(_, Vec<_>)| !rest.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> RecordingId {
        RecordingId([n; 16])
    }

    fn check(sittings: &[(u8, u8, i64, i64)], expected: &[(u8, &[u8])]) {
        let sittings: Vec<_> = sittings
            .iter()
            .map(|&(recording, person, begin, end)| Sitting {
                recording: id(recording),
                person: KeyId([person; 16]),
                span: (end > 0).then_some((WallTime(begin), WallTime(end))),
            })
            .collect();
        let expected: BTreeMap<_, Vec<_>> =
            expected.iter().map(|(one, rest)| (id(*one), rest.iter().map(|&n| id(n)).collect())).collect();
        assert_eq!(overlaps(&sittings), expected);
    }

    #[test]
    fn one_after_the_other_is_no_overlap() {
        check(&[(1, 1, 100, 200), (2, 1, 199, 300), (3, 1, 300, 400)], &[]);
    }

    #[test]
    fn overlaps_are_told_on_both_sides_and_through_one_another() {
        check(&[(1, 1, 100, 200), (2, 1, 150, 300)], &[(1, &[2]), (2, &[1])]);
        check(
            &[(3, 1, 100, 200), (2, 1, 150, 300), (1, 1, 290, 400)],
            &[(1, &[2, 3]), (2, &[1, 3]), (3, &[1, 2])],
        );
        check(&[(1, 1, 100, 900), (2, 1, 200, 210)], &[(1, &[2]), (2, &[1])]);
    }

    #[test]
    fn other_people_and_unknown_times_do_not_overlap() {
        check(&[(1, 1, 100, 200), (2, 2, 100, 200), (3, 1, 0, 0)], &[]);
    }
}
