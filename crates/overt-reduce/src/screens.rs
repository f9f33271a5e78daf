//! Which monitor a place lies on.

use overt_event::{Monitor, Point, Rect, Topology, TopologyId};

use crate::step::Screen;

/// The arrangement of monitors that is in force.
#[derive(Default)]
pub(crate) struct Screens {
    topology: Option<Topology>,
}

impl Screens {
    /// Takes a topology; says whether it replaced a different one.
    pub(crate) fn change(&mut self, topology: Topology) -> bool {
        let differs = self.topology.as_ref().is_some_and(|t| t.monitors != topology.monitors);
        self.topology = Some(topology);
        differs
    }

    pub(crate) fn known(&self) -> bool {
        self.topology.is_some()
    }

    pub(crate) fn id(&self) -> Option<TopologyId> {
        self.topology.as_ref().map(|t| t.id)
    }

    /// The monitor under a point.
    pub(crate) fn at(&self, p: Point) -> Option<Screen> {
        self.find(|m| m.bounds.contains(p)).map(|(screen, _)| screen)
    }

    /// The monitor that shows most of a window, or else the first one.
    pub(crate) fn of_window(&self, bounds: Option<Rect>) -> Screen {
        let share = |m: &Monitor| bounds.and_then(|b| b.intersect(m.bounds)).map_or(0, Rect::area);
        let monitors = self.topology.iter().flat_map(|t| &t.monitors);
        let numbered = (0..).zip(monitors).map(|(i, m)| (share(m), Screen { monitor: i, bounds: m.bounds }));
        // Of equal shares the first monitor wins.
        let most = numbered.reduce(|best, next| if next.0 > best.0 { next } else { best });
        most.map(|(_, screen)| screen).unwrap_or_default()
    }

    /// Physical pixels per logical pixel at a point; 1.0 where nothing is known.
    pub(crate) fn scale_at(&self, p: Point) -> f64 {
        let found = self.find(|m| m.bounds.contains(p));
        found.map_or(1.0, |(_, m)| f64::from(m.scale_milli.max(1)) / 1000.0)
    }

    fn find(&self, wanted: impl Fn(&Monitor) -> bool) -> Option<(Screen, &Monitor)> {
        let monitors = self.topology.iter().flat_map(|t| &t.monitors);
        let mut numbered = (0..).zip(monitors).filter(|(_, m)| wanted(m));
        numbered.next().map(|(i, m)| (Screen { monitor: i, bounds: m.bounds }, m))
    }
}
