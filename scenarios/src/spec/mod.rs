//! A scenario file, read with what it extends.
//!
//! Tables merge, arrays and values replace. Every finding carries the file, line and key it is about;
//! all are collected, so that one reading shows all that has to be mended.

mod day;
mod locate;
mod mend;
mod merge;
pub(crate) mod near;
mod node;
mod readings;
pub mod reference;
mod rules;
pub mod schema;
pub mod sweep;
mod syntax;
mod value;

use std::path::{Path, PathBuf};

use domain::diagnostic::{Diagnostic, Place, Refusal};
use domain::settings::Settings;
use engine::Conflict;
use serde::de::DeserializeOwned;

use self::locate::{Sources, within};
use self::mend::Wrong;
use self::sweep::Sweep;

/// A scenario: what is asked, and where the tables lie.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The file, as named on the command line.
    pub file: PathBuf,
    /// What is asked of the run.
    pub settings: Settings,
    /// Where the tables lie and how they are mapped.
    pub tables: ingest::Tables,
    /// The folder that the tables' paths are relative to: that of the file.
    pub base: PathBuf,
    /// Whether the data is simulated and the report has to say so.
    pub synthetic: bool,
    /// The grid of settings that it asks for, where it has one.
    pub sweep: Option<Sweep>,
    /// Its words.
    sources: Sources,
}

impl Scenario {
    /// The scenario of one point of its sweep.
    #[must_use]
    pub fn at(&self, sweep: &Sweep, point: &sweep::Point) -> Self {
        let (file, tables, base) = (self.file.clone(), self.tables.clone(), self.base.clone());
        let sources = self.sources.with(sweep.swept(&point.at));
        Self { file, settings: point.settings.clone(), tables, base, synthetic: self.synthetic, sweep: None, sources }
    }

    /// The files that it was read from: its own, then those that it extends.
    #[must_use]
    pub fn files(&self) -> Vec<PathBuf> {
        self.sources.files().map(PathBuf::from).collect()
    }

    /// Where the value of a dotted path was last set.
    #[must_use]
    pub fn place(&self, key: &str) -> Place {
        self.sources.place(key)
    }

    /// Where a dotted path itself was last written.
    #[must_use]
    pub fn key(&self, path: &str) -> Place {
        self.sources.key(path)
    }

    /// Findings about tables; one that is about a file as a whole, which may be misnamed, is shown where the scenario names it.
    #[must_use]
    pub fn naming(&self, mut findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
        for finding in findings.iter_mut().filter(|finding| ["E-IN-001", "E-PATH-001"].contains(&finding.code)) {
            if let Some(place) = self.sources.path(&finding.place.file) {
                finding.place = place;
            }
        }
        findings
    }

    /// Rules that no plan meets together, each where and as the file states it.
    #[must_use]
    pub fn conflicts(&self, conflicts: &[Conflict]) -> Vec<Diagnostic> {
        let count = conflicts.len();
        let told = conflicts.iter().map(|Conflict { rule, why, code }| {
            let cause = match self.sources.words(rule) {
                Some(words) => format!("`{words}`: {why}"),
                None => why.clone(),
            };
            let mend = match *code {
                "E-INF-003" => "take it out of the list, or mend the table of stores".to_owned(),
                "E-INF-006" => "loosen one of these rules".to_owned(),
                _ if count == 1 => "loosen it".to_owned(),
                _ => format!("without any one of these {count} rules there is a plan: drop one, or loosen it"),
            };
            Diagnostic::error(Refusal::Infeasible, code, self.sources.place(rule), cause, mend)
        });
        told.collect()
    }
}

/// How often a wrong value is set aside to find the next one.
const FINDINGS_MAX: usize = 50;

