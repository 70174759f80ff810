//! Against enumeration, brute force and each other.

use super::service::{Policy, Promise, Service, positions, service, smallest};
use super::*;
use crate::counts::NegativeBinomial;
use proptest::prelude::*;

fn demand() -> impl Strategy<Value = Pmf> {
    (0_u32..3, prop::collection::vec(0.01..1.0_f64, 2..6))
        .prop_map(|(low, masses)| Pmf::new(low, &masses).expect("masses"))
}

fn costs() -> impl Strategy<Value = Costs> {
    (0.2..5.0_f64, 0.5..40.0_f64).prop_map(|(holding, shortage)| Costs { holding, shortage })
}

/// Long-run average per review of a policy with a lead time of one review, by running the chain of stock (below 0:
/// waiting) and of what is on its way, until it stands still. A review: what was on its way arrives, an order is
/// placed, demand comes. Returns the service and the cost.
fn chain(policy: Policy, review: &Pmf, costs: Costs, fixed: f64) -> (Service, f64) {
    use std::collections::BTreeMap;
    let top = match policy {
        Policy::BaseStock { level } | Policy::OrderUpTo { level, .. } => level,
        Policy::Lots { reorder, lot } => reorder + lot,
    };
    let order = |position: i64| match policy {
        Policy::BaseStock { level } => level - position,
        Policy::OrderUpTo { reorder, level } => {
            if position <= reorder {
                level - position
            } else {
                0
            }
        }
        Policy::Lots { reorder, lot } => {
            let mut order = 0;
            while position + order <= reorder {
                order += lot;
            }
            order
        }
    };
    let mut states = BTreeMap::from([((top, 0), 1.0)]);
    let (mut cycle, mut served, mut spent) = (0.0, 0.0, 0.0);
    for _ in 0..4000 {
        let mut next = BTreeMap::new();
        (cycle, served, spent) = (0.0, 0.0, 0.0);
        for (&(stock, coming), &weight) in &states {
            let ordered = order(stock + coming);
            if ordered > 0 {
                spent += weight * fixed;
            }
            let stock = stock + coming;
            for d in review.low()..=review.high() {
                let chance = weight * review.mass(d);
                served += chance * d.min(stock.max(0)) as f64;
                let left = stock - d;
                cycle += if left >= 0 { chance } else { 0.0 };
                spent += chance * (costs.holding * left.max(0) as f64 + costs.shortage * (-left).max(0) as f64);
                *next.entry((left, ordered)).or_insert(0.0) += chance;
            }
        }
        // Half a step: a chain that goes in circles settles too.
        let mut mixed: BTreeMap<(i64, i64), f64> = BTreeMap::new();
        for (state, weight) in states.iter().chain(&next) {
            *mixed.entry(*state).or_insert(0.0) += 0.5 * weight;
        }
        let moved: f64 = mixed.iter().map(|(state, weight)| (weight - states.get(state).unwrap_or(&0.0)).abs()).sum();
        states = mixed;
        if moved < 1e-13 {
            break;
        }
    }
    (Service { cycle, fill: served / review.mean() }, spent)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_pair_beats_the_best_order_up_to(review in demand(), lead in 0_u32..3, costs in costs(), fixed in 0.0..60.0_f64) {
        let protection = review.times(lead + 1).expect("a short sum");
        let best = order_up_to::cheapest(costs, fixed, &review, &protection).expect("sound");
        let own = order_up_to::cost(costs, fixed, &review, &protection, best.reorder, best.level).expect("sound");
        prop_assert!((own - best.cost).abs() < 1e-10 * own.max(1.0));
        for reorder in -8..25 {
            for level in reorder + 1..70 {
                let other = order_up_to::cost(costs, fixed, &review, &protection, reorder, level).expect("sound");
                prop_assert!(other >= best.cost - 1e-10 * own.max(1.0), "({reorder}, {level}) at {other}, {best:?}");
            }
        }
    }

    #[test]
    fn no_lot_beats_the_best(mean in 0.3..8.0_f64, costs in costs(), fixed in 0.1..60.0_f64, rate in 0.5..8.0_f64) {
        let lead = Pmf::poisson(mean).expect("sound");
        let best = fixed_lots::cheapest(costs, fixed, rate, &lead).expect("sound");
        for reorder in -10..20 {
            for lot in 1..60 {
                let other = fixed_lots::cost(costs, fixed, rate, &lead, reorder, lot).expect("sound");
                prop_assert!(other >= best.cost - 1e-10 * best.cost, "({reorder}, {lot}) at {other}, {best:?}");
            }
        }
    }

    #[test]
    fn no_normal_lot_beats_the_best(
        mean in 5.0..80.0_f64, sd in 1.0..20.0_f64, costs in costs(), fixed in 1.0..60.0_f64, rate in 1.0..80.0_f64,
        aside in prop::collection::vec((-0.5..0.5_f64, 0.5..2.0_f64), 20),
    ) {
        let lead = Normal::new(mean, sd).expect("sound");
        let best = fixed_lots::normal_cheapest(costs, fixed, rate, lead).expect("sound");
        let own = fixed_lots::normal_cost(costs, fixed, rate, lead, best.reorder, best.lot).expect("sound");
        prop_assert!((own - best.cost).abs() < 1e-12 * own);
        for (by, times) in aside {
            let (reorder, lot) = (best.reorder + by * sd, best.lot * times);
            let other = fixed_lots::normal_cost(costs, fixed, rate, lead, reorder, lot).expect("sound");
            prop_assert!(other >= best.cost * (1.0 - 1e-10), "({reorder}, {lot}) at {other}, {best:?}");
        }
    }

    #[test]
    fn services_and_costs_are_those_of_the_chain(
        review in demand(), costs in costs(), reorder in -2_i64..12, gap in 1_i64..9, kind in 0..3, fixed in 0.0..20.0_f64,
    ) {
        let policy = match kind {
            0 => Policy::BaseStock { level: reorder },
            1 => Policy::OrderUpTo { reorder, level: reorder + gap },
            _ => Policy::Lots { reorder, lot: gap },
        };
        let formula = service(policy, &review, &review).expect("sound");
        let (enumerated, spent) = chain(policy, &review, costs, fixed);
        // The chain stops at a movement of 1e-13 a step, which a slow one multiplies by its time to settle.
        prop_assert!((formula.cycle - enumerated.cycle).abs() < 1e-9, "{formula:?}, {enumerated:?}");
        prop_assert!((formula.fill - enumerated.fill).abs() < 1e-9, "{formula:?}, {enumerated:?}");
        if let Policy::OrderUpTo { reorder, level } = policy {
            let protection = review.times(2).expect("a short sum");
            let cost = order_up_to::cost(costs, fixed, &review, &protection, reorder, level).expect("sound");
            // An (s, S) order is placed before the review's demand is known, once a cycle, as the formula counts it.
            prop_assert!((cost - spent).abs() < 1e-8 * spent.max(1.0), "{cost}, {spent}");
        }
    }

    #[test]
    fn the_smallest_keeps_the_promise_and_one_less_does_not(
        review in demand(), lead in 0_u32..3, promised in 0.02..0.999_f64, gap in 1_i64..9, kind in 0..3, fills: bool,
    ) {
        let shape = match kind {
            0 => Policy::BaseStock { level: 7 },
            1 => Policy::OrderUpTo { reorder: 3, level: 3 + gap },
            _ => Policy::Lots { reorder: -50, lot: gap },
        };
        let lead = review.times(lead).expect("a short sum");
        let promise = if fills { Promise::Fill(promised) } else { Promise::Cycle(promised) };
        let found = smallest(shape, promise, &lead, &review).expect("sound");
        let kept = |policy| {
            let service = service(policy, &lead, &review).expect("sound");
            promised <= if fills { service.fill } else { service.cycle }
        };
        prop_assert!(kept(found) && !kept(found.raised(-1)), "{found:?}");
    }

    #[test]
    fn the_horizon_is_the_best_of_all_orders(
        review in demand(), costs in costs(), fixed in 0.0..20.0_f64, price in 0.0..6.0_f64, stock in -3_i64..6,
    ) {
        let prices = horizon::Prices { costs, terminal: costs, fixed, price, discount: 0.9 };
        let period = horizon::Period { demand: &review, moves: &review };
        let found = horizon::cheapest(&[period; 3], prices, stock).expect("sound");
        let brute = best_order(&[&review; 3], prices, stock);
        prop_assert!((found.cost - brute).abs() < 1e-9 * brute.max(1.0), "{found:?}, {brute}");
    }

    #[test]
    fn lots_in_time_are_the_best_of_all_setups(
        periods in prop::collection::vec((0_u32..6, 0.0..30.0_f64, 0.0..3.0_f64, 0.0..5.0_f64), 1..7),
    ) {
        let periods: Vec<_> = periods
            .into_iter()
            .map(|(demand, fixed, holding, price)| lots_in_time::Period { demand: f64::from(demand), fixed, holding, price })
            .collect();
        let plan = lots_in_time::plan(&periods).expect("sound");
        let best = (0_u32..1 << periods.len()).filter_map(|setups| setup_cost(&periods, setups)).fold(f64::INFINITY, f64::min);
        prop_assert!((plan.cost - best).abs() < 1e-9 * best.max(1.0), "{plan:?}, {best}");
    }

    #[test]
    fn a_budget_is_spent_as_the_best_of_all_plans(
        means in prop::collection::vec((0.2..4.0_f64, 5.0..40.0_f64, 1.0..9.0_f64), 1..4), budget in 0.0..40.0_f64,
    ) {
        let demands: Vec<_> = means.iter().map(|&(mean, ..)| Pmf::poisson(mean).expect("sound")).collect();
        let items: Vec<_> = means
            .iter()
            .zip(&demands)
            .map(|(&(_, price, weight), demand)| budget::Item {
                demand,
                margin: newsvendor::Margin { price, cost: 0.6 * price, salvage: 0.2 * price },
                weight,
            })
            .collect();
        let found = budget::most_profit(&items, budget).expect("sound");
        let best = best_plan(&items, budget);
        prop_assert!((found.profit - best).abs() < 1e-9, "{found:?}, {best}");
        prop_assert!(found.bound >= best - 1e-9 && found.taken <= budget);
        let own: f64 = items.iter().zip(&found.units).map(|(item, &units)| earned(item, units)).sum();
        prop_assert!((own - found.profit).abs() < 1e-9);
    }

    #[test]
    fn tables_hold_their_moments(mean in 0.001..4000.0_f64, size in 0.3..200.0_f64) {
        for (size, variance) in [(f64::INFINITY, mean), (size, mean + mean * mean / size)] {
            let pmf = Pmf::negative_binomial(NegativeBinomial { mean, size }).expect("not too wide");
            prop_assert!((pmf.mean() / mean - 1.0).abs() < 1e-10);
            let second: f64 = (pmf.low()..=pmf.high()).map(|k| pmf.mass(k) * (k as f64 - mean).powi(2)).sum();
            prop_assert!((second / variance - 1.0).abs() < 1e-9, "{second}, {variance}");
            let y = mean + 0.3;
            let direct: f64 = (pmf.low()..=pmf.high()).map(|k| pmf.mass(k) * (k as f64 - y).max(0.0)).sum();
            prop_assert!((pmf.shortage(y) - direct).abs() < 1e-10 * mean.max(1.0));
        }
    }

    #[test]
    fn losses_are_the_integrals_of_what_lies_above(mean in -5.0..60.0_f64, sd in 0.5..20.0_f64, at in -2.0..3.0_f64) {
        let normal = Normal::new(mean, sd).expect("sound");
        let log = LogNormal::new(1.0 + 0.02 * mean, 0.05 * sd).expect("sound");
        let uniform = Uniform::new(mean - sd, mean + 2.0 * sd).expect("sound");
        let y = mean + at * sd;
        let demands: [(&dyn Demand, f64); 3] = [(&normal, y), (&log, log.mean() * (1.0 + 0.3 * at)), (&uniform, y)];
        for (demand, y) in demands {
            // A central difference of n against P(D > y), whose error is of the order of step^2; 1e-5 leaves room.
            let step = 1e-4 * sd;
            let slope = (demand.shortage(y + step) - demand.shortage(y - step)) / (2.0 * step);
            prop_assert!((slope + 1.0 - demand.cdf(y)).abs() < 1e-3, "{slope}, {}", demand.cdf(y));
            let u = demand.cdf(y);
            if u > 1e-6 && u < 1.0 - 1e-6 {
                prop_assert!((demand.quantile(u) - y).abs() < 1e-6 * y.abs().max(1.0));
            }
        }
        let step = 1e-4 * sd;
        let slope = (normal.second_shortage(y + step) - normal.second_shortage(y - step)) / (2.0 * step);
        prop_assert!((slope + normal.shortage(y)).abs() < 1e-6 * sd);
    }
}

