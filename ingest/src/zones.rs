//! Table `zones`: small areas, their people and their numeric attributes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::diagnostic::Diagnostic;
use domain::ids::{Ids, Idx};
use domain::market::{Attributes, Country, Zone, ZoneFacts};

use crate::attributes;
use crate::findings::{Findings, at};
use crate::frame::{Frame, Row};
use crate::markets::Markets;
use crate::names::Names;
use crate::places;
use crate::stores::Stores;
use crate::text::{list, shown};

pub(crate) const NEEDED: [&str; 5] = ["zone_id", "market", "lat", "lon", "population"];
pub(crate) const OPTIONAL: [&str; 1] = ["vintage"];

/// More people than any zone has: ten thousand million.
const PEOPLE_MAX: i64 = 10_000_000_000;
/// Weights further apart than this lose the small ones in any arithmetic.
const RATIO_MAX: u64 = 1_000_000_000;

/// The zones, by id.
#[derive(Debug)]
pub(crate) struct Zones {
    pub(crate) ids: Ids<Zone>,
    pub(crate) facts: Vec<ZoneFacts>,
    pub(crate) attributes: Attributes,
    names: Names,
}

/// Reads the table.
pub(crate) fn read(frame: &Frame, markets: &Markets, findings: &mut Findings) -> Zones {
    let mut names = Names::default();
    let mut rows: Vec<(String, usize, ZoneFacts)> = Vec::new();
    let mut first: HashMap<String, usize> = HashMap::new();
    for number in 0..frame.len() {
        let mut row = frame.read(number, findings);
        let id = row.text("zone_id");
        let market = markets.of_row(&mut row);
        let place =
            places::read(&mut row, id.as_deref().unwrap_or(""), market.and_then(|market| markets.bounds(market)));
        let population = population(&mut row);
        let sound = row.sound();
        let Some(id) = id else { continue };
        names.note(&id, || frame.place(number, "zone_id"));
        if let Some(&before) = first.get(&id) {
            let earlier =
                frame.place(before, "zone_id").line.map_or(String::new(), |line| format!(" (first on line {line})"));
            if frame.same(before, number) {
                let cause = format!("the zone {} stands twice{earlier}", shown(&id));
                findings.row("E-KEY-001", frame.place(number, "zone_id"), cause, "keep one row per zone");
            } else {
                let cause = format!("the zone {}{earlier} stands again with other values", shown(&id));
                findings.refuse("E-KEY-002", frame.place(number, "zone_id"), cause, "keep the row that holds");
            }
            continue;
        }
        first.insert(id.clone(), number);
        let (true, Some(market), Some(place), Some(population)) = (sound, market, place, population) else { continue };
        rows.push((id, number, ZoneFacts { market, place, population }));
    }
    names.check(findings);
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    vintages(frame, markets, &rows, findings);
    spread(frame, &rows, findings);
    let kept: Vec<usize> = rows.iter().map(|row| row.1).collect();
    let known: Vec<&str> = NEEDED.iter().chain(&OPTIONAL).copied().collect();
    let (attributes, labels) = attributes::read(frame, &known, &kept, findings);
    if !labels.names.is_empty() {
        let cause = format!("text columns of `zones` are not used: {}", list(&labels.names));
        findings.say(Diagnostic::info("I-SCH-005", at(frame.file(0)), cause, ""));
    }
    let (mut ids, mut facts) = (Vec::new(), Vec::new());
    for (id, _, fact) in rows {
        ids.push(id);
        facts.push(fact);
    }
    Zones { ids: Ids::sorted(ids), facts, attributes, names }
}

impl Zones {
    /// Reads the column `zone_id` of a row; a zone whose own row was refused is left out quietly.
    pub(crate) fn of_row(&self, row: &mut Row<'_>) -> Option<Idx<Zone>> {
        let id = row.text("zone_id")?;
        let found = self.ids.find(&id);
        if found.is_none() && self.names.has(&id) {
            row.leave_out();
        } else if found.is_none() {
            row.wrong("E-REF-001", "zone_id", "is not in `zones`", "add the zone, or correct its id");
        }
        found
    }
}

/// People are whole and at least one: a zone without people is left out by the scenario's query.
fn population(row: &mut Row<'_>) -> Option<u64> {
    let negative = row.raw("population").starts_with('-');
    let people = row.count("population", PEOPLE_MAX, negative.then_some("E-VAL-008"))?;
    if people == 0 {
        let action = "correct it, or leave empty zones out: sql = \"SELECT … FROM zones WHERE population > 0\"";
        row.wrong("E-VAL-008", "population", "is not above 0", action);
        return None;
    }
    u64::try_from(people).ok()
}

/// Zones of one market must be drawn after one census.
fn vintages(frame: &Frame, markets: &Markets, rows: &[(String, usize, ZoneFacts)], findings: &mut Findings) {
    let column = frame.find("vintage");
    if column.is_none() {
        return;
    }
    let mut by_market: BTreeMap<usize, BTreeMap<&str, (usize, usize)>> = BTreeMap::new();
    for (_, row, facts) in rows {
        let seen = by_market.entry(facts.market.at()).or_default().entry(frame.text(*row, column)).or_insert((0, *row));
        seen.0 += 1;
        seen.1 = seen.1.min(*row);
    }
    for (market, vintages) in by_market {
        if vintages.len() > 1 {
            let market = markets.ids.name(Idx::<Country>::new(market));
            let all: Vec<String> =
                vintages.iter().map(|(name, (count, _))| format!("{} ({count} zones)", shown(name))).collect();
            // The rarest is the likely stranger.
            let odd = vintages.values().min_by_key(|(count, row)| (*count, *row)).map_or(0, |(_, row)| *row);
            let cause = format!("the zones of {} mix vintages: {}", shown(market), all.join(", "));
            findings.refuse(
                "E-REF-002",
                frame.place(odd, "vintage"),
                cause,
                "take all zones of a market from one vintage",
            );
        }
    }
}

/// Populations must be of one scale.
fn spread(frame: &Frame, rows: &[(String, usize, ZoneFacts)], findings: &mut Findings) {
    let (Some(least), Some(most)) =
        (rows.iter().min_by_key(|row| row.2.population), rows.iter().max_by_key(|row| row.2.population))
    else {
        return;
    };
    if most.2.population / least.2.population > RATIO_MAX {
        let cause = format!(
            "populations reach from {} to {}: more than {RATIO_MAX} apart",
            least.2.population, most.2.population
        );
        findings.refuse("E-NUM-001", frame.place(most.1, "population"), cause, "correct the values");
    }
}

/// Lists markets whose zones have no store, or whose stores have no zone.
pub(crate) fn unserved(zones: &Zones, stores: &Stores, markets: &Markets, findings: &mut Findings) {
    let with_zones: BTreeSet<usize> = zones.facts.iter().map(|zone| zone.market.at()).collect();
    let with_stores: BTreeSet<usize> = stores.facts.iter().map(|store| store.market.at()).collect();
    for market in with_zones.symmetric_difference(&with_stores) {
        let name = shown(markets.ids.name(Idx::<Country>::new(*market)));
        let (file, cause) = if with_zones.contains(market) {
            let people: u64 =
                zones.facts.iter().filter(|zone| zone.market.at() == *market).map(|zone| zone.population).sum();
            ("zones", format!("the zones of {name} ({people} people) have no store in their market"))
        } else {
            ("stores", format!("the stores of {name} have no zone in their market"))
        };
        findings.say(Diagnostic::warning(
            "W-REF-003",
            at(file),
            cause,
            "add the missing rows, or leave the market out",
        ));
    }
}
