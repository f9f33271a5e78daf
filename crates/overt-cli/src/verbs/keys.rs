//! `overt keys`: the contributor's, the study's and the signing party's keys, in one folder.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use overt_agreement::{PartyKey, PartyPublic};
use overt_format::RecipientKind;
use overt_seal::Recipient;
use overt_unseal::OwnKeys;
use overt_unseal::keyfile::{self, PublicKey};
use serde::Serialize;

use crate::args::{KeysStudy, KeysTrust, KeysVerb};
use crate::exit::Exit;
use crate::files;
use crate::output::Output;

/// The name on the party's signature lines.
const PARTY_NAME: &str = "overt-party";

/// Keys of other parties that are trusted.
const TRUSTED: &str = "trusted.pub";

/// A folder of keys.
pub struct KeyFolder<'a>(pub &'a Path);

impl KeyFolder<'_> {
    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn public(&self, kind: RecipientKind) -> Result<PublicKey> {
        let name = format!("{}.pub", stem(kind));
        keyfile::read_public(&self.file(&name))
            .with_context(|| format!("The key {name} could not be used. Make keys with `overt keys init`."))
    }

    pub fn recipient(&self, kind: RecipientKind) -> Result<Recipient> {
        let key = self.public(kind)?;
        Ok(Recipient::new(kind, "", key.bytes))
    }

    /// The private key of one side, as a key service.
    pub fn own(&self, kind: RecipientKind) -> Result<OwnKeys> {
        let name = format!("{}.key", stem(kind));
        let mut keys = OwnKeys::new();
        keys.add_file(&self.file(&name)).with_context(|| {
            format!("The key {name} could not be used. Name the folder that holds it with --keys.")
        })?;
        Ok(keys)
    }

    pub fn party(&self) -> Result<PartyKey> {
        let text = zeroize::Zeroizing::new(files::read(&self.file("party.key"), "signing key (party.key)")?);
        Ok(PartyKey::from_text(&text)?)
    }

    /// The keys by whose signatures agreements count here: the folder's own, and those in
    /// `trusted.pub`, one a line.
    pub fn trusted(&self) -> Result<Vec<PartyPublic>> {
        let mut keys = vec![self.party_public()?];
        let path = self.file(TRUSTED);
        if !matches!(path.try_exists(), Ok(false)) {
            let text = files::read(&path, "list of trusted keys (trusted.pub)")?;
            for line in text.lines().filter(|l| !l.trim().is_empty()) {
                keys.push(line.parse().context("The list of trusted keys (trusted.pub) could not be read.")?);
            }
        }
        Ok(keys)
    }

    pub fn party_public(&self) -> Result<PartyPublic> {
        let text = files::read(&self.file("party.pub"), "party's public key (party.pub)")?;
        Ok(text.trim().parse()?)
    }
}

fn stem(kind: RecipientKind) -> &'static str {
    match kind {
        RecipientKind::Contributor => "contributor",
        RecipientKind::Study => "study",
    }
}

/// What `overt keys` tells.
#[derive(Serialize)]
struct Shown {
    contributor: String,
    study: String,
    party: String,
}

pub fn run(verb: &KeysVerb, output: Output) -> Result<Exit> {
    match verb {
        KeysVerb::Init(arg) => init(&arg.keys, output),
        KeysVerb::Show(arg) => show(&arg.keys, output),
        KeysVerb::Trust(args) => trust(args, output),
        KeysVerb::Study(args) => study(args, output),
    }
}

fn init(folder: &Path, output: Output) -> Result<Exit> {
    let exists = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    anyhow::ensure!(!exists, "The key folder is not empty. Name a new folder, so that no key is lost.");
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .context("The key folder could not be made. Check that its parent is writable.")?;
    let keys = KeyFolder(folder);
    for kind in [RecipientKind::Contributor, RecipientKind::Study] {
        let file = |end: &str| keys.file(&format!("{}.{end}", stem(kind)));
        keyfile::generate(kind, &file("key"), &file("pub"))?;
    }
    let party = PartyKey::generate(PARTY_NAME)?;
    files::write_new(&keys.file("party.key"), party.to_text().as_bytes(), "signing key", true)?;
    let public = format!("{}\n", party.public());
    files::write_new(&keys.file("party.pub"), public.as_bytes(), "party's public key", false)?;
    output.say("Three key pairs were made. Keep the files ending in .key to yourself; who has contributor.key can open your recordings.");
    show(folder, output)
}

fn trust(args: &KeysTrust, output: Output) -> Result<Exit> {
    let folder = KeyFolder(&args.keys);
    let mut keys = folder.trusted()?;
    let key: PartyPublic = args.key.parse()?;
    if !keys.contains(&key) {
        keys.push(key);
    }
    let lines: String = keys.iter().skip(1).map(|k| format!("{k}\n")).collect();
    files::replace(&folder.file(TRUSTED), lines.as_bytes(), "list of trusted keys (trusted.pub)")?;
    let words = "Agreements that this key signed as a party can count here from now on. Compare the key by another way, such as by telephone.";
    output.answer(&Trusted { trusted: keys.iter().map(ToString::to_string).collect() }, words)?;
    Ok(Exit::Done)
}

#[derive(Serialize)]
struct Trusted {
    trusted: Vec<String>,
}

/// The folder's own study key, if it has one, stays: it opens what was recorded for it.
fn study(args: &KeysStudy, output: Output) -> Result<Exit> {
    let unread = "The study's key could not be read. Name the file study.pub that the study gave you.";
    let key = keyfile::read_public(&args.public).context(unread)?;
    anyhow::ensure!(
        key.kind == RecipientKind::Study,
        "The key is not a study's. Name the file study.pub that the study gave you."
    );
    let keys = KeyFolder(&args.keys);
    // Who has no keys yet has none of their own to open recordings with.
    keys.public(RecipientKind::Contributor)?;
    keyfile::write_public(&keys.file(&format!("{}.pub", stem(key.kind))), &key)
        .context("The study's key could not be written. Check that the key folder is writable.")?;
    output.say("What you record from now on can be opened by this study, and by yourself. Compare the key by another way, such as by telephone.");
    show(&args.keys, output)
}

fn show(folder: &Path, output: Output) -> Result<Exit> {
    let keys = KeyFolder(folder);
    let shown = Shown {
        contributor: keys.public(RecipientKind::Contributor)?.id().to_string(),
        study: keys.public(RecipientKind::Study)?.id().to_string(),
        party: keys.party_public()?.to_string(),
    };
    let words = format!(
        "contributor  {}\nstudy        {}\nparty        {}",
        shown.contributor, shown.study, shown.party
    );
    output.answer(&shown, &words)?;
    Ok(Exit::Done)
}
