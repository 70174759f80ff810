//! The JSON Schema of a scenario, and the unknown keys that it shows.

use domain::diagnostic::{Diagnostic, Refusal};
use domain::settings::Settings;
use schemars::schema_for;
use serde_json::{Map, Value, json};

use super::locate::Sources;
use super::near::nearest;
use super::node::Node;

/// The keys that a scenario has beside its settings.
pub(super) const BESIDE: [&str; 4] = ["extends", "sweep", "synthetic", "tables"];

/// The JSON Schema of a scenario file, for editors (`#:schema ../schema/scenario.json`).
#[must_use]
pub fn scenario() -> Value {
    let mut schema = schema_for!(Settings).to_value();
    let tables = schema_for!(ingest::Tables).to_value();
    if let Value::Object(root) = &mut schema {
        root.insert("title".into(), json!("cornerstone scenario"));
        // What is required may stand in the file that is extended.
        root.remove("required");
        let definitions = tables.get("$defs").cloned();
        if let Some(Value::Object(definitions)) = definitions {
            let own = root.entry("$defs").or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(own) = own {
                own.extend(definitions);
            }
        }
        let mut section = tables;
        if let Value::Object(section) = &mut section {
            section.remove("$defs");
            section.remove("$schema");
            section.remove("required");
        }
        if let Some(Value::Object(properties)) = root.get_mut("properties") {
            properties.insert("tables".into(), section);
            properties.insert(
                "extends".into(),
                json!({"type": "string", "description": "A scenario that this one changes."}),
            );
            properties.insert(
                "sweep".into(),
                json!({"type": "object", "additionalProperties": {"type": "array", "minItems": 1},
                    "description": "Dotted keys of this file, each with the values that `cornerstone sweep` gives it: \"demand.uptake\" = [\"-20 %\", \"0 %\", \"+20 %\"]. Every combination is a run."}),
            );
            properties.insert(
                "synthetic".into(),
                json!({"type": "boolean", "description": "Whether the data is simulated."}),
            );
        }
    }
    schema
}

/// Keys that no scenario has, each with the nearest one that it has.
pub(super) fn unknown_keys(table: &toml::Table, sources: &Sources) -> Vec<Diagnostic> {
    let schema = scenario();
    let mut findings = Vec::new();
    walk(table, &Node::root(&schema), "", &mut |path, key, known| {
        let action = match nearest(key, known.iter().copied()) {
            Some(candidate) => format!("did you mean `{candidate}`?"),
            None => format!("the keys here are {}", known.join(", ")),
        };
        findings.push(Diagnostic::error(
            Refusal::Usage,
            "E-CFG-001",
            sources.key(path),
            format!("unknown key `{key}`"),
            action,
        ));
    });
    findings
}

/// Removes the keys that [`unknown_keys`] has reported, so that the rest can be read.
pub(super) fn drop_unknown(table: &mut toml::Table) {
    let schema = scenario();
    let mut paths = Vec::new();
    walk(table, &Node::root(&schema), "", &mut |path, _, _| paths.push(path.to_owned()));
    let mut value = toml::Value::Table(std::mem::take(table));
    for path in paths {
        super::value::remove(&mut value, &path);
    }
    if let toml::Value::Table(rest) = value {
        *table = rest;
    }
}

/// Calls `found(path, key, known keys)` for every key that the schema has no place for.
fn walk(table: &toml::Table, node: &Node<'_>, prefix: &str, found: &mut impl FnMut(&str, &str, &[&str])) {
    for (key, value) in table {
        let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        let Some(inner) = node.key(key) else {
            if node.closed() {
                let known: Vec<&str> = node.keys().into_iter().map(|(key, _)| key).collect();
                found(&path, key, &known);
            }
            continue;
        };
        match (value, inner.items()) {
            (toml::Value::Table(table), _) => walk(table, &inner, &path, found),
            (toml::Value::Array(items), Some(inner)) => {
                let tables = items.iter().enumerate().filter_map(|(at, item)| Some((at, item.as_table()?)));
                tables.for_each(|(at, table)| walk(table, &inner, &format!("{path}[{at}]"), found));
            }
            _ => {}
        }
    }
}

/// The JSON Schema of plan.json.
#[must_use]
pub fn plan() -> Value {
    schema_for!(domain::plan::Plan).to_value()
}
