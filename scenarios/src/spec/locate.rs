//! Where in the files a key stands.

use std::cmp::Reverse;
use std::ops::Range;

use domain::diagnostic::{Mark, Place};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

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

    /// Their names, the scenario's first.
    pub(super) fn files(&self) -> impl Iterator<Item = &str> {
        self.chain.iter().map(|source| source.file.as_str())
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
        let found = |(at, source): (usize, &Source)| Some((Reverse(at), find(&source.text, keys)?.key.start));
        self.chain.iter().enumerate().rev().find_map(found)
    }

    /// The line on which a dotted path is set, in its own words; none where no file sets it.
    pub(super) fn words(&self, path: &str) -> Option<String> {
        if let Some(swept) = self.swept(path) {
            return Some(swept.words.clone());
        }
        let keys: Vec<&str> = path.split('.').collect();
        self.chain.iter().find_map(|source| {
            let words = Mark::of(&source.text, find(&source.text, &keys)?.key).1.line;
            // A remark behind the value is no part of the rule; within a text, a # is.
            let end = words.match_indices('#').map(|(at, _)| at).find(|&at| words[..at].matches('"').count() % 2 == 0);
            Some(words[..end.unwrap_or(words.len())].trim().to_owned())
        })
    }

    /// The scenario file as a whole: where a key of it could stand, its first line.
    pub(super) fn whole(&self, key: Option<&str>) -> Place {
        let file = self.chain.first().map(|source| source.file.clone()).unwrap_or_default();
        let first = self.chain.first().map(|source| Mark::of(&source.text, 0..0));
        let (line, mark) = first.unzip();
        Place { file, line, column: key.map(ToOwned::to_owned), mark }
    }

    /// Where the value of a dotted path was last set; if it is set nowhere, where its table begins.
    pub(super) fn place(&self, path: &str) -> Place {
        if let Some(swept) = self.swept(path) {
            return swept.place.clone();
        }
        self.place_of(&parts(path), path)
    }

    /// Where a dotted path itself was last written.
    pub(super) fn key(&self, path: &str) -> Place {
        if let Some(swept) = self.swept(path) {
            return swept.place.clone();
        }
        let keys = parts(path);
        let found = |source: &Source| Some((source.clone(), find(&source.text, &keys)?.key));
        let Some((source, key)) = self.chain.iter().find_map(found) else { return self.place(path) };
        marked(&source, key, path)
    }

    /// Where a file names this path; none where it is named in another way.
    pub(super) fn path(&self, named: &str) -> Option<Place> {
        let word = format!("\"{named}\"");
        self.chain.iter().find_map(|source| {
            let at = source.text.find(&word)?;
            Some(marked(source, at..at + word.len(), "tables"))
        })
    }

    /// Where the value of these keys was last set; if it is set nowhere, where its table begins.
    pub(super) fn place_of(&self, keys: &[&str], name: &str) -> Place {
        for depth in (1..=keys.len()).rev() {
            for source in &self.chain {
                if let Some(found) = find(&source.text, &keys[..depth]) {
                    let value = found.value.filter(|_| depth == keys.len());
                    return marked(source, value.unwrap_or(found.key), name);
                }
            }
        }
        self.whole(Some(name))
    }
}

/// These bytes of a file.
fn marked(source: &Source, bytes: Range<usize>, name: &str) -> Place {
    let (line, mark) = Mark::of(&source.text, bytes);
    Place { file: source.file.clone(), line: Some(line), column: Some(name.to_owned()), mark: Some(mark) }
}

/// The keys of a dotted path; a number in brackets is a key written `3]`.
fn parts(path: &str) -> Vec<&str> {
    path.split(['.', '[']).filter(|key| !key.is_empty()).collect()
}

/// Whether a dotted path is another one, or lies within it.
pub(super) fn within(path: &str, whole: &str) -> bool {
    path.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// Where a key stands, and its value where that is no table with a name of its own.
struct Found {
    key: Range<usize>,
    value: Option<Range<usize>>,
}

/// One among the values of an array: by its number, written `3]`, or, if they are tables, by its `name`.
fn among<'a, 'b>(values: &'b [Spanned<DeValue<'a>>], key: &str) -> Option<&'b Spanned<DeValue<'a>>> {
    if let Some(number) = key.strip_suffix(']') {
        return values.get(number.parse::<usize>().ok()?);
    }
    values.iter().find(|value| match value.get_ref() {
        DeValue::Table(table) => table
            .iter()
            .any(|(known, value)| known.get_ref().as_ref() == "name" && value.get_ref().as_str() == Some(key)),
        _ => false,
    })
}

/// A key in one text.
fn find(text: &str, keys: &[&str]) -> Option<Found> {
    let document = DeTable::parse(text).ok()?;
    let mut table = document.get_ref();
    let mut keys = keys.iter().peekable();
    while let Some(key) = keys.next() {
        let (known, mut value) = table.iter().find(|(known, _)| known.get_ref().as_ref() == *key)?;
        let mut at = known.span();
        while let (DeValue::Array(values), Some(key)) = (value.get_ref(), keys.peek()) {
            value = among(values, key)?;
            at = value.span();
            keys.next();
        }
        match (value.get_ref(), keys.peek()) {
            (DeValue::Table(inner), Some(_)) => table = inner,
            (_, Some(_)) => return None,
            (found, None) => {
                let inline = text.get(value.span()).is_some_and(|words| words.starts_with('{'));
                let value = (!matches!(found, DeValue::Table(_)) || inline).then(|| value.span());
                return Some(Found { key: at, value });
            }
        }
    }
    None
}
