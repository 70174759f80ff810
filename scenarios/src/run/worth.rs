//! A finished run asked what each part of its decision is worth.

use std::path::Path;

use domain::diagnostic::{Diagnostic, Place, Refusal};
use domain::market::Market;
use domain::plan::Plan;
use domain::stop::{Progress, Stop};
use domain::units::Share;
use engine::price::Priced;

use super::error::RunError;
use super::kept::histories;
use super::reopen::{Inputs, open_inputs};

/// Prices the rules of a run, and what it knows of demand; with the plan and the market that its stores are of.
/// `samples_max` samples are
/// decided each by itself, all else to `gap`, or to the scenario's.
///
/// # Errors
/// If the run or its tables can't be read or have changed, it did not seek profit, or a solver fails.
pub fn worth(
    folder: &Path,
    gap: Option<Share>,
    samples_max: usize,
    stop: &Stop,
    progress: &dyn Progress,
) -> Result<(Plan, Market, Priced), RunError> {
    let Inputs { run, loaded, .. } = open_inputs(folder)?;
    let histories = histories(&run.record, &loaded.market, stop)?;
    let (market, mut settings) = (loaded.market, run.record.settings);
    settings.solver.gap = gap.or(settings.solver.gap);
    let forecast = engine::fit::fit(&market, &histories, &settings)?;
    let Some(priced) = engine::price::price(&market, &forecast, &settings, &run.plan, samples_max, stop, progress)?
    else {
        let place = Place {
            file: run.record.scenario_file.clone(),
            line: None,
            column: Some("objective.kind".into()),
            mark: None,
        };
        let cause = "what rules are worth is asked in money, and this run did not seek profit";
        let action = "plan with `objective.kind = \"profit\"`";
        return Err(RunError::Refused(vec![Diagnostic::error(Refusal::Usage, "E-RUN-007", place, cause, action)]));
    };
    Ok((run.plan, market, priced))
}
