//! How alike stores were, derived a second time, and what that rules out.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | l_jt | `Comparison::logs` | ln of weekly units; NaN where not known |
//! | v_jc | [`Comparison::variance`] | square of logs |
//! | kappa | the plan's, taken as given | scales |
//! | r = (ln(1 + delta)/kappa)^2 | `Comparison::limit` | square of logs |
//!
//! A week without sales counts as half the least week above zero. v_jc is the variance of l_jt - l_ct over the weeks of the
//! match in which both are known, if those are at least half. A plan of P stores detects delta if controls of its own, m
//! for each store, cost sum v x/m <= P^2 r. The least cost of the controls of j alone gives the row
//! sum (a_j - p r) y_j <= 0, and an assignment by potentials [kuhn1955] says of one plan whether it has such controls.

use domain::ids::Idx;
use domain::market::Store;
use domain::panel::Cell;
use domain::plan::Plan;
use domain::settings::ObjectiveKind;
use rayon::prelude::*;

use crate::controls::Eligible;
use crate::facts::Facts;
use crate::rules::Rule;

/// Two evaluations of a variance over a year of weeks agree to far better.
pub(crate) const RELATIVE: f64 = 1e-9;

/// What rules are asked of the comparison, and what answers them.
pub(crate) struct Comparison<'a> {
    facts: &'a Facts<'a>,
    eligible: Eligible<'a>,
    /// By store, over the weeks of the match.
    logs: Vec<Vec<f64>>,
    /// Whether stores are compared with their partners of a pair.
    randomised: bool,
    /// Controls of a store.
    pub(crate) each: usize,
    stores_max: usize,
    /// r.
    pub(crate) limit: Option<f64>,
    /// (name, values by store, within) of `pilot.balanced`.
    pub(crate) balanced: Vec<(&'a str, Vec<f64>, f64)>,
}

impl<'a> Comparison<'a> {
    pub(crate) fn new(facts: &'a Facts<'a>, plan: &Plan) -> Self {
        let settings = facts.settings;
        let profit = settings.objective.kind == ObjectiveKind::Profit;
        let detect = settings.pilot.detect.filter(|_| profit);
        let limit = detect.map(|detect| match plan.pilot.kappa {
            Some(kappa) if kappa > 0.0 => (detect.fraction.ln_1p() / kappa).powi(2),
            // Without it nothing is detected.
            _ => -1.0,
        });
        let balanced = settings.pilot.balanced.iter();
        let randomised = crate::pairs::asked(facts);
        Self {
            randomised,
            facts,
            eligible: Eligible::new(facts, plan),
            logs: logs(facts),
            each: if randomised { 1 } else { settings.pilot.controls_per_store as usize },
            stores_max: (settings.placement.stores_max() as usize).min(facts.candidates.len()),
            limit,
            balanced: balanced.map(|(name, &within)| (name.as_str(), attribute(facts, name), within)).collect(),
        }
    }

    /// v, infinite where it is not known.
    pub(crate) fn variance(&self, one: Idx<Store>, other: Idx<Store>) -> f64 {
        let stores = &self.facts.market.stores;
        if stores[one.at()].market != stores[other.at()].market {
            return f64::INFINITY;
        }
        let (one, other) = (&self.logs[one.at()], &self.logs[other.at()]);
        let gaps = || one.iter().zip(other).map(|(one, other)| one - other).filter(|gap| gap.is_finite());
        let count = gaps().count();
        if count < one.len().div_ceil(2).max(2) {
            return f64::INFINITY;
        }
        let mean = gaps().sum::<f64>() / count as f64;
        gaps().map(|gap| (gap - mean).powi(2)).sum::<f64>() / (count - 1) as f64
    }

