//! Scenarios that contradict themselves or the tables.

use super::{Case, SCENARIO, STORES, ZONES, data, plan, store};
use crate::support::Project;

/// Adds a floor on people with one more line.
fn floor(project: &Project, line: &str) {
    let floor = format!("\n[[reach]]\nname = \"all\"\nat_least = \"90 %\"\n{line}\n");
    project.edit(SCENARIO, |text| text + &floor);
}

/// Adds what is asked of the stock.
fn stock(project: &Project, lines: &str) {
    project.scenario("stock", lines);
}

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
            "a floor on people by a column that zones lack",
            |p| floor(p, "where = { column = \"wealth\", at_most = 3 }"),
            2,
            &["E-CFG-010", "[reach[0].where.column]", "no numeric column `wealth`", "a column of the zones table"],
        ),
        data(
            "a floor on people in an unknown market",
            |p| floor(p, "market = \"ZZ\""),
            2,
            &["E-CFG-010", "[reach[0].market]", "no market is called `ZZ`"],
        ),
        data(
            "a floor on people who can pay for an unknown device",
            |p| floor(p, "afford = { device = \"robot\", income = \"income\", part = \"1 %\" }"),
            2,
            &["E-CFG-010", "[reach[0].afford.device]", "no device is called `robot`"],
        ),
        data(
            "a floor on people that counts a share",
            |p| {
                p.set(ZONES, 4, "income", "-5");
                floor(p, "people = \"income\"");
            },
            2,
            &["E-CFG-011", "[reach[0].people]", "is -5, which is no number of people"],
        ),
        data(
            "a floor on people by a column with a blank",
            |p| {
                p.set(ZONES, 4, "income", "");
                floor(p, "where = { column = \"income\", at_most = 30000 }");
            },
            2,
            &["E-CFG-011", "[reach[0].where.column]", "1 zones have no `income`, such as `", "fill the column in"],
        ),
        data(
            "a floor on people that nobody counts for",
            |p| floor(p, "where = { column = \"income\", at_most = 3 }"),
            2,
            &["E-CFG-011", "[reach[0]]", "nobody counts", "loosen where"],
        ),
        data(
            "a floor on people above those who count",
            |p| {
                p.edit(SCENARIO, |text| text + "\n[[reach]]\nname = \"all\"\nat_least = \"90000000000 people\"\n");
            },
            2,
            &["E-CFG-011", "[reach[0].at_least]", "90000000000 people are asked for", "ask for fewer"],
        ),
        data(
            "reorder points without what an order costs",
            |p| stock(p, "reorder = \"points\""),
            2,
            &["E-CFG-002", "base.toml:", "[stock.reorder]", "order_cost is not set", "write order_cost"],
        ),
        data(
            "an order that costs less than nothing",
            |p| stock(p, "reorder = \"lots\"\norder_cost = \"-12 GBP\""),
            2,
            &["E-CFG-003", "base.toml:", "[stock.order_cost]", "is negative"],
        ),
        data(
            "an order that costs money without a rate",
            |p| {
                stock(p, "reorder = \"points\"\norder_cost = \"12 CHF\"");
                p.edit(SCENARIO, |text| text + "\n[fx]\nbase = \"GBP\"\n");
            },
            2,
            &["E-CFG-007", "base.toml:", "[stock.order_cost]", "no rate", "fx.rates"],
        ),
        data(
            "an order that costs money of no market",
            |p| stock(p, "reorder = \"points\"\norder_cost = \"12 CHF\""),
            2,
            &["E-CFG-007", "base.toml:", "[stock.order_cost]", "is not in GBP"],
        ),
        data(
            "reorder points of a single order",
            |p| {
                p.key("policy", "\"single-order\"");
                stock(p, "reorder = \"points\"\norder_cost = \"12 GBP\"");
            },
            2,
            &["E-CFG-002", "base.toml:", "[stock.reorder]", "nothing is reordered", "policy = \"cycle\""],
        ),
        data(
            "a depot without weeks",
            |p| stock(p, "depot = { holding = \"50 %\" }"),
            2,
            &["E-CFG-003", "base.toml:", "[stock.depot.lead_time_weeks]", "is not within 1 to 520 weeks", "such as 3"],
        ),
        data(
            "a depot for a single order",
            |p| {
                p.key("policy", "\"single-order\"");
                stock(p, "depot = { lead_time_weeks = 3 }");
            },
            2,
            &["E-CFG-002", "base.toml:", "[stock.depot]", "nothing to keep up"],
        ),
        plan(
            "a floor on people that no plan reaches",
            |p| floor(p, "within = \"20 min\""),
            4,
            &["E-INF-005", "[reach.all.at_least]: `at_least = \"90 %\"`", "stores_max = 6", "these 2 rules"],
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
