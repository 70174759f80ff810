//! The back-test of a panel: every series from several origins, by market and by length of history.

use domain::backtest::Score;
use domain::market::Market;
use domain::panel::Cell;
use domain::stop::Stop;
use models::backtest::{METHODS, Tally, judge};
use rayon::prelude::*;

use crate::way::{Interrupted, look};

/// Lengths of history in known weeks, each group up to its number.
const LENGTHS: [(usize, &str); 4] = [
    (26, "history of under half a year"),
    (52, "history of half a year to a year"),
    (104, "history of one to two years"),
    (usize::MAX, "history of two years or more"),
];

/// Forecasts the panel of `market` from each of `origins` (weeks before its end) over `horizon` weeks, and judges what
/// came after. All series, then by market, then by length of history; groups without a judged cell are left out. With
/// the origins that judged anything.
///
/// # Errors
/// Where a signal came first.
pub fn backtest(
    market: &Market,
    origins: &[usize],
    horizon: usize,
    season: usize,
    stop: &Stop,
) -> Result<(Vec<Score>, Vec<usize>), Interrupted> {
    let panel = &market.sales;
    let countries = market.markets.len();
    let groups = 1 + countries + LENGTHS.len();
    let each: Result<Vec<Vec<(usize, usize, usize, [Tally; METHODS.len()])>>, Interrupted> = (0..panel.series.len())
        .into_par_iter()
        .map(|at| {
            look(stop)?;
            let (units, cells) = panel.row(at);
            let units: Vec<f64> = units.iter().map(|&units| f64::from(units)).collect();
            let home = market.stores[panel.series[at].store.at()].market.at();
            let from = |&before: &usize| {
                let origin = panel.weeks.checked_sub(before)?;
                let tallies = judge(&units, cells, origin, horizon, season)?;
                let known = cells[..origin].iter().filter(|cell| matches!(cell, Cell::Observed | Cell::Censored));
                let known = known.count();
                let length = LENGTHS.iter().position(|(most, _)| known < *most).unwrap_or(LENGTHS.len() - 1);
                Some((1 + home, 1 + countries + length, before, tallies))
            };
            Ok(origins.iter().filter_map(from).collect())
        })
        .collect();
    let each = each?;
    // In the order of the series, so that the sums have the same bits whatever the threads.
    let mut sums = vec![[Tally::default(); METHODS.len()]; groups];
    let judged = |before: &usize| each.iter().flatten().any(|one| one.2 == *before);
    let used = origins.iter().copied().filter(|before| judged(before)).collect();
    for (home, length, _, tallies) in each.iter().flatten() {
        for group in [0, *home, *length] {
            sums[group].iter_mut().zip(tallies).for_each(|(sum, tally)| sum.add(tally));
        }
    }
    let mut names = vec!["all".to_owned()];
    names.extend(market.market_ids.names().iter().map(|id| format!("market {id}")));
    names.extend(LENGTHS.iter().map(|(_, name)| (*name).to_owned()));
    let mut scores = Vec::new();
    for (group, tallies) in names.iter().zip(&sums) {
        for (method, tally) in METHODS.iter().zip(tallies).filter(|(_, tally)| tally.cells > 0) {
            scores.push(score(group, method, tally));
        }
    }
    Ok((scores, used))
}

fn score(group: &str, method: &str, tally: &Tally) -> Score {
    let share = |part: f64, whole: f64| (whole > 0.0).then(|| part / whole);
    let ranged = tally.ranged as f64;
    Score {
        group: group.to_owned(),
        method: method.to_owned(),
        series: tally.series,
        cells: tally.cells,
        wape: share(tally.wrong, tally.sold),
        mase: share(tally.scaled, tally.scaled_series as f64),
        pinball: if tally.ranged > 0 { share(tally.pinball, tally.sold) } else { None },
        coverage_80: share(tally.held[0] as f64, ranged),
        coverage_95: share(tally.held[1] as f64, ranged),
    }
}
