//! The linear relaxation with rows added as they are violated, and the bound that its duals prove.
//!
//! Any u (by customer), v_j <= 0, t >= 0, q and z_ij <= 0 prove, for y within its bounds,
//! sum_i u_i + t + p q + sum_ij min(0, c_ij - u_i - (d_i/s_j) v_j - z_ij)
//!   + sum_j min over y_j of (f_j + v_j - (s_j/D) t - q + sum_i z_ij) y_j.

use std::time::Duration;

use super::Capacitated;
use crate::solver::lp::{Lp, LpAnswer, LpError, LpStatus};

/// What is known of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fixed {
    Free,
    Open,
    Closed,
}

/// A relaxed solution.
#[derive(Debug)]
pub(super) struct Relaxed {
    /// y.
    pub(super) open: Vec<f64>,
    /// x.
    pub(super) shares: Vec<f64>,
    /// No plan within what is fixed costs less.
    pub(super) bound: f64,
}

/// The program, growing.
#[derive(Debug)]
pub(super) struct Relaxation<'a> {
    problem: &'a Capacitated,
    p: Option<usize>,
    lp: Lp,
    /// (customer, site) of each strong row, from row `first` on.
    strong: Vec<(usize, usize)>,
    has: Vec<bool>,
    first: usize,
}

/// A share has to exceed its site's by this for a row: far above the LP's own tolerance of 1e-7.
const VIOLATED: f64 = 1e-5;
const FREE: f64 = f64::INFINITY;

#[expect(clippy::cast_precision_loss, reason = "amounts are below 2^53")]
impl<'a> Relaxation<'a> {
    /// With the strong rows of these pairs (customer, site); y whole or not.
    pub(super) fn new(
        problem: &'a Capacitated,
        p: Option<usize>,
        strong: &[(usize, usize)],
        whole: bool,
    ) -> Result<Self, LpError> {
        let (sites, customers) = (problem.sites(), problem.customers());
        let mut lp = Lp::new();
        for &cost in &problem.open_cost {
            lp.add_column(cost, 0.0, 1.0, whole)?;
        }
        for (at, &cost) in problem.serve_cost.iter().enumerate() {
            let most = if shut(problem, at / sites, at % sites) { 0.0 } else { 1.0 };
            lp.add_column(cost, 0.0, most, false)?;
        }
        let share = |customer: usize, site: usize| sites + customer * sites + site;
        for customer in 0..customers {
            let terms: Vec<(usize, f64)> = (0..sites).map(|site| (share(customer, site), 1.0)).collect();
            lp.add_row(1.0, 1.0, &terms)?;
        }
        for site in 0..sites {
            let mut terms = vec![(site, -1.0)];
            terms.extend((0..customers).map(|customer| (share(customer, site), load(problem, customer, site))));
            lp.add_row(-FREE, 0.0, &terms)?;
        }
        let terms: Vec<(usize, f64)> = (0..sites).map(|site| (site, part(problem, site))).collect();
        lp.add_row(if problem.total() == 0 { 0.0 } else { 1.0 }, FREE, &terms)?;
        if let Some(p) = p {
            let terms: Vec<(usize, f64)> = (0..sites).map(|site| (site, 1.0)).collect();
            lp.add_row(p as f64, p as f64, &terms)?;
        }
        let first = lp.rows();
        let has = vec![false; sites * customers];
        let mut relaxation = Self { problem, p, lp, strong: Vec::new(), has, first };
        // Who asks for nothing is held to open sites by these rows alone.
        let idle = (0..customers).filter(|&customer| problem.demand[customer] == 0);
        let idle = idle.flat_map(|customer| (0..sites).map(move |site| (customer, site)));
        for (customer, site) in idle.chain(strong.iter().copied()) {
            if !relaxation.has[customer * sites + site] {
                relaxation.strengthen(customer, site)?;
            }
        }
        Ok(relaxation)
    }

    /// The pairs that have a strong row.
    pub(super) fn strong(&self) -> &[(usize, usize)] {
        &self.strong
    }

    /// x_ij <= y_j.
    fn strengthen(&mut self, customer: usize, site: usize) -> Result<(), LpError> {
        let sites = self.problem.sites();
        let at = customer * sites + site;
        self.lp.add_row(-FREE, 0.0, &[(site, -1.0), (sites + at, 1.0)])?;
        self.strong.push((customer, site));
        self.has[at] = true;
        Ok(())
    }

    /// Solves with y whole, to a gap or a limit.
    pub(super) fn branch(
        &mut self,
        gap: f64,
        nodes_max: Option<u32>,
        time_max: Option<Duration>,
    ) -> Result<LpAnswer, LpError> {
        self.lp.set_mip_limits(gap, nodes_max);
        self.lp.set_time_limit(time_max);
        self.lp.solve()
    }

