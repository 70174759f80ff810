//! What stands behind each corner: its surroundings, its forecast, its stock, its controls and its nearest misses.

use domain::plan::ChosenStore;
use domain::study::Study;

use crate::map::{Near, near};
use crate::number;
use crate::sentences::{self, store_name};

/// A chosen store, unfolded.
pub(crate) struct Corner {
    pub(crate) rank: u32,
    pub(crate) name: String,
    pub(crate) near: Near,
    /// A line for each fact.
    pub(crate) facts: String,
}

/// All corners, by rank.
pub(crate) fn corners(study: &Study) -> Vec<Corner> {
    let corner = |(at, store): (usize, &ChosenStore)| {
        let name = store_name(study, &store.store_id).to_owned();
        let near = near(study, at, &format!("Stores around {name}"));
        Corner { rank: store.rank, near, facts: facts(study, store), name }
    };
    study.plan.stores.iter().enumerate().map(corner).collect()
}

fn facts(study: &Study, store: &ChosenStore) -> String {
    let plan = &study.plan;
    let money = |value: domain::units::Money| number::money(value.major(), study.currency);
    let [low, high] = store.interval;
    let units = number::units(store.demand_units_per_week);
    let unit = if units == "1" { "unit" } else { "units" };
    let mut facts = vec![
        ("Expects", format!("{units} {unit} of all devices a week once people know it")),
        ("Earns", format!("{}; 8 in 10 outcomes {} to {}", money(store.expected_profit), money(low), money(high))),
    ];
    let lines = plan.stock.iter().filter(|line| line.store_id == store.store_id);
    let stock: Vec<String> = lines
        .map(|line| {
            let service = [line.service_level, line.fill_rate].map(number::percent);
            format!("{} {} ({})", number::count(line.units.into()), line.device, service.join(", "))
        })
        .collect();
    facts.push(("Holds", if stock.is_empty() { "no stock".into() } else { number::listed(&stock) }));
    let controls: Vec<String> = store.controls.iter().map(|id| store_name(study, id).to_owned()).collect();
    facts.push(("Controls", if controls.is_empty() { "none".into() } else { number::listed(&controls) }));
    let misses = plan.not_chosen.iter().filter(|missed| missed.instead_of == store.store_id);
    let nearest = misses.min_by(|a, b| a.swap_cost.total_cmp(&b.swap_cost));
    facts.push((
        "Nearest miss",
        match nearest {
            Some(missed) => sentences::miss(study, missed),
            None => "None of the nearest misses would take its place.".into(),
        },
    ));
    facts.into_iter().map(|(what, said)| format!("{what}: {said}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn each_corner_tells_its_own_stock_controls_and_miss() {
        let mut study = fixture::study(100);
        let place = study.plan.stores[2].store_id.clone();
        study.plan.not_chosen[1].instead_of.clone_from(&place);
        study.plan.not_chosen[1].swap_cost = 0.5;
        let told = |study: &Study, at: usize| -> String { corners(study)[at].facts.clone() };
        let third = told(&study, 2);
        assert!(third.contains("Controls: Oak Street 3 and Station Road 3"), "{third}");
        assert!(third.contains("Earns: $469,000; 8 in 10 outcomes $310,000 to $614,000"), "{third}");
        assert!(
            third.contains(&format!("Nearest miss: {}", sentences::miss(&study, &study.plan.not_chosen[1]))),
            "{third}"
        );
        let units: u32 = study.plan.stock.iter().filter(|line| line.store_id == place).map(|line| line.units).sum();
        assert!(units > 0 && third.contains(" glucose ("), "{third}");
        study.plan.stock.retain(|line| line.store_id != place);
        study.plan.stores[2].controls.clear();
        study.plan.not_chosen.clear();
        let bare = told(&study, 2);
        for said in ["Holds: no stock", "Controls: none", "None of the nearest misses"] {
            assert!(bare.contains(said), "{bare}");
        }
    }
}
