//! A comparison as the page looks at it: its measure, its words for settings, points and stores.
//!
//! | noun | is |
//! |---|---|
//! | measure | what points are compared in: money where all earn it in one currency, else people or minutes |
//! | line | the points that differ in one axis alone, along it |
//! | spread | the pair of a line that lies farthest apart |

use domain::comparison::{Choice, Comparison, PointNote, Reached, Weighed};
use domain::units::Currency;

use crate::number;

/// What the points of a comparison are compared in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Measure {
    /// Expected profit, of objectives of any kind.
    Money(Currency),
    /// The objective, in its own unit.
    Objective(String),
    /// Nothing that all of them have.
    None,
}

/// A comparison with its measure.
#[derive(Debug)]
pub(super) struct View<'a> {
    pub(super) of: &'a Comparison,
    pub(super) measure: Measure,
}

/// Points that differ in one axis alone: by value of the axis the position of the point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) points: Vec<usize>,
    /// What they have in common.
    pub(super) label: String,
    /// Whether the base is one of them.
    pub(super) base: bool,
}

/// The two points of a line that lie farthest apart, the lower first.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Spread {
    pub(super) axis: usize,
    pub(super) ends: [usize; 2],
    pub(super) apart: f64,
    pub(super) label: String,
}

impl<'a> View<'a> {
    pub(super) fn new(of: &'a Comparison) -> Self {
        let mut reached = of.points.iter().filter_map(|point| point.objective.as_ref());
        let measure = reached.next().map_or(Measure::None, |first| {
            let same = |agrees: &dyn Fn(&Reached) -> bool| {
                of.points.iter().filter_map(|point| point.objective.as_ref()).all(agrees)
            };
            let in_money = first.unit == first.currency.code();
            if !in_money && same(&|other| other.unit == first.unit) {
                Measure::Objective(first.unit.clone())
            } else if same(&|other| other.currency == first.currency) {
                Measure::Money(first.currency)
            } else {
                Measure::None
            }
        });
        Self { of, measure }
    }

    /// What a point reached, in the measure.
    pub(super) fn value(&self, point: usize) -> Option<f64> {
        let reached = self.of.points[point].objective.as_ref()?;
        match self.measure {
            Measure::Money(_) => Some(reached.expected_profit),
            Measure::Objective(_) => Some(reached.value),
            Measure::None => None,
        }
    }

    /// A value in a sentence.
    pub(super) fn say(&self, value: f64) -> String {
        match &self.measure {
            Measure::Money(currency) => number::money(value, *currency),
            Measure::Objective(unit) => format!("{} {unit}", number::amount(value)),
            Measure::None => number::amount(value),
        }
    }

    /// A value in a table.
    pub(super) fn short(&self, value: f64) -> String {
        match &self.measure {
            Measure::Money(currency) => number::money_short(value, *currency),
            _ => number::amount_short(value),
        }
    }

