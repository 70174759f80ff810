//! Numbers as a person reads them: money, people, shares, frequencies and small counts in words.

use domain::units::Currency;

/// The sign of a negative number in text; a hyphen breaks at a line's end.
const MINUS: &str = "\u{2212}";

/// How much room a large number has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// In a sentence: `4.1 million`, `522,000`.
    Long,
    /// In a table: `4.1M`, `522k`.
    Short,
}

/// What stands before an amount of a currency.
fn symbol(currency: Currency) -> String {
    match currency.code() {
        "USD" => "$".into(),
        "GBP" => "£".into(),
        "EUR" => "€".into(),
        "JPY" => "¥".into(),
        "INR" => "₹".into(),
        "KRW" => "₩".into(),
        "BRL" => "R$".into(),
        "CAD" => "CA$".into(),
        "AUD" => "A$".into(),
        "NZD" => "NZ$".into(),
        "MXN" => "MX$".into(),
        "CNY" => "CN¥".into(),
        code => format!("{code} "),
    }
}

/// An amount in a sentence: `$4.1 million`, `£522,000`, `−$310`.
pub(crate) fn money(major: f64, currency: Currency) -> String {
    signed(major, &symbol(currency), Style::Long)
}

/// An amount that a promise names as its limit: what [`money`] prints of it is no less.
pub(crate) fn money_at_most(major: f64, currency: Currency) -> String {
    money(at_most(major), currency)
}

/// An amount that is sure: what [`money`] prints of it is no more.
pub(crate) fn money_at_least(major: f64, currency: Currency) -> String {
    money(at_least(major), currency)
}

/// The least number that is printed with as many digits and is no less; below 0 too.
pub(crate) fn at_most(value: f64) -> f64 {
    printed_step(value).map_or(value, |step| (value / step - 1e-9).ceil() * step)
}

/// The greatest number that is printed with as many digits and is no more.
pub(crate) fn at_least(value: f64) -> f64 {
    printed_step(value).map_or(value, |step| (value / step + 1e-9).floor() * step)
}

/// The last digit that [`money`] prints of an amount: a tenth of its unit below ten of them, else the unit.
fn printed_step(value: f64) -> Option<f64> {
    let value = value.abs();
    if !(value > 0.0 && value.is_finite()) {
        return None;
    }
    let unit = 1000_f64.powf((value.max(1.0).log10() / 3.0).floor());
    Some(if unit > 1.0 && value / unit < 9.95 { unit / 10.0 } else { unit })
}

/// An amount in a table: `$4.1M`, `£522k`.
pub(crate) fn money_short(major: f64, currency: Currency) -> String {
    signed(major, &symbol(currency), Style::Short)
}

/// A large count in a sentence: `41 million`, `72,400`, `912`.
pub(crate) fn amount(value: f64) -> String {
    signed(value, "", Style::Long)
}

/// A large count in a table: `41M`, `72k`.
pub(crate) fn amount_short(value: f64) -> String {
    signed(value, "", Style::Short)
}

fn signed(value: f64, symbol: &str, style: Style) -> String {
    let digits = magnitude(value.abs(), style);
    let sign = if value < 0.0 && digits != "0" { MINUS } else { "" };
    format!("{sign}{symbol}{digits}")
}

/// Two digits below ten of a unit, whole units from there; rounding up into the next unit moves on.
fn magnitude(value: f64, style: Style) -> String {
    let names: [(&str, &str); 5] = [("", ""), ("", "k"), (" million", "M"), (" billion", "bn"), (" trillion", "tn")];
    for (step, (long, short)) in names.iter().enumerate() {
        let scale = 1000_f64.powi(i32::try_from(step).unwrap_or(0));
        let scaled = value / scale;
        let decimals = usize::from(step > 0 && scaled < 9.95);
        let text = format!("{scaled:.decimals$}");
        if text.len() > 3 && !text.contains('.') && step + 1 < names.len() {
            continue;
        }
        return match style {
            Style::Long if step == 1 => grouped(&format!("{:.0}", text.parse::<f64>().unwrap_or(scaled) * scale)),
            Style::Long => format!("{text}{long}"),
            Style::Short => format!("{text}{short}"),
        };
    }
    format!("{value:e}")
}

