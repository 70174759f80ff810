//! The keys of `[sweep]`, each with what its values put on top of the scenario.

use domain::diagnostic::{Diagnostic, Place, Refusal};
use domain::settings::Settings;

use super::super::locate::{Sources, within};
use super::super::{merge, rules, schema, typed};
use super::{Axis, decides, nested, relative};

/// An axis with the layer of each of its values.
type Layered = (Axis, Vec<toml::Table>);

/// The axes in the order of the files; none where there is anything to mend.
pub(super) fn read(
    section: &toml::Value,
    merged: &toml::Table,
    base: &Settings,
    sources: &Sources,
    findings: &mut Vec<Diagnostic>,
) -> Option<Vec<Layered>> {
    let before = findings.len();
    let mut stated = Vec::new();
    flatten(section, &mut Vec::new(), &mut stated);
    stated.sort_by_key(|(keys, _)| sources.order(&path(keys)));
    let mut axes: Vec<Layered> = Vec::new();
    for (keys, value) in stated {
        let key = keys.join(".");
        let place = sources.place_of(&path(&keys), &format!("sweep.{key}"));
        let Some(values) = value.as_array().filter(|values| !values.is_empty()) else {
            let cause = format!("`{key}` has no list of values");
            findings.push(refuse(place, cause, "write \"demand.uptake\" = [\"-20 %\", \"0 %\", \"+20 %\"]"));
            continue;
        };
        if let Some(root) = key.split('.').next().filter(|root| schema::BESIDE.contains(root) || *root == "name") {
            findings.push(refuse(place, format!("`{root}` is nothing that can be swept"), "name a setting"));
            continue;
        }
        if let Some((other, _)) = axes.iter().find(|(axis, _)| overlap(&axis.key, &key)) {
            let cause = format!("`{}` and `{key}` set the same", other.key);
            findings.push(refuse(place, cause, "sweep one of them, or write a list of tables"));
            continue;
        }
        let values: Vec<toml::Value> = values.iter().map(dateless).collect();
        let written = values.iter().map(written).collect();
        let axis = Axis { decides: decides(&key), key, values: written, place };
        if let Some(layers) = layers(&axis, &values, merged, base, sources, findings) {
            axes.push((axis, layers));
        }
    }
    if axes.is_empty() && findings.len() == before {
        let place = sources.place_of(&["sweep"], "sweep");
        findings.push(refuse(place, "[sweep] names no setting".into(), "name one, or drop the section"));
    }
    (findings.len() == before).then_some(axes)
}

/// What every value of an axis puts on top of the scenario; none where one can't be.
fn layers(
    axis: &Axis,
    values: &[toml::Value],
    merged: &toml::Table,
    base: &Settings,
    sources: &Sources,
    findings: &mut Vec<Diagnostic>,
) -> Option<Vec<toml::Table>> {
    let before = findings.len();
    let (mut layers, mut known): (Vec<toml::Table>, Vec<(usize, Settings)>) = (Vec::new(), Vec::new());
    for (at, value) in values.iter().enumerate() {
        let here = sources.with(vec![axis.swept(at)]);
        let layer = match relative::layer(&axis.key, value, base) {
            Ok(layer) => layer.unwrap_or_else(|| nested(&axis.key, value.clone())),
            Err(cause) => {
                let mend = "state the setting in the scenario, or write the value itself";
                findings.push(Diagnostic::error(Refusal::Usage, "E-SWP-002", axis.place.clone(), cause, mend));
                continue;
            }
        };
        let unknown = schema::unknown_keys(&layer, &here);
        if !unknown.is_empty() {
            findings.extend(unknown);
            break;
        }
        let mut whole = merged.clone();
        merge::overlay(&mut whole, layer.clone());
        let mut wrong = Vec::new();
        let read: Option<Settings> = typed(whole, "", &here, &mut wrong, &rules::check);
        findings.extend(wrong.into_iter().map(|mut finding| {
            finding.cause = format!("`{}`: {}", axis.values[at], finding.cause);
            finding
        }));
        let Some(read) = read else { continue };
        if let Some((other, _)) = known.iter().find(|(_, other)| *other == read) {
            let cause = format!("`{}` and `{}` are the same", axis.values[*other], axis.values[at]);
            findings.push(refuse(axis.place.clone(), cause, "state each value once"));
        }
        known.push((at, read));
        layers.push(layer);
    }
    (findings.len() == before).then_some(layers)
}

fn refuse(place: Place, cause: String, mend: &str) -> Diagnostic {
    Diagnostic::error(Refusal::Usage, "E-SWP-001", place, cause, mend)
}

/// The lists of a section by their keys: `a.b = [1]` and `"a.b" = [1]` are the same.
fn flatten<'a>(value: &'a toml::Value, keys: &mut Vec<String>, found: &mut Vec<(Vec<String>, &'a toml::Value)>) {
    match value {
        toml::Value::Table(table) => {
            for (key, value) in table {
                keys.push(key.clone());
                flatten(value, keys, found);
                keys.pop();
            }
        }
        _ => found.push((keys.clone(), value)),
    }
}

/// Where keys of the section stand in a file.
fn path(keys: &[String]) -> Vec<&str> {
    std::iter::once("sweep").chain(keys.iter().map(String::as_str)).collect()
}

/// Whether two axes set the same.
fn overlap(one: &str, other: &str) -> bool {
    // A relative uptake moves the priors of all devices.
    let set = |path| [path, if path == "demand.uptake" { "demand.uptake_by_device" } else { path }];
    set(one).iter().any(|one| set(other).iter().any(|other| within(one, other) || within(other, one)))
}

/// Dates are texts, as everywhere in a scenario.
fn dateless(value: &toml::Value) -> toml::Value {
    match value {
        toml::Value::Datetime(date) => toml::Value::String(date.to_string()),
        value => value.clone(),
    }
}

/// A value as a person would write it.
fn written(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}
