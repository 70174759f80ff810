//! The reference of scenarios, written from their schema: one table of keys for each section.

use std::fmt::Write as _;

use serde_json::Value;

use super::node::Node;

/// docs/guide/scenario.md.
#[must_use]
pub fn scenario() -> String {
    let schema = super::schema::scenario();
    let mut text = HEAD.to_owned();
    let all = Section { path: String::new(), list: false, below: None, named: Vec::new(), node: Node::root(&schema) };
    all.write(&mut text);
    text
}

const HEAD: &str = "\
# Scenario reference

Written from the code by `cornerstone reference`; a test holds it to the code. `schema/scenario.json` of a project says the same to editors.

A scenario is TOML. `extends = \"base.toml\"` starts from another file: tables merge, all else replaces. Unknown keys are refused, and so are
numbers without a unit where one is due. A number with its unit or its currency and a day are texts, in quotation marks: `spillover = \"5 km\"`.
";

/// Keys that stand together.
struct Section<'a> {
    /// Its dotted path; empty for the top.
    path: String,
    /// Whether it may come more than once.
    list: bool,
    /// The list of which each entry has one.
    below: Option<String>,
    /// What NAME, the end of the path, may be, where that is known.
    named: Vec<&'a str>,
    node: Node<'a>,
}

impl<'a> Section<'a> {
    /// Its table of keys, then the sections in it.
    fn write(&self, text: &mut String) {
        let mut inner: Vec<Self> = Vec::new();
        let mut rows = String::new();
        for (key, own) in self.node.keys() {
            if own.is_section() {
                inner.push(self.inner(key, own));
            } else if let Some(items) = own.items().filter(Node::is_section) {
                inner.push(Self { list: true, ..self.inner(key, items) });
            } else if let Some(named) = own.named().filter(Node::is_section) {
                row(&mut rows, &format!("{key}.NAME"), "a section each", &own);
                inner.push(self.inner(&format!("{key}.NAME"), named));
            } else {
                row(&mut rows, key, &kind(&own), &own);
                if let Some(table) = own.table() {
                    match inner.iter_mut().find(|other| other.node.shares_keys(&table)) {
                        Some(same) => same.named.push(key),
                        None => inner.push(Self { named: vec![key], ..self.inner("NAME", table) }),
                    }
                }
            }
        }
        if !rows.is_empty() {
            _ = write!(text, "\n## {}\n\n", self.head());
            self.words().into_iter().for_each(|words| _ = write!(text, "{words}\n\n"));
            _ = write!(text, "| key | is | default | meaning |\n|---|---|---|---|\n{rows}");
        }
        inner.iter().for_each(|section| section.write(text));
    }

    fn inner(&self, key: &str, node: Node<'a>) -> Self {
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        let below = if self.list { Some(self.path.clone()) } else { self.below.clone() };
        Self { path, list: false, below, named: Vec::new(), node }
    }

    /// As TOML writes it.
    fn head(&self) -> String {
        match (self.path.as_str(), self.list) {
            ("", _) => "At the top".into(),
            (path, true) => format!("`[[{path}]]`"),
            (path, false) => format!("`[{path}]`"),
        }
    }

    fn words(&self) -> Option<String> {
        if self.path.is_empty() {
            return None;
        }
        let below = self.below.iter().map(|list| format!("Below its `[[{list}]]`."));
        let named = self.named.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let named = (!named.is_empty()).then(|| format!("NAME is one of {named}."));
        let all: Vec<String> = words(&self.node).into_iter().chain(below).chain(named).collect();
        (!all.is_empty()).then(|| all.join(" "))
    }
}

fn row(rows: &mut String, key: &str, kind: &str, node: &Node<'_>) {
    let default = match node.default() {
        None | Some(Value::Null) => String::new(),
        Some(Value::Array(all)) if all.is_empty() => "none".into(),
        Some(Value::Object(all)) if all.is_empty() => "none".into(),
        Some(default) => format!("`{default}`"),
    };
    _ = writeln!(rows, "| `{key}` | {kind} | {default} | {} |", words(node).unwrap_or_default());
}

/// The description as one line of a table.
fn words(node: &Node<'_>) -> Option<String> {
    Some(node.words()?.replace('|', "\\|"))
}

/// What a value is: its words, or its kind.
fn kind(node: &Node<'_>) -> String {
    let choices = node.choices();
    if choices.is_empty() || !node.is("string") || node.items().is_some() {
        node.due()
    } else {
        choices.iter().map(|choice| format!("`\"{choice}\"`")).collect::<Vec<_>>().join(", ")
    }
}
