//! The rules, one a file.

pub(crate) mod approach;
pub(crate) mod chord;
pub(crate) mod clipboard;
pub(crate) mod effects;
pub(crate) mod field;
pub(crate) mod form;
pub(crate) mod hover;
pub(crate) mod idle;
pub(crate) mod path;
pub(crate) mod popup;
pub(crate) mod press;
pub(crate) mod scroll_run;
pub(crate) mod soundness;
pub(crate) mod stirred;
pub(crate) mod target;
pub(crate) mod text_run;
pub(crate) mod unfolding;
pub(crate) mod wait;
