//! Stock under budgets that all corners share, and the placement of one who knows the distribution under them.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | M, U | [`StockBudget`]: what all opening stock may cost, how many units it may be | base currency, units |
//! | mu, nu | [`StockPrices`]: of a base-currency unit of opening stock, and of a unit of it | base currency |
//!
//! From each line's best level, packs go in order of the least loss per share of the budgets that are still exceeded, until none
//! is. What the last pack lost per share prices the budgets; the stock is chosen again at about these prices, cut and filled up,
//! and the best kept. Stores are then chosen on what they leave when their stock has these prices [geoffrion1974].

use crate::assortment::DEVICES;
use crate::profit::Decision;
use crate::world::{HORIZON_WEEKS, SimulateError, World};

/// Budgets of opening stock; infinite where there is none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StockBudget {
    /// What all of it may cost, base-currency major units.
    pub money: f64,
    /// How many units it may be.
    pub units: f64,
}

/// What budgets are worth.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct StockPrices {
    money: f64,
    units: f64,
}

/// Parts of the prices first found at which the stock is chosen again.
const PARTS: [f64; 5] = [0.4, 0.7, 0.9, 1.0, 1.2];
/// Draws on which placements are compared: those that profits are measured on.
const CHOICE_DRAWS: usize = 2_000;

impl World {
    /// The same world with shelves of this share of their length.
    #[must_use]
    pub fn with_shelves(mut self, share: f64) -> Self {
        for shop in &mut self.shops {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "non-negative; a cast saturates"
            )]
            let units = (f64::from(shop.shelf_units) * share).round() as u32;
            shop.shelf_units = units;
        }
        self
    }

    /// The stock that the true distribution advises for these stores within budgets and shelves, at least nearly the best.
    ///
    /// # Errors
    /// An unknown store.
    pub fn stock_within(
        &self,
        stores: &[String],
        budget: StockBudget,
    ) -> Result<Vec<(String, String, u32)>, SimulateError> {
        let open = self.opened(stores)?;
        Ok(self.listed(&open, &self.filled(&open, budget).0))
    }

    /// At most `p` stores, chosen knowing the true distribution, their stock within `budget`: never worse than the best of
    /// `starts`, measured by [`World::true_profit`] over 2,000 draws with [`World::stock_within`].
    ///
    /// # Errors
    /// An unknown store in a start.
    pub fn oracle_within(
        &self,
        p: usize,
        starts: &[Vec<String>],
        budget: StockBudget,
    ) -> Result<Vec<String>, SimulateError> {
        let mut found = starts.to_vec();
        found.push(self.oracle_from(p, starts)?);
        let mut best: Option<(f64, Vec<String>)> = None;
        // Once at the prices of the best start, once at those of what they led to.
        for _ in 0..2 {
            for stores in found.drain(..) {
                let stock = self.stock_within(&stores, budget)?;
                let earned = self.true_profit(&Decision { stores: stores.clone(), stock }, CHOICE_DRAWS)?.mean;
                if best.as_ref().is_none_or(|best| earned > best.0) {
                    best = Some((earned, stores));
                }
            }
            if let Some((_, stores)) = &best {
                let (_, prices) = self.filled(&self.opened(stores)?, budget);
                found = self.placements_at(p, std::slice::from_ref(stores), prices)?;
            }
        }
        for stores in found {
            let stock = self.stock_within(&stores, budget)?;
            let earned = self.true_profit(&Decision { stores: stores.clone(), stock }, CHOICE_DRAWS)?.mean;
            if best.as_ref().is_none_or(|best| earned > best.0) {
                best = Some((earned, stores));
            }
        }
        Ok(best.map(|best| best.1).unwrap_or_default())
    }

    /// What a unit of a device's level costs at these prices, in minor units of its market.
    pub(crate) fn stock_price(&self, store: usize, device: usize, prices: StockPrices) -> f64 {
        let cost = f64::from(self.supply(store, device).terms.cost);
        prices.money * cost + prices.units * 100.0 / self.rate(self.market_of(store))
    }

    /// Levels within the budgets, `open x devices`, and what the budgets are worth there.
    fn filled(&self, open: &[usize], budget: StockBudget) -> (Vec<u32>, StockPrices) {
        let filling = Filling { world: self, open, paths: self.stock_paths(open), budget };
        let (mut levels, mut prices) = filling.cut(StockPrices::default());
        let mut earned = filling.earns(&levels);
        // A shelf that was filled as if stock were free holds the wrong things once it is not.
        for part in PARTS {
            let at = StockPrices { money: part * prices.money, units: part * prices.units };
            let (other, after) = filling.cut(at);
            let more = filling.earns(&other);
            if more > earned {
                (levels, earned) = (other, more);
                prices = StockPrices { money: at.money.max(after.money), units: at.units.max(after.units) };
            }
        }
        (levels, prices)
    }
}

/// Stock being chosen for open stores.
struct Filling<'a> {
    world: &'a World,
    open: &'a [usize],
    paths: Vec<Vec<Vec<u32>>>,
    budget: StockBudget,
}

