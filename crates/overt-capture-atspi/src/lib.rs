//! Asks the accessibility bus what stands under the pointer and what has the focus.
//!
//! # Context
//! A source of the recorder on Linux. It puts [`overt_event::RawEvent`]s into an
//! [`overt_capture::Outlet`]: the element at a point, the visible elements of a window, what has the
//! keyboard focus, what was selected or edited, and the address of a web page. Minimise keeps keys
//! only where this crate says what kind of control they went to.
//!
//! # Design
//! Two connections to the bus. One is only listened to: a thread drains its signals and never makes a
//! call, so a flood of events cannot hold back the answers to questions. The other is only asked, by
//! a few worker threads, each question with a deadline. Calls of one round are all sent before the
//! first reply is read.
//!
//! Every change of focus is reported at once as `Unknown` and a second time when the role is known, so
//! that whoever waits for the answer waits on the safe side.
//!
//! # Applications
//! Shown by live tests: GTK 3 (3.24), Chromium (156) and LibreOffice Calc (7.4, with libreoffice-gtk3).
//! What does not work there:
//! * LibreOffice: a snapshot holds no cell, because listing cells is not safe; a look-up finds the cell at a
//!   point and the focus tells the active one. The menu bar, the tool bars and the fields in them are whole.
//! * LibreOffice: the paragraph of a cell that is edited has a wrong place; its parent has the right one. The
//!   first character typed into a cell is told by no event. The list of a field in a tool bar is a table
//!   without a name in a window without a name.
//! * LibreOffice: the window below a drop button is told when it opens and when it goes, and so are the menus
//!   there and the controls with a name in it. Its colours are items without a name and without a place, which a
//!   look-up does not find, and in the window of the borders the focus is at an object that answers nothing.
//! * LibreOffice: the tab of a sheet is told when the pointer chose it; of one that a key chose only the active
//!   cell tells, by the name of its table.
//! * Chromium: under a scale factor set by its own flag a page has no places.
//! * Chromium answers truly about a point of a page only when asked a second time, so that a look-up there takes
//!   longer than elsewhere.
//! * Chromium finds at a point over the text of an item in a menu that a page unfolds beyond its parents' edges only the page or a
//!   part of it, however often it is asked. Snapshots hold the item.
//! * Chromium: the names of the items of its own menus end in their shortcut ("Cut Ctrl+X"). While such a menu is
//!   open the field below it still says that it has the focus. The suggestions of a field are a list named
//!   "Autofill" that does not say whose it is; they are told when the first is chosen by key, not when they show:
//!   then only the window of the list is. An item of them lies in another of the same name.
//! * What GTK's own input method and its loadable modules commit is told; ibus and fcitx are not tested.
//! * Qt and Java are not tested.
//!
//! # Invariants
//! * No call to this crate waits for the bus, and every queue is bounded.
//! * A bus that goes is told when it goes and when it is back, and is looked for until then.
//! * A focus is never reported as harmless from memory: the role was asked after `asked_at`, or after
//!   the event that `asked_at` is the arrival of, and no newer focus event had arrived.
//! * No text of a password field becomes an event, nor text of a field whose role is not known.
//! * Of a page's address only the host is told where its site is asked for.
//! * Children of tables, spreadsheets and whatever manages its descendants are never listed.

mod apps;
mod bus;
mod capture;
mod change;
mod config;
mod descend;
mod doctor;
mod drain;
mod element;
mod error;
mod focus;
mod focus_search;
mod focus_worker;
mod gate;
mod lineage;
mod location;
mod lookup;
mod memory;
mod object;
mod office;
mod page;
mod popup;
mod popup_window;
mod queue;
mod scale;
mod see;
mod shared;
mod signal;
mod site;
mod snapshot;
mod source;
mod spelling;
mod unfolded;

pub use capture::{AtspiCapture, start};
pub use config::{AtspiConfig, LookupRequest, SiteRequest, SnapshotRequest};
pub use doctor::{Finding, probe};
pub use error::AtspiError;
