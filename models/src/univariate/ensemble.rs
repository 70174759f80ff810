//! The members together: fitted once, stepped along, their median as the forecast.

use super::ets::{self, Ets};
use super::prepare::Series;
use super::season::Season;
use super::theta::{self, Theta};

/// Fitted members.
#[derive(Debug, Clone)]
pub(super) struct Ensemble {
    season: Season,
    theta: Theta,
    ets: Ets,
}

/// Where the members are after some periods.
#[derive(Debug, Clone)]
pub(super) struct Position {
    periods: usize,
    theta: theta::State,
    ets: ets::State,
}

impl Ensemble {
    /// Fits every member to the whole of `series`.
    pub(super) fn fit(series: &Series, period: usize) -> Self {
        let season = Season::of(series, period);
        let values: Vec<f64> =
            series.values.iter().enumerate().map(|(at, &value)| season.take_out(at, value)).collect();
        let mut lines = Vec::with_capacity(series.len());
        let theta = Theta::fit(series, &values, &mut lines);
        let ets = Ets::fit(series, &values, &season);
        Self { season, theta, ets }
    }

    /// The method's name, as a person would say it.
    pub(super) fn method(&self) -> &'static str {
        if self.season.period() > 1 {
            "median of seasonal naive, theta and exponential smoothing, seasonal"
        } else {
            "median of naive, theta and exponential smoothing"
        }
    }

    /// Before the first period.
    pub(super) fn start(&self) -> Position {
        Position { periods: 0, theta: self.theta.state(), ets: self.ets.state(&self.season) }
    }

    /// Takes in the next period of `series`.
    pub(super) fn step(&self, position: &mut Position, series: &Series) {
        let at = position.periods;
        let value = series.seen[at].then_some(series.values[at]);
        self.theta.step(&mut position.theta, at, value.map(|value| self.season.take_out(at, value)));
        self.ets.step(&mut position.ets, at, value);
        position.periods += 1;
    }

    /// Forecasts of the periods after `position` into `ahead`.
    pub(super) fn ahead(&self, position: &Position, series: &Series, ahead: &mut [f64]) {
        let now = position.periods;
        let (level, slope) = self.theta.ahead(&position.theta, now);
        self.ets.ahead(&position.ets, now, ahead.len(), |h, ets| {
            let theta = self.season.put_back(now + h, level + slope * (h + 1) as f64);
            let naive = self.naive(series, now, h).unwrap_or(ets);
            ahead[h] = median(naive, theta, ets).max(0.0);
        });
    }

    /// Forecasts of the periods after the whole of `series`.
    pub(super) fn forecast(&self, series: &Series, ahead: &mut [f64]) {
        let mut position = self.start();
        for _ in 0..series.len() {
            self.step(&mut position, series);
        }
        self.ahead(&position, series, ahead);
    }

    /// The last known value of the same position of the season before `now`; without a season's
    /// worth of history, or without a season, the last known value.
    fn naive(&self, series: &Series, now: usize, h: usize) -> Option<f64> {
        let period = self.season.period();
        let mut at = (now + h) as isize;
        while at >= now as isize {
            at -= period as isize;
        }
        while at >= 0 {
            let here = at.unsigned_abs();
            if series.seen[here] {
                return Some(series.values[here]);
            }
            at -= period as isize;
        }
        None
    }
}

/// The middle one.
fn median(a: f64, b: f64, c: f64) -> f64 {
    a.min(b).max(a.max(b).min(c))
}