impl Filling<'_> {
    fn store(&self, line: usize) -> (usize, usize, usize) {
        let (slot, device) = (line / self.world.device_count, line % self.world.device_count);
        (self.open[slot], slot, device)
    }

    /// What a line earns at a level, base currency.
    fn line_earns(&self, line: usize, level: u32) -> f64 {
        let (store, slot, device) = self.store(line);
        let minor = self.world.supply(store, device).mean_earned(level, &self.paths[slot][device], HORIZON_WEEKS);
        minor / 100.0 * self.world.rate(self.world.market_of(store))
    }

    fn earns(&self, levels: &[u32]) -> f64 {
        levels.iter().enumerate().map(|(line, &level)| self.line_earns(line, level)).sum()
    }

    /// What a unit costs, base currency.
    fn cost(&self, line: usize) -> f64 {
        let (store, _, device) = self.store(line);
        f64::from(self.world.supply(store, device).terms.cost) / 100.0 * self.world.rate(self.world.market_of(store))
    }

    /// What levels take of each budget, 1 being all of it.
    fn taken(&self, levels: &[u32]) -> [f64; 2] {
        let spent: f64 = levels.iter().enumerate().map(|(line, &level)| self.cost(line) * f64::from(level)).sum();
        let units: f64 = levels.iter().copied().map(f64::from).sum();
        [spent / self.budget.money, units / self.budget.units]
    }

    /// The best levels at these prices, cut until the budgets hold, then filled up with what still fits.
    fn cut(&self, at: StockPrices) -> (Vec<u32>, StockPrices) {
        let filled = |(&store, lines): (&usize, &Vec<Vec<u32>>)| self.world.shelved(store, lines, at).0;
        let mut levels: Vec<u32> = self.open.iter().zip(&self.paths).flat_map(filled).collect();
        let pack = |line: usize| DEVICES[self.store(line).2].pack_size;
        // What a line loses with its last pack, and gains by another.
        let down = |line: usize, level: u32| {
            self.line_earns(line, level) - self.line_earns(line, level.saturating_sub(pack(line)))
        };
        let mut losses: Vec<f64> = levels.iter().enumerate().map(|(line, &level)| down(line, level)).collect();
        let mut prices = at;
        loop {
            let [dear, many] = self.taken(&levels).map(|taken| taken > 1.0);
            if !dear && !many {
                break;
            }
            let [dear, many] =
                [if dear { 1.0 / self.budget.money } else { 0.0 }, if many { 1.0 / self.budget.units } else { 0.0 }];
            let last = (0..levels.len()).filter(|&line| levels[line] > 0).map(|line| {
                let units = f64::from(levels[line].min(pack(line)));
                (losses[line] / (units * (dear * self.cost(line) + many)), line)
            });
            let Some((lost, line)) = last.min_by(|a, b| a.0.total_cmp(&b.0)) else { break };
            prices = StockPrices { money: lost.max(0.0) * dear, units: lost.max(0.0) * many };
            levels[line] = levels[line].saturating_sub(pack(line));
            losses[line] = down(line, levels[line]);
        }
        let mut gains: Vec<f64> =
            levels.iter().enumerate().map(|(line, &level)| down(line, level + pack(line))).collect();
        loop {
            let fits = |line: usize| {
                let mut more = levels.clone();
                more[line] += pack(line);
                let slot = line / self.world.device_count;
                let here = slot * self.world.device_count..(slot + 1) * self.world.device_count;
                let shelf: u32 = here.clone().map(|line| more[line] * DEVICES[self.store(line).2].shelf_units).sum();
                shelf <= self.world.shops[self.open[slot]].shelf_units
                    && self.taken(&more).iter().all(|&taken| taken <= 1.0)
            };
            let per = |line: usize| {
                let share = self.cost(line) / self.budget.money + 1.0 / self.budget.units;
                if share > 0.0 { gains[line] / share } else { gains[line] }
            };
            let next = (0..levels.len()).filter(|&line| gains[line] > 0.0 && fits(line));
            let Some(line) = next.max_by(|&a, &b| per(a).total_cmp(&per(b)).then(b.cmp(&a))) else {
                return (levels, prices);
            };
            levels[line] += pack(line);
            gains[line] = down(line, levels[line] + pack(line));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::WorldSize;

    #[test]
    fn stock_within_a_budget_keeps_it_and_costs_as_little_as_it_can() {
        let world = World::new(&WorldSize::demo(60), 3).with_shelves(0.5);
        let stores = world.top_sales(3);
        let free = world.stock_for(&stores).expect("own stores");
        let none = StockBudget { money: f64::INFINITY, units: f64::INFINITY };
        let roomy = world.stock_within(&stores, none).expect("own stores");
        let units = |stock: &[(String, String, u32)]| stock.iter().map(|line| f64::from(line.2)).sum::<f64>();
        let budget = StockBudget { units: 0.6 * units(&free), ..none };
        let tight = world.stock_within(&stores, budget).expect("own stores");
        // The largest pack is what a budget may leave.
        assert!(units(&tight) <= budget.units && units(&tight) > budget.units - 12.0);
        let profit = |stock: Vec<(String, String, u32)>| {
            world.true_profit(&Decision { stores: stores.clone(), stock }, 1_000).expect("own stores").mean
        };
        // The same budget, cut alike everywhere, earns less.
        let alike = free.iter().map(|(store, device, units)| (store.clone(), device.clone(), units * 6 / 10)).collect();
        // Without a budget nothing is cut; what a cut shelf left room for may come back.
        assert!(roomy.iter().zip(&free).all(|(roomy, free)| roomy.2 >= free.2));
        let (free, tight, alike) = (profit(free), profit(tight), profit(alike));
        assert!(alike < tight && tight < free, "{alike} {tight} {free}");
    }

    #[test]
    fn the_oracle_within_budgets_is_no_worse_than_where_it_started() {
        let world = World::new(&WorldSize::demo(80), 4);
        let starts = [world.top_sales(4), world.most_populous(4)];
        let budget = StockBudget { money: 12_000.0, units: 400.0 };
        let profit = |stores: &[String]| {
            let stock = world.stock_within(stores, budget).expect("own stores");
            world.true_profit(&Decision { stores: stores.to_vec(), stock }, 2_000).expect("own stores").mean
        };
        let oracle = world.oracle_within(4, &starts, budget).expect("own stores");
        assert!(starts.iter().all(|start| profit(start) <= profit(&oracle)));
    }
}
