//! A model in a file (docs/spec/model.md): what was learned, from what, for what.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use overt_dataset::MANIFEST_FILE;
use overt_event::Purpose;
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::agent::Policy;
use crate::attention::NETS;
use crate::boost::{Growth, Trees};
use crate::card::{self, card_beside};
use crate::counts::Counts;
use crate::deed::Deed;
use crate::degrade::{Degrade, blind};
use crate::demonstration::Demonstrations;
use crate::drawn::{spent_by, taught};
use crate::error::LearnError;
use crate::features;
use crate::learner::{Learner, WAYS_VERSION, net_version, sight_version};
use crate::moment::Moment;
use crate::probe::{Decision, Learned, Probe, Skill, end_columns, step_accuracy, train};
use crate::progress::Progress;
use crate::rng::Rng;
use crate::scene::Scene;
use crate::span;
use crate::tensors;
use crate::vocabulary::Vocabulary;

/// The version of a model's form.
pub const MODEL_VERSION: u32 = 2;
const FORMAT: &str = "overt-model";
/// Of the lists of features.
const VERSIONS: (u32, u32) = (features::FEATURES_VERSION, span::SPANS_VERSION);

/// What a model says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// `overt-model`.
    pub format: String,
    pub version: u32,
    /// Of the lists of features.
    pub features: (u32, u32),
    /// Of the transformer, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub net: Option<u32>,
    /// Of what is taken for an element's look, where pictures are looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sight: Option<u32>,
    /// Of how all of them learn and act.
    pub ways: u32,
    pub probe: Probe,
    pub seed: u64,
    pub growth: Growth,
    /// SHA-256 of the data set's manifest, hexadecimal: the version it was made of.
    pub dataset: String,
    pub purpose: Purpose,
    /// Episodes that were used, at most.
    pub episodes_max: Option<u64>,
    pub degrade: Degrade,
    pub learned: Learned,
    /// Steps of the data set that nothing can be learned from, by reason.
    pub left_out: BTreeMap<String, u64>,
    /// Of the steps kept aside; see [`step_accuracy`] for what it is not.
    pub step_accuracy: Option<f64>,
    pub vocabulary: Vocabulary,
    pub counts: Option<Counts>,
    /// Of a row so many numbers are looked at.
    pub columns: usize,
    /// For people.
    pub card: String,
}

/// Something that can decide what to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    pub facts: Facts,
    pub skill: Skill,
}

/// What to learn from, and how.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Plan {
    pub probe: Probe,
    pub seed: u64,
    pub growth: Growth,
    /// At most so many episodes, chosen by the seed.
    pub episodes_max: Option<u64>,
    pub degrade: Degrade,
}

/// A data set read for training: its episodes and which version it is.
pub struct Lessons {
    pub demonstrations: Demonstrations,
    dataset: String,
    purpose: Purpose,
}

impl Lessons {
    /// Reads a data set, with what elements look like where `pictures` are looked at, which takes longer. `today`: `YYYY-MM-DD`.
    ///
    /// Errors: [`LearnError::OtherPurpose`] for one that was not built to train agents, [`LearnError::Unusable`] for one
    /// that may not be used any more, [`LearnError::Dataset`] for one that is not as its manifest says, [`LearnError::Picture`].
    pub fn read(dataset: &Path, pictures: bool, today: &str) -> Result<Self, LearnError> {
        let manifest = overt_dataset::usable(dataset, today)?;
        if manifest.purpose != Purpose::TrainAgents {
            return Err(LearnError::OtherPurpose);
        }
        let demonstrations = Demonstrations::read(dataset, pictures)?;
        Ok(Self { demonstrations, dataset: digest(dataset)?, purpose: manifest.purpose })
    }

    /// Episodes that were read already, of a version with this digest that was built to train agents.
    pub fn of(demonstrations: Demonstrations, dataset: &str) -> Self {
        Self { demonstrations, dataset: dataset.to_owned(), purpose: Purpose::TrainAgents }
    }

    /// The digest of the data set's manifest, hexadecimal.
    pub fn dataset(&self) -> &str {
        &self.dataset
    }
}

/// `None` where there was nothing to learn: to who asks for many models, that is an answer.
///
/// Errors: any other.
pub fn if_taught(model: Result<Model, LearnError>) -> Result<Option<Model>, LearnError> {
    match model {
        Err(LearnError::NothingToLearn) => Ok(None),
        model => model.map(Some),
    }
}

