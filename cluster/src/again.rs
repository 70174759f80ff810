//! The forecasts of an earlier run, from its histories and how old its parameters were.
//!
//! A fit follows from what it was fitted to: where parameters had been kept for `a` periods, fitting all but the last `a`
//! and rolling over the rest says what that run said, bit for bit.

use domain::forecast::{PanelForecast, SeriesForecast};
use domain::panel::Panel;
use domain::stop::Stop;
use models::univariate::{Methods, forecast_series, forecast_series_from};
use rayon::prelude::*;

use crate::way::look;
use crate::{ClusterError, Way, forecast_panel_by};

/// Forecasts `panel` from parameters as old as `ages` says of each series; a series that it says nothing of is
/// fitted to all of its history. Coverage is not measured where parameters are old.
///
/// # Errors
/// As [`forecast_panel_by`].
pub fn forecast_again(
    panel: &Panel,
    ages: &[u32],
    horizon: usize,
    season: usize,
    stop: &Stop,
) -> Result<PanelForecast, ClusterError> {
    if ages.iter().all(|&age| age == 0) {
        return forecast_panel_by(panel, &[], horizon, season, &Way { stop: stop.clone(), ..Way::default() });
    }
    let one = |at: usize| -> Result<Option<SeriesForecast>, ClusterError> {
        look(stop)?;
        let (units, cells) = panel.row(at);
        let units: Vec<f64> = units.iter().map(|&units| f64::from(units)).collect();
        let then = units.len().saturating_sub(ages.get(at).map_or(0, |&age| age as usize));
        if then == units.len() {
            return Ok(forecast_series(&units, cells, horizon, season));
        }
        // What is fitted does not depend on how far ahead is asked.
        let fitted = forecast_series_from(Methods::Middle, None, &units[..then], &cells[..then], 1, season);
        let fitted = fitted.and_then(|told| told.1);
        Ok(forecast_series_from(Methods::Middle, fitted, &units, cells, horizon, season).map(|told| told.0))
    };
    let forecasts: Result<Vec<_>, ClusterError> = (0..panel.series.len()).into_par_iter().map(one).collect();
    Ok(PanelForecast {
        series: panel.series.iter().map(|key| (key.store, key.product)).collect(),
        forecasts: forecasts?,
        coverage_80: None,
    })
}
