//! Mistakes in a scenario, each told with its line, its column, what is meant and how to mend it.

use crate::support::Project;

/// What is replaced in the sample's scenario, and by what.
const MISTAKES: [(&str, &str, &str); 42] = [
    ("a key with a slip", "stores_max = 6", "stores_mx = 6"),
    ("a section with a slip", "[solver]", "[solvr]"),
    ("a key of another section", "review_weeks = 2", "match_weeks = 2"),
    ("a law with a slip", "law = \"share\"", "law = \"shar\""),
    ("a law that nobody knows", "law = \"share\"", "law = \"gravity\""),
    ("an objective with a capital", "kind = \"profit\"", "kind = \"Profit\""),
    ("money without a unit", "capex = \"40 kGBP\"", "capex = \"40\""),
    ("money as a number", "capex = \"40 kGBP\"", "capex = 40000"),
    ("money in another currency", "capex = \"40 kGBP\"", "capex = \"40 kEUR\""),
    ("negative money", "capex = \"40 kGBP\"", "capex = \"-40 kGBP\""),
    ("a speed without a unit", "speed = \"40 km/h\"", "speed = \"40\""),
    ("a length as a number", "spillover = \"5 km\"", "spillover = 5"),
    ("minutes spelled out", "minutes_max = \"30 min\"", "minutes_max = \"30 minutes\""),
    ("a share as a number", "gap = \"0 %\"", "gap = 0"),
    ("a share above all", "gap = \"0 %\"", "gap = \"150 %\""),
    ("a number spelled out", "stores_max = 6", "stores_max = \"six\""),
    ("a number below 0", "seed = 1", "seed = -1"),
    ("half a store", "stores_max = 6", "stores_max = 6.5"),
    ("a thirteenth month", "as_of = \"2026-11-16\"", "as_of = \"2026-13-16\""),
    ("a date as people write it", "as_of = \"2026-11-16\"", "as_of = \"16/11/2026\""),
    ("no date", "as_of = \"2026-11-16\"", "# no date"),
    ("no word on absent rows", "zero_rows = \"zero\"", "# nothing said"),
    ("yes in the place of true", "synthetic = true", "synthetic = \"yes\""),
    ("a text without quotation marks", "law = \"share\"", "law = share"),
    ("a quotation mark left open", "law = \"share\"", "law = \"share"),
    ("a colon", "stores_max = 6", "stores_max: 6"),
    ("a section left open", "[solver]", "[solver"),
    ("a list left open", "stores_max = 6", "stores_max = 6\nrequire = [\"GB-00001\""),
    ("a key said twice", "stores_max = 6", "stores_max = 6\nstores_max = 8"),
    ("a store that is not there", "stores_max = 6", "stores_max = 6\nrequire = [\"GB-00001\", \"GB-0002\"]"),
    ("a store in the place of a list", "stores_max = 6", "stores_max = 6\nrequire = \"GB-00001\""),
    (
        "a store required and excluded",
        "stores_max = 6",
        "stores_max = 6\nrequire = [\"GB-00001\"]\nexclude = [\"GB-00001\"]",
    ),
    ("a device that is not there", "glucose-meter = {", "glucose-metre = {"),
    ("an uptake that falls", "low = 0.01, mode = 0.02", "low = 0.03, mode = 0.02"),
    ("an uptake without its middle", "low = 0.01, mode = 0.02,", "low = 0.01,"),
    ("more stores than there are", "stores_max = 6", "stores_max = 12\nstores_min = 14"),
    ("a market that is not there", "stores_max = 6", "stores_max = 6\nby_market.US = { stores_max = 2 }"),
    (
        "an attribute that is not there",
        "spillover = \"5 km\"",
        "spillover = \"5 km\"\nrepresentative = { areas_m2 = 50 }",
    ),
    ("no horizon", "horizon_weeks = 26", "horizon_weeks = 0"),
    ("a floor without its height", "[solver]", "[[reach]]\nname = \"low\"\nwithin = \"20 min\"\n[solver]"),
    ("a scenario that extends itself", "name = \"base\"", "name = \"base\"\nextends = \"base.toml\""),
    ("a table that is not there", "zones.csv", "zone.csv"),
];

#[test]
fn each_of_forty_mistakes_is_told_with_line_column_and_mend() {
    let project = Project::sample();
    let sound = project.read("scenarios/base.toml");
    let mut all = String::new();
    for (what, from, to) in MISTAKES {
        assert!(sound.contains(from), "{what}: the sample has `{from}`");
        project.write("scenarios/base.toml", sound.replacen(from, to, 1));
        let told = project.check();
        assert!([2, 3, 4].contains(&told.code), "{what}: {told:?}");
        let first = told.err.split("\nerror").next().unwrap_or_default();
        let place = first.split("base.toml:").nth(1).unwrap_or_default();
        let numbers: Vec<&str> = place.split([':', ' ']).take(2).collect();
        assert!(numbers.iter().all(|number| number.parse::<u32>().is_ok()), "{what} has no place: {}", told.err);
        assert!(first.contains("^") && first.contains("\n  = "), "{what} has no mend: {}", told.err);
        all.push_str(&format!("## {what}\n{}\n", told.err.trim_end()));
    }
    insta::assert_snapshot!("mistakes", all);
}
