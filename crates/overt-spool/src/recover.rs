//! Brings recordings of dead writers back into order.

use std::io;

use overt_event::RecordingId;
use overt_format::{
    HashingReader, Incomplete, RECORDING_FILE, RecordingFacts, RecordingState, SegmentFacts, SegmentScan,
    Tail, scan,
};

use crate::disk::{Disk, PART_SUFFIX, Places, replace};
use crate::error::SpoolError;
use crate::spool::Spool;

/// What [`Spool::recover`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// Recordings whose writer had died; they are incomplete (`killed`).
    pub recovered: Vec<RecordingId>,
    /// Folders without anything in them that were removed.
    pub removed: u32,
    /// Folders that do not read. They were left as they are.
    pub unreadable: u32,
}

impl<D: Disk> Spool<D> {
    /// To be called when a recorder starts. Recordings that are being written by someone are left alone.
    ///
    /// A segment that was growing is cut after its last whole frame and kept as a torn one. A crash
    /// in the middle of this does no harm: it is done again.
    pub fn recover(&self) -> Result<Recovery, SpoolError> {
        self.finish_deletions()?;
        let mut recovery = Recovery::default();
        for folder in self.folders()? {
            let places = Places::of(folder);
            // Whoever holds the lock is alive.
            let Some(_lock) = self.disk.lock(&places.folder).map_err(SpoolError::Io)? else { continue };
            match self.read_facts(&places) {
                Ok(facts) if facts.state == RecordingState::Open => {
                    let recording = facts.recording;
                    match self.recover_one(&places, facts) {
                        Ok(()) => recovery.recovered.push(recording),
                        Err(SpoolError::Format(_)) => recovery.unreadable += 1,
                        Err(error) => return Err(error),
                    }
                }
                Ok(_) => {}
                Err(SpoolError::Unknown) if self.is_hollow(&places) => {
                    self.disk.remove_dir_all(&places.folder).map_err(SpoolError::Io)?;
                    recovery.removed += 1;
                }
                Err(_) => recovery.unreadable += 1,
            }
        }
        self.recount()?;
        Ok(recovery)
    }

    /// The facts are durable before the first segment is begun, so a folder without them holds none.
    fn is_hollow(&self, places: &Places) -> bool {
        self.disk.names(&places.segments).is_ok_and(|names| names.is_empty())
            || self.disk.names(&places.segments).is_err()
    }

    fn recover_one(&self, places: &Places, mut facts: RecordingFacts) -> Result<(), SpoolError> {
        self.drop_forgotten(places, &mut facts)?;
        while let Some(segment) = self.next_segment(places, &mut facts)? {
            facts.segments.push(segment);
        }
        facts.state = RecordingState::Incomplete { why: Incomplete::Killed };
        self.remove_leftovers(places)?;
        let bytes = facts.encode()?;
        replace(&*self.disk, &places.folder, RECORDING_FILE, &bytes)
            .map_err(SpoolError::writing(bytes.len() as u64))
    }

    /// Segments are forgotten newest first, and the facts are written last: what is missing at the
    /// end was forgotten.
    fn drop_forgotten(&self, places: &Places, facts: &mut RecordingFacts) -> Result<(), SpoolError> {
        while let Some(last) = facts.segments.last() {
            match self.disk.stat(&places.closed(last.sequence)) {
                Ok(_) => break,
                Err(e) if e.kind() == io::ErrorKind::NotFound => drop(facts.segments.pop()),
                Err(e) => return Err(SpoolError::Io(e)),
            }
        }
        Ok(())
    }

    /// The segment after those in the facts: closed but not entered, or still growing.
    fn next_segment(
        &self,
        places: &Places,
        facts: &mut RecordingFacts,
    ) -> Result<Option<SegmentFacts>, SpoolError> {
        let sequence = facts.segments.len() as u32;
        let (part, closed) = (places.part(sequence), places.closed(sequence));
        if self.exists(&part)? && !self.mend(places, sequence, facts)? {
            return Ok(None);
        }
        if !self.exists(&closed)? {
            return Ok(None);
        }
        let mut reader = HashingReader::new(self.disk.read(&closed).map_err(SpoolError::Io)?);
        let scanned = scan(&mut reader)?;
        let (sha256, len_bytes) = reader.finish().map_err(SpoolError::Io)?;
        let torn = !scanned.whole;
        facts.losses.segments_torn += u64::from(torn);
        Ok(Some(SegmentFacts { sequence, segment: scanned.header.segment, sha256, len_bytes, torn }))
    }

    /// Cuts a growing segment after its last whole frame and closes it. Whether anything is left.
    fn mend(&self, places: &Places, sequence: u32, facts: &mut RecordingFacts) -> Result<bool, SpoolError> {
        let part = places.part(sequence);
        let (len, _) = self.disk.stat(&part).map_err(SpoolError::Io)?;
        let Some(good_len) = self.good_len(places, sequence, facts)? else {
            facts.losses.bytes_cut += len;
            return Ok(false);
        };
        let mut file = self.disk.open_to_append(&part).map_err(SpoolError::Io)?;
        if good_len < len {
            self.disk.cut(&mut file, good_len).map_err(SpoolError::Io)?;
            facts.losses.bytes_cut += len - good_len;
        }
        self.disk.sync(&file).map_err(SpoolError::Io)?;
        self.disk.rename(&part, &places.closed(sequence)).map_err(SpoolError::Io)?;
        self.disk.sync_dir(&places.segments).map_err(SpoolError::Io)?;
        Ok(true)
    }

    /// `None` when nothing of the segment can be kept.
    fn good_len(
        &self,
        places: &Places,
        sequence: u32,
        facts: &RecordingFacts,
    ) -> Result<Option<u64>, SpoolError> {
        let reader = self.disk.read(&places.part(sequence)).map_err(SpoolError::Io)?;
        match scan(reader) {
            Ok(SegmentScan { frames, good_len, header, tail, whole }) => {
                let ours = (header.recording, header.sequence) == (facts.recording, sequence);
                let sound = frames > 0 && !(whole && tail == Tail::AfterLast);
                Ok((ours && sound).then_some(good_len))
            }
            Err(overt_format::FormatError::Io(e)) => Err(SpoolError::Io(e)),
            Err(_) => Ok(None),
        }
    }

    fn exists(&self, path: &std::path::Path) -> Result<bool, SpoolError> {
        match self.disk.stat(path) {
            Ok(_) => Ok(true),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(e) => Err(SpoolError::Io(e)),
        }
    }

    /// Parts that hold nothing, and temporary files.
    fn remove_leftovers(&self, places: &Places) -> Result<(), SpoolError> {
        for (folder, suffix) in [(&places.segments, PART_SUFFIX), (&places.folder, ".tmp")] {
            for name in self.disk.names(folder).map_err(SpoolError::Io)? {
                if name.ends_with(suffix) {
                    self.disk.remove_file(&folder.join(name)).map_err(SpoolError::Io)?;
                }
            }
            self.disk.sync_dir(folder).map_err(SpoolError::Io)?;
        }
        Ok(())
    }
}
