//! Which applications of the bus belong to which process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::bus::{Bus, each_until};
use crate::object::Object;

/// A process that was not found is not looked for again within this time.
const MISSING_FOR: Duration = Duration::from_secs(1);
/// Most bus names and missing processes that are remembered.
const NAMES_MAX: usize = 512;

/// The pure side: what was learned about bus names.
#[derive(Default)]
struct Known {
    pid_by_bus: HashMap<Arc<str>, u32>,
    toolkit_by_bus: HashMap<Arc<str>, Toolkit>,
    missing: HashMap<u32, Instant>,
}

/// Who draws an application's controls, as far as it decides how the application is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Toolkit {
    /// Gives its whole tree in one answer.
    Gtk,
    /// LibreOffice: it calls itself GTK, for its windows and menus are, and draws the rest itself. Its one
    /// answer leaves out what came later, such as the menu bar.
    Office,
    /// A browser: its pages have addresses.
    Browser,
    Other,
}

impl Toolkit {
    pub(crate) fn from_names(toolkit: &str, app: &str) -> Self {
        match toolkit {
            "gtk" | "GTK" if app == "soffice" => Self::Office,
            "gtk" | "GTK" => Self::Gtk,
            "Chromium" | "Gecko" | "WebKitGtk" | "WebKitGTK" => Self::Browser,
            _ => Self::Other,
        }
    }
}

impl Known {
    fn learn(&mut self, bus: &Arc<str>, pid: u32) {
        if self.pid_by_bus.len() >= NAMES_MAX {
            self.pid_by_bus.clear();
        }
        self.pid_by_bus.insert(bus.clone(), pid);
        self.missing.remove(&pid);
    }

    fn learn_toolkit(&mut self, bus: &Arc<str>, toolkit: Toolkit) {
        if self.toolkit_by_bus.len() >= NAMES_MAX {
            self.toolkit_by_bus.clear();
        }
        self.toolkit_by_bus.insert(bus.clone(), toolkit);
    }

    fn forget(&mut self, bus: &str) {
        self.pid_by_bus.remove(bus);
        self.toolkit_by_bus.remove(bus);
    }

    fn miss(&mut self, pid: u32, now: Instant) {
        self.missing.retain(|_, since| now.duration_since(*since) < MISSING_FOR);
        if self.missing.len() < NAMES_MAX {
            self.missing.insert(pid, now);
        }
    }

    fn is_missing(&self, pid: u32, now: Instant) -> bool {
        self.missing.get(&pid).is_some_and(|since| now.duration_since(*since) < MISSING_FOR)
    }

    /// The bus names of a process, in a stable order.
    fn buses_of(&self, pid: u32) -> Vec<Arc<str>> {
        let mut buses: Vec<_> =
            self.pid_by_bus.iter().filter(|(_, p)| **p == pid).map(|(b, _)| b.clone()).collect();
        buses.sort();
        buses
    }
}

/// The applications of the bus, remembered.
#[derive(Default)]
pub(crate) struct Apps {
    known: Mutex<Known>,
}

impl Apps {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Without asking anybody.
    pub(crate) fn known_pid(&self, bus: &str) -> Option<u32> {
        self.known().pid_by_bus.get(bus).copied()
    }

    /// The bus name's owner left.
    pub(crate) fn forget(&self, bus: &str) {
        self.known().forget(bus);
    }

    /// The process of a bus name; `None` when the bus does not know the name.
    pub(crate) async fn pid(&self, bus: &Bus, name: &Arc<str>) -> Option<u32> {
        if let Some(pid) = self.known_pid(name) {
            return Some(pid);
        }
        let pid = bus.pid(name).await.ok()?;
        self.known().learn(name, pid);
        Some(pid)
    }

    /// The roots of the process's applications; none when it offers no tree.
    pub(crate) async fn roots(&self, bus: &Bus, pid: u32, deadline: Instant) -> Vec<Object> {
        let roots = self.known_roots(pid);
        let now = Instant::now();
        if !roots.is_empty() || self.known().is_missing(pid, now) {
            return roots;
        }
        self.refresh(bus, deadline).await;
        let roots = self.known_roots(pid);
        if roots.is_empty() && Instant::now() < deadline {
            self.known().miss(pid, now);
        }
        roots
    }

    fn known_roots(&self, pid: u32) -> Vec<Object> {
        self.known().buses_of(pid).iter().map(|bus| Object::root(bus)).collect()
    }

    /// Learns the processes of all registered applications and returns their roots.
    pub(crate) async fn refresh(&self, bus: &Bus, deadline: Instant) -> Vec<Object> {
        let Some(Ok(roots)) = crate::bus::until(deadline, bus.applications()).await else {
            return Vec::new();
        };
        each_until(deadline, roots.iter().map(|root| self.pid(bus, &root.bus))).await;
        roots
    }

    pub(crate) async fn toolkit(&self, bus: &Bus, name: &Arc<str>) -> Toolkit {
        if let Some(toolkit) = self.known().toolkit_by_bus.get(name).copied() {
            return toolkit;
        }
        let root = Object::root(name);
        let Ok(toolkit) = bus.text_property(&root, crate::bus::APPLICATION, "ToolkitName").await else {
            return Toolkit::Other;
        };
        let app = bus.name(&root).await.unwrap_or_default();
        let toolkit = Toolkit::from_names(&toolkit, &app);
        self.known().learn_toolkit(name, toolkit);
        toolkit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_found_by_its_bus_names_until_they_leave() {
        let mut known = Known::default();
        known.learn(&":1.7".into(), 42);
        known.learn(&":1.3".into(), 42);
        known.learn(&":1.4".into(), 43);
        assert_eq!(known.buses_of(42), [Arc::from(":1.3"), Arc::from(":1.7")]);
        known.forget(":1.3");
        assert_eq!(known.buses_of(42), [Arc::from(":1.7")]);
        assert!(known.buses_of(44).is_empty());
    }

    #[test]
    fn a_missing_process_is_looked_for_again_after_a_second_or_when_it_came() {
        let mut known = Known::default();
        let now = Instant::now();
        known.miss(42, now);
        assert!(known.is_missing(42, now + MISSING_FOR / 2));
        assert!(!known.is_missing(42, now + MISSING_FOR));
        known.learn(&":1.7".into(), 42);
        assert!(!known.is_missing(42, now));
    }

    #[test]
    fn memory_stays_bounded() {
        let mut known = Known::default();
        for i in 0..3_000_u32 {
            known.learn(&format!(":1.{i}").into(), i);
            known.learn_toolkit(&format!(":1.{i}").into(), Toolkit::Other);
            known.miss(100_000 + i, Instant::now());
        }
        assert!(known.pid_by_bus.len() <= NAMES_MAX);
        assert!(known.toolkit_by_bus.len() <= NAMES_MAX);
        assert!(known.missing.len() <= NAMES_MAX);
    }
}
