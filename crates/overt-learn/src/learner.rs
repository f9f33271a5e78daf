//! What a figure depends on beside the data and the plan.

use serde::{Deserialize, Serialize};

use crate::attention::NET_VERSION;
use crate::features::FEATURES_VERSION;
use crate::model::MODEL_VERSION;
use crate::probe::Probe;
use crate::span::SPANS_VERSION;

/// Raised with whatever lets the same features teach something else, or a model act otherwise, for all probes: how trees are grown,
/// what demonstrations are taken for, how an agent acts on the ground. A model of another one is not read.
pub(crate) const WAYS_VERSION: u32 = 4;

/// The versions by which a probe learned and acted. What another one came to cannot be compared with it.
///
/// The default is that of figures that do not tell it; no probe has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Learner {
    /// Of a model's form.
    pub form: u32,
    /// Of the lists of features: of elements, and of pieces of the goal.
    pub features: (u32, u32),
    /// Of the transformer, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub net: Option<u32>,
    /// Of what is taken for an element's look, where pictures are looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sight: Option<u32>,
    /// Of how all of them learn and act.
    pub ways: u32,
}

impl Learner {
    /// Today's.
    pub fn of(probe: Probe) -> Self {
        let features = (FEATURES_VERSION, SPANS_VERSION);
        Self {
            form: MODEL_VERSION,
            features,
            net: net_version(probe),
            sight: sight_version(probe),
            ways: WAYS_VERSION,
        }
    }

    /// Of figures that do not tell it.
    pub(crate) fn is_untold(&self) -> bool {
        *self == Self::default()
    }

    /// For people who see figures of several.
    pub(crate) fn words(self) -> String {
        if self.is_untold() {
            return "a learner that is not told".to_owned();
        }
        let part =
            |name: &str, version: Option<u32>| version.map(|v| format!(", {name} {v}")).unwrap_or_default();
        let Self { form, features, net, sight, ways } = self;
        let (net, sight) = (part("net", net), part("sight", sight));
        format!("form {form}, features {} and {}{net}{sight}, ways {ways}", features.0, features.1)
    }
}

/// Raised with whatever else is taken for an element's look.
const SIGHT_VERSION: u32 = 2;

/// `None` of a probe that looks at no pictures.
pub(crate) fn sight_version(probe: Probe) -> Option<u32> {
    probe.looks_at_pictures().then_some(SIGHT_VERSION)
}

/// `None` of a probe that is no transformer.
pub(crate) fn net_version(probe: Probe) -> Option<u32> {
    (probe == Probe::Attention).then_some(NET_VERSION)
}
