//! Turns an opened recording into episodes of observations and actions.
