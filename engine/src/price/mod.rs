//! What each part of a decision is worth: every rule, having looked at uncertainty, and knowing demand.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | \[v, b\] | [`Best::value`], [`Best::bound`]: what the best plan found earns, and what none exceeds | base-currency major units |
//! | \[v', b'\] | the same of the problem with one rule changed | the same |
//!
//! A MIP's duals are no prices of its rules, so a rule's price is that of deciding again without it, to the same proof: what
//! a plan without the rule earns more lies in \[v' - b, b' - v\], and what one store fewer costs in \[v - b', b - v'\]. A rule is
//! dropped in the settings, where it is stated, and all that follows from it is stated anew. Fewer rules never earn less,
//! so prices are 0 or more, and the plan with the rule is one without it. Prices of several rules do not add up.
//!
//! What deciding over samples is worth, and what knowing demand would be, is in [`luck`].

use domain::forecast::Forecast;
use domain::ids::Idx;
use domain::market::{Market, Store};
use domain::plan::{self, Plan};
use domain::problem::Site;
use domain::settings::Settings;
use domain::stop::{Event, Progress, Silent, Stop};

pub mod learning;
pub mod luck;
pub mod rules;

use learning::Learning;
use luck::{Foresight, MeanDemand};
use rules::Rule;

use crate::formulate::{self, Formulated, Problem, Stated};
use crate::solve::{PROVEN, joint, place};
use crate::{Conflict, EngineError};

/// Of the time given, one part each for the plan, each rule and mean demand, and so many for the samples by themselves.
const PARTS_FORESIGHT: u32 = 3;

/// What the parts of a decision are worth, in base-currency major units.
#[derive(Debug, Clone, PartialEq)]
pub struct Priced {
    /// The base currency.
    pub unit: String,
    /// The run's plan; where its search had been cut short, the decision taken again.
    pub plan: Best,
    /// Every rule that is stated.
    pub rules: Vec<RulePrice>,
    /// Beside deciding on mean demand; none where that was not reached, or mean demand leaves no plan.
    pub mean_demand: Option<MeanDemand>,
    /// Beside deciding once demand is known; none where that was not reached.
    pub foresight: Option<Foresight>,
    /// What the pilot's sales are worth to who opens other stores after it; none where there are no others.
    pub learning: Option<Learning>,
}

/// The best plan found, and what none exceeds.
#[derive(Debug, Clone, PartialEq)]
pub struct Best {
    /// What it earns.
    pub value: f64,
    /// What no plan exceeds.
    pub bound: f64,
    /// Its stores, ascending.
    pub stores: Vec<Idx<Store>>,
    /// Whether the gap asked for was reached.
    pub settled: bool,
}

/// A rule and its price.
#[derive(Debug, Clone, PartialEq)]
pub struct RulePrice {
    /// The rule, and how it was changed.
    pub rule: Rule,
    /// What came of it.
    pub answer: Answer,
}

/// What came of changing a rule.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// Another decision.
    Priced(Price),
    /// No plan is left, and these rules say why, where one can say so.
    NoPlan(Vec<Conflict>),
    /// The time was over before.
    NotReached,
}

/// A price.
#[derive(Debug, Clone, PartialEq)]
pub struct Price {
    /// What the rule, or the last store, is worth: at least and at most.
    pub interval: [f64; 2],
    /// Whether both decisions reached the gap asked for.
    pub settled: bool,
    /// The other decision.
    pub plan: Best,
}

impl Price {
    /// Whether the rule may as well not be there: its price is less than gaps blur.
    #[must_use]
    pub fn idle(&self) -> bool {
        self.settled && self.interval[0] <= 0.0
    }
}

/// Whose worth is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case<'a> {
    pub(crate) market: &'a Market,
    pub(crate) forecast: &'a Forecast,
    pub(crate) settings: &'a Settings,
}

