//! Where corners earn most, when they take demand from each other.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | y_j | `Placed::open` | 0 or 1 |
//! | v_jk | `Profit::unit_values` | base-currency major units per unit of weekly demand |
//! | D_jk(y) | [`domain::capture`] | units per week |
//! | o_j | `Profit::open_costs` | base-currency major units |
//! | u_j = sum_k v_jk D_jk(j alone) - o_j | `Columns::alone` | base-currency major units |
//! | z, U | `Placed::value`, `Placed::bound` | base-currency major units |
//!
//! maximise sum_jk v_jk D_jk(y) - sum_j o_j y_j subject to [`Rules`].
//!
//! With values that differ between stores the objective neither rises with y nor is submodular. What holds
//! is that D_jk only falls when others open. The search:
//!
//! 1. [`local`]: an incumbent z, by greedy, adds, drops and swaps.
//! 2. A core of candidates that could matter. The rest, by u_j, waits outside: since a plan is worth at most
//!    u_j more with j than without (j earns at most u_j, and the others no more than without j), rho_j = u_j
//!    extends any modular bound of the core to all candidates. Who can't lift it above the cutoff is
//!    closed; who can, joins the core.
//! 3. [`relax`] at the root: cuts per group of zones ([`share`], [`nearest`]), prices, reduced-cost fixing. What is
//!    left is compiled again: the fewer sites, the finer the value steps.
//! 4. [`tree`]: best-first, the same relaxation in every part.
//! 5. [`prove`]: the bound once more, by single points that a checker can follow without a solver.
//!
//! Where every captured unit is worth the same, [`even`] holds the zones as dense blocks ([`capture`]), and the tree
//! is split by how many open in a neighbourhood ([`regions`]).
//!
//! Why U is a bound: each cut lies above the value of every plan of its part ([`share`], [`nearest`]); a mixture of
//! cuts and priced rules does too; its maximum over the number of sites is a sort; rounding is covered by
//! an outward margin ([`arena`]); and every plan is in a part that waits, or was dropped at a bound that is
//! remembered. Nothing rests on the solver's optimum, except that a program it calls infeasible, whose
//! rows are the rules alone, is one. [nemhauser1981; ljubic2018; benati2002; chen2024]

use domain::problem::{Profit, Rules, Site};
use domain::settings::CaptureLaw;
use domain::stop::{Cut, Progress, Stop};

use super::{Function, Guide, Placed, PlacementError};
use crate::instances::logit::Logit;
use field::Track;
use ndarray::Array2;
use rayon::prelude::*;

mod arena;
mod cut;
mod evaluate;
mod even;
mod evencut;
mod exact;
mod field;
mod local;
mod modular;
mod nearest;
mod part;
mod program;
mod prove;
mod regions;
mod relax;
mod root;
mod share;
mod tally;
#[cfg(test)]
mod tests;
mod tree;

pub use exact::Worth;
pub use field::Valued;
pub use local::local_search;

/// Searches until the gap between plan and bound is at most `gap` (relative to the plan's value, or absolute
/// where that is below 1), or until `stop`.
///
/// The bound holds whenever the search ends; `Placed::cut` says why it ended early. Without an
/// incumbent, `open` is none: where `cut` is none too, no plan obeys the rules.
///
/// # Errors
/// A problem whose sizes disagree, or with a number that is NaN, infinite, or negative where it can't be
/// (under `share`, an outside option that is not above 0 where there is potential); a failed linear program
/// at the root.
pub fn solve(
    rules: &Rules,
    problem: &Profit,
    gap: f64,
    stop: &Stop,
    progress: &dyn Progress,
) -> Result<Placed, PlacementError> {
    check(rules, problem)?;
    let columns = evaluate::Columns::new(problem);
    let stop_search = stop.after_part(SEARCH_PART);
    let found = root::search(rules, &columns, tree::Incumbent::new(gap, 0.0), &stop_search, progress)?;
    Ok(proved(rules, &columns, &|_| f64::INFINITY, found, gap, stop))
}

/// What a search is told beside its problem.
#[derive(Debug, Clone)]
pub struct Quest<'a> {
    /// A constant that values and bounds are stated without, and that the gap counts in; base-currency major units.
    pub apart: f64,
    /// A plan to begin with.
    pub start: Option<Vec<Site>>,
    /// As for [`solve`].
    pub gap: f64,
    /// When to end.
    pub stop: &'a Stop,
    /// Whether a proof is looked for where the search ended at its limit of nodes.
    pub shows_cut: bool,
}

