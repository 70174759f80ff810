use std::collections::BTreeSet;

use domain::comparison::{AxisNote, Base, By, Reached, SCHEMA};

use super::*;

const STORES: [&str; 4] = ["GB-00003", "GB-00007", "US-00001", "US-00002"];

fn reached(profit: f64) -> Reached {
    Reached {
        unit: "USD".into(),
        value: profit * 1.05,
        bound: profit * 1.052,
        gap: 0.0019,
        bound_verified: true,
        currency: "USD".parse().expect("a code"),
        expected_profit: profit,
        interval: [profit * 0.5 - 40_000.0, profit * 1.5],
        stock_units: 812,
    }
}

fn point(at: [&str; 2], profit: f64, stores: &[&str]) -> PointNote {
    PointNote {
        at: at.map(Into::into).to_vec(),
        run_id: format!("2026-11-16-{}{}", at[0].len(), at[1]),
        status: Status::Gap,
        exit_code: 0,
        objective: Some(reached(profit)),
        stores: stores.iter().map(|id| (*id).into()).collect(),
        stores_in_base: 2,
        why: Vec::new(),
    }
}

fn weighed(points: Vec<usize>, stores: &[&str], most: f64) -> Weighed {
    Weighed {
        points,
        stores: stores.iter().map(|id| (*id).into()).collect(),
        stock_of: None,
        values: vec![Some(110_000.0), Some(190_000.0)],
        regrets: vec![Some([most - 60.0, most]), Some([0.0, 45.0])],
        greatest: Some([most - 60.0, most]),
        mean: Some(150_000.0 - most),
        worst: Some(110_000.0 - most),
    }
}

/// Two uptakes, two sizes: of the stores two are in every plan, two in some.
fn sample() -> Comparison {
    let survivor = |at: usize, points| Survivor { store_id: STORES[at].into(), points, of: 4 };
    let axis = |key: &str, decided_by, values: [&str; 2]| AxisNote {
        key: key.into(),
        decided_by,
        values: values.map(Into::into).to_vec(),
    };
    let choice = |size: &str, worlds: [usize; 2], stores: &[&str]| Choice {
        at: [("placement.stores_max".to_owned(), size.to_owned())].into(),
        unit: "USD".into(),
        worlds: worlds.to_vec(),
        left_out: Vec::new(),
        stock_again: true,
        best: vec![[110_000.0, 110_200.0], [190_000.0, 190_300.0]],
        plans: vec![weighed(vec![worlds[1]], &STORES[1..], 5300.0), weighed(vec![worlds[0]], stores, 1710.0)],
        robust: Some(1),
        best_mean: Some(1),
        best_worst: Some(1),
        regret_at_least: 912.0,
        searched: true,
    };
    Comparison {
        schema: SCHEMA.into(),
        sweep_id: "sweep-2026-11-16-5f0c1e2d3b4a".into(),
        scenario: "grid".into(),
        as_of: "2026-11-16".into(),
        version: "0.1.0".into(),
        synthetic: true,
        exit_code: 0,
        axes: vec![
            axis("demand.uptake", By::Nature, ["-20 %", "+20 %"]),
            axis("placement.stores_max", By::We, ["2", "3"]),
        ],
        base: Base { point: 1, scenario: false },
        points: vec![
            point(["-20 %", "2"], 93_000.0, &STORES[..2]),
            point(["-20 %", "3"], 121_000.0, &STORES[..3]),
            point(["+20 %", "2"], 171_000.0, &STORES[..2]),
            point(["+20 %", "3"], 214_000.0, &[STORES[0], STORES[1], STORES[3]]),
        ],
        stores: vec![survivor(0, 4), survivor(1, 4), survivor(2, 1), survivor(3, 1)],
        names: [(STORES[0].to_owned(), "Leeds <Briggate>".to_owned())].into(),
        regret: vec![choice("2", [0, 2], &STORES[..2]), choice("3", [1, 3], &STORES[..3])],
    }
}

fn page(of: &Comparison) -> String {
    comparison(of).expect("the sample is finite")
}

