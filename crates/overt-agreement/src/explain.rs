//! Verdicts in words.

use overt_event::{DenyRule, Level, Verdict};

/// One sentence for people: what is kept of a window, or why nothing is.
pub fn explain(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Allow { app, level } => format!("Recorded as \"{}\", level {}.", app.0, kept(*level)),
        Verdict::Deny { rule } => format!("Not recorded: {}.", reason(*rule)),
    }
}

fn kept(level: Level) -> &'static str {
    match level {
        Level::Structure => {
            "structure: clicks, roles and names of controls, and the shape of what is typed; no pictures, no characters"
        }
        Level::Masked => {
            "masked: pictures with everything filled in but plain areas and labels of controls, and the shape of what is typed"
        }
        Level::Full => "full: pictures, titles and typed text, but never passwords",
    }
}

fn reason(rule: DenyRule) -> &'static str {
    match rule {
        DenyRule::AppNotAgreed => "the agreement does not name this application or this kind of window",
        DenyRule::NotConsented => "you have not opted in to this application",
        DenyRule::AppUnknown => "it is not known which application this is",
        DenyRule::NotInForce => "the agreement or your consent is not in force",
        DenyRule::SecretField => "a password field has the focus",
        DenyRule::FocusUnknown => "it is not known whether a password field has the focus",
        DenyRule::LevelHasNoPixels => "the agreed level keeps no pictures",
        DenyRule::LevelHasNoText => "the agreed level keeps no text",
        DenyRule::WindowsMoved => "windows moved while the picture was taken",
        DenyRule::OwnWindow => "it is the recorder's own window",
        DenyRule::Paused => "recording is paused",
        DenyRule::Unjudged => "a pause or the end came before it was known to be harmless",
        DenyRule::Narrowed => "a party, the administrator or you have taken this application out",
        DenyRule::SiteNotAgreed => "the terms do not name this site",
        DenyRule::SiteUnknown => "it is not known which site is shown, and the terms name sites",
        DenyRule::PrivateBrowsing => {
            "it is a private-browsing window, or may be one where the terms name sites"
        }
        DenyRule::QuietHours => "these are quiet hours",
        DenyRule::Locked => "the screen is locked, or it is not known whether it is",
        DenyRule::Exempt => "you are exempt, or have asked to be",
    }
}
