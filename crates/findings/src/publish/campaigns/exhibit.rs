//! One mail: every header in its order with what it is and how far it can be believed, hops, checks.
//!
//! The header block is cut into fields here, at line ends alone: no field is
//! parsed, so nothing in it can mislead more than the one who reads it.

use std::collections::BTreeSet;

use super::header_names::{Showing, find};
use super::{Close, checks, close_table, table, texts};
use crate::dossier::{Exhibit, ExhibitCheck, ExhibitHop, Wording};
use crate::publish::masks::{Masks, Word, names};
use crate::publish::report::page::Page;
use crate::publish::report::{Part, counted, times};
use crate::publish::{defang, may_quote};

/// Headers that are shown; a block with more is cut, visibly.
const LONGEST: usize = 120;

/// Characters of one value that are shown.
const VALUE: usize = 400;

/// The mail that stands for the campaign.
pub fn exhibits(close: &Close<'_>, page: &mut Page) {
    let exhibits = close.part.own.dossier.exhibits.iter().filter(|mail| mail.campaign == close.campaign.id);
    for mail in exhibits {
        page.raw("<h4 id=\"mail-").digits(close.number as u64).raw("\">One of its mails, header by header</h4>\n<p class=\"small soft\">Chosen by rule: the mail with the most hops, checks and claims on record; among equals, the first place. <code>handprint mail</code> explains any other the same way.</p>\n");
        page.raw("<details open><summary>Hops, checks and headers</summary>\n");
        tell(close.part, mail, &texts::masks(close), page);
        page.raw("</details>\n");
    }
}

/// A mail on its own, with nothing to count its words against.
pub fn exhibit(part: &Part<'_>, mail: &Exhibit, page: &mut Page) {
    tell(part, mail, &Masks::default(), page);
}

fn tell(part: &Part<'_>, mail: &Exhibit, masks: &Masks, page: &mut Page) {
    let dossier = part.own.dossier;
    page.raw("<p>The message.").cite([&*mail.at]);
    if let Some(why) = &mail.why {
        page.raw(" Its origin: ").text(&part.sentence(why)).raw(".");
    }
    page.raw("</p>\n");
    let hops: Vec<&ExhibitHop> = dossier.exhibit_hops.iter().filter(|hop| hop.mail == mail.at).collect();
    hop_table(part, &hops, page);
    let found: Vec<&ExhibitCheck> = dossier.exhibit_checks.iter().filter(|check| check.mail == mail.at).collect();
    check_table(part, &found, page);
    let view = View { part, mail, masks, names: names(&mail.recipients) };
    header_table(&view, &hops, page);
}

fn hop_table(part: &Part<'_>, hops: &[&ExhibitHop], page: &mut Page) {
    if hops.is_empty() {
        page.raw("<p class=\"soft\">It has no Received header, so it tells no path.</p>\n");
        return;
    }
    table(page, "Hop by hop, the latest first.", &["Received by", "From", "Time, delay, clock", "Standing"]);
    for hop in hops {
        page.wrap(
            "<tr><td class=\"mono\">",
            &part.value("domain", hop.by_host.as_deref().unwrap_or("not told")),
            "</td><td data-l=\"From\"><span class=\"mono\">",
        );
        let name = hop.from_host.as_deref().or(hop.helo.as_deref()).unwrap_or("no name");
        page.text(&part.value("domain", name))
            .raw("<br>")
            .text(&part.value("ip", hop.from_ip.as_deref().unwrap_or("no address")));
        page.raw("</span></td><td data-l=\"Time\">")
            .text(&hop.date.as_deref().map_or("not told".to_owned(), times::minute));
        if let Some(seconds) = hop.seconds_since_below {
            page.wrap("<br>", &delay(seconds), "");
        }
        if let Some(zone) = hop.date_offset_minutes.and_then(crate::publish::findings::offset) {
            page.wrap("<br>clock ", &zone, "");
        }
        page.raw("</td><td data-l=\"Standing\">").raw(standing(&hop.standing));
        if let Some(doubts) = &hop.doubts {
            page.wrap("<br><span class=\"tag bad\">doubt</span> ", &part.sentence(doubts), "");
        }
        page.cite([&*hop.at]).raw("</td></tr>\n");
    }
    close_table(page);
}

fn delay(seconds: i64) -> String {
    match seconds {
        0.. => format!("{seconds} s after the hop below"),
        _ => format!("{} s before the hop below: clocks disagree", seconds.unsigned_abs()),
    }
}

