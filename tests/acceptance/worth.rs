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
