//! No log entry, no opening; no purpose but the agreed ones; no key but the right one.

mod support;

use std::cell::Cell;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use overt_event::Purpose;
use overt_format::RecipientKind;
use overt_unseal::keyfile::{self, KeyFileError};
use overt_unseal::{
    AccessLog, DataKey, EvaluateAgents, Grant, KeyError, KeyRequest, KeyService, Opening, OwnKeys,
    SubjectAccess, TrainAgents, UnsealError, open,
};
use support::{CONTRIBUTOR, Folder, STUDY, keys};

fn training() -> Grant<TrainAgents> {
    Grant::new("job 7", "the first model")
}

/// Says whether the line was in the log when the key was asked for.
struct Watching<'a> {
    keys: OwnKeys,
    folder: &'a Folder,
    asked: Cell<u32>,
}

impl KeyService for Watching<'_> {
    fn data_key(&self, request: KeyRequest<'_>) -> Result<DataKey, KeyError> {
        self.asked.set(self.asked.get() + 1);
        let log = fs::read_to_string(self.folder.log_path()).expect("there is a log");
        let opening: Opening = serde_json::from_str(log.lines().last().expect("a line")).expect("reads");
        assert!(opening.segments.contains(&request.header.segment), "written down before it is opened");
        self.keys.data_key(request)
    }
}

#[test]
fn the_line_stands_in_the_log_before_any_key_is_asked_for() {
    let folder = Folder::usual();
    let watching = Watching { keys: keys(STUDY), folder: &folder, asked: Cell::new(0) };
    let opened = open(&folder.dir(), &training(), &watching, &mut folder.log()).expect("opens");
    assert_eq!(watching.asked.get(), 2);
    assert_eq!(opened.count(), 5);
    let log = fs::read_to_string(folder.log_path()).expect("reads");
    let openings: Vec<Opening> = log.lines().map(|l| serde_json::from_str(l).expect("reads")).collect();
    assert_eq!(openings.len(), 1);
    let Opening { who, reason, purpose, recording, segments, recording_digest, .. } = &openings[0];
    assert_eq!((who.as_str(), reason.as_str(), *purpose), ("job 7", "the first model", Purpose::TrainAgents));
    assert_eq!((*recording, segments.len()), (support::RECORDING, 2));
    assert_eq!(*recording_digest, folder.facts().digest().expect("hashes"));
}

#[test]
fn an_opening_that_cannot_be_written_down_asks_for_no_key() {
    let folder = Folder::usual();
    let Ok(mut full) = AccessLog::open("/dev/full".as_ref()) else { return };
    let watching = Watching { keys: keys(STUDY), folder: &folder, asked: Cell::new(0) };
    let refused = open(&folder.dir(), &training(), &watching, &mut full).err();
    assert!(matches!(refused, Some(UnsealError::NotLogged(_))));
    assert_eq!(watching.asked.get(), 0);
}

#[test]
fn a_grant_names_someone_and_a_reason() {
    let folder = Folder::usual();
    for (who, reason) in [("", "why"), ("who", " "), ("\t", "")] {
        let grant = Grant::<TrainAgents>::new(who, reason);
        let refused = open(&folder.dir(), &grant, &keys(STUDY), &mut folder.log()).err();
        assert!(matches!(refused, Some(UnsealError::BlankGrant)));
    }
}

#[test]
fn a_purpose_opens_only_with_its_own_key_and_where_the_terms_list_it() {
    let folder = Folder::usual();
    let (dir, mut log) = (folder.dir(), folder.log());
    let look = Grant::<SubjectAccess>::new("ada", "to look");
    let evaluate = Grant::<EvaluateAgents>::new("job 8", "a test");

    assert_eq!(open(&dir, &look, &keys(CONTRIBUTOR), &mut log).expect("opens").count(), 5);
    let check_key = |refused: Option<UnsealError>, purpose| match refused {
        Some(UnsealError::Key { sequence: 0, source: KeyError::NoKey { purpose: p } }) => {
            assert_eq!(p, purpose)
        }
        other => panic!("{other:?}"),
    };
    check_key(open(&dir, &look, &keys(STUDY), &mut log).err(), Purpose::SubjectAccess);
    check_key(open(&dir, &training(), &keys(CONTRIBUTOR), &mut log).err(), Purpose::TrainAgents);
    check_key(open(&dir, &training(), &keys(9), &mut log).err(), Purpose::TrainAgents);
    let refused = open(&dir, &evaluate, &keys(STUDY), &mut log).err();
    let expected = Purpose::EvaluateAgents;
    assert!(
        matches!(refused, Some(UnsealError::PurposeNotAgreed { sequence: 0, purpose }) if purpose == expected)
    );
}

#[test]
fn a_key_store_refuses_a_purpose_that_the_header_does_not_list_whoever_asks() {
    let folder = Folder::usual();
    let bytes = folder.read_segment(0);
    let (header, _) = overt_format::SegmentHeader::read(&bytes[..]).expect("a header");
    let request = KeyRequest { purpose: Purpose::EvaluateAgents, who: "x", reason: "y", header: &header };
    assert!(matches!(keys(STUDY).data_key(request).err(), Some(KeyError::Refused)));
}

#[test]
fn a_secret_key_that_others_may_read_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let (secret, public) = (folder.path().join("me.key"), folder.path().join("me.pub"));
    let made = keyfile::generate(RecipientKind::Contributor, &secret, &public).expect("makes keys");
    assert_eq!(keyfile::read_public(&public).expect("reads"), made);
    assert_eq!(keyfile::read_secret(&secret).expect("reads").public(), made.bytes);
    assert!(matches!(
        keyfile::generate(RecipientKind::Contributor, &secret, &public),
        Err(KeyFileError::Exists)
    ));
    for mode in [0o640, 0o604, 0o620, 0o601] {
        fs::set_permissions(&secret, fs::Permissions::from_mode(mode)).expect("sets");
        let refused = OwnKeys::new().add_file(&secret).err();
        assert!(matches!(refused, Some(KeyFileError::TooOpen { mode: m }) if m == mode));
    }
}

#[test]
fn what_is_not_a_key_file_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.key");
    let digits = "ab".repeat(32);
    let check = |text: String| {
        fs::write(&path, text).expect("writes");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("sets");
        assert!(matches!(keyfile::read_secret(&path), Err(KeyFileError::Form)));
        assert!(matches!(keyfile::read_public(&path), Err(KeyFileError::Form)));
    };
    check(String::new());
    check(format!("overt-secret-key-v1 x25519 {digits}"));
    check(format!("overt-secret-key-v2 x25519 {digits}\n"));
    check(format!("overt-secret-key-v1 x25519 {}\n", &digits[2..]));
    check(format!("overt-public-key-v1 x25519 operator {digits}\n"));
    check(format!("overt-public-key-v1 x25519 study {}\n", digits.to_uppercase()));
    check("\u{0}".repeat(4000));
}
