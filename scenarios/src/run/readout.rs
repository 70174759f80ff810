//! A finished run's pilot, read from what its stores have sold since.

use std::path::Path;

use domain::diagnostic::{Diagnostic, Place, Refusal};
use domain::plan::Plan;
use engine::pilot::readout::{ReadError, Reading, Sales, read};

use super::error::RunError;
use super::reopen::open;
use crate::spec::Scenario;

/// What the pilot of a run said.
#[derive(Debug)]
pub struct ReadOut {
    /// The decision.
    pub plan: Plan,
    /// In sales of related products.
    pub related: Reading,
    /// In all sales, where that can be said.
    pub all: Option<Reading>,
}

/// Reads the pilot of the run in `folder` from the tables of `scenario`, up to its date. Go means an effect above
/// `threshold`, a share.
///
/// # Errors
/// If the run or the tables can't be read, or the pilot can't be told from its controls.
pub fn readout(scenario: &Scenario, folder: &Path, threshold: f64) -> Result<ReadOut, RunError> {
    let run = open(folder)?;
    let loaded = ingest::load(&scenario.tables, &scenario.base, &scenario.settings).map_err(RunError::Refused)?;
    let (market, settings) = (&loaded.market, &run.record.settings);
    let named = &settings.demand.devices;
    let wanted = |id: &str| named.is_empty() || named.iter().any(|name| name == id);
    let devices: Vec<_> = market.device_ids.iter().filter(|&device| wanted(market.device_ids.name(device))).collect();
    let reading = |sales| read(market, settings, &devices, &run.plan, scenario.settings.as_of, threshold, sales);
    let refused = |error: ReadError| match error {
        ReadError::Engine(error) => RunError::Engine(error),
        told => {
            let action = match told {
                ReadError::TooEarly { .. } => "move the scenario's `as_of` on, with tables of the day",
                ReadError::NoStore(_) => "use tables that hold the stores of the plan",
                _ => "plan with controls, and with a history several times `pilot.match_weeks` + `pilot.watch_weeks`",
            };
            let place = Place { file: folder.join("plan.json").display().to_string(), ..Place::default() };
            RunError::Refused(vec![Diagnostic::error(Refusal::Data, "E-RUN-006", place, told.to_string(), action)])
        }
    };
    let related = reading(Sales::Related).map_err(refused)?;
    let all = match reading(Sales::All) {
        Ok(all) => Some(all),
        Err(ReadError::TooLittle) => None,
        Err(error) => return Err(refused(error)),
    };
    Ok(ReadOut { plan: run.plan, related, all })
}
