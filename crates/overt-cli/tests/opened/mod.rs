//! What a recording holds, opened with the contributor's own key.

use std::path::Path;

use overt_format::RecordingDir;
use overt_unseal::{AccessLog, Grant, OpenedItem, OwnKeys, SubjectAccess, open};

pub(crate) fn opened(dir: &RecordingDir, keys: &Path) -> Vec<OpenedItem> {
    let mut own = OwnKeys::new();
    own.add_file(&keys.join("contributor.key")).expect("the key reads");
    let mut log = AccessLog::open(&keys.join("openings.jsonl")).expect("the log opens");
    let grant = Grant::<SubjectAccess>::new("a test", "to see what was recorded");
    let opened = open(dir, &grant, &own, &mut log).expect("it opens");
    opened.map(|item| item.expect("every item reads")).collect()
}
