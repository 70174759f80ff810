//! Stock learnt from weeks keeps its promise where the best guess of them does not.

use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Gamma, Poisson, StandardNormal};
use rand_pcg::Pcg64;

use crate::counts::NegativeBinomial;
use crate::inventory::learned::{Belief, Level};
use crate::inventory::service::{Policy, Promise, smallest};
use crate::inventory::{Demand, Pmf, Unsound};
use crate::opening::Week;

const WINDOW: u32 = 3;
const SIZE: f64 = 2.0;

fn week(units: f64) -> Week {
    Week { units, exposure: 1.0, years: 1.0, censored: false }
}

/// Stores of a chain with few weeks each, and their true means.
fn chain(stores: usize, weeks: usize) -> Vec<(Vec<Week>, f64)> {
    let mut random = Pcg64::seed_from_u64(8);
    (0..stores)
        .map(|_| {
            let mean = (1.5 + 0.5 * random.sample::<f64, _>(StandardNormal)).exp();
            let rates = Gamma::new(SIZE, mean / SIZE).expect("positive");
            let seen = (0..weeks).map(|_| {
                let rate: f64 = rates.sample(&mut random);
                week(Poisson::new(rate.max(1e-9)).expect("positive").sample(&mut random))
            });
            (seen.collect(), mean)
        })
        .collect()
}

fn level(window: &Pmf, promise: Promise) -> i64 {
    match smallest(Policy::BaseStock { level: 0 }, promise, &Pmf::always(0), window) {
        Ok(Policy::BaseStock { level }) => level,
        other => panic!("{other:?}"),
    }
}

fn windows(mean: f64, size: f64) -> Pmf {
    let window = f64::from(WINDOW);
    Pmf::negative_binomial(NegativeBinomial { mean: window * mean, size: window * size }).expect("small")
}

#[test]
fn eight_weeks_keep_a_promise_that_their_moments_break() {
    let stores = chain(150, 8);
    let weeks: Vec<Vec<Week>> = stores.iter().map(|store| store.0.clone()).collect();
    let belief = Belief::of_chain(&weeks);
    let promised = 0.95;
    let (mut kept, mut alone, mut plain, mut asked, mut served) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (weeks, mean) in &stores {
        let truth = windows(*mean, SIZE);
        let share = |window: &Pmf| 1.0 - truth.above(level(window, Promise::Cycle(promised)));
        let ours = belief.window(weeks, WINDOW).expect("small");
        kept += share(&ours) / 150.0;
        let own = Belief::alone(std::slice::from_ref(weeks));
        alone += share(&own.window(weeks, WINDOW).expect("small")) / 150.0;
        let sold = weeks.iter().map(|week| week.units).sum::<f64>() / 8.0;
        let spread = weeks.iter().map(|week| (week.units - sold).powi(2)).sum::<f64>() / 7.0;
        let size = if spread > sold { sold * sold / (spread - sold) } else { f64::INFINITY };
        plain += share(&windows(sold, size)) / 150.0;
        asked += truth.mean();
        served += truth.mean() - truth.short(level(&ours, Promise::Fill(promised)));
    }
    // Between stores the service spreads by about 0.06: standard error 0.5 points, and a store's rounding only adds to it.
    assert!((kept - promised).abs() < 0.02, "type 1 {kept}");
    assert!((served / asked - promised).abs() < 0.02, "fill {}", served / asked);
    assert!((alone - promised).abs() < 0.03, "alone {alone}");
    assert!(plain < 0.90, "moments {plain}");
}

#[test]
fn weeks_that_go_together_widen_a_window() {
    let weeks: Vec<Week> = [3.0, 5.0, 2.0, 7.0, 4.0].map(week).to_vec();
    let apart = Belief {
        level: Level::Among { log_mean: 1.4, log_sd: 0.3 },
        log_size: SIZE.ln(),
        log_size_sd: 0.3,
        correlation: 0.0,
    };
    let together = Belief { correlation: 0.6, ..apart };
    let [apart, together] = [apart, together].map(|belief| belief.window(&weeks, 4).expect("small"));
    assert!(together.smallest(0.95) > apart.smallest(0.95));
    // Their means differ by what the weeks teach alone, and stay near the weeks' own.
    assert!((apart.mean() / together.mean() - 1.0).abs() < 0.05 && (apart.mean() / 16.8 - 1.0).abs() < 0.15);
}

#[test]
fn a_stockout_is_not_taken_as_demand() {
    let sold: Vec<Week> = [4.0; 12].map(week).to_vec();
    let empty: Vec<Week> = sold.iter().map(|week| Week { censored: true, ..*week }).collect();
    let belief = Belief::alone(std::slice::from_ref(&sold));
    let [sold, empty] = [sold, empty].map(|weeks| belief.window(&weeks, 2));
    let sold = sold.expect("small");
    // Every week was sold out: no level is too high, and the table says so or holds far more.
    assert!(empty.map_or(true, |empty| empty.mean() > 2.0 * sold.mean()));
}

#[test]
fn what_never_sold_may_still_sell_and_no_window_is_refused() {
    let nothing: Vec<Week> = [0.0; 8].map(week).to_vec();
    let belief = Belief::of_chain(std::slice::from_ref(&nothing));
    assert_eq!(belief.level, Level::Unknown);
    let window = belief.window(&nothing, WINDOW).expect("small");
    assert!(window.above(0) > 0.02 && window.mean() < 1.5, "{}", window.mean());
    assert_eq!(belief.window(&nothing, 0), Err(Unsound::Empty { what: "the window" }));
}

#[test]
fn a_mixture_holds_the_moments_of_its_parts() {
    let parts = [(1.0, windows(2.0, 1.0)), (3.0, windows(9.0, 5.0)), (0.0, windows(400.0, 5.0))];
    let mixed = Pmf::mixture(&parts).expect("small");
    assert!((mixed.mean() - (6.0 + 3.0 * 27.0) / 4.0).abs() < 1e-9);
    let k = 11;
    assert!((mixed.short(k) - (parts[0].1.short(k) + 3.0 * parts[1].1.short(k)) / 4.0).abs() < 1e-9);
    assert_eq!(Pmf::mixture(&[]), Err(Unsound::Empty { what: "the mixture" }));
}
