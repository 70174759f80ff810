//! Floors on people: what is said of them, and the rows that are said to follow.

use domain::certificate::{AssignmentCertificate, Certificate, ReachRow};
use domain::market::{Attributes, Corner, Market};
use domain::plan::{Plan, Reached};
use domain::settings::{ObjectiveKind, ReachFloor, Settings, Where};
use verify::{Verdict, check};

use crate::world::*;

/// Four stores in a row, a zone beside each; the last store has a corner.
fn chain() -> Market {
    let stores: Vec<(f64, f64)> = (0..4).map(|at| (0.0, 0.5 * f64::from(at))).collect();
    let zones = [(0.0, 0.01, 500), (0.0, 0.51, 300), (0.0, 1.01, 200), (0.0, 1.51, 70), (0.0, 0.02, 40)];
    let mut market = market(&stores, &zones);
    let incomes = [20.0, 30.0, 22.0, 21.0, 90.0].map(Some).to_vec();
    market.zone_attributes = Attributes { names: vec!["income".into()], values: incomes };
    market.corners = vec![Corner { store: domain::ids::Idx::new(3), opened: day("2025-01-06"), closed: None }];
    market
}

fn asked() -> Settings {
    let mut settings = settings(ObjectiveKind::Coverage, 2);
    let everyone = ReachFloor {
        name: "everyone".into(),
        within: Some("10 min".parse().unwrap()),
        people: "population".into(),
        only: None,
        afford: None,
        market: None,
        at_least: "70 %".parse().unwrap(),
    };
    let poor = ReachFloor {
        name: "low income".into(),
        only: Some(Where { column: "income".into(), at_least: None, at_most: Some(25.0) }),
        at_least: "500 people".parse().unwrap(),
        ..everyone.clone()
    };
    settings.reach = vec![everyone, poor];
    settings
}

/// What stores 0 and `with` reach: the first zones, its own, and that of the corner.
fn stated(with: usize) -> Plan {
    let (market, settings) = (chain(), asked());
    let more = [0, 300, 200][with];
    let mut plan = plan(&market, &settings, &[0, with], f64::from(610 + more), 1_110.0);
    plan.objective.reached = Some(plan.objective.value);
    let line = |name: &str, people, counted, at_least| Reached {
        name: name.into(),
        within_minutes: 10.0,
        people,
        counted,
        at_least,
    };
    let poor = if with == 2 { 770 } else { 570 };
    plan.reach = vec![line("everyone", i64::from(610 + more), 1_110, 777), line("low income", poor, 770, 500)];
    plan
}

/// A claim that proves nothing, with a row of a floor.
fn certificate(row: ReachRow) -> AssignmentCertificate {
    AssignmentCertificate { bound: 0, reach: vec![row], ..AssignmentCertificate::default() }
}

/// The row at store 1: of 777 people 300 live beside it and 70 beside the corner.
fn row() -> ReachRow {
    let (row, floor) = ("reach.everyone/1".into(), "everyone".into());
    ReachRow { row, floor, at: vec![("s01".into(), 1_000)], least: 407 }
}

fn verdict(settings: &Settings, plan: &Plan, row: ReachRow) -> Verdict {
    let market = chain();
    let open: Vec<usize> =
        plan.stores.iter().map(|store| market.store_ids.find(&store.store_id).unwrap().at()).collect();
    let samples = samples(&market, 2, 0.0).select(&open);
    check(&market, settings, &samples, plan, &Certificate::Assignment(certificate(row)))
}

#[test]
fn a_plan_that_keeps_its_floors_is_confirmed() {
    for with in [1, 2] {
        let verdict = verdict(&asked(), &stated(with), row());
        assert!(verdict.failures.is_empty(), "{verdict:?}");
    }
}

#[test]
fn a_plan_below_a_floor_is_refused_by_its_name() {
    let mut settings = asked();
    settings.reach[0].at_least = "900 people".parse().unwrap();
    let mut plan = stated(2);
    plan.reach[0].at_least = 900;
    let row = ReachRow { least: 900 - 370, ..row() };
    let verdict = verdict(&settings, &plan, row);
    assert_eq!(codes(&verdict.failures), ["E-VER-001"], "{verdict:?}");
    assert!(verdict.failures[0].text.contains("reach.everyone: 810 people are reached, at least 900"), "{verdict:?}");
}

#[test]
fn misstated_people_are_refused() {
    let wrong: [fn(&mut Plan); 6] = [
        |plan| plan.reach[0].people += 1,
        |plan| plan.reach[1].counted -= 1,
        |plan| plan.reach[1].at_least = 1,
        |plan| plan.reach[0].within_minutes = 12.0,
        |plan| plan.reach[0].name = "all".into(),
        |plan| drop(plan.reach.pop()),
    ];
    for change in wrong {
        let mut plan = stated(1);
        change(&mut plan);
        let verdict = verdict(&asked(), &plan, row());
        assert_eq!(codes(&verdict.failures), ["E-VER-006"], "{:?}: {verdict:?}", plan.reach);
    }
}

#[test]
fn rows_that_follow_from_no_floor_are_refused() {
    let wrong: [fn(&mut ReachRow); 7] = [
        |row| row.least += 1,
        |row| row.least = 0,
        |row| row.floor = "nobody".into(),
        |row| row.at[0].0 = "s02".into(),
        |row| row.at[0].0 = "s03".into(),
        |row| row.at[0].1 = 999,
        |row| row.at.push(("s01".into(), 0)),
    ];
    for change in wrong {
        let mut changed = row();
        change(&mut changed);
        let verdict = verdict(&asked(), &stated(1), changed.clone());
        assert!(codes(&verdict.failures).contains(&"E-VER-002"), "{changed:?}: {verdict:?}");
        assert!(verdict.failures.iter().any(|failure| failure.text.contains("reach.everyone/1")), "{verdict:?}");
    }
}

#[test]
fn a_floor_that_the_tables_do_not_bear_is_refused() {
    let mut settings = asked();
    settings.reach[1].only = Some(Where { column: "wealth".into(), at_least: None, at_most: Some(25.0) });
    let verdict = verdict(&settings, &stated(1), row());
    assert!(verdict.failures[0].text.contains("reach.low income: zones have no column wealth"), "{verdict:?}");
}
