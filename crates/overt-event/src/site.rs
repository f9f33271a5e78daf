//! Which site a window shows. It cannot be printed: a host is content.

/// What a window shows, as far as its application tells.
#[derive(Clone, PartialEq, Eq)]
pub enum SiteSeen {
    Unknown,
    /// No web document.
    NoDocument,
    /// The host of its document, as the browser gives it; empty for a document that has none.
    Host(String),
}
