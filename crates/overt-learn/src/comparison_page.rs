//! What recordings teach, as one page: no script, nothing from elsewhere.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::broken::Asked;
use crate::compared::{Compared, Condition, by_task, by_way};
use crate::comparison::Comparison;
use crate::degrade::Degrade;
use crate::html::{escaped, page};
use crate::interval::{Share, gain, parted};

/// A drawing: the words at the left, then the intervals from 0 to 100 %; px.
const LEFT: f64 = 210.0;
const WIDTH: f64 = 640.0;
const AREA: f64 = 400.0;
/// One condition: the interval of the recordings, and that of the account below it.
const ROW: f64 = 34.0;

/// The recordings' intervals do not overlap.
const LESS: &str = "it teaches less";
/// They do.
const NO_DIFFERENCE: &str = "no difference is shown";

/// The page.
pub(crate) fn html(comparison: &Comparison) -> String {
    let words: String =
        words(&comparison.results).iter().map(|w| format!("<li>{}</li>", escaped(w))).collect();
    let sections = sections(&comparison.results);
    let probe = comparison.probe.map(|probe| format!(" ({})", probe.word())).unwrap_or_default();
    let body = format!(
        "<h1>What recordings teach</h1><p>Scripted people did each task before the recorder. One probe{probe} learned from what was \
         recorded, the same probe from an account of what was done; both acted in a real browser, or on a desktop, by real \
         input. Bars and numbers in brackets are Wilson's intervals of 95 %: above the recordings', below it in grey the account's. \
         That one condition teaches less than another is said where the recordings' intervals do not overlap.</p><h2>In words</h2><ul>{words}</ul>{sections}\
         <h2>Made by</h2><p><code>{}</code></p>",
        escaped(&comparison.command)
    );
    page("Overt: what recordings teach", &body)
}

/// A drawing and a table for each task.
pub(crate) fn sections(results: &[Compared]) -> String {
    by_task(results).iter().map(|own| section(own)).collect()
}

/// One sentence for each condition of each task.
pub(crate) fn words(results: &[Compared]) -> Vec<String> {
    by_task(results).iter().flat_map(|own| words_of_task(own)).collect()
}

/// The same in few sentences: whether recordings are enough, and in which tasks what changed something.
pub(crate) fn summary(results: &[Compared]) -> Vec<String> {
    let mut changes: Vec<(String, Vec<(&str, &str)>)> = Vec::new();
    let (mut asked, mut short) = (BTreeSet::new(), BTreeSet::new());
    for alike in by_task(results).iter().flat_map(|own| by_way(own)) {
        let first = alike[0];
        asked.extend(first.enough.map(|_| first.task.as_str()));
        short.extend((first.enough == Some(false)).then_some(first.task.as_str()));
        for other in alike[1..].iter().filter(|other| other.under != first.under) {
            let (change, told) =
                (first.under.change_to(&other.under), (verdict(first, other), other.task.as_str()));
            match changes.iter_mut().find(|(known, _)| *known == change) {
                Some((_, all)) => all.push(told),
                None => changes.push((change, vec![told])),
            }
        }
    }
    enough(&asked, &short)
        .into_iter()
        .chain(changes.into_iter().map(|(change, all)| by_verdict(&change, &all)))
        .collect()
}

/// Nothing where the account teaches too little to ask.
fn enough(asked: &BTreeSet<&str>, short: &BTreeSet<&str>) -> Option<String> {
    let names = || short.iter().copied().collect::<Vec<_>>().join(", ");
    let but = if short.is_empty() { String::new() } else { format!(" Not in {}.", names()) };
    let (all, well) = (asked.len(), asked.len() - short.len());
    (all > 0).then(|| {
        format!("Recordings teach nine tenths of what the account of the same deeds teaches in {well} of the {all} tasks in which that is 90 % or more.{but}")
    })
}

