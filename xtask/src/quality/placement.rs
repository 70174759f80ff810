//! Decisions held against markets with a known truth.
//!
//! | symbol | what | unit |
//! |---|---|---|
//! | Pi_s(x) | true expected profit of placement x in world s, over 2,000 fresh draws | US dollars |
//! | regret | Pi_s(oracle) - Pi_s(x), averaged over the worlds | US dollars |
//!
//! Every placement gets the stock that the true distribution advises, so that the placement alone is
//! compared; the plan is measured with its own stock besides. The oracle knows the distribution, not
//! the draws, and looks at every other placement too, so no regret is negative.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use domain::forecast::Forecast;
use domain::market::Market;
use domain::settings::Settings;
use domain::stop::{Silent, Stop};
use ingest::Tables;
use simulate::{Decision, SimulateError, World, WorldSize};

use super::QualityError;

/// Draws behind every true profit.
pub(super) const DRAWS: usize = 2_000;
/// Stores that each method may open.
pub(super) const STORES_MAX: usize = 12;
/// Nodes of the search tree per world: a budget of work, so that the table can be made again.
const NODES_MAX: u64 = 2_000;

/// The methods, in the order of the table; the first is the one to judge.
const METHODS: [&str; 6] =
    ["plan", "plan, its own stock", "top sales", "most populous", "greedy on forecast mean", "by lot"];

/// Placements that are also measured with the stock that the engine gives them, as the plan is.
const STOCKED: [&str; 3] = ["top sales", "most populous", "greedy on forecast mean"];

/// What one world showed.
struct Trial {
    stocked: [f64; STOCKED.len()],
    law: &'static str,
    oracle: f64,
    earned: [f64; METHODS.len()],
    promised: f64,
    interval_held: bool,
    kept_gap: bool,
}

/// Plans `seeds` worlds of `stores` stores, from their CSV tables as a user would, and prints what
/// each method would really have earned in them.
///
/// # Errors
/// A step that failed; or that the plan did not beat every rule of thumb on average.
pub fn placement(seeds: usize, stores: usize) -> Result<(), QualityError> {
    let mut trials = Vec::with_capacity(seeds);
    for seed in 1..=seeds as u64 {
        let trial = trial(seed, stores)?;
        let mut err = io::stderr().lock();
        write!(err, "world {seed:>2} {:<11} oracle {:>9.0}", trial.law, trial.oracle)?;
        for (method, earned) in METHODS.iter().zip(&trial.earned) {
            write!(err, " | {method} {earned:.0}")?;
        }
        writeln!(err)?;
        trials.push(trial);
    }
    print(&trials, stores)?;
    let mean = |method: usize| mean(trials.iter().map(|trial| trial.earned[method]));
    if let Some(method) = (2..METHODS.len()).find(|&method| mean(method) >= mean(0)) {
        return Err(QualityError::Beaten(METHODS[method]));
    }
    let stocked = |method: usize| self::mean(trials.iter().map(|trial| trial.stocked[method]));
    match (0..STOCKED.len()).find(|&method| stocked(method) >= mean(1)) {
        Some(method) => Err(QualityError::Beaten(STOCKED[method])),
        None => Ok(()),
    }
}

