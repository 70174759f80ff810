//! `cornerstone worth`: what each part of a run's decision is worth, in money.

use std::fmt::Write as _;

use domain::ids::Idx;
use domain::market::{Market, Store};
use domain::plan::Plan;
use engine::Conflict;
use engine::price::learning::Learning;
use engine::price::luck::{Foresight, MeanDemand};
use engine::price::rules::Rule;
use engine::price::{Answer, Best, Price, Priced, RulePrice};
use serde_json::{Value, json};

use super::running;
use crate::cli::Worth;
use crate::terminal::Terminal;
use crate::{exit, interrupt};

pub(crate) fn run(args: &Worth, terminal: &Terminal) -> u8 {
    if let Err(code) = super::output_is_free(args.output.as_deref(), ["json", "json"], terminal) {
        return code;
    }
    let stop = match running::stop_after(args.time_limit, terminal) {
        Ok(stop) => stop,
        Err(code) => return code,
    };
    if args.gap.is_some_and(|gap| !(gap.fraction >= 0.0 && gap.fraction.is_finite())) {
        terminal.problem("E-CLI-003", "--gap", "a gap is a share that is not negative");
        return exit::USAGE;
    }
    let samples = usize::try_from(args.samples_evpi).unwrap_or(usize::MAX);
    let worth = super::run_folder(&args.run)
        .and_then(|folder| scenarios::run::worth(&folder, args.gap, samples, &stop, terminal));
    terminal.clear();
    if interrupt::came() {
        return interrupt::exit_code();
    }
    let (plan, market, priced) = match worth {
        Ok(worth) => worth,
        Err(error) => return exit::failed(terminal, &error),
    };
    if let Some(path) = &args.output {
        let bytes = format!("{:#}\n", document(&plan, &market, &priced));
        if let Err(code) = super::write_whole(path, bytes.as_bytes(), "E-IO-002", terminal) {
            return code;
        }
    }
    match super::print(terminal, told(&plan, &market, &priced).as_bytes()) {
        Err(code) => code,
        Ok(()) if settled(&plan, &priced) => exit::DONE,
        Ok(()) => exit::WARNING,
    }
}

/// Whether every answer is as narrow as was asked for.
fn settled(plan: &Plan, priced: &Priced) -> bool {
    let rule = |price: &RulePrice| match &price.answer {
        Answer::Priced(price) => price.settled,
        Answer::NoPlan(_) => true,
        Answer::NotReached => false,
    };
    priced.plan.settled
        && priced.rules.iter().all(rule)
        && priced.mean_demand.as_ref().is_none_or(|mean| mean.settled)
        && priced.foresight.as_ref().is_none_or(|foresight| foresight.settled)
        && (priced.plan.stores.is_empty()
            || plan.objective.risk.is_some()
            || priced.mean_demand.is_some() && priced.foresight.is_some())
}

/// The answers, in sentences.
fn told(plan: &Plan, market: &Market, priced: &Priced) -> String {
    let unit = &priced.unit;
    let Best { value, bound, .. } = &priced.plan;
    let mut text = format!("The plan {} earns {} {unit}.\n", plan.run_id, whole(plan.objective.value));
    if *value > plan.objective.value {
        _ = writeln!(text, "Decided again, a plan earns {} {unit}; prices are told beside that one.", whole(*value));
    }
    _ = writeln!(text, "None earns more than {} {unit}.", whole(*bound));
    if priced.rules.is_empty() {
        text.push_str("No rule restricts it.\n");
    }
    for price in &priced.rules {
        let key = price.rule.key();
        match &price.answer {
            Answer::Priced(found) => priced_in(&mut text, market, priced, &price.rule, found),
            Answer::NoPlan(conflicts) => {
                let why: Vec<&str> = conflicts.iter().map(|Conflict { rule, .. }| rule.as_str()).collect();
                let why = if why.is_empty() { String::new() } else { format!(", because of {}", why.join(" and ")) };
                _ = writeln!(text, "{key}: {} no plan is left{why}.", changed(&price.rule));
            }
            Answer::NotReached => _ = writeln!(text, "{key}: not reached before the time was over."),
        }
    }
    if plan.objective.risk.is_some() {
        text.push_str("What knowing demand would be worth is not asked where the worst outcomes count.\n");
        return text;
    }
    match &priced.mean_demand {
        Some(mean) => mean_in(&mut text, unit, mean),
        None => text.push_str("What deciding on mean demand would lose was not found.\n"),
    }
    match &priced.foresight {
        Some(foresight) => foresight_in(&mut text, unit, foresight),
        None => text.push_str("What knowing demand would be worth was not found.\n"),
    }
    if let Some(learning) = &priced.learning {
        learning_in(&mut text, unit, *value, learning);
    }
    text
}

