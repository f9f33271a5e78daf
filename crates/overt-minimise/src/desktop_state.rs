//! What is true of the desktop until it changes: the workspace that is shown, the pointer's shape.

use overt_event::{DenyRule, Level, RawCursor, RecordBody, Workspace};

use crate::Minimiser;
use crate::desk::{Judged, stricter};
use crate::held::{Origin, Slot};

/// What is known of it, and what of that was told.
#[derive(Default)]
pub(crate) struct DesktopState {
    pub(crate) workspace: Option<Workspace>,
    workspace_told: Option<Workspace>,
    /// Whether who reads the recording takes the pointer's shape for known.
    cursor_told: bool,
}

impl DesktopState {
    /// After a pause all of it is told anew.
    pub(crate) fn forget_told(&mut self) {
        self.workspace_told = None;
        self.cursor_told = false;
    }
}

impl Minimiser {
    /// Which workspace is shown is told while an application is in use that may be kept.
    pub(crate) fn workspace(&mut self, origin: Origin, workspace: Workspace) {
        match self.desk.active() {
            Ok(_) if self.state.workspace_told == Some(workspace) => self.tally.of(origin.kind).merged += 1,
            Ok(allowed) => {
                self.state.workspace_told = Some(workspace);
                self.ready(origin, Some(&allowed), RecordBody::Workspace(workspace));
            }
            Err(rule) => self.deny_now(origin, rule),
        }
    }

    /// A workspace that could not be told when it was shown is told as soon as it can be.
    pub(crate) fn tell_workspace(&mut self, origin: &Origin) {
        let untold = self.state.workspace.filter(|w| self.state.workspace_told != Some(*w));
        let Some(workspace) = untold.filter(|_| self.desk.active().is_ok()) else { return };
        if origin.kind == crate::EventKind::Workspace {
            return;
        }
        self.state.workspace_told = Some(workspace);
        let record = origin.caused(RecordBody::Workspace(workspace));
        self.hold(*origin, Slot::Added(record));
    }

    /// The pointer's shape is as good as pixels. The window under the pointer can have set it, and
    /// so can the one in use, whose button is held: both must allow.
    pub(crate) fn cursor(&mut self, origin: Origin, cursor: RawCursor) {
        let judged = stricter(self.desk.at(cursor.at, origin.arrival), &self.desk.active());
        match with_pixels(judged) {
            Ok(allowed) => {
                let (id, shape) = cursor.shape.unzip();
                self.state.cursor_told = id.is_some();
                self.ready(origin, Some(&allowed), RecordBody::Cursor { id, shape });
            }
            Err(rule) => {
                self.deny_now(origin, rule);
                self.unknow_cursor(&origin);
            }
        }
    }

    /// What was told of the shape holds no longer. That is said once, and not how it changes on.
    fn unknow_cursor(&mut self, origin: &Origin) {
        if std::mem::take(&mut self.state.cursor_told) {
            let record = origin.caused(RecordBody::Cursor { id: None, shape: None });
            self.hold(*origin, Slot::Added(record));
        }
    }
}

fn with_pixels(judged: Judged) -> Judged {
    judged.and_then(|a| if a.level == Level::Full { Ok(a) } else { Err(DenyRule::LevelHasNoPixels) })
}
