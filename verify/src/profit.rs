//! Profit: the objective over the samples, and a bound that holds under every capture law.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | v_jk | `unit_value` | base-currency major units per unit of weekly demand |
//! | o_j | `Facts::open_cost` | minor units of the base currency |
//! | U | `standalone_bound` | base-currency major units |
//!
//! | b | `Facts::stay_bonus` | minor units, taken off o_j where j stays |
//!
//! value(y) = sum_jk v_jk D_jk(y) - sum_j o_j y_j. Other corners never add to a corner's demand, so
//! D_jk(y) <= F_jk, and no plan earns more than U = max over y of sum_j (sum_k v_jk F_jk - o_j) y_j, which
//! needs only a sort once every rule but the counts, the required and the excluded stores is left out.
//! Where that is above the claimed bound B, the certificate's proof is followed ([`crate::guided`]); where that does
//! not show B, corners that take from each other are looked at together ([`crate::neighbourhoods`]). Either way B >= U is proved, whatever led to it; below U nothing is said.

use domain::certificate::ProfitCertificate;
use domain::forecast::DemandSamples;
use domain::plan::Plan;
use domain::settings::ObjectiveKind;
use rayon::prelude::*;

use crate::Failure;
use crate::capture::Capture;
use crate::earnings::Line;
use crate::facts::{Facts, NOWHERE};
use crate::guided;
use crate::rules::Rules;
use crate::selection::{Counts, Ranked, State};

/// Two evaluations of a sum of a few hundred thousand terms agree to about 1e-12 of its size; the
/// calibrations behind them to 1e-14.
const RELATIVE: f64 = 1e-9;

/// # Errors
/// Samples that do not fit the Market, the settings or the plan: then nothing can be recomputed.
pub(crate) fn fits(facts: &Facts<'_>, samples: &DemandSamples, open: &[u32]) -> Result<(), Failure> {
    let (count, stores, devices) = samples.rates.dim();
    let (market, settings) = (facts.market, facts.settings);
    let wrong = |text: &str| Err(Failure::new("E-VER-006", format!("the demand samples: {text}")));
    let weeks = settings.horizon_weeks as usize;
    if count == 0 || stores != samples.stores.len() || devices != samples.devices.len() {
        return wrong("there are none, or their shape differs from their lists of stores and devices");
    }
    if samples.adoption.dim() != (devices, weeks) || samples.dispersion.len() != devices {
        return wrong("adoption or dispersion do not match devices and weeks");
    }
    if samples.zone_rate.len() != market.zones.len() {
        return wrong("the zone rates do not match the zones");
    }
    let known = samples.stores.iter().all(|store| facts.site.get(store.at()).is_some_and(|&site| site != NOWHERE));
    if !known || !samples.stores.is_sorted_by(|a, b| a < b) {
        return wrong("their stores are no ascending candidates");
    }
    if settings.objective.kind == ObjectiveKind::Profit && stores != facts.candidates.len() {
        return wrong("candidates are missing");
    }
    if let Some(&site) = open.iter().find(|&&site| row_of(facts, samples, site).is_none()) {
        return wrong(&format!("chosen store {} is missing", facts.name(site)));
    }
    let ids = &settings.demand.devices;
    let wanted = |id: &String| ids.is_empty() || ids.contains(id);
    let wanted: Vec<_> =
        market.device_ids.iter().filter(|&device| wanted(&market.device_ids.names()[device.at()])).collect();
    if wanted != samples.devices {
        return wrong("their devices are not those of the settings");
    }
    let fine = |value: &f64| value.is_finite() && *value >= 0.0;
    let all = samples.rates.iter().chain(&samples.adoption).chain(&samples.zone_rate).all(fine);
    if !all || !samples.dispersion.iter().all(|size| *size > 0.0) {
        return wrong("a number is negative or not finite");
    }
    Ok(())
}

/// The row of a site in the samples.
pub(crate) fn row_of(facts: &Facts<'_>, samples: &DemandSamples, site: u32) -> Option<usize> {
    samples.stores.binary_search(&facts.candidates[site as usize]).ok()
}

/// v_jk.
pub(crate) fn unit_value(facts: &Facts<'_>, samples: &DemandSamples, law: &Capture, row: usize, device: usize) -> f64 {
    let alone = law.alone[row][device];
    if alone <= 0.0 {
        return 0.0;
    }
    let best = Line::new(facts, samples, row, device, 1.0).map_or(0.0, |mut line| line.best());
    let market = facts.market.stores[samples.stores[row].at()].market;
    let rate = facts.settings.rate(facts.market.markets[market.at()].currency).unwrap_or(f64::NAN);
    best.max(0.0) * rate / alone
}

/// What a certificate says.
#[derive(Clone, Copy)]
pub(crate) struct Claim<'a> {
    /// No plan earns more, in base-currency major units.
    pub(crate) bound: f64,
    /// Where to look for a proof.
    pub(crate) proof: Option<&'a ProfitCertificate>,
}

