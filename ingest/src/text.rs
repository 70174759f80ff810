//! How values of the tables appear in messages: escaped, shortened, or not at all.

/// So many characters of a value are shown.
const SHOWN: usize = 40;

/// A value between back-quotes, with control characters and direction overrides escaped.
pub(crate) fn shown(value: &str) -> String {
    let mut out = String::from("`");
    for (at, c) in value.chars().enumerate() {
        if at == SHOWN {
            out.push('…');
            break;
        }
        let hidden = c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{a0}');
        if hidden {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out.push('`');
    out
}

/// A list of names, shortened.
pub(crate) fn list<S: AsRef<str>>(names: &[S]) -> String {
    let mut text: Vec<String> = names.iter().take(24).map(|name| shown(name.as_ref())).collect();
    if names.len() > text.len() {
        text.push(format!("… {} in all", names.len()));
    }
    text.join(", ")
}

/// The nearest of the known names, if any is near.
pub(crate) fn nearest<'a, S: AsRef<str>>(name: &str, known: &'a [S]) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace([' ', '-', '_', '.'], "");
    known
        .iter()
        .map(|candidate| (strsim::damerau_levenshtein(&plain(name), &plain(candidate.as_ref())), candidate.as_ref()))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 5)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}
