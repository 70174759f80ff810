//! The command line, as `--help` teaches it.

mod scenario;
mod series;
mod shell;
mod solve;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use scenario::{Check, Demo, Diff, Explain, Init, Plan, Readout, Replan, Report, Run, Sweep, Worth};
pub(crate) use series::{Backtest, Forecast, Freq, Methods};
pub(crate) use shell::{Completions, Man};
pub(crate) use solve::{Format, Law, Solve};

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
    /// Plan again on a schedule: the current run's stores stay unless changing them pays more than placement.stay_bonus
    #[command(
        after_help = "Example:\n  cornerstone replan my-pilot/scenarios/base.toml --as-of 2026-11-23 --skip-unchanged\n\nWhat changed, and since which tables and settings changed, is said in a sentence. Histories that merely grew are\nupdated from RUNS/parameters.redb, not fitted again. Ends with 99 where --skip-unchanged finds nothing changed;\nonly 7 is worth trying again."
    )]
    Replan(Replan),
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
    /// Make a finished run again, and compare it byte by byte
    #[command(
        after_help = "Example:\n  cornerstone replay my-pilot/runs        (the current run)\n\nNothing is written. Ends with 9 where a file came out otherwise."
    )]
    Replay(Run),
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
    /// What changed from one run to another, and whether a gate lets it through
    #[command(
        after_help = "Example:\n  cornerstone diff my-pilot/runs/2026-11-09-5f0c1e2d3b4a my-pilot/runs --fail-on 'stores-changed>2' --fail-on 'profit-changed>5%'\n\nGates: stores-changed, controls-changed, stock-changed, reorder-changed, warnings-new (counts); units-changed,\nobjective-changed, profit-changed (percentages). Ends with 6 where one is exceeded."
    )]
    Diff(Diff),
    /// Print the reference of scenarios: every key, what it is, its default and what it means
    Reference,
    /// Print a script that completes commands in a shell
    #[command(
        after_help = "Example:\n  cornerstone completions bash > ~/.local/share/bash-completion/completions/cornerstone"
    )]
    Completions(Completions),
    /// Write manual pages, one for each command
    #[command(after_help = "Example:\n  cornerstone man ~/.local/share/man/man1")]
    Man(Man),
}
