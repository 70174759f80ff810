//! The study: all that a run knows, from which every report is rendered without another computation.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::forecast::LEVELS;
use crate::plan::Plan;
use crate::units::Currency;

/// The version of study.json that this code writes and reads.
pub const SCHEMA: &str = "cornerstone/study/1";

/// All that a run knows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Study {
    /// [`SCHEMA`].
    pub schema: String,
    /// Where the numbers come from.
    pub provenance: Provenance,
    /// The decision.
    pub plan: Plan,
    /// The base currency of all amounts.
    pub currency: Currency,
    /// Weeks the plan looks ahead.
    pub horizon_weeks: u32,
    /// The most stores that were allowed.
    pub stores_max: u32,
    /// How far people were taken to travel.
    pub travel: TravelNote,
    /// Names and circumstances of the chosen stores, those they resemble most, their controls and the nearest misses, by
    /// store id.
    pub stores: Vec<StoreNote>,
    /// Markets, by id.
    pub markets: Vec<MarketNote>,
    /// Every candidate not chosen: market position, degrees north, degrees east (rounded to 0.001).
    pub candidates: Vec<(u16, f32, f32)>,
    /// Demand of the chosen stores together.
    pub outlook: Outlook,
    /// Devices, by id.
    pub devices: Vec<DeviceNote>,
    /// How good the forecast is.
    pub forecast: ForecastNote,
    /// What was not modelled, as sentences.
    pub not_modelled: Vec<String>,
}

/// How far people were taken to travel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TravelNote {
    /// The reach that `people_in_reach` is counted within: [`crate::settings::TravelSettings::reach_minutes`].
    pub reach_minutes: f64,
    /// For coverage, the travel time within which people count; none for the other objectives.
    pub radius_minutes: Option<f64>,
}

/// Where the numbers come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// The date that counted as today, ISO 8601.
    pub as_of: String,
    /// The root of all random numbers.
    pub seed: u64,
    /// Version of cornerstone.
    pub version: String,
    /// Version of the solver, such as `HiGHS 1.15.0`.
    pub solver: String,
    /// Hash of the Market's content.
    pub market_hash: String,
    /// Hash of the settings.
    pub settings_hash: String,
    /// The command that makes this run again.
    pub command: String,
    /// Whether the data is simulated.
    pub synthetic: bool,
    /// Rows read, by table, in the order of reading.
    pub tables: Vec<TableNote>,
}

/// A table that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableNote {
    /// Its role, such as `sales`.
    pub role: String,
    /// Rows that passed.
    pub rows: u64,
}

/// What a report says about a store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StoreNote {
    /// Its id.
    pub store_id: String,
    /// The name a person knows it by.
    pub name: String,
    /// Its market.
    pub market: String,
    /// People in its reach.
    pub people_in_reach: u64,
    /// Stores it resembles, with their weights.
    pub analogs: Vec<(String, f64)>,
    /// What each group of features adds to its forecast, as a factor, largest effect first.
    pub contributions: Vec<(String, f64)>,
    /// Part of its demand that other chosen stores take away.
    pub cannibalised: f64,
    /// Cost of opening there, base-currency major units.
    pub open_cost: f64,
}

/// What a report says about a market.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MarketNote {
    /// Its id.
    pub market: String,
    /// Its country, as given.
    pub country: String,
    /// The language that its people read numbers and dates in, as given (BCP 47); else that of most of its people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Candidates there.
    pub candidates: u32,
}

/// Demand of the chosen stores together, units of all devices per week.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Outlook {
    /// Sales of related products in the chosen stores in the weeks before `as_of`, oldest first; empty without history.
    pub history: Vec<f64>,
    /// Mean forecast of device demand per week of the horizon.
    pub mean: Vec<f64>,
    /// Quantiles at [`LEVELS`] per week of the horizon.
    pub quantiles: Vec<[f64; LEVELS.len()]>,
}

/// What a report says about a device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceNote {
    /// Its id.
    pub device: String,
    /// Whether its level is assumed (an uptake prior) and not learned from stores that sell it.
    pub assumed: bool,
    /// Methods blended, with weights.
    pub methods: Vec<(String, f64)>,
}

/// How good the forecast is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ForecastNote {
    /// Stores held out in turn; 0 where there were too few.
    pub stores_held_out: u32,
    /// WAPE on them.
    pub wape: Option<f64>,
    /// Share of the central 80 % intervals that held the truth.
    pub coverage_80: Option<f64>,
    /// The same among the best-looking tenth.
    pub coverage_80_top: Option<f64>,
    /// Share of the central 80 % intervals of existing series that held the truth over rolling origins.
    pub history_coverage_80: Option<f64>,
    /// Series forecast.
    pub series: u32,
}
