//! The demand of one window, and what a stock level makes of it.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | q | `units` | the level to which a device is filled up |
//! | mu_s = c F_s alpha-bar L | | mean demand of a window in sample s |
//! | P(D >= u) = mean over s of NB(mu_s, r L) | `Window::at_least` | |
//! | E[D] | `Window::mean` | units |
//! | E[min(q, D)] = sum over u = 1..q of P(D >= u) | [`Window::served`] | units |
//! | beta = E[min(q, D)] / E[D] | [`Window::fill_rate`] | |
//! | P(D <= q) | [`Window::service_level`] | |
//! | Hd = mean over s of c F_s A | `Window::horizon_demand` | units over the horizon |
//!
//! Where samples do not all count the same, means of what is earned are over lambda in the place of 1/S; demand itself, fill
//! rate and service level stay what they are ([`Window::alike`]).
//!
//! Pi(q) = (price - cost) beta Hd - h H (q + E[(q - D)+]) / 2 - (cost - salvage) E[(q - D)+], and the value
//! of unit u, m_u = (price - cost) (H / L) P(D >= u) - h H (1 + P(D < u)) / 2 - (cost - salvage) P(D < u),
//! never rises in u: the newsvendor's argument [arrow1951], unit by unit.

use domain::forecast::Rates;
use models::counts::NegativeBinomial;

use super::terms::Terms;

/// The demand of one window.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// E[D].
    pub mean: f64,
    /// Hd.
    pub horizon_demand: f64,
    /// P(D >= u), for u = 0 up to the table's end.
    pub at_least: Vec<f64>,
    /// The same where all samples count alike; none where they do.
    alike: Option<Box<Window>>,
}

impl Window {
    /// The window of a device that sells `rates`, each times `factor`, with a table up to `units`.
    #[must_use]
    pub fn of(rates: Rates<'_>, factor: f64, terms: &Terms, units: usize) -> Self {
        let samples = rates.values.len().max(1) as f64;
        let mut alike = Sums::up_to(units);
        let mut counted = rates.weights.map(|weights| (weights, Sums::up_to(units)));
        let mut table = vec![0.0; units + 1];
        for (at, rate) in rates.values.iter().enumerate() {
            let mean = rate * factor * terms.per_window();
            NegativeBinomial { mean, size: terms.size }.survival_into(&mut table);
            alike.at_least.iter_mut().zip(&table).for_each(|(sum, here)| *sum += here);
            alike.rate += rate * factor;
            if let Some((weights, sums)) = &mut counted {
                let weight = weights.get(at).copied().unwrap_or(0.0);
                sums.at_least.iter_mut().zip(&table).for_each(|(sum, here)| *sum += weight * here);
                sums.rate += weight * rate * factor;
            }
        }
        alike.at_least.iter_mut().for_each(|sum| *sum /= samples);
        alike.rate /= samples;
        let alike = alike.window(terms, None);
        match counted {
            Some((_, sums)) => sums.window(terms, Some(Box::new(alike))),
            None => alike,
        }
    }

