//! Profit: the objective against the capture law as `domain` defines it, the bound that can be proved, the stock.

use domain::certificate::{ProfitCertificate, ProfitFunction, ProfitPart};
use domain::plan::Plan;
use domain::settings::CaptureLaw;
use proptest::prelude::*;
use verify::check;

use crate::world::*;

mod case;
mod stock;
mod upkeep;

pub(crate) use case::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn the_best_plan_is_confirmed_under_every_law(market in any_market(), law in any_law(), most in 1_u32..4) {
        let case = Case::new(market, law, most);
        let (open, value) = case.best();
        let plan = case.stocked(&open, value);
        let verdict = case.check(&plan);
        prop_assert!(verdict.failures.is_empty(), "{verdict:?}");
        prop_assert!(verdict.bound_verified, "{verdict:?}");

        let mut wrong = plan.clone();
        wrong.objective.value += 1.0;
        prop_assert!(codes(&case.check(&wrong).failures).contains(&"E-VER-005"));

        // A bound below what the plan itself earns.
        let mut wrong = plan.clone();
        wrong.objective.bound -= 1.0;
        prop_assert!(codes(&case.check(&wrong).failures).contains(&"E-VER-002"));
        prop_assert!(!case.check(&wrong).bound_verified);
    }
}

#[test]
fn a_bound_is_proved_down_to_the_best_plan_and_no_further() {
    for law in [CaptureLaw::Share, CaptureLaw::Nearest] {
        let case = rivals(law);
        let alone: f64 = (0..3).map(|site| case.value(&[site]).max(0.0)).sum();
        let (open, value) = case.best();
        assert!(alone > value * 1.01);
        assert!(case.check(&case.stocked(&open, alone)).bound_verified);
        assert!(case.check(&case.stocked(&open, value)).bound_verified);
        // A plan that is not the best can't pass for it.
        let worse = vec![open[0]];
        let tight = case.check(&case.stocked(&worse, case.value(&worse)));
        assert!(tight.failures.is_empty() && !tight.bound_verified);
        assert_eq!(codes(&tight.doubts), ["E-VER-002"]);
        // Lines that touch at another plan lie a little above the best one.
        assert!(tight.proved.is_some_and(|proved| proved >= value * (1.0 - 1e-9) && proved < alone * 1.01));
    }
}

/// Rivals with money for the first of them alone: the best plan, its value, and a proof of it.
fn poor(law: CaptureLaw) -> (Case, Plan, ProfitCertificate) {
    let mut case = rivals(law);
    let cost = |open: &[usize]| open.iter().map(|&site| case.market.stores[site].open_cost.unwrap().minor).sum::<i64>();
    let capex = (0..3).map(|site| cost(&[site])).max().unwrap();
    let plans = subsets(3).filter(|open| cost(open) <= capex);
    let best = plans.map(|open| (case.value(&open), open)).max_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
    case.settings.budget.capex = Some(money(capex));
    let plan = case.stocked(&best.1, best.0 * (1.0 + 1e-8));
    let proof = all_plans(&case);
    (case, plan, proof)
}

#[test]
fn a_proof_counts_the_rules_and_a_wrong_one_is_refused() {
    for law in [CaptureLaw::Share, CaptureLaw::Nearest] {
        let (case, plan, proof) = poor(law);
        // Without a proof the budget is left out, and the bound with it.
        assert!(!case.check_with(&plan, None).bound_verified);
        let verdict = case.check_with(&plan, Some(proof.clone()));
        assert!(verdict.failures.is_empty() && verdict.bound_verified, "{verdict:?}");
        let mut wrong = vec![proof.clone(); 11];
        wrong[0].parts.pop();
        wrong[1].parts.push(ProfitPart::default());
        wrong[2].parts[0].split = None;
        wrong[3].parts[0].split = Some("nobody".into());
        wrong[4].first = vec![ProfitFunction { points: vec![vec![("s00".into(), 1.5)]], ..ProfitFunction::default() }];
        wrong[5].first = vec![ProfitFunction {
            points: vec![Vec::new()],
            rows: vec![("budget.nothing".into(), 1.0)],
            ..ProfitFunction::default()
        }];
        let weighted = |weights: Vec<Vec<(u32, f64)>>| {
            vec![ProfitFunction { points: vec![Vec::new()], weights, rows: Vec::new() }]
        };
        wrong[6].first = weighted(vec![vec![(1, 1.0)]]);
        wrong[7].first = weighted(vec![vec![(0, -1.0)]]);
        wrong[8].first = vec![ProfitFunction::default()];
        wrong[9].groups = vec!["nobody".into()];
        wrong[10].first = weighted(vec![vec![(0, 0.5), (0, 0.5)]]);
        for (at, wrong) in wrong.into_iter().enumerate() {
            let verdict = case.check_with(&plan, Some(wrong));
            assert!(!verdict.bound_verified && codes(&verdict.doubts) == ["E-VER-002"], "{at}: {verdict:?}");
        }
        // Whatever is proved, a plan that is worth more is not overlooked.
        let worse = case.stocked(&[], 0.5 * plan.objective.value);
        assert!(!case.check_with(&worse, Some(proof)).bound_verified);
    }
}

