//! What making the data worse did, and whether it should have harmed: a meter that does not show what must harm measures nothing.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::degrade::Degrade;
use crate::interval::{Share, gain, parted};
use crate::models::Models;
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
    /// What became of each model. Older files do not tell it: then it is none, and the verdict is by the intervals alone.
    #[serde(default)]
    pub models: Models,
    pub verdict: Verdict,
}

/// By Wilson's intervals, and by whether the models agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// They do not overlap, the whole data is better, and the models agree.
    Loses,
    /// They do not overlap, the whole data is worse, and the models agree.
    Wins,
    /// They do not overlap, but the models do not agree: a few of them carry it.
    Uneven,
    Overlap,
}

impl Verdict {
    fn of(whole: Share, spoilt: Share, models: Models) -> Self {
        match parted(whole, spoilt) {
            None | Some(Ordering::Equal) => Self::Overlap,
            Some(Ordering::Less) if models.agree_on_worse() => Self::Loses,
            Some(Ordering::Greater) if models.agree_on_better() => Self::Wins,
            Some(_) => Self::Uneven,
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
    let models = Models::of(whole, one);
    Ablation {
        task: one.task.clone(),
        probe,
        degrade,
        success: (whole.success, success),
        change: gain(whole.success, success),
        should_lose,
        models,
        verdict: Verdict::of(whole.success, success, models),
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
            (Verdict::Loses, _) => {
                let models = self.models.words();
                format!("it loses, as it should: the intervals do not overlap{models}.")
            }
            (Verdict::Wins, _) => {
                let models = self.models.words();
                format!("it wins, which nobody expected: the intervals do not overlap{models}.")
            }
            (Verdict::Uneven, _) => self.uneven(),
            (Verdict::Overlap, Some(true)) => {
                "it should lose and does not: the intervals overlap, and on this task the meter does not tell it from the whole."
                    .to_owned()
            }
            (Verdict::Overlap, Some(false)) => format!("it need not lose, since {}.", self.degrade.spares()),
            (Verdict::Overlap, None) => "the intervals overlap.".to_owned(),
        }
    }

    fn uneven(&self) -> String {
        let how = self.models.few(self.change.of < 0.0);
        format!(
            "the intervals do not overlap, but {how}: which demonstrations were drawn decides; try more models."
        )
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
        check(Degrade::NoHover, false, (90, 90), Verdict::Overlap, "or more learned from holds no rests");
        check(Degrade::NoHover, false, (90, 10), Verdict::Loses, "though it need not");
        check(Degrade::KeepFailed, true, (10, 90), Verdict::Wins, "nobody expected");
        check(
            Degrade::AfterAction,
            true,
            (90, 10),
            Verdict::Loses,
            "; of 5 models 5 did worse and 0 better.",
        );
    }

    /// Models of the same seeds, each tried 40 times, with the whole data and with less of it.
    fn by_model(whole: &[u64], spoilt: &[u64]) -> Ablation {
        let of = |seed, solved, degrade| {
            let mut one = cell(None, seed, solved);
            (one.tried, one.key.degrade, one.should_lose) = (40, degrade, Some(true));
            one
        };
        let wholes = (0..).zip(whole).map(|(seed, n)| of(seed, *n, Degrade::None));
        let spoilts = (0..).zip(spoilt).map(|(seed, n)| of(seed, *n, Degrade::DropFifth));
        let mut cells: Vec<Cell> = wholes.chain(spoilts).collect();
        // Those of one seed stand at no place of their own.
        cells[whole.len()..].reverse();
        Report::of(&cells, Vec::new(), String::new()).ablations.remove(0)
    }

    #[test]
    fn what_one_model_of_five_lost_is_not_what_the_data_lost() {
        let one = by_model(&[31, 40, 40, 40, 31], &[0, 40, 40, 40, 40]);
        assert!(one.success.1.high < one.success.0.low, "the intervals part");
        assert_eq!((one.verdict, one.models), (Verdict::Uneven, Models { worse: 1, alike: 3, better: 1 }));
        assert!(one.words().contains("only 1 of 5 models did worse"), "{}", one.words());
        let won = by_model(&[40, 23, 0, 40, 5], &[40, 40, 40, 40, 0]);
        assert_eq!((won.verdict, won.models), (Verdict::Uneven, Models { worse: 1, alike: 2, better: 2 }));
        assert!(won.words().contains("only 2 of 5 models did better"), "{}", won.words());
        assert_eq!(by_model(&[40, 40, 40], &[9, 9, 40]).verdict, Verdict::Loses);
        assert_eq!(by_model(&[40, 40], &[0, 40]).verdict, Verdict::Uneven, "half are not most");
        // What is wrong may touch few, and harm all of these.
        assert_eq!(by_model(&[40; 20], &[[20; 8], [40; 8]].concat()).verdict, Verdict::Loses);
    }

    #[test]
    fn one_model_says_nothing_of_models() {
        let one = by_model(&[40], &[0]);
        assert_eq!(one.verdict, Verdict::Loses);
        assert!(one.words().ends_with("of one model, which says nothing of others."), "{}", one.words());
    }

    #[test]
    fn results_that_tell_no_models_read() {
        let one = by_model(&[40], &[0]);
        let mut told = serde_json::to_value(&one).expect("JSON");
        assert!(told.as_object_mut().expect("members").remove("models").is_some());
        let read: Ablation = serde_json::from_value(told).expect("it reads");
        assert_eq!(read, Ablation { models: Models::default(), ..one });
    }

    #[test]
    fn intervals_that_overlap_decide_nothing_though_the_difference_is_beyond_chance() {
        let (whole, spoilt) = (crate::wilson(450, 500), crate::wilson(429, 500));
        assert!(gain(whole, spoilt).high < 0.0 && spoilt.high > whole.low);
        let models = Models { worse: 5, ..Models::default() };
        assert_eq!(Verdict::of(whole, spoilt, models), Verdict::Overlap);
    }
}
