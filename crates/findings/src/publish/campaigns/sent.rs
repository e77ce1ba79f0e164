//! When a campaign was sent, to how many of whom, and what it links to.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Close, close_table, table};
use crate::dossier::{Message, Tally};
use crate::publish::defang;
use crate::publish::findings::offset;
use crate::publish::report::counted;
use crate::publish::report::page::Page;

/// Recipients of one domain, and mails of one link, below which naming it could name a person.
const FEW: u64 = 3;

/// Mails per hour of the day, by UTC and by the clock of the writing machine where one is known.
pub fn times(close: &Close<'_>, page: &mut Page) {
    let messages: Vec<&Message> = close
        .part
        .own
        .mails()
        .map(|(_, about)| about)
        .filter(|message| message.campaign.as_deref() == Some(&close.campaign.id))
        .collect();
    let dated: Vec<(Timestamp, &Message)> =
        messages.iter().filter_map(|message| Some((message.date.as_deref()?.parse().ok()?, *message))).collect();
    if dated.is_empty() {
        return;
    }
    page.raw("<h4>When they were sent</h4>\n<p class=\"small soft\">By their Date headers, which their writers choose.</p>\n");
    crate::publish::report::campaigns::histogram(&messages, page);
    hours(dated.iter().map(|(time, _)| time.as_second()), "UTC", page);
    let mut zones: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (time, message) in &dated {
        if let Some(minutes) = message.origin_offset_minutes {
            zones.entry(minutes).or_default().push(time.as_second() + minutes.clamp(-1440, 1440) * 60);
        }
    }
    let mut zones: Vec<_> = zones.into_iter().collect();
    zones.sort_by_key(|(minutes, times)| (std::cmp::Reverse(times.len()), *minutes));
    for (minutes, times) in zones.into_iter().take(2) {
        if let Some(zone) = offset(minutes) {
            hours(times.into_iter(), &zone, page);
        }
    }
}

