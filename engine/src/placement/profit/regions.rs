//! Neighbourhoods of candidates, within neighbourhoods, and how many of each open.
//!
//! | symbol | name | unit |
//! |---|---|---|
//! | R | a neighbourhood: `Region` | |
//! | N_R | open sites in R | sites |
//! | l_R <= N_R <= h_R | [`Count`], [`Regions::derive`] | sites |
//! | f_jg | `Regions::features`: what site j does for group g | people |
//!
//! Where demand falls slowly with distance, hundreds of sites are nearly each other's equals: the relaxation
//! smears a store over all of them, and closing one moves nothing. "At most k of this neighbourhood", or "at least
//! k + 1", moves the bound on both sides.
//!
//! Sites are halved along the direction in which their f differ most, at its mean, and the halves again, down to
//! single sites. Counts of some regions, and what is open or closed, give a range for every region: once up the tree
//! (a region counts what its halves count), once down (a half counts the rest), which is all that intervals
//! can say of a tree. Regions with l_R above what is open in them already force sites: see [`super::evencut`].

use super::cut::Fate;

/// A region is split on if its part of y is at least so far from whole.
const PART_LEAST: f64 = 0.02;

/// Steps towards the main direction: any direction is valid.
const STEPS: usize = 12;

/// A neighbourhood.
#[derive(Debug)]
struct Region {
    /// Its sites: from here
    start: u32,
    /// to here in `Regions::order`.
    end: u32,
    /// None for a single site.
    halves: Option<(u32, u32)>,
    /// The variance of f.
    spread: f64,
}

/// A binary tree of neighbourhoods over the positions of an arena.
#[derive(Debug)]
pub(super) struct Regions {
    /// Positions, those of a region side by side.
    order: Vec<u32>,
    /// The whole first, every other one after the one it lies in.
    regions: Vec<Region>,
    /// f by position and group.
    features: Vec<Vec<f64>>,
}

/// Of a region at least and at most so many open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Count {
    /// R.
    pub(super) region: u32,
    /// l.
    pub(super) least: u32,
    /// h.
    pub(super) most: u32,
}

/// Disjoint sets of undecided positions of which so many open at least, besides what is open already.
#[derive(Debug, Clone, Default)]
pub(super) struct Slots {
    /// The set by position, `u32::MAX` for none; empty where there are no sets.
    pub(super) of: Vec<u32>,
    /// By set, above 0.
    pub(super) least: Vec<u32>,
}

impl Regions {
    /// `features` by position, as many for each.
    pub(super) fn new(features: Vec<Vec<f64>>) -> Self {
        let mut this = Self { order: (0..features.len() as u32).collect(), regions: Vec::new(), features };
        if !this.order.is_empty() {
            this.grow(0, this.order.len());
        }
        this
    }

    /// Adds the region of `order[start..end]`, and all within.
    fn grow(&mut self, start: usize, end: usize) -> u32 {
        let here = self.regions.len();
        self.regions.push(Region { start: start as u32, end: end as u32, halves: None, spread: 0.0 });
        if end - start > 1 {
            let (low, spread) = halve(&self.features, &mut self.order[start..end]);
            let halves = (self.grow(start, start + low), self.grow(start + low, end));
            self.regions[here].halves = Some(halves);
            self.regions[here].spread = spread;
        }
        here as u32
    }

    /// Positions in a region.
    pub(super) fn members(&self, region: u32) -> &[u32] {
        let region = &self.regions[region as usize];
        &self.order[region.start as usize..region.end as usize]
    }

    /// What follows for every region from the counts and from what is decided; none where they contradict.
    pub(super) fn derive(&self, fate: &[Fate], counts: &[Count], least: usize, most: usize) -> Option<Vec<(u32, u32)>> {
        let mut of = vec![(0, u32::MAX); self.regions.len()];
        for count in counts {
            let slot = &mut of[count.region as usize];
            *slot = (slot.0.max(count.least), slot.1.min(count.most));
        }
        if let Some(root) = of.first_mut() {
            *root = (root.0.max(least as u32), root.1.min(most as u32));
        }
        for at in (0..self.regions.len()).rev() {
            let (low, high) = match self.regions[at].halves {
                Some((one, other)) => {
                    let (one, other) = (of[one as usize], of[other as usize]);
                    (one.0 + other.0, one.1.saturating_add(other.1))
                }
                None => match fate[self.order[self.regions[at].start as usize] as usize] {
                    Fate::Open => (1, 1),
                    Fate::Live => (0, 1),
                    Fate::Closed => (0, 0),
                },
            };
            of[at] = (of[at].0.max(low), of[at].1.min(high));
            if of[at].0 > of[at].1 {
                return None;
            }
        }
        for at in 0..self.regions.len() {
            let Some((one, other)) = self.regions[at].halves else { continue };
            let (all, first, second) = (of[at], of[one as usize], of[other as usize]);
            let narrow = |own: (u32, u32), next: (u32, u32)| {
                (own.0.max(all.0.saturating_sub(next.1)), own.1.min(all.1.saturating_sub(next.0)))
            };
            of[one as usize] = narrow(first, second);
            of[other as usize] = narrow(second, first);
        }
        of.iter().all(|range| range.0 <= range.1).then_some(of)
    }

    /// Positions that the derived ranges decide.
    pub(super) fn decided(&self, fate: &[Fate], ranges: &[(u32, u32)]) -> Vec<(u32, bool)> {
        let leaves = self.regions.iter().zip(ranges).filter(|(region, _)| region.halves.is_none());
        leaves
            .filter_map(|(region, range)| {
                let at = self.order[region.start as usize];
                (fate[at as usize] == Fate::Live && range.0 == range.1).then_some((at, range.0 == 1))
            })
            .collect()
    }

