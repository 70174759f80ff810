//! What no method should learn from: outliers, and the level before it shifted.
//!
//! | symbol | here | |
//! |---|---|---|
//! | x_t | roots of the values without their season | |
//! | m_t | median of x over the [`NEIGHBOURS`] known cells on each side of t | |
//! | sigma | 1.4826 median abs(x_t - m_t), at least half of their mean | |
//! | delta | 1.4826 median abs(x_t - x_(t-1)), at least half of their mean | |
//! | L, R | medians of the [`SIDE`] known cells before t, and from t on | |
//!
//! *Outlier*: abs(x_t - m_t) > 6 sigma, with at least two known cells after it, so that it is known not to
//! last. It is drawn to m_t +- 3 sigma: damped, not dropped. It still judges forecasts as counted.
//! Only where such cells are rare: one and one in a hundred.
//!
//! *Level shift*: abs(x_t - x_(t-1)) > 6 delta in the direction of R - L, of which it makes up at least
//! two thirds and at most three halves, where such steps are as rare. What lies before is raised or lowered by
//! the ratio of the levels, so that season and noise are still learnt from it. The largest step is mended, and the
//! search repeated, at most [`SHIFTS_MAX`] times.
//!
//! Both are rare in clean series, and are named in the forecast's method.

use super::prepare::Series;
use super::season::Season;

/// Known cells on each side that say what is usual.
const NEIGHBOURS: usize = 3;

/// One departure in so many is rare; more often it is how the series is, which its methods may learn: on M4's
/// weekly series, damping the spikes that come back cost a tenth of the accuracy.
const RARE: usize = 100;

/// Known cells on each side of a shift.
const SIDE: usize = 8;

/// Known cells below which nothing is taken for unusual.
const KNOWN_MIN: usize = 4 * SIDE;

/// Robust standard deviations beyond which a departure or a step is no noise.
const SIGMAS: f64 = 6.0;

/// Those to which an outlier is drawn.
const SIGMAS_LEFT: f64 = 3.0;

/// Shifts mended at most.
const SHIFTS_MAX: usize = 2;

/// What was found and mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Mended {
    pub(super) outliers: bool,
    pub(super) shifts: bool,
}

/// Mends the values of `series`; outliers stay in `series.counted`, which is only brought to the present level.
pub(super) fn mend(series: &mut Series, period: usize) -> Mended {
    let known: Vec<usize> = (0..series.len()).filter(|&at| series.seen[at]).collect();
    if known.len() < KNOWN_MIN {
        return Mended::default();
    }
    let shifts = shift(series, &known, period);
    Mended { shifts, outliers: damp(series, &known, period) }
}

/// The roots of the known values without their season.
fn roots(series: &Series, known: &[usize], season: &Season) -> Vec<f64> {
    known.iter().map(|&at| season.take_out(at, series.values[at]).max(0.0).sqrt()).collect()
}

fn shift(series: &mut Series, known: &[usize], period: usize) -> bool {
    let mut found = false;
    for _ in 0..SHIFTS_MAX {
        let season = Season::of(series, period);
        let x = roots(series, known, &season);
        let steps: Vec<f64> = x.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
        let delta = spread(&steps);
        // A spike is two steps, up and down.
        if steps.iter().filter(|&&step| step > SIGMAS * delta).count() > 2 + x.len() / RARE {
            break;
        }
        let mut largest: Option<(f64, usize, f64, f64)> = None;
        for t in SIDE..=x.len() - SIDE {
            let step = x[t] - x[t - 1];
            if step.abs() <= SIGMAS * delta || largest.is_some_and(|(size, ..)| step.abs() <= size) {
                continue;
            }
            let (before, after) = (median(&mut x[t - SIDE..t].to_vec()), median(&mut x[t..t + SIDE].to_vec()));
            let share = step / (after - before);
            if before > 0.0 && after > 0.0 && share > 2.0 / 3.0 && share < 1.5 {
                largest = Some((step.abs(), t, before, after));
            }
        }
        let Some((_, t, before, after)) = largest else { break };
        let ratio = (after / before).powi(2);
        for &at in &known[..t] {
            series.values[at] *= ratio;
            series.counted[at] *= ratio;
        }
        found = true;
    }
    found
}

fn damp(series: &mut Series, known: &[usize], period: usize) -> bool {
    let season = Season::of(series, period);
    let x = roots(series, known, &season);
    let mut near = Vec::with_capacity(2 * NEIGHBOURS);
    let usual: Vec<f64> = (0..x.len())
        .map(|t| {
            near.clear();
            near.extend_from_slice(&x[t.saturating_sub(NEIGHBOURS)..t]);
            near.extend_from_slice(&x[t + 1..(t + 1 + NEIGHBOURS).min(x.len())]);
            median(&mut near)
        })
        .collect();
    let departures: Vec<f64> = x.iter().zip(&usual).map(|(x, usual)| (x - usual).abs()).collect();
    let sigma = spread(&departures);
    let mut found = false;
    let beyond = departures.iter().filter(|&&departure| departure > SIGMAS * sigma).count();
    if beyond > 1 + x.len() / RARE {
        return false;
    }
    for t in 0..x.len().saturating_sub(2) {
        if departures[t] > SIGMAS * sigma {
            let root = (usual[t] + SIGMAS_LEFT * sigma * (x[t] - usual[t]).signum()).max(0.0);
            series.values[known[t]] = season.put_back(known[t], root * root).max(0.0);
            found = true;
        }
    }
    found
}

/// A robust standard deviation of absolute departures.
fn spread(departures: &[f64]) -> f64 {
    let mean = departures.iter().sum::<f64>() / departures.len().max(1) as f64;
    (1.4826 * median(&mut departures.to_vec())).max(0.5 * mean)
}

/// The upper median; `values` changes its order.
fn median(values: &mut [f64]) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f64::total_cmp).1
}
