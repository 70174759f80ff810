//! The plan: the decision, as plan.json states it.
//!
//! Field order is the order in the file. Every list is in a stated order, so the same decision has
//! the same bytes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::settings::{CaptureLaw, ObjectiveKind};
use crate::units::Money;

pub mod replenishment;

use replenishment::Replenishment;

/// The version of plan.json that this code writes and reads.
pub const SCHEMA: &str = "cornerstone/plan/1";

/// Up to this gap a plan counts as proven.
pub const PROVEN: f64 = 1e-6;

/// How a decision ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// No plan is better: shown by the bound.
    Proven,
    /// A plan and a bound, with a gap between them.
    Gap,
}

/// The decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// [`SCHEMA`].
    pub schema: String,
    /// The run that made it: `<as_of>-<hash>`.
    pub run_id: String,
    /// The scenario's name.
    pub scenario: String,
    /// How the decision ended.
    pub status: Status,
    /// What was sought, what was reached, and what can't be beaten.
    pub objective: ObjectiveValue,
    /// Chosen stores, by rank.
    pub stores: Vec<ChosenStore>,
    /// Opening stock, by store id, then device.
    pub stock: Vec<StockLine>,
    /// How that stock is kept up, where the scenario asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replenishment: Option<Replenishment>,
    /// Whom the plan reaches, by floor, in the scenario's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reach: Vec<Reached>,
    /// The nearest misses, cheapest swap first.
    pub not_chosen: Vec<NotChosen>,
    /// What the choice hangs on: the chosen store that is replaced most cheaply, then the one that would replace it.
    /// Empty where the search was cut short, or nothing can replace anything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub thresholds: Vec<Threshold>,
    /// What the plan is worth.
    pub worth: Worth,
    /// How the pilot will be compared.
    pub pilot: PilotDesign,
    /// Whether verification confirmed the bound.
    pub bound_verified: bool,
    /// What a reader has to know, as sentences with their codes, in order of code.
    pub warnings: Vec<Warning>,
}

/// A warning that the plan carries.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Warning {
    /// Code of docs/errors.md.
    pub code: String,
    /// The sentence.
    pub text: String,
}

/// The objective, its value and its bound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ObjectiveValue {
    /// What was sought.
    pub kind: ObjectiveKind,
    /// The capture law it was sought under.
    pub law: CaptureLaw,
    /// The unit of `value` and `bound`: a currency code, `people x minutes` or `people`.
    pub unit: String,
    /// Reached, for the problem as stated over its samples.
    pub value: f64,
    /// Proven: no plan does better.
    pub bound: f64,
    /// |value - bound| / max(1, |value|).
    pub gap: f64,
    /// For coverage, the people within the radius of the plan; for distance, mean minutes per person. None for profit.
    pub reached: Option<f64>,
    /// What `placement.stay_bonus` adds to `value` for stores that stay; for distance, what it adds for stores that
    /// do not. 0 without one. It is no money: `worth` knows nothing of it.
    #[serde(default)]
    pub stay_bonus: f64,
    /// 8 in 10 outcomes of the profit lie within, in base-currency major units.
    pub interval: [f64; 2],
    /// How the plan fares in its worst outcomes, where the scenario asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<RiskValue>,
}

/// How a plan fares in its worst outcomes, over the samples that it was decided over: profit over counts, in
/// base-currency major units.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RiskValue {
    /// The part of the outcomes, the worst, whose mean is looked at.
    pub tail: f64,
    /// What that mean counts in the objective, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<f64>,
    /// What that mean has to reach, where it has to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    /// That mean.
    pub cvar: f64,
    /// The mean of all outcomes.
    pub mean: f64,
}

/// A chosen store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChosenStore {
    /// Its id.
    pub store_id: String,
    /// Its market.
    pub market: String,
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lon: f64,
    /// 1 earns most.
    pub rank: u32,
    /// Expected profit over the horizon in the base currency, with its stock, beside the other corners, on fresh samples.
    pub expected_profit: Money,
    /// 8 in 10 outcomes lie within.
    pub interval: [Money; 2],
    /// Expected demand in units per week at full adoption, all devices, beside the other corners.
    pub demand_units_per_week: f64,
    /// In what share of the perturbed problems (forecast noise) it is chosen again.
    pub share_of_scenarios: f64,
    /// Its controls' ids, best match first.
    pub controls: Vec<String>,
}

/// Opening stock of one device at one corner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StockLine {
    /// Where.
    pub store_id: String,
    /// What.
    pub device: String,
    /// How many: the level to which the corner is filled up.
    pub units: u32,
    /// The probability that a cycle ends without a stockout (type 1).
    pub service_level: f64,
    /// The share of demand served from stock (type 2).
    pub fill_rate: f64,
}

/// Whom the plan reaches, of those whom a floor of the scenario counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reached {
    /// What the scenario calls the floor.
    pub name: String,
    /// People count as reached who have a corner, of the plan or one that exists, within so many minutes.
    pub within_minutes: f64,
    /// So many are.
    pub people: i64,
    /// Of so many who count.
    pub counted: i64,
    /// At least so many have to be.
    pub at_least: i64,
}

