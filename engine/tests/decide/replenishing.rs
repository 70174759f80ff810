//! Reorder points and depots, against trying everything and against running them.

use domain::forecast::{DemandSamples, Rates};
use domain::plan::Plan;
use domain::plan::replenishment::{ReorderLine, Replenishment};
use domain::settings::{CaptureLaw, Depot, ObjectiveKind, Reorder, Settings};
use domain::stop::{Silent, Stop};
use domain::units::Share;
use engine::stock::depot::{Corner, Routes, supplied};
use engine::stock::reorder::{Order, Policy, Upkeep, best};
use engine::stock::terms::Terms;
use engine::{Outcome, Solved};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use crate::world;

/// A device reviewed every 2 weeks with 3 more on the way.
fn terms(pack: u32, size: f64) -> Terms {
    Terms {
        margin: 30.0,
        loss: 13.0,
        holding: 0.2,
        cost: 40.0,
        cost_base_minor: 4000,
        pack,
        shelf: 1,
        rate: 1.0,
        weeks: 26.0,
        window: 5.0,
        adopted: 13.0,
        size: 5.0 * size,
    }
}

/// P(D = u), u up to 200, of a negative binomial or Poisson.
fn masses(mean: f64, size: f64) -> Vec<f64> {
    let none = if size.is_finite() { (size / (size + mean)).powf(size) } else { (-mean).exp() };
    let step = |u: f64| if size.is_finite() { (u + size) * mean / (size + mean) } else { mean };
    (0..=200)
        .scan(none, |mass, u| Some(std::mem::replace(mass, *mass * step(f64::from(u)) / f64::from(u + 1))))
        .collect()
}

/// What a policy costs per review, how often it fails and what it misses, by running the chain of positions in each
/// sample. `fills` says what is ordered at a position.
fn tried(rates: &[f64], terms: &Terms, fixed: f64, top: i64, bottom: i64, fills: impl Fn(i64) -> i64) -> [f64; 3] {
    let (mut cost, mut failed, mut missed, mut demand) = (0.0, 0.0, 0.0, 0.0);
    let wide = usize::try_from(top - bottom).expect("a gap");
    for rate in rates {
        let over = |weeks: f64| masses(0.5 * rate * weeks, terms.size / 5.0 * weeks);
        let (review, lead, both) = (over(2.0), over(3.0), over(5.0));
        let mut at = vec![1.0 / wide as f64; wide];
        let mut orders = 0.0;
        for _ in 0..100_000 {
            let mut next = vec![0.0; wide];
            orders = 0.0;
            for (below, weight) in at.iter().enumerate() {
                for (d, mass) in review.iter().enumerate() {
                    let position = top - below as i64 - d as i64;
                    let order = fills(position);
                    orders += if order > 0 { weight * mass } else { 0.0 };
                    next[usize::try_from(top - position - order).expect("not above the top")] += weight * mass;
                }
            }
            let moved: f64 = next.iter().zip(&at).map(|(next, at)| (next - at).abs()).sum();
            at = next;
            if moved < 1e-14 {
                break;
            }
        }
        let part = 1.0 / rates.len() as f64;
        cost += part * fixed * orders;
        demand += part * rate;
        for (below, weight) in at.iter().enumerate() {
            let y = top - below as i64;
            let short = |masses: &[f64]| -> f64 {
                masses.iter().enumerate().map(|(d, mass)| mass * (d as i64 - y).max(0) as f64).sum()
            };
            let left: f64 = both.iter().enumerate().map(|(d, mass)| mass * (y - d as i64).max(0) as f64).sum();
            let holding = 2.0 * (terms.holding + terms.loss / terms.weeks);
            cost += part * weight * (holding * left + terms.margin * short(&both));
            failed += part * weight * both.iter().skip(y as usize + 1).sum::<f64>();
            missed += part * weight * (short(&both) - short(&lead));
        }
    }
    [cost, 1.0 - failed, 1.0 - missed / demand]
}

