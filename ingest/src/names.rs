//! Ids are opaque text: nothing is trimmed or folded. So two ids that a person would take for the
//! same are refused, before a table loses half its rows to a look-alike.

use std::collections::BTreeMap;

use domain::diagnostic::Place;

use crate::findings::Findings;
use crate::text::shown;

/// Ids of one kind (stores, products, …) from all tables, each with where it was first seen.
#[derive(Debug, Default)]
pub(crate) struct Names {
    seen: BTreeMap<String, Place>,
    /// Of each form the ids that have it, in the order in which they were noted.
    forms: BTreeMap<String, Vec<String>>,
}

const MEND: &str = "write each id the same way in every table";

impl Names {
    /// Notes an id.
    pub(crate) fn note(&mut self, id: &str, place: impl FnOnce() -> Place) {
        if id.is_empty() || self.seen.contains_key(id) {
            return;
        }
        self.seen.insert(id.to_owned(), place());
        self.forms.entry(form(id)).or_default().push(id.to_owned());
    }

    /// All noted ids.
    pub(crate) fn all(&self) -> impl Iterator<Item = &str> {
        self.seen.keys().map(String::as_str)
    }

    /// Whether an id was noted.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.seen.contains_key(id)
    }

    /// A noted id that looks like `id` and is not it.
    pub(crate) fn look_alike(&self, id: &str) -> Option<&str> {
        self.forms.get(&form(id))?.iter().map(String::as_str).find(|known| *known != id)
    }

    /// Whether `id` would be reported by [`Names::check`].
    pub(crate) fn suspect(&self, id: &str) -> bool {
        oddity(id).is_some() || self.look_alike(id).is_some()
    }

    /// Places an id that was noted in `file` without its line.
    pub(crate) fn move_to(&mut self, id: &str, file: &str, place: Place) {
        if let Some(known) = self.seen.get_mut(id)
            && known.file == file
        {
            *known = place;
        }
    }

    /// Reports ids with blanks around them or invisible characters, and ids that look alike.
    pub(crate) fn check(&self, findings: &mut Findings) {
        for (id, place) in &self.seen {
            if let Some(what) = oddity(id) {
                let cause = format!("the id {} {what}", shown(id));
                findings.refuse("E-ID-001", place.clone(), cause, MEND);
            }
        }
        for alike in self.forms.values().filter(|alike| alike.len() > 1) {
            let first = alike[0].as_str();
            for other in alike.iter().skip(1) {
                let cause = format!(
                    "the ids {} and {} look alike but differ ({})",
                    shown(first),
                    shown(other),
                    difference(first, other)
                );
                findings.refuse("E-ID-001", self.seen[other].clone(), cause, MEND);
            }
        }
    }
}

/// What makes an id unsafe to compare, if anything.
fn oddity(id: &str) -> Option<&'static str> {
    if id.trim() != id {
        return Some("has blanks before or after it");
    }
    for c in id.chars() {
        if c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
        {
            return Some("holds an invisible character");
        }
        if matches!(c, '\u{300}'..='\u{36f}') {
            return Some("holds a combining accent (it is not in Unicode form NFC)");
        }
    }
    None
}

fn difference(a: &str, b: &str) -> &'static str {
    if a.trim() == b.trim() {
        "blanks"
    } else if a.to_lowercase() == b.to_lowercase() {
        "upper and lower case"
    } else if a.trim_start_matches('0') == b.trim_start_matches('0') {
        "leading zeros"
    } else {
        "characters of different scripts that look the same"
    }
}

/// What a person sees: no case, blanks, invisible characters or leading zeros; one script.
fn form(id: &str) -> String {
    let mut out = String::with_capacity(id.len());
    for c in id
        .trim()
        .chars()
        .filter(|c| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{ad}'))
    {
        out.extend(plain(c).to_lowercase());
    }
    // A spreadsheet strips leading zeros off ids made of digits alone.
    if !out.is_empty() && out.bytes().all(|byte| byte.is_ascii_digit()) {
        let bare = out.trim_start_matches('0');
        out = if bare.is_empty() { "0".to_owned() } else { bare.to_owned() };
    }
    out
}

/// The Latin letter that a Cyrillic, Greek or full-width one is taken for (after Unicode TS 39).
fn plain(c: char) -> char {
    const ALIKE: [(&str, &str); 4] = [
        ("АВЕЅІЈКМНОРСТХУԌԚԜҮ", "ABESIJKMHOPCTXYGQWY"),
        ("аесіјорѕхуһԁԛԝѵ", "aecijopsxyhdqwv"),
        ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX"),
        ("οιανυρτχ", "oiavuptx"),
    ];
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{a0}' | '\u{2007}' | '\u{202f}' => ' ',
        _ if c.is_ascii() => c,
        _ => ALIKE
            .iter()
            .find_map(|(from, to)| from.chars().position(|known| known == c).and_then(|at| to.chars().nth(at)))
            .unwrap_or(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alikes_have_one_form() {
        for (a, b) in
            [("S1", "Ѕ1"), ("S1", "s1"), ("00123", "123"), ("S1", "S1 "), ("A-1", "A–1"), ("AB", "ＡＢ"), ("0", "000")]
        {
            assert_eq!(form(a), form(b), "{a} {b}");
        }
        for (a, b) in [("S1", "S01"), ("S1", "S2"), ("12", "120"), ("AB", "A B")] {
            assert_ne!(form(a), form(b), "{a} {b}");
        }
    }
}
