//! How long was recorded for what is learned from: told of many people, or of nobody who is recorded.

use std::collections::{BTreeMap, BTreeSet};

use overt_dataset::GROUP_MIN;
use overt_event::KeyId;

use crate::demonstration::Demonstration;

/// Milliseconds of recording, by application.
pub type Spent = BTreeMap<String, u64>;

/// What is told of the time behind those that are learned from, of all that could be.
///
/// Of people who are recorded it is what so many take on average: who takes the times of two draws off each other, or of two models,
/// is not told how long one person sat. Published demonstrations are of nobody who is recorded, and their own times are told.
pub(crate) fn spent_on(taught: &[Demonstration], all: &[&Demonstration]) -> Spent {
    let taught: Vec<&Demonstration> = taught.iter().collect();
    if taught.iter().chain(all).all(|one| one.contributor.is_none()) {
        return spent(&taught);
    }
    let (part, whole) = (taught.len() as u64, all.len() as u64);
    let share = |millis: u64| millis * part / whole.max(1);
    spent(all).into_iter().map(|(app, millis)| (app, share(millis))).collect()
}

/// Of all of them together. How long fewer than [`GROUP_MIN`] people sat in an application would be a figure about each of them: that
/// they did is left, and no time (0).
fn spent(all: &[&Demonstration]) -> Spent {
    let mut sums = Spent::new();
    for (app, millis) in all.iter().flat_map(|one| &one.spent_millis).filter(|(_, millis)| **millis > 0) {
        *sums.entry(app.clone()).or_default() += millis;
    }
    for (app, millis) in &mut sums {
        if (1..GROUP_MIN as usize).contains(&people(all, app).len()) {
            *millis = 0;
        }
    }
    sums
}

/// Who was recorded in an application.
fn people(all: &[&Demonstration], app: &str) -> BTreeSet<KeyId> {
    let there = |one: &&&Demonstration| one.spent_millis.get(app).is_some_and(|millis| *millis > 0);
    all.iter().filter(there).filter_map(|one| one.contributor).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One of each of these people, an hour in each of these applications; nobody's where there is no number.
    fn all(people: &[Option<u8>], apps: &[&str]) -> Vec<Demonstration> {
        let own = |person: &Option<u8>| Demonstration {
            contributor: person.map(|n| KeyId([n; 16])),
            spent_millis: apps.iter().map(|app| ((*app).to_owned(), 3_600_000)).collect(),
            ..Demonstration::default()
        };
        people.iter().map(own).collect()
    }

    fn hours(all: &[Demonstration], app: &str) -> Option<u64> {
        spent(&all.iter().collect::<Vec<_>>()).get(app).map(|millis| millis / 3_600_000)
    }

    #[test]
    fn of_recorded_people_a_part_has_its_share_whoever_it_is_of_and_of_published_ones_its_own() {
        let told = |people: &[Option<u8>], drawn: usize| {
            let mut all = all(people, &["mail"]);
            all[0].spent_millis.insert("mail".to_owned(), 7 * 3_600_000);
            let (first, last) = (&all[..drawn], &all[all.len() - drawn..]);
            let whole: Vec<_> = all.iter().collect();
            [first, last].map(|taught| spent_on(taught, &whole)["mail"] as f64 / 3_600_000.0)
        };
        let five = [1, 2, 3, 4, 5].map(Some);
        assert_eq!(told(&[five, five].concat(), 5), [8.0; 2]);
        assert_eq!(told(&[five, five].concat(), 10), [16.0; 2]);
        assert_eq!(told(&five, 1), [2.2; 2]);
        assert_eq!(told(&five[..4], 4), [0.0; 2]);
        assert_eq!(told(&[None; 5], 2), [8.0, 2.0]);
        // Where nothing could be drawn, nothing is told of what was.
        assert_eq!(spent_on(&all(&five, &["mail"]), &[]), Spent::new());
    }

    #[test]
    fn of_fewer_than_five_people_no_time_is_told_and_of_published_ones_all() {
        let told = |people: &[Option<u8>]| hours(&all(people, &["mail"]), "mail");
        assert_eq!(told(&[Some(1); 9]), Some(0));
        assert_eq!(told(&[1, 2, 3, 4].map(Some)), Some(0));
        assert_eq!(told(&[1, 2, 3, 4, 5].map(Some)), Some(5));
        assert_eq!(told(&[None; 2]), Some(2));
        // What is published could be taken off.
        assert_eq!(told(&[None, None, Some(1)]), Some(0));
    }

    #[test]
    fn people_count_where_they_were() {
        let mut both = all(&[1, 2, 3, 4, 5].map(Some), &["mail"]);
        both.extend(all(&[Some(1)], &["mail", "editor"]));
        assert_eq!((hours(&both, "mail"), hours(&both, "editor")), (Some(6), Some(0)));
        // Who spent no time there stands behind none.
        both.iter_mut().for_each(|one| {
            one.spent_millis.entry("editor".to_owned()).or_insert(0);
        });
        assert_eq!((hours(&both, "mail"), hours(&both, "editor")), (Some(6), Some(0)));
    }
}
