//! What making the data worse did, and whether it should have harmed: a meter that does not show what must harm measures nothing.

use serde::{Deserialize, Serialize};

use crate::degrade::Degrade;
use crate::interval::{Share, gain};
use crate::probe::Probe;
use crate::report::{Outcome, points};

/// One thing wrong with the data, beside the whole data of the same size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ablation {
    pub task: String,
    pub probe: Probe,
    pub degrade: Degrade,
    /// With the whole data and with this wrong, each with Wilson's interval.
    pub success: (Share, Share),
    /// The difference with Newcombe's interval. It tells how much, and does not decide the verdict.
    pub change: Share,
    /// Whether this data has what is taken from it or put into it; `None` where that is not told.
    pub should_lose: Option<bool>,
    pub verdict: Verdict,
}

/// By Wilson's intervals alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// They do not overlap, and the whole data is better.
    Loses,
    /// They do not overlap, and the whole data is worse.
    Wins,
    Overlap,
}

impl Verdict {
    fn of(whole: Share, spoilt: Share) -> Self {
        if spoilt.high < whole.low {
            Self::Loses
        } else if spoilt.low > whole.high {
            Self::Wins
        } else {
            Self::Overlap
        }
    }
}

/// Of all that was made worse, each beside its whole.
pub(crate) fn ablations(results: &[Outcome]) -> Vec<Ablation> {
    let made = || results.iter().filter(|r| r.model.is_none());
    let whole = |one: &Outcome| {
        made().find(|w| {
            w.degrade == Degrade::None && (&w.task, w.probe, w.size) == (&one.task, one.probe, one.size)
        })
    };
    let spoilt = made().filter(|r| r.degrade != Degrade::None);
    spoilt.filter_map(|one| Some(ablation(whole(one)?, one))).collect()
}

fn ablation(whole: &Outcome, one: &Outcome) -> Ablation {
    let Outcome { probe, degrade, should_lose, success, .. } = *one;
    Ablation {
        task: one.task.clone(),
        probe,
        degrade,
        success: (whole.success, success),
        change: gain(whole.success, success),
        should_lose,
        verdict: Verdict::of(whole.success, success),
    }
}

impl Ablation {
    /// One sentence.
    pub fn words(&self) -> String {
        let Share { low, high, .. } = self.change;
        format!(
            "{}: with {} success of {} went from {} to {} (a change between {} and {} points): {}",
            self.task,
            self.degrade.word(),
            self.probe.word(),
            self.success.0,
            self.success.1,
            points(low),
            points(high),
            self.judged()
        )
    }

    fn judged(&self) -> String {
        match (self.verdict, self.should_lose) {
            (Verdict::Loses, Some(false)) => {
                format!("it loses, though it need not, since {}.", self.degrade.spares())
            }
            (Verdict::Loses, _) => "it loses, as it should: the intervals do not overlap.".to_owned(),
            (Verdict::Wins, _) => "it wins, which nobody expected.".to_owned(),
            (Verdict::Overlap, Some(true)) => {
                "it should lose and does not: the intervals overlap, and on this task the meter does not tell it from the whole."
                    .to_owned()
            }
            (Verdict::Overlap, Some(false)) => format!("it need not lose, since {}.", self.degrade.spares()),
            (Verdict::Overlap, None) => "the intervals overlap.".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::Cell;
    use crate::report::Report;
    use crate::report::tests::cell;

    /// Of 500 episodes with the whole data and as many with less so many succeeded; what is said of it.
    fn check(
        degrade: Degrade,
        should_lose: bool,
        (whole, spoilt): (u64, u64),
        verdict: Verdict,
        words: &str,
    ) {
        let spoil = |mut cell: Cell| {
            (cell.key.degrade, cell.should_lose) = (degrade, Some(should_lose));
            cell
        };
        let cells = (0..5).flat_map(|seed| [cell(None, seed, whole), spoil(cell(None, seed, spoilt))]);
        let report = Report::of(&cells.collect::<Vec<_>>(), Vec::new(), String::new());
        assert_eq!(report.ablations.len(), 1);
        let told = report.ablations[0].words();
        assert_eq!((report.ablations[0].verdict, report.words.last()), (verdict, Some(&told)));
        assert!(told.contains(words), "{told}");
    }

    #[test]
    fn it_is_told_what_loses_and_what_should() {
        check(Degrade::AfterAction, true, (90, 10), Verdict::Loses, "from 90 % (87 to 92) to 10 % (8 to 13)");
        check(Degrade::AfterAction, true, (90, 10), Verdict::Loses, "it loses, as it should");
        check(Degrade::DropFifth, true, (90, 90), Verdict::Overlap, "should lose and does not");
        check(Degrade::NoHover, false, (90, 90), Verdict::Overlap, "since the data holds no rests");
        check(Degrade::NoHover, false, (90, 10), Verdict::Loses, "though it need not");
        check(Degrade::KeepFailed, true, (10, 90), Verdict::Wins, "nobody expected");
    }

    #[test]
    fn intervals_that_overlap_decide_nothing_though_the_difference_is_beyond_chance() {
        let (whole, spoilt) = (crate::wilson(450, 500), crate::wilson(429, 500));
        assert!(gain(whole, spoilt).high < 0.0 && spoilt.high > whole.low);
        assert_eq!(Verdict::of(whole, spoilt), Verdict::Overlap);
    }
}
