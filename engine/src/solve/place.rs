//! Placing: the search that a problem asks for, and where the bound that it proves touches the problem.

use domain::forecast::DemandSamples;
use domain::problem::{Profit, Rules, Site};
use domain::settings::{Aim, Settings};
use domain::stop::{Progress, Stop};
use domain::units::Money;

use crate::formulate::feasible::cheapest;
use crate::formulate::{Problem, Stated};
use crate::joint::guard::Guard;
use crate::joint::hedge::{self, Answer, Found};
use crate::joint::prices::Prices;
use crate::joint::{self, Joint};
use crate::placement::{self, Placed, Proof, ProofPrices};
use crate::stock::Stocking;
use crate::{Conflict, EngineError};

/// The placement: searched, unless there is nothing to choose.
pub(crate) fn place(
    stated: &Stated,
    gap: f64,
    nodes_max: u64,
    stop: &Stop,
    progress: &dyn Progress,
) -> Result<(Placed, Touching), EngineError> {
    let rules = &stated.rules;
    if rules.open_max == 0 {
        if let Some(below) = Below::of_nothing(stated.guard) {
            return Ok((Placed::bare(0.0, 0.0), Touching { below: Some(below), ..Touching::default() }));
        }
        return Ok((nothing(rules, &stated.problem), Touching::default()));
    }
    let stop = Stop { nodes_max: stop.nodes_max.min(nodes_max), ..stop.clone() };
    match &stated.problem {
        Problem::Assignment(problem) => {
            Ok((placement::assignment::solve(rules, problem, gap, &stop, progress)?, Touching::default()))
        }
        Problem::Profit { problem, samples, stocking, .. } => {
            let joint = joined(stated, problem, samples, stocking);
            // Where pairs are decided, a plan of stores by themselves is none to begin with.
            let by_stores = !stated.pilot.comparison.randomised;
            let mut known = by_stores.then(|| best_start(stated, problem)).flatten();
            if known.is_none() && !rules.reach.is_empty() {
                // Where a floor on people is tight, plans that keep it are rare: one is found for certain.
                let open = cheapest(rules, None)?;
                known = open.map(|open| placement::profit::local_search(rules, problem, Some(&open)).unwrap_or(open));
            }
            if let Some(guard) = stated.guard {
                return Ok(hedged(hedge::solve(&joint, guard.measure, known, gap, &stop, progress)?));
            }
            let (placed, relaxation) = joint::solve(&joint, known, gap, &stop, progress)?;
            Ok((placed, Touching::of(relaxation)))
        }
    }
}

/// What a search begins with: the best that is found from nothing or from what stays, where it may.
fn best_start(stated: &Stated, problem: &Profit) -> Option<Vec<Site>> {
    let rules = &stated.rules;
    let anew = placement::profit::local_search(rules, problem, None);
    let stays = Some(&stated.stay.sites).filter(|stays| !stays.is_empty() && rules.allow(stays));
    let on = stays.and_then(|stays| placement::profit::local_search(rules, problem, Some(stays)));
    [anew, on].into_iter().flatten().max_by(|one, other| problem.value(one).total_cmp(&problem.value(other)))
}

/// The placement where the worst outcomes count.
fn hedged(answer: Answer) -> (Placed, Touching) {
    match answer {
        Answer::Found(found) => {
            let touching = Touching::of(found.bounded.relaxation.clone());
            (found.placed.clone(), Touching { hedge: Some(found), ..touching })
        }
        Answer::Below { most, bound } => {
            (Placed::bare(0.0, 0.0), Touching { below: Some(Below { most, bound }), ..Touching::default() })
        }
        Answer::Nothing(placed) => (*placed, Touching::default()),
    }
}

/// Stores and stock as one problem; none where profit is not what is sought.
pub(crate) fn joint(stated: &Stated) -> Option<Joint<'_>> {
    let Problem::Profit { problem, samples, stocking, .. } = &stated.problem else { return None };
    Some(joined(stated, problem, samples, stocking))
}

