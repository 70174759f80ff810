//! Table `devices`: what a corner sells, its terms by market.

use domain::ids::{Ids, Idx};
use domain::market::{Country, Device, DeviceTerms, Product};

use crate::findings::Findings;
use crate::frame::{Frame, Row};
use crate::markets::Markets;
use crate::names::Names;
use crate::number::real;
use crate::text::shown;

pub(crate) const NEEDED: [&str; 7] =
    ["device", "market", "unit_cost", "price", "holding_cost_per_week", "shelf_units", "lead_time_weeks"];
pub(crate) const OPTIONAL: [&str; 5] = ["salvage", "pack_size", "launch_week", "related_products", "currency"];

/// Terms whose related products are still names; sales decide which products there are.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) device: String,
    pub(crate) market: Idx<Country>,
    pub(crate) terms: DeviceTerms,
    related: Vec<(String, f64)>,
    row: usize,
}

/// Reads the table.
pub(crate) fn read(frame: &Frame, markets: &Markets, products: &mut Names, findings: &mut Findings) -> Vec<Listed> {
    let mut listed: Vec<Listed> = Vec::new();
    for at in 0..frame.len() {
        let mut row = frame.read(at, findings);
        let device = row.text("device");
        let market = markets.of_row(&mut row);
        let terms = market.and_then(|market| {
            markets.check_currency(market, &mut row);
            terms(&mut row, markets, market)
        });
        let related = related(&mut row);
        let sound = row.sound();
        let Some(device) = device else { continue };
        products.note(&device, || frame.place(at, "device"));
        for (product, _) in &related {
            products.note(product, || frame.place(at, "related_products"));
        }
        let (true, Some(market), Some(terms)) = (sound, market, terms) else { continue };
        if listed.iter().any(|known| known.device == device && known.market == market) {
            let cause = format!("the device {} stands twice for its market", shown(&device));
            findings.refuse("E-KEY-001", frame.place(at, "device"), cause, "keep one row per device and market");
            continue;
        }
        listed.push(Listed { device, market, terms, related, row: at });
    }
    listed.sort_by(|a, b| a.device.cmp(&b.device).then(a.market.cmp(&b.market)));
    listed
}

fn terms(row: &mut Row<'_>, markets: &Markets, market: Idx<Country>) -> Option<DeviceTerms> {
    let currency = markets.terms[market.at()].currency;
    let capacity = Some("E-VAL-007");
    let unit_cost = row.amount("unit_cost", currency);
    let price = row.amount("price", currency);
    let salvage = match row.raw("salvage") {
        "" => Some(domain::units::Money { minor: 0, currency }),
        _ => row.amount("salvage", currency),
    };
    let holding_cost_per_week = row.amount("holding_cost_per_week", currency);
    let shelf_units = row.count("shelf_units", 1_000_000, capacity);
    let lead_time_weeks = row.count("lead_time_weeks", 520, capacity);
    let pack_size = row.count_or("pack_size", 1_000_000, 1, capacity);
    let launch = row.date_or_blank("launch_week");
    if pack_size == Some(0) {
        row.wrong("E-VAL-007", "pack_size", "is not above 0", "a pack holds at least one unit");
    }
    if price.is_some_and(|price| price.minor == 0) {
        row.wrong("E-VAL-007", "price", "is not above 0", "correct the price");
    }
    if let (Some(salvage), Some(price)) = (salvage, price)
        && salvage.minor > price.minor
    {
        row.wrong("E-VAL-007", "salvage", "is more than the price", "an unsold unit brings at most its price");
    }
    if let (Some(cost), Some(price)) = (unit_cost, price)
        && cost.minor > 0
        && price.minor > 0
        && (price.minor / cost.minor >= 50 || cost.minor / price.minor >= 50)
    {
        row.doubt(
            "E-CUR-001",
            "price",
            "and unit_cost are 50 times apart: one seems to be in minor units",
            "give both in the market's major unit, or acknowledge E-CUR-001",
        );
    }
    let whole = |value: i64| u32::try_from(value).ok();
    Some(DeviceTerms {
        unit_cost: unit_cost?,
        price: price?,
        salvage: salvage?,
        holding_cost_per_week: holding_cost_per_week?,
        shelf_units: whole(shelf_units?)?,
        lead_time_weeks: whole(lead_time_weeks?)?,
        pack_size: whole(pack_size?)?,
        launch,
        related_products: Vec::new(),
    })
}

/// `product:weight;product:weight`; a weight is above 0.
fn related(row: &mut Row<'_>) -> Vec<(String, f64)> {
    let text = row.raw("related_products").to_owned();
    let mut pairs: Vec<(String, f64)> = Vec::new();
    for part in text.split(';').filter(|part| !part.is_empty()) {
        // Ids may hold a colon, weights can't.
        match part.rsplit_once(':').map(|(product, weight)| (product, real(weight))) {
            Some((product, Ok(weight)))
                if weight > 0.0 && !product.is_empty() && !pairs.iter().any(|(known, _)| known == product) =>
            {
                pairs.push((product.to_owned(), weight));
            }
            _ => {
                row.wrong(
                    "E-VAL-010",
                    "related_products",
                    "is not a list of different products with weights above 0",
                    "write it like `test-kit:0.7;cuff:0.3`",
                );
                return Vec::new();
            }
        }
    }
    pairs
}

/// Ids and terms (`device * markets + market`), once the products are known.
pub(crate) fn resolve(
    listed: Vec<Listed>,
    markets: usize,
    products: &Ids<Product>,
    frame: &Frame,
    names: &Names,
    findings: &mut Findings,
) -> (Ids<Device>, Vec<Option<DeviceTerms>>) {
    let ids: Ids<Device> = Ids::sorted(listed.iter().map(|entry| entry.device.clone()).collect());
    let mut terms = vec![None; ids.len() * markets];
    for entry in listed {
        let mut resolved = Vec::with_capacity(entry.related.len());
        for (product, weight) in &entry.related {
            if let Some(found) = products.find(product) {
                resolved.push((found, *weight));
            } else if names.look_alike(product).is_none_or(|alike| products.find(alike).is_none()) {
                let cause =
                    format!("the related product {} of {} is not in `sales`", shown(product), shown(&entry.device));
                findings.row(
                    "E-REF-001",
                    frame.place(entry.row, "related_products"),
                    cause,
                    "correct the id, or leave it out",
                );
            }
        }
        resolved.sort_by_key(|(product, _)| *product);
        if let Some(device) = ids.find(&entry.device) {
            terms[device.at() * markets + entry.market.at()] =
                Some(DeviceTerms { related_products: resolved, ..entry.terms });
        }
    }
    (ids, terms)
}
