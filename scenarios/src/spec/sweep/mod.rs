//! `[sweep]`: a grid of settings.
//!
//! Each key is the dotted path of a setting, each value a list; the grid is their product, in the order of the file, the
//! last key changing fastest. A parent's keys come first. Values are as the setting itself would be written, or relative
//! to the scenario's own ([`relative`]). Tables merge into the section they name, so that several settings can move as one:
//! `"budget" = [{ capex = "1 MUSD" }, { capex = "2 MUSD", stock = "60 kUSD" }]`.
//!
//! Every point is read as a scenario file would be. What is wrong with a value, or with values together, is told where the
//! sweep states it. Rules that no plan meets are no fault of the sweep: such a point is part of it, without a plan.

mod axes;
mod relative;
#[cfg(test)]
mod tests;

use domain::diagnostic::{Diagnostic, Place, Refusal};
use domain::settings::Settings;

use super::locate::{Sources, Swept, within};
use super::{merge, rules, typed};

/// More points than anyone looks through are a slip of the pen.
const POINTS_MAX: usize = 10_000;

/// A grid of settings.
#[derive(Debug, Clone)]
pub struct Sweep {
    /// In the order of the file.
    pub axes: Vec<Axis>,
    /// The last axis changes fastest.
    pub points: Vec<Point>,
}

/// One setting and its values.
#[derive(Debug, Clone)]
pub struct Axis {
    /// The dotted path.
    pub key: String,
    /// Who decides it.
    pub decides: Decides,
    /// The values, as written.
    pub values: Vec<String>,
    /// Where it stands.
    place: Place,
}

/// Who decides a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decides {
    /// It describes the world, and how the world is looked at: demand, capture, travel, rates, prices, dates, the seed.
    Nature,
    /// What is sought, budgets, counts, stores, devices, how corners are stocked and compared, and how long to search.
    We,
}

/// One combination of values.
#[derive(Debug, Clone)]
pub struct Point {
    /// The value of each axis.
    pub at: Vec<usize>,
    /// All settings.
    pub settings: Settings,
    /// Rules of it that no plan meets, found before any table is read.
    pub refused: Vec<Diagnostic>,
}

impl Sweep {
    /// The values of a point, as written.
    #[must_use]
    pub fn values<'a>(&'a self, at: &[usize]) -> Vec<&'a str> {
        self.axes.iter().zip(at).map(|(axis, &value)| axis.values[value].as_str()).collect()
    }

    /// A point in words.
    #[must_use]
    pub fn label(&self, at: &[usize]) -> String {
        label(&self.axes, at)
    }

    /// What a point sets, in the place of the files.
    pub(super) fn swept(&self, at: &[usize]) -> Vec<Swept> {
        swept(&self.axes, at)
    }
}

impl Axis {
    fn swept(&self, value: usize) -> Swept {
        let words = format!("{} = {}", self.key, self.values[value]);
        Swept { path: self.key.clone(), words, place: self.place.clone() }
    }
}

/// Who decides the setting of a dotted path.
#[must_use]
pub fn decides(path: &str) -> Decides {
    const OURS: [&str; 8] =
        ["budget", "demand.devices", "objective", "pilot", "placement", "solver", "stock", "stores_limit"];
    // What opening costs is a price, and stands among the budgets.
    match path != "budget.open_cost" && OURS.iter().any(|ours| within(path, ours)) {
        true => Decides::We,
        false => Decides::Nature,
    }
}

fn swept(axes: &[Axis], at: &[usize]) -> Vec<Swept> {
    axes.iter().zip(at).map(|(axis, &value)| axis.swept(value)).collect()
}

fn label(axes: &[Axis], at: &[usize]) -> String {
    let parts: Vec<String> =
        axes.iter().zip(at).map(|(axis, &value)| format!("{} {}", axis.key, axis.values[value])).collect();
    parts.join(", ")
}

/// Reads the section; none where there is anything to mend. `merged` is the scenario without it, `base` what it says.
pub(super) fn read(
    section: &toml::Value,
    merged: &toml::Table,
    base: &Settings,
    sources: &Sources,
    findings: &mut Vec<Diagnostic>,
) -> Option<Sweep> {
    let axes = axes::read(section, merged, base, sources, findings)?;
    let (axes, layers): (Vec<Axis>, Vec<Vec<toml::Table>>) = axes.into_iter().unzip();
    let count = layers.iter().try_fold(1_usize, |count, layers| count.checked_mul(layers.len()));
    let Some(count) = count.filter(|&count| count <= POINTS_MAX) else {
        let place = sources.place_of(&["sweep"], "sweep");
        let cause = format!("the grid has more than {POINTS_MAX} points");
        findings.push(Diagnostic::error(Refusal::Usage, "E-SWP-001", place, cause, "sweep fewer values"));
        return None;
    };
    // The same fault at many points is told once.
    let mut told: Vec<(Diagnostic, String, usize)> = Vec::new();
    let mut points = Vec::new();
    for number in 0..count {
        let (mut at, mut rest) = (vec![0; axes.len()], number);
        for (value, layers) in at.iter_mut().zip(&layers).rev() {
            (*value, rest) = (rest % layers.len(), rest / layers.len());
        }
        let mut whole = merged.clone();
        for (layers, &value) in layers.iter().zip(&at) {
            merge::overlay(&mut whole, layers[value].clone());
        }
        let here = sources.with(swept(&axes, &at));
        let mut wrong = Vec::new();
        let settings: Option<Settings> = typed(whole, "", &here, &mut wrong, &rules::check);
        wrong.extend(settings.as_ref().map(|settings| rules::check(settings, &here)).unwrap_or_default());
        let (refused, wrong): (Vec<_>, Vec<_>) =
            wrong.into_iter().partition(|finding| finding.refusal == Some(Refusal::Infeasible));
        for finding in wrong {
            match told.iter_mut().find(|(known, ..)| *known == finding) {
                Some((.., more)) => *more += 1,
                None => told.push((finding, label(&axes, &at), 0)),
            }
        }
        points.extend(settings.map(|settings| Point { at, settings, refused }));
    }
    let sound = told.is_empty();
    findings.extend(told.into_iter().map(|(mut finding, at, more)| {
        let more = if more > 0 { format!(", and {more} more points") } else { String::new() };
        finding.cause = format!("{} (at {at}{more})", finding.cause);
        finding
    }));
    sound.then_some(Sweep { axes, points })
}

/// A value at a dotted path.
fn nested(path: &str, value: toml::Value) -> toml::Table {
    let mut table = toml::Table::new();
    match path.split_once('.') {
        Some((key, rest)) => table.insert(key.to_owned(), toml::Value::Table(nested(rest, value))),
        None => table.insert(path.to_owned(), value),
    };
    table
}
