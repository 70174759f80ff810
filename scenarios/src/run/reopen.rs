//! A run folder, opened again: for reports and for another verification.

use std::path::{Path, PathBuf};

use domain::certificate;
use domain::diagnostic::{Diagnostic, Place, Refusal};
use domain::plan::{self, Plan};
use domain::study::{self, Study};
use serde::de::DeserializeOwned;
use verify::Verdict;

use super::error::RunError;
use crate::spec::{self, Scenario};
use crate::store::record::{self, RunRecord};
use crate::store::{self, StoreError, check_manifest};

/// A run that was published before.
#[derive(Debug)]
pub struct Reopened {
    /// Its folder.
    pub path: PathBuf,
    /// The decision.
    pub plan: Plan,
    /// What it was made of.
    pub record: RunRecord,
}

/// Opens a run folder, checked against its manifest.
///
/// # Errors
/// If a file is missing, changed, or of a version that this code does not read.
pub fn open(folder: &Path) -> Result<Reopened, RunError> {
    check_manifest(folder)?;
    let plan: Plan = document(folder, "plan.json", plan::SCHEMA)?;
    let record: RunRecord = document(folder, "run.json", record::SCHEMA)?;
    Ok(Reopened { path: folder.to_path_buf(), plan, record })
}

/// Opens the study of a run folder, checked against its manifest.
///
/// # Errors
/// As [`open`].
pub fn open_study(folder: &Path) -> Result<Study, RunError> {
    check_manifest(folder)?;
    document(folder, "study.json", study::SCHEMA)
}

/// Verifies a finished run again, from the tables and the stored samples.
///
/// # Errors
/// If the run or its scenario can't be read, the tables are refused, or they are not those of the run.
pub fn check_again(folder: &Path) -> Result<(Plan, Verdict), RunError> {
    let Inputs { run: Reopened { plan, record, .. }, loaded, .. } = open_inputs(folder)?;
    let path = folder.join("demand_samples.parquet");
    let samples = store::samples::read(&path, &loaded.market)?;
    let certificate::Document { certificate, .. } =
        document::<certificate::Document>(folder, "certificate.json", certificate::SCHEMA)?;
    let verdict = verify::check(&loaded.market, &record.settings, &samples, &plan, &certificate);
    Ok((plan, verdict))
}

/// A run, and what it was made from.
pub(super) struct Inputs {
    pub(super) run: Reopened,
    /// With the settings of the run.
    pub(super) scenario: Scenario,
    pub(super) loaded: ingest::Loaded,
}

/// Opens a run folder and the tables that it was made from.
///
/// # Errors
/// If the run or its scenario can't be read, the tables are refused, or they are not those of the run.
pub(super) fn open_inputs(folder: &Path) -> Result<Inputs, RunError> {
    let run = open(folder)?;
    let record = &run.record;
    let mut scenario = spec::read(Path::new(&record.scenario_file)).map_err(RunError::Refused)?;
    scenario.settings = record.settings.clone();
    let loaded = ingest::load(&scenario.tables, &scenario.base, &record.settings)
        .map_err(|findings| RunError::Refused(scenario.naming(findings)))?;
    let place = |file: &str| Place { file: file.to_owned(), ..Place::default() };
    let hash = loaded.market.content_hash().hex();
    if hash != record.market_hash {
        return Err(RunError::Refused(vec![Diagnostic::error(
            Refusal::Data,
            "E-RUN-002",
            place(&record.scenario_file),
            "the tables are no longer those that this run was made from",
            "use the tables of the day, or plan again",
        )]));
    }
    Ok(Inputs { run, scenario, loaded })
}

/// Reads a document and refuses another version of it.
pub(super) fn document<T: DeserializeOwned>(folder: &Path, name: &'static str, schema: &str) -> Result<T, RunError> {
    let value: serde_json::Value = parse(folder, name)?;
    let found = value.get("schema").and_then(serde_json::Value::as_str).unwrap_or("none");
    if found != schema {
        let path = folder.join(name);
        return Err(RunError::Refused(vec![Diagnostic::error(
            Refusal::Data,
            "E-SCH-003",
            Place { file: path.display().to_string(), line: None, column: Some("schema".into()), mark: None },
            format!("the file is of version `{found}`; this cornerstone reads `{schema}`"),
            "use the version that wrote the run, or plan again",
        )]));
    }
    serde_json::from_value(value).map_err(|source| StoreError::Json { what: name, source }.into())
}

fn parse<T: DeserializeOwned>(folder: &Path, name: &'static str) -> Result<T, RunError> {
    let path = folder.join(name);
    let bytes = store::read_bytes(&path).map_err(|source| StoreError::io(&path, source))?;
    serde_json::from_slice(&bytes).map_err(|source| StoreError::Json { what: name, source }.into())
}
