//! The back-test as a page: what is said of it, and its table.

use askama::Template;
use domain::backtest::{Backtest, Score};

use crate::sentences::Sentence;
use crate::{ReportError, number};

#[derive(Template)]
#[template(path = "backtest.html")]
struct Page<'a> {
    title: String,
    scenario: &'a str,
    as_of: &'a str,
    lead: Vec<Sentence>,
    rows: Vec<Row>,
    cold: Vec<String>,
}

struct Row {
    group: String,
    method: String,
    numbers: Vec<String>,
}

/// The back-test as one HTML file: self-contained, without script.
///
/// # Errors
/// A number that is not finite.
pub fn backtest(of: &Backtest) -> Result<String, ReportError> {
    finite(of)?;
    let page = Page {
        title: title(of),
        scenario: &of.scenario,
        as_of: &of.as_of,
        lead: lead(of),
        rows: of.scores.iter().map(row).collect(),
        cold: cold(of),
    };
    Ok(page.render()?)
}

fn finite(of: &Backtest) -> Result<(), ReportError> {
    if let Some(held) = &of.held_out {
        let numbers = [held.wape, held.coverage_80, held.coverage_80_top, held.top_ratio];
        if let Some(value) = numbers.into_iter().find(|value| !value.is_finite()) {
            return Err(ReportError::NotFinite { field: "held_out".into(), value });
        }
    }
    for score in &of.scores {
        let numbers = [score.wape, score.mase, score.pinball, score.coverage_80, score.coverage_95];
        for value in numbers.into_iter().flatten().filter(|value| !value.is_finite()) {
            return Err(ReportError::NotFinite { field: format!("scores[{}, {}]", score.group, score.method), value });
        }
    }
    Ok(())
}

/// The scores of all series: ours, then the others'.
fn all(of: &Backtest) -> (Option<&Score>, Vec<&Score>) {
    let mut all = of.scores.iter().filter(|score| score.group == "all");
    (all.next(), all.collect())
}

fn title(of: &Backtest) -> String {
    let (ours, others) = all(of);
    let best = others.iter().filter_map(|score| score.wape).min_by(f64::total_cmp);
    match (ours.and_then(|ours| ours.wape), best) {
        (Some(ours), Some(best)) if best > 0.0 && ours < best => {
            format!("The forecasts were {} sharper than the best naive method", number::percent(1.0 - ours / best))
        }
        (Some(_), Some(_)) => "A naive method was as sharp as the forecasts".to_owned(),
        _ if ours.is_some() => "Nothing was sold in the weeks that were judged".to_owned(),
        _ => "There was nothing to judge".to_owned(),
    }
}

fn lead(of: &Backtest) -> Vec<Sentence> {
    let (Some(ours), _) = all(of) else {
        return vec![Sentence::plain("No series has a history long enough.".to_owned())];
    };
    let weeks: Vec<String> = of.origins.iter().map(ToString::to_string).collect();
    let mut said = vec![Sentence::plain(format!(
        "{} forecasts over up to {} weeks, made as if it were {} weeks before the end of the history, met {} weeks of sales.",
        number::count(ours.series),
        of.horizon_weeks,
        weeks.join(", "),
        number::count(ours.cells),
    ))];
    if let (Some(eighty), Some(ninety)) = (ours.coverage_80, ours.coverage_95) {
        said.push(Sentence::strong(format!(
            " The 80% intervals held {:.0} in 100 of them, the 95% intervals {:.0} in 100.",
            100.0 * eighty,
            100.0 * ninety
        )));
    }
    said
}

fn row(score: &Score) -> Row {
    let percent = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{:.1}%", 100.0 * value));
    Row {
        group: score.group.clone(),
        method: score.method.clone(),
        numbers: vec![
            number::count(score.series),
            number::count(score.cells),
            percent(score.wape),
            score.mase.map_or_else(|| "–".to_owned(), |value| format!("{value:.3}")),
            percent(score.pinball),
            percent(score.coverage_80),
            percent(score.coverage_95),
        ],
    }
}

fn cold(of: &Backtest) -> Vec<String> {
    let Some(held) = &of.held_out else { return Vec::new() };
    vec![
        format!(
            "{} stores were held out in turn, as if they had never sold: the forecast was wrong by {:.1}% of what they sell.",
            number::count(held.stores as u64),
            100.0 * held.wape
        ),
        format!(
            "Their 80% intervals held {:.0} in 100; among the best-looking tenth, which a plan picks from, {:.0} in 100.",
            100.0 * held.coverage_80,
            100.0 * held.coverage_80_top
        ),
        format!("That tenth sold {:.0}% of its forecast.", 100.0 * held.top_ratio),
    ]
}

#[cfg(test)]
mod tests {
    use domain::backtest::{HeldOut, SCHEMA};

    use super::*;

    fn score(group: &str, method: &str, wape: f64, coverage: Option<f64>) -> Score {
        Score {
            group: group.into(),
            method: method.into(),
            series: 1200,
            cells: 15_600,
            wape: Some(wape),
            mase: Some(0.81),
            pinball: coverage.map(|_| 0.04),
            coverage_80: coverage,
            coverage_95: coverage.map(|_| 0.951),
        }
    }

    fn sample() -> Backtest {
        Backtest {
            schema: SCHEMA.into(),
            scenario: "base".into(),
            as_of: "2026-11-16".into(),
            horizon_weeks: 13,
            origins: vec![13, 26],
            scores: vec![
                score("all", "cornerstone", 0.2, Some(0.803)),
                score("all", "last value", 0.25, None),
                score("market <GB>", "cornerstone", 0.21, Some(0.79)),
            ],
            held_out: Some(HeldOut {
                stores: 83,
                wape: 0.195,
                coverage_80: 0.8,
                coverage_80_top: 0.75,
                top_ratio: 0.93,
            }),
        }
    }

    #[test]
    fn the_page_says_what_the_numbers_say() {
        let page = backtest(&sample()).expect("a page");
        for said in [
            "The forecasts were 20% sharper than the best naive method",
            "held 80 in 100",
            "the 95% intervals 95 in 100",
            "80.3%",
            "market &#60;GB&#62;",
            "That tenth sold 93% of its forecast.",
        ] {
            assert!(page.contains(said), "{said}\n{page}");
        }
        assert!(!page.contains("<script"));
        let mut worse = sample();
        worse.scores[0].wape = Some(0.26);
        assert!(backtest(&worse).expect("a page").contains("A naive method was as sharp"));
        worse.scores.clear();
        assert!(backtest(&worse).expect("a page").contains("There was nothing to judge"));
        worse.scores.push(score("all", "cornerstone", f64::NAN, None));
        assert!(matches!(backtest(&worse), Err(ReportError::NotFinite { .. })));
    }
}
