//! Videos and images: found here, with what they say of themselves; what they
//! show is read by `screen`.

use std::io::{self, Read};

use model::{At, Entry, Format, Loss, Out, Reading, Role, Text, tables};

mod exif;
mod xmp;

/// Bytes of an image that is looked into; of a larger one only XMP is read.
const IMAGE_AT_MOST: u64 = 64 << 20;

/// One field of a medium's metadata.
struct Field {
    /// As the standard spells it, behind `exif:`, `png:` or the name space.
    name: String,
    value: String,
    /// Offset and length of its bytes, where they stand as they are.
    place: Option<(usize, usize)>,
}

/// Video and image files.
pub struct Media;

impl Format for Media {
    fn entry(&self) -> &'static Entry {
        &Entry {
            name: "media",
            summary: "a video or an image",
            doc: "What it reads: MP4 and QuickTime, Matroska and WebM, AVI, GIF, PNG, JPEG, WebP, HEIF and netpbm, by their \
                  first bytes.\n\nWhat it gives: one row for each, wherever it lies, and its metadata (Exif, XMP, text \
                  of PNG), which the detectors see. What is seen in it is read afterwards, by `screen`, through \
                  ffmpeg.\n\nLimits: of images over 64 MiB only XMP is \
                  read; compressed text chunks of PNG are not.",
        }
    }

    fn sniff(&self, head: &[u8], _name: &str) -> bool {
        container(head).is_some()
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        let mut head = Vec::new();
        Read::take(&mut *bytes, 16).read_to_end(&mut head)?;
        let Some((kind, container)) = container(&head) else { return Ok(()) };
        let name = reading.name.rsplit('/').next().unwrap_or_default();
        out.row(&tables::MEDIA, At::whole(reading.chain), &[kind.into(), container.into(), name.into()]);
        let mut fields = Vec::new();
        if kind == "image" {
            Read::take(&mut *bytes, IMAGE_AT_MOST).read_to_end(&mut head)?;
            if head.len() as u64 >= IMAGE_AT_MOST {
                let loss = Loss { reason: "an image too large to look for Exif", count: 1, detail: "" };
                out.loss(At::whole(reading.chain), loss);
            } else {
                fields = exif::fields(&head);
            }
        }
        fields.extend(xmp::fields(&mut head.as_slice().chain(bytes))?);
        fields.iter().for_each(|field| tell(field, reading.chain, out));
        Ok(())
    }
}

/// A field as a row, and its bytes as a text.
fn tell(field: &Field, chain: &str, out: &mut dyn Out) {
    let (start, length) = field.place.unwrap_or((0, 0));
    let at = At { chain, start: start as u64, length: length as u64 };
    out.row(&tables::MEDIA_METADATA, at, &[(&field.name).into(), (&field.value).into()]);
    // Only where the bytes are the value can a finding point at them.
    if field.place.is_some() && field.value.len() == length {
        let bytes = field.value.as_bytes();
        out.text(&Text { role: Role::Metadata(&field.name), chain, start: start as u64, bytes, personal: false });
    }
}

/// Kind and form of a medium by its first 16 bytes.
fn container(head: &[u8]) -> Option<(&'static str, &'static str)> {
    let at = |start: usize, mark: &[u8]| head.get(start..).is_some_and(|rest| rest.starts_with(mark));
    let riff = |form: &[u8]| at(0, b"RIFF") && at(8, form);
    let boxed = |mark: &[u8]| at(4, mark);
    Some(match () {
        () if at(0, b"\x89PNG\r\n\x1a\n") => ("image", "png"),
        () if at(0, b"\xff\xd8\xff") => ("image", "jpeg"),
        () if riff(b"WEBP") => ("image", "webp"),
        () if [b"ftyphei".as_slice(), b"ftypmif1", b"ftypmsf1", b"ftypavif"].into_iter().any(boxed) => {
            ("image", "heif")
        }
        () if is_netpbm(head) => ("image", "netpbm"),
        () if at(0, b"GIF87a") || at(0, b"GIF89a") => ("video", "gif"),
        () if [b"ftyp".as_slice(), b"moov", b"mdat", b"wide"].into_iter().any(boxed) => ("video", "mp4"),
        () if at(0, b"\x1a\x45\xdf\xa3") => ("video", "matroska"),
        () if riff(b"AVI ") => ("video", "avi"),
        () => return None,
    })
}

/// `P5 640 480`, of one byte for each value: as programs write it, without comments.
fn is_netpbm(head: &[u8]) -> bool {
    let Some(rest) = head.strip_prefix(b"P5").or_else(|| head.strip_prefix(b"P6")) else { return false };
    let mut fields = rest.split(u8::is_ascii_whitespace).skip(1).filter(|field| !field.is_empty());
    let mut is_size = || fields.next().is_some_and(|field| field.iter().all(u8::is_ascii_digit));
    rest.first().is_some_and(u8::is_ascii_whitespace) && is_size() && is_size()
}

#[cfg(test)]
mod tests {
    use super::container;

    #[test]
    fn containers_are_told_from_their_first_bytes() {
        for (head, expected) in [
            (b"\x00\x00\x00\x20ftypisom\x00\x00".as_slice(), Some(("video", "mp4"))),
            (b"\x00\x00\x00\x18ftypheic\x00\x00", Some(("image", "heif"))),
            (b"\x1a\x45\xdf\xa3\x01", Some(("video", "matroska"))),
            (b"RIFF\x10\x00\x00\x00WEBPVP8 ", Some(("image", "webp"))),
            (b"RIFF\x10\x00\x00\x00WAVEfmt ", None),
            (b"P6\n640 480\n255\n\0", Some(("image", "netpbm"))),
            (b"P5 is a road", None),
            (b"\x89PNG", None),
            (b"", None),
        ] {
            assert_eq!(container(head), expected, "{head:?}");
        }
    }
}
