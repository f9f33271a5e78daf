//! What an agreement says.

use std::collections::BTreeSet;

use overt_event::{AppIdentity, AppName, Day, Level, Purpose, WindowKind};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::note::Note;
use crate::{AgreementError, Budget, PartyPublic, day};

/// Pictures a second, at most.
const FRAMES_PER_SEC_MAX: u32 = 30;
/// Seconds between two pictures on a timer, at most.
const PERIODIC_SECS_MAX: u32 = 3_600;
/// Characters of an application's name, at most.
const APP_NAME_CHARS_MAX: usize = 40;

/// The terms as written. Reading one does not mean that anybody signed it; see [`crate::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    written: Written,
    parties: Vec<Party>,
}

/// The text's own shape (docs/spec/agreement.md, section 2).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    title: String,
    version: u32,
    jurisdiction: String,
    lawful_basis: String,
    assessment: String,
    #[serde(with = "day::as_toml")]
    starts: Day,
    #[serde(with = "day::as_toml")]
    ends: Day,
    purposes: BTreeSet<Purpose>,
    #[serde(default)]
    scripted: bool,
    cadence: Cadence,
    #[serde(default)]
    budget: Budget,
    parties: Vec<WrittenParty>,
    applications: Vec<Application>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenParty {
    name: String,
    key: String,
}

/// Somebody whose signature the agreement needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    name: String,
    key: PartyPublic,
}

impl Party {
    /// The name for people, such as "Works council".
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the party signs with.
    pub fn key(&self) -> &PartyPublic {
        &self.key
    }
}

/// When pictures of the screen are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Cadence {
    /// When something changed, up to 1..=30 times a second. Those before and after an action come out of
    /// their turn, and the next one in turn waits as much longer.
    OnChange { frames_per_sec: u32 },
    /// Before and after each action only.
    OnAction,
    /// One every 1..=3600 seconds while an agreed application is in use.
    Periodic { secs: u32 },
    /// Never.
    None,
}

/// An application that may be recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Application {
    pub name: AppName,
    /// Absolute paths; at least one.
    pub exe: Vec<String>,
    /// Classes of `WM_CLASS`; at least one.
    pub class: Vec<String>,
    /// How much, at most.
    pub level: Level,
    /// Which of its desktop and dock windows are meant beside the ordinary ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<ExtraKind>,
}

/// A kind of window that is never meant unless it is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExtraKind {
    Desktop,
    Dock,
}

impl Application {
    /// Whether a window of this identity and kind is meant. A popup without a class is judged by its
    /// executable alone.
    pub fn fits(&self, app: &AppIdentity, kind: WindowKind) -> bool {
        let exe = app.exe.as_ref().is_some_and(|exe| self.exe.contains(exe));
        let class = match &app.class {
            Some(class) => self.class.contains(class),
            None => kind == WindowKind::Popup,
        };
        exe && class && self.means(kind)
    }

    fn means(&self, kind: WindowKind) -> bool {
        match kind {
            WindowKind::Desktop => self.kinds.contains(&ExtraKind::Desktop),
            WindowKind::Dock => self.kinds.contains(&ExtraKind::Dock),
            WindowKind::Normal | WindowKind::Dialog | WindowKind::Popup | WindowKind::Unknown => true,
        }
    }
}

impl Agreement {
    /// Reads an agreement, signed or not, without asking who signed it.
    ///
    /// Errors: [`AgreementError::Syntax`], [`AgreementError::Field`], [`AgreementError::Key`] and those
    /// of the signed note's form.
    pub fn parse_unsigned(text: &str) -> Result<Self, AgreementError> {
        let text = Note::parse(text)?.text;
        let written: Written = toml::from_str(text).map_err(|e| syntax(text, &e))?;
        written.check()?;
        let parties = written.parties.iter().map(WrittenParty::read).collect::<Result<Vec<_>, _>>()?;
        let distinct = (1..parties.len()).all(|i| !parties[..i].iter().any(|p| p.key == parties[i].key));
        require(distinct, "parties", "names a key twice")?;
        Ok(Self { written, parties })
    }

    /// What the text calls itself.
    pub fn title(&self) -> &str {
        &self.written.title
    }

    /// 1 or more; a changed text has a higher one.
    pub fn version(&self) -> u32 {
        self.written.version
    }

    /// Whose law applies, as written.
    pub fn jurisdiction(&self) -> &str {
        &self.written.jurisdiction
    }

    /// The basis of the processing, as written.
    pub fn lawful_basis(&self) -> &str {
        &self.written.lawful_basis
    }

    /// The reference of the impact assessment, as written.
    pub fn assessment(&self) -> &str {
        &self.written.assessment
    }

    /// The first day it is in force, in UTC.
    pub fn starts(&self) -> Day {
        self.written.starts
    }

    /// The last day it is in force, in UTC.
    pub fn ends(&self) -> Day {
        self.written.ends
    }