#[test]
fn reorder_points_are_the_best_of_all_for_packs_of_one_to_three() {
    let rates = [0.4, 2.0, 3.1];
    for (pack, level, size) in [(1, 7, 0.9), (2, 10, f64::INFINITY), (3, 12, 2.0), (3, 3, 2.0)] {
        for fixed in [0.0, 12.0, 300.0] {
            let terms = terms(pack, size);
            let upkeep = Upkeep::of(Rates::alike(&rates), 1.0, &terms, 2.0, fixed).expect("a table");
            let pack = i64::from(pack);
            let close = |policy: &Policy, [cost, service, fill]: [f64; 3]| {
                assert!((policy.cost - cost).abs() < 1e-8 * cost, "{policy:?}: {cost}");
                assert!((policy.service - service).abs() < 1e-9, "{policy:?}: {service}");
                assert!((policy.fill - fill).abs() < 1e-9, "{policy:?}: {fill}");
                cost
            };
            let points = upkeep.points(level).expect("a level of packs");
            let mut least = f64::INFINITY;
            for policy in &points {
                let (s, top) = (i64::from(policy.reorder), i64::from(level));
                let fills = |y: i64| if y <= s { (top - y) / pack * pack } else { 0 };
                least = least.min(close(policy, tried(&rates, &terms, fixed, top, s, fills)));
            }
            assert_eq!(points.len(), (i64::from(level) - pack + 1) as usize, "every s");
            let (found, kept) = best(&points, None).expect("a policy");
            assert!(kept && (found.cost - least).abs() < 1e-8 * least, "{found:?}, {least}");

            let lots = upkeep.lots(level);
            let mut least = f64::INFINITY;
            for policy in &lots {
                let Order::Lots(lot) = policy.order else { panic!("{policy:?}") };
                let (r, lot) = (i64::from(policy.reorder), i64::from(lot));
                assert!(lot % pack == 0 && r + lot <= i64::from(level));
                let fills = |y: i64| if y <= r { (r - y + lot) / lot * lot } else { 0 };
                least = least.min(close(policy, tried(&rates, &terms, fixed, r + lot, r, fills)));
            }
            let (found, _) = best(&lots, None).expect("a policy");
            assert!((found.cost - least).abs() < 1e-8 * least, "{found:?}, {least}");

            // Asked for service, the best of those that keep it; of none, the most.
            let floor = 0.5 * (points[0].service + points[points.len() - 1].service);
            let (served, kept) = best(&points, Some(floor)).expect("a policy");
            let keep = points.iter().filter(|policy| policy.service >= floor);
            assert_eq!(served.cost, keep.map(|policy| policy.cost).fold(f64::INFINITY, f64::min));
            assert!(kept && served.service >= floor);
            let (most, kept) = best(&points, Some(0.99999)).expect("a policy");
            assert!(!kept && points.iter().all(|policy| policy.service <= most.service));
        }
    }
}

#[test]
fn nothing_sold_is_never_ordered() {
    let upkeep = Upkeep::of(Rates::alike(&[0.0, 0.0]), 1.0, &terms(2, 1.0), 2.0, 9.0).expect("a table");
    for policy in upkeep.points(6).expect("a level").into_iter().chain(upkeep.lots(6)) {
        assert_eq!((policy.orders, policy.service, policy.fill), (0.0, 1.0, 1.0), "{policy:?}");
    }
}

/// The plan of a small chain, and the samples of its stores.
fn planned(change: impl Fn(&mut Settings)) -> (Settings, Plan, DemandSamples) {
    let (settings, Solved { plan, samples, .. }) = solved(change);
    (settings, plan, samples)
}

/// The same with all that is said of it.
fn solved(change: impl Fn(&mut Settings)) -> (Settings, Solved) {
    let mut settings = world::settings(ObjectiveKind::Profit, CaptureLaw::Share);
    settings.stock.order_cost = Some("9 USD".parse().expect("money"));
    change(&mut settings);
    let market = world::market(24, 5);
    let forecast = world::forecast(&market, &settings);
    let solved = engine::solve::solve(&market, &forecast, &settings, &Stop::default(), &Silent);
    let Ok(Outcome::Solved(solved)) = solved else { panic!("{solved:?}") };
    (settings, *solved)
}

/// A count of mean `mean` and size `size`: one after the other, by the chance of each.
fn draw(random: &mut Pcg64, mean: f64, size: f64) -> i64 {
    let (u, mut below) = (random.random::<f64>(), 0.0);
    let mut mass = if size.is_finite() { (size / (size + mean)).powf(size) } else { (-mean).exp() };
    let mut count = 0;
    loop {
        below += mass;
        if u < below || mass < 1e-18 && f64::from(count) > mean {
            return i64::from(count);
        }
        let grow = if size.is_finite() { (f64::from(count) + size) * mean / (size + mean) } else { mean };
        count += 1;
        mass *= grow / f64::from(count);
    }
}

