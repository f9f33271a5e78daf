//! Figures about the rows, gathered while they are written.

use std::collections::BTreeMap;

use overt_event::NANOS_PER_MILLI;
use overt_reduce::{Action, Before, Step};

/// Upper ends of the classes of frame lag, milliseconds; the last class has none.
pub(crate) const LAG_MILLIS: [u64; 8] = [20, 50, 100, 250, 500, 1_000, 5_000, 30_000];
/// Bits in which two near-duplicate pictures may differ.
const HASH_BITS_MAX: u32 = 2;

/// The figures of `DATASHEET.md`.
#[derive(Default)]
pub(crate) struct Quality {
    pub(crate) steps: u64,
    pub(crate) kinds: BTreeMap<&'static str, u64>,
    pub(crate) lag: [u64; LAG_MILLIS.len() + 1],
    pub(crate) before_missing: BTreeMap<&'static str, u64>,
    pub(crate) damage_unseen: u64,
    pub(crate) clicks: u64,
    pub(crate) clicks_with_box: u64,
    pub(crate) clicks_in_box: u64,
    pub(crate) after_idle: u64,
    pub(crate) near_duplicates: u64,
    pub(crate) injected: u64,
    pub(crate) masked_texts: u64,
    pub(crate) texts: u64,
    previous: Option<(u32, Action, u64)>,
}

impl Quality {
    /// Counts one step. `hash`: of its observation.
    pub(crate) fn count(&mut self, step: &Step, hash: Option<u64>) {
        self.steps += 1;
        *self.kinds.entry(step.action.kind()).or_default() += 1;
        self.after_idle += u64::from(step.idle_before_millis > 0);
        self.injected += u64::from(step.injected);
        self.count_lag(&step.before);
        self.count_box(step);
        if let Action::Type { text, .. } = &step.action {
            self.texts += 1;
            self.masked_texts += u64::from(!matches!(text, overt_reduce::Typed::Text(_)));
        }
        self.count_duplicate(step, hash);
    }

    fn count_lag(&mut self, before: &Before) {
        match before {
            Before::Seen { margin_nanos, damage_unseen, .. } => {
                let millis = margin_nanos / NANOS_PER_MILLI;
                self.lag[LAG_MILLIS.partition_point(|&end| end <= millis)] += 1;
                self.damage_unseen += u64::from(*damage_unseen);
            }
            Before::Missing(why) => *self.before_missing.entry(why.name()).or_default() += 1,
        }
    }

    fn count_box(&mut self, step: &Step) {
        let Action::Click { at, .. } = step.action else { return };
        self.clicks += 1;
        if let Some(target) = &step.element {
            self.clicks_with_box += 1;
            self.clicks_in_box += u64::from(target.element.node.bounds.contains(at));
        }
    }

    fn count_duplicate(&mut self, step: &Step, hash: Option<u64>) {
        let same = |(episode, action, seen): &(u32, Action, u64)| {
            let near = hash.is_some_and(|h| (h ^ seen).count_ones() <= HASH_BITS_MAX);
            *episode == step.episode && *action == step.action && near
        };
        self.near_duplicates += u64::from(self.previous.as_ref().is_some_and(same));
        self.previous = hash.map(|h| (step.episode, step.action.clone(), h));
    }

    /// Another recording begins: its first step repeats nothing.
    pub(crate) fn next_recording(&mut self) {
        self.previous = None;
    }
}
