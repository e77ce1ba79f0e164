//! `campaigns.html`: each campaign of mail on a page of its own, then one of
//! its mails header by header.
//!
//! A file beside the report and no part of it: the report is read by people
//! who decide, in minutes, and a campaign fills several screens. The layout is
//! that of the report; the same rules hold for what is cited and escaped.
//! Readers' data are masked under every mark: see `masks`.

use model::{Entry, Mark};

use super::Output;
use super::own::Own;
use super::report::page::Page;
use super::report::{Part, Write, by_hand, write_all};
use crate::dossier::{Campaign, Dossier, Tally};

mod checks;
mod exhibit;
mod header_names;
mod identity;
mod path;
mod sent;
mod texts;

/// The output.
#[derive(Debug)]
pub struct Campaigns;

const ENTRY: Entry = Entry {
    name: "campaigns",
    summary: "Each campaign of mail in full, and one of its mails header by header; one HTML file, no scripts.",
    doc: "# What it holds\n\nWho is spoofed, the path as a picture, the checks, the habits of the program, the texts with their differences, which kinds of personal data they quote, send times, recipients as counts, what its mails share, and every header of one mail explained.\n\n# Who may read it\n\nWhoever the mark allows: names, addresses and numbers of recipients are masked under every mark; under a mark wider than TLP:RED senders' mail addresses, subjects and headers of no known name are withheld too.\n",
};

const PARTS: &[(&str, &str, Write)] = &[
    ("campaigns", "Campaigns of mail", campaigns),
    ("others", "Mails that are alike and not called hostile", identity::others),
    ("checking", "How to check this page", by_hand::checking),
];

const ONE_MAIL: &[(&str, &str, Write)] =
    &[("mail", "One mail, header by header", one_mail), ("checking", "How to check this page", by_hand::checking)];

/// What a page of a campaign says, in the order of a reader's questions.
const QUESTIONS: &[fn(&Close<'_>, &mut Page)] = &[
    identity::what,
    identity::spoofed,
    path::path,
    checks::checks,
    identity::habits,
    texts::texts,
    texts::sentences,
    sent::quoted,
    sent::times,
    sent::recipients,
    sent::links,
    sent::marks,
    exhibit::exhibits,
];

impl Output for Campaigns {
    fn entry(&self) -> &'static Entry {
        &ENTRY
    }

    fn file_name(&self) -> &'static str {
        "campaigns.html"
    }

    fn media_type(&self) -> &'static str {
        "text/html; charset=utf-8"
    }

    fn marks(&self) -> &'static [Mark] {
        Mark::ALL
    }

    fn render(&self, dossier: &Dossier, mark: Mark) -> Vec<u8> {
        let own = Own::new(dossier);
        write_all(&Part { own: &own, mark }, "campaigns", PARTS)
    }
}

/// The exhibits of a dossier alone, for one who asked for a mail by its place; stays in the case.
pub fn mail_page(dossier: &Dossier) -> Vec<u8> {
    let own = Own::new(dossier);
    write_all(&Part { own: &own, mark: Mark::Red }, "mail", ONE_MAIL)
}

/// One campaign, as its page sees it.
struct Close<'a> {
    part: &'a Part<'a>,
    campaign: &'a Campaign,
    number: usize,
}

impl<'a> Close<'a> {
    /// Counts of one kind, the largest first.
    fn tallies(&self, about: &str) -> Vec<&'a Tally> {
        let tallies = self.part.own.dossier.tallies.iter();
        let mut tallies: Vec<&Tally> =
            tallies.filter(|tally| tally.about == about && tally.campaign == self.campaign.id).collect();
        tallies.sort_by(|a, b| (&a.name, b.messages, &a.value, &a.note).cmp(&(&b.name, a.messages, &b.value, &b.note)));
        tallies
    }
}

fn campaigns(part: &Part<'_>, page: &mut Page) {
    let dossier = part.own.dossier;
    if dossier.campaigns.is_empty() {
        page.raw("<p>No group of mails was found that shares a persona and a forged sender.</p>\n");
        return;
    }
    page.raw("<p>What stands in square brackets is a mask: a word that mails to fewer than three different recipients hold, or that may be a name or a number and went to fewer than one recipient in five; after a label, whatever nine in ten did not get alike. Hosts and addresses are written so that nothing follows them.</p>\n");
    for (index, campaign) in dossier.campaigns.iter().enumerate() {
        let close = Close { part, campaign, number: index + 1 };
        page.raw("<article class=\"campaign\" id=\"campaign-").digits(close.number as u64);
        page.wrap("\"><h3 class=\"name\">“", &campaign.label, "” <span class=\"tag mono\">");
        page.text(&campaign.id).raw("</span></h3>\n");
        QUESTIONS.iter().for_each(|answer| answer(&close, page));
        page.raw("</article>\n");
    }
}

fn one_mail(part: &Part<'_>, page: &mut Page) {
    part.own.dossier.exhibits.iter().for_each(|mail| exhibit::exhibit(part, mail, page));
}

/// Opens a table that folds on a phone.
fn table(page: &mut Page, caption: &'static str, heads: &[&'static str]) {
    page.raw("<div class=\"scroll\"><table class=\"fold\"><caption>").raw(caption).raw("</caption><thead><tr>");
    for head in heads {
        let number = matches!(*head, "Mails" | "Recipients");
        page.raw(if number { "<th class=\"n\">" } else { "<th>" }).raw(head).raw("</th>");
    }
    page.raw("</tr></thead><tbody>\n");
}

fn close_table(page: &mut Page) {
    page.raw("</tbody></table></div>\n");
}
