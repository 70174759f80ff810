//! What can't be done is named, and no more than that.

use domain::settings::{CaptureLaw, MarketLimits, ObjectiveKind, Settings};
use domain::stop::{Silent, Stop};
use domain::units::Share;
use engine::{Conflict, Outcome};

use crate::world;

fn outcome(settings: &Settings) -> Outcome {
    let market = world::market(24, 9);
    let forecast = world::forecast(&market, settings);
    engine::solve::solve(&market, &forecast, settings, &Stop::default(), &Silent).expect("decided")
}

fn conflicts(settings: &Settings) -> Vec<Conflict> {
    match outcome(settings) {
        Outcome::Infeasible(conflicts) => conflicts,
        Outcome::Solved(solved) => panic!("a plan: {:?}", solved.plan.stores),
    }
}

fn named(settings: &Settings) -> (&'static str, Vec<String>) {
    let found = conflicts(settings);
    assert!(found.iter().all(|conflict| conflict.code == found[0].code), "{found:?}");
    (found[0].code, found.into_iter().map(|conflict| conflict.rule).collect())
}

fn base() -> Settings {
    world::settings(ObjectiveKind::Distance, CaptureLaw::Share)
}

#[test]
fn contradictions_are_named_before_anything_is_solved() {
    let mut settings = base();
    settings.placement.require = vec!["S0003".into()];
    settings.placement.exclude = vec!["S0003".into()];
    assert_eq!(named(&settings), ("E-INF-001", vec!["placement.exclude".into(), "placement.require".into()]));

    let mut settings = base();
    settings.placement.stores_max = Some(1);
    settings.placement.require = vec!["S0003".into(), "S0004".into()];
    assert_eq!(named(&settings), ("E-INF-002", vec!["placement.require".into(), "placement.stores_max".into()]));

    let mut settings = base();
    settings.placement.require = vec!["S0001".into(), "nowhere".into()];
    let found = conflicts(&settings);
    assert!(found.iter().all(|conflict| conflict.code == "E-INF-003") && found.len() == 2, "{found:?}");
    assert!(found.iter().any(|conflict| conflict.why.contains("has a corner")), "{found:?}");
}

#[test]
fn a_budget_too_small_comes_with_the_amount_that_would_do() {
    let mut settings = base();
    settings.placement.stores_min = 2;
    settings.budget.open_cost = Some("1000 USD".parse().expect("money"));
    settings.budget.capex = Some("1500 USD".parse().expect("money"));
    let found = conflicts(&settings);
    assert!(found.iter().all(|conflict| conflict.code == "E-INF-004"), "{found:?}");
    let capex = found.iter().find(|conflict| conflict.rule == "budget.capex").expect("named");
    // Stores 0, 5, 10, ... have no figure of their own and cost 1,000 USD each: two of those are the cheapest.
    assert!(capex.why.contains("costs 2000.00 USD"), "{}", capex.why);
    settings.budget.capex = Some("2000 USD".parse().expect("money"));
    assert!(matches!(outcome(&settings), Outcome::Solved(_)), "the amount named does");
}

#[test]
fn a_joint_conflict_is_minimal() {
    let limits = |min, max| MarketLimits { stores_min: min, stores_max: max, capex: None };
    let mut settings = base();
    settings.placement.stores_min = 4;
    settings.placement.by_market.insert("GB".into(), limits(None, Some(1)));
    settings.placement.by_market.insert("US".into(), limits(Some(1), Some(2)));
    settings.placement.distance_min = Some("1 m".parse().expect("a length"));
    let (code, rules) = named(&settings);
    assert_eq!(code, "E-INF-005");
    let want = ["placement.by_market.GB.stores_max", "placement.by_market.US.stores_max", "placement.stores_min"];
    assert_eq!(rules, want);
    // Each is needed: without any one of them there is a plan.
    for without in 0..3 {
        let mut fewer = settings.clone();
        match without {
            0 => fewer.placement.by_market.get_mut("GB").expect("there").stores_max = None,
            1 => fewer.placement.by_market.get_mut("US").expect("there").stores_max = None,
            _ => fewer.placement.stores_min = 0,
        }
        assert!(matches!(outcome(&fewer), Outcome::Solved(_)), "{without}");
    }
}

#[test]
fn stores_too_near_to_each_other_are_told_from_stores_too_few() {
    let mut settings = base();
    settings.placement.stores_min = 3;
    settings.placement.distance_min = Some("400 km".parse().expect("a length"));
    let (code, rules) = named(&settings);
    assert_eq!((code, rules), ("E-INF-005", vec!["placement.distance_min".into(), "placement.stores_min".into()]));
}

#[test]
fn a_service_level_out_of_reach_says_what_is_in_reach() {
    let mut settings = world::settings(ObjectiveKind::Profit, CaptureLaw::Independent);
    settings.stock.service_min = Some(Share { fraction: 0.5 });
    settings.budget.stock_units = Some(3);
    let found = conflicts(&settings);
    assert!(found.iter().all(|conflict| conflict.code == "E-INF-006"), "{found:?}");
    assert!(found.iter().any(|conflict| conflict.rule == "budget.stock_units" && conflict.why.contains("at most")));
}