    /// Rows over the sites, and sites that can't be chosen.
    pub(crate) fn limits(&self) -> (Vec<Rule>, Vec<usize>) {
        let (mut rules, mut never) = (Vec::new(), Vec::new());
        let sites = self.facts.candidates.len();
        for (name, &within) in &self.facts.settings.pilot.representative {
            let all = attribute(self.facts, name);
            let values: Vec<f64> = self.facts.candidates.iter().map(|store| all[store.at()]).collect();
            let known: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
            let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
            let widest = known.iter().map(|value| (value - mean).abs()).fold(within, f64::max);
            let parts = if widest > 0.0 { 1e6 / widest } else { 0.0 };
            #[expect(clippy::cast_possible_truncation, reason = "at most two million")]
            let of = |side: f64| {
                let by = |value: &f64| {
                    if value.is_finite() { ((value - mean + side * within) * parts).round() as i64 } else { 0 }
                };
                values.iter().map(by).collect()
            };
            never.extend((0..sites).filter(|&site| !values[site].is_finite()));
            let name = |side: &str| format!("pilot.representative.{name}.{side}");
            rules.push(Rule { name: name("most"), of: of(-1.0), min: None, max: Some(0) });
            rules.push(Rule { name: name("least"), of: of(1.0), min: Some(0), max: None });
        }
        if self.facts.settings.objective.kind != ObjectiveKind::Profit {
            return (rules, never);
        }
        let unknown = |site: usize| {
            let store = self.facts.candidates[site];
            self.balanced.iter().any(|(_, values, _)| !values[store.at()].is_finite())
        };
        never.extend((0..sites).filter(|&site| unknown(site)));
        if self.randomised {
            // What pairs cost is worked out once it is known which of them matter.
            never.extend((0..sites).filter(|&site| !self.eligible.lasting(self.facts.candidates[site])));
            return (rules, never);
        }
        if let Some(limit) = self.limit {
            let least: Vec<f64> = (0..sites).into_par_iter().map(|site| self.least(site)).collect();
            never.extend((0..sites).filter(|&site| !least[site].is_finite() || limit < 0.0));
            let each = limit * self.stores_max as f64;
            #[expect(clippy::cast_possible_truncation, reason = "variances of logs are far below a million")]
            let by = |least: &f64| if least.is_finite() { ((least - each) * 1e12).floor() as i64 } else { 0 };
            rules.push(Rule {
                name: "pilot.detect".into(),
                of: least.iter().map(by).collect(),
                min: None,
                max: Some(0),
            });
        }
        (rules, never)
    }

    /// What the controls of a site cost at least, whoever else is chosen.
    fn least(&self, site: usize) -> f64 {
        let mut costs: Vec<f64> = self.costs(site, &[]).into_iter().map(|cost| cost.0).collect();
        if costs.len() < self.each || self.each == 0 {
            return f64::INFINITY;
        }
        costs.select_nth_unstable_by(self.each - 1, f64::total_cmp);
        costs[..self.each].iter().sum::<f64>() / self.each as f64
    }

    /// (v, control) of every control that a site could have beside the chosen stores.
    fn costs(&self, site: usize, chosen: &[Idx<Store>]) -> Vec<(f64, usize)> {
        let own = self.facts.candidates[site];
        let least = self.facts.settings.pilot.spillover.km;
        let may = |other: Idx<Store>| {
            let near = |store: Idx<Store>| store == other || self.facts.km(other, store) < least;
            self.eligible.lasting(other)
                && self.balanced.iter().all(|(_, values, _)| values[other.at()].is_finite())
                && !near(own)
                && !chosen.iter().any(|&store| near(store))
        };
        let all = self.facts.market.store_ids.iter().map(|other| (self.variance(own, other), other));
        all.filter(|&(variance, other)| variance.is_finite() && may(other))
            .map(|(variance, other)| (variance, other.at()))
            .collect()
    }

    /// Whether the open sites have controls that detect what is asked for. Says no only where they have none.
    pub(crate) fn precise(&self, open: &[usize]) -> bool {
        let Some(limit) = self.limit.filter(|_| !self.randomised && !open.is_empty() && self.each > 0) else {
            return true;
        };
        let most = limit * (open.len() * open.len()) as f64;
        let chosen: Vec<Idx<Store>> = open.iter().map(|&site| self.facts.candidates[site]).collect();
        let rows = open.len() * self.each;
        let mut near: Vec<Vec<(f64, usize)>> = Vec::new();
        for &site in open {
            let mut costs = self.costs(site, &chosen);
            costs.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
            // Were a farther control better, one of these would be free.
            costs.truncate(rows);
            near.push(costs);
        }
        let mut columns: Vec<usize> = near.iter().flatten().map(|near| near.1).collect();
        columns.sort_unstable();
        columns.dedup();
        if columns.len() < rows {
            return false;
        }
        let of = |row: usize, column: usize| {
            let found = near[row / self.each].iter().find(|near| near.1 == columns[column]);
            found.map_or(f64::INFINITY, |near| near.0)
        };
        let costs: Vec<Vec<f64>> =
            (0..rows).map(|row| (0..columns.len()).map(|column| of(row, column)).collect()).collect();
        cheapest(&costs) / self.each as f64 <= most * (1.0 + RELATIVE)
    }
}

