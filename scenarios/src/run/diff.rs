//! Two plans, compared: what changed between them, and whether that is more than a gate lets through.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use domain::plan::Plan;
use domain::plan::replenishment::Replenishment;
use domain::units::Money;
use serde::Serialize;

/// The version of a difference's JSON.
pub const SCHEMA: &str = "cornerstone/diff/1";

/// What one plan has and another has not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// The runs: before, after.
    pub runs: [String; 2],
    /// Stores that only the later plan opens, by id.
    pub opened: Vec<String>,
    /// Stores that only the earlier one does.
    pub closed: Vec<String>,
    /// Stores of both whose controls are others.
    pub controls: Vec<String>,
    /// Stock of stores of both that is another, by store id, then device.
    pub stock: Vec<StockChange>,
    /// When stock of stores of both is reordered, and how much, where that is another, by store id, then device.
    pub reorder: Vec<ReorderChange>,
    /// What depots hold, where that is another, by market, then device.
    pub depots: Vec<DepotChange>,
    /// Units of all opening stock: before, after.
    pub units: [u64; 2],
    /// What the objective reached: before, after; none where it was another.
    pub objective: Option<[f64; 2]>,
    /// Expected profit on fresh samples: before, after; none where it is in another currency.
    pub expected_profit: Option<[Money; 2]>,
    /// The gap that was left: before, after.
    pub gap: [f64; 2],
    /// Codes of warnings that only the later plan has.
    pub warnings: Vec<String>,
}

/// A device at a corner of both plans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StockChange {
    /// Where.
    pub store_id: String,
    /// What.
    pub device: String,
    /// Units: before, after.
    pub units: [u32; 2],
}

/// When a corner of both plans reorders a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReorderChange {
    /// Where.
    pub store_id: String,
    /// What.
    pub device: String,
    /// Before, after; none where the plan does not say.
    pub policy: [Option<Reordered>; 2],
}

/// When a device is reordered, and how much: up to a level, or in lots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Reordered {
    /// s or R.
    pub reorder: u32,
    /// S.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub up_to: Option<u32>,
    /// Q.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lot: Option<u32>,
}

/// What a market's depot holds of a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DepotChange {
    /// Which market.
    pub market: String,
    /// What.
    pub device: String,
    /// Units: before, after; none where the plan has no such depot.
    pub units: [Option<u32>; 2],
}

/// The values of each place of either that is another in the other: before, after.
fn changed<V: Copy + PartialEq>(
    before: BTreeMap<(String, String), V>,
    after: &BTreeMap<(String, String), V>,
) -> Vec<((String, String), [Option<V>; 2])> {
    let added = after.keys().filter(|place| !before.contains_key(*place)).map(|place| (place.clone(), None));
    let mut all: Vec<((String, String), Option<V>)> = added.collect();
    all.extend(before.into_iter().map(|(place, value)| (place, Some(value))));
    all.sort_by(|one, other| one.0.cmp(&other.0));
    let pairs = all.into_iter().map(|(place, value)| {
        let later = after.get(&place).copied();
        (place, [value, later])
    });
    pairs.filter(|(_, [before, after])| before != after).collect()
}

fn levels(plan: &Plan) -> BTreeMap<(String, String), u32> {
    plan.stock.iter().map(|line| ((line.store_id.clone(), line.device.clone()), line.units)).collect()
}

fn policies(plan: &Plan) -> BTreeMap<(String, String), Reordered> {
    let lines = plan.replenishment.iter().flat_map(|kept: &Replenishment| &kept.lines);
    let policy = |reorder, up_to, lot| Reordered { reorder, up_to, lot };
    lines
        .map(|line| ((line.store_id.clone(), line.device.clone()), policy(line.reorder, line.up_to, line.lot)))
        .collect()
}

fn depots(plan: &Plan) -> BTreeMap<(String, String), u32> {
    let lines = plan.replenishment.iter().flat_map(|kept: &Replenishment| &kept.depot);
    lines.map(|line| ((line.market.clone(), line.device.clone()), line.base_stock)).collect()
}

