//! Archives: zip and tar, one child source for each member.
//!
//! Names of members are labels; no path is ever followed. A zip needs its
//! directory, which stands at the end: one that is a file is read where it
//! lies, one within another source is held in memory up to a limit. A tar is
//! streamed. How far members unfold is metered by the drive.

use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};

use flate2::read::DeflateDecoder;
use model::contract::Input;
use model::locator::extend_chain;
use model::{At, Entry, Format, Loss, Out, Reading, Step};
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::compressed::length_of;

/// Bytes of a zip file that are held at most.
pub const ZIP_BYTES: u64 = 512 << 20;

/// zip, and what is built on it: office documents, Java archives.
pub struct Zip;

/// tar in its v7, ustar, GNU and pax forms.
pub struct Tar;

impl Format for Zip {
    fn entry(&self) -> &'static Entry {
        &Entry {
            name: "zip",
            summary: "a zip file, each member read in turn",
            doc: "What it reads: stored and deflated members.\n\nWhat it gives: one child source per member, \
                  counted from 0 as the directory lists them, folders included.\n\nLosses: encrypted members, \
                  other compressions, damage; a zip of more than 512 MiB that is no file of its own.",
        }
    }

    fn sniff(&self, head: &[u8], _name: &str) -> bool {
        head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        let mut held = Vec::new();
        bytes.take(length_of(reading.split).min(ZIP_BYTES + 1)).read_to_end(&mut held)?;
        if held.len() as u64 > ZIP_BYTES {
            lose(out, reading.chain, "archive is over 512 MiB", "zip");
            return Ok(());
        }
        zip_members(Cursor::new(held), reading.chain, out);
        Ok(())
    }

    fn read_file(&self, reading: &Reading<'_>, file: &mut dyn Input, out: &mut dyn Out) -> io::Result<()> {
        zip_members(BufReader::with_capacity(64 << 10, file), reading.chain, out);
        Ok(())
    }
}

fn zip_members(zip: impl Read + Seek, chain: &str, out: &mut dyn Out) {
    match ZipArchive::new(zip) {
        Ok(mut archive) => (0..archive.len()).for_each(|n| zip_member(&mut archive, n, chain, out)),
        Err(error) => lose(out, chain, "archive is damaged", &error.to_string()),
    }
}

fn zip_member(archive: &mut ZipArchive<impl Read + Seek>, n: usize, chain: &str, out: &mut dyn Out) {
    if !out.begin(n as u64) {
        return;
    }
    let name = archive.name_for_index(n).and_then(Result::ok).unwrap_or_default().into_owned();
    let step = Step::Zip(n as u64, name.clone());
    match archive.by_index(n) {
        Ok(member) if member.is_dir() => {}
        Ok(mut member) => out.child(chain, &step, &name, &mut member),
        Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => {
            lose(out, &extend_chain(chain, &step), "member is encrypted", "zip");
        }
        Err(error) => lose(out, &extend_chain(chain, &step), "member could not be opened", &error.to_string()),
    }
}

/// The bytes of the `n`-th member of a zip file, up to a limit.
pub fn zip_member_bytes(zip: &[u8], n: u64, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_zip_member(&mut Cursor::new(zip), n)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The `n`-th member of a zip file as a stream.
pub fn open_zip_member<'z>(zip: &'z mut (impl Read + Seek), n: u64) -> io::Result<Box<dyn Read + 'z>> {
    let (start, length, compression) = {
        let mut archive = ZipArchive::new(BufReader::new(&mut *zip))?;
        let member = archive.by_index(usize::try_from(n).unwrap_or(usize::MAX))?;
        (member.data_start(), member.compressed_size(), member.compression())
    };
    zip.seek(SeekFrom::Start(start.unwrap_or(u64::MAX)))?;
    let bytes = zip.take(length);
    match compression {
        CompressionMethod::Stored => Ok(Box::new(bytes)),
        CompressionMethod::Deflated => Ok(Box::new(DeflateDecoder::new(bytes))),
        other => Err(io::Error::new(io::ErrorKind::Unsupported, other.to_string())),
    }
}

impl Format for Tar {
    fn entry(&self) -> &'static Entry {
        &Entry {
            name: "tar",
            summary: "a tar archive, each member read in turn",
            doc: "What it reads: v7, ustar, GNU and pax headers, sparse files included.\n\nWhat it gives: one \
                  child source per file, counted from 0 over all entries.\n\nLosses: links and devices, which \
                  hold no bytes; everything after a damaged header.",
        }
    }

    fn sniff(&self, head: &[u8], _name: &str) -> bool {
        head.first_chunk::<512>().is_some_and(checksum_holds)
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        let mut archive = tar::Archive::new(bytes.take(length_of(reading.split)));
        for (n, entry) in archive.entries()?.enumerate() {
            match entry {
                Ok(mut entry) => tar_member(&mut entry, n as u64, reading.chain, out),
                Err(error) => {
                    // Nothing after a damaged header can be found again.
                    lose(out, reading.chain, "archive is damaged", &error.to_string());
                    break;
                }
            }
        }
        Ok(())
    }
}

fn tar_member<R: Read>(entry: &mut tar::Entry<'_, R>, n: u64, chain: &str, out: &mut dyn Out) {
    let kind = entry.header().entry_type();
    if kind.is_dir() || kind.is_pax_global_extensions() || !out.begin(n) {
        return;
    }
    let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
    let step = Step::Tar(n, name.clone());
    if kind.is_file() || kind.is_gnu_sparse() || kind.is_contiguous() {
        out.child(chain, &step, &name, entry);
    } else {
        lose(out, &extend_chain(chain, &step), "member is a link or device", "tar");
    }
}

/// The bytes of the `n`-th entry of a tar archive.
pub fn tar_member_bytes(bytes: impl Read, n: u64, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let mut archive = tar::Archive::new(bytes);
    let n = usize::try_from(n).unwrap_or(usize::MAX);
    let Some(entry) = archive.entries()?.nth(n).transpose()? else { return Ok(None) };
    let mut held = Vec::new();
    entry.take(limit).read_to_end(&mut held)?;
    Ok(Some(held))
}

/// The sum of a header's bytes, its own field taken as spaces, stands in it.
/// Writers of old summed signed bytes.
fn checksum_holds(block: &[u8; 512]) -> bool {
    let Some(stated) = octal(&block[148..156]) else { return false };
    let bytes = || block.iter().enumerate().map(|(at, byte)| if (148..156).contains(&at) { b' ' } else { *byte });
    let unsigned: i64 = bytes().map(i64::from).sum();
    let signed: i64 = bytes().map(|byte| i64::from(byte as i8)).sum();
    block[0] != 0 && (stated == unsigned || stated == signed)
}

fn octal(field: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(field).ok()?.trim_matches(|c| c == ' ' || c == '\0');
    i64::from_str_radix(text, 8).ok().filter(|sum| *sum > 0)
}

fn lose(out: &mut dyn Out, chain: &str, reason: &str, detail: &str) {
    out.loss(At::whole(chain), Loss { reason, count: 1, detail });
}
