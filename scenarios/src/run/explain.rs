//! A finished run asked about one store.

use std::path::Path;

use domain::diagnostic::{Diagnostic, Place, Refusal};
use domain::plan::Plan;
use domain::stop::{Progress, Stop};
use engine::explain::Explained;

use super::error::RunError;
use super::kept::histories;
use super::reopen::{Inputs, open_inputs};

/// Explains why the run's plan holds a store, or what would bring it in; with the plan.
///
/// # Errors
/// If the run or its tables can't be read or have changed, there is no such store, or a solver fails.
pub fn explain(
    folder: &Path,
    store: &str,
    stop: &Stop,
    progress: &dyn Progress,
) -> Result<(Plan, Explained), RunError> {
    let Inputs { run, loaded, .. } = open_inputs(folder)?;
    let (market, settings) = (&loaded.market, &run.record.settings);
    let Some(asked) = market.store_ids.find(store) else {
        let place = Place { file: run.record.scenario_file.clone(), ..Place::default() };
        let cause = format!("no store is called `{store}`");
        let finding = Diagnostic::error(Refusal::Usage, "E-CFG-010", place, cause, "use an id of the stores table");
        return Err(RunError::Refused(vec![finding]));
    };
    let histories = histories(&run.record, market, stop)?;
    let forecast = engine::fit::fit(market, &histories, settings)?;
    let explained = engine::explain::explain(market, &forecast, settings, asked, stop, progress)?;
    Ok((run.plan, explained))
}
