//! Findings about input: code, place, cause, action.
//!
//! Findings are collected, not first-only, and none carries a value of a health table. Each code has
//! its entry in docs/errors.md.

use serde::Serialize;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// For the record.
    Info,
    /// The plan stands, with this said beside it (exit 5).
    Warning,
    /// The input is refused.
    Error,
}

/// What kind of refusal an error is: each has its exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// The scenario or the command line (exit 2).
    Usage,
    /// The data (exit 3).
    Data,
    /// No plan meets the rules (exit 4).
    Infeasible,
    /// A transient fault, worth a retry (exit 7).
    Transient,
    /// Privacy (exit 8).
    Privacy,
    /// Verification failed (exit 9).
    Unverified,
    /// A resource limit (exit 10).
    Limit,
    /// A permanent fault of input or output (exit 11).
    Permanent,
}

impl Refusal {
    /// The exit code.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Usage => 2,
            Self::Data => 3,
            Self::Infeasible => 4,
            Self::Transient => 7,
            Self::Privacy => 8,
            Self::Unverified => 9,
            Self::Limit => 10,
            Self::Permanent => 11,
        }
    }
}

/// Where a finding is.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Place {
    /// The file as the scenario names it, or the table's role where no file is meant.
    pub file: String,
    /// Physical line (CSV, TOML; the header is line 1) or row number (Parquet, from 1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The column's name, or a key of a scenario.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What of the line is meant, where its words may be shown: those of a scenario, never those of a table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
}

/// Words of a line.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Mark {
    /// The character where they begin, from 1.
    pub at: usize,
    /// How many characters they have; 0 for what is missing there.
    pub length: usize,
    /// The line.
    pub line: String,
}

impl Mark {
    /// The words of `text` in these bytes, as far as their first line goes, with its number.
    #[must_use]
    pub fn of(text: &str, bytes: std::ops::Range<usize>) -> (u64, Self) {
        let mut start = bytes.start.min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let begin = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line = text[begin..].lines().next().unwrap_or_default();
        let number = 1 + text[..start].matches('\n').count() as u64;
        let shown = |from: usize, to: usize| text.get(from..to).map_or(0, |words| words.chars().count());
        let end = bytes.end.min(begin + line.len()).max(start);
        (number, Self { at: 1 + shown(begin, start), length: shown(start, end), line: line.to_owned() })
    }

    /// The line and, below it, what is meant; tabs keep their width.
    fn draw(&self, number: u64, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let gutter = number.to_string();
        let blank = " ".repeat(gutter.len());
        let shown: String = self.line.chars().map(|c| if c.is_control() && c != '\t' { ' ' } else { c }).collect();
        let before: String = shown.chars().take(self.at - 1).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        let marks = "^".repeat(self.length.max(1));
        write!(f, "\n {blank} |\n {gutter} | {}\n {blank} | {before}{marks}", shown.trim_end())
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Diagnostic {
    /// How bad.
    pub severity: Severity,
    /// What kind of refusal, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
    /// A code of docs/errors.md, such as `E-VAL-001`.
    pub code: &'static str,
    /// Where.
    pub place: Place,
    /// What is wrong.
    pub cause: String,
    /// What to do about it.
    pub action: String,
}

impl Diagnostic {
    /// A refusal.
    #[must_use]
    pub fn error(
        refusal: Refusal,
        code: &'static str,
        place: Place,
        cause: impl Into<String>,
        action: impl Into<String>,
    ) -> Self {
        Self {
            severity: Severity::Error,
            refusal: Some(refusal),
            code,
            place,
            cause: cause.into(),
            action: action.into(),
        }
    }

    /// A warning.
    #[must_use]
    pub fn warning(code: &'static str, place: Place, cause: impl Into<String>, action: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, refusal: None, code, place, cause: cause.into(), action: action.into() }
    }

    /// A remark.
    #[must_use]
    pub fn info(code: &'static str, place: Place, cause: impl Into<String>, action: impl Into<String>) -> Self {
        Self { severity: Severity::Info, refusal: None, code, place, cause: cause.into(), action: action.into() }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // File names may hold anything; control characters and direction overrides are escaped.
        for c in self.file.chars() {
            if c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') {
                write!(f, "{}", c.escape_default())?;
            } else {
                write!(f, "{c}")?;
            }
        }
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
            if let Some(mark) = &self.mark {
                write!(f, ":{}", mark.at)?;
            }
        }
        if let Some(column) = &self.column {
            write!(f, " [{column}]")?;
        }
        Ok(())
    }
}

impl std::fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let word = match self.severity {
            Severity::Info => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        write!(f, "{word}[{}] {}: {}", self.code, self.place, self.cause)?;
        if let (Some(line), Some(mark)) = (self.place.line, &self.place.mark) {
            mark.draw(line, f)?;
        }
        if !self.action.is_empty() {
            write!(f, "\n  = {}", self.action)?;
        }
        Ok(())
    }
}
