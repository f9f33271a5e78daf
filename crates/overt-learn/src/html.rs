//! A report as one page: no script, nothing from elsewhere.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::ablation::{Ablation, Verdict};
use crate::advice::{self, Advice};
use crate::comparison_page;
use crate::degrade::Degrade;
use crate::marginal::{Marginal, What, length, span};
use crate::probe::{PROBES, Probe};
use crate::report::{Outcome, Report};

/// Ticks that are nearer would write over one another; px.
const TICK_APART: f64 = 80.0;
/// In the place of hours.
const NOT_TOLD: &str = "not told";

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;\
color:#1b1b1b;background:#fff}table{border-collapse:collapse;margin:1rem 0}th,td{padding:.25rem .7rem;\
border-bottom:1px solid #bbb;text-align:right}th:first-child,td:first-child{text-align:left}\
code{overflow-wrap:anywhere}svg{max-width:100%;height:auto}dt{font-weight:600}\
@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}th,td{border-color:#555}}";

/// A drawing and the area of its curves within it, px.
const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 266.0;
const LEFT: f64 = 48.0;
const TOP: f64 = 12.0;
const AREA: (f64, f64) = (390.0, 190.0);
/// From one probe's name below it to the next one's: all of them have room.
const LEGEND: f64 = AREA.0 / PROBES.len() as f64;

/// A page around this body. `title`: plain text; `body`: as HTML has it.
pub fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{}</title><style>{STYLE}</style>{body}</html>\n",
        escaped(title)
    )
}

/// What stands in tables and sentences without more words.
const WHAT_WORDS_MEAN: &str = "<details><summary>What the words mean</summary><dl>\
    <dt>frequent, ngram<dd>does what was done most often, or most often after the last two deeds\
    <dt>ranker<dd>a ranker over elements: words of the goal, role, state, place, history\
    <dt>attention<dd>a small transformer over goal, elements and history\
    <dt>fuller<dd>a ranker with more of the goal and the history, which types what the goal says\
    <dt>sighted<dd>the same, which also sees what elements look like\
    <dt>after_action<dd>what was learned with each step is what was there after it\
    <dt>late_300_millis<dd>each event came 300 ms late, against what was seen\
    <dt>drop_fifth<dd>each event of input is missing with a chance of one in five\
    <dt>no_accessibility<dd>elements have places, and neither role, name nor state\
    <dt>no_hover, keep_failed<dd>without the pointer's rests; with demonstrations that failed\
    <dt>structure, masked, full<dd>levels of recording: control names and places; also pixels without text; everything but secrets\
    <dt>on_change, on_action, periodic<dd>pictures at each change, before and after each action, one every 30 seconds\
    </dl></details>";

/// The report's page.
pub fn html(report: &Report) -> String {
    let mut tasks: BTreeMap<&str, Vec<&Outcome>> = BTreeMap::new();
    for one in &report.results {
        tasks.entry(&one.task).or_default().push(one);
    }
    let words: String = report.words.iter().map(|w| format!("<li>{}</li>", escaped(w))).collect();
    let sections: String = tasks.iter().map(|(task, own)| section(task, own)).collect();
    let (marginals, ablations, recordings) = (marginals(report), ablations(report), recordings(report));
    let body = format!(
        "<h1>How often models succeed</h1><p>For the parties of the agreement under which was recorded. Episodes of MiniWoB++ in a real browser, acted on by real input. Bars and \
         numbers in brackets are Wilson's intervals of 95 % over all episodes; seeds differ beyond them as told. \
         Step accuracy does not tell success.</p><h2>In words</h2><ul>{words}</ul>{WHAT_WORDS_MEAN}{marginals}{ablations}{recordings}{sections}\
         <h2>Made by</h2><p><code>{}</code></p>",
        escaped(&report.command)
    );
    page("Overt: evaluation", &body)
}

/// What the last hours were worth, by task and by application.
fn marginals(report: &Report) -> String {
    let rows: String = report.tasks.iter().chain(&report.applications).map(marginal).collect();
    if rows.is_empty() {
        return String::new();
    }
    format!(
        "<h2>What the last hours changed</h2><p>By task, and by application over all its tasks. It says nothing of any one \
         person.</p><table><tr><th>Task or application<th>Demonstrations<th>Recorded<th>Success before<th>after\
         <th>Gain, points<th>Go on?<th>As much is taught by</tr>{rows}</table>"
    )
}

