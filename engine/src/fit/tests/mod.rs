//! On a small market with a known truth.

mod world;

use super::*;
use domain::calendar::Date;
use domain::forecast::LEVELS;
use domain::ids::Ids;
use domain::market::{Corner, Travel};
use domain::seed::Seed;
use domain::settings::{Uptake, ZeroRows};
use models::{bass, sampler};
use ndarray::s;
use world::{World, settings};

#[test]
fn observed_stores_sell_their_related_sales_times_the_uptake() {
    let world = World::new(60, |_| true);
    let forecast = fit(&world.market, &world.histories, &settings()).expect("a forecast");
    let (uptake, sigma) = uptake::prior(settings().demand.uptake).expect("a prior");
    assert_eq!(forecast.basis, vec![Basis::Assumed]);
    assert_eq!(forecast.uncertainty.uptake_sigma, vec![sigma]);
    for store in 0..60 {
        // The history's forecast is its level in every week, at weight 0.5.
        let want = 0.5 * world.levels[store] * uptake;
        assert!((forecast.mean[[store, 0]] / want - 1.0).abs() < 1e-12);
        assert_eq!(forecast.level_source[store], LevelSource::Observed);
        assert!(forecast.analogs[store].iter().all(|analog| analog.store.at() != store));
        assert!(!forecast.contributions[store].is_empty());
    }
    let quality = forecast.quality.expect("stores enough");
    // The truth's noise is 0.2 in the log; 60 stores in 5 folds learn two effects and a scale.
    assert!(quality.stores == 60 && quality.wape < 0.35, "{quality:?}");
}

#[test]
fn stores_without_history_are_forecast_better_than_by_the_mean() {
    let known = |store: usize| store % 5 != 0;
    let world = World::new(400, known);
    let forecast = fit(&world.market, &world.histories, &settings()).expect("a forecast");
    let (uptake, _) = uptake::prior(settings().demand.uptake).expect("a prior");
    let mean = (0..400).filter(|&store| known(store)).map(|store| world.levels[store]).sum::<f64>() / 320.0;
    let (mut ours, mut naive, mut held, mut cold) = (0.0, 0.0, 0, 0);
    let residuals = sampler::Residuals::new(&forecast.uncertainty.store_residuals[0]);
    let scales = forecast.uncertainty.store_scale.column(0);
    for store in (0..400).filter(|&store| !known(store)) {
        assert_eq!(forecast.level_source[store], LevelSource::ColdStart);
        let level = forecast.mean[[store, 0]] / (0.5 * uptake);
        ours += (level - world.levels[store]).abs();
        naive += (mean - world.levels[store]).abs();
        let residual = (world.levels[store] / level).ln();
        held += usize::from(
            (scales[store] * residuals.log_at(0.1)..=scales[store] * residuals.log_at(0.9)).contains(&residual),
        );
        cold += 1;
    }
    // Noise of 0.2 in the log leaves a WAPE of 0.16; the mean's is about 0.5.
    assert!(ours < 0.55 * naive, "{ours} against {naive}");
    // 80 stores: standard error of 80 % is 4.5 %; three of them.
    assert!((f64::from(held as u32) / f64::from(cold) - 0.8).abs() < 0.135, "{held} of {cold}");
    let methods: f64 = forecast.methods[0].iter().map(|(_, weight)| weight).sum();
    assert!((methods - 1.0).abs() < 1e-12 && forecast.methods[0].len() > 2);
}

#[test]
fn quantiles_agree_with_the_samples() {
    let world = World::new(60, |store| store % 4 != 0);
    let forecast = fit(&world.market, &world.histories, &settings()).expect("a forecast");
    let samples = sampler::draw(&forecast, &vec![0; 60], 4000, "decide", Seed(5));
    for store in [0, 1] {
        let mut rates = samples.rates.slice(s![.., store, 0]).to_vec();
        rates.sort_unstable_by(f64::total_cmp);
        for (at, level) in LEVELS.into_iter().enumerate() {
            let quantile = forecast.quantiles[[store, 0, at]];
            let below = rates.partition_point(|&rate| rate <= quantile) as f64 / 4000.0;
            // Standard error of a share over 4000 samples: at most 0.8 %; four of them.
            assert!((below - level).abs() < 0.032, "store {store} level {level}: {below}");
        }
    }
    for quantiles in forecast.quantiles.lanes(ndarray::Axis(2)) {
        assert!(quantiles[0] >= 0.0 && quantiles.windows(2).into_iter().all(|pair| pair[0] <= pair[1]));
    }
    assert!((samples.mean().sum() / forecast.mean.sum() - 1.0).abs() < 0.05);
}

