//! What a decision would really earn.
//!
//! E[profit] = E over draws of the levels and of the weeks' counts of what the stock earns, less what
//! opening costs, in the base currency. Draws of a store come from a stream of that store, so two
//! decisions that share a store meet the same luck there, and their difference has less noise.

use rayon::prelude::*;

use crate::assortment::DEVICES;
use crate::budget::StockPrices;
use crate::field::Field;
use crate::random::{count, noise, stream};
use crate::shelf::Supply;
use crate::world::{HORIZON_WEEKS, REVIEW_WEEKS, SimulateError, World};

/// A decision, as plan.json states it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decision {
    /// Ids of the stores where a corner opens.
    pub stores: Vec<String>,
    /// (store id, device, level in units); nothing is stocked elsewhere.
    pub stock: Vec<(String, String, u32)>,
}

/// The profit of a decision under the truth, in base-currency major units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrueProfit {
    /// Its mean over the draws.
    pub mean: f64,
    /// The standard deviation of one draw.
    pub sd: f64,
    /// How many draws.
    pub draws: usize,
}

impl TrueProfit {
    /// The standard error of `mean`: what is left of Monte Carlo's doubt.
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        self.sd / (self.draws.max(1) as f64).sqrt()
    }
}

/// The scenario's most units of a device at a corner.
const UNITS_MAX: u32 = 400;
/// Draws that the stock rule of baselines looks at, other than those that profits are measured on.
const STOCK_DRAWS: usize = 300;

impl World {
    /// The expectation of the decision's profit over fresh draws of the hidden distribution, under
    /// the decision's own stock.
    ///
    /// # Errors
    /// An unknown store or device, or stock where no corner opens.
    pub fn true_profit(&self, decision: &Decision, draws: usize) -> Result<TrueProfit, SimulateError> {
        let open = self.opened(&decision.stores)?;
        let mut levels = vec![0; open.len() * self.device_count];
        for (store, device, units) in &decision.stock {
            let slot = open
                .binary_search(&self.position(store)?)
                .map_err(|_| SimulateError::StockWithoutCorner(store.clone()))?;
            let device = (0..self.device_count)
                .find(|&at| DEVICES[at].id == device)
                .ok_or_else(|| SimulateError::UnknownDevice(device.clone()))?;
            levels[slot * self.device_count + device] = *units;
        }
        Ok(self.profit_of(&open, &levels, draws))
    }

    /// The stock that the true distribution advises for these stores, each level the best on average
    /// over draws of its own, within the shelf: a common rule, so that placements alone are compared.
    ///
    /// # Errors
    /// An unknown store.
    pub fn stock_for(&self, stores: &[String]) -> Result<Vec<(String, String, u32)>, SimulateError> {
        let open = self.opened(stores)?;
        Ok(self.listed(&open, &self.best_levels(&open)))
    }

    /// Positions of stores, ascending, each once.
    pub(crate) fn opened(&self, stores: &[String]) -> Result<Vec<usize>, SimulateError> {
        let mut open = stores.iter().map(|id| self.position(id)).collect::<Result<Vec<_>, _>>()?;
        open.sort_unstable();
        open.dedup();
        Ok(open)
    }

    /// Levels as a decision lists them.
    pub(crate) fn listed(&self, open: &[usize], levels: &[u32]) -> Vec<(String, String, u32)> {
        let lines = levels.iter().enumerate().filter(|(_, units)| **units > 0).map(|(at, units)| {
            let store = open[at / self.device_count];
            (self.geography.stores[store].id.clone(), DEVICES[at % self.device_count].id.to_owned(), *units)
        });
        lines.collect()
    }

    /// Profit of levels (`open x devices`) at open positions.
    pub(crate) fn profit_of(&self, open: &[usize], levels: &[u32], draws: usize) -> TrueProfit {
        let field = Field::of(self, open);
        let costs: f64 = open.iter().map(|&store| self.open_cost(store)).sum();
        let profits: Vec<f64> = (0..draws)
            .into_par_iter()
            .map(|draw| {
                let paths = self.paths(&field, "profit", draw);
                let mut profit = -costs;
                for (line, path) in paths.chunks_exact(HORIZON_WEEKS).enumerate() {
                    let store = open[line / self.device_count];
                    let supply = self.supply(store, line % self.device_count);
                    profit += supply.earned(levels[line], path) / 100.0 * self.rate(self.market_of(store));
                }
                profit
            })
            .collect();
        let count = draws.max(1) as f64;
        let mean = profits.iter().sum::<f64>() / count;
        let variance = profits.iter().map(|profit| (profit - mean).powi(2)).sum::<f64>() / (count - 1.0).max(1.0);
        TrueProfit { mean, sd: variance.sqrt(), draws }
    }

    pub(crate) fn market_of(&self, store: usize) -> usize {
        self.geography.stores[store].market
    }

    /// What opening costs, in base-currency major units.
    pub(crate) fn open_cost(&self, store: usize) -> f64 {
        self.shops[store].open_cost_minor as f64 / 100.0 * self.rate(self.market_of(store))
    }

