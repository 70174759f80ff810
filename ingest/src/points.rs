//! Tables `sites` and `zones` of a bare placement problem: points, weights, perhaps ids, and no market.
//!
//! | column | unit |
//! |---|---|
//! | x, y | any, the same for both tables: a plane |
//! | lat, lon | degrees: the globe |
//! | weight (zones) | any, 0 or more |
//!
//! Read the same strict way as every table, but without a session: there is no mapping to apply.

use std::collections::HashMap;
use std::path::Path;

use domain::diagnostic::{Diagnostic, Place, Severity};
use domain::geo::LatLon;

use crate::findings::{Findings, at, plainly};
use crate::frame::{Frame, check_columns};
use crate::limits::ENTITIES_MAX;
use crate::source::{SourceFault, texts};
use crate::survey::survey;
use crate::tables::{Role, Source};
use crate::text::{list, shown};
use crate::{privacy, session};

pub(crate) const PLANE: [&str; 2] = ["x", "y"];
const GLOBE: [&str; 2] = ["lat", "lon"];
/// Names that a column of ids may bear, the first that is there counts.
pub(crate) const SITE_IDS: [&str; 3] = ["site", "store_id", "id"];
const ZONE_IDS: [&str; 3] = ["zone", "zone_id", "id"];
const WEIGHT: &str = "weight";
/// Beyond this a coordinate or weight is an accident, and squares of it lose what differs.
const SIZE_MAX: f64 = 1e15;

/// Where the points of a table are.
#[derive(Debug, Clone, PartialEq)]
pub enum Positions {
    /// (x, y), in a unit of the table's own.
    Plane(Vec<[f64; 2]>),
    /// On the globe.
    Globe(Vec<LatLon>),
}

