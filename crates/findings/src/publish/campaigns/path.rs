//! The true path of a campaign as a picture: origins, relays, receivers, and claims below the line of trust.
//!
//! A picture of a thousand relays shows nothing, so each column holds the
//! busiest few and says how many more there are; the table of flows holds all.

use std::collections::BTreeMap;

use super::{Close, close_table, table};
use crate::dossier::{Flow, Tally};
use crate::publish::report::page::Page;

/// Boxes of one column.
const BOXES: usize = 7;

/// Rows of the table below the picture.
const LONGEST: usize = 12;

/// Width of a box, distance of columns and of rows, in units of the picture.
const WIDTH: u64 = 226;
const COLUMN: u64 = 280;
const ROW: u64 = 50;
const TOP: u64 = 30;

/// One box: its words, and how many mails went through it.
#[derive(Default)]
struct Node {
    lines: [String; 2],
    victim: bool,
    messages: u64,
}

/// A column of boxes by what identifies each.
type Column = BTreeMap<String, Node>;

/// The picture, and the flows as a table.
pub fn path(close: &Close<'_>, page: &mut Page) {
    let flows: Vec<&Flow> =
        close.part.own.dossier.flows.iter().filter(|flow| flow.campaign == close.campaign.id).collect();
    page.raw("<h4>The true path</h4>\n");
    if flows.is_empty() {
        page.raw("<p class=\"soft\">No path is on record.</p>\n");
        return;
    }
    page.raw("<p>A relay is marked a probable victim where the mail came to it from another address, or a program on it wrote the mail: whoever runs it, a hacked site or a service that was misused, need not know. Hosts of the receiving side are none. Below the line of trust stand trace lines that nothing vouches for.</p>\n");
    picture(close, &flows, page);
    rows(close, &flows, page);
}

/// Whether the host that handed the mail over is more likely a victim than an author.
fn through_relay(flow: &Flow) -> bool {
    flow.by_program || flow.origin_ip.is_some() && flow.origin_ip != flow.relay_ip
}

/// Whether that host is a victim: the receiving side's own hosts pass mail on by their trade.
fn victim(flow: &Flow) -> bool {
    through_relay(flow) && !flow.inside
}

fn origin(flow: &Flow) -> String {
    match (&flow.origin_ip, through_relay(flow)) {
        (Some(ip), _) if Some(ip) != flow.relay_ip.as_ref() => ip.clone(),
        (Some(_), false) => flow.origin_ip.clone().unwrap_or_default(),
        _ => String::new(),
    }
}

fn relay(flow: &Flow) -> Option<String> {
    through_relay(flow).then(|| flow.relay_ip.clone().unwrap_or_default())
}

fn columns(close: &Close<'_>, flows: &[&Flow]) -> [Column; 3] {
    let mut columns: [Column; 3] = Default::default();
    let shown = |ip: &str| if ip.is_empty() { "no address told".to_owned() } else { close.part.value("ip", ip) };
    for flow in flows {
        let mut add = |column: usize, key: String, lines: [String; 2], victim: bool| {
            let node = columns[column].entry(key).or_insert_with(|| Node { lines, victim, messages: 0 });
            node.messages += flow.messages;
        };
        let from = origin(flow);
        add(0, from.clone(), [shown(&from), String::new()], false);
        let host = close.part.value("domain", flow.relay_host.as_deref().unwrap_or_default());
        if let Some(ip) = relay(flow) {
            add(1, ip.clone(), [shown(&ip), host], victim(flow));
        }
        let receiver = flow.receiver.clone().unwrap_or_default();
        add(2, receiver.clone(), [close.part.value("domain", &receiver), String::new()], false);
    }
    columns
}

/// Which box of a column stands where: the busiest from the top, the rest in one box at the end.
fn places(column: &Column) -> BTreeMap<&str, usize> {
    let mut keys: Vec<(&String, &Node)> = column.iter().collect();
    keys.sort_by(|a, b| (b.1.messages, a.0).cmp(&(a.1.messages, b.0)));
    keys.into_iter().enumerate().map(|(place, (key, _))| (&**key, place.min(BOXES))).collect()
}

