//! Floors on people: what they ask, what they cost, and what does not change them.

use domain::market::{Attributes, Market};
use domain::plan::Plan;
use domain::settings::{Afford, CaptureLaw, Least, ObjectiveKind, ReachFloor, Settings, Where};
use domain::stop::{Silent, Stop};
use domain::units::Share;
use engine::{Conflict, Outcome};

use crate::world;

const KINDS: [(ObjectiveKind, CaptureLaw); 5] = [
    (ObjectiveKind::Profit, CaptureLaw::Independent),
    (ObjectiveKind::Profit, CaptureLaw::Nearest),
    (ObjectiveKind::Profit, CaptureLaw::Share),
    (ObjectiveKind::Distance, CaptureLaw::Share),
    (ObjectiveKind::Coverage, CaptureLaw::Share),
];

/// The market with incomes of its zones.
fn market() -> Market {
    let mut market = world::market(48, 2);
    let values = (0..market.zones.len()).map(|zone| Some(15_000.0 + 700.0 * (zone * 13 % 40) as f64)).collect();
    market.zone_attributes = Attributes { names: vec!["income".into()], values };
    market
}

fn floor(name: &str, at_least: &str) -> ReachFloor {
    ReachFloor {
        name: name.into(),
        within: Some("12 min".parse().expect("minutes")),
        people: "population".into(),
        only: None,
        afford: None,
        market: None,
        at_least: at_least.parse().expect("a floor"),
    }
}

fn outcome(market: &Market, settings: &Settings) -> Outcome {
    let forecast = world::forecast(market, settings);
    engine::solve::solve(market, &forecast, settings, &Stop::default(), &Silent).expect("decided")
}

fn planned(market: &Market, settings: &Settings) -> Plan {
    match outcome(market, settings) {
        Outcome::Solved(solved) => solved.plan,
        Outcome::Infeasible(conflicts) => panic!("{conflicts:?}"),
    }
}

fn conflicts(market: &Market, settings: &Settings) -> Vec<Conflict> {
    match outcome(market, settings) {
        Outcome::Solved(solved) => panic!("{:?}", solved.plan.reach),
        Outcome::Infeasible(conflicts) => conflicts,
    }
}

/// The objective, more being better.
fn worth(plan: &Plan) -> f64 {
    if plan.objective.kind == ObjectiveKind::Distance { -plan.objective.value } else { plan.objective.value }
}

fn with(kind: ObjectiveKind, law: CaptureLaw, floors: &[ReachFloor]) -> Settings {
    let mut settings = world::settings(kind, law);
    settings.solver.gap = Some(Share { fraction: 0.0 });
    settings.reach = floors.to_vec();
    settings
}

#[test]
fn loosening_a_floor_never_makes_a_plan_worse() {
    let market = market();
    let mut bound = 0;
    for (kind, law) in KINDS {
        let mut before: Option<f64> = None;
        for part in ["40 %", "36 %", "34 %", "31 %", "28 %", "0 %"] {
            let settings = with(kind, law, &[floor("everyone", part)]);
            let Outcome::Solved(solved) = outcome(&market, &settings) else {
                assert!(before.is_none(), "{kind:?} {law:?} {part}: a looser floor has no plan");
                continue;
            };
            let plan = solved.plan;
            let said = &plan.reach[0];
            assert!(said.people >= said.at_least && said.at_least <= said.counted, "{said:?}");
            let slack = 1e-6 * worth(&plan).abs();
            assert!(before.is_none_or(|before| worth(&plan) >= before - slack), "{kind:?} {law:?} {part}");
            bound += usize::from(before.is_some_and(|before| worth(&plan) > before + 10.0 * slack));
            before = Some(worth(&plan));
        }
        let free = planned(&market, &with(kind, law, &[]));
        assert!(before.is_some_and(|before| (before - worth(&free)).abs() <= 1e-6 * before.abs()), "{kind:?} {law:?}");
    }
    assert!(bound > 3, "{bound} floors bind");
}

#[test]
fn a_zone_in_two_halves_counts_as_the_whole() {
    let mut whole = market();
    whole.zones.iter_mut().for_each(|zone| zone.population *= 2);
    let mut halves = whole.clone();
    // Every third zone is cut in two, each half with half of its people.
    for zone in (0..whole.zones.len()).step_by(3) {
        halves.zones[zone].population /= 2;
        let half = halves.zones[zone].clone();
        halves.zones.push(half);
        let income = whole.zone_attributes.get(zone, 0);
        halves.zone_attributes.values.push(income);
    }
    let names = (0..halves.zones.len()).map(|at| format!("Z{at:04}")).collect();
    halves.zone_ids = domain::ids::Ids::sorted(names);
    let poor = ReachFloor {
        only: Some(Where { column: "income".into(), at_least: None, at_most: Some(28_000.0) }),
        ..floor("low income", "12 %")
    };
    for (kind, law) in KINDS {
        let settings = with(kind, law, &[floor("everyone", "26 %"), poor.clone()]);
        let (one, other) = (planned(&whole, &settings), planned(&halves, &settings));
        assert_eq!(one.reach, other.reach, "{kind:?} {law:?}");
        let ids = |plan: &Plan| plan.stores.iter().map(|store| store.store_id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&one), ids(&other), "{kind:?} {law:?}");
        assert!((worth(&one) - worth(&other)).abs() <= 1e-9 * worth(&one).abs(), "{kind:?} {law:?}");
    }
}

