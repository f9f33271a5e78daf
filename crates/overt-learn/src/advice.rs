//! Whether to go on recording, and why.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::interval::Share;
use crate::models::Models;

/// From here on there is little left to gain.
const LITTLE_LEFT: f64 = 0.95;
/// A gain that is surely less than this is none.
pub(crate) const FLAT: f64 = 0.05;

/// Whether to go on recording. Of an application the last of these that is said of any of its tasks is said: it is to be stopped only
/// where all of them are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Advice {
    /// Stop: models do it already.
    Enough,
    /// Stop: more of the same kind changes nothing.
    Flat,
    /// Stop, and look at what was added: with it models do worse.
    Harms,
    /// Nothing can be told of what was tried.
    Unknown,
    /// A few models carry what changed: which demonstrations were drawn for them decides.
    Uneven,
    /// Go on: the last hours helped.
    Helps,
}

/// How many tasks of an application say so.
pub(crate) type Tasks = BTreeMap<Advice, u64>;

impl Advice {
    /// Of a task that models do so well by now, and so much better than before. `is_doubled`: with at least twice as much data; a little
    /// more can change little, whatever a lot more would.
    pub(crate) fn of(last: Share, gain: Share, models: Models, is_doubled: bool) -> Self {
        if gain.high < 0.0 && models.agree_on_worse() {
            Self::Harms
        } else if last.low >= LITTLE_LEFT {
            Self::Enough
        } else if gain.low > 0.0 && models.agree_on_better() {
            Self::Helps
        } else if gain.high < 0.0 || gain.low > 0.0 {
            Self::Uneven
        } else if gain.high < FLAT && is_doubled {
            Self::Flat
        } else {
            Self::Unknown
        }
    }

    /// In words, after the facts.
    pub(crate) fn words(self) -> String {
        let words = match self {
            Self::Enough => "collect no more of this task: there is little left to gain.",
            Self::Flat => "collect no more of this task: more of the same kind does not help.",
            Self::Harms => {
                "what was added did harm. Look at what it is, and collect no more of this task until that is understood."
            }
            Self::Unknown => {
                "it cannot be told whether more recording helps: try more episodes, or sizes that are further apart."
            }
            Self::Uneven => {
                "but few of the models did so. Which demonstrations were drawn for them decides: try more models."
            }
            Self::Helps => "more recording helped, and may still.",
        };
        words.to_owned()
    }

    /// The same of an application with these tasks.
    pub(crate) fn words_by(self, tasks: &Tasks) -> String {
        let (here, of) = (tasks.get(&self).copied().unwrap_or(0), share(self, tasks));
        let stop = "collect no more in this application";
        match self {
            Self::Enough => format!("{stop}: there is little left to gain."),
            Self::Flat if here == all(tasks) => format!("{stop}: more of the same kind does not help."),
            Self::Flat => {
                format!(
                    "{stop}: more of the same kind does not help in {of}, and there is little left to gain in the others."
                )
            }
            Self::Harms => format!("{stop} until it is understood what did harm: what was added to {of}."),
            Self::Unknown => {
                format!("it cannot be told of {of} whether more recording helps.{}", harm(tasks))
            }
            Self::Uneven => {
                format!(
                    "few of the models that were tried on {of} carry what changed: try more.{}",
                    harm(tasks)
                )
            }
            Self::Helps => format!("more recording helped in {of}, and may still.{}", harm(tasks)),
        }
    }
}

/// What goes on may have a part that does not.
fn harm(tasks: &Tasks) -> String {
    if tasks.contains_key(&Advice::Harms) {
        format!(" What was added to {} did harm: look at what it is.", share(Advice::Harms, tasks))
    } else {
        String::new()
    }
}

/// So many of an application's tasks.
pub(crate) fn share(advice: Advice, tasks: &Tasks) -> String {
    let here = tasks.get(&advice).copied().unwrap_or(0);
    format!("{here} of its {} {}", all(tasks), if all(tasks) == 1 { "task" } else { "tasks" })
}

fn all(tasks: &Tasks) -> u64 {
    tasks.values().sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interval::{gain, wilson};

    fn check(before: u64, last: u64, expected: Advice) {
        let (before, last) = (wilson(before, 500), wilson(last, 500));
        assert_eq!(Advice::of(last, gain(before, last), Models::default(), true), expected);
    }

    #[test]
    fn what_few_models_did_is_not_said_of_all_nor_that_a_little_more_does_not_help() {
        use Advice::{Enough, Flat, Harms, Helps, Uneven, Unknown};
        let told = |before, last, (worse, alike, better), is_doubled| {
            let (before, last) = (wilson(before, 500), wilson(last, 500));
            Advice::of(last, gain(before, last), Models { worse, alike, better }, is_doubled)
        };
        assert_eq!(told(500, 485, (1, 4, 0), true), Enough);
        assert_eq!((told(450, 400, (1, 4, 0), true), told(450, 400, (4, 1, 0), true)), (Uneven, Harms));
        assert_eq!((told(400, 450, (1, 2, 2), true), told(400, 450, (1, 1, 3), true)), (Uneven, Helps));
        assert_eq!((told(400, 400, (1, 3, 1), true), told(400, 400, (1, 3, 1), false)), (Flat, Unknown));
    }

    #[test]
    fn what_made_it_worse_is_told_though_models_do_it_already() {
        check(500, 485, Advice::Harms);
        check(500, 499, Advice::Enough);
        check(300, 250, Advice::Harms);
        check(250, 300, Advice::Helps);
        check(400, 400, Advice::Flat);
        check(400, 405, Advice::Unknown);
    }

    fn told(tasks: &[(Advice, u64)]) -> (Advice, String) {
        let tasks: Tasks = tasks.iter().copied().collect();
        let advice = *tasks.last_key_value().expect("a task").0;
        (advice, advice.words_by(&tasks))
    }

    #[test]
    fn an_application_is_to_be_stopped_where_all_its_tasks_are() {
        use Advice::{Enough, Flat, Harms, Helps, Unknown};
        let (advice, words) = told(&[(Enough, 6), (Helps, 2)]);
        assert_eq!(
            (advice, words.as_str()),
            (Helps, "more recording helped in 2 of its 8 tasks, and may still.")
        );
        let (advice, words) = told(&[(Harms, 1), (Helps, 1), (Flat, 1)]);
        assert!(
            advice == Helps && words.ends_with("to 1 of its 3 tasks did harm: look at what it is."),
            "{words}"
        );
        let (advice, words) = told(&[(Flat, 2), (Unknown, 1), (Enough, 1)]);
        assert!(advice == Unknown && words.starts_with("it cannot be told of 1 of its 4 tasks"), "{words}");
        let (advice, words) = told(&[(Enough, 1), (Harms, 1), (Flat, 1)]);
        assert!(advice == Harms && words.starts_with("collect no more"), "{words}");
        let (advice, words) = told(&[(Enough, 1), (Flat, 1)]);
        assert!(advice == Flat && words.contains("in 1 of its 2 tasks"), "{words}");
        assert!(told(&[(Flat, 1)]).1.ends_with("does not help."));
        assert!(told(&[(Enough, 2)]).1.ends_with("there is little left to gain."));
    }
}
