//! One file per command.

mod backtest;
mod check;
mod demo;
mod diff;
mod explain;
mod forecast;
mod init;
mod plan;
mod readout;
mod replan;
mod replay;
mod report;
mod running;
mod shell;
mod solve;
mod sweep;
mod verify;
mod watch;
mod worth;

use std::path::{Path, PathBuf};

use scenarios::run::RunError;
use scenarios::store::{Runs, StoreError};

use crate::cli::{Cli, Command};
use crate::exit;
use crate::terminal::Terminal;

/// Runs the command and gives its exit code.
pub(crate) fn run(cli: &Cli) -> u8 {
    let terminal = Terminal::new(cli.common.log_format, cli.common.quiet);
    if let Some(threads) = cli.common.threads
        && let Err(error) = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global()
    {
        terminal.problem("E-CLI-001", "--threads", &error.to_string());
        return exit::USAGE;
    }
    match &cli.command {
        Command::Demo(args) => demo::run(args, &terminal),
        Command::Init(args) => init::run(args, &terminal),
        Command::Check(args) => check::run(args, &terminal),
        Command::Plan(args) => plan::run(args, &terminal),
        Command::Replan(args) => replan::run(args, &terminal),
        Command::Backtest(args) => backtest::run(args, &terminal),
        Command::Forecast(args) => forecast::run(args, &terminal),
        Command::Solve(args) => solve::run(args, &terminal),
        Command::Verify(args) => verify::run(args, &terminal),
        Command::Replay(args) => replay::run(args, &terminal),
        Command::Explain(args) => explain::run(args, &terminal),
        Command::Worth(args) => worth::run(args, &terminal),
        Command::Sweep(args) => sweep::run(args, &terminal),
        Command::Readout(args) => readout::run(args, &terminal),
        Command::Diff(args) => diff::run(args, &terminal),
        Command::Report(args) => report::run(args, &terminal),
        Command::Reference => {
            let text = scenarios::spec::reference::scenario();
            print(&terminal, text.as_bytes()).err().unwrap_or(exit::DONE)
        }
        Command::Completions(args) => shell::completions(args, &terminal),
        Command::Man(args) => shell::man(args, &terminal),
    }
}

/// The run that a path means: itself, or the current one of a folder of runs.
fn run_folder(path: &Path) -> Result<PathBuf, RunError> {
    if path.join("MANIFEST").is_file() {
        return Ok(path.to_path_buf());
    }
    match Runs::current(path)? {
        Some(run) => Ok(path.join(run)),
        None => Err(RunError::Store(StoreError::Damaged {
            path: path.to_path_buf(),
            why: "it is neither a run nor a folder of runs with a current one".into(),
        })),
    }
}

/// Writes a file, whole or not at all; `code` says that it could not be.
fn write_whole(path: &Path, bytes: &[u8], code: &'static str, terminal: &Terminal) -> Result<(), u8> {
    let staged = path.with_extension(format!("staged-{}", std::process::id()));
    let written = std::fs::write(&staged, bytes).and_then(|()| std::fs::rename(&staged, path));
    written.map_err(|error| {
        // What was staged is of no use to anyone; that it may not even exist is no second problem.
        std::fs::remove_file(&staged).ok();
        terminal.problem(code, &path.display().to_string(), &error.to_string());
        exit::PERMANENT
    })
}

/// Whether `--output` may be written: its name ends in one of `endings`, and nothing is there.
fn output_is_free(path: Option<&Path>, endings: [&str; 2], terminal: &Terminal) -> Result<(), u8> {
    let Some(path) = path else { return Ok(()) };
    let usage = |code, why: &str| {
        terminal.problem(code, "--output", why);
        Err(exit::USAGE)
    };
    if !path.extension().is_some_and(|own| endings.iter().any(|ending| own == *ending)) {
        return usage(
            "E-CLI-003",
            &format!("the name of the file ends in neither .{} nor .{}", endings[0], endings[1]),
        );
    }
    match path.exists() {
        true => usage("E-CLI-002", &format!("{} is there already, and nothing is overwritten", path.display())),
        false => Ok(()),
    }
}

/// Writes data to standard output; a fault there is permanent.
fn print(terminal: &Terminal, bytes: &[u8]) -> Result<(), u8> {
    terminal.clear();
    crate::terminal::print(bytes).map_err(|error| {
        terminal.problem("E-IO-002", "standard output", &error.to_string());
        exit::PERMANENT
    })
}
