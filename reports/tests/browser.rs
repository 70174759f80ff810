//! The report of ten thousand stores in a real browser.

mod chromium;
mod fixture;

use chromium::{Chromium, pages};
use serde_json::json;

#[test]
fn the_page_of_ten_thousand_stores_is_light_and_open_to_all() {
    let Some(chromium) = Chromium::find() else { return };
    let study = fixture::study(10_000);
    let html = reports::html(&study).expect("the fixture holds finite numbers only");
    assert!(html.len() <= 500_000, "{} bytes", html.len());
    for width in [360, 768, 1280] {
        // In a sandbox no script runs, and nothing is missing.
        let seen = chromium.look(&html, width, true);
        assert!(seen["wider"].as_i64().is_some_and(|wider| wider <= 0), "at {width} px it scrolls sideways: {seen}");
        assert!(width == 360 || seen["clipped"] == json!([]), "at {width} px a table is wider than the page: {seen}");
        assert!(seen["elements"].as_u64() <= Some(1000), "{seen}");
        assert!(seen["text"].as_u64() >= Some(3000), "{seen}");
        assert_eq!((&seen["away"], &seen["unnamed"], &seen["fetched"]), (&json!([]), &json!(0), &json!(0)), "{seen}");
        // Every chosen store is reached by keyboard, in the order of the plan.
        let pins: Vec<String> = (1..=12).map(|rank| format!("#store-{rank}")).collect();
        assert_eq!(seen["pins"], json!(pins), "{seen}");
    }
    assert_eq!(chromium.complaints(&html), [""; 0], "nothing is wrong in the console");
    for page in [html.clone(), html.replace("<details>", "<details open>")] {
        if let Some(violations) = chromium.audit(&page) {
            assert_eq!(violations, json!([]));
        }
    }
    for paper in ["A4", "letter"] {
        let pdf = chromium.print(&html.replace("</head>", &format!("<style>@page {{ size:{paper} }}</style></head>")));
        assert!(pages(&pdf) <= 3, "{} pages on {paper}", pages(&pdf));
        assert!(pdf.len() < 1_000_000, "{} bytes on {paper}", pdf.len());
        assert!(String::from_utf8_lossy(&pdf).contains("/StructTreeRoot"), "the PDF is tagged");
    }
}