fn marginal(one: &Marginal) -> String {
    let (go_on, tasks) = go_on(one);
    let what = match one.what {
        What::Task => "",
        What::Application => "application ",
    };
    format!(
        "<tr><td>{what}{}<td>{:.0} to {:.0}<td>{}<td>{:.0} %<td>{:.0} %<td>{:+.0} ({:+.0} to {:+.0})<td>{go_on}{tasks}<td>{}</tr>",
        escaped(&one.of),
        one.demonstrations.0,
        one.demonstrations.1,
        one.hours.map_or(NOT_TOLD.to_owned(), span),
        one.success.0.of * 100.0,
        one.success.1.of * 100.0,
        one.gain.of * 100.0,
        one.gain.low * 100.0,
        one.gain.high * 100.0,
        one.enough.map_or(String::new(), |enough| format!("{:.0} demonstrations", enough.demonstrations)),
    )
}

/// Whether to; of an application, also in how many of its tasks.
fn go_on(one: &Marginal) -> (&'static str, String) {
    let words = match one.advice {
        Advice::Enough => "no: little is left to gain",
        Advice::Flat => "no: more of the same does not help",
        Advice::Harms => "no: what was added did harm",
        Advice::Unknown => "cannot be told",
        Advice::Uneven => "uneven: which demonstrations were drawn decides",
        Advice::Helps => "yes",
    };
    let tasks = if one.tasks.is_empty() {
        String::new()
    } else {
        format!(" ({})", advice::share(one.advice, &one.tasks))
    };
    (words, tasks)
}

/// What making the data worse did.
fn ablations(report: &Report) -> String {
    let rows: String = report.ablations.iter().map(ablation).collect();
    if rows.is_empty() {
        return String::new();
    }
    format!(
        "<h2>What spoilt data changed</h2><p>It loses where the two intervals do not overlap and the models agree: most of them, or surely \
         most of those that changed, did worse than those of the same seeds with the whole data. Where the intervals part and the models do \
         not agree, it is uneven. Where it should lose and does not, the meter does not tell it there.</p><table><tr><th>Task<th>Probe<th>Data<th>Whole<th>Spoilt<th>Change, points<th>Models: worse, \
         alike, better<th>Should lose?<th>Loses?</tr>{rows}</table>"
    )
}

fn ablation(one: &Ablation) -> String {
    let should = match one.should_lose {
        Some(true) => "yes",
        Some(false) => "no",
        None => "not told",
    };
    let does = match (one.verdict, one.should_lose) {
        (Verdict::Loses, _) => "yes",
        (Verdict::Wins, _) => "it wins",
        (Verdict::Uneven, _) => "uneven: which demonstrations were drawn decides",
        (Verdict::Overlap, Some(true)) => "no: not told by the meter",
        (Verdict::Overlap, _) => "no",
    };
    format!(
        "<tr><td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{should}<td>{does}</tr>",
        escaped(&one.task),
        one.probe.word(),
        one.degrade.word(),
        one.success.0,
        one.success.1,
        format_args!(
            "{:+.0} ({:+.0} to {:+.0})",
            one.change.of * 100.0,
            one.change.low * 100.0,
            one.change.high * 100.0
        ),
        format_args!("{}, {}, {}", one.models.worse, one.models.alike, one.models.better),
    )
}

/// How little of a recording is enough.
fn recordings(report: &Report) -> String {
    if report.recordings.is_empty() {
        return String::new();
    }
    format!(
        "<h2>How little of a recording is enough</h2><p>Scripted people did each task before the recorder, at each level and \
         cadence of pictures. One probe learned from what was recorded, the same one from an account of what was done: the bar \
         above is the recordings', the grey one below it the account's. Files of them are numbered as they were given (below, \
         made by); what two of them hold is not compared, since others may have been recorded.</p>{}",
        comparison_page::sections(&report.recordings)
    )
}

fn section(task: &str, own: &[&Outcome]) -> String {
    let rows: String = own.iter().map(|one| row(one)).collect();
    format!(
        "<h2>{}</h2>{}<table><tr><th>Probe<th>Data<th>Learned from<th>Recorded<th>Success<th>Seeds<th>Episodes<th>Step accuracy\
         <th>Training, s<th>Failures</tr>{rows}</table>",
        escaped(task),
        drawing(own)
    )
}

