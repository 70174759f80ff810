//! The comparison of a sweep as a page: the decision over the grid, and what it rests on.

mod drawn;
mod said;
#[cfg(test)]
mod tests;
mod view;

use askama::Template;
use domain::comparison::{By, Choice, Comparison, PointNote, Status, Survivor, Weighed};

use self::view::{Measure, View};
use crate::chart::{self, Scale};
use crate::sentences::Sentence;
use crate::view::{Card, Tick};
use crate::{ReportError, finite, number};

/// Stores that are shown at once; the others can be unfolded.
const STORES_SHOWN: usize = 30;
/// Plans of a choice that are shown.
const PLANS_SHOWN: usize = 12;
/// Scenarios of a choice that have a column each.
const WORLDS_SHOWN: usize = 12;

#[derive(Template)]
#[template(path = "comparison.html")]
struct Page<'a> {
    title: String,
    of: &'a Comparison,
    count: String,
    lead: Vec<Sentence>,
    cards: Vec<Card>,
    blocks: bool,
    stores: Vec<StoreRow>,
    more_stores: Vec<StoreRow>,
    called: String,
    axes: Vec<AxisFigure>,
    choices: Vec<ChoiceTable>,
    no_regret: &'static str,
    settings: Vec<String>,
    /// What scenarios that stand together have in common.
    shared: String,
    ticks: Vec<Tick>,
    grid: String,
    money: bool,
    points: Vec<PointRow>,
    base: String,
    missing: Vec<String>,
}

/// A store that some plan holds.
struct StoreRow {
    name: String,
    id: String,
    held: String,
    bar: String,
    marks: String,
    /// The scenarios in words.
    which: String,
    everywhere: bool,
}

/// The measure along an axis.
struct AxisFigure {
    name: String,
    key: String,
    ours: bool,
    effect: String,
    svg: String,
    /// Sample and name of each line.
    keys: Vec<(String, String)>,
    values: Vec<String>,
    /// Name and figures of each line.
    rows: Vec<(String, Vec<String>)>,
}

/// The plans of a choice.
struct ChoiceTable {
    at: usize,
    heading: String,
    said: String,
    more: Vec<String>,
    opens: String,
    rows: Vec<PlanRow>,
    /// Plans that are not shown.
    left: usize,
    worlds: Vec<usize>,
}

/// A plan and what it loses.
struct PlanRow {
    robust: bool,
    origin: String,
    differs: String,
    greatest: String,
    mean: String,
    worst: String,
    losses: Vec<String>,
}

/// A scenario.
struct PointRow {
    number: usize,
    base: bool,
    at: Vec<String>,
    value: String,
    range: String,
    outcomes: String,
    stores: String,
    kept: String,
    proof: String,
    report: Option<String>,
}

/// The comparison of a sweep as one HTML file: self-contained, without script, each scenario's own report one link away.
///
/// # Errors
/// [`ReportError::NotFinite`] for a NaN or an infinity anywhere in it.
pub fn comparison(of: &Comparison) -> Result<String, ReportError> {
    finite::comparison(of)?;
    let view = View::new(of);
    let (mut stores, mut scale) = (stores(&view), Scale::around([]));
    if let Measure::Money(_) = view.measure {
        let intervals = of.points.iter().filter_map(|point| point.objective.as_ref()).map(|reached| reached.interval);
        scale = Scale::around(intervals.flatten());
    }
    let more_stores = stores.split_off(STORES_SHOWN.min(stores.len()));
    let page = Page {
        title: said::title(&view),
        count: number::counted(of.points.len(), "scenario"),
        lead: said::lead(&view),
        cards: cards(&view),
        blocks: of.points.len() <= drawn::MARKS,
        stores,
        more_stores,
        called: number::capital(view.called()),
        axes: axes(&view),
        choices: of.regret.iter().enumerate().map(|(at, choice)| choice_table(&view, at, choice)).collect(),
        no_regret: said::NO_REGRET,
        settings: of.axes.iter().map(|axis| number::capital(view::setting(&axis.key))).collect(),
        shared: of.axes.first().map_or_else(String::new, |axis| view::setting(&axis.key).to_owned()),
        ticks: ticks(&view, scale),
        grid: chart::grid(scale),
        money: matches!(view.measure, Measure::Money(_)),
        points: of.points.iter().enumerate().map(|(at, point)| point_row(&view, scale, at, point)).collect(),
        base: base(of),
        missing: said::missing(&view),
        of,
    };
    Ok(page.render()?)
}

