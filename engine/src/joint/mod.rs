//! Stores and their stock, decided together, under one bound.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | y, o_j | sites, [`Joint::open_costs`] | base-currency major units |
//! | q_jk, Pi_jk(q; c) | [`crate::stock`] | units, base-currency major units |
//! | c_jk(y) = D_jk(y)/F_jk | [`CaptureModel`] | the part of its own demand that a corner keeps |
//! | B, mu >= 0 | [`prices::Prices`] | budgets of stock (money, units) and their prices |
//! | nu_j >= 0 | [`pieces`] | price of a unit of shelf at j |
//!
//! maximise g(y) = max over q of sum_jk Pi_jk(q_jk; c_jk(y)) - sum_j o_j y_j subject to [`Rules`], the budgets B over all
//! chosen stores, the shelf of each, service levels and packs, and controls that are as good as they have to be
//! ([`crate::pilot`]). Controls earn nothing: a plan without such controls is none, and what they cost at least is a row of
//! the rules.
//!
//! The budgets are priced: for any mu >= 0,
//!
//!   g(y) <= mu B + sum over open j of [V_j(c_j(y)) - o_j],
//!   V_j(c) = max over q of sum_k [Pi_jk(q_k; c_k) - mu w_k q_k] <= nu_j S_j + sum_k V_jk(c_k),
//!
//! and each V_jk lies below a line A_jk + sigma_jk c on all c that the law allows ([`pieces`]). What is left is a
//! placement problem: unit values sigma_jk/F_jk, open costs o_j - nu_j S_j - sum_k A_jk. Its cuts, its tree and its proof hold
//! for the whole ([`crate::placement::profit::solve_for`]), and the tree values every plan it ends at by g itself: so the
//! stock is decided with the stores, not after them. Under `independent` every c is 1 and the lines are exact:
//! what is lost is the gap of the priced budgets alone [geoffrion1974].
//!
//! Where the pilot is randomised ([`crate::pilot::pairs`]), y are the members of its pairs, of which half are open at a time. What a design
//! earns is the mean of g over assignments that come with their opposites, so that a function alpha + rho y above g is
//! alpha + rho y/2 above the mean: the same bounds, with half of each member, hold for the design ([`Worth::chance`]).
//!
//! Lines touch V where the best plan known stands; where a better one is found, they are drawn anew.

use std::sync::{Mutex, PoisonError};

use domain::capture::CaptureModel;
use domain::forecast::DemandSamples;
use domain::problem::{Profit, Rules, Site};
use domain::settings::CaptureLaw;
use domain::stop::{Cut, Progress, Silent, Stop};
use ndarray::{Array2, Axis};

pub mod curve;
pub mod guard;
pub mod hedge;
mod kept;
mod pairs;
pub mod pieces;
pub mod prices;
mod start;
#[cfg(test)]
mod tests;

use curve::Curves;
use guard::Guard;
use prices::Prices;

use crate::EngineError;
use crate::pilot::Comparison;
use crate::placement::profit::{Quest, Valued, Worth, solve_for};
use crate::placement::{Guide, Placed};
use crate::stock::{Hedged, Stocking, factors};

/// Nodes that the first drawing may take.
const NODES_FIRST: u64 = 64;
/// Nodes for designs of pairs: what members of different pairs take from each other is bounded as if coins could fall
/// together, which no branching mends.
const NODES_PAIRS: u64 = 128;

/// A problem of stores and stock.
#[derive(Debug, Clone, Copy)]
pub struct Joint<'a> {
    /// What every set of stores must obey.
    pub rules: &'a Rules,
    /// Who captures what.
    pub capture: &'a CaptureModel,
    /// o, by site.
    pub open_costs: &'a [f64],
    /// What the stock must obey, by site.
    pub stocking: &'a Stocking,
    /// Demand, by site.
    pub samples: &'a DemandSamples,
    /// What controls a plan must have.
    pub comparison: &'a Comparison,
    /// What the worst outcomes count or must reach, where that is asked for: then `samples` carries lambda.
    pub guard: Option<Guard>,
}

/// A placement problem that never underestimates.
#[derive(Debug, Clone)]
pub struct Relaxation {
    /// sigma/F and o - nu S - sum A.
    pub problem: Profit,
    /// mu B.
    pub constant: f64,
    /// mu.
    pub prices: Prices,
    /// The plan that the lines were drawn at.
    pub around: Vec<Site>,
    /// The rules that were searched under, with what is known of pairs.
    pub rules: Rules,
}

