//! What is clean passes, and says nothing.

use crate::common::{PRODUCTS, STORES, Sample, WEEKS, mapped, monday, show};
use domain::market::{HealthCount, Travel};
use domain::panel::Cell;
use ingest::Source;

#[test]
fn a_clean_sample_has_no_finding() {
    for sample in [Sample::clean(), Sample::with_all()] {
        let loaded = sample.load().unwrap_or_else(|findings| panic!("{}", show(&findings)));
        let loud: Vec<_> =
            loaded.findings.iter().filter(|finding| finding.severity != domain::diagnostic::Severity::Info).collect();
        assert!(loud.is_empty(), "{loud:?}");
    }
}

#[test]
fn the_market_holds_what_the_tables_say() {
    let loaded = Sample::with_all().load().unwrap_or_else(|findings| panic!("{}", show(&findings)));
    let market = &loaded.market;
    assert_eq!(market.store_ids.len(), STORES);
    assert_eq!(market.sales.series.len(), STORES * PRODUCTS.len());
    assert_eq!(market.sales.weeks, WEEKS);
    assert_eq!(market.sales.first_week.first_day(crate::common::start()), monday(0));
    assert!(market.sales.cells.iter().all(|cell| *cell == Cell::Observed));
    assert!(market.sales.price_minor.iter().all(|price| [899, 749].contains(price)));
    assert_eq!(market.store_attributes.names, ["area_m2"]);
    assert_eq!(market.store_labels.names, ["name"]);
    assert_eq!(market.store_name(domain::ids::Idx::new(2)), "Shop, no 2");
    assert_eq!(market.zone_attributes.names, ["income", "over_65_share"]);
    let us = market.market_ids.find("us").expect("market");
    let monitor = market.device_ids.find("monitor").expect("device");
    let terms = market.terms(monitor, us).expect("sold");
    assert_eq!((terms.price.minor, terms.pack_size, terms.related_products.len()), (5500, 4, 2));
    assert_eq!(market.corners.len(), 1);
    assert!(matches!(&market.travel, Travel::Table { pairs, .. } if pairs.len() == 8 * 8 + 16 * 16));
    assert_eq!(market.health.measures, ["asthma", "diabetes"]);
    assert_eq!(market.health.counts[0], Some(HealthCount::Suppressed { low: 1, high: 10 }));
    assert_eq!(market.health.counts[1], Some(HealthCount::Known(40)));
    let sales = loaded.inputs.iter().find(|input| input.role == "sales").expect("input");
    assert_eq!(sales.rows, (STORES * PRODUCTS.len() * WEEKS) as u64);
    assert_eq!(sales.sha256.len(), 64);
}

#[test]
fn units_sum_to_what_the_rows_say() {
    let sample = Sample::clean();
    let expected: u64 = sample
        .text("sales")
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(3).expect("units").parse::<u64>().expect("whole"))
        .sum();
    let market = sample.load().unwrap_or_else(|findings| panic!("{}", show(&findings))).market;
    assert_eq!(market.sales.units.iter().map(|units| u64::from(*units)).sum::<u64>(), expected);
}

#[test]
fn a_mapping_keeps_the_lines_of_the_file() {
    let mut sample = Sample::clean();
    sample.lines("sales", |lines| lines[0] = "Shop,Item,Wk,Qty,Preis,Aktion,Leer".to_owned());
    let sql = "SELECT Shop AS store_id, Item AS product, Wk AS week, Qty AS units, CAST(Preis AS DOUBLE) AS price, \
               Aktion AS promo, Leer AS stockout FROM sales WHERE Item <> 'nothing'";
    sample.tables.sales = Source::Mapped(ingest::Mapped { sql: Some(sql.to_owned()), ..mapped("sales.csv") });
    assert_eq!(sample.hash(), Sample::clean().hash());
    sample.set("sales", 17, "Qty", "many");
    let findings = sample.load().expect_err("a bad row");
    assert_eq!(findings[0].place.line, Some(17), "{}", show(&findings));
    assert_eq!(findings[0].place.column.as_deref(), Some("units"));
}

#[test]
fn a_mapping_may_group_and_join() {
    let mut sample = Sample::clean();
    let sql = "SELECT s.store_id, product, week, SUM(CAST(units AS BIGINT)) AS units FROM sales s \
               JOIN stores t ON s.store_id = t.store_id WHERE t.market = 'us' GROUP BY s.store_id, product, week";
    sample.tables.sales = Source::Mapped(ingest::Mapped { sql: Some(sql.to_owned()), ..mapped("sales.csv") });
    let market = sample.load().unwrap_or_else(|findings| panic!("{}", show(&findings))).market;
    assert_eq!(market.sales.series.len(), 16 * PRODUCTS.len());
}

#[test]
fn days_are_summed_to_weeks_and_cut_weeks_left_out() {
    let mut weekly = Sample::clean();
    let mut daily = Sample::clean();
    daily.lines("sales", |lines| {
        let rows: Vec<String> = lines.drain(1..).collect();
        lines[0] = "store_id,product,date,units,price,promo,stockout".to_owned();
        for row in rows {
            let cells = crate::common::split(&row);
            let first: domain::calendar::Date = cells[2].parse().expect("date");
            let units: u64 = cells[3].parse().expect("units");
            for day in 0..7 {
                let date = first.checked_add_days(domain::calendar::Days::new(day)).expect("date");
                let part = units / 7 + u64::from(day < units % 7);
                lines.push(format!("{},{},{date},{part},{},{},{}", cells[0], cells[1], cells[4], cells[5], cells[6]));
            }
        }
        // The as_of date itself opens a week that is not over.
        lines.push("S001,cuff,2026-11-16,5,8.99,0,0".to_owned());
    });
    let loaded = daily.load().unwrap_or_else(|findings| panic!("{}", show(&findings)));
    assert!(loaded.findings.iter().any(|finding| finding.code == "I-WEEK-001"));
    assert_eq!(loaded.market.content_hash().hex(), weekly.hash());
    weekly.lines("sales", |lines| lines.push("S001,cuff,2026-11-16,5,8.99,0,0".to_owned()));
    assert_eq!(loaded.market.content_hash().hex(), weekly.hash());
}

#[test]
fn closed_weeks_and_stockouts_are_masked() {
    let mut sample = Sample::clean();
    let closes = format!("{}", monday(WEEKS - 3));
    sample.set("stores", 3, "closed", &closes);
    sample.set("sales", 2, "stockout", "1");
    sample.lines("sales", |lines| lines.retain(|line| !(line.starts_with("S001,") && line.contains("2026-11-0"))));
    let loaded = sample.load().unwrap_or_else(|findings| panic!("{}", show(&findings)));
    let market = &loaded.market;
    let store = market.store_ids.find("S001").expect("store");
    let product = market.product_ids.find("cuff").expect("product");
    let (_, cells) = market.sales.row(market.sales.find(store, product).expect("series"));
    assert_eq!(&cells[WEEKS - 4..], [Cell::Observed, Cell::Censored, Cell::Closed, Cell::Closed]);
    assert_eq!(market.sales.cells[0], Cell::Censored);
}