fn picture(close: &Close<'_>, flows: &[&Flow], page: &mut Page) {
    let columns = columns(close, flows);
    let places: Vec<BTreeMap<&str, usize>> = columns.iter().map(places).collect();
    let tallest = columns.iter().map(|column| column.len().min(BOXES + 1)).max().unwrap_or(1) as u64;
    let claims = close.tallies("claim");
    let line = TOP + tallest * ROW + 6;
    let below = if claims.is_empty() { 0 } else { (claims.len().min(6) as u64).div_ceil(3) * ROW + 34 };
    page.raw("<div class=\"scroll\"><svg class=\"path\" viewBox=\"0 0 800 ").digits(line + below);
    page.raw("\" role=\"img\" aria-label=\"Path of the mails from their origin to the receiving hosts; the table below says the same\">\n");
    for (column, heading) in ["Origin, as far as it can be trusted", "Relays", "Receiving hosts"].iter().enumerate() {
        page.raw("<text class=\"head\" x=\"").digits(x(column)).raw("\" y=\"18\">").raw(heading).raw("</text>\n");
    }
    flows.iter().for_each(|flow| edges(flow, &places, page));
    for (column, (nodes, places)) in columns.iter().zip(&places).enumerate() {
        boxes(column, nodes, places, page);
    }
    below_the_line(close, &claims, line, page);
    page.raw("</svg></div>\n");
}

fn x(column: usize) -> u64 {
    4 + column as u64 * COLUMN
}

fn edges(flow: &Flow, places: &[BTreeMap<&str, usize>], page: &mut Page) {
    let at = |column: usize, key: &str| places[column].get(key).map(|place| (column, *place as u64));
    let mut stops = vec![at(0, &origin(flow))];
    if let Some(ip) = relay(flow) {
        stops.push(at(1, &ip));
    }
    stops.push(at(2, flow.receiver.as_deref().unwrap_or_default()));
    let stops: Vec<(usize, u64)> = stops.into_iter().flatten().collect();
    for pair in stops.windows(2) {
        let [(from, a), (to, b)] = pair else { continue };
        page.raw("<line x1=\"").digits(x(*from) + WIDTH).raw("\" y1=\"").digits(TOP + a * ROW + 20);
        page.raw("\" x2=\"").digits(x(*to)).raw("\" y2=\"").digits(TOP + b * ROW + 20).raw("\"/>\n");
    }
}

fn boxes(column: usize, nodes: &Column, places: &BTreeMap<&str, usize>, page: &mut Page) {
    let (mut rest, mut rest_messages) = (0u64, 0u64);
    for (key, node) in nodes {
        match places.get(&**key) {
            Some(place) if *place < BOXES => {
                let class = if node.victim { "<rect class=\"victim\"" } else { "<rect" };
                a_box(page, class, [x(column), TOP + *place as u64 * ROW]);
                words(page, node, [x(column), TOP + *place as u64 * ROW]);
            }
            _ => (rest, rest_messages) = (rest + 1, rest_messages + node.messages),
        }
    }
    if rest > 0 {
        let at = [x(column), TOP + BOXES as u64 * ROW];
        a_box(page, "<rect class=\"rest\"", at);
        words(
            page,
            &Node { lines: [format!("{rest} more"), String::new()], victim: false, messages: rest_messages },
            at,
        );
    }
}

fn a_box(page: &mut Page, open: &'static str, [x, y]: [u64; 2]) {
    page.raw(open).raw(" x=\"").digits(x).raw("\" y=\"").digits(y).raw("\" width=\"").digits(WIDTH);
    page.raw("\" height=\"42\" rx=\"6\"/>");
}

fn words(page: &mut Page, node: &Node, [x, y]: [u64; 2]) {
    page.raw("<text x=\"").digits(x + 8).raw("\" y=\"").digits(y + 17).wrap("\">", &cut(&node.lines[0]), "</text>");
    page.raw("<text class=\"soft\" x=\"").digits(x + 8).raw("\" y=\"").digits(y + 34).raw("\">");
    let second = match (node.lines[1].is_empty(), node.victim) {
        (false, true) => format!("{} – ", short(&node.lines[1], 11)),
        (false, false) => format!("{} – ", short(&node.lines[1], 18)),
        (true, _) => String::new(),
    };
    page.text(&second).number(node.messages).raw(if node.messages == 1 { " mail" } else { " mails" });
    page.raw(if node.victim { ", likely victim" } else { "" }).raw("</text>\n");
}

