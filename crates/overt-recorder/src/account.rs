//! Whether everything that came in came out, or is known to be gone.

use overt_event::{RawBody, RawEvent};
use overt_minimise::Tally;

/// Events of one session, counted at each hand-over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Account {
    /// What the sources put into the queue and the recorder itself has told.
    pub(crate) sent: u64,
    /// Taken while it stood still, and dropped at once.
    pub(crate) passed_over: u64,
    frames_in: u64,
    others_in: u64,
    frames_out: u64,
    others_out: u64,
    bindings: u64,
    /// Records that minimise gave out.
    pub(crate) given: u64,
    /// Records that were given out and forgotten before they were written.
    pub(crate) forgotten: u64,
    /// Records that went into a segment.
    pub(crate) written: u64,
}

impl Account {
    /// An event goes to the binder.
    pub(crate) fn count_in(&mut self, event: &RawEvent) {
        match event.body {
            RawBody::Frame(_) => self.frames_in += 1,
            _ => self.others_in += 1,
        }
    }

    /// An event goes from the binder to minimise.
    pub(crate) fn count_out(&mut self, event: &RawEvent) {
        match event.body {
            RawBody::Frame(_) => self.frames_out += 1,
            RawBody::Binding(_) => self.bindings += 1,
            _ => self.others_out += 1,
        }
    }

    /// Whether it balances at the end of a session: nothing is gone but by a rule, a pause, a full queue or
    /// the person's word, all of which are counted. Frames may stay in the ring.
    pub(crate) fn balances(&self, tally: &Tally) -> bool {
        let taken = self.passed_over + self.frames_in + self.others_in;
        let judged: u64 = tally.kinds.values().map(|kind| kind.received).sum();
        let held: u64 = tally.kinds.values().map(|kind| kind.held()).sum();
        self.sent == taken
            && self.others_in == self.others_out
            && self.frames_in >= self.frames_out
            && judged == self.frames_out + self.others_out + self.bindings
            && held == 0
            && tally.records() == self.given + self.forgotten
            && self.given == self.written
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use overt_event::MonoNanos;
    use overt_minimise::{EventKind, KindTally};

    use super::*;

    fn balanced() -> (Account, Tally) {
        let mut account = Account { sent: 3, passed_over: 1, given: 1, written: 1, ..Account::default() };
        for _ in 0..2 {
            let event = RawEvent::at(MonoNanos(1), RawBody::Damage);
            account.count_in(&event);
            account.count_out(&event);
        }
        let kind = KindTally { received: 2, kept: 1, never_kept: 1, ..KindTally::default() };
        (account, Tally { kinds: BTreeMap::from([(EventKind::Damage, kind)]), added: 0, ..Tally::default() })
    }

    #[test]
    fn one_event_or_record_more_or_less_anywhere_does_not_balance() {
        let (account, tally) = balanced();
        assert!(account.balances(&tally));
        let spoilt = |spoil: fn(&mut Account)| {
            let mut account = account;
            spoil(&mut account);
            !account.balances(&tally)
        };
        assert!(spoilt(|a| a.sent += 1));
        assert!(spoilt(|a| a.passed_over += 1));
        assert!(spoilt(|a| a.given += 1));
        assert!(spoilt(|a| a.written -= 1));
        assert!(spoilt(|a| a.count_out(&RawEvent::at(MonoNanos(1), RawBody::Damage))));
        assert!(spoilt(|a| a.forgotten += 1));
    }
}