fn row(one: &Outcome) -> String {
    let failures: Vec<String> = one
        .endings
        .iter()
        .filter_map(|(ending, n)| Some((serde_json::to_string(ending).ok()?, n)))
        .map(|(ending, n)| format!("{n} {}", ending.trim_matches('"').replace('_', " ")))
        .filter(|words| !words.ends_with("solved"))
        .collect();
    let accuracy = one.step_accuracy.map_or(String::new(), |a| format!("{:.2}", a));
    format!(
        "<tr><td>{}<td>{}<td>{:.0}<td>{}<td>{}<td>{:.0} to {:.0} %<td>{}<td>{accuracy}<td>{:.1}<td>{}</tr>",
        one.probe.word(),
        data(one),
        one.learned_episodes,
        one.hours().map_or(NOT_TOLD.to_owned(), length),
        one.success,
        one.seeds_range.0 * 100.0,
        one.seeds_range.1 * 100.0,
        one.tried,
        one.train_secs_max,
        failures.join(", ")
    )
}

fn data(one: &Outcome) -> &'static str {
    match one.degrade {
        Degrade::None if one.model.is_some() => "a given model's",
        Degrade::None => "whole",
        other => other.word(),
    }
}

/// Success by how long was recorded for what was learned from, or by demonstrations where that is not told; a curve for each probe.
fn drawing(own: &[&Outcome]) -> String {
    let mut curves: BTreeMap<Probe, Vec<&Outcome>> = BTreeMap::new();
    let drawn: Vec<&Outcome> =
        own.iter().copied().filter(|o| o.degrade == Degrade::None && o.model.is_none()).collect();
    if drawn.is_empty() {
        return String::new();
    }
    for one in &drawn {
        curves.entry(one.probe).or_default().push(one);
    }
    let range = Range::of(&drawn);
    let by = if range.is_hours { "time recorded" } else { "demonstrations" };
    let mut svg =
        format!("<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"Success by {by}\">");
    axes(&mut svg, range, &ticks(&drawn, range));
    let _ = write!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" font-size=\"11\" text-anchor=\"end\" fill=\"currentColor\">{by}, logarithmic</text>",
        LEFT + AREA.0,
        TOP + AREA.1 + 32.0
    );
    for (i, (probe, curve)) in curves.iter().enumerate() {
        draw(&mut svg, i, *probe, curve, range);
    }
    svg + "</svg>"
}

/// Where sizes stand along the axis, but for those whose words would overlap those of the one before.
fn ticks(own: &[&Outcome], range: Range) -> Vec<f64> {
    let mut sizes: Vec<f64> = own.iter().map(|one| range.much(one)).collect();
    sizes.sort_by(f64::total_cmp);
    let mut ticks: Vec<f64> = Vec::new();
    for much in sizes {
        let is_apart = |last: &f64| along(much, range) - along(*last, range) >= TICK_APART;
        if ticks.last().is_none_or(is_apart) {
            ticks.push(much);
        }
    }
    ticks
}

fn axes(svg: &mut String, range: Range, ticks: &[f64]) {
    for percent in [0, 25, 50, 75, 100] {
        let y = up(f64::from(percent) / 100.0);
        let right = LEFT + AREA.0;
        // Writing into a string does not fail.
        let _ = write!(
            svg,
            "<line x1=\"{LEFT}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"#999\" stroke-width=\".5\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" font-size=\"11\" text-anchor=\"end\" fill=\"currentColor\">{percent} %</text>",
            LEFT - 6.0,
            y + 4.0
        );
    }
    for much in ticks.iter().copied() {
        let words = range.words(much);
        let _ = write!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" font-size=\"11\" text-anchor=\"middle\" fill=\"currentColor\">{words}</text>",
            along(much, range),
            TOP + AREA.1 + 16.0
        );
    }
}

