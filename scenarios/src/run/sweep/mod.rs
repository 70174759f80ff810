//! A sweep: every point of a grid of settings is an ordinary run, and one document compares them.
//!
//! A point's run has the id that `plan` would give it, so what is finished is found again: a sweep that was ended goes on
//! where it was. Which run is current stays as it is, since a sweep decides nothing. A point without a plan is a row of
//! the result and not the end of the sweep.
//!
//! The folder of a sweep holds sweep.json, the comparison, and sweep.html, the same as a page.
//!
//! Tables are read once per distinct setting that they are read by, histories and forecasts likewise ([`ground`]). Points
//! are decided side by side, as many as the memory holds. The document names no time, no thread and no path: the same
//! inputs give the same bytes, however often the sweep was ended.

mod document;
mod ground;
mod points;
mod regret;

use std::path::{Path, PathBuf};

use domain::comparison::{self, Comparison, Status};
use domain::diagnostic::{Diagnostic, Place, Refusal};
use domain::hash::Hasher;
use domain::plan::Plan;
use domain::stop::Event;

use self::ground::Grounds;
use self::points::{Came, Points};
use super::kept::Ages;
use super::{Context, RunError, json, reopen, run_id};
use crate::spec::Scenario;
use crate::spec::sweep::Sweep;
use crate::store::{self, Runs};

/// The document's name in its folder.
pub const FILE: &str = "sweep.json";
/// The page's.
const PAGE: &str = "sweep.html";

/// Steps of a sweep.
const STEPS: u32 = 3;

/// How a sweep is gone through.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Points side by side; as many as memory and threads allow unless given.
    pub jobs: Option<usize>,
    /// Threads that there are.
    pub threads: usize,
    /// Bytes that may be used, where known.
    pub memory: Option<u64>,
    /// Points that are decided before the sweep stops, those that were finished before not counted.
    pub points_max: Option<usize>,
}

/// How a sweep ended.
#[derive(Debug)]
pub struct Swept {
    /// What came of it; none where points are left.
    pub document: Option<(PathBuf, Comparison)>,
    /// Points that are finished.
    pub done: usize,
    /// Points that there are.
    pub of: usize,
    /// Findings about the input.
    pub findings: Vec<Diagnostic>,
}

/// A point as it is finished.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// The point in words.
    pub label: &'a str,
    /// Its plan, or why there is none.
    pub came: Result<&'a Plan, &'a str>,
    /// Points that are finished.
    pub done: usize,
    /// Points that there are.
    pub of: usize,
}

/// Checks what the points of a sweep ask of the tables, `loaded` being those of the scenario itself.
///
/// # Errors
/// Every finding that refuses a point.
pub(super) fn check(scenario: &Scenario, sweep: &Sweep, loaded: &ingest::Loaded) -> Result<(), Vec<Diagnostic>> {
    let own = ground::tables_key(&scenario.settings);
    let mut others = Grounds::default();
    let mut found: Vec<Diagnostic> = Vec::new();
    for point in &sweep.points {
        let here = scenario.at(sweep, point);
        if ground::tables_key(&point.settings) == own {
            found.extend(here.against(&loaded.market));
        } else if let Err(findings) = others.tables(&here) {
            found.extend(findings);
        }
    }
    refuse(found)
}

/// Findings of several points, each once.
fn refuse(mut found: Vec<Diagnostic>) -> Result<(), Vec<Diagnostic>> {
    found.sort();
    found.dedup();
    if found.is_empty() { Ok(()) } else { Err(found) }
}

