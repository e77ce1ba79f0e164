//! Exif, and the text chunks of PNG: what cameras, telephones and programs
//! write into an image.

use std::io::Cursor;

use exif::{Error, Exif, Value};
use memchr::memmem;

use super::Field;

/// Characters of a value; longer ones are thumbnails and maker notes.
const VALUE_AT_MOST: usize = 500;
/// Fields of one image.
const FIELDS_AT_MOST: usize = 500;

/// The fields of an image, in the order of its directories.
pub(super) fn fields(image: &[u8]) -> Vec<Field> {
    let mut reader = exif::Reader::new();
    reader.continue_on_error(true);
    let read = match reader.read_from_container(&mut Cursor::new(image)) {
        Err(Error::PartialResult(partial)) => Some(partial.into_inner().0),
        other => other.ok(),
    };
    let mut fields = read.map_or_else(Vec::new, |exif| of_exif(&exif, image));
    fields.extend(of_png(image));
    fields.truncate(FIELDS_AT_MOST);
    fields
}

fn of_exif(exif: &Exif, image: &[u8]) -> Vec<Field> {
    let mut fields = Vec::new();
    for field in exif.fields().take(FIELDS_AT_MOST) {
        let name = format!("exif:{}", field.tag);
        if let Value::Ascii(texts) = &field.value {
            for text in texts.iter().filter(|text| !text.trim_ascii().is_empty() && text.len() <= VALUE_AT_MOST) {
                let value = String::from_utf8_lossy(text.trim_ascii()).into_owned();
                let place = memmem::find(image, text.trim_ascii()).map(|start| (start, text.trim_ascii().len()));
                fields.push(Field { name: name.clone(), value, place });
            }
            continue;
        }
        // What is said in numbers; rows of bytes say nothing by themselves.
        let value = match &field.value {
            Value::Undefined(..) | Value::Byte(_) | Value::Unknown(..) => continue,
            _ => field.display_value().with_unit(exif).to_string(),
        };
        if !value.is_empty() && value.len() <= VALUE_AT_MOST {
            fields.push(Field { name, value, place: None });
        }
    }
    fields
}

/// Keyword and text of each `tEXt` chunk (ISO 15948, 11.3.4.3).
fn of_png(image: &[u8]) -> Vec<Field> {
    let mut fields = Vec::new();
    let mut here = 8;
    while image.starts_with(b"\x89PNG") && fields.len() < FIELDS_AT_MOST {
        let Some((length, kind)) = image.get(here..here + 8).and_then(|head| head.split_first_chunk::<4>()) else {
            break;
        };
        let length = u32::from_be_bytes(*length) as usize;
        let Some(chunk) = image.get(here + 8..).and_then(|rest| rest.get(..length)) else { break };
        if let Some(end) = memchr::memchr(0, chunk).filter(|_| kind == b"tEXt") {
            let text = &chunk[end + 1..];
            if !text.trim_ascii().is_empty() && text.len() <= VALUE_AT_MOST {
                let name = format!("png:{}", String::from_utf8_lossy(&chunk[..end]));
                let value = String::from_utf8_lossy(text).into_owned();
                fields.push(Field { name, value, place: Some((here + 8 + end + 1, text.len())) });
            }
        }
        here += length + 12;
    }
    fields
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A TIFF header and one directory with two texts, in a JPEG's segment.
    fn jpeg() -> Vec<u8> {
        let texts: [(u16, &[u8]); 2] = [(0x0131, b"Editor 9.1\0"), (0x013b, b"m.olive\0")];
        let mut tiff = b"II*\0\x08\0\0\0\x02\0".to_vec();
        let mut behind = 8 + 2 + 2 * 12 + 4;
        for (tag, text) in texts {
            tiff.extend(tag.to_le_bytes());
            tiff.extend(2u16.to_le_bytes());
            tiff.extend((text.len() as u32).to_le_bytes());
            tiff.extend((behind as u32).to_le_bytes());
            behind += text.len();
        }
        tiff.extend([0; 4]);
        texts.iter().for_each(|(_, text)| tiff.extend_from_slice(text));
        let segment = [b"Exif\0\0".as_slice(), &tiff].concat();
        let length = (segment.len() as u16 + 2).to_be_bytes();
        [b"\xff\xd8\xff\xe1".as_slice(), &length, &segment, b"\xff\xd9"].concat()
    }

    fn told(image: &[u8]) -> Vec<String> {
        let fields = fields(image);
        for (start, length) in fields.iter().filter_map(|field| field.place) {
            assert!(start + length <= image.len());
        }
        fields.into_iter().map(|field| format!("{}={}", field.name, field.value)).collect()
    }

    #[test]
    fn texts_of_exif_and_png_are_fields() {
        assert_eq!(told(&jpeg()), ["exif:Software=Editor 9.1", "exif:Artist=m.olive"]);
        let chunk = b"Author\0m.olive";
        let png = [b"\x89PNG\r\n\x1a\n".as_slice(), &14u32.to_be_bytes(), b"tEXt", chunk, &[0; 4]].concat();
        assert_eq!(told(&png), ["png:Author=m.olive"]);
        assert_eq!(told(b""), [""; 0]);
    }

    proptest! {
        #[test]
        fn nothing_panics(at in 0usize..90, by in any::<u8>(), cut in 0usize..120) {
            let mut image = jpeg();
            let length = image.len();
            image[at % length] ^= by;
            image.truncate(length - cut.min(length));
            let _ = told(&image);
        }
    }
}
