//! What the page of a comparison says. Each sentence is a rule over the comparison; none claims more than it does:
//! limits are rounded outwards, ties are said, and what has no plan is named.

use domain::comparison::{Choice, Status, Weighed};

use super::view::{Measure, Spread, View, ours, setting, written};
use crate::number;
use crate::sentences::Sentence;

/// Lead sentences name no more choices than this; the others have their own section.
const CHOICES_LED: usize = 3;

/// Points with a plan, as the end of a sentence: `all 12 scenarios`.
fn scenarios(view: &View<'_>) -> String {
    let (planned, all) = (view.planned(), view.of.points.len());
    match planned == all {
        true => format!("all {all} scenarios"),
        false => format!("all {planned} of {all} scenarios that have a plan"),
    }
}

/// The decision over the grid.
pub(super) fn title(view: &View<'_>) -> String {
    let of = view.of;
    let mut plans = of.points.iter().filter(|point| point.objective.is_some()).map(|point| &point.stores);
    let Some(first) = plans.next() else { return format!("None of {} scenarios has a plan", of.points.len()) };
    let every = scenarios(view);
    if view.planned() == 1 {
        return format!("Only one of {} scenarios has a plan", of.points.len());
    }
    if plans.all(|stores| stores == first) {
        return match first.len() {
            0 => format!("To open no corner is best in {every}"),
            1 => format!("{} is chosen in {every}", view.store(&first[0])),
            stores => format!("The same {} stores are chosen in {every}", number::word(stores)),
        };
    }
    let everywhere = of.stores.iter().filter(|store| store.points == store.of).count();
    let rest = of.stores.len() - everywhere;
    if everywhere > 0 {
        let (is, depend) = (are(everywhere), if rest == 1 { "depends" } else { "depend" });
        return format!(
            "{} store{} {is} in {every}; {} more {depend} on the scenario",
            number::word_capital(everywhere),
            number::plural(everywhere),
            number::word(rest)
        );
    }
    let most = of.stores.iter().map(|store| store.points).max().unwrap_or(0);
    let leaders: Vec<&str> =
        of.stores.iter().filter(|store| store.points == most).map(|store| view.store(&store.store_id)).collect();
    match leaders[..] {
        [one] => format!("No store is in {every}; {one} is in most, {most}"),
        _ => format!("No store is in {every}; {} stores tie at {most}", number::word(leaders.len())),
    }
}