/// What the pilot teaches, and what it is worth with that.
fn learning_in(text: &mut String, unit: &str, value: f64, learning: &Learning) {
    let Learning { candidates, paying, blind, added, standard_error, at_most, weeks } = learning;
    _ = writeln!(
        text,
        "After the pilot: of {candidates} other candidates {paying} pay by themselves in the mean, and would earn {} {unit} over a horizon as long.",
        whole(*blind)
    );
    _ = writeln!(
        text,
        "  Having seen {weeks} weeks of the pilot's sales before these are opened adds {} {unit} (standard error {}; knowing all would add {}); with what the plan earns, the pilot is worth {} {unit}.",
        whole(*added),
        whole(*standard_error),
        whole(*at_most),
        whole(value + added)
    );
}

fn changed(rule: &Rule) -> String {
    match rule {
        Rule::OneMore(most) => format!("with {} at most", stores(*most)),
        Rule::OneFewer(most) => format!("with {} at most, one fewer than now,", stores(*most)),
        _ => "without it".into(),
    }
}

fn stores(count: u32) -> String {
    if count == 1 { "1 store".into() } else { format!("{count} stores") }
}

fn priced_in(text: &mut String, market: &Market, priced: &Priced, rule: &Rule, found: &Price) {
    let (key, unit) = (rule.key(), &priced.unit);
    let more_or_less = if rule.tightens() { "less" } else { "more" };
    if found.idle() {
        let most = whole(found.interval[1]);
        _ = writeln!(
            text,
            "{key}: does not bind; {} a plan earns {most} {unit} {more_or_less} at most.",
            changed(rule)
        );
        return;
    }
    let blurred = if found.settled { "" } else { "; not settled" };
    _ = writeln!(
        text,
        "{key}: {} a plan earns {} {more_or_less}{blurred}.",
        changed(rule),
        amount(found.interval, unit)
    );
    let only = |of: &Best, other: &Best| {
        let only: Vec<&str> = of
            .stores
            .iter()
            .filter(|store| !other.stores.contains(store))
            .map(|&store| market.store_ids.name(store))
            .collect();
        if only.is_empty() { "none".to_owned() } else { only.join(", ") }
    };
    let (comes, goes) = (only(&found.plan, &priced.plan), only(&priced.plan, &found.plan));
    if comes != "none" || goes != "none" {
        _ = writeln!(text, "  Opened then: {comes}; closed: {goes}.");
    }
}

fn mean_in(text: &mut String, unit: &str, mean: &MeanDemand) {
    let blurred = if mean.settled { "" } else { "; not settled" };
    match mean.lost {
        Some(lost) => {
            _ = writeln!(
                text,
                "Stores and stock decided on mean demand alone would earn {} {unit} over the samples: looking at all of them is worth {}{blurred}.",
                whole(mean.value),
                amount(lost, unit)
            );
        }
        None => {
            _ = writeln!(
                text,
                "Stock decided on mean demand alone would not keep the service level over the samples{blurred}."
            );
        }
    }
    if let Some(lost) = mean.lost_by_stores {
        _ = writeln!(text, "  Of the choice of stores alone: {}.", amount(lost, unit));
    }
}

