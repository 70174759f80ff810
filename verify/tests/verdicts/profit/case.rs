//! A market whose profit under each law is computed from the definition, plan by plan.

use std::cell::RefCell;
use std::collections::BTreeMap;

use domain::capture::{CaptureModel, Reach};
use domain::certificate::{ProfitCertificate, ProfitFunction, ProfitPart};
use domain::forecast::DemandSamples;
use domain::ids::Idx;
use domain::market::Market;
use domain::plan::Plan;
use domain::settings::{CaptureLaw, ObjectiveKind, Settings, StockPolicy};
use ndarray::Array2;
use proptest::prelude::*;
use verify::{Verdict, check};

use crate::world::*;

/// P(D = u) for u = 0..800 of a negative binomial, or Poisson.
pub(crate) fn pmf(mean: f64, size: f64) -> Vec<f64> {
    let mut here = if size.is_finite() { (size / (size + mean)).powf(size) } else { (-mean).exp() };
    (0..800)
        .map(|u| {
            let now = here;
            let u = f64::from(u);
            let grow = if size.is_finite() { (u + size) * mean / (size + mean) } else { mean };
            here *= grow / (u + 1.0);
            now
        })
        .collect()
}

/// What the definitions say of a line at `units`: (profit, type 1, fill rate).
pub(crate) fn line(
    market: &Market,
    settings: &Settings,
    samples: &DemandSamples,
    at: (usize, usize),
    part: f64,
    units: u32,
) -> (f64, f64, f64) {
    let (store, device) = at;
    let terms = market.terms(Idx::new(device), Idx::new(0)).unwrap();
    let weeks = f64::from(settings.horizon_weeks);
    let window = match settings.stock.policy {
        StockPolicy::Cycle => f64::from(terms.lead_time_weeks + settings.stock.review_weeks),
        StockPolicy::SingleOrder => weeks,
    };
    let adopted: f64 = samples.adoption.row(device).sum();
    let (mut mean, mut served, mut enough, mut demand) = (0.0, 0.0, 0.0, 0.0);
    let count = samples.len() as f64;
    for sample in 0..samples.len() {
        let rate = part * samples.rates[[sample, store, device]];
        let expected = rate * adopted / weeks * window;
        mean += expected / count;
        demand += rate * adopted / count;
        for (u, chance) in pmf(expected, samples.dispersion[device] * window).iter().enumerate() {
            served += chance * (u as f64).min(f64::from(units)) / count;
            if u <= units as usize {
                enough += chance / count;
            }
        }
    }
    let fill = if mean > 0.0 { served / mean } else { 1.0 };
    let left = f64::from(units) - served;
    let (price, cost, salvage) = (terms.price.major(), terms.unit_cost.major(), terms.salvage.major());
    let holding = terms.holding_cost_per_week.major() * weeks * (f64::from(units) + left) / 2.0;
    ((price - cost) * fill * demand - holding - (cost - salvage) * left, enough, fill)
}

/// The best level among whole packs, and its profit.
pub(crate) fn best(
    market: &Market,
    settings: &Settings,
    samples: &DemandSamples,
    at: (usize, usize),
    part: f64,
) -> (u32, f64) {
    let pack = market.terms(Idx::new(at.1), Idx::new(0)).unwrap().pack_size;
    let levels = (0..=100 / pack).map(|packs| packs * pack);
    let each = levels.map(|units| (units, line(market, settings, samples, at, part, units).0));
    each.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0))).unwrap()
}

pub(crate) struct Case {
    pub(crate) market: Market,
    pub(crate) settings: Settings,
    pub(crate) samples: DemandSamples,
    pub(crate) capture: CaptureModel,
    /// Best levels by (store, device, bits of the part), and what they earn.
    pub(crate) known: RefCell<BTreeMap<(usize, usize, u64), (u32, f64)>>,
}

impl Case {
    pub(crate) fn new(market: Market, law: CaptureLaw, most: u32) -> Self {
        let mut settings = settings(ObjectiveKind::Profit, most);
        settings.capture.law = law;
        let samples = samples(&market, 3, 0.7);
        Self::over(market, settings, samples, law)
    }

    /// The same over given samples.
    pub(crate) fn over(market: Market, settings: Settings, samples: DemandSamples, law: CaptureLaw) -> Self {
        let times = market.travel_times();
        let row = |zone: usize| {
            let all = market.store_ids.iter().map(|store| times.milli_minutes(Idx::new(zone), store).unwrap());
            (0_u32..).zip(all).filter(|pair| pair.1 <= 30_000).collect::<Vec<_>>()
        };
        let (zones, stores) = (market.zones.len(), market.stores.len());
        let rows: Vec<_> = (0..zones).map(row).collect();
        let people: Vec<f64> = market.zones.iter().map(|zone| zone.population as f64).collect();
        let capture = CaptureModel::calibrated(
            law,
            Reach::from_rows(&rows, 0.12),
            &people,
            &vec![0; zones],
            &vec![0; stores],
            Array2::from_elem((zones, 2), 1.0),
            samples.mean(),
            0.5,
        )
        .unwrap();
        drop(times);
        Self { market, settings, samples, capture, known: RefCell::default() }
    }

