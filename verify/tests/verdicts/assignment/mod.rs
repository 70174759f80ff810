//! Distance and coverage: right certificates are confirmed, each wrong one is refused.

use domain::certificate::{AssignmentCertificate, Certificate, Fixing, Leaf, PairPrice, Prices, RowPrice};
use domain::ids::Idx;
use domain::market::Corner;
use domain::settings::{ObjectiveKind, Settings};
use proptest::prelude::*;
use verify::check;

use crate::world::*;

mod case;

use case::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_best_plan_and_its_proof_are_confirmed(
        market in any_market(), most in 1_u32..4, coverage in any::<bool>(), limited in any::<bool>(), corner in any::<bool>(),
        stay in prop::option::of(1_u32..400),
    ) {
        let mut market = market;
        if corner {
            market.corners = vec![Corner { store: Idx::new(0), opened: day("2025-01-06"), closed: None }];
        }
        let kind = if coverage { ObjectiveKind::Coverage } else { ObjectiveKind::Distance };
        let mut settings = settings(kind, most);
        settings.travel.minutes_max = limited.then(|| "25 min".parse().unwrap());
        if let Some(people) = stay {
            // The last store is a candidate even where the first has a corner.
            settings.placement.stay = vec![market.store_ids.names().last().unwrap().clone()];
            let bonus = if coverage { format!("{people} people") } else { format!("{} people x minutes", 9 * people) };
            settings.placement.stay_bonus = Some(bonus.parse().unwrap());
        }
        let case = Case::new(market, settings);
        let certificate = case.certificate();
        let verdict = case.check_best(&certificate);
        prop_assert!(verdict.failures.is_empty() && verdict.bound_verified, "{verdict:?}");

        // A claim that is one too good is refused: better than the plan itself.
        let greedy = AssignmentCertificate { bound: certificate.bound + 1, ..certificate.clone() };
        let refused = case.check_best(&greedy);
        prop_assert!(!refused.bound_verified);
        prop_assert_eq!(codes(&refused.failures), ["E-VER-002"]);
        prop_assert_eq!(codes(&refused.doubts), ["E-VER-002"]);

        // A leaf left out is noticed, wherever the rest does not happen to cover it.
        for at in 0..certificate.leaves.len() {
            let mut less = certificate.clone();
            less.leaves.remove(at);
            let refused = case.check_best(&less);
            prop_assert!(!refused.bound_verified || certificate.leaves[at].prices.is_none());
        }

        // One unit off is another number.
        let off = case.check(&case.open, case.stated(case.best + 1), &certificate);
        prop_assert!(codes(&off.failures).contains(&"E-VER-005"));
    }
}

fn refused(case: &Case, certificate: &AssignmentCertificate, why: &str) {
    let verdict = case.check_best(certificate);
    assert!(!verdict.bound_verified);
    assert_eq!(codes(&verdict.doubts), ["E-VER-002"]);
    assert!(verdict.doubts[0].text.contains(why), "{verdict:?}");
}

#[test]
fn prices_out_of_range_are_refused() {
    let case = towns();
    let mut certificate = case.certificate();
    certificate.prices[0].zones[0] = (i64::from(case.dense.fallback[0]) << BITS) + 1;
    refused(&case, &certificate, "out of range");
    certificate.prices[0].zones[0] = -1;
    refused(&case, &certificate, "out of range");
    certificate.prices[0].zones.pop();
    refused(&case, &certificate, "4 prices for 5 zones");
}

#[test]
fn a_fixing_that_its_prices_do_not_prove_is_refused() {
    let case = towns();
    let mut certificate = case.certificate();
    // The best plan's own store, closed by a price.
    certificate.fixings[0].closed.push(case.id(case.open[0]));
    refused(&case, &certificate, "closed by a price that proves");
}

