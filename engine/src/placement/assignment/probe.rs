//! The search taken apart for the benches: what separation costs, what the master, the local search and a node cost.

use domain::problem::{Assignment, Rules};
use domain::stop::{Silent, Stop};

use super::matrix::Zones;
use super::search::{Search, Sizes};
use super::{PlacementError, by_volume, core, cuts, groups, root};

/// Runs `with(separation, master)`: the first separates at the local search's plan and gives the number of cuts,
/// the second builds and solves the master that holds them and gives its number of groups.
///
/// # Errors
/// As [`super::solve`].
pub fn first_round(
    rules: &Rules,
    problem: &Assignment,
    with: impl FnOnce(&mut dyn FnMut() -> usize, &mut dyn FnMut() -> Result<usize, PlacementError>),
) -> Result<(), PlacementError> {
    let zones = Zones::of(problem, rules)?;
    let stop = Stop::default();
    let mut search = Search::new(rules, problem, &zones, 0.0, &stop, &Silent, Sizes::default());
    core::begin(&mut search, None, None)?;
    let order = groups::order(&search.matrix, search.zones);
    let mut plan = vec![0.0; search.matrix.width()];
    search.incumbent().into_iter().for_each(|column| plan[column as usize] = 1.0);
    let starts = root::master(&search, &order, Vec::new(), Vec::new())?.starts().to_vec();
    let theta = vec![-1.0; starts.len() - 1];
    let point = root::point(&plan, &plan);
    let separate = || -> Vec<cuts::Cut> {
        let found = cuts::separate(&search.matrix, search.zones, &order, &starts, &theta, &point);
        found.into_iter().flatten().collect()
    };
    let found = separate();
    let mut round = || -> Result<usize, PlacementError> {
        let mut master = root::master(&search, &order, found.clone(), Vec::new())?;
        master.solve()?;
        Ok(master.groups())
    };
    with(&mut || separate().len(), &mut round);
    Ok(())
}

/// A first plan by greedy addition and interchange alone; how many sites it opens.
///
/// # Errors
/// As [`super::solve`].
pub fn local_search(rules: &Rules, problem: &Assignment) -> Result<usize, PlacementError> {
    let zones = Zones::of(problem, rules)?;
    let stop = Stop::default();
    let search = Search::new(rules, problem, &zones, 0.0, &stop, &Silent, Sizes::default());
    Ok(search.first().len())
}

/// Runs `with(node)`, which takes a node's steps by volume from the root's prices and gives their number; zero
/// where the root leaves nothing to a tree.
///
/// # Errors
/// As [`super::solve`].
pub fn node(
    rules: &Rules,
    problem: &Assignment,
    with: impl FnOnce(&mut dyn FnMut() -> u32),
) -> Result<(), PlacementError> {
    let zones = Zones::of(problem, rules)?;
    let stop = Stop::default();
    let mut search = Search::new(rules, problem, &zones, 0.0, &stop, &Silent, Sizes::default());
    let root = root::run(&mut search, None)?;
    with(&mut || by_volume::steps(&search, &root.held));
    Ok(())
}
