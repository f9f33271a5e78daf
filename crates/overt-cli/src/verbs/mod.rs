//! A file for each verb.

pub mod act;
pub mod agreement;
pub mod build;
pub mod collect;
pub mod consent;
pub mod control;
pub mod doctor;
pub mod erase;
pub mod evaluate;
pub mod exempt;
pub mod explain;
pub mod export;
pub mod import;
pub mod inspect;
pub mod keys;
pub mod mark;
pub mod narrow;
pub mod papers;
pub mod record;
pub mod show;
pub mod train;
pub mod verify;
