//! Gaussian process regression, averaged over what its kernel may be [rasmussen2006].
//!
//! | symbol | here | |
//! |---|---|---|
//! | x = z * metric | `Part::points` | mean square length 1 over the training stores |
//! | k(x, x') = c x.x' + (1 - c) m(|x - x'|/l) | [`Part::kernel`] | m: Matérn's with nu = 5/2 |
//! | c, l | from `SHARES`, `LENGTHS` | the linear part's share; the length |
//! | metric | [`super::relevance`] | all features alike, or by what they seem to matter |
//! | s | noise over signal variance, from `NOISES` | |
//! | y | ln levels less their mean | |
//!
//! With the signal variance at its best, the log marginal likelihood of a kernel and a noise, K = k + s I, is half of
//! -n ln(y'K^-1 y / n) - ln |K|. On few stores its best point is mostly luck, so kernels are averaged with their
//! likelihoods as weights: those of at least `WEIGHT_MIN`, `PARTS_MAX` at the most, each at the mean of its log noise.
//! Weights come from at most `TUNED_MAX` stores; one reduction to tridiagonal form serves all noises.

use ndarray::{ArrayView1, ArrayView2};

use super::ColdStartError;
use super::dense::{Cholesky, dot};
use super::tridiagonal::Tridiagonal;

/// Shares of the linear part.
const SHARES: [f64; 2] = [0.0, 0.5];
/// Lengths tried.
const LENGTHS: [f64; 6] = [0.5, 0.7, 1.0, 1.4, 2.0, 2.8];
/// Noise ratios tried.
const NOISES: [f64; 9] = [0.03, 0.1, 0.2, 0.4, 0.8, 1.5, 3.0, 6.0, 12.0];
/// Stores at the most that kernels are weighed on.
const TUNED_MAX: usize = 200;
/// The weight below which a kernel is left out.
const WEIGHT_MIN: f64 = 0.02;
/// Kernels kept at the most.
const PARTS_MAX: usize = 4;

/// A fitted process.
#[derive(Debug, Clone)]
pub(super) struct Process {
    mean: f64,
    parts: Vec<Part>,
}

/// One kernel with its points.
#[derive(Debug, Clone)]
struct Part {
    metric: Vec<f64>,
    /// Row-major training points.
    points: Vec<f64>,
    /// Their squared lengths.
    norms: Vec<f64>,
    share: f64,
    length: f64,
    /// (k + s I)^-1 y, times the kernel's weight.
    alpha: Vec<f64>,
}

/// A kernel that was weighed.
struct Weighed {
    metric: usize,
    share: f64,
    length: f64,
    noise: f64,
    weight: f64,
}

impl Process {
    /// Fits to the training rows `rows` (ascending), with the `metrics` to choose from.
    pub(super) fn fit(
        z: ArrayView2<'_, f64>,
        logs: &[f64],
        rows: &[usize],
        metrics: &[Vec<f64>],
    ) -> Result<Self, ColdStartError> {
        let mean = rows.iter().map(|&row| logs[row]).sum::<f64>() / rows.len().max(1) as f64;
        let centred = |rows: &[usize]| -> Vec<f64> { rows.iter().map(|&row| logs[row] - mean).collect() };
        let few: Vec<usize> = rows.iter().copied().step_by(rows.len().div_ceil(TUNED_MAX).max(1)).collect();
        let y = centred(rows);
        let parts: Result<Vec<Part>, ColdStartError> = weigh(z, &few, &centred(&few), metrics)?
            .into_iter()
            .map(|chosen| {
                let mut part = Part::new(z, rows, &metrics[chosen.metric]);
                (part.share, part.length) = (chosen.share, chosen.length);
                let mut matrix = part.matrix();
                (0..rows.len()).for_each(|at| matrix[at * rows.len() + at] += chosen.noise);
                let factor = Cholesky::factor(matrix, rows.len());
                part.alpha = factor.ok_or(ColdStartError::Singular { size: rows.len() })?.solve(&y);
                part.alpha.iter_mut().for_each(|alpha| *alpha *= chosen.weight);
                Ok(part)
            })
            .collect();
        Ok(Self { mean, parts: parts? })
    }

    /// ln y at standardised features.
    pub(super) fn predict(&self, z: ArrayView1<'_, f64>) -> f64 {
        self.mean + self.parts.iter().map(|part| part.predict(z)).sum::<f64>()
    }
}

