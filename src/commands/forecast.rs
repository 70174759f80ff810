//! `cornerstone forecast`: forecasts alone, of a scenario's stores or of any table of series.

use std::io::ErrorKind;
use std::path::Path;

use cluster::ClusterError;
use cluster::series::{Format, Request, forecast_panel_table, forecast_table, interval};
use domain::steps::Step;
use domain::stop::Stop;
use ingest::{SeriesTable, Wanted};
use scenarios::run::exit_code;

use super::running;
use crate::cli::{Forecast, Freq, Methods};
use crate::terminal::Terminal;
use crate::{exit, interrupt};

pub(crate) fn run(args: &Forecast, terminal: &Terminal) -> u8 {
    if let Err(code) = super::output_is_free(args.output.as_deref(), ["csv", "parquet"], terminal) {
        return code;
    }
    let stop = match running::stop(None, None, terminal) {
        Ok(stop) => stop,
        Err(code) => return code,
    };
    match &args.scenario {
        Some(scenario) => of_scenario(scenario, args.output.as_deref(), &stop, terminal),
        None => of_table(args, stop, terminal),
    }
}

/// The cold start of a scenario's stores.
fn of_scenario(file: &Path, output: Option<&Path>, stop: &Stop, terminal: &Terminal) -> u8 {
    let scenario = match scenarios::spec::read(file) {
        Ok(scenario) => scenario,
        Err(findings) => {
            terminal.findings(&findings);
            return exit_code(&findings);
        }
    };
    let forecast = match scenarios::run::forecast(&scenario, stop, terminal) {
        Ok(forecast) => forecast,
        Err(error) => return exit::failed(terminal, &error),
    };
    terminal.clear();
    terminal.findings(&forecast.findings);
    let format = output.and_then(Format::of).unwrap_or(Format::Csv);
    let written = match format {
        Format::Csv => forecast.csv(),
        Format::Parquet => forecast.parquet(),
    };
    let bytes = match written {
        Ok(bytes) => bytes,
        Err(error) => return exit::failed(terminal, &error.into()),
    };
    let done = match output {
        None => super::print(terminal, &bytes).err(),
        Some(path) => super::write_whole(path, &bytes, "E-IO-002", terminal).err(),
    };
    done.unwrap_or(exit::DONE)
}

/// Any table of series.
fn of_table(args: &Forecast, stop: Stop, terminal: &Terminal) -> u8 {
    if let Some(level) = args.level.iter().find(|level| interval(**level).is_none()) {
        terminal.problem("E-CLI-003", "--level", &format!("{level} is none of 50, 80 and 95"));
        return exit::USAGE;
    }
    if let Some(column) = args.exogenous.iter().find(|column| ["unique_id", "ds", "y"].contains(&column.as_str())) {
        terminal.problem("E-CLI-003", "--exogenous", &format!("`{column}` explains nothing: it is what is forecast"));
        return exit::USAGE;
    }
    let read = |paths: &[String], step: Option<Step>, ahead: bool| {
        let wanted = Wanted { columns: &args.exogenous, step, ahead };
        let table = ingest::series(paths, Path::new(""), &wanted).map_err(|findings| {
            terminal.findings(&findings);
            exit_code(&findings)
        })?;
        terminal.findings(&table.findings);
        Ok::<SeriesTable, u8>(table)
    };
    let table = match read(&args.input, args.freq.map(step), false) {
        Ok(table) => table,
        Err(code) => return code,
    };
    let future = match args.future.is_empty() {
        true => None,
        false => match read(&args.future, Some(table.step), true) {
            Ok(future) => Some(future),
            Err(code) => return code,
        },
    };
    let season = args.season.map_or_else(|| table.step.season(), |season| season as usize);
    terminal.note(&format!(
        "{} series, {} rows; a period is {}, a season {}",
        table.series,
        table.rows,
        table.step.name(),
        if season > 1 { format!("{season} periods") } else { "none".to_owned() },
    ));
    let mut levels = args.level.clone();
    levels.sort_unstable();
    levels.dedup();
    let request = Request {
        horizon: args.horizon.unwrap_or(1) as usize,
        season,
        levels,
        threads: rayon::current_num_threads(),
        memory: usize::try_from(args.memory_max).unwrap_or(usize::MAX),
        methods: methods(args.methods),
        incremental: args.incremental.clone(),
        stop,
    };
    let output = args.output.as_deref();
    let told = match args.exogenous.is_empty() {
        true => forecast_table(&table, &request, output),
        false => forecast_panel_table(&table, future.as_ref(), &request, output),
    };
    let told = match told {
        Ok(told) => told,
        Err(error) => return failed(&error, terminal),
    };
    if told.unused > 0 {
        let unused = told.unused;
        terminal
            .note(&format!("{unused} rows of --future are of no series, or of no period that is forecast: not used"));
    }
    if told.empty > 0 {
        terminal.note(&format!("{} series have no known value, and no forecast", told.empty));
    }
    exit::DONE
}

fn methods(methods: Methods) -> models::univariate::Methods {
    use models::univariate::Methods as By;
    match methods {
        Methods::Middle => By::Middle,
        Methods::Mstl => By::Mstl,
        Methods::All => By::All,
    }
}

fn step(freq: Freq) -> Step {
    match freq {
        Freq::Hour => Step::Hours(1),
        Freq::Day => Step::Days(1),
        Freq::Week => Step::Days(7),
        Freq::Month => Step::Months(1),
        Freq::Quarter => Step::Months(3),
        Freq::Year => Step::Months(12),
        Freq::One => Step::Number(1),
    }
}

/// Says why nothing was written, and gives the exit code.
fn failed(error: &ClusterError, terminal: &Terminal) -> u8 {
    match error {
        ClusterError::Interrupted(interrupted) => {
            terminal.problem("E-SIG-001", "forecast", &interrupted.to_string());
            interrupt::exit_code()
        }
        ClusterError::Changed(finding) => {
            terminal.findings(std::slice::from_ref(finding));
            exit_code(std::slice::from_ref(finding))
        }
        // A reader that went away has seen enough.
        ClusterError::System(system) if system.kind() == ErrorKind::BrokenPipe => exit::DONE,
        ClusterError::Csv(csv) if csv.is_io_error() && csv.to_string().contains("Broken pipe") => exit::DONE,
        ClusterError::Panel(_) => {
            terminal.problem("E-IN-003", "--input", &error.to_string());
            exit::DATA
        }
        ClusterError::Repeated { .. } => {
            terminal.problem("E-KEY-001", "--input", &error.to_string());
            exit::DATA
        }
        ClusterError::Calendar { .. } => {
            terminal.problem("E-CLI-003", "--horizon", &error.to_string());
            exit::USAGE
        }
        ClusterError::Memory => {
            terminal.problem("E-LIM-004", "--memory-max", &error.to_string());
            exit::LIMIT
        }
        ClusterError::States(_) | ClusterError::Kept { .. } => {
            terminal.problem("E-IO-004", "--incremental", &error.to_string());
            exit::PERMANENT
        }
        ClusterError::System(_) | ClusterError::Csv(_) | ClusterError::Parquet(_) => {
            terminal.problem("E-IO-002", "--output", &error.to_string());
            exit::PERMANENT
        }
        ClusterError::Engine(_) | ClusterError::Shape { .. } => {
            terminal.problem("E-RUN-003", "forecast", &error.to_string());
            exit::BUG
        }
    }
}
