//! UTF-16 sources, told by their byte order mark and read as UTF-8.

use std::io::{self, Read};

use encoding_rs::{Decoder, Encoding, UTF_16BE, UTF_16LE};
use model::{At, Loss, Out};

/// The encoding that a byte order mark stands for.
pub fn marked(head: &[u8]) -> Option<&'static Encoding> {
    match head {
        [0xff, 0xfe, ..] => Some(UTF_16LE),
        [0xfe, 0xff, ..] => Some(UTF_16BE),
        _ => None,
    }
}

/// A head as UTF-8, if it is marked as UTF-16.
pub fn decode_head(head: &[u8]) -> Option<Vec<u8>> {
    let encoding = marked(head)?;
    Some(encoding.decode_with_bom_removal(head).0.into_owned().into_bytes())
}

/// Fills `buffer` as far as the source goes; returns how far.
pub fn read_up_to(source: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match source.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Reads UTF-16 as UTF-8, without the byte order mark.
pub struct Utf16<'r> {
    source: &'r mut dyn Read,
    decoder: Decoder,
    encoded: Vec<u8>,
    decoded: Vec<u8>,
    given: usize,
    ended: bool,
    replaced: bool,
}

impl<'r> Utf16<'r> {
    /// Reads `source`, which is in `encoding`.
    pub fn new(encoding: &'static Encoding, source: &'r mut dyn Read) -> Self {
        let decoder = encoding.new_decoder_with_bom_removal();
        let (encoded, decoded) = (vec![0; 16 << 10], Vec::new());
        Self { source, decoder, encoded, decoded, given: 0, ended: false, replaced: false }
    }

    /// Notes a loss if something was no UTF-16.
    pub fn report(&self, chain: &str, out: &mut dyn Out) {
        if self.replaced {
            let reason = "bytes do not fit the encoding and were replaced";
            out.loss(At::whole(chain), Loss { reason, count: 1, detail: self.decoder.encoding().name() });
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        let read = read_up_to(self.source, &mut self.encoded)?;
        self.ended = read < self.encoded.len();
        self.decoded.resize(self.decoder.max_utf8_buffer_length(read).unwrap_or(0), 0);
        let (_, _, written, replaced) =
            self.decoder.decode_to_utf8(&self.encoded[..read], &mut self.decoded, self.ended);
        self.decoded.truncate(written);
        self.given = 0;
        self.replaced |= replaced;
        Ok(())
    }
}

impl Read for Utf16<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.decoded.len() && !self.ended {
            self.refill()?;
        }
        let rest = &self.decoded[self.given..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.given += count;
        Ok(count)
    }
}
