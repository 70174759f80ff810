//! The invariants of ARCHITECTURE.md that a program can check.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Who may depend on whom, inside the house. The binary and xtask see all.
const DEPENDENCIES: [(&str, &[&str]); 9] = [
    ("domain", &[]),
    ("models", &["domain"]),
    ("ingest", &["domain"]),
    ("verify", &["domain"]),
    ("reports", &["domain"]),
    ("simulate", &["domain"]),
    ("engine", &["domain", "models"]),
    ("cluster", &["domain", "models", "ingest"]),
    ("scenarios", &["domain", "engine", "cluster", "ingest", "verify"]),
];

/// Words of a kind of code, and the folders where it may stand.
struct Fence {
    what: &'static str,
    words: &'static [&'static str],
    allowed: &'static [&'static str],
}

const FENCES: [Fence; 4] = [
    Fence {
        what: "files, clocks, environment, processes or network",
        words: &[
            "std::fs",
            "std::net",
            "std::process",
            "std::env::",
            "Instant::now",
            "SystemTime",
            "Utc::now",
            "Local::now",
            "thread::sleep",
        ],
        allowed: &["ingest/", "cluster/", "scenarios/src/store", "src/", "xtask/"],
    },
    Fence {
        what: "Arrow, Parquet or SQL",
        words: &["arrow::", "parquet::", "datafusion::", "use datafusion"],
        allowed: &["ingest/", "cluster/", "scenarios/src/store"],
    },
    Fence {
        what: "a solver",
        words: &["highs::", "good_lp::", "use highs", "use good_lp"],
        allowed: &["engine/src/solver"],
    },
    Fence { what: "HTML", words: &["askama", "<html", "<!doctype", "<!DOCTYPE"], allowed: &["reports/"] },
];

/// Everything that is not as ARCHITECTURE.md says it is, one sentence each.
#[must_use]
pub fn check(root: &Path) -> Vec<String> {
    let mut findings = Vec::new();
    let sources = sources(root);
    dependencies(root, &mut findings);
    fences(&sources, &mut findings);
    codes(root, &sources, &mut findings);
    references(root, &sources, &mut findings);
    explained(root, &mut findings);
    findings
}

/// Rust sources of the rooms: (path from the root, text), without tests and generated files.
fn sources(root: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = DEPENDENCIES.iter().map(|(room, _)| root.join(room).join("src")).collect();
    folders.push(root.join("src"));
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs")
                && let (Ok(name), Ok(text)) = (path.strip_prefix(root), fs::read_to_string(&path))
            {
                found.push((name.display().to_string(), text));
            }
        }
    }
    found.sort();
    found
}

/// The part of a file that ships: up to its tests.
fn shipped(path: &str, text: &str) -> String {
    if path.ends_with("tests.rs") || path.contains("/tests/") {
        return String::new();
    }
    let end = text.find("#[cfg(test)]").unwrap_or(text.len());
    text[..end].lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn dependencies(root: &Path, findings: &mut Vec<String>) {
    let rooms: BTreeSet<&str> = DEPENDENCIES.iter().map(|(room, _)| *room).collect();
    let decided = decisions(root);
    for (room, allowed) in DEPENDENCIES {
        let manifest = manifest(&root.join(room).join("Cargo.toml"));
        for name in
            manifest.get("dependencies").and_then(toml::Value::as_table).into_iter().flatten().map(|(name, _)| name)
        {
            if rooms.contains(name.as_str()) && !allowed.contains(&name.as_str()) {
                findings.push(format!("{room}/Cargo.toml: {room} may not depend on {name} (ARCHITECTURE.md)"));
            }
        }
        if manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(toml::Value::as_bool) != Some(true) {
            findings.push(format!("{room}/Cargo.toml: the workspace's lints are not switched on"));
        }
    }
    let workspace = manifest(&root.join("Cargo.toml"));
    let listed =
        workspace.get("workspace").and_then(|workspace| workspace.get("dependencies")).and_then(toml::Value::as_table);
    for name in listed.into_iter().flatten().map(|(name, _)| name).filter(|name| !rooms.contains(name.as_str())) {
        if !decided.contains(&format!("`{name}`")) {
            findings.push(format!("Cargo.toml: no decision in docs/adr/ speaks of the dependency `{name}`"));
        }
    }
}

/// All decision records as one text.
fn decisions(root: &Path) -> String {
    let Ok(entries) = fs::read_dir(root.join("docs/adr")) else { return String::new() };
    entries.flatten().filter_map(|entry| fs::read_to_string(entry.path()).ok()).collect()
}

fn manifest(path: &Path) -> toml::Table {
    fs::read_to_string(path).ok().and_then(|text| text.parse().ok()).unwrap_or_default()
}

fn fences(sources: &[(String, String)], findings: &mut Vec<String>) {
    for (path, text) in sources {
        let text = shipped(path, text);
        for fence in &FENCES {
            if fence.allowed.iter().any(|folder| path.starts_with(folder)) {
                continue;
            }
            for word in fence.words.iter().filter(|word| has_word(&text, word)) {
                findings.push(format!("{path}: `{word}` is {}, which has no place here (ARCHITECTURE.md)", fence.what));
            }
        }
        if text.contains("unsafe ") {
            findings.push(format!("{path}: `unsafe` is denied in every crate"));
        }
    }
}

/// Whether `word` stands in `text` and is not the end of a longer name.
fn has_word(text: &str, word: &str) -> bool {
    let part_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| !text[..at].ends_with(part_of_name))
}

