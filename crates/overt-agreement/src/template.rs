//! The text a new agreement begins as.

use std::fmt::Write as _;

use overt_event::{Day, Purpose};
use toml::Value;

use crate::{Application, Budget, Cadence, PartyPublic, day};

/// What `agreement new` knows; everything else is for the parties to write.
pub struct Draft<'a> {
    pub title: &'a str,
    /// The first party's name for people.
    pub party: &'a str,
    pub key: &'a PartyPublic,
    pub starts: Day,
    /// The last day, included.
    pub ends: Day,
    /// Whether a program does the work.
    pub scripted: bool,
    pub cadence: Cadence,
    /// What recordings may be opened for.
    pub purposes: &'a [Purpose],
    /// May be empty; then the text does not count until one is written.
    pub applications: &'a [Application],
}

/// The text of an agreement to read, complete and sign, with a line on what each key means.
///
/// With at least one application it parses as it is.
pub fn template(draft: &Draft<'_>) -> String {
    let mut out = head(draft);
    let _ = write!(out, "{}", party(draft));
    if draft.applications.is_empty() {
        out.push_str(EXAMPLE);
    }
    for app in draft.applications {
        let _ = write!(out, "{}", application(app));
    }
    out
}

fn head(draft: &Draft<'_>) -> String {
    let date = |d| day::text_from_day(d).unwrap_or_default();
    format!(
        "\
# What is signed is this text. Everything that is not named here is not recorded.
title = {title}
version = 1

# Whose law applies: none (a person who records themselves, for nobody else), EU, DE, FR, IT, UK,
# US-NY or US-CA. What that asks for, `overt agreement verify` tells.
jurisdiction = \"none\"
lawful_basis = \"consent\"
# The impact assessment, with its digest as sha256:... where one is asked for.
assessment = \"none made\"

# A version that allows more counts only so many days after it was seen. It needs every signature.
waiting_days = 0

# The first and the last day, in UTC.
starts = {starts}
ends = {ends}

# What recordings may be opened for: train-agents, evaluate-agents, subject-access.
purposes = {purposes}

# Whether a program does the work, so that its input may be trained on.
scripted = {scripted}

# When pictures are taken: \"none\", \"on_action\", {{ on_change = {{ frames_per_sec = 5 }} }}
# or {{ periodic = {{ secs = 60 }} }}.
cadence = {cadence}

# What it may cost the machine: percent of one core, sealed megabytes a day, and whether it records
# on the battery and on a metered network.
budget = {budget}

# Who signs: role is person, employer, representative or authority. All of them, unless
# \"threshold\" names a smaller number. Any one of them can narrow or stop.
",
        title = quoted(draft.title),
        starts = date(draft.starts),
        ends = date(draft.ends),
        scripted = draft.scripted,
        purposes = inline(&draft.purposes),
        cadence = inline(&draft.cadence),
        budget = inline(&Budget::default()),
    )
}

fn party(draft: &Draft<'_>) -> String {
    format!(
        "[[parties]]\nname = {}\nrole = \"person\"\nkey = {}\n\n{APPLICATIONS}",
        quoted(draft.party),
        quoted(&draft.key.to_string())
    )
}

const APPLICATIONS: &str = "\
# What may be recorded: executables, window classes, and how much at most.
# structure: no pictures, no characters. masked: pictures of plain areas and labels of controls.
# full: pictures and text, never passwords.
";

const EXAMPLE: &str = "\
# [[applications]]
# name = \"editor\"
# exe = [\"/usr/bin/mousepad\"]
# class = [\"Mousepad\"]
# level = \"structure\"
";

fn application(app: &Application) -> String {
    let body = toml::to_string(app).unwrap_or_default();
    format!("[[applications]]\n{body}\n")
}

/// A value as TOML writes it after an equals sign.
fn inline(value: &impl serde::Serialize) -> String {
    let value = Value::try_from(value);
    value.map_or_else(|_| String::new(), |v| v.to_string())
}

/// A TOML text on one line: a signed text has no control characters.
fn quoted(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    Value::String(line).to_string()
}
