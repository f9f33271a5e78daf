//! Takes secrets out of what applications call their things (names, titles, addresses) and of what people call their tasks.

use overt_event::{
    AccessibleEvent, Element, Mark, MonoNanos, Node, Point, Rect, SecretKind, WindowChange, WindowReport,
};

use crate::Minimiser;
use crate::desk::Allowed;
use crate::focus::HOLD_MILLIS;
use crate::level;
use crate::line::Field;
use crate::reading::News;
use crate::veil::On;

impl Minimiser {
    /// Puts marks into the text.
    pub(crate) fn mask(&mut self, text: &mut String) {
        if !self.filters {
            return;
        }
        if let Some(masked) = self.reading.filter().mask(text) {
            *text = masked.text;
            self.tally.add_filtered(masked.counts);
        }
    }

    fn holds_secret(&self, text: &str) -> bool {
        self.filters && !self.reading.filter().find(text).is_empty()
    }

    /// The same for a text that is given away.
    pub(crate) fn masked(&mut self, mut text: String) -> String {
        self.mask(&mut text);
        text
    }

    /// What the person says of their own work.
    pub(crate) fn masked_mark(&mut self, mark: Mark) -> Mark {
        match mark {
            Mark::TaskBegins { instruction } => {
                Mark::TaskBegins { instruction: instruction.map(|words| self.masked(words)) }
            }
            other => other,
        }
    }

