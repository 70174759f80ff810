//! A randomised pilot: each of its claims broken once.

use domain::certificate::Assignment;
use domain::plan::Plan;
use domain::seed::Seed;
use domain::settings::{CaptureLaw, Design, ObjectiveKind};
use verify::check;

use crate::pilot::weekly_sales;
use crate::world::*;

const PAIRS: usize = 6;

/// Twelve stores 11 km apart that sell no device: what a plan earns is what its stores cost to open.
#[test]
fn coins_pairs_and_assignments_that_are_wrong_are_refused() {
    let stores: Vec<(f64, f64)> = (0..2 * PAIRS).map(|at| (0.1 * at as f64, 0.0)).collect();
    let zones: Vec<(f64, f64, u64)> = stores.iter().map(|&(lat, lon)| (lat, lon, 10)).collect();
    let mut market = market(&stores, &zones);
    market.sales = weekly_sales(2 * PAIRS, day("2026-11-16"));
    let mut settings = settings(ObjectiveKind::Profit, 6);
    settings.capture.law = CaptureLaw::Independent;
    settings.pilot.design = Design::Randomised;
    settings.pilot.spillover = "5 km".parse().unwrap();
    let samples = samples(&market, 1, 0.0);
    let cost = |at: usize| 10.0 * (1 + at % 3) as f64;
    let name = |at: usize| format!("s{at:02}");
    let open = |second: &dyn Fn(usize) -> bool| -> Vec<usize> {
        (0..PAIRS).map(|pair| 2 * pair + usize::from(second(pair))).collect()
    };
    let fell = |pair: usize| Seed(settings.seed).stream("trial flips", pair as u64) >> 63 == 1;
    let drawn = open(&fell);
    let value = |open: &[usize]| -open.iter().map(|&at| cost(at)).sum::<f64>();
    let mean = -0.5 * (0..2 * PAIRS).map(cost).sum::<f64>();
    // Columns of a Sylvester matrix of order eight, and their opposites.
    let assignments: Vec<Assignment> = (0..16_usize)
        .map(|run| {
            let open = open(&|pair| ((run % 8 & pair).count_ones() % 2 == 1) != (run >= 8));
            Assignment { open: open.into_iter().map(name).collect(), stock: Vec::new() }
        })
        .collect();
    let found = |settings: &domain::settings::Settings, change: &dyn Fn(&mut Plan, &mut Vec<Assignment>)| {
        let mut plan = plan(&market, settings, &drawn, mean, mean);
        plan.objective.interval = [value(&drawn); 2];
        plan.pilot.design = "randomised".into();
        plan.pilot.controls_per_store = 1;
        plan.pilot.drawn = Some(value(&drawn));
        for chosen in &mut plan.stores {
            let at: usize = chosen.store_id[1..].parse().unwrap();
            chosen.controls = vec![name(at ^ 1)];
        }
        let mut assignments = assignments.clone();
        change(&mut plan, &mut assignments);
        let certificate = certificate(plan.objective.bound, None, assignments);
        let verdict = check(&market, settings, &samples, &plan, &certificate);
        (codes(&verdict.failures), verdict.bound_verified)
    };
    assert_eq!(found(&settings, &|_, _| ()), (vec![], true));
    // People go to stores within so many minutes; partners are 21 minutes apart.
    let reaching = |minutes: &str| {
        let mut settings = settings.clone();
        settings.capture.law = CaptureLaw::Nearest;
        settings.travel.minutes_max = Some(minutes.parse().unwrap());
        found(&settings, &|_, _| ())
    };
    assert_eq!(reaching("20 min"), (vec![], true));
    assert_eq!(reaching("22 min").0, ["E-VER-010"], "partners that serve a zone together");
    let codes = |change: &dyn Fn(&mut Plan, &mut Vec<Assignment>)| found(&settings, change).0;
    assert_eq!(codes(&|plan, _| plan.pilot.drawn = None), ["E-VER-005"], "what was drawn");
    assert_eq!(codes(&|plan, _| plan.objective.value += 5.0).first(), Some(&"E-VER-005"), "the mean");
    assert_eq!(codes(&|_, all| drop(all.pop())), ["E-VER-005"], "one lacks its opposite");
    assert_eq!(codes(&|_, all| all.clear()), ["E-VER-005"], "the mean of nothing");
    assert_eq!(codes(&|_, all| all.truncate(1)), ["E-VER-005"], "one alone");
    let both = |_: &mut Plan, all: &mut Vec<Assignment>| all[3].open[0] = all[3].open[1].clone();
    assert_eq!(codes(&both), ["E-VER-005"], "two of a pair");
    let together = |_: &mut Plan, all: &mut Vec<Assignment>| {
        *all = vec![all[0].clone(), all[8].clone()];
    };
    assert_eq!(codes(&together), ["E-VER-005"], "all coins fall alike");
    let stocked = |_: &mut Plan, all: &mut Vec<Assignment>| {
        let store = all[5].open[0].clone();
        all[5].stock.push((store, "meter".into(), 1));
    };
    assert!(codes(&stocked).contains(&"E-VER-005"), "stock that nobody counted");
    let partner = |plan: &mut Plan, _: &mut Vec<Assignment>| {
        let other = plan.stores[1].controls[0].clone();
        plan.stores[1].controls[0] = std::mem::replace(&mut plan.stores[0].controls[0], other);
    };
    assert!(codes(&partner).contains(&"E-VER-005"), "other pairs than those of the assignments");
    assert_eq!(codes(&|plan, _| plan.stores[2].controls.clear()).first(), Some(&"E-VER-010"), "no partner");
    let mut far = settings.clone();
    far.pilot.spillover = "15 km".parse().unwrap();
    assert!(found(&far, &|_, _| ()).0.contains(&"E-VER-001"), "members 11 km apart");
    let mut poor = settings.clone();
    let dearest: f64 = (0..PAIRS).map(|pair| cost(2 * pair).max(cost(2 * pair + 1))).sum();
    poor.budget.capex = Some(money((100.0 * dearest) as i64));
    assert_eq!(found(&poor, &|_, _| ()), (vec![], true));
    poor.budget.capex = Some(money((100.0 * dearest) as i64 - 1));
    assert!(found(&poor, &|_, _| ()).0.contains(&"E-VER-001"), "a budget that breaks if the coins fall otherwise");
    let mut luckier = settings.clone();
    luckier.seed = (1..100).find(|&seed| Seed(seed).stream("trial flips", 0) >> 63 != u64::from(fell(0))).unwrap();
    assert!(found(&luckier, &|_, _| ()).0.contains(&"E-VER-010"), "coins of another seed");
    // No design costs less than half of its members.
    let bold = |plan: &mut Plan, _: &mut Vec<Assignment>| plan.objective.bound = mean - 1.0;
    assert!(!found(&settings, &bold).1);
}