/// The kernels worth keeping, their weights adding up to 1.
fn weigh(
    z: ArrayView2<'_, f64>,
    rows: &[usize],
    y: &[f64],
    metrics: &[Vec<f64>],
) -> Result<Vec<Weighed>, ColdStartError> {
    let n = rows.len() as f64;
    // (kernel, log likelihood by noise)
    let mut tried: Vec<(Weighed, [f64; NOISES.len()])> = Vec::new();
    for (metric, scales) in metrics.iter().enumerate() {
        let mut part = Part::new(z, rows, scales);
        for length in LENGTHS {
            for share in SHARES {
                (part.share, part.length) = (share, length);
                let reduced = Tridiagonal::reduce(part.matrix(), rows.len());
                let turned = reduced.turn(y);
                let mut likelihood = [f64::NEG_INFINITY; NOISES.len()];
                for (slot, noise) in likelihood.iter_mut().zip(NOISES) {
                    let solved = reduced.solve(noise, &turned);
                    let (x, log_determinant) = solved.ok_or(ColdStartError::Singular { size: rows.len() })?;
                    let fit = (dot(&turned, &x) / n).max(1e-300);
                    *slot = -0.5 * (n * fit.ln() + log_determinant);
                }
                tried.push((Weighed { metric, share, length, noise: 0.0, weight: 0.0 }, likelihood));
            }
        }
    }
    let most = tried.iter().flat_map(|(_, by_noise)| by_noise).fold(f64::NEG_INFINITY, |most, &one| most.max(one));
    let mut kernels: Vec<Weighed> = tried
        .into_iter()
        .map(|(kernel, by_noise)| {
            let likely = by_noise.map(|one| (one - most).exp());
            let weight: f64 = likely.iter().sum();
            let log_noise = likely.iter().zip(NOISES).map(|(likely, noise)| likely * noise.ln()).sum::<f64>() / weight;
            // A kernel whose likelihoods all vanish beside the best is never kept: its noise doesn't matter.
            Weighed { noise: if log_noise.is_finite() { log_noise.exp() } else { 1.0 }, weight, ..kernel }
        })
        .collect();
    // A stable sort: ties keep the order in which they were tried.
    kernels.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    let total: f64 = kernels.iter().map(|kernel| kernel.weight).sum();
    // The best is always kept.
    let worth = kernels.iter().take(PARTS_MAX).take_while(|kernel| kernel.weight >= WEIGHT_MIN * total).count();
    kernels.truncate(worth.max(1));
    let kept: f64 = kernels.iter().map(|kernel| kernel.weight).sum();
    kernels.iter_mut().for_each(|kernel| kernel.weight /= kept);
    Ok(kernels)
}

impl Part {
    /// The points of some rows in a metric; kernel and weights are still to be chosen.
    fn new(z: ArrayView2<'_, f64>, rows: &[usize], metric: &[f64]) -> Self {
        let square: f64 =
            rows.iter().flat_map(|&row| z.row(row).into_iter().zip(metric).map(|(z, m)| (z * m).powi(2))).sum();
        // Without any feature that varies all points are 0, whatever the scale.
        let scale = if square > 0.0 { (rows.len() as f64 / square).sqrt() } else { 1.0 };
        let metric: Vec<f64> = metric.iter().map(|m| m * scale).collect();
        let points: Vec<f64> =
            rows.iter().flat_map(|&row| z.row(row).into_iter().zip(&metric).map(|(z, m)| z * m)).collect();
        let norms = match metric.len() {
            0 => vec![0.0; rows.len()],
            width => points.chunks(width).map(|point| dot(point, point)).collect(),
        };
        Self { metric, points, norms, share: 0.0, length: 1.0, alpha: Vec::new() }
    }

    fn predict(&self, z: ArrayView1<'_, f64>) -> f64 {
        let x: Vec<f64> = z.iter().zip(&self.metric).map(|(z, m)| z * m).collect();
        let norm = dot(&x, &x);
        self.alpha.iter().enumerate().map(|(at, alpha)| alpha * self.kernel(&x, norm, at)).sum()
    }

    fn kernel(&self, x: &[f64], norm: f64, at: usize) -> f64 {
        let width = self.metric.len();
        let inner = dot(x, &self.points[at * width..(at + 1) * width]);
        let far = (5.0 * (norm + self.norms[at] - 2.0 * inner).max(0.0)).sqrt() / self.length;
        self.share * inner + (1.0 - self.share) * (1.0 + far + far * far / 3.0) * (-far).exp()
    }

    /// The lower part of the kernel matrix of the points.
    fn matrix(&self) -> Vec<f64> {
        let (n, width) = (self.norms.len(), self.metric.len());
        let mut matrix = vec![0.0; n * n];
        for row in 0..n {
            let x = &self.points[row * width..(row + 1) * width];
            for column in 0..=row {
                matrix[row * n + column] = self.kernel(x, self.norms[row], column);
            }
        }
        matrix
    }
}
