use domain::seed::Seed;
use domain::stop::{Silent, Stop};
use proptest::prelude::*;

use super::*;

/// The least cost of carrying every unit to some open site, by trying every site for every unit: whole units
/// are enough, since capacities and demands are whole.
fn carried(problem: &Capacitated, open: &[usize], room: &mut [u64], customer: usize, carried_units: u64) -> f64 {
    if customer == problem.customers() {
        return 0.0;
    }
    let (demand, row) = (problem.demand[customer], customer * problem.sites());
    if demand == 0 {
        let own = open.iter().map(|&site| problem.serve_cost[row + site]).fold(f64::INFINITY, f64::min);
        return own + carried(problem, open, room, customer + 1, 0);
    }
    let mut best = f64::INFINITY;
    for &site in open {
        if room[site] > 0 {
            room[site] -= 1;
            let next = if carried_units + 1 == demand { (customer + 1, 0) } else { (customer, carried_units + 1) };
            let cost = problem.serve_cost[row + site] / demand as f64;
            best = best.min(cost + carried(problem, open, room, next.0, next.1));
            room[site] += 1;
        }
    }
    best
}

/// The optimum by trying every open set; none where no set has the capacity.
fn brute(problem: &Capacitated, p: Option<usize>) -> Option<f64> {
    let mut best = f64::INFINITY;
    for set in 1_u32..1 << problem.sites() {
        let open: Vec<usize> = (0..problem.sites()).filter(|site| set >> site & 1 == 1).collect();
        if p.is_none_or(|p| p == open.len()) {
            let fixed: f64 = open.iter().map(|&site| problem.open_cost[site]).sum();
            best = best.min(fixed + carried(problem, &open, &mut problem.capacity.clone(), 0, 0));
        }
    }
    Some(best).filter(|best| best.is_finite())
}

fn agrees(problem: &Capacitated, p: Option<usize>) -> Result<(), TestCaseError> {
    let placed = solve(problem, p, 0.0, &Stop::default(), &Silent).expect("solved");
    match brute(problem, p) {
        None => prop_assert_eq!(placed.open, None),
        Some(best) => {
            prop_assert!((placed.value - best).abs() <= 1e-9 * best.max(1.0), "{} is not {best}", placed.value);
            prop_assert!(placed.bound <= best + 1e-9, "the bound {} is above {best}", placed.bound);
            prop_assert!(domain::plan::gap(placed.value, placed.bound) <= 1e-6, "{placed:?}");
            prop_assert!(p.is_none() || placed.open.map(|open| open.len()) == p);
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn brute_force_finds_nothing_better(
        sites in prop::collection::vec((0_u64..8, 0_u32..40), 1..5),
        customers in prop::collection::vec((0_u64..4, prop::collection::vec(0_u32..30, 5)), 1..4),
        p in prop::option::of(1_usize..5),
    ) {
        let problem = Capacitated {
            capacity: sites.iter().map(|site| site.0).collect(),
            demand: customers.iter().map(|customer| customer.0).collect(),
            open_cost: sites.iter().map(|site| f64::from(site.1) / 4.0).collect(),
            serve_cost: customers
                .iter()
                .flat_map(|customer| customer.1[..sites.len()].iter().map(|&cost| f64::from(cost) / 8.0))
                .collect(),
        };
        agrees(&problem, p.filter(|p| *p <= sites.len()))?;
    }
}

/// Sites and customers around a square, as the library's instances are made.
fn square(sites: usize, customers: usize, tightness: f64) -> Capacitated {
    let draw = |at: usize| (Seed(5).stream("square", at as u64) >> 11) as f64 / (1_u64 << 53) as f64;
    let place = |at: usize| (draw(2 * at), draw(2 * at + 1));
    let demand: Vec<u64> = (0..customers).map(|at| 5 + (draw(10_000 + at) * 30.0) as u64).collect();
    let total: u64 = demand.iter().sum();
    let capacity: Vec<u64> =
        (0..sites).map(|at| ((0.5 + draw(20_000 + at)) * tightness * total as f64 / sites as f64) as u64).collect();
    let open_cost = capacity.iter().map(|capacity| 100.0 + 10.0 * (*capacity as f64).sqrt()).collect();
    let mut serve_cost = Vec::new();
    for (customer, demand) in demand.iter().enumerate() {
        let (x, y) = place(500 + customer);
        for site in 0..sites {
            let (a, b) = place(site);
            serve_cost.push(10.0 * *demand as f64 * ((x - a).powi(2) + (y - b).powi(2)).sqrt());
        }
    }
    Capacitated { capacity, demand, open_cost, serve_cost }
}

#[test]
fn thirty_sites_are_proven() {
    let problem = square(30, 80, 3.0);
    let placed = solve(&problem, None, 0.0, &Stop::default(), &Silent).expect("solved");
    assert!(domain::plan::gap(placed.value, placed.bound) <= 1e-6, "{placed:?}");
}

#[test]
fn a_limit_leaves_an_honest_gap() {
    let problem = square(30, 80, 3.0);
    let best = solve(&problem, None, 0.0, &Stop::default(), &Silent).expect("solved").value;
    let placed = solve(&problem, None, 0.0, &Stop { nodes_max: 1, ..Stop::default() }, &Silent).expect("solved");
    assert!(placed.bound <= best && best <= placed.value, "{placed:?}");
    assert!(placed.bound > 0.9 * best && placed.value < 1.2 * best, "{placed:?} of {best}");
}

#[test]
fn what_is_no_number_is_refused() {
    let mut problem = square(3, 4, 3.0);
    problem.serve_cost[5] = f64::NAN;
    let refused = solve(&problem, None, 0.0, &Stop::default(), &Silent);
    assert!(matches!(refused, Err(PlacementError::BadNumber { what: "serving cost", at: 5, .. })));
}
