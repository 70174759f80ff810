//! Stores chosen now, the world known later: regret, and the plan that regrets least [kouvelis1997].
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | b | [`World`]: what nature decides; rules and budgets are those of its settings | |
//! | V_b, B_b | [`Robust::best`]: the best that is known there, and what none exceeds | base-currency major units |
//! | g_b(S) | [`Weighed::values`]: what the stores S earn there, and what no stock of theirs exceeds | the same |
//! | R_b(S) = max g_b - g_b(S) | [`Robust::regrets`], in \[V_b - most g_b(S), B_b - g_b(S)\] | the same |
//!
//! minimise over S: max over b of R_b(S), S allowed in every world.
//!
//! Stores are what is decided before the world is known. Whether stock is as well lies in how it is ordered: under
//! `stock.policy = "cycle"` corners are filled up again every few weeks, to levels that follow what is seen, so g_b decides
//! the stock again within the budgets of b. Under `single-order` all is bought at once: a plan then keeps its stock, and is
//! allowed in b only where that stock is within b's budgets and keeps its service level ([`kept`]). max g_b may always
//! choose its stock, since it is what one would have done had one known.
//!
//! Plans that are given are weighed, with the stores that most of them hold, and improved by exchanging stores
//! ([`search`]) for three ends: the least greatest regret, the greatest mean (all worlds alike), the greatest worst value.
//! Stores that no plan holds or nearly holds take no part. What is found is the best of what was looked at; how far below
//! it any choice of stores could go is bounded by a program ([`bound`]).

use domain::forecast::Forecast;
use domain::market::Market;
use domain::plan::Plan;
use domain::problem::Site;
use domain::settings::{Settings, StockPolicy};
use domain::stop::{Event, Progress, Stop};

mod bound;
mod kept;
mod search;

use kept::Held;
use search::{End, Search};

use crate::EngineError;
use crate::formulate::{self, Formulated, Stated};
use crate::joint::Joint;

/// Near misses of a plan that may take part.
const MISSES_MAX: usize = 8;

/// One way the world may be, with the best plan that is known there.
#[derive(Debug, Clone, Copy)]
pub struct World<'a> {
    /// Its tables.
    pub market: &'a Market,
    /// Its forecast.
    pub forecast: &'a Forecast,
    /// Its settings.
    pub settings: &'a Settings,
    /// Its plan, with its bound.
    pub plan: &'a Plan,
}

/// Plans weighed over the worlds.
#[derive(Debug, Clone, PartialEq)]
pub struct Robust {
    /// The base currency.
    pub unit: String,
    /// Whether stock is decided again in each world.
    pub stock_again: bool,
    /// V and B, by world.
    pub best: Vec<[f64; 2]>,
    /// Plans that were given, then those that were found.
    pub plans: Vec<Weighed>,
    /// Position of the plan with the least greatest regret; none where no plan is allowed in every world.
    pub least_regret: Option<usize>,
    /// Position of the plan with the greatest mean.
    pub most_mean: Option<usize>,
    /// Position of the plan with the greatest worst value.
    pub most_worst: Option<usize>,
    /// No choice of stores has a smaller greatest regret.
    pub regret_at_least: f64,
    /// Whether the search ended where no exchange of stores that take part improves.
    pub searched: bool,
}

/// A plan and what it is worth in each world.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighed {
    /// Positions among the given plans, worlds first; empty where it was found.
    pub given: Vec<usize>,
    /// Ids of its stores, ascending.
    pub stores: Vec<String>,
    /// The world that the kept stock of a plan that was found was decided in.
    pub stock_of: Option<usize>,
    /// By world: what it earns, and what no stock exceeds; none where it is not allowed.
    pub values: Vec<Option<[f64; 2]>>,
}

impl Robust {
    /// R of a plan by world, at least and at most; none where it is not allowed.
    #[must_use]
    pub fn regrets(&self, plan: &Weighed) -> Vec<Option<[f64; 2]>> {
        let regret = |(value, best): (&Option<[f64; 2]>, &[f64; 2])| {
            let [earned, most] = (*value)?;
            Some([(best[0] - most).max(0.0), (best[1] - earned).max(0.0)])
        };
        plan.values.iter().zip(&self.best).map(regret).collect()
    }
}