/// Plans every point of a scenario's sweep, and compares them. `told` hears of each point as it is finished.
///
/// # Errors
/// Where the scenario has no sweep, the input is refused, or what came of it can't be written. See [`RunError`].
pub fn sweep(
    scenario: &Scenario,
    context: &Context<'_>,
    pace: Pace,
    told: &(dyn Fn(Step<'_>) + Sync),
) -> Result<Swept, RunError> {
    let Some(sweep) = &scenario.sweep else {
        let place = Place { file: scenario.file.display().to_string(), ..Place::default() };
        let (cause, mend) =
            ("the scenario has no [sweep]", "write [sweep] with \"demand.uptake\" = [\"-20 %\", \"+20 %\"]");
        return Err(RunError::Refused(vec![Diagnostic::error(Refusal::Usage, "E-SWP-003", place, cause, mend)]));
    };
    let runs = Runs::open(context.runs, context.holder)?;
    let step = |name, at| context.progress.say(Event::Step { name, at, of: STEPS, total: None });
    step("reading tables", 1);
    let points: Vec<Scenario> = sweep.points.iter().map(|point| scenario.at(sweep, point)).collect();
    let mut grounds = Grounds::default();
    let mut refused = Vec::new();
    for point in &points {
        refused.extend(grounds.tables(point).err().into_iter().flatten());
    }
    refuse(refused).map_err(RunError::Refused)?;
    let mut findings = Vec::new();
    let mut ids = Vec::new();
    for point in &points {
        grounds.prepare(&point.settings);
        let tables = grounds.of(&point.settings).map_err(RunError::from)?.tables;
        findings.extend(tables.loaded.findings.iter().cloned());
        ids.push(run_id(point, &tables.hash, &Ages::default(), context.version));
    }
    findings.sort();
    findings.dedup();
    let of = points.len();
    let sweep_id = sweep_id(scenario, sweep, &ids);
    if let Some(document) = finished(&runs, &sweep_id)? {
        let path = runs.path(&sweep_id).join(FILE);
        return Ok(Swept { document: Some((path, document)), done: of, of, findings });
    }
    let all = Points { scenario, sweep, points: &points, ids: &ids, grounds: &grounds, runs: &runs, context };
    let came = all.plan(pace, told)?;
    let done = came.iter().flatten().count();
    let Some(came) = came.into_iter().collect::<Option<Vec<Came>>>() else {
        return Ok(Swept { document: None, done, of, findings });
    };
    step("comparing the points", 3);
    let regret = regret::regret(&all, &came)?;
    if context.stop.now(0).is_some() {
        return Ok(Swept { document: None, done, of, findings });
    }
    let market = &grounds.of(&scenario.settings).or_else(|_| grounds.of(&points[0].settings))?.tables.loaded.market;
    let document = document::document(&all, market, &came, &sweep_id, regret);
    let staging = runs.stage(&sweep_id)?;
    staging.write(FILE, &json(FILE, &document)?)?;
    staging.write(PAGE, &(context.renderers.comparison)(&document).map_err(RunError::Render)?)?;
    if runs.path(&sweep_id).is_dir() {
        // It held points that had erred, or is of another version, and could not be reused.
        runs.remove(&sweep_id)?;
    }
    let path = runs.publish(staging, &sweep_id)?.join(FILE);
    Ok(Swept { document: Some((path, document)), done, of, findings })
}

/// `sweep-<as_of>-<hash>`, of the grid as written, its runs and the form of what is said of them.
fn sweep_id(scenario: &Scenario, sweep: &Sweep, ids: &[String]) -> String {
    let mut hasher = Hasher::new("sweep-1");
    hasher.text(comparison::SCHEMA);
    hasher.text(&scenario.settings.name);
    for axis in &sweep.axes {
        hasher.text(&axis.key);
        axis.values.iter().for_each(|value| hasher.text(value));
    }
    ids.iter().for_each(|id| hasher.text(id));
    format!("sweep-{}-{}", scenario.settings.as_of, &hasher.finish().hex()[..12])
}

/// The comparison of a finished sweep that no point of erred: another time, an error may not come again.
fn finished(runs: &Runs, sweep_id: &str) -> Result<Option<Comparison>, RunError> {
    if !runs.finished(sweep_id)? {
        return Ok(None);
    }
    let document: Comparison = reopen::document(&runs.path(sweep_id), FILE, comparison::SCHEMA)?;
    let erred = document.points.iter().any(|point| point.status == Status::Error);
    Ok((!erred).then_some(document))
}

/// Whether a folder is that of a sweep.
#[must_use]
pub fn is_one(folder: &Path) -> bool {
    folder.join(FILE).is_file()
}

/// Opens the comparison of a finished sweep, checked against its manifest.
///
/// # Errors
/// If a file is missing, changed, or of a version that this code does not read.
pub fn open(folder: &Path) -> Result<Comparison, RunError> {
    store::check_manifest(folder)?;
    reopen::document(folder, FILE, comparison::SCHEMA)
}
