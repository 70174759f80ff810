//! Analog stores: the nearest by what matters [cover1967].
//!
//! | symbol | here | |
//! |---|---|---|
//! | z_f | standardised feature f | |
//! | b_f | the ridge's coefficient | |
//! | d | distance over z_f (|b_f| / max |b| + `FLOOR`) | |
//! | k | half the root of the number of stores, 5 to 15 | |
//!
//! Weights exp(-(d / h)^2 / 2) with h the median of the k distances, adding up to 1. Neighbours come from
//! `linfa-nn`'s k-d tree.

use linfa_nn::distance::L2Dist;
use linfa_nn::{CommonNearestNeighbour, NearestNeighbour};
use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

use super::ColdStartError;

/// What a feature without effect still counts, so that analogs resemble a store in other ways too.
const FLOOR: f64 = 0.1;

/// Stores to find neighbours among.
#[derive(Debug, Clone)]
pub(super) struct Analogs {
    metric: Vec<f64>,
    points: Array2<f64>,
    /// Training row of each point.
    rows: Vec<usize>,
    /// ln y by training row.
    logs: Vec<f64>,
}

impl Analogs {
    /// Over the training rows `rows`, with a metric from the ridge's coefficients.
    pub(super) fn new(z: ArrayView2<'_, f64>, logs: &[f64], rows: Vec<usize>, coefficients: &[f64]) -> Self {
        let most = coefficients.iter().fold(0.0_f64, |most, b| most.max(b.abs()));
        let metric: Vec<f64> =
            coefficients.iter().map(|b| FLOOR + if most > 0.0 { b.abs() / most } else { 1.0 }).collect();
        let mut points = z.select(Axis(0), &rows);
        points.rows_mut().into_iter().for_each(|mut row| row.iter_mut().zip(&metric).for_each(|(z, m)| *z *= m));
        Self { metric, points, rows, logs: logs.to_vec() }
    }

    /// The analogs of each row of `z`: (training row, weight), nearest first. `own` as in [`super::Fitted::predict`].
    pub(super) fn find(
        &self,
        z: ArrayView2<'_, f64>,
        own: &[Option<usize>],
    ) -> Result<Vec<Vec<(usize, f64)>>, ColdStartError> {
        let refused = || ColdStartError::Neighbours { points: self.points.nrows(), features: self.points.ncols() };
        let index = CommonNearestNeighbour::KdTree.from_batch(&self.points, L2Dist).map_err(|_| refused())?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 5..=15")]
        let k = (0.5 * (self.points.nrows() as f64).sqrt()).round().clamp(5.0, 15.0) as usize;
        (0..z.nrows())
            .into_par_iter()
            .map(|row| {
                let point: ndarray::Array1<f64> = z.row(row).iter().zip(&self.metric).map(|(z, m)| z * m).collect();
                let found = index.k_nearest(point.view(), k + 1).map_err(|_| refused())?;
                let itself = own.get(row).copied().flatten();
                let mut near: Vec<(f64, usize)> = found
                    .into_iter()
                    .map(|(there, at)| {
                        let square = there.iter().zip(&point).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
                        (square.sqrt(), self.rows[at])
                    })
                    .filter(|&(_, at)| Some(at) != itself)
                    .collect();
                near.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                near.truncate(k);
                Ok(weigh(&near))
            })
            .collect()
    }

    /// The weighted mean of the analogs' ln y.
    pub(super) fn mean(&self, found: &[(usize, f64)]) -> f64 {
        found.iter().map(|&(row, weight)| weight * self.logs[row]).sum()
    }
}

/// Weights by distance.
fn weigh(near: &[(f64, usize)]) -> Vec<(usize, f64)> {
    let width = near.get(near.len() / 2).map_or(1.0, |middle| middle.0.max(1e-9));
    let raw: Vec<f64> = near.iter().map(|(distance, _)| (-0.5 * (distance / width).powi(2)).exp().max(1e-12)).collect();
    let total: f64 = raw.iter().sum();
    near.iter().zip(raw).map(|(&(_, row), weight)| (row, weight / total)).collect()
}