/// Checks the objective, and gives the least bound that can be proved here; none if no plan has the counts.
#[expect(clippy::too_many_arguments, reason = "each is one thing the objective is made of")]
pub(crate) fn check(
    facts: &Facts<'_>,
    rules: &Rules,
    samples: &DemandSamples,
    law: &Capture,
    plan: &Plan,
    open: &[u32],
    claim: Claim<'_>,
    failures: &mut Vec<Failure>,
) -> Option<f64> {
    let bound = claim.bound;
    // For profit the samples hold all candidates, so a site is a row.
    let rows: Vec<usize> = open.iter().map(|&site| site as usize).collect();
    for &site in open.iter().filter(|&&site| !law.reached[site as usize]) {
        let text = format!("capture: no zone with people lies within reach of {}", facts.name(site));
        failures.push(Failure::new("E-VER-001", text));
    }
    let minor = facts.base.minor_per_major() as f64;
    let costs = costs(facts);
    let (mut earned, mut cost) = (0.0, 0.0);
    for (&row, demand) in rows.iter().zip(law.demand(&rows)) {
        let values = demand.iter().enumerate().map(|(k, demand)| unit_value(facts, samples, law, row, k) * demand);
        earned += values.sum::<f64>();
        cost += costs[row];
    }
    let kept = open.iter().filter(|site| facts.stay.contains(site)).count();
    let bonus = kept as f64 * (facts.stay_bonus as f64 / minor);
    let (value, stated) = (earned - cost, &plan.objective);
    let slack = RELATIVE * (earned + cost.abs()).max(1.0);
    if !((stated.value - value).abs() <= slack) {
        let text = format!("the plan states {}, its stores reach {value}", stated.value);
        failures.push(Failure::new("E-VER-005", text));
    }
    if !((stated.stay_bonus - bonus).abs() <= slack) {
        failures.push(Failure::new("E-VER-005", format!("the stay bonus is {bonus}, not {}", stated.stay_bonus)));
    }
    if !((stated.bound - bound).abs() <= slack) {
        let text = format!("the plan's bound is {}, its certificate's {bound}", stated.bound);
        failures.push(Failure::new("E-VER-002", text));
    }
    if !(bound >= value - slack) {
        let text = format!("no plan can earn more than {bound}, it says, but this one earns {value}");
        failures.push(Failure::new("E-VER-002", text));
    }
    let values: Vec<Vec<f64>> = (0..facts.candidates.len())
        .into_par_iter()
        .map(|row| (0..samples.devices.len()).map(|device| unit_value(facts, samples, law, row, device)).collect())
        .collect();
    let proved = standalone_bound(facts, rules, law, &values, &costs)?;
    if proved <= bound + slack {
        return Some(proved.min(bound));
    }
    let usable = |row: usize| !rules.excluded[row] && law.reached[row];
    let field = law.field(&values, &costs, usable)?;
    if claim.proof.is_some_and(|proof| guided::prove(facts, rules, &field, usable, proof, bound).is_ok()) {
        return Some(bound);
    }
    let found = proved.min(field.bound(rules.open_max, bound));
    // Both are sums moved outward; within their rounding they are the same.
    Some(if found <= bound + 2.0 * slack { found.min(bound) } else { found })
}

/// o_j - b, by site.
fn costs(facts: &Facts<'_>) -> Vec<f64> {
    let mut minor_units = facts.open_cost.clone();
    facts.stay.iter().for_each(|&site| minor_units[site as usize] -= facts.stay_bonus);
    minor_units.iter().map(|cost| *cost as f64 / facts.base.minor_per_major() as f64).collect()
}

/// U; none if the counts leave no plan.
fn standalone_bound(
    facts: &Facts<'_>,
    rules: &Rules,
    law: &Capture,
    values: &[Vec<f64>],
    costs: &[f64],
) -> Option<f64> {
    let minor = facts.base.minor_per_major() as f64;
    let worth = values.iter().zip(&law.alone).zip(costs).map(|((values, alone), cost)| {
        values.iter().zip(alone).map(|(value, alone)| value * alone).sum::<f64>() - cost
    });
    // Fixed point with steps of a millionth of a minor unit, so that the sort is the one that the
    // assignment bounds use; rounded up, so that it stays a bound.
    let unit = minor * 1e6;
    #[expect(clippy::cast_possible_truncation, reason = "amounts are far below 2^127 steps; a cast saturates")]
    let ranked = Ranked::new(worth.map(|worth| (worth * unit).ceil() as i128).collect());
    let counts = Counts { min: rules.open_min, max: rules.open_max };
    let largest = ranked.largest(counts, |site| {
        let at = site as usize;
        match (rules.excluded[at] || !law.reached[at], rules.required[at]) {
            (true, _) => State::Closed,
            (false, true) => State::Open,
            (false, false) => State::Free,
        }
    });
    largest.map(|largest| largest as f64 / unit)
}
