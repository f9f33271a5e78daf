//! Takes secrets out of what applications call their things: names, titles, addresses.

use overt_event::{AccessibleEvent, Element, MonoNanos, Node, SecretKind};

use crate::Minimiser;
use crate::level;
use crate::line::Field;

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

    /// The same for a text that is given away.
    pub(crate) fn masked(&mut self, mut text: String) -> String {
        self.mask(&mut text);
        text
    }

    /// Masks the nodes' names.
    pub(crate) fn mask_nodes<'a>(&mut self, nodes: impl Iterator<Item = &'a mut Node>) {
        nodes.for_each(|node| self.mask(&mut node.name));
    }

    pub(crate) fn mask_element(&mut self, element: &mut Element) {
        self.mask_nodes(std::iter::once(&mut element.node).chain(&mut element.ancestors));
    }

    /// The names in an event; what it inserts is judged apart.
    pub(crate) fn mask_event(&mut self, event: &mut AccessibleEvent) {
        self.mask_nodes(std::iter::once(&mut event.node).chain(&mut event.ancestors));
    }

    /// What the person types into, by an event of its application.
    pub(crate) fn enter(&mut self, node: &Node, pid: u32, at: MonoNanos) {
        if self.desk.active_pid() == Some(pid) && !level::is_password(node) {
            let Node { role, name, .. } = node.clone();
            self.reading.enter(&Field { role, label: name }, at);
        }
    }

    /// Scheme, host and path, with marks. What is spelled by percent signs is read too.
    pub(crate) fn mask_address(&mut self, url: &str) -> String {
        let mut address = level::address(url);
        self.mask(&mut address);
        let plain = decoded(&address);
        if self.filters && plain != address && !self.reading.filter().find(&plain).is_empty() {
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
