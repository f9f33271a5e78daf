//! A data set as one page to look at: no script, nothing from elsewhere, pictures inside.

pub mod chart;
pub mod look;

use std::collections::BTreeMap;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use overt_dataset::{EpisodeRow, RecordingNote};

use crate::page::chart::{bars, strip};
use crate::page::look::{Card, Look};
use crate::step_words::visible;

const STYLE: &str = include_str!("style.css");
/// Even where something were not escaped, the page could load and run nothing.
const POLICY: &str = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";
/// The smallest number of people that a figure about behaviour may stand for.
const GROUP_MIN: usize = 5;
/// Episodes with a line of their own.
const EPISODES_MAX: usize = 300;

/// The whole page.
pub fn page(look: &Look, version: &str) -> String {
    let title = format!("Data set {}", &version[..version.len().min(12)]);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (head(look, &title))
                main { (charts(look)) (episodes(look)) (losses(look)) (steps(look)) }
                (foot(look, version))
            }
        }
    };
    page.into_string()
}

fn head(look: &Look, title: &str) -> Markup {
    let m = &look.manifest;
    let purpose = serde_json::to_value(m.purpose).unwrap_or_default();
    html! {
        header {
            h1 { (title) }
            p class="soft" {
                "For " (purpose.as_str().unwrap_or_default().replace('-', " ")) " and nothing else. "
                @if let Some(day) = &m.grant.expires { "To be deleted after " (day) ". " }
                "Rules of version " (m.reducer.version) "."
            }
            @if look.must_rebuild {
                p class="warn" { "Something it was made of was erased. It must be rebuilt, and is used no more." }
            }
            (tiles(look))
        }
    }
}

fn tiles(look: &Look) -> Markup {
    let f = &look.figures;
    let lost: u64 = look.manifest.recordings.iter().map(|r| r.ledger.lost_events).sum();
    let tiles = [
        (f.steps.to_string(), "steps"),
        (look.episodes.len().to_string(), "episodes"),
        (look.manifest.recordings.len().to_string(), "recordings"),
        (share(f.observed, f.steps), "with a picture from before"),
        (share(f.hit, f.aimed), "clicks inside their element"),
        (share(f.near_duplicates, f.steps), "near-duplicates"),
        (lost.to_string(), "events lost"),
    ];
    html! {
        div class="tiles" {
            @for (number, about) in tiles { div class="tile" { b { (number) } span { (about) } } }
        }
    }
}

fn share(part: u64, whole: u64) -> String {
    if whole == 0 { "–".to_owned() } else { format!("{:.0} %", part as f64 * 100.0 / whole as f64) }
}

fn charts(look: &Look) -> Markup {
    let f = &look.figures;
    let many = look.people() >= GROUP_MIN;
    let idle = if many {
        format!("Steps after an idle span: {}.", share(f.after_idle, f.steps))
    } else {
        format!("How much was idle is not shown for fewer than {GROUP_MIN} people.")
    };
    html! {
        h2 { "What is in it" }
        div class="charts" {
            (chart("Actions", &by_count(&f.kinds)))
            (chart("Applications", &by_count(&f.apps)))
            (chart("From the picture to the action", &f.lag_by_class()))
            (chart("Quality of the episodes", &scores(look)))
            @if many { (chart("Idle before a step", &f.idle_by_class())) }
        }
        p class="soft" { (idle) }
    }
}

fn chart(title: &str, rows: &[(String, u64)]) -> Markup {
    html! { div { h3 { (title) } (bars(title, rows)) } }
}

/// Most first.
fn by_count(counts: &BTreeMap<String, u64>) -> Vec<(String, u64)> {
    let mut rows: Vec<_> = counts.iter().map(|(name, n)| (name.clone(), *n)).collect();
    rows.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    rows
}

fn scores(look: &Look) -> Vec<(String, u64)> {
    let classes = [("0.9 to 1", 0.9), ("0.8 to 0.9", 0.8), ("0.5 to 0.8", 0.5), ("under 0.5", 0.0)];
    let mut counts = [0; 4];
    for quality in look.episodes.iter().filter_map(|(_, e)| e.quality) {
        let class = classes.iter().position(|(_, begin)| quality >= *begin);
        counts[class.unwrap_or(classes.len() - 1)] += 1;
    }
    classes.iter().zip(counts).map(|((name, _), n)| ((*name).to_owned(), n)).collect()
}

