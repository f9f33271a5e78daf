//! A bounded, crash-safe store of sealed recordings on the person's own disk.
