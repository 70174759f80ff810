//! The rules of a scenario that have a price, each with what dropping it means.

use std::borrow::Cow;

use domain::market::Market;
use domain::settings::{Design, Settings};

use super::Best;
use crate::formulate::Stated;

/// A rule, to be dropped from the settings or changed by one store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// `budget.capex`.
    Capex,
    /// `budget.stock`.
    Stock,
    /// `budget.stock_units`.
    StockUnits,
    /// `placement.by_market.X.stores_min`.
    MarketLeast(String),
    /// `placement.by_market.X.stores_max`.
    MarketMost(String),
    /// `placement.by_market.X.capex`.
    MarketCapex(String),
    /// `placement.distance_min`.
    Apart,
    /// `placement.stores_min`.
    Least,
    /// `placement.require`, all of it.
    Require,
    /// `placement.exclude`, all of it.
    Exclude,
    /// `stock.service_min`.
    Service,
    /// `stores.shelf_units`, of all stores.
    Shelves,
    /// `pilot.design = "randomised"`: the same with stores that are matched.
    Randomised,
    /// `pilot.detect`.
    Detect,
    /// `pilot.representative.A`.
    Representative(String),
    /// `pilot.balanced.A`.
    Balanced(String),
    /// `objective.risk.at_least`.
    Floor,
    /// `reach`, the floor of that name.
    Reach(String),
    /// One store more than `placement.stores_max`: so many.
    OneMore(u32),
    /// One store fewer than the plan opens: so many at most.
    OneFewer(u32),
}

/// The rules that are stated, in the order of this file's list, without the counts of stores.
pub(super) fn stated(market: &Market, settings: &Settings) -> Vec<Rule> {
    let (placement, budget, pilot) = (&settings.placement, &settings.budget, &settings.pilot);
    let mut rules = Vec::new();
    let mut when = |stated: bool, rule: Rule| rules.extend(stated.then_some(rule));
    when(budget.capex.is_some(), Rule::Capex);
    when(budget.stock.is_some(), Rule::Stock);
    when(budget.stock_units.is_some(), Rule::StockUnits);
    for (name, limits) in &placement.by_market {
        when(limits.stores_min.is_some_and(|min| min > 0), Rule::MarketLeast(name.clone()));
        when(limits.stores_max.is_some(), Rule::MarketMost(name.clone()));
        when(limits.capex.is_some(), Rule::MarketCapex(name.clone()));
    }
    when(placement.distance_min.is_some(), Rule::Apart);
    when(placement.stores_min > 0, Rule::Least);
    when(!placement.require.is_empty(), Rule::Require);
    when(!placement.exclude.is_empty(), Rule::Exclude);
    when(settings.stock.service_min.is_some(), Rule::Service);
    when(market.stores.iter().any(|store| store.shelf_units.is_some()), Rule::Shelves);
    when(pilot.design == Design::Randomised, Rule::Randomised);
    when(pilot.detect.is_some(), Rule::Detect);
    pilot.representative.keys().for_each(|name| when(true, Rule::Representative(name.clone())));
    pilot.balanced.keys().for_each(|name| when(true, Rule::Balanced(name.clone())));
    when(settings.objective.risk.as_ref().is_some_and(|risk| risk.at_least.is_some()), Rule::Floor);
    settings.reach.iter().for_each(|floor| when(true, Rule::Reach(floor.name.clone())));
    rules
}

/// One store more than is allowed, where there are so many candidates, and one fewer than the plan opens.
pub(super) fn counts(settings: &Settings, stated: &Stated, plan: &Best) -> Vec<Rule> {
    let most = settings.placement.stores_max();
    let more = ((most as usize) < stated.candidates.len()).then_some(Rule::OneMore(most.saturating_add(1)));
    let fewer = plan.stores.len().checked_sub(1).and_then(|fewer| u32::try_from(fewer).ok());
    more.into_iter().chain(fewer.map(Rule::OneFewer)).collect()
}

impl Rule {
    /// The scenario's key, or the table's column.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Capex => "budget.capex".into(),
            Self::Stock => "budget.stock".into(),
            Self::StockUnits => "budget.stock_units".into(),
            Self::MarketLeast(name) => format!("placement.by_market.{name}.stores_min"),
            Self::MarketMost(name) => format!("placement.by_market.{name}.stores_max"),
            Self::MarketCapex(name) => format!("placement.by_market.{name}.capex"),
            Self::Apart => "placement.distance_min".into(),
            Self::Least => "placement.stores_min".into(),
            Self::Require => "placement.require".into(),
            Self::Exclude => "placement.exclude".into(),
            Self::Service => "stock.service_min".into(),
            Self::Shelves => "stores.shelf_units".into(),
            Self::Randomised => "pilot.design".into(),
            Self::Detect => "pilot.detect".into(),
            Self::Representative(name) => format!("pilot.representative.{name}"),
            Self::Balanced(name) => format!("pilot.balanced.{name}"),
            Self::Floor => "objective.risk.at_least".into(),
            Self::Reach(name) => format!("reach.{name}"),
            Self::OneMore(_) | Self::OneFewer(_) => "placement.stores_max".into(),
        }
    }

    /// Whether the change leaves fewer plans, not more.
    #[must_use]
    pub fn tightens(&self) -> bool {
        matches!(self, Self::OneFewer(_))
    }

    /// The market and the settings with the rule changed.
    #[must_use]
    pub fn changed<'a>(&self, market: &'a Market, settings: &Settings) -> (Cow<'a, Market>, Settings) {
        let mut other = settings.clone();
        let mut market = Cow::Borrowed(market);
        match self {
            Self::Capex => other.budget.capex = None,
            Self::Stock => other.budget.stock = None,
            Self::StockUnits => other.budget.stock_units = None,
            Self::MarketLeast(name) | Self::MarketMost(name) | Self::MarketCapex(name) => {
                if let Some(limits) = other.placement.by_market.get_mut(name) {
                    match self {
                        Self::MarketLeast(_) => limits.stores_min = None,
                        Self::MarketMost(_) => limits.stores_max = None,
                        _ => limits.capex = None,
                    }
                }
            }
            Self::Apart => other.placement.distance_min = None,
            Self::Least => other.placement.stores_min = 0,
            Self::Require => other.placement.require.clear(),
            Self::Exclude => other.placement.exclude.clear(),
            Self::Service => other.stock.service_min = None,
            Self::Shelves => market.to_mut().stores.iter_mut().for_each(|store| store.shelf_units = None),
            Self::Randomised => other.pilot.design = Design::Matched,
            Self::Detect => other.pilot.detect = None,
            Self::Representative(name) => drop(other.pilot.representative.remove(name)),
            Self::Balanced(name) => drop(other.pilot.balanced.remove(name)),
            Self::Floor => other.objective.risk = None,
            Self::Reach(name) => other.reach.retain(|floor| floor.name != *name),
            Self::OneMore(most) | Self::OneFewer(most) => other.placement.stores_max = Some(*most),
        }
        (market, other)
    }
}