    /// The best level of a line, and what it earns; nothing where it earns nothing alone.
    pub(crate) fn level(&self, at: (usize, usize), part: f64) -> (u32, f64) {
        let known = |part: f64| {
            let key = (at.0, at.1, part.to_bits());
            if let Some(&found) = self.known.borrow().get(&key) {
                return found;
            }
            let found = best(&self.market, &self.settings, &self.samples, at, part);
            self.known.borrow_mut().insert(key, found);
            found
        };
        if known(1.0).1 > 0.0 { known(part) } else { (0, 0.0) }
    }

    pub(crate) fn value(&self, open: &[usize]) -> f64 {
        let (demand, alone) = (self.capture.demand(open), self.samples.mean());
        let row = |(row, &site): (usize, &usize)| {
            let device = |device| self.level((site, device), demand[[row, device]] / alone[[site, device]]).1;
            (0..2).map(device).sum::<f64>() - self.market.stores[site].open_cost.unwrap().major()
        };
        open.iter().enumerate().map(row).sum()
    }

    pub(crate) fn best(&self) -> (Vec<usize>, f64) {
        let most = self.settings.placement.stores_max() as usize;
        let plans = subsets(self.market.stores.len()).filter(|set| set.len() <= most);
        plans.map(|set| (set.clone(), self.value(&set))).max_by(|a, b| a.1.total_cmp(&b.1)).unwrap()
    }

    pub(crate) fn stocked(&self, open: &[usize], bound: f64) -> Plan {
        let mut plan = plan(&self.market, &self.settings, open, self.value(open), bound);
        let (demand, alone) = (self.capture.demand(open), self.samples.mean());
        let mut cost = 0;
        for (row, &store) in open.iter().enumerate() {
            for device in 0..2 {
                let part = demand[[row, device]] / alone[[store, device]];
                let units = self.level((store, device), part).0;
                let (_, service, fill) =
                    line(&self.market, &self.settings, &self.samples, (store, device), part, units);
                let name = &self.market.device_ids.names()[device];
                plan.stock.push(stock_line(&self.market.store_ids.names()[store], name, units, service, fill));
                cost += i64::from(units) * self.market.device_terms[device].as_ref().unwrap().unit_cost.minor;
            }
        }
        plan.worth.stock_cost = money(cost);
        for (row, chosen) in plan.stores.iter_mut().enumerate() {
            chosen.demand_units_per_week = demand.row(row).sum();
        }
        plan
    }

    /// With lines that touch at the plan, and every plan looked at by itself.
    pub(crate) fn check(&self, plan: &Plan) -> Verdict {
        self.check_with(plan, Some(all_plans(self)))
    }

    pub(crate) fn check_with(&self, plan: &Plan, proof: Option<ProfitCertificate>) -> Verdict {
        let certificate = certificate(plan.objective.bound, proof, Vec::new());
        check(&self.market, &self.settings, &self.samples, plan, &certificate)
    }
}

pub(crate) fn any_market() -> impl Strategy<Value = Market> {
    let stores = prop::collection::vec((0.0..0.1_f64, 0.0..0.1_f64), 2..5);
    let zones = prop::collection::vec((0.0..0.1_f64, 0.0..0.1_f64, 1_u64..900), 1..6);
    (stores, zones).prop_map(|(stores, zones)| market(&stores, &zones))
}

pub(crate) fn any_law() -> impl Strategy<Value = CaptureLaw> {
    prop_oneof![Just(CaptureLaw::Independent), Just(CaptureLaw::Nearest), Just(CaptureLaw::Share)]
}

/// Two stores in one town: what one sells the other can't.
pub(crate) fn rivals(law: CaptureLaw) -> Case {
    let stores = [(0.0, 0.0), (0.0, 0.02), (0.3, 0.3)];
    Case::new(market(&stores, &[(0.0, 0.0, 5000), (0.0, 0.02, 4000), (0.3, 0.3, 5000)]), law, 3)
}

/// Every plan by itself.
pub(crate) fn all_plans(case: &Case) -> ProfitCertificate {
    fn cut(names: &[String], parts: &mut Vec<ProfitPart>) {
        let Some((first, rest)) = names.split_first() else {
            parts.push(ProfitPart {
                functions: vec![ProfitFunction { points: vec![Vec::new()], ..ProfitFunction::default() }],
                split: None,
            });
            return;
        };
        parts.push(ProfitPart { functions: Vec::new(), split: Some(first.clone()) });
        cut(rest, parts);
        cut(rest, parts);
    }
    let mut proof = ProfitCertificate::default();
    cut(case.market.store_ids.names(), &mut proof.parts);
    proof
}