/// Commas between thousands.
fn grouped(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The mark of a scale, which is round: `2M` for `2.0M`.
pub(crate) fn round(text: &str) -> String {
    text.replace(".0", "")
}

/// A whole count with commas: `9,000`.
pub(crate) fn count(value: u64) -> String {
    grouped(&value.to_string())
}

/// A number of units, rounded to whole ones, with commas.
pub(crate) fn units(value: f64) -> String {
    let digits = grouped(&format!("{:.0}", value.abs()));
    if value < 0.0 && digits != "0" { format!("{MINUS}{digits}") } else { digits }
}

/// A count and its noun: `1 store`, `9,000 stores`.
pub(crate) fn counted(value: usize, noun: &str) -> String {
    format!("{} {noun}{}", count(value as u64), plural(value))
}

/// `s` unless there is one.
pub(crate) fn plural(value: usize) -> &'static str {
    if value == 1 { "" } else { "s" }
}

/// A small count in words, others in digits: `twelve`, `13`.
pub(crate) fn word(value: usize) -> String {
    let words =
        ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    words.get(value).map_or_else(|| count(value as u64), |&word| word.to_owned())
}

/// The same at the start of a sentence.
pub(crate) fn word_capital(value: usize) -> String {
    capital(&word(value))
}

/// The first letter as a capital.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// `13th`, `1st`, `22nd`.
pub(crate) fn ordinal(value: usize) -> String {
    let ending = match (value % 10, value % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{}{ending}", count(value as u64))
}

/// A share: `79%`, below ten `4.2%`.
pub(crate) fn percent(share: f64) -> String {
    let value = share * 100.0;
    let decimals = usize::from(value.abs() < 9.95 && value != 0.0);
    let text = format!("{:.decimals$}", value.abs());
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "0" && value != 0.0 {
        return "below 0.1%".into();
    }
    format!("{}{text}%", if value < 0.0 { MINUS } else { "" })
}

/// A share that a promise names as its limit: two digits, rounded up.
pub(crate) fn percent_at_most(share: f64) -> String {
    let value = (share * 100.0).max(0.0);
    if value < 0.01 {
        return "0.01%".into();
    }
    // The tiny allowance keeps 2.3 from becoming 2.4 by the rounding of 0.023 x 100.
    let decimals = if value >= 10.0 {
        0
    } else if value >= 1.0 {
        1
    } else {
        2
    };
    let scale = 10_f64.powi(decimals);
    let up = (value * scale * (1.0 - 1e-12)).ceil() / scale;
    format!("{up}%")
}

/// A chance as a frequency: `about 3 in 100`.
pub(crate) fn in_hundred(share: f64) -> String {
    let hundredths = (share * 100.0).round();
    if hundredths < 1.0 {
        "below 1 in 100".into()
    } else if hundredths > 99.0 {
        "above 99 in 100".into()
    } else {
        format!("about {hundredths:.0} in 100")
    }
}

/// A time: `10 minutes`, `6.4 minutes`, `1 minute`.
pub(crate) fn minutes(value: f64) -> String {
    let text = number(value);
    let ending = if text == "1" { "" } else { "s" };
    format!("{text} minute{ending}")
}

/// A time rounded up to whole weeks: `18 weeks`.
pub(crate) fn weeks(value: f64) -> String {
    let round = value.ceil().max(0.0);
    format!("{} week{}", units(round), if round == 1.0 { "" } else { "s" })
}

/// One decimal, without a needless zero.
pub(crate) fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}

/// A factor: `×1.24`.
pub(crate) fn factor(value: f64) -> String {
    format!("×{value:.2}")
}

