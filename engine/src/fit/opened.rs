//! Stores that sell a device already: what their own weeks teach, from the first on.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | m_j | level at full adoption of store j | units per week |
//! | u | uptake that the chain shares | units of the device per unit of related sales |
//! | tau | [`TRANSLATION_SIGMA`]: how stores' uptakes differ | of the log |
//!
//! Where the device is trained, m_j has the cold start's forecast of a fit without store j as its prior, and the
//! posterior of [`models::opening`] replaces it. Where it is assumed, the weeks of a few first corners teach u too:
//! with ln(m_j / L_j) = ln u + N(0, tau^2), each corner's weeks are worth a normal likelihood of ln u, and
//! the scenario's prior is updated by all of them [efron1973].
//!
//! How fast a corner is taken up is learnt from the others: each corner's weeks make a posterior of its p and q, and
//! what these add to the scenario's makes the prior of every other, and of corners to come.

use domain::ids::Idx;
use domain::market::Device;
use models::opening::{self, Adoption, Chain, Noise, Posterior, Prior, Week};
use models::sampler::TRANSLATION_SIGMA;

use super::history::Sales;
use super::level::Context;

/// How far a corner's p and q may lie from the scenario's, as a standard deviation of their logs: an assumption; between
/// products they differ by about twice as much, between corners of one chain by less.
const ADOPTION_SIGMA: f64 = 0.3;
/// The part of that variance which is a corner's own, the rest being the device's: an assumption; a half of each.
const APART: f64 = 0.5;
/// Noise of weeks where too few tell: as dispersed as slow movers usually are.
const NOISE: Noise = Noise { size: 2.0, correlation: 0.0 };
/// Standard deviation of a prior that says next to nothing beside a few weeks.
const VAGUE: f64 = 2.0;

/// The weeks of all stores that sell a device.
pub(super) struct Opened {
    /// By store; none where it does not sell it.
    stores: Vec<Option<Sales>>,
    noise: Noise,
    /// What all of them teach of one; none where no week had a stockout, or they are few.
    chain: Option<Chain>,
    /// The scenario's.
    adoption: Adoption,
    /// By store: the posterior of its own p and q; none where it is not being taken up, or its weeks are too few.
    analogs: Vec<Option<Adoption>>,
}

impl Opened {
    /// Of one device.
    pub(super) fn new(context: &Context<'_>, device: Idx<Device>) -> Self {
        let stores = context.history.sales(device, context.settings);
        let curve = context.settings.demand.adoption;
        let series: Vec<opening::Series> = stores.iter().flatten().map(Sales::adopted).collect();
        // Corners open at different times: their weeks have no index in common.
        let flat = vec![1.0; series.iter().map(Vec::len).max().unwrap_or(0)];
        let adoption =
            Adoption { innovation: curve.innovation, imitation: curve.imitation, log_sd: [ADOPTION_SIGMA; 2] };
        let mut noise = opening::noise(&series, &flat).unwrap_or(NOISE);
        // Weeks without a stockout are the calmer ones: where some have one, all of them say what stores are like.
        let seen: Vec<Vec<Week>> = stores.iter().flatten().map(Sales::exposed).collect();
        let censored = seen.iter().flatten().any(|week| week.censored);
        let chain = if censored { opening::chain(&seen) } else { None };
        if let Some(chain) = chain {
            noise = chain.noise;
        }
        let analog = |sales: &Sales| {
            let log_level = sales.level()?.ln();
            let prior = Prior { log_level, log_sd: VAGUE, adoption: sales.young.then_some(adoption) };
            opening::update(&prior, &sales.weeks, noise).adoption
        };
        let analogs = stores.iter().map(|sales| analog(sales.as_ref()?)).collect();
        Self { stores, noise, chain, adoption, analogs }
    }

    /// p and q of a corner that is still to open, as those that did teach them.
    pub(super) fn adoption(&self) -> Adoption {
        self.adoption_without(usize::MAX)
    }

    /// The same of a store, as all others teach them.
    fn adoption_without(&self, store: usize) -> Adoption {
        let others = self.analogs.iter().enumerate().filter(|(at, _)| *at != store);
        self.adoption.from_analogs(&others.filter_map(|(_, analog)| *analog).collect::<Vec<_>>(), APART)
    }

    /// What stores sell by their own weeks alone; none where those are too few to learn from.
    pub(super) fn sold(&self) -> Vec<Option<f64>> {
        self.stores
            .iter()
            .enumerate()
            .map(|(store, sales)| {
                let sales = sales.as_ref()?;
                let level = sales.level()?;
                if sales.weeks.iter().all(|week| !week.censored) {
                    return Some(level);
                }
                let (log_level, spread) =
                    self.chain.map_or((level.ln(), VAGUE), |chain| (chain.log_mean, chain.log_sd));
                Some(self.update(store, sales, log_level, spread).level)
            })
            .collect()
    }

    /// The posterior of every store that sells it, from the mean and spread of the log of its level before.
    pub(super) fn posteriors(&self, before: impl Fn(usize) -> (f64, f64)) -> Vec<Option<Posterior>> {
        self.stores
            .iter()
            .enumerate()
            .map(|(store, sales)| {
                let sales = sales.as_ref()?;
                let (log_level, log_sd) = before(store);
                (log_level.is_finite() && !sales.weeks.is_empty()).then(|| self.update(store, sales, log_level, log_sd))
            })
            .collect()
    }

    /// Mean and spread of ln u after the weeks of all corners; `related` is L by store.
    pub(super) fn uptake(&self, related: &[f64], mean: f64, sigma: f64) -> (f64, f64) {
        let (mut precision, mut weighted) = (sigma.powi(-2), mean * sigma.powi(-2));
        for (store, sales) in self.stores.iter().enumerate() {
            let Some(sales) = sales else { continue };
            let centre = related[store].ln() + mean;
            if sigma <= 0.0 || !centre.is_finite() {
                continue;
            }
            // The likelihood is what the posterior knows beyond a vague prior.
            let after = self.update(store, sales, centre, VAGUE);
            let own = after.log_sd.powi(-2) - VAGUE.powi(-2);
            if own > 0.0 {
                let middle = (after.log_level * after.log_sd.powi(-2) - centre * VAGUE.powi(-2)) / own;
                let worth = 1.0 / (1.0 / own + TRANSLATION_SIGMA.powi(2));
                precision += worth;
                weighted += worth * (middle - related[store].ln());
            }
        }
        if sigma <= 0.0 { (mean, sigma) } else { (weighted / precision, precision.sqrt().recip()) }
    }

    fn update(&self, store: usize, sales: &Sales, log_level: f64, log_sd: f64) -> Posterior {
        let adoption = sales.young.then(|| self.adoption_without(store));
        let weeks: &[Week] = &sales.weeks;
        opening::update(&Prior { log_level, log_sd, adoption }, weeks, self.noise)
    }
}
