//! One picture of a PDF: where it stands, how it is coded, and its pixels.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::Read;

use flate2::read::ZlibDecoder;
use hayro_syntax::object::dict::keys;
use hayro_syntax::object::{Array, Dict, Name, Object, Stream};
use hayro_syntax::{Filter, Pdf as Document};

/// Sides below which no line of text is legible.
const SMALLEST: (u32, u32) = (32, 12);

/// Pixels of one picture; the decoder takes no more.
const PIXELS_AT_MOST: u64 = 64 << 20;

/// What is to be done with a picture.
pub(super) enum Want {
    /// It can be given.
    Read,
    /// It holds no text.
    Small,
    /// Nobody here reads its coding, which is named.
    Unread(&'static str),
}

/// How the bytes of the stream become a picture.
#[derive(Clone, Debug)]
enum Coding {
    /// A JPEG file.
    Jpeg,
    /// A JPEG file, deflated once more.
    PackedJpeg,
    /// Rows of pixels.
    Rows(Colours),
    /// None of these.
    Unread(&'static str),
}

/// What the values of a row stand for.
#[derive(Clone, Debug)]
enum Colours {
    Gray,
    Rgb,
    /// Entries of the table of colours, three bytes each.
    Table(Vec<u8>),
}

/// A stream that is a picture.
pub(super) struct Picture<'a> {
    /// Number of its object.
    pub object: u64,
    /// Bytes of the file that it stands in; none where they are encrypted.
    pub place: Option<(u64, u64)>,
    stream: Stream<'a>,
    coding: Coding,
    width: u32,
    height: u32,
    bits: u32,
}

/// All pictures of a document in the order of their objects, masks of others left out.
pub(super) fn all(document: &Document) -> Vec<Picture<'_>> {
    let streams = document.objects().into_iter().filter_map(Object::into_stream);
    let images =
        streams.filter(|stream| stream.dict().get::<Name<'_>>(keys::SUBTYPE).is_some_and(|name| &*name == b"Image"));
    let images: Vec<Stream<'_>> = images.collect();
    let masks: BTreeSet<u64> = images.iter().flat_map(|image| masks_of(image.dict())).collect();
    let pictures = images.into_iter().map(|image| Picture::new(document, image));
    let mut pictures: Vec<Picture<'_>> = pictures.filter(|picture| !masks.contains(&picture.object)).collect();
    pictures.sort_by_key(|picture| (picture.object, picture.place));
    pictures.dedup_by_key(|picture| picture.object);
    pictures
}

fn masks_of(image: &Dict<'_>) -> Vec<u64> {
    let of = |key: &[u8]| image.get_ref(key).map(|reference| u64::from(reference.obj_number));
    [keys::SMASK, keys::MASK].into_iter().filter_map(of).collect()
}

impl<'a> Picture<'a> {
    fn new(document: &Document, stream: Stream<'a>) -> Self {
        let dict = stream.dict();
        let number = |long: &[u8]| dict.get::<u32>(long).unwrap_or(0);
        let is_stencil = dict.get::<bool>(keys::IMAGE_MASK).unwrap_or(false);
        let bits = if is_stencil { 1 } else { number(keys::BITS_PER_COMPONENT) };
        Self {
            object: u64::from(stream.obj_id().obj_number),
            place: place(document, &stream),
            coding: coding(&stream, is_stencil),
            width: number(keys::WIDTH),
            height: number(keys::HEIGHT),
            bits,
            stream,
        }
    }

    pub fn want(&self) -> Want {
        if self.width < SMALLEST.0 || self.height < SMALLEST.1 {
            return Want::Small;
        }
        match &self.coding {
            Coding::Unread(name) => Want::Unread(name),
            Coding::Rows(_) if !matches!(self.bits, 1 | 2 | 4 | 8) => Want::Unread("more than 8 bits a value"),
            _ if u64::from(self.width) * u64::from(self.height) > PIXELS_AT_MOST => {
                Want::Unread("over 64 million pixels")
            }
            _ => Want::Read,
        }
    }

    /// Whether its bytes in the file are a JPEG file.
    pub fn is_bare_jpeg(&self) -> bool {
        matches!(self.coding, Coding::Jpeg)
    }

    /// Its bytes as they stand in the file, decrypted.
    pub fn raw(&self) -> Cow<'a, [u8]> {
        self.stream.raw_data()
    }

