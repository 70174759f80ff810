//! `cornerstone solve`: the optimiser alone, on instances of the literature and on one's own points.
//!
//! [`read`] makes a [`read::Question`] of the files, this file solves it, [`answer`] prints the result and [`kept`]
//! keeps what a later solve can start from.

mod answer;
mod kept;
mod read;

use std::time::Duration;

use domain::problem::Rules;
use domain::stop::{Event, Progress, Stop};
use engine::placement::assignment::{self, Warm};
use engine::placement::{Placed, PlacementError, capacitated, profit};

use self::answer::Unit;
use self::read::{Problem, Question};
use crate::cli::Solve;
use crate::terminal::Terminal;
use crate::{exit, interrupt};

pub(crate) fn run(args: &Solve, terminal: &Terminal) -> u8 {
    let usage = |flag: &str, why: &str| {
        terminal.problem("E-CLI-003", flag, why);
        exit::USAGE
    };
    if !(args.gap.is_finite() && args.gap >= 0.0) {
        return usage("--gap", "a gap is a number that is not negative");
    }
    let limit = match args.time_limit.map(Duration::try_from_secs_f64) {
        None => None,
        Some(Ok(limit)) => Some(limit),
        Some(Err(_)) => return usage("--time-limit", "a limit is a number of seconds that is not negative"),
    };
    // The clock starts here: a limit holds for reading and solving together.
    let stop = match interrupt::stop(limit) {
        Ok(stop) => stop,
        Err(error) => {
            terminal.problem("E-RUN-003", "signals", &error.to_string());
            return exit::BUG;
        }
    };
    let question = match read::question(args, terminal) {
        Ok(question) => question,
        Err(code) => return code,
    };
    let lines = Lines { terminal, on: args.progress, unit: question.unit };
    let warm = match args.start.as_deref().map(|path| kept::read(path, &question.budget, terminal)).transpose() {
        Ok(warm) => warm,
        Err(code) => return code,
    };
    let chosen = |list: &[u32]| {
        let mut list = list.to_vec();
        list.sort_unstable();
        list.dedup();
        list
    };
    let (require, exclude) = (chosen(&args.require), chosen(&args.exclude));
    if let Some(site) = require.iter().chain(&exclude).find(|site| **site as usize >= question.sites) {
        return usage("--require, --exclude", &format!("{site} is none of the {} sites, from 0", question.sites));
    }
    if matches!(question.problem, Problem::Capacitated { .. }) && !(require.is_empty() && exclude.is_empty()) {
        return usage("--require, --exclude", "not with --format cflp");
    }
    let rows = question.budget.iter().cloned().collect();
    let rules = Rules { sites: question.sites, require, exclude, rows, ..Rules::default() };
    match solve(&question, &rules, warm.as_ref(), args.gap, &stop, &lines) {
        Ok(placed) => {
            if let Some(path) = &args.keep
                && let Err(code) = kept::write(path, &placed, &rules.rows, terminal)
            {
                return code;
            }
            answer::give(&question, &placed, args.gap, &stop, terminal)
        }
        Err(error) => {
            terminal.problem("E-RUN-003", "solve", &error.to_string());
            exit::BUG
        }
    }
}

fn solve(
    question: &Question,
    rules: &Rules,
    warm: Option<&Warm>,
    gap: f64,
    stop: &Stop,
    progress: &Lines<'_>,
) -> Result<Placed, PlacementError> {
    // All p are opened, as far as a budget lets them.
    let count = |p: usize| Rules { open_min: if rules.rows.is_empty() { p } else { 0 }, open_max: p, ..rules.clone() };
    match &question.problem {
        Problem::Assignment { problem, p } => {
            // Beyond what is called proven, a search would decide between roundings of distances.
            let gap = if question.unit.whole { gap } else { gap.max(0.5 * answer::PROVEN) };
            match warm {
                Some(warm) => assignment::solve_from(warm, &count(*p), problem, gap, stop, progress),
                None => assignment::solve(&count(*p), problem, gap, stop, progress),
            }
        }
        Problem::Capture { problem, p } => profit::capture(&count(*p), problem, gap, stop, progress),
        Problem::Capacitated { problem, p } => capacitated::solve(problem, *p, gap, stop, progress),
    }
}

/// The search as lines, where asked; else as the terminal shows it. In the unit that is printed.
struct Lines<'a> {
    terminal: &'a Terminal,
    on: bool,
    unit: Unit,
}

impl Progress for Lines<'_> {
    fn say(&self, event: Event<'_>) {
        let event = match event {
            Event::Search { incumbent, bound, rounds, nodes } => Event::Search {
                incumbent: incumbent.map(|value| self.unit.of(value)),
                bound: self.unit.of(bound),
                rounds,
                nodes,
            },
            event => event,
        };
        match event {
            Event::Search { incumbent, bound, rounds, nodes } if self.on => {
                self.terminal.note(&crate::terminal::search(incumbent, bound, rounds, nodes));
            }
            event => self.terminal.say(event),
        }
    }
}
