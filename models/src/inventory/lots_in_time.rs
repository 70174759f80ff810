//! How much to order in each period when demand is known and varies.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | d_t | [`Period::demand`] | units |
//! | K_t | [`Period::fixed`] | money per order |
//! | h_t | [`Period::holding`], of what is left at the end of t | money per unit |
//! | c_t | [`Period::price`] | money per unit |
//! | V_t | least cost of periods t.. with nothing in stock | money |
//!
//! V_t = min over u > t of K_t + sum over w in t..u of (c_t + h_t + … + h_(w-1)) d_w + V_u, without K_t where nothing is
//! asked for: some best plan orders only when the stock is empty, whole periods at a time [wagner1958].

use super::{Unsound, not_negative};

/// A period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Period {
    /// Units asked for.
    pub demand: f64,
    /// Of an order.
    pub fixed: f64,
    /// Of a unit left at the period's end.
    pub holding: f64,
    /// Of a unit bought.
    pub price: f64,
}

/// What to order.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Units, by period.
    pub orders: Vec<f64>,
    /// Money over all periods.
    pub cost: f64,
}

/// The plan of least cost; of several, the one that orders for fewer periods first.
///
/// # Errors
/// No period, or a number that is negative or not finite.
pub fn plan(periods: &[Period]) -> Result<Plan, Unsound> {
    if periods.is_empty() {
        return Err(Unsound::Empty { what: "the list of periods" });
    }
    for period in periods {
        not_negative("demand", period.demand)?;
        not_negative("the fixed cost", period.fixed)?;
        not_negative("the holding cost", period.holding)?;
        not_negative("the price", period.price)?;
    }
    let count = periods.len();
    let mut least = vec![f64::INFINITY; count + 1];
    least[count] = 0.0;
    let mut until = vec![count; count];
    for t in (0..count).rev() {
        let (mut units, mut spent, mut unit) = (0.0, 0.0, periods[t].price);
        for (u, period) in periods.iter().enumerate().skip(t) {
            units += period.demand;
            spent += unit * period.demand;
            unit += period.holding;
            let fixed = if units > 0.0 { periods[t].fixed } else { 0.0 };
            let cost = fixed + spent + least[u + 1];
            if cost < least[t] {
                (least[t], until[t]) = (cost, u + 1);
            }
        }
    }
    let mut orders = vec![0.0; count];
    let mut t = 0;
    while t < count {
        orders[t] = periods[t..until[t]].iter().map(|period| period.demand).sum();
        t = until[t];
    }
    Ok(Plan { orders, cost: least[0] })
}
