//! Floors on people: who counts, whom a plan reaches, and the rows that follow, worked out a second time.
//!
//! | symbol | field | unit |
//! |---|---|---|
//! | w_i, J_i | `Floor::zones` | people of a zone that no existing corner serves; the candidates that reach it |
//! | W | `Floor::lacking` | people |
//! | T | [`Floor::row`] | zones that the shares of a certificate's point reach whole |
//!
//! A row at any T: sum_j min(w of j's zones outside T, W - w(T)) y_j >= W - w(T) [wolsey1982].

use std::collections::BTreeMap;

use domain::certificate::ReachRow;
use domain::ids::Idx;
use domain::market::Zone;
use domain::plan::Plan;
use domain::settings::{Design, Least, ReachFloor};
use rayon::prelude::*;

use crate::Failure;
use crate::facts::Facts;
use crate::near::{Near, Scratch};
use crate::rules::Rule;

/// Shares are thousandths.
const WHOLE: u64 = 1_000;

/// A floor of the scenario.
#[derive(Clone)]
pub(crate) struct Floor {
    /// As the scenario calls it.
    pub(crate) name: String,
    within_minutes: f64,
    at_least: i64,
    counted: i64,
    already: i64,
    zones: Vec<(i64, Vec<u32>)>,
}

/// The floors, in the scenario's order.
///
/// # Errors
/// A floor that names what the tables do not have.
pub(crate) fn floors(facts: &Facts<'_>) -> Result<Vec<Floor>, Failure> {
    let asked = &facts.settings.reach;
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    if facts.settings.pilot.design == Design::Randomised {
        return Err(Failure::new(
            "E-VER-006",
            "floors on people and a coin that opens stores are not decided together",
        ));
    }
    let near = Near::new(facts);
    asked
        .iter()
        .map(|asked| {
            Floor::new(facts, &near, asked)
                .map_err(|why| Failure::new("E-VER-006", format!("reach.{}: {why}", asked.name)))
        })
        .collect()
}

/// A zone's value in a column; the population is one as well.
fn value(facts: &Facts<'_>, zone: usize, column: &str) -> Result<f64, String> {
    match facts.market.zone_attributes.find(column) {
        None if column == "population" => Ok(facts.market.zones[zone].population as f64),
        None => Err(format!("zones have no column {column}")),
        Some(at) => {
            let value = facts.market.zone_attributes.get(zone, at);
            value.ok_or_else(|| format!("zone {} has no {column}", facts.market.zone_ids.name(Idx::new(zone))))
        }
    }
}

/// The people of a zone who count; none where the zone does not.
fn people(facts: &Facts<'_>, asked: &ReachFloor, zone: usize) -> Result<Option<i64>, String> {
    let home = facts.market.zones[zone].market;
    if asked.market.as_deref().is_some_and(|name| facts.market.market_ids.name(home) != name) {
        return Ok(None);
    }
    if let Some(only) = &asked.only {
        let here = value(facts, zone, &only.column)?;
        if only.at_least.is_some_and(|least| here < least) || only.at_most.is_some_and(|most| here > most) {
            return Ok(None);
        }
    }
    if let Some(afford) = &asked.afford {
        let device = facts.market.device_ids.find(&afford.device).ok_or("its device is not known")?;
        let Some(terms) = facts.market.terms(device, home) else { return Ok(None) };
        let bears = afford.part.fraction * value(facts, zone, &afford.income)?;
        if terms.price.major() > bears {
            return Ok(None);
        }
    }
    let here = value(facts, zone, &asked.people)?;
    #[expect(clippy::cast_possible_truncation, reason = "at most 10^12")]
    let whole = here.round() as i64;
    if (0.0..=1e12).contains(&here) { Ok(Some(whole)) } else { Err(format!("{here} is no number of people")) }
}

