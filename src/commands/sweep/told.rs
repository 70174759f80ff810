//! A sweep as a table and sentences.

use std::fmt::Write as _;

use domain::comparison::{Base, Choice, Comparison, PointNote, Status, Weighed};

/// All that a terminal shows of it.
pub(super) fn told(document: &Comparison) -> String {
    let mut text = table(document);
    survivors(&mut text, document);
    if document.regret.is_empty() {
        text.push_str(
            "Nothing to regret: regret is told, in mean profit, where nature decides a setting of the sweep and no objective.risk is asked for.\n",
        );
    }
    for choice in &document.regret {
        regret(&mut text, document, choice);
    }
    text
}

/// Points by row.
fn table(document: &Comparison) -> String {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let head = ["status", "objective", "unit", "gap", "stores", "of the base's"];
    rows.push(document.axes.iter().map(|axis| axis.key.clone()).chain(head.map(ToOwned::to_owned)).collect());
    for point in &document.points {
        let status = match point.status {
            Status::Proven => "proven",
            Status::Gap => "gap",
            Status::Infeasible => "infeasible",
            Status::Error => "error",
        };
        let mut row = point.at.clone();
        row.push(status.into());
        row.extend(match &point.objective {
            Some(reached) => [
                whole(reached.value),
                reached.unit.clone(),
                format!("{:.2} %", 100.0 * reached.gap),
                point.stores.len().to_string(),
                point.stores_in_base.to_string(),
            ],
            None => ["-"; 5].map(ToOwned::to_owned),
        });
        rows.push(row);
    }
    let columns = rows[0].len();
    let widths: Vec<usize> =
        (0..columns).map(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0)).collect();
    // Numbers are read from the right, words from the left.
    let numbers = |column: usize| column > document.axes.len() && column != document.axes.len() + 2;
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> = row
            .iter()
            .enumerate()
            .map(|(column, cell)| {
                let fill = " ".repeat(widths[column] - cell.chars().count());
                if numbers(column) { format!("{fill}{cell}") } else { format!("{cell}{fill}") }
            })
            .collect();
        _ = writeln!(text, "{}", cells.join("  ").trim_end());
    }
    let Base { point, scenario } = document.base;
    let is = if scenario { "the scenario as it stands" } else { "the first point" };
    _ = writeln!(text, "The base is {is}: {}.", label(document, &document.points[point]));
    for point in document.points.iter().filter(|point| !point.why.is_empty()) {
        _ = writeln!(text, "{}: {}", label(document, point), point.why.join("; "));
    }
    text
}

fn survivors(text: &mut String, document: &Comparison) {
    let Some(of) = document.stores.first().map(|store| store.of) else { return };
    let all: Vec<&str> =
        document.stores.iter().filter(|store| store.points == of).map(|store| store.store_id.as_str()).collect();
    let some: Vec<String> = document
        .stores
        .iter()
        .filter(|store| store.points < of)
        .map(|store| format!("{} ({})", store.store_id, store.points))
        .collect();
    let list = |ids: String| if ids.is_empty() { "none".to_owned() } else { ids };
    _ = writeln!(text, "Of {of} plans, all hold: {}; some hold: {}.", list(all.join(", ")), list(some.join(", ")));
}

fn regret(text: &mut String, document: &Comparison, choice: &Choice) {
    let unit = &choice.unit;
    let ours: Vec<String> = choice.at.iter().map(|(key, value)| format!("{key} {value}")).collect();
    let with = if ours.is_empty() { String::new() } else { format!(" with {}", ours.join(", ")) };
    let worlds = choice.worlds.len();
    let Some((robust, plan)) = choice.robust.map(|at| (at, &choice.plans[at])) else {
        _ = writeln!(text, "Robust choice{with}: none; no plan that was looked at is allowed in all {worlds} worlds.");
        return;
    };
    let [least, most] = plan.greatest.unwrap_or_default();
    // Limits are rounded outwards.
    let (least, most) = (whole(least.floor()), whole(choice.lost(most, None).ceil()));
    let certain = if least == most || most == "0" { String::new() } else { format!(" ({least} are certain)") };
    let beside = match whole(choice.regret_at_least.floor()).as_str() {
        _ if most == "0" => "as none can do better".to_owned(),
        "0" => "the least of all that was looked at; that others lose less is not ruled out".to_owned(),
        some => format!("and no choice of stores can promise less than {some} {unit}"),
    };
    let cut = if choice.searched { "" } else { "; the search for it was cut short" };
    _ = writeln!(
        text,
        "Robust choice{with}: {}; in none of {worlds} worlds does it earn more than {} {unit} less than the best plan there{certain}, {beside}{cut}.",
        stores(plan),
        most,
    );
    _ = writeln!(
        text,
        "  It is {}, and over the samples that the choice was made on earns {} {unit} at worst and {} {unit} on average{}.",
        origin(document, plan),
        whole(plan.worst.unwrap_or_default()),
        whole(plan.mean.unwrap_or_default()),
        if choice.stock_again { ", its stock ordered again in each world" } else { ", with the stock bought before" },
    );
    let other = |found: Option<usize>| found.filter(|&at| at != robust).map(|at| &choice.plans[at]);
    if let Some(plan) = other(choice.best_mean) {
        let mean = whole(plan.mean.unwrap_or_default());
        _ = writeln!(text, "  Most on average, {mean} {unit}: {}, {}.", stores(plan), origin(document, plan));
    }
    if let Some(plan) = other(choice.best_worst) {
        let worst = whole(plan.worst.unwrap_or_default());
        _ = writeln!(text, "  Most at worst, {worst} {unit}: {}, {}.", stores(plan), origin(document, plan));
    }
    if !choice.left_out.is_empty() {
        let left: Vec<String> = choice.left_out.iter().map(|&point| label(document, &document.points[point])).collect();
        _ = writeln!(text, "  Without plan, and so no part of this: {}.", left.join("; "));
    }
}

/// Where a plan comes from.
fn origin(document: &Comparison, plan: &Weighed) -> String {
    match plan.points.first() {
        Some(&point) => format!("the plan at {}", label(document, &document.points[point])),
        None => "no point's plan, but found by exchanging stores".into(),
    }
}

fn stores(plan: &Weighed) -> String {
    match plan.stores.len() {
        0 => "open no corner".into(),
        1 => format!("open {}", plan.stores[0]),
        _ => format!("open {}", plan.stores.join(", ")),
    }
}

fn label(document: &Comparison, point: &PointNote) -> String {
    let parts: Vec<String> =
        document.axes.iter().zip(&point.at).map(|(axis, value)| format!("{} {value}", axis.key)).collect();
    parts.join(", ")
}

/// Money is told in whole units.
fn whole(value: f64) -> String {
    format!("{:.0}", value.round() + 0.0)
}
