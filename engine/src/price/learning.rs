//! What the pilot's own sales are worth to the decision that follows it: which other stores to open (EVSI) [raiffa1961].
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | s | one of S fresh samples, [`SAMPLES`] | |
//! | g_js = sum_k v_jk F_jks - o_j | what candidate j, without a corner yet, earns in s | base-currency major units |
//! | n_ks | units of device k that the pilot sells while it is watched: a count, drawn | units |
//! | e_j(n) = a_j + sum_k b_jk n_k | g_j as the pilot's sales tell it | base-currency major units |
//!
//! Who decides without a pilot opens every j whose mean of g is above 0; who has seen its sales, every j with e_j(n) above 0:
//!
//!   EVSI = mean over s of sum_j g_js (\[e_j(n_s) > 0\] - \[mean g_j > 0\]).
//!
//! Uptake is common to all stores and the widest doubt, so what few stores sell tells of all. e_j is the least-squares line over the
//! samples [strong2014]: of one half, while the decisions it leads to are valued over the other half and back, so that
//! nothing is earned by having looked at the same luck twice. Stores that the roll-out opens are taken one by one, each with the
//! stock that suits it, over a horizon as long as the pilot's: what they take from each other is not counted, nor any budget.

use domain::forecast::DemandSamples;
use domain::seed::Seed;
use ndarray::{Array2, Axis, s};
use rand::SeedableRng;
use rand_pcg::Pcg64;
use rayon::prelude::*;

use super::Case;
use crate::EngineError;
use crate::formulate::{self, Problem, Stated};
use crate::stock::factors;
use crate::worth::outcomes::count;

/// Fresh samples: 200 to learn a line of seven numbers from, twice.
const SAMPLES: u32 = 400;
/// Their stream, and that of the counts.
const STREAM: &str = "learning";

/// What the pilot teaches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Learning {
    /// Candidates beside the plan's stores.
    pub candidates: usize,
    /// Of these, those that pay in the mean.
    pub paying: usize,
    /// What a roll-out decided without the pilot earns in the mean.
    pub blind: f64,
    /// EVSI: what seeing the pilot's sales first adds; below 0 only by the luck of the samples.
    pub added: f64,
    /// The standard error of that mean.
    pub standard_error: f64,
    /// What knowing every g_js would add: no pilot adds more, but for the luck of the samples.
    pub at_most: f64,
    /// Weeks that the pilot is watched.
    pub weeks: u32,
}

/// What the sales of the stores at `open` sites (ascending) teach of the others; none where there are no others.
///
/// # Errors
/// A store that the forecast does not know.
pub(super) fn learning(case: Case<'_>, stated: &Stated, open: &[u32]) -> Result<Option<Learning>, EngineError> {
    let Problem::Profit { problem, .. } = &stated.problem else { return Ok(None) };
    if open.is_empty() || open.len() == stated.candidates.len() {
        return Ok(None);
    }
    let fresh = formulate::samples(case.market, case.forecast, case.settings, &stated.candidates, STREAM, SAMPLES)?;
    let rows: Vec<usize> = open.iter().map(|&site| site as usize).collect();
    let kept = factors(&problem.capture.demand(&rows), &problem.capture.alone.select(Axis(0), &rows));
    let weeks = case.settings.pilot.watch_weeks;
    let sold = sold(&fresh, &rows, &kept, weeks as usize, Seed(case.settings.seed));
    let others: Vec<usize> = (0..stated.candidates.len()).filter(|row| rows.binary_search(row).is_err()).collect();
    let halves: [Vec<usize>; 2] = [0, 1].map(|half| (0..fresh.len()).filter(|sample| sample % 2 == half).collect());
    let projections = halves.each_ref().map(|half| basis(&sold.select(Axis(0), half)));
    // By sample: earned blind, earned after the pilot, earned by who knows all; and whether a store pays in the mean.
    let each = others.par_iter().map(|&row| {
        let values = problem.unit_values.row(row);
        let earned: Vec<f64> = (0..fresh.len())
            .map(|sample| fresh.rates.slice(s![sample, row, ..]).dot(&values) - problem.open_costs[row])
            .collect();
        let mut taken = Array2::<f64>::zeros((fresh.len(), 3));
        for (half, other) in [(0, 1), (1, 0)] {
            let known: Vec<f64> = halves[half].iter().map(|&sample| earned[sample]).collect();
            let mean = known.iter().sum::<f64>() / known.len() as f64;
            let line = projections[half].line(&known);
            for &sample in &halves[other] {
                let told = line[0] + sold.row(sample).iter().zip(&line[1..]).map(|(n, b)| n * b).sum::<f64>();
                let here = earned[sample];
                taken[[sample, 0]] = if mean > 0.0 { here } else { 0.0 };
                taken[[sample, 1]] = if told > 0.0 { here } else { 0.0 };
                taken[[sample, 2]] = here.max(0.0);
            }
        }
        (taken, usize::from(earned.iter().sum::<f64>() > 0.0))
    });
    let none = || (Array2::<f64>::zeros((fresh.len(), 3)), 0);
    let parts: Vec<(Array2<f64>, usize)> = each.collect();
    let (sum, paying) = parts.iter().fold(none(), |(sum, paying), part| (sum + &part.0, paying + part.1));
    let mean = |column: usize| sum.column(column).sum() / fresh.len() as f64;
    let gains: Vec<f64> = sum.rows().into_iter().map(|row| row[1] - row[0]).collect();
    let (added, standard_error) = super::luck::mean_and_error(&gains);
    let (blind, at_most) = (mean(0), mean(2) - mean(0));
    Ok(Some(Learning { candidates: others.len(), paying, blind, added, standard_error, at_most, weeks }))
}

