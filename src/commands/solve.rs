//! `cornerstone solve`: the optimiser alone, on instances of the literature.

use std::time::Duration;

use domain::problem::Rules;
use domain::stop::{Cut, Event, Progress};
use engine::instances::{self, Instance};
use engine::placement::assignment;

use crate::cli::{Format, Solve};
use crate::terminal::Terminal;
use crate::{exit, interrupt};

pub(crate) fn run(args: &Solve, terminal: &Terminal) -> u8 {
    let text = match std::fs::read_to_string(&args.file) {
        Ok(text) => text,
        Err(error) => {
            terminal.problem("E-IN-001", &args.file.display().to_string(), &error.to_string());
            return exit::DATA;
        }
    };
    let read = match args.format {
        Format::Pmed => instances::pmed(&text),
        Format::Tsplib => instances::tsplib(&text),
    };
    let instance = match read {
        Ok(instance) => instance,
        Err(error) => {
            terminal.problem("E-IN-006", &args.file.display().to_string(), &error.to_string());
            return exit::DATA;
        }
    };
    let p = match args.p.or(instance.default_p) {
        Some(p) if (1..=instance.sites).contains(&p) => p,
        Some(p) => {
            terminal.problem("E-CLI-003", "--p", &format!("{p} is not within 1 to the {} sites", instance.sites));
            return exit::USAGE;
        }
        None => {
            terminal.problem("E-CLI-003", "--p", "the instance does not say how many sites to open");
            return exit::USAGE;
        }
    };
    if !(args.gap.is_finite() && args.gap >= 0.0) {
        terminal.problem("E-CLI-003", "--gap", "a gap is a number that is not negative");
        return exit::USAGE;
    }
    solve(args, &instance, p, terminal)
}

fn solve(args: &Solve, instance: &Instance, p: usize, terminal: &Terminal) -> u8 {
    let limit = args.time_limit.filter(|seconds| seconds.is_finite() && *seconds >= 0.0).map(Duration::from_secs_f64);
    let stop = match interrupt::stop(limit) {
        Ok(stop) => stop,
        Err(error) => {
            terminal.problem("E-RUN-003", "signals", &error.to_string());
            return exit::BUG;
        }
    };
    let rules = Rules { sites: instance.sites, open_min: p, open_max: p, ..Rules::default() };
    let lines = Lines { terminal, on: args.progress };
    let placed = match assignment::solve(&rules, &instance.assignment, args.gap, &stop, &lines) {
        Ok(placed) => placed,
        Err(error) => {
            terminal.problem("E-RUN-003", "solve", &error.to_string());
            return exit::BUG;
        }
    };
    let gap = domain::plan::gap(placed.value, placed.bound);
    let proven = placed.exact.is_some_and(|(value, bound)| value == bound);
    let status = match &placed.open {
        None if placed.cut.is_none() => "infeasible",
        Some(_) if proven => "proven",
        _ => "gap",
    };
    let found = placed.open.is_some();
    let answer = serde_json::json!({
        "instance": args.file.file_stem().map(|stem| stem.to_string_lossy().into_owned()),
        "formulation": "p-median",
        "p": p,
        "status": status,
        "objective": found.then_some(placed.value),
        "bound": placed.bound,
        "gap": found.then_some(gap),
        "open": placed.open,
        "nodes": placed.nodes,
        "seconds": stop.clock.elapsed().as_secs_f64(),
        "threads": rayon::current_num_threads(),
        "version": env!("CARGO_PKG_VERSION"),
    });
    if let Err(code) = super::print(terminal, format!("{answer}\n").as_bytes()) {
        return code;
    }
    match status {
        _ if placed.cut == Some(Cut::Interrupted) || interrupt::came() => interrupt::exit_code(),
        "infeasible" => exit::INFEASIBLE,
        "proven" => exit::DONE,
        _ if found && gap <= args.gap => exit::DONE,
        _ => exit::WARNING,
    }
}

/// The search as lines, where asked; else as the terminal shows it.
struct Lines<'a> {
    terminal: &'a Terminal,
    on: bool,
}

impl Progress for Lines<'_> {
    fn say(&self, event: Event<'_>) {
        match event {
            Event::Search { incumbent, bound, rounds, nodes } if self.on => {
                self.terminal.note(&crate::terminal::search(incumbent, bound, rounds, nodes));
            }
            event => self.terminal.say(event),
        }
    }
}
