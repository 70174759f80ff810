//! Tables `sites` and `zones` of a bare placement problem: points, weights, perhaps ids, and no market.
//!
//! | column | unit |
//! |---|---|
//! | x, y | any, the same for both tables: a plane |
//! | lat, lon | degrees: the globe |
//! | weight (zones) | any, 0 or more |
//! | cost (sites, where a budget asks for it) | the budget's, 0 or more |
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
const COST: &str = "cost";
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
    /// What they cost, where that was asked for; empty for zones.
    pub costs: Vec<f64>,
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

/// Reads and checks both tables, CSV or Parquet by their ending; paths are relative to `base`. With `costs` the sites
/// need a column of them.
///
/// # Errors
/// All findings, errors first, when any of them is an error.
pub fn points(sites: &str, zones: &str, costs: bool, base: &Path) -> Result<PointTables, Vec<Diagnostic>> {
    let mut findings = Findings::default();
    let one = read(Role::Sites, sites, costs.then_some(COST), base, &mut findings);
    let other = read(Role::Zones, zones, Some(WEIGHT), base, &mut findings);
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

/// A table with a column of amounts, perhaps.
fn read(
    role: Role,
    path: &str,
    amount: Option<&'static str>,
    base: &Path,
    findings: &mut Findings,
) -> Option<PointTable> {
    let source = Source::Path(path.to_owned());
    let table = survey(role, &source, base, findings)?;
    let file = table.names[0].clone();
    let names = table.files[0].1.columns();
    let has = |name: &&str| names.iter().any(|own| own == name);
    let header = || Place { file: file.clone(), line: Some(1), column: None, mark: None };
    let ids: &[&str] = if role == Role::Sites { &SITE_IDS } else { &ZONE_IDS };
    let id = ids.iter().find(|name| has(name)).copied();
    let axes = if GLOBE.iter().any(|name| has(name)) && !PLANE.iter().all(|name| has(name)) { GLOBE } else { PLANE };
    if PLANE.iter().chain(&GLOBE).all(|name| has(name)) {
        let cause = "the table has both `x, y` and `lat, lon`, and they may differ";
        findings.refuse("E-SCH-001", header(), cause, "take one of the two pairs out");
        return None;
    }
    let mut needed = axes.to_vec();
    needed.extend(amount);
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
    let amounts = amount.map_or_else(|| Some(Vec::new()), |column| amounts(&frame, column, findings));
    let ids = match id {
        None => Some(None),
        Some(column) => unique(&frame, column, findings).map(Some),
    };
    let (positions, ids, amounts) = (positions?, ids?, amounts?);
    let (weights, costs) = if role == Role::Zones { (amounts, Vec::new()) } else { (Vec::new(), amounts) };
    Some(PointTable { positions, ids, weights, costs, ignored })
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

/// The weights or costs of all rows; none where any is wrong.
fn amounts(frame: &Frame, column: &str, findings: &mut Findings) -> Option<Vec<f64>> {
    let mut amounts = Vec::with_capacity(frame.len());
    let mut sound = true;
    for number in 0..frame.len() {
        let mut row = frame.read(number, findings);
        if let Some(amount) = row.real(column, None) {
            if amount < 0.0 {
                let mend = match column {
                    WEIGHT => "correct the weight; 0 leaves the zone out of account",
                    _ => "correct the cost; 0 takes nothing from the budget",
                };
                row.wrong("E-VAL-003", column, "is negative", mend);
            } else if amount > SIZE_MAX {
                row.wrong("E-VAL-002", column, "is out of range", "use a coarser unit");
            }
            amounts.push(amount);
        }
        sound &= row.sound();
    }
    sound.then_some(amounts)
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
