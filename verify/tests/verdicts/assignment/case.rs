//! Distance and coverage as they are defined, dense and without a solver: the best plan, and a right certificate of it.

use domain::certificate::{AssignmentCertificate, Certificate, Fixing, Leaf, Prices};
use domain::ids::Idx;
use domain::market::Market;
use domain::settings::{ObjectiveKind, Settings};
use domain::units::Bonus;
use proptest::prelude::*;
use verify::{Verdict, check};

use crate::world::*;

pub(super) const BITS: u32 = 3;

/// The dense problem, from the definition.
pub(super) struct Dense {
    pub(super) weights: Vec<u64>,
    pub(super) costs: Vec<Vec<u32>>,
    pub(super) fallback: Vec<u32>,
}

impl Dense {
    pub(super) fn new(market: &Market, settings: &Settings) -> Self {
        let times = market.travel_times();
        let all = |zone: usize| -> Vec<u32> {
            market.store_ids.iter().map(|store| times.milli_minutes(Idx::new(zone), store).unwrap()).collect()
        };
        let corner = |zone: usize| {
            let corners = market.corners.iter();
            corners.filter_map(|corner| times.milli_minutes(Idx::new(zone), corner.store)).min().unwrap_or(u32::MAX)
        };
        let rows: Vec<Vec<u32>> = (0..market.zones.len()).map(all).collect();
        let candidates: Vec<usize> =
            (0..market.stores.len()).filter(|&at| market.corners.iter().all(|c| c.store.at() != at)).collect();
        let pick = |row: &Vec<u32>| -> Vec<u32> { candidates.iter().map(|&at| row[at]).collect() };
        let rows: Vec<Vec<u32>> = rows.iter().map(pick).collect();
        let weights = market.zones.iter().map(|zone| zone.population).collect();
        let mut dense = match settings.objective.kind {
            ObjectiveKind::Coverage => Self {
                weights,
                fallback: (0..rows.len()).map(|zone| u32::from(corner(zone) > 10_000)).collect(),
                costs: rows.iter().map(|row| row.iter().map(|&time| u32::from(time > 10_000)).collect()).collect(),
            },
            _ => {
                let farthest = |row: &Vec<u32>| {
                    settings.travel.minutes_max.map_or(*row.iter().max().unwrap(), |most| (most.minutes * 1e3) as u32)
                };
                Self {
                    weights,
                    fallback: rows.iter().enumerate().map(|(zone, row)| farthest(row).min(corner(zone))).collect(),
                    costs: rows,
                }
            }
        };
        // Losing one that stays costs its bonus: a zone that only it serves.
        for id in &settings.placement.stay {
            let stays = candidates.iter().position(|&at| market.store_ids.names()[at] == *id).unwrap();
            dense.weights.push(match settings.placement.stay_bonus.unwrap() {
                Bonus::PeopleMinutes(amount) => (amount * 1e3) as u64,
                Bonus::People(people) => people,
                Bonus::Money(_) => unreachable!(),
            });
            dense.fallback.push(1);
            dense.costs.push((0..candidates.len()).map(|site| u32::from(site != stays)).collect());
        }
        dense
    }

    pub(super) fn cost(&self, open: &[usize]) -> i64 {
        let zone = |at: usize| {
            let best = open.iter().map(|&site| self.costs[at][site]).min().unwrap_or(u32::MAX);
            self.weights[at] as i64 * i64::from(best.min(self.fallback[at]))
        };
        (0..self.weights.len()).map(zone).sum()
    }

    /// Prices at the cost that a zone would pay second, over the sites that are not closed: good ones.
    pub(super) fn prices(&self, open: &[usize], closed: &[usize]) -> Prices {
        let all_decided = open.len() + closed.len() == self.costs[0].len();
        let zone = |at: usize| {
            let mut costs: Vec<u32> = (0..self.costs[at].len())
                .filter(|site| !closed.contains(site))
                .map(|site| self.costs[at][site].min(self.fallback[at]))
                .collect();
            costs.push(self.fallback[at]);
            costs.sort_unstable();
            let price = costs[usize::from(!all_decided).min(costs.len() - 1)];
            i64::from(price) << BITS
        };
        Prices { zones: (0..self.weights.len()).map(zone).collect(), ..Prices::default() }
    }

    /// The bound of prices over plans with `open` and without `closed`, at most `most` sites: by enumeration.
    pub(super) fn bound(&self, prices: &Prices, open: &[usize], closed: &[usize], most: usize) -> Option<i64> {
        let sites = self.costs[0].len();
        let saved = |zone: usize, site: usize| {
            (prices.zones[zone] - (i64::from(self.costs[zone][site]) << BITS)).max(0) * self.weights[zone] as i64
        };
        let rho: Vec<i64> =
            (0..sites).map(|site| (0..self.weights.len()).map(|zone| saved(zone, site)).sum()).collect();
        let constant: i64 = prices.zones.iter().zip(&self.weights).map(|(v, w)| v * *w as i64).sum();
        let fits = |set: &Vec<usize>| {
            set.len() <= most
                && open.iter().all(|site| set.contains(site))
                && !closed.iter().any(|site| set.contains(site))
        };
        subsets(sites).filter(fits).map(|set| constant - set.iter().map(|&site| rho[site]).sum::<i64>()).min()
    }
}

pub(super) struct Case {
    pub(super) market: Market,
    pub(super) settings: Settings,
    pub(super) dense: Dense,
    pub(super) open: Vec<usize>,
    pub(super) best: i64,
}

