//! (s, S) where orders come in whole packs: each review, when the position is at most s, as many packs as fit below S.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | b | `pack` | units per pack |
//! | j = S - y | how far the position is below S after a review's order | units |
//! | m(j) | `Renewal`: expected visits to j further down before the next order | |
//! | x_i | reviews that start a cycle i below S, i < b | per review |
//! | f(j) | `at`: what is looked at there: costs, shortages | any, per review |
//!
//! An order takes whole packs, so only demand moves j modulo b, and every rest of it is held equally often: 1/b. With
//! g = S - s the reviews spent at j < g are sum over i of x_i m(j - i), so x solves
//!
//! sum over i of x_i sum over j < g with j = r (mod b) of m(j - i) = 1/b, for every rest r.
//!
//! At g = b that is a triangle, with m its generator: its inverse has 1 - p_0 on the diagonal and -p_l below. One unit
//! more of g adds one vector to one row, and the inverse follows by [sherman1950]. With b = 1 it is
//! x = 1/M(g), [`super::order_up_to`]. Demand whose sums miss a rest for ever holds rests as often as it began with
//! them; equally often is one such way.

use super::order_up_to::{Renewal, WIDEST};
use super::{Pmf, Unsound, narrow};

/// What a policy does in the long run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Run<const C: usize> {
    /// Orders per review.
    pub orders: f64,
    /// Means of what is looked at, per review.
    pub means: [f64; C],
}

/// The runs of g = `pack`, `pack` + 1, … up to the length of `at`, which holds f(0), f(1), …
///
/// # Errors
/// A pack of 0, fewer positions than a pack has units, demand that is always 0, or a gap beyond [`WIDEST`].
pub fn runs<const C: usize>(review: &Pmf, pack: u32, at: &[[f64; C]]) -> Result<Vec<Run<C>>, Unsound> {
    let widest = narrow("the gap between reorder point and level, in units,", at.len(), WIDEST)?;
    let pack = usize::try_from(pack).unwrap_or(usize::MAX);
    if pack == 0 || pack > widest {
        return Err(Unsound::Together("no order of a whole pack fits below the level"));
    }
    let mut renewal = Renewal::new(review)?;
    let visits = renewal.visits(widest).to_vec();
    // The inverse, by cycle's start, then rest.
    let step = |l: usize| -review.mass(i64::try_from(l).unwrap_or(i64::MAX));
    let entry = |start: usize, rest: usize| match start.checked_sub(rest) {
        Some(0) => 1.0 / visits[0],
        Some(below) => step(below),
        None => 0.0,
    };
    let mut inverse: Vec<Vec<f64>> =
        (0..pack).map(|start| (0..pack).map(|rest| entry(start, rest)).collect()).collect();
    // sum over j < g of m(j - i) f(j), by start.
    let mut sums = vec![[0.0; C]; pack];
    let add = |sums: &mut [[f64; C]], j: usize| {
        for (start, sums) in sums.iter_mut().enumerate().take(j + 1) {
            sums.iter_mut().zip(&at[j]).for_each(|(sum, value)| *sum += visits[j - start] * value);
        }
    };
    (0..pack).for_each(|j| add(&mut sums, j));
    let mut found = vec![run(&inverse, &sums)];
    for g in pack..widest {
        let rest = g % pack;
        let column: Vec<f64> = inverse.iter().map(|row| row[rest]).collect();
        let mut row = vec![0.0; pack];
        for (start, from) in inverse.iter().enumerate() {
            row.iter_mut().zip(from).for_each(|(sum, value)| *sum += visits[g - start] * value);
        }
        let scale = 1.0 + row[rest];
        for (column, into) in column.iter().zip(&mut inverse) {
            into.iter_mut().zip(&row).for_each(|(value, row)| *value -= column * row / scale);
        }
        add(&mut sums, g);
        found.push(run(&inverse, &sums));
    }
    Ok(found)
}

fn run<const C: usize>(inverse: &[Vec<f64>], sums: &[[f64; C]]) -> Run<C> {
    let rest = 1.0 / inverse.len() as f64;
    let (mut orders, mut means) = (0.0, [0.0; C]);
    for (row, sums) in inverse.iter().zip(sums) {
        let starts = rest * row.iter().sum::<f64>();
        orders += starts;
        means.iter_mut().zip(sums).for_each(|(mean, sum)| *mean += starts * sum);
    }
    Run { orders, means }
}
