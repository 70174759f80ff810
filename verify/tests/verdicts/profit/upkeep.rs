//! How stock is kept up: right as enumeration has it, and planted wrong.

use domain::plan::Plan;
use domain::plan::replenishment::{DepotLine, ReorderLine, Replenishment, SCHEMA};
use domain::settings::{CaptureLaw, Depot, Reorder};
use domain::units::Share;

use super::{Case, pmf, rivals};
use crate::world::*;

/// A line of the plan's stock, as its definition has it.
struct Held {
    store_id: String,
    device: usize,
    units: u32,
    /// Units per week, by sample.
    rates: Vec<f64>,
    size: f64,
    pack: u32,
    margin: f64,
    /// Holding and loss, per unit and week.
    keep: f64,
}

const REVIEW: f64 = 2.0;
const LEAD: f64 = 2.0;
const FIXED: f64 = 60.0;

fn held(case: &Case, plan: &Plan, open: &[usize]) -> Vec<Held> {
    let demand = case.capture.demand(open);
    let weeks = f64::from(case.settings.horizon_weeks);
    let one = |line: &domain::plan::StockLine| {
        let device = case.market.device_ids.find(&line.device).unwrap().at();
        let store = case.market.store_ids.find(&line.store_id).unwrap().at();
        let slot = open.iter().position(|&site| site == store).unwrap();
        let terms = case.market.device_terms[device].as_ref().unwrap();
        let part = demand[[slot, device]] / case.samples.mean()[[store, device]];
        let weekly = part * case.samples.adoption.row(device).sum() / weeks;
        Held {
            store_id: line.store_id.clone(),
            device,
            units: line.units,
            rates: (0..case.samples.len()).map(|s| weekly * case.samples.rates[[s, store, device]]).collect(),
            size: case.samples.dispersion[device],
            pack: terms.pack_size,
            margin: terms.price.major() - terms.unit_cost.major(),
            keep: terms.holding_cost_per_week.major() + (terms.unit_cost.major() - terms.salvage.major()) / weeks,
        }
    };
    plan.stock.iter().map(one).collect()
}

fn short(masses: &[f64], level: f64) -> f64 {
    masses.iter().enumerate().map(|(d, mass)| mass * (d as f64 - level).max(0.0)).sum()
}

/// A policy's orders and cost per review, service and missed units, by running the chain of positions.
fn ran(line: &Held, top: u32, bottom: u32, fills: impl Fn(i64) -> i64) -> [f64; 4] {
    let (wide, mut sums) = ((top - bottom) as usize, [0.0; 4]);
    for rate in &line.rates {
        let over = |weeks: f64| pmf(rate * weeks, line.size * weeks);
        let (review, lead, both) = (over(REVIEW), over(LEAD), over(REVIEW + LEAD));
        let moves: Vec<f64> = review.iter().copied().take_while(|mass| *mass > 1e-15).collect();
        let (mut at, mut orders) = (vec![1.0 / wide as f64; wide], 0.0);
        for _ in 0..20_000 {
            let mut next = vec![0.0; wide];
            orders = 0.0;
            for (below, weight) in at.iter().enumerate() {
                for (d, mass) in moves.iter().enumerate() {
                    let position = i64::from(top) - below as i64 - d as i64;
                    let order = fills(position);
                    orders += if order > 0 { weight * mass } else { 0.0 };
                    next[(i64::from(top) - position - order) as usize] += weight * mass;
                }
            }
            let moved: f64 = next.iter().zip(&at).map(|(next, at)| (next - at).abs()).sum();
            at = next;
            if moved < 1e-13 {
                break;
            }
        }
        let part = 1.0 / line.rates.len() as f64;
        sums[0] += part * orders;
        sums[1] += part * FIXED * orders;
        for (below, weight) in at.iter().enumerate() {
            let y = f64::from(top) - below as f64;
            let missed = short(&both, y);
            let mean: f64 = rate * (REVIEW + LEAD);
            sums[1] += part * weight * (REVIEW * line.keep * (y - mean + missed) + line.margin * missed);
            sums[2] += part * weight * both.iter().take(y as usize + 1).sum::<f64>();
            sums[3] += part * weight * (missed - short(&lead, y));
        }
    }
    sums
}

