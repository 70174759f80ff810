//! Better controls by single exchanges.
//!
//! | symbol | argument | unit |
//! |---|---|---|
//! | C_j | `controls` | positions among the candidates |
//! | v_j(C_j) | variance of l_jt - mean_C l_ct over the lookback | square of logs |
//!
//! The assignment charges each control by itself; sum v_j(C_j) also counts how the controls of a store hang
//! together. A control gives way to a free candidate, or changes places with another store's, while the
//! sum falls [rosenbaum1989]. If a change of places lowers the sum, it lowers v of one of both stores, so a change
//! is looked at from the store that gains.

use std::ops::Range;

use ndarray::Array2;

use super::history::{History, variance};

/// Rounds of exchanges at most: later ones hardly lower the sum.
const ROUNDS_MAX: usize = 4;
/// Candidates tried per store, in multiples of all controls: nearest first.
const NEAREST: usize = 2;

/// Changes `controls` (all of one length, above 0) in place; `cost` is pilot stores x candidates.
pub(super) fn exchange(
    history: &History,
    weeks: Range<usize>,
    pilot: &[usize],
    candidates: &[usize],
    cost: &Array2<f64>,
    controls: &mut [Vec<usize>],
) {
    let each = controls[0].len();
    let mut owner: Vec<Option<(usize, usize)>> = vec![None; candidates.len()];
    for (row, columns) in controls.iter().enumerate() {
        columns.iter().enumerate().for_each(|(place, &column)| owner[column] = Some((row, place)));
    }
    // m l_jt less the controls but the one at `place`: less l_ct and over m, the gap with c in its place.
    let rest = |controls: &[Vec<usize>], row: usize, place: usize| -> Vec<f64> {
        let kept = |week| {
            controls[row]
                .iter()
                .enumerate()
                .filter(|(at, _)| *at != place)
                .map(move |(_, &c)| history.at(candidates[c], week))
        };
        weeks.clone().map(|week| each as f64 * history.at(pilot[row], week) - kept(week).sum::<f64>()).collect()
    };
    let with = |rest: &[f64], column: usize| {
        let gaps = rest
            .iter()
            .zip(weeks.clone())
            .map(|(rest, week)| (rest - history.at(candidates[column], week)) / each as f64);
        variance(gaps)
    };
    let near: Vec<Vec<usize>> = (0..pilot.len())
        .map(|row| {
            let mut order: Vec<usize> =
                (0..candidates.len()).filter(|&column| cost[[row, column]].is_finite()).collect();
            order.sort_by(|&a, &b| cost[[row, a]].total_cmp(&cost[[row, b]]).then(a.cmp(&b)));
            order.truncate(NEAREST * pilot.len() * each);
            order
        })
        .collect();
    for _ in 0..ROUNDS_MAX {
        let mut moved = false;
        for row in 0..pilot.len() {
            for place in 0..each {
                let own = rest(controls, row, place);
                let mut now = with(&own, controls[row][place]);
                for &column in &near[row] {
                    let old = controls[row][place];
                    let tried = with(&own, column);
                    if tried >= now || owner[column].is_some_and(|(other, _)| other == row) {
                        continue;
                    }
                    if let Some((other, there)) = owner[column] {
                        let theirs = rest(controls, other, there);
                        if tried + with(&theirs, old) >= now + with(&theirs, column) {
                            continue;
                        }
                        controls[other][there] = old;
                    }
                    owner[old] = owner[column];
                    (controls[row][place], owner[column], now, moved) = (column, Some((row, place)), tried, true);
                }
            }
        }
        if !moved {
            return;
        }
    }
}
