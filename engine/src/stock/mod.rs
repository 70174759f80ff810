//! How many units of each device every corner holds.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | q_jk | `Stocked::units` | units, a multiple of the pack |
//! | c_jk = D_jk(y) / F-bar_jk | `Line::factor` | what other corners leave of the demand alone |
//!
//! maximise sum_jk Pi_jk(q_jk), with Pi of [`window`], subject to q <= units_max, shelf space of each
//! store, money and units of opening stock, and a floor on P(D <= q) for every device that a corner
//! carries. A device is carried where it earns something alone; one that earns nothing is not stocked.
//! Pi is concave, so the best level is found line by line, and budgets by [`allocate`].

use domain::forecast::DemandSamples;
use domain::market::Market;
use domain::settings::Settings;
use domain::units::{Currency, Money};
use ndarray::Array2;
use rayon::prelude::*;

pub mod allocate;
pub mod terms;
pub mod window;

use allocate::{Allocation, Ask, Budget, allocate};
use terms::Terms;
use window::{Window, best_alone};

use crate::formulate::profit::all_terms;
use crate::{Conflict, EngineError};

/// A device at a corner.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Position of the store among the chosen.
    pub store: usize,
    /// Position of the device in the samples.
    pub device: usize,
    /// What a unit earns and costs there.
    pub terms: Terms,
    /// c.
    pub factor: f64,
    /// Demand of a window, beside the other corners.
    pub window: Window,
}

/// The stock of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Stocked {
    /// The lines that are carried, by store, then device.
    pub lines: Vec<Line>,
    /// q, by line.
    pub units: Vec<u32>,
    /// Whether no better stock exists (for these stores, over these samples).
    pub exact: bool,
}

/// Stock, or why none meets the rules.
#[derive(Debug, Clone, PartialEq)]
pub enum Decided {
    /// The stock.
    Stocked(Stocked),
    /// E-INF-006.
    Infeasible(Vec<Conflict>),
}

/// What other corners leave of the demand alone: D / F; 1 where the law knows nobody in reach, because
/// then it has nothing to say and the forecast stands.
#[must_use]
pub fn factors(demand: &Array2<f64>, alone: &Array2<f64>) -> Array2<f64> {
    Array2::from_shape_fn(demand.dim(), |at| if alone[at] > 0.0 { demand[at] / alone[at] } else { 1.0 })
}

/// Decides the stock of chosen stores. `samples` are theirs alone, `factors` is c, `stores x devices`.
///
/// # Errors
/// Where a currency has no rate, or the solver fails.
pub fn decide(
    market: &Market,
    settings: &Settings,
    base: Currency,
    samples: &DemandSamples,
    factors: &Array2<f64>,
) -> Result<Decided, EngineError> {
    let alone = samples.mean();
    let terms = all_terms(market, settings, base, samples)?;
    let units_max = settings.stock.units_max;
    let places: Vec<(usize, usize)> = (0..samples.stores.len())
        .flat_map(|store| (0..samples.devices.len()).map(move |device| (store, device)))
        .collect();
    let lines: Vec<Option<Line>> = places
        .into_par_iter()
        .map(|(store, device)| {
            let terms = terms[store][device].clone()?;
            let mean = alone[[store, device]];
            let rates = samples.rates.slice(ndarray::s![.., store, device]);
            let (_, earned) = best_alone(rates.iter().copied(), &terms, units_max);
            if mean <= 0.0 || earned <= 0.0 {
                return None;
            }
            let factor = factors[[store, device]];
            let window = Window::of(rates.iter().copied(), factor, &terms, units_max as usize + 1);
            Some(Line { store, device, terms, factor, window })
        })
        .collect();
    let lines: Vec<Line> = lines.into_iter().flatten().collect();
    let floors = match floors(market, settings, samples, &lines) {
        Ok(floors) => floors,
        Err(conflicts) => return Ok(Decided::Infeasible(conflicts)),
    };
    let asks: Vec<Ask> = lines
        .iter()
        .zip(&floors)
        .map(|(line, &floor)| {
            let best = line.window.best_packs(&line.terms, units_max / line.terms.pack);
            let values =
                (1..=best.max(floor)).map(|pack| line.window.pack_value(pack, &line.terms) * line.terms.rate).collect();
            Ask { values, floor }
        })
        .collect();
    let (budgets, names) = budgets(market, settings, base, samples, &lines)?;
    let (packs, exact) = match allocate(&asks, &budgets)? {
        Allocation::Exact(packs) => (packs, true),
        Allocation::Good(packs) => (packs, false),
        Allocation::TooTight(at) => {
            let service = settings.stock.service_min.map_or(0.0, |share| share.fraction);
            let attainable = attainable(&lines, &budgets[at], units_max);
            let why = |what: &str| {
                format!("{what}; together they allow a service level of {:.1} % at most", 100.0 * attainable)
            };
            return Ok(Decided::Infeasible(vec![
                Conflict { rule: names[at].0.clone(), why: why(&names[at].1), code: "E-INF-006" },
                Conflict {
                    rule: "stock.service_min".into(),
                    why: why(&format!("every device is to be in stock {:.1} % of the cycles", 100.0 * service)),
                    code: "E-INF-006",
                },
            ]));
        }
    };
    let units = packs.iter().zip(&lines).map(|(packs, line)| packs * line.terms.pack).collect();
    Ok(Decided::Stocked(Stocked { lines, units, exact }))
}

