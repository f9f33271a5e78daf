//! What is planted in ordinary text is found whole, and ordinary text is left alone.

mod support;

use std::collections::BTreeMap;

use overt_event::SecretKind;
use overt_filter::Filter;
use proptest::prelude::*;
use support::{Dice, MAKERS, PROSE, plant, secret, words};

const OF_EACH: usize = 200;

fn filter() -> Filter {
    Filter::new(None).expect("the built-in rules are good")
}

/// Found, and found beside it, of each kind.
#[derive(Default)]
struct Score {
    planted: f64,
    found: f64,
    other: f64,
}

impl Score {
    fn recall(&self) -> f64 {
        self.found / self.planted
    }

    fn precision(&self) -> f64 {
        self.found / (self.found + self.other)
    }
}

fn scores() -> BTreeMap<&'static str, Score> {
    let (filter, words, mut dice) = (filter(), words(), Dice(7));
    let mut scores: BTreeMap<&str, Score> = BTreeMap::new();
    for which in (0..MAKERS.len()).cycle().take(MAKERS.len() * OF_EACH) {
        let made = secret(&mut dice, which);
        let planted = plant(&mut dice, &words, made);
        let score = scores.entry(planted.secret.what).or_default();
        score.planted += 1.0;
        let found = filter.find(&planted.text);
        let covers =
            |r: &std::ops::Range<usize>| r.start <= planted.range.start && planted.range.end <= r.end;
        score.found += f64::from(u8::from(found.iter().any(|f| covers(&f.range))));
        score.other += found.iter().filter(|f| !covers(&f.range)).count() as f64;
    }
    scores
}

#[test]
fn of_each_kind_nearly_all_are_found_and_nearly_nothing_else() {
    let scores = scores();
    for (what, kind, checked, ..) in MAKERS {
        let score = &scores[what];
        let (recall, precision) = (score.recall(), score.precision());
        println!("{what:24} recall {recall:.3} precision {precision:.3}");
        let least = if checked || kind == SecretKind::Iban { 0.99 } else { 0.97 };
        assert!(recall >= least && precision >= least, "{what}: recall {recall}, precision {precision}");
    }
}

#[test]
fn of_ordinary_words_less_than_one_in_a_hundred_goes() {
    let filter = filter();
    let (mut all, mut gone) = (0, 0);
    for line in PROSE.iter().flat_map(|text| text.lines()) {
        all += line.split_whitespace().count();
        gone +=
            filter.find(line).iter().map(|f| line[f.range.clone()].split_whitespace().count()).sum::<usize>();
    }
    println!("{gone} of {all} ordinary words");
    assert!(all > 2_000 && gone * 100 < all, "{gone} of {all}");
}

#[test]
fn numbers_that_fail_their_check_pass() {
    let (filter, mut dice) = (filter(), Dice(11));
    for _ in 0..500 {
        let made = secret(&mut dice, 0);
        let last = made.text.chars().next_back().and_then(|c| c.to_digit(10)).expect("a digit");
        let wrong = format!("{}{}", &made.text[..made.text.len() - 1], (last + 1) % 10);
        let cards = filter.find(&wrong).into_iter().filter(|f| f.kind == SecretKind::Card).count();
        assert_eq!(cards, 0, "{wrong}");
    }
}

proptest! {
    #[test]
    fn what_was_found_lies_in_the_text_in_order(text in ".{0,200}") {
        let found = filter().find(&text);
        prop_assert!(found.windows(2).all(|w| w[0].range.end <= w[1].range.start));
        prop_assert!(found.iter().all(|f| text.get(f.range.clone()).is_some_and(|t| !t.is_empty())));
    }

    #[test]
    fn tails_begin_in_the_text(text in "[0-9A-Za-z @:\\n-]{0,200}") {
        let tail = filter().tail(&text);
        prop_assert!(text.is_char_boundary(tail.from));
    }

    #[test]
    fn a_masked_text_holds_nothing_more(seed: u64, which in 0..MAKERS.len()) {
        let mut dice = Dice(seed);
        let made = secret(&mut dice, which);
        let planted = plant(&mut dice, &words(), made);
        let filter = filter();
        let masked = filter.mask(&planted.text).map_or(planted.text.clone(), |m| m.text);
        prop_assert!(!masked.contains(&planted.secret.text), "{masked}");
        prop_assert_eq!(filter.find(&masked), vec![]);
    }
}