    /// What recordings may be opened for; never empty.
    pub fn purposes(&self) -> &BTreeSet<Purpose> {
        &self.written.purposes
    }

    /// Whether a program does the work, so that injected input may be trained on.
    pub fn scripted(&self) -> bool {
        self.written.scripted
    }

    /// When pictures are taken.
    pub fn cadence(&self) -> Cadence {
        self.written.cadence
    }

    /// What recording may cost the person's machine.
    pub fn budget(&self) -> Budget {
        self.written.budget
    }

    /// Who signs; never empty.
    pub fn parties(&self) -> &[Party] {
        &self.parties
    }

    /// What may be recorded, in the text's order; never empty.
    pub fn applications(&self) -> &[Application] {
        &self.written.applications
    }
}

/// SHA-256 of a text.
pub(crate) fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

pub(crate) fn syntax(text: &str, error: &toml::de::Error) -> AgreementError {
    let before = error.span().and_then(|s| text.get(..s.start)).unwrap_or_default();
    AgreementError::Syntax { line: before.matches('\n').count() + 1, message: error.message().to_owned() }
}

pub(crate) fn require(holds: bool, field: &'static str, problem: &'static str) -> Result<(), AgreementError> {
    if holds { Ok(()) } else { Err(AgreementError::Field { field, problem }) }
}

pub(crate) fn all_distinct<'a>(mut names: impl Iterator<Item = &'a AppName>) -> bool {
    let mut seen = BTreeSet::new();
    names.all(|n| seen.insert(n))
}

impl WrittenParty {
    fn read(&self) -> Result<Party, AgreementError> {
        require(!self.name.trim().is_empty(), "parties.name", "is empty")?;
        Ok(Party { name: self.name.clone(), key: self.key.parse()? })
    }
}

impl Written {
    fn check(&self) -> Result<(), AgreementError> {
        for (text, field) in [
            (&self.title, "title"),
            (&self.jurisdiction, "jurisdiction"),
            (&self.lawful_basis, "lawful_basis"),
            (&self.assessment, "assessment"),
        ] {
            require(!text.trim().is_empty(), field, "is empty")?;
        }
        require(self.version >= 1, "version", "is less than 1")?;
        require(self.starts <= self.ends, "ends", "is before \"starts\"")?;
        require(!self.purposes.is_empty(), "purposes", "names none")?;
        require(!self.parties.is_empty(), "parties", "names nobody")?;
        self.cadence.check()?;
        self.budget.check()?;
        self.check_applications()
    }

    fn check_applications(&self) -> Result<(), AgreementError> {
        require(!self.applications.is_empty(), "applications", "names none")?;
        require(
            all_distinct(self.applications.iter().map(|a| &a.name)),
            "applications.name",
            "is there twice",
        )?;
        self.applications.iter().try_for_each(Application::check)?;
        let mut pairs = BTreeSet::new();
        let unambiguous = self
            .applications
            .iter()
            .flat_map(|a| a.exe.iter().flat_map(move |exe| a.class.iter().map(move |class| (exe, class))))
            .all(|pair| pairs.insert(pair));
        require(unambiguous, "applications", "names the same executable and class twice")
    }
}

impl std::fmt::Display for Cadence {
    /// As public files name it, such as `on_action` or `on_change 10/s`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::OnChange { frames_per_sec } => write!(f, "on_change {frames_per_sec}/s"),
            Self::OnAction => write!(f, "on_action"),
            Self::Periodic { secs } => write!(f, "periodic {secs} s"),
            Self::None => write!(f, "none"),
        }
    }
}

impl Cadence {
    fn check(self) -> Result<(), AgreementError> {
        match self {
            Self::OnChange { frames_per_sec: n } => {
                require((1..=FRAMES_PER_SEC_MAX).contains(&n), "cadence.frames_per_sec", "is not in 1..30")
            }
            Self::Periodic { secs: n } => {
                require((1..=PERIODIC_SECS_MAX).contains(&n), "cadence.secs", "is not in 1..3600")
            }
            Self::OnAction | Self::None => Ok(()),
        }
    }
}

impl Application {
    fn check(&self) -> Result<(), AgreementError> {
        require(name_fits(&self.name), "applications.name", "is not 1 to 40 of a-z, 0-9, - _ .")?;
        require(!self.exe.is_empty(), "applications.exe", "names none")?;
        require(
            self.exe.iter().all(|p| is_plain_path(p)),
            "applications.exe",
            "is not a plain absolute path",
        )?;
        require(!self.class.is_empty(), "applications.class", "names none")?;
        require(self.class.iter().all(|c| !c.trim().is_empty()), "applications.class", "is empty")
    }
}

fn name_fits(name: &AppName) -> bool {
    let letters = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b);
    (1..=APP_NAME_CHARS_MAX).contains(&name.0.len()) && name.0.bytes().all(letters)
}

fn is_plain_path(path: &str) -> bool {
    path.strip_prefix('/').is_some_and(|rest| rest.split('/').all(|part| !matches!(part, "" | "." | "..")))
}
