//! What would change the decision, and what stands nearest to it.

use domain::plan::{NotChosen, Threshold};
use domain::settings::ObjectiveKind;
use domain::study::Study;

use super::{horizon, in_objective, store_name};
use crate::number;

/// The heading over the choice under other assumptions.
pub(crate) fn choice_heading(study: &Study) -> String {
    let stores = study.plan.stores.len();
    let stress = &study.plan.worth.stress;
    let Some(fewest) = stress.iter().map(|row| row.stores_kept as usize).min() else {
        return "What would change the decision".into();
    };
    if fewest >= stores {
        return match stress.len() {
            1 => "The choice holds under the change tried".into(),
            tried => format!("The choice holds under all {} changes tried", number::word(tried)),
        };
    }
    let worst: Vec<String> = stress
        .iter()
        .filter(|row| row.stores_kept as usize == fewest)
        .map(|row| format!("\u{201c}{}\u{201d}", row.name))
        .collect();
    if worst.len() > 2 {
        return format!("{} changes alter the choice most", number::word_capital(worst.len()));
    }
    let verb = if worst.len() == 1 { "alters" } else { "alter" };
    format!("{} {verb} the choice most", number::listed(&worst))
}

/// What would change the decision, one sentence each, what matters most first.
pub(crate) fn changes(study: &Study) -> Vec<String> {
    let mut said = Vec::new();
    if !study.plan.stores.is_empty() {
        said.push(break_even(study));
        said.extend(hardest(study));
        said.push(payback(study));
    }
    said.extend(study.plan.thresholds.iter().map(|threshold| hangs(study, threshold)));
    said.push(next_store(study));
    said.extend(last_store(study));
    said
}

/// What a store's part in the plan hangs on. Its amounts are rounded towards less being known.
fn hangs(study: &Study, threshold: &Threshold) -> String {
    let name = store_name(study, &threshold.store_id);
    let [least, most] = threshold.worth;
    if least < 0.0 {
        let apart = in_objective(study, number::at_most(most.max(-least)));
        return format!(
            "Whether {name} belongs in the plan is too close to tell: with it and without it, the best plans are at most {apart} apart."
        );
    }
    let (least, most) = (number::at_least(least), number::at_most(most));
    let to = in_objective(study, most);
    let from = match study.plan.objective.kind {
        ObjectiveKind::Profit => number::money(least, study.currency),
        ObjectiveKind::Distance | ObjectiveKind::Coverage => number::amount(least),
    };
    match (threshold.chosen, in_objective(study, least) == to || least == 0.0) {
        (true, true) => format!("{name} keeps its place unless it is worth {to} less."),
        (true, false) => format!("{name} keeps its place unless it is worth {from} to {to} less."),
        (false, true) => format!("{name} would come in if it were worth {to} more."),
        (false, false) => format!("{name} would come in if it were worth {from} to {to} more."),
    }
}

/// What relates the money that stores were chosen by to the money at the head of the page; none where they are not both money.
pub(crate) fn scales(study: &Study) -> Option<String> {
    let plan = &study.plan;
    if plan.objective.kind != ObjectiveKind::Profit || plan.stores.is_empty() {
        return None;
    }
    let decided = in_objective(study, plan.objective.value - plan.objective.stay_bonus);
    let expected = number::money(plan.worth.expected_profit.major(), plan.worth.expected_profit.currency);
    (decided != expected).then(|| {
        format!(
            "What one store more, fewer or another is worth is reckoned on the samples that the stores were chosen over, on which this \
             plan earns {decided}. The {expected} at the head of this page are reckoned on fresh samples: the best-looking of many \
             plans looks better than it is."
        )
    })
}

fn break_even(study: &Study) -> String {
    match study.plan.worth.break_even_demand {
        None => "The plan loses no money on average, however low demand turns out.".into(),
        Some(factor) if factor > 1.0 => format!(
            "Demand would have to be {} above its forecast for the plan to earn back its costs.",
            number::percent(factor - 1.0)
        ),
        Some(factor) => {
            format!("Below {} of the forecast demand, the plan loses money.", number::percent(factor))
        }
    }
}

/// The change tried that leaves the least money.
fn hardest(study: &Study) -> Option<String> {
    let worth = &study.plan.worth;
    let least = worth.stress.iter().min_by_key(|row| row.expected_profit.minor)?;
    if least.expected_profit.minor >= worth.expected_profit.minor {
        return None;
    }
    let left = number::money(least.expected_profit.major(), least.expected_profit.currency);
    let tried = worth.stress.len();
    let of =
        if tried == 1 { "The change tried".to_owned() } else { format!("Of {} changes tried", number::word(tried)) };
    Some(match tried {
        1 => format!("{of}, \u{201c}{}\u{201d}, leaves {left}.", least.name),
        _ => format!("{of}, \u{201c}{}\u{201d} costs most: it leaves {left}.", least.name),
    })
}

