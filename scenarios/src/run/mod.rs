//! One run, from a scenario to a published folder.
//!
//! tables -> Market -> forecasts of the histories -> cold start -> plan -> verification -> study ->
//! files. Each hop is one call into one crate; this room only hands the nouns on, and decides what
//! is published.

mod agree;
pub mod diff;
mod error;
mod explain;
mod forecast;
mod journal;
mod kept;
mod publish;
mod readout;
mod reopen;
mod replan;
mod replay;
mod study;
pub mod sweep;
mod worth;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cluster::{States, Way};
use domain::comparison::Comparison;
use domain::diagnostic::Diagnostic;
use domain::forecast::{Forecast, PanelForecast};
use domain::hash::{ContentHash, Hasher};
use domain::plan::Plan;
use domain::settings::Settings;
use domain::stop::{Progress, Stop};
use domain::study::Study;

pub use self::error::{RunError, exit_code};
pub use self::explain::{Asked, explain};
pub use self::forecast::{Forecasts, backtest, forecast};
use self::journal::Journal;
use self::kept::{Ages, Kept};
pub use self::readout::{ReadOut, readout};
pub use self::reopen::{Reopened, check_again, open, open_study};
pub use self::replan::{Again, Replanned, Since, UNCHANGED, replan};
pub use self::replay::{Replayed, replay};
pub use self::worth::worth;
use crate::spec::Scenario;
use crate::store::record::KeptRecord;
use crate::store::{self, Runs};

/// Weeks of a season.
pub const SEASON_WEEKS: usize = 52;

/// Any error of a renderer: this room only passes it on.
pub type RenderError = Box<dyn std::error::Error + Send + Sync>;

/// How a study becomes files. The binary hands them in, since reports are no room below this one.
#[derive(Clone, Copy)]
pub struct Renderers<'a> {
    /// The report.
    pub html: &'a (dyn Fn(&Study) -> Result<Vec<u8>, RenderError> + Sync),
    /// The page that compares the points of a sweep.
    pub comparison: &'a (dyn Fn(&Comparison) -> Result<Vec<u8>, RenderError> + Sync),
    /// The workbook.
    pub workbook: &'a (dyn Fn(&Study) -> Result<Vec<u8>, RenderError> + Sync),
    /// Prints the report, a file, to another file; says whether there was anything to print with.
    pub pdf: &'a (dyn Fn(&Path, &Path) -> Result<bool, RenderError> + Sync),
}

/// What a run needs beside its scenario.
pub struct Context<'a> {
    /// The folder of runs.
    pub runs: &'a Path,
    /// Who runs it, for the lock's note.
    pub holder: &'a str,
    /// The command that makes this run again, for the report.
    pub command: &'a str,
    /// Version of cornerstone.
    pub version: &'a str,
    /// When to stop; its clock also tells the timings.
    pub stop: &'a Stop,
    /// Hears how it goes.
    pub progress: &'a dyn Progress,
    /// How a study becomes files.
    pub renderers: Renderers<'a>,
}

/// A run that was published, now or before.
#[derive(Debug)]
pub struct Finished {
    /// Its folder.
    pub path: PathBuf,
    /// The decision.
    pub plan: Plan,
    /// 0, or 5 with warnings.
    pub exit_code: u8,
    /// Whether it was found finished and only made current.
    pub reused: bool,
    /// Findings about the input.
    pub findings: Vec<Diagnostic>,
}

/// Reads every table of a scenario and checks it against the settings, those of its sweep as well; decides nothing.
///
/// # Errors
/// Every finding that refuses the input.
pub fn check(scenario: &Scenario) -> Result<ingest::Loaded, Vec<Diagnostic>> {
    let loaded = load(scenario)?;
    if let Some(swept) = &scenario.sweep {
        sweep::check(scenario, swept, &loaded)?;
    }
    Ok(loaded)
}

/// Reads every table of a scenario and checks it against the scenario's own settings.
fn load(scenario: &Scenario) -> Result<ingest::Loaded, Vec<Diagnostic>> {
    let loaded = ingest::load(&scenario.tables, &scenario.base, &scenario.settings);
    let loaded = loaded.map_err(|findings| scenario.naming(findings))?;
    let refused = scenario.against(&loaded.market);
    if refused.is_empty() { Ok(loaded) } else { Err(refused) }
}

/// Runs a scenario and publishes its run folder; the same inputs find their finished run. The parameters of histories go
/// on from those that the file `kept` keeps, where these merely grew, and those found now are kept there once the run is
/// published.
///
/// # Errors
/// See [`RunError`]; nothing is published then, and the previous run stays current.
pub fn plan(scenario: &Scenario, kept: Option<&Path>, context: &Context<'_>) -> Result<Finished, RunError> {
    recorded(
        scenario,
        context,
        |finished: &Finished| finished.exit_code,
        |runs| {
            let mut journal = begin(context, runs);
            let tables = read(scenario, &mut journal)?;
            decide(scenario, kept, context, runs, &tables, journal)
        },
    )
}

/// Does something with the folder of runs, which is locked for as long, and writes to `status.json` how it ended.
fn recorded<T>(
    scenario: &Scenario,
    context: &Context<'_>,
    code: impl Fn(&T) -> u8,
    work: impl FnOnce(&Runs) -> Result<T, RunError>,
) -> Result<T, RunError> {
    let runs = Runs::open(context.runs, context.holder)?;
    let outcome = work(&runs);
    let (code, text) = match &outcome {
        Ok(done) => (code(done), String::new()),
        Err(error) => (error.exit_code(), error.to_string()),
    };
    let current = Runs::current(context.runs)?;
    let status = serde_json::json!({ "scenario": scenario.settings.name, "as_of": scenario.settings.as_of.to_string(),
        "exit_code": code, "error": text, "current": current });
    runs.replace("status.json", format!("{status:#}\n").as_bytes())?;
    outcome
}

