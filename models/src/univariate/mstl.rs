//! Seasons that change slowly, taken out by loess: MSTL [bandara2021], which for one season is STL [cleveland1990].
//!
//! | symbol | here | |
//! |---|---|---|
//! | s_t | [`Removed::at`] | what the season adds to period t; 0 without one |
//! | m | `period` | periods per season |
//! | s_(o + h) = s_(o + h - m k), k the least that lies before o | [`Removed::ahead`] | h = 0, 1, … after origin o |
//!
//! The decomposition is that of the kept crate `stlrs`, with its defaults (the seasonal smoother spans 11 seasons, as
//! published), of logarithms where these are no extremes. It is asked for only where the test of [`super::season`] finds
//! a season: taken out of all histories, its wobble costs more than it tells (OWA within the training parts: M3 monthly
//! 0.904 for 0.879, quarterly 0.857 for 0.847, M4 weekly 0.794 for 0.766). It knows no gaps: one is filled between its
//! neighbours without their classical season, and with it again. What is left is forecast by exponential smoothing
//! without a season.

use super::ensemble::LOG_SHARE;
use super::prepare::Series;
use super::season::Season;

/// What a season adds, by period; nothing where there is none.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Removed {
    period: usize,
    added: Vec<f64>,
}

impl Removed {
    /// Of a series, or of its logarithms, whose classical season is `season`.
    pub(super) fn of(series: &Series, season: &Season, logs: bool) -> Self {
        let period = season.period();
        if period < 2 || series.len() < 2 * period {
            return Self::default();
        }
        let mut values = filled(series, season);
        if logs {
            // As known values are: none is below this share of the mean.
            let least = LOG_SHARE * series.mean();
            values.iter_mut().for_each(|value| *value = value.max(least).ln());
        }
        // It refuses what was tested above, and nothing else.
        let parts = stlrs::Mstl::fit(&values, &[period]);
        let added = parts.ok().and_then(|parts| parts.into_parts().0.pop()).unwrap_or_default();
        if added.iter().all(|value| value.is_finite()) { Self { period, added } } else { Self::default() }
    }

    /// Whether a season was taken out.
    pub(super) fn any(&self) -> bool {
        !self.added.is_empty()
    }

    /// What it adds to a period of the history.
    pub(super) fn at(&self, at: usize) -> f64 {
        self.added.get(at).copied().unwrap_or(0.0)
    }

    /// What it adds to period `origin + h`, told by the season before `origin` alone.
    pub(super) fn ahead(&self, origin: usize, h: usize) -> f64 {
        let period = self.period.max(1);
        // Within the first season there is none before: the first stands in.
        self.at((origin + h % period).checked_sub(period).unwrap_or((origin + h) % period))
    }
}

/// The values with their gaps filled.
fn filled(series: &Series, season: &Season) -> Vec<f64> {
    let mut values = series.values.clone();
    let mut last: Option<(usize, f64)> = None;
    for at in 0..values.len() {
        if !series.seen[at] {
            continue;
        }
        let here = season.take_out(at, values[at]);
        if let Some((before, level)) = last {
            for gap in before + 1..at {
                let share = (gap - before) as f64 / (at - before) as f64;
                values[gap] = season.put_back(gap, level + share * (here - level));
            }
        }
        last = Some((at, here));
    }
    if let Some((before, level)) = last {
        (before + 1..values.len()).for_each(|gap| values[gap] = season.put_back(gap, level));
    }
    values
}

#[cfg(test)]
mod tests {
    use domain::panel::Cell;

    use super::*;

    fn series(values: &[f64], cells: &[Cell]) -> Series {
        Series::prepare(values, cells).expect("known cells")
    }

    #[test]
    fn a_season_on_a_line_is_taken_out_whole_and_the_last_one_repeats() {
        let swing = [6.0, -2.0, -4.0];
        let values: Vec<f64> = (0..24).map(|at| 50.0 + at as f64 + swing[at % 3]).collect();
        let series = series(&values, &[Cell::Observed; 24]);
        let removed = Removed::of(&series, &Season::of(&series, 3), false);
        for (at, value) in swing.iter().cycle().take(24).enumerate() {
            // Two rounds between season and trend leave less than a hundredth of the swing.
            assert!((removed.at(at) - value).abs() < 6e-2, "{at}: {} for {value}", removed.at(at));
        }
        for origin in 1..=24 {
            for h in 0..10 {
                assert!((removed.ahead(origin, h) - swing[(origin + h) % 3]).abs() < 6e-2, "{origin} {h}");
            }
        }
    }

    #[test]
    fn an_origin_sees_no_season_after_it() {
        // A swing that grows: from each origin, the season ahead is the last one before it, to the bit.
        let values: Vec<f64> = (0..40).map(|at| 90.0 + if at % 4 == 0 { at as f64 } else { 0.0 }).collect();
        let series = series(&values, &[Cell::Observed; 40]);
        let removed = Removed::of(&series, &Season::of(&series, 4), false);
        for origin in 4..=40 {
            for h in 0..9 {
                let before = (0..origin).rev().find(|at| at % 4 == (origin + h) % 4).expect("a season before");
                assert_eq!(removed.ahead(origin, h), removed.at(before), "{origin} {h}");
            }
        }
        assert!(removed.at(36) > removed.at(4) + 10.0, "the swing grows");
    }

    #[test]
    fn gaps_are_filled_between_their_neighbours_and_without_a_season_none_is_taken_out() {
        let mut cells = [Cell::Observed; 9];
        (cells[3], cells[4], cells[8]) = (Cell::Missing, Cell::Closed, Cell::Missing);
        let values = [3.0, 3.0, 3.0, 0.0, 0.0, 6.0, 6.0, 6.0, 0.0];
        let gappy = series(&values, &cells);
        assert_eq!(filled(&gappy, &Season::none()), [3.0, 3.0, 3.0, 4.0, 5.0, 6.0, 6.0, 6.0, 6.0]);
        let none = Removed::of(&gappy, &Season::none(), false);
        assert!(!none.any() && none.at(2) == 0.0 && none.ahead(9, 3) == 0.0);
    }
}
