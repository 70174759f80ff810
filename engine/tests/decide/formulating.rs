//! Problems against their definition, pair by pair.

use domain::geo::UnitVector;
use domain::ids::Idx;
use domain::market::{Market, Store};
use domain::problem::{CostRows, Profit, Site};
use domain::settings::{CaptureLaw, ObjectiveKind, Settings};
use domain::units::{Bonus, Minutes, Money};
use engine::formulate::{self, Formulated, Problem, Stated};

use crate::world;

fn stated(market: &Market, settings: &Settings) -> Stated {
    let forecast = world::forecast(market, settings);
    match formulate::formulate(market, &forecast, settings).expect("formulated") {
        Formulated::Stated(stated) => *stated,
        Formulated::Infeasible(conflicts) => panic!("{conflicts:?}"),
    }
}

/// The objective of `open` by the definition: zones outside, stores inside, no index, no cap taken ahead.
fn by_definition(market: &Market, settings: &Settings, candidates: &[Idx<Store>], open: &[Site]) -> i128 {
    let times = market.travel_times();
    let corners: Vec<Idx<Store>> = market.corners.iter().map(|corner| corner.store).collect();
    let mut total = 0;
    for zone in market.zone_ids.iter() {
        let time = |store: &Idx<Store>| times.milli_minutes(zone, *store);
        let nearest = open.iter().filter_map(|&site| time(&candidates[site as usize])).min();
        let corner = corners.iter().filter_map(time).min();
        let people = i128::from(market.zones[zone.at()].population);
        let cost = if settings.objective.kind == ObjectiveKind::Coverage {
            let radius = (settings.objective.radius.map_or(10.0, |radius| radius.minutes) * 1000.0).round() as u32;
            u32::from(nearest.into_iter().chain(corner).all(|time| time > radius))
        } else {
            let all: Vec<u32> = candidates.iter().filter_map(time).collect();
            let farthest = settings.travel.minutes_max.map(|minutes| (minutes.minutes * 1000.0).round() as u32);
            let Some(fallback) = farthest.or(all.into_iter().max()) else { continue };
            nearest.into_iter().chain(corner).chain([fallback]).min().unwrap_or(0)
        };
        total += people * i128::from(cost);
    }
    let closed = |id: &&String| !open.iter().any(|&site| market.store_ids.name(candidates[site as usize]) == *id);
    let bonus = match settings.placement.stay_bonus {
        Some(Bonus::PeopleMinutes(amount)) => (amount * 1000.0) as i128,
        Some(Bonus::People(people)) => i128::from(people),
        _ => 0,
    };
    total + bonus * settings.placement.stay.iter().filter(closed).count() as i128
}

#[test]
fn distance_and_coverage_are_what_their_definition_says() {
    let market = world::market(40, 3);
    for (kind, minutes) in [
        (ObjectiveKind::Distance, None),
        (ObjectiveKind::Distance, Some(12.5)),
        (ObjectiveKind::Coverage, None),
        (ObjectiveKind::Coverage, Some(12.5)),
    ] {
        let mut settings = world::settings(kind, CaptureLaw::Share);
        settings.travel.minutes_max = minutes.map(|minutes| Minutes { minutes });
        let stated = stated(&market, &settings);
        let Problem::Assignment(problem) = &stated.problem else { panic!("an assignment") };
        let dense = matches!(problem.costs, CostRows::Dense { .. });
        assert_eq!(dense, kind == ObjectiveKind::Distance && minutes.is_none());
        assert_eq!(stated.candidates.len(), 39, "the store with a corner is no candidate");
        let mut staying = settings.clone();
        staying.placement.stay = [5, 3].map(|at| market.store_ids.name(stated.candidates[at]).to_owned()).to_vec();
        staying.placement.stay_bonus =
            Some(if kind == ObjectiveKind::Distance { Bonus::PeopleMinutes(12.25) } else { Bonus::People(7) });
        let with_bonus = self::stated(&market, &staying);
        let Problem::Assignment(kept) = &with_bonus.problem else { panic!("an assignment") };
        for open in [vec![], vec![0], vec![5, 17], vec![2, 3, 20, 38]] {
            let want = by_definition(&market, &settings, &stated.candidates, &open);
            assert_eq!(problem.value(&open), want, "{kind:?} {minutes:?} {open:?}");
            let want = by_definition(&market, &staying, &stated.candidates, &open);
            assert_eq!(kept.value(&open), want, "{kind:?} {minutes:?} {open:?}");
        }
    }
}

#[test]
fn a_travel_table_gives_the_same_problem_as_the_roads_it_was_made_from() {
    let roads = world::market(30, 4);
    let times = roads.travel_times();
    let (mut starts, mut pairs) = (vec![0], Vec::new());
    for zone in roads.zone_ids.iter() {
        pairs.extend(roads.store_ids.iter().filter_map(|store| Some((store, times.milli_minutes(zone, store)?))));
        starts.push(pairs.len());
    }
    let mut table = roads.clone();
    table.travel = domain::market::Travel::Table { starts, pairs };
    for kind in [ObjectiveKind::Distance, ObjectiveKind::Coverage] {
        let settings = world::settings(kind, CaptureLaw::Share);
        let (one, other) = (stated(&roads, &settings), stated(&table, &settings));
        match (one.problem, other.problem) {
            (Problem::Assignment(one), Problem::Assignment(other)) => assert_eq!(one, other),
            _ => panic!("assignments"),
        }
    }
}

