//! Each campaign: how many mails, over which days, from where.

use std::collections::BTreeMap;

use super::{Page, Part, counted, times};
use crate::dossier::{Campaign, Message};
use crate::publish::findings::offset;

/// Days that the drawing can hold; a longer span is told in words alone.
const DAYS: i64 = 400;

/// One section per campaign.
pub fn campaigns(part: &Part<'_>, page: &mut Page) {
    if part.own.dossier.campaigns.is_empty() {
        page.raw("<p>No group of mails was found that shares a persona and a forged sender.</p>\n");
    }
    for (index, campaign) in part.own.dossier.campaigns.iter().enumerate() {
        section(part, campaign, index + 1, page);
    }
}

fn section(part: &Part<'_>, campaign: &Campaign, number: usize, page: &mut Page) {
    let about: Vec<&Message> = part
        .own
        .mails()
        .map(|(_, about)| about)
        .filter(|message| message.campaign.as_deref() == Some(&campaign.id))
        .collect();
    page.wrap("<h3>“", &campaign.label, "” <span class=\"tag mono\">").text(&campaign.id).raw("</span></h3>\n<p>");
    counted(page, about.len() as u64, "mail", "mails");
    let complaints = part
        .own
        .mails()
        .filter(|(mail, about)| !std::ptr::eq(*mail, *about) && about.campaign.as_deref() == Some(&campaign.id));
    let complaints = complaints.count() as u64;
    if complaints > 0 {
        page.raw(", ").number(complaints).raw(" of them known from complaints that carry them");
    }
    page.raw(".").cite(campaign.at.iter().map(String::as_str));
    if let Some(why) = &campaign.why {
        page.raw(" ").text(&part.sentence(why));
    }
    page.raw("</p>\n");
    histogram(&about, page);
    origins(part, &about, page);
    page.raw("<p>In full, with its path, checks, texts and one of its mails: <a href=\"campaigns.html#campaign-");
    page.digits(number as u64).raw("\">campaigns.html</a>, beside this file.</p>\n");
}

/// Mails per day; the picture carries no text, so that it scales to any width.
pub fn histogram(messages: &[&Message], page: &mut Page) {
    let mut per_day: BTreeMap<i64, u64> = BTreeMap::new();
    for day in messages.iter().filter_map(|message| times::day(message.date.as_deref()?)) {
        *per_day.entry(day).or_default() += 1;
    }
    let (Some((first, _)), Some((last, _))) = (per_day.first_key_value(), per_day.last_key_value()) else { return };
    let (first, days) = (*first, last - first + 1);
    let most = per_day.values().copied().max().unwrap_or(1);
    if !(2..=DAYS).contains(&days) {
        return;
    }
    page.raw("<div style=\"max-width:").digits((days as u64 * 2).max(24)).raw("rem\">");
    page.raw("<svg viewBox=\"0 0 ")
        .digits(days as u64 * 10)
        .raw(" 100\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"Mails per day, at most ");
    page.digits(most).raw("\">");
    for (day, count) in &per_day {
        let height = (count * 96 / most).max(2);
        page.raw("<rect x=\"").digits((day - first) as u64 * 10 + 1).raw("\" width=\"8\" y=\"").digits(98 - height);
        page.raw("\" height=\"").digits(height).raw("\"/>");
    }
    page.raw("<line x1=\"0\" y1=\"99\" x2=\"")
        .digits(days as u64 * 10)
        .raw("\" y2=\"99\" stroke-width=\"1\"/></svg>\n");
    let dates = messages.iter().filter_map(|message| message.date.as_deref()).filter(|date| times::day(date).is_some());
    let dates: Vec<String> = dates.map(times::date).collect();
    let empty = String::new();
    let (first, last) = (dates.iter().min().unwrap_or(&empty), dates.iter().max().unwrap_or(&empty));
    page.wrap("<p class=\"axis\"><span>", first, "</span><span>mails per day, at most ").number(most);
    page.wrap("</span><span>", last, "</span></p></div>\n");
}

fn origins(part: &Part<'_>, messages: &[&Message], page: &mut Page) {
    let mut rows: BTreeMap<(&str, Option<String>), (u64, &str)> = BTreeMap::new();
    for message in messages {
        let Some(ip) = message.origin_ip.as_deref() else { continue };
        let zone = message.origin_offset_minutes.and_then(offset);
        rows.entry((ip, zone)).or_insert((0, &message.at)).0 += 1;
    }
    if rows.is_empty() {
        page.raw("<p class=\"soft\">The path of these mails names no address of origin that can be trusted.</p>\n");
        return;
    }
    let mut rows: Vec<_> = rows.into_iter().collect();
    rows.sort_by(|a, b| b.1.0.cmp(&a.1.0).then_with(|| a.0.cmp(&b.0)));
    page.raw("<div class=\"scroll\"><table class=\"fold\"><caption>Where the mails came from, by the part of their path that hangs together. An address may be a relay or a hacked host.</caption>");
    page.raw("<thead><tr><th>Address</th><th>Network</th><th>Clock of the writer</th><th class=\"n\">Mails</th></tr></thead><tbody>\n");
    for ((ip, zone), (count, at)) in rows.iter().take(25) {
        page.wrap("<tr><td class=\"mono\">", &part.value("ip", ip), "</td><td data-l=\"Network\">");
        let origin = part.own.dossier.address_origins.iter().find(|origin| origin.value == *ip);
        page.text(origin.and_then(|origin| origin.name.as_deref()).unwrap_or("–")).raw("</td><td data-l=\"Clock\">");
        page.text(zone.as_deref().unwrap_or("not told")).raw("</td><td class=\"n\" data-l=\"Mails\">").number(*count);
        page.cite([*at]).raw("</td></tr>\n");
    }
    page.raw("</tbody></table></div>\n");
    if rows.len() > 25 {
        page.raw("<p class=\"soft\">")
            .number((rows.len() - 25) as u64)
            .raw(" further addresses are in findings.json.</p>\n");
    }
}