#[test]
fn a_device_that_stores_sell_is_learned_from_them() {
    let mut world = World::new(120, |_| true);
    // Sixty stores sell it at half of their related sales, in corners ten years old.
    world.sell_device(|store| store % 2 == 0, 0.5);
    let opened = Date::from_ymd_opt(2010, 1, 4).expect("a date");
    world.market.corners =
        (0..120).step_by(2).map(|store| Corner { store: Idx::new(store), opened, closed: None }).collect();
    let forecast = fit(&world.market, &world.histories, &settings()).expect("a forecast");
    assert_eq!(forecast.basis, vec![Basis::Trained { stores: 60 }]);
    assert_eq!(forecast.uncertainty.uptake_sigma, vec![0.0]);
    let (mut wrong, mut total) = (0.0, 0.0);
    for store in (1..120).step_by(2) {
        wrong += (forecast.mean[[store, 0]] - 0.5 * world.levels[store]).abs();
        total += 0.5 * world.levels[store];
    }
    // Those that sell it are known by their own weeks, from a prior that is right on the whole.
    for store in (0..120).step_by(2) {
        let sold = (0.5 * world.levels[store]).round();
        // What weeks are rounded to is half a unit off at the most.
        let off = (forecast.mean[[store, 0]] - sold).abs();
        assert!(off < 0.5 + 0.05 * sold, "{} {sold}", forecast.mean[[store, 0]]);
        assert!(forecast.uncertainty.store_scale[[store, 0]] < forecast.uncertainty.store_scale[[1, 0]]);
    }
    // Related sales tell the truth up to rounding to whole units; what remains is what 60 stores can't teach a blend.
    assert!(wrong / total < 0.2, "{}", wrong / total);
}

#[test]
fn the_first_corners_teach_the_uptake() {
    let mut world = World::new(60, |_| true);
    let before = fit(&world.market, &world.histories, &settings()).expect("a forecast");
    // Six stores sell a tenth of their related sales (a twentieth of all, at weight 0.5), in corners ten years old.
    world.sell_device(|store| store % 10 == 0, 0.05);
    let opened = Date::from_ymd_opt(2010, 1, 4).expect("a date");
    world.market.corners =
        (0..60).step_by(10).map(|store| Corner { store: Idx::new(store), opened, closed: None }).collect();
    let after = fit(&world.market, &world.histories, &settings()).expect("a forecast");
    assert_eq!(after.basis, vec![Basis::Assumed]);
    let ratio = |store: usize| after.mean[[store, 0]] / before.mean[[store, 0]];
    let (prior, sigma) = uptake::prior(settings().demand.uptake).expect("a prior");
    // 0.1 against the prior's mean; six corners outweigh a prior of sigma 0.5 by 6 / 0.35^2 to 1 / 0.54^2, about 14 to 1.
    let want = 0.1 / prior;
    assert!(ratio(1) > 1.0 + 0.8 * (want - 1.0) && ratio(1) < want * 1.1, "{} of {want}", ratio(1));
    assert!(after.uncertainty.uptake_sigma[0] < 0.4 * sigma);
    // A corner's own forecast is what it sells.
    let sold = (0.05 * world.levels[30]).round();
    assert!((after.mean[[30, 0]] / sold - 1.0).abs() < 0.15, "{} {sold}", after.mean[[30, 0]]);
}

