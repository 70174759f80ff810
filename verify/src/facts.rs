//! What follows from the Market and the settings before any decision: candidates, corners, costs.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | J | `Facts::candidates` | stores, ascending by id; a *site* is a position in it |
//! | o_j | `Facts::open_cost` | minor units of the base currency |
//! | H | `Facts::weeks` | weeks |

use domain::calendar::{Date, Days};
use domain::ids::Idx;
use domain::market::{Market, Store, TravelTimes};
use domain::plan::Plan;
use domain::settings::Settings;
use domain::units::{Bonus, Currency};

use crate::Failure;
use crate::money;

/// The number of a store that is no candidate.
pub(crate) const NOWHERE: u32 = u32::MAX;

/// What follows from the Market and the settings.
pub(crate) struct Facts<'a> {
    pub(crate) market: &'a Market,
    pub(crate) settings: &'a Settings,
    pub(crate) travel: TravelTimes<'a>,
    /// The currency of the objective.
    pub(crate) base: Currency,
    /// Candidates, ascending.
    pub(crate) candidates: Vec<Idx<Store>>,
    /// By store: its site, or [`NOWHERE`].
    pub(crate) site: Vec<u32>,
    /// Stores with a corner that is open at `as_of`, ascending.
    pub(crate) corners: Vec<Idx<Store>>,
    /// Open cost of each candidate in minor units of the base currency.
    pub(crate) open_cost: Vec<i64>,
    /// Sites of `placement.stay`, ascending; empty without a bonus.
    pub(crate) stay: Vec<u32>,
    /// What each of them adds while it is open: minor units of the base currency, people x thousandths of a minute, or people.
    pub(crate) stay_bonus: i64,
    /// The first day after the horizon.
    pub(crate) end: Date,
    /// Weeks of the horizon.
    pub(crate) weeks: f64,
}

impl<'a> Facts<'a> {
    /// # Errors
    /// A currency without a rate, or no market at all: then nothing can be added up.
    pub(crate) fn new(market: &'a Market, settings: &'a Settings) -> Result<Self, Failure> {
        let as_of = settings.as_of;
        let base = settings.fx.base.or_else(|| market.markets.first().map(|terms| terms.currency));
        let base = base.ok_or_else(|| Failure::new("E-VER-006", "there is no market, so no currency"))?;
        let currencies = market.markets.iter().map(|terms| terms.currency);
        if settings.fx.base.is_none() && currencies.clone().any(|currency| currency != base) {
            return Err(Failure::new("E-VER-006", "the markets have several currencies and none is the base"));
        }
        let costs = market.stores.iter().filter_map(|store| store.open_cost).map(|money| money.currency);
        let bonus = match settings.placement.stay_bonus {
            Some(Bonus::Money(money)) => Some(money.currency),
            _ => None,
        };
        if let Some(unknown) = currencies.chain(costs).chain(bonus).find(|&currency| settings.rate(currency).is_none())
        {
            return Err(Failure::new("E-VER-006", format!("there is no rate of {unknown} to {base}")));
        }
        let end = as_of.checked_add_days(Days::new(7 * u64::from(settings.horizon_weeks))).unwrap_or(Date::MAX);
        let mut has_corner = vec![false; market.stores.len()];
        for corner in &market.corners {
            let lasts = match corner.closed {
                Some(closed) => closed > as_of,
                None => true,
            };
            if corner.opened <= as_of && lasts {
                has_corner[corner.store.at()] = true;
            }
        }
        let mut site = vec![NOWHERE; market.stores.len()];
        let mut candidates = Vec::new();
        for store in market.store_ids.iter() {
            let facts = &market.stores[store.at()];
            let lasts = facts.closed.is_none_or(|closed| closed >= end);
            if facts.opened <= as_of && lasts && !has_corner[store.at()] {
                #[expect(clippy::cast_possible_truncation, reason = "stores are numbered in 32 bits")]
                let number = candidates.len() as u32;
                site[store.at()] = number;
                candidates.push(store);
            }
        }
        let open_cost = candidates.iter().map(|&store| money::open_cost(market, settings, store, base)).collect();
        let (stay, stay_bonus) = stay(market, settings, base, &site);
        Ok(Self {
            market,
            settings,
            travel: market.travel_times(),
            base,
            candidates,
            site,
            corners: market.store_ids.iter().filter(|store| has_corner[store.at()]).collect(),
            open_cost,
            stay,
            stay_bonus,
            end,
            weeks: f64::from(settings.horizon_weeks),
        })
    }

    /// The id of a site's store.
    pub(crate) fn name(&self, site: u32) -> &str {
        self.market.store_ids.name(self.candidates[site as usize])
    }

    /// The site of a store id, if it is a candidate.
    pub(crate) fn find(&self, id: &str) -> Option<u32> {
        let store = self.market.store_ids.find(id)?;
        Some(self.site[store.at()]).filter(|&site| site != NOWHERE)
    }

    /// The market of a site.
    pub(crate) fn market_of(&self, site: u32) -> usize {
        self.market.stores[self.candidates[site as usize].at()].market.at()
    }

    /// Great-circle kilometres between two stores.
    pub(crate) fn km(&self, one: Idx<Store>, other: Idx<Store>) -> f64 {
        self.travel.store_unit(one).km_to(self.travel.store_unit(other))
    }

    /// The chosen sites, ascending; none (and failures) if they are no set of distinct candidates.
    pub(crate) fn sites_of(&self, plan: &Plan, failures: &mut Vec<Failure>) -> Option<Vec<u32>> {
        let before = failures.len();
        let mut sites = Vec::new();
        for chosen in &plan.stores {
            let id = &chosen.store_id;
            match (self.market.store_ids.find(id), self.find(id)) {
                (None, _) => failures.push(Failure::new("E-VER-004", format!("chosen store {id} is not known"))),
                (Some(_), None) => {
                    failures.push(Failure::new("E-VER-004", format!("chosen store {id} is not a candidate")));
                }
                (_, Some(site)) if sites.contains(&site) => {
                    failures.push(Failure::new("E-VER-004", format!("store {id} is chosen twice")));
                }
                (_, Some(site)) => sites.push(site),
            }
        }
        sites.sort_unstable();
        (failures.len() == before).then_some(sites)
    }
}

/// The sites that stay, ascending, and what each is worth.
fn stay(market: &Market, settings: &Settings, base: Currency, site: &[u32]) -> (Vec<u32>, i64) {
    #[expect(clippy::cast_possible_truncation, reason = "at most 10^15")]
    let bonus = match settings.placement.stay_bonus {
        None => 0,
        Some(Bonus::Money(money)) => money::convert(settings, money, base),
        Some(Bonus::PeopleMinutes(amount)) => (amount * 1000.0).round() as i64,
        Some(Bonus::People(people)) => i64::try_from(people).unwrap_or(i64::MAX),
    };
    let out = &settings.placement.exclude;
    let known = |id: &String| Some(site[market.store_ids.find(id)?.at()]).filter(|&site| site != NOWHERE);
    let sites: std::collections::BTreeSet<u32> =
        settings.placement.stay.iter().filter(|id| !out.contains(id)).filter_map(known).collect();
    (if bonus == 0 { Vec::new() } else { sites.into_iter().collect() }, bonus)
}