fn draw(svg: &mut String, i: usize, probe: Probe, curve: &[&Outcome], range: Range) {
    const COLOURS: [&str; PROBES.len()] = ["#8c564b", "#7f7f7f", "#1f77b4", "#9467bd", "#2ca02c", "#d62728"];
    let colour =
        PROBES.iter().zip(COLOURS).find(|(one, _)| **one == probe).map_or("#7f7f7f", |(_, colour)| colour);
    // Intervals of several probes at one size would hide each other.
    let aside = i as f64 * 3.0;
    let x = |one: &Outcome| along(range.much(one), range) + aside;
    let points: Vec<String> = curve.iter().map(|o| format!("{:.1},{:.1}", x(o), up(o.success.of))).collect();
    let _ = write!(svg, "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\"/>", points.join(" "));
    for one in curve {
        let x = x(one);
        let _ = write!(
            svg,
            "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.1}\" y2=\"{:.1}\" stroke=\"{colour}\"/>\
             <circle cx=\"{x:.1}\" cy=\"{:.1}\" r=\"3\" fill=\"{colour}\"/>",
            up(one.success.low),
            up(one.success.high),
            up(one.success.of)
        );
    }
    let _ = write!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" font-size=\"11\" fill=\"{colour}\">{}</text>",
        LEFT + LEGEND * i as f64,
        HEIGHT - 8.0,
        probe.word()
    );
}

/// The least and the most that was learned from.
#[derive(Clone, Copy)]
struct Range {
    /// Else demonstrations.
    is_hours: bool,
    least: f64,
    most: f64,
}

impl Range {
    fn of(own: &[&Outcome]) -> Self {
        // A point without hours would have no place among those with them.
        let is_hours = own.iter().all(|one| one.hours().is_some());
        let mut range = Self { is_hours, least: f64::MAX, most: 0.0 };
        for one in own {
            let much = range.much(one);
            (range.least, range.most) = (range.least.min(much), range.most.max(much));
        }
        range
    }

    /// Of either. A second is the least that is drawn, or one demonstration.
    fn much(self, one: &Outcome) -> f64 {
        if self.is_hours {
            // None of what taught nothing.
            one.hours().unwrap_or(0.0).max(1.0 / 3600.0)
        } else {
            one.learned_episodes.max(1.0)
        }
    }

    fn words(self, much: f64) -> String {
        if self.is_hours { length(much) } else { format!("{much:.0}") }
    }
}

/// Logarithmic.
fn along(much: f64, range: Range) -> f64 {
    let part = (much.max(range.least) / range.least).ln() / (range.most / range.least).max(1.01).ln();
    LEFT + 8.0 + (AREA.0 - 44.0) * part
}

fn up(share: f64) -> f64 {
    TOP + AREA.1 * (1.0 - share)
}

