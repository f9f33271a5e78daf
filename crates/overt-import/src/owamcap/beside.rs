//! Which files an OWAMcap may name: those beside it, and nothing else that lies on the disk.

use std::path::{Component, Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Folders and file of a path, at most.
const PARTS_MAX: usize = 8;
/// What an embedded picture begins with; of other kinds none is read.
const EMBEDDED: &str = "data:image/png;base64,";

/// The file of this name in the folder or below it. No way leads out: neither `..` nor a root, nor a link.
pub(super) fn beside(folder: &Path, uri: &str) -> Option<PathBuf> {
    let named = Path::new(uri);
    let parts: Vec<Component<'_>> = named.components().collect();
    let plain = parts.iter().all(|part| matches!(part, Component::Normal(_)));
    if !plain || parts.is_empty() || parts.len() > PARTS_MAX || uri.contains([':', '\\']) {
        return None;
    }
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let (home, found) = (folder.canonicalize().ok()?, folder.join(named).canonicalize().ok()?);
    (found.starts_with(home) && found.is_file()).then_some(found)
}

/// The picture that stands in the message itself.
pub(super) fn embedded(uri: &str) -> Option<Vec<u8>> {
    STANDARD.decode(uri.strip_prefix(EMBEDDED)?).ok()
}