fn are(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

/// The money, the robust choices, what moves the money most, and what is missing.
pub(super) fn lead(view: &View<'_>) -> Vec<Sentence> {
    let mut said: Vec<Sentence> = money(view).map(Sentence::plain).into_iter().collect();
    let choices: Vec<&Choice> = view.of.regret.iter().collect();
    for choice in choices.iter().take(CHOICES_LED) {
        said.push(Sentence::strong(robust(choice)));
    }
    if choices.len() > CHOICES_LED {
        let more = choices.len() - CHOICES_LED;
        said.push(Sentence::plain(format!(
            "The robust plans of {} stand below.",
            number::counted(more, "more choice")
        )));
    }
    said.extend(moves(view).map(Sentence::plain));
    let failed = view.of.points.len() - view.planned();
    if failed > 0 {
        said.push(Sentence::strong(format!(
            "{} {} no plan; why is said below.",
            number::capital(&number::counted(failed, "scenario")),
            if failed == 1 { "has" } else { "have" }
        )));
    }
    // Sentences stand apart.
    let last = said.len().saturating_sub(1);
    said.iter_mut().take(last).for_each(|sentence| sentence.text.push(' '));
    said
}

/// From the least to the most.
fn money(view: &View<'_>) -> Option<String> {
    let [low, high] = ends(view)?;
    let called = number::capital(view.called());
    if view.say(low) == view.say(high) {
        return Some(format!("{called} is about {} in {}.", view.say(low), scenarios(view)));
    }
    let (low, high) = (view.say(number::at_least(low)), view.say(number::at_most(high)));
    Some(format!("{called} lies between {low} and {high} over {}.", scenarios(view)))
}

/// The least and the most that any point reaches.
pub(super) fn ends(view: &View<'_>) -> Option<[f64; 2]> {
    let values = (0..view.of.points.len()).filter_map(|point| view.value(point));
    values.fold(None, |ends: Option<[f64; 2]>, value| {
        let [low, high] = ends.unwrap_or([value, value]);
        Some([low.min(value), high.max(value)])
    })
}

/// The axis that drives the points farthest apart.
fn moves(view: &View<'_>) -> Option<String> {
    let spreads = view.spreads();
    let widest = spreads.first()?;
    let Some(stretch) = stretch(view, widest) else {
        return Some(format!("No setting of the grid moves {} by itself.", view.called()));
    };
    let most = if spreads.len() > 1 { "What moves it most is" } else { "It is moved by" };
    Some(format!("{most} {}: {stretch}.", setting(&view.of.axes[widest.axis].key)))
}

/// From what to what an axis moves the points by itself; none where the figures do not show it.
fn stretch(view: &View<'_>, spread: &Spread) -> Option<String> {
    let [low, high] = spread.ends.map(|point| view.say(view.value(point).unwrap_or_default()));
    let [from, to] = spread.ends.map(|point| written(&view.of.points[point].at[spread.axis]));
    let with = if spread.label.is_empty() { String::new() } else { format!(", with {}", spread.label) };
    (low != high).then(|| format!("from {low} at {from} to {high} at {to}{with}"))
}

/// What an axis does by itself.
pub(super) fn effect(view: &View<'_>, axis: usize) -> String {
    let spreads = view.spreads();
    let Some(spread) = spreads.iter().find(|spread| spread.axis == axis) else {
        return "No scenario along it has a plan.".into();
    };
    match stretch(view, spread) {
        Some(stretch) => format!("At most {stretch}."),
        None => format!("By itself it moves {} by nothing that the figures show.", view.called()),
    }
}

/// An amount of a choice's own currency, in a sentence.
pub(super) fn amount(choice: &Choice, value: f64) -> String {
    match choice.unit.parse() {
        Ok(currency) => number::money(value, currency),
        Err(_) => format!("{} {}", number::amount(value), choice.unit),
    }
}

/// No more than this is lost.
pub(super) fn at_most(choice: &Choice, value: f64) -> String {
    choice.unit.parse().map_or_else(|_| amount(choice, value), |currency| number::money_at_most(value, currency))
}

/// No less than this is lost.
fn at_least(choice: &Choice, value: f64) -> String {
    choice.unit.parse().map_or_else(|_| amount(choice, value), |currency| number::money_at_least(value, currency))
}

/// The robust plan of a choice.
pub(super) fn robust(choice: &Choice) -> String {
    let with = match ours(choice) {
        text if text.is_empty() => String::new(),
        text => format!("With {text}, "),
    };
    let worlds = choice.worlds.len();
    let Some(plan) = choice.robust.map(|at| &choice.plans[at]) else {
        let text = format!("{with}no plan that was looked at is allowed in all {worlds} scenarios.");
        return number::capital(&text);
    };
    let most = plan.greatest.map_or(0.0, |[_, most]| most);
    let loses = match at_most(choice, choice.lost(most, None)) {
        zero if zero == amount(choice, 0.0) => format!("is as good as the best plan in each of {worlds} scenarios"),
        most => format!("earns at most {most} less than the best plan in any of {worlds} scenarios"),
    };
    number::capital(&format!("{with}the robust choice, {}, {loses}{}.", origin(plan), tie(choice, plan)))
}

/// Where a plan comes from.
pub(super) fn origin(plan: &Weighed) -> String {
    let numbers: Vec<String> = plan.points.iter().map(|&point| number::count(point as u64 + 1)).collect();
    match numbers.len() {
        0 => "found by exchanging stores".into(),
        1 => format!("the plan of scenario {}", numbers[0]),
        _ => format!("the plan of scenarios {}", number::listed(&numbers)),
    }
}

/// Other plans that lose as little, as far as the figures show.
fn tie(choice: &Choice, robust: &Weighed) -> String {
    let shown = |plan: &Weighed| plan.greatest.map(|[_, most]| at_most(choice, choice.lost(most, None)));
    let own = choice.robust;
    let same = choice.plans.iter().enumerate().filter(|(at, plan)| Some(*at) != own && shown(plan) == shown(robust));
    match same.count() {
        0 => String::new(),
        1 => "; one other plan ties with it".into(),
        ties => format!("; {} other plans tie with it", number::word(ties)),
    }
}

/// How near the robust choice is to the best that any could be, and what it earns.
pub(super) fn bound(choice: &Choice) -> Vec<String> {
    let mut said = Vec::new();
    let Some(plan) = choice.robust.map(|at| &choice.plans[at]) else { return said };
    if let (Some(worst), Some(mean)) = (plan.worst, plan.mean) {
        let stock = match choice.stock_again {
            true => "its stock ordered again in each scenario",
            false => "with the stock bought before",
        };
        let (worst, mean) = (amount(choice, worst), amount(choice, mean));
        said.push(format!(
            "Over the samples that the choice was made on, it earns {worst} at worst and {mean} on average, {stock}."
        ));
    }
    let [certain, most] = plan.greatest.unwrap_or_default();
    let (certain, most) = (at_least(choice, certain), at_most(choice, choice.lost(most, None)));
    let open = "the rest is what the bounds of the best plans leave open";
    let none = amount(choice, 0.0);
    match certain == none {
        _ if most == none => {}
        true => {
            said.push(format!("None of these {most} is certain: it is what the bounds of the best plans leave open."))
        }
        false if certain != most => said.push(format!("Of these {most}, {certain} are certain; {open}.")),
        false => {}
    }
    let least = at_least(choice, choice.regret_at_least);
    // Less than nothing is lost by none.
    match (most == none, least == none) {
        (true, _) => {}
        (false, true) => said.push("That another choice of stores loses less is not ruled out.".into()),
        (false, false) => said.push(format!("No choice of stores can promise to lose less than {least}.")),
    }
    if !choice.searched {
        said.push("The search for a better one was cut short.".into());
    }
    let place = |found: Option<usize>| found.filter(|&at| choice.robust != Some(at)).map(|at| &choice.plans[at]);
    if let Some((plan, mean)) = place(choice.best_mean).and_then(|plan| Some((plan, plan.mean?))) {
        said.push(format!("Most on average, {}: {}.", amount(choice, mean), origin(plan)));
    }
    if let Some((plan, worst)) = place(choice.best_worst).and_then(|plan| Some((plan, plan.worst?))) {
        said.push(format!("Most at worst, {}: {}.", amount(choice, worst), origin(plan)));
    }
    if !choice.left_out.is_empty() {
        let left: Vec<String> = choice.left_out.iter().map(|&point| number::count(point as u64 + 1)).collect();
        said.push(format!(
            "Without a plan, and so no part of this: {} {}.",
            scenario(left.len()),
            number::listed(&left)
        ));
    }
    said
}

fn scenario(count: usize) -> &'static str {
    if count == 1 { "scenario" } else { "scenarios" }
}

