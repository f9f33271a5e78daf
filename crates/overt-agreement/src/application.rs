//! An application that may be recorded.

use overt_event::{AppIdentity, AppName, Level, WindowKind};
use serde::{Deserialize, Serialize};

use crate::agreement::require;
use crate::{AgreementError, SiteRule};

/// Characters of an application's name, at most.
const APP_NAME_CHARS_MAX: usize = 40;

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
    /// For a browser: the sites that are meant, and no others. Empty: whatever it shows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sites: Vec<SiteRule>,
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

    /// How much of a document of this host may be kept: the lowest of all sites that it lies in and
    /// of the application's own level. `None`: nothing.
    pub fn level_of_site(&self, host: &str) -> Option<Level> {
        let rules = self.sites.iter().filter(|s| s.host.covers(host));
        rules.map(|s| s.level).min()?.level().map(|l| l.min(self.level))
    }

    pub(crate) fn check(&self) -> Result<(), AgreementError> {
        require(name_fits(&self.name), "applications.name", "is not 1 to 40 of a-z, 0-9, - _ .")?;
        require(!self.exe.is_empty(), "applications.exe", "names none")?;
        require(
            self.exe.iter().all(|p| is_plain_path(p)),
            "applications.exe",
            "is not a plain absolute path",
        )?;
        require(!self.class.is_empty(), "applications.class", "names none")?;
        require(self.class.iter().all(|c| !c.trim().is_empty()), "applications.class", "is empty")?;
        let once = |(i, s): (usize, &SiteRule)| self.sites[..i].iter().all(|t| t.host != s.host);
        require(self.sites.iter().enumerate().all(once), "applications.sites", "names a host twice")
    }
}

pub(crate) fn name_fits(name: &AppName) -> bool {
    let letters = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b);
    (1..=APP_NAME_CHARS_MAX).contains(&name.0.len()) && name.0.bytes().all(letters)
}

fn is_plain_path(path: &str) -> bool {
    path.strip_prefix('/').is_some_and(|rest| rest.split('/').all(|part| !matches!(part, "" | "." | "..")))
}
