//! Rules: counts, budgets, distances, must and must-not, over the candidates' positions.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | p | `Rules::open_max` | count |
//! | o_j | terms of `budget.capex` | minor units of the base currency |
//! | | terms of `placement.by_market.X.capex` | minor units of the market's currency |

use domain::geo::UnitVector;
use domain::ids::Idx;
use domain::market::{Market, Store};
use domain::problem::{Row, Rules, Site};
use domain::settings::Settings;
use domain::units::Currency;

use super::{money, near};
use crate::EngineError;

/// The name of the rule on all open costs.
pub const CAPEX: &str = "budget.capex";

/// The rules of a scenario over its candidates. Ids that are no candidates are left out of `require`
/// and `exclude`: [`super::conflicts::early`] has said what is to be said of them.
///
/// # Errors
/// Where an amount is in a currency without a rate.
pub fn rules(
    market: &Market,
    settings: &Settings,
    base: Currency,
    candidates: &[Idx<Store>],
    places: &[UnitVector],
) -> Result<Rules, EngineError> {
    let placement = &settings.placement;
    let sites = candidates.len();
    let positions = |ids: &[String]| positions(market, candidates, ids);
    let mut rows = Vec::new();
    if let Some(capex) = settings.budget.capex {
        let capex = money::convert(settings, base, capex, base)?;
        let cost = |store| money::open_cost(market, settings, base, store, base).map(|cost| cost.minor);
        rows.push(Row {
            name: CAPEX.into(),
            terms: terms(candidates, |_| true, cost)?,
            min: None,
            max: Some(capex.minor),
        });
    }
    for (name, limits) in &placement.by_market {
        let country = market.market_ids.find(name);
        let here = |store: Idx<Store>| Some(market.stores[store.at()].market) == country;
        let key = |what: &str| format!("placement.by_market.{name}.{what}");
        let mut count = |what: &str, min: Option<u32>, max: Option<u32>| -> Result<(), EngineError> {
            if min.is_some() || max.is_some() {
                let terms = terms(candidates, here, |_| Ok(1))?;
                rows.push(Row { name: key(what), terms, min: min.map(i64::from), max: max.map(i64::from) });
            }
            Ok(())
        };
        count("stores_min", limits.stores_min, None)?;
        count("stores_max", None, limits.stores_max)?;
        if let (Some(capex), Some(country)) = (limits.capex, country) {
            let currency = market.markets[country.at()].currency;
            let capex = money::convert(settings, base, capex, currency)?;
            let cost = |store| money::open_cost(market, settings, base, store, currency).map(|cost| cost.minor);
            rows.push(Row {
                name: key("capex"),
                terms: terms(candidates, here, cost)?,
                min: None,
                max: Some(capex.minor),
            });
        }
    }
    Ok(Rules {
        sites,
        open_min: placement.stores_min as usize,
        open_max: (placement.stores_max() as usize).min(sites),
        require: positions(&placement.require),
        exclude: positions(&placement.exclude),
        rows,
        conflicts: placement.distance_min.map_or_else(Vec::new, |apart| near::pairs(places, apart.km)),
        reach: Vec::new(),
    })
}

/// The sites of the ids that are candidates, ascending, each once.
pub(super) fn positions(market: &Market, candidates: &[Idx<Store>], ids: &[String]) -> Vec<Site> {
    let mut found: Vec<Site> = ids
        .iter()
        .filter_map(|id| candidates.binary_search(&market.store_ids.find(id)?).ok())
        .map(|at| Site::try_from(at).expect("candidates are limited to 2^32"))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The terms of a row over the candidates that it counts; a coefficient of 0 is no term.
fn terms(
    candidates: &[Idx<Store>],
    counts: impl Fn(Idx<Store>) -> bool,
    coefficient: impl Fn(Idx<Store>) -> Result<i64, EngineError>,
) -> Result<Vec<(Site, i64)>, EngineError> {
    let mut terms = Vec::new();
    for (at, &store) in candidates.iter().enumerate().filter(|(_, store)| counts(**store)) {
        let coefficient = coefficient(store)?;
        if coefficient != 0 {
            terms.push((Site::try_from(at).expect("candidates are limited to 2^32"), coefficient));
        }
    }
    Ok(terms)
}
