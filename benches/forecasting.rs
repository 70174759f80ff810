//! Forecasts of one series, with their intervals, on series made of a trend, a season and noise.
//! Run with `cargo bench --bench forecasting`; accuracy is measured by `cargo xtask quality forecasting`.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use domain::panel::Cell;
use models::univariate::{forecast_series, smooth_series};

/// Numbers in [0, 1) by position, so that the series need no generator's version to be the same.
fn draw(at: usize) -> f64 {
    let mixed = (at as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (mixed >> 11) as f64 / (1_u64 << 53) as f64
}

/// `count` series of `length` periods, their season `period` long.
fn series(count: usize, length: usize, period: usize) -> Vec<Vec<f64>> {
    (0..count)
        .map(|which| {
            let (level, slope, swing) = (50.0 + 100.0 * draw(which), draw(which + 7) - 0.3, 0.4 * draw(which + 13));
            (0..length)
                .map(|t| {
                    let wave = 1.0 + swing * (t as f64 / period as f64 * std::f64::consts::TAU).sin();
                    (level + slope * t as f64 / 4.0).max(10.0) * wave * (0.9 + 0.2 * draw(which * length + t))
                })
                .collect()
        })
        .collect()
}

fn forecasting(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("forecasting, 20 series each");
    group.sample_size(10);
    for (name, length, period, horizon) in [
        ("monthly, 116 periods, season 12", 116, 12, 18),
        ("weekly, 156 periods, season 52", 156, 52, 13),
        ("weekly, 1,000 periods, season 52", 1_000, 52, 13),
    ] {
        let series = series(20, length, period);
        let cells = vec![Cell::Observed; length];
        group.bench_function(format!("default set with intervals: {name}"), |bench| {
            bench.iter(|| series.iter().for_each(|one| drop(black_box(forecast_series(one, &cells, horizon, period)))));
        });
        group.bench_function(format!("exponential smoothing alone: {name}"), |bench| {
            bench.iter(|| series.iter().for_each(|one| drop(black_box(smooth_series(one, &cells, horizon, period)))));
        });
    }
    group.finish();
}

criterion_group!(benches, forecasting);
criterion_main!(benches);
