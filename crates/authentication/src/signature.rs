//! Signatures over mail: DKIM (RFC 6376, 8301, 8463) and ARC (RFC 8617).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs1::DecodeRsaPublicKey;
use rsa::pkcs8::DecodePublicKey;
use rsa::traits::PublicKeyParts;
use rsa::{Pkcs1v15Sign, RsaPublicKey};

use crate::tags::{self, Tag};

mod canonical;

pub use canonical::Hash;
use canonical::{Body, Field, Form, Made, Message};

/// Signatures of one message that are looked at; more are an attack on the reader.
const SIGNATURES: usize = 64;

/// What a signature header is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// DKIM-Signature.
    Dkim,
    /// ARC-Message-Signature.
    ArcMessage,
    /// ARC-Seal.
    ArcSeal,
}

impl Purpose {
    /// Name of the header in lower case.
    pub fn header(self) -> &'static str {
        match self {
            Self::Dkim => "dkim-signature",
            Self::ArcMessage => "arc-message-signature",
            Self::ArcSeal => "arc-seal",
        }
    }
}

/// One signature, hashed but not yet compared with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Which header it stands in.
    pub purpose: Purpose,
    /// Place among the headers of that name, from 0.
    pub ordinal: u64,
    /// Instance of an ARC set, from 1; 0 for DKIM.
    pub instance: u64,
    /// d=, lower case.
    pub domain: String,
    /// s=.
    pub selector: String,
    /// i= of DKIM.
    pub identity: Option<String>,
    /// a=, lower case.
    pub algorithm: String,
    /// c=, both parts.
    pub canonicalization: String,
    /// h= without white space.
    pub signed_headers: String,
    /// The hash that the signature must be of; empty if it cannot be made.
    pub digest: Vec<u8>,
    /// b= without white space.
    pub signature: String,
    /// Whether the body has the hash in bh=; none for seals.
    pub body_holds: Option<bool>,
    /// t=, seconds since 1970.
    pub signed_at: Option<u64>,
    /// x=, seconds since 1970.
    pub expires: Option<u64>,
    /// What is wrong with it whatever the key is.
    pub flaws: Vec<String>,
    /// What it says of its reach without being wrong, such as l=.
    pub remarks: Vec<String>,
}

impl Signed {
    /// What is compared with a key.
    pub fn claim(&self) -> Claim<'_> {
        Claim {
            algorithm: &self.algorithm,
            domain: &self.domain,
            identity: self.identity.as_deref(),
            digest: &self.digest,
            signature: &self.signature,
            body_holds: self.body_holds,
        }
    }
}

/// All signatures of a message, in order of their headers, and hashes of what they cover.
pub fn signatures(raw: &[u8]) -> Vec<Signed> {
    let message = Message::split(raw);
    let (mut found, mut bodies) = (Vec::new(), Vec::new());
    for purpose in [Purpose::Dkim, Purpose::ArcMessage, Purpose::ArcSeal] {
        let fields = message.fields.iter().enumerate().filter(|(_, field)| field.is(purpose.header()));
        for (ordinal, (index, field)) in fields.enumerate().take(SIGNATURES) {
            found.push(signed(&message, purpose, ordinal as u64, index, field, &mut bodies));
        }
    }
    found
}

/// What was hashed of the body already, by form, limit and hash: several signatures mostly ask for the same.
type Bodies = Vec<((Form, Option<u64>, Hash), Made)>;

fn body<'b>(message: &Message<'_>, wanted: (Form, Option<u64>, Hash), bodies: &'b mut Bodies) -> &'b Made {
    let known = bodies.iter().position(|(made, _)| *made == wanted).unwrap_or_else(|| {
        let (form, limit, hash) = wanted;
        bodies.push((wanted, Body { bytes: message.body, form, limit }.hash(hash)));
        bodies.len() - 1
    });
    &bodies[known].1
}

