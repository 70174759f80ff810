//! What the sampler promises: means, subsets, threads.

use super::*;
use domain::forecast::Uncertainty;
use domain::ids::Idx;
use ndarray::{Array2, s};
use proptest::prelude::*;

/// Stores 0, 3, 6, … over two markets, half of them observed; one trained and one assumed device.
fn forecast(stores: usize) -> (Forecast, Vec<usize>) {
    let forecast = Forecast {
        stores: (0..stores).map(|at| Idx::new(3 * at)).collect(),
        devices: vec![Idx::new(0), Idx::new(2)],
        mean: Array2::from_shape_fn((stores, 2), |(store, device)| 1.0 + store as f64 + 10.0 * device as f64),
        quantiles: Array3::zeros((stores, 2, 7)),
        adoption: Array2::ones((2, 4)),
        dispersion: vec![2.0, f64::INFINITY],
        basis: vec![Basis::Trained { stores: 40 }, Basis::Assumed],
        level_source: (0..stores)
            .map(|at| if at % 2 == 0 { LevelSource::Observed } else { LevelSource::ColdStart })
            .collect(),
        methods: vec![Vec::new(), Vec::new()],
        analogs: vec![Vec::new(); stores],
        contributions: vec![Vec::new(); stores],
        uncertainty: Uncertainty {
            common_sigma: 0.1,
            market_sigma: 0.1,
            uptake_sigma: vec![0.0, 0.5],
            store_residuals: vec![vec![-0.5, -0.2, 0.0, 0.3, 0.6], vec![-0.3, 0.0, 0.1]],
            store_scale: Array2::from_shape_fn((stores, 2), |(store, _)| [0.5, 1.0, 1.3][store % 3]),
        },
        quality: None,
        zone_rate: vec![1.0; 3],
    };
    (forecast, (0..stores).map(|at| at % 2).collect())
}

#[test]
fn residuals_have_mean_one() {
    let residuals = Residuals::new(&[0.9, -1.0, 0.2, 0.25, -0.4]);
    let points = 200_000;
    let mean = (0..points).map(|at| residuals.log_at((f64::from(at) + 0.5) / f64::from(points)).exp()).sum::<f64>()
        / f64::from(points);
    // The midpoint rule over 200,000 points of a function with two kinks per residual.
    assert!((mean - 1.0).abs() < 1e-8, "{mean}");
    assert_eq!(Residuals::new(&[]).log_at(0.3), 0.0);
}

#[test]
fn samples_have_the_forecasts_mean() {
    let (forecast, markets) = forecast(40);
    let samples = draw(&forecast, &markets, 4000, "decide", Seed(7));
    let mean = samples.mean();
    for ((row, device), &want) in forecast.mean.indexed_iter() {
        let have = mean[[row, device]];
        // A store factor varies by at most 0.6 (log residuals and translation): 0.6/sqrt(4000) = 1 %;
        // 4.5 of those standard errors for the worst of 80.
        assert!((have / want - 1.0).abs() < 0.045, "row {row} device {device}: {have} for {want}");
    }
    // Shared factors are stratified, so the grand mean is close: 1 %/sqrt(40) x 4, plus interplay of factors.
    let ratio = mean.sum() / forecast.mean.sum();
    assert!((ratio - 1.0).abs() < 0.012, "{ratio}");
}

#[test]
fn devices_of_a_store_share_their_luck_and_stores_do_not() {
    let (mut forecast, markets) = forecast(4);
    forecast.uncertainty.common_sigma = 0.0;
    forecast.uncertainty.market_sigma = 0.0;
    forecast.uncertainty.uptake_sigma = vec![0.0, 0.0];
    forecast.basis = vec![Basis::Assumed, Basis::Assumed];
    let samples = draw(&forecast, &markets, 4000, "decide", Seed(3));
    let logs = |row: usize, device: usize| samples.rates.slice(s![.., row, device]).mapv(f64::ln);
    let correlation = |a: ndarray::Array1<f64>, b: ndarray::Array1<f64>| {
        let (a, b) = (&a - a.mean().unwrap_or(0.0), &b - b.mean().unwrap_or(0.0));
        (&a * &b).sum() / ((&a * &a).sum() * (&b * &b).sum()).sqrt()
    };
    // Standard error of a correlation over 4000 samples: at most 0.016.
    assert!((correlation(logs(0, 0), logs(0, 1)) - SHARED).abs() < 0.05);
    assert!(correlation(logs(0, 0), logs(2, 0)).abs() < 0.065);
}

#[test]
fn other_streams_and_seeds_draw_other_numbers() {
    let (forecast, markets) = forecast(3);
    let first = draw(&forecast, &markets, 5, "decide", Seed(1));
    assert_ne!(first.rates, draw(&forecast, &markets, 5, "judge", Seed(1)).rates);
    assert_ne!(first.rates, draw(&forecast, &markets, 5, "decide", Seed(2)).rates);
}

#[test]
fn threads_do_not_matter() {
    let (forecast, markets) = forecast(50);
    let on = |threads: usize| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("a small pool")
            .install(|| draw(&forecast, &markets, 20, "decide", Seed(1)))
    };
    assert_eq!(on(1), on(4));
}

proptest! {
    #[test]
    fn a_subset_gets_the_same_numbers(picks in proptest::collection::btree_set(0_usize..12, 1..8), seed in any::<u64>()) {
        let (forecast, markets) = forecast(12);
        let rows: Vec<usize> = picks.into_iter().collect();
        let all = draw(&forecast, &markets, 6, "decide", Seed(seed));
        let some = draw_rows(&forecast, &rows, &markets, 6, "decide", Seed(seed));
        prop_assert_eq!(&all.select(&rows), &some);
        // Nor does it matter whether the others are in the forecast at all.
        let mut alone = forecast.clone();
        alone.stores = some.stores.clone();
        alone.mean = forecast.mean.select(ndarray::Axis(0), &rows);
        alone.uncertainty.store_scale = forecast.uncertainty.store_scale.select(ndarray::Axis(0), &rows);
        alone.level_source = rows.iter().map(|&row| forecast.level_source[row]).collect();
        let alone_markets: Vec<usize> = rows.iter().map(|&row| markets[row]).collect();
        prop_assert_eq!(draw(&alone, &alone_markets, 6, "decide", Seed(seed)), some);
    }
}
