//! Imports a recording under an agreement of its own, opens it as a study would, and reduces it.

#![allow(dead_code, reason = "each test file uses a part of it")]

pub(crate) mod owa;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use overt_agreement::PartyKey;
use overt_event::{Record, WallTime};
use overt_format::{RecipientKind, RecordingDir};
use overt_import::{Format, ImportConfig, ImportError, Imported, import};
use overt_reduce::{Action, Closing, Settings, Step, reduce};
use overt_seal::Recipient;
use overt_spool::Limits;
use overt_unseal::keyfile::SecretKey;
use overt_unseal::{AccessLog, Grant, Opened, OwnKeys, TrainAgents, open};

pub(crate) const TODAY: WallTime = WallTime(20_779 * 86_400 + 43_200);
const STUDY: [u8; 32] = [2; 32];
const CONTRIBUTOR: [u8; 32] = [3; 32];

/// The folder of other people's recordings; `None`, and loudly so, where there is none.
pub(crate) fn data(recordings: u32) -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("OVERT_DATA") {
        return Some(PathBuf::from(folder));
    }
    assert!(std::env::var_os("CI").is_none(), "OVERT_DATA must name the folder of published recordings");
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    // Written past the test harness, which would keep it to itself.
    let _ = writeln!(
        std::io::stderr(),
        "SKIPPED {test}: {recordings} recordings were not imported, because OVERT_DATA names no folder of them"
    );
    None
}

/// What an import agreement says beside its source.
#[derive(Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) level: &'static str,
    pub(crate) cadence: &'static str,
    pub(crate) keys_without_focus: bool,
    pub(crate) unfiltered: bool,
    pub(crate) frames: bool,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            level: "full",
            cadence: "on_action",
            keys_without_focus: true,
            unfiltered: true,
            frames: false,
        }
    }
}

/// A folder for a spool and the keys of all sides.
pub(crate) struct Desk {
    folder: tempfile::TempDir,
    party: PartyKey,
}

impl Desk {
    pub(crate) fn new() -> Self {
        // Memory, where there is such a folder: thousands of recordings are synced many times each.
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        Self {
            folder: folder.expect("a folder"),
            party: PartyKey::generate("council").expect("random bytes"),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn agreement(&self, source: &str, wanted: Wanted) -> String {
        let text = format!(
            "title = \"T\"\nversion = 1\njurisdiction = \"none\"\nlawful_basis = \"licence\"\nassessment = \"1\"\n\
             starts = 2026-11-22\nends = 2026-11-22\npurposes = [\"train-agents\"]\ncadence = \"{}\"\n\
             [[parties]]\nname = \"P\"\nkey = \"{}\"\n\
             [[applications]]\nname = \"theirs\"\nexe = [\"/import/{source}\"]\nclass = [\"{source}\"]\nlevel = \"{}\"\n\
             [import]\nsource = \"{source}\"\nlicence = \"MIT, somebody\"\nkeys_without_focus = {}\nunfiltered = {}\n",
            wanted.cadence,
            self.party.public(),
            wanted.level,
            wanted.keys_without_focus,
            wanted.unfiltered,
        );
        self.party.sign(&text).expect("it signs")
    }

    pub(crate) fn import(&self, format: Format, src: &Path, wanted: Wanted) -> Result<Imported, ImportError> {
        self.import_under(&self.agreement(format.name(), wanted), format, src, wanted.frames)
    }

    pub(crate) fn import_under(
        &self,
        agreement: &str,
        format: Format,
        src: &Path,
        frames: bool,
    ) -> Result<Imported, ImportError> {
        let recipient = |kind, key| Recipient::new(kind, "", SecretKey::from_bytes(&key).public());
        import(
            format,
            src,
            &ImportConfig {
                dictionary: None,
                agreement: overt_agreement::verify(agreement, &[self.party.public()])?,
                layers: Vec::new(),
                contributor: recipient(RecipientKind::Contributor, CONTRIBUTOR),
                study: Some(recipient(RecipientKind::Study, STUDY)),
                out: &self.path().join("spool"),
                limits: Limits { bytes_max: 4 << 30, free_bytes_min: 0 },
                frames,
                now: TODAY,
            },
        )
    }

    pub(crate) fn open(&self, recording: &Path) -> Opened<TrainAgents> {
        let dir = RecordingDir::local(recording).expect("it reads");
        let mut keys = OwnKeys::new();
        keys.add(SecretKey::from_bytes(&STUDY));
        let grant = Grant::<TrainAgents>::new("a test", "to see what was imported");
        let mut log = AccessLog::open(&self.path().join("openings.jsonl")).expect("a log");
        open(&dir, &grant, &keys, &mut log).expect("it opens")
    }

    pub(crate) fn records(&self, recording: &Path) -> Vec<Record> {
        self.open(recording).map(|item| *item.expect("it reads").stored.record).collect()
    }

    pub(crate) fn steps(&self, recording: &Path) -> (Vec<Step>, Closing) {
        let mut reduction = reduce(self.open(recording), Settings::default());
        let steps = reduction.by_ref().map(|step| step.expect("it reduces")).collect();
        let closing = reduction.close();
        assert!(closing.ledger.is_balanced(), "every event ends somewhere: {:?}", closing.ledger);
        (steps, closing)
    }

    /// All but the end.
    pub(crate) fn actions(&self, recording: &Path) -> Vec<Step> {
        let (steps, _) = self.steps(recording);
        steps.into_iter().filter(|s| !matches!(s.action, Action::Finish { .. })).collect()
    }
}

/// The steps a line each, without what was typed.
pub(crate) fn tell(steps: &[Step]) -> String {
    steps
        .iter()
        .map(|s| format!("{:.3} {} {:?}\n", s.t_start.0 as f64 / 1e9, s.action.kind(), s.action.at()))
        .collect()
}
