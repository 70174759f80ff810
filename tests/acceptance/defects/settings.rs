//! Scenarios that contradict themselves or the tables.

use super::{Case, SCENARIO, STORES, data, plan, store};

pub(super) fn settings() -> Vec<Case> {
    vec![
        data(
            "F036 what absent rows mean",
            |p| p.lines(SCENARIO, |l| l.retain(|line| !line.starts_with("zero_rows"))),
            2,
            &["E-CFG-004", "base.toml", "zero_rows"],
        ),
        data(
            "F078 an unknown key",
            |p| p.edit(SCENARIO, |t| t.replace("stores_max", "stores_maximum")),
            2,
            &["E-CFG-001", "base.toml:", "stores_max"],
        ),
        data("a unit left out", |p| p.key("spillover", "\"5\""), 2, &["E-CFG-006", "base.toml:", "km"]),
        data(
            "F081 more than the limit",
            |p| p.key("stores_max", "13"),
            2,
            &["E-CFG-002", "base.toml:", "stores_limit"],
        ),
        data(
            "F081 more than there are",
            |p| {
                p.key("stores_max", "5000");
                p.scenario_top("stores_limit = 5000");
            },
            2,
            &["E-CFG-002", "placement.stores_max"],
        ),
        data("F086 no horizon", |p| p.key("horizon_weeks", "0"), 2, &["E-CFG-003", "base.toml:", "horizon_weeks"]),
        data(
            "F087 no date",
            |p| p.lines(SCENARIO, |l| l.retain(|line| !line.starts_with("as_of"))),
            2,
            &["E-CFG-005", "base.toml", "as_of"],
        ),
        data(
            "a parent that is not there",
            |p| p.scenario_top("extends = \"parent.toml\""),
            2,
            &["E-CFG-008", "parent.toml"],
        ),
        data(
            "an unknown store",
            |p| p.scenario("placement", "require = [\"NOWHERE-1\"]"),
            2,
            &["E-CFG-010", "NOWHERE-1"],
        ),
        plan(
            "F079 required and excluded",
            |p| {
                let id = store(p, 4);
                p.scenario("placement", &format!("require = [\"{id}\"]\nexclude = [\"{id}\"]"));
            },
            4,
            &["E-INF-001", "placement.require"],
        ),
        plan(
            "F080 more required than allowed",
            |p| {
                let ids: Vec<String> = (2..=4).map(|line| format!("\"{}\"", store(p, line))).collect();
                p.key("stores_max", "2");
                p.scenario("placement", &format!("require = [{}]", ids.join(", ")));
            },
            4,
            &["E-INF-002", "placement.require"],
        ),
        plan(
            "F058 a closed store is required",
            |p| {
                let id = store(p, 4);
                p.set(STORES, 4, "closed", "2026-10-05");
                p.scenario("placement", &format!("require = [\"{id}\"]"));
            },
            4,
            &["E-INF-003"],
        ),
        plan(
            "F082 a budget below the cheapest plan",
            |p| {
                p.key("capex", "\"1 GBP\"");
                p.scenario("placement", "stores_min = 2");
            },
            4,
            &["E-INF-004", "budget.capex", "`capex = \"1 GBP\"`", "base.toml:", "without any one of these"],
        ),
        plan(
            "F083 rules that can't hold together",
            |p| p.scenario("placement", "stores_min = 3\ndistance_min = \"2000 km\""),
            4,
            &[
                "E-INF-005",
                "[placement.distance_min]: `distance_min = \"2000 km\"`",
                "`stores_min = 3`",
                "these 2 rules",
            ],
        ),
    ]
}