    /// A file of one picture: JPEG, or netpbm, with the rows that it lacks; why
    /// not, if it cannot be.
    pub fn unpacked(&self) -> Result<(Vec<u8>, u64), &'static str> {
        // A locator may name a picture that nobody wanted.
        if let Want::Unread(why) = self.want() {
            return Err(why);
        }
        match &self.coding {
            Coding::Jpeg => Ok((self.raw().into_owned(), 0)),
            Coding::PackedJpeg => {
                let mut jpeg = Vec::new();
                // What came before the damage is a picture, too.
                let _ = ZlibDecoder::new(&*self.raw()).take(PIXELS_AT_MOST).read_to_end(&mut jpeg);
                if jpeg.is_empty() { Err("nothing unfolds") } else { Ok((jpeg, 0)) }
            }
            Coding::Rows(colours) => self.rows(colours),
            Coding::Unread(name) => Err(name),
        }
    }

    fn rows(&self, colours: &Colours) -> Result<(Vec<u8>, u64), &'static str> {
        let unfolded = self.stream.decoded().map_err(|_| "nothing unfolds")?;
        let (width, values) = (self.width as usize, if matches!(colours, Colours::Rgb) { 3 } else { 1 });
        let stride = (width * values * self.bits as usize).div_ceil(8);
        let rows = unfolded.chunks_exact(stride.max(1)).take(self.height as usize);
        let height = rows.len();
        if height == 0 {
            return Err("not one row unfolds");
        }
        let kind = if matches!(colours, Colours::Gray) { "P5" } else { "P6" };
        let mut file = format!("{kind}\n{width} {height}\n255\n").into_bytes();
        for row in rows {
            let values = (0..width * values).map(|at| value(row, at, self.bits));
            match colours {
                Colours::Table(table) => values.for_each(|value| {
                    let start = usize::from(value) * 3;
                    file.extend(table.get(start..start + 3).unwrap_or(&[0; 3]));
                }),
                // Of fewer bits the largest value is white.
                _ => file.extend(values.map(|value| (u32::from(value) * 255 / ((1 << self.bits) - 1)) as u8)),
            }
        }
        Ok((file, u64::from(self.height) - height as u64))
    }
}

/// The value at a place of a row, of so many bits.
fn value(row: &[u8], at: usize, bits: u32) -> u8 {
    let bits = bits as usize;
    let byte = row.get(at * bits / 8).copied().unwrap_or(0);
    let shift = 8 - bits - at * bits % 8;
    (byte >> shift) & (0xff >> (8 - bits))
}

/// Where the bytes of a stream lie in the file; none where they were decrypted.
fn place(document: &Document, stream: &Stream<'_>) -> Option<(u64, u64)> {
    let Cow::Borrowed(bytes) = stream.raw_data() else { return None };
    let file = document.data().as_ref();
    let start = (bytes.as_ptr() as usize).checked_sub(file.as_ptr() as usize)?;
    let end = start.checked_add(bytes.len()).filter(|end| *end <= file.len())?;
    Some((start as u64, end as u64))
}

fn coding(stream: &Stream<'_>, is_stencil: bool) -> Coding {
    let filters = stream.filters();
    match filters.as_slice() {
        [Filter::DctDecode] => Coding::Jpeg,
        [Filter::FlateDecode, Filter::DctDecode] => Coding::PackedJpeg,
        [.., last] if unread(*last).is_some() => Coding::Unread(unread(*last).unwrap_or_default()),
        _ if is_stencil => Coding::Rows(Colours::Gray),
        _ => match stream.dict().get::<Object<'_>>(keys::COLORSPACE).and_then(|space| colours(&space)) {
            Some(colours) => Coding::Rows(colours),
            None => Coding::Unread("colours other than gray, RGB and tables of them"),
        },
    }
}

/// The name of a last filter that nobody here reads.
fn unread(filter: Filter) -> Option<&'static str> {
    Some(match filter {
        Filter::Jbig2Decode => "JBIG2",
        Filter::JpxDecode => "JPEG 2000",
        Filter::CcittFaxDecode => "CCITT fax",
        Filter::DctDecode => "JPEG in another coding",
        Filter::Crypt => "a filter for encryption of its own",
        _ => return None,
    })
}

/// What a colour space comes to; none for those whose values are no light.
fn colours(space: &Object<'_>) -> Option<Colours> {
    if let Some(name) = space.clone().into_name() {
        return match &*name {
            b"DeviceGray" | b"CalGray" | b"G" => Some(Colours::Gray),
            b"DeviceRGB" | b"CalRGB" | b"RGB" => Some(Colours::Rgb),
            _ => None,
        };
    }
    let parts: Array<'_> = space.clone().into_array()?;
    let mut parts = parts.iter::<Object<'_>>();
    let name = parts.next()?.into_name()?;
    match &*name {
        b"CalGray" => Some(Colours::Gray),
        b"CalRGB" => Some(Colours::Rgb),
        b"ICCBased" => match parts.next()?.into_stream()?.dict().get::<u32>(keys::N)? {
            1 => Some(Colours::Gray),
            3 => Some(Colours::Rgb),
            _ => None,
        },
        b"Indexed" | b"I" => table(&parts.next()?, parts.nth(1)?),
        _ => None,
    }
}

/// A table of colours as RGB.
fn table(base: &Object<'_>, entries: Object<'_>) -> Option<Colours> {
    let entries = match entries {
        Object::Stream(stream) => stream.decoded_data().ok()?.into_owned(),
        other => other.into_string()?.as_ref().to_vec(),
    };
    match colours(base)? {
        Colours::Rgb => Some(Colours::Table(entries)),
        Colours::Gray => Some(Colours::Table(entries.into_iter().flat_map(|gray| [gray; 3]).collect())),
        Colours::Table(_) => None,
    }
}
