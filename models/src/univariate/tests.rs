//! Known answers, properties, and coverage on simulated series.

use super::*;
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Poisson, StandardNormal};
use rand_pcg::Pcg64;

fn observed(values: &[f64]) -> Vec<Cell> {
    vec![Cell::Observed; values.len()]
}

fn forecast(values: &[f64], horizon: usize, season: usize) -> SeriesForecast {
    forecast_series(values, &observed(values), horizon, season).expect("known cells")
}

#[test]
fn a_constant_stays_and_is_certain() {
    let have = forecast(&[7.0; 104], 13, 52);
    for (mean, quantiles) in have.mean.iter().zip(&have.quantiles) {
        // Least squares starts the level at 7 up to rounding over 104 steps.
        assert!((mean - 7.0).abs() < 1e-9, "{mean}");
        assert!(quantiles.iter().all(|quantile| (quantile - 7.0).abs() < 1e-8), "{quantiles:?}");
    }
}

#[test]
fn a_straight_line_goes_on() {
    let line: Vec<f64> = (0..104).map(|week| 20.0 + 0.5 * f64::from(week)).collect();
    let have = forecast(&line, 8, 1);
    for (h, mean) in have.mean.iter().enumerate() {
        let truth = 20.0 + 0.5 * (104 + h) as f64;
        // theta leans at most 0.95 on the line and damping is at most 0.98, so the forecast falls short by
        // at most 1 - 0.9 of the growth over the horizon, and never goes beyond it.
        assert!(*mean <= truth + 1e-6 && truth - mean <= 0.1 * 0.5 * (h + 1) as f64 + 0.02, "{h}: {mean} for {truth}");
    }
}

#[test]
fn theta_without_gaps_is_the_published_recursion() {
    let values = [12.0, 15.0, 11.0, 18.0, 17.0, 21.0, 19.0];
    let (alpha, weight, start) = (0.4, 0.5, 12.0);
    let mut theta = theta::Theta::given(alpha, weight, start);
    values.iter().for_each(|&value| theta.step(Some(value)));
    let mut ahead = [0.0; 4];
    theta.ahead(&mut ahead);
    // Section 3.2 of the paper, by hand: the line through what is known, and then through the forecasts too.
    let mut known = values.to_vec();
    let mut level = values.iter().fold(start, |level, y| alpha * y + (1.0 - alpha) * level);
    for have in ahead {
        let n = known.len() as f64;
        let times: Vec<f64> = (1..=known.len()).map(|t| t as f64).collect();
        let (mean_t, mean_y) = (times.iter().sum::<f64>() / n, known.iter().sum::<f64>() / n);
        let slope = times.iter().zip(&known).map(|(t, y)| (t - mean_t) * (y - mean_y)).sum::<f64>()
            / times.iter().map(|t| (t - mean_t).powi(2)).sum::<f64>();
        let intercept = mean_y - slope * mean_t;
        let fade = (1.0 - alpha).powf(n);
        let want = level + weight * (fade * intercept + (1.0 - fade * (1.0 - alpha)) / alpha * slope);
        assert!((have - want).abs() < 1e-12, "{have} for {want}");
        level += alpha * (want - level);
        known.push(want);
    }
}

#[test]
fn a_season_is_found_and_repeated() {
    let values: Vec<f64> =
        (0..156).map(|week| 50.0 + 20.0 * (f64::from(week) / 52.0 * std::f64::consts::TAU).sin()).collect();
    let have = forecast(&values, 26, 52);
    assert!(have.method.ends_with("seasonal"), "{}", have.method);
    for (h, mean) in have.mean.iter().enumerate() {
        // A noiseless season comes back up to what the decomposition's moving average bends: 2 % of the swing.
        assert!((mean - values[h]).abs() < 0.4, "{h}: {mean} for {}", values[h]);
    }
}

fn by_mstl(values: &[f64], cells: &[Cell], horizon: usize, season: usize) -> SeriesForecast {
    forecast_series_from(Methods::Mstl, None, values, cells, horizon, season).expect("known cells").0
}