fn trial(seed: u64, stores: usize) -> Result<Trial, QualityError> {
    let world = World::new(&WorldSize::demo(stores), seed);
    let folder = tempfile::tempdir()?;
    let (settings, tables) = scenario(&world, folder.path())?;
    let market = ingest::load(&tables, folder.path(), &settings).map_err(QualityError::Tables)?.market;
    let panel = cluster::forecast_panel(&market.sales, settings.horizon_weeks as usize, 52)?;
    let forecast = engine::fit::fit(&market, &panel, &settings).map_err(engine::EngineError::from)?;
    let stop = Stop { nodes_max: NODES_MAX, ..Stop::default() };
    let engine::Outcome::Solved(solved) = engine::solve::solve(&market, &forecast, &settings, &stop, &Silent)? else {
        return Err(QualityError::Infeasible(seed));
    };
    let plan = solved.plan;
    let own = decision(&plan);
    let placements = [
        own.stores.clone(),
        world.top_sales(STORES_MAX),
        world.most_populous(STORES_MAX),
        greedy(&world, &market, &forecast, &settings),
        world.random(STORES_MAX, 0),
    ];
    let best_stock = |stores: &[String]| -> Result<f64, SimulateError> {
        let stock = world.stock_for(stores)?;
        Ok(world.true_profit(&Decision { stores: stores.to_vec(), stock }, DRAWS)?.mean)
    };
    let oracle = best_stock(&world.oracle_from(STORES_MAX, &placements)?)?;
    let by_own = world.true_profit(&own, DRAWS)?.mean;
    let [plan_earned, sales, populous, greedy, lot] = [
        best_stock(&placements[0])?,
        best_stock(&placements[1])?,
        best_stock(&placements[2])?,
        best_stock(&placements[3])?,
        best_stock(&placements[4])?,
    ];
    let mut stocked = [0.0; STOCKED.len()];
    for (earned, stores) in stocked.iter_mut().zip(&placements[1..]) {
        let mut settings = settings.clone();
        settings.placement.require.clone_from(stores);
        let engine::Outcome::Solved(solved) = engine::solve::solve(&market, &forecast, &settings, &stop, &Silent)?
        else {
            return Err(QualityError::Infeasible(seed));
        };
        *earned = world.true_profit(&decision(&solved.plan), DRAWS)?.mean;
    }
    let [low, high] = plan.objective.interval;
    Ok(Trial {
        stocked,
        law: world.true_law(),
        oracle,
        earned: [plan_earned, by_own, sales, populous, greedy, lot],
        promised: plan.worth.expected_profit.major(),
        interval_held: (low..=high).contains(&by_own),
        kept_gap: plan.objective.gap <= settings.gap(),
    })
}

/// What a plan opens and holds.
pub(super) fn decision(plan: &domain::plan::Plan) -> Decision {
    Decision {
        stores: plan.stores.iter().map(|store| store.store_id.clone()).collect(),
        stock: plan.stock.iter().map(|line| (line.store_id.clone(), line.device.clone(), line.units)).collect(),
    }
}

/// Writes the tables and reads the scenario, without budgets: methods differ in where they open, not
/// in what they may spend.
pub(super) fn scenario(world: &World, folder: &Path) -> Result<(Settings, Tables), QualityError> {
    let mut tables = toml::Table::new();
    for (table, file_name) in world.tables() {
        let mut file = BufWriter::new(File::create(folder.join(file_name))?);
        world.write_csv(table, &mut file)?;
        file.flush()?;
        tables.insert(table.role().to_owned(), toml::Value::String(file_name.to_owned()));
    }
    let mut keys: toml::Table = world.scenario_toml().parse()?;
    keys.remove("tables");
    keys.remove("budget");
    Ok((keys.try_into()?, tables.try_into()?))
}

/// The stores with the highest forecast mean margin, each taken by itself: no neighbours, no stock,
/// no cost of opening, no doubt.
fn greedy(world: &World, market: &Market, forecast: &Forecast, settings: &Settings) -> Vec<String> {
    let candidates = world.candidates();
    let mut scored: Vec<(f64, &str)> = (forecast.stores.iter().zip(forecast.mean.outer_iter()))
        .map(|(&store, units)| {
            let home = market.stores[store.at()].market;
            let margin: f64 = (forecast.devices.iter().zip(units))
                .filter_map(|(&device, units)| {
                    let terms = market.terms(device, home)?;
                    let rate = settings.rate(terms.price.currency)?;
                    Some(units * (terms.price.major() - terms.unit_cost.major()) * rate)
                })
                .sum();
            (margin, market.store_ids.name(store))
        })
        .filter(|(_, id)| candidates.binary_search_by(|known| known.as_str().cmp(id)).is_ok())
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    scored.into_iter().take(STORES_MAX).map(|(_, id)| id.to_owned()).collect()
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len().max(1) as f64;
    values.sum::<f64>() / count
}