    /// Masks the nodes' names; gives those that had secrets, as they were, and fields of passwords, whose pixels tell at
    /// least how long one is. Where sites matter, a tab that is not shown is called after one that may not be told of.
    pub(crate) fn mask_nodes<'a>(
        &mut self,
        allowed: &Allowed,
        nodes: impl Iterator<Item = &'a mut Node>,
    ) -> Vec<Node> {
        let mut secret = Vec::new();
        for node in nodes {
            let is_judged = self.filters && !node.name.is_empty();
            if level::is_password(node) {
                secret.push(node.clone());
            } else if is_judged && !allowed.pages.is_empty() && is_hidden_tab(node) {
                secret.push(node.clone());
                node.name.clear();
            } else if let Some(masked) = is_judged.then(|| self.reading.filter().mask(&node.name)).flatten() {
                secret.push(node.clone());
                node.name = masked.text;
                self.tally.add_filtered(masked.counts);
            }
        }
        secret
    }

    /// An element that was looked up, under this point.
    pub(crate) fn mask_element(&mut self, allowed: &Allowed, element: &mut Element, pid: u32, at: Point) {
        let window = self.desk.window_at(at).filter(|(_, p)| *p == Some(pid)).map(|(w, _)| w);
        let named =
            self.mask_nodes(allowed, std::iter::once(&mut element.node).chain(&mut element.ancestors));
        named.iter().for_each(|n| self.veils.named(n, On { window, pid }));
    }

    /// The names in an event; what it inserts is judged apart.
    pub(crate) fn mask_event(&mut self, allowed: &Allowed, event: &mut AccessibleEvent, pid: u32) {
        let named = self.mask_nodes(allowed, std::iter::once(&mut event.node).chain(&mut event.ancestors));
        let on = self.on_active(pid);
        named.iter().for_each(|n| self.veils.named(n, on));
    }

    /// The window in use, where it is of this process.
    fn on_active(&self, pid: u32) -> On {
        let own = self.desk.active_pid() == Some(pid);
        On { window: self.desk.active_window().filter(|_| own), pid }
    }

    /// A long text with secrets was inserted at once: its field is filled for good.
    pub(crate) fn veil_insertion(&mut self, node: &Node, pid: u32, text: &str, at: MonoNanos) {
        if self.holds_secret(text) {
            let since = self.since_when(pid, at);
            self.veils.typed(0, true, since, Some(field(node, pid)), self.on_active(pid));
        }
    }

    /// What an application tells is on the screen before it is told; how long, nobody knows.
    pub(crate) fn since_when(&self, pid: u32, told: MonoNanos) -> MonoNanos {
        self.veils.looked_at(self.on_active(pid)).min(told.minus_millis(HOLD_MILLIS))
    }

    /// What was found in typed text since the last time, for the pictures.
    pub(crate) fn veil_what_was_typed(&mut self) {
        for news in self.reading.take_news() {
            match news {
                News::Found { group, kind, since, field } => {
                    let pid = field.as_ref().map_or_else(|| self.desk.active_pid().unwrap_or(0), |f| f.pid);
                    let on = self.on_active(pid);
                    self.veils.typed(group, kind != SecretKind::Unjudged, since, field, on);
                }
                News::Gone { group, at } => self.veils.gone(group, at),
                News::Judged { at } => self.veils.judged(at),
            }
        }
    }

    /// A window stands elsewhere, is called otherwise or is gone.
    pub(crate) fn follow_window(&mut self, report: &WindowReport, before: Option<Rect>, at: MonoNanos) {
        if matches!(report.change, WindowChange::Closed | WindowChange::PopupClosed) {
            self.naming.closed(report.window);
            self.showed.closed(report.window);
            return self.veils.closed(report.window, at);
        }
        if let Some(before) = before {
            self.veils.moved(report.window, before, report.bounds, at);
        }
        let secret = self.holds_secret(&report.title);
        self.veils.titled(report.window, report.pid, report.bounds, secret, at);
    }

    /// What the window under the point shows moves.
    pub(crate) fn scrolled_at(&mut self, point: Point, at: MonoNanos) {
        if let Some((window, pid)) = self.desk.window_at(point) {
            self.veils.scrolled(window, pid.unwrap_or(0), at);
        }
    }

    /// A key may move what the window in use shows.
    pub(crate) fn scrolled_by_key(&mut self, name: &str, at: MonoNanos) {
        const PAGING: [&str; 8] =
            ["Next", "Prior", "Page_Up", "Page_Down", "KP_Next", "KP_Prior", "Up", "Down"];
        if let Some(window) = self.desk.active_window().filter(|_| PAGING.contains(&name)) {
            self.veils.scrolled(window, self.desk.active_pid().unwrap_or(0), at);
        }
    }

    /// What the person types into, by an event of its application.
    pub(crate) fn enter(&mut self, node: &Node, pid: u32, at: MonoNanos) {
        if self.desk.active_pid() == Some(pid) && !level::is_password(node) {
            self.reading.enter(&field(node, pid), at);
        }
    }

    /// Scheme, host and path, with marks. What is spelled by percent signs is read too.
    pub(crate) fn mask_address(&mut self, url: &str) -> String {
        let mut address = level::address(url);
        self.mask(&mut address);
        let plain = decoded(&address);
        if plain != address && self.holds_secret(&plain) {
            let kinds = self.reading.filter().mask(&plain).map(|m| m.counts).unwrap_or_default();
            let mark = kinds.keys().next().map_or_else(String::new, |kind: &SecretKind| kind.mark());
            let path = address.find("://").and_then(|i| address[i + 3..].find('/').map(|p| i + 3 + p));
            address.truncate(path.map_or(0, |p| p + 1));
            address.push_str(&mark);
            self.tally.add_filtered(kinds);
        }
        address
    }
}

fn is_hidden_tab(node: &Node) -> bool {
    node.role == "page tab" && node.states.iter().all(|state| state != "selected")
}

fn field(node: &Node, pid: u32) -> Field {
    let Node { role, name, bounds, .. } = node.clone();
    Field { role, label: name, bounds, pid }
}

/// Percent signs read as the bytes they spell.
fn decoded(address: &str) -> String {
    let mut bytes = Vec::with_capacity(address.len());
    let mut rest = address.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        let hex = |b: &[u8]| std::str::from_utf8(b).ok().and_then(|s| u8::from_str_radix(s, 16).ok());
        match more.split_at_checked(2).filter(|_| *first == b'%').and_then(|(h, r)| Some((hex(h)?, r))) {
            Some((byte, after)) => {
                bytes.push(byte);
                rest = after;
            }
            None => {
                bytes.push(*first);
                rest = more;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn percent_signs_spell_bytes() {
        assert_eq!(decoded("/a%40b%2"), "/a@b%2");
        assert_eq!(decoded("/%C3%BC%zz"), "/ü%zz");
    }
}
