//! The tables of the page, as texts: one row type per table, in the order of the plan.

use domain::plan::{ChosenStore, MarketWorth, Stress};
use domain::settings::ObjectiveKind;
use domain::study::{MarketNote, StoreNote, Study};

use crate::chart::{self, Scale};
use crate::locale::Writing;
use crate::number;
use crate::sentences::{self, store_name};

/// A figure at the head of the page.
pub(crate) struct Card {
    pub(crate) label: String,
    pub(crate) value: String,
    pub(crate) note: String,
    /// A picture, or nothing.
    pub(crate) picture: String,
}

/// A market, with its money in its own currency and as its people write it.
pub(crate) struct MarketRow {
    pub(crate) name: String,
    /// The language of the amounts and the day.
    pub(crate) language: String,
    pub(crate) chosen: String,
    pub(crate) candidates: String,
    /// Expected profit, opening costs, opening stock, and the day on which the pilot is judged; empty where no store is chosen.
    pub(crate) amounts: Vec<String>,
}

/// A mark of a scale over a column of bars.
pub(crate) struct Tick {
    pub(crate) left: String,
    pub(crate) label: String,
}

/// A chosen store.
pub(crate) struct StoreRow {
    pub(crate) rank: u32,
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) market: String,
    pub(crate) expected: String,
    pub(crate) low: String,
    pub(crate) high: String,
    pub(crate) range: String,
    pub(crate) people: String,
    pub(crate) open_cost: String,
    pub(crate) again: String,
    pub(crate) controls: String,
}

/// Why a store was chosen.
pub(crate) struct WhyRow {
    pub(crate) name: String,
    pub(crate) demand: String,
    pub(crate) taken: String,
    /// One per group of features: a class and a style that draw a bar, and a factor; or nothing.
    pub(crate) cells: Vec<(&'static str, String, String)>,
    pub(crate) analogs: String,
}

/// The plan under another assumption.
pub(crate) struct StressRow {
    pub(crate) name: String,
    pub(crate) range: String,
    pub(crate) expected: String,
    pub(crate) low: String,
    pub(crate) high: String,
    pub(crate) kept: String,
    pub(crate) change: String,
    pub(crate) base: bool,
}

/// Devices of a store.
pub(crate) struct StockRow {
    pub(crate) name: String,
    pub(crate) units: Vec<String>,
    pub(crate) total: String,
}

/// The figures at the head of the page.
pub(crate) fn cards(study: &Study) -> Vec<Card> {
    let (plan, worth) = (&study.plan, &study.plan.worth);
    if plan.stores.is_empty() {
        return Vec::new();
    }
    let [low, high] = plan.objective.interval;
    let short = |major: f64| number::money_short(major, study.currency);
    let mean = worth.expected_profit.major();
    let mut cards = Vec::new();
    match (plan.objective.kind, plan.objective.reached) {
        (ObjectiveKind::Coverage, Some(people)) => cards.push(Card {
            label: format!("People within {}", sentences::radius(study)),
            value: number::amount(people),
            note: "counted once each, at their nearest corner".into(),
            picture: String::new(),
        }),
        (ObjectiveKind::Distance, Some(minutes)) => cards.push(Card {
            label: "To the nearest corner".into(),
            value: number::minutes(minutes),
            note: "on average over all people".into(),
            picture: String::new(),
        }),
        _ => {}
    }
    cards.push(Card {
        label: format!("Net {} in {}", if mean < 0.0 { "loss" } else { "benefit" }, sentences::horizon(study)),
        value: short(mean.abs()),
        note: format!("8 in 10: {} to {}", short(low), short(high)),
        picture: format!(
            "<div class=\"bar\" style=\"{}\"></div>",
            chart::span(Scale::around([low, high, mean]), low, mean, high)
        ),
    });
    cards.push(Card {
        label: "Chance of losing money".into(),
        value: number::capital(number::in_hundred(worth.chance_of_loss).trim_start_matches("about ")),
        note: String::new(),
        picture: chart::hundred(worth.chance_of_loss),
    });
    cards.push(Card {
        label: "Paid back after".into(),
        value: worth.payback_weeks.map_or_else(|| "not in 3 years".into(), number::weeks),
        note: format!(
            "up front: {} of opening, {} of stock",
            short(worth.open_cost.major()),
            short(worth.stock_cost.major())
        ),
        picture: String::new(),
    });
    let units: u64 = plan.stock.iter().map(|line| u64::from(line.units)).sum();
    cards.push(Card {
        label: "Devices to order".into(),
        value: number::count(units),
        note: format!("opening stock of {}", number::counted(plan.stores.len(), "corner")),
        picture: String::new(),
    });
    cards
}

/// The markets, by id.
pub(crate) fn markets(study: &Study, labels: &[String]) -> Vec<MarketRow> {
    let row = |(note, label): (&MarketNote, &String)| {
        let writing = Writing::of(note);
        let chosen = study.plan.stores.iter().filter(|store| store.market == note.market).count();
        let worth = study.plan.worth.markets.iter().find(|worth| worth.market == note.market);
        let amounts = |worth: &MarketWorth| {
            let money = [&worth.expected_profit, &worth.open_cost, &worth.stock_cost].map(|money| writing.money(money));
            money.into_iter().chain([judged_on(study, &writing)]).collect()
        };
        MarketRow {
            name: label.clone(),
            chosen: number::count(chosen as u64),
            candidates: number::count(u64::from(note.candidates)),
            amounts: worth.map_or_else(Vec::new, amounts),
            language: writing.tag,
        }
    };
    study.markets.iter().zip(labels).map(row).collect()
}

/// All markets together, in the base currency; none where nothing is said by market.
pub(crate) fn markets_total(study: &Study) -> Option<MarketRow> {
    let (plan, worth, writing) = (&study.plan, &study.plan.worth, Writing::english());
    let candidates: u64 = study.markets.iter().map(|note| u64::from(note.candidates)).sum();
    let money = [&worth.expected_profit, &worth.open_cost, &worth.stock_cost].map(|money| writing.money(money));
    (!worth.markets.is_empty()).then(|| MarketRow {
        name: "Together".into(),
        chosen: number::count(plan.stores.len() as u64),
        candidates: number::count(candidates),
        amounts: money.into_iter().chain([String::new()]).collect(),
        language: writing.tag,
    })
}

/// The day on which the pilot is judged; nothing where it is not compared.
fn judged_on(study: &Study, writing: &Writing) -> String {
    let pilot = &study.plan.pilot;
    let day = pilot.judged_on.as_deref().filter(|_| pilot.design != "none");
    day.map_or_else(String::new, |day| writing.date(day))
}

fn note<'a>(study: &'a Study, store_id: &str) -> Option<&'a StoreNote> {
    study.stores.iter().find(|note| note.store_id == store_id)
}

