//! The workbook's tables.

use domain::plan::{MarketWorth, Status};
use domain::settings::{CaptureLaw, ObjectiveKind};
use domain::study::Study;
use domain::units::Money;

use super::{Cell, Sheet};
use crate::number;
use crate::sentences::{self, store_name};

/// All sheets, in their order.
pub(super) fn all(study: &Study) -> [Sheet; 9] {
    [
        decision(study),
        stores(study),
        markets(study),
        stock(study),
        controls(study),
        misses(study),
        stress(study),
        demand(study),
        provenance(study),
    ]
}

/// A header that names the currency.
fn amounts(name: &str, study: &Study) -> String {
    format!("{name} ({})", study.currency)
}

fn decision(study: &Study) -> Sheet {
    let (plan, worth) = (&study.plan, &study.plan.worth);
    let mut sheet = Sheet::new("Decision", &[("What", 46.0), ("Value", 22.0), ("Said", 110.0)]);
    let mut row = |what: &str, value: Cell, said: &str| {
        sheet.rows.push(vec![Cell::text(what), value, if said.is_empty() { Cell::Empty } else { Cell::text(said) }]);
    };
    let lead: String = sentences::lead(study).iter().map(|said| said.text.as_str()).collect();
    row("Decision", Cell::Whole(plan.stores.len() as f64), &sentences::title(study));
    row("In short", Cell::Empty, lead.trim());
    if let Some(banner) = sentences::banner(study) {
        row("Mind this", Cell::Empty, &banner);
    }
    row("Status", Cell::text(if plan.status == Status::Proven { "proven" } else { "gap" }), "");
    row("Bound verified", Cell::text(if plan.bound_verified { "yes" } else { "no" }), "");
    row("Objective", Cell::text(kind(plan.objective.kind)), "");
    row("Capture law", Cell::text(law(plan.objective.law)), "");
    row(&format!("Objective reached ({})", plan.objective.unit), Cell::Number(plan.objective.value), "");
    row(&format!("Bound ({})", plan.objective.unit), Cell::Number(plan.objective.bound), "");
    row("Gap", Cell::Share(plan.objective.gap), "");
    match plan.objective.kind {
        ObjectiveKind::Coverage => {
            row("People within the radius", Cell::maybe(plan.objective.reached, Cell::Whole), "");
        }
        ObjectiveKind::Distance => {
            row("Mean minutes to the nearest corner", Cell::maybe(plan.objective.reached, Cell::Number), "");
        }
        ObjectiveKind::Profit => {}
    }
    row(&amounts("Expected net benefit", study), Cell::money(&worth.expected_profit), "");
    row(&amounts("1 in 10 outcomes below", study), Cell::Amount(plan.objective.interval[0]), "");
    row(&amounts("1 in 10 outcomes above", study), Cell::Amount(plan.objective.interval[1]), "");
    row("Chance of losing money", Cell::Share(worth.chance_of_loss), "");
    row(&amounts("Opening cost", study), Cell::money(&worth.open_cost), "");
    row(&amounts("Cost of opening stock", study), Cell::money(&worth.stock_cost), "");
    row("Weeks until paid back", Cell::maybe(worth.payback_weeks, Cell::Number), "");
    row("Demand at which it breaks even", Cell::maybe(worth.break_even_demand, Cell::Share), "");
    row(&format!("One store more ({})", plan.objective.unit), Cell::maybe(worth.next_store_value, Cell::Number), "");
    row(
        &format!("One store fewer costs ({})", plan.objective.unit),
        Cell::maybe(worth.last_store_value, Cell::Number),
        "",
    );
    row("Correction for choosing the best-looking", Cell::Number(worth.selection_factor), &sentences::selection(study));
    row(
        "Smallest effect that the pilot finds",
        Cell::maybe(plan.pilot.minimum_detectable_effect, Cell::Share),
        &sentences::detectable(study),
    );
    for text in sentences::changes(study) {
        row("What would change it", Cell::Empty, &text);
    }
    for text in sentences::coverage(study) {
        row("How far to trust it", Cell::Empty, &text);
    }
    for text in &study.not_modelled {
        row("Not modelled", Cell::Empty, text);
    }
    for warning in &plan.warnings {
        row("Warning", Cell::text(&warning.code), &warning.text);
    }
    sheet
}

fn kind(kind: ObjectiveKind) -> &'static str {
    match kind {
        ObjectiveKind::Profit => "profit",
        ObjectiveKind::Distance => "distance",
        ObjectiveKind::Coverage => "coverage",
    }
}

