//! Profit: the objective over the samples, and a bound that holds under every capture law.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | Pi_jk(q; c) | [`Line`] | major units of the market's currency |
//! | o_j | `Facts::open_cost` | minor units of the base currency |
//! | v_jk, A_j, mu B | [`crate::lines`] | base-currency major units |
//! | U | `standalone_bound` | base-currency major units |
//!
//! | b | `Facts::stay_bonus` | minor units, taken off o_j where j stays |
//!
//! The plan's objective is sum_jk Pi_jk(q_jk; D_jk(y)/F_jk) - sum_j o_j y_j of its own stock q. No plan earns more than
//! mu B + max over y of sum_jk v_jk D_jk(y) - sum_j (o_j - A_j) y_j ([`crate::lines`]). Other corners never add to a corner's demand,
//! so D_jk(y) <= F_jk, and that is at most U = mu B + max over y of sum_j (A_j + sum_k v_jk F_jk - o_j) y_j, which
//! needs only a sort once every rule but the counts, the required and the excluded stores is left out.
//! Where that is above the claimed bound B, the certificate's proof is followed ([`crate::guided`]); where that does
//! not show B, corners that take from each other are looked at together ([`crate::neighbourhoods`]). Either way B >= U is proved, whatever led to it; below U nothing is said.

use domain::certificate::{Assignment, ProfitCertificate, RiskWeights, StockPrices};
use domain::forecast::DemandSamples;
use domain::plan::{Plan, StockLine};
use domain::settings::ObjectiveKind;

use crate::Failure;
use crate::capture::Capture;
use crate::comparison::Comparison;
use crate::earnings::Line;
use crate::facts::{Facts, NOWHERE};
use crate::guided;
use crate::lines::{Lines, Stock};
use crate::pairs::{self, Pairs, Rivals};
use crate::risk::{self, Weighing};
use crate::rules::Rules;
use crate::selection::{Counts, Ranked, State};
use crate::stock;

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

/// What a certificate says.
#[derive(Clone, Copy)]
pub(crate) struct Claim<'a> {
    /// No plan earns more, in base-currency major units.
    pub(crate) bound: f64,
    /// At which prices of stock.
    pub(crate) stock: &'a StockPrices,
    /// Where to look for a proof.
    pub(crate) proof: Option<&'a ProfitCertificate>,
    /// What samples count in it, where the worst outcomes count in the objective.
    pub(crate) risk: Option<&'a RiskWeights>,
    /// Of a randomised pilot, what is stocked in the assignments whose mean the objective is.
    pub(crate) assignments: &'a [Assignment],
}

/// Checks the objective, and gives the least bound that can be proved here; none if no plan has the counts.
#[expect(clippy::too_many_arguments, reason = "each is one thing the objective is made of")]
pub(crate) fn check(
    facts: &Facts<'_>,
    rules: &Rules,
    comparison: &Comparison<'_>,
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
    let (earned, turnover) = earned(facts, samples, law, &plan.stock, open);
    let cost: f64 = rows.iter().map(|&row| costs[row]).sum();
    let kept = open.iter().filter(|site| facts.stay.contains(site)).count();
    let mut bonus = kept as f64 * (facts.stay_bonus as f64 / minor);
    let (drawn, stated) = (earned - cost, &plan.objective);
    let slack = RELATIVE * (turnover + cost.abs()).max(1.0);
    let measure = risk::asked(facts.settings).unwrap_or_else(|failure| {
        failures.push(failure);
        None
    });
    let rivals = (pairs::asked(facts) && !open.is_empty()).then(|| law.rivals());
    let whole = rules;
    let members;
    let (value, rules) = if let Some(rivals) = &rivals {
        if measure.is_some() {
            failures.push(Failure::new("E-VER-006", "objective.risk is not asked of a randomised pilot"));
            return None;
        }
        if !plan.pilot.drawn.is_some_and(|stated| (stated - drawn).abs() <= slack) {
            let text = format!("the coins drew {drawn}, the plan says {:?}", plan.pilot.drawn);
            failures.push(Failure::new("E-VER-005", text));
        }
        members = pairs::members(facts, whole.clone());
        let pairs = Pairs::of(facts, plan, failures)?;
        pairs.check(facts, &members, comparison, rivals, failures);
        let of = |site: &u32| facts.stay.contains(site);
        let kept = pairs.sites.iter().flat_map(|pair| [pair.0, pair.1]).filter(of).count();
        bonus = 0.5 * kept as f64 * (facts.stay_bonus as f64 / minor);
        (mean(facts, samples, law, &pairs, claim.assignments, &costs, failures)?, &members)
    } else if let Some(measure) = measure {
        let profits = by_sample(facts, samples, law, plan, open, cost);
        (risk::value(measure, &profits, bonus, slack, plan, failures), whole)
    } else {
        (drawn, whole)
    };
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
    let weighing = match Weighing::new(measure, claim.risk, samples.len()) {
        Ok(weighing) => weighing,
        Err(failure) => {
            failures.push(failure);
            return None;
        }
    };
    let claim = Claim { bound: weighing.part(bound), ..claim };
    let stock = Stock::new(facts, samples, weighing.weights, law, &costs);
    let lines = match stock.lines(claim.stock, whole.open_max) {
        Ok(lines) => lines,
        Err(failure) => {
            failures.push(failure);
            return None;
        }
    };
    let proved = prove(facts, rules, comparison, law, &stock, &lines, claim, rivals.as_ref(), slack)?;
    // Within rounding of the claim, it is the claim that was proved.
    let found = weighing.whole(proved);
    Some(if proved <= claim.bound + slack { found.min(bound) } else { found })
}

