//! Boosted trees that learn which of several rows was chosen.
//!
//! A library was weighed (`perpetual`): it learns from single rows, while the choice here is one among all elements
//! of a scene, whose probabilities sum to one. With that loss an element is judged against those beside it. What
//! it takes is below.

use serde::{Deserialize, Serialize};

use crate::rng::Rng;

/// A number falls into one of so many classes, cut at quantiles.
const BINS: usize = 64;

/// How trees are grown. The defaults were fixed once, for all tasks: little of many trees, since models of one kind then
/// differ less (docs/evaluation-notes.md).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Growth {
    pub trees: usize,
    pub depth: usize,
    /// What is taken of each tree.
    pub rate: f64,
    /// Second derivatives on a leaf, at least.
    pub leaf_min: f64,
    /// Added to the second derivative: leaves without much behind them stay small.
    pub lambda: f64,
    /// Of ten choices so many are looked at for each tree.
    pub tenths: u64,
    /// Of ten columns so many are looked at for each tree: what only seems to tell is not always there to mislead.
    pub column_tenths: u64,
}

impl Default for Growth {
    fn default() -> Self {
        Self { trees: 900, depth: 6, rate: 0.0165, leaf_min: 0.1, lambda: 1.0, tenths: 8, column_tenths: 5 }
    }
}

/// One choice: the rows there were and which of them were right.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// All of one length.
    pub rows: Vec<Vec<f32>>,
    /// Indices of rows; none is wrong to have chosen.
    pub right: Vec<usize>,
}

/// A tree as a list, the root first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tree {
    pub(crate) nodes: Vec<TreeNode>,
}

/// A leaf where `feature` is negative.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TreeNode {
    pub(crate) feature: i32,
    /// Rows whose number is not greater go left.
    pub(crate) cut: f32,
    pub(crate) left: i32,
    pub(crate) right: i32,
    pub(crate) value: f32,
}

/// What a row is worth before anything is learned: so much for each of a column's numbers.
pub(crate) type Leaning = &'static [(usize, f64)];

/// A sum of trees, and of what was leaned to before they grew.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trees {
    pub(crate) trees: Vec<Tree>,
    pub(crate) leaning: Leaning,
}

impl Trees {
    /// How good a row looks; only differences within a choice mean anything.
    pub fn score(&self, row: &[f32]) -> f64 {
        leant(self.leaning, row) + self.trees.iter().map(|t| f64::from(t.value(row))).sum::<f64>()
    }

    /// Learns from choices. The same choices, growth and seed give the same trees, also where some of them had
    /// `begun`, in another run. After each tree `told` hears of all that there are.
    pub(crate) fn grow(
        choices: &[Choice],
        growth: Growth,
        leaning: Leaning,
        seed: u64,
        begun: Vec<Tree>,
        mut told: impl FnMut(&[Tree]),
    ) -> Self {
        let table = Table::new(choices);
        let rows = choices.iter().flat_map(|c| &c.rows);
        let mut scores: Vec<f64> = rows.map(|r| leant(leaning, r)).collect();
        let (mut trees, mut begun, mut rng) = (Vec::new(), begun.into_iter(), Rng::new(seed));
        for _ in 0..growth.trees {
            let looked_at = table.some_choices(growth.tenths, &mut rng);
            let columns = table.some_columns(growth.column_tenths, &mut rng);
            let tree = begun.next().unwrap_or_else(|| table.tree(&scores, &looked_at, &columns, growth));
            for (row, score) in scores.iter_mut().enumerate() {
                *score += f64::from(table.value(&tree, row));
            }
            trees.push(tree);
            told(&trees);
        }
        Self { trees, leaning }
    }
}

pub(crate) fn leant(leaning: Leaning, row: &[f32]) -> f64 {
    leaning.iter().map(|(column, worth)| f64::from(row[*column]) * worth).sum()
}

impl Tree {
    fn value(&self, row: &[f32]) -> f32 {
        let mut node = &self.nodes[0];
        while node.feature >= 0 {
            let left = row[node.feature as usize] <= node.cut;
            node = &self.nodes[(if left { node.left } else { node.right }) as usize];
        }
        node.value
    }
}