    /// Disjoint regions that force sites; where a region and its halves both do, those with more in what is forced
    /// (the least f of a region, by group, as many times as sites are forced).
    pub(super) fn slots(&self, fate: &[Fate], ranges: &[(u32, u32)]) -> Slots {
        let dims = self.features.first().map_or(0, Vec::len);
        let size = self.regions.len();
        let mut floor: Vec<Vec<f64>> = vec![Vec::new(); size];
        let mut open = vec![0_u32; size];
        let mut gain = vec![0.0; size];
        let mut whole = vec![false; size];
        for at in (0..size).rev() {
            match self.regions[at].halves {
                None => {
                    let site = self.order[self.regions[at].start as usize] as usize;
                    floor[at] = match fate[site] {
                        Fate::Live => self.features[site].clone(),
                        _ => vec![f64::INFINITY; dims],
                    };
                    open[at] = u32::from(fate[site] == Fate::Open);
                }
                Some((one, other)) => {
                    let (one, other) = (one as usize, other as usize);
                    open[at] = open[one] + open[other];
                    let second = std::mem::take(&mut floor[other]);
                    let mut first = std::mem::take(&mut floor[one]);
                    first.iter_mut().zip(&second).for_each(|(a, b)| *a = a.min(*b));
                    floor[at] = first;
                    gain[at] = gain[one] + gain[other];
                }
            }
            let least = ranges[at].0.saturating_sub(open[at]);
            if least > 0 {
                let own = f64::from(least) * floor[at].iter().filter(|f| f.is_finite()).sum::<f64>();
                if own >= gain[at] {
                    (gain[at], whole[at]) = (own, true);
                }
            }
        }
        let mut slots = Slots { of: vec![u32::MAX; self.order.len()], least: Vec::new() };
        let mut stack = if size > 0 { vec![0_usize] } else { Vec::new() };
        while let Some(at) = stack.pop() {
            if gain[at] <= 0.0 {
                continue;
            }
            if whole[at] {
                for &site in self.members(at as u32) {
                    if fate[site as usize] == Fate::Live {
                        slots.of[site as usize] = slots.least.len() as u32;
                    }
                }
                slots.least.push(ranges[at].0 - open[at]);
            } else if let Some((one, other)) = self.regions[at].halves {
                stack.push(other as usize);
                stack.push(one as usize);
            }
        }
        slots
    }

    /// The region to split on and its part of y: far from whole, and with sites that differ.
    pub(super) fn choose(&self, y: &[f64]) -> Option<(u32, f64)> {
        let mut below = vec![0.0; y.len() + 1];
        for (at, &site) in self.order.iter().enumerate() {
            below[at + 1] = below[at] + y[site as usize];
        }
        let mut best: Option<(f64, u32, f64)> = None;
        // The whole is counted by the rules, and a single site is decided as such.
        for (at, region) in self.regions.iter().enumerate().skip(1).filter(|(_, region)| region.halves.is_some()) {
            let all: f64 = below[region.end as usize] - below[region.start as usize];
            let part = (all - all.floor()).min(all.ceil() - all);
            let score = part * region.spread;
            if part >= PART_LEAST && best.is_none_or(|best| score > best.0) {
                best = Some((score, at as u32, all));
            }
        }
        best.map(|best| (best.1, best.2))
    }
}

/// Orders at least two sites along the main direction of their features; how many are below the mean, and the
/// variance.
fn halve(features: &[Vec<f64>], sites: &mut [u32]) -> (usize, f64) {
    let size = sites.len() as f64;
    let of = |at: u32| features[at as usize].as_slice();
    let mut mean = vec![0.0; sites.first().map_or(0, |&at| of(at).len())];
    for &at in sites.iter() {
        mean.iter_mut().zip(of(at)).for_each(|(mean, f)| *mean += f / size);
    }
    let mut variance = vec![0.0; mean.len()];
    for &at in sites.iter() {
        variance.iter_mut().zip(of(at)).zip(&mean).for_each(|((sum, f), mean)| *sum += (f - mean) * (f - mean) / size);
    }
    let along = |axis: &[f64], at: u32| -> f64 {
        of(at).iter().zip(&mean).zip(axis).map(|((f, mean), axis)| (f - mean) * axis).sum()
    };
    let mut axis = vec![0.0; mean.len()];
    let most = |&one: &usize, &other: &usize| variance[one].total_cmp(&variance[other]).then(other.cmp(&one));
    (0..axis.len()).max_by(most).into_iter().for_each(|group| axis[group] = 1.0);
    for _ in 0..STEPS {
        let mut next = vec![0.0; mean.len()];
        for &at in sites.iter() {
            let by = along(&axis, at);
            next.iter_mut().zip(of(at)).zip(&mean).for_each(|((sum, f), mean)| *sum += by * (f - mean));
        }
        let norm = next.iter().map(|next| next * next).sum::<f64>().sqrt();
        if norm <= 0.0 {
            break;
        }
        next.iter_mut().for_each(|next| *next /= norm);
        axis = next;
    }
    let mut placed: Vec<(f64, u32)> = sites.iter().map(|&at| (along(&axis, at), at)).collect();
    placed.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
    sites.iter_mut().zip(&placed).for_each(|(site, placed)| *site = placed.1);
    let low = placed.iter().take_while(|placed| placed.0 <= 0.0).count();
    (low.clamp(1, placed.len() - 1), variance.iter().sum())
}
