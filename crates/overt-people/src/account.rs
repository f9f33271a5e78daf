//! An account while people work: which tasks they did, and whether they are at one.

use crate::truth::{Told, ToldDeed};

/// What was told so far.
#[derive(Default)]
pub(crate) struct Account {
    told: Vec<Told>,
    is_at_task: bool,
}

impl Account {
    /// The task of the last goal, which nobody judged yet, is the one that people are at.
    pub(crate) fn begins(&mut self, goal: &str) {
        self.told.push(Told { goal: goal.to_owned(), succeeded: false, deeds: Vec::new() });
        self.is_at_task = true;
    }

    pub(crate) fn does(&mut self, deed: ToldDeed) {
        if let Some(task) = self.told.last_mut().filter(|_| self.is_at_task) {
            task.deeds.push(deed);
        }
    }

    /// The task is over. Gives whether there was one: what failed before it began says nothing of the one before.
    pub(crate) fn ends(&mut self, solved: bool) -> bool {
        let was_at_task = std::mem::take(&mut self.is_at_task);
        if let Some(task) = self.told.last_mut().filter(|_| was_at_task) {
            task.succeeded = solved;
        }
        was_at_task
    }

    pub(crate) fn into_told(self) -> Vec<Told> {
        self.told
    }
}

#[cfg(test)]
mod tests {
    use overt_learn::Manner;

    use super::*;

    fn deed() -> ToldDeed {
        let (manner, shown, appearances) = (Manner::Click, Vec::new(), Vec::new());
        ToldDeed { shown, appearances, manner, on: None, text: None, at_millis: 0 }
    }

    #[test]
    fn what_fails_before_a_task_begins_is_not_the_one_before() {
        let mut account = Account::default();
        assert!(!account.ends(false), "nobody began");
        account.begins("Press OK");
        account.does(deed());
        assert!(account.ends(true));
        assert!(!account.ends(false), "the next one never began");
        account.does(deed());
        account.begins("Press Cancel");
        assert!(account.ends(false));
        let told = account.into_told();
        let told: Vec<_> = told.iter().map(|t| (t.goal.as_str(), t.succeeded, t.deeds.len())).collect();
        assert_eq!(told, [("Press OK", true, 1), ("Press Cancel", false, 0)]);
    }
}
