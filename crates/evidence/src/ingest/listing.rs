//! What a sanctions list says of one party, as rows.
//!
//! Every name and identifier is a row of the private table `listings`. Those
//! that evidence can show (mail addresses, names of sites, wallets, telephone
//! numbers) are indicators as well: that a listed party's wallet was paid is
//! worth knowing by itself. An indicator names an organisation, and a person by
//! the reference of the list alone, since indicators are read by everybody.

use model::{At, Cell, ObservableKind, Out, tables};

use super::indicator::{self, Statement};

/// A party of a list, as far as its statements have it in common.
#[derive(Clone, Debug, Default)]
pub struct Party<'a> {
    /// Reference, the list's name before a colon where it is a number alone.
    pub reference: &'a str,
    /// `person`, `organisation`, `vessel`, `aircraft` or `other`; empty if not told.
    pub kind: &'a str,
    /// Its main name.
    pub name: Option<&'a str>,
    /// Programmes or topics, joined by commas.
    pub programs: &'a str,
    /// The list.
    pub source: &'a str,
    /// When it was stated.
    pub stated: Option<i64>,
}

impl Party<'_> {
    /// One row of `listings`.
    pub fn put(&self, what: &str, value: &str, country: Option<&str>, at: At<'_>, out: &mut dyn Out) {
        let given = |text| Some(text).filter(|text: &&str| !text.is_empty());
        let cells = [
            self.reference.into(),
            given(self.kind).into(),
            what.into(),
            value.into(),
            country.into(),
            given(self.programs).into(),
            self.source.into(),
            self.stated.map_or(Cell::Null, Cell::Time),
        ];
        out.row(&tables::LISTINGS, at, &cells);
    }

    /// An identifier that evidence can show; `None` if it is none of that kind.
    pub fn observable(
        &self,
        kind: ObservableKind,
        raw: &str,
        indicates: bool,
        at: At<'_>,
        out: &mut dyn Out,
    ) -> Option<()> {
        let (kind, value) = cleaned(kind, raw)?;
        self.put(kind.word(), &value, None, at, out);
        if indicates {
            let actor = self.label();
            let said = Statement {
                reference: self.reference,
                actor: Some(&actor),
                actor_ref: Some(self.reference),
                source: Some(self.source),
                stated: self.stated,
                description: Some(self.programs),
                ..Statement::default()
            };
            indicator::put(out, at, kind, &value, &said);
        }
        Some(())
    }

    /// How readers of indicators see the party.
    fn label(&self) -> String {
        match self.name.filter(|_| !["person", ""].contains(&self.kind)) {
            Some(name) => name.to_owned(),
            None => format!("listed party {}", self.reference),
        }
    }
}

/// A site is told as its domain where the list names no page of it: what many
/// hold pages on is nobody's.
fn cleaned(kind: ObservableKind, raw: &str) -> Option<(ObservableKind, String)> {
    if kind != ObservableKind::Url {
        return match kind {
            ObservableKind::Phone => indicator::recognise(&phone(raw)).filter(|(found, _)| *found == kind),
            _ => indicator::clean(kind, raw),
        };
    }
    let rest = raw.trim().split_once("://").map_or(raw.trim(), |(_, rest)| rest);
    match rest.trim_end_matches('/').split_once('/') {
        Some(_) if raw.contains("://") => indicator::clean(kind, raw),
        Some(_) => indicator::clean(kind, &format!("https://{rest}")),
        None => {
            let host = rest.trim_end_matches('/').to_lowercase();
            indicator::clean(ObservableKind::Domain, host.strip_prefix("www.").unwrap_or(&host))
        }
    }
}

/// A telephone number without what is only there to be read.
fn phone(raw: &str) -> String {
    raw.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect()
}
