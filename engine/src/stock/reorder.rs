//! When a corner reorders a device, and how much.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | R, L | `Upkeep::review_weeks`, lead time | weeks |
//! | D_R, D_L, D_(L+R) | `Demands`: of a review, a lead time, both; in one sample | units |
//! | S | `level`: what budgets left the line | units, a multiple of the pack |
//! | K | `Upkeep::fixed` | major units of the market's currency per order |
//! | h = R (holding + (cost - salvage)/H) | `Upkeep::holding` | the same, per unit left and review |
//! | price - cost | `Upkeep::margin` | the same, per unit short at a review's end |
//! | G(y) = h E[(y - D_(L+R))^+] + (price - cost) E[(D_(L+R) - y)^+] | | the same, per review |
//!
//! A sample's rate stays what it is from week to week, so a policy is run in each sample by itself, on that sample's
//! negative binomial, and what it costs and serves is the mean over samples; over one window that is [`super::window`]'s
//! mixture. Shortages wait.
//!
//! *Points*: S is the level, and s is the best of 0..=S - pack, by [`models::inventory::packs`]: all of them are
//! tried. *Lots*: the position is uniform on R + 1..=R + Q whatever the sample, an order goes out in E[min(D_R, Q)]/Q of
//! the reviews, and every R and Q with R + Q <= S is tried. Where the scenario asks for a service level, only policies that
//! keep it in the mean over samples compete; where none does, the one of most service is taken, and that is told.

use domain::forecast::Rates;
use models::counts::NegativeBinomial;
use models::inventory::{Demand, Pmf, Unsound, packs};

use super::terms::Terms;

/// How much is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As many packs as fit below this.
    UpTo(u32),
    /// As many lots of this as bring the position above the reorder point.
    Lots(u32),
}

/// A policy, and what it does in the long run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy {
    /// s or R.
    pub reorder: u32,
    /// Up to S, or in lots of Q.
    pub order: Order,
    /// Orders per review.
    pub orders: f64,
    /// Major units of the market's currency per review.
    pub cost: f64,
    /// Type 1.
    pub service: f64,
    /// Type 2.
    pub fill: f64,
}

/// The demand of one sample.
#[derive(Debug, Clone)]
struct Demands {
    review: Pmf,
    lead: Pmf,
    protection: Pmf,
}

/// A line of stock with what it costs to keep it up.
#[derive(Debug, Clone)]
pub struct Upkeep {
    samples: Vec<Demands>,
    /// E[D_R].
    demand: f64,
    pack: u32,
    fixed: f64,
    holding: f64,
    margin: f64,
}

/// Positions cost, fail and are short so much.
const LOOKED_AT: usize = 3;

impl Upkeep {
    /// Of a device that sells `rates`, each times `factor`, reviewed every `review_weeks`; an order costs `fixed`.
    ///
    /// # Errors
    /// Demand too wide for a table.
    pub fn of(rates: Rates<'_>, factor: f64, terms: &Terms, review_weeks: f64, fixed: f64) -> Result<Self, Unsound> {
        let a_week = terms.size / terms.window;
        let over = |rate: f64, weeks: f64| {
            let mean = rate * factor * terms.per_window() / terms.window * weeks;
            match mean > 0.0 && weeks > 0.0 {
                true => Pmf::negative_binomial(NegativeBinomial { mean, size: a_week * weeks }),
                false => Ok(Pmf::always(0)),
            }
        };
        let demands = |&rate: &f64| {
            let (review, lead) = (over(rate, review_weeks)?, over(rate, terms.window - review_weeks)?);
            Ok(Demands { review, lead, protection: over(rate, terms.window)? })
        };
        let samples: Vec<Demands> = rates.values.iter().map(demands).collect::<Result<_, Unsound>>()?;
        let demand = samples.iter().map(|sample| sample.review.mean()).sum::<f64>() / samples.len().max(1) as f64;
        let holding = review_weeks * (terms.holding + terms.loss / terms.weeks);
        Ok(Self { samples, demand, pack: terms.pack, fixed, holding, margin: terms.margin })
    }

