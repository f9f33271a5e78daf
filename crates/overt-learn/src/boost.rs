//! Boosted trees that learn which of several rows was chosen.
//!
//! A library was weighed (`perpetual`): it learns from single rows, while the choice here is one among all elements
//! of a scene, whose probabilities sum to one. With that loss an element is judged against those beside it. What
//! it takes is below.

use serde::{Deserialize, Serialize};

use crate::rng::Rng;

/// A number falls into one of so many classes, cut at quantiles.
const BINS: usize = 64;

/// How trees are grown. The defaults were fixed once, for all tasks.
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
        Self { trees: 150, depth: 6, rate: 0.1, leaf_min: 0.1, lambda: 1.0, tenths: 8, column_tenths: 5 }
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

/// All rows by column, as classes.
struct Table<'a> {
    choices: &'a [Choice],
    rows: usize,
    columns: Vec<Vec<u8>>,
    /// The greatest number of each class but the last, by column.
    cuts: Vec<Vec<f32>>,
}

impl<'a> Table<'a> {
    fn new(choices: &'a [Choice]) -> Self {
        let all = || choices.iter().flat_map(|c| &c.rows);
        let width = all().next().map_or(0, Vec::len);
        let cuts: Vec<Vec<f32>> = (0..width).map(|f| cuts(all().map(|r| r[f]).collect())).collect();
        let class = |f: usize, x: f32| cuts[f].partition_point(|c| *c < x) as u8;
        let columns = (0..width).map(|f| all().map(|r| class(f, r[f])).collect()).collect();
        Self { choices, rows: all().count(), columns, cuts }
    }

    /// Which of the choices are looked at.
    fn some_choices(&self, tenths: u64, rng: &mut Rng) -> Vec<bool> {
        self.choices.iter().map(|_| rng.below(10) < tenths).collect()
    }

    /// The tree that lessens the loss most.
    fn tree(&self, scores: &[f64], looked_at: &[bool], columns: &[usize], growth: Growth) -> Tree {
        let slopes = self.slopes(scores, looked_at);
        let mut growing = Growing { table: self, slopes: &slopes, columns, growth, nodes: Vec::new() };
        growing.grow((0..self.rows as u32).filter(|r| slopes[*r as usize].1 > 0.0).collect(), 0);
        Tree { nodes: growing.nodes }
    }

    /// Of those that differ from row to row; at least one, where there are any.
    fn some_columns(&self, tenths: u64, rng: &mut Rng) -> Vec<usize> {
        let mut all: Vec<usize> = (0..self.columns.len()).filter(|f| !self.cuts[*f].is_empty()).collect();
        let some = (all.len() * tenths as usize).div_ceil(10);
        rng.shuffle(&mut all);
        all.truncate(some);
        all.sort_unstable();
        all
    }

    /// First and second derivative of the loss by each row's score; 0 for those that are not looked at.
    fn slopes(&self, scores: &[f64], looked_at: &[bool]) -> Vec<(f64, f64)> {
        let mut slopes = vec![(0.0, 0.0); self.rows];
        let mut from = 0;
        for (choice, looked_at) in self.choices.iter().zip(looked_at) {
            let own = from..from + choice.rows.len();
            from = own.end;
            if !looked_at || choice.right.is_empty() {
                continue;
            }
            for (slope, p) in slopes[own.clone()].iter_mut().zip(chances(&scores[own.clone()])) {
                *slope = (p, (p * (1.0 - p)).max(1e-6));
            }
            for right in &choice.right {
                slopes[own.start + right].0 -= 1.0 / choice.right.len() as f64;
            }
        }
        slopes
    }

    fn value(&self, tree: &Tree, row: usize) -> f32 {
        let mut node = &tree.nodes[0];
        while node.feature >= 0 {
            let f = node.feature as usize;
            let class = self.columns[f][row] as usize;
            let left = self.cuts[f].get(class).is_some_and(|c| *c <= node.cut);
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

/// One tree as it grows.
struct Growing<'a> {
    table: &'a Table<'a>,
    slopes: &'a [(f64, f64)],
    columns: &'a [usize],
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
    /// Grows the part of the tree for these rows; gives its place.
    fn grow(&mut self, rows: Vec<u32>, depth: usize) -> i32 {
        let (g, h) = self.sum(&rows);
        let place = self.nodes.len() as i32;
        let value = (-g / (h + self.growth.lambda) * self.growth.rate) as f32;
        self.nodes.push(TreeNode { feature: -1, cut: 0.0, left: 0, right: 0, value });
        let split = if depth < self.growth.depth { self.split(&rows, g, h) } else { None };
        let Some(Split { feature, class, .. }) = split else { return place };
        let column = &self.table.columns[feature];
        let (left, right) = rows.into_iter().partition(|r| column[*r as usize] as usize <= class);
        let (left, right) = (self.grow(left, depth + 1), self.grow(right, depth + 1));
        let cut = self.table.cuts[feature][class];
        self.nodes[place as usize] = TreeNode { feature: feature as i32, cut, left, right, value: 0.0 };
        place
    }

    fn sum(&self, rows: &[u32]) -> (f64, f64) {
        let slopes = rows.iter().map(|r| self.slopes[*r as usize]);
        slopes.fold((0.0, 0.0), |(g, h), slope| (g + slope.0, h + slope.1))
    }

    fn split(&self, rows: &[u32], g: f64, h: f64) -> Option<Split> {
        let whole = self.worth(g, h);
        let best = self.columns.iter().filter_map(|f| self.split_at(rows, *f, (g, h, whole)));
        // The first of equals, so that the same data gives the same tree.
        best.reduce(|a, b| if b.gain > a.gain { b } else { a })
    }

    fn split_at(&self, rows: &[u32], feature: usize, (g, h, whole): (f64, f64, f64)) -> Option<Split> {
        let column = &self.table.columns[feature];
        let mut sums = [(0.0, 0.0); BINS];
        for row in rows {
            let (slope, sum) = (self.slopes[*row as usize], &mut sums[column[*row as usize] as usize]);
            *sum = (sum.0 + slope.0, sum.1 + slope.1);
        }
        let mut best: Option<Split> = None;
        let (mut gl, mut hl) = (0.0, 0.0);
        for (class, (gc, hc)) in sums.iter().enumerate().take(self.table.cuts[feature].len()) {
            (gl, hl) = (gl + gc, hl + hc);
            if hl < self.growth.leaf_min || h - hl < self.growth.leaf_min {
                continue;
            }
            let gain = self.worth(gl, hl) + self.worth(g - gl, h - hl) - whole;
            if gain > 1e-9 && best.as_ref().is_none_or(|b| gain > b.gain) {
                best = Some(Split { gain, feature, class });
            }
        }
        best
    }

    fn worth(&self, g: f64, h: f64) -> f64 {
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