/// The least bound on the mean over weighted samples that can be proved here, as far as it is sought; none if no plan has
/// the counts.
#[expect(clippy::too_many_arguments, reason = "each is one thing the bound is made of")]
fn prove(
    facts: &Facts<'_>,
    rules: &Rules,
    comparison: &Comparison<'_>,
    law: &Capture,
    stock: &Stock<'_>,
    lines: &Lines,
    claim: Claim<'_>,
    rivals: Option<&Rivals>,
    slack: f64,
) -> Option<f64> {
    let bound = claim.bound;
    // What is proved is proved of the priced problem.
    let beyond = bound - lines.constant;
    let usable = |row: usize| !rules.excluded[row] && law.reached[row] && !lines.impossible[row];
    let part = if rivals.is_some() { 0.5 } else { 1.0 };
    let worth = standalone(law, lines);
    let proved = standalone_bound(facts, rules, &worth, part, usable)?;
    if proved <= beyond + slack {
        return Some(proved.min(beyond) + lines.constant);
    }
    if let Some(rivals) = rivals {
        let field = law.field(&lines.values, &lines.costs, usable);
        let shown = claim.proof.and_then(|proof| {
            let wider = proof.shows.map_or(beyond, |wider| beyond.max(wider - lines.constant));
            let rules = pairs::narrowed(facts, rules, comparison, rivals, &worth, wider);
            let usable = |row: usize| usable(row) && !rules.excluded[row];
            // Of one design nothing is known here but what bounds them all, and that pairs are even.
            let single = |members: &[usize]| if members.len() % 2 == 1 { f64::NEG_INFINITY } else { f64::INFINITY };
            guided::prove(facts, &rules, &field, usable, &single, part, proof, wider).is_ok().then_some(wider)
        });
        return Some(shown.map_or(proved, |shown| proved.min(shown)) + lines.constant);
    }
    let field = law.field(&lines.values, &lines.costs, usable);
    // A plan by itself is valued as the objective is: to rounding.
    let at_most = |open: &[usize]| {
        let most = stock.at_most(open, claim.stock) - lines.constant - slack;
        if most <= beyond || comparison.precise(open) { most } else { f64::NEG_INFINITY }
    };
    // A proof may say that it shows a wider bound than the one that is claimed.
    let shows = |proof: &ProfitCertificate| proof.shows.map_or(beyond, |wider| beyond.max(wider - lines.constant));
    let guided = claim.proof.and_then(|proof| {
        let wider = shows(proof);
        guided::prove(facts, rules, &field, usable, &at_most, part, proof, wider).is_ok().then_some(wider)
    });
    if guided == Some(beyond) {
        return Some(bound);
    }
    let proved = guided.map_or(proved, |wider| proved.min(wider));
    let together = if field.cells.is_empty() { proved } else { proved.min(field.bound(rules.open_max, beyond)) };
    // Both are sums moved outward; within their rounding they are the same.
    Some(if together <= beyond + 2.0 * slack { together.min(beyond) } else { together } + lines.constant)
}

/// What the plan's own stock earns, in base-currency major units, and the size of the sums behind it.
fn earned(facts: &Facts<'_>, samples: &DemandSamples, law: &Capture, stock: &[StockLine], open: &[u32]) -> (f64, f64) {
    let rows: Vec<usize> = open.iter().map(|&site| site as usize).collect();
    let (mut earned, mut turnover) = (0.0, 0.0);
    for ((&site, &row), demand) in open.iter().zip(&rows).zip(law.demand(&rows)) {
        for (at, &device) in samples.devices.iter().enumerate() {
            let name = facts.market.device_ids.name(device);
            let held = stock.iter().find(|line| line.store_id == facts.name(site) && line.device == name);
            let alone = law.alone[row][at];
            let part = if alone > 0.0 { demand[at] / alone } else { 1.0 };
            let Some((held, mut line)) = held.zip(Line::new(facts, samples, row, at, part)) else { continue };
            let market = facts.market.stores[samples.stores[row].at()].market;
            let rate = facts.settings.rate(facts.market.markets[market.at()].currency).unwrap_or(f64::NAN);
            let earns = line.earns(held.units) * rate;
            earned += earns;
            turnover += earns.abs();
        }
    }
    (earned, turnover)
}

