//! The report as a whole: what it must hold, what it must never hold, and that it is the same twice.

mod fixture;

use domain::plan::Status;
use domain::study::Study;
use reports::{ReportError, html, workbook};

fn page(study: &Study) -> String {
    html(study).expect("the fixture holds finite numbers only")
}

#[test]
fn the_page_says_the_decision_and_shows_every_table() {
    let page = page(&fixture::study(900));
    let title = "Open the 12 pilot corners below: about $4.1 million net benefit in 26 weeks";
    assert!(page.contains(&format!("<title>{title}</title>")) && page.contains(&format!("<h1>{title}</h1>")));
    for said in [
        "8 in 10 outcomes fall between $2.6 million and $5.5 million",
        "the chance of losing money is about 3 in 100",
        "It is proven, and checked apart",
        "Nine of the twelve are chosen at least 9 times in 10",
        "Where: 12 of 912 candidates",
        "Leeds Briggate instead of Glasgow Buchanan St costs $38,000.",
        "Below 62% of the forecast demand, the plan loses money.",
        "A 13th store would add $171,000",
        "is assumed",
        "74% among the best-looking tenth",
        "finds a change of related-category sales of 3.8% or more 8 times in 10",
        "Competitors that open or close during the pilot.",
        "W-REF-003",
        "cornerstone replay runs/2026-11-16-7f3a9c20",
        "SYNTHETIC DATA",
        "Oak Street 1, Station Road 1",
    ] {
        assert!(page.contains(said), "missing: {said}");
    }
    assert!(!page.contains("class=\"banner\""));
    for rank in 1..=12 {
        assert!(
            page.contains(&format!("<tr id=\"store-{rank}\">")) && page.contains(&format!("href=\"#store-{rank}\""))
        );
    }
    // One path per country, however many candidates, and one around each corner.
    let (countries, corners) = page.split_at(page.find("id=\"store-1\"").expect("the first store"));
    assert_eq!(countries.matches("<path class=\"dots").count(), 2);
    assert_eq!(corners.matches("<path class=\"dots").count(), 12);
}

#[test]
fn a_gap_and_an_unverified_bound_are_said_at_the_top() {
    let mut study = fixture::study(60);
    study.plan.status = Status::Gap;
    study.plan.objective.gap = 0.031;
    let gap = page(&study);
    assert!(gap.contains("class=\"banner\"") && gap.contains("no plan can earn more than 3.1% more than this."));
    study.plan.bound_verified = false;
    assert!(page(&study).contains("that bound itself was not confirmed by the check"));
}

#[test]
fn the_page_asks_for_nothing_and_runs_nothing() {
    // Dots are pictures within the page: nothing is fetched for them.
    let page = page(&fixture::study(900)).replace("url(\"data:image/svg+xml,%3Csvg ", "");
    for never in ["http:", "https:", "src=", "<script", "javascript:", "@import", "url(", "<link", "<iframe", " on"] {
        let found = page.match_indices(never).map(|(at, _)| page[at..].lines().next().unwrap_or_default());
        // ` on` catches handlers (` onload=`): words of the text that begin so have no `=`.
        let bad: Vec<&str> = found.filter(|text| never != " on" || is_handler(text)).collect();
        assert!(bad.is_empty(), "{never}: {bad:?}");
    }
    assert!(page.contains("content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:;"));
}

fn is_handler(text: &str) -> bool {
    let word: &str = text.trim_start().split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    text.trim_start()[word.len()..].starts_with('=')
}

#[test]
fn text_from_data_stays_text() {
    let mut study = fixture::study(60);
    let evil = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>&";
    let id = study.plan.stores[0].store_id.clone();
    for note in &mut study.stores {
        note.name = if note.store_id == id { "javascript:alert(1)".into() } else { evil.into() };
        note.analogs[0].0 = evil.into();
        note.contributions[0].0 = evil.into();
    }
    study.markets[0].country = evil.into();
    study.markets[1].market = evil.into();
    study.plan.warnings[0].text = evil.into();
    study.plan.worth.stress[0].name = evil.into();
    study.plan.worth.stress[0].stores_kept = 0;
    study.plan.run_id = evil.into();
    study.plan.scenario = evil.into();
    study.provenance.command = evil.into();
    study.provenance.tables[0].role = evil.into();
    study.devices[0].device = evil.into();
    study.plan.stock[0].device = evil.into();
    study.not_modelled[0] = evil.into();
    for store in &mut study.plan.stores {
        store.market = study.markets[usize::from(store.market == "US")].market.clone();
    }
    let page = page(&study);
    assert!(!page.contains("<script") && !page.contains("<img") && page.contains("&#60;script&#62;"));
    assert!(!page.contains("href=\"javascript"));
    // Every quotation mark of the planted text is escaped, so no attribute can end early.
    assert!(!page.contains("\"><img"));
}

