//! The agreement under which somebody else's published recording becomes ours.
//!
//! The person in a published recording cannot be asked. What stands for their consent is the licence
//! that the agreement names and its parties sign for.

use overt_event::{AppIdentity, KeyId, WallTime};
use serde::{Deserialize, Serialize};

use crate::agreement::require;
use crate::{
    AgreementError, Application, Consent, ConsentedApp, Layer, Terms, TermsError, VerifiedAgreement,
};

/// Characters of a source's name, at most.
const SOURCE_CHARS_MAX: usize = 40;

/// The table `[import]` (docs/spec/import.md, section 1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Import {
    /// The format, such as `agentnet`.
    pub source: String,
    /// The licence, and whose it is.
    pub licence: String,
    /// Whether keys are kept although the source does not tell what had the focus: a password may be
    /// among them.
    #[serde(default)]
    pub keys_without_focus: bool,
    /// Whether text is kept as it was published: secrets and identifiers are not looked for in it.
    #[serde(default)]
    pub unfiltered: bool,
}

impl Import {
    /// What stands for the program of everything in such a source: `/import/SOURCE` of class `SOURCE`.
    pub fn identity(&self) -> AppIdentity {
        AppIdentity { exe: Some(format!("/import/{}", self.source)), class: Some(self.source.clone()) }
    }

    /// The table as it stands at the end of an agreement's text.
    pub fn to_toml(&self) -> String {
        let text = |s: &str| toml::Value::String(s.replace(char::is_control, " ")).to_string();
        format!(
            "# Nobody is recorded: published recordings are imported, and this licence stands for a consent.\n\
             [import]\nsource = {}\nlicence = {}\nkeys_without_focus = {}\nunfiltered = {}\n",
            text(&self.source),
            text(&self.licence),
            self.keys_without_focus,
            self.unfiltered
        )
    }

    pub(crate) fn check(&self, applications: &[Application]) -> Result<(), AgreementError> {
        let letters = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let named = (1..=SOURCE_CHARS_MAX).contains(&self.source.len()) && self.source.bytes().all(letters);
        require(named, "import.source", "is not 1 to 40 of a-z, 0-9, -")?;
        require(!self.licence.trim().is_empty(), "import.licence", "is empty")?;
        let (exe, class) = (format!("/import/{}", self.source), self.source.clone());
        let only = matches!(applications, [app] if app.exe == [exe] && app.class == [class]);
        require(only, "applications", "of an import is not the one of exe /import/SOURCE and class SOURCE")
    }
}

impl Terms {
    /// Terms for bringing in a published recording. In the place of a consent stands a receipt in its
    /// form, made of the agreement alone: nobody gave it, and the licence has to bear what is done.
    ///
    /// It counts as long as the agreement does: nobody can be asked again. `layers`: as in
    /// [`Terms::layered`].
    ///
    /// Errors: [`TermsError::NotAnImport`], and those of [`Terms::layered`].
    pub fn of_import(
        verified: VerifiedAgreement,
        importer: KeyId,
        layers: Vec<Layer>,
        now: WallTime,
    ) -> Result<Self, TermsError> {
        let agreement = verified.agreement();
        if agreement.import().is_none() {
            return Err(TermsError::NotAnImport);
        }
        let whole = |app: &Application| ConsentedApp { name: app.name.clone(), level: app.level };
        let receipt = Consent {
            agreement: verified.digest(),
            contributor: importer,
            given: agreement.starts(),
            withdrawn: false,
            applications: agreement.applications().iter().map(whole).collect(),
        };
        let until = agreement.ends();
        Self::made(verified, receipt, until, layers, now)
    }
}

#[cfg(test)]
mod tests {
    use overt_event::{AppName, Level};

    use super::*;
    use crate::{Agreement, PartyKey, PartyPublic, verify};

    const TODAY: WallTime = WallTime(20_779 * 86_400);

    fn text(party: &PartyPublic, exe: &str, import: &str) -> String {
        format!(
            "title = \"T\"\nversion = 1\njurisdiction = \"none\"\nlawful_basis = \"licence\"\nassessment = \"1\"\n\
             starts = 2026-11-22\nends = 2026-11-22\npurposes = [\"train-agents\"]\ncadence = \"none\"\n\
             [[parties]]\nname = \"P\"\nkey = \"{party}\"\n\
             [[applications]]\nname = \"theirs\"\nexe = [\"{exe}\"]\nclass = [\"csv\"]\nlevel = \"full\"\n{import}"
        )
    }

    fn csv() -> String {
        let (source, licence) = ("csv".to_owned(), "CC0, \"us\"".to_owned());
        Import { source, licence, keys_without_focus: false, unfiltered: false }.to_toml()
    }

    #[test]
    fn nobody_is_recorded_under_it_and_nothing_is_imported_under_another() {
        let key = PartyKey::generate("council").expect("random bytes");
        let verified = |import: &str| {
            let signed = key.sign(&text(&key.public(), "/import/csv", import)).expect("it signs");
            verify(&signed, &[key.public()]).expect("it counts")
        };
        let importer = KeyId([1; 16]);
        let (import, other) = (verified(&csv()), verified(""));
        let consent = |agreement: &VerifiedAgreement| Consent {
            agreement: agreement.digest(),
            contributor: importer,
            given: TODAY.day(),
            withdrawn: false,
            applications: vec![ConsentedApp { name: AppName("theirs".into()), level: Level::Full }],
        };
        assert_eq!(Terms::new(import.clone(), consent(&import), TODAY), Err(TermsError::OnlyImport));
        assert_eq!(Terms::of_import(other, importer, Vec::new(), TODAY), Err(TermsError::NotAnImport));
        let terms = Terms::of_import(import.clone(), importer, Vec::new(), TODAY).expect("they are in force");
        assert_eq!(
            Ok(terms.consent_digest()),
            consent(&import).digest(),
            "anyone can make the receipt again"
        );
    }

    #[test]
    fn its_one_application_is_the_source() {
        let key = PartyKey::generate("council").expect("random bytes").public();
        let check = |exe: &str, import: &str| Agreement::parse_unsigned(&text(&key, exe, import)).err();
        assert_eq!(check("/import/csv", &csv()), None);
        let only = AgreementError::Field {
            field: "applications",
            problem: "of an import is not the one of exe /import/SOURCE and class SOURCE",
        };
        assert_eq!(check("/usr/bin/mousepad", &csv()), Some(only));
        let empty = AgreementError::Field { field: "import.licence", problem: "is empty" };
        assert_eq!(check("/import/csv", "[import]\nsource = \"csv\"\nlicence = \" \"\n"), Some(empty));
    }

    #[test]
    fn keeping_more_of_a_source_is_wider() {
        let party = PartyKey::generate("council").expect("random bytes").public();
        let agreed = |change: fn(&mut Import)| {
            let (source, licence) = ("csv".to_owned(), "CC0".to_owned());
            let mut import = Import { source, licence, keys_without_focus: false, unfiltered: false };
            change(&mut import);
            Agreement::parse_unsigned(&text(&party, "/import/csv", &import.to_toml())).expect("it parses")
        };
        let plain = agreed(|_| {});
        let wider: [fn(&mut Import); 3] =
            [|i| i.unfiltered = true, |i| i.keys_without_focus = true, |i| i.licence = "GPL".into()];
        for change in wider {
            assert!(crate::widens(&plain, &agreed(change)));
        }
        assert!(!crate::widens(&agreed(|i| i.unfiltered = true), &plain));
        assert_eq!(crate::diff(&plain, &plain), []);
    }
}