#[test]
fn mstl_repeats_its_last_season_on_what_smoothing_says() {
    // Factors that grow: a classical season would come back at its mean, MSTL's as it was last.
    let swing = |at: usize| 1.0 + if at % 4 == 0 { 0.1 + 0.005 * at as f64 } else { 0.0 };
    let values: Vec<f64> = (0..80).map(|at| 50.0 * swing(at)).collect();
    let have = by_mstl(&values, &observed(&values), 8, 4);
    assert_eq!(have.method, "MSTL, and exponential smoothing of what it leaves");
    for (h, mean) in have.mean.iter().enumerate() {
        let last = values[76 + h % 4];
        // Its smoother looks over 11 seasons; the mean season of all 20 would be an eighth below the last.
        assert!((mean / last - 1.0).abs() < 0.05, "{h}: {mean} for {last}");
    }
    // A history of one value has no season; it is smoothed, and says so. Sparse ones keep their own methods.
    let flat = by_mstl(&[9.0; 40], &observed(&[9.0; 40]), 2, 4);
    assert_eq!(flat.method, "exponential smoothing: no season for MSTL to take out");
    assert!((flat.mean[0] - 9.0).abs() < 1e-9);
    let sparse: Vec<f64> = (0..60).map(|at| f64::from(u8::from(at % 7 == 0))).collect();
    assert!(by_mstl(&sparse, &observed(&sparse), 2, 4).method.starts_with("sparse: "));
}

#[test]
fn mstl_among_the_members_is_named_where_it_takes_a_season_out() {
    let values = history(8, 96, 12);
    let all = |season| {
        let told = forecast_series_from(Methods::All, None, &values, &observed(&values), 6, season);
        told.expect("known cells").0
    };
    assert!(all(12).method.ends_with("autoregression and MSTL"), "{}", all(12).method);
    assert_ne!(all(12).mean, forecast(&values, 6, 12).mean);
    assert_eq!(all(1), forecast(&values, 6, 1));
}

#[test]
fn the_mask_is_obeyed() {
    let mut values = vec![10.0; 60];
    let mut cells = observed(&values);
    // Zeros that are no zeros: missing and closed weeks; a stockout week.
    for at in [5, 20, 21, 22, 57, 58, 59] {
        values[at] = 0.0;
        cells[at] = if at % 2 == 0 { Cell::Missing } else { Cell::Closed };
    }
    values[40] = 3.0;
    cells[40] = Cell::Censored;
    let have = forecast_series(&values, &cells, 4, 52).expect("known cells");
    assert!(have.mean.iter().all(|mean| (mean - 10.0).abs() < 1e-9), "{:?}", have.mean);
    // Missing cells before the first known one say nothing either.
    let late = forecast_series(
        &[vec![0.0; 30], vec![10.0; 30]].concat(),
        &[vec![Cell::Closed; 30], vec![Cell::Observed; 30]].concat(),
        4,
        1,
    );
    assert!(late.expect("known cells").mean.iter().all(|mean| (mean - 10.0).abs() < 1e-9));
    assert!(forecast_series(&[1.0, 2.0], &[Cell::Missing, Cell::Closed], 4, 1).is_none());
}

#[test]
fn zeros_stay_zero_and_short_series_say_so() {
    let have = forecast(&[0.0; 104], 3, 52);
    assert_eq!(have.mean, vec![0.0; 3]);
    assert!(have.quantiles.iter().flatten().all(|&quantile| quantile >= 0.0));
    let have = forecast(&[4.0, 6.0, 5.0], 3, 52);
    assert_eq!((have.method, have.mean[0]), ("short: mean of the few weeks known", 5.0));
    // Gamma(15.5, 3): a Poisson-like count of mean 5 lies between 1 and 11 with 95 %.
    assert_eq!((have.quantiles[0][0], have.quantiles[0][6]), (1.0, 11.0));
}

