//! One run, from a scenario to a published folder.
//!
//! tables -> Market -> forecasts of the histories -> cold start -> plan -> verification -> study ->
//! files. Each hop is one call into one crate; this room only hands the nouns on, and decides what
//! is published.

mod error;
mod explain;
mod forecast;
mod journal;
mod readout;
mod reopen;
mod study;
mod worth;

use std::path::{Path, PathBuf};

use domain::certificate::Certificate;
use domain::diagnostic::{Diagnostic, Place, Refusal, Severity};
use domain::forecast::PanelForecast;
use domain::hash::{ContentHash, Hasher};
use domain::market::Market;
use domain::plan::{Plan, Status, Warning};
use domain::settings::Settings;
use domain::stop::{Cut, Progress, Stop};
use domain::study::Study;
use engine::{Outcome, Solved};

pub use self::error::{RunError, exit_code};
pub use self::explain::explain;
pub use self::forecast::{Forecasts, backtest, forecast};
use self::journal::Journal;
pub use self::readout::{ReadOut, readout};
pub use self::reopen::{Reopened, check_again, open, open_study};
pub use self::worth::worth;
use crate::spec::Scenario;
use crate::store::record::{InputRecord, RunRecord};
use crate::store::{self, Runs};

/// Weeks of a season.
pub const SEASON_WEEKS: usize = 52;

/// Any error of a renderer: this room only passes it on.
pub type RenderError = Box<dyn std::error::Error + Send + Sync>;

/// How a study becomes files. The binary hands them in, since reports are no room below this one.
pub struct Renderers<'a> {
    /// The report.
    pub html: &'a dyn Fn(&Study) -> Result<Vec<u8>, RenderError>,
    /// The workbook.
    pub workbook: &'a dyn Fn(&Study) -> Result<Vec<u8>, RenderError>,
    /// Prints the report, a file, to another file; says whether there was anything to print with.
    pub pdf: &'a dyn Fn(&Path, &Path) -> Result<bool, RenderError>,
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

/// Reads every table of a scenario and checks it against the settings; decides nothing.
///
/// # Errors
/// Every finding that refuses the input.
pub fn check(scenario: &Scenario) -> Result<ingest::Loaded, Vec<Diagnostic>> {
    let loaded = ingest::load(&scenario.tables, &scenario.base, &scenario.settings)?;
    let refused = against_market(&scenario.settings, &loaded.market, &scenario.file);
    if refused.is_empty() { Ok(loaded) } else { Err(refused) }
}

/// Runs a scenario and publishes its run folder; the same inputs find their finished run.
///
/// # Errors
/// See [`RunError`]; nothing is published then, and the previous run stays current.
pub fn plan(scenario: &Scenario, context: &Context<'_>) -> Result<Finished, RunError> {
    let runs = Runs::open(context.runs, context.holder)?;
    let outcome = decide(scenario, context, &runs);
    let (code, text) = match &outcome {
        Ok(finished) => (finished.exit_code, String::new()),
        Err(error) => (error.exit_code(), error.to_string()),
    };
    let current = Runs::current(context.runs)?;
    let status = serde_json::json!({ "scenario": scenario.settings.name, "as_of": scenario.settings.as_of.to_string(),
        "exit_code": code, "error": text, "current": current });
    runs.replace("status.json", format!("{status:#}\n").as_bytes())?;
    outcome
}

