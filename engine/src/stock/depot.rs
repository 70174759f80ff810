//! What a depot should hold of a device for the corners of its market.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | L_0, L, R | weeks to the depot, on to a corner, between reviews | weeks |
//! | S_0, S_i | base stock of the depot; the plan's level at corner i | units |
//! | lambda_i | a corner's demand in one sample, at the horizon's mean adoption | units per week |
//! | O_i | what corner i waits for over L + R, by [`models::inventory::depot::moments`] | units |
//! | h, h_0, p = (price - cost)/R | of a unit left at a corner, at the depot, and of a unit short | money per unit and week |
//!
//! S_0 minimises h_0 E[(S_0 - D_0)^+] + sum over i of h E[(S_i - O_i)^+] + p E[(O_i - S_i)^+], means over the samples, with
//! levels as budgets left them: [`models::inventory::depot::cheapest`] would choose those too, and needs demand to be
//! Poisson, which a sample's is only where its dispersion is infinite. In each sample the noise of corners and weeks is
//! independent, so it pools; the sample's rate is common to all weeks, and to corners as far as the samples have it, and
//! does not pool. Every whole number of packs is tried up to [`FINEST`] of them; of more, a grid and what lies beside
//! its best.

use models::counts::NegativeBinomial;
use models::inventory::depot::moments::{Moments, Owing, on_order};
use models::inventory::{Pmf, Unsound};

use super::terms::Terms;

/// Candidates for S_0 that are all tried.
const FINEST: u32 = 256;
/// Levels that a corner would need without a depot are looked for up to here: units.
const FARTHEST: u32 = 1 << 16;

/// Without a depot a corner serves as well if it misses at most this part of demand more.
const AS_WELL: f64 = 1e-6;

/// A corner that the depot supplies.
#[derive(Debug, Clone)]
pub struct Corner {
    /// lambda, by sample.
    pub rates: Vec<f64>,
    /// S_i.
    pub level: u32,
}

/// What a unit costs where it lies, and how long it takes.
#[derive(Debug, Clone, Copy)]
pub struct Routes {
    /// L_0.
    pub to_depot: f64,
    /// L.
    pub to_corner: f64,
    /// R.
    pub review: f64,
    /// h_0.
    pub held: f64,
}

/// What a depot holds, and what that does. Money is in major units of the market's currency per week.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Supplied {
    /// S_0.
    pub base_stock: u32,
    /// Type 2 at the corners.
    pub fill: f64,
    /// The same where each order waits for both lead times.
    pub fill_without: f64,
    /// Units that corners would hold beyond their levels to serve as well without.
    pub apart: u32,
    /// What the depot saves against that.
    pub saves: f64,
}

/// Costs and shortages of one corner, means over samples.
#[derive(Debug, Clone, Copy, Default)]
struct Kept {
    /// Per week.
    cost: f64,
    /// What a review does not serve at once, units.
    short: f64,
}

/// The depot's base stock.
///
/// # Errors
/// Demand too wide for a table.
pub fn supplied(corners: &[Corner], terms: &Terms, routes: Routes) -> Result<Supplied, Unsound> {
    let system = System::of(corners, terms, routes)?;
    let most = system.owing.iter().map(Owing::most).max().unwrap_or(0);
    let packs_max = u32::try_from(most).unwrap_or(u32::MAX) / terms.pack + 1;
    let mut best = (f64::INFINITY, 0);
    let mut search = |packs: &mut dyn Iterator<Item = u32>| {
        for packs in packs {
            let depot = packs.saturating_mul(terms.pack);
            let held = system.held(depot);
            // Beyond here the depot alone costs more.
            if held >= best.0 {
                break;
            }
            let cost = held + (0..corners.len()).map(|at| system.with(at, depot).cost).sum::<f64>();
            if cost < best.0 {
                best = (cost, packs);
            }
        }
        best.1
    };
    let step = packs_max.div_ceil(FINEST).max(1);
    let near = search(&mut (0..=packs_max).step_by(step as usize));
    search(&mut (near.saturating_sub(step)..=near.saturating_add(step)));
    let (cost, packs) = best;
    let depot = packs * terms.pack;
    let (mut short, mut short_without, mut apart, mut cost_apart) = (0.0, 0.0, 0, 0.0);
    for (at, corner) in corners.iter().enumerate() {
        let with = system.with(at, depot).short;
        short += with;
        short_without += system.alone(at, corner.level).short;
        // The fewest packs more that serve as well.
        let mut level = corner.level;
        let mut alone = system.alone(at, level);
        while alone.short > with + AS_WELL * system.demand(at) && level < FARTHEST {
            level += terms.pack;
            alone = system.alone(at, level);
        }
        apart += level - corner.level;
        cost_apart += alone.cost;
    }
    let demand: f64 = (0..corners.len()).map(|at| system.demand(at)).sum();
    let fill = |short: f64| if demand > 0.0 { 1.0 - short / demand } else { 1.0 };
    Ok(Supplied {
        base_stock: depot,
        fill: fill(short),
        fill_without: fill(short_without),
        apart,
        saves: cost_apart - cost,
    })
}

