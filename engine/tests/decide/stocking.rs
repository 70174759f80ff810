//! Stock against textbook cases and against trying every level.

use domain::forecast::Rates;
use domain::settings::{CaptureLaw, ObjectiveKind, StockPolicy};
use domain::stop::{Silent, Stop};
use domain::units::Share;
use engine::Outcome;
use engine::stock::allocate::{Allocation, Ask, Budget, allocate};
use engine::stock::terms::Terms;
use engine::stock::window::{Window, best_alone};

use crate::world;

/// One order for one week: the newsvendor.
fn newsvendor(margin: f64, loss: f64, cost: f64, size: f64) -> Terms {
    Terms {
        margin,
        loss,
        holding: 0.0,
        cost,
        cost_base_minor: (cost * 100.0) as i64,
        pack: 1,
        shelf: 1,
        rate: 1.0,
        weeks: 1.0,
        window: 1.0,
        adopted: 1.0,
        size,
    }
}

/// The cells of a line of a CSV file with quotes.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut quoted) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '"' => {
                // A doubled quote closes and opens again: what it stands for is put back.
                if !quoted && cells.last().is_some_and(|cell| !cell.is_empty()) {
                    cells.last_mut().expect("a cell").push('"');
                }
                quoted = !quoted;
            }
            ',' if !quoted => cells.push(String::new()),
            c => cells.last_mut().expect("a cell").push(c),
        }
    }
    cells
}

/// The numbers after `"key":` in a flat JSON text, in order.
fn numbers(json: &str, key: &str) -> Vec<f64> {
    let key = format!("\"{key}\":");
    let number = |rest: &str| {
        let rest = rest.trim_start().trim_start_matches('[');
        let end = rest.find(|c: char| !"0123456789.-e".contains(c)).unwrap_or(rest.len());
        rest[..end].parse().expect("a number")
    };
    json.match_indices(&key).map(|(at, _)| number(&json[at + key.len()..])).collect()
}

#[test]
fn textbook_newsvendors_come_out_as_printed() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/inventory_cases.csv");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: {path} is absent");
        return;
    };
    let mut checked = 0;
    for line in text.lines().skip(1) {
        let cells = cells(line);
        let (name, params, decision) = (&cells[0], &cells[3], &cells[4]);
        let value: f64 = cells[5].parse().expect("a value");
        let one = |key: &str| numbers(params, key).first().copied();
        let all = |key: &str| numbers(params, key);
        if params.contains("unit_budget") || params.contains("money_budget") {
            let (mus, rs, cs, vs) = (all("mu"), all("r"), all("c"), all("v"));
            let lines: Vec<(Terms, Window)> = (0..mus.len())
                .map(|at| {
                    let terms = newsvendor(rs[at] - cs[at], cs[at] - vs[at], cs[at], f64::INFINITY);
                    let window = Window::of(Rates::alike(&[mus[at]]), 1.0, &terms, 60);
                    (terms, window)
                })
                .collect();
            let asks: Vec<Ask> = lines
                .iter()
                .map(|(terms, window)| {
                    let best = window.best_packs(terms, 59);
                    Ask { values: (1..=best).map(|pack| window.pack_value(pack, terms)).collect(), floor: 0 }
                })
                .collect();
            let budget = match one("unit_budget") {
                Some(max) => Budget { weights: vec![1; mus.len()], max: max as i64 },
                None => Budget {
                    weights: cs.iter().map(|cost| *cost as i64).collect(),
                    max: one("money_budget").expect("a budget") as i64,
                },
            };
            let Allocation::Exact(packs) = allocate(&asks, &[budget], 0.0).expect("solved") else {
                panic!("{name}: not exact")
            };
            let earned: f64 = packs.iter().zip(&lines).map(|(&q, (terms, window))| window.profit(q, terms)).sum();
            // The money case prints the exact optimum and a greedy's decision.
            assert!(earned > value - 1e-6, "{name}: {earned} {value}");
            if params.contains("unit_budget") {
                assert_eq!(packs, [3, 5, 2, 7, 1], "{name}");
                assert!((earned - value).abs() < 1e-9 * value, "{name}: {earned} {value}");
            }
        } else if cells[1].starts_with("newsvendor Poisson") || name == "own_negbin_1" {
            let mean = one("demand_mean").or(one("mean")).expect("a mean");
            let size = one("size").unwrap_or(f64::INFINITY);
            let (terms, expect) = match (one("holding_cost"), one("stockout_cost")) {
                // Cost = p E[D] - (p E[min] - h E[left]).
                (Some(h), Some(p)) => (newsvendor(p, h, 0.0, size), p * mean - value),
                _ => {
                    let r = one("revenue").or(one("r")).expect("a price");
                    let c = one("purchase_cost").or(one("c")).expect("a cost");
                    let v = one("salvage_value").or(one("v")).expect("a salvage value");
                    (newsvendor(r - c, c - v, c, size), value)
                }
            };
            let (units, earned) = best_alone(Rates::alike(&[mean]), &terms, 400);
            assert_eq!(f64::from(units), numbers(decision, "S")[0], "{name}");
            assert!((earned - expect).abs() < 1e-9 * expect.abs(), "{name}: {earned} {expect}");
        } else {
            continue;
        }
        checked += 1;
    }
    // Three Poisson cases, one negative binomial and two with budgets fit this formulation.
    assert_eq!(checked, 6);
}

#[test]
fn stock_keeps_shelf_money_and_service_and_is_exact() {
    let market = world::market(10, 21);
    let mut settings = world::settings(ObjectiveKind::Profit, CaptureLaw::Nearest);
    settings.placement.stores_max = Some(2);
    settings.placement.stores_min = 2;
    settings.stock.policy = StockPolicy::Cycle;
    settings.stock.units_max = 200;
    let forecast = world::forecast(&market, &settings);
    let solve = |settings: &_| match engine::solve::solve(&market, &forecast, settings, &Stop::default(), &Silent) {
        Ok(Outcome::Solved(solved)) => solved,
        other => panic!("{other:?}"),
    };
    let free: u32 = solve(&settings).plan.stock.iter().map(|line| line.units).sum();
    assert!(free > 12, "{free}");
    settings.stock.service_min = Some(Share { fraction: 0.3 });
    settings.budget.stock_units = Some(u64::from(free * 2 / 3));
    settings.budget.stock = Some("4000 USD".parse().expect("money"));
    let solved = solve(&settings);
    let plan = &solved.plan;
    let units: u64 = plan.stock.iter().map(|line| u64::from(line.units)).sum();
    assert!(units <= u64::from(free * 2 / 3));
    assert!(plan.worth.stock_cost.minor <= 400_000);
    assert!(plan.stock.iter().all(|line| line.service_level >= 0.3), "{:?}", plan.stock);
    assert!(plan.warnings.iter().all(|warning| warning.code != "W-OPT-002"), "{:?}", plan.warnings);
}