#[test]
fn the_page_says_what_the_comparison_says() {
    let text = page(&sample());
    for said in [
        "<h1>Two stores are in all 4 scenarios; two more depend on the scenario</h1>",
        "Expected net benefit lies between $93,000 and $214,000 over all 4 scenarios.",
        "With stores at most 2, the robust choice, the plan of scenario 1, earns at most $1,800 less than the best plan in any",
        "What moves it most is uptake: from $121,000 at \u{2212}20 % to $214,000 at +20 %, with stores at most 3.",
        "No choice of stores can promise to lose less than $912.",
        "href=\"../2026-11-16-52/report.html\"",
        "Leeds &#60;Briggate&#62;",
        "SYNTHETIC DATA",
        "4 within 0.19% of the best possible",
        "The scenario file as it stands is no point of the grid".to_lowercase().as_str(),
    ] {
        assert!(text.contains(said), "missing: {said}");
    }
    assert_eq!(text.matches("<tr id=\"scenario-").count(), 4);
    assert_eq!(text.matches("ROBUST").count(), 2);
    assert!(!text.contains("<script") && !text.contains("http:") && !text.contains("src="));
    assert_eq!(text, page(&sample()));
}

#[test]
fn another_comparison_says_something_else() {
    let told = |change: &dyn Fn(&mut Comparison), said: &str| {
        let mut other = sample();
        change(&mut other);
        assert!(!page(&sample()).contains(said), "said before: {said}");
        let text = page(&other);
        assert!(text.contains(said), "missing: {said}\n{text}");
    };
    told(&|of| of.points[3].objective = Some(reached(333_000.0)), "between $93,000 and $333,000");
    told(
        &|of| {
            of.points.iter_mut().for_each(|point| point.stores = vec![STORES[0].into()]);
            of.stores.truncate(1);
        },
        "Leeds &#60;Briggate&#62; is chosen in all 4 scenarios",
    );
    told(
        &|of| of.stores.iter_mut().for_each(|store| store.points = 1),
        "No store is in all 4 scenarios; four stores tie at 1",
    );
    told(
        &|of| of.regret[0].plans[0].greatest = Some([1.0, 1722.0]),
        "best plan in any of 2 scenarios; one other plan ties with it.",
    );
    told(
        &|of| of.regret[0].robust = None,
        "With stores at most 2, no plan that was looked at is allowed in all 2 scenarios.",
    );
    told(&|of| of.regret[0].regret_at_least = 0.0, "That another choice of stores loses less is not ruled out.");
    told(&|of| of.regret[0].searched = false, "The search for a better one was cut short.");
    told(&|of| of.regret.clear(), "Nothing to regret");
    told(&|of| of.base.scenario = true, "Scenario 2, the base, is the scenario file as it stands");
    told(&|of| of.points[0].status = Status::Proven, "1 proven best, 3 within 0.19%");
    told(
        &|of| of.points.iter_mut().for_each(|point| point.objective = Some(reached(5000.0))),
        "No setting of the grid moves expected net benefit by itself.",
    );
    told(
        &|of| {
            let people = |point: &mut PointNote| {
                let objective = point.objective.as_mut().expect("a plan");
                objective.unit = "people".into();
            };
            of.points.iter_mut().for_each(people);
        },
        "People reached lies between 97,000 people and 225,000 people",
    );
}

#[test]
fn what_has_no_plan_is_said_at_the_top_and_breaks_no_line() {
    let mut of = sample();
    of.points[2] = PointNote {
        status: Status::Infeasible,
        objective: None,
        stores: Vec::new(),
        why: vec!["E-INF-002: 3 stores are required, and 2 are allowed".into()],
        ..of.points[2].clone()
    };
    of.regret[0].left_out = vec![2];
    let text = page(&of);
    for said in [
        "1 scenario has no plan; why is said below.",
        "Scenario 3 (uptake +20 %, stores at most 2): no plan meets its rules. E-INF-002: 3 stores are required",
        "Without a plan, and so no part of this: scenario 3.",
        "3 of 4",
        "in all 3 of 4 scenarios that have a plan",
        "no plan</td>",
    ] {
        assert!(text.contains(said), "missing: {said}");
    }
    assert_eq!(text.matches("/report.html\"").count(), 3);
    assert!(text.contains("class=\"none\""));
    of.points.iter_mut().for_each(|point| (point.objective, point.status) = (None, Status::Error));
    (of.stores.clear(), of.regret.clear());
    let text = page(&of);
    assert!(text.contains("<h1>None of 4 scenarios has a plan</h1>") && !text.contains("NaN"));
}

