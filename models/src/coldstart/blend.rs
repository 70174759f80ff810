//! How the members are weighed against each other [bates1969].
//!
//! | symbol | here | |
//! |---|---|---|
//! | e_j | errors of the members' ln y at held-out store j | |
//! | C | mean of e_j e_j' | |
//! | v | the weights to start from: [`priors`] | add up to 1 |
//! | w | the weights | w >= 0, add up to 1 |
//!
//! w minimises w'Cw + (`PULL`/n) c |w - v|^2, c the smallest of the members' mean squared errors: with members that
//! agree, the best weights of a few dozen stores are mostly luck, so v rules there, and evidence from some hundreds
//! on. The minimum lies on a face of the simplex, where it solves a linear system: all faces are tried.

use ndarray::{ArrayView1, ArrayView2};

use super::{COUNT, dense::Cholesky};

/// How many stores' worth the prior weights count.
const PULL: f64 = 30.0;
/// Stores from which on trees start from more than half of what smooth members do.
const TREES_HALF: f64 = 250.0;
/// What the mean of all stores starts from: enough to be taken up where features tell nothing.
const MEAN_PRIOR: f64 = 0.1;

/// What is known of held-out stores.
pub(super) struct Judged<'a> {
    /// ln y, floored.
    pub(super) logs: &'a [f64],
    /// y.
    pub(super) levels: &'a [f64],
    /// ln y as each member forecast it, `stores x members`.
    pub(super) members: ArrayView2<'a, f64>,
    /// Fold of each store.
    pub(super) fold: &'a [usize],
}

/// Where the weights of `stores` start from: smooth members alike, trees by how many stores there are to cut.
fn priors(stores: f64) -> [f64; COUNT] {
    let raw = [1.0, 1.0, 1.0, 1.0, stores / (stores + TREES_HALF), MEAN_PRIOR];
    let total: f64 = raw.iter().sum();
    raw.map(|weight| weight / total)
}

/// The weights over all stores but those of the fold `without`.
pub(super) fn weights(truth: &Judged<'_>, without: Option<usize>) -> [f64; COUNT] {
    let mut moments = [[0.0; COUNT]; COUNT];
    let mut stores = 0.0;
    for (store, &log) in truth.logs.iter().enumerate() {
        if Some(truth.fold[store]) != without {
            let errors: [f64; COUNT] = std::array::from_fn(|member| truth.members[[store, member]] - log);
            for a in 0..COUNT {
                for b in 0..COUNT {
                    moments[a][b] += errors[a] * errors[b];
                }
            }
            stores += 1.0;
        }
    }
    let prior = priors(stores);
    let least = (0..COUNT).map(|member| moments[member][member]).fold(f64::INFINITY, f64::min);
    // Where a member is never wrong (levels that are all the same) nothing is left to weigh.
    if stores == 0.0 || least <= 0.0 {
        return prior;
    }
    let pull = PULL / stores * least;
    let target = prior.map(|weight| pull * weight);
    (0..COUNT).for_each(|member| moments[member][member] += pull);
    minimise(&moments, &target).unwrap_or(prior)
}

/// w that minimises w'Aw - 2 b'w on the simplex; none if A is not positive definite.
fn minimise(a: &[[f64; COUNT]; COUNT], b: &[f64; COUNT]) -> Option<[f64; COUNT]> {
    let mut best: Option<(f64, [f64; COUNT])> = None;
    for face in 1_u32..1 << COUNT {
        let on: Vec<usize> = (0..COUNT).filter(|member| face >> member & 1 == 1).collect();
        let matrix: Vec<f64> = on.iter().flat_map(|&row| on.iter().map(move |&column| a[row][column])).collect();
        let factor = Cholesky::factor(matrix, on.len())?;
        // w = A^-1 (b + t 1), t such that w adds up to 1.
        let free = factor.solve(&on.iter().map(|&member| b[member]).collect::<Vec<f64>>());
        let level = factor.solve(&vec![1.0; on.len()]);
        let t = (1.0 - free.iter().sum::<f64>()) / level.iter().sum::<f64>();
        let mut w = [0.0; COUNT];
        on.iter().zip(free.iter().zip(&level)).for_each(|(&member, (free, level))| w[member] = free + t * level);
        if w.iter().any(|&weight| weight < 0.0) {
            continue;
        }
        let cost: f64 = (0..COUNT)
            .map(|row| w[row] * ((0..COUNT).map(|column| a[row][column] * w[column]).sum::<f64>() - 2.0 * b[row]))
            .sum();
        if best.is_none_or(|(least, _)| cost < least) {
            best = Some((cost, w));
        }
    }
    best.map(|(_, w)| w)
}

/// The weighted mean.
pub(super) fn combine(members: ArrayView1<'_, f64>, weights: &[f64; COUNT]) -> f64 {
    members.iter().zip(weights).map(|(log, weight)| log * weight).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn a_face_of_the_simplex_is_found() {
        let mut a = [[0.0; COUNT]; COUNT];
        (0..COUNT).for_each(|member| a[member][member] = 1.0);
        // The nearest point of the simplex to (1, 0.8, -5, …) is (0.6, 0.4, 0, …).
        let w = minimise(&a, &[1.0, 0.8, -5.0, -5.0, -5.0, -5.0]).expect("positive definite");
        assert!((w[0] - 0.6).abs() < 1e-14 && (w[1] - 0.4).abs() < 1e-14);
        assert!(w[2..].iter().all(|&weight| weight == 0.0));
    }

    #[test]
    fn without_stores_the_prior_stands_and_many_decide() {
        let judge = |stores: usize| {
            let logs: Vec<f64> = (0..stores).map(|store| (store as f64).sin()).collect();
            // The second member is right up to a tenth, the others know nothing.
            let members = Array2::from_shape_fn((stores, COUNT), |(store, member)| {
                if member == 1 { logs[store] + 0.1 * (7.0 * store as f64).cos() } else { (member * store) as f64 % 2.0 }
            });
            let fold = vec![0; stores];
            weights(&Judged { logs: &logs, levels: &logs, members: members.view(), fold: &fold }, None)
        };
        assert!(judge(2000)[1] > 0.95);
        let nothing = Array2::zeros((0, COUNT));
        let none = Judged { logs: &[], levels: &[], members: nothing.view(), fold: &[] };
        assert_eq!(weights(&none, None), priors(0.0));
        assert!((judge(30).iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }
}
