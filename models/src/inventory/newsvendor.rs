//! One order for one window of demand; base stock, which is the same over lead time and review.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | h, p | [`Costs`]: a unit left over, a unit short | money per unit |
//! | r, c, v | [`Margin`]: price, cost, salvage; h = c - v, p = r - c | money per unit |
//! | S | [`Choice::level`] | units |
//!
//! S is the smallest y with F(y) >= p/(p + h) [arrow1951], the cost G(S) = h E[(S - D)^+] + p E[(D - S)^+], and the
//! profit (r - c) E[D] - G(S) [snyder2019]. With a lead time of L periods and a review each period, shortages
//! waiting, S covers D over L + 1 periods.

use super::{Demand, Unsound, positive, share};

/// What a wrong level costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Costs {
    /// Of a unit left over.
    pub holding: f64,
    /// Of a unit short.
    pub shortage: f64,
}

impl Costs {
    /// p/(p + h).
    ///
    /// # Errors
    /// A cost that is not finite and above 0, or costs so far apart that the ratio rounds to 0 or 1.
    pub fn ratio(&self) -> Result<f64, Unsound> {
        let (holding, shortage) =
            (positive("the holding cost", self.holding)?, positive("the shortage cost", self.shortage)?);
        share("the critical ratio p/(p + h)", shortage / (holding + shortage))
    }

    /// G(y), for costs that [`Costs::ratio`] finds sound.
    pub(super) fn at(&self, demand: &(impl Demand + ?Sized), y: f64) -> f64 {
        self.holding * demand.surplus(y) + self.shortage * demand.shortage(y)
    }
}

/// What a unit earns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Margin {
    /// Price of a unit sold.
    pub price: f64,
    /// What it costs to buy.
    pub cost: f64,
    /// What it fetches when left over.
    pub salvage: f64,
}

impl Margin {
    /// The same as costs of a wrong level.
    ///
    /// # Errors
    /// Unless salvage < cost < price.
    pub fn costs(&self) -> Result<Costs, Unsound> {
        let costs = Costs {
            holding: positive("cost less salvage", self.cost - self.salvage)?,
            shortage: positive("price less cost", self.price - self.cost)?,
        };
        Ok(costs)
    }
}

/// A level and what it is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    /// S, units.
    pub level: f64,
    /// Expected cost, or profit where a function says so; money per window.
    pub value: f64,
}

/// Expected cost of a level.
///
/// # Errors
/// Costs that are not above 0, a level that is not finite.
pub fn cost(demand: &(impl Demand + ?Sized), costs: Costs, level: f64) -> Result<f64, Unsound> {
    costs.ratio()?;
    Ok(costs.at(demand, super::finite("the level", level)?))
}

/// The level of least expected cost.
///
/// # Errors
/// Costs that are not above 0.
pub fn cheapest(demand: &(impl Demand + ?Sized), costs: Costs) -> Result<Choice, Unsound> {
    let level = demand.quantile(costs.ratio()?);
    Ok(Choice { level, value: costs.at(demand, level) })
}

/// Expected profit of a level.
///
/// # Errors
/// Unless salvage < cost < price, or a level that is not finite.
pub fn profit(demand: &(impl Demand + ?Sized), margin: Margin, level: f64) -> Result<f64, Unsound> {
    Ok((margin.price - margin.cost) * demand.mean() - cost(demand, margin.costs()?, level)?)
}

/// The level of most expected profit; its value is that profit.
///
/// # Errors
/// Unless salvage < cost < price.
pub fn most_profit(demand: &(impl Demand + ?Sized), margin: Margin) -> Result<Choice, Unsound> {
    let best = cheapest(demand, margin.costs()?)?;
    Ok(Choice { level: best.level, value: (margin.price - margin.cost) * demand.mean() - best.value })
}