fn law(law: CaptureLaw) -> &'static str {
    match law {
        CaptureLaw::Independent => "independent",
        CaptureLaw::Nearest => "nearest",
        CaptureLaw::Share => "share",
    }
}

fn stores(study: &Study) -> Sheet {
    let mut sheet = Sheet::new(
        "Stores",
        &[
            ("Rank", 7.0),
            ("Store id", 16.0),
            ("Name", 30.0),
            ("Market", 12.0),
            ("Latitude", 11.0),
            ("Longitude", 11.0),
            (&amounts("Expected net benefit", study), 20.0),
            (&amounts("1 in 10 below", study), 18.0),
            (&amounts("1 in 10 above", study), 18.0),
            ("Demand, units a week", 14.0),
            ("People in reach", 14.0),
            (&amounts("Opening cost", study), 18.0),
            ("Taken by other corners", 14.0),
            ("Chosen again", 12.0),
            ("Resembles", 46.0),
            ("What its forecast rests on", 60.0),
        ],
    );
    for store in &study.plan.stores {
        let note = study.stores.iter().find(|note| note.store_id == store.store_id);
        let said = |pairs: &[(String, f64)], show: fn(f64) -> String| {
            let parts: Vec<String> = pairs.iter().map(|(name, value)| format!("{name} {}", show(*value))).collect();
            Cell::Text(parts.join(", "))
        };
        sheet.rows.push(vec![
            Cell::Whole(f64::from(store.rank)),
            Cell::text(&store.store_id),
            Cell::text(store_name(study, &store.store_id)),
            Cell::text(&store.market),
            Cell::Place(store.lat),
            Cell::Place(store.lon),
            Cell::money(&store.expected_profit),
            Cell::money(&store.interval[0]),
            Cell::money(&store.interval[1]),
            Cell::Number(store.demand_units_per_week),
            note.map_or(Cell::Empty, |note| Cell::Whole(note.people_in_reach as f64)),
            note.map_or(Cell::Empty, |note| Cell::Amount(note.open_cost)),
            note.map_or(Cell::Empty, |note| Cell::Share(note.cannibalised)),
            Cell::Share(store.share_of_scenarios),
            note.map_or(Cell::Empty, |note| said(&note.analogs, number::percent)),
            note.map_or(Cell::Empty, |note| said(&note.contributions, number::factor)),
        ]);
    }
    sheet
}

/// Each market's money in its own currency; without one of their own, stores and candidates alone.
fn markets(study: &Study) -> Sheet {
    let mut sheet = Sheet::new(
        "Markets",
        &[
            ("Market", 12.0),
            ("Country", 20.0),
            ("Chosen", 9.0),
            ("Candidates", 12.0),
            ("Currency", 10.0),
            ("Expected net benefit", 20.0),
            ("Opening cost", 18.0),
            ("Cost of opening stock", 18.0),
        ],
    );
    for note in &study.markets {
        let chosen = study.plan.stores.iter().filter(|store| store.market == note.market).count();
        let worth = study.plan.worth.markets.iter().find(|worth| worth.market == note.market);
        let amount = |of: fn(&MarketWorth) -> &Money| worth.map_or(Cell::Empty, |worth| Cell::money(of(worth)));
        sheet.rows.push(vec![
            Cell::text(&note.market),
            Cell::text(&note.country),
            Cell::Whole(chosen as f64),
            Cell::Whole(f64::from(note.candidates)),
            worth.map_or(Cell::Empty, |worth| Cell::text(worth.open_cost.currency.code())),
            amount(|worth| &worth.expected_profit),
            amount(|worth| &worth.open_cost),
            amount(|worth| &worth.stock_cost),
        ]);
    }
    sheet
}

fn stock(study: &Study) -> Sheet {
    let mut sheet = Sheet::new(
        "Stock",
        &[
            ("Store id", 16.0),
            ("Name", 30.0),
            ("Device", 20.0),
            ("Units", 9.0),
            ("Cycles without stockout", 14.0),
            ("Demand served", 12.0),
        ],
    );
    for line in &study.plan.stock {
        sheet.rows.push(vec![
            Cell::text(&line.store_id),
            Cell::text(store_name(study, &line.store_id)),
            Cell::text(&line.device),
            Cell::Whole(f64::from(line.units)),
            Cell::Share(line.service_level),
            Cell::Share(line.fill_rate),
        ]);
    }
    sheet
}

