//! The whole decision: formulate, place, stock, design the pilot, and say what it is worth.

use domain::certificate::{Certificate, ProfitCertificate, ProfitPart, ProfitPoint, RiskWeights, StockPrices};
use domain::forecast::{DemandSamples, Forecast};
use domain::ids::Idx;
use domain::market::{Market, Store};
use domain::plan::{self, ChosenStore, ObjectiveValue, Plan, RiskValue, Status, StockLine, Warning};
use domain::problem::{Profit, Rules, Site};
use domain::settings::{Aim, Measure, ObjectiveKind, Settings};
use domain::stop::{Cut, Event, Progress, Stop};
use domain::units::Money;
use ndarray::{Array2, Axis};

use crate::coin;
use crate::formulate::capture::Ground;
use crate::formulate::{self, DECISION, Formulated, Problem, Stated};
use crate::joint::guard::Guard;
use crate::joint::hedge::{self, Answer, Found};
use crate::joint::prices::Prices;
use crate::joint::{self, Joint};
use crate::notes::{Sources, notes};
use crate::pilot::design::Design;
use crate::pilot::series::Related;
use crate::placement::{self, Guide, Placed, Point, Proof, ProofPrices};
use crate::stock::{Decided, Stocked, Stocking};
use crate::worth::{Choice, Valued};
use crate::{Conflict, EngineError, Outcome, Solved, stock, worth};

/// Up to this gap a plan counts as proven (design, section 4).
pub(crate) const PROVEN: f64 = 1e-6;

/// Decides: which stores, how much stock, which controls, and what it is worth.
///
/// # Errors
/// Where amounts lack a rate, the forecast lacks a candidate, a solver fails, or the search was stopped
/// before it had any plan.
pub fn solve(
    market: &Market,
    forecast: &Forecast,
    settings: &Settings,
    stop: &Stop,
    progress: &dyn Progress,
) -> Result<Outcome, EngineError> {
    let stage = |name| progress.say(Event::Stage { name, total: None });
    stage("Stating the problem");
    let mut stated = match formulate::formulate(market, forecast, settings)? {
        Formulated::Stated(stated) => *stated,
        Formulated::Infeasible(conflicts) => return Ok(Outcome::Infeasible(conflicts)),
    };
    stage("Choosing stores");
    let (placed, touching) = place(&stated, settings.gap(), settings.solver.nodes_max, stop, progress)?;
    if let Some(below) = &touching.below {
        return Ok(Outcome::Infeasible(vec![below.conflict(settings)?]));
    }
    // What is asked of other plans from here on is asked at the weights that this one was decided at.
    if let (Some(hedge), Problem::Profit { samples, .. }) = (&touching.hedge, &mut stated.problem) {
        samples.weights.clone_from(&hedge.bounded.weights);
        stated.guard = Some(hedge.bounded.guard);
    }
    let found = placed.open.clone().filter(|open| !open.is_empty());
    let found = found.or_else(|| unstocked(&stated, &placed, &touching));
    let Some(decided) = found.or_else(|| placed.open.clone()) else {
        let timed = placed.cut.is_some_and(|cut| cut != Cut::Nodes);
        if stated.pilot.comparison.randomised && !timed {
            return Ok(Outcome::Infeasible(vec![coin::without_pairs(settings)]));
        }
        return Err(EngineError::NothingFound);
    };
    let tossed = coin::tossed(&stated, settings, &decided)?;
    let open = tossed.as_ref().map_or(decided, |tossed| tossed.open.clone());
    if matches!(stated.problem, Problem::Profit { .. }) && tossed.is_none() {
        let against = stated.pilot.against(settings, &open)?;
        if !against.is_empty() {
            return Ok(Outcome::Infeasible(against));
        }
    }
    let stores: Vec<Idx<Store>> = open.iter().map(|&site| stated.candidates[site as usize]).collect();
    stage("Stocking them");
    let (samples, captured) = captured(market, forecast, settings, &stated, &open, &stores)?;
    let decided = match &touching.hedge {
        Some(hedge) => Decided::Stocked(hedge.hedged.stocked()),
        None => stock::decide(market, settings, stated.base, &samples, &captured.factors)?,
    };
    let stocked = match decided {
        Decided::Stocked(stocked) => stocked,
        Decided::Infeasible(conflicts) => return Ok(Outcome::Infeasible(conflicts)),
    };
    stage("Finding controls");
    let related = Related::new(market, settings, &forecast.devices);
    let mut design = match &tossed {
        Some(tossed) => stated.pilot.paired(market, settings, related, &tossed.pairs, &tossed.partners)?,
        None => stated.pilot.design(market, settings, related, &open)?,
    };
    if let (Some(joint), true) = (joint(&stated), tossed.is_some()) {
        design.design.drawn = joint.stocked(&open, joint.stocking.gap)?.map(|(value, _)| value);
    }
    stage("Working out what it is worth");
    let choice = Choice {
        market,
        forecast,
        settings,
        stated: &stated,
        open: &open,
        samples: &samples,
        demand: &captured.demand,
        stocked: &stocked,
    };
    let valued = worth::value(&choice, stop)?;
    let objective = ObjectiveValue {
        risk: touching.hedge.as_ref().and_then(|hedge| risk_value(settings, &stated, &open, hedge)),
        ..objective(&stated, settings, &placed, valued.interval)
    };
    let mut warnings = stated.warnings.clone();
    warnings.extend(design.warnings.iter().cloned());
    warnings.extend(cautions(settings, &objective, &stocked));
    warnings.sort();
    let find = |id: &String| market.store_ids.find(id);
    let others = design
        .controls
        .concat()
        .into_iter()
        .chain(valued.misses.iter().filter_map(|miss| find(&miss.store_id)))
        .collect();
    let mut notes = notes(&Sources {
        market,
        forecast,
        settings,
        stated: &stated,
        chosen: &stores,
        cannibalised: &captured.cannibalised,
        others,
        book: &valued.book,
    })?;
    notes.remarks.clone_from(&valued.remarks);
    let plan = Plan {
        schema: plan::SCHEMA.into(),
        run_id: String::new(),
        scenario: settings.name.clone(),
        status: if objective.gap <= PROVEN { Status::Proven } else { Status::Gap },
        objective,
        stores: chosen(market, &stores, &captured.demand, &design, &valued),
        stock: stock_lines(market, &samples, &stocked),
        not_chosen: valued.misses,
        worth: valued.worth,
        pilot: design.design,
        bound_verified: false,
        warnings,
    };
    let mut certificate = certificate(market, &stated, &placed, &touching);
    if let (Certificate::Profit { assignments, .. }, Some(tossed)) = (&mut certificate, &tossed) {
        *assignments = coin::stocked(market, settings, &stated, &tossed.pairs)?;
    }
    let samples = match &mut stated.problem {
        // Kept whole: what is verified for profit is verified over all candidates.
        Problem::Profit { samples: all, .. } => std::mem::replace(all, empty(&samples)),
        Problem::Assignment(_) => samples.clone(),
    };
    Ok(Outcome::Solved(Box::new(Solved { plan, certificate, samples, notes, cut: placed.cut, nodes: placed.nodes })))
}

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
            let known = by_stores.then(|| placement::profit::local_search(rules, problem, None)).flatten();
            if let Some(guard) = stated.guard {
                return hedged(&joint, guard.measure, known, gap, &stop, progress);
            }
            let (placed, relaxation) = joint::solve(&joint, known, gap, &stop, progress)?;
            Ok((placed, Touching::of(relaxation)))
        }
    }
}