#[test]
fn no_figure_that_is_not_finite_is_written() {
    let mut of = sample();
    of.regret[1].plans[0].regrets[1] = Some([0.0, f64::NAN]);
    let error = comparison(&of).expect_err("a NaN");
    assert!(error.to_string().contains("regret[1].plans.regrets"), "{error}");
}

/// Digits as they are printed: runs of digits, with the points and commas within.
fn digits(text: &str) -> impl Iterator<Item = String> {
    let runs = text.split(|letter: char| !letter.is_ascii_digit() && letter != '.' && letter != ',');
    runs.map(|run| run.trim_matches(['.', ',']).to_owned()).filter(|run| !run.is_empty())
}

/// The text that a page shows, without pictures and without the marks of their scales.
fn shown(page: &str) -> String {
    let mut text = page.split_once("<body>").map_or(String::new(), |(_, body)| body.to_owned());
    for (from, to) in [("<svg", "</svg>"), ("<span class=\"mark\"", "</span>"), ("<", ">"), ("&#", ";")] {
        while let Some((before, rest)) = text.split_once(from) {
            let after = rest.split_once(to).map_or("", |(_, after)| after);
            text = format!("{before} {after}");
        }
    }
    text
}

/// Every way in which the page may print what a document holds.
fn printed(value: &serde_json::Value, into: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Number(number) => {
            let value = number.as_f64().expect("a number");
            let usd = "USD".parse().expect("a code");
            for text in [
                number::money(value, usd),
                number::money_short(value, usd),
                number::units(value),
                number::percent_at_most(value),
                number::money_at_most(value, usd),
                number::money_at_least(value, usd),
                number::money_short(number::at_most(value), usd),
                number::money_short(number::at_least(value), usd),
            ] {
                into.extend(digits(&text));
            }
        }
        serde_json::Value::String(text) => into.extend(digits(text)),
        serde_json::Value::Array(items) => {
            // How many there are, and their numbers.
            into.extend((1..=items.len()).map(|at| at.to_string()));
            items.iter().for_each(|item| printed(item, into));
        }
        serde_json::Value::Object(fields) => fields.values().for_each(|field| printed(field, into)),
        _ => {}
    }
}

#[test]
fn every_number_of_the_page_is_one_of_the_document() {
    let of = sample();
    // Of outcomes, 8 in 10.
    let mut known: BTreeSet<String> = ["8", "10"].map(Into::into).into();
    printed(&serde_json::to_value(&of).expect("JSON"), &mut known);
    let text = shown(&page(&of));
    let found: Vec<String> = digits(&text).collect();
    assert!(found.len() > 60, "{found:?}");
    let unknown: Vec<&String> = found.iter().filter(|number| !known.contains(*number)).collect();
    assert!(unknown.is_empty(), "{unknown:?}\n{text}");
}

#[test]
fn limits_are_rounded_outwards_and_the_table_says_what_the_heading_says() {
    let mut of = sample();
    of.points[0].objective = Some(reached(-93_210.0));
    of.points[3].objective = Some(reached(25_157_020.0));
    let text = page(&of);
    assert!(text.contains("lies between \u{2212}$94,000 and $26 million over"), "{text}");
    assert!(text.contains("\u{2212}$94k to $26M"));
    // Where a loss is below what is printed, it is a loss; where it is below what counts as proven, it is none.
    for (most, heading, cell) in [
        (0.3, "earns at most $1 less than the best plan in any of 2 scenarios", "<td class=\"n strong\">$1</td>"),
        (0.01, "is as good as the best plan in each of 2 scenarios", "<td class=\"n strong\">$0</td>"),
    ] {
        let mut of = sample();
        of.regret.truncate(1);
        of.regret[0].plans[1].greatest = Some([0.0, most]);
        of.regret[0].plans[1].regrets = vec![Some([0.0, most]), Some([0.0, 0.0])];
        let text = page(&of);
        assert!(text.contains(heading) && text.contains(cell), "{most}: {text}");
    }
    assert!(text.contains("Over the samples that the choice was made on, it earns"));
}