fn signed(
    message: &Message<'_>,
    purpose: Purpose,
    ordinal: u64,
    index: usize,
    field: &Field<'_>,
    bodies: &mut Bodies,
) -> Signed {
    let text = String::from_utf8_lossy(field.value).into_owned();
    let mut flaws = Vec::new();
    let tags = tags::parse(&text).unwrap_or_else(|| {
        flaws.push("is no list of tags".to_owned());
        Vec::new()
    });
    let get = |name: &str| tags::get(&tags, name);
    for name in required(purpose) {
        if get(name).is_none_or(str::is_empty) {
            flaws.push(format!("has no {name}="));
        }
    }
    if purpose == Purpose::Dkim && get("v").is_some_and(|version| version != "1") {
        flaws.push("has another version than 1".to_owned());
    }
    let domain = get("d").unwrap_or_default().to_ascii_lowercase();
    let algorithm = get("a").unwrap_or_default().to_ascii_lowercase();
    let hash = Hash::of_algorithm(&algorithm);
    if hash.is_none() && !algorithm.is_empty() {
        flaws.push(format!("uses {algorithm}, which nobody knows"));
    }
    let canonicalization = get("c").unwrap_or("simple/simple").to_ascii_lowercase();
    let forms = match purpose {
        Purpose::ArcSeal => Some((Form::Relaxed, Form::Relaxed)),
        _ => forms(&canonicalization),
    };
    if forms.is_none() {
        flaws.push(format!("uses canonicalization {canonicalization}, which nobody knows"));
    }
    let signed_headers = tags::without_space(get("h").unwrap_or_default());
    let names: Vec<&str> = signed_headers.split(':').filter(|name| !name.is_empty()).collect();
    if purpose != Purpose::ArcSeal && !names.is_empty() && !names.iter().any(|name| name.eq_ignore_ascii_case("from")) {
        flaws.push("does not sign From".to_owned());
    }
    let identity = get("i").filter(|_| purpose == Purpose::Dkim).map(str::to_ascii_lowercase);
    if let Some(identity) = &identity {
        let host = identity.rsplit_once('@').map_or("", |(_, host)| host);
        if host != domain && !host.ends_with(&format!(".{domain}")) {
            flaws.push("names in i= an address outside d=".to_owned());
        }
    }
    let (signed_at, expires) = (number(&tags, "t", &mut flaws), number(&tags, "x", &mut flaws));
    if signed_at.zip(expires).is_some_and(|(signed, expires)| expires < signed) {
        flaws.push("expires before it was made".to_owned());
    }
    let instance = match purpose {
        Purpose::Dkim => 0,
        _ => get("i").and_then(|number| number.parse().ok()).filter(|n| (1..=50).contains(n)).unwrap_or_default(),
    };
    if purpose != Purpose::Dkim && instance == 0 {
        flaws.push("has no instance from 1 to 50".to_owned());
    }
    let mut remarks = Vec::new();
    let mut body_holds = None;
    let mut digest = Vec::new();
    if let (Some(hash), Some((head, body_form))) = (hash, forms) {
        if purpose != Purpose::ArcSeal {
            let limit = get("l").map(|limit| limit.parse::<u64>().unwrap_or(u64::MAX));
            let made = body(message, (body_form, limit, hash), bodies);
            body_holds = Some(STANDARD.encode(&made.digest) == tags::without_space(get("bh").unwrap_or_default()));
            if let Some(limit) = limit {
                remarks.push(format!("signs only the first {limit} bytes of the body"));
                if limit > made.length {
                    flaws.push("signs more of the body than there is".to_owned());
                }
            }
        }
        digest = match purpose {
            Purpose::ArcSeal => message.seal_digest(index, instance, hash, &mut flaws),
            _ => message.header_digest(&names, field, head, hash),
        };
        if hash == Hash::Sha1 {
            remarks.push("uses SHA-1, which RFC 8301 forbids".to_owned());
        }
    }
    if purpose == Purpose::ArcSeal {
        let expected = if instance == 1 { "none" } else { "pass" };
        if get("cv") != Some(expected) {
            flaws.push(format!("declares cv={} where {expected} belongs", get("cv").unwrap_or("nothing")));
        }
    }
    Signed {
        purpose,
        ordinal,
        instance,
        selector: get("s").unwrap_or_default().to_owned(),
        identity,
        algorithm,
        canonicalization: if purpose == Purpose::ArcSeal { "relaxed".to_owned() } else { canonicalization },
        signature: tags::without_space(get("b").unwrap_or_default()),
        domain,
        signed_headers,
        digest,
        body_holds,
        signed_at,
        expires,
        flaws,
        remarks,
    }
}

fn required(purpose: Purpose) -> &'static [&'static str] {
    match purpose {
        Purpose::Dkim => &["v", "a", "b", "bh", "d", "h", "s"],
        Purpose::ArcMessage => &["a", "b", "bh", "d", "h", "s"],
        Purpose::ArcSeal => &["a", "b", "d", "s"],
    }
}

fn forms(canonicalization: &str) -> Option<(Form, Form)> {
    let (head, body) = canonicalization.split_once('/').unwrap_or((canonicalization, "simple"));
    Some((Form::by_name(head.trim())?, Form::by_name(body.trim())?))
}

fn number(tags: &[Tag<'_>], name: &str, flaws: &mut Vec<String>) -> Option<u64> {
    let text = tags::get(tags, name)?;
    let number = text.parse().ok();
    if number.is_none() {
        flaws.push(format!("has no number in {name}="));
    }
    number
}

/// What a key says of a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// pass, fail or permerror.
    pub result: &'static str,
    /// What decided, in words.
    pub why: String,
}

/// A signature as it stands in a table, to be compared with a key.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'c> {
    /// a=.
    pub algorithm: &'c str,
    /// d=.
    pub domain: &'c str,
    /// i=, where there is one.
    pub identity: Option<&'c str>,
    /// The hash of what is signed.
    pub digest: &'c [u8],
    /// b=.
    pub signature: &'c str,
    /// Whether the body has its hash; none for seals.
    pub body_holds: Option<bool>,
}

