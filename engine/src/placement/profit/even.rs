//! The law `share` where every captured unit is worth the same: all zones at once, group by group.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | w_i, x_ij | those of [`Logit`] | people, 1 |
//! | e_i = 1 + X_i(S) | `Tracker::base` | 1 |
//! | T_j = sum of w_i x_ij over the blocks left out | `Blocks::left_out` | people |
//!
//! Zones are grouped by the anchor that pulls them most; anchors are the first sites of a greedy plan, far apart and
//! all over the map. What a site does in a group is one slice, left out where it is next to nothing: X/(1 + X) rises
//! by at most 1 per unit, so a plan earns at most the T_j of its sites more than the blocks say. Every loop runs
//! over slices of zones, without a branch. The cuts are made in [`super::evencut`].

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;
use std::sync::Arc;

use domain::problem::Site;
use rayon::prelude::*;

use super::arena::Cells;
use super::evencut::EvenCells;
use super::field::{Field, Track, Valued};
use crate::instances::logit::Logit;

/// Groups at most: the least bound is smooth, so a coarse split meets it in as many rounds as a fine one, with a
/// smaller program.
const GROUPS_MAX: usize = 20;

/// Sums run in so many lanes, which lets the compiler use vectors: it may not reorder a sum by itself.
pub(super) const LANES: usize = 4;

/// A block is left out if all such blocks together count less than this part of the best site alone.
const NOTHING: f64 = 1e-9;

/// A problem of equal values with its zones in groups.
#[derive(Debug)]
pub(super) struct Even<'a> {
    logit: &'a Logit,
    blocks: Arc<Blocks>,
    alone: Vec<f64>,
}

/// Pulls by site and group of zones.
#[derive(Debug)]
pub(super) struct Blocks {
    /// Zones of each group, counted in an order in which groups are contiguous.
    pub(super) groups: Vec<Range<usize>>,
    /// w in that order.
    pub(super) weights: Vec<f64>,
    /// Per site its (group, x of the group's zones), ascending.
    pub(super) columns: Vec<Vec<(u32, Vec<f64>)>>,
    /// T.
    left_out: Vec<f64>,
}

impl<'a> Even<'a> {
    /// Groups the zones.
    pub(super) fn new(logit: &'a Logit) -> Self {
        let nothing = vec![1.0; logit.zones()];
        let alone: Vec<f64> =
            (0..logit.sites).into_par_iter().map(|site| added(&logit.weights, &nothing, logit.column(site))).collect();
        let anchors = anchors(logit, &alone);
        let mut group_of = vec![0_u32; logit.zones()];
        let mut most = vec![-1.0; logit.zones()];
        for (group, &anchor) in anchors.iter().enumerate() {
            for ((of, most), &x) in group_of.iter_mut().zip(&mut most).zip(logit.column(anchor)) {
                if x > *most {
                    (*of, *most) = (group as u32, x);
                }
            }
        }
        let mut order: Vec<usize> = (0..logit.zones()).collect();
        order.sort_by_key(|&zone| group_of[zone]);
        let mut groups = Vec::new();
        for part in order.chunk_by(|&one, &other| group_of[one] == group_of[other]) {
            let start = groups.last().map_or(0, |range: &Range<usize>| range.end);
            groups.push(start..start + part.len());
        }
        let weights: Vec<f64> = order.iter().map(|&zone| logit.weights[zone]).collect();
        let least = NOTHING * alone.iter().copied().fold(0.0, f64::max) / groups.len().max(1) as f64;
        let columns: Vec<(Vec<(u32, Vec<f64>)>, f64)> = (0..logit.sites)
            .into_par_iter()
            .map(|site| {
                let pull = logit.column(site);
                let mut left_out = 0.0;
                let mut blocks = Vec::new();
                for (group, zones) in groups.iter().enumerate() {
                    let block: Vec<f64> = order[zones.clone()].iter().map(|&zone| pull[zone]).collect();
                    let all: f64 = block.iter().zip(&weights[zones.clone()]).map(|(x, w)| x * w).sum();
                    if all > least {
                        blocks.push((group as u32, block));
                    } else {
                        left_out += all;
                    }
                }
                (blocks, left_out)
            })
            .collect();
        let (columns, left_out) = columns.into_iter().unzip();
        Self { logit, blocks: Arc::new(Blocks { groups, weights, columns, left_out }), alone }
    }
}

