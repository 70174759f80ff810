//! A place of a scenario's schema, with all that it refers to: what may stand there, and what that is called.
//!
//! | noun | is |
//! |---|---|
//! | place | what the schema says where a key stands |
//! | branch | one of the kinds that a place may be: of `anyOf`, `oneOf` or `allOf`, or what a `$ref` leads to; "or null" is none |
//!
//! Every walk over the schema is one over these, so that what is refused, what is said to mend it and what the reference
//! lists is the same.

use serde_json::{Map, Value};

/// A place, and then its branches, each before those that it leads to.
#[derive(Debug, Clone)]
pub(super) struct Node<'a> {
    root: &'a Value,
    all: Vec<&'a Value>,
}

impl<'a> Node<'a> {
    /// The whole schema.
    pub(super) fn root(root: &'a Value) -> Self {
        Self::of(root, root)
    }

    fn of(root: &'a Value, place: &'a Value) -> Self {
        let (mut all, mut left): (Vec<&Value>, Vec<&Value>) = (Vec::new(), vec![place]);
        while let Some(here) = left.pop() {
            let null = here.get("type") == Some(&Value::from("null"));
            if null || all.iter().any(|known| std::ptr::eq(*known, here)) {
                continue;
            }
            all.push(here);
            let kinds = ["anyOf", "oneOf", "allOf"].iter().filter_map(|kinds| here.get(kinds)?.as_array()).flatten();
            let referred = here.get("$ref").and_then(Value::as_str);
            let referred = referred.and_then(|name| root.pointer(name.trim_start_matches('#')));
            let next: Vec<&Value> = referred.into_iter().chain(kinds).collect();
            left.extend(next.into_iter().rev());
        }
        Self { root, all }
    }

