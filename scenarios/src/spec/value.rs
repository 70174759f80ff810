//! Values of a scenario by their dotted path, `a.b[2].c`; the whole is at an empty path, or at `.`.

use toml::Value;

/// The path of a key in the table at another path.
pub(super) fn joined(table: &str, key: &str) -> String {
    if ["", "."].contains(&table) { key.to_owned() } else { format!("{table}.{key}") }
}

/// A key of a path and, where it is one of a list, its number.
fn numbered(key: &str) -> (&str, Option<usize>) {
    match key.split_once('[') {
        Some((key, number)) => (key, number.strip_suffix(']').and_then(|number| number.parse().ok())),
        None => (key, None),
    }
}

fn keys(path: &str) -> impl Iterator<Item = (&str, Option<usize>)> {
    path.split('.').filter(|key| !key.is_empty()).map(numbered)
}

/// The value there.
pub(super) fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    keys(path).try_fold(value, |at, (key, number)| {
        let inner = at.get(key)?;
        number.map_or(Some(inner), |number| inner.get(number))
    })
}

fn at_mut<'a>(value: &'a mut Value, path: &str) -> Option<&'a mut Value> {
    keys(path).try_fold(value, |at, (key, number)| {
        let inner = at.get_mut(key)?;
        if let Some(number) = number { inner.get_mut(number) } else { Some(inner) }
    })
}

/// Puts a value there, in the place of another or as a new key; says whether there is such a place.
pub(super) fn set(value: &mut Value, path: &str, other: Value) -> bool {
    let (parents, last) = path.rsplit_once('.').unwrap_or(("", path));
    if last.contains('[') {
        return at_mut(value, path).map(|entry| *entry = other).is_some();
    }
    let table = at_mut(value, parents).and_then(Value::as_table_mut);
    table.map(|table| table.insert(last.to_owned(), other)).is_some()
}

/// Removes the value there, an entry of a list with its list; says whether it was there.
pub(super) fn remove(value: &mut Value, path: &str) -> bool {
    let (parents, last) = path.rsplit_once('.').unwrap_or(("", path));
    let table = at_mut(value, parents).and_then(Value::as_table_mut);
    table.is_some_and(|table| table.remove(numbered(last).0).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_put_and_removed_by_their_path() {
        let mut all: Value = toml::from_str("a = 1\n[b]\nlist = [4, 5]\n[[c]]\nd = 6\n[[c]]\nd = 7\n").expect("TOML");
        assert_eq!(at(&all, "c[1].d"), Some(&Value::Integer(7)));
        assert_eq!(at(&all, "b.list[1]"), Some(&Value::Integer(5)));
        assert_eq!((at(&all, "c[2].d"), at(&all, "b.none")), (None, None));
        for (path, there) in
            [("b.list[0]", true), ("b.new", true), ("c[1].d", true), ("a", true), ("b.list[2]", false), ("x.y", false)]
        {
            assert_eq!(set(&mut all, path, Value::Integer(9)), there, "{path}");
            assert_eq!(at(&all, path).is_some(), there, "{path}");
        }
        for (path, there) in [("b.list[1]", true), ("b.list", false), ("c[0].d", true), ("c[0].d", false), ("a", true)]
        {
            assert_eq!(remove(&mut all, path), there, "{path}");
        }
        assert_eq!(joined("", "a") + &joined("b", "c"), "ab.c");
    }
}
