//! The report in a real browser: at desktop and phone width, in print, and with nothing to fetch.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::Project;

/// A browser, or none with a message.
fn browser() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let found = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
        .into_iter()
        .find_map(|name| std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path| path.is_file()));
    if found.is_none() {
        eprintln!("skipped: no Chromium or Chrome on the path");
    }
    found
}

/// Runs the browser on a page and gives what it printed.
fn browse(browser: &Path, folder: &Path, args: &[&str], page: &Path) -> String {
    let output = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
        ])
        .args(["--disable-component-update", "--disable-sync", "--virtual-time-budget=4000"])
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .args(args)
        .arg(format!("file://{}", page.display()))
        .output()
        .expect("the browser starts");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The text of an attribute that a measuring script left on the page.
fn measured(dom: &str) -> serde_json::Value {
    let text = dom.split("data-measured=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a measurement");
    serde_json::from_str(&text.replace("&quot;", "\"")).expect("JSON")
}

/// Looks at the report in a frame of `width` pixels: is anything wider, and what does the page hold?
const MEASURE: &str = r#"<!doctype html><meta charset="utf-8"><body style="margin:0"><script>
const frame = document.createElement('iframe');
frame.style.cssText = 'border:0;width:WIDTHpx;height:3000px';
frame.onload = () => {
  const page = frame.contentDocument;
  const links = [...page.querySelectorAll('[src],[href]')].map(e => e.getAttribute('src') || e.getAttribute('href'));
  document.body.dataset.measured = JSON.stringify({
    wider: page.documentElement.scrollWidth - WIDTH,
    title: page.title, headings: page.querySelectorAll('h1').length, tables: page.querySelectorAll('table').length,
    pictures: page.querySelectorAll('svg').length, away: links.filter(l => !l.startsWith('#') && !l.startsWith('data:')),
    clipped: [...page.querySelectorAll('.scroll')].filter(s => s.clientWidth && s.scrollWidth > s.clientWidth).map(s => s.getAttribute('aria-label')),
    unnamed: [...page.querySelectorAll('svg')].filter(s => !s.getAttribute('aria-hidden') && !s.getAttribute('aria-label') && !s.getAttribute('aria-labelledby') && !s.querySelector('title')).length,
  });
};
frame.srcdoc = REPORT;
document.body.append(frame);
</script>"#;

#[test]
fn the_report_reads_well_on_a_desk_on_a_phone_and_on_paper() {
    let Some(browser) = browser() else { return };
    let project = Project::sample();
    assert_eq!(project.plan().code, 0);
    let report = project.current().join("report.html");
    let html = fs::read_to_string(&report).expect("report");
    let folder = tempfile::tempdir().expect("a folder");
    let quoted = serde_json::to_string(&html).expect("a string").replace("</", "<\\/");
    for width in ["360", "768", "1280"] {
        let page = folder.path().join(format!("{width}.html"));
        fs::write(&page, MEASURE.replace("WIDTH", width).replace("REPORT", &quoted)).expect("write");
        let seen = measured(&browse(&browser, folder.path(), &["--dump-dom"], &page));
        assert!(
            seen["wider"].as_i64().is_some_and(|wider| wider <= 0),
            "at {width} px the page scrolls sideways: {seen}"
        );
        if width != "360" {
            assert_eq!(seen["clipped"], serde_json::json!([]), "at {width} px a table is wider than the page: {seen}");
        }
        assert_eq!(seen["headings"], 1, "{seen}");
        assert!(seen["tables"].as_u64() >= Some(4) && seen["pictures"].as_u64() >= Some(2), "{seen}");
        assert_eq!(seen["away"], serde_json::json!([]), "the page asks for nothing: {seen}");
        assert_eq!(seen["unnamed"], 0, "every picture has a name: {seen}");
        assert!(seen["title"].as_str().is_some_and(|title| title.contains("corner")), "{seen}");
    }
    let pdf = folder.path().join("report.pdf");
    browse(&browser, folder.path(), &[&format!("--print-to-pdf={}", pdf.display()), "--no-pdf-header-footer"], &report);
    let bytes = fs::read(&pdf).expect("a PDF");
    let text = String::from_utf8_lossy(&bytes);
    let pages = text.matches("/Type /Page\n").count();
    assert!((1..=5).contains(&pages), "{pages} pages");
    assert!(text.contains("/StructTreeRoot"), "the PDF is tagged");
}

#[test]
fn the_comparison_of_a_sweep_reads_well_at_every_width() {
    let Some(browser) = browser() else { return };
    let project = Project::sample();
    let grid = "extends = \"base.toml\"\nname = \"grid\"\n[sweep]\n\"demand.uptake\" = [\"-30 %\", \"0 %\"]\n\"placement.stores_max\" = [2, 6]\n";
    project.write("scenarios/grid.toml", grid);
    let told = project.run(&["sweep", "p/scenarios/grid.toml", "--quiet"]);
    assert_eq!(told.code, 0, "{told:?}");
    let json = told.out.lines().last().expect("a path").to_owned();
    let json = project.root().parent().expect("a parent").join(json);
    let html = fs::read_to_string(json.with_extension("html")).expect("the page");
    let folder = tempfile::tempdir().expect("a folder");
    let quoted = serde_json::to_string(&html).expect("a string").replace("</", "<\\/");
    for width in ["360", "768", "1280"] {
        let page = folder.path().join(format!("{width}.html"));
        fs::write(&page, MEASURE.replace("WIDTH", width).replace("REPORT", &quoted)).expect("write");
        let seen = measured(&browse(&browser, folder.path(), &["--dump-dom"], &page));
        assert!(seen["wider"].as_i64().is_some_and(|wider| wider <= 0), "at {width} px it scrolls sideways: {seen}");
        assert!(width == "360" || seen["clipped"] == serde_json::json!([]), "at {width} px: {seen}");
        assert_eq!((&seen["headings"], &seen["unnamed"]), (&serde_json::json!(1), &serde_json::json!(0)), "{seen}");
        // Four reports and sweep.json.
        let away = seen["away"].as_array().expect("links");
        let beside = |link: &&serde_json::Value| link.as_str().is_some_and(|link| link.ends_with("/report.html"));
        assert_eq!((away.len(), away.iter().filter(beside).count()), (5, 4), "{seen}");
    }
}
