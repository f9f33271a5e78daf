//! Sees pointer, keys, windows and pixels of an X11 desktop, and shows that it does.
