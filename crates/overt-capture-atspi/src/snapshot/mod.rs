//! The visible elements of a window, bounded in time and number.

pub(crate) mod items;
mod tree;
mod walk;

use std::sync::Arc;
use std::time::Instant;

use crossbeam_channel::Receiver;
use overt_capture::monotonic_now;
use overt_event::{Completeness, RawBody, RawSnapshot};

use crate::apps::Toolkit;
use crate::bus::until;
use crate::config::SnapshotRequest;
use crate::object::Object;
use crate::shared::Shared;
use tree::Cutting;

/// Answers requests until the channel closes.
pub(crate) fn answer_snapshots(shared: &Arc<Shared>, requests: &Receiver<SnapshotRequest>) {
    while let Ok(request) = requests.recv() {
        if shared.gate.finished() {
            return;
        }
        let snapshot = async_io::block_on(shared.snapshot(&request));
        let silent = snapshot.completeness == Completeness::TimedOut && snapshot.nodes.is_empty();
        shared.gate.emit(monotonic_now(), RawBody::Snapshot(snapshot));
        if silent {
            async_io::block_on(shared.check_bus());
        }
    }
}

impl Shared {
    async fn snapshot(&self, request: &SnapshotRequest) -> RawSnapshot {
        let asked_at = monotonic_now();
        let deadline = Instant::now() + self.config.snapshot_deadline;
        let (nodes, completeness) = match self.take(request, deadline).await {
            Ok(Cutting { nodes, cut: false }) => (nodes, Completeness::Complete),
            Ok(Cutting { nodes, cut: true }) if Instant::now() >= deadline => (nodes, Completeness::TimedOut),
            Ok(Cutting { nodes, cut: true }) => (nodes, Completeness::Cut),
            Err(completeness) => (Vec::new(), completeness),
        };
        RawSnapshot {
            window: request.window,
            pid: request.pid,
            asked_at,
            took_nanos: monotonic_now().since(asked_at),
            nodes,
            completeness,
        }
    }

    async fn take(&self, request: &SnapshotRequest, deadline: Instant) -> Result<Cutting, Completeness> {
        let roots = self.apps.roots(&self.bus, request.pid, deadline).await;
        let Some(root) = roots.first() else { return Err(self.why_none(deadline)) };
        if self.gives_items(root, deadline).await
            && let Some(cutting) = self.snapshot_from_items(&roots, request, deadline).await
        {
            return Ok(cutting);
        }
        self.snapshot_by_walk(&roots, request, deadline).await.ok_or(self.why_none(deadline))
    }

    async fn gives_items(&self, root: &Object, deadline: Instant) -> bool {
        until(deadline, self.apps.toolkit(&self.bus, &root.bus)).await == Some(Toolkit::Gtk)
    }

    fn why_none(&self, deadline: Instant) -> Completeness {
        if Instant::now() >= deadline { Completeness::TimedOut } else { Completeness::NoTree }
    }
}