/// All rows as classes.
struct Table<'a> {
    choices: &'a [Choice],
    rows: usize,
    /// A row's classes stand together, one for each column: a node has few of the rows, but many of the columns.
    classes: Vec<u8>,
    /// The greatest number of each class but the last, by column.
    cuts: Vec<Vec<f32>>,
}

impl<'a> Table<'a> {
    fn new(choices: &'a [Choice]) -> Self {
        let all = || choices.iter().flat_map(|c| &c.rows);
        let width = all().next().map_or(0, Vec::len);
        let cuts: Vec<Vec<f32>> = (0..width).map(|f| cuts(all().map(|r| r[f]).collect())).collect();
        let class = |(f, x): (usize, &f32)| cuts[f].partition_point(|c| c < x) as u8;
        let classes = all().flat_map(|row| row.iter().enumerate().map(class)).collect();
        Self { choices, rows: all().count(), classes, cuts }
    }

    fn classes(&self, row: usize) -> &[u8] {
        &self.classes[row * self.cuts.len()..][..self.cuts.len()]
    }

    /// Which of the choices are looked at.
    fn some_choices(&self, tenths: u64, rng: &mut Rng) -> Vec<bool> {
        self.choices.iter().map(|_| rng.below(10) < tenths).collect()
    }

    /// The tree that lessens the loss most.
    fn tree(&self, scores: &[f64], looked_at: &[bool], columns: &[usize], growth: Growth) -> Tree {
        let mut growing =
            Growing { table: self, columns: Columns::new(self, columns), growth, nodes: Vec::new() };
        growing.grow(self.sloped(scores, looked_at), None, 0);
        Tree { nodes: growing.nodes }
    }

    /// Of those that differ from row to row; at least one, where there are any.
    fn some_columns(&self, tenths: u64, rng: &mut Rng) -> Vec<usize> {
        let mut all: Vec<usize> = (0..self.cuts.len()).filter(|f| !self.cuts[*f].is_empty()).collect();
        let some = (all.len() * tenths as usize).div_ceil(10);
        rng.shuffle(&mut all);
        all.truncate(some);
        all.sort_unstable();
        all
    }

    /// The rows of the choices that are looked at.
    fn sloped(&self, scores: &[f64], looked_at: &[bool]) -> Vec<Sloped> {
        let mut sloped = Vec::with_capacity(self.rows);
        let mut from = 0;
        for (choice, looked_at) in self.choices.iter().zip(looked_at) {
            let own = from..from + choice.rows.len();
            from = own.end;
            if !looked_at || choice.right.is_empty() {
                continue;
            }
            let first = sloped.len();
            for (row, p) in own.clone().zip(chances(&scores[own])) {
                sloped.push(Sloped { row: row as u32, slope: Slope(p, (p * (1.0 - p)).max(1e-6)) });
            }
            for right in &choice.right {
                sloped[first + right].slope.0 -= 1.0 / choice.right.len() as f64;
            }
        }
        sloped
    }

    fn value(&self, tree: &Tree, row: usize) -> f32 {
        let (classes, mut node) = (self.classes(row), &tree.nodes[0]);
        while node.feature >= 0 {
            let f = node.feature as usize;
            let left = self.cuts[f].get(classes[f] as usize).is_some_and(|c| *c <= node.cut);
            node = &tree.nodes[(if left { node.left } else { node.right }) as usize];
        }
        node.value
    }
}

/// Probabilities from scores, summing to one.
pub(crate) fn chances(scores: &[f64]) -> Vec<f64> {
    let top = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = scores.iter().map(|s| (s - top).exp()).collect();
    let sum: f64 = weights.iter().sum();
    weights.into_iter().map(|w| w / sum).collect()
}

/// Where a column is cut: between different numbers, at quantiles where there are too many.
fn cuts(mut column: Vec<f32>) -> Vec<f32> {
    column.sort_unstable_by(f32::total_cmp);
    let mut different = column.clone();
    different.dedup();
    if different.len() > BINS {
        different = (1..BINS).map(|i| column[i * column.len() / BINS]).collect();
        different.dedup();
    } else {
        different.pop();
    }
    different
}

