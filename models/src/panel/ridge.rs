//! Pooled ridge regression on standardised features [hoerl1970], for many penalties at once.
//!
//! (Z'Z + lambda n I) b = Z'y, the column of ones free. Unknown features count as their mean; none counts more than
//! [`REACH`] standard deviations, so that no forecast runs away with a price that was never seen.

use crate::coldstart::dense::Cholesky;

/// Penalties tried, per row.
pub(super) const PENALTIES: [f64; 6] = [1e-3, 1e-2, 0.1, 0.3, 1.0, 10.0];

/// Standard deviations beyond which a feature is held.
const REACH: f32 = 5.0;

/// A fit for each penalty.
#[derive(Debug, Clone)]
pub(super) struct Ridge {
    center: Vec<f32>,
    scale: Vec<f32>,
    /// By penalty; the last coefficient is that of the ones. Empty where no fit was possible.
    coefficients: Vec<Vec<f64>>,
}

impl Ridge {
    /// Fits to some `rows` of the row-major `features`.
    pub(super) fn fit(features: &[f32], width: usize, rows: &[u32], target: &[f64]) -> Self {
        let (center, scale) = standard(features, width, rows);
        let size = width + 1;
        let mut fit = Self { center, scale, coefficients: Vec::new() };
        let (mut zz, mut zy, mut z) = (vec![0.0; size * size], vec![0.0; size], vec![0.0; size]);
        for &row in rows {
            let row = row as usize;
            fit.standardise(&features[row * width..(row + 1) * width], &mut z);
            for at in 0..size {
                let value = z[at];
                if value != 0.0 {
                    let line = &mut zz[at * size..=at * size + at];
                    line.iter_mut().zip(&z).for_each(|(slot, other)| *slot += value * other);
                    zy[at] += value * target[row];
                }
            }
        }
        for penalty in PENALTIES {
            let mut matrix = zz.clone();
            for at in 0..width {
                // A feature that never varies is all zeros: the unit keeps its pivot away from 0, its coefficient at 0.
                matrix[at * size + at] += penalty * rows.len() as f64 + if flat(&zz, size, at) { 1.0 } else { 0.0 };
            }
            fit.coefficients.push(Cholesky::factor(matrix, size).map_or_else(Vec::new, |factor| factor.solve(&zy)));
        }
        fit
    }

    fn standardise(&self, features: &[f32], z: &mut [f64]) {
        for (at, &value) in features.iter().enumerate() {
            let held = ((value - self.center[at]) * self.scale[at]).clamp(-REACH, REACH);
            z[at] = if value.is_finite() { f64::from(held) } else { 0.0 };
        }
        z[features.len()] = 1.0;
    }

    /// At `features`, by penalty.
    pub(super) fn predict(&self, features: &[f32]) -> [f64; PENALTIES.len()] {
        let mut z = vec![0.0; features.len() + 1];
        self.standardise(features, &mut z);
        std::array::from_fn(|at| self.coefficients[at].iter().zip(&z).map(|(b, z)| b * z).sum())
    }
}

fn flat(zz: &[f64], size: usize, at: usize) -> bool {
    zz[at * size + at] <= 0.0
}

/// Mean and inverse standard deviation of every feature's known values.
fn standard(features: &[f32], width: usize, rows: &[u32]) -> (Vec<f32>, Vec<f32>) {
    let mut sums = vec![(0.0_f64, 0.0_f64); width];
    let each = |visit: &mut dyn FnMut(usize, f64)| {
        for &row in rows {
            let line = &features[row as usize * width..(row as usize + 1) * width];
            line.iter().enumerate().filter(|(_, value)| value.is_finite()).for_each(|(at, &v)| visit(at, f64::from(v)));
        }
    };
    each(&mut |at, value| {
        sums[at].0 += 1.0;
        sums[at].1 += value;
    });
    let means: Vec<f64> = sums.iter().map(|&(count, sum)| sum / count.max(1.0)).collect();
    let mut squares = vec![0.0; width];
    each(&mut |at, value| squares[at] += (value - means[at]).powi(2));
    let scale = squares.iter().zip(&sums).zip(&means).map(|((&square, &(count, _)), &mean)| {
        let sd = (square / count.max(1.0)).sqrt();
        // What is left of a constant after rounding to single precision is no feature.
        if sd > 1e-5 * mean.abs().max(1e-5) { (1.0 / sd) as f32 } else { 0.0 }
    });
    let scale = scale.collect();
    (means.into_iter().map(|mean| mean as f32).collect(), scale)
}