/// Prices a plan's rules, and what is known of demand, with `samples_max` samples decided each by itself. None where
/// money is not what is sought.
///
/// # Errors
/// As [`crate::solve::solve`].
pub fn price(
    market: &Market,
    forecast: &Forecast,
    settings: &Settings,
    plan: &Plan,
    samples_max: usize,
    stop: &Stop,
    progress: &dyn Progress,
) -> Result<Option<Priced>, EngineError> {
    let case = Case { market, forecast, settings };
    let rules = rules::stated(market, settings);
    let mut open: Vec<Idx<Store>> =
        plan.stores.iter().filter_map(|store| market.store_ids.find(&store.store_id)).collect();
    open.sort_unstable();
    let stage = |name: &str| progress.say(Event::Stage { name });
    // What is left to do shares the time that is left: the plan, the rules, two counts of stores, demand.
    let mut left = u32::try_from(rules.len()).unwrap_or(u32::MAX).saturating_add(4 + PARTS_FORESIGHT);
    let mut next = || {
        left -= 1;
        shared(stop, left + 1)
    };
    stage("stating the problem");
    let Formulated::Stated(stated) = formulate::formulate(market, forecast, settings)? else {
        return Err(EngineError::NothingFound);
    };
    if !matches!(stated.problem, Problem::Profit { .. }) {
        return Ok(None);
    }
    let known = &plan.objective;
    let with = if known.gap <= settings.gap().max(PROVEN) {
        Best { value: known.value, bound: known.bound, stores: open.clone(), settled: true }
    } else {
        stage("deciding again");
        best(&stated, settings, &open, &next())?.ok_or(EngineError::NothingFound)?
    };
    let mut prices = Vec::new();
    for rule in rules.into_iter().chain(rules::counts(settings, &stated, &with)) {
        if stop.now(0).is_some() {
            prices.push(RulePrice { rule, answer: Answer::NotReached });
            continue;
        }
        stage(&rule.key());
        prices.push(priced(case, rule, &with, &next())?);
    }
    let (mut mean_demand, mut foresight) = (None, None);
    // Where no store may be chosen, demand decides nothing; of pairs it is not worked out; where the worst outcomes count,
    // what a sample by itself is worth says nothing of them.
    let asked = stated.rules.open_max > 0 && stated.guard.is_none() && !stated.pilot.comparison.randomised;
    if asked && stop.now(0).is_none() {
        stage("deciding on mean demand");
        mean_demand = luck::mean_demand(case, &stated, &with, &next())?;
    }
    if asked && stop.now(0).is_none() {
        stage("deciding sample by sample");
        foresight = luck::foresight(case, &stated, plan, &open, samples_max, stop)?;
    }
    stage("what the pilot teaches");
    let learning = match sites(&stated, &open) {
        Some(open) => learning::learning(case, &stated, &open)?,
        None => None,
    };
    let unit = stated.base.code().to_owned();
    Ok(Some(Priced { unit, plan: with, rules: prices, mean_demand, foresight, learning }))
}

/// An equal part of the time that is left, for one of `count` pieces of work.
pub(crate) fn shared(stop: &Stop, count: u32) -> Stop {
    let deadline = stop.deadline.map(|deadline| {
        let now = stop.clock.elapsed();
        now + deadline.saturating_sub(now) / count.max(1)
    });
    Stop { deadline, ..stop.clone() }
}

/// The price of a rule, beside the decision with it.
fn priced(case: Case<'_>, rule: Rule, with: &Best, stop: &Stop) -> Result<RulePrice, EngineError> {
    let (market, settings) = rule.changed(case.market, case.settings);
    let other = match formulate::formulate(&market, case.forecast, &settings)? {
        Formulated::Infeasible(conflicts) => return Ok(RulePrice { rule, answer: Answer::NoPlan(conflicts) }),
        Formulated::Stated(stated) => best(&stated, &settings, &with.stores, stop)?,
    };
    let Some(plan) = other else { return Ok(RulePrice { rule, answer: Answer::NoPlan(Vec::new()) }) };
    let (more, less) = if rule.tightens() { (with, &plan) } else { (&plan, with) };
    let interval = [more.value - less.bound, more.bound - less.value].map(|price| price.max(0.0));
    let settled = with.settled && plan.settled;
    Ok(RulePrice { rule, answer: Answer::Priced(Price { interval, settled, plan }) })
}

/// The best plan of a problem: at least as good as `known`, where the rules allow it. None where there is no plan.
fn best(stated: &Stated, settings: &Settings, known: &[Idx<Store>], stop: &Stop) -> Result<Option<Best>, EngineError> {
    let (placed, _) = place(stated, settings.gap(), settings.solver.nodes_max, stop, &Silent)?;
    let mut found = placed.open.map(|open| (placed.value, open));
    if let Some(open) = sites(stated, known).filter(|open| stated.rules.allow(open))
        && let Some(joint) = joint(stated)
        && let Some((value, _)) = joint.value(&open)?
        && found.as_ref().is_none_or(|found| value > found.0)
    {
        found = Some((value, open));
    }
    let Some((value, open)) = found else {
        return if placed.cut.is_none() { Ok(None) } else { Err(EngineError::NothingFound) };
    };
    let bound = placed.bound.max(value);
    let stores = open.iter().map(|&site| stated.candidates[site as usize]).collect();
    let settled = plan::gap(value, bound) <= settings.gap().max(PROVEN);
    Ok(Some(Best { value, bound, stores, settled }))
}

/// The sites of stores (ascending); none where one is no candidate.
fn sites(stated: &Stated, stores: &[Idx<Store>]) -> Option<Vec<Site>> {
    let site = |store: &Idx<Store>| Site::try_from(stated.candidates.binary_search(store).ok()?).ok();
    stores.iter().map(site).collect()
}