fn episodes(look: &Look) -> Markup {
    let left_out = look.episodes.len().saturating_sub(EPISODES_MAX);
    html! {
        h2 { "Episodes" }
        p class="legend" {
            span { i class="pointer" {} "pointer" } span { i class="keyboard" {} "keyboard" }
            span { i class="scroll" {} "scroll" } span { i class="other" {} "hover, wait, finish" }
        }
        table {
            thead { tr { th { "" } th { "Task" } th class="n" { "Steps" } th class="n" { "Quality" } th { "Over time" } } }
            tbody {
                @for ((row, episode), ticks) in look.episodes.iter().zip(&look.strips).take(EPISODES_MAX) {
                    tr {
                        td class="n soft" { (row) }
                        td { (task(episode)) }
                        td class="n" { (episode.steps) }
                        td class="n" { (quality(episode)) }
                        td class="strip" { (strip(ticks, |row| look.shown.contains(&row))) }
                    }
                }
            }
        }
        @if left_out > 0 { p class="soft" { (left_out) " more episodes are not listed. Look at one: --episode N." } }
    }
}

fn task(episode: &EpisodeRow) -> Markup {
    let words = episode.instruction.as_deref().map(visible);
    html! {
        @match words { Some(words) => { (words) }, None => { span class="soft" { "not marked" } } }
        @if let Some(outcome) = &episode.outcome { " " span class="tag" { (outcome.replace('_', " ")) } }
        @if episode.cut { " " span class="tag" { "not whole" } }
    }
}

fn quality(episode: &EpisodeRow) -> String {
    episode.quality.map_or("–".to_owned(), |q| format!("{q:.2}"))
}

fn losses(look: &Look) -> Markup {
    let recordings = &look.manifest.recordings;
    let sum = |of: &dyn Fn(&RecordingNote) -> BTreeMap<String, u64>| {
        let mut all: BTreeMap<String, u64> = BTreeMap::new();
        recordings.iter().flat_map(of).for_each(|(name, n)| *all.entry(name).or_default() += n);
        by_count(&all)
    };
    let denied = |r: &RecordingNote| {
        let name =
            |rule| serde_json::to_value(rule).unwrap_or_default().as_str().unwrap_or_default().to_owned();
        r.ledger.denied.iter().map(|(rule, n)| (name(rule), *n)).collect()
    };
    let odd = |r: &RecordingNote| {
        BTreeMap::from([
            ("recordings that ended early".to_owned(), u64::from(r.incomplete)),
            ("recordings without erased segments".to_owned(), u64::from(!r.erased.is_empty())),
            ("recordings that overlap another".to_owned(), u64::from(!r.overlaps.is_empty())),
            ("wall clock set meanwhile".to_owned(), r.ledger.clock_jumps),
            ("events lost".to_owned(), r.ledger.lost_events),
            ("frames".to_owned(), r.ledger.frames),
            ("frames with parts filled".to_owned(), r.ledger.frames_filled),
        ])
    };
    html! {
        h2 { "Losses and redaction" }
        @if (look.episodes.len() as u64) < look.manifest.episodes { p class="soft" { "Over the whole data set." } }
        div class="tables" {
            (counts("Not kept, by rule", &sum(&denied)))
            (counts("Gaps", &sum(&|r| r.ledger.gaps.clone())))
            (counts("Input ignored", &sum(&|r| r.ledger.ignored.clone())))
            (counts("Input in error", &sum(&|r| r.ledger.errors.clone())))
            (counts("Recordings", &sum(&odd)))
        }
    }
}

fn counts(title: &str, rows: &[(String, u64)]) -> Markup {
    html! {
        div {
            h3 { (title) }
            @if rows.is_empty() { p class="soft" { "none" } }
            @else {
                table { tbody { @for (name, n) in rows { tr { td { (name.replace('_', " ")) } td class="n" { (n) } } } } }
            }
        }
    }
}