fn decide(scenario: &Scenario, context: &Context<'_>, runs: &Runs) -> Result<Finished, RunError> {
    let settings = &scenario.settings;
    let mut journal = Journal::new(context.stop, context.progress);
    for name in &runs.recovered {
        journal.note("I-REC-001", &format!("removed {name}, left by a run that died"));
    }
    let loaded = journal.step("reading tables", || check(scenario).map_err(RunError::Refused))?;
    let market = &loaded.market;
    loaded.findings.iter().for_each(|finding| journal.finding(finding));

    let market_hash = market.content_hash();
    let run_id = run_id(settings, &market_hash, context.version);
    if runs.finished(&run_id)? {
        runs.make_current(&run_id)?;
        let Reopened { path, plan, record } = open(&runs.path(&run_id))?;
        return Ok(Finished { path, plan, exit_code: record.exit_code, reused: true, findings: loaded.findings });
    }

    let histories: PanelForecast = journal.step("forecasting histories", || {
        cluster::forecast_panel(&market.sales, settings.horizon_weeks as usize, SEASON_WEEKS).map_err(RunError::from)
    })?;
    let forecast = journal
        .step("fitting the cold start", || engine::fit::fit(market, &histories, settings).map_err(RunError::from))?;
    let outcome = journal.step("deciding", || {
        engine::solve::solve(market, &forecast, settings, context.stop, context.progress).map_err(RunError::from)
    })?;
    let Solved { mut plan, mut certificate, samples, notes, cut, nodes } = match outcome {
        Outcome::Solved(solved) => *solved,
        Outcome::Infeasible(conflicts) => return Err(RunError::Refused(scenario.conflicts(&conflicts))),
    };
    plan.run_id.clone_from(&run_id);
    if cut == Some(Cut::Interrupted) {
        // Published, it would be found again as the finished run of these inputs.
        return Err(RunError::Interrupted);
    }

    let verdict = journal
        .step("verifying", || Ok::<_, RunError>(verify::check(market, settings, &samples, &plan, &certificate)))?;
    if !verdict.failures.is_empty() {
        return Err(RunError::Verification(verdict.failures));
    }
    let confirmed = verdict.bound_verified || fall_back(&mut plan, &mut certificate, settings, verdict.proved);
    settle(&mut plan, settings, confirmed, &loaded.findings);
    let exit_code = if plan.warnings.is_empty() { 0 } else { 5 };

    let study = study::assemble(scenario, context, &loaded, &forecast, &histories, &plan, notes, &market_hash);
    let staging = runs.stage(&run_id)?;
    journal.step("writing the run", || -> Result<(), RunError> {
        let samples_bytes = store::samples::write(market, &samples)?;
        staging.write("plan.json", &json("plan.json", &plan)?)?;
        staging.write("study.json", &json("study.json", &study)?)?;
        staging.write("certificate.json", &json("certificate.json", &certificate)?)?;
        staging.write("demand_samples.parquet", &samples_bytes)?;
        staging.write("forecast.parquet", &store::forecast(market, &forecast)?)?;
        staging.write("stock.parquet", &store::stock(&plan)?)?;
        staging.write("controls.parquet", &store::controls(&plan)?)?;
        staging.write("plan.xlsx", &(context.renderers.workbook)(&study).map_err(RunError::Render)?)?;
        staging.write("report.html", &(context.renderers.html)(&study).map_err(RunError::Render)?)?;
        (context.renderers.pdf)(&staging.path("report.html"), &staging.path("report.pdf")).map_err(RunError::Render)?;
        Ok(())
    })?;
    ingest::recheck(&loaded.inputs).map_err(|finding| RunError::Refused(vec![finding]))?;
    let record = RunRecord {
        schema: store::record::SCHEMA.into(),
        run_id: run_id.clone(),
        exit_code,
        scenario_file: store::real_path(&scenario.file).display().to_string(),
        settings: settings.clone(),
        version: context.version.to_owned(),
        solver: engine::solver::lp::Lp::version().to_owned(),
        market_hash: market_hash.hex(),
        samples_hash: ContentHash::of_bytes(&store::samples::write(market, &samples)?).hex(),
        cut: cut.map(|cut| format!("{cut:?}").to_lowercase()),
        nodes,
        inputs: loaded.inputs.iter().map(input_record).collect(),
        seconds: journal.seconds(),
    };
    staging.write("run.json", &json("run.json", &record)?)?;
    staging.write("log.jsonl", &journal.lines())?;
    let path = runs.publish(staging, &run_id)?;
    Ok(Finished { path, plan, exit_code, reused: false, findings: loaded.findings })
}

/// `<as_of>-<hash>`: what goes in names what comes out. The hash is of the checked content, the
/// settings and the version, so shuffled rows, other paths and other threads find the same run.
fn run_id(settings: &Settings, market: &ContentHash, version: &str) -> String {
    let mut hasher = Hasher::new("run-1");
    hasher.text(&market.hex());
    hasher.text(&settings_hash(settings).hex());
    hasher.text(version);
    format!("{}-{}", settings.as_of, &hasher.finish().hex()[..12])
}

/// The hash of all settings, defaults included.
fn settings_hash(settings: &Settings) -> ContentHash {
    ContentHash::of_bytes(serde_json::to_string(settings).unwrap_or_default().as_bytes())
}