/// The best line of a kind, everything tried.
fn best(case: &Case, line: &Held, reorder: Reorder) -> ReorderLine {
    let (pack, level) = (i64::from(line.pack), line.units);
    let mut found: Option<([f64; 4], u32, u32)> = None;
    let mut seen = |sums: [f64; 4], point: u32, lot: u32| {
        if found.is_none_or(|found| sums[1] < found.0[1]) {
            found = Some((sums, point, lot));
        }
    };
    if reorder == Reorder::Points {
        for s in 0..=level - line.pack {
            let fills = |y: i64| if y <= i64::from(s) { (i64::from(level) - y).div_euclid(pack) * pack } else { 0 };
            seen(ran(line, level, s, fills), s, 0);
        }
    } else {
        for lot in (1..=level / line.pack).map(|packs| packs * line.pack) {
            for r in 0..=level - lot {
                let (at, size) = (i64::from(r), i64::from(lot));
                seen(ran(line, r + lot, r, |y| if y <= at { (at - y + size) / size * size } else { 0 }), r, lot);
            }
        }
    }
    let (sums, point, lot) = found.unwrap();
    let demand = line.rates.iter().sum::<f64>() / line.rates.len() as f64 * REVIEW;
    ReorderLine {
        store_id: line.store_id.clone(),
        device: case.market.device_ids.names()[line.device].clone(),
        reorder: point,
        up_to: (reorder == Reorder::Points).then_some(level),
        lot: (reorder == Reorder::Lots).then_some(lot),
        orders: sums[0] * f64::from(case.settings.horizon_weeks) / REVIEW,
        cost_per_week: sums[1] / REVIEW,
        service_level: sums[2],
        fill_rate: 1.0 - sums[3] / demand,
    }
}

/// Counts of this mean and variance.
fn counts(mean: f64, variance: f64) -> Vec<f64> {
    let over = variance - mean;
    pmf(mean, if over > 1e-12 * mean { mean * mean / over } else { f64::INFINITY })
}

/// Cost per week and missed units of a line that waits for what `waits` says, at a level.
fn kept(line: &Held, level: u32, waits: impl Fn(usize, f64) -> Vec<f64>) -> [f64; 2] {
    let (mut sums, level) = ([0.0; 2], f64::from(level));
    for sample in 0..line.rates.len() {
        let (after, before) = (waits(sample, REVIEW + LEAD), waits(sample, LEAD));
        let left: f64 = after.iter().enumerate().map(|(d, mass)| mass * (level - d as f64).max(0.0)).sum();
        let part = 1.0 / line.rates.len() as f64;
        sums[0] += part * (line.keep * left + line.margin / REVIEW * short(&after, level));
        sums[1] += part * (short(&after, level) - short(&before, level));
    }
    sums
}

