//! Signed terms, a person's consent, and the verdict that follows from them.
