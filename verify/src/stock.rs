//! Stock: the limits it must keep, the service it claims, and whether a pack more or fewer would pay.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | q_jk | `StockLine::units` | units |
//! | c_jk = D_jk(y)/F_jk | | the part of its own forecast that a corner keeps beside the others |
//!
//! Pi_jk is concave and every limit but the service level loosens when a pack is taken away. So the
//! best stock under any budget has no pack whose removal pays, and none that fits and whose addition
//! pays: both are tested, line by line.

use std::collections::BTreeMap;

use domain::certificate::Assignment;
use domain::forecast::DemandSamples;
use domain::plan::{Plan, StockLine};

use crate::capture::Capture;
use crate::earnings::{Line, units_after};
use crate::facts::Facts;
use crate::profit::row_of;
use crate::{Failure, money};

/// Probabilities are sums of a few hundred terms below 1, and the part c carries the rounding of a
/// calibration: 1e-14 each. Plans state them in full.
const PROBABILITY: f64 = 1e-9;
/// Of money: two evaluations of Pi agree to about 1e-12 of the amounts that cancel in it.
const RELATIVE: f64 = 1e-7;

/// One line with its own evaluation.
struct Held<'a> {
    line: Line,
    units: u32,
    /// None where the plan lists no such line: nothing is held then.
    stated: Option<&'a StockLine>,
    shelf_each: u64,
    cost_each: i64,
    name: String,
    /// Its position among the open sites.
    slot: usize,
}

/// Stock as it is stated.
#[derive(Clone, Copy)]
pub(crate) struct Stated<'a> {
    /// The lines.
    pub(crate) lines: &'a [StockLine],
    /// Whether it is claimed to be the best.
    pub(crate) best: bool,
    /// Whether the lines state their service.
    pub(crate) served: bool,
}

impl<'a> Stated<'a> {
    /// Under budgets that make a knapsack the search may end early; then the plan says so itself, and only that the
    /// limits are kept is asked of it.
    pub(crate) fn of(plan: &'a Plan) -> Self {
        let best = !plan.warnings.iter().any(|warning| warning.code == "W-OPT-002");
        Self { lines: &plan.stock, best, served: true }
    }
}

/// Refuses units beyond what a corner may hold before anything is worked out for them: their sums would be as long.
pub(crate) fn bounded(facts: &Facts<'_>, plan: &Plan, tossed: &[Assignment]) -> Result<(), Failure> {
    let most = facts.settings.stock.units_max;
    let stated = plan.stock.iter().map(|line| (&line.store_id, &line.device, line.units));
    let tossed = tossed.iter().flat_map(|one| &one.stock).map(|(store, device, units)| (store, device, *units));
    match stated.chain(tossed).find(|(_, _, units)| *units > most) {
        None => Ok(()),
        Some((store, device, units)) => {
            let text = format!("stock.units_max: {device} of {store} has {units} units, at most {most} may be");
            Err(Failure::new("E-VER-009", text))
        }
    }
}

/// Checks the stock lines, and the devices that a corner could carry and does not. `demand` is D by open
/// site and device.
pub(crate) fn check(
    facts: &Facts<'_>,
    samples: &DemandSamples,
    law: &Capture,
    demand: &[Vec<f64>],
    said: Stated<'_>,
    open: &[u32],
    failures: &mut Vec<Failure>,
) {
    let mut wrong = |text: String| failures.push(Failure::new("E-VER-009", text));
    let key = |line: &StockLine| (line.store_id.clone(), line.device.clone());
    if !said.lines.is_sorted_by(|a, b| key(a) < key(b)) {
        wrong("the stock is not in order of store and device, or states one twice".into());
    }
    let mut listed: BTreeMap<(usize, usize), &StockLine> = BTreeMap::new();
    for stated in said.lines {
        let device = facts.market.device_ids.find(&stated.device);
        let device = device.and_then(|device| samples.devices.binary_search(&device).ok());
        let slot = facts.find(&stated.store_id).and_then(|site| open.binary_search(&site).ok());
        match (slot, device) {
            (Some(slot), Some(device)) => drop(listed.insert((slot, device), stated)),
            _ => {
                wrong(format!("{} of {}: no chosen store or no device of the scenario", stated.device, stated.store_id))
            }
        }
    }
    let mut held = Vec::new();
    for (slot, &site) in open.iter().enumerate() {
        let Some(row) = row_of(facts, samples, site) else { continue };
        for (at, &device) in samples.devices.iter().enumerate() {
            let stated = listed.get(&(slot, at)).copied();
            let name = format!("{} of {}", facts.market.device_ids.name(device), facts.name(site));
            let alone = law.alone[row][at];
            let factor = if alone > 0.0 { demand[slot][at] / alone } else { 1.0 };
            let terms = facts.market.terms(device, facts.market.stores[samples.stores[row].at()].market);
            let (Some(line), Some(terms)) = (Line::new(facts, samples, row, at, factor), terms) else {
                if stated.is_some() {
                    wrong(format!("{name}: it is not sold there within the horizon"));
                }
                continue;
            };
            // A corner carries what would earn something there alone; what it does not carry needs no line.
            let carried = || Line::new(facts, samples, row, at, 1.0).is_some_and(|mut line| line.best() > 0.0);
            if stated.is_none() && !carried() {
                continue;
            }
            held.push(Held {
                line,
                units: stated.map_or(0, |stated| stated.units),
                stated,
                shelf_each: u64::from(terms.shelf_units),
                cost_each: money::convert(facts.settings, terms.unit_cost, facts.base),
                name,
                slot,
            });
        }
    }
    let mut limits = Limits::new(facts, open, &held);
    limits.check(facts, open, &mut wrong);
    // Where the worst outcomes count, no line pays by itself: what the stock may still gain lies within the bound.
    limits.best = said.best && facts.settings.objective.risk.is_none();
    for held in &mut held {
        line(facts, &limits, held, said.served, &mut wrong);
    }
}

