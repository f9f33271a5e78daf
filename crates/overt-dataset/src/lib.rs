//! Writes episodes as an immutable, traceable version of a data set.
