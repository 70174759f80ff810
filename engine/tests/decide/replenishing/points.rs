//! Policies of one line: every one of them tried, and the best run week by week.

use domain::forecast::Rates;
use domain::plan::replenishment::ReorderLine;
use domain::settings::Reorder;
use engine::stock::reorder::{Order, Policy, Upkeep, best};
use engine::stock::terms::Terms;
use rand::SeedableRng;
use rand_pcg::Pcg64;

use super::{draw, terms};

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
