//! Gaussian process regression [rasmussen2006].
//!
//! | symbol | here | |
//! |---|---|---|
//! | k(z, z') = (z.z'/F + exp(-|z - z'|^2 / (2 F l^2))) / 2 | [`Process::kernel`] | F: features that vary |
//! | l | length per root of F, from `LENGTHS` | |
//! | s | noise over signal variance, from `NOISES` | |
//! | y | ln levels less their mean | |
//!
//! The linear part carries what is additive, the other what is not. l and s maximise the marginal likelihood with
//! the signal variance at its best, -(n ln(y'K^-1 y / n) + ln |K|)/2 with K = k + s I, over a subset of at
//! most `TUNED_MAX` stores.

use ndarray::{ArrayView1, ArrayView2};

use super::ColdStartError;
use super::dense::{Cholesky, dot};

/// Lengths tried.
const LENGTHS: [f64; 3] = [0.7, 1.4, 2.8];
/// Noise ratios tried.
const NOISES: [f64; 4] = [0.05, 0.2, 0.6, 2.0];
/// Stores at the most that length and noise are chosen on.
const TUNED_MAX: usize = 250;

/// A fitted process.
#[derive(Debug, Clone)]
pub(super) struct Process {
    width: usize,
    /// Row-major training points.
    points: Vec<f64>,
    /// Squared norms of the points.
    norms: Vec<f64>,
    features: f64,
    length: f64,
    mean: f64,
    alpha: Vec<f64>,
}

impl Process {
    /// Fits to the training rows `rows` (ascending).
    pub(super) fn fit(z: ArrayView2<'_, f64>, logs: &[f64], rows: &[usize]) -> Result<Self, ColdStartError> {
        let mean = rows.iter().map(|&row| logs[row]).sum::<f64>() / rows.len().max(1) as f64;
        // Constant columns are 0 everywhere and carry no distance.
        let features = z.columns().into_iter().filter(|column| column.iter().any(|&value| value != 0.0)).count();
        let gather = |rows: &[usize]| -> (Vec<f64>, Vec<f64>) {
            (
                rows.iter().flat_map(|&row| z.row(row).to_vec()).collect(),
                rows.iter().map(|&row| logs[row] - mean).collect(),
            )
        };
        let mut process = Self {
            width: z.ncols(),
            points: Vec::new(),
            norms: Vec::new(),
            features: features.max(1) as f64,
            length: LENGTHS[0],
            mean,
            alpha: Vec::new(),
        };
        let step = rows.len().div_ceil(TUNED_MAX).max(1);
        let few: Vec<usize> = rows.iter().copied().step_by(step).collect();
        let (points, y) = gather(&few);
        process.place(points);
        let mut best = (f64::NEG_INFINITY, LENGTHS[0], NOISES[0]);
        for length in LENGTHS {
            process.length = length;
            let kernel = process.matrix();
            for noise in NOISES {
                let factor = factor(kernel.clone(), y.len(), noise)?;
                let n = y.len() as f64;
                let fit = (dot(&y, &factor.solve(&y)) / n).max(1e-300);
                let likelihood = -0.5 * (n * fit.ln() + factor.log_determinant());
                if likelihood > best.0 {
                    best = (likelihood, length, noise);
                }
            }
        }
        let (points, y) = gather(rows);
        process.place(points);
        process.length = best.1;
        process.alpha = factor(process.matrix(), y.len(), best.2)?.solve(&y);
        Ok(process)
    }

    /// ln y at standardised features.
    pub(super) fn predict(&self, z: ArrayView1<'_, f64>) -> f64 {
        let z = z.to_vec();
        let norm = dot(&z, &z);
        let sum: f64 = (0..self.alpha.len()).map(|at| self.alpha[at] * self.kernel(&z, norm, at)).sum();
        self.mean + sum
    }

    fn place(&mut self, points: Vec<f64>) {
        self.norms = points.chunks(self.width.max(1)).map(|point| dot(point, point)).collect();
        self.points = points;
    }

    fn kernel(&self, z: &[f64], norm: f64, at: usize) -> f64 {
        let inner = dot(z, &self.points[at * self.width..(at + 1) * self.width]);
        let square = (norm + self.norms[at] - 2.0 * inner).max(0.0);
        0.5 * (inner / self.features + (-square / (2.0 * self.features * self.length * self.length)).exp())
    }

    /// The lower part of the kernel matrix of the points.
    fn matrix(&self) -> Vec<f64> {
        let n = self.norms.len();
        let mut matrix = vec![0.0; n * n];
        for row in 0..n {
            let z = &self.points[row * self.width..(row + 1) * self.width];
            for column in 0..=row {
                matrix[row * n + column] = self.kernel(z, self.norms[row], column);
            }
        }
        matrix
    }
}

/// The factor of k + noise I.
fn factor(mut matrix: Vec<f64>, size: usize, noise: f64) -> Result<Cholesky, ColdStartError> {
    for at in 0..size {
        matrix[at * size + at] += noise;
    }
    Cholesky::factor(matrix, size).ok_or(ColdStartError::Singular { size })
}
