//! Regret and the robust choice, held against every set of stores.

use domain::forecast::Forecast;
use domain::market::Market;
use domain::plan::Plan;
use domain::problem::Site;
use domain::settings::{CaptureLaw, ObjectiveKind, Settings, StockPolicy};
use domain::stop::{Silent, Stop};
use domain::units::{Money, Share};
use engine::formulate::{Formulated, Problem, Stated, formulate};
use engine::joint::Joint;
use engine::robust::{Robust, World, robust};
use engine::{Outcome, solve};

use crate::world;

const STORES: usize = 13;
const P: usize = 3;

struct Case {
    settings: Settings,
    forecast: Forecast,
    plan: Plan,
}

/// Three worlds: stores sell more in one half of the chain, more in the other, and opening is dearer.
fn cases(market: &Market, law: CaptureLaw, change: &dyn Fn(&mut Settings)) -> Vec<Case> {
    (0..3_usize)
        .map(|number| {
            let mut settings = world::settings(ObjectiveKind::Profit, law);
            settings.placement.stores_max = Some(P as u32);
            settings.solver.gap = Some(Share { fraction: 0.0 });
            settings.budget.open_cost =
                Some(Money { minor: 90_000 + 60_000 * number as i64, currency: world::currency("USD") });
            change(&mut settings);
            let mut forecast = world::forecast(market, &settings);
            for (store, mut row) in forecast.mean.outer_iter_mut().enumerate() {
                let luck = [0.7, 1.0, 1.3][(store * (number + 1) + number) % 3];
                row.mapv_inplace(|mean| mean * luck);
            }
            let plan = match solve::solve(market, &forecast, &settings, &Stop::default(), &Silent).expect("decided") {
                Outcome::Solved(solved) => solved.plan,
                Outcome::Infeasible(why) => panic!("no plan: {why:?}"),
            };
            Case { settings, forecast, plan }
        })
        .collect()
}

fn found(market: &Market, cases: &[Case]) -> Robust {
    let worlds: Vec<World<'_>> =
        cases.iter().map(|Case { settings, forecast, plan }| World { market, forecast, settings, plan }).collect();
    robust(&worlds, &[], &Stop::default(), &Silent).expect("weighed").expect("profit")
}

fn joint(stated: &Stated) -> Joint<'_> {
    let Problem::Profit { problem, samples, stocking, .. } = &stated.problem else { panic!("profit") };
    Joint {
        rules: &stated.rules,
        capture: &problem.capture,
        open_costs: &problem.open_costs,
        stocking,
        samples,
        comparison: &stated.pilot.comparison,
        guard: None,
    }
}

/// Every set of stores with what it earns in each world; none where it is not allowed.
fn every(market: &Market, cases: &[Case]) -> Vec<(Vec<String>, Vec<Option<f64>>)> {
    let stated: Vec<Box<Stated>> = cases
        .iter()
        .map(|case| match formulate(market, &case.forecast, &case.settings).expect("stated") {
            Formulated::Stated(stated) => stated,
            Formulated::Infeasible(why) => panic!("{why:?}"),
        })
        .collect();
    let sites = stated[0].rules.sites as Site;
    let mut sets: Vec<Vec<Site>> = vec![Vec::new()];
    let mut at = 0;
    while at < sets.len() {
        if sets[at].len() < P {
            for site in sets[at].last().map_or(0, |last| last + 1)..sites {
                sets.push([sets[at].as_slice(), &[site]].concat());
            }
        }
        at += 1;
    }
    let value = |stated: &Stated, open: &[Site]| {
        let allowed = stated.rules.allow(open);
        allowed.then(|| joint(stated).value(open).expect("valued")).flatten().map(|value| value.0)
    };
    let name = |&site: &Site| market.store_ids.name(stated[0].candidates[site as usize]).to_owned();
    sets.iter()
        .map(|open| (open.iter().map(name).collect(), stated.iter().map(|stated| value(stated, open)).collect()))
        .collect()
}

