//! Lists of certificates, as Certificate Transparency searches give them.
//!
//! A certificate ties names to a key, and a key that is used again ties two
//! servers more firmly than an address does: it has to be copied by somebody who
//! holds it. One row for each name, so that names join with passive DNS.

use std::collections::BTreeSet;
use std::io::{self, Read};

use model::locator::extend_chain;
use model::{At, Cell, Entry, Format, Loss, Out, Reading, Step, tables};
use serde_json::Value;

use super::indicator::host;
use super::json_document::{self, Outline, elements};
use super::{instant, whole};

/// Lists of certificates.
pub struct CertificateList;

impl Format for CertificateList {
    fn entry(&self) -> &'static Entry {
        &Entry {
            name: "certificate-list",
            summary: "a JSON list of certificates with their names, validity and digests",
            doc: "What it reads: a JSON array of certificates, bare or under `certificates`, `results` or `hits`, each \
                  with the start of its validity and a digest or serial number, as crt.sh, Censys and other searches \
                  of Certificate Transparency give them.\n\nWhat it gives: one row of `certificates` for each name, \
                  wildcards without their star; all strings as texts.\n\nLimits: a certificate without a name or a \
                  start is a loss. The chain is not checked: what is read is what the search said.",
        }
    }

    fn sniff(&self, head: &[u8], _name: &str) -> bool {
        let outline = Outline::of(head);
        LISTS.iter().any(|list| {
            let has = |keys: &[&str]| keys.iter().any(|key| outline.has(&[*list, &["*", *key]].concat()));
            has(START) && (has(CERTIFICATE) || has(KEY) || has(SERIAL)) && (has(NAMES) || has(NAME))
        })
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        let Some(whole) = whole::read(reading, bytes, out)? else { return Ok(()) };
        if out.wants_rows() {
            rows(&whole, out);
        }
        json_document::texts(&whole, &mut |_| Some(false), out);
        Ok(())
    }
}

const LISTS: &[&[&str]] = &[&[], &["certificates"], &["results"], &["hits"]];
const START: &[&str] = &["not_before", "notBefore", "valid_from", "validity_start"];
const END: &[&str] = &["not_after", "notAfter", "valid_to", "validity_end"];
const LOGGED: &[&str] = &["logged_at", "entry_timestamp", "added_at"];
const NAMES: &[&str] = &["dns_names", "name_value", "names", "all_domains", "san"];
const NAME: &[&str] = &["subject_cn", "common_name", "subject_common_name"];
const KEY: &[&str] = &["spki_sha256", "pubkey_sha256", "spki_fingerprint_sha256", "subject_key_sha256"];
const CERTIFICATE: &[&str] = &["cert_sha256", "sha256", "fingerprint_sha256", "fingerprint"];
const SERIAL: &[&str] = &["serial", "serial_number"];
const ISSUER: &[&str] = &["issuer", "issuer_name", "issuer_ca"];

fn rows(whole: &whole::Whole, out: &mut dyn Out) {
    let json = whole.text.as_bytes();
    // A path that a document has not is passed over by the walk, so the list is chosen first.
    let bare = super::json_document::without_mark(json).trim_ascii_start().starts_with(b"[");
    let named = |list: &&&[&str]| !list.is_empty() && super::json_document::pointer(json, &owned(list)).is_some();
    // A document that breaks off has no complete list; the walk then says where it breaks.
    let list = if bare { LISTS[0] } else { LISTS.iter().find(named).copied().unwrap_or(LISTS[1]) };
    // What breaks the document off is noted where its texts are given.
    let _ = elements(json, list, &mut |index, raw| {
        if let (Some(index), Ok(json)) = (index, serde_json::from_str::<Value>(raw.get())) {
            let mut path = owned(list);
            path.push(index.to_string());
            certificate(&json, &extend_chain(&whole.chain, &Step::Json(path)), out);
        }
    });
}

fn owned(path: &[&str]) -> Vec<String> {
    path.iter().map(|key| (*key).to_owned()).collect()
}

fn certificate(json: &Value, chain: &str, out: &mut dyn Out) {
    let text = |keys: &[&str]| keys.iter().find_map(|key| json.get(*key)?.as_str()).filter(|text| !text.is_empty());
    let time = |keys: &[&str]| keys.iter().find_map(|key| instant::micros_of(json.get(*key)?));
    let names = names(json, text(NAME));
    let Some(start) = time(START).filter(|_| !names.is_empty()) else {
        let reason = "certificate has no name or no start of validity";
        return out.loss(At::whole(chain), Loss { reason, count: 1, detail: "" });
    };
    let digest = |keys: &[&str]| text(keys).map(|digest| digest.replace(':', "").to_ascii_lowercase());
    let (key, whole) = (digest(KEY), digest(CERTIFICATE));
    let cell = |time: Option<i64>| time.map_or(Cell::Null, Cell::Time);
    for name in &names {
        let cells = [
            name.into(),
            Cell::Time(start),
            cell(time(END)),
            cell(time(LOGGED)),
            key.as_deref().into(),
            whole.as_deref().into(),
            text(SERIAL).into(),
            text(ISSUER).into(),
        ];
        out.row(&tables::CERTIFICATES, At::whole(chain), &cells);
    }
}

/// All names of a certificate, cleaned; lists stand as arrays or, in crt.sh, as lines.
fn names(json: &Value, common: Option<&str>) -> BTreeSet<String> {
    let mut names: Vec<&str> = common.into_iter().collect();
    for found in NAMES.iter().filter_map(|key| json.get(*key)) {
        match found {
            Value::Array(list) => names.extend(list.iter().filter_map(Value::as_str)),
            Value::String(lines) => names.extend(lines.split(['\n', ',', ' '])),
            _ => {}
        }
    }
    names.into_iter().map(|name| name.trim().trim_start_matches("*.")).filter_map(host).collect()
}
