//! The fit and the ingest, at the sizes of their names.

use std::fs::{self, File};
use std::hint::black_box;
use std::io::{BufWriter, Write};
use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use scenarios::spec::{self, Scenario};
use simulate::{World, WorldSize};

/// The tables of a demo in a folder, and its scenario.
fn project(folder: &Path, stores: usize) -> Scenario {
    let world = World::new(&WorldSize::demo(stores), 1);
    fs::create_dir_all(folder.join("data")).expect("a folder");
    fs::create_dir_all(folder.join("scenarios")).expect("a folder");
    for (table, name) in world.tables() {
        let mut file = BufWriter::new(File::create(folder.join("data").join(name)).expect("a file"));
        world.write_csv(table, &mut file).expect("written");
        file.flush().expect("written");
    }
    let path = folder.join("scenarios/base.toml");
    fs::write(&path, world.scenario_toml()).expect("written");
    spec::read(&path).expect("a sound scenario")
}

fn pipeline(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let scenario = project(folder.path(), 300);
    let load = || ingest::load(&scenario.tables, &scenario.base, &scenario.settings).expect("clean tables");
    let market = load().market;
    let weeks = scenario.settings.horizon_weeks as usize;
    let histories = cluster::forecast_panel(&market.sales, weeks, 52).expect("forecasts");
    let mut group = criterion.benchmark_group("pipeline");
    group.sample_size(10);
    group.bench_function("ingest 300 stores x 3 products x 104 weeks", |bench| bench.iter(|| black_box(load())));
    group.bench_function("histories 900 series x 104 weeks", |bench| {
        bench.iter(|| black_box(cluster::forecast_panel(&market.sales, weeks, 52).expect("forecasts")));
    });
    group.bench_function("cold start 300 stores x 1200 zones x 4 devices", |bench| {
        bench.iter(|| black_box(engine::fit::fit(&market, &histories, &scenario.settings).expect("a fit")));
    });
    group.finish();
}

criterion_group!(benches, pipeline);
criterion_main!(benches);
