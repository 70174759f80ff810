//! On simulated corners: right on the mean, honest about doubt, not fooled by stockouts.

use super::*;
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Gamma, Poisson, StandardNormal};
use rand_pcg::Pcg64;

const ADOPTION: Adoption = Adoption { innovation: 0.8, imitation: 2.0, log_sd: [0.4, 0.4] };

fn draw(random: &mut Pcg64, mean: f64, size: f64) -> f64 {
    let rate: f64 = Gamma::new(size, mean / size).expect("positive").sample(random);
    Poisson::new(rate.max(1e-9)).expect("positive").sample(random)
}

/// What `count` corners look like after `weeks` weeks, and their true levels; at most `shelf` units are sold.
fn corners(count: usize, weeks: usize, shelf: f64, adoption: Option<Adoption>) -> Vec<(Vec<Week>, f64)> {
    let mut random = Pcg64::seed_from_u64(11);
    (0..count)
        .map(|_| {
            let level = (3.0 + 0.4 * random.sample::<f64, _>(StandardNormal)).exp();
            let rates = adoption.map(|adoption| {
                let mut near = |median: f64, sd: f64| median * (sd * random.sample::<f64, _>(StandardNormal)).exp();
                [near(adoption.innovation, adoption.log_sd[0]), near(adoption.imitation, adoption.log_sd[1])]
            });
            let seen = (0..weeks).map(|week| {
                let years = (week as f64 + 0.5) / bass::WEEKS_PER_YEAR;
                let share = rates.map_or(1.0, |[p, q]| bass::cumulative(p, q, years));
                let demand = draw(&mut random, level * share, 6.0);
                Week { units: demand.min(shelf), exposure: 1.0, years, censored: demand >= shelf }
            });
            (seen.collect(), level)
        })
        .collect()
}

const NOISE: Noise = Noise { size: 6.0, correlation: 0.0 };

#[test]
fn stockouts_do_not_bias_the_level() {
    // A shelf of 20 under a mean demand of 21.8: almost half of the weeks end with it empty.
    let prior = Prior { log_level: 3.0, log_sd: 0.4, adoption: None };
    let (mut sum, mut truth, mut dropped, mut censored) = (0.0, 0.0, 0.0, 0.0);
    for (weeks, level) in corners(2000, 13, 20.0, None) {
        sum += update(&prior, &weeks, NOISE).level;
        truth += level;
        censored += weeks.iter().filter(|week| week.censored).count() as f64 / 26_000.0;
        let kept: Vec<Week> = weeks.into_iter().filter(|week| !week.censored).collect();
        dropped += update(&prior, &kept, NOISE).level;
    }
    assert!(censored > 0.35, "{censored}");
    // Standard error: doubt of 0.15 in the log over 2,000 corners: 0.3 %; three of them.
    assert!((sum / truth - 1.0).abs() < 0.01, "bias {}", sum / truth - 1.0);
    // What leaving those weeks out would do.
    assert!(dropped / truth < 0.75, "{}", dropped / truth);
}

#[test]
fn doubt_is_as_large_as_errors_are_and_adoption_is_learned() {
    let prior = Prior { log_level: 3.0, log_sd: 0.4, adoption: Some(ADOPTION) };
    let (mut squares, mut before) = (0.0, 0.0);
    let (mut held, mut spread) = (0.0, 0.0);
    for (weeks, level) in corners(600, 40, 30.0, Some(ADOPTION)) {
        let after = update(&prior, &weeks, NOISE);
        let error = level.ln() - after.log_level;
        squares += error * error;
        before += (level.ln() - 3.0).powi(2);
        held += f64::from(u8::from(error.abs() < 1.2816 * after.log_sd));
        spread += after.adoption.expect("asked for").log_sd[0];
    }
    assert!(squares < 0.5 * before, "{squares} {before}");
    // 600 corners: standard error 1.6 %; three of them.
    assert!((held / 600.0 - 0.8).abs() < 0.05, "{held}");
    assert!(spread / 600.0 < 0.95 * ADOPTION.log_sd[0], "{spread}");
}

#[test]
fn without_weeks_the_prior_stands() {
    for adoption in [None, Some(ADOPTION)] {
        let prior = Prior { log_level: 1.5, log_sd: 0.3, adoption };
        let blind = Week { units: 0.0, exposure: 1.0, years: 0.5, censored: true };
        for weeks in [vec![], vec![blind]] {
            let after = update(&prior, &weeks, NOISE);
            // The trapezoid over six standard deviations: what is beyond them is 1e-8.
            assert!((after.log_level - 1.5).abs() < 1e-8 && (after.log_sd - 0.3).abs() < 1e-6, "{after:?}");
            assert!((after.level - (1.5_f64 + 0.045).exp()).abs() < 1e-6);
            if let (Some(before), Some(after)) = (adoption, after.adoption) {
                assert!((after.innovation - before.innovation).abs() < 1e-9);
                assert!((after.log_sd[1] - before.log_sd[1]).abs() < 1e-6);
            }
        }
    }
    let certain = update(&Prior { log_level: 1.0, log_sd: 0.0, adoption: None }, &[], NOISE);
    assert!((certain.level - 1.0_f64.exp()).abs() < 1e-6);
}