fn earned(item: &budget::Item<'_>, units: u32) -> f64 {
    let margin = item.margin;
    let sold = item.demand.mean() - item.demand.shortage(f64::from(units));
    margin.price * sold + margin.salvage * (f64::from(units) - sold) - margin.cost * f64::from(units)
}

fn best_plan(items: &[budget::Item<'_>], budget: f64) -> f64 {
    let Some((first, rest)) = items.split_first() else { return 0.0 };
    (0..40_u32)
        .filter(|&units| f64::from(units) * first.weight <= budget)
        .map(|units| earned(first, units) + best_plan(rest, budget - f64::from(units) * first.weight))
        .fold(f64::NEG_INFINITY, f64::max)
}

/// The cost of a set of setups, each buying all until the next; none where it leaves demand unmet.
fn setup_cost(periods: &[lots_in_time::Period], setups: u32) -> Option<f64> {
    let (mut cost, mut unit) = (0.0, f64::INFINITY);
    for (t, period) in periods.iter().enumerate() {
        if setups >> t & 1 == 1 {
            cost += period.fixed;
            unit = period.price;
        }
        if period.demand > 0.0 {
            cost += unit * period.demand;
        }
        unit += period.holding;
    }
    cost.is_finite().then_some(cost)
}

/// Least expected cost by trying every order, in every state that can come.
fn best_order(demands: &[&Pmf], prices: horizon::Prices, stock: i64) -> f64 {
    let Some((first, rest)) = demands.split_first() else {
        return prices.terminal.holding * stock.max(0) as f64 + prices.terminal.shortage * (-stock).max(0) as f64;
    };
    let most: i64 = demands.iter().map(|demand| demand.high()).sum();
    (stock..=most.max(stock))
        .map(|y| {
            let bought = if y > stock { prices.fixed + prices.price * (y - stock) as f64 } else { 0.0 };
            let after: f64 = (first.low()..=first.high())
                .map(|d| {
                    let left = y - d;
                    let period =
                        prices.costs.holding * left.max(0) as f64 + prices.costs.shortage * (-left).max(0) as f64;
                    first.mass(d) * (period + prices.discount * best_order(rest, prices, left))
                })
                .sum();
            bought + after
        })
        .fold(f64::INFINITY, f64::min)
}

#[test]
fn a_window_with_one_order_sells_what_counts_say() {
    let counts = NegativeBinomial { mean: 6.0, size: 2.0 };
    let window = Pmf::negative_binomial(counts).expect("sound");
    for units in 0..30 {
        let policy = Policy::BaseStock { level: units };
        let service = service(policy, &Pmf::always(0), &window).expect("sound");
        assert!((service.fill - counts.sold(units as usize) / 6.0).abs() < 1e-13);
        assert!((service.cycle - 1.0 + counts.survival(units as usize + 1)[units as usize + 1]).abs() < 1e-13);
    }
}

#[test]
fn samples_and_sums_are_tables() {
    let sample = Pmf::samples(&[3, 1, 3, 7]).expect("a sample");
    assert_eq!((sample.low(), sample.high(), sample.mass(3)), (1, 7, 0.5));
    assert_eq!(
        (sample.smallest(0.25), sample.smallest(0.26), sample.smallest(0.75), sample.smallest(0.8)),
        (1, 3, 3, 7)
    );
    let three = Pmf::poisson(1.7).expect("sound").times(3).expect("short");
    let direct = Pmf::poisson(5.1).expect("sound");
    for k in 0..30 {
        assert!((three.mass(k) - direct.mass(k)).abs() < 1e-15);
    }
    assert_eq!(Pmf::uniform(2, 4).expect("sound").mean(), 3.0);
}

#[test]
fn pooling_saves_all_that_is_not_common() {
    let stores = [Normal::new(10.0, 3.0).expect("sound"); 9];
    let costs = Costs { holding: 1.0, shortage: 9.0 };
    let apart = pooling_of(costs, &stores, 1.0);
    assert!((apart.together / apart.apart - 1.0).abs() < 1e-14);
    let free = pooling_of(costs, &stores, 0.0);
    assert!((free.apart / free.together - 3.0).abs() < 1e-13, "the square root of the number of stores");
    assert!(depot::pooled(&stores, -0.2).is_err());
    // Without a way to the depot an allocating one has nothing to share.
    let none = depot::allocating(costs, &stores, 0.0, 2.0).expect("sound");
    assert!((none.together / none.apart - 1.0).abs() < 1e-14);
    let some = depot::allocating(costs, &stores, 4.0, 0.0).expect("sound");
    assert!((some.together / some.apart - ((1.0 + 4.0 / 9.0) / 5.0_f64).sqrt()).abs() < 1e-14);
}

fn pooling_of(costs: Costs, stores: &[Normal], correlation: f64) -> depot::Pooling {
    depot::pooling(costs, stores, correlation).expect("sound")
}

#[test]
fn a_depot_without_stock_is_a_longer_way_and_a_full_one_a_shorter() {
    let route = depot::Route { depot: 0, rate: 5.0, own: 1.25, to_depot: 1.5, to_store: 0.5 };
    let long = Pmf::poisson(1.25 * 2.0).expect("sound");
    let short = Pmf::poisson(1.25 * 0.5).expect("sound");
    let none = depot::on_order(route).expect("sound");
    let full = depot::on_order(depot::Route { depot: 200, ..route }).expect("sound");
    for k in 0..20 {
        assert!((none.mass(k) - long.mass(k)).abs() < 1e-14, "thinned Poisson demand is Poisson");
        assert!((full.mass(k) - short.mass(k)).abs() < 1e-15);
    }
    // The mean of what is owed follows its share, by Little's law.
    let half = depot::on_order(depot::Route { depot: 6, ..route }).expect("sound");
    let owed = Pmf::poisson(7.5).expect("sound").short(6);
    assert!((half.mean() - (0.25 * owed + 0.625)).abs() < 1e-13);
    assert!(depot::fill(depot::Route { depot: 6, ..route }, 3).expect("sound") < depot::fill(route, 9).expect("sound"));
}

#[test]
fn parameters_without_sense_are_refused() {
    let costs = Costs { holding: 1.0, shortage: 4.0 };
    let demand = Pmf::poisson(3.0).expect("sound");
    for wrong in [f64::NAN, f64::INFINITY, -1.0, 0.0] {
        assert!(Normal::new(3.0, wrong).is_err());
        assert!(newsvendor::cheapest(&demand, Costs { holding: wrong, ..costs }).is_err());
        assert!(newsvendor::cheapest(&demand, Costs { shortage: wrong, ..costs }).is_err());
        assert!(lot_size::economic(wrong, 1.0, 1.0).is_err());
        assert!(fixed_lots::cheapest(costs, wrong, 1.0, &demand).is_err());
        assert!(
            Pmf::negative_binomial(NegativeBinomial { mean: 3.0, size: wrong }).is_err() != (wrong == f64::INFINITY)
        );
    }
    assert_eq!(Pmf::samples(&[]), Err(Unsound::Empty { what: "the sample of demand" }));
    assert!(matches!(Pmf::samples(&[0, u32::MAX]), Err(Unsound::TooWide { .. })));
    assert!(matches!(Pmf::negative_binomial(NegativeBinomial { mean: 1e6, size: 1e-6 }), Err(Unsound::TooWide { .. })));
    assert!(Pmf::new(0, &[0.0, 0.0]).is_err() && Pmf::new(0, &[]).is_err() && Pmf::new(0, &[f64::NAN]).is_err());
    assert!(order_up_to::cheapest(costs, 1.0, &Pmf::always(0), &demand).is_err());
    assert!(order_up_to::cost(costs, 1.0, &demand, &demand, 3, 3).is_err());
    assert!(order_up_to::cost(costs, 1.0, &demand, &demand, i64::MIN, i64::MAX).is_err());
    assert!(fixed_lots::cost(costs, 1.0, 1.0, &demand, i64::MAX, 5).is_err());
    assert!(positions(Policy::Lots { reorder: 1, lot: 0 }, &demand).is_err());
    assert!(smallest(Policy::BaseStock { level: 0 }, Promise::Fill(1.0), &demand, &demand).is_err());
    assert!(newsvendor::profit(&demand, newsvendor::Margin { price: 1.0, cost: 2.0, salvage: 0.0 }, 3.0).is_err());
    assert!(lots_in_time::plan(&[]).is_err());
    assert!(lot_size::discounted(1.0, 0.1, 1.0, &[]).is_err());
}
