//! Inventory: how much to hold, when to order and how much, and what service a stock gives.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | D | [`Demand`]: continuous ([`Normal`], [`LogNormal`], [`Uniform`]) or in whole units ([`Pmf`]) | units |
//! | n(y) = E[(D - y)^+] | [`Demand::shortage`] | units |
//! | h, p | [`Costs`]: of a unit left over, of a unit short | money per unit, per period or per window |
//! | K | `fixed`: of an order | money |
//! | L | lead time: demand over it is a [`Pmf`] or a [`Normal`] of its own | |
//!
//! G(y) = h E[(y - D)^+] + p E[(D - y)^+] = h (y - E[D]) + (h + p) n(y) is what all of it is made of [snyder2019].
//!
//! - [`learned`]: demand of a window to come, from a history of weeks and the other stores of the chain.
//! - [`newsvendor`]: one order for one window, by cost or by profit; base stock with a lead time.
//! - [`supply`]: the same when the supplier fails or delivers something else than was ordered.
//! - [`lot_size`]: how much to order when demand is a steady rate.
//! - [`lots_in_time`]: how much to order when demand is known and varies.
//! - [`order_up_to`]: (s, S), the best and the cost of any.
//! - [`packs`]: (s, S) where orders come in whole packs.
//! - [`fixed_lots`]: (R, Q), the best and the cost of any, for counts and for normal demand.
//! - [`horizon`]: the best policy over a finite number of periods.
//! - [`service`]: type 1 and type 2 service of a policy, and the smallest level that keeps a promise.
//! - [`depot`]: what pooling saves, with a depot that only allocates and with one that holds stock.
//! - [`budget`]: several products under one budget of units, shelf or money.

mod demand;
mod pmf;

pub mod budget;
pub mod depot;
pub mod fixed_lots;
pub mod horizon;
pub mod learned;
pub mod lot_size;
pub mod lots_in_time;
pub mod newsvendor;
pub mod order_up_to;
pub mod packs;
pub mod service;
pub mod supply;
#[cfg(test)]
mod tests;

pub use demand::{Demand, LogNormal, Normal, Uniform};
pub use newsvendor::Costs;
pub use pmf::{LONGEST, Pmf, TAIL};

use thiserror::Error;

/// A parameter, or several together, that make no sense.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Unsound {
    /// A number that has to be finite and above 0.
    #[error("{what} is {value}; it has to be finite and above 0")]
    NotPositive {
        /// Which.
        what: &'static str,
        /// What it is.
        value: f64,
    },
    /// A number that has to be finite and at least 0.
    #[error("{what} is {value}; it has to be finite and at least 0")]
    Negative {
        /// Which.
        what: &'static str,
        /// What it is.
        value: f64,
    },
    /// A number that has to be finite.
    #[error("{what} is {value}; it has to be finite")]
    NotFinite {
        /// Which.
        what: &'static str,
        /// What it is.
        value: f64,
    },
    /// A share.
    #[error("{what} is {value}; it has to lie above 0 and below 1")]
    NotShare {
        /// Which.
        what: &'static str,
        /// What it is.
        value: f64,
    },
    /// Nothing where at least one thing is needed.
    #[error("{what} is empty")]
    Empty {
        /// Which.
        what: &'static str,
    },
    /// More than the exact method can hold.
    #[error("{what} takes more than {most}")]
    TooWide {
        /// Which table, and of what.
        what: &'static str,
        /// The most that it may take.
        most: usize,
    },
    /// Parameters that are sound each, but not together.
    #[error("{0}")]
    Together(&'static str),
}

/// A size, when it is at most `most`.
fn narrow(what: &'static str, size: usize, most: usize) -> Result<usize, Unsound> {
    if size <= most { Ok(size) } else { Err(Unsound::TooWide { what, most }) }
}

/// `value`, when it is finite and above 0.
fn positive(what: &'static str, value: f64) -> Result<f64, Unsound> {
    if value.is_finite() && value > 0.0 { Ok(value) } else { Err(Unsound::NotPositive { what, value }) }
}

/// `value`, when it is finite and at least 0.
fn not_negative(what: &'static str, value: f64) -> Result<f64, Unsound> {
    if value.is_finite() && value >= 0.0 { Ok(value) } else { Err(Unsound::Negative { what, value }) }
}

/// `value`, when it is finite.
fn finite(what: &'static str, value: f64) -> Result<f64, Unsound> {
    if value.is_finite() { Ok(value) } else { Err(Unsound::NotFinite { what, value }) }
}

/// `value`, when it lies above 0 and below 1.
fn share(what: &'static str, value: f64) -> Result<f64, Unsound> {
    if value > 0.0 && value < 1.0 { Ok(value) } else { Err(Unsound::NotShare { what, value }) }
}
