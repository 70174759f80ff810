//! Folds and subsets of stores: random, but decided by the seed alone.

use domain::seed::Seed;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use super::{FOLDS, FOLDS_FEW};

/// Stores up to which the folds are `FOLDS_FEW`.
const FEW: usize = 400;

/// A random order of `count` stores.
fn order(count: usize, seed: u64) -> Vec<usize> {
    let mut random = Pcg64::seed_from_u64(seed);
    let mut order: Vec<usize> = (0..count).collect();
    for at in (1..count).rev() {
        order.swap(at, random.random_range(0..=at));
    }
    order
}

/// How many folds `stores` are held out in: few stores can't spare a fifth of themselves.
pub(super) fn count(stores: usize) -> usize {
    if stores <= FEW { FOLDS_FEW } else { FOLDS }
}

/// The fold of each store; folds differ in size by at most one.
pub(super) fn assign(count: usize, folds: usize, seed: Seed) -> Vec<usize> {
    let mut fold = vec![0; count];
    for (rank, store) in order(count, seed.stream("coldstart/folds", 0)).into_iter().enumerate() {
        fold[store] = rank % folds;
    }
    fold
}

/// At most `most` of the stores, ascending.
pub(super) fn subset(count: usize, most: usize, seed: Seed) -> Vec<usize> {
    if count <= most {
        return (0..count).collect();
    }
    let mut chosen = order(count, seed.stream("coldstart/subset", 0));
    chosen.truncate(most);
    chosen.sort_unstable();
    chosen
}
