//! Dated events, one below the other.

use std::collections::BTreeSet;

use super::{Page, Part, times};
use crate::publish::defang;

/// Entries shown; the tables of the case hold all.
const LONGEST: usize = 60;

struct Entry<'a> {
    time: String,
    what: String,
    at: Vec<&'a str>,
}

/// What happened when, as far as it is dated.
pub fn timeline(part: &Part<'_>, page: &mut Page) {
    let mut entries = entries(part);
    entries.sort_by(|a, b| (&a.time, &a.what).cmp(&(&b.time, &b.what)));
    if entries.is_empty() {
        page.raw("<p>Nothing in the evidence of the operation is dated.</p>\n");
        return;
    }
    page.raw(
        "<p class=\"soft small\">Times are UTC. Those of mails are what their headers say.</p>\n<ol class=\"time\">\n",
    );
    for entry in entries.iter().take(LONGEST) {
        page.wrap("<li><time>", &times::minute(&entry.time), "</time>").text(&entry.what);
        page.cite(entry.at.iter().copied()).raw("</li>\n");
    }
    page.raw("</ol>\n");
    if entries.len() > LONGEST {
        page.raw("<p class=\"soft\">")
            .number((entries.len() - LONGEST) as u64)
            .raw(" later entries are not shown.</p>\n");
    }
}

fn entries<'a>(part: &Part<'a>) -> Vec<Entry<'a>> {
    let mut entries = campaign_entries(part);
    entries.extend(match_entries(part));
    entries.extend(fact_entries(part));
    let events = &part.own.dossier.events;
    entries.extend(events.iter().map(|event| Entry {
        time: event.time.clone(),
        what: part.sentence(&event.what),
        at: vec![&event.at],
    }));
    entries
}

fn campaign_entries<'a>(part: &Part<'a>) -> Vec<Entry<'a>> {
    let mut entries = Vec::new();
    for campaign in &part.own.dossier.campaigns {
        let mut add = |time: &Option<String>, what: &str, at: Option<&'a String>| {
            if let Some(time) = time {
                let what = format!("{what} of “{}” by its Date header.", campaign.label);
                entries.push(Entry { time: time.clone(), what, at: at.map(String::as_str).into_iter().collect() });
            }
        };
        add(&campaign.first, "First mail", campaign.at.first());
        if campaign.last != campaign.first {
            add(&campaign.last, "Last mail", campaign.at.last());
        }
    }
    entries
}

fn match_entries<'a>(part: &Part<'a>) -> Vec<Entry<'a>> {
    let mut entries = Vec::new();
    let mut told = BTreeSet::new();
    for hit in part.own.matches() {
        let value = part.value(&hit.kind, &hit.value);
        let actor = hit.actor.as_deref().unwrap_or("an unnamed party");
        let source = hit.source.as_deref().unwrap_or("a feed");
        let moments = [
            (&hit.valid_from, format!("{value} is in the hands of {actor} from here on, says {source}.")),
            (&hit.seen_from, format!("{value} is first seen in this case.")),
        ];
        for (time, what) in moments {
            if let Some(time) = time
                && told.insert((time.clone(), what.clone()))
            {
                let at = [Some(&*hit.at), hit.indicator_at.as_deref()].into_iter().flatten().collect();
                entries.push(Entry { time: time.clone(), what, at });
            }
        }
    }
    entries
}

fn fact_entries<'a>(part: &Part<'a>) -> Vec<Entry<'a>> {
    let named = |fact: &str| match fact {
        "election-day" => Some("Election day."),
        "collected" => Some("The evidence was collected."),
        _ => None,
    };
    let facts = part.own.dossier.context_facts.iter().filter(|fact| !fact.overridden);
    facts
        .filter_map(|fact| {
            let what = named(&fact.fact)?.to_owned();
            let time = fact.value.as_deref().map(defang::text)?;
            Some(Entry { time, what, at: fact.at.as_deref().into_iter().collect() })
        })
        .collect()
}