impl Difference {
    /// What changes from `before` to `after`.
    #[must_use]
    pub fn between(before: &Plan, after: &Plan) -> Self {
        let stores = |plan: &Plan| -> BTreeMap<String, BTreeSet<String>> {
            let chosen = plan.stores.iter();
            chosen.map(|store| (store.store_id.clone(), store.controls.iter().cloned().collect())).collect()
        };
        let (old, new) = (stores(before), stores(after));
        let only = |one: &BTreeMap<String, BTreeSet<String>>, other: &BTreeMap<String, BTreeSet<String>>| {
            one.keys().filter(|id| !other.contains_key(*id)).cloned().collect::<Vec<String>>()
        };
        let both = |id: &str| old.contains_key(id) && new.contains_key(id);
        let controls = old.iter().filter(|(id, own)| new.get(*id).is_some_and(|other| other != *own));
        let stock = changed(levels(before), &levels(after)).into_iter().filter(|(place, _)| both(&place.0));
        let stock = stock.map(|((store_id, device), units)| StockChange {
            store_id,
            device,
            units: units.map(|units| units.unwrap_or(0)),
        });
        let kind = |plan: &Plan| (plan.objective.kind, plan.objective.unit.clone());
        let profits = [before.worth.expected_profit, after.worth.expected_profit];
        let known: BTreeSet<&str> = before.warnings.iter().map(|warning| warning.code.as_str()).collect();
        let fresh: BTreeSet<&str> = after.warnings.iter().map(|warning| warning.code.as_str()).collect();
        Self {
            schema: SCHEMA,
            runs: [before.run_id.clone(), after.run_id.clone()],
            opened: only(&new, &old),
            closed: only(&old, &new),
            controls: controls.map(|(id, _)| id.clone()).collect(),
            stock: stock.filter(|change| change.units[0] != change.units[1]).collect(),
            reorder: changed(policies(before), &policies(after))
                .into_iter()
                .filter(|(place, _)| both(&place.0))
                .map(|((store_id, device), policy)| ReorderChange { store_id, device, policy })
                .collect(),
            depots: changed(depots(before), &depots(after))
                .into_iter()
                .map(|((market, device), units)| DepotChange { market, device, units })
                .collect(),
            units: [before, after].map(|plan| plan.stock.iter().map(|line| u64::from(line.units)).sum()),
            objective: (kind(before) == kind(after)).then_some([before.objective.value, after.objective.value]),
            expected_profit: (profits[0].currency == profits[1].currency).then_some(profits),
            gap: [before.objective.gap, after.objective.gap],
            warnings: fresh.difference(&known).map(|code| (*code).to_owned()).collect(),
        }
    }

    /// How much of what a gate watches there is; none where it can't be told.
    #[must_use]
    pub fn measure(&self, what: Watched) -> Option<f64> {
        let count = |all: usize| Some(all as f64);
        let part = |pair: [f64; 2]| 100.0 * (pair[1] - pair[0]).abs() / pair[0].abs().max(1.0);
        match what {
            // A swap opens one and closes one, and is one change.
            Watched::Stores => count(self.opened.len().max(self.closed.len())),
            Watched::Controls => count(self.controls.len()),
            Watched::Stock => count(self.stock.len()),
            Watched::Reorder => count(self.reorder.len() + self.depots.len()),
            Watched::Units => Some(part(self.units.map(|units| units as f64))),
            Watched::Objective => self.objective.map(part),
            Watched::Profit => self.expected_profit.map(|pair| part(pair.map(|money| money.major()))),
            Watched::Warnings => count(self.warnings.len()),
        }
    }
}

/// What a gate watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watched {
    /// Stores that changed places.
    Stores,
    /// Stores whose controls changed.
    Controls,
    /// Lines of stock that changed.
    Stock,
    /// Lines of stock that are reordered at another point or in other lots, and depots that hold something else.
    Reorder,
    /// Units of all stock, in percent.
    Units,
    /// The objective, in percent.
    Objective,
    /// Expected profit, in percent.
    Profit,
    /// Warnings that are new.
    Warnings,
}

