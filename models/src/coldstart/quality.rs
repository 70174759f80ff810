//! What the cold start is worth, on stores held out.
//!
//! A store's interval is cross-conformal [vovk2015]: its fold's residuals, weights and bias correction play no
//! part in it. The best-looking tenth is judged apart, since a plan picks from it.

use domain::forecast::ColdStartQuality;

use super::FOLDS;
use super::blend::{HeldOut, combine, log_mean_exp, weights};

/// One store's forecast and interval, made without its fold.
#[derive(Debug, Clone, Copy)]
struct Judged {
    forecast: f64,
    truth: f64,
    held: bool,
}

/// Measures all held-out stores.
pub(super) fn measure(truth: &HeldOut<'_>) -> ColdStartQuality {
    let stores = truth.logs.len();
    let mut judged = Vec::with_capacity(stores);
    for fold in 0..FOLDS {
        let mix = weights(truth, Some(fold));
        let mut others: Vec<f64> = (0..stores)
            .filter(|&store| truth.fold[store] != fold)
            .map(|store| truth.logs[store] - combine(truth.members.row(store), mix))
            .collect();
        let bias = log_mean_exp(&others);
        others.sort_unstable_by(f64::total_cmp);
        // Ranks as in split conformal: a tenth outside at either end.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and n")]
        let rank = (0.1 * (others.len() + 1) as f64 + 1e-9).floor() as usize;
        let (low, high) = match rank {
            0 => (f64::NEG_INFINITY, f64::INFINITY),
            rank => (others[rank - 1], others[others.len() - rank]),
        };
        for store in (0..stores).filter(|&store| truth.fold[store] == fold) {
            let log = combine(truth.members.row(store), mix);
            let residual = truth.logs[store] - log;
            judged.push(Judged {
                forecast: (log + bias).exp(),
                truth: truth.levels[store],
                held: (low..=high).contains(&residual),
            });
        }
    }
    let wrong: f64 = judged.iter().map(|store| (store.truth - store.forecast).abs()).sum();
    let total: f64 = judged.iter().map(|store| store.truth).sum();
    let covered =
        |stores: &[Judged]| stores.iter().filter(|store| store.held).count() as f64 / stores.len().max(1) as f64;
    let coverage_80 = covered(&judged);
    judged.sort_by(|a, b| b.forecast.total_cmp(&a.forecast));
    let top = &judged[..stores.div_ceil(10)];
    let (top_truth, top_forecast) =
        top.iter().fold((0.0, 0.0), |(truth, forecast), store| (truth + store.truth, forecast + store.forecast));
    ColdStartQuality {
        stores,
        wape: if total > 0.0 { wrong / total } else { 0.0 },
        coverage_80,
        coverage_80_top: covered(top),
        top_ratio: if top_forecast > 0.0 { top_truth / top_forecast } else { 1.0 },
    }
}
