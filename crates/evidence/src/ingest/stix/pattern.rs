//! Comparisons out of a STIX pattern.
//!
//! Read are equality and set membership (`=`, `==`, `IN`) and, for addresses,
//! `ISSUBSET`, wherever they stand in the pattern; how AND, OR and observation
//! operators join them is not kept, so each value is weaker than the pattern.
//! Everything else is counted as not understood.

use std::ops::Range;

/// One comparison that names a value.
#[derive(Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Object path, such as `ipv4-addr:value` or `file:hashes.'SHA-256'`.
    pub path: String,
    /// The value without quotes and escapes.
    pub value: String,
    /// Its place in the pattern, in bytes, quotes left out.
    pub place: Range<usize>,
}

/// What a pattern names, and how many of its comparisons are of another kind.
pub fn comparisons(pattern: &str) -> (Vec<Comparison>, u64) {
    let mut reader = Reader { text: pattern, at: 0 };
    let (mut named, mut unread) = (Vec::new(), 0);
    while reader.reach_comparison() {
        match reader.comparison() {
            Some(Some(found)) => named.extend(found),
            Some(None) => unread += 1,
            None => {
                unread += 1;
                break;
            }
        }
    }
    if named.is_empty() && unread == 0 {
        unread = 1;
    }
    (named, unread)
}

