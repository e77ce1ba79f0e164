//! Whether the first record names the columns, and what the columns are called.

use std::collections::BTreeSet;

use super::person::Content;

/// Whether the first of these records is a header.
pub fn is_header(records: &[Vec<String>]) -> bool {
    let Some((first, rest)) = records.split_first() else { return false };
    let named: Vec<&str> = first.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).collect();
    let unique: BTreeSet<&str> = named.iter().copied().collect();
    if named.is_empty() || unique.len() < named.len() || named.len() * 2 < first.len() {
        return false;
    }
    if named.iter().any(|cell| !could_name(cell)) {
        return false;
    }
    if rest.is_empty() {
        return true;
    }
    // Names come up again as values only where they are none.
    let again =
        |(index, cell): (usize, &String)| !cell.is_empty() && rest.iter().any(|row| row.get(index) == Some(cell));
    let repeated = first.iter().enumerate().filter(|cell| again(*cell)).count();
    repeated * 4 <= named.len()
}

/// A column name is short, and no number, date, address or URL.
fn could_name(cell: &str) -> bool {
    let letters = cell.chars().filter(|c| c.is_alphabetic()).count();
    cell.chars().count() <= 64
        && letters > 0
        && !cell.contains("://")
        && !cell.contains('\n')
        && !matches!(Content::of(cell), Content::Mail | Content::Date | Content::Street | Content::Number)
}

/// Names for `columns` columns: those of the header, `c<N>` where it has none,
/// each of them once.
pub fn names(header: Option<&[String]>, columns: usize) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let given = header.unwrap_or_default();
    (0..columns.max(given.len())).map(|index| name(given.get(index), index, &mut taken)).collect()
}

/// The name of the column at `index`, made different from all taken before.
pub fn name(given: Option<&String>, index: usize, taken: &mut BTreeSet<String>) -> String {
    let given = given.map(|name| name.trim()).filter(|name| !name.is_empty());
    let base = given.map_or_else(|| format!("c{}", index + 1), str::to_owned);
    let mut name = base.clone();
    let mut copy = 2;
    while !taken.insert(name.clone()) {
        name = format!("{base}_{copy}");
        copy += 1;
    }
    name
}
