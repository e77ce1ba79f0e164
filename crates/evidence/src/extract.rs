//! Texts to observables and slips.
//!
//! Every text is read twice: by the observable scanner, which knows all kinds
//! of value in one pass, and by the slip detectors, each of which looks at the
//! roles it understands. Log texts are the exception: their values are counted
//! over the split, because a row per line would say the same thing a million
//! times.

use model::{At, Cell, Detector, Found, Role, Table, Text, tables};

mod charset;
mod document_metadata;
mod header_host;
mod header_values;
mod leaked_path;
mod leaked_user;
mod logged_account;
mod mailer;
pub mod observable;
mod place;
mod policy;
mod script_caller;
mod tally;
mod typed_target;
mod tz_offset;

use observable::Hit;
use tally::Tally;

/// The slip detectors, in the order in which a report lists their finds.
pub const DETECTORS: &[&dyn Detector] = &[
    // what names a machine or a person
    &leaked_path::LeakedPath,
    &leaked_user::LeakedUser,
    &typed_target::TypedTarget,
    &logged_account::LoggedAccount,
    &header_host::HeaderHost,
    &script_caller::ScriptCaller,
    &document_metadata::DocumentMetadata,
    // what narrows down where and with what somebody works
    &tz_offset::TzOffset,
    &charset::Charset,
    &mailer::Mailer,
];

/// Whether a text names a person by mail address or telephone number.
pub fn names_somebody(text: &[u8]) -> bool {
    let policy = observable::Policy::ALL;
    let personal = |hit: &Hit| matches!(hit.kind, model::ObservableKind::Email | model::ObservableKind::Phone);
    observable::scan(text, policy).iter().any(|hit| hit.rejected.is_none() && personal(hit))
}

/// Takes texts and gives rows of `observables`, `contexts` and `slips`.
#[derive(Default)]
pub struct Extractor {
    tally: Tally,
    found: Vec<Found>,
}

/// Where rows go; what `Drive` hands in.
type Put<'p> = dyn FnMut(&'static Table, At<'_>, &[Cell<'_>]) + 'p;

impl Extractor {
    /// Scans one text.
    pub fn text(&mut self, text: &Text<'_>, put: &mut Put<'_>) {
        let policy = policy::of(text);
        if text.role == Role::Log {
            self.tally.text(text, policy, put);
            return;
        }
        let mut hits = observable::scan(text.bytes, policy);
        hits.retain(|hit| is_find(text, hit.start, hit.end));
        let role = policy::role_word(text.role);
        for hit in &hits {
            put_hit(text, hit, &role, put);
        }
        self.slips(text, &hits, put);
    }

    /// Gives the rows that were gathered over the whole split.
    pub fn finish(&mut self, put: &mut Put<'_>) {
        self.tally.flush(put);
    }

    fn slips(&mut self, text: &Text<'_>, hits: &[Hit], put: &mut Put<'_>) {
        for detector in DETECTORS {
            detector.look(text, &mut self.found);
            self.found.retain(|slip| is_find(text, slip.start, slip.start.saturating_add(slip.length)));
            for mut slip in self.found.drain(..) {
                if matches!(text.role, Role::Uncovered { .. }) {
                    slip.why += ", worked out from below a weak cover, not seen";
                }
                put_slip(text, &slip, detector.entry().name, put);
                let end = slip.start.saturating_add(slip.length);
                if !has_context(hits, slip.start, end) {
                    put_context(text, slip.start, end, put);
                }
            }
        }
    }
}

/// Whether a place of a text counts: where a part was read from below a cover,
/// the rest has been seen, and found, before.
fn is_find(text: &Text<'_>, start: usize, end: usize) -> bool {
    match text.role {
        Role::Uncovered { start: from, end: to, .. } => start < to && from < end,
        _ => true,
    }
}

/// Whether the context of that place was given with an observable; the hits
/// are in the order of their places.
fn has_context(hits: &[Hit], start: usize, end: usize) -> bool {
    let first = hits.partition_point(|hit| (hit.start, hit.end) < (start, end));
    hits[first..].iter().take_while(|hit| (hit.start, hit.end) == (start, end)).any(|hit| hit.rejected.is_none())
}

fn put_hit(text: &Text<'_>, hit: &Hit, role: &str, put: &mut Put<'_>) {
    let at = place::of(text, hit.start, hit.end);
    let raw = place::raw(text, hit.start, hit.end);
    let status = if hit.rejected.is_some() { "rejected" } else { "accepted" };
    let cells = [
        hit.kind.word().into(),
        (&hit.value).into(),
        (*raw).into(),
        role.into(),
        status.into(),
        hit.rejected.into(),
        Cell::U64(1),
        Cell::I64(i64::try_from(at.start).unwrap_or(i64::MAX)),
    ];
    put(policy::table(text, hit.kind, &hit.value), at, &cells);
    if hit.rejected.is_none() {
        put_context(text, hit.start, hit.end, put);
    }
}

fn put_slip(text: &Text<'_>, slip: &Found, detector: &str, put: &mut Put<'_>) {
    let at = place::of(text, slip.start, slip.start.saturating_add(slip.length));
    let cells = [
        slip.kind.word().into(),
        (&slip.value).into(),
        (&slip.raw).into(),
        detector.into(),
        (&slip.why).into(),
        slip.plant_cost.word().into(),
    ];
    put(&tables::SLIPS, at, &cells);
}

fn put_context(text: &Text<'_>, start: usize, end: usize, put: &mut Put<'_>) {
    if text.role == Role::Name {
        return;
    }
    let (before, after) = place::around(text.bytes, start, end);
    put(&tables::CONTEXTS, place::of(text, start, end), &[(*before).into(), (*after).into()]);
}

#[cfg(test)]
mod tests {
    use model::Surface;

    use super::*;

    /// Kind and value of all slips of a row whose bytes from `seen` on were read from below a cover.
    fn slips(row: &str, (start, end): (usize, usize)) -> Vec<String> {
        let role = Role::Uncovered { surface: Surface::Prompt, start, end };
        let text = Text { role, chain: "frame:1", start: 0, bytes: row.as_bytes(), personal: false };
        let mut found: Vec<String> = Vec::new();
        Extractor::default().text(&text, &mut |table, _, cells| {
            if let ([Cell::Text(kind), Cell::Text(value), .., Cell::Text(why), _], "slips") = (cells, table.name) {
                found.push(format!("{kind} {value}{}", if why.ends_with("not seen") { ", worked out" } else { "" }));
            }
        });
        // Two detectors may find the same.
        found.sort();
        found.dedup();
        found
    }

    #[test]
    fn only_what_was_read_below_a_cover_is_a_find() {
        let row = "mary@desk-7:~$ ssh deploy@192.0.2.7";
        assert_eq!(slips(row, (26, 35)), ["ip 192.0.2.7, worked out", "username deploy@192.0.2.7, worked out"]);
        assert_eq!(slips(row, (0, 11)), ["host desk-7, worked out", "username mary@desk-7, worked out"]);
        assert!(slips(row, (11, 14)).is_empty());
    }
}