struct Reader<'p> {
    text: &'p str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// Takes `word` if it comes next, in any case, and is not the start of a longer one.
    fn takes(&mut self, word: &str) -> bool {
        let rest = self.rest();
        let Some(head) = rest.get(..word.len()) else { return false };
        let after = rest.get(word.len()..).and_then(|rest| rest.chars().next());
        let letters = word.chars().all(|c| c.is_ascii_alphabetic());
        let ends = !letters || !after.is_some_and(|c| c.is_ascii_alphanumeric() || c == '-' || c == ':');
        if head.eq_ignore_ascii_case(word) && ends {
            self.at += word.len();
            return true;
        }
        false
    }

    /// Stands before the next object path; false at the end of the pattern.
    fn reach_comparison(&mut self) -> bool {
        loop {
            self.skip_space();
            if self.rest().is_empty() {
                return false;
            }
            if self.takes("]") {
                // Qualifiers and operators between observations hold no paths.
                let Some(open) = self.rest().find('[') else { return false };
                self.at += open + 1;
                continue;
            }
            let joins = ["[", "(", ")", "AND", "OR"].iter().any(|word| self.takes(word));
            if !joins {
                return true;
            }
        }
    }

    /// `None` if the text is no comparison; `Some(None)` if it is one that names no value.
    fn comparison(&mut self) -> Option<Option<Vec<Comparison>>> {
        let path = self.path()?;
        self.skip_space();
        let mut negated = self.takes("NOT");
        self.skip_space();
        let operator = ["!=", "<>", "<=", ">=", "==", "=", "<", ">", "ISSUBSET", "ISSUPERSET", "MATCHES", "LIKE", "IN"]
            .into_iter()
            .find(|operator| self.takes(operator))?;
        self.skip_space();
        if self.takes("NOT") {
            negated = true;
        }
        let values = self.values()?;
        let subset_of_addresses = operator == "ISSUBSET" && path.contains("addr:");
        if negated || !(matches!(operator, "=" | "==" | "IN") || subset_of_addresses) {
            return Some(None);
        }
        let named = values.into_iter().map(|(value, place)| Comparison { path: path.clone(), value, place });
        Some(Some(named.collect()))
    }

    fn path(&mut self) -> Option<String> {
        let mut quoted = false;
        let end = self.rest().char_indices().find(|&(_, c)| {
            quoted ^= c == '\'';
            !quoted
                && (c.is_whitespace() || matches!(c, '=' | '!' | '<' | '>' | ']' | '[' | '(' | ')'))
                && c != '['
                && c != ']'
        });
        let end = end.map_or(self.rest().len(), |(end, _)| end);
        let path = self.rest().get(..end)?.to_owned();
        self.at += end;
        path.contains(':').then_some(path)
    }

    fn values(&mut self) -> Option<Vec<(String, Range<usize>)>> {
        self.skip_space();
        if !self.takes("(") {
            return Some(vec![self.literal()?]);
        }
        let mut values = Vec::new();
        loop {
            self.skip_space();
            values.push(self.literal()?);
            self.skip_space();
            if self.takes(")") {
                return Some(values);
            }
            if !self.takes(",") {
                return None;
            }
        }
    }

    fn literal(&mut self) -> Option<(String, Range<usize>)> {
        // Binary, hexadecimal and time constants have a letter before the quote.
        if let Some(prefix) = self.rest().chars().next().filter(|c| matches!(c, 't' | 'b' | 'h'))
            && self.rest().get(1..)?.starts_with('\'')
        {
            self.at += prefix.len_utf8();
        }
        if !self.rest().starts_with('\'') {
            return self.bare();
        }
        self.at += 1;
        let start = self.at;
        let mut value = String::new();
        let mut escaped = false;
        for (offset, c) in self.rest().char_indices() {
            match c {
                '\\' if !escaped => escaped = true,
                '\'' if !escaped => {
                    self.at = start + offset + 1;
                    return Some((value, start..start + offset));
                }
                _ => {
                    value.push(c);
                    escaped = false;
                }
            }
        }
        None
    }

    fn bare(&mut self) -> Option<(String, Range<usize>)> {
        let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+' | '_');
        let length = self.rest().find(|c| !word(c)).unwrap_or(self.rest().len());
        let value = self.rest().get(..length).filter(|value| !value.is_empty())?.to_owned();
        let start = self.at;
        self.at += length;
        Some((value, start..start + length))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn read(pattern: &str) -> (String, u64) {
        let (named, unread) = comparisons(pattern);
        for one in &named {
            assert!(one.place.end <= pattern.len());
        }
        let named: Vec<String> = named.into_iter().map(|one| format!("{}={}", one.path, one.value)).collect();
        (named.join(" "), unread)
    }

    #[test]
    fn patterns_give_their_values() {
        let cases = [
            ("[ipv4-addr:value = '192.0.2.1']", "ipv4-addr:value=192.0.2.1", 0),
            (
                "[url:value='http://a.test/x?y=1' OR domain-name:value = 'a.test']",
                "url:value=http://a.test/x?y=1 domain-name:value=a.test",
                0,
            ),
            ("[file:hashes.'SHA-256' = 'ab' AND file:size > 3]", "file:hashes.'SHA-256'=ab", 1),
            (
                "([domain-name:value IN ('a.test', 'b.test')] FOLLOWEDBY [ipv6-addr:value == '2001:db8::1']) WITHIN 5 SECONDS",
                "domain-name:value=a.test domain-name:value=b.test ipv6-addr:value=2001:db8::1",
                0,
            ),
            ("[email-message:from_ref.value = 'o\\'x@a.test']", "email-message:from_ref.value=o'x@a.test", 0),
            ("[ipv4-addr:value NOT = '192.0.2.1']", "", 1),
            ("[ipv4-addr:value ISSUBSET '192.0.2.0/24']", "ipv4-addr:value=192.0.2.0/24", 0),
            ("[url:value MATCHES '^http.*$'] START t'2020-01-01T00:00:00Z' STOP t'2021-01-01T00:00:00Z'", "", 1),
            (
                "[network-traffic:dst_ref.value = 'x' AND (network-traffic:dst_port = 443)]",
                "network-traffic:dst_ref.value=x network-traffic:dst_port=443",
                0,
            ),
            ("[autonomous-system:number = 64500]", "autonomous-system:number=64500", 0),
            ("[x509-certificate:hashes[0] = 'aa']", "x509-certificate:hashes[0]=aa", 0),
            ("rule x { }", "", 1),
            ("[ipv4-addr:value = '192.0.2.1", "", 1),
            ("", "", 1),
        ];
        for (pattern, named, unread) in cases {
            assert_eq!(read(pattern), (named.to_owned(), unread), "{pattern}");
        }
    }

    #[test]
    fn places_hold_the_values() {
        let pattern = "[a:é = 'ü' OR ipv4-addr:value='192.0.2.1']";
        let (named, _) = comparisons(pattern);
        let shown: Vec<_> = named.iter().map(|one| pattern.get(one.place.clone()).unwrap()).collect();
        assert_eq!(shown, ["ü", "192.0.2.1"]);
    }

    proptest! {
        #[test]
        fn no_pattern_panics(pattern in "[\\[\\]('=a:é\\\\ INOT)]{0,40}", any: String) {
            let _ = comparisons(&pattern);
            let _ = comparisons(&any);
        }
    }
}
