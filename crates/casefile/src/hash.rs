//! SHA-256 over files: the whole, and each chunk, in one pass.

use std::io::{self, Read, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use model::Digest;
use sha2::{Digest as _, Sha256};

use crate::CHUNK_BYTES;

/// Divides a chunk evenly, so that no block lies in two.
const BLOCK_BYTES: usize = 256 << 10;

/// What one pass over a file tells.
#[derive(Debug)]
pub struct Hashed {
    pub digest: Digest,
    pub bytes: u64,
    pub chunks: Vec<Digest>,
}

/// The digest of bytes in memory.
pub fn of(bytes: &[u8]) -> Digest {
    Digest(Sha256::digest(bytes).into())
}

/// Reads to the end, handing every block to `each` on the way.
///
/// A file of one chunk has one digest for both purposes. Beyond that, chunks
/// are hashed on a second thread.
pub fn read_through(input: &mut dyn Read, each: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<Hashed> {
    let mut whole = Sha256::new();
    let mut bytes = 0;
    let mut block = vec![0; BLOCK_BYTES];
    while bytes < CHUNK_BYTES {
        let filled = fill(input, &mut block)?;
        whole.update(&block[..filled]);
        each(&block[..filled])?;
        bytes += filled as u64;
        if filled < BLOCK_BYTES {
            let digest = Digest(whole.finalize().into());
            return Ok(Hashed { digest, bytes, chunks: vec![digest] });
        }
    }
    let first = Digest(whole.clone().finalize().into());
    std::thread::scope(|scope| {
        let (blocks, to_hash) = sync_channel(16);
        let rest = scope.spawn(|| hash_chunks(to_hash));
        let read = hash_rest(input, each, &mut whole, blocks)?;
        let mut chunks = vec![first];
        chunks.extend(rest.join().map_err(|_| io::Error::other("a hashing thread failed"))?);
        Ok(Hashed { digest: Digest(whole.finalize().into()), bytes: bytes + read, chunks })
    })
}

fn hash_rest(
    input: &mut dyn Read,
    each: &mut dyn FnMut(&[u8]) -> io::Result<()>,
    whole: &mut Sha256,
    blocks: SyncSender<Vec<u8>>,
) -> io::Result<u64> {
    let mut read = 0;
    loop {
        let mut block = vec![0; BLOCK_BYTES];
        let filled = fill(input, &mut block)?;
        block.truncate(filled);
        whole.update(&block);
        each(&block)?;
        read += filled as u64;
        // A failed send shows when the thread is joined.
        let _ = blocks.send(block);
        if filled < BLOCK_BYTES {
            return Ok(read);
        }
    }
}

fn hash_chunks(blocks: Receiver<Vec<u8>>) -> Vec<Digest> {
    let (mut hash, mut bytes, mut chunks) = (Sha256::new(), 0, Vec::new());
    for block in blocks {
        hash.update(&block);
        bytes += block.len() as u64;
        if bytes == CHUNK_BYTES {
            chunks.push(Digest(hash.finalize_reset().into()));
            bytes = 0;
        }
    }
    if bytes > 0 {
        chunks.push(Digest(hash.finalize().into()));
    }
    chunks
}

/// Fills the block unless the input ends first.
fn fill(input: &mut dyn Read, block: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < block.len() {
        match input.read(&mut block[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// A writer that knows the digest and length of what went through it.
#[derive(Debug)]
pub struct HashingWriter<W> {
    pub inner: W,
    hash: Sha256,
    bytes: u64,
}

impl<W> HashingWriter<W> {
    pub fn new(inner: W) -> Self {
        Self { inner, hash: Sha256::new(), bytes: 0 }
    }

    /// Digest and length so far.
    pub fn tell(&self) -> (Digest, u64) {
        (Digest(self.hash.clone().finalize().into()), self.bytes)
    }
}

impl<W: Write> Write for HashingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
