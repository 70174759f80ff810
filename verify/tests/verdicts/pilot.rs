//! Controls: each rule broken once.

use domain::certificate::Certificate;
use domain::ids::Idx;
use domain::market::Corner;
use domain::plan::Plan;
use domain::settings::{CaptureLaw, ObjectiveKind};
use verify::check;

use crate::world::*;

/// Ten stores 11 km apart; two are chosen, two are controls.
#[test]
fn controls_that_break_a_rule_are_refused() {
    let stores: Vec<(f64, f64)> = (0..10).map(|at| (0.1 * f64::from(at), 0.0)).collect();
    let mut market = market(&stores, &[(0.0, 0.0, 10)]);
    market.stores[7].opened = day("2026-10-05");
    market.stores[8].closed = Some(day("2026-12-24"));
    market.corners = vec![Corner { store: Idx::new(9), opened: day("2025-01-06"), closed: None }];
    let mut settings = settings(ObjectiveKind::Profit, 2);
    settings.capture.law = CaptureLaw::Independent;
    settings.pilot.controls_per_store = 1;
    settings.pilot.spillover = "15 km".parse().unwrap();
    let mut samples = samples(&market, 1, 0.0);
    samples = samples.select(&[0, 1, 2, 3, 4, 5, 6, 7]);
    let found = |change: &dyn Fn(&mut Plan)| {
        let mut plan = plan(&market, &settings, &[0, 4], -30.0, 0.0);
        plan.objective.interval = [-30.0, -30.0];
        plan.stores[0].controls = vec!["s02".into()];
        plan.stores[1].controls = vec!["s06".into()];
        change(&mut plan);
        let certificate = Certificate::Profit { bound: 0.0, nodes: 1, stock: Default::default(), proof: None };
        codes(&check(&market, &settings, &samples, &plan, &certificate).failures)
    };
    assert!(found(&|_| ()).is_empty());
    let control = |id: &'static str| move |plan: &mut Plan| plan.stores[1].controls = vec![id.into()];
    assert_eq!(found(&control("s02")), ["E-VER-010"], "used twice");
    assert_eq!(found(&control("s05")), ["E-VER-010"], "11 km from a chosen store");
    assert_eq!(found(&control("s01")), ["E-VER-010"], "11 km from the other chosen store");
    assert_eq!(found(&control("s00")), ["E-VER-010"], "chosen");
    assert_eq!(found(&control("s07")), ["E-VER-010"], "opened while stores are matched");
    assert_eq!(found(&control("s08")), ["E-VER-010"], "closes");
    assert_eq!(found(&control("s09")), ["E-VER-010"], "has a corner");
    assert_eq!(found(&control("s77")), ["E-VER-010"], "unknown");
    assert_eq!(found(&|plan: &mut Plan| plan.stores[1].controls.push("s07".into())), ["E-VER-010"], "one too many");
    assert_eq!(found(&|plan: &mut Plan| plan.stores[1].controls.clear()), ["E-VER-010"], "one too few");
}
