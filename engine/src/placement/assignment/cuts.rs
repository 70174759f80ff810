//! Closed-form separation [fischetti2017; duran-mateluna2023].
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | y-bar_j | `Point::here` | share of a corner |
//! | D_i | `Cut::prices` | cost units |
//! | theta_g | a group's cost | weight x cost |
//!
//! For any D_i with 0 <= D_i <= c_i0, serving zone i costs at least D_i - sum_j (D_i - c_ij)^+ y_j. At y-bar the
//! best D_i is the first cost at which the cumulated y-bar, nearest site first, reaches one. Summed over
//! the zones of a group: theta_g >= sum_i w_i [D_i - sum_j (D_i - c_ij)^+ y_j].
//!
//! In-out: the cut is made at a point between y-bar and an inner point [benameur2007; fischetti2017], and at
//! y-bar itself only where that one would not cut y-bar off.

use rayon::prelude::*;

use super::matrix::{Matrix, Support, Zones};

/// Where to separate: shares of the columns of a support, here and at the stabilised point.
#[derive(Debug)]
pub(super) struct Point {
    /// Columns with a share in either.
    pub(super) support: Support,
    /// y-bar of each.
    pub(super) here: Vec<f64>,
    /// The inner point of each.
    pub(super) inner: Vec<f64>,
}

/// An inequality over a run of the zone order.
#[derive(Debug, Clone)]
pub(super) struct Cut {
    /// The zones: positions `from..to` of the order.
    pub(super) from: usize,
    /// One past the last.
    pub(super) to: usize,
    /// D of each of those zones.
    pub(super) prices: Vec<u32>,
    /// sum w D.
    pub(super) base: u64,
    /// (column, sum w (D - c)^+), positive ones only, ascending.
    pub(super) terms: Vec<(u32, u64)>,
}

/// A violation below this share of the cost is the LP's own tolerance.
const TOLERANCE: f64 = 1e-7;

/// One answer per group, none where theta is high enough; `theta` holds what the LP thinks each costs, in weight x cost.
pub(super) fn separate(
    matrix: &Matrix<'_>,
    zones: &Zones<'_>,
    order: &[u32],
    starts: &[usize],
    theta: &[f64],
    point: &Point,
) -> Vec<Option<Cut>> {
    (0..starts.len() - 1)
        .into_par_iter()
        .map(|group| {
            let (from, to) = (starts[group], starts[group + 1]);
            let part = &order[from..to];
            let (mut cost, mut inner_cost) = (0.0, 0.0);
            let (mut prices, mut inner_prices) = (Vec::with_capacity(part.len()), Vec::with_capacity(part.len()));
            let mut near = Vec::new();
            for &zone in part {
                let zone = zone as usize;
                let cap = zones.cap[zone];
                near.clear();
                matrix.each_of(zone, &point.support, |at, cost| {
                    if cost < cap {
                        near.push((cost, at));
                    }
                });
                near.sort_unstable();
                #[expect(clippy::cast_precision_loss, reason = "separation only chooses cuts; bounds are whole")]
                let weight = zones.weights[zone] as f64;
                let (price, inner_price) = (first_full(&near, &point.here, cap), first_full(&near, &point.inner, cap));
                let served = |price: u32| {
                    let nearer = near.iter().take_while(|(cost, _)| *cost < price);
                    let saved: f64 = nearer.map(|&(cost, at)| f64::from(price - cost) * point.here[at as usize]).sum();
                    weight * (f64::from(price) - saved)
                };
                cost += served(price);
                inner_cost += served(inner_price);
                prices.push(price);
                inner_prices.push(inner_price);
            }
            let floor = theta[group] + TOLERANCE * cost.max(1.0);
            let chosen = if inner_cost > floor {
                Some(inner_prices)
            } else if cost > floor {
                Some(prices)
            } else {
                None
            };
            chosen.map(|prices| cut(matrix, zones, order, from, to, prices))
        })
        .collect()
}

/// The first cost at which the cumulated shares reach one, or the cap.
fn first_full(near: &[(u32, u32)], shares: &[f64], cap: u32) -> u32 {
    let mut reached = 0.0;
    for &(cost, at) in near {
        reached += shares[at as usize];
        // The LP's shares add up to its tolerance.
        if reached >= 1.0 - 1e-9 {
            return cost;
        }
    }
    cap
}

/// The inequality for given prices.
pub(super) fn cut(
    matrix: &Matrix<'_>,
    zones: &Zones<'_>,
    order: &[u32],
    from: usize,
    to: usize,
    prices: Vec<u32>,
) -> Cut {
    let mut sum = vec![0_u64; matrix.width()];
    let mut base = 0;
    for (&zone, &price) in order[from..to].iter().zip(&prices) {
        let weight = zones.weights[zone as usize];
        base += weight * u64::from(price);
        matrix.add(zone as usize, weight, price, &mut sum);
    }
    let terms = (0_u32..).zip(sum).filter(|(_, sum)| *sum > 0).collect();
    Cut { from, to, prices, base, terms }
}