/// Weighs the plans of the worlds and `others` in every world, and looks for better ones. None where mean profit by
/// itself is not what is sought.
///
/// # Errors
/// As [`crate::solve::solve`].
pub fn robust(
    worlds: &[World<'_>],
    others: &[&Plan],
    stop: &Stop,
    progress: &dyn Progress,
) -> Result<Option<Robust>, EngineError> {
    let stage = |name: &str| progress.say(Event::Stage { name });
    stage("stating the problem of each world");
    let mut stated = Vec::new();
    for world in worlds {
        match formulate::formulate(world.market, world.forecast, world.settings)? {
            Formulated::Stated(problem) => stated.push(problem),
            Formulated::Infeasible(_) => return Err(EngineError::NothingFound),
        }
    }
    let given: Vec<&Plan> = worlds.iter().map(|world| world.plan).chain(others.iter().copied()).collect();
    let Some(frame) = Frame::of(worlds, &stated, &given) else { return Ok(None) };
    stage("weighing the plans");
    let mut search = Search::new(&frame, stop);
    let mut from: Vec<Vec<usize>> = Vec::new();
    for (at, plan) in given.iter().enumerate() {
        let known = search.weigh(frame.given(plan))?;
        from.resize(search.plans.len(), Vec::new());
        from[known].push(at);
    }
    stage("looking for plans that regret less");
    search.consensus(worlds.len(), &given)?;
    for end in [End::Regret, End::Mean, End::Worst] {
        search.improve(end)?;
    }
    let searched = search.ended;
    // What was found may be better than what was known, within the gap.
    let best: Vec<[f64; 2]> =
        (0..worlds.len()).map(|at| [search.best[at], frame.bounds[at].max(search.best[at])]).collect();
    let [least_regret, most_mean, most_worst] = [End::Regret, End::Mean, End::Worst].map(|end| search.leader(end));
    stage("bounding the regret");
    let regret_at_least = bound::least_regret(&frame, &search.best)?;
    from.resize(search.plans.len(), Vec::new());
    let named = |(plan, given): (&search::Known, Vec<usize>)| Weighed {
        given,
        stores: plan.choice.stores.iter().map(|&store| frame.pool[store].clone()).collect(),
        stock_of: plan.choice.stock_of,
        values: plan.values.iter().map(|value| value.map(|(earned, most)| [earned, most])).collect(),
    };
    let plans: Vec<Weighed> = search.plans.iter().zip(from).map(named).collect();
    // Only what someone asks for is told of what was found on the way.
    let leaders = [least_regret, most_mean, most_worst];
    let told: Vec<usize> =
        (0..plans.len()).filter(|&at| !plans[at].given.is_empty() || leaders.contains(&Some(at))).collect();
    let place = |leader: Option<usize>| leader.and_then(|at| told.binary_search(&at).ok());
    Ok(Some(Robust {
        unit: stated[0].base.code().to_owned(),
        stock_again: frame.again,
        best,
        least_regret: place(least_regret),
        most_mean: place(most_mean),
        most_worst: place(most_worst),
        plans: told.iter().map(|&at| plans[at].clone()).collect(),
        regret_at_least,
        searched,
    }))
}

/// A choice of stores, with its stock where that is kept.
#[derive(Debug, Clone, PartialEq)]
struct Choice {
    /// Positions in the pool, ascending.
    stores: Vec<usize>,
    /// The stock that is kept.
    held: Option<Held>,
    /// The world that it was decided in, if it was decided here.
    stock_of: Option<usize>,
}

/// A world as it is searched.
#[derive(Debug)]
struct Case<'a> {
    world: World<'a>,
    stated: &'a Stated,
    joint: Joint<'a>,
    /// By position in the pool; none where the store is no candidate here.
    sites: Vec<Option<Site>>,
}

