//! What to write in the place of a value that can't be read, as the schema tells it.

use serde_json::Value;

use super::near::nearest;

/// What is wrong with a value, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    /// What is wrong.
    pub(super) cause: String,
    /// What to write.
    pub(super) action: String,
}

/// Of the value at a path, which is none where a key is missing; `cause` is what reading it said.
pub(super) fn told(schema: &Value, path: &str, value: Option<&toml::Value>, cause: &str) -> Told {
    let key = path.rsplit('.').next().unwrap_or(path);
    let key = key.split('[').next().unwrap_or(key);
    let node = at(schema, path);
    if let Some(missing) = cause.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        let inner = if path.is_empty() { missing.to_owned() } else { format!("{path}.{missing}") };
        let example = at(schema, &inner).and_then(|node| example(&node));
        let action =
            example.map_or_else(|| format!("write {missing}"), |example| format!("write {missing} = {example}"));
        return Told { cause: format!("`{missing}` is missing"), action };
    }
    let Some(node) = node else { return Told { cause: cause.to_owned(), action: SCHEMA.into() } };
    let like = || {
        let example = example(&node).map(|example| value.and_then(|value| united(value, &example)).unwrap_or(example));
        example.map_or_else(|| SCHEMA.to_owned(), |example| format!("write {key} = {example}"))
    };
    let choices = choices(&node);
    if let (Some(toml::Value::String(text)), false) = (value, choices.is_empty()) {
        let all = choices.iter().map(|choice| format!("`{choice}`")).collect::<Vec<_>>().join(", ");
        let action = match nearest(text, choices.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write one of them, such as {key} = \"{}\"", choices[0]),
        };
        return Told { cause: format!("`{text}` is none of {all}"), action };
    }
    if let Some(value) = value.filter(|value| !fits(&node, value)) {
        return Told { cause: format!("{} where {} is due", found(value), due(&node)), action: like() };
    }
    if let Some((cause, example)) = cause.split_once("; write it like `") {
        return Told {
            cause: cause.to_owned(),
            action: format!("write {key} = \"{}\"", example.trim_end_matches('`')),
        };
    }
    if let (Some("date"), Some(toml::Value::String(text))) = (node.format(), value) {
        return Told { cause: format!("`{text}` is no day of the calendar"), action: like() };
    }
    Told { cause: cause.to_owned(), action: like() }
}

const SCHEMA: &str = "see schema/scenario.json, or `cornerstone init` for a scenario to start from";

/// What the schema says of a key: where it stands, then what it refers to.
pub(super) struct Node<'a>(Vec<&'a Value>);

impl<'a> Node<'a> {
    pub(super) fn get(&self, key: &str) -> Option<&'a Value> {
        self.0.iter().find_map(|node| node.get(key))
    }

    fn types(&self) -> Vec<&'a str> {
        match self.get("type") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    fn is(&self, kind: &str) -> bool {
        self.types().contains(&kind)
    }

    fn format(&self) -> Option<&'a str> {
        self.get("format").and_then(Value::as_str)
    }
}

/// A node with what it refers to, leaving out "or null".
pub(super) fn whole<'a>(schema: &'a Value, node: &'a Value) -> Node<'a> {
    let mut found = vec![node];
    let mut next = Some(node);
    while let Some(here) = next {
        let choice = here.get("anyOf").and_then(Value::as_array);
        let choice = choice.and_then(|all| all.iter().find(|one| one.get("type") != Some(&Value::from("null"))));
        let referred = here.get("$ref").and_then(Value::as_str);
        next = choice.or_else(|| schema.pointer(referred?.trim_start_matches('#')));
        found.extend(next);
    }
    Node(found)
}

/// The node of a dotted path, `a.b[2].c`.
fn at<'a>(schema: &'a Value, path: &str) -> Option<Node<'a>> {
    let mut node = Node(vec![schema]);
    for key in path.split('.').filter(|key| !key.is_empty()) {
        let (key, items) = key.split_once('[').map_or((key, 0), |(key, rest)| (key, 1 + rest.matches('[').count()));
        if !key.is_empty() {
            let own = node.get("properties").and_then(|all| all.get(key));
            node = whole(schema, own.or_else(|| node.get("additionalProperties").filter(|more| more.is_object()))?);
        }
        for _ in 0..items {
            node = whole(schema, node.get("items")?);
        }
    }
    Some(node)
}

/// The words that a text may be.
pub(super) fn choices(node: &Node<'_>) -> Vec<String> {
    let all = |key: &str| node.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let words = all("enum").iter().chain(all("oneOf").iter().filter_map(|one| one.get("const")));
    words.filter_map(|word| word.as_str().map(ToOwned::to_owned)).collect()
}

