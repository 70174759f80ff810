//! (R, Q): whenever the position falls to R, order a lot of Q.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | lambda | `rate` | units per time |
//! | D | `lead`: demand over the lead time, a [`Pmf`] or a [`Normal`] | units |
//! | G(y) | [`Costs`] over D | money per time |
//! | K | `fixed` | money per order |
//!
//! The position is uniform on (R, R + Q], so with shortages waiting C(R, Q) = (K lambda + the sum, or the integral, of
//! G over it)/Q. In whole units the best lot takes the smallest values of G one by one for as long as the next lies
//! below the cost so far [federgruen1992]. For normal demand the best cost c solves
//! K lambda = integral of (c - G)^+ and (R, R + Q] is where G <= c [zheng1992]; the integral of n is
//! [`Normal::second_shortage`]. [`textbook`] iterates the classical approximation instead, with p per unit short:
//! cost h (R - E[D] + Q/2) + K lambda/Q + p lambda n(R)/Q [hadley1963; snyder2019, 5.3].

use super::{Costs, Demand, LONGEST, Normal, Pmf, Unsound, narrow, positive};

/// A policy in whole units and its cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lots {
    /// R, units.
    pub reorder: i64,
    /// Q, units.
    pub lot: i64,
    /// Money per time.
    pub cost: f64,
}

/// A policy in any quantity and its cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AnyLots {
    /// R, units.
    pub reorder: f64,
    /// Q, units.
    pub lot: f64,
    /// Money per time.
    pub cost: f64,
}

/// The cost of any R and Q in whole units; demand comes one unit at a time, as Poisson demand does.
///
/// # Errors
/// Parameters that are not above 0, or a lot beyond [`LONGEST`].
pub fn cost(costs: Costs, fixed: f64, rate: f64, lead: &Pmf, reorder: i64, lot: i64) -> Result<f64, Unsound> {
    costs.ratio()?;
    let orders = orders(fixed, rate)?;
    let end = last(reorder, lot)?;
    let spent: f64 = (reorder + 1..=end).map(|y| costs.at(lead, y as f64)).sum();
    Ok((orders + spent) / lot as f64)
}

/// The R and Q of least cost, in whole units.
///
/// # Errors
/// Parameters that are not above 0, or a best lot beyond [`LONGEST`].
pub fn cheapest(costs: Costs, fixed: f64, rate: f64, lead: &Pmf) -> Result<Lots, Unsound> {
    let least = lead.smallest(costs.ratio()?);
    let at = |y: i64| costs.at(lead, y as f64);
    let (mut spent, mut reorder, mut lot) = (orders(fixed, rate)? + at(least), least - 1, 1_i64);
    loop {
        let (down, up) = (at(reorder), at(reorder + lot + 1));
        if down.min(up) >= spent / lot as f64 {
            return Ok(Lots { reorder, lot, cost: spent / lot as f64 });
        }
        last(reorder, lot)?;
        if down <= up {
            reorder -= 1;
        }
        spent += down.min(up);
        lot += 1;
    }
}

/// The cost of any R and Q under normal demand.
///
/// # Errors
/// Parameters that are not above 0, or a reorder point that is not finite.
pub fn normal_cost(costs: Costs, fixed: f64, rate: f64, lead: Normal, reorder: f64, lot: f64) -> Result<f64, Unsound> {
    costs.ratio()?;
    let (orders, lot) = (orders(fixed, rate)?, positive("the lot", lot)?);
    let reorder = super::finite("the reorder point", reorder)?;
    Ok((orders + area(costs, lead, reorder, reorder + lot)) / lot)
}

/// The R and Q of least cost under normal demand.
///
/// # Errors
/// Parameters that are not above 0.
pub fn normal_cheapest(costs: Costs, fixed: f64, rate: f64, lead: Normal) -> Result<AnyLots, Unsound> {
    let least = lead.quantile(costs.ratio()?);
    let orders = orders(fixed, rate)?;
    let floor = costs.at(&lead, least);
    // Where G = c, on either side of its minimum: G is convex.
    let ends = |c: f64| {
        let down = bisect(|step| costs.at(&lead, least - step) > c, lead.sd());
        let up = bisect(|step| costs.at(&lead, least + step) > c, lead.sd());
        (least - down, least + up)
    };
    let excess = bisect(
        |excess| {
            let (low, high) = ends(floor + excess);
            (floor + excess) * (high - low) - area(costs, lead, low, high) > orders
        },
        floor,
    );
    let (low, high) = ends(floor + excess);
    let lot = high - low;
    Ok(AnyLots { reorder: low, lot, cost: (orders + area(costs, lead, low, high)) / lot })
}

/// The classical approximation: `shortage` is per unit short, whatever the time it waits.
///
/// # Errors
/// Parameters that are not above 0; holding so dear against shortages that no reorder point exists.
pub fn textbook(costs: Costs, fixed: f64, rate: f64, lead: Normal) -> Result<AnyLots, Unsound> {
    costs.ratio()?;
    let orders = orders(fixed, rate)?;
    let (h, p) = (costs.holding, costs.shortage * rate);
    let point = |lot: f64| {
        let covered = 1.0 - lot * h / p;
        if covered > 0.0 {
            Ok(lead.quantile(covered))
        } else {
            Err(Unsound::Together("holding a lot costs more than being short of one"))
        }
    };
    let mut lot = (2.0 * orders / h).sqrt();
    // The map contracts, by a factor well below 1 wherever shortages are dear; the last step is at rounding.
    for _ in 0..ROUNDS {
        let next = (2.0 * (orders + p * lead.shortage(point(lot)?)) / h).sqrt();
        let settled = (next - lot).abs() <= 1e-15 * next;
        lot = next;
        if settled {
            break;
        }
    }
    let reorder = point(lot)?;
    let cost = h * (reorder - lead.mean() + 0.5 * lot) + (orders + p * lead.shortage(reorder)) / lot;
    Ok(AnyLots { reorder, lot, cost })
}

/// Steps of an iteration that halves an interval or contracts: enough for every bit of an f64.
const ROUNDS: usize = 200;

/// R + Q.
pub(super) fn last(reorder: i64, lot: i64) -> Result<i64, Unsound> {
    match (reorder.checked_add(lot), usize::try_from(lot)) {
        (Some(end), Ok(units @ 1..)) => narrow("the lot, in units,", units, LONGEST).map(|_| end),
        _ => Err(Unsound::Together("the lot is not at least 1, or beyond what can be counted")),
    }
}

/// K lambda.
fn orders(fixed: f64, rate: f64) -> Result<f64, Unsound> {
    Ok(positive("the fixed cost", fixed)? * positive("demand", rate)?)
}

/// The integral of G from `low` to `high`.
fn area(costs: Costs, lead: Normal, low: f64, high: f64) -> f64 {
    let line = costs.holding * (high - low) * (0.5 * (high + low) - lead.mean());
    line + (costs.holding + costs.shortage) * (lead.second_shortage(low) - lead.second_shortage(high))
}

/// The smallest x >= 0 at which `beyond` turns true, by doubling from `step` and halving.
fn bisect(beyond: impl Fn(f64) -> bool, step: f64) -> f64 {
    let (mut low, mut high) = (0.0, step);
    for _ in 0..ROUNDS {
        if beyond(high) {
            break;
        }
        (low, high) = (high, 2.0 * high);
    }
    for _ in 0..ROUNDS {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if beyond(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}