#[test]
fn coverage_of_simulated_sales_is_near_eighty_percent() {
    let mut random = Pcg64::seed_from_u64(11);
    let (mut hits, mut total) = (0, 0);
    let series = 400;
    for at in 0..series {
        // Store levels from 3 to 90 units a week, a level that wanders, Poisson counts.
        let mut level = 3.0 * 30.0_f64.powf(f64::from(at) / f64::from(series));
        let values: Vec<f64> = (0..104)
            .map(|_| {
                let shock: f64 = random.sample(StandardNormal);
                level *= (0.02 * shock).exp();
                Poisson::new(level).expect("a positive mean").sample(&mut random)
            })
            .collect();
        let (hit, of) = coverage_80(&values, &observed(&values), 13, 52).expect("judged cells");
        hits += hit;
        total += of;
    }
    let coverage = f64::from(hits) / f64::from(total);
    // Weeks of one series share their errors: count a series as three independent cells, standard error
    // sqrt(.16/1200) = 1.2 %. These series are calmer than any that the widths were learnt from.
    assert!((0.765..0.885).contains(&coverage), "{coverage} over {total}");
}

proptest! {
    #[test]
    fn quantiles_never_cross_nor_fall_below_zero(
        seed in any::<u64>(), weeks in 1_usize..130, horizon in 0_usize..30, season in 0_usize..53, level in 0.0..200.0_f64,
    ) {
        let mut random = Pcg64::seed_from_u64(seed);
        let values: Vec<f64> = (0..weeks).map(|_| (level * random.random::<f64>()).floor()).collect();
        let cells: Vec<Cell> = (0..weeks)
            .map(|_| [Cell::Observed, Cell::Observed, Cell::Observed, Cell::Missing, Cell::Censored, Cell::Closed][random.random_range(0..6)])
            .collect();
        let methods = [Methods::Middle, Methods::Mstl, Methods::All][random.random_range(0..3)];
        if let Some((have, _)) = forecast_series_from(methods, None, &values, &cells, horizon, season) {
            prop_assert_eq!(have.mean.len(), horizon);
            prop_assert_eq!(have.quantiles.len(), horizon);
            for (mean, quantiles) in have.mean.iter().zip(&have.quantiles) {
                prop_assert!(mean.is_finite() && *mean >= 0.0);
                prop_assert!(quantiles.iter().all(|quantile| quantile.is_finite() && *quantile >= 0.0));
                prop_assert!(quantiles.windows(2).all(|pair| pair[0] <= pair[1]), "{:?}", quantiles);
            }
        }
    }
}

/// A history without zeros that has a trend, a season and noise, all by chance.
fn history(seed: u64, weeks: usize, season: usize) -> Vec<f64> {
    let mut random = Pcg64::seed_from_u64(seed);
    let (level, slope, swing) =
        (10.0 + 90.0 * random.random::<f64>(), 0.2 * random.random::<f64>(), random.random::<f64>());
    (0..weeks)
        .map(|week| {
            let wave = 1.0 + 0.3 * swing * (week as f64 / season.max(1) as f64 * std::f64::consts::TAU).sin();
            let noise: f64 = random.sample(StandardNormal);
            (level + slope * week as f64) * wave * (0.1 * noise).exp()
        })
        .collect()
}

#[test]
fn an_outlier_is_damped_and_named_and_a_shift_is_mended_and_named() {
    let clean = history(3, 104, 1);
    let mut spiked = clean.clone();
    spiked[60] *= 9.0;
    let (have, want) = (forecast(&spiked, 4, 1), forecast(&clean, 4, 1));
    assert!(have.method.ends_with("; outliers damped"), "{}", have.method);
    assert!(!want.method.contains(';'), "{}", want.method);
    // A damped cell is a 3 sigma one, so that the forecast moves by less than one sigma, a tenth.
    assert!((have.mean[0] / want.mean[0] - 1.0).abs() < 0.1, "{} {}", have.mean[0], want.mean[0]);
    // But the spike was counted: it widens the interval.
    assert!(have.quantiles[3][6] > want.quantiles[3][6]);

    let mut shifted = clean.clone();
    shifted[..70].iter_mut().for_each(|value| *value *= 0.3);
    let have = forecast(&shifted, 4, 1);
    assert!(have.method.ends_with("; history brought to the level after a shift"), "{}", have.method);
    assert!((have.mean[0] / want.mean[0] - 1.0).abs() < 0.1, "{} {}", have.mean[0], want.mean[0]);
}

