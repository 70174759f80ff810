//! The placement of one who knows the distribution, but not the draws.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | Dbar_jk(y) | true demand at mean levels | units per week |
//! | v_jk = best stock's mean earnings of j alone / Dbar_jk({j}) | `Insight::unit_values` | base currency per unit of weekly demand |
//! | V(y) = sum_jk v_jk Dbar_jk(y) - sum_j o_j | `Insight::value` | base currency |
//!
//! Greedy, then swaps, additions and removals until none helps, on V [nemhauser1978]; from several
//! starts, of which the one with the highest true profit (`World::true_profit`'s draws, best stock)
//! is kept. A corner earns at most what it earns alone, so stores that rank low alone are left out.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::budget::StockPrices;
use crate::catchment::{KM_MAX, km};
use crate::field::Field;
use crate::truth::Law;
use crate::world::{HORIZON_WEEKS, SimulateError, World};

/// Draws behind each v_jk.
const VALUE_DRAWS: usize = 60;
/// Draws on which the starts are compared: those that profits are measured on.
const CHOICE_DRAWS: usize = 2_000;
/// Stores looked at beside those of the starts.
const SHORTLIST: usize = 150;

struct Insight<'a> {
    world: &'a World,
    /// By store; empty for those that can't open.
    unit_values: Vec<Vec<f64>>,
    /// V of groups of corners that share people, as far as they came up.
    known: RefCell<BTreeMap<Vec<usize>, f64>>,
}

impl<'a> Insight<'a> {
    fn of(world: &'a World, stores: &[usize], prices: StockPrices) -> Self {
        Self { world, unit_values: world.unit_values(stores, prices), known: RefCell::default() }
    }

    /// V: group by group, since corners that share no zone do not touch each other.
    fn value(&self, open: &[usize]) -> f64 {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for &store in open {
            let (met, apart): (Vec<_>, Vec<_>) =
                groups.into_iter().partition(|group| group.iter().any(|&other| self.world.share_people(store, other)));
            groups = apart;
            let mut group: Vec<usize> = met.into_iter().flatten().chain([store]).collect();
            group.sort_unstable();
            groups.push(group);
        }
        groups.into_iter().map(|group| self.group_value(group)).sum()
    }

    fn group_value(&self, group: Vec<usize>) -> f64 {
        if let Some(value) = self.known.borrow().get(&group) {
            return *value;
        }
        let field = Field::of(self.world, &group);
        let demand = field.demand(&field.mean_levels());
        let mut value = 0.0;
        for (here, &store) in demand.chunks_exact(self.world.device_count).zip(&group) {
            value += here.iter().zip(&self.unit_values[store]).map(|(units, worth)| units * worth).sum::<f64>();
            value -= self.world.open_cost(store);
        }
        self.known.borrow_mut().insert(group, value);
        value
    }

    /// Adds the store that helps most until none does or `most` are open.
    fn greedy(&self, mut open: Vec<usize>, among: &[usize], most: usize) -> Vec<usize> {
        let mut now = self.value(&open);
        while open.len() < most {
            let rest: Vec<usize> = among.iter().copied().filter(|store| !open.contains(store)).collect();
            let tried: Vec<f64> = rest.iter().map(|&store| self.value(&with(&open, None, Some(store)))).collect();
            let Some(best) = argmax(&tried).filter(|&at| tried[at] > now) else { break };
            open = with(&open, None, Some(rest[best]));
            now = tried[best];
        }
        open
    }

    /// The best swap or removal, again and again, with additions between.
    fn improved(&self, start: Vec<usize>, among: &[usize], most: usize) -> Vec<usize> {
        let mut open = self.greedy(start, among, most);
        loop {
            let now = self.value(&open);
            let mut moves: Vec<(usize, Option<usize>)> = open.iter().map(|&out| (out, None)).collect();
            for &out in &open {
                moves.extend(among.iter().filter(|store| !open.contains(store)).map(|&into| (out, Some(into))));
            }
            let tried: Vec<f64> = moves.iter().map(|&(out, into)| self.value(&with(&open, Some(out), into))).collect();
            // A hair's breadth of the value is rounding, not progress.
            match argmax(&tried).filter(|&at| tried[at] > now + 1e-9 * now.abs().max(1.0)) {
                Some(at) => open = self.greedy(with(&open, Some(moves[at].0), moves[at].1), among, most),
                None => return open,
            }
        }
    }
}

