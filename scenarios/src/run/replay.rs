//! A finished run made once more from its tables, and compared byte by byte.
//!
//! What follows from the inputs alone has to be the same again: plan, study, certificate, tables, workbook and page. Timings
//! (run.json, log.jsonl) and the printed PDF, which holds its hour, are left out.

use std::path::Path;
use std::sync::Arc;

use domain::diagnostic::{Diagnostic, Place, Refusal};
use domain::study::{self, Study};
use engine::solver::lp::Lp;

use super::journal::Journal;
use super::reopen::{Inputs, document, open_inputs};
use super::{Context, Foreseen, RunError, Tables, kept, publish};
use crate::store::{self, StoreError};

/// What came of making a run again.
#[derive(Debug)]
pub struct Replayed {
    /// The run.
    pub run_id: String,
    /// Files that were made again, by name.
    pub files: Vec<&'static str>,
    /// Those of them that are not the same, or not there.
    pub differ: Vec<&'static str>,
}

/// Makes a run again and holds its files against those of the folder. Nothing is written; `context.runs` and
/// `context.command` are not looked at.
///
/// # Errors
/// If the run can't be read or its tables have changed; if it was cut by the clock, or made by another version, and so can't be
/// made again; or if a step fails.
pub fn replay(folder: &Path, context: &Context<'_>) -> Result<Replayed, RunError> {
    let Inputs { run, scenario, loaded } = open_inputs(folder)?;
    let record = &run.record;
    let refused = |cause: String, mend: &str| {
        let place = Place { file: folder.display().to_string(), ..Place::default() };
        RunError::Refused(vec![Diagnostic::error(Refusal::Usage, "E-RPL-001", place, cause, mend)])
    };
    if (record.version.as_str(), record.solver.as_str()) != (context.version, Lp::version()) {
        let (theirs, ours) = ((&record.version, &record.solver), (context.version, Lp::version()));
        let cause = format!(
            "the run was made by cornerstone {} with {}, and this is {} with {}",
            theirs.0, theirs.1, ours.0, ours.1
        );
        return Err(refused(cause, "replay it with the version that made it"));
    }
    if record.cut.as_deref() == Some("deadline") {
        let cause = "the search was cut by the clock, which no other run reads alike".to_owned();
        return Err(refused(cause, "limit the search by `solver.nodes_max`, and plan again"));
    }
    let command = document::<Study>(folder, "study.json", study::SCHEMA)?.provenance.command;
    // What was gone on from is told behind the command, and is told again.
    let from = record.kept.as_ref().map(|kept| format!(" --incremental {}", kept.file));
    let command = from.and_then(|from| command.strip_suffix(&from)).unwrap_or(&command);
    let context = Context { command, ..*context };
    let mut journal = Journal::new(context.stop, context.progress, 2 + publish::MADE);
    let (market, settings) = (&loaded.market, &scenario.settings);
    let histories = journal.step("forecasting histories", || kept::histories(record, market, context.stop))?;
    let forecast = journal
        .step("fitting the cold start", || engine::fit::fit(market, &histories, settings).map_err(RunError::from))?;
    let remark = record.kept.as_ref().and_then(kept::remark);
    let foreseen = Foreseen { kept: record.kept.clone(), remark, histories: Arc::new(histories), forecast };
    let tables = Tables::of(loaded);
    let made = publish::make(&scenario, &context, &tables, &foreseen, &record.run_id, &mut journal)?;
    let mut replayed = Replayed { run_id: record.run_id.clone(), files: Vec::new(), differ: Vec::new() };
    for (name, bytes) in made.files {
        let path = folder.join(name);
        let same = match store::read_bytes(&path) {
            Ok(found) => found == bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
            Err(source) => return Err(StoreError::io(&path, source).into()),
        };
        replayed.files.push(name);
        if !same {
            replayed.differ.push(name);
        }
    }
    Ok(replayed)
}
