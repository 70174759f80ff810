//! Proofs as certificates: sites by the ids that a checker knows, rows by their names.

use domain::certificate::{AssignmentCertificate, Fixing, Leaf, PairPrice, Prices, RowPrice};
use domain::problem::{Row, Site};

use super::Proof;

impl Proof {
    /// The certificate, with `id` of each site; `rows` are those of the rules.
    #[must_use]
    pub fn certificate(self, rows: &[Row], id: impl Fn(Site) -> String) -> AssignmentCertificate {
        let ids = |sites: &[Site]| sites.iter().map(|&site| id(site)).collect::<Vec<String>>();
        AssignmentCertificate {
            price_bits: self.price_bits,
            bound: i64::try_from(self.bound).unwrap_or(i64::MIN),
            prices: self
                .prices
                .into_iter()
                .map(|prices| Prices {
                    zones: prices.zones,
                    rows: prices
                        .rows
                        .iter()
                        .map(|&(row, max, min)| RowPrice { row: rows[row].name.clone(), max, min })
                        .collect(),
                    pairs: prices
                        .pairs
                        .iter()
                        .map(|&(one, other, price)| PairPrice { one: id(one), other: id(other), price })
                        .collect(),
                })
                .collect(),
            fixings: self
                .fixings
                .iter()
                .map(|fixing| Fixing {
                    open: ids(&fixing.open),
                    shut: ids(&fixing.shut),
                    prices: fixing.prices,
                    closed: ids(&fixing.closed),
                })
                .collect(),
            leaves: self
                .leaves
                .iter()
                .map(|(open, closed, prices)| Leaf { open: ids(open), closed: ids(closed), prices: *prices })
                .collect(),
            reach: Vec::new(),
        }
    }
}
