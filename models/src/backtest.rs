//! Forecasts from origins in the past, judged by what came after.
//!
//! | symbol | here | |
//! |---|---|---|
//! | T | `origin` | periods that the forecast sees |
//! | f | of each of [`METHODS`] | units |
//! | e | y - f, where y was observed as counted | units |
//! | s | mean abs(x_t - x_(t-1)) of neighbouring observed cells before T | scale of the errors [hyndman2006] |
//!
//! A forecast sees nothing at or after its origin. Censored and closed cells judge nobody.

use domain::forecast::{LEVELS, SeriesForecast};
use domain::panel::Cell;

use crate::univariate::forecast_series;

/// Who is judged, ours first.
pub const METHODS: [&str; 3] = ["cornerstone", "last value", "same week a season ago"];

/// Known cells before an origin without which nothing is judged.
pub const KNOWN_MIN: usize = 4;

/// Sums of one method.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Tally {
    /// Series and origins with a judged cell.
    pub series: u64,
    /// Judged cells.
    pub cells: u64,
    /// Sum of abs(e).
    pub wrong: f64,
    /// Sum of y.
    pub sold: f64,
    /// Sum over series of their mean abs(e) / s.
    pub scaled: f64,
    /// Series with s above 0.
    pub scaled_series: u64,
    /// Sum of pinball losses, mean over the levels; 0 without intervals.
    pub pinball: f64,
    /// Cells that an interval was given for.
    pub ranged: u64,
    /// Of these, within the 80 % interval, and within the 95 % interval.
    pub held: [u64; 2],
}

impl Tally {
    /// Adds another's sums.
    pub fn add(&mut self, other: &Self) {
        self.series += other.series;
        self.cells += other.cells;
        self.wrong += other.wrong;
        self.sold += other.sold;
        self.scaled += other.scaled;
        self.scaled_series += other.scaled_series;
        self.pinball += other.pinball;
        self.ranged += other.ranged;
        self.held[0] += other.held[0];
        self.held[1] += other.held[1];
    }
}

/// Judges every method on one series from one origin over at most `horizon` periods; none where the history is too
/// short or nothing after the origin was observed.
#[must_use]
pub fn judge(
    units: &[f64],
    cells: &[Cell],
    origin: usize,
    horizon: usize,
    season: usize,
) -> Option<[Tally; METHODS.len()]> {
    let (past, known) = (units.get(..origin)?, cells.get(..origin)?);
    let end = units.len().min(cells.len()).min(origin + horizon);
    let seen = |at: usize| matches!(known[at], Cell::Observed | Cell::Censored);
    let count = (0..origin).filter(|&at| seen(at)).count();
    if count < KNOWN_MIN || !(origin..end).any(|at| cells[at] == Cell::Observed) {
        return None;
    }
    let ours = forecast_series(past, known, end - origin, season)?;
    let last = (0..origin).rev().find(|&at| seen(at)).map(|at| past[at])?;
    let ago = |h: usize| {
        let mut at = (origin + h).checked_sub(season.max(1))?;
        while at >= origin {
            at = at.checked_sub(season.max(1))?;
        }
        seen(at).then(|| past[at])
    };
    let scale = scale(past, known);
    let judged = |mean: &dyn Fn(usize) -> f64, ranges: Option<&SeriesForecast>| {
        let mut tally = Tally { series: 1, ..Tally::default() };
        for at in (origin..end).filter(|&at| cells[at] == Cell::Observed) {
            let (h, y) = (at - origin, units[at]);
            tally.cells += 1;
            tally.wrong += (y - mean(h)).abs();
            tally.sold += y;
            if let Some(forecast) = ranges {
                range(&mut tally, y, &forecast.quantiles[h]);
            }
        }
        if let Some(scale) = scale {
            tally.scaled = tally.wrong / tally.cells as f64 / scale;
            tally.scaled_series = 1;
        }
        tally
    };
    Some([judged(&|h| ours.mean[h], Some(&ours)), judged(&|_| last, None), judged(&|h| ago(h).unwrap_or(last), None)])
}

/// Adds what an interval was worth.
fn range(tally: &mut Tally, y: f64, quantiles: &[f64; LEVELS.len()]) {
    const TAILS: [usize; 4] = [0, 1, 5, 6];
    let loss = |at: usize| 2.0 * (y - quantiles[at]) * (LEVELS[at] - f64::from(u8::from(y < quantiles[at])));
    tally.pinball += TAILS.iter().map(|&at| loss(at)).sum::<f64>() / TAILS.len() as f64;
    tally.ranged += 1;
    for (held, (low, high)) in tally.held.iter_mut().zip([(1, 5), (0, 6)]) {
        *held += u64::from(quantiles[low] <= y && y <= quantiles[high]);
    }
}

/// Mean step between neighbouring observed cells; none without a step above 0.
fn scale(past: &[f64], known: &[Cell]) -> Option<f64> {
    let steps: Vec<f64> = (1..past.len())
        .filter(|&at| known[at] == Cell::Observed && known[at - 1] == Cell::Observed)
        .map(|at| (past[at] - past[at - 1]).abs())
        .collect();
    let mean = steps.iter().sum::<f64>() / steps.len().max(1) as f64;
    (mean > 0.0).then_some(mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forecast_sees_nothing_after_its_origin_and_is_judged_by_what_was_observed() {
        let units: Vec<f64> = (0..120).map(|t| 20.0 + f64::from(t % 7)).collect();
        let mut cells = vec![Cell::Observed; 120];
        cells[111] = Cell::Censored;
        cells[112] = Cell::Closed;
        let tallies = judge(&units, &cells, 110, 10, 7).expect("long enough");
        assert!(tallies.iter().all(|tally| tally.cells == 8 && tally.series == 1));
        let mut later = units.clone();
        later[110..].iter_mut().for_each(|y| *y += 1000.0);
        let other = judge(&later, &cells, 110, 10, 7).expect("long enough");
        // Judged by other sales, the same forecasts: every error is off by what was added.
        for (one, other) in tallies.iter().zip(&other) {
            assert!((other.sold - one.sold - 8000.0).abs() < 1e-9);
        }
        // A season that repeats: a season ago is right, the last value is not.
        assert_eq!(tallies[2].wrong, 0.0);
        assert!(tallies[1].wrong > 0.0);
        // s by hand: six steps of 1 and one of 6 in every seven.
        let steps: f64 = (1..110).map(|t: i32| f64::from((t % 7 - (t - 1) % 7).abs())).sum();
        assert!((tallies[1].scaled - tallies[1].wrong / 8.0 / (steps / 109.0)).abs() < 1e-12);
    }

    #[test]
    fn what_can_t_be_judged_is_not() {
        let cells = [Cell::Observed; 12];
        assert!(judge(&[1.0; 12], &cells, 3, 4, 1).is_none(), "too short");
        assert!(judge(&[1.0; 12], &cells, 12, 4, 1).is_none(), "nothing after");
        assert!(judge(&[1.0; 12], &cells, 20, 4, 1).is_none(), "no such origin");
    }
}
