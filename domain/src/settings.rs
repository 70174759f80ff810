//! What a scenario asks for: the settings of one run, typed and with units.
//!
//! The scenario file is read into these types as they are, so that a key and its meaning stand in
//! one place. Where files lie and how tables are mapped is not here but with the scenario's tables.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::calendar::Date;
use crate::units::{Bonus, Currency, Length, Minutes, Money, Share, Speed};

mod placement;
mod reach;
mod risk;
mod stock;

pub use placement::{Budget, MarketLimits, Placement};
pub use reach::{Afford, Least, POPULATION, ReachFloor, Where};
pub use risk::{Aim, Measure, Risk};
pub use stock::{Depot, Reorder, Stock, StockPolicy};

/// Everything a run is asked, apart from where its tables lie.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The scenario's name.
    pub name: String,
    /// The date that counts as today, `2026-11-16`. The machine's clock is never asked.
    #[schemars(with = "String", extend("format" = "date"))]
    pub as_of: Date,
    /// Weeks that the plan looks ahead.
    pub horizon_weeks: u32,
    /// What an absent row of `sales` means.
    pub zero_rows: ZeroRows,
    /// The root of all random numbers.
    #[serde(default = "default::seed")]
    pub seed: u64,
    /// The most stores a plan may ever be asked for.
    #[serde(default = "default::stores_limit")]
    pub stores_limit: u32,
    /// Currencies and their rates.
    #[serde(default)]
    pub fx: Fx,
    /// What is sought.
    #[serde(default)]
    pub objective: Objective,
    /// Who goes where.
    #[serde(default)]
    pub capture: Capture,
    /// Travel times where no table gives them.
    #[serde(default)]
    pub travel: TravelSettings,
    /// How many stores, and which must or must not be among them.
    #[serde(default)]
    pub placement: Placement,
    /// What may be spent.
    #[serde(default)]
    pub budget: Budget,
    /// Whom it has to reach: floors on people within reach of a corner.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reach: Vec<ReachFloor>,
    /// What is assumed and drawn about demand.
    #[serde(default)]
    pub demand: Demand,
    /// How corners are stocked.
    #[serde(default)]
    pub stock: Stock,
    /// How the pilot will be compared.
    #[serde(default)]
    pub pilot: Pilot,
    /// How long and how exactly to solve.
    #[serde(default)]
    pub solver: Solver,
}

/// What an absent row of `sales` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ZeroRows {
    /// Nothing was sold.
    Zero,
    /// Nobody knows.
    Missing,
}

/// Fixed exchange rates.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Fx {
    /// The currency of the objective; that of the only market unless given.
    pub base: Option<Currency>,
    /// How much of the base currency one unit of each other currency is.
    pub rates: BTreeMap<Currency, f64>,
}

/// What is sought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ObjectiveKind {
    /// Expected profit over the horizon, in the base currency.
    #[default]
    Profit,
    /// People x minutes to the nearest corner (p-median), as little as possible.
    Distance,
    /// People within `radius` of a corner, as many as possible.
    Coverage,
}

/// What is sought, with its parameter.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Objective {
    /// Which objective.
    pub kind: ObjectiveKind,
    /// For coverage: the travel time within which people count. Default 10 min.
    pub radius: Option<Minutes>,
    /// For profit: what its worst outcomes count, or must reach.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<Risk>,
}

/// Who goes where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CaptureLaw {
    /// Each corner sells its own forecast, whatever else is open.
    Independent,
    /// Each zone goes to its nearest open corner within reach.
    Nearest,
    /// Each zone spreads over the open corners and the outside option (Huff, multinomial logit).
    #[default]
    Share,
}

/// The capture law and its parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Capture {
    /// Which law.
    pub law: CaptureLaw,
    /// Decay of attraction with travel time, beta in exp(-beta t), per minute.
    pub beta_per_minute: f64,
    /// The outside option b of each zone: competitors and not buying, on the scale of a corner next door.
    pub outside: f64,
    /// The largest part of its reach's potential that a store alone may need.
    pub share_max: Share,
}

impl Default for Capture {
    fn default() -> Self {
        Self { law: CaptureLaw::Share, beta_per_minute: 0.12, outside: 1.0, share_max: Share { fraction: 0.5 } }
    }
}

/// Travel times where no table gives them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TravelSettings {
    /// Mean speed on the road.
    pub speed: Speed,
    /// Road length over great-circle length.
    pub detour: f64,
    /// The farthest that people travel to a corner. Capture laws know no pair beyond it. For
    /// `distance`, a zone without a corner within it counts as this far; not given, as far as it is.
    pub minutes_max: Option<Minutes>,
}

impl Default for TravelSettings {
    fn default() -> Self {
        Self { speed: Speed { km_per_hour: 40.0 }, detour: 1.3, minutes_max: None }
    }
}

impl TravelSettings {
    /// The reach of a capture law: `minutes_max`, or 30 minutes.
    #[must_use]
    pub fn reach_minutes(&self) -> f64 {
        self.minutes_max.map_or(30.0, |minutes| minutes.minutes)
    }
}

/// Uptake: units of a device per unit of its related products. A prior, until corners sell.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Uptake {
    /// One in ten outcomes lies below.
    pub low: f64,
    /// The most likely value.
    pub mode: f64,
    /// One in ten outcomes lies above.
    pub high: f64,
}

/// Adoption: the Bass curve's coefficients per year.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Adoption {
    /// Innovation p, per year.
    pub innovation: f64,
    /// Imitation q, per year.
    pub imitation: f64,
}

