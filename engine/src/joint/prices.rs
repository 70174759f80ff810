//! Prices of the budgets that all chosen stores share.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | mu | [`Prices`] | base-currency major units per minor unit of stock, per unit of stock |
//! | beta_b = mu_b B_b | the program's columns | base-currency major units |
//! | L(beta) = sum beta + max over y of sum_j (V_j(1) - o_j) y_j | [`Oracle::at`] | base-currency major units |
//!
//! L is convex and piecewise linear; its least value over beta >= 0 is sought by cutting planes [kelley1960]. Only the count
//! of stores and the required ones restrict y here, and every c is 1: any prices are valid, and these are good ones.

use rayon::prelude::*;

use super::Joint;
use super::curve::{Curve, Curves};
use super::pieces::{Taken, taken};
use crate::EngineError;
use crate::solver::lp::{Lp, LpStatus};
use crate::stock::Stocking;

/// Cutting planes at most: with two prices some twenty settle it.
const PLANES_MAX: usize = 60;
/// The least value is known to this part.
const CLOSE: f64 = 1e-9;

/// mu.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Prices {
    /// Of a minor unit of the base currency that stock costs.
    pub money: f64,
    /// Of a unit in stock.
    pub units: f64,
}

impl Prices {
    /// mu B.
    #[must_use]
    pub fn constant(&self, stocking: &Stocking) -> f64 {
        let of = |price: f64, max: Option<i64>| max.map_or(0.0, |max| price * max as f64);
        of(self.money, stocking.money_max) + of(self.units, stocking.stock_max)
    }

    /// What a pack pays.
    #[must_use]
    pub fn of_pack(&self, curve: &Curve) -> f64 {
        self.money * curve.money + self.units * curve.units
    }

    /// The prices at which the relaxation is least.
    ///
    /// # Errors
    /// Where the program fails.
    pub fn found(joint: &Joint<'_>, curves: &Curves) -> Result<Self, EngineError> {
        let budgets = [joint.stocking.money_max, joint.stocking.stock_max];
        let oracle = Oracle { joint, curves, room: budgets.map(|max| max.map(|max| max.max(1) as f64)) };
        let mut beta = [0.0; 2];
        let first = oracle.at(beta);
        let mut best = (first.value, beta);
        let most = first.value.max(0.0);
        // Where no budget is in the way at no price, no price is the best.
        if first.slope.iter().zip(&oracle.room).all(|(slope, room)| room.is_none() || *slope >= 0.0) || most == 0.0 {
            return Ok(Self::default());
        }
        let mut program = Lp::new();
        let level = program.add_column(1.0, f64::NEG_INFINITY, f64::INFINITY, false)?;
        let mut columns = [level; 2];
        for (column, room) in columns.iter_mut().zip(&oracle.room) {
            *column = program.add_column(0.0, 0.0, if room.is_some() { 1.0 } else { 0.0 }, false)?;
        }
        let mut plane = first;
        for _ in 0..PLANES_MAX {
            // Counted in the first value, so that the program's numbers are near 1.
            let offset = (plane.value - (0..2).map(|at| plane.slope[at] * beta[at]).sum::<f64>()) / most;
            let terms = [(level, 1.0), (columns[0], -plane.slope[0]), (columns[1], -plane.slope[1])];
            program.add_row(offset, f64::INFINITY, &terms)?;
            let answer = program.solve()?;
            if answer.status != LpStatus::Optimal {
                break;
            }
            if best.0 - answer.columns[level] * most <= CLOSE * most {
                break;
            }
            beta = columns.map(|column| answer.columns[column].max(0.0) * most);
            plane = oracle.at(beta);
            if plane.value < best.0 {
                best = (plane.value, beta);
            }
        }
        Ok(oracle.prices(best.1))
    }
}

/// A plane that L lies above, and touches at one point.
struct Plane {
    value: f64,
    slope: [f64; 2],
}

struct Oracle<'a> {
    joint: &'a Joint<'a>,
    curves: &'a Curves,
    /// B, of money and units.
    room: [Option<f64>; 2],
}

impl Oracle<'_> {
    fn prices(&self, beta: [f64; 2]) -> Prices {
        let of = |at: usize| self.room[at].map_or(0.0, |room| beta[at] / room);
        Prices { money: of(0), units: of(1) }
    }

    fn at(&self, beta: [f64; 2]) -> Plane {
        let (joint, rules) = (self.joint, self.joint.rules);
        let prices = self.prices(beta);
        let sites: Vec<Taken> = (0..self.curves.sites.len())
            .into_par_iter()
            .map(|site| {
                let whole = |curve: &Curve| curve.whole;
                let mut taken = taken(&self.curves.sites[site], joint.stocking.shelf[site], &prices, whole);
                taken.value = joint.chance() * (taken.value - joint.open_costs[site]);
                taken.money *= joint.chance();
                taken.units *= joint.chance();
                taken
            })
            .collect();
        let closed = |site: &u32| {
            rules.exclude.binary_search(site).is_ok() || self.curves.impossible.binary_search(site).is_ok()
        };
        let (required, mut free): (Vec<u32>, Vec<u32>) = (0..rules.sites as u32)
            .filter(|site| !closed(site))
            .partition(|site| rules.require.binary_search(site).is_ok());
        free.sort_by(|&one, &other| {
            sites[other as usize].value.total_cmp(&sites[one as usize].value).then(one.cmp(&other))
        });
        let (least, most) =
            (rules.open_min.saturating_sub(required.len()), rules.open_max.saturating_sub(required.len()));
        let chosen = free
            .into_iter()
            .take(most)
            .enumerate()
            .take_while(|&(at, site)| at < least || sites[site as usize].value > 0.0)
            .map(|(_, site)| site);
        let mut plane = Plane { value: beta.iter().sum(), slope: [1.0; 2] };
        for site in required.into_iter().chain(chosen) {
            let taken = &sites[site as usize];
            plane.value += taken.value;
            for (slope, (used, room)) in plane.slope.iter_mut().zip([taken.money, taken.units].iter().zip(self.room)) {
                *slope -= room.map_or(0.0, |room| used / room);
            }
        }
        plane
    }
}
