//! What the cold start is worth, on stores held out.
//!
//! A store's interval is cross-conformal [vovk2015]: its fold's residuals, weights and scales play no part in
//! it. The best-looking tenth is judged apart, since a plan picks from it.

use domain::forecast::ColdStartQuality;

use super::COUNT;
use super::blend::{self, weights};
use super::spread::{Missed, Spread};

/// One store's forecast and interval, made without its fold.
#[derive(Debug, Clone, Copy)]
struct Judged {
    forecast: f64,
    truth: f64,
    held: bool,
}

/// Measures all held-out stores; `missed` is what a store's error is under given weights.
pub(super) fn measure(
    truth: &blend::Judged<'_>,
    folds: usize,
    missed: impl Fn(usize, &[f64; COUNT]) -> Missed,
) -> ColdStartQuality {
    let stores = truth.logs.len();
    let mut judged = Vec::with_capacity(stores);
    for fold in 0..folds {
        let mix = weights(truth, Some(fold));
        let others = (0..stores).filter(|&store| truth.fold[store] != fold).map(|store| missed(store, &mix));
        let spread = Spread::fit(&others.collect::<Vec<Missed>>());
        for store in (0..stores).filter(|&store| truth.fold[store] == fold) {
            let error = missed(store, &mix);
            let scale = spread.scale(error.hardness, error.group);
            let blend = truth.logs[store] - error.log;
            let [low, high] = spread.interval(scale);
            judged.push(Judged {
                forecast: spread.mean(blend, scale),
                truth: truth.levels[store],
                held: (low..=high).contains(&error.log),
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
