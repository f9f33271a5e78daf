//! Small matrices, and how a loss changes with each number that led to it.
//!
//! *Why not a library:* what is needed are nine operations on matrices of some hundred rows, in one thread and with
//! sums in one order, so that the same seed gives the same model on every machine of a kind.

use std::borrow::Cow;

use crate::rng::Rng;

/// Numbers in rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Matrix {
    pub(crate) rows: usize,
    pub(crate) cols: usize,
    /// Row after row.
    pub(crate) data: Vec<f32>,
}

impl Matrix {
    pub(crate) fn zeros(rows: usize, cols: usize) -> Self {
        Self { rows, cols, data: vec![0.0; rows * cols] }
    }

    /// Evenly spread around 0, so that what comes out of as many inputs as there are rows is about as large as they
    /// (Glorot and Bengio, 2010).
    pub(crate) fn random(rows: usize, cols: usize, rng: &mut Rng) -> Self {
        let most = (6.0 / (rows + cols) as f32).sqrt();
        let one = |rng: &mut Rng| (rng.below(1 << 24) as f32 / (1 << 23) as f32 - 1.0) * most;
        Self { rows, cols, data: (0..rows * cols).map(|_| one(rng)).collect() }
    }

    /// All rows have one length; `cols` where there are none.
    pub(crate) fn of_rows(rows: Vec<Vec<f32>>, cols: usize) -> Self {
        Self { rows: rows.len(), cols, data: rows.into_iter().flatten().collect() }
    }

    pub(crate) fn row(&self, i: usize) -> &[f32] {
        &self.data[i * self.cols..(i + 1) * self.cols]
    }

    fn row_mut(&mut self, i: usize) -> &mut [f32] {
        &mut self.data[i * self.cols..(i + 1) * self.cols]
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.data.iter_mut().zip(&other.data).for_each(|(a, b)| *a += b);
    }

    /// self · other
    fn times(&self, other: &Self) -> Self {
        let mut out = Self::zeros(self.rows, other.cols);
        for i in 0..self.rows {
            let into = &mut out.data[i * other.cols..(i + 1) * other.cols];
            for (k, a) in self.row(i).iter().enumerate().filter(|(_, a)| **a != 0.0) {
                into.iter_mut().zip(other.row(k)).for_each(|(o, b)| *o += a * b);
            }
        }
        out
    }

    fn turned(&self) -> Self {
        let mut out = Self::zeros(self.cols, self.rows);
        for i in 0..self.rows {
            for (j, x) in self.row(i).iter().enumerate() {
                out.data[j * self.rows + i] = *x;
            }
        }
        out
    }

    fn by_row(&self, change: impl Fn(usize, &mut [f32])) -> Self {
        let mut out = self.clone();
        (0..self.rows).for_each(|i| change(i, out.row_mut(i)));
        out
    }
}

/// The place of a value on a tape.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At(usize);

impl At {
    pub(crate) fn place(self) -> usize {
        self.0
    }
}

enum Op {
    /// What is looked at: nobody asks how the loss changes with it.
    Input,
    Given,
    Times(At, At),
    /// The first by the second, turned.
    TimesTurned(At, At),
    Add(At, At),
    /// One row to all rows.
    AddRow(At, At),
    Relu(At),
    /// Of each row, of so many times its numbers.
    Softmax(At, f32),
    /// Each row with mean 0 and variance 1.
    Normal(At),
    Below(Vec<At>),
    /// These rows, some of them again.
    Rows(At, Vec<usize>),
}

/// What was computed, in order, so that it can be gone back.
#[derive(Default)]
pub(crate) struct Tape<'a> {
    values: Vec<Cow<'a, Matrix>>,
    ops: Vec<Op>,
}

/// Keeps a row without any spread from being divided by 0.
const LEAST: f32 = 1e-5;

impl<'a> Tape<'a> {
    pub(crate) fn value(&self, at: At) -> &Matrix {
        &self.values[at.0]
    }

    /// Puts in what is known already.
    pub(crate) fn given(&mut self, value: Cow<'a, Matrix>) -> At {
        self.values.push(value);
        self.ops.push(Op::Given);
        At(self.values.len() - 1)
    }

    /// Puts in what is looked at.
    pub(crate) fn input(&mut self, value: &'a Matrix) -> At {
        self.values.push(Cow::Borrowed(value));
        self.ops.push(Op::Input);
        At(self.values.len() - 1)
    }