/// Every code that the program can say has its entry in docs/errors.md, and every entry is said.
fn codes(root: &Path, sources: &[(String, String)], findings: &mut Vec<String>) {
    let index = fs::read_to_string(root.join("docs/errors.md")).unwrap_or_default();
    let documented: BTreeSet<&str> = index
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .flat_map(|rest| rest.split_whitespace().next())
        .collect();
    let mut said: BTreeMap<String, String> = BTreeMap::new();
    for (path, text) in sources {
        for code in words(&shipped(path, text)).filter(|word| is_code(word)) {
            said.entry(code).or_insert_with(|| path.clone());
        }
    }
    for (code, path) in said.iter().filter(|(code, _)| !documented.contains(code.as_str())) {
        findings.push(format!("{path}: {code} has no entry in docs/errors.md"));
    }
    for code in documented.iter().filter(|code| !said.contains_key(**code)) {
        findings.push(format!("docs/errors.md: nothing says {code}"));
    }
}

/// `E-VAL-001`, `W-OPT-001`, `I-CSV-BOM`.
fn is_code(word: &str) -> bool {
    let parts: Vec<&str> = word.split('-').collect();
    let shout = |part: &&str| part.len() >= 2 && part.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    matches!(parts.as_slice(), [kind, rest @ ..] if matches!(*kind, "E" | "W" | "I") && (1..=2).contains(&rest.len()) && rest.iter().all(shout))
}

/// Words made of letters, digits and hyphens.
fn words(text: &str) -> impl Iterator<Item = String> + use<'_> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
        .filter(|word| word.contains('-'))
        .map(ToOwned::to_owned)
}

/// Every `[key]` of a module's documentation is in docs/references.bib.
fn references(root: &Path, sources: &[(String, String)], findings: &mut Vec<String>) {
    let bibliography = fs::read_to_string(root.join("docs/references.bib")).unwrap_or_default();
    let keys: BTreeSet<&str> = bibliography
        .lines()
        .filter(|line| line.starts_with('@'))
        .filter_map(|line| line.split_once('{')?.1.split(',').next())
        .collect();
    for (path, text) in sources {
        let prose = text.lines().filter(|line| line.trim_start().starts_with("//"));
        for key in prose.flat_map(cited).filter(|key| !keys.contains(key.as_str())) {
            findings.push(format!("{path}: [{key}] is not in docs/references.bib"));
        }
    }
}

/// Keys like `huff1963` in square brackets, alone or separated by semicolons.
fn cited(line: &str) -> Vec<String> {
    let is_key = |key: &str| {
        let letters = key.trim_end_matches(|c: char| c.is_ascii_lowercase()).len();
        let year = &key[..letters];
        let digits = year.chars().rev().take_while(char::is_ascii_digit).count();
        digits == 4 && year.len() > 4 && year[..year.len() - 4].chars().all(|c| c.is_ascii_lowercase())
    };
    line.split('[')
        .skip(1)
        .filter_map(|rest| rest.split_once(']'))
        .flat_map(|(inside, _)| inside.split(';').map(|key| key.trim().to_owned()).collect::<Vec<_>>())
        .filter(|key| is_key(key))
        .collect()
}

/// The map names every room.
fn explained(root: &Path, findings: &mut Vec<String>) {
    let map = fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap_or_default();
    for (room, _) in DEPENDENCIES {
        if !map.contains(&format!("{room}/")) {
            findings.push(format!("ARCHITECTURE.md does not speak of {room}/"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_from_other_words() {
        assert!(is_code("E-VAL-001") && is_code("I-CSV-BOM") && is_code("W-OPT-001") && is_code("I-ZERO"));
        assert!(!is_code("E-val-001") && !is_code("X-VAL-001") && !is_code("E-") && !is_code("p-median"));
    }

    #[test]
    fn a_word_is_not_the_end_of_another() {
        assert!(has_word("use arrow::array", "arrow::") && !has_word("narrow::best()", "arrow::"));
    }

    #[test]
    fn citations_are_found() {
        assert_eq!(cited("//! as in [huff1963; mcfadden1974a] and [`Code`]"), ["huff1963", "mcfadden1974a"]);
        assert!(cited("//! an array [0] and [1984]").is_empty());
    }

    #[test]
    fn a_fence_is_seen_only_in_code_that_ships() {
        let text = "// std::fs is not used\nfn a() {}\n#[cfg(test)]\nmod tests { use std::fs; }";
        let mut findings = Vec::new();
        fences(&[("models/src/a.rs".into(), text.into())], &mut findings);
        assert!(findings.is_empty(), "{findings:?}");
        fences(&[("models/src/a.rs".into(), "use std::fs;".into())], &mut findings);
        assert_eq!(findings.len(), 1);
    }
}
