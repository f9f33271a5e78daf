//! The stored form of a recording: segments, records, pixels and the public manifest.