#[test]
fn noise_is_found_again() {
    let mut random = Pcg64::seed_from_u64(4);
    let waves: Vec<f64> = (0..60).map(|week| 1.0 + 0.5 * (week as f64 / 5.0).sin()).collect();
    let stores: Vec<Series> = (0..200)
        .map(|_| {
            let level = (4.0 + 0.4 * random.sample::<f64, _>(StandardNormal)).exp();
            waves.iter().map(|wave| Some(draw(&mut random, level * wave, 8.0))).collect()
        })
        .collect();
    let found = common(&stores);
    let mean = waves.iter().sum::<f64>() / 60.0;
    // 200 stores of a relative noise of 0.4: 2.6 %; four of them for the worst of 60.
    assert!(found.iter().zip(&waves).all(|(have, want)| (have / (want / mean) - 1.0).abs() < 0.11));
    let noise = noise(&stores, &found).expect("weeks enough");
    assert!((noise.size / 8.0 - 1.0).abs() < 0.1 && noise.correlation < 0.03, "{noise:?}");
    assert_eq!(Noise { size: 1.0, correlation: 0.0 }.independent(9, 3.0), 1.0);
    // Two weeks with correlation 1/2: T = 1 + 2 x 1/2 x 1/2; counting has half of the variance: 1/(1/2 + 3/2 x 1/2).
    let noise = Noise { size: 4.0, correlation: 0.5 };
    assert!((noise.together(2) - 1.5).abs() < 1e-15 && (noise.independent(2, 4.0) - 0.8).abs() < 1e-15);
}

#[test]
fn analogs_draw_adoption_towards_theirs() {
    let none = ADOPTION.from_analogs(&[], 0.5);
    assert_eq!((none.innovation, none.imitation), (ADOPTION.innovation, ADOPTION.imitation));
    assert!(none.log_sd.iter().zip(ADOPTION.log_sd).all(|(now, then)| (now - then).abs() < 1e-12));
    // One that knows p well: of the prior's variance one half is what corners share, and that half is divided between the
    // prior and the corner, which is off by the other half and what its posterior, the prior taken out, does not know.
    let sd = ADOPTION.log_sd[0];
    let known = Adoption { innovation: 1.6, log_sd: [0.1 * sd, ADOPTION.log_sd[1]], ..ADOPTION };
    let pooled = ADOPTION.from_analogs(&[known], 0.5);
    let added = 99.0 / (sd * sd);
    let (shared, corner) = (0.5 * sd * sd, 1.0 / added + 0.5 * sd * sd);
    let moved = (1.6 / ADOPTION.innovation).ln() * 100.0 / 99.0 * shared / (shared + corner);
    assert!((pooled.innovation - ADOPTION.innovation * moved.exp()).abs() < 1e-9);
    assert!((pooled.log_sd[0].powi(2) - (shared * corner / (shared + corner) + 0.5 * sd * sd)).abs() < 1e-12);
    // Of q it knows no more than the prior.
    assert_eq!(pooled.imitation, ADOPTION.imitation);
    // Many leave only what corners differ by.
    let many = ADOPTION.from_analogs(&[known; 10_000], 0.5);
    assert!((many.log_sd[0] - (0.5_f64).sqrt() * sd).abs() < 1e-3 * sd);
}

proptest! {
    #[test]
    fn scaling_units_and_prior_scales_the_level_of_large_counts(factor in 1.0..4.0_f64, first in 500.0..2000.0_f64) {
        let weeks = |factor: f64| -> Vec<Week> {
            (0..5)
                .map(|week| Week {
                    units: (factor * first * (1.0 + 0.1 * f64::from(week))).round(),
                    exposure: 1.0,
                    years: 1.0,
                    censored: week == 2,
                })
                .collect()
        };
        let prior = |factor: f64| Prior { log_level: (factor * 1000.0_f64).ln(), log_sd: 0.3, adoption: None };
        let once = update(&prior(1.0), &weeks(1.0), NOISE);
        let more = update(&prior(factor), &weeks(factor), NOISE);
        // The Poisson part of the variance, 1/1000 beside 1/6, doesn't scale.
        prop_assert!((more.level / once.level / factor - 1.0).abs() < 2e-3);
    }

    #[test]
    fn the_order_of_weeks_does_not_matter(units in proptest::collection::vec(0.0..80.0_f64, 1..12)) {
        let prior = Prior { log_level: 3.0, log_sd: 0.5, adoption: None };
        let mut weeks: Vec<Week> = units
            .iter()
            .enumerate()
            .map(|(at, y)| Week { units: y.floor(), exposure: 1.0, years: 1.0, censored: at % 3 == 0 })
            .collect();
        let forth = update(&prior, &weeks, NOISE);
        weeks.reverse();
        let back = update(&prior, &weeks, NOISE);
        prop_assert!((forth.level - back.level).abs() < 1e-9 * forth.level);
        prop_assert!(forth.log_sd <= 0.5 + 1e-6);
    }
}

#[test]
fn dispersion_is_found_again_where_the_busiest_weeks_are_stockouts() {
    for (size, shelf, seed) in [(1.5, f64::INFINITY, 1), (1.5, 12.0, 2), (6.0, 12.0, 3)] {
        let mut random = Pcg64::seed_from_u64(seed);
        let stores: Vec<Vec<Week>> = (0..60)
            .map(|_| {
                let level = (2.0 + 0.4 * random.sample::<f64, _>(StandardNormal)).exp();
                let week = |_| {
                    let demand = draw(&mut random, level, size);
                    Week { units: demand.min(shelf), exposure: 1.0, years: 1.0, censored: demand >= shelf }
                };
                (0..20).map(week).collect()
            })
            .collect();
        let found = chain(&stores).expect("60 stores");
        assert!(found.log_size_sd < 0.2 && found.noise.correlation < 0.1, "{found:?}");
        assert!((found.noise.size.ln() - f64::ln(size)).abs() < 3.0 * found.log_size_sd, "{size} {shelf}: {found:?}");
        // 60 stores whose ln m has a spread of 0.4, each known to 0.25 at the worst: standard errors 0.06 and 0.05.
        assert!((found.log_mean - 2.0).abs() < 0.18 && (found.log_sd - 0.4).abs() < 0.15, "{found:?}");
    }
}
