//! How long the report of a run and its workbook take to make: studies of 1,000 and of 10,000 candidates.

#[path = "../reports/tests/fixture/mod.rs"]
mod fixture;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};

fn render(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("render");
    for candidates in [1_000, 10_000] {
        let study = fixture::study(candidates);
        group.bench_function(format!("html/{candidates}"), |bench| {
            bench.iter(|| reports::html(black_box(&study)).expect("the fixture holds finite numbers only"));
        });
        group.bench_function(format!("workbook/{candidates}"), |bench| {
            bench.iter(|| reports::workbook(black_box(&study)).expect("the fixture fits a workbook"));
        });
    }
    group.finish();
}

criterion_group!(benches, render);
criterion_main!(benches);
