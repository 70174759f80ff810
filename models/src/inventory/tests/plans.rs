//! Plans over time and under a budget against all plans there are.

use super::{costs, demand};
use crate::inventory::{Demand, Pmf, budget, horizon, lots_in_time, newsvendor};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

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