/// First and second derivative of the loss by a score, or sums of them.
#[derive(Clone, Copy, Debug, Default)]
struct Slope(f64, f64);

impl Slope {
    fn and(self, other: Self) -> Self {
        Self(self.0 + other.0, self.1 + other.1)
    }

    fn without(self, other: Self) -> Self {
        Self(self.0 - other.0, self.1 - other.1)
    }
}

#[derive(Clone, Copy, Debug)]
struct Sloped {
    row: u32,
    slope: Slope,
}

/// The columns that a tree looks at.
struct Columns {
    columns: Vec<usize>,
    /// Where the classes of each begin among those of all, and how many these are.
    begins: Vec<usize>,
    classes: usize,
}

impl Columns {
    fn new(table: &Table<'_>, columns: &[usize]) -> Self {
        let mut classes = 0;
        let begin = |f: &usize| {
            let begin = classes;
            classes += table.cuts[*f].len() + 1;
            begin
        };
        let begins = columns.iter().map(begin).collect();
        Self { columns: columns.to_vec(), begins, classes }
    }

    /// What the rows of each class sum up to.
    fn sums(&self, table: &Table<'_>, rows: &[Sloped]) -> Vec<Slope> {
        let mut sums = vec![Slope::default(); self.classes];
        for row in rows {
            let classes = table.classes(row.row as usize);
            for (f, begin) in self.columns.iter().zip(&self.begins) {
                let sum = &mut sums[begin + classes[*f] as usize];
                *sum = sum.and(row.slope);
            }
        }
        sums
    }
}

/// A better place to part rows lessens the loss by at least so much more: of what only rounding tells apart the
/// first is taken.
const LEAST: f64 = 1e-9;

/// One tree as it grows.
struct Growing<'a> {
    table: &'a Table<'a>,
    columns: Columns,
    growth: Growth,
    nodes: Vec<TreeNode>,
}

/// The best place to part rows.
struct Split {
    gain: f64,
    feature: usize,
    class: usize,
}