#[test]
fn a_fixing_of_a_part_is_held_against_its_part_and_counts_there_alone() {
    let case = towns();
    let honest = case.certificate();
    let claim = case.best << BITS;
    let pairs =
        (0..5).flat_map(|open| (0..5).map(move |closed| (open, closed))).filter(|(open, closed)| open != closed);
    let unproved = |&(open, closed): &(usize, usize)| {
        case.dense.bound(&honest.prices[0], &[open, closed], &[], 2).is_some_and(|bound| bound < claim)
    };
    let (open, closed) = pairs.clone().find(unproved).expect("the first prices do not prove everything");
    let part = |open: usize, closed: usize| Fixing {
        open: vec![case.id(open)],
        prices: 0,
        closed: vec![case.id(closed)],
        ..Fixing::default()
    };
    let with = |fixing: Fixing| {
        let mut certificate = honest.clone();
        certificate.fixings.insert(0, fixing);
        certificate
    };
    refused(&case, &with(part(open, closed)), "closed by a price that proves");
    let (open, closed) = pairs.clone().find(|pair| !unproved(pair)).expect("they prove something");
    assert!(case.check_best(&with(part(open, closed))).bound_verified);
    refused(&case, &with(part(open, open)), "which is open, is closed by a price");
    refused(&case, &with(Fixing { open: vec!["nobody".into()], ..part(open, closed) }), "nobody, no candidate");
}

#[test]
fn a_leaf_that_is_only_called_empty_is_refused() {
    let case = towns();
    let mut certificate = case.certificate();
    let at = certificate.leaves.iter().position(|leaf| leaf.prices.is_some()).unwrap();
    certificate.leaves[at].prices = None;
    refused(&case, &certificate, "called empty");
}

#[test]
fn a_plan_that_is_not_the_best_has_no_proof() {
    let case = towns();
    let certificate = case.certificate();
    let worse = subsets(5).filter(|set| set.len() == 2).max_by_key(|set| case.dense.cost(set)).unwrap();
    // Its true value with the true bound: an honest gap.
    let verdict = case.check(&worse, case.stated(case.dense.cost(&worse)), &certificate);
    assert!(verdict.failures.is_empty() && verdict.bound_verified, "{verdict:?}");
}

#[test]
fn prices_of_rows_and_pairs_count_and_must_be_real() {
    // Two stores side by side; only one may open, by distance or by budget, and both want to.
    let stores = [(0.0, 0.0), (0.0, 0.03)];
    let market = market(&stores, &[(0.0, 0.0, 100), (0.0, 0.03, 100)]);
    let mut limits = settings(ObjectiveKind::Distance, 2);
    limits.placement.distance_min = Some("5 km".parse().unwrap());
    limits.budget.capex = Some(money(2999));
    let case = Case::new(market, Settings { placement: Placement1::most(1, &limits), ..limits.clone() });
    let far = case.dense.costs[0][1];
    assert!(case.best == 100 * i64::from(far));
    // v_i = c_ij of the other: each store is worth 100 far; the price of the pair takes one of them away.
    let case = Case { settings: limits, ..case };
    let scaled = i64::from(far) << BITS;
    let rho = 100 * scaled;
    let mut certificate = AssignmentCertificate {
        price_bits: BITS,
        bound: case.best,
        prices: vec![Prices { zones: vec![scaled; 2], ..Prices::default() }],
        fixings: Vec::new(),
        leaves: vec![Leaf { open: vec![], closed: vec![], prices: Some(0) }],
        reach: Vec::new(),
    };
    refused(&case, &certificate, "leaf 0 proves 0");
    certificate.prices[0].pairs = vec![PairPrice { one: "s00".into(), other: "s01".into(), price: rho }];
    assert!(case.check_best(&certificate).bound_verified);
    // The budget of 29.99 for stores of 10 and 20: a price of rho / 1000 per cent on it proves less, but something.
    certificate.prices[0].pairs.clear();
    certificate.prices[0].rows = vec![RowPrice { row: "budget.capex".into(), max: rho / 2000, min: 0 }];
    certificate.bound = 1;
    assert!(case.check_best(&certificate).bound_verified);
    certificate.prices[0].rows[0].min = 1;
    refused(&case, &certificate, "out of range");
    certificate.prices[0].rows[0] = RowPrice { row: "budget.capex".into(), max: -1, min: 0 };
    refused(&case, &certificate, "out of range");
    certificate.prices[0].rows[0].row = "budget.other".into();
    refused(&case, &certificate, "no rule");
    certificate.prices[0].rows.clear();
    certificate.prices[0].pairs = vec![PairPrice { one: "s00".into(), other: "s01".into(), price: -1 }];
    refused(&case, &certificate, "out of range");
}

