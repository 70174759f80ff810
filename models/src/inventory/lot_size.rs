//! How much to order when demand is a steady rate.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | lambda | `rate` | units per time |
//! | K | `fixed` | money per order |
//! | h, p | `holding`, `shortage` | money per unit and time |
//! | mu | `production` | units per time, above lambda |
//! | i | `interest`: holding costs i c | share of the unit's cost, per time |
//! | Q | [`Lot::order`] | units |
//!
//! Q = sqrt(2 K lambda/h), cost sqrt(2 K lambda h) [harris1913]. Where demand may wait at p, h becomes h p/(h + p) and
//! the share h/(h + p) of it waits; where a lot is produced at rate mu, h becomes h (1 - lambda/mu). With a price for
//! all units of a lot from each break on, the best is the Q of a price, within its breaks, or a break
//! [snyder2019, chapter 3].

use super::{Unsound, not_negative, positive};

/// A lot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lot {
    /// Q, units.
    pub order: f64,
    /// Money per time: orders and holding, and what the units cost where they have a price.
    pub cost: f64,
}

/// The economic order quantity.
///
/// # Errors
/// A parameter that is not above 0.
pub fn economic(fixed: f64, holding: f64, rate: f64) -> Result<Lot, Unsound> {
    let (fixed, holding, rate) =
        (positive("the fixed cost", fixed)?, positive("the holding cost", holding)?, positive("demand", rate)?);
    Ok(Lot { order: (2.0 * fixed * rate / holding).sqrt(), cost: (2.0 * fixed * rate * holding).sqrt() })
}

/// The same where demand may wait; and the share of demand that does.
///
/// # Errors
/// A parameter that is not above 0.
pub fn waiting(fixed: f64, holding: f64, shortage: f64, rate: f64) -> Result<(Lot, f64), Unsound> {
    let (holding, shortage) = (positive("the holding cost", holding)?, positive("the shortage cost", shortage)?);
    let share = holding / (holding + shortage);
    Ok((economic(fixed, holding * (1.0 - share), rate)?, share))
}

/// The same where a lot is produced at a rate.
///
/// # Errors
/// A parameter that is not above 0, or a production that is not above demand.
pub fn produced(fixed: f64, holding: f64, rate: f64, production: f64) -> Result<Lot, Unsound> {
    let (rate, production) = (positive("demand", rate)?, positive("production", production)?);
    if production <= rate {
        return Err(Unsound::Together("production is not above demand"));
    }
    economic(fixed, positive("the holding cost", holding)? * (1.0 - rate / production), rate)
}

/// A price for all units of a lot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Break {
    /// Smallest lot that has it, units.
    pub from: f64,
    /// Money per unit.
    pub price: f64,
}

/// The best lot under such prices, and which of them it takes.
///
/// # Errors
/// A parameter that is not above 0, no price, a first one that starts above 0, or breaks that do not rise while
/// prices fall.
pub fn discounted(fixed: f64, interest: f64, rate: f64, breaks: &[Break]) -> Result<(Lot, usize), Unsound> {
    positive("the interest", interest)?;
    let Some(first) = breaks.first() else { return Err(Unsound::Empty { what: "the list of prices" }) };
    if first.from != 0.0 {
        return Err(Unsound::Together("the first price does not start at 0"));
    }
    for step in breaks {
        not_negative("a break", step.from)?;
        positive("a price", step.price)?;
    }
    if breaks.windows(2).any(|pair| pair[1].from <= pair[0].from || pair[1].price >= pair[0].price) {
        return Err(Unsound::Together("breaks do not rise while prices fall"));
    }
    let mut best: Option<(Lot, usize)> = None;
    for (at, step) in breaks.iter().enumerate() {
        let own = economic(fixed, interest * step.price, rate)?;
        let order = own.order.max(step.from);
        // Beyond the next break its lower price is better for the same lot.
        if breaks.get(at + 1).is_some_and(|next| order >= next.from) {
            continue;
        }
        let cost = step.price * rate + fixed * rate / order + 0.5 * interest * step.price * order;
        if best.is_none_or(|(lot, _)| cost < lot.cost) {
            best = Some((Lot { order, cost }, at));
        }
    }
    best.ok_or(Unsound::Empty { what: "the list of prices" })
}
