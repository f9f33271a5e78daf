//! What the last hours of recording were worth, and whether to go on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::advice::{Advice, FLAT, Tasks};
use crate::interval::{Share, gain, wilson};
use crate::models::Models;
use crate::report::{Outcome, percent, points};

/// Success by size of the data, the smallest first, by task.
pub(crate) type Curves<'a> = BTreeMap<&'a str, Vec<&'a Outcome>>;

/// What the last enlargement of the data changed. It is for the parties of an agreement: it says what was recorded of a task or in
/// an application, by all people together, and never by whom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marginal {
    /// The task's or the application's name.
    pub of: String,
    pub what: What,
    /// Demonstrations learned from before the enlargement and after it.
    pub demonstrations: (f64, f64),
    /// How long was recorded for them; `None` where that would be a figure about few people.
    pub hours: Option<(f64, f64)>,
    pub success: (Share, Share),
    /// The second share less the first, with Newcombe's interval of 95 %.
    pub gain: Share,
    pub advice: Advice,
    /// Of an application, how many of its tasks say what.
    #[serde(default, skip_serializing_if = "Tasks::is_empty")]
    pub tasks: BTreeMap<Advice, u64>,
    /// The smallest part of a task's data that was tried and teaches as much as all of it, where one does: what all of it has more is surely less than
    /// five points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enough: Option<SmallestPart>,
}

/// How little taught as much.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmallestPart {
    pub demonstrations: f64,
    /// How long was recorded for them; `None` where that would be a figure about few people.
    pub hours: Option<f64>,
}

impl SmallestPart {
    fn of(curve: &[&Outcome]) -> Option<Self> {
        let (last, parts) = curve.split_last()?;
        let one = parts.iter().find(|part| gain(part.success, last.success).high < FLAT)?;
        Some(Self { demonstrations: one.learned_episodes, hours: one.hours() })
    }

    fn words(self) -> String {
        let hours = self.hours.map(|h| format!(", {} recorded,", length(h))).unwrap_or_default();
        format!(" {:.0} demonstrations{hours} teach as much as all of them.", self.demonstrations)
    }
}

/// What a [`Marginal`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    Task,
    Application,
}

impl Marginal {
    /// One sentence.
    pub fn words(&self) -> String {
        let enough = self.enough.map(SmallestPart::words).unwrap_or_default();
        let advice = match self.what {
            What::Task => self.advice.words(),
            What::Application => self.advice.words_by(&self.tasks),
        };
        format!(
            "{}: from {:.0} to {:.0} demonstrations ({}) success went from {} to {} (a gain between {} and {} points): {}{enough}",
            self.of,
            self.demonstrations.0,
            self.demonstrations.1,
            self.hours.map_or(UNTOLD.to_owned(), |hours| format!("{} recorded", span(hours))),
            percent(self.success.0.of),
            percent(self.success.1.of),
            points(self.gain.low),
            points(self.gain.high),
            advice,
        )
    }
}

/// In the place of hours.
const UNTOLD: &str = "of too few people to tell how long was recorded";

/// The unit in which a time of so many hours is at least one, and how many of it an hour has.
fn unit(hours: f64) -> (&'static str, f64) {
    match hours {
        h if h >= 1.0 => ("hours", 1.0),
        h if h * 60.0 >= 1.0 => ("minutes", 60.0),
        _ => ("seconds", 3_600.0),
    }
}

/// From how long to how long.
pub(crate) fn span((from, to): (f64, f64)) -> String {
    let (unit, an_hour) = unit(to);
    format!("{:.1} to {:.1} {unit}", from * an_hour, to * an_hour)
}

/// How long, in a unit of which it is at least one.
pub(crate) fn length(hours: f64) -> String {
    let (unit, an_hour) = unit(hours);
    format!("{:.1} {unit}", hours * an_hour)
}

/// Sums of several tasks, before and after.
struct Sum {
    demonstrations: (f64, f64),
    /// `None` where it is not told of one of them: the others' alone would pass for all.
    hours: Option<(f64, f64)>,
    solved: (u64, u64),
    tried: (u64, u64),
    tasks: Tasks,
}

