//! Numbers and dates as the people of a market write them, by the Unicode CLDR (`icu`).
//!
//! The language is the market's own where its table gives one, else the one that most of its country's people read. Money
//! has its currency's code in front, which is the same in every language.

use domain::calendar::{Date, Datelike};
use domain::study::MarketNote;
use domain::units::Money;
use icu_datetime::DateTimeFormatter;
use icu_datetime::fieldsets::YMD;
use icu_datetime::input::Date as Day;
use icu_decimal::DecimalFormatter;
use icu_decimal::input::Decimal;
use icu_locale::subtags::{Region, language};
use icu_locale::{LanguageIdentifier, Locale, LocaleExpander, langid};

use crate::map;

/// How a market's people write.
pub(crate) struct Writing {
    /// Its tag, for a reader that speaks the page.
    pub(crate) tag: String,
    numbers: Option<DecimalFormatter>,
    dates: Option<DateTimeFormatter<YMD>>,
}

impl Writing {
    /// That of a market.
    pub(crate) fn of(note: &MarketNote) -> Self {
        let given = note.language.as_deref().and_then(|tag| LanguageIdentifier::try_from_str(tag).ok());
        let code = map::country_code(&note.country);
        let region = code.and_then(|code| code.parse::<Region>().ok());
        let mut asked = given.unwrap_or(LanguageIdentifier::UNKNOWN);
        asked.region = asked.region.or(region);
        let script = asked.script;
        LocaleExpander::new_extended().maximize(&mut asked);
        // The script goes without saying, unless somebody said it.
        asked.script = script;
        // What the data names no language for reads English, by the rules of the CLDR.
        if asked.language.is_unknown() {
            asked.language = language!("en");
        }
        Self::new(asked)
    }

    /// That of the page.
    pub(crate) fn english() -> Self {
        Self::new(langid!("en"))
    }

    fn new(language: LanguageIdentifier) -> Self {
        let locale = Locale::from(language);
        Self {
            tag: locale.to_string(),
            numbers: DecimalFormatter::try_new((&locale).into(), Default::default()).ok(),
            dates: DateTimeFormatter::try_new((&locale).into(), YMD::long()).ok(),
        }
    }

    /// An amount in whole units of its currency: `EUR 1.234.567`.
    pub(crate) fn money(&self, amount: &Money) -> String {
        #[expect(clippy::cast_possible_truncation, reason = "whole minor units fit, so whole major ones do")]
        let whole = amount.major().round() as i64;
        let digits = self.numbers.as_ref().map(|numbers| numbers.format(&Decimal::from(whole)).to_string());
        format!("{}\u{a0}{}", amount.currency, digits.unwrap_or_else(|| whole.to_string()))
    }

    /// A day of the form `2027-02-15`: `15. Februar 2027`. What is no day stays as it is.
    pub(crate) fn date(&self, iso: &str) -> String {
        let day = || {
            let date: Date = iso.parse().ok()?;
            let month = u8::try_from(date.month()).ok()?;
            let day = Day::try_new_iso(date.year(), month, u8::try_from(date.day()).ok()?).ok()?;
            Some(self.dates.as_ref()?.format(&day).to_string())
        };
        day().unwrap_or_else(|| iso.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(country: &str, language: Option<&str>, currency: &str) -> (String, String, String) {
        let note = MarketNote {
            market: "M".into(),
            country: country.into(),
            language: language.map(str::to_owned),
            candidates: 3,
        };
        let writing = Writing::of(&note);
        let amount = Money { minor: -1_234_567_60, currency: currency.parse().expect("a code of the test") };
        (writing.tag.clone(), writing.money(&amount), writing.date("2027-02-15"))
    }

    #[test]
    fn each_market_reads_its_own_numbers_and_dates() {
        for (country, language, tag, money, date) in [
            ("US", None, "en-US", "-1,234,568", "February 15, 2027"),
            ("United Kingdom", None, "en-GB", "-1,234,568", "15 February 2027"),
            ("DE", None, "de-DE", "-1.234.568", "15. Februar 2027"),
            ("CH", Some("fr"), "fr-CH", "-1'234'568", "15 février 2027"),
            ("FR", None, "fr-FR", "-1\u{202f}234\u{202f}568", "15 février 2027"),
            ("IN", Some("en"), "en-IN", "-12,34,568", "15 February 2027"),
            ("Brazil", None, "pt-BR", "-1.234.568", "15 de fevereiro de 2027"),
            ("Atlantis", None, "en", "-1,234,568", "February 15, 2027"),
        ] {
            let expected = (tag.to_owned(), format!("CHF\u{a0}{money}"), date.to_owned());
            assert_eq!(written(country, language, "CHF"), expected);
        }
        assert_eq!(written("US", None, "CHF").2, "February 15, 2027");
        assert_eq!(Writing::english().date("soon"), "soon");
    }
}
