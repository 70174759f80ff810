//! Stores that may be controls, whoever is chosen.

use domain::calendar::{Date, Days};
use domain::market::Market;
use domain::settings::Settings;

use crate::formulate::candidates::open_corners;

/// Open from before the match until after the watch, and without a corner. By store.
#[must_use]
pub fn eligible(market: &Market, settings: &Settings) -> Vec<bool> {
    let days = |weeks: u32| Days::new(7 * u64::from(weeks));
    let from = settings.as_of.checked_sub_days(days(settings.pilot.match_weeks)).unwrap_or(Date::MIN);
    let until = settings.as_of.checked_add_days(days(settings.pilot.watch_weeks)).unwrap_or(Date::MAX);
    let lasts = |closed: Option<Date>| closed.is_none_or(|closed| closed >= until);
    let mut eligible: Vec<bool> =
        market.stores.iter().map(|store| store.opened <= from && lasts(store.closed)).collect();
    open_corners(market, settings).for_each(|corner| eligible[corner.store.at()] = false);
    eligible
}