    /// What the first branch that says anything on it says.
    fn get(&self, word: &str) -> Option<&'a Value> {
        self.all.iter().find_map(|branch| branch.get(word))
    }

    fn at_word(&self, place: &'a Value) -> Self {
        Self::of(self.root, place)
    }

    fn properties(&self) -> Option<&'a Map<String, Value>> {
        self.get("properties")?.as_object()
    }

    /// The keys of its own, each with its place.
    pub(super) fn keys(&self) -> Vec<(&'a str, Self)> {
        let known = self.properties().into_iter().flatten();
        known.map(|(key, place)| (key.as_str(), self.at_word(place))).collect()
    }

    /// Where entries stand whose keys are names.
    pub(super) fn named(&self) -> Option<Self> {
        self.get("additionalProperties").filter(|more| more.is_object()).map(|more| self.at_word(more))
    }

    /// Where what a list holds stands.
    pub(super) fn items(&self) -> Option<Self> {
        self.get("items").map(|items| self.at_word(items))
    }

    /// Where a key stands: one of its own, or a name.
    pub(super) fn key(&self, key: &str) -> Option<Self> {
        let own = self.properties().and_then(|known| known.get(key));
        own.map(|own| self.at_word(own)).or_else(|| self.named())
    }

    /// The place of a dotted path, `a.b[2].c`.
    pub(super) fn at(&self, path: &str) -> Option<Self> {
        path.split('.').filter(|key| !key.is_empty()).try_fold(self.clone(), |node, key| {
            let (key, lists) = key.split_once('[').map_or((key, 0), |(key, rest)| (key, 1 + rest.matches('[').count()));
            let node = if key.is_empty() { node } else { node.key(key)? };
            (0..lists).try_fold(node, |node, _| node.items())
        })
    }

    /// Whether only its own keys may stand in it.
    pub(super) fn closed(&self) -> bool {
        self.get("additionalProperties") == Some(&Value::Bool(false))
    }

    /// Whether it is a table with keys of its own, and nothing else.
    pub(super) fn is_section(&self) -> bool {
        self.properties().is_some() && self.types() == ["object"]
    }

    /// Whether both have the same keys because they are the same branch.
    pub(super) fn shares_keys(&self, other: &Self) -> bool {
        matches!((self.properties(), other.properties()), (Some(one), Some(two)) if std::ptr::eq(one, two))
    }

    /// The branch that has keys of its own, alone.
    pub(super) fn table(&self) -> Option<Self> {
        let own = self.all.iter().find(|branch| branch.get("properties").is_some())?;
        Some(self.at_word(own))
    }

    /// The kinds of value that it may be, in the order of its branches.
    pub(super) fn types(&self) -> Vec<&'a str> {
        let mut found = Vec::new();
        for kind in self.all.iter().filter_map(|branch| branch.get("type")) {
            let kinds = kind.as_array().map_or_else(|| std::slice::from_ref(kind), Vec::as_slice);
            for kind in kinds.iter().filter_map(Value::as_str).filter(|kind| *kind != "null") {
                if !found.contains(&kind) {
                    found.push(kind);
                }
            }
        }
        found
    }

    pub(super) fn is(&self, kind: &str) -> bool {
        self.types().contains(&kind)
    }

    /// The words that a text may be; empty where it may be any.
    pub(super) fn choices(&self) -> Vec<&'a str> {
        let listed = self.all.iter().filter_map(|branch| branch.get("enum")?.as_array()).flatten();
        listed.chain(self.all.iter().filter_map(|branch| branch.get("const"))).filter_map(Value::as_str).collect()
    }

    /// The units of which a number needs one.
    pub(super) fn units(&self) -> Vec<&'a str> {
        self.get("units").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// What its values lie within, in words.
    pub(super) fn range(&self) -> Option<&'a str> {
        self.get("range")?.as_str()
    }

    pub(super) fn format(&self) -> Option<&'a str> {
        self.get("format")?.as_str()
    }

    /// The least whole number.
    pub(super) fn least(&self) -> Option<i64> {
        self.get("minimum")?.as_i64()
    }

    pub(super) fn default(&self) -> Option<&'a Value> {
        self.get("default")
    }

    /// What it is, in words, on one line.
    pub(super) fn words(&self) -> Option<String> {
        let words = self.get("description")?.as_str()?;
        Some(words.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// What is due there: `a text, a list or a table`.
    pub(super) fn due(&self) -> String {
        let choices = self.choices();
        if !choices.is_empty() {
            return either(&choices.iter().map(|choice| format!("`{choice}`")).collect::<Vec<_>>());
        }
        let kinds: Vec<String> = self.types().iter().map(|kind| self.called(kind)).collect();
        either(&kinds)
    }

    fn called(&self, kind: &str) -> String {
        match (kind, self.least()) {
            ("integer", Some(least)) => format!("a whole number, {least} or more"),
            ("integer", None) => "a whole number".into(),
            ("number", _) => "a number".into(),
            ("string", _) if self.format() == Some("date") => "a day".into(),
            ("string", _) if self.format() == Some("money") => "a number with its currency".into(),
            ("string", _) if self.units().is_empty() => "a text".into(),
            ("string", _) => format!("a number with its unit ({})", either(&self.units())),
            ("boolean", _) => "true or false".into(),
            ("array", _) => "a list".into(),
            _ => "a table".into(),
        }
    }

    /// What its description shows as a value, as TOML.
    pub(super) fn shown(&self) -> Option<String> {
        let all = self.all.iter().filter_map(|branch| branch.get("description")?.as_str());
        let shown = all.filter_map(|words| words.split('`').nth(1)).find(|shown| {
            shown.starts_with(['"', '[', '{']) || shown.starts_with(|first: char| first.is_ascii_digit())
        })?;
        let bare = self.types() == ["string"] && !shown.starts_with('"');
        Some(if bare { format!("\"{shown}\"") } else { shown.to_owned() })
    }
}

/// `a`, `a or b`, `a, b or c`.
pub(super) fn either<T: AsRef<str>>(all: &[T]) -> String {
    let all: Vec<&str> = all.iter().map(AsRef::as_ref).collect();
    match all.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} or {last}", before.join(", ")),
        last => last.map_or_else(String::new, |(last, _)| (*last).to_owned()),
    }
}