    /// The same with a table no longer than it takes to see the best level, and the fewest packs that keep `level`.
    #[must_use]
    pub fn lasting(rates: Rates<'_>, factor: f64, terms: &Terms, units_max: u32, level: Option<f64>) -> Self {
        let packs_max = units_max / terms.pack;
        let highest = rates.values.iter().copied().fold(0.0, f64::max) * factor * terms.per_window();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "non-negative; a cast saturates")]
        let mut packs = ((highest / f64::from(terms.pack)).ceil() as u32).saturating_add(2).min(packs_max);
        loop {
            // One more than the last pack: P(D <= q) of it is asked for too.
            let window = Self::of(rates, factor, terms, (packs * terms.pack) as usize + 1);
            let seen = window.best_packs(terms, packs) < packs
                && window.alike.as_ref().is_none_or(|alike| alike.best_packs(terms, packs) < packs)
                && level.is_none_or(|level| window.packs_for(level, terms, packs).is_some());
            if seen || packs == packs_max {
                return window;
            }
            packs = packs.saturating_mul(2).min(packs_max);
        }
    }

    /// The window where all samples count alike.
    #[must_use]
    pub fn alike(&self) -> &Self {
        self.alike.as_deref().unwrap_or(self)
    }

    /// P(D >= u).
    fn at_least(&self, u: usize) -> f64 {
        self.at_least.get(u).copied().unwrap_or(0.0)
    }

    /// E[min(q, D)].
    #[must_use]
    pub fn served(&self, units: u32) -> f64 {
        (1..=units as usize).map(|u| self.at_least(u)).sum()
    }

    /// The share of demand served from stock (type 2); 1 where there is no demand.
    #[must_use]
    pub fn fill_rate(&self, units: u32) -> f64 {
        if self.mean > 0.0 { self.served(units) / self.mean } else { 1.0 }
    }

    /// P(D <= q) (type 1), whatever samples count. Needs a table up to q + 1.
    #[must_use]
    pub fn service_level(&self, units: u32) -> f64 {
        1.0 - self.alike().at_least(units as usize + 1)
    }

    /// Pi(q), in major units of the market's currency.
    #[must_use]
    pub fn profit(&self, units: u32, terms: &Terms) -> f64 {
        let served = self.served(units);
        let left = f64::from(units) - served;
        terms.margin * self.fill_rate(units) * self.horizon_demand
            - terms.holding * terms.weeks * (f64::from(units) + left) / 2.0
            - terms.loss * left
    }

    /// m_u: what the u-th unit adds to Pi.
    #[must_use]
    pub fn unit_value(&self, u: u32, terms: &Terms) -> f64 {
        let at_least = self.at_least(u as usize);
        let below = 1.0 - at_least;
        // Without demand nothing is served, whatever the survival table's first entry says.
        let sold = if self.mean > 0.0 { terms.weeks / terms.window * at_least } else { 0.0 };
        terms.margin * sold - terms.holding * terms.weeks * (1.0 + below) / 2.0 - terms.loss * below
    }

    /// What pack number `pack` (from 1) adds to Pi.
    #[must_use]
    pub fn pack_value(&self, pack: u32, terms: &Terms) -> f64 {
        ((pack - 1) * terms.pack + 1..=pack * terms.pack).map(|u| self.unit_value(u, terms)).sum()
    }

    /// The best level in packs, at most `packs_max`: as long as a pack adds more than nothing.
    #[must_use]
    pub fn best_packs(&self, terms: &Terms, packs_max: u32) -> u32 {
        (1..=packs_max).take_while(|&pack| self.pack_value(pack, terms) > 0.0).last().unwrap_or(0)
    }

    /// The fewest packs with P(D <= q) at least `level`; none up to `packs_max`.
    #[must_use]
    pub fn packs_for(&self, level: f64, terms: &Terms, packs_max: u32) -> Option<u32> {
        (0..=packs_max).find(|&packs| self.service_level(packs * terms.pack) >= level)
    }
}

/// Sums over samples.
struct Sums {
    at_least: Vec<f64>,
    /// Units per week.
    rate: f64,
}

impl Sums {
    fn up_to(units: usize) -> Self {
        Self { at_least: vec![0.0; units + 1], rate: 0.0 }
    }

    fn window(mut self, terms: &Terms, alike: Option<Box<Window>>) -> Window {
        self.at_least[0] = 1.0;
        let (mean, horizon_demand) = (self.rate * terms.per_window(), self.rate * terms.adopted);
        Window { mean, horizon_demand, at_least: self.at_least, alike }
    }
}

/// The best level alone, in units, and its Pi, where all samples count alike: with a table no longer than it takes to see
/// it.
#[must_use]
pub fn best_alone(rates: Rates<'_>, terms: &Terms, units_max: u32) -> (u32, f64) {
    let window = Window::lasting(Rates { weights: None, ..rates }, 1.0, terms, units_max, None);
    let units = window.best_packs(terms, units_max / terms.pack) * terms.pack;
    (units, window.profit(units, terms))
}
