//! Amounts in one currency: the base currency of the objective, or a market's own.

use std::collections::BTreeSet;

use domain::ids::Idx;
use domain::market::{Market, Store};
use domain::settings::Settings;
use domain::units::{Currency, Money};

use crate::EngineError;

/// The base currency: the scenario's, else the only one that the markets have.
///
/// # Errors
/// Where the markets have several and the scenario names none.
pub fn base_currency(market: &Market, settings: &Settings) -> Result<Currency, EngineError> {
    if let Some(base) = settings.fx.base {
        return Ok(base);
    }
    let known: BTreeSet<Currency> = market.markets.iter().map(|terms| terms.currency).collect();
    match (known.first(), known.len()) {
        (Some(only), 1) => Ok(*only),
        _ => Err(EngineError::NoBaseCurrency),
    }
}

/// How much of the base currency one unit of `currency` is.
///
/// # Errors
/// Where the scenario gives no rate.
pub fn rate(settings: &Settings, base: Currency, currency: Currency) -> Result<f64, EngineError> {
    if currency == base {
        return Ok(1.0);
    }
    settings.fx.rates.get(&currency).copied().ok_or(EngineError::NoRate { currency })
}

/// The same amount in another currency, rounded to its minor unit.
///
/// # Errors
/// Where the scenario gives no rate.
pub fn convert(settings: &Settings, base: Currency, money: Money, to: Currency) -> Result<Money, EngineError> {
    if money.currency == to {
        return Ok(money);
    }
    let in_base = money.major() * rate(settings, base, money.currency)?;
    Ok(Money::from_major(in_base / rate(settings, base, to)?, to))
}

/// What opening a corner at a store costs, in `currency`: the store's own figure, else the
/// scenario's, else nothing.
///
/// # Errors
/// Where the scenario gives no rate for the figure's currency.
pub fn open_cost(
    market: &Market,
    settings: &Settings,
    base: Currency,
    store: Idx<Store>,
    currency: Currency,
) -> Result<Money, EngineError> {
    match market.stores[store.at()].open_cost.or(settings.budget.open_cost) {
        Some(cost) => convert(settings, base, cost, currency),
        None => Ok(Money { minor: 0, currency }),
    }
}