/// A depot of 3 weeks, everything tried.
fn depot(case: &Case, lines: &[&Held], weeks: f64, holding: f64) -> DepotLine {
    let variance = |line: &Held, rate: f64, weeks: f64| rate * weeks * (1.0 + rate / line.size);
    let all = |sample: usize| lines.iter().map(|line| line.rates[sample]).sum::<f64>();
    let demand: Vec<Vec<f64>> = (0..lines[0].rates.len())
        .map(|s| counts(all(s) * weeks, lines.iter().map(|line| variance(line, line.rates[s], weeks)).sum()))
        .collect();
    let with = |line: &Held, stock: u32| {
        kept(line, line.units, |s, own| {
            let moment = |power: i32| -> f64 {
                let owed = |d: usize| (d as f64 - f64::from(stock)).max(0.0).powi(power);
                demand[s].iter().enumerate().map(|(d, mass)| mass * owed(d)).sum()
            };
            let (owed, part) = (moment(1), line.rates[s] / all(s));
            let spread = part * part * (moment(2) - owed * owed) + part * (1.0 - part) * owed;
            counts(part * owed + line.rates[s] * own, spread + variance(line, line.rates[s], own))
        })
    };
    let terms = case.market.device_terms[lines[0].device].as_ref().unwrap();
    let held_cost = lines[0].keep - (1.0 - holding) * terms.holding_cost_per_week.major();
    let cost = |stock: u32| {
        let left = |masses: &Vec<f64>| -> f64 {
            masses.iter().enumerate().map(|(d, mass)| mass * (f64::from(stock) - d as f64).max(0.0)).sum()
        };
        let held = demand.iter().map(left).sum::<f64>() / demand.len() as f64;
        held_cost * held + lines.iter().map(|line| with(line, stock)[0]).sum::<f64>()
    };
    let stocks = (0..120).map(|packs| packs * lines[0].pack);
    let (stock, least) = stocks.map(|stock| (stock, cost(stock))).min_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
    let (mut missed, mut without, mut apart, mut cost_apart, mut wanted) = (0.0, 0.0, 0, 0.0, 0.0);
    for line in lines {
        let alone = |level| {
            kept(line, level, |s, own| {
                counts(line.rates[s] * (weeks + own), variance(line, line.rates[s], weeks + own))
            })
        };
        let mean = line.rates.iter().sum::<f64>() / line.rates.len() as f64 * REVIEW;
        let here = with(line, stock)[1];
        let level = (0..100).map(|packs| line.units + packs * line.pack);
        let level = level.into_iter().find(|&level| alone(level)[1] <= here + 1e-6 * mean).unwrap();
        missed += here;
        wanted += mean;
        without += alone(line.units)[1];
        apart += level - line.units;
        cost_apart += alone(level)[0];
    }
    DepotLine {
        market: "US".into(),
        device: case.market.device_ids.names()[lines[0].device].clone(),
        base_stock: stock,
        fill_rate: 1.0 - missed / wanted,
        fill_rate_without: 1.0 - without / wanted,
        units_apart: apart,
        saves_per_week: cost_apart - least,
    }
}

/// A case whose scenario asks for a policy and a depot, and its best plan with both.
fn asked(reorder: Reorder) -> (Case, Plan) {
    let mut case = rivals(CaptureLaw::Share);
    // Small levels, so that everything can be tried.
    case.samples.rates.mapv_inplace(|rate| 0.8 * rate);
    let settings = case.settings.clone();
    case = Case::over(case.market, settings, case.samples, CaptureLaw::Share);
    case.settings.stock.reorder = reorder;
    case.settings.stock.order_cost = Some("60 USD".parse().unwrap());
    case.settings.stock.depot = Some(Depot { lead_time_weeks: 3, holding: Share { fraction: 0.5 } });
    let (open, value) = case.best();
    let mut plan = case.stocked(&open, value);
    // What is not held is not listed.
    plan.stock.retain(|line| line.units > 0);
    let lines = held(&case, &plan, &open);
    let depots = (0..2).filter_map(|device| {
        let here: Vec<&Held> = lines.iter().filter(|line| line.device == device).collect();
        (!here.is_empty()).then(|| depot(&case, &here, 3.0, 0.5))
    });
    plan.replenishment = Some(Replenishment {
        schema: SCHEMA.into(),
        policy: reorder,
        review_weeks: 2,
        currency: "USD".into(),
        lines: match reorder {
            Reorder::Levels => Vec::new(),
            _ => lines.iter().map(|line| best(&case, line, reorder)).collect(),
        },
        depot: depots.collect(),
    });
    (case, plan)
}

/// What is told of a plan whose section was changed.
fn after(case: &Case, plan: &Plan, change: impl Fn(&mut Replenishment)) -> Vec<String> {
    let mut plan = plan.clone();
    change(plan.replenishment.as_mut().unwrap());
    let failures = case.check(&plan).failures;
    assert!(failures.iter().all(|failure| failure.code == "E-VER-011"), "{failures:?}");
    failures.into_iter().map(|failure| failure.text).collect()
}

