//! Extremely randomised trees [geurts2006]: for steps and interplays that smooth functions miss.
//!
//! | symbol | here | |
//! |---|---|---|
//! | n | stores of a tree | all, or a random `ROWS_MAX` of them |
//! | cut | of each feature, uniform between its least and its most in the node | |
//! | gain | s_l^2/n_l + s_r^2/n_r, s the sums of ln y at either side | the largest is taken |
//!
//! A node is split while either side keeps `LEAF_MIN` stores. Every tree draws from its own stream.

use domain::seed::Seed;
use ndarray::{ArrayView1, ArrayView2};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use rayon::prelude::*;

use super::folds;

/// Trees.
const TREES: usize = 100;
/// Stores at the least in a leaf.
const LEAF_MIN: usize = 3;
/// Stores that a tree sees at the most.
const ROWS_MAX: usize = 3000;

/// A node: a cut, or a leaf.
#[derive(Debug, Clone, Copy)]
enum Node {
    /// Stores below `at` in `feature` go to node `below`, the others to the one after it.
    Cut { feature: u32, at: f64, below: u32 },
    /// The mean ln y.
    Leaf(f64),
}

/// The fitted trees.
#[derive(Debug, Clone)]
pub(super) struct Trees {
    trees: Vec<Vec<Node>>,
}

impl Trees {
    /// Fits to all rows.
    pub(super) fn fit(z: ArrayView2<'_, f64>, logs: &[f64], seed: Seed) -> Self {
        // Features in rows: a cut passes over the stores of one feature after the other.
        let columns = z.t().as_standard_layout().into_owned();
        let trees = (0..TREES).into_par_iter().map(|at| {
            let stream = seed.stream("coldstart/trees", at as u64);
            let rows = folds::subset(logs.len(), ROWS_MAX, Seed(stream));
            grow(columns.view(), logs, rows, Pcg64::seed_from_u64(stream))
        });
        Self { trees: trees.collect() }
    }

    /// ln y at standardised features.
    pub(super) fn predict(&self, z: ArrayView1<'_, f64>) -> f64 {
        let sum: f64 = self.trees.iter().map(|tree| leaf(tree, z)).sum();
        sum / self.trees.len().max(1) as f64
    }
}

fn leaf(tree: &[Node], z: ArrayView1<'_, f64>) -> f64 {
    let mut at = 0;
    loop {
        match tree[at] {
            Node::Leaf(value) => return value,
            Node::Cut { feature, at: cut, below } => at = below as usize + usize::from(z[feature as usize] >= cut),
        }
    }
}

/// One tree over `features x stores`; nodes are grown in the order of their numbers.
fn grow(columns: ArrayView2<'_, f64>, logs: &[f64], mut rows: Vec<usize>, mut random: Pcg64) -> Vec<Node> {
    let mut nodes = vec![Node::Leaf(0.0)];
    let mut open = vec![(0_usize, 0_usize, rows.len())];
    while let Some((node, start, end)) = open.pop() {
        let here = &mut rows[start..end];
        match cut(columns, logs, here, &mut random) {
            Some((feature, at)) => {
                let values = columns.row(feature);
                let below = here.iter().filter(|&&row| values[row] < at).count();
                // A stable sort by a bool: a partition.
                here.sort_by_key(|&row| values[row] >= at);
                #[expect(clippy::cast_possible_truncation, reason = "nodes and features are far below 2^32")]
                let (children, named) = (nodes.len() as u32, feature as u32);
                nodes[node] = Node::Cut { feature: named, at, below: children };
                nodes.extend([Node::Leaf(0.0), Node::Leaf(0.0)]);
                open.push((children as usize, start, start + below));
                open.push((children as usize + 1, start + below, end));
            }
            None => {
                let sum: f64 = here.iter().map(|&row| logs[row]).sum();
                nodes[node] = Node::Leaf(sum / here.len().max(1) as f64);
            }
        }
    }
    nodes
}

/// The best of one random cut per feature; none where no feature can be cut.
fn cut(columns: ArrayView2<'_, f64>, logs: &[f64], rows: &[usize], random: &mut Pcg64) -> Option<(usize, f64)> {
    if rows.len() < 2 * LEAF_MIN {
        return None;
    }
    let y: Vec<f64> = rows.iter().map(|&row| logs[row]).collect();
    let total: f64 = y.iter().sum();
    let mut best: Option<(f64, usize, f64)> = None;
    let mut here = Vec::with_capacity(rows.len());
    for (feature, values) in columns.rows().into_iter().enumerate() {
        here.clear();
        here.extend(rows.iter().map(|&row| values[row]));
        let least = here.iter().fold(f64::INFINITY, |least, &value| least.min(value));
        let most = here.iter().fold(f64::NEG_INFINITY, |most, &value| most.max(value));
        if least >= most {
            continue;
        }
        let share: f64 = random.random();
        let at = least + share * (most - least);
        let (mut sum, mut below) = (0.0, 0_usize);
        for (&value, log) in here.iter().zip(&y) {
            // Without branches: which side a store is on can't be foreseen.
            let left = value < at;
            sum += if left { *log } else { 0.0 };
            below += usize::from(left);
        }
        let above = rows.len() - below;
        if below < LEAF_MIN || above < LEAF_MIN {
            continue;
        }
        let gain = sum * sum / below as f64 + (total - sum).powi(2) / above as f64;
        if best.is_none_or(|(most, ..)| gain > most) {
            best = Some((gain, feature, at));
        }
    }
    best.map(|(_, feature, at)| (feature, at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn a_step_is_found_and_a_constant_is_a_leaf() {
        let z = Array2::from_shape_fn((200, 2), |(row, column)| ((row * (3 + 4 * column)) % 200) as f64 / 100.0 - 1.0);
        let logs: Vec<f64> = z.rows().into_iter().map(|row| f64::from(u8::from(row[0] > 0.2))).collect();
        let trees = Trees::fit(z.view(), &logs, Seed(1));
        for (value, want) in [(-0.7, 0.0), (0.9, 1.0)] {
            assert!((trees.predict(ndarray::arr1(&[value, 0.1]).view()) - want).abs() < 0.05);
        }
        let flat = Trees::fit(Array2::ones((10, 1)).view(), &[3.0; 10], Seed(1));
        assert!(flat.trees.iter().all(|tree| tree.len() == 1));
        assert_eq!(flat.predict(ndarray::arr1(&[5.0]).view()), 3.0);
    }
}
