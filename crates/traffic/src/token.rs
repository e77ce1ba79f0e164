//! Session tokens: what ties requests to one client across addresses.
//!
//! A token stands in a cookie or, on sites without cookies, in the query.
//! Cookies hold more than sessions (consent, language, counters that all share),
//! so only a name that speaks of a session counts, or a bare value that a log
//! keeps by itself. A token that is short or has one character over and over
//! identifies nobody.

use crate::key::{self, Key};

const NAMES: [&str; 6] = ["sess", "sid", "token", "auth", "jwt", "login"];

/// The key of the request's session token, 0 if it has none.
pub fn of(cookie: &str, query: &str) -> Key {
    from_cookie(cookie).or_else(|| from_query(query)).map_or(0, |value| key::of(&[value]))
}

fn from_cookie(cookie: &str) -> Option<&str> {
    if matches!(cookie, "" | "-") {
        return None;
    }
    if !cookie.contains('=') {
        return Some(cookie.trim()).filter(|value| is_token(value));
    }
    cookie.split([';', '&']).find_map(session)
}

fn from_query(query: &str) -> Option<&str> {
    query.split('&').find_map(session)
}

/// The token of a pair that holds one.
fn session(pair: &str) -> Option<&str> {
    let (name, value) = pair.split_once('=')?;
    let value = names_session(name).then(|| value.trim_end_matches([' ', '+']))?;
    is_token(value).then_some(value)
}

/// Whether a parameter of this name carries a session.
pub fn names_session(name: &str) -> bool {
    NAMES.iter().any(|part| speaks_of(name, part)) && !speaks_of(name, "csrf") && !speaks_of(name, "xsrf")
}

/// Whether a name holds a word, large or small; it is asked of each parameter of each request.
pub fn speaks_of(name: &str, word: &str) -> bool {
    name.len() >= word.len()
        && name.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
}

fn is_token(value: &str) -> bool {
    let first = value.bytes().next();
    value.len() >= 8 && value.bytes().any(|byte| Some(byte) != first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_found_where_sites_keep_them() {
        let bare = of("6f92fa76ba484671", "");
        assert_ne!(bare, 0);
        assert_eq!(of("ASP.NET_SessionId=6f92fa76ba484671", ""), bare);
        assert_eq!(of("lang=en; PHPSESSID=6f92fa76ba484671; consent=1", ""), bare);
        assert_eq!(of("", "id=3&sid=6f92fa76ba484671"), bare);
        assert_eq!(of("consent=accepted-all", "id=12345678"), 0);
        assert_eq!(of("-", ""), 0);
        assert_eq!(of("00000000", ""), 0);
    }
}
