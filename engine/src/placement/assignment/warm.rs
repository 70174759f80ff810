//! Going on from an earlier answer: what changes little is solved again in a fraction of the time.
//!
//! An earlier plan, mended to obey the rules of now, is an incumbent at once; and any prices bound any problem over
//! the same zones [`super::prices`], so those that proved the earlier plan nearly prove the new one, and
//! close most sites before the first round. Nothing of the earlier problem has to hold any longer: neither
//! its rules nor its costs.

use domain::problem::Site;

use super::prices::{PRICE_MAX, Prices};
use super::search::Search;
use crate::placement::{Placed, ProofPrices};

/// What an earlier answer leaves to the next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Warm {
    /// The earlier plan, ascending.
    pub open: Vec<Site>,
    /// The earlier proof's prices are multiples of 2^-`price_bits` cost units.
    pub price_bits: u32,
    /// Its prices, those of the root first.
    pub prices: Vec<ProofPrices>,
}

/// Sets of prices that are tried: the root's come first, and tell most.
const TRIED: usize = 6;

impl Warm {
    /// Of an answer with a plan and a proof.
    #[must_use]
    pub fn of(placed: &Placed) -> Option<Self> {
        let (open, proof) = (placed.open.clone()?, placed.proof.as_ref()?);
        Some(Self { open, price_bits: proof.price_bits, prices: proof.prices.clone() })
    }

    /// Its sets of prices as the search's, without those of rows and pairs that are no more.
    pub(super) fn prices(&self, search: &Search<'_>) -> Vec<Prices> {
        let (bits, rules) = (search.zones.bits, search.rules);
        let again = |price: i64| match bits.checked_sub(self.price_bits) {
            Some(finer) => price.saturating_mul(1 << finer),
            None => price >> (self.price_bits - bits),
        };
        let fits = |prices: &&ProofPrices| prices.zones.len() == search.zones.len() && self.price_bits <= 30;
        self.prices
            .iter()
            .filter(fits)
            .take(TRIED)
            .map(|prices| Prices {
                zones: prices
                    .zones
                    .iter()
                    .zip(&search.zones.cap)
                    .map(|(&price, &cap)| u64::try_from(again(price)).unwrap_or(0).min(u64::from(cap) << bits))
                    .collect(),
                rows: prices
                    .rows
                    .iter()
                    .filter_map(|&(row, max, min)| {
                        let rule = rules.rows.get(row)?;
                        let of = |limit: Option<i64>, price| limit.map_or(0, |_| again(price).clamp(0, PRICE_MAX));
                        Some((row, of(rule.max, max), of(rule.min, min)))
                    })
                    .collect(),
                pairs: prices
                    .pairs
                    .iter()
                    .map(|&(one, other, price)| (one, other, again(price).min(PRICE_MAX)))
                    .filter(|(one, other, price)| *price > 0 && rules.conflicts.contains(&(*one, *other)))
                    .collect(),
            })
            .collect()
    }

    /// The sites of the earlier plan that exist.
    pub(super) fn sites(&self, search: &Search<'_>) -> Vec<Site> {
        self.open.iter().copied().filter(|site| (*site as usize) < search.rules.sites).collect()
    }
}
