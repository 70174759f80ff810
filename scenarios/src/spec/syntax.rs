//! How to mend a line that is no TOML.

use super::day;
use super::node::either;

/// What to do with the line; `message` is what reading it said.
pub(super) fn mend(line: &str, message: &str) -> String {
    let bare = line.split('#').next().unwrap_or_default().trim();
    let (key, value) = bare.split_once('=').map_or((bare, None), |(key, value)| (key.trim(), Some(value.trim())));
    if message.contains("between array elements") {
        return "close the list above with ], or put commas between its values".into();
    }
    if message.contains("duplicate key") {
        return "keep one of the two".into();
    }
    if bare.starts_with('[') && !bare.ends_with(']') {
        return format!("close the section's name: {}{}", bare, "]".repeat(bare.matches('[').count()));
    }
    match value {
        None => match bare.split_once(':') {
            Some((key, value)) => format!("write {} = {}", key.trim(), value.trim()),
            None => "write key = value".into(),
        },
        Some("") => format!("write a value behind {key} ="),
        Some(value) if value.matches('"').count() % 2 == 1 => "close the quotation mark".into(),
        Some(value) if value.starts_with('[') && !value.ends_with(']') => "close the list with ]".into(),
        Some(value) if value.starts_with('{') && !value.ends_with('}') => "close the table with }".into(),
        Some(value) if !day::meant(value).is_empty() => {
            format!(
                "write {}",
                either(&day::meant(value).iter().map(|day| format!("{key} = \"{day}\"")).collect::<Vec<_>>())
            )
        }
        Some(value) if !value.contains('"') && !value.starts_with(['[', '{']) => {
            format!("put a text in quotation marks: {key} = \"{}\"", value.replace('\'', ""))
        }
        Some(_) => "mend the line; a key stands once, its value behind =".into(),
    }
}