/// In which tasks one change of what is recorded, or of the recordings, did what.
fn by_verdict(change: &str, all: &[(&str, &str)]) -> String {
    let mut verdicts: Vec<&str> = all.iter().map(|(verdict, _)| *verdict).collect();
    verdicts.sort_unstable();
    verdicts.dedup();
    let tasks = |verdict: &str| {
        let own: BTreeSet<&str> =
            all.iter().filter(|(own, _)| *own == verdict).map(|(_, task)| *task).collect();
        own.into_iter().collect::<Vec<_>>().join(", ")
    };
    let parts: Vec<String> =
        verdicts.iter().map(|verdict| format!("{verdict} in {}", tasks(verdict))).collect();
    format!("{change}: {}.", parts.join("; "))
}

/// Each with the first that was learned and tried as it was; where there are several ways, which one.
fn words_of_task(own: &[&Compared]) -> Vec<String> {
    let ways = by_way(own);
    let by = |one: &Compared| if ways.len() > 1 { format!(" (by {})", one.by()) } else { String::new() };
    ways.iter().flat_map(|alike| words_of_way(alike, &by(alike[0]))).collect()
}

fn words_of_way(alike: &[&Compared], by: &str) -> Vec<String> {
    let first = alike[0];
    // Two runs may have begun with the same.
    let others = alike[1..].iter().filter(|other| other.under != first.under);
    let others = others.map(|other| difference(first, other));
    std::iter::once(first.words()).chain(others).map(|words| words + by).collect()
}

/// What less of it, or something wrong with it, changed.
fn difference(first: &Compared, other: &Compared) -> String {
    let (before, after) = (first.recorded.share(), other.recorded.share());
    let changed = gain(before, after);
    let verdict = match (verdict(first, other), should_lose(first, other)) {
        (LESS, true) => "it loses, as it should",
        (NO_DIFFERENCE, true) => {
            "it should lose and does not: the intervals overlap, and here the meter does not tell it from the whole"
        }
        (told, _) => told,
    };
    format!(
        "{}: with \u{201c}{}\u{201d} instead of \u{201c}{}\u{201d} success went from {:.0} % to {:.0} % (a change between {:+.0} and {:+.0} points): {verdict}.",
        first.task,
        other.under.words(),
        first.under.words(),
        before.of * 100.0,
        after.of * 100.0,
        changed.low * 100.0,
        changed.high * 100.0
    )
}

fn verdict(first: &Compared, other: &Compared) -> &'static str {
    match parted(first.recorded.share(), other.recorded.share()) {
        Some(Ordering::Less) => LESS,
        Some(Ordering::Greater) => "it teaches more",
        _ => NO_DIFFERENCE,
    }
}

/// Whether one is the other, spoilt by what harms any data.
fn should_lose(first: &Compared, other: &Compared) -> bool {
    let spoilt = Condition { degrade: other.under.degrade, ..first.under.clone() };
    first.under.degrade == Degrade::None && other.under == spoilt && other.under.degrade.always_harms()
}

/// What should lose beside the first of its task that was learned and tried as it was.
pub(crate) fn asked(results: &[Compared]) -> Vec<Asked<'_>> {
    let mut asked = Vec::new();
    for alike in by_task(results).iter().flat_map(|own| by_way(own)) {
        let spoilt = alike[1..].iter().filter(|other| should_lose(alike[0], other));
        asked.extend(spoilt.map(|other| judged(alike[0], other)));
    }
    asked
}

fn judged<'a>(first: &Compared, other: &'a Compared) -> Asked<'a> {
    let loses = parted(first.recorded.share(), other.recorded.share()) == Some(Ordering::Less);
    Asked { degrade: other.under.degrade, task: &other.task, loses }
}

fn section(own: &[&Compared]) -> String {
    let parts: String = by_way(own).iter().map(|alike| part(alike)).collect();
    format!("<h2>{}</h2>{parts}", escaped(&own[0].task))
}

