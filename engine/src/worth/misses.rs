//! The nearest misses: which unchosen store costs least in the place of a chosen one.

use domain::problem::{Rules, Site};
use ndarray::Array2;

use super::legal::Legal;

/// Misses that a plan lists at most.
pub const LISTED: usize = 10;

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

/// The cheapest swap that the rules allow of each unchosen site, cheapest first; at most [`LISTED`].
#[must_use]
pub fn misses(rules: &Rules, open: &[Site], losses: &Array2<f64>) -> Vec<Swap> {
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
        if found.len() == LISTED {
            break;
        }
        let known = found.iter().any(|miss| miss.enters == swap.enters);
        if !known && legal.allows(swap.enters, Some(swap.leaves)) {
            found.push(swap);
        }
    }
    found
}
