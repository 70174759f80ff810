//! Several products under one budget: of units, of shelf, of money.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | q_k | [`Allocation::units`] | units |
//! | w_k | [`Item::weight`]: what a unit takes of the budget | of the budget |
//! | m_u = (r - v) P(D >= u) - (c - v) | value of the u-th unit | money |
//!
//! Maximise the sum of m_u over u <= q_k and k, subject to sum of w_k q_k <= budget. m_u never rises, so with equal
//! weights taking units in its order is exact [fox1966]; any weights are a knapsack, solved by keeping of every
//! partial plan those that no other beats in both what it takes and what it earns [nemhauser1969]. Units in the order
//! of m_u/w_k, the last one cut to fit, give the bound of the relaxed problem [dantzig1957].

use super::newsvendor::Margin;
use super::{LONGEST, Pmf, Unsound, narrow, not_negative, positive};

/// A product.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    /// Its demand over the window.
    pub demand: &'a Pmf,
    /// What a unit earns.
    pub margin: Margin,
    /// What a unit takes of the budget; above 0.
    pub weight: f64,
}

/// Units of every product.
#[derive(Debug, Clone, PartialEq)]
pub struct Allocation {
    /// By product.
    pub units: Vec<u32>,
    /// What they take of the budget.
    pub taken: f64,
    /// Expected profit, money.
    pub profit: f64,
    /// No plan within the budget earns more than this.
    pub bound: f64,
}

/// A partial plan: what it takes and earns, the one it goes on from, and the units it adds.
#[derive(Clone, Copy)]
struct Partial {
    taken: f64,
    profit: f64,
    from: usize,
    units: u32,
}

/// The plan of most expected profit.
///
/// # Errors
/// A budget below 0, a weight that is not above 0, a margin without sense, or more than [`LONGEST`] partial plans.
pub fn most_profit(items: &[Item<'_>], budget: f64) -> Result<Allocation, Unsound> {
    let budget = not_negative("the budget", budget)?;
    let gains = items.iter().map(|item| gains(item, budget)).collect::<Result<Vec<_>, _>>()?;
    let mut stages = vec![vec![Partial { taken: 0.0, profit: 0.0, from: 0, units: 0 }]];
    for (item, gains) in items.iter().zip(&gains) {
        let mut next = Vec::new();
        for (from, before) in stages[stages.len() - 1].iter().enumerate() {
            let (mut profit, mut units) = (before.profit, 0);
            next.push(Partial { from, units, ..*before });
            for gain in gains {
                profit += gain;
                units += 1;
                let taken = before.taken + item.weight * f64::from(units);
                if taken > budget {
                    break;
                }
                next.push(Partial { taken, profit, from, units });
            }
            narrow("the list of partial plans", next.len(), LONGEST)?;
        }
        next.sort_by(|a, b| a.taken.total_cmp(&b.taken).then(b.profit.total_cmp(&a.profit)));
        let mut best = f64::NEG_INFINITY;
        next.retain(|plan| {
            let kept = plan.profit > best;
            best = best.max(plan.profit);
            kept
        });
        stages.push(next);
    }
    // What is kept rises in profit, so the last is the best.
    let mut at = stages[stages.len() - 1].len() - 1;
    let Partial { taken, profit, .. } = stages[stages.len() - 1][at];
    let mut units = vec![0; items.len()];
    for (stage, units) in stages.iter().skip(1).zip(&mut units).rev() {
        *units = stage[at].units;
        at = stage[at].from;
    }
    Ok(Allocation { units, taken, profit, bound: bound(items, &gains, budget).max(profit) })
}

/// m_1, m_2, … for as long as they are above 0 and a unit more fits.
fn gains(item: &Item<'_>, budget: f64) -> Result<Vec<f64>, Unsound> {
    let weight = positive("what a unit takes of the budget", item.weight)?;
    item.margin.costs()?;
    let Margin { price, cost, salvage } = item.margin;
    let mut gains = Vec::new();
    loop {
        let units = gains.len() as i64 + 1;
        let gain = (price - salvage) * item.demand.above(units - 1) - (cost - salvage);
        if gain <= 0.0 || weight * units as f64 > budget {
            return Ok(gains);
        }
        narrow("the units of a product", gains.len() + 1, LONGEST)?;
        gains.push(gain);
    }
}

/// The most that fractions of units could earn.
fn bound(items: &[Item<'_>], gains: &[Vec<f64>], budget: f64) -> f64 {
    let mut units: Vec<(f64, f64)> = items
        .iter()
        .zip(gains)
        .flat_map(|(item, gains)| gains.iter().map(|&gain| (gain / item.weight, item.weight)))
        .collect();
    units.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut left, mut earned) = (budget, 0.0);
    for (ratio, weight) in units {
        let part = weight.min(left);
        earned += ratio * part;
        left -= part;
    }
    earned
}