impl Model {
    /// Learns from the episodes of the split `train`; those of `validation` tell the step accuracy.
    ///
    /// Errors: [`LearnError::NothingToLearn`].
    pub fn train(lessons: &Lessons, plan: Plan) -> Result<Self, LearnError> {
        Self::train_with(lessons, plan, &mut Progress::default())
    }

    /// As [`Model::train`], into a file and, beside it, its card. What is learned is kept beside it, too, about once a
    /// second, and who was interrupted goes on from there; the model is the same. Tells whether it went on.
    ///
    /// Errors: as [`Model::train`]; [`LearnError::Io`] where the model cannot be written.
    pub fn train_into(lessons: &Lessons, plan: Plan, path: &Path) -> Result<(Self, bool), LearnError> {
        let mut progress = Progress::beside(path, &(Learner::of(plan.probe), &lessons.dataset, plan))?;
        let model = Self::train_with(lessons, plan, &mut progress)?;
        model.write(path)?;
        Ok((model, progress.end()?))
    }

    fn train_with(lessons: &Lessons, plan: Plan, progress: &mut Progress) -> Result<Self, LearnError> {
        let all = &lessons.demonstrations.all;
        let taught = taught(all, plan);
        if taught.is_empty() {
            return Err(LearnError::NothingToLearn);
        }
        let mut vocabulary = Vocabulary::of(&taught);
        if plan.probe.looks_at_pictures() {
            vocabulary.look_at(&taught);
        }
        let (skill, mut learned) = train(&taught, &vocabulary, plan, progress);
        learned.tell_time(spent_by(all, plan, &taught));
        let aside: Vec<_> = all.iter().filter(|d| d.split == "validation").cloned().collect();
        let aside = plan.degrade.in_acting().apply(aside, &mut Rng::new(0));
        let step_accuracy = step_accuracy(&skill, &vocabulary, &aside);
        let (counts, columns) = match &skill {
            Skill::Counted(counts) => (Some(counts.clone()), 0),
            Skill::Ranked { features, .. } => (None, *features),
            Skill::Attending { .. } => (None, 0),
        };
        let left_out = lessons.demonstrations.left_out.iter().map(|(k, n)| ((*k).to_owned(), *n)).collect();
        let mut facts = Facts {
            format: FORMAT.to_owned(),
            version: MODEL_VERSION,
            features: VERSIONS,
            net: net_version(plan.probe),
            sight: sight_version(plan.probe),
            ways: WAYS_VERSION,
            probe: plan.probe,
            seed: plan.seed,
            growth: plan.growth,
            dataset: lessons.dataset.clone(),
            purpose: lessons.purpose,
            episodes_max: plan.episodes_max,
            degrade: plan.degrade,
            learned,
            left_out,
            step_accuracy,
            vocabulary,
            counts,
            columns,
            card: String::new(),
        };
        facts.card = card::write(&facts);
        Ok(Self { facts, skill })
    }

    /// The bytes of the file.
    ///
    /// Errors: none that a model of ours can cause; what the form's writer refuses is [`LearnError::Damaged`].
    pub fn encode(&self) -> Result<Vec<u8>, LearnError> {
        let facts = serde_json::to_string(&self.facts).map_err(|_| LearnError::NoModel)?;
        let trees = |name, trees: &Trees| tensors::of_trees(name, &trees.trees);
        let columns = match &self.skill {
            Skill::Counted(_) => Vec::new(),
            Skill::Ranked { elements, spans, ends, .. } => {
                [trees("elements", elements), trees("spans", spans), trees("ends", ends)].concat()
            }
            Skill::Attending { nets, ends } => [tensors::of_nets(nets), trees("ends", ends)].concat(),
        };
        tensors::encode(&columns, facts)
    }

