//! What stands at a point of an open menu or dropdown, which no application finds by point.

use std::time::Instant;

use overt_event::Point;

use crate::bus::{each_until, until};
use crate::object::Object;
use crate::see::Seen;
use crate::shared::Shared;

/// Containers that are walked.
const CONTAINERS_MAX: usize = 4;
/// Levels below a container: a menu within an item, a list within a window within a box.
const LEVELS_MAX: usize = 4;

impl Shared {
    /// The innermost visible object at the point below the containers in which something was just
    /// opened, chosen or focused; failing that, what an event named there a moment ago.
    pub(crate) async fn find_in_popups(&self, pid: u32, at: Point, deadline: Instant) -> Option<Seen> {
        let mut containers = self.popups().containers(pid);
        containers.truncate(CONTAINERS_MAX);
        let walks = containers.into_iter().map(|container| self.walk(container, at, deadline));
        let found = each_until(deadline, walks).await.into_iter().flatten().flatten().next();
        found.or_else(|| self.popups().at_point(Instant::now(), pid, at))
    }

    async fn walk(&self, container: Object, at: Point, deadline: Instant) -> Option<Seen> {
        let top = until(deadline, self.bus.see(&container)).await?.ok()?;
        let mut level = vec![top];
        let mut found: Option<Seen> = None;
        for _ in 0..LEVELS_MAX {
            level = self.bus.visible_below(&level, false, deadline).await;
            let here = level.iter().filter(|s| s.bounds.contains(at)).min_by_key(|s| s.bounds.area());
            match (here.cloned(), found.is_some()) {
                (Some(hit), _) => {
                    level = vec![hit.clone()];
                    found = Some(hit);
                }
                // Nothing of it lies deeper.
                (None, true) => break,
                (None, false) if level.is_empty() => break,
                (None, false) => {}
            }
        }
        found
    }
}
