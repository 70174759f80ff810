//! One existing series: several methods, their weighted middle, and intervals that tell the truth.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | y_t | `units` | units per week (or per period of any length) |
//! | mask | `cells` | see below |
//! | h | 1..=`horizon` | periods ahead |
//! | m | `season` | periods per season; 1 or 0: none |
//!
//! *Mask.* Missing and closed cells are no observations: the filters carry their state over them.
//! A censored cell (sold with an empty shelf) is a lower bound of demand: it counts as what was sold
//! or the mean of the nearest observed cells, whichever is more; it is never used to judge a forecast.
//!
//! *Outliers and level shifts* are mended before any method sees them ([`cleaning`]).
//!
//! *Season.* Taken out by classical decomposition where its spread says there is one and the history
//! holds two of them ([`season`]), with indices shrunk by how noisy they are.
//!
//! *Members.* The dynamic optimised theta method ([`theta`]); exponential smoothing averaged over its
//! parameters, of the values and of their logarithms, with a seasonal state ([`smoothing`]); complex exponential
//! smoothing ([`ces`]); autoregression on differences with and without drift ([`autoregression`]). They are
//! weighed by their errors along the history, the more the longer it is, and the middle half of the weight is
//! averaged ([`ensemble`]). A caller may ask for MSTL with exponential smoothing instead, or beside them
//! ([`Methods`], [`mstl`]). The default set, its weights and what its parameters minimise were chosen by rolling
//! origins inside the training parts of M3 and M4 weekly (docs/accuracy.md).
//!
//! *Intervals.* Conformal scores shared by many series, scaled by what the series' own errors say
//! ([`intervals`]). Non-negative and non-crossing.
//!
//! *Sparse series* have methods and distributions of their own ([`sparse`]); series too short for any
//! say so ([`short`]). The forecast's `method` names what was done, and every policy that was used
//! ([`names`]).

mod autoregression;
mod ces;
mod cleaning;
mod ensemble;
mod intervals;
mod kept;
mod mstl;
mod names;
mod prepare;
mod search;
mod season;
mod short;
mod smoothing;
mod sparse;
#[cfg(test)]
mod tests;
mod theta;

use domain::forecast::{LEVELS, SeriesForecast};
use domain::panel::Cell;
use serde::{Deserialize, Serialize};

use ensemble::Ensemble;
use intervals::Spread;
use names::{Base, Policies};
use prepare::Series;

pub use intervals::{REGRESSORS, SHARES};
pub use kept::{Fitted, kept_over};

/// Observed cells below which no method is fitted and no interval calibrated.
pub const OBSERVED_MIN: usize = 8;

/// By what a series with a history is forecast. Sparse and short series have methods of their own whatever is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Methods {
    /// The default set, its weighted middle.
    #[default]
    Middle,
    /// MSTL, and exponential smoothing of what it leaves.
    Mstl,
    /// The default set with MSTL among its members.
    All,
}

/// Forecasts one series over `horizon` periods; none if it has no observed or censored cell.
///
/// `units` and `cells` are of the same length (the shorter counts), oldest first; `season` is the number
/// of periods per season. Numbers that are not finite or below 0 are taken as missing.
#[must_use]
pub fn forecast_series(units: &[f64], cells: &[Cell], horizon: usize, season: usize) -> Option<SeriesForecast> {
    forecast_series_from(Methods::Middle, None, units, cells, horizon, season).map(|told| told.0)
}

/// The same by other methods, and going on from the parameters of an earlier forecast of the series, while its history merely grows
/// ([`kept_over`]); the method says so once it has grown. With nothing new it is the forecast of then, bit for bit.
/// Parameters that were fitted here come with it, for the next.
#[must_use]
pub fn forecast_series_from(
    methods: Methods,
    earlier: Option<Fitted>,
    units: &[f64],
    cells: &[Cell],
    horizon: usize,
    season: usize,
) -> Option<(SeriesForecast, Option<Fitted>)> {
    let length = units.len().min(cells.len());
    let (units, cells) = (&units[..length], &cells[..length]);
    let series = Series::prepare(units, cells)?;
    let gaps = series.seen.iter().any(|&seen| !seen);
    let stockouts = series.seen.iter().zip(&series.judges).any(|(&seen, &judges)| seen && !judges);
    let policies = Policies { gaps, stockouts, ..Policies::default() };
    let mut fitted = None;
    let (mean, quantiles, base, policies) = if series.all_zero() {
        let (mean, quantiles) = short::all_zero(series.known(), horizon);
        (mean, quantiles, Base::Zero, policies)
    } else if series.known() < OBSERVED_MIN {
        let (mean, quantiles) = short::few(&series, horizon);
        (mean, quantiles, Base::Few, policies)
    } else if sparse::is_sparse(&series, season) {
        let (mean, quantiles, base) = sparse::forecast(&series, horizon);
        (mean, quantiles, base, policies)
    } else {
        let earlier = earlier.filter(|earlier| earlier.serves(units, cells, methods, season));
        let grown = earlier.as_ref().is_some_and(|earlier| earlier.grown(cells));
        let middle = Middle::of(methods, earlier.map(|earlier| earlier.ensemble), series, horizon, season);
        let policies = Policies {
            outliers: middle.mended.outliers,
            shifts: middle.mended.shifts,
            kept: grown && middle.fitted.is_none(),
            ..policies
        };
        fitted = middle.fitted.map(|ensemble| Fitted::new(units, cells, methods, season, ensemble));
        let quantiles = |(h, &mean): (usize, &f64)| middle.spread.quantiles(h, mean);
        let quantiles = middle.mean.iter().enumerate().map(quantiles).collect();
        (middle.mean, quantiles, middle.base, policies)
    };
    Some((SeriesForecast { mean, quantiles, method: names::name(base, policies) }, fitted))
}