/// The marks of a scale of money.
pub(crate) fn money_ticks(study: &Study, scale: Scale) -> Vec<Tick> {
    scale
        .ticks()
        .into_iter()
        // A mark at the very end would stand over the next column's head.
        .filter(|&value| scale.percent(value) < 92.0)
        .map(|value| Tick {
            left: format!("{:.1}", scale.percent(value)),
            label: number::round(&number::money_short(value, study.currency)),
        })
        .collect()
}

/// The scale that all stores' ranges share.
pub(crate) fn store_scale(study: &Study) -> Scale {
    Scale::around(
        study
            .plan
            .stores
            .iter()
            .flat_map(|s| [s.interval[0].major(), s.interval[1].major(), s.expected_profit.major()]),
    )
}

/// The chosen stores, by rank.
pub(crate) fn stores(study: &Study, markets: &[String]) -> Vec<StoreRow> {
    let scale = store_scale(study);
    let row = |store: &ChosenStore| {
        let note = note(study, &store.store_id);
        let short = |major: f64| number::money_short(major, study.currency);
        let [low, high] = [store.interval[0].major(), store.interval[1].major()];
        let mean = store.expected_profit.major();
        let market = study.markets.iter().position(|note| note.market == store.market);
        let controls: Vec<String> = store.controls.iter().map(|id| store_name(study, id).to_owned()).collect();
        StoreRow {
            rank: store.rank,
            name: store_name(study, &store.store_id).to_owned(),
            id: store.store_id.clone(),
            market: market.map_or_else(|| store.market.clone(), |at| markets[at].clone()),
            expected: short(mean),
            low: short(low),
            high: short(high),
            range: chart::span(scale, low, mean, high),
            people: note.map_or_else(String::new, |note| number::amount_short(note.people_in_reach as f64)),
            open_cost: note.map_or_else(String::new, |note| short(note.open_cost)),
            again: again(store.share_of_scenarios),
            controls: if controls.is_empty() { "none".into() } else { controls.join(", ") },
        }
    };
    study.plan.stores.iter().map(row).collect()
}

/// A share in whole percent, rounded down, so that 100% means every time.
fn again(share: f64) -> String {
    format!("{:.0}%", (share * 100.0 + 1e-9).floor().max(0.0))
}

/// The groups of features that any chosen store has, those with the largest effect first.
pub(crate) fn groups(study: &Study) -> Vec<String> {
    let mut groups: Vec<(String, f64)> = Vec::new();
    for store in &study.plan.stores {
        for (group, factor) in note(study, &store.store_id).map_or(&[][..], |note| &note.contributions) {
            let effect = effect(*factor);
            match groups.iter_mut().find(|(name, _)| name == group) {
                Some(entry) => entry.1 = entry.1.max(effect.abs()),
                None => groups.push((group.clone(), effect.abs())),
            }
        }
    }
    groups.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    groups.into_iter().map(|(name, _)| name).collect()
}

/// The log of a factor; a factor of 0 or less counts as a hundredth.
fn effect(factor: f64) -> f64 {
    factor.max(0.01).ln()
}