/// The placement where the worst outcomes count.
fn hedged(
    joint: &Joint<'_>,
    measure: Measure,
    known: Option<Vec<Site>>,
    gap: f64,
    stop: &Stop,
    progress: &dyn Progress,
) -> Result<(Placed, Touching), EngineError> {
    Ok(match hedge::solve(joint, measure, known, gap, stop, progress)? {
        Answer::Found(found) => {
            let touching = Touching::of(found.bounded.relaxation.clone());
            (found.placed.clone(), Touching { hedge: Some(found), ..touching })
        }
        Answer::Below { most, bound } => {
            (Placed::bare(0.0, 0.0), Touching { below: Some(Below { most, bound }), ..Touching::default() })
        }
        Answer::Nothing(placed) => (*placed, Touching::default()),
    })
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
    prices: Prices,
    around: Vec<Site>,
    /// What the budgets of stock pay back.
    constant: f64,
    /// The names of the rows that were searched under.
    rows: Vec<String>,
    /// Where the worst outcomes count: the plan with its stock, and the weights.
    hedge: Option<Box<Found>>,
    /// Where no plan keeps the floor.
    below: Option<Below>,
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
    most: f64,
    bound: f64,
}

impl Below {
    /// Where no store may be chosen.
    fn of_nothing(guard: Option<Guard>) -> Option<Self> {
        let Aim::Floor(floor) = guard?.measure.aim else { return None };
        (floor > 0.0).then_some(Self { most: 0.0, bound: 0.0 })
    }

