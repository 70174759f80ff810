//! The nearest of the names that there are.

/// The one that is most like `name`, if any is.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |known: &'a str| {
        let (one, other) = (known.to_lowercase(), name.to_lowercase());
        (strsim::damerau_levenshtein(&one, &other), known)
    };
    known.map(distance).min().filter(|(distance, known)| *distance <= 1 + known.len() / 3).map(|found| found.1)
}
