//! What a campaign says: its wordings side by side, and what it demands.

use std::collections::BTreeMap;

use super::{Close, close_table, table};
use crate::dossier::Wording;
use crate::publish::masks::{Masks, Word};
use crate::publish::report::counted;
use crate::publish::report::page::Page;

/// Wordings that are set beside the commonest.
const BESIDE: usize = 3;

/// Words of one wording that are compared and shown.
const LONGEST: usize = 320;

/// Sentences that are listed.
const SENTENCES: usize = 20;

/// Mails of one wording, in the order of their places.
type Variant<'a> = Vec<&'a Wording>;

/// What is counted towards the masks: every wording of the campaign.
pub fn masks(close: &Close<'_>) -> Masks {
    Masks::new(of(&close.part.own.dossier.wordings, close))
}

fn of<'a>(wordings: &'a [Wording], close: &Close<'_>) -> impl Iterator<Item = &'a Wording> {
    let campaign = close.campaign.id.clone();
    wordings.iter().filter(move |wording| wording.campaign == campaign)
}

/// The commonest wording, and others beside it with their differences marked.
pub fn texts(close: &Close<'_>, page: &mut Page) {
    let dossier = close.part.own.dossier;
    let bodies: Vec<&Wording> = of(&dossier.wordings, close).filter(|wording| wording.kind != "subject").collect();
    if bodies.is_empty() {
        return;
    }
    let masks = masks(close);
    let variants = variants(&bodies);
    page.raw("<h4>What they say</h4>\n<p>");
    counted(page, bodies.len() as u64, "text was", "texts were");
    let alone = variants.iter().filter(|variant| variant.len() == 1).count();
    page.raw(" read for this; ");
    counted(page, (variants.len() - alone) as u64, "wording stands", "wordings stand");
    page.raw(" in several, ");
    counted(page, alone as u64, "text has", "texts have");
    page.raw(" no other like it.");
    for (index, (kind, values)) in masks.hidden(bodies.iter().copied()).into_iter().enumerate() {
        page.raw(if index == 0 { " Masked in them: " } else { ", " }).number(values as u64);
        page.raw(" different [").raw(kind).raw("]");
    }
    page.raw("</p>\n");
    if !masks.can_tell() {
        page.raw("<p class=\"soft\">Fewer than three recipients are known, so what is the sender’s and what a reader’s own cannot be told apart: no word is shown. <code>handprint show</code> prints the mails.</p>\n");
        return;
    }
    subjects(close, &masks, page);
    let shown: Vec<(usize, &Wording, Vec<Word>)> =
        variants.iter().map(|variant| (variant.len(), variant[0], cut(masks.words(variant[0])))).collect();
    let Some((count, first, base)) = shown.first() else { return };
    page.raw("<div class=\"sides\">\n<div><p class=\"small soft\">Commonest wording, ");
    counted(page, *count as u64, "mail", "mails");
    page.cite([&*first.at]).raw("</p><div class=\"quote\">");
    base.iter().for_each(|word| write(word, page));
    page.raw("</div></div>\n</div>\n");
    for (count, other, words) in shown.iter().skip(1).take(BESIDE) {
        side(base, *count, other, words, page);
    }
    if shown.len() > BESIDE + 1 {
        page.raw("<p class=\"small soft\">")
            .number((shown.len() - BESIDE - 1) as u64)
            .raw(" rarer wordings are not shown.</p>\n");
    }
}

/// Groups of alike texts, the commonest first; a text in no group is a wording of its own.
fn variants<'a>(bodies: &[&'a Wording]) -> Vec<Variant<'a>> {
    let mut groups: BTreeMap<&str, Variant<'a>> = BTreeMap::new();
    for body in bodies {
        groups.entry(body.text_group.as_deref().unwrap_or(&body.at)).or_default().push(body);
    }
    let mut variants: Vec<_> = groups.into_iter().collect();
    variants.sort_by(|a, b| (b.1.len(), a.0).cmp(&(a.1.len(), b.0)));
    variants.into_iter().map(|(_, variant)| variant).collect()
}

fn cut(mut words: Vec<Word>) -> Vec<Word> {
    if words.len() > LONGEST {
        words.truncate(LONGEST);
        words.push(Word::Hidden("rest not shown"));
    }
    words
}

fn subjects(close: &Close<'_>, masks: &Masks, page: &mut Page) {
    let mut subjects: BTreeMap<Vec<Word>, (u64, &str)> = BTreeMap::new();
    for subject in of(&close.part.own.dossier.wordings, close).filter(|wording| wording.kind == "subject") {
        subjects.entry(masks.words(subject)).or_insert((0, &subject.at)).0 += 1;
    }
    let mut subjects: Vec<_> = subjects.into_iter().collect();
    subjects.sort_by(|a, b| (b.1.0, &a.0).cmp(&(a.1.0, &b.0)));
    if subjects.is_empty() {
        return;
    }
    table(page, "Subjects.", &["Subject", "Mails"]);
    for (words, (count, at)) in subjects.iter().take(8) {
        page.raw("<tr><td>");
        words.iter().filter(|word| **word != Word::Break).for_each(|word| write(word, page));
        page.raw("</td><td class=\"n\" data-l=\"Mails\">").number(*count).cite([*at]).raw("</td></tr>\n");
    }
    close_table(page);
    if subjects.len() > 8 {
        page.raw("<p class=\"small soft\">")
            .number((subjects.len() - 8) as u64)
            .raw(" rarer subjects are not shown.</p>\n");
    }
}

