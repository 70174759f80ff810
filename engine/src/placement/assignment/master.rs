//! The master: an LP over y and one theta per group, that grows by cuts.
//!
//! minimise sum_g theta_g + penalties
//! subject to theta_g >= cuts, open_min <= sum y <= open_max, the rows, the separated pairs, 0 <= y <= 1.
//!
//! Everything is divided by `unit`, about what a group costs, so that the numbers are around 1: unscaled,
//! HiGHS fails now and then. Rows and the lower count have slacks at a high price, so that every node has
//! a solution and a price for what it breaks. Nothing the LP says is taken for proven: its duals become
//! [`Prices`], which are checked in whole numbers.

use std::collections::BTreeMap;

use domain::problem::{Rules, Site};

use super::cuts::Cut;
use super::matrix::Zones;
use super::prices::{PRICE_MAX, Prices, State};
use crate::solver::lp::{Lp, LpError, LpStatus};

/// Rounds that a cut may lie idle before a rebuild drops it.
const IDLE_MAX: u32 = 2;
/// More cuts than this for each group, and the idle ones go: rarely, since what is built again starts without a basis.
const CUTS_PER_GROUP: usize = 10;

/// The LP and the cuts in it.
#[derive(Debug)]
pub(super) struct Master<'a> {
    rules: &'a Rules,
    unit: f64,
    penalty: f64,
    starts: Vec<usize>,
    /// Least price of each zone of the order: its nearest site in play.
    floor: Vec<u32>,
    floor_base: Vec<u64>,
    sites: Vec<Site>,
    cuts: Vec<Cut>,
    idle: Vec<u32>,
    pairs: Vec<(u32, u32)>,
    lp: Lp,
    /// LP rows of the cuts, the rules' rows (all of them) and the pairs.
    cut_rows: Vec<usize>,
    rule_rows: Vec<usize>,
    pair_rows: Vec<usize>,
    bounds: Vec<(f64, f64)>,
}

/// A solution of the LP.
#[derive(Debug)]
pub(super) struct Relaxed {
    /// y-bar, by column.
    pub(super) open: Vec<f64>,
    /// theta, in weight x cost.
    pub(super) theta: Vec<f64>,
    /// Dual prices of the cuts, then of the rules' rows, then of the pairs.
    duals: (Vec<f64>, Vec<f64>, Vec<f64>),
}

/// What the master is made over.
pub(super) struct Frame<'a, 'b> {
    /// The rules.
    pub(super) rules: &'a Rules,
    /// The zones.
    pub(super) zones: &'b Zones<'b>,
    /// Zones with weight, near ones together.
    pub(super) order: &'b [u32],
    /// Where the groups begin in it, and the end.
    pub(super) starts: Vec<usize>,
    /// The nearest site in play of each zone of the order.
    pub(super) floor: Vec<u32>,
    /// Site of each column.
    pub(super) sites: Vec<Site>,
    /// About what the whole costs.
    pub(super) value: f64,
}

impl<'a> Master<'a> {
    /// A master with the given cuts and pairs (columns) already in it.
    pub(super) fn new(frame: Frame<'a, '_>, cuts: Vec<Cut>, pairs: Vec<(u32, u32)>) -> Result<Self, LpError> {
        let Frame { rules, zones, order, starts, floor, sites, value } = frame;
        let groups = starts.len() - 1;
        #[expect(clippy::cast_precision_loss, reason = "a scale, not a result")]
        let (unit, share) = ((value / groups as f64).max(1.0), zones.total as f64 / value.max(1.0));
        #[expect(clippy::cast_precision_loss, reason = "a penalty, not a result")]
        let penalty = groups as f64 * 2.0 * share.clamp(1.0, 1e3);
        let floor_base = starts
            .windows(2)
            .map(|run| (run[0]..run[1]).map(|at| zones.weights[order[at] as usize] * u64::from(floor[at])).sum())
            .collect();
        let idle = vec![0; cuts.len()];
        let bounds = vec![(0.0, 1.0); sites.len()];
        let mut new = Self {
            rules,
            unit,
            penalty,
            starts,
            floor,
            floor_base,
            sites,
            cuts,
            idle,
            pairs,
            lp: Lp::new(),
            cut_rows: Vec::new(),
            rule_rows: Vec::new(),
            pair_rows: Vec::new(),
            bounds,
        };
        new.build()?;
        Ok(new)
    }

    /// How many groups there are.
    pub(super) fn groups(&self) -> usize {
        self.starts.len() - 1
    }

    /// Where the groups begin.
    pub(super) fn starts(&self) -> &[usize] {
        &self.starts
    }

    /// Takes out the cuts and the separated pairs, for a master over other columns or groups.
    pub(super) fn take_parts(&mut self) -> (Vec<Cut>, Vec<(u32, u32)>) {
        (std::mem::take(&mut self.cuts), std::mem::take(&mut self.pairs))
    }

