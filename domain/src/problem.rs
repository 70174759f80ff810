//! Problems as values: what is to be decided, without any solver in sight.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | J | `Rules::sites` | count |
//! | p | `Rules::open_max` | count |
//! | w_i | `Assignment::weights` | people |
//! | c_ij | `CostRows` | thousandths of a minute (or whole distance units) |
//! | c_i0 | `Assignment::fallback` | the cost of a zone that no open site serves |
//! | v_jk | `Profit::unit_values` | base-currency major units earned per unit of weekly demand, over the horizon |
//! | o_j | `Profit::open_costs` | base-currency major units |
//! | R_f(S) >= W_f | `Rules::reach` | people; see [`crate::reach`] |
//!
//! Assignment: minimise sum_i w_i min(c_i0, min over open j of c_ij).
//! `distance` is this with travel times; `coverage` is this with c_ij = 0 within the radius and
//! c_i0 = 1, which counts the people left uncovered.
//! Profit: maximise sum_jk v_jk D_jk(y) - sum_j o_j y_j under a capture law.
//! Both subject to [`Rules`].

use ndarray::Array2;

use crate::capture::CaptureModel;
use crate::places::Places;
use crate::reach::{Floor, Point};

/// Sites are positions 0..n among the candidates, which ascend by store id.
pub type Site = u32;

/// A linear rule over the open sites: `min <= sum of terms <= max`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What a person calls it, such as `budget.capex` or `placement.by_market.GB.stores_max`.
    pub name: String,
    /// (site, coefficient), ascending by site.
    pub terms: Vec<(Site, i64)>,
    /// At least.
    pub min: Option<i64>,
    /// At most.
    pub max: Option<i64>,
}

/// What every plan must obey.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// How many sites there are.
    pub sites: usize,
    /// At least so many open.
    pub open_min: usize,
    /// At most so many open.
    pub open_max: usize,
    /// Must be open, ascending.
    pub require: Vec<Site>,
    /// Must not be open, ascending.
    pub exclude: Vec<Site>,
    /// Budgets and counts.
    pub rows: Vec<Row>,
    /// Pairs that may not both be open, each (lower, higher), ascending.
    pub conflicts: Vec<(Site, Site)>,
    /// Floors on the people within reach. Some of `rows` may follow from them ([`Rules::bind`]): these help a search
    /// and restrict nothing.
    pub reach: Vec<Floor>,
}

impl Rules {
    /// Whether the open sites (ascending) obey every rule.
    #[must_use]
    pub fn allow(&self, open: &[Site]) -> bool {
        let has = |site: &Site| open.binary_search(site).is_ok();
        (self.open_min..=self.open_max).contains(&open.len())
            && self.require.iter().all(has)
            && !self.exclude.iter().any(has)
            && self.own_rows().all(|(_, row)| row.allows(open))
            && !self.conflicts.iter().any(|(one, other)| has(one) && has(other))
            && self.reach.iter().all(|floor| floor.keeps(open))
    }

    /// Adds the row that floor number `at` has at a point, unless it is known or asks for nothing. Says whether it did.
    pub fn bind(&mut self, at: usize, point: Point) -> bool {
        let Some(row) = self.reach[at].row(&point) else { return false };
        if self.rows.iter().any(|known| known.terms == row.terms && known.min == row.min && known.max.is_none()) {
            return false;
        }
        self.reach[at].points.push(point);
        self.rows.push(row);
        true
    }

    /// The rows that follow from no floor, with their positions.
    pub fn own_rows(&self) -> impl Iterator<Item = (usize, &Row)> {
        self.rows.iter().enumerate().filter(|(_, row)| !self.reach.iter().any(|floor| floor.owns(row)))
    }

    /// Whether a floor leaves no plan with these sites open and some of the `free` ones.
    #[must_use]
    pub fn out_of_reach(&self, open: &[Site], free: &[Site]) -> bool {
        let more = self.open_max.saturating_sub(open.len());
        self.reach.iter().any(|floor| floor.short(open, free.iter().copied(), more))
    }
}

impl Row {
    /// The left-hand side for the open sites (ascending).
    #[must_use]
    pub fn value(&self, open: &[Site]) -> i64 {
        self.terms.iter().filter(|(site, _)| open.binary_search(site).is_ok()).map(|(_, coefficient)| coefficient).sum()
    }

    /// Whether the open sites (ascending) obey it.
    #[must_use]
    pub fn allows(&self, open: &[Site]) -> bool {
        let value = self.value(open);
        self.min.is_none_or(|min| value >= min) && self.max.is_none_or(|max| value <= max)
    }
}

/// Costs from zones to sites, row by row.
#[derive(Debug, Clone, PartialEq)]
pub enum CostRows {
    /// Every pair: `costs[zone * sites + site]`.
    Dense {
        /// How many sites a row has.
        sites: usize,
        /// Row-major.
        costs: Vec<u32>,
    },
    /// Only the pairs that can matter; any other pair costs the zone's fallback.
    Sparse {
        /// Entries `starts[zone]..starts[zone + 1]` are the zone's.
        starts: Vec<usize>,
        /// Site of each entry, ascending within a zone.
        site: Vec<Site>,
        /// Cost of each entry.
        cost: Vec<u32>,
    },
    /// Every pair, measured when it is asked for: no matrix is held.
    Places(Places),
}

