//! How small the greatest regret of any choice of stores could be.
//!
//! | symbol | is | unit |
//! |---|---|---|
//! | mu B + sum_j w_bj y_j >= g_b(y) | the relaxation of [`crate::joint`] where no corner takes from another | base-currency major units |
//! | t | the program's objective | the same |
//!
//! minimise t subject to t + sum_j w_bj y_j >= V_b - mu_b B_b in every world, 0 <= y <= 1, and every rule of every world but
//! distances. A choice that is allowed in all worlds is feasible with t its greatest regret beside V, so none has a smaller
//! one than the least t [kouvelis1997]. Under `independent` w is what a store earns; under the other laws it is what it
//! would earn alone, and the bound is loose where corners take from each other.

use domain::ids::Idx;
use domain::market::{Market, Store};

use super::{Case, Frame};
use crate::EngineError;
use crate::joint::curve::Curves;
use crate::joint::prices::Prices;
use crate::solver::lp::{Lp, LpStatus};

/// The program's tolerance, as a part of the values in it.
const BLUR: f64 = 1e-6;

/// The bound; 0 where worlds have other candidates, or the program gives none.
pub(super) fn least_regret(frame: &Frame<'_>, best: &[f64]) -> Result<f64, EngineError> {
    let first = &frame.cases[0];
    if frame.cases.iter().any(|case| !same(first, case)) {
        return Ok(0.0);
    }
    let scale = best.iter().fold(1.0_f64, |most, value| most.max(value.abs()));
    let mut program = Lp::new();
    let regret = program.add_column(1.0, 0.0, f64::INFINITY, false)?;
    let sites = first.joint.rules.sites;
    let mut most = vec![1.0; sites];
    let mut least = vec![0.0; sites];
    let mut rows = Vec::new();
    for (case, best) in frame.cases.iter().zip(best) {
        let (joint, rules) = (&case.joint, case.joint.rules);
        let curves = Curves::of(joint);
        let prices = Prices::found(joint, &curves)?;
        let relaxed = joint.relaxed(&curves, &prices, &[]);
        rules.exclude.iter().chain(&curves.impossible).for_each(|&site| most[site as usize] = 0.0);
        rules.require.iter().for_each(|&site| least[site as usize] = 1.0);
        let alone = &relaxed.problem.unit_values * &relaxed.problem.capture.alone;
        let worth = alone.outer_iter().zip(&relaxed.problem.open_costs).map(|(row, cost)| (row.sum() - cost) / scale);
        let terms: Vec<(usize, f64)> = worth.enumerate().map(|(site, worth)| (site + 1, worth)).collect();
        rows.push(((best - relaxed.constant) / scale, f64::INFINITY, [vec![(regret, 1.0)], terms].concat()));
        let all = (0..sites).map(|site| (site + 1, 1.0)).collect();
        rows.push((rules.open_min as f64, rules.open_max as f64, all));
        for row in &rules.rows {
            // Rows count minor units: in parts of the largest they are near 1.
            let part = row.terms.iter().map(|term| term.1.unsigned_abs()).max().unwrap_or(1).max(1) as f64;
            let terms = row.terms.iter().map(|&(site, value)| (site as usize + 1, value as f64 / part)).collect();
            let side = |limit: Option<i64>, none: f64| limit.map_or(none, |limit| limit as f64 / part);
            rows.push((side(row.min, f64::NEG_INFINITY), side(row.max, f64::INFINITY), terms));
        }
    }
    if least.iter().zip(&most).any(|(least, most)| least > most) {
        return Ok(0.0);
    }
    for (least, most) in least.into_iter().zip(most) {
        program.add_column(0.0, least, most, false)?;
    }
    for (at, (from, to, terms)) in rows.iter().enumerate() {
        // Most rules are those of the world before.
        if !rows[..at].contains(&(*from, *to, terms.clone())) {
            program.add_row(*from, *to, terms)?;
        }
    }
    let answer = program.solve()?;
    Ok(if answer.status == LpStatus::Optimal { ((answer.bound - BLUR) * scale).max(0.0) } else { 0.0 })
}

/// Whether the sites of two worlds are the same stores.
fn same(one: &Case<'_>, other: &Case<'_>) -> bool {
    let id = |market: &Market, store: Idx<Store>| market.store_ids.name(store).to_owned();
    let (a, b) = (&one.stated.candidates, &other.stated.candidates);
    let pair = |(&a, &b): (&Idx<Store>, &Idx<Store>)| id(one.world.market, a) == id(other.world.market, b);
    a.len() == b.len() && a.iter().zip(b).all(pair)
}
