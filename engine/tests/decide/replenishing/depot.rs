//! A depot run week by week.

use engine::stock::depot::{Corner, Routes, supplied};
use engine::stock::terms::Terms;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use super::{draw, terms};

/// A depot of one-for-one orders, run week by week: every corner orders what it sold, first come first served, units of a
/// week in random order. The share of demand served at once.
fn depot_run(corners: &[Corner], terms: &Terms, routes: Routes, depot: u32, seed: u64) -> f64 {
    let mut random = Pcg64::seed_from_u64(seed);
    let (to_depot, to_corner) = (routes.to_depot as usize, routes.to_corner as usize);
    let size = terms.size / terms.window;
    let (mut served, mut asked) = (0.0, 0.0);
    let samples = corners[0].rates.len();
    for sample in 0..samples {
        let mut stock: Vec<i64> = corners.iter().map(|corner| i64::from(corner.level)).collect();
        let mut way = std::collections::VecDeque::from(vec![vec![0_i64; corners.len()]; to_corner]);
        let mut bought = std::collections::VecDeque::from(vec![0_i64; to_depot]);
        let (mut held, mut queue) = (i64::from(depot), std::collections::VecDeque::new());
        let mut sold = vec![0_i64; corners.len()];
        for week in 0..60_000 {
            held += bought.pop_front().unwrap_or(0);
            let arrived = way.pop_front().unwrap_or_default();
            stock.iter_mut().zip(arrived).for_each(|(stock, more)| *stock += more);
            let mut orders: Vec<usize> = sold
                .iter()
                .enumerate()
                .flat_map(|(at, &units)| vec![at; usize::try_from(units).unwrap_or(0)])
                .collect();
            bought.push_back(orders.len() as i64);
            while !orders.is_empty() {
                queue.push_back(orders.swap_remove(random.random_range(0..orders.len())));
            }
            let mut sent = vec![0_i64; corners.len()];
            while held > 0
                && let Some(corner) = queue.pop_front()
            {
                sent[corner] += 1;
                held -= 1;
            }
            way.push_back(sent);
            for (at, corner) in corners.iter().enumerate() {
                let demand = draw(&mut random, corner.rates[sample], size);
                if week > 500 {
                    served += demand.min(stock[at].max(0)) as f64;
                    asked += demand as f64;
                }
                stock[at] -= demand;
                sold[at] = demand;
            }
        }
    }
    served / asked
}

#[test]
fn a_depot_serves_its_corners_as_was_computed() {
    let corners = [(0.6, 5), (1.1, 8), (2.0, 13)].map(|(rate, level)| Corner { rates: vec![rate, 1.3 * rate], level });
    for size in [f64::INFINITY, 1.5] {
        let mut terms = terms(1, size);
        (terms.window, terms.size) = (3.0, 3.0 * size);
        let routes = Routes { to_depot: 4.0, to_corner: 2.0, review: 1.0, held: 0.7 };
        let found = supplied(&corners, &terms, routes).expect("a table");
        let (with, without) =
            (depot_run(&corners, &terms, routes, found.base_stock, 3), depot_run(&corners, &terms, routes, 0, 4));
        println!("{found:?}: {with}, {without}");
        assert!((found.fill - with).abs() < 0.01, "{found:?}, {with}");
        assert!((found.fill_without - without).abs() < 0.01, "{found:?}, {without}");
        assert!(found.fill > found.fill_without + 0.05 && found.base_stock > 0);
        assert!(found.saves > 0.0, "{found:?}");
        if size.is_infinite() {
            assert!(found.apart > found.base_stock, "the noise of corners pools: {found:?}");
        }
    }
}

#[test]
fn a_depot_of_packs_is_stocked_in_packs_and_one_for_nothing_holds_nothing() {
    let corners = [Corner { rates: vec![1.2], level: 12 }, Corner { rates: vec![0.4], level: 4 }];
    let terms = terms(4, 2.0);
    let routes = Routes { to_depot: 4.0, to_corner: 3.0, review: 2.0, held: 0.3 };
    let found = supplied(&corners, &terms, routes).expect("a table");
    assert!(found.base_stock % 4 == 0 && found.base_stock > 0, "{found:?}");
    // Where holding at the depot costs more than shortages, it holds nothing.
    let dear = supplied(&corners, &terms, Routes { held: 1e6, ..routes }).expect("a table");
    assert_eq!(dear.base_stock, 0);
    let none = [Corner { rates: vec![0.0], level: 4 }];
    let none = supplied(&none, &terms, routes).expect("a table");
    assert_eq!((none.base_stock, none.fill, none.apart), (0, 1.0, 0));
}