/// Settings' placement with another count.
struct Placement1;
impl Placement1 {
    fn most(count: u32, settings: &Settings) -> domain::settings::Placement {
        domain::settings::Placement { stores_max: Some(count), ..settings.placement.clone() }
    }
}

#[test]
fn broken_rules_are_named() {
    let mut case = towns();
    let certificate = case.certificate();
    let value = case.stated(case.best);
    let broken = |case: &Case, name: &str| {
        let verdict = case.check(&case.open, value, &certificate);
        let found =
            verdict.failures.iter().any(|failure| failure.code == "E-VER-001" && failure.text.starts_with(name));
        assert!(found, "{name}: {verdict:?}");
    };
    let fresh = case.settings.clone();
    case.settings.placement.stores_max = Some(1);
    broken(&case, "placement.stores_max: 2 stores are chosen, at most 1");
    case.settings = fresh.clone();
    case.settings.placement.stores_min = 3;
    broken(&case, "placement.stores_min: 2");
    case.settings = fresh.clone();
    case.settings.placement.require = vec![case.id((0..5).find(|site| !case.open.contains(site)).unwrap())];
    broken(&case, "placement.require");
    case.settings = fresh.clone();
    case.settings.placement.exclude = vec![case.id(case.open[0])];
    broken(&case, "placement.exclude");
    case.settings = fresh.clone();
    case.settings.placement.distance_min = Some("3000 km".parse().unwrap());
    broken(&case, "placement.distance_min");
    case.settings = fresh.clone();
    case.settings.budget.capex = Some(money(1));
    broken(&case, "budget.capex");
    case.settings = fresh.clone();
    let limits = domain::settings::MarketLimits { stores_max: Some(1), stores_min: Some(3), capex: Some(money(1)) };
    case.settings.placement.by_market.insert("US".into(), limits);
    broken(&case, "placement.by_market.US.stores_max: 2 is above the limit of 1");
    broken(&case, "placement.by_market.US.stores_min: 2 is below the limit of 3");
    broken(&case, "placement.by_market.US.capex");
}

#[test]
fn stores_outside_the_candidates_are_refused() {
    let case = towns();
    let certificate = case.certificate();
    let mut plan = plan(&case.market, &case.settings, &case.open, case.stated(case.best), case.stated(case.best));
    let samples = samples(&case.market, 2, 0.0);
    let certificate = Certificate::Assignment(certificate);
    plan.stores[0].store_id = "nowhere".into();
    assert!(codes(&check(&case.market, &case.settings, &samples, &plan, &certificate).failures).contains(&"E-VER-004"));
    plan.stores[0].store_id = plan.stores[1].store_id.clone();
    assert!(codes(&check(&case.market, &case.settings, &samples, &plan, &certificate).failures).contains(&"E-VER-004"));
    // Known, but about to close.
    let mut closing = case.market.clone();
    closing.stores[case.open[0]].closed = Some(day("2026-12-01"));
    let plan = crate::world::plan(&case.market, &case.settings, &case.open, 1.0, 1.0);
    assert_eq!(codes(&check(&closing, &case.settings, &samples, &plan, &certificate).failures), ["E-VER-004"]);
}

#[test]
fn a_plan_may_not_claim_what_was_not_verified() {
    let case = towns();
    let mut certificate = case.certificate();
    certificate.leaves.clear();
    let value = case.stated(case.best);
    let mut plan = plan(&case.market, &case.settings, &case.open, value, value);
    let samples = samples(&case.market, 2, 0.0).select(&case.open);
    let wrapped = Certificate::Assignment(certificate);
    assert!(check(&case.market, &case.settings, &samples, &plan, &wrapped).failures.is_empty());
    plan.bound_verified = true;
    assert_eq!(codes(&check(&case.market, &case.settings, &samples, &plan, &wrapped).failures), ["E-VER-002"]);
}