#[test]
fn the_robust_choice_is_held_against_every_set_of_stores() {
    let (mut best, mut improved, mut bounded, mut all) = (0, 0, 0, 0);
    for (number, law) in [CaptureLaw::Independent, CaptureLaw::Nearest, CaptureLaw::Share].into_iter().enumerate() {
        for seed in 0..4 {
            let market = world::market(STORES, 100 * seed + number as u64);
            let budget = |settings: &mut Settings| {
                if seed % 2 == 1 {
                    settings.budget.stock = Some(Money { minor: 700_000, currency: world::currency("USD") });
                }
            };
            let cases = cases(&market, law, &budget);
            let found = found(&market, &cases);
            let sets = every(&market, &cases);
            let most: Vec<f64> = (0..cases.len())
                .map(|at| sets.iter().filter_map(|(_, values)| values[at]).fold(f64::NEG_INFINITY, f64::max))
                .collect();
            let scale = most.iter().copied().fold(1.0, f64::max);
            // Stock under budgets is decided to 1e-7, and the solver keeps 1e-6.
            let blur = 2e-5 * scale;
            let greatest = |values: &[Option<f64>]| {
                let regrets: Option<Vec<f64>> =
                    values.iter().zip(&most).map(|(value, most)| Some(most - (*value)?)).collect();
                regrets.map(|regrets| regrets.into_iter().fold(0.0, f64::max))
            };
            for plan in &found.plans {
                let (_, truth) = sets.iter().find(|(stores, _)| *stores == plan.stores).expect("a set");
                for ((value, regret), (truth, most)) in
                    plan.values.iter().zip(found.regrets(plan)).zip(truth.iter().zip(&most))
                {
                    assert_eq!(value.is_some(), truth.is_some(), "{plan:?}");
                    let (Some([earned, _]), Some([least, largest]), Some(truth)) = (value, regret, truth) else {
                        continue;
                    };
                    assert!((earned - truth).abs() < blur, "{earned} is not {truth}");
                    let regret = most - truth;
                    assert!(least - blur <= regret && regret <= largest + blur, "{regret} in {least} to {largest}");
                }
            }
            let truth = sets.iter().filter_map(|(_, values)| greatest(values)).fold(f64::INFINITY, f64::min);
            let of = |at: usize| {
                let (_, values) = sets.iter().find(|(stores, _)| *stores == found.plans[at].stores).expect("a set");
                greatest(values).expect("allowed everywhere")
            };
            let robust = found.least_regret.expect("a robust choice");
            let given = (0..found.plans.len()).filter(|&at| !found.plans[at].given.is_empty());
            let of_given = given.filter(|&at| found.plans[at].values.iter().all(Option::is_some)).map(of);
            let of_given = of_given.fold(f64::INFINITY, f64::min);
            assert!(of(robust) <= of_given + blur, "{} is more than {of_given}", of(robust));
            assert!(found.regret_at_least <= truth + blur, "{} is above {truth}", found.regret_at_least);
            assert!(of(robust) >= truth - blur && found.searched);
            best += usize::from(of(robust) <= truth + blur);
            improved += usize::from(of(robust) < of_given - blur);
            bounded += usize::from(found.regret_at_least > 0.0);
            all += 1;
            // Nothing that is told earns more on average, or at worst.
            for (leader, end) in [(found.most_mean, 0), (found.most_worst, 1)] {
                let score = |at: usize| {
                    let values: Option<Vec<f64>> =
                        found.plans[at].values.iter().map(|value| value.map(|value| value[0])).collect();
                    values.map(|values| match end {
                        0 => values.iter().sum::<f64>() / values.len() as f64,
                        _ => values.into_iter().fold(f64::INFINITY, f64::min),
                    })
                };
                let leads = score(leader.expect("a leader")).expect("allowed everywhere");
                assert!((0..found.plans.len()).filter_map(score).all(|score| score <= leads + blur));
            }
        }
    }
    println!(
        "the least greatest regret in {best} of {all}, better than any given plan in {improved}, bounded in {bounded}"
    );
    assert!(10 * best >= 8 * all && improved > 0 && bounded > 0, "{best} {improved} {bounded} of {all}");
}

#[test]
fn one_world_leaves_nothing_to_regret() {
    let market = world::market(STORES, 5);
    let mut cases = cases(&market, CaptureLaw::Share, &|_| ());
    cases.truncate(1);
    let found = found(&market, &cases);
    let robust = &found.plans[found.least_regret.expect("a choice")];
    assert_eq!((robust.given.as_slice(), found.regret_at_least), (&[0][..], 0.0));
    let [least, most] = found.regrets(robust)[0].expect("allowed");
    assert!(least == 0.0 && most <= 1e-5 * found.best[0][0], "{least} {most}");
}

#[test]
fn stock_that_is_bought_once_is_kept() {
    let market = world::market(STORES, 8);
    let single = |settings: &mut Settings| settings.stock.policy = StockPolicy::SingleOrder;
    let cases = cases(&market, CaptureLaw::Share, &single);
    let found = found(&market, &cases);
    assert!(!found.stock_again);
    let again = every(&market, &cases);
    let mut lost = 0.0_f64;
    for plan in &found.plans {
        let (_, most) = again.iter().find(|(stores, _)| *stores == plan.stores).expect("a set");
        for (at, (value, most)) in plan.values.iter().zip(most).enumerate() {
            let (Some([earned, _]), Some(most)) = (value, most) else { continue };
            // No kept stock earns more than the best; at home it is the best.
            assert!(*earned <= most + 1e-6 * most.abs(), "{earned} {most}");
            if plan.given == [at] || plan.stock_of == Some(at) {
                assert!(most - earned <= 1e-6 * most.abs(), "{earned} {most}");
            }
            lost = lost.max(most - earned);
        }
    }
    assert!(lost > 1.0, "stock of another world loses something");
    // A budget that falls in one world forbids plans whose stock costs more.
    let mut poorer = cases;
    let spent = |case: &Case| case.plan.worth.stock_cost.minor;
    let budget = poorer.iter().map(spent).min().expect("worlds") / 2;
    poorer[1].settings.budget.stock = Some(Money { minor: budget, currency: world::currency("USD") });
    let worlds: Vec<World<'_>> = poorer
        .iter()
        .map(|Case { settings, forecast, plan }| World { market: &market, forecast, settings, plan })
        .collect();
    let found = robust(&worlds, &[], &Stop::default(), &Silent).expect("weighed").expect("profit");
    assert!(found.plans.iter().filter(|plan| !plan.given.is_empty()).all(|plan| plan.values[1].is_none()));
}