/// Mean and its standard error.
pub(super) fn summary(values: &[f64]) -> (f64, f64) {
    let average = mean(values.iter().copied());
    let spread: f64 = values.iter().map(|value| (value - average).powi(2)).sum();
    let count = values.len() as f64;
    (average, (spread / (count - 1.0).max(1.0) / count.max(1.0)).sqrt())
}

fn print(trials: &[Trial], stores: usize) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let count = trials.len();
    let (oracle, _) = summary(&trials.iter().map(|trial| trial.oracle).collect::<Vec<_>>());
    writeln!(
        out,
        "True profit of {STORES_MAX} stores, mean of {count} worlds of {stores} stores, thousands of dollars"
    )?;
    writeln!(out)?;
    writeln!(out, "| method | profit | regret | regret, % | plan ahead by | standard error | plan ahead in |")?;
    writeln!(out, "|---|--:|--:|--:|--:|--:|--:|")?;
    writeln!(out, "| oracle (knows the distribution) | {:.1} | 0.0 | 0.0 | | | |", oracle / 1e3)?;
    for (method, name) in METHODS.iter().enumerate() {
        let earned = mean(trials.iter().map(|trial| trial.earned[method]));
        let regret = oracle - earned;
        write!(out, "| {name} | {:.1} | {:.1} | {:.1} |", earned / 1e3, regret / 1e3, 100.0 * regret / oracle)?;
        if method < 2 {
            writeln!(out, " | | |")?;
        } else {
            let ahead: Vec<f64> = trials.iter().map(|trial| trial.earned[0] - trial.earned[method]).collect();
            let (lead, error) = summary(&ahead);
            let wins = ahead.iter().filter(|by| **by > 0.0).count();
            writeln!(out, " {:.1} | {:.1} | {wins} of {count} |", lead / 1e3, error / 1e3)?;
        }
    }
    let own = mean(trials.iter().map(|trial| trial.earned[1]));
    writeln!(out)?;
    write!(out, "Each with the stock that the engine gives it: plan {:.1}", own / 1e3)?;
    for (method, name) in STOCKED.iter().enumerate() {
        let ahead: Vec<f64> = trials.iter().map(|trial| trial.earned[1] - trial.stocked[method]).collect();
        let (lead, error) = summary(&ahead);
        write!(
            out,
            "; {name} {:.1} (plan ahead by {:.1}, standard error {:.1})",
            (own - lead) / 1e3,
            lead / 1e3,
            error / 1e3
        )?;
    }
    writeln!(out)?;
    let promised = mean(trials.iter().map(|trial| trial.promised));
    let held = trials.iter().filter(|trial| trial.interval_held).count();
    let gaps = trials.iter().filter(|trial| trial.kept_gap).count();
    writeln!(out)?;
    writeln!(
        out,
        "Plans promised {:.1} on average; in {held} of {count} worlds the true mean lay within the plan's 80 % interval. \
         {gaps} of {count} reached the gap asked for.",
        promised / 1e3
    )?;
    let mut laws: Vec<&str> = trials.iter().map(|trial| trial.law).collect();
    laws.sort_unstable();
    laws.dedup();
    for law in laws {
        let here: Vec<&Trial> = trials.iter().filter(|trial| trial.law == law).collect();
        let regret = |method: usize| {
            let lost: f64 = here.iter().map(|trial| trial.oracle - trial.earned[method]).sum();
            100.0 * lost / here.iter().map(|trial| trial.oracle).sum::<f64>()
        };
        writeln!(
            out,
            "True law {law} ({} worlds): regret of the plan {:.1} %, of top sales {:.1} %, of greedy {:.1} %",
            here.len(),
            regret(0),
            regret(2),
            regret(4)
        )?;
    }
    Ok(())
}
