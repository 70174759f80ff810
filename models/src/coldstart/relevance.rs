//! Metrics: how much each feature counts in what is near.
//!
//! | symbol | here | |
//! |---|---|---|
//! | b_f | the ridge's coefficient | what f adds beside the others |
//! | r_f | correlation of z_f with ln y | what f tells alone |
//!
//! Lengths per feature by marginal likelihood overfit a handful of stores (on 83 stores they were the worst of
//! all kernels tried); a few metrics that lean more or less on what is known of the features do not.

use ndarray::ArrayView2;

/// What a feature counts whatever it seems to tell, against the one that tells most.
const FLOORS: [f64; 2] = [0.3, 0.1];
/// The same where correlations tell.
const FLOOR_ALONE: f64 = 0.2;

/// The metrics, by feature: all alike, by b with two floors, by r.
pub(super) fn metrics(z: ArrayView2<'_, f64>, logs: &[f64], coefficients: &[f64]) -> Vec<Vec<f64>> {
    let beside = relative(coefficients.iter().map(|b| b.abs()).collect());
    let alone = relative(correlations(z, logs));
    let mut metrics = vec![vec![1.0; z.ncols()]];
    metrics.extend(FLOORS.map(|floor| beside.iter().map(|share| floor + share).collect()));
    metrics.push(alone.iter().map(|share| FLOOR_ALONE + share).collect());
    metrics
}

/// Relative to the largest; all 1 where all are 0.
fn relative(mut sizes: Vec<f64>) -> Vec<f64> {
    let most = sizes.iter().fold(0.0_f64, |most, &size| most.max(size));
    sizes.iter_mut().for_each(|size| *size = if most > 0.0 { *size / most } else { 1.0 });
    sizes
}

/// |r_f|; 0 where a feature or ln y does not vary.
fn correlations(z: ArrayView2<'_, f64>, logs: &[f64]) -> Vec<f64> {
    let n = logs.len().max(1) as f64;
    let mean = logs.iter().sum::<f64>() / n;
    let variance: f64 = logs.iter().map(|log| (log - mean).powi(2)).sum();
    z.columns()
        .into_iter()
        .map(|column| {
            let middle = column.sum() / n;
            let (mut both, mut own) = (0.0, 0.0);
            for (z, log) in column.iter().zip(logs) {
                both += (z - middle) * (log - mean);
                own += (z - middle).powi(2);
            }
            let scale = (own * variance).sqrt();
            if scale > 0.0 { (both / scale).abs() } else { 0.0 }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr2;

    #[test]
    fn what_tells_counts_and_what_is_constant_does_not() {
        let z = arr2(&[[-1.0, 0.0, 1.0], [0.0, 0.0, -2.0], [1.0, 0.0, 1.0]]);
        let found = metrics(z.view(), &[1.0, 2.0, 3.0], &[0.5, 0.0, 0.0]);
        assert_eq!(found[0], vec![1.0; 3]);
        assert_eq!(found[2], vec![1.1, 0.1, 0.1]);
        assert_eq!(found[3], vec![1.2, 0.2, 0.2]);
        assert_eq!(relative(vec![0.0, 0.0]), vec![1.0, 1.0]);
    }
}
