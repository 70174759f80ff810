//! What a stock level of one device earns at one corner.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | q | argument `units` | the level to which the device is filled up |
//! | H, L | `Line::weeks`, `Line::window_weeks` | weeks |
//! | Hd | `Line::horizon_demand` | units over the horizon |
//! | fill | `Line::fill_rate` | E[min(q, D)] / E[D] |
//!
//! Pi(q) = (price - cost) fill Hd - h H (q + E[(q - D)+])/2 - (cost - salvage) E[(q - D)+], in major units
//! of the market's currency; concave in q, so that the first pack which does not pay ends the search
//! [arrow1951].

use domain::forecast::DemandSamples;
use domain::settings::StockPolicy;

use crate::counts::Window;
use crate::facts::Facts;

/// One device at one corner.
pub(crate) struct Line {
    margin: f64,
    loss: f64,
    holding: f64,
    weeks: f64,
    horizon_demand: f64,
    window: Window,
    /// The same where all samples count alike, unless they do.
    alike: Option<Window>,
    /// Units per pack.
    pub(crate) pack: u32,
    /// Units at most.
    pub(crate) units_max: u32,
}

impl Line {
    /// The line of a row and device of the samples, selling `factor` times what the corner would sell
    /// alone; none where the device is not sold in its market before the horizon ends.
    pub(crate) fn new(
        facts: &Facts<'_>,
        samples: &DemandSamples,
        row: usize,
        device: usize,
        factor: f64,
    ) -> Option<Self> {
        Self::over(facts, samples, 0..samples.len(), None, (row, device), factor)
    }

    /// The same with samples that count `weights` in what is earned; service levels never ask for them.
    pub(crate) fn weighted(
        facts: &Facts<'_>,
        samples: &DemandSamples,
        weights: Option<&[f64]>,
        (row, device): (usize, usize),
        factor: f64,
    ) -> Option<Self> {
        Self::over(facts, samples, 0..samples.len(), weights, (row, device), factor)
    }

    /// The same of one sample by itself.
    pub(crate) fn in_sample(
        facts: &Facts<'_>,
        samples: &DemandSamples,
        sample: usize,
        (row, device): (usize, usize),
        factor: f64,
    ) -> Option<Self> {
        Self::over(facts, samples, sample..sample + 1, None, (row, device), factor)
    }

    fn over(
        facts: &Facts<'_>,
        samples: &DemandSamples,
        picked: std::ops::Range<usize>,
        weights: Option<&[f64]>,
        (row, device): (usize, usize),
        factor: f64,
    ) -> Option<Self> {
        let stock = &facts.settings.stock;
        let market = facts.market.stores[samples.stores[row].at()].market;
        let terms = facts.market.terms(samples.devices[device], market)?;
        if terms.launch.is_some_and(|launch| launch > facts.end) {
            return None;
        }
        let window_weeks = match stock.policy {
            StockPolicy::Cycle => f64::from((terms.lead_time_weeks + stock.review_weeks).max(1)),
            StockPolicy::SingleOrder => facts.weeks.max(1.0),
        };
        let adopted: f64 = samples.adoption.row(device).iter().rev().sum();
        let rates = || picked.clone().map(|sample| factor * samples.rates[[sample, row, device]]);
        let per_window = adopted / facts.weeks * window_weeks;
        let window = || Window::new(rates().map(|rate| rate * per_window), samples.dispersion[device] * window_weeks);
        let mean_rate = match weights {
            Some(weights) => rates().zip(weights).map(|(rate, weight)| rate * weight).sum(),
            None => rates().sum::<f64>() / picked.len() as f64,
        };
        let (window, alike) = match weights {
            Some(weights) => (window().counting(weights.to_vec()), Some(window())),
            None => (window(), None),
        };
        Some(Self {
            margin: terms.price.major() - terms.unit_cost.major(),
            loss: terms.unit_cost.major() - terms.salvage.major(),
            holding: terms.holding_cost_per_week.major(),
            weeks: facts.weeks,
            horizon_demand: mean_rate * adopted,
            window,
            alike,
            pack: terms.pack_size.max(1),
            units_max: stock.units_max,
        })
    }

    /// Pi(q).
    pub(crate) fn earns(&mut self, units: u32) -> f64 {
        let left = f64::from(units) - self.window.served(units);
        let sold = self.margin * self.fill_rate(units) * self.horizon_demand;
        sold - self.holding * self.weeks * (f64::from(units) + left) / 2.0 - self.loss * left
    }

    /// The share of demand served from stock (type 2); 1 without demand.
    pub(crate) fn fill_rate(&mut self, units: u32) -> f64 {
        let mean = self.window.mean();
        if mean > 0.0 { self.window.served(units) / mean } else { 1.0 }
    }

    /// P(D <= q) (type 1).
    pub(crate) fn service_level(&mut self, units: u32) -> f64 {
        self.alike.as_mut().unwrap_or(&mut self.window).below(units + 1)
    }

    /// max over whole packs of Pi: a level where neither a pack more nor one fewer pays.
    pub(crate) fn best(&mut self) -> f64 {
        let (mut units, mut best) = (0, self.earns(0));
        while let Some(more) = units_after(units, self.pack, self.units_max) {
            let earned = self.earns(more);
            if earned <= best {
                break;
            }
            (units, best) = (more, earned);
        }
        best
    }
}

/// One pack more, if it stays within the most.
pub(crate) fn units_after(units: u32, pack: u32, most: u32) -> Option<u32> {
    units.checked_add(pack).filter(|&more| more <= most)
}