    /// What a sample makes of position y: G, P(D > y), and what a review can't serve at once.
    fn at(&self, sample: &Demands, y: u32) -> [f64; LOOKED_AT] {
        let y = i64::from(y);
        let short = sample.protection.short(y);
        let left = (y as f64 - sample.protection.mean() + short).max(0.0);
        [self.holding * left + self.margin * short, sample.protection.above(y), short - sample.lead.short(y)]
    }

    fn policy(&self, reorder: u32, order: Order, orders: f64, [cost, failed, short]: [f64; LOOKED_AT]) -> Policy {
        let fill = if self.demand > 0.0 { 1.0 - short / self.demand } else { 1.0 };
        Policy { reorder, order, orders, cost: self.fixed * orders + cost, service: 1.0 - failed, fill }
    }

    /// (s, S) of each s, from the level less a pack down to 0.
    ///
    /// # Errors
    /// A level below a pack.
    pub fn points(&self, level: u32) -> Result<Vec<Policy>, Unsound> {
        let gaps = (level as usize + 1).saturating_sub(self.pack as usize);
        let mut sums = vec![(0.0, [0.0; LOOKED_AT]); gaps];
        for sample in &self.samples {
            let at: Vec<_> = (0..level).map(|below| self.at(sample, level - below)).collect();
            if sample.review.mean() > 0.0 {
                let runs = packs::runs(&sample.review, self.pack, &at)?;
                for (sum, run) in sums.iter_mut().zip(&runs) {
                    sum.0 += run.orders;
                    sum.1.iter_mut().zip(run.means).for_each(|(sum, mean)| *sum += mean);
                }
            } else if let Some(full) = at.first() {
                // Nothing ever leaves the shelf.
                sums.iter_mut().for_each(|sum| sum.1.iter_mut().zip(full).for_each(|(sum, mean)| *sum += mean));
            }
        }
        let count = self.samples.len().max(1) as f64;
        let each = sums.into_iter().zip((0..=level.saturating_sub(self.pack)).rev());
        Ok(each
            .map(|((orders, means), reorder)| {
                self.policy(reorder, Order::UpTo(level), orders / count, means.map(|mean| mean / count))
            })
            .collect())
    }

    /// (R, Q) of each lot of whole packs and each R with R + Q up to the level.
    #[must_use]
    pub fn lots(&self, level: u32) -> Vec<Policy> {
        let count = self.samples.len().max(1) as f64;
        // Sums over positions 1..=y, and E[min(D_R, Q)], each over all samples.
        let mut below = vec![[0.0; LOOKED_AT]; level as usize + 1];
        for y in 1..=level {
            let mut sums = below[y as usize - 1];
            for sample in &self.samples {
                sums.iter_mut().zip(self.at(sample, y)).for_each(|(sum, value)| *sum += value / count);
            }
            below[y as usize] = sums;
        }
        let ordered = |lot: u32| {
            let lost: f64 = self.samples.iter().map(|sample| sample.review.short(i64::from(lot))).sum();
            (self.demand - lost / count).max(0.0)
        };
        let mut found = Vec::new();
        for lot in (1..=level / self.pack).map(|packs| packs * self.pack) {
            let orders = ordered(lot) / f64::from(lot);
            for reorder in 0..=level - lot {
                let (low, high) = (below[reorder as usize], below[(reorder + lot) as usize]);
                let means = std::array::from_fn(|at| (high[at] - low[at]) / f64::from(lot));
                found.push(self.policy(reorder, Order::Lots(lot), orders, means));
            }
        }
        found
    }
}

/// The cheapest policy that keeps the service level, or where none does the one of most service; and whether it keeps it.
/// Where several are as good, the first.
#[must_use]
pub fn best(policies: &[Policy], service_min: Option<f64>) -> Option<(Policy, bool)> {
    let floor = service_min.unwrap_or(f64::NEG_INFINITY);
    let keeps = policies.iter().filter(|policy| policy.service >= floor);
    let cheapest = keeps.fold(None, |best: Option<&Policy>, next| match best {
        Some(best) if best.cost <= next.cost => Some(best),
        _ => Some(next),
    });
    if let Some(cheapest) = cheapest {
        return Some((*cheapest, true));
    }
    let most = policies.iter().fold(None, |best: Option<&Policy>, next| match best {
        Some(best) if best.service >= next.service => Some(best),
        _ => Some(next),
    });
    most.map(|most| (*most, false))
}
