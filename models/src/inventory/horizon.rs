//! The best policy over a finite number of periods, by dynamic programming.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | x, y | stock before and after an order, which arrives at once; below 0, units that wait | units |
//! | K, c | `fixed`, `price` | money per order, per unit |
//! | g_t(y) | [`Costs`] over [`Period::demand`] | money |
//! | gamma | `discount` | per period |
//! | V_t(x) | least expected cost from period t on | money |
//!
//! V_t(x) = min over y >= x of K [y > x] + c (y - x) + g_t(y) + gamma E[V_(t+1)(y - D_t)], and past the last period the
//! terminal costs of what is left or waits. K that does not change makes it (s, S) in every period [scarf1960].
//! Stock runs from the first level less all demand that can come up to what can still be asked for, so that no state
//! is cut off: more than the latter is never bought, since no cost is below 0.

use super::pmf::{LARGEST, PRODUCTS};
use super::{Costs, Demand, LONGEST, Pmf, Unsound, narrow, not_negative, share};

/// Demand of a period. Both fields tell of the same demand; they differ where a continuous one is rounded.
#[derive(Clone, Copy)]
pub struct Period<'a> {
    /// What the period's holding and shortage are counted on.
    pub demand: &'a dyn Demand,
    /// How stock moves on to the next period.
    pub moves: &'a Pmf,
}

/// Prices of the whole horizon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prices {
    /// Of a unit left or waiting at the end of a period.
    pub costs: Costs,
    /// Of a unit left or waiting after the last, at least 0 each.
    pub terminal: Costs,
    /// Of an order, at least 0.
    pub fixed: f64,
    /// Of a unit, at least 0.
    pub price: f64,
    /// What money of the next period is worth now: above 0, at most 1.
    pub discount: f64,
}

/// What to do in one period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// s: the largest stock at which it is ordered up to `level`.
    pub reorder: i64,
    /// S.
    pub level: i64,
}

/// The best policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// By period; none where nothing is ever ordered.
    pub rules: Vec<Option<Rule>>,
    /// V_1 at the stock in hand, money.
    pub cost: f64,
}

/// The best policy from `stock` on.
///
/// # Errors
/// No period, prices that make no sense, or more stock levels than [`LONGEST`].
pub fn cheapest(periods: &[Period<'_>], prices: Prices, stock: i64) -> Result<Policy, Unsound> {
    sound(periods, prices)?;
    let most = periods.iter().try_fold(0_i64, |sum, period| sum.checked_add(period.moves.high()));
    let counted = stock.unsigned_abs() <= LARGEST.unsigned_abs();
    let range = most.filter(|_| counted).and_then(|most| Some((stock.checked_sub(most)?, most.max(stock))));
    let (low, wide) = range
        .and_then(|(low, high)| Some((low, usize::try_from(high.checked_sub(low)?).ok()?)))
        .ok_or(Unsound::Together("stock over the horizon is beyond what can be counted"))?;
    narrow("stock over the horizon, in levels,", wide.saturating_add(1), LONGEST)?;
    let tables: usize = periods.iter().map(|period| (period.moves.high() - period.moves.low()) as usize + 1).sum();
    narrow("the horizon, in multiplications,", wide.saturating_mul(tables), PRODUCTS)?;
    let level = |at: usize| low + at as i64;
    let mut next: Vec<f64> = (0..=wide)
        .map(|at| {
            let x = level(at) as f64;
            prices.terminal.holding * x.max(0.0) + prices.terminal.shortage * (-x).max(0.0)
        })
        .collect();
    let mut rules = vec![None; periods.len()];
    for (period, rule) in periods.iter().zip(&mut rules).rev() {
        let after: Vec<f64> = (0..=wide)
            .map(|at| {
                prices.costs.at(period.demand, level(at) as f64) + prices.discount * expected(period.moves, &next, at)
            })
            .collect();
        // From the top down: the best level above x, by c y + what follows.
        let mut target = wide;
        for at in (0..=wide).rev() {
            let bought = |to: usize| prices.price * (to - at) as f64 + after[to];
            let order = prices.fixed + bought(target);
            if target > at && order < after[at] {
                next[at] = order;
                if rule.is_none_or(|rule: Rule| rule.level != level(target)) {
                    *rule = Some(Rule { reorder: level(at), level: level(target) });
                }
            } else {
                next[at] = after[at];
            }
            if bought(at) <= bought(target) {
                target = at;
            }
        }
        // At S itself ordering up to S is doing nothing: without a fixed cost it is where ordering ends.
        if let Some(rule) = rule.as_mut().filter(|rule| rule.reorder + 1 == rule.level) {
            rule.reorder = rule.level;
        }
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within 0..=wide")]
    let start = (stock - low) as usize;
    Ok(Policy { rules, cost: next[start] })
}

/// E[V(y - D)]. Below the lowest level, where no policy comes from the first one, V goes on straight.
fn expected(moves: &Pmf, next: &[f64], at: usize) -> f64 {
    let slope = if let [first, second, ..] = next { first - second } else { 0.0 };
    (moves.low()..=moves.high())
        .map(|d| {
            let to = at as i64 - d;
            moves.mass(d)
                * match usize::try_from(to) {
                    Ok(to) => next[to],
                    Err(_) => next[0] - slope * to as f64,
                }
        })
        .sum()
}

fn sound(periods: &[Period<'_>], prices: Prices) -> Result<(), Unsound> {
    if periods.is_empty() {
        return Err(Unsound::Empty { what: "the list of periods" });
    }
    prices.costs.ratio()?;
    not_negative("the terminal holding cost", prices.terminal.holding)?;
    not_negative("the terminal shortage cost", prices.terminal.shortage)?;
    not_negative("the fixed cost", prices.fixed)?;
    not_negative("the price", prices.price)?;
    if prices.discount != 1.0 {
        share("the discount", prices.discount)?;
    }
    Ok(())
}