impl Default for Adoption {
    fn default() -> Self {
        // Mean p of Sultan, Farley and Lehmann (1990) is 0.03 and q 0.38 for durables sold one by
        // one; a corner opens with its shelf full and staff at it, which quickens the start.
        Self { innovation: 2.0, imitation: 3.0 }
    }
}

/// What is assumed and drawn about demand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Demand {
    /// Which devices the corners sell; all that are in the table unless given.
    pub devices: Vec<String>,
    /// The prior of the uptake for devices without an entry of their own.
    pub uptake: Uptake,
    /// Priors by device.
    pub uptake_by_device: BTreeMap<String, Uptake>,
    /// The adoption curve.
    pub adoption: Adoption,
    /// Joint samples that the decision is made over.
    pub samples: u32,
    /// Stores that must sell a device before its forecast is trained on them.
    pub trained_stores_min: u32,
    /// A zone's numeric column that scales the potential of its people; none by default.
    pub potential_attribute: Option<String>,
}

impl Default for Demand {
    fn default() -> Self {
        Self {
            devices: Vec::new(),
            uptake: Uptake { low: 0.02, mode: 0.04, high: 0.08 },
            uptake_by_device: BTreeMap::new(),
            adoption: Adoption::default(),
            samples: 200,
            trained_stores_min: 30,
            potential_attribute: None,
        }
    }
}

/// Who a pilot's stores are compared with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Design {
    /// Each with the stores that sold most like it.
    #[default]
    Matched,
    /// Pairs of stores that serve no zone together are decided, and a recorded coin opens one of each; the other is its
    /// control. For profit.
    Randomised,
}

/// How the pilot will be compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Pilot {
    /// `matched` or `randomised`.
    pub design: Design,
    /// Controls of each chosen store; 0 for none.
    pub controls_per_store: u32,
    /// No control lies nearer than this to a chosen store.
    pub spillover: Length,
    /// Weeks before `as_of` on which stores are matched. Default 26.
    pub match_weeks: u32,
    /// Weeks that the pilot is watched before it is judged.
    pub watch_weeks: u32,
    /// The effect on sales of related products that the pilot must find 8 times in 10, as a share of them. For profit, a
    /// rule of the decision.
    pub detect: Option<Share>,
    /// By numeric attribute of stores: the most by which the mean of the chosen stores may differ from that of all
    /// candidates, in the attribute's units.
    pub representative: BTreeMap<String, f64>,
    /// By numeric attribute of stores: the most by which the mean of the chosen stores may differ from that of their
    /// controls. For profit, a rule of the decision.
    pub balanced: BTreeMap<String, f64>,
}

impl Default for Pilot {
    fn default() -> Self {
        Self {
            design: Design::Matched,
            controls_per_store: 2,
            spillover: Length { km: 5.0 },
            match_weeks: 26,
            watch_weeks: 13,
            detect: None,
            representative: BTreeMap::new(),
            balanced: BTreeMap::new(),
        }
    }
}

/// How long and how exactly to solve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Solver {
    /// The gap at which to stop: relative, as a percentage. Default 0 % for distance and coverage, 0.1 % for profit.
    pub gap: Option<Share>,
    /// Wall-clock limit; a plan cut by it is not replayable.
    pub time_limit: Option<Minutes>,
    /// Nodes of the search tree at most; replayable.
    pub nodes_max: u64,
}

impl Default for Solver {
    fn default() -> Self {
        Self { gap: None, time_limit: None, nodes_max: 20_000 }
    }
}

impl Settings {
    /// The gap asked for, as a fraction.
    #[must_use]
    pub fn gap(&self) -> f64 {
        self.solver.gap.map_or(
            match self.objective.kind {
                ObjectiveKind::Profit => 1e-3,
                ObjectiveKind::Distance | ObjectiveKind::Coverage => 0.0,
            },
            |share| share.fraction,
        )
    }

    /// Every amount of money in a budget or bonus, with its key.
    pub fn amounts(&self) -> impl Iterator<Item = (&'static str, Money)> {
        let bonus = match self.placement.stay_bonus {
            Some(Bonus::Money(money)) => Some(money),
            Some(Bonus::PeopleMinutes(_) | Bonus::People(_)) | None => None,
        };
        let amounts = [
            ("placement.stay_bonus", bonus),
            ("budget.capex", self.budget.capex),
            ("budget.stock", self.budget.stock),
            ("budget.open_cost", self.budget.open_cost),
            ("objective.risk.at_least", self.objective.risk.as_ref().and_then(|risk| risk.at_least)),
        ];
        amounts.into_iter().filter_map(|(key, amount)| Some((key, amount?)))
    }

    /// How much of the base currency one unit of `currency` is; none where no rate is given.
    #[must_use]
    pub fn rate(&self, currency: Currency) -> Option<f64> {
        match self.fx.base {
            Some(base) if base == currency => Some(1.0),
            None => Some(1.0),
            Some(_) => self.fx.rates.get(&currency).copied(),
        }
    }

    /// The prior of a device's uptake.
    #[must_use]
    pub fn uptake(&self, device: &str) -> Uptake {
        self.demand.uptake_by_device.get(device).copied().unwrap_or(self.demand.uptake)
    }
}

mod default {
    pub(super) fn seed() -> u64 {
        1
    }
    pub(super) fn stores_limit() -> u32 {
        12
    }
}
