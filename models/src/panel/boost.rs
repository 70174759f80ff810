//! Gradient boosting of regression trees over binned features [friedman2001; ke2017], squared loss.
//!
//! | symbol | here | |
//! |---|---|---|
//! | g | target less what the trees so far say | |
//! | gain of a split | GL^2/(nL + lambda) + GR^2/(nR + lambda) - G^2/(n + lambda), G the sum of g | |
//! | leaf | rate x G/(n + lambda) | |
//!
//! Every tree sees a share of the rows and of the features, drawn by hashing; a node's larger child takes its
//! histogram as the difference of the parent's and the smaller child's. One fit runs on one thread, in a fixed order of
//! additions: the caller runs several at once.

use domain::seed::Seed;
use domain::stop::Stop;

/// Trees grown.
pub(super) const TREES: usize = 400;
/// Numbers of trees that may be chosen among: multiples of this.
pub(super) const STAGE: usize = 50;
/// How many such numbers there are.
pub(super) const STAGES: usize = TREES / STAGE;

// Of two sets tried on drugstores without their last 42 days, the one that forecast their windows better (the other: depth
// 5 and leaves of 80).
const RATE: f64 = 0.05;
const DEPTH: usize = 7;
const LEAF_MIN: u32 = 30;
const LAMBDA: f64 = 10.0;
/// Bins of a feature; the first is for what is unknown.
const BINS: usize = 64;
/// In 256ths: rows and features that a tree sees.
const ROW_SHARE: u64 = 154;
const FEATURE_SHARE: u64 = 128;
/// Values at the most that cuts are read from.
const CUTS_FROM: usize = 20_000;

/// The seed of what each tree sees: nothing a caller could want another of.
const SEED: Seed = Seed(0x70a1);

/// Where features are cut into bins.
#[derive(Debug, Clone)]
pub(super) struct Bins {
    cuts: Vec<Vec<f32>>,
}

impl Bins {
    /// Cuts at the quantiles of `rows` of the row-major `features`, or between the values where they are few.
    pub(super) fn fit(features: &[f32], width: usize, rows: &[u32]) -> Self {
        let stride = rows.len().div_ceil(CUTS_FROM).max(1);
        let cuts = (0..width).map(|column| {
            let mut values: Vec<f32> =
                rows.iter().step_by(stride).map(|&row| features[row as usize * width + column]).collect();
            values.retain(|value| value.is_finite());
            values.sort_unstable_by(f32::total_cmp);
            let all = values.len();
            let mut distinct = values.clone();
            distinct.dedup();
            if distinct.len() < BINS {
                return distinct.windows(2).map(|pair| 0.5 * (pair[0] + pair[1])).collect();
            }
            let mut cuts: Vec<f32> = (1..BINS - 1).map(|at| values[at * all / (BINS - 1)]).collect();
            cuts.dedup();
            cuts
        });
        Self { cuts: cuts.collect() }
    }

    /// The bins of all rows, row-major.
    pub(super) fn apply(&self, features: &[f32]) -> Vec<u8> {
        let width = self.cuts.len();
        let bin = |(at, &value): (usize, &f32)| {
            let cuts = &self.cuts[at % width];
            if value.is_finite() { 1 + cuts.partition_point(|&cut| cut < value) as u8 } else { 0 }
        };
        features.iter().enumerate().map(bin).collect()
    }
}

/// A leaf where `left` is 0.
#[derive(Debug, Clone, Copy)]
struct Node {
    feature: u32,
    /// At most this bin: left; the right child follows the left.
    bin: u8,
    left: u32,
    value: f64,
}

/// The fitted trees.
#[derive(Debug, Clone)]
pub(super) struct Boost {
    mean: f64,
    trees: Vec<Vec<Node>>,
}

#[derive(Clone, Copy, Default)]
struct Slot {
    sum: f64,
    count: u32,
}

/// A node to be split: its rows among the tree's, and its histogram.
struct Open {
    node: usize,
    from: usize,
    to: usize,
    depth: usize,
    histogram: Vec<Slot>,
}

impl Boost {
    /// Fits to some `rows` of the row-major `bins`; none once it is interrupted.
    pub(super) fn fit(bins: &[u8], width: usize, rows: &[u32], target: &[f64], stop: &Stop) -> Option<Self> {
        let mean = rows.iter().map(|&row| target[row as usize]).sum::<f64>() / rows.len().max(1) as f64;
        let mut left: Vec<f64> = target.iter().map(|value| value - mean).collect();
        let mut trees = Vec::with_capacity(TREES);
        for number in 0..TREES as u64 {
            if stop.interrupted() {
                return None;
            }
            let seed = Seed(SEED.stream("tree", number));
            let features: Vec<u32> = (0..width as u64)
                .filter(|&feature| seed.stream("feature", feature) % 256 < FEATURE_SHARE)
                .map(|feature| feature as u32)
                .collect();
            let drawn = |row: &&u32| seed.stream("row", u64::from(**row)) % 256 < ROW_SHARE;
            let mut seen: Vec<u32> = rows.iter().filter(drawn).copied().collect();
            let tree = Grower { bins, width, features: &features, left: &left }.grow(&mut seen);
            for &row in rows {
                let row = row as usize;
                left[row] -= leaf(&tree, &bins[row * width..(row + 1) * width]);
            }
            trees.push(tree);
        }
        Some(Self { mean, trees })
    }