/// What the stock uses of each limit.
struct Limits {
    shelf: Vec<(u64, Option<u64>)>,
    units: (u64, Option<u64>),
    cost: (i128, Option<i128>),
    /// Whether the stock is claimed to be the best.
    best: bool,
}

impl Limits {
    fn new(facts: &Facts<'_>, open: &[u32], held: &[Held<'_>]) -> Self {
        let budget = &facts.settings.budget;
        let mut shelf: Vec<(u64, Option<u64>)> = open
            .iter()
            .map(|&site| (0, facts.market.stores[facts.candidates[site as usize].at()].shelf_units.map(u64::from)))
            .collect();
        let (mut units, mut cost) = (0_u64, 0_i128);
        for line in held {
            let count = line.units;
            shelf[line.slot].0 += line.shelf_each * u64::from(count);
            units += u64::from(count);
            cost += i128::from(line.cost_each) * i128::from(count);
        }
        let most = budget.stock.map(|most| i128::from(money::convert(facts.settings, most, facts.base)));
        Self { shelf, units: (units, budget.stock_units), cost: (cost, most), best: true }
    }

    fn check(&self, facts: &Facts<'_>, open: &[u32], wrong: &mut impl FnMut(String)) {
        for (&site, &(used, most)) in open.iter().zip(&self.shelf) {
            if let Some(most) = most.filter(|&most| used > most) {
                wrong(format!("stores.shelf_units: {} holds {used} shelf units, it has {most}", facts.name(site)));
            }
        }
        if let Some(most) = self.units.1.filter(|&most| self.units.0 > most) {
            wrong(format!("budget.stock_units: {} units are stocked, at most {most} may be", self.units.0));
        }
        if let Some(most) = self.cost.1.filter(|&most| self.cost.0 > most) {
            wrong(format!("budget.stock: the stock costs {} minor units, at most {most} may be spent", self.cost.0));
        }
    }

    /// Whether `more` units of a line fit beside everything else.
    fn fit(&self, held: &Held<'_>, more: u32) -> bool {
        let (shelf, most) = self.shelf[held.slot];
        most.is_none_or(|most| shelf + held.shelf_each * u64::from(more) <= most)
            && self.units.1.is_none_or(|most| self.units.0 + u64::from(more) <= most)
            && self.cost.1.is_none_or(|most| self.cost.0 + i128::from(held.cost_each) * i128::from(more) <= most)
    }
}

/// One line by itself: packs, service, and whether a pack more or fewer pays.
fn line(facts: &Facts<'_>, limits: &Limits, held: &mut Held<'_>, served: bool, wrong: &mut impl FnMut(String)) {
    let (units, pack, most) = (held.units, held.line.pack, held.line.units_max);
    let name = held.name.clone();
    if units % pack != 0 || units > most {
        wrong(format!("{name}: {units} units are no whole packs of {pack}, or more than {most}"));
        return;
    }
    let (service, fill) = (held.line.service_level(units), held.line.fill_rate(units));
    if let Some(stated) = held.stated.filter(|_| served) {
        for (what, said, found) in
            [("service level", stated.service_level, service), ("fill rate", stated.fill_rate, fill)]
        {
            if !((said - found).abs() <= PROBABILITY) {
                wrong(format!("{name}: the {what} is {found}, not {said}"));
            }
        }
    }
    let floor = facts.settings.stock.service_min.map_or(0.0, |least| least.fraction);
    if service < floor - PROBABILITY {
        wrong(format!("stock.service_min: {name} has a service level of {service}, at least {floor} is asked for"));
    }
    if !limits.best {
        return;
    }
    let earns = held.line.earns(units);
    let slack = RELATIVE * earns.abs().max(1.0);
    if let Some(fewer) = units.checked_sub(pack)
        && held.line.service_level(fewer) >= floor + PROBABILITY
        && held.line.earns(fewer) > earns + slack
    {
        wrong(format!("{name}: {fewer} units would earn more than {units}"));
    }
    if let Some(more) = units_after(units, pack, most)
        && limits.fit(held, pack)
        && held.line.earns(more) > earns + slack
    {
        wrong(format!("{name}: {more} units would earn more than {units}"));
    }
}
