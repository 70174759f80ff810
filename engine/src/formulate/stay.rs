//! Stores that stay: the previous plan's, each with a bonus while it is chosen.
//!
//! | symbol | here | unit |
//! |---|---|---|
//! | T | `Stay::sites` | the previous plan's stores that are still candidates |
//! | b | `Stay::bonus` | the objective's: people x thousandths of a minute, people, or base-currency major units |
//!
//! Profit: o_j - b in the place of o_j. Distance and coverage: b for each j of T that is closed. That is the cost of
//! one more zone of weight b, which only j serves (c = 0; fallback 1), so that no part of the search or the proof
//! has to know of it.

use domain::ids::Idx;
use domain::market::{Market, Store};
use domain::problem::{Assignment, CostRows, Site};
use domain::settings::Settings;
use domain::units::{Bonus, Currency};

use super::money;
use crate::EngineError;

/// Thousandths of a minute in a minute.
const MILLI: f64 = 1000.0;

/// Who stays, and what that is worth.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stay {
    /// Candidates among `placement.stay` that are not excluded, ascending.
    pub sites: Vec<Site>,
    /// b.
    pub bonus: f64,
}

impl Stay {
    /// What a scenario asks for; nothing without a bonus.
    ///
    /// # Errors
    /// Where the bonus is in a currency without a rate.
    pub fn of(
        market: &Market,
        settings: &Settings,
        base: Currency,
        candidates: &[Idx<Store>],
    ) -> Result<Self, EngineError> {
        let Some(bonus) = settings.placement.stay_bonus else { return Ok(Self::default()) };
        let bonus = match bonus {
            Bonus::Money(money) => money::convert(settings, base, money, base)?.major(),
            Bonus::PeopleMinutes(amount) => (amount * MILLI).round(),
            Bonus::People(people) => people as f64,
        };
        let mut sites = super::rules::positions(market, candidates, &settings.placement.stay);
        // What may not be chosen can't stay: its bonus would only blur the gap.
        let out = super::rules::positions(market, candidates, &settings.placement.exclude);
        sites.retain(|site| bonus != 0.0 && out.binary_search(site).is_err());
        Ok(Self { sites, bonus })
    }

    /// How many of the open sites (ascending) stay, times b.
    #[must_use]
    pub fn kept(&self, open: &[Site]) -> f64 {
        self.bonus * self.sites.iter().filter(|site| open.binary_search(site).is_ok()).count() as f64
    }

    /// b for each of T that is not among the open sites.
    #[must_use]
    pub fn lost(&self, open: &[Site]) -> f64 {
        self.bonus * self.sites.len() as f64 - self.kept(open)
    }

    /// Adds a zone for each of T.
    pub fn add_zones(&self, problem: &mut Assignment) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and at most 10^15")]
        let weight = self.bonus as u64;
        for &stays in &self.sites {
            problem.weights.push(weight);
            problem.fallback.push(1);
            match &mut problem.costs {
                CostRows::Dense { sites, costs } => {
                    costs.extend((0..*sites).map(|site| u32::from(site != stays as usize)));
                }
                CostRows::Sparse { starts, site, cost } => {
                    site.push(stays);
                    cost.push(0);
                    starts.push(site.len());
                }
                CostRows::Places(_) => unreachable!("a scenario's travel times are rows, never places"),
            }
        }
    }

    /// Takes the bonus off the open costs, by site.
    pub fn take_off(&self, open_costs: &mut [f64]) {
        self.sites.iter().for_each(|&site| open_costs[site as usize] -= self.bonus);
    }
}