/// What the settings and the Market do not agree on.
fn against_market(settings: &Settings, market: &Market, file: &Path) -> Vec<Diagnostic> {
    let place = |key: &str| Place { file: file.display().to_string(), line: None, column: Some(key.to_owned()) };
    let mut findings = Vec::new();
    let mut refuse = |code: &'static str, key: &str, cause: String, action: &str| {
        findings.push(Diagnostic::error(Refusal::Usage, code, place(key), cause, action));
    };
    if settings.placement.stores_max() as usize > market.stores.len() {
        refuse(
            "E-CFG-002",
            "placement.stores_max",
            format!(
                "stores_max = {} is more than the {} stores of the table",
                settings.placement.stores_max(),
                market.stores.len()
            ),
            "ask for fewer stores",
        );
    }
    let mut currencies: Vec<_> = market.markets.iter().map(|terms| terms.currency).collect();
    currencies.sort_unstable();
    currencies.dedup();
    if settings.fx.base.is_none() && currencies.len() > 1 {
        refuse(
            "E-CFG-007",
            "fx.base",
            format!("the markets have {} currencies and no base currency is named", currencies.len()),
            "write [fx] base = \"USD\" and a rate for each other currency",
        );
    }
    for currency in currencies.iter().filter(|currency| settings.rate(**currency).is_none()) {
        refuse(
            "E-CFG-007",
            "fx.rates",
            format!("no rate is given for {currency}"),
            "write fx.rates.GBP = 1.27 (base currency per unit)",
        );
    }
    if let (None, [only]) = (settings.fx.base, &currencies[..]) {
        for (key, amount) in settings.amounts().filter(|(_, amount)| amount.currency != *only) {
            let cause = format!("{amount} is not in {only}, the currency of the only market");
            refuse("E-CFG-007", key, cause, "state it in the market's currency, or write [fx] with a base and rates");
        }
    }
    for (key, named) in [("demand.devices", &settings.demand.devices)] {
        for device in named.iter().filter(|device| market.device_ids.find(device).is_none()) {
            refuse("E-CFG-010", key, format!("no device is called `{device}`"), "use an id of the devices table");
        }
    }
    for id in settings.placement.by_market.keys().filter(|id| market.market_ids.find(id).is_none()) {
        refuse(
            "E-CFG-010",
            "placement.by_market",
            format!("no market is called `{id}`"),
            "use an id of the markets table",
        );
    }
    for id in settings.placement.exclude.iter().filter(|id| market.store_ids.find(id).is_none()) {
        refuse("E-CFG-010", "placement.exclude", format!("no store is called `{id}`"), "use an id of the stores table");
    }
    for id in settings.placement.require.iter().filter(|id| market.store_ids.find(id).is_none()) {
        refuse("E-CFG-010", "placement.require", format!("no store is called `{id}`"), "use an id of the stores table");
    }
    for id in settings.placement.stay.iter().filter(|id| market.store_ids.find(id).is_none()) {
        refuse("E-CFG-010", "placement.stay", format!("no store is called `{id}`"), "use an id of the stores table");
    }
    if let Some(name) = &settings.demand.potential_attribute
        && market.zone_attributes.find(name).is_none()
    {
        refuse(
            "E-CFG-010",
            "demand.potential_attribute",
            format!("zones have no numeric column `{name}`"),
            "use a column of the zones table",
        );
    }
    for (key, names) in [("representative", &settings.pilot.representative), ("balanced", &settings.pilot.balanced)] {
        for name in names.keys().filter(|name| market.store_attributes.find(name).is_none()) {
            refuse(
                "E-CFG-010",
                &format!("pilot.{key}.{name}"),
                format!("stores have no numeric column `{name}`"),
                "use a column of the stores table",
            );
        }
    }
    findings
}

/// A gap up to which a bound that was proved is told in place of a nearer one that was not.
const GAP_TOLD: f64 = 0.01;
/// The same as a multiple of the gap to the bound that was not.
const GAP_TOLD_BESIDE: f64 = 1.25;

/// Where the solver's bound can't be confirmed, but a weaker one was proved that is still within the gap
/// asked for, [`GAP_TOLD`] or [`GAP_TOLD_BESIDE`], the plan states the one that was proved. Says whether it did.
fn fall_back(plan: &mut Plan, certificate: &mut Certificate, settings: &Settings, proved: Option<f64>) -> bool {
    let (Some(proved), Certificate::Profit { bound, .. }) = (proved, certificate) else { return false };
    let gap = domain::plan::gap(plan.objective.value, proved);
    if gap > settings.gap().max(GAP_TOLD).max(GAP_TOLD_BESIDE * plan.objective.gap) {
        return false;
    }
    *bound = proved;
    plan.objective.bound = proved;
    plan.objective.gap = gap;
    plan.status = if gap <= 1e-6 { Status::Proven } else { Status::Gap };
    true
}

/// Puts the verdict and the warnings into the plan, before anything is written.
fn settle(plan: &mut Plan, settings: &Settings, bound_verified: bool, findings: &[Diagnostic]) {
    plan.bound_verified = bound_verified;
    if !bound_verified {
        plan.status = Status::Gap;
        plan.warnings.push(Warning {
            code: "W-VER-001".into(),
            text: "The bound was computed by the solver and could not be confirmed independently.".into(),
        });
    }
    let asked = settings.gap();
    if plan.objective.gap > asked.max(1e-6) && !plan.warnings.iter().any(|warning| warning.code == "W-OPT-001") {
        plan.warnings.push(Warning {
            code: "W-OPT-001".into(),
            text: format!(
                "The search ended with a gap of {:.3} %, more than the {:.3} % asked for.",
                100.0 * plan.objective.gap,
                100.0 * asked
            ),
        });
    }
    for finding in findings.iter().filter(|finding| finding.severity == Severity::Warning) {
        plan.warnings
            .push(Warning { code: finding.code.into(), text: format!("{}: {}", finding.place, finding.cause) });
    }
    plan.warnings.sort();
    plan.warnings.dedup();
}

/// A document as JSON with a final newline.
fn json(what: &'static str, document: &impl serde::Serialize) -> Result<Vec<u8>, RunError> {
    let mut bytes = serde_json::to_vec_pretty(document).map_err(|source| store::StoreError::Json { what, source })?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn input_record(input: &ingest::InputFile) -> InputRecord {
    InputRecord {
        role: input.role.clone(),
        path: input.path.clone(),
        sha256: input.sha256.clone(),
        bytes: input.bytes,
        rows: input.rows,
    }
}
