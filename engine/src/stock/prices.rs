//! What no allocation of packs under budgets exceeds, without a solver.
//!
//! | symbol | name | unit |
//! |---|---|---|
//! | lambda_b >= 0 | price of a budget | value per unit of the budget |
//! | L(lambda) = sum_b lambda_b W_b + sum_l max over n >= f_l of sum_{u <= n} (m_lu - sum_b lambda_b w_bl) | | value |
//!
//! L is a bound at any prices and convex in each; they are moved one after the other to where L turns, found by
//! halving the prices at which a pack changes its mind. Budgets that count no line in common (shelves) are then kept
//! whole: at the prices of the others, each is filled by dynamic programming over its room.

use super::allocate::{Ask, Budget};

/// Times that every price is moved: the second time round moves little.
const ROUNDS: usize = 4;
/// Halvings of a price's range.
const HALVINGS: usize = 40;

/// Room up to which a budget is filled unit by unit.
const ROOM_MAX: i64 = 4_096;

/// An upper bound on the value of any allocation. The first `apart` budgets count no line in common.
#[must_use]
pub fn bound(asks: &[Ask], budgets: &[Budget], apart: usize) -> f64 {
    let mut toll = vec![0.0; asks.len()];
    let mut prices = vec![0.0; budgets.len()];
    let steepest = asks.iter().flat_map(|ask| &ask.values).fold(0.0, |most: f64, &value| most.max(value));
    let mut best = value(asks, &toll);
    if budgets.iter().all(|budget| used(asks, &toll, budget) <= budget.max as f64) {
        return best;
    }
    for _ in 0..ROUNDS {
        for (budget, price) in budgets.iter().zip(&mut prices) {
            let Some(least) = budget.weights.iter().copied().filter(|&weight| weight > 0).min() else { continue };
            let without: Vec<f64> = with(&toll, budget, -*price);
            let over = |price: f64| used(asks, &with(&without, budget, price), budget) > budget.max as f64;
            let (mut low, mut high) = (0.0, steepest / least as f64);
            if !over(0.0) {
                high = 0.0;
            }
            for _ in 0..HALVINGS {
                let middle = 0.5 * (low + high);
                if over(middle) {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            *price = high;
            toll = with(&without, budget, high);
        }
        let paid: f64 = budgets.iter().zip(&prices).map(|(budget, price)| price * budget.max as f64).sum();
        best = best.min(paid + value(asks, &toll));
    }
    best.min(filled(asks, budgets, apart, &prices))
}

/// L with the first `apart` budgets kept whole and the others at their prices.
fn filled(asks: &[Ask], budgets: &[Budget], apart: usize, prices: &[f64]) -> f64 {
    let (alone, shared) = budgets.split_at(apart);
    let mut toll = vec![0.0; asks.len()];
    let mut sum = 0.0;
    for (budget, price) in shared.iter().zip(&prices[apart..]) {
        toll = with(&toll, budget, *price);
        sum += price * budget.max as f64;
    }
    let mut counted = vec![false; asks.len()];
    for (budget, price) in alone.iter().zip(prices) {
        let lines: Vec<usize> = (0..asks.len()).filter(|&at| budget.weights[at] > 0).collect();
        lines.iter().for_each(|&at| counted[at] = true);
        let Some(room) = usize::try_from(budget.max).ok().filter(|_| budget.max <= ROOM_MAX && *price > 0.0) else {
            let each = |&at: &usize| value(&asks[at..=at], &[toll[at] + price * budget.weights[at] as f64]);
            sum += price * budget.max as f64 + lines.iter().map(each).sum::<f64>();
            continue;
        };
        // By room used at most.
        let mut best = vec![0.0; room + 1];
        for &at in &lines {
            let weight = usize::try_from(budget.weights[at]).unwrap_or(usize::MAX);
            let mut next = vec![f64::NEG_INFINITY; room + 1];
            let mut gained = 0.0;
            for packs in 0..=asks[at].values.len() {
                let Some(taken) = weight.checked_mul(packs).filter(|&taken| taken <= room) else { break };
                if packs >= asks[at].floor as usize {
                    (taken..=room).for_each(|at| next[at] = f64::max(next[at], best[at - taken] + gained));
                }
                gained += asks[at].values.get(packs).map_or(0.0, |value| value - toll[at]);
            }
            best = next;
        }
        sum += best[room];
    }
    let rest = (0..asks.len()).filter(|&at| !counted[at]);
    sum + rest.map(|at| value(&asks[at..=at], &toll[at..=at])).sum::<f64>()
}

/// Tolls with a budget at a price.
fn with(toll: &[f64], budget: &Budget, price: f64) -> Vec<f64> {
    toll.iter().zip(&budget.weights).map(|(toll, &weight)| toll + price * weight as f64).collect()
}

/// What packs are worth beyond their tolls.
fn value(asks: &[Ask], toll: &[f64]) -> f64 {
    let line = |(ask, toll): (&Ask, &f64)| {
        let (floor, rest) = ask.values.split_at(ask.floor as usize);
        floor.iter().map(|value| value - toll).sum::<f64>()
            + rest.iter().map(|value| (value - toll).max(0.0)).sum::<f64>()
    };
    asks.iter().zip(toll).map(line).sum()
}

/// What of a budget the packs use that are worth their tolls.
fn used(asks: &[Ask], toll: &[f64], budget: &Budget) -> f64 {
    let packs = |ask: &Ask, toll: f64| {
        let more = ask.values[ask.floor as usize..].iter().take_while(|value| **value > toll).count();
        f64::from(ask.floor) + more as f64
    };
    let line = |((ask, &toll), &weight): ((&Ask, &f64), &i64)| {
        if weight == 0 { 0.0 } else { packs(ask, toll) * weight as f64 }
    };
    asks.iter().zip(toll).zip(&budget.weights).map(line).sum()
}