impl Joint<'_> {
    /// g of the open sites (ascending) with the best stock found, and what no stock exceeds; none where none obeys the
    /// rules, or none was found that keeps the floor.
    ///
    /// # Errors
    /// Where the solver fails.
    pub fn value(&self, open: &[Site]) -> Result<Option<(f64, f64)>, EngineError> {
        let Some(guard) = &self.guard else { return self.earned(open) };
        let Some(hedged) = self.hedged(open)?.filter(|hedged| hedged.score.kept) else { return Ok(None) };
        let value = hedged.score.value(&guard.measure);
        Ok(Some((value, guard.whole(hedged.most).max(value))))
    }

    /// What the best stock of the open sites earns in the weighted mean, and what none exceeds.
    fn earned(&self, open: &[Site]) -> Result<Option<(f64, f64)>, EngineError> {
        if self.comparison.randomised {
            return self.averaged(open, self.stocking.gap);
        }
        if !self.comparison.allows(open)? {
            return Ok(None);
        }
        self.stocked(open, self.stocking.gap)
    }

    /// The same without a look at controls, with stock within `gap` of the best.
    pub(crate) fn stocked(&self, open: &[Site], gap: f64) -> Result<Option<(f64, f64)>, EngineError> {
        let (rows, factors, costs) = self.beside(open);
        let earned = self.stocking.earns_within(self.samples, &rows, &factors, gap)?;
        Ok(earned.map(|(earned, most)| (earned - costs, most - costs)))
    }

    /// The stock of the open sites, judged by its outcomes; none where no risk is asked about, or nothing obeys the rules.
    ///
    /// # Errors
    /// Where the solver fails.
    pub fn hedged(&self, open: &[Site]) -> Result<Option<Hedged>, EngineError> {
        let Some(guard) = &self.guard else { return Ok(None) };
        if !self.comparison.allows(open)? {
            return Ok(None);
        }
        let (rows, factors, costs) = self.beside(open);
        self.stocking.hedged(self.samples, &rows, &factors, costs, &guard.measure)
    }

    /// The same as the relaxation counts: a plan below the floor is worth nothing, and still has its bound.
    fn counted(&self, open: &[Site]) -> Result<Option<(f64, f64)>, EngineError> {
        let Some(guard) = &self.guard else { return self.earned(open) };
        Ok(self.hedged(open)?.map(|hedged| {
            let value =
                if hedged.score.kept { guard.part(hedged.score.value(&guard.measure)) } else { f64::NEG_INFINITY };
            (value, hedged.most.max(value))
        }))
    }

    /// A bound on g of the open sites in the weighted mean, without a solver; minus infinity where no stock obeys the rules, or no controls are
    /// as good as they have to be.
    #[must_use]
    pub fn at_most(&self, open: &[Site]) -> f64 {
        if self.comparison.randomised {
            return self.averaged_at_most(open);
        }
        if !self.comparison.precise(open) {
            return f64::NEG_INFINITY;
        }
        self.stocked_at_most(open)
    }

    /// The same without a look at controls.
    fn stocked_at_most(&self, open: &[Site]) -> f64 {
        let (rows, factors, costs) = self.beside(open);
        self.stocking.at_most(self.samples, &rows, &factors).map_or(f64::NEG_INFINITY, |most| most - costs)
    }

    /// Rows of the open sites, their c, and their open costs together.
    pub(crate) fn beside(&self, open: &[Site]) -> (Vec<usize>, Array2<f64>, f64) {
        let rows: Vec<usize> = open.iter().map(|&site| site as usize).collect();
        let factors = factors(&self.capture.demand(&rows), &self.capture.alone.select(Axis(0), &rows));
        let costs = rows.iter().map(|&row| self.open_costs[row]).sum();
        (rows, factors, costs)
    }

    /// The relaxation at `prices`, with lines that touch where `around` (ascending) is open.
    #[must_use]
    pub fn relaxed(&self, curves: &Curves, prices: &Prices, around: &[Site]) -> Relaxation {
        // Of members every other: as many as are open at a time.
        let around: Vec<Site> =
            around.iter().copied().step_by(if self.comparison.randomised { 2 } else { 1 }).collect();
        let around = around.as_slice();
        let kept = kept::beside(self.capture, around);
        let (sites, devices) = self.capture.alone.dim();
        let mut unit_values = Array2::zeros((sites, devices));
        let mut open_costs = self.open_costs.to_vec();
        for (site, pieces) in pieces::of(self, curves, prices, &kept).into_iter().enumerate() {
            open_costs[site] -= pieces.constant;
            for (device, slope) in pieces.slopes.into_iter().enumerate() {
                let alone = self.capture.alone[[site, device]];
                unit_values[[site, device]] = if alone > 0.0 { slope / alone } else { 0.0 };
            }
        }
        let problem = Profit { capture: self.capture.clone(), unit_values, open_costs };
        let constant = prices.constant(self.stocking);
        Relaxation { problem, constant, prices: *prices, around: around.to_vec(), rules: self.rules.clone() }
    }

    /// Stores open at a time, at most.
    fn open_at_once(&self) -> usize {
        if self.comparison.randomised { self.rules.open_max / 2 } else { self.rules.open_max }
    }

    /// In what part of the assignments a site of the plan is open.
    fn chance(&self) -> f64 {
        if self.comparison.randomised { 0.5 } else { 1.0 }
    }
}

