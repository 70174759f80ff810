//! When each corner reorders and how much, and what a depot should hold.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::settings::Reorder;

/// The version of this section that this code writes and reads.
pub const SCHEMA: &str = "cornerstone/replenishment/1";

/// How the plan's stock is kept up. All figures are of the long run at the horizon's mean demand, shortages waiting, means
/// over the samples that the plan was decided over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Replenishment {
    /// [`SCHEMA`].
    pub schema: String,
    /// How corners reorder.
    pub policy: Reorder,
    /// Weeks between two reviews.
    pub review_weeks: u32,
    /// The currency of all money here.
    pub currency: String,
    /// A line for each line of stock, in the same order; none where corners are filled up at each review.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<ReorderLine>,
    /// By market, then device; none where no depot is asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depot: Vec<DepotLine>,
}

/// When one corner reorders one device, and how much.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReorderLine {
    /// Where.
    pub store_id: String,
    /// What.
    pub device: String,
    /// s or R: it orders at a review at which stock on hand and on order, less what customers wait for, is at most this.
    pub reorder: u32,
    /// S: it orders as many packs as fit below this. None for lots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<u32>,
    /// Q: it orders as many lots of this as bring it above `reorder`. None for points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot: Option<u32>,
    /// Orders over the horizon.
    pub orders: f64,
    /// Orders, holding, what salvage loses, and margin lost to shortages: major units of the currency per week.
    pub cost_per_week: f64,
    /// The share of reviews whose protection ends without a stockout (type 1).
    pub service_level: f64,
    /// The share of demand served at once (type 2).
    pub fill_rate: f64,
}

/// What a market's depot holds of one device, its corners filled up to their levels at each review.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DepotLine {
    /// Which market.
    pub market: String,
    /// What.
    pub device: String,
    /// The level to which the depot orders, in whole packs.
    pub base_stock: u32,
    /// The share of demand that corners serve at once, with that depot.
    pub fill_rate: f64,
    /// The same without a depot, when each order waits for both lead times.
    pub fill_rate_without: f64,
    /// Units that corners would have to hold beyond their levels to serve as well without one.
    pub units_apart: u32,
    /// What the depot saves against that, in holding and in shortages: major units of the currency per week.
    pub saves_per_week: f64,
}
