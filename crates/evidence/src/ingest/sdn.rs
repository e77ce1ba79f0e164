//! The sanctions list of the US Treasury (OFAC), in the XML of its SDN.XML and
//! CONSOLIDATED.XML, or in that of the advanced files (`sdn/advanced.rs`).

use std::io::{self, Read};

use model::{At, Entry, Format, Loss, ObservableKind as Kind, Out, Reading};

use super::listing::Party;
use super::xml::{self, Element};
use super::{instant, whole};

mod advanced;

/// Lists of OFAC.
pub struct Sdn;

impl Format for Sdn {
    fn entry(&self) -> &'static Entry {
        &Entry {
            name: "ofac-sdn",
            summary: "a sanctions list of OFAC in XML, classic or advanced",
            doc: "What it reads: XML whose root is `sdnList` (SDN.XML, CONSOLIDATED.XML) or `Sanctions` with \
                  `DistinctParties` (SDN_ADVANCED.XML).\n\nWhat it gives: a row of `listings` for each name, alias \
                  and identifier of a party, with the day of the list; mail addresses, sites, wallets and telephone \
                  numbers are indicators as well, which name a person by the list's number alone.\n\nLimits: postal \
                  addresses, relations between parties and remarks are not read; they are counted in one loss. \
                  A document that breaks off gives what stood before the break, and a loss.",
        }
    }

    fn sniff(&self, head: &[u8], _name: &str) -> bool {
        let opens = head.trim_ascii_start().first().is_some_and(|byte| [b'<', 0xef, 0xfe, 0xff].contains(byte));
        opens
            && match xml::root(&whole::head_text(head)).as_deref() {
                Some("sdnList") => true,
                Some("Sanctions") => memchr::memmem::find(head, b"DateOfIssue").is_some(),
                _ => false,
            }
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        let Some(whole) = whole::read(reading, bytes, out)? else { return Ok(()) };
        if !out.wants_rows() {
            return Ok(());
        }
        let outcome = match xml::root(&whole.text).as_deref() {
            Some("Sanctions") => advanced::parties(&whole, out),
            _ => parties(&whole, out),
        };
        if let Err(offset) = outcome {
            let loss = Loss { reason: "XML breaks off or is malformed", count: 1, detail: "" };
            out.loss(whole.place(offset.min(whole.text.len()), whole.text.len()), loss);
        }
        Ok(())
    }
}

/// What the list is called as a source.
pub const SOURCE: &str = "OFAC";

/// Counts what is left aside, as one loss for the file.
#[derive(Default)]
pub struct Left(u64);

impl Left {
    /// Notes identifiers or parts that were not taken in.
    pub fn add(&mut self, count: u64) {
        self.0 += count;
    }

    /// Gives the loss.
    pub fn close(self, chain: &str, out: &mut dyn Out) {
        if self.0 > 0 {
            let detail = "postal addresses, remarks, and numbers of other kinds";
            out.loss(At::whole(chain), Loss { reason: "part of a listing is not read", count: self.0, detail });
        }
    }
}

fn parties(whole: &whole::Whole, out: &mut dyn Out) -> Result<(), usize> {
    let mut stated = None;
    let mut left = Left::default();
    let outcome = xml::items(&whole.text, &["publshInformation", "sdnEntry"], &mut |item| match &*item.name {
        "sdnEntry" => party(item, whole, stated, &mut left, out),
        _ => stated = item.text_of("Publish_Date").and_then(published),
    });
    left.close(&whole.chain, out);
    outcome
}

/// OFAC writes the month first.
fn published(date: &str) -> Option<i64> {
    let parts: Vec<&str> = date.split('/').collect();
    let [month, day, year] = parts.as_slice() else { return instant::micros(date) };
    instant::micros(&format!("{year:0>4}-{month:0>2}-{day:0>2}"))
}

fn party(entry: &Element, whole: &whole::Whole, stated: Option<i64>, left: &mut Left, out: &mut dyn Out) {
    let (Some(uid), Some(name)) = (entry.text_of("uid"), full_name(entry)) else {
        let loss = Loss { reason: "listing without a number or name", count: 1, detail: "" };
        return out.loss(whole.place(entry.start, entry.end), loss);
    };
    let programs: Vec<&str> = entry.list("programList", "program").map(|program| &*program.text).collect();
    let party = Party {
        reference: &format!("ofac:{uid}"),
        kind: kind(entry.text_of("sdnType").unwrap_or("")),
        name: Some(&name),
        programs: &programs.join(","),
        source: SOURCE,
        stated,
    };
    let place = |element: &Element| (element.start, element.end);
    let country = entry.list("nationalityList", "nationality").next().and_then(|one| one.text_of("country"));
    let (start, end) = entry.child("lastName").map_or(place(entry), place);
    party.put("name", &name, country, whole.place(start, end), out);
    for alias in entry.list("akaList", "aka") {
        if let Some(name) = full_name(alias) {
            let weak = alias.text_of("category") == Some("weak");
            let what = if weak { "weak-alias" } else { "alias" };
            party.put(what, &name, None, whole.place(alias.start, alias.end), out);
        }
    }
    for id in entry.list("idList", "id") {
        let (Some(kind), Some(number)) = (id.text_of("idType"), id.child("idNumber")) else { continue };
        let at = whole.place(number.start, number.end);
        left.add(u64::from(identifier(&party, kind, &number.text, id.text_of("idCountry"), at, out).is_none()));
    }
    for born in entry.list("dateOfBirthList", "dateOfBirthItem") {
        if let Some(date) = born.child("dateOfBirth") {
            party.put("birth-date", &date.text, None, whole.place(date.start, date.end), out);
        }
    }
    left.add(entry.list("addressList", "address").count() as u64 + u64::from(entry.text_of("remarks").is_some()));
}

/// First name first, as documents write it.
fn full_name(element: &Element) -> Option<String> {
    let parts = [element.text_of("firstName"), element.text_of("lastName")];
    let name = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    (!name.is_empty()).then_some(name)
}

fn kind(word: &str) -> &'static str {
    match word.to_ascii_lowercase().as_str() {
        "individual" => "person",
        "entity" => "organisation",
        "vessel" => "vessel",
        "aircraft" => "aircraft",
        _ => "other",
    }
}

/// One identifier, by the words that OFAC has for its kind; `None` if it is no such.
pub fn identifier(
    party: &Party<'_>,
    kind: &str,
    raw: &str,
    country: Option<&str>,
    at: At<'_>,
    out: &mut dyn Out,
) -> Option<()> {
    let word = kind.to_lowercase();
    let has = |part: &str| word.contains(part);
    let observable = match () {
        () if has("email") => Some(Kind::Email),
        () if has("website") => Some(Kind::Url),
        () if has("digital currency") => Some(Kind::Wallet),
        () if has("phone") => Some(Kind::Phone),
        () => None,
    };
    if let Some(observable) = observable {
        return party.observable(observable, raw, true, at, out);
    }
    let what = match () {
        () if has("passport") => "passport",
        () if has("tax") => "tax-number",
        () if has("imo") || has("vessel registration") => "imo",
        () if has("registration") || has("certificate of incorporation") => "registration",
        () if has("national id") || has("identification") || has("cedula") || has("id no") => "id-number",
        () => return None,
    };
    let number = number(raw)?;
    party.put(what, &number, country, at, out);
    Some(())
}

/// A number without what differs between one writer and the next.
pub fn number(raw: &str) -> Option<String> {
    let number: String = raw.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect();
    (number.chars().count() >= 4).then_some(number)
}
