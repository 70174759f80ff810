//! How many stores, which, how far apart, and for how much.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::{Bonus, Length, Money};

/// How many stores, and which must or must not be among them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Placement {
    /// At most so many stores. Default 12.
    pub stores_max: Option<u32>,
    /// At least so many stores. Default 0.
    pub stores_min: u32,
    /// Stores that must be chosen.
    pub require: Vec<String>,
    /// Stores that must not be chosen.
    pub exclude: Vec<String>,
    /// Stores of the previous plan, that stay unless changing pays more than `stay_bonus` each.
    pub stay: Vec<String>,
    /// What each of `stay` adds to the objective while it is chosen, in the objective's unit.
    pub stay_bonus: Option<Bonus>,
    /// Chosen stores lie at least this far apart, as the crow flies.
    pub distance_min: Option<Length>,
    /// Limits by market.
    pub by_market: BTreeMap<String, MarketLimits>,
}

impl Placement {
    /// At most so many stores.
    #[must_use]
    pub fn stores_max(&self) -> u32 {
        self.stores_max.unwrap_or(12)
    }
}

/// Limits within one market.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MarketLimits {
    /// At least so many stores.
    pub stores_min: Option<u32>,
    /// At most so many stores.
    pub stores_max: Option<u32>,
    /// Open costs at most, in the market's currency: `"1.2 MUSD"`.
    #[schemars(with = "Option<String>", extend("format" = "money"))]
    #[serde(deserialize_with = "money::read", serialize_with = "money::write")]
    pub capex: Option<Money>,
}

/// What may be spent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Budget {
    /// Open costs of all corners at most, in the base currency: `"3.5 MUSD"`, `"40 kGBP"`.
    #[schemars(with = "Option<String>", extend("format" = "money"))]
    #[serde(deserialize_with = "money::read", serialize_with = "money::write")]
    pub capex: Option<Money>,
    /// Unit cost of all opening stock at most, in the base currency: `"180 kUSD"`.
    #[schemars(with = "Option<String>", extend("format" = "money"))]
    #[serde(deserialize_with = "money::read", serialize_with = "money::write")]
    pub stock: Option<Money>,
    /// Units of opening stock at most.
    pub stock_units: Option<u64>,
    /// What opening a corner costs where the table of stores does not say: `"4500 GBP"`.
    #[schemars(with = "Option<String>", extend("format" = "money"))]
    #[serde(deserialize_with = "money::read", serialize_with = "money::write")]
    pub open_cost: Option<Money>,
}

/// Money in a settings file is one text with its currency, `"3.5 MUSD"`.
pub(super) mod money {
    use super::Money;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(in crate::settings) fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Money>, D::Error> {
        Option::<String>::deserialize(from)?.map(|text| text.parse().map_err(D::Error::custom)).transpose()
    }

    #[expect(clippy::ref_option, reason = "the signature that serde asks for")]
    pub(in crate::settings) fn write<S: Serializer>(money: &Option<Money>, to: S) -> Result<S::Ok, S::Error> {
        match money {
            Some(money) => to.serialize_some(&money.to_string()),
            None => to.serialize_none(),
        }
    }
}