#[test]
fn those_who_can_pay_are_those_of_markets_where_it_is_sold() {
    let market = market();
    let afford = |device: &str, part: f64| ReachFloor {
        afford: Some(Afford { device: device.into(), income: "income".into(), part: Share { fraction: part } }),
        ..floor("can pay", "10 %")
    };
    let counted = |floor: &ReachFloor| -> i64 {
        let zones = engine::formulate::reach::counted(&market, floor).expect("someone counts");
        zones.iter().map(|zone| zone.1).sum()
    };
    // A meter costs 55 pounds or 70 dollars, a patch is sold for 26 dollars in one market.
    let by_hand = |passes: &dyn Fn(bool, f64) -> bool| -> i64 {
        let of = |zone: usize| {
            let here = &market.zones[zone];
            let income = market.zone_attributes.get(zone, 0).expect("an income");
            if passes(here.market.at() == 1, income) { here.population as i64 } else { 0 }
        };
        (0..market.zones.len()).map(of).sum()
    };
    assert_eq!(counted(&afford("patch", 1.0)), by_hand(&|us, _| us));
    let price = |us: bool| if us { 70.0 } else { 55.0 };
    assert_eq!(counted(&afford("meter", 0.0025)), by_hand(&|us, income| price(us) <= 0.0025 * income));
    let here = ReachFloor { market: Some("GB".into()), ..afford("meter", 0.0025) };
    assert_eq!(counted(&here), by_hand(&|us, income| !us && price(us) <= 0.0025 * income));
    let plan = planned(&market, &with(ObjectiveKind::Profit, CaptureLaw::Share, &[here.clone()]));
    assert_eq!(plan.reach[0].counted, counted(&here));
}

#[test]
fn a_floor_out_of_reach_is_named_with_what_it_conflicts_with() {
    let market = market();
    let mut settings = with(ObjectiveKind::Profit, CaptureLaw::Share, &[floor("loose", "5 %"), floor("tight", "50 %")]);
    let found = conflicts(&market, &settings);
    let rules: Vec<&str> = found.iter().map(|conflict| conflict.rule.as_str()).collect();
    assert_eq!(rules, ["placement.stores_max", "reach.tight.at_least"], "{found:?}");
    // What the other rule leaves can be asked for, and not one person more.
    let words = found[1].why.rsplit_once("at most ").expect("what is left").1;
    let left: u64 = words.split(' ').next().and_then(|number| number.parse().ok()).expect("a number of people");
    let asking = |people: u64| {
        let mut settings = settings.clone();
        settings.reach = vec![floor("tight", &format!("{people} people"))];
        settings
    };
    planned(&market, &asking(left));
    assert_eq!(conflicts(&market, &asking(left + 1)).len(), 2);
    // Without any one of them there is a plan.
    settings.reach.pop();
    planned(&market, &settings);
    settings.reach = vec![floor("tight", "50 %")];
    settings.placement.stores_max = Some(40);
    settings.stores_limit = 48;
    let most = outcome(&market, &settings);
    assert!(
        matches!(most, Outcome::Solved(_)) || matches!(&most, Outcome::Infeasible(left) if left.len() == 1),
        "{most:?}"
    );
}

#[test]
fn people_whom_a_corner_serves_already_count_as_reached() {
    let market = market();
    let mut none = market.clone();
    none.corners.clear();
    let settings = with(ObjectiveKind::Profit, CaptureLaw::Share, &[floor("everyone", "0 people")]);
    let mut nothing = settings.clone();
    nothing.placement.stores_max = Some(0);
    assert!(planned(&market, &nothing).reach[0].people > 0);
    assert_eq!(planned(&none, &nothing).reach[0].people, 0);
    let asked = planned(&market, &nothing).reach[0].people;
    nothing.reach[0].at_least = Least::People(asked as u64);
    assert!(planned(&market, &nothing).stores.is_empty());
    nothing.reach[0].at_least = Least::People(asked as u64 + 1);
    let found = conflicts(&market, &nothing);
    assert!(found.iter().any(|conflict| conflict.why.contains(&format!("{asked} have already"))), "{found:?}");
}
