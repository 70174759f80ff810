//! Multinomial logit capture with one value per captured unit: who goes to the open sites at all
//! [mcfadden1974; benati2002].
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | w_i | `Logit::weights` | people |
//! | a_ij, b_i | | attraction of site j, and of the outside option, for zone i |
//! | x_ij = a_ij / b_i | `Logit::pull` | 1 |
//! | X_i(S) = sum over j in S of x_ij | | 1 |
//!
//! maximise f(S) = sum_i w_i X_i(S) / (1 + X_i(S)) = sum_i w_i A_i/(b_i + A_i). Only the ratios x count: kept as such,
//! they stay in range where a and b both leave it.

use rayon::prelude::*;

use super::InstanceError;
use domain::problem::Site;

/// A capture problem in which every captured unit is worth the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Logit {
    /// w, by zone: finite, not negative.
    pub weights: Vec<f64>,
    /// How many sites there are.
    pub sites: usize,
    /// x, site by site: `pull[site * zones + zone]`, finite, not negative.
    pub pull: Vec<f64>,
}

impl Logit {
    /// How many zones there are.
    #[must_use]
    pub fn zones(&self) -> usize {
        self.weights.len()
    }

    /// x of a site, by zone.
    #[must_use]
    pub fn column(&self, site: usize) -> &[f64] {
        &self.pull[site * self.zones()..(site + 1) * self.zones()]
    }

    /// f of the open sites.
    #[must_use]
    pub fn value(&self, open: &[Site]) -> f64 {
        let mut pulled = vec![0.0; self.zones()];
        for &site in open {
            pulled.iter_mut().zip(self.column(site as usize)).for_each(|(sum, x)| *sum += x);
        }
        pulled.iter().zip(&self.weights).map(|(x, w)| w * x / (1.0 + x)).sum()
    }
}

/// Zones and sites at a distance from each other: a_ij = exp(-beta d_ij), b_i = `outside`.
///
/// `distance` is asked for (site, zone), in whatever unit `beta` is per.
///
/// # Errors
/// A weight, a distance or a parameter from which no finite x >= 0 follows.
pub fn share(
    weights: Vec<f64>,
    sites: usize,
    beta: f64,
    outside: f64,
    distance: impl Fn(usize, usize) -> f64 + Sync,
) -> Result<Logit, InstanceError> {
    if !(outside.is_finite() && outside > 0.0) {
        return Err(InstanceError::BadNumber { what: "outside option", value: outside });
    }
    if !(beta.is_finite() && beta >= 0.0) {
        return Err(InstanceError::BadNumber { what: "beta", value: beta });
    }
    let zones = weights.len();
    let shift = outside.ln();
    let mut pull = vec![0.0; sites * zones];
    pull.par_chunks_mut(zones.max(1)).enumerate().for_each(|(site, column)| {
        column.iter_mut().enumerate().for_each(|(zone, x)| *x = (-beta * distance(site, zone) - shift).exp());
    });
    checked(Logit { weights, sites, pull })
}

/// The problem, if all its numbers are such.
pub(super) fn checked(logit: Logit) -> Result<Logit, InstanceError> {
    let wrong = |value: &f64| !(value.is_finite() && *value >= 0.0);
    if let Some(&value) = logit.weights.iter().find(|value| wrong(value)) {
        return Err(InstanceError::BadNumber { what: "weight of a zone", value });
    }
    if let Some(&value) = logit.pull.par_iter().find_first(|value| wrong(value)) {
        return Err(InstanceError::BadNumber { what: "pull of a site against the outside option", value });
    }
    Ok(logit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_that_of_the_formula() {
        let far = [[1.0, 2.0], [3.0, 0.5]];
        let found = share(vec![4.0, 5.0], 2, 0.7, 0.3, |site, zone| far[site][zone]).expect("finite");
        let a = |site: usize, zone: usize| (-0.7 * far[site][zone]).exp();
        let both = |zone: usize| a(0, zone) + a(1, zone);
        let due = 4.0 * both(0) / (0.3 + both(0)) + 5.0 * both(1) / (0.3 + both(1));
        assert!((found.value(&[0, 1]) - due).abs() < 1e-12);
        let one = 4.0 * a(1, 0) / (0.3 + a(1, 0)) + 5.0 * a(1, 1) / (0.3 + a(1, 1));
        assert!((found.value(&[1]) - one).abs() < 1e-12);
        assert_eq!(found.value(&[]), 0.0);
    }

    #[test]
    fn what_gives_no_number_is_refused() {
        let far = |_, _| 1.0;
        for (weight, beta, outside) in
            [(1.0, 0.1, 0.0), (1.0, 0.1, f64::NAN), (1.0, -0.1, 1.0), (-1.0, 0.1, 1.0), (f64::INFINITY, 0.1, 1.0)]
        {
            let found = share(vec![weight], 1, beta, outside, far);
            assert!(matches!(found, Err(InstanceError::BadNumber { .. })), "{weight} {beta} {outside}");
        }
        assert!(matches!(share(vec![1.0], 1, 0.1, 1.0, |_, _| f64::NAN), Err(InstanceError::BadNumber { .. })));
    }
}
