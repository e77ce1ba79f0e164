//! Links, so that one page is one page however it is written.
//!
//! What a platform or campaign adds to count its readers is taken off; the rest
//! stays, since a query may say which page it is. Shorteners are not followed:
//! nothing is looked up.

/// Parameters that count readers and choose nothing.
const COUNTERS: &[&str] = &[
    "fbclid",
    "gclid",
    "gclsrc",
    "dclid",
    "msclkid",
    "yclid",
    "twclid",
    "ttclid",
    "wbraid",
    "gbraid",
    "igsh",
    "igshid",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "ref_src",
    "ref_url",
    "si",
    "feature",
    "_ga",
    "cmpid",
    "oly_enc_id",
    "vero_id",
];

/// The first link in a cell or text.
pub fn first(text: &str) -> Option<&str> {
    let parts =
        text.split(|c: char| c.is_whitespace() || matches!(c, '[' | ']' | '"' | '\'' | '<' | '>' | '|' | '(' | ')'));
    let links = parts.map(|part| part.trim_end_matches([',', '.', ';', '!', '?', '…']));
    links.into_iter().find(|part| after_scheme(part).is_some_and(|rest| rest.len() > 3))
}

fn after_scheme(link: &str) -> Option<&str> {
    let (scheme, rest) = link.split_once("://")?;
    (scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")).then_some(rest)
}

/// The page that a link leads to: host in lower case, path and query without
/// what counts readers, no scheme and no fragment.
pub fn canonical(link: &str) -> Option<String> {
    let rest = after_scheme(link.trim())?;
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (host, path) = address.split_at(address.find('/').unwrap_or(address.len()));
    let host = host.rsplit('@').next()?.to_lowercase();
    let host = host.strip_suffix(":443").or_else(|| host.strip_suffix(":80")).unwrap_or(&host);
    let host = ["www.", "m.", "mobile."].iter().find_map(|prefix| host.strip_prefix(prefix)).unwrap_or(host);
    if !host.contains('.') {
        return None;
    }
    let mut page = format!("{host}{}", path.trim_end_matches('/'));
    let mut parameters: Vec<&str> = query.split('&').filter(|part| !part.is_empty() && !counts(part)).collect();
    parameters.sort_unstable();
    if !parameters.is_empty() {
        page.push('?');
        page.push_str(&parameters.join("&"));
    }
    // Some sites choose the page by a fragment of this form.
    if fragment.starts_with(['!', '/']) {
        page.push('#');
        page.push_str(fragment);
    }
    Some(page)
}

fn counts(parameter: &str) -> bool {
    let name = parameter.split('=').next().unwrap_or("").to_ascii_lowercase();
    name.starts_with("utm_") || COUNTERS.contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_page_however_it_is_written() {
        let page = Some("video.example/v/60".to_owned());
        for link in [
            "https://video.example/v/60",
            "http://WWW.Video.example:80/v/60/",
            "https://video.example/v/60?utm_source=4481&fbclid=x",
            "https://m.video.example/v/60#t=3",
        ] {
            assert_eq!(canonical(link), page, "{link}");
        }
        assert_eq!(canonical("https://a.example/watch?v=2&a=1").as_deref(), Some("a.example/watch?a=1&v=2"));
        assert_eq!(canonical("https://a.example/#/page/2").as_deref(), Some("a.example#/page/2"));
        assert_eq!((canonical("ftp://a.example/x"), canonical("https://localhost/x")), (None, None));
    }

    #[test]
    fn the_first_link_of_a_cell() {
        assert_eq!(first("look (https://a.example/x), and https://b.example"), Some("https://a.example/x"));
        assert_eq!(first("['https://a.example/x', 'https://b.example/y']"), Some("https://a.example/x"));
        assert_eq!(first("no link, http:// nothing"), None);
    }
}
