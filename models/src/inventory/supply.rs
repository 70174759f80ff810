//! A newsvendor whose supplier fails, or delivers something else than was ordered; demand is known.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | d | `demand`, per period | units |
//! | alpha, beta | [`Disruption`]: the supplier fails, recovers, from one period to the next | probability |
//! | Y | `surplus`: what arrives beyond what was ordered | units |
//! | h, p | [`Costs`] | money per unit and period |
//!
//! Disruptions: the supplier has been down for n periods with probability pi_0 = beta/(alpha + beta),
//! pi_n = alpha beta/(alpha + beta) (1 - beta)^(n-1), and what is left at the end of such a period is S - (n + 1) d. So
//! S = (n + 1) d, n the smallest whose pi_0 + … + pi_n >= p/(p + h) [tomlin2006; snyder2019, 9.2].
//! Additive yield: S + Y arrives, so -Y takes the part of demand around d: S = d - F_Y^-1(h/(h + p))
//! [snyder2019, 9.3].

use super::newsvendor::Choice;
use super::{Costs, Demand, Unsound, positive, share};

/// A supplier that fails and recovers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Disruption {
    /// alpha: a working supplier fails, per period.
    pub fails: f64,
    /// beta: a failed supplier recovers, per period.
    pub recovers: f64,
}

/// Base stock under disruptions; the value is its expected cost per period.
///
/// # Errors
/// Costs or a demand that are not above 0, probabilities that are not within 0 and 1.
pub fn disrupted(demand: f64, costs: Costs, supplier: Disruption) -> Result<Choice, Unsound> {
    let demand = positive("demand", demand)?;
    let ratio = costs.ratio()?;
    let (alpha, beta) =
        (share("the chance of failing", supplier.fails)?, share("the chance of recovering", supplier.recovers)?);
    let down = alpha / (alpha + beta);
    // P(down for more than n periods) = down (1 - beta)^n, brought to h/(h + p). On a tie either level is a best one.
    let keep = (-beta).ln_1p();
    let periods = (((1.0 - ratio) / down).ln() / keep).ceil().max(0.0);
    let beyond = down * (periods * keep).exp();
    // E[(N - n)^+] = down keep^n/beta, and E[N] is the same at n = 0.
    let (short, mean) = (beyond / beta, down / beta);
    let left = periods - mean + short;
    Ok(Choice { level: (periods + 1.0) * demand, value: demand * (costs.holding * left + costs.shortage * short) })
}

/// The order when its `surplus` over what was ordered is random; the value is its expected cost.
///
/// # Errors
/// Costs or a demand that are not above 0.
pub fn additive_yield(demand: f64, costs: Costs, surplus: &(impl Demand + ?Sized)) -> Result<Choice, Unsound> {
    let demand = positive("demand", demand)?;
    let at = surplus.quantile(1.0 - costs.ratio()?);
    // What is left is Y - at, what is short at - Y.
    let value = costs.holding * surplus.shortage(at) + costs.shortage * surplus.surplus(at);
    Ok(Choice { level: demand - at, value })
}
