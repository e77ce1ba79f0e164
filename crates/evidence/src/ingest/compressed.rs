//! Compressed streams: gzip, Zstandard and xz, unfolded as they are read.
//!
//! Nothing is held in memory but the decoder's window. What is inside is
//! handed back to be sniffed, so `mail.mbox.gz` is read as an mbox whose chain
//! starts with `gzip`. A stream that ends early or is damaged gives what came
//! before; the reader of the inner bytes notes the loss.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use liblzma::read::XzDecoder;
use liblzma::stream::{CONCATENATED, Stream};
use model::{Entry, Format, Out, Reading, Split, Step};

/// Memory that an xz stream may ask for; `xz -9` needs 65 MiB.
const XZ_MEMORY_BYTES: u64 = 256 << 20;

/// Frames written for the archiver alone (RFC 8878, 3.1.2) may come first.
const ZSTD_SKIPPABLE: [u8; 3] = [0x2a, 0x4d, 0x18];

/// gzip, Zstandard and xz.
pub struct Compressed;

impl Format for Compressed {
    fn entry(&self) -> &'static Entry {
        &Entry {
            name: "compressed",
            summary: "a gzip, Zstandard or xz stream, read through to what is inside",
            doc: "What it reads: RFC 1952 with several members, RFC 8878 with several frames, xz with several \
                  streams.\n\nWhat it gives: one child source, named like the file without its suffix.\n\nLimits: \
                  xz streams that ask for more than 256 MiB of memory are a loss.",
        }
    }

    fn sniff(&self, head: &[u8], _name: &str) -> bool {
        step_of(head).is_some()
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        let mut bytes = bytes.take(length_of(reading.split));
        let mut head = Vec::new();
        (&mut bytes).take(6).read_to_end(&mut head)?;
        let Some(step) = step_of(&head) else {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "not a compressed stream"));
        };
        if out.begin(0) {
            let mut inner = decoder(&step, head.as_slice().chain(bytes))?;
            out.child(reading.chain, &step, &inner_name(reading.name), &mut inner);
        }
        Ok(())
    }
}

/// The bytes that `step` (gzip, zstd or xz) gives.
pub fn decoder<'a>(step: &Step, bytes: impl Read + 'a) -> io::Result<Box<dyn Read + 'a>> {
    Ok(match step {
        Step::Gzip => Box::new(MultiGzDecoder::new(bytes)),
        Step::Zstd => Box::new(zstd::stream::read::Decoder::new(bytes)?),
        Step::Xz => {
            let stream = Stream::new_stream_decoder(XZ_MEMORY_BYTES, CONCATENATED)?;
            Box::new(XzDecoder::new_stream(bytes, stream))
        }
        other => {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("{other} is no compression")));
        }
    })
}

/// The step that unfolds a stream of such a head.
pub fn step_of(head: &[u8]) -> Option<Step> {
    match head {
        [0x1f, 0x8b, 0x08, ..] => Some(Step::Gzip),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Step::Zstd),
        [0x50..=0x5f, rest @ ..] if rest.starts_with(&ZSTD_SKIPPABLE) => Some(Step::Zstd),
        [0xfd, b'7', b'z', b'X', b'Z', 0x00, ..] => Some(Step::Xz),
        _ => None,
    }
}

/// Bytes of a split; without bound for a source whose length is unknown.
pub fn length_of(split: &Split) -> u64 {
    if split.end == u64::MAX { u64::MAX } else { split.end.saturating_sub(split.start) }
}

fn inner_name(name: &str) -> String {
    const SUFFIXES: [(&str, &str); 7] =
        [(".tgz", ".tar"), (".txz", ".tar"), (".tzst", ".tar"), (".gz", ""), (".zst", ""), (".zstd", ""), (".xz", "")];
    let stripped = SUFFIXES.iter().find_map(|(suffix, with)| Some(format!("{}{with}", name.strip_suffix(suffix)?)));
    stripped.unwrap_or_else(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_suffix_goes_and_an_archive_keeps_its_own() {
        assert_eq!(inner_name("a/mail.mbox.gz"), "a/mail.mbox");
        assert_eq!(inner_name("logs.tgz"), "logs.tar");
        assert_eq!(inner_name("plain"), "plain");
    }
}
