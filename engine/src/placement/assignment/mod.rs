//! Distance (p-median) and coverage: minimise sum_i w_i min(c_i0, min over open j of c_ij), to proof.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | w_i | `Assignment::weights` | people |
//! | c_ij, c_i0 | `Assignment::costs`, `Assignment::fallback` | cost units |
//! | y_j | open sites | |
//! | theta_g | what the zones of group g cost | weight x cost |
//! | v_i, lambda | [`prices`] | cost units x 2^-bits |
//!
//! An incumbent by greedy and interchange ([`swap`]); a master over y and one theta per group of zones
//! ([`master`], [`groups`]); cuts in closed form ([`cuts`]) [magnanti1981; fischetti2017;
//! duran-mateluna2023]; sites closed by their price each round; then branch and bound on what is left
//! ([`tree`]), which separates at its nodes too. The LP only proposes: each bound is a Lagrangian bound in
//! whole numbers from the prices that its duals stand for ([`prices`]), and these go into the [`Proof`].

mod branch;
mod by_lp;
mod by_volume;
mod check;
mod core;
mod cuts;
mod groups;
mod guard;
mod master;
mod matrix;
mod measured;
mod prices;
pub mod probe;
mod root;
mod search;
mod swap;
mod tree;
mod volume;
mod warm;

#[cfg(test)]
mod tests;

use domain::problem::{Assignment, Rules};
use domain::stop::{Progress, Stop};

use self::matrix::Zones;
use self::search::{Search, Sizes};
use super::{Placed, PlacementError};

pub use self::warm::Warm;

/// The cheapest open set that the rules allow, with the proof of a bound.
///
/// Stops at a gap of `gap` (0: proven), or when `stop` says so. `Placed::open` is none if no open set
/// obeys the rules, or leaves a zone unserved whose fallback is `u32::MAX`.
///
/// # Errors
/// A problem whose parts disagree in size, numbers too large to be summed exactly, or a failed LP.
pub fn solve(
    rules: &Rules,
    problem: &Assignment,
    gap: f64,
    stop: &Stop,
    progress: &dyn Progress,
) -> Result<Placed, PlacementError> {
    solve_by(Sizes::default(), rules, problem, None, gap, stop, progress)
}

/// The same, going on from an earlier answer to a problem over the same zones and sites: other rules, another
/// number of sites or other costs are answered in a fraction of the time, and proven all the same.
///
/// # Errors
/// As [`solve`].
pub fn solve_from(
    warm: &Warm,
    rules: &Rules,
    problem: &Assignment,
    gap: f64,
    stop: &Stop,
    progress: &dyn Progress,
) -> Result<Placed, PlacementError> {
    solve_by(Sizes::default(), rules, problem, Some(warm), gap, stop, progress)
}

fn solve_by(
    sizes: Sizes,
    rules: &Rules,
    problem: &Assignment,
    warm: Option<&Warm>,
    gap: f64,
    stop: &Stop,
    progress: &dyn Progress,
) -> Result<Placed, PlacementError> {
    check::shapes(rules, problem)?;
    let zones = Zones::of(problem, rules)?;
    let mut search = Search::new(rules, problem, &zones, gap, stop, progress, sizes);
    let root::Root { held, bound, left } = root::run(&mut search, warm)?;
    match left {
        None => {}
        Some(root::Left::Master { mut master, order, relaxed }) => {
            let mut relaxed = relaxed;
            let node = tree::Node::root(held, bound);
            tree::run(&mut search, node, 1, |search, nodes| {
                nodes
                    .iter()
                    .map(|node| by_lp::look(search, &mut master, &order, node.clone(), relaxed.take()))
                    .collect()
            })?;
        }
        Some(root::Left::Prices) => by_volume::tree(&mut search, held, bound)?,
    }
    Ok(search.finish())
}
