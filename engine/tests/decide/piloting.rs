//! Controls by the definition, and an effect that can be detected.

use domain::calendar::{Date, Days};
use domain::ids::Idx;
use domain::market::Market;
use domain::problem::Site;
use domain::settings::{CaptureLaw, ObjectiveKind, Settings};
use domain::stop::{Silent, Stop};
use domain::units::Share;
use engine::formulate::candidates::candidates;
use engine::pilot::Stage;
use engine::pilot::design::Design;
use engine::pilot::series::Related;
use engine::{Outcome, solve};

use crate::world;

/// The comparison of the stores at these positions.
fn design(market: &Market, settings: &Settings, stores: &[usize]) -> Design {
    let forecast = world::forecast(&world::market(market.stores.len(), 11), settings);
    let candidates = candidates(market, settings);
    let stage = Stage::of(market, &forecast, settings, &candidates).expect("staged");
    let site = |store: &usize| candidates.binary_search(&Idx::new(*store)).expect("a candidate") as Site;
    let open: Vec<Site> = stores.iter().map(site).collect();
    let related = Related::new(market, settings, &forecast.devices);
    stage.design(market, settings, related, &open).expect("designed")
}

#[test]
fn controls_are_eligible_used_once_and_enough() {
    let market = world::market(60, 11);
    let settings = world::settings(ObjectiveKind::Profit, CaptureLaw::Share);
    let chosen = [4, 9, 20, 33];
    let found = design(&market, &settings, &chosen);
    let mut used: Vec<_> = found.controls.concat();
    assert_eq!(used.len(), 8);
    let place = |store: usize| market.stores[store].place.unit();
    let from: Date = settings.as_of.checked_sub_days(Days::new(7 * 20)).expect("a date");
    for (&store, controls) in chosen.iter().zip(&found.controls) {
        for control in controls {
            let facts = &market.stores[control.at()];
            assert_eq!(facts.market, market.stores[store].market);
            assert!(facts.opened <= from && facts.closed.is_none());
            assert!(!chosen.contains(&control.at()));
            assert!(chosen.iter().all(|&chosen| place(chosen).km_to(place(control.at())) >= 1.0));
            assert_ne!(control.at(), 1, "a store with a corner is no control");
        }
    }
    used.sort_unstable();
    used.dedup();
    assert_eq!(used.len(), 8, "a control is used twice");
    assert!(found.warnings.is_empty());
    assert!(found.design.placebo_windows >= 10 && found.design.placebos >= 200);
    // Weekly noise of 12 % over 8 weeks and 4 stores: a few per cent, not nothing and not half.
    let mde = found.design.minimum_detectable_effect.expect("history");
    assert!((0.005..0.3).contains(&mde), "{mde}");
    let all = found.design.minimum_detectable_effect_store.expect("history");
    assert!((0.005..0.3).contains(&all), "{all}");
}

#[test]
fn too_few_controls_are_said() {
    let market = world::market(9, 11);
    let mut settings = world::settings(ObjectiveKind::Profit, CaptureLaw::Share);
    settings.pilot.controls_per_store = 3;
    let found = design(&market, &settings, &[2, 5]);
    assert_eq!(found.controls.concat().len(), 3, "of six stores in this market one has a corner and two are chosen");
    assert_eq!(found.warnings.len(), 1);
    assert_eq!(found.warnings[0].code, "W-PIL-001");
    assert_eq!(found.design.minimum_detectable_effect, None);
}

#[test]
fn without_history_nothing_is_claimed() {
    let mut market = world::market(30, 11);
    market.sales = domain::panel::Panel::empty();
    let settings = world::settings(ObjectiveKind::Profit, CaptureLaw::Share);
    let found = design(&market, &settings, &[4]);
    assert!(found.controls[0].is_empty(), "nobody knows who sells alike");
    assert_eq!(found.warnings[0].code, "W-PIL-001");
    assert_eq!(found.design.minimum_detectable_effect, None);
}

/// The pilot with the settings changed by `change`.
fn decided(change: impl Fn(&mut Settings)) -> Outcome {
    let market = world::market(60, 11);
    let mut settings = world::settings(ObjectiveKind::Profit, CaptureLaw::Share);
    change(&mut settings);
    let forecast = world::forecast(&market, &settings);
    solve::solve(&market, &forecast, &settings, &Stop::default(), &Silent).expect("decided")
}

#[test]
fn what_the_pilot_must_detect_is_a_rule_of_the_decision() {
    let share = |fraction| Some(Share { fraction });
    let Outcome::Solved(free) = decided(|_| ()) else { panic!("no plan") };
    let mde = free.plan.pilot.minimum_detectable_effect.expect("history");
    let asked = 0.9 * mde;
    let Outcome::Solved(held) = decided(|settings| settings.pilot.detect = share(asked)) else { panic!("no plan") };
    let found = held.plan.pilot.minimum_detectable_effect.expect("history");
    assert!(found <= asked, "{found} for {asked}");
    assert!(held.plan.objective.value <= free.plan.objective.value + 1e-9, "a rule adds nothing");
    assert!(held.plan.objective.bound >= held.plan.objective.value);
    let Outcome::Infeasible(why) = decided(|settings| settings.pilot.detect = share(1e-4)) else {
        panic!("no pilot of four stores finds a tenth of a per mille")
    };
    assert!(
        why.iter().any(|conflict| conflict.rule == "pilot.detect" && conflict.code.starts_with("E-INF")),
        "{why:?}"
    );
}

#[test]
fn representative_and_balanced_pilots_are_found() {
    let market = world::market(60, 11);
    let name = market.store_attributes.names[0].clone();
    let value = |id: &str| {
        let store = market.store_ids.find(id).expect("known");
        market.store_attributes.get(store.at(), 0).expect("known")
    };
    let mean = |ids: &mut dyn Iterator<Item = &String>| {
        let values: Vec<f64> = ids.map(|id| value(id)).collect();
        values.iter().sum::<f64>() / values.len() as f64
    };
    let all: Vec<f64> = (0..60).filter_map(|at| market.store_attributes.get(at, 0)).collect();
    let spread = all.iter().copied().fold(f64::MIN, f64::max) - all.iter().copied().fold(f64::MAX, f64::min);
    let within = 0.05 * spread;
    let settings = world::settings(ObjectiveKind::Profit, CaptureLaw::Share);
    let candidates = candidates(&market, &settings);
    let overall = mean(&mut candidates.iter().map(|store| &market.store_ids.names()[store.at()]));
    let Outcome::Solved(solved) = decided(|settings| {
        settings.pilot.representative.insert(name.clone(), within);
        settings.pilot.balanced.insert(name.clone(), within);
    }) else {
        panic!("no plan")
    };
    let stores = &solved.plan.stores;
    let chosen = mean(&mut stores.iter().map(|store| &store.store_id));
    // Attributes count to the millionth of the widest deviation.
    assert!((chosen - overall).abs() <= within + 1e-5 * spread, "{chosen} {overall} {within}");
    let controls = mean(&mut stores.iter().flat_map(|store| &store.controls));
    assert!((chosen - controls).abs() <= within * (1.0 + 1e-9), "{chosen} {controls}");
}
