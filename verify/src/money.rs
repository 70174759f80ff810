//! Open costs and exchange.

use domain::ids::Idx;
use domain::market::{Market, Store};
use domain::settings::Settings;
use domain::units::{Currency, Money};

/// An amount in another currency, in its minor units, by the settings' rates. Rates were found
/// complete before; an amount in the right currency is never touched.
pub(crate) fn convert(settings: &Settings, amount: Money, to: Currency) -> i64 {
    if amount.currency == to {
        return amount.minor;
    }
    let rate = |currency| settings.rate(currency).unwrap_or(f64::NAN);
    Money::from_major(amount.major() * rate(amount.currency) / rate(to), to).minor
}

/// What opening a corner at `store` costs, in minor units of `to`.
pub(crate) fn open_cost(market: &Market, settings: &Settings, store: Idx<Store>, to: Currency) -> i64 {
    let stated = market.stores[store.at()].open_cost.or(settings.budget.open_cost);
    stated.map_or(0, |amount| convert(settings, amount, to))
}