/// Why nothing is to be regretted.
pub(super) const NO_REGRET: &str = "Nothing to regret: regret is told, in mean profit, where the world decides a setting \
                                    of the grid and no objective.risk is asked for.";

/// What has no plan or no proof, each with its reason.
pub(super) fn missing(view: &View<'_>) -> Vec<String> {
    let mut said = Vec::new();
    for (at, point) in view.of.points.iter().enumerate() {
        let ended = match point.status {
            Status::Infeasible => "no plan meets its rules",
            Status::Error => "it ended with an error",
            Status::Proven | Status::Gap => continue,
        };
        said.push(format!("Scenario {} ({}): {ended}. {}.", at + 1, view.label(point, None), point.why.join("; ")));
    }
    let unverified = view.of.points.iter().filter(|point| point.objective.as_ref().is_some_and(|r| !r.bound_verified));
    let unverified = unverified.count();
    if unverified > 0 {
        said.push(format!(
            "The bound of {} could not be confirmed independently.",
            number::counted(unverified, "scenario")
        ));
    }
    if view.measure == Measure::None && view.planned() > 0 {
        said.push("Scenarios count in different currencies, so no chart stands them side by side.".into());
    }
    said
}

/// How the plans are proven.
pub(super) fn proof(view: &View<'_>) -> String {
    let proven = view.of.points.iter().filter(|point| point.status == Status::Proven).count();
    let gaps = view.of.points.iter().filter(|point| point.status == Status::Gap);
    let widest = gaps.clone().filter_map(|point| point.objective.as_ref()).map(|r| r.gap).fold(0.0, f64::max);
    match gaps.count() {
        0 => format!("{proven} proven best"),
        all if proven == 0 => format!("{all} within {} of the best possible", number::percent_at_most(widest)),
        some => format!("{proven} proven best, {some} within {}", number::percent_at_most(widest)),
    }
}
