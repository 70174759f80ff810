//! The controls of a given plan.
//!
//! | symbol | is | unit |
//! |---|---|---|
//! | x_jc | `Matches::controls` | stores |
//! | sum_jc v_jc x_jc/m | `Matches::variance` | square of logs |
//!
//! minimise sum_jc v_jc x_jc subject to sum_c x_jc = m, sum_j x_jc <= 1: an assignment ([`models::trial::assign`]) over
//! the P m nearest controls of each store that the plan leaves ([`super::near`]). A store for which none is left goes
//! without: a column of its own stands in, dearer than all controls together. Where balance is asked for and the cheapest
//! controls lack it, the same with those rows, as a small program over ever more controls.

use domain::problem::Site;
use models::trial::assign::assign;

use super::Comparison;
use crate::solver::small::{Answer, Column, Effort, Line, SmallError, minimise};

/// Nodes for balanced controls: a few rows beside an assignment.
const EFFORT: Effort = Effort { nodes_max: 2_000, gap: 1e-6 };

/// Controls of each store, with what they cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Matches {
    /// Stores, by chosen site, best match first.
    pub controls: Vec<Vec<usize>>,
    /// sum v x/m over the stores that have controls, m those that each has.
    pub variance: f64,
    /// Whether every store has all its controls.
    pub complete: bool,
    /// Whether every balance that is asked for holds.
    pub balanced: bool,
}

impl Comparison {
    /// The best controls of the open sites (ascending), balanced where that can be had.
    ///
    /// # Errors
    /// Where the solver fails.
    pub fn controls(&self, open: &[Site]) -> Result<Matches, SmallError> {
        let cheapest = self.unbalanced(open);
        let known = |site: &Site| {
            let store = self.store_of[*site as usize];
            self.balanced.iter().all(|balance| balance.values[store].is_finite())
        };
        if cheapest.balanced || !cheapest.complete || !open.iter().all(known) {
            return Ok(cheapest);
        }
        let sites: Vec<usize> = open.iter().map(|&site| site as usize).collect();
        let may = self.left_by(&sites);
        let mut offered = open.len() * self.each;
        loop {
            offered = offered.saturating_mul(4);
            let near: Vec<Vec<(f64, u32)>> = sites.iter().map(|&site| self.near(site, offered, &may)).collect();
            let all = near.iter().all(|near| near.len() < offered);
            if let Some(found) = self.balancing(&sites, &near)? {
                return Ok(self.matches(&sites, found));
            }
            if all {
                return Ok(cheapest);
            }
        }
    }

    /// Whether the open sites (ascending) have controls that are as good as the rules ask.
    ///
    /// # Errors
    /// Where the solver fails.
    pub fn allows(&self, open: &[Site]) -> Result<bool, SmallError> {
        if !self.precise(open) {
            return Ok(false);
        }
        if self.balanced.is_empty() || open.is_empty() {
            return Ok(true);
        }
        let found = self.controls(open)?;
        Ok(found.balanced && found.complete && self.most(open).is_none_or(|most| found.variance <= most))
    }

    /// The same without the rules of balance, which takes no solver.
    #[must_use]
    pub fn precise(&self, open: &[Site]) -> bool {
        let Some(most) = self.most(open).filter(|_| !open.is_empty()) else { return true };
        let least: f64 = open.iter().map(|&site| self.cheapest(site as usize)).sum();
        if least > most {
            return false;
        }
        let found = self.unbalanced(open);
        found.complete && found.variance <= most
    }

    /// P^2 r, where an effect has to be detected.
    fn most(&self, open: &[Site]) -> Option<f64> {
        self.limit.map(|limit| limit * (open.len() * open.len()) as f64)
    }

    /// The cheapest controls of the open sites.
    fn unbalanced(&self, open: &[Site]) -> Matches {
        let count = open.len() * self.each;
        let sites: Vec<usize> = open.iter().map(|&site| site as usize).collect();
        let may = self.left_by(&sites);
        let near: Vec<Vec<(f64, u32)>> = sites.iter().map(|&site| self.near(site, count, &may)).collect();
        self.matches(&sites, self.assigned(&near))
    }

    /// s: the scale that effects of a plan with these controls are measured in; none without controls.
    #[must_use]
    pub fn scale(&self, matches: &Matches) -> Option<f64> {
        let stores = matches.controls.iter().filter(|controls| !controls.is_empty()).count();
        (stores > 0).then(|| matches.variance.sqrt() / stores as f64)
    }

