//! Whether to go on recording, and why.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::interval::Share;

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
    /// Too few episodes were tried to tell.
    Unknown,
    /// Go on: the last hours helped.
    Helps,
}

/// How many tasks of an application say so.
pub(crate) type Tasks = BTreeMap<Advice, u64>;

impl Advice {
    /// Of a task that models do so well by now, and so much better than before.
    pub(crate) fn of(last: Share, gain: Share) -> Self {
        if gain.high < 0.0 {
            Self::Harms
        } else if last.low >= LITTLE_LEFT {
            Self::Enough
        } else if gain.low > 0.0 {
            Self::Helps
        } else if gain.high < FLAT {
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
            Self::Unknown => "too few episodes were tried to tell whether more recording helps.",
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
                format!(
                    "too few episodes were tried to tell whether more recording helps in {of}.{}",
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
        assert_eq!(Advice::of(last, gain(before, last)), expected);
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
        assert!(advice == Unknown && words.ends_with("in 1 of its 4 tasks."), "{words}");
        let (advice, words) = told(&[(Enough, 1), (Harms, 1), (Flat, 1)]);
        assert!(advice == Harms && words.starts_with("collect no more"), "{words}");
        let (advice, words) = told(&[(Enough, 1), (Flat, 1)]);
        assert!(advice == Flat && words.contains("in 1 of its 2 tasks"), "{words}");
        assert!(told(&[(Flat, 1)]).1.ends_with("does not help."));
        assert!(told(&[(Enough, 2)]).1.ends_with("there is little left to gain."));
    }
}
