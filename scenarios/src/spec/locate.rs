//! Where in the files a key stands.

use domain::diagnostic::Place;
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

/// The chain, the scenario itself first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sources(Vec<Source>);

impl Sources {
    pub(super) fn push(&mut self, source: Source) {
        self.0.push(source);
    }

    /// The line on which a dotted path is set, in its own words; none where no file sets it.
    pub(super) fn words(&self, path: &str) -> Option<String> {
        let keys: Vec<&str> = path.split('.').collect();
        self.0.iter().find_map(|source| {
            let line = usize::try_from(find(&source.text, &keys)?).ok()?;
            let words = source.text.lines().nth(line.checked_sub(1)?)?;
            // A remark behind the value is no part of the rule; within a text, a # is.
            let end = words.match_indices('#').map(|(at, _)| at).find(|&at| words[..at].matches('"').count() % 2 == 0);
            Some(words[..end.unwrap_or(words.len())].trim().to_owned())
        })
    }

    /// The scenario file as a whole.
    pub(super) fn whole(&self, key: Option<&str>) -> Place {
        let file = self.0.first().map(|source| source.file.clone()).unwrap_or_default();
        Place { file, line: None, column: key.map(ToOwned::to_owned) }
    }

    /// Where the value of a dotted path was last set; if it is set nowhere, where its table begins.
    pub(super) fn place(&self, path: &str) -> Place {
        let keys: Vec<&str> = path.split(['.', '[']).filter(|key| !key.is_empty() && !key.ends_with(']')).collect();
        for depth in (1..=keys.len()).rev() {
            for source in &self.0 {
                if let Some(line) = find(&source.text, &keys[..depth]) {
                    return Place { file: source.file.clone(), line: Some(line), column: Some(path.to_owned()) };
                }
            }
        }
        self.whole(Some(path))
    }
}

/// The line of a key in one text.
fn find(text: &str, keys: &[&str]) -> Option<u64> {
    let document = DeTable::parse(text).ok()?;
    let mut table = document.get_ref();
    let (last, parents) = keys.split_last()?;
    for key in parents {
        let (_, value) = table.iter().find(|(known, _)| known.get_ref().as_ref() == *key)?;
        match value.get_ref() {
            DeValue::Table(inner) => table = inner,
            _ => return None,
        }
    }
    let (key, _) = table.iter().find(|(known, _)| known.get_ref().as_ref() == *last)?;
    Some(line_of(text, key.span().start))
}