fn standing(word: &str) -> &'static str {
    match word {
        "delivery" => "Delivery: inside the receiving side, above the line of trust.",
        "reception" => "Reception: the receiving side wrote it; the line of trust runs below it.",
        "whole" => "Hangs together with the hop above it, so it is likely true.",
        _ => "A claim: nothing vouches for it.",
    }
}

fn check_table(part: &Part<'_>, found: &[&ExhibitCheck], page: &mut Page) {
    if found.is_empty() {
        page.raw("<p class=\"soft\">No check of its sender is on record.</p>\n");
        return;
    }
    table(page, "Checks of its sender.", &["Check", "By", "Result", "Speaks for", "Why"]);
    for check in found {
        page.wrap("<tr><th scope=\"row\">", &check.method.to_uppercase(), "</th><td data-l=\"By\">");
        page.raw(if check.source == "snapshot" { "us" } else { "receiver" }).raw("</td><td data-l=\"Result\">");
        checks::result(&check.result, page);
        page.wrap(
            "</td><td data-l=\"Speaks for\"><span class=\"mono\">",
            &part.value("domain", check.domain.as_deref().unwrap_or("–")),
            "</span>",
        );
        page.raw(checks::reach(check.aligned, check.domain.is_some())).raw("</td><td data-l=\"Why\">");
        page.text(&part.sentence(check.why.as_deref().unwrap_or("–"))).cite([&*check.at]).raw("</td></tr>\n");
    }
    close_table(page);
}

/// What showing a value needs to know.
struct View<'a> {
    part: &'a Part<'a>,
    mail: &'a Exhibit,
    masks: &'a Masks,
    names: BTreeSet<String>,
}

fn header_table(view: &View<'_>, hops: &[&ExhibitHop], page: &mut Page) {
    let fields = fields(&view.mail.header);
    let last = boundary(&fields, hops);
    table(
        page,
        "Every header in its order. Above the line of trust the receiving side writes; below it every header is the sender’s word, unless a hop there hangs together.",
        &["Header", "Value", "What it is", "Believed"],
    );
    for (index, (name, value)) in fields.iter().take(LONGEST).enumerate() {
        let above = last.is_some_and(|last| index <= last);
        page.wrap("<tr><th scope=\"row\">", name, "</th><td class=\"mono\" data-l=\"Value\">");
        view.value(name, value, page);
        page.raw("</td><td data-l=\"What\">").raw(
            find(name).map_or("A program’s own header of no standard; it tells the program that wrote it.", |known| {
                known.says
            }),
        );
        page.raw("</td><td data-l=\"Believed\">")
            .raw(match hop_of(&fields, index, hops) {
                Some(hop) => standing(&hop.standing),
                None => believed(name, above, last.is_some()),
            })
            .raw("</td></tr>\n");
        if last == Some(index) {
            page.raw("<tr class=\"trust\"><td colspan=\"4\">Line of trust</td></tr>\n");
        }
    }
    close_table(page);
    if fields.len() > LONGEST {
        page.raw("<p class=\"soft\">")
            .number((fields.len() - LONGEST) as u64)
            .raw(" further headers are not shown.</p>\n");
    }
}

fn believed(name: &str, above: bool, received: bool) -> &'static str {
    match (above, received) {
        (true, _) => "Yes: above the line of trust.",
        (false, false) => "Only as a claim: no hop says where trust ends.",
        (false, true) if name.eq_ignore_ascii_case("dkim-signature") => "As far as the signature holds.",
        (false, true) => "As the sender’s word.",
    }
}

fn readers(value: &str, page: &mut Page) {
    page.raw("<span class=\"mask\">[");
    counted(page, value.matches('@').count() as u64, "recipient", "recipients");
    page.raw("]</span>");
}

/// Index of the Received header by which the message came in.
fn boundary(fields: &[(String, String)], hops: &[&ExhibitHop]) -> Option<usize> {
    let position = hops.iter().find(|hop| hop.standing == "reception")?.position;
    let received = fields.iter().enumerate().filter(|(_, (name, _))| name.eq_ignore_ascii_case("received"));
    received.map(|(index, _)| index).nth(usize::try_from(position).ok()?)
}

/// The hop that a Received header tells.
fn hop_of<'h>(fields: &[(String, String)], index: usize, hops: &[&'h ExhibitHop]) -> Option<&'h ExhibitHop> {
    let is_received = |(name, _): &&(String, String)| name.eq_ignore_ascii_case("received");
    fields.get(index).filter(is_received)?;
    let position = fields[..index].iter().filter(is_received).count() as u64;
    hops.iter().find(|hop| hop.position == position).copied()
}

