//! The reference of scenarios, written from their schema: one table of keys for each section.

use std::fmt::Write as _;

use serde_json::Value;

use super::mend::{Node, choices, due, whole};

/// docs/guide/scenario.md.
#[must_use]
pub fn scenario() -> String {
    let schema = super::schema::scenario();
    let mut text = HEAD.to_owned();
    section(&mut text, &schema, &whole(&schema, &schema), "");
    text
}

const HEAD: &str = "\
# Scenario reference

Written from the code by `cornerstone reference`; a test holds it to the code. `schema/scenario.json` of a project says the same to editors.

A scenario is TOML. `extends = \"base.toml\"` starts from another file: tables merge, all else replaces. Unknown keys are refused, and so are
numbers without a unit where one is due.
";

/// A section's keys, then the sections in it.
fn section(text: &mut String, schema: &Value, node: &Node<'_>, path: &str) {
    let Some(keys) = node.get("properties").and_then(Value::as_object) else { return };
    let mut inner: Vec<(String, Node<'_>)> = Vec::new();
    let mut rows = String::new();
    for (key, own) in keys {
        let own = whole(schema, own);
        let at = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        let items = own.get("items").map(|items| whole(schema, items));
        let more = own.get("additionalProperties").filter(|more| more.is_object()).map(|more| whole(schema, more));
        if own.get("properties").is_some() {
            inner.push((at, own));
        } else if let Some(items) = items.filter(|items| items.get("properties").is_some()) {
            inner.push((format!("[{at}]"), items));
        } else if let Some(more) = more.filter(|more| more.get("properties").is_some()) {
            row(&mut rows, &format!("{key}.NAME"), "a section each", &own);
            inner.push((format!("{at}.NAME"), more));
        } else {
            row(&mut rows, key, &kind(&own), &own);
        }
    }
    if !rows.is_empty() {
        let head = if path.is_empty() { "At the top".to_owned() } else { format!("`[{path}]`") };
        let words = if path.is_empty() { None } else { words(node) };
        _ = write!(text, "\n## {head}\n\n");
        words.into_iter().for_each(|words| _ = write!(text, "{words}\n\n"));
        _ = write!(text, "| key | is | default | meaning |\n|---|---|---|---|\n{rows}");
    }
    for (path, node) in inner {
        section(text, schema, &node, &path);
    }
}

fn row(rows: &mut String, key: &str, kind: &str, node: &Node<'_>) {
    let default = match node.get("default") {
        None | Some(Value::Null) => String::new(),
        Some(Value::Array(all)) if all.is_empty() => "none".into(),
        Some(Value::Object(all)) if all.is_empty() => "none".into(),
        Some(default) => format!("`{default}`"),
    };
    _ = writeln!(rows, "| `{key}` | {kind} | {default} | {} |", words(node).unwrap_or_default());
}

/// The description as one line of a table.
fn words(node: &Node<'_>) -> Option<String> {
    let words = node.get("description")?.as_str()?;
    Some(words.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|"))
}

/// What a value is: its words, or its kind.
fn kind(node: &Node<'_>) -> String {
    let choices = choices(node);
    if choices.is_empty() {
        due(node).trim_end_matches(',').to_owned()
    } else {
        choices.iter().map(|choice| format!("`\"{choice}\"`")).collect::<Vec<_>>().join(", ")
    }
}
