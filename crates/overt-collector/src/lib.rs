//! Admits sealed recordings into a content-addressed store that nobody there can read.
