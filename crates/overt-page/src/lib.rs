//! Reads a web page's elements as the accessibility bus would tell them.
//!
//! # Context
//! Published demonstrations carry pages, not accessibility trees; and a page can be asked for the same
//! form while an agent acts on it. Both are read here, so that training and acting see the same words
//! and roles. What becomes of what is in docs/spec/import.md, section 3.3.
//!
//! # Design
//! [`Dom`] is the nested form of MiniWoB++'s `core.getDOMInfo()`. It answers what stands at a place, what
//! has the focus, and what there is at all. The switches by which the browser itself is started stand beside it, so
//! that pages look alike wherever they are read.
//!
//! # Invariants
//! * The value of a field is read only where it is a tick: what was typed is never a name or a state.

mod chromium;
mod dom;

pub use chromium::{CHROMIUM_ACCESSIBLE, CHROMIUM_AS_ROOT, CHROMIUM_SWITCHES};
pub use dom::{Dom, focus_kind};