#[test]
fn a_young_corner_is_read_at_full_adoption() {
    let mut world = World::new(30, |_| true);
    world.sell_device(|store| store == 3, 1.0);
    let opened = world.market.sales.first_week.first_day(domain::calendar::Weekday::Mon);
    world.market.corners = vec![Corner { store: Idx::new(3), opened, closed: None }];
    let history = History::new(&world.market, &world.histories).expect("the panel's");
    let sold: Vec<Option<f64>> =
        history.sales(Idx::new(0), &settings()).into_iter().map(|sales| sales?.level()).collect();
    let shares = bass::adoption(2.0, 3.0, World::WEEKS, 0);
    let counted: Vec<f64> = shares.into_iter().filter(|&share| share >= 0.1).collect();
    let want = counted.len() as f64 * world.levels[3].round() / counted.iter().sum::<f64>();
    assert!((sold[3].expect("sold there") / want - 1.0).abs() < 1e-9);
    assert!(sold.iter().flatten().count() == 1);
}

#[test]
fn corners_that_are_taken_up_faster_teach_how_fast_the_next_ones_will_be() {
    let mut world = World::new(40, |_| true);
    let none = fit(&world.market, &world.histories, &settings()).expect("a forecast");
    let curve = settings().demand.adoption;
    let assumed = bass::adoption(curve.innovation, curve.imitation, none.adoption.ncols(), 0);
    assert_eq!(none.adoption.row(0).to_vec(), assumed);
    let (p, q) = (2.0 * curve.innovation, 1.5 * curve.imitation);
    world.sell_device(|store| store < 15, 1.0);
    let opened = world.market.sales.first_week.first_day(domain::calendar::Weekday::Mon);
    world.market.corners = (0..15).map(|store| Corner { store: Idx::new(store), opened, closed: None }).collect();
    for store in 0..15 {
        let at = world.market.sales.find(Idx::new(store), Idx::new(0)).expect("sold there");
        for week in 0..World::WEEKS {
            let years = (7.0 * week as f64 + 3.5) / 365.25;
            let units = 20.0 * world.levels[store] * bass::cumulative(p, q, years);
            world.market.sales.units[at * World::WEEKS + week] = units.round() as u32;
        }
    }
    let taught = fit(&world.market, &world.histories, &settings()).expect("a forecast");
    let truth = bass::adoption(p, q, taught.adoption.ncols(), 0);
    let first = |curve: &[f64]| curve.iter().take(8).sum::<f64>();
    let (before, after, truth) = (first(&assumed), first(&taught.adoption.row(0).to_vec()), first(&truth));
    assert!(after > before + 0.3 * (truth - before) && after < truth, "{before} {after} {truth}");
}

#[test]
fn zones_differ_by_what_drives_sales() {
    let world = World::new(300, |_| true);
    let forecast = fit(&world.market, &world.histories, &settings()).expect("a forecast");
    let rate = |zone: usize| forecast.zone_rate[zone];
    let zones = &world.market.zones;
    let people: f64 = zones.iter().map(|zone| zone.population as f64).sum();
    let mean = (0..zones.len()).map(|zone| zones[zone].population as f64 * rate(zone)).sum::<f64>() / people;
    // A sum of 300 terms, rounded.
    assert!((mean - 1.0).abs() < 1e-12);
    let age = |zone: usize| world.market.zone_attributes.get(zone, 0).expect("known");
    let (young, old) = (0..zones.len()).fold((0, 0), |(young, old), zone| {
        (if age(zone) < age(young) { zone } else { young }, if age(zone) > age(old) { zone } else { old })
    });
    assert!(rate(old) > 1.05 && rate(young) < 0.95, "{} {}", rate(old), rate(young));
}

#[test]
fn a_later_launch_sells_less_over_the_horizon() {
    let mut world = World::new(30, |_| true);
    let whole = fit(&world.market, &world.histories, &settings()).expect("a forecast");
    let terms = world.market.device_terms[0].as_mut().expect("sold");
    terms.launch = Date::from_ymd_opt(2026, 12, 14);
    let late = fit(&world.market, &world.histories, &settings()).expect("a forecast");
    // Four weeks after as_of.
    assert_eq!(late.adoption.slice(s![0, 4..]), whole.adoption.slice(s![0, ..22]));
    assert!(late.adoption.slice(s![0, ..4]).iter().all(|&share| share == 0.0) && late.mean == whole.mean);
    world.market.device_terms[0].as_mut().expect("sold").launch = Date::from_ymd_opt(2030, 1, 1);
    let never = fit(&world.market, &world.histories, &settings()).expect("a forecast");
    assert!(never.mean.iter().chain(&never.adoption).all(|&value| value == 0.0));
}