#[test]
fn rules_are_those_of_the_settings() {
    let market = world::market(40, 3);
    let mut settings = world::settings(ObjectiveKind::Distance, CaptureLaw::Share);
    settings.placement.distance_min = Some("4 km".parse().expect("a length"));
    settings.budget.capex = Some("9000 USD".parse().expect("money"));
    settings.budget.open_cost = Some("1000 USD".parse().expect("money"));
    settings.placement.exclude = vec!["S0004".into(), "nowhere".into(), "S0001".into()];
    let limits = domain::settings::MarketLimits {
        stores_min: Some(1),
        stores_max: Some(2),
        capex: Some("3000 GBP".parse().expect("money")),
    };
    settings.placement.by_market.insert("GB".into(), limits);
    let stated = stated(&market, &settings);
    let places: Vec<UnitVector> =
        stated.candidates.iter().map(|store| market.stores[store.at()].place.unit()).collect();
    for open in (0..39_u32).flat_map(|a| (a + 1..39).map(move |b| vec![a, b])) {
        let stores: Vec<_> = open.iter().map(|&site| &market.stores[stated.candidates[site as usize].at()]).collect();
        let british = stores.iter().filter(|store| store.market.at() == 0).count();
        let minor = |base: bool, gb_only: bool| -> i64 {
            stores
                .iter()
                .filter(|store| !gb_only || store.market.at() == 0)
                .map(|store| {
                    let cost = store.open_cost.unwrap_or(Money { minor: 100_000, currency: world::currency("USD") });
                    let pounds = cost.currency == world::currency("GBP");
                    match (base, pounds) {
                        (true, true) => (cost.minor as f64 * 1.25).round() as i64,
                        (false, false) => (cost.minor as f64 / 1.25).round() as i64,
                        _ => cost.minor,
                    }
                })
                .sum()
        };
        let want = (1..=2).contains(&british)
            && minor(true, false) <= 900_000
            && minor(false, true) <= 300_000
            && places[open[0] as usize].km_to(places[open[1] as usize]) >= 4.0
            && open.iter().all(|&site| market.store_ids.name(stated.candidates[site as usize]) != "S0004");
        assert_eq!(stated.rules.allow(&open), want, "{open:?}");
    }
}

#[test]
fn a_unit_value_is_the_best_profit_alone_per_unit_of_demand() {
    let market = world::market(12, 5);
    let settings = world::settings(ObjectiveKind::Profit, CaptureLaw::Independent);
    let stated = stated(&market, &settings);
    let Problem::Profit { problem, samples, .. } = &stated.problem else { panic!("profit") };
    let Profit { unit_values, capture, .. } = problem;
    for (site, &store) in stated.candidates.iter().enumerate() {
        let country = market.stores[store.at()].market;
        for device in 0..2 {
            let Some(terms) = market.terms(Idx::new(device), country) else {
                assert_eq!(unit_values[[site, device]], 0.0);
                continue;
            };
            // Every level, by sums over masses of the negative binomial, without any of the engine's tables.
            let (h, l) = (26.0, 4.0);
            let adopted: f64 = samples.adoption.row(device).sum();
            let count = samples.len();
            let mut best = 0.0_f64;
            for q in (0..=settings.stock.units_max).step_by(terms.pack_size as usize) {
                let (mut served, mut mean, mut horizon) = (0.0, 0.0, 0.0);
                for sample in 0..count {
                    let rate = samples.rates[[sample, site, device]];
                    let mu = rate * adopted / h * l;
                    served += expected_min(mu, samples.dispersion[device] * l, q) / count as f64;
                    mean += mu / count as f64;
                    horizon += rate * adopted / count as f64;
                }
                let left = f64::from(q) - served;
                let earned = (terms.price.major() - terms.unit_cost.major()) * served / mean * horizon
                    - terms.holding_cost_per_week.major() * h * (f64::from(q) + left) / 2.0
                    - (terms.unit_cost.major() - terms.salvage.major()) * left;
                best = best.max(earned);
            }
            let rate = if country.at() == 0 { 1.25 } else { 1.0 };
            let want = best * rate / capture.alone[[site, device]];
            let have = unit_values[[site, device]];
            // Sums of a few hundred terms near 1, times amounts up to 10^4.
            assert!((have - want).abs() < 1e-8 * want.max(1.0), "{site} {device}: {have} {want}");
        }
    }
}

/// E[min(q, D)], D negative binomial, by its masses.
fn expected_min(mean: f64, size: f64, q: u32) -> f64 {
    let mut mass = if size.is_infinite() { (-mean).exp() } else { (size / (size + mean)).powf(size) };
    let (mut below, mut sum) = (0.0, 0.0);
    for u in 0..q {
        sum += f64::from(u) * mass;
        below += mass;
        let next = f64::from(u) + 1.0;
        mass *= if size.is_infinite() { mean / next } else { (size + next - 1.0) / next * mean / (size + mean) };
    }
    sum + f64::from(q) * (1.0 - below)
}
