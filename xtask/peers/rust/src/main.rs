//! augurs and anofox-forecast on series of a file: `rust-peers SERIES`, in and out as `forecasting.py` has it.

use std::time::Instant;

use anofox_forecast::core::TimeSeries;
use anofox_forecast::models::Forecaster;
use anofox_forecast::models::exponential::AutoETS as AnofoxEts;
use anofox_forecast::models::theta::DynamicTheta;
use augurs::ets::AutoETS;
use augurs::ets::trend::AutoETSTrendModel;
use augurs::mstl::MSTLModel;
use augurs::{Fit, Predict};
use chrono::{DateTime, Duration};

type Answer = Option<Vec<f64>>;
type Method = (&'static str, fn(&[f64], usize, usize) -> Answer);

/// The point forecasts, then the bounds of the 80 and 95 % intervals of each period.
fn joined(point: &[f64], inner: (&[f64], &[f64]), outer: (&[f64], &[f64])) -> Vec<f64> {
    let bounds = (0..point.len()).flat_map(|h| [inner.0[h], inner.1[h], outer.0[h], outer.1[h]]);
    point.iter().copied().chain(bounds).collect()
}

fn augurs_with<M: Fit>(model: M, values: &[f64], horizon: usize) -> Answer {
    let fitted = model.fit(values).ok()?;
    let inner = fitted.predict(horizon, 0.8).ok()?;
    let outer = fitted.predict(horizon, 0.95).ok()?;
    let (point, inner, outer) = (inner.point, inner.intervals?, outer.intervals?);
    Some(joined(&point, (&inner.lower, &inner.upper), (&outer.lower, &outer.upper)))
}

fn augurs(values: &[f64], season: usize, horizon: usize) -> Answer {
    if season > 1 && values.len() > 2 * season {
        let trend = AutoETSTrendModel::from(AutoETS::non_seasonal());
        augurs_with(MSTLModel::new(vec![season], trend), values, horizon)
    } else {
        augurs_with(AutoETS::non_seasonal(), values, horizon)
    }
}

fn anofox_with(mut model: impl Forecaster, values: &[f64], horizon: usize) -> Answer {
    let times = (0..values.len()).map(|at| DateTime::UNIX_EPOCH + Duration::days(at as i64)).collect();
    model.fit(&TimeSeries::univariate(times, values.to_vec()).ok()?).ok()?;
    let inner = model.predict_with_intervals(horizon, 0.8).ok()?;
    let outer = model.predict_with_intervals(horizon, 0.95).ok()?;
    match (inner.lower_series(0), inner.upper_series(0), outer.lower_series(0), outer.upper_series(0)) {
        (Ok(low), Ok(high), Ok(lowest), Ok(highest)) => {
            Some(joined(inner.primary(), (low, high), (lowest, highest)))
        }
        _ => Some(inner.primary().to_vec()),
    }
}

fn anofox_ets(values: &[f64], season: usize, horizon: usize) -> Answer {
    // As in statsforecast, seasons above 24 are more than it is meant for.
    let model = if (2..=24).contains(&season) { AnofoxEts::with_period(season) } else { AnofoxEts::non_seasonal() };
    anofox_with(model, values, horizon)
}

fn anofox_theta(values: &[f64], season: usize, horizon: usize) -> Answer {
    let model = if season > 1 { DynamicTheta::seasonal_optimized(season) } else { DynamicTheta::optimized() };
    anofox_with(model, values, horizon)
}

const METHODS: [Method; 3] = [
    ("augurs ETS, MSTL where seasonal", augurs),
    ("anofox-forecast AutoETS", anofox_ets),
    ("anofox-forecast DynamicTheta", anofox_theta),
];

fn main() {
    let path = std::env::args().nth(1).expect("usage: rust-peers SERIES");
    for line in std::fs::read_to_string(path).expect("the series").lines() {
        let fields: Vec<&str> = line.split(' ').collect();
        let number = |at: usize| fields[at].parse::<usize>().expect("a number");
        let values: Vec<f64> = fields[4..].iter().map(|value| value.parse().expect("a number")).collect();
        for (name, method) in METHODS {
            let start = Instant::now();
            let answer = std::panic::catch_unwind(|| method(&values, number(3), number(2))).ok().flatten();
            let seconds = start.elapsed().as_secs_f64();
            let text: Vec<String> = answer.unwrap_or_else(|| vec![f64::NAN]).iter().map(f64::to_string).collect();
            println!("{name}\t{}\t{}\t{seconds}\t{}", number(0), number(1), text.join(" "));
        }
    }
}
