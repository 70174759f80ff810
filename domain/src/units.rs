//! Quantities with their units: money in minor units, lengths, durations, speeds, shares.
//!
//! A bare number where a unit is due is refused, so a scenario can't say "5" and mean either
//! kilometres or miles. Money is an integer of minor units; `f64` lives inside the numerics only.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why a text is not the quantity it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// There is no number in front.
    #[error("`{text}` does not start with a number; write it like `{example}`")]
    NotANumber {
        /// What was read.
        text: String,
        /// How to write it.
        example: &'static str,
    },
    /// The unit is missing or not one of those known here.
    #[error("`{text}` needs one of these units: {known}; write it like `{example}`")]
    Unit {
        /// What was read.
        text: String,
        /// The units understood here.
        known: &'static str,
        /// How to write it.
        example: &'static str,
    },
    /// The value is outside what can be held or makes sense.
    #[error("`{text}` is out of range ({range})")]
    Range {
        /// What was read.
        text: String,
        /// What is allowed.
        range: &'static str,
    },
}

/// An ISO 4217 currency code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Currency([u8; 3]);

impl Currency {
    /// The code, such as `USD`.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// How many decimals its minor unit has (ISO 4217; 2 unless listed there otherwise).
    #[must_use]
    pub fn decimals(&self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF" | b"UGX"
            | b"UYI" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }

    /// Minor units in one major unit, such as 100 cents in a dollar.
    #[must_use]
    pub fn minor_per_major(&self) -> i64 {
        10_i64.pow(self.decimals())
    }
}

impl FromStr for Currency {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Self, UnitError> {
        match text.as_bytes() {
            [a, b, c] if [a, b, c].iter().all(|letter| letter.is_ascii_uppercase()) => Ok(Self([*a, *b, *c])),
            _ => Err(UnitError::Unit { text: text.into(), known: "ISO 4217 codes of three capitals", example: "USD" }),
        }
    }
}
impl TryFrom<String> for Currency {
    type Error = UnitError;
    fn try_from(text: String) -> Result<Self, UnitError> {
        text.parse()
    }
}
impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}
impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount of money: minor units (cents) of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Money {
    /// Minor units; negative is a loss.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// From major units, rounded half away from zero to the minor unit.
    #[must_use]
    pub fn from_major(major: f64, currency: Currency) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "amounts are far below 2^63 minor units; a cast saturates")]
        let minor = (major * currency.minor_per_major() as f64).round() as i64;
        Self { minor, currency }
    }

    /// As a number of major units, for the numerics.
    #[must_use]
    pub fn major(&self) -> f64 {
        self.minor as f64 / self.currency.minor_per_major() as f64
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.*} {}", self.currency.decimals() as usize, self.major(), self.currency)
    }
}

/// Splits `"3.5 MUSD"` into its number and the rest.
fn split<'a>(text: &'a str, example: &'static str) -> Result<(f64, &'a str), UnitError> {
    let trimmed = text.trim();
    let end =
        trimmed.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | '_'))).unwrap_or(trimmed.len());
    let number: f64 =
        trimmed[..end].replace('_', "").parse().map_err(|_| UnitError::NotANumber { text: text.into(), example })?;
    if !number.is_finite() {
        return Err(UnitError::NotANumber { text: text.into(), example });
    }
    Ok((number, trimmed[end..].trim()))
}

impl FromStr for Money {
    type Err = UnitError;
    /// Reads `"3.5 MUSD"`, `"200 kGBP"` or `"1500 USD"`.
    fn from_str(text: &str) -> Result<Self, UnitError> {
        let example = "3.5 MUSD";
        let (number, unit) = split(text, example)?;
        let (factor, code) = match unit.strip_prefix('M').filter(|rest| rest.len() == 3) {
            Some(rest) => (1e6, rest),
            None => match unit.strip_prefix('k').filter(|rest| rest.len() == 3) {
                Some(rest) => (1e3, rest),
                None => (1.0, unit),
            },
        };
        let currency = code.parse().map_err(|_| UnitError::Unit {
            text: text.into(),
            known: "a currency, with k or M before it for thousands or millions",
            example,
        })?;
        if (number * factor).abs() > 1e13 {
            return Err(UnitError::Range { text: text.into(), range: "at most 10 trillion" });
        }
        Ok(Self::from_major(number * factor, currency))
    }
}

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident, $field:ident, $example:literal, $known:literal, $range:literal, $valid:expr, { $($unit:literal => $factor:expr),+ $(,)? }, $shown:expr, $show:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize, JsonSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schemars(with = "String", extend("units" = [$($unit),+], "range" = $range))]
        pub struct $name {
            /// The value in the unit of the field's name.
            pub $field: f64,
        }
        impl FromStr for $name {
            type Err = UnitError;
            fn from_str(text: &str) -> Result<Self, UnitError> {
                let (number, unit) = split(text, $example)?;
                let factor = match unit {
                    $($unit => $factor,)+
                    _ => return Err(UnitError::Unit { text: text.into(), known: $known, example: $example }),
                };
                let value: f64 = number * factor;
                let valid: fn(f64) -> bool = $valid;
                if !valid(value) {
                    return Err(UnitError::Range { text: text.into(), range: $range });
                }
                Ok(Self { $field: value })
            }
        }
        impl TryFrom<String> for $name {
            type Error = UnitError;
            fn try_from(text: String) -> Result<Self, UnitError> {
                text.parse()
            }
        }
        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.to_string()
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{} {}", self.$field * $shown, $show)
            }
        }
    };
}

