//! The rules of the scenario, derived a second time, and whether the chosen stores keep them.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | J, p | `Rules::open_max` | stores |
//! | a_rj | `Rule::of` | the rule's own: stores, or minor units of a currency |

use crate::comparison::Comparison;
use crate::facts::Facts;
use crate::reach::Floor;
use crate::{Failure, money};

/// A sum over the open sites that has limits.
#[derive(Clone)]
pub(crate) struct Rule {
    /// As the scenario names it.
    pub(crate) name: String,
    /// The coefficient of each site.
    pub(crate) of: Vec<i64>,
    pub(crate) min: Option<i64>,
    pub(crate) max: Option<i64>,
}

/// What every plan must obey.
#[derive(Clone)]
pub(crate) struct Rules {
    pub(crate) open_min: usize,
    pub(crate) open_max: usize,
    /// By site.
    pub(crate) required: Vec<bool>,
    /// By site.
    pub(crate) excluded: Vec<bool>,
    /// Ids that are required but no candidates: no plan can meet this.
    pub(crate) missing: Vec<String>,
    pub(crate) rows: Vec<Rule>,
    /// Floors on people; some of `rows` may follow from them.
    pub(crate) reach: Vec<Floor>,
    /// How many of `rows`, the last, follow from floors.
    pub(crate) following: usize,
    /// No two open sites lie nearer, km.
    pub(crate) apart: f64,
}

impl Rules {
    pub(crate) fn new(facts: &Facts<'_>, comparison: &Comparison<'_>, reach: Vec<Floor>) -> Self {
        let placement = &facts.settings.placement;
        let sites = facts.candidates.len();
        let (mut required, mut excluded, mut missing) = (vec![false; sites], vec![false; sites], Vec::new());
        for id in &placement.require {
            match facts.find(id) {
                Some(site) => required[site as usize] = true,
                None => missing.push(id.clone()),
            }
        }
        // An excluded store that is unknown or no candidate is out anyway.
        for site in placement.exclude.iter().filter_map(|id| facts.find(id)) {
            excluded[site as usize] = true;
        }
        let (limits, never) = comparison.limits();
        for site in never {
            excluded[site] = true;
        }
        let mut rows = rows(facts);
        rows.extend(limits);
        Self {
            open_min: placement.stores_min as usize,
            open_max: (placement.stores_max() as usize).min(sites),
            required,
            excluded,
            missing,
            rows,
            reach,
            following: 0,
            apart: placement.distance_min.map_or(0.0, |least| least.km),
        }
    }

    /// Takes rows in that follow from the floors.
    pub(crate) fn follow(&mut self, rows: Vec<Rule>) {
        self.following += rows.len();
        self.rows.extend(rows);
    }

    /// The rows that follow from no floor.
    pub(crate) fn own_rows(&self) -> &[Rule] {
        &self.rows[..self.rows.len() - self.following]
    }

    /// Whether two sites may not both be open.
    pub(crate) fn conflict(&self, facts: &Facts<'_>, one: u32, other: u32) -> bool {
        let km = || facts.km(facts.candidates[one as usize], facts.candidates[other as usize]);
        self.apart > 0.0 && one != other && km() < self.apart
    }

    /// Names every rule that the open sites break.
    pub(crate) fn check(&self, facts: &Facts<'_>, open: &[u32], failures: &mut Vec<Failure>) {
        let mut broken = |name: &str, text: String| {
            failures.push(Failure::new("E-VER-001", format!("{name}: {text}")));
        };
        let (count, limit) = (open.len(), facts.settings.stores_limit as usize);
        if count > self.open_max {
            broken("placement.stores_max", format!("{count} stores are chosen, at most {} may be", self.open_max));
        }
        if count < self.open_min {
            broken("placement.stores_min", format!("{count} stores are chosen, at least {} must be", self.open_min));
        }
        if count > limit {
            broken("stores_limit", format!("{count} stores are chosen, at most {limit} may be"));
        }
        for id in &self.missing {
            broken("placement.require", format!("store {id} is no candidate, so it can't be open"));
        }
        for (site, &required) in (0_u32..).zip(&self.required) {
            if required && !open.contains(&site) {
                broken("placement.require", format!("store {} is not chosen", facts.name(site)));
            }
        }
        for &site in open.iter().filter(|&&site| self.excluded[site as usize]) {
            broken("placement.exclude", format!("store {} is chosen", facts.name(site)));
        }
        for row in self.own_rows() {
            let value: i128 = open.iter().map(|&site| i128::from(row.of[site as usize])).sum();
            if let Some(max) = row.max.filter(|&max| value > i128::from(max)) {
                broken(&row.name, format!("{value} is above the limit of {max}"));
            }
            if let Some(min) = row.min.filter(|&min| value < i128::from(min)) {
                broken(&row.name, format!("{value} is below the limit of {min}"));
            }
        }
        for floor in &self.reach {
            floor.broken(open).into_iter().for_each(|text| broken(&format!("reach.{}", floor.name), text));
        }
        for (at, &one) in open.iter().enumerate() {
            for &other in open[at + 1..].iter().filter(|&&other| self.conflict(facts, one, other)) {
                let km = facts.km(facts.candidates[one as usize], facts.candidates[other as usize]);
                let (one, other) = (facts.name(one), facts.name(other));
                let least = facts.settings.placement.distance_min.map_or(0.0, |least| least.km);
                broken(
                    "placement.distance_min",
                    format!("{one} and {other} lie {km:.3} km apart, less than {least} km"),
                );
            }
        }
    }
}

fn rows(facts: &Facts<'_>) -> Vec<Rule> {
    let (market, settings) = (facts.market, facts.settings);
    let mut rows = Vec::new();
    if let Some(capex) = settings.budget.capex {
        let max = Some(money::convert(settings, capex, facts.base));
        rows.push(Rule { name: "budget.capex".into(), of: facts.open_cost.clone(), min: None, max });
    }
    for (id, limits) in &settings.placement.by_market {
        let home = market.market_ids.find(id);
        let within = |store: &&domain::ids::Idx<domain::market::Store>| {
            home.is_some_and(|home| market.stores[store.at()].market == home)
        };
        let counts: Vec<i64> = facts.candidates.iter().map(|store| i64::from(within(&store))).collect();
        if let Some(min) = limits.stores_min {
            let name = format!("placement.by_market.{id}.stores_min");
            rows.push(Rule { name, of: counts.clone(), min: Some(i64::from(min)), max: None });
        }
        if let Some(max) = limits.stores_max {
            let name = format!("placement.by_market.{id}.stores_max");
            rows.push(Rule { name, of: counts, min: None, max: Some(i64::from(max)) });
        }
        if let (Some(capex), Some(home)) = (limits.capex, home) {
            let currency = market.markets[home.at()].currency;
            let cost = |store| money::open_cost(market, settings, store, currency);
            let of = facts.candidates.iter().map(|store| if within(&store) { cost(*store) } else { 0 }).collect();
            let max = Some(money::convert(settings, capex, currency));
            rows.push(Rule { name: format!("placement.by_market.{id}.capex"), of, min: None, max });
        }
    }
    rows
}
