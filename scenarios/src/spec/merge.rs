//! `extends`: a scenario is its parents with its own values on top. Tables merge, all else replaces.

use std::path::{Path, PathBuf};

use domain::diagnostic::{Diagnostic, Mark, Place, Refusal};

use crate::store::{read_text, real_path};

use super::file_place;
use super::locate::{Source, Sources};
use super::syntax;

/// Reads a file and its parents; the merged table holds no `extends`.
pub(super) fn read(file: &Path) -> Result<(toml::Table, Sources), Vec<Diagnostic>> {
    let mut sources = Sources::default();
    let mut merged = toml::Table::new();
    let mut seen: Vec<PathBuf> = Vec::new();
    let mut layers: Vec<toml::Table> = Vec::new();
    let mut next = Some(file.to_path_buf());
    // Where the file that is read next was named.
    let mut named: Option<Place> = None;
    while let Some(path) = next.take() {
        let real = real_path(&path);
        if seen.contains(&real) {
            return Err(vec![Diagnostic::error(
                Refusal::Usage,
                "E-CFG-008",
                named.unwrap_or_else(|| file_place(&path)),
                "`extends` leads back to a file that was read already",
                "break the circle",
            )]);
        }
        seen.push(real);
        let text = read_text(&path).map_err(|error| {
            vec![Diagnostic::error(
                Refusal::Usage,
                "E-CFG-008",
                named.clone().unwrap_or_else(|| file_place(&path)),
                format!("the scenario {} can't be read: {error}", path.display()),
                "check the path; `cornerstone init DIR` writes a scenario to start from",
            )]
        })?;
        let mut table: toml::Table = toml::from_str(&text).map_err(|error| {
            let (line, mark) = error.span().map(|span| Mark::of(&text, span)).unzip();
            let mend = syntax::mend(mark.as_ref().map_or("", |mark| &mark.line), error.message());
            vec![Diagnostic::error(
                Refusal::Usage,
                "E-CFG-006",
                Place { line, mark, ..file_place(&path) },
                format!("this is not TOML: {}", error.message()),
                mend,
            )]
        })?;
        dates_to_text(&mut table);
        if let Some(parent) = table.remove("extends") {
            let Some(parent) = parent.as_str().map(PathBuf::from) else {
                return Err(vec![Diagnostic::error(
                    Refusal::Usage,
                    "E-CFG-006",
                    extends(&path, &text),
                    "`extends` is not a text",
                    "write extends = \"base.toml\"",
                )]);
            };
            named = Some(extends(&path, &text));
            next = Some(path.parent().unwrap_or(Path::new("")).join(parent));
        }
        // Paths of tables count from the file that names them.
        if let (Some(toml::Value::Table(tables)), Some(own), Some(first)) =
            (table.get_mut("tables"), path.parent(), file.parent())
            && own != first
        {
            rebase(tables, own, first);
        }
        sources.push(Source { file: path.display().to_string(), text });
        layers.push(table);
    }
    for layer in layers.into_iter().rev() {
        overlay(&mut merged, layer);
    }
    Ok((merged, sources))
}

/// Puts `top` on `base`.
pub(super) fn overlay(base: &mut toml::Table, top: toml::Table) {
    for (key, value) in top {
        match (base.get_mut(&key), value) {
            (Some(toml::Value::Table(below)), toml::Value::Table(above)) => overlay(below, above),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

/// TOML dates become text, so that `as_of = 2026-11-16` and `as_of = "2026-11-16"` are the same.
fn dates_to_text(table: &mut toml::Table) {
    for (_, value) in table.iter_mut() {
        match value {
            toml::Value::Datetime(date) => *value = toml::Value::String(date.to_string()),
            toml::Value::Table(inner) => dates_to_text(inner),
            _ => {}
        }
    }
}

/// Rewrites a parent's relative table paths so that they count from the child's folder.
fn rebase(tables: &mut toml::Table, own: &Path, child: &Path) {
    let turn = |text: &mut String| {
        if Path::new(text.as_str()).is_relative() {
            // The parent's folder as seen from the child's; both are relative to the same place.
            let from_child = own.strip_prefix(child).map_or_else(|_| real_path(own), Path::to_path_buf);
            *text = from_child.join(text.as_str()).display().to_string();
        }
    };
    for (_, value) in tables.iter_mut() {
        match value {
            toml::Value::String(path) => turn(path),
            toml::Value::Array(paths) => paths.iter_mut().for_each(|path| {
                if let toml::Value::String(path) = path {
                    turn(path);
                }
            }),
            toml::Value::Table(source) => match source.get_mut("path") {
                Some(toml::Value::String(path)) => turn(path),
                Some(toml::Value::Array(paths)) => paths.iter_mut().for_each(|path| {
                    if let toml::Value::String(path) = path {
                        turn(path);
                    }
                }),
                _ => {}
            },
            _ => {}
        }
    }
}

/// Where a file names its parent.
fn extends(path: &Path, text: &str) -> Place {
    let mut own = Sources::default();
    own.push(Source { file: path.display().to_string(), text: text.to_owned() });
    own.place("extends")
}
