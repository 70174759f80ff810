//! Standardised features: z = (x - mean) / sd over the known values of the training stores.
//!
//! Unknown values become 0, the mean; z is held within ±`REACH`, so that no store is extrapolated far
//! beyond what training saw; a constant column becomes 0.

use ndarray::{Array2, ArrayView2};

/// Standard deviations beyond which nothing is believed.
const REACH: f64 = 4.0;

/// Means and scales by column.
#[derive(Debug, Clone)]
pub(super) struct Standard {
    columns: Vec<(f64, f64)>,
}

impl Standard {
    /// Of the known values in each column.
    pub(super) fn fit(features: ArrayView2<'_, f64>) -> Self {
        let columns = features
            .columns()
            .into_iter()
            .map(|column| {
                let known = || column.iter().copied().filter(|value| value.is_finite());
                let count = known().count() as f64;
                if count < 2.0 {
                    return (0.0, 0.0);
                }
                let mean = known().sum::<f64>() / count;
                let sd = (known().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
                // What is left of a constant after rounding is no feature.
                (mean, if sd > 1e-9 * mean.abs().max(1e-9) { 1.0 / sd } else { 0.0 })
            })
            .collect();
        Self { columns }
    }

    /// One value, standardised.
    pub(super) fn one(&self, column: usize, value: f64) -> f64 {
        let (mean, scale) = self.columns[column];
        if value.is_finite() { ((value - mean) * scale).clamp(-REACH, REACH) } else { 0.0 }
    }

    /// All values, standardised, in standard layout.
    pub(super) fn apply(&self, features: ArrayView2<'_, f64>) -> Array2<f64> {
        Array2::from_shape_fn(features.dim(), |(row, column)| self.one(column, features[[row, column]]))
    }
}