    fn build(&mut self) -> Result<(), LpError> {
        let mut lp = Lp::new();
        for &base in &self.floor_base {
            lp.add_column(1.0, ratio(base, self.unit), f64::INFINITY, false)?;
        }
        for &(lower, upper) in &self.bounds {
            lp.add_column(0.0, lower, upper, false)?;
        }
        let groups = self.groups();
        #[expect(clippy::cast_precision_loss, reason = "counts of sites")]
        {
            let short = lp.add_column(self.penalty, 0.0, f64::INFINITY, false)?;
            let all: Vec<(usize, f64)> = (0..self.sites.len()).map(|column| (groups + column, 1.0)).collect();
            lp.add_row(f64::NEG_INFINITY, self.rules.open_max as f64, &all)?;
            if self.rules.open_min > 0 {
                let relaxed: Vec<_> = all.into_iter().chain([(short, 1.0)]).collect();
                lp.add_row(self.rules.open_min as f64, f64::INFINITY, &relaxed)?;
            }
        }
        self.rule_rows.clear();
        for row in &self.rules.rows {
            let scale = row_scale(row);
            let (over, under) = (
                lp.add_column(self.penalty, 0.0, f64::INFINITY, false)?,
                lp.add_column(self.penalty, 0.0, f64::INFINITY, false)?,
            );
            #[expect(clippy::cast_precision_loss, reason = "the LP only proposes")]
            let side = |side: Option<i64>, none: f64| side.map_or(none, |side| side as f64 / scale);
            let mut terms = vec![(over, -1.0), (under, 1.0)];
            for (site, coefficient) in &row.terms {
                if let Ok(column) = self.sites.binary_search(site) {
                    #[expect(clippy::cast_precision_loss, reason = "the LP only proposes")]
                    terms.push((groups + column, *coefficient as f64 / scale));
                }
            }
            let (min, max) = (side(row.min, f64::NEG_INFINITY), side(row.max, f64::INFINITY));
            // A row that crosses itself is met by its slacks, and so by nothing.
            let at = lp.add_row(min.min(max), max.max(min), &terms)?;
            self.rule_rows.push(at);
        }
        self.lp = lp;
        self.pair_rows.clear();
        for at in 0..self.pairs.len() {
            self.enter_pair(self.pairs[at])?;
        }
        self.cut_rows.clear();
        for at in 0..self.cuts.len() {
            self.enter(at)?;
        }
        Ok(())
    }

    fn enter_pair(&mut self, (one, other): (u32, u32)) -> Result<(), LpError> {
        let groups = self.groups();
        let terms = [(groups + one as usize, 1.0), (groups + other as usize, 1.0)];
        let row = self.lp.add_row(f64::NEG_INFINITY, 1.0, &terms)?;
        self.pair_rows.push(row);
        Ok(())
    }

    fn enter(&mut self, at: usize) -> Result<(), LpError> {
        let cut = &self.cuts[at];
        let groups = self.groups();
        let first = self.starts.partition_point(|&start| start <= cut.from) - 1;
        let last = self.starts.partition_point(|&start| start < cut.to) - 1;
        let mut terms: Vec<(usize, f64)> = (first..=last).map(|group| (group, 1.0)).collect();
        terms.extend(cut.terms.iter().map(|&(column, sum)| (groups + column as usize, ratio(sum, self.unit))));
        let row = self.lp.add_row(ratio(cut.base, self.unit), f64::INFINITY, &terms)?;
        self.cut_rows.push(row);
        Ok(())
    }

    /// Adds a cut.
    pub(super) fn add(&mut self, cut: Cut) -> Result<(), LpError> {
        self.cuts.push(cut);
        self.idle.push(0);
        self.enter(self.cuts.len() - 1)
    }

    /// Adds y_one + y_other <= 1.
    pub(super) fn add_pair(&mut self, pair: (u32, u32)) -> Result<(), LpError> {
        self.pairs.push(pair);
        self.enter_pair(pair)
    }

    /// Drops what has been idle, once the LP holds several cuts per group: its time grows with its rows.
    pub(super) fn tidy(&mut self) -> Result<(), LpError> {
        if self.cuts.len() <= CUTS_PER_GROUP * self.groups() + 50 {
            return Ok(());
        }
        self.forget(IDLE_MAX);
        self.build()
    }

    /// Drops every cut that the last solve left idle, ahead of a master over other columns.
    pub(super) fn forget_idle(&mut self) {
        self.forget(1);
    }

    fn forget(&mut self, idle_max: u32) {
        let idle = std::mem::take(&mut self.idle);
        let mut keep = idle.iter().map(|idle| *idle < idle_max);
        self.cuts.retain(|_| keep.next().unwrap_or(true));
        self.idle = idle.into_iter().filter(|idle| *idle < idle_max).collect();
    }

