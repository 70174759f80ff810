//! Cuts for the law `share` where every captured unit is worth the same.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | w_i, x_ij | those of [`super::even::Blocks`] | people, 1 |
//! | R, l_R | a set of [`Slots`], and how many of it open at least | |
//! | m_iR = min over R of x_ij | `Floor::least` | 1 |
//! | e_i = 1 + X_i(S_1) + sum_R l_R m_iR | `Recipe::base` | 1 |
//! | c_i | `Recipe::until` | 1 |
//!
//! The cuts are those of [`super::share`] with one value step: h(X) = 1 - 1/(e + X), and H with its tangent up to c.
//! Where at least l of the disjoint sets R open, X is at least sum l m, whichever they are. So that is in e, and a
//! site of R counts x_j - m, or x_j if it is one of those beyond l. H is concave, so with Z what is left of X,
//!
//!   H(Z) <= H(0) + sum_j [H(x_j - m_R(j)) - H(0)] + sum_R (N_R - l_R) [H(m_R) - H(0)],
//!
//! since H(x) - H(x - m) <= H(m) - H(0); and N_R, the open sites of R, is linear in y. What does not differ within
//! a neighbourhood is thus certain, and can't be smeared over it.

use std::borrow::Cow;
use std::sync::Arc;

use domain::problem::Site;
use rayon::prelude::*;

use super::cut::{Cut, Fate};
use super::even::{Blocks, LANES};
use super::regions::Slots;

/// A site with less of y than this is not in the support of y.
const TRACE: f64 = 1e-9;

/// Steps towards c at most: it is reached in three or four, and any c is valid.
const STEPS_MAX: usize = 8;

/// What a cut was made of, zone by zone of its group: enough to price any other site by it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Recipe {
    /// e.
    base: Vec<f64>,
    /// c.
    until: Vec<f64>,
}

/// What is certain of a set in a group.
struct Floor {
    /// m.
    least: Vec<f64>,
    /// l.
    forced: f64,
}

impl Floor {
    /// x - m.
    fn above(&self, pull: &[f64]) -> Vec<f64> {
        pull.iter().zip(&self.least).map(|(x, m)| x - m).collect()
    }
}

/// All zones, over some of the candidates.
#[derive(Debug)]
pub(super) struct EvenCells {
    blocks: Arc<Blocks>,
    sites: Vec<Site>,
}

impl EvenCells {
    /// Over `sites`, ascending.
    pub(super) fn new(blocks: Arc<Blocks>, sites: Vec<Site>) -> Self {
        Self { blocks, sites }
    }

    /// The sum of everything that any of the zones could ever earn: the scale of rounding errors.
    pub(super) fn magnitude(&self) -> f64 {
        self.blocks.weights.iter().sum()
    }

    /// What each site does alone for each group, by position.
    pub(super) fn features(&self) -> Vec<Vec<f64>> {
        let feature = |&site: &Site| {
            let mut of = vec![0.0; self.blocks.groups.len()];
            for (group, pull) in &self.blocks.columns[site as usize] {
                let weights = &self.blocks.weights[self.blocks.groups[*group as usize].clone()];
                of[*group as usize] = weights.iter().zip(pull).map(|(w, x)| w * x / (1.0 + x)).sum();
            }
            of
        };
        self.sites.par_iter().map(feature).collect()
    }

    /// One cut per group, tight around `y`, for plans with what `slots` force.
    pub(super) fn cuts(&self, fate: &[Fate], y: &[f64], slots: &Slots) -> Vec<Arc<Cut>> {
        (0..self.blocks.groups.len()).into_par_iter().map(|group| Arc::new(self.cut(group, fate, y, slots))).collect()
    }