fn hours(seconds: impl Iterator<Item = i64>, zone: &str, page: &mut Page) {
    let mut per_hour = [0u64; 24];
    for second in seconds {
        per_hour[second.rem_euclid(86_400) as usize / 3600] += 1;
    }
    let (most, all) = (per_hour.iter().copied().max().unwrap_or(1).max(1), per_hour.iter().sum::<u64>());
    page.raw("<div class=\"hours\"><svg viewBox=\"0 0 240 100\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"Mails per hour of the day, at most ");
    page.digits(most).raw("\">");
    for (hour, count) in per_hour.iter().enumerate().filter(|(_, count)| **count > 0) {
        let height = (count * 96 / most).max(2);
        page.raw("<rect x=\"").digits(hour as u64 * 10 + 1).raw("\" width=\"8\" y=\"").digits(98 - height);
        page.raw("\" height=\"").digits(height).raw("\"/>");
    }
    page.raw("<line x1=\"0\" y1=\"99\" x2=\"240\" y2=\"99\" stroke-width=\"1\"/></svg>\n<p class=\"axis\"><span>0 h</span><span>mails per hour of the day, ");
    page.wrap("", zone, ", ")
        .number(all)
        .raw(" mails, at most ")
        .number(most)
        .raw(" in an hour</span><span>24 h</span></p></div>\n");
}

/// Recipients as counts; a domain with few of them is not named, since its name may be a person's.
pub fn recipients(close: &Close<'_>, page: &mut Page) {
    let all = close.tallies("recipient");
    if all.is_empty() {
        return;
    }
    page.raw("<h4>Who received them</h4>\n");
    states(close, page);
    table(page, "Different recipients by the domain of their address.", &["Domain", "Recipients"]);
    for tally in all.iter().filter(|tally| tally.messages >= FEW) {
        page.wrap("<tr><td class=\"mono\">", &close.part.value("domain", &tally.value), "</td>");
        page.raw("<td class=\"n\" data-l=\"Recipients\">").number(tally.messages).raw("</td></tr>\n");
    }
    close_table(page);
    let few: Vec<u64> = all.iter().map(|tally| tally.messages).filter(|count| *count < FEW).collect();
    let unlisted = all.first().map_or(0, |tally| tally.kinds).saturating_sub(all.len() as u64) + few.len() as u64;
    if unlisted > 0 {
        page.raw("<p class=\"small soft\">");
        counted(page, unlisted, "further domain is", "further domains are");
        page.raw(" not named: rarer, or with fewer than three recipients.</p>\n");
    }
}

fn states(close: &Close<'_>, page: &mut Page) {
    let states = close.tallies("state");
    if states.is_empty() {
        page.raw("<p>No declared fact ties a recipient’s domain to a state, and no mail quotes a postal address, so no state is told.</p>\n");
        return;
    }
    let by =
        |name: &str| states.iter().filter(|tally| tally.name.as_deref() == Some(name)).copied().collect::<Vec<_>>();
    counts(&by("declared"), "By the state that a declared fact gives for the domain: ", page);
    counts(&by("quoted"), "By the state in the postal address that the mail quotes: ", page);
}

fn counts(states: &[&Tally], words: &'static str, page: &mut Page) {
    for (index, tally) in states.iter().enumerate() {
        page.raw(if index == 0 { "<p>" } else { ", " }).raw(if index == 0 { words } else { "" });
        page.text(&tally.value).raw(" ");
        counted(page, tally.messages, "recipient", "recipients");
    }
    page.raw(if states.is_empty() { "" } else { ".</p>\n" });
}

/// Kinds of personal data that its texts quote: they tell which list it was written from.
pub fn quoted(close: &Close<'_>, page: &mut Page) {
    let quoted = close.tallies("quoted");
    if quoted.is_empty() {
        return;
    }
    page.raw("<h4>What they know of their readers</h4>\n");
    table(page, "Personal data that texts quote, by kind; what they quote stays in the case.", &["Kind", "Mails"]);
    for tally in quoted {
        page.wrap("<tr><th scope=\"row\">", &tally.value, "</th><td class=\"n\" data-l=\"Mails\">");
        page.number(tally.messages).cite([&*tally.at]).raw("</td></tr>\n");
    }
    close_table(page);
}

/// What mails share besides their words, and whether mail that checks cover has it too.
pub fn marks(close: &Close<'_>, page: &mut Page) {
    // An id in a link that few mails hold may be a reader's.
    let is_shown = |tally: &&Tally| tally.name.as_deref() != Some("tracking-id") || tally.messages >= FEW;
    let marks: Vec<&Tally> = close.tallies("mark").into_iter().filter(is_shown).collect();
    if marks.is_empty() {
        return;
    }
    page.raw("<h4>Hosts, links, ids and pictures that its mails share</h4>\n");
    table(
        page,
        "Each stands in at least two mails. What covered mail has too is a provider’s or a popular site’s.",
        &["Kind", "Value", "Also", "Mails"],
    );
    for tally in marks {
        let kind = tally.name.as_deref().unwrap_or_default();
        page.wrap("<tr><td>", kind, "</td><td class=\"mono\" data-l=\"Value\">");
        page.text(&close.part.value(if kind == "picture" { "hash" } else { "domain" }, &tally.value));
        page.wrap("</td><td data-l=\"Also\">", tally.note.as_deref().unwrap_or_default(), "</td>");
        page.raw("<td class=\"n\" data-l=\"Mails\">").number(tally.messages).cite([&*tally.at]).raw("</td></tr>\n");
    }
    close_table(page);
}

/// Links and attachments that stand in several mails.
pub fn links(close: &Close<'_>, page: &mut Page) {
    let (links, attached) = (close.tallies("link"), close.tallies("attachment"));
    page.raw("<h4>Links and attachments</h4>\n");
    if links.is_empty() && attached.is_empty() {
        page.raw("<p class=\"soft\">None was found in their texts.</p>\n");
        return;
    }
    table(
        page,
        "In full only where at least three mails hold the same: the path of a link may name its reader.",
        &["Kind", "Value", "Mails"],
    );
    let mut few = 0u64;
    for tally in links.iter().chain(&attached) {
        let name = tally.name.as_deref().unwrap_or_default();
        let value = match host(name, &tally.value) {
            _ if tally.messages >= FEW => defang::without_query(name, &tally.value),
            Some(host) => host,
            None => {
                few += 1;
                continue;
            }
        };
        page.wrap("<tr><td>", name, "</td><td class=\"mono\" data-l=\"Value\">");
        page.text(&close.part.value(name, &value)).raw("</td><td class=\"n\" data-l=\"Mails\">");
        page.number(tally.messages).cite([&*tally.at]).raw("</td></tr>\n");
    }
    close_table(page);
    if few > 0 {
        page.raw("<p class=\"small soft\">").number(few).raw(" more stand in one or two mails each.</p>\n");
    }
}

/// A URL up to its host.
fn host(kind: &str, value: &str) -> Option<String> {
    let (scheme, rest) = value.split_once("://").filter(|_| kind == "url")?;
    let host = rest.split(['/', '?', '#']).next().filter(|host| !host.contains('@'))?;
    Some(format!("{scheme}://{host}/…"))
}
