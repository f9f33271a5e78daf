//! What a segment says again of those before it, so that it can be read alone.

use std::collections::VecDeque;

use overt_event::{Binding, FrameId, Gap, RecordBody, WindowChange};
use overt_minimise::Minimised;

/// Pictures that a later binding may still name. It is written within some tens of milliseconds of its
/// event, so the newest few are enough at any rate.
const PICTURES_MAX: usize = 4;

/// Remembers what holds from one segment to the next: the clocks, the monitors, the workspace, the window
/// in use, the page, the pointer's shape, and the newest pictures. It is bounded, and empty after every pause.
#[derive(Default)]
pub(crate) struct Preface {
    clock: Option<Minimised>,
    topology: Option<Minimised>,
    focused: Option<Minimised>,
    location: Option<Minimised>,
    workspace: Option<Minimised>,
    cursor: Option<Minimised>,
    pictures: VecDeque<Picture>,
}

/// What lies before such a gap is not said again after it.
fn separates(gap: &Gap) -> bool {
    matches!(gap, Gap::Paused | Gap::Held { .. } | Gap::Forgotten | Gap::Locked)
}

struct Picture {
    id: FrameId,
    item: Minimised,
    /// It stands in the segment that is being written.
    here: bool,
}

impl Preface {
    /// Takes in what is written, before it is.
    pub(crate) fn note(&mut self, item: &Minimised) {
        match &item.record().body {
            RecordBody::Clock(_) => self.clock = Some(item.repeated()),
            RecordBody::Topology(_) => self.topology = Some(item.repeated()),
            RecordBody::Window { change: WindowChange::Focused, .. } => self.focused = Some(item.repeated()),
            RecordBody::Location { .. } => self.location = Some(item.repeated()),
            RecordBody::Workspace(_) => self.workspace = Some(item.repeated()),
            RecordBody::Cursor { .. } => self.cursor = Some(item.repeated()),
            RecordBody::Frame(frame) => self.keep_picture(frame.id, item),
            RecordBody::Gap { gap, .. } if separates(gap) => self.forget(),
            _ => {}
        }
    }

    /// Everything but the pictures, in the order it was first written.
    pub(crate) fn of_new_segment(&mut self) -> Vec<Minimised> {
        self.pictures.iter_mut().for_each(|picture| picture.here = false);
        let known =
            [&self.clock, &self.topology, &self.focused, &self.location, &self.workspace, &self.cursor];
        let mut known: Vec<Minimised> = known.into_iter().flatten().map(Minimised::repeated).collect();
        known.sort_by_key(|item| item.record().seq);
        known
    }

    /// The picture that this binding names, where the segment does not hold it yet.
    pub(crate) fn needed_by(&mut self, item: &Minimised) -> Option<Minimised> {
        let RecordBody::Binding(Binding::Before { frame, .. } | Binding::After { frame, .. }) =
            &item.record().body
        else {
            return None;
        };
        let picture = self.pictures.iter_mut().find(|p| p.id == *frame && !p.here)?;
        picture.here = true;
        Some(picture.item.repeated())
    }

    fn keep_picture(&mut self, id: FrameId, item: &Minimised) {
        if self.pictures.len() == PICTURES_MAX {
            self.pictures.pop_front();
        }
        self.pictures.push_back(Picture { id, item: item.repeated(), here: true });
    }

    /// Nothing from before a pause is said again after it, but for what belongs to no application.
    pub(crate) fn forget(&mut self) {
        (self.focused, self.location, self.workspace, self.cursor) = (None, None, None, None);
        self.pictures.clear();
    }
}
