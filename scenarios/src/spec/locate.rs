//! Where in the files a key stands.

use std::cmp::Reverse;

use domain::diagnostic::Place;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::merge::line_of;

/// One file of a chain of `extends`.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// As named.
    pub file: String,
    /// Its text.
    pub text: String,
}

/// A key that a sweep sets, in the place of what the files say.
#[derive(Debug, Clone)]
pub(crate) struct Swept {
    /// Its dotted path.
    pub path: String,
    /// What it is set to, as a line.
    pub words: String,
    /// Where the sweep says so.
    pub place: Place,
}

/// The chain, the scenario itself first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sources {
    chain: Vec<Source>,
    swept: Vec<Swept>,
}

impl Sources {
    pub(super) fn push(&mut self, source: Source) {
        self.chain.push(source);
    }

    /// The same files, with these keys set by a sweep.
    pub(super) fn with(&self, swept: Vec<Swept>) -> Self {
        Self { chain: self.chain.clone(), swept }
    }

    /// The sweep's word on a dotted path, on what it is part of, or on a part of it.
    fn swept(&self, path: &str) -> Option<&Swept> {
        self.swept.iter().find(|swept| within(path, &swept.path) || within(&swept.path, path))
    }

    /// Where keys stand in the order of the files, parents first; none where no file has them.
    pub(super) fn order(&self, keys: &[&str]) -> Option<(Reverse<usize>, usize)> {
        let found = |(at, source): (usize, &Source)| Some((Reverse(at), find(&source.text, keys)?));
        self.chain.iter().enumerate().rev().find_map(found)
    }

    /// The line on which a dotted path is set, in its own words; none where no file sets it.
    pub(super) fn words(&self, path: &str) -> Option<String> {
        if let Some(swept) = self.swept(path) {
            return Some(swept.words.clone());
        }
        let keys: Vec<&str> = path.split('.').collect();
        self.chain.iter().find_map(|source| {
            let line = usize::try_from(line_of(&source.text, find(&source.text, &keys)?)).ok()?;
            let words = source.text.lines().nth(line.checked_sub(1)?)?;
            // A remark behind the value is no part of the rule; within a text, a # is.
            let end = words.match_indices('#').map(|(at, _)| at).find(|&at| words[..at].matches('"').count() % 2 == 0);
            Some(words[..end.unwrap_or(words.len())].trim().to_owned())
        })
    }

    /// The scenario file as a whole.
    pub(super) fn whole(&self, key: Option<&str>) -> Place {
        let file = self.chain.first().map(|source| source.file.clone()).unwrap_or_default();
        Place { file, line: None, column: key.map(ToOwned::to_owned) }
    }

    /// Where the value of a dotted path was last set; if it is set nowhere, where its table begins.
    pub(super) fn place(&self, path: &str) -> Place {
        if let Some(swept) = self.swept(path) {
            return swept.place.clone();
        }
        let keys: Vec<&str> = path.split(['.', '[']).filter(|key| !key.is_empty()).collect();
        self.place_of(&keys, path)
    }

    /// Where the value of these keys was last set; if it is set nowhere, where its table begins.
    pub(super) fn place_of(&self, keys: &[&str], name: &str) -> Place {
        for depth in (1..=keys.len()).rev() {
            for source in &self.chain {
                if let Some(byte) = find(&source.text, &keys[..depth]) {
                    let line = Some(line_of(&source.text, byte));
                    return Place { file: source.file.clone(), line, column: Some(name.to_owned()) };
                }
            }
        }
        self.whole(Some(name))
    }
}

/// Whether a dotted path is another one, or lies within it.
pub(super) fn within(path: &str, whole: &str) -> bool {
    path.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// A table among those of an array: by its number, written `3]`, or by its `name`.
fn among<'a, 'b>(tables: &'b [Spanned<DeValue<'a>>], key: &str) -> Option<(&'b DeTable<'a>, usize)> {
    let table = |value: &'b Spanned<DeValue<'a>>| match value.get_ref() {
        DeValue::Table(table) => Some((table, value.span().start)),
        _ => None,
    };
    if let Some(number) = key.strip_suffix(']') {
        return table(tables.get(number.parse::<usize>().ok()?)?);
    }
    let named = |found: &(&DeTable<'_>, usize)| {
        let mut keys = found.0.iter();
        keys.any(|(known, value)| known.get_ref().as_ref() == "name" && value.get_ref().as_str() == Some(key))
    };
    tables.iter().filter_map(table).find(named)
}

/// The first byte of a key in one text.
fn find(text: &str, keys: &[&str]) -> Option<usize> {
    let document = DeTable::parse(text).ok()?;
    let mut table = document.get_ref();
    let mut at = None;
    let mut keys = keys.iter().peekable();
    while let Some(key) = keys.next() {
        let (known, value) = table.iter().find(|(known, _)| known.get_ref().as_ref() == *key)?;
        at = Some(known.span().start);
        match (value.get_ref(), keys.peek()) {
            (_, None) => return at,
            (DeValue::Table(inner), _) => table = inner,
            (DeValue::Array(tables), Some(key)) => {
                let (inner, start) = among(tables, key)?;
                keys.next();
                (table, at) = (inner, Some(start));
            }
            _ => return None,
        }
    }
    at
}
