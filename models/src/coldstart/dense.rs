//! Dense symmetric systems: the Cholesky factor, row by row.

/// The dot product over eight running sums, which the compiler turns into vector instructions; the
/// order of additions is fixed, so the bits are too.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0_f64; 8];
    let (a_chunks, b_chunks) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = a_chunks.remainder().iter().zip(b_chunks.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in a_chunks.zip(b_chunks) {
        for lane in 0..8 {
            sums[lane] += x[lane] * y[lane];
        }
    }
    sums.iter().sum::<f64>() + rest
}

/// The lower factor L of a positive definite matrix, L L' = A.
#[derive(Debug, Clone)]
pub(crate) struct Cholesky {
    size: usize,
    /// Row-major, the upper part unused.
    lower: Vec<f64>,
}

impl Cholesky {
    /// Factors the row-major `matrix`, of which the lower part is read; none if it is not positive definite.
    pub(crate) fn factor(mut matrix: Vec<f64>, size: usize) -> Option<Self> {
        for row in 0..size {
            let (above, here) = matrix.split_at_mut(row * size);
            for column in 0..row {
                let pivot = &above[column * size..column * size + column + 1];
                let sum = here[column] - dot(&here[..column], &pivot[..column]);
                here[column] = sum / pivot[column];
            }
            let square = here[row] - dot(&here[..row], &here[..row]);
            if !(square.is_finite() && square > 0.0) {
                return None;
            }
            here[row] = square.sqrt();
        }
        Some(Self { size, lower: matrix })
    }

    /// ln of the determinant of A.
    #[cfg(test)]
    pub(crate) fn log_determinant(&self) -> f64 {
        (0..self.size).map(|row| 2.0 * self.lower[row * self.size + row].ln()).sum()
    }

    /// x with A x = b.
    pub(crate) fn solve(&self, b: &[f64]) -> Vec<f64> {
        let n = self.size;
        let mut x = b.to_vec();
        for row in 0..n {
            let line = &self.lower[row * n..row * n + row + 1];
            x[row] = (x[row] - dot(&line[..row], &x[..row])) / line[row];
        }
        for row in (0..n).rev() {
            let line = &self.lower[row * n..row * n + row + 1];
            x[row] /= line[row];
            let solved = x[row];
            for (slot, factor) in x[..row].iter_mut().zip(line) {
                *slot -= solved * factor;
            }
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_solves_what_can_be_checked_by_hand() {
        // A = [4 2; 2 3], determinant 8, A (1, 2)' = (8, 8)'.
        let factor = Cholesky::factor(vec![4.0, 0.0, 2.0, 3.0], 2).expect("positive definite");
        assert!((factor.log_determinant() - 8.0_f64.ln()).abs() < 1e-14);
        let x = factor.solve(&[8.0, 8.0]);
        assert!((x[0] - 1.0).abs() < 1e-14 && (x[1] - 2.0).abs() < 1e-14);
        assert!(Cholesky::factor(vec![1.0, 0.0, 2.0, 1.0], 2).is_none());
    }

    #[test]
    fn dot_of_odd_lengths() {
        let ones = vec![1.0; 19];
        let count: Vec<f64> = (0..19).map(f64::from).collect();
        assert_eq!(dot(&ones, &count), 171.0);
    }
}