/// The same where plans are worth `worth`, which `problem` never underestimates.
///
/// # Errors
/// As for [`solve`].
pub fn solve_for(
    rules: &Rules,
    problem: &Profit,
    worth: &dyn Worth,
    quest: Quest<'_>,
    progress: &dyn Progress,
) -> Result<Placed, PlacementError> {
    check(rules, problem)?;
    let Quest { apart, start, gap, stop, shows_cut } = quest;
    let columns = evaluate::Columns::new(problem);
    let field = exact::Exact::new(&columns, worth);
    let mut incumbent = tree::Incumbent::new(gap, apart);
    start.into_iter().for_each(|open| incumbent.offer(rules, &field, open));
    let found = root::search(rules, &field, incumbent, &stop.after_part(SEARCH_PART), progress)?;
    if found.cut == Some(Cut::Nodes) && !shows_cut {
        return Ok(placed(found));
    }
    // What a design of pairs earns at most, a checker only knows from what bounds them all.
    let by_chance = worth.chance() < 1.0;
    let at_most = |open: &[Site]| match (by_chance, open.len() % 2) {
        (false, _) => worth.at_most(open),
        (true, 1) => f64::NEG_INFINITY,
        (true, _) => f64::INFINITY,
    };
    Ok(proved(rules, &field, &at_most, found, gap, stop))
}

/// u: what each site earns alone, without rules.
#[must_use]
pub fn alone(problem: &Profit) -> Vec<f64> {
    evaluate::Columns::new(problem).alone
}

/// What each of `sites` takes from each other when both are open: u_i + u_j - f({i, j}), `sites x sites`.
#[must_use]
pub fn overlaps(problem: &Profit, sites: &[Site]) -> Array2<f64> {
    let columns = evaluate::Columns::new(problem);
    let rows: Vec<Vec<f64>> = sites
        .par_iter()
        .map_init(
            || evaluate::Evaluator::new(&columns),
            |evaluator, &one| {
                evaluator.open(one as usize);
                let taken = |&other: &Site| {
                    let alone = columns.alone[other as usize];
                    if other == one { 0.0 } else { (alone - evaluator.change(other as usize)).max(0.0) }
                };
                let row = sites.iter().map(taken).collect();
                evaluator.close(one as usize);
                row
            },
        )
        .collect();
    Array2::from_shape_fn((sites.len(), sites.len()), |(row, column)| rows[row][column])
}

/// Gaps that are tried where the one asked for can't be shown by points: better a wider gap that can be checked.
const WIDER: [f64; 4] = [1e-5, 1e-4, 3e-3, 1e-2];
/// The same as multiples of the gap that the search ended with.
const WIDER_YET: [f64; 3] = [1.02, 1.2, 2.0];

/// Of the time that is left, the part that a search may take; the rest is for the proof of what it found.
const SEARCH_PART: f64 = 0.7;

/// What was found, with a proof by points where there is time for one.
fn proved(
    rules: &Rules,
    field: &dyn field::Field,
    at_most: &dyn Fn(&[Site]) -> f64,
    mut found: Found,
    gap: f64,
    stop: &Stop,
) -> Placed {
    // Points show no more than the search did.
    let reached = (found.bound - found.incumbent.value) / found.incumbent.room(1.0);
    let wider = WIDER.into_iter().chain(WIDER_YET.map(|by| by * reached));
    let mut gaps: Vec<f64> =
        std::iter::once(gap).chain(wider).filter(|&wider| wider >= gap && wider >= 0.999 * reached).collect();
    gaps.sort_by(f64::total_cmp);
    // And last of all whatever one function shows.
    gaps.push(f64::INFINITY);
    let mut proved = None;
    if found.cut != Some(Cut::Interrupted) {
        let (mut least, mut last) = (f64::INFINITY, f64::NEG_INFINITY);
        for gap in gaps {
            let gap = if least > last { gap.min(least) } else { gap };
            if gap.is_infinite() {
                break;
            }
            last = gap;
            match prove::prove(rules, field, at_most, &found.incumbent, &found.hint, gap, stop) {
                Ok(shown) => {
                    proved = Some(shown);
                    break;
                }
                // What one function shows of all plans takes no tree; a little more, since fewer sites are decided there.
                Err(root) => least = least.min(1.02 * (root - found.incumbent.value) / found.incumbent.room(1.0)),
            }
        }
    }
    let guide = proved.map(|(guide, bound)| {
        if found.incumbent.closes(bound) {
            found.bound = found.bound.max(bound);
            return guide;
        }
        Guide { shows: Some(bound), ..guide }
    });
    Placed { guide, ..placed(found) }
}