    fn cut(&self, group: usize, fate: &[Fate], y: &[f64], slots: &Slots) -> Cut {
        let zones = self.blocks.groups[group].clone();
        let block = |at: usize| self.blocks.block(self.sites[at] as usize, group);
        let floors = self.floors(group, slots);
        let floor = |at: usize| floors.get(*slots.of.get(at)? as usize)?.as_ref();
        let mut base = vec![1.0; zones.len()];
        for floor in floors.iter().flatten() {
            base.iter_mut().zip(&floor.least).for_each(|(e, m)| *e += floor.forced * m);
        }
        let mut support: Vec<(f64, Cow<'_, [f64]>)> = Vec::new();
        for at in 0..fate.len() {
            let share = if fate[at] == Fate::Live { y[at] } else { 0.0 };
            if fate[at] == Fate::Open || share > TRACE {
                let Some(pull) = block(at) else { continue };
                if fate[at] == Fate::Open {
                    base.iter_mut().zip(pull).for_each(|(e, x)| *e += x);
                } else {
                    support.push((share, floor(at).map_or(pull.into(), |floor| floor.above(pull).into())));
                }
            }
        }
        let until = saturations(&support, zones.len());
        let weights = &self.blocks.weights[zones];
        let constant = weights.iter().zip(&base).zip(&until).map(|((w, e), c)| {
            let ratio = c / (e + c);
            w * (1.0 - (1.0 - ratio * ratio) / e)
        });
        let mut constant: f64 = constant.sum();
        let recipe = Recipe { base, until };
        let priced = Priced::new(weights, &recipe);
        // By set, w (H(m) - H(0)): what each site beyond those forced may add besides x - m.
        let beyond: Vec<f64> =
            floors.iter().map(|floor| floor.as_ref().map_or(0.0, |floor| priced.beta(&floor.least))).collect();
        for (floor, beyond) in floors.iter().zip(&beyond) {
            constant -= floor.as_ref().map_or(0.0, |floor| floor.forced * beyond);
        }
        let beta = |at: usize| {
            let pull = block(at)?;
            Some(match floor(at) {
                Some(floor) => priced.beta(&floor.above(pull)) + beyond[slots.of[at] as usize],
                None => priced.beta(pull),
            })
        };
        let live = (0..fate.len()).filter(|&at| fate[at] == Fate::Live);
        let terms = live.filter_map(|at| Some((at as u32, beta(at)?))).filter(|term| term.1 > 0.0).collect();
        // Who is not among the sites has no part in what they have in common.
        let recipe = slots.least.is_empty().then_some(recipe);
        Cut { group: group as u32, constant, terms, at: 0, recipe }
    }

    /// By set; none where a site of it is left out of the group.
    fn floors(&self, group: usize, slots: &Slots) -> Vec<Option<Floor>> {
        let nothing = vec![f64::INFINITY; self.blocks.groups[group].len()];
        let floor = |&forced: &u32| Some(Floor { least: nothing.clone(), forced: f64::from(forced) });
        let mut floors: Vec<Option<Floor>> = slots.least.iter().map(floor).collect();
        for (at, &slot) in slots.of.iter().enumerate() {
            let Some(slot) = floors.get_mut(slot as usize) else { continue };
            match (self.blocks.block(self.sites[at] as usize, group), slot.as_mut()) {
                (Some(pull), Some(floor)) => {
                    floor.least.iter_mut().zip(pull).for_each(|(m, &x)| *m = if x < *m { x } else { *m });
                }
                _ => *slot = None,
            }
        }
        floors
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
fn saturations(support: &[(f64, Cow<'_, [f64]>)], zones: usize) -> Vec<f64> {
    let mut until = vec![0.0; zones];
    if support.iter().map(|item| item.0).sum::<f64>() <= 1.0 {
        return until;
    }
    for (share, pull) in support {
        until.iter_mut().zip(pull.iter()).for_each(|(c, x)| *c += share * x);
    }
    let (mut rest, mut left) = (vec![0.0; zones], vec![0.0; zones]);
    for _ in 0..STEPS_MAX {
        rest.fill(0.0);
        left.fill(1.0);
        for (share, pull) in support {
            for (((rest, left), c), x) in rest.iter_mut().zip(&mut left).zip(&until).zip(pull.iter()) {
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