#[test]
fn the_same_study_gives_the_same_bytes() {
    let study = fixture::study(900);
    assert_eq!(page(&study), page(&study));
    let book = || workbook(&study).expect("the fixture fits a workbook");
    assert_eq!(book(), book());
}

#[test]
fn nine_thousand_candidates_stay_below_300_kilobytes() {
    let bytes = page(&fixture::study(9_000)).len();
    assert!(bytes < 300_000, "{bytes}");
}

#[test]
fn empty_and_odd_studies_render() {
    let mut empty = fixture::study(60);
    empty.plan.stores.clear();
    empty.plan.stock.clear();
    let text = page(&empty);
    assert!(text.contains("<h1>Open no corner: none pays</h1>") && !text.contains("id=\"stores\""));
    assert!(!text.contains("id=\"demand\"") && !text.contains("As planned"));
    workbook(&empty).expect("an empty plan has a workbook");

    let mut bare = fixture::study(0);
    bare.plan.stores.clear();
    bare.plan.stock.clear();
    bare.plan.not_chosen.clear();
    bare.plan.worth.stress.clear();
    bare.plan.warnings.clear();
    bare.not_modelled.clear();
    bare.stores.clear();
    bare.markets.clear();
    bare.devices.clear();
    (bare.outlook.mean, bare.outlook.quantiles, bare.outlook.history) = (vec![], vec![], vec![]);
    assert!(!page(&bare).contains("NaN"));
    workbook(&bare).expect("a bare study has a workbook");

    let mut coverage = fixture::coverage(60);
    coverage.stores.clear();
    let text = page(&coverage);
    assert!(text.contains("41 million people within 10 minutes</h1>"));
    assert!(text.contains("US-00100"), "a store without a note is called by its id");
}

/// How the stock is kept up.
fn kept(study: &mut Study) -> &mut domain::plan::replenishment::Replenishment {
    study.plan.replenishment.as_mut().expect("kept up")
}

#[test]
fn reorder_points_and_the_depot_stand_with_the_devices_and_keep_the_page_small() {
    let mut study = fixture::study(9_000);
    let bare = page(&study);
    assert!(!bare.contains("When to reorder") && !bare.contains("A depot should hold"));
    fixture::kept_up(&mut study);
    let page = page(&study);
    let (stock, pilot) = (page.find("id=\"stock\"").expect("devices"), page.find("id=\"pilot\"").expect("pilot"));
    let section = &page[stock..pilot];
    assert!(section.contains("When to reorder</h3>") && section.contains("A depot should hold 40"));
    assert_eq!(section.matches("<td class=\"n\">at ").count(), study.plan.stock.len(), "a cell for each line");
    assert!(page.len() < 300_000, "{}", page.len());
}

/// Something that spoils one figure of a study.
type Spoil = fn(&mut Study, f64);