fn with(open: &[usize], out: Option<usize>, into: Option<usize>) -> Vec<usize> {
    let mut next: Vec<usize> = open.iter().copied().filter(|store| Some(*store) != out).chain(into).collect();
    next.sort_unstable();
    next
}

fn argmax(values: &[f64]) -> Option<usize> {
    (0..values.len()).max_by(|&a, &b| values[a].total_cmp(&values[b]).then(b.cmp(&a)))
}

impl World {
    /// At most `p` stores, chosen knowing the true distribution: what no plan that has only the
    /// tables can be expected to beat.
    #[must_use]
    pub fn oracle(&self, p: usize) -> Vec<String> {
        let starts = [self.top_sales(p), self.most_populous(p)];
        // The starts are this world's own stores, so none is unknown.
        self.oracle_from(p, &starts).unwrap_or_default()
    }

    /// The same, looking also at given placements and at what grows from them: never worse than the
    /// best of them, measured by [`World::true_profit`] over 2,000 draws with [`World::stock_for`].
    ///
    /// # Errors
    /// An unknown store in a start.
    pub fn oracle_from(&self, p: usize, starts: &[Vec<String>]) -> Result<Vec<String>, SimulateError> {
        let mut found = self.searched(p, starts, StockPrices::default())?;
        let earned: Vec<f64> =
            found.iter().map(|open| self.profit_of(open, &self.best_levels(open), CHOICE_DRAWS).mean).collect();
        let best = argmax(&earned).map(|at| found.swap_remove(at)).unwrap_or_default();
        Ok(best.into_iter().map(|store| self.geography.stores[store].id.clone()).collect())
    }

    /// What the search ends at from each of `starts` and from nothing, and the starts themselves, when stock has these prices.
    pub(crate) fn placements_at(
        &self,
        p: usize,
        starts: &[Vec<String>],
        prices: StockPrices,
    ) -> Result<Vec<Vec<String>>, SimulateError> {
        let id = |store: usize| self.geography.stores[store].id.clone();
        Ok(self.searched(p, starts, prices)?.into_iter().map(|open| open.into_iter().map(id).collect()).collect())
    }

