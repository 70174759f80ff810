//! The search on clustered plane instances: separation, a round of the master, local search, a node, whole solves.
//! Run with `cargo bench --bench placement`.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use domain::problem::{Assignment, CostRows, Rules};
use domain::seed::Seed;
use domain::stop::{Silent, Stop};
use engine::placement::assignment::{probe, solve};

/// Numbers in [0, 1) by position, so that the instance needs no generator's version to be the same.
struct Draws(u64);

impl Draws {
    fn unit(&mut self) -> f64 {
        self.0 += 1;
        (Seed(1).stream("bench", self.0) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// About normal: the sum of six uniforms, centred.
    fn normal(&mut self) -> f64 {
        (0..6).map(|_| self.unit()).sum::<f64>() - 3.0
    }
}

/// Sites and zones around 60 towns of falling size on 1,000 x 1,000 km; costs in hundredths of a kilometre.
fn towns(sites: usize, zones: usize) -> Assignment {
    let mut draws = Draws(0);
    let towns: Vec<[f64; 3]> =
        (1..=60).map(|rank| [1000.0 * draws.unit(), 1000.0 * draws.unit(), f64::from(rank).powf(-0.9)]).collect();
    let total: f64 = towns.iter().map(|town| town[2]).sum();
    let mut place = |rural: f64| {
        if draws.unit() < rural {
            return (1000.0 * draws.unit(), 1000.0 * draws.unit());
        }
        let mut at = draws.unit() * total;
        let town = towns.iter().find(|town| {
            at -= town[2];
            at < 0.0
        });
        let [x, y, size] = *town.unwrap_or(&towns[0]);
        let spread = 8.0 + 50.0 * size;
        (x + spread * draws.normal(), y + spread * draws.normal())
    };
    let homes: Vec<(f64, f64)> = (0..zones).map(|_| place(0.18)).collect();
    let shops: Vec<(f64, f64)> = (0..sites).map(|_| place(0.10)).collect();
    let cost = |home: &(f64, f64), shop: &(f64, f64)| ((home.0 - shop.0).hypot(home.1 - shop.1) * 100.0) as u32;
    let mut weight = Draws(1 << 32);
    Assignment {
        weights: homes.iter().map(|_| 1000 + (8000.0 * weight.unit()) as u64).collect(),
        fallback: vec![u32::MAX; zones],
        costs: CostRows::Dense {
            sites,
            costs: homes.iter().flat_map(|home| shops.iter().map(|shop| cost(home, shop))).collect(),
        },
    }
}

fn placement(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("placement");
    group.sample_size(10);
    for (sites, zones) in [(200, 2_000), (500, 5_000), (2_000, 20_000)] {
        let problem = towns(sites, zones);
        let rules = Rules { sites, open_min: 12, open_max: 12, ..Rules::default() };
        let size = format!("{sites} sites x {zones} zones, p = 12");
        probe::first_round(&rules, &problem, |separation, master| {
            group.bench_function(format!("separation, {size}"), |bench| bench.iter(|| black_box(separation())));
            group.bench_function(format!("master round, {size}"), |bench| {
                bench.iter(|| black_box(master()).expect("an LP"))
            });
        })
        .expect("a sound instance");
        group.bench_function(format!("local search, {size}"), |bench| {
            bench.iter(|| black_box(probe::local_search(&rules, &problem)).expect("a sound instance"));
        });
        probe::node(&rules, &problem, |steps| {
            group.bench_function(format!("node, {size}"), |bench| bench.iter(|| black_box(steps())));
        })
        .expect("a sound instance");
        group.bench_function(format!("whole solve, {size}"), |bench| {
            bench.iter(|| black_box(solve(&rules, &problem, 0.0, &Stop::default(), &Silent)).expect("solved"));
        });
    }
    group.finish();
}

criterion_group!(benches, placement);
criterion_main!(benches);