fn payback(study: &Study) -> String {
    match study.plan.worth.payback_weeks {
        None => "Expected earnings do not pay for opening within three years at the last week's pace.".into(),
        Some(weeks) => {
            let time = number::weeks(weeks);
            let after = if weeks > f64::from(study.horizon_weeks) {
                format!(", beyond the {} looked at, at the last week's pace", horizon(study))
            } else {
                String::new()
            };
            format!("Expected earnings have paid for opening after {time}{after}.")
        }
    }
}

/// What one more corner would bring.
fn next_store(study: &Study) -> String {
    let stores = study.plan.stores.len();
    let which = if stores == 0 {
        "A first store".to_owned()
    } else {
        format!("{} {} store", article(stores + 1), number::ordinal(stores + 1))
    };
    let Some(value) = study.plan.worth.next_store_value else {
        return format!("{which} can't be tried: there is no other candidate.");
    };
    let said = in_objective(study, value.abs());
    if value == 0.0 || said == in_objective(study, 0.0) {
        return format!("{which} would add nothing.");
    }
    if value < 0.0 {
        return match study.plan.objective.kind {
            ObjectiveKind::Profit => format!("{which} would cost {said} more than it earns."),
            ObjectiveKind::Distance | ObjectiveKind::Coverage => format!("{which} would make it worse by {said}."),
        };
    }
    let limit = study.stores_max as usize;
    let binds = if stores > 0 && stores == limit {
        format!("; it is the limit of {limit} that keeps it out")
    } else {
        String::new()
    };
    match study.plan.objective.kind {
        ObjectiveKind::Distance => format!("{which} would save {said}{binds}."),
        ObjectiveKind::Profit | ObjectiveKind::Coverage => format!("{which} would add {said}{binds}."),
    }
}

/// `An` before 8th, 11th, 18th and the eighties, else `A`.
fn article(value: usize) -> &'static str {
    if matches!(value, 8 | 11 | 18 | 80..=89) { "An" } else { "A" }
}

/// What one corner fewer would cost.
fn last_store(study: &Study) -> Option<String> {
    let value = study.plan.worth.last_store_value?;
    let said = in_objective(study, value.abs());
    let free = value == 0.0 || said == in_objective(study, 0.0);
    Some(match study.plan.objective.kind {
        _ if free => "One store fewer, chosen anew, would do as well.".into(),
        _ if value < 0.0 => format!("One store fewer, chosen anew, would be better by {said}."),
        ObjectiveKind::Profit => format!("One store fewer, chosen anew, would cost {said}."),
        ObjectiveKind::Distance => format!("One store fewer, chosen anew, would add {said} of travel."),
        ObjectiveKind::Coverage => format!("One store fewer, chosen anew, would reach {said} fewer."),
    })
}

