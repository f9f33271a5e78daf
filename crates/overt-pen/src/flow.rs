//! The counts that stand in a segment's trailer.

use overt_format::Flow;
use overt_minimise::Tally;

/// What became of everything, as a segment's trailer tells it.
pub fn flow(tally: &Tally, lost_in_queue: u64) -> Flow {
    let (kept, lost, filtered) = (tally.records(), lost_in_queue + tally.lost(), tally.filtered.clone());
    let mut flow = Flow { kept, lost, filtered, ..Flow::default() };
    for kind in tally.kinds.values() {
        flow.received += kind.received;
        for (rule, count) in &kind.denied {
            *flow.denied.entry(*rule).or_default() += count;
        }
    }
    flow
}