/// The first sites of the greedy plan, as many as there may be groups. What a site adds only falls while others
/// join, so whoever still leads after a fresh look is next.
fn anchors(logit: &Logit, alone: &[f64]) -> Vec<usize> {
    let mut base = vec![1.0; logit.zones()];
    // f64s that are not negative are ordered as their bits.
    let mut waiting: BinaryHeap<(u64, Reverse<usize>, usize)> =
        alone.iter().enumerate().map(|(site, add)| (add.to_bits(), Reverse(site), 0)).collect();
    let mut anchors = Vec::new();
    while anchors.len() < GROUPS_MAX {
        let Some((_, Reverse(site), seen)) = waiting.pop() else { break };
        let pull = logit.column(site);
        if seen == anchors.len() {
            base.iter_mut().zip(pull).for_each(|(base, x)| *base += x);
            anchors.push(site);
        } else {
            let add = added(&logit.weights, &base, pull).max(0.0);
            waiting.push((add.to_bits(), Reverse(site), anchors.len()));
        }
    }
    anchors
}

/// sum of w (h(x) - h(0)) where h(x) = 1 - 1/(e + x).
fn added(weights: &[f64], base: &[f64], pull: &[f64]) -> f64 {
    let term = |w: f64, e: f64, x: f64| w * x / (e * (e + x));
    let (weights, base, pull) = (weights.as_chunks::<LANES>(), base.as_chunks::<LANES>(), pull.as_chunks::<LANES>());
    let mut sums = [0.0; LANES];
    for ((w, e), x) in weights.0.iter().zip(base.0).zip(pull.0) {
        for lane in 0..LANES {
            sums[lane] += term(w[lane], e[lane], x[lane]);
        }
    }
    let rest = weights.1.iter().zip(base.1).zip(pull.1).map(|((w, e), x)| term(*w, *e, *x));
    sums.iter().sum::<f64>() + rest.sum::<f64>()
}

impl Field for Even<'_> {
    fn alone(&self) -> &[f64] {
        &self.alone
    }

    fn own(&self, _: usize) -> f64 {
        0.0
    }

    fn value(&self, open: &[Site], _: f64) -> Valued {
        Valued::exactly(self.logit.value(open))
    }

    fn tracker(&self) -> Box<dyn Track + '_> {
        let base = vec![1.0; self.blocks.weights.len()];
        Box::new(Tracker { blocks: &self.blocks, base, value: 0.0 })
    }

    fn mark_neighbours(&self, _: usize, mark: &mut [u32], stamp: u32) {
        mark.fill(stamp);
    }

    fn cells(&self, sites: &[Site]) -> Cells {
        Cells::Even(EvenCells::new(Arc::clone(&self.blocks), sites.to_vec()))
    }

    fn left_out(&self, most: usize) -> f64 {
        let mut all = self.blocks.left_out.clone();
        all.sort_by(|one, other| other.total_cmp(one));
        all.iter().take(most).sum()
    }
}

/// The open sites as e by zone.
struct Tracker<'a> {
    blocks: &'a Blocks,
    base: Vec<f64>,
    value: f64,
}

impl Tracker<'_> {
    fn shift(&mut self, site: usize, sign: f64) {
        for (group, pull) in &self.blocks.columns[site] {
            let base = &mut self.base[self.blocks.groups[*group as usize].clone()];
            // Rounding may leave a little less than nothing.
            base.iter_mut().zip(pull).for_each(|(e, x)| *e = (*e + sign * x).max(1.0));
        }
    }
}

impl Track for Tracker<'_> {
    fn value(&self) -> f64 {
        self.value
    }

    fn change(&self, site: usize) -> f64 {
        let block = |(group, pull): &(u32, Vec<f64>)| {
            let zones = self.blocks.groups[*group as usize].clone();
            added(&self.blocks.weights[zones.clone()], &self.base[zones], pull)
        };
        self.blocks.columns[site].iter().map(block).sum()
    }

    fn open(&mut self, site: usize) {
        self.value += self.change(site);
        self.shift(site, 1.0);
    }

    fn close(&mut self, site: usize) {
        self.shift(site, -1.0);
        self.value -= self.change(site);
    }
}

impl Blocks {
    /// x of a site in a group; none where it is left out.
    pub(super) fn block(&self, site: usize, group: usize) -> Option<&[f64]> {
        let column = &self.columns[site];
        let at = column.binary_search_by_key(&(group as u32), |block| block.0).ok()?;
        Some(&column[at].1)
    }
}