#[test]
fn one_point_with_the_price_of_money_is_a_proof() {
    let (case, plan, _) = poor(CaptureLaw::Share);
    let value = plan.objective.value;
    let bound = value * 1.2;
    let loose = case
        .stocked(&plan.stores.iter().map(|chosen| chosen.store_id[1..].parse().unwrap()).collect::<Vec<_>>(), bound);
    let y: Vec<(String, f64)> = plan.stores.iter().map(|chosen| (chosen.store_id.clone(), 1.0)).collect();
    let capex = case.settings.budget.capex.unwrap().minor as f64;
    let priced = |price: f64| {
        let rows = if price > 0.0 { vec![("budget.capex".to_owned(), price)] } else { Vec::new() };
        let point = ProfitFunction { points: vec![y.clone()], weights: Vec::new(), rows };
        let part = ProfitPart { functions: vec![point], split: None };
        case.check_with(
            &loose,
            Some(ProfitCertificate { first: Vec::new(), parts: vec![part], ..ProfitCertificate::default() }),
        )
        .bound_verified
    };
    assert!(!priced(0.0));
    assert!(priced(value / capex));
    // Money has a price, and that is paid.
    assert!(!priced(100.0 * value / capex));
}

#[test]
fn a_proof_of_a_wider_bound_proves_that_one_and_no_less() {
    let (case, plan, _) = poor(CaptureLaw::Share);
    let value = plan.objective.value;
    let open: Vec<usize> = plan.stores.iter().map(|chosen| chosen.store_id[1..].parse().unwrap()).collect();
    let wider = value * 1.2;
    let y: Vec<(String, f64)> = plan.stores.iter().map(|chosen| (chosen.store_id.clone(), 1.0)).collect();
    let price = value / case.settings.budget.capex.unwrap().minor as f64;
    let point = ProfitFunction { points: vec![y], weights: Vec::new(), rows: vec![("budget.capex".to_owned(), price)] };
    let part = ProfitPart { functions: vec![point], split: None };
    let shows = |shows: Option<f64>| {
        let proof = ProfitCertificate { shows, parts: vec![part.clone()], ..ProfitCertificate::default() };
        case.check_with(&case.stocked(&open, value * (1.0 + 1e-6)), Some(proof))
    };
    let (without, with) = (shows(None), shows(Some(wider)));
    // The point shows the claim itself; a proof that says it shows less is held to what it says.
    assert!(without.bound_verified, "{without:?}");
    assert!(!with.bound_verified, "less was shown than claimed");
    let proved = with.proved.expect("a bound");
    assert!((proved / wider - 1.0).abs() <= 1e-9, "{with:?}");
    // What it does not show, it does not prove by saying so.
    let false_one = shows(Some(value * 0.9)).proved.expect("a bound");
    assert!(false_one >= value * (1.0 - 1e-9), "{false_one}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn no_proof_shows_what_is_false(
        market in any_market(),
        law in prop_oneof![Just(CaptureLaw::Nearest), Just(CaptureLaw::Share)],
        most in 1_u32..4,
        shares in prop::collection::vec(prop::collection::vec(0.0..1.0_f64, 5), 1..4),
        splits in prop::collection::vec(prop::option::of(0..5_usize), 1..40),
    ) {
        let case = Case::new(market, law, most);
        let names = case.market.store_ids.names();
        let (_, value) = case.best();
        let point = |shares: &Vec<f64>| names.iter().cloned().zip(shares.iter().copied()).collect();
        // Every point by itself, then all of them mixed, in every group of zones in another way.
        let points: Vec<Vec<(String, f64)>> = shares.iter().map(point).collect();
        let alone = |point: &Vec<(String, f64)>| ProfitFunction { points: vec![point.clone()], ..ProfitFunction::default() };
        let mut functions: Vec<ProfitFunction> = points.iter().map(alone).collect();
        let group = |at: usize| (0..).zip(shares.iter().map(|shares| shares[at])).collect();
        functions.push(ProfitFunction { points, weights: (0..4).map(group).collect(), rows: Vec::new() });
        let parts = splits.iter().map(|split| ProfitPart {
            functions: functions.clone(),
            split: split.and_then(|at| names.get(at).cloned()),
        });
        let groups = names.iter().take(3).cloned().collect();
        let proof = ProfitCertificate { shows: None, first: functions.clone(), groups, parts: parts.collect() };
        let under = value - 1e-6 * value.abs().max(1.0);
        let low = case.stocked(&[], under.max(0.0));
        for proof in [proof, all_plans(&case)] {
            prop_assert!(under <= 0.0 || !case.check_with(&low, Some(proof)).bound_verified);
        }
        // The bound itself is shown, if plan by plan.
        let tight = case.stocked(&case.best().0, value + 1e-7 * value.abs().max(1.0));
        prop_assert!(case.check_with(&tight, Some(all_plans(&case))).bound_verified);
    }
}

#[test]
fn a_store_that_nobody_reaches_may_not_be_chosen() {
    let case = rivals(CaptureLaw::Share);
    // Half a degree of emptiness around it.
    let mut market = case.market.clone();
    market.stores[2].place.lat += 0.5;
    let (open, value) = (vec![0, 2], case.value(&[0]) - market.stores[2].open_cost.unwrap().major());
    let plan = plan(&market, &case.settings, &open, value, value);
    let verdict = check(&market, &case.settings, &case.samples, &plan, &certificate(value, None, Vec::new()));
    let named = |failure: &verify::Failure| failure.code == "E-VER-001" && failure.text.contains("s02");
    assert!(verdict.failures.iter().any(named), "{verdict:?}");
}
