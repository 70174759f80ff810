//! Sizes of memory, as people write them.

/// Reads `4GB`, `512 MiB`, `1.5G` or a bare number of bytes. Decimal units are powers of 1000, binary ones
/// of 1024; a bare letter is decimal.
pub(crate) fn bytes(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = (&text[..end], text[end..].trim().to_ascii_lowercase());
    let scale = match unit.as_str() {
        "" | "b" => 1.0,
        "k" | "kb" => 1e3,
        "m" | "mb" => 1e6,
        "g" | "gb" => 1e9,
        "t" | "tb" => 1e12,
        "kib" => 1024.0,
        "mib" => 1024.0 * 1024.0,
        "gib" => 1024.0 * 1024.0 * 1024.0,
        "tib" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        _ => return Err("write a size like 4GB, 512MiB or a number of bytes".into()),
    };
    let number: f64 = number.parse().map_err(|_| "a size starts with a number, as in 4GB")?;
    let bytes = number * scale;
    if !(1.0..=1e18).contains(&bytes) {
        return Err("a size is between 1 byte and 10^18".into());
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, and below 2^63")]
    let bytes = bytes as u64;
    Ok(bytes)
}

/// A number of bytes for people.
pub(crate) fn shown(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
    let bytes = bytes as f64;
    match bytes {
        _ if bytes >= 1e9 => format!("{:.1} GB", bytes / 1e9),
        _ if bytes >= 1e6 => format!("{:.0} MB", bytes / 1e6),
        _ => format!("{:.0} kB", (bytes / 1e3).ceil()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_they_are_written() {
        for (text, expected) in
            [("4GB", 4_000_000_000), ("512 MiB", 536_870_912), ("1.5g", 1_500_000_000), ("100", 100), ("2kb", 2_000)]
        {
            assert_eq!(bytes(text), Ok(expected), "{text}");
        }
        for text in ["", "GB", "-1GB", "4 XB", "0", "1e3", "1..2GB", "9999999TB"] {
            assert!(bytes(text).is_err(), "{text}");
        }
        assert_eq!(
            (shown(4_000_000_000), shown(12_345_678), shown(10)),
            ("4.0 GB".into(), "12 MB".into(), "1 kB".into())
        );
    }
}
