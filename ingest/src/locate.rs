//! Finds the files of a table: regular files only, globs expanded in a fixed order.

use std::io;
use std::path::{Path, PathBuf};

use domain::diagnostic::{Diagnostic, Refusal};

use crate::findings::{Findings, at};
use crate::tables::{Format, Role, Source};
use crate::text::shown;

/// One file of a table.
#[derive(Debug, Clone)]
pub(crate) struct Located {
    /// As the scenario names it (a glob's matches: with their own names).
    pub(crate) named: String,
    /// Where it lies.
    pub(crate) path: PathBuf,
    /// How it is read.
    pub(crate) format: Format,
}

/// The files of a table, or findings.
pub(crate) fn locate(role: Role, source: &Source, base: &Path, findings: &mut Findings) -> Vec<Located> {
    let mut files = Vec::new();
    if source.paths().is_empty() {
        missing(role, role.name(), "no path is given", findings);
    }
    for named in source.paths() {
        if named.contains("://") {
            let cause = format!("{} is an address, not a file on this machine", shown(named));
            findings.refuse("E-PATH-001", at(named), cause, "copy the file here and give its path");
            continue;
        }
        if !named.contains(['*', '?']) {
            check(role, source, named.clone(), base.join(named), findings, &mut files);
            continue;
        }
        match expand(named, base) {
            Ok(matches) if matches.is_empty() => missing(role, named, "no file matches", findings),
            Ok(matches) => {
                for (named, path) in matches {
                    check(role, source, named, path, findings, &mut files);
                }
            }
            Err(_) => missing(role, named, "its folder can't be listed", findings),
        }
    }
    files
}

/// Where the files of a table lie, as far as can be told without reading them.
pub(crate) fn files(source: &Source, base: &Path) -> Vec<PathBuf> {
    let of = |named: &String| {
        if named.contains(['*', '?']) {
            // A folder that can't be listed has no files yet; whoever reads the table says so.
            expand(named, base).unwrap_or_default().into_iter().map(|(_, path)| path).collect()
        } else {
            vec![base.join(named)]
        }
    };
    source.paths().iter().flat_map(of).collect()
}

fn missing(role: Role, named: &str, why: &str, findings: &mut Findings) {
    let cause = format!("the table `{}` has no file {}: {why}", role.name(), shown(named));
    findings.refuse("E-IN-001", at(named), cause, "correct the path; it is relative to the scenario file");
}

/// Accepts a regular file that can be read.
fn check(role: Role, source: &Source, named: String, path: PathBuf, findings: &mut Findings, files: &mut Vec<Located>) {
    let not_regular = |findings: &mut Findings, why: &str| {
        let cause = format!("the path of table `{}` {why}", role.name());
        findings.refuse("E-PATH-001", at(&named), cause, "give the path of a regular file");
    };
    let real = match path.canonicalize() {
        Ok(real) => real,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return forbidden(role, &named, findings),
        // ELOOP has no stable kind; Linux numbers it 40, macOS 62.
        Err(error) if matches!(error.raw_os_error(), Some(40 | 62)) => {
            return not_regular(findings, "is not a regular file: its symbolic links go round in a loop");
        }
        Err(_) => return missing(role, &named, "it does not exist", findings),
    };
    if ["/proc", "/sys", "/dev"].iter().any(|root| real.starts_with(root)) {
        return not_regular(findings, "escapes to the system's own files");
    }
    match real.metadata() {
        Ok(facts) if facts.is_file() => {}
        Ok(_) => return not_regular(findings, "is not a regular file"),
        Err(_) => return missing(role, &named, "it does not exist", findings),
    }
    if std::fs::File::open(&real).is_err() {
        return forbidden(role, &named, findings);
    }
    if let Some(format) = format(role, source, &named, findings) {
        files.push(Located { named, path: real, format });
    }
}

fn forbidden(role: Role, named: &str, findings: &mut Findings) {
    findings.say(Diagnostic::error(
        Refusal::Permanent,
        "E-IN-007",
        at(named),
        format!("the file of table `{}` may not be read", role.name()),
        "grant read permission",
    ));
}

/// The format that the scenario or the file's ending states.
fn format(role: Role, source: &Source, named: &str, findings: &mut Findings) -> Option<Format> {
    if let Some(format) = source.mapped().and_then(|mapped| mapped.format) {
        return Some(format);
    }
    let ending = Path::new(named).extension().and_then(|ending| ending.to_str()).unwrap_or("").to_ascii_lowercase();
    match ending.as_str() {
        "csv" | "tsv" | "txt" => return Some(Format::Csv),
        "parquet" | "pq" => return Some(Format::Parquet),
        "xlsx" | "xlsm" | "xls" | "ods" => findings.refuse(
            "E-XL-001",
            at(named),
            "a workbook may hold formulas, macros and links in its sheet!cells, and is not read",
            "save the sheet as CSV UTF-8",
        ),
        "ndjson" | "jsonl" | "json" if role == Role::Health => findings.say(Diagnostic::error(
            Refusal::Privacy,
            "E-PRV-001",
            at(named),
            "rows about persons (FHIR, NDJSON) are not read",
            "give zone-level counts: zone_id, measure, count",
        )),
        _ => findings.refuse(
            "E-IN-006",
            at(named),
            format!("the file of table `{}` is neither CSV nor Parquet by its ending", role.name()),
            "unpack it if it is compressed, or state `format = \"csv\"` or `\"parquet\"`",
        ),
    }
    None
}

/// The files that match a glob (`*` and `?` within one name), in the order of their names.
fn expand(pattern: &str, base: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let start = if pattern.starts_with('/') { PathBuf::from("/") } else { base.to_path_buf() };
    let prefix = if pattern.starts_with('/') { "/" } else { "" };
    let mut found = vec![(prefix.to_owned(), start)];
    let parts: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
    for (depth, part) in parts.iter().enumerate() {
        let last = depth + 1 == parts.len();
        let mut next = Vec::new();
        for (named, folder) in found {
            if !part.contains(['*', '?']) {
                next.push((join(&named, part), folder.join(part)));
                continue;
            }
            let mut names: Vec<String> = Vec::new();
            for entry in std::fs::read_dir(&folder)? {
                if let Ok(name) = entry?.file_name().into_string()
                    && !name.starts_with('.')
                    && matches(part.as_bytes(), name.as_bytes())
                {
                    names.push(name);
                }
            }
            names.sort_unstable();
            for name in names {
                let path = folder.join(&name);
                if last || path.is_dir() {
                    next.push((join(&named, &name), path));
                }
            }
        }
        found = next;
    }
    Ok(found)
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() || folder.ends_with('/') { format!("{folder}{name}") } else { format!("{folder}/{name}") }
}

/// Whether a name matches a pattern of `*` and `?`.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern.split_first(), name.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => {
            matches(rest, name) || name.split_first().is_some_and(|(_, tail)| matches(pattern, tail))
        }
        (Some((b'?', rest)), Some((_, tail))) => matches(rest, tail),
        (Some((a, rest)), Some((b, tail))) => a == b && matches(rest, tail),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn globs_match_within_a_name() {
        assert!(matches(b"sales_*.csv", b"sales_2025.csv"));
        assert!(matches(b"s?les.csv", b"sales.csv"));
        assert!(!matches(b"sales_*.csv", b"sales.csv"));
        assert!(matches(b"*", b""));
    }
}
