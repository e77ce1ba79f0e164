//! Which mail server a Received header claims to come from, and whether its
//! queue id is one that this server could have made.
//!
//! Whoever invents a hop copies the words of a server more easily than the rule
//! behind its ids. An id that breaks the rule is a sign, no proof: servers can
//! be told to write what they like.

/// A server with the words that give it away and the rule of its ids.
struct Server {
    name: &'static str,
    says: fn(&str) -> bool,
    makes: fn(&str) -> bool,
}

/// In the order in which they are tried.
const SERVERS: &[Server] = &[
    // postfix.org, postconf(5), enable_long_queue_ids.
    Server {
        name: "Postfix",
        says: |value| value.contains("(Postfix"),
        makes: |id| {
            let short = (6..=16).contains(&id.len()) && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F'));
            let long =
                id.len() >= 10 && id.contains('z') && id.bytes().all(|b| b.is_ascii_alphanumeric() && !is_vowel(b));
            short || long
        },
    },
    // exim.org, specification 3.4: message identification; the longer form since 4.97.
    Server {
        name: "Exim",
        says: |value| value.contains("(Exim"),
        makes: |id| {
            let lengths: Vec<usize> = id.split('-').map(str::len).collect();
            matches!(lengths.as_slice(), [6, 6, 2] | [6, 11, 4])
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        },
    },
    // sendmail, doc/op: eight characters of time, then the process id.
    Server {
        name: "Sendmail",
        says: |value| value.contains("(8.") && value.contains('/'),
        makes: |id| {
            let (time, process) = id.split_at_checked(8).unwrap_or((id, ""));
            time.bytes().all(|b| b.is_ascii_alphanumeric())
                && process.len() >= 5
                && process.bytes().all(|b| b.is_ascii_digit())
        },
    },
    // The version of the server takes the place of an id.
    Server {
        name: "Microsoft SMTP Server",
        says: |value| value.contains("Microsoft SMTP Server") || value.contains("Microsoft SMTPSVC"),
        makes: |id| id.split('.').count() >= 3 && id.bytes().all(|b| b.is_ascii_digit() || b == b'.'),
    },
    Server { name: "qmail", says: |value| value.contains("(qmail "), makes: |_| true },
];

/// Names the server behind an unfolded Received value; tells whether `id` is one of its own,
/// which is true where there is none to judge.
pub fn of(value: &str, id: Option<&str>) -> Option<(&'static str, bool)> {
    let server = SERVERS.iter().find(|server| (server.says)(value))?;
    Some((server.name, id.is_none_or(server.makes)))
}

fn is_vowel(byte: u8) -> bool {
    matches!(byte.to_ascii_lowercase(), b'a' | b'e' | b'i' | b'o' | b'u')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_by_server() {
        let table = [
            ("from a by b.test (Postfix) with ESMTP", "307AB2E410", Some(("Postfix", true))),
            ("from a by b.test (Postfix, from userid 33)", "4XyzPq1Szzz9Rk", Some(("Postfix", true))),
            ("from a by b.test (Postfix) with ESMTP", "abc-12", Some(("Postfix", false))),
            ("from a by b.test with esmtps (Exim 4.96)", "1rZk2Q-0004Ab-1c", Some(("Exim", true))),
            ("from a by b.test with esmtps (Exim 4.98)", "1rZk2Q-00000004Abc-1cDe", Some(("Exim", true))),
            ("from a by b.test with esmtp (Exim 4.96)", "307AB2E410", Some(("Exim", false))),
            ("from a by b.test (8.14.7/8.14.7) with ESMTP", "31GBxYz4012345", Some(("Sendmail", true))),
            ("from a by b.test (8.14.7/8.14.7) with ESMTP", "hello", Some(("Sendmail", false))),
            ("from a by b.test with Microsoft SMTP Server", "15.20.7409.10", Some(("Microsoft SMTP Server", true))),
            ("(qmail 4711 invoked by uid 33)", "", Some(("qmail", true))),
            ("from a by b.test with ESMTPSA", "3BB4B9EC34", None),
        ];
        for (value, id, expected) in table {
            assert_eq!(of(value, Some(id)), expected, "{value} {id}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_value_is_looked_at(value: String, id: String) {
            let _ = of(&format!("(8./{value} (Postfix"), Some(&id));
            let _ = of(&value, Some(&id));
        }
    }
}
