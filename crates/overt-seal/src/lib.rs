//! Encrypts what may be kept to named public keys.
