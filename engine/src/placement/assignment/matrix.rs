//! Costs of the sites still in play, and the two passes over them that everything else is made of.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | c_ij | entries of `Rows` | cost units |
//! | w_i | `Zones::weights` | people |
//! | c_i0 | `Zones::cap` | cost units |
//! | v_i | `price`, in cost units or in 2^-bits of them | |
//! | rho_j | `sum` | weight x cost |
//!
//! A *column* is the position of a site in the list that a matrix is of: closing sites for good and copying
//! what is left makes the later passes as short as the list. Costs between places are measured when a pass
//! asks for them ([`Measured`]), and copied once the list is short.

use std::borrow::Cow;

use domain::problem::{Assignment, CostRows, Rules, Site};
use rayon::prelude::*;

use super::measured::Measured;
use super::prices::PRICE_MAX;
use crate::placement::PlacementError;

/// What a zone weighs and what it costs at most.
#[derive(Debug)]
pub(super) struct Zones<'a> {
    /// w.
    pub(super) weights: &'a [u64],
    /// c_0: the fallback, or the dearest site where a zone has no fallback. Zero for a zone without weight.
    pub(super) cap: Vec<u32>,
    /// sum of w x cap: no plan costs more.
    pub(super) total: i128,
    /// Prices are whole numbers of 2^-bits cost units.
    pub(super) bits: u32,
}

/// Costs of the sites in play.
#[derive(Debug)]
pub(super) struct Matrix<'a> {
    /// The site of each column, ascending.
    pub(super) sites: Vec<Site>,
    rows: Rows<'a>,
}

