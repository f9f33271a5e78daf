//! Web sites, by the host of the document.

use std::fmt;

use overt_event::Level;
use serde::{Deserialize, Serialize};

/// Bytes of a host, at most (RFC 1035, section 2.3.4).
const HOST_BYTES_MAX: usize = 253;
/// Bytes between two dots, at most (as above).
const LABEL_BYTES_MAX: usize = 63;

/// A host, lower case and in ASCII, such as `intranet.example.org`. It stands for itself and for
/// every host below it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Host(String);

impl Host {
    /// The host as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a document's host is this one or lies below it. Case and a final dot do not matter.
    pub fn covers(&self, host: &str) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host).as_bytes();
        let Some(at) = host.len().checked_sub(self.0.len()) else { return false };
        host[at..].eq_ignore_ascii_case(self.0.as_bytes()) && (at == 0 || host[at - 1] == b'.')
    }
}

impl TryFrom<String> for Host {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let letters = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let label = |l: &str| (1..=LABEL_BYTES_MAX).contains(&l.len()) && l.bytes().all(letters);
        // A single label would stand for a whole top-level domain.
        let deep = text.contains('.') || text == "localhost";
        if deep && text.len() <= HOST_BYTES_MAX && text.split('.').all(label) {
            return Ok(Self(text));
        }
        Err("expected a host such as intranet.example.org, in lower case, without scheme, port or path")
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The most that may be kept of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Most {
    /// Nothing.
    None,
    Structure,
    Masked,
    Full,
}

impl Most {
    /// The level; `None` where nothing may be kept.
    pub fn level(self) -> Option<Level> {
        match self {
            Self::None => None,
            Self::Structure => Some(Level::Structure),
            Self::Masked => Some(Level::Masked),
            Self::Full => Some(Level::Full),
        }
    }
}

impl From<Level> for Most {
    fn from(level: Level) -> Self {
        match level {
            Level::Structure => Self::Structure,
            Level::Masked => Self::Masked,
            Level::Full => Self::Full,
        }
    }
}

/// How much of a site may be kept, at most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteRule {
    pub host: Host,
    /// `none` takes a part out of a site that is named.
    pub level: Most,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(text: &str) -> Result<Host, &'static str> {
        Host::try_from(text.to_owned())
    }

    #[test]
    fn a_host_stands_for_itself_and_what_is_below() {
        let site = host("example.org").expect("it is one");
        for inside in ["example.org", "a.example.org", "A.B.Example.ORG", "example.org."] {
            assert!(site.covers(inside), "{inside}");
        }
        for outside in ["", "org", "notexample.org", "example.org.evil.net", "example.com", "é.example.or"] {
            assert!(!site.covers(outside), "{outside}");
        }
    }

    #[test]
    fn what_is_not_a_host_is_refused() {
        for good in ["localhost", "127.0.0.1", "xn--bcher-kva.example"] {
            assert!(host(good).is_ok(), "{good}");
        }
        for bad in
            ["", "org", ".org", "a..b", "Example.org", "a.org/x", "a.org:80", "*.a.org", "bücher.example"]
        {
            assert!(host(bad).is_err(), "{bad}");
        }
        assert!(host(&format!("{}.org", "a".repeat(64))).is_err());
    }
}