/// A drawing and a table of what can be compared, and how it was learned and tried.
fn part(alike: &[&Compared]) -> String {
    let rows: String = alike.iter().map(|one| row(one)).collect();
    let by = if alike[0].learner.is_untold() {
        String::new()
    } else {
        format!("<p>By {}.</p>", escaped(&alike[0].by()))
    };
    format!(
        "{}<table><tr><th>Level<th>Pictures<th>Spoilt<th>Recorded<th>Account<th>As a part<th>Steps learned\
         <th>of the account's<th>Left out<th>Episodes</tr>{rows}</table>{by}",
        drawing(alike)
    )
}

fn row(one: &Compared) -> String {
    let left_out: Vec<String> =
        one.recorded.left_out.iter().map(|(why, n)| format!("{n} {}", why.replace('_', " "))).collect();
    format!(
        "<tr><td>{}<td>{}<td>{}<td>{}<td>{}<td>{:.2}<td>{}<td>{}<td>{}<td>{}</tr>",
        escaped(&one.under.level),
        escaped(&one.under.cadence),
        one.under.degrade.word(),
        one.recorded.share(),
        one.truth.share(),
        one.part,
        one.recorded.learned_steps,
        one.truth.learned_steps,
        escaped(&left_out.join(", ")),
        one.recorded.tried
    )
}

/// An interval a side, below one another.
fn drawing(own: &[&Compared]) -> String {
    let height = ROW * own.len() as f64 + 24.0;
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" role=\"img\" aria-label=\"Success by what was recorded\">"
    );
    for percent in [0, 25, 50, 75, 100] {
        let x = along(f64::from(percent) / 100.0);
        // Writing into a string does not fail.
        let _ = write!(
            svg,
            "<line x1=\"{x}\" x2=\"{x}\" y1=\"0\" y2=\"{:.1}\" stroke=\"#999\" stroke-width=\".5\"/>\
             <text x=\"{x}\" y=\"{:.1}\" font-size=\"11\" text-anchor=\"middle\" fill=\"currentColor\">{percent} %</text>",
            height - 18.0,
            height - 4.0
        );
    }
    for (i, one) in own.iter().enumerate() {
        let top = ROW * i as f64;
        let _ = write!(
            svg,
            "<text x=\"0\" y=\"{:.1}\" font-size=\"12\" fill=\"currentColor\">{}</text>",
            top + 18.0,
            escaped(&one.under.words())
        );
        bar(&mut svg, top + 9.0, one.recorded.share(), "#1f77b4", "recorded");
        bar(&mut svg, top + 21.0, one.truth.share(), "#7f7f7f", "account");
    }
    svg + "</svg>"
}

fn bar(svg: &mut String, y: f64, share: Share, colour: &str, what: &str) {
    let (low, of, high) = (along(share.low), along(share.of), along(share.high));
    let _ = write!(
        svg,
        "<g stroke=\"{colour}\" fill=\"{colour}\"><title>{what}: {share}</title>\
         <line x1=\"{low:.1}\" x2=\"{high:.1}\" y1=\"{y}\" y2=\"{y}\" stroke-width=\"3\"/>\
         <circle cx=\"{of:.1}\" cy=\"{y}\" r=\"4\"/></g>"
    );
}

