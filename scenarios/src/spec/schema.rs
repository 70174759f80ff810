//! The JSON Schema of a scenario, and the unknown keys that it shows.

use domain::diagnostic::{Diagnostic, Refusal};
use domain::settings::Settings;
use schemars::schema_for;
use serde_json::{Map, Value, json};

use super::locate::Sources;
use super::near::nearest;

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
    walk(table, &schema, &schema, "", &mut |path, key, known| {
        let action = match nearest(key, known.iter().map(String::as_str)) {
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
    walk(table, &schema, &schema, "", &mut |path, _, _| paths.push(path.to_owned()));
    let mut value = toml::Value::Table(std::mem::take(table));
    for path in paths {
        super::remove(&mut value, &path);
    }
    if let toml::Value::Table(rest) = value {
        *table = rest;
    }
    for key in BESIDE {
        table.remove(key);
    }
}

/// Calls `found(path, key, known keys)` for every key that the schema has no place for.
fn walk(
    table: &toml::Table,
    schema: &Value,
    root: &Value,
    prefix: &str,
    found: &mut impl FnMut(&str, &str, &[String]),
) {
    let Some(object) = object_schema(schema, root) else { return };
    let properties = object.get("properties").and_then(Value::as_object);
    let open = object.get("additionalProperties").filter(|more| **more != Value::Bool(false));
    let closed = object.get("additionalProperties") == Some(&Value::Bool(false));
    for (key, value) in table {
        let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match properties.and_then(|known| known.get(key)).or(open) {
            Some(inner) => {
                if let toml::Value::Table(table) = value {
                    walk(table, inner, root, &path, found);
                }
                if let (toml::Value::Array(items), Some(inner)) = (value, inner.get("items")) {
                    let tables = items.iter().enumerate().filter_map(|(at, item)| Some((at, item.as_table()?)));
                    tables.for_each(|(at, table)| walk(table, inner, root, &format!("{path}[{at}]"), found));
                }
            }
            None if closed => {
                let known: Vec<String> = properties.map(|known| known.keys().cloned().collect()).unwrap_or_default();
                found(&path, key, &known);
            }
            None => {}
        }
    }
}

/// The object that a schema describes, through references and choices.
fn object_schema<'a>(schema: &'a Value, root: &'a Value) -> Option<&'a Value> {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        return object_schema(root.pointer(reference.trim_start_matches('#'))?, root);
    }
    if schema.get("properties").is_some() || schema.get("additionalProperties").is_some() {
        return Some(schema);
    }
    ["anyOf", "oneOf", "allOf"]
        .iter()
        .filter_map(|choice| schema.get(choice)?.as_array())
        .flatten()
        .find_map(|choice| object_schema(choice, root))
}

/// The JSON Schema of plan.json.
#[must_use]
pub fn plan() -> Value {
    schema_for!(domain::plan::Plan).to_value()
}
