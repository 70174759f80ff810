//! Settings and tables that do not agree: ids that no table has, amounts without a rate.

use domain::diagnostic::{Diagnostic, Place, Refusal};
use domain::market::Market;
use domain::settings::Settings;
use engine::formulate::reach::counted;

use crate::spec::Scenario;
use crate::spec::near::nearest;

impl Scenario {
    /// What its settings and the Market do not agree on.
    pub(super) fn against(&self, market: &Market) -> Vec<Diagnostic> {
        against(&self.settings, market, &|key| self.place(key), &|key| self.key(key))
    }
}

/// `place` tells where a value stands, `written` where a key itself does.
fn against(
    settings: &Settings,
    market: &Market,
    place: &dyn Fn(&str) -> Place,
    written: &dyn Fn(&str) -> Place,
) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let mut refuse = |code: &'static str, key: &str, cause: String, action: &str| {
        findings.push(Diagnostic::error(Refusal::Usage, code, place(key), cause, action));
    };
    if settings.placement.stores_max() as usize > market.stores.len() {
        refuse(
            "E-CFG-002",
            "placement.stores_max",
            format!(
                "stores_max = {} is more than the {} stores of the table",
                settings.placement.stores_max(),
                market.stores.len()
            ),
            "ask for fewer stores",
        );
    }
    let mut currencies: Vec<_> = market.markets.iter().map(|terms| terms.currency).collect();
    currencies.sort_unstable();
    currencies.dedup();
    if settings.fx.base.is_none() && currencies.len() > 1 {
        refuse(
            "E-CFG-007",
            "fx.base",
            format!("the markets have {} currencies and no base currency is named", currencies.len()),
            "write [fx] base = \"USD\" and a rate for each other currency",
        );
    }
    for currency in currencies.iter().filter(|currency| settings.rate(**currency).is_none()) {
        refuse(
            "E-CFG-007",
            "fx.rates",
            format!("no rate is given for {currency}"),
            "write fx.rates.GBP = 1.27 (base currency per unit)",
        );
    }
    if let (None, [only]) = (settings.fx.base, &currencies[..]) {
        let order = settings.stock.order_cost.map(|cost| ("stock.order_cost", cost));
        for (key, amount) in settings.amounts().chain(order).filter(|(_, amount)| amount.currency != *only) {
            let cause = format!("{amount} is not in {only}, the currency of the only market");
            refuse("E-CFG-007", key, cause, "state it in the market's currency, or write [fx] with a base and rates");
        }
    }
    let mut unknown = Vec::new();
    let lists = [
        ("demand.devices", "device", &settings.demand.devices, market.device_ids.names()),
        ("placement.exclude", "store", &settings.placement.exclude, market.store_ids.names()),
        ("placement.require", "store", &settings.placement.require, market.store_ids.names()),
        ("placement.stay", "store", &settings.placement.stay, market.store_ids.names()),
    ];
    let listed = lists.into_iter().flat_map(|(key, what, named, known)| {
        named.iter().enumerate().map(move |(at, id)| (format!("{key}[{at}]"), what, id, known))
    });
    let markets = settings.placement.by_market.keys();
    let markets = markets.map(|id| (format!("placement.by_market.{id}"), "market", id, market.market_ids.names()));
    let uptakes = settings.demand.uptake_by_device.keys();
    let uptakes = uptakes.map(|id| (format!("demand.uptake_by_device.{id}"), "device", id, market.device_ids.names()));
    for (key, what, id, known) in listed.chain(markets).chain(uptakes) {
        // Names ascend.
        if known.binary_search(id).is_err() {
            let action = meant(id, known, || format!("use an id of the {what}s table"));
            let place = if key.ends_with(']') { place(&key) } else { written(&key) };
            unknown.push(Diagnostic::error(
                Refusal::Usage,
                "E-CFG-010",
                place,
                format!("no {what} is called `{id}`"),
                action,
            ));
        }
    }
    if let Some(name) = &settings.demand.potential_attribute
        && market.zone_attributes.find(name).is_none()
    {
        refuse(
            "E-CFG-010",
            "demand.potential_attribute",
            format!("zones have no numeric column `{name}`"),
            &meant(name, &market.zone_attributes.names, || "use a column of the zones table".into()),
        );
    }
    for (at, floor) in settings.reach.iter().enumerate() {
        if let Err(wrong) = counted(market, floor) {
            let key = format!("reach[{at}]{}{}", if wrong.key().is_empty() { "" } else { "." }, wrong.key());
            let code = if wrong.is_unknown() { "E-CFG-010" } else { "E-CFG-011" };
            refuse(code, &key, wrong.to_string(), wrong.action());
        }
    }
    for (key, names) in [("representative", &settings.pilot.representative), ("balanced", &settings.pilot.balanced)] {
        for name in names.keys().filter(|name| market.store_attributes.find(name).is_none()) {
            let mend = meant(name, &market.store_attributes.names, || "use a column of the stores table".into());
            unknown.push(Diagnostic::error(
                Refusal::Usage,
                "E-CFG-010",
                written(&format!("pilot.{key}.{name}")),
                format!("stores have no numeric column `{name}`"),
                mend,
            ));
        }
    }
    findings.extend(unknown);
    findings
}

/// The nearest of the names that there are, or where to look.
fn meant(name: &str, known: &[String], otherwise: impl Fn() -> String) -> String {
    match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => otherwise(),
    }
}
