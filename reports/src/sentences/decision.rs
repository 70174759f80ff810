//! The title, the first paragraph and the banner.

use domain::plan::Status;
use domain::settings::ObjectiveKind;
use domain::study::Study;

use super::{Sentence, horizon, in_objective, money_range, radius, store_name};
use crate::number;

/// From here on a store counts as chosen again nearly always.
const NEARLY_ALWAYS: f64 = 0.9;

/// The decision and what it brings, in one line.
pub(crate) fn title(study: &Study) -> String {
    let plan = &study.plan;
    let stores = plan.stores.len();
    if stores == 0 {
        return match plan.objective.kind {
            _ if study.stores_max == 0 => "Open no corner: none is allowed".into(),
            _ if nothing_fits(study) => "Open no corner: the rules leave none".into(),
            ObjectiveKind::Profit => "Open no corner: none pays".into(),
            ObjectiveKind::Distance | ObjectiveKind::Coverage => "Open no corner".into(),
        };
    }
    let open = match stores {
        1 => "Open the one pilot corner below".to_owned(),
        _ => format!("Open the {} pilot corners below", number::count(stores as u64)),
    };
    match (plan.objective.kind, plan.objective.reached) {
        (ObjectiveKind::Coverage, Some(people)) => {
            format!("{open}: {} people within {}", number::amount(people), radius(study))
        }
        (ObjectiveKind::Distance, Some(mean)) => {
            format!("{open}: on average {} from the nearest", number::minutes(mean))
        }
        _ => format!("{open}: {}", benefit(study)),
    }
}

/// Whether it is the rules that leave no store.
fn nothing_fits(study: &Study) -> bool {
    study.plan.warnings.iter().any(|warning| warning.code == "W-OPT-003")
}

/// The money over the horizon: `about $4.1 million net benefit in 26 weeks`.
fn benefit(study: &Study) -> String {
    let worth = &study.plan.worth.expected_profit;
    let amount = number::money(worth.major().abs(), worth.currency);
    let weeks = horizon(study);
    match worth.minor {
        0 => format!("no net benefit in {weeks}"),
        minor if minor < 0 => format!("about {amount} net loss in {weeks}"),
        _ => format!("about {amount} net benefit in {weeks}"),
    }
}

/// The first paragraph: range and risk, proof, robustness.
pub(crate) fn lead(study: &Study) -> Vec<Sentence> {
    let plan = &study.plan;
    if plan.stores.is_empty() {
        let mut said = Vec::new();
        if nothing_fits(study) {
            said.push(Sentence::strong(
                "No plan that opens a store meets the rules; the warnings below say which are in the way.",
            ));
        } else if plan.objective.kind == ObjectiveKind::Profit && study.stores_max > 0 {
            said.push(Sentence::strong(format!(
                "No choice of stores that the rules allow is expected to earn back its costs in {}.",
                horizon(study)
            )));
        }
        let blank = if said.is_empty() { "" } else { " " };
        said.push(Sentence::plain(format!("{blank}{}", proof(study))));
        said.extend(reached(study));
        return said;
    }
    let mut said = Vec::new();
    let risk = |opening: &str| {
        [
            Sentence::strong(format!("{opening}8 in 10 outcomes {}", money_range(study, plan.objective.interval))),
            Sentence::plain(format!(
                "; the chance of losing money is {}.",
                number::in_hundred(plan.worth.chance_of_loss)
            )),
        ]
    };
    match plan.objective.kind {
        ObjectiveKind::Profit => said.extend(risk("")),
        ObjectiveKind::Distance | ObjectiveKind::Coverage => {
            let corners = number::word_capital(plan.stores.len());
            let (verb, s) = if plan.stores.len() == 1 { ("puts", "") } else { ("put", "s") };
            let reached = match (plan.objective.kind, plan.objective.reached) {
                (ObjectiveKind::Coverage, Some(people)) => {
                    format!("{corners} corner{s} {verb} {} people within {}.", number::amount(people), radius(study))
                }
                (_, Some(mean)) => {
                    format!("{corners} corner{s} {verb} people {} from the nearest on average.", number::minutes(mean))
                }
                (_, None) => format!("{corners} corner{s} {verb} people nearer."),
            };
            said.push(Sentence::strong(reached));
            said.push(Sentence::plain(format!(
                " The stores were chosen for people and minutes; stock came after. With that stock, expect {}: ",
                benefit(study)
            )));
            said.extend(risk(""));
        }
    }
    said.extend(worst(study));
    said.extend(reached(study));
    said.push(Sentence::plain(format!(" {}", proof(study))));
    said.extend(staying(study));
    if let Some(robust) = robustness(study) {
        said.push(Sentence::strong(format!(" {robust}")));
    }
    said
}

