//! Encrypts what may be kept to named public keys.
//!
//! # Context
//! The room between minimise and the spool. It takes [`overt_minimise::Minimised`] and public
//! keys, and gives [`Sealed`] pieces of a segment in the order they belong on the disk.
//!
//! # Design
//! One [`Sealer`] for each segment. The format crate makes the plaintext, this crate cuts it into
//! frames and encrypts them under a random data key, which it wraps for each [`Recipient`] and
//! forgets when the segment closes (docs/spec/segment.md, sections 3 and 6).
//!
//! # Invariants
//! * Nothing that did not pass minimise is sealed: [`Sealer::push`] takes nothing else.
//! * No private key is ever here; a closed segment cannot be opened by whoever sealed it.
//! * [`Sealed`] has no other maker than [`Sealer`].
//! * The header is the associated data of every frame.
//! * Plaintext buffers of this crate are wiped after use.

mod plan;
mod sealed;
mod sealer;
mod stream;

pub use plan::{Recipient, SealError, SegmentPlan};
pub use sealed::{PieceKind, Sealed};
pub use sealer::Sealer;
