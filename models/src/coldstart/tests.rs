//! On simulated stores: better than the mean, honest about it, and the same on any number of threads.

use super::*;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use rand_pcg::Pcg64;

/// Stores whose log level is linear in two features, bent in a third, with three features of no use, one of
/// them unknown for a third of the stores.
fn stores(count: usize, noise: f64, seed: u64) -> (Array2<f64>, Vec<f64>) {
    let mut random = Pcg64::seed_from_u64(seed);
    let mut features = Array2::from_shape_simple_fn((count, 6), || random.sample::<f64, _>(StandardNormal));
    let levels = (0..count)
        .map(|store| {
            let x = features.row(store);
            let log = 3.0 + 0.5 * x[0] - 0.3 * x[1] + 0.3 * (1.5 * x[2]).sin();
            (log + noise * random.sample::<f64, _>(StandardNormal)).exp()
        })
        .collect();
    features.column_mut(5).iter_mut().step_by(3).for_each(|value| *value = f64::NAN);
    (features, levels)
}

fn wape(forecast: impl Iterator<Item = f64>, truth: &[f64]) -> f64 {
    forecast.zip(truth).map(|(f, y)| (f - y).abs()).sum::<f64>() / truth.iter().sum::<f64>()
}

#[test]
fn it_beats_the_mean_and_covers_what_it_says() {
    let (features, levels) = stores(600, 0.3, 1);
    let (train, test) = (features.slice(ndarray::s![..400, ..]), features.slice(ndarray::s![400.., ..]));
    let fitted = fit(train, &levels[..400], Seed(1)).expect("enough stores");
    let forecast = fitted.predict(test, &[]).expect("neighbours");
    let mean = levels[..400].iter().sum::<f64>() / 400.0;
    let ours = wape(forecast.iter().map(|store| store.level), &levels[400..]);
    let naive = wape(std::iter::repeat_n(mean, 200), &levels[400..]);
    // Noise of 0.3 in the log alone gives a WAPE of 0.24 (2/sqrt(2 pi) x 0.3); the mean knows nothing.
    assert!(ours < 0.30 && ours < 0.65 * naive, "{ours} against {naive}");
    let quality = fitted.quality();
    assert!((quality.wape - ours).abs() < 0.06, "{} on held-out folds, {ours} on fresh stores", quality.wape);
    // 400 stores: standard error of a coverage of 80 % is 2 %; three of them. A tenth of them: 6.3 %.
    assert!((quality.coverage_80 - 0.8).abs() < 0.06, "{quality:?}");
    assert!((quality.coverage_80_top - 0.8).abs() < 0.19, "{quality:?}");
    assert!((quality.top_ratio - 1.0).abs() < 0.2, "{quality:?}");
    // The residuals that samples are drawn from cover fresh stores as well: standard error 2.8 %.
    let residuals = crate::sampler::Residuals::new(fitted.residuals());
    let (low, high) = (residuals.log_at(0.1), residuals.log_at(0.9));
    let held = forecast
        .iter()
        .zip(&levels[400..])
        .filter(|(store, level)| (low..=high).contains(&(*level / store.level).ln()))
        .count();
    assert!((held as f64 / 200.0 - 0.8).abs() < 0.085, "{held} of 200");
    // What matters is found, and what does not is not.
    let effect = |feature| fitted.effect(feature, 1.0) - fitted.effect(feature, 0.0);
    assert!((effect(0) - 0.5).abs() < 0.08 && (effect(1) + 0.3).abs() < 0.08 && effect(3).abs() < 0.08);
}

#[test]
fn a_store_is_not_its_own_analog() {
    let (features, levels) = stores(60, 0.2, 2);
    let fitted = fit(features.view(), &levels, Seed(1)).expect("enough stores");
    let own: Vec<Option<usize>> = (0..60).map(Some).collect();
    for (row, store) in fitted.predict(features.view(), &own).expect("neighbours").into_iter().enumerate() {
        assert_eq!(store.analogs.len(), 5);
        assert!(store.analogs.iter().all(|&(analog, _)| analog != row));
        assert!((store.analogs.iter().map(|(_, weight)| weight).sum::<f64>() - 1.0).abs() < 1e-12);
    }
    // Without being told who they are, stores are their own nearest.
    assert_eq!(fitted.predict(features.view(), &[]).expect("neighbours")[7].analogs[0].0, 7);
}

#[test]
fn thirty_stores_suffice_and_nineteen_do_not() {
    let (features, levels) = stores(30, 0.2, 3);
    let fitted = fit(features.view(), &levels, Seed(1)).expect("enough stores");
    assert_eq!(fitted.quality().stores, 30);
    assert!(fitted.methods().iter().all(|(_, weight)| *weight == 1.0 / 3.0));
    let few = fit(features.slice(ndarray::s![..19, ..]), &levels[..19], Seed(1));
    assert_eq!(few.err(), Some(ColdStartError::TooFew { have: 19 }));
    assert!(matches!(fit(features.view(), &levels[..20], Seed(1)), Err(ColdStartError::Shape { .. })));
    let mut broken = levels;
    broken[4] = f64::NAN;
    assert!(matches!(fit(features.view(), &broken, Seed(1)), Err(ColdStartError::Level { row: 4, .. })));
}

#[test]
fn equal_levels_and_constant_features_are_no_trouble() {
    let fitted = fit(Array2::ones((40, 3)).view(), &[5.0; 40], Seed(1)).expect("enough stores");
    let store = &fitted.predict(Array2::ones((1, 3)).view(), &[]).expect("neighbours")[0];
    assert!((store.level - 5.0).abs() < 1e-9);
    let zeros = fit(Array2::ones((40, 3)).view(), &[0.0; 40], Seed(1)).expect("enough stores");
    assert!(zeros.predict(Array2::ones((1, 3)).view(), &[]).expect("neighbours")[0].level < 0.01);
}

#[test]
fn threads_do_not_matter() {
    let (features, levels) = stores(150, 0.3, 4);
    let on = |threads: usize| {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a small pool").install(|| {
            let fitted = fit(features.view(), &levels, Seed(1)).expect("enough stores");
            (fitted.residuals().to_vec(), fitted.predict(features.view(), &[]).expect("neighbours"))
        })
    };
    assert_eq!(on(1), on(4));
}