/// Names and unfolded values, in their order; ends with the first empty line.
fn fields(header: &str) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in header.split('\n').map(|line| line.trim_end_matches('\r')) {
        if line.is_empty() && !fields.is_empty() {
            break;
        }
        match (line.starts_with([' ', '\t']), line.split_once(':')) {
            (true, _) => {
                if let Some((_, value)) = fields.last_mut() {
                    value.push(' ');
                    value.push_str(line.trim());
                }
            }
            (false, Some((name, value))) if is_name(name) => fields.push((name.to_owned(), value.trim().to_owned())),
            _ => {}
        }
    }
    fields
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 80 && name.bytes().all(|byte| byte.is_ascii_graphic())
}

impl View<'_> {
    fn value(&self, name: &str, value: &str, page: &mut Page) {
        let red = may_quote(self.part.mark);
        match find(name).map(|known| known.showing) {
            Some(Showing::Readers) => readers(value, page),
            Some(Showing::Subject) => self.subject(page),
            Some(Showing::Sender) => self.words(value, red, page),
            Some(Showing::Plain) => self.words(value, false, page),
            Some(Showing::Id) | None if red => self.words(value, false, page),
            _ => drop(page.raw("<span class=\"mask\">[withheld]</span>")),
        }
    }

    /// A title is masked like a text of the campaign, and withheld where there is none to compare it with.
    fn subject(&self, page: &mut Page) {
        let subject = Wording {
            kind: "subject".to_owned(),
            text: self.mail.subject.clone().unwrap_or_default(),
            recipients: self.mail.recipients.clone(),
            ..Wording::default()
        };
        for word in self.masks.words(&subject) {
            match word {
                Word::Shown(word) => page.text(&word).raw(" "),
                Word::Hidden(kind) => page.raw("<span class=\"mask\">[").raw(kind).raw("]</span> "),
                Word::Break => page,
            };
        }
    }

    /// A value word by word: no address of a reader, no name out of one, no query of a link.
    fn words(&self, value: &str, senders: bool, page: &mut Page) {
        let mut shown = 0;
        for word in value.split_whitespace() {
            shown += word.chars().count() + 1;
            if shown > VALUE {
                page.raw("<span class=\"mask\">[cut]</span>");
                break;
            }
            let lower = word.to_lowercase();
            let named = lower.split(|c: char| !c.is_alphanumeric()).any(|part| self.names.contains(part));
            if word.contains('@') && (named || !senders) {
                self.address(word, page);
            } else if named {
                page.raw("<span class=\"mask\">[name]</span> ");
            } else {
                let kind = if word.contains("://") { "url" } else { "text" };
                let kind = if word.contains('@') { "email" } else { kind };
                page.text(&defang::defang(kind, &defang::without_query(kind, word))).raw(" ");
            }
        }
    }

    /// An address without its person; its domain is told unless readers have it, or nobody knows who they are.
    fn address(&self, word: &str, page: &mut Page) {
        let host = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
        let domain = word.rsplit_once('@').map_or("", |(_, rest)| rest.split(|c| !host(c)).next().unwrap_or_default());
        let domain = domain.to_lowercase();
        let readers = self.mail.recipients.iter().filter_map(|address| address.rsplit_once('@'));
        let mut readers = readers.map(|(_, domain)| domain.to_lowercase()).peekable();
        if domain.is_empty() || readers.peek().is_none() || readers.any(|reader| reader == domain) {
            page.raw("<span class=\"mask\">[address]</span> ");
        } else {
            page.wrap("<span class=\"mask\">[address at ", &self.part.value("domain", &domain), "]</span> ");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_block_is_cut_at_its_line_ends_alone() {
        let found = fields("Received: a\r\n\tb\nno header\nX: <c>\n d\n\nBody: no");
        assert_eq!(found, [("Received".to_owned(), "a b".to_owned()), ("X".to_owned(), "<c> d".to_owned())]);
        assert_eq!(fields("\u{0}: x\n y"), []);
    }

    #[test]
    fn the_line_of_trust_runs_below_the_hop_of_reception() {
        let hop =
            |position, standing: &str| ExhibitHop { position, standing: standing.to_owned(), ..ExhibitHop::default() };
        let hops = [hop(0, "delivery"), hop(1, "reception"), hop(2, "claim")];
        let fields = fields("A: 1\nReceived: x\nB: 2\nReceived: y\nReceived: z\n");
        assert_eq!(boundary(&fields, &hops.iter().collect::<Vec<_>>()), Some(3));
        assert_eq!(boundary(&fields, &[]), None);
    }
}