    /// Whether a store is left as a control by the chosen sites.
    fn left_by(&self, sites: &[usize]) -> impl Fn(u32) -> bool + use<'_> {
        let chosen: Vec<usize> = sites.iter().map(|&site| self.store_of[site]).collect();
        move |other| chosen.iter().all(|&store| store != other as usize && !self.within(store, other as usize))
    }

    /// The cheapest controls, m rows a store; none in a row where none is left.
    fn assigned(&self, near: &[Vec<(f64, u32)>]) -> Vec<Vec<usize>> {
        let mut stores: Vec<u32> = near.iter().flatten().map(|near| near.1).collect();
        stores.sort_unstable();
        stores.dedup();
        let columns = stores.len();
        let mut costs = vec![f64::INFINITY; near.len() * columns];
        for (row, near) in near.iter().enumerate() {
            for &(variance, store) in near {
                if let Ok(column) = stores.binary_search(&store) {
                    costs[row * columns + column] = variance;
                }
            }
        }
        let rows = near.len() * self.each;
        let most = costs.iter().copied().filter(|cost| cost.is_finite()).fold(0.0, f64::max);
        let without = 1.0 + most * (rows + 1) as f64;
        let found = assign(rows, columns + rows, |row, column| match column.checked_sub(columns) {
            None => costs[row / self.each * columns + column],
            Some(own) if own == row => without,
            Some(_) => f64::INFINITY,
        });
        let mut controls = vec![Vec::new(); near.len()];
        for (row, column) in found.into_iter().flatten().enumerate().filter(|(_, column)| *column < columns) {
            controls[row / self.each].push(stores[column] as usize);
        }
        controls
    }

    /// Controls with their cost and balance, best match first.
    fn matches(&self, sites: &[usize], mut controls: Vec<Vec<usize>>) -> Matches {
        let mut variance = 0.0;
        for (&site, controls) in sites.iter().zip(&mut controls) {
            let own = self.store_of[site];
            let mut costs: Vec<(f64, usize)> = controls
                .iter()
                .map(|&control| (self.history.variance(own, control, self.weeks.clone()), control))
                .collect();
            costs.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
            *controls = costs.iter().map(|cost| cost.1).collect();
            if !costs.is_empty() {
                variance += costs.iter().map(|cost| cost.0).sum::<f64>() / costs.len() as f64;
            }
        }
        let balanced = self.balanced.iter().all(|balance| {
            let means = sites.iter().zip(&controls).map(|(&site, controls)| {
                let theirs: f64 = controls.iter().map(|&control| balance.values[control]).sum();
                balance.values[self.store_of[site]] - theirs / self.each as f64
            });
            means.sum::<f64>().abs() <= balance.within * sites.len() as f64
        });
        let complete = controls.iter().all(|controls| controls.len() == self.each);
        Matches { controls, variance, complete, balanced }
    }

    /// The cheapest controls among `near` that are balanced; none where there are none.
    fn balancing(&self, sites: &[usize], near: &[Vec<(f64, u32)>]) -> Result<Option<Vec<Vec<usize>>>, SmallError> {
        let most = near.iter().flatten().map(|near| near.0).fold(f64::MIN_POSITIVE, f64::max);
        let place: Vec<(usize, u32)> =
            near.iter().enumerate().flat_map(|(row, near)| near.iter().map(move |near| (row, near.1))).collect();
        let columns: Vec<Column> = near.iter().flatten().map(|near| Column::binary(near.0 / most)).collect();
        let mut lines: Vec<Line> = (0..near.len())
            .map(|row| {
                let terms = (0..place.len()).filter(|&at| place[at].0 == row).map(|at| (at, 1.0)).collect();
                Line { terms, min: Some(self.each as f64), max: Some(self.each as f64) }
            })
            .collect();
        let mut uses: Vec<(u32, usize)> = place.iter().enumerate().map(|(at, place)| (place.1, at)).collect();
        uses.sort_unstable();
        for used in uses.chunk_by(|one, other| one.0 == other.0).filter(|used| used.len() > 1) {
            lines.push(Line { terms: used.iter().map(|&(_, at)| (at, 1.0)).collect(), min: None, max: Some(1.0) });
        }
        for balance in &self.balanced {
            // On the scale of what is allowed, so that the solver's tolerance is small against it.
            let room = balance.within * sites.len() as f64;
            let scale = if room > 0.0 { room } else { 1.0 };
            let own: f64 = sites.iter().map(|&site| balance.values[self.store_of[site]]).sum();
            let by = |control: u32| balance.values[control as usize] / (self.each as f64 * scale);
            let terms = place.iter().enumerate().map(|(at, place)| (at, by(place.1))).collect();
            // Held a little tighter than asked, by what the solver may let slip.
            let (low, high) = ((own - room) / scale + SLIP, (own + room) / scale - SLIP);
            lines.push(Line { terms, min: Some(low), max: Some(high) });
        }
        Ok(match minimise(&columns, &lines, EFFORT)? {
            Answer::Optimal(values) | Answer::Feasible(values) => {
                let mut controls = vec![Vec::new(); sites.len()];
                for ((row, control), _) in place.into_iter().zip(values).filter(|(_, value)| *value > 0.5) {
                    controls[row].push(control as usize);
                }
                let found = self.matches(sites, controls.clone());
                (found.balanced && found.complete).then_some(controls)
            }
            Answer::Infeasible => None,
        })
    }
}

/// HiGHS lets a row slip by 1e-7 (its feasibility tolerance).
const SLIP: f64 = 2e-7;