/// Orders and money per review, share of reviews without shortage, share of demand served at once; each with its
/// standard error. Weeks go by one after the other: what is due arrives, it is ordered, customers come and wait.
fn run(line: &ReorderLine, means: &[f64], terms: &Terms, fixed: f64, seed: u64) -> [(f64, f64); 4] {
    let mut random = Pcg64::seed_from_u64(seed);
    let (review, lead) = (2_usize, 3_usize);
    let pack = i64::from(terms.pack);
    let (batches, weeks) = (16, 20_000);
    let mut rows: Vec<Vec<[f64; 4]>> = Vec::new();
    let all: f64 = means.iter().sum::<f64>() / means.len() as f64;
    for &mean in means {
        let mut stock = i64::from(line.up_to.unwrap_or(line.reorder + line.lot.unwrap_or(0)));
        let mut due = std::collections::VecDeque::from(vec![0_i64; lead]);
        let mut row = Vec::new();
        for batch in 0..=batches {
            let mut sums = [0.0; 4];
            for week in 0..weeks {
                stock += due.pop_front().unwrap_or(0);
                // At a review's end, before what is due next: orders of a review arrive `lead` weeks after it.
                let mut order = 0;
                if week % review == 0 {
                    let position = stock + due.iter().sum::<i64>();
                    if position <= i64::from(line.reorder) {
                        order = match (line.up_to, line.lot) {
                            (Some(level), _) => (i64::from(level) - position) / pack * pack,
                            (None, lot) => {
                                let lot = i64::from(lot.unwrap_or(0));
                                (i64::from(line.reorder) - position + lot) / lot * lot
                            }
                        };
                        sums[0] += 1.0;
                        sums[1] += fixed;
                    }
                }
                due.push_back(order);
                let asked = draw(&mut random, mean, terms.size / terms.window);
                sums[3] += asked.min(stock.max(0)) as f64 / (all * review as f64);
                stock -= asked;
                // Arrivals come in weeks of the parity of `lead`: the week before one ends a protection.
                if (week + 1) % review == lead % review {
                    let holding = review as f64 * (terms.holding + terms.loss / terms.weeks);
                    sums[1] += holding * stock.max(0) as f64 + terms.margin * (-stock).max(0) as f64;
                    sums[2] += if stock >= 0 { 1.0 } else { 0.0 };
                }
            }
            // The first batch warms up.
            if batch > 0 {
                row.push(sums.map(|sum| sum * review as f64 / weeks as f64));
            }
        }
        rows.push(row);
    }
    std::array::from_fn(|at| {
        let (mut mean, mut variance) = (0.0, 0.0);
        for row in &rows {
            let here = row.iter().map(|batch| batch[at]).sum::<f64>() / row.len() as f64;
            let spread = row.iter().map(|batch| (batch[at] - here).powi(2)).sum::<f64>() / (row.len() - 1) as f64;
            mean += here / rows.len() as f64;
            variance += spread / row.len() as f64 / (rows.len() * rows.len()) as f64;
        }
        (mean, variance.sqrt())
    })
}

/// What is computed is what running the policy gives, demand coded apart.
#[test]
fn running_the_policy_costs_and_serves_what_was_computed() {
    let rates = [0.6, 1.5, 4.0];
    let means = rates.map(|rate| 0.5 * rate);
    for (seed, (pack, level, size, reorder)) in
        [(1, 9, 0.8, Reorder::Points), (3, 12, 2.0, Reorder::Points), (3, 15, f64::INFINITY, Reorder::Lots)]
            .into_iter()
            .enumerate()
    {
        let (terms, fixed) = (terms(pack, size), 14.0);
        let upkeep = Upkeep::of(Rates::alike(&rates), 1.0, &terms, 2.0, fixed).expect("a table");
        let policies =
            if reorder == Reorder::Lots { upkeep.lots(level) } else { upkeep.points(level).expect("a level of packs") };
        let (policy, _) = best(&policies, None).expect("a policy");
        let (up_to, lot) = match policy.order {
            Order::UpTo(level) => (Some(level), None),
            Order::Lots(lot) => (None, Some(lot)),
        };
        let line = ReorderLine {
            store_id: String::new(),
            device: String::new(),
            reorder: policy.reorder,
            up_to,
            lot,
            orders: 0.0,
            cost_per_week: 0.0,
            service_level: 0.0,
            fill_rate: 0.0,
        };
        let ran = run(&line, &means, &terms, fixed, 11 + seed as u64);
        println!("{policy:?}: {ran:?}");
        for (said, (ran, error)) in [policy.orders, policy.cost, policy.service, policy.fill].into_iter().zip(ran) {
            assert!((said - ran).abs() < 4.5 * error, "{said} is said, {ran} +- {error} came of {policy:?}");
            assert!(error < 0.01 * said, "too few weeks to tell: {error} of {said}");
        }
    }
}

