//! Sentences of the decision against plans that are told in them.

use super::*;
use crate::fixture;
use domain::units::Money;

fn paragraph(study: &Study) -> String {
    lead(study).iter().map(|sentence| sentence.text.as_str()).collect()
}

fn with_stores(count: usize) -> Study {
    let mut study = fixture::study(60);
    study.plan.stores.truncate(count);
    study
}

#[test]
fn the_title_is_the_decision_and_the_money() {
    let mut study = fixture::study(60);
    assert_eq!(title(&study), "Open the 12 pilot corners below: about $4.1 million net benefit in 26 weeks");
    study.plan.worth.expected_profit.minor = -31_000_000;
    assert_eq!(title(&study), "Open the 12 pilot corners below: about $310,000 net loss in 26 weeks");
    study.plan.worth.expected_profit.minor = 0;
    study.horizon_weeks = 1;
    assert_eq!(title(&study), "Open the 12 pilot corners below: no net benefit in 1 week");
    let mut one = with_stores(1);
    one.plan.worth.expected_profit = Money::from_major(120_000.0, one.currency);
    assert_eq!(title(&one), "Open the one pilot corner below: about $120,000 net benefit in 26 weeks");
    let mut none = with_stores(0);
    assert_eq!(title(&none), "Open no corner: none pays");
    none.plan.warnings[0].code = "W-OPT-003".into();
    assert_eq!(title(&none), "Open no corner: the rules leave none");
    assert!(paragraph(&none).starts_with("No plan that opens a store meets the rules;"), "{}", paragraph(&none));
    none.stores_max = 0;
    assert_eq!(title(&none), "Open no corner: none is allowed");
}

#[test]
fn distance_and_coverage_speak_of_people_and_minutes_first() {
    let mut study = fixture::coverage(60);
    assert_eq!(title(&study), "Open the 12 pilot corners below: 41 million people within 10 minutes");
    let said = paragraph(&study);
    assert!(said.starts_with("Twelve corners put 41 million people within 10 minutes."), "{said}");
    assert!(said.contains("stock came after. With that stock, expect about $4.1 million net benefit"), "{said}");
    study.travel.radius_minutes = None;
    assert!(title(&study).ends_with("41 million people within the radius"));
    study.plan.objective.kind = ObjectiveKind::Distance;
    study.plan.objective.reached = Some(6.42);
    assert_eq!(title(&study), "Open the 12 pilot corners below: on average 6.4 minutes from the nearest");
    study.plan.stores.truncate(1);
    assert!(paragraph(&study).starts_with("One corner puts people 6.4 minutes from the nearest on average."));
    study.plan.stores.clear();
    assert_eq!(title(&study), "Open no corner");
}

#[test]
fn the_range_names_losses_as_losses() {
    let mut study = fixture::study(60);
    assert!(paragraph(&study).starts_with(
        "8 in 10 outcomes fall between $2.6 million and $5.5 million; the chance of losing money is about 3 in 100."
    ));
    study.plan.objective.interval = [-310_000.0, 5_500_000.0];
    assert!(paragraph(&study).contains("fall between a loss of $310,000 and a gain of $5.5 million"));
    study.plan.objective.interval = [-900_000.0, -310_000.0];
    assert!(paragraph(&study).contains("fall between a loss of $900,000 and a loss of $310,000"));
    study.plan.objective.interval = [4_100_100.0, 4_100_200.0];
    assert!(paragraph(&study).contains("8 in 10 outcomes lie close to $4.1 million"));
    study.plan.objective.interval = [-10_100.0, 10_100.0];
    assert!(paragraph(&study).contains("between a loss of $10,000 and a gain of $10,000"));
}

#[test]
fn a_stay_bonus_is_said_where_it_counts() {
    let mut study = fixture::study(60);
    assert!(!paragraph(&study).contains("previous plan"));
    study.plan.objective.stay_bonus = 900_000.0;
    assert!(paragraph(&study).contains("stores of the previous plan that stay count $900,000 more than"));
    study.plan.objective.kind = ObjectiveKind::Distance;
    study.plan.objective.unit = "people x minutes".into();
    assert!(paragraph(&study).contains("stores of the previous plan that close count 900,000 people-minutes against"));
}

#[test]
fn the_worst_outcomes_are_said_where_they_count() {
    let mut study = fixture::study(60);
    assert!(!paragraph(&study).contains("the worst"));
    let risk = domain::plan::RiskValue { tail: 0.1, weight: Some(0.3), at_least: None, cvar: 2.1e6, mean: 4.2e6 };
    study.plan.objective.risk = Some(risk);
    let said = paragraph(&study);
    assert!(said.contains("the worst 10% earn $2.1 million in the mean, and all of them $4.2 million"), "{said}");
    assert!(said.contains("chosen for both, with 30% on the worst."), "{said}");
    study.plan.objective.risk = Some(domain::plan::RiskValue { weight: None, at_least: Some(2e6), ..risk });
    assert!(paragraph(&study).contains("the worst have to earn $2"), "{}", paragraph(&study));
}

