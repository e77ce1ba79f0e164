//! DKIM and ARC signatures of a message, hashed for a later comparison with keys.
//!
//! Which keys there were is known only once the whole evidence is read, so what
//! a signature covers is hashed here, where the bytes are, and the hash kept.

use authentication::signature::{self, Purpose, Signed};
use model::locator::extend_chain;
use model::{At, Cell, Out, Step, tables};

use super::header::HeaderAt;

/// Gives a row for each signature of the message at `chain`. `body` is the message
/// from its first header on, as it was signed.
pub fn put(body: &[u8], headers: &[HeaderAt<'_>], chain: &str, out: &mut dyn Out) {
    let purposes = [Purpose::Dkim, Purpose::ArcMessage, Purpose::ArcSeal];
    if !headers.iter().any(|header| purposes.iter().any(|purpose| header.name().eq_ignore_ascii_case(purpose.header())))
    {
        return;
    }
    for signed in signature::signatures(body) {
        let name = headers.iter().map(HeaderAt::name).find(|name| name.eq_ignore_ascii_case(signed.purpose.header()));
        let step = Step::Header(name.unwrap_or(signed.purpose.header()).to_owned(), signed.ordinal);
        row(&signed, chain, &extend_chain(chain, &step), out);
    }
}

fn row(signed: &Signed, message: &str, place: &str, out: &mut dyn Out) {
    let (kind, instance) = match signed.purpose {
        Purpose::Dkim => ("dkim", signed.ordinal),
        Purpose::ArcMessage => ("arc-message", signed.instance),
        Purpose::ArcSeal => ("arc-seal", signed.instance),
    };
    let digest: String = signed.digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let (flaws, remarks) = (signed.flaws.join("; "), signed.remarks.join("; "));
    let cells = [
        message.into(),
        kind.into(),
        instance.into(),
        filled(&signed.domain),
        filled(&signed.selector),
        signed.identity.as_ref().into(),
        filled(&signed.algorithm),
        filled(&signed.canonicalization),
        filled(&signed.signed_headers),
        filled(&digest),
        filled(&signed.signature),
        signed.body_holds.map_or(Cell::Null, Cell::Bool),
        time(signed.signed_at),
        time(signed.expires),
        filled(&flaws),
        filled(&remarks),
    ];
    out.row(&tables::MAIL_SIGNATURES, At::whole(place), &cells);
}

/// Null where there is nothing.
fn filled(text: &str) -> Cell<'_> {
    Some(text).filter(|text| !text.is_empty()).into()
}

/// Seconds since 1970 as the tables have times; null where they lie beyond the calendar's end.
fn time(seconds: Option<u64>) -> Cell<'static> {
    const LAST: i64 = 253_402_300_799;
    let seconds = seconds.and_then(|seconds| i64::try_from(seconds).ok()).filter(|seconds| *seconds <= LAST);
    seconds.map_or(Cell::Null, |seconds| Cell::Time(seconds * 1_000_000))
}
