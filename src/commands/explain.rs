//! `cornerstone explain`: why a run's plan holds a store, or what would bring it in.

use std::fmt::Write as _;

use domain::plan::Plan;
use engine::Conflict;
use engine::explain::{Explained, Side, Weighed};
use scenarios::run::Asked;

use super::running;
use crate::cli::Explain;
use crate::terminal::Terminal;
use crate::{exit, interrupt};

pub(crate) fn run(args: &Explain, terminal: &Terminal) -> u8 {
    let stop = match running::stop_after(args.time_limit, terminal) {
        Ok(stop) => stop,
        Err(code) => return code,
    };
    let explained =
        super::run_folder(&args.run).and_then(|folder| scenarios::run::explain(&folder, &args.store, &stop, terminal));
    terminal.clear();
    if interrupt::came() {
        return interrupt::exit_code();
    }
    let (plan, asked, explained) = match explained {
        Ok(explained) => explained,
        Err(error) => return exit::failed(terminal, &error),
    };
    let (text, sure) = told(&asked, &plan, &explained);
    match super::print(terminal, text.as_bytes()) {
        Err(code) => code,
        Ok(()) if sure => exit::DONE,
        Ok(()) => exit::WARNING,
    }
}

/// The answer, and whether all of it is certain.
fn told(asked: &Asked, plan: &Plan, explained: &Explained) -> (String, bool) {
    let Asked { store_id: id, name } = asked;
    let called = if name == id { id.clone() } else { format!("{name} ({id})") };
    let chosen = plan.stores.iter().any(|store| store.store_id == *id);
    let mut text = format!("{called} is {}in the plan {}.\n", if chosen { "" } else { "not " }, plan.run_id);
    match explained {
        Explained::Ineligible(why) => {
            _ = writeln!(text, "It can't be: it {why}.");
            (text, true)
        }
        Explained::Settled(held, conflicts) => {
            _ = writeln!(text, "The rules settle it: {} it no plan is left.", if *held { "with" } else { "without" });
            for Conflict { rule, why, .. } in conflicts {
                _ = writeln!(text, "  {rule}: {why}");
            }
            (text, true)
        }
        Explained::Weighed(weighed) => {
            let sure = weighed_in(&mut text, id, chosen, weighed);
            (text, sure)
        }
    }
}

fn weighed_in(text: &mut String, id: &str, chosen: bool, weighed: &Weighed) -> bool {
    let Weighed { with, without, lead, unit, confirmed } = weighed;
    side(text, "The best plan with it", with, unit);
    side(text, "The best plan without it", without, unit);
    let only = |of: &Side, other: &Side| {
        let only: Vec<&str> =
            of.stores.iter().filter(|store| !other.stores.contains(store)).map(String::as_str).collect();
        if only.is_empty() { "none".to_owned() } else { only.join(", ") }
    };
    _ = writeln!(text, "Only the first opens {}; only the second {}.", only(with, without), only(without, with));
    // Below a unit of money or a person there is nothing between them.
    let tie = lead.iter().all(|lead| lead.abs() < 0.5);
    let settled = tie || lead[0] >= 0.0 || lead[1] <= 0.0;
    let amount = |from: f64, to: f64| {
        let (from, to) = (whole(from), whole(to));
        if from == to { format!("{from} {unit}") } else { format!("{from} to {to} {unit}") }
    };
    _ = match (lead[0] >= 0.0, lead[1] <= 0.0) {
        _ if tie => writeln!(text, "It makes no difference: with it and without it a plan reaches the same."),
        (true, _) => writeln!(text, "It stays in until it is worth {} less.", amount(lead[0], lead[1])),
        (_, true) => writeln!(text, "It comes in once it is worth {} more.", amount(-lead[1], -lead[0])),
        _ => writeln!(text, "Which is better is not settled: the plans are too close, or the search was too short."),
    };
    if settled && !tie && chosen != (lead[0] >= 0.0) {
        _ = writeln!(text, "The run's plan is within its gap of the better one, and does not yet know.");
    }
    let worth = |amount_of: f64| {
        let way = if amount_of < 0.0 { "less" } else { "more" };
        format!("worth {} {unit} {way}", whole(amount_of.abs()))
    };
    match confirmed {
        Some(sides) => {
            let is = |held: bool| if held { "in" } else { "out" };
            _ = writeln!(
                text,
                "Solved on both sides: {} it is {}, {} it is {}.",
                worth(sides.below.0),
                is(sides.below.1),
                worth(sides.above.0),
                is(sides.above.1)
            );
        }
        None if tie => {}
        None => {
            _ = writeln!(
                text,
                "Both plans were solved for: {id} worth less can't be stated as a problem of distance or coverage."
            );
        }
    }
    settled && confirmed.is_none_or(|sides| sides.holds())
}

fn side(text: &mut String, name: &str, side: &Side, unit: &str) {
    let proven = if domain::plan::gap(side.value, side.bound) <= 1e-6 { "proven" } else { "not proven" };
    _ = writeln!(
        text,
        "{name} reaches {} {unit} ({proven}; none better than {}).",
        whole(side.value),
        whole(side.bound)
    );
}

/// Money, people and people x minutes are told in whole numbers.
fn whole(value: f64) -> String {
    format!("{:.0}", value.round() + 0.0)
}