/// The weighted middle of all members, and the spread around it.
struct Middle {
    mean: Vec<f64>,
    spread: Spread,
    base: Base,
    mended: cleaning::Mended,
    /// The members, where they were fitted here.
    fitted: Option<Ensemble>,
}

impl Middle {
    /// With the members of an earlier fit, where these can take in the series.
    fn of(methods: Methods, known: Option<Ensemble>, mut series: Series, horizon: usize, season: usize) -> Self {
        let mended = cleaning::mend(&mut series, season);
        let known = known.filter(|known| known.takes(&series));
        let fits = known.is_none();
        let mut ensemble = known.unwrap_or_else(|| Ensemble::fit(&series, season, methods));
        if !fits {
            ensemble.remove(&series);
        }
        let base = match methods {
            Methods::Mstl if ensemble.removes() => Base::Mstl,
            Methods::Mstl => Base::Smoothing,
            Methods::All if ensemble.removes() => Base::WithMstl,
            Methods::Middle | Methods::All if ensemble.seasonal() => Base::Seasonal,
            Methods::Middle | Methods::All => Base::Plain,
        };
        let fitted = fits.then(|| ensemble.clone());
        let rolled = ensemble.roll(&series, horizon);
        let spread = Spread::of(&series, &rolled);
        Self { mean: rolled.ahead, spread, base, mended, fitted }
    }
}

/// Exponential smoothing alone, for measuring what the other members are worth; none if nothing is known.
///
/// The mean of the member on the values and, where it is used, of that on their logarithms.
#[must_use]
pub fn smooth_series(units: &[f64], cells: &[Cell], horizon: usize, season: usize) -> Option<Vec<f64>> {
    let series = Series::prepare(units, cells)?;
    Some(Ensemble::smoothing(&series, season).mean(&series, horizon))
}

/// One error of a forecast, for calibrating the widths of intervals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WidthError {
    /// Logarithm of the error over the scale that the series' own errors gave, on the scale of roots.
    pub log_ratio: f64,
    /// The regressors of each of [`SHARES`].
    pub regressors: [[f64; REGRESSORS]; SHARES.len()],
}

/// The errors of a forecast of `truth` from the `units` before it, all observed; empty where the series is
/// sparse or too short, and without those that are zero.
#[must_use]
pub fn width_errors(units: &[f64], truth: &[f64], season: usize) -> Vec<WidthError> {
    let Some(series) = Series::prepare(units, &vec![Cell::Observed; units.len()]) else { return Vec::new() };
    if series.known() < OBSERVED_MIN || sparse::is_sparse(&series, season) {
        return Vec::new();
    }
    let Middle { mean, spread, .. } = Middle::of(Methods::Middle, None, series, truth.len(), season);
    let each = mean.iter().zip(truth).enumerate().map(|(h, (mean, truth))| WidthError {
        log_ratio: ((truth.sqrt() - mean.sqrt()).abs() / spread.scale(h)).ln(),
        regressors: std::array::from_fn(|share| spread.regressors(share, h)),
    });
    each.filter(|error| error.log_ratio.is_finite()).collect()
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
                hits += u32::from(interval[low] <= units[origin + h] && units[origin + h] <= interval[high]);
            }
        }
    }
    (total > 0).then_some((hits, total))
}

/// The position of a level in [`LEVELS`].
fn level(value: f64) -> usize {
    LEVELS.iter().position(|&level| level == value).unwrap_or(0)
}
