//! `cornerstone worth`: prices, held against plans made without the rule.

use crate::support::Project;

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).expect("JSON")
}

fn reached(project: &Project) -> f64 {
    assert_eq!(project.plan().code, 0);
    let text = std::fs::read_to_string(project.current().join("plan.json")).expect("a plan");
    json(&text)["objective"]["value"].as_f64().expect("a value")
}

#[test]
fn a_rule_costs_what_a_plan_without_it_earns_more() {
    let project = Project::sample();
    // About half of what the stock would cost that no budget restricts.
    project.key("stock", "\"3 kGBP\"");
    let with = reached(&project);
    let told = project.run(&["worth", "p/runs", "--quiet", "--samples-evpi", "3", "--output", "p/worth.json"]);
    assert_eq!(told.code, 0, "{told:?}");
    let found = json(&project.read("worth.json"));
    assert_eq!(found["schema"], "cornerstone/worth/1");
    let rules = found["rules"].as_array().expect("rules");
    let keys: Vec<_> = rules.iter().map(|rule| rule["rule"].as_str().expect("a key")).collect();
    assert!(["budget.capex", "budget.stock", "placement.stores_max"].iter().all(|key| keys.contains(key)), "{keys:?}");
    let ends = |rule: &serde_json::Value| [0, 1].map(|at| rule["price"][at].as_f64().expect("a price"));
    for rule in rules {
        assert!(told.out.contains(rule["rule"].as_str().expect("a key")), "{}", told.out);
        let [from, to] = ends(rule);
        assert!(0.0 <= from && from <= to, "{rule}");
    }
    let stock = rules.iter().find(|rule| rule["rule"] == "budget.stock").expect("it is stated");
    let without = project.copy();
    without.edit("scenarios/base.toml", |text| text.replace("stock = \"3 kGBP\"\n", ""));
    let difference = reached(&without) - with;
    let ([from, to], blur) = (ends(stock), 1e-5 * with);
    assert!(from - blur <= difference && difference <= to + blur, "{difference} is not in {stock}");
    assert!(stock["status"] == "settled" && from > 0.0, "{stock}");
    for key in ["mean_demand", "foresight"] {
        assert!(found[key].is_object(), "{key} in {found}");
    }
    assert!(told.out.contains("Knowing demand before deciding would be worth "), "{}", told.out);
    // Nothing is overwritten, and what is cut short is said.
    assert_eq!(project.run(&["worth", "p/runs", "--quiet", "--output", "p/worth.json"]).code, 2);
    let hurried = project.run(&["worth", "p/runs", "--quiet", "--time-limit", "0"]);
    assert!(hurried.code == 5 && hurried.out.contains("not reached before the time was over"), "{hurried:?}");
}

#[test]
fn people_and_minutes_have_no_price() {
    let project = Project::sample();
    project.key("kind", "\"distance\"");
    assert_eq!(project.plan().code, 0);
    let refused = project.run(&["worth", "p/runs", "--quiet"]);
    assert!(refused.code == 2 && refused.err.contains("E-RUN-007"), "{refused:?}");
}

#[test]
fn the_worst_outcomes_count_and_a_floor_has_its_price() {
    let risk = |project: &Project, risk: &str| {
        project.edit("scenarios/base.toml", |text| {
            text.replace("kind = \"profit\"", &format!("kind = \"profit\"\nrisk = {risk}"))
        });
        let told = project.plan();
        let text = std::fs::read_to_string(project.current().join("plan.json")).unwrap_or_default();
        (told, text)
    };
    let plain = Project::sample();
    let mean = reached(&plain);
    let weighted = plain.copy();
    let (told, text) = risk(&weighted, "{ tail = \"10 %\", weight = 0.5 }");
    assert!(told.code == 0 && told.out.contains("the worst 10 % of the outcomes earn"), "{told:?}");
    let found = json(&text);
    let of = |key: &str| found["objective"]["risk"][key].as_f64().expect("a number");
    assert!(of("cvar") < of("mean") && of("mean") <= mean * 1.001, "{found}");
    let value = found["objective"]["value"].as_f64().expect("a number");
    assert!((value - 0.5 * (of("cvar") + of("mean"))).abs() < 1e-6 * value.abs(), "{found}");
    assert_eq!(found["bound_verified"], true);
    assert_eq!(weighted.run(&["verify", "p/runs", "--quiet"]).code, 0);
    // A floor a little above what the plain plan's worst outcomes reach costs something, or is kept for nothing.
    let floor = plain.copy();
    let (told, text) = risk(&floor, &format!("{{ tail = \"10 %\", at_least = \"{:.2} GBP\" }}", of("cvar")));
    assert_eq!(told.code, 0, "{told:?}");
    let kept = json(&text);
    assert!(kept["objective"]["risk"]["cvar"].as_f64() >= Some(of("cvar") - 0.01), "{kept}");
    assert!(kept["objective"]["value"].as_f64() <= Some(mean * 1.001), "{kept}");
    let worth = floor.run(&["worth", "p/runs", "--quiet"]);
    assert!(worth.out.contains("objective.risk.at_least"), "{worth:?}");
    let beyond = plain.copy();
    let (told, _) = risk(&beyond, "{ tail = \"10 %\", at_least = \"900 MGBP\" }");
    assert!(told.code == 4 && told.err.contains("E-INF-008"), "{told:?}");
}