#[test]
fn a_plan_tells_when_to_reorder_each_line_of_its_stock() {
    let (_, free, _) = planned(|settings| settings.stock.order_cost = None);
    assert_eq!(free.replenishment, None);
    for reorder in [Reorder::Points, Reorder::Lots] {
        let (_, plan, _) = planned(|settings| settings.stock.reorder = reorder);
        assert_eq!((&plan.stock, &plan.objective), (&free.stock, &free.objective), "the decision is the same");
        let Some(Replenishment { policy, lines, depot, .. }) = &plan.replenishment else { panic!("nothing told") };
        assert!(*policy == reorder && depot.is_empty());
        assert_eq!(lines.len(), plan.stock.len());
        for (line, stock) in lines.iter().zip(&plan.stock) {
            assert_eq!((&line.store_id, &line.device), (&stock.store_id, &stock.device));
            let top = line.up_to.unwrap_or(line.reorder + line.lot.unwrap_or(0));
            assert!(top <= stock.units && line.reorder < top, "{line:?}");
            assert!(line.service_level <= stock.service_level + 1e-9, "never full at every review: {line:?}");
            assert!(line.orders > 0.0 && line.orders <= 13.0 + 1e-9, "{line:?}");
        }
    }
}

#[test]
fn dear_orders_are_fewer_and_service_is_kept_where_it_is_asked_for() {
    let orders = |cost: &str, service: Option<f64>| {
        let (_, plan, _) = planned(|settings| {
            settings.stock.reorder = Reorder::Points;
            settings.stock.order_cost = Some(cost.parse().expect("money"));
            settings.stock.service_min = service.map(|fraction| Share { fraction });
        });
        let lines = plan.replenishment.expect("told").lines;
        let sum: f64 = lines.iter().map(|line| line.orders).sum();
        let least = lines.iter().map(|line| line.service_level).fold(1.0, f64::min);
        (sum, least, plan.warnings)
    };
    let (cheap, _, _) = orders("1 USD", None);
    let (dear, served, _) = orders("80 USD", None);
    assert!(dear < 0.9 * cheap, "{dear}, {cheap}");
    let (_, least, warnings) = orders("80 USD", Some(0.9));
    assert!(served < 0.9, "{served}");
    assert!(least >= 0.9 || warnings.iter().any(|warning| warning.code == "W-STK-001"), "{least}, {warnings:?}");
}

#[test]
fn a_budget_in_the_way_of_larger_orders_is_told_and_kept() {
    let told = |cost: &str, units: Option<u64>| {
        let (_, Solved { plan, notes, .. }) = solved(|settings| {
            settings.stock.reorder = Reorder::Points;
            settings.stock.order_cost = Some(cost.parse().expect("money"));
            settings.budget.stock_units = units;
        });
        let units: u64 = plan.stock.iter().map(|line| u64::from(line.units)).sum();
        let told = plan.warnings.into_iter().filter(|warning| warning.code.starts_with("W-STK"));
        let codes: Vec<String> = told.map(|warning| warning.code + &warning.text).collect();
        (units, codes, notes.remarks)
    };
    let (free, none, _) = told("80 USD", None);
    assert!(none.is_empty(), "{none:?}");
    // A budget costs sales as well, which free orders do not mend: what they would save is none of theirs.
    let (_, none, remarks) = told("0 USD", Some(free / 2));
    assert!(none.is_empty(), "{none:?}");
    assert!(!remarks.iter().any(|remark| remark.contains("What an order costs")), "{remarks:?}");
    let (held, bound, _) = told("80 USD", Some(free / 2));
    assert!(held <= free / 2);
    assert!(bound.iter().any(|text| text.contains("W-STK-002") && text.contains("budget.stock_units")), "{bound:?}");
}