/// One word with a space behind it.
fn write(word: &Word, page: &mut Page) {
    match word {
        Word::Shown(word) => page.text(word).raw(" "),
        Word::Hidden(kind) => page.raw("<span class=\"mask\">[").raw(kind).raw("]</span> "),
        Word::Break => page.raw("<br>\n"),
    };
}

fn side(base: &[Word], count: usize, other: &Wording, words: &[Word], page: &mut Page) {
    let kept = common(base, words);
    let (left, right): (Vec<usize>, Vec<usize>) = kept.into_iter().unzip();
    page.raw("<div class=\"sides\">\n<div><p class=\"small soft\">Commonest wording; struck out, what the other lacks</p><div class=\"quote\">");
    marked(base, &left, "<del>", "</del>", page);
    page.raw("</div></div>\n<div><p class=\"small soft\">Another wording, ");
    counted(page, count as u64, "mail", "mails");
    page.raw("; underlined, what it has instead").cite([&*other.at]).raw("</p><div class=\"quote\">");
    marked(words, &right, "<ins>", "</ins>", page);
    page.raw("</div></div>\n</div>\n");
}

/// Writes words, with those marked that are not kept.
fn marked(words: &[Word], kept: &[usize], open: &'static str, close: &'static str, page: &mut Page) {
    let mut kept = kept.iter().peekable();
    let mut inside = false;
    for (index, word) in words.iter().enumerate() {
        let differs = kept.next_if(|next| **next == index).is_none() && *word != Word::Break;
        if differs != inside {
            page.raw(if differs { open } else { close });
            inside = differs;
        }
        write(word, page);
    }
    page.raw(if inside { close } else { "" });
}

/// Places of the longest common sequence of two lists of words, which are at most [`LONGEST`] long.
fn common(a: &[Word], b: &[Word]) -> Vec<(usize, usize)> {
    let width = b.len() + 1;
    let mut longest = vec![0u16; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            longest[i * width + j] = if a[i] == b[j] {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut kept) = (0, 0, Vec::new());
    while i < a.len() && j < b.len() {
        if a[i] == b[j] {
            kept.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if longest[(i + 1) * width + j] >= longest[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    kept
}

/// Sentences that demand, set a deadline, threaten or claim.
pub fn sentences(close: &Close<'_>, page: &mut Page) {
    let masks = masks(close);
    let mut sentences: BTreeMap<(&str, Vec<Word>), (u64, &str)> = BTreeMap::new();
    for sentence in of(&close.part.own.dossier.sentences, close) {
        sentences.entry((&*sentence.kind, masks.words(sentence))).or_insert((0, &sentence.at)).0 += 1;
    }
    page.raw("<h4>What they demand, threaten and claim</h4>\n");
    if sentences.is_empty() {
        page.raw("<p class=\"soft\">No sentence holds one of the phrases that are looked for. They are English; a demand in other words is not found.</p>\n");
        return;
    }
    let mut sentences: Vec<_> = sentences.into_iter().collect();
    sentences.sort_by(|a, b| (&a.0.0, b.1.0, &a.0.1).cmp(&(&b.0.0, a.1.0, &b.0.1)));
    table(page, "Told by a phrase in the sentence.", &["Kind", "Sentence", "Mails"]);
    for ((kind, words), (count, at)) in sentences.iter().take(SENTENCES) {
        page.wrap("<tr><th scope=\"row\">", kind, "</th><td data-l=\"Sentence\">");
        words.iter().filter(|word| **word != Word::Break).for_each(|word| write(word, page));
        page.raw("</td><td class=\"n\" data-l=\"Mails\">").number(*count).cite([*at]).raw("</td></tr>\n");
    }
    close_table(page);
    if sentences.len() > SENTENCES {
        page.raw("<p class=\"small soft\">")
            .number((sentences.len() - SENTENCES) as u64)
            .raw(" more are in the table <code>mail_sentences</code>.</p>\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_wordings_share_is_kept_in_order() {
        let words = |text: &str| text.split(' ').map(|word| Word::Shown(word.to_owned())).collect::<Vec<_>>();
        let (a, b) = (words("the choice will be noted"), words("choices will all be noted"));
        assert_eq!(common(&a, &b), [(2, 1), (3, 3), (4, 4)]);
        assert_eq!(common(&a, &[]), []);
    }
}
