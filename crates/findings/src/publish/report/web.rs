//! Attacks on web sites, each on one page: its course on a common axis of days,
//! the records that left, the addresses and what they hide behind, the slip.
//!
//! Records are counted and never named: they are people's.

use std::collections::{BTreeMap, BTreeSet};

use super::{Page, Part, counted, times};
use crate::dossier::{WebAddress, WebDay, WebSession};

/// Days that a drawing can hold.
const DAYS: i64 = 400;
/// Addresses that are listed.
const LONGEST: usize = 40;

/// One part per actor.
pub fn web(part: &Part<'_>, page: &mut Page) {
    let sessions = &part.own.dossier.web_sessions;
    let actors: BTreeSet<&str> = sessions.iter().map(|session| &*session.actor).collect();
    if actors.is_empty() {
        page.raw("<p>No attack on a site and no walk through its records was found in web logs.</p>\n");
    }
    let mut actors: Vec<&str> = actors.into_iter().collect();
    actors.sort_by_key(|actor| {
        sessions.iter().filter(|session| session.actor == **actor).map(|session| &session.first_seen).min()
    });
    for actor in actors {
        page.wrap("<article class=\"card\"><h3>Attack <span class=\"tag mono\">", actor, "</span></h3>\n");
        let own: Vec<&WebSession> = sessions.iter().filter(|session| session.actor == actor).collect();
        slip(part, actor, page);
        course(part, actor, page);
        phases(part, &own, page);
        addresses(part, actor, page);
        page.raw("</article>\n");
    }
}

fn slip(part: &Part<'_>, actor: &str, page: &mut Page) {
    for address in part.own.dossier.web_addresses.iter().filter(|address| address.actor == actor && address.slip) {
        page.raw("<p class=\"ground\">").wrap(
            "<strong class=\"mono\">",
            &part.value("ip", &address.value),
            "</strong>: ",
        );
        page.text(&part.sentence(&address.why)).raw(". First at ").text(&times::minute(&address.first_seen));
        page.raw(".").cite([&*address.at]).raw("</p>\n");
    }
}

/// Bars per day for each phase, all on the same days.
fn course(part: &Part<'_>, actor: &str, page: &mut Page) {
    let days: Vec<&WebDay> = part.own.dossier.web_days.iter().filter(|day| day.actor == actor).collect();
    let dated: BTreeSet<i64> = days.iter().filter_map(|day| times::day(&day.day)).collect();
    let (Some(first), Some(last)) = (dated.first().copied(), dated.last().copied()) else { return };
    if last - first >= DAYS {
        return;
    }
    let lane = |label, page: &mut Page, amount: &dyn Fn(&WebDay) -> u64| {
        let mut bars: BTreeMap<i64, u64> = BTreeMap::new();
        for (at, day) in days.iter().filter_map(|day| Some((times::day(&day.day)?, day))) {
            *bars.entry(at - first).or_default() += amount(day);
        }
        draw(label, &bars, last - first + 1, page);
    };
    let requests = |phase: &'static str| move |day: &WebDay| if day.phase == phase { day.requests } else { 0 };
    lane("scanning, requests per day", page, &requests("scan"));
    lane("attempts by hand, requests per day", page, &requests("exploit"));
    lane("walks, requests per day", page, &requests("scrape"));
    lane("records that left, per day", page, &|day| day.records);
    let date = |wanted: i64| {
        days.iter()
            .find(|day| times::day(&day.day) == Some(wanted))
            .map(|day| times::date(&day.day))
            .unwrap_or_default()
    };
    page.wrap("<p class=\"axis\"><span>", &date(first), "</span><span>days of UTC</span><span>")
        .text(&date(last))
        .raw("</span></p>\n");
}

