//! Whom the pilot has to reach: access, equity and affordability as floors on people.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::{Minutes, Share, UnitError};

/// A floor on the people who have a corner within reach.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReachFloor {
    /// What the plan and the report call it: no other floor has the same.
    pub name: String,
    /// The travel time to a corner within which people are reached. Default: `travel.minutes_max`, else 30 min.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Minutes>,
    /// The zones' numeric column that counts the people. Default `population`.
    #[serde(default = "population")]
    pub people: String,
    /// Equity: only people of these zones count.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub only: Option<Where>,
    /// Affordability: only people of zones that can pay for a device count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub afford: Option<Afford>,
    /// Only people of this market count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub market: Option<String>,
    /// At least so many of those who count: a share of them, or a number of people.
    pub at_least: Least,
}

impl ReachFloor {
    /// The scenario's key of the floor.
    #[must_use]
    pub fn key(&self) -> String {
        format!("reach.{}", self.name)
    }
}

/// The column that zones always have.
pub const POPULATION: &str = "population";

fn population() -> String {
    POPULATION.into()
}

/// Zones by one of their numeric columns: `at_least`, `at_most`, or both, each included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Where {
    /// The column, in its own unit.
    pub column: String,
    /// No less.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    /// No more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
}

impl Where {
    /// Whether a value lies within.
    #[must_use]
    pub fn holds(&self, value: f64) -> bool {
        self.at_least.is_none_or(|least| value >= least) && self.at_most.is_none_or(|most| value <= most)
    }
}

/// Zones where the price of a device in their market is at most a part of their income.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Afford {
    /// The device. Where it is not sold, nobody counts.
    pub device: String,
    /// The zones' numeric column of income, in the market's currency.
    pub income: String,
    /// At most this part of it.
    pub part: Share,
}

/// A least number of people: `"30 %"` of those who count, or `"120000 people"`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("units" = ["%", "people"]))]
pub enum Least {
    /// A part of those who count.
    Part(Share),
    /// So many.
    People(u64),
}

impl Least {
    /// As people, of so many who count: a part is rounded up to a whole person.
    #[must_use]
    pub fn people(self, counted: i64) -> i64 {
        match self {
            // 70 % is read as 70 times 0.01: what lies within the rounding of two products above a whole is that whole.
            #[expect(clippy::cast_possible_truncation, reason = "at most those who count")]
            Self::Part(share) => (share.fraction * counted as f64 * (1.0 - 2.0 * f64::EPSILON)).ceil() as i64,
            Self::People(people) => i64::try_from(people).unwrap_or(i64::MAX),
        }
    }
}

impl FromStr for Least {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Self, UnitError> {
        let example = "30 %";
        let Some(number) = text.trim().strip_suffix("people").map(str::trim) else {
            return text.parse().map(Self::Part).map_err(|error| match error {
                UnitError::Unit { text, .. } => UnitError::Unit { text, known: "%, people", example },
                other => other,
            });
        };
        let number: f64 = number
            .replace('_', "")
            .parse()
            .map_err(|_| UnitError::NotANumber { text: text.into(), example: "120000 people" })?;
        if number.fract() == 0.0 && (0.0..=1e11).contains(&number) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, 0 to 10^11")]
            return Ok(Self::People(number as u64));
        }
        Err(UnitError::Range { text: text.into(), range: "whole people, 0 to 10^11" })
    }
}

impl TryFrom<String> for Least {
    type Error = UnitError;
    fn try_from(text: String) -> Result<Self, UnitError> {
        text.parse()
    }
}

impl From<Least> for String {
    fn from(least: Least) -> Self {
        least.to_string()
    }
}

impl fmt::Display for Least {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Part(share) => write!(f, "{share}"),
            Self::People(people) => write!(f, "{people} people"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_floor_is_a_part_or_a_number_of_people() {
        assert_eq!("120000 people".parse(), Ok(Least::People(120_000)));
        assert_eq!("30 %".parse::<Least>().map(|least| least.people(1_001)), Ok(301));
        assert_eq!("70 %".parse::<Least>().map(|least| least.people(1_110)), Ok(777));
        assert_eq!("100 %".parse::<Least>().map(|least| least.people(14_558_172)), Ok(14_558_172));
        for text in ["130 %", "-1 people", "1.5 people", "many people", "0.3", "30 km"] {
            assert!(text.parse::<Least>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_group_includes_its_limits() {
        let group = Where { column: "income".into(), at_least: Some(1.0), at_most: Some(2.0) };
        assert!(group.holds(1.0) && group.holds(2.0) && !group.holds(0.9) && !group.holds(2.1));
    }
}