/// The figures at the head of the page.
fn cards(view: &View<'_>) -> Vec<Card> {
    let of = view.of;
    let mut cards = Vec::new();
    let card = |label: String, value: String, note: String| Card { label, value, note, picture: String::new() };
    let everywhere = of.stores.iter().filter(|store| store.points == store.of).count();
    if !of.stores.is_empty() {
        let (value, note) = (number::counted(everywhere, "store"), format!("of {} in any", of.stores.len()));
        cards.push(card("In every plan".into(), value, note));
    }
    if let Some([low, high]) = said::ends(view) {
        let value = match view.short(low) == view.short(high) {
            true => view.short(low),
            false => format!("{} to {}", view.short(number::at_least(low)), view.short(number::at_most(high))),
        };
        let base =
            view.value(of.base.point).map_or_else(String::new, |base| format!("{} in the base", view.short(base)));
        cards.push(card(number::capital(view.called()), value, base));
    }
    for choice in of.regret.iter().take(2) {
        if let Some([_, most]) = choice.robust.and_then(|at| choice.plans[at].greatest) {
            let label = "The robust choice loses at most".into();
            cards.push(card(label, said::at_most(choice, choice.lost(most, None)), view::ours(choice)));
        }
    }
    let value = format!("{} of {}", view.planned(), of.points.len());
    cards.push(card("Scenarios with a plan".into(), value, said::proof(view)));
    cards
}

/// Stores by how many plans hold them.
fn stores(view: &View<'_>) -> Vec<StoreRow> {
    let of = view.of;
    // Scenarios that share the first setting stand together.
    let block = of.axes.first().map_or(1, |axis| of.points.len() / axis.values.len().max(1));
    let row = |store: &Survivor| {
        let held =
            |point: &PointNote| point.objective.as_ref().map(|_| point.stores.binary_search(&store.store_id).is_ok());
        let all: Vec<Option<bool>> = of.points.iter().map(held).collect();
        let numbers: Vec<String> = (1..)
            .zip(&all)
            .filter(|(_, held)| **held == Some(true))
            .map(|(at, _): (usize, _)| at.to_string())
            .collect();
        let everywhere = store.points == store.of;
        StoreRow {
            name: view.store(&store.store_id).to_owned(),
            id: if of.names.contains_key(&store.store_id) { store.store_id.clone() } else { String::new() },
            held: format!("{} of {}", store.points, store.of),
            bar: drawn::bar(store.points as f64 / store.of.max(1) as f64),
            marks: if all.len() <= drawn::MARKS { drawn::marks(&all, block) } else { String::new() },
            which: if everywhere { "all that have a plan".into() } else { number::listed(&numbers) },
            everywhere,
        }
    };
    of.stores.iter().map(row).collect()
}

/// The measure along each axis, that which moves most first.
fn axes(view: &View<'_>) -> Vec<AxisFigure> {
    let figure = |axis: usize| {
        let lines = view.lines(axis);
        let note = &view.of.axes[axis];
        let keys = match lines.len() {
            0 | 1 => Vec::new(),
            all if all > drawn::LOOKS => {
                let based = lines.iter().find(|line| line.base);
                let base = based.map(|line| (drawn::key("look0"), format!("the base: {}", line.label)));
                base.into_iter().chain([(drawn::key("pale"), "other settings".to_owned())]).collect()
            }
            all => {
                let look =
                    |(at, line): (usize, &view::Line)| (drawn::key(&drawn::look_of(at, line, all)), line.label.clone());
                lines.iter().enumerate().map(look).collect()
            }
        };
        let cell = |&point: &usize| view.value(point).map_or_else(|| "no plan".to_owned(), |value| view.short(value));
        let label = |text: &str| if text.is_empty() { number::capital(view.called()) } else { number::capital(text) };
        Some(AxisFigure {
            name: number::capital(view::setting(&note.key)),
            key: note.key.clone(),
            ours: note.decided_by == By::We,
            effect: said::effect(view, axis),
            svg: drawn::along(view, axis, &lines)?,
            keys,
            values: note.values.iter().map(|value| view::written(value)).collect(),
            rows: lines.iter().map(|line| (label(&line.label), line.points.iter().map(cell).collect())).collect(),
        })
    };
    view.spreads().iter().filter_map(|spread| figure(spread.axis)).collect()
}

