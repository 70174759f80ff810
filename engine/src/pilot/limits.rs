//! What a comparison asks of a plan, as rows over the sites.
//!
//! | symbol | row | unit |
//! |---|---|---|
//! | sum_j (a_j - p r) y_j <= 0 | `pilot.detect` | 1e-12 of a square of logs |
//! | sum_j (f_ja - mean_a - eps_a) y_j <= 0 | `pilot.representative.A.most` | millionths of the attribute's widest deviation |
//! | sum_j (f_ja - mean_a + eps_a) y_j >= 0 | `pilot.representative.A.least` | the same |
//!
//! a_j is the least that controls of j cost, whoever else is chosen. A plan of P <= p stores has controls for P^2 r only if
//! sum a_j y_j <= P^2 r <= p r sum y_j: no plan is lost to the row. What a plan really needs is asked of each
//! ([`super::controls`]). mean_a is that of all candidates.

use domain::ids::Idx;
use domain::market::{Market, Store};
use domain::problem::{Row, Site};
use domain::settings::Settings;

use super::Comparison;
use crate::EngineError;

/// The name of the rule on what the pilot detects.
pub const DETECT: &str = "pilot.detect";
/// Parts of a square of logs.
const PARTS: f64 = 1e12;
/// Parts of an attribute's widest deviation.
const PARTS_OF_RANGE: f64 = 1e6;

impl Comparison {
    /// The row of `pilot.detect` for plans of `count` stores at the limit `limit`; none where no effect is to be found.
    #[must_use]
    pub fn row_at(&self, count: usize, limit: f64) -> Option<Row> {
        let at = Self { limit: self.limit.map(|_| limit), stores_max: count, ..self.clone() };
        at.row().map(|row| row.0)
    }

    /// The row of `pilot.detect`, and sites that have no controls whoever else is chosen (ascending).
    #[must_use]
    pub fn row(&self) -> Option<(Row, Vec<Site>)> {
        let limit = self.limit.filter(|_| !self.randomised)?;
        let each = limit * self.stores_max as f64;
        let sites = (0..).zip(0..self.store_of.len());
        Some(detecting(limit, each, sites.map(|(site, at)| (site, self.cheapest(at)))))
    }

    /// Sites whose attributes that have to be balanced are not known (ascending).
    #[must_use]
    pub fn lacking(&self) -> Vec<Site> {
        let known = |store: usize| self.balanced.iter().all(|balance| balance.values[store].is_finite());
        (0..).zip(&self.store_of).filter(|(_, store)| !known(**store)).map(|(site, _)| site).collect()
    }
}

/// The row sum (a_j - each) y_j <= 0 over sites with their a_j, and the sites that have none (all, where no limit can be kept).
pub(super) fn detecting(limit: f64, each: f64, sites: impl Iterator<Item = (Site, f64)>) -> (Row, Vec<Site>) {
    let (mut terms, mut never) = (Vec::new(), Vec::new());
    for (site, least) in sites {
        if least.is_finite() && limit >= 0.0 {
            #[expect(clippy::cast_possible_truncation, reason = "variances of logs are far below a million")]
            terms.push((site, ((least - each) * PARTS).floor() as i64));
        } else {
            never.push(site);
        }
    }
    (Row { name: DETECT.into(), terms, min: None, max: Some(0) }, never)
}

/// The rows of `pilot.representative`, and candidates whose attribute is not known (ascending): they can't be chosen
/// where it is asked for.
///
/// # Errors
/// An attribute that stores do not have.
pub fn representative(
    market: &Market,
    settings: &Settings,
    candidates: &[Idx<Store>],
) -> Result<(Vec<Row>, Vec<Site>), EngineError> {
    let (mut rows, mut unknown) = (Vec::new(), Vec::new());
    for (name, &within) in &settings.pilot.representative {
        let all = attribute(market, name)?;
        let values: Vec<f64> = candidates.iter().map(|store| all[store.at()]).collect();
        let known = values.iter().filter(|value| value.is_finite());
        let mean = known.clone().sum::<f64>() / known.clone().count().max(1) as f64;
        let widest = known.map(|value| (value - mean).abs()).fold(within, f64::max);
        let parts = if widest > 0.0 { PARTS_OF_RANGE / widest } else { 0.0 };
        let row = |side: f64| -> Vec<(Site, i64)> {
            #[expect(clippy::cast_possible_truncation, reason = "at most two million")]
            let term = |value: f64| ((value - mean + side * within) * parts).round() as i64;
            (0..)
                .zip(&values)
                .filter(|(_, value)| value.is_finite())
                .map(|(site, &value)| (site, term(value)))
                .collect()
        };
        unknown.extend((0..).zip(&values).filter(|(_, value)| !value.is_finite()).map(|(site, _)| site));
        let name = |side: &str| format!("pilot.representative.{name}.{side}");
        rows.push(Row { name: name("most"), terms: row(-1.0), min: None, max: Some(0) });
        rows.push(Row { name: name("least"), terms: row(1.0), min: Some(0), max: None });
    }
    unknown.sort_unstable();
    unknown.dedup();
    Ok((rows, unknown))
}

/// What a row asks, in words.
#[must_use]
pub fn words(settings: &Settings, row: &str) -> String {
    let pilot = &settings.pilot;
    let part = row.strip_prefix("pilot.representative.").and_then(|rest| rest.rsplit_once('.'));
    match part {
        Some((name, _)) => {
            let within = pilot.representative.get(name).copied().unwrap_or(f64::NAN);
            format!("the mean `{name}` of the chosen stores has to lie within {within} of that of all candidates")
        }
        None => {
            let asked = pilot.detect.map_or(f64::NAN, |detect| 100.0 * detect.fraction);
            format!("the pilot has to find an effect of {asked:.1} % 8 times in 10")
        }
    }
}

/// A numeric attribute, by store; NaN where it is not known.
///
/// # Errors
/// One that stores do not have.
pub fn attribute(market: &Market, name: &str) -> Result<Vec<f64>, EngineError> {
    let column = market.store_attributes.find(name);
    let column = column.ok_or_else(|| EngineError::NoSuchStoreAttribute { column: name.to_owned() })?;
    let value =
        |store| market.store_attributes.get(store, column).filter(|value| value.is_finite()).unwrap_or(f64::NAN);
    Ok((0..market.stores.len()).map(value).collect())
}
