//! Each model of the table, by the public functions.

use crate::json::Json;
use models::counts::NegativeBinomial;
use models::inventory::newsvendor::{Choice, Margin};
use models::inventory::{
    Costs, LogNormal, Normal, Pmf, Uniform, budget, fixed_lots, horizon, lot_size, lots_in_time, newsvendor,
    order_up_to, supply,
};

/// A value and the decisions that give it, by the table's names.
pub(crate) struct Solved {
    pub(crate) value: f64,
    pub(crate) decision: Vec<(&'static str, Vec<f64>)>,
}

fn solved(value: f64, decision: &[(&'static str, f64)]) -> Solved {
    Solved { value, decision: decision.iter().map(|&(name, value)| (name, vec![value])).collect() }
}

fn level(choice: Choice) -> Solved {
    solved(choice.value, &[("S", choice.level)])
}

fn costs(params: &Json) -> Costs {
    Costs { holding: params.number("holding_cost"), shortage: params.number("stockout_cost") }
}

fn margin(params: &Json) -> Margin {
    Margin {
        price: params.number("revenue"),
        cost: params.number("purchase_cost"),
        salvage: params.number("salvage_value"),
    }
}

/// The same in the short names of the table's own cases.
fn short_margin(params: &Json) -> Margin {
    Margin { price: params.number("r"), cost: params.number("c"), salvage: params.number("v") }
}

fn normal(params: &Json) -> Normal {
    Normal::new(params.number("demand_mean"), params.number("demand_sd")).expect("sound")
}

fn poisson(params: &Json) -> Pmf {
    Pmf::poisson(params.number("demand_mean")).expect("sound")
}

pub(crate) fn solve(model: &str, params: &Json) -> Solved {
    let p = params;
    match model {
        "newsvendor normal" => level(newsvendor::cheapest(&normal(p), costs(p)).expect("sound")),
        "newsvendor normal + lead time (base-stock)" => {
            let demand = normal(p).over(p.number("lead_time") + 1.0).expect("sound");
            level(newsvendor::cheapest(&demand, costs(p)).expect("sound"))
        }
        "newsvendor normal, explicit profit" => level(newsvendor::most_profit(&normal(p), margin(p)).expect("sound")),
        "newsvendor Poisson" => level(newsvendor::cheapest(&poisson(p), costs(p)).expect("sound")),
        "newsvendor Poisson, explicit profit" => level(newsvendor::most_profit(&poisson(p), margin(p)).expect("sound")),
        "newsvendor discrete pmf" => level(newsvendor::cheapest(&table(p), costs(p)).expect("sound")),
        "newsvendor lognormal" => {
            let demand = LogNormal::new(p.number("mu"), p.number("sigma")).expect("sound");
            level(newsvendor::cheapest(&demand, costs(p)).expect("sound"))
        }
        "newsvendor neg-binomial explicit profit (own)" => {
            let demand = NegativeBinomial { mean: p.number("mean"), size: p.number("size") };
            let demand = Pmf::negative_binomial(demand).expect("sound");
            level(newsvendor::most_profit(&demand, short_margin(p)).expect("sound"))
        }
        "newsvendor additive yield" => {
            let surplus = Uniform::new(p.number("yield_lo"), p.number("yield_hi")).expect("sound");
            level(supply::additive_yield(p.number("demand"), costs(p), &surplus).expect("sound"))
        }
        "base-stock with supply disruptions" => {
            let supplier =
                supply::Disruption { fails: p.number("disruption_prob"), recovers: p.number("recovery_prob") };
            level(supply::disrupted(p.number("demand"), costs(p), supplier).expect("sound"))
        }
        "EOQ" | "EOQ with backorders" | "EPQ" | "EOQ all-units discount" => lot(model, p),
        "Wagner-Whitin" => lots_over_time(p),
        "(s,S) Poisson, Zheng-Federgruen exact" => pair(costs(p), p.number("fixed_cost"), &poisson(p), 0),
        "(s,S) Poisson, Zheng & Federgruen (1991) table" => {
            let costs = Costs { holding: p.number("h"), shortage: p.number("p") };
            let demand = Pmf::poisson(p.number("mu")).expect("sound");
            pair(costs, p.number("K"), &demand, p.number("lead_time") as u32)
        }
        "(r,Q) Poisson, Federgruen-Zheng exact" => {
            let rate = p.number("demand_mean");
            let lead = Pmf::poisson(rate * p.number("lead_time")).expect("sound");
            let best = fixed_lots::cheapest(costs(p), p.number("fixed_cost"), rate, &lead).expect("sound");
            solved(best.cost, &[("r", best.reorder as f64), ("Q", best.lot as f64)])
        }
        "(r,Q) EIL approximation (not optimal for exact cost)" => {
            let lead = normal(p).over(p.number("lead_time")).expect("sound");
            let fixed = p.number("fixed_cost");
            let best = fixed_lots::textbook(costs(p), fixed, p.number("demand_mean"), lead).expect("sound");
            solved(best.cost, &[("r", best.reorder), ("Q", best.lot)])
        }
        "finite-horizon DP (10 periods)" => over_a_horizon(p),
        model if model.starts_with("budget-coupled newsvendor") => under_a_budget(p),
        model => panic!("a model the tests do not know: {model}"),
    }
}

fn table(p: &Json) -> Pmf {
    let Some(Json::Object(masses)) = p.get("demand_pmf") else { panic!("no pmf in {p:?}") };
    let units: Vec<u32> = masses.keys().map(|key| key.parse().expect("units")).collect();
    let most = units.iter().max().copied().expect("a value");
    let masses: Vec<f64> =
        (0..=most)
            .map(|unit| {
                if units.contains(&unit) {
                    p.get("demand_pmf").map_or(0.0, |m| m.number(&unit.to_string()))
                } else {
                    0.0
                }
            })
            .collect();
    Pmf::new(0, &masses).expect("sound")
}

fn lot(model: &str, p: &Json) -> Solved {
    let (fixed, rate) = (p.number("fixed_cost"), p.number("demand_rate"));
    match model {
        "EOQ" => {
            let lot = lot_size::economic(fixed, p.number("holding_cost"), rate).expect("sound");
            solved(lot.cost, &[("Q", lot.order)])
        }
        "EOQ with backorders" => {
            let Costs { holding, shortage } = costs(p);
            let (lot, waits) = lot_size::waiting(fixed, holding, shortage, rate).expect("sound");
            solved(lot.cost, &[("Q", lot.order), ("x", waits)])
        }
        "EPQ" => {
            let production = p.number("production_rate");
            let lot = lot_size::produced(fixed, p.number("holding_cost"), rate, production).expect("sound");
            solved(lot.cost, &[("Q", lot.order)])
        }
        _ => {
            let breaks: Vec<_> = p
                .numbers("breakpoints")
                .into_iter()
                .zip(p.numbers("unit_costs"))
                .map(|(from, price)| lot_size::Break { from, price })
                .collect();
            let (lot, region) =
                lot_size::discounted(fixed, p.number("holding_cost_rate"), rate, &breaks).expect("sound");
            solved(lot.cost, &[("Q", lot.order), ("region", region as f64)])
        }
    }
}

fn lots_over_time(p: &Json) -> Solved {
    let demand = p.numbers("demand");
    let prices = if p.get("purchase_cost").is_some() { p.numbers("purchase_cost") } else { vec![0.0; demand.len()] };
    let (fixed, holding) = (p.number("fixed_cost"), p.number("holding_cost"));
    let periods: Vec<_> = demand
        .into_iter()
        .zip(prices)
        .map(|(demand, price)| lots_in_time::Period { demand, fixed, holding, price })
        .collect();
    let plan = lots_in_time::plan(&periods).expect("sound");
    Solved { value: plan.cost, decision: vec![("Q", plan.orders)] }
}

fn pair(costs: Costs, fixed: f64, review: &Pmf, lead: u32) -> Solved {
    let protection = review.times(lead + 1).expect("a short sum");
    let best = order_up_to::cheapest(costs, fixed, review, &protection).expect("sound");
    solved(best.cost, &[("s", best.reorder as f64), ("S", best.level as f64)])
}

/// The published figures count shortages on normal demand, move stock by that demand rounded to whole units within
/// four standard deviations, and let the probability beyond them vanish. The model keeps all probability, so the
/// test gives the part that vanished as a discount, which is the same sum.
fn over_a_horizon(p: &Json) -> Solved {
    let demand = normal(p);
    let (mean, sd) = (p.number("demand_mean"), p.number("demand_sd"));
    let (low, high) = ((mean - 4.0 * sd).round(), (mean + 4.0 * sd).round());
    let (moves, held) = Pmf::rounded(&demand, low as u32, high as u32).expect("sound");
    let terminal = Costs { holding: p.number("terminal_holding_cost"), shortage: p.number("terminal_stockout_cost") };
    let prices = horizon::Prices {
        costs: costs(p),
        terminal,
        fixed: p.number("fixed_cost"),
        price: p.number("purchase_cost"),
        discount: p.number("discount_factor") * held,
    };
    let periods = vec![horizon::Period { demand: &demand, moves: &moves }; p.number("num_periods") as usize];
    let stock = p.number("initial_inventory_level") as i64;
    let found = horizon::cheapest(&periods, prices, stock).expect("sound");
    // With all of the probability the same rules are best, and they cost more.
    let (moves, _) = Pmf::rounded(&demand, 0, 2 * high as u32).expect("sound");
    let periods = vec![horizon::Period { demand: &demand, moves: &moves }; periods.len()];
    let whole = horizon::Prices { discount: p.number("discount_factor"), ..prices };
    let whole = horizon::cheapest(&periods, whole, stock).expect("sound");
    assert!(whole.rules == found.rules && whole.cost > found.cost, "{whole:?}, {found:?}");
    let rules = |of: fn(&horizon::Rule) -> i64| {
        found.rules.iter().map(|rule| rule.as_ref().map_or(f64::NAN, |rule| of(rule) as f64)).collect()
    };
    Solved { value: found.cost, decision: vec![("s", rules(|rule| rule.reorder)), ("S", rules(|rule| rule.level))] }
}

fn under_a_budget(p: &Json) -> Solved {
    let demands: Vec<_> = p.list("items").iter().map(|item| Pmf::poisson(item.number("mu")).expect("sound")).collect();
    let money = p.get("money_budget").is_some();
    let items: Vec<_> = p
        .list("items")
        .iter()
        .zip(&demands)
        .map(|(item, demand)| {
            let margin = short_margin(item);
            budget::Item { demand, margin, weight: if money { margin.cost } else { 1.0 } }
        })
        .collect();
    let limit = p.number(if money { "money_budget" } else { "unit_budget" });
    let found = budget::most_profit(&items, limit).expect("sound");
    Solved { value: found.profit, decision: vec![("q", found.units.into_iter().map(f64::from).collect())] }
}