impl Case {
    pub(super) fn new(market: Market, settings: Settings) -> Self {
        let dense = Dense::new(&market, &settings);
        let most = settings.placement.stores_max() as usize;
        let open =
            subsets(dense.costs[0].len()).filter(|set| set.len() <= most).min_by_key(|set| dense.cost(set)).unwrap();
        let best = dense.cost(&open);
        Self { market, settings, dense, open, best }
    }

    pub(super) fn id(&self, site: usize) -> String {
        let corner = |at: &usize| self.market.corners.iter().any(|corner| corner.store.at() == *at);
        let store = (0..self.market.stores.len()).filter(|at| !corner(at)).nth(site).unwrap();
        self.market.store_ids.names()[store].clone()
    }

    /// A proof of the best cost: closing by price at the root, then halving until each part is proved.
    pub(super) fn certificate(&self) -> AssignmentCertificate {
        let most = self.settings.placement.stores_max() as usize;
        let root = self.dense.prices(&[], &[]);
        let proves = |prices: &Prices, open: &[usize], closed: &[usize]| {
            self.dense.bound(prices, open, closed, most).is_none_or(|bound| bound >= self.best << BITS)
        };
        let closed: Vec<usize> = (0..self.dense.costs[0].len()).filter(|&site| proves(&root, &[site], &[])).collect();
        let ids = |sites: &[usize]| sites.iter().map(|&site| self.id(site)).collect::<Vec<_>>();
        let mut made = AssignmentCertificate {
            price_bits: BITS,
            bound: self.best,
            prices: vec![root],
            fixings: vec![Fixing { prices: 0, closed: ids(&closed), ..Fixing::default() }],
            leaves: Vec::new(),
            reach: Vec::new(),
        };
        let mut parts = vec![(Vec::new(), Vec::new())];
        while let Some((open, shut)) = parts.pop() {
            let gone: Vec<usize> = shut.iter().chain(&closed).copied().collect();
            if open.len() > most {
                made.leaves.push(Leaf { open: ids(&open), closed: ids(&shut), prices: None });
                continue;
            }
            let prices = self.dense.prices(&open, &gone);
            if proves(&prices, &open, &gone) {
                made.prices.push(prices);
                let prices = Some(made.prices.len() - 1);
                made.leaves.push(Leaf { open: ids(&open), closed: ids(&shut), prices });
                continue;
            }
            let site =
                (0..self.dense.costs[0].len()).find(|site| !gone.contains(site) && !open.contains(site)).unwrap();
            parts.push((open.iter().copied().chain([site]).collect(), shut.clone()));
            parts.push((open, shut.into_iter().chain([site]).collect()));
        }
        made
    }

    pub(super) fn stated(&self, cost: i64) -> f64 {
        match self.settings.objective.kind {
            ObjectiveKind::Coverage => self.dense.weights.iter().sum::<u64>() as f64 - cost as f64,
            _ => cost as f64 / 1000.0,
        }
    }

    /// The part of the objective that is stay bonus: what is kept for coverage, what is lost for distance.
    pub(super) fn stay_bonus(&self, open: &[usize]) -> f64 {
        let ids: Vec<String> = open.iter().map(|&site| self.id(site)).collect();
        let kept = self.settings.placement.stay.iter().filter(|id| ids.contains(id)).count();
        let lost = self.settings.placement.stay.len() - kept;
        match self.settings.placement.stay_bonus {
            Some(Bonus::PeopleMinutes(amount)) => lost as f64 * amount,
            Some(Bonus::People(people)) => (kept as u64 * people) as f64,
            _ => 0.0,
        }
    }

    pub(super) fn check(&self, open: &[usize], value: f64, certificate: &AssignmentCertificate) -> Verdict {
        let stores: Vec<usize> =
            open.iter().map(|&site| self.market.store_ids.find(&self.id(site)).unwrap().at()).collect();
        let mut plan = plan(&self.market, &self.settings, &stores, value, self.stated(certificate.bound));
        plan.objective.stay_bonus = self.stay_bonus(open);
        let rows: Vec<usize> = stores.clone();
        let samples = samples(&self.market, 2, 0.0).select(&rows);
        check(&self.market, &self.settings, &samples, &plan, &Certificate::Assignment(certificate.clone()))
    }

    pub(super) fn check_best(&self, certificate: &AssignmentCertificate) -> Verdict {
        self.check(&self.open, self.stated(self.best), certificate)
    }
}

pub(super) fn any_market() -> impl Strategy<Value = Market> {
    let stores = prop::collection::vec((0.0..0.5_f64, 0.0..0.5_f64), 2..7);
    let zones = prop::collection::vec((0.0..0.5_f64, 0.0..0.5_f64, 0_u64..900), 1..9);
    (stores, zones).prop_map(|(stores, zones)| market(&stores, &zones))
}

/// Three towns in a row, one of them large; two stores may open.
pub(super) fn towns() -> Case {
    let stores = [(0.0, 0.0), (0.0, 0.2), (0.0, 0.4), (0.0, 0.6), (0.0, 0.62)];
    let zones = [(0.0, 0.01, 500), (0.0, 0.21, 100), (0.0, 0.41, 80), (0.0, 0.61, 900), (0.3, 0.3, 50)];
    Case::new(market(&stores, &zones), settings(ObjectiveKind::Distance, 2))
}
