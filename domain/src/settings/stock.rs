//! How corners are stocked, reordered and supplied.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::placement::money;
use crate::units::{Money, Share};

/// How a corner is supplied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StockPolicy {
    /// Filled up to its level once per review period.
    #[default]
    Cycle,
    /// One order for the whole horizon (the newsvendor).
    SingleOrder,
}

/// When a corner reorders, and how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Reorder {
    /// Filled up to its level at each review.
    #[default]
    Levels,
    /// (s, S): at a review at which stock and orders are at most s, up to the level S, in whole packs.
    Points,
    /// (R, Q): at a review at which stock and orders are at most R, as many lots of Q as bring them above it.
    Lots,
}

impl Reorder {
    fn is_levels(&self) -> bool {
        *self == Self::Levels
    }
}

/// A depot in each market, that supplies its corners and is itself supplied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Depot {
    /// Weeks from the supplier to the depot; the devices' own `lead_time_weeks` lead on from it to a corner.
    pub lead_time_weeks: u32,
    /// What a unit costs to hold at the depot, as a share of the device's `holding_cost_per_week`.
    pub holding: Share,
}

impl Default for Depot {
    fn default() -> Self {
        // No lead time is no depot: it has to be stated.
        Self { lead_time_weeks: 0, holding: Share { fraction: 1.0 } }
    }
}

/// How corners are stocked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Stock {
    /// How a corner is supplied.
    pub policy: StockPolicy,
    /// Weeks between two orders.
    pub review_weeks: u32,
    /// The least probability that a cycle ends without a stockout (type 1), where asked.
    pub service_min: Option<Share>,
    /// Units of a device at a corner at most.
    pub units_max: u32,
    /// When a corner reorders, and how much: `levels`, `points` or `lots`.
    #[serde(skip_serializing_if = "Reorder::is_levels")]
    pub reorder: Reorder,
    /// What one order of one device at one corner costs, however large it is. `points` and `lots` need it.
    #[schemars(with = "Option<String>", extend("format" = "money"))]
    #[serde(
        deserialize_with = "money::read",
        serialize_with = "money::write",
        skip_serializing_if = "Option::is_none"
    )]
    pub order_cost: Option<Money>,
    /// A depot, where it is to be said what one should hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depot: Option<Depot>,
}

impl Default for Stock {
    fn default() -> Self {
        Self {
            policy: StockPolicy::Cycle,
            review_weeks: 2,
            service_min: None,
            units_max: 400,
            reorder: Reorder::Levels,
            order_cost: None,
            depot: None,
        }
    }
}