fn controls(study: &Study) -> Sheet {
    let mut sheet = Sheet::new(
        "Controls",
        &[("Pilot store id", 16.0), ("Pilot store", 30.0), ("Match", 8.0), ("Control id", 16.0), ("Control", 30.0)],
    );
    for store in &study.plan.stores {
        for (at, control) in store.controls.iter().enumerate() {
            sheet.rows.push(vec![
                Cell::text(&store.store_id),
                Cell::text(store_name(study, &store.store_id)),
                Cell::Whole((at + 1) as f64),
                Cell::text(control),
                Cell::text(store_name(study, control)),
            ]);
        }
    }
    sheet
}

fn misses(study: &Study) -> Sheet {
    let cost = format!("Swap cost ({})", study.plan.objective.unit);
    let mut sheet = Sheet::new(
        "Nearest misses",
        &[("Store id", 16.0), ("Name", 30.0), (&cost, 22.0), ("Instead of id", 16.0), ("Instead of", 30.0)],
    );
    for missed in &study.plan.not_chosen {
        sheet.rows.push(vec![
            Cell::text(&missed.store_id),
            Cell::text(store_name(study, &missed.store_id)),
            Cell::Number(missed.swap_cost),
            Cell::text(&missed.instead_of),
            Cell::text(store_name(study, &missed.instead_of)),
        ]);
    }
    sheet
}

fn stress(study: &Study) -> Sheet {
    let mut sheet = Sheet::new(
        "Stress",
        &[
            ("Change", 34.0),
            (&amounts("Expected net benefit", study), 20.0),
            (&amounts("1 in 10 below", study), 18.0),
            (&amounts("1 in 10 above", study), 18.0),
            ("Same stores", 12.0),
            ("Would take", 40.0),
            ("Would leave", 40.0),
        ],
    );
    for row in &study.plan.worth.stress {
        sheet.rows.push(vec![
            Cell::text(&row.name),
            Cell::money(&row.expected_profit),
            Cell::money(&row.interval[0]),
            Cell::money(&row.interval[1]),
            Cell::Whole(f64::from(row.stores_kept)),
            Cell::Text(row.enters.join(", ")),
            Cell::Text(row.leaves.join(", ")),
        ]);
    }
    sheet
}

fn demand(study: &Study) -> Sheet {
    let mut sheet = Sheet::new(
        "Demand",
        &[
            ("Week", 8.0),
            ("What", 26.0),
            ("Mean, units", 12.0),
            ("2.5 in 100 below", 12.0),
            ("10 in 100 below", 12.0),
            ("25 in 100 below", 12.0),
            ("50 in 100 below", 12.0),
            ("75 in 100 below", 12.0),
            ("90 in 100 below", 12.0),
            ("97.5 in 100 below", 12.0),
        ],
    );
    let history = &study.outlook.history;
    for (at, units) in history.iter().enumerate() {
        let week = at as f64 - history.len() as f64;
        sheet.rows.push(vec![Cell::Whole(week), Cell::text("related products, sold"), Cell::Number(*units)]);
    }
    for (at, (mean, quantiles)) in study.outlook.mean.iter().zip(&study.outlook.quantiles).enumerate() {
        let mut row = vec![Cell::Whole((at + 1) as f64), Cell::text("devices, forecast"), Cell::Number(*mean)];
        row.extend(quantiles.map(Cell::Number));
        sheet.rows.push(row);
    }
    sheet
}

fn provenance(study: &Study) -> Sheet {
    let from = &study.provenance;
    let mut sheet = Sheet::new("Provenance", &[("What", 24.0), ("Value", 80.0)]);
    let mut row = |what: &str, value: Cell| sheet.rows.push(vec![Cell::text(what), value]);
    row("Run", Cell::text(&study.plan.run_id));
    row("Scenario", Cell::text(&study.plan.scenario));
    row("As of", Cell::text(&from.as_of));
    row("Data", Cell::text(if from.synthetic { "simulated: SYNTHETIC DATA" } else { "as read" }));
    // As text: Excel keeps 15 digits of a number, a seed may have 20.
    row("Seed", Cell::Text(from.seed.to_string()));
    row("Version", Cell::text(&from.version));
    row("Solver", Cell::text(&from.solver));
    row("Market hash", Cell::text(&from.market_hash));
    row("Settings hash", Cell::text(&from.settings_hash));
    row("Command", Cell::text(&from.command));
    for table in &from.tables {
        row(&format!("Rows of {}", table.role), Cell::Whole(table.rows as f64));
    }
    sheet
}
