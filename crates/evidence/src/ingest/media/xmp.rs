//! XMP packets: what editing programs write about a picture or a video, the
//! project's path and the account's name among it.
//!
//! A packet is plain XML wherever it stands, so that it can be found without
//! knowing the container, which is what its makers meant it for (ISO 16684-1,
//! 7.3). It is taken apart by its tags alone: one value for each attribute and
//! for each element without children.

use std::io::{self, Read};

use memchr::memmem;

use super::Field;

const OPENING: &[u8] = b"<x:xmpmeta";
const CLOSING: &[u8] = b"</x:xmpmeta>";

/// Bytes of one packet; a longer one is no packet.
const PACKET_AT_MOST: usize = 1 << 20;
/// Packets of one file.
const PACKETS_AT_MOST: usize = 16;
/// Elements inside each other, and fields of one packet.
const DEPTH: usize = 64;
const FIELDS_AT_MOST: usize = 500;
/// Bytes of a value; longer ones are pictures in base64 and the like.
const VALUE_AT_MOST: usize = 2000;
/// Bytes read at a time.
const CHUNK: u64 = 1 << 20;

/// The fields of all packets in a stream, in order.
pub(super) fn fields(bytes: &mut dyn Read) -> io::Result<Vec<Field>> {
    let (mut window, mut base, mut packets, mut fields) = (Vec::new(), 0usize, 0, Vec::new());
    loop {
        let read = Read::take(&mut *bytes, CHUNK).read_to_end(&mut window)?;
        let mut done = 0;
        while let Some(start) = memmem::find(&window[done..], OPENING).map(|at| done + at) {
            let Some(length) = memmem::find(&window[start..], CLOSING) else {
                done = if window.len() - start > PACKET_AT_MOST { start + OPENING.len() } else { start };
                if done == start {
                    break;
                }
                continue;
            };
            done = start + length + CLOSING.len();
            packets += 1;
            fields.extend(of_packet(&window[start..done], base + start));
        }
        if read == 0 || packets >= PACKETS_AT_MOST {
            return Ok(fields);
        }
        let is_open = memmem::find(&window[done..], OPENING).is_some();
        let kept = if is_open { done } else { done.max(window.len().saturating_sub(OPENING.len())) };
        window.drain(..kept);
        base += kept;
    }
}

fn of_packet(packet: &[u8], base: usize) -> Vec<Field> {
    let mut fields = Vec::new();
    let mut open: Vec<&[u8]> = Vec::new();
    let mut here = 0;
    while let Some(start) = memchr::memchr(b'<', &packet[here..]).map(|at| here + at) {
        if let Some(name) = open.iter().rev().find(|name| !name.starts_with(b"rdf:")) {
            push(&mut fields, name, (&packet[here..start], base + here));
        }
        let Some(end) = memchr::memchr(b'>', &packet[start..]).map(|at| start + at) else { break };
        here = end + 1;
        let tag = &packet[start + 1..end];
        match tag.first() {
            Some(b'/') => {
                open.pop();
            }
            Some(b'?' | b'!') | None => {}
            Some(_) => {
                let name = tag.split(|byte| byte.is_ascii_whitespace() || *byte == b'/').next().unwrap_or_default();
                attributes(tag, base + start + 1, &mut fields);
                if !tag.ends_with(b"/") && open.len() < DEPTH {
                    open.push(name);
                }
            }
        }
        if fields.len() >= FIELDS_AT_MOST {
            break;
        }
    }
    fields
}

/// The values of a tag's attributes, but for those that XML itself needs.
fn attributes(tag: &[u8], base: usize, fields: &mut Vec<Field>) {
    let mut here = 0;
    while let Some(equals) = memchr::memchr(b'=', &tag[here..]).map(|at| here + at) {
        let name = tag[here..equals].trim_ascii();
        let name = name.rsplit(|byte| byte.is_ascii_whitespace()).next().unwrap_or_default();
        let Some(quote) = tag[equals..].iter().position(|byte| matches!(byte, b'"' | b'\'')).map(|at| equals + at)
        else {
            return;
        };
        let Some(end) = memchr::memchr(tag[quote], &tag[quote + 1..]).map(|at| quote + 1 + at) else { return };
        if ![b"xmlns".as_slice(), b"rdf:", b"xml:"].iter().any(|own| name.starts_with(own)) {
            push(fields, name, (&tag[quote + 1..end], base + quote + 1));
        }
        here = end + 1;
    }
}

fn push(fields: &mut Vec<Field>, name: &[u8], (value, start): (&[u8], usize)) {
    let lead = value.len() - value.trim_ascii_start().len();
    let value = value.trim_ascii();
    if !value.is_empty() && value.len() <= VALUE_AT_MOST {
        let name = String::from_utf8_lossy(name).into_owned();
        fields.push(Field { name, value: unescaped(value), place: Some((start + lead, value.len())) });
    }
}

fn unescaped(value: &[u8]) -> String {
    let text = String::from_utf8_lossy(value);
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'").replace("&amp;", "&")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PACKET: &str = r#"<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 6.0"><rdf:RDF>
 <rdf:Description rdf:about="" xmp:CreatorTool="Editor 9 (Windows)" xmp:CreateDate='2024-03-12T21:50:39+03:30'>
  <dc:creator><rdf:Seq><rdf:li>m.olive</rdf:li></rdf:Seq></dc:creator>
  <creatorAtom:windowsAtom creatorAtom:uncProjectPath="\\?\C:\Users\olive\Videos\a &amp; b.prproj"/>
 </rdf:Description></rdf:RDF></x:xmpmeta>"#;

    fn told(bytes: &[u8]) -> Vec<String> {
        let fields = fields(&mut { bytes }).unwrap();
        fields.iter().for_each(|field| {
            let (start, length) = field.place.unwrap();
            assert_eq!(unescaped(&bytes[start..start + length]), field.value, "the place holds the value");
        });
        fields.into_iter().map(|field| format!("{}={}", field.name, field.value)).collect()
    }

    #[test]
    fn attributes_and_elements_are_fields() {
        let expected = [
            "x:xmptk=XMP Core 6.0",
            "xmp:CreatorTool=Editor 9 (Windows)",
            "xmp:CreateDate=2024-03-12T21:50:39+03:30",
            "dc:creator=m.olive",
            r"creatorAtom:uncProjectPath=\\?\C:\Users\olive\Videos\a & b.prproj",
        ];
        assert_eq!(told(PACKET.as_bytes()), expected);
    }

    #[test]
    fn packets_are_found_wherever_they_stand() {
        for before in [0, 5, (1 << 20) - 4, (1 << 20) + 3, 3 << 20] {
            let bytes = [&vec![b'.'; before][..], PACKET.as_bytes(), &[b'.'; 70], PACKET.as_bytes()].concat();
            assert_eq!(told(&bytes).len(), 10, "{before} bytes before");
        }
        assert_eq!(told(b"<x:xmpmeta a:b=\"c\""), [""; 0]);
    }

    proptest! {
        #[test]
        fn nothing_panics(inside in "[<>/a:=\"' !?&;\u{e9}]{0,200}") {
            let _ = told(format!("<x:xmpmeta>{inside}</x:xmpmeta>").as_bytes());
        }
    }
}
