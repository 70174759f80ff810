//! What a plan tells of keeping its stock up.

use domain::plan::Plan;
use domain::plan::replenishment::Replenishment;
use domain::settings::{CaptureLaw, Depot, ObjectiveKind, Reorder, Settings};
use domain::stop::{Silent, Stop};
use domain::units::Share;
use engine::{Outcome, Solved};

use crate::world;

/// What is decided for a small chain, and all that is said of it.
fn solved(change: impl Fn(&mut Settings)) -> Solved {
    let mut settings = world::settings(ObjectiveKind::Profit, CaptureLaw::Share);
    settings.stock.order_cost = Some("9 USD".parse().expect("money"));
    change(&mut settings);
    let market = world::market(24, 5);
    let forecast = world::forecast(&market, &settings);
    let solved = engine::solve::solve(&market, &forecast, &settings, &Stop::default(), &Silent);
    let Ok(Outcome::Solved(solved)) = solved else { panic!("{solved:?}") };
    *solved
}

/// Its plan.
fn planned(change: impl Fn(&mut Settings)) -> Plan {
    solved(change).plan
}

#[test]
fn a_plan_tells_when_to_reorder_each_line_of_its_stock() {
    let free = planned(|settings| settings.stock.order_cost = None);
    assert_eq!(free.replenishment, None);
    for reorder in [Reorder::Points, Reorder::Lots] {
        let plan = planned(|settings| settings.stock.reorder = reorder);
        assert_eq!((&plan.stock, &plan.objective), (&free.stock, &free.objective), "the decision is the same");
        let Some(Replenishment { policy, lines, depot, .. }) = &plan.replenishment else { panic!("nothing told") };
        assert!(*policy == reorder && depot.is_empty());
        assert_eq!(lines.len(), plan.stock.len());
        for (line, stock) in lines.iter().zip(&plan.stock) {
            assert_eq!((&line.store_id, &line.device), (&stock.store_id, &stock.device));
            let top = line.up_to.unwrap_or(line.reorder + line.lot.unwrap_or(0));
            assert!(top <= stock.units && line.reorder < top, "{line:?}");
            assert!(line.service_level <= stock.service_level + 1e-9, "never full at every review: {line:?}");
            assert!(line.orders > 0.0 && line.orders <= 13.0 + 1e-9, "{line:?}");
        }
    }
}

#[test]
fn dear_orders_are_fewer_and_service_is_kept_where_it_is_asked_for() {
    let orders = |cost: &str, service: Option<f64>| {
        let plan = planned(|settings| {
            settings.stock.reorder = Reorder::Points;
            settings.stock.order_cost = Some(cost.parse().expect("money"));
            settings.stock.service_min = service.map(|fraction| Share { fraction });
        });
        let lines = plan.replenishment.expect("told").lines;
        let sum: f64 = lines.iter().map(|line| line.orders).sum();
        let least = lines.iter().map(|line| line.service_level).fold(1.0, f64::min);
        (sum, least, plan.warnings)
    };
    let (cheap, _, _) = orders("1 USD", None);
    let (dear, served, _) = orders("80 USD", None);
    assert!(dear < 0.9 * cheap, "{dear}, {cheap}");
    let (_, least, warnings) = orders("80 USD", Some(0.9));
    assert!(served < 0.9, "{served}");
    assert!(least >= 0.9 || warnings.iter().any(|warning| warning.code == "W-STK-001"), "{least}, {warnings:?}");
}

#[test]
fn a_budget_in_the_way_of_larger_orders_is_told_and_kept() {
    let told = |cost: &str, units: Option<u64>| {
        let Solved { plan, notes, .. } = solved(|settings| {
            settings.stock.reorder = Reorder::Points;
            settings.stock.order_cost = Some(cost.parse().expect("money"));
            settings.budget.stock_units = units;
        });
        let units: u64 = plan.stock.iter().map(|line| u64::from(line.units)).sum();
        let told = plan.warnings.into_iter().filter(|warning| warning.code.starts_with("W-STK"));
        let codes: Vec<String> = told.map(|warning| warning.code + &warning.text).collect();
        (units, codes, notes.remarks)
    };
    let (free, none, _) = told("80 USD", None);
    assert!(none.is_empty(), "{none:?}");
    // A budget costs sales as well, which free orders do not mend: what they would save is none of theirs.
    let (_, none, remarks) = told("0 USD", Some(free / 2));
    assert!(none.is_empty(), "{none:?}");
    assert!(!remarks.iter().any(|remark| remark.contains("What an order costs")), "{remarks:?}");
    let (held, bound, _) = told("80 USD", Some(free / 2));
    assert!(held <= free / 2);
    assert!(bound.iter().any(|text| text.contains("W-STK-002") && text.contains("budget.stock_units")), "{bound:?}");
}

#[test]
fn each_market_has_its_depot_in_the_plan() {
    let plan = planned(|settings| {
        settings.stock.order_cost = None;
        settings.stock.depot = Some(Depot { lead_time_weeks: 4, ..Depot::default() });
    });
    let kept = plan.replenishment.expect("told");
    assert!(kept.policy == Reorder::Levels && kept.lines.is_empty());
    let mut places: Vec<(String, String)> = Vec::new();
    for line in &plan.stock {
        let store = plan.stores.iter().find(|store| store.store_id == line.store_id).expect("chosen");
        places.push((store.market.clone(), line.device.clone()));
    }
    places.sort();
    places.dedup();
    let told: Vec<(String, String)> =
        kept.depot.iter().map(|line| (line.market.clone(), line.device.clone())).collect();
    assert_eq!(told, places);
    for line in &kept.depot {
        assert!(line.fill_rate >= line.fill_rate_without - 1e-9 && line.fill_rate <= 1.0 + 1e-12, "{line:?}");
    }
}
