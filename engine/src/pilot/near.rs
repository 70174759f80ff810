//! The controls most like a site, whoever else is chosen.
//!
//! Of P stores with m controls each, a best assignment gives every store controls among the P m nearest that it may
//! have: were one farther, one of the nearer would be free. So a list that still holds P m of them after what the plan
//! rules out is as good as all; otherwise all are looked at again.

use rayon::prelude::*;

use super::Comparison;

/// Controls kept for what a plan may rule out, beyond the P m that it can use.
const SPARE: usize = 64;

/// The first controls of a site by v, ties by store.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Nearest {
    /// (v, store), ascending.
    pub(super) first: Vec<(f64, u32)>,
    /// Whether there are more.
    pub(super) more: bool,
}

impl Comparison {
    /// With the nearest controls of every site at hand.
    #[must_use]
    pub(super) fn ready(mut self) -> Self {
        // Where controls are no part of the decision, they are looked for once, for the stores chosen.
        if self.randomised || !self.rules_out() {
            return self;
        }
        let kept = self.stores_max * self.each + SPARE;
        self.nearest = (0..self.store_of.len())
            .into_par_iter()
            .map(|site| {
                let mut all = self.all(site);
                let more = all.len() > kept;
                if more {
                    all.select_nth_unstable_by(kept, order);
                    all.truncate(kept);
                }
                all.sort_unstable_by(order);
                Nearest { first: all, more }
            })
            .collect();
        self
    }

    /// Whether the comparison may rule out plans.
    #[must_use]
    pub fn rules_out(&self) -> bool {
        self.limit.is_some() || !self.balanced.is_empty()
    }

    /// Every control that a site could have if it alone were chosen: (v, store), in no order.
    pub(super) fn all(&self, site: usize) -> Vec<(f64, u32)> {
        let own = self.store_of[site];
        let known = |other: usize| self.balanced.iter().all(|balance| balance.values[other].is_finite());
        (0_u32..)
            .zip(&self.eligible)
            .filter(|&(other, &may)| may && other as usize != own && known(other as usize))
            .map(|(other, _)| (self.history.variance(own, other as usize, self.weeks.clone()), other))
            .filter(|(variance, other)| variance.is_finite() && !self.within(own, *other as usize))
            .collect()
    }

    /// Whether two stores lie within the spillover distance.
    pub(super) fn within(&self, one: usize, other: usize) -> bool {
        self.places[one].km_to(self.places[other]) < self.spillover_km
    }

    /// The least that the controls of a site cost, whoever else is chosen; infinite where it can't have m.
    pub(super) fn cheapest(&self, site: usize) -> f64 {
        let first = &self.nearest[site].first;
        if first.len() < self.each {
            return f64::INFINITY;
        }
        first[..self.each].iter().map(|near| near.0).sum::<f64>() / self.each as f64
    }

    /// The `count` nearest controls of a site that `may` have it, ascending; fewer where there are no more.
    pub(super) fn near(&self, site: usize, count: usize, may: impl Fn(u32) -> bool) -> Vec<(f64, u32)> {
        let kept = self.nearest.get(site);
        let mut found: Vec<(f64, u32)> =
            kept.iter().flat_map(|near| &near.first).copied().filter(|near| may(near.1)).take(count).collect();
        if found.len() < count && kept.is_none_or(|near| near.more) {
            found = self.all(site).into_iter().filter(|near| may(near.1)).collect();
            found.sort_unstable_by(order);
            found.truncate(count);
        }
        found
    }
}

/// By v, then store.
fn order(one: &(f64, u32), other: &(f64, u32)) -> std::cmp::Ordering {
    one.0.total_cmp(&other.0).then(one.1.cmp(&other.1))
}
