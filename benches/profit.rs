//! How long a whole profit placement takes: towns of a country, `share`, stores of unequal worth, p = 12, to a
//! gap of 0.1 %. Run with `cargo bench --bench profit`.

use criterion::{Criterion, criterion_group, criterion_main};
use domain::capture::{CaptureModel, Reach};
use domain::problem::{Profit, Rules};
use domain::seed::Seed;
use domain::settings::CaptureLaw;
use domain::stop::{Silent, Stop};
use engine::placement::profit;
use ndarray::Array2;

/// Numbers in [0, 1) by position, so that the instance needs no generator's version to be the same.
struct Draws {
    next: u64,
}

impl Draws {
    fn unit(&mut self) -> f64 {
        self.next += 1;
        (Seed(1).stream("bench", self.next) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// About normal: the sum of six uniforms, centred.
    fn normal(&mut self) -> f64 {
        (0..6).map(|_| self.unit()).sum::<f64>() - 3.0
    }
}

/// Stores and zones around towns of falling size on a square of 300 km; 40 km/h, 30 minutes of reach.
fn towns(sites: usize, zones: usize, devices: usize) -> Profit {
    let mut draws = Draws { next: 0 };
    let towns: Vec<(f64, f64, f64)> =
        (0..sites / 17).map(|rank| (300.0 * draws.unit(), 300.0 * draws.unit(), 1.0 / (rank as f64 + 3.0))).collect();
    let total: f64 = towns.iter().map(|town| town.2).sum();
    let place = |draws: &mut Draws| {
        let mut at = draws.unit() * total;
        let in_town = |town: &&(f64, f64, f64)| {
            at -= town.2;
            at < 0.0
        };
        let town = towns.iter().find(in_town).unwrap_or(&towns[0]);
        let spread = 1.0 + 5.0 * (3.0 * town.2).sqrt();
        (town.0 + spread * draws.normal(), town.1 + spread * draws.normal())
    };
    let stores: Vec<(f64, f64)> = (0..sites).map(|_| place(&mut draws)).collect();
    let rows: Vec<Vec<(u32, u32)>> = (0..zones)
        .map(|_| {
            let zone = place(&mut draws);
            let milli = |store: &(f64, f64)| (1950.0 * (store.0 - zone.0).hypot(store.1 - zone.1)).round() as u32;
            let reached = stores.iter().enumerate().map(|(site, store)| (site as u32, milli(store)));
            reached.filter(|pair| pair.1 <= 30_000).collect()
        })
        .collect();
    let reach = Reach::from_rows(&rows, 0.12);
    let people: Vec<f64> = (0..zones).map(|_| 200.0 + 3000.0 * draws.unit().powi(2)).collect();
    let mut near = vec![0.0_f64; sites];
    for zone in 0..zones {
        reach.row(zone).for_each(|entry| near[reach.candidate[entry] as usize] += people[zone] * reach.pull[entry]);
    }
    let alone = Array2::from_shape_fn((sites, devices), |(site, device)| {
        0.02 * near[site].powf(0.6) * (0.5 * draws.normal()).exp() * (0.5 + device as f64)
    });
    let outside = Array2::ones((zones, devices));
    let capture = CaptureModel::calibrated(
        CaptureLaw::Share,
        reach,
        &people,
        &vec![0; zones],
        &vec![0; sites],
        outside,
        alone,
        0.5,
    )
    .expect("a store without zones has no forecast");
    let unit_values = Array2::from_shape_fn((sites, devices), |(_, device)| {
        100.0 / (1.0 + device as f64) * (1.0 + 1.5 * draws.unit())
    });
    let open_costs = (0..sites).map(|_| 50.0 + 100.0 * draws.unit()).collect();
    Profit { capture, unit_values, open_costs }
}

fn placement(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("profit");
    group.sample_size(10);
    for (sites, zones, devices) in [(300, 1500, 2), (1000, 4000, 4)] {
        let problem = towns(sites, zones, devices);
        let rules = Rules { sites, open_max: 12, ..Rules::default() };
        group.bench_function(format!("solve {sites} x {zones} x {devices}"), |bencher| {
            bencher.iter(|| {
                let placed = profit::solve(&rules, &problem, 1e-3, &Stop::default(), &Silent).expect("a sound problem");
                assert!(placed.cut.is_none());
                placed
            });
        });
        group.bench_function(format!("local search {sites} x {zones} x {devices}"), |bencher| {
            bencher.iter(|| profit::local_search(&rules, &problem, None));
        });
    }
    group.finish();
}

criterion_group!(benches, placement);
criterion_main!(benches);