impl CostRows {
    /// Every listed (site, cost) of a zone, sites ascending.
    pub fn each(&self, zone: usize, mut visit: impl FnMut(Site, u32)) {
        match self {
            Self::Dense { sites, costs } => {
                (0..).zip(&costs[zone * sites..(zone + 1) * sites]).for_each(|(site, &cost)| visit(site, cost));
            }
            Self::Sparse { starts, site, cost } => {
                (starts[zone]..starts[zone + 1]).for_each(|at| visit(site[at], cost[at]));
            }
            Self::Places(places) => {
                (0..).take(places.sites.len()).for_each(|site| visit(site, places.cost(zone, site)))
            }
        }
    }
}

/// Minimise the weighted cost of serving every zone from its cheapest open site.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// w, by zone.
    pub weights: Vec<u64>,
    /// c_i0, by zone; `u32::MAX` where a zone must be served.
    pub fallback: Vec<u32>,
    /// c.
    pub costs: CostRows,
}

impl Assignment {
    /// How many zones there are.
    #[must_use]
    pub fn zones(&self) -> usize {
        self.weights.len()
    }

    /// What each of so many sites saves when it alone is open.
    #[must_use]
    pub fn alone(&self, sites: usize) -> Vec<f64> {
        let mut saved = vec![0.0; sites];
        for (zone, (&weight, &fallback)) in self.weights.iter().zip(&self.fallback).enumerate() {
            self.costs.each(zone, |site, cost| {
                saved[site as usize] += weight as f64 * f64::from(fallback.saturating_sub(cost));
            });
        }
        saved
    }

    /// The objective, exactly, for the open sites.
    #[must_use]
    pub fn value(&self, open: &[Site]) -> i128 {
        let mut is_open = Vec::new();
        if let CostRows::Sparse { .. } = self.costs {
            is_open = vec![false; open.iter().map(|site| *site as usize + 1).max().unwrap_or(0)];
            open.iter().for_each(|site| is_open[*site as usize] = true);
        }
        (0..self.zones())
            .map(|zone| {
                let best = match &self.costs {
                    CostRows::Places(places) => open.iter().map(|&site| places.cost(zone, site)).min(),
                    CostRows::Dense { sites, costs } => {
                        open.iter().map(|site| costs[zone * sites + *site as usize]).min()
                    }
                    CostRows::Sparse { starts, site, cost } => (starts[zone]..starts[zone + 1])
                        .filter(|&entry| is_open.get(site[entry] as usize).copied().unwrap_or(false))
                        .map(|entry| cost[entry])
                        .min(),
                };
                let cost = best.unwrap_or(u32::MAX).min(self.fallback[zone]);
                i128::from(self.weights[zone]) * i128::from(cost)
            })
            .sum()
    }
}

/// Maximise what captured demand earns, less what opening costs.
#[derive(Debug, Clone, PartialEq)]
pub struct Profit {
    /// The law and its parameters.
    pub capture: CaptureModel,
    /// v, `candidates x devices`: never negative (a device that loses money at a store is not stocked there).
    pub unit_values: Array2<f64>,
    /// o, by candidate.
    pub open_costs: Vec<f64>,
}

impl Profit {
    /// The objective for the open sites (ascending).
    #[must_use]
    pub fn value(&self, open: &[Site]) -> f64 {
        let open: Vec<usize> = open.iter().map(|site| *site as usize).collect();
        let demand = self.capture.demand(&open);
        let mut value = 0.0;
        for (row, &site) in open.iter().enumerate() {
            value += (&demand.row(row) * &self.unit_values.row(site)).sum() - self.open_costs[site];
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_layouts_give_the_same_value() {
        let dense = Assignment {
            weights: vec![3, 5],
            fallback: vec![10, 10],
            costs: CostRows::Dense { sites: 3, costs: vec![1, 7, 10, 10, 2, 4] },
        };
        let sparse = Assignment {
            costs: CostRows::Sparse { starts: vec![0, 2, 4], site: vec![0, 1, 1, 2], cost: vec![1, 7, 2, 4] },
            ..dense.clone()
        };
        for open in [vec![], vec![0], vec![1], vec![0, 2], vec![0, 1, 2]] {
            assert_eq!(dense.value(&open), sparse.value(&open), "{open:?}");
        }
        assert_eq!(dense.value(&[0, 2]), 3 + 20);
    }

    #[test]
    fn rules_are_kept() {
        let rules = Rules {
            sites: 3,
            open_max: 2,
            require: vec![1],
            exclude: vec![0],
            rows: vec![Row { name: "capex".into(), terms: vec![(1, 4), (2, 5)], min: None, max: Some(8) }],
            ..Rules::default()
        };
        assert!(rules.allow(&[1]));
        assert!(!rules.allow(&[2]));
        assert!(!rules.allow(&[0, 1]));
        assert!(!rules.allow(&[1, 2]));
    }
}