/// The least cost of giving every row a column of its own, infinite where that can't be.
fn cheapest(costs: &[Vec<f64>]) -> f64 {
    let (rows, columns) = (costs.len(), costs.first().map_or(0, Vec::len));
    // Potentials of rows and columns, and the row that holds each column; the first column is that of the row that enters.
    let (mut u, mut w, mut held) = (vec![0.0; rows + 1], vec![0.0; columns + 1], vec![0; columns + 1]);
    for row in 1..=rows {
        held[0] = row;
        let mut at = 0;
        let (mut slack, mut from, mut seen) =
            (vec![f64::INFINITY; columns + 1], vec![0; columns + 1], vec![false; columns + 1]);
        while held[at] != 0 {
            seen[at] = true;
            let (mut step, mut next) = (f64::INFINITY, 0);
            for column in (1..=columns).filter(|&column| !seen[column]) {
                let reduced = costs[held[at] - 1][column - 1] - u[held[at]] - w[column];
                if reduced < slack[column] {
                    (slack[column], from[column]) = (reduced, at);
                }
                if slack[column] < step {
                    (step, next) = (slack[column], column);
                }
            }
            if !step.is_finite() {
                return f64::INFINITY;
            }
            for column in 0..=columns {
                if seen[column] {
                    u[held[column]] += step;
                    w[column] -= step;
                } else {
                    slack[column] -= step;
                }
            }
            at = next;
        }
        while at != 0 {
            held[at] = held[from[at]];
            at = from[at];
        }
    }
    (1..=columns).filter(|&column| held[column] != 0).map(|column| costs[held[column] - 1][column - 1]).sum()
}

/// A numeric attribute by store, NaN where it is not known.
fn attribute(facts: &Facts<'_>, name: &str) -> Vec<f64> {
    let table = &facts.market.store_attributes;
    let column = table.find(name);
    let value = |store| column.and_then(|column| table.get(store, column)).filter(|value| value.is_finite());
    (0..facts.market.stores.len()).map(|store| value(store).unwrap_or(f64::NAN)).collect()
}

/// ln of what the stores sold of the products that tell of the devices, over the weeks of the match.
fn logs(facts: &Facts<'_>) -> Vec<Vec<f64>> {
    let (market, settings) = (facts.market, facts.settings);
    let panel = &market.sales;
    let named = &settings.demand.devices;
    let over: Vec<usize> = market
        .markets
        .iter()
        .map(|terms| {
            let week = domain::calendar::Week::of(settings.as_of, terms.week_start);
            usize::try_from(week.0 - panel.first_week.0).unwrap_or(0).min(panel.weeks)
        })
        .collect();
    // All markets are looked at as far back as the shortest history goes.
    let long = over.iter().copied().filter(|&weeks| weeks > 0).min().unwrap_or(0);
    let matched = (settings.pilot.match_weeks as usize).min(long);
    let mut units: Vec<Vec<Option<f64>>> = vec![vec![None; long]; market.stores.len()];
    // What a product counts, by market; all count where the devices name none.
    let weights: Vec<Vec<(Idx<domain::market::Product>, f64)>> = market
        .market_ids
        .iter()
        .map(|country| {
            let devices = market.device_ids.iter();
            let planned = devices
                .filter(|&device| named.is_empty() || named.iter().any(|id| id == market.device_ids.name(device)));
            planned
                .filter_map(|device| market.terms(device, country))
                .flat_map(|terms| terms.related_products.iter().copied())
                .collect()
        })
        .collect();
    for (at, key) in panel.series.iter().enumerate() {
        let country = market.stores[key.store.at()].market.at();
        let Some(first) = over[country].checked_sub(long) else { continue };
        let of: f64 = weights[country].iter().filter(|weight| weight.0 == key.product).map(|weight| weight.1).sum();
        if !weights[country].is_empty() && !weights[country].iter().any(|weight| weight.0 == key.product) {
            continue;
        }
        let weight = if weights[country].is_empty() { 1.0 } else { of };
        let (values, cells) = panel.row(at);
        for (week, slot) in units[key.store.at()].iter_mut().enumerate() {
            if matches!(cells[first + week], Cell::Observed | Cell::Censored) {
                *slot = Some(slot.unwrap_or(0.0) + weight * f64::from(values[first + week]));
            }
        }
    }
    units
        .into_par_iter()
        .map(|units| {
            let least = units.iter().flatten().copied().filter(|&units| units > 0.0).fold(f64::INFINITY, f64::min);
            let log = |units: &Option<f64>| match *units {
                Some(units) if units > 0.0 => units.ln(),
                Some(_) if least.is_finite() => (least / 2.0).ln(),
                _ => f64::NAN,
            };
            units[long - matched..].iter().map(log).collect()
        })
        .collect()
}
