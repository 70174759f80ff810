//! Mistakes in a scenario, each told with its line, its column, what is meant and how to mend it.

use crate::support::Project;

/// What is replaced in the sample's scenario, and by what.
const MISTAKES: [(&str, &str, &str); 49] = [
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
    ("a share as a part of one", "review_weeks = 2", "review_weeks = 2\nservice_min = 0.95"),
    ("a length in metres without its unit", "spillover = \"5 km\"", "spillover = 5000"),
    ("a length in words", "spillover = \"5 km\"", "spillover = \"3 miles\""),
    ("a time without its unit", "gap = \"0 %\"", "gap = \"0 %\"\ntime_limit = 60"),
    ("a number spelled out", "stores_max = 6", "stores_max = \"six\""),
    ("a number below 0", "seed = 1", "seed = -1"),
    ("half a store", "stores_max = 6", "stores_max = 6.5"),
    ("a thirteenth month", "as_of = \"2026-11-16\"", "as_of = \"2026-13-16\""),
    ("a day that November has not", "as_of = \"2026-11-16\"", "as_of = \"2026-11-31\""),
    ("the same without quotation marks", "as_of = \"2026-11-16\"", "as_of = 2026-11-31"),
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
    ("a number in the place of a table", "zones   = \"../data/zones.csv\"", "zones   = 5"),
];

#[test]
fn each_mistake_is_told_with_line_column_and_a_mend_that_mends_it() {
    let project = Project::sample();
    let sound = project.read("scenarios/base.toml");
    let (mut all, mut tried) = (String::new(), 0_usize);
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
        let (wrong, place) = (project.read("scenarios/base.toml"), Place::of(first));
        for mended in place.mended(&wrong, first) {
            project.write("scenarios/base.toml", &mended);
            let again = project.check();
            let line = format!("base.toml:{}:", place.line);
            assert!(!again.err.contains(&line), "{what}: {first}\nis mended to\n{mended}\nand refused: {}", again.err);
            tried += 1;
        }
        all.push_str(&format!("## {what}\n{}\n", told.err.trim_end()));
    }
    assert!(tried >= 30, "only {tried} mends were tried");
    insta::assert_snapshot!("mistakes", all);
}

/// What a finding marks.
struct Place {
    line: usize,
    at: usize,
    length: usize,
    /// The key that is to be written.
    key: String,
    missing: bool,
}

impl Place {
    fn of(told: &str) -> Self {
        let numbers = told.split("base.toml:").nth(1).unwrap_or_default();
        let mut numbers = numbers.split([':', ' ']).map(|number| number.parse().unwrap_or(1));
        let (line, at) = (numbers.next().unwrap_or(1), numbers.next().unwrap_or(1));
        let missing = told.split_once("` is missing").and_then(|(before, _)| before.rsplit('`').next());
        let missing = missing.map(ToOwned::to_owned);
        let path = told.split(" [").nth(1).and_then(|rest| rest.split("]: ").next()).unwrap_or_default();
        let key = path.rsplit('.').next().unwrap_or_default().to_owned();
        Self {
            line,
            at,
            length: told.matches('^').count(),
            missing: missing.is_some() || told.contains("is not set"),
            key: missing.unwrap_or(key),
        }
    }

    /// The scenario with each mend that is said as something to write.
    fn mended(&self, text: &str, told: &str) -> Vec<String> {
        let mend = told.split("\n  = ").nth(1).unwrap_or_default();
        let words = |value: &str| -> String {
            text.lines().nth(self.line - 1).map_or(String::new(), |line| self.put(line, value))
        };
        let with = |line: String| {
            let lines = text.lines().enumerate().map(|(at, own)| if at + 1 == self.line { line.as_str() } else { own });
            lines.collect::<Vec<_>>().join("\n") + "\n"
        };
        let mut all = Vec::new();
        if let Some(near) = mend.strip_prefix("did you mean `").and_then(|rest| rest.split('`').next()) {
            let marked: String =
                text.lines().nth(self.line - 1).unwrap_or_default().chars().skip(self.at - 1).take(1).collect();
            all.push(with(words(&if marked == "\"" { format!("\"{near}\"") } else { near.to_owned() })));
        }
        // No TOML has no key to go by: the line is written anew.
        let whole = self.key.is_empty();
        let key = if whole {
            mend.split(" = ").next().and_then(|before| before.rsplit(' ').next()).unwrap_or_default()
        } else {
            &self.key
        };
        for behind in mend.split(&format!("{key} = ")).skip(1) {
            let value = match behind.chars().next() {
                Some('"') => format!("\"{}\"", behind.split('"').nth(1).unwrap_or_default()),
                Some('[') => format!("{}]", behind.split(']').next().unwrap_or_default()),
                _ => behind.split([',', ' ', ';', '\n']).next().unwrap_or_default().to_owned(),
            };
            all.push(match (whole, self.missing) {
                (true, _) => with(format!("{key} = {value}")),
                (false, false) => with(words(&value)),
                (false, true) => with(self.added(text.lines().nth(self.line - 1).unwrap_or_default(), key, &value)),
            });
        }
        all
    }

    /// The line with a value in the place of what is marked.
    fn put(&self, line: &str, value: &str) -> String {
        let letters: Vec<char> = line.chars().collect();
        let before = letters.iter().take(self.at - 1);
        before.copied().chain(value.chars()).chain(letters.iter().copied().skip(self.at - 1 + self.length)).collect()
    }

    /// The line with a key more, in its table or behind it.
    fn added(&self, line: &str, key: &str, value: &str) -> String {
        match line.split_once('{') {
            Some((before, rest)) => format!("{before}{{ {key} = {value},{rest}"),
            None => format!("{line}\n{key} = {value}"),
        }
    }
}
