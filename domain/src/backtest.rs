//! A back-test: what forecasts of the past would have been worth, beside the naive methods.
//!
//! | symbol | field | |
//! |---|---|---|
//! | sum abs(y - f) / sum y | `Score::wape` | 1 = wrong by as much as was sold |
//! | mean abs(y - f) / mean abs(x_t - x_(t-1)) | `Score::mase` | in-sample steps; mean over series and origins [hyndman2006] |
//! | sum 2 (y - q)(tau - 1[y < q]) / sum y | `Score::pinball` | mean over the levels .025, .1, .9, .975 |
//! | | `Score::coverage_80`, `Score::coverage_95` | share of cells within the central interval |

use serde::Serialize;

/// The version of the JSON that this code writes.
pub const SCHEMA: &str = "cornerstone/backtest/1";

/// What some forecasts were worth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Score {
    /// Which series: `all`, a market, or a length of history.
    pub group: String,
    /// Which method.
    pub method: String,
    /// Series and origins that were judged.
    pub series: u64,
    /// Cells that were judged: observed ones, after an origin.
    pub cells: u64,
    /// Absolute errors over sales; none where nothing was sold.
    pub wape: Option<f64>,
    /// Scaled errors; none where no history moved.
    pub mase: Option<f64>,
    /// Scaled pinball loss; none without intervals.
    pub pinball: Option<f64>,
    /// Of the 80 % intervals; none without intervals.
    pub coverage_80: Option<f64>,
    /// Of the 95 % intervals; none without intervals.
    pub coverage_95: Option<f64>,
}

/// Stores held out whole, as if they had never sold.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeldOut {
    /// Stores held out in turn.
    pub stores: usize,
    /// Absolute errors over the truth.
    pub wape: f64,
    /// Of the 80 % intervals.
    pub coverage_80: f64,
    /// The same among the best-looking tenth, which is what a plan picks from.
    pub coverage_80_top: f64,
    /// Truth over forecast among the best-looking tenth.
    pub top_ratio: f64,
}

/// The whole back-test.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Backtest {
    /// [`SCHEMA`].
    pub schema: String,
    /// The scenario's name.
    pub scenario: String,
    /// Its `as_of`.
    pub as_of: String,
    /// Weeks ahead.
    pub horizon_weeks: usize,
    /// Weeks before the end of the history at which the forecasts were made, latest first.
    pub origins: Vec<usize>,
    /// By group, then method.
    pub scores: Vec<Score>,
    /// The cold start; none where too few stores have a history.
    pub held_out: Option<HeldOut>,
}