    fn put(&mut self, value: Matrix, op: Op) -> At {
        self.values.push(Cow::Owned(value));
        self.ops.push(op);
        At(self.values.len() - 1)
    }

    pub(crate) fn times(&mut self, a: At, b: At) -> At {
        self.put(self.value(a).times(self.value(b)), Op::Times(a, b))
    }

    pub(crate) fn times_turned(&mut self, a: At, b: At) -> At {
        self.put(self.value(a).times(&self.value(b).turned()), Op::TimesTurned(a, b))
    }

    pub(crate) fn add(&mut self, a: At, b: At) -> At {
        let mut sum = self.value(a).clone();
        sum.add(self.value(b));
        self.put(sum, Op::Add(a, b))
    }

    pub(crate) fn add_row(&mut self, a: At, row: At) -> At {
        let own = self.value(row).row(0);
        let sum = self.value(a).by_row(|_, r| r.iter_mut().zip(own).for_each(|(x, y)| *x += y));
        self.put(sum, Op::AddRow(a, row))
    }

    pub(crate) fn relu(&mut self, a: At) -> At {
        let value = self.value(a).by_row(|_, r| r.iter_mut().for_each(|x| *x = x.max(0.0)));
        self.put(value, Op::Relu(a))
    }

    pub(crate) fn softmax(&mut self, a: At, scale: f32) -> At {
        let value = self.value(a).by_row(|_, r| softmax(r, scale));
        self.put(value, Op::Softmax(a, scale))
    }

    pub(crate) fn normal(&mut self, a: At) -> At {
        let value = self.value(a).by_row(|_, r| {
            let (mean, spread) = spread(r);
            r.iter_mut().for_each(|x| *x = (*x - mean) / spread);
        });
        self.put(value, Op::Normal(a))
    }

    pub(crate) fn below(&mut self, parts: Vec<At>) -> At {
        let mut all = Matrix::zeros(0, self.value(parts[0]).cols);
        for part in &parts {
            all.rows += self.value(*part).rows;
            all.data.extend_from_slice(&self.value(*part).data);
        }
        self.put(all, Op::Below(parts))
    }

    pub(crate) fn rows(&mut self, a: At, which: Vec<usize>) -> At {
        let from = self.value(a);
        let data = which.iter().flat_map(|i| from.row(*i)).copied().collect();
        let value = Matrix { rows: which.len(), cols: from.cols, data };
        self.put(value, Op::Rows(a, which))
    }

    /// How the loss changes with each value, given how it changes with these by themselves.
    pub(crate) fn back(&self, given: Vec<(At, Matrix)>) -> Vec<Matrix> {
        let mut slopes: Vec<Matrix> = (0..self.ops.len()).map(|at| self.no_slope(At(at))).collect();
        for (at, slope) in given {
            slopes[at.0].add(&slope);
        }
        for at in (0..self.ops.len()).rev() {
            let own = std::mem::take(&mut slopes[at]);
            self.back_one(at, &own, &mut slopes);
            slopes[at] = own;
        }
        slopes
    }

    /// Of what is looked at none is kept.
    fn no_slope(&self, at: At) -> Matrix {
        match self.ops[at.0] {
            Op::Input => Matrix::default(),
            _ => Matrix::zeros(self.value(at).rows, self.value(at).cols),
        }
    }

    fn back_one(&self, at: usize, own: &Matrix, slopes: &mut [Matrix]) {
        match &self.ops[at] {
            Op::Input | Op::Given => {}
            Op::Times(a, b) => {
                if !matches!(self.ops[a.0], Op::Input) {
                    slopes[a.0].add(&own.times(&self.value(*b).turned()));
                }
                slopes[b.0].add(&self.value(*a).turned().times(own));
            }
            Op::TimesTurned(a, b) => {
                slopes[a.0].add(&own.times(self.value(*b)));
                slopes[b.0].add(&own.turned().times(self.value(*a)));
            }
            Op::Add(a, b) => {
                slopes[a.0].add(own);
                slopes[b.0].add(own);
            }
            Op::AddRow(a, row) => {
                slopes[a.0].add(own);
                let sums = slopes[row.0].row_mut(0);
                (0..own.rows).for_each(|i| sums.iter_mut().zip(own.row(i)).for_each(|(s, x)| *s += x));
            }
            Op::Relu(a) => {
                let value = &self.values[at];
                let slope = own.by_row(|i, r| {
                    r.iter_mut().zip(value.row(i)).for_each(|(s, y)| *s = if *y > 0.0 { *s } else { 0.0 });
                });
                slopes[a.0].add(&slope);
            }
            Op::Softmax(a, scale) => {
                slopes[a.0].add(&own.by_row(|i, r| back_softmax(r, self.values[at].row(i), *scale)));
            }
            Op::Normal(a) => {
                let (from, value) = (self.value(*a), &self.values[at]);
                slopes[a.0].add(&own.by_row(|i, r| back_normal(r, value.row(i), spread(from.row(i)).1)));
            }
            Op::Below(parts) => {
                let mut from = 0;
                for part in parts {
                    let into = &mut slopes[part.0].data;
                    let len = into.len();
                    into.iter_mut().zip(&own.data[from..from + len]).for_each(|(s, x)| *s += x);
                    from += len;
                }
            }
            Op::Rows(a, which) => {
                for (i, row) in which.iter().enumerate() {
                    let into = slopes[a.0].row_mut(*row);
                    into.iter_mut().zip(own.row(i)).for_each(|(s, x)| *s += x);
                }
            }
        }
    }
}

