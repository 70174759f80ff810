//! Settings that contradict each other: found before any table is read.

use domain::diagnostic::{Diagnostic, Refusal};
use domain::settings::{Design, ObjectiveKind, Reorder, Settings, StockPolicy};
use domain::units::Bonus;
use engine::pilot::pairs::PAIRS_MIN;

use super::locate::Sources;

/// Every contradiction, with the key to mend.
pub(super) fn check(settings: &Settings, sources: &Sources) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let mut refuse = |refusal: Refusal, code: &'static str, key: &str, cause: String, action: &str| {
        findings.push(Diagnostic::error(refusal, code, sources.place(key), cause, action));
    };
    let usage = Refusal::Usage;
    let placement = &settings.placement;
    if placement.stores_max() > settings.stores_limit {
        refuse(
            usage,
            "E-CFG-002",
            "placement.stores_max",
            format!("stores_max = {} is more than stores_limit = {}", placement.stores_max(), settings.stores_limit),
            "ask for fewer stores, or raise stores_limit at the top of the scenario",
        );
    }
    if placement.stores_min > placement.stores_max() {
        refuse(
            usage,
            "E-CFG-002",
            "placement.stores_min",
            format!("stores_min = {} is more than stores_max = {}", placement.stores_min, placement.stores_max()),
            "lower stores_min or raise stores_max",
        );
    }
    let mut positive = |key: &str, value: f64, high: f64| {
        if !(value > 0.0 && value <= high) {
            refuse(
                usage,
                "E-CFG-003",
                key,
                format!("{key} = {value} is not above 0 and at most {high}"),
                &format!("write a number above 0, {high} at most"),
            );
        }
    };
    positive("horizon_weeks", f64::from(settings.horizon_weeks), 520.0);
    positive("capture.beta_per_minute", settings.capture.beta_per_minute, 10.0);
    positive("capture.outside", settings.capture.outside, 1e6);
    positive("capture.share_max", settings.capture.share_max.fraction, 0.99);
    positive("travel.detour", settings.travel.detour, 10.0);
    positive("demand.samples", f64::from(settings.demand.samples), 10_000.0);
    positive("demand.adoption.innovation", settings.demand.adoption.innovation, 1e3);
    positive("stock.review_weeks", f64::from(settings.stock.review_weeks), 520.0);
    positive("pilot.match_weeks", f64::from(settings.pilot.match_weeks), 520.0);
    positive("pilot.watch_weeks", f64::from(settings.pilot.watch_weeks), 520.0);
    for (currency, rate) in &settings.fx.rates {
        positive(&format!("fx.rates.{currency}"), *rate, 1e9);
    }
    let imitation = settings.demand.adoption.imitation;
    if !(0.0..=1e3).contains(&imitation) {
        refuse(
            usage,
            "E-CFG-003",
            "demand.adoption.imitation",
            format!("{imitation} is not within 0 to 1000"),
            "write a number from 0 to 1000",
        );
    }
    let priors = settings
        .demand
        .uptake_by_device
        .iter()
        .map(|(device, uptake)| (format!("demand.uptake_by_device.{device}"), uptake));
    for (key, uptake) in std::iter::once(("demand.uptake".to_owned(), &settings.demand.uptake)).chain(priors) {
        if !(uptake.low > 0.0 && uptake.low <= uptake.mode && uptake.mode <= uptake.high && uptake.high.is_finite()) {
            refuse(
                usage,
                "E-CFG-003",
                &key,
                format!(
                    "low = {}, mode = {}, high = {} do not rise from above 0",
                    uptake.low, uptake.mode, uptake.high
                ),
                "write low <= mode <= high, all above 0",
            );
        }
    }
    if let Some(service) = settings.stock.service_min
        && !(service.fraction > 0.0 && service.fraction < 1.0)
    {
        refuse(
            usage,
            "E-CFG-003",
            "stock.service_min",
            "a service level lies between 0 and 100 %, neither included".into(),
            "write a share between the two, such as \"95 %\"",
        );
    }
    let pilot = &settings.pilot;
    if let Some(detect) = pilot.detect.filter(|detect| !(detect.fraction > 0.0 && detect.fraction.is_finite())) {
        let cause = format!("an effect of {} can't be detected", detect.fraction);
        refuse(usage, "E-CFG-003", "pilot.detect", cause, "write a share above 0, such as \"5 %\"");
    }
    let attributes = [("representative", &pilot.representative), ("balanced", &pilot.balanced)];
    for (key, within) in attributes.into_iter().flat_map(|(key, all)| all.iter().map(move |one| (key, one))) {
        if !(*within.1 >= 0.0 && within.1.is_finite()) {
            let cause = format!("means can't differ by {}", within.1);
            refuse(usage, "E-CFG-003", &format!("pilot.{key}.{}", within.0), cause, "write a number of 0 or more");
        }
    }
    if pilot.design == Design::Randomised {
        let mut against = |key: &str, cause: String, mend: &str| refuse(usage, "E-CFG-002", key, cause, mend);
        if settings.objective.kind != ObjectiveKind::Profit {
            against("pilot.design", "pairs are decided for profit only".into(), "write design = \"matched\"");
        }
        if !placement.require.is_empty() {
            let cause = "a coin decides which store of a pair opens, so none can be required".to_owned();
            against("placement.require", cause, "drop it, or write design = \"matched\"");
        }
        let most = placement.stores_max();
        if (most as usize) < PAIRS_MIN {
            let cause = format!("{most} pairs can't tell an effect from chance, {PAIRS_MIN} can");
            against("placement.stores_max", cause, "allow more stores, or write design = \"matched\"");
        }
        if !settings.reach.is_empty() {
            let cause = "whom pairs reach is decided by coins that are tossed later".to_owned();
            against("reach", cause, "drop the floors, or write design = \"matched\"");
        }
        if settings.objective.risk.is_some() {
            let cause = "the worst outcomes of pairs, whose coins are tossed later, are not decided on".to_owned();
            against("objective.risk", cause, "drop it, or write design = \"matched\"");
        }
    }
    reach(settings, &mut refuse);
    stock(settings, &mut refuse);
    let compared = pilot.detect.is_some() || !pilot.balanced.is_empty();
    if compared && pilot.design == Design::Matched && pilot.controls_per_store == 0 {
        let cause = "pilot.detect and pilot.balanced compare with controls, and there are to be none".to_owned();
        refuse(usage, "E-CFG-002", "pilot.controls_per_store", cause, "ask for controls, or drop the other rule");
    }
    for (key, money) in settings.amounts() {
        // The worst outcomes may be allowed to lose money.
        if money.minor < 0 && key != "objective.risk.at_least" {
            refuse(usage, "E-CFG-003", key, format!("{money} is negative"), "write an amount of 0 or more");
        }
        if settings.fx.base.is_some_and(|base| base != money.currency) {
            refuse(
                usage,
                "E-CFG-007",
                key,
                format!(
                    "{money} is not in the base currency {}",
                    settings.fx.base.map_or(String::new(), |base| base.to_string())
                ),
                "state it in the base currency (fx.base)",
            );
        }
    }
    if let Some(risk) = &settings.objective.risk {
        let mut wrong = |code, key: &str, cause: String, action: &str| {
            refuse(usage, code, &format!("objective.risk{key}"), cause, action);
        };
        let tail = risk.tail.fraction;
        if settings.objective.kind != ObjectiveKind::Profit {
            let cause = "risk is a matter of profit, and the objective is another".to_owned();
            wrong("E-CFG-002", "", cause, "drop it, or write objective.kind = \"profit\"");
        }
        if !(tail > 0.0 && tail <= 1.0) {
            let cause = format!("a tail of {} % is no part of the outcomes", 100.0 * tail);
            wrong("E-CFG-003", ".tail", cause, "write a share above 0 and at most 100 %, such as \"10 %\"");
        }
        match (risk.weight, risk.at_least) {
            (None, None) => {
                let cause = "neither what the worst outcomes count nor what they must reach is stated".to_owned();
                wrong("E-CFG-002", "", cause, "write weight = 0.3, or at_least = \"50 kUSD\"");
            }
            (Some(_), Some(_)) => {
                let cause = "the worst outcomes can count in the objective or have a floor, not both".to_owned();
                wrong("E-CFG-002", ".at_least", cause, "drop weight or at_least");
            }
            (Some(weight), None) if !(0.0..=1.0).contains(&weight) => {
                let cause = format!("weight = {weight} is not within 0 to 1");
                wrong("E-CFG-003", ".weight", cause, "write a number from 0 to 1");
            }
            (None, Some(_)) if placement.stay_bonus.is_some() => {
                let cause = "a floor is of money earned, and placement.stay_bonus counts what is not earned".to_owned();
                wrong("E-CFG-002", ".at_least", cause, "drop placement.stay_bonus, or write a weight");
            }
            _ => {}
        }
    }
    let fits = |bonus: &Bonus| match bonus {
        Bonus::Money(_) => settings.objective.kind == ObjectiveKind::Profit,
        Bonus::PeopleMinutes(_) => settings.objective.kind == ObjectiveKind::Distance,
        Bonus::People(_) => settings.objective.kind == ObjectiveKind::Coverage,
    };
    match placement.stay_bonus {
        Some(bonus) if !fits(&bonus) => refuse(
            usage,
            "E-CFG-003",
            "placement.stay_bonus",
            format!("{bonus} is not in the unit of the objective"),
            "write money for profit, `people x minutes` for distance, `people` for coverage",
        ),
        None if !placement.stay.is_empty() => refuse(
            usage,
            "E-CFG-003",
            "placement.stay",
            "stores are to stay, but not what that is worth".into(),
            "write placement.stay_bonus, such as \"40 kUSD\" each; or put the stores in placement.require",
        ),
        _ => {}
    }
    let twice: Vec<&str> =
        placement.require.iter().filter(|id| placement.exclude.contains(id)).map(String::as_str).collect();
    if !twice.is_empty() {
        refuse(
            Refusal::Infeasible,
            "E-INF-001",
            "placement.require",
            format!("required and excluded at once: {}", twice.join(", ")),
            "take them out of placement.require or placement.exclude",
        );
    }
    let mut required = placement.require.clone();
    required.sort_unstable();
    required.dedup();
    if required.len() > placement.stores_max() as usize {
        refuse(
            Refusal::Infeasible,
            "E-INF-002",
            "placement.require",
            format!("{} stores are required, at most {} may be chosen", required.len(), placement.stores_max()),
            "require fewer, or raise placement.stores_max",
        );
    }
    findings
}