impl Floor {
    fn new(facts: &Facts<'_>, near: &Near<'_>, asked: &ReachFloor) -> Result<Self, String> {
        let settings = facts.settings;
        let within_minutes = match (asked.within, settings.travel.minutes_max) {
            (Some(within), _) | (None, Some(within)) => within.minutes,
            (None, None) => 30.0,
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 70,000 minutes")]
        let limit = (within_minutes * 1000.0).round() as u32;
        let mut floor =
            Self { name: asked.name.clone(), within_minutes, at_least: 0, counted: 0, already: 0, zones: Vec::new() };
        let mut open = Vec::new();
        for zone in 0..facts.market.zones.len() {
            let Some(people) = people(facts, asked, zone)? else { continue };
            floor.counted += people;
            let time = |&store: &_| facts.travel.milli_minutes(Idx::<Zone>::new(zone), store);
            if facts.corners.iter().filter_map(time).any(|time| time <= limit) {
                floor.already += people;
            } else if people > 0 {
                open.push((zone, people));
            }
        }
        let rows = open.into_par_iter().map_init(Scratch::default, |scratch, (zone, people)| {
            near.row(Idx::new(zone), limit, scratch);
            (people, scratch.row.iter().map(|pair| pair.0).collect())
        });
        floor.zones = rows.collect();
        floor.at_least = match asked.at_least {
            // A share in the file is a number times 0.01: two roundings are forgiven, and no more.
            #[expect(clippy::cast_possible_truncation, reason = "at most those who count")]
            Least::Part(share) => (share.fraction * floor.counted as f64 * (1.0 - 2.0 * f64::EPSILON)).ceil() as i64,
            Least::People(people) => i64::try_from(people).unwrap_or(i64::MAX),
        };
        Ok(floor)
    }

    fn lacking(&self) -> i64 {
        self.at_least - self.already
    }

    /// What a plan breaks, as a sentence.
    pub(crate) fn broken(&self, open: &[u32]) -> Option<String> {
        let people = self.people(open);
        (people < self.at_least)
            .then(|| format!("{people} people are reached, at least {} of {} must be", self.at_least, self.counted))
    }

    fn people(&self, open: &[u32]) -> i64 {
        let served = |sites: &[u32]| sites.iter().any(|site| open.contains(site));
        self.already + self.zones.iter().filter(|(_, sites)| served(sites)).map(|zone| zone.0).sum::<i64>()
    }

    /// Whether what each of the free sites adds by itself to the open ones, at most `more` of them, is too little together.
    pub(crate) fn short(&self, open: &[bool], free: &[bool], more: usize) -> bool {
        let mut lacking = self.lacking();
        let mut adds = vec![0_i64; open.len()];
        for (people, sites) in &self.zones {
            if sites.iter().any(|&site| open[site as usize]) {
                lacking -= people;
            } else {
                sites.iter().filter(|&&site| free[site as usize]).for_each(|&site| adds[site as usize] += people);
            }
        }
        adds.sort_unstable_by(|one, other| other.cmp(one));
        adds.into_iter().take(more).sum::<i64>() < lacking
    }

    /// The row that a certificate names.
    fn row(&self, facts: &Facts<'_>, stated: &ReachRow) -> Result<Rule, String> {
        let mut shares = BTreeMap::new();
        for (id, share) in &stated.at {
            let site = facts.find(id).ok_or_else(|| format!("it is made at {id}, no candidate"))?;
            if shares.insert(site, u64::from(*share)).is_some() {
                return Err(format!("it names {id} twice"));
            }
        }
        let mut of = vec![0_i64; facts.candidates.len()];
        let mut least = self.lacking();
        for (people, sites) in &self.zones {
            let held: u64 = sites.iter().filter_map(|site| shares.get(site)).sum();
            if held >= WHOLE {
                least -= people;
            } else {
                sites.iter().for_each(|&site| of[site as usize] += people);
            }
        }
        if least != stated.least || least <= 0 {
            return Err(format!("it asks for {}; there {least} people are lacking", stated.least));
        }
        of.iter_mut().for_each(|people| *people = (*people).min(least));
        Ok(Rule { name: stated.row.clone(), of, min: Some(least), max: None })
    }
}

/// The rows that a certificate names.
pub(crate) fn rows(facts: &Facts<'_>, floors: &[Floor], stated: &[ReachRow]) -> Result<Vec<Rule>, Failure> {
    let row = |stated: &ReachRow| {
        let floor = floors.iter().find(|floor| floor.name == stated.floor);
        let floor = floor.ok_or_else(|| format!("the scenario has no floor called {}", stated.floor))?;
        floor.row(facts, stated)
    };
    let named = |stated: &ReachRow| {
        row(stated).map_err(|why| Failure::new("E-VER-002", format!("the certificate's row {}: {why}", stated.row)))
    };
    stated.iter().map(named).collect()
}

/// Compares what the plan says of the people that it reaches.
pub(crate) fn check(floors: &[Floor], plan: &Plan, open: &[u32], failures: &mut Vec<Failure>) {
    let mut wrong = |text: String| failures.push(Failure::new("E-VER-006", text));
    if floors.len() != plan.reach.len() {
        wrong(format!("the plan speaks of {} floors on people, the scenario of {}", plan.reach.len(), floors.len()));
    }
    for (floor, said) in floors.iter().zip(&plan.reach) {
        let name = &floor.name;
        if said.name != *name || said.within_minutes != floor.within_minutes {
            wrong(format!("the plan speaks of {} within {} min, not of {name}", said.name, said.within_minutes));
        }
        let found = [floor.people(open), floor.counted, floor.at_least];
        if [said.people, said.counted, said.at_least] != found {
            let [people, counted, at_least] = found;
            wrong(format!(
                "reach.{name}: {people} of {counted} people are reached, and at least {at_least} must be; the plan says {} of {}, and {}",
                said.people, said.counted, said.at_least
            ));
        }
    }
}
