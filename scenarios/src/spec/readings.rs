//! What a value that can't be read may be meant as.
//!
//! Each reading keeps what was written: a number gets a unit, a text its list, a day its form. None is a guess at another
//! value, and whether the scenario takes it is for the caller to try.

use super::day;
use super::near::nearest;
use super::node::Node;

/// Units as people spell them out.
const SPELLED: [(&str, &[&str]); 9] = [
    ("km", &["kilometre", "kilometres", "kilometer", "kilometers", "kms"]),
    ("m", &["metre", "metres", "meter", "meters"]),
    ("mi", &["mile", "miles"]),
    ("s", &["second", "seconds", "sec", "secs"]),
    ("min", &["minute", "minutes", "mins"]),
    ("h", &["hour", "hours", "hr", "hrs"]),
    ("km/h", &["kmh", "kph", "kmph", "km/hr"]),
    ("mph", &["mi/h", "miles per hour"]),
    ("%", &["percent", "per cent", "pct"]),
];

/// Readings of a value, as TOML, the likeliest first.
pub(super) fn readings(node: &Node<'_>, value: &toml::Value) -> Vec<String> {
    let choices = node.choices();
    let text = value.as_str();
    if !choices.is_empty() {
        return text.and_then(|text| nearest(text, choices.iter().copied())).map(quoted).into_iter().collect();
    }
    let mut found = Vec::new();
    if node.format() == Some("date") {
        found.extend(text.into_iter().flat_map(day::meant).map(|day| quoted(&day.to_string())));
    }
    let units = node.units();
    if !units.is_empty() {
        found.extend(measured(&written(value), &units));
    }
    if let Some(text) = text {
        if node.is("boolean") {
            found.extend(truth(text).map(|truth| truth.to_string()));
        }
        if node.is("integer") || node.is("number") {
            found.extend(text.trim().parse::<f64>().is_ok().then(|| text.trim().to_owned()));
        }
        if node.is("array") && !node.is("string") {
            found.push(format!("[{}]", quoted(text)));
        }
    }
    if let (toml::Value::Float(number), true) = (value, node.is("integer")) {
        found.extend([number.floor(), number.ceil()].map(|whole| whole.to_string()));
    }
    found.dedup();
    found
}

/// A text as TOML.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn written(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.trim().to_owned(),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Float(number) => number.to_string(),
        _ => String::new(),
    }
}

/// A number with its unit as it is known here; one without any, with each that there is.
fn measured(text: &str, units: &[&str]) -> Vec<String> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || ".-+_".contains(c))).unwrap_or(text.len());
    let (number, unit) = (&text[..end], text[end..].trim());
    let Ok(amount) = number.replace('_', "").parse::<f64>() else { return Vec::new() };
    let with = |unit: &str| quoted(&format!("{number} {unit}"));
    if unit.is_empty() {
        // A part of one is as often written as such as in percent.
        let part = units.contains(&"%") && amount > 0.0 && amount <= 1.0;
        let part = part.then(|| quoted(&format!("{} %", (amount * 1e12).round() / 1e10)));
        let all = if amount == 0.0 { &units[..1] } else { units };
        return part.into_iter().chain(all.iter().map(|unit| with(unit))).collect();
    }
    let lower = unit.to_lowercase();
    let spelled = SPELLED.iter().find(|(_, words)| words.contains(&lower.as_str())).map(|(unit, _)| *unit);
    let meant = units.iter().copied().find(|known| *known == lower).or(spelled.filter(|unit| units.contains(unit)));
    meant.map(with).into_iter().collect()
}

fn truth(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "yes" | "y" | "on" | "true" | "1" => Some(true),
        "no" | "n" | "off" | "false" | "0" => Some(false),
        _ => None,
    }
}
