//! `cornerstone sweep`: plans a grid of settings, and compares.

mod told;

use domain::plan::Status;
use scenarios::run::sweep::{Pace, Step, Swept};

use super::running;
use crate::cli::Sweep;
use crate::terminal::Terminal;
use crate::{exit, interrupt};

pub(crate) fn run(args: &Sweep, terminal: &Terminal) -> u8 {
    match swept(args, terminal) {
        Ok(code) | Err(code) => code,
    }
}

fn swept(args: &Sweep, terminal: &Terminal) -> Result<u8, u8> {
    let runs = args.output.clone().unwrap_or_else(|| super::plan::beside(&args.scenario));
    let scenario = scenarios::spec::read(&args.scenario).map_err(|findings| {
        terminal.findings(&findings);
        scenarios::run::exit_code(&findings)
    })?;
    let goes_on =
        format!("the same command goes on: cornerstone sweep {} -o {}", args.scenario.display(), runs.display());
    let words = terminal.words(&format!("stopping; points that are finished are kept, and {goes_on}"));
    let stop = running::stop(None, words, terminal)?;
    let count = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
    let pace = Pace {
        jobs: args.jobs.map(count),
        threads: rayon::current_num_threads(),
        memory: available().map(|bytes| bytes / 2),
        points_max: args.points_max.map(count),
    };
    let command = format!("cornerstone sweep {}", args.scenario.display());
    let outcome = running::within(&runs, &command, &stop, terminal, |context| {
        scenarios::run::sweep::sweep(&scenario, context, pace, &|step| terminal.aside(&line(step)))
    });
    terminal.clear();
    let Swept { document, done, of, findings } = outcome.map_err(|error| exit::failed(terminal, &error))?;
    terminal.findings(&findings);
    let Some((path, document)) = document else {
        if interrupt::came() {
            terminal.problem("E-SIG-001", "sweep", &format!("interrupted with {done} of {of} points finished"));
            return Err(interrupt::exit_code());
        }
        terminal.note(&format!("{done} of {of} points are finished and kept; {goes_on}"));
        return Err(exit::WARNING);
    };
    let text = format!("{}{}\n", told::told(&document), path.with_extension("html").display());
    super::print(terminal, text.as_bytes())?;
    Ok(document.exit_code)
}

/// A point that is finished, in one line.
fn line(step: Step<'_>) -> String {
    let Step { label, came, done, of } = step;
    let came = match came {
        Err(why) => why.to_owned(),
        Ok(plan) => {
            let proof = match plan.status {
                Status::Proven => "proven".to_owned(),
                Status::Gap => format!("gap {:.2} %", 100.0 * plan.objective.gap),
            };
            format!("{:.0} {}, {proof}", plan.objective.value, plan.objective.unit)
        }
    };
    format!("{done} of {of}: {label}: {came}")
}

/// Memory that is free, in bytes, where the system says.
fn available() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib << 10)
}