/// Reads a scenario file and all that it extends.
///
/// # Errors
/// Every finding: unreadable files, TOML that does not parse, unknown keys, values of the wrong
/// kind, missing keys, and settings that contradict each other.
pub fn read(file: &Path) -> Result<Scenario, Vec<Diagnostic>> {
    let (merged, sources) = merge::read(file)?;
    let mut findings = schema::unknown_keys(&merged, &sources);
    let mut rest = merged;
    schema::drop_unknown(&mut rest);
    let synthetic = match rest.remove("synthetic") {
        Some(toml::Value::Boolean(synthetic)) => synthetic,
        Some(other) => {
            let takes = |_: Option<&str>, value: toml::Value| value.is_bool();
            let wrong = Wrong { path: "synthetic", value: Some(&other), cause: "no truth value", takes: &takes };
            let told = wrong.told(&schema::scenario());
            let place = sources.place("synthetic");
            findings.push(Diagnostic::error(Refusal::Usage, "E-CFG-006", place, told.cause, told.action));
            false
        }
        None => false,
    };
    let tables = rest.remove("tables");
    let swept = rest.remove("sweep");
    for (key, code, why, mend) in [
        (
            "zero_rows",
            "E-CFG-004",
            "`zero_rows` is not set",
            "say what an absent row of `sales` means: zero_rows = \"zero\" or \"missing\"",
        ),
        (
            "as_of",
            "E-CFG-005",
            "`as_of` is not set",
            "name the date that counts as today, such as as_of = \"2026-11-16\"; the machine's clock is never asked",
        ),
    ] {
        if !rest.contains_key(key) {
            findings.push(Diagnostic::error(Refusal::Usage, code, sources.whole(Some(key)), why, mend));
        }
    }
    let Some(tables) = tables else {
        findings.push(Diagnostic::error(
            Refusal::Usage,
            "E-CFG-006",
            sources.whole(Some("tables")),
            "there is no [tables] section",
            "name at least markets, stores, sales, devices and zones under [tables]",
        ));
        return Err(sorted(findings));
    };
    let settings: Option<Settings> = typed(rest.clone(), "", &sources, &mut findings, &rules::check);
    let tables: Option<ingest::Tables> = match tables {
        toml::Value::Table(table) => typed(table, "tables", &sources, &mut findings, &|_, _| Vec::new()),
        _ => None,
    };
    if let Some(settings) = &settings {
        findings.extend(rules::check(settings, &sources));
    }
    let sweep = match (&settings, swept) {
        (Some(settings), Some(swept)) => sweep::read(&swept, &rest, settings, &sources, &mut findings),
        _ => None,
    };
    match (settings, tables) {
        (Some(settings), Some(tables)) if findings.is_empty() => {
            let base = file.parent().map(Path::to_path_buf).unwrap_or_default();
            Ok(Scenario { file: file.to_path_buf(), settings, tables, base, synthetic, sweep, sources })
        }
        _ => Err(sorted(findings)),
    }
}

/// Deserialises a table, setting aside each wrong value to find the next one; `rules` are what holds of it as a whole.
fn typed<T: DeserializeOwned>(
    table: toml::Table,
    prefix: &str,
    sources: &Sources,
    findings: &mut Vec<Diagnostic>,
    rules: &dyn Fn(&T, &Sources) -> Vec<Diagnostic>,
) -> Option<T> {
    let mut value = toml::Value::Table(table);
    for round in 0..FINDINGS_MAX {
        match serde_path_to_error::deserialize(value.clone()) {
            Ok(read) => return (round == 0).then_some(read),
            Err(error) => {
                let inner = error.path().to_string();
                let path = match (prefix, inner.as_str()) {
                    ("", path) => path.to_owned(),
                    (prefix, "." | "") => prefix.to_owned(),
                    (prefix, path) => format!("{prefix}.{path}"),
                };
                let cause = error.inner().message().trim().to_owned();
                // Once a required value was set aside, its absence is not another finding.
                let echo = round > 0 && cause.starts_with("missing field");
                // The two keys without a default have findings of their own.
                let known = ["zero_rows", "as_of"].iter().any(|key| cause == format!("missing field `{key}`"));
                if !echo && !known {
                    let takes = |key: Option<&str>, other: toml::Value| {
                        let at = key.map_or_else(|| inner.clone(), |key| value::joined(&inner, key));
                        let mut mended = value.clone();
                        value::set(&mut mended, &at, other)
                            && match serde_path_to_error::deserialize::<_, T>(mended) {
                                Ok(read) => {
                                    let whole = key.map_or_else(|| path.clone(), |key| value::joined(&path, key));
                                    let stands = |finding: &Diagnostic| {
                                        finding.place.column.as_deref().is_some_and(|key| within(&whole, key))
                                    };
                                    !rules(&read, sources).iter().any(stands)
                                }
                                Err(error) => {
                                    let found = error.path().to_string();
                                    let same = found == inner && error.inner().message().trim() == cause;
                                    !within(&found, &at) && !same
                                }
                            }
                    };
                    let wrong = Wrong { path: &path, value: value::at(&value, &inner), cause: &cause, takes: &takes };
                    let told = wrong.told(&schema::scenario());
                    let place = sources.place(&path);
                    findings.push(Diagnostic::error(Refusal::Usage, "E-CFG-006", place, told.cause, told.action));
                }
                if echo || known || !value::remove(&mut value, &inner) {
                    return None;
                }
            }
        }
    }
    None
}

/// Findings by place, without repeats.
fn sorted(mut findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    findings.sort_by(|a, b| (&a.place, a.code, &a.cause).cmp(&(&b.place, b.code, &b.cause)));
    findings.dedup();
    findings
}

/// The place of a whole file.
fn file_place(file: &Path) -> Place {
    Place { file: file.display().to_string(), line: None, column: None, mark: None }
}

#[cfg(test)]
mod tests;