/// Worlds and the stores that take part.
#[derive(Debug)]
struct Frame<'a> {
    cases: Vec<Case<'a>>,
    /// Ids, ascending.
    pool: Vec<String>,
    /// What the plan of each world reached.
    known: Vec<f64>,
    /// B, by world.
    bounds: Vec<f64>,
    /// Whether stock is decided again in each world.
    again: bool,
}

impl<'a> Frame<'a> {
    fn of(worlds: &[World<'a>], stated: &'a [Box<Stated>], given: &[&Plan]) -> Option<Self> {
        let mut pool: Vec<String> = Vec::new();
        for plan in given {
            pool.extend(plan.stores.iter().map(|store| store.store_id.clone()));
            pool.extend(plan.not_chosen.iter().take(MISSES_MAX).map(|miss| miss.store_id.clone()));
        }
        pool.sort_unstable();
        pool.dedup();
        let mut cases = Vec::new();
        for (&world, stated) in worlds.iter().zip(stated) {
            let site = |id: &String| {
                let store = world.market.store_ids.find(id)?;
                Site::try_from(stated.candidates.binary_search(&store).ok()?).ok()
            };
            let sites = pool.iter().map(site).collect();
            // What plans reach where the worst outcomes count is no money that could be compared.
            let joint = crate::solve::joint(stated).filter(|joint| joint.guard.is_none())?;
            cases.push(Case { world, stated, joint, sites });
        }
        let again = worlds.iter().all(|world| world.settings.stock.policy == StockPolicy::Cycle);
        let known = worlds.iter().map(|world| world.plan.objective.value).collect();
        let bounds = worlds.iter().map(|world| world.plan.objective.bound).collect();
        (!cases.is_empty()).then_some(Self { cases, pool, known, bounds, again })
    }

    /// A plan as a choice.
    fn given(&self, plan: &Plan) -> Choice {
        let at = |id: &String| self.pool.binary_search(id).ok();
        let mut stores: Vec<usize> = plan.stores.iter().filter_map(|store| at(&store.store_id)).collect();
        stores.sort_unstable();
        let line = |line: &domain::plan::StockLine| Some(((at(&line.store_id)?, line.device.clone()), line.units));
        let held = (!self.again).then(|| plan.stock.iter().filter_map(line).collect::<Held>());
        Choice { stores, held, stock_of: None }
    }

    /// The choices of some stores: one, or one per world that their stock may be decided in.
    fn choices(&self, stores: &[usize]) -> Result<Vec<Choice>, EngineError> {
        if self.again {
            return Ok(vec![Choice { stores: stores.to_vec(), held: None, stock_of: None }]);
        }
        let mut choices: Vec<Choice> = Vec::new();
        for (at, case) in self.cases.iter().enumerate() {
            if let Some(held) = case.stocked(stores)? {
                choices.push(Choice { stores: stores.to_vec(), held: Some(held), stock_of: Some(at) });
            }
        }
        Ok(choices)
    }
}

impl Case<'_> {
    /// The sites of stores, ascending; none where one is no candidate here, or the rules forbid them together.
    fn open(&self, stores: &[usize]) -> Option<Vec<Site>> {
        let mut open: Vec<Site> = stores.iter().map(|&store| self.sites[store]).collect::<Option<_>>()?;
        open.sort_unstable();
        self.joint.rules.allow(&open).then_some(open)
    }

    /// What a choice earns here, and what none of its stocks exceeds; none where it is not allowed.
    fn value(&self, choice: &Choice) -> Result<Option<(f64, f64)>, EngineError> {
        let Some(open) = self.open(&choice.stores) else { return Ok(None) };
        match &choice.held {
            None => self.joint.value(&open),
            Some(held) => self.kept(&open, &choice.stores, held),
        }
    }

    /// What no stock of these stores exceeds here; minus infinity where they are not allowed.
    fn at_most(&self, stores: &[usize]) -> f64 {
        self.open(stores).map_or(f64::NEG_INFINITY, |open| self.joint.at_most(&open))
    }
}
