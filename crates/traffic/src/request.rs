//! One request, as every log format tells it, and what became of it.

use serde::{Deserialize, Serialize};

/// A request with its site and its time, corrected by the site's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request<'a> {
    /// The site that was asked: a folder of logs, or a host.
    pub site: &'a str,
    /// Microseconds since 1970.
    pub time: i64,
    /// The client's address; proxies are looked through beforehand.
    pub client: &'a str,
    /// Request method, empty if unknown.
    pub method: &'a str,
    /// Path of the target as written.
    pub path: &'a str,
    /// Query without the question mark as written.
    pub query: &'a str,
    /// HTTP status, 0 if unknown.
    pub status: u16,
    /// Bytes sent.
    pub bytes: Option<u64>,
    /// Milliseconds that the answer took, where logged.
    pub millis: Option<u32>,
    /// Referer, empty if none.
    pub referer: &'a str,
    /// User agent, empty if none.
    pub user_agent: &'a str,
    /// Session cookie or the whole cookie header, empty if none.
    pub cookie: &'a str,
    /// Virtual host, empty if not logged.
    pub host: &'a str,
}

impl Request<'_> {
    /// Bytes of a whole page that nothing but its path was asked for.
    pub fn plain_page(&self) -> Option<u64> {
        let plain = self.method == "GET" && self.status == 200 && self.query.is_empty();
        self.bytes.filter(|bytes| plain && *bytes > 0)
    }

    /// Whether a page of the same site led here, as far as the Referer tells.
    pub fn browsed(&self) -> bool {
        let host = match self.referer.split_once("://") {
            Some((_, rest)) => rest.split(['/', ':', '?', '#']).next().unwrap_or(rest),
            None => return false,
        };
        match self.host {
            "" => host.split('.').any(|label| label.eq_ignore_ascii_case(self.site)) || host == self.site,
            own => host.eq_ignore_ascii_case(own),
        }
    }
}

/// What the site answered when it was asked for a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// A record left.
    Hit,
    /// There was none.
    Miss,
    /// The site refused: a firewall, a limit, a login.
    Blocked,
    /// The site failed.
    Failed,
}

impl Outcome {
    /// The word in tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Miss => "miss",
            Self::Blocked => "blocked",
            Self::Failed => "failed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_the_site_leads_on() {
        let request = Request { site: "votes", referer: "https://votes.example.test/staff", ..Request::default() };
        assert!(request.browsed());
        assert!(!Request { host: "other.example.test", ..request }.browsed());
        assert!(Request { host: "VOTES.example.test", ..request }.browsed());
        assert!(!Request { referer: "", ..request }.browsed());
        assert!(!Request { referer: "https://search.example/?q=votes", ..request }.browsed());
    }
}
