use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, UInt32Array};
use arrow::compute::take;
use datafusion::datasource::MemTable;
use domain::calendar::Week;
use domain::ids::Idx;
use domain::panel::{Cell, SeriesKey};

use super::*;

/// Series with a season, gaps, stockouts and closed weeks; the last one has no observed cell.
fn panel(series: usize, weeks: usize) -> Panel {
    let mut panel = Panel { first_week: Week(2800), weeks, ..Panel::empty() };
    for at in 0..series {
        panel.series.push(SeriesKey { store: Idx::new(at / 2), product: Idx::new(at % 2) });
        for week in 0..weeks {
            let mixed = (at * 7919 + week * 104_729) % 101;
            let wave = 20.0 * (1.0 + (week as f64 / 52.0 * std::f64::consts::TAU).sin());
            let cell = match mixed {
                _ if at + 1 == series => Cell::Missing,
                0..=2 => Cell::Missing,
                3..=5 => Cell::Censored,
                6 => Cell::Closed,
                _ => Cell::Observed,
            };
            let sold = matches!(cell, Cell::Observed | Cell::Censored);
            panel.cells.push(cell);
            panel.units.push(if sold { wave as u32 + (mixed / 9) as u32 + at as u32 % 17 } else { 0 });
        }
    }
    panel
}

/// One series after the other, without the data engine.
fn direct(panel: &Panel, horizon: usize) -> Vec<Option<SeriesForecast>> {
    (0..panel.series.len())
        .map(|at| {
            let (units, cells) = panel.row(at);
            let units: Vec<f64> = units.iter().map(|&units| f64::from(units)).collect();
            models::univariate::forecast_series(&units, cells, horizon, 52)
        })
        .collect()
}

#[test]
fn the_aggregate_answers_what_direct_calls_answer() {
    let panel = panel(33, 104);
    let expected = direct(&panel, 13);
    assert!(expected[..32].iter().all(Option::is_some) && expected[32].is_none());
    // One thread or two, one query or many: the same bits.
    for (threads, bucket) in [(1, 100), (2, 100), (2, 7), (3, 1)] {
        let found = forecast_with(&panel, &[], (13, 52), &Way::default(), threads, bucket).expect("forecasts");
        assert_eq!(found.forecasts, expected, "{threads} threads, buckets of {bucket}");
        assert_eq!(found.series.len(), 33);
    }
    assert!(forecast_panel(&panel, 13, 52).expect("forecasts").coverage_80.is_some_and(|share| share > 0.5));
}

#[test]
fn an_empty_panel_has_no_forecasts() {
    let found = forecast_panel(&Panel::empty(), 13, 52).expect("nothing to do");
    assert!(found.forecasts.is_empty() && found.series.is_empty() && found.coverage_80.is_none());
    // Series without a single week.
    let bare = Panel { series: panel(2, 0).series, ..Panel::empty() };
    assert_eq!(forecast_panel(&bare, 13, 52).expect("nothing known").forecasts, [None, None]);
}

/// The rows of a panel as one batch, in an order given by their position, split into `parts`.
fn shuffled(panel: &Panel, step: usize, parts: usize) -> Arc<MemTable> {
    let bucket = Bucket::of(panel, 0..panel.series.len());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().expect("runtime");
    let batches = runtime
        .block_on(async {
            let session = session(1)?;
            session.read_table(bucket.table(1)?)?.collect().await
        })
        .expect("rows");
    let all = arrow::compute::concat_batches(&batches[0].schema(), &batches).expect("one batch");
    let rows = all.num_rows();
    // `step` has no factor in common with the number of rows: every row comes up once.
    let order = UInt32Array::from_iter_values((0..rows).map(|at| (at * step % rows) as u32));
    let columns: Vec<ArrayRef> = all.columns().iter().map(|column| take(column, &order, None).expect("rows")).collect();
    let all = RecordBatch::try_new(all.schema(), columns).expect("the same columns");
    let split = rows.div_ceil(parts);
    let parts = (0..parts).map(|part| {
        let from = part * split;
        (from..rows.min(from + split))
            .step_by(50)
            .map(|at| all.slice(at, 50.min(rows.min(from + split) - at)))
            .collect()
    });
    Arc::new(MemTable::try_new(all.schema(), parts.collect()).expect("table"))
}

fn query(table: Arc<MemTable>, sql: &str, threads: usize) -> Result<Vec<RecordBatch>, DataFusionError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().expect("runtime");
    runtime.block_on(async {
        let session = session(threads)?;
        session.register_table("panel", table)?;
        session.sql(sql).await?.collect().await
    })
}

#[test]
fn the_order_of_rows_is_of_no_account() {
    let panel = panel(9, 103);
    let expected = direct(&panel, 5);
    let sql = "SELECT series, forecast(t, y, state, 5, 52) FROM panel GROUP BY series";
    for (step, parts, threads) in [(1, 1, 1), (926, 1, 1), (500, 3, 2), (100, 4, 4)] {
        let batches = query(shuffled(&panel, step, parts), sql, threads).expect("forecasts");
        assert_eq!(decode::forecasts(&batches, 9).expect("shape"), expected, "{step} {parts} {threads}");
    }
}

