//! What the target `traffic` does: any requests, through rules, ledger and verdicts.
//!
//! Apart from the other targets, because the tests of `traffic` replay its seeds
//! and know nothing of `evidence`.

use traffic::attack::Classifier;
use traffic::{Declared, Ledger, Request};

/// One request a line, tab-separated: method, path, query, agent, Referer,
/// then, where there are more, status, client and cookie. The same request
/// is classed alike each time, and whoever is accused has asked for something.
pub fn run(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let requests: Vec<Request<'_>> = text.lines().enumerate().map(request).collect();
    let mut classifier = Classifier::shipped().expect("the rules load");
    for request in &requests {
        assert_eq!(classifier.classes(request), classifier.classes(request), "{request:?}");
    }
    let mut declared = Declared::default();
    declared.lookup("site", "/record");
    declared.parameter("site", "id");
    let mut ledger = Ledger::new(declared).expect("the rules load");
    for request in &requests {
        ledger.observe(request);
    }
    let mut verdicts = ledger.close();
    for request in &requests {
        let mark = verdicts.of(request);
        assert!(mark.is_none() || !verdicts.is_empty(), "{request:?}");
        let told = mark.is_some();
        verdicts.note(request, told);
    }
    // Less than a week of requests shows no season.
    assert_eq!(verdicts.floods().count(), 0);
}

fn request((at, line): (usize, &str)) -> Request<'_> {
    let fields: Vec<&str> = line.split('\t').collect();
    let field = |at: usize| fields.get(at).copied().unwrap_or_default();
    Request {
        site: "site",
        time: at as i64 * 700_000,
        method: field(0),
        path: field(1),
        query: field(2),
        user_agent: field(3),
        referer: field(4),
        status: field(5).parse().unwrap_or(200),
        client: field(6),
        cookie: field(7),
        ..Request::default()
    }
}