impl Positions {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Plane(points) => points.len(),
            Self::Globe(points) => points.len(),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// One table of points, in the order of its rows.
#[derive(Debug, Clone, PartialEq)]
pub struct PointTable {
    /// Where they are.
    pub positions: Positions,
    /// Their ids, where the table has a column of them.
    pub ids: Option<Vec<String>>,
    /// Their weights; empty for sites.
    pub weights: Vec<f64>,
    /// Columns that are not used.
    pub ignored: Vec<String>,
}

/// Both tables, measured in the same way.
#[derive(Debug, Clone, PartialEq)]
pub struct PointTables {
    /// Where one may open.
    pub sites: PointTable,
    /// Who is to be served.
    pub zones: PointTable,
    /// Warnings and remarks.
    pub findings: Vec<Diagnostic>,
}

/// Reads and checks both tables, CSV or Parquet by their ending; paths are relative to `base`.
///
/// # Errors
/// All findings, errors first, when any of them is an error.
pub fn points(sites: &str, zones: &str, base: &Path) -> Result<PointTables, Vec<Diagnostic>> {
    let mut findings = Findings::default();
    let one = read(Role::Sites, sites, base, &mut findings);
    let other = read(Role::Zones, zones, base, &mut findings);
    if let (Some(one), Some(other)) = (&one, &other)
        && std::mem::discriminant(&one.positions) != std::mem::discriminant(&other.positions)
    {
        let cause = "one table has `x, y` and the other `lat, lon`: nothing can be measured between them";
        findings.refuse("E-SCH-001", at(zones), cause, "give both tables the same kind of coordinates");
    }
    let mut findings = findings.finish(0, &[]);
    findings.iter_mut().for_each(plainly);
    match (one, other) {
        (Some(sites), Some(zones)) if findings.iter().all(|finding| finding.severity != Severity::Error) => {
            Ok(PointTables { sites, zones, findings })
        }
        _ => Err(findings),
    }
}

fn read(role: Role, path: &str, base: &Path, findings: &mut Findings) -> Option<PointTable> {
    let source = Source::Path(path.to_owned());
    let table = survey(role, &source, base, findings)?;
    let file = table.names[0].clone();
    let names = table.files[0].1.columns();
    let has = |name: &&str| names.iter().any(|own| own == name);
    let header = || Place { file: file.clone(), line: Some(1), column: None };
    let ids: &[&str] = if role == Role::Sites { &SITE_IDS } else { &ZONE_IDS };
    let id = ids.iter().find(|name| has(name)).copied();
    let axes = if GLOBE.iter().any(|name| has(name)) && !PLANE.iter().all(|name| has(name)) { GLOBE } else { PLANE };
    if PLANE.iter().chain(&GLOBE).all(|name| has(name)) {
        let cause = "the table has both `x, y` and `lat, lon`, and they may differ";
        findings.refuse("E-SCH-001", header(), cause, "take one of the two pairs out");
        return None;
    }
    let mut needed = axes.to_vec();
    if role == Role::Zones {
        needed.push(WEIGHT);
    }
    let clean = privacy::check(role, &file, &names, findings);
    if !check_columns(role, &file, &names, &needed, ids, findings) || !clean {
        return None;
    }
    let rows: u64 = table.inputs.iter().map(|input| input.rows).sum();
    if usize::try_from(rows).map_or(true, |rows| rows > ENTITIES_MAX) {
        let cause = format!("`{}` has {rows} rows, at most {ENTITIES_MAX} are held", role.name());
        let refusal = domain::diagnostic::Refusal::Limit;
        findings.say(Diagnostic::error(refusal, "E-LIM-003", at(&file), cause, "thin out the table"));
        return None;
    }
    let used: Vec<&str> = needed.iter().copied().chain(id).collect();
    let ignored: Vec<String> = names.iter().filter(|name| !used.contains(&name.as_str())).cloned().collect();
    if !ignored.is_empty() {
        let cause = format!("columns of `{}` are not used: {}", role.name(), list(&ignored));
        findings.say(Diagnostic::info("I-SCH-005", at(&file), cause, ""));
    }
    let frame = match texts(&table.files, table.delimiter, &used) {
        Ok((schema, batches)) => Frame::new(role, table.names.clone(), &schema, &batches),
        Err(SourceFault::Changed { .. }) => {
            findings.say(session::changed(at(&file)));
            return None;
        }
        Err(SourceFault::Decode { .. }) => {
            findings.refuse("E-PQ-003", at(&file), "the decoder failed: the file is damaged", "export it again");
            return None;
        }
    };
    let Some(frame) = frame else {
        let cause = format!("`{}` holds more text than can be held", role.name());
        let refusal = domain::diagnostic::Refusal::Limit;
        findings.say(Diagnostic::error(refusal, "E-LIM-003", at(&file), cause, "thin out the table"));
        return None;
    };
    let positions = positions(&frame, axes, findings);
    let weights = if role == Role::Zones { weights(&frame, findings) } else { Some(Vec::new()) };
    let ids = match id {
        None => Some(None),
        Some(column) => unique(&frame, column, findings).map(Some),
    };
    Some(PointTable { positions: positions?, ids: ids?, weights: weights?, ignored })
}

/// The coordinates of all rows; none where any is wrong.
fn positions(frame: &Frame, axes: [&str; 2], findings: &mut Findings) -> Option<Positions> {
    let [first, second] = axes;
    let mut points = Vec::with_capacity(frame.len());
    let mut sound = true;
    for number in 0..frame.len() {
        let mut row = frame.read(number, findings);
        let (one, other) = (row.real(first, None), row.real(second, None));
        if let (Some(one), Some(other)) = (one, other) {
            if axes == GLOBE {
                if !(-90.0..=90.0).contains(&one) {
                    let swapped = (-180.0..=180.0).contains(&one) && (-90.0..=90.0).contains(&other);
                    let hint = if swapped { "; are lat and lon swapped?" } else { "" };
                    let what = format!("is not between -90 and 90 degrees{hint}");
                    row.wrong("E-GEO-001", first, &what, "correct the coordinates");
                }
                if !(-180.0..=180.0).contains(&other) {
                    row.wrong("E-GEO-001", second, "is not between -180 and 180 degrees", "correct the coordinates");
                }
            } else {
                for (column, value) in [(first, one), (second, other)] {
                    if value.abs() > SIZE_MAX {
                        row.wrong("E-VAL-002", column, "is out of range", "use a coarser unit");
                    }
                }
            }
            points.push([one, other]);
        }
        sound &= row.sound();
    }
    sound.then(|| {
        if axes == GLOBE {
            Positions::Globe(points.into_iter().map(|[lat, lon]| LatLon { lat, lon }).collect())
        } else {
            Positions::Plane(points)
        }
    })
}

/// The weights of all rows; none where any is wrong.
fn weights(frame: &Frame, findings: &mut Findings) -> Option<Vec<f64>> {
    let mut weights = Vec::with_capacity(frame.len());
    let mut sound = true;
    for number in 0..frame.len() {
        let mut row = frame.read(number, findings);
        if let Some(weight) = row.real(WEIGHT, None) {
            if weight < 0.0 {
                row.wrong("E-VAL-003", WEIGHT, "is negative", "correct the weight; 0 leaves the zone out of account");
            } else if weight > SIZE_MAX {
                row.wrong("E-VAL-002", WEIGHT, "is out of range", "use a coarser unit");
            }
            weights.push(weight);
        }
        sound &= row.sound();
    }
    sound.then_some(weights)
}

/// The ids of all rows; none where one is blank or stands twice.
fn unique(frame: &Frame, column: &str, findings: &mut Findings) -> Option<Vec<String>> {
    let mut first: HashMap<String, usize> = HashMap::with_capacity(frame.len());
    let mut ids = Vec::with_capacity(frame.len());
    let mut sound = true;
    for number in 0..frame.len() {
        let Some(id) = frame.read(number, findings).text(column) else {
            sound = false;
            continue;
        };
        if let Some(&before) = first.get(&id) {
            let earlier =
                frame.place(before, column).line.map_or(String::new(), |line| format!(" (first on line {line})"));
            let cause = format!("{column} {} stands twice{earlier}", shown(&id));
            findings.row("E-KEY-001", frame.place(number, column), cause, "give each row an id of its own");
            sound = false;
            continue;
        }
        first.insert(id.clone(), number);
        ids.push(id);
    }
    sound.then_some(ids)
}
