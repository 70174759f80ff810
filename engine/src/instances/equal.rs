//! Logit capture as a profit problem: one device, every captured unit worth 1, opening free.

use domain::capture::{CaptureModel, Reach};
use domain::problem::{Profit, Site};
use domain::settings::CaptureLaw;
use ndarray::Array2;

use super::logit::Logit;

/// The same problem, with w as potential, x as pull, and an outside option of 1.
#[must_use]
pub fn profit(logit: &Logit) -> Profit {
    let zones = logit.zones();
    let mut reach = Reach { starts: Vec::with_capacity(zones + 1), ..Reach::default() };
    reach.starts.push(0);
    for zone in 0..zones {
        for site in 0..logit.sites {
            #[expect(clippy::cast_possible_truncation, reason = "sites are numbered in 32 bits")]
            reach.candidate.push(site as Site);
            reach.pull.push(logit.column(site)[zone]);
        }
        reach.starts.push(reach.candidate.len());
    }
    reach.milli_minutes = vec![0; reach.candidate.len()];
    let alone: Vec<f64> = (0..logit.sites)
        .map(|site| logit.column(site).iter().zip(&logit.weights).map(|(x, w)| w * x / (1.0 + x)).sum())
        .collect();
    let column = |values: Vec<f64>| Array2::from_shape_fn((values.len(), 1), |(row, _)| values[row]);
    Profit {
        capture: CaptureModel {
            law: CaptureLaw::Share,
            reach,
            outside: Array2::ones((zones, 1)),
            potential: column(logit.weights.clone()),
            attraction: Array2::ones((logit.sites, 1)),
            alone: column(alone),
        },
        unit_values: Array2::ones((logit.sites, 1)),
        open_costs: vec![0.0; logit.sites],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_have_one_value() {
        let far = [[1.0, 2.0, 0.3], [3.0, 0.5, 2.0]];
        let found = super::super::logit::share(vec![4.0, 5.0, 1.0], 2, 0.7, 0.3, |site, zone| far[site][zone]);
        let logit = found.expect("finite");
        for open in [vec![], vec![0], vec![1], vec![0, 1]] {
            assert!((profit(&logit).value(&open) - logit.value(&open)).abs() < 1e-12, "{open:?}");
        }
    }
}
