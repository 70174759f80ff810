//! What deciding stores and stock together is worth, against markets with a known truth.
//!
//! | symbol | what | unit |
//! |---|---|---|
//! | Pi_s(x, q) | true expected profit of placement x with stock q in world s, over 2,000 fresh draws | US dollars |
//!
//! Shelves are [`SHELVES`] of what the chain has; opening stock may cost [`MONEY`] and be [`UNITS`] of what the plan without
//! budgets holds. *Together*: the plan, as `cornerstone plan` decides it. *One after the other*: stores by what each device
//! earns with all the stock that it likes (v D), then their stock within shelves and budgets, then controls. *Knows the truth*:
//! [`simulate::World::oracle_within`]. Both decisions see the same tables, and a world's draws are the same for all three, so
//! differences are taken by world.

use std::io::{self, Write};

use domain::forecast::Forecast;
use domain::market::Market;
use domain::plan::Plan;
use domain::settings::Settings;
use domain::stop::{Silent, Stop};
use domain::units::Money;
use engine::formulate::{Formulated, Problem, formulate};
use simulate::{Decision, StockBudget, World, WorldSize};

use super::QualityError;
use super::placement::{DRAWS, STORES_MAX, decision, scenario, summary};

/// Of the chain's shelves.
const SHELVES: f64 = 0.35;
/// Of what stock without budgets costs, and of its units.
const MONEY: f64 = 0.55;
const UNITS: f64 = 0.60;
/// Nodes of each search, so that the table can be made again.
const NODES_MAX: u64 = 200;
/// Two standard errors on either side, about: the 97.5 % point of the normal distribution.
const INTERVAL: f64 = 1.96;

/// What one world showed, US dollars.
struct Shown {
    law: &'static str,
    oracle: f64,
    /// True profit, together and one after the other.
    earned: [f64; 2],
    /// What each plan's own samples say.
    claimed: [f64; 2],
    same_stores: bool,
}

/// Prints what both decisions earn in `worlds` worlds of `stores` stores.
///
/// # Errors
/// A step that failed.
pub fn decisions(worlds: usize, stores: usize) -> Result<(), QualityError> {
    let mut shown = Vec::with_capacity(worlds);
    for seed in 1..=worlds as u64 {
        let world = one(seed, stores)?;
        writeln!(
            io::stderr().lock(),
            "world {seed:>3} {:<11} knows the truth {:>8.0} | together {:.0} (claims {:.0}) | one after the other {:.0} (claims {:.0})",
            world.law,
            world.oracle,
            world.earned[0],
            world.claimed[0],
            world.earned[1],
            world.claimed[1]
        )?;
        shown.push(world);
    }
    print(&shown, stores)?;
    Ok(())
}

fn one(seed: u64, stores: usize) -> Result<Shown, QualityError> {
    let world = World::new(&WorldSize::demo(stores), seed).with_shelves(SHELVES);
    let folder = tempfile::tempdir()?;
    let (mut settings, tables) = scenario(&world, folder.path())?;
    let market = ingest::load(&tables, folder.path(), &settings).map_err(QualityError::Tables)?.market;
    let panel = cluster::forecast_panel(&market.sales, settings.horizon_weeks as usize, 52)?;
    let forecast = engine::fit::fit(&market, &panel, &settings).map_err(engine::EngineError::from)?;
    let free = plan(seed, &market, &forecast, &settings)?;
    let (cost, units) = stock_of(&market, &settings, &free)?;
    let base = free.worth.expected_profit.currency;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "non-negative; a cast saturates")]
    let (money_max, units_max) = ((100.0 * MONEY * cost).round() as i64, (UNITS * units).round() as u64);
    settings.budget.stock = Some(Money { minor: money_max, currency: base });
    settings.budget.stock_units = Some(units_max);
    let budget = StockBudget { money: money_max as f64 / 100.0, units: units_max as f64 };
    let together = plan(seed, &market, &forecast, &settings)?;
    // Stores first.
    let Formulated::Stated(stated) = formulate(&market, &forecast, &settings)? else {
        return Err(QualityError::Infeasible(seed));
    };
    let Problem::Profit { problem, .. } = &stated.problem else { return Err(QualityError::Infeasible(seed)) };
    let placed = engine::placement::profit::solve(&stated.rules, problem, settings.gap(), &stop(), &Silent)
        .map_err(engine::EngineError::from)?;
    let open = placed.open.ok_or(QualityError::Infeasible(seed))?;
    let ids = open.iter().map(|&site| market.store_ids.name(stated.candidates[site as usize]).to_owned());
    let mut given = settings.clone();
    given.placement.require = ids.collect();
    given.placement.stores_max = u32::try_from(open.len()).ok();
    let after = plan(seed, &market, &forecast, &given)?;
    let decisions = [decision(&together), decision(&after)];
    let mut earned = [0.0; 2];
    for (slot, decision) in earned.iter_mut().zip(&decisions) {
        *slot = world.true_profit(decision, DRAWS)?.mean;
    }
    let starts = decisions.each_ref().map(|decision| decision.stores.clone());
    let best = world.oracle_within(STORES_MAX, &starts, budget)?;
    let stock = world.stock_within(&best, budget)?;
    let oracle = world.true_profit(&Decision { stores: best, stock }, DRAWS)?.mean;
    let sorted = |at: usize| {
        let mut stores = starts[at].clone();
        stores.sort_unstable();
        stores
    };
    Ok(Shown {
        law: world.true_law(),
        // Nobody who knows the truth does worse than one who does not.
        oracle: earned.iter().copied().fold(oracle, f64::max),
        earned,
        claimed: [together.objective.value, after.objective.value],
        same_stores: sorted(0) == sorted(1),
    })
}