fn below_the_line(close: &Close<'_>, claims: &[&Tally], line: u64, page: &mut Page) {
    if claims.is_empty() {
        return;
    }
    page.raw("<line class=\"trust\" x1=\"0\" x2=\"800\" y1=\"").digits(line).raw("\" y2=\"").digits(line).raw("\"/>");
    page.raw("<text class=\"head\" x=\"4\" y=\"").digits(line + 20).raw("\">Line of trust: below it, claims only");
    page.raw(if claims.len() > 6 { " (the commonest)" } else { "" }).raw("</text>\n");
    for (index, claim) in claims.iter().take(6).enumerate() {
        let at = [x(index % 3), line + 30 + (index / 3) as u64 * ROW];
        a_box(page, "<rect class=\"claim\"", at);
        let lines =
            [close.part.value("ip", &claim.value), close.part.value("domain", claim.note.as_deref().unwrap_or(""))];
        words(page, &Node { lines, victim: false, messages: claim.messages }, at);
    }
}

/// Words that fit into a box.
fn cut(text: &str) -> String {
    short(text, 27)
}

fn short(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn rows(close: &Close<'_>, flows: &[&Flow], page: &mut Page) {
    table(page, "The same as a table.", &["Origin", "Handed over by", "Received by", "Mails"]);
    for flow in flows.iter().take(LONGEST) {
        let from = origin(flow);
        page.raw("<tr><td class=\"mono\">");
        page.text(&if from.is_empty() { "not told".to_owned() } else { close.part.value("ip", &from) });
        page.raw("</td><td data-l=\"By\"><span class=\"mono\">")
            .text(&close.part.value("ip", flow.relay_ip.as_deref().unwrap_or("–")));
        page.wrap("</span> ", &close.part.value("domain", flow.relay_host.as_deref().unwrap_or_default()), "");
        page.raw(match (victim(flow), flow.inside) {
            (true, _) => " <span class=\"tag\">probable victim</span>",
            (false, true) => " <span class=\"small soft\">inside the receiving side</span>",
            (false, false) => "",
        });
        page.raw(if flow.by_program {
            " <span class=\"small soft\">a program on it wrote the mail</span>"
        } else {
            ""
        });
        page.wrap(
            "</td><td class=\"mono\" data-l=\"Received by\">",
            &close.part.value("domain", flow.receiver.as_deref().unwrap_or("–")),
            "</td>",
        );
        page.raw("<td class=\"n\" data-l=\"Mails\">").number(flow.messages).cite([&*flow.at]).raw("</td></tr>\n");
    }
    close_table(page);
    if flows.len() > LONGEST {
        page.raw("<p class=\"small soft\">").number((flows.len() - LONGEST) as u64);
        page.raw(" rarer ways are not listed.</p>\n");
    }
    let claims = close.tallies("claim");
    if !claims.is_empty() {
        page.raw("<p class=\"small\">Claims below the line:").cite(claims.iter().map(|claim| &*claim.at)).raw("</p>\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_foreign_host_that_passes_mail_on_is_a_victim() {
        let flow = |origin: Option<&str>, relay: &str, by_program, inside| Flow {
            origin_ip: origin.map(str::to_owned),
            relay_ip: Some(relay.to_owned()),
            by_program,
            inside,
            ..Flow::default()
        };
        assert!(victim(&flow(Some("192.0.2.1"), "198.51.100.1", false, false)));
        assert!(victim(&flow(None, "198.51.100.1", true, false)));
        assert!(!victim(&flow(Some("198.51.100.1"), "198.51.100.1", false, false)), "the origin itself");
        assert!(!victim(&flow(Some("192.0.2.1"), "::1", false, true)), "inside the receiving side");
    }
}