/// The names of what gates watch, and whether it is a percentage.
const WATCHED: [(&str, Watched, bool); 8] = [
    ("stores-changed", Watched::Stores, false),
    ("controls-changed", Watched::Controls, false),
    ("stock-changed", Watched::Stock, false),
    ("reorder-changed", Watched::Reorder, false),
    ("units-changed", Watched::Units, true),
    ("objective-changed", Watched::Objective, true),
    ("profit-changed", Watched::Profit, true),
    ("warnings-new", Watched::Warnings, false),
];

/// `stores-changed>2`: what must not be exceeded.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    /// As it was written.
    pub words: String,
    /// What it watches.
    pub watched: Watched,
    /// More than this does not pass.
    pub most: f64,
}

impl Gate {
    /// Whether a difference passes; what can't be told does not.
    #[must_use]
    pub fn passes(&self, difference: &Difference) -> bool {
        difference.measure(self.watched).is_some_and(|measure| measure <= self.most)
    }

    /// A measure that does not pass, with a digit more than the gate and at least two, rounded up: more than the gate as it is
    /// read, too.
    #[must_use]
    pub fn exceeded_by(&self, measure: f64) -> String {
        if !WATCHED.iter().any(|(_, watched, percent)| *watched == self.watched && *percent) {
            return format!("{measure}");
        }
        let digits = self.most.to_string().split_once('.').map_or(0, |(_, digits)| digits.len());
        let digits = (digits + 1).max(2);
        let unit = 10_f64.powi(i32::try_from(digits).unwrap_or(i32::MAX));
        format!("{:.digits$} %", (measure * unit).ceil() / unit)
    }
}

impl FromStr for Gate {
    type Err = String;

    fn from_str(words: &str) -> Result<Self, String> {
        let names = || WATCHED.map(|known| known.0).join(", ");
        let (name, most) = words
            .split_once('>')
            .ok_or_else(|| format!("`{words}` is no gate; write one like `stores-changed>2` or `profit-changed>5%`"))?;
        let name = name.trim();
        let Some((_, watched, percent)) = WATCHED.into_iter().find(|known| known.0 == name) else {
            let near = crate::spec::near::nearest(name, WATCHED.iter().map(|known| known.0));
            let mend = near.map_or_else(|| format!("known are {}", names()), |near| format!("did you mean `{near}`?"));
            return Err(format!("nothing is called `{name}`; {mend}"));
        };
        let most = most.trim();
        let number = if percent { most.strip_suffix('%').map(str::trim) } else { Some(most) };
        let number = number.ok_or_else(|| format!("`{name}` is a percentage; write `{name}>5%`"))?;
        match number.parse::<f64>() {
            Ok(most) if most.is_finite() && most >= 0.0 => Ok(Self { words: words.to_owned(), watched, most }),
            _ => Err(format!("`{most}` is no number of 0 or more")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gates_are_read_and_others_are_refused_with_the_nearest_name() {
        let gate: Gate = "stores-changed>2".parse().expect("a gate");
        assert_eq!((gate.watched, gate.most), (Watched::Stores, 2.0));
        let gate: Gate = "profit-changed > 5 %".parse().expect("a gate");
        assert_eq!((gate.watched, gate.most), (Watched::Profit, 5.0));
        for (words, says) in [
            ("stores-changed", "no gate"),
            ("store-changed>2", "did you mean `stores-changed`"),
            ("profit-changed>5", "percentage"),
            ("stores-changed>-1", "0 or more"),
            ("stores-changed>nan", "0 or more"),
            ("weather>1", "known are"),
            ("reorder-change>0", "did you mean `reorder-changed`"),
        ] {
            let error = words.parse::<Gate>().expect_err(words);
            assert!(error.contains(says), "{words}: {error}");
        }
    }

    #[test]
    fn what_exceeds_a_gate_is_printed_as_more_than_it() {
        for (gate, measure, said) in [
            ("profit-changed>7.07%", 7.0712, "7.072 %"),
            ("profit-changed>7%", 7.000_01, "7.01 %"),
            ("units-changed>0%", 0.000_4, "0.01 %"),
            ("stores-changed>2", 3.0, "3"),
        ] {
            let gate: Gate = gate.parse().expect("a gate");
            assert_eq!(gate.exceeded_by(measure), said, "{gate:?}");
            let number: f64 = said.trim_end_matches(" %").parse().expect("a number");
            assert!(number >= measure && number > gate.most);
        }
    }
}
