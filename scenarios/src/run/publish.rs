//! From what is expected to a published run: decide, verify, render, write.

use domain::certificate::{self, Certificate};
use domain::diagnostic::{Diagnostic, Severity};
use domain::hash::ContentHash;
use domain::plan::{Plan, Status, Warning};
use domain::settings::{ObjectiveKind, Settings};
use domain::stop::Cut;
use engine::{Outcome, Solved};

use super::journal::Journal;
use super::{Context, Finished, Foreseen, RunError, Tables, json, study};
use crate::spec::Scenario;
use crate::store::record::{InputRecord, RunRecord};
use crate::store::{self, Runs};

/// A run that is decided and verified, as files.
pub(super) struct Made {
    plan: Plan,
    exit_code: u8,
    cut: Option<Cut>,
    nodes: u64,
    /// Name and content of what follows from the inputs alone, in the order of writing.
    pub(super) files: Vec<(&'static str, Vec<u8>)>,
}

/// The file of the stored samples, which run.json holds the hash of.
const SAMPLES: &str = "demand_samples.parquet";
/// The report.
const REPORT: &str = "report.html";

/// Steps of [`make`].
pub(super) const MADE: u32 = 3;

/// Steps of [`publish`].
pub(super) const STEPS: u32 = MADE + 1;

/// Decides a scenario, verifies it and renders it; nothing is written.
///
/// # Errors
/// See [`RunError`].
pub(super) fn make(
    scenario: &Scenario,
    context: &Context<'_>,
    tables: &Tables,
    foreseen: &Foreseen,
    run_id: &str,
    journal: &mut Journal<'_>,
) -> Result<Made, RunError> {
    let settings = &scenario.settings;
    let (Tables { loaded, hash }, Foreseen { histories, forecast, kept, remark }) = (tables, foreseen);
    let market = &loaded.market;
    loaded.findings.iter().for_each(|finding| journal.finding(finding));
    let outcome = journal.step("deciding", || {
        engine::solve::solve(market, forecast, settings, context.stop, context.progress).map_err(RunError::from)
    })?;
    let Solved { mut plan, mut certificate, samples, mut notes, cut, nodes } = match outcome {
        Outcome::Solved(solved) => *solved,
        Outcome::Infeasible(conflicts) => return Err(RunError::Refused(scenario.conflicts(&conflicts))),
    };
    run_id.clone_into(&mut plan.run_id);
    if cut == Some(Cut::Interrupted) || context.stop.now(0) == Some(Cut::Interrupted) {
        // Published, it would be found again as the finished run of these inputs; and what it is worth may be cut as well.
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

    notes.remarks.extend(remark.clone());
    let mut study = study::assemble(scenario, context, loaded, forecast, histories, &plan, notes, hash);
    if let Some(kept) = kept {
        // Without the file, the command would make another run.
        study.provenance.command += &format!(" --incremental {}", kept.file);
    }
    let files = journal.step("rendering", || -> Result<_, RunError> {
        let mut files = vec![
            ("plan.json", json("plan.json", &plan)?),
            ("study.json", json("study.json", &study)?),
            ("certificate.json", json("certificate.json", &certificate::Document::new(&certificate))?),
            (SAMPLES, store::samples::write(market, &samples)?),
            ("forecast.parquet", store::forecast(market, forecast)?),
            ("stock.parquet", store::stock(&plan)?),
            ("controls.parquet", store::controls(&plan)?),
            ("plan.xlsx", (context.renderers.workbook)(&study).map_err(RunError::Render)?),
            (REPORT, (context.renderers.html)(&study).map_err(RunError::Render)?),
        ];
        files.extend(store::reorder(&plan)?.map(|table| ("reorder.parquet", table)));
        files.extend(store::depot(&plan)?.map(|table| ("depot.parquet", table)));
        Ok(files)
    })?;
    Ok(Made { plan, exit_code, cut, nodes, files })
}

/// Decides a scenario and publishes the run, current or not.
///
/// # Errors
/// See [`RunError`]; nothing is published then.
pub(super) fn publish(
    scenario: &Scenario,
    context: &Context<'_>,
    runs: &Runs,
    tables: &Tables,
    foreseen: &Foreseen,
    run_id: &str,
    mut journal: Journal<'_>,
) -> Result<Finished, RunError> {
    let Made { plan, exit_code, cut, nodes, files } = make(scenario, context, tables, foreseen, run_id, &mut journal)?;
    let loaded = &tables.loaded;
    let staging = runs.stage(run_id)?;
    journal.step("writing the run", || -> Result<(), RunError> {
        files.iter().try_for_each(|(name, bytes)| staging.write(name, bytes))?;
        (context.renderers.pdf)(&staging.path(REPORT), &staging.path("report.pdf")).map_err(RunError::Render)?;
        Ok(())
    })?;
    ingest::recheck(&loaded.inputs).map_err(|finding| RunError::Refused(vec![finding]))?;
    let samples = files.iter().find(|(name, _)| *name == SAMPLES).map_or(&[][..], |(_, bytes)| bytes);
    let record = RunRecord {
        schema: store::record::SCHEMA.into(),
        run_id: run_id.to_owned(),
        exit_code,
        scenario_file: store::real_path(&scenario.file).display().to_string(),
        settings: scenario.settings.clone(),
        version: context.version.to_owned(),
        solver: engine::solver::lp::Lp::version().to_owned(),
        market_hash: tables.hash.hex(),
        samples_hash: ContentHash::of_bytes(samples).hex(),
        cut: cut.map(|cut| format!("{cut:?}").to_lowercase()),
        nodes,
        inputs: loaded.inputs.iter().map(input_record).collect(),
        kept: foreseen.kept.clone(),
        seconds: journal.seconds(),
    };
    staging.write("run.json", &json("run.json", &record)?)?;
    staging.write("log.jsonl", &journal.lines())?;
    let path = runs.publish(staging, run_id)?;
    Ok(Finished { path, plan, exit_code, reused: false, findings: loaded.findings.clone() })
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
    if plan.objective.kind == ObjectiveKind::Profit
        && !plan.stores.is_empty()
        && plan.worth.open_cost.major() == 0.0
        && settings.budget.open_cost.is_none()
    {
        plan.warnings.push(Warning {
            code: "W-CST-001".into(),
            text: "Opening these stores is taken to cost nothing: the table of stores has no open_cost for them, and [budget] \
                   open_cost is not set."
                .into(),
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

fn input_record(input: &ingest::InputFile) -> InputRecord {
    InputRecord {
        role: input.role.clone(),
        path: input.path.clone(),
        sha256: input.sha256.clone(),
        bytes: input.bytes,
        rows: input.rows,
    }
}
