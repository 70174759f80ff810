//! A finished run asked about one store.

use std::path::Path;

use domain::diagnostic::{Diagnostic, Place, Refusal};
use domain::ids::Idx;
use domain::market::{Market, Store};
use domain::plan::Plan;
use domain::stop::{Progress, Stop};
use engine::explain::Explained;

use super::error::RunError;
use super::kept::histories;
use super::reopen::{Inputs, open_inputs};

/// The store that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Its id.
    pub store_id: String,
    /// The name a person knows it by; its id where it has none.
    pub name: String,
}

/// Explains why the run's plan holds a store, or what would bring it in; with the plan. `store` is an id, or the
/// name of one store.
///
/// # Errors
/// If the run or its tables can't be read or have changed, there is no such store, or a solver fails.
pub fn explain(
    folder: &Path,
    store: &str,
    stop: &Stop,
    progress: &dyn Progress,
) -> Result<(Plan, Asked, Explained), RunError> {
    let Inputs { run, loaded, .. } = open_inputs(folder)?;
    let (market, settings) = (&loaded.market, &run.record.settings);
    let asked = named(market, store).map_err(|cause| {
        let place = Place { file: run.record.scenario_file.clone(), ..Place::default() };
        let finding = Diagnostic::error(Refusal::Usage, "E-CFG-010", place, cause, "use an id of the stores table");
        RunError::Refused(vec![finding])
    })?;
    let histories = histories(&run.record, market, stop)?;
    let forecast = engine::fit::fit(market, &histories, settings)?;
    let explained = engine::explain::explain(market, &forecast, settings, asked, stop, progress)?;
    let asked = Asked { store_id: market.store_ids.name(asked).to_owned(), name: market.store_name(asked).to_owned() };
    Ok((run.plan, asked, explained))
}

/// A store by its id, or by a name that no other store has; else why there is none.
fn named(market: &Market, asked: &str) -> Result<Idx<Store>, String> {
    if let Some(store) = market.store_ids.find(asked) {
        return Ok(store);
    }
    let called: Vec<Idx<Store>> = market.store_ids.iter().filter(|&store| market.store_name(store) == asked).collect();
    match called[..] {
        [store] => Ok(store),
        [] => Err(format!("no store is called `{asked}`")),
        [one, other, ..] => {
            let id = |store| market.store_ids.name(store);
            Err(format!("{} stores are called `{asked}`, such as {} and {}", called.len(), id(one), id(other)))
        }
    }
}