fn steps(look: &Look) -> Markup {
    let left_out = look.figures.steps.saturating_sub(look.cards.len() as u64);
    html! {
        h2 { "Steps" }
        p class="soft" {
            "Each action on the picture from before it. The frame is the element; the ring is where the pointer acted."
        }
        @if left_out > 0 {
            p class="soft" {
                (look.cards.len()) " of " (look.figures.steps) " steps are shown, spread evenly; " (left_out)
                " are left out. More: --steps N, or --episode N."
            }
        }
        @for (row, episode) in &look.episodes {
            @let cards: Vec<&Card> = look.cards.iter().filter(|c| c.episode == *row).collect();
            @if !cards.is_empty() {
                div class="episode" { h3 { "Episode " (row) } span { (task(episode)) } span class="soft" { (ended(episode)) } }
                div class="steps" { @for card in cards { (figure(card)) } }
            }
        }
    }
}

fn ended(episode: &EpisodeRow) -> String {
    format!(
        "{} steps, quality {}, ended by {}",
        episode.steps,
        quality(episode),
        episode.ended_by.replace('_', " ")
    )
}

fn figure(card: &Card) -> Markup {
    html! {
        figure id={"row-" (card.row)} {
            @match &card.picture {
                Ok(address) => { img src=(address) alt=(card.deed) width="560" height="315" loading="lazy"; },
                Err(why) => { div class="blank" { (why) } },
            }
            figcaption {
                b { (card.deed) }
                @if let Some(element) = &card.element { span class="to" { (element) } br; }
                a href={"#row-" (card.row)} { "row " (card.row) } " · " (card.detail) br;
                @for intent in &card.intents { span class="tag" { (intent) } }
                @for tag in &card.tags { span class="tag" { (tag) } }
            }
        }
    }
}

fn foot(look: &Look, version: &str) -> Markup {
    html! {
        footer {
            p { "Manifest " code { (version) } ". Split by " (split_by(look)) "." }
            p { "This page holds what the data set holds: it is for the same purpose, and to be deleted with it." }
        }
    }
}

