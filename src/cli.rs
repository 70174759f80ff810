//! The command line, as `--help` teaches it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Decides where a retail chain pilots something new, how much it stocks there, and how it will know
/// whether it worked.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Start here:\n  cornerstone demo             make a market, plan it, write the report\n  cornerstone init my-pilot --sample\n  cornerstone plan my-pilot/scenarios/base.toml\n\nExit codes: 0 done; 2 usage or scenario; 3 input data; 4 infeasible; 5 published with a warning;\n6 a gate failed; 7 try again; 8 privacy; 9 verification failed; 10 resource limit; 11 disk; 130, 143 interrupted."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// What every command takes.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// How progress and diagnostics are written to standard error
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text)]
    pub(crate) log_format: LogFormat,
    /// Say nothing but findings and results
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Threads to use; all cores unless given. The plan is the same whatever their number
    #[arg(long, global = true, value_name = "T")]
    pub(crate) threads: Option<usize>,
}

/// How progress and diagnostics are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people
    Text,
    /// One JSON object per line
    Json,
}

/// One verb each.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a market with a known truth, plan it, write the report
    #[command(after_help = "Example:\n  cornerstone demo /tmp/demo --stores 1000 --seed 7")]
    Demo(Demo),
    /// Make a project: a scenario, its schema and, with --sample, small tables
    #[command(
        after_help = "Example:\n  cornerstone init my-pilot --sample\n  cornerstone plan my-pilot/scenarios/base.toml"
    )]
    Init(Init),
    /// Read everything, decide nothing: every finding with its place and its mend
    #[command(after_help = "Example:\n  cornerstone check my-pilot/scenarios/base.toml --strict")]
    Check(Check),
    /// Forecast, place, stock, pick controls, verify, report
    #[command(
        after_help = "Example:\n  cornerstone plan my-pilot/scenarios/base.toml -o my-pilot/runs\n\nThe run is published as RUNS/<as_of>-<hash>/ and RUNS/CURRENT names it. The same inputs find their\nfinished run and reuse it."
    )]
    Plan(Plan),
    /// Forecast alone: a scenario's stores, or any table `unique_id, ds, y`
    #[command(
        after_help = "Examples:\n  cornerstone forecast my-pilot/scenarios/base.toml --output forecast.csv\n  cornerstone forecast --input sales.parquet --horizon 13 --season 52 --output forecast.parquet\n\nThe second form writes unique_id, ds, mean, lo-80, hi-80, lo-95, hi-95, method, in the order of unique_id."
    )]
    Forecast(Forecast),
    /// Forecast the past, and judge it by what came after: accuracy and coverage beside the naive methods
    #[command(
        after_help = "Example:\n  cornerstone backtest my-pilot/scenarios/base.toml --output backtest.html\n\nEvery series is forecast from several weeks in the past, seeing nothing later; and stores are held out whole,\nas if they had never sold."
    )]
    Backtest(Backtest),
    /// Solve an instance of the literature, or one's own points, and print one JSON object
    #[command(
        after_help = "Examples:\n  cornerstone solve pmed1.txt --format pmed\n  cornerstone solve rl1304.tsp --format tsplib --p 10 --time-limit 60\n  cornerstone solve --sites sites.csv --zones zones.csv --law coverage --radius 30 --p 12"
    )]
    Solve(Solve),
    /// Check a finished run again, from the tables and the stored samples
    #[command(
        after_help = "Example:\n  cornerstone verify my-pilot/runs        (the current run)\n  cornerstone verify my-pilot/runs/2026-11-16-0a1b2c3d4e5f"
    )]
    Verify(Run),
    /// Why a run's plan holds a store, or what would bring it in: each threshold solved for, on both sides of it
    #[command(after_help = "Example:\n  cornerstone explain my-pilot/runs S0042")]
    Explain(Explain),
    /// What each part of a run's decision is worth: every rule, deciding over samples, and knowing demand
    #[command(
        after_help = "Example:\n  cornerstone worth my-pilot/runs --output worth.json\n\nEvery rule is priced by deciding again without it, to a bound: prices are intervals in money, and do not add up.\nEnds with 5 where a price is not settled to the gap asked for."
    )]
    Worth(Worth),
    /// Plan a grid of settings, the scenario's [sweep], and compare: what each earns, which stores survive, what to regret
    #[command(
        after_help = "Example:\n  cornerstone sweep my-pilot/scenarios/grid.toml -o my-pilot/runs\n\nIn the scenario:\n  [sweep]\n  \"demand.uptake\" = [\"-20 %\", \"0 %\", \"+20 %\"]\n  \"placement.stores_max\" = [6, 12]\n\nEvery point is a run as `plan` would make it, and is reused where it is finished: a sweep that was ended goes on\nwhere it was. What came of it is RUNS/sweep-<as_of>-<hash>/sweep.json; RUNS/CURRENT stays as it is. Ends with the\nworst of the points' exit codes: 8, 9, 1, 10, 11, 7, 2, 3, 4, 5, 0; and with 5 where points are left."
    )]
    Sweep(Sweep),
    /// What a run's pilot said: the effect with its interval, and go or no go against a threshold
    #[command(
        after_help = "Example:\n  cornerstone readout my-pilot/scenarios/base.toml --run my-pilot/runs --threshold '2 %'"
    )]
    Readout(Readout),
    /// Render a finished run's report again
    #[command(after_help = "Example:\n  cornerstone report my-pilot/runs --output report.html")]
    Report(Report),
}

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

