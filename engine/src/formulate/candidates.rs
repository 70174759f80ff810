//! Candidates: the stores that could get a corner.

use domain::calendar::{Date, Days};
use domain::ids::Idx;
use domain::market::{Corner, Market, Store};
use domain::settings::Settings;

/// Why a store is no candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ineligible {
    /// It opens after the plan's date.
    NotYetOpen(Date),
    /// It closed, or closes before the horizon ends.
    Closes(Date),
    /// It has a corner.
    HasCorner,
}

impl std::fmt::Display for Ineligible {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotYetOpen(date) => write!(f, "is not open before {date}"),
            Self::Closes(date) => write!(f, "closes on {date}, before the horizon ends"),
            Self::HasCorner => f.write_str("has a corner already"),
        }
    }
}

/// The day on which the horizon ends.
#[must_use]
pub fn horizon_end(settings: &Settings) -> Date {
    settings.as_of.checked_add_days(Days::new(7 * u64::from(settings.horizon_weeks))).unwrap_or(Date::MAX)
}

/// The corners that are open at the plan's date.
pub fn open_corners<'a>(market: &'a Market, settings: &Settings) -> impl Iterator<Item = &'a Corner> + use<'a> {
    let as_of = settings.as_of;
    market
        .corners
        .iter()
        .filter(move |corner| corner.opened <= as_of && corner.closed.is_none_or(|closed| closed > as_of))
}

/// Why a store is no candidate; none where it is one.
#[must_use]
pub fn ineligible(market: &Market, settings: &Settings, store: Idx<Store>) -> Option<Ineligible> {
    let facts = &market.stores[store.at()];
    if facts.opened > settings.as_of {
        return Some(Ineligible::NotYetOpen(facts.opened));
    }
    if let Some(closed) = facts.closed.filter(|closed| *closed < horizon_end(settings)) {
        return Some(Ineligible::Closes(closed));
    }
    open_corners(market, settings).any(|corner| corner.store == store).then_some(Ineligible::HasCorner)
}

/// The candidates, ascending.
#[must_use]
pub fn candidates(market: &Market, settings: &Settings) -> Vec<Idx<Store>> {
    let end = horizon_end(settings);
    let mut taken = vec![false; market.stores.len()];
    open_corners(market, settings).for_each(|corner| taken[corner.store.at()] = true);
    market
        .store_ids
        .iter()
        .filter(|store| {
            let facts = &market.stores[store.at()];
            facts.opened <= settings.as_of && facts.closed.is_none_or(|closed| closed >= end) && !taken[store.at()]
        })
        .collect()
}