    /// Opens and closes columns.
    pub(super) fn set(&mut self, state: &[State]) -> Result<(), LpError> {
        let groups = self.groups();
        for (column, state) in state.iter().enumerate() {
            let bounds = match state {
                State::Free => (0.0, 1.0),
                State::Open => (1.0, 1.0),
                State::Closed => (0.0, 0.0),
            };
            if self.bounds[column] != bounds {
                self.bounds[column] = bounds;
                self.lp.set_bounds(groups + column, bounds.0, bounds.1)?;
            }
        }
        Ok(())
    }

    /// Solves the LP; none if it has no solution as far as HiGHS can tell.
    pub(super) fn solve(&mut self) -> Result<Option<Relaxed>, LpError> {
        let answer = match self.lp.solve() {
            Ok(answer) if answer.status != LpStatus::Unknown => answer,
            Ok(_) | Err(_) => {
                // A basis that went bad: once more from the start.
                self.build()?;
                self.lp.solve()?
            }
        };
        if answer.status != LpStatus::Optimal {
            return Ok(None);
        }
        let groups = self.groups();
        let dual = |rows: &[usize]| rows.iter().map(|&row| answer.row_duals[row]).collect::<Vec<f64>>();
        let duals = (dual(&self.cut_rows), dual(&self.rule_rows), dual(&self.pair_rows));
        for (((idle, dual), &row), cut) in self.idle.iter_mut().zip(&duals.0).zip(&self.cut_rows).zip(&self.cuts) {
            let busy = *dual > 1e-9 || answer.rows[row] - ratio(cut.base, self.unit) < 1e-9;
            *idle = if busy { 0 } else { *idle + 1 };
        }
        Ok(Some(Relaxed {
            open: answer.columns[groups..groups + self.sites.len()].iter().map(|y| y.clamp(0.0, 1.0)).collect(),
            theta: answer.columns[..groups].iter().map(|theta| theta * self.unit).collect(),
            duals,
        }))
    }

    /// The prices that the duals stand for: of every zone the mean of its cuts' D, weighted by their duals.
    pub(super) fn prices(&self, zones: &Zones<'_>, order: &[u32], relaxed: &Relaxed) -> Prices {
        let mut mean = vec![0.0; order.len()];
        let mut weight = vec![0.0; order.len()];
        for (cut, &dual) in self.cuts.iter().zip(&relaxed.duals.0) {
            if dual > 0.0 {
                for (at, &price) in (cut.from..cut.to).zip(&cut.prices) {
                    mean[at] += dual * f64::from(price);
                    weight[at] += dual;
                }
            }
        }
        let one = f64::from(2.0_f32).powi(i32::try_from(zones.bits).unwrap_or(0));
        let mut prices = Prices { zones: vec![0; zones.len()], ..Prices::default() };
        for (at, &zone) in order.iter().enumerate() {
            let rest = (1.0 - weight[at]).max(0.0);
            let price = (mean[at] + rest * f64::from(self.floor[at])) / (weight[at] + rest);
            let cap = u64::from(zones.cap[zone as usize]) << zones.bits;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "any price is valid")]
            let whole = (price * one).round() as u64;
            prices.zones[zone as usize] = whole.min(cap);
        }
        let scale = self.unit * one;
        for (at, (&dual, row)) in relaxed.duals.1.iter().zip(&self.rules.rows).enumerate() {
            #[expect(clippy::cast_possible_truncation, reason = "a price that saturates is valid too")]
            let price = (dual.abs() * scale / row_scale(row)).round() as i64;
            let price = price.min(PRICE_MAX);
            if price > 0 && dual < 0.0 && row.max.is_some() {
                prices.rows.push((at, price, 0));
            } else if price > 0 && dual > 0.0 && row.min.is_some() {
                prices.rows.push((at, 0, price));
            }
        }
        let mut pairs = BTreeMap::new();
        for (&(one, other), &dual) in self.pairs.iter().zip(&relaxed.duals.2) {
            #[expect(clippy::cast_possible_truncation, reason = "a price that saturates is valid too")]
            let price = (-dual * scale).round() as i64;
            if price > 0 {
                let pair = (self.sites[one as usize], self.sites[other as usize]);
                *pairs.entry((pair.0.min(pair.1), pair.0.max(pair.1))).or_insert(0) += price.min(PRICE_MAX);
            }
        }
        prices.pairs = pairs.into_iter().map(|((one, other), price)| (one, other, price)).collect();
        prices
    }
}

/// Coefficients of a row are divided by the largest of them.
fn row_scale(row: &domain::problem::Row) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "the LP only proposes")]
    row.terms.iter().map(|(_, coefficient)| coefficient.unsigned_abs()).max().map_or(1.0, |most| most.max(1) as f64)
}

/// A sum in units; what the LP would drop as too small is dropped here.
fn ratio(sum: u64, unit: f64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "the LP only proposes")]
    let ratio = sum as f64 / unit;
    if ratio < 1e-9 { 0.0 } else { ratio }
}
