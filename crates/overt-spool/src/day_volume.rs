//! How many sealed bytes were written on the present day, over all recordings of a spool.
//!
//! A small file says so, and nothing else: a day and a number. Bytes are counted *before* they are
//! written, some at a time, so that a recorder that is killed has never written more than the file says.
//! (docs/spec/segment.md, section 2)

use std::io::{self, Read as _};
use std::path::PathBuf;
use std::sync::Arc;

use overt_event::Day;
use serde::{Deserialize, Serialize};

use crate::disk::{Disk, OsDisk, replace};
use crate::error::SpoolError;
use crate::spool::Spool;

const VOLUME_FILE: &str = "volume.json";
const VERSION: u32 = 1;
/// The file is small; what is longer is not ours.
const FILE_BYTES_MAX: u64 = 1_024;

/// The file's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Counted {
    version: u32,
    day: Day,
    bytes: u64,
}

/// The count of one recorder. Recorders of the same spool that run one after the other share the file.
pub struct DayVolume<D: Disk = OsDisk> {
    disk: Arc<D>,
    root: PathBuf,
    /// How many bytes are counted ahead at a time.
    step_bytes: u64,
    day: Day,
    /// Of this day, those of other recordings included.
    used_bytes: u64,
    /// What the file says; never less than `used_bytes`.
    counted_bytes: u64,
}

impl<D: Disk> Spool<D> {
    /// Goes on counting where the last recorder of this day stopped, `step_bytes` (1 or more) at a time:
    /// a recorder that is killed leaves at most so many too many.
    ///
    /// A file that does not read, or that is of another day, counts as nothing.
    pub fn day_volume(&self, day: Day, step_bytes: u64) -> Result<DayVolume<D>, SpoolError> {
        let (disk, root) = (Arc::clone(&self.disk), self.root.clone());
        let mut volume =
            DayVolume { disk, root, step_bytes: step_bytes.max(1), day, used_bytes: 0, counted_bytes: 0 };
        if let Some(counted) = volume.read()?.filter(|c| c.day == day) {
            (volume.used_bytes, volume.counted_bytes) = (counted.bytes, counted.bytes);
        }
        Ok(volume)
    }
}

impl<D: Disk> DayVolume<D> {
    /// So many bytes more are about to be written. On another day the count begins anew.
    ///
    /// Errors: [`SpoolError::Full`], [`SpoolError::Io`]; then they shall not be written.
    pub fn add(&mut self, len_bytes: u64, day: Day) -> Result<(), SpoolError> {
        if day != self.day {
            (self.day, self.used_bytes, self.counted_bytes) = (day, 0, 0);
        }
        self.used_bytes += len_bytes;
        if self.used_bytes > self.counted_bytes {
            self.write(self.used_bytes.saturating_add(self.step_bytes))?;
        }
        Ok(())
    }

    /// Sealed bytes of that day; 0 when it is not the day that is being counted.
    pub fn bytes(&self, day: Day) -> u64 {
        if day == self.day { self.used_bytes } else { 0 }
    }

    /// Gives back what was counted ahead and not written.
    pub fn finish(mut self) -> Result<(), SpoolError> {
        if self.counted_bytes == self.used_bytes {
            return Ok(());
        }
        self.write(self.used_bytes)
    }

    fn write(&mut self, bytes: u64) -> Result<(), SpoolError> {
        let counted = Counted { version: VERSION, day: self.day, bytes };
        // A struct of numbers has no way not to be JSON.
        let mut text = serde_json::to_vec(&counted).unwrap_or_default();
        text.push(b'\n');
        replace(&*self.disk, &self.root, VOLUME_FILE, &text)
            .map_err(SpoolError::writing(text.len() as u64))?;
        self.counted_bytes = bytes;
        Ok(())
    }

    fn read(&self) -> Result<Option<Counted>, SpoolError> {
        let mut text = Vec::new();
        match self.disk.read(&self.root.join(VOLUME_FILE)) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            read => {
                read.and_then(|r| r.take(FILE_BYTES_MAX).read_to_end(&mut text)).map_err(SpoolError::Io)?
            }
        };
        let counted = serde_json::from_slice::<Counted>(&text).ok();
        Ok(counted.filter(|c| c.version == VERSION))
    }
}

#[cfg(test)]
#[allow(clippy::arc_with_non_send_sync, reason = "a simulated disk stays on its test's thread")]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::sim_disk::{Lot, ROOT, SimDisk};
    use crate::spool::Limits;

    const TODAY: Day = Day(20_779);
    const STEP: u64 = 100;

    fn spool(disk: &Arc<SimDisk>) -> Spool<SimDisk> {
        let limits = Limits { bytes_max: 1 << 20, free_bytes_min: 0 };
        Spool::open_on(Arc::clone(disk), Path::new(ROOT), limits).expect("it opens")
    }

    fn volume(disk: &Arc<SimDisk>) -> DayVolume<SimDisk> {
        spool(disk).day_volume(TODAY, STEP).expect("it reads")
    }

    fn disk() -> Arc<SimDisk> {
        Arc::new(SimDisk::new(Path::new(ROOT)))
    }

    #[test]
    fn the_next_recorder_of_the_day_goes_on_and_another_day_begins_anew() {
        let disk = disk();
        let mut first = volume(&disk);
        first.add(30, TODAY).expect("room");
        first.add(250, TODAY).expect("room");
        assert_eq!(first.bytes(TODAY), 280);
        first.finish().expect("room");
        let mut second = volume(&disk);
        assert_eq!(second.bytes(TODAY), 280, "a clean end gives back what was counted ahead");
        let tomorrow = Day(TODAY.0 + 1);
        assert_eq!(second.bytes(tomorrow), 0);
        second.add(7, tomorrow).expect("room");
        assert_eq!((second.bytes(tomorrow), second.bytes(TODAY)), (7, 0));
    }

    #[test]
    fn a_crash_at_any_step_never_takes_bytes_out_of_the_count() {
        for seed in 0..300 {
            let (disk, mut lot) = (disk(), Lot::new(seed));
            let mut acknowledged = 0;
            for _ in 0..4 {
                let mut volume = volume(&disk);
                assert!(volume.bytes(TODAY) >= acknowledged, "seed {seed}: bytes were lost");
                // What was to be written when the machine stopped may be counted, too.
                let most = acknowledged + STEP + 60;
                assert!(volume.bytes(TODAY) <= most, "seed {seed}: a crash costs one step at most");
                acknowledged = volume.bytes(TODAY);
                disk.steps_left.set(lot.draw(40));
                while volume.add(lot.draw(60), TODAY).is_ok() && disk.steps_left.get() > 0 {
                    acknowledged = volume.bytes(TODAY);
                }
                disk.crash(&mut lot);
            }
        }
    }

    #[test]
    fn a_file_that_does_not_read_counts_as_nothing() {
        for bad in ["", "nonsense", r#"{"version":9,"day":20779,"bytes":5}"#, r#"{"version":1}"#] {
            let disk = disk();
            replace(&*disk, Path::new(ROOT), VOLUME_FILE, bad.as_bytes()).expect("room");
            assert_eq!(volume(&disk).bytes(TODAY), 0, "{bad}");
        }
    }
}
