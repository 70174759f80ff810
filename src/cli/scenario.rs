//! What the commands take that plan a scenario or read its runs.

use std::path::PathBuf;

use clap::Args;
use domain::calendar::Date;

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Where the demo's project goes
    #[arg(default_value = "demo")]
    pub(crate) dir: PathBuf,
    /// Stores of the market
    #[arg(long, default_value_t = 1000, value_name = "N", value_parser = clap::value_parser!(u32).range(40..=20_000))]
    pub(crate) stores: u32,
    /// Which market
    #[arg(long, default_value_t = 1, value_name = "S")]
    pub(crate) seed: u64,
}

#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The project's folder; made if need be, and nothing in it is overwritten
    pub(crate) dir: PathBuf,
    /// Also write small tables that plan to proof
    #[arg(long)]
    pub(crate) sample: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The scenario file
    pub(crate) scenario: PathBuf,
    /// End with 6 if there is any warning
    #[arg(long)]
    pub(crate) strict: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Plan {
    /// The scenario file
    pub(crate) scenario: PathBuf,
    /// The folder of runs [default: runs, beside the scenario's folder]
    #[arg(long, short, value_name = "RUNS")]
    pub(crate) output: Option<PathBuf>,
    /// Keep the parameters of the histories in this file and go on from it: those that merely grew are updated, not fitted again
    #[arg(long, value_name = "FILE")]
    pub(crate) incremental: Option<PathBuf>,
    /// Plan again whenever the scenario or a table changes, until Ctrl-C
    #[arg(long)]
    pub(crate) watch: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Replan {
    /// The scenario file
    pub(crate) scenario: PathBuf,
    /// The folder of runs [default: runs, beside the scenario's folder]
    #[arg(long, short, value_name = "RUNS")]
    pub(crate) output: Option<PathBuf>,
    /// The date that counts as today [default: the scenario's]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) as_of: Option<Date>,
    /// Decide nothing, and end with 99, where tables and settings but the date are those of the current run
    #[arg(long)]
    pub(crate) skip_unchanged: bool,
    /// The file that keeps the parameters of the histories [default: RUNS/parameters.redb]
    #[arg(long, value_name = "FILE")]
    pub(crate) incremental: Option<PathBuf>,
    /// Fit every history again, and keep nothing
    #[arg(long, conflicts_with = "incremental")]
    pub(crate) refit: bool,
}

fn date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "a day is written like 2026-11-23".into())
}

#[derive(Debug, Args)]
pub(crate) struct Sweep {
    /// The scenario file, with its [sweep]
    pub(crate) scenario: PathBuf,
    /// The folder of runs [default: runs, beside the scenario's folder]
    #[arg(long, short, value_name = "RUNS")]
    pub(crate) output: Option<PathBuf>,
    /// Points side by side [default: as many as threads and memory allow]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) jobs: Option<u32>,
    /// Stop after so many points that were not finished before; the same command goes on
    #[arg(long, value_name = "N")]
    pub(crate) points_max: Option<u32>,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// A run's folder, or a folder of runs for its current one
    pub(crate) run: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// A run's folder, or a folder of runs for its current one
    pub(crate) run: PathBuf,
    /// The store's id
    pub(crate) store: String,
    /// Stop after so many seconds, and say what is known by then
    #[arg(long, value_name = "S")]
    pub(crate) time_limit: Option<f64>,
}

#[derive(Debug, Args)]
pub(crate) struct Worth {
    /// A run's folder, or a folder of runs for its current one
    pub(crate) run: PathBuf,
    /// Samples of demand that are decided each by itself, for what knowing it would be worth
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) samples_evpi: u32,
    /// Decide to this gap, a percentage; prices are as narrow as two of it [default: the scenario's]
    #[arg(long, value_name = "SHARE")]
    pub(crate) gap: Option<domain::units::Share>,
    /// Stop after so many seconds, and say what is known by then
    #[arg(long, value_name = "S")]
    pub(crate) time_limit: Option<f64>,
    /// Also write the numbers to a .json file
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Readout {
    /// The scenario whose tables hold the sales since; its `as_of` is the day of the look
    pub(crate) scenario: PathBuf,
    /// The run that planned the pilot: its folder, or a folder of runs for its current one
    #[arg(long, value_name = "RUN")]
    pub(crate) run: PathBuf,
    /// The effect that is worth going on, a percentage
    #[arg(long, value_name = "SHARE", default_value = "0 %")]
    pub(crate) threshold: domain::units::Share,
    /// Also write the numbers to a .json file
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Report {
    /// A run's folder, or a folder of runs for its current one
    pub(crate) run: PathBuf,
    /// Where the report goes; standard output unless given
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// The earlier run: its folder, or a folder of runs for its current one
    pub(crate) before: PathBuf,
    /// The later run
    pub(crate) after: PathBuf,
    /// End with 6 where this is exceeded, such as `stores-changed>2`; may be repeated
    #[arg(long, value_name = "GATE")]
    pub(crate) fail_on: Vec<scenarios::run::diff::Gate>,
    /// Also write the difference to a .json file
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}