/// n, `samples x devices`: what the stores in `rows` sell in the first `weeks` weeks, in hundreds so that lines are well scaled.
fn sold(fresh: &DemandSamples, rows: &[usize], kept: &Array2<f64>, weeks: usize, seed: Seed) -> Array2<f64> {
    let devices = fresh.devices.len();
    let mut sold = Array2::zeros((fresh.len(), devices));
    for (sample, mut sold) in sold.rows_mut().into_iter().enumerate() {
        let mut random = Pcg64::seed_from_u64(seed.stream(STREAM, sample as u64));
        for (at, &row) in rows.iter().enumerate() {
            for device in 0..devices {
                let rate = fresh.rates[[sample, row, device]] * kept[[at, device]];
                let adoption = fresh.adoption.row(device);
                for share in adoption.iter().take(weeks) {
                    sold[device] += count(rate * share, fresh.dispersion[device], &mut random) / 100.0;
                }
            }
        }
    }
    sold
}

/// An orthonormal basis of the columns 1, n_1, ..., n_K, and how it is made of them.
struct Basis {
    columns: Vec<Vec<f64>>,
    /// Each basis column as a sum of the given ones.
    made_of: Vec<Vec<f64>>,
}

/// By Gram and Schmidt, twice [giraud2005]; a column that adds nothing is left out.
fn basis(sold: &Array2<f64>) -> Basis {
    let (samples, devices) = sold.dim();
    let mut basis = Basis { columns: Vec::new(), made_of: Vec::new() };
    for given in 0..=devices {
        let mut column = if given == 0 { vec![1.0; samples] } else { sold.column(given - 1).to_vec() };
        let size = norm(&column);
        let mut made_of = vec![0.0; devices + 1];
        made_of[given] = 1.0;
        for _ in 0..2 {
            for (known, parts) in basis.columns.iter().zip(&basis.made_of) {
                let by: f64 = known.iter().zip(&column).map(|(one, other)| one * other).sum();
                column.iter_mut().zip(known).for_each(|(to, known)| *to -= by * known);
                made_of.iter_mut().zip(parts).for_each(|(to, part)| *to -= by * part);
            }
        }
        let left = norm(&column);
        if left > 1e-9 * size {
            column.iter_mut().for_each(|value| *value /= left);
            made_of.iter_mut().for_each(|part| *part /= left);
            basis.columns.push(column);
            basis.made_of.push(made_of);
        }
    }
    basis
}

fn norm(column: &[f64]) -> f64 {
    column.iter().map(|value| value * value).sum::<f64>().sqrt()
}

impl Basis {
    /// a, b_1, ..., b_K of the least-squares line through `values`.
    fn line(&self, values: &[f64]) -> Vec<f64> {
        let mut line = vec![0.0; self.made_of.first().map_or(1, Vec::len)];
        for (column, parts) in self.columns.iter().zip(&self.made_of) {
            let by: f64 = column.iter().zip(values).map(|(one, other)| one * other).sum();
            line.iter_mut().zip(parts).for_each(|(to, part)| *to += by * part);
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_and_a_column_that_adds_nothing_left_out() {
        let sold = Array2::from_shape_fn((40, 3), |(at, device)| match device {
            0 => (at as f64 * 0.7).sin(),
            1 => (at * at % 11) as f64,
            _ => 2.0 * (at as f64 * 0.7).sin() + 1.0,
        });
        let values: Vec<f64> = sold.rows().into_iter().map(|row| 3.0 - 2.0 * row[0] + 0.5 * row[1]).collect();
        let basis = basis(&sold);
        assert_eq!(basis.columns.len(), 3);
        let line = basis.line(&values);
        for (row, value) in sold.rows().into_iter().zip(&values) {
            let told = line[0] + row.iter().zip(&line[1..]).map(|(n, b)| n * b).sum::<f64>();
            assert!((told - value).abs() < 1e-9, "{told} {value}");
        }
    }
}
