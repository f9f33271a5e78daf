//! Asks the accessibility bus what stands under the pointer and what has the focus.
