//! Ridge regression on standardised features [hoerl1970].
//!
//! | symbol | here | |
//! |---|---|---|
//! | Z, y | features with a column of ones, ln levels | |
//! | lambda | penalty per store, the column of ones free | chosen from `PENALTIES` |
//! | b | coefficients: (Z'Z + n lambda I) b = Z'y | |
//!
//! Everything follows from Z'Z, Z'y and y'y of each fold: a fold's complement is the total less the
//! fold, and its error is y'y - 2 b'Z'y + b'Z'Z b. So the stores are passed once, and every penalty costs
//! a small Cholesky only. (Coordinate descent would iterate over the stores for each; a test checks
//! the solution against `linfa-elasticnet`.)

use ndarray::{ArrayView1, ArrayView2};

use super::ColdStartError;
use super::dense::Cholesky;

/// Penalties tried, per store.
const PENALTIES: [f64; 11] = [1e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.2, 0.4, 1.0, 3.0, 10.0];

/// Fitted coefficients.
#[derive(Debug, Clone)]
pub(super) struct Ridge {
    intercept: f64,
    coefficients: Vec<f64>,
}

/// Z'Z (lower part, row-major), Z'y, y'y and the number of rows.
#[derive(Clone)]
struct Moments {
    size: usize,
    zz: Vec<f64>,
    zy: Vec<f64>,
    yy: f64,
    rows: f64,
}

impl Moments {
    fn new(size: usize) -> Self {
        Self { size, zz: vec![0.0; size * size], zy: vec![0.0; size], yy: 0.0, rows: 0.0 }
    }

    /// Adds a store; the column of ones comes last.
    fn add(&mut self, z: ArrayView1<'_, f64>, y: f64, row: &mut [f64]) {
        row.iter_mut().zip(z.iter().chain(std::iter::once(&1.0))).for_each(|(slot, value)| *slot = *value);
        for (at, &value) in row.iter().enumerate() {
            let line = &mut self.zz[at * self.size..=at * self.size + at];
            line.iter_mut().zip(row.iter()).for_each(|(slot, other)| *slot += value * other);
            self.zy[at] += value * y;
        }
        self.yy += y * y;
        self.rows += 1.0;
    }

    /// self + sign x other.
    fn combine(&self, other: &Self, sign: f64) -> Self {
        let mut out = self.clone();
        out.zz.iter_mut().zip(&other.zz).for_each(|(slot, value)| *slot += sign * value);
        out.zy.iter_mut().zip(&other.zy).for_each(|(slot, value)| *slot += sign * value);
        out.yy += sign * other.yy;
        out.rows += sign * other.rows;
        out
    }

    fn solve(&self, penalty: f64) -> Result<Vec<f64>, ColdStartError> {
        let mut matrix = self.zz.clone();
        for at in 0..self.size - 1 {
            matrix[at * self.size + at] += penalty * self.rows;
        }
        let factor = Cholesky::factor(matrix, self.size).ok_or(ColdStartError::Singular { size: self.size })?;
        Ok(factor.solve(&self.zy))
    }

    /// The sum of squared errors of `b` on these stores.
    fn error(&self, b: &[f64]) -> f64 {
        let mut quadratic = 0.0;
        for at in 0..self.size {
            for other in 0..=at {
                let twice = if other == at { 1.0 } else { 2.0 };
                quadratic += twice * b[at] * b[other] * self.zz[at * self.size + other];
            }
        }
        let linear: f64 = b.iter().zip(&self.zy).map(|(b, zy)| b * zy).sum();
        self.yy - 2.0 * linear + quadratic
    }
}

impl Ridge {
    /// Fits, choosing the penalty over `folds`.
    pub(super) fn fit(z: ArrayView2<'_, f64>, y: &[f64], folds: &[usize]) -> Result<Self, ColdStartError> {
        let size = z.ncols() + 1;
        let count = folds.iter().max().map_or(1, |last| last + 1);
        let mut by_fold = vec![Moments::new(size); count];
        let mut row = vec![0.0; size];
        for (store, &fold) in folds.iter().enumerate() {
            by_fold[fold].add(z.row(store), y[store], &mut row);
        }
        let total = by_fold.iter().fold(Moments::new(size), |sum, fold| sum.combine(fold, 1.0));
        let mut best = (f64::INFINITY, PENALTIES[0]);
        for penalty in PENALTIES {
            let mut error = 0.0;
            for fold in &by_fold {
                error += fold.error(&total.combine(fold, -1.0).solve(penalty)?);
            }
            if error < best.0 {
                best = (error, penalty);
            }
        }
        Self::with_penalty(&total, best.1)
    }

    fn with_penalty(total: &Moments, penalty: f64) -> Result<Self, ColdStartError> {
        let mut coefficients = total.solve(penalty)?;
        let intercept = coefficients.pop().unwrap_or(0.0);
        Ok(Self { intercept, coefficients })
    }

    /// ln y at standardised features.
    pub(super) fn predict(&self, z: ArrayView1<'_, f64>) -> f64 {
        self.intercept + z.iter().zip(&self.coefficients).map(|(z, b)| z * b).sum::<f64>()
    }

    /// What each feature adds to ln y.
    pub(super) fn effects(&self, z: ArrayView1<'_, f64>) -> Vec<f64> {
        z.iter().zip(&self.coefficients).map(|(z, b)| z * b).collect()
    }

    /// All coefficients, per standard deviation.
    pub(super) fn coefficients(&self) -> &[f64] {
        &self.coefficients
    }

    /// One of them.
    pub(super) fn coefficient(&self, feature: usize) -> f64 {
        self.coefficients[feature]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use linfa::prelude::*;
    use linfa_elasticnet::ElasticNet;
    use ndarray::{Array1, Array2};
    use rand::{RngExt, SeedableRng};
    use rand_distr::StandardNormal;
    use rand_pcg::Pcg64;

    #[test]
    fn the_solution_is_that_of_coordinate_descent() {
        let mut random = Pcg64::seed_from_u64(5);
        let mut z = Array2::from_shape_simple_fn((120, 6), || random.sample::<f64, _>(StandardNormal));
        // Its intercept is the mean of y: right for centred features, which ours always are.
        z -= &z.mean_axis(ndarray::Axis(0)).expect("120 rows");
        let y: Array1<f64> =
            z.rows().into_iter().map(|row| 3.0 + row[0] - 0.5 * row[3] + 0.1 * row[0] * row[1]).collect();
        let (penalty, mut row) = (0.3, vec![0.0; 7]);
        let mut moments = Moments::new(7);
        for store in 0..120 {
            moments.add(z.row(store), y[store], &mut row);
        }
        let ours = Ridge::with_penalty(&moments, penalty).expect("well conditioned");
        let theirs = ElasticNet::<f64>::params()
            .l1_ratio(0.0)
            .penalty(penalty)
            .tolerance(1e-12)
            .fit(&Dataset::new(z, y))
            .expect("a fit");
        // Without an L1 part its duality gap certifies nothing and it runs its 1,000 sweeps, which shrink the
        // error to rounding on features as little correlated as these.
        for (a, b) in ours.coefficients.iter().zip(theirs.hyperplane()) {
            assert!((a - b).abs() < 1e-10, "{a} {b}");
        }
        assert!((ours.intercept - theirs.intercept()).abs() < 1e-10);
    }
}