    /// Reads a model.
    ///
    /// Errors: [`LearnError::NoModel`] for anything else, [`LearnError::OtherForm`] for another version of the form, of
    /// the features or of how models learn and act, [`LearnError::Damaged`] for trees that are none.
    pub fn decode(bytes: &[u8]) -> Result<Self, LearnError> {
        let told = tensors::told(bytes)?;
        let form: Form = serde_json::from_str(&told).map_err(|_| LearnError::NoModel)?;
        form.check()?;
        let mut facts: Facts =
            serde_json::from_str(&told).map_err(|_| LearnError::Damaged { what: "its facts" })?;
        facts.learned.forget_hours_of_few();
        let file = SafeTensors::deserialize(bytes).map_err(|_| LearnError::NoModel)?;
        let trees = |name, columns| tensors::trees(name, &file, columns);
        let grown = |name, columns| trees(name, columns).map(|trees| Trees { leaning: &[], trees });
        let skill = match (facts.probe, facts.counts.take()) {
            (Probe::Frequent | Probe::Ngram, Some(counts)) => {
                facts.counts = Some(counts.clone());
                Skill::Counted(counts)
            }
            (Probe::Ranker | Probe::Fuller | Probe::Sighted, None)
                if facts.columns == facts.probe.columns() =>
            {
                Skill::Ranked {
                    features: facts.columns,
                    elements: Trees {
                        leaning: facts.probe.leaning(),
                        trees: trees("elements", facts.columns)?,
                    },
                    spans: grown("spans", span::NAMES.len())?,
                    ends: grown("ends", end_columns())?,
                }
            }
            (Probe::Attention, None) => Skill::Attending {
                nets: (0..NETS)
                    .map(|i| tensors::net(i, &file, facts.vocabulary.manners.len()))
                    .collect::<Result<_, _>>()?,
                ends: grown("ends", end_columns())?,
            },
            _ => return Err(LearnError::Damaged { what: "its kind and its content differ" }),
        };
        Ok(Self { facts, skill })
    }

    /// Writes the model and, beside it, its card: whole, or not at all.
    fn write(&self, path: &Path) -> Result<(), LearnError> {
        overt_format::replace_file(path, &self.encode()?)?;
        Ok(overt_format::replace_file(&card_beside(path), self.facts.card.as_bytes())?)
    }

    /// Reads a model that may still be used: one of `datasets` is the version that it was made of, and nothing that
    /// it was made of is known to be erased, and the grant has not ended. `today`: `YYYY-MM-DD`.
    ///
    /// Errors: as [`Model::decode`]; [`LearnError::OtherDataset`] where none of them is that version;
    /// [`LearnError::Unusable`] where that must be rebuilt, [`LearnError::Dataset`] where it is not as its manifest says.
    pub fn read_usable(bytes: &[u8], datasets: &[PathBuf], today: &str) -> Result<Self, LearnError> {
        let model = Self::decode(bytes)?;
        for dataset in datasets {
            if digest(dataset)? == model.facts.dataset {
                overt_dataset::usable(dataset, today)?;
                return Ok(model);
            }
        }
        Err(LearnError::OtherDataset)
    }

    /// As [`Model::decode`], from a file.
    pub fn read(path: &Path) -> Result<Self, LearnError> {
        Self::decode(&std::fs::read(path)?)
    }
}

/// SHA-256 of a data set's manifest, hexadecimal.
fn digest(dataset: &Path) -> Result<String, LearnError> {
    Ok(overt_event::hex_from_bytes(&Sha256::digest(std::fs::read(dataset.join(MANIFEST_FILE))?)))
}

impl Policy for Model {
    fn see(&self, scene: Scene) -> Scene {
        if self.facts.degrade.blinds() { blind(&scene) } else { scene }
    }

    /// What no picture taught goes by none: it would judge by what it never saw.
    fn looks_at_pictures(&self) -> bool {
        self.facts.learned.steps_seen > 0
    }

    fn is_done(&self, moment: &Moment<'_>) -> bool {
        self.skill.is_done(moment, &self.facts.vocabulary)
    }

    fn decide(&self, moment: &Moment<'_>, barred: &[Deed]) -> Option<Decision> {
        self.skill.decide(moment, &self.facts.vocabulary, barred)
    }
}

/// What says whether the rest can be read.
#[derive(Deserialize)]
struct Form {
    format: String,
    version: u32,
    features: (u32, u32),
    probe: Probe,
    #[serde(default)]
    net: Option<u32>,
    #[serde(default)]
    sight: Option<u32>,
    #[serde(default)]
    ways: u32,
}

impl Form {
    fn check(&self) -> Result<(), LearnError> {
        if self.format != FORMAT {
            return Err(LearnError::NoModel);
        }
        // A file that tells no version of its transformer, or of its sight, is of the first.
        let net = net_version(self.probe).map(|expected| (expected, self.net.unwrap_or(1)));
        let sight = sight_version(self.probe).map(|expected| (expected, self.sight.unwrap_or(1)));
        let features = [(VERSIONS.0, self.features.0), (VERSIONS.1, self.features.1)];
        let mut pairs = vec![(MODEL_VERSION, self.version), (WAYS_VERSION, self.ways)];
        pairs.extend(features.into_iter().chain(net).chain(sight));
        match pairs.into_iter().find(|(expected, got)| expected != got) {
            Some((expected, got)) => Err(LearnError::OtherForm { expected, got }),
            None => Ok(()),
        }
    }
}