    /// What the measure is called.
    pub(super) fn called(&self) -> &'static str {
        match &self.measure {
            Measure::Money(_) => "expected net benefit",
            Measure::Objective(unit) if unit == "people" => "people reached",
            Measure::Objective(_) => "the objective",
            Measure::None => "the result",
        }
    }

    /// The name of a store; its id where it has none.
    pub(super) fn store<'b>(&'b self, id: &'b str) -> &'b str {
        self.of.names.get(id).map_or(id, String::as_str)
    }

    /// Points with a plan.
    pub(super) fn planned(&self) -> usize {
        self.of.points.iter().filter(|point| point.objective.is_some()).count()
    }

    /// A point by its settings; without an axis, where it is told apart from points along it.
    pub(super) fn label(&self, point: &PointNote, but: Option<usize>) -> String {
        let parts = self.of.axes.iter().zip(&point.at).enumerate().filter(|(axis, _)| Some(*axis) != but);
        parts.map(|(_, (axis, value))| setting_is(&axis.key, value)).collect::<Vec<_>>().join(", ")
    }

    /// The points by axis: all lines along it, in the order of the points.
    pub(super) fn lines(&self, axis: usize) -> Vec<Line> {
        let same =
            |a: &PointNote, b: &PointNote| a.at.iter().zip(&b.at).enumerate().all(|(at, (a, b))| at == axis || a == b);
        let mut lines: Vec<Line> = Vec::new();
        for (at, point) in self.of.points.iter().enumerate() {
            match lines.iter_mut().find(|line| same(&self.of.points[line.points[0]], point)) {
                Some(line) => {
                    line.points.push(at);
                    line.base |= at == self.of.base.point;
                }
                None => {
                    let label = self.label(point, Some(axis));
                    lines.push(Line { points: vec![at], label, base: at == self.of.base.point });
                }
            }
        }
        lines
    }

    /// How far apart each axis alone drives the points, the widest first.
    pub(super) fn spreads(&self) -> Vec<Spread> {
        let mut spreads: Vec<Spread> = (0..self.of.axes.len()).filter_map(|axis| self.spread(axis)).collect();
        spreads.sort_by(|a, b| b.apart.total_cmp(&a.apart));
        spreads
    }

    fn spread(&self, axis: usize) -> Option<Spread> {
        let mut widest: Option<Spread> = None;
        for line in self.lines(axis) {
            let known: Vec<(usize, f64)> =
                line.points.iter().filter_map(|&point| Some((point, self.value(point)?))).collect();
            let low = known.iter().copied().min_by(|a, b| a.1.total_cmp(&b.1));
            let high = known.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1));
            let (Some(low), Some(high)) = (low, high) else { continue };
            let apart = high.1 - low.1;
            if widest.as_ref().is_none_or(|widest| apart > widest.apart) {
                widest = Some(Spread { axis, ends: [low.0, high.0], apart, label: line.label });
            }
        }
        widest
    }
}

/// The settings that a choice is for, in words; empty where the sweep has none that we decide.
pub(super) fn ours(choice: &Choice) -> String {
    let parts: Vec<String> = choice.at.iter().map(|(key, value)| setting_is(key, value)).collect();
    parts.join(", ")
}

/// Plans of a choice, the least greatest regret first; those that are not allowed everywhere last.
pub(super) fn ranked(choice: &Choice) -> Vec<(usize, &Weighed)> {
    let mut plans: Vec<(usize, &Weighed)> = choice.plans.iter().enumerate().collect();
    let greatest = |plan: &Weighed| plan.greatest.map_or(f64::INFINITY, |[_, most]| most);
    plans.sort_by(|a, b| {
        let robust = |at: usize| choice.robust != Some(at);
        robust(a.0).cmp(&robust(b.0)).then(greatest(a.1).total_cmp(&greatest(b.1)))
    });
    plans
}

/// A setting at a value.
fn setting_is(key: &str, value: &str) -> String {
    format!("{} {}", setting(key), written(value))
}

/// A value as written, with the sign of a negative number.
pub(super) fn written(value: &str) -> String {
    value.strip_prefix('-').map_or_else(|| value.to_owned(), |rest| format!("\u{2212}{rest}"))
}

/// What a setting is called; its dotted path where it has no name of its own.
pub(super) fn setting(key: &str) -> &str {
    match key {
        "budget.capex" => "opening budget",
        "budget.open_cost" => "cost of opening",
        "budget.stock" => "stock budget",
        "capture.beta_per_minute" => "reluctance to travel",
        "capture.outside" => "pull of other shops",
        "demand.uptake" => "uptake",
        "horizon_weeks" => "weeks ahead",
        "placement.distance_min" => "distance between corners at least",
        "placement.stores_max" => "stores at most",
        "placement.stores_min" => "stores at least",
        "travel.speed" => "travel speed",
        other => other,
    }
}
