//! From files to a question: read, checked, with its memory planned.

mod literature;
mod memory;
mod own;

use domain::problem::{Assignment, Row};
use engine::instances::logit::Logit;
use engine::placement::capacitated::Capacitated;

use super::answer::Unit;
use crate::cli::Solve;
use crate::exit;
use crate::terminal::Terminal;

/// What is asked.
pub(super) struct Question {
    /// What the instance is called.
    pub(super) instance: Option<String>,
    /// What is optimised.
    pub(super) formulation: &'static str,
    /// How many sites there are.
    pub(super) sites: usize,
    /// The problem, with how many sites to open.
    pub(super) problem: Problem,
    /// A limit on what open sites cost together.
    pub(super) budget: Option<Row>,
    /// Ids of the sites, where they are one's own.
    pub(super) ids: Option<Vec<String>>,
    /// From the search's numbers to the printed ones.
    pub(super) unit: Unit,
}

/// A problem of one of the kinds that are solved.
pub(super) enum Problem {
    /// Distance or coverage.
    Assignment { problem: Assignment, p: usize },
    /// Logit capture.
    Capture { problem: Logit, p: usize },
    /// Limited capacities; `p` may be left free.
    Capacitated { problem: Capacitated, p: Option<usize> },
}

/// Reads what the command line names. What is wrong is shown, and its exit code given.
pub(super) fn question(args: &Solve, terminal: &Terminal) -> Result<Question, u8> {
    match (&args.file, args.format, &args.sites, &args.zones, args.law) {
        (Some(file), Some(format), None, None, None) => literature::question(args, file, format, terminal),
        (None, None, Some(sites), Some(zones), Some(law)) => own::question(args, sites, zones, law, terminal),
        _ => Err(usage(terminal, "solve", "name an instance with --format, or --sites, --zones and --law")),
    }
}

/// Shows a fault of the command line and gives its exit code.
fn usage(terminal: &Terminal, flag: &str, why: &str) -> u8 {
    terminal.problem("E-CLI-003", flag, why);
    exit::USAGE
}

/// How many sites to open, of `sites`.
fn count(p: Option<usize>, sites: usize, terminal: &Terminal) -> Result<usize, u8> {
    match p {
        Some(p) if (1..=sites).contains(&p) => Ok(p),
        Some(p) => Err(usage(terminal, "--p", &format!("{p} is not within 1 to the {sites} sites"))),
        None => Err(usage(terminal, "--p", "the instance does not say how many sites to open")),
    }
}

/// A number that the problem needs, within its range.
fn number(given: Option<f64>, flag: &str, above_zero: bool, terminal: &Terminal) -> Result<f64, u8> {
    let what = if above_zero { "above 0" } else { "not negative" };
    match given {
        Some(value) if value.is_finite() && (value > 0.0 || (value == 0.0 && !above_zero)) => Ok(value),
        Some(value) => Err(usage(terminal, flag, &format!("{value} is no number that is {what}"))),
        None => Err(usage(terminal, flag, &format!("it is needed here: a number that is {what}"))),
    }
}