    /// At `bins`, by number of trees: [`STAGE`], twice as many, ...
    pub(super) fn predict(&self, bins: &[u8]) -> [f64; STAGES] {
        let mut sum = self.mean;
        std::array::from_fn(|stage| {
            self.trees[stage * STAGE..(stage + 1) * STAGE].iter().for_each(|tree| sum += leaf(tree, bins));
            sum
        })
    }
}

fn leaf(tree: &[Node], bins: &[u8]) -> f64 {
    let mut at = 0;
    while tree[at].left > 0 {
        let node = tree[at];
        at = node.left as usize + usize::from(bins[node.feature as usize] > node.bin);
    }
    tree[at].value
}

struct Grower<'a> {
    bins: &'a [u8],
    width: usize,
    features: &'a [u32],
    left: &'a [f64],
}

impl Grower<'_> {
    fn grow(&self, rows: &mut [u32]) -> Vec<Node> {
        let mut tree = vec![Node { feature: 0, bin: 0, left: 0, value: 0.0 }];
        let histogram = self.histogram(rows);
        let mut open = vec![Open { node: 0, from: 0, to: rows.len(), depth: 0, histogram }];
        while let Some(Open { node, from, to, depth, histogram }) = open.pop() {
            let rows = &mut rows[from..to];
            let sum: f64 = rows.iter().map(|&row| self.left[row as usize]).sum();
            let split = if depth < DEPTH { self.split(&histogram, sum, rows.len() as u32) } else { None };
            let Some((at, bin)) = split else {
                tree[node].value = RATE * sum / (rows.len() as f64 + LAMBDA);
                continue;
            };
            let feature = self.features[at] as usize;
            let middle = partition(rows, |row| self.bins[row as usize * self.width + feature] <= bin);
            let (low, high) = rows.split_at(middle);
            let smaller = self.histogram(if low.len() < high.len() { low } else { high });
            let mut larger = histogram;
            larger.iter_mut().zip(&smaller).for_each(|(all, part)| {
                all.sum -= part.sum;
                all.count -= part.count;
            });
            let (left, right) = if low.len() < high.len() { (smaller, larger) } else { (larger, smaller) };
            let child = tree.len();
            tree[node] = Node { feature: feature as u32, bin, left: child as u32, value: 0.0 };
            tree.extend([Node { feature: 0, bin: 0, left: 0, value: 0.0 }; 2]);
            open.push(Open { node: child, from, to: from + middle, depth: depth + 1, histogram: left });
            open.push(Open { node: child + 1, from: from + middle, to, depth: depth + 1, histogram: right });
        }
        tree
    }

    fn histogram(&self, rows: &[u32]) -> Vec<Slot> {
        let mut histogram = vec![Slot::default(); self.features.len() * BINS];
        for &row in rows {
            let row = row as usize;
            let (bins, left) = (&self.bins[row * self.width..(row + 1) * self.width], self.left[row]);
            for (at, &feature) in self.features.iter().enumerate() {
                let slot = &mut histogram[at * BINS + bins[feature as usize] as usize];
                slot.sum += left;
                slot.count += 1;
            }
        }
        histogram
    }

    /// The best split: position among the features, and bin; none where none gains.
    fn split(&self, histogram: &[Slot], sum: f64, count: u32) -> Option<(usize, u8)> {
        let worth = |sum: f64, count: u32| sum * sum / (f64::from(count) + LAMBDA);
        // Gains within rounding of none are none.
        let floor = worth(sum, count) * (1.0 + 1e-9) + 1e-12;
        let mut best = (floor, None);
        for (at, slots) in histogram.chunks_exact(BINS).enumerate() {
            let (mut low, mut below) = (0.0, 0_u32);
            for (bin, slot) in slots.iter().enumerate().take(BINS - 1) {
                low += slot.sum;
                below += slot.count;
                if slot.count == 0 || below < LEAF_MIN {
                    continue;
                }
                if count - below < LEAF_MIN {
                    break;
                }
                let gain = worth(low, below) + worth(sum - low, count - below);
                if gain > best.0 {
                    best = (gain, Some((at, bin as u8)));
                }
            }
        }
        best.1
    }
}

/// Brings the rows that hold to the front, keeping the order on both sides; how many they are.
fn partition(rows: &mut [u32], holds: impl Fn(u32) -> bool) -> usize {
    let mut rest = Vec::with_capacity(rows.len());
    let mut front = 0;
    for at in 0..rows.len() {
        let row = rows[at];
        if holds(row) {
            rows[front] = row;
            front += 1;
        } else {
            rest.push(row);
        }
    }
    rows[front..].copy_from_slice(&rest);
    front
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_found_and_what_is_unknown_has_a_bin() {
        let features: Vec<f32> = (0..2000).map(|at| if at % 10 == 0 { f32::NAN } else { (at % 100) as f32 }).collect();
        let truth = |x: f32| {
            if x.is_nan() {
                5.0
            } else if x < 50.0 {
                -1.0
            } else {
                2.0
            }
        };
        let target: Vec<f64> = features.iter().map(|&x| truth(x)).collect();
        // The same thrice: a tree that sees half of the features sees one of them at least, mostly.
        let features: Vec<f32> = features.iter().flat_map(|&x| [x; 3]).collect();
        let rows: Vec<u32> = (0..2000).collect();
        let bins = Bins::fit(&features, 3, &rows);
        let boost = Boost::fit(&bins.apply(&features), 3, &rows, &target, &Stop::default()).expect("no interrupt");
        for x in [f32::NAN, 0.0, 49.0, 51.0, 99.0] {
            let said = boost.predict(&bins.apply(&[x; 3]))[STAGES - 1];
            assert!((said - truth(x)).abs() < 0.02, "{x}: {said}");
        }
    }
}
