//! How long the report of a run takes to render: a study of 1,000 and of 9,000 candidates.

#[path = "../reports/tests/fixture/mod.rs"]
mod fixture;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};

fn render(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("render");
    for candidates in [1_000, 9_000] {
        let study = fixture::study(candidates);
        group.bench_function(format!("html/{candidates}"), |bench| {
            bench.iter(|| reports::html(black_box(&study)).expect("the fixture holds finite numbers only"));
        });
    }
    group.finish();
}

criterion_group!(benches, render);
criterion_main!(benches);