impl Growing<'_> {
    /// Grows the part of the tree for these rows, whose sums may be known; gives its place.
    fn grow(&mut self, rows: Vec<Sloped>, sums: Option<Vec<Slope>>, depth: usize) -> i32 {
        let whole = rows.iter().fold(Slope::default(), |sum, row| sum.and(row.slope));
        let place = self.nodes.len() as i32;
        let value = (-whole.0 / (whole.1 + self.growth.lambda) * self.growth.rate) as f32;
        self.nodes.push(TreeNode { feature: -1, cut: 0.0, left: 0, right: 0, value });
        if depth == self.growth.depth {
            return place;
        }
        let sums = sums.unwrap_or_else(|| self.columns.sums(self.table, &rows));
        let Some(Split { feature, class, .. }) = self.split(&sums, whole) else { return place };
        let goes_left = |r: &Sloped| self.table.classes(r.row as usize)[feature] as usize <= class;
        let (left, right): (Vec<_>, Vec<_>) = rows.into_iter().partition(goes_left);
        let (left_sums, right_sums) = self.parted(sums, &left, &right, depth + 1);
        let left = self.grow(left, left_sums, depth + 1);
        let right = self.grow(right, right_sums, depth + 1);
        let cut = self.table.cuts[feature][class];
        self.nodes[place as usize] = TreeNode { feature: feature as i32, cut, left, right, value: 0.0 };
        place
    }

    /// The sums of either part: of the smaller one by going through it, of the other one what is left.
    fn parted(
        &self,
        whole: Vec<Slope>,
        left: &[Sloped],
        right: &[Sloped],
        depth: usize,
    ) -> (Option<Vec<Slope>>, Option<Vec<Slope>>) {
        if depth == self.growth.depth {
            return (None, None);
        }
        let left_is_smaller = left.len() < right.len();
        let smaller = self.columns.sums(self.table, if left_is_smaller { left } else { right });
        let larger = whole.iter().zip(&smaller).map(|(whole, part)| whole.without(*part)).collect();
        if left_is_smaller { (Some(smaller), Some(larger)) } else { (Some(larger), Some(smaller)) }
    }

    fn split(&self, sums: &[Slope], whole: Slope) -> Option<Split> {
        let columns = self.columns.columns.iter().zip(&self.columns.begins);
        let splits = columns.filter_map(|(f, begin)| self.split_at(*f, &sums[*begin..], whole));
        // The first of equals, so that the same data gives the same tree.
        splits.reduce(|a, b| if b.gain > a.gain + LEAST { b } else { a })
    }

    fn split_at(&self, feature: usize, sums: &[Slope], whole: Slope) -> Option<Split> {
        let mut best: Option<Split> = None;
        let mut left = Slope::default();
        for (class, sum) in sums.iter().enumerate().take(self.table.cuts[feature].len()) {
            left = left.and(*sum);
            let right = whole.without(left);
            if left.1 < self.growth.leaf_min || right.1 < self.growth.leaf_min {
                continue;
            }
            let gain = self.worth(left) + self.worth(right) - self.worth(whole);
            if gain > best.as_ref().map_or(0.0, |b| b.gain) + LEAST {
                best = Some(Split { gain, feature, class });
            }
        }
        best
    }

    fn worth(&self, Slope(g, h): Slope) -> f64 {
        g * g / (h + self.growth.lambda)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Right is the row whose first number is the greatest of its choice.
    fn choices(seed: u64, n: usize) -> Vec<Choice> {
        let mut rng = Rng::new(seed);
        let mut row = || vec![rng.below(1_000) as f32, rng.below(3) as f32];
        let mut choice = || {
            let rows: Vec<Vec<f32>> = (0..5).map(|_| row()).collect();
            let right = (0..5).max_by(|a, b| rows[*a][0].total_cmp(&rows[*b][0])).into_iter().collect();
            Choice { rows, right }
        };
        (0..n).map(|_| choice()).collect()
    }

    fn grow(choices: &[Choice], growth: Growth, seed: u64) -> Trees {
        Trees::grow(choices, growth, &[], seed, Vec::new(), |_| ())
    }

    #[test]
    fn it_learns_which_row_of_a_choice_is_right() {
        let trees = grow(&choices(1, 400), Growth::default(), 3);
        let unseen = choices(2, 200);
        let hit = |c: &&Choice| {
            let best = (0..5).max_by(|a, b| trees.score(&c.rows[*a]).total_cmp(&trees.score(&c.rows[*b])));
            best == c.right.first().copied()
        };
        let hits = unseen.iter().filter(hit).count();
        assert!(hits > 170, "{hits} of 200");
    }

    #[test]
    fn the_same_seed_grows_the_same_trees() {
        let all = choices(1, 50);
        let five = |seed| grow(&all, Growth { trees: 5, ..Growth::default() }, seed);
        assert_eq!(five(1), five(1));
        assert_ne!(five(1), five(2));
    }

    #[test]
    fn wherever_it_was_interrupted_the_same_trees_grow() {
        let (all, growth) = (choices(1, 50), Growth { trees: 5, ..Growth::default() });
        let mut seen = Vec::new();
        let whole = Trees::grow(&all, growth, &[], 1, Vec::new(), |trees| seen.push(trees.to_vec()));
        assert_eq!(seen.len(), 5);
        for begun in seen {
            assert_eq!(Trees::grow(&all, growth, &[], 1, begun, |_| ()), whole);
        }
    }

    #[test]
    fn classes_and_numbers_fall_on_the_same_side() {
        let all = choices(4, 300);
        let table = Table::new(&all);
        let trees = grow(&all, Growth { trees: 3, ..Growth::default() }, 1);
        for (i, row) in all.iter().flat_map(|c| &c.rows).enumerate() {
            for tree in &trees.trees {
                assert_eq!(table.value(tree, i), tree.value(row));
            }
        }
    }

    #[test]
    fn nothing_to_learn_from_is_no_fault() {
        assert_eq!(grow(&[], Growth::default(), 1).score(&[1.0]), 0.0);
    }
}
