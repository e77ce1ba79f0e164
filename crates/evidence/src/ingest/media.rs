//! Videos and images: found here, read by `screen`.

use std::io::{self, Read};

use model::{At, Entry, Format, Out, Reading, tables};

/// Video and image files.
pub struct Media;

impl Format for Media {
    fn entry(&self) -> &'static Entry {
        &Entry {
            name: "media",
            summary: "a video or an image",
            doc: "What it reads: MP4 and QuickTime, Matroska and WebM, AVI, GIF, PNG, JPEG, WebP and HEIF, by their \
                  first bytes.\n\nWhat it gives: one row for each, wherever it lies. What is seen in it is read \
                  afterwards, by `screen`, through ffmpeg.\n\nLimits: pictures inside PDF files are not looked for.",
        }
    }

    fn sniff(&self, head: &[u8], _name: &str) -> bool {
        container(head).is_some()
    }

    fn read(&self, reading: &Reading<'_>, bytes: &mut dyn Read, out: &mut dyn Out) -> io::Result<()> {
        let mut head = [0; 16];
        let mut length = 0;
        while length < head.len() {
            match bytes.read(&mut head[length..])? {
                0 => break,
                read => length += read,
            }
        }
        if let Some((kind, container)) = container(&head[..length]) {
            let name = reading.name.rsplit('/').next().unwrap_or_default();
            out.row(&tables::MEDIA, At::whole(reading.chain), &[kind.into(), container.into(), name.into()]);
        }
        Ok(())
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
        () if at(0, b"GIF87a") || at(0, b"GIF89a") => ("video", "gif"),
        () if [b"ftyp".as_slice(), b"moov", b"mdat", b"wide"].into_iter().any(boxed) => ("video", "mp4"),
        () if at(0, b"\x1a\x45\xdf\xa3") => ("video", "matroska"),
        () if riff(b"AVI ") => ("video", "avi"),
        () => return None,
    })
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
            (b"\x89PNG", None),
            (b"", None),
        ] {
            assert_eq!(container(head), expected, "{head:?}");
        }
    }
}