/// What the plan's own stock earns in each sample, less `cost`, in base-currency major units.
fn by_sample(
    facts: &Facts<'_>,
    samples: &DemandSamples,
    law: &Capture,
    plan: &Plan,
    open: &[u32],
    cost: f64,
) -> Vec<f64> {
    let rows: Vec<usize> = open.iter().map(|&site| site as usize).collect();
    let mut held: Vec<((usize, usize), f64, f64, u32)> = Vec::new();
    for ((&site, &row), demand) in open.iter().zip(&rows).zip(law.demand(&rows)) {
        let market = facts.market.stores[samples.stores[row].at()].market;
        let rate = facts.settings.rate(facts.market.markets[market.at()].currency).unwrap_or(f64::NAN);
        for line in plan.stock.iter().filter(|line| line.store_id == facts.name(site)) {
            let device = facts.market.device_ids.find(&line.device);
            let Some(at) = device.and_then(|device| samples.devices.binary_search(&device).ok()) else { continue };
            let alone = law.alone[row][at];
            let part = if alone > 0.0 { demand[at] / alone } else { 1.0 };
            held.push(((row, at), part, rate, line.units));
        }
    }
    let earns = |sample: usize| {
        let lines = held.iter().filter_map(|&(at, part, rate, units)| {
            Some(Line::in_sample(facts, samples, sample, at, part)?.earns(units) * rate)
        });
        lines.sum::<f64>() - cost
    };
    (0..samples.len()).map(earns).collect()
}

/// What the assignments of a randomised pilot earn in the mean, each with its own stock.
fn mean(
    facts: &Facts<'_>,
    samples: &DemandSamples,
    law: &Capture,
    pairs: &Pairs,
    assignments: &[Assignment],
    costs: &[f64],
    failures: &mut Vec<Failure>,
) -> Option<f64> {
    let opened = pairs.assignments(facts, assignments, failures)?;
    let mut sum = 0.0;
    for (assignment, open) in assignments.iter().zip(&opened) {
        let line = |(store_id, device, units): &(String, String, u32)| StockLine {
            store_id: store_id.clone(),
            device: device.clone(),
            units: *units,
            service_level: f64::NAN,
            fill_rate: f64::NAN,
        };
        let lines: Vec<StockLine> = assignment.stock.iter().map(line).collect();
        let rows: Vec<usize> = open.iter().map(|&site| site as usize).collect();
        let said = stock::Stated { lines: &lines, best: false, served: false };
        stock::check(facts, samples, law, &law.demand(&rows), said, open, failures);
        let cost: f64 = rows.iter().map(|&row| costs[row]).sum();
        sum += earned(facts, samples, law, &lines, open).0 - cost;
    }
    Some(sum / opened.len() as f64)
}

/// o_j - b, by site.
fn costs(facts: &Facts<'_>) -> Vec<f64> {
    let mut minor_units = facts.open_cost.clone();
    facts.stay.iter().for_each(|&site| minor_units[site as usize] -= facts.stay_bonus);
    minor_units.iter().map(|cost| *cost as f64 / facts.base.minor_per_major() as f64).collect()
}

/// What each row earns alone in the priced problem.
fn standalone(law: &Capture, lines: &Lines) -> Vec<f64> {
    let worth = lines.values.iter().zip(&law.alone).zip(&lines.costs).map(|((values, alone), cost)| {
        values.iter().zip(alone).map(|(value, alone)| value * alone).sum::<f64>() - cost
    });
    worth.collect()
}

/// U less mu B, where `part` of each site of a plan counts; none if the counts leave no plan.
fn standalone_bound(
    facts: &Facts<'_>,
    rules: &Rules,
    worth: &[f64],
    part: f64,
    usable: impl Fn(usize) -> bool,
) -> Option<f64> {
    let minor = facts.base.minor_per_major() as f64;
    // Fixed point with steps of a millionth of a minor unit, so that the sort is the one that the
    // assignment bounds use; rounded up, so that it stays a bound.
    let unit = minor * 1e6;
    #[expect(clippy::cast_possible_truncation, reason = "amounts are far below 2^127 steps; a cast saturates")]
    let ranked = Ranked::new(worth.iter().map(|worth| (part * worth * unit).ceil() as i128).collect());
    let counts = Counts { min: rules.open_min, max: rules.open_max };
    let largest = ranked.largest(counts, |site| {
        let at = site as usize;
        match (!usable(at), rules.required[at]) {
            (true, _) => State::Closed,
            (false, true) => State::Open,
            (false, false) => State::Free,
        }
    });
    largest.map(|largest| largest as f64 / unit)
}
