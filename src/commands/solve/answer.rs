//! The answer: one JSON object, and the exit code that says what it is worth.

use domain::problem::Site;
use domain::stop::{Cut, Stop};
use engine::placement::Placed;
use serde::Serialize;

use super::read::{Problem, Question};
use crate::commands::print;
use crate::terminal::Terminal;
use crate::{exit, interrupt};

/// From the number that a search minimises or maximises to the one that is printed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Unit {
    /// The search's unit per printed unit.
    pub(super) scale: f64,
    /// Where the search counts what is lost: all that could be had, in its unit.
    pub(super) all: Option<i128>,
    /// Whether the search's whole numbers are the instance's own, not measured distances rounded to fit.
    pub(super) whole: bool,
}

impl Unit {
    /// The same in both.
    pub(super) const SAME: Self = Self { scale: 1.0, all: None, whole: true };

    /// A number of the search as it is printed.
    #[expect(clippy::cast_precision_loss, reason = "for people to read; answers take the exact number")]
    pub(super) fn of(&self, number: f64) -> f64 {
        self.all.map_or(number, |all| all as f64 - number) / self.scale
    }

    /// An exact number of the search as it is printed.
    #[expect(clippy::cast_precision_loss, reason = "rounded once, when it is printed")]
    fn exactly(&self, number: i128) -> f64 {
        self.all.map_or(number, |all| all - number) as f64 / self.scale
    }
}

/// Above this gap nothing is called proven where the numbers are not whole (design, section 4).
pub(super) const PROVEN: f64 = 1e-6;

#[derive(Debug, Serialize)]
struct Answer<'a> {
    instance: Option<&'a str>,
    formulation: &'static str,
    p: Option<usize>,
    status: &'static str,
    objective: Option<f64>,
    /// None where nothing bounds it yet.
    bound: Option<f64>,
    gap: Option<f64>,
    open: Option<&'a [Site]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    open_ids: Option<Vec<&'a str>>,
    nodes: u64,
    seconds: f64,
    threads: usize,
    version: &'static str,
}

/// Prints the answer and gives the exit code.
pub(super) fn give(question: &Question, placed: &Placed, gap_asked: f64, stop: &Stop, terminal: &Terminal) -> u8 {
    let unit = question.unit;
    let (value, bound) = match placed.exact {
        Some((value, bound)) => (unit.exactly(value), unit.exactly(bound)),
        None => (unit.of(placed.value), unit.of(placed.bound)),
    };
    let found = placed.open.is_some();
    let gap = domain::plan::gap(value, bound);
    let proven = match placed.exact {
        Some((value, bound)) if unit.whole => value == bound,
        _ => gap <= PROVEN,
    };
    let status = match &placed.open {
        None if placed.cut.is_none() => "infeasible",
        Some(_) if proven => "proven",
        _ => "gap",
    };
    let p = match &question.problem {
        Problem::Assignment { p, .. } | Problem::Capture { p, .. } => Some(*p),
        Problem::Capacitated { p, .. } => *p,
    };
    let ids = question.ids.as_ref().zip(placed.open.as_ref());
    let answer = Answer {
        instance: question.instance.as_deref(),
        formulation: question.formulation,
        p,
        status,
        objective: found.then_some(value),
        bound: Some(bound).filter(|bound| bound.is_finite() && status != "infeasible"),
        gap: found.then_some(gap),
        open: placed.open.as_deref(),
        open_ids: ids.map(|(ids, open)| open.iter().map(|&site| ids[site as usize].as_str()).collect()),
        nodes: placed.nodes,
        seconds: stop.clock.elapsed().as_secs_f64(),
        threads: rayon::current_num_threads(),
        version: env!("CARGO_PKG_VERSION"),
    };
    let text = match serde_json::to_string(&answer) {
        Ok(text) => text,
        Err(error) => {
            terminal.problem("E-RUN-003", "answer", &error.to_string());
            return exit::BUG;
        }
    };
    if let Err(code) = print(terminal, format!("{text}\n").as_bytes()) {
        return code;
    }
    match status {
        _ if placed.cut == Some(Cut::Interrupted) || interrupt::came() => interrupt::exit_code(),
        "infeasible" => exit::INFEASIBLE,
        "proven" => exit::DONE,
        _ if found && gap <= gap_asked => exit::DONE,
        _ => exit::WARNING,
    }
}
