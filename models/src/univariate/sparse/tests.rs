use domain::panel::Cell;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Poisson};
use rand_pcg::Pcg64;

use super::*;

fn series(values: &[f64]) -> Series {
    Series::prepare(values, &vec![Cell::Observed; values.len()]).expect("known cells")
}

#[test]
fn croston_is_what_the_paper_says() {
    // Sales of 2 every third period: z = 2, q = 3 and f = 2/3, whatever the smoothing, once the start is forgotten.
    let values: Vec<f64> = (0..300).map(|at| if at % 3 == 2 { 2.0 } else { 0.0 }).collect();
    let sparse = series(&values);
    for mut candidate in methods::candidates(&sparse, 30).filter(|one| one.family == Family::Croston) {
        sparse.values.iter().for_each(|&value| candidate.step(Some(value)));
        assert!((candidate.rate() - 2.0 / 3.0).abs() < 0.01, "{candidate:?}");
    }
}

#[test]
fn what_no_longer_sells_fades() {
    let values: Vec<f64> = (0..104).map(|at| if at < 52 && at % 3 == 0 { 4.0 } else { 0.0 }).collect();
    let (mean, ..) = forecast(&series(&values), 13);
    assert!(mean[0] < 0.1, "{mean:?}");
}

#[test]
fn quantiles_of_counts_are_whole_and_hold_what_they_say() {
    let mut random = Pcg64::seed_from_u64(5);
    let (mut held, mut total) = (0.0, 0.0);
    for _ in 0..300 {
        let rate: f64 = 0.1 + 0.6 * random.random::<f64>();
        let law = Poisson::new(rate).expect("a positive rate");
        let values: Vec<f64> = (0..117).map(|_| law.sample(&mut random)).collect();
        if values[..104].iter().all(|&value| value == 0.0) {
            continue;
        }
        let (_, have, _) = forecast(&series(&values[..104]), 13);
        for (quantiles, &truth) in have.iter().zip(&values[104..]) {
            assert!(quantiles.iter().all(|quantile| quantile.fract() == 0.0));
            held += f64::from(u8::from(quantiles[0] <= truth && truth <= quantiles[6]));
            total += 1.0;
        }
    }
    // Whole numbers cannot hold exactly 95 %: never less, up to three standard errors of 0.4 %, each series three cells.
    assert!(held / total > 0.94, "{}", held / total);
}

#[test]
fn amounts_that_are_no_counts_scale() {
    let values: Vec<f64> = (0..80).map(|at| if at % 3 == 0 { 1.25 + f64::from(at % 7) } else { 0.0 }).collect();
    let scaled: Vec<f64> = values.iter().map(|value| 3.0 * value).collect();
    let ((_, one, _), (_, three, _)) = (forecast(&series(&values), 6), forecast(&series(&scaled), 6));
    for (a, b) in one.iter().flatten().zip(three.iter().flatten()) {
        assert!((3.0 * a - b).abs() <= 1e-9 * b.abs(), "{a} {b}");
    }
}