/// The same, of the parts of a problem of profit.
pub(crate) fn joined<'a>(
    stated: &'a Stated,
    problem: &'a Profit,
    samples: &'a DemandSamples,
    stocking: &'a Stocking,
) -> Joint<'a> {
    let Profit { capture, open_costs, .. } = problem;
    let (rules, comparison, guard) = (&stated.rules, &stated.pilot.comparison, stated.guard);
    Joint { rules, capture, open_costs, stocking, samples, comparison, guard }
}

/// Where the relaxation behind a bound touches the problem.
#[derive(Debug, Clone, Default)]
pub(crate) struct Touching {
    pub(super) prices: Prices,
    pub(super) around: Vec<Site>,
    /// What the budgets of stock pay back.
    pub(super) constant: f64,
    /// The names of the rows that were searched under.
    pub(super) rows: Vec<String>,
    /// Where the worst outcomes count: the plan with its stock, and the weights.
    pub(super) hedge: Option<Box<Found>>,
    /// Where no plan keeps the floor.
    pub(crate) below: Option<Below>,
}

impl Touching {
    fn of(relaxation: joint::Relaxation) -> Self {
        let joint::Relaxation { prices, around, constant, rules, .. } = relaxation;
        let rows = rules.rows.into_iter().map(|row| row.name).collect();
        Self { prices, around, constant, rows, ..Self::default() }
    }
}

/// The largest CVaR that was found, and what none exceeds: both below the floor, or the second not known to be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Below {
    pub(super) most: f64,
    pub(super) bound: f64,
}

impl Below {
    /// Where no store may be chosen.
    fn of_nothing(guard: Option<Guard>) -> Option<Self> {
        let Aim::Floor(floor) = guard?.measure.aim else { return None };
        (floor > 0.0).then_some(Self { most: 0.0, bound: 0.0 })
    }

    pub(super) fn conflict(&self, settings: &Settings) -> Result<Conflict, EngineError> {
        let risk = settings.objective.risk.as_ref().and_then(|risk| Some((risk.tail.fraction, risk.at_least?)));
        let Some((tail, floor)) = risk.filter(|risk| self.bound < risk.1.major()) else {
            return Err(EngineError::FloorNotReached { most: self.most, bound: self.bound });
        };
        let currency = floor.currency;
        let money = |major: f64| Money::from_major(major, currency);
        let why = format!(
            "the worst {:.3} % of the outcomes are to earn {floor} in the mean; the most that was found is {}, and no plan reaches more than {}",
            100.0 * tail,
            money(self.most),
            money(self.bound),
        );
        Ok(Conflict { rule: "objective.risk.at_least".into(), why, code: "E-INF-008" })
    }
}

/// Where no store was worth opening: stores that would be if stock had no rules, when that is why. What stands in the
/// way is told of them.
pub(super) fn unstocked(stated: &Stated, placed: &Placed, touching: &Touching) -> Option<Vec<Site>> {
    let Problem::Profit { problem, samples, stocking, .. } = &stated.problem else { return None };
    // A plan that was judged by its outcomes has its stock.
    if touching.hedge.is_some() {
        return None;
    }
    let joint = Joint { guard: None, ..joined(stated, problem, samples, stocking) };
    let open = placement::profit::local_search(&stated.rules, problem, None).filter(|open| !open.is_empty())?;
    let alone = !stated.pilot.comparison.randomised && placed.cut.is_none();
    (alone && matches!(joint.value(&open), Ok(None))).then_some(open)
}

/// The empty plan, where no store may be chosen; its proof is that there is no other.
fn nothing(rules: &Rules, problem: &Problem) -> Placed {
    let open = rules.allow(&[]).then(Vec::new);
    let (value, exact, proof) = match problem {
        Problem::Profit { .. } => (0.0, None, None),
        Problem::Assignment(problem) => {
            let value = problem.value(&[]);
            let zones = problem.fallback.iter().map(|&cost| i64::from(cost)).collect();
            let proof = Proof {
                price_bits: 0,
                bound: value,
                prices: vec![ProofPrices { zones, ..ProofPrices::default() }],
                fixings: Vec::new(),
                leaves: vec![(Vec::new(), Vec::new(), Some(0))],
            };
            (value as f64, Some((value, value)), Some(proof))
        }
    };
    Placed { open, exact, proof, ..Placed::bare(value, value) }
}
