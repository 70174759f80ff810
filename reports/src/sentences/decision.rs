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
        if plan.objective.kind == ObjectiveKind::Profit && study.stores_max > 0 {
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
mod tests {
    use super::*;
    use crate::fixture;
    use domain::units::Money;

    fn paragraph(study: &Study) -> String {
        lead(study).iter().map(|sentence| sentence.text.as_str()).collect()
    }

    fn with_stores(count: usize) -> Study {
        let mut study = fixture::study(60);
        study.plan.stores.truncate(count);
        study
    }

    #[test]
    fn the_title_is_the_decision_and_the_money() {
        let mut study = fixture::study(60);
        assert_eq!(title(&study), "Open the 12 pilot corners below: about $4.1 million net benefit in 26 weeks");
        study.plan.worth.expected_profit.minor = -31_000_000;
        assert_eq!(title(&study), "Open the 12 pilot corners below: about $310,000 net loss in 26 weeks");
        study.plan.worth.expected_profit.minor = 0;
        study.horizon_weeks = 1;
        assert_eq!(title(&study), "Open the 12 pilot corners below: no net benefit in 1 week");
        let mut one = with_stores(1);
        one.plan.worth.expected_profit = Money::from_major(120_000.0, one.currency);
        assert_eq!(title(&one), "Open the one pilot corner below: about $120,000 net benefit in 26 weeks");
        let mut none = with_stores(0);
        assert_eq!(title(&none), "Open no corner: none pays");
        none.stores_max = 0;
        assert_eq!(title(&none), "Open no corner: none is allowed");
    }

    #[test]
    fn distance_and_coverage_speak_of_people_and_minutes_first() {
        let mut study = fixture::coverage(60);
        assert_eq!(title(&study), "Open the 12 pilot corners below: 41 million people within 10 minutes");
        let said = paragraph(&study);
        assert!(said.starts_with("Twelve corners put 41 million people within 10 minutes."), "{said}");
        assert!(said.contains("stock came after. With that stock, expect about $4.1 million net benefit"), "{said}");
        study.travel.radius_minutes = None;
        assert!(title(&study).ends_with("41 million people within the radius"));
        study.plan.objective.kind = ObjectiveKind::Distance;
        study.plan.objective.reached = Some(6.42);
        assert_eq!(title(&study), "Open the 12 pilot corners below: on average 6.4 minutes from the nearest");
        study.plan.stores.truncate(1);
        assert!(paragraph(&study).starts_with("One corner puts people 6.4 minutes from the nearest on average."));
        study.plan.stores.clear();
        assert_eq!(title(&study), "Open no corner");
    }

    #[test]
    fn the_range_names_losses_as_losses() {
        let mut study = fixture::study(60);
        assert!(paragraph(&study).starts_with(
            "8 in 10 outcomes fall between $2.6 million and $5.5 million; the chance of losing money is about 3 in 100."
        ));
        study.plan.objective.interval = [-310_000.0, 5_500_000.0];
        assert!(paragraph(&study).contains("fall between a loss of $310,000 and a gain of $5.5 million"));
        study.plan.objective.interval = [-900_000.0, -310_000.0];
        assert!(paragraph(&study).contains("fall between a loss of $900,000 and a loss of $310,000"));
        study.plan.objective.interval = [4_100_100.0, 4_100_200.0];
        assert!(paragraph(&study).contains("8 in 10 outcomes lie close to $4.1 million"));
        study.plan.objective.interval = [-10_100.0, 10_100.0];
        assert!(paragraph(&study).contains("between a loss of $10,000 and a gain of $10,000"));
    }

    #[test]
    fn a_stay_bonus_is_said_where_it_counts() {
        let mut study = fixture::study(60);
        assert!(!paragraph(&study).contains("previous plan"));
        study.plan.objective.stay_bonus = 900_000.0;
        assert!(paragraph(&study).contains("stores of the previous plan that stay count $900,000 more than"));
        study.plan.objective.kind = ObjectiveKind::Distance;
        study.plan.objective.unit = "people x minutes".into();
        assert!(
            paragraph(&study).contains("stores of the previous plan that close count 900,000 people-minutes against")
        );
    }

    #[test]
    fn the_worst_outcomes_are_said_where_they_count() {
        let mut study = fixture::study(60);
        assert!(!paragraph(&study).contains("the worst"));
        let risk = domain::plan::RiskValue { tail: 0.1, weight: Some(0.3), at_least: None, cvar: 2.1e6, mean: 4.2e6 };
        study.plan.objective.risk = Some(risk);
        let said = paragraph(&study);
        assert!(said.contains("the worst 10% earn $2.1 million in the mean, and all of them $4.2 million"), "{said}");
        assert!(said.contains("chosen for both, with 30% on the worst."), "{said}");
        study.plan.objective.risk = Some(domain::plan::RiskValue { weight: None, at_least: Some(2e6), ..risk });
        assert!(paragraph(&study).contains("the worst have to earn $2"), "{}", paragraph(&study));
    }

    #[test]
    fn whom_the_plan_reaches_is_said_floor_by_floor() {
        let mut study = fixture::study(60);
        assert!(!paragraph(&study).contains("people whom"));
        let line = domain::plan::Reached {
            name: "low income".into(),
            within_minutes: 20.0,
            people: 467_630,
            counted: 703_805,
            at_least: 175_952,
        };
        study.plan.reach =
            vec![line.clone(), domain::plan::Reached { name: "can pay".into(), people: 511_788, ..line }];
        let said = paragraph(&study);
        let one = "Of the 703,805 people whom \u{201c}low income\u{201d} counts, 467,630 have a corner within 20 minutes; at least 175,952 must.";
        assert!(said.contains(one), "{said}");
        assert!(said.contains("\u{201c}can pay\u{201d} counts, 511,788 have"), "{said}");
        study.plan.stores.clear();
        assert!(paragraph(&study).contains(one), "where nothing is opened, corners that exist may be enough");
    }

    #[test]
    fn the_proof_claims_what_was_shown_and_no_more() {
        let mut study = fixture::study(60);
        study.plan.status = Status::Proven;
        study.plan.bound_verified = true;
        assert!(paragraph(&study).contains("It is proven, and checked apart, that no other choice of stores does"));
        assert_eq!(banner(&study), None);
        study.plan.bound_verified = false;
        assert!(paragraph(&study).contains("The solver claims"));
        assert!(banner(&study).is_some_and(|text| text.starts_with("The proof is not confirmed.")));
        study.plan.status = Status::Gap;
        study.plan.objective.gap = 0.023_01;
        assert!(paragraph(&study).contains("could not be confirmed, no plan can earn more than 2.4% more than this."));
        assert!(banner(&study).is_some_and(|text| text.contains("was not confirmed by the check")));
        study.plan.bound_verified = true;
        assert!(banner(&study).is_some_and(|text| text.ends_with("no plan can earn more than 2.4% more than this.")));
        study.plan.objective.value = -5.0;
        assert!(paragraph(&study).contains("all that is known is that no plan can earn more than $"));
        study.plan.objective.value = 5.0;
        study.plan.objective.gap = 7.0;
        assert!(paragraph(&study).contains("all that is known"));
        study.plan.objective.kind = ObjectiveKind::Distance;
        study.plan.objective.gap = 0.01;
        assert!(paragraph(&study).contains("shorten the way to the nearest corner by more than 1%"));
    }

    #[test]
    fn robustness_counts_the_stores_chosen_again() {
        let mut study = fixture::study(60);
        let said = |study: &Study| robustness(study).unwrap_or_default();
        assert!(
            said(&study).starts_with("Nine of the twelve are chosen at least 9 times in 10 when"),
            "{}",
            said(&study)
        );
        assert!(
            said(&study).ends_with("; decide on Glasgow Buchanan St, Dallas Uptown and Manchester Piccadilly last.")
        );
        study.plan.stores[0].share_of_scenarios = 0.5;
        assert!(said(&study).ends_with("; decide on the other four last."));
        for store in &mut study.plan.stores {
            store.share_of_scenarios = 0.4;
        }
        assert!(said(&study).starts_with("None of the twelve is chosen as often as 9 times in 10"));
        for store in &mut study.plan.stores {
            store.share_of_scenarios = 0.95;
        }
        assert!(said(&study).starts_with("All twelve are chosen at least 9 times in 10"));
        for store in &mut study.plan.stores {
            store.share_of_scenarios = 1.0;
        }
        assert!(said(&study).starts_with("All twelve are chosen every time"));
        study.plan.stores.truncate(1);
        assert!(said(&study).starts_with("The store is chosen every time"));
        study.plan.stores[0].share_of_scenarios = 0.79;
        assert!(said(&study).starts_with("The store is chosen at least 7 times in 10"));
        study.plan.stores[0].share_of_scenarios = 0.04;
        assert!(said(&study).starts_with("The store is chosen less than once in 10 times"));
        study.plan.stores.clear();
        assert_eq!(robustness(&study), None);
    }

    #[test]
    fn an_empty_plan_says_why() {
        let study = with_stores(0);
        let said = paragraph(&study);
        assert!(said.starts_with("No choice of stores that the rules allow is expected to earn back its costs in 26"));
        assert!(said.contains(" weeks. It is proven, and checked apart, that no plan does better"), "{said}");
    }
}