/// The same where every captured unit is worth the same, and nothing costs: people captured.
///
/// # Errors
/// As for [`solve`].
pub fn capture(
    rules: &Rules,
    logit: &Logit,
    gap: f64,
    stop: &Stop,
    progress: &dyn Progress,
) -> Result<Placed, PlacementError> {
    check_rules(rules, logit.sites)?;
    let expected = logit.sites * logit.zones();
    if logit.pull.len() != expected {
        return Err(PlacementError::Shape { what: "pulls", found: logit.pull.len(), expected });
    }
    for (what, numbers) in [("weight", &logit.weights), ("pull", &logit.pull)] {
        let wrong = |value: &f64| !(value.is_finite() && *value >= 0.0);
        if let Some(at) = numbers.par_iter().position_first(wrong) {
            return Err(PlacementError::BadNumber { what, at, value: numbers[at] });
        }
    }
    Ok(placed(root::search(rules, &even::Even::new(logit), tree::Incumbent::new(gap, 0.0), stop, progress)?))
}

fn placed(found: Found) -> Placed {
    let (value, bound) = (found.incumbent.value, found.bound.max(found.incumbent.value));
    let (open, nodes, rounds, cut) = (found.incumbent.open, found.nodes, found.rounds, found.cut);
    Placed { open, nodes, rounds, cut, ..Placed::bare(value, bound) }
}

/// What a search ended with.
#[derive(Debug)]
struct Found {
    incumbent: tree::Incumbent,
    bound: f64,
    nodes: u64,
    rounds: u64,
    cut: Option<Cut>,
    /// Where the bound of the root was lowest.
    hint: Option<Function>,
}

/// Refuses what no bound could be computed on.
fn check(rules: &Rules, problem: &Profit) -> Result<(), PlacementError> {
    let capture = &problem.capture;
    let (sites, devices) = problem.unit_values.dim();
    let shape = |what, found, expected| {
        if found == expected { Ok(()) } else { Err(PlacementError::Shape { what, found, expected }) }
    };
    shape("open costs", problem.open_costs.len(), sites)?;
    shape("forecasts", capture.alone.nrows(), sites)?;
    shape("attractions", capture.attraction.nrows(), sites)?;
    shape("devices", capture.alone.ncols(), devices)?;
    if capture.law != CaptureLaw::Independent {
        shape("zones of potential", capture.potential.nrows(), capture.reach.zones())?;
        shape("zones of the outside option", capture.outside.nrows(), capture.reach.zones())?;
    }
    check_rules(rules, sites)?;
    let least = |what, numbers: &mut dyn Iterator<Item = f64>, least: f64| match numbers
        .enumerate()
        .find(|(_, value)| !(value.is_finite() && *value >= least))
    {
        Some((at, value)) => Err(PlacementError::BadNumber { what, at, value }),
        None => Ok(()),
    };
    least("unit value", &mut problem.unit_values.iter().copied(), 0.0)?;
    least("open cost", &mut problem.open_costs.iter().copied(), f64::MIN)?;
    least("forecast", &mut capture.alone.iter().copied(), 0.0)?;
    least("attraction", &mut capture.attraction.iter().copied(), 0.0)?;
    least("potential", &mut capture.potential.iter().copied(), 0.0)?;
    least("pull", &mut capture.reach.pull.iter().copied(), 0.0)?;
    if capture.law == CaptureLaw::Share {
        // The cuts divide by b: a zone without an outside option would give all to the first site.
        let used = capture.outside.iter().zip(&capture.potential).filter(|(_, potential)| **potential > 0.0);
        least("outside option", &mut used.map(|(&outside, _)| outside), f64::MIN_POSITIVE)?;
    }
    Ok(())
}

/// Refuses rules about sites that do not exist.
fn check_rules(rules: &Rules, sites: usize) -> Result<(), PlacementError> {
    if rules.sites != sites {
        return Err(PlacementError::Shape { what: "candidates", found: rules.sites, expected: sites });
    }
    let listed =
        rules.require.iter().map(|&site| ("require", site)).chain(rules.exclude.iter().map(|&site| ("exclude", site)));
    let listed = listed.chain(rules.rows.iter().flat_map(|row| row.terms.iter().map(|term| ("a row", term.0))));
    let listed =
        listed.chain(rules.conflicts.iter().flat_map(|&(one, other)| [("a conflict", one), ("a conflict", other)]));
    for (what, site) in listed {
        if site as usize >= sites {
            return Err(PlacementError::NoSuchSite { what, site, sites });
        }
    }
    Ok(())
}
