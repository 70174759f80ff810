//! Table `markets`: countries or regions with their currency, calendar and box.

use domain::calendar::Weekday;
use domain::ids::{Ids, Idx};
use domain::market::{Country, MarketTerms};
use domain::units::Currency;
use icu_locale_core::LanguageIdentifier;

use crate::findings::Findings;
use crate::frame::{Frame, Row};
use crate::names::Names;
use crate::places::country_box;

pub(crate) const NEEDED: [&str; 3] = ["market", "currency", "country"];
pub(crate) const OPTIONAL: [&str; 6] = ["language", "week_start", "lat_min", "lat_max", "lon_min", "lon_max"];

/// The markets, by id.
#[derive(Debug)]
pub(crate) struct Markets {
    pub(crate) ids: Ids<Country>,
    pub(crate) terms: Vec<MarketTerms>,
    /// All ids of the table, those of refused rows too.
    names: Names,
}

impl Markets {
    /// The box that places of a market must lie in, if one is known.
    pub(crate) fn bounds(&self, market: Idx<Country>) -> Option<[f64; 4]> {
        let terms = &self.terms[market.at()];
        terms.bounds.or_else(|| country_box(&terms.country))
    }

    /// Reads the column `market` of a row.
    pub(crate) fn of_row(&self, row: &mut Row<'_>) -> Option<Idx<Country>> {
        let name = row.text("market")?;
        let found = self.ids.find(&name);
        if found.is_none() && self.names.has(&name) {
            row.leave_out();
        } else if found.is_none() {
            row.wrong("E-REF-001", "market", "is not in `markets`", "add the market, or correct its id");
        }
        found
    }

    /// Checks a row's `currency`, where there is one, against its market's.
    pub(crate) fn check_currency(&self, market: Idx<Country>, row: &mut Row<'_>) {
        let expected = self.terms[market.at()].currency;
        if !row.raw("currency").is_empty() && row.raw("currency") != expected.code() {
            let what = format!("is not the market's currency {expected}");
            row.wrong("E-CUR-001", "currency", &what, "convert the amounts, or correct the market's currency");
        }
    }
}

/// Reads the table.
pub(crate) fn read(frame: &Frame, findings: &mut Findings) -> Markets {
    let mut names = Names::default();
    let mut rows: Vec<(String, MarketTerms)> = Vec::new();
    for at in 0..frame.len() {
        let mut row = frame.read(at, findings);
        let id = row.text("market");
        if let Some(id) = &id {
            names.note(id, || frame.place(at, "market"));
        }
        let currency = row.text("currency").and_then(|code| {
            let read = code.parse::<Currency>().ok();
            if read.is_none() {
                row.wrong("E-CUR-001", "currency", "is not an ISO 4217 code of three capitals", "write it like USD");
            }
            read
        });
        let country = row.text("country");
        let week_start = match row.raw("week_start") {
            "" => Some(Weekday::Mon),
            day => day.parse::<Weekday>().ok(),
        };
        if week_start.is_none() {
            row.wrong("E-CAL-001", "week_start", "is not a day of the week", "write it like Monday");
        }
        let language = Some(row.raw("language")).filter(|tag| !tag.is_empty()).map(str::to_owned);
        if language.as_deref().is_some_and(|tag| LanguageIdentifier::try_from_str(tag).is_err()) {
            row.wrong("E-VAL-011", "language", "is no language tag", "write it like fr or fr-CA (BCP 47)");
        }
        let bounds = bounds(&mut row);
        if !row.sound() {
            continue;
        }
        let (Some(id), Some(currency), Some(country), Some(week_start)) = (id, currency, country, week_start) else {
            continue;
        };
        if rows.iter().any(|(known, _)| *known == id) {
            let cause = format!("the market {} has two rows", crate::text::shown(&id));
            findings.refuse("E-KEY-001", frame.place(at, "market"), cause, "keep one row per market");
            continue;
        }
        rows.push((id, MarketTerms { currency, country, language, week_start, bounds }));
    }
    names.check(findings);
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    let (ids, terms) = rows.into_iter().unzip();
    Markets { ids: Ids::sorted(ids), terms, names }
}

/// (south, north, west, east), where the row states them.
fn bounds(row: &mut Row<'_>) -> Option<[f64; 4]> {
    let columns = ["lat_min", "lat_max", "lon_min", "lon_max"];
    if columns.iter().all(|column| row.raw(column).is_empty()) {
        return None;
    }
    let mut values = [0.0; 4];
    for (value, column) in values.iter_mut().zip(columns) {
        *value = row.real(column, Some("E-GEO-001"))?;
    }
    let [south, north, west, east] = values;
    let fits = (-90.0..=90.0).contains(&south) && (south..=90.0).contains(&north);
    if !fits || !(-180.0..=180.0).contains(&west) || !(-180.0..=180.0).contains(&east) {
        row.wrong(
            "E-GEO-001",
            "lat_min",
            "does not start a box of degrees",
            "give lat_min <= lat_max within 90, lon within 180",
        );
        return None;
    }
    Some(values)
}