impl Default for Sum {
    fn default() -> Self {
        let (demonstrations, none) = ((0.0, 0.0), (0, 0));
        Self { demonstrations, hours: Some((0.0, 0.0)), solved: none, tried: none, tasks: Tasks::new() }
    }
}

impl Sum {
    fn add(&mut self, before: &Outcome, last: &Outcome, hours: Option<(f64, f64)>) {
        self.demonstrations.0 += before.learned_episodes;
        self.demonstrations.1 += last.learned_episodes;
        self.hours = self.hours.zip(hours).map(|(sum, own)| (sum.0 + own.0, sum.1 + own.1));
        self.solved.0 += before.solved;
        self.solved.1 += last.solved;
        self.tried.0 += before.tried;
        self.tried.1 += last.tried;
        *self.tasks.entry(advice(before, last)).or_default() += 1;
    }

    /// The advice is the tasks': a gain over all of them may be that of one.
    fn tell(self, of: &str, what: What, advice: Advice) -> Marginal {
        let Self { demonstrations, hours, solved, tried, tasks } = self;
        let success = (wilson(solved.0, tried.0), wilson(solved.1, tried.1));
        let gain = gain(success.0, success.1);
        Marginal {
            of: of.to_owned(),
            what,
            demonstrations,
            hours,
            success,
            gain,
            advice,
            tasks,
            enough: None,
        }
    }
}

fn advice(before: &Outcome, last: &Outcome) -> Advice {
    let is_doubled = last.learned_episodes >= 2.0 * before.learned_episodes;
    Advice::of(last.success, gain(before.success, last.success), Models::of(before, last), is_doubled)
}

/// `None` where only one size was tried.
pub(crate) fn of_task(task: &str, curve: &[&Outcome]) -> Option<Marginal> {
    let (before, last) = ends(curve)?;
    let mut sum = Sum::default();
    sum.add(before, last, before.hours().zip(last.hours()));
    let told = sum.tell(task, What::Task, advice(before, last));
    Some(Marginal { enough: SmallestPart::of(curve), tasks: Tasks::new(), ..told })
}

/// By application, all tasks together that were recorded in it.
pub(crate) fn of_applications(curves: &Curves<'_>) -> Vec<Marginal> {
    let mut sums: BTreeMap<&str, Sum> = BTreeMap::new();
    for (before, last) in curves.values().filter_map(|curve| ends(curve)) {
        for app in last.learned_hours.keys() {
            let hours = before.hours_in(app).zip(last.hours_in(app));
            sums.entry(app).or_default().add(before, last, hours);
        }
    }
    let told = |(app, sum): (&str, Sum)| {
        let advice = *sum.tasks.last_key_value()?.0;
        Some(sum.tell(app, What::Application, advice))
    };
    sums.into_iter().filter_map(told).collect()
}

