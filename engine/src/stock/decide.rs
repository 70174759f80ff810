//! The stock of a plan's stores, or in the scenario's own words why there is none.

use domain::forecast::DemandSamples;
use domain::market::Market;
use domain::settings::Settings;
use domain::units::{Currency, Money};
use ndarray::Array2;

use super::allocate::{Allocation, Ask, Budget, allocate};
use super::{Limit, Line, Stocked, Stocking};
use crate::formulate::money::convert;
use crate::{Conflict, EngineError};

/// Stock, or why none meets the rules.
#[derive(Debug, Clone, PartialEq)]
pub enum Decided {
    /// The stock.
    Stocked(Stocked),
    /// E-INF-006.
    Infeasible(Vec<Conflict>),
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
    let stocking = Stocking::of(market, settings, base, samples)?;
    let rows: Vec<usize> = (0..samples.stores.len()).collect();
    let lines = stocking.lines(samples, &rows, factors);
    let floors: Vec<Option<u32>> = lines.iter().map(|line| stocking.floor(line)).collect();
    if let Some(at) = floors.iter().position(Option::is_none) {
        return Ok(Decided::Infeasible(out_of_reach(market, samples, &stocking, &lines[at])));
    }
    let asks: Vec<Ask> =
        lines.iter().zip(floors.into_iter().flatten()).map(|(line, floor)| stocking.ask(line, floor)).collect();
    let (limits, budgets): (Vec<Limit>, Vec<Budget>) = stocking.budgets(&rows, &lines).into_iter().unzip();
    let (packs, exact) = match allocate(&asks, &budgets, stocking.gap)? {
        Allocation::Exact(packs) => (packs, true),
        Allocation::Good(packs) => (packs, false),
        Allocation::TooTight(at) => {
            let (rule, what) = limits[at].words(market, settings, base, samples)?;
            let service = stocking.service_min.unwrap_or(0.0);
            let attainable = attainable(&lines, &budgets[at], stocking.units_max);
            let why = |what: &str| {
                format!("{what}; together they allow a service level of {:.1} % at most", 100.0 * attainable)
            };
            return Ok(Decided::Infeasible(vec![
                Conflict { rule: rule.into(), why: why(&what), code: "E-INF-006" },
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

/// Why no level of a line keeps the service level.
fn out_of_reach(market: &Market, samples: &DemandSamples, stocking: &Stocking, line: &Line) -> Vec<Conflict> {
    let most = line.window.service_level(stocking.packs_max(line) * line.terms.pack);
    let why = format!(
        "{} units of {} at {} last for {:.1} % of the cycles at the most, not for {:.1} %; exclude the store or ask for less",
        stocking.units_max,
        market.device_ids.name(samples.devices[line.device]),
        market.store_ids.name(samples.stores[line.store]),
        100.0 * most,
        100.0 * stocking.service_min.unwrap_or(0.0),
    );
    let conflict = |rule: &str| Conflict { rule: rule.into(), why: why.clone(), code: "E-INF-006" };
    vec![conflict("stock.service_min"), conflict("stock.units_max")]
}

impl Limit {
    /// The scenario's key and a sentence.
    fn words(
        self,
        market: &Market,
        settings: &Settings,
        base: Currency,
        samples: &DemandSamples,
    ) -> Result<(&'static str, String), EngineError> {
        Ok(match self {
            Self::Shelf(at) => {
                let store = samples.stores[at];
                let max = market.stores[store.at()].shelf_units.unwrap_or(0);
                let id = market.store_ids.name(store);
                ("stores.shelf_units", format!("{id} has {max} units of shelf; exclude it or ask for less"))
            }
            Self::Money => {
                let money = settings.budget.stock.unwrap_or(Money { minor: 0, currency: base });
                let max: Money = convert(settings, base, money, base)?;
                ("budget.stock", format!("opening stock may cost {max} at most"))
            }
            Self::Units => {
                let max = settings.budget.stock_units.unwrap_or(0);
                ("budget.stock_units", format!("opening stock may be {max} units at most"))
            }
        })
    }
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
