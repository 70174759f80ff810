//! What a plan earns, on samples that it was not chosen on.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | F_sjk | `Book::fresh` | units per week at full adoption, in fresh sample s |
//! | c_jk | `Change::factors`, else `Line::factor` | what other corners leave |
//! | Pi_jk(q) | [`Book::line_profits`] | expected over the fresh samples |
//! | n = ceil(H / L) | windows drawn per sample, line | |
//!
//! Expected profit is Pi over fresh samples. An outcome of sample s draws the counts of n windows and
//! puts their mean of min(q, D) and of (q - D)+ into Pi, so that outcomes scatter as counts do and
//! average to the expectation.

use domain::forecast::DemandSamples;
use domain::seed::Seed;
use ndarray::Array2;
use rand::SeedableRng;
use rand_distr::{Distribution, Gamma, Poisson};
use rand_pcg::Pcg64;
use rayon::prelude::*;

use crate::stock::Line;
use crate::stock::terms::Terms;
use crate::stock::window::Window;

/// A plan with its stock and fresh samples of its stores.
#[derive(Debug)]
pub struct Book<'a> {
    /// What is stocked.
    pub lines: &'a [Line],
    /// q, by line.
    pub units: &'a [u32],
    /// o, by store, base-currency major units.
    pub open_costs: Vec<f64>,
    /// Samples of the chosen stores alone.
    pub fresh: DemandSamples,
    /// The factor on demand for having chosen the best-looking stores.
    pub selection: f64,
    /// The run's seed.
    pub seed: Seed,
}

/// What is assumed otherwise.
#[derive(Debug, Clone)]
pub struct Change {
    /// Factor on all demand.
    pub demand: f64,
    /// Factor on unit costs.
    pub device_cost: f64,
    /// Factor on open costs.
    pub open_cost: f64,
    /// c, `stores x devices`, where it changes.
    pub factors: Option<Array2<f64>>,
}

impl Change {
    /// Nothing is.
    #[must_use]
    pub fn none() -> Self {
        Self { demand: 1.0, device_cost: 1.0, open_cost: 1.0, factors: None }
    }
}

/// What a plan earns, store by store.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcomes {
    /// Expected, by store, base-currency major units.
    pub expected: Vec<f64>,
    /// `samples x stores`.
    pub drawn: Array2<f64>,
}

impl Outcomes {
    /// Totals of the plan, ascending.
    #[must_use]
    pub fn totals(&self) -> Vec<f64> {
        let mut totals: Vec<f64> = self.drawn.outer_iter().map(|row| row.iter().sum()).collect();
        totals.sort_unstable_by(f64::total_cmp);
        totals
    }

    /// The outcomes of a store, ascending.
    #[must_use]
    pub fn of_store(&self, store: usize) -> Vec<f64> {
        let mut drawn = self.drawn.column(store).to_vec();
        drawn.sort_unstable_by(f64::total_cmp);
        drawn
    }
}

/// The quantile of ascending values, linear between them; 0 of none.
#[must_use]
pub fn quantile(ascending: &[f64], level: f64) -> f64 {
    let Some(last) = ascending.len().checked_sub(1) else { return 0.0 };
    let place = level * last as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the last position")]
    let below = (place as usize).min(last);
    let above = (below + 1).min(last);
    ascending[below] + (place - below as f64) * (ascending[above] - ascending[below])
}

impl Book<'_> {
    fn factor(&self, line: &Line, change: &Change) -> f64 {
        let captured = change.factors.as_ref().map_or(line.factor, |factors| factors[[line.store, line.device]]);
        captured * change.demand * self.selection
    }

    /// Expected Pi of every line, in base-currency major units.
    #[must_use]
    pub fn line_profits(&self, change: &Change) -> Vec<f64> {
        self.lines
            .par_iter()
            .zip(self.units)
            .map(|(line, &units)| {
                let terms = line.terms.with_cost(change.device_cost);
                let rates = self.fresh.of(line.store, line.device);
                let window = Window::of(rates, self.factor(line, change), &terms, units as usize);
                window.profit(units, &terms) * terms.rate
            })
            .collect()
    }

    /// Expected profit by store, opening paid.
    #[must_use]
    pub fn expected(&self, change: &Change) -> Vec<f64> {
        let mut expected: Vec<f64> = self.open_costs.iter().map(|cost| -cost * change.open_cost).collect();
        for (line, profit) in self.lines.iter().zip(self.line_profits(change)) {
            expected[line.store] += profit;
        }
        expected
    }

    /// Expected profits, and outcomes with the scatter of counts in them. The same counts are drawn
    /// whatever the change, as far as their means are the same.
    #[must_use]
    pub fn outcomes(&self, change: &Change) -> Outcomes {
        let stores = self.open_costs.len();
        let terms: Vec<Terms> = self.lines.iter().map(|line| line.terms.with_cost(change.device_cost)).collect();
        let rows: Vec<Vec<f64>> = (0..self.fresh.len())
            .into_par_iter()
            .map(|sample| {
                let mut random = Pcg64::seed_from_u64(self.seed.stream("outcomes", sample as u64));
                let mut row: Vec<f64> = self.open_costs.iter().map(|cost| -cost * change.open_cost).collect();
                for ((line, terms), &units) in self.lines.iter().zip(&terms).zip(self.units) {
                    let rate = self.fresh.rates[[sample, line.store, line.device]];
                    let mean = rate * self.factor(line, change) * terms.per_window();
                    row[line.store] += drawn_profit(mean, units, terms, &mut random);
                }
                row
            })
            .collect();
        let drawn = Array2::from_shape_fn((rows.len(), stores), |(sample, store)| rows[sample][store]);
        Outcomes { expected: self.expected(change), drawn }
    }
}

/// Pi of one outcome, in base-currency major units.
fn drawn_profit(mean: f64, units: u32, terms: &Terms, random: &mut Pcg64) -> f64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few weeks over a few weeks")]
    let windows = (terms.weeks / terms.window).ceil().max(1.0) as u32;
    let units = f64::from(units);
    let served: f64 =
        (0..windows).map(|_| count(mean, terms.size, random).min(units)).sum::<f64>() / f64::from(windows);
    let left = units - served;
    let profit = terms.margin * served * terms.weeks / terms.window
        - terms.holding * terms.weeks * (units + left) / 2.0
        - terms.loss * left;
    profit * terms.rate
}

/// A negative binomial count, as a Poisson whose mean is a gamma; Poisson where the size is infinite.
pub(crate) fn count(mean: f64, size: f64, random: &mut Pcg64) -> f64 {
    let mean = match Gamma::new(size, mean / size) {
        Ok(gamma) if size.is_finite() && mean > 0.0 => gamma.sample(random),
        _ => mean,
    };
    // A mean of 0, or one that a gamma drew too small to tell from it, counts nothing.
    Poisson::new(mean).map_or(0.0, |poisson| poisson.sample(random))
}