/// The largest size of at most half of the last, or else the one before the last, and the last.
fn ends<'a>(curve: &[&'a Outcome]) -> Option<(&'a Outcome, &'a Outcome)> {
    let (last, rest) = curve.split_last()?;
    let is_half = |one: &&&Outcome| 2.0 * one.learned_episodes <= last.learned_episodes;
    Some((rest.iter().rev().find(is_half).or(rest.last())?, last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::Cell;
    use crate::report::Report;
    use crate::report::tests::cell;

    fn told(before: u64, last: u64) -> Report {
        let cells: Vec<Cell> =
            (0..5).flat_map(|seed| [cell(Some(10), seed, before), cell(None, seed, last)]).collect();
        Report::of(&cells, Vec::new(), String::new())
    }

    fn check(before: u64, last: u64, advice: Advice, words: &str) {
        let report = told(before, last);
        assert_eq!((report.results.len(), report.results[0].tried), (2, 500));
        assert_eq!(report.tasks[0].advice, advice);
        assert!(report.words[0].ends_with(words), "{}", report.words[0]);
    }

    #[test]
    fn it_says_whether_to_go_on_and_why() {
        check(50, 80, Advice::Helps, "more recording helped, and may still.");
        check(
            80,
            80,
            Advice::Flat,
            "collect no more of this task: more of the same kind does not help. 10 demonstrations, 6.0 minutes recorded, teach as much as all of them.",
        );
        check(80, 81, Advice::Unknown, "try more episodes, or sizes that are further apart.");
        check(90, 99, Advice::Enough, "collect no more of this task: there is little left to gain.");
        check(
            100,
            97,
            Advice::Harms,
            "collect no more of this task until that is understood. 10 demonstrations, 6.0 minutes recorded, teach as much as all of them.",
        );
    }

    #[test]
    fn a_time_is_told_in_a_unit_of_which_it_has_some() {
        assert_eq!([2.0, 0.5, 0.01].map(length), ["2.0 hours", "30.0 minutes", "36.0 seconds"]);
        assert_eq!(span((0.001, 0.01)), "3.6 to 36.0 seconds");
    }

    #[test]
    fn the_smallest_part_that_teaches_as_much_is_told() {
        let solved = [(3, 60), (10, 97), (40, 98), (100, 99)];
        let cells: Vec<Cell> =
            (0..5).flat_map(|seed| solved.map(|(size, n)| cell(Some(size), seed, n))).collect();
        let report = Report::of(&cells, Vec::new(), String::new());
        let enough = SmallestPart { demonstrations: 10.0, hours: Some(0.1) };
        assert_eq!(report.tasks[0].enough, Some(enough));
        let words = " 10 demonstrations, 6.0 minutes recorded, teach as much as all of them.";
        assert!(report.words[0].ends_with(words), "{}", report.words[0]);
        assert_eq!((told(50, 80).tasks[0].enough, told(80, 86).tasks[0].enough), (None, None));
    }

    #[test]
    fn what_is_told_of_an_application_sums_up_its_tasks() {
        let mut cells =
            vec![cell(Some(10), 0, 20), cell(None, 0, 90), cell(Some(10), 0, 70), cell(None, 0, 70)];
        cells[2].key.task = "b-task".to_owned();
        cells[3].key.task = "b-task".to_owned();
        cells[3].spent_millis.insert("editor".to_owned(), 3_600_000);
        let report = Report::of(&cells, Vec::new(), String::new());
        let told: Vec<_> = report.applications.iter().map(|m| (m.of.as_str(), m.hours, m.advice)).collect();
        assert_eq!(
            told,
            [("browser", Some((0.2, 2.0)), Advice::Helps), ("editor", Some((0.0, 1.0)), Advice::Unknown)]
        );
        assert_eq!(report.applications[0].success.1, wilson(160, 200));
        let words = "browser: from 20 to 200 demonstrations (0.2 to 2.0 hours recorded) success went from 45 % to 80 %";
        assert!(report.words[2].starts_with(words), "{}", report.words[2]);
        assert!(
            report.words[2].ends_with("helped in 1 of its 2 tasks, and may still."),
            "{}",
            report.words[2]
        );
        assert_eq!(report.applications[0].tasks, Tasks::from([(Advice::Helps, 1), (Advice::Unknown, 1)]));
    }

    #[test]
    fn hours_are_told_where_every_task_and_size_has_them() {
        let mut cells: Vec<Cell> = [Some(10), None].map(|size| cell(size, 0, 50)).to_vec();
        cells.extend(cells.clone().into_iter().map(|mut one| {
            one.key.task = "b-task".to_owned();
            one
        }));
        let told = |cells: &[Cell]| {
            let report = Report::of(cells, Vec::new(), String::new());
            let all = report.tasks.iter().chain(&report.applications);
            all.map(|m| m.hours.is_some()).collect::<Vec<_>>()
        };
        assert_eq!(told(&cells), [true, true, true]);
        // Of ten demonstrations of the second task too few people are known.
        cells[2].spent_millis = [("browser".to_owned(), 0)].into();
        assert_eq!(told(&cells), [true, false, false]);
        cells[3].spent_millis = [("browser".to_owned(), 0)].into();
        assert_eq!(told(&cells), [true, false, false]);
        // Where two applications are, one alone is not all.
        cells[0].spent_millis.insert("editor".to_owned(), 0);
        cells[1].spent_millis.insert("editor".to_owned(), 0);
        assert_eq!(told(&cells), [false, false, false, false]);
    }
}
