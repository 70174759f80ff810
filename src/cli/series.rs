//! What the commands take that forecast series.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct Forecast {
    /// The scenario file
    #[arg(required_unless_present = "input", conflicts_with_all = ["input", "horizon", "season", "freq", "level"])]
    pub(crate) scenario: Option<PathBuf>,
    /// A table `unique_id, ds, y`: a file, a folder or a glob, CSV or Parquet; may be repeated
    #[arg(long, value_name = "FILE", requires = "horizon")]
    pub(crate) input: Vec<String>,
    /// Periods ahead
    #[arg(long, value_name = "H", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) horizon: Option<u32>,
    /// Periods per season [default: 52 weeks, 12 months, 4 quarters, 7 days, 24 hours; else 1, none]
    #[arg(long, value_name = "M", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) season: Option<u32>,
    /// What a period is [default: told from the rows]
    #[arg(long, value_enum)]
    pub(crate) freq: Option<Freq>,
    /// Columns that explain y: prices, promotions, holidays; `closed` (1: shut; blank: open). All series are then forecast by one model
    #[arg(long, value_name = "COLUMN", value_delimiter = ',', requires = "input")]
    pub(crate) exogenous: Vec<String>,
    /// A table `unique_id, ds` with these columns for the periods ahead; else each keeps its last known value
    #[arg(long, value_name = "FILE", requires = "exogenous")]
    pub(crate) future: Vec<String>,
    /// Central intervals, in percent: 50, 80, 95
    #[arg(long, value_name = "P", value_delimiter = ',', default_values_t = [80, 95])]
    pub(crate) level: Vec<u8>,
    /// By which methods a series with a history is forecast; sparse and short ones have their own
    #[arg(long, value_enum, default_value_t = Methods::Middle, requires = "input", conflicts_with = "exogenous")]
    pub(crate) methods: Methods,
    /// Keep what is fitted in this file and go on from it: a series whose history merely grew is updated, not fitted again
    #[arg(long, value_name = "FILE", requires = "input", conflicts_with = "exogenous")]
    pub(crate) incremental: Option<PathBuf>,
    /// Where the forecasts go, .csv or .parquet; standard output, as CSV, unless given
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Memory for rows; beyond it they go to temporary files: 1GB, 512MiB, bytes
    #[arg(long, value_name = "SIZE", value_parser = crate::size::bytes, default_value = "1GiB")]
    pub(crate) memory_max: u64,
}

#[derive(Debug, Args)]
pub(crate) struct Backtest {
    /// The scenario file
    pub(crate) scenario: PathBuf,
    /// Weeks ahead [default: the scenario's horizon, at most 26]
    #[arg(long, value_name = "H", value_parser = clap::value_parser!(u32).range(1..=520))]
    pub(crate) horizon: Option<u32>,
    /// Origins: the last is one horizon before the end of the history, each other one horizon before the next
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=50))]
    pub(crate) origins: u32,
    /// Also write the report, .html, or the scores, .json
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// By which methods a series with a history is forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Methods {
    /// The weighted middle of theta, smoothing, complex smoothing and autoregression
    Middle,
    /// MSTL, and exponential smoothing of what it leaves
    Mstl,
    /// The weighted middle of all of them
    All,
}

/// What a period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Freq {
    /// An hour
    #[value(name = "H")]
    Hour,
    /// A day
    #[value(name = "D")]
    Day,
    /// A week
    #[value(name = "W")]
    Week,
    /// A month
    #[value(name = "M")]
    Month,
    /// A quarter
    #[value(name = "Q")]
    Quarter,
    /// A year
    #[value(name = "Y")]
    Year,
    /// A step of 1 of a number
    #[value(name = "1")]
    One,
}