fn choice_table(view: &View<'_>, at: usize, choice: &Choice) -> ChoiceTable {
    let robust = choice.robust.map(|at| &choice.plans[at]);
    let money = |value: Option<f64>| match (value, choice.unit.parse()) {
        (Some(value), Ok(currency)) => number::money_short(value, currency),
        (Some(value), Err(_)) => number::amount_short(value),
        (None, _) => "not allowed".to_owned(),
    };
    let row = |(at, plan): (usize, &Weighed)| PlanRow {
        robust: choice.robust == Some(at),
        origin: number::capital(&said::origin(plan)),
        differs: match robust {
            Some(robust) if choice.robust != Some(at) => differs(view, robust, plan),
            _ => String::new(),
        },
        greatest: money(plan.greatest.map(|[_, most]| number::at_most(choice.lost(most, None)))),
        mean: money(plan.mean),
        worst: money(plan.worst),
        losses: plan
            .regrets
            .iter()
            .enumerate()
            .map(|(world, regret)| money(regret.map(|[_, most]| number::at_most(choice.lost(most, Some(world))))))
            .collect(),
    };
    let plans = view::ranked(choice);
    let ours = view::ours(choice);
    let names = |plan: &Weighed| plan.stores.iter().map(|id| view.store(id).to_owned()).collect::<Vec<_>>();
    ChoiceTable {
        at,
        heading: if ours.is_empty() { "In every scenario".into() } else { number::capital(&ours) },
        said: said::robust(choice),
        more: said::bound(choice),
        opens: robust.map_or_else(String::new, |plan| match plan.stores.len() {
            0 => "It opens no corner.".into(),
            stores => format!("It opens {}: {}.", number::counted(stores, "store"), number::listed(&names(plan))),
        }),
        rows: plans.iter().take(PLANS_SHOWN).copied().map(row).collect(),
        left: plans.len().saturating_sub(PLANS_SHOWN),
        worlds: match choice.worlds.len() {
            all if all <= WORLDS_SHOWN => choice.worlds.iter().map(|world| world + 1).collect(),
            _ => Vec::new(),
        },
    }
}

/// Which stores a plan has in place of the robust one's.
fn differs(view: &View<'_>, robust: &Weighed, plan: &Weighed) -> String {
    let missing = |from: &Weighed, other: &Weighed| -> Vec<String> {
        let gone = from.stores.iter().filter(|id| other.stores.binary_search(id).is_err());
        gone.map(|id| view.store(id).to_owned()).collect()
    };
    match (missing(plan, robust), missing(robust, plan)) {
        (adds, drops) if adds.is_empty() && drops.is_empty() => "the same stores".into(),
        (adds, drops) if drops.is_empty() => format!("adds {}", number::listed(&adds)),
        (adds, drops) if adds.is_empty() => format!("leaves out {}", number::listed(&drops)),
        (adds, drops) => format!("{} for {}", number::listed(&adds), number::listed(&drops)),
    }
}

fn point_row(view: &View<'_>, scale: Scale, at: usize, point: &PointNote) -> PointRow {
    let reached = point.objective.as_ref();
    // Where scenarios share no measure, each is told in its own currency.
    let own = |value: f64| match (&view.measure, reached) {
        (Measure::None, Some(reached)) => number::money_short(value, reached.currency),
        _ => view.short(value),
    };
    let value = match view.measure {
        Measure::None => reached.map(|reached| reached.expected_profit),
        _ => view.value(at),
    };
    let money = matches!(view.measure, Measure::Money(_));
    let interval = reached.filter(|_| money).map(|reached| (reached.interval, reached.expected_profit));
    PointRow {
        number: at + 1,
        base: at == view.of.base.point,
        at: point.at.iter().map(|value| view::written(value)).collect(),
        value: value.map_or_else(|| "–".to_owned(), own),
        range: interval.map_or_else(String::new, |([low, high], mean)| chart::span(scale, low, mean, high)),
        outcomes: interval.map_or_else(|| "–".to_owned(), |([low, high], _)| format!("{} to {}", own(low), own(high))),
        stores: if reached.is_some() { point.stores.len().to_string() } else { "–".into() },
        kept: if reached.is_some() { point.stores_in_base.to_string() } else { "–".into() },
        proof: match (point.status, reached) {
            (Status::Proven, _) => "proven".into(),
            (Status::Gap, Some(reached)) => format!("within {}", number::percent_at_most(reached.gap)),
            (Status::Infeasible, _) => "no plan meets its rules".into(),
            (Status::Gap | Status::Error, _) => "ended with an error".into(),
        },
        report: reached.map(|_| format!("../{}/report.html", point.run_id)),
    }
}

fn ticks(view: &View<'_>, scale: Scale) -> Vec<Tick> {
    let shown = scale.ticks().into_iter().filter(|&value| scale.percent(value) < 92.0);
    let label = |value: f64| number::round(&view.short(value));
    shown.map(|value| Tick { left: format!("{:.1}", scale.percent(value)), label: label(value) }).collect()
}

/// Which scenario others are compared with.
fn base(of: &Comparison) -> String {
    let number = of.base.point + 1;
    match of.base.scenario {
        true => format!("Scenario {number}, the base, is the scenario file as it stands without its grid."),
        false => format!(
            "Scenario {number}, the first, is the base: the scenario file as it stands is no point of the grid."
        ),
    }
}