#[test]
fn trade_areas_are_sums_over_the_zones_in_reach() {
    let mut world = World::new(40, |_| true);
    let settings = settings();
    let areas = trade::areas(&world.market, &settings);
    let times = world.market.travel_times();
    let mut rows = Vec::new();
    for store in 0..40 {
        let (mut people, mut age) = (0.0, 0.0);
        for zone in 0..world.market.zones.len() {
            let time = times.milli_minutes(Idx::new(zone), Idx::new(store)).expect("one market");
            if time <= 30_000 {
                let weight = world.market.zones[zone].population as f64 * (-0.12 * f64::from(time) / 1000.0).exp();
                people += weight;
                age += weight * world.market.zone_attributes.get(zone, 0).expect("known");
                rows.push((zone, store, time));
            }
        }
        assert_eq!(areas[store].people, people);
        assert_eq!(areas[store].attributes[0], age / people);
    }
    // The same pairs as a table make the same areas.
    rows.sort_unstable();
    let zones = world.market.zones.len();
    let starts = (0..=zones).map(|zone| rows.partition_point(|row| row.0 < zone)).collect();
    world.market.travel =
        Travel::Table { starts, pairs: rows.iter().map(|&(_, store, time)| (Idx::new(store), time)).collect() };
    assert_eq!(trade::areas(&world.market, &settings), areas);
}

#[test]
fn dispersion_and_growth_are_found_again() {
    let world = World::new(300, |_| true);
    let products = [world.market.product_ids.find("strips").expect("known")];
    // The world's weeks are negative binomial of size 8; 300 series of 104 weeks give it within a tenth.
    let size = spread::dispersion(&world.market, &products);
    assert!((size / 8.0 - 1.0).abs() < 0.1, "{size}");
    // And nothing grows: the floors.
    assert_eq!(spread::growth(&world.market, &products), (0.08, 0.0));
}

#[test]
fn what_cannot_be_forecast_is_named() {
    let mut world = World::new(30, |_| true);
    let mut settings = settings();
    settings.demand.devices = vec!["corner-phone".into()];
    assert!(matches!(fit(&world.market, &world.histories, &settings), Err(FitError::UnknownDevice { .. })));
    settings.demand.devices.clear();
    settings.demand.uptake = Uptake { low: 0.2, mode: 0.1, high: 0.3 };
    assert!(matches!(fit(&world.market, &world.histories, &settings), Err(FitError::Uptake { .. })));
    settings.demand.uptake = Uptake { low: 0.1, mode: 0.1, high: 0.3 };
    world.market.device_terms[0].as_mut().expect("sold").related_products.clear();
    assert!(matches!(fit(&world.market, &world.histories, &settings), Err(FitError::NoEvidence { .. })));
    world.histories.series.pop();
    assert!(matches!(fit(&world.market, &world.histories, &settings), Err(FitError::Histories { .. })));
}

#[test]
fn a_handful_of_stores_and_no_devices_are_no_trouble() {
    let world = World::new(5, |store| store > 0);
    let forecast = fit(&world.market, &world.histories, &settings()).expect("a forecast");
    let (uptake, _) = uptake::prior(settings().demand.uptake).expect("a prior");
    let mean = world.levels[1..].iter().sum::<f64>() / 4.0;
    assert!((forecast.mean[[0, 0]] / (0.5 * mean * uptake) - 1.0).abs() < 1e-12);
    assert!(forecast.quality.is_none() && forecast.zone_rate.iter().all(|&rate| rate == 1.0));
    let mut bare = world;
    bare.market.device_ids = Ids::sorted(Vec::new());
    bare.market.device_terms.clear();
    let forecast = fit(&bare.market, &bare.histories, &settings()).expect("a forecast of nothing");
    assert_eq!(forecast.mean.dim(), (5, 0));
    assert_eq!(settings().zero_rows, ZeroRows::Zero);
}

#[test]
fn threads_do_not_matter() {
    let world = World::new(80, |store| store % 3 != 0);
    let on = |threads: usize| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("a small pool")
            .install(|| format!("{:?}", fit(&world.market, &world.histories, &settings()).expect("a forecast")))
    };
    // Debug prints every float so that it reads back to the same bits.
    assert_eq!(on(1), on(4));
}
