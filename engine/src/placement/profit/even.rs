//! The law `share` where every captured unit is worth the same: all zones at once, group by group.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | w_i, x_ij | those of [`Logit`] | people, 1 |
//! | e_i = 1 + X_i(S_1) | `Recipe::base` | 1 |
//! | c_i | `Recipe::until` | 1 |
//! | T_j = sum of w_i x_ij over the blocks left out | `Blocks::left_out` | people |
//!
//! The cuts are those of [`super::share`] with one value step: h(X) = 1 - 1/(e + X). Zones are grouped by the
//! anchor that pulls them most; anchors are the first sites of a greedy plan, far apart and all over
//! the map. What a site does in a group is one slice, left out where it is next to nothing: X/(1 + X) rises
//! by at most 1 per unit, so a plan earns at most the T_j of its sites more than the blocks say. Every loop runs
//! over slices of zones, without a branch.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;
use std::sync::Arc;

use domain::problem::Site;
use rayon::prelude::*;

use super::arena::Cells;
use super::cut::{Cut, Fate};
use super::field::{Field, Track};
use crate::instances::logit::Logit;

/// Groups at most: the least bound is smooth, so a coarse split meets it in as many rounds as a fine one, with a
/// smaller program.
const GROUPS_MAX: usize = 20;

/// Sums run in so many lanes, which lets the compiler use vectors: it may not reorder a sum by itself.
const LANES: usize = 4;

/// A block is left out if all such blocks together count less than this part of the best site alone.
const NOTHING: f64 = 1e-9;

/// A site with less of y than this is not in the support of y.
const TRACE: f64 = 1e-9;

/// Steps towards c at most: it is reached in three or four, and any c is valid.
const STEPS_MAX: usize = 8;

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
    groups: Vec<Range<usize>>,
    /// w in that order.
    weights: Vec<f64>,
    /// Per site its (group, x of the group's zones), ascending.
    columns: Vec<Vec<(u32, Vec<f64>)>>,
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

    fn value(&self, open: &[Site], _: f64) -> f64 {
        self.logit.value(open)
    }

    fn tracker(&self) -> Box<dyn Track + '_> {
        let base = vec![1.0; self.blocks.weights.len()];
        Box::new(Tracker { blocks: &self.blocks, base, value: 0.0 })
    }

    fn mark_neighbours(&self, _: usize, mark: &mut [u32], stamp: u32) {
        mark.fill(stamp);
    }

    fn cells(&self, sites: &[Site]) -> Cells {
        Cells::Even(EvenCells { blocks: Arc::clone(&self.blocks), sites: sites.to_vec() })
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

/// What a cut was made of, zone by zone of its group: enough to price any other site by it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Recipe {
    /// e.
    base: Vec<f64>,
    /// c.
    until: Vec<f64>,
}

/// All zones, over some of the candidates.
#[derive(Debug)]
pub(super) struct EvenCells {
    blocks: Arc<Blocks>,
    sites: Vec<Site>,
}

impl EvenCells {
    /// The sum of everything that any of the zones could ever earn: the scale of rounding errors.
    pub(super) fn magnitude(&self) -> f64 {
        self.blocks.weights.iter().sum()
    }

    /// One cut per group, tight around `y`.
    pub(super) fn cuts(&self, fate: &[Fate], y: &[f64]) -> Vec<Arc<Cut>> {
        (0..self.blocks.groups.len()).into_par_iter().map(|group| Arc::new(self.cut(group, fate, y))).collect()
    }

    fn cut(&self, group: usize, fate: &[Fate], y: &[f64]) -> Cut {
        let zones = self.blocks.groups[group].clone();
        let block = |at: usize| self.blocks.block(self.sites[at] as usize, group);
        let mut base = vec![1.0; zones.len()];
        let mut support: Vec<(f64, &[f64])> = Vec::new();
        for at in 0..fate.len() {
            let share = if fate[at] == Fate::Live { y[at] } else { 0.0 };
            if fate[at] == Fate::Open || share > TRACE {
                let Some(pull) = block(at) else { continue };
                if fate[at] == Fate::Open {
                    base.iter_mut().zip(pull).for_each(|(e, x)| *e += x);
                } else {
                    support.push((share, pull));
                }
            }
        }
        let until = saturations(&support, zones.len());
        let weights = &self.blocks.weights[zones];
        let constant = weights.iter().zip(&base).zip(&until).map(|((w, e), c)| {
            let ratio = c / (e + c);
            w * (1.0 - (1.0 - ratio * ratio) / e)
        });
        let constant = constant.sum();
        let recipe = Recipe { base, until };
        let priced = Priced::new(weights, &recipe);
        let live = (0..fate.len()).filter(|&at| fate[at] == Fate::Live);
        let terms =
            live.filter_map(|at| Some((at as u32, priced.beta(block(at)?)))).filter(|term| term.1 > 0.0).collect();
        Cut { group: group as u32, constant, terms, recipe: Some(recipe) }
    }