quantity!(
    /// A length on the ground: `"5 km"`, `"500 m"`, `"3 mi"`.
    Length, km, "5 km", "m, km, mi", "0 to 40,000 km", |km| (0.0..=40_000.0).contains(&km),
    { "km" => 1.0, "m" => 1e-3, "mi" => 1.609_344 }, 1.0, "km"
);
quantity!(
    /// A duration: `"30 min"`, `"1.5 h"`, `"45 s"`.
    Minutes, minutes, "30 min", "s, min, h", "0 to 70,000 min", |minutes| (0.0..=70_000.0).contains(&minutes),
    { "min" => 1.0, "h" => 60.0, "s" => 1.0 / 60.0 }, 1.0, "min"
);
quantity!(
    /// A speed: `"40 km/h"`, `"25 mph"`.
    Speed, km_per_hour, "40 km/h", "km/h, mph", "above 0, to 1,000 km/h", |speed| speed > 0.0 && speed <= 1_000.0,
    { "km/h" => 1.0, "mph" => 1.609_344 }, 1.0, "km/h"
);
quantity!(
    /// A share of something: `"20 %"`. Held as a fraction.
    Share, fraction, "20 %", "%", "0 to 100 %", |fraction| (0.0..=1.0).contains(&fraction),
    { "%" => 0.01 }, 100.0, "%"
);

impl TryFrom<String> for Money {
    type Error = UnitError;
    fn try_from(text: String) -> Result<Self, UnitError> {
        text.parse()
    }
}

/// What changing a decision has to pay, in the unit of its objective: `"40 kUSD"`, `"90000 people x minutes"`,
/// `"1500 people"`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub enum Bonus {
    /// For profit.
    Money(Money),
    /// For distance.
    PeopleMinutes(f64),
    /// For coverage.
    People(u64),
}

impl FromStr for Bonus {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Self, UnitError> {
        let example = "40 kUSD";
        let (number, unit) = split(text, example)?;
        let range = |fits: bool, range| match fits {
            true => Ok(()),
            false => Err(UnitError::Range { text: text.into(), range }),
        };
        match unit {
            "people" => {
                range(number.fract() == 0.0 && (0.0..=1e9).contains(&number), "whole people, 0 to a billion")?;
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, 0 to a billion")]
                let people = number as u64;
                Ok(Self::People(people))
            }
            "people x minutes" => {
                range((0.0..=1e12).contains(&number), "0 to 10^12 people x minutes")?;
                Ok(Self::PeopleMinutes(number))
            }
            _ => {
                let money: Money = text.parse().map_err(|_| UnitError::Unit {
                    text: text.into(),
                    known: "a currency (with k or M before it), people x minutes, people",
                    example,
                })?;
                range(money.minor >= 0, "0 or more")?;
                Ok(Self::Money(money))
            }
        }
    }
}
impl TryFrom<String> for Bonus {
    type Error = UnitError;
    fn try_from(text: String) -> Result<Self, UnitError> {
        text.parse()
    }
}
impl From<Bonus> for String {
    fn from(bonus: Bonus) -> Self {
        bonus.to_string()
    }
}
impl fmt::Display for Bonus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Money(money) => write!(f, "{money}"),
            Self::PeopleMinutes(amount) => write!(f, "{amount} people x minutes"),
            Self::People(people) => write!(f, "{people} people"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_and_bare_numbers_refused() {
        assert_eq!("5 km".parse::<Length>().map(|l| l.km), Ok(5.0));
        assert_eq!("500m".parse::<Length>().map(|l| l.km), Ok(0.5));
        assert_eq!("1.5 h".parse::<Minutes>().map(|m| m.minutes), Ok(90.0));
        assert!(matches!("5".parse::<Length>(), Err(UnitError::Unit { .. })));
        assert!(matches!("far".parse::<Length>(), Err(UnitError::NotANumber { .. })));
        assert!(matches!("-1 km".parse::<Length>(), Err(UnitError::Range { .. })));
        assert!(matches!("0 km/h".parse::<Speed>(), Err(UnitError::Range { .. })));
    }

    #[test]
    fn a_bonus_is_in_the_unit_of_an_objective() {
        for text in ["40000.00 USD", "90000.5 people x minutes", "1500 people"] {
            assert_eq!(text.parse::<Bonus>().expect(text).to_string(), text);
        }
        for text in ["5", "5 minutes", "1.5 people", "-3 people", "-1 USD"] {
            assert!(text.parse::<Bonus>().is_err(), "{text}");
        }
    }

    #[test]
    fn money_knows_its_minor_unit() {
        let usd = "3.5 MUSD".parse::<Money>().expect("money");
        assert_eq!(usd.minor, 350_000_000);
        assert_eq!("200 kJPY".parse::<Money>().expect("yen").minor, 200_000);
        assert_eq!(usd.to_string(), "3500000.00 USD");
        assert!("3.5".parse::<Money>().is_err());
        assert!("3.5 usd".parse::<Money>().is_err());
    }
}
