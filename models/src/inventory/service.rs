//! What service a policy gives, and the smallest level that keeps a promise.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | D_L, D_R | `lead`, `review`: demand over the lead time, between two reviews; independent | units |
//! | pi_y | [`positions`]: the position after a review's order | units |
//! | type 1 | [`Service::cycle`] = sum of pi_y P(D_L + D_R <= y) | share of reviews without shortage |
//! | type 2 | [`Service::fill`] = 1 - sum of pi_y (n_(L+R)(y) - n_L(y))/E[D_R] | share of units served at once |
//!
//! What is short at the end of a review's protection less what was short at its start is what that review could not
//! serve at once, shortages waiting [silver2017; snyder2019]. The position is S under base stock, S - j with
//! probability m(j)/M(S - s) under (s, S), and uniform on R + 1..=R + Q under (R, Q) with reviews. One order for one
//! window is base stock with a lead time of [`Pmf::always`] 0 and the window as review. Raising a policy by a unit
//! raises both services, so the smallest is found by halving.

use super::fixed_lots::last;
use super::order_up_to::{Renewal, gap};
use super::pmf::LARGEST;
use super::{Demand, Pmf, Unsound, share};

/// A policy, in whole units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Order up to S every review.
    BaseStock {
        /// S.
        level: i64,
    },
    /// When the position is at most s, order up to S.
    OrderUpTo {
        /// s.
        reorder: i64,
        /// S, above s.
        level: i64,
    },
    /// When the position is at most R, order as many lots of Q as bring it above R.
    Lots {
        /// R.
        reorder: i64,
        /// Q, at least 1.
        lot: i64,
    },
}

impl Policy {
    /// The same policy, every position of it higher by so many units.
    #[must_use]
    pub fn raised(self, by: i64) -> Self {
        match self {
            Self::BaseStock { level } => Self::BaseStock { level: level.saturating_add(by) },
            Self::OrderUpTo { reorder, level } => {
                Self::OrderUpTo { reorder: reorder.saturating_add(by), level: level.saturating_add(by) }
            }
            Self::Lots { reorder, lot } => Self::Lots { reorder: reorder.saturating_add(by), lot },
        }
    }
}

/// The service of a policy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Service {
    /// Type 1: share of reviews that end without shortage.
    pub cycle: f64,
    /// Type 2, the fill rate: share of units served at once.
    pub fill: f64,
}

/// What is promised, above 0 and below 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Promise {
    /// Type 1.
    Cycle(f64),
    /// Type 2.
    Fill(f64),
}

/// Positions after a review's order, in falling order, and their probabilities.
///
/// # Errors
/// s not below S, a lot below 1, levels or gaps beyond what can be counted, or demand that is always 0.
pub fn positions(policy: Policy, review: &Pmf) -> Result<Vec<(i64, f64)>, Unsound> {
    let mut renewal = Renewal::new(review)?;
    let (Policy::BaseStock { level: point }
    | Policy::OrderUpTo { reorder: point, .. }
    | Policy::Lots { reorder: point, .. }) = policy;
    if point.unsigned_abs() > LARGEST.unsigned_abs() {
        return Err(Unsound::Together("a level is larger than an f64 counts exactly"));
    }
    match policy {
        Policy::BaseStock { level } => Ok(vec![(level, 1.0)]),
        Policy::OrderUpTo { reorder, level } => {
            let visits = renewal.visits(gap(reorder, level)?);
            let sum: f64 = visits.iter().sum();
            Ok((reorder + 1..=level).rev().zip(visits).map(|(y, visits)| (y, visits / sum)).collect())
        }
        Policy::Lots { reorder, lot } => {
            let top = last(reorder, lot)?;
            Ok((reorder + 1..=top).rev().map(|y| (y, 1.0 / lot as f64)).collect())
        }
    }
}

/// The service of a policy.
///
/// # Errors
/// What [`positions`] refuses, or a sum of demands too long for a table.
pub fn service(policy: Policy, lead: &Pmf, review: &Pmf) -> Result<Service, Unsound> {
    let positions = positions(policy, review)?;
    Ok(given(&positions, 0, lead, review, &lead.plus(review)?))
}

/// The policy raised, or lowered, to the smallest that keeps a promise; s and S, or R and R + Q, keep their distance.
///
/// # Errors
/// A promise that is not within 0 and 1, and what [`service`] refuses.
pub fn smallest(shape: Policy, promise: Promise, lead: &Pmf, review: &Pmf) -> Result<Policy, Unsound> {
    let (Promise::Cycle(promised) | Promise::Fill(promised)) = promise;
    share("the promised service", promised)?;
    let positions = positions(shape, review)?;
    let protection = lead.plus(review)?;
    let kept = |by: i64| {
        let service = given(&positions, by, lead, review, &protection);
        promised
            <= match promise {
                Promise::Cycle(_) => service.cycle,
                Promise::Fill(_) => service.fill,
            }
    };
    let (Some(&(top, _)), Some(&(bottom, _))) = (positions.first(), positions.last()) else {
        return Err(Unsound::Empty { what: "the list of positions" });
    };
    // With every position below 0 nothing is served at once; with every one at the most demand all is. Sums of
    // probabilities may miss 1 by their rounding, so the end that keeps the promise is not asked.
    let (mut low, mut high) = (-1 - top, protection.high() - bottom);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if kept(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Ok(shape.raised(high))
}

fn given(positions: &[(i64, f64)], by: i64, lead: &Pmf, review: &Pmf, protection: &Pmf) -> Service {
    let (mut failed, mut short) = (0.0, 0.0);
    for &(y, weight) in positions {
        let y = y.saturating_add(by);
        failed += weight * protection.above(y);
        short += weight * (protection.short(y) - lead.short(y));
    }
    Service { cycle: 1.0 - failed, fill: 1.0 - short / review.mean() }
}