fn split_by(look: &Look) -> String {
    let by = serde_json::to_value(look.manifest.split_by).unwrap_or_default();
    let splits: Vec<String> = look.manifest.splits.iter().map(|(name, n)| format!("{n} {name}")).collect();
    format!("{}: {} steps", by.as_str().unwrap_or_default(), splits.join(", "))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use overt_dataset::{DATASET_VERSION, GrantNote, LedgerNote, Manifest, ReducerNote, SplitBy, StepRow};
    use overt_event::{KeyId, Level, Purpose, RecordingId};
    use overt_format::Hex;
    use overt_reduce::Settings;

    use super::*;
    use crate::page::look::Figures;

    const HOSTILE: [&str; 4] = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "</title></style><iframe src=//evil.example>",
        "' onmouseover='alert(1)\u{202e}\u{0}",
    ];

    /// A page's tags, each from its bracket to the next.
    fn tags(page: &str) -> impl Iterator<Item = &str> {
        page.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or_default())
    }

    #[test]
    fn nothing_captured_becomes_a_tag_or_an_attribute() {
        for hostile in HOSTILE {
            let card = Card {
                row: 7,
                episode: 0,
                deed: hostile.to_owned(),
                element: Some(hostile.to_owned()),
                intents: vec![hostile.to_owned()],
                detail: hostile.to_owned(),
                tags: Vec::new(),
                picture: Err(hostile.to_owned()),
            };
            let mut episode = EpisodeRow::default();
            episode.instruction = Some(hostile.to_owned());
            let drawn = [
                figure(&card),
                figure(&Card { picture: Ok("data:image/jpeg;base64,AA==".to_owned()), ..card }),
                task(&episode),
                counts(hostile, &[(hostile.to_owned(), 1)]),
                chart(hostile, &[(hostile.to_owned(), 1)]),
            ];
            for page in drawn {
                let page = page.into_string();
                assert!(!hostile.contains('<') || !page.contains(hostile), "{page}");
                let known = [
                    "figure",
                    "img",
                    "div",
                    "b",
                    "span",
                    "br",
                    "a",
                    "h3",
                    "table",
                    "tbody",
                    "tr",
                    "td",
                    "svg",
                    "text",
                    "rect",
                    "figcaption",
                ];
                for tag in tags(&page) {
                    let name = tag.trim_start_matches('/').split(' ').next().unwrap_or_default();
                    assert!(known.contains(&name), "an unknown tag in {page}");
                    let names: String = tag.split('"').step_by(2).collect();
                    assert!(!names.contains(" on"), "a handler in {page}");
                }
            }
        }
    }

    fn recording(n: u8) -> RecordingNote {
        RecordingNote {
            recording: RecordingId([n; 16]),
            sha256: Hex([n; 32]),
            agreement: Hex([1; 32]),
            consent: Hex([n; 32]),
            level: Level::Full,
            purposes: vec![Purpose::TrainAgents],
            day: 0,
            contributor_key: KeyId([n; 16]),
            split: "train".to_owned(),
            rows: 1,
            episodes: 1,
            incomplete: false,
            overlaps: Vec::new(),
            segments: Vec::new(),
            erased: BTreeSet::new(),
            ledger: LedgerNote::default(),
            imported: None,
        }
    }

    fn manifest(people: u8) -> Manifest {
        let grant = GrantNote { who: "a test".to_owned(), reason: "to see".to_owned(), expires: None };
        Manifest {
            format: "overt-dataset".to_owned(),
            version: DATASET_VERSION,
            purpose: Purpose::TrainAgents,
            grant,
            builder: "a test".to_owned(),
            reducer: ReducerNote { version: "1".to_owned(), settings: Settings::default() },
            codec: "png".to_owned(),
            parent: None,
            rows: u64::from(people),
            episodes: u64::from(people),
            kinds: BTreeMap::new(),
            split_by: SplitBy::Person,
            splits: BTreeMap::new(),
            recordings: (1..=people).map(recording).collect(),
            files: Vec::new(),
        }
    }

    /// So many people with an episode each, of which the page is about the first `shown`.
    fn of_people(people: u8, shown: usize, idle_millis: &[i64]) -> Look {
        let manifest = manifest(people);
        let episode = |note: &RecordingNote| {
            let mut episode = EpisodeRow::default();
            episode.recording = note.recording.to_string();
            episode
        };
        let episodes = manifest.recordings.iter().map(episode).enumerate().take(shown).collect();
        let mut figures = Figures::default();
        for millis in idle_millis {
            let mut step = StepRow::default();
            step.idle_before_millis = *millis;
            figures.count(&step);
        }
        let (strips, cards, shown) = (Vec::new(), Vec::new(), BTreeSet::new());
        Look { manifest, must_rebuild: false, episodes, figures, strips, cards, shown }
    }

    #[test]
    fn idle_spans_are_a_histogram_of_many_people_and_nothing_of_few() {
        let idle = [0, 5_000, 9_999, 10_000, 59_999, 299_999, 300_000, 9_000_000];
        let drawn = |people, shown| charts(&of_people(people, shown, &idle)).into_string();
        let bars = |page: &str| -> Option<Vec<String>> {
            let (_, chart) = page.split_once("aria-label=\"Idle before a step\"")?;
            let counts = chart.split("</svg>").next()?.split("class=\"count\"").skip(1);
            counts.map(|rest| Some(rest.split(['>', '<']).nth(1)?.to_owned())).collect()
        };
        let of_five = drawn(5, 5);
        let expected = ["2", "1", "1", "1", "2"].map(str::to_owned);
        assert_eq!(bars(&of_five), Some(expected.to_vec()), "{of_five}");
        assert!(of_five.contains("Steps after an idle span: 88 %."), "{of_five}");
        for (people, shown) in [(4, 4), (5, 1)] {
            let page = drawn(people, shown);
            assert_eq!(bars(&page), None);
            assert!(page.contains("is not shown for fewer than 5 people") && !page.contains("10 to 30 s"));
        }
    }

    #[test]
    fn a_share_of_nothing_is_not_a_number() {
        assert_eq!((share(0, 0), share(1, 3)), ("–".to_owned(), "33 %".to_owned()));
    }
}
