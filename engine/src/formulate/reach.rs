//! Floors on the people within reach: who counts, who is reached from where, and what is asked.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | w_i | [`counted`] | people of zone i, where they count |
//! | t | `ReachFloor::within` | minutes |
//! | J_i | `Cover` | candidates within t of zone i |
//! | W | `Floor::at_least` | people |
//!
//! Access counts everyone, equity those of zones that a column picks out, affordability those whose income bears the price
//! that a device has in their market; the three can be asked together. People within t of a corner that exists are reached.

use std::sync::Arc;

use domain::ids::Idx;
use domain::market::{Market, Store, TravelTimes, Zone};
use domain::problem::Site;
use domain::reach::{Cover, Floor};
use domain::settings::{POPULATION, ReachFloor, Settings};

use super::assignment::{milli, to_corners};
use super::near;

/// Why a floor can't be stated.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ReachError {
    /// A column that zones do not have.
    #[error("zones have no numeric column `{column}`")]
    NoColumn {
        /// The key that names it, within the floor.
        key: &'static str,
        /// The column.
        column: String,
    },
    /// A market that the tables do not have.
    #[error("no market is called `{market}`")]
    NoMarket {
        /// Its id.
        market: String,
    },
    /// A device that the tables do not have.
    #[error("no device is called `{device}`")]
    NoDevice {
        /// Its id.
        device: String,
    },
    /// Zones without a value that is needed.
    #[error("{zones} zones have no `{column}`, such as `{first}`")]
    Blank {
        /// The key that names the column, within the floor.
        key: &'static str,
        /// The column.
        column: String,
        /// How many zones.
        zones: usize,
        /// The first of them.
        first: String,
    },
    /// A number of people that is none.
    #[error("`{column}` of zone `{zone}` is {value}, which is no number of people")]
    NoPeople {
        /// The column.
        column: String,
        /// The zone.
        zone: String,
        /// Its value.
        value: f64,
    },
    /// Nobody counts.
    #[error("nobody counts: no zone with people is picked out")]
    Nobody,
    /// More people are asked for than count.
    #[error("{asked} people are asked for, and {counted} count")]
    TooMany {
        /// Asked for.
        asked: i64,
        /// Counted.
        counted: i64,
    },
}

impl ReachError {
    /// The key to mend, within the floor.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::NoColumn { key, .. } | Self::Blank { key, .. } => key,
            Self::NoMarket { .. } => "market",
            Self::NoDevice { .. } => "afford.device",
            Self::NoPeople { .. } => "people",
            Self::Nobody => "",
            Self::TooMany { .. } => "at_least",
        }
    }

    /// How to mend it.
    #[must_use]
    pub fn action(&self) -> &'static str {
        match self {
            Self::NoColumn { .. } => "use a column of the zones table",
            Self::NoMarket { .. } => "use an id of the markets table",
            Self::NoDevice { .. } => "use an id of the devices table",
            Self::Blank { .. } => "fill the column in, or name another one",
            Self::NoPeople { .. } => "name a column that counts people, such as population",
            Self::Nobody => "loosen where, afford or market, or drop the floor",
            Self::TooMany { .. } => "ask for fewer, or write a share, such as \"30 %\"",
        }
    }

    /// Whether it is about a name that no table has.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::NoColumn { .. } | Self::NoMarket { .. } | Self::NoDevice { .. })
    }
}

/// A numeric column of the zones.
struct Column<'a> {
    market: &'a Market,
    name: &'a str,
    key: &'static str,
    /// None for the population.
    at: Option<usize>,
}

impl<'a> Column<'a> {
    fn of(market: &'a Market, key: &'static str, name: &'a str) -> Result<Self, ReachError> {
        let at = market.zone_attributes.find(name);
        if at.is_none() && name != POPULATION {
            return Err(ReachError::NoColumn { key, column: name.into() });
        }
        Ok(Self { market, name, key, at })
    }

    /// Sums up the zones without a value, or gives every value of `zones`.
    fn values(&self, zones: &[Idx<Zone>]) -> Result<Vec<f64>, ReachError> {
        let value = |zone: &Idx<Zone>| match self.at {
            Some(at) => self.market.zone_attributes.get(zone.at(), at),
            None => Some(self.market.zones[zone.at()].population as f64),
        };
        let blank: Vec<Idx<Zone>> = zones.iter().copied().filter(|zone| value(zone).is_none()).collect();
        if let Some(&first) = blank.first() {
            let first = self.market.zone_ids.name(first).to_owned();
            let column = self.name.to_owned();
            return Err(ReachError::Blank { key: self.key, column, zones: blank.len(), first });
        }
        Ok(zones.iter().filter_map(value).collect())
    }
}

