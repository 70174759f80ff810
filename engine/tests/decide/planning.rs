//! From a Market to a whole plan: every objective under every law.

use std::collections::BTreeSet;

use domain::certificate::Certificate;
use domain::plan::{Plan, Status};
use domain::settings::{CaptureLaw, ObjectiveKind, Settings};
use domain::stop::{Silent, Stop};
use domain::units::{Bonus, Money};
use engine::{Outcome, Solved};

use crate::world;

const KINDS: [ObjectiveKind; 3] = [ObjectiveKind::Profit, ObjectiveKind::Distance, ObjectiveKind::Coverage];
const LAWS: [CaptureLaw; 3] = [CaptureLaw::Independent, CaptureLaw::Nearest, CaptureLaw::Share];

fn solved(settings: &Settings) -> Solved {
    let market = world::market(48, 2);
    let forecast = world::forecast(&market, settings);
    match engine::solve::solve(&market, &forecast, settings, &Stop::default(), &Silent).expect("decided") {
        Outcome::Solved(solved) => *solved,
        Outcome::Infeasible(conflicts) => panic!("{conflicts:?}"),
    }
}

/// What holds of every plan.
fn sane(plan: &Plan, settings: &Settings) {
    let count = plan.stores.len();
    assert!(count <= 4 && plan.stores.iter().zip(1..).all(|(store, rank)| store.rank == rank));
    assert!(
        plan.stores
            .is_sorted_by(|a, b| { (-a.expected_profit.minor, &a.store_id) < (-b.expected_profit.minor, &b.store_id) })
    );
    assert!(plan.stock.is_sorted_by(|a, b| (&a.store_id, &a.device) < (&b.store_id, &b.device)));
    let total: i64 = plan.stores.iter().map(|store| store.expected_profit.minor).sum();
    assert_eq!(plan.worth.expected_profit.minor, total);
    assert!(plan.stores.iter().all(|store| store.interval[0].minor <= store.interval[1].minor));
    assert!(plan.objective.interval[0] <= plan.objective.interval[1]);
    assert!(plan.objective.gap <= settings.gap().max(1e-6), "{}", plan.objective.gap);
    assert!(plan.not_chosen.len() <= 10 && plan.not_chosen.is_sorted_by(|a, b| a.swap_cost <= b.swap_cost));
    assert!(plan.not_chosen.iter().all(|miss| plan.stores.iter().all(|store| store.store_id != miss.store_id)));
    assert!((0.0..=1.0).contains(&plan.worth.chance_of_loss));
    assert!(plan.warnings.is_empty(), "{:?}", plan.warnings);
}