    fn conflict(&self, settings: &Settings) -> Result<Conflict, EngineError> {
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

/// How the plan fares in its worst outcomes; bonuses are no money.
fn risk_value(settings: &Settings, stated: &Stated, open: &[Site], found: &Found) -> Option<RiskValue> {
    let (risk, bonus) = (settings.objective.risk.as_ref()?, stated.stay.kept(open));
    Some(RiskValue {
        tail: risk.tail.fraction,
        weight: risk.weight,
        at_least: risk.at_least.map(|floor| floor.major()),
        cvar: found.hedged.score.cvar - bonus,
        mean: found.hedged.score.mean - bonus,
    })
}

/// Where no store was worth opening: stores that would be if stock had no rules, when that is why. What stands in the
/// way is told of them.
fn unstocked(stated: &Stated, placed: &Placed, touching: &Touching) -> Option<Vec<Site>> {
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

/// What chosen stores capture beside each other.
struct Captured {
    /// D, `chosen x devices`.
    demand: Array2<f64>,
    /// D / F.
    factors: Array2<f64>,
    /// 1 - sum D / sum F, by store.
    cannibalised: Vec<f64>,
}

/// The samples of the chosen stores alone, and what they capture.
fn captured(
    market: &Market,
    forecast: &Forecast,
    settings: &Settings,
    stated: &Stated,
    open: &[Site],
    stores: &[Idx<Store>],
) -> Result<(DemandSamples, Captured), EngineError> {
    let rows: Vec<usize> = open.iter().map(|&site| site as usize).collect();
    let (samples, demand, alone) = match &stated.problem {
        Problem::Profit { problem, samples, .. } => {
            let alone = problem.capture.alone.select(Axis(0), &rows);
            (samples.select(&rows), problem.capture.demand(&rows), alone)
        }
        Problem::Assignment(_) => {
            let samples = formulate::samples(market, forecast, settings, stores, DECISION, settings.demand.samples)?;
            let ground = Ground::of(market, settings, &market.travel_times(), stores, &samples.zone_rate)?;
            let mut alone = samples.mean();
            ground.unreachable().into_iter().for_each(|at| alone.row_mut(at).fill(0.0));
            let model = ground.calibrated(settings, alone.clone(), settings.capture.beta_per_minute)?;
            let all: Vec<usize> = (0..stores.len()).collect();
            (samples, model.demand(&all), alone)
        }
    };
    let cannibalised = (0..stores.len())
        .map(|at| {
            let (left, whole) = (demand.row(at).sum(), alone.row(at).sum());
            if whole > 0.0 { (1.0 - left / whole).max(0.0) } else { 0.0 }
        })
        .collect();
    let factors = stock::factors(&demand, &alone);
    Ok((samples, Captured { demand, factors, cannibalised }))
}

/// The objective in the unit that a person reads.
pub(crate) fn objective(stated: &Stated, settings: &Settings, placed: &Placed, interval: [f64; 2]) -> ObjectiveValue {
    let kind = settings.objective.kind;
    let (value, bound) =
        placed.exact.map_or((placed.value, placed.bound), |(value, bound)| (value as f64, bound as f64));
    let open = placed.open.as_deref().unwrap_or_default();
    let (unit, value, bound, reached, stay_bonus) = match &stated.problem {
        Problem::Profit { .. } => {
            // Of pairs, half the members are open at a time.
            let part = if stated.pilot.comparison.randomised { 0.5 } else { 1.0 };
            (stated.base.code().to_owned(), value, bound, None, part * stated.stay.kept(open))
        }
        Problem::Assignment(problem) => {
            // Zones of stores that stay come last and hold no people.
            let zones = problem.zones() - stated.stay.sites.len();
            let people: u64 = problem.weights[..zones].iter().sum();
            let people = people as f64;
            if kind == ObjectiveKind::Coverage {
                let (most, kept) = (people + stated.stay.kept(open) + stated.stay.lost(open), stated.stay.kept(open));
                ("people".into(), most - value, most - bound, Some(most - value - kept), kept)
            } else {
                let (value, bound, lost) = (value / 1000.0, bound / 1000.0, stated.stay.lost(open) / 1000.0);
                let reached = (people > 0.0).then(|| (value - lost) / people);
                ("people x minutes".into(), value, bound, reached, lost)
            }
        }
    };
    let gap = plan::gap(value, bound);
    ObjectiveValue {
        kind,
        law: settings.capture.law,
        unit,
        value,
        bound,
        gap,
        reached,
        stay_bonus,
        interval,
        risk: None,
    }
}

/// What a reader has to know of the search and the stock.
fn cautions(settings: &Settings, objective: &ObjectiveValue, stocked: &Stocked) -> Vec<Warning> {
    let mut cautions = Vec::new();
    if objective.gap > settings.gap().max(PROVEN) {
        let text = format!(
            "The search ended with a gap of {:.2} %: this plan reaches {:.0} {unit}, and none reaches better than {:.0} {unit}.",
            100.0 * objective.gap,
            objective.value,
            objective.bound,
            unit = objective.unit,
        );
        cautions.push(Warning { code: "W-OPT-001".into(), text });
    }
    if !stocked.exact {
        let text = "The stock under its budgets is the best found, not proven to be the best.".to_owned();
        cautions.push(Warning { code: "W-OPT-002".into(), text });
    }
    cautions
}

/// Chosen stores by rank.
fn chosen(
    market: &Market,
    stores: &[Idx<Store>],
    demand: &Array2<f64>,
    design: &Design,
    valued: &Valued<'_>,
) -> Vec<ChosenStore> {
    let mut order: Vec<usize> = (0..stores.len()).collect();
    order.sort_by_key(|&at| (std::cmp::Reverse(valued.expected[at].minor), at));
    order
        .into_iter()
        .zip(1..)
        .map(|(at, rank)| {
            let facts = &market.stores[stores[at].at()];
            ChosenStore {
                store_id: market.store_ids.name(stores[at]).to_owned(),
                market: market.market_ids.name(facts.market).to_owned(),
                lat: facts.place.lat,
                lon: facts.place.lon,
                rank,
                expected_profit: valued.expected[at],
                interval: valued.intervals[at],
                demand_units_per_week: demand.row(at).sum(),
                share_of_scenarios: valued.shares[at],
                controls: design.controls[at].iter().map(|&store| market.store_ids.name(store).to_owned()).collect(),
            }
        })
        .collect()
}

/// Opening stock by store id, then device; what is not held is not listed.
fn stock_lines(market: &Market, samples: &DemandSamples, stocked: &Stocked) -> Vec<StockLine> {
    stocked
        .lines
        .iter()
        .zip(&stocked.units)
        .filter(|(_, units)| **units > 0)
        .map(|(line, &units)| StockLine {
            store_id: market.store_ids.name(samples.stores[line.store]).to_owned(),
            device: market.device_ids.name(samples.devices[line.device]).to_owned(),
            units,
            service_level: line.window.service_level(units),
            fill_rate: line.window.alike().fill_rate(units),
        })
        .collect()
}

/// The proof, with ids in the place of sites.
fn certificate(market: &Market, stated: &Stated, placed: &Placed, touching: &Touching) -> Certificate {
    let id = |site: Site| market.store_ids.name(stated.candidates[site as usize]).to_owned();
    let Problem::Assignment(_) = &stated.problem else {
        let proof = placed.guide.as_ref().map(|guide| guided(market, stated, guide, touching));
        let Touching { prices, around, .. } = touching;
        let around = around.iter().map(|&site| id(site)).collect();
        let stock = StockPrices { money: prices.money, units: prices.units, around };
        let risk = touching.hedge.as_ref().map(|hedge| RiskWeights {
            price: hedge.bounded.guard.price,
            weights: hedge.bounded.weights.clone().unwrap_or_default(),
        });
        let (bound, nodes) = (placed.bound, placed.nodes);
        return Certificate::Profit { bound, nodes, stock, proof, risk, assignments: Vec::new() };
    };
    let proof = placed.proof.clone().unwrap_or_else(|| unproven(placed));
    Certificate::Assignment(proof.certificate(&stated.rules.rows, id))
}

/// The guide, with ids in the place of sites.
fn guided(market: &Market, stated: &Stated, guide: &Guide, touching: &Touching) -> ProfitCertificate {
    let id = |site: Site| market.store_ids.name(stated.candidates[site as usize]).to_owned();
    let point = |point: &Point| ProfitPoint {
        y: point.y.iter().map(|&(site, y)| (id(site), y)).collect(),
        rows: point.rows.iter().map(|&(row, price)| (touching.rows[row].clone(), price)).collect(),
    };
    let points = |points: &[Point]| points.iter().map(point).collect();
    let parts = guide.parts.iter();
    ProfitCertificate {
        shows: guide.shows.map(|shows| shows + touching.constant),
        first: points(&guide.first),
        parts: parts.map(|(at, split)| ProfitPart { points: points(at), split: split.map(id) }).collect(),
    }
}

/// A claim without a proof: a checker won't confirm it, and the plan says so.
fn unproven(placed: &Placed) -> Proof {
    let bound = placed.exact.map_or(0, |exact| exact.1);
    Proof { bound, ..Proof::default() }
}

/// No samples, of the same devices.
fn empty(samples: &DemandSamples) -> DemandSamples {
    samples.select(&[])
}