/// Text as it stands in HTML.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cells::Cell;
    use crate::compared::{Compared, Condition, Side};
    use crate::interval::wilson;
    use crate::report::tests::cell;

    #[test]
    fn the_page_is_whole_and_runs_nothing() {
        let mut spoilt = cell(None, 0, 85);
        (spoilt.key.degrade, spoilt.should_lose) = (Degrade::DropFifth, Some(true));
        let report = Report::of(&[cell(None, 0, 90), spoilt], Vec::new(), "overt evaluate <&".to_owned());
        let page = html(&report);
        assert!(page.contains("overt evaluate &lt;&amp;") && page.ends_with("</html>\n"));
        assert!(!page.contains("<script") && !page.contains("http"));
        assert!(page.contains("drop_fifth<td>90 % (83 to 94)") && page.contains("not told by the meter"));
        assert!(page.contains("<td>1, 0, 0<td>yes"), "{page}");
    }

    #[test]
    fn what_one_model_of_five_lost_is_uneven() {
        let whole = (0..5).map(|seed| cell(None, seed, 90));
        let spoilt = (0..5).map(|seed| {
            let mut one = cell(None, seed, if seed == 0 { 0 } else { 90 });
            (one.key.degrade, one.should_lose) = (Degrade::DropFifth, Some(true));
            one
        });
        let cells: Vec<Cell> = whole.chain(spoilt).collect();
        let page = html(&Report::of(&cells, Vec::new(), String::new()));
        assert!(page.contains("<td>1, 4, 0<td>yes<td>uneven: which"), "{page}");
    }

    #[test]
    fn what_the_last_hours_changed_stands_in_it_by_task_and_by_application() {
        let hours = |mut cell: Cell, millis| {
            cell.spent_millis = [("mousepad".to_owned(), millis)].into();
            cell
        };
        let few = hours(cell(Some(10), 0, 50), 360_000);
        let report = Report::of(&[few, hours(cell(None, 0, 90), 3_600_000)], Vec::new(), String::new());
        let page = html(&report);
        assert!(page.contains("<td>0.1 to 1.0 hours<td>50 %<td>90 %<td>+40 (+28 to +51)<td>yes"), "{page}");
        assert!(page.contains("<td>application mousepad<td>"), "{page}");
        assert!(page.contains("<td>yes (1 of its 1 task)<td>"), "{page}");
    }

    #[test]
    fn a_curve_of_which_one_size_is_of_few_people_goes_over_demonstrations() {
        let mut few = cell(Some(1), 0, 50);
        few.spent_millis = [("browser".to_owned(), 0)].into();
        let page = html(&Report::of(&[few, cell(None, 0, 90)], Vec::new(), String::new()));
        assert!(
            page.contains(">demonstrations, logarithmic</text>") && !page.contains(" hours</text>"),
            "{page}"
        );
    }

    #[test]
    fn what_is_not_drawn_does_not_decide_by_what_curves_go() {
        let mut given = cell(None, 0, 90);
        (given.key.model, given.spent_millis) = (Some("abc".to_owned()), [("browser".to_owned(), 0)].into());
        let mut untaught = cell(None, 0, 0);
        (untaught.key.degrade, untaught.should_lose) = (Degrade::DropFifth, Some(true));
        (untaught.learned_episodes, untaught.spent_millis) = (0, [("browser".to_owned(), 0)].into());
        let page = html(&Report::of(
            &[cell(Some(10), 0, 50), cell(None, 0, 90), untaught, given],
            Vec::new(),
            String::new(),
        ));
        assert!(page.contains(">time recorded, logarithmic</text>"), "{page}");
        assert_eq!(page.matches(NOT_TOLD).count(), 1, "of the given model alone: {page}");
    }

    #[test]
    fn of_few_people_no_hours_stand_in_it_and_curves_go_over_demonstrations() {
        let without = |mut cell: Cell| {
            cell.spent_millis = [("mousepad".to_owned(), 0)].into();
            cell
        };
        let cells = [without(cell(Some(10), 0, 50)), without(cell(None, 0, 90))];
        let report = Report::of(&cells, Vec::new(), String::new());
        let page = html(&report);
        assert!(
            page.contains("10 to 100<td>not told<td>50 %<td>90 %")
                && page.contains(">100</text>")
                && page.contains(">demonstrations, logarithmic</text>"),
            "{page}"
        );
        assert!(page.contains("<td>application mousepad<td>") && !page.contains(" minutes<"), "{page}");
        assert!(
            report.words[0].contains("(of too few people to tell how long was recorded)"),
            "{}",
            report.words[0]
        );
    }

    #[test]
    fn every_probe_has_its_own_colour_and_room_for_its_name() {
        let of = |probe| {
            let mut one = cell(None, 0, 90);
            one.key.probe = probe;
            one
        };
        let page = html(&Report::of(&PROBES.map(of), Vec::new(), String::new()));
        let mut colours = std::collections::BTreeSet::new();
        for probe in PROBES {
            let (before, _) = page.split_once(&format!("\">{}</text>", probe.word())).expect("its name");
            let text = before.rsplit("<text ").next().unwrap_or_default();
            let of = |name: &str| text.split(&format!("{name}=\"")).nth(1)?.split('"').next();
            let x: f64 = of("x").and_then(|x| x.parse().ok()).expect("a place");
            assert!(x + LEGEND <= WIDTH, "{}: {x}", probe.word());
            colours.insert(before.rsplit("fill=\"").next().unwrap_or_default().to_owned());
        }
        assert_eq!(colours.len(), PROBES.len());
    }

    #[test]
    fn what_recordings_teach_stands_in_it() {
        let compared = |level: &str, solved| {
            let side =
                |solved| Side { tried: 100, solved, success: Some(wilson(solved, 100)), ..Side::default() };
            let under =
                Condition { level: level.into(), cadence: "on_change".into(), degrade: Degrade::None };
            Compared::of("a-task", under, side(solved), side(100))
        };
        let recordings = vec![compared("full", 99), compared("structure", 20)];
        let report = Report::of(&[cell(None, 0, 90)], recordings, String::new());
        let page = html(&report);
        assert!(
            page.contains("How little of a recording is enough")
                && page.contains("<td>structure<td>on_change")
        );
        let last = report.words.last().expect("words");
        assert_eq!(last, "structure instead of full: it teaches less in a-task.");
    }
}
