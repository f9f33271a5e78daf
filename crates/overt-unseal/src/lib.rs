//! Opens sealed recordings for one named purpose, after writing down that it does.