#[test]
fn a_spike_that_comes_back_is_no_outlier() {
    let mut values = history(4, 104, 1);
    (0..104).step_by(13).for_each(|week| values[week] *= 6.0);
    let have = forecast(&values, 13, 1);
    assert!(!have.method.contains("outliers"), "{}", have.method);
    // The last spike was in week 91, so that the next is due in 104, the first week ahead.
    assert!(have.mean[0] > 1.5 * have.mean[1], "{:?}", have.mean);
}

#[test]
fn a_zero_now_and_then_has_no_logarithm_and_does_no_harm() {
    let mut values = history(6, 104, 1);
    (5..104).step_by(17).for_each(|week| values[week] = 0.0);
    let have = forecast(&values, 6, 1);
    let usual = values.iter().sum::<f64>() / 104.0;
    for (mean, quantiles) in have.mean.iter().zip(&have.quantiles) {
        // A trend of at most 0.2 a week moves the end by at most 10 from the mean; the zeros pull by a sixteenth.
        assert!((mean - usual).abs() < 0.25 * usual + 10.0, "{mean} for {usual}");
        assert!(quantiles.iter().all(|quantile| quantile.is_finite()), "{quantiles:?}");
    }
}

#[test]
fn gaps_and_stockouts_are_named() {
    let values = history(5, 60, 1);
    let mut cells = observed(&values);
    (cells[20], cells[30]) = (Cell::Closed, Cell::Censored);
    let have = forecast_series(&values, &cells, 2, 1).expect("known cells");
    let want = "; gaps and closed weeks carried over; stockout weeks raised to their neighbours";
    assert!(have.method.ends_with(want), "{}", have.method);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_scale_of_a_series_scales_its_forecast(
        seed in any::<u64>(), weeks in 10_usize..140, season in 1_usize..14, scale in 1e-3..1e3_f64,
    ) {
        let values = history(seed, weeks, season);
        let scaled: Vec<f64> = values.iter().map(|value| scale * value).collect();
        for methods in [Methods::Middle, Methods::Mstl] {
            let by = |values: &[f64]| {
                forecast_series_from(methods, None, values, &observed(values), 8, season).expect("known cells").0
            };
            let (one, other) = (by(&values), by(&scaled));
            prop_assert_eq!(one.method, other.method);
            let pairs = one.mean.iter().zip(&other.mean);
            for (a, b) in pairs.chain(one.quantiles.iter().flatten().zip(other.quantiles.iter().flatten())) {
                // Logarithms round; all else is linear in the values, their roots included.
                prop_assert!((scale * a - b).abs() <= 1e-9 * b.abs(), "{} {}", scale * a, b);
            }
        }
    }

    #[test]
    fn what_comes_after_the_origin_changes_nothing(seed in any::<u64>(), weeks in 10_usize..120, later in 0.0..1e4_f64) {
        // The same past, two futures: `coverage_80` forecasts from within its rows, so must see the past alone.
        let mut values = history(seed, weeks + 8, 4);
        let before = forecast_series(&values[..weeks], &observed(&values)[..weeks], 8, 4);
        values[weeks..].fill(later);
        let cells = [vec![Cell::Observed; weeks], vec![Cell::Closed; 8]].concat();
        prop_assert_eq!(forecast_series(&values[..weeks], &cells[..weeks], 8, 4), before);
    }
}
