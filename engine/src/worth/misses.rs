//! The nearest misses: which unchosen store costs least in the place of a chosen one.

use domain::problem::{Rules, Site};
use ndarray::Array2;
use rayon::prelude::*;

use super::legal::Legal;
use crate::EngineError;
use crate::joint::Joint;

/// Misses that a plan lists at most.
pub const LISTED: usize = 10;
/// Swaps that are valued with their own stock.
const LOOKED_AT: usize = 24;

/// A store in the place of another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Swap {
    /// What the objective loses.
    pub loss: f64,
    /// The store that would come.
    pub enters: Site,
    /// The store that would go.
    pub leaves: Site,
}

/// The cheapest swap that the rules allow of each unchosen site, cheapest first; at most `most`.
#[must_use]
pub fn misses(rules: &Rules, open: &[Site], losses: &Array2<f64>, most: usize) -> Vec<Swap> {
    let mut all: Vec<Swap> = losses
        .indexed_iter()
        .map(|((site, at), &loss)| Swap {
            loss,
            enters: Site::try_from(site).expect("sites are 32 bits"),
            leaves: open[at],
        })
        .collect();
    all.sort_by(|a, b| a.loss.total_cmp(&b.loss).then((a.enters, a.leaves).cmp(&(b.enters, b.leaves))));
    let legal = Legal::new(rules, open);
    let mut found: Vec<Swap> = Vec::new();
    for swap in all {
        if found.len() == most {
            break;
        }
        let known = found.iter().any(|miss| miss.enters == swap.enters);
        if !known && legal.allows(swap.enters, Some(swap.leaves)) {
            found.push(swap);
        }
    }
    found
}

/// The nearest of the swaps that look nearest when every store has the stock that suits it: each with the best stock of
/// all stores together, and controls that are good enough; at most [`LISTED`].
///
/// # Errors
/// Where a program fails.
pub fn stocked(
    joint: &Joint<'_>,
    rules: &Rules,
    open: &[Site],
    losses: &Array2<f64>,
) -> Result<Vec<Swap>, EngineError> {
    let Some((value, _)) = joint.value(open)? else { return Ok(Vec::new()) };
    let valued = |swap: Swap| {
        let mut other: Vec<Site> = open.iter().copied().filter(|&site| site != swap.leaves).collect();
        other.push(swap.enters);
        other.sort_unstable();
        Ok(joint.value(&other)?.map(|(other, _)| Swap { loss: value - other, ..swap }))
    };
    let looked: Vec<Option<Swap>> =
        misses(rules, open, losses, LOOKED_AT).into_par_iter().map(valued).collect::<Result<_, EngineError>>()?;
    let mut found: Vec<Swap> = looked.into_iter().flatten().collect();
    found.sort_by(|a, b| a.loss.total_cmp(&b.loss).then((a.enters, a.leaves).cmp(&(b.enters, b.leaves))));
    found.truncate(LISTED);
    Ok(found)
}