/// What the worst outcomes earn, where the scenario asks, and what that counts.
fn worst(study: &Study) -> Option<Sentence> {
    let risk = study.plan.objective.risk?;
    let share = |share: f64| number::percent(share);
    let earned = format!(
        " Over the samples that were decided over, the worst {} earn {} in the mean, and all of them {}",
        share(risk.tail),
        in_objective(study, risk.cvar),
        in_objective(study, risk.mean)
    );
    let asked = match (risk.weight, risk.at_least) {
        (Some(weight), _) => format!("; the plan was chosen for both, with {} on the worst", share(weight)),
        (None, Some(floor)) => format!("; the worst have to earn {} at least", in_objective(study, floor)),
        (None, None) => String::new(),
    };
    Some(Sentence::plain(format!("{earned}{asked}.")))
}

/// Whom the plan reaches, a sentence for each floor of the scenario.
fn reached(study: &Study) -> impl Iterator<Item = Sentence> {
    let people = |people: i64| number::count(people.unsigned_abs());
    study.plan.reach.iter().map(move |line| {
        Sentence::plain(format!(
            " Of the {} people whom \u{201c}{}\u{201d} counts, {} have a corner within {}; at least {} must.",
            people(line.counted),
            line.name,
            people(line.people),
            number::minutes(line.within_minutes),
            people(line.at_least),
        ))
    })
}

/// What is proven, no more than that.
fn proof(study: &Study) -> String {
    let plan = &study.plan;
    let choice = if plan.stores.is_empty() { "no plan" } else { "no other choice of stores" };
    match (plan.status, plan.bound_verified) {
        (Status::Proven, true) => {
            format!("It is proven, and checked apart, that {choice} does better under these assumptions.")
        }
        (Status::Proven, false) => {
            format!("The solver claims that {choice} does better; the check apart could not confirm it.")
        }
        (Status::Gap, true) => format!("It is not proven best: {}.", limit(study)),
        (Status::Gap, false) => {
            format!("It is not proven best: by a bound that could not be confirmed, {}.", limit(study))
        }
    }
}

/// What the previous plan's stores count beyond what they earn or serve.
fn staying(study: &Study) -> Option<Sentence> {
    let objective = &study.plan.objective;
    let bonus = in_objective(study, objective.stay_bonus);
    let text = match objective.kind {
        _ if objective.stay_bonus <= 0.0 => return None,
        ObjectiveKind::Profit | ObjectiveKind::Coverage => {
            format!(
                " In that comparison, stores of the previous plan that stay count {bonus} more than they are worth."
            )
        }
        ObjectiveKind::Distance => {
            format!(" In that comparison, stores of the previous plan that close count {bonus} against the plan.")
        }
    };
    Some(Sentence::plain(text))
}

