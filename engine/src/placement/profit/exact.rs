//! A problem whose plans are worth something else than a sum over zones, but never more.
//!
//! | symbol | name | unit |
//! |---|---|---|
//! | f(S) | the relaxed [`domain::problem::Profit`] | base-currency major units |
//! | g(S) <= f(S) | [`Worth::of`] | base-currency major units |
//!
//! Parts are bounded by f and plans are valued by g: the tree closes a part when f says that nothing in it
//! beats the best g, or when every plan in it has been valued.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use domain::problem::Site;

use super::arena::Cells;
use super::evaluate::Columns;
use super::field::{Field, Track, Valued};

/// What plans are really worth.
pub trait Worth: Sync {
    /// g of the open sites (ascending): never above the relaxation.
    fn of(&self, open: &[Site]) -> Valued;

    /// A bound on g of one plan that is quicker to come by.
    fn at_most(&self, open: &[Site]) -> f64;

    /// c: a function alpha + rho y above the relaxation is alpha + c rho y above the worth: in what part of all that a plan
    /// stands for each of its sites is open. 1 where a plan is just what it says.
    fn chance(&self) -> f64 {
        1.0
    }
}

/// A relaxation with the true value of every plan.
pub(super) struct Exact<'a> {
    columns: &'a Columns<'a>,
    worth: &'a dyn Worth,
    /// c.
    chance: f64,
    /// c u.
    alone: Vec<f64>,
    /// Every plan is valued once: that may cost a program of its own.
    known: Mutex<BTreeMap<Vec<Site>, Valued>>,
}

impl<'a> Exact<'a> {
    pub(super) fn new(columns: &'a Columns<'a>, worth: &'a dyn Worth) -> Self {
        let chance = worth.chance();
        let alone = columns.alone().iter().map(|alone| chance * alone).collect();
        Self { columns, worth, chance, alone, known: Mutex::default() }
    }
}

impl Field for Exact<'_> {
    fn alone(&self) -> &[f64] {
        &self.alone
    }

    fn own(&self, site: usize) -> f64 {
        self.chance * self.columns.own(site)
    }

    fn chance(&self) -> f64 {
        self.chance
    }

    fn value(&self, open: &[Site], above: f64) -> Valued {
        // No plan is worth more than its sites by themselves.
        let apart: f64 = open.iter().map(|&site| self.alone[site as usize]).sum();
        if apart <= above {
            return Valued { value: apart, bound: apart };
        }
        // Asked first, known or not: what is answered must not depend on which thread came first.
        let most = self.worth.at_most(open);
        if most <= above {
            return Valued { value: most, bound: most };
        }
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(&value) = known().get(open) {
            return value;
        }
        let value = self.worth.of(open);
        known().insert(open.to_vec(), value);
        value
    }

    fn tracker(&self) -> Box<dyn Track + '_> {
        Box::new(Part { of: self.columns.tracker(), chance: self.chance })
    }

    fn mark_neighbours(&self, site: usize, mark: &mut [u32], stamp: u32) {
        self.columns.mark_neighbours(site, mark, stamp);
    }

    fn cells(&self, sites: &[Site]) -> Cells {
        self.columns.cells(sites)
    }

    fn claimants(&self, sites: &[Site]) -> Vec<Site> {
        self.columns.claimants(sites)
    }

    fn left_out(&self, most: usize) -> f64 {
        self.columns.left_out(most)
    }
}

/// A part of what a set of sites earns.
struct Part<'a> {
    of: Box<dyn Track + 'a>,
    chance: f64,
}

impl Track for Part<'_> {
    fn value(&self) -> f64 {
        self.chance * self.of.value()
    }

    fn change(&self, site: usize) -> f64 {
        self.chance * self.of.change(site)
    }

    fn open(&mut self, site: usize) {
        self.of.open(site);
    }

    fn close(&mut self, site: usize) {
        self.of.close(site);
    }
}
