//! A panel with prices, promotions and a calendar: ridge and gradient boosting over all series, blended.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | y_st | `PanelRows::y` | units per period; NaN: nobody knows |
//! | x_st | `PanelRows::columns` | as declared; NaN: unknown |
//! | z | y on a log scale without a unit ([`frame`]) | |
//! | f | the forecast of z | |
//! | h | periods from the end of the past to the row | periods |
//!
//! *Direct.* A row h ahead is forecast from what was known at the origin, never from other forecasts.
//!
//! *Profile.* Each series has a linear answer to calendar and columns, drawn towards that of all ([`profile`]). What it
//! sold beyond the profile lately, at the same weekday, and a year ago is how it stands ([`design`]).
//!
//! *Members.* Ridge regression ([`ridge`]) and boosted trees ([`boost`]) over standing and facts of all series;
//! penalty, number of trees and weights by rolling origins ([`learn`]). f gives the middle of the forecast, which is also
//! its `mean`: the geometric mean of what both members expect.
//!
//! *Intervals.* Conformal by horizon from the same rolling origins ([`conformal`]).
//!
//! *Policies.* Closed rows and gaps are no observations; closed future rows are 0 for certain. A column unknown ahead
//! keeps the series' last known value. A series with fewer than [`KNOWN_MIN`] known periods has the level of all. Each
//! is told in the method's name, and counted.

mod boost;
mod calendar;
mod conformal;
mod design;
mod facts;
mod frame;
mod learn;
mod profile;
mod ridge;
mod rows;
#[cfg(test)]
mod tests;

use domain::forecast::{LEVELS, SeriesForecast};
use domain::panel::Cell;
use domain::stop::Stop;

use crate::univariate::forecast_series;
use conformal::Offsets;
use design::{Plan, Table};
use facts::Facts;
use frame::{Frame, Series};
pub use rows::{PanelError, PanelRows};

/// Known periods below which a series has no level of its own.
pub const KNOWN_MIN: usize = 8;

/// The forecast of one series of the panel.
#[derive(Debug, Clone, PartialEq)]
pub struct PanelSeries {
    /// The caller's number.
    pub series: usize,
    /// Rows of the future that the forecast is of, in their order.
    pub rows: Vec<usize>,
    /// Units per period, by row.
    pub forecast: SeriesForecast,
    /// Known past periods.
    pub known: usize,
    /// Closed past periods, left out.
    pub closed: usize,
    /// Periods within the past that nobody knows, left out.
    pub gaps: usize,
    /// Future rows with an unknown column, for which the last known value was taken.
    pub carried: usize,
}

/// The forecast of a panel.
#[derive(Debug, Clone, PartialEq)]
pub struct Panelled {
    /// Series with future rows, ascending.
    pub series: Vec<PanelSeries>,
    /// Weight of the trees, 0 to 1; the rest is the ridge's.
    pub trees_weight: f64,
    /// Windows of the past that choices and intervals rest on.
    pub windows: usize,
}

/// Forecasts the rows `ahead` from the `past`; `season` is the number of periods per season (7 for days; 1 or 0: none).
///
/// Both hold the same columns. y of `ahead` is not read. A signal that `stop` hears of is looked for between trees.
///
/// # Errors
/// An interrupt. Shapes or orders that are wrong; no past; or too few known periods to learn from, for which
/// [`crate::univariate`] is the better choice.
pub fn forecast_panel(past: &PanelRows, ahead: &PanelRows, season: usize, stop: &Stop) -> Result<Panelled, PanelError> {
    let frame = Frame::new(past, ahead)?;
    let facts = Facts::of(&frame, season);
    let plan = Plan::of(&frame);
    let table = Table::build(&frame, &facts, &plan, season);
    let learnt = learn::learn(&frame, &table, &plan, stop)?;
    let first = table.origin.partition_point(|&origin| origin < frame.origin);
    let mut series = Vec::new();
    let mut next = first;
    for (at, one) in frame.series.iter().enumerate().filter(|(_, one)| one.end > one.ahead) {
        let mut forecast = SeriesForecast { mean: Vec::new(), quantiles: Vec::new(), method: method(one) };
        for row in one.ahead..one.end {
            // Closed rows have no row in the table.
            let is_next = table.row.get(next).is_some_and(|&open| open as usize == row);
            let (mean, quantiles) = if is_next {
                debug_assert_eq!(table.series[next] as usize, at);
                next += 1;
                let h = frame.t[row] - frame.origin;
                units(one, learnt.ahead[next - 1 - first], table.spread[next - 1], h, &learnt.offsets)
            } else {
                (0.0, [0.0; LEVELS.len()])
            };
            forecast.mean.push(mean);
            forecast.quantiles.push(quantiles);
        }
        if one.sold == 0 && one.known >= KNOWN_MIN {
            forecast = never_sold(one, &frame, forecast);
        }
        series.push(PanelSeries {
            series: one.id,
            rows: frame.source[one.ahead..one.end].to_vec(),
            forecast,
            known: one.known,
            closed: one.closed,
            gaps: one.gaps,
            carried: one.carried,
        });
    }
    Ok(Panelled { series, trees_weight: learnt.weight, windows: learnt.windows })
}

/// Back from z.
fn units(series: &Series, f: f64, spread: f64, h: i64, offsets: &Offsets) -> (f64, [f64; LEVELS.len()]) {
    let back = |z: f64| (2.0 * series.unit * z.sinh()).max(0.0);
    (back(f), offsets.quantiles(h, f, spread).map(back))
}

/// As a series by itself: zeros tell nothing on a log scale.
fn never_sold(series: &Series, frame: &Frame, mut forecast: SeriesForecast) -> SeriesForecast {
    let zeros = vec![0.0; series.known];
    if let Some(own) = forecast_series(&zeros, &vec![Cell::Observed; series.known], forecast.mean.len(), 0) {
        forecast = own;
        for (at, row) in (series.ahead..series.end).enumerate() {
            if frame.closed[row] {
                forecast.quantiles[at] = [0.0; LEVELS.len()];
            }
        }
    }
    forecast
}

/// The method, with the policies that were needed.
fn method(series: &Series) -> &'static str {
    match (series.is_short(), series.closed + series.gaps > 0, series.carried > 0) {
        (false, false, false) => "panel ridge and boosting",
        (false, true, false) => "panel ridge and boosting; closed and unknown periods left out",
        (false, false, true) => "panel ridge and boosting; unknown columns carried on",
        (false, true, true) => {
            "panel ridge and boosting; closed and unknown periods left out; unknown columns carried on"
        }
        (true, _, false) => "panel ridge and boosting at the level of all series: too few periods known",
        (true, _, true) => {
            "panel ridge and boosting at the level of all series: too few periods known; unknown columns carried on"
        }
    }
}