fn along(share: f64) -> f64 {
    LEFT + AREA * share
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compared::{Condition, Side};
    use crate::degrade::Degrade;
    use crate::interval::wilson;
    use crate::learner::Learner;
    use crate::probe::Probe;

    fn compared(level: &str, solved: u64) -> Compared {
        let side =
            |solved| Side { tried: 200, solved, success: Some(wilson(solved, 200)), ..Side::default() };
        let under = Condition { level: level.into(), cadence: "on_change".into(), degrade: Degrade::None };
        let (recorded, truth) = (side(solved), side(200));
        Compared::of("a-task", under, recorded, truth)
    }

    #[test]
    fn each_condition_is_compared_with_the_first_and_nothing_runs() {
        let levels = [("full", 196), ("full", 200), ("masked", 190), ("structure", 50)];
        let results = levels.map(|(level, solved)| compared(level, solved)).to_vec();
        let command = "overt-people <&".to_owned();
        let nothing = Comparison::new(command, Probe::Fuller, Vec::new());
        let comparison = Comparison { results, ..nothing };
        let page = html(&comparison);
        assert!(page.contains("overt-people &lt;&amp;") && page.ends_with("</html>\n"));
        assert!(page.contains("One probe (fuller) learned"), "{page}");
        assert!(!page.contains("<script") && !page.contains("http"));
        let told = words(&comparison.results);
        assert_eq!(told.len(), 3);
        assert!(told[1].contains("from 98 % to 95 %") && told[1].ends_with("no difference is shown."));
        assert!(told[2].contains("from 98 % to 25 %") && told[2].ends_with("it teaches less."));
    }

    #[test]
    fn in_few_sentences_it_is_told_what_is_enough_and_where() {
        let of =
            |task: &str, level: &str, solved| Compared { task: task.to_owned(), ..compared(level, solved) };
        let results = [
            of("a", "full", 198),
            of("a", "masked", 197),
            of("b", "full", 170),
            of("b", "masked", 20),
            of("b", "structure", 20),
        ];
        assert_eq!(
            summary(&results),
            [
                "Recordings teach nine tenths of what the account of the same deeds teaches in 1 of the 2 tasks in which that is 90 % or more. Not in b.",
                "masked instead of full: it teaches less in b; no difference is shown in a.",
                "structure instead of full: it teaches less in b.",
            ]
        );
        assert_eq!(summary(&[]), [""; 0]);
    }

    #[test]
    fn intervals_that_overlap_show_no_difference_though_it_is_beyond_chance() {
        let results = [compared("full", 200), compared("masked", 195)];
        let (whole, less) = (results[0].recorded.share(), results[1].recorded.share());
        assert!(gain(whole, less).high < 0.0 && less.high > whole.low);
        assert!(words(&results)[1].ends_with("no difference is shown."));
    }

    #[test]
    fn what_another_probe_learner_or_page_taught_is_not_compared_and_which_is_told() {
        let by = |one: Compared, ways, pages: &str| {
            let learner = Learner { form: 2, features: (5, 4), ways, ..Learner::default() };
            Compared { learner, pages: pages.to_owned(), ..one }
        };
        let (full, masked) = (|| compared("full", 200), || compared("masked", 20));
        let told = words(&[by(full(), 4, ""), by(masked(), 3, "")]);
        assert!(told.iter().all(|words| !words.contains("teaches less")), "{told:?}");
        assert!(told[0].ends_with("(by form 2, features 5 and 4, ways 4)"), "{}", told[0]);
        assert!(told[1].ends_with("(by form 2, features 5 and 4, ways 3)"), "{}", told[1]);
        let told = words(&[by(full(), 4, "0123456789"), by(masked(), 4, "9876543210")]);
        assert!(told[1].ends_with("ways 4, page 98765432)"), "{}", told[1]);
        let probe = |one, probe| Compared { probe: Some(probe), ..by(one, 4, "") };
        let told = words(&[probe(full(), Probe::Fuller), probe(masked(), Probe::Ranker)]);
        assert!(told[1].ends_with("(by ranker, form 2, features 5 and 4, ways 4)"), "{}", told[1]);
        assert!(!told[1].contains("teaches less"), "{}", told[1]);
        let alike = [by(full(), 4, ""), by(full(), 3, ""), by(masked(), 4, "")];
        let told = words(&alike);
        assert!(told.len() == 3 && told[1].contains("it teaches less. (by"), "{told:?}");
        let page = sections(&alike);
        assert!(page.matches("<table>").count() == 2 && page.contains("<p>By form 2"), "{page}");
    }
}