    /// sum over the cuts, by their weights, of beta of each of `sites`.
    pub(super) fn prices(&self, mixture: &[(Arc<Cut>, f64)], sites: &[Site]) -> Vec<f64> {
        let mut of: Vec<Vec<(f64, Priced<'_>)>> = Vec::new();
        of.resize_with(self.blocks.groups.len(), Vec::new);
        for (cut, weight) in mixture {
            if let Some(recipe) = &cut.recipe {
                let zones = self.blocks.groups[cut.group as usize].clone();
                of[cut.group as usize].push((*weight, Priced::new(&self.blocks.weights[zones], recipe)));
            }
        }
        let price = |&site: &Site| {
            let blocks = self.blocks.columns[site as usize].iter();
            blocks
                .map(|(group, pull)| {
                    of[*group as usize].iter().map(|(weight, cut)| weight * cut.beta(pull)).sum::<f64>()
                })
                .sum()
        };
        sites.par_iter().map(price).collect()
    }
}

impl Blocks {
    fn block(&self, site: usize, group: usize) -> Option<&[f64]> {
        let column = &self.columns[site];
        let at = column.binary_search_by_key(&(group as u32), |block| block.0).ok()?;
        Some(&column[at].1)
    }
}

/// A recipe made ready: beta = sum of w (H(x) - H(0)).
struct Priced<'a> {
    recipe: &'a Recipe,
    weights: &'a [f64],
    /// w (1/e - granted).
    top: Vec<f64>,
    /// w / (e + c)^2.
    slope: Vec<f64>,
}

impl<'a> Priced<'a> {
    fn new(weights: &'a [f64], recipe: &'a Recipe) -> Self {
        let bends = || weights.iter().zip(&recipe.base).zip(&recipe.until);
        let top = bends().map(|((w, e), c)| {
            let ratio = c / (e + c);
            w * (1.0 - ratio * ratio) / e
        });
        let top = top.collect();
        let slope = bends().map(|((w, e), c)| w / ((e + c) * (e + c))).collect();
        Self { recipe, weights, top, slope }
    }

    fn beta(&self, pull: &[f64]) -> f64 {
        let term = |x: f64, w: f64, e: f64, c: f64, top: f64, slope: f64| {
            let (beyond, within) = (top - w / (e + x), slope * x);
            if x > c { beyond } else { within }
        };
        let (pull, weights) = (pull.as_chunks::<LANES>(), self.weights.as_chunks::<LANES>());
        let (base, until) = (self.recipe.base.as_chunks::<LANES>(), self.recipe.until.as_chunks::<LANES>());
        let (top, slope) = (self.top.as_chunks::<LANES>(), self.slope.as_chunks::<LANES>());
        let mut sums = [0.0; LANES];
        let bends = weights.0.iter().zip(base.0).zip(until.0);
        for ((x, ((w, e), c)), (top, slope)) in pull.0.iter().zip(bends).zip(top.0.iter().zip(slope.0)) {
            for lane in 0..LANES {
                sums[lane] += term(x[lane], w[lane], e[lane], c[lane], top[lane], slope[lane]);
            }
        }
        let bends = weights.1.iter().zip(base.1).zip(until.1);
        let rest = pull.1.iter().zip(bends).zip(top.1.iter().zip(slope.1));
        let rest = rest.map(|((x, ((w, e), c)), (top, slope))| term(*x, *w, *e, *c, *top, *slope));
        (sums.iter().sum::<f64>() + rest.sum::<f64>()).max(0.0)
    }
}

/// By zone the c with sum of y min(x, c) = c, or 0 where there is none: Newton's steps, which fall to the
/// largest root of a concave function from above.
fn saturations(support: &[(f64, &[f64])], zones: usize) -> Vec<f64> {
    let mut until = vec![0.0; zones];
    if support.iter().map(|item| item.0).sum::<f64>() <= 1.0 {
        return until;
    }
    for (share, pull) in support {
        until.iter_mut().zip(*pull).for_each(|(c, x)| *c += share * x);
    }
    let (mut rest, mut left) = (vec![0.0; zones], vec![0.0; zones]);
    for _ in 0..STEPS_MAX {
        rest.fill(0.0);
        left.fill(1.0);
        for (share, pull) in support {
            for (((rest, left), c), x) in rest.iter_mut().zip(&mut left).zip(&until).zip(*pull) {
                let beyond = x > c;
                *rest += if beyond { 0.0 } else { share * x };
                *left -= if beyond { *share } else { 0.0 };
            }
        }
        let mut moved = false;
        for ((c, rest), left) in until.iter_mut().zip(&rest).zip(&left) {
            let next = if *left > 0.0 { (rest / left).min(*c) } else { 0.0 };
            moved |= next < *c * (1.0 - 1e-9);
            *c = next;
        }
        if !moved {
            break;
        }
    }
    until
}