/// What the bound still leaves open.
fn limit(study: &Study) -> String {
    let objective = &study.plan.objective;
    // A share of nothing, of a loss or of more than itself says little: then the bound is said.
    let share = (objective.value >= 1.0 && objective.gap <= 1.0).then(|| number::percent_at_most(objective.gap));
    match (objective.kind, share) {
        (ObjectiveKind::Profit, Some(share)) => format!("no plan can earn more than {share} more than this"),
        (ObjectiveKind::Coverage, Some(share)) => format!("no plan can reach more than {share} more people"),
        (ObjectiveKind::Distance, Some(share)) => {
            format!("no plan can shorten the way to the nearest corner by more than {share}")
        }
        (ObjectiveKind::Profit, None) => {
            format!("all that is known is that no plan can earn more than {}", in_objective(study, objective.bound))
        }
        (ObjectiveKind::Coverage, None) => {
            format!("all that is known is that no plan can reach more than {}", in_objective(study, objective.bound))
        }
        (ObjectiveKind::Distance, None) => {
            format!("all that is known is that no plan needs less than {}", in_objective(study, objective.bound))
        }
    }
}

/// How many of the stores a noisy forecast would choose again, and which to decide on last.
fn robustness(study: &Study) -> Option<String> {
    let stores = &study.plan.stores;
    let sure = stores.iter().filter(|store| store.share_of_scenarios >= NEARLY_ALWAYS).count();
    let always = stores.iter().all(|store| store.share_of_scenarios >= 1.0);
    let all = stores.len();
    let again = "when the choice is made again with noise on the forecast";
    Some(match (all, sure) {
        (0, _) => return None,
        (1, 1) if always => format!("The store is chosen every time {again}."),
        (1, 1) => format!("The store is chosen at least 9 times in 10 {again}."),
        (1, _) => format!("The store is chosen {} {again}.", times_in_ten(stores[0].share_of_scenarios)),
        (_, sure) if sure == all && always => format!("All {} are chosen every time {again}.", number::word(all)),
        (_, sure) if sure == all => format!("All {} are chosen at least 9 times in 10 {again}.", number::word(all)),
        (_, 0) => format!("None of the {} is chosen as often as 9 times in 10 {again}.", number::word(all)),
        (_, sure) => {
            let verb = if sure == 1 { "is" } else { "are" };
            let count = format!("{} of the {}", number::word_capital(sure), number::word(all));
            format!("{count} {verb} chosen at least 9 times in 10 {again}; {}.", last(study))
        }
    })
}

/// Which stores the choice is least sure of.
fn last(study: &Study) -> String {
    let mut unsure: Vec<_> =
        study.plan.stores.iter().filter(|store| store.share_of_scenarios < NEARLY_ALWAYS).collect();
    unsure.sort_by(|a, b| a.share_of_scenarios.total_cmp(&b.share_of_scenarios).then(a.rank.cmp(&b.rank)));
    if unsure.len() > 3 {
        return format!("decide on the other {} last", number::word(unsure.len()));
    }
    let names: Vec<String> = unsure.iter().map(|store| store_name(study, &store.store_id).to_owned()).collect();
    format!("decide on {} last", number::listed(&names))
}

/// A share as times in ten, rounded down so that it promises no more than it is.
fn times_in_ten(share: f64) -> String {
    match (share * 10.0 + 1e-9).floor() {
        tenths if tenths < 1.0 => "less than once in 10 times".into(),
        1.0 => "at least once in 10 times".into(),
        tenths => format!("at least {tenths:.0} times in 10"),
    }
}

/// What a reader must know before trusting the page; none for a proven and checked plan.
pub(crate) fn banner(study: &Study) -> Option<String> {
    match (study.plan.status, study.plan.bound_verified) {
        (Status::Proven, true) => None,
        (Status::Proven, false) => Some(
            "The proof is not confirmed. The plan keeps every rule and its figures were checked apart, but the bound \
             that says no plan is better was not."
                .into(),
        ),
        (Status::Gap, verified) => Some(format!(
            "A better plan may exist. The search stopped with a gap: {}{}.",
            limit(study),
            if verified { "" } else { ", and that bound itself was not confirmed by the check" }
        )),
    }
}

#[cfg(test)]
mod tests;