/// The zones of some whose value passes.
fn picked(zones: &[Idx<Zone>], values: &[f64], passes: impl Fn(Idx<Zone>, f64) -> bool) -> Vec<Idx<Zone>> {
    zones.iter().zip(values).filter(|(zone, value)| passes(**zone, **value)).map(|(zone, _)| *zone).collect()
}

/// The zones that count, ascending, each with its people.
///
/// # Errors
/// Names that no table has, blanks where a value is needed, or nobody who counts.
pub fn counted(market: &Market, floor: &ReachFloor) -> Result<Vec<(Idx<Zone>, i64)>, ReachError> {
    let mut zones: Vec<Idx<Zone>> = market.zone_ids.iter().collect();
    if let Some(name) = &floor.market {
        let home = market.market_ids.find(name).ok_or_else(|| ReachError::NoMarket { market: name.clone() })?;
        zones.retain(|zone| market.zones[zone.at()].market == home);
    }
    if let Some(only) = &floor.only {
        let values = Column::of(market, "where.column", &only.column)?.values(&zones)?;
        zones = picked(&zones, &values, |_, value| only.holds(value));
    }
    if let Some(afford) = &floor.afford {
        let device = market.device_ids.find(&afford.device);
        let device = device.ok_or_else(|| ReachError::NoDevice { device: afford.device.clone() })?;
        let column = Column::of(market, "afford.income", &afford.income)?;
        zones.retain(|zone| market.terms(device, market.zones[zone.at()].market).is_some());
        let values = column.values(&zones)?;
        zones = picked(&zones, &values, |zone, income| {
            let terms = market.terms(device, market.zones[zone.at()].market);
            terms.is_some_and(|terms| terms.price.major() <= afford.part.fraction * income)
        });
    }
    let values = Column::of(market, "people", &floor.people)?.values(&zones)?;
    let mut people = Vec::new();
    for (&zone, value) in zones.iter().zip(values) {
        // Sums of up to 10^5 zones stay far below 2^63.
        if !(0.0..=1e12).contains(&value) {
            let (column, zone) = (floor.people.clone(), market.zone_ids.name(zone).to_owned());
            return Err(ReachError::NoPeople { column, zone, value });
        }
        #[expect(clippy::cast_possible_truncation, reason = "at most 10^12")]
        people.push((zone, value.round() as i64));
    }
    let sum: i64 = people.iter().map(|zone| zone.1).sum();
    if sum == 0 {
        return Err(ReachError::Nobody);
    }
    let asked = floor.at_least.people(sum);
    if asked > sum { Err(ReachError::TooMany { asked, counted: sum }) } else { Ok(people) }
}

/// The travel time of a floor, minutes.
#[must_use]
pub fn within_minutes(settings: &Settings, floor: &ReachFloor) -> f64 {
    floor.within.map_or_else(|| settings.travel.reach_minutes(), |within| within.minutes)
}

/// The floors of a scenario over its candidates, in its order.
///
/// # Errors
/// The name of the first that can't be stated, and why.
pub fn floors(
    market: &Market,
    settings: &Settings,
    times: &TravelTimes<'_>,
    candidates: &[Idx<Store>],
) -> Result<Vec<Floor>, (String, ReachError)> {
    if settings.reach.is_empty() {
        return Ok(Vec::new());
    }
    let existing = to_corners(market, settings, times);
    let floor = |asked: &ReachFloor| -> Result<Floor, ReachError> {
        let counted = counted(market, asked)?;
        let within = milli(within_minutes(settings, asked));
        let rows = near::rows(market, times, candidates, within);
        let sum: i64 = counted.iter().map(|zone| zone.1).sum();
        let served = |zone: &Idx<Zone>| existing[zone.at()] <= within;
        let already = counted.iter().filter(|(zone, _)| served(zone)).map(|zone| zone.1).sum();
        let zones = counted.iter().filter(|(zone, people)| *people > 0 && !served(zone));
        let zones = zones.map(|&(zone, people)| {
            let sites: Vec<Site> = rows[zone.at()].iter().map(|pair| pair.0).collect();
            (people, sites)
        });
        let cover = Arc::new(Cover::new(candidates.len(), zones.filter(|zone| !zone.1.is_empty())));
        let at_least = asked.at_least.people(sum);
        Ok(Floor { name: asked.key(), at_least, already, counted: sum, cover, points: Vec::new() })
    };
    settings.reach.iter().map(|asked| floor(asked).map_err(|error| (asked.name.clone(), error))).collect()
}
