//! What the points of a sweep have in common: tables, histories, forecasts.
//!
//! | made once per distinct | is |
//! |---|---|
//! | settings without those that only decide, expect or travel by law | the tables |
//! | these, and the horizon | the forecasts of the histories |
//! | settings without those that only decide | the forecast |
//!
//! Settings are told apart by what is left when those are taken away that are known not to matter. So a setting that is
//! new makes a forecast too many, and never one too few.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use domain::diagnostic::Diagnostic;
use domain::forecast::PanelForecast;
use domain::settings::{Budget, Capture, Demand, Fx, Objective, Pilot, Placement, Settings, Solver, Stock};

use super::super::{Foreseen, RunError, SEASON_WEEKS, Tables, load};
use crate::spec::Scenario;

/// Peak memory of a plan over that of its samples: 19 under `independent`, 45 to 47 under the other laws, at 10,000 stores
/// (docs/performance.md).
const COPIES: u64 = 47;
/// What any point needs, bytes.
const LEAST: u64 = 200 << 20;

/// What was made once, or failed: why is told of every point that it was for.
type Once<T> = OnceLock<Result<T, Failed>>;

/// Why something that points share could not be made.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{text}")]
struct Failed {
    text: String,
}

/// All grounds of a sweep.
#[derive(Debug, Default)]
pub(super) struct Grounds {
    tables: BTreeMap<String, Tables>,
    histories: BTreeMap<String, Once<Arc<PanelForecast>>>,
    forecasts: BTreeMap<String, Once<Foreseen>>,
}

/// The ground of one point.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ground<'a> {
    pub(super) tables: &'a Tables,
    histories: &'a Once<Arc<PanelForecast>>,
    forecast: &'a Once<Foreseen>,
}

impl Grounds {
    /// Reads the tables of a point, unless they were, and holds its settings against them.
    ///
    /// # Errors
    /// Every finding that refuses them.
    pub(super) fn tables(&mut self, point: &Scenario) -> Result<(), Vec<Diagnostic>> {
        let key = tables_key(&point.settings);
        if let Some(tables) = self.tables.get(&key) {
            let refused = point.against(&tables.loaded.market);
            return if refused.is_empty() { Ok(()) } else { Err(refused) };
        }
        self.tables.insert(key, Tables::of(load(point)?));
        Ok(())
    }

    /// Makes room for what a point shares.
    pub(super) fn prepare(&mut self, settings: &Settings) {
        self.histories.entry(histories_key(settings)).or_default();
        self.forecasts.entry(forecast_key(settings)).or_default();
    }

    /// The ground of a point that is prepared.
    pub(super) fn of(&self, settings: &Settings) -> Result<Ground<'_>, RunError> {
        let found = (
            self.tables.get(&tables_key(settings)),
            self.histories.get(&histories_key(settings)),
            self.forecasts.get(&forecast_key(settings)),
        );
        match found {
            (Some(tables), Some(histories), Some(forecast)) => Ok(Ground { tables, histories, forecast }),
            _ => Err(RunError::Shared("a point was not prepared".into())),
        }
    }

    /// What a point takes in memory, roughly.
    pub(super) fn bytes(&self, settings: &Settings) -> u64 {
        let Some(tables) = self.tables.get(&tables_key(settings)) else { return LEAST };
        let market = &tables.loaded.market;
        let samples = 8 * u64::from(settings.demand.samples) * (market.stores.len() * market.device_ids.len()) as u64;
        LEAST + COPIES * samples
    }
}

impl<'a> Ground<'a> {
    /// What a point expects: made by the first that asks, while others wait.
    ///
    /// # Errors
    /// Where it could not be made.
    pub(super) fn foreseen(&self, settings: &Settings) -> Result<&'a Foreseen, RunError> {
        let market = &self.tables.loaded.market;
        let made = self.forecast.get_or_init(|| {
            let histories = self.histories.get_or_init(|| {
                let weeks = settings.horizon_weeks as usize;
                let made = cluster::forecast_panel(&market.sales, weeks, SEASON_WEEKS);
                made.map(Arc::new).map_err(|error| Failed { text: error.to_string() })
            });
            let histories = histories.clone()?;
            let made = engine::fit::fit(market, &histories, settings);
            made.map(|forecast| Foreseen { kept: None, remark: None, histories, forecast })
                .map_err(|error| Failed { text: error.to_string() })
        });
        made.as_ref().map_err(|failed| RunError::Shared(failed.text.clone()))
    }
}

/// Settings without those that only decide.
fn undecided(settings: &Settings) -> Settings {
    Settings {
        name: String::new(),
        stores_limit: 0,
        fx: Fx::default(),
        objective: Objective::default(),
        placement: Placement::default(),
        budget: Budget::default(),
        reach: Vec::new(),
        stock: Stock::default(),
        pilot: Pilot::default(),
        solver: Solver::default(),
        capture: Capture { beta_per_minute: settings.capture.beta_per_minute, ..Capture::default() },
        ..settings.clone()
    }
}

fn text(settings: &Settings) -> String {
    serde_json::to_string(settings).unwrap_or_default()
}

fn forecast_key(settings: &Settings) -> String {
    // Tables that are read otherwise are other tables.
    format!("{} {}", tables_key(settings), text(&undecided(settings)))
}

fn histories_key(settings: &Settings) -> String {
    format!("{} {}", tables_key(settings), settings.horizon_weeks)
}

/// What tables are read by.
pub(super) fn tables_key(settings: &Settings) -> String {
    // Checking the history looks at the weeks that stores are matched on.
    let pilot = Pilot { match_weeks: settings.pilot.match_weeks, ..Pilot::default() };
    text(&Settings {
        capture: Capture::default(),
        demand: Demand::default(),
        horizon_weeks: 0,
        seed: 0,
        pilot,
        ..undecided(settings)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::settings::{CaptureLaw, ObjectiveKind};
    use domain::units::{Minutes, Share};

    fn settings() -> Settings {
        let text = "name = 'x'\nas_of = '2026-11-16'\nhorizon_weeks = 26\nzero_rows = 'zero'\n";
        toml::from_str(text).expect("settings")
    }

    #[test]
    fn what_only_decides_shares_the_forecast() {
        let base = settings();
        let changes: [fn(&mut Settings); 7] = [
            |settings| settings.placement.stores_max = Some(3),
            |settings| settings.budget.stock_units = Some(3),
            |settings| settings.objective.kind = ObjectiveKind::Distance,
            |settings| settings.capture.law = CaptureLaw::Nearest,
            |settings| settings.stock.review_weeks = 3,
            |settings| settings.pilot.detect = Some(Share { fraction: 0.1 }),
            |settings| settings.solver.nodes_max = 3,
        ];
        for change in changes {
            let mut other = base.clone();
            change(&mut other);
            assert_eq!(forecast_key(&base), forecast_key(&other));
        }
        let changes: [fn(&mut Settings); 8] = [
            |settings| settings.pilot.match_weeks = 9,
            |settings| settings.seed = 9,
            |settings| settings.horizon_weeks = 13,
            |settings| settings.demand.uptake.low = 0.001,
            |settings| settings.demand.trained_stores_min = 3,
            |settings| settings.capture.beta_per_minute = 0.5,
            |settings| settings.travel.minutes_max = Some(Minutes { minutes: 9.0 }),
            |settings| settings.as_of = settings.as_of.pred_opt().expect("a day before"),
        ];
        for change in changes {
            let mut other = base.clone();
            change(&mut other);
            assert_ne!(forecast_key(&base), forecast_key(&other));
        }
    }
}
