//! Baselines that count: what was done most often, with or without what was done before it.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::deed::{Deed, Manner, Past};
use crate::demonstration::{Demonstration, Shown};
use crate::moment::Moment;

/// What was done, without the scene it was done in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sign {
    manner: Manner,
    role: String,
    text: String,
    typed: Option<String>,
}

/// What followed what, and how often.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Counts {
    /// By what was done before, oldest first; what followed, most frequent first.
    after: Vec<(Vec<Sign>, Vec<Sign>)>,
}

impl Counts {
    /// Counts with up to so many deeds before each.
    pub(crate) fn of(all: &[Demonstration], before_max: usize) -> Self {
        let mut counts: BTreeMap<Vec<Sign>, BTreeMap<Sign, u32>> = BTreeMap::new();
        for one in all {
            let signs: Vec<Sign> = one.steps.iter().map(sign).collect();
            for (i, sign) in signs.iter().enumerate() {
                for before in 0..=before_max.min(i) {
                    let context = signs[i - before..i].to_vec();
                    *counts.entry(context).or_default().entry(sign.clone()).or_default() += 1;
                }
            }
        }
        Self { after: counts.into_iter().map(|(context, signs)| (context, most_first(signs))).collect() }
    }

    /// What most often followed the longest past that is known, and can be done here.
    pub(crate) fn choose(&self, moment: &Moment<'_>, barred: &[Deed]) -> Option<Deed> {
        let past: Vec<Sign> = moment.past.iter().map(sign_of_past).collect();
        let contexts = (0..=past.len()).map(|from| &past[from..]);
        let known = contexts.filter_map(|c| self.after.iter().find(|(context, _)| context == c));
        let deeds = known.flat_map(|(_, signs)| signs).filter_map(|sign| sign.deed(moment));
        deeds.into_iter().find(|deed| !barred.contains(deed))
    }
}

impl Sign {
    /// The same where it can be done in this scene.
    fn deed(&self, moment: &Moment<'_>) -> Option<Deed> {
        let scene = moment.scene;
        let (manner, text) = (self.manner.clone(), self.typed.clone());
        if !manner.points() {
            return scene.focused().map(|i| Deed { manner, on: Some(i), text });
        }
        let same = |i: &usize| scene.nodes()[*i].role == self.role && scene.text(*i) == self.text;
        let on = (0..scene.nodes().len()).filter(|i| scene.is_candidate(*i)).find(same);
        on.map(|i| Deed { manner, on: Some(i), text })
    }
}

fn sign(step: &Shown) -> Sign {
    let role = step.on.map(|i| step.scene.nodes()[i].role.clone()).unwrap_or_default();
    let text = step.on.map(|i| step.scene.text(i).to_owned()).unwrap_or_default();
    Sign { manner: step.manner.clone(), role, text, typed: step.text.clone() }
}

fn sign_of_past(past: &Past) -> Sign {
    let Past { manner, role, name, text, .. } = past.clone();
    Sign { manner, role, text: name, typed: text }
}

fn most_first(signs: BTreeMap<Sign, u32>) -> Vec<Sign> {
    let mut signs: Vec<(Sign, u32)> = signs.into_iter().collect();
    signs.sort_by_key(|(_, count)| Reverse(*count));
    signs.into_iter().map(|(sign, _)| sign).collect()
}