#[test]
fn no_figure_that_is_not_finite_is_ever_written() {
    let spoils: [(&str, Spoil); 47] = [
        ("objective.value", |s, x| s.plan.objective.value = x),
        ("objective.bound", |s, x| s.plan.objective.bound = x),
        ("objective.gap", |s, x| s.plan.objective.gap = x),
        ("objective.reached", |s, x| s.plan.objective.reached = Some(x)),
        ("objective.interval[1]", |s, x| s.plan.objective.interval[1] = x),
        ("stores[US-00100].lat", |s, x| s.plan.stores[0].lat = x),
        ("stores[US-00100].lon", |s, x| s.plan.stores[0].lon = x),
        ("stores[US-00100].demand_units_per_week", |s, x| s.plan.stores[0].demand_units_per_week = x),
        ("stores[US-00100].share_of_scenarios", |s, x| s.plan.stores[0].share_of_scenarios = x),
        ("service_level", |s, x| s.plan.stock[3].service_level = x),
        ("fill_rate", |s, x| s.plan.stock[3].fill_rate = x),
        ("].orders", |s, x| kept(s).lines[3].orders = x),
        ("].cost_per_week", |s, x| kept(s).lines[3].cost_per_week = x),
        ("replenishment[", |s, x| kept(s).lines[3].service_level = x),
        ("replenishment[", |s, x| kept(s).lines[3].fill_rate = x),
        ("].fill_rate", |s, x| kept(s).depot[0].fill_rate = x),
        ("].fill_rate_without", |s, x| kept(s).depot[0].fill_rate_without = x),
        ("].saves_per_week", |s, x| kept(s).depot[0].saves_per_week = x),
        ("swap_cost", |s, x| s.plan.not_chosen[2].swap_cost = x),
        ("worth.selection_factor", |s, x| s.plan.worth.selection_factor = x),
        ("worth.chance_of_loss", |s, x| s.plan.worth.chance_of_loss = x),
        ("worth.payback_weeks", |s, x| s.plan.worth.payback_weeks = Some(x)),
        ("worth.next_store_value", |s, x| s.plan.worth.next_store_value = Some(x)),
        ("worth.last_store_value", |s, x| s.plan.worth.last_store_value = Some(x)),
        ("worth.break_even_demand", |s, x| s.plan.worth.break_even_demand = Some(x)),
        ("minimum_detectable_effect", |s, x| s.plan.pilot.minimum_detectable_effect = Some(x)),
        ("minimum_detectable_effect_store", |s, x| s.plan.pilot.minimum_detectable_effect_store = Some(x)),
        ("detect", |s, x| s.plan.pilot.detect = Some(x)),
        ("scale", |s, x| s.plan.pilot.scale = Some(x)),
        ("kappa", |s, x| s.plan.pilot.kappa = Some(x)),
        ("travel.reach_minutes", |s, x| s.travel.reach_minutes = x),
        ("travel.radius_minutes", |s, x| s.travel.radius_minutes = Some(x)),
        ("cannibalised", |s, x| s.stores[5].cannibalised = x),
        ("open_cost", |s, x| s.stores[5].open_cost = x),
        ("analogs", |s, x| s.stores[5].analogs[1].1 = x),
        ("contributions", |s, x| s.stores[5].contributions[1].1 = x),
        ("candidates[7]", |s, x| s.candidates[7].1 = x as f32),
        ("candidates[8]", |s, x| s.candidates[8].2 = x as f32),
        ("outlook.history[3]", |s, x| s.outlook.history[3] = x),
        ("outlook.mean[3]", |s, x| s.outlook.mean[3] = x),
        ("outlook.quantiles[3][6]", |s, x| s.outlook.quantiles[3][6] = x),
        ("devices[glucose].methods", |s, x| s.devices[0].methods[0].1 = x),
        ("forecast.wape", |s, x| s.forecast.wape = Some(x)),
        ("forecast.coverage_80", |s, x| s.forecast.coverage_80 = Some(x)),
        ("forecast.coverage_80_top", |s, x| s.forecast.coverage_80_top = Some(x)),
        ("forecast.history_coverage_80", |s, x| s.forecast.history_coverage_80 = Some(x)),
        ("objective.interval[0]", |s, x| s.plan.objective.interval[0] = x),
    ];
    for (place, spoil) in spoils {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let mut study = fixture::study(60);
            fixture::kept_up(&mut study);
            spoil(&mut study, value);
            for error in [html(&study).err(), workbook(&study).err()] {
                let error = error.unwrap_or_else(|| panic!("{place} = {value} was written"));
                assert_eq!(error.code(), Some("E-OUT-001"));
                assert!(error.to_string().contains(place), "{error} should name {place}");
            }
        }
    }
}

/// The study's numbers as JSON know them; a new one must be looked at too.
#[test]
fn the_check_of_finite_numbers_knows_every_number_of_a_study() {
    fn count(value: &serde_json::Value) -> usize {
        match value {
            serde_json::Value::Number(number) => usize::from(number.is_f64()),
            serde_json::Value::Array(items) => items.iter().map(count).sum(),
            serde_json::Value::Object(fields) => fields.values().map(count).sum(),
            _ => 0,
        }
    }
    let mut study = fixture::study(0);
    study.plan.stores.truncate(1);
    study.plan.stock.truncate(1);
    fixture::kept_up(&mut study);
    study.plan.not_chosen.truncate(1);
    study.plan.thresholds.truncate(1);
    study.stores.truncate(1);
    study.stores[0].analogs.truncate(1);
    study.stores[0].contributions.truncate(1);
    study.candidates = vec![(0, 1.5, 2.5)];
    study.devices.truncate(1);
    study.devices[0].methods.truncate(1);
    study.outlook.history.truncate(1);
    study.outlook.mean.truncate(1);
    study.outlook.quantiles.truncate(1);
    study.plan.objective.reached = Some(0.5);
    study.travel.radius_minutes = Some(0.5);
    let json = serde_json::to_value(&study).expect("a study is JSON");
    // Two of an interval, of a threshold and of a candidate, and seven quantiles, stand for one entry each above.
    assert_eq!(count(&json), 48 + 7);
}

#[test]
fn a_candidate_of_no_market_is_refused() {
    let mut study = fixture::study(60);
    study.candidates[4].0 = 9;
    assert!(matches!(html(&study), Err(ReportError::Market { candidate: 4, market: 9, markets: 2 })));
}
