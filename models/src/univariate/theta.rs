//! The dynamic optimised theta method [fiorucci2016], with a mask.
//!
//! | symbol | field | |
//! |---|---|---|
//! | alpha | `Theta::alpha` | smoothing of the level, 0.1 to 0.99 |
//! | w = 1 - 1/theta | `Theta::weight` | pull towards the trend line, 0 (plain smoothing) to 1 |
//! | l_0 | `Theta::start` | level before the first period |
//! | A_t + B_t x | `Line` | least squares line through the periods known until t |
//!
//! With u_t and v_t the smoothed values of 1 and t over the known periods (from 0), the forecast of the
//! next period is l_t + w [A_t + B_t (t + 1) - A_t u_t - B_t v_t]; without gaps u_t = 1 - (1 - alpha)^t and
//! this is the published recursion. Over a gap the level, u, v and the line stay. Further ahead, forecasts
//! stand in for the values that are not known yet, in the line too, as published.
//!
//! (alpha, w, l_0) minimise the sum of absolute one-step errors from the third known period on, which is what
//! a forecast is judged by here: sharper than squares on short series, hardly different on long ones.

use serde::{Deserialize, Serialize};

use super::search;

/// Known periods before the errors count: a line through fewer is none.
const WARM_UP: usize = 2;

/// Parameters and where the filter is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Theta {
    alpha: f64,
    weight: f64,
    level: f64,
    u: f64,
    v: f64,
    time: f64,
    line: Line,
}

/// Running least squares of the values on time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
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
    /// Fits to the known cells of `values`, and stands before the first of them.
    pub(super) fn fit(values: &[f64], seen: &[bool]) -> Self {
        let first = values.iter().zip(seen).find(|cell| *cell.1).map_or(0.0, |cell| *cell.0);
        let cost = |&[alpha, weight, start]: &[f64; 3]| {
            let mut theta = Self::given(alpha, weight, 2.0 * start * first);
            let (mut sum, mut known) = (0.0, 0);
            for (&value, &seen) in values.iter().zip(seen) {
                if seen {
                    if known >= WARM_UP {
                        sum += (value - theta.next()).abs();
                    }
                    known += 1;
                }
                theta.step(seen.then_some(value));
            }
            sum
        };
        // From the middle of the published ranges, once: what is left of the start does not lead astray.
        let low = [0.1, 0.0, 0.0];
        let ([alpha, weight, start], _) = search::compass([0.5, 0.5, 0.25], low, [0.99, 1.0, 1.0], 8, cost);
        Self::given(alpha, weight, 2.0 * start * first)
    }

    /// With parameters as given.
    pub(super) fn given(alpha: f64, weight: f64, start: f64) -> Self {
        Self { alpha, weight, level: start, u: 0.0, v: 0.0, time: 0.0, line: Line::default() }
    }

    /// The forecast of the next period.
    fn next(&self) -> f64 {
        let (a, b) = self.line.fit();
        self.level + self.weight * (a * (1.0 - self.u) + b * (self.time + 1.0 - self.v))
    }

    /// Takes in the next period, if it is known.
    pub(super) fn step(&mut self, value: Option<f64>) {
        self.time += 1.0;
        if let Some(value) = value {
            self.level += self.alpha * (value - self.level);
            self.u += self.alpha * (1.0 - self.u);
            self.v += self.alpha * (self.time - self.v);
            self.line.add(self.time, value);
        }
    }

    /// Forecasts of the next periods.
    pub(super) fn ahead(&self, ahead: &mut [f64]) {
        let mut then = *self;
        for forecast in ahead {
            *forecast = then.next();
            then.step(Some(*forecast));
        }
    }
}
