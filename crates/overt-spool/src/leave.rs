//! Whether what lies here may still leave: a consent that was withdrawn stops it, and so does the
//! agreement's end.
//!
//! A withdrawal is an empty file `withdrawn/DIGEST` in the spool's root, named after the digest of
//! the consent. It is never removed: whoever wants to be recorded again consents anew.

use overt_event::Day;
use overt_format::{Digest, RecordingFacts};

use crate::disk::{Disk, replace};
use crate::error::SpoolError;
use crate::spool::Spool;

const WITHDRAWN_DIR: &str = "withdrawn";

impl<D: Disk> Spool<D> {
    /// Notes durably that a consent was withdrawn: nothing recorded under it leaves this spool any more.
    pub fn withdraw(&self, consent: Digest) -> Result<(), SpoolError> {
        let folder = self.root.join(WITHDRAWN_DIR);
        match self.disk.create_dir(&folder) {
            Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => return Err(SpoolError::Io(e)),
            _ => {}
        }
        replace(&*self.disk, &folder, &consent.to_string(), b"").map_err(SpoolError::writing(0))?;
        self.disk.sync_dir(&self.root).map_err(SpoolError::Io)
    }

    /// Whether that consent was withdrawn here. What cannot be found out counts as withdrawn.
    pub fn is_withdrawn(&self, consent: Digest) -> bool {
        let mark = self.root.join(WITHDRAWN_DIR).join(consent.to_string());
        !matches!(self.disk.stat(&mark), Err(e) if e.kind() == std::io::ErrorKind::NotFound)
    }

    /// Whether a recording may leave on that day.
    ///
    /// Errors: [`SpoolError::Withdrawn`], [`SpoolError::AgreementEnded`].
    pub fn check_may_leave(&self, facts: &RecordingFacts, today: Day) -> Result<(), SpoolError> {
        if self.is_withdrawn(facts.consent) {
            return Err(SpoolError::Withdrawn);
        }
        if today > facts.last_day {
            return Err(SpoolError::AgreementEnded { days: today.0 - facts.last_day.0 });
        }
        Ok(())
    }
}