/// What it costs to take a store that was nearly chosen.
pub(crate) fn miss(study: &Study, missed: &NotChosen) -> String {
    let (name, place) = (store_name(study, &missed.store_id), store_name(study, &missed.instead_of));
    let said = in_objective(study, missed.swap_cost.abs());
    if missed.swap_cost == 0.0 || said == in_objective(study, 0.0) {
        format!("{name} does as well as {place}: a tie, broken by store id.")
    } else if missed.swap_cost < 0.0 {
        format!("{name} instead of {place} looks better by {said}: the plan is not proven best.")
    } else {
        format!("{name} instead of {place} costs {said}.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn all(study: &Study) -> String {
        changes(study).join(" ")
    }

    #[test]
    fn break_even_says_on_which_side_the_forecast_lies() {
        let mut study = fixture::study(60);
        assert!(all(&study).contains("Below 62% of the forecast demand, the plan loses money."));
        study.plan.worth.break_even_demand = Some(1.12);
        assert!(all(&study).contains("Demand would have to be 12% above its forecast"));
        study.plan.worth.break_even_demand = None;
        assert!(all(&study).contains("loses no money on average"));
    }

    #[test]
    fn payback_is_rounded_up_and_says_when_it_lies_beyond_the_horizon() {
        let mut study = fixture::study(60);
        study.plan.worth.payback_weeks = Some(17.2);
        assert!(all(&study).contains("paid for opening after 18 weeks."));
        study.plan.worth.payback_weeks = Some(0.4);
        assert!(all(&study).contains("paid for opening after 1 week."));
        study.plan.worth.payback_weeks = Some(31.0);
        assert!(all(&study).contains("after 31 weeks, beyond the 26 weeks looked at, at the last week's pace."));
        study.plan.worth.payback_weeks = None;
        assert!(all(&study).contains("do not pay for opening within three years"));
    }

    #[test]
    fn one_store_more_or_fewer_is_valued_in_the_objective() {
        let mut study = fixture::study(60);
        assert!(all(&study).contains("A 13th store would add $171,000; it is the limit of 12 that keeps it out."));
        assert!(all(&study).contains("One store fewer, chosen anew, would cost $184,000."));
        study.stores_max = 20;
        assert!(all(&study).contains("A 13th store would add $171,000."));
        study.plan.worth.next_store_value = Some(-20_000.0);
        assert!(all(&study).contains("A 13th store would cost $20,000 more than it earns."));
        study.plan.worth.next_store_value = Some(0.2);
        study.plan.worth.last_store_value = Some(0.0);
        assert!(
            all(&study).contains("A 13th store would add nothing. One store fewer, chosen anew, would do as well.")
        );
        study.plan.worth.next_store_value = None;
        assert!(all(&study).contains("A 13th store can't be tried: there is no other candidate."));
        study.plan.objective.kind = ObjectiveKind::Distance;
        study.plan.worth.next_store_value = Some(3.2e6);
        study.plan.worth.last_store_value = Some(4.0e6);
        assert!(all(&study).contains("A 13th store would save 3.2 million people-minutes."));
        assert!(all(&study).contains("would add 4.0 million people-minutes of travel."));
        study.plan.stores.clear();
        study.plan.thresholds.clear();
        study.plan.worth.last_store_value = None;
        assert_eq!(all(&study), "A first store would save 3.2 million people-minutes.");
        assert_eq!([8, 11, 12, 18, 28, 80].map(article), ["An", "An", "A", "An", "A", "An"]);
    }

    #[test]
    fn a_threshold_says_no_more_than_the_two_searches_showed() {
        let mut study = fixture::study(60);
        let said = all(&study);
        assert!(said.contains("Glasgow Buchanan St keeps its place unless it is worth $38,000 less."), "{said}");
        assert!(said.contains("Leeds Briggate would come in if it were worth $37,000 to $39,000 more."), "{said}");
        study.plan.thresholds[0].worth = [-1_000.0, 2_300.0];
        let close = "Whether Glasgow Buchanan St belongs in the plan is too close to tell: with it and without it, the best \
                     plans are at most $2,300 apart.";
        assert!(all(&study).contains(close), "{}", all(&study));
        study.plan.thresholds[0].worth = [-2_900.0, 2_300.0];
        assert!(all(&study).contains("at most $2,900 apart."), "{}", all(&study));
        study.plan.objective.kind = ObjectiveKind::Coverage;
        assert!(all(&study).contains("if it were worth 37,000 to 39,000 people more."), "{}", all(&study));
    }

    #[test]
    fn the_two_reckonings_of_money_are_related_where_they_differ() {
        let mut study = fixture::study(60);
        study.plan.objective.value = 4_310_000.0;
        let said = scales(&study).expect("they differ");
        assert!(said.contains("on which this plan earns $4.3 million. The $4.1 million at the head"), "{said}");
        study.plan.objective.value = study.plan.worth.expected_profit.major();
        assert_eq!(scales(&study), None);
    }

    #[test]
    fn a_tie_is_called_a_tie() {
        let study = fixture::study(60);
        let mut missed = study.plan.not_chosen[0].clone();
        assert!(miss(&study, &missed).ends_with("costs $38,000."), "{}", miss(&study, &missed));
        missed.swap_cost = 0.0;
        assert!(miss(&study, &missed).ends_with("a tie, broken by store id."));
        missed.swap_cost = -900.0;
        assert!(miss(&study, &missed).ends_with("looks better by $900: the plan is not proven best."));
    }

    #[test]
    fn the_heading_names_what_alters_the_choice_most() {
        let mut study = fixture::study(60);
        assert_eq!(choice_heading(&study), "\u{201c}UK opens two quarters late\u{201d} alters the choice most");
        study.plan.worth.stress[0].stores_kept = 8;
        assert_eq!(
            choice_heading(&study),
            "\u{201c}Uptake 20 % lower\u{201d} and \u{201c}UK opens two quarters late\u{201d} alter the choice most"
        );
        for row in &mut study.plan.worth.stress {
            row.stores_kept = 8;
        }
        assert_eq!(choice_heading(&study), "Six changes alter the choice most");
        for row in &mut study.plan.worth.stress {
            row.stores_kept = 12;
        }
        assert_eq!(choice_heading(&study), "The choice holds under all six changes tried");
        study.plan.worth.stress.truncate(1);
        assert_eq!(choice_heading(&study), "The choice holds under the change tried");
        assert!(all(&study).contains("The change tried, \u{201c}Uptake 20 % lower\u{201d}, leaves $2.7 million."));
        study.plan.worth.stress.clear();
        assert_eq!(choice_heading(&study), "What would change the decision");
    }

    #[test]
    fn the_hardest_change_is_named_only_where_one_hurts() {
        let mut study = fixture::study(60);
        assert!(
            all(&study).contains(
                "Of six changes tried, \u{201c}Uptake 20 % lower\u{201d} costs most: it leaves $2.7 million."
            )
        );
        for row in &mut study.plan.worth.stress {
            row.expected_profit = study.plan.worth.expected_profit;
        }
        assert!(!all(&study).contains("changes tried"));
    }
}
