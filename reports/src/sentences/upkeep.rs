//! When corners reorder, and what depots hold.

use domain::plan::replenishment::Replenishment;
use domain::settings::Reorder;
use domain::study::Study;

use super::store_name;
use crate::number;

/// How the table of reorder points is read; none without one.
pub(crate) fn reorder_note(study: &Study) -> Option<String> {
    let kept = study.plan.replenishment.as_ref().filter(|kept| !kept.lines.is_empty())?;
    let orders: f64 = kept.lines.iter().map(|line| line.orders).sum();
    let cost: f64 = kept.lines.iter().map(|line| line.cost_per_week).sum();
    let least = kept.lines.iter().map(|line| line.service_level).fold(1.0, f64::min);
    let how = match kept.policy {
        Reorder::Lots => "in lots, as many as bring it above that number",
        Reorder::Points | Reorder::Levels => "in whole packs, up to its level",
    };
    Some(format!(
        "Every {} a corner orders a device when what it has and what is coming are at most the first number: {how}. That makes \
         about {} in {}; orders, holding and margin lost to shortages come to {} a week. At least {} of the \
         reviews of each line then end without a stockout; reorder.parquet has every line.",
        weeks(kept.review_weeks),
        orders_in_all(orders),
        super::horizon(study),
        number::money(cost, study.currency),
        number::percent(super::evidence::floor_hundredth(least)),
    ))
}

fn weeks(count: u32) -> String {
    if count == 1 { "week".into() } else { format!("{} weeks", number::word(count as usize)) }
}

fn orders_in_all(orders: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at least 0; a cast saturates")]
    let whole = orders.round().max(0.0) as u64;
    format!("{} order{}", number::count(whole), if whole == 1 { "" } else { "s" })
}

/// Name, and for each of `devices` when it is ordered and how much: by store, in the order of the plan.
pub(crate) fn reorder_rows(study: &Study, devices: &[String]) -> Vec<(String, Vec<String>)> {
    let Some(kept) = study.plan.replenishment.as_ref().filter(|kept| !kept.lines.is_empty()) else { return Vec::new() };
    let units = |units: u32| number::count(u64::from(units));
    let cell = |store: &str, device: &String| {
        let line = kept.lines.iter().find(|line| line.store_id == store && line.device == *device);
        line.map_or_else(String::new, |line| match (line.up_to, line.lot) {
            (Some(level), _) => format!("at {}, to {}", units(line.reorder), units(level)),
            (None, Some(lot)) => format!("at {}, lots of {}", units(line.reorder), units(lot)),
            (None, None) => String::new(),
        })
    };
    let row = |store: &domain::plan::ChosenStore| {
        let cells = devices.iter().map(|device| cell(&store.store_id, device)).collect();
        (store_name(study, &store.store_id).to_owned(), cells)
    };
    study.plan.stores.iter().map(row).collect()
}

/// What depots hold and what that does; none where none was asked for.
pub(crate) fn depot_note(study: &Study) -> Option<String> {
    let Replenishment { depot, .. } = study.plan.replenishment.as_ref().filter(|kept| !kept.depot.is_empty())?;
    let several = study.markets.len() > 1;
    let held: Vec<String> = depot
        .iter()
        .map(|line| {
            let place = if several { format!(" in {}", line.market) } else { String::new() };
            format!("{} {}{place}", number::count(u64::from(line.base_stock)), line.device)
        })
        .collect();
    let units: u64 = depot.iter().map(|line| u64::from(line.base_stock)).sum();
    let apart: u64 = depot.iter().map(|line| u64::from(line.units_apart)).sum();
    let saves: f64 = depot.iter().map(|line| line.saves_per_week).sum();
    let least = |of: fn(&domain::plan::replenishment::DepotLine) -> f64| depot.iter().map(of).fold(1.0, f64::min);
    let money = number::money(saves.abs(), study.currency);
    let worth = if saves >= 0.0 { format!("saves {money}") } else { format!("costs {money} more") };
    Some(format!(
        "A depot should hold {}: {} units, where corners would need {} more on their own shelves to serve as well. That {worth} a \
         week. With it corners serve at least {} of the demand of each device at once, without it {}.",
        number::listed(&held),
        number::count(units),
        number::count(apart),
        number::percent(super::evidence::floor_hundredth(least(|line| line.fill_rate))),
        number::percent(super::evidence::floor_hundredth(least(|line| line.fill_rate_without))),
    ))
}

#[cfg(test)]
mod tests {
    use domain::plan::replenishment::DepotLine;

    use super::*;
    use crate::fixture;

    fn kept(policy: Reorder) -> Study {
        let mut study = fixture::study(60);
        fixture::kept_up(&mut study);
        if let Some(kept) = &mut study.plan.replenishment {
            kept.policy = policy;
            kept.depot.clear();
            kept.lines.truncate(4);
            for line in &mut kept.lines {
                (line.orders, line.cost_per_week) = (0.25, 2.0);
                if policy == Reorder::Lots {
                    (line.up_to, line.lot) = (None, Some(2));
                }
            }
        }
        study
    }

    #[test]
    fn reorder_points_are_told_with_what_they_come_to() {
        let study = kept(Reorder::Points);
        let note = reorder_note(&study).unwrap_or_default();
        assert!(note.starts_with("Every two weeks a corner orders"), "{note}");
        assert!(note.contains("about 1 order in") && note.contains("come to $8 a week"), "{note}");
        assert!(note.contains("At least 91% of the reviews"), "{note}");
        let devices = vec![study.plan.stock[0].device.clone()];
        let told = |study: &Study| {
            let rows = reorder_rows(study, &devices);
            let here = store_name(study, &study.plan.stock[0].store_id).to_owned();
            assert_eq!(rows.len(), study.plan.stores.len());
            rows.into_iter().find(|row| row.0 == here).map(|row| row.1[0].clone())
        };
        assert!(told(&study).is_some_and(|cell| cell.ends_with(&format!(", to {}", study.plan.stock[0].units))));
        assert!(told(&kept(Reorder::Lots)).is_some_and(|cell| cell.ends_with(", lots of 2")));
        assert!(reorder_rows(&fixture::study(60), &devices).is_empty());
        assert!(reorder_note(&kept(Reorder::Lots)).is_some_and(|note| note.contains("in lots")));
        assert_eq!(reorder_note(&fixture::study(60)), None);
        assert_eq!(depot_note(&study), None);
    }

    #[test]
    fn a_depot_is_told_beside_what_corners_would_need() {
        let mut study = kept(Reorder::Points);
        let depot = |device: &str, base_stock, fill_rate, saves_per_week| DepotLine {
            market: "US".into(),
            device: device.into(),
            base_stock,
            fill_rate,
            fill_rate_without: 0.8,
            units_apart: 2 * base_stock,
            saves_per_week,
        };
        let lines = vec![depot("ecg", 12, 0.9499, 30.0), depot("glucose", 40, 0.98, 12.0)];
        study.plan.replenishment.as_mut().expect("a section").depot = lines;
        let note = depot_note(&study).unwrap_or_default();
        assert!(note.starts_with("A depot should hold 12 ecg in US and 40 glucose in US: 52 units"), "{note}");
        assert!(note.contains("need 104 more") && note.contains("saves $42 a week"), "{note}");
        assert!(note.contains("at least 94% of") && note.ends_with("without it 80%."), "{note}");
        study.plan.replenishment.as_mut().expect("a section").depot[0].saves_per_week = -50.0;
        assert!(depot_note(&study).is_some_and(|note| note.contains("costs $38 more a week")));
    }
}