    fn searched(
        &self,
        p: usize,
        starts: &[Vec<String>],
        prices: StockPrices,
    ) -> Result<Vec<Vec<usize>>, SimulateError> {
        let mut given = Vec::new();
        for start in starts {
            let mut open = start.iter().map(|id| self.position(id)).collect::<Result<Vec<_>, _>>()?;
            open.sort_unstable();
            open.dedup();
            given.push(open);
        }
        let mut stores = self.candidate_positions();
        stores.extend(given.iter().flatten());
        stores.sort_unstable();
        stores.dedup();
        let insight = Insight::of(self, &stores, prices);
        let alone: Vec<f64> = stores.iter().map(|&store| insight.value(&[store])).collect();
        let mut rank: Vec<usize> = (0..stores.len()).collect();
        rank.sort_by(|&a, &b| alone[b].total_cmp(&alone[a]).then(a.cmp(&b)));
        let mut among: Vec<usize> = rank.into_iter().take(SHORTLIST.max(4 * p)).map(|at| stores[at]).collect();
        among.extend(given.iter().flatten());
        among.sort_unstable();
        among.dedup();
        let mut found = vec![insight.improved(Vec::new(), &among, p)];
        for start in given {
            found.push(insight.improved(start.clone(), &among, p));
            found.push(start);
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// Whether two stores have a zone in common and the law makes that matter.
    fn share_people(&self, one: usize, other: usize) -> bool {
        if self.truth.law == Law::Independent {
            return false;
        }
        let stores = &self.geography.stores;
        if km(stores[one].place, stores[other].place) > 2.0 * KM_MAX {
            return false;
        }
        let zones = |store: usize| self.near[store].iter().map(|near| near.zone).peekable();
        let (mut here, mut there) = (zones(one), zones(other));
        while let (Some(a), Some(b)) = (here.peek(), there.peek()) {
            match a.cmp(b) {
                Ordering::Equal => return true,
                Ordering::Less => here.next(),
                Ordering::Greater => there.next(),
            };
        }
        false
    }

    /// v when stock has these prices, by store; empty for stores not asked for.
    fn unit_values(&self, stores: &[usize], prices: StockPrices) -> Vec<Vec<f64>> {
        let mut values = vec![Vec::new(); self.shops.len()];
        let found: Vec<Vec<f64>> = stores
            .par_iter()
            .map(|&store| {
                let field = Field::of(self, &[store]);
                let mut lines = vec![Vec::with_capacity(VALUE_DRAWS * HORIZON_WEEKS); self.device_count];
                for draw in 0..VALUE_DRAWS {
                    let paths = self.paths(&field, "value", draw);
                    for (line, path) in lines.iter_mut().zip(paths.chunks_exact(HORIZON_WEEKS)) {
                        line.extend_from_slice(path);
                    }
                }
                let (_, earned) = self.shelved(store, &lines, prices);
                let demand = field.demand(&field.mean_levels());
                earned.iter().zip(demand).map(|(earned, units)| earned.max(0.0) / units.max(1e-9)).collect()
            })
            .collect();
        stores.iter().zip(found).for_each(|(&store, found)| values[store] = found);
        values
    }
}

#[cfg(test)]
mod tests {
    use domain::geo::LatLon;

    use crate::profit::Decision;
    use crate::truth::Law;
    use crate::world::{World, WorldSize};

    #[test]
    fn among_neighbours_it_finds_nearly_the_best_pair() {
        // Nine stores in a row, 2 km apart, so that every pair shares people.
        let at = |step: f64| LatLon { lat: 40.0 + 0.018 * step, lon: -90.0 };
        let stores: Vec<_> = (0..9).map(|j| (format!("S{j}"), at(f64::from(j)))).collect();
        let zones: Vec<_> = (0..36).map(|i| (format!("Z{i:02}"), at(f64::from(i) / 4.0), 9_000)).collect();
        for seed in 1..=2 {
            let mut world = World::on(&stores, &zones, &WorldSize::demo(0), seed);
            world.truth.law = Law::Share;
            let profit = |open: &[usize]| world.profit_of(open, &world.best_levels(open), 500).mean;
            let found: Vec<usize> =
                world.oracle(2).iter().map(|id| world.position(id).expect("an own store")).collect();
            let mut best = f64::NEG_INFINITY;
            for a in 0..9 {
                best = best.max(profit(&[a]));
                for b in a + 1..9 {
                    best = best.max(profit(&[a, b]));
                }
            }
            // The oracle takes earnings as proportional to demand, which they nearly are: 2 % for that.
            assert!(profit(&found) > best - 0.02 * best.abs(), "{found:?}: {} of {best}", profit(&found));
        }
    }

    #[test]
    fn nobody_beats_the_oracle() {
        for seed in 1..=3 {
            let world = World::new(&WorldSize::demo(120), seed);
            let profit = |stores: Vec<String>| {
                let stock = world.stock_for(&stores).expect("own stores");
                world.true_profit(&Decision { stores, stock }, 2_000).expect("own stores")
            };
            let oracle = profit(world.oracle(12));
            // Monte Carlo's doubt after 2,000 draws, which the reader of a regret has to keep in mind.
            assert!(oracle.standard_error() < 0.01 * oracle.mean, "{oracle:?}");
            for stores in [world.top_sales(12), world.most_populous(12), world.random(12, 0), world.random(12, 1)] {
                let other = profit(stores);
                assert!(other.mean <= oracle.mean, "seed {seed}: {} beats {}", other.mean, oracle.mean);
            }
        }
    }
}
