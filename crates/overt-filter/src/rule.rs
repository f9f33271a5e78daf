//! A rule, and how it is read.

use overt_event::SecretKind;
use regex::Regex;
use serde::Deserialize;

use crate::FilterError;
use crate::checks::Check;

/// One separator of the groups of a number.
const SEPARATOR: &str = r"[ \-\u{a0}\u{2007}\u{2009}\u{202f}\u{2010}-\u{2013}]";
/// Words for a one-time code, in the languages whose numbers the rules know. Alone `code` and `pin` are
/// not among them: there are codes of errors and of countries.
const CODE: &str = "verification code|security code|confirmation code|authentication code|login code|\
    access code|sign-?in code|one[ -]time(?: pass)?[ -]?(?:code|password|pin)|passcode|otp|totp|2fa(?: code)?|\
    mfa(?: code)?|sms[ -]?code|auth code|tan|smstan|mtan|pin code|bestätigungscode|sicherheitscode|\
    verifizierungscode|einmalcode|einmalpasswort|anmeldecode|zugangscode|code de vérification|\
    code de sécurité|code de confirmation|code à usage unique|código de verificación|código de seguridad|\
    clave de un solo uso|codice di verifica|codice di sicurezza|código de verificação|verificatiecode|\
    beveiligingscode|eenmalige code|kod weryfikacyjny|kod jednorazowy|verifieringskod|engångskod|\
    vahvistuskoodi|kertakäyttökoodi|bekræftelseskode|engangskode";

/// The file's form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    rule: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    kind: SecretKind,
    pattern: String,
    /// One pattern for each number from the first to the second, in the place of `{N}`.
    repeat: Option<[u32; 2]>,
    check: Check,
    /// How it begins, where its issuer published that.
    #[serde(default)]
    begins: Vec<String>,
    source: String,
    finds: Vec<String>,
    passes: Vec<String>,
}

/// A compiled rule.
pub(crate) struct Rule {
    #[cfg_attr(not(test), allow(dead_code, reason = "tests name the rule that fails"))]
    pub(crate) name: String,
    pub(crate) kind: SecretKind,
    pub(crate) patterns: Vec<Regex>,
    pub(crate) check: Check,
    pub(crate) begins: Vec<String>,
    /// Texts in which it is found, and texts in which it is not.
    #[cfg_attr(not(test), allow(dead_code, reason = "the examples are run by tests"))]
    pub(crate) examples: (Vec<String>, Vec<String>),
}

/// Reads rules. Errors: any of them is not of its form, does not compile or has no examples.
pub(crate) fn read(text: &str) -> Result<Vec<Rule>, FilterError> {
    let file: RuleFile = toml::from_str(text).map_err(FilterError::Rules)?;
    file.rule.into_iter().map(compile).collect()
}

fn compile(entry: Entry) -> Result<Rule, FilterError> {
    let fault = |what| FilterError::Rule { rule: entry.name.clone(), what };
    if entry.finds.is_empty() || entry.passes.is_empty() || entry.source.is_empty() {
        return Err(fault("has no source, or no examples of what it finds and what it passes"));
    }
    let pattern = entry.pattern.replace("{S}", SEPARATOR).replace("{CODE}", CODE);
    // Boundaries of ASCII words: those of Unicode cannot be looked for as fast.
    let pattern = pattern.replace(r"\b", r"(?-u:\b)");
    if entry.repeat.is_some() != pattern.contains("{N}") {
        return Err(fault("has `{N}` without `repeat`, or the other way round"));
    }
    let spelled: Vec<String> = match entry.repeat {
        // The longest first: the shorter ones are looked for where it is not found.
        Some([from, to]) => (from..=to).rev().map(|n| pattern.replace("{N}", &format!("{{{n}}}"))).collect(),
        None => vec![pattern],
    };
    let compiled = spelled.iter().map(|p| compile_pattern(&entry.name, p)).collect::<Result<Vec<_>, _>>()?;
    if compiled.is_empty() || compiled.iter().any(|r| r.is_match("")) {
        return Err(fault("matches nothing at all, which is everywhere"));
    }
    let Entry { name, kind, check, begins, finds, passes, .. } = entry;
    Ok(Rule { name, kind, patterns: compiled, check, begins, examples: (finds, passes) })
}

fn compile_pattern(rule: &str, pattern: &str) -> Result<Regex, FilterError> {
    Regex::new(pattern).map_err(|e| FilterError::Pattern { rule: rule.to_owned(), source: Box::new(e) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(lines: &str) -> Result<Vec<Rule>, FilterError> {
        read(&format!("[[rule]]\nname = \"r\"\nkind = \"key\"\nsource = \"s\"\nfinds = [\"a\"]\n{lines}"))
    }

    #[test]
    fn a_rule_that_cannot_match_as_meant_is_refused() {
        let good = rule("pattern = 'a'\ncheck = \"none\"\npasses = [\"b\"]").expect("it is a rule");
        assert_eq!(good[0].name, "r");
        for bad in [
            "pattern = '('\ncheck = \"none\"\npasses = [\"b\"]",
            "pattern = 'a*'\ncheck = \"none\"\npasses = [\"b\"]",
            "pattern = 'a{N}'\ncheck = \"none\"\npasses = [\"b\"]",
            "pattern = 'a'\nrepeat = [1, 2]\ncheck = \"none\"\npasses = [\"b\"]",
            "pattern = 'a'\ncheck = \"nothing\"\npasses = [\"b\"]",
            "pattern = 'a'\ncheck = \"none\"\npasses = []",
            "pattern = 'a'\ncheck = \"none\"\npasses = [\"b\"]\nmore = 1",
        ] {
            assert!(rule(bad).is_err(), "{bad}");
        }
    }
}
