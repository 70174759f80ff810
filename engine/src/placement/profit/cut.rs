//! Linear functions that no plan's value exceeds, group of zones by group of zones.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | S_1 | `Fate::Open` | sites already decided to be open |
//! | L | `Fate::Live` | sites still to be decided |
//! | theta_g | | what the zones of group g earn, base-currency major units |
//! | alpha, beta_j | `Cut::constant`, `Cut::terms` | theta_g <= alpha + sum over L of beta_j y_j |
//!
//! A cut made under (S_1, L) holds for every plan S with S_1 in S in S_1 + L; so it may be handed down a
//! branch, where S_1 grows and L shrinks, and never sideways. The same goes for what [`super::regions`] force.

use std::sync::Arc;

use super::evencut::Recipe;

/// What is decided about a site in a part of the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Nothing.
    Live,
    /// It opens.
    Open,
    /// It stays closed.
    Closed,
}

/// theta_group <= constant + sum of terms.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cut {
    /// The group of zones.
    pub(super) group: u32,
    /// alpha.
    pub(super) constant: f64,
    /// (site, beta), ascending by site.
    pub(super) terms: Vec<(u32, f64)>,
    /// Which of a relaxation's points it was made at.
    pub(super) at: u32,
    /// What it was made of, where other sites can be priced by it.
    pub(super) recipe: Option<Recipe>,
}

impl Cut {
    /// The right-hand side at `y`, where `y` is 1 for open and 0 for closed sites.
    pub(super) fn at(&self, y: &[f64]) -> f64 {
        self.constant + self.terms.iter().map(|&(site, beta)| beta * y[site as usize]).sum::<f64>()
    }
}

/// Sums the cuts of single zones into one cut per group; groups come one after the other.
#[derive(Debug)]
pub(super) struct Gather {
    beta: Vec<f64>,
    touched: Vec<u32>,
    constant: f64,
    group: u32,
    cuts: Vec<Arc<Cut>>,
}

impl Gather {
    /// For so many sites.
    pub(super) fn new(sites: usize) -> Self {
        Self { beta: vec![0.0; sites], touched: Vec::new(), constant: 0.0, group: u32::MAX, cuts: Vec::new() }
    }

    /// What follows belongs to `group`.
    pub(super) fn enter(&mut self, group: u32) {
        if group != self.group {
            self.leave();
            self.group = group;
        }
    }

    /// Adds to alpha.
    pub(super) fn constant(&mut self, constant: f64) {
        self.constant += constant;
    }

    /// Adds to beta of `site`.
    pub(super) fn term(&mut self, site: u32, beta: f64) {
        let slot = &mut self.beta[site as usize];
        if *slot == 0.0 {
            self.touched.push(site);
        }
        *slot += beta;
    }

    fn leave(&mut self) {
        if self.group == u32::MAX {
            return;
        }
        self.touched.sort_unstable();
        self.touched.dedup();
        let terms = self.touched.iter().map(|&site| (site, std::mem::take(&mut self.beta[site as usize])));
        let terms = terms.filter(|term| term.1 != 0.0).collect();
        self.cuts.push(Arc::new(Cut { group: self.group, constant: self.constant, terms, at: 0, recipe: None }));
        self.touched.clear();
        self.constant = 0.0;
    }

    /// The cuts, one per group entered.
    pub(super) fn finish(mut self) -> Vec<Arc<Cut>> {
        self.leave();
        self.cuts
    }
}