    pub(crate) fn supply(&self, store: usize, device: usize) -> Supply {
        let device = &DEVICES[device];
        Supply {
            lead_weeks: device.lead_time_weeks as usize,
            review_weeks: REVIEW_WEEKS,
            pack_size: device.pack_size,
            terms: device.terms(self.geography.markets[self.market_of(store)]),
        }
    }

    /// One draw's weekly demand, `open x devices x weeks`, from the streams of `purpose`.
    pub(crate) fn paths(&self, field: &Field<'_>, purpose: &str, draw: usize) -> Vec<u32> {
        let truth = &self.truth;
        let mut common = stream(self.seed, &format!("{purpose}-common"), draw as u64);
        let shared = noise(truth.common_sigma, &mut common);
        let markets: Vec<f64> = self.geography.markets.iter().map(|_| noise(truth.market_sigma, &mut common)).collect();
        let doubts: Vec<f64> = truth.devices.iter().map(|_| noise(truth.doubt_sigma, &mut common)).collect();
        let name = format!("{purpose}-store");
        let mut own: Vec<_> = (field.open().iter())
            .map(|&store| stream(self.seed, &name, (draw * self.shops.len() + store) as u64))
            .collect();
        let mut levels = field.mean_levels();
        for (slot, &store) in field.open().iter().enumerate() {
            for (device, facts) in truth.devices.iter().enumerate() {
                levels[slot * self.device_count + device] *=
                    shared * markets[self.market_of(store)] * doubts[device] * noise(facts.luck_sigma, &mut own[slot]);
            }
        }
        let demand = field.demand(&levels);
        let mut paths = Vec::with_capacity(demand.len() * HORIZON_WEEKS);
        for (line, demand) in demand.iter().enumerate() {
            let facts = &truth.devices[line % self.device_count];
            let rng = &mut own[line / self.device_count];
            paths.extend(facts.ramp.iter().map(|ramp| count(demand * ramp, facts.dispersion, rng)));
        }
        paths
    }

    /// The best levels, `open x devices`.
    pub(crate) fn best_levels(&self, open: &[usize]) -> Vec<u32> {
        let filled = |(&store, lines): (&usize, &Vec<Vec<u32>>)| self.shelved(store, lines, StockPrices::default()).0;
        open.par_iter().zip(&self.stock_paths(open)).map(filled).collect::<Vec<_>>().concat()
    }

    /// The paths that stock is chosen on, by open store and device, one draw after the other.
    pub(crate) fn stock_paths(&self, open: &[usize]) -> Vec<Vec<Vec<u32>>> {
        let field = Field::of(self, open);
        let draws: Vec<Vec<u32>> =
            (0..STOCK_DRAWS).into_par_iter().map(|draw| self.paths(&field, "stock", draw)).collect();
        let line = |slot: usize, device: usize| {
            let at = (slot * self.device_count + device) * HORIZON_WEEKS;
            draws.iter().flat_map(|paths| &paths[at..at + HORIZON_WEEKS]).copied().collect()
        };
        (0..open.len())
            .into_par_iter()
            .map(|slot| (0..self.device_count).map(|device| line(slot, device)).collect())
            .collect()
    }

    /// The best levels of one store for the given paths of each device when stock has these prices, and what they
    /// leave in base-currency major units: where the shelf is too short, packs go in order of the least loss
    /// per place on the shelf.
    pub(crate) fn shelved(&self, store: usize, lines: &[Vec<u32>], prices: StockPrices) -> (Vec<u32>, Vec<f64>) {
        let price = |device: usize| self.stock_price(store, device, prices);
        let supplies: Vec<Supply> = (0..lines.len()).map(|device| self.supply(store, device)).collect();
        let (mut levels, mut earned): (Vec<u32>, Vec<f64>) = (supplies.iter().zip(lines).enumerate())
            .map(|(device, (supply, paths))| supply.best_level(paths, HORIZON_WEEKS, UNITS_MAX, price(device)))
            .unzip();
        loop {
            let used: u32 = levels.iter().zip(&DEVICES).map(|(units, device)| units * device.shelf_units).sum();
            if used <= self.shops[store].shelf_units {
                break;
            }
            let fewer = (0..levels.len()).filter(|&at| levels[at] > 0).map(|at| {
                let level = levels[at].saturating_sub(supplies[at].pack_size);
                let left = supplies[at].mean_earned(level, &lines[at], HORIZON_WEEKS) - price(at) * f64::from(level);
                let places = f64::from((levels[at] - level) * DEVICES[at].shelf_units);
                ((earned[at] - left) / places, at, level, left)
            });
            let Some((_, at, level, left)) = fewer.min_by(|a, b| a.0.total_cmp(&b.0)) else { break };
            levels[at] = level;
            earned[at] = left;
        }
        let rate = self.rate(self.market_of(store));
        earned.iter_mut().for_each(|minor| *minor *= rate / 100.0);
        (levels, earned)
    }
}
