//! One existing series: seasonal naive, optimised theta and exponential smoothing, and their median.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | y_t | `units` | units per week (or per period of any length) |
//! | mask | `cells` | see below |
//! | h | 1..=`horizon` | periods ahead |
//! | m | `season` | periods per season; 1 or 0: none |
//! | s_t(h) | residual scores | see [`conformal`] |
//!
//! *Mask.* Missing and closed cells are no observations: the filters carry their state over them.
//! A censored cell (sold with an empty shelf) is a lower bound of demand: it counts as what was sold
//! or the mean of the nearest observed cells, whichever is more; it is never used to judge a forecast.
//!
//! *Season.* Taken out by classical decomposition where the autocorrelation at lag m says there is
//! one and the history holds two of them ([`season`]), with indices shrunk by how noisy they are.
//!
//! *Members.* Seasonal naive; the dynamic optimised theta method [fiorucci2016] ([`theta`]);
//! exponential smoothing, simple or with damped trend, whichever AICc prefers, with a seasonal state
//! where there is a season [hyndman2008] ([`ets`]). The forecast is their median, at least 0.
//!
//! *Intervals.* Split conformal [vovk2005; lei2018] by horizon: the same members, fitted to the first
//! part of the history only, forecast from every later origin; their scores' quantiles are the
//! interval ([`conformal`]). Non-negative and non-crossing.
//!
//! Series too short for this say so in their method's name ([`short`]).

mod conformal;
mod ensemble;
mod ets;
mod prepare;
mod search;
mod season;
mod short;
#[cfg(test)]
mod tests;
mod theta;

use domain::forecast::{LEVELS, SeriesForecast};
use domain::panel::Cell;

use ensemble::Ensemble;
use prepare::Series;

/// Observed cells below which no method is fitted and no interval calibrated.
pub const OBSERVED_MIN: usize = 8;

/// Forecasts one series over `horizon` periods; none if it has no observed or censored cell.
///
/// `units` and `cells` are of the same length (the shorter counts), oldest first; `season` is the number
/// of periods per season. Numbers that are not finite or below 0 are taken as missing.
#[must_use]
pub fn forecast_series(units: &[f64], cells: &[Cell], horizon: usize, season: usize) -> Option<SeriesForecast> {
    let series = Series::prepare(units, cells)?;
    if series.all_zero() {
        return Some(short::all_zero(series.known(), horizon));
    }
    if series.known() < OBSERVED_MIN {
        return Some(short::few(&series, horizon));
    }
    let whole = Ensemble::fit(&series, season);
    let mut ahead = vec![0.0; horizon];
    whole.forecast(&series, &mut ahead);
    let scores = conformal::Scores::collect(&series, horizon, season);
    let mut quantiles = Vec::with_capacity(horizon);
    for (h, &mean) in ahead.iter().enumerate() {
        quantiles.push(scores.quantiles(h, mean));
    }
    Some(SeriesForecast { mean: ahead, quantiles, method: whole.method() })
}

/// How often the central 80 % interval held the truth: (cells that it held, cells judged), over two rolling
/// origins, the last of them `min(horizon, a quarter of the history)` periods before the end. Only
/// observed cells are judged, and each origin sees nothing later than itself.
#[must_use]
pub fn coverage_80(units: &[f64], cells: &[Cell], horizon: usize, season: usize) -> Option<(u32, u32)> {
    let weeks = units.len().min(cells.len());
    let ahead = horizon.min(weeks / 4);
    if ahead == 0 {
        return None;
    }
    let (low, high) = (level(0.1), level(0.9));
    let (mut hits, mut total) = (0, 0);
    for origin in [weeks - 2 * ahead, weeks - ahead] {
        let Some(forecast) = forecast_series(&units[..origin], &cells[..origin], ahead, season) else { continue };
        for (h, interval) in forecast.quantiles.iter().enumerate() {
            if cells[origin + h] == Cell::Observed {
                total += 1;
                // Counts are whole: an interval is read as the whole numbers it touches.
                hits +=
                    u32::from(interval[low].floor() <= units[origin + h] && units[origin + h] <= interval[high].ceil());
            }
        }
    }
    (total > 0).then_some((hits, total))
}

/// The position of a level in [`LEVELS`].
fn level(value: f64) -> usize {
    LEVELS.iter().position(|&level| level == value).unwrap_or(0)
}