/// The true value of plans, as the relaxation's search counts.
struct Stocked<'a> {
    joint: &'a Joint<'a>,
    constant: f64,
    failed: Mutex<Option<EngineError>>,
}

impl Worth for Stocked<'_> {
    fn of(&self, open: &[Site]) -> Valued {
        // A design has many stocks: good ones will do until it is decided.
        let found = match self.joint.comparison.randomised {
            true => self.joint.averaged(open, f64::INFINITY),
            false => self.joint.counted(open),
        };
        match found {
            Ok(Some((value, most))) => Valued { value: value - self.constant, bound: most - self.constant },
            Ok(None) => Valued::NONE,
            Err(error) => {
                *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                Valued::NONE
            }
        }
    }

    fn at_most(&self, open: &[Site]) -> f64 {
        self.joint.at_most(open) - self.constant
    }

    fn chance(&self) -> f64 {
        self.joint.chance()
    }
}

/// Searches until the gap is at most `gap` (relative to the plan's value), or until `stop`; with the relaxation
/// that the bound was proved on. `known` is a plan to begin with. Under a guard, value and bound are parts
/// ([`Guard::part`]).
///
/// # Errors
/// Where a program fails.
pub fn solve(
    joint: &Joint<'_>,
    known: Option<Vec<Site>>,
    gap: f64,
    stop: &Stop,
    progress: &dyn Progress,
) -> Result<(Placed, Relaxation), EngineError> {
    let curves = Curves::of(joint);
    let taken = joint.capture.law != CaptureLaw::Independent;
    let nodes_max = if joint.comparison.randomised && taken { NODES_PAIRS } else { u64::MAX };
    let stop = &Stop { nodes_max: stop.nodes_max.min(nodes_max), ..stop.clone() };
    let mut rules = joint.rules.clone();
    rules.exclude.extend(&curves.impossible);
    rules.exclude.sort_unstable();
    rules.exclude.dedup();
    let prices = Prices::found(joint, &curves)?;
    let far = joint.relaxed(&curves, &prices, &[]);
    let start = start::start(joint, &rules, &far, known)?;
    // The first drawing only looks for a plan to draw the lines at.
    let quick = Stop { nodes_max: stop.nodes_max.min(NODES_FIRST), ..stop.clone() };
    let drawn = joint.relaxed(&curves, &prices, start.as_deref().unwrap_or(&[]));
    let quest = Quest { apart: drawn.constant, start, gap, stop: &quick, shows_cut: stop.nodes_max <= NODES_FIRST };
    let first = search(joint, &rules, drawn, quest, &Silent)?;
    // A gap that was reached and can't be shown by points may be shown with lines that touch at the plan found.
    let shown = first.0.guide.is_some() || first.0.open.is_none();
    if (first.0.cut.is_none() && shown) || first.0.cut == Some(Cut::Deadline) || stop.now(0).is_some() {
        return Ok(first);
    }
    let around = first.0.open.clone();
    let relaxation = joint.relaxed(&curves, &prices, around.as_deref().unwrap_or(&[]));
    let quest = Quest { apart: relaxation.constant, start: around, gap, stop, shows_cut: true };
    let (mut placed, relaxation) = search(joint, &rules, relaxation, quest, progress)?;
    let (before, drawn) = first;
    placed.bound = placed.bound.min(before.bound);
    match before.guide {
        // A proof of the first drawing is better than none.
        Some(guide) if placed.guide.is_none() => {
            let shows = guide.shows.or(Some(before.bound - drawn.constant));
            placed.guide = Some(Guide { shows, ..guide });
            Ok((placed, drawn))
        }
        _ => Ok((placed, relaxation)),
    }
}

/// Searches one drawing.
fn search(
    joint: &Joint<'_>,
    rules: &Rules,
    mut relaxation: Relaxation,
    quest: Quest<'_>,
    progress: &dyn Progress,
) -> Result<(Placed, Relaxation), EngineError> {
    let constant = relaxation.constant;
    let worth = Stocked { joint, constant, failed: Mutex::default() };
    relaxation.rules = match &quest.start {
        Some(open) if joint.comparison.randomised => pairs::narrowed(joint, rules, &relaxation, open)?,
        _ => rules.clone(),
    };
    let rules = &relaxation.rules;
    let mut placed = solve_for(rules, &relaxation.problem, &worth, quest, progress)?;
    if let Some(error) = worth.failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error);
    }
    placed.value += constant;
    placed.bound += constant;
    if let Some(open) = placed.open.as_ref().filter(|_| joint.comparison.randomised)
        && let Some((value, _)) = joint.value(open)?
    {
        placed.value = value;
        placed.bound = placed.bound.max(value);
    }
    Ok((placed, relaxation))
}