/// Compares a signature with the key record at `selector._domainkey.domain` (RFC 6376, 6.1).
pub fn verify(claim: &Claim<'_>, record: &str) -> Verdict {
    match compare(claim, record) {
        Ok(why) => Verdict { result: "pass", why },
        Err(verdict) => verdict,
    }
}

fn permerror(why: impl Into<String>) -> Verdict {
    Verdict { result: "permerror", why: why.into() }
}

fn fail(why: impl Into<String>) -> Verdict {
    Verdict { result: "fail", why: why.into() }
}

fn compare(claim: &Claim<'_>, record: &str) -> Result<String, Verdict> {
    let tags = tags::parse(record).ok_or_else(|| permerror("the key record is no list of tags"))?;
    let get = |name: &str| tags::get(&tags, name);
    if get("v").is_some_and(|version| version != "DKIM1") {
        return Err(permerror("the key record has another version than DKIM1"));
    }
    let (kind, hash) = claim.algorithm.split_once('-').ok_or_else(|| permerror("the algorithm is not known"))?;
    if !get("k").unwrap_or("rsa").eq_ignore_ascii_case(kind) {
        return Err(permerror("the key is of another kind than the signature"));
    }
    let lists = |name: &str, wanted: &str| {
        get(name)
            .is_none_or(|list| list.split(':').any(|one| one.trim().eq_ignore_ascii_case(wanted) || one.trim() == "*"))
    };
    if !lists("h", hash) {
        return Err(permerror("the key does not allow this hash"));
    }
    if !lists("s", "email") {
        return Err(permerror("the key is not for mail"));
    }
    let is_strict = get("t").is_some_and(|flags| flags.split(':').any(|flag| flag.trim() == "s"));
    let host = claim.identity.and_then(|identity| Some(identity.rsplit_once('@')?.1));
    if is_strict && host.is_some_and(|host| !host.eq_ignore_ascii_case(claim.domain)) {
        return Err(permerror("the key is for addresses at the domain itself"));
    }
    let key = tags::without_space(get("p").ok_or_else(|| permerror("the key record holds no key"))?);
    if key.is_empty() {
        return Err(permerror("the key is revoked"));
    }
    let key = STANDARD.decode(&key).map_err(|_| permerror("the key is not base64"))?;
    let signature = decoded(claim.signature).ok_or_else(|| permerror("the signature is not base64"))?;
    if claim.body_holds == Some(false) {
        return Err(fail("the body is not the one that was signed"));
    }
    let remark = match kind {
        "rsa" => by_rsa(&key, claim.digest, &signature, hash)?,
        "ed25519" => by_ed25519(&key, claim.digest, &signature)?,
        _ => return Err(permerror("the algorithm is not known")),
    };
    let test = get("t").is_some_and(|flags| flags.split(':').any(|flag| flag.trim() == "y"));
    let test = if test { "; the domain says that it is testing" } else { "" };
    Ok(format!("signed with {remark}{test}"))
}

/// Base64, with or without padding.
fn decoded(text: &str) -> Option<Vec<u8>> {
    base64::engine::general_purpose::STANDARD_NO_PAD.decode(text.trim_end_matches('=')).ok()
}

/// RSASSA-PKCS1-v1_5 (RFC 8017, 8.2); the prefix is the DER of DigestInfo (9.2, note 1).
fn by_rsa(key: &[u8], digest: &[u8], signature: &[u8], hash: &str) -> Result<String, Verdict> {
    let prefix: &[u8] = match hash {
        "sha256" => &[
            0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04,
            0x20,
        ],
        "sha1" => &[0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14],
        _ => return Err(permerror("the algorithm is not known")),
    };
    let key = RsaPublicKey::from_public_key_der(key)
        .or_else(|_| RsaPublicKey::from_pkcs1_der(key))
        .map_err(|_| permerror("the key is no RSA key"))?;
    let bits = key.n().bits();
    // RFC 8301, 3.2: a shorter key proves nothing.
    if bits < 1024 {
        return Err(permerror(format!("the key has only {bits} bits")));
    }
    let scheme = Pkcs1v15Sign { hash_len: Some(digest.len()), prefix: prefix.into() };
    key.verify(scheme, digest, signature).map_err(|_| fail("the headers are not those that were signed"))?;
    Ok(format!("an RSA key of {bits} bits"))
}

fn by_ed25519(key: &[u8], digest: &[u8], signature: &[u8]) -> Result<String, Verdict> {
    let key: [u8; 32] = key.try_into().map_err(|_| permerror("the key is no Ed25519 key"))?;
    let key = ed25519_dalek::VerifyingKey::from_bytes(&key).map_err(|_| permerror("the key is no Ed25519 key"))?;
    let signature =
        ed25519_dalek::Signature::from_slice(signature).map_err(|_| fail("the signature has no 64 bytes"))?;
    key.verify_strict(digest, &signature).map_err(|_| fail("the headers are not those that were signed"))?;
    Ok("an Ed25519 key".to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests;
