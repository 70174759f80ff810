//! What a fit leaves for the next: its parameters, kept while the history merely grows.
//!
//! Most of a forecast's time goes into finding parameters, and a few new periods hardly move them. So a history that
//! begins with the very cells that were fitted keeps them: the methods roll over all of it, new periods included,
//! with the parameters of then; the weights of the members and the intervals are taken anew. A history that changed
//! in its past, or has grown by more than [`kept_over`] since the fit, is fitted again.

use domain::hash::Hasher;
use domain::panel::Cell;
use serde::{Deserialize, Serialize};

use super::Methods;
use super::ensemble::Ensemble;

/// Growth since the fit, as a share of what was fitted and in periods, beyond which parameters are found again.
/// docs/accuracy.md has what such old parameters cost; the periods keep long histories from waiting for years.
const GROWTH_MAX: f64 = 0.1;
const PERIODS_MAX: usize = 13;

/// How many of so many periods may have come after parameters were fitted, for them to be kept.
#[must_use]
pub fn kept_over(periods: usize) -> usize {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of a length")]
    let share = (periods as f64 * GROWTH_MAX / (1.0 + GROWTH_MAX)).floor() as usize;
    share.min(PERIODS_MAX)
}

/// The fitted parameters of one series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fitted {
    /// What was asked for, and the periods per season.
    methods: Methods,
    season: usize,
    /// Cells of the history that was fitted.
    cells: usize,
    /// Of these cells.
    print: [u8; 32],
    pub(super) ensemble: Ensemble,
}

impl Fitted {
    pub(super) fn new(units: &[f64], cells: &[Cell], methods: Methods, season: usize, ensemble: Ensemble) -> Self {
        Self { methods, season, cells: cells.len(), print: print(units, cells), ensemble }
    }

    /// How many periods have come since these parameters were fitted, to a history that may keep them.
    #[must_use]
    pub fn age(&self, units: &[f64], cells: &[Cell], methods: Methods, season: usize) -> Option<usize> {
        self.serves(units, cells, methods, season).then(|| cells.len() - self.cells)
    }

    /// Whether a history may keep these parameters.
    pub(super) fn serves(&self, units: &[f64], cells: &[Cell], methods: Methods, season: usize) -> bool {
        let grown = cells.len().checked_sub(self.cells);
        (self.methods, self.season) == (methods, season)
            && grown.is_some_and(|grown| grown <= kept_over(cells.len()))
            && self.print == print(&units[..self.cells], &cells[..self.cells])
    }

    /// Whether a history that they serve has grown since.
    pub(super) fn grown(&self, cells: &[Cell]) -> bool {
        cells.len() > self.cells
    }
}

fn print(units: &[f64], cells: &[Cell]) -> [u8; 32] {
    let mut hasher = Hasher::new("history");
    hasher.count(cells.len());
    for (&units, &cell) in units.iter().zip(cells) {
        hasher.real(units);
        hasher.count(cell as usize);
    }
    hasher.finish().0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{forecast_series, forecast_series_from};
    use super::*;

    /// A wave that grows, with noise that repeats; without zeros.
    fn history(periods: usize) -> (Vec<f64>, Vec<Cell>) {
        let noise = |at: usize| ((at * 7919 + 13) % 101) as f64 / 25.0;
        let value =
            |at: usize| 30.0 + 0.1 * at as f64 + 9.0 * (at as f64 * std::f64::consts::TAU / 12.0).sin() + noise(at);
        let cell = |at: usize| match at % 37 {
            5 => Cell::Missing,
            11 => Cell::Censored,
            _ => Cell::Observed,
        };
        ((0..periods).map(value).collect(), (0..periods).map(cell).collect())
    }

    /// As it comes back from a file.
    fn kept(periods: usize) -> Fitted {
        let (units, cells) = history(periods);
        let (_, fitted) = forecast_series_from(Methods::Middle, None, &units, &cells, 6, 12).expect("known cells");
        let bytes = postcard::to_allocvec(&fitted.expect("a fit")).expect("plain data");
        postcard::from_bytes(&bytes).expect("what was just written")
    }

    fn from(earlier: Fitted, units: &[f64], cells: &[Cell]) -> (domain::forecast::SeriesForecast, bool) {
        let (told, fitted) =
            forecast_series_from(Methods::Middle, Some(earlier), units, cells, 6, 12).expect("known cells");
        (told, fitted.is_none())
    }

    proptest! {
        #[test]
        fn with_nothing_new_the_forecast_is_that_of_then(periods in 24_usize..200) {
            let (units, cells) = history(periods);
            let (told, was_kept) = from(kept(periods), &units, &cells);
            prop_assert!(was_kept);
            prop_assert_eq!(told, forecast_series(&units, &cells, 6, 12).expect("known cells"));
        }

        #[test]
        fn a_history_that_grew_a_little_is_updated_and_says_so(periods in 40_usize..200, more in 1_usize..20) {
            let (units, cells) = history(periods + more);
            let (told, was_kept) = from(kept(periods), &units, &cells);
            let fresh = forecast_series(&units, &cells, 6, 12).expect("known cells");
            prop_assert_eq!(was_kept, more <= kept_over(periods + more));
            prop_assert_eq!(told.method.ends_with("parameters of an earlier fit"), was_kept);
            if was_kept {
                // The new periods count: the level has moved on with them.
                let (mean, told) = (fresh.mean[0], told.mean[0]);
                prop_assert!((told - mean).abs() < 0.25 * mean, "{} for {}", told, mean);
            } else {
                prop_assert_eq!(told, fresh);
            }
        }

        #[test]
        fn a_history_whose_past_changed_is_fitted_again(at in 0_usize..100, by in 1.0..5.0_f64) {
            let (mut units, cells) = history(104);
            units[at] += by;
            let (told, was_kept) = from(kept(100), &units, &cells);
            prop_assert!(!was_kept);
            prop_assert_eq!(told, forecast_series(&units, &cells, 6, 12).expect("known cells"));
        }
    }

    #[test]
    fn parameters_serve_the_methods_they_were_fitted_for_and_mstl_takes_its_season_out_anew() {
        let (units, cells) = history(100);
        let told = |earlier, to: usize| {
            let told = forecast_series_from(Methods::Mstl, earlier, &units[..to], &cells[..to], 6, 12);
            told.expect("known cells")
        };
        let (fresh, fitted) = told(None, 96);
        let bytes = postcard::to_allocvec(&fitted.expect("a fit")).expect("plain data");
        let kept: Fitted = postcard::from_bytes(&bytes).expect("what was just written");
        assert_eq!(told(Some(kept.clone()), 96), (fresh, None));
        let (later, none) = told(Some(kept.clone()), 100);
        assert!(none.is_none() && later.method.starts_with("MSTL") && later.method.ends_with("of an earlier fit"));
        let (now, _) = told(None, 100);
        assert!((later.mean[0] / now.mean[0] - 1.0).abs() < 0.1, "{} for {}", later.mean[0], now.mean[0]);
        // Of another set, nothing is kept.
        let (_, was_kept) = from(kept, &units, &cells);
        assert!(!was_kept);
    }

    #[test]
    fn what_logarithms_can_not_take_in_is_fitted_again() {
        let (mut units, mut cells) = history(104);
        (units[102], cells[102]) = (0.0, Cell::Observed);
        let (told, was_kept) = from(kept(100), &units, &cells);
        assert!(!was_kept && told.mean.iter().all(|mean| mean.is_finite()));
        assert_eq!(told, forecast_series(&units, &cells, 6, 12).expect("known cells"));
    }
}