    /// Solves for what is fixed; none where the solver finds no answer.
    pub(super) fn solve(&mut self, fixed: &[Fixed]) -> Result<Option<Relaxed>, LpError> {
        for (site, fixed) in fixed.iter().enumerate() {
            let (low, high) = range(*fixed);
            self.lp.set_bounds(site, low, high)?;
        }
        let answer = self.lp.solve()?;
        if answer.status != LpStatus::Optimal {
            return Ok(None);
        }
        let bound = self.bound(&answer, fixed);
        let sites = self.problem.sites();
        let (open, shares) = answer.columns.split_at(sites);
        Ok(Some(Relaxed { open: open.to_vec(), shares: shares.to_vec(), bound }))
    }

    /// Adds the strong rows that a solution violates; how many.
    pub(super) fn separate(&mut self, relaxed: &Relaxed) -> Result<usize, LpError> {
        let sites = self.problem.sites();
        let mut added = 0;
        for (at, &share) in relaxed.shares.iter().enumerate() {
            let (customer, site) = (at / sites, at % sites);
            if !self.has[at] && share > relaxed.open[site] + VIOLATED {
                self.strengthen(customer, site)?;
                added += 1;
            }
        }
        Ok(added)
    }

    /// What the duals prove.
    fn bound(&self, answer: &LpAnswer, fixed: &[Fixed]) -> f64 {
        let problem = self.problem;
        let (sites, customers) = (problem.sites(), problem.customers());
        let duals = &answer.row_duals;
        let u = &duals[..customers];
        let v: Vec<f64> = duals[customers..customers + sites].iter().map(|dual| dual.min(0.0)).collect();
        let t = duals[customers + sites].max(0.0);
        let q = self.p.map_or(0.0, |_| duals[customers + sites + 1]);
        let mut price = vec![0.0; sites * customers];
        let mut site_cost: Vec<f64> =
            (0..sites).map(|site| problem.open_cost[site] + v[site] - part(problem, site) * t - q).collect();
        for (&(customer, site), dual) in self.strong.iter().zip(&duals[self.first..]) {
            price[customer * sites + site] = dual.min(0.0);
            site_cost[site] += dual.min(0.0);
        }
        // By customer and then over all, so that no sum is long.
        let (mut bound, mut size) = (0.0, 0.0);
        for (customer, &u) in u.iter().enumerate() {
            let (mut own, mut own_size) = (u, u.abs());
            for site in 0..sites {
                let at = customer * sites + site;
                if shut(problem, customer, site) {
                    continue;
                }
                let capacity = load(problem, customer, site) * v[site];
                own += (problem.serve_cost[at] - u - capacity - price[at]).min(0.0);
                own_size += problem.serve_cost[at] + u.abs() + capacity.abs() + price[at].abs();
            }
            bound += own;
            size += own_size;
        }
        for (site, &cost) in site_cost.iter().enumerate() {
            let (low, high) = range(fixed[site]);
            bound += (cost * low).min(cost * high);
            let prices: f64 = (0..customers).map(|customer| price[customer * sites + site].abs()).sum();
            size += problem.open_cost[site] + v[site].abs() + t + q.abs() + prices;
        }
        bound += if problem.total() == 0 { 0.0 } else { t } + q * self.p.unwrap_or(0) as f64;
        size += t + q.abs() * self.p.unwrap_or(0) as f64;
        // A sum of n rounded terms is off by less than n epsilon times the sum of their sizes; each term is
        // the outcome of at most eight operations.
        let slack = f64::EPSILON * (sites + customers + 8) as f64 * size;
        bound - slack
    }
}

/// The values that y may take.
fn range(fixed: Fixed) -> (f64, f64) {
    match fixed {
        Fixed::Free => (0.0, 1.0),
        Fixed::Open => (1.0, 1.0),
        Fixed::Closed => (0.0, 0.0),
    }
}

/// A site without capacity serves only who asks for nothing.
fn shut(problem: &Capacitated, customer: usize, site: usize) -> bool {
    problem.capacity[site] == 0 && problem.demand[customer] > 0
}

/// d_i / s_j.
#[expect(clippy::cast_precision_loss, reason = "amounts are below 2^53")]
fn load(problem: &Capacitated, customer: usize, site: usize) -> f64 {
    problem.demand[customer] as f64 / problem.capacity[site].max(1) as f64
}

/// s_j / D.
#[expect(clippy::cast_precision_loss, reason = "amounts are below 2^53")]
fn part(problem: &Capacitated, site: usize) -> f64 {
    problem.capacity[site] as f64 / problem.total().max(1) as f64
}
