//! One's own points: a table of sites, a table of zones, a law.

use std::path::Path;

use domain::diagnostic::{Diagnostic, Refusal};
use domain::places::straight;
use domain::problem::Row;
use engine::instances::logit;
use engine::instances::points::{self, Points, Whole};
use ingest::Positions;

use super::super::answer::Unit;
use super::memory::{self, Rows};
use super::{Problem, Question, count, number};
use crate::cli::{Law, Solve};
use crate::exit;
use crate::terminal::Terminal;

pub(super) fn question(
    args: &Solve,
    sites: &Path,
    zones: &Path,
    law: Law,
    terminal: &Terminal,
) -> Result<Question, u8> {
    let budget = args.budget.map(|_| number(args.budget, "--budget", false, terminal)).transpose()?;
    let tables = ingest::points(&sites.to_string_lossy(), &zones.to_string_lossy(), budget.is_some(), Path::new(""))
        .map_err(|findings| {
            terminal.findings(&findings);
            refusal(&findings)
        })?;
    let budget = budget.map(|most| within(most, &tables.sites.costs, terminal)).transpose()?;
    tables.findings.iter().for_each(|finding| terminal.note(&finding.to_string()));
    let (at, who, weights) = (placed(&tables.sites.positions), placed(&tables.zones.positions), tables.zones.weights);
    let size = (at.at.len(), who.at.len());
    let p = count(args.p, size.0, terminal)?;
    let (formulation, problem, unit) = match law {
        Law::Nearest => {
            memory::check(args, size.0, size.1, Rows::Measured, terminal)?;
            let whole = points::nearest(&at, &who, &weights);
            let scale = whole.scale.weights * whole.scale.costs;
            said(&whole, terminal);
            ("p-median", Problem::Assignment { problem: whole.assignment, p }, Unit { scale, all: None, whole: false })
        }
        Law::Coverage => {
            let radius = number(args.radius, "--radius", false, terminal)?;
            let pairs = points::pairs_within(&at, &who, radius);
            memory::check(args, size.0, size.1, Rows::Pairs(pairs), terminal)?;
            let whole = points::coverage(&at, &who, &weights, radius);
            let unit = covered(&whole, terminal);
            ("coverage", Problem::Assignment { problem: whole.assignment, p }, unit)
        }
        Law::Share => {
            let beta = number(args.beta, "--beta", false, terminal)?;
            let outside = number(args.outside, "--outside", true, terminal)?;
            memory::check(args, size.0, size.1, Rows::Pulls, terminal)?;
            let distance = |site: usize, zone: usize| at.measure.length(straight(at.at[site], who.at[zone]));
            let problem = logit::share(weights, size.0, beta, outside, distance).map_err(|error| {
                terminal.problem("E-VAL-002", "--beta, --outside", &error.to_string());
                exit::DATA
            })?;
            ("share", Problem::Capture { problem, p }, Unit::SAME)
        }
    };
    Ok(Question {
        instance: sites.file_stem().map(|stem| stem.to_string_lossy().into_owned()),
        formulation,
        sites: size.0,
        problem,
        budget,
        ids: tables.sites.ids,
        unit,
    })
}

/// Digits after the point that costs may have.
const DIGITS_MAX: i32 = 6;
/// Sums of costs in whole units stay below this.
const COSTS_MAX: f64 = 9e15;

/// The costs and their limit in whole units: as many digits after the point as they have.
fn within(most: f64, costs: &[f64], terminal: &Terminal) -> Result<Row, u8> {
    let whole = |unit: f64| {
        costs.iter().all(|cost| (cost * unit - (cost * unit).round()).abs() <= 1e-9 * (cost * unit).max(1.0))
    };
    let refused = |why: &str| {
        terminal.problem("E-VAL-002", "cost", why);
        exit::DATA
    };
    let unit = (0..=DIGITS_MAX).map(|digits| 10_f64.powi(digits)).find(|unit| whole(*unit));
    let unit = unit.ok_or_else(|| refused("costs have more than six digits after the point: round them"))?;
    if (costs.iter().sum::<f64>() + most) * unit > COSTS_MAX {
        return Err(refused("costs add up to more than can be summed exactly: use a coarser unit"));
    }
    #[expect(clippy::cast_possible_truncation, reason = "within COSTS_MAX")]
    let terms = (0_u32..).zip(costs).map(|(site, cost)| (site, (cost * unit).round() as i64)).collect();
    // A limit between two whole units allows the lower; what is one but for its last binary digit is that one.
    #[expect(clippy::cast_possible_truncation, reason = "within COSTS_MAX")]
    let max = Some((most * unit * (1.0 + 1e-12)).floor() as i64);
    Ok(Row { name: "budget".into(), terms, min: None, max })
}

fn placed(positions: &Positions) -> Points {
    match positions {
        Positions::Plane(points) => Points::plane(points),
        Positions::Globe(points) => Points::globe(points),
    }
}

/// The unit of covered weight, where a search counts what is left uncovered.
pub(super) fn covered(whole: &Whole, terminal: &Terminal) -> Unit {
    said(whole, terminal);
    let all = whole.assignment.weights.iter().map(|&weight| i128::from(weight)).sum();
    Unit { scale: whole.scale.weights, all: Some(all), whole: true }
}

/// Says in which unit weights are counted, where it is not their own.
fn said(whole: &Whole, terminal: &Terminal) {
    let unit = 1.0 / whole.scale.weights;
    if whole.scale.rounded {
        terminal.note(&format!("weights are rounded to whole multiples of {unit:e}; what is proven is for these"));
    } else if unit != 1.0 {
        terminal.note(&format!("weights are counted in units of {unit:e}, exactly"));
    }
}

/// The exit code of the first refusal.
fn refusal(findings: &[Diagnostic]) -> u8 {
    findings.iter().find_map(|finding| finding.refusal).map_or(exit::DATA, Refusal::exit_code)
}