/// Why each store was chosen.
pub(crate) fn why(study: &Study, groups: &[String]) -> Vec<WhyRow> {
    let notes: Vec<Option<&StoreNote>> = study.plan.stores.iter().map(|store| note(study, &store.store_id)).collect();
    let largest = notes
        .iter()
        .flatten()
        .flat_map(|note| note.contributions.iter().map(|(_, factor)| effect(*factor).abs()))
        .fold(0.1, f64::max);
    let row = |(store, note): (&ChosenStore, &Option<&StoreNote>)| WhyRow {
        name: store_name(study, &store.store_id).to_owned(),
        demand: number::units(store.demand_units_per_week),
        taken: note.map_or_else(String::new, |note| number::percent(note.cannibalised)),
        cells: groups
            .iter()
            .map(|group| {
                let found = note.and_then(|note| note.contributions.iter().find(|(name, _)| name == group));
                found.map_or_else(Default::default, |(_, factor)| {
                    let (class, style) = chart::push(effect(*factor) / largest);
                    (class, style, number::factor(*factor))
                })
            })
            .collect(),
        analogs: note.map_or_else(String::new, |note| {
            let names: Vec<String> = note
                .analogs
                .iter()
                .take(3)
                .map(|(id, weight)| format!("{} {}", store_name(study, id), number::percent(*weight)))
                .collect();
            names.join(", ")
        }),
    };
    study.plan.stores.iter().zip(&notes).map(row).collect()
}

/// The scale that the plan and its changes share.
pub(crate) fn stress_scale(study: &Study) -> Scale {
    let worth = &study.plan.worth;
    let base = [study.plan.objective.interval[0], study.plan.objective.interval[1], worth.expected_profit.major()];
    Scale::around(
        base.into_iter().chain(
            worth
                .stress
                .iter()
                .flat_map(|row| [row.interval[0].major(), row.interval[1].major(), row.expected_profit.major()]),
        ),
    )
}

/// The plan as it is, then under each change.
pub(crate) fn stress(study: &Study) -> Vec<StressRow> {
    let (plan, worth) = (&study.plan, &study.plan.worth);
    let scale = stress_scale(study);
    let short = |major: f64| number::money_short(major, study.currency);
    let of = number::count(plan.stores.len() as u64);
    let [low, high] = plan.objective.interval;
    let mean = worth.expected_profit.major();
    let base = StressRow {
        name: "As planned".into(),
        range: chart::span(scale, low, mean, high),
        expected: short(mean),
        low: short(low),
        high: short(high),
        kept: format!("{of} of {of}"),
        change: String::new(),
        base: true,
    };
    let row = |row: &Stress| {
        let [low, high] = [row.interval[0].major(), row.interval[1].major()];
        StressRow {
            name: row.name.clone(),
            range: chart::span(scale, low, row.expected_profit.major(), high),
            expected: short(row.expected_profit.major()),
            low: short(low),
            high: short(high),
            kept: format!("{} of {of}", row.stores_kept),
            change: swap(study, row),
            base: false,
        }
    };
    std::iter::once(base).chain(worth.stress.iter().map(row)).collect()
}

/// Which stores the best plan under a change would take and leave.
fn swap(study: &Study, row: &Stress) -> String {
    let names = |ids: &[String]| {
        let names: Vec<String> = ids.iter().take(3).map(|id| store_name(study, id).to_owned()).collect();
        let more = ids.len().saturating_sub(3);
        if more > 0 { format!("{} and {more} more", names.join(", ")) } else { number::listed(&names) }
    };
    match (row.enters.is_empty(), row.leaves.is_empty()) {
        (true, true) => "the same stores".into(),
        (false, true) => format!("adds {}", names(&row.enters)),
        (true, false) => format!("drops {}", names(&row.leaves)),
        (false, false) => format!("{} for {}", names(&row.enters), names(&row.leaves)),
    }
}

/// Devices across, stores down, with totals: the devices' names, the rows, and the row of totals.
pub(crate) fn stock(study: &Study) -> (Vec<String>, Vec<StockRow>, StockRow) {
    let mut devices: Vec<&str> = study.plan.stock.iter().map(|line| line.device.as_str()).collect();
    devices.sort_unstable();
    devices.dedup();
    let units = |store: Option<&str>, device: Option<&str>| -> u64 {
        let lines = study.plan.stock.iter().filter(|line| {
            store.is_none_or(|store| line.store_id == store) && device.is_none_or(|device| line.device == device)
        });
        lines.map(|line| u64::from(line.units)).sum()
    };
    let row = |name: String, store: Option<&str>| StockRow {
        name,
        units: devices.iter().map(|device| number::count(units(store, Some(device)))).collect(),
        total: number::count(units(store, None)),
    };
    let rows = study
        .plan
        .stores
        .iter()
        .map(|store| row(store_name(study, &store.store_id).to_owned(), Some(&store.store_id)))
        .collect();
    (devices.iter().map(|&device| device.to_owned()).collect(), rows, row("All corners".into(), None))
}