/// Things in a row: `A`, `A and B`, `A, B and C`.
pub(crate) fn listed(things: &[String]) -> String {
    match things {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn currency(code: &str) -> Currency {
        code.parse().expect("a code of the test")
    }

    #[test]
    fn money_takes_the_unit_that_its_rounded_value_has() {
        let usd = currency("USD");
        for (value, long, short) in [
            (0.0, "$0", "$0"),
            (-0.2, "$0", "$0"),
            (310.4, "$310", "$310"),
            (999.6, "$1,000", "$1.0k"),
            (5_240.0, "$5,200", "$5.2k"),
            (522_400.0, "$522,000", "$522k"),
            (999_499.0, "$999,000", "$999k"),
            (999_500.0, "$1.0 million", "$1.0M"),
            (4_120_000.0, "$4.1 million", "$4.1M"),
            (9_960_000.0, "$10 million", "$10M"),
            (412_000_000.0, "$412 million", "$412M"),
            (1.5e9, "$1.5 billion", "$1.5bn"),
            (-31_000.0, "\u{2212}$31,000", "\u{2212}$31k"),
        ] {
            assert_eq!(money(value, usd), long);
            assert_eq!(money_short(value, usd), short);
        }
        assert_eq!(money(4.1e6, currency("GBP")), "£4.1 million");
        assert_eq!(money(4.1e6, currency("CHF")), "CHF 4.1 million");
    }

    #[test]
    fn limits_are_rounded_outwards() {
        let usd = currency("USD");
        for (value, least, most) in [
            (0.0, "$0", "$0"),
            (0.4, "$0", "$1"),
            (173.2, "$173", "$174"),
            (1_003.0, "$1,000", "$1,100"),
            (1_100.0, "$1,100", "$1,100"),
            (12_300.0, "$12,000", "$13,000"),
            (999_400.0, "$999,000", "$1.0 million"),
            (4_120_000.0, "$4.1 million", "$4.2 million"),
        ] {
            assert_eq!(money_at_least(value, usd), least);
            assert_eq!(money_at_most(value, usd), most);
            // Below 0 the two change places.
            if value > 0.4 {
                assert_eq!(money_at_least(-value, usd), format!("{MINUS}{most}"));
                assert_eq!(money_at_most(-value, usd), format!("{MINUS}{least}"));
            }
        }
    }

    #[test]
    fn shares_keep_what_matters_of_them() {
        assert_eq!(percent(0.79), "79%");
        assert_eq!(percent(0.042), "4.2%");
        assert_eq!(percent(0.04), "4%");
        assert_eq!(percent(0.0), "0%");
        assert_eq!(percent(0.0001), "below 0.1%");
        assert_eq!(percent(-0.2), "\u{2212}20%");
        assert_eq!(percent_at_most(0.023), "2.3%");
        assert_eq!(percent_at_most(0.02301), "2.4%");
        assert_eq!(percent_at_most(0.000_001), "0.01%");
        assert_eq!(percent_at_most(0.000_55), "0.06%");
        assert_eq!(percent_at_most(0.341), "35%");
    }

    #[test]
    fn chances_are_frequencies() {
        assert_eq!(in_hundred(0.0), "below 1 in 100");
        assert_eq!(in_hundred(0.004), "below 1 in 100");
        assert_eq!(in_hundred(0.031), "about 3 in 100");
        assert_eq!(in_hundred(0.99), "about 99 in 100");
        assert_eq!(in_hundred(1.0), "above 99 in 100");
    }

    #[test]
    fn counts_have_words_commas_and_endings() {
        assert_eq!(word(12), "twelve");
        assert_eq!(word(13), "13");
        assert_eq!(word_capital(1), "One");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(counted(1, "store"), "1 store");
        assert_eq!(counted(9000, "store"), "9,000 stores");
        assert_eq!(
            [1, 2, 3, 4, 11, 12, 13, 21, 112].map(ordinal).join(" "),
            "1st 2nd 3rd 4th 11th 12th 13th 21st 112th"
        );
        assert_eq!(minutes(1.0), "1 minute");
        assert_eq!(minutes(6.43), "6.4 minutes");
        assert_eq!(listed(&["A".into(), "B".into(), "C".into()]), "A, B and C");
        assert_eq!(units(-0.3), "0");
    }
}
