//! Where plans come from: greedy addition, roundings, and interchange on either.

use domain::problem::Site;

use super::super::guard::Guard;
use super::super::prices::State;
use super::super::swap::Interchange;
use super::Search;

/// Entries of a cost matrix that the first plan is sought on; of larger ones it takes a sample of zones.
const SAMPLE_ENTRIES: usize = 6_000_000;
/// Swaps of one interchange at most: far more than any run has needed.
const SWAPS_MAX: usize = 10_000;

impl Search<'_> {
    /// Greedy addition and interchange from nothing, over all sites, and a sample of zones where there are many:
    /// sites for a first plan, ascending. They may break rules.
    pub(in super::super) fn first(&self) -> Vec<Site> {
        let all = self.all();
        let step = all.entries().div_ceil(SAMPLE_ENTRIES).max(1);
        #[expect(clippy::cast_possible_truncation, reason = "zones are numbered in 32 bits")]
        let chosen: Vec<u32> = (0..self.zones.len() as u32)
            .filter(|&zone| self.zones.weights[zone as usize] > 0 && self.zones.cap[zone as usize] > 0)
            .step_by(step)
            .collect();
        let sampled = (step > 1 || all.is_measured()).then(|| all.of_zones(&chosen));
        let rows: Vec<(u32, u32)> = match sampled {
            Some(_) => (0_u32..).zip(chosen).collect(),
            None => chosen.into_iter().map(|zone| (zone, zone)).collect(),
        };
        let matrix = sampled.as_ref().unwrap_or(&all);
        let sites = 0..self.rules.sites;
        #[expect(clippy::cast_possible_truncation, reason = "sites are numbered in 32 bits")]
        let listed = |list: &[Site]| sites.clone().map(|site| list.binary_search(&(site as Site)).is_ok()).collect();
        let mut guard = Guard::new(self.rules, &matrix.sites, listed(&self.rules.exclude));
        let mut interchange = Interchange::new(matrix, self.zones, rows);
        let keep: Vec<bool> = listed(&self.rules.require);
        for &site in &self.rules.require {
            guard.add(site as usize);
            interchange.add(site);
        }
        interchange.greedy(&mut guard, self.rules.open_max);
        interchange.improve(&mut guard, &keep, SWAPS_MAX);
        interchange.columns()
    }

    /// Takes sites (ascending) of the core as the incumbent, if they obey the rules and are better.
    pub(in super::super) fn offer_sites(&mut self, sites: &[Site]) {
        #[expect(clippy::cast_possible_truncation, reason = "columns are numbered in 32 bits")]
        let columns: Option<Vec<u32>> =
            sites.iter().map(|site| self.matrix.sites.binary_search(site).ok().map(|column| column as u32)).collect();
        if let Some(columns) = columns {
            self.offer(&columns);
        }
    }

    /// Rounds shares of columns to an open set, improves it by swaps among `pool` (ascending), and offers it.
    pub(in super::super) fn round(&mut self, shares: &[f64], pool: &[u32]) {
        let found = self.rounded(&self.state, shares, pool);
        self.offer(&found);
    }

    /// The same where columns are in the states `state`, without offering it.
    pub(in super::super) fn rounded(&self, state: &[State], shares: &[f64], pool: &[u32]) -> Vec<u32> {
        let matrix = self.matrix.compact(self.zones.len(), pool);
        #[expect(clippy::cast_possible_truncation, reason = "zones are numbered in 32 bits")]
        let rows = (0..self.zones.len() as u32)
            .filter(|&zone| self.zones.weights[zone as usize] > 0 && self.zones.cap[zone as usize] > 0)
            .map(|zone| (zone, zone))
            .collect();
        let blocked = pool.iter().map(|&column| state[column as usize] == State::Closed).collect();
        let mut guard = Guard::new(self.rules, &matrix.sites, blocked);
        let mut interchange = Interchange::new(&matrix, self.zones, rows);
        let keep: Vec<bool> = pool.iter().map(|&column| state[column as usize] == State::Open).collect();
        let mut ranked: Vec<usize> = (0..pool.len()).collect();
        ranked.sort_by(|&one, &other| {
            let rank = |at: usize| if keep[at] { 2.0 } else { shares[pool[at] as usize] };
            rank(other).total_cmp(&rank(one)).then(one.cmp(&other))
        });
        let mut opened = 0;
        for at in ranked {
            if opened < self.rules.open_max && (keep[at] || guard.may_add(at)) {
                guard.add(at);
                #[expect(clippy::cast_possible_truncation, reason = "columns are numbered in 32 bits")]
                interchange.add(at as u32);
                opened += 1;
            }
        }
        interchange.improve(&mut guard, &keep, SWAPS_MAX);
        interchange.columns().into_iter().map(|at| pool[at as usize]).collect()
    }
}
