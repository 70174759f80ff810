//! A symmetric matrix brought to tridiagonal form, so that it can be solved with any noise on its diagonal.
//!
//! | symbol | field | |
//! |---|---|---|
//! | A = Q T Q' | | Householder's reduction [householder1958] |
//! | T | `diagonal`, `beside` | |
//! | Q | `mirrors` | a product of reflections I - 2 v v'/(v'v) |
//!
//! (A + s I)^-1 y = Q (T + s I)^-1 Q'y and |A + s I| = |T + s I|: one reduction costs as much as four Cholesky
//! factors, and every further s only as much as the rows.

use super::dense::dot;

/// The reduced matrix.
#[derive(Debug, Clone)]
pub(super) struct Tridiagonal {
    diagonal: Vec<f64>,
    /// Between neighbours of the diagonal.
    beside: Vec<f64>,
    /// v of length 1 for each reflection, over the rows below its own; empty where there was nothing to reflect.
    mirrors: Vec<Vec<f64>>,
}

impl Tridiagonal {
    /// Reduces the row-major `matrix`, of which the lower part is read.
    pub(super) fn reduce(mut matrix: Vec<f64>, size: usize) -> Self {
        for row in 0..size {
            for column in 0..row {
                matrix[column * size + row] = matrix[row * size + column];
            }
        }
        let mut reduced = Self {
            diagonal: vec![0.0; size],
            beside: vec![0.0; size.saturating_sub(1)],
            mirrors: Vec::with_capacity(size.saturating_sub(2)),
        };
        let mut product = vec![0.0; size];
        for at in 0..size.saturating_sub(2) {
            let start = at + 1;
            let mut v = matrix[at * size + start..(at + 1) * size].to_vec();
            let length = dot(&v, &v).sqrt();
            let tail = dot(&v[1..], &v[1..]);
            if tail == 0.0 {
                reduced.beside[at] = v[0];
                reduced.mirrors.push(Vec::new());
                continue;
            }
            // The sign that adds, so that nothing cancels.
            let image = if v[0] > 0.0 { -length } else { length };
            reduced.beside[at] = image;
            v[0] -= image;
            let scale = 1.0 / dot(&v, &v).sqrt();
            v.iter_mut().for_each(|value| *value *= scale);
            for (slot, row) in product[start..].iter_mut().zip(start..size) {
                *slot = 2.0 * dot(&matrix[row * size + start..(row + 1) * size], &v);
            }
            let half = dot(&product[start..], &v);
            product[start..].iter_mut().zip(&v).for_each(|(slot, v)| *slot -= half * v);
            for row in start..size {
                let (v_row, w_row) = (v[row - start], product[row]);
                let line = &mut matrix[row * size + start..(row + 1) * size];
                for ((slot, v), w) in line.iter_mut().zip(&v).zip(&product[start..]) {
                    *slot -= v_row * w + w_row * v;
                }
            }
            reduced.mirrors.push(v);
        }
        if size >= 2 {
            reduced.beside[size - 2] = matrix[(size - 1) * size + size - 2];
        }
        (0..size).for_each(|at| reduced.diagonal[at] = matrix[at * size + at]);
        reduced
    }

    /// Q'y.
    pub(super) fn turn(&self, y: &[f64]) -> Vec<f64> {
        let mut turned = y.to_vec();
        self.mirrors.iter().enumerate().for_each(|(at, v)| reflect(&mut turned[at + 1..], v));
        turned
    }

    /// Q x.
    #[cfg(test)]
    pub(super) fn turn_back(&self, x: &[f64]) -> Vec<f64> {
        let mut turned = x.to_vec();
        self.mirrors.iter().enumerate().rev().for_each(|(at, v)| reflect(&mut turned[at + 1..], v));
        turned
    }

    /// x with (T + s I) x = b, and ln |T + s I|; none if that is not positive definite.
    pub(super) fn solve(&self, noise: f64, b: &[f64]) -> Option<(Vec<f64>, f64)> {
        let size = self.diagonal.len();
        let (mut pivots, mut x) = (Vec::with_capacity(size), b.to_vec());
        let mut log_determinant = 0.0;
        for at in 0..size {
            let mut pivot = self.diagonal[at] + noise;
            if at > 0 {
                let factor = self.beside[at - 1] / pivots[at - 1];
                pivot -= factor * self.beside[at - 1];
                x[at] -= factor * x[at - 1];
            }
            if !(pivot.is_finite() && pivot > 0.0) {
                return None;
            }
            log_determinant += pivot.ln();
            pivots.push(pivot);
        }
        for at in (0..size).rev() {
            let after = if at + 1 < size { self.beside[at] * x[at + 1] } else { 0.0 };
            x[at] = (x[at] - after) / pivots[at];
        }
        Some((x, log_determinant))
    }
}

/// x - 2 v (v'x), v of length 1 or empty.
fn reflect(x: &mut [f64], v: &[f64]) {
    if !v.is_empty() {
        let twice = 2.0 * dot(x, v);
        x.iter_mut().zip(v).for_each(|(x, v)| *x -= twice * v);
    }
}

#[cfg(test)]
mod tests {
    use super::super::dense::Cholesky;
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_pcg::Pcg64;

    #[test]
    fn it_solves_what_cholesky_solves() {
        let mut random = Pcg64::seed_from_u64(3);
        for size in [1, 2, 3, 17, 40] {
            let points: Vec<f64> = (0..size * 3).map(|_| random.random::<f64>() - 0.5).collect();
            let mut matrix = vec![0.0; size * size];
            for row in 0..size {
                for column in 0..=row {
                    matrix[row * size + column] =
                        dot(&points[row * 3..row * 3 + 3], &points[column * 3..column * 3 + 3]);
                }
            }
            let y: Vec<f64> = (0..size).map(|_| random.random::<f64>()).collect();
            let reduced = Tridiagonal::reduce(matrix.clone(), size);
            for noise in [0.05, 2.0] {
                let mut noisy = matrix.clone();
                (0..size).for_each(|at| noisy[at * size + at] += noise);
                let factor = Cholesky::factor(noisy, size).expect("positive definite");
                let (x, log_determinant) = reduced.solve(noise, &reduced.turn(&y)).expect("positive definite");
                // Backward errors of 1e-15 times a condition of at most 20.
                for (ours, theirs) in reduced.turn_back(&x).iter().zip(factor.solve(&y)) {
                    assert!((ours - theirs).abs() < 1e-11, "{size}: {ours} {theirs}");
                }
                assert!((log_determinant - factor.log_determinant()).abs() < 1e-11);
            }
        }
    }
}