fn foresight_in(text: &mut String, unit: &str, foresight: &Foresight) {
    let Foresight { samples, of, found, at_most, standard_error, settled, .. } = foresight;
    let blurred = if *settled { "" } else { "; not settled" };
    _ = writeln!(
        text,
        "Knowing demand before deciding would be worth {} {unit} at most (standard error {}; {} found), the mean of {samples} of {of} samples, each decided by itself{blurred}.",
        whole(*at_most),
        whole(*standard_error),
        whole(*found)
    );
}

/// An interval of money.
fn amount(of: [f64; 2], unit: &str) -> String {
    let [from, to] = of.map(whole);
    if from == to { format!("{from} {unit}") } else { format!("{from} to {to} {unit}") }
}

/// Money is told in whole units.
fn whole(value: f64) -> String {
    format!("{:.0}", value.round() + 0.0)
}

fn document(plan: &Plan, market: &Market, priced: &Priced) -> Value {
    let ids = |stores: &[Idx<Store>]| -> Vec<String> {
        stores.iter().map(|&store| market.store_ids.name(store).to_owned()).collect()
    };
    let best = |best: &Best| json!({ "value": best.value, "bound": best.bound, "settled": best.settled, "stores": ids(&best.stores) });
    let rule = |RulePrice { rule, answer }: &RulePrice| {
        let (change, stores_max) = match rule {
            Rule::OneMore(most) => ("one store more", Some(most)),
            Rule::OneFewer(most) => ("one store fewer", Some(most)),
            _ => ("dropped", None),
        };
        let (status, price, other, why) = match answer {
            Answer::Priced(price) if price.idle() => {
                ("does not bind", Some(price.interval), Some(best(&price.plan)), None)
            }
            Answer::Priced(price) if price.settled => ("settled", Some(price.interval), Some(best(&price.plan)), None),
            Answer::Priced(price) => ("not settled", Some(price.interval), Some(best(&price.plan)), None),
            Answer::NoPlan(conflicts) => {
                let why = |Conflict { rule, why, .. }: &Conflict| json!({ "rule": rule, "why": why });
                ("no plan", None, None, Some(conflicts.iter().map(why).collect::<Vec<Value>>()))
            }
            Answer::NotReached => ("not reached", None, None, None),
        };
        json!({ "rule": rule.key(), "change": change, "stores_max": stores_max, "status": status, "price": price, "plan": other, "conflicts": why })
    };
    json!({
        "schema": "cornerstone/worth/1",
        "run_id": plan.run_id,
        "unit": priced.unit,
        "settled": settled(plan, priced),
        "objective": { "value": plan.objective.value, "bound": plan.objective.bound },
        "plan": best(&priced.plan),
        "rules": priced.rules.iter().map(rule).collect::<Vec<Value>>(),
        "mean_demand": priced.mean_demand.as_ref().map(|mean| json!({
            "stores": ids(&mean.stores),
            "value": mean.value,
            "lost": mean.lost,
            "lost_by_stores": mean.lost_by_stores,
            "settled": mean.settled,
        })),
        "foresight": priced.foresight.as_ref().map(|foresight| json!({
            "samples": foresight.samples,
            "of": foresight.of,
            "plan": foresight.plan,
            "found": foresight.found,
            "at_most": foresight.at_most,
            "standard_error": foresight.standard_error,
            "settled": foresight.settled,
        })),
        "learning": priced.learning.as_ref().map(|learning| json!({
            "candidates": learning.candidates,
            "paying": learning.paying,
            "weeks": learning.weeks,
            "blind": learning.blind,
            "added": learning.added,
            "standard_error": learning.standard_error,
            "at_most": learning.at_most,
            "pilot": priced.plan.value + learning.added,
        })),
    })
}