/// Depot and corners.
struct System<'a> {
    corners: &'a [Corner],
    terms: &'a Terms,
    routes: Routes,
    /// What the depot owes, by sample.
    owing: Vec<Owing>,
    /// Demand of all corners, by sample.
    totals: Vec<f64>,
}

impl<'a> System<'a> {
    fn of(corners: &'a [Corner], terms: &'a Terms, routes: Routes) -> Result<Self, Unsound> {
        let samples = corners.first().map_or(0, |corner| corner.rates.len());
        let totals: Vec<f64> = (0..samples).map(|at| corners.iter().map(|corner| corner.rates[at]).sum()).collect();
        let mut system = Self { corners, terms, routes, owing: Vec::new(), totals };
        for at in 0..samples {
            let none = Moments { mean: 0.0, variance: 0.0 };
            let add = |sum: Moments, corner: &Corner| sum.plus(system.over(corner.rates[at], routes.to_depot).into());
            let demand = corners.iter().fold(none, add).counts();
            let demand = if demand.mean > 0.0 { Pmf::negative_binomial(demand)? } else { Pmf::always(0) };
            system.owing.push(Owing::of(demand));
        }
        Ok(system)
    }

    /// The demand of so many weeks.
    fn over(&self, rate: f64, weeks: f64) -> NegativeBinomial {
        NegativeBinomial { mean: rate * weeks, size: self.terms.size / self.terms.window * weeks }
    }

    /// Demand of a corner between two reviews.
    fn demand(&self, corner: usize) -> f64 {
        self.mean(|sample| self.corners[corner].rates[sample]) * self.routes.review
    }

    fn mean(&self, of: impl Fn(usize) -> f64) -> f64 {
        (0..self.totals.len()).map(of).sum::<f64>() / self.totals.len().max(1) as f64
    }

    /// What the depot's own stock costs.
    fn held(&self, depot: u32) -> f64 {
        self.routes.held * self.mean(|sample| self.owing[sample].held(depot))
    }

    /// A corner at its level, behind a depot.
    fn with(&self, corner: usize, depot: u32) -> Kept {
        let Corner { rates, level } = &self.corners[corner];
        self.kept(*level, |sample, weeks| {
            let part = if self.totals[sample] > 0.0 { rates[sample] / self.totals[sample] } else { 0.0 };
            on_order(self.owing[sample].moments(depot), part, self.over(rates[sample], weeks).into())
        })
    }

    /// A corner at a level, without a depot.
    fn alone(&self, corner: usize, level: u32) -> Kept {
        let rates = &self.corners[corner].rates;
        self.kept(level, |sample, weeks| self.over(rates[sample], self.routes.to_depot + weeks))
    }

    /// `waits(sample, weeks)` is what is waited for over so many weeks.
    fn kept(&self, level: u32, waits: impl Fn(usize, f64) -> NegativeBinomial) -> Kept {
        let (routes, terms) = (self.routes, self.terms);
        let holding = terms.holding + terms.loss / terms.weeks;
        let short = |sample: usize, weeks: f64| {
            let waits = waits(sample, weeks);
            (waits.mean - if waits.mean > 0.0 { waits.sold(level as usize) } else { 0.0 }, waits.mean)
        };
        let (mut cost, mut missed) = (0.0, 0.0);
        for sample in 0..self.totals.len() {
            let (after, mean) = short(sample, routes.to_corner + routes.review);
            let (before, _) = short(sample, routes.to_corner);
            cost += holding * (f64::from(level) - mean + after) + terms.margin / routes.review * after;
            missed += after - before;
        }
        let count = self.totals.len().max(1) as f64;
        Kept { cost: cost / count, short: missed / count }
    }
}