#[derive(Debug, Args)]
pub(crate) struct Solve {
    /// An instance of the literature
    #[arg(required_unless_present = "sites", requires = "format", conflicts_with = "sites")]
    pub(crate) file: Option<PathBuf>,
    /// Its format
    #[arg(long, value_enum)]
    pub(crate) format: Option<Format>,
    /// One's own sites: CSV or Parquet with x, y or lat, lon
    #[arg(long, value_name = "FILE", requires_all = ["zones", "law", "p"], conflicts_with = "format")]
    pub(crate) sites: Option<PathBuf>,
    /// One's own zones: as the sites, with a weight
    #[arg(long, value_name = "FILE", requires = "sites")]
    pub(crate) zones: Option<PathBuf>,
    /// Who goes where
    #[arg(long, value_enum, requires = "sites")]
    pub(crate) law: Option<Law>,
    /// Sites to open [default: what the instance says; for cflp, as many as pay]
    #[arg(long)]
    pub(crate) p: Option<usize>,
    /// Coverage: who is so near to an open site is covered; km, or the unit of x and y
    #[arg(long, value_name = "R")]
    pub(crate) radius: Option<f64>,
    /// Capture: what a unit of distance or utility weighs, as in exp(-beta distance)
    #[arg(long, value_name = "B")]
    pub(crate) beta: Option<f64>,
    /// Capture by one's own points: the attraction of staying away
    #[arg(long, value_name = "U")]
    pub(crate) outside: Option<f64>,
    /// hm14: how much of the competitors' utility counts
    #[arg(long, value_name = "A")]
    pub(crate) alpha: Option<f64>,
    /// cflp: what the word `capacity` stands for
    #[arg(long, value_name = "C")]
    pub(crate) capacity: Option<f64>,
    /// What the open sites may cost together, in the unit of the sites' column `cost`; up to --p of them are then opened
    #[arg(long, value_name = "B", requires = "sites")]
    pub(crate) budget: Option<f64>,
    /// Stop at this relative gap
    #[arg(long, default_value_t = 0.0, value_name = "G")]
    pub(crate) gap: f64,
    /// Stop after so many seconds, reading included
    #[arg(long, value_name = "S")]
    pub(crate) time_limit: Option<f64>,
    /// Show incumbent, bound, gap, rounds and nodes as lines on standard error
    #[arg(long)]
    pub(crate) progress: bool,
    /// Refuse, before the solve, what is planned to take more memory: 4GB, 512MiB, bytes
    #[arg(long, value_name = "SIZE", value_parser = crate::size::bytes)]
    pub(crate) memory_max: Option<u64>,
    /// Write the plan and the proof of its bound, for `--start` and for checkers (distance and coverage)
    #[arg(long, value_name = "FILE")]
    pub(crate) keep: Option<PathBuf>,
    /// Go on from what `--keep` wrote for the same sites and zones: another p is answered in a fraction of the time
    #[arg(long, value_name = "FILE")]
    pub(crate) start: Option<PathBuf>,
    /// Sites (0-based) that must be open
    #[arg(long, value_name = "SITE", value_delimiter = ',')]
    pub(crate) require: Vec<u32>,
    /// Sites (0-based) that must stay closed
    #[arg(long, value_name = "SITE", value_delimiter = ',')]
    pub(crate) exclude: Vec<u32>,
}

/// Formats of the literature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// OR-Library's p-median graphs
    Pmed,
    /// TSPLIB points as a p-median
    Tsplib,
    /// Logit capture with competitors (--beta, --alpha)
    Hm14,
    /// OR-Library's capacitated facility location
    Cflp,
    /// Maximal covering of weighted points (--radius)
    Mclp,
}

/// Laws for one's own points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Law {
    /// All are served by the nearest open site: least weight x distance
    Nearest,
    /// Who has an open site within --radius is covered: most weight covered
    Coverage,
    /// Logit capture against an outside option (--beta, --outside): most weight captured
    Share,
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
