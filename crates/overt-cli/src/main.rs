//! The command overt.
fn main() {}
