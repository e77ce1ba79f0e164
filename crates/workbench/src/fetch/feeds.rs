//! How feeds are offered: one file, a MISP feed or instance, a TAXII collection.
//!
//! Each gives files by name. Pages are asked for until the server has no more;
//! what never ends is cut and said so.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::curl::{Address, Bounds, Credential, Request, ask};
use crate::error::Trouble;

/// Pages and event files at most.
const FILES: usize = 10_000;

/// Events in one page of a MISP instance.
const EVENTS: usize = 100;

/// What asks, and what it has asked so far.
pub struct Asking<'a> {
    pub credential: Option<&'a Credential>,
    pub bounds: Bounds,
    /// Addresses, in order.
    pub asked: Vec<String>,
}

/// Files of a feed by name.
pub type Files = BTreeMap<String, Vec<u8>>;

impl Asking<'_> {
    fn get(&mut self, address: Address, accept: &'static str) -> Result<Vec<u8>, Trouble> {
        self.request(Request { address, body: None, accept })
    }

    /// What was taken counts against what may be taken in all.
    fn request(&mut self, request: Request) -> Result<Vec<u8>, Trouble> {
        self.asked.push(request.address.to_string());
        let body = ask(&request, self.credential, self.bounds)?;
        self.bounds.bytes = self.bounds.bytes.saturating_sub(body.len() as u64);
        Ok(body)
    }

    /// One file.
    pub fn url(&mut self, address: &Address) -> Result<Files, Trouble> {
        let name = address.path().rsplit('/').next().filter(|name| is_name(name)).unwrap_or("feed").to_owned();
        Ok(Files::from([(name, self.get(address.clone(), "*/*")?)]))
    }

    /// A static feed by its `manifest.json`, else an instance by its REST interface.
    pub fn misp(&mut self, address: &Address) -> Result<Files, Trouble> {
        if address.path().ends_with("/manifest.json") { self.misp_feed(address) } else { self.misp_events(address) }
    }

    fn misp_feed(&mut self, manifest: &Address) -> Result<Files, Trouble> {
        let text = self.get(manifest.clone(), "application/json")?;
        let events: BTreeMap<String, &RawValue> = serde_json::from_slice(&text)
            .map_err(|error| Trouble::Failed(format!("{manifest}: no manifest: {error}")))?;
        if events.len() > FILES {
            return Err(Trouble::Failed(format!(
                "{manifest}: names {} events, of which {FILES} are fetched",
                events.len()
            )));
        }
        let mut files = Files::new();
        for event in events.keys() {
            // The name becomes a path, here and there.
            if !is_name(event) {
                return Err(Trouble::Failed(format!("{manifest}: {event:?} is no id of an event")));
            }
            let name = format!("{event}.json");
            let address = manifest.with(&format!("{}{name}", manifest.folder())).map_err(Trouble::Failed)?;
            files.insert(name, self.get(address, "application/json")?);
        }
        Ok(files)
    }

    fn misp_events(&mut self, instance: &Address) -> Result<Files, Trouble> {
        #[derive(Deserialize)]
        struct Page<'p> {
            #[serde(borrow)]
            response: Vec<&'p RawValue>,
        }
        let path = format!("{}/events/restSearch", instance.path().trim_end_matches('/'));
        let address = instance.with(&path).map_err(Trouble::Failed)?;
        let mut files = Files::new();
        for page in 1..=FILES {
            let body = Some(json!({"returnFormat": "json", "limit": EVENTS, "page": page}).to_string());
            let text = self.request(Request { address: address.clone(), body, accept: "application/json" })?;
            let read: Page<'_> =
                serde_json::from_slice(&text).map_err(|error| Trouble::Failed(format!("{address}: {error}")))?;
            let events = read.response.len();
            if events > 0 {
                files.insert(format!("page-{page:05}.json"), text);
            }
            if events < EVENTS {
                return Ok(files);
            }
        }
        Err(endless(&address))
    }

    /// All objects of a collection (TAXII 2.1, section 5.4), each page as a bundle.
    pub fn taxii(&mut self, collection: &Address) -> Result<Files, Trouble> {
        #[derive(Deserialize)]
        struct Envelope<'p> {
            #[serde(default)]
            more: bool,
            next: Option<String>,
            #[serde(default, borrow)]
            objects: Vec<&'p RawValue>,
        }
        let path = collection.path().trim_end_matches('/');
        let path = if path.ends_with("/objects") { format!("{path}/") } else { format!("{path}/objects/") };
        let filter = collection.query().map(|query| format!("{query}&")).unwrap_or_default();
        let mut next: Option<String> = None;
        let mut files = Files::new();
        for page in 1..=FILES {
            let paging = next.as_deref().map(|next| format!("next={}", escaped(next))).unwrap_or_default();
            let query = format!("{filter}{paging}");
            let query = query.trim_end_matches('&');
            let rest = if query.is_empty() { path.clone() } else { format!("{path}?{query}") };
            let address = collection.with(&rest).map_err(Trouble::Failed)?;
            let text = self.get(address.clone(), "application/taxii+json;version=2.1")?;
            let envelope: Envelope<'_> =
                serde_json::from_slice(&text).map_err(|error| Trouble::Failed(format!("{address}: {error}")))?;
            if !envelope.objects.is_empty() {
                files.insert(format!("page-{page:05}.json"), bundle(&text, &envelope.objects));
            }
            match envelope.next.filter(|_| envelope.more) {
                Some(token) if next.as_ref() != Some(&token) => next = Some(token),
                Some(_) => return Err(endless(&address)),
                None if envelope.more => {
                    return Err(Trouble::Failed(format!("{address}: has more, and says not where")));
                }
                None => return Ok(files),
            }
        }
        Err(endless(collection))
    }
}

fn endless(address: &Address) -> Trouble {
    Trouble::Failed(format!("{address}: gives page after page without end"))
}

/// The objects as they came, in a bundle whose id is made of the page.
fn bundle(page: &[u8], objects: &[&RawValue]) -> Vec<u8> {
    let hex: String = Sha256::digest(page).iter().map(|byte| format!("{byte:02x}")).collect();
    // A UUID of version 8 (RFC 9562, section 5.8).
    let id = format!("bundle--{}-{}-8{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32]);
    let objects: Vec<&str> = objects.iter().map(|object| object.get()).collect();
    format!("{{\"type\":\"bundle\",\"id\":\"{id}\",\"objects\":[{}]}}\n", objects.join(",")).into_bytes()
}

/// Letters, digits and a few signs: a file name that stays in its folder.
fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !text.is_empty() && text.len() <= 100 && !text.starts_with('.') && text.chars().all(plain)
}

/// A value of a query (RFC 3986, section 2.1).
fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}
