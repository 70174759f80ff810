//! Values of a sweep that are relative to the scenario's own: `"-20 %"`, `"+10 %"`, `"0 %"`.
//!
//! | setting | a percentage without a sign | with one |
//! |---|---|---|
//! | a share, such as `pilot.detect` | is the value | changes the scenario's |
//! | another number, with or without a unit | changes the scenario's | changes the scenario's |
//! | a prior: low, mode and high | changes all three | changes all three |
//!
//! A relative `demand.uptake` moves the priors of the devices that have their own as well: it is the uptake that is taken
//! for higher or lower, not its default. Products are rounded to 12 digits, so that 0.022 by "+20 %" is the 0.0264 that a
//! person would write, and finds the same run. Whole numbers stay whole.

use domain::settings::Settings;
use serde_json::Value;

use super::nested;

/// What a relative value puts on top of the scenario; none where the value is no relative one. The error is what is wrong.
pub(super) fn layer(key: &str, value: &toml::Value, base: &Settings) -> Result<Option<toml::Table>, String> {
    let Some((change, signed)) = value.as_str().and_then(percentage) else { return Ok(None) };
    let mut known = base.clone();
    // What is taken where nothing is said is something to be relative to.
    known.placement.stores_max = Some(base.placement.stores_max());
    let Ok(tree) = serde_json::to_value(&known) else { return Ok(None) };
    let own = key.split('.').try_fold(&tree, |at, key| at.get(key));
    if !signed && matches!(own, Some(Value::String(text)) if text.ends_with('%')) {
        return Ok(None);
    }
    // A key that no scenario has is told by its nearest name, and not here.
    if own.is_none() && !is_map(key) {
        return Ok(Some(nested(key, value.clone())));
    }
    let written = value.as_str().unwrap_or_default();
    let Some(own) = own.filter(|own| !own.is_null()) else {
        return Err(format!("`{written}` is relative, and `{key}` is not set"));
    };
    let not_a_number = || format!("`{written}` is relative, and `{key}` is no number");
    if change == 0.0 {
        // Nothing changes, to the last digit.
        return scaled(own, 1.0).map(|_| Some(toml::Table::new())).ok_or_else(not_a_number);
    }
    let factor = 1.0 + change / 100.0;
    let mut layer = nested(key, scaled(own, factor).ok_or_else(not_a_number)?);
    if key == "demand.uptake"
        && let Some(devices) = tree.pointer("/demand/uptake_by_device").and_then(|devices| scaled(devices, factor))
    {
        super::super::merge::overlay(&mut layer, nested("demand.uptake_by_device", devices));
    }
    Ok(Some(layer))
}

/// Whether the last key is a name of the user's own.
fn is_map(key: &str) -> bool {
    const MAPS: [&str; 5] =
        ["fx.rates", "demand.uptake_by_device", "pilot.representative", "pilot.balanced", "placement.by_market"];
    MAPS.iter().any(|map| super::within(key, map) && key != *map)
}

/// `-20 %` as a number, and whether it has a sign.
fn percentage(text: &str) -> Option<(f64, bool)> {
    let number = text.trim().strip_suffix('%')?.trim_end();
    let signed = number.starts_with(['+', '-']);
    let digits = number.trim_start_matches(['+', '-']);
    let plain = digits.starts_with(|c: char| c.is_ascii_digit()) && number.len() - digits.len() <= 1;
    let value: f64 = number.parse().ok().filter(|value: &f64| plain && value.is_finite())?;
    Some((value, signed))
}

/// A number times a factor, with its unit; of a table, each of its numbers. None where there is anything else.
fn scaled(own: &Value, factor: f64) -> Option<toml::Value> {
    match own {
        Value::Number(number) => {
            let product = rounded(number.as_f64()? * factor);
            #[expect(clippy::cast_possible_truncation, reason = "a cast saturates, and settings are checked")]
            let whole = || toml::Value::Integer(product.round() as i64);
            Some(if number.is_f64() { toml::Value::Float(product) } else { whole() })
        }
        Value::String(text) => {
            let end = text.find(' ')?;
            let (number, unit) = text.split_at(end);
            let number: f64 = number.parse().ok()?;
            Some(toml::Value::String(format!("{}{unit}", rounded(number * factor))))
        }
        Value::Object(table) => {
            let scaled = |(key, own): (&String, &Value)| Some((key.clone(), scaled(own, factor)?));
            Some(toml::Value::Table(table.iter().map(scaled).collect::<Option<_>>()?))
        }
        Value::Null | Value::Bool(_) | Value::Array(_) => None,
    }
}

/// To 12 digits.
fn rounded(value: f64) -> f64 {
    format!("{value:.11e}").parse().unwrap_or(value)
}
