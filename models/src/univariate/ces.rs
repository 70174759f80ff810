//! Complex exponential smoothing [svetunkov2022]: a level and what the level has not yet told, with a mask.
//!
//! | symbol | field | |
//! |---|---|---|
//! | a_0 + i a_1 | `Ces::real`, `Ces::imaginary` | the complex smoothing parameter |
//! | l, c | `Ces::level`, `Ces::potential` | the states |
//!
//! f = l; e = y - f; l' = l - (1 - a_1) c + (a_0 - a_1) e; c' = l + (1 - a_0) c + (a_0 + a_1) e. Over a gap
//! e = 0. Neither a trend nor its absence is assumed: a_1 near 1 holds the level, above it the level drifts.
//!
//! Given (a_0, a_1) the errors are linear in (l_0, c_0), which follow from least squares in the same pass.
//! A pair is allowed where the filter forgets its start, and where its forecasts do not explode over a
//! horizon as long as half the history.

use serde::{Deserialize, Serialize};

use super::search;

/// Parameters and where the filter is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Ces {
    real: f64,
    imaginary: f64,
    level: f64,
    potential: f64,
}

impl Ces {
    /// Fits to the known cells of `values`, and stands before the first of them.
    pub(super) fn fit(values: &[f64], seen: &[bool]) -> Self {
        let known = seen.iter().filter(|&&seen| seen).count();
        let mut best = ([1.0, 1.0], f64::INFINITY);
        // The valley is bent: from smooth, usual and nimble starts.
        for start in [[1.3, 1.0], [1.1, 1.0], [1.6, 1.04]] {
            let tried = search::compass(start, [0.0, 0.6], [2.0, 1.4], 9, |&[real, imaginary]| {
                if stable(real, imaginary, known) { solve(values, seen, real, imaginary).1 } else { f64::INFINITY }
            });
            if tried.1 < best.1 {
                best = tried;
            }
        }
        let [real, imaginary] = best.0;
        solve(values, seen, real, imaginary).0
    }

    /// Takes in the next period, if it is known.
    pub(super) fn step(&mut self, value: Option<f64>) {
        let error = value.map_or(0.0, |value| value - self.level);
        [self.level, self.potential] = advance(self.real, self.imaginary, [self.level, self.potential], error);
    }

    /// Forecasts of the next periods.
    pub(super) fn ahead(&self, ahead: &mut [f64]) {
        let mut then = *self;
        for forecast in ahead {
            *forecast = then.level;
            then.step(None);
        }
    }
}

/// The states after an error.
fn advance(real: f64, imaginary: f64, [level, potential]: [f64; 2], error: f64) -> [f64; 2] {
    [
        level - (1.0 - imaginary) * potential + (real - imaginary) * error,
        level + (1.0 - real) * potential + (real + imaginary) * error,
    ]
}

/// Whether the start is forgotten, and the forecasts of `known` / 2 periods grow by no more than e^(1/4).
fn stable(real: f64, imaginary: f64, known: usize) -> bool {
    let radius = |[[a, b], [c, d]]: [[f64; 2]; 2]| {
        let (half, determinant) = (0.5 * (a + d), a * d - b * c);
        let discriminant = half * half - determinant;
        if discriminant >= 0.0 { half.abs() + discriminant.sqrt() } else { determinant.sqrt() }
    };
    radius([[1.0, imaginary - 1.0], [1.0, 1.0 - real]]) <= 1.0 + 0.5 / known as f64
        && radius([[1.0 - (real - imaginary), imaginary - 1.0], [1.0 - (real + imaginary), 1.0 - real]]) < 1.0
}

/// The best (l_0, c_0) at these parameters, and the sum of squared one-step errors.
fn solve(values: &[f64], seen: &[bool], real: f64, imaginary: f64) -> (Ces, f64) {
    // States from zero, and how much of each start is still in them.
    let mut states = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]];
    let (mut yy, mut ll, mut cc, mut lc, mut yl, mut yc) = (0.0_f64, 0.0_f64, 0.0_f64, 0.0_f64, 0.0_f64, 0.0_f64);
    for (&value, &seen) in values.iter().zip(seen) {
        let mut errors = [0.0; 3];
        if seen {
            let (error, by_level, by_potential) = (value - states[0][0], states[1][0], states[2][0]);
            yy += error * error;
            ll += by_level * by_level;
            cc += by_potential * by_potential;
            lc += by_level * by_potential;
            yl += error * by_level;
            yc += error * by_potential;
            errors = [error, -by_level, -by_potential];
        }
        for (state, error) in states.iter_mut().zip(errors) {
            *state = advance(real, imaginary, *state, error);
        }
    }
    let determinant = ll * cc - lc * lc;
    let potential = if determinant > 1e-12 * ll * cc { (ll * yc - lc * yl) / determinant } else { 0.0 };
    let level = if ll > 0.0 { (yl - potential * lc) / ll } else { 0.0 };
    let sse = yy - 2.0 * (level * yl + potential * yc)
        + level * level * ll
        + 2.0 * level * potential * lc
        + potential * potential * cc;
    let ces = Ces { real, imaginary, level, potential };
    (ces, if sse.is_finite() { sse.max(0.0) } else { f64::INFINITY })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_that_of_the_complex_recursion() {
        // l + i c with (a_0 + i a_1), the paper's equations 5 and 6 multiplied out by hand: error 2.
        let mut ces = Ces { real: 1.2, imaginary: 0.9, level: 10.0, potential: 3.0 };
        ces.step(Some(12.0));
        assert!((ces.level - (10.0 - 0.1 * 3.0 + 0.3 * 2.0)).abs() < 1e-12);
        assert!((ces.potential - (10.0 - 0.2 * 3.0 + 2.1 * 2.0)).abs() < 1e-12);
        // Without a value, the next forecasts are the levels that follow from no error.
        let mut ahead = [0.0; 2];
        ces.ahead(&mut ahead);
        assert!((ahead[0] - 10.3).abs() < 1e-12 && (ahead[1] - (10.3 - 0.1 * 13.6)).abs() < 1e-12, "{ahead:?}");
    }

    #[test]
    fn a_constant_is_fitted_without_error() {
        let values = [7.0; 20];
        let mut ces = Ces::fit(&values, &[true; 20]);
        values.iter().for_each(|&value| ces.step(Some(value)));
        assert!((ces.level - 7.0).abs() < 1e-6, "{ces:?}");
    }
}
