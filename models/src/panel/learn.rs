//! The two members, judged on windows of the past, and their blend.
//!
//! z is forecast as profile + level + (1 - w) ridge + w trees: the geometric mean of both members' sales [bates1969].
//! The penalty, the number of trees and w are those with the least squared error over [`WINDOWS`] windows at the end of
//! the past, each forecast by members that saw nothing after its origin.

use domain::stop::Stop;
use rayon::prelude::*;

use super::PanelError;
use super::boost::{Bins, Boost, STAGES};
use super::conformal::Offsets;
use super::design::{Plan, Table};
use super::frame::Frame;
use super::ridge::{PENALTIES, Ridge};

/// Windows that choices and intervals rest on.
const WINDOWS: usize = 4;
/// Rows that members are fitted to, at least.
pub(super) const ROWS_MIN: usize = 100;

/// What was learnt.
#[derive(Debug, Clone)]
pub(super) struct Learnt {
    /// z of the future rows of the table, by their position after the past ones.
    pub(super) ahead: Vec<f64>,
    pub(super) offsets: Offsets,
    /// w.
    pub(super) weight: f64,
    /// Windows that could be judged.
    pub(super) windows: usize,
}

/// What the members add to the profile.
struct Said {
    rows: Vec<u32>,
    ridge: Vec<[f64; PENALTIES.len()]>,
    trees: Vec<[f64; STAGES]>,
}

/// Learns from all rows of the table before `first_ahead`, and forecasts the rest.
pub(super) fn learn(frame: &Frame, table: &Table, plan: &Plan, stop: &Stop) -> Result<Learnt, PanelError> {
    let z: Vec<f64> = table.row.iter().map(|&row| frame.z[row as usize]).collect();
    let rows = |keep: &dyn Fn(usize) -> bool| -> Vec<u32> {
        (0..table.row.len()).filter(|&at| keep(at)).map(|at| at as u32).collect()
    };
    let last = plan.origins.len() - 1;
    let mut jobs: Vec<(Vec<u32>, Vec<u32>)> = Vec::new();
    for window in 1..=WINDOWS {
        let Some(at) = last.checked_sub(window * plan.stride) else { break };
        let (from, to) = (plan.origins[at], plan.origins[at + plan.stride]);
        let train = rows(&|at| table.origin[at] < from && frame.t[table.row[at] as usize] <= from);
        let test = rows(&|at| (from..to).contains(&table.origin[at]));
        if train.len() >= ROWS_MIN && !test.is_empty() {
            jobs.push((train, test));
        }
    }
    if jobs.is_empty() {
        return Err(PanelError::TooFew { rows: rows(&|at| table.origin[at] < frame.origin).len() });
    }
    let windows = jobs.len();
    jobs.push((rows(&|at| table.origin[at] < frame.origin), rows(&|at| table.origin[at] == frame.origin)));
    let said: Vec<Option<Said>> =
        jobs.into_par_iter().map(|(train, test)| fit(table, &z, &train, test, stop)).collect();
    let mut said: Vec<Said> = said.into_iter().collect::<Option<_>>().ok_or(PanelError::Interrupted)?;
    let future = said.pop().ok_or(PanelError::TooFew { rows: 0 })?;
    let (penalty, stage, weight) = choose(table, &z, &said);
    let forecast = |said: &Said, at: usize| {
        let row = said.rows[at] as usize;
        base(table, row) + (1.0 - weight) * said.ridge[at][penalty] + weight * said.trees[at][stage]
    };
    let mut scores = Vec::new();
    for window in &said {
        for (at, &row) in window.rows.iter().enumerate() {
            let row = row as usize;
            let h = frame.t[table.row[row] as usize] - table.origin[row];
            scores.push((h, (z[row] - forecast(window, at)) / table.spread[row]));
        }
    }
    let ahead = (0..future.rows.len()).map(|at| forecast(&future, at)).collect();
    Ok(Learnt { ahead, offsets: Offsets::of(&scores, plan.reach, windows), weight, windows })
}

/// What both members start from, and fall back to where features tell nothing.
fn base(table: &Table, row: usize) -> f64 {
    table.profile[row] + table.level[row]
}

/// None once it is interrupted.
fn fit(table: &Table, z: &[f64], train: &[u32], test: Vec<u32>, stop: &Stop) -> Option<Said> {
    let beyond: Vec<f64> = z.iter().enumerate().map(|(row, z)| z - base(table, row)).collect();
    let ridge = Ridge::fit(&table.features, table.width, train, &beyond);
    let bins = Bins::fit(&table.features, table.width, train);
    let binned = bins.apply(&table.features);
    let boost = Boost::fit(&binned, table.width, train, &beyond, stop)?;
    let line = |row: u32| &binned[row as usize * table.width..(row as usize + 1) * table.width];
    Some(Said {
        ridge: test.iter().map(|&row| ridge.predict(table.at(row as usize))).collect(),
        trees: test.iter().map(|&row| boost.predict(line(row))).collect(),
        rows: test,
    })
}

/// The penalty and the stage with the least squared error each, then the best weight between the two.
fn choose(table: &Table, z: &[f64], windows: &[Said]) -> (usize, usize, f64) {
    let (mut ridge, mut trees) = ([0.0; PENALTIES.len()], [0.0; STAGES]);
    let misses = |said: &Said, at: usize| {
        let row = said.rows[at] as usize;
        let beyond = z[row] - base(table, row);
        (said.ridge[at].map(|value| beyond - value), said.trees[at].map(|value| beyond - value))
    };
    for said in windows {
        for at in 0..said.rows.len() {
            let (linear, grown) = misses(said, at);
            ridge.iter_mut().zip(linear).for_each(|(slot, miss)| *slot += miss * miss);
            trees.iter_mut().zip(grown).for_each(|(slot, miss)| *slot += miss * miss);
        }
    }
    let (penalty, stage) = (least(&ridge), least(&trees));
    // The error of the blend is a + w (b - a): its square is least where that is orthogonal to b - a.
    let (mut along, mut square) = (0.0, 0.0);
    for said in windows {
        for at in 0..said.rows.len() {
            let (linear, grown) = misses(said, at);
            let apart = grown[stage] - linear[penalty];
            along -= linear[penalty] * apart;
            square += apart * apart;
        }
    }
    (penalty, stage, if square > 0.0 { (along / square).clamp(0.0, 1.0) } else { 0.5 })
}

fn least(errors: &[f64]) -> usize {
    (0..errors.len()).min_by(|&a, &b| errors[a].total_cmp(&errors[b])).unwrap_or(0)
}