fn draw(label: &'static str, bars: &BTreeMap<i64, u64>, days: i64, page: &mut Page) {
    let most = bars.values().copied().max().unwrap_or(0);
    if most == 0 {
        return;
    }
    page.raw("<p class=\"axis\"><span>").raw(label).raw("</span><span>at most ").number(most).raw("</span></p>\n");
    page.raw("<svg viewBox=\"0 0 ").digits(days.unsigned_abs() * 10);
    page.raw(" 100\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"").raw(label).raw("\">");
    for (day, count) in bars.iter().filter(|(_, count)| **count > 0) {
        let height = (count.saturating_mul(96) / most).max(3);
        page.raw("<rect x=\"")
            .digits(day.unsigned_abs() * 10 + 1)
            .raw("\" width=\"8\" y=\"")
            .digits(98 - height.min(98));
        page.raw("\" height=\"").digits(height).raw("\"/>");
    }
    page.raw("<line x1=\"0\" y1=\"99\" x2=\"")
        .digits(days.unsigned_abs() * 10)
        .raw("\" y2=\"99\" stroke-width=\"1\"/></svg>\n");
}

fn phases(part: &Part<'_>, sessions: &[&WebSession], page: &mut Page) {
    let mut sessions = sessions.to_vec();
    sessions.sort_by(|a, b| (&a.first_seen, &a.site, &a.phase).cmp(&(&b.first_seen, &b.site, &b.phase)));
    page.raw("<div class=\"scroll\"><table class=\"fold\"><caption>What was done. Marks of scanning tools say nothing of who ran them.</caption>");
    page.raw("<thead><tr><th>Site</th><th>Phase</th><th>From – to</th><th class=\"n\">Requests</th><th class=\"n\">Records read</th><th>What it rests on</th></tr></thead><tbody>\n");
    for session in sessions {
        page.wrap("<tr><td>", &session.site, "</td><td data-l=\"Phase\">").text(&session.phase);
        if session.slip {
            page.raw(" <span class=\"tag bad\">without cover</span>");
        }
        page.wrap("</td><td data-l=\"From – to\">", &times::minute(&session.first_seen), " – ");
        page.text(&times::minute(&session.last_seen))
            .raw("</td><td class=\"n\" data-l=\"Requests\">")
            .number(session.requests);
        page.raw("</td><td class=\"n\" data-l=\"Records read\">").number(session.records);
        if session.missing > 0 {
            page.raw(" (")
                .number(session.records_low)
                .raw(" – ")
                .number(session.records_high)
                .raw(" with lines that the logs lack)");
        }
        page.wrap("</td><td data-l=\"What it rests on\">", &part.sentence(&session.why), "");
        if !session.techniques.is_empty() {
            page.raw(" <span class=\"soft small\">ATT&amp;CK ").text(&session.techniques.join(", ")).raw("</span>");
        }
        page.cite([&*session.at]).raw("</td></tr>\n");
    }
    page.raw("</tbody></table></div>\n");
}

fn addresses(part: &Part<'_>, actor: &str, page: &mut Page) {
    let mut rows: Vec<&WebAddress> =
        part.own.dossier.web_addresses.iter().filter(|address| address.actor == actor).collect();
    rows.sort_by(|a, b| (b.slip, b.requests, &a.value).cmp(&(a.slip, a.requests, &b.value)));
    page.raw("<div class=\"scroll\"><table class=\"fold\"><caption>Addresses. One behind which many stand tells of nobody.</caption>");
    page.raw("<thead><tr><th>Address</th><th>Network</th><th>Shared as</th><th>Rented by</th><th class=\"n\">Requests</th><th>What it means</th></tr></thead><tbody>\n");
    for address in rows.iter().take(LONGEST) {
        page.wrap("<tr><td class=\"mono\">", &part.value("ip", &address.value), "</td><td data-l=\"Network\">");
        page.text(address.network.as_deref().unwrap_or("unknown")).raw("</td><td data-l=\"Shared as\">");
        page.text(address.shared_class.as_deref().unwrap_or("–")).raw("</td><td data-l=\"Rented by\">");
        page.text(address.held_by.as_deref().unwrap_or("–"))
            .raw("</td><td class=\"n\" data-l=\"Requests\">")
            .number(address.requests);
        page.wrap("</td><td data-l=\"What it means\">", &part.sentence(&address.why), "")
            .cite([&*address.at])
            .raw("</td></tr>\n");
    }
    page.raw("</tbody></table></div>\n");
    if rows.len() > LONGEST {
        page.raw("<p class=\"soft\">");
        counted(page, (rows.len() - LONGEST) as u64, "more address is", "more addresses are");
        page.raw(" in the table web_addresses.</p>\n");
    }
}