/// The fewest packs of each line that meet the service level, or why one can't.
fn floors(
    market: &Market,
    settings: &Settings,
    samples: &DemandSamples,
    lines: &[Line],
) -> Result<Vec<u32>, Vec<Conflict>> {
    let Some(level) = settings.stock.service_min else { return Ok(vec![0; lines.len()]) };
    let units_max = settings.stock.units_max;
    let found: Vec<Option<u32>> = lines
        .iter()
        .map(|line| line.window.packs_for(level.fraction, &line.terms, units_max / line.terms.pack))
        .collect();
    if let Some(at) = found.iter().position(Option::is_none) {
        let line = &lines[at];
        let most = line.window.service_level(units_max / line.terms.pack * line.terms.pack);
        let why = format!(
            "{} units of {} at {} last for {:.1} % of the cycles at the most, not for {:.1} %; exclude the store or ask for less",
            units_max,
            market.device_ids.name(samples.devices[line.device]),
            market.store_ids.name(samples.stores[line.store]),
            100.0 * most,
            100.0 * level.fraction,
        );
        let conflict = |rule: &str| Conflict { rule: rule.into(), why: why.clone(), code: "E-INF-006" };
        return Err(vec![conflict("stock.service_min"), conflict("stock.units_max")]);
    }
    Ok(found.into_iter().flatten().collect())
}

/// The highest level that every line can have within a budget, to a tenth of a percent, rounded down.
fn attainable(lines: &[Line], budget: &Budget, units_max: u32) -> f64 {
    let fits = |level: f64| {
        let used: Option<i64> = lines
            .iter()
            .zip(&budget.weights)
            .map(|(line, weight)| {
                let packs = line.window.packs_for(level, &line.terms, units_max / line.terms.pack)?;
                Some(weight * i64::from(packs))
            })
            .sum();
        used.is_some_and(|used| used <= budget.max)
    };
    (0..1000).rev().map(|thousandths| f64::from(thousandths) / 1000.0).find(|&level| fits(level)).unwrap_or(0.0)
}

/// The budgets over lines, each with its scenario key and a sentence.
#[expect(clippy::type_complexity, reason = "two lists of the same length")]
fn budgets(
    market: &Market,
    settings: &Settings,
    base: Currency,
    samples: &DemandSamples,
    lines: &[Line],
) -> Result<(Vec<Budget>, Vec<(String, String)>), EngineError> {
    let (mut budgets, mut names) = (Vec::new(), Vec::new());
    let pack = |line: &Line| i64::from(line.terms.pack);
    for (at, store) in samples.stores.iter().enumerate() {
        if let Some(max) = market.stores[store.at()].shelf_units {
            let weights = lines
                .iter()
                .map(|line| if line.store == at { pack(line) * i64::from(line.terms.shelf) } else { 0 })
                .collect();
            budgets.push(Budget { weights, max: i64::from(max) });
            let id = market.store_ids.name(*store);
            names.push((
                "stores.shelf_units".into(),
                format!("{id} has {max} units of shelf; exclude it or ask for less"),
            ));
        }
    }
    if let Some(money) = settings.budget.stock {
        let max: Money = crate::formulate::money::convert(settings, base, money, base)?;
        let weights = lines.iter().map(|line| pack(line) * line.terms.cost_base_minor).collect();
        budgets.push(Budget { weights, max: max.minor });
        names.push(("budget.stock".into(), format!("opening stock may cost {max} at most")));
    }
    if let Some(max) = settings.budget.stock_units {
        let max = i64::try_from(max).unwrap_or(i64::MAX);
        budgets.push(Budget { weights: lines.iter().map(pack).collect(), max });
        names.push(("budget.stock_units".into(), format!("opening stock may be {max} units at most")));
    }
    Ok((budgets, names))
}