#[derive(Debug)]
enum Rows<'a> {
    Dense(Cow<'a, [u32]>),
    Sparse { starts: Cow<'a, [usize]>, column: Cow<'a, [u32]>, cost: Cow<'a, [u32]> },
    Measured(Measured<'a>),
}

/// Columns to look up in a row, with their positions in the list.
#[derive(Debug)]
pub(super) struct Support {
    /// The columns, ascending.
    pub(super) columns: Vec<u32>,
    slot: Vec<u32>,
}

impl Support {
    /// Of `columns`, ascending, in a matrix of `width` columns.
    pub(super) fn new(columns: Vec<u32>, width: usize) -> Self {
        let mut slot = vec![u32::MAX; width];
        for (at, &column) in (0_u32..).zip(&columns) {
            slot[column as usize] = at;
        }
        Self { columns, slot }
    }
}

/// Sums over zones stay below this, so that u64 arithmetic is exact.
const SUM_MAX: i128 = 1 << 62;
/// A 32-bit cost shifted by this still fits a price.
const BITS_MAX: u32 = 30;

impl<'a> Zones<'a> {
    /// Of a problem whose shapes agree.
    ///
    /// # Errors
    /// Weights times costs too large to be summed exactly.
    pub(super) fn of(problem: &'a Assignment, rules: &Rules) -> Result<Self, PlacementError> {
        // A zone that must be served may have any price; this is as high as one could be of use.
        let dearest = if let CostRows::Places(places) = &problem.costs { places.dearest() } else { u32::MAX };
        let cap: Vec<u32> = (0..problem.zones())
            .into_par_iter()
            .map(|zone| match (&problem.costs, problem.fallback[zone]) {
                _ if problem.weights[zone] == 0 => 0,
                (CostRows::Dense { sites, costs }, u32::MAX) => {
                    costs[zone * sites..(zone + 1) * sites].iter().copied().max().unwrap_or(u32::MAX)
                }
                (CostRows::Places(_), u32::MAX) => dearest,
                (_, fallback) => fallback,
            })
            .collect();
        let total = cap.iter().zip(&problem.weights).map(|(&cap, &weight)| i128::from(cap) * i128::from(weight)).sum();
        if total >= SUM_MAX {
            return Err(PlacementError::TooLarge { total });
        }
        // Fractions of prices are summed apart from their whole parts.
        let weight: i128 = problem.weights.iter().map(|&weight| i128::from(weight)).sum();
        // The price of a row or a pair can be as much as a plan costs.
        let dearest = if rules.rows.is_empty() && rules.conflicts.is_empty() { 0 } else { total };
        let fits = |bits: &u32| weight << bits < SUM_MAX && dearest << bits <= i128::from(PRICE_MAX);
        let bits = (0..=BITS_MAX).rev().find(fits).unwrap_or(0);
        Ok(Self { weights: &problem.weights, cap, total, bits })
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.weights.len()
    }
}

impl<'a> Matrix<'a> {
    /// All sites of a problem.
    pub(super) fn of(problem: &'a Assignment, sites: usize) -> Self {
        let rows = match &problem.costs {
            CostRows::Dense { costs, .. } => Rows::Dense(Cow::Borrowed(costs)),
            CostRows::Sparse { starts, site, cost } => {
                Rows::Sparse { starts: Cow::Borrowed(starts), column: Cow::Borrowed(site), cost: Cow::Borrowed(cost) }
            }
            CostRows::Places(places) => Rows::Measured(Measured::of(places)),
        };
        #[expect(clippy::cast_possible_truncation, reason = "sites are numbered in 32 bits")]
        Self { sites: (0..sites as Site).collect(), rows }
    }

    /// No sites, of as many zones.
    pub(super) fn empty(zones: usize) -> Matrix<'static> {
        let rows =
            Rows::Sparse { starts: vec![0; zones + 1].into(), column: Vec::new().into(), cost: Vec::new().into() };
        Matrix { sites: Vec::new(), rows }
    }

    /// How many columns there are.
    pub(super) fn width(&self) -> usize {
        self.sites.len()
    }

    /// Whether only pairs within reach are listed.
    pub(super) fn is_listed(&self) -> bool {
        matches!(self.rows, Rows::Sparse { .. })
    }

    /// Whether its costs are measured when asked for.
    pub(super) fn is_measured(&self) -> bool {
        matches!(self.rows, Rows::Measured(_))
    }

    /// How many entries a pass reads at most.
    pub(super) fn entries(&self) -> usize {
        match &self.rows {
            Rows::Dense(costs) => costs.len(),
            Rows::Sparse { cost, .. } => cost.len(),
            Rows::Measured(measured) => measured.zones() * self.width(),
        }
    }

    /// The columns `keep` (ascending) alone; what was measured when asked stays so.
    pub(super) fn select(&self, zones: usize, keep: &[u32]) -> Matrix<'a> {
        match &self.rows {
            Rows::Measured(measured) => Matrix {
                sites: keep.iter().map(|&column| self.sites[column as usize]).collect(),
                rows: Rows::Measured(measured.select(keep)),
            },
            _ => self.compact(zones, keep),
        }
    }

    /// The columns `keep` (ascending) alone, copied.
    pub(super) fn compact(&self, zones: usize, keep: &[u32]) -> Matrix<'static> {
        let rows = match &self.rows {
            Rows::Dense(costs) => {
                let mut kept = vec![0; zones * keep.len()];
                if !keep.is_empty() {
                    kept.par_chunks_mut(keep.len()).enumerate().for_each(|(zone, target)| {
                        let row = &costs[zone * self.width()..(zone + 1) * self.width()];
                        for (to, &column) in target.iter_mut().zip(keep) {
                            *to = row[column as usize];
                        }
                    });
                }
                Rows::Dense(Cow::Owned(kept))
            }
            Rows::Sparse { .. } => {
                let new = Support::new(keep.to_vec(), self.width());
                let (mut starts, mut column, mut cost) = (vec![0], Vec::new(), Vec::new());
                for zone in 0..zones {
                    self.each(zone, |at, value| {
                        if new.slot[at] != u32::MAX {
                            column.push(new.slot[at]);
                            cost.push(value);
                        }
                    });
                    starts.push(cost.len());
                }
                Rows::Sparse { starts: Cow::Owned(starts), column: Cow::Owned(column), cost: Cow::Owned(cost) }
            }
            Rows::Measured(measured) => Rows::Dense(Cow::Owned(measured.costs(None, keep))),
        };
        Matrix { sites: keep.iter().map(|&column| self.sites[column as usize]).collect(), rows }
    }

    /// The rows of `zones` alone.
    pub(super) fn of_zones(&self, zones: &[u32]) -> Matrix<'static> {
        let rows = match &self.rows {
            Rows::Dense(costs) => {
                let width = self.width();
                let copy = |&zone: &u32| &costs[zone as usize * width..(zone as usize + 1) * width];
                Rows::Dense(Cow::Owned(zones.iter().flat_map(copy).copied().collect()))
            }
            Rows::Sparse { .. } => {
                let (mut starts, mut column, mut cost) = (vec![0], Vec::new(), Vec::new());
                for &zone in zones {
                    self.each(zone as usize, |at, value| {
                        #[expect(clippy::cast_possible_truncation, reason = "columns are numbered in 32 bits")]
                        column.push(at as u32);
                        cost.push(value);
                    });
                    starts.push(cost.len());
                }
                Rows::Sparse { starts: Cow::Owned(starts), column: Cow::Owned(column), cost: Cow::Owned(cost) }
            }
            Rows::Measured(measured) => {
                #[expect(clippy::cast_possible_truncation, reason = "columns are numbered in 32 bits")]
                let all: Vec<u32> = (0..self.width() as u32).collect();
                Rows::Dense(Cow::Owned(measured.costs(Some(zones), &all)))
            }
        };
        Matrix { sites: self.sites.clone(), rows }
    }

    /// Every (column, cost) of a zone.
    pub(super) fn each(&self, zone: usize, mut visit: impl FnMut(usize, u32)) {
        match &self.rows {
            Rows::Dense(costs) => {
                let row = &costs[zone * self.width()..(zone + 1) * self.width()];
                row.iter().enumerate().for_each(|(column, &cost)| visit(column, cost));
            }
            Rows::Sparse { starts, column, cost } => {
                for at in starts[zone]..starts[zone + 1] {
                    visit(column[at] as usize, cost[at]);
                }
            }
            Rows::Measured(measured) => (0..self.width()).for_each(|column| visit(column, measured.cost(zone, column))),
        }
    }

    /// What serving a zone from a column costs; `u32::MAX` for a pair that is not listed.
    pub(super) fn cost(&self, zone: usize, at: usize) -> u32 {
        match &self.rows {
            Rows::Dense(costs) => costs[zone * self.width() + at],
            Rows::Sparse { starts, column, cost } => {
                let row = starts[zone]..starts[zone + 1];
                let found = column[row.clone()].binary_search_by(|probe| (*probe as usize).cmp(&at));
                found.map_or(u32::MAX, |offset| cost[row.start + offset])
            }
            Rows::Measured(measured) => measured.cost(zone, at),
        }
    }

    /// Every (position in the support, cost) of a zone.
    pub(super) fn each_of(&self, zone: usize, support: &Support, mut visit: impl FnMut(u32, u32)) {
        match &self.rows {
            Rows::Dense(costs) => {
                let row = &costs[zone * self.width()..(zone + 1) * self.width()];
                for (at, &column) in (0_u32..).zip(&support.columns) {
                    visit(at, row[column as usize]);
                }
            }
            Rows::Sparse { starts, column, cost } => {
                for at in starts[zone]..starts[zone + 1] {
                    let slot = support.slot[column[at] as usize];
                    if slot != u32::MAX {
                        visit(slot, cost[at]);
                    }
                }
            }
            Rows::Measured(measured) => {
                for (at, &column) in (0_u32..).zip(&support.columns) {
                    visit(at, measured.cost(zone, column as usize));
                }
            }
        }
    }

    /// Adds w max(0, v - c_j) to `sum`, for a whole price v in cost units.
    pub(super) fn add(&self, zone: usize, weight: u64, price: u32, sum: &mut [u64]) {
        match &self.rows {
            Rows::Dense(costs) => {
                let row = &costs[zone * self.width()..(zone + 1) * self.width()];
                if let Ok(narrow) = u32::try_from(weight) {
                    // 32 x 32 -> 64 bits: what the vector units multiply in one step.
                    for (sum, &cost) in sum.iter_mut().zip(row) {
                        *sum += u64::from(narrow) * u64::from(price.saturating_sub(cost));
                    }
                } else {
                    for (sum, &cost) in sum.iter_mut().zip(row) {
                        *sum += weight * u64::from(price.saturating_sub(cost));
                    }
                }
            }
            Rows::Sparse { starts, column, cost } => {
                for at in starts[zone]..starts[zone + 1] {
                    sum[column[at] as usize] += weight * u64::from(price.saturating_sub(cost[at]));
                }
            }
            Rows::Measured(measured) => {
                measured.within(zone, price, |column, cost| sum[column] += weight * u64::from(price - cost));
            }
        }
    }

    /// Adds w max(0, v - c_j) for a price v in 2^-bits cost units: whole parts to `sum` (still to be shifted
    /// left by `bits`), fractions to `fraction`.
    pub(super) fn add_fine(
        &self,
        zone: usize,
        weight: u64,
        price: u64,
        bits: u32,
        sum: &mut [u64],
        fraction: &mut [u64],
    ) {
        #[expect(clippy::cast_possible_truncation, reason = "a price is at most a cost, which has 32 bits")]
        let whole = (price >> bits) as u32;
        let rest = weight * (price & ((1 << bits) - 1));
        if rest == 0 {
            return self.add(zone, weight, whole, sum);
        }
        match &self.rows {
            Rows::Dense(costs) => {
                let row = &costs[zone * self.width()..(zone + 1) * self.width()];
                let pairs = sum.iter_mut().zip(fraction.iter_mut()).zip(row);
                if let Ok(narrow) = u32::try_from(weight) {
                    for ((sum, fraction), &cost) in pairs {
                        *sum += u64::from(narrow) * u64::from(whole.saturating_sub(cost));
                        *fraction += if cost <= whole { rest } else { 0 };
                    }
                } else {
                    for ((sum, fraction), &cost) in pairs {
                        *sum += weight * u64::from(whole.saturating_sub(cost));
                        *fraction += if cost <= whole { rest } else { 0 };
                    }
                }
            }
            Rows::Sparse { starts, column, cost } => {
                for at in starts[zone]..starts[zone + 1] {
                    if cost[at] <= whole {
                        sum[column[at] as usize] += weight * u64::from(whole - cost[at]);
                        fraction[column[at] as usize] += rest;
                    }
                }
            }
            Rows::Measured(measured) => measured.within(zone, whole, |column, cost| {
                sum[column] += weight * u64::from(whole - cost);
                fraction[column] += rest;
            }),
        }
    }
}
