//! Support vector regression [drucker1997]: a smooth function that single odd stores can't bend.
//!
//! | symbol | here | |
//! |---|---|---|
//! | k(z, z') = 1 + mean over `REACHES` g of exp(-g |z - z'|^2 / F) | [`Support::kernel`] | F: features that vary |
//! | y | ln levels less their median | |
//! | sd | standard deviation of y | |
//! | epsilon = `TUBE` sd | errors that cost nothing | |
//! | C = `COST` sd | what a store can weigh at most | |
//! | b | weight of each store | |
//!
//! minimise b'Kb/2 - y'b + epsilon |b|_1 subject to |b_i| <= C, coordinate by coordinate [hsieh2008], each in closed
//! form; the constant in the kernel stands for the intercept.

use ndarray::{ArrayView1, ArrayView2};

use super::dense::dot;

/// Widths of the kernel.
const REACHES: [f64; 2] = [1.0, 0.3];
/// The tube, in standard deviations.
const TUBE: f64 = 0.15;
/// The bound, in standard deviations.
const COST: f64 = 1.0;
/// Passes over all stores at the most.
const PASSES_MAX: usize = 200;
/// The largest step in a pass, relative to the bound, at which it has converged: far below what forecasts show.
const STEP_MIN: f64 = 1e-4;

/// A fitted machine.
#[derive(Debug, Clone)]
pub(super) struct Support {
    width: usize,
    features: f64,
    /// The middle of ln y.
    centre: f64,
    /// Row-major points of the stores with a weight.
    points: Vec<f64>,
    norms: Vec<f64>,
    weights: Vec<f64>,
}

impl Support {
    /// Fits to the training rows `rows`.
    pub(super) fn fit(z: ArrayView2<'_, f64>, logs: &[f64], rows: &[usize]) -> Self {
        let features = z.columns().into_iter().filter(|column| column.iter().any(|&value| value != 0.0)).count();
        let mut sorted: Vec<f64> = rows.iter().map(|&row| logs[row]).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let centre = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
        let points: Vec<f64> = rows.iter().flat_map(|&row| z.row(row).to_vec()).collect();
        let mut machine = Self {
            width: z.ncols(),
            features: features.max(1) as f64,
            centre,
            norms: rows.iter().map(|&row| z.row(row).iter().map(|z| z * z).sum()).collect(),
            points,
            weights: Vec::new(),
        };
        let y: Vec<f64> = rows.iter().map(|&row| logs[row] - centre).collect();
        machine.weights = machine.solve(&y);
        machine.forget();
        machine
    }

    /// ln y at standardised features.
    pub(super) fn predict(&self, z: ArrayView1<'_, f64>) -> f64 {
        let z = z.to_vec();
        let norm = dot(&z, &z);
        let sum: f64 = self.weights.iter().enumerate().map(|(at, weight)| weight * self.kernel(&z, norm, at)).sum();
        self.centre + sum
    }

    fn kernel(&self, z: &[f64], norm: f64, at: usize) -> f64 {
        let inner = dot(z, &self.points[at * self.width..(at + 1) * self.width]);
        let square = (norm + self.norms[at] - 2.0 * inner).max(0.0) / self.features;
        1.0 + REACHES.iter().map(|reach| (-reach * square).exp()).sum::<f64>() / REACHES.len() as f64
    }

    /// The weights that minimise the cost.
    fn solve(&self, y: &[f64]) -> Vec<f64> {
        let n = y.len();
        let mean = y.iter().sum::<f64>() / n.max(1) as f64;
        let sd = (y.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / n.max(1) as f64).sqrt();
        let (tube, bound) = (TUBE * sd, COST * sd);
        let mut matrix = vec![0.0; n * n];
        for row in 0..n {
            let z = &self.points[row * self.width..(row + 1) * self.width];
            for column in 0..=row {
                let value = self.kernel(z, self.norms[row], column);
                matrix[row * n + column] = value;
                matrix[column * n + row] = value;
            }
        }
        let mut weights = vec![0.0_f64; n];
        // K b - y.
        let mut slope: Vec<f64> = y.iter().map(|y| -y).collect();
        for _ in 0..PASSES_MAX {
            let mut largest = 0.0_f64;
            for at in 0..n {
                let curve = matrix[at * n + at];
                let free = weights[at] - slope[at] / curve;
                let new = (free.signum() * (free.abs() - tube / curve).max(0.0)).clamp(-bound, bound);
                let step = new - weights[at];
                if step != 0.0 {
                    weights[at] = new;
                    largest = largest.max(step.abs());
                    let line = &matrix[at * n..(at + 1) * n];
                    slope.iter_mut().zip(line).for_each(|(slope, value)| *slope += step * value);
                }
            }
            if largest <= STEP_MIN * bound {
                break;
            }
        }
        weights
    }

    /// Drops the stores without weight.
    fn forget(&mut self) {
        let kept: Vec<usize> = (0..self.weights.len()).filter(|&at| self.weights[at] != 0.0).collect();
        self.points =
            kept.iter().flat_map(|&at| self.points[at * self.width..(at + 1) * self.width].to_vec()).collect();
        self.norms = kept.iter().map(|&at| self.norms[at]).collect();
        self.weights = kept.iter().map(|&at| self.weights[at]).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn errors_stay_within_the_tube_unless_a_store_is_odd() {
        let z = Array2::from_shape_fn((41, 1), |(row, _)| (row as f64 - 20.0) / 10.0);
        let truth = |z: f64| 1.0 + 0.5 * z.sin();
        let mut logs: Vec<f64> = z.iter().map(|&z| truth(z)).collect();
        let rows: Vec<usize> = (0..41).collect();
        let clean = Support::fit(z.view(), &logs, &rows);
        logs[20] += 3.0;
        let bent = Support::fit(z.view(), &logs, &rows);
        let sd = 0.36;
        for row in z.rows() {
            // The tube, and a little where the bound on the weights holds.
            assert!((clean.predict(row) - truth(row[0])).abs() < 0.2 * sd);
        }
        // One store out of 41 that is eight deviations off pulls by no more than its bound: C k(0) over the curvature.
        assert!((bent.predict(z.row(20)) - truth(0.0)).abs() < 0.4);
    }

    #[test]
    fn equal_levels_need_no_weights() {
        let machine = Support::fit(Array2::ones((5, 2)).view(), &[2.0; 5], &[0, 1, 2, 3, 4]);
        assert!(machine.weights.is_empty());
        assert_eq!(machine.predict(ndarray::arr1(&[3.0, 3.0]).view()), 2.0);
    }
}
