//! Stock that is bought once, before the world is known.
//!
//! | symbol | is | unit |
//! |---|---|---|
//! | q_jk | [`Held`] | units |
//! | sum Pi_jk(q_jk; c_jk) - sum o_j | what it earns in a world that it was not decided in | base-currency major units |
//!
//! It is allowed there where its cost and its units are within the budgets, every device is sold, and what a corner carries
//! keeps the service level.

use std::collections::BTreeMap;

use domain::problem::Site;
use ndarray::Axis;

use super::Case;
use crate::EngineError;
use crate::stock::decide::{Decided, decide};
use crate::stock::window::Window;
use crate::stock::{Line, factors};

/// Units by position in the pool and device.
pub(super) type Held = BTreeMap<(usize, String), u32>;

impl Case<'_> {
    /// The best stock of stores here; none where they are not allowed, or no stock is.
    pub(super) fn stocked(&self, stores: &[usize]) -> Result<Option<Held>, EngineError> {
        let (joint, world) = (&self.joint, self.world);
        let Some(open) = self.open(stores) else { return Ok(None) };
        if !joint.comparison.allows(&open)? {
            return Ok(None);
        }
        let rows: Vec<usize> = open.iter().map(|&site| site as usize).collect();
        let here = joint.samples.select(&rows);
        let parts = factors(&joint.capture.demand(&rows), &joint.capture.alone.select(Axis(0), &rows));
        let stocked = match decide(world.market, world.settings, self.stated.base, &here, &parts)? {
            Decided::Stocked(stocked) => stocked,
            Decided::Infeasible(_) => return Ok(None),
        };
        let mut held = Held::new();
        for (line, &units) in stocked.lines.iter().zip(&stocked.units).filter(|(_, units)| **units > 0) {
            let device = world.market.device_ids.name(joint.samples.devices[line.device]).to_owned();
            let store = stores.iter().find(|&&store| self.sites[store] == Some(open[line.store]));
            held.extend(store.map(|&store| ((store, device), units)));
        }
        Ok(Some(held))
    }

    /// What stock that is kept earns here; none where it is not allowed.
    pub(super) fn kept(&self, open: &[Site], stores: &[usize], held: &Held) -> Result<Option<(f64, f64)>, EngineError> {
        let (joint, market) = (&self.joint, self.world.market);
        if !joint.comparison.allows(open)? {
            return Ok(None);
        }
        let rows: Vec<usize> = open.iter().map(|&site| site as usize).collect();
        let parts = factors(&joint.capture.demand(&rows), &joint.capture.alone.select(Axis(0), &rows));
        let stocking = joint.stocking;
        let mut earned = -rows.iter().map(|&row| joint.open_costs[row]).sum::<f64>();
        let (mut money, mut count) = (0_i64, 0_i64);
        let mut units_of: BTreeMap<(usize, usize), u32> = BTreeMap::new();
        for ((store, device), &units) in held.iter().filter(|((store, _), _)| stores.contains(store)) {
            let device = market.device_ids.find(device);
            let device = device.and_then(|device| joint.samples.devices.iter().position(|&own| own == device));
            let at = self.sites[*store].and_then(|site| open.binary_search(&site).ok());
            let (Some(at), Some(device)) = (at, device) else { return Ok(None) };
            let Some(terms) = &stocking.terms[rows[at]][device] else { return Ok(None) };
            let rates = joint.samples.of(rows[at], device);
            let window = Window::of(rates, parts[[at, device]], terms, units as usize);
            earned += window.profit(units, terms) * terms.rate;
            money += i64::from(units) * terms.cost_base_minor;
            count += i64::from(units);
            units_of.insert((at, device), units);
        }
        if stocking.money_max.is_some_and(|max| money > max) || stocking.stock_max.is_some_and(|max| count > max) {
            return Ok(None);
        }
        if let Some(level) = stocking.service_min {
            let short = |line: &Line| {
                let units = units_of.get(&(line.store, line.device)).copied().unwrap_or(0);
                let rates = joint.samples.of(rows[line.store], line.device);
                Window::of(rates, line.factor, &line.terms, units as usize + 1).service_level(units) < level
            };
            if stocking.lines(joint.samples, &rows, &parts).iter().any(short) {
                return Ok(None);
            }
        }
        Ok(Some((earned, earned)))
    }
}
