//! The collector: all findings of a load, capped per code, file and column, with a count of the rest.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

use domain::diagnostic::{Diagnostic, Place, Refusal, Severity};

use crate::tables::Screen;

/// So many findings of one code, file and column are shown.
pub(crate) const SHOWN: usize = 5;

#[derive(Debug, Default)]
struct Group {
    shown: Vec<Diagnostic>,
    more: u64,
}

/// What could turn an error into a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Mercy {
    /// Nothing.
    None,
    /// A quarantine: the row can be left out.
    Row,
    /// An acknowledgement: it is a doubt, and the row is kept.
    Screen,
}

/// Findings so far. Each group is told in the order of its places, since checks go down the rows.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    groups: BTreeMap<(&'static str, String, Option<String>, Mercy), Group>,
    bad: HashSet<(String, u64)>,
    bad_unplaced: u64,
}

/// A place without a line.
pub(crate) fn at(file: &str) -> Place {
    Place { file: file.to_owned(), line: None, column: None, mark: None }
}

impl Findings {
    fn put(&mut self, finding: Diagnostic, mercy: Mercy, more: u64) {
        let key = (finding.code, finding.place.file.clone(), finding.place.column.clone(), mercy);
        let group = self.groups.entry(key).or_default();
        if group.shown.len() < SHOWN {
            group.shown.push(finding);
        } else {
            group.more += 1;
        }
        group.more += more;
    }

    /// A finding about the table as a whole, or one that leaving a row out would not mend.
    pub(crate) fn say(&mut self, finding: Diagnostic) {
        self.put(finding, Mercy::None, 0);
    }

    /// A refusal of the data as a whole.
    pub(crate) fn refuse(&mut self, code: &'static str, place: Place, cause: impl Into<String>, action: &str) {
        self.say(Diagnostic::error(Refusal::Data, code, place, cause, action));
    }

    /// A bad row, which a quarantine may leave out.
    pub(crate) fn row(&mut self, code: &'static str, place: Place, cause: impl Into<String>, action: &str) {
        match place.line {
            Some(line) => drop(self.bad.insert((place.file.clone(), line))),
            None => self.bad_unplaced += 1,
        }
        self.put(Diagnostic::error(Refusal::Data, code, place, cause, action), Mercy::Row, 0);
    }

    /// As [`Findings::row`], for rows that were counted elsewhere: this one stands for `more` others.
    pub(crate) fn rows(&mut self, finding: Diagnostic, more: u64) {
        self.bad_unplaced += 1 + more;
        self.put(finding, Mercy::Row, more);
    }

    /// A doubt about plausible data, which a person may acknowledge; it stands for `more` others.
    pub(crate) fn screen(
        &mut self,
        code: &'static str,
        place: Place,
        cause: impl Into<String>,
        action: &str,
        more: u64,
    ) {
        self.put(Diagnostic::error(Refusal::Data, code, place, cause, action), Mercy::Screen, more);
    }

    /// Counts further bad rows that a finding already stands for.
    pub(crate) fn count_rows(&mut self, more: u64) {
        self.bad_unplaced += more;
    }

    /// Whether any error has been found.
    pub(crate) fn any_error(&self) -> bool {
        self.groups.values().flat_map(|group| &group.shown).any(|finding| finding.severity == Severity::Error)
    }

    /// All findings, errors first, each group with the count of what is not shown. Up to `forgiven` bad rows
    /// and the screens `acknowledged` are warnings.
    pub(crate) fn finish(self, forgiven: u64, acknowledged: &[Screen]) -> Vec<Diagnostic> {
        let bad = self.bad.len() as u64 + self.bad_unplaced;
        let forgiven = bad <= forgiven;
        let mut all = Vec::new();
        for ((code, _, _, mercy), group) in self.groups {
            let mut shown = group.shown;
            if group.more > 0
                && let Some(last) = shown.last_mut()
            {
                last.cause.push_str(&format!(" (and {} more like it)", group.more));
            }
            for mut finding in shown {
                let known = mercy == Mercy::Screen && acknowledged.iter().any(|screen| screen.code() == code);
                if known || (mercy == Mercy::Row && forgiven) {
                    finding.severity = Severity::Warning;
                    finding.refusal = None;
                    finding.cause.push_str(if known { " (acknowledged)" } else { " (row left out)" });
                }
                all.push(finding);
            }
        }
        // Privacy first: what it refuses may not be mended by leaving it for later.
        let rank = |finding: &Diagnostic| (Reverse(finding.severity), finding.refusal != Some(Refusal::Privacy));
        all.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.place.cmp(&b.place)).then_with(|| a.cmp(b)));
        all
    }
}

/// Mends that speak of a scenario, in words for tables that have none.
pub(crate) fn plainly(finding: &mut Diagnostic) {
    let speaks = |word: &str| finding.action.contains(word);
    if !(speaks("scenario") || speaks("`sql`") || speaks("state `") || speaks("`sales`")) {
        return;
    }
    finding.action = match finding.code {
        "E-IN-001" => "correct the path; it is relative to the working folder",
        "E-IN-006" => "unpack it; the name of a table ends in .csv or .parquet",
        "E-CSV-005" => "export with commas between fields and points in numbers",
        "E-SCH-001" => "rename the columns",
        "E-LIM-001" | "E-LIM-003" | "E-LIM-004" => "split or thin out the table",
        _ => "correct the value, or take the row out",
    }
    .to_owned();
}
