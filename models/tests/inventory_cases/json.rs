//! As much of CSV and JSON as the table of cases has.

use std::collections::BTreeMap;

/// A value of JSON.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Number(f64),
    List(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

impl Json {
    pub(crate) fn parse(text: &str) -> Self {
        let mut rest = text.trim();
        let value = take(&mut rest);
        assert!(rest.trim().is_empty(), "left over: {rest}");
        value
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Json> {
        if let Self::Object(fields) = self { fields.get(key) } else { None }
    }

    pub(crate) fn number(&self, key: &str) -> f64 {
        match self.get(key) {
            Some(Self::Number(value)) => *value,
            other => panic!("{key} is no number: {other:?}"),
        }
    }

    pub(crate) fn list(&self, key: &str) -> &[Json] {
        match self.get(key) {
            Some(Self::List(values)) => values,
            other => panic!("{key} is no list: {other:?}"),
        }
    }

    pub(crate) fn numbers(&self, key: &str) -> Vec<f64> {
        let number = |value: &Json| if let Self::Number(value) = value { *value } else { panic!("{key}: {value:?}") };
        self.list(key).iter().map(number).collect()
    }
}

fn take(rest: &mut &str) -> Json {
    *rest = rest.trim_start();
    match rest.as_bytes().first() {
        Some(b'{') => {
            let mut fields = BTreeMap::new();
            items(rest, '}', |rest| {
                *rest = rest.trim_start().strip_prefix('"').expect("a key");
                let (key, after) = rest.split_once('"').expect("the end of a key");
                *rest = after.trim_start().strip_prefix(':').expect("a colon");
                fields.insert(key.to_owned(), take(rest));
            });
            Json::Object(fields)
        }
        Some(b'[') => {
            let mut values = Vec::new();
            items(rest, ']', |rest| values.push(take(rest)));
            Json::List(values)
        }
        _ => {
            let end = rest.find([',', '}', ']']).unwrap_or(rest.len());
            let (number, after) = rest.split_at(end);
            *rest = after;
            Json::Number(number.trim().parse().expect("a number"))
        }
    }
}

/// What stands between brackets, separated by commas.
fn items(rest: &mut &str, close: char, mut one: impl FnMut(&mut &str)) {
    *rest = rest[1..].trim_start();
    while !rest.starts_with(close) {
        one(rest);
        *rest = rest.trim_start();
        *rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
    }
    *rest = &rest[1..];
}

/// The cells of a line of CSV.
pub(crate) fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => cell.extend(letters.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(std::mem::take(&mut cell)),
            _ => cell.push(letter),
        }
    }
    cells.push(cell);
    cells
}
