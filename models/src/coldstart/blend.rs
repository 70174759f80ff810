//! How the members are weighed against each other [bates1969].
//!
//! Weights are looked for on the simplex in steps of a tenth, minimising the squared log error of
//! held-out stores, and then meet equal weights halfway: with three members that agree, the best
//! weights of a sample are mostly luck.

use ndarray::{ArrayView1, ArrayView2};

use super::WEIGHTS_MIN;

/// Equal weights.
const EQUAL: [f64; 3] = [1.0 / 3.0; 3];

/// What is known of held-out stores.
pub(super) struct HeldOut<'a> {
    /// ln y, floored.
    pub(super) logs: &'a [f64],
    /// y.
    pub(super) levels: &'a [f64],
    /// ln y as each member forecast it, `stores x 3`.
    pub(super) members: ArrayView2<'a, f64>,
    /// Fold of each store.
    pub(super) fold: &'a [usize],
}

/// The weights over all stores but those of the fold `without`.
pub(super) fn weights(truth: &HeldOut<'_>, without: Option<usize>) -> [f64; 3] {
    if truth.logs.len() < WEIGHTS_MIN {
        return EQUAL;
    }
    // Second moments of the members' errors: every mix costs nine multiplications.
    let mut moments = [[0.0; 3]; 3];
    for (store, &log) in truth.logs.iter().enumerate() {
        if Some(truth.fold[store]) != without {
            let errors = [0, 1, 2].map(|member| truth.members[[store, member]] - log);
            for a in 0..3 {
                for b in 0..3 {
                    moments[a][b] += errors[a] * errors[b];
                }
            }
        }
    }
    let mut best = (f64::INFINITY, EQUAL);
    for first in 0..=10_u8 {
        for second in 0..=10 - first {
            let mix = [first, second, 10 - first - second].map(|tenths| f64::from(tenths) / 10.0);
            let error: f64 = (0..3).map(|a| (0..3).map(|b| mix[a] * mix[b] * moments[a][b]).sum::<f64>()).sum();
            if error < best.0 {
                best = (error, mix);
            }
        }
    }
    [0, 1, 2].map(|member| 0.5 * (best.1[member] + EQUAL[member]))
}

/// The weighted mean.
pub(super) fn combine(members: ArrayView1<'_, f64>, weights: [f64; 3]) -> f64 {
    members.iter().zip(weights).map(|(log, weight)| log * weight).sum()
}

/// ln of the mean of exp.
pub(super) fn log_mean_exp(logs: &[f64]) -> f64 {
    (logs.iter().map(|log| log.exp()).sum::<f64>() / logs.len().max(1) as f64).ln()
}
