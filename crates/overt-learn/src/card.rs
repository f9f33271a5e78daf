//! What a model says of itself to people.

use std::path::{Path, PathBuf};

use crate::degrade::Degrade;
use crate::model::Facts;
use crate::probe::Probe;

/// The card of a model in this file: its whole name with `.card.md` behind it, so that each model has its own.
pub fn card_beside(model: &Path) -> PathBuf {
    let mut name = model.as_os_str().to_owned();
    name.push(".card.md");
    name.into()
}

/// Markdown. It tells what a model holds of what people did, too.
pub(crate) fn write(facts: &Facts) -> String {
    let learned = &facts.learned;
    let accuracy = facts.step_accuracy.map_or("not known: nothing was kept aside".to_owned(), |a| {
        format!("{:.0} %, which says nothing about success", a * 100.0)
    });
    let wrong = match facts.degrade {
        Degrade::None => String::new(),
        other => format!(
            "\n**Its data was made worse on purpose: {}. Do not use it but to compare.**\n",
            other.word()
        ),
    };
    let left_out: Vec<String> = facts.left_out.iter().map(|(why, n)| format!("{n} {why}")).collect();
    format!(
        "# Model card\n{wrong}\n\
         * Probe: {}. {}\n\
         * Made of the data set version `{}`, for the purpose {}, with seed {}. When that version must be rebuilt after \
         an erasure, so must this model.\n\
         * Learned from {} episodes with {} steps, {} of them with what elements looked like. Of {} typed texts {} were pieces of the goal; what else to type it \
         did not learn. {} texts were not kept, and were taken for phrases of the goal. {} deeds are none of its choices. Left out of the data set: {}.\n\
         * Step accuracy on episodes kept aside: {accuracy}. How often it succeeds, `overt evaluate` tells.\n\
         * It holds words of what people did: {} names of controls that were often pressed and {} frequent words of goals{}{}.\n\
         * It is a yardstick for data, not a product: it knows no language, and does something wherever it is put. Let it act where nothing can be broken.\n",
        facts.probe.word(),
        ability(facts.probe),
        facts.dataset,
        purpose(facts),
        facts.seed,
        learned.episodes,
        learned.steps,
        learned.steps_seen,
        learned.texts_from_goal + learned.texts_from_elsewhere,
        learned.texts_from_goal,
        learned.texts_unknown,
        learned.deeds_no_choice,
        if left_out.is_empty() { "nothing".to_owned() } else { left_out.join(", ") },
        facts.vocabulary.texts.len(),
        facts.vocabulary.goal_words.len(),
        if facts.counts.is_some() { ", and everything that was typed" } else { "" },
        thumbnails(facts.vocabulary.appearances.len()),
    )
}

fn thumbnails(known: usize) -> String {
    if known == 0 {
        String::new()
    } else {
        format!(", and {known} thumbnails of pressed elements, six by six points each")
    }
}

fn ability(probe: Probe) -> &'static str {
    match probe {
        Probe::Frequent => "It does what was done most often",
        Probe::Ngram => "It does what most often followed the last two deeds",
        Probe::Ranker => {
            "It ranks elements by their words, role, state, place and history, and pieces of the goal to type"
        }
        Probe::Attention => {
            "It ranks elements, and pieces of the goal to type, by what a small transformer finds in them, in the goal's words and in \
             what was done"
        }
        Probe::Fuller => {
            "As the ranker, with what stands around an element, what appeared and what is still awaited"
        }
        Probe::Sighted => {
            "As the fuller one, with what elements look like: colour, form, and what was pressed before"
        }
    }
}

fn purpose(facts: &Facts) -> String {
    serde_json::to_string(&facts.purpose).unwrap_or_default().trim_matches('"').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_model_has_a_card_of_its_own() {
        let names = ["out/m", "out/m.v1", "out/m.v2", "out/m.safetensors"];
        let cards = names.map(|name| card_beside(Path::new(name)).display().to_string());
        assert_eq!(cards, names.map(|name| format!("{name}.card.md")));
    }
}
