//! The widths of intervals, learnt: quantile regression [koenker1978] by majorising [hunter2000].
//!
//! | symbol | here | |
//! |---|---|---|
//! | v_i, x_i | `WidthError` | logarithm of an error over its scale, and its regressors |
//! | tau | a level of `SHARES` | |
//! | u_i | weight: every set the same in all | |
//! | beta | argmin of sum_i u_i rho_tau(v_i - x_i beta), rho_tau the pinball loss | |
//!
//! Each round solves the least squares problem that touches the loss from above at the last beta:
//! X'WX beta = X'(W v + (2 tau - 1) u), W_i = u_i / max(abs(v_i - x_i beta), eps).

use models::univariate::{REGRESSORS, SHARES, WidthError};

/// Rounds; the coefficients' third decimals are still by half of them.
const ROUNDS: usize = 400;

/// Errors below this count as this.
const EPSILON: f64 = 1e-4;

/// beta of each of `SHARES`, from the errors of each set.
pub(super) fn factors(sets: &[Vec<WidthError>]) -> [[f64; REGRESSORS]; SHARES.len()] {
    std::array::from_fn(|share| {
        let rows: Vec<(f64, f64, [f64; REGRESSORS])> = sets
            .iter()
            .flat_map(|set| set.iter().map(|one| (1.0 / set.len() as f64, one.log_ratio, one.regressors[share])))
            .collect();
        quantile_regression(&rows, SHARES[share])
    })
}

/// beta from rows of (weight, v, x).
fn quantile_regression<const N: usize>(rows: &[(f64, f64, [f64; N])], tau: f64) -> [f64; N] {
    let mut beta = [0.0; N];
    for _ in 0..ROUNDS {
        let (mut left, mut right) = ([[0.0; N]; N], [0.0; N]);
        for (share, v, x) in rows {
            let miss = v - x.iter().zip(&beta).map(|(x, beta)| x * beta).sum::<f64>();
            let weight = share / miss.abs().max(EPSILON);
            for i in 0..N {
                right[i] += x[i] * (weight * v + (2.0 * tau - 1.0) * share);
                for j in 0..N {
                    left[i][j] += weight * x[i] * x[j];
                }
            }
        }
        beta = solve(left, right);
    }
    beta
}

/// Gaussian elimination of a positive definite system.
fn solve<const N: usize>(mut left: [[f64; N]; N], mut right: [f64; N]) -> [f64; N] {
    for k in 0..N {
        for i in k + 1..N {
            let factor = left[i][k] / left[k][k];
            for j in k..N {
                left[i][j] -= factor * left[k][j];
            }
            right[i] -= factor * right[k];
        }
    }
    for k in (0..N).rev() {
        let known: f64 = (k + 1..N).map(|j| left[k][j] * right[j]).sum();
        right[k] = (right[k] - known) / left[k][k];
    }
    right
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_through_quantiles_is_found() {
        // v = 2 + 3 x + e, e the 1/8, 3/8, 5/8, 7/8 quantiles of an even law: its 0.75 quantile is between 5/8 and 7/8.
        let rows: Vec<(f64, f64, [f64; 2])> = (0..4_000)
            .map(|at| {
                let x = f64::from(at / 4) / 1_000.0;
                (1.0, 2.0 + 3.0 * x + 0.25 * (f64::from(at % 4) + 0.5), [1.0, x])
            })
            .collect();
        let [a, b] = quantile_regression(&rows, 0.75);
        assert!((2.62..=2.88).contains(&(a + 0.5 * (b - 3.0))) && (b - 3.0).abs() < 0.3, "{a} {b}");
    }
}
