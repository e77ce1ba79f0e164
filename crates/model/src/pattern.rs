//! Patterns as intel lists write them.

/// The pattern of a regex entry in the spelling of Rust's engines: MISP writes
/// `/pattern/flags`, of which the flag `i` is kept; other lists write it bare.
pub fn inner(entry: &str) -> String {
    let Some((pattern, flags)) = entry.strip_prefix('/').and_then(|rest| rest.rsplit_once('/')) else {
        return entry.to_owned();
    };
    if flags.contains('i') { format!("(?i){pattern}") } else { pattern.to_owned() }
}

#[cfg(test)]
mod tests {
    #[test]
    fn slashes_and_flags_are_taken_off() {
        let pairs = [("/^a\\/b$/i", "(?i)^a\\/b$"), ("/x/", "x"), ("plain", "plain"), ("/half", "/half")];
        for (entry, pattern) in pairs {
            assert_eq!(super::inner(entry), pattern);
        }
    }
}
