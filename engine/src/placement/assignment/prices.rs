//! Bounds in whole numbers, from prices.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | v_i | `Prices::zones` | cost units x 2^-bits |
//! | lambda | `Prices::rows`, `Prices::pairs` | weight x cost x 2^-bits per unit of the rule |
//! | rho'_j | `Priced::rho` | weight x cost x 2^-bits |
//!
//! Every plan costs at least sum_i w_i v_i + (row terms) - max over y of sum_j rho'_j y_j
//! [cornuejols1977; beasley1985]; the maximum over "at most p, these open, those closed" is a sort.
//! [`domain::certificate`] has the formulas. Nothing here is rounded: the prices are whole numbers, wherever they came from.

use domain::problem::{Rules, Site};
use rayon::prelude::*;

use super::matrix::{Matrix, Zones};

/// No price of a row or a pair goes beyond; more than the dearest plan costs is of no use ([`Zones::of`]).
pub(super) const PRICE_MAX: i64 = i64::MAX >> 2;

/// One set of prices.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Prices {
    /// v, by zone.
    pub(super) zones: Vec<u64>,
    /// (row, price of its upper side, of its lower side).
    pub(super) rows: Vec<(usize, i64, i64)>,
    /// (lower site, higher site, price).
    pub(super) pairs: Vec<(Site, Site, i64)>,
}

/// What prices say of every column.
#[derive(Debug)]
pub(super) struct Priced {
    /// sum w v + row terms.
    pub(super) base: i128,
    /// rho', by column.
    pub(super) rho: Vec<i128>,
}

/// Zones per parcel of a parallel pass.
const PARCEL: usize = 256;

/// rho' for the columns of `matrix`.
pub(super) fn price(rules: &Rules, zones: &Zones<'_>, matrix: &Matrix<'_>, prices: &Prices) -> Priced {
    let width = matrix.width();
    let (sum, fraction) = (0..zones.len().div_ceil(PARCEL))
        .into_par_iter()
        .fold(
            || (vec![0_u64; width], vec![0_u64; width]),
            |(mut sum, mut fraction), parcel| {
                for zone in parcel * PARCEL..((parcel + 1) * PARCEL).min(zones.len()) {
                    let price = prices.zones[zone];
                    if price > 0 {
                        matrix.add_fine(zone, zones.weights[zone], price, zones.bits, &mut sum, &mut fraction);
                    }
                }
                (sum, fraction)
            },
        )
        .reduce(
            || (vec![0; width], vec![0; width]),
            |(mut sum, mut fraction), (more, rest)| {
                sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
                fraction.iter_mut().zip(rest).for_each(|(fraction, rest)| *fraction += rest);
                (sum, fraction)
            },
        );
    finish(rules, zones, matrix, prices, &sum, &fraction)
}

/// The same from sums that were made in another pass.
pub(super) fn finish(
    rules: &Rules,
    zones: &Zones<'_>,
    matrix: &Matrix<'_>,
    prices: &Prices,
    sum: &[u64],
    fraction: &[u64],
) -> Priced {
    let mut base: i128 =
        prices.zones.iter().zip(zones.weights).map(|(&price, &weight)| i128::from(price) * i128::from(weight)).sum();
    let mut rho: Vec<i128> = sum
        .iter()
        .zip(fraction)
        .map(|(&sum, &fraction)| (i128::from(sum) << zones.bits) + i128::from(fraction))
        .collect();
    let column = |site: &Site| matrix.sites.binary_search(site).ok();
    for &(row, upper, lower) in &prices.rows {
        let rule = &rules.rows[row];
        base += i128::from(lower) * i128::from(rule.min.unwrap_or(0));
        base -= i128::from(upper) * i128::from(rule.max.unwrap_or(0));
        let price = i128::from(lower) - i128::from(upper);
        for (site, coefficient) in &rule.terms {
            if let Some(column) = column(site) {
                rho[column] += price * i128::from(*coefficient);
            }
        }
    }
    for (one, other, price) in &prices.pairs {
        base -= i128::from(*price);
        for column in [one, other].into_iter().filter_map(column) {
            rho[column] -= i128::from(*price);
        }
    }
    Priced { base, rho }
}

/// The bound of a part of the space.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bound {
    /// In weight x cost x 2^-bits.
    pub(super) value: i128,
    /// What one more open column takes away from the best choice: the last that was chosen, or nothing.
    /// None where no more may open.
    pub(super) displaced: Option<i128>,
}

/// value / 2^bits, rounded up: objectives are whole.
pub(super) fn round_up(value: i128, bits: u32) -> i128 {
    -((-value) >> bits)
}

impl Priced {
    /// The bound with columns in the states `state`; none where the counts leave no plan.
    pub(super) fn bound(&self, state: &[State], rules: &Rules) -> Option<Bound> {
        let (mut sum, mut opened, mut free) = (0, 0, Vec::new());
        for (&rho, &state) in self.rho.iter().zip(state) {
            match state {
                State::Open => {
                    sum += rho;
                    opened += 1;
                }
                State::Free => free.push(rho),
                State::Closed => {}
            }
        }
        let most = rules.open_max.checked_sub(opened)?.min(free.len());
        let least = rules.open_min.saturating_sub(opened);
        if least > most {
            return None;
        }
        let paying = free.iter().filter(|rho| **rho > 0).count();
        let taken = paying.clamp(least, most);
        let mut displaced = Some(0);
        if taken > 0 {
            free.select_nth_unstable_by(taken - 1, |one, other| other.cmp(one));
            sum += free[..taken].iter().sum::<i128>();
            if taken == most || taken > paying {
                displaced = Some(free[taken - 1]);
            }
        } else if most == 0 {
            displaced = None;
        }
        Some(Bound { value: self.base - sum, displaced })
    }

    /// Free columns that may close: with any one of them open, the bound is at least `target` (whole).
    pub(super) fn closable(&self, state: &[State], rules: &Rules, target: i128, bits: u32) -> Vec<u32> {
        let Some(bound) = self.bound(state, rules) else { return Vec::new() };
        let closes = |rho: i128| {
            bound.displaced.is_none_or(|last| rho <= last && round_up(bound.value + last - rho, bits) >= target)
        };
        (0_u32..)
            .zip(self.rho.iter().zip(state))
            .filter(|(_, (rho, state))| **state == State::Free && closes(**rho))
            .map(|(column, _)| column)
            .collect()
    }
}

/// What is decided about a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing.
    Free,
    /// It is open.
    Open,
    /// It is closed.
    Closed,
}
