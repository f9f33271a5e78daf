//! Where the meter is broken: what must harm does not show.

use crate::ablation::{Ablation, Verdict};
use crate::compared::Compared;
use crate::comparison_page;
use crate::degrade::Degrade;
use crate::probe::Probe;

/// One thing that should lose on a task, and whether it does.
pub(crate) struct Asked<'a> {
    pub(crate) degrade: Degrade,
    pub(crate) task: &'a str,
    pub(crate) loses: bool,
}

/// A sentence on each kind of data that was spoilt. The fullest probe is the meter: one that learns little has little to lose.
pub(crate) fn words(ablations: &[Ablation], recordings: &[Compared]) -> Vec<String> {
    let meter = ablations.iter().map(|a| a.probe).max();
    let should = ablations.iter().filter(|a| a.should_lose == Some(true) && Some(a.probe) == meter);
    let of_data =
        should.map(|a| Asked { degrade: a.degrade, task: &a.task, loses: a.verdict == Verdict::Loses });
    let of_recordings = comparison_page::asked(recordings);
    let data = format!("the data that {} learns from", meter.map_or("nobody", Probe::word));
    let sentences = [sentence(&data, of_data.collect()), sentence("recordings", of_recordings)];
    sentences.into_iter().flatten().collect()
}

/// Nothing where nothing was asked.
fn sentence(of: &str, asked: Vec<Asked<'_>>) -> Option<String> {
    let all = asked.len();
    let kept: Vec<Asked<'_>> = asked.into_iter().filter(|one| !one.loses).collect();
    let lose = all - kept.len();
    let cases = if all == 1 { "case" } else { "cases" };
    match (all, kept.is_empty()) {
        (0, _) => None,
        (_, true) => Some(format!("Spoiling {of} should lose in {all} {cases}, and does so in {lose}.")),
        (_, false) => Some(format!(
            "Spoiling {of} should lose in {all} {cases}, and does so in {lose}. The meter is broken for {}.",
            places(&kept)
        )),
    }
}

/// By what was wrong, the tasks where it does not show.
fn places(kept: &[Asked<'_>]) -> String {
    let mut degrades: Vec<Degrade> = kept.iter().map(|one| one.degrade).collect();
    degrades.sort();
    degrades.dedup();
    let tasks = |degrade: Degrade| {
        let mut own: Vec<&str> =
            kept.iter().filter(|one| one.degrade == degrade).map(|one| one.task).collect();
        own.dedup();
        own.join(", ")
    };
    let of_each: Vec<String> =
        degrades.into_iter().map(|d| format!("{} in {}", d.word(), tasks(d))).collect();
    of_each.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(degrade: Degrade, task: &str, loses: bool) -> Asked<'_> {
        Asked { degrade, task, loses }
    }

    #[test]
    fn it_is_said_once_and_by_name() {
        assert_eq!(sentence("the data", Vec::new()), None);
        let whole = vec![asked(Degrade::DropFifth, "a", true)];
        assert!(sentence("the data", whole).is_some_and(|s| s.ends_with("1 case, and does so in 1.")));
        let broken = vec![
            asked(Degrade::DropFifth, "a", false),
            asked(Degrade::AfterAction, "a", false),
            asked(Degrade::AfterAction, "b", true),
            asked(Degrade::AfterAction, "c", false),
        ];
        let said = sentence("recordings", broken).expect("something is broken");
        assert_eq!(
            said,
            "Spoiling recordings should lose in 4 cases, and does so in 1. The meter is broken for after_action in a, c; \
             drop_fifth in a."
        );
    }
}