#[test]
fn whom_the_plan_reaches_is_said_floor_by_floor() {
    let mut study = fixture::study(60);
    assert!(!paragraph(&study).contains("people whom"));
    let line = domain::plan::Reached {
        name: "low income".into(),
        within_minutes: 20.0,
        people: 467_630,
        counted: 703_805,
        at_least: 175_952,
    };
    study.plan.reach = vec![line.clone(), domain::plan::Reached { name: "can pay".into(), people: 511_788, ..line }];
    let said = paragraph(&study);
    let one = "Of the 703,805 people whom \u{201c}low income\u{201d} counts, 467,630 have a corner within 20 minutes; at least 175,952 must.";
    assert!(said.contains(one), "{said}");
    assert!(said.contains("\u{201c}can pay\u{201d} counts, 511,788 have"), "{said}");
    study.plan.stores.clear();
    assert!(paragraph(&study).contains(one), "where nothing is opened, corners that exist may be enough");
}

#[test]
fn the_proof_claims_what_was_shown_and_no_more() {
    let mut study = fixture::study(60);
    study.plan.status = Status::Proven;
    study.plan.bound_verified = true;
    assert!(paragraph(&study).contains("It is proven, and checked apart, that no other choice of stores does"));
    assert_eq!(banner(&study), None);
    study.plan.bound_verified = false;
    assert!(paragraph(&study).contains("The solver claims"));
    assert!(banner(&study).is_some_and(|text| text.starts_with("The proof is not confirmed.")));
    study.plan.status = Status::Gap;
    study.plan.objective.gap = 0.023_01;
    assert!(paragraph(&study).contains("could not be confirmed, no plan can earn more than 2.4% more than this."));
    assert!(banner(&study).is_some_and(|text| text.contains("was not confirmed by the check")));
    study.plan.bound_verified = true;
    assert!(banner(&study).is_some_and(|text| text.ends_with("no plan can earn more than 2.4% more than this.")));
    study.plan.objective.value = -5.0;
    assert!(paragraph(&study).contains("all that is known is that no plan can earn more than $"));
    study.plan.objective.value = 5.0;
    study.plan.objective.gap = 7.0;
    assert!(paragraph(&study).contains("all that is known"));
    study.plan.objective.kind = ObjectiveKind::Distance;
    study.plan.objective.gap = 0.01;
    assert!(paragraph(&study).contains("shorten the way to the nearest corner by more than 1%"));
}

#[test]
fn robustness_counts_the_stores_chosen_again() {
    let mut study = fixture::study(60);
    let said = |study: &Study| robustness(study).unwrap_or_default();
    assert!(said(&study).starts_with("Nine of the twelve are chosen at least 9 times in 10 when"), "{}", said(&study));
    assert!(said(&study).ends_with("; decide on Glasgow Buchanan St, Dallas Uptown and Manchester Piccadilly last."));
    study.plan.stores[0].share_of_scenarios = 0.5;
    assert!(said(&study).ends_with("; decide on the other four last."));
    for store in &mut study.plan.stores {
        store.share_of_scenarios = 0.4;
    }
    assert!(said(&study).starts_with("None of the twelve is chosen as often as 9 times in 10"));
    for store in &mut study.plan.stores {
        store.share_of_scenarios = 0.95;
    }
    assert!(said(&study).starts_with("All twelve are chosen at least 9 times in 10"));
    for store in &mut study.plan.stores {
        store.share_of_scenarios = 1.0;
    }
    assert!(said(&study).starts_with("All twelve are chosen every time"));
    study.plan.stores.truncate(1);
    assert!(said(&study).starts_with("The store is chosen every time"));
    study.plan.stores[0].share_of_scenarios = 0.79;
    assert!(said(&study).starts_with("The store is chosen at least 7 times in 10"));
    study.plan.stores[0].share_of_scenarios = 0.04;
    assert!(said(&study).starts_with("The store is chosen less than once in 10 times"));
    study.plan.stores.clear();
    assert_eq!(robustness(&study), None);
}

#[test]
fn an_empty_plan_says_why() {
    let study = with_stores(0);
    let said = paragraph(&study);
    assert!(said.starts_with("No choice of stores that the rules allow is expected to earn back its costs in 26"));
    assert!(said.contains(" weeks. It is proven, and checked apart, that no plan does better"), "{said}");
}
