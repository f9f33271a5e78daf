//! Months: how far what a calendar shows is from what the goal asks for.

use std::ops::RangeInclusive;

use crate::goal::Goal;
use crate::scene::Scene;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Months since the year 0.
type Month = i32;

/// What counts as a year: four digits. Goals and pages hold other numbers, of any size.
const YEARS: RangeInclusive<i32> = 1_000..=9_999;

/// How many months after the one that is shown the goal's date lies; `None` where the goal has no date, or no month with its
/// year is shown.
pub(crate) fn months_ahead(goal: &Goal, scene: &Scene) -> Option<i32> {
    Some(asked(goal)? - shown(scene)?)
}

/// The month of the first word of three numbers: a year comes first or last, and of the two others the month is the first unless it
/// is too large for one.
fn asked(goal: &Goal) -> Option<Month> {
    goal.words().iter().find_map(|word| {
        let parts: Vec<i32> = word.raw.split(['/', '-', '.']).map_while(|p| p.parse().ok()).collect();
        let (year, first, second) = match parts[..] {
            [year, first, second] if YEARS.contains(&year) => (year, first, second),
            [first, second, year] if YEARS.contains(&year) => (year, first, second),
            _ => return None,
        };
        let month = if first > 12 { second } else { first };
        (1..=12).contains(&month).then(|| year * 12 + month - 1)
    })
}

/// The first month by name that has its year beside it, in the same name or in the next.
fn shown(scene: &Scene) -> Option<Month> {
    let words = |i: usize| if i < scene.nodes().len() { scene.words(i) } else { &[] };
    (0..scene.nodes().len()).find_map(|i| {
        let month = MONTHS.iter().position(|m| words(i).first().is_some_and(|w| w == m))?;
        let year: i32 = words(i).get(1).or_else(|| words(i + 1).first())?.parse().ok()?;
        YEARS.contains(&year).then(|| year * 12 + month as i32)
    })
}

#[cfg(test)]
mod tests {
    use overt_event::Node;

    use super::*;

    fn check(goal: &str, names: &[&str], expected: Option<i32>) {
        let node = |name: &&str| Node { name: (*name).to_owned(), ..Node::default() };
        let scene = Scene::new(names.iter().map(node).collect());
        assert_eq!(months_ahead(&Goal::new(goal), &scene), expected, "{goal}, {names:?}");
    }

    #[test]
    fn a_date_lies_so_many_months_after_what_is_shown() {
        check("Select 01/25/2016 as the date.", &["Prev", "December", "2016"], Some(-11));
        check("Book for 2025-03-09", &["December 2024"], Some(3));
        check("Am 25.12.2016", &["December", "2016"], Some(0));
        check("Select 01/25/2016 as the date.", &["December"], None);
        check("Select 25/25/2016 as the date.", &["December", "2016"], None);
        check("Choose 3 of 12", &["May", "2016"], None);
    }

    #[test]
    fn a_year_has_four_digits() {
        check("1/2/999999999", &["May", "2016"], None);
        check("999999999-1-2", &["May", "2016"], None);
        check("1/2/10000", &["May", "2016"], None);
        check("1/2/9999", &["May", "9999"], Some(-4));
        check("Book for 1/2/2016", &["May", "999999999"], None);
        check("Book for 1/2/2016", &["May", "10000"], None);
    }
}