#[test]
fn what_enumeration_finds_is_confirmed() {
    for reorder in [Reorder::Levels, Reorder::Points, Reorder::Lots] {
        let (case, plan) = asked(reorder);
        let told = after(&case, &plan, |_| ());
        assert!(told.is_empty(), "{reorder:?}: {told:?}\n{:#?}", plan.replenishment);
        let mut silent = plan.clone();
        silent.replenishment = None;
        assert_eq!(codes(&case.check(&silent).failures), ["E-VER-011"]);
    }
    // Where nothing is asked, nothing may be told.
    let (mut case, plan) = asked(Reorder::Points);
    case.settings.stock.reorder = Reorder::Levels;
    case.settings.stock.depot = None;
    assert_eq!(codes(&case.check(&plan).failures), ["E-VER-011"]);
}

/// A line with room for another reorder point on either side.
fn inner(kept: &mut Replenishment) -> &mut ReorderLine {
    let room = |line: &&mut ReorderLine| line.reorder > 0 && line.up_to.is_some_and(|level| line.reorder + 4 < level);
    kept.lines.iter_mut().find(room).unwrap()
}

#[test]
fn wrong_reorder_points_are_refused() {
    type Change = fn(&mut Replenishment);
    let points: [(&str, Change); 12] = [
        ("no policy in packs", |kept| kept.lines[1].reorder = kept.lines[1].up_to.unwrap()),
        ("no policy in packs", |kept| *kept.lines[0].up_to.as_mut().unwrap() += 1),
        ("no policy in packs", |kept| *kept.lines[0].up_to.as_mut().unwrap() -= 1),
        ("no policy in packs", |kept| kept.lines[0].lot = Some(1)),
        ("would be better", |kept| inner(kept).reorder -= 1),
        ("would be better", |kept| inner(kept).reorder += 1),
        ("the orders of", |kept| kept.lines[0].orders *= 1.0001),
        ("the cost per week of", |kept| kept.lines[0].cost_per_week += 0.01),
        ("the service level of", |kept| kept.lines[1].service_level += 1e-5),
        ("the fill rate of", |kept| kept.lines[1].fill_rate -= 1e-5),
        ("beside", |kept| drop(kept.lines.remove(0))),
        ("beside", |kept| kept.lines.swap(0, 1)),
    ];
    let (case, plan) = asked(Reorder::Points);
    for (at, (words, change)) in points.into_iter().enumerate() {
        let told = after(&case, &plan, change);
        assert!(told.iter().any(|text| text.contains(words)), "{at}, {words}: {told:?}");
    }
    let lots: [(&str, Change); 5] = [
        ("no policy in packs", |kept| *kept.lines[0].lot.as_mut().unwrap() = 400),
        ("no policy in packs", |kept| *kept.lines[0].lot.as_mut().unwrap() = 0),
        ("no policy in packs", |kept| *kept.lines[1].lot.as_mut().unwrap() += 1),
        ("no policy in packs", |kept| kept.lines[0].reorder += 400),
        ("is not what the settings ask for", |kept| kept.policy = Reorder::Points),
    ];
    let (case, plan) = asked(Reorder::Lots);
    for (at, (words, change)) in lots.into_iter().enumerate() {
        let told = after(&case, &plan, change);
        assert!(told.iter().any(|text| text.contains(words)), "{at}, {words}: {told:?}");
    }
}

#[test]
fn wrong_depots_are_refused() {
    type Change = fn(&mut Replenishment);
    let (case, plan) = asked(Reorder::Levels);
    let wrong: [(&str, Change); 9] = [
        ("depots do not hold", |kept| drop(kept.depot.remove(0))),
        ("depots do not hold", |kept| kept.depot.swap(0, 1)),
        ("no whole packs", |kept| kept.depot[1].base_stock += 1),
        ("a week,", |kept| kept.depot[0].base_stock += 1),
        ("the fill rate is", |kept| kept.depot[0].fill_rate += 1e-5),
        ("the fill rate without it is", |kept| kept.depot[0].fill_rate_without -= 1e-5),
        ("the units apart is", |kept| kept.depot[0].units_apart += 1),
        ("the saving per week is", |kept| kept.depot[0].saves_per_week += 0.01),
        ("is not what the settings ask for", |kept| kept.currency = "GBP".into()),
    ];
    for (at, (words, change)) in wrong.into_iter().enumerate() {
        let told = after(&case, &plan, change);
        assert!(told.iter().any(|text| text.contains(words)), "{at}, {words}: {told:?}");
    }
}