/// The number that was written, with the unit of an example; none for money, whose unit nobody knows but the writer.
fn united(value: &toml::Value, example: &str) -> Option<String> {
    let written = match value {
        toml::Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    let number = |text: &str| text.find(|c: char| !(c.is_ascii_digit() || ".-+".contains(c))).unwrap_or(text.len());
    let (number, unit) = (&written[..number(&written)], example.trim_matches('"').split_once(' ')?.1);
    let money = unit.len() >= 3 && unit.chars().rev().take(3).all(|c| c.is_ascii_uppercase());
    (number.parse::<f64>().is_ok() && !money).then(|| format!("\"{number} {unit}\""))
}

/// A value as one would write it, where that can be told: what the description shows, a word, or a default.
fn stated(node: &Node<'_>) -> Option<String> {
    let shown = node.0.iter().filter_map(|node| node.get("description")?.as_str()).find_map(|words| {
        let shown = words.split('`').nth(1)?;
        (shown.starts_with(['"', '[', '{']) || shown.starts_with(|c: char| c.is_ascii_digit())).then_some(shown)
    });
    if let Some(shown) = shown {
        let text = node.is("string") && !shown.starts_with('"');
        return Some(if text { format!("\"{shown}\"") } else { shown.to_owned() });
    }
    let choice = choices(node).first().map(|choice| format!("\"{choice}\""));
    let given = node.get("default").filter(|given| given.is_number() || given.is_boolean() || given.is_string());
    choice.or_else(|| given.map(ToString::to_string))
}

/// The same, or at the least something of the right kind.
fn example(node: &Node<'_>) -> Option<String> {
    stated(node).or_else(|| {
        let least = node.get("minimum").and_then(Value::as_i64).unwrap_or(0);
        if node.is("integer") || node.is("number") {
            return Some(least.max(1).to_string());
        }
        if node.is("boolean") { Some("true".into()) } else { node.is("array").then(|| "[\"…\"]".into()) }
    })
}

/// Whether a value is of a kind that the schema knows there.
fn fits(node: &Node<'_>, value: &toml::Value) -> bool {
    let kinds: &[&str] = match value {
        toml::Value::String(_) | toml::Value::Datetime(_) => &["string"],
        toml::Value::Integer(number) => {
            let least = node.get("minimum").and_then(Value::as_i64).unwrap_or(i64::MIN);
            if *number >= least { &["integer", "number"] } else { &[] }
        }
        toml::Value::Float(_) => &["number"],
        toml::Value::Boolean(_) => &["boolean"],
        toml::Value::Array(_) => &["array"],
        toml::Value::Table(_) => &["object"],
    };
    let known = node.types();
    // What is told by choices or by another rule is not told here.
    known.is_empty() && choices(node).is_empty() || kinds.iter().any(|kind| known.contains(kind))
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

/// What is asked for.
pub(super) fn due(node: &Node<'_>) -> String {
    if !choices(node).is_empty() {
        return choices(node).iter().map(|choice| format!("`{choice}`")).collect::<Vec<_>>().join(" or ");
    }
    let least = node.get("minimum").and_then(Value::as_i64);
    let kinds = node.types();
    let kinds = kinds.iter().filter(|kind| **kind != "null").map(|kind| match (*kind, least) {
        ("integer", Some(least)) => format!("a whole number, {least} or more,"),
        ("integer", None) => "a whole number".into(),
        ("number", _) => "a number".into(),
        ("string", _) => "a text".into(),
        ("boolean", _) => "true or false".into(),
        ("array", _) => "a list".into(),
        _ => "a table".into(),
    });
    kinds.collect::<Vec<String>>().join(" or ")
}

/// How to mend a line that is no TOML.
pub(super) fn syntax(line: &str, message: &str) -> String {
    let bare = line.split('#').next().unwrap_or_default().trim();
    let (key, value) = bare.split_once('=').map_or((bare, None), |(key, value)| (key.trim(), Some(value.trim())));
    if message.contains("between array elements") {
        return "close the list above with ], or put commas between its values".into();
    }
    if message.contains("duplicate key") {
        return "keep one of the two".into();
    }
    if bare.starts_with('[') && !bare.ends_with(']') {
        return format!("close the section's name: {}{}", bare, "]".repeat(bare.matches('[').count()));
    }
    match value {
        None => match bare.split_once(':') {
            Some((key, value)) => format!("write {} = {}", key.trim(), value.trim()),
            None => "write key = value".into(),
        },
        Some("") => format!("write a value behind {key} ="),
        Some(value) if value.matches('"').count() % 2 == 1 => "close the quotation mark".into(),
        Some(value) if value.starts_with('[') && !value.ends_with(']') => "close the list with ]".into(),
        Some(value) if value.starts_with('{') && !value.ends_with('}') => "close the table with }".into(),
        Some(value) if !value.contains('"') && !value.starts_with(['[', '{']) => {
            format!("put a text in quotation marks: {key} = \"{}\"", value.replace('\'', ""))
        }
        Some(_) => "mend the line; a key stands once, its value behind =".into(),
    }
}
