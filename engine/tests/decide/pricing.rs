//! What rules are worth, held against deciding with and without them.

use std::time::Duration;

use domain::market::Market;
use domain::plan::Plan;
use domain::settings::{CaptureLaw, ObjectiveKind, Settings};
use domain::stop::{Silent, Stop};
use domain::units::{Money, Share};
use engine::price::rules::Rule;
use engine::price::{Answer, Price, Priced, price};
use engine::{Outcome, solve};

use crate::world;

const SAMPLES: usize = 4;

fn settings(change: &dyn Fn(&mut Settings)) -> Settings {
    let mut settings = world::settings(ObjectiveKind::Profit, CaptureLaw::Share);
    settings.solver.gap = Some(Share { fraction: 1e-5 });
    change(&mut settings);
    settings
}

fn decided(market: &Market, settings: &Settings) -> Plan {
    let forecast = world::forecast(market, settings);
    match solve::solve(market, &forecast, settings, &Stop::default(), &Silent).expect("decided") {
        Outcome::Solved(solved) => solved.plan,
        Outcome::Infeasible(why) => panic!("no plan: {why:?}"),
    }
}

fn priced(settings: &Settings, stop: &Stop) -> Priced {
    let market = world::market(40, 11);
    let plan = decided(&market, settings);
    let forecast = world::forecast(&market, settings);
    price(&market, &forecast, settings, &plan, SAMPLES, stop, &Silent).expect("priced").expect("profit")
}

fn of<'a>(priced: &'a Priced, is: &dyn Fn(&Rule) -> bool) -> &'a Price {
    match &priced.rules.iter().find(|price| is(&price.rule)).expect("the rule is stated").answer {
        Answer::Priced(price) => price,
        other => panic!("{other:?}"),
    }
}

/// That a price is what deciding on both sides of the rule finds.
fn holds(price: &Price, with: f64, without: f64) {
    let (difference, blur) = (without - with, 2e-5 * without.abs());
    let [from, to] = price.interval;
    assert!(price.settled && from >= 0.0 && to - from <= 2.0 * blur, "{price:?}");
    assert!(from - blur <= difference && difference <= to + blur, "{difference} is not in {from} to {to}");
}

#[test]
fn a_binding_rule_costs_the_difference_of_two_decisions_and_an_idle_one_nothing() {
    let market = world::market(40, 11);
    let free = decided(&market, &settings(&|_| ()));
    let units: u64 = free.stock.iter().map(|line| u64::from(line.units)).sum();
    let held = settings(&|settings| {
        settings.budget.stock_units = Some(units / 2);
        settings.budget.capex = Some(Money { minor: 1_000_000_000, currency: world::currency("USD") });
    });
    let priced = priced(&held, &Stop::default());
    let with = decided(&market, &held).objective.value;
    assert!((priced.plan.value - with).abs() <= 2e-5 * with, "{} {with}", priced.plan.value);

    let units = of(&priced, &|rule| *rule == Rule::StockUnits);
    holds(units, with, free.objective.value);
    assert!(units.interval[0] > 0.01 * with && !units.idle(), "{units:?} of {with}");

    let capex = of(&priced, &|rule| *rule == Rule::Capex);
    assert!(capex.idle() && capex.interval[0] == 0.0 && capex.interval[1] <= 4e-5 * with, "{capex:?}");

    let most = |most: u32| {
        let mut other = held.clone();
        other.placement.stores_max = Some(most);
        decided(&market, &other).objective.value
    };
    holds(of(&priced, &|rule| *rule == Rule::OneMore(5)), with, most(5));
    let opens = u32::try_from(priced.plan.stores.len()).expect("few");
    holds(of(&priced, &|rule| *rule == Rule::OneFewer(opens - 1)), most(opens - 1), with);
}

#[test]
fn every_kind_of_rule_has_its_price() {
    let market = world::market(40, 11);
    let free = decided(&market, &settings(&|_| ()));
    let [best, other] = [0, 1].map(|at| free.stores[at].store_id.clone());
    let held = settings(&|settings| {
        settings.placement.exclude = vec![best.clone()];
        settings.placement.require = vec![other.clone()];
        settings.stock.service_min = Some(Share { fraction: 0.97 });
        settings.placement.stores_min = 2;
        settings.pilot.representative.insert("area".into(), 20.0);
        settings.pilot.balanced.insert("area".into(), 60.0);
    });
    let priced = priced(&held, &Stop::default());
    let with = decided(&market, &held).objective.value;
    let found: Vec<String> = priced.rules.iter().map(|price| price.rule.key()).collect();
    let expected = [
        "placement.stores_min",
        "placement.require",
        "placement.exclude",
        "stock.service_min",
        "stores.shelf_units",
        "pilot.representative.area",
        "pilot.balanced.area",
        "placement.stores_max",
        "placement.stores_max",
    ];
    assert_eq!(found, expected);
    for (rule, drop) in [
        (Rule::Exclude, &(|settings: &mut Settings| settings.placement.exclude.clear()) as &dyn Fn(&mut Settings)),
        (Rule::Service, &|settings| settings.stock.service_min = None),
        (Rule::Representative("area".into()), &|settings| settings.pilot.representative.clear()),
    ] {
        let mut other = held.clone();
        drop(&mut other);
        holds(of(&priced, &|own| *own == rule), with, decided(&market, &other).objective.value);
    }
}

#[test]
fn looking_at_samples_and_knowing_them_is_never_worth_less_than_nothing() {
    let priced = priced(&settings(&|_| ()), &Stop::default());
    let mean = priced.mean_demand.expect("reached");
    let [from, to] = mean.lost.expect("no service is asked for");
    assert!(mean.value <= priced.plan.bound && 0.0 <= from && from <= to, "{mean:?} {:?}", priced.plan);
    let [least, most] = mean.lost_by_stores.expect("stocked");
    assert!(0.0 <= least && least <= most && most <= to + 1e-4 * priced.plan.value, "the best stock loses no more");
    assert!(to > 0.0 && mean.settled, "counts as even as Poisson want another stock: {mean:?}");
    let foresight = priced.foresight.expect("reached");
    assert_eq!((foresight.samples, foresight.of), (SAMPLES, 60));
    assert!(0.0 <= foresight.found && foresight.found <= foresight.at_most, "{foresight:?}");
    assert!(foresight.at_most > 0.0 && foresight.standard_error > 0.0 && foresight.settled, "{foresight:?}");
}

#[test]
fn a_sample_that_is_the_only_one_is_known_already() {
    let priced = priced(&settings(&|settings| settings.demand.samples = 1), &Stop::default());
    let foresight = priced.foresight.expect("reached");
    assert_eq!((foresight.samples, foresight.of), (1, 1));
    let known = priced.plan.value;
    assert!(
        (foresight.plan - known).abs() <= 1e-6 * known,
        "the run's stock earns what the run says: {foresight:?} {known}"
    );
    // The gap at which a sample is decided.
    assert!(foresight.found <= 1e-4 * priced.plan.value && foresight.at_most <= 6e-3 * priced.plan.value);
}

#[test]
fn what_time_did_not_allow_is_said() {
    let over = Stop { deadline: Some(Duration::ZERO), ..Stop::default() };
    let priced = priced(&settings(&|_| ()), &over);
    assert!(!priced.rules.is_empty());
    assert!(priced.rules.iter().all(|price| price.answer == Answer::NotReached), "{:?}", priced.rules);
    assert!(priced.mean_demand.is_none() && priced.foresight.is_none());
    assert!(priced.plan.value > 0.0, "the run's plan is known");
}
