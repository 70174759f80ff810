//! Controls: each rule broken once.

use domain::calendar::{Date, Week, Weekday};
use domain::ids::Idx;
use domain::market::Corner;
use domain::panel::{Cell, Panel, SeriesKey};
use domain::plan::Plan;
use domain::settings::{CaptureLaw, ObjectiveKind, Settings};
use domain::units::Share;
use verify::check;

use crate::world::*;

/// Ten stores 11 km apart; two are chosen, two are controls.
#[test]
fn controls_that_break_a_rule_are_refused() {
    let stores: Vec<(f64, f64)> = (0..10).map(|at| (0.1 * f64::from(at), 0.0)).collect();
    let mut market = market(&stores, &[(0.0, 0.0, 10)]);
    market.sales = weekly_sales(10, day("2026-11-16"));
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
        let certificate = certificate(0.0, None, Vec::new());
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

/// Forty weeks before `until`: store j sells 20 to 29, in a pattern of its own.
pub(crate) fn weekly_sales(stores: usize, until: Date) -> Panel {
    let weeks = 40;
    let series = (0..stores).map(|at| SeriesKey { store: Idx::new(at), product: Idx::new(0) }).collect();
    let units = (0..stores * weeks).map(|at| 20 + ((at / weeks + 2) * (at % weeks) * 7 % 10) as u32).collect();
    Panel {
        first_week: Week(Week::of(until, Weekday::Mon).0 - weeks as i32),
        weeks,
        series,
        units,
        cells: vec![Cell::Observed; stores * weeks],
        ..Panel::empty()
    }
}

/// ln of a store's units over the last 26 weeks.
fn logs(panel: &Panel, store: usize) -> Vec<f64> {
    panel.row(store).0[14..].iter().map(|&units| f64::from(units).ln()).collect()
}

#[test]
fn what_the_comparison_finds_follows_from_its_controls() {
    let stores: Vec<(f64, f64)> = (0..10).map(|at| (0.1 * f64::from(at), 0.0)).collect();
    let mut market = market(&stores, &[(0.0, 0.0, 10)]);
    market.sales = weekly_sales(10, day("2026-11-16"));
    let mut settings = settings(ObjectiveKind::Profit, 2);
    settings.capture.law = CaptureLaw::Independent;
    settings.pilot.controls_per_store = 1;
    let samples = samples(&market, 1, 0.0);
    let pairs = [(0, 2), (4, 6)];
    let variance = |&(one, other): &(usize, usize)| {
        let (one, other) = (logs(&market.sales, one), logs(&market.sales, other));
        let gaps: Vec<f64> = one.iter().zip(&other).map(|(one, other)| one - other).collect();
        let mean = gaps.iter().sum::<f64>() / 26.0;
        gaps.iter().map(|gap| (gap - mean) * (gap - mean)).sum::<f64>() / 25.0
    };
    let scale = pairs.iter().map(variance).sum::<f64>().sqrt() / 2.0;
    let found = |settings: &Settings, change: &dyn Fn(&mut Plan)| {
        let mut plan = plan(&market, settings, &[0, 4], -30.0, 0.0);
        plan.objective.interval = [-30.0, -30.0];
        plan.stores[0].controls = vec!["s02".into()];
        plan.stores[1].controls = vec!["s06".into()];
        plan.pilot.detect = settings.pilot.detect.map(|detect| detect.fraction);
        (plan.pilot.scale, plan.pilot.kappa) = (Some(scale), Some(1.2));
        plan.pilot.minimum_detectable_effect = Some((1.2 * scale).exp_m1());
        change(&mut plan);
        let certificate = certificate(0.0, None, Vec::new());
        codes(&check(&market, settings, &samples, &plan, &certificate).failures)
    };
    assert!(found(&settings, &|_| ()).is_empty());
    assert_eq!(found(&settings, &|plan| plan.pilot.scale = Some(1.01 * scale)), ["E-VER-010"]);
    assert_eq!(found(&settings, &|plan| plan.pilot.kappa = Some(1.1)), ["E-VER-010"]);
    assert_eq!(found(&settings, &|plan| plan.pilot.kappa = None), ["E-VER-010"]);
    assert_eq!(found(&settings, &|plan| plan.pilot.detect = Some(0.05)), ["E-VER-010"]);
    // Asked for a little more than the comparison finds, and a little less.
    let effect = (1.2 * scale).exp_m1();
    settings.pilot.detect = Some(Share { fraction: 1.001 * effect });
    assert!(found(&settings, &|_| ()).is_empty());
    settings.pilot.detect = Some(Share { fraction: 0.999 * effect });
    assert!(found(&settings, &|_| ()).contains(&"E-VER-010"));
}