/// Steps of a plan: three here, and those of [`publish`].
const STEPS: u32 = 3 + publish::STEPS;

/// The journal of a plan, which begins with what was mended on opening the folder.
fn begin<'a>(context: &Context<'a>, runs: &Runs) -> Journal<'a> {
    let mut journal = Journal::new(context.stop, context.progress, STEPS);
    for name in &runs.recovered {
        journal.note("I-REC-001", &format!("removed {name}, left by a run that died"));
    }
    journal
}

fn read(scenario: &Scenario, journal: &mut Journal<'_>) -> Result<Tables, RunError> {
    Ok(Tables::of(journal.step("reading tables", || load(scenario).map_err(RunError::Refused))?))
}

fn decide(
    scenario: &Scenario,
    kept: Option<&Path>,
    context: &Context<'_>,
    runs: &Runs,
    tables: &Tables,
    mut journal: Journal<'_>,
) -> Result<Finished, RunError> {
    let opened = kept.map(|path| States::open(path).map(|states| (path, Arc::new(states))));
    let opened = opened.transpose().map_err(cluster::ClusterError::from)?;
    let kept = opened.map(|(path, states)| Kept::of(path, states, &tables.loaded.market)).transpose()?;
    let none = Ages::default();
    let ages = kept.as_ref().map_or(&none, Kept::ages);
    let run_id = run_id(scenario, &tables.hash, ages, context.version);
    if let Some(finished) = reuse(runs, &run_id, tables)? {
        runs.make_current(&run_id)?;
        return Ok(finished);
    }
    let foreseen = foresee(tables, &scenario.settings, kept.as_ref(), context.stop, &mut journal)?;
    let finished = publish::publish(scenario, context, runs, tables, &foreseen, &run_id, journal)?;
    runs.make_current(&run_id)?;
    // Only what was published is gone on from.
    kept.map_or(Ok(()), |kept| kept.commit())?;
    Ok(finished)
}

/// Tables that were read, and what they are told by.
#[derive(Debug)]
struct Tables {
    loaded: ingest::Loaded,
    /// Of the checked content.
    hash: ContentHash,
}

impl Tables {
    fn of(loaded: ingest::Loaded) -> Self {
        let hash = loaded.market.content_hash();
        Self { loaded, hash }
    }
}

/// What a run expects before it decides.
#[derive(Debug)]
struct Foreseen {
    /// What the histories went on from, where that was not found now.
    kept: Option<KeptRecord>,
    remark: Option<String>,
    histories: Arc<PanelForecast>,
    forecast: Forecast,
}

/// The finished run of an id, where there is one.
fn reuse(runs: &Runs, run_id: &str, tables: &Tables) -> Result<Option<Finished>, RunError> {
    if !runs.finished(run_id)? {
        return Ok(None);
    }
    let Reopened { path, plan, record } = open(&runs.path(run_id))?;
    let findings = tables.loaded.findings.clone();
    Ok(Some(Finished { path, plan, exit_code: record.exit_code, reused: true, findings }))
}

fn foresee(
    tables: &Tables,
    settings: &Settings,
    kept: Option<&Kept>,
    stop: &Stop,
    journal: &mut Journal<'_>,
) -> Result<Foreseen, RunError> {
    let market = &tables.loaded.market;
    let way = Way { kept: kept.map(Kept::states), stop: stop.clone(), ..Way::default() };
    let (keys, weeks) = (kept.map_or(&[][..], Kept::keys), settings.horizon_weeks as usize);
    let histories = journal.step("forecasting histories", || {
        cluster::forecast_panel_by(&market.sales, keys, weeks, SEASON_WEEKS, &way).map_err(RunError::from)
    })?;
    let forecast = journal
        .step("fitting the cold start", || engine::fit::fit(market, &histories, settings).map_err(RunError::from))?;
    let (kept, remark) = (kept.and_then(Kept::record), kept.and_then(|kept| kept.ages().remark()));
    Ok(Foreseen { kept, remark, histories: Arc::new(histories), forecast })
}

/// `<as_of>-<hash>`: what goes in names what comes out. The hash is of the checked content, the settings, the version and
/// the forms of the documents (a run in a form that is no longer read is not found again, but planned), so shuffled rows, other paths and other threads find the same run; and of the ages of
/// parameters, where any are old.
fn run_id(scenario: &Scenario, market: &ContentHash, ages: &Ages, version: &str) -> String {
    let settings = &scenario.settings;
    let mut hasher = Hasher::new("run-1");
    hasher.text(&market.hex());
    hasher.text(&settings_hash(settings).hex());
    hasher.text(version);
    for form in [domain::plan::SCHEMA, domain::certificate::SCHEMA, domain::study::SCHEMA, crate::store::record::SCHEMA]
    {
        hasher.text(form);
    }
    // The report says so, and would go on saying so of real tables.
    hasher.text(if scenario.synthetic { "synthetic" } else { "" });
    if ages.any() {
        hasher.text(&ages.hash().hex());
    }
    format!("{}-{}", settings.as_of, &hasher.finish().hex()[..12])
}

/// The hash of all settings, defaults included.
fn settings_hash(settings: &Settings) -> ContentHash {
    ContentHash::of_bytes(serde_json::to_string(settings).unwrap_or_default().as_bytes())
}

/// A document as JSON with a final newline.
fn json(what: &'static str, document: &impl serde::Serialize) -> Result<Vec<u8>, RunError> {
    let mut bytes = serde_json::to_vec_pretty(document).map_err(|source| store::StoreError::Json { what, source })?;
    bytes.push(b'\n');
    Ok(bytes)
}
