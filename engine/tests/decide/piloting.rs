//! Controls by the definition, and an effect that can be detected.

use domain::ids::Idx;
use domain::settings::{CaptureLaw, ObjectiveKind};
use engine::pilot::{design, eligible};

use crate::world;

#[test]
fn controls_are_eligible_used_once_and_enough() {
    let market = world::market(60, 11);
    let settings = world::settings(ObjectiveKind::Profit, CaptureLaw::Share);
    let forecast = world::forecast(&market, &settings);
    let chosen: Vec<_> = [4, 9, 20, 33].map(Idx::new).to_vec();
    let found = design(&market, &forecast, &settings, &chosen).expect("designed");
    let fits = eligible(&market, &settings, &chosen);
    let mut used: Vec<_> = found.controls.concat();
    assert_eq!(used.len(), 8);
    for (store, controls) in chosen.iter().zip(&found.controls) {
        for control in controls {
            assert!(fits[control.at()]);
            assert_eq!(market.stores[control.at()].market, market.stores[store.at()].market);
        }
    }
    used.sort_unstable();
    used.dedup();
    assert_eq!(used.len(), 8, "a control is used twice");
    assert!(!fits[1], "a store with a corner is no control");
    assert!(found.warnings.is_empty());
    assert!(found.design.placebo_windows >= 10);
    // Weekly noise of 12 % over 8 weeks and 4 stores: a few per cent, not nothing and not half.
    let mde = found.design.minimum_detectable_effect.expect("history");
    assert!((0.005..0.3).contains(&mde), "{mde}");
}

#[test]
fn too_few_controls_are_said() {
    let market = world::market(9, 11);
    let mut settings = world::settings(ObjectiveKind::Profit, CaptureLaw::Share);
    settings.pilot.controls_per_store = 3;
    let forecast = world::forecast(&market, &settings);
    let chosen: Vec<_> = [2, 5].map(Idx::new).to_vec();
    let found = design(&market, &forecast, &settings, &chosen).expect("designed");
    assert_eq!(found.controls.concat().len(), 3, "of six stores in this market one has a corner and two are chosen");
    assert_eq!(found.warnings.len(), 1);
    assert_eq!(found.warnings[0].code, "W-PIL-001");
}

#[test]
fn without_history_nothing_is_claimed() {
    let mut market = world::market(30, 11);
    market.sales = domain::panel::Panel::empty();
    let settings = world::settings(ObjectiveKind::Profit, CaptureLaw::Share);
    let full = world::market(30, 11);
    let forecast = world::forecast(&full, &settings);
    let found = design(&market, &forecast, &settings, &[Idx::new(4)]).expect("designed");
    assert_eq!(found.controls[0].len(), 2);
    assert_eq!(found.design.minimum_detectable_effect, None);
}
