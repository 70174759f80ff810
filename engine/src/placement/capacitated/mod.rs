//! Capacitated facility location, whose customers may be served from several sites.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | s_j | `Capacitated::capacity` | whole units |
//! | d_i, D | `Capacitated::demand`, its sum | whole units |
//! | f_j | `Capacitated::open_cost` | money |
//! | c_ij | `Capacitated::serve_cost` | money for all of d_i |
//! | y_j, x_ij | open sites, shares of demand | |
//!
//! minimise sum_j f_j y_j + sum_ij c_ij x_ij, sum_j x_ij = 1, sum_i d_i x_ij <= s_j y_j, sum_j s_j y_j >= D,
//! sum_j y_j = p if asked, and x_ij <= y_j: for strength, added where the linear relaxation violates it
//! [leung1989]; from the start where d_i = 0.
//!
//! HiGHS solves it, over the strong rows that the root asked for. A plan's cost is computed here, for whole flows
//! that keep every capacity ([`flows`]); so is the root's bound, the Lagrangian bound of the LP's duals rounded
//! outward ([`relax`]). The bound of the tree is the solver's own, and is dropped where it contradicts a plan.
//! Since demand may be split, an open set serves all of it if and only if its capacity suffices: whether there
//! is a plan is a sum.

mod flows;
mod relax;
mod search;

#[cfg(test)]
mod tests;

use domain::stop::{Progress, Stop};

use super::{Placed, PlacementError};

/// A capacitated problem.
#[derive(Debug, Clone, PartialEq)]
pub struct Capacitated {
    /// s, by site.
    pub capacity: Vec<u64>,
    /// d, by customer.
    pub demand: Vec<u64>,
    /// f, by site; finite and not negative.
    pub open_cost: Vec<f64>,
    /// c, `customer * sites + site`; finite and not negative.
    pub serve_cost: Vec<f64>,
}

impl Capacitated {
    /// How many sites there are.
    #[must_use]
    pub fn sites(&self) -> usize {
        self.capacity.len()
    }

    /// How many customers there are.
    #[must_use]
    pub fn customers(&self) -> usize {
        self.demand.len()
    }

    /// D.
    fn total(&self) -> u64 {
        self.demand.iter().sum()
    }
}

/// The cheapest open set of `p` sites, or of any number, with a bound.
///
/// Stops at a gap of `gap`, or when `stop` says so. `Placed::open` is none if no set has the capacity, or a
/// limit came before the first plan.
///
/// # Errors
/// A problem whose parts disagree in size or whose numbers are none, or a failed LP.
pub fn solve(
    problem: &Capacitated,
    p: Option<usize>,
    gap: f64,
    stop: &Stop,
    progress: &dyn Progress,
) -> Result<Placed, PlacementError> {
    let size = |what, found, expected| {
        if found == expected { Ok(()) } else { Err(PlacementError::Shape { what, found, expected }) }
    };
    size("open costs", problem.open_cost.len(), problem.sites())?;
    size("serving costs", problem.serve_cost.len(), problem.sites() * problem.customers())?;
    for (what, numbers) in [("open cost", &problem.open_cost), ("serving cost", &problem.serve_cost)] {
        let bad = numbers.iter().position(|number| !(number.is_finite() && *number >= 0.0));
        if let Some(at) = bad {
            return Err(PlacementError::BadNumber { what, at, value: numbers[at] });
        }
    }
    search::run(problem, p, gap, stop, progress)
}