fn stop() -> Stop {
    Stop { nodes_max: NODES_MAX, ..Stop::default() }
}

fn plan(seed: u64, market: &Market, forecast: &Forecast, settings: &Settings) -> Result<Plan, QualityError> {
    match engine::solve::solve(market, forecast, settings, &stop(), &Silent)? {
        engine::Outcome::Solved(solved) => Ok(solved.plan),
        engine::Outcome::Infeasible(_) => Err(QualityError::Infeasible(seed)),
    }
}

/// What a plan's opening stock costs in the base currency, and its units.
fn stock_of(market: &Market, settings: &Settings, plan: &Plan) -> Result<(f64, f64), QualityError> {
    let (mut cost, mut units) = (0.0, 0.0);
    for line in &plan.stock {
        let store = market.store_ids.find(&line.store_id);
        let device = market.device_ids.find(&line.device);
        let terms = store.zip(device).and_then(|(store, device)| {
            let terms = market.terms(device, market.stores[store.at()].market)?;
            Some(terms.unit_cost.major() * settings.rate(terms.unit_cost.currency)?)
        });
        cost += terms.unwrap_or(0.0) * f64::from(line.units);
        units += f64::from(line.units);
    }
    Ok((cost, units))
}

fn print(shown: &[Shown], stores: usize) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let of = |value: &dyn Fn(&Shown) -> f64| summary(&shown.iter().map(value).collect::<Vec<_>>());
    let interval = |(mean, error): (f64, f64)| {
        let wide = INTERVAL * error;
        format!("{:.2} ({:.2} to {:.2})", mean / 1e3, (mean - wide) / 1e3, (mean + wide) / 1e3)
    };
    writeln!(
        out,
        "\nAt most {STORES_MAX} stores and their stock, mean of {} worlds of {stores} stores, thousands of dollars (95 % interval over worlds). \
         Shelves {:.0} % of the chain's, money {:.0} % and units {:.0} % of what stock without budgets takes.\n",
        shown.len(),
        100.0 * SHELVES,
        100.0 * MONEY,
        100.0 * UNITS
    )?;
    writeln!(out, "| decision | true profit | regret | regret, % | its own samples say |")?;
    writeln!(out, "|---|--:|--:|--:|--:|")?;
    let oracle = of(&|world| world.oracle).0;
    writeln!(out, "| knows the truth | {:.2} | 0 | 0 | |", oracle / 1e3)?;
    for (at, name) in ["together", "one after the other"].into_iter().enumerate() {
        let regret = of(&|world| world.oracle - world.earned[at]);
        writeln!(
            out,
            "| {name} | {:.2} | {} | {:.1} | {:.2} |",
            of(&|world| world.earned[at]).0 / 1e3,
            interval(regret),
            100.0 * regret.0 / oracle,
            of(&|world| world.claimed[at]).0 / 1e3
        )?;
    }
    let ahead = of(&|world| world.earned[0] - world.earned[1]);
    let claimed = of(&|world| world.claimed[0] - world.claimed[1]);
    let wins = shown.iter().filter(|world| world.earned[0] > world.earned[1]).count();
    let losses = shown.iter().filter(|world| world.earned[0] < world.earned[1]).count();
    let worse = shown.iter().filter(|world| world.claimed[0] < world.claimed[1]).count();
    let same = shown.iter().filter(|world| world.same_stores).count();
    writeln!(
        out,
        "\nTogether is ahead by {} in true profit (ahead in {wins} worlds, behind in {losses}; the same stores in {same}), and by {} on the \
         samples that both are decided over (behind in {worse}).",
        interval(ahead),
        interval(claimed)
    )
}
