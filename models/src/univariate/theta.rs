//! The dynamic optimised theta method [fiorucci2016], with a mask.
//!
//! | symbol | field | |
//! |---|---|---|
//! | alpha | `Theta::alpha` | smoothing of the level |
//! | w = 1 - 1/theta | `Theta::weight` | pull towards the trend line, 0 (plain smoothing) to `WEIGHT_MAX` |
//! | l_0 | `Theta::start` | level before the first period |
//! | A_t + B_t x | `State` | least squares line through the periods known until t |
//!
//! With u_t and v_t the smoothed values of 1 and t over the known periods (from 0), the forecast is
//! mu_(t+h) = l_t + w [A_t + B_t (t + h) - A_t u_t - B_t v_t]; without gaps u_t = 1 - (1 - alpha)^t and
//! this is the published recursion. Over a gap the level, u and v stay.
//!
//! Given alpha, the one-step errors are linear in (l_0, w): both follow from least squares in the
//! same pass, and alpha alone is searched for.

use super::prepare::Series;
use super::search;

/// theta = 20: more leans on the line than any trend of weekly sales bears.
const WEIGHT_MAX: f64 = 0.95;

/// Known periods before a line through them is trusted with errors that count.
const WARM_UP: usize = 3;

/// Fitted parameters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Theta {
    alpha: f64,
    weight: f64,
    start: f64,
}

/// Where the filter is after some periods.
#[derive(Debug, Clone, Copy)]
pub(super) struct State {
    level: f64,
    u: f64,
    v: f64,
    line: Line,
}

/// Running least squares of the values on time.
#[derive(Debug, Clone, Copy, Default)]
struct Line {
    count: f64,
    time: f64,
    value: f64,
    time_time: f64,
    time_value: f64,
}

impl Line {
    fn add(&mut self, time: f64, value: f64) {
        // Running means and centred sums: sums of squares of time would cancel.
        self.count += 1.0;
        let ahead = time - self.time;
        self.time += ahead / self.count;
        self.time_time += ahead * (time - self.time);
        self.value += (value - self.value) / self.count;
        self.time_value += ahead * (value - self.value);
    }

    /// (A, B): intercept at time 0, slope.
    fn fit(&self) -> (f64, f64) {
        let slope = if self.time_time > 0.0 { self.time_value / self.time_time } else { 0.0 };
        (self.value - slope * self.time, slope)
    }
}

impl Theta {
    /// Fits to the known periods of `values` (deseasonalised, as long as `series`); `lines` is scratch.
    pub(super) fn fit(series: &Series, values: &[f64], lines: &mut Vec<(f64, f64)>) -> Self {
        lines.clear();
        let mut line = Line::default();
        for (at, (&value, &seen)) in values.iter().zip(&series.seen).enumerate() {
            lines.push(line.fit());
            if seen {
                line.add((at + 1) as f64, value);
            }
        }
        let (alpha, _) = search::line(0.02, 0.99, 8, |alpha| solve(series, values, lines, alpha).1);
        solve(series, values, lines, alpha).0
    }

    /// With parameters as given.
    #[cfg(test)]
    pub(super) fn given(alpha: f64, weight: f64, start: f64) -> Self {
        Self { alpha, weight, start }
    }

    /// Before the first period.
    pub(super) fn state(&self) -> State {
        State { level: self.start, u: 0.0, v: 0.0, line: Line::default() }
    }

    /// Takes in period number `at` (from 0), if it is known.
    pub(super) fn step(&self, state: &mut State, at: usize, value: Option<f64>) {
        if let Some(value) = value {
            let time = (at + 1) as f64;
            state.level += self.alpha * (value - state.level);
            state.u += self.alpha * (1.0 - state.u);
            state.v += self.alpha * (time - state.v);
            state.line.add(time, value);
        }
    }

    /// (intercept, slope) of the forecasts after `periods` periods: for h ahead, intercept + slope x h.
    pub(super) fn ahead(&self, state: &State, periods: usize) -> (f64, f64) {
        let (a, b) = state.line.fit();
        let now = a * (1.0 - state.u) + b * (periods as f64 - state.v);
        (state.level + self.weight * now, self.weight * b)
    }
}

/// The best (l_0, w) at this alpha, and the sum of squared one-step errors.
fn solve(series: &Series, values: &[f64], lines: &[(f64, f64)], alpha: f64) -> (Theta, f64) {
    // Level started from 0 is `level`; started from l_0 it is level + fade l_0.
    let (mut level, mut fade, mut u, mut v) = (0.0, 1.0, 0.0, 0.0);
    let (mut yy, mut ff, mut gg, mut fg, mut yf, mut yg) = (0.0_f64, 0.0_f64, 0.0_f64, 0.0_f64, 0.0_f64, 0.0_f64);
    let (mut known, mut first) = (0, 0.0);
    for (at, ((&value, &seen), &(a, b))) in values.iter().zip(&series.seen).zip(lines).enumerate() {
        if !seen {
            continue;
        }
        let time = (at + 1) as f64;
        if known == 0 {
            first = value;
        }
        // Early lines are wild: there the errors are those of plain smoothing.
        let pull = if known < WARM_UP { 0.0 } else { a * (1.0 - u) + b * (time - v) };
        let error = value - level;
        yy += error * error;
        ff += fade * fade;
        gg += pull * pull;
        fg += fade * pull;
        yf += error * fade;
        yg += error * pull;
        level += alpha * error;
        fade *= 1.0 - alpha;
        u += alpha * (1.0 - u);
        v += alpha * (time - v);
        known += 1;
    }
    let cost = |start: f64, weight: f64| {
        yy - 2.0 * (start * yf + weight * yg) + start * start * ff + 2.0 * start * weight * fg + weight * weight * gg
    };
    let determinant = ff * gg - fg * fg;
    let weight = if determinant > 1e-12 * ff * gg { (ff * yg - fg * yf) / determinant } else { 0.0 };
    let weight = weight.clamp(0.0, WEIGHT_MAX);
    let start = if ff > 0.0 { (yf - weight * fg) / ff } else { first };
    (Theta { alpha, weight, start }, cost(start, weight))
}
