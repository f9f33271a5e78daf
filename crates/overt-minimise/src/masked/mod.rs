//! Level `masked`: of a picture only what cannot be text, and labels of controls that the application
//! itself confirmed.
//!
//! Nothing here recognises text: a recogniser that misses a word lets it through. Whatever is not one
//! plain colour over a wide area is filled instead, and a control's label passes only while its pixels
//! are exactly those that stood there when the accessibility snapshot named the control.

mod confirmer;
mod flat;
mod labels;

pub(crate) use confirmer::{Claim, Confirmer, Seen, SeenWindow};
pub(crate) use flat::flat_rows;
pub(crate) use labels::{Labels, label_bounds};
