//! What the report says. Each sentence is a rule over the study and has its tests; none is written
//! anywhere else. A sentence never claims more than its figure: limits are rounded outwards, what is
//! assumed is called assumed, and a tie is called a tie.

mod change;
mod decision;
mod evidence;
mod upkeep;

use domain::settings::ObjectiveKind;
use domain::study::Study;

pub(crate) use change::{changes, choice_heading, miss, scales};
pub(crate) use decision::{banner, lead, title};
pub(crate) use evidence::{coverage, demand_heading, detectable, outlook_note, selection, stock_heading, stock_note};
pub(crate) use upkeep::{depot_note, reorder_note, reorder_rows};

use crate::number;

/// A sentence, and whether it is one of those that carry the decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sentence {
    /// What it says.
    pub(crate) text: String,
    /// Whether it is set in bold.
    pub(crate) strong: bool,
}

impl Sentence {
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), strong: false }
    }

    pub(crate) fn strong(text: impl Into<String>) -> Self {
        Self { text: text.into(), strong: true }
    }
}

/// The name a person knows a store by; its id where the study has no note of it.
pub(crate) fn store_name<'a>(study: &'a Study, store_id: &'a str) -> &'a str {
    study
        .stores
        .binary_search_by(|note| note.store_id.as_str().cmp(store_id))
        .ok()
        .or_else(|| study.stores.iter().position(|note| note.store_id == store_id))
        .map_or(store_id, |at| study.stores[at].name.as_str())
}

/// An amount in the unit of the objective, for a sentence.
pub(crate) fn in_objective(study: &Study, value: f64) -> String {
    match study.plan.objective.kind {
        ObjectiveKind::Profit => number::money(value, study.currency),
        ObjectiveKind::Distance => format!("{} people-minutes", number::amount(value)),
        ObjectiveKind::Coverage => format!("{} people", number::amount(value)),
    }
}

/// The range that 8 in 10 outcomes of the profit lie in, after `between`-like words.
fn money_range(study: &Study, interval: [f64; 2]) -> String {
    let say = |value: f64| number::money(value.abs(), study.currency);
    let [low, high] = interval;
    match (say(low), say(high)) {
        (a, b) if a == b && (low < 0.0) == (high < 0.0) => {
            format!("lie close to {}", if low < 0.0 { format!("a loss of {a}") } else { a })
        }
        (a, b) if low < 0.0 && high < 0.0 => format!("fall between a loss of {a} and a loss of {b}"),
        (a, b) if low < 0.0 => format!("fall between a loss of {a} and a gain of {b}"),
        (a, b) => format!("fall between {a} and {b}"),
    }
}

/// What the horizon is called.
pub(crate) fn horizon(study: &Study) -> String {
    number::counted(study.horizon_weeks as usize, "week")
}

/// How far people count for coverage.
pub(crate) fn radius(study: &Study) -> String {
    study.travel.radius_minutes.map_or_else(|| "the radius".into(), number::minutes)
}