/// Floors on people that can't be told apart, or that pick nobody out.
fn reach(settings: &Settings, refuse: &mut impl FnMut(Refusal, &'static str, &str, String, &str)) {
    for (at, floor) in settings.reach.iter().enumerate() {
        let mut wrong = |code, key: &str, cause: String, action: &str| {
            refuse(Refusal::Usage, code, &format!("reach[{at}].{key}"), cause, action);
        };
        let name = &floor.name;
        if name.trim().is_empty() || name.contains(['.', '[', ']', '"', '\n']) {
            let cause = format!("a floor can't be called `{name}`");
            wrong("E-CFG-003", "name", cause, "write a name without dots, brackets and quotes, such as \"low income\"");
        }
        if settings.reach[..at].iter().any(|other| other.name == *name) {
            wrong("E-CFG-002", "name", format!("two floors are called `{name}`"), "give each a name of its own");
        }
        let Some(only) = &floor.only else { continue };
        match (only.at_least, only.at_most) {
            (None, None) => {
                let cause = format!("neither at_least nor at_most of `{}` is stated", only.column);
                wrong("E-CFG-002", "where", cause, "write at_most = 28000, or drop where");
            }
            (Some(least), Some(most)) if least > most => {
                let cause = format!("at_least = {least} is more than at_most = {most}");
                wrong("E-CFG-002", "where", cause, "lower at_least or raise at_most");
            }
            (least, most) if least.into_iter().chain(most).any(|limit| !limit.is_finite()) => {
                wrong("E-CFG-003", "where", "a limit is not a finite number".into(), "write a number");
            }
            _ => {}
        }
    }
}

/// Reorder points without what they need, and a depot that nothing comes to.
fn stock(settings: &Settings, refuse: &mut impl FnMut(Refusal, &'static str, &str, String, &str)) {
    let mut wrong = |code, key: &str, cause: String, action: &str| {
        refuse(Refusal::Usage, code, &format!("stock.{key}"), cause, action);
    };
    let stock = &settings.stock;
    let reordered = stock.reorder != Reorder::Levels;
    if reordered && stock.order_cost.is_none() {
        let cause = "when to reorder depends on what an order costs, and order_cost is not set".to_owned();
        wrong("E-CFG-002", "reorder", cause, "write order_cost = \"12 USD\", or reorder = \"levels\"");
    }
    let once = stock.policy == StockPolicy::SingleOrder;
    if reordered && once {
        let cause = "all is ordered at once, so nothing is reordered".to_owned();
        wrong("E-CFG-002", "reorder", cause, "drop it, or write policy = \"cycle\"");
    }
    if let Some(cost) = stock.order_cost {
        if cost.minor < 0 {
            wrong("E-CFG-003", "order_cost", format!("{cost} is negative"), "write an amount of 0 or more");
        }
        if settings.rate(cost.currency).is_none() {
            let cause = format!("{cost} is in a currency that has no rate");
            wrong(
                "E-CFG-007",
                "order_cost",
                cause,
                "write fx.rates for it (base currency per unit), or state it in another",
            );
        }
    }
    let Some(depot) = &stock.depot else { return };
    if once {
        let cause = "all is ordered at once, so a depot has nothing to keep up".to_owned();
        wrong("E-CFG-002", "depot", cause, "drop it, or write policy = \"cycle\"");
    }
    if !(1..=520).contains(&depot.lead_time_weeks) {
        let cause = format!("a depot with lead_time_weeks = {} is not within 1 to 520 weeks", depot.lead_time_weeks);
        wrong("E-CFG-003", "depot.lead_time_weeks", cause, "write the weeks from the supplier to the depot, such as 3");
    }
    if !(0.0..=100.0).contains(&depot.holding.fraction) {
        let cause =
            format!("holding at the depot can't cost {} times what it costs at a corner", depot.holding.fraction);
        wrong("E-CFG-003", "depot.holding", cause, "write a share from 0 %, such as \"50 %\"");
    }
}