fn softmax(row: &mut [f32], scale: f32) {
    let top = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    row.iter_mut().for_each(|x| *x = ((*x - top) * scale).exp());
    let sum: f32 = row.iter().sum();
    row.iter_mut().for_each(|x| *x /= sum);
}

fn back_softmax(slope: &mut [f32], value: &[f32], scale: f32) {
    let mean: f32 = slope.iter().zip(value).map(|(s, y)| s * y).sum();
    slope.iter_mut().zip(value).for_each(|(s, y)| *s = scale * y * (*s - mean));
}

/// Mean and standard deviation.
fn spread(row: &[f32]) -> (f32, f32) {
    let n = row.len().max(1) as f32;
    let mean = row.iter().sum::<f32>() / n;
    let variance = row.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / n;
    (mean, (variance + LEAST).sqrt())
}

fn back_normal(slope: &mut [f32], value: &[f32], spread: f32) {
    let n = slope.len().max(1) as f32;
    let mean = slope.iter().sum::<f32>() / n;
    let along = slope.iter().zip(value).map(|(s, y)| s * y).sum::<f32>() / n;
    slope.iter_mut().zip(value).for_each(|(s, y)| *s = (*s - mean - y * along) / spread);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every operation once, from three matrices to one number's sum.
    fn run<'a>(given: &'a [Matrix; 4]) -> (Tape<'a>, Vec<At>) {
        let mut tape = Tape::default();
        let at: Vec<At> = given.iter().map(|m| tape.given(Cow::Borrowed(m))).collect();
        let a = tape.times(at[0], at[1]);
        let a = tape.add_row(a, at[2]);
        let n = tape.normal(a);
        let scores = tape.times_turned(n, at[3]);
        let shares = tape.softmax(scores, 0.7);
        let mixed = tape.times(shares, at[3]);
        let both = tape.below(vec![mixed, n]);
        let r = tape.relu(both);
        let sum = tape.add(r, both);
        tape.rows(sum, vec![2, 0, 2, 5, 4]);
        (tape, at)
    }

    /// A sum in which every number counts differently.
    fn loss(tape: &Tape<'_>) -> f32 {
        let last = tape.values.last().expect("a value");
        last.data.iter().enumerate().map(|(i, x)| x * weight(i)).sum()
    }

    fn weight(i: usize) -> f32 {
        ((i * 7 % 5) as f32 - 2.0) / 3.0
    }

    #[test]
    fn slopes_are_what_small_changes_show() {
        let mut rng = Rng::new(5);
        let shapes = [(3, 4), (4, 2), (1, 2), (5, 2)];
        let given = shapes.map(|(r, c)| Matrix::random(r, c, &mut rng));
        let (tape, at) = run(&given);
        let last = tape.values.last().expect("a value");
        let data = (0..last.data.len()).map(weight).collect();
        let end = At(tape.values.len() - 1);
        let slopes = tape.back(vec![(end, Matrix { rows: last.rows, cols: last.cols, data })]);
        for (which, at) in at.iter().enumerate() {
            for i in 0..given[which].data.len() {
                let moved = |by: f32| {
                    let mut other = given.clone();
                    other[which].data[i] += by;
                    loss(&run(&other).0)
                };
                let shown = (moved(1e-2) - moved(-1e-2)) / 2e-2;
                let told = slopes[at.0].data[i];
                assert!((shown - told).abs() < 2e-2 + 0.05 * told.abs(), "{which} {i}: {shown} {told}");
            }
        }
    }
}
