//! Writes one recording: judged records into sealed segments, sealed segments into the spool.
//!
//! # Context
//! What the recorder and the importers have in common behind minimise. Both hand it what a
//! [`overt_minimise::Minimiser`] gave out; it takes nothing else.
//!
//! # Design
//! The *pen* opens and closes segments by the session's own time, which its caller tells; the
//! *preface* says again at a segment's start what one needs to read it alone.
//!
//! # Invariants
//! * What was taken is sealed at once, and on disk within a second of the session's time.
//! * It holds a segment's data key until the segment closes, and no other key but public ones.

mod error;
mod flow;
mod pen;
mod preface;

pub use error::PenError;
pub use flow::flow;
pub use pen::{Pen, SegmentTerms, Written};
