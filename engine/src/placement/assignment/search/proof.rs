//! The pieces of the proof: prices, what they close, and the leaves of the tree.

use std::sync::{Arc, OnceLock};

use super::{Search, Whole};
use crate::placement::assignment::prices::{Priced, Prices, State};
use crate::placement::{Placed, ProofFixing, ProofPrices};

/// Prices and what they say of the columns.
#[derive(Debug)]
pub(in crate::placement::assignment) struct Held {
    pub(super) stored: Arc<Stored>,
    pub(in crate::placement::assignment) priced: Priced,
}

impl Held {
    /// The prices.
    pub(in crate::placement::assignment) fn prices(&self) -> &Prices {
        &self.stored.prices
    }
}

/// Prices, and where in the proof they stand, if they do.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) prices: Prices,
    pub(super) position: OnceLock<usize>,
}

impl Search<'_> {
    /// Closes what `whole` closes, in the core and outside.
    pub(in crate::placement::assignment) fn close_whole(&mut self, held: &Held, whole: &Whole) {
        if self.best.is_none() {
            return;
        }
        let columns = whole.priced.closable(&whole.state, self.rules, self.target(), self.zones.bits);
        if columns.is_empty() {
            return;
        }
        let position = self.position(held);
        self.shown = self.shown.min(self.target());
        let width = self.matrix.width();
        let mut sites = Vec::with_capacity(columns.len());
        for column in columns {
            let column = column as usize;
            if column < width {
                self.state[column] = State::Closed;
                sites.push(self.matrix.sites[column]);
            } else {
                self.outside.waits[column - width] = false;
                sites.push(self.outside.matrix.sites[column - width]);
            }
        }
        sites.sort_unstable();
        self.proof.fixings.push(ProofFixing { prices: position, closed: sites, ..ProofFixing::default() });
    }

    fn position(&mut self, held: &Held) -> usize {
        let stored = &held.stored;
        if let Some(&position) = stored.position.get() {
            return position;
        }
        let whole = |price: &u64| i64::try_from(*price).expect("a price is a 32-bit cost shifted by at most 30");
        self.proof.prices.push(ProofPrices {
            zones: stored.prices.zones.iter().map(whole).collect(),
            rows: stored.prices.rows.clone(),
            pairs: stored.prices.pairs.clone(),
        });
        *stored.position.get_or_init(|| self.proof.prices.len() - 1)
    }

    /// Closes columns for good.
    pub(in crate::placement::assignment) fn close(&mut self, held: &Held, columns: &[u32]) {
        let position = self.position(held);
        self.shown = self.shown.min(self.target());
        columns.iter().for_each(|&column| self.state[column as usize] = State::Closed);
        let closed = self.sites_of(columns);
        self.proof.fixings.push(ProofFixing { prices: position, closed, ..ProofFixing::default() });
    }

    /// Closes columns (ascending) in the part of the space where `open` are open and `shut` are closed.
    pub(in crate::placement::assignment) fn close_within(
        &mut self,
        open: &[u32],
        shut: &[u32],
        held: &Held,
        columns: &[u32],
    ) {
        let prices = self.position(held);
        self.shown = self.shown.min(self.target());
        let (open, shut, closed) = (self.sites_of(open), self.sites_of(shut), self.sites_of(columns));
        self.proof.fixings.push(ProofFixing { open, shut, prices, closed });
    }

    /// Notes a part of the space that `held` shows to cost at least `bound`.
    pub(in crate::placement::assignment) fn leaf(&mut self, open: &[u32], closed: &[u32], held: &Held, bound: i128) {
        let position = self.position(held);
        self.shown = self.shown.min(bound);
        self.push_leaf(open, closed, Some(position));
    }

    /// Notes a part of the space that the rules leave empty.
    pub(in crate::placement::assignment) fn empty_leaf(&mut self, open: &[u32], closed: &[u32]) {
        self.push_leaf(open, closed, None);
    }

    fn push_leaf(&mut self, open: &[u32], closed: &[u32], position: Option<usize>) {
        let leaf = (self.sites_of(open), self.sites_of(closed), position);
        self.proof.leaves.push(leaf);
    }

    /// The result.
    pub(in crate::placement::assignment) fn finish(mut self) -> Placed {
        let (nodes, rounds, cut) = (self.nodes, self.rounds, self.cut);
        let Some((value, open)) = self.best else {
            let bound = if cut.is_some() { self.shown.min(self.zones.total) } else { i128::MAX };
            #[expect(clippy::cast_precision_loss, reason = "exact is the whole number")]
            let bound = if bound == i128::MAX { f64::INFINITY } else { bound as f64 };
            return Placed { nodes, rounds, cut, ..Placed::bare(f64::INFINITY, bound) };
        };
        self.proof.bound = self.shown.min(value);
        #[expect(clippy::cast_precision_loss, reason = "exact is the whole number")]
        let (float, bound) = (value as f64, self.proof.bound as f64);
        Placed {
            exact: Some((value, self.proof.bound)),
            open: Some(open),
            nodes,
            rounds,
            cut,
            proof: Some(self.proof),
            ..Placed::bare(float, bound)
        }
    }
}
