//! What an agreement says.

use std::collections::BTreeSet;

use overt_event::{AppIdentity, AppName, Day, Purpose, WindowKind};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::note::Note;
use crate::party::WrittenParty;
use crate::{
    AgreementError, Application, Budget, Cadence, Import, Jurisdiction, Most, Party, Quiet, QuietHours, day,
};

/// Days between the sight of a widened version and the first on which it counts, where none are written.
const WAITING_DAYS: u32 = 7;
/// Days that a version can wait, or a recording be kept, at most.
const DAYS_MAX: u32 = 3_660;

/// The terms as written. Reading one does not mean that anybody signed it; see [`crate::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    written: Written,
    parties: Vec<Party>,
    quiet: Option<Quiet>,
}

/// The text's own shape (docs/spec/agreement.md, section 2).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    title: String,
    version: u32,
    jurisdiction: Jurisdiction,
    lawful_basis: String,
    assessment: String,
    consultation: Option<String>,
    permit: Option<String>,
    contact: Option<String>,
    threshold: Option<u32>,
    #[serde(default = "waiting_days")]
    waiting_days: u32,
    retention_days: Option<u32>,
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
    time_zone: Option<String>,
    #[serde(default)]
    quiet_hours: Vec<QuietHours>,
    parties: Vec<WrittenParty>,
    applications: Vec<Application>,
    import: Option<Import>,
}

fn waiting_days() -> u32 {
    WAITING_DAYS
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
        let distinct =
            (1..parties.len()).all(|i| !parties[..i].iter().any(|p| p.key().is_key_of(parties[i].key())));
        require(distinct, "parties", "names a key twice")?;
        let quiet = Quiet::read(written.time_zone.as_deref(), &written.quiet_hours)?;
        Ok(Self { written, parties, quiet })
    }

    /// What the text calls itself.
    pub fn title(&self) -> &str {
        &self.written.title
    }

    /// 1 or more; a changed text has a higher one.
    pub fn version(&self) -> u32 {
        self.written.version
    }

    /// Whose law applies.
    pub fn jurisdiction(&self) -> Jurisdiction {
        self.written.jurisdiction
    }

    /// The basis of the processing, as written.
    pub fn lawful_basis(&self) -> &str {
        &self.written.lawful_basis
    }

    /// The reference of the impact assessment, as written.
    pub fn assessment(&self) -> &str {
        &self.written.assessment
    }

    /// Where the views of the people or their representatives are written down.
    pub fn consultation(&self) -> Option<&str> {
        self.written.consultation.as_deref()
    }

    /// The reference of an authority's permit.
    pub fn permit(&self) -> Option<&str> {
        self.written.permit.as_deref()
    }

    /// Whom to ask and to complain to.
    pub fn contact(&self) -> Option<&str> {
        self.written.contact.as_deref()
    }

    /// How many parties have to sign: all of them, unless fewer are written. A version that widens
    /// an earlier one needs all of them in any case.
    pub fn threshold(&self) -> usize {
        self.written.threshold.map_or(self.parties.len(), |n| n as usize)
    }

    /// Days from the sight of a version that widens this one to the first on which that counts.
    pub fn waiting_days(&self) -> u32 {
        self.written.waiting_days
    }

    /// Days for which a recording is kept at most.
    pub fn retention_days(&self) -> Option<u32> {
        self.written.retention_days
    }

    /// The first day whose recordings are still kept; what is older is overdue. `None`: nothing ever is.
    pub fn first_day_kept(&self, today: Day) -> Option<Day> {
        let days = i32::try_from(self.retention_days()?).ok()?;
        Some(Day(today.0.saturating_sub(days)))
    }

    /// When nothing is recorded, whatever else is agreed.
    pub fn quiet(&self) -> Option<&Quiet> {
        self.quiet.as_ref()
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

    /// Set when it is no agreement to record, but one to bring in somebody else's published recordings.
    pub fn import(&self) -> Option<&Import> {
        self.written.import.as_ref()
    }

    /// What may be recorded, in the text's order; never empty.
    pub fn applications(&self) -> &[Application] {
        &self.written.applications
    }

    /// The most that may be kept of a window that shows a document of this host, whoever consents:
    /// the lowest of all applications that it fits.
    pub(crate) fn most_of(&self, app: &AppIdentity, kind: WindowKind, host: &str) -> Most {
        let fitting = self.applications().iter().filter(|a| a.fits(app, kind));
        let level = |a: &Application| {
            if a.sites.is_empty() {
                a.level.into()
            } else {
                a.level_of_site(host).map_or(Most::None, Most::from)
            }
        };
        fitting.map(level).min().unwrap_or(Most::None)
    }
}

/// SHA-256 of a text.
pub(crate) fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

pub(crate) fn syntax(text: &str, error: &toml::de::Error) -> AgreementError {
    let before = error.span().and_then(|s| text.get(..s.start)).unwrap_or_default();
    let (line, message) = (before.matches('\n').count() + 1, error.message().to_owned());
    if singles_out(&message) {
        AgreementError::Unequal { line }
    } else {
        AgreementError::Syntax { line, message }
    }
}

/// Whether an unknown key would have made the terms depend on who somebody is.
fn singles_out(message: &str) -> bool {
    const STEMS: [&str; 17] = [
        "rank",
        "grade",
        "seniority",
        "position",
        "job",
        "contract",
        "employment",
        "department",
        "team",
        "group",
        "people",
        "person",
        "names",
        "user",
        "except",
        "exclude",
        "exempt",
    ];
    let key = message.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next());
    key.is_some_and(|key| STEMS.iter().any(|stem| key.contains(stem)))
}

pub(crate) fn require(holds: bool, field: &'static str, problem: &'static str) -> Result<(), AgreementError> {
    if holds { Ok(()) } else { Err(AgreementError::Field { field, problem }) }
}

pub(crate) fn all_distinct<'a>(mut names: impl Iterator<Item = &'a AppName>) -> bool {
    let mut seen = BTreeSet::new();
    names.all(|n| seen.insert(n))
}

impl Written {
    fn check(&self) -> Result<(), AgreementError> {
        for (text, field) in [
            (Some(&self.title), "title"),
            (Some(&self.lawful_basis), "lawful_basis"),
            (Some(&self.assessment), "assessment"),
            (self.consultation.as_ref(), "consultation"),
            (self.permit.as_ref(), "permit"),
            (self.contact.as_ref(), "contact"),
        ] {
            require(text.is_none_or(|t| !t.trim().is_empty()), field, "is empty")?;
        }
        require(self.version >= 1, "version", "is less than 1")?;
        require(self.starts <= self.ends, "ends", "is before \"starts\"")?;
        require(!self.purposes.is_empty(), "purposes", "names none")?;
        require(!self.parties.is_empty(), "parties", "names nobody")?;
        let threshold = self.threshold.is_none_or(|n| (1..=self.parties.len()).contains(&(n as usize)));
        require(threshold, "threshold", "is not in 1 to the number of parties")?;
        require(self.waiting_days <= DAYS_MAX, "waiting_days", "is not in 0..3660")?;
        let kept = self.retention_days.is_none_or(|n| (1..=DAYS_MAX).contains(&n));
        require(kept, "retention_days", "is not in 1..3660")?;
        self.cadence.check()?;
        self.budget.check()?;
        self.check_applications()?;
        self.import.as_ref().map_or(Ok(()), |import| import.check(&self.applications))
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