#[test]
fn every_objective_under_every_law_ends_in_a_sane_plan() {
    for kind in KINDS {
        for law in LAWS {
            let settings = world::settings(kind, law);
            let Solved { plan, certificate, samples, notes, cut, .. } = solved(&settings);
            println!("{kind:?} {law:?}: {} {:?}", plan.stores.len(), plan.worth);
            sane(&plan, &settings);
            assert!(!plan.stores.is_empty() && cut.is_none());
            assert!(plan.stores.iter().all(|store| store.controls.len() == 2));
            let stress = if law == CaptureLaw::Independent { 4 } else { 5 };
            assert_eq!(plan.worth.stress.len(), stress);
            assert!(
                plan.worth.stress.iter().all(|case| case.stores_kept as usize + case.leaves.len() == plan.stores.len())
            );
            assert_eq!(notes.candidates.len(), 47 - plan.stores.len());
            assert_eq!((notes.outlook.history.len(), notes.outlook.mean.len()), (52, 26));
            assert!(notes.outlook.quantiles.iter().all(|levels| levels.is_sorted()));
            match (kind, certificate) {
                (ObjectiveKind::Profit, Certificate::Profit { bound, .. }) => {
                    assert_eq!(samples.stores.len(), 47);
                    assert!(bound >= plan.objective.value - 1e-6);
                    // What the plan's problem reaches is what its stores earn alone at the most.
                    assert!(plan.not_chosen.iter().all(|miss| miss.swap_cost >= -1e-3 * plan.objective.value));
                }
                (_, Certificate::Assignment(certificate)) => {
                    assert_eq!(plan.status, Status::Proven);
                    assert_eq!(samples.stores.len(), plan.stores.len());
                    assert!(!certificate.leaves.is_empty());
                    assert!(plan.not_chosen.iter().all(|miss| miss.swap_cost >= 0.0));
                    assert!(plan.stores.iter().all(|store| store.share_of_scenarios == 1.0));
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn threads_do_not_change_a_byte() {
    for (kind, law) in [(ObjectiveKind::Profit, CaptureLaw::Share), (ObjectiveKind::Distance, CaptureLaw::Nearest)] {
        let settings = world::settings(kind, law);
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            let solved = pool.install(|| solved(&settings));
            format!("{:?} {:?} {:?}", solved.plan, solved.certificate, solved.notes)
        };
        assert_eq!(with(1), with(2), "{kind:?}");
    }
}

#[test]
fn nothing_to_choose_is_a_plan_too() {
    for kind in KINDS {
        let mut settings = world::settings(kind, CaptureLaw::Share);
        settings.placement.stores_max = Some(0);
        let Solved { plan, .. } = solved(&settings);
        sane(&plan, &settings);
        assert!(plan.stores.is_empty() && plan.stock.is_empty() && plan.worth.stress.is_empty());
        assert_eq!((plan.status, plan.worth.expected_profit.minor), (Status::Proven, 0));
        assert_eq!(plan.worth.break_even_demand, None);
    }
}

#[test]
fn what_does_not_pay_is_not_opened() {
    let mut settings = world::settings(ObjectiveKind::Profit, CaptureLaw::Share);
    settings.demand.samples = 20;
    let mut market = world::market(48, 2);
    let usd = world::currency("USD");
    for store in &mut market.stores {
        store.open_cost = Some(domain::units::Money { minor: 1_000_000_000, currency: usd });
    }
    let forecast = world::forecast(&market, &settings);
    match engine::solve::solve(&market, &forecast, &settings, &Stop::default(), &Silent).expect("decided") {
        Outcome::Solved(solved) => {
            assert!(solved.plan.stores.is_empty());
            sane(&solved.plan, &settings);
        }
        Outcome::Infeasible(conflicts) => panic!("{conflicts:?}"),
    }
}

#[test]
fn one_store_more_is_worth_what_solving_again_says() {
    for kind in [ObjectiveKind::Distance, ObjectiveKind::Coverage, ObjectiveKind::Profit] {
        let mut settings = world::settings(kind, CaptureLaw::Independent);
        let four = solved(&settings).plan;
        settings.placement.stores_max = Some(5);
        let five = solved(&settings).plan;
        let gain = (five.objective.value - four.objective.value).abs();
        let next = four.worth.next_store_value.expect("there are others");
        let last = five.worth.last_store_value.expect("there are five");
        // The profit plans themselves are within 0.1 % of the best.
        let slack = if kind == ObjectiveKind::Profit { 2e-3 * five.objective.value } else { 1e-6 };
        assert!((next - gain).abs() <= slack && (last - gain).abs() <= slack, "{kind:?} {next} {last} {gain}");
    }
}

/// A previous plan, made while one of the best stores was out, is left only for more than the bonus.
#[test]
fn stores_stay_until_changing_pays_more_than_the_bonus() {
    for kind in KINDS {
        let mut settings = world::settings(kind, CaptureLaw::Share);
        settings.solver.gap = Some("0 %".parse().expect("a share"));
        let stores = |plan: &Plan| -> BTreeSet<String> { plan.stores.iter().map(|one| one.store_id.clone()).collect() };
        let best = solved(&settings).plan;
        settings.placement.exclude = vec![best.stores[0].store_id.clone()];
        let previous = solved(&settings).plan;
        settings.placement.exclude.clear();
        let gain = (best.objective.value - previous.objective.value).abs();
        let left = stores(&previous).difference(&stores(&best)).count() as f64;
        assert!(gain > 0.0 && left > 0.0, "{kind:?}");
        settings.placement.stay = stores(&previous).into_iter().collect();
        let with = |each: f64| {
            let mut settings = settings.clone();
            settings.placement.stay_bonus = Some(match kind {
                ObjectiveKind::Profit => Bonus::Money(Money::from_major(each, world::currency("USD"))),
                ObjectiveKind::Distance => Bonus::PeopleMinutes(each),
                ObjectiveKind::Coverage => Bonus::People(each.ceil() as u64),
            });
            solved(&settings).plan
        };
        // One store less costs at least one bonus; no change gains more than the best plan does.
        let kept = with(gain + 1.0);
        assert_eq!(stores(&kept), stores(&previous), "{kind:?}");
        assert_eq!(kept.worth.expected_profit, previous.worth.expected_profit, "{kind:?}: a bonus is no money");
        assert_eq!(kept.objective.reached, previous.objective.reached, "{kind:?}");
        if gain / left > 2.0 {
            assert_ne!(stores(&with(gain / left - 1.5)), stores(&previous), "{kind:?}");
        }
    }
}

#[test]
fn a_dearer_store_earns_less_and_a_larger_chance_of_loss_follows() {
    let settings = world::settings(ObjectiveKind::Profit, CaptureLaw::Share);
    let plan = solved(&settings).plan;
    let worth = &plan.worth;
    assert_eq!(worth.stress[0].name, "Uptake 20 % lower");
    assert!(worth.stress[0].expected_profit.minor < worth.expected_profit.minor);
    assert!(worth.stress[1].expected_profit.minor > worth.expected_profit.minor);
    assert!(worth.stress[2].expected_profit.minor < worth.expected_profit.minor);
    // Opening costs 20 % more, and nothing else changes: the difference is a fifth of the open cost, to the cent.
    let difference = worth.expected_profit.minor - worth.stress[3].expected_profit.minor;
    assert!((difference - worth.open_cost.minor / 5).abs() <= 4, "{difference} {:?}", worth.open_cost);
    // 60 stores held out: 6 in the best tenth, so 6/11 of a shortfall of a tenth.
    assert!((worth.selection_factor - (1.0 - 0.1 * 6.0 / 11.0)).abs() < 1e-12);
    let even = worth.break_even_demand.expect("opening costs something");
    assert!(even > 0.0 && even < 1.0, "a plan that earns breaks even below its demand: {even}");
}
