//! What a plan is worth market by market, each in its own currency.
//!
//! Costs are those of the tables, in the currency that they are paid in; profit, which is reckoned in the base currency,
//! is converted at the scenario's rates, which are those that it was reckoned at.

use std::collections::BTreeMap;

use domain::ids::Idx;
use domain::market::{Country, Store};
use domain::plan::MarketWorth;
use domain::units::Money;

use super::Choice;
use crate::EngineError;
use crate::formulate::money::{convert, open_cost};

/// By market with a chosen store, by id; empty where all is in one market, in the base currency. `expected` is profit by
/// chosen store, in the base currency.
///
/// # Errors
/// Where a currency has no rate.
pub(super) fn markets(choice: &Choice<'_>, expected: &[Money]) -> Result<Vec<MarketWorth>, EngineError> {
    let (market, settings, base) = (choice.market, choice.settings, choice.stated.base);
    if market.markets.len() == 1 && market.markets[0].currency == base {
        return Ok(Vec::new());
    }
    let store = |slot: usize| choice.stated.candidates[choice.open[slot] as usize];
    let of = |store: Idx<Store>| market.stores[store.at()].market;
    let mut slots: BTreeMap<Idx<Country>, Vec<usize>> = BTreeMap::new();
    (0..choice.open.len()).for_each(|slot| slots.entry(of(store(slot))).or_default().push(slot));
    let mut found = Vec::with_capacity(slots.len());
    for (country, slots) in slots {
        let currency = market.markets[country.at()].currency;
        let profit = Money { minor: slots.iter().map(|&slot| expected[slot].minor).sum(), currency: base };
        let mut opening = Money { minor: 0, currency };
        for &slot in &slots {
            opening.minor += open_cost(market, settings, base, store(slot), currency)?.minor;
        }
        let lines = choice.stocked.lines.iter().zip(&choice.stocked.units);
        let stock = lines.filter(|(line, _)| slots.contains(&line.store)).map(|(line, &units)| {
            let device = choice.samples.devices[line.device];
            market.terms(device, country).map_or(0, |terms| terms.unit_cost.minor * i64::from(units))
        });
        found.push(MarketWorth {
            market: market.market_ids.name(country).to_owned(),
            stores: u32::try_from(slots.len()).unwrap_or(u32::MAX),
            expected_profit: convert(settings, base, profit, currency)?,
            open_cost: opening,
            stock_cost: Money { minor: stock.sum(), currency },
        });
    }
    Ok(found)
}
