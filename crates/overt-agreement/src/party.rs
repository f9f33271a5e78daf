//! Who signs.

use serde::{Deserialize, Serialize};

use crate::agreement::require;
use crate::{AgreementError, PartyPublic};

/// On whose side a party stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Somebody who is recorded, for themselves.
    #[default]
    Person,
    /// Whoever the person works for.
    Employer,
    /// A works council or a union.
    Representative,
    /// A public authority, such as a labour inspectorate.
    Authority,
}

impl Role {
    /// The role for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Person => "the person who is recorded",
            Self::Employer => "the employer",
            Self::Representative => "the workers' representatives",
            Self::Authority => "a public authority",
        }
    }
}

/// A party as the text writes it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WrittenParty {
    name: String,
    #[serde(default)]
    role: Role,
    key: String,
}

impl WrittenParty {
    pub(crate) fn read(&self) -> Result<Party, AgreementError> {
        require(!self.name.trim().is_empty(), "parties.name", "is empty")?;
        Ok(Party { name: self.name.clone(), role: self.role, key: self.key.parse()? })
    }
}

/// Somebody whose signature the agreement needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    name: String,
    role: Role,
    key: PartyPublic,
}

impl Party {
    /// The name for people, such as "Works council".
    pub fn name(&self) -> &str {
        &self.name
    }

    /// On whose side it stands.
    pub fn role(&self) -> Role {
        self.role
    }

    /// What the party signs with.
    pub fn key(&self) -> &PartyPublic {
        &self.key
    }
}
