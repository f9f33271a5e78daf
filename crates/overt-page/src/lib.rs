//! Reads a web page's elements as the accessibility bus would tell them.
//!
//! # Context
//! Published demonstrations carry pages, not accessibility trees; and a page can be asked for the same
//! form while an agent acts on it. Both are read here, so that training and acting see the same words
//! and roles. What becomes of what is in docs/spec/import.md, section 3.3.
//!
//! # Design
//! [`Dom`] is the nested form of MiniWoB++'s `core.getDOMInfo()`. It answers what stands at a place, what
//! has the focus, and what there is at all.
//!
//! # Invariants
//! * The value of a field is read only where it is a tick: what was typed is never a name or a state.

mod dom;

pub use dom::{Dom, focus_kind};
