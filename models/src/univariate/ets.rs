//! Exponential smoothing [hyndman2008]: level, optional damped trend, optional season, with a mask.
//!
//! | symbol | field | |
//! |---|---|---|
//! | alpha, beta, phi, gamma | `Ets` | smoothing of level, trend and season; damping |
//! | l_0, b_0 | `Ets::level`, `Ets::trend` | states before the first period |
//! | s | `State::season` | one index per position of the season, additive or multiplicative |
//!
//! f = l + phi b; e = y - f (y less or over its season); l' = f + alpha e; b' = phi b + beta e;
//! the season's index moves by gamma e. Over a gap e = 0. The forecast for h ahead is
//! l + (phi + … + phi^h) b, with its season.
//!
//! Given (alpha, beta, phi) the errors are linear in (l_0, b_0), which follow from least squares in
//! the same pass. Simple and damped are both fitted, and AICc chooses. gamma is then searched for alone.

use super::prepare::Series;
use super::search;
use super::season::Season;

/// Fitted parameters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ets {
    alpha: f64,
    beta: f64,
    phi: f64,
    gamma: f64,
    level: f64,
    trend: f64,
}

/// Where the filter is after some periods.
#[derive(Debug, Clone)]
pub(super) struct State {
    level: f64,
    trend: f64,
    season: Season,
}

impl Ets {
    /// Fits to the known periods of `values` (deseasonalised by `season`, as long as `series`).
    pub(super) fn fit(series: &Series, values: &[f64], season: &Season) -> Self {
        let known = series.known() as f64;
        let (alpha, simple) = search::line(0.01, 0.99, 8, |alpha| solve(series, values, alpha, 0.0, 0.0).1);
        let start = [alpha, 0.1, 0.6];
        let ([alpha_damped, share, damping], damped) =
            search::compass(start, [0.01, 0.0, 0.0], [0.99, 0.9, 1.0], 4, |&[alpha, share, damping]| {
                solve(series, values, alpha, alpha * share, phi(damping)).1
            });
        // Parameters counted: alpha, l_0, variance; and beta, phi, b_0.
        let worth = |sse: f64, k: f64| {
            let room = known - k - 1.0;
            if room <= 0.0 {
                return f64::INFINITY;
            }
            known * (sse.max(1e-12) / known).ln() + 2.0 * k + 2.0 * k * (k + 1.0) / room
        };
        let mut best = if worth(damped, 6.0) < worth(simple, 3.0) {
            solve(series, values, alpha_damped, alpha_damped * share, phi(damping)).0
        } else {
            solve(series, values, alpha, 0.0, 0.0).0
        };
        if season.period() > 1 {
            let mut state = best.state(season);
            let mut cost = |gamma: f64| {
                let tried = Self { gamma, ..best };
                tried.reset(&mut state, season);
                let mut sse = 0.0;
                for (at, (&value, &seen)) in series.values.iter().zip(&series.seen).enumerate() {
                    if seen {
                        let error = value - tried.one_ahead(&state, at);
                        sse += error * error;
                    }
                    tried.step(&mut state, at, seen.then_some(value));
                }
                sse
            };
            best.gamma = search::line(0.0, 0.5, 2, &mut cost).0;
        }
        best
    }

    /// Before the first period.
    pub(super) fn state(&self, season: &Season) -> State {
        State { level: self.level, trend: self.trend, season: season.clone() }
    }

    /// Back before the first period, reusing the state's memory.
    fn reset(&self, state: &mut State, season: &Season) {
        state.level = self.level;
        state.trend = self.trend;
        state.season.copy_from(season);
    }

    /// The forecast of period number `at`, the next one.
    fn one_ahead(&self, state: &State, at: usize) -> f64 {
        state.season.put_back(at, state.level + self.phi * state.trend)
    }

    /// Takes in period number `at` (from 0), if it is known. `value` is with its season.
    pub(super) fn step(&self, state: &mut State, at: usize, value: Option<f64>) {
        let forecast = state.level + self.phi * state.trend;
        state.trend *= self.phi;
        state.level = forecast;
        if let Some(value) = value {
            let error = state.season.take_out(at, value) - forecast;
            state.level += self.alpha * error;
            state.trend += self.beta * error;
            if self.gamma > 0.0 {
                state.season.nudge(at, self.gamma * (value - state.season.put_back(at, forecast)), forecast);
            }
        }
    }

    /// Forecasts after `periods` periods, with their season, by `take(h from 0, forecast)`.
    pub(super) fn ahead(&self, state: &State, periods: usize, horizon: usize, mut take: impl FnMut(usize, f64)) {
        let (mut damping, mut sum) = (1.0, 0.0);
        for h in 0..horizon {
            damping *= self.phi;
            sum += damping;
            take(h, state.season.put_back(periods + h, state.level + sum * state.trend));
        }
    }
}

/// Damping between 0.8 and 0.98: below, no trend is left; above, it hardly ends.
fn phi(position: f64) -> f64 {
    0.8 + 0.18 * position
}

/// The best (l_0, b_0) at these parameters, and the sum of squared one-step errors. phi = 0: no trend.
fn solve(series: &Series, values: &[f64], alpha: f64, beta: f64, phi: f64) -> (Ets, f64) {
    // States from zero, and how much of each start is still in them.
    let (mut level, mut trend) = (0.0_f64, 0.0_f64);
    let (mut level_l, mut trend_l, mut level_b, mut trend_b) = (1.0_f64, 0.0_f64, 0.0_f64, 1.0_f64);
    let (mut yy, mut ll, mut bb, mut lb, mut yl, mut yb) = (0.0_f64, 0.0_f64, 0.0_f64, 0.0_f64, 0.0_f64, 0.0_f64);
    for (&value, &seen) in values.iter().zip(&series.seen) {
        let forecast = level + phi * trend;
        let (f_l, f_b) = (level_l + phi * trend_l, level_b + phi * trend_b);
        (level, level_l, level_b) = (forecast, f_l, f_b);
        (trend, trend_l, trend_b) = (phi * trend, phi * trend_l, phi * trend_b);
        if seen {
            let error = value - forecast;
            yy += error * error;
            ll += f_l * f_l;
            bb += f_b * f_b;
            lb += f_l * f_b;
            yl += error * f_l;
            yb += error * f_b;
            level += alpha * error;
            trend += beta * error;
            level_l -= alpha * f_l;
            trend_l -= beta * f_l;
            level_b -= alpha * f_b;
            trend_b -= beta * f_b;
        }
    }
    let determinant = ll * bb - lb * lb;
    let trend = if phi > 0.0 && determinant > 1e-12 * ll * bb { (ll * yb - lb * yl) / determinant } else { 0.0 };
    let level = if ll > 0.0 { (yl - trend * lb) / ll } else { 0.0 };
    let sse = yy - 2.0 * (level * yl + trend * yb) + level * level * ll + 2.0 * level * trend * lb + trend * trend * bb;
    (Ets { alpha, beta, phi, gamma: 0.0, level, trend }, sse.max(0.0))
}
