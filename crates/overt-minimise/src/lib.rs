//! The one room that turns what was observed into what may be kept.