#[test]
fn a_query_without_groups_forecasts_one_series() {
    let panel = panel(2, 80);
    let table = shuffled(&panel, 7, 2);
    for threads in [1, 2] {
        let sql = "SELECT max(series), forecast(t, y, state, 4, 52) FROM panel WHERE series = 0";
        let batches = query(Arc::clone(&table), sql, threads).expect("forecasts");
        assert_eq!(decode::forecasts(&batches, 1).expect("shape"), direct(&panel, 4)[..1]);
    }
}

#[test]
fn wrong_calls_are_refused_with_a_reason() {
    let panel = panel(2, 60);
    let refused = |sql: &str| query(shuffled(&panel, 7, 1), sql, 1).expect_err("refused").to_string();
    assert!(refused("SELECT forecast(t, y, state, 0, 52) FROM panel GROUP BY series").contains("whole number from 1"));
    assert!(
        refused("SELECT forecast(t, y, state, t, 52) FROM panel GROUP BY series").contains("the horizon of forecast")
    );
    // Both series in one group: each week twice.
    assert!(refused("SELECT forecast(t, y, state, 4, 52) FROM panel").contains("two rows of one period"));
    let far = "SELECT forecast(t * 1000000, y, state, 4, 52) FROM panel GROUP BY series";
    assert!(refused(far).contains("number its periods"));
    let state = "SELECT forecast(t, y, CAST(9 AS TINYINT UNSIGNED), 4, 52) FROM panel GROUP BY series";
    assert!(refused(state).contains("9 is no state"));
}

/// The first weeks of a panel.
fn until(panel: &Panel, weeks: usize) -> Panel {
    let rows = |at: usize| at * panel.weeks..at * panel.weeks + weeks;
    let all = 0..panel.series.len();
    Panel {
        first_week: panel.first_week,
        weeks,
        series: panel.series.clone(),
        units: all.clone().flat_map(|at| panel.units[rows(at)].to_vec()).collect(),
        cells: all.flat_map(|at| panel.cells[rows(at)].to_vec()).collect(),
        ..Panel::empty()
    }
}

#[test]
fn a_panel_that_grew_is_updated_and_can_be_forecast_again_from_the_ages_of_its_parameters() {
    let folder = tempfile::tempdir().expect("a folder");
    let (panel, path) = (panel(24, 110), folder.path().join("kept"));
    let keys: Vec<u64> = (1..=24).collect();
    let forecast = |panel: &Panel, threads: usize, bucket: usize| {
        let kept = Some(Arc::new(States::open(&path).expect("the file")));
        let way = Way { kept, ..Way::default() };
        let ages = way.kept.as_ref().expect("open").ages(panel, &keys, 52).expect("ages");
        let told = forecast_with(panel, &keys, (13, 52), &way, threads, bucket).expect("forecasts");
        way.kept.expect("open").commit().expect("kept");
        (told.forecasts, ages)
    };
    let then = until(&panel, 104);
    assert_eq!(forecast(&then, 2, 7), (direct(&then, 13), vec![0; 24]));
    // Nothing new: all is as it was, from parameters that are not old.
    assert_eq!(forecast(&then, 1, 100), (direct(&then, 13), vec![0; 24]));
    let (now, ages) = forecast(&panel, 2, 100);
    assert!(ages.iter().filter(|&&age| age == 6).count() > 20 && ages[23] == 0, "{ages:?}");
    let fresh = direct(&panel, 13);
    for (at, (now, fresh)) in now.iter().zip(&fresh).enumerate() {
        let (Some(now), Some(fresh)) = (now, fresh) else { continue };
        assert_eq!(now.method.ends_with("parameters of an earlier fit"), ages[at] == 6, "{}", now.method);
        let (have, want) = (now.mean.iter().sum::<f64>(), fresh.mean.iter().sum::<f64>());
        assert!((have / want - 1.0).abs() < 0.25, "{at}: {have} for {want}");
    }
    assert_ne!(now, fresh);
    let again = forecast_again(&panel, &ages, 13, 52, &Stop::default()).expect("forecasts");
    assert_eq!((&again.forecasts, again.coverage_80), (&now, None));
    assert_eq!(forecast_again(&panel, &[], 13, 52, &Stop::default()).expect("forecasts").forecasts, fresh);
    // What was gone on from is still as old, and says the same.
    assert_eq!(forecast(&panel, 1, 5), (now, ages));
}

#[test]
fn a_signal_is_heard_between_series() {
    let stop = Stop::default();
    stop.interrupted.store(true, std::sync::atomic::Ordering::Relaxed);
    let way = Way { stop: stop.clone(), ..Way::default() };
    let told = forecast_panel_by(&panel(9, 104), &[], 13, 52, &way);
    assert!(matches!(told, Err(ClusterError::Interrupted(_))), "{told:?}");
    let again = forecast_again(&panel(9, 104), &[1; 9], 13, 52, &stop);
    assert!(matches!(again, Err(ClusterError::Interrupted(_))), "{again:?}");
}
