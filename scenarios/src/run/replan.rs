//! A plan made again on a schedule: what is open stays unless changing it pays, and what changed is said.
//!
//! The current run's stores become the scenario's `placement.stay`, each worth `placement.stay_bonus`, unless the scenario
//! names its own; the search begins with them too. So what a run says still follows from the tables and the settings in
//! its run.json, and it is verified, explained and replayed like any other. Nothing has changed where the tables say what
//! they said, the settings are those of the current run but for `stay` and `as_of`, and so is the version: a day that
//! brings no rows brings nothing to decide on.

use std::path::Path;

use domain::diagnostic::{Diagnostic, Refusal};
use domain::plan::Plan;
use domain::settings::Settings;
use serde_json::Value;

use super::diff::Difference;
use super::{Context, Finished, RunError, Tables, begin, decide, open, read, recorded};
use crate::spec::Scenario;
use crate::store::Runs;
use crate::store::record::RunRecord;

/// Inputs are those of the current run, and nothing was decided.
pub const UNCHANGED: u8 = 99;

/// How it ended.
#[derive(Debug)]
pub enum Replanned {
    /// The current run stands: nothing that it was made from has changed.
    Unchanged(String),
    /// It was decided again.
    Planned(Box<Again>),
}

/// A plan that was made again.
#[derive(Debug)]
pub struct Again {
    /// The run.
    pub finished: Finished,
    /// Against the run that was current; none where there was none.
    pub since: Option<Since>,
}

/// What changed since the run that was current.
#[derive(Debug)]
pub struct Since {
    /// Of the plan.
    pub difference: Difference,
    /// Of what it is made from: `tables` by their role, settings by their dotted keys, `version`.
    pub causes: Vec<String>,
}

/// Plans a scenario again with the current run of the folder as what stays; without one, plans it. With `skip_unchanged`
/// nothing is decided where nothing has changed.
///
/// # Errors
/// As [`super::plan`]; where there is something to stay and the scenario does not say what that is worth.
pub fn replan(
    scenario: &Scenario,
    skip_unchanged: bool,
    kept: Option<&Path>,
    context: &Context<'_>,
) -> Result<Replanned, RunError> {
    let code = |replanned: &Replanned| match replanned {
        Replanned::Unchanged(_) => UNCHANGED,
        Replanned::Planned(again) => again.finished.exit_code,
    };
    recorded(scenario, context, code, |runs| again(scenario, skip_unchanged, kept, context, runs))
}

fn again(
    scenario: &Scenario,
    skip_unchanged: bool,
    kept: Option<&Path>,
    context: &Context<'_>,
    runs: &Runs,
) -> Result<Replanned, RunError> {
    let before = Runs::current(context.runs)?.map(|run_id| open(&runs.path(&run_id))).transpose()?;
    let mut scenario = scenario.clone();
    if let Some(before) = before.as_ref().filter(|_| scenario.settings.placement.stay.is_empty()) {
        scenario.settings.placement.stay = stores(&before.plan);
        if !before.plan.stores.is_empty() && scenario.settings.placement.stay_bonus.is_none() {
            return Err(RunError::Refused(vec![Diagnostic::error(
                Refusal::Usage,
                "E-CFG-003",
                scenario.key("placement"),
                "stores of the current run are to stay, but not what that is worth",
                "write placement.stay_bonus, such as \"40 kUSD\" each: what a change has to pay",
            )]));
        }
    }
    let mut journal = begin(context, runs);
    let tables = read(&scenario, &mut journal)?;
    let causes = before.as_ref().map(|before| causes(&before.record, &scenario, &tables, context.version));
    let only_the_day = causes.as_ref().is_some_and(|causes| causes.iter().all(|cause| cause == "as_of"));
    if let Some(before) = before.as_ref().filter(|_| skip_unchanged && only_the_day) {
        return Ok(Replanned::Unchanged(before.plan.run_id.clone()));
    }
    let finished = decide(&scenario, kept, context, runs, &tables, journal)?;
    let since = before
        .zip(causes)
        .map(|(before, causes)| Since { difference: Difference::between(&before.plan, &finished.plan), causes });
    Ok(Replanned::Planned(Box::new(Again { finished, since })))
}

/// By id, so that the same stores are the same settings.
fn stores(plan: &Plan) -> Vec<String> {
    let mut stores: Vec<String> = plan.stores.iter().map(|store| store.store_id.clone()).collect();
    stores.sort_unstable();
    stores
}

/// What a run was made from that is another now. Files that say the same in other words are no cause.
fn causes(before: &RunRecord, scenario: &Scenario, tables: &Tables, version: &str) -> Vec<String> {
    let mut found = Vec::new();
    if before.market_hash != tables.hash.hex() {
        let hashes = |role: &str| -> Vec<&str> {
            let files = before.inputs.iter().filter(|input| input.role == role);
            files.map(|input| input.sha256.as_str()).collect()
        };
        let mut roles: Vec<&str> = tables.loaded.inputs.iter().map(|input| input.role.as_str()).collect();
        roles.dedup();
        for role in roles {
            let now: Vec<&str> = tables
                .loaded
                .inputs
                .iter()
                .filter(|input| input.role == role)
                .map(|input| input.sha256.as_str())
                .collect();
            if hashes(role) != now {
                found.push(format!("the table {role}"));
            }
        }
        let gone = before.inputs.iter().filter(|old| tables.loaded.inputs.iter().all(|input| input.role != old.role));
        found.extend(gone.map(|old| format!("the table {}", old.role)));
        found.dedup();
        if found.is_empty() {
            found.push("what the tables are read as".into());
        }
    }
    let document = |settings: &Settings| {
        let mut settings = settings.clone();
        settings.placement.stay.clear();
        serde_json::to_value(&settings).unwrap_or_default()
    };
    let mut keys = Vec::new();
    differing(&document(&before.settings), &document(&scenario.settings), "", &mut keys);
    found.extend(keys);
    if before.version != version {
        found.push("cornerstone's version".into());
    }
    found
}

/// Dotted keys whose values differ.
fn differing(one: &Value, other: &Value, key: &str, found: &mut Vec<String>) {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            let mut keys: Vec<&String> = one.keys().chain(other.keys()).collect();
            keys.sort_unstable();
            keys.dedup();
            for inner in keys {
                let dotted = if key.is_empty() { inner.clone() } else { format!("{key}.{inner}") };
                let value = |of: &serde_json::Map<String, Value>| of.get(inner).cloned().unwrap_or_default();
                differing(&value(one), &value(other), &dotted, found);
            }
        }
        _ if one == other => {}
        _ => found.push(key.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_differ_are_told_by_their_keys() {
        let one = serde_json::json!({ "budget": { "capex": 1, "stock": 2 }, "seed": 1, "gone": [1] });
        let other = serde_json::json!({ "budget": { "capex": 3, "stock": 2 }, "seed": 1, "new": { "a": 1 } });
        let mut found = Vec::new();
        differing(&one, &other, "", &mut found);
        assert_eq!(found, ["budget.capex", "gone", "new"]);
        found.clear();
        differing(&one, &one, "", &mut found);
        assert!(found.is_empty());
    }
}
