//! Somebody who says what they do: by marks in the recording, and to an account.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Instant;

use anyhow::Result;
use overt_learn::ground::{GroundError, Witness};
use overt_learn::{Deed, Manner, Scene};
use overt_sim::overt::Overt;

use crate::account::Account;
use crate::person::Somebody;
use crate::truth::{Told, ToldDeed};

/// Marks tasks in the recording as a person does, and keeps their own account.
pub(crate) struct Teller<'a> {
    overt: &'a Overt<'a>,
    person: Rc<RefCell<Somebody>>,
    began: Instant,
    account: Account,
}

impl<'a> Teller<'a> {
    pub(crate) fn new(overt: &'a Overt<'a>, person: Rc<RefCell<Somebody>>) -> Self {
        Self { overt, person, began: Instant::now(), account: Account::default() }
    }

    pub(crate) fn into_told(self) -> Vec<Told> {
        self.account.into_told()
    }

    /// Judges the task at hand and ends it. Gives whether there was one: without it nothing is marked, since a recording takes a
    /// mark between two tasks for the one before.
    pub(crate) fn judged(&mut self, solved: bool) -> Result<bool> {
        let was_at_task = self.account.ends(solved);
        if was_at_task {
            self.mark(&[if solved { "succeeded" } else { "failed" }])?;
            self.mark(&["end"])?;
        }
        Ok(was_at_task)
    }

    fn mark(&self, words: &[&str]) -> Result<()> {
        self.overt.run("mark", |c| c.args(words)).map(drop)
    }
}

impl Witness for Teller<'_> {
    fn begins(&mut self, goal: &str) -> Result<(), GroundError> {
        self.mark(&["begin", "--", goal]).map_err(|e| GroundError::Witness(e.into()))?;
        self.account.begins(goal);
        self.person.borrow_mut().read();
        Ok(())
    }

    fn does(&mut self, scene: &Scene, deed: &Deed) -> Result<(), GroundError> {
        self.account.does(ToldDeed {
            shown: scene.nodes().to_vec(),
            appearances: (0..scene.nodes().len()).map(|i| scene.appearance(i).cloned()).collect(),
            manner: deed.manner.clone(),
            on: deed.on,
            text: deed.text.clone().filter(|_| deed.manner == Manner::Type),
            at_millis: self.began.elapsed().as_millis() as i64,
        });
        self.person.borrow_mut().think();
        Ok(())
    }

    /// Nobody closes a window in the moment of the last key, nor before they said that it is done.
    fn ends(&mut self, solved: bool) -> Result<(), GroundError> {
        self.person.borrow_mut().check();
        self.judged(solved).map(drop).map_err(|e| GroundError::Witness(e.into()))
    }
}
