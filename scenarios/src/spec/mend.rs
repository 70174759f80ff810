//! What to write in the place of a value that can't be read, as the schema tells it.
//!
//! Nothing is offered unless the scenario was tried with it: a mend that is refused in its turn, or what was written before,
//! is none. Where what is meant can be read in several ways, all are named, and where it can't be told, what is due.

use serde_json::Value;

use super::day;
use super::node::{Node, either};
use super::readings::readings;

/// What is wrong with a value, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    /// What is wrong.
    pub(super) cause: String,
    /// What to write.
    pub(super) action: String,
}

/// A value that can't be read, or a table that lacks one.
pub(super) struct Wrong<'a> {
    /// Its dotted path.
    pub(super) path: &'a str,
    /// What stands there; none where nothing does.
    pub(super) value: Option<&'a toml::Value>,
    /// What reading it said.
    pub(super) cause: &'a str,
    /// Whether the scenario would take another value there; or, with a key, one of that key in the table there.
    pub(super) takes: &'a dyn Fn(Option<&str>, toml::Value) -> bool,
}

const SCHEMA: &str = "see schema/scenario.json, or `cornerstone init` for a scenario to start from";

/// Units are told by the schema; what is read says them once more, with an example.
const UNITS: &str = "; write it like `";

impl Wrong<'_> {
    /// In words.
    pub(super) fn told(&self, schema: &Value) -> Told {
        let root = Node::root(schema);
        let cause = self.cause.split(UNITS).next().unwrap_or(self.cause);
        if let Some(missing) = cause.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
            return self.missing(&root, missing);
        }
        let Some(node) = root.at(self.path) else { return Told { cause: cause.to_owned(), action: SCHEMA.into() } };
        let cause = self.value.and_then(|value| wrong(&node, value)).unwrap_or_else(|| cause.to_owned());
        Told { action: self.action(&node, &cause), cause }
    }

    /// A key that is not there.
    fn missing(&self, root: &Node<'_>, missing: &str) -> Told {
        let inner = if self.path.is_empty() { missing.to_owned() } else { format!("{}.{missing}", self.path) };
        let action = root.at(&inner).map_or_else(
            || format!("write {missing}"),
            |node| match example(&node).filter(|example| self.reads(Some(missing), example)) {
                Some(example) => format!("write {missing}, such as {missing} = {example}"),
                None => format!("write {missing}, {}{}", node.due(), meaning(&node)),
            },
        );
        Told { cause: format!("`{missing}` is missing"), action }
    }

    /// What to write in the place of a value.
    fn action(&self, node: &Node<'_>, cause: &str) -> String {
        let key = self.path.rsplit('.').next().unwrap_or(self.path);
        // An entry of a list is mended where it stands.
        let write = |value: &String| if key.contains('[') { value.clone() } else { format!("{key} = {value}") };
        let may: Vec<String> = self.value.map(|value| readings(node, value)).unwrap_or_default();
        let meant: Vec<&String> = may.iter().filter(|text| self.reads(None, text)).collect();
        let said: Vec<String> = meant.iter().copied().map(write).collect();
        match (&said[..], node.choices().is_empty()) {
            ([_], false) => return format!("did you mean `{}`?", meant[0].trim_matches('"')),
            ([one], true) if may.len() == 1 => return format!("write {one}"),
            ([one], true) => return format!("write {one}, if that is meant"),
            ([_, ..], _) => return format!("write {}, whichever is meant", either(&said)),
            ([], _) => {}
        }
        if let Some(range) = node.range().filter(|_| cause.contains("is out of range")) {
            return format!("write a value within {range}");
        }
        if let (Some("money"), Some(shown)) = (node.format(), node.shown()) {
            // Its currency nobody knows but the writer.
            return format!("write {}, in the form {shown}", node.due());
        }
        let example = example(node).filter(|example| self.reads(None, example));
        let such = example.map_or_else(String::new, |example| format!(", such as {}", write(&example)));
        match node.due() {
            due if due.is_empty() => SCHEMA.into(),
            due => format!("write {due}{such}"),
        }
    }

    fn reads(&self, key: Option<&str>, text: &str) -> bool {
        let value = toml::from_str::<toml::Table>(&format!("value = {text}"));
        let value = value.ok().and_then(|mut table| table.remove("value"));
        value.is_some_and(|value| Some(&value) != self.value && (self.takes)(key, value))
    }
}

/// What is wrong with a value that is of no kind, word or day that may stand there.
fn wrong(node: &Node<'_>, value: &toml::Value) -> Option<String> {
    let choices = node.choices();
    if let (toml::Value::String(text), false) = (value, choices.is_empty()) {
        let all = choices.iter().map(|choice| format!("`{choice}`")).collect::<Vec<_>>().join(", ");
        return (!choices.contains(&text.as_str())).then(|| format!("`{text}` is none of {all}"));
    }
    if !fits(node, value) {
        return Some(format!("{} where {} is due", found(value), node.due()));
    }
    match (node.format(), value) {
        (Some("date"), toml::Value::String(text)) => day::wrong(text),
        _ => None,
    }
}

/// What a key is for, behind what it is.
fn meaning(node: &Node<'_>) -> String {
    let words = node.words().unwrap_or_default();
    let words = words.split(". ").next().unwrap_or_default().trim_end_matches('.');
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => format!(": {}{}", first.to_lowercase(), letters.as_str()),
        None => String::new(),
    }
}

/// A value as one would write it, where that can be told: a word, what the description shows, or a default.
fn example(node: &Node<'_>) -> Option<String> {
    let choice = node.choices().first().map(|choice| format!("\"{choice}\""));
    let given = node.default().filter(|given| given.is_number() || given.is_boolean() || given.is_string());
    choice.or_else(|| node.shown()).or_else(|| given.map(ToString::to_string))
}

/// Whether a value is of a kind that the schema knows there.
fn fits(node: &Node<'_>, value: &toml::Value) -> bool {
    let kinds: &[&str] = match value {
        toml::Value::String(_) | toml::Value::Datetime(_) => &["string"],
        toml::Value::Integer(number) if node.least().is_some_and(|least| *number < least) => &["number"],
        toml::Value::Integer(_) => &["integer", "number"],
        toml::Value::Float(_) => &["number"],
        toml::Value::Boolean(_) => &["boolean"],
        toml::Value::Array(_) => &["array"],
        toml::Value::Table(_) => &["object"],
    };
    let known = node.types();
    // What is told by another rule is not told here.
    known.is_empty() || kinds.iter().any(|kind| known.contains(kind))
}

/// What a value is.
fn found(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => format!("the text \"{text}\""),
        toml::Value::Integer(number) => format!("the number {number}"),
        toml::Value::Float(number) => format!("the number {number}"),
        toml::Value::Boolean(truth) => format!("{truth}"),
        toml::Value::Datetime(date) => format!("the date {date}"),
        toml::Value::Array(_) => "a list".into(),
        toml::Value::Table(_) => "a table".into(),
    }
}

#[cfg(test)]
mod tests;