/// A depot of one-for-one orders, run week by week: every corner orders what it sold, first come first served, units of a
/// week in random order. The share of demand served at once.
fn depot_run(corners: &[Corner], terms: &Terms, routes: Routes, depot: u32, seed: u64) -> f64 {
    let mut random = Pcg64::seed_from_u64(seed);
    let (to_depot, to_corner) = (routes.to_depot as usize, routes.to_corner as usize);
    let size = terms.size / terms.window;
    let (mut served, mut asked) = (0.0, 0.0);
    let samples = corners[0].rates.len();
    for sample in 0..samples {
        let mut stock: Vec<i64> = corners.iter().map(|corner| i64::from(corner.level)).collect();
        let mut way = std::collections::VecDeque::from(vec![vec![0_i64; corners.len()]; to_corner]);
        let mut bought = std::collections::VecDeque::from(vec![0_i64; to_depot]);
        let (mut held, mut queue) = (i64::from(depot), std::collections::VecDeque::new());
        let mut sold = vec![0_i64; corners.len()];
        for week in 0..60_000 {
            held += bought.pop_front().unwrap_or(0);
            let arrived = way.pop_front().unwrap_or_default();
            stock.iter_mut().zip(arrived).for_each(|(stock, more)| *stock += more);
            let mut orders: Vec<usize> = sold
                .iter()
                .enumerate()
                .flat_map(|(at, &units)| vec![at; usize::try_from(units).unwrap_or(0)])
                .collect();
            bought.push_back(orders.len() as i64);
            while !orders.is_empty() {
                queue.push_back(orders.swap_remove(random.random_range(0..orders.len())));
            }
            let mut sent = vec![0_i64; corners.len()];
            while held > 0
                && let Some(corner) = queue.pop_front()
            {
                sent[corner] += 1;
                held -= 1;
            }
            way.push_back(sent);
            for (at, corner) in corners.iter().enumerate() {
                let demand = draw(&mut random, corner.rates[sample], size);
                if week > 500 {
                    served += demand.min(stock[at].max(0)) as f64;
                    asked += demand as f64;
                }
                stock[at] -= demand;
                sold[at] = demand;
            }
        }
    }
    served / asked
}

#[test]
fn a_depot_serves_its_corners_as_was_computed() {
    let corners = [(0.6, 5), (1.1, 8), (2.0, 13)].map(|(rate, level)| Corner { rates: vec![rate, 1.3 * rate], level });
    for size in [f64::INFINITY, 1.5] {
        let mut terms = terms(1, size);
        (terms.window, terms.size) = (3.0, 3.0 * size);
        let routes = Routes { to_depot: 4.0, to_corner: 2.0, review: 1.0, held: 0.7 };
        let found = supplied(&corners, &terms, routes).expect("a table");
        let (with, without) =
            (depot_run(&corners, &terms, routes, found.base_stock, 3), depot_run(&corners, &terms, routes, 0, 4));
        println!("{found:?}: {with}, {without}");
        assert!((found.fill - with).abs() < 0.01, "{found:?}, {with}");
        assert!((found.fill_without - without).abs() < 0.01, "{found:?}, {without}");
        assert!(found.fill > found.fill_without + 0.05 && found.base_stock > 0);
        assert!(found.saves > 0.0, "{found:?}");
        if size.is_infinite() {
            assert!(found.apart > found.base_stock, "the noise of corners pools: {found:?}");
        }
    }
}

#[test]
fn a_depot_of_packs_is_stocked_in_packs_and_one_for_nothing_holds_nothing() {
    let corners = [Corner { rates: vec![1.2], level: 12 }, Corner { rates: vec![0.4], level: 4 }];
    let terms = terms(4, 2.0);
    let routes = Routes { to_depot: 4.0, to_corner: 3.0, review: 2.0, held: 0.3 };
    let found = supplied(&corners, &terms, routes).expect("a table");
    assert!(found.base_stock % 4 == 0 && found.base_stock > 0, "{found:?}");
    // Where holding at the depot costs more than shortages, it holds nothing.
    let dear = supplied(&corners, &terms, Routes { held: 1e6, ..routes }).expect("a table");
    assert_eq!(dear.base_stock, 0);
    let none = [Corner { rates: vec![0.0], level: 4 }];
    let none = supplied(&none, &terms, routes).expect("a table");
    assert_eq!((none.base_stock, none.fill, none.apart), (0, 1.0, 0));
}

#[test]
fn each_market_has_its_depot_in_the_plan() {
    let (settings, plan, _) = planned(|settings| {
        settings.stock.order_cost = None;
        settings.stock.depot = Some(Depot { lead_time_weeks: 4, ..Depot::default() });
    });
    assert_eq!(settings.stock.reorder, Reorder::Levels);
    let kept = plan.replenishment.expect("told");
    assert!(kept.lines.is_empty());
    let mut places: Vec<(String, String)> = Vec::new();
    for line in &plan.stock {
        let store = plan.stores.iter().find(|store| store.store_id == line.store_id).expect("chosen");
        places.push((store.market.clone(), line.device.clone()));
    }
    places.sort();
    places.dedup();
    let told: Vec<(String, String)> =
        kept.depot.iter().map(|line| (line.market.clone(), line.device.clone())).collect();
    assert_eq!(told, places);
    for line in &kept.depot {
        assert!(line.fill_rate >= line.fill_rate_without - 1e-9 && line.fill_rate <= 1.0 + 1e-12, "{line:?}");
    }
}