/// A store that was nearly chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NotChosen {
    /// Its id.
    pub store_id: String,
    /// What the objective loses if it takes the place of the chosen store that it suits best.
    pub swap_cost: f64,
    /// That store.
    pub instead_of: String,
}

/// What would change a store's part in the plan, found by solving again with it and without it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// The store.
    pub store_id: String,
    /// Whether the plan holds it.
    pub chosen: bool,
    /// How much less it may be worth and stay, where it is chosen; else how much more it must be worth to come in: at
    /// least, and at most, in the objective's unit. Below 0 the search, within its gap, does not tell which is better.
    pub worth: [f64; 2],
}

/// What the plan is worth in one market, at the scenario's rates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MarketWorth {
    /// The market.
    pub market: String,
    /// Stores chosen there.
    pub stores: u32,
    /// Expected profit of these stores over the horizon, in the market's currency.
    pub expected_profit: Money,
    /// What opening them costs, in the market's currency.
    pub open_cost: Money,
    /// What their opening stock costs, in the market's currency.
    pub stock_cost: Money,
}

/// What the plan is worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Worth {
    /// Expected profit over the horizon on fresh samples, corrected for having chosen the best-looking stores.
    pub expected_profit: Money,
    /// The factor of that correction on demand (1 = none).
    pub selection_factor: f64,
    /// In what share of the outcomes the plan loses money.
    pub chance_of_loss: f64,
    /// What opening costs in all.
    pub open_cost: Money,
    /// What the opening stock costs.
    pub stock_cost: Money,
    /// Weeks until expected earnings have paid for opening; none if not within three years at the last week's pace.
    pub payback_weeks: Option<f64>,
    /// What one more store would add to the objective (solved again); none if there is no other candidate.
    pub next_store_value: Option<f64>,
    /// What one store fewer would cost (solved again); none for a plan of one store or none.
    pub last_store_value: Option<f64>,
    /// The factor on all demand below which the plan loses money; none if no factor above 0 does.
    pub break_even_demand: Option<f64>,
    /// The same plan under other assumptions.
    pub stress: Vec<Stress>,
    /// By market with a chosen store, by id; empty where there is one market only, in the base currency.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub markets: Vec<MarketWorth>,
}

/// The decision taken again under one changed assumption.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stress {
    /// The change, as a person would say it.
    pub name: String,
    /// Expected profit of this plan under it.
    pub expected_profit: Money,
    /// 8 in 10 outcomes.
    pub interval: [Money; 2],
    /// How many of the plan's stores the best plan under it keeps.
    pub stores_kept: u32,
    /// Stores that the best plan under it would open instead.
    pub enters: Vec<String>,
    /// Stores of this plan that it would leave out.
    pub leaves: Vec<String>,
}

/// How the pilot will be compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PilotDesign {
    /// `matched`, `randomised` (then every store has its partner of the pair as its control), or `none`.
    pub design: String,
    /// Controls asked for per store.
    pub controls_per_store: u32,
    /// Weeks that the stores were matched on.
    pub match_weeks: u32,
    /// Weeks that the pilot is watched.
    pub watch_weeks: u32,
    /// The day after these weeks if it begins on the day that counts as today, ISO 8601; none where nothing is compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged_on: Option<String>,
    /// The effect that the scenario asks the pilot to find, as a share.
    #[serde(default)]
    pub detect: Option<f64>,
    /// How gains are measured: `weekly`, `level`, `weekly-adjusted` or `level-adjusted`. None where nothing is claimed.
    #[serde(default)]
    pub estimator: Option<String>,
    /// s: the root of the summed variances between stores and their controls, over the number of stores; logs.
    #[serde(default)]
    pub scale: Option<f64>,
    /// kappa: the effect that is found 8 times in 10 at the 5 % level, in scales; measured on pilots that never were.
    #[serde(default)]
    pub kappa: Option<f64>,
    /// exp(kappa s) - 1: the smallest change of related products' sales, as a share, that the pilot finds 8 times in 10
    /// at the 5 % level. None without controls or history.
    pub minimum_detectable_effect: Option<f64>,
    /// The same for all that the stores sell.
    #[serde(default)]
    pub minimum_detectable_effect_store: Option<f64>,
    /// Of a randomised pilot: what the stores that the coins opened earn with their stock, as the objective counts; the
    /// objective itself is the mean over assignments. Base-currency major units.
    #[serde(default)]
    pub drawn: Option<f64>,
    /// Starts in the past that it was calibrated on.
    pub placebo_windows: u32,
    /// Pilots that never were, over all these starts.
    #[serde(default)]
    pub placebos: u32,
}

/// Two numbers as a share of the larger of 1 and the first: the design's gap.
#[must_use]
pub fn gap(value: f64, bound: f64) -> f64 {
    (value - bound).abs() / value.abs().max(1.0)
}
