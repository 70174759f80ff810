//! Analog stores: the nearest in all that is known of them [cover1967].
//!
//! | symbol | here | |
//! |---|---|---|
//! | z_f | standardised feature f | |
//! | d | distance over z | |
//! | k | 0.9 times the root of the number of stores, 5 to 25 | |
//!
//! All features count the same. The Gaussian process leans on those that seem to matter; on few stores that is
//! often luck, and analogs add most to the blend where they don't share it.
//!
//! Weights exp(-(d / h)^2 / 2) with h the median of the k distances, adding up to 1. Neighbours come from
//! `linfa-nn`'s k-d tree.

use linfa_nn::distance::L2Dist;
use linfa_nn::{CommonNearestNeighbour, NearestNeighbour};
use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

use super::ColdStartError;
use super::spread::Hardness;

/// The analogs of a store.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    /// (training row, weight), nearest first, weights adding up to 1.
    pub(super) rows: Vec<(usize, f64)>,
    /// Their mean distance.
    pub(super) distance: f64,
    /// The weighted mean of their ln y.
    pub(super) mean: f64,
    /// The standard deviation of their ln y.
    pub(super) spread: f64,
}

impl Found {
    /// What the analogs tell of how hard the store is.
    pub(super) fn hardness(&self) -> Hardness {
        Hardness { distance: self.distance, spread: self.spread }
    }
}

/// Stores to find neighbours among.
#[derive(Debug, Clone)]
pub(super) struct Analogs {
    points: Array2<f64>,
    /// Training row of each point.
    rows: Vec<usize>,
    /// ln y by training row.
    logs: Vec<f64>,
}

impl Analogs {
    /// Over the training rows `rows`.
    pub(super) fn new(z: ArrayView2<'_, f64>, logs: &[f64], rows: Vec<usize>) -> Self {
        Self { points: z.select(Axis(0), &rows), rows, logs: logs.to_vec() }
    }

    /// The analogs of each row of `z`. `own` as in [`super::Fitted::predict`].
    pub(super) fn find(&self, z: ArrayView2<'_, f64>, own: &[Option<usize>]) -> Result<Vec<Found>, ColdStartError> {
        let refused = || ColdStartError::Neighbours { points: self.points.nrows(), features: self.points.ncols() };
        let index = CommonNearestNeighbour::KdTree.from_batch(&self.points, L2Dist).map_err(|_| refused())?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 5..=25")]
        let k = (0.9 * (self.points.nrows() as f64).sqrt()).round().clamp(5.0, 25.0) as usize;
        (0..z.nrows())
            .into_par_iter()
            .map(|row| {
                let point = z.row(row);
                let found = index.k_nearest(point, k + 1).map_err(|_| refused())?;
                let itself = own.get(row).copied().flatten();
                let mut near: Vec<(f64, usize)> = found
                    .into_iter()
                    .map(|(there, at)| {
                        let square = there.iter().zip(point).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
                        (square.sqrt(), self.rows[at])
                    })
                    .filter(|&(_, at)| Some(at) != itself)
                    .collect();
                near.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                near.truncate(k);
                Ok(self.tell(&near))
            })
            .collect()
    }

    /// What the nearest stores tell.
    fn tell(&self, near: &[(f64, usize)]) -> Found {
        let rows = weigh(near);
        let mean: f64 = rows.iter().map(|&(row, weight)| weight * self.logs[row]).sum();
        let count = near.len().max(1) as f64;
        let middle = near.iter().map(|&(_, row)| self.logs[row]).sum::<f64>() / count;
        let variance = near.iter().map(|&(_, row)| (self.logs[row] - middle).powi(2)).sum::<f64>() / count;
        Found { rows, distance: near.iter().map(|near| near.0).sum::<f64>() / count, mean, spread: variance.sqrt() }
    }
}

/// Weights by distance.
fn weigh(near: &[(f64, usize)]) -> Vec<(usize, f64)> {
    let width = near.get(near.len() / 2).map_or(1.0, |middle| middle.0.max(1e-9));
    let raw: Vec<f64> = near.iter().map(|(distance, _)| (-0.5 * (distance / width).powi(2)).exp().max(1e-12)).collect();
    let total: f64 = raw.iter().sum();
    near.iter().zip(raw).map(|(&(_, row), weight)| (row, weight / total)).collect()
}
