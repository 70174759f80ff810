//! Forecasts alone: tables -> Market -> forecasts of the histories -> cold start, and no decision.

use cluster::Way;
use domain::backtest::{self, Backtest, HeldOut};
use domain::diagnostic::Diagnostic;
use domain::forecast::Forecast;
use domain::market::Market;
use domain::stop::{Event, Progress, Stop};

use super::{RunError, SEASON_WEEKS, load};
use crate::spec::Scenario;
use crate::store::{self, StoreError};

/// What a scenario's stores would sell.
#[derive(Debug)]
pub struct Forecasts {
    market: Market,
    forecast: Forecast,
    /// Findings about the input.
    pub findings: Vec<Diagnostic>,
}

impl Forecasts {
    /// As forecast.parquet of a run.
    ///
    /// # Errors
    /// If a number is not finite.
    pub fn parquet(&self) -> Result<Vec<u8>, StoreError> {
        store::forecast(&self.market, &self.forecast)
    }

    /// The same as CSV.
    ///
    /// # Errors
    /// If a number is not finite.
    pub fn csv(&self) -> Result<Vec<u8>, StoreError> {
        store::forecast_csv(&self.market, &self.forecast)
    }
}

/// Forecasts a scenario's stores.
///
/// # Errors
/// See [`RunError`].
pub fn forecast(scenario: &Scenario, stop: &Stop, progress: &dyn Progress) -> Result<Forecasts, RunError> {
    forecast_first(scenario, stop, progress, 3)
}

/// The same as the first three of so many steps.
fn forecast_first(scenario: &Scenario, stop: &Stop, progress: &dyn Progress, of: u32) -> Result<Forecasts, RunError> {
    let step = |name, at| progress.say(Event::Step { name, at, of, total: None });
    let settings = &scenario.settings;
    step("reading tables", 1);
    let loaded = load(scenario).map_err(RunError::Refused)?;
    step("forecasting histories", 2);
    let way = Way { stop: stop.clone(), ..Way::default() };
    let weeks = settings.horizon_weeks as usize;
    let histories = cluster::forecast_panel_by(&loaded.market.sales, &[], weeks, SEASON_WEEKS, &way)?;
    step("fitting the cold start", 3);
    let forecast = engine::fit::fit(&loaded.market, &histories, settings)?;
    if stop.interrupted() {
        return Err(RunError::Interrupted);
    }
    Ok(Forecasts { market: loaded.market, forecast, findings: loaded.findings })
}

/// Judges forecasts of the past: from `origins` weeks, `horizon` apart, and of stores held out whole. With findings
/// about the input.
///
/// # Errors
/// See [`RunError`].
pub fn backtest(
    scenario: &Scenario,
    horizon: usize,
    origins: usize,
    stop: &Stop,
    progress: &dyn Progress,
) -> Result<(Backtest, Vec<Diagnostic>), RunError> {
    let Forecasts { market, forecast, findings } = forecast_first(scenario, stop, progress, 4)?;
    progress.say(Event::Step { name: "forecasting the past", at: 4, of: 4, total: None });
    let origins: Vec<usize> = (1..=origins).map(|at| at * horizon).collect();
    let (scores, origins) = cluster::backtest(&market, &origins, horizon, SEASON_WEEKS, stop)?;
    let held_out = forecast.quality.map(|quality| HeldOut {
        stores: quality.stores,
        wape: quality.wape,
        coverage_80: quality.coverage_80,
        coverage_80_top: quality.coverage_80_top,
        top_ratio: quality.top_ratio,
    });
    let settings = &scenario.settings;
    let tested = Backtest {
        schema: backtest::SCHEMA.into(),
        scenario: settings.name.clone(),
        as_of: settings.as_of.to_string(),
        horizon_weeks: horizon,
        origins,
        scores,
        held_out,
    };
    Ok((tested, findings))
}
